//! Payments.
mod reference;
pub use reference::PaymentRef;
