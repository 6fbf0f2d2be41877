//! What NMI's webhooks say.

use std::fmt;

use chrono::{DateTime, NaiveDateTime, Utc};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use turnbuckle_core::payment::PaymentRef;
use turnbuckle_core::webhook::{
    DisputeEvent, Event, EventKind, PaymentEvent, PayoutEvent, RawObject, RefundEvent, SetupEvent,
    SubscriptionEvent,
};
use turnbuckle_core::{Environment, Error, ErrorKind, Result};

use crate::client::PROVIDER;
use crate::gateway::kind;

/// Transactions of a batch that an event names at most; the rest stand in its object.
const MOST_REFERENCES: usize = 1000;

/// A push as NMI sends it.
#[derive(Clone)]
#[non_exhaustive]
pub struct NmiEvent {
    /// The event's id. It is the same when the push comes again.
    pub event_id: String,
    /// NMI's name for it, for example `transaction.sale.success`.
    pub event_type: String,
    body: Box<RawValue>,
}

#[derive(Deserialize)]
struct Envelope {
    #[serde(rename = "event_id")]
    id: String,
    event_type: String,
    #[serde(rename = "event_body")]
    body: Box<RawValue>,
}

impl NmiEvent {
    /// Reads a push that was verified.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self> {
        let envelope: Envelope = serde_json::from_slice(bytes).map_err(|_| not_an_event())?;
        if envelope.id.is_empty() || envelope.event_type.is_empty() {
            return Err(not_an_event());
        }
        Ok(Self { event_id: envelope.id, event_type: envelope.event_type, body: envelope.body })
    }

    /// The body by what the event is about.
    ///
    /// # Errors
    /// [`InvalidResponse`](ErrorKind::InvalidResponse) when it has not the shape of its kind.
    pub fn decode(&self) -> Result<NmiObject> {
        Ok(match family(&self.event_type) {
            Family::Transaction => NmiObject::Transaction(Box::new(self.read()?)),
            Family::Plan => NmiObject::Plan(Box::new(self.read()?)),
            Family::Subscription => NmiObject::Subscription(Box::new(self.read()?)),
            Family::Settlement => NmiObject::SettlementBatch(Box::new(self.read()?)),
            Family::Chargeback => NmiObject::ChargebackBatch(Box::new(self.read()?)),
            Family::Other => NmiObject::Other(RawObject::new(self.body.get().to_owned())),
        })
    }

    fn read<T: DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_str(self.body.get()).map_err(|_| not_an_event())
    }

    /// The event in the vocabulary that all vendors share. What cannot be read of the body is left out: the kind follows
    /// from the type alone.
    pub(crate) fn normalize(self, environment: Option<Environment>) -> Event {
        let common: Common = self.read().unwrap_or_default();
        let mut event = Event::new(
            kind_of(&self.event_type, common.is_check()),
            self.event_type.clone(),
            RawObject::new(self.body.get().to_owned()),
        )
        .with_id(self.event_id.clone());
        let test = common.features.and_then(|features| features.is_test_mode);
        match (test.as_deref(), environment) {
            (Some("true" | "1"), _) => event = event.with_live(false),
            (Some("false" | "0"), Some(Environment::Production)) => event = event.with_live(true),
            _ => {}
        }
        if let Some(id) = common.merchant.and_then(|merchant| merchant.id) {
            event = event.with_account(id);
        }
        if let Some(at) = common.action.as_ref().and_then(|action| time(action.date.as_deref()?)) {
            event = event.with_occurred_at(at);
        }
        let handles = [
            (kind::SUBSCRIPTION, common.subscription_id),
            (kind::TRANSACTION, common.transaction_id),
            (kind::BATCH, common.batch_id),
        ];
        for (kind, id) in handles {
            if let Some(id) = id.filter(|id| !id.is_empty()) {
                event = event.with_reference(PaymentRef::new(PROVIDER, kind, id));
            }
        }
        for id in common.transaction_ids.into_iter().flatten().take(MOST_REFERENCES) {
            event = event.with_reference(PaymentRef::new(PROVIDER, kind::TRANSACTION, id));
        }
        event
    }
}

impl fmt::Debug for NmiEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NmiEvent")
            .field("event_id", &self.event_id)
            .field("event_type", &self.event_type)
            .finish_non_exhaustive()
    }
}

fn not_an_event() -> Error {
    Error::new(ErrorKind::InvalidResponse, "the signed body is not an event of NMI's")
}

/// What an event is about.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum NmiObject {
    /// A transaction, or the state of a bank debit.
    Transaction(Box<TransactionEvent>),
    /// A plan.
    Plan(Box<PlanEvent>),
    /// A subscription.
    Subscription(Box<SubscriptionBody>),
    /// A settlement batch.
    SettlementBatch(Box<BatchEvent>),
    /// A batch of chargebacks.
    ChargebackBatch(Box<BatchEvent>),
    /// Account updates, network tokens, and what NMI may add.
    Other(RawObject),
}

enum Family {
    Transaction,
    Plan,
    Subscription,
    Settlement,
    Chargeback,
    Other,
}

fn family(event_type: &str) -> Family {
    let mut parts = event_type.split('.');
    match (parts.next(), parts.next()) {
        (Some("transaction"), _) => Family::Transaction,
        (Some("recurring"), Some("plan")) => Family::Plan,
        (Some("recurring"), Some("subscription")) => Family::Subscription,
        (Some("settlement"), _) => Family::Settlement,
        (Some("chargeback"), _) => Family::Chargeback,
        _ => Family::Other,
    }
}

/// What a type means. A bank debit that was accepted is under way; a failed capture or void leaves things as they were.
fn kind_of(event_type: &str, check: bool) -> EventKind {
    use PaymentEvent as P;
    let parts: Vec<&str> = event_type.split('.').collect();
    let payment = EventKind::Payment;
    match parts.as_slice() {
        ["transaction", "sale", "success"] if check => payment(P::Processing),
        ["transaction", "sale", "success"] => payment(P::Succeeded),
        ["transaction", "auth", "success"] => payment(P::Authorized),
        ["transaction", "sale" | "auth", "failure"] => payment(P::Failed),
        ["transaction", "capture", "success"] => payment(P::Captured),
        ["transaction", "void", "success"] => payment(P::Canceled),
        ["transaction", "refund" | "credit", outcome] => EventKind::Refund(match *outcome {
            "success" => RefundEvent::Succeeded,
            "failure" => RefundEvent::Failed,
            _ => RefundEvent::Updated,
        }),
        ["transaction", "check", "status", "settle"] => payment(P::Settled),
        ["transaction", "check", "status", "return" | "latereturn"] => EventKind::Return,
        ["transaction", ..] => payment(P::Updated),
        ["recurring", "subscription", "add"] => EventKind::Subscription(SubscriptionEvent::Created),
        ["recurring", "subscription", "delete"] => EventKind::Subscription(SubscriptionEvent::Canceled),
        ["recurring", "subscription", ..] => EventKind::Subscription(SubscriptionEvent::Updated),
        ["settlement", "batch", "complete"] => EventKind::Payout(PayoutEvent::Created),
        ["settlement", "batch", "failure"] => EventKind::Payout(PayoutEvent::Failed),
        ["chargeback", ..] => EventKind::Dispute(DisputeEvent::Opened),
        ["acu" | "networktoken", ..] => EventKind::Setup(SetupEvent::Updated),
        _ => EventKind::Other,
    }
}

/// `YYYYMMDDhhmmss`, in UTC.
fn time(text: &str) -> Option<DateTime<Utc>> {
    (text.len() == 14)
        .then(|| NaiveDateTime::parse_from_str(text, "%Y%m%d%H%M%S").ok())?
        .map(|time| time.and_utc())
}

/// NMI writes every number as a string; a bare number or boolean is read as its text all the same.
fn text<'de, D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Option<String>, D::Error> {
    Ok(match Option::<serde_json::Value>::deserialize(deserializer)? {
        Some(serde_json::Value::String(text)) => Some(text).filter(|text| !text.is_empty()),
        Some(serde_json::Value::Number(number)) => Some(number.to_string()),
        Some(serde_json::Value::Bool(yes)) => Some(yes.to_string()),
        _ => None,
    })
}

/// A list of ids, however it is written.
fn ids<'de, D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Option<Vec<String>>, D::Error> {
    let id = |value: serde_json::Value| match value {
        serde_json::Value::String(text) => Some(text),
        serde_json::Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    Ok(match Option::<serde_json::Value>::deserialize(deserializer)? {
        Some(serde_json::Value::Array(list)) => Some(list.into_iter().filter_map(id).collect()),
        _ => None,
    })
}

/// What the shared vocabulary needs of any body.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Common {
    merchant: Option<Merchant>,
    features: Option<Features>,
    #[serde(deserialize_with = "text")]
    transaction_id: Option<String>,
    #[serde(deserialize_with = "text")]
    transaction_type: Option<String>,
    #[serde(deserialize_with = "text")]
    subscription_id: Option<String>,
    #[serde(deserialize_with = "text")]
    batch_id: Option<String>,
    #[serde(deserialize_with = "ids")]
    transaction_ids: Option<Vec<String>>,
    check: Option<serde::de::IgnoredAny>,
    action: Option<EventAction>,
}

impl Common {
    fn is_check(&self) -> bool {
        self.transaction_type.as_deref() == Some("ck")
            || (self.transaction_type.is_none() && self.check.is_some())
    }
}

/// Whose event it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Merchant {
    /// The gateway account's id.
    #[serde(deserialize_with = "text")]
    pub id: Option<String>,
    /// The gateway account's name.
    #[serde(deserialize_with = "text")]
    pub name: Option<String>,
}

/// Switches of the account when the event was made.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Features {
    /// `true` while the account is in test mode.
    #[serde(deserialize_with = "text")]
    pub is_test_mode: Option<String>,
}

/// What was done to a transaction.
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct EventAction {
    /// The amount; that of a refund may be negative.
    #[serde(deserialize_with = "text")]
    pub amount: Option<String>,
    /// `sale`, `auth`, ...
    #[serde(deserialize_with = "text")]
    pub action_type: Option<String>,
    /// `YYYYMMDDhhmmss`, in UTC.
    #[serde(deserialize_with = "text")]
    pub date: Option<String>,
    /// `1` when it worked.
    #[serde(deserialize_with = "text")]
    pub success: Option<String>,
    /// The response code.
    #[serde(deserialize_with = "text")]
    pub response_code: Option<String>,
    /// The response text. It may be personal.
    #[serde(deserialize_with = "text")]
    pub response_text: Option<String>,
}

impl fmt::Debug for EventAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventAction")
            .field("amount", &self.amount)
            .field("action_type", &self.action_type)
            .field("date", &self.date)
            .field("success", &self.success)
            .field("response_code", &self.response_code)
            .finish_non_exhaustive()
    }
}

/// The card of a transaction, as far as it may be shown.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct EventCard {
    /// The number with most digits left out.
    #[serde(deserialize_with = "text")]
    pub cc_number: Option<String>,
    /// The expiry, `MMYY`.
    #[serde(deserialize_with = "text")]
    pub cc_exp: Option<String>,
    /// The brand.
    #[serde(deserialize_with = "text")]
    pub cc_type: Option<String>,
    /// The letter of the address check.
    #[serde(deserialize_with = "text")]
    pub avs_response: Option<String>,
    /// The letter of the security code check.
    #[serde(deserialize_with = "text")]
    pub csc_response: Option<String>,
}

/// A transaction in an event.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct TransactionEvent {
    /// Whose.
    pub merchant: Merchant,
    /// Switches of the account.
    pub features: Features,
    /// The id.
    #[serde(deserialize_with = "text")]
    pub transaction_id: Option<String>,
    /// `cc` or `ck`.
    #[serde(deserialize_with = "text")]
    pub transaction_type: Option<String>,
    /// The condition, as queries show it.
    #[serde(deserialize_with = "text")]
    pub condition: Option<String>,
    /// The processor.
    #[serde(deserialize_with = "text")]
    pub processor_id: Option<String>,
    /// The order id: the wire key of the attempt, for payments of this crate's gateway.
    #[serde(deserialize_with = "text")]
    pub order_id: Option<String>,
    /// The currency's code.
    #[serde(deserialize_with = "text")]
    pub currency: Option<String>,
    /// The card.
    pub card: Option<EventCard>,
    /// What was done.
    pub action: Option<EventAction>,
}

/// A plan in an event.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct PlanEvent {
    /// The plan's id.
    #[serde(deserialize_with = "text")]
    pub id: Option<String>,
    /// Its name.
    #[serde(deserialize_with = "text")]
    pub name: Option<String>,
    /// Each payment.
    #[serde(deserialize_with = "text")]
    pub amount: Option<String>,
    /// How many payments.
    #[serde(deserialize_with = "text")]
    pub payments: Option<String>,
    /// Every so many days.
    #[serde(deserialize_with = "text")]
    pub day_frequency: Option<String>,
    /// Every so many months.
    #[serde(deserialize_with = "text")]
    pub month_frequency: Option<String>,
    /// On this day of the month.
    #[serde(deserialize_with = "text")]
    pub day_of_month: Option<String>,
}

/// A subscription in an event.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct SubscriptionBody {
    /// Whose.
    pub merchant: Merchant,
    /// Switches of the account.
    pub features: Features,
    /// The subscription's id.
    #[serde(deserialize_with = "text")]
    pub subscription_id: Option<String>,
    /// What kind.
    #[serde(deserialize_with = "text")]
    pub subscription_type: Option<String>,
    /// The order id.
    #[serde(deserialize_with = "text")]
    pub order_id: Option<String>,
    /// The day of the next payment.
    #[serde(deserialize_with = "text")]
    pub next_charge_date: Option<String>,
    /// Payments that were tried.
    #[serde(deserialize_with = "text")]
    pub attempted_payments: Option<String>,
    /// Payments that worked.
    #[serde(deserialize_with = "text")]
    pub completed_payments: Option<String>,
    /// Payments to come.
    #[serde(deserialize_with = "text")]
    pub remaining_payments: Option<String>,
    /// Its terms.
    pub plan: Option<PlanEvent>,
}

/// A settlement batch or a batch of chargebacks. Its shape is not published in full: what else it holds stands in the
/// event's object.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct BatchEvent {
    /// Whose.
    pub merchant: Merchant,
    /// Switches of the account.
    pub features: Features,
    /// The batch.
    #[serde(deserialize_with = "text")]
    pub batch_id: Option<String>,
    /// Its sum.
    #[serde(deserialize_with = "text")]
    pub amount: Option<String>,
    /// Its transactions.
    #[serde(deserialize_with = "ids")]
    pub transaction_ids: Option<Vec<String>>,
}
