//! Tiers: a price whose amount depends on the quantity.

use serde_json::{Value, json};

use super::decimal;
use super::error::ApiError;
use super::object::Object;
use super::params::{Kind, may, need};
use super::prices::{self, ONE};

pub(super) const TIERS: Kind = Kind::List(&Kind::Hash(&[
    may("flat_amount", Kind::Integer),
    may("flat_amount_decimal", Kind::Decimal),
    may("unit_amount", Kind::Integer),
    may("unit_amount_decimal", Kind::Decimal),
    need("up_to", Kind::IntegerOr(&["inf"])),
]));

/// Checks the tiers of a price that is not made yet, and gives them as an expanded price shows them.
pub(super) fn read(given: &Value) -> Result<Vec<Value>, ApiError> {
    let entries = given.get("tiers").and_then(Value::as_array).cloned().unwrap_or_default();
    if entries.is_empty() {
        return Err(ApiError::missing_param("tiers"));
    }
    if given.get("tiers_mode").is_none() {
        return Err(ApiError::missing_param("tiers_mode"));
    }
    if given.at(&["recurring"]).is_null() {
        // Whether Stripe takes tiers of a price that is paid once is not known.
        return Err(ApiError::not_simulated("tiers"));
    }
    let mut tiers = Vec::new();
    let mut reached = 0;
    for (at, entry) in entries.iter().enumerate() {
        let named = |name: &str| format!("tiers[{at}][{name}]");
        let flat = prices::exact(entry, "flat_amount", &named("flat_amount"))?;
        let unit = prices::exact(entry, "unit_amount", &named("unit_amount"))?;
        if flat.is_none() && unit.is_none() {
            return Err(ApiError::missing_param(&named("unit_amount")));
        }
        let up_to = entry.get("up_to").and_then(Value::as_i64);
        match up_to {
            Some(up_to) if up_to <= reached => {
                let message = "Tiers must be in ascending order of `up_to`, which begins at 1.";
                return Err(ApiError::invalid(message).param(&named("up_to")));
            }
            Some(up_to) => reached = up_to,
            None => {}
        }
        if up_to.is_none() != (at + 1 == entries.len()) {
            let message = "The last tier, and no other, must have `up_to` set to `inf`.";
            return Err(ApiError::invalid(message).param(&named("up_to")));
        }
        let (flat, unit) = (flat.unzip(), unit.unzip());
        tiers.push(json!({
            "flat_amount": flat.0.flatten(), "flat_amount_decimal": flat.1,
            "unit_amount": unit.0.flatten(), "unit_amount_decimal": unit.1, "up_to": up_to,
        }));
    }
    Ok(tiers)
}

/// What a quantity costs, in minor units, rounded once over all tiers. `volume` takes the tier that the whole quantity
/// falls into; `graduated` fills one tier after the other. The first tier's flat amount is due even for nothing.
pub(super) fn amount(tiers: &[Value], mode: &str, quantity: i64) -> i64 {
    let exact = |tier: &Value, name: &str| decimal::scaled(tier.text(name), 12).unwrap_or_default();
    let part = |tier: &Value, units: i64| {
        exact(tier, "unit_amount_decimal") * i128::from(units) + exact(tier, "flat_amount_decimal")
    };
    let reaches = |tier: &Value| tier.get("up_to").and_then(Value::as_i64).unwrap_or(i64::MAX);
    if mode == "volume" {
        let tier = tiers.iter().find(|tier| quantity <= reaches(tier));
        return tier.map_or(0, |tier| decimal::share(part(tier, quantity), 1, ONE));
    }
    let (mut from, mut sum) = (0, 0);
    for tier in tiers {
        let units = quantity.min(reaches(tier)) - from;
        if units <= 0 && from > 0 {
            break;
        }
        sum += part(tier, units.max(0));
        from = reaches(tier);
    }
    decimal::share(sum, 1, ONE)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::amount;

    fn tiers() -> Vec<Value> {
        vec![
            json!({ "unit_amount_decimal": "500", "flat_amount_decimal": "100", "up_to": 10 }),
            json!({ "unit_amount_decimal": "400.5", "flat_amount_decimal": null, "up_to": 20 }),
            json!({ "unit_amount_decimal": null, "flat_amount_decimal": "7", "up_to": null }),
        ]
    }

    #[test]
    fn graduated_tiers_add_up() {
        for (quantity, expected) in [
            (0, 100),
            (1, 600),
            (10, 5_100),
            (11, 5_501),
            (12, 5_901),
            (20, 9_105),
            (21, 9_112),
            (999, 9_112),
        ] {
            assert_eq!(amount(&tiers(), "graduated", quantity), expected, "{quantity}");
        }
    }

    #[test]
    fn volume_takes_one_tier_for_all() {
        for (quantity, expected) in [(0, 100), (10, 5_100), (11, 4_406), (20, 8_010), (21, 7)] {
            assert_eq!(amount(&tiers(), "volume", quantity), expected, "{quantity}");
        }
    }
}
