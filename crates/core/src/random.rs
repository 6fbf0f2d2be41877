//! Randomness, injected: salts, nonces and keys want the operating system's, tests want a seed.

use std::fmt;

use crate::error::{Error, ErrorKind, Result};

/// Where the library gets its random bytes from.
pub trait Random: fmt::Debug + Send + Sync + 'static {
    /// Fills the buffer.
    ///
    /// # Errors
    /// When the source fails; nothing may be sealed then.
    fn fill(&self, buffer: &mut [u8]) -> Result<()>;
}

/// The operating system's generator.
#[derive(Debug, Clone, Copy, Default)]
#[non_exhaustive]
pub struct SystemRandom;

impl SystemRandom {
    /// The operating system's generator.
    pub fn new() -> Self {
        Self
    }
}

impl Random for SystemRandom {
    #[expect(clippy::disallowed_methods, reason = "the one place that asks the operating system")]
    fn fill(&self, buffer: &mut [u8]) -> Result<()> {
        getrandom::fill(buffer).map_err(|source| {
            Error::new(ErrorKind::Internal, "the system's random generator failed")
                .with_source(source.to_string())
        })
    }
}
