#![doc = include_str!("../README.md")]

#[cfg(feature = "bank-data")]
pub mod bank_data;
mod clock;
pub mod credential;
#[cfg(feature = "envelope")]
pub mod envelope;
mod error;
pub mod http;
pub mod messaging;
pub mod money;
pub mod payment;
pub mod provider;
mod random;
pub mod webhook;

pub use clock::Clock;
#[cfg(feature = "reqwest")]
pub use clock::SystemClock;
pub use error::{Advice, Effect, Error, ErrorKind, FieldError, Result};
pub use provider::{Environment, ProviderId};
pub use random::{Random, SystemRandom};
