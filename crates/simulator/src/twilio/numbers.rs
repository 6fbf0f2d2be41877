//! The account's phone numbers, and those that can be had.

use http::Method;
use serde_json::{Map, Value, json};

use super::address::{is_e164, is_toll_free, national};
use super::error::ApiError;
use super::form::Form;
use super::page::Page;
use super::router::{Answer, Ask};
use super::stamp;
use super::state::{Account, text};

const METHODS: &[&str] =
    &["SmsFallbackMethod", "SmsMethod", "StatusCallbackMethod", "VoiceFallbackMethod", "VoiceMethod"];
const URLS: &[&str] = &["SmsFallbackUrl", "SmsUrl", "StatusCallback", "VoiceFallbackUrl", "VoiceUrl"];
const OTHERS: &[&str] = &[
    "AccountSid",
    "ApiVersion",
    "FriendlyName",
    "SmsApplicationSid",
    "VoiceApplicationSid",
    "VoiceCallerIdLookup",
    "EmergencyStatus",
    "EmergencyAddressSid",
    "TrunkSid",
    "VoiceReceiveMode",
    "IdentitySid",
    "AddressSid",
    "BundleSid",
];

/// A new number of the account; its id.
pub(super) fn add(account: &mut Account, phone: &str, texts: bool, now: i64) -> String {
    let sid = account.sid("PN");
    let at = stamp::rfc2822(now);
    let fields = json!({
        "account_sid": account.sid, "address_requirements": "none", "address_sid": null, "api_version": "2010-04-01",
        "beta": false, "bundle_sid": null,
        "capabilities": { "fax": false, "mms": texts, "sms": texts, "voice": true },
        "date_created": at, "date_updated": at, "emergency_address_sid": null,
        "emergency_address_status": "unregistered", "emergency_status": "Inactive",
        "friendly_name": national(phone), "identity_sid": null, "origin": "twilio", "phone_number": phone, "sid": sid,
        "sms_application_sid": "", "sms_fallback_method": "POST", "sms_fallback_url": "", "sms_method": "POST",
        "sms_url": "", "status": "in-use", "status_callback": "", "status_callback_method": "POST",
        "trunk_sid": null, "type": if is_toll_free(phone) { "toll-free" } else { "local" },
        "uri": format!("/2010-04-01/Accounts/{}/IncomingPhoneNumbers/{sid}.json", account.sid),
        "voice_application_sid": "", "voice_caller_id_lookup": false, "voice_fallback_method": "POST",
        "voice_fallback_url": "", "voice_method": "POST", "voice_receive_mode": "voice", "voice_url": "",
    });
    if let Value::Object(fields) = fields {
        account.numbers.push(fields);
    }
    sid
}

pub(super) fn run(account: &mut Account, ask: &Ask<'_>, rest: &[&str], now: i64) -> Result<Answer, ApiError> {
    match (ask.method, rest) {
        (&Method::GET, []) => list(account, ask),
        (&Method::POST, []) => buy(account, ask, now),
        (&Method::GET, [sid]) => Ok(Answer::ok(Value::Object(known(account, ask, sid)?.clone()))),
        (&Method::POST, [sid]) => {
            known(account, ask, sid)?;
            check(&ask.form, &[])?;
            apply(account, sid, &ask.form, now);
            Ok(Answer::ok(Value::Object(known(account, ask, sid)?.clone())))
        }
        (&Method::DELETE, [sid]) => {
            known(account, ask, sid)?;
            account.numbers.retain(|number| text(number, "sid") != *sid);
            for service in &mut account.services {
                service.numbers.retain(|(own, _)| own != sid);
            }
            Ok(Answer::gone())
        }
        _ => Err(ask.not_found()),
    }
}

fn known<'a>(account: &'a Account, ask: &Ask<'_>, sid: &str) -> Result<&'a Map<String, Value>, ApiError> {
    account.numbers.iter().find(|number| text(number, "sid") == sid).ok_or_else(|| ask.not_found())
}

fn list(account: &Account, ask: &Ask<'_>) -> Result<Answer, ApiError> {
    let page = Page::of(&ask.query, &["Beta", "FriendlyName", "PhoneNumber", "Origin"], &[])?;
    let beta = ask.query.flag("Beta")?;
    let (name, phone, origin) =
        (ask.query.text("FriendlyName"), ask.query.text("PhoneNumber"), ask.query.text("Origin"));
    let rows = account
        .numbers
        .iter()
        .filter(|number| beta.is_none_or(|beta| number.get("beta") == Some(&Value::Bool(beta))))
        .filter(|number| name.is_none_or(|name| text(number, "friendly_name") == name))
        .filter(|number| phone.is_none_or(|pattern| matches(pattern, text(number, "phone_number"))))
        .filter(|number| origin.is_none_or(|origin| text(number, "origin") == origin))
        .map(|number| (text(number, "sid").to_owned(), Value::Object(number.clone())))
        .collect();
    Ok(Answer::ok(page.core(&ask.path, "incoming_phone_numbers", rows)?))
}

/// A pattern of digits with `*` for any one, somewhere in the number.
fn matches(pattern: &str, phone: &str) -> bool {
    let keys = |letter: char| match letter.to_ascii_uppercase() {
        'A'..='C' => '2',
        'D'..='F' => '3',
        'G'..='I' => '4',
        'J'..='L' => '5',
        'M'..='O' => '6',
        'P'..='S' => '7',
        'T'..='V' => '8',
        'W'..='Z' => '9',
        other => other,
    };
    let pattern: Vec<char> = pattern.chars().map(keys).collect();
    let phone: Vec<char> = phone.chars().collect();
    let same =
        |part: &[char]| part.iter().zip(&pattern).all(|(digit, asked)| *asked == '*' || digit == asked);
    !pattern.is_empty() && phone.windows(pattern.len()).any(same)
}

fn check(form: &Form, more: &[&str]) -> Result<(), ApiError> {
    let known: Vec<&str> = [METHODS, URLS, OTHERS, more].concat();
    form.check(&known, &[])?;
    for name in METHODS {
        form.one_of(name, &["GET", "POST"])?;
    }
    for name in URLS {
        form.url(name, 21502)?;
    }
    form.flag("VoiceCallerIdLookup")?;
    form.one_of("EmergencyStatus", &["Active", "Inactive"])?;
    form.one_of("VoiceReceiveMode", &["voice", "fax"])?;
    if form.text("FriendlyName").is_some_and(|name| name.chars().count() > 64) {
        return Err(ApiError::invalid(20001, "Parameter 'FriendlyName' is longer than 64 characters"));
    }
    Ok(())
}

/// `SmsUrl` is kept as `sms_url`.
pub(super) fn snake(name: &str) -> String {
    let mut snake = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}

fn apply(account: &mut Account, sid: &str, form: &Form, now: i64) {
    let Some(number) = account.numbers.iter_mut().find(|number| text(number, "sid") == sid) else { return };
    for (name, value) in
        form.pairs().filter(|(name, _)| !["AccountSid", "PhoneNumber", "AreaCode"].contains(name))
    {
        let value = match value {
            "true" | "false" if name == "VoiceCallerIdLookup" => Value::Bool(value == "true"),
            _ => value.into(),
        };
        number.insert(snake(name), value);
    }
    number.insert("date_updated".to_owned(), stamp::rfc2822(now).into());
}

fn buy(account: &mut Account, ask: &Ask<'_>, now: i64) -> Result<Answer, ApiError> {
    check(&ask.form, &["PhoneNumber", "AreaCode"])?;
    let phone = match (ask.form.text("PhoneNumber"), ask.form.text("AreaCode")) {
        (Some(phone), None) if is_e164(phone) => phone.to_owned(),
        (Some(_), None) => return Err(ApiError::of(21421)),
        (None, Some(area)) if area.len() == 3 && area.bytes().all(|b| b.is_ascii_digit()) => offer(area)
            .into_iter()
            .find(|phone| account.number(phone).is_none())
            .ok_or_else(|| ApiError::invalid(21452, "No number with this area code is available"))?,
        _ => return Err(ApiError::invalid(21404, "One of 'PhoneNumber' and 'AreaCode' is required")),
    };
    if account.number(&phone).is_some() {
        return Err(ApiError::of(21422));
    }
    let sid = add(account, &phone, true, now);
    apply(account, &sid, &ask.form, now);
    Ok(Answer::created(Value::Object(known(account, ask, &sid)?.clone())))
}

/// Ten numbers of those that are kept for fiction.
fn offer(area: &str) -> Vec<String> {
    (0..10).map(|line| format!("+1{area}55501{:02}", 80 + line)).collect()
}

const SEARCH: &[&str] = &[
    "AreaCode",
    "Contains",
    "SmsEnabled",
    "MmsEnabled",
    "VoiceEnabled",
    "FaxEnabled",
    "ExcludeAllAddressRequired",
    "ExcludeLocalAddressRequired",
    "ExcludeForeignAddressRequired",
    "Beta",
    "NearNumber",
    "NearLatLong",
    "Distance",
    "InPostalCode",
    "InRegion",
    "InRateCenter",
    "InLata",
    "InLocality",
];

/// Numbers that can be had, in the United States and Canada (local, toll-free) and Great Britain (mobile, local).
pub(super) fn available(account: &Account, ask: &Ask<'_>, rest: &[&str]) -> Result<Answer, ApiError> {
    let [country, kind] = rest else { return Err(ask.not_found()) };
    if ask.method != Method::GET {
        return Err(ApiError::new(405, 20004, "Method not allowed"));
    }
    let page = Page::of(&ask.query, SEARCH, &[])?;
    for name in ["SmsEnabled", "MmsEnabled", "VoiceEnabled", "FaxEnabled", "Beta"]
        .into_iter()
        .chain(SEARCH.iter().copied().filter(|name| name.starts_with("Exclude")))
    {
        ask.query.flag(name)?;
    }
    ask.query.whole("Distance", 0, 500)?;
    let area = ask.query.whole("AreaCode", 200, 999)?;
    let phones: Vec<String> = match (*country, *kind) {
        ("US" | "CA", "Local") => offer(&area.map_or_else(|| "415".to_owned(), |area| area.to_string())),
        ("US" | "CA", "TollFree") => offer(&area.map_or_else(|| "833".to_owned(), |area| area.to_string())),
        ("GB", "Mobile") => (0..10).map(|line| format!("+4477009001{:02}", 50 + line)).collect(),
        ("GB", "Local") => (0..10).map(|line| format!("+4420794601{:02}", 50 + line)).collect(),
        ("US" | "CA" | "GB", "Mobile" | "TollFree") => Vec::new(),
        _ => return Err(ask.not_found()),
    };
    let contains = ask.query.text("Contains");
    // There is no fax any more, so who asks for it finds nothing.
    let wanted = ask.query.flag("FaxEnabled")? != Some(true);
    let place = if *kind == "Local" && *country == "US" { Some("CA") } else { None };
    let rows = phones
        .into_iter()
        .filter(|phone| wanted && account.number(phone).is_none())
        .filter(|phone| contains.is_none_or(|pattern| matches(pattern, phone)))
        .map(|phone| {
            let found = json!({
                "friendly_name": national(&phone), "phone_number": phone, "lata": null, "locality": null,
                "rate_center": null, "latitude": null, "longitude": null, "region": place, "postal_code": null,
                "iso_country": country, "address_requirements": "none", "beta": false,
                "capabilities": { "voice": true, "SMS": true, "MMS": *country != "GB", "fax": false },
            });
            (phone, found)
        })
        .collect();
    let Value::Object(whole) = page.core(&ask.path, "available_phone_numbers", rows)? else {
        return Err(ApiError::of(20500));
    };
    // This list tells nothing of pages.
    let body: Map<String, Value> = whole
        .into_iter()
        .filter(|(name, _)| name == "available_phone_numbers")
        .chain([("uri".to_owned(), ask.path.clone().into())])
        .collect();
    Ok(Answer::ok(Value::Object(body)))
}
