//! A signed push: taken when the signature is right, refused when a byte differs, handled once.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use turnbuckle_core::webhook::{
    Claim, ClaimToken, Event, FreshnessClass, MemoryReplayGuard, RawWebhook, ReplayGuard, ReplayKey,
    Retention, Verified, WebhookReceiver, guard_for,
};
use turnbuckle_core::{Clock, ErrorKind, Result, SystemClock};
use turnbuckle_simulator::{SignedWebhook, Simulator};

use crate::payments::{self, ACCOUNT, Orders};
use crate::place::Place;
use crate::providers::Known;
use crate::report::{Failure, Report, StepResult, ensure};

const PUBLIC_URL: &str = "https://shop.example/webhooks";

/// Receives a push of the simulator. A real provider cannot reach this machine, so in a sandbox the simulator stands in
/// for this part, and the step says so.
pub(crate) async fn part(
    report: &mut Report,
    entry: &Known,
    simulated: &Place,
    simulator: &Simulator,
    orders: &Orders,
) {
    let prepared = async {
        let trial = entry.trial().ok_or_else(|| Failure::new("no test cards"))?;
        let config = payments::opted_in(payments::config(simulated, simulated.credentials.clone()), trial);
        let connection = entry.provider.connect(config)?;
        let receiver =
            connection.webhooks().ok_or_else(|| Failure::new("no webhook key in the credentials"))?;
        let gateway = connection.payments().ok_or_else(|| Failure::new("no payments"))?;
        simulator.take_webhooks();
        payments::pay(gateway.as_ref(), orders, "webhook", trial.approved.method()?).await?;
        let id = entry.provider.definition().id.as_str();
        let push = simulator.take_webhooks().into_iter().rfind(|push| push.provider == id);
        let push = push.ok_or_else(|| Failure::new("the simulator sent nothing"))?;
        let result =
            format!("{} bytes from the simulator: no provider can reach this machine", push.body.len());
        Ok(((receiver, push), result))
    };
    let prepared = report.step("be pushed to", "a charge makes the provider push an event", prepared).await;
    let Some((receiver, push)) = prepared else { return };
    let taken = receive(receiver.as_ref(), &push);
    let event = report.step("receive a signed webhook", "only a verified body can be decoded", taken).await;
    let forged = forge(receiver.as_ref(), &push);
    report.step("receive a forged one", "one changed byte, and nobody reads it", forged).await;
    let Some(event) = event else { return report.skip("receive it again", "an event is handled once") };
    let again = again(receiver.as_ref(), event);
    report.step("receive it again", "an event is handled once", again).await;
}

fn raw(push: &SignedWebhook, body: Bytes) -> Result<RawWebhook, Failure> {
    let mut request = http::Request::post("/webhooks").body(body).map_err(Failure::new)?;
    request.headers_mut().clone_from(&push.headers);
    Ok(RawWebhook::new(request, PUBLIC_URL)?)
}

async fn receive(receiver: &dyn WebhookReceiver, push: &SignedWebhook) -> StepResult<Verified<Event>> {
    let now = SystemClock::new().now();
    let mut events = receiver.receive(raw(push, push.body.clone())?, now).await?;
    ensure(events.len() == 1, format!("{} events in one push", events.len()))?;
    let event = events.remove(0);
    let about = event.get().references.first().map(|named| named.id().to_owned()).unwrap_or_default();
    let result = format!("{} about {about}", event.get().vendor_type);
    Ok((event, result))
}

async fn forge(receiver: &dyn WebhookReceiver, push: &SignedWebhook) -> StepResult<()> {
    let mut body = push.body.to_vec();
    if let Some(digit) = body.iter_mut().find(|byte| byte.is_ascii_digit()) {
        *digit ^= 1;
    }
    match receiver.receive(raw(push, body.into())?, SystemClock::new().now()).await {
        Ok(_) => Err(Failure::new("a forged body was accepted")),
        Err(error) => {
            ensure(
                error.kind() == ErrorKind::SignatureInvalid,
                format!("refused for another reason: {error}"),
            )?;
            Ok(((), format!("refused: {}", error.code().unwrap_or("no reason given"))))
        }
    }
}

/// Stands for the table in which a host keeps the events it has handled: what is in it stays.
#[derive(Debug)]
struct HostTable(MemoryReplayGuard);

#[async_trait]
impl ReplayGuard for HostTable {
    fn retention(&self) -> Retention {
        Retention::Permanent
    }

    async fn claim(&self, key: &ReplayKey, lease: Duration, now: DateTime<Utc>) -> Result<Claim> {
        self.0.claim(key, lease, now).await
    }

    async fn commit(&self, token: &ClaimToken, now: DateTime<Utc>) -> Result<()> {
        self.0.commit(token, now).await
    }

    async fn abandon(&self, token: &ClaimToken, now: DateTime<Utc>) -> Result<()> {
        self.0.abandon(token, now).await
    }
}

/// How long the tour's own table lasts.
const LONG: Duration = Duration::from_secs(100 * 365 * 86_400);

async fn again(receiver: &dyn WebhookReceiver, event: Verified<Event>) -> StepResult<()> {
    let memory = MemoryReplayGuard::new(NonZeroUsize::MIN.saturating_add(999), LONG)?;
    let signs_time = matches!(receiver.freshness(), FreshnessClass::SignedTime { .. });
    let guard: Arc<dyn ReplayGuard> = if signs_time {
        Arc::new(memory)
    } else {
        // A scheme that signs no time refuses a guard that forgets.
        ensure(guard_for(receiver.freshness(), Arc::new(memory)).is_err(), "a forgetful guard was accepted")?;
        Arc::new(HostTable(MemoryReplayGuard::new(NonZeroUsize::MIN.saturating_add(999), LONG)?))
    };
    let guard = guard_for(receiver.freshness(), guard)?;
    let (key, lease, now) =
        (ReplayKey::for_event(ACCOUNT, &event)?, Duration::from_secs(60), SystemClock::new().now());
    let Claim::Granted(token) = guard.claim(&key, lease, now).await? else {
        return Err(Failure::new("the first delivery was not granted"));
    };
    guard.commit(&token, now).await?;
    match guard.claim(&key, lease, now).await? {
        Claim::Done => {
            Ok(((), "claimed, handled, committed; the next delivery is told it is done".to_owned()))
        }
        other => Err(Failure::new(format!("the second delivery got {other:?}"))),
    }
}
