//! Events, the balance, tokens and the account: small resources around the payment path.

use serde_json::{Map, Value, json};

use super::accounts;
use super::cards::{self, Instrument};
use super::error::ApiError;
use super::object::Object;
use super::page::{self, PAGE};
use super::params::{EXPAND, Field, Kind, may};
use super::payment_methods;
use super::router::{Call, Outcome, Route};

const LIST: &[Field] = &[
    may("created", Kind::Range),
    may("type", Kind::Text),
    may("types", Kind::List(&Kind::Text)),
    may("delivery_success", Kind::Boolean),
];

const TOKEN_CARD: &[Field] = &[
    may("number", Kind::Text),
    may("exp_month", Kind::Integer),
    may("exp_year", Kind::Integer),
    may("cvc", Kind::Text),
    may("name", Kind::Text),
    may("address_line1", Kind::Text),
    may("address_line2", Kind::Text),
    may("address_city", Kind::Text),
    may("address_state", Kind::Text),
    may("address_zip", Kind::Text),
    may("address_country", Kind::Text),
    may("currency", Kind::Text),
];

pub(super) const ROUTES: &[Route] = &[
    Route::get("events", &[PAGE, LIST], "event_read", list),
    Route::get("events/*", &[&[EXPAND]], "event_read", retrieve),
    Route::get("balance", &[&[EXPAND]], "balance_read", balance),
    Route::get("account", &[&[EXPAND]], "account_read", account),
    Route::post("tokens", &[&[may("card", Kind::Hash(TOKEN_CARD)), EXPAND]], "token_write", token),
    Route::get("tokens/*", &[&[EXPAND]], "token_read", retrieve_token),
];

fn list(call: &mut Call<'_>) -> Outcome {
    let kind = call.text("type");
    let kinds = call.params.get("types").and_then(Value::as_array);
    if kind.is_some() && kinds.is_some() {
        return Err(ApiError::invalid("You may only specify one of these parameters: type, types."));
    }
    let wanted = |event: &Value| {
        let name = event.text("type");
        // `charge.*` names a family.
        let fits = |pattern: &str| {
            pattern.strip_suffix('*').map_or(pattern == name, |start| name.starts_with(start))
        };
        kind.is_none_or(fits) && kinds.is_none_or(|kinds| kinds.iter().filter_map(Value::as_str).any(fits))
    };
    let rows = call.account.newest_first("event").into_iter();
    let rows = rows.filter(|event| wanted(event) && page::created_within(&call.params, event));
    page::list(&call.params, rows.collect(), "event", "/v1/events")
}

fn retrieve(call: &mut Call<'_>) -> Outcome {
    call.account.get("event", &call.id).ok_or_else(|| ApiError::missing("event", &call.id, "id"))
}

#[expect(clippy::unnecessary_wraps, reason = "the shape of every endpoint")]
fn balance(call: &mut Call<'_>) -> Outcome {
    let mut sums: Map<String, Value> = Map::new();
    for entry in call.account.newest_first("balance_transaction") {
        let available = entry.int("available_on") <= i64::try_from(call.account.now).unwrap_or(i64::MAX);
        let currency = sums.entry(entry.text("currency").to_owned()).or_insert_with(|| json!({}));
        let name = if available { "available" } else { "pending" };
        currency.set(name, currency.int(name) + entry.int("net"));
    }
    if sums.is_empty() {
        sums.insert("usd".to_owned(), json!({}));
    }
    let column = |name: &str| -> Vec<Value> {
        sums.iter()
            .map(|(currency, sums)| {
                json!({ "amount": sums.int(name), "currency": currency, "source_types": { "card": sums.int(name) } })
            })
            .collect()
    };
    Ok(json!({
        "object": "balance",
        "available": column("available"),
        "pending": column("pending"),
        "connect_reserved": [{ "amount": 0, "currency": "usd" }],
        "livemode": false,
        "refund_and_dispute_prefunding": { "available": [], "pending": [] },
    }))
}

#[expect(clippy::unnecessary_wraps, reason = "the shape of every endpoint")]
fn account(call: &mut Call<'_>) -> Outcome {
    let own = call.account.get("account", &call.account.id).filter(|_| !call.account.platform);
    Ok(own.unwrap_or_else(|| accounts::blank(&call.account.id, 1_600_000_000, true)))
}

fn token(call: &mut Call<'_>) -> Outcome {
    let details = call.params.get("card").cloned().ok_or_else(|| ApiError::missing_param("card"))?;
    let (card, (month, year)) = payment_methods::read_card(call.account, &details, "card")?;
    let cvc_given = details.get("cvc").is_some();
    let id = call.account.ids.id("tok");
    let token = json!({
        "id": id,
        "object": "token",
        "card": {
            "id": call.account.ids.id("card"), "object": "card", "brand": brand_name(card), "country": card.country,
            "cvc_check": cvc_given.then_some("unchecked"), "exp_month": month, "exp_year": year,
            "funding": card.funding, "last4": card.last4(), "name": details.at(&["name"]), "metadata": {},
            "address_city": details.at(&["address_city"]), "address_country": details.at(&["address_country"]),
            "address_line1": details.at(&["address_line1"]), "address_line2": details.at(&["address_line2"]),
            "address_state": details.at(&["address_state"]), "address_zip": details.at(&["address_zip"]),
        },
        "client_ip": null,
        "created": call.account.now,
        "livemode": false,
        "type": "card",
        "used": false,
    });
    call.account.instruments.insert(id, Instrument::Card { card, cvc_given });
    call.account.put(&token);
    Ok(token)
}

/// The older card object spells brands as people do.
fn brand_name(card: &cards::TestCard) -> &'static str {
    match card.brand {
        "visa" => "Visa",
        "mastercard" => "MasterCard",
        "amex" => "American Express",
        "discover" => "Discover",
        "diners" => "Diners Club",
        "jcb" => "JCB",
        "unionpay" => "UnionPay",
        _ => "Unknown",
    }
}

fn retrieve_token(call: &mut Call<'_>) -> Outcome {
    call.account.get("token", &call.id).ok_or_else(|| ApiError::missing("token", &call.id, "id"))
}
