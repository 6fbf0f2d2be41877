//! What a webhook says.

use std::fmt;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use turnbuckle_core::payment::PaymentRef;
use turnbuckle_core::webhook::{
    Event, EventKind, PaymentEvent, RawObject, RefundEvent, SetupEvent, SubscriptionEvent,
};
use turnbuckle_core::{Error, ErrorKind, Result};

use crate::client::PROVIDER;
use crate::gateway::{detail, kind};
use crate::wire::{Decimal, decimal, text, time};

/// The prefix of every event's name.
const PREFIX: &str = "net.authorize.";

macro_rules! event_types {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)+) => {
        /// What happened, by the vendor's name.
        #[derive(Debug, Clone, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum EventType {
            $($(#[$doc])* $variant,)+
            /// One that this release does not know.
            Other(String),
        }

        impl EventType {
            /// Every event that is known.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The vendor's name.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => concat!("net.authorize.", $name),)+
                    Self::Other(name) => name,
                }
            }
        }

        impl From<&str> for EventType {
            fn from(name: &str) -> Self {
                match name.strip_prefix(PREFIX).unwrap_or_default() {
                    $($name => Self::$variant,)+
                    _ => Self::Other(name.to_owned()),
                }
            }
        }
    };
}

event_types! {
    /// A customer was made.
    CustomerCreated = "customer.created",
    /// A customer changed.
    CustomerUpdated = "customer.updated",
    /// A customer was deleted.
    CustomerDeleted = "customer.deleted",
    /// A method was stored.
    PaymentProfileCreated = "customer.paymentProfile.created",
    /// A stored method changed.
    PaymentProfileUpdated = "customer.paymentProfile.updated",
    /// A stored method was deleted.
    PaymentProfileDeleted = "customer.paymentProfile.deleted",
    /// A subscription began.
    SubscriptionCreated = "customer.subscription.created",
    /// A subscription changed.
    SubscriptionUpdated = "customer.subscription.updated",
    /// A subscription stopped after a failed payment.
    SubscriptionSuspended = "customer.subscription.suspended",
    /// A subscription was ended by the vendor.
    SubscriptionTerminated = "customer.subscription.terminated",
    /// A subscription was ended by the merchant.
    SubscriptionCancelled = "customer.subscription.cancelled",
    /// A subscription, or its card, ends soon.
    SubscriptionExpiring = "customer.subscription.expiring",
    /// A subscription ran to its end.
    SubscriptionExpired = "customer.subscription.expired",
    /// A payment of a subscription failed.
    SubscriptionFailed = "customer.subscription.failed",
    /// An authorization.
    AuthorizationCreated = "payment.authorization.created",
    /// A charge.
    AuthCaptureCreated = "payment.authcapture.created",
    /// A capture of something authorized elsewhere.
    CaptureCreated = "payment.capture.created",
    /// A capture.
    PriorAuthCaptureCreated = "payment.priorAuthCapture.created",
    /// A refund.
    RefundCreated = "payment.refund.created",
    /// A void.
    VoidCreated = "payment.void.created",
    /// A held payment goes on.
    FraudApproved = "payment.fraud.approved",
    /// A held payment was stopped.
    FraudDeclined = "payment.fraud.declined",
    /// A payment is held for review.
    FraudHeld = "payment.fraud.held",
}

impl Serialize for EventType {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for EventType {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::from(text(deserializer)?.unwrap_or_default().as_str()))
    }
}

/// An event, read from a body whose signature was good. Amounts in it are hints: read the transaction again before
/// money moves. `Debug` shows ids and names.
#[derive(Clone)]
#[non_exhaustive]
pub struct AuthorizeNetEvent {
    /// The notification's own id: what copies of it have in common.
    pub notification_id: String,
    /// What happened.
    pub event_type: EventType,
    /// When.
    pub event_date: Option<DateTime<Utc>>,
    /// The webhook that it was sent to.
    pub webhook_id: Option<String>,
    /// What it is about.
    pub payload: EventPayload,
    /// The payload as it came.
    pub object: RawObject,
}

/// What an event is about. `Debug` leaves the invoice's text out.
#[derive(Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct EventPayload {
    /// `transaction`, `customerProfile`, `customerPaymentProfile`, `subscription`.
    #[serde(default, deserialize_with = "text")]
    pub entity_name: Option<String>,
    /// Its id.
    #[serde(default, deserialize_with = "text")]
    pub id: Option<String>,
    /// Of transactions: 1 approved, 2 declined, 3 an error, 4 held.
    #[serde(default, deserialize_with = "text")]
    pub response_code: Option<String>,
    /// Of transactions: the amount, in the account's currency.
    #[serde(default, deserialize_with = "decimal")]
    pub auth_amount: Option<Decimal>,
    /// Of transactions: the invoice number.
    #[serde(default, deserialize_with = "text")]
    pub invoice_number: Option<String>,
    /// The reference that the request carried.
    #[serde(default, deserialize_with = "text")]
    pub merchant_reference_id: Option<String>,
    /// Of stored methods: the customer.
    #[serde(default, deserialize_with = "text")]
    pub customer_profile_id: Option<String>,
    /// Of subscriptions: their state.
    #[serde(default, deserialize_with = "text")]
    pub status: Option<String>,
}

impl fmt::Debug for EventPayload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventPayload")
            .field("entity_name", &self.entity_name)
            .field("id", &self.id)
            .field("response_code", &self.response_code)
            .field("auth_amount", &self.auth_amount)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for AuthorizeNetEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthorizeNetEvent")
            .field("notification_id", &self.notification_id)
            .field("event_type", &self.event_type)
            .field("event_date", &self.event_date)
            .field("payload", &self.payload)
            .finish_non_exhaustive()
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire {
    #[serde(deserialize_with = "text")]
    notification_id: Option<String>,
    event_type: EventType,
    #[serde(default, deserialize_with = "time")]
    event_date: Option<DateTime<Utc>>,
    #[serde(default, deserialize_with = "text")]
    webhook_id: Option<String>,
    payload: Box<RawValue>,
}

impl AuthorizeNetEvent {
    /// Reads a body. The signature must have been checked before: use
    /// [`AuthorizeNetWebhooks::verify`](crate::AuthorizeNetWebhooks::verify).
    ///
    /// # Errors
    /// [`InvalidResponse`](ErrorKind::InvalidResponse) when it is not an event.
    pub fn decode(body: &[u8]) -> Result<Self> {
        let refused = || Error::new(ErrorKind::InvalidResponse, "the signed body is not an event");
        let wire: Wire = crate::wire::decode(body).ok_or_else(refused)?;
        let payload = serde_json::from_str(wire.payload.get()).map_err(|_| refused())?;
        Ok(Self {
            notification_id: wire.notification_id.ok_or_else(refused)?,
            event_type: wire.event_type,
            event_date: wire.event_date,
            webhook_id: wire.webhook_id,
            payload,
            object: RawObject::new(Bytes::copy_from_slice(wire.payload.get().as_bytes())),
        })
    }

    /// The event in the vocabulary that all vendors share.
    pub fn to_event(&self) -> Event {
        let mut event = Event::new(self.kind(), self.event_type.as_str(), self.object.clone())
            .with_id(self.notification_id.clone());
        if let Some(at) = self.event_date {
            event = event.with_occurred_at(at);
        }
        match self.reference() {
            Some(reference) => event.with_reference(reference),
            None => event,
        }
    }

    fn kind(&self) -> EventKind {
        use EventType as T;
        // The name says what was tried; the response code says what came of it.
        let came = |done: PaymentEvent| match self.payload.response_code.as_deref() {
            Some("2" | "3") => EventKind::Payment(PaymentEvent::Failed),
            Some("4") => EventKind::Payment(PaymentEvent::UnderReview),
            _ => EventKind::Payment(done),
        };
        match &self.event_type {
            T::AuthorizationCreated => came(PaymentEvent::Authorized),
            T::AuthCaptureCreated => came(PaymentEvent::Succeeded),
            T::CaptureCreated | T::PriorAuthCaptureCreated => came(PaymentEvent::Captured),
            T::VoidCreated => came(PaymentEvent::Canceled),
            T::FraudHeld => EventKind::Payment(PaymentEvent::UnderReview),
            T::FraudDeclined => EventKind::Payment(PaymentEvent::Failed),
            T::FraudApproved => EventKind::Payment(PaymentEvent::Updated),
            T::RefundCreated => match self.payload.response_code.as_deref() {
                Some("2" | "3") => EventKind::Refund(RefundEvent::Failed),
                _ => EventKind::Refund(RefundEvent::Created),
            },
            T::PaymentProfileCreated => EventKind::Setup(SetupEvent::Succeeded),
            T::PaymentProfileUpdated => EventKind::Setup(SetupEvent::Updated),
            T::PaymentProfileDeleted => EventKind::Setup(SetupEvent::Removed),
            T::SubscriptionCreated => EventKind::Subscription(SubscriptionEvent::Created),
            T::SubscriptionUpdated => EventKind::Subscription(SubscriptionEvent::Updated),
            T::SubscriptionSuspended => EventKind::Subscription(SubscriptionEvent::Paused),
            T::SubscriptionTerminated | T::SubscriptionCancelled => {
                EventKind::Subscription(SubscriptionEvent::Canceled)
            }
            T::SubscriptionExpiring => EventKind::Subscription(SubscriptionEvent::Ending),
            T::SubscriptionExpired => EventKind::Subscription(SubscriptionEvent::Expired),
            T::SubscriptionFailed => EventKind::Subscription(SubscriptionEvent::PaymentFailed),
            T::CustomerCreated | T::CustomerUpdated | T::CustomerDeleted | T::Other(_) => EventKind::Other,
        }
    }

    fn reference(&self) -> Option<PaymentRef> {
        let id = self.payload.id.as_deref()?;
        let made = |kind: &str| PaymentRef::new(PROVIDER, kind, id);
        match self.payload.entity_name.as_deref()? {
            "transaction" => Some(made(kind::TRANSACTION)),
            "subscription" => Some(made(kind::SUBSCRIPTION)),
            "customerProfile" => Some(made(kind::CUSTOMER)),
            "customerPaymentProfile" => {
                let customer = self.payload.customer_profile_id.as_deref()?;
                Some(made(kind::METHOD).with_detail(detail::CUSTOMER, customer))
            }
            _ => None,
        }
    }
}
