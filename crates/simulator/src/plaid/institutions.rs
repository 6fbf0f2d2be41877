//! The banks of Plaid's sandbox.

use serde_json::{Value, json};

use super::dates;
use super::error::{ApiError, Outcome};
use super::fields::{COUNTRIES, Field, Kind, PRODUCTS, may, must, nullable};
use super::router::{Call, Limit, Route};

/// How a bank is doing.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Health {
    Healthy,
    Degraded,
    Down,
    Unsupported,
}

pub(super) struct Institution {
    pub(super) id: &'static str,
    pub(super) name: &'static str,
    pub(super) country: &'static str,
    pub(super) products: &'static [&'static str],
    routing: &'static [&'static str],
    pub(super) oauth: bool,
    pub(super) health: Health,
}

const US: &[&str] = &[
    "assets",
    "auth",
    "balance",
    "identity",
    "identity_match",
    "investments",
    "liabilities",
    "processor_payments",
    "recurring_transactions",
    "signal",
    "transactions",
    "transactions_refresh",
    "transfer",
];
const CANADA: &[&str] = &[
    "assets",
    "auth",
    "balance",
    "identity",
    "investments",
    "liabilities",
    "transactions",
    "transactions_refresh",
];
const BRITAIN: &[&str] = &["assets", "auth", "balance", "identity", "transactions", "transactions_refresh"];

const fn bank(
    id: &'static str,
    name: &'static str,
    country: &'static str,
    products: &'static [&'static str],
) -> Institution {
    Institution { id, name, country, products, routing: &[], oauth: false, health: Health::Healthy }
}

pub(super) static ALL: &[Institution] = &[
    Institution { routing: &["110000000"], ..bank("ins_109508", "First Platypus Bank", "US", US) },
    bank("ins_109509", "First Gingham Credit Union", "US", US),
    bank("ins_109510", "Tattersall Federal Credit Union", "US", US),
    bank("ins_109511", "Tartan Bank", "US", US),
    Institution {
        routing: &["011000138", "011200365", "011400495"],
        ..bank("ins_109512", "Houndstooth Bank", "US", US)
    },
    bank("ins_43", "Tartan-Dominion Bank of Canada", "CA", CANADA),
    bank("ins_116834", "Flexible Platypus Open Banking (UK)", "GB", BRITAIN),
    Institution { oauth: true, ..bank("ins_117650", "Royal Bank of Plaid", "GB", BRITAIN) },
    Institution { oauth: true, ..bank("ins_127287", "Platypus OAuth Bank", "US", US) },
    Institution { oauth: true, ..bank("ins_132241", "First Platypus OAuth App2App Bank", "US", US) },
    bank("ins_130016", "First Platypus Balance Bank", "US", US),
    Institution {
        health: Health::Degraded,
        ..bank("ins_132363", "Unhealthy Platypus Bank - Degraded", "US", US)
    },
    Institution { health: Health::Down, ..bank("ins_132361", "Unhealthy Platypus Bank - Down", "US", US) },
    Institution { health: Health::Unsupported, ..bank("ins_133402", "Unsupported Platypus Bank", "US", US) },
];

pub(super) fn find(id: &str) -> Option<&'static Institution> {
    ALL.iter().find(|bank| bank.id == id)
}

const SEARCH_OPTIONS: &[Field] = &[
    nullable("oauth", Kind::Boolean),
    may("include_optional_metadata", Kind::Boolean),
    nullable("include_auth_metadata", Kind::Boolean),
    nullable("include_payment_initiation_metadata", Kind::Boolean),
    nullable("payment_initiation", Kind::Open),
];
const SEARCH: &[Field] = &[
    must("query", Kind::Text),
    nullable("products", Kind::Words(PRODUCTS, 1)),
    must("country_codes", Kind::Words(COUNTRIES, 1)),
    may("options", Kind::Hash(SEARCH_OPTIONS)),
];
const LIST_OPTIONS: &[Field] = &[
    nullable("products", Kind::Words(PRODUCTS, 1)),
    nullable("routing_numbers", Kind::Texts),
    nullable("oauth", Kind::Boolean),
    may("include_optional_metadata", Kind::Boolean),
    may("include_auth_metadata", Kind::Boolean),
    may("include_payment_initiation_metadata", Kind::Boolean),
];
const LIST: &[Field] = &[
    must("count", Kind::Integer(1, 500)),
    must("offset", Kind::Integer(0, i64::MAX)),
    must("country_codes", Kind::Words(COUNTRIES, 1)),
    may("options", Kind::Hash(LIST_OPTIONS)),
];
const ONE_OPTIONS: &[Field] = &[
    may("include_optional_metadata", Kind::Boolean),
    may("include_status", Kind::Boolean),
    may("include_auth_metadata", Kind::Boolean),
    may("include_payment_initiation_metadata", Kind::Boolean),
];
const ONE: &[Field] = &[
    must("institution_id", Kind::Text),
    must("country_codes", Kind::Words(COUNTRIES, 1)),
    may("options", Kind::Hash(ONE_OPTIONS)),
];

pub(super) const ROUTES: &[Route] = &[
    Route::new("/institutions/search", SEARCH, search),
    Route::new("/institutions/get", LIST, list).limited(Limit::client("INSTITUTIONS_GET_LIMIT", 10)),
    Route::new("/institutions/get_by_id", ONE, get_by_id)
        .limited(Limit::client("INSTITUTIONS_GET_BY_ID_LIMIT", 400)),
];

fn words(value: Option<&Value>) -> Vec<&str> {
    value.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect()
}

fn wanted<'a>(
    call: &'a Call<'_>,
    products: Option<&'a Value>,
) -> impl Fn(&&'static Institution) -> bool + 'a {
    let countries = words(call.params.get("country_codes"));
    let products = words(products);
    let oauth = call.option("oauth").and_then(Value::as_bool);
    // One that is no longer supported is found by its id only.
    move |bank| {
        bank.health != Health::Unsupported
            && countries.contains(&bank.country)
            && products.iter().all(|product| bank.products.contains(product))
            && oauth.is_none_or(|oauth| oauth == bank.oauth)
    }
}

#[expect(clippy::unnecessary_wraps, reason = "the shape of every endpoint")]
fn search(call: &mut Call<'_>) -> Outcome {
    let query = call.text("query").to_lowercase();
    let fits = wanted(call, call.params.get("products"));
    let named = |bank: &&Institution| {
        bank.name.to_lowercase().contains(&query) || bank.routing.contains(&query.as_str())
    };
    let found: Vec<_> =
        ALL.iter().filter(fits).filter(named).take(10).map(|bank| shown(call, bank)).collect();
    Ok(json!({ "institutions": found }))
}

#[expect(clippy::unnecessary_wraps, reason = "the shape of every endpoint")]
fn list(call: &mut Call<'_>) -> Outcome {
    let routing = words(call.option("routing_numbers"));
    let fits = wanted(call, call.option("products"));
    let routed = |bank: &&Institution| {
        routing.is_empty() || routing.iter().any(|number| bank.routing.contains(number))
    };
    let all: Vec<_> = ALL.iter().filter(fits).filter(routed).collect();
    let (count, offset) = (call.size("count", 1), call.size("offset", 0));
    let page: Vec<_> = all.iter().skip(offset).take(count).map(|bank| shown(call, bank)).collect();
    Ok(json!({ "institutions": page, "total": all.len() }))
}

fn get_by_id(call: &mut Call<'_>) -> Outcome {
    let bank = find(call.text("institution_id")).ok_or_else(|| ApiError::of("INVALID_INSTITUTION"))?;
    if !words(call.params.get("country_codes")).contains(&bank.country) {
        return Err(ApiError::of("INVALID_INSTITUTION"));
    }
    Ok(json!({ "institution": shown(call, bank) }))
}

fn shown(call: &Call<'_>, bank: &Institution) -> Value {
    let asked = |name: &str| call.option(name).and_then(Value::as_bool).unwrap_or_default();
    let mut entry = json!({
        "institution_id": bank.id,
        "name": bank.name,
        "products": bank.products,
        "country_codes": [bank.country],
        "routing_numbers": bank.routing,
        "dtc_numbers": [],
        "oauth": bank.oauth,
        "connection_availability": if bank.health == Health::Unsupported { "NOT_SUPPORTED" } else { "SUPPORTED" },
    });
    let Some(fields) = entry.as_object_mut() else { return entry };
    if asked("include_optional_metadata") {
        fields.insert("url".to_owned(), json!("https://plaid.com"));
        fields.insert("primary_color".to_owned(), json!("#1f1f1f"));
        fields.insert("logo".to_owned(), Value::Null);
    }
    if asked("include_auth_metadata") {
        let methods = json!({
            "instant_auth": true, "instant_match": true, "automated_micro_deposits": true, "instant_micro_deposits": true,
        });
        let metadata = bank.products.contains(&"auth").then(|| json!({ "supported_methods": methods }));
        fields.insert("auth_metadata".to_owned(), json!(metadata));
    }
    if asked("include_payment_initiation_metadata") {
        fields.insert("payment_initiation_metadata".to_owned(), Value::Null);
    }
    if asked("include_status") {
        fields.insert("status".to_owned(), status(call, bank));
    }
    entry
}

fn status(call: &Call<'_>, bank: &Institution) -> Value {
    let health = call.world.health(bank);
    let (word, success, bank_error) = match health {
        Health::Healthy => ("HEALTHY", 0.97, 0.02),
        Health::Degraded => ("DEGRADED", 0.42, 0.5),
        Health::Down | Health::Unsupported => ("DOWN", 0.0, 1.0),
    };
    let since = dates::instant(call.now.saturating_sub(7200));
    let plain = json!({
        "status": word,
        "last_status_change": since,
        "breakdown": { "success": success, "error_plaid": 0.01, "error_institution": bank_error },
    });
    let mut updates = plain.clone();
    if let Some(breakdown) = updates.get_mut("breakdown").and_then(Value::as_object_mut) {
        let interval = if health == Health::Healthy { "NORMAL" } else { "DELAYED" };
        breakdown.insert("refresh_interval".to_owned(), interval.into());
    }
    json!({
        "item_logins": plain,
        "auth": plain,
        "identity": plain,
        "transactions_updates": updates,
        "investments_updates": updates,
        "liabilities_updates": updates,
    })
}
