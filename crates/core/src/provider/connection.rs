//! A connected account.

/// A connected account.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Connection {}
