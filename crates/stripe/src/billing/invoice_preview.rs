//! Parameters of previews of invoices.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::{AccountChoice, AutomaticTax, Discount, Field, PriceData, SubscriptionItemData, When};

/// What an invoice would say. Nothing is made.
#[derive(Clone, Default, Serialize)]
#[non_exhaustive]
pub struct PreviewInvoice {
    /// Lets Stripe work out taxes.
    pub automatic_tax: Option<AutomaticTax>,
    /// ISO 4217 code in lower case.
    pub currency: Option<String>,
    /// The customer.
    pub customer: Option<String>,
    /// Discounts.
    pub discounts: Vec<Discount>,
    /// Items added to it.
    pub invoice_items: Vec<PreviewInvoiceItem>,
    /// Who would issue it.
    pub issuer: Option<AccountChoice>,
    /// The account that it would be made for.
    pub on_behalf_of: Option<String>,
    /// `next` (Stripe's default) or `recurring`.
    pub preview_mode: Option<String>,
    /// The schedule whose next invoice is wanted.
    pub schedule: Option<String>,
    /// The subscription whose next invoice is wanted.
    pub subscription: Option<String>,
    /// Changes of the subscription, or a new one.
    pub subscription_details: Option<PreviewSubscription>,
}

impl PreviewInvoice {
    /// Sends nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets [`automatic_tax`](Self::automatic_tax).
    pub fn with_automatic_tax(mut self, automatic_tax: AutomaticTax) -> Self {
        self.automatic_tax = Some(automatic_tax);
        self
    }

    /// Sets [`currency`](Self::currency).
    pub fn with_currency(mut self, currency: impl Into<String>) -> Self {
        self.currency = Some(currency.into());
        self
    }

    /// Sets [`customer`](Self::customer).
    pub fn with_customer(mut self, customer: impl Into<String>) -> Self {
        self.customer = Some(customer.into());
        self
    }

    /// Adds one to [`discounts`](Self::discounts).
    pub fn with_discount(mut self, discount: Discount) -> Self {
        self.discounts.push(discount);
        self
    }

    /// Adds one to [`invoice_items`](Self::invoice_items).
    pub fn with_invoice_item(mut self, invoice_item: PreviewInvoiceItem) -> Self {
        self.invoice_items.push(invoice_item);
        self
    }

    /// Sets [`issuer`](Self::issuer).
    pub fn with_issuer(mut self, issuer: AccountChoice) -> Self {
        self.issuer = Some(issuer);
        self
    }

    /// Sets [`on_behalf_of`](Self::on_behalf_of).
    pub fn with_on_behalf_of(mut self, on_behalf_of: impl Into<String>) -> Self {
        self.on_behalf_of = Some(on_behalf_of.into());
        self
    }

    /// Sets [`preview_mode`](Self::preview_mode).
    pub fn with_preview_mode(mut self, preview_mode: impl Into<String>) -> Self {
        self.preview_mode = Some(preview_mode.into());
        self
    }

    /// Sets [`schedule`](Self::schedule).
    pub fn with_schedule(mut self, schedule: impl Into<String>) -> Self {
        self.schedule = Some(schedule.into());
        self
    }

    /// Sets [`subscription`](Self::subscription).
    pub fn with_subscription(mut self, subscription: impl Into<String>) -> Self {
        self.subscription = Some(subscription.into());
        self
    }

    /// Sets [`subscription_details`](Self::subscription_details).
    pub fn with_subscription_details(mut self, subscription_details: PreviewSubscription) -> Self {
        self.subscription_details = Some(subscription_details);
        self
    }
}

impl fmt::Debug for PreviewInvoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PreviewInvoice")
            .field("automatic_tax", &self.automatic_tax)
            .field("currency", &self.currency)
            .field("customer", &self.customer)
            .field("discounts", &self.discounts)
            .field("issuer", &self.issuer)
            .field("on_behalf_of", &self.on_behalf_of)
            .field("preview_mode", &self.preview_mode)
            .field("schedule", &self.schedule)
            .field("subscription", &self.subscription)
            .finish_non_exhaustive()
    }
}

/// An item of a preview.
#[derive(Clone, Default, Serialize)]
#[non_exhaustive]
pub struct PreviewInvoiceItem {
    /// In minor units; below zero takes something off.
    pub amount: Option<i64>,
    /// ISO 4217 code in lower case.
    pub currency: Option<String>,
    /// Free text that the payer reads.
    pub description: Option<String>,
    /// Whether discounts apply.
    pub discountable: Option<bool>,
    /// An item that exists and is changed.
    pub invoiceitem: Option<String>,
    /// The price's id.
    pub price: Option<String>,
    /// A price made for it.
    pub price_data: Option<PriceData>,
    /// How many.
    pub quantity: Option<u64>,
    /// Its tax rates.
    pub tax_rates: Vec<String>,
}

impl PreviewInvoiceItem {
    /// Sends nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets [`amount`](Self::amount).
    pub fn with_amount(mut self, amount: i64) -> Self {
        self.amount = Some(amount);
        self
    }

    /// Sets [`currency`](Self::currency).
    pub fn with_currency(mut self, currency: impl Into<String>) -> Self {
        self.currency = Some(currency.into());
        self
    }

    /// Sets [`description`](Self::description).
    pub fn with_description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// Sets [`discountable`](Self::discountable).
    pub fn with_discountable(mut self, discountable: bool) -> Self {
        self.discountable = Some(discountable);
        self
    }

    /// Sets [`invoiceitem`](Self::invoiceitem).
    pub fn with_invoiceitem(mut self, invoiceitem: impl Into<String>) -> Self {
        self.invoiceitem = Some(invoiceitem.into());
        self
    }

    /// Sets [`price`](Self::price).
    pub fn with_price(mut self, price: impl Into<String>) -> Self {
        self.price = Some(price.into());
        self
    }

    /// Sets [`price_data`](Self::price_data).
    pub fn with_price_data(mut self, price_data: PriceData) -> Self {
        self.price_data = Some(price_data);
        self
    }

    /// Sets [`quantity`](Self::quantity).
    pub fn with_quantity(mut self, quantity: u64) -> Self {
        self.quantity = Some(quantity);
        self
    }

    /// Sets [`tax_rates`](Self::tax_rates).
    pub fn with_tax_rates<T: Into<String>>(mut self, tax_rates: impl IntoIterator<Item = T>) -> Self {
        self.tax_rates = tax_rates.into_iter().map(Into::into).collect();
        self
    }
}

impl fmt::Debug for PreviewInvoiceItem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PreviewInvoiceItem")
            .field("amount", &self.amount)
            .field("currency", &self.currency)
            .field("discountable", &self.discountable)
            .field("invoiceitem", &self.invoiceitem)
            .field("price", &self.price)
            .field("quantity", &self.quantity)
            .field("tax_rates", &self.tax_rates)
            .finish_non_exhaustive()
    }
}

/// Changes of a subscription in a preview.
#[derive(Clone, Default, Serialize)]
#[non_exhaustive]
pub struct PreviewSubscription {
    /// Words: `now`, `unchanged`.
    pub billing_cycle_anchor: Option<When>,
    /// When it ends; words: `min_period_end`, `max_period_end`.
    pub cancel_at: Field<When>,
    /// Ends with the current period.
    pub cancel_at_period_end: Option<bool>,
    /// Ends at once.
    pub cancel_now: Option<bool>,
    /// Tax rates of items that have none.
    pub default_tax_rates: Vec<String>,
    /// Items to change, add or remove.
    pub items: Vec<SubscriptionItemData>,
    /// `create_prorations` (Stripe's default), `always_invoice` or `none`.
    pub proration_behavior: Option<String>,
    /// The moment that proration is worked out for.
    #[serde(serialize_with = "chrono::serde::ts_seconds_option::serialize")]
    pub proration_date: Option<DateTime<Utc>>,
    /// Start of a new one.
    #[serde(serialize_with = "chrono::serde::ts_seconds_option::serialize")]
    pub start_date: Option<DateTime<Utc>>,
    /// End of the trial; word: `now`.
    pub trial_end: Option<When>,
}

impl PreviewSubscription {
    /// Sends nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets [`billing_cycle_anchor`](Self::billing_cycle_anchor).
    pub fn with_billing_cycle_anchor(mut self, billing_cycle_anchor: When) -> Self {
        self.billing_cycle_anchor = Some(billing_cycle_anchor);
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

    /// Sets [`cancel_now`](Self::cancel_now).
    pub fn with_cancel_now(mut self, cancel_now: bool) -> Self {
        self.cancel_now = Some(cancel_now);
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

    /// Adds one to [`items`](Self::items).
    pub fn with_item(mut self, item: SubscriptionItemData) -> Self {
        self.items.push(item);
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

    /// Sets [`start_date`](Self::start_date).
    pub fn with_start_date(mut self, start_date: DateTime<Utc>) -> Self {
        self.start_date = Some(start_date);
        self
    }

    /// Sets [`trial_end`](Self::trial_end).
    pub fn with_trial_end(mut self, trial_end: When) -> Self {
        self.trial_end = Some(trial_end);
        self
    }
}

impl fmt::Debug for PreviewSubscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PreviewSubscription")
            .field("billing_cycle_anchor", &self.billing_cycle_anchor)
            .field("cancel_at", &self.cancel_at)
            .field("cancel_at_period_end", &self.cancel_at_period_end)
            .field("cancel_now", &self.cancel_now)
            .field("default_tax_rates", &self.default_tax_rates)
            .field("proration_behavior", &self.proration_behavior)
            .field("proration_date", &self.proration_date)
            .field("start_date", &self.start_date)
            .field("trial_end", &self.trial_end)
            .finish_non_exhaustive()
    }
}
