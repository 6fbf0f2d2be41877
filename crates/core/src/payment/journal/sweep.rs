//! Finding out what became of the attempts that a dropped future or a killed process left open.

use chrono::{DateTime, Utc};

use super::{Conclusion, End, Journal, JournalRecord};
use crate::error::{Error, Result};
use crate::payment::{
    Payment, PaymentGateway, PaymentOperation, Resolution, StoredMethod, Subscription, Subscriptions,
    resolve, resolve_retry, resolve_store, resolve_subscription,
};

/// What a sweep found out about one attempt.
#[derive(Debug)]
#[non_exhaustive]
pub enum Swept {
    /// It made or changed this payment.
    Payment(Box<Payment>),
    /// It kept this method.
    Stored(Box<StoredMethod>),
    /// It started or changed this subscription.
    Subscription(Box<Subscription>),
    /// It never happened, or was declined.
    DidNotHappen,
    /// Nobody knows yet.
    StillUnknown {
        /// When to look again.
        check_after: DateTime<Utc>,
    },
    /// Looking it up failed; the record stays open.
    Failed(Error),
}

/// What a sweep found out.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct SweepReport {
    /// Every open record of this account, and what became of it.
    pub swept: Vec<(JournalRecord, Swept)>,
}

impl SweepReport {
    /// Whether every attempt is settled now.
    pub fn is_settled(&self) -> bool {
        !self.swept.iter().any(|(_, swept)| matches!(swept, Swept::StillUnknown { .. } | Swept::Failed(_)))
    }
}

/// Resolves open records of this gateway's account that were last sent before `sent_before`, and concludes those that
/// are settled now. Run it at the start of a process and now and then after.
///
/// Choose `sent_before` so far back that no process can still be waiting for the answer, for example now less the
/// operation deadline. At most `limit` records are looked at, those of other accounts not counted. One failing lookup does not stop the rest.
///
/// # Errors
/// When the journal fails.
pub async fn sweep(
    journal: &dyn Journal,
    gateway: &dyn PaymentGateway,
    subscriptions: Option<&dyn Subscriptions>,
    sent_before: DateTime<Utc>,
    now: DateTime<Utc>,
    limit: usize,
) -> Result<SweepReport> {
    let mut report = SweepReport::default();
    for record in journal.open(gateway.provider(), gateway.account(), sent_before, limit).await? {
        let attempt = &record.attempt;
        let swept = match attempt.operation {
            PaymentOperation::Store => match resolve_store(gateway, attempt, now).await {
                Ok(resolution) => settle(resolution, |method| Swept::Stored(Box::new(method))),
                Err(error) => Swept::Failed(error),
            },
            PaymentOperation::CreateSubscription
            | PaymentOperation::UpdateSubscription
            | PaymentOperation::ReactivateSubscription => match subscriptions {
                Some(subscriptions) => match resolve_subscription(subscriptions, attempt, now).await {
                    Ok(resolution) => settle(resolution, |found| Swept::Subscription(Box::new(found))),
                    Err(error) => Swept::Failed(error),
                },
                None => Swept::Failed(Error::unsupported("this connection has no subscriptions")),
            },
            PaymentOperation::RetrySubscription => match subscriptions {
                Some(subscriptions) => match resolve_retry(subscriptions, attempt, now).await {
                    Ok(resolution) => settle(resolution, |payment| Swept::Payment(Box::new(payment))),
                    Err(error) => Swept::Failed(error),
                },
                None => Swept::Failed(Error::unsupported("this connection has no subscriptions")),
            },
            _ => match resolve(gateway, attempt, now).await {
                Ok(resolution) => settle(resolution, |payment| Swept::Payment(Box::new(payment))),
                Err(error) => Swept::Failed(error),
            },
        };
        let conclusion = match &swept {
            Swept::Payment(payment) => Some(Conclusion::of_payment(attempt, payment, now)),
            Swept::Stored(method) => {
                Some(Conclusion::new(now, End::Done).with_payment(method.reference.clone()))
            }
            Swept::Subscription(found) => {
                Some(Conclusion::new(now, End::Done).with_payment(found.reference.clone()))
            }
            Swept::DidNotHappen => Some(Conclusion::new(now, End::NotDone)),
            Swept::Failed(error) if error.effect() == crate::Effect::Happened => {
                Conclusion::of_error(error, now)
            }
            Swept::StillUnknown { .. } | Swept::Failed(_) => None,
        };
        if let Some(conclusion) = conclusion {
            journal.conclude(&attempt.wire_key, &conclusion).await?;
        }
        report.swept.push((record, swept));
    }
    Ok(report)
}

fn settle<T>(resolution: Resolution<T>, happened: impl FnOnce(T) -> Swept) -> Swept {
    match resolution {
        Resolution::Happened(found) => happened(found),
        Resolution::DidNotHappen => Swept::DidNotHappen,
        Resolution::StillUnknown { check_after } => Swept::StillUnknown { check_after },
    }
}
