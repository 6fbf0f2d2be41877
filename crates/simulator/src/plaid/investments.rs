//! Holdings, and what was bought and sold.

use serde_json::{Value, json};

use super::accounts::{self, Account};
use super::amount::Amount;
use super::dates;
use super::error::{ApiError, Outcome};
use super::fields::{self, Field, Kind, may, must};
use super::item::Item;
use super::router::{BY_ACCOUNTS, Call, Limit, Route};

const OPTIONS: &[Field] = &[
    fields::ACCOUNT_IDS,
    may("count", Kind::Integer(1, 500)),
    may("offset", Kind::Integer(0, i64::MAX)),
    may("async_update", Kind::Boolean),
];
const TRANSACTIONS: &[Field] = &[
    fields::TOKEN,
    must("start_date", Kind::Date),
    must("end_date", Kind::Date),
    may("options", Kind::Hash(OPTIONS)),
];

pub(super) const ROUTES: &[Route] = &[
    Route::new("/investments/holdings/get", BY_ACCOUNTS, holdings).limited(Limit::both(
        "INVESTMENT_HOLDINGS_GET_LIMIT",
        15,
        2000,
    )),
    Route::new("/investments/transactions/get", TRANSACTIONS, transactions).limited(Limit::both(
        "INVESTMENT_TRANSACTIONS_LIMIT",
        30,
        20_000,
    )),
];

/// Id, name, ticker, type, price in ten-thousandths, currency; an unofficial one for coins.
type Security = (
    &'static str,
    &'static str,
    Option<&'static str>,
    &'static str,
    i64,
    Option<&'static str>,
    Option<&'static str>,
);

const SECURITIES: &[Security] = &[
    (
        "8E4L9XLl6MudjEpwPAAgivmdZRdBPJuvMPlPb",
        "NH Portfolio 1055 (Fidelity Index)",
        Some("NHX105509"),
        "etf",
        137_300,
        Some("USD"),
        None,
    ),
    (
        "KDwjlXj1Rqt58dVvmzRguxJybmyQL8FgeWWAy",
        "Bitcoin",
        Some("BTC"),
        "cryptocurrency",
        481_123_456,
        None,
        Some("BTC"),
    ),
    (
        "NDVQrXQoqzt5v3bAe8qRt4A7mK7wvZCLEBBJk",
        "Cambiar International Equity Institutional",
        Some("CAMYX"),
        "mutual fund",
        234_567,
        Some("USD"),
        None,
    ),
    (
        "d6ePmbPxgWCWmMVv66q9iPV94n91vMtov5Are",
        "U S Dollar",
        Some("CUR:USD"),
        "cash",
        10_000,
        Some("USD"),
        None,
    ),
];

/// Place of a security, quantity with its decimals, cost in cents.
type Position = (usize, i64, u32, Option<i64>);

const POSITIONS: &[Position] = &[
    (0, 739_750, 2, Some(1_000_000)),
    (1, 12_345_678, 9, None),
    (2, 1_234_567, 4, Some(25_000)),
    (3, 1234, 2, None),
];

fn security(security: &Security, today: i64) -> Value {
    let &(id, name, ticker, kind, price, iso, unofficial) = security;
    json!({
        "security_id": id,
        "isin": null,
        "cusip": null,
        "sedol": null,
        "figi": null,
        "institution_security_id": null,
        "institution_id": null,
        "proxy_security_id": null,
        "name": name,
        "ticker_symbol": ticker,
        "is_cash_equivalent": kind == "cash",
        "type": kind,
        "subtype": null,
        "close_price": Amount::scaled(price, 4).value(),
        "close_price_as_of": dates::shown(today - 1),
        "update_datetime": null,
        "iso_currency_code": iso,
        "unofficial_currency_code": unofficial,
        "market_identifier_code": null,
        "sector": null,
        "industry": null,
        "cfi_code": null,
        "option_contract": null,
        "fixed_income": null,
    })
}

fn invested<'a>(item: &'a Item, ids: Option<&Value>) -> Result<Vec<&'a Account>, ApiError> {
    let all: Vec<_> =
        accounts::chosen(item, ids)?.into_iter().filter(|account| account.kind == "investment").collect();
    if all.is_empty() { Err(ApiError::of("NO_INVESTMENT_ACCOUNTS")) } else { Ok(all) }
}

/// Balances of investment accounts tell of money that was lent for them.
fn answer(item: &Item, accounts: &[&Account], more: Value) -> Value {
    let mut answer = accounts::answer(item, accounts, None, more);
    for account in answer.get_mut("accounts").and_then(Value::as_array_mut).into_iter().flatten() {
        if let Some(balances) = account.get_mut("balances").and_then(Value::as_object_mut) {
            balances.insert("margin_loan_amount".to_owned(), Value::Null);
        }
    }
    answer
}

fn holdings(call: &mut Call<'_>) -> Outcome {
    let ids = call.option("account_ids").cloned();
    let today = dates::day_of(call.now);
    let item = call.item_with("investments")?;
    let accounts = invested(item, ids.as_ref())?;
    let mut held = Vec::new();
    for account in &accounts {
        for &(place, quantity, scale, cost) in POSITIONS {
            let Some(&(id, _, _, _, price, iso, unofficial)) = SECURITIES.get(place) else { continue };
            // As exact as both factors together, which is more than a float holds.
            let value = Amount::product(Amount::scaled(quantity, scale), Amount::scaled(price, 4));
            held.push(json!({
                "account_id": account.id,
                "security_id": id,
                "institution_price": Amount::scaled(price, 4).value(),
                "institution_price_as_of": dates::shown(today - 1),
                "institution_price_datetime": null,
                "institution_value": value.value(),
                "cost_basis": cost.map(|cost| Amount::cents(cost).value()),
                "quantity": Amount::scaled(quantity, scale).value(),
                "iso_currency_code": iso,
                "unofficial_currency_code": unofficial,
                "vested_quantity": null,
                "vested_value": null,
            }));
        }
    }
    let securities: Vec<_> = SECURITIES.iter().map(|one| security(one, today)).collect();
    let more = json!({ "holdings": held, "securities": securities, "is_investments_fallback_item": false });
    Ok(answer(item, &accounts, more))
}

/// Every account buys, is paid a dividend and pays a fee once a month.
fn transactions(call: &mut Call<'_>) -> Outcome {
    let ids = call.option("account_ids").cloned();
    let (count, offset) = (call.option_size("count", 100), call.option_size("offset", 0));
    let day = |name: &str| dates::read(call.text(name)).unwrap_or_default();
    let (start, end) = (day("start_date"), day("end_date"));
    let today = dates::day_of(call.now);
    if start > end {
        return Err(ApiError::field("start_date must not be after end_date"));
    }
    let item = call.item_with("investments")?;
    let accounts = invested(item, ids.as_ref())?;
    let mut rows = Vec::new();
    // Two years are kept.
    for day in (start.max(today - 730)..=end.min(today)).rev() {
        let (kind, subtype, name, amount, place) = match dates::civil(day).2 {
            3 => ("buy", "buy", "BUY Cambiar International Equity", 25_000, 2),
            12 => ("cash", "dividend", "DIVIDEND RECEIVED", -831, 3),
            28 => ("fee", "account fee", "ACCOUNT FEE", 295, 3),
            _ => continue,
        };
        for account in &accounts {
            let Some(&(security, _, _, _, price, iso, unofficial)) = SECURITIES.get(place) else { continue };
            let quantity = if kind == "buy" { Amount::scaled(106_579, 4) } else { Amount::scaled(0, 0) };
            rows.push(json!({
                "investment_transaction_id": format!("{}{day}", account.id.chars().take(30).collect::<String>()),
                "account_id": account.id,
                "security_id": security,
                "cancel_transaction_id": null,
                "date": dates::shown(day),
                "transaction_datetime": null,
                "name": name,
                "quantity": quantity.value(),
                "amount": Amount::cents(amount).value(),
                "price": if kind == "buy" { Amount::scaled(price, 4).value() } else { Amount::scaled(0, 0).value() },
                "fees": if kind == "buy" { Amount::cents(499).value() } else { Value::Null },
                "type": kind,
                "subtype": subtype,
                "iso_currency_code": iso,
                "unofficial_currency_code": unofficial,
            }));
        }
    }
    let securities: Vec<_> = SECURITIES.iter().map(|one| security(one, today)).collect();
    let total = rows.len();
    let page: Vec<_> = rows.into_iter().skip(offset).take(count).collect();
    let more = json!({
        "investment_transactions": page,
        "securities": securities,
        "total_investment_transactions": total,
        "is_investments_fallback_item": false,
    });
    Ok(answer(item, &accounts, more))
}
