//! Finding payments again: by handle, by the merchant's reference, and by the mark of an attempt.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use turnbuckle_core::money::{Currency, Money};
use turnbuckle_core::payment::{
    Attempt, Authority, Lifecycle, Lookup, MerchantReference, Payment, PaymentOperation, PaymentRef,
};
use turnbuckle_core::{Error, ErrorKind, Result};

use super::{StripeGateway, answer, call, detail, kind, marks, verify};
use crate::amount::from_stripe;
use crate::{
    Created, List, ListPaymentIntents, ListRefunds, ListRequest, ListSetupIntents, Object, PaymentIntent,
    PaymentIntentStatus,
};

/// How long after it was sent a request may still take effect: the client's deadline of 90 seconds, and as much again
/// for what Stripe began before the connection was given up.
const IN_FLIGHT: Duration = Duration::from_secs(3 * 60);

/// How far the clocks of the host and of Stripe may be apart.
pub(super) const SKEW: TimeDelta = TimeDelta::minutes(5);

/// The time in which an attempt's object was made.
pub(super) fn window(attempt: &Attempt) -> Created {
    Created::since(attempt.started_at - SKEW).until(attempt.last_sent_at + IN_FLIGHT + SKEW)
}

/// A walk over a list, newest first, as far as is reasonable.
pub(super) struct Scan<T> {
    pub(super) found: Vec<T>,
    /// Whether the list was read to its end.
    pub(super) complete: bool,
}

impl Scan<()> {
    /// Objects a page: the most that Stripe gives.
    pub(super) const PAGE: u32 = 100;
    /// Pages of one scan. An account that makes more than 2000 payments within the window of an attempt gets
    /// [`Authority::Partial`] where the mark is not among them.
    const PAGES: usize = 20;

    /// Walks a list and keeps what matches.
    pub(super) async fn run<T, R, M>(request: R, matches: M) -> Result<Scan<T>>
    where
        T: Object + serde::de::DeserializeOwned,
        R: Fn(Option<String>) -> ListRequest<T>,
        M: Fn(&T) -> bool,
    {
        let mut scan = Scan { found: Vec::new(), complete: false };
        let mut after = None;
        for _ in 0..Self::PAGES {
            let List { data, has_more, .. } = request(after.take()).page().await?;
            after = data.last().map(|last| last.id().to_owned());
            scan.found.extend(data.into_iter().filter(&matches));
            if !has_more || after.is_none() {
                scan.complete = true;
                break;
            }
        }
        Ok(scan)
    }
}

impl StripeGateway {
    pub(super) async fn by_reference(&self, payment: &PaymentRef) -> Result<Lookup> {
        let scope = payment.detail(detail::ACCOUNT);
        let found = match payment.kind() {
            kind::PAYMENT => match self.intent(payment.id(), scope).await {
                Ok(intent) => self.reviewed(&intent, scope).await,
                Err(error) => Err(error),
            },
            kind::REFUND => match self.client.refunds().retrieve(payment.id(), &call(scope)).await {
                Ok(refund) => self.refund_payment_of(&refund, None, scope),
                Err(error) => Err(error),
            },
            kind::SETUP => {
                let options = call(scope).with_expand("payment_method");
                let setup = self.client.setup_intents().retrieve(payment.id(), &options).await;
                setup.map(|setup| answer::verification(&setup, verify::currency_of(payment), scope))
            }
            _ => {
                return Err(Error::invalid_field(
                    "payment",
                    "is not a handle of a payment, refund or verification",
                ));
            }
        };
        match found {
            Ok(payment) => Ok(Lookup::Found(vec![payment])),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Lookup::Absent(Authority::Authoritative)),
            Err(error) => Err(error),
        }
    }

    /// A payment, and whether somebody has yet to decide about it.
    async fn reviewed(&self, intent: &PaymentIntent, scope: Option<&str>) -> Result<Payment> {
        let mut payment = answer::payment(intent, answer::operation(intent), scope)?;
        payment.under_review = self.is_under_review(intent, scope).await?;
        Ok(payment)
    }

    /// Every payment of one account with the merchant's reference in its metadata. An absence proves something only once
    /// `since` is three minutes ago, since a request may still be under way before; one that was sent later than `since`
    /// is for a lookup by attempt.
    pub(super) async fn by_merchant_reference(
        &self,
        reference: &MerchantReference,
        since: DateTime<Utc>,
        scope: Option<&str>,
    ) -> Result<Lookup> {
        let matches = |intent: &PaymentIntent| {
            intent.metadata.get(marks::REFERENCE).is_some_and(|mark| mark == reference.as_str())
        };
        let scan = self.scan_payments(&Created::since(since - SKEW), matches, scope).await?;
        let complete = scan.complete;
        let mut payments = Vec::new();
        for intent in scan.found {
            payments.push(self.whole(intent, scope).await?);
        }
        let until = since + IN_FLIGHT;
        Ok(found(payments, || match complete {
            false => Authority::Partial,
            true if self.clock.now() < until => Authority::Lagging { until },
            true => Authority::Authoritative,
        }))
    }

    pub(super) async fn by_attempt(&self, attempt: &Attempt) -> Result<Lookup> {
        match attempt.operation {
            PaymentOperation::Purchase | PaymentOperation::Authorize => self.payments_of(attempt).await,
            PaymentOperation::Capture => self.capture_of(attempt).await,
            PaymentOperation::Void => self.void_of(attempt).await,
            PaymentOperation::Refund => self.refunds_of(attempt).await,
            PaymentOperation::Verify => self.verifications_of(attempt).await,
            _ => Err(Error::unsupported("this gateway cannot have made such an attempt")),
        }
    }

    async fn payments_of(&self, attempt: &Attempt) -> Result<Lookup> {
        let scope = attempt.sub_account.as_deref();
        let matches =
            |intent: &PaymentIntent| marks::carries(&intent.metadata, marks::WIRE_KEY, &attempt.wire_key);
        let scan = self.scan_payments(&window(attempt), matches, scope).await?;
        let complete = scan.complete;
        let mut payments = Vec::new();
        for intent in scan.found {
            payments.push(self.whole(intent, scope).await?);
        }
        Ok(found(payments, || self.absence(attempt, complete)))
    }

    /// The capture's mark joins the payment's when, and only when, the capture happens.
    async fn capture_of(&self, attempt: &Attempt) -> Result<Lookup> {
        let (parent, scope) = parent(attempt)?;
        let intent = self.intent(parent.id(), scope).await?;
        if !marks::carries(&intent.metadata, marks::CAPTURE_KEY, &attempt.wire_key) {
            // Neither a canceled payment nor one that another attempt captured can be captured any more.
            let closed =
                matches!(intent.status, PaymentIntentStatus::Succeeded | PaymentIntentStatus::Canceled);
            let authority = if closed { Authority::Authoritative } else { self.absence(attempt, true) };
            return Ok(Lookup::Absent(authority));
        }
        let mut payment = answer::payment(&intent, PaymentOperation::Capture, scope)?;
        payment.amounts.requested = from_stripe(intent.amount_received, &intent.currency)?;
        payment.wire_key = Some(attempt.wire_key.clone());
        Ok(Lookup::Found(vec![payment]))
    }

    /// A void leaves no mark; the canceled payment is its trace, whoever canceled it.
    async fn void_of(&self, attempt: &Attempt) -> Result<Lookup> {
        let (parent, scope) = parent(attempt)?;
        let intent = self.intent(parent.id(), scope).await?;
        match intent.status {
            PaymentIntentStatus::Canceled => {
                let mut payment = answer::payment(&intent, PaymentOperation::Void, scope)?;
                payment.lifecycle = Lifecycle::Voided;
                payment.wire_key = None;
                Ok(Lookup::Found(vec![payment]))
            }
            PaymentIntentStatus::Succeeded => Ok(Lookup::Absent(Authority::Authoritative)),
            _ => Ok(Lookup::Absent(self.absence(attempt, true))),
        }
    }

    async fn refunds_of(&self, attempt: &Attempt) -> Result<Lookup> {
        let (parent, scope) = parent(attempt)?;
        let scan = Scan::run(
            |after| {
                let mut params = ListRefunds::new().with_payment_intent(parent.id()).with_limit(Scan::PAGE);
                params.starting_after = after;
                self.client.refunds().list(&params).with_options(call(scope))
            },
            |refund| marks::carries(&refund.metadata, marks::WIRE_KEY, &attempt.wire_key),
        )
        .await?;
        let payments = scan.found.iter().map(|refund| self.refund_payment_of(refund, Some(parent), scope));
        let payments = payments.collect::<Result<Vec<_>>>()?;
        Ok(found(payments, || self.absence(attempt, scan.complete)))
    }

    async fn verifications_of(&self, attempt: &Attempt) -> Result<Lookup> {
        let scope = attempt.sub_account.as_deref();
        let created = window(attempt);
        let scan = Scan::run(
            |after| {
                let mut params = ListSetupIntents::new().with_limit(Scan::PAGE).with_created(created.clone());
                params.starting_after = after;
                self.client
                    .setup_intents()
                    .list(&params)
                    .with_options(call(scope).with_expand("data.payment_method"))
            },
            |setup| marks::carries(&setup.metadata, marks::WIRE_KEY, &attempt.wire_key),
        )
        .await?;
        let currency = attempt.amount.map_or(Currency::USD, Money::currency);
        let payments = scan.found.iter().map(|setup| answer::verification(setup, currency, scope)).collect();
        Ok(found(payments, || self.absence(attempt, scan.complete)))
    }

    async fn scan_payments(
        &self,
        created: &Created,
        matches: impl Fn(&PaymentIntent) -> bool,
        scope: Option<&str>,
    ) -> Result<Scan<PaymentIntent>> {
        Scan::run(
            |after| {
                let mut params =
                    ListPaymentIntents::new().with_limit(Scan::PAGE).with_created(created.clone());
                params.starting_after = after;
                self.client.payment_intents().list(&params).with_options(call(scope))
            },
            matches,
        )
        .await
    }

    /// A payment from a list, read again with its charge.
    async fn whole(&self, intent: PaymentIntent, scope: Option<&str>) -> Result<Payment> {
        let intent = self.intent(&intent.id, scope).await?;
        answer::payment(&intent, answer::operation(&intent), scope)
    }

    /// What it proves that an attempt left no trace. Stripe's lists, unlike its search, show what was just made.
    pub(super) fn absence(&self, attempt: &Attempt, complete: bool) -> Authority {
        let until = attempt.last_sent_at + IN_FLIGHT;
        match complete {
            false => Authority::Partial,
            true if self.clock.now() < until => Authority::Lagging { until },
            true => Authority::Authoritative,
        }
    }
}

fn found(mut payments: Vec<Payment>, absence: impl FnOnce() -> Authority) -> Lookup {
    if payments.is_empty() {
        return Lookup::Absent(absence());
    }
    answer::newest_first(&mut payments);
    Lookup::Found(payments)
}

/// The payment that an attempt worked on, and its account.
fn parent(attempt: &Attempt) -> Result<(&PaymentRef, Option<&str>)> {
    let parent = attempt.parent.as_ref().ok_or_else(|| {
        Error::invalid_field("attempt.parent", "is missing: it says which payment to look at")
    })?;
    Ok((parent, parent.detail(detail::ACCOUNT).or(attempt.sub_account.as_deref())))
}
