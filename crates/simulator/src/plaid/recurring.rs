//! Payments that repeat.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::accounts;
use super::amount::Amount;
use super::arrivals::CATEGORIES;
use super::dates;
use super::error::{ApiError, Outcome};
use super::ledger::{Row, Status};
use super::router::Call;
use super::transactions;

pub(super) fn get(call: &mut Call<'_>) -> Outcome {
    transactions::begin(call)?;
    let version = transactions::view(call).categories;
    let ids = call.params.get("account_ids").cloned();
    let today = dates::day_of(call.now);
    call.item_with("recurring_transactions")?;
    let item = call.item()?;
    let accounts = accounts::chosen(item, ids.as_ref())?;
    let ledger = item.ledger.as_ref().filter(|ledger| ledger.status != Status::NotReady);
    let ledger = ledger.ok_or_else(|| ApiError::of("PRODUCT_NOT_READY"))?;
    let mut streams: BTreeMap<(&str, &str), Vec<&Row>> = BTreeMap::new();
    for row in ledger.live().filter(|row| accounts.iter().any(|account| account.id == row.account)) {
        if let Some(series) = row.series {
            streams.entry((series, &row.account)).or_default().push(row);
        }
    }
    let (mut inflow, mut outflow) = (Vec::new(), Vec::new());
    for rows in streams.values_mut() {
        rows.sort_by_key(|row| row.day);
        let comes_in = rows.last().is_some_and(|row| row.amount.is_negative());
        if let Some(stream) = stream(rows, today, version) {
            if comes_in { inflow.push(stream) } else { outflow.push(stream) }
        }
    }
    Ok(json!({
        "inflow_streams": inflow,
        "outflow_streams": outflow,
        "updated_datetime": dates::instant(ledger.updated),
        "personal_finance_category_version": version,
    }))
}

/// One stream; at least two payments make one.
fn stream(rows: &[&Row], today: i64, version: &str) -> Option<Value> {
    let (first, last) = (rows.first()?, rows.last()?);
    if rows.len() < 2 {
        return None;
    }
    let biweekly = first.amount.is_negative();
    let every = if biweekly { 14 } else { 30 };
    let active = today - last.day <= every + 7;
    let amounts: Vec<_> = rows.iter().map(|row| row.amount).collect();
    let money = |amount: Amount| {
        json!({
            "amount": amount.value(),
            "iso_currency_code": last.iso,
            "unofficial_currency_code": last.unofficial,
        })
    };
    let (primary, detailed) = CATEGORIES.get(last.category).copied()?;
    let mature = if rows.len() >= 3 { "MATURE" } else { "EARLY_DETECTION" };
    Some(json!({
        "account_id": last.account,
        // The first payment's id, so that it stays the same.
        "stream_id": first.id.chars().rev().collect::<String>(),
        "category": null,
        "category_id": null,
        "description": last.name,
        "merchant_name": last.merchant,
        "first_date": dates::shown(first.day),
        "last_date": dates::shown(last.day),
        "predicted_next_date": active.then(|| dates::shown(last.day + every)),
        "frequency": if biweekly { "BIWEEKLY" } else { "MONTHLY" },
        "transaction_ids": rows.iter().map(|row| row.id.as_str()).collect::<Vec<_>>(),
        "average_amount": money(Amount::mean(&amounts)),
        "last_amount": money(last.amount),
        "is_active": active,
        "status": if active { mature } else { "TOMBSTONED" },
        "personal_finance_category": {
            "primary": primary, "detailed": detailed, "confidence_level": "HIGH", "version": version,
        },
        "is_user_modified": false,
    }))
}
