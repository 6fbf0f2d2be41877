//! From core's message to Twilio's parameters.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use turnbuckle_core::credential::Settings;
use turnbuckle_core::messaging::{
    MessageClass, PhoneNumber, Sender, SmsBody, SmsMessage, Template, Unsubscribe,
};
use turnbuckle_core::payment::WireKey;
use turnbuckle_core::{Error, ErrorKind, FieldError, Result};
use url::{Host, Url};

use super::callback_for;
use crate::CreateMessage;
use crate::client::{PROVIDER, is_sid};

/// The least time ahead that Twilio schedules for, exclusive: 300 seconds.
/// See <https://www.twilio.com/docs/api/errors/35115>.
const SOONEST: TimeDelta = TimeDelta::seconds(300);
/// The most, inclusive: 35 days.
const LATEST: TimeDelta = TimeDelta::days(35);
/// Seconds that a message may wait at Twilio.
const MAX_VALIDITY: u64 = 36_000;

/// What the settings say about messages that do not say it themselves.
#[derive(Default)]
pub(super) struct Defaults {
    pub(super) sender: Option<Sender>,
    pub(super) service: Option<String>,
    pub(super) callback: Option<Url>,
}

impl Defaults {
    pub(super) fn from_settings(settings: &Settings) -> Result<Self> {
        let text = |name| settings.text(name).filter(|text| !text.is_empty());
        let mut problems = Vec::new();
        let mut problem =
            |field: &'static str, problem: &'static str| problems.push(FieldError::new(field, problem));
        let sender = text("from").map(|from| sender(from).ok_or(()));
        if sender == Some(Err(())) {
            problem(
                "from",
                "is no number like +14155550123, short code, name of up to 11 characters or MG SID",
            );
        }
        let mut service = text("messagingServiceSid").map(str::to_owned);
        if service.as_ref().is_some_and(|sid| !is_sid("MG", sid)) {
            problem("messagingServiceSid", "is not a messaging service's SID (MG and 32 hexadecimal digits)");
        }
        let callback = text("statusCallbackUrl").map(|url| callback(url).ok_or(()));
        if callback == Some(Err(())) {
            problem("statusCallbackUrl", "is not an https address that Twilio could reach");
        }
        if !problems.is_empty() {
            return Err(Error::new(ErrorKind::InvalidConfig, "the settings cannot be used")
                .with_fields(problems)
                .with_provider(PROVIDER));
        }
        let mut sender = sender.and_then(Result::ok);
        if let Some(Sender::Pool(pool)) = &sender {
            service = service.or_else(|| Some(pool.clone()));
            sender = None;
        }
        Ok(Self { sender, service, callback: callback.and_then(Result::ok) })
    }

    /// The parameters, or which field cannot be sent.
    pub(super) fn request(
        &self,
        message: &SmsMessage,
        key: &WireKey,
        now: DateTime<Utc>,
    ) -> Result<CreateMessage> {
        #[cfg(feature = "e164")]
        crate::e164::check(&message.to)
            .map_err(|_| Error::invalid_field("to", "is in no country's numbering plan"))?;
        let mut request = CreateMessage::new(message.to.as_str());
        self.write_sender(&mut request, message)?;
        match &message.body {
            SmsBody::Text(text) => request = write_text(request, text, !message.media.is_empty())?,
            SmsBody::Template(template) => {
                request = write_template(request, template)?;
                if !message.media.is_empty() {
                    return Err(Error::invalid_field("media", "stand in the template where there is one"));
                }
            }
            _ => return Err(Error::unsupported("Twilio sends texts and content templates")),
        }
        check_class(message, request.from.as_deref())?;
        request = write_media(request, &message.media)?;
        if let Some(at) = message.send_at {
            check_time(at, now)?;
            request.send_at = Some(at);
        }
        if let Some(time) = message.valid_for {
            let seconds = Some(time.as_secs()).filter(|_| time.subsec_nanos() == 0);
            let seconds = seconds.filter(|seconds| (1..=MAX_VALIDITY).contains(seconds));
            let wrong = || Error::invalid_field("valid_for", "must be 1 to 36,000 whole seconds");
            request.validity_period =
                Some(seconds.and_then(|seconds| u32::try_from(seconds).ok()).ok_or_else(wrong)?);
        }
        request.status_callback = self.callback.as_ref().map(|url| callback_for(url, key));
        Ok(request)
    }

    /// The message's own sender, or the default. Scheduling is the messaging service's, so it goes along then.
    fn write_sender(&self, request: &mut CreateMessage, message: &SmsMessage) -> Result<()> {
        let own = message.from.as_ref();
        match own.or(self.sender.as_ref()) {
            Some(Sender::Number(number)) => request.from = Some(number.as_str().to_owned()),
            Some(Sender::Name(name)) => {
                if !is_name(name) && !is_short_code(name) {
                    let problem = "is no name of up to 11 letters, digits and spaces with a letter in it";
                    return Err(Error::invalid_field("from", problem));
                }
                request.from = Some(name.clone());
            }
            Some(Sender::Pool(pool)) => {
                if !is_sid("MG", pool) {
                    return Err(Error::invalid_field("from", "is not a messaging service's SID"));
                }
                request.messaging_service_sid = Some(pool.clone());
            }
            None => {}
            Some(_) => return Err(Error::unsupported("Twilio has no such sender")),
        }
        // A sender that a message names itself speaks alone, unless it is to be scheduled.
        if request.messaging_service_sid.is_none() && (own.is_none() || message.send_at.is_some()) {
            request.messaging_service_sid.clone_from(&self.service);
        }
        if request.from.is_none() && request.messaging_service_sid.is_none() {
            return Err(Error::invalid_field(
                "from",
                "is required: neither the message nor the settings name a sender",
            ));
        }
        if message.send_at.is_some() && request.messaging_service_sid.is_none() {
            return Err(Error::invalid_field("send_at", "needs a messaging service"));
        }
        Ok(())
    }
}

fn write_text(mut request: CreateMessage, text: &str, has_media: bool) -> Result<CreateMessage> {
    if text.chars().count() > CreateMessage::MAX_BODY {
        return Err(Error::invalid_field("body", "is longer than 1600 characters"));
    }
    if text.is_empty() && !has_media {
        return Err(Error::invalid_field("body", "is empty"));
    }
    request.body = Some(text.to_owned()).filter(|text| !text.is_empty());
    Ok(request)
}

fn write_template(mut request: CreateMessage, template: &Template) -> Result<CreateMessage> {
    if !is_sid("HX", &template.id) {
        return Err(Error::invalid_field("template", "is not a content template's SID"));
    }
    if !template.data.values().all(Value::is_string) {
        return Err(Error::invalid_field(
            "template",
            "takes texts only: Twilio's variables have no other type",
        ));
    }
    request.content_sid = Some(template.id.clone());
    if !template.data.is_empty() {
        request.content_variables = Some(Value::Object(template.data.clone()).to_string());
    }
    Ok(request)
}

fn write_media(mut request: CreateMessage, media: &[Url]) -> Result<CreateMessage> {
    if media.len() > CreateMessage::MAX_MEDIA {
        return Err(Error::invalid_field("media", "are more than 10"));
    }
    if media.iter().any(|url| !matches!(url.scheme(), "http" | "https")) {
        return Err(Error::invalid_field("media", "have an address that is neither http nor https"));
    }
    request.media_urls = media.to_vec();
    Ok(request)
}

/// A marketing message has to say how it ends, and be able to.
fn check_class(message: &SmsMessage, from: Option<&str>) -> Result<()> {
    let MessageClass::Marketing { unsubscribe } = &message.class else { return Ok(()) };
    let refuse = |problem| Err(Error::invalid_field("class", problem));
    match (unsubscribe, &message.body) {
        (Unsubscribe::Keyword, _) if from.is_some_and(is_name) => {
            refuse("ends by an answer, and nobody can answer a name")
        }
        (Unsubscribe::Link(link), SmsBody::Text(text))
            if !text.contains(link.as_str().trim_end_matches('/')) =>
        {
            refuse("ends by a link that the text does not hold")
        }
        // What a template says is not known here.
        (Unsubscribe::Keyword | Unsubscribe::Link(_), _) => Ok(()),
        _ => refuse("ends by a list, and Twilio keeps none"),
    }
}

fn check_time(at: DateTime<Utc>, now: DateTime<Utc>) -> Result<()> {
    let ahead = at.signed_duration_since(now);
    if ahead <= SOONEST {
        return Err(Error::invalid_field("send_at", "must be more than 300 seconds ahead"));
    }
    if ahead > LATEST {
        return Err(Error::invalid_field("send_at", "must be at most 35 days ahead"));
    }
    Ok(())
}

/// A sender as a setting or an environment variable holds it.
fn sender(text: &str) -> Option<Sender> {
    if text.starts_with('+') {
        return PhoneNumber::new(text).ok().map(Sender::Number);
    }
    if text.starts_with("MG") && text.len() == 34 {
        return is_sid("MG", text).then(|| Sender::Pool(text.to_owned()));
    }
    (is_name(text) || is_short_code(text)).then(|| Sender::Name(text.to_owned()))
}

/// See <https://www.twilio.com/docs/glossary/what-alphanumeric-sender-id>.
fn is_name(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b" +-_&".contains(&byte);
    (1..=11).contains(&text.len())
        && text.bytes().all(allowed)
        && text.bytes().any(|byte| byte.is_ascii_alphabetic())
}

fn is_short_code(text: &str) -> bool {
    (3..=8).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Where callbacks go: HTTPS, or this machine, for stand-ins. What travels there is personal.
fn callback(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let local = match url.host()? {
        Host::Domain(name) => name == "localhost",
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    };
    let taken = url.query_pairs().any(|(name, _)| name == crate::ATTEMPT_PARAM);
    (!taken && (url.scheme() == "https" || (url.scheme() == "http" && local))).then_some(url)
}
