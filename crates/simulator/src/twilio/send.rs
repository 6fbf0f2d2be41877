//! Creating a message.

use super::address::{Address, is_american};
use super::contents;
use super::error::ApiError;
use super::form::{Form, is_sid};
use super::messages::show;
use super::progress;
use super::router::Answer;
use super::segments;
use super::stamp;
use super::state::{Account, Media, Message};

pub(super) const FIELDS: &[&str] = &[
    "To",
    "From",
    "MessagingServiceSid",
    "Body",
    "ContentSid",
    "ContentVariables",
    "StatusCallback",
    "ApplicationSid",
    "MaxPrice",
    "ProvideFeedback",
    "Attempt",
    "ValidityPeriod",
    "ForceDelivery",
    "ContentRetention",
    "AddressRetention",
    "SmartEncoded",
    "TrafficType",
    "ShortenUrls",
    "ScheduleType",
    "SendAt",
    "SendAsMms",
    "RiskCheck",
    "FallbackFrom",
];
pub(super) const LISTS: &[&str] = &["MediaUrl", "PersistentAction"];

/// Seconds before a scheduled message leaves, at least and at most.
const SOONEST: i64 = 300;
const LATEST: i64 = 35 * 86_400;

pub(super) struct Content {
    pub(super) body: String,
    media: Vec<&'static str>,
    from_template: bool,
}

/// What a message says, checked.
pub(super) fn content(account: &Account, form: &Form) -> Result<Content, ApiError> {
    let media = form.all("MediaUrl");
    if media.len() > 10 {
        return Err(ApiError::invalid(21623, "More than ten media"));
    }
    if let Some(bad) = media.iter().position(|url| !super::form::is_url(url)) {
        return Err(ApiError::invalid(21620, format!("Media URL number {} is not valid", bad + 1)));
    }
    let media = media.iter().map(|url| kind_of(url)).collect::<Vec<_>>();
    if let Some(sid) = form.text("ContentSid") {
        let body = contents::render(account, sid, form.text("ContentVariables"))?;
        return Ok(Content { body, media, from_template: true });
    }
    if form.text("ContentVariables").is_some() {
        return Err(ApiError::invalid(21656, "ContentVariables without ContentSid"));
    }
    let body = form.get("Body").unwrap_or_default();
    if body.is_empty() && media.is_empty() {
        return Err(ApiError::invalid(21602, "A message body or a media URL is required"));
    }
    if body.chars().count() > 1_600 {
        return Err(ApiError::invalid(21617, "The message body exceeds the limit of 1600 characters"));
    }
    Ok(Content { body: body.to_owned(), media, from_template: false })
}

fn kind_of(url: &str) -> &'static str {
    let path = url.split(['?', '#']).next().unwrap_or_default().to_ascii_lowercase();
    let ends =
        [(".png", "image/png"), (".gif", "image/gif"), (".pdf", "application/pdf"), (".mp4", "video/mp4")];
    ends.iter().find(|(end, _)| path.ends_with(end)).map_or("image/jpeg", |(_, kind)| kind)
}

/// Everything that the account does not need to be known for, after the addresses.
pub(super) fn options(form: &Form) -> Result<(), ApiError> {
    form.url("StatusCallback", 21609)?;
    if form.text("ApplicationSid").is_some_and(|sid| !is_sid(sid, "AP")) {
        return Err(ApiError::invalid(20001, "Parameter 'ApplicationSid' is not valid"));
    }
    for flag in ["ProvideFeedback", "ForceDelivery", "SmartEncoded", "ShortenUrls", "SendAsMms"] {
        form.flag(flag)?;
    }
    form.whole("Attempt", 1, 1_000)?;
    form.whole("ValidityPeriod", 1, 36_000)?;
    form.one_of("ContentRetention", &["retain", "obfuscate", "discard"])?;
    form.one_of("AddressRetention", &["retain", "obfuscate", "discard"])?;
    form.one_of("RiskCheck", &["enable", "disable"])?;
    form.one_of("TrafficType", &["free"])?;
    if form.text("ScheduleType").is_some_and(|kind| kind != "fixed") {
        return Err(ApiError::invalid(35114, "ScheduleType must be fixed"));
    }
    if let Some(from) = form.text("FallbackFrom")
        && Address::of(from) == Address::None
    {
        return Err(ApiError::invalid(21212, "Parameter 'FallbackFrom' is not valid"));
    }
    Ok(())
}

pub(super) fn recipient(form: &Form) -> Result<&str, ApiError> {
    let to = form.text("To").ok_or_else(|| ApiError::invalid(21604, "A 'To' number is required"))?;
    match Address::of(to) {
        Address::Number(_) | Address::Channel(..) => Ok(to),
        Address::ShortCode => Err(ApiError::of(21265)),
        Address::Name | Address::None => Err(ApiError::of(21211)),
    }
}

pub(super) fn create(account: &mut Account, form: &Form, now: i64) -> Result<Answer, ApiError> {
    form.check(FIELDS, LISTS)?;
    let to = recipient(form)?;
    let service = form.text("MessagingServiceSid");
    let from = form.text("From");
    if service.is_none() && from.is_none() {
        return Err(ApiError::invalid(21603, "A 'From' number or a messaging service is required"));
    }
    let content = content(account, form)?;
    options(form)?;
    if let Some(service) = service {
        check_service(account, service, to, from)?;
    }
    if let Some(from) = from {
        check_sender(account, from, to, !content.media.is_empty())?;
    }
    check_recipient(account, to)?;
    let scope = service.map_or_else(|| account.scope(from.unwrap_or_default()), str::to_owned);
    let at_once = service
        .is_none_or(|sid| account.service(sid).is_some_and(|service| service.flag("synchronous_validation")));
    if at_once && account.has_opted_out(&scope, to) {
        return Err(ApiError::of(21610));
    }
    let send_at = schedule(form, service, now)?;
    let index = add(account, form, content, send_at, now)?;
    progress::enter(account, index);
    let message = account.messages.get(index).ok_or_else(|| ApiError::of(20500))?;
    Ok(Answer::created(show(account, message)))
}

pub(super) fn add(
    account: &mut Account,
    form: &Form,
    content: Content,
    send_at: Option<i64>,
    now: i64,
) -> Result<usize, ApiError> {
    let service = form.text("MessagingServiceSid").map(str::to_owned);
    let smart = match form.flag("SmartEncoded")? {
        Some(wanted) => wanted,
        None => service
            .as_ref()
            .and_then(|sid| account.service(sid))
            .is_some_and(|service| service.flag("smart_encoding")),
    };
    let counted = match (&content.media.is_empty(), smart) {
        (false, _) => 1,
        (true, true) => segments::count(&segments::smart(&content.body)),
        (true, false) => segments::count(&content.body),
    };
    let with_media = !content.media.is_empty() || form.flag("SendAsMms")?.unwrap_or_default();
    let sid = account.sid(if with_media { "MM" } else { "SM" });
    let media = content.media.iter().map(|kind| Media { sid: account.sid("ME"), kind, at: now }).collect();
    let of_service = service.as_ref().and_then(|sid| account.service(sid));
    let validity =
        of_service.and_then(|service| service.fields.get("validity_period")?.as_i64()).unwrap_or(36_000);
    let index = account.messages.len();
    account.by_sid.insert(sid.clone(), index);
    account.messages.push(Message {
        sid,
        from: form.text("From").map(str::to_owned),
        to: form.text("To").unwrap_or_default().to_owned(),
        body: content.body,
        counted,
        media,
        direction: "outbound-api",
        status: match (&service, send_at) {
            (_, Some(_)) => "scheduled",
            (Some(_), None) => "accepted",
            (None, None) => "queued",
        },
        error: None,
        segments: if service.is_some() { 0 } else { counted },
        service,
        price: None,
        created: now,
        sent: None,
        updated: now,
        callback: form.text("StatusCallback").map(str::to_owned),
        send_at,
        validity: form.whole("ValidityPeriod", 1, 36_000)?.unwrap_or(validity),
        from_template: content.from_template,
        forget_body: form.text("ContentRetention").is_some_and(|how| how != "retain"),
        forget_address: form.text("AddressRetention").is_some_and(|how| how != "retain"),
        deleted: false,
    });
    Ok(index)
}

fn check_service(account: &Account, sid: &str, to: &str, from: Option<&str>) -> Result<(), ApiError> {
    let service = account
        .service(sid)
        .filter(|_| is_sid(sid, "MG"))
        .ok_or_else(|| ApiError::invalid(21701, "The messaging service does not exist"))?;
    if service.numbers.is_empty() && service.names.is_empty() && service.short_codes.is_empty() {
        return Err(ApiError::invalid(21704, "The messaging service has no senders"));
    }
    if from.is_none() && super::services::sender(account, sid, to).is_none() {
        return Err(ApiError::invalid(21703, "The messaging service has no sender for this recipient"));
    }
    Ok(())
}

fn check_sender(account: &Account, from: &str, to: &str, media: bool) -> Result<(), ApiError> {
    let own = |number: &str| -> Result<(), ApiError> {
        let known = account
            .number(number)
            .ok_or_else(|| ApiError::invalid(21659, "The 'From' number is not a Twilio number"))?;
        let can = |what: &str| {
            known.get("capabilities").and_then(|all| all.get(what)).is_some_and(|able| *able == true)
        };
        if !can("sms") {
            return Err(ApiError::invalid(21661, "The 'From' number cannot send text messages"));
        }
        if media && !can("mms") {
            return Err(ApiError::invalid(21621, "The 'From' number cannot send media"));
        }
        Ok(())
    };
    match (Address::of(from), Address::of(to)) {
        (Address::None, _) => return Err(ApiError::of(21212)),
        (Address::Number(number), Address::Number(_)) => own(number)?,
        (Address::Channel(channel, number), Address::Channel(other, _))
            if channel == other && account.number(number).is_some() => {}
        (Address::Channel(..), _) | (_, Address::Channel(..)) => {
            return Err(ApiError::invalid(63007, "The 'From' address is no sender of this channel"));
        }
        // Names do not reach North America.
        (Address::Name, _) if is_american(to) || media => return Err(ApiError::of(21612)),
        (Address::ShortCode, _) => {
            let known = account.services.iter().any(|service| {
                service.short_codes.iter().any(|own| own.get("short_code").is_some_and(|code| code == from))
            });
            if !known {
                return Err(ApiError::invalid(21659, "The 'From' number is not a Twilio number"));
            }
        }
        _ => {}
    }
    account.refusal(from)
}

fn check_recipient(account: &Account, to: &str) -> Result<(), ApiError> {
    account.refusal(to)?;
    let number = to.rsplit_once(':').map_or(to, |(_, number)| number);
    if account.settings.no_permission.iter().any(|code| number.starts_with(code)) {
        return Err(ApiError::of(21408));
    }
    if account.settings.trial && !account.verified.contains(number) {
        return Err(ApiError::of(21608));
    }
    Ok(())
}

fn schedule(form: &Form, service: Option<&str>, now: i64) -> Result<Option<i64>, ApiError> {
    match (form.text("ScheduleType"), form.text("SendAt")) {
        (None, None) => Ok(None),
        (None, Some(_)) => Err(ApiError::invalid(35114, "SendAt needs ScheduleType")),
        (Some(_), _) if service.is_none() => {
            Err(ApiError::invalid(35118, "Scheduling needs a messaging service"))
        }
        (Some(_), None) => Err(ApiError::invalid(35111, "ScheduleType needs SendAt")),
        (Some(_), Some(at)) => {
            let at = stamp::parse_iso(at)
                .ok_or_else(|| ApiError::invalid(35117, "SendAt is not a time like 2026-08-14T10:00:00Z"))?;
            if at - now <= SOONEST || at - now > LATEST {
                let text = "SendAt must be more than 300 seconds and at most 35 days ahead";
                return Err(ApiError::invalid(35115, text));
            }
            Ok(Some(at))
        }
    }
}
