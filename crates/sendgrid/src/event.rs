//! What SendGrid pushes about mail.

use std::borrow::Cow;
use std::fmt;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use serde::de::{DeserializeOwned, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use turnbuckle_core::messaging::{DeliveryNews, DeliveryReason, DeliveryState, MessageRef};
use turnbuckle_core::payment::WireKey;
use turnbuckle_core::webhook::{EmailEvent, Event, EventKind, RawObject};
use turnbuckle_core::{Error, ErrorKind, Result};

use crate::client::PROVIDER;
use crate::object::string_enum;

/// The custom arg that carries the attempt's id.
pub const ATTEMPT_ARG: &str = "turnbuckle_attempt";
/// The custom arg that carries the batch of scheduled mail and its time, as `<batch id>@<seconds>`.
pub const BATCH_ARG: &str = "turnbuckle_batch";

string_enum! {
    /// What happened. See <https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event>.
    SendGridEventType {
        /// SendGrid took the mail up.
        Processed = "processed",
        /// It did not send it.
        Dropped = "dropped",
        /// The recipient's server took it.
        Delivered = "delivered",
        /// It asked to wait.
        Deferred = "deferred",
        /// It refused it.
        Bounce = "bounce",
        /// It was opened.
        Open = "open",
        /// A link in it was followed.
        Click = "click",
        /// It was called spam.
        SpamReport = "spamreport",
        /// The recipient left all mail.
        Unsubscribe = "unsubscribe",
        /// The recipient left a group.
        GroupUnsubscribe = "group_unsubscribe",
        /// The recipient came back to a group.
        GroupResubscribe = "group_resubscribe",
        /// The account's own state changed. It is about no mail.
        AccountStatusChange = "account_status_change",
    }
}

/// One event. What all have in common is read; the rest stays as it was pushed until [`decode`](Self::decode), and is not
/// copied. `Debug` leaves the address and the words of servers out.
#[derive(Clone)]
#[non_exhaustive]
pub struct SendGridEvent {
    /// What happened.
    pub event: SendGridEventType,
    /// `sg_event_id`, which no other event has. Repeated pushes are told by it.
    pub id: Option<String>,
    /// `sg_message_id`. The part before the first dot is what sending answered with.
    pub message_id: Option<String>,
    /// The recipient.
    pub email: Option<String>,
    /// When it happened.
    pub timestamp: Option<DateTime<Utc>>,
    /// Why mail was dropped, put off or refused, in SendGrid's or the server's words.
    pub reason: Option<String>,
    /// The enhanced status code, for example `5.0.0`.
    pub status: Option<String>,
    /// Of bounces `bounce` or `blocked`; of changes of the account what changed.
    pub kind: Option<String>,
    /// SendGrid's own word for why it bounced, for example `Invalid Address`.
    pub bounce_classification: Option<String>,
    /// Of opening: whether a machine did it, and perhaps nobody read it.
    pub machine_open: bool,
    /// The attempt that sent it, where this library did.
    pub attempt: Option<WireKey>,
    batch: Option<String>,
    object: RawObject,
}

/// What some events say besides. Names of custom args stand beside SendGrid's own, and may be the same.
#[derive(Clone, Default, PartialEq, Deserialize, Serialize)]
#[serde(default)]
#[non_exhaustive]
pub struct SendGridEventDetails {
    /// What the recipient's server answered.
    pub response: Option<String>,
    /// How often delivery was tried, as text.
    pub attempt: Option<String>,
    /// The link that was followed.
    pub url: Option<String>,
    /// With what it was opened or followed.
    pub useragent: Option<String>,
    /// From where.
    pub ip: Option<String>,
    /// The group that was left or come back to.
    pub asm_group_id: Option<u64>,
    /// The `Message-ID` of the mail.
    #[serde(rename = "smtp-id")]
    pub smtp_id: Option<String>,
    /// Its categories.
    #[serde(deserialize_with = "one_or_many")]
    pub category: Vec<String>,
    /// When it is to be sent, in seconds since 1970.
    pub send_at: Option<i64>,
}

impl fmt::Debug for SendGridEventDetails {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SendGridEventDetails")
            .field("asm_group_id", &self.asm_group_id)
            .field("send_at", &self.send_at)
            .finish_non_exhaustive()
    }
}

impl SendGridEvent {
    /// Reads a batch: a JSON array. An entry that is no event of a form that is known here becomes one of type
    /// [`Other`](SendGridEventType::Other): it must not hide the rest.
    pub(crate) fn read_batch(body: &Bytes) -> Result<Vec<Self>> {
        let refused = || Error::new(ErrorKind::InvalidResponse, "the signed body is not an array of events");
        // One look at all bytes is cheaper than the parser's look at each string.
        let text = std::str::from_utf8(body).map_err(|_| refused())?;
        let raw: Slices<'_> = serde_json::from_str(text).map_err(|_| refused())?;
        Ok(raw.0.into_iter().map(|raw| Self::read(body.slice_ref(raw.as_bytes()), raw)).collect())
    }

    fn read(object: Bytes, raw: &str) -> Self {
        let head: Head<'_> = serde_json::from_str(raw).unwrap_or_default();
        let own = |slot: Option<&RawValue>| slot.and_then(text).map(Cow::into_owned);
        let event = SendGridEventType::from(own(head.event).unwrap_or_default());
        let seconds = head.timestamp.and_then(text).and_then(|text| text.parse().ok());
        let details = matches!(
            event,
            SendGridEventType::Dropped
                | SendGridEventType::Bounce
                | SendGridEventType::Deferred
                | SendGridEventType::AccountStatusChange
        );
        let detail = |slot: Option<&RawValue>| own(slot.filter(|_| details));
        let attempt = own(head.attempt).and_then(|key| WireKey::try_from(key).ok());
        Self {
            id: own(head.id),
            message_id: own(head.message_id),
            email: own(head.email),
            timestamp: seconds.and_then(|seconds| DateTime::from_timestamp(seconds, 0)),
            reason: detail(head.reason),
            status: detail(head.status),
            kind: detail(head.kind),
            bounce_classification: detail(head.classification),
            machine_open: head.machine_open.is_some_and(|raw| raw.get() == "true"),
            // Only what this library wrote itself is believed, and whole.
            batch: own(head.batch).filter(|_| attempt.is_some()),
            attempt,
            event,
            object: RawObject::new(object),
        }
    }

    /// The event as it was pushed.
    pub fn object(&self) -> &RawObject {
        &self.object
    }

    /// Reads the event into a type of the caller's, custom args included.
    ///
    /// # Errors
    /// [`InvalidResponse`](ErrorKind::InvalidResponse) when it does not fit.
    pub fn decode<T: DeserializeOwned>(&self) -> Result<T> {
        self.object.decode_json()
    }

    /// What some events say besides.
    ///
    /// # Errors
    /// As [`decode`](Self::decode).
    pub fn details(&self) -> Result<SendGridEventDetails> {
        self.decode()
    }

    /// The message as [`SendGridEmail`](crate::SendGridEmail) names it: the batch of a mail that it scheduled, else the part
    /// of the message's id that sending answered with.
    pub fn message(&self) -> Option<MessageRef> {
        let id = match (&self.batch, &self.message_id) {
            (Some(batch), _) => format!("{}{batch}", crate::email::BATCH),
            (None, Some(id)) => id.split('.').next().filter(|id| !id.is_empty())?.to_owned(),
            (None, None) => return None,
        };
        Some(MessageRef::new(PROVIDER, id))
    }

    /// How far the mail has come, where the event says so.
    pub fn news(&self, received_at: DateTime<Utc>) -> Option<DeliveryNews> {
        use DeliveryReason as Reason;
        use DeliveryState as State;
        let (state, reason) = match &self.event {
            SendGridEventType::Processed => (State::Queued, None),
            SendGridEventType::Dropped => (State::Failed, Some(drop_reason(self.reason.as_deref()))),
            // What was called spam has arrived.
            SendGridEventType::Delivered | SendGridEventType::SpamReport => (State::Delivered, None),
            SendGridEventType::Deferred => (State::Deferred, None),
            SendGridEventType::Bounce if self.kind.as_deref() == Some("blocked") => {
                (State::Undelivered, Some(self.bounce_reason().unwrap_or(Reason::Blocked)))
            }
            SendGridEventType::Bounce => {
                (State::Bounced, Some(self.bounce_reason().unwrap_or(Reason::Unknown)))
            }
            SendGridEventType::Open if self.machine_open => (State::Delivered, None),
            SendGridEventType::Open | SendGridEventType::Click => (State::Read, None),
            _ => return None,
        };
        let at = self.timestamp.unwrap_or(received_at);
        let mut news = DeliveryNews::new(self.message()?, self.email.clone()?, state, at);
        news.reason = reason;
        news.code = reason.and_then(|_| {
            let code = self.bounce_classification.as_ref().or(self.status.as_ref());
            code.filter(|code| is_word(code)).cloned()
        });
        news.attempt.clone_from(&self.attempt);
        Some(news)
    }

    /// By SendGrid's classification, which is documented as a list of words that grows.
    fn bounce_reason(&self) -> Option<DeliveryReason> {
        match self.bounce_classification.as_deref()? {
            "Invalid Address" => Some(DeliveryReason::InvalidRecipient),
            "Mailbox Unavailable" => Some(DeliveryReason::Unreachable),
            "Content" => Some(DeliveryReason::Filtered),
            "Reputation" | "Frequency or Volume Too High" => Some(DeliveryReason::Blocked),
            _ => None,
        }
    }

    /// The event in the vocabulary that all vendors share.
    pub(crate) fn normalize(self, received_at: DateTime<Utc>) -> Event {
        let kind = match &self.event {
            SendGridEventType::Processed => EventKind::Email(EmailEvent::Processed),
            SendGridEventType::Dropped => EventKind::Email(EmailEvent::Dropped),
            SendGridEventType::Delivered => EventKind::Email(EmailEvent::Delivered),
            SendGridEventType::Deferred => EventKind::Email(EmailEvent::Deferred),
            SendGridEventType::Bounce => EventKind::Email(EmailEvent::Bounced),
            SendGridEventType::Open => EventKind::Email(EmailEvent::Opened),
            SendGridEventType::Click => EventKind::Email(EmailEvent::Clicked),
            SendGridEventType::SpamReport => EventKind::Email(EmailEvent::Complained),
            SendGridEventType::Unsubscribe | SendGridEventType::GroupUnsubscribe => {
                EventKind::Email(EmailEvent::Unsubscribed)
            }
            SendGridEventType::GroupResubscribe => EventKind::Email(EmailEvent::Resubscribed),
            SendGridEventType::AccountStatusChange | SendGridEventType::Other(_) => EventKind::Other,
        };
        let news = self.news(received_at);
        let mut event = Event::new(kind, self.event.as_str(), self.object);
        event.id = self.id.filter(|id| !id.is_empty());
        event.occurred_at = self.timestamp;
        event.delivery = news.map(Box::new);
        event
    }
}

impl fmt::Debug for SendGridEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plain = |text: &Option<String>| text.clone().filter(|text| is_word(text));
        f.debug_struct("SendGridEvent")
            .field("event", &Some(self.event.as_str()).filter(|word| is_word(word)))
            .field("id", &plain(&self.id))
            .field("message_id", &plain(&self.message_id))
            .field("timestamp", &self.timestamp)
            .field("status", &plain(&self.status))
            .field("attempt", &self.attempt)
            .finish_non_exhaustive()
    }
}

/// SendGrid's words for mail that it did not send.
/// See <https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event>.
fn drop_reason(reason: Option<&str>) -> DeliveryReason {
    let reason = reason.unwrap_or_default();
    let says = |words: &str| reason.to_ascii_lowercase().contains(words);
    if says("bounced address") {
        DeliveryReason::Suppressed
    } else if says("unsubscribed address") {
        DeliveryReason::Unsubscribed
    } else if says("spam reporting address") {
        DeliveryReason::ReportedSpam
    } else if says("spam content") {
        DeliveryReason::Filtered
    } else if says("package quota") {
        DeliveryReason::AccountInactive
    } else if says("smtpapi") {
        DeliveryReason::Unknown
    } else if says("invalid") {
        DeliveryReason::InvalidRecipient
    } else {
        DeliveryReason::Unknown
    }
}

/// Codes and ids: what may stand in a log line. Anything else may quote a recipient.
fn is_word(text: &str) -> bool {
    (1..=200).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.+=/ ".contains(&byte))
}

/// A string, or a number as text.
fn text(raw: &RawValue) -> Option<Cow<'_, str>> {
    let text = raw.get();
    if let Some(inside) = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')) {
        if !inside.contains('\\') {
            return Some(Cow::Borrowed(inside));
        }
        return serde_json::from_str(text).ok().map(Cow::Owned);
    }
    let is_number = text.starts_with(|first: char| first == '-' || first.is_ascii_digit());
    is_number.then_some(Cow::Borrowed(text))
}

fn one_or_many<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Words {
        One(String),
        Many(Vec<String>),
    }
    Ok(match Option::<Words>::deserialize(deserializer)? {
        Some(Words::One(word)) => vec![word],
        Some(Words::Many(words)) => words,
        None => Vec::new(),
    })
}

/// The entries of an array, where they stand.
struct Slices<'a>(Vec<&'a str>);

impl<'de> Deserialize<'de> for Slices<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries;
        impl<'de> Visitor<'de> for Entries {
            type Value = Slices<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an array")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
                let mut slices = Vec::new();
                while let Some(entry) = entries.next_element::<&'de RawValue>()? {
                    if slices.len() == SendGridEvent::MAX_BATCH {
                        return Err(A::Error::custom("the batch has too many events"));
                    }
                    slices.push(entry.get());
                }
                Ok(Slices(slices))
            }
        }
        deserializer.deserialize_seq(Entries)
    }
}

impl SendGridEvent {
    /// Most events of a push.
    pub const MAX_BATCH: usize = 100_000;
}

/// Where the values stand that every event may have. Of a name that occurs twice, the first counts.
#[derive(Default)]
struct Head<'a> {
    event: Option<&'a RawValue>,
    id: Option<&'a RawValue>,
    message_id: Option<&'a RawValue>,
    email: Option<&'a RawValue>,
    timestamp: Option<&'a RawValue>,
    reason: Option<&'a RawValue>,
    status: Option<&'a RawValue>,
    kind: Option<&'a RawValue>,
    classification: Option<&'a RawValue>,
    machine_open: Option<&'a RawValue>,
    attempt: Option<&'a RawValue>,
    batch: Option<&'a RawValue>,
}

impl<'de> Deserialize<'de> for Head<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Names;
        impl<'de> Visitor<'de> for Names {
            type Value = Head<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an event")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut head = Head::default();
                while let Some(Name(name)) = map.next_key()? {
                    let slot = match name.as_ref() {
                        "event" => &mut head.event,
                        "sg_event_id" => &mut head.id,
                        "sg_message_id" => &mut head.message_id,
                        "email" => &mut head.email,
                        "timestamp" => &mut head.timestamp,
                        "reason" => &mut head.reason,
                        "status" => &mut head.status,
                        "type" => &mut head.kind,
                        "bounce_classification" => &mut head.classification,
                        "sg_machine_open" => &mut head.machine_open,
                        ATTEMPT_ARG => &mut head.attempt,
                        BATCH_ARG => &mut head.batch,
                        _ => {
                            map.next_value::<IgnoredAny>()?;
                            continue;
                        }
                    };
                    let value = map.next_value()?;
                    slot.get_or_insert(value);
                }
                Ok(head)
            }
        }
        deserializer.deserialize_map(Names)
    }
}

/// A name, borrowed where it has no escapes.
struct Name<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl<'de> Visitor<'de> for Text {
            type Value = Name<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Name(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Name(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(Text)
    }
}
