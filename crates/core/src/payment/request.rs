//! What a host asks a gateway to do.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, Utc};
use secrecy::SecretString;
use url::Url;

use super::{
    Address, Customer, IdempotencyKey, MerchantReference, PaymentMethod, PaymentRef, RequestOptions,
    StoredCredential, ThreeDSecure,
};
use crate::money::Money;

/// A purchase or an authorization: the amount, what pays, the caller's key and the merchant's reference.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct PaymentRequest {
    /// How much. Always sent with its currency.
    pub amount: Money,
    /// What pays.
    pub method: PaymentMethod,
    /// The caller's key for this intent.
    pub key: IdempotencyKey,
    /// The merchant's order number.
    pub reference: MerchantReference,
    /// Whether the payer can be asked to do something (3-D Secure, a redirect).
    pub on_action: OnAction,
    /// Whether a smaller amount than asked for may be approved. Off unless asked for, on every gateway.
    pub allow_partial: bool,
    /// Where this stands in a series of payments with one stored credential.
    pub stored_credential: Option<StoredCredential>,
    /// The result of a 3-D Secure step that was done elsewhere.
    pub three_d_secure: Option<ThreeDSecure>,
    /// Who pays.
    pub customer: Option<Customer>,
    /// The billing address, for address verification.
    pub billing: Option<Address>,
    /// Where the goods go.
    pub shipping: Option<Address>,
    /// What is bought, in words.
    pub description: Option<String>,
    /// Everything else.
    pub options: RequestOptions,
}

impl PaymentRequest {
    /// A request with nothing optional set.
    pub fn new(
        amount: Money,
        method: PaymentMethod,
        key: IdempotencyKey,
        reference: MerchantReference,
    ) -> Self {
        Self {
            amount,
            method,
            key,
            reference,
            on_action: OnAction::Refuse,
            allow_partial: false,
            stored_credential: None,
            three_d_secure: None,
            customer: None,
            billing: None,
            shipping: None,
            description: None,
            options: RequestOptions::default(),
        }
    }

    /// Says whether the payer can be asked to do something.
    pub fn with_on_action(mut self, on_action: OnAction) -> Self {
        self.on_action = on_action;
        self
    }

    /// Accepts a smaller amount than asked for.
    pub fn with_allow_partial(mut self, allow: bool) -> Self {
        self.allow_partial = allow;
        self
    }

    /// Sets the place in a series of payments.
    pub fn with_stored_credential(mut self, credential: StoredCredential) -> Self {
        self.stored_credential = Some(credential);
        self
    }

    /// Passes the result of a 3-D Secure step through.
    pub fn with_three_d_secure(mut self, result: ThreeDSecure) -> Self {
        self.three_d_secure = Some(result);
        self
    }

    /// Sets who pays.
    pub fn with_customer(mut self, customer: Customer) -> Self {
        self.customer = Some(customer);
        self
    }

    /// Sets the billing address.
    pub fn with_billing(mut self, address: Address) -> Self {
        self.billing = Some(address);
        self
    }

    /// Sets the shipping address.
    pub fn with_shipping(mut self, address: Address) -> Self {
        self.shipping = Some(address);
        self
    }

    /// Says what is bought.
    pub fn with_description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// Sets everything else.
    pub fn with_options(mut self, options: RequestOptions) -> Self {
        self.options = options;
        self
    }
}

/// Whether the payer can be asked to do something before the payment goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum OnAction {
    /// Nobody is there: a payment that needs the payer is declined.
    Refuse,
    /// The payer is there, and comes back to this address afterwards.
    Allow {
        /// Where the vendor sends the payer back to.
        return_url: Url,
    },
}

/// Takes all or part of an authorized amount.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct CaptureRequest {
    /// The authorization.
    pub payment: PaymentRef,
    /// How much; `None` takes all that is left.
    pub amount: Option<Money>,
    /// Whether the rest is released. `false` keeps it for further captures, where the gateway can.
    pub is_final: bool,
    /// The caller's key for this capture.
    pub key: IdempotencyKey,
    /// Everything else.
    pub options: RequestOptions,
}

impl CaptureRequest {
    /// Captures everything and ends the authorization.
    pub fn new(payment: PaymentRef, key: IdempotencyKey) -> Self {
        Self { payment, amount: None, is_final: true, key, options: RequestOptions::default() }
    }

    /// Captures this much.
    pub fn with_amount(mut self, amount: Money) -> Self {
        self.amount = Some(amount);
        self
    }

    /// Keeps the rest for further captures.
    pub fn with_more_to_come(mut self) -> Self {
        self.is_final = false;
        self
    }

    /// Sets everything else.
    pub fn with_options(mut self, options: RequestOptions) -> Self {
        self.options = options;
        self
    }
}

/// Releases an authorization, or stops a payment before it settles.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct VoidRequest {
    /// What to void.
    pub payment: PaymentRef,
    /// The caller's key for this void.
    pub key: IdempotencyKey,
    /// Everything else.
    pub options: RequestOptions,
}

impl VoidRequest {
    /// Voids the whole payment.
    pub fn new(payment: PaymentRef, key: IdempotencyKey) -> Self {
        Self { payment, key, options: RequestOptions::default() }
    }
}

/// Returns money of an earlier payment.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct RefundRequest {
    /// The captured payment.
    pub payment: PaymentRef,
    /// How much; `None` returns all that is left.
    pub amount: Option<Money>,
    /// Void instead when the payment is not settled yet. Only for the whole remaining balance.
    pub void_if_unsettled: bool,
    /// Why.
    pub reason: Option<RefundReason>,
    /// The caller's key for this refund.
    pub key: IdempotencyKey,
    /// Everything else.
    pub options: RequestOptions,
}

/// Why money is returned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum RefundReason {
    /// Charged twice.
    Duplicate,
    /// Charged by somebody else.
    Fraudulent,
    /// The customer asked.
    RequestedByCustomer,
}

impl RefundRequest {
    /// Refunds everything that is left.
    pub fn new(payment: PaymentRef, key: IdempotencyKey) -> Self {
        Self {
            payment,
            amount: None,
            void_if_unsettled: false,
            reason: None,
            key,
            options: RequestOptions::default(),
        }
    }

    /// Refunds this much.
    pub fn with_amount(mut self, amount: Money) -> Self {
        self.amount = Some(amount);
        self
    }

    /// Voids instead when the payment is not settled yet.
    pub fn with_void_if_unsettled(mut self) -> Self {
        self.void_if_unsettled = true;
        self
    }

    /// Says why.
    pub fn with_reason(mut self, reason: RefundReason) -> Self {
        self.reason = Some(reason);
        self
    }

    /// Sets everything else.
    pub fn with_options(mut self, options: RequestOptions) -> Self {
        self.options = options;
        self
    }
}

/// Sends money with no earlier payment. Off unless the connection enables it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct CreditRequest {
    /// How much.
    pub amount: Money,
    /// Where to.
    pub method: PaymentMethod,
    /// The caller's key.
    pub key: IdempotencyKey,
    /// The merchant's reference.
    pub reference: MerchantReference,
    /// Everything else.
    pub options: RequestOptions,
}

impl CreditRequest {
    /// A credit with nothing optional set.
    pub fn new(
        amount: Money,
        method: PaymentMethod,
        key: IdempotencyKey,
        reference: MerchantReference,
    ) -> Self {
        Self { amount, method, key, reference, options: RequestOptions::default() }
    }
}

/// Checks a method without moving money.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct VerifyRequest {
    /// What to check.
    pub method: PaymentMethod,
    /// In which currency; some vendors ask for one even when no money moves.
    pub currency: crate::money::Currency,
    /// The caller's key.
    pub key: IdempotencyKey,
    /// The merchant's reference.
    pub reference: MerchantReference,
    /// Whether the payer can be asked to do something.
    pub on_action: OnAction,
    /// The billing address, for address verification.
    pub billing: Option<Address>,
    /// Everything else.
    pub options: RequestOptions,
}

impl VerifyRequest {
    /// A check with nothing optional set.
    pub fn new(
        method: PaymentMethod,
        currency: crate::money::Currency,
        key: IdempotencyKey,
        reference: MerchantReference,
    ) -> Self {
        Self {
            method,
            currency,
            key,
            reference,
            on_action: OnAction::Refuse,
            billing: None,
            options: RequestOptions::default(),
        }
    }

    /// Says whether the payer can be asked to do something.
    pub fn with_on_action(mut self, on_action: OnAction) -> Self {
        self.on_action = on_action;
        self
    }

    /// Sets the billing address.
    pub fn with_billing(mut self, address: Address) -> Self {
        self.billing = Some(address);
        self
    }
}

/// Keeps a method at the vendor for later payments.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct StoreRequest {
    /// What to keep.
    pub method: PaymentMethod,
    /// The caller's key.
    pub key: IdempotencyKey,
    /// The merchant's reference, for example the account number of the customer.
    pub reference: MerchantReference,
    /// Whom it belongs to.
    pub customer: Option<Customer>,
    /// The billing address kept with it.
    pub billing: Option<Address>,
    /// Everything else.
    pub options: RequestOptions,
}

impl StoreRequest {
    /// A request with nothing optional set.
    pub fn new(method: PaymentMethod, key: IdempotencyKey, reference: MerchantReference) -> Self {
        Self { method, key, reference, customer: None, billing: None, options: RequestOptions::default() }
    }

    /// Says whom it belongs to.
    pub fn with_customer(mut self, customer: Customer) -> Self {
        self.customer = Some(customer);
        self
    }

    /// Sets the billing address kept with it.
    pub fn with_billing(mut self, address: Address) -> Self {
        self.billing = Some(address);
        self
    }
}

/// A method kept at the vendor.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoredMethod {
    /// The handle to charge it with, as [`PaymentMethod::Stored`].
    pub reference: PaymentRef,
    /// What may be shown of it.
    pub summary: super::MethodSummary,
}

impl StoredMethod {
    /// A stored method.
    pub fn new(reference: PaymentRef, summary: super::MethodSummary) -> Self {
        Self { reference, summary }
    }
}

/// What the vendor sent back with the payer, after a redirect or a 3-D Secure step.
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct ReturnParams {
    /// The query parameters of the return address.
    pub parameters: BTreeMap<String, SecretString>,
}

impl ReturnParams {
    /// The parameters of the address that the payer came back to.
    pub fn from_url(url: &Url) -> Self {
        let parameters = url
            .query_pairs()
            .map(|(name, value)| (name.into_owned(), SecretString::from(value.into_owned())))
            .collect();
        Self { parameters }
    }
}

impl fmt::Debug for ReturnParams {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReturnParams").field("names", &self.parameters.keys()).finish_non_exhaustive()
    }
}

/// The end of a hold for review.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Let the payment go on.
    Accept,
    /// Stop it.
    Reject,
}

/// Which transactions to list.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct TransactionQuery {
    /// From this time on.
    pub from: DateTime<Utc>,
    /// Up to, and not including, this time.
    pub until: DateTime<Utc>,
    /// Only this settlement batch (a payout at Stripe).
    pub batch: Option<String>,
    /// Where the last page ended.
    pub page: Option<String>,
    /// Act for this sub-account.
    pub sub_account: Option<String>,
}

impl TransactionQuery {
    /// Everything in a period.
    pub fn new(from: DateTime<Utc>, until: DateTime<Utc>) -> Self {
        Self { from, until, batch: None, page: None, sub_account: None }
    }

    /// Only one settlement batch.
    pub fn with_batch(mut self, batch: impl Into<String>) -> Self {
        self.batch = Some(batch.into());
        self
    }

    /// Goes on where the last page ended.
    pub fn with_page(mut self, page: impl Into<String>) -> Self {
        self.page = Some(page.into());
        self
    }
}
