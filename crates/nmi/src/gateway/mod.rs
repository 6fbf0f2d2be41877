//! NMI behind the shape that every gateway shares.

mod answer;
mod lookup;
mod pay;
mod refund;
mod request;
mod settlement;
mod subscription_terms;
mod subscriptions;
mod texts;
mod vault;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use turnbuckle_core::payment::{
    Attempt, CaptureRequest, CreditRequest, Decision, Feature, GatewayFeatures, Idempotency, IdempotencyKey,
    Lookup, LookupQuery, Outcome, PaymentGateway, PaymentOperation, PaymentRef, PaymentRequest, Preflight,
    RefundRequest, ReturnParams, SettlementPage, StoreRequest, StoredMethod, TransactionQuery, VerifyRequest,
    VoidRequest, WireKey,
};
use turnbuckle_core::{Clock, Environment, Error, ErrorKind, ProviderId, Result};

use crate::client::{Nmi, PROVIDER};

pub use subscriptions::NmiSubscriptions;

/// Kinds of [`PaymentRef`].
pub(crate) mod kind {
    /// Anything with a transaction id: sale, authorization, refund, credit, validation.
    pub(crate) const TRANSACTION: &str = "transaction";
    /// A customer of the vault, and the first method of it.
    pub(crate) const CUSTOMER: &str = "customer_vault";
    /// One of several methods of a customer.
    pub(crate) const BILLING: &str = "billing";
    /// A subscription.
    pub(crate) const SUBSCRIPTION: &str = "subscription";
    /// A settlement batch, in webhooks.
    pub(crate) const BATCH: &str = "settlement_batch";
}

/// Names of what a [`PaymentRef`] carries along.
mod detail {
    /// The currency's code.
    pub(super) const CURRENCY: &str = "currency";
    /// What was taken or reserved, as a decimal.
    pub(super) const AMOUNT: &str = "amount";
    /// `check` for bank debits, which NMI must be told again.
    pub(super) const RAIL: &str = "rail";
    /// The last four digits.
    pub(super) const LAST4: &str = "last4";
    /// Of one of several methods: the customer that it belongs to.
    pub(super) const CUSTOMER: &str = "customer_vault";
}

/// Numbers of the merchant-defined fields that the gateway uses. The host's metadata takes those from [`FIRST`] on.
///
/// [`FIRST`]: marks::FIRST
pub(crate) mod marks {
    /// The merchant's reference.
    pub(crate) const REFERENCE: u8 = 1;
    /// The merchant's own id of the customer.
    pub(crate) const CUSTOMER: u8 = 2;
    /// The customer's name, where another name stands on the payment.
    pub(crate) const CUSTOMER_NAME: u8 = 3;
    /// The card holder's name, where another name stands on the payment.
    pub(crate) const HOLDER: u8 = 4;
    /// The first entry of metadata, as `name=value`.
    pub(crate) const FIRST: u8 = 5;
    /// The last field that NMI has.
    pub(crate) const LAST: u8 = 20;
}

static ID: ProviderId = PROVIDER;

/// How long an account's mode is taken as known on a production connection.
const MODE_IS_KNOWN_FOR: Duration = Duration::from_secs(300);

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
        Feature::LookupByReference,
        Feature::LookupByMerchantReference,
        Feature::LookupByAttempt,
        Feature::Transactions,
        Feature::SettlementBatch,
        Feature::StoredCredential,
        Feature::ThreeDSecure,
        Feature::Level2,
        Feature::StatementDescriptor,
        Feature::Metadata,
        Feature::SubAccount,
    ],
    Idempotency::LookupOnly,
)
.with_token_kinds(&[request::CARD_TOKEN, request::CHECK_TOKEN])
.with_text(texts::RULES);

/// NMI's payments as a [`PaymentGateway`].
///
/// # No idempotency
/// NMI keeps no idempotency keys. Every attempt has an order id of its own, the attempt's [`WireKey`], and before anything
/// is sent that could move money the order id is looked up: what is found is the earlier attempt, which is answered if it
/// is the same payment and refused as a conflict if it is not. A lost answer is looked up the same way and nothing is ever
/// sent twice. NMI's index may be behind by seconds (how many is not published), so two requests with one key that follow
/// each other at once can both get through: keep a journal, which refuses the second before it leaves.
///
/// NMI's own duplicate check compares card and amount within a window that the account sets. It is no idempotency: an
/// answer "Duplicate transaction" is ours only if our order id is found, and
/// [`DuplicateBlocked`](ErrorKind::DuplicateBlocked) otherwise.
///
/// # What it declares, and what not
/// - Several captures, partial approval, payer actions and reviews are absent: NMI captures once, and has no switch for
///   the others that is published.
/// - Bank accounts pay and receive; they cannot be reserved or verified, which is refused before anything is sent.
/// - [`VendorToken`](turnbuckle_core::payment::VendorToken) kinds: `payment_token` for a card and `payment_token_check`
///   for a bank account, both from Collect.js.
/// - A sub-account is one of the account's processors (`processor_id`).
///
/// # What stands at NMI
/// Merchant-defined field 1 holds the merchant's reference, 2 the merchant's id of the customer, 3 and 4 the names of
/// customer and card holder where the billing address has another one, since NMI has one name for all three; 5 to 20 hold
/// the metadata as `name=value`.
///
/// # Amounts
/// NMI writes amounts with two decimals. Currencies with more or fewer are refused: what NMI makes of them is unproven.
///
/// # Test mode
/// An account in test mode simulates approvals that never settle. On a production connection the mode is asked for before
/// money moves, at most every five minutes, and test mode is an error. The other way round nothing is claimed: an account
/// out of test mode may be a test account or a real one.
///
/// # Permissions
/// The security key needs the permissions API and Query.
#[derive(Debug)]
pub struct NmiGateway {
    client: Nmi,
    account: String,
    clock: Arc<dyn Clock>,
    /// When the account was last seen out of test mode.
    mode_seen: Mutex<Option<Duration>>,
}

impl NmiGateway {
    /// A gateway for one account. `account` is the host's stable id of the integration, a part of every wire key.
    ///
    /// Hosts take the gateway from a [`Connection`](turnbuckle_core::provider::Connection), where it stands behind core's
    /// checks.
    pub fn new(client: Nmi, account: impl Into<String>, clock: Arc<dyn Clock>) -> Self {
        Self { client, account: account.into(), clock, mode_seen: Mutex::new(None) }
    }

    fn wire_key(&self, operation: PaymentOperation, key: &IdempotencyKey) -> WireKey {
        WireKey::derive(&PROVIDER, &self.account, operation, key)
    }

    fn live(&self) -> bool {
        self.client.environment() == Environment::Production
    }

    /// Refuses to move money on a production connection of an account that only simulates it.
    async fn check_mode(&self) -> Result<()> {
        if !self.live() {
            return Ok(());
        }
        let now = self.clock.monotonic();
        let seen = *self.mode_seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.is_some_and(|seen| now.saturating_sub(seen) < MODE_IS_KNOWN_FOR) {
            return Ok(());
        }
        if self.client.query().test_mode().await? {
            return Err(Error::new(
                ErrorKind::InvalidConfig,
                "the NMI account is in test mode, and this connection is for production: approvals would be simulated",
            ));
        }
        *self.mode_seen.lock().unwrap_or_else(PoisonError::into_inner) = Some(now);
        Ok(())
    }
}

/// A handle on a transaction of this gateway.
///
/// # Errors
/// [`InvalidRequest`](ErrorKind::InvalidRequest) naming `payment`.
fn expect_kind(payment: &PaymentRef, wanted: &'static str) -> Result<()> {
    if payment.kind() == wanted {
        return Ok(());
    }
    Err(Error::invalid_field("payment", format!("is not a handle of the kind `{wanted}`")))
}

#[async_trait]
impl PaymentGateway for NmiGateway {
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

    async fn unstore(&self, method: &PaymentRef) -> Result<()> {
        self.remove_method(method).await
    }

    async fn lookup(&self, query: &LookupQuery) -> Result<Lookup> {
        match query {
            LookupQuery::Reference(payment) => self.by_reference(payment).await,
            LookupQuery::MerchantReference { reference, since, sub_account } => {
                self.by_merchant_reference(reference, *since, sub_account.as_deref()).await
            }
            LookupQuery::Attempt(attempt) => self.by_attempt(attempt).await,
            _ => Err(Error::unsupported("this gateway does not know this kind of lookup")),
        }
    }

    async fn lookup_stored(&self, attempt: &Attempt) -> Result<Lookup<StoredMethod>> {
        self.stored_by_attempt(attempt).await
    }

    /// NMI's payments have no step of the payer's.
    async fn resume(&self, _: &PaymentRef, _: &ReturnParams) -> Result<Outcome> {
        Err(Error::unsupported("NMI sends no payer anywhere"))
    }

    /// NMI has no holds for review that its Payment API could end.
    async fn decide(&self, _: &PaymentRef, _: Decision) -> Result<Outcome> {
        Err(Error::unsupported("NMI has no reviews to decide"))
    }

    async fn transactions(&self, query: &TransactionQuery) -> Result<SettlementPage> {
        self.settled(query).await
    }

    fn preflight(&self, request: &PaymentRequest) -> Preflight {
        request::preflight(request)
    }
}
