//! Parameters of new subscriptions, of their end, and of lists.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::{
    AddInvoiceItem, AutomaticTax, BillingCycleAnchorConfig, BillingMode, CancellationDetails, Created,
    Discount, SubscriptionInvoiceSettings, SubscriptionItemData, SubscriptionPaymentSettings,
    SubscriptionTransferData, TrialSettings, When,
};

/// A new subscription.
#[derive(Clone, Serialize)]
#[non_exhaustive]
pub struct CreateSubscription {
    /// The customer who pays.
    pub customer: String,
    /// What is paid for, up to 20.
    pub items: Vec<SubscriptionItemData>,
    /// Single charges on the first invoice.
    pub add_invoice_items: Vec<AddInvoiceItem>,
    /// The platform's share of each invoice as decimal text, for example `12.5`.
    pub application_fee_percent: Option<String>,
    /// Lets Stripe work out taxes.
    pub automatic_tax: Option<AutomaticTax>,
    /// Begins in the past.
    #[serde(serialize_with = "chrono::serde::ts_seconds_option::serialize")]
    pub backdate_start_date: Option<DateTime<Utc>>,
    /// The first payment of a full interval.
    #[serde(serialize_with = "chrono::serde::ts_seconds_option::serialize")]
    pub billing_cycle_anchor: Option<DateTime<Utc>>,
    /// The same by day; either this or `billing_cycle_anchor`.
    pub billing_cycle_anchor_config: Option<BillingCycleAnchorConfig>,
    /// How proration is worked out.
    pub billing_mode: Option<BillingMode>,
    /// When it ends; words: `min_period_end`, `max_period_end`.
    pub cancel_at: Option<When>,
    /// Ends after the first period.
    pub cancel_at_period_end: Option<bool>,
    /// `charge_automatically` (Stripe's default) or `send_invoice`.
    pub collection_method: Option<String>,
    /// ISO 4217 code in lower case, where a price has several.
    pub currency: Option<String>,
    /// With `send_invoice`: days until an invoice is due.
    pub days_until_due: Option<u32>,
    /// What pays; the customer's own default otherwise.
    pub default_payment_method: Option<String>,
    /// Tax rates of items that have none.
    pub default_tax_rates: Vec<String>,
    /// Free text that the payer reads.
    pub description: Option<String>,
    /// Discounts.
    pub discounts: Vec<Discount>,
    /// What its invoices carry.
    pub invoice_settings: Option<SubscriptionInvoiceSettings>,
    /// The payer is not there.
    pub off_session: Option<bool>,
    /// The account that it is made for.
    pub on_behalf_of: Option<String>,
    /// What a first payment that fails does: `allow_incomplete` (Stripe's default), `default_incomplete`,
    /// `error_if_incomplete` or `pending_if_incomplete`.
    pub payment_behavior: Option<String>,
    /// How its invoices are paid.
    pub payment_settings: Option<SubscriptionPaymentSettings>,
    /// `create_prorations` (Stripe's default), `always_invoice` or `none`.
    pub proration_behavior: Option<String>,
    /// Sends the money on to a connected account.
    pub transfer_data: Option<SubscriptionTransferData>,
    /// End of the trial; word: `now`.
    pub trial_end: Option<When>,
    /// Takes the trial from the price.
    pub trial_from_plan: Option<bool>,
    /// Length of the trial.
    pub trial_period_days: Option<u32>,
    /// What happens when the trial ends.
    pub trial_settings: Option<TrialSettings>,
    /// Up to 50 entries of the host's own.
    pub metadata: BTreeMap<String, String>,
}

impl CreateSubscription {
    /// The required fields; nothing else is sent.
    pub fn new(customer: impl Into<String>) -> Self {
        Self {
            customer: customer.into(),
            items: Vec::new(),
            add_invoice_items: Vec::new(),
            application_fee_percent: None,
            automatic_tax: None,
            backdate_start_date: None,
            billing_cycle_anchor: None,
            billing_cycle_anchor_config: None,
            billing_mode: None,
            cancel_at: None,
            cancel_at_period_end: None,
            collection_method: None,
            currency: None,
            days_until_due: None,
            default_payment_method: None,
            default_tax_rates: Vec::new(),
            description: None,
            discounts: Vec::new(),
            invoice_settings: None,
            off_session: None,
            on_behalf_of: None,
            payment_behavior: None,
            payment_settings: None,
            proration_behavior: None,
            transfer_data: None,
            trial_end: None,
            trial_from_plan: None,
            trial_period_days: None,
            trial_settings: None,
            metadata: BTreeMap::new(),
        }
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
        self.application_fee_percent = Some(application_fee_percent.into());
        self
    }

    /// Sets [`automatic_tax`](Self::automatic_tax).
    pub fn with_automatic_tax(mut self, automatic_tax: AutomaticTax) -> Self {
        self.automatic_tax = Some(automatic_tax);
        self
    }

    /// Sets [`backdate_start_date`](Self::backdate_start_date).
    pub fn with_backdate_start_date(mut self, backdate_start_date: DateTime<Utc>) -> Self {
        self.backdate_start_date = Some(backdate_start_date);
        self
    }

    /// Sets [`billing_cycle_anchor`](Self::billing_cycle_anchor).
    pub fn with_billing_cycle_anchor(mut self, billing_cycle_anchor: DateTime<Utc>) -> Self {
        self.billing_cycle_anchor = Some(billing_cycle_anchor);
        self
    }

    /// Sets [`billing_cycle_anchor_config`](Self::billing_cycle_anchor_config).
    pub fn with_billing_cycle_anchor_config(
        mut self,
        billing_cycle_anchor_config: BillingCycleAnchorConfig,
    ) -> Self {
        self.billing_cycle_anchor_config = Some(billing_cycle_anchor_config);
        self
    }

    /// Sets [`billing_mode`](Self::billing_mode).
    pub fn with_billing_mode(mut self, billing_mode: BillingMode) -> Self {
        self.billing_mode = Some(billing_mode);
        self
    }

    /// Sets [`cancel_at`](Self::cancel_at).
    pub fn with_cancel_at(mut self, cancel_at: When) -> Self {
        self.cancel_at = Some(cancel_at);
        self
    }

    /// Sets [`cancel_at_period_end`](Self::cancel_at_period_end).
    pub fn with_cancel_at_period_end(mut self, cancel_at_period_end: bool) -> Self {
        self.cancel_at_period_end = Some(cancel_at_period_end);
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
        self.on_behalf_of = Some(on_behalf_of.into());
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

    /// Sets [`transfer_data`](Self::transfer_data).
    pub fn with_transfer_data(mut self, transfer_data: SubscriptionTransferData) -> Self {
        self.transfer_data = Some(transfer_data);
        self
    }

    /// Sets [`trial_end`](Self::trial_end).
    pub fn with_trial_end(mut self, trial_end: When) -> Self {
        self.trial_end = Some(trial_end);
        self
    }

    /// Sets [`trial_from_plan`](Self::trial_from_plan).
    pub fn with_trial_from_plan(mut self, trial_from_plan: bool) -> Self {
        self.trial_from_plan = Some(trial_from_plan);
        self
    }

    /// Sets [`trial_period_days`](Self::trial_period_days).
    pub fn with_trial_period_days(mut self, trial_period_days: u32) -> Self {
        self.trial_period_days = Some(trial_period_days);
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

impl fmt::Debug for CreateSubscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CreateSubscription")
            .field("customer", &self.customer)
            .field("items", &self.items)
            .field("add_invoice_items", &self.add_invoice_items)
            .field("application_fee_percent", &self.application_fee_percent)
            .field("automatic_tax", &self.automatic_tax)
            .field("backdate_start_date", &self.backdate_start_date)
            .field("billing_cycle_anchor", &self.billing_cycle_anchor)
            .field("billing_cycle_anchor_config", &self.billing_cycle_anchor_config)
            .field("billing_mode", &self.billing_mode)
            .field("cancel_at", &self.cancel_at)
            .field("cancel_at_period_end", &self.cancel_at_period_end)
            .field("collection_method", &self.collection_method)
            .field("currency", &self.currency)
            .field("days_until_due", &self.days_until_due)
            .field("default_payment_method", &self.default_payment_method)
            .field("default_tax_rates", &self.default_tax_rates)
            .field("discounts", &self.discounts)
            .field("off_session", &self.off_session)
            .field("on_behalf_of", &self.on_behalf_of)
            .field("payment_behavior", &self.payment_behavior)
            .field("payment_settings", &self.payment_settings)
            .field("proration_behavior", &self.proration_behavior)
            .field("transfer_data", &self.transfer_data)
            .field("trial_end", &self.trial_end)
            .field("trial_from_plan", &self.trial_from_plan)
            .field("trial_period_days", &self.trial_period_days)
            .field("trial_settings", &self.trial_settings)
            .finish_non_exhaustive()
    }
}

/// How a subscription ends at once.
#[derive(Clone, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct CancelSubscription {
    /// Why.
    pub cancellation_details: Option<CancellationDetails>,
    /// Makes a last invoice of what was used and not yet invoiced.
    pub invoice_now: Option<bool>,
    /// Credits the unused time.
    pub prorate: Option<bool>,
}

impl CancelSubscription {
    /// Sends nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets [`cancellation_details`](Self::cancellation_details).
    pub fn with_cancellation_details(mut self, cancellation_details: CancellationDetails) -> Self {
        self.cancellation_details = Some(cancellation_details);
        self
    }

    /// Sets [`invoice_now`](Self::invoice_now).
    pub fn with_invoice_now(mut self, invoice_now: bool) -> Self {
        self.invoice_now = Some(invoice_now);
        self
    }

    /// Sets [`prorate`](Self::prorate).
    pub fn with_prorate(mut self, prorate: bool) -> Self {
        self.prorate = Some(prorate);
        self
    }
}

/// How a paused subscription goes on.
#[derive(Clone, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct ResumeSubscription {
    /// `now` (Stripe's default) or `unchanged`.
    pub billing_cycle_anchor: Option<String>,
    /// `create_prorations` (Stripe's default), `always_invoice` or `none`.
    pub proration_behavior: Option<String>,
    /// The moment that proration is worked out for.
    #[serde(serialize_with = "chrono::serde::ts_seconds_option::serialize")]
    pub proration_date: Option<DateTime<Utc>>,
}

impl ResumeSubscription {
    /// Sends nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets [`billing_cycle_anchor`](Self::billing_cycle_anchor).
    pub fn with_billing_cycle_anchor(mut self, billing_cycle_anchor: impl Into<String>) -> Self {
        self.billing_cycle_anchor = Some(billing_cycle_anchor.into());
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
}

/// Which subscriptions to list, newest first. Canceled ones are left out unless a status asks for them.
#[derive(Clone, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct ListSubscriptions {
    /// `charge_automatically` or `send_invoice`.
    pub collection_method: Option<String>,
    /// Of this customer.
    pub customer: Option<String>,
    /// With this price.
    pub price: Option<String>,
    /// A status, or `all`, or `ended`.
    pub status: Option<String>,
    /// Under this test clock.
    pub test_clock: Option<String>,
    /// Created in this time.
    pub created: Option<Created>,
    /// Objects a page, 1 to 100; Stripe's default is 10.
    pub limit: Option<u32>,
    /// After this id.
    pub starting_after: Option<String>,
}

impl ListSubscriptions {
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

    /// Sets [`price`](Self::price).
    pub fn with_price(mut self, price: impl Into<String>) -> Self {
        self.price = Some(price.into());
        self
    }

    /// Sets [`status`](Self::status).
    pub fn with_status(mut self, status: impl Into<String>) -> Self {
        self.status = Some(status.into());
        self
    }

    /// Sets [`test_clock`](Self::test_clock).
    pub fn with_test_clock(mut self, test_clock: impl Into<String>) -> Self {
        self.test_clock = Some(test_clock.into());
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
