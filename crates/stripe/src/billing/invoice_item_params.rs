//! Parameters of invoice items.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use crate::{Created, Discount, Field, Period, PriceData};

/// A new item: of the customer's next invoice, or of a draft.
#[derive(Clone, Serialize)]
#[non_exhaustive]
pub struct CreateInvoiceItem {
    /// The customer.
    pub customer: String,
    /// In minor units; below zero takes something off.
    pub amount: Option<i64>,
    /// ISO 4217 code in lower case.
    pub currency: Option<String>,
    /// Free text that the payer reads.
    pub description: Option<String>,
    /// Whether discounts apply.
    pub discountable: Option<bool>,
    /// Its discounts.
    pub discounts: Vec<Discount>,
    /// A draft; the next invoice otherwise.
    pub invoice: Option<String>,
    /// The time that it is for.
    pub period: Option<Period>,
    /// A price made for it.
    pub price_data: Option<PriceData>,
    /// A price that exists.
    pub pricing: Option<InvoiceItemPricing>,
    /// How many.
    pub quantity: Option<u64>,
    /// The subscription whose next invoice takes it.
    pub subscription: Option<String>,
    /// `exclusive`, `inclusive` or `unspecified`.
    pub tax_behavior: Option<String>,
    /// Stripe's tax code.
    pub tax_code: Field<String>,
    /// Its tax rates.
    pub tax_rates: Vec<String>,
    /// Amount of one unit in minor units with up to twelve decimals, as text.
    pub unit_amount_decimal: Option<String>,
    /// Up to 50 entries of the host's own.
    pub metadata: BTreeMap<String, String>,
}

impl CreateInvoiceItem {
    /// The required fields; nothing else is sent.
    pub fn new(customer: impl Into<String>) -> Self {
        Self {
            customer: customer.into(),
            amount: None,
            currency: None,
            description: None,
            discountable: None,
            discounts: Vec::new(),
            invoice: None,
            period: None,
            price_data: None,
            pricing: None,
            quantity: None,
            subscription: None,
            tax_behavior: None,
            tax_code: Field::Keep,
            tax_rates: Vec::new(),
            unit_amount_decimal: None,
            metadata: BTreeMap::new(),
        }
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

    /// Adds one to [`discounts`](Self::discounts).
    pub fn with_discount(mut self, discount: Discount) -> Self {
        self.discounts.push(discount);
        self
    }

    /// Sets [`invoice`](Self::invoice).
    pub fn with_invoice(mut self, invoice: impl Into<String>) -> Self {
        self.invoice = Some(invoice.into());
        self
    }

    /// Sets [`period`](Self::period).
    pub fn with_period(mut self, period: Period) -> Self {
        self.period = Some(period);
        self
    }

    /// Sets [`price_data`](Self::price_data).
    pub fn with_price_data(mut self, price_data: PriceData) -> Self {
        self.price_data = Some(price_data);
        self
    }

    /// Sets [`pricing`](Self::pricing).
    pub fn with_pricing(mut self, pricing: InvoiceItemPricing) -> Self {
        self.pricing = Some(pricing);
        self
    }

    /// Sets [`quantity`](Self::quantity).
    pub fn with_quantity(mut self, quantity: u64) -> Self {
        self.quantity = Some(quantity);
        self
    }

    /// Sets [`subscription`](Self::subscription).
    pub fn with_subscription(mut self, subscription: impl Into<String>) -> Self {
        self.subscription = Some(subscription.into());
        self
    }

    /// Sets [`tax_behavior`](Self::tax_behavior).
    pub fn with_tax_behavior(mut self, tax_behavior: impl Into<String>) -> Self {
        self.tax_behavior = Some(tax_behavior.into());
        self
    }

    /// Sets [`tax_code`](Self::tax_code).
    pub fn with_tax_code(mut self, tax_code: impl Into<String>) -> Self {
        self.tax_code = Field::Set(tax_code.into());
        self
    }

    /// Clears [`tax_code`](Self::tax_code) at Stripe.
    pub fn without_tax_code(mut self) -> Self {
        self.tax_code = Field::Clear;
        self
    }

    /// Sets [`tax_rates`](Self::tax_rates).
    pub fn with_tax_rates<T: Into<String>>(mut self, tax_rates: impl IntoIterator<Item = T>) -> Self {
        self.tax_rates = tax_rates.into_iter().map(Into::into).collect();
        self
    }

    /// Sets [`unit_amount_decimal`](Self::unit_amount_decimal).
    pub fn with_unit_amount_decimal(mut self, unit_amount_decimal: impl Into<String>) -> Self {
        self.unit_amount_decimal = Some(unit_amount_decimal.into());
        self
    }

    /// Adds one entry to [`metadata`](Self::metadata).
    pub fn with_metadata(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.metadata.insert(key.into(), value.into());
        self
    }
}

impl fmt::Debug for CreateInvoiceItem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CreateInvoiceItem")
            .field("customer", &self.customer)
            .field("amount", &self.amount)
            .field("currency", &self.currency)
            .field("discountable", &self.discountable)
            .field("discounts", &self.discounts)
            .field("invoice", &self.invoice)
            .field("period", &self.period)
            .field("pricing", &self.pricing)
            .field("quantity", &self.quantity)
            .field("subscription", &self.subscription)
            .field("tax_behavior", &self.tax_behavior)
            .field("tax_code", &self.tax_code)
            .field("tax_rates", &self.tax_rates)
            .field("unit_amount_decimal", &self.unit_amount_decimal)
            .finish_non_exhaustive()
    }
}

/// A price that exists.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct InvoiceItemPricing {
    /// The price's id.
    pub price: String,
}

impl InvoiceItemPricing {
    /// The required fields; nothing else is sent.
    pub fn new(price: impl Into<String>) -> Self {
        Self { price: price.into() }
    }
}

/// Changes of an item that is on no finalized invoice.
#[derive(Clone, Default, Serialize)]
#[non_exhaustive]
pub struct UpdateInvoiceItem {
    /// In minor units; below zero takes something off.
    pub amount: Option<i64>,
    /// Free text that the payer reads.
    pub description: Option<String>,
    /// Whether discounts apply.
    pub discountable: Option<bool>,
    /// Its discounts.
    pub discounts: Field<Vec<Discount>>,
    /// The time that it is for.
    pub period: Option<Period>,
    /// A price made for it.
    pub price_data: Option<PriceData>,
    /// A price that exists.
    pub pricing: Option<InvoiceItemPricing>,
    /// How many.
    pub quantity: Option<u64>,
    /// `exclusive`, `inclusive` or `unspecified`.
    pub tax_behavior: Option<String>,
    /// Stripe's tax code.
    pub tax_code: Field<String>,
    /// Its tax rates.
    pub tax_rates: Field<Vec<String>>,
    /// Amount of one unit in minor units with up to twelve decimals, as text.
    pub unit_amount_decimal: Option<String>,
    /// Entries to add or replace; an empty value removes one.
    pub metadata: BTreeMap<String, String>,
}

impl UpdateInvoiceItem {
    /// Sends nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets [`amount`](Self::amount).
    pub fn with_amount(mut self, amount: i64) -> Self {
        self.amount = Some(amount);
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

    /// Sets [`period`](Self::period).
    pub fn with_period(mut self, period: Period) -> Self {
        self.period = Some(period);
        self
    }

    /// Sets [`price_data`](Self::price_data).
    pub fn with_price_data(mut self, price_data: PriceData) -> Self {
        self.price_data = Some(price_data);
        self
    }

    /// Sets [`pricing`](Self::pricing).
    pub fn with_pricing(mut self, pricing: InvoiceItemPricing) -> Self {
        self.pricing = Some(pricing);
        self
    }

    /// Sets [`quantity`](Self::quantity).
    pub fn with_quantity(mut self, quantity: u64) -> Self {
        self.quantity = Some(quantity);
        self
    }

    /// Sets [`tax_behavior`](Self::tax_behavior).
    pub fn with_tax_behavior(mut self, tax_behavior: impl Into<String>) -> Self {
        self.tax_behavior = Some(tax_behavior.into());
        self
    }

    /// Sets [`tax_code`](Self::tax_code).
    pub fn with_tax_code(mut self, tax_code: impl Into<String>) -> Self {
        self.tax_code = Field::Set(tax_code.into());
        self
    }

    /// Clears [`tax_code`](Self::tax_code) at Stripe.
    pub fn without_tax_code(mut self) -> Self {
        self.tax_code = Field::Clear;
        self
    }

    /// Sets [`tax_rates`](Self::tax_rates).
    pub fn with_tax_rates(mut self, tax_rates: Vec<String>) -> Self {
        self.tax_rates = Field::Set(tax_rates);
        self
    }

    /// Clears [`tax_rates`](Self::tax_rates) at Stripe.
    pub fn without_tax_rates(mut self) -> Self {
        self.tax_rates = Field::Clear;
        self
    }

    /// Sets [`unit_amount_decimal`](Self::unit_amount_decimal).
    pub fn with_unit_amount_decimal(mut self, unit_amount_decimal: impl Into<String>) -> Self {
        self.unit_amount_decimal = Some(unit_amount_decimal.into());
        self
    }

    /// Adds one entry to [`metadata`](Self::metadata).
    pub fn with_metadata(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.metadata.insert(key.into(), value.into());
        self
    }
}

impl fmt::Debug for UpdateInvoiceItem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UpdateInvoiceItem")
            .field("amount", &self.amount)
            .field("discountable", &self.discountable)
            .field("discounts", &self.discounts)
            .field("period", &self.period)
            .field("pricing", &self.pricing)
            .field("quantity", &self.quantity)
            .field("tax_behavior", &self.tax_behavior)
            .field("tax_code", &self.tax_code)
            .field("tax_rates", &self.tax_rates)
            .field("unit_amount_decimal", &self.unit_amount_decimal)
            .finish_non_exhaustive()
    }
}

/// Which items to list, newest first.
#[derive(Clone, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct ListInvoiceItems {
    /// Of this customer.
    pub customer: Option<String>,
    /// On this invoice.
    pub invoice: Option<String>,
    /// Only those on no invoice yet, or only the others.
    pub pending: Option<bool>,
    /// Created in this time.
    pub created: Option<Created>,
    /// Objects a page, 1 to 100; Stripe's default is 10.
    pub limit: Option<u32>,
    /// After this id.
    pub starting_after: Option<String>,
}

impl ListInvoiceItems {
    /// Sends nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets [`customer`](Self::customer).
    pub fn with_customer(mut self, customer: impl Into<String>) -> Self {
        self.customer = Some(customer.into());
        self
    }

    /// Sets [`invoice`](Self::invoice).
    pub fn with_invoice(mut self, invoice: impl Into<String>) -> Self {
        self.invoice = Some(invoice.into());
        self
    }

    /// Sets [`pending`](Self::pending).
    pub fn with_pending(mut self, pending: bool) -> Self {
        self.pending = Some(pending);
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
