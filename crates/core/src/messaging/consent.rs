//! Whether somebody may be written to: the host knows, and is asked each time.

use std::fmt;

use async_trait::async_trait;

use super::{Channel, MessageClass};
use crate::error::Result;

/// Whether somebody may be written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consent {
    /// Yes.
    Given,
    /// No.
    Missing,
}

/// Asked before each send. The host keeps who agreed to what.
///
/// - An error refuses the send: a gate that cannot answer lets nothing through.
#[async_trait]
pub trait ConsentGate: fmt::Debug + Send + Sync + 'static {
    /// Whether this recipient may get such a message. `recipient` is a number as in
    /// [`PhoneNumber`](super::PhoneNumber), or an email address.
    async fn may_send(&self, channel: Channel, class: &MessageClass, recipient: &str) -> Result<Consent>;
}

/// The gate of a connection that was given none: what the recipient waits for passes, marketing does not.
#[derive(Debug, Clone, Copy, Default)]
pub struct TransactionalOnly;

#[async_trait]
impl ConsentGate for TransactionalOnly {
    async fn may_send(&self, _: Channel, class: &MessageClass, _: &str) -> Result<Consent> {
        Ok(match class {
            MessageClass::Transactional => Consent::Given,
            MessageClass::Marketing { .. } => Consent::Missing,
        })
    }
}
