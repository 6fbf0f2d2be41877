//! Authorize.Net behind the shape that every gateway shares.

mod answer;
mod details;
mod duplicate;
mod lookup;
mod memory;
mod movements;
mod pay;
mod refund;
mod request;
mod search;
mod settlement;
mod subscription_terms;
mod subscriptions;
mod text;
mod vault;

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use turnbuckle_core::money::Currency;
use turnbuckle_core::payment::{
    Attempt, CaptureRequest, CreditRequest, Decision, Feature, GatewayFeatures, Idempotency, IdempotencyKey,
    Lookup, LookupQuery, Outcome, PaymentGateway, PaymentOperation, PaymentRef, PaymentRequest, Preflight,
    RefundRequest, ReturnParams, SettlementPage, StoreRequest, StoredMethod, TransactionQuery, VerifyRequest,
    VoidRequest, WireKey,
};
use turnbuckle_core::{Clock, Error, ErrorKind, ProviderId, Result};

use crate::AuthorizeNet;
use crate::client::PROVIDER;
use memory::Memory;

pub use subscriptions::AuthorizeNetSubscriptions;
pub use vault::customer_of;

/// The kind of [`VendorToken`](turnbuckle_core::payment::VendorToken) that Accept.js makes: its `dataDescriptor`. The
/// token's value is its `dataValue`.
pub const ACCEPT_JS: &str = "COMMON.ACCEPT.INAPP.PAYMENT";

/// The tokens that may pay.
const TOKEN_KINDS: &[&str] = &[ACCEPT_JS];

/// Kinds of [`PaymentRef`].
pub(crate) mod kind {
    /// A payment, a refund, a verification: the vendor's ids do not tell them apart.
    pub(crate) const TRANSACTION: &str = "transaction";
    /// A stored method.
    pub(crate) const METHOD: &str = "payment_profile";
    /// A customer, for [`Customer::reference`](turnbuckle_core::payment::Customer::reference).
    pub(crate) const CUSTOMER: &str = "customer_profile";
    /// A subscription.
    pub(crate) const SUBSCRIPTION: &str = "subscription";
}

/// Names of what a [`PaymentRef`] carries along.
pub(crate) mod detail {
    /// The currency's code: the vendor's reports do not name it.
    pub(crate) const CURRENCY: &str = "currency";
    /// What was approved, as a decimal: what a capture takes that names no amount.
    pub(crate) const AMOUNT: &str = "amount";
    /// The last four digits, which a refund needs.
    pub(crate) const LAST4: &str = "last4";
    /// What paid: a card or a bank account.
    pub(crate) const TENDER: &str = "tender";
    /// A card paid.
    pub(crate) const CARD: &str = "card";
    /// A bank account paid.
    pub(crate) const BANK: &str = "bank";
    /// Of a stored method: the customer that it belongs to.
    pub(crate) const CUSTOMER: &str = "customer";
}

static ID: ProviderId = PROVIDER;

static FEATURES: GatewayFeatures = GatewayFeatures::new(
    &[
        Feature::Purchase,
        Feature::Authorize,
        Feature::PartialCapture,
        Feature::VoidCaptured,
        Feature::Refund,
        Feature::PartialRefund,
        Feature::UnlinkedCredit,
        Feature::Verify,
        Feature::Store,
        Feature::Unstore,
        Feature::ChargeStored,
        Feature::RawCard,
        Feature::VendorToken,
        Feature::BankAccount,
        Feature::PartialApproval,
        Feature::Review,
        Feature::LookupByReference,
        Feature::LookupByMerchantReference,
        Feature::LookupByAttempt,
        Feature::Transactions,
        Feature::SettlementBatch,
        Feature::StoredCredential,
        Feature::ThreeDSecure,
        Feature::Level2,
    ],
    Idempotency::LookupOnly,
)
.with_token_kinds(TOKEN_KINDS)
.with_text(text::TEXT);

/// Authorize.Net's payments as a [`PaymentGateway`].
///
/// # Once, without idempotency keys
/// The vendor keeps no keys, so nothing that moves money is sent twice. Each attempt has an invoice number of its own, the
/// first 20 characters of its [`WireKey`], and every transaction asks for the longest duplicate window (8 hours). When the
/// vendor stops a repetition, the first transaction is read and must carry the same invoice number and amount. The
/// duplicate window knows nothing of a repetition with another amount: a journal does, and within one process so does this
/// gateway. A key older than the window is looked up before anything is sent.
///
/// # What stands at Authorize.Net
/// The merchant's reference stands in the order's description, before what is bought. Lists show invoice numbers only, so a
/// lookup by the merchant's reference reads every transaction in question.
///
/// # Names and addresses
/// Street and apartment share one field of 60 characters. A card's holder is the name of the billing address; the
/// customer's own name is sent where nothing else names the payer. Stored methods bring their own address and customer.
///
/// # What it does not do
/// Several captures of one authorization; asking the payer to act; metadata, sub-accounts and statement descriptors; of
/// bank accounts, authorizing and verifying. The directory server's transaction id and the version of a 3-D Secure result
/// have no place at the vendor.
///
/// # What reports do not say
/// The currency. It is the account's, which has exactly one or lookups by the merchant's reference, settlement entries and
/// subscriptions are refused.
pub struct AuthorizeNetGateway {
    client: AuthorizeNet,
    account: String,
    clock: Arc<dyn Clock>,
    memory: Memory,
    currency: Mutex<Option<Currency>>,
}

impl fmt::Debug for AuthorizeNetGateway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthorizeNetGateway")
            .field("client", &self.client)
            .field("account", &self.account)
            .finish_non_exhaustive()
    }
}

impl AuthorizeNetGateway {
    /// A gateway for one account. `account` is the host's stable id of the integration, a part of every wire key.
    ///
    /// Hosts take the gateway from a [`Connection`](turnbuckle_core::provider::Connection), where it stands behind core's
    /// checks.
    pub fn new(client: AuthorizeNet, account: impl Into<String>, clock: Arc<dyn Clock>) -> Self {
        Self { client, account: account.into(), clock, memory: Memory::default(), currency: Mutex::new(None) }
    }

    fn wire_key(&self, operation: PaymentOperation, key: &IdempotencyKey) -> WireKey {
        WireKey::derive(&PROVIDER, &self.account, operation, key)
    }

    /// The account's currency, asked for once.
    ///
    /// # Errors
    /// [`Unsupported`](ErrorKind::Unsupported) when the account has several or does not say.
    async fn currency(&self) -> Result<Currency> {
        if let Some(known) = *self.currency.lock().unwrap_or_else(PoisonError::into_inner) {
            return Ok(known);
        }
        let merchant = self.client.merchant_details().await?;
        let only = match merchant.currencies.as_slice() {
            [code] => Currency::new(code).ok(),
            _ => None,
        };
        let currency = only.ok_or_else(|| {
            Error::new(
                ErrorKind::Unsupported,
                "the account does not have exactly one currency, and Authorize.Net's reports do not name it",
            )
            .or_context(&PROVIDER, "currency")
        })?;
        *self.currency.lock().unwrap_or_else(PoisonError::into_inner) = Some(currency);
        Ok(currency)
    }
}

/// Whether a handle is of the kind that an operation works on.
fn expect_kind(reference: &PaymentRef, kind: &str) -> Result<()> {
    if reference.kind() == kind {
        return Ok(());
    }
    Err(Error::invalid_field("payment", format!("is a handle of another kind than `{kind}`")))
}

#[async_trait]
impl PaymentGateway for AuthorizeNetGateway {
    fn provider(&self) -> &ProviderId {
        &ID
    }

    fn account(&self) -> &str {
        &self.account
    }

    fn features(&self) -> &GatewayFeatures {
        &FEATURES
    }

    async fn purchase(&self, request: &PaymentRequest) -> Result<Outcome> {
        self.pay(request, PaymentOperation::Purchase).await
    }

    async fn authorize(&self, request: &PaymentRequest) -> Result<Outcome> {
        self.pay(request, PaymentOperation::Authorize).await
    }

    async fn capture(&self, request: &CaptureRequest) -> Result<Outcome> {
        self.capture_payment(request).await
    }

    async fn void(&self, request: &VoidRequest) -> Result<Outcome> {
        self.void_payment(request).await
    }

    async fn refund(&self, request: &RefundRequest) -> Result<Outcome> {
        self.refund_payment(request).await
    }

    async fn credit(&self, request: &CreditRequest) -> Result<Outcome> {
        self.credit_method(request).await
    }

    async fn verify(&self, request: &VerifyRequest) -> Result<Outcome> {
        self.verify_method(request).await
    }

    async fn store(&self, request: &StoreRequest) -> Result<StoredMethod> {
        self.store_method(request).await
    }

    async fn unstore(&self, method: &PaymentRef) -> Result<()> {
        self.unstore_method(method).await
    }

    async fn lookup(&self, query: &LookupQuery) -> Result<Lookup> {
        match query {
            LookupQuery::Reference(payment) => self.by_reference(payment).await,
            LookupQuery::MerchantReference { reference, since, .. } => {
                self.by_merchant_reference(reference, *since).await
            }
            LookupQuery::Attempt(attempt) => self.by_attempt(attempt).await,
            _ => Err(Error::unsupported("this gateway does not know this kind of lookup")),
        }
    }

    async fn lookup_stored(&self, attempt: &Attempt) -> Result<Lookup<StoredMethod>> {
        self.stored_by_attempt(attempt).await
    }

    async fn resume(&self, _: &PaymentRef, _: &ReturnParams) -> Result<Outcome> {
        Err(Error::unsupported("Authorize.Net asks no payer to act"))
    }

    async fn decide(&self, payment: &PaymentRef, decision: Decision) -> Result<Outcome> {
        self.decide_payment(payment, decision).await
    }

    async fn transactions(&self, query: &TransactionQuery) -> Result<SettlementPage> {
        self.settled(query).await
    }

    fn preflight(&self, request: &PaymentRequest) -> Preflight {
        // What a purchase would be built of; an authorization differs in bank accounts alone.
        let key = self.wire_key(PaymentOperation::Purchase, &request.key);
        let built = request::payment(request, PaymentOperation::Purchase, &key);
        let mut preflight = Preflight::default();
        preflight.refusals = built.texts.problems;
        preflight.changes = built.texts.changes;
        preflight
    }
}
