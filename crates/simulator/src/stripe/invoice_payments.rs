//! Paying invoices: the payment intent behind one, retries, and what a payment does to its subscription.

use serde_json::{Map, Value, json};

use super::cards::{self, Instrument, Rule};
use super::confirm;
use super::error::ApiError;
use super::object::Object;
use super::router::{Call, Outcome};
use super::state::{Account, Attempt, Later};
use super::{DEFAULT_VERSION, billing, payment_intents, payment_methods};

const DAY: u64 = 24 * 60 * 60;

/// Days from one failed attempt of a renewal to the next. Stripe's own schedule is chosen by machine learning, or
/// set in the dashboard; this one is fixed.
const RETRIES: [u64; 3] = [3, 5, 7];

/// Makes the intent of a finalized invoice, and the record that ties them.
pub(super) fn prepare(account: &mut Account, invoice: &Value) {
    let types = match invoice.at(&["payment_settings", "payment_method_types"]) {
        Value::Array(types) => Value::Array(types.clone()),
        _ => json!(["card", "us_bank_account"]),
    };
    let mut params = Map::new();
    let described =
        if invoice.text("billing_reason") == "manual" { "Payment for Invoice" } else { "Subscription" };
    for (name, value) in [
        ("amount", invoice.at(&["amount_due"]).clone()),
        ("currency", invoice.at(&["currency"]).clone()),
        ("customer", invoice.at(&["customer"]).clone()),
        ("capture_method", json!("automatic")),
        ("description", json!(described)),
        ("payment_method_types", types),
    ] {
        params.insert(name.to_owned(), value);
    }
    if invoice.text("billing_reason").starts_with("subscription") {
        params.insert("setup_future_usage".to_owned(), json!("off_session"));
    }
    let mut call = Call { account, params, id: String::new(), version: DEFAULT_VERSION.to_owned() };
    // The amount and customer were checked with the invoice.
    let Ok(intent) = payment_intents::create(&mut call) else { return };
    let record = json!({
        "id": account.ids.id("inpay"),
        "object": "invoice_payment",
        "amount_paid": null,
        "amount_requested": invoice.int("amount_due"),
        "created": account.now,
        "currency": invoice.text("currency"),
        "invoice": invoice.text("id"),
        "is_default": true,
        "livemode": false,
        "payment": { "payment_intent": intent.text("id"), "type": "payment_intent" },
        "status": "open",
        "status_transitions": { "canceled_at": null, "paid_at": null },
    });
    account.put(&record);
}

fn record_of(account: &Account, fits: impl Fn(&Value) -> bool) -> Option<Value> {
    account.newest("invoice_payment", fits)
}

/// The intent that pays an invoice.
pub(super) fn intent_of(account: &Account, invoice: &str) -> Option<Value> {
    let record = record_of(account, |record| record.text("invoice") == invoice)?;
    account.get("payment_intent", record.at(&["payment"]).text("payment_intent"))
}

/// What a browser confirms the payment with.
pub(super) fn confirmation_secret(account: &Account, invoice: &Value) -> Value {
    match intent_of(account, invoice.text("id")).filter(|_| invoice.text("status") == "open") {
        Some(intent) => json!({ "client_secret": intent.text("client_secret"), "type": "payment_intent" }),
        None => Value::Null,
    }
}

/// What an invoice, or else its subscription, or else its customer is to be paid with.
pub(super) fn method_for(account: &Account, invoice: &Value) -> Option<String> {
    let subscription = invoice.at(&["parent", "subscription_details"]).text("subscription");
    let subscription = account.get("subscription", subscription).unwrap_or_default();
    let customer = account.get("customer", invoice.text("customer")).unwrap_or_default();
    [
        invoice.text("default_payment_method"),
        subscription.text("default_payment_method"),
        customer.at(&["invoice_settings"]).text("default_payment_method"),
    ]
    .into_iter()
    .find(|id| !id.is_empty())
    .map(str::to_owned)
}

pub(super) fn no_method() -> ApiError {
    ApiError::invalid(
        "This customer has no attached payment source or default payment method. Please consider adding a default \
         payment method. For more information, visit \
         https://stripe.com/docs/billing/subscriptions/payment-methods-setting#payment-method-priority.",
    )
    .code("resource_missing")
}

/// Refuses a method that is not the customer's.
pub(super) fn check_owner(
    account: &mut Account,
    id: &str,
    customer: &str,
    param: &str,
) -> Result<(), ApiError> {
    let method = payment_methods::resolve(account, id, param)?;
    if method.text("customer") == customer {
        return Ok(());
    }
    Err(ApiError::invalid(format!(
        "The customer does not have a payment method with the ID {}. The payment method must be attached to the \
         customer.",
        method.text("id")
    ))
    .code("resource_missing")
    .param(param))
}

/// Why a first payment with this method would not go through at once: `error_if_incomplete` asks before anything
/// is made.
pub(super) fn obstacle(account: &Account, method: &str) -> Option<ApiError> {
    let Some(Instrument::Card { card, .. }) = account.instruments.get(method) else { return None };
    match card.rule {
        Rule::Decline(decline) | Rule::Authenticate(_, Some(decline)) => {
            Some(payment_methods::card_error(decline))
        }
        Rule::DeclineCharges => Some(payment_methods::card_error(cards::GENERIC)),
        Rule::Block => Some(payment_methods::card_error(cards::FRAUDULENT)),
        Rule::Authenticate(when, None) if confirm::asks(when, true, account.set_up.contains(method)) => {
            Some(ApiError::card(
                "subscription_payment_intent_requires_action",
                "Payment for this subscription requires additional user action before it can be completed \
                 successfully. Payment can be completed using the PaymentIntent associated with the latest invoice.",
            ))
        }
        _ => None,
    }
}

/// Tries to pay an open invoice. The error is the card's; the invoice and its subscription have taken note of it.
pub(super) fn pay(account: &mut Account, id: &str, method: Option<String>, off_session: bool) -> Outcome {
    let invoice = account.get("invoice", id).unwrap_or_default();
    let Some(method) = method.or_else(|| method_for(account, &invoice)) else {
        failed(account, &invoice);
        return Err(no_method());
    };
    let Some(mut intent) = intent_of(account, id) else {
        return Err(ApiError::missing("invoice", id, "invoice"));
    };
    let known = account.get("payment_method", &method);
    if known.is_none_or(|method| method.text("customer") != invoice.text("customer")) {
        failed(account, &invoice);
        return Err(no_method());
    }
    intent.set("payment_method", method);
    intent.set("status", "requires_confirmation");
    account.put(&intent);
    let attempt = Attempt { off_session, has_mandate: true, billing: true, ..Attempt::default() };
    let outcome = confirm::attempt(account, &intent, &attempt);
    follow(account, intent.text("id"));
    outcome?;
    Ok(account.get("invoice", id).unwrap_or_default())
}

/// Brings the invoice of an intent up to what became of the intent.
pub(super) fn follow(account: &mut Account, intent: &str) {
    let record = record_of(account, |record| record.at(&["payment"]).text("payment_intent") == intent);
    let Some(record) = record else { return };
    let (Some(intent), Some(invoice)) =
        (account.get("payment_intent", intent), account.get("invoice", record.text("invoice")))
    else {
        return;
    };
    if !matches!(invoice.text("status"), "open" | "uncollectible") {
        return;
    }
    match intent.text("status") {
        "succeeded" => {
            let mut record = record;
            record.set("status", "paid");
            record.set("amount_paid", record.int("amount_requested"));
            record.set_at(&["status_transitions", "paid_at"], account.now);
            account.put(&record);
            paid(account, &invoice, true);
            account.emit("invoice_payment.paid", &record, None);
        }
        "processing" => {
            let mut invoice = invoice;
            invoice.set("attempted", true);
            invoice.set("attempt_count", invoice.int("attempt_count") + 1);
            account.put(&invoice);
            billing::invoice_processing(account, &invoice);
        }
        "requires_action" => {
            account.emit("invoice.payment_action_required", &invoice, None);
            failed(account, &invoice);
        }
        "requires_payment_method" if !intent.at(&["last_payment_error"]).is_null() => {
            failed(account, &invoice);
        }
        _ => {}
    }
}

/// Marks an invoice paid; `by_attempt` when a payment method was charged for it.
pub(super) fn paid(account: &mut Account, invoice: &Value, by_attempt: bool) -> Value {
    let mut invoice = invoice.clone();
    invoice.set("status", "paid");
    invoice.set("attempted", true);
    if by_attempt {
        invoice.set("attempt_count", invoice.int("attempt_count") + 1);
    }
    invoice.set("auto_advance", false);
    invoice.set("amount_paid", invoice.int("amount_due"));
    invoice.set("amount_remaining", 0);
    invoice.set("next_payment_attempt", Value::Null);
    invoice.set_at(&["status_transitions", "paid_at"], account.now);
    account.save(&invoice, "invoice.paid");
    account.emit("invoice.payment_succeeded", &invoice, None);
    billing::invoice_paid(account, &invoice);
    invoice
}

/// Notes a failed attempt, and plans the next one where there is one.
fn failed(account: &mut Account, invoice: &Value) {
    let mut invoice = invoice.clone();
    let count = invoice.int("attempt_count") + 1;
    invoice.set("attempted", true);
    invoice.set("attempt_count", count);
    let retried = matches!(invoice.text("billing_reason"), "subscription_cycle" | "subscription_update")
        && invoice.text("collection_method") == "charge_automatically";
    let wait = usize::try_from(count - 1).ok().and_then(|at| RETRIES.get(at)).filter(|_| retried);
    let id = invoice.text("id").to_owned();
    if let Some(days) = wait {
        invoice.set("next_payment_attempt", account.now + days * DAY);
        account.do_later(days * DAY, Later::RetryPayment(id));
    } else {
        invoice.set("next_payment_attempt", Value::Null);
    }
    account.save(&invoice, "invoice.payment_failed");
    billing::invoice_failed(account, &invoice, retried && wait.is_none());
}

/// A planned retry; not when the invoice was settled, or tried by hand, meanwhile.
pub(super) fn retry(account: &mut Account, id: &str) {
    let Some(invoice) = account.get("invoice", id) else { return };
    let due = invoice.get("next_payment_attempt").and_then(Value::as_i64) == Some(account.time());
    if due && invoice.text("status") == "open" {
        // A refusal is on the invoice now; nobody waits for it here.
        let _refused = pay(account, id, None, true);
    }
}

/// Lets go of the intent of an invoice that nobody shall pay any more.
pub(super) fn abandon(account: &mut Account, invoice: &str) {
    let open =
        record_of(account, |record| record.text("invoice") == invoice && record.text("status") == "open");
    let Some(mut record) = open else { return };
    record.set("status", "canceled");
    record.set_at(&["status_transitions", "canceled_at"], account.now);
    let intent = account.get("payment_intent", record.at(&["payment"]).text("payment_intent"));
    account.put(&record);
    if let Some(mut intent) =
        intent.filter(|intent| !matches!(intent.text("status"), "succeeded" | "processing"))
    {
        intent.set("status", "canceled");
        intent.set("canceled_at", account.now);
        intent.set("cancellation_reason", "void_invoice");
        intent.set("next_action", Value::Null);
        account.save(&intent, "payment_intent.canceled");
    }
}
