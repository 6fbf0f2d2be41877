//! Parameters of invoices.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::{AccountChoice, AutomaticTax, Created, Discount, Field, TransferData};

/// A new invoice: a draft with the customer's pending items.
#[derive(Clone, Serialize)]
#[non_exhaustive]
pub struct CreateInvoice {
    /// The customer.
    pub customer: String,
    /// The merchant's tax ids.
    pub account_tax_ids: Vec<String>,
    /// The platform's fee in minor units.
    pub application_fee_amount: Option<i64>,
    /// Lets Stripe finalize and collect it by itself.
    pub auto_advance: Option<bool>,
    /// Lets Stripe work out taxes.
    pub automatic_tax: Option<AutomaticTax>,
    /// When Stripe finalizes it by itself.
    #[serde(serialize_with = "chrono::serde::ts_seconds_option::serialize")]
    pub automatically_finalizes_at: Option<DateTime<Utc>>,
    /// `charge_automatically` (Stripe's default) or `send_invoice`.
    pub collection_method: Option<String>,
    /// ISO 4217 code in lower case; the customer's otherwise.
    pub currency: Option<String>,
    /// Up to four lines of the host's own.
    pub custom_fields: Vec<InvoiceCustomField>,
    /// With `send_invoice`: days until it is due.
    pub days_until_due: Option<u32>,
    /// What pays.
    pub default_payment_method: Option<String>,
    /// Tax rates of lines that have none.
    pub default_tax_rates: Vec<String>,
    /// Free text that the payer reads.
    pub description: Option<String>,
    /// Discounts.
    pub discounts: Vec<Discount>,
    /// With `send_invoice`: when it is due.
    #[serde(serialize_with = "chrono::serde::ts_seconds_option::serialize")]
    pub due_date: Option<DateTime<Utc>>,
    /// The date printed on it.
    #[serde(serialize_with = "chrono::serde::ts_seconds_option::serialize")]
    pub effective_at: Option<DateTime<Utc>>,
    /// Text at the foot.
    pub footer: Option<String>,
    /// Who issues it.
    pub issuer: Option<AccountChoice>,
    /// Its number, where the host numbers invoices.
    pub number: Option<String>,
    /// The account that it is made for.
    pub on_behalf_of: Option<String>,
    /// `include` or `exclude` (Stripe's default).
    pub pending_invoice_items_behavior: Option<String>,
    /// Text on the statement.
    pub statement_descriptor: Option<String>,
    /// A subscription whose pending items it takes.
    pub subscription: Option<String>,
    /// Sends the money on to a connected account.
    pub transfer_data: Option<TransferData>,
    /// Up to 50 entries of the host's own.
    pub metadata: BTreeMap<String, String>,
}

impl CreateInvoice {
    /// The required fields; nothing else is sent.
    pub fn new(customer: impl Into<String>) -> Self {
        Self {
            customer: customer.into(),
            account_tax_ids: Vec::new(),
            application_fee_amount: None,
            auto_advance: None,
            automatic_tax: None,
            automatically_finalizes_at: None,
            collection_method: None,
            currency: None,
            custom_fields: Vec::new(),
            days_until_due: None,
            default_payment_method: None,
            default_tax_rates: Vec::new(),
            description: None,
            discounts: Vec::new(),
            due_date: None,
            effective_at: None,
            footer: None,
            issuer: None,
            number: None,
            on_behalf_of: None,
            pending_invoice_items_behavior: None,
            statement_descriptor: None,
            subscription: None,
            transfer_data: None,
            metadata: BTreeMap::new(),
        }
    }

    /// Sets [`account_tax_ids`](Self::account_tax_ids).
    pub fn with_account_tax_ids<T: Into<String>>(
        mut self,
        account_tax_ids: impl IntoIterator<Item = T>,
    ) -> Self {
        self.account_tax_ids = account_tax_ids.into_iter().map(Into::into).collect();
        self
    }

    /// Sets [`application_fee_amount`](Self::application_fee_amount).
    pub fn with_application_fee_amount(mut self, application_fee_amount: i64) -> Self {
        self.application_fee_amount = Some(application_fee_amount);
        self
    }

    /// Sets [`auto_advance`](Self::auto_advance).
    pub fn with_auto_advance(mut self, auto_advance: bool) -> Self {
        self.auto_advance = Some(auto_advance);
        self
    }

    /// Sets [`automatic_tax`](Self::automatic_tax).
    pub fn with_automatic_tax(mut self, automatic_tax: AutomaticTax) -> Self {
        self.automatic_tax = Some(automatic_tax);
        self
    }

    /// Sets [`automatically_finalizes_at`](Self::automatically_finalizes_at).
    pub fn with_automatically_finalizes_at(mut self, automatically_finalizes_at: DateTime<Utc>) -> Self {
        self.automatically_finalizes_at = Some(automatically_finalizes_at);
        self
    }

    /// Sets [`collection_method`](Self::collection_method).
    pub fn with_collection_method(mut self, collection_method: impl Into<String>) -> Self {
        self.collection_method = Some(collection_method.into());
        self
    }

    /// Sets [`currency`](Self::currency).
    pub fn with_currency(mut self, currency: impl Into<String>) -> Self {
        self.currency = Some(currency.into());
        self
    }

    /// Adds one to [`custom_fields`](Self::custom_fields).
    pub fn with_custom_field(mut self, custom_field: InvoiceCustomField) -> Self {
        self.custom_fields.push(custom_field);
        self
    }

    /// Sets [`days_until_due`](Self::days_until_due).
    pub fn with_days_until_due(mut self, days_until_due: u32) -> Self {
        self.days_until_due = Some(days_until_due);
        self
    }

    /// Sets [`default_payment_method`](Self::default_payment_method).
    pub fn with_default_payment_method(mut self, default_payment_method: impl Into<String>) -> Self {
        self.default_payment_method = Some(default_payment_method.into());
        self
    }

    /// Sets [`default_tax_rates`](Self::default_tax_rates).
    pub fn with_default_tax_rates<T: Into<String>>(
        mut self,
        default_tax_rates: impl IntoIterator<Item = T>,
    ) -> Self {
        self.default_tax_rates = default_tax_rates.into_iter().map(Into::into).collect();
        self
    }

    /// Sets [`description`](Self::description).
    pub fn with_description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// Adds one to [`discounts`](Self::discounts).
    pub fn with_discount(mut self, discount: Discount) -> Self {
        self.discounts.push(discount);
        self
    }

    /// Sets [`due_date`](Self::due_date).
    pub fn with_due_date(mut self, due_date: DateTime<Utc>) -> Self {
        self.due_date = Some(due_date);
        self
    }

    /// Sets [`effective_at`](Self::effective_at).
    pub fn with_effective_at(mut self, effective_at: DateTime<Utc>) -> Self {
        self.effective_at = Some(effective_at);
        self
    }

    /// Sets [`footer`](Self::footer).
    pub fn with_footer(mut self, footer: impl Into<String>) -> Self {
        self.footer = Some(footer.into());
        self
    }

    /// Sets [`issuer`](Self::issuer).
    pub fn with_issuer(mut self, issuer: AccountChoice) -> Self {
        self.issuer = Some(issuer);
        self
    }

    /// Sets [`number`](Self::number).
    pub fn with_number(mut self, number: impl Into<String>) -> Self {
        self.number = Some(number.into());
        self
    }

    /// Sets [`on_behalf_of`](Self::on_behalf_of).
    pub fn with_on_behalf_of(mut self, on_behalf_of: impl Into<String>) -> Self {
        self.on_behalf_of = Some(on_behalf_of.into());
        self
    }

    /// Sets [`pending_invoice_items_behavior`](Self::pending_invoice_items_behavior).
    pub fn with_pending_invoice_items_behavior(
        mut self,
        pending_invoice_items_behavior: impl Into<String>,
    ) -> Self {
        self.pending_invoice_items_behavior = Some(pending_invoice_items_behavior.into());
        self
    }

    /// Sets [`statement_descriptor`](Self::statement_descriptor).
    pub fn with_statement_descriptor(mut self, statement_descriptor: impl Into<String>) -> Self {
        self.statement_descriptor = Some(statement_descriptor.into());
        self
    }

    /// Sets [`subscription`](Self::subscription).
    pub fn with_subscription(mut self, subscription: impl Into<String>) -> Self {
        self.subscription = Some(subscription.into());
        self
    }

    /// Sets [`transfer_data`](Self::transfer_data).
    pub fn with_transfer_data(mut self, transfer_data: TransferData) -> Self {
        self.transfer_data = Some(transfer_data);
        self
    }

    /// Adds one entry to [`metadata`](Self::metadata).
    pub fn with_metadata(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.metadata.insert(key.into(), value.into());
        self
    }
}

impl fmt::Debug for CreateInvoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CreateInvoice")
            .field("customer", &self.customer)
            .field("account_tax_ids", &self.account_tax_ids)
            .field("application_fee_amount", &self.application_fee_amount)
            .field("auto_advance", &self.auto_advance)
            .field("automatic_tax", &self.automatic_tax)
            .field("automatically_finalizes_at", &self.automatically_finalizes_at)
            .field("collection_method", &self.collection_method)
            .field("currency", &self.currency)
            .field("days_until_due", &self.days_until_due)
            .field("default_payment_method", &self.default_payment_method)
            .field("default_tax_rates", &self.default_tax_rates)
            .field("discounts", &self.discounts)
            .field("due_date", &self.due_date)
            .field("effective_at", &self.effective_at)
            .field("issuer", &self.issuer)
            .field("number", &self.number)
            .field("on_behalf_of", &self.on_behalf_of)
            .field("pending_invoice_items_behavior", &self.pending_invoice_items_behavior)
            .field("subscription", &self.subscription)
            .field("transfer_data", &self.transfer_data)
            .finish_non_exhaustive()
    }
}

/// A line of the host's own on an invoice.
#[derive(Clone, Serialize)]
#[non_exhaustive]
pub struct InvoiceCustomField {
    /// What it is, up to 40 characters.
    pub name: String,
    /// What it says, up to 140 characters.
    pub value: String,
}

impl InvoiceCustomField {
    /// The required fields; nothing else is sent.
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self { name: name.into(), value: value.into() }
    }
}

impl fmt::Debug for InvoiceCustomField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InvoiceCustomField").finish_non_exhaustive()
    }
}

/// Which invoices to list, newest first.
#[derive(Clone, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct ListInvoices {
    /// `charge_automatically` or `send_invoice`.
    pub collection_method: Option<String>,
    /// Of this customer.
    pub customer: Option<String>,
    /// Due in this time.
    pub due_date: Option<Created>,
    /// `draft`, `open`, `paid`, `uncollectible` or `void`.
    pub status: Option<String>,
    /// Of this subscription.
    pub subscription: Option<String>,
    /// Created in this time.
    pub created: Option<Created>,
    /// Objects a page, 1 to 100; Stripe's default is 10.
    pub limit: Option<u32>,
    /// After this id.
    pub starting_after: Option<String>,
}

impl ListInvoices {
    /// Sends nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets [`collection_method`](Self::collection_method).
    pub fn with_collection_method(mut self, collection_method: impl Into<String>) -> Self {
        self.collection_method = Some(collection_method.into());
        self
    }

    /// Sets [`customer`](Self::customer).
    pub fn with_customer(mut self, customer: impl Into<String>) -> Self {
        self.customer = Some(customer.into());
        self
    }

    /// Sets [`due_date`](Self::due_date).
    pub fn with_due_date(mut self, due_date: Created) -> Self {
        self.due_date = Some(due_date);
        self
    }

    /// Sets [`status`](Self::status).
    pub fn with_status(mut self, status: impl Into<String>) -> Self {
        self.status = Some(status.into());
        self
    }

    /// Sets [`subscription`](Self::subscription).
    pub fn with_subscription(mut self, subscription: impl Into<String>) -> Self {
        self.subscription = Some(subscription.into());
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

/// Ends an invoice's time as a draft.
#[derive(Clone, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct FinalizeInvoice {
    /// Lets Stripe collect it by itself.
    pub auto_advance: Option<bool>,
}

impl FinalizeInvoice {
    /// Sends nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets [`auto_advance`](Self::auto_advance).
    pub fn with_auto_advance(mut self, auto_advance: bool) -> Self {
        self.auto_advance = Some(auto_advance);
        self
    }
}

/// Pays an invoice.
#[derive(Clone, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct PayInvoice {
    /// Writes off what the payment method did not cover.
    pub forgive: Option<bool>,
    /// The mandate.
    pub mandate: Field<String>,
    /// The payer is not there; Stripe's default.
    pub off_session: Option<bool>,
    /// It was paid elsewhere: marks it as paid and takes nothing.
    pub paid_out_of_band: Option<bool>,
    /// What pays.
    pub payment_method: Option<String>,
}

impl PayInvoice {
    /// Sends nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets [`forgive`](Self::forgive).
    pub fn with_forgive(mut self, forgive: bool) -> Self {
        self.forgive = Some(forgive);
        self
    }

    /// Sets [`mandate`](Self::mandate).
    pub fn with_mandate(mut self, mandate: impl Into<String>) -> Self {
        self.mandate = Field::Set(mandate.into());
        self
    }

    /// Clears [`mandate`](Self::mandate) at Stripe.
    pub fn without_mandate(mut self) -> Self {
        self.mandate = Field::Clear;
        self
    }

    /// Sets [`off_session`](Self::off_session).
    pub fn with_off_session(mut self, off_session: bool) -> Self {
        self.off_session = Some(off_session);
        self
    }

    /// Sets [`paid_out_of_band`](Self::paid_out_of_band).
    pub fn with_paid_out_of_band(mut self, paid_out_of_band: bool) -> Self {
        self.paid_out_of_band = Some(paid_out_of_band);
        self
    }

    /// Sets [`payment_method`](Self::payment_method).
    pub fn with_payment_method(mut self, payment_method: impl Into<String>) -> Self {
        self.payment_method = Some(payment_method.into());
        self
    }
}
