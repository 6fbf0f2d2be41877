//! Providers: what they are, what they need, how they are found, and what a connected one can do.

mod id;

pub use id::{Environment, ProviderId};
