//! Typed objects of events outside the payment path.

use turnbuckle_core::Result;

use crate::{StripeEvent, StripeObject};

impl StripeEvent {
    /// The object of an event about billing, payouts or the account; `None` for a type that has no type here.
    pub(crate) fn decode_other(&self) -> Option<Result<StripeObject>> {
        let (object, what) = self.event_type.split_once('.')?;
        Some(match (object, what) {
            ("customer", what) if what.starts_with("subscription.") => {
                self.read().map(StripeObject::Subscription)
            }
            // `customer.source.*`, `customer.discount.*` and the like hold other objects.
            ("customer", "created" | "updated" | "deleted") => self.read().map(StripeObject::Customer),
            ("invoice", _) => self.read().map(StripeObject::Invoice),
            ("checkout", what) if what.starts_with("session.") => {
                self.read().map(StripeObject::CheckoutSession)
            }
            ("account", "updated") => self.read().map(StripeObject::Account),
            ("payout", _) => self.read().map(StripeObject::Payout),
            _ => return None,
        })
    }
}
