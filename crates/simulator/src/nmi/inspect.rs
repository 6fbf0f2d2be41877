//! What the account holds, for tests and for a look from outside.

use serde_json::{Map, Value, json};

use super::amount;
use super::instrument::Instrument;
use super::plans;
use super::stamp;
use super::state::{Account, Transaction};
use super::subscriptions::Subscription;
use super::vault::Customer;

fn pays(instrument: &Instrument) -> Value {
    match instrument {
        Instrument::Card(card) => json!({
            "cc_number": card.masked(), "cc_exp": card.expiry, "cc_type": card.brand(),
        }),
        Instrument::Check(check) => check.webhook(),
    }
}

fn named(fields: &[(String, String)]) -> Value {
    let rows: Map<String, Value> =
        fields.iter().map(|(name, value)| (name.clone(), value.clone().into())).collect();
    Value::Object(rows)
}

pub(super) fn transaction(account: &Account, known: &Transaction) -> Value {
    let actions: Vec<Value> = known
        .actions
        .iter()
        .map(|action| {
            json!({
                "action_type": action.kind, "amount": amount::show(action.cents), "date": stamp::moment(action.at),
                "success": action.success, "source": action.source, "response_text": action.text,
                "response_code": action.code, "batch_id": action.batch,
            })
        })
        .collect();
    json!({
        "transaction_id": known.id,
        "transaction_type": known.instrument.kind(),
        "condition": known.condition(),
        "order_id": known.order_id,
        "currency": known.currency,
        "processor_id": known.processor,
        "authorized_cents": known.authorized(),
        "moved_cents": known.moved(),
        "refunded_cents": account.refunded(&known.id),
        "refund_of": known.refund_of,
        "customer_vault_id": known.stored.as_ref().map(|(customer, _)| customer),
        "billing_id": known.stored.as_ref().map(|(_, billing)| billing),
        "subscription_id": known.subscription,
        "is_test_mode": known.test,
        "authorization_code": known.authcode,
        "avs_response": known.avs,
        "csc_response": known.csc,
        "payment": pays(&known.instrument),
        "fields": named(&known.fields),
        "actions": actions,
    })
}

pub(super) fn customer(known: &Customer) -> Value {
    let billings: Vec<Value> = known
        .billings
        .iter()
        .map(|billing| {
            json!({
                "billing_id": billing.id, "payment": pays(&billing.instrument), "fields": named(&billing.contact),
            })
        })
        .collect();
    json!({
        "customer_vault_id": known.id, "billings": billings, "shipping": named(&known.shipping),
        "created": stamp::moment(known.created), "updated": stamp::moment(known.updated),
    })
}

pub(super) fn subscription(known: &Subscription) -> Value {
    json!({
        "subscription_id": known.id, "plan": plans::event(&known.plan), "order_id": known.order_id,
        "currency": known.currency, "next_charge_date": known.next.map(stamp::day),
        "completed_payments": known.completed, "attempted_payments": known.attempted,
        "remaining_payments": known.remaining(),
        "customer_vault_id": known.stored.as_ref().map(|(customer, _)| customer),
        "payment": known.instrument.as_ref().map(pays), "fields": named(&known.fields),
    })
}

pub(super) fn everything(account: &Account) -> Value {
    json!({
        "transactions": account.transactions.iter().rev().map(|known| transaction(account, known)).collect::<Vec<_>>(),
        "customers": account.customers.iter().rev().map(customer).collect::<Vec<_>>(),
        "plans": account.plans.iter().rev().map(plans::event).collect::<Vec<_>>(),
        "subscriptions": account.subscriptions.iter().rev().map(subscription).collect::<Vec<_>>(),
        "batches": account.batches.iter().rev().map(super::settlement::Batch::json).collect::<Vec<_>>(),
        "events": account.events.iter().rev().collect::<Vec<_>>(),
        "test_mode": account.settings.test_mode,
    })
}
