//! Messaging services, their senders, and the registrations that carriers ask for.

use http::Method;
use serde_json::{Map, Value, json};

use super::address::{country, is_american};
use super::error::ApiError;
use super::form::Form;
use super::numbers::snake;
use super::page::Page;
use super::router::{Answer, Ask};
use super::stamp;
use super::state::{Account, Service, text};

const URLS: &[&str] = &["InboundRequestUrl", "FallbackUrl", "StatusCallback"];
const FLAGS: &[&str] = &[
    "StickySender",
    "MmsConverter",
    "SmartEncoding",
    "FallbackToLongCode",
    "AreaCodeGeomatch",
    "SynchronousValidation",
    "UseInboundWebhookOnNumber",
];
const OTHERS: &[&str] =
    &["FriendlyName", "InboundMethod", "FallbackMethod", "ScanMessageContent", "ValidityPeriod", "Usecase"];

pub(super) fn add(account: &mut Account, name: &str, now: i64) -> String {
    let sid = account.sid("MG");
    let url = format!("https://messaging.twilio.com/v1/Services/{sid}");
    let fields = json!({
        "sid": sid, "account_sid": account.sid, "friendly_name": name, "date_created": stamp::iso(now),
        "date_updated": stamp::iso(now), "inbound_request_url": null, "inbound_method": "POST", "fallback_url": null,
        "fallback_method": "POST", "status_callback": null, "sticky_sender": true, "mms_converter": true,
        "smart_encoding": true, "scan_message_content": "inherit", "fallback_to_long_code": true,
        "area_code_geomatch": true, "synchronous_validation": false, "validity_period": 36_000, "url": url,
        "usecase": "undeclared", "us_app_to_person_registered": false, "use_inbound_webhook_on_number": false,
    });
    let Value::Object(fields) = fields else { return sid };
    account.services.push(Service {
        sid: sid.clone(),
        fields,
        numbers: Vec::new(),
        names: Vec::new(),
        short_codes: Vec::new(),
        campaigns: Vec::new(),
    });
    sid
}

fn find<'a>(account: &'a mut Account, sid: &str) -> Option<&'a mut Service> {
    account.services.iter_mut().find(|service| service.sid == sid)
}

/// Puts a number, by its id, into the pool. Whether both exist.
pub(super) fn put_number(account: &mut Account, service: &str, number: &str, now: i64) -> bool {
    if !account.numbers.iter().any(|own| text(own, "sid") == number) {
        return false;
    }
    let Some(service) = find(account, service) else { return false };
    service.numbers.push((number.to_owned(), now));
    true
}

pub(super) fn add_campaign(account: &mut Account, service: &str, status: &str, now: i64) -> Option<String> {
    let (sid, brand) = (account.sid("QE"), account.sid("BN"));
    let owner = account.sid.clone();
    let known = find(account, service)?;
    let at = stamp::iso(now);
    known.campaigns.push(json!({
        "account_sid": owner, "brand_registration_sid": brand, "campaign_id": "CSIMULAT", "campaign_status": status,
        "date_created": at, "date_updated": at, "description": "Messages about orders", "errors": [],
        "has_embedded_links": true, "has_embedded_phone": false, "is_externally_registered": false,
        "message_samples": ["Your order is ready."], "messaging_service_sid": service, "mock": false,
        "rate_limits": {}, "sid": sid, "us_app_to_person_usecase": "ACCOUNT_NOTIFICATION",
        "url": format!("https://messaging.twilio.com/v1/Services/{service}/Compliance/Usa2p/{sid}"),
    }));
    known.fields.insert("us_app_to_person_registered".to_owned(), json!(status == "VERIFIED"));
    Some(sid)
}

pub(super) fn add_toll_free(account: &mut Account, number: &str, status: &str, now: i64) -> Option<String> {
    let number_sid = text(account.number(number)?, "sid").to_owned();
    let sid = account.sid("HH");
    let rejected = status == "TWILIO_REJECTED";
    account.toll_free.retain(|known| known.get("tollfree_phone_number_sid") != Some(&json!(number_sid)));
    account.toll_free.push(json!({
        "sid": sid, "account_sid": account.sid, "business_name": "Example Shop", "date_created": stamp::iso(now),
        "date_updated": stamp::iso(now), "tollfree_phone_number_sid": number_sid, "tollfree_phone_number": number,
        "status": status, "rejection_reason": rejected.then_some("The samples do not match the use case"),
        "error_code": rejected.then_some(30_475), "edit_allowed": rejected,
        "url": format!("https://messaging.twilio.com/v1/Tollfree/Verifications/{sid}"),
    }));
    Some(sid)
}

/// Whom a service lets send to this recipient: who sent to it last, else the first that can.
pub(super) fn sender(account: &Account, sid: &str, to: &str) -> Option<String> {
    let service = account.service(sid)?;
    let (channel, number) = to.rsplit_once(':').map_or(("", to), |(channel, number)| (channel, number));
    let pool: Vec<String> = service
        .numbers
        .iter()
        .filter_map(|(own, _)| account.numbers.iter().find(|number| text(number, "sid") == own))
        .filter(|number| {
            number.get("capabilities").and_then(|all| all.get("sms")) == Some(&Value::Bool(true))
        })
        .map(|number| match channel {
            "" => text(number, "phone_number").to_owned(),
            _ => format!("{channel}:{}", text(number, "phone_number")),
        })
        .collect();
    if service.flag("sticky_sender") {
        let last = account.messages.iter().rev().find(|message| {
            message.to == to
                && message.service.as_deref() == Some(sid)
                && message.from.as_ref().is_some_and(|from| pool.contains(from))
        });
        if let Some(last) = last {
            return last.from.clone();
        }
    }
    let named = |list: &[Value], name: &str| {
        list.iter().find_map(|own| own.get(name)?.as_str().map(str::to_owned)).filter(|_| channel.is_empty())
    };
    pool.into_iter()
        .next()
        .or_else(|| named(&service.names, "alpha_sender").filter(|_| !is_american(number)))
        .or_else(|| named(&service.short_codes, "short_code"))
}

fn show(service: &Service, ask: &Ask<'_>) -> Value {
    let mut fields = service.fields.clone();
    let url = ask.url("messaging", &format!("/v1/Services/{}", service.sid));
    let links: Map<String, Value> = [
        ("phone_numbers", "PhoneNumbers"),
        ("short_codes", "ShortCodes"),
        ("alpha_senders", "AlphaSenders"),
        ("us_app_to_person", "Compliance/Usa2p"),
    ]
    .into_iter()
    .map(|(name, path)| (name.to_owned(), format!("{url}/{path}").into()))
    .collect();
    fields.insert("links".to_owned(), Value::Object(links));
    fields.insert("url".to_owned(), url.into());
    Value::Object(fields)
}

fn check(form: &Form) -> Result<(), ApiError> {
    let known: Vec<&str> = [URLS, FLAGS, OTHERS].concat();
    form.check(&known, &[])?;
    for name in URLS {
        form.url(name, 20001)?;
    }
    for name in FLAGS {
        form.flag(name)?;
    }
    form.one_of("InboundMethod", &["GET", "POST"])?;
    form.one_of("FallbackMethod", &["GET", "POST"])?;
    form.one_of("ScanMessageContent", &["inherit", "enable", "disable"])?;
    form.whole("ValidityPeriod", 1, 36_000)?;
    if form.text("FriendlyName").is_some_and(|name| name.chars().count() > 64) {
        return Err(ApiError::invalid(20001, "Parameter 'FriendlyName' is longer than 64 characters"));
    }
    Ok(())
}

fn apply(service: &mut Service, form: &Form, now: i64) {
    for (name, value) in form.pairs() {
        let value = match name {
            _ if FLAGS.contains(&name) => json!(value == "true"),
            "ValidityPeriod" => json!(value.parse::<i64>().unwrap_or(36_000)),
            _ if URLS.contains(&name) && value.is_empty() => Value::Null,
            _ => value.into(),
        };
        service.fields.insert(snake(name), value);
    }
    service.fields.insert("date_updated".to_owned(), stamp::iso(now).into());
}

pub(super) fn run(account: &mut Account, ask: &Ask<'_>, rest: &[&str], now: i64) -> Result<Answer, ApiError> {
    match (ask.method, rest) {
        (&Method::GET, []) => {
            let page = Page::of(&ask.query, &[], &[])?;
            let rows = account
                .services
                .iter()
                .rev()
                .map(|service| (service.sid.clone(), show(service, ask)))
                .collect();
            Ok(Answer::ok(page.product(&ask.url("messaging", &ask.path), "services", rows)?))
        }
        (&Method::POST, []) => {
            check(&ask.form)?;
            let name = ask
                .form
                .text("FriendlyName")
                .ok_or_else(|| ApiError::invalid(20001, "Missing required parameter FriendlyName"))?;
            let sid = add(account, name, now);
            let service = find(account, &sid).ok_or_else(|| ask.not_found())?;
            apply(service, &ask.form, now);
            Ok(Answer::created(show(service, ask)))
        }
        (&Method::GET, [sid]) => {
            Ok(Answer::ok(show(find(account, sid).ok_or_else(|| ask.not_found())?, ask)))
        }
        (&Method::POST, [sid]) => {
            let service = find(account, sid).ok_or_else(|| ask.not_found())?;
            check(&ask.form)?;
            apply(service, &ask.form, now);
            Ok(Answer::ok(show(service, ask)))
        }
        (&Method::DELETE, [sid]) => {
            find(account, sid).ok_or_else(|| ask.not_found())?;
            account.services.retain(|service| service.sid != *sid);
            Ok(Answer::gone())
        }
        (_, [sid, "PhoneNumbers", rest @ ..]) => pool(account, ask, (sid, rest), now),
        (_, [sid, "AlphaSenders", rest @ ..]) => names(account, ask, (sid, rest), now),
        (&Method::GET, [sid, "ShortCodes"]) => {
            let rows = find(account, sid).ok_or_else(|| ask.not_found())?.short_codes.clone();
            listed(ask, "short_codes", rows)
        }
        (&Method::GET, [sid, "Compliance", "Usa2p"]) => {
            let rows = find(account, sid).ok_or_else(|| ask.not_found())?.campaigns.clone();
            listed(ask, "compliance", rows)
        }
        _ => Err(ask.not_found()),
    }
}

fn listed(ask: &Ask<'_>, key: &str, rows: Vec<Value>) -> Result<Answer, ApiError> {
    let page = Page::of(&ask.query, &[], &[])?;
    let rows = rows.into_iter().map(|row| (sid_of(&row), row)).collect();
    Ok(Answer::ok(page.product(&ask.url("messaging", &ask.path), key, rows)?))
}

fn sid_of(row: &Value) -> String {
    row.get("sid").and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn in_pool(account: &Account, ask: &Ask<'_>, service: &str, number: &str, at: i64) -> Option<Value> {
    let fields = account.numbers.iter().find(|own| text(own, "sid") == number)?;
    let phone = text(fields, "phone_number");
    let able =
        |what: &str| fields.get("capabilities").and_then(|all| all.get(what)) == Some(&Value::Bool(true));
    let able: Vec<&str> = [("sms", "SMS"), ("mms", "MMS"), ("voice", "Voice")]
        .into_iter()
        .filter(|(name, _)| able(name))
        .map(|(_, shown)| shown)
        .collect();
    Some(json!({
        "account_sid": account.sid, "capabilities": able,
        "country_code": country(phone).map_or("", |(country, _)| country), "date_created": stamp::iso(at),
        "date_updated": stamp::iso(at), "phone_number": phone, "service_sid": service, "sid": number,
        "url": ask.url("messaging", &format!("/v1/Services/{service}/PhoneNumbers/{number}")),
    }))
}

fn pool(
    account: &mut Account,
    ask: &Ask<'_>,
    (sid, rest): (&str, &[&str]),
    now: i64,
) -> Result<Answer, ApiError> {
    let held = account.service(sid).ok_or_else(|| ask.not_found())?.numbers.clone();
    let one = |number: &str| {
        let at = held.iter().find(|(own, _)| own == number).map(|(_, at)| *at);
        at.and_then(|at| in_pool(account, ask, sid, number, at)).ok_or_else(|| ask.not_found())
    };
    match (ask.method, rest) {
        (&Method::GET, []) => {
            let rows = held.iter().filter_map(|(own, at)| in_pool(account, ask, sid, own, *at)).collect();
            listed(ask, "phone_numbers", rows)
        }
        (&Method::GET, [number]) => Ok(Answer::ok(one(number)?)),
        (&Method::POST, []) => {
            ask.form.check(&["PhoneNumberSid"], &[])?;
            let number = ask
                .form
                .text("PhoneNumberSid")
                .ok_or_else(|| ApiError::invalid(20001, "Missing required parameter PhoneNumberSid"))?;
            let taken =
                account.services.iter().any(|known| known.numbers.iter().any(|(own, _)| own == number));
            if taken {
                return Err(ApiError::new(409, 21712, "The number is in the pool of a messaging service"));
            }
            if !put_number(account, sid, number, now) {
                return Err(ask.not_found());
            }
            let row = in_pool(account, ask, sid, number, now).ok_or_else(|| ask.not_found())?;
            Ok(Answer::created(row))
        }
        (&Method::DELETE, [number]) => {
            one(number)?;
            let service = find(account, sid).ok_or_else(|| ask.not_found())?;
            service.numbers.retain(|(own, _)| own != number);
            Ok(Answer::gone())
        }
        _ => Err(ask.not_found()),
    }
}

fn names(
    account: &mut Account,
    ask: &Ask<'_>,
    (sid, rest): (&str, &[&str]),
    now: i64,
) -> Result<Answer, ApiError> {
    let held = account.service(sid).ok_or_else(|| ask.not_found())?.names.clone();
    match (ask.method, rest) {
        (&Method::GET, []) => listed(ask, "alpha_senders", held),
        (&Method::POST, []) => {
            ask.form.check(&["AlphaSender"], &[])?;
            let name = ask.form.text("AlphaSender").unwrap_or_default().to_owned();
            if super::address::Address::of(&name) != super::address::Address::Name {
                return Err(ApiError::invalid(21709, "The name is not valid as a sender"));
            }
            let row = add_name(account, sid, &name, now).ok_or_else(|| ask.not_found())?;
            Ok(Answer::created(row))
        }
        _ => Err(ask.not_found()),
    }
}

pub(super) fn add_name(account: &mut Account, service: &str, name: &str, now: i64) -> Option<Value> {
    let (sid, owner) = (account.sid("AI"), account.sid.clone());
    let row = json!({
        "account_sid": owner, "alpha_sender": name, "capabilities": ["SMS"], "date_created": stamp::iso(now),
        "date_updated": stamp::iso(now), "service_sid": service, "sid": sid,
        "url": format!("https://messaging.twilio.com/v1/Services/{service}/AlphaSenders/{sid}"),
    });
    find(account, service)?.names.push(row.clone());
    Some(row)
}

pub(super) fn add_short_code(account: &mut Account, service: &str, code: &str, now: i64) -> Option<String> {
    let (sid, owner) = (account.sid("SC"), account.sid.clone());
    find(account, service)?.short_codes.push(json!({
        "account_sid": owner, "capabilities": ["SMS"], "country_code": "US", "date_created": stamp::iso(now),
        "date_updated": stamp::iso(now), "service_sid": service, "short_code": code, "sid": sid,
        "url": format!("https://messaging.twilio.com/v1/Services/{service}/ShortCodes/{sid}"),
    }));
    Some(sid)
}

pub(super) fn toll_free(account: &Account, ask: &Ask<'_>) -> Result<Answer, ApiError> {
    const FILTERS: &[&str] =
        &["TollfreePhoneNumberSid", "Status", "ExternalReferenceId", "IncludeSubAccounts"];
    if ask.method != Method::GET {
        return Err(ask.not_found());
    }
    let page = Page::of(&ask.query, FILTERS, &["TrustProductSid"])?;
    let status =
        ask.query.one_of("Status", &["PENDING_REVIEW", "IN_REVIEW", "TWILIO_APPROVED", "TWILIO_REJECTED"])?;
    ask.query.flag("IncludeSubAccounts")?;
    let number = ask.query.text("TollfreePhoneNumberSid");
    let is = |row: &Value, name: &str, wanted: Option<&str>| {
        wanted.is_none_or(|wanted| row.get(name).is_some_and(|own| own == wanted))
    };
    let rows = account
        .toll_free
        .iter()
        .filter(|row| is(row, "status", status) && is(row, "tollfree_phone_number_sid", number))
        .map(|row| (sid_of(row), row.clone()))
        .collect();
    Ok(Answer::ok(page.product(&ask.url("messaging", &ask.path), "verifications", rows)?))
}
