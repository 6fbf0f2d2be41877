//! What an attempt leaves at Payflow: the request id by which a repetition is recognized, and the customer reference by
//! which the transaction is found.

use turnbuckle_core::money::Money;
use turnbuckle_core::payment::{
    Attempt, IdempotencyKey, MerchantReference, PaymentOperation, PaymentRef, WireKey,
};

use super::PayflowGateway;
use crate::RequestId;
use crate::client::PROVIDER;

/// Most characters of a `CUSTREF`.
const CUSTREF: usize = 12;

/// What one attempt leaves at Payflow.
pub(super) struct Mark {
    pub(super) wire_key: WireKey,
    /// Derived from account, operation and key alone: a repetition must bear it whatever else changed.
    pub(super) id: RequestId,
    /// Derived from all that the attempt asks for. Under a known request id Payflow ignores what a request holds; a
    /// transaction with this reference is the proof that it held the same.
    pub(super) custref: String,
}

/// What an attempt asks for, as far as a repetition must ask for the same.
#[derive(Clone, Copy)]
pub(super) struct Intent<'a> {
    pub(super) operation: PaymentOperation,
    pub(super) key: &'a IdempotencyKey,
    pub(super) amount: Option<Money>,
    pub(super) parent: Option<&'a PaymentRef>,
    pub(super) reference: Option<&'a MerchantReference>,
}

impl<'a> Intent<'a> {
    pub(super) fn new(operation: PaymentOperation, key: &'a IdempotencyKey) -> Self {
        Self { operation, key, amount: None, parent: None, reference: None }
    }

    pub(super) fn of(attempt: &'a Attempt) -> Self {
        Self {
            operation: attempt.operation,
            key: &attempt.key,
            amount: attempt.amount,
            parent: attempt.parent.as_ref(),
            reference: attempt.merchant_reference.as_ref(),
        }
    }
}

impl PayflowGateway {
    pub(super) fn mark(&self, intent: Intent<'_>) -> Mark {
        let wire_key = WireKey::derive(&PROVIDER, &self.account, intent.operation, intent.key);
        let amount = intent.amount.map(|amount| amount.to_string()).unwrap_or_default();
        let parent = intent.parent.map(PaymentRef::id).unwrap_or_default();
        let reference = intent.reference.map(MerchantReference::as_str).unwrap_or_default();
        // The reference comes last, since it alone may hold the separator.
        let step = format!("{}/custref/{amount}/{parent}/{reference}", intent.operation);
        let custref = WireKey::derive_step(&PROVIDER, &self.account, &step, intent.key);
        Mark { id: RequestId::from(&wire_key), wire_key, custref: custref.short(CUSTREF).to_owned() }
    }

    /// The request id of one step of an operation that takes several requests.
    pub(super) fn step_id(&self, step: &str, key: &IdempotencyKey) -> RequestId {
        RequestId::from(&WireKey::derive_step(&PROVIDER, &self.account, step, key))
    }
}
