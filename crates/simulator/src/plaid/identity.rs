//! Who owns the accounts.

use serde_json::{Value, json};

use super::accounts;
use super::error::Outcome;
use super::fields::{self, Field, Kind, may, nullable};
use super::router::{BY_ACCOUNTS, Call, Limit, Route};

const ADDRESS: &[Field] = &[
    nullable("city", Kind::Short(500)),
    nullable("region", Kind::Short(500)),
    may("street", Kind::Text),
    nullable("postal_code", Kind::Short(50)),
    nullable("country", Kind::Short(2)),
];
const USER: &[Field] = &[
    nullable("legal_name", Kind::Short(500)),
    nullable("phone_number", Kind::Short(50)),
    nullable("email_address", Kind::Short(500)),
    nullable("address", Kind::Hash(ADDRESS)),
];
const OPTIONS: &[Field] = &[fields::ACCOUNT_IDS];
const MATCH: &[Field] = &[fields::TOKEN, may("user", Kind::Hash(USER)), may("options", Kind::Hash(OPTIONS))];

pub(super) const ROUTES: &[Route] = &[
    Route::new("/identity/get", BY_ACCOUNTS, get).limited(Limit::item("IDENTITY_LIMIT", 100)),
    Route::new("/identity/match", MATCH, match_user),
];

// The owner that Plaid's sandbox shows for every test login.
const NAME: &str = "Alberta Bobbeth Charleson";
const EMAILS: &[(&str, bool, &str)] = &[
    ("accountholder0@example.com", true, "primary"),
    ("accountholder1@example.com", false, "secondary"),
    ("extraordinarily.long.email.username.123456@reallylonghostname.com", false, "other"),
];
const PHONE: &str = "1112223333";
const STREET: &str = "2992 Cameron Road";
const CITY: &str = "Malakoff";
const REGION: &str = "NY";
const POSTAL_CODE: &str = "14236";

fn owner() -> Value {
    let emails: Vec<_> = EMAILS
        .iter()
        .map(|(data, primary, kind)| json!({ "data": data, "primary": primary, "type": kind }))
        .collect();
    json!({
        "names": [NAME],
        "phone_numbers": [
            { "data": PHONE, "primary": true, "type": "home" },
            { "data": "1112224444", "primary": false, "type": "work" },
        ],
        "emails": emails,
        "addresses": [{
            "data": { "street": STREET, "city": CITY, "region": REGION, "postal_code": POSTAL_CODE, "country": "US" },
            "primary": true,
        }],
    })
}

/// Each account with something more.
fn with(accounts: &mut Value, more: &Value) {
    for account in accounts.get_mut("accounts").and_then(Value::as_array_mut).into_iter().flatten() {
        if let (Some(fields), Some(more)) = (account.as_object_mut(), more.as_object()) {
            fields.extend(more.clone());
        }
    }
}

fn get(call: &mut Call<'_>) -> Outcome {
    let ids = call.option("account_ids").cloned();
    let item = call.item_with("identity")?;
    let mut answer = accounts::answer(item, &accounts::chosen(item, ids.as_ref())?, None, Value::Null);
    with(&mut answer, &json!({ "owners": [owner()] }));
    Ok(answer)
}

/// 100 for the same words, less for each that is missing, 0 for none.
fn score(given: &str, known: &str) -> u64 {
    let words = |text: &str| -> Vec<String> {
        text.to_lowercase()
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty())
            .map(str::to_owned)
            .collect()
    };
    let (given, known) = (words(given), words(known));
    let common = given.iter().filter(|word| known.contains(word)).count() as u64;
    let most = given.len().max(known.len()).max(1) as u64;
    common * 100 / most
}

fn match_user(call: &mut Call<'_>) -> Outcome {
    let ids = call.option("account_ids").cloned();
    let user = call.params.get("user").cloned().unwrap_or_default();
    let item = call.item_with("identity_match")?;
    let mut answer = accounts::answer(item, &accounts::chosen(item, ids.as_ref())?, None, Value::Null);
    let text = |name: &str| user.get(name).and_then(Value::as_str);
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let part =
        |name: &str| user.pointer(&format!("/address/{name}")).and_then(Value::as_str).unwrap_or_default();
    let name = text("legal_name").map(|given| {
        let score = score(given, NAME);
        json!({
            "score": score,
            "is_first_name_or_last_name_match": score > 0,
            "is_nickname_match": false,
            "is_business_name_detected": false,
        })
    });
    let phone = text("phone_number").map(|given| {
        let given = digits(given);
        json!({ "score": if !given.is_empty() && (given == PHONE || given == format!("1{PHONE}")) { 100 } else { 0 } })
    });
    let email = text("email_address").map(|given| {
        let known = EMAILS.iter().any(|(known, _, _)| known.eq_ignore_ascii_case(given));
        json!({ "score": if known { 100 } else { 0 } })
    });
    let address = user.get("address").map(|_| {
        let given = format!("{} {} {} {}", part("street"), part("city"), part("region"), part("postal_code"));
        let known = format!("{STREET} {CITY} {REGION} {POSTAL_CODE}");
        json!({ "score": score(&given, &known), "is_postal_code_match": part("postal_code") == POSTAL_CODE })
    });
    with(
        &mut answer,
        &json!({ "legal_name": name, "phone_number": phone, "email_address": email, "address": address }),
    );
    Ok(answer)
}
