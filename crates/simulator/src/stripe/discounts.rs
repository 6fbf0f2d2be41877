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

/// Makes discounts of coupons for an owner (`subscription`, `subscription_item`, `invoice`, `invoice_item`,
/// `checkout_session`), and gives their ids. They count for amounts; until [`publish`] nobody else sees them.
pub(super) fn draft(
    account: &mut Account,
    chosen: &[(Value, Value)],
    owner: (&str, &str),
    customer: &str,
) -> Vec<Value> {
    let now = account.time();
    let mut ids = Vec::new();
    for (coupon, code) in chosen {
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
        account.note(&id, "draft", discount);
        ids.push(Value::from(id));
    }
    ids
}

/// Puts drafts among these discounts to work: their coupons and codes are redeemed now.
pub(super) fn publish(account: &mut Account, ids: &Value) {
    for id in ids.as_array().into_iter().flatten().filter_map(Value::as_str) {
        let discount = account.noted(id, "draft").clone();
        if discount.is_null() {
            continue;
        }
        account.note(id, "draft", Value::Null);
        let coupon = account.noted(id, "coupon").text("id").to_owned();
        if let Some(mut coupon) = account.get("coupon", &coupon).filter(|kept| !kept.flag("deleted")) {
            coupon.set("times_redeemed", coupon.int("times_redeemed") + 1);
            account.put(&coupon);
        }
        if let Some(mut code) = account.get("promotion_code", discount.text("promotion_code")) {
            code.set("times_redeemed", code.int("times_redeemed") + 1);
            account.put(&code);
        }
        account.put(&discount);
        account.emit("customer.discount.created", &discount, None);
    }
}

/// [`draft`] and [`publish`] in one.
pub(super) fn start(
    account: &mut Account,
    chosen: &[(Value, Value)],
    owner: (&str, &str),
    customer: &str,
) -> Value {
    let ids = Value::Array(draft(account, chosen, owner, customer));
    publish(account, &ids);
    ids
}

/// Those of an owner's discounts that still apply.
pub(super) fn still_on(account: &Account, ids: &Value) -> Vec<Value> {
    let on = |id: &&Value| {
        let id = id.as_str().unwrap_or_default();
        let draft = Some(account.noted(id, "draft").clone()).filter(Value::is_object);
        let Some(discount) = account.get("discount", id).or(draft) else { return false };
        let over = discount.get("end").and_then(Value::as_i64).is_some_and(|end| end <= account.time());
        let once = account.noted(id, "coupon").text("duration") == "once";
        let used = once && account.noted(id, "used").as_bool().unwrap_or_default();
        !(over || used)
    };
    ids.as_array().into_iter().flatten().filter(on).cloned().collect()
}

/// Whether a coupon is for this product.
pub(super) fn covers(coupon: &Value, product: &Value) -> bool {
    let only = coupon.at(&["applies_to", "products"]).as_array();
    only.is_none_or(|products| products.contains(product))
}

/// Takes a coupon off what is left of the lines that it covers, never below zero, and gives each line's part. It is
/// rounded once over their sum; the parts follow what is left of the lines and add up to it.
pub(super) fn take(coupon: &Value, covered: &[bool], left: &mut [i64], currency: &str) -> Vec<i64> {
    let sum: i64 = left.iter().zip(covered).filter(|(_, covered)| **covered).map(|(left, _)| left).sum();
    let off = match coupon.get("amount_off").and_then(Value::as_i64) {
        Some(amount) if coupon.text("currency") == currency => amount,
        Some(_) => 0,
        None => {
            let percent = coupon.at(&["percent_off"]).to_string();
            decimal::share(i128::from(sum), decimal::scaled(&percent, 2).unwrap_or_default(), 10_000)
        }
    };
    let off = off.min(sum).max(0);
    let (mut seen, mut given) = (0, 0);
    left.iter_mut()
        .zip(covered)
        .map(|(left, covered)| {
            if !covered || off == 0 {
                return 0;
            }
            seen += *left;
            let part = decimal::share(i128::from(off), i128::from(seen), i128::from(sum)) - given;
            given += part;
            *left -= part;
            part
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::take;

    #[test]
    fn parts_add_up_to_what_is_taken() {
        let third = json!({ "percent_off": 33.33, "amount_off": null });
        let mut left = [100, 100, 101, 500];
        let parts = take(&third, &[true, true, true, false], &mut left, "usd");
        assert_eq!((parts.iter().sum::<i64>(), parts), (100, vec![33, 33, 34, 0]));
        assert_eq!(left, [67, 67, 67, 500]);
        let fixed = json!({ "amount_off": 1_000, "currency": "usd" });
        assert_eq!(take(&fixed, &[true, false, false, true], &mut left, "eur"), [0; 4]);
        assert_eq!(take(&fixed, &[true, false, false, true], &mut left, "usd"), [67, 0, 0, 500]);
        assert_eq!(left, [0, 67, 67, 0]);
    }
}
