//! Tax rates: percentages that invoices, subscriptions and checkouts name.

use serde_json::{Number, Value, json};

use super::decimal;
use super::error::ApiError;
use super::object::{Object, overlay};
use super::page::{self, PAGE};
use super::params::{EXPAND, Field, Kind, clear, may, need};
use super::router::{Call, Outcome, Route};
use super::state::Account;

const KIND: &str = "tax_rate";

const TYPES: Kind = Kind::OneOf(&[
    "amusement_tax",
    "communications_tax",
    "gst",
    "hst",
    "igst",
    "jct",
    "lease_tax",
    "pst",
    "qst",
    "retail_delivery_fee",
    "rst",
    "sales_tax",
    "service_tax",
    "vat",
]);

const CREATE: &[Field] = &[
    may("active", Kind::Boolean),
    may("country", Kind::Text),
    may("description", Kind::Text),
    need("display_name", Kind::Text),
    need("inclusive", Kind::Boolean),
    may("jurisdiction", Kind::Text),
    may("metadata", Kind::Metadata),
    need("percentage", Kind::Decimal),
    may("state", Kind::Text),
    may("tax_type", TYPES),
];

const UPDATE: &[Field] = &[
    may("active", Kind::Boolean),
    may("country", Kind::Text),
    may("description", Kind::Text),
    may("display_name", Kind::Text),
    may("jurisdiction", Kind::Text),
    clear("metadata", Kind::Metadata),
    may("state", Kind::Text),
    may("tax_type", TYPES),
];

const LIST: &[Field] =
    &[may("active", Kind::Boolean), may("created", Kind::Range), may("inclusive", Kind::Boolean)];

pub(super) const ROUTES: &[Route] = &[
    Route::post("tax_rates", &[CREATE, &[EXPAND]], "tax_rate_write", create),
    Route::get("tax_rates", &[PAGE, LIST], "tax_rate_read", list),
    Route::get("tax_rates/*", &[&[EXPAND]], "tax_rate_read", retrieve),
    Route::post("tax_rates/*", &[UPDATE, &[EXPAND]], "tax_rate_write", update),
];

fn find(account: &Account, id: &str, param: &str) -> Outcome {
    account.get(KIND, id).ok_or_else(|| ApiError::missing("tax rate", id, param))
}

/// The tax rates that a parameter names, in full, as the objects that they are for show them.
pub(super) fn read(account: &Account, given: Option<&Value>, param: &str) -> Outcome {
    let mut rates: Vec<Value> = Vec::new();
    for (at, id) in given.and_then(Value::as_array).into_iter().flatten().enumerate() {
        let id = id.as_str().unwrap_or_default();
        let param = format!("{param}[{at}]");
        let rate = find(account, id, &param).map_err(|error| error.status(400))?;
        if !rate.flag("active") {
            let message = format!("The tax rate {id} is archived, and cannot be used any more.");
            return Err(ApiError::invalid(message).param(&param));
        }
        if rates.iter().any(|other| other.text("id") == id) {
            return Err(ApiError::invalid(format!("The tax rate {id} is given twice.")).param(&param));
        }
        rates.push(rate);
    }
    if rates.len() > 10 {
        return Err(ApiError::invalid("There can be at most 10 tax rates.").param(param));
    }
    Ok(Value::Array(rates))
}

fn create(call: &mut Call<'_>) -> Outcome {
    let text = call.text("percentage").unwrap_or_default();
    if decimal::scaled(text, 4).is_none_or(|percentage| !(0..=1_000_000).contains(&percentage)) {
        let message = "percentage must be 0 to 100, with four decimals at most.";
        return Err(ApiError::invalid(message).param("percentage"));
    }
    let percentage = text.parse().ok().and_then(Number::from_f64);
    let mut rate = json!({
        "id": format!("txr_1{}", call.account.ids.letters(23)),
        "object": KIND,
        "active": true,
        "country": null,
        "created": call.account.now,
        "description": null,
        "effective_percentage": null,
        "flat_amount": null,
        "jurisdiction": null,
        "jurisdiction_level": null,
        "livemode": false,
        "metadata": {},
        "rate_type": "percentage",
        "state": null,
        "tax_type": null,
    });
    overlay(&mut rate, &call.params, &["percentage"]);
    rate.set("percentage", percentage);
    call.account.save(&rate, "tax_rate.created");
    Ok(rate)
}

fn retrieve(call: &mut Call<'_>) -> Outcome {
    find(call.account, &call.id, "tax_rate")
}

/// What was made with a rate keeps the rate as it was.
fn update(call: &mut Call<'_>) -> Outcome {
    let before = find(call.account, &call.id, "tax_rate")?;
    let mut rate = before.clone();
    overlay(&mut rate, &call.params, &[]);
    call.account.save_changed(&before, &rate, "tax_rate.updated");
    Ok(rate)
}

fn list(call: &mut Call<'_>) -> Outcome {
    page::matching(call, KIND, "tax rate", &["active", "inclusive"], "/v1/tax_rates")
}
