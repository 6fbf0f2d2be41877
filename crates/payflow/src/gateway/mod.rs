//! Payflow behind the shape that every gateway shares.

mod answer;
mod charge;
mod found;
mod lookup;
mod mark;
mod movements;
mod replay;
mod request;
mod review;
mod subscription_request;
mod subscriptions;
mod texts;
mod vault;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use turnbuckle_core::payment::{
    Attempt, CaptureRequest, CreditRequest, Decision, Feature, GatewayFeatures, Idempotency, Lookup,
    LookupQuery, Outcome, PaymentGateway, PaymentOperation, PaymentRef, PaymentRequest, Preflight,
    RefundRequest, ReturnParams, SettlementPage, StoreRequest, StoredMethod, TransactionQuery, VerifyRequest,
    VoidRequest,
};
use turnbuckle_core::{Clock, Error, ProviderId, Result};

use crate::Payflow;
use crate::client::PROVIDER;

pub use subscriptions::PayflowSubscriptions;

/// Kinds of [`PaymentRef`]. The id of each is a `PNREF`, but for profiles.
pub(crate) mod kind {
    /// A purchase.
    pub(crate) const SALE: &str = "sale";
    /// An authorization.
    pub(crate) const AUTHORIZATION: &str = "authorization";
    /// A capture: the handle to void or refund it by.
    pub(crate) const CAPTURE: &str = "capture";
    /// A refund.
    pub(crate) const REFUND: &str = "refund";
    /// A credit with no earlier payment.
    pub(crate) const CREDIT: &str = "credit";
    /// A verification.
    pub(crate) const VERIFICATION: &str = "verification";
    /// A stored card.
    pub(crate) const STORED: &str = "stored";
    /// A recurring profile.
    pub(crate) const PROFILE: &str = "profile";
}

/// Names of what a [`PaymentRef`] carries along.
mod detail {
    /// Payflow's letter for card or bank account, which every later request must repeat.
    pub(super) const TENDER: &str = "tender";
    /// The currency's code.
    pub(super) const CURRENCY: &str = "currency";
    /// The amount as a decimal: Payflow's answers do not always repeat it.
    pub(super) const AMOUNT: &str = "amount";
    /// The last four digits.
    pub(super) const LAST4: &str = "last4";
}

static ID: ProviderId = PROVIDER;

/// How long a request may be repeated under its id. Payflow keeps ids for 30 days, and means them for repetitions "within
/// hours".
const KEY_RETENTION: Duration = Duration::from_secs(24 * 60 * 60);

static FEATURES: GatewayFeatures = GatewayFeatures::new(
    &[
        Feature::Purchase,
        Feature::Authorize,
        Feature::PartialCapture,
        Feature::MultiCapture,
        Feature::VoidCaptured,
        Feature::Refund,
        Feature::PartialRefund,
        Feature::UnlinkedCredit,
        Feature::Verify,
        Feature::Store,
        Feature::ChargeStored,
        Feature::RawCard,
        Feature::BankAccount,
        Feature::Review,
        Feature::LookupByReference,
        Feature::LookupByAttempt,
        Feature::StoredCredential,
        Feature::ThreeDSecure,
        Feature::Level2,
    ],
    Idempotency::Keys { retention: KEY_RETENTION },
)
.with_text(texts::TEXT);

/// Payflow as a [`PaymentGateway`].
///
/// # Repetitions
/// The request id is derived from the account, the operation and the caller's key. Payflow answers a known id with its first
/// answer and ignores what the request holds; so after `DUPLICATE=1` this gateway asks for the transaction by a reference
/// that is derived from all that the request asks for. Found under the same `PNREF`, the answer is a replay. Otherwise it
/// belongs to another request, and the error is a [`Conflict`](turnbuckle_core::ErrorKind::Conflict).
///
/// # Finding
/// The reference (`CUSTREF`, 12 characters) is new for each attempt, so a lost answer is found by it. It is the only thing
/// besides `PNREF` that Payflow can be asked by; the merchant's own reference is kept as a comment, which PayPal Manager
/// searches and an inquiry does not.
///
/// # Captures and refunds of "all that is left"
/// They are sent without an amount, and the amount is read from the answer or from an inquiry about it. Payflow documents
/// the amount that is left out as the original's; what that means after a part was captured is not proven, so name the
/// amount of later captures.
///
/// # Review
/// A transaction that a fraud filter holds (`RESULT` 126) is authorized and does not settle until it is accepted.
///
/// # Bank accounts
/// That a debit is accepted says nothing about the bank, which may return it days later: ask at most once a day. A test entry
/// of zero checks an account. Credits go back to earlier debits only, in whole.
///
/// # Not proven
/// Nothing here was tried against Payflow itself by the authors of this crate. In particular: that an inquiry by `CUSTREF`
/// finds uploads, voids and credits; that it finds what was made seconds ago; and which of `TRANSSTATE` a hold has.
#[derive(Debug)]
pub struct PayflowGateway {
    client: Payflow,
    account: String,
    clock: Arc<dyn Clock>,
}

impl PayflowGateway {
    /// A gateway for one account. `account` is the host's stable id of the integration, a part of every request id.
    ///
    /// Hosts take the gateway from a [`Connection`](turnbuckle_core::provider::Connection), where it stands behind core's
    /// checks.
    pub fn new(client: Payflow, account: impl Into<String>, clock: Arc<dyn Clock>) -> Self {
        Self { client, account: account.into(), clock }
    }
}

/// The kind of handle that an operation makes.
fn kind_of(operation: PaymentOperation) -> &'static str {
    match operation {
        PaymentOperation::Authorize => kind::AUTHORIZATION,
        PaymentOperation::Capture => kind::CAPTURE,
        PaymentOperation::Refund => kind::REFUND,
        PaymentOperation::Credit => kind::CREDIT,
        PaymentOperation::Verify => kind::VERIFICATION,
        PaymentOperation::Store => kind::STORED,
        PaymentOperation::CreateSubscription => kind::PROFILE,
        _ => kind::SALE,
    }
}

/// What made the transaction behind a handle.
fn operation_of(payment: &PaymentRef) -> Result<PaymentOperation> {
    Ok(match payment.kind() {
        kind::SALE => PaymentOperation::Purchase,
        kind::AUTHORIZATION => PaymentOperation::Authorize,
        kind::CAPTURE => PaymentOperation::Capture,
        kind::REFUND => PaymentOperation::Refund,
        kind::CREDIT => PaymentOperation::Credit,
        kind::VERIFICATION => PaymentOperation::Verify,
        _ => return Err(Error::invalid_field("payment", "is not a handle of a transaction")),
    })
}

fn expect_kind(payment: &PaymentRef, wanted: &[&str], problem: &'static str) -> Result<()> {
    if wanted.contains(&payment.kind()) { Ok(()) } else { Err(Error::invalid_field("payment", problem)) }
}

#[async_trait]
impl PaymentGateway for PayflowGateway {
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
        self.send_credit(request).await
    }

    async fn verify(&self, request: &VerifyRequest) -> Result<Outcome> {
        self.verify_method(request).await
    }

    async fn store(&self, request: &StoreRequest) -> Result<StoredMethod> {
        self.store_method(request).await
    }

    /// Payflow has no call that removes a card; it forgets them after 12 months.
    async fn unstore(&self, _: &PaymentRef) -> Result<()> {
        Err(Error::unsupported("Payflow has no call that removes a stored card"))
    }

    async fn lookup(&self, query: &LookupQuery) -> Result<Lookup> {
        match query {
            LookupQuery::Reference(payment) => self.by_reference(payment).await,
            LookupQuery::Attempt(attempt) => self.by_attempt(attempt).await,
            _ => Err(Error::unsupported("Payflow does not find transactions by the merchant's reference")),
        }
    }

    async fn lookup_stored(&self, attempt: &Attempt) -> Result<Lookup<StoredMethod>> {
        self.stored_by_attempt(attempt).await
    }

    async fn resume(&self, _: &PaymentRef, _: &ReturnParams) -> Result<Outcome> {
        Err(Error::unsupported("Payflow asks no payer to do anything"))
    }

    async fn decide(&self, payment: &PaymentRef, decision: Decision) -> Result<Outcome> {
        self.decide_review(payment, decision).await
    }

    /// The schema of PayPal's settlement reports is not proven.
    async fn transactions(&self, _: &TransactionQuery) -> Result<SettlementPage> {
        Err(Error::unsupported("the settlement reports of Payflow are not read by this crate"))
    }

    fn preflight(&self, request: &PaymentRequest) -> Preflight {
        request::preflight(request)
    }
}
