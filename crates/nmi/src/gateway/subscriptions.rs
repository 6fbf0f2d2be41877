//! NMI's subscriptions behind the shape that every provider of them shares.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::{Days, NaiveDate};
use turnbuckle_core::money::Currency;
use turnbuckle_core::payment::{
    Attempt, Authority, CancelWhen, Idempotency, IdempotencyKey, Lookup, Outcome, Payment, PaymentMethod,
    PaymentOperation, PaymentRef, Plan, Subscription, SubscriptionFeature, SubscriptionFeatures,
    SubscriptionOutcome, SubscriptionRequest, SubscriptionStatus, SubscriptionUpdate, Subscriptions, WireKey,
};
use turnbuckle_core::{Clock, Effect, Error, ErrorKind, ProviderId, Result};

use super::texts::Texts;
use super::{ID, NmiGateway, answer, detail, expect_kind, kind, request, subscription_terms as terms_of};
use crate::client::{Nmi, is_refused};
use crate::records::SubscriptionRecord;
use crate::{NewSubscription, Page, SubscriptionChange, TransactionSearch};

/// Subscriptions on one page of a search.
const PAGE: u32 = 100;

/// Pages read before a subscription is made, newest first, to find an earlier attempt with the same key.
const PAGES_BEFORE: u32 = 2;

/// Pages read to find a subscription whose creation lost its answer.
const MOST_PAGES: u32 = 50;

static FEATURES: SubscriptionFeatures = SubscriptionFeatures::new(
    &[
        SubscriptionFeature::VendorPlan,
        SubscriptionFeature::InlinePlan,
        SubscriptionFeature::StartsOn,
        SubscriptionFeature::Trial,
        SubscriptionFeature::PaymentCount,
        SubscriptionFeature::RawCard,
        SubscriptionFeature::VendorToken,
        SubscriptionFeature::Stored,
        SubscriptionFeature::BankAccount,
        SubscriptionFeature::Metadata,
        SubscriptionFeature::ChangePlan,
        SubscriptionFeature::ChangeMethod,
        SubscriptionFeature::ChangeDescription,
    ],
    Idempotency::LookupOnly,
)
.with_token_kinds(&[request::CARD_TOKEN, request::CHECK_TOKEN]);

/// NMI's subscriptions as [`Subscriptions`].
///
/// - The first payment is made by NMI on the start date, not with the call, so `create` reports none and the subscription
///   is [`Pending`](SubscriptionStatus::Pending) until it is made, or [`PastDue`](SubscriptionStatus::PastDue) if it was
///   made and failed. Failed payments are not tried again unless the account is set up for it.
/// - A subscription is found again by its order id, the attempt's wire key, for which the newest are read first: NMI cannot
///   search for it.
/// - NMI forgets a subscription that is deleted, so a handle that it does not know (any more) is shown as
///   [`Cancelled`](SubscriptionStatus::Cancelled).
/// - Weeks become days and years become months; a plan on months goes on with the day of the first payment.
/// - Ending with the period, starting again and trying a payment again are not offered.
/// - Metadata stands in merchant-defined fields 5 to 20, as with payments.
#[derive(Debug)]
pub struct NmiSubscriptions {
    gateway: NmiGateway,
}

impl NmiSubscriptions {
    /// Subscriptions of one account. `account` is the host's stable id of the integration, a part of every wire key.
    ///
    /// Hosts take them from a [`Connection`](turnbuckle_core::provider::Connection), where they stand behind core's
    /// checks.
    pub fn new(client: Nmi, account: impl Into<String>, clock: Arc<dyn Clock>) -> Self {
        Self { gateway: NmiGateway::new(client, account, clock) }
    }

    fn client(&self) -> &Nmi {
        &self.gateway.client
    }

    fn today(&self) -> NaiveDate {
        self.gateway.clock.now().date_naive()
    }

    fn prepare(&self, request: &SubscriptionRequest, key: &WireKey) -> Result<NewSubscription> {
        let mut texts = Texts::new(turnbuckle_core::payment::TextPolicy::Refuse);
        let currency = currency_of(&request.plan);
        if currency.is_some_and(|currency| currency.exponent() != 2) {
            texts.refuse("plan.amount", "is in a currency without two decimals, which is unproven at NMI");
        }
        let source = request::source(&request.method, &mut texts);
        let people =
            request::people(&request.method, request.customer.as_ref(), request.billing.as_ref(), &mut texts);
        let mut fields = people.fields;
        fields.extend(request::reference_field(&request.reference));
        request::metadata(&request.metadata, &mut fields, &mut texts);
        let description = texts.fit("description", request.description.as_deref());
        request::refuse_any(texts.problems)?;
        let source = source.ok_or_else(|| Error::invalid_field("method", "is not a method that can pay"))?;
        let later = u64::from(request.trial_days.unwrap_or(0));
        let first = request.starts_on.unwrap_or_else(|| self.today());
        let start = first
            .checked_add_days(Days::new(later))
            .ok_or_else(|| Error::invalid_field("trial_days", "is too far ahead"))?;
        if start < self.today() {
            return Err(Error::invalid_field("starts_on", "is in the past"));
        }
        let plan = terms_of::plan(&request.plan, request.payments, start)?;
        let mut new = NewSubscription::new(plan, source, currency.unwrap_or(Currency::USD));
        new.start_date = Some(start);
        new.order_id = Some(key.as_str().to_owned());
        new.order_description = description;
        new.billing = people.billing;
        new.defined_fields = fields;
        Ok(new)
    }

    /// A subscription with this order id among so many pages of the newest, and whether all were read.
    async fn by_order_id(&self, key: &WireKey, pages: u32) -> Result<(Option<SubscriptionRecord>, bool)> {
        for number in 0..pages {
            let page = self.client().query().subscriptions(Page::new(number, PAGE).newest_first()).await?;
            let last = page.len() < PAGE as usize;
            let found = page.into_iter().find(|record| record.order_id.as_deref() == Some(key.as_str()));
            if found.is_some() || last {
                return Ok((found, true));
            }
        }
        Ok((None, false))
    }

    fn shown(&self, record: &SubscriptionRecord, currency: Option<Currency>) -> Subscription {
        terms_of::subscription(record, currency, self.today(), self.gateway.live())
    }

    /// What an earlier attempt with the same key made, if it is the same.
    fn replay(&self, record: &SubscriptionRecord, plan: &Plan) -> Result<SubscriptionOutcome> {
        let found = self.shown(record, currency_of(plan));
        if let (Plan::Inline { amount, .. }, Some(told)) = (plan, found.amount)
            && told != *amount
        {
            return Err(Error::new(
                ErrorKind::Conflict,
                "this key was used before, for another subscription",
            )
            .with_effect(Effect::Happened)
            .with_payment(found.reference));
        }
        Ok(SubscriptionOutcome::new(Some(found), None))
    }

    fn ended(&self, subscription: &PaymentRef) -> Subscription {
        let live = self.gateway.live();
        Subscription::new(subscription.clone(), SubscriptionStatus::Cancelled, "deleted", live)
    }
}

fn currency_of(plan: &Plan) -> Option<Currency> {
    match plan {
        Plan::Inline { amount, .. } => Some(amount.currency()),
        _ => None,
    }
}

fn currency_in(subscription: &PaymentRef) -> Option<Currency> {
    Currency::new(subscription.detail(detail::CURRENCY)?).ok()
}

#[async_trait]
impl Subscriptions for NmiSubscriptions {
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
        let new = self.prepare(request, &key)?;
        self.gateway.check_mode().await?;
        if let (Some(earlier), _) = self.by_order_id(&key, PAGES_BEFORE).await? {
            return self.replay(&earlier, &request.plan);
        }
        let reply = match self.client().recurring().add_subscription(&new).await {
            Ok(reply) => reply,
            Err(error) => {
                let declined = answer::declined(error)?;
                return Ok(SubscriptionOutcome::new(None, Some(declined)));
            }
        };
        let Some(id) = reply.subscription_id() else {
            return Err(answer::wrong("NMI started a subscription and did not say which")
                .with_effect(Effect::Unknown));
        };
        let handle = match currency_of(&request.plan) {
            Some(currency) => terms_of::reference(id, currency),
            None => PaymentRef::new(ID.clone(), kind::SUBSCRIPTION, id),
        };
        let live = self.gateway.live();
        let mut made = Subscription::new(handle, SubscriptionStatus::Pending, "pending", live);
        if let Plan::Inline { amount, every } = &request.plan {
            made.amount = Some(*amount);
            made.every = Some(*every);
        }
        let first = new.start_date.and_then(|day| day.and_hms_opt(0, 0, 0));
        made.next_payment_at = first.map(|time| time.and_utc());
        made.wire_key = Some(key);
        // NMI may have made the first payment by now. It exists either way, so what this read brings is a bonus.
        if let Ok(Some(record)) = self.client().query().subscription(id).await {
            let now = self.shown(&record, currency_of(&request.plan));
            (made.status, made.vendor_status) = (now.status, now.vendor_status);
            made.next_payment_at = now.next_payment_at.or(made.next_payment_at);
        }
        Ok(SubscriptionOutcome::new(Some(made), None))
    }

    async fn get(&self, subscription: &PaymentRef) -> Result<Subscription> {
        expect_kind(subscription, kind::SUBSCRIPTION)?;
        let found = self.client().query().subscription(subscription.id()).await?;
        Ok(match found {
            Some(record) => self.shown(&record, currency_in(subscription)),
            None => self.ended(subscription),
        })
    }

    /// Another inline plan keeps the number of payments only where the subscription goes on until cancelled: what NMI counts
    /// after a change is not published, so a counted one is refused.
    async fn update(&self, update: &SubscriptionUpdate) -> Result<Subscription> {
        expect_kind(&update.subscription, kind::SUBSCRIPTION)?;
        let id = update.subscription.id();
        let known = currency_in(&update.subscription);
        let mut texts = Texts::new(turnbuckle_core::payment::TextPolicy::Refuse);
        let mut change = SubscriptionChange::new();
        change.order_description = texts.fit("description", update.description.as_deref());
        if let Some(method) = &update.method {
            if let PaymentMethod::Card(card) = method
                && card.holder().is_some()
            {
                texts.refuse("method.holder", "cannot be changed with the method of a subscription");
            }
            change.source = request::source(method, &mut texts);
        }
        request::refuse_any(texts.problems)?;
        let found = self.client().query().subscription(id).await?;
        let found = found.ok_or_else(|| Error::new(ErrorKind::NotFound, "NMI has no such subscription"))?;
        if let Some(plan) = &update.plan {
            if currency_of(plan).zip(known).is_some_and(|(asked, known)| asked != known) {
                return Err(Error::invalid_field(
                    "plan.amount",
                    "is in another currency than the subscription",
                ));
            }
            let counted =
                found.plan.payments.as_deref().and_then(|text| text.parse::<u32>().ok()).unwrap_or(0);
            if counted > 0 {
                return Err(Error::unsupported(
                    "the plan of a subscription with a number of payments cannot change",
                ));
            }
            let start = found.next_charge_date.unwrap_or_else(|| self.today());
            change.terms = Some(terms_of::terms(plan, 0, start)?);
        }
        self.client().recurring().update_subscription(id, &change).await?;
        let happened =
            |error: Error| error.with_effect(Effect::Happened).with_payment(update.subscription.clone());
        let now = self.client().query().subscription(id).await.map_err(happened)?;
        let mut now =
            now.map_or_else(|| self.ended(&update.subscription), |record| self.shown(&record, known));
        // What NMI took is what holds, although its index may still show what was.
        if let Some(Plan::Inline { amount, every }) = &update.plan {
            (now.amount, now.every) = (Some(*amount), Some(*every));
        }
        Ok(now)
    }

    async fn cancel(&self, subscription: &PaymentRef, when: CancelWhen) -> Result<Subscription> {
        expect_kind(subscription, kind::SUBSCRIPTION)?;
        if when != CancelWhen::Now {
            return Err(Error::unsupported("NMI ends subscriptions at once"));
        }
        match self.client().recurring().delete_subscription(subscription.id()).await {
            Ok(_) => Ok(self.ended(subscription)),
            Err(error) if is_refused(&error, ErrorKind::NotFound) => Ok(self.ended(subscription)),
            Err(error) => Err(error),
        }
    }

    /// NMI forgets a subscription that is deleted.
    async fn reactivate(&self, _: &PaymentRef, _: &IdempotencyKey) -> Result<Subscription> {
        Err(Error::unsupported("NMI does not bring back a subscription that is over"))
    }

    /// NMI has no call for it.
    async fn retry_payment(&self, _: &PaymentRef, _: &IdempotencyKey) -> Result<Outcome> {
        Err(Error::unsupported("NMI does not try a subscription's payment again on request"))
    }

    async fn history(&self, subscription: &PaymentRef, limit: usize) -> Result<Vec<Payment>> {
        expect_kind(subscription, kind::SUBSCRIPTION)?;
        let mut payments = Vec::new();
        for number in 0..MOST_PAGES {
            if payments.len() >= limit {
                break;
            }
            let mut search = TransactionSearch::new().with_page(Page::new(number, PAGE).newest_first());
            search.subscription_id = Some(subscription.id().to_owned());
            let page = self.client().query().transactions(&search).await?;
            let last = page.len() < PAGE as usize;
            for record in &page {
                payments.push(answer::payment(record, None, self.gateway.live())?);
            }
            if last {
                break;
            }
        }
        payments.truncate(limit);
        Ok(payments)
    }

    async fn lookup(&self, attempt: &Attempt) -> Result<Lookup<Subscription>> {
        let (found, complete) = self.by_order_id(&attempt.wire_key, MOST_PAGES).await?;
        let currency = attempt.amount.map(turnbuckle_core::money::Money::currency);
        Ok(match found {
            Some(record) => Lookup::Found(vec![self.shown(&record, currency)]),
            None if complete => Lookup::Absent(self.gateway.absence(attempt)),
            None => Lookup::Absent(Authority::Partial),
        })
    }
}
