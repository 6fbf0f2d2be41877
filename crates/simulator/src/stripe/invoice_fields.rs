//! The parameters of invoices.

use super::discounts::DISCOUNT;
use super::params::{Field, Kind, clear, may, need};

/// Features that would change amounts or payments, and are not carried out.
pub(super) const REFUSED: &[&str] = &["automatic_tax", "default_source", "from_invoice", "shipping_cost"];

pub(super) const CREATE: &[Field] = &[
    clear("account_tax_ids", Kind::List(&Kind::Text)),
    may("application_fee_amount", Kind::Integer),
    may("auto_advance", Kind::Boolean),
    may("automatic_tax", Kind::Opaque),
    may("automatically_finalizes_at", Kind::Integer),
    may("collection_method", Kind::OneOf(&["charge_automatically", "send_invoice"])),
    may("currency", Kind::Text),
    clear("custom_fields", Kind::List(&Kind::Opaque)),
    may("customer", Kind::Text),
    may("customer_account", Kind::Text),
    may("days_until_due", Kind::Integer),
    may("default_payment_method", Kind::Text),
    may("default_source", Kind::Text),
    may("default_tax_rates", Kind::List(&Kind::Text)),
    may("description", Kind::Text),
    clear("discounts", Kind::List(&Kind::Hash(DISCOUNT))),
    may("due_date", Kind::Integer),
    may("effective_at", Kind::Integer),
    may("footer", Kind::Text),
    may("from_invoice", Kind::Opaque),
    may("issuer", Kind::Opaque),
    clear("metadata", Kind::Metadata),
    may("number", Kind::Text),
    may("on_behalf_of", Kind::Text),
    may(
        "payment_settings",
        Kind::Hash(&[
            clear("default_mandate", Kind::Text),
            may("payment_method_options", Kind::Opaque),
            clear("payment_method_types", Kind::List(&Kind::Text)),
        ]),
    ),
    may("pending_invoice_items_behavior", Kind::OneOf(&["exclude", "include"])),
    may("rendering", Kind::Opaque),
    may("shipping_cost", Kind::Opaque),
    may(
        "shipping_details",
        Kind::Hash(&[need("address", Kind::Opaque), need("name", Kind::Text), clear("phone", Kind::Text)]),
    ),
    may("statement_descriptor", Kind::Text),
    may("subscription", Kind::Text),
    may("transfer_data", Kind::Hash(&[may("amount", Kind::Integer), need("destination", Kind::Text)])),
];

pub(super) const UPDATE: &[Field] = &[
    clear("account_tax_ids", Kind::List(&Kind::Text)),
    may("application_fee_amount", Kind::Integer),
    may("auto_advance", Kind::Boolean),
    may("automatic_tax", Kind::Opaque),
    may("automatically_finalizes_at", Kind::Integer),
    may("collection_method", Kind::OneOf(&["charge_automatically", "send_invoice"])),
    clear("custom_fields", Kind::List(&Kind::Opaque)),
    may("days_until_due", Kind::Integer),
    may("default_payment_method", Kind::Text),
    clear("default_source", Kind::Text),
    clear("default_tax_rates", Kind::List(&Kind::Text)),
    may("description", Kind::Text),
    clear("discounts", Kind::List(&Kind::Hash(DISCOUNT))),
    may("due_date", Kind::Integer),
    clear("effective_at", Kind::Integer),
    may("footer", Kind::Text),
    may("issuer", Kind::Opaque),
    clear("metadata", Kind::Metadata),
    clear("number", Kind::Text),
    clear("on_behalf_of", Kind::Text),
    may(
        "payment_settings",
        Kind::Hash(&[
            clear("default_mandate", Kind::Text),
            may("payment_method_options", Kind::Opaque),
            clear("payment_method_types", Kind::List(&Kind::Text)),
        ]),
    ),
    may("rendering", Kind::Opaque),
    clear("shipping_cost", Kind::Opaque),
    clear("shipping_details", Kind::Opaque),
    may("statement_descriptor", Kind::Text),
    clear("transfer_data", Kind::Hash(&[may("amount", Kind::Integer), need("destination", Kind::Text)])),
];

pub(super) const LIST: &[Field] = &[
    may("collection_method", Kind::OneOf(&["charge_automatically", "send_invoice"])),
    may("created", Kind::Range),
    may("customer", Kind::Text),
    may("customer_account", Kind::Text),
    may("due_date", Kind::Range),
    may("status", Kind::OneOf(&["draft", "open", "paid", "uncollectible", "void"])),
    may("subscription", Kind::Text),
];

pub(super) const FINALIZE: &[Field] = &[may("auto_advance", Kind::Boolean)];

pub(super) const PAY: &[Field] = &[
    may("forgive", Kind::Boolean),
    clear("mandate", Kind::Text),
    may("off_session", Kind::Boolean),
    may("paid_out_of_band", Kind::Boolean),
    may("payment_method", Kind::Text),
    may("source", Kind::Text),
];

pub(super) const PAYMENTS: &[Field] = &[
    may("created", Kind::Range),
    may("invoice", Kind::Text),
    may(
        "payment",
        Kind::Hash(&[
            may("payment_intent", Kind::Text),
            may("payment_record", Kind::Text),
            need("type", Kind::OneOf(&["payment_intent", "payment_record"])),
        ]),
    ),
    may("status", Kind::OneOf(&["canceled", "open", "paid"])),
];
