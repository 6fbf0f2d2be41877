//! Parameters that `--all` does not send, and why. An entry that is not needed fails the test.

/// Fields of one struct that exclude each other: wherever the struct is sent, at least one of them is.
pub(crate) struct OneOf {
    pub(crate) of: &'static str,
    pub(crate) fields: &'static [&'static str],
    pub(crate) why: &'static str,
}

/// A parameter of one operation, and everything below it.
pub(crate) struct LeftOut {
    pub(crate) operation: &'static str,
    pub(crate) path: &'static str,
    pub(crate) why: &'static str,
}

const fn one_of(of: &'static str, fields: &'static [&'static str], why: &'static str) -> OneOf {
    OneOf { of, fields, why }
}

const fn left(operation: &'static str, path: &'static str, why: &'static str) -> LeftOut {
    LeftOut { operation, path, why }
}

pub(crate) const ONE_OF: &[OneOf] = &[
    one_of("AddInvoiceItem", &["price", "price_data"], "A price, or the terms of a new one."),
    one_of("CreateSubscriptionItem", &["price", "price_data"], "A price, or the terms of a new one."),
    one_of("UpdateSubscriptionItem", &["price", "price_data"], "A price, or the terms of a new one."),
    one_of("SubscriptionItemData", &["price", "price_data"], "A price, or the terms of a new one."),
    one_of("PageLineItem", &["price", "price_data"], "A price, or the terms of a new one."),
    one_of(
        "CreatePrice",
        &["custom_unit_amount", "tiers", "unit_amount", "unit_amount_decimal"],
        "A price has one way to its amount.",
    ),
    one_of("CreatePrice", &["product", "product_data"], "A product, or the terms of a new one."),
    one_of("PriceData", &["product", "product_data"], "A product, or the terms of a new one."),
    one_of("PriceData", &["unit_amount", "unit_amount_decimal"], "The same amount twice."),
    one_of("DefaultPriceData", &["unit_amount", "unit_amount_decimal"], "The same amount twice."),
    one_of("Discount", &["coupon", "discount", "promotion_code"], "One discount has one origin."),
    one_of("CreateRefund", &["charge", "payment_intent"], "What is refunded is named once."),
    one_of(
        "CreatePaymentIntent",
        &["confirmation_token", "payment_method", "payment_method_data"],
        "One payment has one method.",
    ),
    one_of(
        "CreatePaymentIntent",
        &["automatic_payment_methods", "payment_method_types"],
        "Stripe picks the kinds of methods, or the caller does.",
    ),
    one_of("UpdatePaymentIntent", &["payment_method", "payment_method_data"], "One payment has one method."),
    one_of(
        "ConfirmPaymentIntent",
        &["confirmation_token", "payment_method", "payment_method_data"],
        "One payment has one method.",
    ),
    one_of(
        "CreateSetupIntent",
        &["confirmation_token", "payment_method", "payment_method_data"],
        "One setup has one method.",
    ),
    one_of(
        "CreateSetupIntent",
        &["automatic_payment_methods", "payment_method_types"],
        "Stripe picks the kinds of methods, or the caller does.",
    ),
    one_of(
        "ConfirmSetupIntent",
        &["confirmation_token", "payment_method", "payment_method_data"],
        "One setup has one method.",
    ),
    one_of("PaymentMethodData", &["card", "us_bank_account"], "A method is of one kind."),
    one_of(
        "CardOptions",
        &["mit_exemption", "moto", "request_three_d_secure", "three_d_secure"],
        "Authentication is asked for, brought along, or not needed.",
    ),
    one_of("LinkAfterCompletion", &["hosted_confirmation", "redirect"], "A page ends in one way."),
    one_of("PortalAfterCompletion", &["hosted_confirmation", "redirect"], "A page ends in one way."),
    one_of(
        "PortalFlow",
        &["subscription_cancel", "subscription_update", "subscription_update_confirm"],
        "A visit has one purpose.",
    ),
    one_of(
        "CreateInvoiceItem",
        &["amount", "price_data", "pricing", "unit_amount_decimal"],
        "An item has one way to its amount.",
    ),
    one_of(
        "UpdateInvoiceItem",
        &["amount", "price_data", "pricing", "unit_amount_decimal"],
        "An item has one way to its amount.",
    ),
    one_of("PreviewInvoiceItem", &["amount", "price", "price_data"], "An item has one way to its amount."),
    one_of(
        "PreviewSubscription",
        &["cancel_at", "cancel_at_period_end", "cancel_now"],
        "A subscription ends at one time.",
    ),
    one_of("CreateAccount", &["controller", "type"], "A type stands for a set of controller settings."),
    one_of("PayoutSchedule", &["monthly_anchor", "weekly_anchor"], "Each belongs to its own interval."),
    one_of("CreateCoupon", &["amount_off", "percent_off"], "A coupon takes off an amount or a share."),
    one_of("ListEvents", &["type", "types"], "One kind of event, or several."),
    one_of("ListProducts", &["ids", "starting_after"], "Named products are not paged."),
    one_of("CreateInvoice", &["days_until_due", "due_date"], "The same date twice."),
    one_of("CreateSubscription", &["cancel_at", "cancel_at_period_end"], "A subscription ends at one time."),
    one_of("UpdateSubscription", &["cancel_at", "cancel_at_period_end"], "A subscription ends at one time."),
    one_of(
        "CreateSubscription",
        &["backdate_start_date", "trial_end", "trial_from_plan", "trial_period_days"],
        "A trial has one length, and begins now.",
    ),
    one_of("CreatePayout", &["destination", "payout_method"], "A payout has one destination."),
    one_of("CreatePaymentIntent", &["mandate", "mandate_data"], "A mandate that there is, or a new one."),
    one_of("ConfirmPaymentIntent", &["mandate", "mandate_data"], "A mandate that there is, or a new one."),
    one_of(
        "CreatePaymentIntent",
        &["off_session", "setup_future_usage"],
        "What is set up for later is paid for by somebody who is there.",
    ),
    one_of(
        "ConfirmPaymentIntent",
        &["off_session", "setup_future_usage"],
        "What is set up for later is paid for by somebody who is there.",
    ),
];

pub(crate) const LEFT_OUT: &[LeftOut] = &[
    left(
        "accounts.create",
        "account_token",
        "Only a browser can make an account token, and it excludes what stands in it.",
    ),
    left(
        "accounts.update",
        "account_token",
        "Only a browser can make an account token, and it excludes what stands in it.",
    ),
    left("balance_transactions.list", "payout", "For automatic payouts that have happened."),
    left("checkout_sessions.create", "allow_promotion_codes", "A discount excludes it."),
    left(
        "checkout_sessions.create",
        "automatic_tax[liability]",
        "Tax rates exclude automatic tax, which this belongs to.",
    ),
    left("checkout_sessions.create", "customer_creation", "There is a customer."),
    left("checkout_sessions.create", "customer_email", "There is a customer."),
    left("checkout_sessions.create", "line_items[price_data][recurring]", "The page is for a payment."),
    left(
        "checkout_sessions.create",
        "payment_intent_data[statement_descriptor]",
        "Cards take only the suffix.",
    ),
    left(
        "checkout_sessions.create",
        "payment_intent_data[transfer_data][amount]",
        "An application fee excludes an amount of the connected account's.",
    ),
    left(
        "checkout_sessions.create",
        "payment_method_collection",
        "For subscriptions; the page is for a payment.",
    ),
    left("checkout_sessions.create", "redirect_on_completion", "For embedded pages; this one is hosted."),
    left("checkout_sessions.create", "return_url", "For embedded pages; this one is hosted."),
    left("checkout_sessions.create", "setup_intent_data", "For setups; the page is for a payment."),
    left("checkout_sessions.create", "subscription_data", "For subscriptions; the page is for a payment."),
    left(
        "checkout_sessions.list",
        "customer_details",
        "A page that is open does not know what its payer will type.",
    ),
    left("checkout_sessions.list", "payment_intent", "A page that is open has no payment."),
    left("checkout_sessions.list", "payment_link", "The page does not come from a link."),
    left("checkout_sessions.list", "subscription", "A page that is open has no subscription."),
    left("invoice_items.create", "subscription", "The item's invoice is of no subscription."),
    left(
        "invoices.create",
        "automatic_tax[liability]",
        "Tax rates exclude automatic tax, which this belongs to.",
    ),
    left("invoices.create", "subscription", "An invoice of a subscription takes no application fee."),
    left(
        "invoices.create",
        "transfer_data[amount]",
        "An application fee excludes an amount of the connected account's.",
    ),
    left(
        "invoices.create_preview",
        "automatic_tax[liability]",
        "Tax rates exclude automatic tax, which this belongs to.",
    ),
    left(
        "invoices.create_preview",
        "invoice_items[currency]",
        "Goes with an amount, which price data exclude.",
    ),
    left("invoices.create_preview", "invoice_items[price_data][recurring]", "The price is paid once."),
    left("invoices.create_preview", "schedule", "The preview is of a subscription without one."),
    left(
        "invoices.create_preview",
        "subscription_details[billing_cycle_anchor]",
        "The end of a trial moves it.",
    ),
    left(
        "invoices.create_preview",
        "subscription_details[items][clear_usage]",
        "For metered usage; the price is licensed.",
    ),
    left(
        "invoices.create_preview",
        "subscription_details[items][deleted]",
        "Excludes what changes the item, and no item would be left.",
    ),
    left(
        "invoices.create_preview",
        "subscription_details[start_date]",
        "For a subscription that there is not yet.",
    ),
    left("invoices.pay", "mandate", "The method is a card, which has none."),
    left("payment_intents.capture", "statement_descriptor", "Cards take only the suffix."),
    left(
        "payment_intents.confirm",
        "payment_method_options[card][setup_future_usage]",
        "Excludes paying off-session.",
    ),
    left(
        "payment_intents.confirm",
        "payment_method_options[us_bank_account][setup_future_usage]",
        "Excludes paying off-session.",
    ),
    left("payment_intents.create", "statement_descriptor", "Cards take only the suffix."),
    left(
        "payment_intents.create",
        "transfer_data[amount]",
        "An application fee excludes an amount of the connected account's.",
    ),
    left("payment_intents.increment_authorization", "statement_descriptor", "Cards take only the suffix."),
    left("payment_intents.update", "statement_descriptor", "Cards take only the suffix."),
    left("payment_links.create", "application_fee_percent", "For subscriptions; the page is for a payment."),
    left(
        "payment_links.create",
        "automatic_tax[liability]",
        "Tax rates exclude automatic tax, which this belongs to.",
    ),
    left("payment_links.create", "line_items[price_data][recurring]", "The price is paid once."),
    left(
        "payment_links.create",
        "payment_intent_data[application_fee_amount]",
        "Of checkout sessions; a link has it beside these data.",
    ),
    left(
        "payment_links.create",
        "payment_intent_data[on_behalf_of]",
        "Of checkout sessions; a link has it beside these data.",
    ),
    left(
        "payment_links.create",
        "payment_intent_data[receipt_email]",
        "Of checkout sessions; a link is for many payers.",
    ),
    left("payment_links.create", "payment_intent_data[statement_descriptor]", "Cards take only the suffix."),
    left(
        "payment_links.create",
        "payment_intent_data[transfer_data]",
        "Of checkout sessions; a link has it beside these data.",
    ),
    left(
        "payment_links.create",
        "payment_method_collection",
        "For subscriptions; the page is for a payment.",
    ),
    left("payment_links.create", "subscription_data", "For subscriptions; the page is for a payment."),
    left(
        "payment_links.create",
        "transfer_data[amount]",
        "An application fee excludes an amount of the connected account's.",
    ),
    left(
        "payment_links.update",
        "automatic_tax[liability]",
        "Tax rates exclude automatic tax, which this belongs to.",
    ),
    left(
        "payment_links.update",
        "payment_method_collection",
        "For subscriptions; the page is for a payment.",
    ),
    left(
        "payment_methods.create",
        "card[cvc]",
        "A token is sent, since Stripe takes numbers only from accounts that asked for it.",
    ),
    left(
        "payment_methods.create",
        "card[exp_month]",
        "A token is sent, since Stripe takes numbers only from accounts that asked for it.",
    ),
    left(
        "payment_methods.create",
        "card[exp_year]",
        "A token is sent, since Stripe takes numbers only from accounts that asked for it.",
    ),
    left(
        "payment_methods.create",
        "card[network_token]",
        "A token is sent, since Stripe takes numbers only from accounts that asked for it.",
    ),
    left(
        "payment_methods.create",
        "card[number]",
        "A token is sent, since Stripe takes numbers only from accounts that asked for it.",
    ),
    left("prices.create", "recurring[meter]", "This client makes no meters, and one excludes a trial."),
    left("prices.create", "transform_quantity", "Tiers exclude it."),
    left(
        "setup_intents.confirm",
        "payment_method_options[card][capture_method]",
        "For payments; a setup charges nothing.",
    ),
    left(
        "setup_intents.confirm",
        "payment_method_options[card][request_extended_authorization]",
        "For payments; a setup charges nothing.",
    ),
    left(
        "setup_intents.confirm",
        "payment_method_options[card][request_incremental_authorization]",
        "For payments; a setup charges nothing.",
    ),
    left(
        "setup_intents.confirm",
        "payment_method_options[card][request_multicapture]",
        "For payments; a setup charges nothing.",
    ),
    left(
        "setup_intents.confirm",
        "payment_method_options[card][request_overcapture]",
        "For payments; a setup charges nothing.",
    ),
    left(
        "setup_intents.confirm",
        "payment_method_options[card][setup_future_usage]",
        "For payments; a setup has `usage`.",
    ),
    left(
        "setup_intents.confirm",
        "payment_method_options[us_bank_account][setup_future_usage]",
        "For payments; a setup has `usage`.",
    ),
    left(
        "setup_intents.create",
        "payment_method_options[card][capture_method]",
        "For payments; a setup charges nothing.",
    ),
    left(
        "setup_intents.create",
        "payment_method_options[card][request_extended_authorization]",
        "For payments; a setup charges nothing.",
    ),
    left(
        "setup_intents.create",
        "payment_method_options[card][request_incremental_authorization]",
        "For payments; a setup charges nothing.",
    ),
    left(
        "setup_intents.create",
        "payment_method_options[card][request_multicapture]",
        "For payments; a setup charges nothing.",
    ),
    left(
        "setup_intents.create",
        "payment_method_options[card][request_overcapture]",
        "For payments; a setup charges nothing.",
    ),
    left(
        "setup_intents.create",
        "payment_method_options[card][setup_future_usage]",
        "For payments; a setup has `usage`.",
    ),
    left(
        "setup_intents.create",
        "payment_method_options[us_bank_account][setup_future_usage]",
        "For payments; a setup has `usage`.",
    ),
    left("subscription_items.delete", "clear_usage", "For metered usage; the price is licensed."),
    left("subscriptions.create", "add_invoice_items[price_data][recurring]", "The price is paid once."),
    left("subscriptions.create", "application_fee_percent", "A share for the connected account excludes it."),
    left(
        "subscriptions.create",
        "automatic_tax[liability]",
        "Tax rates exclude automatic tax, which this belongs to.",
    ),
    left("subscriptions.create", "billing_cycle_anchor", "A trial's end is the anchor of what follows."),
    left(
        "subscriptions.create",
        "billing_cycle_anchor_config",
        "A trial's end is the anchor of what follows.",
    ),
    left("subscriptions.create", "days_until_due", "For invoices that are sent."),
    left("subscriptions.create", "items[clear_usage]", "For items that there are already."),
    left("subscriptions.create", "items[deleted]", "For items that there are already."),
    left("subscriptions.create", "items[id]", "For items that there are already."),
    left("subscriptions.update", "add_invoice_items[price_data][recurring]", "The price is paid once."),
    left("subscriptions.update", "application_fee_percent", "A share for the connected account excludes it."),
    left(
        "subscriptions.update",
        "automatic_tax[liability]",
        "Tax rates exclude automatic tax, which this belongs to.",
    ),
    left("subscriptions.update", "days_until_due", "For invoices that are sent."),
    left("subscriptions.update", "items[clear_usage]", "For metered usage; the price is licensed."),
    left(
        "subscriptions.update",
        "items[deleted]",
        "Excludes what changes the item, and no item would be left.",
    ),
];
