//! Subscriptions of the reference vendor.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Days, Months, TimeDelta, Utc};
use turnbuckle_core::money::{Currency, Money};
use turnbuckle_core::payment::{
    Amounts, Attempt, Authority, CancelWhen, Decline, DeclineAdvice, DeclineReason, Idempotency,
    IdempotencyKey, Interval, IntervalUnit, Lifecycle, Lookup, MerchantReference, Outcome, Payment,
    PaymentMethod, PaymentOperation, PaymentRef, Plan, Subscription, SubscriptionFeature,
    SubscriptionFeatures, SubscriptionOutcome, SubscriptionRequest, SubscriptionStatus, SubscriptionUpdate,
    Subscriptions, WireKey,
};
use turnbuckle_core::{Error, ErrorKind, ProviderId, Result};

use super::Bug;
use super::books::{Books, RETENTION, Record};
use super::magic::{Instrument, Magic};
use super::provider::{ID, Line, OWN_ID};

const FEATURES: SubscriptionFeatures =
    SubscriptionFeatures::new(SubscriptionFeature::ALL, Idempotency::Keys { retention: RETENTION })
        .with_token_kinds(&[super::TOKEN_KIND]);

/// One subscription in the books.
#[derive(Clone)]
pub(super) struct Running {
    subscription: Subscription,
    key: WireKey,
    amount: Money,
    every: Interval,
    instrument: Instrument,
    reference: MerchantReference,
    payments: Vec<String>,
    /// How many payments are left; `None` goes on.
    left: Option<u32>,
}

#[derive(Debug)]
pub(super) struct ReferenceSubscriptions {
    pub(super) line: Arc<Line>,
}

fn instrument(books: &Books, method: &PaymentMethod) -> Result<Instrument> {
    match method {
        PaymentMethod::Card(card) => Ok(Instrument::of_card(card)),
        PaymentMethod::Token(token) => Instrument::of_token(token),
        PaymentMethod::BankAccount(account) => Ok(Instrument::of_account(account)),
        PaymentMethod::Stored(stored) => books
            .methods
            .get(stored.id())
            .filter(|_| !books.removed.contains(stored.id()))
            .cloned()
            .ok_or_else(|| Error::new(ErrorKind::NotFound, "no such stored method")),
        _ => Err(Error::unsupported("this kind of method is unknown here")),
    }
}

fn priced(plan: &Plan) -> Result<(Money, Interval)> {
    match plan {
        Plan::Inline { amount, every } if every.count > 0 => Ok((*amount, *every)),
        Plan::Vendor { id, quantity } if id == "plan_basic" && *quantity > 0 => {
            let amount = Money::new(990 * i64::from(*quantity), Currency::USD);
            Ok((amount, Interval::new(1, IntervalUnit::Month)))
        }
        _ => Err(Error::invalid_field("plan", "is not a plan of this vendor")),
    }
}

fn later(time: DateTime<Utc>, every: Interval) -> Option<DateTime<Utc>> {
    match every.unit {
        IntervalUnit::Day => time.checked_add_days(Days::new(every.count.into())),
        IntervalUnit::Week => time.checked_add_days(Days::new(u64::from(every.count) * 7)),
        IntervalUnit::Month => time.checked_add_months(Months::new(every.count)),
        IntervalUnit::Year => time.checked_add_months(Months::new(every.count.saturating_mul(12))),
        _ => None,
    }
}

impl Running {
    fn status(&mut self, status: SubscriptionStatus, word: &str) {
        self.subscription.status = status;
        word.clone_into(&mut self.subscription.vendor_status);
    }

    fn is_over(&self) -> bool {
        matches!(self.subscription.status, SubscriptionStatus::Cancelled | SubscriptionStatus::Completed)
    }

    /// Charges once.
    fn charge(&mut self, books: &mut Books, key: &WireKey, now: DateTime<Utc>) -> Outcome {
        if self.instrument.magic == Magic::Decline {
            return Outcome::Declined(Decline::new(DeclineReason::DoNotHonor, DeclineAdvice::OtherMethod));
        }
        let amounts = Amounts::requested(self.amount).with_authorized(self.amount).with_captured(self.amount);
        let record = Record {
            id: books.next_id("pay"),
            operation: PaymentOperation::Purchase,
            lifecycle: Lifecycle::Captured,
            amounts,
            live: self.subscription.live,
            parent: None,
            merchant_reference: Some(self.reference.clone()),
            wire_key: key.clone(),
            method: Some(self.instrument.summary.clone()),
            magic: Magic::Approve,
            created_at: now,
            open: false,
        };
        books.book(&record, key, self.amount, now);
        let payment = record.own();
        self.payments.push(record.id.clone());
        books.save(record);
        self.left = self.left.map(|left| left.saturating_sub(1));
        self.subscription.next_payment_at = later(now, self.every);
        if self.left == Some(0) {
            self.status(SubscriptionStatus::Completed, "completed");
            self.subscription.next_payment_at = None;
        } else {
            self.status(SubscriptionStatus::Active, "active");
        }
        Outcome::Approved(payment)
    }
}

impl Books {
    /// The end of a period, for every running subscription.
    pub(super) fn renew(&mut self, now: DateTime<Utc>) {
        let ids: Vec<String> = self.subscriptions.keys().cloned().collect();
        for id in ids {
            let Some(mut running) = self.subscriptions.get(&id).cloned() else { continue };
            if running.is_over() {
                continue;
            }
            if running.subscription.ends_at.is_some() {
                running.status(SubscriptionStatus::Cancelled, "cancelled");
            } else {
                let key = running.key.clone();
                if matches!(running.charge(self, &key, now), Outcome::Declined(_)) {
                    running.status(SubscriptionStatus::PastDue, "past_due");
                }
            }
            self.subscriptions.insert(id, running);
        }
    }

    fn running(&self, reference: &PaymentRef) -> Result<Running> {
        let found = self.subscriptions.get(reference.id());
        found.cloned().ok_or_else(|| Error::new(ErrorKind::NotFound, "no such subscription"))
    }
}

impl ReferenceSubscriptions {
    fn start(&self, books: &mut Books, request: &SubscriptionRequest) -> Result<SubscriptionOutcome> {
        let operation = PaymentOperation::CreateSubscription;
        let key = WireKey::derive(&ID, &self.line.account, operation, &request.key);
        let now = self.line.vendor.now();
        let earlier = books.subscriptions.values().find(|running| running.key == key);
        if let Some(running) = earlier
            && !self.line.vendor.has(Bug::SubscribesTwice)
        {
            let first = running.payments.first().and_then(|id| books.records.get(id));
            let first = first.map(|record| Outcome::Approved(record.own()));
            return Ok(SubscriptionOutcome::new(Some(running.subscription.clone()), first));
        }
        let (amount, every) = priced(&request.plan)?;
        let id = books.next_id("sub");
        let mut subscription = Subscription::new(
            PaymentRef::new(ID, "subscription", &id),
            SubscriptionStatus::Pending,
            "pending",
            self.line.live,
        );
        subscription.amount = Some(amount);
        subscription.every = Some(every);
        subscription.wire_key = Some(key.clone());
        let mut running = Running {
            subscription,
            key,
            amount,
            every,
            instrument: instrument(books, &request.method)?,
            reference: request.reference.clone(),
            payments: Vec::new(),
            left: request.payments,
        };
        let step = WireKey::derive_step(&ID, &self.line.account, "first_payment", &request.key);
        let first = if let Some(days) = request.trial_days.filter(|days| *days > 0) {
            running.status(SubscriptionStatus::Trialing, "trialing");
            running.subscription.next_payment_at = now.checked_add_signed(TimeDelta::days(days.into()));
            None
        } else if let Some(day) = request.starts_on.filter(|day| *day > now.date_naive()) {
            running.subscription.next_payment_at = day.and_hms_opt(0, 0, 0).map(|time| time.and_utc());
            None
        } else {
            Some(running.charge(books, &step, now))
        };
        if matches!(first, Some(Outcome::Declined(_))) {
            return Ok(SubscriptionOutcome::new(None, first));
        }
        let outcome = SubscriptionOutcome::new(Some(running.subscription.clone()), first);
        books.subscriptions.insert(id, running);
        Ok(outcome)
    }
}

#[async_trait]
impl Subscriptions for ReferenceSubscriptions {
    fn provider(&self) -> &ProviderId {
        &OWN_ID
    }

    fn account(&self) -> &str {
        &self.line.account
    }

    fn features(&self) -> &SubscriptionFeatures {
        const { &FEATURES }
    }

    async fn create(&self, request: &SubscriptionRequest) -> Result<SubscriptionOutcome> {
        self.line.call("create_subscription", true, String::new(), |books| self.start(books, request)).await
    }

    async fn get(&self, subscription: &PaymentRef) -> Result<Subscription> {
        self.line
            .call("get_subscription", false, String::new(), |books| {
                Ok(books.running(subscription)?.subscription)
            })
            .await
    }

    async fn update(&self, request: &SubscriptionUpdate) -> Result<Subscription> {
        self.line
            .call("update_subscription", true, String::new(), |books| {
                let mut running = books.running(&request.subscription)?;
                if running.is_over() {
                    return Err(Error::new(ErrorKind::Conflict, "the subscription is over"));
                }
                if let Some(method) = &request.method {
                    running.instrument = instrument(books, method)?;
                }
                if let Some(plan) = &request.plan {
                    (running.amount, running.every) = priced(plan)?;
                    running.subscription.amount = Some(running.amount);
                    running.subscription.every = Some(running.every);
                }
                let subscription = running.subscription.clone();
                books.subscriptions.insert(request.subscription.id().to_owned(), running);
                Ok(subscription)
            })
            .await
    }

    async fn cancel(&self, subscription: &PaymentRef, when: CancelWhen) -> Result<Subscription> {
        let keeps = self.line.vendor.has(Bug::KeepsSubscriptions);
        let now = self.line.vendor.now();
        self.line
            .call("cancel_subscription", true, String::new(), |books| {
                let mut running = books.running(subscription)?;
                if !running.is_over() && !keeps {
                    match when {
                        CancelWhen::Now => {
                            running.status(SubscriptionStatus::Cancelled, "cancelled");
                            running.subscription.ends_at = Some(now);
                            running.subscription.next_payment_at = None;
                        }
                        CancelWhen::PeriodEnd => {
                            running.subscription.ends_at = running.subscription.next_payment_at.or(Some(now));
                        }
                        _ => return Err(Error::unsupported("this end is unknown here")),
                    }
                    books.subscriptions.insert(subscription.id().to_owned(), running.clone());
                }
                Ok(running.subscription)
            })
            .await
    }

    async fn reactivate(&self, subscription: &PaymentRef, _: &IdempotencyKey) -> Result<Subscription> {
        let now = self.line.vendor.now();
        self.line
            .call("reactivate_subscription", true, String::new(), |books| {
                let mut running = books.running(subscription)?;
                if running.subscription.status == SubscriptionStatus::Completed {
                    return Err(Error::new(ErrorKind::Conflict, "the subscription ran to its end"));
                }
                running.status(SubscriptionStatus::Active, "active");
                running.subscription.ends_at = None;
                running.subscription.next_payment_at = later(now, running.every);
                books.subscriptions.insert(subscription.id().to_owned(), running.clone());
                Ok(running.subscription)
            })
            .await
    }

    async fn retry_payment(&self, subscription: &PaymentRef, key: &IdempotencyKey) -> Result<Outcome> {
        let now = self.line.vendor.now();
        let key = WireKey::derive_step(&ID, &self.line.account, "retry_payment", key);
        self.line
            .call("retry_subscription_payment", true, String::new(), |books| {
                let mut running = books.running(subscription)?;
                if let Some(done) = books.records.values().find(|record| record.wire_key == key) {
                    return Ok(Outcome::Approved(done.own()));
                }
                if running.subscription.status != SubscriptionStatus::PastDue {
                    return Err(Error::new(ErrorKind::Conflict, "no payment of the subscription has failed"));
                }
                let outcome = running.charge(books, &key, now);
                books.subscriptions.insert(subscription.id().to_owned(), running);
                Ok(outcome)
            })
            .await
    }

    async fn history(&self, subscription: &PaymentRef, limit: usize) -> Result<Vec<Payment>> {
        self.line
            .call("subscription_history", false, String::new(), |books| {
                let running = books.running(subscription)?;
                let newest = running.payments.iter().rev().filter_map(|id| books.records.get(id));
                Ok(newest.take(limit).map(Record::own).collect())
            })
            .await
    }

    async fn lookup(&self, attempt: &Attempt) -> Result<Lookup<Subscription>> {
        self.line
            .call("lookup_subscription", false, String::new(), |books| {
                if let Some(absent) = self.line.absence(attempt) {
                    return Ok(Lookup::Absent(absent));
                }
                let found = books.subscriptions.values().find(|running| running.key == attempt.wire_key);
                Ok(found.map_or(Lookup::Absent(Authority::Authoritative), |running| {
                    Lookup::Found(vec![running.subscription.clone()])
                }))
            })
            .await
    }
}
