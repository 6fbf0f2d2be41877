//! Stripe behind the shape that every gateway shares.

mod answer;
mod decide;
mod lookup;
mod marks;
mod refund;
mod request;
mod settlement;
mod subscription_answer;
mod subscription_payments;
mod subscription_request;
mod subscriptions;
mod vault;
mod verify;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use turnbuckle_core::money::{Currency, Money};
use turnbuckle_core::payment::{
    Attempt, CaptureRequest, Charset, CreditRequest, Decision, Feature, GatewayFeatures, Idempotency,
    IdempotencyKey, Lookup, LookupQuery, OnAction, Outcome, PaymentGateway, PaymentOperation, PaymentRef,
    PaymentRequest, Preflight, RefundRequest, RequestOptions, ReturnParams, SettlementPage, StoreRequest,
    StoredMethod, TextChange, TextRule, TransactionQuery, VerifyRequest, VoidRequest, WireKey,
};
use turnbuckle_core::{Clock, Effect, Error, ErrorKind, ProviderId, Result};

use crate::client::PROVIDER;
use crate::{
    CallOptions, CancelPaymentIntent, CaptureMethod, CapturePaymentIntent, ConfirmPaymentIntent,
    PaymentIntent, PaymentIntentStatus, Stripe, StripeError, amount,
};

pub use marks::{CAPTURE_KEY, OPERATION, REFERENCE, WIRE_KEY};
pub use subscriptions::StripeSubscriptions;

/// Kinds of [`PaymentRef`].
pub(crate) mod kind {
    /// A purchase or an authorization.
    pub(crate) const PAYMENT: &str = "payment_intent";
    /// A verification.
    pub(crate) const SETUP: &str = "setup_intent";
    /// A refund.
    pub(crate) const REFUND: &str = "refund";
    /// A stored method.
    pub(crate) const METHOD: &str = "payment_method";
    /// A customer, for [`Customer::reference`](turnbuckle_core::payment::Customer::reference).
    pub(crate) const CUSTOMER: &str = "customer";
    /// A subscription.
    pub(crate) const SUBSCRIPTION: &str = "subscription";
    /// A payment of a subscription that Stripe made no payment intent for.
    pub(crate) const INVOICE: &str = "invoice";
}

/// Names of what a [`PaymentRef`] carries along.
mod detail {
    /// The connected account, where it is not the platform's own.
    pub(super) const ACCOUNT: &str = "account";
    /// The currency's code, so that a capture or refund in another one is refused before it is sent.
    pub(super) const CURRENCY: &str = "currency";
    /// Of a stored method: the customer that it belongs to.
    pub(super) const CUSTOMER: &str = "customer";
    /// Of a stored method: its kind at Stripe.
    pub(super) const TYPE: &str = "type";
    /// The last four digits.
    pub(super) const LAST4: &str = "last4";
}

static ID: ProviderId = PROVIDER;

/// How long Stripe keeps idempotency keys, at the least.
const KEY_RETENTION: Duration = Duration::from_secs(24 * 60 * 60);

/// Text as Stripe takes it. A statement descriptor needs a letter besides.
static TEXT: &[TextRule] = &[
    TextRule::new("statement_descriptor", 22, Charset::Ascii).with_min(5).with_forbidden("<>\\'\"*"),
    TextRule::new("description", 1000, Charset::Unicode),
];

/// The kinds of token that pay.
const TOKEN_KINDS: &[&str] = &["payment_method", "token", "confirmation_token"];

static FEATURES: GatewayFeatures = GatewayFeatures::new(
    &[
        Feature::Purchase,
        Feature::Authorize,
        Feature::PartialCapture,
        Feature::Refund,
        Feature::PartialRefund,
        Feature::Verify,
        Feature::Store,
        Feature::Unstore,
        Feature::ChargeStored,
        Feature::RawCard,
        Feature::VendorToken,
        Feature::BankAccount,
        Feature::PayerAction,
        Feature::Review,
        Feature::LookupByReference,
        Feature::LookupByMerchantReference,
        Feature::LookupByAttempt,
        Feature::Transactions,
        Feature::SettlementBatch,
        Feature::StoredCredential,
        Feature::ThreeDSecure,
        Feature::StatementDescriptor,
        Feature::Metadata,
        Feature::SubAccount,
    ],
    Idempotency::Keys { retention: KEY_RETENTION },
)
.with_token_kinds(TOKEN_KINDS)
.with_text(TEXT);

/// Stripe's payments as a [`PaymentGateway`].
///
/// # What it declares, and what not
/// - Several captures of one authorization are absent: Stripe offers them to some accounts, and only where the
///   authorization asked for it. The typed client can do it.
/// - A void of something captured is absent: Stripe refunds instead. So is partial approval, and unlinked credit.
/// - [`VendorToken`](turnbuckle_core::payment::VendorToken) kinds: `payment_method` (`pm_...`), `token` (`tok_...`),
///   `confirmation_token` (`ctoken_...`).
///
/// # What stands at Stripe
/// The idempotency key on the wire is the attempt's [`WireKey`]. It also stands in the metadata of what the attempt made,
/// beside the merchant's reference: [`WIRE_KEY`], [`REFERENCE`], [`OPERATION`] and, once captured, [`CAPTURE_KEY`]. They
/// count among Stripe's 50 entries, which leaves 46 to the host.
///
/// # A payer who would have to act
/// With [`OnAction::Refuse`] the request tells Stripe to fail instead (`error_on_requires_action`, or `off_session` where
/// the merchant started the payment), which leaves a payment without a hold that nobody can complete. Should Stripe wait
/// for the payer all the same, as it may for a bank account, the payment is canceled before the decline is reported, since
/// Stripe itself might yet reach the payer by mail.
///
/// # Series of payments
/// The first one sets the method up for later (`setup_future_usage`), one without the payer is `off_session`. Of methods
/// stored at Stripe, Stripe keeps the series itself. For others the network's id of the first payment is passed on, which
/// Stripe allows to some accounts only and refuses to the rest.
///
/// # Billing addresses
/// They are sent with raw methods and with `tok_...`; the other tokens and stored methods bring their own.
///
/// # Bank accounts
/// The mandate is recorded as accepted offline, since an online one needs the payer's browser, which a request does not
/// carry: keep the proof of the payer's consent. Unless Stripe already knows the account, the payer must confirm small
/// deposits first, so allow actions.
///
/// # Statement descriptor
/// Of cards it is the suffix behind the account's own prefix, and both together have 22 characters; of bank accounts it
/// is the whole text.
#[derive(Debug)]
pub struct StripeGateway {
    client: Stripe,
    account: String,
    clock: Arc<dyn Clock>,
}

impl StripeGateway {
    /// A gateway for one account. `account` is the host's stable id of the integration, a part of every wire key.
    ///
    /// Hosts take the gateway from a [`Connection`](turnbuckle_core::provider::Connection), where it stands behind core's
    /// checks.
    pub fn new(client: Stripe, account: impl Into<String>, clock: Arc<dyn Clock>) -> Self {
        Self { client, account: account.into(), clock }
    }

    fn wire_key(&self, operation: PaymentOperation, key: &IdempotencyKey) -> WireKey {
        WireKey::derive(&PROVIDER, &self.account, operation, key)
    }

    fn step_key(&self, step: &str, key: &IdempotencyKey) -> WireKey {
        WireKey::derive_step(&PROVIDER, &self.account, step, key)
    }

    async fn pay(&self, request: &PaymentRequest, operation: PaymentOperation) -> Result<Outcome> {
        let key = self.wire_key(operation, &request.key);
        let scope = request.options.sub_account.as_deref();
        let (params, changes) = request::create(request, operation, &key)?;
        let options = call(scope).with_idempotency_key(key.as_str()).with_expand("latest_charge");
        let mut intent = match self.client.payment_intents().create(&params, &options).await {
            Ok(intent) => intent,
            Err(error) => return answer::declined(error, scope),
        };
        let is_open =
            matches!(intent.status, PaymentIntentStatus::RequiresAction | PaymentIntentStatus::Processing);
        if intent.replayed && is_open && request.on_action != OnAction::Refuse {
            // The stored answer is as old as the first request; the payer or the bank may be done since.
            let current = self.intent(&intent.id, scope).await.map_err(|error| {
                error.with_effect(Effect::Unknown).with_payment(answer::reference(&intent, scope))
            })?;
            intent = PaymentIntent { replayed: true, ..current };
        }
        if intent.status == PaymentIntentStatus::RequiresAction && request.on_action == OnAction::Refuse {
            return self.withdraw(&intent, &request.key, operation, scope).await;
        }
        let outcome =
            answer::outcome(&intent, operation, scope).map_err(|error| happened(error, &intent, scope))?;
        Ok(with_changes(outcome, changes))
    }

    /// Cancels a payment that waits for a payer whom nobody can ask.
    async fn withdraw(
        &self,
        intent: &PaymentIntent,
        key: &IdempotencyKey,
        operation: PaymentOperation,
        scope: Option<&str>,
    ) -> Result<Outcome> {
        let step = self.step_key(&format!("{operation}/withdraw"), key);
        let options = call(scope).with_idempotency_key(step.as_str());
        let canceled =
            self.client.payment_intents().cancel(&intent.id, &CancelPaymentIntent::new(), &options).await;
        let reference = answer::reference(intent, scope);
        match canceled {
            Ok(canceled) if canceled.status == PaymentIntentStatus::Canceled => {
                Ok(Outcome::Declined(answer::needs_payer(reference)))
            }
            Ok(_) => Err(Error::new(
                ErrorKind::InvalidResponse,
                "Stripe did not cancel a payment that it canceled",
            )
            .with_effect(Effect::Unknown)
            .with_payment(reference)),
            Err(error) => Err(Error::new(
                ErrorKind::ActionRequired,
                "the payment waits for the payer, who cannot be asked, and could not be canceled",
            )
            .with_effect(Effect::Unknown)
            .with_payment(reference)
            .with_source(error)),
        }
    }

    async fn capture_payment(&self, request: &CaptureRequest) -> Result<Outcome> {
        expect_kind(&request.payment, kind::PAYMENT)?;
        if !request.is_final {
            return Err(Error::unsupported(
                "this gateway does not offer several captures of one authorization",
            ));
        }
        let scope = scope(&request.payment, &request.options)?;
        let key = self.wire_key(PaymentOperation::Capture, &request.key);
        let asked = self.in_currency(&request.payment, request.amount, scope).await?;
        let mut params = CapturePaymentIntent::new();
        params.amount_to_capture = asked;
        params.metadata = marks::metadata(&request.options.metadata, PaymentOperation::Capture, &key, None)?;
        let mut changes = Vec::new();
        if let Some(text) = request::descriptor(&request.options, &mut changes)? {
            params.statement_descriptor_suffix = Some(text);
        }
        let options = call(scope).with_idempotency_key(key.as_str()).with_expand("latest_charge");
        match self.client.payment_intents().capture(request.payment.id(), &params, &options).await {
            Ok(intent) => {
                let outcome = answer::captured(&intent, asked, Some(&key), scope)
                    .map_err(|error| happened(error, &intent, scope))?;
                Ok(with_changes(outcome, changes))
            }
            Err(error)
                if is_code(&error, "payment_intent_unexpected_state") && error.effect() == Effect::None =>
            {
                let intent = self.intent(request.payment.id(), scope).await?;
                // Captured already. Whoever did it, the money is taken; it is a success only if it is the same money.
                let taken = intent.status == PaymentIntentStatus::Succeeded
                    && intent.amount_received == asked.unwrap_or(intent.amount);
                if taken { answer::captured(&intent, asked, None, scope) } else { Err(error) }
            }
            Err(error) => answer::declined(error, scope),
        }
    }

    async fn void_payment(&self, request: &VoidRequest) -> Result<Outcome> {
        expect_kind(&request.payment, kind::PAYMENT)?;
        let scope = scope(&request.payment, &request.options)?;
        let key = self.wire_key(PaymentOperation::Void, &request.key);
        let options = call(scope).with_idempotency_key(key.as_str()).with_expand("latest_charge");
        let canceled = self
            .client
            .payment_intents()
            .cancel(request.payment.id(), &CancelPaymentIntent::new(), &options)
            .await;
        match canceled {
            Ok(intent) => answer::voided(&intent, scope).map_err(|error| happened(error, &intent, scope)),
            Err(error)
                if is_code(&error, "payment_intent_unexpected_state") && error.effect() == Effect::None =>
            {
                let intent = self.intent(request.payment.id(), scope).await?;
                if intent.status == PaymentIntentStatus::Canceled {
                    answer::voided(&intent, scope)
                } else {
                    Err(error)
                }
            }
            Err(error) => Err(error),
        }
    }

    async fn resume_payment(&self, payment: &PaymentRef, returned: &ReturnParams) -> Result<Outcome> {
        answer::belongs_to(payment, returned)?;
        let scope = payment.detail(detail::ACCOUNT);
        if payment.kind() == kind::SETUP {
            return self.resume_setup(payment, scope).await;
        }
        expect_kind(payment, kind::PAYMENT)?;
        let mut intent = self.intent(payment.id(), scope).await?;
        if intent.status == PaymentIntentStatus::RequiresConfirmation {
            // No key of the caller's: Stripe lets a payment be confirmed once, whatever the key.
            let options = call(scope).with_expand("latest_charge");
            let params = ConfirmPaymentIntent::new();
            let payments = self.client.payment_intents();
            intent = match payments.confirm(payment.id(), &params, &options).await {
                Ok(intent) => intent,
                Err(error) => return answer::declined(error, scope),
            };
        }
        let operation = answer::operation(&intent);
        let outcome =
            answer::outcome(&intent, operation, scope).map_err(|error| happened(error, &intent, scope))?;
        match outcome {
            Outcome::Held(held) if !self.is_under_review(&intent, scope).await? => {
                Ok(Outcome::Approved(decided(held)))
            }
            outcome => Ok(outcome),
        }
    }

    /// One payment with its last charge.
    async fn intent(&self, id: &str, scope: Option<&str>) -> Result<PaymentIntent> {
        self.client.payment_intents().retrieve(id, &call(scope).with_expand("latest_charge")).await
    }

    /// An amount for a payment that exists, in that payment's currency and as Stripe counts it. Stripe takes the bare
    /// number for its own currency, so another currency must not get that far.
    async fn in_currency(
        &self,
        payment: &PaymentRef,
        amount: Option<Money>,
        scope: Option<&str>,
    ) -> Result<Option<i64>> {
        let Some(asked) = amount else { return Ok(None) };
        let currency = match payment.detail(detail::CURRENCY) {
            Some(code) => Currency::new(code)?,
            None => Currency::new(&self.intent(payment.id(), scope).await?.currency)?,
        };
        if asked.currency() != currency {
            return Err(Error::invalid_field("amount", "is in another currency than the payment"));
        }
        amount::to_stripe(asked).map(Some)
    }
}

/// Options of a call for this account.
fn call(scope: Option<&str>) -> CallOptions {
    match scope {
        Some(account) => CallOptions::new().with_account(account),
        None => CallOptions::new(),
    }
}

/// The connected account that a payment belongs to.
fn scope<'a>(payment: &'a PaymentRef, options: &'a RequestOptions) -> Result<Option<&'a str>> {
    match (payment.detail(detail::ACCOUNT), options.sub_account.as_deref()) {
        (Some(own), Some(asked)) if own != asked => {
            Err(Error::invalid_field("options.sub_account", "is not the account that the payment belongs to"))
        }
        (own, asked) => Ok(own.or(asked)),
    }
}

fn expect_kind(payment: &PaymentRef, wanted: &'static str) -> Result<()> {
    if payment.kind() == wanted {
        return Ok(());
    }
    Err(Error::invalid_field("payment", format!("is not a handle of the kind `{wanted}`")))
}

fn is_code(error: &Error, code: &str) -> bool {
    StripeError::of(error).is_some_and(|stripe| stripe.code.as_deref() == Some(code))
}

/// An answer that cannot be understood although the call went through.
fn happened(error: Error, intent: &PaymentIntent, scope: Option<&str>) -> Error {
    error.with_effect(Effect::Happened).with_payment(answer::reference(intent, scope))
}

fn with_changes(mut outcome: Outcome, changes: Vec<TextChange>) -> Outcome {
    match &mut outcome {
        Outcome::Approved(payment)
        | Outcome::PartiallyApproved(payment)
        | Outcome::RequiresAction(payment, _)
        | Outcome::Processing(payment)
        | Outcome::Held(payment) => payment.text_changes = changes,
        _ => {}
    }
    outcome
}

/// Whether the money is taken at once.
fn capture_method(operation: PaymentOperation) -> CaptureMethod {
    if operation == PaymentOperation::Authorize { CaptureMethod::Manual } else { CaptureMethod::Automatic }
}

#[async_trait]
impl PaymentGateway for StripeGateway {
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

    /// Stripe pays out to the merchant only: money goes back to a payer as a refund of a payment, or not at all.
    async fn credit(&self, _: &CreditRequest) -> Result<Outcome> {
        Err(Error::unsupported("Stripe has no credit without an earlier payment"))
    }

    async fn verify(&self, request: &VerifyRequest) -> Result<Outcome> {
        self.verify_method(request).await
    }

    async fn store(&self, request: &StoreRequest) -> Result<StoredMethod> {
        self.store_method(request).await
    }

    async fn unstore(&self, method: &PaymentRef) -> Result<()> {
        self.detach(method).await
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

    async fn resume(&self, payment: &PaymentRef, returned: &ReturnParams) -> Result<Outcome> {
        self.resume_payment(payment, returned).await
    }

    async fn decide(&self, payment: &PaymentRef, decision: Decision) -> Result<Outcome> {
        self.decide_review(payment, decision).await
    }

    async fn transactions(&self, query: &TransactionQuery) -> Result<SettlementPage> {
        self.ledger(query).await
    }

    fn preflight(&self, request: &PaymentRequest) -> Preflight {
        request::preflight(request)
    }
}

/// A payment whose review has ended.
fn decided(mut payment: turnbuckle_core::payment::Payment) -> turnbuckle_core::payment::Payment {
    payment.under_review = false;
    payment
}
