//! Coupons.

use serde_json::{Number, Value, json};

use super::decimal;
use super::error::ApiError;
use super::money;
use super::object::{Object, overlay};
use super::page::{self, PAGE};
use super::params::{EXPAND, Field, Kind, clear, may};
use super::products::find_product;
use super::router::{Call, Outcome, Route};
use super::state::Account;

const CREATE: &[Field] = &[
    may("amount_off", Kind::Integer),
    may("applies_to", Kind::Hash(&[may("products", Kind::List(&Kind::Text))])),
    may("currency", Kind::Text),
    may("currency_options", Kind::Opaque),
    may("duration", Kind::OneOf(&["forever", "once", "repeating"])),
    may("duration_in_months", Kind::Integer),
    may("id", Kind::Text),
    may("max_redemptions", Kind::Integer),
    clear("metadata", Kind::Metadata),
    may("name", Kind::Text),
    may("percent_off", Kind::Decimal),
    may("redeem_by", Kind::Integer),
];

const UPDATE: &[Field] =
    &[may("currency_options", Kind::Opaque), clear("metadata", Kind::Metadata), may("name", Kind::Text)];

const LIST: &[Field] = &[may("created", Kind::Range)];

pub(super) const ROUTES: &[Route] = &[
    Route::post("coupons", &[CREATE, &[EXPAND]], "coupon_write", create),
    Route::get("coupons", &[PAGE, LIST], "coupon_read", list),
    Route::get("coupons/*", &[&[EXPAND]], "coupon_read", retrieve),
    Route::post("coupons/*", &[UPDATE, &[EXPAND]], "coupon_write", update),
    Route::delete("coupons/*", &[], "coupon_write", delete),
];

/// The coupon as it stands now: `valid` depends on the time and on how often it was redeemed.
pub(super) fn find_coupon(account: &Account, id: &str, param: &str) -> Outcome {
    let mut coupon = account
        .get("coupon", id)
        .filter(|coupon| !coupon.flag("deleted"))
        .ok_or_else(|| ApiError::missing("coupon", id, param))?;
    let late = coupon.get("redeem_by").and_then(Value::as_i64).is_some_and(|by| by <= account.time());
    let most = coupon.get("max_redemptions").and_then(Value::as_i64);
    let used_up = most.is_some_and(|most| coupon.int("times_redeemed") >= most);
    coupon.set("valid", !late && !used_up);
    Ok(coupon)
}

fn create(call: &mut Call<'_>) -> Outcome {
    let id = match call.text("id").map(str::to_owned) {
        Some(id) => {
            if call.account.get("coupon", &id).is_some_and(|coupon| !coupon.flag("deleted")) {
                return Err(ApiError::invalid("Coupon already exists.").code("resource_already_exists"));
            }
            id
        }
        None => call.account.ids.letters(8),
    };
    if call.params.contains_key("currency_options") {
        return Err(ApiError::not_simulated("currency_options"));
    }
    let percent = match (call.text("percent_off"), call.int("amount_off")) {
        (Some(text), None) => {
            let scaled = decimal::scaled(text, 2).filter(|percent| (1..=10_000).contains(percent));
            if scaled.is_none() {
                let message =
                    "percent_off must be greater than 0 and at most 100, with two decimals at most.";
                return Err(ApiError::invalid(message).param("percent_off"));
            }
            text.parse().ok().and_then(Number::from_f64)
        }
        (None, Some(amount)) if amount < 1 => return Err(ApiError::too_low("amount_off", 1)),
        (None, Some(_)) => {
            let currency = call.text("currency").ok_or_else(|| ApiError::missing_param("currency"))?;
            money::currency(currency)?;
            None
        }
        _ => {
            return Err(ApiError::invalid(
                "You must pass either `percent_off` or `amount_off`, and not both, when creating a coupon.",
            ));
        }
    };
    let duration = call.text("duration").unwrap_or("once");
    match (duration, call.int("duration_in_months")) {
        ("repeating", None) => return Err(ApiError::missing_param("duration_in_months")),
        ("repeating", Some(months)) if months > 1_200 => {
            return Err(
                ApiError::invalid("A coupon can last 1200 months at most.").param("duration_in_months")
            );
        }
        ("repeating", Some(months)) if months < 1 => return Err(ApiError::too_low("duration_in_months", 1)),
        ("once" | "forever", Some(_)) => {
            return Err(ApiError::invalid(
                "duration_in_months can only be set if `duration` is `repeating`.",
            )
            .param("duration_in_months"));
        }
        _ => {}
    }
    for product in call.params.get("applies_to").at_products() {
        find_product(call.account, &product, "applies_to[products]").map_err(|error| error.status(400))?;
    }
    let mut coupon = json!({
        "id": id,
        "object": "coupon",
        "amount_off": null,
        "created": call.account.now,
        "currency": null,
        "duration": duration,
        "duration_in_months": null,
        "livemode": false,
        "max_redemptions": null,
        "metadata": {},
        "name": null,
        "percent_off": null,
        "redeem_by": null,
        "times_redeemed": 0,
        "valid": true,
    });
    overlay(&mut coupon, &call.params, &["id", "percent_off", "currency"]);
    coupon.set("percent_off", percent);
    if call.params.contains_key("amount_off") {
        coupon.set("currency", call.text("currency"));
    }
    call.account.save(&coupon, "coupon.created");
    Ok(coupon)
}

trait Products {
    fn at_products(&self) -> Vec<String>;
}

impl Products for Option<&Value> {
    fn at_products(&self) -> Vec<String> {
        let listed = self.and_then(|value| value.get("products")).and_then(Value::as_array);
        listed.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
    }
}

fn retrieve(call: &mut Call<'_>) -> Outcome {
    find_coupon(call.account, &call.id, "coupon")
}

fn update(call: &mut Call<'_>) -> Outcome {
    let before = find_coupon(call.account, &call.id, "coupon")?;
    if call.params.contains_key("currency_options") {
        return Err(ApiError::not_simulated("currency_options"));
    }
    let mut coupon = before.clone();
    overlay(&mut coupon, &call.params, &[]);
    call.account.save_changed(&before, &coupon, "coupon.updated");
    Ok(coupon)
}

fn delete(call: &mut Call<'_>) -> Outcome {
    // Discounts that exist keep a copy of their coupon: they run on.
    let coupon = find_coupon(call.account, &call.id, "coupon")?;
    let gone = json!({ "id": call.id, "object": "coupon", "deleted": true });
    call.account.put(&gone);
    call.account.emit("coupon.deleted", &coupon, None);
    Ok(gone)
}

fn list(call: &mut Call<'_>) -> Outcome {
    page::matching(call, "coupon", "coupon", &[], "/v1/coupons")
}
