//! Changing and listing payment links.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use crate::{
    AdjustableQuantity, AllowedCountries, AutomaticTax, Field, LinkAfterCompletion, LinkRestrictions, Switch,
};

/// Changes of a payment link.
#[derive(Clone, Default, Serialize)]
#[non_exhaustive]
pub struct UpdatePaymentLink {
    /// Whether payers can use it.
    pub active: Option<bool>,
    /// Things whose quantity changes.
    pub line_items: Vec<LinkLineItem>,
    /// What comes after payment.
    pub after_completion: Option<LinkAfterCompletion>,
    /// Lets payers type a promotion code.
    pub allow_promotion_codes: Option<bool>,
    /// Lets Stripe work out taxes.
    pub automatic_tax: Option<AutomaticTax>,
    /// `auto` or `required`.
    pub billing_address_collection: Option<String>,
    /// `always` or `if_required`.
    pub customer_creation: Option<String>,
    /// What a page says that is no longer active.
    pub inactive_message: Field<String>,
    /// Makes an invoice afterwards.
    pub invoice_creation: Option<Switch>,
    /// `always` or `if_required`.
    pub payment_method_collection: Option<String>,
    /// Kinds that may be used.
    pub payment_method_types: Field<Vec<String>>,
    /// Asks for a telephone number.
    pub phone_number_collection: Option<Switch>,
    /// How often it can be used.
    pub restrictions: Field<LinkRestrictions>,
    /// Asks where the goods go.
    pub shipping_address_collection: Field<AllowedCountries>,
    /// What the button says.
    pub submit_type: Option<String>,
    /// Asks for a tax id.
    pub tax_id_collection: Option<Switch>,
    /// Entries to add or replace; an empty value removes one.
    pub metadata: BTreeMap<String, String>,
}

impl UpdatePaymentLink {
    /// Sends nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets [`active`](Self::active).
    pub fn with_active(mut self, active: bool) -> Self {
        self.active = Some(active);
        self
    }

    /// Adds one to [`line_items`](Self::line_items).
    pub fn with_line_item(mut self, line_item: LinkLineItem) -> Self {
        self.line_items.push(line_item);
        self
    }

    /// Sets [`after_completion`](Self::after_completion).
    pub fn with_after_completion(mut self, after_completion: LinkAfterCompletion) -> Self {
        self.after_completion = Some(after_completion);
        self
    }

    /// Sets [`allow_promotion_codes`](Self::allow_promotion_codes).
    pub fn with_allow_promotion_codes(mut self, allow_promotion_codes: bool) -> Self {
        self.allow_promotion_codes = Some(allow_promotion_codes);
        self
    }

    /// Sets [`automatic_tax`](Self::automatic_tax).
    pub fn with_automatic_tax(mut self, automatic_tax: AutomaticTax) -> Self {
        self.automatic_tax = Some(automatic_tax);
        self
    }

    /// Sets [`billing_address_collection`](Self::billing_address_collection).
    pub fn with_billing_address_collection(mut self, billing_address_collection: impl Into<String>) -> Self {
        self.billing_address_collection = Some(billing_address_collection.into());
        self
    }

    /// Sets [`customer_creation`](Self::customer_creation).
    pub fn with_customer_creation(mut self, customer_creation: impl Into<String>) -> Self {
        self.customer_creation = Some(customer_creation.into());
        self
    }

    /// Sets [`inactive_message`](Self::inactive_message).
    pub fn with_inactive_message(mut self, inactive_message: impl Into<String>) -> Self {
        self.inactive_message = Field::Set(inactive_message.into());
        self
    }

    /// Clears [`inactive_message`](Self::inactive_message) at Stripe.
    pub fn without_inactive_message(mut self) -> Self {
        self.inactive_message = Field::Clear;
        self
    }

    /// Sets [`invoice_creation`](Self::invoice_creation).
    pub fn with_invoice_creation(mut self, invoice_creation: Switch) -> Self {
        self.invoice_creation = Some(invoice_creation);
        self
    }

    /// Sets [`payment_method_collection`](Self::payment_method_collection).
    pub fn with_payment_method_collection(mut self, payment_method_collection: impl Into<String>) -> Self {
        self.payment_method_collection = Some(payment_method_collection.into());
        self
    }

    /// Sets [`payment_method_types`](Self::payment_method_types).
    pub fn with_payment_method_types(mut self, payment_method_types: Vec<String>) -> Self {
        self.payment_method_types = Field::Set(payment_method_types);
        self
    }

    /// Clears [`payment_method_types`](Self::payment_method_types) at Stripe.
    pub fn without_payment_method_types(mut self) -> Self {
        self.payment_method_types = Field::Clear;
        self
    }

    /// Sets [`phone_number_collection`](Self::phone_number_collection).
    pub fn with_phone_number_collection(mut self, phone_number_collection: Switch) -> Self {
        self.phone_number_collection = Some(phone_number_collection);
        self
    }

    /// Sets [`restrictions`](Self::restrictions).
    pub fn with_restrictions(mut self, restrictions: LinkRestrictions) -> Self {
        self.restrictions = Field::Set(restrictions);
        self
    }

    /// Clears [`restrictions`](Self::restrictions) at Stripe.
    pub fn without_restrictions(mut self) -> Self {
        self.restrictions = Field::Clear;
        self
    }

    /// Sets [`shipping_address_collection`](Self::shipping_address_collection).
    pub fn with_shipping_address_collection(mut self, shipping_address_collection: AllowedCountries) -> Self {
        self.shipping_address_collection = Field::Set(shipping_address_collection);
        self
    }

    /// Clears [`shipping_address_collection`](Self::shipping_address_collection) at Stripe.
    pub fn without_shipping_address_collection(mut self) -> Self {
        self.shipping_address_collection = Field::Clear;
        self
    }

    /// Sets [`submit_type`](Self::submit_type).
    pub fn with_submit_type(mut self, submit_type: impl Into<String>) -> Self {
        self.submit_type = Some(submit_type.into());
        self
    }

    /// Sets [`tax_id_collection`](Self::tax_id_collection).
    pub fn with_tax_id_collection(mut self, tax_id_collection: Switch) -> Self {
        self.tax_id_collection = Some(tax_id_collection);
        self
    }

    /// Adds one entry to [`metadata`](Self::metadata).
    pub fn with_metadata(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.metadata.insert(key.into(), value.into());
        self
    }
}

impl fmt::Debug for UpdatePaymentLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UpdatePaymentLink")
            .field("active", &self.active)
            .field("allow_promotion_codes", &self.allow_promotion_codes)
            .field("automatic_tax", &self.automatic_tax)
            .field("billing_address_collection", &self.billing_address_collection)
            .field("customer_creation", &self.customer_creation)
            .field("invoice_creation", &self.invoice_creation)
            .field("payment_method_collection", &self.payment_method_collection)
            .field("payment_method_types", &self.payment_method_types)
            .field("phone_number_collection", &self.phone_number_collection)
            .field("restrictions", &self.restrictions)
            .field("shipping_address_collection", &self.shipping_address_collection)
            .field("submit_type", &self.submit_type)
            .field("tax_id_collection", &self.tax_id_collection)
            .finish_non_exhaustive()
    }
}

/// A thing on a link whose quantity changes.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct LinkLineItem {
    /// Id, `li_...`.
    pub id: String,
    /// How many.
    pub quantity: Option<u64>,
    /// Lets the payer choose how many.
    pub adjustable_quantity: Option<AdjustableQuantity>,
}

impl LinkLineItem {
    /// The required fields; nothing else is sent.
    pub fn new(id: impl Into<String>) -> Self {
        Self { id: id.into(), quantity: None, adjustable_quantity: None }
    }

    /// Sets [`quantity`](Self::quantity).
    pub fn with_quantity(mut self, quantity: u64) -> Self {
        self.quantity = Some(quantity);
        self
    }

    /// Sets [`adjustable_quantity`](Self::adjustable_quantity).
    pub fn with_adjustable_quantity(mut self, adjustable_quantity: AdjustableQuantity) -> Self {
        self.adjustable_quantity = Some(adjustable_quantity);
        self
    }
}

/// Which payment links to list, newest first.
#[derive(Clone, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct ListPaymentLinks {
    /// Only those that payers can use, or only the others.
    pub active: Option<bool>,
    /// Objects a page, 1 to 100; Stripe's default is 10.
    pub limit: Option<u32>,
    /// After this id.
    pub starting_after: Option<String>,
}

impl ListPaymentLinks {
    /// Sends nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets [`active`](Self::active).
    pub fn with_active(mut self, active: bool) -> Self {
        self.active = Some(active);
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
