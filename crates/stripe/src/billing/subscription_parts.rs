//! Parts of requests about subscriptions and invoices.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use crate::PriceData;

/// A discount: one of the three.
#[derive(Clone, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct Discount {
    /// A coupon's id.
    pub coupon: Option<String>,
    /// A discount that exists already.
    pub discount: Option<String>,
    /// A promotion code's id, `promo_...`; not the code itself.
    pub promotion_code: Option<String>,
}

impl Discount {
    /// Sends nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets [`coupon`](Self::coupon).
    pub fn with_coupon(mut self, coupon: impl Into<String>) -> Self {
        self.coupon = Some(coupon.into());
        self
    }

    /// Sets [`discount`](Self::discount).
    pub fn with_discount(mut self, discount: impl Into<String>) -> Self {
        self.discount = Some(discount.into());
        self
    }

    /// Sets [`promotion_code`](Self::promotion_code).
    pub fn with_promotion_code(mut self, promotion_code: impl Into<String>) -> Self {
        self.promotion_code = Some(promotion_code.into());
        self
    }
}

/// Lets Stripe work out taxes.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct AutomaticTax {
    /// Whether it does.
    pub enabled: bool,
    /// Who owes them.
    pub liability: Option<AccountChoice>,
}

impl AutomaticTax {
    /// The required fields; nothing else is sent.
    pub fn new(enabled: bool) -> Self {
        Self { enabled, liability: None }
    }

    /// Sets [`liability`](Self::liability).
    pub fn with_liability(mut self, liability: AccountChoice) -> Self {
        self.liability = Some(liability);
        self
    }
}

/// The platform itself or a connected account.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct AccountChoice {
    /// `self` or `account`.
    #[serde(rename = "type")]
    pub choice: String,
    /// The connected account.
    pub account: Option<String>,
}

impl AccountChoice {
    /// The required fields; nothing else is sent.
    pub fn new(choice: impl Into<String>) -> Self {
        Self { choice: choice.into(), account: None }
    }

    /// Sets [`account`](Self::account).
    pub fn with_account(mut self, account: impl Into<String>) -> Self {
        self.account = Some(account.into());
        self
    }
}

/// An item of a new subscription, or a change to one of an existing subscription.
#[derive(Clone, Default, Serialize)]
#[non_exhaustive]
pub struct SubscriptionItemData {
    /// In an update: the item that is changed; a new one is added without it.
    pub id: Option<String>,
    /// The price's id.
    pub price: Option<String>,
    /// A price made for this item.
    pub price_data: Option<PriceData>,
    /// How many.
    pub quantity: Option<u64>,
    /// Discounts of this item.
    pub discounts: Vec<Discount>,
    /// Tax rates of this item.
    pub tax_rates: Vec<String>,
    /// In an update: removes the item.
    pub deleted: Option<bool>,
    /// In an update: removes the item although its use was counted.
    pub clear_usage: Option<bool>,
    /// Up to 50 entries of the host's own.
    pub metadata: BTreeMap<String, String>,
}

impl SubscriptionItemData {
    /// Sends nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets [`id`](Self::id).
    pub fn with_id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
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

    /// Adds one to [`discounts`](Self::discounts).
    pub fn with_discount(mut self, discount: Discount) -> Self {
        self.discounts.push(discount);
        self
    }

    /// Sets [`tax_rates`](Self::tax_rates).
    pub fn with_tax_rates<T: Into<String>>(mut self, tax_rates: impl IntoIterator<Item = T>) -> Self {
        self.tax_rates = tax_rates.into_iter().map(Into::into).collect();
        self
    }

    /// Sets [`deleted`](Self::deleted).
    pub fn with_deleted(mut self, deleted: bool) -> Self {
        self.deleted = Some(deleted);
        self
    }

    /// Sets [`clear_usage`](Self::clear_usage).
    pub fn with_clear_usage(mut self, clear_usage: bool) -> Self {
        self.clear_usage = Some(clear_usage);
        self
    }

    /// Adds one entry to [`metadata`](Self::metadata).
    pub fn with_metadata(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.metadata.insert(key.into(), value.into());
        self
    }
}

impl fmt::Debug for SubscriptionItemData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SubscriptionItemData")
            .field("id", &self.id)
            .field("price", &self.price)
            .field("quantity", &self.quantity)
            .field("discounts", &self.discounts)
            .field("tax_rates", &self.tax_rates)
            .field("deleted", &self.deleted)
            .field("clear_usage", &self.clear_usage)
            .finish_non_exhaustive()
    }
}

/// A single charge on the first or the next invoice of a subscription.
#[derive(Clone, Default, Serialize)]
#[non_exhaustive]
pub struct AddInvoiceItem {
    /// The price's id.
    pub price: Option<String>,
    /// A price made for it, without [`recurring`](PriceData::recurring): the charge is made once.
    pub price_data: Option<PriceData>,
    /// How many.
    pub quantity: Option<u64>,
    /// Its discounts.
    pub discounts: Vec<Discount>,
    /// Its tax rates.
    pub tax_rates: Vec<String>,
    /// Up to 50 entries of the host's own.
    pub metadata: BTreeMap<String, String>,
}

impl AddInvoiceItem {
    /// Sends nothing yet.
    pub fn new() -> Self {
        Self::default()
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

    /// Adds one to [`discounts`](Self::discounts).
    pub fn with_discount(mut self, discount: Discount) -> Self {
        self.discounts.push(discount);
        self
    }

    /// Sets [`tax_rates`](Self::tax_rates).
    pub fn with_tax_rates<T: Into<String>>(mut self, tax_rates: impl IntoIterator<Item = T>) -> Self {
        self.tax_rates = tax_rates.into_iter().map(Into::into).collect();
        self
    }

    /// Adds one entry to [`metadata`](Self::metadata).
    pub fn with_metadata(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.metadata.insert(key.into(), value.into());
        self
    }
}

impl fmt::Debug for AddInvoiceItem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AddInvoiceItem")
            .field("price", &self.price)
            .field("quantity", &self.quantity)
            .field("discounts", &self.discounts)
            .field("tax_rates", &self.tax_rates)
            .finish_non_exhaustive()
    }
}

/// How a subscription's invoices are paid.
#[derive(Clone, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct SubscriptionPaymentSettings {
    /// Kinds that may be used.
    pub payment_method_types: Vec<String>,
    /// `on_subscription` keeps what paid last; `off` is Stripe's default.
    pub save_default_payment_method: Option<String>,
}

impl SubscriptionPaymentSettings {
    /// Sends nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets [`payment_method_types`](Self::payment_method_types).
    pub fn with_payment_method_types<T: Into<String>>(
        mut self,
        payment_method_types: impl IntoIterator<Item = T>,
    ) -> Self {
        self.payment_method_types = payment_method_types.into_iter().map(Into::into).collect();
        self
    }

    /// Sets [`save_default_payment_method`](Self::save_default_payment_method).
    pub fn with_save_default_payment_method(
        mut self,
        save_default_payment_method: impl Into<String>,
    ) -> Self {
        self.save_default_payment_method = Some(save_default_payment_method.into());
        self
    }
}

/// What happens when a trial ends.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct TrialSettings {
    /// At its end.
    pub end_behavior: TrialEndBehavior,
}

impl TrialSettings {
    /// The required fields; nothing else is sent.
    pub fn new(end_behavior: TrialEndBehavior) -> Self {
        Self { end_behavior }
    }
}

/// What happens when a trial ends without a payment method.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct TrialEndBehavior {
    /// `cancel`, `create_invoice` or `pause`.
    pub missing_payment_method: String,
}

impl TrialEndBehavior {
    /// The required fields; nothing else is sent.
    pub fn new(missing_payment_method: impl Into<String>) -> Self {
        Self { missing_payment_method: missing_payment_method.into() }
    }
}

/// Sends a subscription's money on to a connected account.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct SubscriptionTransferData {
    /// The account.
    pub destination: String,
    /// Share of each invoice as decimal text, for example `90.5`; all of it when absent.
    pub amount_percent: Option<String>,
}

impl SubscriptionTransferData {
    /// The required fields; nothing else is sent.
    pub fn new(destination: impl Into<String>) -> Self {
        Self { destination: destination.into(), amount_percent: None }
    }

    /// Sets [`amount_percent`](Self::amount_percent).
    pub fn with_amount_percent(mut self, amount_percent: impl Into<String>) -> Self {
        self.amount_percent = Some(amount_percent.into());
        self
    }
}
