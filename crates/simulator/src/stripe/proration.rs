//! Proration: what is left of a period when a subscription changes in the middle of it.
//!
//! All of it is integer arithmetic in minor units. A change at second `at` of the period `start..end` credits each
//! item that changes or goes with `amount × (end − at) ÷ (end − start)` and charges each one that changes or comes
//! with the same share of its new amount. Each share is rounded by itself to the nearest unit, halves away from zero.

use serde_json::{Value, json};

use super::decimal;
use super::object::Object;
use super::prices;
use super::state::Account;
use crate::calendar;

/// The part of `amount` that falls to `at..end` of the period `start..end`.
pub(super) fn share(amount: i64, start: i64, end: i64, at: i64) -> i64 {
    let left = i128::from((end - at).clamp(0, (end - start).max(0)));
    decimal::share(i128::from(amount), left, i128::from((end - start).max(1)))
}

fn item_amount(account: &Account, item: &Value) -> i64 {
    prices::amount(account, item.at(&["price"]), item.int("quantity"))
}

fn name_of(account: &Account, item: &Value) -> String {
    let product = item.at(&["price"]).text("product");
    let name = account.get("product", product).map(|product| product.text("name").to_owned());
    let name = name.filter(|name| !name.is_empty()).unwrap_or_else(|| product.to_owned());
    match item.int("quantity") {
        1 => name,
        several => format!("{several} × {name}"),
    }
}

/// One side of a change: a credit (`back`) for what is not used, or a charge for what remains.
fn part(account: &Account, item: &Value, at: i64, back: bool) -> Option<Value> {
    let (start, end) = (item.int("current_period_start"), item.int("current_period_end"));
    let amount = share(item_amount(account, item), start, end, at);
    if amount == 0 {
        return None;
    }
    let words = if back { "Unused time on" } else { "Remaining time on" };
    Some(json!({
        "amount": if back { -amount } else { amount },
        "currency": item.at(&["price"]).text("currency"),
        "description": format!("{words} {} after {}", name_of(account, item), calendar::shown(at)),
        "period": { "start": at, "end": end },
        "price": item.at(&["price"]),
        "quantity": item.int("quantity"),
        "subscription": item.text("subscription"),
        "subscription_item": item.text("id"),
        "discountable": false,
        "tax_rates": item.at(&["tax_rates"]),
    }))
}

/// Credits for `old` that is gone or different in `new`, then charges for what is new or different.
pub(super) fn between(account: &Account, old: &[Value], new: &[Value], at: i64) -> Vec<Value> {
    let same = |a: &Value, b: &Value| {
        a.text("id") == b.text("id")
            && a.at(&["price"]).text("id") == b.at(&["price"]).text("id")
            && a.int("quantity") == b.int("quantity")
    };
    let credits = old.iter().filter(|item| !new.iter().any(|other| same(item, other)));
    let charges = new.iter().filter(|item| !old.iter().any(|other| same(item, other)));
    let credits = credits.filter_map(|item| part(account, item, at, true));
    credits.chain(charges.filter_map(|item| part(account, item, at, false))).collect()
}

/// Credits for everything: the rest of the period is not used.
pub(super) fn credits(account: &Account, items: &[Value], at: i64) -> Vec<Value> {
    items.iter().filter_map(|item| part(account, item, at, true)).collect()
}

/// Charges for everything: only the rest of the period is used.
pub(super) fn charges(account: &Account, items: &[Value], at: i64) -> Vec<Value> {
    items.iter().filter_map(|item| part(account, item, at, false)).collect()
}

#[cfg(test)]
mod tests {
    use super::share;

    #[test]
    fn shares_follow_the_seconds() {
        assert_eq!(share(3_000, 0, 30, 10), 2_000);
        assert_eq!(share(1_000, 0, 3, 1), 667);
        assert_eq!(share(1_000, 0, 3, 2), 333);
        assert_eq!(share(1_000, 0, 3, 9), 0);
        assert_eq!(share(1_000, 0, 3, -5), 1_000);
        assert_eq!(share(1_000, 5, 5, 5), 0);
    }
}
