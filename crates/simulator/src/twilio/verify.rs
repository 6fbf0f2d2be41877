//! Verify v2: a code is sent, and checked.

use http::Method;
use serde_json::{Value, json};

use super::address::is_e164;
use super::error::ApiError;
use super::page::Page;
use super::router::{Answer, Ask};
use super::stamp;
use super::state::Account;

/// Seconds that a code is good for.
const LASTS: i64 = 600;
const MOST_SENDS: usize = 5;
const MOST_CHECKS: usize = 5;

pub(super) struct Verification {
    pub(super) sid: String,
    pub(super) service: String,
    pub(super) to: String,
    pub(super) channel: String,
    pub(super) status: &'static str,
    pub(super) code: String,
    /// The attempts to send: id, channel, time.
    sends: Vec<(String, String, i64)>,
    checks: usize,
    created: i64,
    updated: i64,
}

impl Verification {
    pub(super) fn is_open(&self, now: i64) -> bool {
        self.status == "pending" && now < self.created + LASTS
    }

    pub(super) fn show(&self, account: &str, ask: &Ask<'_>) -> Value {
        let url = ask.url("verify", &format!("/v2/Services/{}/Verifications/{}", self.service, self.sid));
        let sends: Vec<Value> = self
            .sends
            .iter()
            .map(|(sid, channel, at)| {
                json!({ "attempt_sid": sid, "channel": channel, "time": stamp::iso(*at) })
            })
            .collect();
        json!({
            "sid": self.sid, "service_sid": self.service, "account_sid": account, "to": self.to,
            "channel": self.channel, "status": self.status, "valid": self.status == "approved", "lookup": {},
            "amount": null, "payee": null, "send_code_attempts": sends, "date_created": stamp::iso(self.created),
            "date_updated": stamp::iso(self.updated), "sna": null, "url": url,
        })
    }
}

pub(super) fn new_service(account: &mut Account, name: &str, now: i64) -> Value {
    let sid = account.sid("VA");
    json!({
        "sid": sid, "account_sid": account.sid, "friendly_name": name, "code_length": 6, "lookup_enabled": false,
        "psd2_enabled": false, "skip_sms_to_landlines": false, "dtmf_input_required": true, "tts_name": null,
        "do_not_share_warning_enabled": false, "custom_code_enabled": true, "push": {}, "totp": {},
        "default_template_sid": null, "whatsapp": null, "passkeys": null, "verify_event_subscription_enabled": false,
        "date_created": stamp::iso(now), "date_updated": stamp::iso(now),
        "url": format!("https://verify.twilio.com/v2/Services/{sid}"), "links": {},
    })
}

fn is_service(row: &Value, sid: &str) -> bool {
    row.get("sid").is_some_and(|own| own == sid)
}

pub(super) fn run(account: &mut Account, ask: &Ask<'_>, rest: &[&str], now: i64) -> Result<Answer, ApiError> {
    match (ask.method, rest) {
        (&Method::GET, []) => {
            let page = Page::of(&ask.query, &[], &[])?;
            let rows = account
                .verify_services
                .iter()
                .map(|row| {
                    (row.get("sid").and_then(Value::as_str).unwrap_or_default().to_owned(), row.clone())
                })
                .collect();
            Ok(Answer::ok(page.product(&ask.url("verify", &ask.path), "services", rows)?))
        }
        (&Method::GET, [service]) => {
            let row = account.verify_services.iter().find(|row| is_service(row, service));
            Ok(Answer::ok(row.ok_or_else(|| ask.not_found())?.clone()))
        }
        (_, [service, ..]) if !account.verify_services.iter().any(|row| is_service(row, service)) => {
            Err(ask.not_found())
        }
        (&Method::POST, [service, "Verifications"]) => start(account, ask, service, now),
        (&Method::POST, [service, "VerificationCheck"]) => check(account, ask, service, now),
        (&Method::GET, [service, "Verifications", which]) => {
            let at = find(account, service, which, now).ok_or_else(|| ask.not_found())?;
            one(account, ask, at)
        }
        (&Method::POST, [service, "Verifications", which]) => {
            ask.form.check(&["Status"], &[])?;
            let status = match ask.form.one_of("Status", &["canceled", "approved"])? {
                Some("canceled") => "canceled",
                Some(_) => "approved",
                None => return Err(ApiError::invalid(60200, "Missing required parameter `Status`")),
            };
            let at = find(account, service, which, now).ok_or_else(|| ask.not_found())?;
            if let Some(known) = account.verifications.get_mut(at) {
                known.status = status;
                known.updated = now;
            }
            one(account, ask, at)
        }
        _ => Err(ask.not_found()),
    }
}

/// An open one, by its id or by whom it goes to.
fn find(account: &Account, service: &str, which: &str, now: i64) -> Option<usize> {
    account.verifications.iter().position(|known| {
        known.service == service && known.is_open(now) && (known.sid == which || known.to == which)
    })
}

fn one(account: &Account, ask: &Ask<'_>, at: usize) -> Result<Answer, ApiError> {
    let known = account.verifications.get(at).ok_or_else(|| ask.not_found())?;
    Ok(Answer::ok(known.show(&account.sid, ask)))
}

fn invalid(name: &str) -> ApiError {
    ApiError::invalid(60200, format!("Invalid parameter `{name}`"))
}

const START: &[&str] = &[
    "To",
    "Channel",
    "CustomFriendlyName",
    "CustomMessage",
    "SendDigits",
    "Locale",
    "CustomCode",
    "Amount",
    "Payee",
    "RateLimits",
    "ChannelConfiguration",
    "AppHash",
    "TemplateSid",
    "TemplateCustomSubstitutions",
    "DeviceIp",
    "EnableSnaClientToken",
    "RiskCheck",
    "Tags",
];

fn start(account: &mut Account, ask: &Ask<'_>, service: &str, now: i64) -> Result<Answer, ApiError> {
    let form = &ask.form;
    form.check(START, &[])?;
    let to = form.text("To").ok_or_else(|| invalid("To"))?;
    let channel = form.text("Channel").ok_or_else(|| invalid("Channel"))?;
    let reaches = match channel {
        "sms" | "call" | "whatsapp" | "sna" | "auto" => is_e164(to),
        "email" => to.split_once('@').is_some_and(|(user, host)| !user.is_empty() && host.contains('.')),
        _ => return Err(invalid("Channel")),
    };
    if !reaches {
        return Err(invalid("To"));
    }
    let code = form.text("CustomCode");
    if code.is_some_and(|code| {
        !(4..=10).contains(&code.len()) || !code.bytes().all(|b| b.is_ascii_alphanumeric())
    }) {
        return Err(invalid("CustomCode"));
    }
    for name in ["Tags", "RateLimits", "ChannelConfiguration", "TemplateCustomSubstitutions"] {
        if form.text(name).is_some_and(|text| serde_json::from_str::<Value>(text).is_err()) {
            return Err(invalid(name));
        }
    }
    form.one_of("RiskCheck", &["enable", "disable"])?;
    form.flag("EnableSnaClientToken")?;
    if let Some(code) = account.refusals.get(to) {
        return Err(ApiError::of(*code));
    }
    let attempt = (account.sid("VL"), channel.to_owned(), now);
    let at = if let Some(at) = find(account, service, to, now) {
        let known = account.verifications.get_mut(at).ok_or_else(|| ask.not_found())?;
        if known.sends.len() >= MOST_SENDS {
            return Err(ApiError::of(60203));
        }
        known.sends.push(attempt);
        known.updated = now;
        channel.clone_into(&mut known.channel);
        if let Some(code) = code {
            code.clone_into(&mut known.code);
        }
        at
    } else {
        let sid = account.sid("VE");
        let code = code.map_or_else(|| account.ids.digits(6), str::to_owned);
        account.verifications.push(Verification {
            sid,
            service: service.to_owned(),
            to: to.to_owned(),
            channel: channel.to_owned(),
            status: "pending",
            code,
            sends: vec![attempt],
            checks: 0,
            created: now,
            updated: now,
        });
        account.verifications.len() - 1
    };
    let known = account.verifications.get(at).ok_or_else(|| ask.not_found())?;
    Ok(Answer::created(known.show(&account.sid, ask)))
}

fn check(account: &mut Account, ask: &Ask<'_>, service: &str, now: i64) -> Result<Answer, ApiError> {
    let form = &ask.form;
    form.check(&["Code", "To", "VerificationSid", "Amount", "Payee", "SnaClientToken"], &[])?;
    let which = form.text("VerificationSid").or_else(|| form.text("To")).ok_or_else(|| invalid("To"))?;
    let code = form.text("Code").ok_or_else(|| invalid("Code"))?;
    // Approved, canceled and old ones are gone.
    let at = find(account, service, which, now).ok_or_else(|| ask.not_found())?;
    let known = account.verifications.get_mut(at).ok_or_else(|| ask.not_found())?;
    if known.checks >= MOST_CHECKS {
        return Err(ApiError::of(60202));
    }
    known.checks += 1;
    if known.code == code {
        known.status = "approved";
        known.updated = now;
    }
    Ok(Answer::ok(json!({
        "sid": known.sid, "service_sid": known.service, "account_sid": account.sid, "to": known.to,
        "channel": known.channel, "status": known.status, "valid": known.status == "approved", "amount": null,
        "payee": null, "sna_attempts_error_codes": [], "date_created": stamp::iso(known.created),
        "date_updated": stamp::iso(known.updated),
    })))
}
