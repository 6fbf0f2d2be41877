//! What came of the cases.

use std::fmt;
use std::panic::AssertUnwindSafe;

use futures_util::FutureExt as _;
use turnbuckle_core::Error;

/// Why a case failed, in one sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failed(String);

impl Failed {
    /// A case that failed.
    pub fn new(why: impl Into<String>) -> Self {
        Self(why.into())
    }
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An error where none was expected.
impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self(format!("unexpected error: {error}"))
    }
}

/// How every case ended.
#[derive(Debug, Clone, Default)]
pub struct Report {
    passed: Vec<String>,
    failed: Vec<(String, Failed)>,
}

impl Report {
    pub(super) fn new() -> Self {
        Self::default()
    }

    /// Whether no case failed.
    pub fn passed(&self) -> bool {
        self.failed.is_empty()
    }

    /// The names of the cases that passed.
    pub fn passes(&self) -> impl Iterator<Item = &str> {
        self.passed.iter().map(String::as_str)
    }

    /// The cases that failed, and why.
    pub fn failures(&self) -> impl Iterator<Item = (&str, &Failed)> {
        self.failed.iter().map(|(name, why)| (name.as_str(), why))
    }

    pub(super) fn check(&mut self, name: impl Into<String>, result: Result<(), Failed>) {
        match result {
            Ok(()) => self.passed.push(name.into()),
            Err(why) => self.failed.push((name.into(), why)),
        }
    }

    /// Runs one case. A panic inside it is its failure, not the end of the suite.
    pub(super) async fn run(
        &mut self,
        name: impl Into<String>,
        case: impl Future<Output = Result<(), Failed>>,
    ) {
        let result = AssertUnwindSafe(case).catch_unwind().await;
        self.check(name, result.unwrap_or_else(|_| Err(Failed::new("it panicked"))));
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let total = self.passed.len() + self.failed.len();
        write!(f, "{} of {total} conformance cases failed", self.failed.len())?;
        for (name, why) in &self.failed {
            write!(f, "\n  {name}: {why}")?;
        }
        Ok(())
    }
}

/// Fails the case unless the condition holds.
pub(super) fn ensure(holds: bool, why: impl Into<String>) -> Result<(), Failed> {
    if holds { Ok(()) } else { Err(Failed::new(why)) }
}
