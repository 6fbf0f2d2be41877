//! Events in one vocabulary, for hosts that choose their provider at run time.

use std::fmt;

use async_trait::async_trait;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;

use super::proof::Verified;
use super::raw::RawWebhook;
use super::replay::FreshnessClass;
use crate::error::{Error, ErrorKind, Result};
use crate::messaging::DeliveryNews;
use crate::payment::PaymentRef;

/// Turns pushes into verified events. What a provider's connection offers behind `dyn`.
#[async_trait]
pub trait WebhookReceiver: fmt::Debug + Send + Sync {
    /// What the scheme signs about time, from which follows what a replay guard must remember
    /// ([`guard_for`](super::guard_for)).
    fn freshness(&self) -> FreshnessClass;

    /// Checks a push and reads its events, in the order in which the vendor sent them. No order is promised between
    /// pushes.
    ///
    /// # Errors
    /// * [`SignatureInvalid`](crate::ErrorKind::SignatureInvalid) with a [`Reason`](super::Reason) as code: answer 401
    ///   with an empty body.
    /// * [`InvalidResponse`](crate::ErrorKind::InvalidResponse) when the body was signed and cannot be read.
    /// * The kinds of an ordinary call, where the scheme asks the vendor's API for a key or the object: answer 503, and
    ///   the vendor sends it again.
    async fn receive(&self, raw: RawWebhook, now: DateTime<Utc>) -> Result<Vec<Verified<Event>>>;
}

/// Something that happened at a vendor, in the vocabulary that all vendors share.
///
/// An event is a reason to look, not a statement of account: it may be late, repeated or out of order, and an amount
/// inside it is a hint. Fetch the object again before money moves. `Debug` shows ids and sizes.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Event {
    /// The vendor's id of the event, from the signed body. Where the vendor has none, what stands for it and changes
    /// with every event (a message's id together with its status), or `None`.
    pub id: Option<String>,
    /// What it is about.
    pub kind: EventKind,
    /// The vendor's own name for it.
    pub vendor_type: String,
    /// When the vendor says that it happened.
    pub occurred_at: Option<DateTime<Utc>>,
    /// `true` for real money and real messages, `false` for tests, `None` where the vendor does not say.
    pub live: Option<bool>,
    /// The vendor account, item or merchant that it belongs to. Compare it with the integration before acting.
    pub account: Option<String>,
    /// What it concerns, the main object first.
    pub references: Vec<PaymentRef>,
    /// Of a message: how far it has come.
    pub delivery: Option<Box<DeliveryNews>>,
    /// The vendor's own object.
    pub object: RawObject,
}

impl Event {
    /// An event that says no more than what it is.
    pub fn new(kind: EventKind, vendor_type: impl Into<String>, object: RawObject) -> Self {
        Self {
            id: None,
            kind,
            vendor_type: vendor_type.into(),
            occurred_at: None,
            live: None,
            account: None,
            references: Vec::new(),
            delivery: None,
            object,
        }
    }

    /// Sets the id. It must come from signed bytes: an id from an unsigned header can be changed by whoever repeats
    /// the push.
    pub fn with_id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// Sets when it happened.
    pub fn with_occurred_at(mut self, at: DateTime<Utc>) -> Self {
        self.occurred_at = Some(at);
        self
    }

    /// Sets whether it is real.
    pub fn with_live(mut self, live: bool) -> Self {
        self.live = Some(live);
        self
    }

    /// Sets the vendor account.
    pub fn with_account(mut self, account: impl Into<String>) -> Self {
        self.account = Some(account.into());
        self
    }

    /// Sets how far a message has come.
    pub fn with_delivery(mut self, news: DeliveryNews) -> Self {
        self.delivery = Some(Box::new(news));
        self
    }

    /// Adds something that it concerns.
    pub fn with_reference(mut self, reference: PaymentRef) -> Self {
        self.references.push(reference);
        self
    }
}

/// A vendor's object as it stood in the push. `Debug` shows its size.
#[derive(Clone, PartialEq, Eq)]
pub struct RawObject(Bytes);

impl RawObject {
    /// Takes the object's bytes, JSON as a rule.
    pub fn new(bytes: impl Into<Bytes>) -> Self {
        Self(bytes.into())
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Reads it as JSON.
    ///
    /// # Errors
    /// [`InvalidResponse`](crate::ErrorKind::InvalidResponse), without the parser's wording, which may quote the
    /// object.
    pub fn decode_json<T: DeserializeOwned>(&self) -> Result<T> {
        let refused = || {
            Error::new(ErrorKind::InvalidResponse, "the vendor's object is not the JSON that was expected")
        };
        // One look at all bytes is cheaper than the parser's look at each string.
        let text = std::str::from_utf8(&self.0).map_err(|_| refused())?;
        serde_json::from_str(text).map_err(|_| refused())
    }
}

impl fmt::Debug for RawObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RawObject({} bytes)", self.0.len())
    }
}

/// What an event is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EventKind {
    /// A payment.
    Payment(PaymentEvent),
    /// A refund.
    Refund(RefundEvent),
    /// A dispute, chargeback or warning of one.
    Dispute(DisputeEvent),
    /// Money on its way to the merchant's bank.
    Payout(PayoutEvent),
    /// A bank debit came back after it had been taken as good.
    Return,
    /// A payment method being stored.
    Setup(SetupEvent),
    /// A subscription or one of its invoices.
    Subscription(SubscriptionEvent),
    /// A link to a person's bank.
    Item(ItemEvent),
    /// Bank transactions.
    Transactions(TransactionsEvent),
    /// A text message or call.
    Message(MessageEvent),
    /// An email.
    Email(EmailEvent),
    /// Something without a name of ours; see [`Event::vendor_type`].
    Other,
}

/// What happened to a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PaymentEvent {
    /// It was begun.
    Created,
    /// The money is taken.
    Succeeded,
    /// It was declined or failed.
    Failed,
    /// It is under way, as bank debits are for days.
    Processing,
    /// The payer must do something first.
    RequiresAction,
    /// The amount is held and can be captured.
    Authorized,
    /// The held amount, or a part of it, was taken.
    Captured,
    /// It was canceled or voided.
    Canceled,
    /// The hold lapsed without capture.
    Expired,
    /// A person must decide about it.
    UnderReview,
    /// The money reached settlement.
    Settled,
    /// Something else about it changed.
    Updated,
}

/// What happened to a refund.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RefundEvent {
    /// It was begun.
    Created,
    /// The money went back.
    Succeeded,
    /// It failed; the money is with the merchant again.
    Failed,
    /// Something else about it changed.
    Updated,
}

/// What happened to a dispute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DisputeEvent {
    /// A card network warns of one.
    Warning,
    /// It was opened.
    Opened,
    /// Something about it changed.
    Updated,
    /// The disputed money was taken from the merchant.
    FundsWithdrawn,
    /// The disputed money came back.
    FundsReinstated,
    /// It was closed; fetch it to see who won.
    Closed,
}

/// What happened to a payout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PayoutEvent {
    /// It was begun.
    Created,
    /// It arrived, as far as the vendor knows.
    Paid,
    /// It came back.
    Failed,
    /// It was canceled.
    Canceled,
    /// Something else about it changed.
    Updated,
}

/// What happened to a payment method being stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SetupEvent {
    /// It was begun.
    Created,
    /// The payer must do something first.
    RequiresAction,
    /// The method is stored.
    Succeeded,
    /// It failed.
    Failed,
    /// It was canceled.
    Canceled,
    /// A stored method changed, for example because the bank sent a new card.
    Updated,
    /// A stored method was removed.
    Removed,
}

/// What happened to a subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SubscriptionEvent {
    /// It began.
    Created,
    /// Something about it changed.
    Updated,
    /// An invoice was paid.
    Paid,
    /// An invoice could not be paid.
    PaymentFailed,
    /// It was paused or suspended.
    Paused,
    /// It goes on after a pause.
    Resumed,
    /// It, or its trial, ends soon.
    Ending,
    /// It was canceled.
    Canceled,
    /// It ran to its end.
    Expired,
}

/// What happened to a link to a person's bank.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ItemEvent {
    /// It was made.
    Created,
    /// The person must sign in or consent again.
    ActionRequired,
    /// It works again.
    Repaired,
    /// Consent or connection ends soon.
    Expiring,
    /// The person or the bank ended it.
    Revoked,
    /// Accounts were added or removed.
    AccountsChanged,
    /// Data other than transactions is new.
    DataUpdated,
    /// Something else about it changed.
    Updated,
}

/// What happened to bank transactions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TransactionsEvent {
    /// There is something to sync.
    Available,
    /// The first months are there.
    InitialReady,
    /// The whole history is there.
    HistoricalReady,
    /// Some were removed.
    Removed,
    /// Recurring streams changed.
    RecurringUpdated,
}

/// What happened to a text message or call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MessageEvent {
    /// Somebody wrote to us.
    Received,
    /// It waits at the vendor.
    Queued,
    /// It left the vendor.
    Sent,
    /// It arrived.
    Delivered,
    /// It was read.
    Read,
    /// The carrier did not deliver it.
    Undelivered,
    /// It could not be sent.
    Failed,
    /// The recipient wants no more.
    OptedOut,
    /// The recipient wants messages again.
    OptedIn,
}

/// What happened to an email.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EmailEvent {
    /// Somebody wrote to us.
    Received,
    /// The vendor took it and will send it.
    Processed,
    /// The vendor decided not to send it.
    Dropped,
    /// The recipient's server took it.
    Delivered,
    /// The recipient's server asks to wait.
    Deferred,
    /// The recipient's server refused it.
    Bounced,
    /// It was opened.
    Opened,
    /// A link in it was followed.
    Clicked,
    /// The recipient called it spam.
    Complained,
    /// The recipient wants no more.
    Unsubscribed,
    /// The recipient wants mail again.
    Resubscribed,
}
