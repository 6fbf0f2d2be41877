//! Discounts: a coupon at work on a subscription, an invoice or a checkout.

use serde_json::{Value, json};

use super::coupons::find_coupon;
use super::decimal;
use super::error::ApiError;
use super::object::Object;
use super::params::{Field, Kind, may};
use super::promotion_codes::find_code;
use super::state::Account;
use crate::calendar;

/// One entry of a `discounts` parameter.
pub(super) const DISCOUNT: &[Field] =
    &[may("coupon", Kind::Text), may("discount", Kind::Text), may("promotion_code", Kind::Text)];

/// What a `discounts` parameter names: pairs of coupon and promotion code (or null).
pub(super) fn read(
    account: &Account,
    given: Option<&Value>,
    customer: &str,
) -> Result<Vec<(Value, Value)>, ApiError> {
    let mut found = Vec::new();
    for (at, entry) in given.and_then(Value::as_array).into_iter().flatten().enumerate() {
        let param = format!("discounts[{at}]");
        let (coupon, code) = (entry.text("coupon"), entry.text("promotion_code"));
        if !entry.text("discount").is_empty() {
            let old = entry.text("discount");
            let discount = account
                .get("discount", old)
                .ok_or_else(|| ApiError::missing("discount", old, &param).status(400))?;
            let coupon = account.noted(old, "coupon").clone();
            found.push((coupon, discount.at(&["promotion_code"]).clone()));
            continue;
        }
        let (id, code) = match (coupon.is_empty(), code.is_empty()) {
            (false, true) => (coupon.to_owned(), Value::Null),
            (true, false) => {
                let code = find_code(account, code, &format!("{param}[promotion_code]"))
                    .map_err(|error| error.status(400))?;
                let owner = code.text("customer");
                if !code.flag("active") || (!owner.is_empty() && owner != customer) {
                    let message = "This promotion code cannot be redeemed because it is not active, or not this customer's.";
                    return Err(ApiError::invalid(message).param(&format!("{param}[promotion_code]")));
                }
                (code.at(&["promotion"]).text("coupon").to_owned(), code.at(&["id"]).clone())
            }
            _ => {
                return Err(ApiError::invalid(format!(
                    "{param} needs exactly one of coupon, discount or promotion_code."
                ))
                .param(&param));
            }
        };
        let coupon =
            find_coupon(account, &id, &format!("{param}[coupon]")).map_err(|error| error.status(400))?;
        if !coupon.flag("valid") {
            return Err(ApiError::invalid(format!("Coupon expired: {id}"))
                .code("coupon_expired")
                .param(&format!("{param}[coupon]")));
        }
        found.push((coupon, code));
    }
    Ok(found)
}

/// Puts coupons to work on an owner (`subscription`, `invoice`, `checkout_session`). Gives the discounts' ids.
pub(super) fn start(
    account: &mut Account,
    chosen: &[(Value, Value)],
    owner: (&str, &str),
    customer: &str,
) -> Vec<Value> {
    let mut ids = Vec::new();
    for (coupon, code) in chosen {
        let mut used = coupon.clone();
        used.set("times_redeemed", coupon.int("times_redeemed") + 1);
        if account.get("coupon", coupon.text("id")).is_some_and(|kept| !kept.flag("deleted")) {
            account.put(&used);
        }
        if let Some(mut code) = code.as_str().and_then(|id| account.get("promotion_code", id)) {
            code.set("times_redeemed", code.int("times_redeemed") + 1);
            account.put(&code);
        }
        let now = account.time();
        let end = (coupon.text("duration") == "repeating")
            .then(|| calendar::after(now, "month", coupon.int("duration_in_months")));
        let mut discount = json!({
            "id": format!("di_1{}", account.ids.letters(23)),
            "object": "discount",
            "checkout_session": null,
            "customer": customer,
            "customer_account": null,
            "end": end,
            "invoice": null,
            "invoice_item": null,
            "promotion_code": code,
            "source": { "coupon": coupon.text("id"), "type": "coupon" },
            "start": now,
            "subscription": null,
            "subscription_item": null,
        });
        discount.set(owner.0, owner.1);
        let id = discount.text("id").to_owned();
        account.note(&id, "coupon", coupon.clone());
        account.put(&discount);
        account.emit("customer.discount.created", &discount, None);
        ids.push(Value::from(id));
    }
    ids
}

/// Those of a subscription's discounts that still apply.
pub(super) fn still_on(account: &Account, ids: &Value) -> Vec<Value> {
    let on = |id: &&Value| {
        let id = id.as_str().unwrap_or_default();
        let Some(discount) = account.get("discount", id) else { return false };
        let over = discount.get("end").and_then(Value::as_i64).is_some_and(|end| end <= account.time());
        let once = account.noted(id, "coupon").text("duration") == "once";
        let used = once && account.noted(id, "used").as_bool().unwrap_or_default();
        !(over || used)
    };
    ids.as_array().into_iter().flatten().filter(on).cloned().collect()
}

/// What each discount takes off these lines, in order, and what is left to pay never below zero. A percentage
/// is rounded once over the sum of the lines it covers.
pub(super) fn amounts(
    account: &Account,
    ids: &[Value],
    lines: &[Value],
    currency: &str,
) -> Vec<(String, i64)> {
    let mut taken: Vec<(String, i64)> = Vec::new();
    for id in ids.iter().filter_map(Value::as_str) {
        let coupon = account.noted(id, "coupon");
        let only = coupon.at(&["applies_to", "products"]).as_array();
        let covers = |line: &Value| {
            let product = line.at(&["pricing", "price_details", "product"]);
            line.flag("discountable") && only.is_none_or(|products| products.contains(product))
        };
        let covered: i64 = lines.iter().filter(|line| covers(line)).map(|line| line.int("amount")).sum();
        let left = covered - taken.iter().map(|(_, amount)| amount).sum::<i64>();
        let off = match coupon.get("amount_off").and_then(Value::as_i64) {
            Some(amount) if coupon.text("currency") == currency => amount,
            Some(_) => 0,
            None => {
                let percent = coupon.at(&["percent_off"]).to_string();
                decimal::share(i128::from(left), decimal::scaled(&percent, 2).unwrap_or_default(), 10_000)
            }
        };
        taken.push((id.to_owned(), off.min(left).max(0)));
    }
    taken
}
