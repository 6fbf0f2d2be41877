//! Payment links: payment pages that many payers use.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use turnbuckle_core::Result;
use turnbuckle_core::http::Operation;

use crate::client::{check_id, get, post};
use crate::object::null_default;
use crate::{
    CallOptions, CreatePaymentLink, LineItem, List, ListLineItems, ListPaymentLinks, ListRequest, Object,
    Stripe, UpdatePaymentLink,
};

/// A payment page that many payers use. Its address is meant for the public.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct PaymentLink {
    /// Id, `plink_...`.
    pub id: String,
    /// Whether payers can use it.
    #[serde(default, deserialize_with = "null_default")]
    pub active: bool,
    /// The platform's fee in minor units.
    pub application_fee_amount: Option<i64>,
    /// ISO 4217 code in lower case.
    pub currency: Option<String>,
    /// What is bought; sent when asked for with `expand`.
    pub line_items: Option<List<LineItem>>,
    /// Whether it is real.
    #[serde(default, deserialize_with = "null_default")]
    pub livemode: bool,
    /// The host's own entries.
    #[serde(default, deserialize_with = "null_default")]
    pub metadata: BTreeMap<String, String>,
    /// The account that it is made for.
    pub on_behalf_of: Option<String>,
    /// Kinds that may be used.
    #[serde(default, deserialize_with = "null_default")]
    pub payment_method_types: Vec<String>,
    /// What the button says.
    pub submit_type: Option<String>,
    /// The page.
    #[serde(default, deserialize_with = "null_default")]
    pub url: String,
}

impl fmt::Debug for PaymentLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PaymentLink")
            .field("id", &self.id)
            .field("active", &self.active)
            .field("application_fee_amount", &self.application_fee_amount)
            .field("currency", &self.currency)
            .field("livemode", &self.livemode)
            .field("on_behalf_of", &self.on_behalf_of)
            .field("payment_method_types", &self.payment_method_types)
            .field("submit_type", &self.submit_type)
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

impl Object for PaymentLink {
    fn id(&self) -> &str {
        &self.id
    }
}

const CREATE: Operation = post("payment_links.create");
const RETRIEVE: Operation = get("payment_links.retrieve");
static LINE_ITEMS: Operation = get("payment_links.line_items");
const UPDATE: Operation = post("payment_links.update");
static LIST: Operation = get("payment_links.list");

/// Calls for payment links: [`Stripe::payment_links`].
#[derive(Debug, Clone, Copy)]
pub struct PaymentLinks<'a> {
    stripe: &'a Stripe,
}

impl<'a> PaymentLinks<'a> {
    pub(crate) fn new(stripe: &'a Stripe) -> Self {
        Self { stripe }
    }

    /// Makes a payment link: `POST /v1/payment_links`.
    pub async fn create(self, params: &CreatePaymentLink, options: &CallOptions) -> Result<PaymentLink> {
        self.stripe.post(&CREATE, "/v1/payment_links", params, options).await
    }

    /// One payment link: `GET /v1/payment_links/{id}`.
    pub async fn retrieve(self, id: &str, options: &CallOptions) -> Result<PaymentLink> {
        let path = format!("/v1/payment_links/{}", check_id(id)?);
        self.stripe.get(&RETRIEVE, &path, &(), options).await
    }

    /// What is bought: `GET /v1/payment_links/{id}/line_items`.
    pub fn line_items(self, id: &str, params: &ListLineItems) -> ListRequest<LineItem> {
        let path = check_id(id).map(|id| format!("/v1/payment_links/{id}/line_items"));
        ListRequest::list_below(self.stripe, &LINE_ITEMS, path, params)
    }

    /// Changes a payment link; it is never deleted, only made inactive: `POST /v1/payment_links/{id}`.
    pub async fn update(
        self,
        id: &str,
        params: &UpdatePaymentLink,
        options: &CallOptions,
    ) -> Result<PaymentLink> {
        let path = format!("/v1/payment_links/{}", check_id(id)?);
        self.stripe.post(&UPDATE, &path, params, options).await
    }

    /// Payment links, newest first: `GET /v1/payment_links`.
    pub fn list(self, params: &ListPaymentLinks) -> ListRequest<PaymentLink> {
        ListRequest::list(self.stripe, &LIST, "/v1/payment_links", params)
    }
}
