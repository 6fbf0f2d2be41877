//! Invoices.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, Utc};
use secrecy::SecretString;
use serde::Deserialize;
use turnbuckle_core::Result;
use turnbuckle_core::http::Operation;

use crate::client::{check_id, delete, get, post};
use crate::object::{null_default, secret_option, string_enum};
use crate::{
    CallOptions, Charge, CreateInvoice, Customer, Expandable, FinalizeInvoice, InvoiceLine, List,
    ListInvoiceLines, ListInvoices, ListRequest, Object, PayInvoice, PaymentIntent, PreviewInvoice, Stripe,
    StripeError, Subscription,
};

string_enum! {
    /// Where an invoice stands.
    InvoiceStatus {
        /// Still being written; nothing is collected.
        Draft = "draft",
        /// Waiting for payment.
        Open = "open",
        /// Paid.
        Paid = "paid",
        /// Given up.
        Uncollectible = "uncollectible",
        /// Void.
        Void = "void",
    }
}

/// What a customer owes. Addresses of its pages open it without a password: they are in no `Debug` output, nor is
/// anything personal.
#[expect(clippy::struct_excessive_bools, reason = "Stripe's own object")]
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct Invoice {
    /// Id, `in_...`; empty in a preview of old versions, `upcoming_in_...` in new ones.
    pub id: String,
    /// What is to be paid, in minor units.
    #[serde(default, deserialize_with = "null_default")]
    pub amount_due: i64,
    /// What was paid too much, in minor units.
    #[serde(default, deserialize_with = "null_default")]
    pub amount_overpaid: i64,
    /// What was paid, in minor units.
    #[serde(default, deserialize_with = "null_default")]
    pub amount_paid: i64,
    /// What is still to be paid, in minor units.
    #[serde(default, deserialize_with = "null_default")]
    pub amount_remaining: i64,
    /// How often payment was tried by itself.
    #[serde(default, deserialize_with = "null_default")]
    pub attempt_count: u32,
    /// Whether payment was tried.
    #[serde(default, deserialize_with = "null_default")]
    pub attempted: bool,
    /// Whether Stripe goes on by itself.
    #[serde(default, deserialize_with = "null_default")]
    pub auto_advance: bool,
    /// For example `subscription_create`, `subscription_cycle` or `manual`.
    pub billing_reason: Option<String>,
    /// `charge_automatically` or `send_invoice`.
    pub collection_method: Option<String>,
    /// What a browser or app confirms its payment with; sent when asked for with `expand`.
    pub confirmation_secret: Option<ConfirmationSecret>,
    /// When it was made.
    #[serde(default, deserialize_with = "chrono::serde::ts_seconds_option::deserialize")]
    pub created: Option<DateTime<Utc>>,
    /// ISO 4217 code in lower case.
    #[serde(default, deserialize_with = "null_default")]
    pub currency: String,
    /// The customer.
    pub customer: Option<Expandable<Customer>>,
    /// Email address of the customer then.
    pub customer_email: Option<String>,
    /// Name of the customer then.
    pub customer_name: Option<String>,
    /// Whether it is deleted; the other fields are empty then.
    #[serde(default, deserialize_with = "null_default")]
    pub deleted: bool,
    /// Free text that the payer reads.
    pub description: Option<String>,
    /// When it is due.
    #[serde(default, deserialize_with = "chrono::serde::ts_seconds_option::deserialize")]
    pub due_date: Option<DateTime<Utc>>,
    /// Stripe's page for the payer.
    pub hosted_invoice_url: Option<String>,
    /// The page as a file.
    pub invoice_pdf: Option<String>,
    /// Why it could not be finalized.
    pub last_finalization_error: Option<Box<StripeError>>,
    /// Its lines; more than ten come by [`Invoices::lines`].
    pub lines: Option<List<InvoiceLine>>,
    /// Whether it is real.
    #[serde(default, deserialize_with = "null_default")]
    pub livemode: bool,
    /// The host's own entries.
    #[serde(default, deserialize_with = "null_default")]
    pub metadata: BTreeMap<String, String>,
    /// When payment is tried next.
    #[serde(default, deserialize_with = "chrono::serde::ts_seconds_option::deserialize")]
    pub next_payment_attempt: Option<DateTime<Utc>>,
    /// Its number.
    pub number: Option<String>,
    /// The account that it is made for.
    pub on_behalf_of: Option<String>,
    /// What made it.
    pub parent: Option<InvoiceParent>,
    /// Its payments; sent when asked for with `expand`.
    pub payments: Option<List<InvoicePayment>>,
    /// End of the time that its pending items were collected in.
    #[serde(default, deserialize_with = "chrono::serde::ts_seconds_option::deserialize")]
    pub period_end: Option<DateTime<Utc>>,
    /// Start of it.
    #[serde(default, deserialize_with = "chrono::serde::ts_seconds_option::deserialize")]
    pub period_start: Option<DateTime<Utc>>,
    /// Number on the receipt.
    pub receipt_number: Option<String>,
    /// Text on the statement.
    pub statement_descriptor: Option<String>,
    /// Where it stands.
    #[serde(default, deserialize_with = "null_default")]
    pub status: InvoiceStatus,
    /// When it changed.
    pub status_transitions: Option<InvoiceTransitions>,
    /// Before discounts and taxes, in minor units.
    #[serde(default, deserialize_with = "null_default")]
    pub subtotal: i64,
    /// The test clock that it lives under.
    pub test_clock: Option<String>,
    /// With discounts and taxes, in minor units.
    #[serde(default, deserialize_with = "null_default")]
    pub total: i64,
}

impl fmt::Debug for Invoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Invoice")
            .field("id", &self.id)
            .field("amount_due", &self.amount_due)
            .field("amount_overpaid", &self.amount_overpaid)
            .field("amount_paid", &self.amount_paid)
            .field("amount_remaining", &self.amount_remaining)
            .field("attempt_count", &self.attempt_count)
            .field("attempted", &self.attempted)
            .field("auto_advance", &self.auto_advance)
            .field("billing_reason", &self.billing_reason)
            .field("collection_method", &self.collection_method)
            .field("created", &self.created)
            .field("currency", &self.currency)
            .field("customer", &self.customer)
            .field("deleted", &self.deleted)
            .field("due_date", &self.due_date)
            .field("last_finalization_error", &self.last_finalization_error)
            .field("livemode", &self.livemode)
            .field("next_payment_attempt", &self.next_payment_attempt)
            .field("number", &self.number)
            .field("on_behalf_of", &self.on_behalf_of)
            .field("parent", &self.parent)
            .field("payments", &self.payments)
            .field("period_end", &self.period_end)
            .field("period_start", &self.period_start)
            .field("status", &self.status)
            .field("status_transitions", &self.status_transitions)
            .field("subtotal", &self.subtotal)
            .field("test_clock", &self.test_clock)
            .field("total", &self.total)
            .finish_non_exhaustive()
    }
}

impl Object for Invoice {
    fn id(&self) -> &str {
        &self.id
    }
}

/// What a browser or app confirms an invoice's payment with.
#[derive(Clone, Default, Deserialize)]
#[non_exhaustive]
pub struct ConfirmationSecret {
    /// The secret.
    #[serde(default, deserialize_with = "secret_option")]
    pub client_secret: Option<SecretString>,
    /// `payment_intent` so far.
    #[serde(rename = "type", default, deserialize_with = "null_default")]
    pub secret_type: String,
}

impl fmt::Debug for ConfirmationSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConfirmationSecret").field("secret_type", &self.secret_type).finish_non_exhaustive()
    }
}

/// What made an invoice.
#[derive(Clone, Debug, Default, Deserialize)]
#[non_exhaustive]
pub struct InvoiceParent {
    /// `subscription_details` or `quote_details`.
    #[serde(rename = "type", default, deserialize_with = "null_default")]
    pub parent_type: String,
    /// The subscription.
    pub subscription_details: Option<InvoiceSubscription>,
}

/// The subscription that made an invoice, as it was then.
#[derive(Clone, Default, Deserialize)]
#[non_exhaustive]
pub struct InvoiceSubscription {
    /// The subscription.
    pub subscription: Option<Expandable<Subscription>>,
    /// The host's own entries.
    #[serde(default, deserialize_with = "null_default")]
    pub metadata: BTreeMap<String, String>,
}

impl fmt::Debug for InvoiceSubscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InvoiceSubscription")
            .field("subscription", &self.subscription)
            .finish_non_exhaustive()
    }
}

/// When an invoice changed.
#[derive(Clone, Debug, Default, Deserialize)]
#[non_exhaustive]
pub struct InvoiceTransitions {
    /// Finalized.
    #[serde(default, deserialize_with = "chrono::serde::ts_seconds_option::deserialize")]
    pub finalized_at: Option<DateTime<Utc>>,
    /// Given up.
    #[serde(default, deserialize_with = "chrono::serde::ts_seconds_option::deserialize")]
    pub marked_uncollectible_at: Option<DateTime<Utc>>,
    /// Paid.
    #[serde(default, deserialize_with = "chrono::serde::ts_seconds_option::deserialize")]
    pub paid_at: Option<DateTime<Utc>>,
    /// Made void.
    #[serde(default, deserialize_with = "chrono::serde::ts_seconds_option::deserialize")]
    pub voided_at: Option<DateTime<Utc>>,
}

/// A payment of an invoice.
#[derive(Clone, Debug, Deserialize)]
#[non_exhaustive]
pub struct InvoicePayment {
    /// Id, `inpay_...`.
    pub id: String,
    /// What it paid, in minor units.
    pub amount_paid: Option<i64>,
    /// What it was to pay, in minor units.
    #[serde(default, deserialize_with = "null_default")]
    pub amount_requested: i64,
    /// When it was made.
    #[serde(default, deserialize_with = "chrono::serde::ts_seconds_option::deserialize")]
    pub created: Option<DateTime<Utc>>,
    /// ISO 4217 code in lower case.
    #[serde(default, deserialize_with = "null_default")]
    pub currency: String,
    /// The invoice.
    pub invoice: Option<Expandable<Invoice>>,
    /// Whether it is the payment that Stripe itself made for the invoice.
    #[serde(default, deserialize_with = "null_default")]
    pub is_default: bool,
    /// Whether it is real.
    #[serde(default, deserialize_with = "null_default")]
    pub livemode: bool,
    /// What paid.
    pub payment: Option<InvoicePaymentSource>,
    /// `open`, `paid` or `canceled`.
    #[serde(default, deserialize_with = "null_default")]
    pub status: String,
}

impl Object for InvoicePayment {
    fn id(&self) -> &str {
        &self.id
    }
}

/// What paid an invoice.
#[derive(Clone, Debug, Default, Deserialize)]
#[non_exhaustive]
pub struct InvoicePaymentSource {
    /// `payment_intent`, `charge` or `payment_record`.
    #[serde(rename = "type", default, deserialize_with = "null_default")]
    pub source_type: String,
    /// The charge.
    pub charge: Option<Expandable<Charge>>,
    /// The payment.
    pub payment_intent: Option<Expandable<PaymentIntent>>,
}

const CREATE: Operation = post("invoices.create");
const CREATE_PREVIEW: Operation = post("invoices.create_preview");
const RETRIEVE: Operation = get("invoices.retrieve");
static LINES: Operation = get("invoices.lines");
const FINALIZE: Operation = post("invoices.finalize");
const PAY: Operation = post("invoices.pay");
const VOID: Operation = post("invoices.void");
const DELETE: Operation = delete("invoices.delete");
static LIST: Operation = get("invoices.list");

/// Calls for invoices: [`Stripe::invoices`].
#[derive(Debug, Clone, Copy)]
pub struct Invoices<'a> {
    stripe: &'a Stripe,
}

impl<'a> Invoices<'a> {
    pub(crate) fn new(stripe: &'a Stripe) -> Self {
        Self { stripe }
    }

    /// Makes a draft: `POST /v1/invoices`.
    pub async fn create(self, params: &CreateInvoice, options: &CallOptions) -> Result<Invoice> {
        self.stripe.post(&CREATE, "/v1/invoices", params, options).await
    }

    /// What an invoice would say; nothing is made: `POST /v1/invoices/create_preview`.
    pub async fn create_preview(self, params: &PreviewInvoice, options: &CallOptions) -> Result<Invoice> {
        self.stripe.post(&CREATE_PREVIEW, "/v1/invoices/create_preview", params, options).await
    }

    /// One invoice: `GET /v1/invoices/{id}`.
    pub async fn retrieve(self, id: &str, options: &CallOptions) -> Result<Invoice> {
        let path = format!("/v1/invoices/{}", check_id(id)?);
        self.stripe.get(&RETRIEVE, &path, &(), options).await
    }

    /// Lines of an invoice: `GET /v1/invoices/{id}/lines`.
    pub fn lines(self, id: &str, params: &ListInvoiceLines) -> ListRequest<InvoiceLine> {
        let path = check_id(id).map(|id| format!("/v1/invoices/{id}/lines"));
        ListRequest::list_below(self.stripe, &LINES, path, params)
    }

    /// Ends an invoice's time as a draft: `POST /v1/invoices/{id}/finalize`.
    pub async fn finalize(
        self,
        id: &str,
        params: &FinalizeInvoice,
        options: &CallOptions,
    ) -> Result<Invoice> {
        let path = format!("/v1/invoices/{}/finalize", check_id(id)?);
        self.stripe.post(&FINALIZE, &path, params, options).await
    }

    /// Pays an invoice: `POST /v1/invoices/{id}/pay`.
    /// # Errors
    /// A decline is an error whose [`StripeError`] carries the payment.
    pub async fn pay(self, id: &str, params: &PayInvoice, options: &CallOptions) -> Result<Invoice> {
        let path = format!("/v1/invoices/{}/pay", check_id(id)?);
        self.stripe.post(&PAY, &path, params, options).await
    }

    /// Makes a finalized invoice void; this cannot be undone: `POST /v1/invoices/{id}/void`.
    pub async fn void(self, id: &str, options: &CallOptions) -> Result<Invoice> {
        let path = format!("/v1/invoices/{}/void", check_id(id)?);
        self.stripe.post(&VOID, &path, &(), options).await
    }

    /// Deletes a draft: `DELETE /v1/invoices/{id}`.
    /// # Errors
    /// [`NotFound`](turnbuckle_core::ErrorKind::NotFound) when it is gone already.
    pub async fn delete(self, id: &str, options: &CallOptions) -> Result<Invoice> {
        let path = format!("/v1/invoices/{}", check_id(id)?);
        self.stripe.delete(&DELETE, &path, options).await
    }

    /// Invoices, newest first: `GET /v1/invoices`.
    pub fn list(self, params: &ListInvoices) -> ListRequest<Invoice> {
        ListRequest::list(self.stripe, &LIST, "/v1/invoices", params)
    }
}
