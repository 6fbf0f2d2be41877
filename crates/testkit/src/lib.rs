#![doc = include_str!("../README.md")]

mod clock;
pub mod conformance;
pub mod fault;
pub mod leak;
mod random;
pub mod reference;
#[cfg(feature = "spec-check")]
pub mod spec;
pub mod transport;

pub use clock::FixedClock;
pub use random::SeededRandom;
