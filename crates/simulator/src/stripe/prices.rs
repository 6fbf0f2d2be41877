//! Prices: so much a unit or in tiers, once or every interval. Metering and packages are refused.

use serde_json::{Value, json};

use super::decimal;
use super::error::ApiError;
use super::money;
use super::object::{Object, overlay};
use super::page::{self, PAGE};
use super::params::{EXPAND, Field, Kind, clear, may, need};
use super::products::{self, find_product};
use super::router::{Call, Outcome, Route};
use super::state::Account;
use super::tiers;

const CREATE: &[Field] = &[
    may("active", Kind::Boolean),
    may("billing_scheme", Kind::OneOf(&["per_unit", "tiered"])),
    need("currency", Kind::Text),
    may("currency_options", Kind::Opaque),
    may("custom_unit_amount", Kind::Opaque),
    may("lookup_key", Kind::Text),
    may("metadata", Kind::Metadata),
    may("nickname", Kind::Text),
    may("product", Kind::Text),
    may(
        "product_data",
        Kind::Hash(&[
            may("active", Kind::Boolean),
            may("id", Kind::Text),
            may("metadata", Kind::Metadata),
            need("name", Kind::Text),
            may("statement_descriptor", Kind::Text),
            may("tax_code", Kind::Text),
            may("unit_label", Kind::Text),
        ]),
    ),
    may(
        "recurring",
        Kind::Hash(&[
            need("interval", Kind::OneOf(&["day", "month", "week", "year"])),
            may("interval_count", Kind::Integer),
            may("meter", Kind::Text),
            may("trial_period_days", Kind::Integer),
            may("usage_type", Kind::OneOf(&["licensed", "metered"])),
        ]),
    ),
    may("tax_behavior", Kind::OneOf(&["exclusive", "inclusive", "unspecified"])),
    may("tiers", tiers::TIERS),
    may("tiers_mode", Kind::OneOf(&["graduated", "volume"])),
    may("transfer_lookup_key", Kind::Boolean),
    may(
        "transform_quantity",
        Kind::Hash(&[need("divide_by", Kind::Integer), need("round", Kind::OneOf(&["down", "up"]))]),
    ),
    may("unit_amount", Kind::Integer),
    may("unit_amount_decimal", Kind::Decimal),
];

const UPDATE: &[Field] = &[
    may("active", Kind::Boolean),
    clear("currency_options", Kind::Opaque),
    may("lookup_key", Kind::Text),
    clear("metadata", Kind::Metadata),
    may("nickname", Kind::Text),
    may("tax_behavior", Kind::OneOf(&["exclusive", "inclusive", "unspecified"])),
    may("transfer_lookup_key", Kind::Boolean),
];

const LIST: &[Field] = &[
    may("active", Kind::Boolean),
    may("created", Kind::Range),
    may("currency", Kind::Text),
    may("lookup_keys", Kind::List(&Kind::Text)),
    may("product", Kind::Text),
    may(
        "recurring",
        Kind::Hash(&[
            may("interval", Kind::OneOf(&["day", "month", "week", "year"])),
            may("meter", Kind::Text),
            may("usage_type", Kind::OneOf(&["licensed", "metered"])),
        ]),
    ),
    may("type", Kind::OneOf(&["one_time", "recurring"])),
];

/// One minor unit at twelve decimals.
pub(super) const ONE: i128 = 1_000_000_000_000;

/// The largest quantity of anything.
pub(super) const MOST: i64 = 999_999;

const RECURRING: Kind = Kind::Hash(&[
    need("interval", Kind::OneOf(&["day", "month", "week", "year"])),
    may("interval_count", Kind::Integer),
]);

const TAX_BEHAVIOR: Field = may("tax_behavior", Kind::OneOf(&["exclusive", "inclusive", "unspecified"]));

/// `price_data` of a recurring price, where the product exists.
pub(super) const RECURRING_DATA: &[Field] = &[
    need("currency", Kind::Text),
    need("product", Kind::Text),
    need("recurring", RECURRING),
    TAX_BEHAVIOR,
    may("unit_amount", Kind::Integer),
    may("unit_amount_decimal", Kind::Decimal),
];

/// `price_data` of a one-off price, where the product exists.
pub(super) const ONE_OFF_DATA: &[Field] = &[
    need("currency", Kind::Text),
    need("product", Kind::Text),
    TAX_BEHAVIOR,
    may("unit_amount", Kind::Integer),
    may("unit_amount_decimal", Kind::Decimal),
];

/// `price_data` in a checkout, which may name a product that is made on the way.
pub(super) const CHECKOUT_DATA: &[Field] = &[
    need("currency", Kind::Text),
    may("product", Kind::Text),
    may(
        "product_data",
        Kind::Hash(&[
            may("description", Kind::Text),
            may("images", Kind::List(&Kind::Text)),
            may("metadata", Kind::Metadata),
            need("name", Kind::Text),
            may("tax_code", Kind::Text),
            may("unit_label", Kind::Text),
        ]),
    ),
    may("recurring", RECURRING),
    TAX_BEHAVIOR,
    may("unit_amount", Kind::Integer),
    may("unit_amount_decimal", Kind::Decimal),
];

pub(super) const ROUTES: &[Route] = &[
    Route::post("prices", &[CREATE, &[EXPAND]], "price_write", create),
    Route::get("prices", &[PAGE, LIST], "price_read", list),
    Route::get("prices/*", &[&[EXPAND]], "price_read", retrieve),
    Route::post("prices/*", &[UPDATE, &[EXPAND]], "price_write", update),
];

pub(super) fn find_price(account: &Account, id: &str, param: &str) -> Outcome {
    account.get("price", id).ok_or_else(|| ApiError::missing("price", id, param))
}

/// Checks the amount, currency and interval of a price that is not made yet. Gives the part of a price they fill.
pub(super) fn read(given: &Value, param: &str) -> Outcome {
    let named = |name: &str| if param.is_empty() { name.to_owned() } else { format!("{param}[{name}]") };
    for name in ["transform_quantity", "custom_unit_amount", "currency_options"] {
        if given.get(name).is_some() {
            return Err(ApiError::not_simulated(&named(name)));
        }
    }
    let recurring = given.at(&["recurring"]);
    if recurring.text("usage_type") == "metered" || recurring.get("meter").is_some() {
        return Err(ApiError::not_simulated(&named("recurring[usage_type]")));
    }
    let currency = money::currency(given.text("currency"))?;
    let unit = exact(given, "unit_amount", &named("unit_amount"))?;
    let tiered = given.text("billing_scheme") == "tiered";
    let tiers = match (tiered, &unit) {
        (true, Some(_)) => {
            let message = "You may only specify `unit_amount` when `billing_scheme=per_unit`.";
            return Err(ApiError::invalid(message).param(&named("unit_amount")));
        }
        (true, None) => tiers::read(given)?,
        (false, None) => return Err(ApiError::missing_param(&named("unit_amount"))),
        (false, Some(_)) => {
            match ["tiers", "tiers_mode"].into_iter().find(|name| given.get(name).is_some()) {
                Some(name) => {
                    let message = format!("You may only specify `{name}` when `billing_scheme=tiered`.");
                    return Err(ApiError::invalid(message).param(name));
                }
                None => Vec::new(),
            }
        }
    };
    let (amount, decimal) = unit.unzip();
    let recurring = if recurring.is_null() {
        Value::Null
    } else {
        let interval = recurring.text("interval");
        let count = recurring.get("interval_count").and_then(Value::as_i64).unwrap_or(1);
        let most = match interval {
            "day" => 1_095,
            "week" => 156,
            "month" => 36,
            _ => 3,
        };
        if count < 1 {
            return Err(ApiError::too_low(&named("recurring[interval_count]"), 1));
        }
        if count > most {
            let message = "The maximum interval between two billing periods is three years.";
            return Err(ApiError::invalid(message).param(&named("recurring[interval_count]")));
        }
        json!({
            "interval": interval, "interval_count": count, "meter": null,
            "trial_period_days": recurring.at(&["trial_period_days"]), "usage_type": "licensed",
        })
    };
    Ok(json!({
        "billing_scheme": if tiered { "tiered" } else { "per_unit" },
        "currency": currency,
        "recurring": recurring,
        "tax_behavior": given.get("tax_behavior").cloned().unwrap_or_else(|| json!("unspecified")),
        "type": if recurring.is_null() { "one_time" } else { "recurring" },
        "tiers": tiers,
        "tiers_mode": given.at(&["tiers_mode"]),
        "unit_amount": amount.flatten(),
        "unit_amount_decimal": decimal,
    }))
}

/// An amount that is given whole or, under the same name and `_decimal`, with up to twelve decimals: as a whole number
/// where it is one, and exactly.
pub(super) fn exact(
    given: &Value,
    name: &str,
    param: &str,
) -> Result<Option<(Option<i64>, String)>, ApiError> {
    let (amount, text) = match (given.get(name), given.get(format!("{name}_decimal"))) {
        (Some(_), Some(_)) => {
            return Err(ApiError::invalid(format!(
                "You may only specify one of these parameters: {name}, {name}_decimal."
            )));
        }
        (None, None) => return Ok(None),
        (Some(amount), None) => (amount.as_i64(), amount.to_string()),
        (None, Some(exact)) => {
            let text = exact.as_str().unwrap_or_default();
            let whole = text.split_once('.').is_none_or(|(_, part)| part.chars().all(|c| c == '0'));
            let amount = text.split('.').next().and_then(|whole| whole.parse().ok());
            (amount.filter(|_| whole), text.to_owned())
        }
    };
    let exact = decimal::scaled(&text, 12);
    if exact.is_some_and(|exact| exact < 0) {
        return Err(ApiError::too_low(param, 0));
    }
    if exact.is_none_or(|exact| exact > 99_999_999 * ONE) {
        let message = "Amount must be no more than 99999999 in the smallest unit of its currency.";
        return Err(ApiError::invalid(message).code("amount_too_large").param(param));
    }
    Ok(Some((amount, text)))
}

/// Makes and stores a price of what [`read`] gave. Inline prices (`active` false) make no event.
pub(super) fn make(account: &mut Account, parts: Value, product: &str, event: &str) -> Value {
    let mut price = json!({
        "id": format!("price_1{}", account.ids.letters(23)),
        "object": "price",
        "active": !event.is_empty(),
        "created": account.now,
        "custom_unit_amount": null,
        "livemode": false,
        "lookup_key": null,
        "metadata": {},
        "nickname": null,
        "product": product,
        "transform_quantity": null,
    });
    if let Value::Object(parts) = parts {
        overlay(&mut price, &parts, &["tiers"]);
        // Stripe shows them when they are asked for.
        let tiers = parts.get("tiers").and_then(Value::as_array).filter(|tiers| !tiers.is_empty());
        if let Some(tiers) = tiers {
            account.note(price.text("id"), "tiers", tiers.clone());
        }
    }
    if event.is_empty() {
        account.put(&price);
    } else {
        account.save(&price, event);
    }
    price
}

/// The price that a line names, or the inline one that it describes. `recurring` says which it must be, if it
/// matters.
pub(super) fn resolve(account: &mut Account, line: &Value, param: &str, recurring: Option<bool>) -> Outcome {
    let named = |name: &str| if param.is_empty() { name.to_owned() } else { format!("{param}[{name}]") };
    let price = match (line.get("price").and_then(Value::as_str), line.get("price_data")) {
        (Some(_), Some(_)) => {
            return Err(ApiError::invalid(format!(
                "You may only specify one of these parameters: {}, {}.",
                named("price"),
                named("price_data")
            )));
        }
        (None, None) => return Err(ApiError::missing_param(&named("price"))),
        (Some(id), None) => {
            let price = find_price(account, id, &named("price")).map_err(|error| error.status(400))?;
            if !price.flag("active") {
                let message = format!(
                    "The price specified is inactive. This field only accepts active prices. Price: {id}"
                );
                return Err(ApiError::invalid(message).param(&named("price")));
            }
            price
        }
        (None, Some(data)) => {
            let parts = read(data, &named("price_data"))?;
            let product = match (data.get("product").and_then(Value::as_str), data.get("product_data")) {
                (Some(id), None) => {
                    find_product(account, id, &named("price_data[product]"))
                        .map_err(|error| error.status(400))?;
                    id.to_owned()
                }
                (None, Some(Value::Object(given))) => products::make(account, given).text("id").to_owned(),
                _ => return Err(ApiError::missing_param(&named("price_data[product]"))),
            };
            make(account, parts, &product, "")
        }
    };
    match recurring {
        Some(true) if price.at(&["recurring"]).is_null() => Err(ApiError::invalid(format!(
            "The price specified is set to `type=one_time` but this field only accepts prices with \
             `type=recurring`. Price: {}",
            price.text("id")
        ))
        .param(&named("price"))),
        Some(false) if !price.at(&["recurring"]).is_null() => Err(ApiError::invalid(format!(
            "The price specified is set to `type=recurring` but this field only accepts prices with \
             `type=one_time`. Price: {}",
            price.text("id")
        ))
        .param(&named("price"))),
        _ => Ok(price),
    }
}

/// Refuses quantities that nothing can have.
pub(super) fn check_quantity(quantity: i64, least: i64, param: &str) -> Result<i64, ApiError> {
    if quantity < least {
        return Err(ApiError::too_low(param, least));
    }
    if quantity > MOST {
        let message = format!("This value must be less than or equal to {MOST}.");
        return Err(ApiError::invalid(message).code("parameter_invalid_integer").param(param));
    }
    Ok(quantity)
}

/// What `quantity` of a price costs, in minor units, rounded once.
pub(super) fn amount(account: &Account, price: &Value, quantity: i64) -> i64 {
    if let Some(tiers) = account.noted(price.text("id"), "tiers").as_array() {
        return tiers::amount(tiers, price.text("tiers_mode"), quantity);
    }
    let exact = decimal::scaled(price.text("unit_amount_decimal"), 12).unwrap_or_default();
    decimal::share(exact, i128::from(quantity), ONE)
}

fn lookup_key(call: &mut Call<'_>) -> Result<(), ApiError> {
    let Some(key) = call.text("lookup_key").map(str::to_owned) else { return Ok(()) };
    let taken = call.account.newest_first("price").into_iter().find(|price| price.text("lookup_key") == key);
    let Some(before) = taken.filter(|price| price.text("id") != call.id) else { return Ok(()) };
    if !call.flag("transfer_lookup_key") {
        let message = format!(
            "A price (`{}`) already uses that lookup key. Set `transfer_lookup_key=true` if you wish to transfer it.",
            before.text("id")
        );
        return Err(ApiError::invalid(message).param("lookup_key"));
    }
    let mut price = before.clone();
    price.set("lookup_key", Value::Null);
    call.account.save_changed(&before, &price, "price.updated");
    Ok(())
}

fn create(call: &mut Call<'_>) -> Outcome {
    let parts = read(&Value::Object(call.params.clone()), "")?;
    let product = match (call.text("product"), call.params.get("product_data")) {
        (Some(id), None) => {
            find_product(call.account, id, "product").map_err(|error| error.status(400))?;
            id.to_owned()
        }
        (None, Some(Value::Object(given))) => {
            products::check_id(call.account, given.get("id").and_then(Value::as_str), "product_data[id]")?;
            let given = given.clone();
            products::make(call.account, &given).text("id").to_owned()
        }
        (Some(_), Some(_)) => {
            return Err(ApiError::invalid(
                "You may only specify one of these parameters: product, product_data.",
            ));
        }
        _ => return Err(ApiError::missing_param("product")),
    };
    lookup_key(call)?;
    let mut parts = parts;
    for name in ["active", "lookup_key", "metadata", "nickname"] {
        if let Some(value) = call.params.get(name) {
            parts.set(name, value.clone());
        }
    }
    Ok(make(call.account, parts, &product, "price.created"))
}

fn retrieve(call: &mut Call<'_>) -> Outcome {
    find_price(call.account, &call.id, "price")
}

fn update(call: &mut Call<'_>) -> Outcome {
    let before = find_price(call.account, &call.id, "price")?;
    if call.params.contains_key("currency_options") {
        return Err(ApiError::not_simulated("currency_options"));
    }
    lookup_key(call)?;
    let mut price = before.clone();
    overlay(&mut price, &call.params, &["transfer_lookup_key"]);
    call.account.save_changed(&before, &price, "price.updated");
    Ok(price)
}

fn list(call: &mut Call<'_>) -> Outcome {
    let keys = call.params.get("lookup_keys").and_then(Value::as_array).cloned();
    let wanted = call.params.get("recurring").cloned().unwrap_or_default();
    let rows = call.account.newest_first("price").into_iter().filter(|row| {
        ["active", "currency", "product", "type"]
            .iter()
            .all(|name| call.params.get(*name).is_none_or(|wanted| row.at(&[name]) == wanted))
            && keys.as_ref().is_none_or(|keys| keys.contains(row.at(&["lookup_key"])))
            && ["interval", "usage_type", "meter"]
                .iter()
                .all(|name| wanted.get(name).is_none_or(|wanted| row.at(&["recurring", name]) == wanted))
            && page::created_within(&call.params, row)
    });
    page::list(&call.params, rows.collect(), "price", "/v1/prices")
}
