//! Stripe's subscriptions behind the shape that every provider of them shares.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::DateTime;
use turnbuckle_core::payment::{
    Address, Attempt, CancelWhen, Customer, Idempotency, IdempotencyKey, Lookup, MerchantReference, Outcome,
    Payment, PaymentMethod as Method, PaymentOperation, PaymentRef, Plan, StoreRequest, Subscription,
    SubscriptionFeature, SubscriptionFeatures, SubscriptionOutcome, SubscriptionRequest, SubscriptionUpdate,
    Subscriptions,
};
use turnbuckle_core::{Clock, Effect, Error, ErrorKind, ProviderId, Result};

use super::lookup::{Scan, window};
use super::subscription_answer::{self as terms_of, ENDS_AT};
use super::{
    ID, KEY_RETENTION, StripeGateway, answer, call, detail, expect_kind, is_code, kind, marks, request,
    subscription_request as wish,
};
use crate::client::PROVIDER;
use crate::{
    CancelSubscription, CreateProduct, CreateSubscription, Expandable, Field, Invoice, ListSubscriptions,
    ResumeSubscription, Stripe, SubscriptionStatus as Word, UpdateSubscription, When,
};

/// Names of the steps of several requests, each with a wire key of its own.
const CREATE: &str = "create_subscription";
const UPDATE: &str = "update_subscription";

/// What Stripe's subscriptions can do behind the shared shape.
const FEATURES: SubscriptionFeatures = SubscriptionFeatures::new(
    &[
        SubscriptionFeature::VendorPlan,
        SubscriptionFeature::InlinePlan,
        SubscriptionFeature::StartsOn,
        SubscriptionFeature::Trial,
        SubscriptionFeature::PaymentCount,
        SubscriptionFeature::RawCard,
        SubscriptionFeature::VendorToken,
        SubscriptionFeature::Stored,
        SubscriptionFeature::Metadata,
        SubscriptionFeature::ChangePlan,
        SubscriptionFeature::ChangeMethod,
        SubscriptionFeature::ChangeDescription,
        SubscriptionFeature::CancelAtPeriodEnd,
        SubscriptionFeature::Reactivate,
        SubscriptionFeature::RetryPayment,
    ],
    Idempotency::Keys { retention: KEY_RETENTION },
)
.with_token_kinds(super::TOKEN_KINDS);

/// Stripe's subscriptions as [`Subscriptions`].
///
/// # Who and what pays
/// A subscription belongs to a customer at Stripe. A method stored with one brings it along; any other method is kept
/// first, with the customer that the request names or with a new one. Bank accounts must be stored and verified before.
///
/// # Plans
/// A [`Plan::Vendor`] is the id of a price (`price_...`). A [`Plan::Inline`] becomes a price of its own under a product
/// that has the request's description, or else its reference, as its name: one product a name, made when it is first
/// needed and used again afterwards.
///
/// # Times
/// - A later day of the first payment, and days of trial, are a trial at Stripe; the day begins at noon UTC.
/// - A number of payments becomes a moment at which Stripe ends the subscription. Stripe knows no number. With a
///   trial or a later day that moment is known beforehand. Otherwise the subscription is made to end a quarter of an
///   hour early, so that no clock can add a payment, and is then told the exact end; should that second request fail,
///   the last payment is smaller by that share of its period. Only plans given here can be counted.
///
/// # The first payment
/// One that is declined, or that the payer must confirm, leaves a subscription that is
/// [`Pending`](turnbuckle_core::payment::SubscriptionStatus::Pending) for 23 hours: confirm it with the secret in the
/// outcome, [`retry_payment`](Subscriptions::retry_payment) it, or let it expire.
///
/// # Changes
/// Another plan counts from the next payment on and nothing is prorated; another interval begins at once, with a
/// payment.
///
/// That Stripe takes these requests as described is not proven against Stripe itself by the authors of this crate.
#[derive(Debug)]
pub struct StripeSubscriptions {
    pub(super) gateway: StripeGateway,
}

impl StripeSubscriptions {
    /// Subscriptions of one account. `account` is the host's stable id of the integration, a part of every wire key.
    ///
    /// Hosts take them from a [`Connection`](turnbuckle_core::provider::Connection), where they stand behind core's
    /// checks.
    pub fn new(client: Stripe, account: impl Into<String>, clock: Arc<dyn Clock>) -> Self {
        Self { gateway: StripeGateway::new(client, account, clock) }
    }

    pub(super) fn client(&self) -> &Stripe {
        &self.gateway.client
    }

    /// Everything that a new subscription needs, kept at Stripe. Nothing of it moves money.
    async fn prepare(&self, request: &SubscriptionRequest) -> Result<(CreateSubscription, wish::Terms)> {
        let terms = wish::terms(request)?;
        wish::check_description(request.description.as_deref())?;
        let wire_key = self.gateway.wire_key(PaymentOperation::CreateSubscription, &request.key);
        let operation = PaymentOperation::CreateSubscription;
        let mut metadata =
            marks::metadata(&request.metadata, operation, &wire_key, Some(&request.reference))?;
        // Refused here already, before a customer or a product is made for it.
        wish::item(&request.plan, None)?;
        let payer = (request.customer.as_ref(), request.billing.as_ref());
        let method = self.keep(&request.method, payer, (CREATE, &request.key), &request.reference).await?;
        let product = match &request.plan {
            Plan::Inline { .. } => {
                let name = request.description.as_deref().unwrap_or(request.reference.as_str());
                Some(self.product(name, CREATE, &request.key).await?)
            }
            _ => None,
        };
        if let Some(end) = terms.cancel_at {
            metadata.insert(ENDS_AT.to_owned(), end.timestamp().to_string());
        }
        let mut params = CreateSubscription::new(method.customer)
            .with_item(wish::item(&request.plan, product.as_deref())?)
            .with_default_payment_method(method.id)
            .with_payment_behavior("allow_incomplete");
        params.description.clone_from(&request.description);
        params.trial_end = wish::at(terms.trial_end);
        params.cancel_at = wish::at(terms.cancel_at);
        params.proration_behavior = terms.cancel_at.map(|_| "none".to_owned());
        params.metadata = metadata;
        Ok((params, terms))
    }

    /// The method, kept with a customer.
    async fn keep(
        &self,
        method: &Method,
        (customer, billing): (Option<&Customer>, Option<&Address>),
        (operation, key): (&str, &IdempotencyKey),
        reference: &MerchantReference,
    ) -> Result<Kept> {
        match method {
            Method::BankAccount(_) => {
                return Err(Error::unsupported(
                    "a bank account pays for a subscription at Stripe once it is stored and verified",
                ));
            }
            Method::Stored(_) => {
                let instrument = request::instrument(method, customer, None)?;
                return match (instrument.method, instrument.customer) {
                    (Some(id), Some(customer)) => Ok(Kept { id, customer }),
                    _ => Err(Error::invalid_field(
                        "customer.reference",
                        "is missing: the stored method does not say whose it is",
                    )),
                };
            }
            _ => {}
        }
        // A key of its own: `store` under the caller's key is another intent.
        let step = self.gateway.step_key(&format!("{operation}/method"), key);
        let key = IdempotencyKey::new(step.as_str(), key.first_used_at())?;
        let mut wanted = StoreRequest::new(method.clone(), key, reference.clone());
        wanted.customer = customer.cloned();
        wanted.billing = billing.cloned();
        let stored = match self.gateway.store_method(&wanted).await {
            Ok(stored) => stored,
            Err(error) => return self.kept_already(method, customer, error).await,
        };
        let owner = stored.reference.detail(detail::CUSTOMER).unwrap_or_default().to_owned();
        Ok(Kept { id: stored.reference.id().to_owned(), customer: owner })
    }

    /// A payment method that is attached to the customer already cannot be attached again.
    async fn kept_already(&self, method: &Method, customer: Option<&Customer>, error: Error) -> Result<Kept> {
        let instrument = request::instrument(method, customer, None)?;
        let (Some(id), Some(customer)) = (instrument.method, instrument.customer) else { return Err(error) };
        if error.kind() != ErrorKind::InvalidRequest || error.http_status() != Some(400) {
            return Err(error);
        }
        match self.client().payment_methods().retrieve(&id, &call(None)).await {
            Ok(found) if found.customer.as_ref().map(Expandable::id) == Some(customer.as_str()) => {
                Ok(Kept { id, customer })
            }
            _ => Err(error),
        }
    }

    /// The product of this name. Its id follows from the name, so that it is made once.
    async fn product(&self, name: &str, operation: &str, key: &IdempotencyKey) -> Result<String> {
        let fixed = IdempotencyKey::new("product", DateTime::UNIX_EPOCH)?;
        let id = self.gateway.step_key(&format!("subscription/product/{name}"), &fixed);
        let id = format!("turnbuckle_{id}");
        let name: String = name.chars().take(250).collect();
        let step = self.gateway.step_key(&format!("{operation}/product"), key);
        let options = call(None).with_idempotency_key(step.as_str());
        match self.client().products().create(&CreateProduct::new(name).with_id(&id), &options).await {
            Ok(product) => Ok(product.id),
            Err(error) if is_code(&error, "resource_already_exists") => Ok(id),
            Err(error) => Err(error),
        }
    }

    /// What came of the payment behind an invoice; `None` where there is nothing to pay.
    pub(super) async fn paid(&self, invoice: &Invoice) -> Result<Option<Outcome>> {
        let Some(id) = terms_of::payment_id(invoice) else { return Ok(None) };
        let intent = self.gateway.intent(id, None).await?;
        answer::outcome(&intent, PaymentOperation::Purchase, None).map(Some)
    }

    async fn first_payment(&self, found: &crate::Subscription) -> Result<Option<Outcome>> {
        match found.latest_invoice.as_ref().and_then(Expandable::object) {
            Some(invoice) if invoice.amount_due > 0 => self.paid(invoice).await,
            _ => Ok(None),
        }
    }

    /// Tells a subscription its exact end, now that its start is known. The end that it has is safe, so a failure here
    /// is none of the request's.
    async fn settle_end(
        &self,
        found: crate::Subscription,
        request: &SubscriptionRequest,
    ) -> crate::Subscription {
        let (Plan::Inline { every, .. }, Some(payments)) = (&request.plan, request.payments) else {
            return found;
        };
        let start = found.billing_cycle_anchor.or(found.start_date);
        let Some(end) = start.and_then(|start| wish::after(start, *every, payments)) else { return found };
        let mut params = UpdateSubscription::new().with_proration_behavior("none");
        params.cancel_at = Field::Set(When::At(end));
        params.metadata.insert(ENDS_AT.to_owned(), end.timestamp().to_string());
        let step = self.gateway.step_key(&format!("{CREATE}/end"), &request.key);
        let options = call(None).with_idempotency_key(step.as_str());
        match self.client().subscriptions().update(&found.id, &params, &options).await {
            Ok(settled) => settled,
            Err(_) => found,
        }
    }

    async fn read(&self, subscription: &PaymentRef) -> Result<crate::Subscription> {
        expect_kind(subscription, kind::SUBSCRIPTION)?;
        self.client().subscriptions().retrieve(subscription.id(), &call(None)).await
    }

    async fn change(
        &self,
        subscription: &PaymentRef,
        params: &UpdateSubscription,
        step: &str,
        key: &IdempotencyKey,
    ) -> Result<crate::Subscription> {
        let step = self.gateway.step_key(step, key);
        let options = call(None).with_idempotency_key(step.as_str());
        self.client().subscriptions().update(subscription.id(), params, &options).await
    }

    /// The changed item: the only one that the subscription has.
    async fn changed_item(
        &self,
        found: &crate::Subscription,
        plan: &Plan,
        key: &IdempotencyKey,
    ) -> Result<crate::SubscriptionItemData> {
        let item = terms_of::only_item(found).ok_or_else(|| {
            Error::invalid_field("plan", "cannot change: the subscription has several items")
        })?;
        let product = match (plan, item.price.as_ref().and_then(|price| price.product.as_ref())) {
            (Plan::Inline { .. }, Some(product)) => Some(product.id().to_owned()),
            (Plan::Inline { .. }, None) => Some(self.product("subscription", UPDATE, key).await?),
            _ => None,
        };
        Ok(wish::item(plan, product.as_deref())?.with_id(&item.id))
    }
}

/// A method at Stripe and its owner.
struct Kept {
    id: String,
    customer: String,
}

/// Whether nothing can be done to a subscription any more.
fn is_over(found: &crate::Subscription) -> bool {
    matches!(found.status, Word::Canceled | Word::IncompleteExpired)
}

/// An answer that cannot be understood although the call went through.
pub(super) fn happened(error: Error, id: &str) -> Error {
    error.with_effect(Effect::Happened).with_payment(terms_of::reference(id))
}

#[async_trait]
impl Subscriptions for StripeSubscriptions {
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
        let refused = |error: Error| {
            let declined = answer::declined(error, None)?;
            Ok(SubscriptionOutcome::new(None, Some(declined)))
        };
        let (params, terms) = match self.prepare(request).await {
            Ok(prepared) => prepared,
            // Whatever was made so far, the subscription was not, and the same request with the same key makes
            // nothing twice.
            Err(error) => return refused(error.with_effect(Effect::None)),
        };
        let key = self.gateway.wire_key(PaymentOperation::CreateSubscription, &request.key);
        let options = call(None).with_idempotency_key(key.as_str()).with_expand("latest_invoice.payments");
        let made = match self.client().subscriptions().create(&params, &options).await {
            Ok(made) => made,
            Err(error) => return refused(error),
        };
        let id = made.id.clone();
        terms_of::check_plan(&made, &request.plan).map_err(|error| happened(error, &id))?;
        let first_payment = self.first_payment(&made).await.map_err(|error| happened(error, &id))?;
        let settled =
            if terms.settle_end && !is_over(&made) { self.settle_end(made, request).await } else { made };
        let subscription = terms_of::subscription(&settled).map_err(|error| happened(error, &id))?;
        Ok(SubscriptionOutcome::new(Some(subscription), first_payment))
    }

    async fn get(&self, subscription: &PaymentRef) -> Result<Subscription> {
        terms_of::subscription(&self.read(subscription).await?)
    }

    async fn update(&self, update: &SubscriptionUpdate) -> Result<Subscription> {
        wish::check_description(update.description.as_deref())?;
        let found = self.read(&update.subscription).await?;
        let mut params = UpdateSubscription::new();
        if let Some(method) = &update.method {
            let owner = found.customer.as_ref().map(Expandable::id).unwrap_or_default();
            let mut customer = Customer::default();
            customer.reference = Some(PaymentRef::new(PROVIDER, kind::CUSTOMER, owner));
            let reference = marks::reference(&found.metadata);
            let reference = reference.map_or_else(|| MerchantReference::new(&found.id), Ok)?;
            let kept = self.keep(method, (Some(&customer), None), (UPDATE, &update.key), &reference).await;
            params.default_payment_method = Some(kept.map_err(|error| error.with_effect(Effect::None))?.id);
        }
        if let Some(plan) = &update.plan {
            params = params
                .with_item(self.changed_item(&found, plan, &update.key).await?)
                .with_proration_behavior("none")
                .with_payment_behavior("error_if_incomplete");
        }
        if let Some(description) = &update.description {
            params = params.with_description(description);
        }
        let changed = self.change(&update.subscription, &params, UPDATE, &update.key).await?;
        if let Some(plan) = &update.plan {
            terms_of::check_plan(&changed, plan).map_err(|error| happened(error, &changed.id))?;
        }
        terms_of::subscription(&changed).map_err(|error| happened(error, &changed.id))
    }

    /// Ending at once leaves an open invoice behind as it is; Stripe no longer collects it by itself.
    async fn cancel(&self, subscription: &PaymentRef, when: CancelWhen) -> Result<Subscription> {
        expect_kind(subscription, kind::SUBSCRIPTION)?;
        let calls = self.client().subscriptions();
        let ended = match when {
            CancelWhen::Now => calls.cancel(subscription.id(), &CancelSubscription::new(), &call(None)).await,
            CancelWhen::PeriodEnd => {
                let params = UpdateSubscription::new().with_cancel_at_period_end(true);
                calls.update(subscription.id(), &params, &call(None)).await
            }
            _ => return Err(Error::unsupported("Stripe does not end subscriptions at such a time")),
        };
        match ended {
            Ok(ended) => terms_of::subscription(&ended).map_err(|error| happened(error, &ended.id)),
            Err(error) if error.effect() == Effect::None && error.http_status().is_some() => {
                match self.read(subscription).await {
                    Ok(found) if is_over(&found) => terms_of::subscription(&found),
                    _ => Err(error),
                }
            }
            Err(error) => Err(error),
        }
    }

    /// Takes back an end that is still to come, lets a paused subscription go on, and collects again where collecting
    /// was stopped. An end that was agreed on at the beginning stays. Stripe does not bring back what is over.
    async fn reactivate(&self, subscription: &PaymentRef, key: &IdempotencyKey) -> Result<Subscription> {
        let found = self.read(subscription).await?;
        if is_over(&found) {
            return Err(Error::unsupported("Stripe does not bring back a subscription that is over"));
        }
        let mut current = found;
        let resumed = current.status == Word::Paused;
        if resumed {
            let step = self.gateway.step_key("reactivate_subscription/resume", key);
            let options = call(None).with_idempotency_key(step.as_str());
            let params = ResumeSubscription::new();
            current = self.client().subscriptions().resume(subscription.id(), &params, &options).await?;
        }
        let agreed = terms_of::agreed_end(&current);
        let ends_early =
            current.cancel_at_period_end || (current.cancel_at.is_some() && current.cancel_at != agreed);
        let mut params = UpdateSubscription::new();
        match agreed {
            Some(end) if ends_early => params.cancel_at = Field::Set(When::At(end)),
            None if current.cancel_at_period_end => params.cancel_at_period_end = Some(false),
            None if ends_early => params.cancel_at = Field::Clear,
            _ => {}
        }
        if current.pause_collection.is_some() {
            params.pause_collection = Field::Clear;
        }
        if ends_early || current.pause_collection.is_some() {
            params.proration_behavior = Some("none".to_owned());
            let changed = self.change(subscription, &params, "reactivate_subscription", key).await;
            current = changed.map_err(|error| match error.effect() {
                // It goes on already, and may have been paid for.
                Effect::None if resumed => happened(error, subscription.id()),
                _ => error,
            })?;
        }
        terms_of::subscription(&current).map_err(|error| happened(error, &current.id))
    }

    /// Pays the newest invoice that is open. With none open, one that was paid since the key was first used is the answer.
    async fn retry_payment(&self, subscription: &PaymentRef, key: &IdempotencyKey) -> Result<Outcome> {
        self.pay_open_invoice(subscription, key).await
    }

    async fn history(&self, subscription: &PaymentRef, limit: usize) -> Result<Vec<Payment>> {
        self.invoices_as_payments(subscription, limit).await
    }

    /// Stripe's lists show a subscription as soon as it exists. One that was made under a test clock carries that
    /// clock's time and may not be found.
    async fn lookup(&self, attempt: &Attempt) -> Result<Lookup<Subscription>> {
        let created = window(attempt);
        let scan = Scan::run(
            |after| {
                let mut params = ListSubscriptions::new()
                    .with_status("all")
                    .with_limit(Scan::PAGE)
                    .with_created(created.clone());
                params.starting_after = after;
                self.client().subscriptions().list(&params)
            },
            |found: &crate::Subscription| marks::carries(&found.metadata, marks::WIRE_KEY, &attempt.wire_key),
        )
        .await?;
        if scan.found.is_empty() {
            return Ok(Lookup::Absent(self.gateway.absence(attempt, scan.complete)));
        }
        scan.found.iter().map(terms_of::subscription).collect::<Result<Vec<_>>>().map(Lookup::Found)
    }
}
