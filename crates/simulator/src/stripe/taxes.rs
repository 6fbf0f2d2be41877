//! What tax rates come to.
//!
//! All of it is integer arithmetic in minor units, on what is left of a line after its discounts. With `inclusive` the
//! sum of the rates that the line's amount includes, each rate takes `amount × rate ÷ (100 % + inclusive)`: of an
//! included tax that is the part inside the amount, of any other the tax on the rest. Each line and rate is rounded by
//! itself to the nearest unit, halves away from zero.

use serde_json::{Value, json};

use super::decimal;
use super::object::Object;
use super::state::Account;

/// 100 % with four decimals.
const WHOLE: i128 = 1_000_000;

/// The taxes of one amount.
#[derive(Debug, Default)]
pub(super) struct Taxes {
    /// As lines show them.
    pub(super) shown: Vec<Value>,
    /// What comes on top of the amount.
    pub(super) on_top: i64,
    /// What the amount includes.
    pub(super) inside: i64,
}

/// Whether a customer pays taxes at all.
pub(super) fn applies(account: &Account, customer: &str) -> bool {
    let customer = account.get("customer", customer).unwrap_or_default();
    !matches!(customer.text("tax_exempt"), "exempt" | "reverse")
}

fn rate_of(rate: &Value) -> i128 {
    decimal::scaled(&rate.at(&["percentage"]).to_string(), 4).unwrap_or_default()
}

/// The taxes of an amount at these rates, which are tax rates in full.
pub(super) fn of(amount: i64, rates: &Value) -> Taxes {
    let rates = rates.as_array().map(Vec::as_slice).unwrap_or_default();
    let included: i128 = rates.iter().filter(|rate| rate.flag("inclusive")).map(rate_of).sum();
    let parts: Vec<i64> = rates
        .iter()
        .map(|rate| decimal::share(i128::from(amount), rate_of(rate), WHOLE + included))
        .collect();
    let mut taxes = Taxes::default();
    for (rate, part) in rates.iter().zip(&parts) {
        if rate.flag("inclusive") {
            taxes.inside += part;
        } else {
            taxes.on_top += part;
        }
    }
    let shown = |(rate, part): (&Value, &i64)| {
        json!({
            "amount": part,
            "tax_behavior": if rate.flag("inclusive") { "inclusive" } else { "exclusive" },
            "tax_rate_details": { "tax_rate": rate.text("id") },
            "taxability_reason": "not_available",
            "taxable_amount": amount - taxes.inside,
            "type": "tax_rate_details",
        })
    };
    taxes.shown = rates.iter().zip(&parts).map(shown).collect();
    taxes
}

/// Adds the taxes of lines up, rate by rate.
pub(super) fn add(total: &mut Vec<Value>, of_line: &[Value]) {
    for tax in of_line {
        let same = |other: &&mut Value| other.at(&["tax_rate_details"]) == tax.at(&["tax_rate_details"]);
        match total.iter_mut().find(same) {
            Some(sum) => {
                sum.set("amount", sum.int("amount") + tax.int("amount"));
                sum.set("taxable_amount", sum.int("taxable_amount") + tax.int("taxable_amount"));
            }
            None => total.push(tax.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::of;

    fn rate(percentage: &Value, inclusive: bool) -> Value {
        json!({ "id": "txr", "percentage": percentage, "inclusive": inclusive })
    }

    #[test]
    fn rates_are_exact_and_rounded_once() {
        let exclusive = json!([rate(&json!(8.875), false)]);
        assert_eq!(of(1_999, &exclusive).on_top, 177);
        assert_eq!(of(-1_999, &exclusive).on_top, -177);
        assert_eq!(of(100, &json!([rate(&json!(12.5), false)])).on_top, 13, "halves go away from zero");
        assert_eq!(of(0, &exclusive).on_top, 0);
        let two = of(1_000, &json!([rate(&json!(5), false), rate(&json!(9.975), false)]));
        assert_eq!((two.on_top, two.inside, two.shown.len()), (150, 0, 2));
    }

    #[test]
    fn what_is_included_is_taken_from_the_inside() {
        let taxes = of(11_900, &json!([rate(&json!(19), true)]));
        assert_eq!((taxes.on_top, taxes.inside), (0, 1_900));
        assert_eq!(taxes.shown[0]["taxable_amount"], 10_000);
        let both = of(12_000, &json!([rate(&json!(20), true), rate(&json!(10), false)]));
        assert_eq!((both.inside, both.on_top), (2_000, 1_000));
    }
}
