//! The parameters of subscriptions.

use super::discounts::DISCOUNT;
use super::params::{Field, Kind, clear, may, need};
use super::prices::{ONE_OFF_DATA, RECURRING_DATA};

/// Features that would change amounts or dates, and are not carried out.
pub(super) const REFUSED: &[&str] = &[
    "automatic_tax",
    "backdate_start_date",
    "billing_cycle_anchor_config",
    "billing_schedules",
    "billing_thresholds",
    "default_source",
    "pending_invoice_item_interval",
    "trial_from_plan",
];

const ADD_INVOICE_ITEMS: Field = may(
    "add_invoice_items",
    Kind::List(&Kind::Hash(&[
        may("discountable", Kind::Boolean),
        may("discounts", Kind::List(&Kind::Hash(DISCOUNT))),
        may("metadata", Kind::Metadata),
        may("period", Kind::Opaque),
        may("price", Kind::Text),
        may("price_data", Kind::Hash(ONE_OFF_DATA)),
        may("quantity", Kind::Integer),
        clear("tax_rates", Kind::List(&Kind::Text)),
    ])),
);

const CANCELLATION_DETAILS: Field = may(
    "cancellation_details",
    Kind::Hash(&[
        clear("comment", Kind::Text),
        clear(
            "feedback",
            Kind::OneOf(&[
                "customer_service",
                "low_quality",
                "missing_features",
                "other",
                "switched_service",
                "too_complex",
                "too_expensive",
                "unused",
            ]),
        ),
    ]),
);

const PAYMENT_BEHAVIOR: Field = may(
    "payment_behavior",
    Kind::OneOf(&["allow_incomplete", "default_incomplete", "error_if_incomplete", "pending_if_incomplete"]),
);

const PAYMENT_SETTINGS: Field = may(
    "payment_settings",
    Kind::Hash(&[
        may("payment_method_options", Kind::Opaque),
        clear("payment_method_types", Kind::List(&Kind::Text)),
        may("save_default_payment_method", Kind::OneOf(&["off", "on_subscription"])),
    ]),
);

const TRIAL_SETTINGS: Field = may(
    "trial_settings",
    Kind::Hash(&[need(
        "end_behavior",
        Kind::Hash(&[need("missing_payment_method", Kind::OneOf(&["cancel", "create_invoice", "pause"]))]),
    )]),
);

const INVOICE_SETTINGS: Field = may(
    "invoice_settings",
    Kind::Hash(&[
        clear("account_tax_ids", Kind::List(&Kind::Text)),
        may("custom_fields", Kind::Opaque),
        may("description", Kind::Text),
        may("footer", Kind::Text),
        may("issuer", Kind::Opaque),
    ]),
);

pub(super) const CREATE: &[Field] = &[
    ADD_INVOICE_ITEMS,
    clear("application_fee_percent", Kind::Decimal),
    may("automatic_tax", Kind::Opaque),
    may("backdate_start_date", Kind::Integer),
    may("billing_cycle_anchor", Kind::Integer),
    may("billing_cycle_anchor_config", Kind::Opaque),
    may(
        "billing_mode",
        Kind::Hash(&[may("flexible", Kind::Opaque), need("type", Kind::OneOf(&["classic", "flexible"]))]),
    ),
    may("billing_schedules", Kind::List(&Kind::Opaque)),
    clear("billing_thresholds", Kind::Opaque),
    may("cancel_at", Kind::IntegerOr(&["max_billed_until", "max_period_end", "min_period_end"])),
    may("cancel_at_period_end", Kind::Boolean),
    may("collection_method", Kind::OneOf(&["charge_automatically", "send_invoice"])),
    may("currency", Kind::Text),
    may("customer", Kind::Text),
    may("customer_account", Kind::Text),
    may("days_until_due", Kind::Integer),
    may("default_payment_method", Kind::Text),
    may("default_source", Kind::Text),
    clear("default_tax_rates", Kind::List(&Kind::Text)),
    may("description", Kind::Text),
    clear("discounts", Kind::List(&Kind::Hash(DISCOUNT))),
    INVOICE_SETTINGS,
    may(
        "items",
        Kind::List(&Kind::Hash(&[
            clear("billing_thresholds", Kind::Opaque),
            clear("discounts", Kind::List(&Kind::Hash(DISCOUNT))),
            may("metadata", Kind::Metadata),
            may("plan", Kind::Text),
            may("price", Kind::Text),
            may("price_data", Kind::Hash(RECURRING_DATA)),
            may("quantity", Kind::Integer),
            clear("tax_rates", Kind::List(&Kind::Text)),
        ])),
    ),
    clear("metadata", Kind::Metadata),
    may("off_session", Kind::Boolean),
    clear("on_behalf_of", Kind::Text),
    PAYMENT_BEHAVIOR,
    PAYMENT_SETTINGS,
    clear(
        "pending_invoice_item_interval",
        Kind::Hash(&[
            need("interval", Kind::OneOf(&["day", "month", "week", "year"])),
            may("interval_count", Kind::Integer),
        ]),
    ),
    may("proration_behavior", Kind::OneOf(&["always_invoice", "create_prorations", "none"])),
    may(
        "transfer_data",
        Kind::Hash(&[may("amount_percent", Kind::Decimal), need("destination", Kind::Text)]),
    ),
    may("trial_end", Kind::IntegerOr(&["now"])),
    may("trial_from_plan", Kind::Boolean),
    may("trial_period_days", Kind::Integer),
    TRIAL_SETTINGS,
];

pub(super) const UPDATE: &[Field] = &[
    ADD_INVOICE_ITEMS,
    clear("application_fee_percent", Kind::Decimal),
    may("automatic_tax", Kind::Opaque),
    may("billing_cycle_anchor", Kind::OneOf(&["now", "unchanged"])),
    clear("billing_schedules", Kind::List(&Kind::Opaque)),
    clear("billing_thresholds", Kind::Opaque),
    clear("cancel_at", Kind::IntegerOr(&["max_billed_until", "max_period_end", "min_period_end"])),
    may("cancel_at_period_end", Kind::Boolean),
    CANCELLATION_DETAILS,
    may("collection_method", Kind::OneOf(&["charge_automatically", "send_invoice"])),
    may("days_until_due", Kind::Integer),
    may("default_payment_method", Kind::Text),
    clear("default_source", Kind::Text),
    clear("default_tax_rates", Kind::List(&Kind::Text)),
    clear("description", Kind::Text),
    clear("discounts", Kind::List(&Kind::Hash(DISCOUNT))),
    INVOICE_SETTINGS,
    may(
        "items",
        Kind::List(&Kind::Hash(&[
            clear("billing_thresholds", Kind::Opaque),
            may("clear_usage", Kind::Boolean),
            may("deleted", Kind::Boolean),
            clear("discounts", Kind::List(&Kind::Hash(DISCOUNT))),
            may("id", Kind::Text),
            clear("metadata", Kind::Metadata),
            may("plan", Kind::Text),
            may("price", Kind::Text),
            may("price_data", Kind::Hash(RECURRING_DATA)),
            may("quantity", Kind::Integer),
            clear("tax_rates", Kind::List(&Kind::Text)),
        ])),
    ),
    clear("metadata", Kind::Metadata),
    may("off_session", Kind::Boolean),
    clear("on_behalf_of", Kind::Text),
    clear(
        "pause_collection",
        Kind::Hash(&[
            need("behavior", Kind::OneOf(&["keep_as_draft", "mark_uncollectible", "void"])),
            may("resumes_at", Kind::Integer),
        ]),
    ),
    PAYMENT_BEHAVIOR,
    PAYMENT_SETTINGS,
    clear("pending_invoice_item_interval", Kind::Opaque),
    may("proration_behavior", Kind::OneOf(&["always_invoice", "create_prorations", "none"])),
    may("proration_date", Kind::Integer),
    clear(
        "transfer_data",
        Kind::Hash(&[may("amount_percent", Kind::Decimal), need("destination", Kind::Text)]),
    ),
    may("trial_end", Kind::IntegerOr(&["now"])),
    may("trial_from_plan", Kind::Boolean),
    TRIAL_SETTINGS,
];

pub(super) const CANCEL: &[Field] =
    &[CANCELLATION_DETAILS, may("invoice_now", Kind::Boolean), may("prorate", Kind::Boolean)];

pub(super) const RESUME: &[Field] = &[
    may("billing_cycle_anchor", Kind::OneOf(&["now", "unchanged"])),
    may("proration_behavior", Kind::OneOf(&["always_invoice", "create_prorations", "none"])),
    may("proration_date", Kind::Integer),
];

pub(super) const LIST: &[Field] = &[
    may("automatic_tax", Kind::Opaque),
    may("collection_method", Kind::OneOf(&["charge_automatically", "send_invoice"])),
    may("created", Kind::Range),
    may("current_period_end", Kind::Range),
    may("current_period_start", Kind::Range),
    may("customer", Kind::Text),
    may("customer_account", Kind::Text),
    may("plan", Kind::Text),
    may("price", Kind::Text),
    may(
        "status",
        Kind::OneOf(&[
            "active",
            "all",
            "canceled",
            "ended",
            "incomplete",
            "incomplete_expired",
            "past_due",
            "paused",
            "trialing",
            "unpaid",
        ]),
    ),
    may("test_clock", Kind::Text),
];
