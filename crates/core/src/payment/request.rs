//! What a host asks a gateway to do.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, Utc};
use secrecy::SecretString;
use url::Url;

use super::{IdempotencyKey, MerchantReference, PaymentMethod, PaymentRef, TextPolicy};
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

/// Who started a payment with a stored credential, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoredCredential {
    /// Who started it.
    pub initiator: Initiator,
    /// Why the credential is kept.
    pub reason: StoredCredentialReason,
    /// The first payment of the series; `None` makes this the first.
    pub original: Option<OriginalPayment>,
}

impl StoredCredential {
    /// The first payment of a series, with the cardholder present.
    pub fn initial(reason: StoredCredentialReason) -> Self {
        Self { initiator: Initiator::Customer, reason, original: None }
    }

    /// A later payment of a series.
    pub fn subsequent(
        initiator: Initiator,
        reason: StoredCredentialReason,
        original: OriginalPayment,
    ) -> Self {
        Self { initiator, reason, original: Some(original) }
    }
}

/// Who started a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Initiator {
    /// The cardholder.
    Customer,
    /// The merchant, with the cardholder absent.
    Merchant,
}

/// Why a credential is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum StoredCredentialReason {
    /// At no fixed times.
    Unscheduled,
    /// At fixed times.
    Recurring,
    /// In a fixed number of parts.
    Installment,
}

/// The first payment of a series.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct OriginalPayment {
    /// The network's transaction id of the first payment.
    pub network_id: Option<String>,
    /// Its amount; Discover asks for it.
    pub amount: Option<Money>,
}

impl OriginalPayment {
    /// Names the first payment by the network's id.
    pub fn new(network_id: impl Into<String>) -> Self {
        Self { network_id: Some(network_id.into()), amount: None }
    }
}

/// The result of a 3-D Secure authentication that was done elsewhere, passed through.
#[derive(Clone)]
#[non_exhaustive]
pub struct ThreeDSecure {
    /// The protocol's version, for example `2.2.0`.
    pub version: String,
    /// The electronic commerce indicator, two digits.
    pub eci: String,
    /// The authentication value (CAVV, AAV), base64.
    pub cavv: SecretString,
    /// The directory server's transaction id (or the XID of version 1).
    pub transaction_id: String,
}

impl ThreeDSecure {
    /// An authentication result.
    pub fn new(
        version: impl Into<String>,
        eci: impl Into<String>,
        cavv: impl Into<String>,
        transaction_id: impl Into<String>,
    ) -> Self {
        Self {
            version: version.into(),
            eci: eci.into(),
            cavv: SecretString::from(cavv.into()),
            transaction_id: transaction_id.into(),
        }
    }
}

impl fmt::Debug for ThreeDSecure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ThreeDSecure")
            .field("version", &self.version)
            .field("eci", &self.eci)
            .field("transaction_id", &self.transaction_id)
            .finish_non_exhaustive()
    }
}

/// Who pays. Personal data: its `Debug` shows ids only.
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct Customer {
    /// The merchant's own id of the customer.
    pub id: Option<String>,
    /// The customer's handle at the vendor, where one exists.
    pub reference: Option<PaymentRef>,
    /// The whole name.
    pub name: Option<String>,
    /// The email address.
    pub email: Option<String>,
    /// The telephone number.
    pub phone: Option<String>,
    /// The address that the payer's device connected from.
    pub ip: Option<std::net::IpAddr>,
}

impl fmt::Debug for Customer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Customer")
            .field("id", &self.id)
            .field("reference", &self.reference)
            .finish_non_exhaustive()
    }
}

/// A postal address. Personal data: its `Debug` shows the country only.
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct Address {
    /// Given name.
    pub first_name: Option<String>,
    /// Family name.
    pub last_name: Option<String>,
    /// Company.
    pub company: Option<String>,
    /// Street and number.
    pub line1: Option<String>,
    /// Apartment, floor.
    pub line2: Option<String>,
    /// City.
    pub city: Option<String>,
    /// State, province or region.
    pub region: Option<String>,
    /// Postal code.
    pub postal_code: Option<String>,
    /// Country, ISO 3166-1 alpha-2.
    pub country: Option<String>,
    /// Telephone number.
    pub phone: Option<String>,
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Address").field("country", &self.country).finish_non_exhaustive()
    }
}

/// What a request may carry besides its purpose.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct RequestOptions {
    /// Act for this sub-account (a Stripe connected account, a processor id).
    pub sub_account: Option<String>,
    /// What the payer reads on the bank statement.
    pub statement_descriptor: Option<String>,
    /// Tax and purchase order, for cheaper processing of company cards.
    pub level2: Option<Level2>,
    /// The merchant's own data, kept by the vendor. Never secrets or personal data: vendors show it in clear.
    pub metadata: BTreeMap<String, String>,
    /// What to do with text that the vendor cannot take as it is.
    pub text: TextPolicy,
}

impl RequestOptions {
    /// Acts for a sub-account.
    pub fn with_sub_account(mut self, account: impl Into<String>) -> Self {
        self.sub_account = Some(account.into());
        self
    }

    /// Sets what the payer reads on the bank statement.
    pub fn with_statement_descriptor(mut self, text: impl Into<String>) -> Self {
        self.statement_descriptor = Some(text.into());
        self
    }

    /// Adds one entry of the merchant's own data.
    pub fn with_metadata(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.metadata.insert(name.into(), value.into());
        self
    }

    /// Sets tax and purchase order.
    pub fn with_level2(mut self, level2: Level2) -> Self {
        self.level2 = Some(level2);
        self
    }

    /// Sets the text policy.
    pub fn with_text(mut self, policy: TextPolicy) -> Self {
        self.text = policy;
        self
    }
}

/// Tax and purchase order of a company's purchase.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Level2 {
    /// The tax contained in the amount.
    pub tax: Option<Money>,
    /// The buyer's purchase order number.
    pub purchase_order: Option<String>,
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
