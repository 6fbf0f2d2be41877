//! What exists in the sandbox only.

use serde_json::{Value, json};

use super::amount::Amount;
use super::arrivals::OTHER;
use super::dates;
use super::error::{ApiError, Outcome};
use super::fields::{self, Field, Kind, PRODUCTS, may, must, nullable};
use super::items::{self, NewItem};
use super::ledger::{News, Row, Status};
use super::login::{self, LinkLogin};
use super::router::{BY_TOKEN, Call, Route};
use super::transactions;

const RANGE: &[Field] = &[
    may("start_date", Kind::Date),
    may("end_date", Kind::Date),
    may("days_requested", Kind::Integer(1, 730)),
];
const TOKEN_OPTIONS: &[Field] = &[
    may("webhook", Kind::Url),
    nullable("override_username", Kind::Text),
    nullable("override_password", Kind::Text),
    nullable("transactions", Kind::Hash(RANGE)),
    nullable("statements", Kind::Open),
    may("income_verification", Kind::Open),
];
const CREATE: &[Field] = &[
    must("institution_id", Kind::Text),
    must("initial_products", Kind::Words(PRODUCTS, 1)),
    may("options", Kind::Hash(TOKEN_OPTIONS)),
    may("user_token", Kind::Text),
    may("user_id", Kind::Text),
];
const PROCESSOR_OPTIONS: &[Field] =
    &[nullable("override_username", Kind::Text), nullable("override_password", Kind::Text)];
const PROCESSOR: &[Field] =
    &[must("institution_id", Kind::Text), may("options", Kind::Hash(PROCESSOR_OPTIONS))];
const WEBHOOK_TYPES: &[&str] =
    &["AUTH", "HOLDINGS", "INVESTMENTS_TRANSACTIONS", "ITEM", "LIABILITIES", "TRANSACTIONS", "ASSETS"];
const WEBHOOK_CODES: &[&str] = &[
    "DEFAULT_UPDATE",
    "NEW_ACCOUNTS_AVAILABLE",
    "SMS_MICRODEPOSITS_VERIFICATION",
    "AUTHORIZATION_GRANTED",
    "USER_PERMISSION_REVOKED",
    "USER_ACCOUNT_REVOKED",
    "PENDING_DISCONNECT",
    "RECURRING_TRANSACTIONS_UPDATE",
    "LOGIN_REPAIRED",
    "SYNC_UPDATES_AVAILABLE",
    "PRODUCT_READY",
    "ERROR",
];
const FIRE: &[Field] = &[
    fields::TOKEN,
    may("webhook_type", Kind::Word(WEBHOOK_TYPES)),
    must("webhook_code", Kind::Word(WEBHOOK_CODES)),
];
const STATUSES: &[&str] = &["automatically_verified", "verification_expired"];
const VERIFY: &[Field] =
    &[fields::TOKEN, must("account_id", Kind::Text), must("verification_status", Kind::Word(STATUSES))];
const TRANSACTION: &[Field] = &[
    must("date_transacted", Kind::Date),
    must("date_posted", Kind::Date),
    must("amount", Kind::Number),
    must("description", Kind::Text),
    may("iso_currency_code", Kind::Short(3)),
];
const TRANSACTIONS: &[Field] = &[fields::TOKEN, must("transactions", Kind::Hashes(TRANSACTION))];

pub(super) const ROUTES: &[Route] = &[
    Route::new("/sandbox/public_token/create", CREATE, create),
    Route::new("/sandbox/processor_token/create", PROCESSOR, create_processor),
    Route::new("/sandbox/item/fire_webhook", FIRE, fire_webhook),
    Route::new("/sandbox/item/reset_login", BY_TOKEN, reset_login),
    Route::new("/sandbox/item/set_verification_status", VERIFY, set_verification_status),
    Route::new("/sandbox/transactions/create", TRANSACTIONS, create_transactions),
];

fn login(call: &Call<'_>) -> LinkLogin {
    let mut login = LinkLogin::new(call.text("institution_id"));
    let given = |name: &str| call.option(name).and_then(Value::as_str);
    if let Some(username) = given("override_username") {
        username.clone_into(&mut login.username);
    }
    if let Some(password) = given("override_password") {
        password.clone_into(&mut login.password);
    }
    login
}

fn create(call: &mut Call<'_>) -> Outcome {
    let login = login(call);
    let bank = login::check(call.world, &login)?;
    let mut products: Vec<String> = Vec::new();
    let asked = call.params.get("initial_products").and_then(Value::as_array).into_iter().flatten();
    for product in asked.filter_map(Value::as_str) {
        if call.world.settings.products_off.contains(product) {
            let message =
                format!("client is not authorized to access the following products: [\"{product}\"]");
            return Err(ApiError::of("INVALID_PRODUCT").saying(message));
        }
        if !bank.products.contains(&product) {
            return Err(ApiError::of("PRODUCTS_NOT_SUPPORTED"));
        }
        if !products.iter().any(|known| known == product) {
            products.push(product.to_owned());
        }
    }
    let range = |name: &str| call.option("transactions").and_then(|range| range.get(name));
    let start = range("start_date").and_then(Value::as_str).and_then(dates::read);
    let asked = range("days_requested").and_then(Value::as_i64).unwrap_or(90);
    let days = start.map_or(asked, |start| (dates::day_of(call.now) - start + 1).clamp(1, 730));
    let webhook = call.option("webhook").and_then(Value::as_str).map(str::to_owned);
    let microdeposits = login.password == "microdeposits_good";
    let new =
        NewItem { bank, username: login.username, products, webhook, days_requested: days, microdeposits };
    Ok(json!({ "public_token": items::create(call.world, new) }))
}

fn create_processor(call: &mut Call<'_>) -> Outcome {
    let login = login(call);
    login::check(call.world, &login)?;
    Ok(json!({ "processor_token": format!("processor-sandbox-{}", call.world.ids.uuid()) }))
}

/// The type that a code belongs to, the product that an item must have for it, and what else the webhook tells.
fn webhook_of(
    kind: Option<&str>,
    code: &str,
    accounts: &[String],
) -> Option<(&'static str, Option<&'static str>, Value)> {
    let first = accounts.first();
    Some(match (kind, code) {
        (Some("TRANSACTIONS") | None, "DEFAULT_UPDATE") => {
            ("TRANSACTIONS", Some("transactions"), json!({ "new_transactions": 0, "error": null }))
        }
        (Some("TRANSACTIONS") | None, "SYNC_UPDATES_AVAILABLE") => (
            "TRANSACTIONS",
            Some("transactions"),
            json!({ "initial_update_complete": true, "historical_update_complete": true }),
        ),
        (Some("TRANSACTIONS") | None, "RECURRING_TRANSACTIONS_UPDATE") => {
            ("TRANSACTIONS", Some("transactions"), json!({ "account_ids": accounts }))
        }
        (Some("AUTH"), "DEFAULT_UPDATE") => (
            "AUTH",
            Some("auth"),
            json!({ "account_ids_with_new_auth": [], "account_ids_with_updated_auth": { first?: ["ACCOUNT_NUMBER"] }, "error": null }),
        ),
        (Some("AUTH") | None, "SMS_MICRODEPOSITS_VERIFICATION") => (
            "AUTH",
            Some("auth"),
            json!({ "account_id": first, "status": "MANUALLY_VERIFIED", "error": null }),
        ),
        (Some("HOLDINGS"), "DEFAULT_UPDATE") => (
            "HOLDINGS",
            Some("investments"),
            json!({ "new_holdings": 1, "updated_holdings": 0, "error": null }),
        ),
        (Some("INVESTMENTS_TRANSACTIONS"), "DEFAULT_UPDATE") => (
            "INVESTMENTS_TRANSACTIONS",
            Some("investments"),
            json!({ "new_investments_transactions": 1, "canceled_investments_transactions": 0, "error": null }),
        ),
        (Some("LIABILITIES"), "DEFAULT_UPDATE") => (
            "LIABILITIES",
            Some("liabilities"),
            json!({ "account_ids_with_new_liabilities": [], "account_ids_with_updated_liabilities": {}, "error": null }),
        ),
        (Some("ASSETS") | None, "PRODUCT_READY") => ("ASSETS", Some("assets"), json!({})),
        (
            Some("ITEM") | None,
            "NEW_ACCOUNTS_AVAILABLE" | "USER_PERMISSION_REVOKED" | "AUTHORIZATION_GRANTED",
        ) => ("ITEM", None, json!({ "error": null })),
        (Some("ITEM") | None, "LOGIN_REPAIRED") => ("ITEM", None, json!({})),
        (Some("ITEM") | None, "USER_ACCOUNT_REVOKED") => ("ITEM", None, json!({ "account_id": first })),
        (Some("ITEM") | None, "PENDING_DISCONNECT") => {
            ("ITEM", None, json!({ "reason": "INSTITUTION_MIGRATION" }))
        }
        (Some("ITEM") | None, "ERROR") => {
            ("ITEM", None, json!({ "error": ApiError::of("ITEM_LOGIN_REQUIRED").told() }))
        }
        _ => return None,
    })
}

fn fire_webhook(call: &mut Call<'_>) -> Outcome {
    let kind = call.params.get("webhook_type").and_then(Value::as_str).map(str::to_owned);
    let code = call.text("webhook_code").to_owned();
    let now = call.now;
    let item = call.item()?;
    let accounts: Vec<_> = item.accounts.iter().map(|account| account.id.clone()).collect();
    let (kind, product, more) = webhook_of(kind.as_deref(), &code, &accounts)
        .ok_or_else(|| ApiError::field("webhook_code does not go with webhook_type"))?;
    if item.webhook.is_none() {
        return Err(ApiError::of("SANDBOX_WEBHOOK_INVALID"));
    }
    if product.is_some_and(|product| !item.products.iter().any(|known| known == product)) {
        return Err(ApiError::of("SANDBOX_PRODUCT_NOT_ENABLED"));
    }
    let mut queued = Vec::new();
    item.notify(&mut queued, now, kind, &code, more);
    call.world.outbox.append(&mut queued);
    Ok(json!({ "webhook_fired": true }))
}

fn reset_login(call: &mut Call<'_>) -> Outcome {
    let now = call.now;
    let mut queued = Vec::new();
    call.item()?.fail(ApiError::of("ITEM_LOGIN_REQUIRED"), now, &mut queued);
    call.world.outbox.append(&mut queued);
    Ok(json!({ "reset_login": true }))
}

fn set_verification_status(call: &mut Call<'_>) -> Outcome {
    let (id, status) = (call.text("account_id").to_owned(), call.text("verification_status").to_owned());
    let now = call.now;
    let item = call.item()?;
    let account = item.accounts.iter_mut().find(|account| account.id == id);
    let account = account.ok_or_else(|| ApiError::of("INVALID_ACCOUNT_ID"))?;
    if account.kind != "depository" {
        return Err(ApiError::field("account_id must be of a depository account"));
    }
    account.verification = STATUSES.iter().copied().find(|known| *known == status);
    let code = status.to_uppercase();
    let mut queued = Vec::new();
    item.notify(&mut queued, now, "AUTH", &code, json!({ "account_id": id, "error": null }));
    call.world.outbox.append(&mut queued);
    Ok(json!({}))
}

fn create_transactions(call: &mut Call<'_>) -> Outcome {
    transactions::begin(call)?;
    let now = call.now;
    let given = call.params.get("transactions").and_then(Value::as_array).cloned().unwrap_or_default();
    let item = call.item_with("transactions")?;
    if item.username != "user_transactions_dynamic" {
        let message = "transactions can be created for Items of user_transactions_dynamic only";
        return Err(ApiError::of("INVALID_FIELD").saying(message));
    }
    let show = |message: &str| ApiError::field(message).shown(message);
    if given.is_empty() || given.len() > 10 {
        return Err(show("The request contains too many transactions."));
    }
    let account = item.accounts.iter().find(|account| account.kind == "depository");
    let account = account.ok_or_else(|| ApiError::of("NO_ACCOUNTS"))?.clone();
    let today = dates::day_of(now);
    let mut rows = Vec::new();
    for one in &given {
        let text = |name: &str| one.get(name).and_then(Value::as_str);
        let day = |name: &str| text(name).and_then(dates::read).unwrap_or_default();
        let (made, posted) = (day("date_transacted"), day("date_posted"));
        if made > posted || !(today - 14..=today).contains(&made) || posted > today {
            return Err(show(
                "Transaction and posted dates must be within the last 14 days. The posted date cannot be before the transaction date.",
            ));
        }
        let amount = one
            .get("amount")
            .and_then(Amount::read)
            .ok_or_else(|| ApiError::field("amount must be a number"))?;
        rows.push(Row {
            id: String::new(),
            account: account.id.clone(),
            amount,
            iso: Some(text("iso_currency_code").unwrap_or(account.currency).to_owned()),
            unofficial: None,
            day: posted,
            authorized: Some(made),
            name: text("description").unwrap_or_default().to_owned(),
            merchant: None,
            category: OTHER,
            channel: "other",
            pending: false,
            pending_id: None,
            series: None,
            extra: serde_json::Map::new(),
            created: 0,
            changed: 0,
            removed: None,
        });
    }
    let Some(ledger) = item.ledger.as_mut().filter(|ledger| ledger.status != Status::NotReady) else {
        return Err(ApiError::of("PRODUCT_NOT_READY"));
    };
    let news = News { added: rows.len() as u64, ..News::default() };
    for row in rows {
        ledger.add(row);
    }
    let mut queued = Vec::new();
    item.tell("DEFAULT_UPDATE", &news, false, now, &mut queued);
    call.world.outbox.append(&mut queued);
    Ok(json!({}))
}
