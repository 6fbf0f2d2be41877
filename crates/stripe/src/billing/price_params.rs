//! Parameters of prices.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Serialize, Serializer};

/// A new price. Its amount, currency and interval never change; make another price instead.
#[derive(Clone, Serialize)]
#[non_exhaustive]
pub struct CreatePrice {
    /// ISO 4217 code in lower case.
    pub currency: String,
    /// Whether it can be used.
    pub active: Option<bool>,
    /// `per_unit` (Stripe's default) or `tiered`.
    pub billing_scheme: Option<String>,
    /// Lets the payer choose the amount.
    pub custom_unit_amount: Option<CustomUnitAmount>,
    /// A name of the host's own to find it by.
    pub lookup_key: Option<String>,
    /// A name that only the merchant sees.
    pub nickname: Option<String>,
    /// The product.
    pub product: Option<String>,
    /// A product made with it; either this or `product`.
    pub product_data: Option<PriceProductData>,
    /// How often it is paid; absent for a single payment.
    pub recurring: Option<PriceRecurring>,
    /// `exclusive`, `inclusive` or `unspecified`.
    pub tax_behavior: Option<String>,
    /// Amounts by quantity, for the scheme `tiered`.
    pub tiers: Vec<PriceTier>,
    /// `graduated` or `volume`.
    pub tiers_mode: Option<String>,
    /// Takes the lookup key away from another price that has it.
    pub transfer_lookup_key: Option<bool>,
    /// Divides the quantity first.
    pub transform_quantity: Option<TransformQuantity>,
    /// Amount of one unit in minor units.
    pub unit_amount: Option<i64>,
    /// The same with up to twelve decimals, as text.
    pub unit_amount_decimal: Option<String>,
    /// Up to 50 entries of the host's own.
    pub metadata: BTreeMap<String, String>,
}

impl CreatePrice {
    /// The required fields; nothing else is sent.
    pub fn new(currency: impl Into<String>) -> Self {
        Self {
            currency: currency.into(),
            active: None,
            billing_scheme: None,
            custom_unit_amount: None,
            lookup_key: None,
            nickname: None,
            product: None,
            product_data: None,
            recurring: None,
            tax_behavior: None,
            tiers: Vec::new(),
            tiers_mode: None,
            transfer_lookup_key: None,
            transform_quantity: None,
            unit_amount: None,
            unit_amount_decimal: None,
            metadata: BTreeMap::new(),
        }
    }

    /// Sets [`active`](Self::active).
    pub fn with_active(mut self, active: bool) -> Self {
        self.active = Some(active);
        self
    }

    /// Sets [`billing_scheme`](Self::billing_scheme).
    pub fn with_billing_scheme(mut self, billing_scheme: impl Into<String>) -> Self {
        self.billing_scheme = Some(billing_scheme.into());
        self
    }

    /// Sets [`custom_unit_amount`](Self::custom_unit_amount).
    pub fn with_custom_unit_amount(mut self, custom_unit_amount: CustomUnitAmount) -> Self {
        self.custom_unit_amount = Some(custom_unit_amount);
        self
    }

    /// Sets [`lookup_key`](Self::lookup_key).
    pub fn with_lookup_key(mut self, lookup_key: impl Into<String>) -> Self {
        self.lookup_key = Some(lookup_key.into());
        self
    }

    /// Sets [`nickname`](Self::nickname).
    pub fn with_nickname(mut self, nickname: impl Into<String>) -> Self {
        self.nickname = Some(nickname.into());
        self
    }

    /// Sets [`product`](Self::product).
    pub fn with_product(mut self, product: impl Into<String>) -> Self {
        self.product = Some(product.into());
        self
    }

    /// Sets [`product_data`](Self::product_data).
    pub fn with_product_data(mut self, product_data: PriceProductData) -> Self {
        self.product_data = Some(product_data);
        self
    }

    /// Sets [`recurring`](Self::recurring).
    pub fn with_recurring(mut self, recurring: PriceRecurring) -> Self {
        self.recurring = Some(recurring);
        self
    }

    /// Sets [`tax_behavior`](Self::tax_behavior).
    pub fn with_tax_behavior(mut self, tax_behavior: impl Into<String>) -> Self {
        self.tax_behavior = Some(tax_behavior.into());
        self
    }

    /// Adds one to [`tiers`](Self::tiers).
    pub fn with_tier(mut self, tier: PriceTier) -> Self {
        self.tiers.push(tier);
        self
    }

    /// Sets [`tiers_mode`](Self::tiers_mode).
    pub fn with_tiers_mode(mut self, tiers_mode: impl Into<String>) -> Self {
        self.tiers_mode = Some(tiers_mode.into());
        self
    }

    /// Sets [`transfer_lookup_key`](Self::transfer_lookup_key).
    pub fn with_transfer_lookup_key(mut self, transfer_lookup_key: bool) -> Self {
        self.transfer_lookup_key = Some(transfer_lookup_key);
        self
    }

    /// Sets [`transform_quantity`](Self::transform_quantity).
    pub fn with_transform_quantity(mut self, transform_quantity: TransformQuantity) -> Self {
        self.transform_quantity = Some(transform_quantity);
        self
    }

    /// Sets [`unit_amount`](Self::unit_amount).
    pub fn with_unit_amount(mut self, unit_amount: i64) -> Self {
        self.unit_amount = Some(unit_amount);
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

impl fmt::Debug for CreatePrice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CreatePrice")
            .field("currency", &self.currency)
            .field("active", &self.active)
            .field("billing_scheme", &self.billing_scheme)
            .field("lookup_key", &self.lookup_key)
            .field("product", &self.product)
            .field("recurring", &self.recurring)
            .field("tax_behavior", &self.tax_behavior)
            .field("tiers", &self.tiers)
            .field("tiers_mode", &self.tiers_mode)
            .field("transfer_lookup_key", &self.transfer_lookup_key)
            .field("transform_quantity", &self.transform_quantity)
            .field("unit_amount", &self.unit_amount)
            .field("unit_amount_decimal", &self.unit_amount_decimal)
            .finish_non_exhaustive()
    }
}

/// A product made together with its price.
#[derive(Clone, Serialize)]
#[non_exhaustive]
pub struct PriceProductData {
    /// What the payer reads.
    pub name: String,
    /// Whether it is for sale.
    pub active: Option<bool>,
    /// An id of the host's own.
    pub id: Option<String>,
    /// Text on the statement.
    pub statement_descriptor: Option<String>,
    /// Stripe's tax code.
    pub tax_code: Option<String>,
    /// What one unit is called on receipts.
    pub unit_label: Option<String>,
    /// Up to 50 entries of the host's own.
    pub metadata: BTreeMap<String, String>,
}

impl PriceProductData {
    /// The required fields; nothing else is sent.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            active: None,
            id: None,
            statement_descriptor: None,
            tax_code: None,
            unit_label: None,
            metadata: BTreeMap::new(),
        }
    }

    /// Sets [`active`](Self::active).
    pub fn with_active(mut self, active: bool) -> Self {
        self.active = Some(active);
        self
    }

    /// Sets [`id`](Self::id).
    pub fn with_id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// Sets [`statement_descriptor`](Self::statement_descriptor).
    pub fn with_statement_descriptor(mut self, statement_descriptor: impl Into<String>) -> Self {
        self.statement_descriptor = Some(statement_descriptor.into());
        self
    }

    /// Sets [`tax_code`](Self::tax_code).
    pub fn with_tax_code(mut self, tax_code: impl Into<String>) -> Self {
        self.tax_code = Some(tax_code.into());
        self
    }

    /// Sets [`unit_label`](Self::unit_label).
    pub fn with_unit_label(mut self, unit_label: impl Into<String>) -> Self {
        self.unit_label = Some(unit_label.into());
        self
    }

    /// Adds one entry to [`metadata`](Self::metadata).
    pub fn with_metadata(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.metadata.insert(key.into(), value.into());
        self
    }
}

impl fmt::Debug for PriceProductData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PriceProductData")
            .field("name", &self.name)
            .field("active", &self.active)
            .field("id", &self.id)
            .field("tax_code", &self.tax_code)
            .finish_non_exhaustive()
    }
}

/// How often a new price is paid.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct PriceRecurring {
    /// `day`, `week`, `month` or `year`.
    pub interval: String,
    /// So many intervals apart; Stripe's default is 1.
    pub interval_count: Option<u32>,
    /// The meter that counts its use.
    pub meter: Option<String>,
    /// Days without payment of subscriptions that ask for the plan's trial.
    pub trial_period_days: Option<u32>,
    /// `licensed` (Stripe's default) or `metered`.
    pub usage_type: Option<String>,
}

impl PriceRecurring {
    /// The required fields; nothing else is sent.
    pub fn new(interval: impl Into<String>) -> Self {
        Self {
            interval: interval.into(),
            interval_count: None,
            meter: None,
            trial_period_days: None,
            usage_type: None,
        }
    }

    /// Sets [`interval_count`](Self::interval_count).
    pub fn with_interval_count(mut self, interval_count: u32) -> Self {
        self.interval_count = Some(interval_count);
        self
    }

    /// Sets [`meter`](Self::meter).
    pub fn with_meter(mut self, meter: impl Into<String>) -> Self {
        self.meter = Some(meter.into());
        self
    }

    /// Sets [`trial_period_days`](Self::trial_period_days).
    pub fn with_trial_period_days(mut self, trial_period_days: u32) -> Self {
        self.trial_period_days = Some(trial_period_days);
        self
    }

    /// Sets [`usage_type`](Self::usage_type).
    pub fn with_usage_type(mut self, usage_type: impl Into<String>) -> Self {
        self.usage_type = Some(usage_type.into());
        self
    }
}

/// An amount that the payer chooses.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct CustomUnitAmount {
    /// Whether the payer chooses.
    pub enabled: bool,
    /// At most, in minor units.
    pub maximum: Option<i64>,
    /// At least, in minor units.
    pub minimum: Option<i64>,
    /// What is shown first, in minor units.
    pub preset: Option<i64>,
}

impl CustomUnitAmount {
    /// The required fields; nothing else is sent.
    pub fn new(enabled: bool) -> Self {
        Self { enabled, maximum: None, minimum: None, preset: None }
    }

    /// Sets [`maximum`](Self::maximum).
    pub fn with_maximum(mut self, maximum: i64) -> Self {
        self.maximum = Some(maximum);
        self
    }

    /// Sets [`minimum`](Self::minimum).
    pub fn with_minimum(mut self, minimum: i64) -> Self {
        self.minimum = Some(minimum);
        self
    }

    /// Sets [`preset`](Self::preset).
    pub fn with_preset(mut self, preset: i64) -> Self {
        self.preset = Some(preset);
        self
    }
}

/// Amounts up to a quantity.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct PriceTier {
    /// The last quantity of the tier; `None` for the last tier, which has no end.
    #[serde(serialize_with = "up_to")]
    pub up_to: Option<u64>,
    /// For the whole tier, in minor units.
    pub flat_amount: Option<i64>,
    /// For the whole tier, with up to twelve decimals, as text.
    pub flat_amount_decimal: Option<String>,
    /// For one unit, in minor units.
    pub unit_amount: Option<i64>,
    /// For one unit, with up to twelve decimals, as text.
    pub unit_amount_decimal: Option<String>,
}

impl PriceTier {
    /// A tier that ends with this quantity, or never.
    pub fn new(up_to: Option<u64>) -> Self {
        Self {
            up_to,
            flat_amount: None,
            flat_amount_decimal: None,
            unit_amount: None,
            unit_amount_decimal: None,
        }
    }

    /// Sets [`flat_amount`](Self::flat_amount).
    pub fn with_flat_amount(mut self, flat_amount: i64) -> Self {
        self.flat_amount = Some(flat_amount);
        self
    }

    /// Sets [`flat_amount_decimal`](Self::flat_amount_decimal).
    pub fn with_flat_amount_decimal(mut self, flat_amount_decimal: impl Into<String>) -> Self {
        self.flat_amount_decimal = Some(flat_amount_decimal.into());
        self
    }

    /// Sets [`unit_amount`](Self::unit_amount).
    pub fn with_unit_amount(mut self, unit_amount: i64) -> Self {
        self.unit_amount = Some(unit_amount);
        self
    }

    /// Sets [`unit_amount_decimal`](Self::unit_amount_decimal).
    pub fn with_unit_amount_decimal(mut self, unit_amount_decimal: impl Into<String>) -> Self {
        self.unit_amount_decimal = Some(unit_amount_decimal.into());
        self
    }
}

#[expect(clippy::ref_option, reason = "the shape that serde calls")]
fn up_to<S: Serializer>(last: &Option<u64>, serializer: S) -> std::result::Result<S::Ok, S::Error> {
    match last {
        Some(last) => serializer.serialize_u64(*last),
        None => serializer.serialize_str("inf"),
    }
}

/// Divides a quantity before it is priced.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct TransformQuantity {
    /// By this.
    pub divide_by: u64,
    /// `up` or `down`.
    pub round: String,
}

impl TransformQuantity {
    /// The required fields; nothing else is sent.
    pub fn new(divide_by: u64, round: impl Into<String>) -> Self {
        Self { divide_by, round: round.into() }
    }
}
