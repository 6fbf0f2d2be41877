//! Transactions by date, the refresh of them, and what the two ways of reading have in common.

use serde_json::{Value, json};

use super::accounts;
use super::dates;
use super::error::{ApiError, Outcome};
use super::fields::{self, Field, Kind, may, must, nullable};
use super::ledger::{Status, View};
use super::recurring;
use super::router::{BY_TOKEN, Call, Limit, Route};
use super::sync;

const VERSIONS: &[&str] = &["v1", "v2"];

const SYNC_OPTIONS: &[Field] = &[
    nullable("include_original_description", Kind::Boolean),
    may("include_personal_finance_category", Kind::Boolean),
    may("include_logo_and_counterparty_beta", Kind::Boolean),
    may("personal_finance_category_version", Kind::Word(VERSIONS)),
    may("days_requested", Kind::Integer(1, 730)),
    may("account_id", Kind::Text),
];
const SYNC: &[Field] = &[
    fields::TOKEN,
    may("cursor", Kind::Short(256)),
    may("count", Kind::Integer(1, 500)),
    may("options", Kind::Hash(SYNC_OPTIONS)),
];
const GET_OPTIONS: &[Field] = &[
    fields::ACCOUNT_IDS,
    may("count", Kind::Integer(1, 500)),
    may("offset", Kind::Integer(0, i64::MAX)),
    nullable("include_original_description", Kind::Boolean),
    may("include_personal_finance_category_beta", Kind::Boolean),
    may("include_personal_finance_category", Kind::Boolean),
    may("include_logo_and_counterparty_beta", Kind::Boolean),
    may("personal_finance_category_version", Kind::Word(VERSIONS)),
    may("days_requested", Kind::Integer(1, 730)),
];
const GET: &[Field] = &[
    fields::TOKEN,
    must("start_date", Kind::Date),
    must("end_date", Kind::Date),
    may("options", Kind::Hash(GET_OPTIONS)),
];
const RECURRING_OPTIONS: &[Field] = &[
    may("include_personal_finance_category", Kind::Boolean),
    may("personal_finance_category_version", Kind::Word(VERSIONS)),
];
const RECURRING: &[Field] =
    &[fields::TOKEN, fields::ACCOUNT_IDS, may("options", Kind::Hash(RECURRING_OPTIONS))];

pub(super) const ROUTES: &[Route] = &[
    Route::new("/transactions/sync", SYNC, sync::sync).limited(Limit::both(
        "TRANSACTIONS_SYNC_LIMIT",
        50,
        1000,
    )),
    Route::new("/transactions/get", GET, get).limited(Limit::both("TRANSACTIONS_LIMIT", 80, 1000)),
    Route::new("/transactions/refresh", BY_TOKEN, refresh)
        .limited(Limit::item("TRANSACTIONS_REFRESH_LIMIT", 2)),
    Route::new("/transactions/recurring/get", RECURRING, recurring::get).limited(Limit::both(
        "RECURRING_TRANSACTIONS_LIMIT",
        20,
        1000,
    )),
];

/// How the request wants transactions shown.
pub(super) fn view(call: &Call<'_>) -> View {
    let version = call.option("personal_finance_category_version").and_then(Value::as_str);
    let original = call.option("include_original_description").and_then(Value::as_bool);
    View {
        original_description: original.unwrap_or_default(),
        categories: if version == Some("v1") { "v1" } else { "v2" },
    }
}

/// The days that the first request may ask for; later ones cannot raise them.
pub(super) fn begin(call: &mut Call<'_>) -> Result<(), ApiError> {
    let now = call.now;
    let days = call.option("days_requested").and_then(Value::as_i64);
    call.item_with("transactions")?.begin_ledger(now, days);
    call.world.advance();
    Ok(())
}

fn get(call: &mut Call<'_>) -> Outcome {
    begin(call)?;
    let view = view(call);
    let ids = call.option("account_ids").cloned();
    let (count, offset) = (call.option_size("count", 100), call.option_size("offset", 0));
    let day = |name: &str| dates::read(call.text(name)).unwrap_or_default();
    let (start, end) = (day("start_date"), day("end_date"));
    if start > end {
        return Err(ApiError::field("start_date must not be after end_date"));
    }
    let item = call.item_with("transactions")?;
    let accounts = accounts::chosen(item, ids.as_ref())?;
    let ledger = item.ledger.as_ref().filter(|ledger| ledger.status != Status::NotReady);
    let ledger = ledger.ok_or_else(|| ApiError::of("PRODUCT_NOT_READY"))?;
    let mut found: Vec<_> = ledger
        .live()
        .filter(|row| {
            (start..=end).contains(&row.day) && accounts.iter().any(|account| account.id == row.account)
        })
        .collect();
    found.sort_by_key(|row| std::cmp::Reverse((row.day, row.created)));
    let page: Vec<_> = found.iter().skip(offset).take(count).map(|row| row.shown(view)).collect();
    let more = json!({ "transactions": page, "total_transactions": found.len() });
    Ok(accounts::answer(item, &accounts, None, more))
}

/// Asks the bank now.
fn refresh(call: &mut Call<'_>) -> Outcome {
    call.item_with("transactions_refresh")?;
    begin(call)?;
    let (now, a_day) = (call.now, call.world.settings.purchases_a_day);
    let token = call.text("access_token").to_owned();
    let world = &mut *call.world;
    let at = world.access.get(&token).map(|(at, _)| *at);
    let item =
        at.and_then(|at| world.items.get_mut(at)).ok_or_else(|| ApiError::of("INVALID_ACCESS_TOKEN"))?;
    let Some(ledger) = item.ledger.as_mut().filter(|ledger| ledger.status != Status::NotReady) else {
        return Err(ApiError::of("PRODUCT_NOT_READY"));
    };
    let news = ledger.refresh(&item.accounts, dates::day_of(now), a_day);
    ledger.updated = now;
    item.tell("DEFAULT_UPDATE", &news, false, now, &mut world.outbox);
    Ok(json!({}))
}
