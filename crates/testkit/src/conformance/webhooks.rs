//! The webhook suite.

use std::fmt::Write as _;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use http::{HeaderValue, Request};
use turnbuckle_core::webhook::{
    Claim, Event, FreshnessClass, MemoryReplayGuard, RawWebhook, ReplayKey, Verified, WebhookReceiver,
    guard_for,
};
use turnbuckle_core::{Clock as _, ErrorKind};

use super::payments::leaks::of_credentials;
use super::report::ensure;
use super::{Bench, Failed, Fixture, Report, Setup, SigningKey, WebhookCases};
use crate::leak::{capture, chain};

type Done = Result<(), Failed>;

struct Stage<'a> {
    bench: Box<dyn Bench>,
    setup: Setup,
    receiver: Arc<dyn WebhookReceiver>,
    cases: &'a WebhookCases,
}

impl<'a> Stage<'a> {
    fn new(fixture: &dyn Fixture, cases: &'a WebhookCases) -> Result<Self, Failed> {
        let bench = fixture.bench();
        let setup = Setup::new(fixture.credentials(), bench.clock());
        let connection = bench.connect(&setup)?;
        let receiver =
            connection.webhooks().ok_or_else(|| Failed::new("the connection receives no webhooks"))?;
        Ok(Self { bench, setup, receiver, cases })
    }

    fn now(&self) -> DateTime<Utc> {
        self.setup.clock.now()
    }

    fn push(&self, key: SigningKey, at: DateTime<Utc>) -> Result<Request<Bytes>, Failed> {
        self.bench.push(key, at).ok_or_else(|| Failed::new(format!("the bench makes no push for {key:?}")))
    }

    async fn receive(&self, push: Request<Bytes>) -> turnbuckle_core::Result<Vec<Verified<Event>>> {
        let raw = RawWebhook::new(push, &self.cases.public_url)?;
        self.receiver.receive(raw, self.now()).await
    }

    async fn refuses(&self, push: Request<Bytes>, what: &str) -> Done {
        match self.receive(push).await {
            Ok(_) => Err(Failed::new(format!("{what} was accepted"))),
            // A vendor is not asked for made-up keys without end.
            Err(error) if self.cases.fetches_keys && error.kind() == ErrorKind::Unavailable => Ok(()),
            Err(error) => ensure(
                error.kind() == ErrorKind::SignatureInvalid,
                format!("{what} was not refused for its signature: {error}"),
            ),
        }
    }
}

pub(super) async fn run(fixture: &dyn Fixture, cases: &WebhookCases, report: &mut Report) {
    report.run("webhooks: a good push is accepted", accepts(fixture, cases)).await;
    report.run("webhooks: no bit of the body can change", body_bits(fixture, cases)).await;
    report.run("webhooks: no bit of the signature can change", header_bits(fixture, cases)).await;
    report.run("webhooks: nothing without a signature", unsigned(fixture, cases)).await;
    report.run("webhooks: an unknown key", unknown_key(fixture, cases)).await;
    report.run("webhooks: stale and early pushes", untimely(fixture, cases)).await;
    if cases.has_previous {
        report.run("webhooks: the previous key", previous_key(fixture, cases)).await;
    }
    if !cases.fetches_keys {
        report.run("webhooks: no key, no receiver", async { no_key(fixture, cases) }).await;
    }
    report.run("webhooks: a copy is known", duplicates(fixture, cases)).await;
    report.run("webhooks: nothing leaks", leaks(fixture, cases)).await;
}

async fn accepts(fixture: &dyn Fixture, cases: &WebhookCases) -> Done {
    let stage = Stage::new(fixture, cases)?;
    let push = stage.push(SigningKey::Current, stage.now())?;
    let events = stage.receive(push).await?;
    ensure(!events.is_empty(), "no event came of it")?;
    for event in &events {
        let event = event.get();
        ensure(event.id.as_ref().is_some_and(|id| !id.is_empty()), "an event has no id")?;
        ensure(!event.vendor_type.is_empty(), "an event does not say what the vendor calls it")?;
        ensure(event.live != Some(true), "a sandbox event claims to be live")?;
    }
    Ok(())
}

async fn body_bits(fixture: &dyn Fixture, cases: &WebhookCases) -> Done {
    let stage = Stage::new(fixture, cases)?;
    let push = stage.push(SigningKey::Current, stage.now())?;
    let length = push.body().len();
    for at in 0..length {
        for bit in 0..8 {
            let mut body = push.body().to_vec();
            flip(&mut body, at, bit);
            let mut changed = push.clone();
            *changed.body_mut() = Bytes::from(body);
            stage.refuses(changed, &format!("bit {bit} of byte {at} changed and")).await?;
        }
    }
    let mut longer = push.clone();
    *longer.body_mut() = [push.body().as_ref(), b" "].concat().into();
    stage.refuses(longer, "a longer body").await?;
    let mut shorter = push.clone();
    *shorter.body_mut() = push.body().slice(..length.saturating_sub(1));
    stage.refuses(shorter, "a shorter body").await
}

fn flip(bytes: &mut [u8], at: usize, bit: u32) {
    if let Some(byte) = bytes.get_mut(at) {
        *byte ^= 1 << bit;
    }
}

async fn header_bits(fixture: &dyn Fixture, cases: &WebhookCases) -> Done {
    let stage = Stage::new(fixture, cases)?;
    let push = stage.push(SigningKey::Current, stage.now())?;
    for name in cases.headers {
        let value = push.headers().get(*name).ok_or_else(|| Failed::new(format!("no header `{name}`")))?;
        let value = value.as_bytes().to_vec();
        for at in 0..value.len() {
            for bit in 0..8 {
                let mut bytes = value.clone();
                flip(&mut bytes, at, bit);
                let case_only = bytes.eq_ignore_ascii_case(&value);
                // Hexadecimal may be written either way, and some bytes cannot stand in a header at all.
                let (false, Ok(other)) = (case_only, HeaderValue::from_bytes(&bytes)) else { continue };
                let mut changed = push.clone();
                changed.headers_mut().insert(*name, other);
                stage.refuses(changed, &format!("`{name}` with bit {bit} of byte {at} changed")).await?;
            }
        }
    }
    Ok(())
}

async fn unsigned(fixture: &dyn Fixture, cases: &WebhookCases) -> Done {
    let stage = Stage::new(fixture, cases)?;
    let push = stage.push(SigningKey::Current, stage.now())?;
    for name in cases.headers {
        let mut without = push.clone();
        without.headers_mut().remove(*name);
        stage.refuses(without, &format!("a push without `{name}`")).await?;
        let mut empty = push.clone();
        empty.headers_mut().insert(*name, HeaderValue::from_static(""));
        stage.refuses(empty, &format!("a push with an empty `{name}`")).await?;
    }
    Ok(())
}

async fn unknown_key(fixture: &dyn Fixture, cases: &WebhookCases) -> Done {
    let stage = Stage::new(fixture, cases)?;
    stage.refuses(stage.push(SigningKey::Unknown, stage.now())?, "a push signed with an unknown key").await
}

async fn untimely(fixture: &dyn Fixture, cases: &WebhookCases) -> Done {
    let stage = Stage::new(fixture, cases)?;
    let FreshnessClass::SignedTime { window } = stage.receiver.freshness() else { return Ok(()) };
    let beyond = TimeDelta::from_std(window).unwrap_or(TimeDelta::MAX) + TimeDelta::seconds(2);
    stage.refuses(stage.push(SigningKey::Current, stage.now() - beyond)?, "a stale push").await?;
    stage.refuses(stage.push(SigningKey::Current, stage.now() + beyond)?, "a push from the future").await
}

async fn previous_key(fixture: &dyn Fixture, cases: &WebhookCases) -> Done {
    let stage = Stage::new(fixture, cases)?;
    let events = stage.receive(stage.push(SigningKey::Previous, stage.now())?).await?;
    ensure(!events.is_empty(), "no event came of it")
}

fn no_key(fixture: &dyn Fixture, cases: &WebhookCases) -> Done {
    let bench = fixture.bench();
    let mut setup = Setup::new(fixture.credentials(), bench.clock());
    if let Some(object) = setup.credentials.as_object_mut() {
        for field in cases.key_fields {
            ensure(object.remove(*field).is_some(), format!("the credentials have no `{field}`"))?;
        }
    }
    // Where the key is required, there is no connection either.
    let Ok(connection) = bench.connect(&setup) else { return Ok(()) };
    ensure(connection.webhooks().is_none(), "webhooks are received without a key to verify them with")
}

async fn duplicates(fixture: &dyn Fixture, cases: &WebhookCases) -> Done {
    const LEASE: Duration = Duration::from_secs(60);
    let stage = Stage::new(fixture, cases)?;
    let push = stage.push(SigningKey::Current, stage.now())?;
    let first = stage.receive(push.clone()).await?;
    let copy = stage.receive(push).await?;
    let other = stage.receive(stage.push(SigningKey::Current, stage.now())?).await?;
    let room = NonZeroUsize::new(1000).unwrap_or(NonZeroUsize::MIN);
    let memory = Arc::new(MemoryReplayGuard::new(room, Duration::from_secs(3600))?);
    let guard = match (stage.receiver.freshness(), guard_for(stage.receiver.freshness(), memory)) {
        (FreshnessClass::UnsignedTime, refused) => {
            ensure(refused.is_err(), "no time is signed, and a guard that forgets was taken")?;
            return same_keys(&first, &copy);
        }
        (_, guard) => guard?,
    };
    same_keys(&first, &copy)?;
    for (event, known) in first.iter().map(|e| (e, false)).chain(copy.iter().map(|e| (e, true))) {
        let key = ReplayKey::for_event("conformance", event)?;
        match guard.claim(&key, LEASE, stage.now()).await? {
            Claim::Granted(token) => {
                ensure(!known, "a copy was not recognized")?;
                guard.commit(&token, stage.now()).await?;
            }
            _ => ensure(known, "a new event was taken for a copy")?,
        }
    }
    for event in &other {
        let key = ReplayKey::for_event("conformance", event)?;
        let granted = matches!(guard.claim(&key, LEASE, stage.now()).await?, Claim::Granted(_));
        ensure(granted, "another event was taken for a copy")?;
    }
    Ok(())
}

fn same_keys(first: &[Verified<Event>], copy: &[Verified<Event>]) -> Done {
    let keys = |events: &[Verified<Event>]| {
        events.iter().map(|event| ReplayKey::for_event("conformance", event)).collect::<Result<Vec<_>, _>>()
    };
    let (first, copy) = (keys(first)?, keys(copy)?);
    ensure(first == copy, "a copy has other keys than the first delivery")
}

async fn leaks(fixture: &dyn Fixture, cases: &WebhookCases) -> Done {
    let stage = Stage::new(fixture, cases)?;
    let sentinels = of_credentials(fixture.provider().as_ref(), &fixture.credentials());
    let spans = capture();
    let mut text = format!("{:?} {:#?}", stage.receiver, stage.receiver);
    for key in [SigningKey::Current, SigningKey::Unknown] {
        let push = stage.push(key, stage.now())?;
        match spans.watch(stage.receive(push)).await {
            Ok(events) => {
                let _ = write!(text, "{events:?}");
            }
            Err(error) => text += &chain(&error),
        }
    }
    text += &spans.text();
    let found = sentinels.find(&text);
    ensure(found.is_empty(), format!("found: {}", found.join(", ")))
}
