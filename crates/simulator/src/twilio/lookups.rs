//! Lookup v2.

use http::Method;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};

use super::address::{country, is_e164, national};
use super::error::ApiError;
use super::router::{Answer, Ask};
use super::state::Account;

const PACKAGES: &[&str] = &[
    "validation",
    "caller_name",
    "sim_swap",
    "call_forwarding",
    "line_status",
    "line_type_intelligence",
    "identity_match",
    "reassigned_number",
    "sms_pumping_risk",
    "phone_number_quality_score",
    "pre_fill",
];
const OTHERS: &[&str] = &[
    "Fields",
    "CountryCode",
    "FirstName",
    "LastName",
    "AddressLine1",
    "AddressLine2",
    "City",
    "State",
    "PostalCode",
    "AddressCountryCode",
    "NationalId",
    "DateOfBirth",
    "LastVerifiedDate",
    "VerificationSid",
    "PartnerSubId",
];

pub(super) fn run(account: &mut Account, ask: &Ask<'_>, asked: &str) -> Result<Answer, ApiError> {
    if ask.method != Method::GET {
        return Err(ApiError::new(405, 20004, "Method not allowed"));
    }
    ask.query.check(OTHERS, &[])?;
    let wanted: Vec<&str> = ask.query.text("Fields").map(|all| all.split(',').collect()).unwrap_or_default();
    if let Some(bad) = wanted.iter().find(|name| !PACKAGES.contains(name)) {
        return Err(ApiError::invalid(20001, format!("Unknown package '{bad}' in Fields")));
    }
    let home = ask.query.text("CountryCode");
    if home.is_some_and(|code| code.len() != 2 || !code.bytes().all(|byte| byte.is_ascii_uppercase())) {
        return Err(ApiError::invalid(20001, "Parameter 'CountryCode' is not a country"));
    }
    let asked = percent_decode_str(asked).decode_utf8_lossy().into_owned();
    let digits: String = asked.chars().filter(char::is_ascii_digit).collect();
    let phone = match home {
        _ if asked.starts_with('+') => format!("+{digits}"),
        Some("GB") => format!("+44{}", digits.trim_start_matches('0')),
        Some("CH") => format!("+41{}", digits.trim_start_matches('0')),
        Some("DE") => format!("+49{}", digits.trim_start_matches('0')),
        _ => format!("+1{digits}"),
    };
    let errors: Vec<&str> = match (is_e164(&phone), country(&phone)) {
        _ if !asked.chars().all(|letter| letter.is_ascii_digit() || "+-() .".contains(letter)) => {
            vec!["NOT_A_NUMBER"]
        }
        (true, Some(_)) => Vec::new(),
        (_, None) if (8..=16).contains(&phone.len()) => vec!["INVALID_COUNTRY_CODE"],
        (false, Some((_, "1"))) if phone.len() < 12 => vec!["TOO_SHORT"],
        (false, Some((_, "1"))) if phone.len() > 12 => vec!["TOO_LONG"],
        (false, _) if phone.len() < 8 => vec!["TOO_SHORT"],
        (false, _) if phone.len() > 16 => vec!["TOO_LONG"],
        (false, Some(_)) => vec!["INVALID_BUT_POSSIBLE"],
        (_, None) => vec!["INVALID_LENGTH"],
    };
    account.lookups += 1;
    let valid = errors.is_empty();
    let place = country(&phone);
    let mut body = Map::new();
    let mut put = |name: &str, value: Value| body.insert(name.to_owned(), value);
    put("calling_country_code", json!(place.map(|(_, code)| code)));
    put("country_code", json!(place.filter(|_| valid).map(|(country, _)| country)));
    put("phone_number", phone.clone().into());
    put("national_format", json!(valid.then(|| national(&phone))));
    put("valid", valid.into());
    put("validation_errors", json!(errors));
    for name in PACKAGES.iter().filter(|name| **name != "validation") {
        let known = account.looked_up.get(&phone).and_then(|own| own.get(name)).cloned();
        let value =
            if valid && wanted.contains(name) { known.unwrap_or_else(|| usual(name)) } else { Value::Null };
        put(name, value);
    }
    put("url", ask.url("lookups", &format!("/v2/PhoneNumbers/{phone}")).into());
    Ok(Answer::ok(Value::Object(body)))
}

/// What a package says about a number that nobody arranged otherwise.
fn usual(package: &str) -> Value {
    match package {
        "caller_name" => json!({ "caller_name": "ROBIN DOE", "caller_type": "CONSUMER", "error_code": null }),
        "sim_swap" => json!({
            "last_sim_swap": { "last_sim_swap_date": null, "swapped_period": "PT24H", "swapped_in_period": false },
            "carrier_name": "Example Mobile", "mobile_country_code": "310", "mobile_network_code": "999",
            "error_code": null,
        }),
        "call_forwarding" => json!({ "call_forwarding_enabled": false, "error_code": null }),
        "line_status" => json!({ "status": "active", "error_code": null }),
        "line_type_intelligence" => json!({
            "mobile_country_code": "310", "mobile_network_code": "999", "carrier_name": "Example Mobile",
            "type": "mobile", "error_code": null,
        }),
        "identity_match" => json!({
            "first_name_match": "exact_match", "last_name_match": "exact_match", "address_lines_match": "no_data_available",
            "city_match": "no_data_available", "state_match": "no_data_available",
            "postal_code_match": "no_data_available", "address_country_match": "no_data_available",
            "national_id_match": "no_data_available", "date_of_birth_match": "no_data_available", "summary_score": 80,
            "error_code": null, "error_message": null,
        }),
        "reassigned_number" => {
            json!({ "last_verified_date": "20250101", "is_number_reassigned": "no", "error_code": null })
        }
        "sms_pumping_risk" => json!({
            "carrier_risk_category": "low", "number_blocked": false, "number_blocked_date": null,
            "number_blocked_last_3_months": false, "sms_pumping_risk_score": 7, "error_code": null,
        }),
        _ => Value::Null,
    }
}
