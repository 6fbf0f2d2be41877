//! Invoice items: what the next invoice will charge or credit.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use turnbuckle_core::Result;
use turnbuckle_core::http::Operation;

use crate::client::{check_id, delete, get, post};
use crate::object::null_default;
use crate::{
    CallOptions, CreateInvoiceItem, Customer, Expandable, Invoice, ListInvoiceItems, ListRequest, Object,
    Period, Pricing, Stripe, UpdateInvoiceItem,
};

/// What the next invoice will charge or credit.
#[expect(clippy::struct_excessive_bools, reason = "Stripe's own object")]
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct InvoiceItem {
    /// Id, `ii_...`.
    pub id: String,
    /// In minor units.
    #[serde(default, deserialize_with = "null_default")]
    pub amount: i64,
    /// ISO 4217 code in lower case.
    #[serde(default, deserialize_with = "null_default")]
    pub currency: String,
    /// The customer.
    pub customer: Option<Expandable<Customer>>,
    /// When it was made.
    #[serde(default, deserialize_with = "chrono::serde::ts_seconds_option::deserialize")]
    pub date: Option<DateTime<Utc>>,
    /// Whether it is deleted; the other fields are empty then.
    #[serde(default, deserialize_with = "null_default")]
    pub deleted: bool,
    /// Free text that the payer reads.
    pub description: Option<String>,
    /// Whether discounts apply.
    #[serde(default, deserialize_with = "null_default")]
    pub discountable: bool,
    /// The invoice.
    pub invoice: Option<Expandable<Invoice>>,
    /// Whether it is real.
    #[serde(default, deserialize_with = "null_default")]
    pub livemode: bool,
    /// The host's own entries.
    #[serde(default, deserialize_with = "null_default")]
    pub metadata: BTreeMap<String, String>,
    /// The time that it is for.
    pub period: Option<Period>,
    /// Its price.
    pub pricing: Option<Pricing>,
    /// Whether it is a proration.
    #[serde(default, deserialize_with = "null_default")]
    pub proration: bool,
    /// How many.
    #[serde(default, deserialize_with = "null_default")]
    pub quantity: u64,
}

impl fmt::Debug for InvoiceItem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InvoiceItem")
            .field("id", &self.id)
            .field("amount", &self.amount)
            .field("currency", &self.currency)
            .field("customer", &self.customer)
            .field("date", &self.date)
            .field("deleted", &self.deleted)
            .field("discountable", &self.discountable)
            .field("invoice", &self.invoice)
            .field("livemode", &self.livemode)
            .field("period", &self.period)
            .field("pricing", &self.pricing)
            .field("proration", &self.proration)
            .field("quantity", &self.quantity)
            .finish_non_exhaustive()
    }
}

impl Object for InvoiceItem {
    fn id(&self) -> &str {
        &self.id
    }
}

const CREATE: Operation = post("invoice_items.create");
const RETRIEVE: Operation = get("invoice_items.retrieve");
const UPDATE: Operation = post("invoice_items.update");
const DELETE: Operation = delete("invoice_items.delete");
static LIST: Operation = get("invoice_items.list");

/// Calls for invoice items: [`Stripe::invoice_items`].
#[derive(Debug, Clone, Copy)]
pub struct InvoiceItems<'a> {
    stripe: &'a Stripe,
}

impl<'a> InvoiceItems<'a> {
    pub(crate) fn new(stripe: &'a Stripe) -> Self {
        Self { stripe }
    }

    /// Makes an item: `POST /v1/invoiceitems`.
    pub async fn create(self, params: &CreateInvoiceItem, options: &CallOptions) -> Result<InvoiceItem> {
        self.stripe.post(&CREATE, "/v1/invoiceitems", params, options).await
    }

    /// One item: `GET /v1/invoiceitems/{id}`.
    pub async fn retrieve(self, id: &str, options: &CallOptions) -> Result<InvoiceItem> {
        let path = format!("/v1/invoiceitems/{}", check_id(id)?);
        self.stripe.get(&RETRIEVE, &path, &(), options).await
    }

    /// Changes an item: `POST /v1/invoiceitems/{id}`.
    pub async fn update(
        self,
        id: &str,
        params: &UpdateInvoiceItem,
        options: &CallOptions,
    ) -> Result<InvoiceItem> {
        let path = format!("/v1/invoiceitems/{}", check_id(id)?);
        self.stripe.post(&UPDATE, &path, params, options).await
    }

    /// Deletes an item that is on no finalized invoice: `DELETE /v1/invoiceitems/{id}`.
    /// # Errors
    /// [`NotFound`](turnbuckle_core::ErrorKind::NotFound) when it is gone already.
    pub async fn delete(self, id: &str, options: &CallOptions) -> Result<InvoiceItem> {
        let path = format!("/v1/invoiceitems/{}", check_id(id)?);
        self.stripe.delete(&DELETE, &path, options).await
    }

    /// Items, newest first: `GET /v1/invoiceitems`.
    pub fn list(self, params: &ListInvoiceItems) -> ListRequest<InvoiceItem> {
        ListRequest::list(self.stripe, &LIST, "/v1/invoiceitems", params)
    }
}
