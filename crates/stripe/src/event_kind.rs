//! What Stripe's event types mean in the vocabulary of all providers.

use std::borrow::Cow;

use serde::Deserialize;
use turnbuckle_core::webhook::{
    DisputeEvent, EventKind, PaymentEvent, PayoutEvent, RefundEvent, SetupEvent, SubscriptionEvent,
};

/// The few fields of an event's object that tell what happened and to what.
#[derive(Default, Deserialize)]
pub(crate) struct Glance<'a> {
    #[serde(borrow)]
    id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    object: Option<Cow<'a, str>>,
    #[serde(borrow)]
    payment_intent: Option<Id<'a>>,
    #[serde(borrow)]
    charge: Option<Id<'a>>,
    #[serde(borrow)]
    subscription: Option<Id<'a>>,
    #[serde(borrow)]
    parent: Option<Parent<'a>>,
    #[serde(borrow)]
    status: Option<Word<'a>>,
    captured: Option<bool>,
}

/// What made an invoice: newer versions name its subscription here and no longer beside it.
#[derive(Deserialize)]
#[serde(untagged)]
enum Parent<'a> {
    Invoice {
        #[serde(borrow)]
        subscription_details: Option<OfSubscription<'a>>,
    },
    Else(serde::de::IgnoredAny),
}

#[derive(Deserialize)]
struct OfSubscription<'a> {
    #[serde(borrow)]
    subscription: Option<Id<'a>>,
}

/// An id, alone or inside its object.
#[derive(Deserialize)]
#[serde(untagged)]
enum Id<'a> {
    Alone(#[serde(borrow)] Cow<'a, str>),
    Inside {
        #[serde(borrow)]
        id: Cow<'a, str>,
    },
}

impl Id<'_> {
    fn text(&self) -> &str {
        match self {
            Self::Alone(id) | Self::Inside { id } => id,
        }
    }
}

/// Text, where it is text.
#[derive(Deserialize)]
#[serde(untagged)]
enum Word<'a> {
    Text(#[serde(borrow)] Cow<'a, str>),
    Else(serde::de::IgnoredAny),
}

impl Glance<'_> {
    /// Kind and id of the object itself, then of what it belongs to.
    pub(crate) fn references(&self) -> Vec<(String, String)> {
        let own = self.object.as_deref().zip(self.id.as_deref());
        let parent = match &self.parent {
            Some(Parent::Invoice { subscription_details: Some(details) }) => details.subscription.as_ref(),
            _ => None,
        };
        let related = [
            ("payment_intent", self.payment_intent.as_ref()),
            ("charge", self.charge.as_ref()),
            ("subscription", self.subscription.as_ref().or(parent)),
        ];
        let related = related.into_iter().filter_map(|(kind, id)| Some((kind, id?.text())));
        own.into_iter().chain(related).map(|(kind, id)| (kind.to_owned(), id.to_owned())).collect()
    }

    fn refund(&self) -> RefundEvent {
        match &self.status {
            Some(Word::Text(status)) if status == "succeeded" => RefundEvent::Succeeded,
            Some(Word::Text(status)) if status == "failed" => RefundEvent::Failed,
            _ => RefundEvent::Updated,
        }
    }
}

/// What an event type means. `charge.succeeded` is said of authorizations too; only the charge tells them apart.
pub(crate) fn kind(event_type: &str, glance: &Glance<'_>) -> EventKind {
    let Some((object, what)) = event_type.split_once('.') else { return EventKind::Other };
    match (object, what) {
        ("payment_intent", _) => EventKind::Payment(payment_intent(what)),
        ("charge", "refunded") => EventKind::Refund(RefundEvent::Updated),
        ("refund", "created") => EventKind::Refund(RefundEvent::Created),
        ("refund", "failed") => EventKind::Refund(RefundEvent::Failed),
        ("refund", _) | ("charge", "refund.updated") => EventKind::Refund(glance.refund()),
        ("charge", what) => match what.strip_prefix("dispute.") {
            Some(what) => EventKind::Dispute(dispute(what)),
            None => EventKind::Payment(charge(what, glance.captured)),
        },
        ("radar", "early_fraud_warning.created") => EventKind::Dispute(DisputeEvent::Warning),
        ("review", "opened") => EventKind::Payment(PaymentEvent::UnderReview),
        ("review", _) => EventKind::Payment(PaymentEvent::Updated),
        ("setup_intent", _) => EventKind::Setup(setup_intent(what)),
        ("payment_method", "attached") => EventKind::Setup(SetupEvent::Succeeded),
        ("payment_method", "detached") => EventKind::Setup(SetupEvent::Removed),
        ("payment_method", _) | ("mandate", "updated") => EventKind::Setup(SetupEvent::Updated),
        ("payout", _) => EventKind::Payout(payout(what)),
        ("invoice", "paid" | "payment_succeeded") => EventKind::Subscription(SubscriptionEvent::Paid),
        ("invoice", "payment_failed") => EventKind::Subscription(SubscriptionEvent::PaymentFailed),
        ("invoice", _) => EventKind::Subscription(SubscriptionEvent::Updated),
        ("customer", what) => match what.strip_prefix("subscription.") {
            Some(what) => EventKind::Subscription(subscription(what)),
            None => EventKind::Other,
        },
        _ => EventKind::Other,
    }
}

fn payment_intent(what: &str) -> PaymentEvent {
    match what {
        "created" => PaymentEvent::Created,
        "processing" => PaymentEvent::Processing,
        "requires_action" => PaymentEvent::RequiresAction,
        "amount_capturable_updated" => PaymentEvent::Authorized,
        "succeeded" => PaymentEvent::Succeeded,
        "payment_failed" => PaymentEvent::Failed,
        "canceled" => PaymentEvent::Canceled,
        _ => PaymentEvent::Updated,
    }
}

fn charge(what: &str, captured: Option<bool>) -> PaymentEvent {
    match what {
        "succeeded" if captured == Some(true) => PaymentEvent::Succeeded,
        "succeeded" if captured == Some(false) => PaymentEvent::Authorized,
        "pending" => PaymentEvent::Processing,
        "failed" => PaymentEvent::Failed,
        "captured" => PaymentEvent::Captured,
        "expired" => PaymentEvent::Expired,
        _ => PaymentEvent::Updated,
    }
}

fn dispute(what: &str) -> DisputeEvent {
    match what {
        "created" => DisputeEvent::Opened,
        "funds_withdrawn" => DisputeEvent::FundsWithdrawn,
        "funds_reinstated" => DisputeEvent::FundsReinstated,
        "closed" => DisputeEvent::Closed,
        _ => DisputeEvent::Updated,
    }
}

fn setup_intent(what: &str) -> SetupEvent {
    match what {
        "created" => SetupEvent::Created,
        "requires_action" => SetupEvent::RequiresAction,
        "succeeded" => SetupEvent::Succeeded,
        "setup_failed" => SetupEvent::Failed,
        "canceled" => SetupEvent::Canceled,
        _ => SetupEvent::Updated,
    }
}

fn payout(what: &str) -> PayoutEvent {
    match what {
        "created" => PayoutEvent::Created,
        "paid" => PayoutEvent::Paid,
        "failed" => PayoutEvent::Failed,
        "canceled" => PayoutEvent::Canceled,
        _ => PayoutEvent::Updated,
    }
}

fn subscription(what: &str) -> SubscriptionEvent {
    match what {
        "created" => SubscriptionEvent::Created,
        "deleted" => SubscriptionEvent::Canceled,
        "paused" => SubscriptionEvent::Paused,
        "resumed" => SubscriptionEvent::Resumed,
        "trial_will_end" => SubscriptionEvent::Ending,
        _ => SubscriptionEvent::Updated,
    }
}
