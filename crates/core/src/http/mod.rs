//! HTTP for every provider: one door to the network, and one policy in front of it.
//!
//! A [`Transport`] sends one request once. [`HttpClient`] decides when to send it again, how long all of it may take
//! and how fast a connection may go, and keeps count of the one thing that a payment must know: whether an attempt may
//! have taken effect without an answer that can be trusted ([`Reply::ambiguous`]).

mod base_url;
mod budget;
mod client;
mod limiter;
mod operation;
#[cfg(feature = "reqwest")]
mod reqwest_transport;
mod retry;
mod state;
mod transport;
mod verdict;

pub use base_url::BaseUrl;
pub use budget::RetryBudget;
pub use client::{HttpClient, HttpClientBuilder, Reply};
pub use limiter::{RateLimit, RateLimiter};
pub use operation::{Operation, Safety};
#[cfg(feature = "reqwest")]
pub use reqwest_transport::ReqwestTransport;
pub use retry::{MAX_RETRY_AFTER, RetryPolicy, parse_retry_after};
pub use state::ConnectionState;
pub use transport::{
    Delivery, Limits, Transport, TransportError, TransportErrorKind, transport_fn, transport_try_fn,
};
pub use verdict::{Processed, Verdict, default_verdict};
