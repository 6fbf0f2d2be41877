//! To be written.

#[cfg(feature = "spec-check")]
pub mod spec;
