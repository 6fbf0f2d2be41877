//! Authorize.Net's recurring billing behind the shape that every provider of subscriptions shares.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use turnbuckle_core::money::Currency;
use turnbuckle_core::payment::{
    Attempt, CancelWhen, Idempotency, IdempotencyKey, Lookup, Outcome, Payment, PaymentOperation, PaymentRef,
    Subscription, SubscriptionFeature, SubscriptionFeatures, SubscriptionOutcome, SubscriptionRequest,
    SubscriptionStatus, SubscriptionUpdate, Subscriptions, TextPolicy, WireKey,
};
use turnbuckle_core::{Clock, Effect, Environment, Error, ErrorKind, ProviderId, Result};

use super::request::invoice;
use super::search::SKEW;
use super::subscription_terms as terms;
use super::text::{SEPARATOR, Texts};
use super::{AuthorizeNetGateway, ID, detail, expect_kind, kind};
use crate::client::PROVIDER;
use crate::wire::is_numeric;
use crate::{
    AuthorizeNet, Order, Page, RecurringDetails, RecurringRequest, RecurringSearch, RecurringSummary,
};

/// Pages of subscriptions that one search reads.
const MOST_PAGES: u32 = 20;

/// Payments of one history.
const MOST_PAYMENTS: usize = 100;

/// What Authorize.Net's subscriptions can do behind the shared shape.
const FEATURES: SubscriptionFeatures = SubscriptionFeatures::new(
    &[
        SubscriptionFeature::InlinePlan,
        SubscriptionFeature::StartsOn,
        SubscriptionFeature::Trial,
        SubscriptionFeature::PaymentCount,
        SubscriptionFeature::RawCard,
        SubscriptionFeature::VendorToken,
        SubscriptionFeature::Stored,
        SubscriptionFeature::BankAccount,
        SubscriptionFeature::ChangePlan,
        SubscriptionFeature::ChangeMethod,
        SubscriptionFeature::ChangeDescription,
    ],
    Idempotency::LookupOnly,
)
.with_token_kinds(super::TOKEN_KINDS);

/// Authorize.Net's recurring billing (ARB) as [`Subscriptions`].
///
/// # What it does
/// - A subscription is an amount and an interval of 7 to 365 days or 1 to 12 months; Authorize.Net keeps no plans.
/// - The first payment is made in the daily batch of the first day, never at once, so that
///   [`SubscriptionOutcome::first_payment`] is always `None`. Days of trial move that day.
/// - The currency is the account's: a request names none, so a plan in another one is refused before it is sent.
/// - A stored method that was just made may not be visible yet: the error is `NotFound` with a time to wait.
/// - The interval of a running subscription cannot be changed.
/// - Ending with the period, starting again and trying a payment again are not offered.
///
/// # Once for one key
/// The attempt's mark is the invoice number, which lists show: before anything is made, the mark is looked for. That a
/// failed payment suspends the subscription until its method is updated is not proven by the authors of this crate.
#[derive(Debug)]
pub struct AuthorizeNetSubscriptions {
    gateway: AuthorizeNetGateway,
}

impl AuthorizeNetSubscriptions {
    /// Subscriptions of one account. `account` is the host's stable id of the integration, a part of every wire key.
    ///
    /// Hosts take them from a [`Connection`](turnbuckle_core::provider::Connection), where they stand behind core's
    /// checks.
    pub fn new(client: AuthorizeNet, account: impl Into<String>, clock: Arc<dyn Clock>) -> Self {
        Self { gateway: AuthorizeNetGateway::new(client, account, clock) }
    }

    fn client(&self) -> &AuthorizeNet {
        &self.gateway.client
    }

    fn live(&self) -> bool {
        self.client().environment() == Environment::Production
    }

    /// The subscription with this mark, and whether everything was looked at.
    async fn marked(&self, mark: &str, since: DateTime<Utc>) -> Result<(Option<RecurringSummary>, bool)> {
        let mut complete = true;
        for search in [RecurringSearch::SubscriptionActive, RecurringSearch::SubscriptionInactive] {
            let mut ended = false;
            for number in 1..=MOST_PAGES {
                let page = self.client().recurring().list(search, Page::new(number)).await?;
                // Newest first. Nothing says that a page holds as many as were asked for, so only an empty one is the end.
                ended = page.is_empty()
                    || page.last().and_then(|last| last.created).is_some_and(|created| created < since);
                if let Some(found) = page.into_iter().find(|found| found.invoice.as_deref() == Some(mark)) {
                    return Ok((Some(found), true));
                }
                if ended {
                    break;
                }
            }
            complete &= ended;
        }
        Ok((None, complete))
    }

    async fn existing(&self, id: &str, currency: Currency, key: Option<&WireKey>) -> Result<Subscription> {
        let found = self.client().recurring().get(id, false).await?;
        let word = match &found.status {
            Some(word) => word.clone(),
            None => self.client().recurring().status(id).await?.unwrap_or_default(),
        };
        self.subscription(id, &found, &word, currency, key)
    }

    fn subscription(
        &self,
        id: &str,
        found: &RecurringDetails,
        word: &str,
        currency: Currency,
        key: Option<&WireKey>,
    ) -> Result<Subscription> {
        let mut subscription =
            Subscription::new(reference(id, currency), terms::status(word), word, self.live());
        subscription.amount = found.amount.as_ref().map(|amount| amount.money(currency)).transpose()?;
        let interval = &found.payment_schedule.interval;
        subscription.every = terms::every(interval.length.as_deref(), interval.unit.as_deref());
        let begins = found.payment_schedule.start_date.as_deref().and_then(day);
        subscription.next_payment_at = begins.filter(|begins| *begins > self.gateway.clock.now());
        subscription.wire_key = key.cloned();
        Ok(subscription)
    }

    async fn currency_of(&self, subscription: &PaymentRef) -> Result<Currency> {
        match subscription.detail(detail::CURRENCY).and_then(|code| Currency::new(code).ok()) {
            Some(currency) => Ok(currency),
            None => self.gateway.currency().await,
        }
    }

    /// A subscription's request has no currency: the vendor would take the bare number for the account's own.
    async fn check_currency(&self, currency: Currency) -> Result<()> {
        let own = self.gateway.currency().await?;
        if own == currency {
            return Ok(());
        }
        Err(Error::invalid_field("plan.amount", "is in another currency than the account"))
    }
}

fn reference(id: &str, currency: Currency) -> PaymentRef {
    PaymentRef::new(PROVIDER, kind::SUBSCRIPTION, id).with_detail(detail::CURRENCY, currency.code())
}

fn expect_subscription(subscription: &PaymentRef) -> Result<()> {
    expect_kind(subscription, kind::SUBSCRIPTION)?;
    if is_numeric(subscription.id()) {
        return Ok(());
    }
    Err(Error::invalid_field("subscription", "has an id that is not one of Authorize.Net's"))
}

fn day(text: &str) -> Option<DateTime<Utc>> {
    let day: NaiveDate = text.get(..10)?.parse().ok()?;
    Some(day.and_time(NaiveTime::MIN).and_utc())
}

#[async_trait]
impl Subscriptions for AuthorizeNetSubscriptions {
    fn provider(&self) -> &ProviderId {
        &ID
    }

    fn account(&self) -> &str {
        &self.gateway.account
    }

    fn features(&self) -> &SubscriptionFeatures {
        &FEATURES
    }

    async fn create(&self, request: &SubscriptionRequest) -> Result<SubscriptionOutcome> {
        let key = self.gateway.wire_key(PaymentOperation::CreateSubscription, &request.key);
        let wanted = terms::create(request, &key, self.gateway.clock.now())?;
        let (amount, interval) = terms::plan(&request.plan)?;
        self.check_currency(amount.currency()).await?;
        let since = request.key.first_used_at() - SKEW;
        let conflict = |id: &str| {
            Error::new(ErrorKind::Conflict, "this key was used before, for another subscription")
                .with_effect(Effect::Happened)
                .with_payment(reference(id, amount.currency()))
                .or_context(&PROVIDER, "create_subscription")
        };
        if let (Some(found), _) = self.marked(invoice(&key), since).await? {
            let id = found.id.unwrap_or_default();
            let subscription = self.existing(&id, amount.currency(), Some(&key)).await?;
            let same =
                subscription.amount == Some(amount) && terms::same_interval(&interval, subscription.every);
            return if same {
                Ok(SubscriptionOutcome::new(Some(subscription), None))
            } else {
                Err(conflict(&id))
            };
        }
        let id = self.client().recurring().create(&wanted).await?.ok_or_else(|| {
            Error::new(ErrorKind::InvalidResponse, "the subscription was made, and the answer has no id")
                .with_effect(Effect::Unknown)
                .or_context(&PROVIDER, "create_subscription")
        })?;
        let mut made = Subscription::new(
            reference(&id, amount.currency()),
            SubscriptionStatus::Active,
            "active",
            self.live(),
        );
        made.amount = Some(amount);
        // As it was asked for: the vendor counts weeks in days, and years in months.
        made.every = terms::asked(&request.plan);
        let begins = wanted.payment_schedule.and_then(|schedule| schedule.start_date);
        made.next_payment_at = begins.map(|day| day.and_time(NaiveTime::MIN).and_utc());
        made.wire_key = Some(key);
        Ok(SubscriptionOutcome::new(Some(made), None))
    }

    async fn get(&self, subscription: &PaymentRef) -> Result<Subscription> {
        expect_subscription(subscription)?;
        let currency = self.currency_of(subscription).await?;
        self.existing(subscription.id(), currency, None).await
    }

    async fn update(&self, request: &SubscriptionUpdate) -> Result<Subscription> {
        expect_subscription(&request.subscription)?;
        let id = request.subscription.id();
        let mut changes = RecurringRequest::default();
        let mut texts = Texts::new(TextPolicy::Refuse);
        if let Some(plan) = &request.plan {
            let (amount, interval) = terms::plan(plan)?;
            self.check_currency(amount.currency()).await?;
            let now = self.existing(id, amount.currency(), None).await?;
            if !terms::same_interval(&interval, now.every) {
                return Err(Error::invalid_field(
                    "plan.every",
                    "of a running subscription cannot be changed",
                ));
            }
            changes.amount = Some(amount.into());
        }
        if let Some(method) = &request.method {
            terms::pays(method, (None, None), &mut changes, &mut texts);
        }
        if let Some(description) = texts.take("description", request.description.as_deref()) {
            // The mark and the merchant's reference stay.
            let order = self.client().recurring().get(id, false).await?.order;
            let reference = order.description.as_deref().and_then(|text| text.split(SEPARATOR).next());
            let description = Some(match reference {
                Some(reference) => format!("{reference}{SEPARATOR}{description}"),
                None => description,
            });
            changes.order = Some(Order { invoice_number: order.invoice_number, description });
        }
        if !texts.problems.is_empty() {
            return Err(Error::new(ErrorKind::InvalidRequest, "the request does not fit Authorize.Net")
                .with_fields(texts.problems));
        }
        self.client().recurring().update(id, &changes).await?;
        self.get(&request.subscription).await.map_err(|error| error.with_effect(Effect::Happened))
    }

    async fn cancel(&self, subscription: &PaymentRef, when: CancelWhen) -> Result<Subscription> {
        expect_subscription(subscription)?;
        if when == CancelWhen::PeriodEnd {
            return Err(Error::unsupported("Authorize.Net ends a subscription at once or not at all"));
        }
        let ended = self.client().recurring().cancel(subscription.id()).await;
        let is_over = |found: &Subscription| {
            matches!(found.status, SubscriptionStatus::Cancelled | SubscriptionStatus::Completed)
        };
        match ended {
            Ok(()) => self.get(subscription).await.map_err(|error| error.with_effect(Effect::Happened)),
            // It may be over for another reason, such as its own end.
            Err(error) if error.effect() == Effect::None && error.kind() != ErrorKind::Unauthorized => {
                match self.get(subscription).await {
                    Ok(found) if is_over(&found) => Ok(found),
                    _ => Err(error),
                }
            }
            Err(error) => Err(error),
        }
    }

    async fn reactivate(&self, _: &PaymentRef, _: &IdempotencyKey) -> Result<Subscription> {
        Err(Error::unsupported(
            "Authorize.Net starts no subscription again: a suspended one goes on when its method is updated",
        ))
    }

    async fn retry_payment(&self, _: &PaymentRef, _: &IdempotencyKey) -> Result<Outcome> {
        Err(Error::unsupported("Authorize.Net tries no payment of a subscription again on demand"))
    }

    async fn history(&self, subscription: &PaymentRef, limit: usize) -> Result<Vec<Payment>> {
        expect_subscription(subscription)?;
        let currency = self.currency_of(subscription).await?;
        let mut found = self.client().recurring().get(subscription.id(), true).await?.arb_transactions;
        found.sort_by_key(|payment| std::cmp::Reverse(payment.submit_time));
        let ids = found.iter().filter_map(|payment| payment.trans_id.as_deref()).filter(|id| *id != "0");
        let mut payments = Vec::new();
        for id in ids.take(limit.min(MOST_PAYMENTS)) {
            let details = self.client().reports().details(id).await?;
            let made_by = Some((PaymentOperation::Purchase, None));
            payments.push(self.gateway.payment_of(&details, currency, made_by)?);
        }
        Ok(payments)
    }

    async fn lookup(&self, attempt: &Attempt) -> Result<Lookup<Subscription>> {
        let since = attempt.started_at - SKEW;
        let (found, complete) = self.marked(invoice(&attempt.wire_key), since).await?;
        let Some(id) = found.and_then(|found| found.id) else {
            return Ok(Lookup::Absent(self.gateway.absence(attempt.last_sent_at, complete)));
        };
        let currency = match attempt.amount {
            Some(amount) => amount.currency(),
            None => self.gateway.currency().await?,
        };
        Ok(Lookup::Found(vec![self.existing(&id, currency, Some(&attempt.wire_key)).await?]))
    }
}
