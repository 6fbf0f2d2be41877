//! Events as Stripe sends them.

use std::borrow::Cow;
use std::fmt;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, Deserialize, DeserializeOwned, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use turnbuckle_core::payment::PaymentRef;
use turnbuckle_core::webhook::{Event, EventKind, RawObject};
use turnbuckle_core::{Error, ErrorKind, Result};

use crate::client::PROVIDER;
use crate::event_kind::{Glance, kind};
use crate::{
    Charge, CheckoutSession, ConnectedAccount, Customer, Dispute, Invoice, PaymentIntent, Payout, Refund,
    SetupIntent, Subscription,
};

/// An event: what all of them have in common, and the object inside as it arrived.
///
/// `Debug` shows ids and sizes.
#[derive(Clone)]
#[non_exhaustive]
pub struct StripeEvent {
    /// Id, `evt_...`; the same in every repetition.
    pub id: String,
    /// Type, for example `payment_intent.succeeded`.
    pub event_type: String,
    /// When it happened.
    pub created: Option<DateTime<Utc>>,
    /// Whether it is about real money.
    pub livemode: Option<bool>,
    /// The connected account that it happened in.
    pub account: Option<String>,
    /// The API version of the object, which is the endpoint's and not the one of our requests.
    pub api_version: Option<String>,
    /// The request that caused it.
    pub request_id: Option<String>,
    /// The idempotency key of that request.
    pub idempotency_key: Option<String>,
    /// The object. Of a thin event, which has none, the whole event.
    pub object: RawObject,
    /// Of an update: the values before it.
    pub previous_attributes: Option<RawObject>,
    /// Whether it is a thin event (`v2.core.event`): it names an object and does not hold it.
    pub thin: bool,
}

/// The object of an event, typed where this crate knows its type.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum StripeObject {
    /// Of `payment_intent.*`.
    PaymentIntent(Box<PaymentIntent>),
    /// Of `charge.*`.
    Charge(Box<Charge>),
    /// Of `refund.*` and `charge.refund.*`.
    Refund(Box<Refund>),
    /// Of `charge.dispute.*`.
    Dispute(Box<Dispute>),
    /// Of `setup_intent.*`.
    SetupIntent(Box<SetupIntent>),
    /// Of `customer.subscription.*`.
    Subscription(Box<Subscription>),
    /// Of `invoice.*`.
    Invoice(Box<Invoice>),
    /// Of `checkout.session.*`.
    CheckoutSession(Box<CheckoutSession>),
    /// Of `customer.created`, `customer.updated` and `customer.deleted`.
    Customer(Box<Customer>),
    /// Of `account.updated`.
    Account(Box<ConnectedAccount>),
    /// Of `payout.*`.
    Payout(Box<Payout>),
    /// Of everything else, thin events among it.
    Other(RawObject),
}

#[derive(serde::Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow, rename = "type")]
    event_type: Cow<'a, str>,
    #[serde(borrow, default)]
    object: Cow<'a, str>,
    created: Option<Created>,
    livemode: Option<bool>,
    account: Option<String>,
    api_version: Option<String>,
    request: Option<Cause>,
    #[serde(borrow)]
    data: Option<Data<'a>>,
}

/// Seconds, or in thin events a date.
struct Created(Option<DateTime<Utc>>);

impl<'de> Deserialize<'de> for Created {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct SecondsOrDate;

        impl Visitor<'_> for SecondsOrDate {
            type Value = Created;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("seconds or a date")
            }

            fn visit_u64<E: de::Error>(self, seconds: u64) -> Result<Created, E> {
                let seconds = i64::try_from(seconds).ok();
                Ok(Created(seconds.and_then(|seconds| DateTime::from_timestamp(seconds, 0))))
            }

            fn visit_i64<E: de::Error>(self, seconds: i64) -> Result<Created, E> {
                Ok(Created(DateTime::from_timestamp(seconds, 0)))
            }

            fn visit_str<E: de::Error>(self, date: &str) -> Result<Created, E> {
                Ok(Created(DateTime::parse_from_rfc3339(date).ok().map(|date| date.to_utc())))
            }
        }

        deserializer.deserialize_any(SecondsOrDate)
    }
}

/// The request behind an event. Old versions name it by its id alone.
#[derive(Default)]
struct Cause {
    id: Option<String>,
    idempotency_key: Option<String>,
}

impl<'de> Deserialize<'de> for Cause {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(serde::Deserialize)]
        struct Request {
            id: Option<String>,
            idempotency_key: Option<String>,
        }

        struct RequestOrId;

        impl<'de> Visitor<'de> for RequestOrId {
            type Value = Cause;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a request or its id")
            }

            fn visit_str<E: de::Error>(self, id: &str) -> Result<Cause, E> {
                Ok(Cause { id: Some(id.to_owned()), idempotency_key: None })
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Cause, A::Error> {
                let Request { id, idempotency_key } = Request::deserialize(MapAccessDeserializer::new(map))?;
                Ok(Cause { id, idempotency_key })
            }
        }

        deserializer.deserialize_any(RequestOrId)
    }
}

#[derive(serde::Deserialize)]
struct Data<'a> {
    #[serde(borrow)]
    object: Option<&'a RawValue>,
    #[serde(borrow)]
    previous_attributes: Option<&'a RawValue>,
}

impl StripeEvent {
    /// Reads the envelope. The object is a slice of the body, neither copied nor parsed.
    pub(crate) fn parse(body: &Bytes) -> Result<Self> {
        // The parser's message may quote the body, so it is not kept.
        let text = std::str::from_utf8(body).map_err(|_| not_an_event())?;
        let envelope: Envelope<'_> = serde_json::from_str(text).map_err(|_| not_an_event())?;
        let thin = envelope.object == "v2.core.event";
        let slice = |value: &RawValue| RawObject::new(body.slice_ref(value.get().as_bytes()));
        let (object, previous_attributes) = match envelope.data {
            _ if thin => (RawObject::new(body.clone()), None),
            Some(Data { object: Some(object), previous_attributes }) => {
                (slice(object), previous_attributes.map(slice))
            }
            _ => return Err(not_an_event()),
        };
        if envelope.id.is_empty() || envelope.event_type.is_empty() {
            return Err(not_an_event());
        }
        let cause = envelope.request.unwrap_or_default();
        Ok(Self {
            id: envelope.id.into_owned(),
            event_type: envelope.event_type.into_owned(),
            created: envelope.created.and_then(|created| created.0),
            livemode: envelope.livemode,
            account: envelope.account,
            api_version: envelope.api_version,
            request_id: cause.id,
            idempotency_key: cause.idempotency_key,
            object,
            previous_attributes,
            thin,
        })
    }

    /// The object, typed by the event's type.
    ///
    /// # Errors
    /// [`InvalidResponse`](ErrorKind::InvalidResponse) when the object is not what the type says, for example because
    /// the endpoint speaks a very old API version. The bytes are still there in [`object`](Self::object).
    pub fn decode(&self) -> Result<StripeObject> {
        let typed = match self.event_type.split_once('.') {
            _ if self.thin => None,
            Some(("payment_intent", _)) => Some(self.read().map(StripeObject::PaymentIntent)),
            Some(("setup_intent", _)) => Some(self.read().map(StripeObject::SetupIntent)),
            Some(("refund", _)) => Some(self.read().map(StripeObject::Refund)),
            Some(("charge", rest)) if rest.starts_with("dispute.") => {
                Some(self.read().map(StripeObject::Dispute))
            }
            Some(("charge", rest)) if rest.starts_with("refund.") => {
                Some(self.read().map(StripeObject::Refund))
            }
            Some(("charge", _)) => Some(self.read().map(StripeObject::Charge)),
            _ => self.decode_other(),
        };
        typed.unwrap_or_else(|| Ok(StripeObject::Other(self.object.clone())))
    }

    pub(crate) fn read<T: DeserializeOwned>(&self) -> Result<T> {
        self.object.decode_json().map_err(|error| error.or_context(&PROVIDER, "webhook"))
    }

    /// The event in the vocabulary of all providers. References carry Stripe's name of the object as their kind.
    pub fn normalize(self) -> Event {
        // An object that cannot be glanced at has no references, and the event is still worth handing on.
        let glance: Glance<'_> =
            if self.thin { None } else { serde_json::from_slice(self.object.as_bytes()).ok() }
                .unwrap_or_default();
        let references = glance.references();
        let kind = if self.thin { EventKind::Other } else { kind(&self.event_type, &glance) };
        drop(glance);
        let mut event = Event::new(kind, self.event_type, self.object).with_id(self.id);
        event.occurred_at = self.created;
        event.live = self.livemode;
        event.account = self.account;
        event.references =
            references.into_iter().map(|(kind, id)| PaymentRef::new(PROVIDER, kind, id)).collect();
        event
    }
}

impl fmt::Debug for StripeEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StripeEvent")
            .field("id", &self.id)
            .field("event_type", &self.event_type)
            .field("created", &self.created)
            .field("livemode", &self.livemode)
            .field("account", &self.account)
            .field("api_version", &self.api_version)
            .field("object", &self.object)
            .finish_non_exhaustive()
    }
}

fn not_an_event() -> Error {
    Error::new(ErrorKind::InvalidResponse, "the signed body is not an event of Stripe's")
}
