//! Promotion codes: what a customer types to get a coupon.

use serde_json::{Value, json};

use super::coupons::find_coupon;
use super::customers::find_customer;
use super::error::ApiError;
use super::object::{Object, overlay};
use super::page::{self, PAGE};
use super::params::{EXPAND, Field, Kind, clear, may, need};
use super::router::{Call, Outcome, Route};
use super::state::Account;

const CREATE: &[Field] = &[
    may("active", Kind::Boolean),
    may("code", Kind::Text),
    may("customer", Kind::Text),
    may("customer_account", Kind::Text),
    may("expires_at", Kind::Integer),
    may("max_redemptions", Kind::Integer),
    may("metadata", Kind::Metadata),
    need("promotion", Kind::Hash(&[may("coupon", Kind::Text), need("type", Kind::OneOf(&["coupon"]))])),
    may(
        "restrictions",
        Kind::Hash(&[
            may("currency_options", Kind::Opaque),
            may("first_time_transaction", Kind::Boolean),
            may("minimum_amount", Kind::Integer),
            may("minimum_amount_currency", Kind::Text),
        ]),
    ),
];

const UPDATE: &[Field] = &[
    may("active", Kind::Boolean),
    clear("metadata", Kind::Metadata),
    may("restrictions", Kind::Hash(&[may("currency_options", Kind::Opaque)])),
];

const LIST: &[Field] = &[
    may("active", Kind::Boolean),
    may("code", Kind::Text),
    may("coupon", Kind::Text),
    may("created", Kind::Range),
    may("customer", Kind::Text),
    may("customer_account", Kind::Text),
];

pub(super) const ROUTES: &[Route] = &[
    Route::post("promotion_codes", &[CREATE, &[EXPAND]], "promotion_code_write", create),
    Route::get("promotion_codes", &[PAGE, LIST], "promotion_code_read", list),
    Route::get("promotion_codes/*", &[&[EXPAND]], "promotion_code_read", retrieve),
    Route::post("promotion_codes/*", &[UPDATE, &[EXPAND]], "promotion_code_write", update),
];

/// The code as it stands now: it turns inactive by its own limits and by its coupon's.
pub(super) fn find_code(account: &Account, id: &str, param: &str) -> Outcome {
    let mut code =
        account.get("promotion_code", id).ok_or_else(|| ApiError::missing("promotion code", id, param))?;
    code.set("active", code.flag("active") && is_open(account, &code));
    Ok(code)
}

fn is_open(account: &Account, code: &Value) -> bool {
    let late = code.get("expires_at").and_then(Value::as_i64).is_some_and(|at| at <= account.time());
    let most = code.get("max_redemptions").and_then(Value::as_i64);
    let used_up = most.is_some_and(|most| code.int("times_redeemed") >= most);
    let coupon = find_coupon(account, code.at(&["promotion"]).text("coupon"), "coupon");
    !late && !used_up && coupon.is_ok_and(|coupon| coupon.flag("valid"))
}

fn create(call: &mut Call<'_>) -> Outcome {
    let id = call.params.get("promotion").map(|promotion| promotion.text("coupon").to_owned());
    let id = id.filter(|id| !id.is_empty()).ok_or_else(|| ApiError::missing_param("promotion[coupon]"))?;
    let coupon = find_coupon(call.account, &id, "promotion[coupon]").map_err(|error| error.status(400))?;
    if !coupon.flag("valid") {
        let message = format!("The coupon {id} can no longer be redeemed.");
        return Err(ApiError::invalid(message).param("promotion[coupon]"));
    }
    if let Some(customer) = call.text("customer") {
        find_customer(call.account, customer, "customer").map_err(|error| error.status(400))?;
    }
    let text = match call.text("code") {
        Some(text) => text.to_owned(),
        None => call.account.ids.letters(8).to_uppercase(),
    };
    if text.len() > 500 || !text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') {
        let message = "Promotion codes may only contain letters, digits and dashes.";
        return Err(ApiError::invalid(message).param("code"));
    }
    let wants = call.params.get("active").and_then(Value::as_bool).unwrap_or(true);
    let customer = call.params.get("customer").cloned().unwrap_or_default();
    // Case does not count, and only one customer's code may be active twice.
    let clashes = call.account.newest_first("promotion_code").into_iter().any(|other| {
        other.text("code").eq_ignore_ascii_case(&text)
            && other.flag("active")
            && is_open(call.account, &other)
            && (other.at(&["customer"]).is_null() || other.at(&["customer"]) == &customer)
    });
    if wants && clashes {
        let message = format!("An active promotion code with `code: {text}` already exists.");
        return Err(ApiError::invalid(message).param("code"));
    }
    let given = call.params.get("restrictions").cloned().unwrap_or_default();
    let mut code = json!({
        "id": format!("promo_1{}", call.account.ids.letters(23)),
        "object": "promotion_code",
        "active": true,
        "code": text,
        "created": call.account.now,
        "customer": null,
        "customer_account": null,
        "expires_at": null,
        "livemode": false,
        "max_redemptions": null,
        "metadata": {},
        "restrictions": {
            "first_time_transaction": given.flag("first_time_transaction"),
            "minimum_amount": given.at(&["minimum_amount"]),
            "minimum_amount_currency": given.at(&["minimum_amount_currency"]),
        },
        "times_redeemed": 0,
    });
    overlay(&mut code, &call.params, &["code", "promotion", "restrictions"]);
    code.set("promotion", json!({ "coupon": id, "type": "coupon" }));
    call.account.save(&code, "promotion_code.created");
    Ok(code)
}

fn retrieve(call: &mut Call<'_>) -> Outcome {
    find_code(call.account, &call.id, "promotion_code")
}

fn update(call: &mut Call<'_>) -> Outcome {
    let before = find_code(call.account, &call.id, "promotion_code")?;
    if call.params.contains_key("restrictions") {
        return Err(ApiError::not_simulated("restrictions"));
    }
    let mut code = before.clone();
    overlay(&mut code, &call.params, &[]);
    if code.flag("active") && !is_open(call.account, &code) {
        let message =
            "This promotion code cannot be activated because it, or its coupon, can no longer be redeemed.";
        return Err(ApiError::invalid(message).param("active"));
    }
    call.account.save_changed(&before, &code, "promotion_code.updated");
    Ok(code)
}

fn list(call: &mut Call<'_>) -> Outcome {
    let coupon = call.text("coupon").map(str::to_owned);
    let rows: Vec<Value> = call
        .account
        .newest_first("promotion_code")
        .into_iter()
        .filter_map(|code| find_code(call.account, code.text("id"), "id").ok())
        .filter(|row| {
            ["active", "customer"]
                .iter()
                .all(|name| call.params.get(*name).is_none_or(|wanted| row.at(&[name]) == wanted))
                && call.text("code").is_none_or(|code| row.text("code").eq_ignore_ascii_case(code))
                && coupon.as_ref().is_none_or(|id| row.at(&["promotion"]).text("coupon") == id)
                && page::created_within(&call.params, row)
        })
        .collect();
    page::list(&call.params, rows, "promotion code", "/v1/promotion_codes")
}
