//! The exact bytes of every request, and every sample answer decoded.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

mod answers;
mod gateway_requests;
mod pages;
mod refusals;
mod requests;
mod support;
