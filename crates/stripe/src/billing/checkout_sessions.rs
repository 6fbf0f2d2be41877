//! Checkout sessions: payment pages of Stripe's for one payer.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, Utc};
use secrecy::SecretString;
use serde::Deserialize;
use turnbuckle_core::Result;
use turnbuckle_core::http::Operation;

use crate::client::{check_id, get, post};
use crate::object::{null_default, secret_option};
use crate::{
    Address, CallOptions, CreateCheckoutSession, Customer, Expandable, Invoice, List, ListCheckoutSessions,
    ListLineItems, ListRequest, Object, PaymentIntent, Price, SetupIntent, Stripe, Subscription,
};

/// A payment page for one payer. Its address and secret open it: they are in no `Debug` output.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct CheckoutSession {
    /// Id, `cs_...`.
    pub id: String,
    /// Before discounts and taxes, in minor units.
    pub amount_subtotal: Option<i64>,
    /// With discounts and taxes, in minor units.
    pub amount_total: Option<i64>,
    /// Where the payer goes who turns back.
    pub cancel_url: Option<String>,
    /// The host's own reference.
    pub client_reference_id: Option<String>,
    /// What an embedded page is opened with.
    #[serde(default, deserialize_with = "secret_option")]
    pub client_secret: Option<SecretString>,
    /// When it was made.
    #[serde(default, deserialize_with = "chrono::serde::ts_seconds_option::deserialize")]
    pub created: Option<DateTime<Utc>>,
    /// ISO 4217 code in lower case.
    pub currency: Option<String>,
    /// The customer.
    pub customer: Option<Expandable<Customer>>,
    /// Who the payer turned out to be.
    pub customer_details: Option<CheckoutCustomer>,
    /// Email address to begin with.
    pub customer_email: Option<String>,
    /// When it ends.
    #[serde(default, deserialize_with = "chrono::serde::ts_seconds_option::deserialize")]
    pub expires_at: Option<DateTime<Utc>>,
    /// The invoice.
    pub invoice: Option<Expandable<Invoice>>,
    /// What is bought; sent when asked for with `expand`.
    pub line_items: Option<List<LineItem>>,
    /// Whether it is real.
    #[serde(default, deserialize_with = "null_default")]
    pub livemode: bool,
    /// The host's own entries.
    #[serde(default, deserialize_with = "null_default")]
    pub metadata: BTreeMap<String, String>,
    /// `payment`, `subscription` or `setup`.
    #[serde(default, deserialize_with = "null_default")]
    pub mode: String,
    /// With `payment`: the payment.
    pub payment_intent: Option<Expandable<PaymentIntent>>,
    /// The payment link that it came from.
    pub payment_link: Option<String>,
    /// Kinds that may be used.
    #[serde(default, deserialize_with = "null_default")]
    pub payment_method_types: Vec<String>,
    /// `paid`, `unpaid` or `no_payment_required`. Only this says whether to deliver.
    #[serde(default, deserialize_with = "null_default")]
    pub payment_status: String,
    /// With `setup`: the setup.
    pub setup_intent: Option<Expandable<SetupIntent>>,
    /// `open`, `complete` or `expired`. `complete` alone does not mean paid.
    pub status: Option<String>,
    /// With `subscription`: the subscription.
    pub subscription: Option<Expandable<Subscription>>,
    /// Where the payer goes afterwards.
    pub success_url: Option<String>,
    /// How the page is shown.
    pub ui_mode: Option<String>,
    /// The page.
    #[serde(default, deserialize_with = "secret_option")]
    pub url: Option<SecretString>,
}

impl fmt::Debug for CheckoutSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CheckoutSession")
            .field("id", &self.id)
            .field("amount_subtotal", &self.amount_subtotal)
            .field("amount_total", &self.amount_total)
            .field("created", &self.created)
            .field("currency", &self.currency)
            .field("customer", &self.customer)
            .field("expires_at", &self.expires_at)
            .field("invoice", &self.invoice)
            .field("livemode", &self.livemode)
            .field("mode", &self.mode)
            .field("payment_intent", &self.payment_intent)
            .field("payment_link", &self.payment_link)
            .field("payment_method_types", &self.payment_method_types)
            .field("payment_status", &self.payment_status)
            .field("setup_intent", &self.setup_intent)
            .field("status", &self.status)
            .field("subscription", &self.subscription)
            .field("ui_mode", &self.ui_mode)
            .finish_non_exhaustive()
    }
}

impl Object for CheckoutSession {
    fn id(&self) -> &str {
        &self.id
    }
}

/// Who a payer turned out to be. Personal: it is in no `Debug` output.
#[derive(Clone, Default, Deserialize)]
#[non_exhaustive]
pub struct CheckoutCustomer {
    /// Address.
    pub address: Option<Address>,
    /// Email address.
    pub email: Option<String>,
    /// Full name.
    pub name: Option<String>,
    /// Telephone number.
    pub phone: Option<String>,
    /// `none`, `exempt` or `reverse`.
    pub tax_exempt: Option<String>,
}

impl fmt::Debug for CheckoutCustomer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CheckoutCustomer").field("tax_exempt", &self.tax_exempt).finish_non_exhaustive()
    }
}

/// Something bought on a payment page.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct LineItem {
    /// Id, `li_...`.
    pub id: String,
    /// Taken off, in minor units.
    #[serde(default, deserialize_with = "null_default")]
    pub amount_discount: i64,
    /// Before discounts and taxes, in minor units.
    #[serde(default, deserialize_with = "null_default")]
    pub amount_subtotal: i64,
    /// Taxes in minor units.
    #[serde(default, deserialize_with = "null_default")]
    pub amount_tax: i64,
    /// With discounts and taxes, in minor units.
    #[serde(default, deserialize_with = "null_default")]
    pub amount_total: i64,
    /// ISO 4217 code in lower case.
    #[serde(default, deserialize_with = "null_default")]
    pub currency: String,
    /// What it is.
    pub description: Option<String>,
    /// The price.
    pub price: Option<Price>,
    /// How many.
    pub quantity: Option<u64>,
}

impl fmt::Debug for LineItem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LineItem")
            .field("id", &self.id)
            .field("amount_discount", &self.amount_discount)
            .field("amount_subtotal", &self.amount_subtotal)
            .field("amount_tax", &self.amount_tax)
            .field("amount_total", &self.amount_total)
            .field("currency", &self.currency)
            .field("price", &self.price)
            .field("quantity", &self.quantity)
            .finish_non_exhaustive()
    }
}

impl Object for LineItem {
    fn id(&self) -> &str {
        &self.id
    }
}

const CREATE: Operation = post("checkout_sessions.create");
const RETRIEVE: Operation = get("checkout_sessions.retrieve");
const EXPIRE: Operation = post("checkout_sessions.expire");
static LINE_ITEMS: Operation = get("checkout_sessions.line_items");
static LIST: Operation = get("checkout_sessions.list");

/// Calls for checkout sessions: [`Stripe::checkout_sessions`].
#[derive(Debug, Clone, Copy)]
pub struct CheckoutSessions<'a> {
    stripe: &'a Stripe,
}

impl<'a> CheckoutSessions<'a> {
    pub(crate) fn new(stripe: &'a Stripe) -> Self {
        Self { stripe }
    }

    /// Makes a payment page: `POST /v1/checkout/sessions`.
    pub async fn create(
        self,
        params: &CreateCheckoutSession,
        options: &CallOptions,
    ) -> Result<CheckoutSession> {
        self.stripe.post(&CREATE, "/v1/checkout/sessions", params, options).await
    }

    /// One session: `GET /v1/checkout/sessions/{id}`.
    pub async fn retrieve(self, id: &str, options: &CallOptions) -> Result<CheckoutSession> {
        let path = format!("/v1/checkout/sessions/{}", check_id(id)?);
        self.stripe.get(&RETRIEVE, &path, &(), options).await
    }

    /// Ends an open session, so that nobody can pay it any more: `POST /v1/checkout/sessions/{id}/expire`.
    pub async fn expire(self, id: &str, options: &CallOptions) -> Result<CheckoutSession> {
        let path = format!("/v1/checkout/sessions/{}/expire", check_id(id)?);
        self.stripe.post(&EXPIRE, &path, &(), options).await
    }

    /// What is bought: `GET /v1/checkout/sessions/{id}/line_items`.
    pub fn line_items(self, id: &str, params: &ListLineItems) -> ListRequest<LineItem> {
        let path = check_id(id).map(|id| format!("/v1/checkout/sessions/{id}/line_items"));
        ListRequest::list_below(self.stripe, &LINE_ITEMS, path, params)
    }

    /// Sessions, newest first: `GET /v1/checkout/sessions`.
    pub fn list(self, params: &ListCheckoutSessions) -> ListRequest<CheckoutSession> {
        ListRequest::list(self.stripe, &LIST, "/v1/checkout/sessions", params)
    }
}
