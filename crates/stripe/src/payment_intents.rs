//! Payments.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, Utc};
use secrecy::SecretString;
use serde::Deserialize;
use turnbuckle_core::Result;
use turnbuckle_core::http::Operation;

use crate::client::{check_id, get, post};
use crate::object::{null_default, secret_option, string_enum};
use crate::{
    CallOptions, CancelPaymentIntent, CapturePaymentIntent, Charge, ConfirmPaymentIntent,
    CreatePaymentIntent, Customer, Expandable, IncrementAuthorization, ListPaymentIntents, ListRequest,
    Object, PaymentMethod, SearchPaymentIntents, Shipping, Stripe, StripeError, UpdatePaymentIntent,
};

string_enum! {
    /// How far a payment has come.
    PaymentIntentStatus {
        /// It wants a payment method, the first one or another one after a decline.
        RequiresPaymentMethod = "requires_payment_method",
        /// It wants to be confirmed.
        RequiresConfirmation = "requires_confirmation",
        /// The payer must act: see [`NextAction`].
        RequiresAction = "requires_action",
        /// Under way; the result comes later, for bank debits after days.
        Processing = "processing",
        /// Authorized, and not yet captured.
        RequiresCapture = "requires_capture",
        /// Canceled for good.
        Canceled = "canceled",
        /// The money is taken.
        Succeeded = "succeeded",
    }
}

string_enum! {
    /// When the money is taken.
    CaptureMethod {
        /// At once, and the answer waits for it.
        Automatic = "automatic",
        /// At once, and some details of the charge come later.
        AutomaticAsync = "automatic_async",
        /// When captured.
        Manual = "manual",
    }
}

/// A payment, from its first attempt to its last.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct PaymentIntent {
    /// Id, `pi_...`.
    pub id: String,
    /// Amount in minor units.
    #[serde(default, deserialize_with = "null_default")]
    pub amount: i64,
    /// What can be captured, in minor units.
    #[serde(default, deserialize_with = "null_default")]
    pub amount_capturable: i64,
    /// What was taken, in minor units.
    #[serde(default, deserialize_with = "null_default")]
    pub amount_received: i64,
    /// The platform's fee in minor units.
    pub application_fee_amount: Option<i64>,
    /// When it was canceled.
    #[serde(default, deserialize_with = "chrono::serde::ts_seconds_option::deserialize")]
    pub canceled_at: Option<DateTime<Utc>>,
    /// Why it was canceled.
    pub cancellation_reason: Option<String>,
    /// When the money is taken.
    #[serde(default, deserialize_with = "null_default")]
    pub capture_method: CaptureMethod,
    /// What a browser or app confirms the payment with.
    #[serde(default, deserialize_with = "secret_option")]
    pub client_secret: Option<SecretString>,
    /// When it was made.
    #[serde(default, deserialize_with = "chrono::serde::ts_seconds_option::deserialize")]
    pub created: Option<DateTime<Utc>>,
    /// ISO 4217 code in lower case.
    #[serde(default, deserialize_with = "null_default")]
    pub currency: String,
    /// The customer.
    pub customer: Option<Expandable<Customer>>,
    /// Free text.
    pub description: Option<String>,
    /// Why the last attempt failed.
    pub last_payment_error: Option<Box<StripeError>>,
    /// The last attempt to move the money.
    pub latest_charge: Option<Expandable<Charge>>,
    /// Whether it is real.
    #[serde(default, deserialize_with = "null_default")]
    pub livemode: bool,
    /// The host's own entries.
    #[serde(default, deserialize_with = "null_default")]
    pub metadata: BTreeMap<String, String>,
    /// What the payer must do.
    pub next_action: Option<NextAction>,
    /// The account that the payment is made for.
    pub on_behalf_of: Option<String>,
    /// The payment method.
    pub payment_method: Option<Expandable<PaymentMethod>>,
    /// Kinds that may be used.
    #[serde(default, deserialize_with = "null_default")]
    pub payment_method_types: Vec<String>,
    /// Where Stripe sends a receipt.
    pub receipt_email: Option<String>,
    /// The review that Radar asked for.
    pub review: Option<String>,
    /// Whether the payment method is kept for later.
    pub setup_future_usage: Option<String>,
    /// Where the goods go.
    pub shipping: Option<Shipping>,
    /// Text on the statement.
    pub statement_descriptor: Option<String>,
    /// Text on a card statement behind the account's prefix.
    pub statement_descriptor_suffix: Option<String>,
    /// How far it has come.
    #[serde(default, deserialize_with = "null_default")]
    pub status: PaymentIntentStatus,
    /// Groups transfers.
    pub transfer_group: Option<String>,
    /// Whether Stripe answered with the stored result of an earlier request under the same idempotency key.
    #[serde(skip)]
    pub replayed: bool,
}

impl fmt::Debug for PaymentIntent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PaymentIntent")
            .field("id", &self.id)
            .field("amount", &self.amount)
            .field("amount_capturable", &self.amount_capturable)
            .field("amount_received", &self.amount_received)
            .field("application_fee_amount", &self.application_fee_amount)
            .field("canceled_at", &self.canceled_at)
            .field("cancellation_reason", &self.cancellation_reason)
            .field("capture_method", &self.capture_method)
            .field("created", &self.created)
            .field("currency", &self.currency)
            .field("customer", &self.customer)
            .field("last_payment_error", &self.last_payment_error)
            .field("latest_charge", &self.latest_charge)
            .field("livemode", &self.livemode)
            .field("next_action", &self.next_action)
            .field("on_behalf_of", &self.on_behalf_of)
            .field("payment_method", &self.payment_method)
            .field("payment_method_types", &self.payment_method_types)
            .field("setup_future_usage", &self.setup_future_usage)
            .field("status", &self.status)
            .field("transfer_group", &self.transfer_group)
            .finish_non_exhaustive()
    }
}

impl Object for PaymentIntent {
    fn id(&self) -> &str {
        &self.id
    }
}

/// What the payer must do before the payment can go on.
#[derive(Clone, Debug, Default, Deserialize)]
#[non_exhaustive]
pub struct NextAction {
    /// Which of the other fields is filled, for example `redirect_to_url`; `use_stripe_sdk` is for Stripe's own
    /// libraries in a browser or app.
    #[serde(rename = "type", default, deserialize_with = "null_default")]
    pub action_type: String,
    /// Send the payer there.
    pub redirect_to_url: Option<RedirectToUrl>,
    /// Small deposits must be confirmed.
    pub verify_with_microdeposits: Option<Microdeposits>,
}

/// Where to send the payer. The addresses open the payment: they are in no `Debug` output.
#[derive(Clone, Default, Deserialize)]
#[non_exhaustive]
pub struct RedirectToUrl {
    /// The page.
    pub url: Option<String>,
    /// Where the payer comes back to.
    pub return_url: Option<String>,
}

impl fmt::Debug for RedirectToUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedirectToUrl").finish_non_exhaustive()
    }
}

/// How small deposits on a bank account are confirmed.
#[derive(Clone, Default, Deserialize)]
#[non_exhaustive]
pub struct Microdeposits {
    /// When they arrive.
    #[serde(default, deserialize_with = "chrono::serde::ts_seconds_option::deserialize")]
    pub arrival_date: Option<DateTime<Utc>>,
    /// Stripe's page for the payer.
    pub hosted_verification_url: Option<String>,
    /// `amounts` or `descriptor_code`.
    pub microdeposit_type: Option<String>,
}

impl fmt::Debug for Microdeposits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Microdeposits")
            .field("arrival_date", &self.arrival_date)
            .field("microdeposit_type", &self.microdeposit_type)
            .finish_non_exhaustive()
    }
}

const CREATE: Operation = post("payment_intents.create");
const CONFIRM: Operation = post("payment_intents.confirm");
const CAPTURE: Operation = post("payment_intents.capture");
const CANCEL: Operation = post("payment_intents.cancel");
const UPDATE: Operation = post("payment_intents.update");
const INCREMENT: Operation = post("payment_intents.increment_authorization");
const RETRIEVE: Operation = get("payment_intents.retrieve");
static LIST: Operation = get("payment_intents.list");
static SEARCH: Operation = get("payment_intents.search");

/// Calls for payments: [`Stripe::payment_intents`].
#[derive(Debug, Clone, Copy)]
pub struct PaymentIntents<'a> {
    stripe: &'a Stripe,
}

impl<'a> PaymentIntents<'a> {
    pub(crate) fn new(stripe: &'a Stripe) -> Self {
        Self { stripe }
    }

    /// Makes a payment, and with `confirm` carries it out: `POST /v1/payment_intents`.
    ///
    /// Only [`Succeeded`](PaymentIntentStatus::Succeeded), or [`RequiresCapture`](PaymentIntentStatus::RequiresCapture)
    /// of an authorization, means that the payer's bank agreed.
    ///
    /// # Errors
    /// A decline is an error whose [`StripeError`] carries the payment, which can be confirmed again.
    pub async fn create(self, params: &CreatePaymentIntent, options: &CallOptions) -> Result<PaymentIntent> {
        let (object, replayed) =
            self.stripe.post_replayable(&CREATE, "/v1/payment_intents", params, options).await?;
        Ok(PaymentIntent { replayed, ..object })
    }

    /// Carries a payment out: `POST /v1/payment_intents/{id}/confirm`.
    ///
    /// # Errors
    /// As [`create`](Self::create).
    pub async fn confirm(
        self,
        id: &str,
        params: &ConfirmPaymentIntent,
        options: &CallOptions,
    ) -> Result<PaymentIntent> {
        let path = format!("/v1/payment_intents/{}/confirm", check_id(id)?);
        let (object, replayed) = self.stripe.post_replayable(&CONFIRM, &path, params, options).await?;
        Ok(PaymentIntent { replayed, ..object })
    }

    /// Takes authorized money: `POST /v1/payment_intents/{id}/capture`.
    pub async fn capture(
        self,
        id: &str,
        params: &CapturePaymentIntent,
        options: &CallOptions,
    ) -> Result<PaymentIntent> {
        let path = format!("/v1/payment_intents/{}/capture", check_id(id)?);
        let (object, replayed) = self.stripe.post_replayable(&CAPTURE, &path, params, options).await?;
        Ok(PaymentIntent { replayed, ..object })
    }

    /// Cancels a payment: `POST /v1/payment_intents/{id}/cancel`. One that has succeeded is refunded instead.
    pub async fn cancel(
        self,
        id: &str,
        params: &CancelPaymentIntent,
        options: &CallOptions,
    ) -> Result<PaymentIntent> {
        let path = format!("/v1/payment_intents/{}/cancel", check_id(id)?);
        let (object, replayed) = self.stripe.post_replayable(&CANCEL, &path, params, options).await?;
        Ok(PaymentIntent { replayed, ..object })
    }

    /// Changes a payment that is not yet confirmed: `POST /v1/payment_intents/{id}`.
    pub async fn update(
        self,
        id: &str,
        params: &UpdatePaymentIntent,
        options: &CallOptions,
    ) -> Result<PaymentIntent> {
        let path = format!("/v1/payment_intents/{}", check_id(id)?);
        let (object, replayed) = self.stripe.post_replayable(&UPDATE, &path, params, options).await?;
        Ok(PaymentIntent { replayed, ..object })
    }

    /// Raises an authorization: `POST /v1/payment_intents/{id}/increment_authorization`.
    pub async fn increment_authorization(
        self,
        id: &str,
        params: &IncrementAuthorization,
        options: &CallOptions,
    ) -> Result<PaymentIntent> {
        let path = format!("/v1/payment_intents/{}/increment_authorization", check_id(id)?);
        let (object, replayed) = self.stripe.post_replayable(&INCREMENT, &path, params, options).await?;
        Ok(PaymentIntent { replayed, ..object })
    }

    /// One payment: `GET /v1/payment_intents/{id}`.
    pub async fn retrieve(self, id: &str, options: &CallOptions) -> Result<PaymentIntent> {
        let path = format!("/v1/payment_intents/{}", check_id(id)?);
        self.stripe.get(&RETRIEVE, &path, &(), options).await
    }

    /// Payments, newest first: `GET /v1/payment_intents`.
    pub fn list(self, params: &ListPaymentIntents) -> ListRequest<PaymentIntent> {
        ListRequest::list(self.stripe, &LIST, "/v1/payment_intents", params)
    }

    /// Searches payments: `GET /v1/payment_intents/search`. The index lags: what is missing may still exist.
    pub fn search(self, params: &SearchPaymentIntents) -> ListRequest<PaymentIntent> {
        ListRequest::search(self.stripe, &SEARCH, "/v1/payment_intents/search", params)
    }
}
