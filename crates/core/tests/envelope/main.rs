//! The credential envelope from outside: format, tampering, key ring, access records, rotation, leaks.
#![cfg(feature = "envelope")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "clippy lets test functions do so, and these are their helpers"
)]
#![allow(clippy::similar_names, reason = "`sealer` and `sealed` are the subject here")]

mod access;
mod corpus;
mod leaks;
mod ring;
mod rotation;
mod support;
mod tamper;
mod vectors;
