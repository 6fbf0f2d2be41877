//! What webhooks tell.

use serde_json::{Map, Value, json};

use super::amount;
use super::instrument::Instrument;
use super::stamp;
use super::state::{Account, Action, Transaction};

/// Queues an event. The merchant, and whether the account is in test mode, stand in every body.
pub(super) fn tell(account: &mut Account, kind: &str, body: Value) {
    let test = account.settings.test_mode;
    tell_as(account, kind, body, test);
}

fn tell_as(account: &mut Account, kind: &str, body: Value, test: bool) {
    let mut whole = Map::new();
    whole.insert("merchant".to_owned(), json!({ "id": account.merchant, "name": super::MERCHANT_NAME }));
    whole.insert("features".to_owned(), json!({ "is_test_mode": test }));
    if let Value::Object(members) = body {
        whole.extend(members);
    }
    let lengths = [8, 4, 4, 4, 12];
    let parts: Vec<_> = lengths.iter().map(|count| account.ids.digits(*count)).collect();
    let event = json!({ "event_id": parts.join("-"), "event_type": kind, "event_body": whole });
    account.events.push(event.clone());
    account.undelivered.push(event);
}

/// Tells what just happened to a transaction.
pub(super) fn of_last_action(account: &mut Account, id: &str) {
    let Some(transaction) = account.transaction(id) else { return };
    let Some(action) = transaction.actions.last() else { return };
    let outcome = match (action.success, action.code.as_str()) {
        (true, _) => "success",
        (false, "420" | "421") => "unknown",
        (false, _) => "failure",
    };
    let kind = match action.kind {
        "settle" => "transaction.check.status.settle".to_owned(),
        "check_return" => "transaction.check.status.return".to_owned(),
        "check_late_return" => "transaction.check.status.latereturn".to_owned(),
        // The panel has no event for these.
        "offline" | "update" => return,
        other => format!("transaction.{other}.{outcome}"),
    };
    let (body, test) = (body(transaction, action), transaction.test);
    tell_as(account, &kind, body, test);
}

fn body(transaction: &Transaction, action: &Action) -> Value {
    let mut body = json!({
        "transaction_id": transaction.id,
        "transaction_type": transaction.instrument.kind(),
        "condition": transaction.condition(),
        "processor_id": transaction.processor,
        "ponumber": transaction.field("ponumber"),
        "order_description": transaction.field("order_description"),
        "order_id": transaction.order_id,
        "customerid": transaction.stored.as_ref().map_or("", |(customer, _)| customer),
        "currency": transaction.currency,
        "tax": transaction.field("tax"),
        "shipping": transaction.field("shipping"),
        "authorization_code": transaction.authcode,
        "billing_address": address(&transaction.fields, ""),
        "shipping_address": address(&transaction.fields, "shipping_"),
        "action": {
            "amount": amount::show(action.cents),
            "action_type": action.kind,
            "date": stamp::moment(action.at),
            "success": if action.success { "1" } else { "0" },
            "ip_address": action.ip,
            "source": action.source,
            "response_text": action.text,
            "response_code": action.code,
            "batch_id": action.batch,
            "processor_response_text": "",
            "processor_response_code": "",
        },
    });
    if let Some(members) = body.as_object_mut() {
        match &transaction.instrument {
            Instrument::Card(card) => {
                let mut card = card.webhook(transaction.avs, transaction.csc);
                if let Some(shown) = card.as_object_mut() {
                    for name in ["cavv", "xid", "eci", "cardholder_auth"] {
                        shown.insert(name.to_owned(), transaction.field(name).into());
                    }
                }
                members.insert("card".to_owned(), card)
            }
            Instrument::Check(check) => members.insert("check".to_owned(), check.webhook()),
        };
    }
    body
}

/// An address as webhooks spell it.
pub(super) fn address(fields: &[(String, String)], prefix: &str) -> Value {
    let of = |name: &str| {
        let name = format!("{prefix}{name}");
        fields.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value).to_owned()
    };
    json!({
        "first_name": of("first_name"), "last_name": of("last_name"), "company": of("company"),
        "address_1": of("address1"), "address_2": of("address2"), "city": of("city"), "state": of("state"),
        "postal_code": of("zip"), "country": of("country"), "email": of("email"), "phone": of("phone"),
    })
}
