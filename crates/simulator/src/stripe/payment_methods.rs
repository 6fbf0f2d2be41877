//! Payment methods: creating them from cards, tokens and bank accounts, and tying them to customers.

use serde_json::{Map, Value, json};

use super::cards::{self, Decline, Instrument, TestCard};
use super::customers::find_customer;
use super::error::ApiError;
use super::object::{Object, merge_metadata};
use super::page::{self, PAGE};
use super::params::{ADDRESS, EXPAND, Field, Kind, clear, may, need};
use super::router::{Call, Outcome, Route};
use super::state::Account;

const TYPES: Kind = Kind::OneOf(&["card", "us_bank_account"]);

const CARD: &[Field] = &[
    may("number", Kind::Text),
    may("exp_month", Kind::Integer),
    may("exp_year", Kind::Integer),
    may("cvc", Kind::Text),
    may("token", Kind::Text),
];

const BANK: &[Field] = &[
    may("account_holder_type", Kind::OneOf(&["company", "individual"])),
    may("account_number", Kind::Text),
    may("account_type", Kind::OneOf(&["checking", "savings"])),
    may("routing_number", Kind::Text),
];

const BILLING: &[Field] = &[
    clear("address", Kind::Hash(ADDRESS)),
    clear("email", Kind::Text),
    clear("name", Kind::Text),
    clear("phone", Kind::Text),
];

const ALLOW_REDISPLAY: Field = may("allow_redisplay", Kind::OneOf(&["always", "limited", "unspecified"]));

/// `payment_method_data` of intents.
pub(super) const DATA: &[Field] = &[
    need("type", TYPES),
    may("card", Kind::Hash(CARD)),
    may("us_bank_account", Kind::Hash(BANK)),
    may("billing_details", Kind::Hash(BILLING)),
    may("metadata", Kind::Metadata),
    ALLOW_REDISPLAY,
    may("radar_options", Kind::Opaque),
];

const CREATE: &[Field] = &[
    need("type", TYPES),
    may("card", Kind::Hash(CARD)),
    may("us_bank_account", Kind::Hash(BANK)),
    may("billing_details", Kind::Hash(BILLING)),
    may("metadata", Kind::Metadata),
    ALLOW_REDISPLAY,
    may("radar_options", Kind::Opaque),
    EXPAND,
];

const UPDATE: &[Field] = &[
    may("billing_details", Kind::Hash(BILLING)),
    may("card", Kind::Hash(&[may("exp_month", Kind::Integer), may("exp_year", Kind::Integer)])),
    clear("metadata", Kind::Metadata),
    ALLOW_REDISPLAY,
    EXPAND,
];

pub(super) const ROUTES: &[Route] = &[
    Route::post("payment_methods", &[CREATE], "payment_method_write", create),
    Route::get(
        "payment_methods",
        &[PAGE, &[may("customer", Kind::Text), may("type", TYPES)]],
        "payment_method_read",
        list,
    ),
    Route::get("payment_methods/*", &[&[EXPAND]], "payment_method_read", retrieve),
    Route::post("payment_methods/*", &[UPDATE], "payment_method_write", update),
    Route::post(
        "payment_methods/*/attach",
        &[&[need("customer", Kind::Text), EXPAND]],
        "payment_method_write",
        attach,
    ),
    Route::post("payment_methods/*/detach", &[&[EXPAND]], "payment_method_write", detach),
    Route::get(
        "customers/*/payment_methods",
        &[PAGE, &[may("type", TYPES)]],
        "customer_read",
        list_of_customer,
    ),
];

fn create(call: &mut Call<'_>) -> Outcome {
    let method = build(call.account, &call.params, "")?;
    call.account.put(&method);
    Ok(method)
}

/// Makes a payment method from its data. `prefix` is the parameter that holds the data, for errors.
pub(super) fn build(account: &mut Account, data: &Map<String, Value>, prefix: &str) -> Outcome {
    let within = |name: &str| if prefix.is_empty() { name.to_owned() } else { format!("{prefix}[{name}]") };
    let kind = data.get("type").and_then(Value::as_str).unwrap_or_default();
    let details = data.get(kind).ok_or_else(|| ApiError::missing_param(&within(kind)))?;
    let billing = data.get("billing_details").cloned().unwrap_or_else(|| json!({}));
    let mut method = if kind == "card" {
        card_method(account, details, &billing)?
    } else {
        let number = details.text("account_number");
        for name in ["account_number", "routing_number", "account_holder_type"] {
            if details.text(name).is_empty() {
                return Err(ApiError::missing_param(&format!("{}[{name}]", within(kind))));
            }
        }
        if details.text("routing_number") != "110000000" {
            return Err(ApiError::invalid("Invalid routing number for test mode: use 110000000.")
                .code("routing_number_invalid")
                .param(&format!("{}[routing_number]", within(kind))));
        }
        let known = cards::bank_account(number).filter(|(listed, _)| *listed == number);
        let (number, failure) = known.ok_or_else(|| {
            ApiError::invalid("You must use a test bank account number in test mode.")
                .code("account_number_invalid")
                .param(&format!("{}[account_number]", within(kind)))
        })?;
        bank_method(account, number, failure, details)
    };
    let mut full = method.at(&["billing_details"]).clone();
    for (name, value) in billing.as_object().into_iter().flatten() {
        if let (Some(address), "address") = (value.as_object(), name.as_str()) {
            for (part, value) in address {
                full.set_at(&["address", part], value.clone());
            }
        } else {
            full.set(name, value.clone());
        }
    }
    method.set("billing_details", full);
    if let Some(metadata) = data.get("metadata") {
        merge_metadata(&mut method, metadata);
    }
    if let Some(allow) = data.get("allow_redisplay") {
        method.set("allow_redisplay", allow.clone());
    }
    Ok(method)
}

fn card_method(account: &mut Account, details: &Value, billing: &Value) -> Outcome {
    if let Some(token) = details.get("token").and_then(Value::as_str) {
        if let Some(card) = token.strip_prefix("tok_").and_then(cards::by_name) {
            return Ok(from_test_card(account, card, true, None, billing));
        }
        let mut held = account
            .get("token", token)
            .ok_or_else(|| ApiError::missing("token", token, "card[token]").status(400))?;
        if held.flag("used") {
            let message = format!("You cannot use a Stripe token more than once: {token}.");
            return Err(ApiError::invalid(message).code("token_already_used"));
        }
        held.set("used", true);
        account.put(&held);
        let instrument = account.instruments.get(token).cloned();
        let Some(Instrument::Card { card, cvc_given }) = instrument else {
            return Err(ApiError::missing("token", token, "card[token]").status(400));
        };
        let expiry = (held.at(&["card"]).int("exp_month"), held.at(&["card"]).int("exp_year"));
        return Ok(from_test_card(account, card, cvc_given, Some(expiry), billing));
    }
    let (card, expiry) = read_card(account, details, "card")?;
    Ok(from_test_card(account, card, details.get("cvc").is_some(), Some(expiry), billing))
}

/// Checks a raw card as Stripe does before it keeps one.
pub(super) fn read_card(
    account: &Account,
    details: &Value,
    param: &str,
) -> Result<(&'static TestCard, (i64, i64)), ApiError> {
    for name in ["number", "exp_month", "exp_year"] {
        if details.at(&[name]).is_null() {
            return Err(ApiError::missing_param(&format!("{param}[{name}]")));
        }
    }
    if !account.raw_cards {
        return Err(ApiError::invalid(
            "Raw card numbers are off for this account: collect cards with Stripe.js or Stripe Checkout.",
        )
        .code("validation_error"));
    }
    let number: String = details.text("number").chars().filter(|c| *c != ' ' && *c != '-').collect();
    if number.len() < 12 || !number.chars().all(|c| c.is_ascii_digit()) {
        return Err(ApiError::card("invalid_number", "The card number is not a valid credit card number.")
            .param("number"));
    }
    if !cards::passes_luhn(&number) {
        return Err(ApiError::card("incorrect_number", "Your card number is incorrect.").param("number"));
    }
    let (month, year) = (details.int("exp_month"), details.int("exp_year"));
    if !(1..=12).contains(&month) {
        return Err(ApiError::card("invalid_expiry_month", "Your card's expiration month is invalid.")
            .param("exp_month"));
    }
    // Two digits mean this century, as Stripe reads them.
    let year = if (0..100).contains(&year) { 2000 + year } else { year };
    let (this_year, this_month) = year_and_month(account.now);
    if year < this_year || year > this_year + 50 {
        return Err(ApiError::card("invalid_expiry_year", "Your card's expiration year is invalid.")
            .param("exp_year"));
    }
    if year == this_year && month < this_month {
        return Err(ApiError::card("invalid_expiry_month", "Your card's expiration month is invalid.")
            .param("exp_month"));
    }
    if let Some(cvc) = details.get("cvc").and_then(Value::as_str)
        && !((3..=4).contains(&cvc.len()) && cvc.chars().all(|c| c.is_ascii_digit()))
    {
        return Err(ApiError::card("invalid_cvc", "Your card's security code is invalid.").param("cvc"));
    }
    let card = cards::by_number(&number).ok_or_else(|| {
        let decline = cards::NOT_A_TEST_CARD;
        ApiError::card(decline.code, decline.message)
            .with("decline_code", decline.decline_code.unwrap_or_default())
    })?;
    Ok((card, (month, year)))
}

/// The civil year and month of a Unix time (Howard Hinnant's `civil_from_days`).
fn year_and_month(unix: u64) -> (i64, i64) {
    let days = i64::try_from(unix / 86_400).unwrap_or_default() + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month)
}

fn blank(account: &mut Account, kind: &str, details: Value) -> Value {
    let mut method = json!({
        "id": account.ids.id("pm"),
        "object": "payment_method",
        "allow_redisplay": "unspecified",
        "billing_details": {
            "address": {
                "city": null, "country": null, "line1": null, "line2": null, "postal_code": null, "state": null,
            },
            "email": null, "name": null, "phone": null, "tax_id": null,
        },
        "created": account.now,
        "customer": null,
        "customer_account": null,
        "livemode": false,
        "metadata": {},
        "type": kind,
    });
    method.set(kind, details);
    method
}

fn from_test_card(
    account: &mut Account,
    card: &'static TestCard,
    cvc_given: bool,
    expiry: Option<(i64, i64)>,
    billing: &Value,
) -> Value {
    let (line1, postal_code, cvc) = card.checks();
    let given = |path: &[&str], result: &str| (!billing.at(path).is_null()).then(|| result.to_owned());
    let (month, year) = expiry.unwrap_or((12, year_and_month(account.now).0 + 5));
    let details = json!({
        "brand": card.brand,
        "checks": {
            "address_line1_check": given(&["address", "line1"], line1),
            "address_postal_code_check": given(&["address", "postal_code"], postal_code),
            "cvc_check": cvc_given.then_some(cvc),
        },
        "country": card.country,
        "display_brand": card.brand,
        "exp_month": month,
        "exp_year": year,
        "fingerprint": fingerprint(card.number),
        "funding": card.funding,
        "generated_from": null,
        "last4": card.last4(),
        "networks": { "available": [card.brand], "preferred": null },
        "regulated_status": "unregulated",
        "three_d_secure_usage": { "supported": true },
        "wallet": null,
    });
    let method = blank(account, "card", details);
    account.instruments.insert(method.text("id").to_owned(), Instrument::Card { card, cvc_given });
    method
}

/// The same number always gives the same fingerprint, and gives nothing of the number away.
fn fingerprint(number: &str) -> String {
    let seed = number.bytes().fold(7_u64, |hash, byte| hash.wrapping_mul(31).wrapping_add(u64::from(byte)));
    crate::ids::Ids::new(seed).letters(16)
}

fn bank_method(
    account: &mut Account,
    number: &'static str,
    failure: Option<&'static cards::BankFailure>,
    given: &Value,
) -> Value {
    let or = |name: &str, default: &str| match given.text(name) {
        "" => default.to_owned(),
        text => text.to_owned(),
    };
    let details = json!({
        "account_holder_type": or("account_holder_type", "individual"),
        "account_type": or("account_type", "checking"),
        "bank_name": "STRIPE TEST BANK",
        "financial_connections_account": null,
        "fingerprint": fingerprint(number),
        "last4": number.get(number.len().saturating_sub(4)..).unwrap_or_default(),
        "networks": { "preferred": "ach", "supported": ["ach"] },
        "routing_number": or("routing_number", "110000000"),
        "status_details": {},
    });
    let method = blank(account, "us_bank_account", details);
    account.instruments.insert(method.text("id").to_owned(), Instrument::Bank { failure });
    method
}

/// The payment method that an id means. Stripe's test ids (`pm_card_visa`) make a fresh one each time.
pub(super) fn resolve(account: &mut Account, id: &str, param: &str) -> Outcome {
    if let Some(method) = account.get("payment_method", id) {
        return Ok(method);
    }
    if let Some(card) = id.strip_prefix("pm_card_").and_then(cards::by_name) {
        let mut method = from_test_card(account, card, true, None, &Value::Null);
        if let cards::Rule::Checks(line1, postal_code, _) = card.rule {
            method.set_at(&["card", "checks", "address_line1_check"], line1);
            method.set_at(&["card", "checks", "address_postal_code_check"], postal_code);
        }
        account.put(&method);
        return Ok(method);
    }
    let bank = id
        .strip_prefix("pm_usBankAccount_")
        .or_else(|| id.strip_prefix("pm_usBankAccount").map(|_| "success"));
    if let Some((number, failure)) = bank.and_then(cards::bank_account) {
        let method = bank_method(account, number, failure, &Value::Null);
        account.put(&method);
        return Ok(method);
    }
    Err(ApiError::missing("PaymentMethod", id, param).status(400))
}

fn named_in_path(call: &mut Call<'_>) -> Outcome {
    let id = call.id.clone();
    resolve(call.account, &id, "payment_method").map_err(|error| error.status(404))
}

fn retrieve(call: &mut Call<'_>) -> Outcome {
    named_in_path(call)
}

fn update(call: &mut Call<'_>) -> Outcome {
    let before = named_in_path(call)?;
    if before.at(&["customer"]).is_null() {
        return Err(ApiError::invalid(
            "You must save this PaymentMethod to a customer before you can update it.",
        )
        .code("payment_method_unexpected_state"));
    }
    let mut method = before.clone();
    for (name, value) in call.params.get("billing_details").and_then(Value::as_object).into_iter().flatten() {
        method.set_at(&["billing_details", name], value.clone());
    }
    for (name, value) in call.params.get("card").and_then(Value::as_object).into_iter().flatten() {
        method.set_at(&["card", name], value.clone());
    }
    if let Some(metadata) = call.params.get("metadata") {
        merge_metadata(&mut method, metadata);
    }
    call.account.save_changed(&before, &method, "payment_method.updated");
    Ok(method)
}

fn attach(call: &mut Call<'_>) -> Outcome {
    let method = named_in_path(call)?;
    let customer = call.text("customer").unwrap_or_default().to_owned();
    find_customer(call.account, &customer, "customer").map_err(|error| error.status(400))?;
    let id = method.text("id").to_owned();
    if !method.at(&["customer"]).is_null() {
        return Err(ApiError::invalid(
            "The payment method you provided has already been attached to a customer.",
        )
        .code("payment_method_unexpected_state"));
    }
    if call.account.spent.contains(&id) {
        return Err(already_spent());
    }
    if let Some(Instrument::Card { card, .. }) = call.account.instruments.get(&id)
        && let Some(decline) = card.refuses_setup()
    {
        return Err(card_error(decline));
    }
    Ok(tie(call.account, &method, &customer))
}

/// Attaches without asking, after the checks.
pub(super) fn tie(account: &mut Account, method: &Value, customer: &str) -> Value {
    let mut tied = method.clone();
    tied.set("customer", customer);
    account.save(&tied, "payment_method.attached");
    tied
}

pub(super) fn card_error(decline: Decline) -> ApiError {
    let mut error = ApiError::card(decline.code, decline.message);
    if let Some(code) = decline.decline_code {
        error = error.with("decline_code", code);
    }
    match decline.param {
        Some(param) => error.param(param),
        None => error,
    }
}

pub(super) fn already_spent() -> ApiError {
    ApiError::invalid(
        "The provided PaymentMethod was previously used with a PaymentIntent without Customer attachment, shared \
         with a connected account without Customer attachment, or was detached from a Customer. It may not be used \
         again. To use a PaymentMethod multiple times, you must attach it to a Customer first.",
    )
    .param("payment_method")
}

fn detach(call: &mut Call<'_>) -> Outcome {
    let before = named_in_path(call)?;
    if before.at(&["customer"]).is_null() {
        return Err(ApiError::invalid(
            "The payment method you provided is not attached to a customer so detachment is impossible.",
        )
        .code("payment_method_unexpected_state"));
    }
    let mut method = before.clone();
    method.set("customer", Value::Null);
    call.account.spent.insert(method.text("id").to_owned());
    call.account.save_changed(&before, &method, "payment_method.detached");
    Ok(method)
}

fn list(call: &mut Call<'_>) -> Outcome {
    let customer = call.text("customer").map(str::to_owned);
    if let Some(id) = &customer {
        find_customer(call.account, id, "customer").map_err(|error| error.status(400))?;
    }
    page_of(call, customer.as_deref(), "/v1/payment_methods")
}

fn list_of_customer(call: &mut Call<'_>) -> Outcome {
    let id = call.id.clone();
    find_customer(call.account, &id, "customer")?;
    page_of(call, Some(&id), &format!("/v1/customers/{id}/payment_methods"))
}

fn page_of(call: &Call<'_>, customer: Option<&str>, url: &str) -> Outcome {
    let kind = call.text("type");
    let rows = call.account.newest_first("payment_method").into_iter().filter(|method| {
        kind.is_none_or(|kind| method.text("type") == kind)
            && customer.is_none_or(|customer| method.text("customer") == customer)
            // Without a customer the real list holds only what was not made by a payment; loose ones are left out.
            && (customer.is_some() || !method.at(&["customer"]).is_null())
    });
    page::list(&call.params, rows.collect(), "PaymentMethod", url)
}
