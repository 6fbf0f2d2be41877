//! `POST /v3/mail/send`: the checks, one after the other, and the start of what comes of it.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use super::error::{Answer, ApiError, Outcome};
use super::events::Metric;
use super::fields::{self, Field, Kind, is_address, may, must, text};
use super::lifecycle::{self, Delivery, State};
use super::message::{self, Bypass, Part, Sent};
use super::state::{Account, is};

/// The most bytes of a request, attachments included.
const LARGEST: usize = 30 * 1024 * 1024;
const MOST_RECIPIENTS: usize = 1000;
/// Bytes of custom arguments of one personalization, and of its substitutions.
const MOST_ARGUMENTS: usize = 10_000;
/// How far ahead a message may be scheduled, in seconds.
const FURTHEST: u64 = 72 * 3600;

const RESERVED: &[&str] = &[
    "x-sg-id",
    "x-sg-eid",
    "received",
    "dkim-signature",
    "content-type",
    "content-transfer-encoding",
    "to",
    "from",
    "subject",
    "reply-to",
    "cc",
    "bcc",
];

const ANY: usize = usize::MAX;
const ADDRESS: Kind = Kind::Object(&[may("email", Kind::Text(ANY)), may("name", Kind::Text(ANY))]);
const ADDRESSES: Kind = Kind::List(&ADDRESS, 1000);
const ENABLE: Kind = Kind::Object(&[may("enable", Kind::Flag)]);

const PERSONALIZATION: Kind = Kind::Object(&[
    may("from", ADDRESS),
    may("to", ADDRESSES),
    may("cc", ADDRESSES),
    may("bcc", ADDRESSES),
    may("subject", Kind::Text(ANY)),
    may("headers", Kind::Texts),
    may("substitutions", Kind::Texts),
    may("dynamic_template_data", Kind::Data),
    may("custom_args", Kind::Texts),
    may("send_at", Kind::Whole),
]);

const CONTENT: Kind = Kind::Object(&[must("type", Kind::Text(ANY)), may("value", Kind::Text(ANY))]);

const ATTACHMENT: Kind = Kind::Object(&[
    must("content", Kind::Text(ANY)),
    may("type", Kind::Text(ANY)),
    must("filename", Kind::Text(ANY)),
    may("disposition", Kind::Word(&["inline", "attachment"])),
    may("content_id", Kind::Text(ANY)),
]);

const MAIL_SETTINGS: Kind = Kind::Object(&[
    may("bypass_list_management", ENABLE),
    may("bypass_spam_management", ENABLE),
    may("bypass_bounce_management", ENABLE),
    may("bypass_unsubscribe_management", ENABLE),
    may(
        "footer",
        Kind::Object(&[
            may("enable", Kind::Flag),
            may("text", Kind::Text(ANY)),
            may("html", Kind::Text(ANY)),
        ]),
    ),
    may("sandbox_mode", ENABLE),
]);

const TRACKING_SETTINGS: Kind = Kind::Object(&[
    may("click_tracking", Kind::Object(&[may("enable", Kind::Flag), may("enable_text", Kind::Flag)])),
    may(
        "open_tracking",
        Kind::Object(&[may("enable", Kind::Flag), may("substitution_tag", Kind::Text(ANY))]),
    ),
    may(
        "subscription_tracking",
        Kind::Object(&[
            may("enable", Kind::Flag),
            may("text", Kind::Text(ANY)),
            may("html", Kind::Text(ANY)),
            may("substitution_tag", Kind::Text(ANY)),
        ]),
    ),
    may(
        "ganalytics",
        Kind::Object(&[
            may("enable", Kind::Flag),
            may("utm_source", Kind::Text(ANY)),
            may("utm_medium", Kind::Text(ANY)),
            may("utm_term", Kind::Text(ANY)),
            may("utm_content", Kind::Text(ANY)),
            may("utm_campaign", Kind::Text(ANY)),
        ]),
    ),
]);

const FIELDS: &[Field] = &[
    may("personalizations", Kind::List(&PERSONALIZATION, ANY)),
    may("from", ADDRESS),
    may("reply_to", ADDRESS),
    may("reply_to_list", ADDRESSES),
    may("subject", Kind::Text(ANY)),
    may("content", Kind::List(&CONTENT, ANY)),
    may("attachments", Kind::List(&ATTACHMENT, ANY)),
    may("template_id", Kind::Text(ANY)),
    may("headers", Kind::Texts),
    may("categories", Kind::List(&Kind::Text(255), 10)),
    may("custom_args", Kind::Texts),
    may("send_at", Kind::Whole),
    may("batch_id", Kind::Text(ANY)),
    may(
        "asm",
        Kind::Object(&[
            must("group_id", Kind::Whole),
            may("groups_to_display", Kind::List(&Kind::Whole, 25)),
        ]),
    ),
    may("ip_pool_name", Kind::Text(64)),
    may("mail_settings", MAIL_SETTINGS),
    may("tracking_settings", TRACKING_SETTINGS),
];

const NO_FROM: &str = "The from object must be provided for every email send. It is an object that requires the \
    email parameter, but may also contain a name parameter.  e.g. {\"email\" : \"example@example.com\"}  or \
    {\"email\" : \"example@example.com\", \"name\" : \"Example Recipient\"}.";
const NO_TO: &str = "The to array is required for all personalization objects, and must have at least one email \
    object with a valid email address.";
const NO_SUBJECT: &str = "The subject is required. You can get around this requirement if you use a template with \
    a subject defined or if every personalization has a subject defined.";
const NO_CONTENT: &str = "Unless a valid template_id is provided, the content parameter is required. There must be \
    at least one defined content block. We typically suggest both text/plain and text/html blocks are included, but \
    only one block is required.";
const NO_IDENTITY: &str = "The from address does not match a verified Sender Identity. Mail cannot be sent until \
    this error is resolved. Visit https://sendgrid.com/docs/for-developers/sending-email/sender-identity/ to see the \
    Sender Identity requirements";

fn refused<T>(message: impl Into<String>, field: &str) -> Result<T, ApiError> {
    Err(ApiError::mail(message, field))
}

fn list<'a>(map: &'a Map<String, Value>, name: &str) -> &'a [Value] {
    map.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

fn object<'a>(map: &'a Map<String, Value>, name: &str) -> Option<&'a Map<String, Value>> {
    map.get(name).and_then(Value::as_object)
}

/// Accepts a message with 202, or with 200 in sandbox mode, where nothing comes of it.
pub(super) fn send(account: &mut Account, body: &[u8]) -> Outcome {
    if body.len() > LARGEST {
        return Err(ApiError::null_text(413, "content too large"));
    }
    let request = fields::parse(body, FIELDS, ApiError::mail)?;
    let recipients = check_personalizations(account, &request)?;
    check_senders(&request)?;
    check_content(account, &request)?;
    check_rest(account, &request)?;
    if !account.settings.enabled {
        return Err(ApiError::plain(401, "Authenticated user is not authorized to send mail"));
    }
    check_identity(account, &request)?;
    let sandbox = object(&request, "mail_settings").and_then(|settings| object(settings, "sandbox_mode"));
    if sandbox.and_then(|mode| mode.get("enable")).and_then(Value::as_bool) == Some(true) {
        return Ok(Answer { status: 200, body: None, message_id: None });
    }
    let needed = u64::try_from(recipients).unwrap_or(u64::MAX);
    if account.settings.credits < needed {
        return Err(ApiError::plain(401, "Maximum credits exceeded"));
    }
    account.settings.credits -= needed;
    account.used += needed;
    account.count(account.now, Metric::Requests.word(), needed);
    let id = accept(account, &request);
    lifecycle::advance(account, account.now);
    Ok(Answer { status: 202, body: None, message_id: Some(id) })
}

/// The personalizations and everybody in them. Gives how many recipients there are.
fn check_personalizations(account: &Account, request: &Map<String, Value>) -> Result<usize, ApiError> {
    let parts = list(request, "personalizations");
    if parts.is_empty() {
        let message = "The personalizations field is required and must have at least one personalization.";
        return refused(message, "personalizations");
    }
    if parts.len() > 1000 {
        let message = format!(
            "The personalization block is limited to 1000 personalizations per API request. You have provided {} \
             personalizations. Please consider splitting this into multiple requests and resending your request.",
            parts.len()
        );
        return refused(message, "personalizations");
    }
    let dynamic = text(request, "template_id").starts_with("d-");
    let mut total = 0;
    for (at, part) in parts.iter().filter_map(Value::as_object).enumerate() {
        let path = format!("personalizations.{at}");
        if list(part, "to").is_empty() {
            return refused(NO_TO, &format!("{path}.to"));
        }
        total += check_recipients(part, &path)?;
        if let Some(from) = object(part, "from") {
            check_from(from, &format!("{path}.from"))?;
        }
        if part.get("subject").is_some_and(|subject| subject == "") {
            return refused(
                "The subject must be at least one character in length.",
                &format!("{path}.subject"),
            );
        }
        if dynamic && part.contains_key("substitutions") {
            let message = "Substitutions may not be used with dynamic templating";
            return refused(message, &format!("{path}.substitutions"));
        }
        check_size(
            object(part, "substitutions").cloned().unwrap_or_default(),
            &format!("{path}.substitutions"),
        )?;
        let mut arguments = object(request, "custom_args").cloned().unwrap_or_default();
        arguments.extend(object(part, "custom_args").cloned().unwrap_or_default());
        check_size(arguments, &format!("{path}.custom_args"))?;
        check_headers(part, &format!("{path}.headers"))?;
        check_time(account, part, &format!("{path}.send_at"))?;
    }
    if total > MOST_RECIPIENTS {
        let message = "There is a limit of 1000 total recipients (to + cc + bcc) per request.";
        return refused(message, "personalizations");
    }
    Ok(total)
}

fn check_recipients(part: &Map<String, Value>, path: &str) -> Result<usize, ApiError> {
    let mut seen = BTreeSet::new();
    for role in ["to", "cc", "bcc"] {
        for (at, one) in list(part, role).iter().filter_map(Value::as_object).enumerate() {
            let email = text(one, "email");
            if !is_address(email) {
                return refused("Does not contain a valid address.", &format!("{path}.{role}.{at}.email"));
            }
            if text(one, "name").contains([',', ';']) {
                let message = "The name must not contain a comma or a semicolon.";
                return refused(message, &format!("{path}.{role}.{at}.name"));
            }
            if !seen.insert(email.to_lowercase()) {
                let message = format!(
                    "Each email address in the personalization block should be unique between to, cc, and bcc. We \
                     found the first duplicate instance of [{email}] in the {path}.{role} field."
                );
                return refused(message, path);
            }
        }
    }
    Ok(seen.len())
}

fn check_size(texts: Map<String, Value>, path: &str) -> Result<(), ApiError> {
    if texts.is_empty() || Value::Object(texts).to_string().len() < MOST_ARGUMENTS {
        return Ok(());
    }
    refused(format!("The total length must be less than {MOST_ARGUMENTS} bytes."), path)
}

fn check_headers(holder: &Map<String, Value>, path: &str) -> Result<(), ApiError> {
    for name in object(holder, "headers").into_iter().flat_map(Map::keys) {
        if name.is_empty() || !name.is_ascii() || RESERVED.contains(&name.to_ascii_lowercase().as_str()) {
            return refused(
                format!("The header {name} is reserved and cannot be used, or is not ASCII."),
                path,
            );
        }
    }
    Ok(())
}

/// At most 72 hours ahead; a time that is past is fine and means now.
fn check_time(account: &Account, holder: &Map<String, Value>, path: &str) -> Result<(), ApiError> {
    let Some(time) = holder.get("send_at") else { return Ok(()) };
    if time.as_u64().is_some_and(|at| at > account.now.saturating_add(FURTHEST)) {
        return refused("The send_at time cannot be more than 72 hours in the future.", path);
    }
    Ok(())
}

fn check_from(from: &Map<String, Value>, path: &str) -> Result<(), ApiError> {
    let email = text(from, "email");
    if email.is_empty() {
        return refused(NO_FROM, &format!("{path}.email"));
    }
    if !is_address(email) || !email.is_ascii() {
        return refused("The from email does not contain a valid address.", &format!("{path}.email"));
    }
    Ok(())
}

fn check_senders(request: &Map<String, Value>) -> Result<(), ApiError> {
    check_from(object(request, "from").unwrap_or(&Map::new()), "from")?;
    if request.contains_key("reply_to") && request.contains_key("reply_to_list") {
        return refused("reply_to and reply_to_list cannot be used together.", "reply_to_list");
    }
    if let Some(reply) = object(request, "reply_to")
        && !is_address(text(reply, "email"))
    {
        return refused("The reply_to email does not contain a valid address.", "reply_to.email");
    }
    let mut seen = BTreeSet::new();
    for (at, one) in list(request, "reply_to_list").iter().filter_map(Value::as_object).enumerate() {
        let email = text(one, "email");
        if !is_address(email) {
            return refused("Does not contain a valid address.", &format!("reply_to_list.{at}.email"));
        }
        if !seen.insert(email.to_lowercase()) {
            return refused("Each email address in reply_to_list must be unique.", "reply_to_list");
        }
    }
    Ok(())
}

fn check_content(account: &Account, request: &Map<String, Value>) -> Result<(), ApiError> {
    let template = request.get("template_id").and_then(Value::as_str);
    if let Some(id) = template
        && !account.templates.iter().any(|known| is(known, "id", id))
    {
        let message = format!("The template_id must be a valid GUID, you provided '{id}'.");
        return refused(message, "template_id");
    }
    let version = template.and_then(|id| message::active(account, id));
    let supplies = |name: &str| {
        let text = version.and_then(|(version, _)| version.get(name)).and_then(Value::as_str);
        text.is_some_and(|text| !text.is_empty())
    };
    let parts = list(request, "personalizations").iter().filter_map(Value::as_object);
    let everywhere = parts.clone().all(|part| !text(part, "subject").is_empty());
    if text(request, "subject").is_empty() && !everywhere && !supplies("subject") {
        return refused(NO_SUBJECT, "subject");
    }
    let content = list(request, "content");
    if content.is_empty() && !supplies("html_content") && !supplies("plain_content") {
        return refused(NO_CONTENT, "content");
    }
    let mut rank = 0;
    for (at, block) in content.iter().filter_map(Value::as_object).enumerate() {
        let kind = text(block, "type");
        if kind.is_empty() || kind.contains([';', '\r', '\n']) {
            let message = "The content type must be a string at least one character in length, without ; and line \
                breaks.";
            return refused(message, &format!("content.{at}.type"));
        }
        if text(block, "value").is_empty() {
            let message = "The content value must be a string at least one character in length.";
            return refused(message, &format!("content.{at}.value"));
        }
        let own = match kind {
            "text/plain" => 1,
            "text/html" => 2,
            _ => 3,
        };
        if own < rank || (own == rank && own < 3) {
            let message = "If present, text/plain and text/html may only be provided once. text/plain must be \
                first, followed by text/html, followed by any other content.";
            return refused(message, "content");
        }
        rank = own;
    }
    Ok(())
}

fn check_rest(account: &Account, request: &Map<String, Value>) -> Result<(), ApiError> {
    for (at, attachment) in list(request, "attachments").iter().filter_map(Value::as_object).enumerate() {
        let content = text(attachment, "content");
        if content.is_empty() || STANDARD.decode(content).is_err() {
            let message = "The attachment content must be base64 encoded.";
            return refused(message, &format!("attachments.{at}.content"));
        }
        if text(attachment, "filename").is_empty() {
            let message = "The attachment filename must be at least one character in length.";
            return refused(message, &format!("attachments.{at}.filename"));
        }
    }
    let categories = list(request, "categories");
    let unique: BTreeSet<_> = categories.iter().filter_map(Value::as_str).collect();
    if unique.len() != categories.len() {
        return refused("Categories must be unique.", "categories");
    }
    check_headers(request, "headers")?;
    check_time(account, request, "send_at")?;
    if let Some(batch) = request.get("batch_id").and_then(Value::as_str)
        && !account.batches.contains(batch)
    {
        return refused("invalid batch id", "batch_id");
    }
    if let Some(group) = object(request, "asm").and_then(|asm| asm.get("group_id"))
        && !account.groups.iter().any(|known| Some(known.id) == group.as_u64())
    {
        return refused("The asm group_id does not exist.", "asm.group_id");
    }
    if request.get("ip_pool_name").and_then(Value::as_str).is_some_and(|name| name.chars().count() < 2) {
        return refused("The ip_pool_name must be between 2 and 64 characters.", "ip_pool_name");
    }
    if let Some(settings) = object(request, "mail_settings") {
        let others = ["bypass_spam_management", "bypass_bounce_management", "bypass_unsubscribe_management"];
        if settings.contains_key("bypass_list_management")
            && others.iter().any(|name| settings.contains_key(*name))
        {
            let message = "bypass_list_management cannot be combined with other bypass settings.";
            return refused(message, "mail_settings.bypass_list_management");
        }
    }
    Ok(())
}

/// The sender, and those of single personalizations, must be verified, or of an authenticated domain.
fn check_identity(account: &Account, request: &Map<String, Value>) -> Result<(), ApiError> {
    let parts = list(request, "personalizations").iter().filter_map(Value::as_object);
    let senders = object(request, "from").into_iter().chain(parts.filter_map(|part| object(part, "from")));
    for from in senders {
        let email = text(from, "email").to_lowercase();
        let domain = email.rsplit_once('@').map(|(_, domain)| domain).unwrap_or_default();
        let verified = account.senders.iter().any(|sender| {
            let own = sender.get("from_email").and_then(Value::as_str).unwrap_or_default();
            own.eq_ignore_ascii_case(&email) && sender.get("verified").and_then(Value::as_bool) == Some(true)
        });
        let authenticated = account.domains.iter().any(|known| {
            is(known, "domain", domain) && known.get("valid").and_then(Value::as_bool) == Some(true)
        });
        if !verified && !authenticated {
            return Err(ApiError::mail(NO_IDENTITY, "from").with_status(403));
        }
    }
    Ok(())
}

/// Puts a checked message on its way. Gives its id.
fn accept(account: &mut Account, request: &Map<String, Value>) -> String {
    let id = account.ids.letters(22);
    let sent = account.sent.len();
    let first = account.deliveries.len();
    let default_time = request.get("send_at").and_then(Value::as_u64);
    let mut parts = Vec::new();
    for part in list(request, "personalizations").iter().filter_map(Value::as_object) {
        let (subject, content) = message::compose(account, request, part);
        let both = |name: &str| {
            let mut all = object(request, name).cloned().unwrap_or_default();
            all.extend(object(part, name).cloned().unwrap_or_default());
            all
        };
        let send_at = part.get("send_at").and_then(Value::as_u64).or(default_time);
        let due = send_at.unwrap_or_default().max(account.now);
        for role in ["to", "cc", "bcc"] {
            for one in list(part, role).iter().filter_map(Value::as_object) {
                let number = account.deliveries.len();
                account.deliveries.push(Delivery {
                    sent,
                    part: parts.len(),
                    email: text(one, "email").to_owned(),
                    role,
                    due,
                    state: State::Scheduled,
                    message_id: format!("{id}.recvd-0-1-{:X}-{}.0", account.now, number - first),
                    attempts: 0,
                    opened: false,
                    clicked: false,
                });
                account.queue.insert((due, number));
            }
        }
        let (args, headers) = (both("custom_args"), both("headers"));
        parts.push(Part { subject, content, args, headers, send_at });
    }
    account.sent.push(Sent {
        id: id.clone(),
        at: account.now,
        batch: request.get("batch_id").and_then(Value::as_str).map(str::to_owned),
        categories: list(request, "categories").to_vec(),
        group: object(request, "asm").and_then(|asm| asm.get("group_id")).and_then(Value::as_u64),
        bypass: Bypass::of(request),
        attachments: list(request, "attachments").len(),
        from: request.get("from").cloned().unwrap_or_default(),
        template: request.get("template_id").and_then(Value::as_str).map(str::to_owned),
        parts,
        deliveries: first..account.deliveries.len(),
    });
    id
}
