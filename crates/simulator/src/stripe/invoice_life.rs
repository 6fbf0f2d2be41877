//! How invoices come about and end: drafts, finalized, paid, voided, given up.

use serde_json::{Value, json};

use super::object::Object;
use super::state::{Account, Later};
use super::{invoice_lines, invoice_payments, invoice_totals, tax_ids};

const HOUR: i64 = 60 * 60;
const DAY: i64 = 24 * HOUR;

/// How long an automatic invoice stays a draft, in seconds.
pub(super) const DRAFT_LASTS: u64 = 60 * 60;

/// What an invoice starts from.
pub(super) struct Draft<'a> {
    pub(super) customer: &'a Value,
    pub(super) currency: &'a str,
    pub(super) reason: &'a str,
    /// Null for an invoice of its own.
    pub(super) subscription: &'a Value,
    pub(super) collection_method: &'a str,
    pub(super) days_until_due: Option<i64>,
    pub(super) discounts: Vec<Value>,
    pub(super) period: (i64, i64),
    pub(super) auto_advance: bool,
}

/// A draft without lines; the caller adds them, sums up and stores it.
pub(super) fn build(account: &mut Account, draft: &Draft<'_>) -> Value {
    let customer = draft.customer;
    let subscription = draft.subscription;
    let parent = (!subscription.is_null()).then(|| {
        json!({
            "quote_details": null,
            "subscription_details": {
                "metadata": subscription.at(&["metadata"]), "subscription": subscription.text("id"),
            },
            "type": "subscription_details",
        })
    });
    let due = draft.days_until_due.map(|days| account.time() + days * DAY);
    let finalizes = draft.auto_advance.then(|| account.now + DRAFT_LASTS);
    let mut invoice = json!({
        "id": account.ids.id("in"),
        "object": "invoice",
        "account_country": "US",
        "account_name": "Simulated shop",
        "account_tax_ids": null,
        "amount_due": 0,
        "amount_overpaid": 0,
        "amount_paid": 0,
        "amount_remaining": 0,
        "amount_shipping": 0,
        "application": null,
        "attempt_count": 0,
        "attempted": false,
        "auto_advance": draft.auto_advance,
        "automatic_tax": { "disabled_reason": null, "enabled": false, "liability": null, "provider": null, "status": null },
        "automatically_finalizes_at": finalizes,
        "billing_reason": draft.reason,
        "collection_method": draft.collection_method,
        "created": account.now,
        "currency": draft.currency,
        "custom_fields": null,
        "customer": customer.text("id"),
        "customer_account": null,
        "customer_address": customer.at(&["address"]),
        "customer_email": customer.at(&["email"]),
        "customer_name": customer.at(&["name"]),
        "customer_phone": customer.at(&["phone"]),
        "customer_shipping": customer.at(&["shipping"]),
        "customer_tax_exempt": customer.at(&["tax_exempt"]),
        "customer_tax_ids": tax_ids::on_invoices(account, customer.text("id")),
        "default_payment_method": null,
        "default_source": null,
        "default_tax_rates": subscription.at(&["default_tax_rates"]).as_array().cloned().unwrap_or_default(),
        "description": null,
        "discounts": draft.discounts,
        "due_date": due,
        "effective_at": null,
        "ending_balance": null,
        "footer": null,
        "from_invoice": null,
        "hosted_invoice_url": null,
        "invoice_pdf": null,
        "issuer": { "type": "self" },
        "last_finalization_error": null,
        "latest_revision": null,
        "livemode": false,
        "metadata": {},
        "next_payment_attempt": null,
        "number": null,
        "on_behalf_of": null,
        "parent": parent,
        "payment_settings": { "default_mandate": null, "payment_method_options": null, "payment_method_types": null },
        "period_end": draft.period.1,
        "period_start": draft.period.0,
        "post_payment_credit_notes_amount": 0,
        "pre_payment_credit_notes_amount": 0,
        "receipt_number": null,
        "rendering": null,
        "shipping_cost": null,
        "shipping_details": null,
        "starting_balance": 0,
        "statement_descriptor": null,
        "status": "draft",
        "status_transitions": {
            "finalized_at": null, "marked_uncollectible_at": null, "paid_at": null, "voided_at": null,
        },
        "test_clock": customer.at(&["test_clock"]),
        "total_taxes": [],
        "webhooks_delivered_at": null,
    });
    for (name, value) in subscription.at(&["invoice_settings"]).as_object().into_iter().flatten() {
        invoice.set(name, value.clone());
    }
    if draft.auto_advance && draft.collection_method == "charge_automatically" {
        invoice.set("next_payment_attempt", account.now + DRAFT_LASTS);
    }
    invoice_lines::put(&mut invoice, Vec::new());
    invoice
}

/// Stores a draft, tells of it, and plans its end as a draft if it goes on by itself.
pub(super) fn publish(account: &mut Account, invoice: &mut Value) {
    invoice_totals::total(account, invoice);
    account.save(invoice, "invoice.created");
    if invoice.flag("auto_advance") {
        let at = invoice.get("automatically_finalizes_at").and_then(Value::as_i64);
        let at = at.unwrap_or_else(|| account.time() + HOUR);
        account.do_at(at, Later::Finalize(invoice.text("id").to_owned()));
    }
}

/// Finalizes a draft: it gets its number, its payment intent and its final sums. Nothing due is paid at once.
pub(super) fn finalize(account: &mut Account, id: &str) -> Value {
    let Some(mut invoice) = account.get("invoice", id) else { return Value::Null };
    let customer_id = invoice.text("customer").to_owned();
    invoice.set("status", "open");
    invoice_totals::total(account, &mut invoice);
    if let Some(mut customer) =
        account.get("customer", &customer_id).filter(|customer| !customer.flag("deleted"))
    {
        let sequence = customer.int("next_invoice_sequence");
        if invoice.at(&["number"]).is_null() {
            invoice.set("number", format!("{}-{sequence:04}", customer.text("invoice_prefix")));
        }
        customer.set("next_invoice_sequence", sequence + 1);
        customer.set("balance", invoice.int("ending_balance"));
        account.put(&customer);
    }
    let url = format!("https://invoice.stripe.com/i/{}/{id}", account.id);
    invoice.set("invoice_pdf", format!("{url}/pdf"));
    invoice.set("hosted_invoice_url", url);
    invoice.set("automatically_finalizes_at", Value::Null);
    invoice.set("effective_at", account.now);
    invoice.set_at(&["status_transitions", "finalized_at"], account.now);
    account.save(&invoice, "invoice.finalized");
    if invoice.int("amount_due") == 0 {
        return invoice_payments::paid(account, &invoice, false);
    }
    invoice_payments::prepare(account, &invoice);
    invoice
}

/// A draft's hour is over.
pub(super) fn finalize_when_due(account: &mut Account, id: &str) {
    let draft = account.get("invoice", id);
    let Some(draft) = draft.filter(|draft| draft.text("status") == "draft" && draft.flag("auto_advance"))
    else {
        return;
    };
    // A later time may have been asked for meanwhile.
    let due = draft.get("automatically_finalizes_at").and_then(Value::as_i64);
    if due.is_some_and(|due| due > account.time()) {
        return;
    }
    let invoice = finalize(account, id);
    if invoice.text("status") != "open" {
        return;
    }
    if invoice.text("collection_method") == "charge_automatically" {
        // A refusal is on the invoice now; nobody waits for it here.
        let _refused = invoice_payments::pay(account, id, None, true);
    } else {
        account.emit("invoice.sent", &invoice, None);
    }
}

pub(super) fn void(account: &mut Account, invoice: &Value) -> Value {
    let mut invoice = invoice.clone();
    invoice.set("status", "void");
    invoice.set("auto_advance", false);
    invoice.set("next_payment_attempt", Value::Null);
    invoice.set("amount_remaining", 0);
    invoice.set_at(&["status_transitions", "voided_at"], account.now);
    account.save(&invoice, "invoice.voided");
    invoice_payments::abandon(account, invoice.text("id"));
    invoice
}

pub(super) fn mark_uncollectible(account: &mut Account, invoice: &Value) -> Value {
    let mut invoice = invoice.clone();
    invoice.set("status", "uncollectible");
    invoice.set("auto_advance", false);
    invoice.set("next_payment_attempt", Value::Null);
    invoice.set_at(&["status_transitions", "marked_uncollectible_at"], account.now);
    account.save(&invoice, "invoice.marked_uncollectible");
    invoice
}
