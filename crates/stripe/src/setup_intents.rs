//! Payment methods being verified and set up for later.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, Utc};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use turnbuckle_core::Result;
use turnbuckle_core::http::Operation;

use crate::client::{check_id, get, post};
use crate::object::{null_default, secret_option, string_enum};
use crate::{
    AutomaticPaymentMethods, CallOptions, Created, Customer, Expandable, ListRequest, MandateData,
    NextAction, Object, PaymentMethod, PaymentMethodData, PaymentMethodOptions, Stripe, StripeError,
};

string_enum! {
    /// How far a setup has come.
    SetupIntentStatus {
        /// It wants a payment method, the first one or another one after a refusal.
        RequiresPaymentMethod = "requires_payment_method",
        /// It wants to be confirmed.
        RequiresConfirmation = "requires_confirmation",
        /// The payer must act.
        RequiresAction = "requires_action",
        /// Under way.
        Processing = "processing",
        /// Canceled for good.
        Canceled = "canceled",
        /// The payment method is verified.
        Succeeded = "succeeded",
    }
}

/// A new setup.
#[derive(Clone, Default, Serialize)]
#[non_exhaustive]
pub struct CreateSetupIntent {
    /// Confirms at once.
    pub confirm: Option<bool>,
    /// The customer that the payment method will belong to.
    pub customer: Option<String>,
    /// Free text.
    pub description: Option<String>,
    /// The payment method.
    pub payment_method: Option<String>,
    /// What the payer confirmed in the browser, `ctoken_...`, instead of a payment method.
    pub confirmation_token: Option<String>,
    /// A new payment method.
    pub payment_method_data: Option<PaymentMethodData>,
    /// Kinds that may be used.
    pub payment_method_types: Vec<String>,
    /// Lets the account's settings choose the kinds.
    pub automatic_payment_methods: Option<AutomaticPaymentMethods>,
    /// Options by kind.
    pub payment_method_options: Option<PaymentMethodOptions>,
    /// A new mandate.
    pub mandate_data: Option<MandateData>,
    /// The account that it is made for.
    pub on_behalf_of: Option<String>,
    /// Where the payer comes back to after a redirect.
    pub return_url: Option<String>,
    /// `off_session` (Stripe's default) or `on_session`.
    pub usage: Option<String>,
    /// Up to 50 entries of the host's own.
    pub metadata: BTreeMap<String, String>,
}

impl CreateSetupIntent {
    /// Sends nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets [`confirm`](Self::confirm).
    pub fn with_confirm(mut self, confirm: bool) -> Self {
        self.confirm = Some(confirm);
        self
    }

    /// Sets [`customer`](Self::customer).
    pub fn with_customer(mut self, customer: impl Into<String>) -> Self {
        self.customer = Some(customer.into());
        self
    }

    /// Sets [`description`](Self::description).
    pub fn with_description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// Sets [`payment_method`](Self::payment_method).
    pub fn with_payment_method(mut self, payment_method: impl Into<String>) -> Self {
        self.payment_method = Some(payment_method.into());
        self
    }

    /// Sets [`confirmation_token`](Self::confirmation_token).
    pub fn with_confirmation_token(mut self, confirmation_token: impl Into<String>) -> Self {
        self.confirmation_token = Some(confirmation_token.into());
        self
    }

    /// Sets [`payment_method_data`](Self::payment_method_data).
    pub fn with_payment_method_data(mut self, payment_method_data: PaymentMethodData) -> Self {
        self.payment_method_data = Some(payment_method_data);
        self
    }

    /// Sets [`payment_method_types`](Self::payment_method_types).
    pub fn with_payment_method_types<T: Into<String>>(
        mut self,
        payment_method_types: impl IntoIterator<Item = T>,
    ) -> Self {
        self.payment_method_types = payment_method_types.into_iter().map(Into::into).collect();
        self
    }

    /// Sets [`automatic_payment_methods`](Self::automatic_payment_methods).
    pub fn with_automatic_payment_methods(
        mut self,
        automatic_payment_methods: AutomaticPaymentMethods,
    ) -> Self {
        self.automatic_payment_methods = Some(automatic_payment_methods);
        self
    }

    /// Sets [`payment_method_options`](Self::payment_method_options).
    pub fn with_payment_method_options(mut self, payment_method_options: PaymentMethodOptions) -> Self {
        self.payment_method_options = Some(payment_method_options);
        self
    }

    /// Sets [`mandate_data`](Self::mandate_data).
    pub fn with_mandate_data(mut self, mandate_data: MandateData) -> Self {
        self.mandate_data = Some(mandate_data);
        self
    }

    /// Sets [`on_behalf_of`](Self::on_behalf_of).
    pub fn with_on_behalf_of(mut self, on_behalf_of: impl Into<String>) -> Self {
        self.on_behalf_of = Some(on_behalf_of.into());
        self
    }

    /// Sets [`return_url`](Self::return_url).
    pub fn with_return_url(mut self, return_url: impl Into<String>) -> Self {
        self.return_url = Some(return_url.into());
        self
    }

    /// Sets [`usage`](Self::usage).
    pub fn with_usage(mut self, usage: impl Into<String>) -> Self {
        self.usage = Some(usage.into());
        self
    }

    /// Adds one entry to [`metadata`](Self::metadata).
    pub fn with_metadata(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.metadata.insert(key.into(), value.into());
        self
    }
}

impl fmt::Debug for CreateSetupIntent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CreateSetupIntent")
            .field("confirm", &self.confirm)
            .field("customer", &self.customer)
            .field("payment_method", &self.payment_method)
            .field("payment_method_types", &self.payment_method_types)
            .field("automatic_payment_methods", &self.automatic_payment_methods)
            .field("payment_method_options", &self.payment_method_options)
            .field("on_behalf_of", &self.on_behalf_of)
            .field("usage", &self.usage)
            .finish_non_exhaustive()
    }
}

/// Verifies the payment method.
#[derive(Clone, Default, Serialize)]
#[non_exhaustive]
pub struct ConfirmSetupIntent {
    /// The payment method.
    pub payment_method: Option<String>,
    /// A new payment method.
    pub payment_method_data: Option<PaymentMethodData>,
    /// Options by kind.
    pub payment_method_options: Option<PaymentMethodOptions>,
    /// A new mandate.
    pub mandate_data: Option<MandateData>,
    /// Where the payer comes back to after a redirect.
    pub return_url: Option<String>,
}

impl ConfirmSetupIntent {
    /// Sends nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets [`payment_method`](Self::payment_method).
    pub fn with_payment_method(mut self, payment_method: impl Into<String>) -> Self {
        self.payment_method = Some(payment_method.into());
        self
    }

    /// Sets [`payment_method_data`](Self::payment_method_data).
    pub fn with_payment_method_data(mut self, payment_method_data: PaymentMethodData) -> Self {
        self.payment_method_data = Some(payment_method_data);
        self
    }

    /// Sets [`payment_method_options`](Self::payment_method_options).
    pub fn with_payment_method_options(mut self, payment_method_options: PaymentMethodOptions) -> Self {
        self.payment_method_options = Some(payment_method_options);
        self
    }

    /// Sets [`mandate_data`](Self::mandate_data).
    pub fn with_mandate_data(mut self, mandate_data: MandateData) -> Self {
        self.mandate_data = Some(mandate_data);
        self
    }

    /// Sets [`return_url`](Self::return_url).
    pub fn with_return_url(mut self, return_url: impl Into<String>) -> Self {
        self.return_url = Some(return_url.into());
        self
    }
}

impl fmt::Debug for ConfirmSetupIntent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConfirmSetupIntent")
            .field("payment_method", &self.payment_method)
            .field("payment_method_options", &self.payment_method_options)
            .finish_non_exhaustive()
    }
}

/// Cancels a setup that has not succeeded.
#[derive(Clone, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct CancelSetupIntent {
    /// `abandoned`, `duplicate` or `requested_by_customer`.
    pub cancellation_reason: Option<String>,
}

impl CancelSetupIntent {
    /// Sends nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets [`cancellation_reason`](Self::cancellation_reason).
    pub fn with_cancellation_reason(mut self, cancellation_reason: impl Into<String>) -> Self {
        self.cancellation_reason = Some(cancellation_reason.into());
        self
    }
}

/// Which setups to list, newest first.
#[derive(Clone, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct ListSetupIntents {
    /// Of this customer.
    pub customer: Option<String>,
    /// Of this payment method.
    pub payment_method: Option<String>,
    /// Created in this time.
    pub created: Option<Created>,
    /// Objects a page, 1 to 100; Stripe's default is 10.
    pub limit: Option<u32>,
    /// After this id.
    pub starting_after: Option<String>,
}

impl ListSetupIntents {
    /// Sends nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets [`customer`](Self::customer).
    pub fn with_customer(mut self, customer: impl Into<String>) -> Self {
        self.customer = Some(customer.into());
        self
    }

    /// Sets [`payment_method`](Self::payment_method).
    pub fn with_payment_method(mut self, payment_method: impl Into<String>) -> Self {
        self.payment_method = Some(payment_method.into());
        self
    }

    /// Sets [`created`](Self::created).
    pub fn with_created(mut self, created: Created) -> Self {
        self.created = Some(created);
        self
    }

    /// Sets [`limit`](Self::limit).
    pub fn with_limit(mut self, limit: u32) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Sets [`starting_after`](Self::starting_after).
    pub fn with_starting_after(mut self, starting_after: impl Into<String>) -> Self {
        self.starting_after = Some(starting_after.into());
        self
    }
}

/// A payment method being verified and set up for later.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct SetupIntent {
    /// Id, `seti_...`.
    pub id: String,
    /// Why it was canceled.
    pub cancellation_reason: Option<String>,
    /// What a browser or app confirms the setup with.
    #[serde(default, deserialize_with = "secret_option")]
    pub client_secret: Option<SecretString>,
    /// When it was made.
    #[serde(default, deserialize_with = "chrono::serde::ts_seconds_option::deserialize")]
    pub created: Option<DateTime<Utc>>,
    /// The customer.
    pub customer: Option<Expandable<Customer>>,
    /// Free text.
    pub description: Option<String>,
    /// Why the last attempt failed.
    pub last_setup_error: Option<Box<StripeError>>,
    /// The last attempt's id.
    pub latest_attempt: Option<String>,
    /// Whether it is real.
    #[serde(default, deserialize_with = "null_default")]
    pub livemode: bool,
    /// The mandate.
    pub mandate: Option<String>,
    /// The host's own entries.
    #[serde(default, deserialize_with = "null_default")]
    pub metadata: BTreeMap<String, String>,
    /// What the payer must do.
    pub next_action: Option<NextAction>,
    /// The payment method.
    pub payment_method: Option<Expandable<PaymentMethod>>,
    /// Kinds that may be used.
    #[serde(default, deserialize_with = "null_default")]
    pub payment_method_types: Vec<String>,
    /// How far it has come.
    #[serde(default, deserialize_with = "null_default")]
    pub status: SetupIntentStatus,
    /// `on_session` or `off_session`.
    pub usage: Option<String>,
    /// Whether Stripe answered with the stored result of an earlier request under the same idempotency key.
    #[serde(skip)]
    pub replayed: bool,
}

impl fmt::Debug for SetupIntent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SetupIntent")
            .field("id", &self.id)
            .field("cancellation_reason", &self.cancellation_reason)
            .field("created", &self.created)
            .field("customer", &self.customer)
            .field("last_setup_error", &self.last_setup_error)
            .field("latest_attempt", &self.latest_attempt)
            .field("livemode", &self.livemode)
            .field("mandate", &self.mandate)
            .field("next_action", &self.next_action)
            .field("payment_method", &self.payment_method)
            .field("payment_method_types", &self.payment_method_types)
            .field("status", &self.status)
            .field("usage", &self.usage)
            .finish_non_exhaustive()
    }
}

impl Object for SetupIntent {
    fn id(&self) -> &str {
        &self.id
    }
}

const CREATE: Operation = post("setup_intents.create");
const CONFIRM: Operation = post("setup_intents.confirm");
const CANCEL: Operation = post("setup_intents.cancel");
const RETRIEVE: Operation = get("setup_intents.retrieve");
static LIST: Operation = get("setup_intents.list");

/// Calls for setups: [`Stripe::setup_intents`].
#[derive(Debug, Clone, Copy)]
pub struct SetupIntents<'a> {
    stripe: &'a Stripe,
}

impl<'a> SetupIntents<'a> {
    pub(crate) fn new(stripe: &'a Stripe) -> Self {
        Self { stripe }
    }

    /// Makes a setup, and with `confirm` verifies the payment method: `POST /v1/setup_intents`.
    ///
    /// # Errors
    /// A refused payment method is an error whose [`StripeError`] carries the setup.
    pub async fn create(&self, params: &CreateSetupIntent, options: &CallOptions) -> Result<SetupIntent> {
        let (object, replayed) =
            self.stripe.post_replayable(&CREATE, "/v1/setup_intents", params, options).await?;
        Ok(SetupIntent { replayed, ..object })
    }

    /// Verifies the payment method: `POST /v1/setup_intents/{id}/confirm`.
    ///
    /// # Errors
    /// As [`create`](Self::create).
    pub async fn confirm(
        &self,
        id: &str,
        params: &ConfirmSetupIntent,
        options: &CallOptions,
    ) -> Result<SetupIntent> {
        let path = format!("/v1/setup_intents/{}/confirm", check_id(id)?);
        let (object, replayed) = self.stripe.post_replayable(&CONFIRM, &path, params, options).await?;
        Ok(SetupIntent { replayed, ..object })
    }

    /// Cancels a setup: `POST /v1/setup_intents/{id}/cancel`.
    pub async fn cancel(
        &self,
        id: &str,
        params: &CancelSetupIntent,
        options: &CallOptions,
    ) -> Result<SetupIntent> {
        let path = format!("/v1/setup_intents/{}/cancel", check_id(id)?);
        let (object, replayed) = self.stripe.post_replayable(&CANCEL, &path, params, options).await?;
        Ok(SetupIntent { replayed, ..object })
    }

    /// One setup: `GET /v1/setup_intents/{id}`.
    pub async fn retrieve(&self, id: &str, options: &CallOptions) -> Result<SetupIntent> {
        let path = format!("/v1/setup_intents/{}", check_id(id)?);
        self.stripe.get(&RETRIEVE, &path, &(), options).await
    }

    /// Setups, newest first: `GET /v1/setup_intents`.
    pub fn list(&self, params: &ListSetupIntents) -> ListRequest<SetupIntent> {
        ListRequest::list(self.stripe, &LIST, "/v1/setup_intents", params)
    }
}
