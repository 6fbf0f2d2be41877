//! Changes of subscriptions.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::{
    AddInvoiceItem, AutomaticTax, CancellationDetails, Discount, Field, PauseCollection,
    SubscriptionInvoiceSettings, SubscriptionItemData, SubscriptionPaymentSettings, SubscriptionTransferData,
    TrialSettings, When,
};

/// Changes of a subscription. Price changes are prorated unless `proration_behavior` says otherwise.
#[derive(Clone, Default, Serialize)]
#[non_exhaustive]
pub struct UpdateSubscription {
    /// Items to change, add or remove.
    pub items: Vec<SubscriptionItemData>,
    /// Single charges on the next invoice.
    pub add_invoice_items: Vec<AddInvoiceItem>,
    /// The platform's share of each invoice as decimal text.
    pub application_fee_percent: Field<String>,
    /// Lets Stripe work out taxes.
    pub automatic_tax: Option<AutomaticTax>,
    /// `now` or `unchanged`.
    pub billing_cycle_anchor: Option<String>,
    /// When it ends; words: `min_period_end`, `max_period_end`.
    pub cancel_at: Field<When>,
    /// Ends with the current period, or, when false, no longer does.
    pub cancel_at_period_end: Option<bool>,
    /// Why.
    pub cancellation_details: Option<CancellationDetails>,
    /// `charge_automatically` or `send_invoice`.
    pub collection_method: Option<String>,
    /// With `send_invoice`: days until an invoice is due.
    pub days_until_due: Option<u32>,
    /// What pays.
    pub default_payment_method: Option<String>,
    /// Tax rates of items that have none.
    pub default_tax_rates: Field<Vec<String>>,
    /// Free text that the payer reads.
    pub description: Field<String>,
    /// Discounts.
    pub discounts: Field<Vec<Discount>>,
    /// What its invoices carry.
    pub invoice_settings: Option<SubscriptionInvoiceSettings>,
    /// The payer is not there.
    pub off_session: Option<bool>,
    /// The account that it is made for.
    pub on_behalf_of: Field<String>,
    /// Stops collecting.
    pub pause_collection: Field<PauseCollection>,
    /// As of a new subscription; `pending_if_incomplete` changes nothing until it is paid.
    pub payment_behavior: Option<String>,
    /// How its invoices are paid.
    pub payment_settings: Option<SubscriptionPaymentSettings>,
    /// `create_prorations` (Stripe's default), `always_invoice` or `none`.
    pub proration_behavior: Option<String>,
    /// The moment that proration is worked out for.
    #[serde(serialize_with = "chrono::serde::ts_seconds_option::serialize")]
    pub proration_date: Option<DateTime<Utc>>,
    /// Sends the money on to a connected account.
    pub transfer_data: Field<SubscriptionTransferData>,
    /// End of the trial; word: `now`.
    pub trial_end: Option<When>,
    /// What happens when the trial ends.
    pub trial_settings: Option<TrialSettings>,
    /// Entries to add or replace; an empty value removes one.
    pub metadata: BTreeMap<String, String>,
}

impl UpdateSubscription {
    /// Sends nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one to [`items`](Self::items).
    pub fn with_item(mut self, item: SubscriptionItemData) -> Self {
        self.items.push(item);
        self
    }

    /// Adds one to [`add_invoice_items`](Self::add_invoice_items).
    pub fn with_add_invoice_item(mut self, add_invoice_item: AddInvoiceItem) -> Self {
        self.add_invoice_items.push(add_invoice_item);
        self
    }

    /// Sets [`application_fee_percent`](Self::application_fee_percent).
    pub fn with_application_fee_percent(mut self, application_fee_percent: impl Into<String>) -> Self {
        self.application_fee_percent = Field::Set(application_fee_percent.into());
        self
    }

    /// Clears [`application_fee_percent`](Self::application_fee_percent) at Stripe.
    pub fn without_application_fee_percent(mut self) -> Self {
        self.application_fee_percent = Field::Clear;
        self
    }

    /// Sets [`automatic_tax`](Self::automatic_tax).
    pub fn with_automatic_tax(mut self, automatic_tax: AutomaticTax) -> Self {
        self.automatic_tax = Some(automatic_tax);
        self
    }

    /// Sets [`billing_cycle_anchor`](Self::billing_cycle_anchor).
    pub fn with_billing_cycle_anchor(mut self, billing_cycle_anchor: impl Into<String>) -> Self {
        self.billing_cycle_anchor = Some(billing_cycle_anchor.into());
        self
    }

    /// Sets [`cancel_at`](Self::cancel_at).
    pub fn with_cancel_at(mut self, cancel_at: When) -> Self {
        self.cancel_at = Field::Set(cancel_at);
        self
    }

    /// Clears [`cancel_at`](Self::cancel_at) at Stripe.
    pub fn without_cancel_at(mut self) -> Self {
        self.cancel_at = Field::Clear;
        self
    }

    /// Sets [`cancel_at_period_end`](Self::cancel_at_period_end).
    pub fn with_cancel_at_period_end(mut self, cancel_at_period_end: bool) -> Self {
        self.cancel_at_period_end = Some(cancel_at_period_end);
        self
    }

    /// Sets [`cancellation_details`](Self::cancellation_details).
    pub fn with_cancellation_details(mut self, cancellation_details: CancellationDetails) -> Self {
        self.cancellation_details = Some(cancellation_details);
        self
    }

    /// Sets [`collection_method`](Self::collection_method).
    pub fn with_collection_method(mut self, collection_method: impl Into<String>) -> Self {
        self.collection_method = Some(collection_method.into());
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
    pub fn with_default_tax_rates(mut self, default_tax_rates: Vec<String>) -> Self {
        self.default_tax_rates = Field::Set(default_tax_rates);
        self
    }

    /// Clears [`default_tax_rates`](Self::default_tax_rates) at Stripe.
    pub fn without_default_tax_rates(mut self) -> Self {
        self.default_tax_rates = Field::Clear;
        self
    }

    /// Sets [`description`](Self::description).
    pub fn with_description(mut self, description: impl Into<String>) -> Self {
        self.description = Field::Set(description.into());
        self
    }

    /// Clears [`description`](Self::description) at Stripe.
    pub fn without_description(mut self) -> Self {
        self.description = Field::Clear;
        self
    }

    /// Sets [`discounts`](Self::discounts).
    pub fn with_discounts(mut self, discounts: Vec<Discount>) -> Self {
        self.discounts = Field::Set(discounts);
        self
    }

    /// Clears [`discounts`](Self::discounts) at Stripe.
    pub fn without_discounts(mut self) -> Self {
        self.discounts = Field::Clear;
        self
    }

    /// Sets [`invoice_settings`](Self::invoice_settings).
    pub fn with_invoice_settings(mut self, invoice_settings: SubscriptionInvoiceSettings) -> Self {
        self.invoice_settings = Some(invoice_settings);
        self
    }

    /// Sets [`off_session`](Self::off_session).
    pub fn with_off_session(mut self, off_session: bool) -> Self {
        self.off_session = Some(off_session);
        self
    }

    /// Sets [`on_behalf_of`](Self::on_behalf_of).
    pub fn with_on_behalf_of(mut self, on_behalf_of: impl Into<String>) -> Self {
        self.on_behalf_of = Field::Set(on_behalf_of.into());
        self
    }

    /// Clears [`on_behalf_of`](Self::on_behalf_of) at Stripe.
    pub fn without_on_behalf_of(mut self) -> Self {
        self.on_behalf_of = Field::Clear;
        self
    }

    /// Sets [`pause_collection`](Self::pause_collection).
    pub fn with_pause_collection(mut self, pause_collection: PauseCollection) -> Self {
        self.pause_collection = Field::Set(pause_collection);
        self
    }

    /// Clears [`pause_collection`](Self::pause_collection) at Stripe.
    pub fn without_pause_collection(mut self) -> Self {
        self.pause_collection = Field::Clear;
        self
    }

    /// Sets [`payment_behavior`](Self::payment_behavior).
    pub fn with_payment_behavior(mut self, payment_behavior: impl Into<String>) -> Self {
        self.payment_behavior = Some(payment_behavior.into());
        self
    }

    /// Sets [`payment_settings`](Self::payment_settings).
    pub fn with_payment_settings(mut self, payment_settings: SubscriptionPaymentSettings) -> Self {
        self.payment_settings = Some(payment_settings);
        self
    }

    /// Sets [`proration_behavior`](Self::proration_behavior).
    pub fn with_proration_behavior(mut self, proration_behavior: impl Into<String>) -> Self {
        self.proration_behavior = Some(proration_behavior.into());
        self
    }

    /// Sets [`proration_date`](Self::proration_date).
    pub fn with_proration_date(mut self, proration_date: DateTime<Utc>) -> Self {
        self.proration_date = Some(proration_date);
        self
    }

    /// Sets [`transfer_data`](Self::transfer_data).
    pub fn with_transfer_data(mut self, transfer_data: SubscriptionTransferData) -> Self {
        self.transfer_data = Field::Set(transfer_data);
        self
    }

    /// Clears [`transfer_data`](Self::transfer_data) at Stripe.
    pub fn without_transfer_data(mut self) -> Self {
        self.transfer_data = Field::Clear;
        self
    }

    /// Sets [`trial_end`](Self::trial_end).
    pub fn with_trial_end(mut self, trial_end: When) -> Self {
        self.trial_end = Some(trial_end);
        self
    }

    /// Sets [`trial_settings`](Self::trial_settings).
    pub fn with_trial_settings(mut self, trial_settings: TrialSettings) -> Self {
        self.trial_settings = Some(trial_settings);
        self
    }

    /// Adds one entry to [`metadata`](Self::metadata).
    pub fn with_metadata(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.metadata.insert(key.into(), value.into());
        self
    }
}

impl fmt::Debug for UpdateSubscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UpdateSubscription")
            .field("items", &self.items)
            .field("add_invoice_items", &self.add_invoice_items)
            .field("application_fee_percent", &self.application_fee_percent)
            .field("automatic_tax", &self.automatic_tax)
            .field("billing_cycle_anchor", &self.billing_cycle_anchor)
            .field("cancel_at", &self.cancel_at)
            .field("cancel_at_period_end", &self.cancel_at_period_end)
            .field("cancellation_details", &self.cancellation_details)
            .field("collection_method", &self.collection_method)
            .field("days_until_due", &self.days_until_due)
            .field("default_payment_method", &self.default_payment_method)
            .field("default_tax_rates", &self.default_tax_rates)
            .field("discounts", &self.discounts)
            .field("off_session", &self.off_session)
            .field("on_behalf_of", &self.on_behalf_of)
            .field("pause_collection", &self.pause_collection)
            .field("payment_behavior", &self.payment_behavior)
            .field("payment_settings", &self.payment_settings)
            .field("proration_behavior", &self.proration_behavior)
            .field("proration_date", &self.proration_date)
            .field("transfer_data", &self.transfer_data)
            .field("trial_end", &self.trial_end)
            .field("trial_settings", &self.trial_settings)
            .finish_non_exhaustive()
    }
}
