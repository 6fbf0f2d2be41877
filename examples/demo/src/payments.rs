//! One scenario for every gateway: nothing in it knows which one it runs over.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use turnbuckle_core::http::{Delivery, Transport};
use turnbuckle_core::http::{
    ReqwestTransport, RetryPolicy, TransportError, TransportErrorKind, transport_try_fn,
};
use turnbuckle_core::money::{Currency, Money};
use turnbuckle_core::payment::{
    Attempt, CaptureRequest, Card, DeclineAdvice, IdempotencyKey, Lookup, LookupQuery, MerchantReference,
    Outcome, Payment, PaymentGateway, PaymentMethod, PaymentRequest, RefundRequest, Resolution, resolve,
};
use turnbuckle_core::provider::{Connection, ConnectionConfig, IntegrationProvider};
use turnbuckle_core::{Clock, Effect, Environment, Random, SystemClock, SystemRandom};

use crate::place::Place;
use crate::providers::TestCards;
use crate::report::{Failure, StepResult, ensure};

/// The host's id of the integration: part of every idempotency key on the wire.
pub(crate) const ACCOUNT: &str = "int_1";

/// Keys and references that no earlier run used, since a sandbox remembers.
pub(crate) struct Orders {
    run: String,
    clock: SystemClock,
}

impl Orders {
    /// A new series.
    pub(crate) fn new() -> turnbuckle_core::Result<Self> {
        let mut bytes = [0; 5];
        SystemRandom::new().fill(&mut bytes)?;
        let run = bytes.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
        Ok(Self { run, clock: SystemClock::new() })
    }

    /// A key that was never used before.
    pub(crate) fn key(&self, name: &str) -> turnbuckle_core::Result<IdempotencyKey> {
        IdempotencyKey::new(format!("tour-{}-{name}", self.run), self.clock.now())
    }

    /// An order number.
    pub(crate) fn reference(&self, name: &str) -> turnbuckle_core::Result<MerchantReference> {
        MerchantReference::new(format!("order-{}-{name}", self.run))
    }

    /// The present.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }
}

/// The configuration that every connection of the tour begins with.
pub(crate) fn config(
    place: &Place,
    credentials: turnbuckle_core::credential::Credentials,
) -> ConnectionConfig {
    let config = ConnectionConfig::new(ACCOUNT, Environment::Sandbox, credentials);
    match &place.base_url {
        Some(url) => config.with_base_url(url.clone()),
        None => config,
    }
}

fn dollars(cents: i64) -> Money {
    Money::new(cents, Currency::USD)
}

fn request(
    orders: &Orders,
    name: &str,
    cents: i64,
    method: PaymentMethod,
) -> turnbuckle_core::Result<PaymentRequest> {
    Ok(PaymentRequest::new(dollars(cents), method, orders.key(name)?, orders.reference(name)?))
}

fn approved(outcome: Outcome) -> Result<Payment, Failure> {
    match outcome {
        Outcome::Approved(payment) => Ok(payment),
        Outcome::Declined(decline) => Err(Failure::new(format!("declined: {}", decline.reason))),
        other => Err(Failure::new(format!("the outcome is `{}`", other.as_str()))),
    }
}

/// Charges a card, whatever for.
pub(crate) async fn pay(
    gateway: &dyn PaymentGateway,
    orders: &Orders,
    name: &str,
    method: PaymentMethod,
) -> Result<Payment, Failure> {
    approved(gateway.purchase(&request(orders, name, 1000, method)?).await?)
}

/// Tests the connection.
pub(crate) async fn test(connection: &Connection) -> StepResult<()> {
    let test = connection.test().await?;
    ensure(test.success, &test.message)?;
    let findings: Vec<_> = test.findings.iter().map(|finding| finding.code.to_string()).collect();
    let findings = if findings.is_empty() { "no findings".to_owned() } else { findings.join(", ") };
    Ok(((), format!("{}; {findings}", test.message.trim_end_matches('.'))))
}

/// Charges a card, and sends the very same request once more.
pub(crate) async fn charge(
    gateway: &dyn PaymentGateway,
    orders: &Orders,
    cards: TestCards,
) -> StepResult<Payment> {
    let request = request(orders, "charge", 2000, TestCards::method(cards.approved))?;
    let first = approved(gateway.purchase(&request).await?)?;
    let again = approved(gateway.purchase(&request).await?)?;
    ensure(first.reference == again.reference, "the second request made a second payment")?;
    let result =
        format!("{} approved, {}; again: the same one", first.amounts.captured, first.reference.id());
    Ok((first, result))
}

/// Reserves an amount and takes a part of it.
pub(crate) async fn capture(
    gateway: &dyn PaymentGateway,
    orders: &Orders,
    cards: TestCards,
) -> StepResult<Payment> {
    let request = request(orders, "authorize", 5000, TestCards::method(cards.approved))?;
    let reserved = approved(gateway.authorize(&request).await?)?;
    let part =
        CaptureRequest::new(reserved.reference.clone(), orders.key("capture")?).with_amount(dollars(3000));
    let captured = approved(gateway.capture(&part).await?)?;
    let result = format!(
        "{} reserved, {} taken, the rest released",
        reserved.amounts.authorized, captured.amounts.captured
    );
    Ok((captured, result))
}

/// Gives a part back.
pub(crate) async fn refund(
    gateway: &dyn PaymentGateway,
    orders: &Orders,
    payment: &Payment,
) -> StepResult<()> {
    let part = RefundRequest::new(payment.reference.clone(), orders.key("refund")?).with_amount(dollars(500));
    let refund = match gateway.refund(&part).await? {
        Outcome::Approved(refund) | Outcome::Processing(refund) => refund,
        other => return Err(Failure::new(format!("the outcome is `{}`", other.as_str()))),
    };
    let Lookup::Found(now) = gateway.lookup(&LookupQuery::Reference(payment.reference.clone())).await? else {
        return Err(Failure::new("the payment cannot be found"));
    };
    let refunded = now.first().map(|payment| payment.amounts.refunded);
    ensure(refunded == Some(dollars(500)), format!("the payment says {refunded:?} were refunded"))?;
    Ok((
        (),
        format!(
            "{} of {} returned, {}",
            refund.amounts.refunded,
            payment.amounts.captured,
            refund.reference.id()
        ),
    ))
}

/// Sees a card declined.
pub(crate) async fn decline(
    gateway: &dyn PaymentGateway,
    orders: &Orders,
    cards: TestCards,
) -> StepResult<()> {
    let request = request(orders, "declined", 2500, TestCards::method(cards.declined))?;
    match gateway.purchase(&request).await? {
        Outcome::Declined(decline) => {
            let advice = match decline.advice {
                DeclineAdvice::NeverAgain => "never again".to_owned(),
                DeclineAdvice::OtherMethod => "ask for another card".to_owned(),
                DeclineAdvice::RetryLater(caps) => {
                    let (days, first) = (caps.within.as_secs() / 86_400, caps.wait.as_secs() / 3_600);
                    format!("retry after {first} h, at most {} times in {days} days", caps.attempts)
                }
                other => format!("{other:?}"),
            };
            Ok(((), format!("{}; advice: {advice}", decline.reason)))
        }
        other => Err(Failure::new(format!("the outcome is `{}`", other.as_str()))),
    }
}

/// Tries a card number in the clear on a connection that did not opt in.
pub(crate) async fn raw_card(gateway: &dyn PaymentGateway, orders: &Orders) -> StepResult<()> {
    let card = Card::new("4242 4242 4242 4242", 12, 2034)?;
    let request = request(orders, "raw", 2500, PaymentMethod::Card(card))?;
    match gateway.purchase(&request).await {
        Ok(outcome) => Err(Failure::new(format!("a raw card was sent: `{}`", outcome.as_str()))),
        Err(error) => {
            ensure(error.effect() == Effect::None, "the refusal does not say that nothing happened")?;
            Ok(((), format!("refused before anything was sent [{}]", error.kind())))
        }
    }
}

/// A transport that delivers every request and loses every answer.
fn losing_answers() -> turnbuckle_core::Result<Arc<dyn Transport>> {
    let real = ReqwestTransport::new()?;
    Ok(Arc::new(transport_try_fn(move |request, limits| {
        let real = real.clone();
        async move {
            real.send(request, limits).await?;
            Err(TransportError::new(TransportErrorKind::Reset, Delivery::MaybeDelivered))
        }
    })))
}

/// Loses the answer to a charge, and finds out what happened.
pub(crate) async fn lost_answer(
    provider: &dyn IntegrationProvider,
    config: ConnectionConfig,
    gateway: &dyn PaymentGateway,
    orders: &Orders,
    cards: TestCards,
) -> StepResult<()> {
    let deaf = config.with_transport(losing_answers()?).with_retry(RetryPolicy::never());
    let deaf = provider.connect(deaf)?.payments().ok_or_else(|| Failure::new("no payments"))?;
    let request = request(orders, "lost", 4200, TestCards::method(cards.approved))?;
    let Err(error) = deaf.purchase(&request).await else {
        return Err(Failure::new("the answer was not lost"));
    };
    ensure(error.effect() == Effect::Unknown, format!("the effect is {:?}", error.effect()))?;
    let attempt: &Attempt = error.attempt().ok_or_else(|| Failure::new("the error names no attempt"))?;
    match resolve(gateway, attempt, orders.now()).await? {
        Resolution::Happened(payment) => {
            let result = format!(
                "unknown, then found: {} taken, {}",
                payment.amounts.captured,
                payment.reference.id()
            );
            Ok(((), result))
        }
        other => Err(Failure::new(format!("the charge happened, and the resolution says {other:?}"))),
    }
}

/// Every order of this run by its number: how many payments exist at the vendor?
pub(crate) async fn count(gateway: &dyn PaymentGateway, orders: &Orders, names: &[&str]) -> StepResult<()> {
    let since = orders.now() - TimeDelta::hours(1);
    for name in names {
        let query = LookupQuery::merchant_reference(orders.reference(name)?, since);
        let found = match gateway.lookup(&query).await? {
            Lookup::Found(found) => found.len(),
            _ => 0,
        };
        ensure(found == 1, format!("{found} payments exist for order `{name}`, which was placed once"))?;
    }
    Ok(((), format!("{} orders, one payment each: {}", names.len(), names.join(", "))))
}
