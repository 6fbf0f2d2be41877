//! What Twilio pushes: the progress of messages and calls, and what comes in.

use std::fmt;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use turnbuckle_core::Result;
use turnbuckle_core::messaging::{DeliveryNews, DeliveryState, MessageRef};
use turnbuckle_core::payment::WireKey;
use turnbuckle_core::webhook::{Event, EventKind, MessageEvent, RawObject, form_pairs};

use crate::client::PROVIDER;
use crate::{CallStatus, MessageStatus, codes};

/// The parameter of a status callback's URL in which the id of the attempt travels.
pub const ATTEMPT_PARAM: &str = "turnbuckle_attempt";

/// A push, typed. `Debug` shows ids and words, no numbers and no texts.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum TwilioEvent {
    /// How far a message has come.
    Status(StatusCallback),
    /// A message that came in.
    Inbound(InboundMessage),
    /// Something about a call.
    Call(CallCallback),
    /// Anything else that Twilio signed.
    Other(OtherCallback),
}

/// The parameters of a push, decoded, in the order in which they came. `Debug` shows their names.
#[derive(Clone, Default)]
pub struct Params(Vec<(String, String)>);

impl Params {
    fn read(bytes: &[u8]) -> Result<Self> {
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        Ok(Self(form_pairs(bytes)?.into_iter().map(|(name, value)| (text(name), text(value))).collect()))
    }

    /// The first value of a name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Every pair.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    fn text(&self, name: &str) -> String {
        self.get(name).unwrap_or_default().to_owned()
    }

    fn some(&self, name: &str) -> Option<String> {
        self.get(name).filter(|value| !value.is_empty()).map(str::to_owned)
    }

    fn number(&self, name: &str) -> Option<u32> {
        self.get(name)?.parse().ok()
    }
}

impl fmt::Debug for Params {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}

/// How far a message has come. Callbacks overtake each other: fold them with
/// [`Delivery`](turnbuckle_core::messaging::Delivery).
#[derive(Clone)]
#[non_exhaustive]
pub struct StatusCallback {
    /// The message, `SM...` or `MM...`.
    pub message_sid: String,
    /// How far it has come.
    pub status: MessageStatus,
    /// The account.
    pub account_sid: String,
    /// The messaging service that it went through.
    pub messaging_service_sid: Option<String>,
    /// Who it comes from.
    pub from: String,
    /// Who gets it.
    pub to: String,
    /// Why it failed; [`codes`] says what it means.
    pub error_code: Option<u32>,
    /// The attempt that sent it, where it was sent through [`SmsSender`](turnbuckle_core::messaging::SmsSender).
    pub attempt: Option<WireKey>,
    /// All of it.
    pub params: Params,
    body: Bytes,
}

impl fmt::Debug for StatusCallback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StatusCallback")
            .field("message_sid", &self.message_sid)
            .field("status", &self.status)
            .field("account_sid", &self.account_sid)
            .field("error_code", &self.error_code)
            .field("attempt", &self.attempt)
            .finish_non_exhaustive()
    }
}

/// What a message that came in asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum OptOut {
    /// No more messages.
    Stop,
    /// Messages again.
    Start,
    /// Help.
    Help,
}

/// A message that came in.
#[derive(Clone)]
#[non_exhaustive]
pub struct InboundMessage {
    /// Its id, `SM...` or `MM...`.
    pub message_sid: String,
    /// The account.
    pub account_sid: String,
    /// The messaging service that it came in by.
    pub messaging_service_sid: Option<String>,
    /// Who wrote.
    pub from: String,
    /// The number that was written to.
    pub to: String,
    /// The text.
    pub body: String,
    /// In how many parts it came.
    pub num_segments: Option<u32>,
    /// Its media: address and media type. Fetch them with the account's credentials.
    pub media: Vec<(String, String)>,
    /// What it asks for. Twilio says so where a messaging service has Advanced Opt-Out; elsewhere it is read from a text
    /// that is nothing but one of Twilio's standard words, for stopping and for starting again.
    pub opt_out: Option<OptOut>,
    /// All of it.
    pub params: Params,
    object: Bytes,
}

impl fmt::Debug for InboundMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InboundMessage")
            .field("message_sid", &self.message_sid)
            .field("account_sid", &self.account_sid)
            .field("num_segments", &self.num_segments)
            .field("media", &self.media.len())
            .field("opt_out", &self.opt_out)
            .finish_non_exhaustive()
    }
}

/// Something about a call: it came in, it went on, digits were pressed.
#[derive(Clone)]
#[non_exhaustive]
pub struct CallCallback {
    /// The call, `CA...`.
    pub call_sid: String,
    /// How far it has come.
    pub status: CallStatus,
    /// The account.
    pub account_sid: String,
    /// Who calls.
    pub from: String,
    /// Who is called.
    pub to: String,
    /// `inbound`, `outbound-api` or `outbound-dial`.
    pub direction: String,
    /// The place in the order of a call's callbacks.
    pub sequence_number: Option<u32>,
    /// All of it.
    pub params: Params,
    object: Bytes,
}

impl fmt::Debug for CallCallback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallCallback")
            .field("call_sid", &self.call_sid)
            .field("status", &self.status)
            .field("account_sid", &self.account_sid)
            .field("direction", &self.direction)
            .field("sequence_number", &self.sequence_number)
            .finish_non_exhaustive()
    }
}

/// Anything else that Twilio signed: a form, or JSON of a newer product.
#[derive(Clone)]
#[non_exhaustive]
pub struct OtherCallback {
    /// The parameters, where it is a form.
    pub params: Params,
    /// The body, or the query where there is none.
    pub object: RawObject,
}

impl fmt::Debug for OtherCallback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OtherCallback").field("object", &self.object).finish_non_exhaustive()
    }
}

impl TwilioEvent {
    /// Reads what was signed: the form in the body, or the query of a push without a body.
    pub(crate) fn read(body: &Bytes, query: &str, is_form: bool) -> Result<Self> {
        let in_query = Params::read(query.as_bytes())?;
        let attempt = in_query.get(ATTEMPT_PARAM).and_then(|key| WireKey::try_from(key.to_owned()).ok());
        let (params, object) = if body.is_empty() {
            (in_query, Bytes::copy_from_slice(query.as_bytes()))
        } else if is_form {
            (Params::read(body)?, body.clone())
        } else {
            (Params::default(), body.clone())
        };
        let message_sid = params.some("MessageSid").or_else(|| params.some("SmsSid"));
        let status =
            params.some("MessageStatus").or_else(|| params.some("SmsStatus")).map(MessageStatus::from);
        let comes_in = matches!(status, None | Some(MessageStatus::Received | MessageStatus::Receiving));
        let has_content = params.get("Body").is_some() || params.get("NumMedia").is_some();
        Ok(match (message_sid, status, params.some("CallSid")) {
            (Some(message_sid), _, _) if comes_in && has_content => {
                Self::Inbound(InboundMessage::read(message_sid, params, object))
            }
            (Some(message_sid), Some(status), _) if !comes_in => Self::Status(StatusCallback {
                message_sid,
                status,
                account_sid: params.text("AccountSid"),
                messaging_service_sid: params.some("MessagingServiceSid"),
                from: params.text("From"),
                to: params.text("To"),
                error_code: params.number("ErrorCode").filter(|code| *code != 0),
                attempt,
                params,
                body: object,
            }),
            (None, _, Some(call_sid)) => Self::Call(CallCallback {
                call_sid,
                status: params.text("CallStatus").into(),
                account_sid: params.text("AccountSid"),
                from: params.text("From"),
                to: params.text("To"),
                direction: params.text("Direction"),
                sequence_number: params.number("SequenceNumber"),
                params,
                object,
            }),
            _ => Self::Other(OtherCallback { params, object: RawObject::new(object) }),
        })
    }

    /// The event in the vocabulary of all providers. Twilio's pushes have no id: a message's id and its state stand for
    /// one. `now` dates the news, since Twilio does not.
    pub fn normalize(self, now: DateTime<Utc>) -> Event {
        match self {
            Self::Status(callback) => callback.normalize(now),
            Self::Inbound(message) => message.normalize(),
            Self::Call(call) => {
                let word = call.status.as_str().to_owned();
                let mut id = format!("{}:{word}", call.call_sid);
                if let Some(number) = call.sequence_number {
                    id = format!("{id}:{number}");
                }
                Event::new(EventKind::Other, format!("call.{word}"), RawObject::new(call.object))
                    .with_id(id)
                    .with_account(call.account_sid)
            }
            Self::Other(other) => {
                let mut event = Event::new(EventKind::Other, "callback", other.object);
                event.account = other.params.some("AccountSid");
                event
            }
        }
    }
}

impl StatusCallback {
    /// The news, to be folded into a [`Delivery`](turnbuckle_core::messaging::Delivery).
    pub fn news(&self, now: DateTime<Utc>) -> DeliveryNews {
        let message = MessageRef::new(PROVIDER, self.message_sid.clone());
        let mut news = DeliveryNews::new(message, self.to.clone(), state(&self.status), now);
        news.attempt.clone_from(&self.attempt);
        if let Some(code) = self.error_code {
            news.code = Some(code.to_string());
        }
        if news.state.is_failure() && news.state != DeliveryState::Canceled {
            news.reason = Some(
                self.error_code.map_or(turnbuckle_core::messaging::DeliveryReason::Unknown, codes::reason),
            );
        }
        news
    }

    fn normalize(self, now: DateTime<Utc>) -> Event {
        let kind = match &self.status {
            MessageStatus::Accepted
            | MessageStatus::Scheduled
            | MessageStatus::Queued
            | MessageStatus::Sending => Some(MessageEvent::Queued),
            MessageStatus::Sent | MessageStatus::PartiallyDelivered => Some(MessageEvent::Sent),
            MessageStatus::Delivered => Some(MessageEvent::Delivered),
            MessageStatus::Read => Some(MessageEvent::Read),
            MessageStatus::Undelivered => Some(MessageEvent::Undelivered),
            MessageStatus::Failed | MessageStatus::Canceled => Some(MessageEvent::Failed),
            _ => None,
        };
        let news = self.news(now);
        let word = self.status.as_str();
        let vendor_type = format!("message.{word}");
        Event::new(kind.map_or(EventKind::Other, EventKind::Message), vendor_type, RawObject::new(self.body))
            .with_id(format!("{}:{word}", self.message_sid))
            .with_account(self.account_sid)
            .with_delivery(news)
    }
}

impl InboundMessage {
    fn read(message_sid: String, params: Params, object: Bytes) -> Self {
        let body = params.text("Body");
        let media = (0..params.number("NumMedia").unwrap_or_default().min(100))
            .map_while(|index| {
                let url = params.some(&format!("MediaUrl{index}"))?;
                Some((url, params.text(&format!("MediaContentType{index}"))))
            })
            .collect();
        let opt_out = match params.get("OptOutType") {
            Some("STOP") => Some(OptOut::Stop),
            Some("START") => Some(OptOut::Start),
            Some("HELP") => Some(OptOut::Help),
            _ => keyword(&body),
        };
        Self {
            message_sid,
            account_sid: params.text("AccountSid"),
            messaging_service_sid: params.some("MessagingServiceSid"),
            from: params.text("From"),
            to: params.text("To"),
            body,
            num_segments: params.number("NumSegments"),
            media,
            opt_out,
            params,
            object,
        }
    }

    fn normalize(self) -> Event {
        let kind = match self.opt_out {
            Some(OptOut::Stop) => MessageEvent::OptedOut,
            Some(OptOut::Start) => MessageEvent::OptedIn,
            Some(OptOut::Help) | None => MessageEvent::Received,
        };
        Event::new(EventKind::Message(kind), "message.received", RawObject::new(self.object))
            .with_id(format!("{}:received", self.message_sid))
            .with_account(self.account_sid)
    }
}

/// Twilio's standard words. `YES` also opens what STOP closed, but says too much else to be read as consent.
/// See <https://help.twilio.com/articles/223134027>.
fn keyword(body: &str) -> Option<OptOut> {
    match body.trim().to_ascii_uppercase().as_str() {
        "STOP" | "STOPALL" | "UNSUBSCRIBE" | "CANCEL" | "END" | "QUIT" | "OPTOUT" | "REVOKE" => {
            Some(OptOut::Stop)
        }
        "START" | "UNSTOP" => Some(OptOut::Start),
        _ => None,
    }
}

/// Twilio's word in core's terms. A word that is not known yet is the weakest, which undoes nothing.
pub(crate) fn state(status: &MessageStatus) -> DeliveryState {
    match status {
        MessageStatus::Scheduled => DeliveryState::Scheduled,
        MessageStatus::Queued | MessageStatus::Sending | MessageStatus::Receiving => DeliveryState::Queued,
        MessageStatus::Sent | MessageStatus::PartiallyDelivered => DeliveryState::Sent,
        MessageStatus::Canceled => DeliveryState::Canceled,
        MessageStatus::Delivered | MessageStatus::Received => DeliveryState::Delivered,
        MessageStatus::Read => DeliveryState::Read,
        MessageStatus::Failed => DeliveryState::Failed,
        MessageStatus::Undelivered => DeliveryState::Undelivered,
        MessageStatus::Accepted | MessageStatus::Other(_) => DeliveryState::Accepted,
    }
}
