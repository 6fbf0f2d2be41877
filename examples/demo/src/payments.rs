//! One scenario for every gateway: nothing in it knows which one it runs over.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use chrono::{DateTime, TimeDelta, Utc};
use turnbuckle_core::http::{Delivery, Transport};
use turnbuckle_core::http::{
    ReqwestTransport, RetryPolicy, TransportError, TransportErrorKind, transport_try_fn,
};
use turnbuckle_core::money::{Currency, Money};
use turnbuckle_core::payment::{
    Address, Attempt, CaptureRequest, Card, DeclineAdvice, Feature, IdempotencyKey, Lookup, LookupQuery,
    MerchantReference, Outcome, Payment, PaymentGateway, PaymentMethod, PaymentOperation, PaymentPolicy,
    PaymentRequest, RefundRequest, Resolution, resolve,
};
use turnbuckle_core::provider::{Connection, ConnectionConfig, IntegrationProvider};
use turnbuckle_core::{Clock, Effect, Environment, ErrorKind, Random, SystemClock, SystemRandom};

use crate::place::Place;
use crate::providers::{Trial, Trigger};
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
    trial: Trial,
) -> StepResult<Payment> {
    let request = request(orders, "charge", 2000, trial.approved.method()?)?;
    let first = approved(gateway.purchase(&request).await?)?;
    let told = match gateway.purchase(&request).await {
        Ok(again) => {
            let again = approved(again)?;
            ensure(first.reference.same_as(&again.reference), "the second request made a second payment")?;
            "the same one"
        }
        // A vendor that keeps no keys: the host's journal knows, and nothing is sent.
        Err(error) => {
            ensure(error.kind() == ErrorKind::Conflict, &error)?;
            let named = error.payment().is_some_and(|named| named.same_as(&first.reference));
            ensure(named, "the refusal does not name the first payment")?;
            "refused, naming the first"
        }
    };
    let result = format!("{} approved, {}; again: {told}", first.amounts.captured, first.reference.id());
    Ok((first, result))
}

/// Reserves an amount and takes a part of it.
pub(crate) async fn capture(
    gateway: &dyn PaymentGateway,
    orders: &Orders,
    trial: Trial,
) -> StepResult<Payment> {
    let request = request(orders, "authorize", 5000, trial.approved.method()?)?;
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
    settle: Option<&dyn Fn()>,
) -> StepResult<()> {
    let part = |name| -> turnbuckle_core::Result<RefundRequest> {
        let key = orders.key(name)?;
        Ok(RefundRequest::new(payment.reference.clone(), key).with_amount(dollars(500)))
    };
    let mut waited = "";
    let first = match gateway.refund(&part("refund")?).await {
        Err(error) if error.effect() == Effect::None => {
            // Some gateways refund only what has settled.
            let Some(settle) = settle else { return unsettled(gateway, orders, payment).await };
            settle();
            waited = " once it had settled";
            gateway.refund(&part("refund-settled")?).await?
        }
        other => other?,
    };
    let refund = match first {
        Outcome::Approved(refund) | Outcome::Processing(refund) => refund,
        other => return Err(Failure::new(format!("the outcome is `{}`", other.as_str()))),
    };
    let Lookup::Found(now) = gateway.lookup(&LookupQuery::Reference(refund.reference.clone())).await? else {
        return Err(Failure::new("the refund cannot be found"));
    };
    let refunded = now.first().map(|refund| refund.amounts.refunded);
    ensure(refunded == Some(dollars(500)), format!("the vendor says {refunded:?} were refunded"))?;
    Ok((
        (),
        format!(
            "{} of {} returned{waited}, {}",
            refund.amounts.refunded,
            payment.amounts.captured,
            refund.reference.id()
        ),
    ))
}

/// What a sandbox that cannot be told to settle allows: the whole payment is stopped instead.
async fn unsettled(gateway: &dyn PaymentGateway, orders: &Orders, payment: &Payment) -> StepResult<()> {
    let whole = RefundRequest::new(payment.reference.clone(), orders.key("stop")?).with_void_if_unsettled();
    let stopped = approved(gateway.refund(&whole).await?)?;
    Ok(((), format!("not settled yet, so stopped as a whole: {}", stopped.reference.id())))
}

/// Sees a card declined.
pub(crate) async fn decline(gateway: &dyn PaymentGateway, orders: &Orders, trial: Trial) -> StepResult<()> {
    let mut request = request(orders, "declined", 2500, trial.approved.method()?)?;
    match trial.declined {
        Trigger::Means(means) => request.method = means.method()?,
        Trigger::Cents(cents) => request.amount = dollars(cents),
        Trigger::PostalCode(code) => {
            let mut billing = Address::default();
            billing.postal_code = Some(code.to_owned());
            request = request.with_billing(billing);
        }
    }
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

/// Opts in to raw card numbers where the trial needs them.
pub(crate) fn opted_in(config: ConnectionConfig, trial: Trial) -> ConnectionConfig {
    if trial.approved.is_raw() {
        config.with_payment_policy(PaymentPolicy::default().with_raw_cards())
    } else {
        config
    }
}

/// Tries a card number in the clear on a connection that did not opt in.
pub(crate) async fn raw_card(
    provider: &dyn IntegrationProvider,
    config: ConnectionConfig,
    orders: &Orders,
) -> StepResult<()> {
    let gateway = provider.connect(config)?.payments().ok_or_else(|| Failure::new("no payments"))?;
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

/// A transport that delivers every request and loses the answers from this one on.
fn losing_answers(from: usize) -> turnbuckle_core::Result<Arc<dyn Transport>> {
    let real = ReqwestTransport::new()?;
    let answered = Arc::new(AtomicUsize::new(0));
    Ok(Arc::new(transport_try_fn(move |request, limits| {
        let (real, answered) = (real.clone(), Arc::clone(&answered));
        async move {
            let answer = real.send(request, limits).await?;
            if answered.fetch_add(1, Ordering::SeqCst) + 1 < from {
                return Ok(answer);
            }
            Err(TransportError::new(TransportErrorKind::Reset, Delivery::MaybeDelivered))
        }
    })))
}

/// Most requests that any gateway needs for a charge.
const MOST_REQUESTS: usize = 5;

/// Loses the answer to a charge, and finds out what happened. Hands on which request of a charge moves the money: some
/// gateways ask something first, and an answer lost there is known to have done nothing.
pub(crate) async fn lost_answer(
    provider: &dyn IntegrationProvider,
    config: ConnectionConfig,
    gateway: &dyn PaymentGateway,
    orders: &Orders,
    trial: Trial,
) -> StepResult<usize> {
    let request = request(orders, "lost", 4200, trial.approved.method()?)?;
    for number in 1..=MOST_REQUESTS {
        let deaf = config.clone().with_transport(losing_answers(number)?).with_retry(RetryPolicy::never());
        let deaf = provider.connect(deaf)?.payments().ok_or_else(|| Failure::new("no payments"))?;
        let Err(error) = deaf.purchase(&request).await else {
            return Err(Failure::new("the answer was not lost"));
        };
        if error.effect() == Effect::None {
            continue;
        }
        ensure(error.effect() == Effect::Unknown, format!("the effect is {:?}", error.effect()))?;
        let attempt: &Attempt = error.attempt().ok_or_else(|| Failure::new("the error names no attempt"))?;
        return match resolve(gateway, attempt, orders.now()).await? {
            Resolution::Happened(payment) => {
                let (taken, id) = (payment.amounts.captured, payment.reference.id());
                Ok((number, format!("unknown, then found: {taken} taken, {id}")))
            }
            other => Err(Failure::new(format!("the charge happened, and the resolution says {other:?}"))),
        };
    }
    Err(Failure::new("no lost answer left the effect unknown"))
}

/// Every order of this run: how many payments exist at the vendor? Asked by the order's number, or where a vendor cannot
/// search for that, by the attempt's own mark.
pub(crate) async fn count(
    gateway: &dyn PaymentGateway,
    orders: &Orders,
    placed: &[(&str, i64)],
) -> StepResult<()> {
    let since = orders.now() - TimeDelta::hours(1);
    let by_number = gateway.features().has(Feature::LookupByMerchantReference);
    for (name, cents) in placed {
        let query = if by_number {
            LookupQuery::merchant_reference(orders.reference(name)?, since)
        } else {
            let (operation, key) = (PaymentOperation::Purchase, orders.key(name)?);
            let attempt = Attempt::new(gateway.provider(), gateway.account(), operation, &key, orders.now());
            let attempt = attempt.with_amount(Some(dollars(*cents)));
            LookupQuery::Attempt(Box::new(attempt.with_merchant_reference(orders.reference(name)?)))
        };
        let found = match gateway.lookup(&query).await? {
            Lookup::Found(found) => found.len(),
            _ => 0,
        };
        ensure(found == 1, format!("{found} payments exist for order `{name}`, which was placed once"))?;
    }
    let how = if by_number { "by order number" } else { "by the attempt's mark" };
    Ok(((), format!("{} orders, one payment each, found {how}", placed.len())))
}
