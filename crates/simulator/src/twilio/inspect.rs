//! What the account holds, for tests and for a look from outside. No auth token is in it.

use serde_json::{Map, Value, json};

use super::messages;
use super::stamp;
use super::state::{Account, money};
use super::{calls, state::text};

/// A message with what the API does not tell: when it is due, what it is billed in hundred-thousandths of a dollar.
pub(super) fn message(account: &Account, known: &super::state::Message) -> Value {
    let mut shown = messages::show(account, known).as_object().cloned().unwrap_or_default();
    shown.insert("status_callback".to_owned(), json!(known.callback));
    shown.insert("send_at".to_owned(), json!(known.send_at.map(stamp::iso)));
    shown.insert("price_e5".to_owned(), json!(known.price));
    Value::Object(shown)
}

pub(super) fn messages(account: &Account) -> Vec<Value> {
    account
        .messages
        .iter()
        .rev()
        .filter(|known| !known.deleted)
        .map(|known| message(account, known))
        .collect()
}

pub(super) fn calls(account: &Account) -> Vec<Value> {
    account.calls.iter().rev().map(|call| calls::shown(&account.sid, call)).collect()
}

pub(super) fn numbers(account: &Account) -> Vec<Value> {
    account.numbers.iter().map(|number| Value::Object(number.clone())).collect()
}

pub(super) fn opted_out(account: &Account) -> Vec<Value> {
    account.opted_out.iter().map(|(from, to)| json!({ "sender": from, "recipient": to })).collect()
}

pub(super) fn everything(account: &Account) -> Value {
    let services: Vec<Value> = account
        .services
        .iter()
        .map(|service| {
            let numbers: Vec<&str> = account
                .numbers
                .iter()
                .filter(|number| service.numbers.iter().any(|(own, _)| own == text(number, "sid")))
                .map(|number| text(number, "phone_number"))
                .collect();
            let mut fields: Map<String, Value> = service.fields.clone();
            fields.insert("numbers".to_owned(), json!(numbers));
            fields.insert("alpha_senders".to_owned(), json!(service.names));
            fields.insert("short_codes".to_owned(), json!(service.short_codes));
            fields.insert("campaigns".to_owned(), json!(service.campaigns));
            Value::Object(fields)
        })
        .collect();
    json!({
        "account_sid": account.sid, "balance": money(account.balance), "messages": messages(account),
        "calls": calls(account), "numbers": numbers(account), "services": services, "contents": account.contents,
        "opted_out": opted_out(account), "toll_free": account.toll_free,
        "verify_services": account.verify_services,
    })
}
