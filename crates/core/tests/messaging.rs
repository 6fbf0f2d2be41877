//! Messages: by consent, once a key, settled by what comes back, and folded the same in any order.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
#![allow(clippy::unnecessary_wraps, reason = "answers by script are results")]

use std::collections::VecDeque;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use turnbuckle_core::messaging::*;
use turnbuckle_core::payment::{Authority, IdempotencyKey, Lookup, Resolution};
use turnbuckle_core::{Clock, Effect, Error, ErrorKind, ProviderId, Result};

const VENDOR: ProviderId = ProviderId::from_static("vendor");
const ACCOUNT: &str = "acct";
const NUMBER: &str = "+14155550100";

fn start() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap()
}

#[derive(Debug, Default)]
struct At(AtomicI64);

#[async_trait]
impl Clock for At {
    fn now(&self) -> DateTime<Utc> {
        start() + TimeDelta::seconds(self.0.load(Ordering::SeqCst))
    }

    fn monotonic(&self) -> Duration {
        Duration::ZERO
    }

    async fn sleep(&self, _: Duration) {}
}

/// Answers by script, and counts what reaches it.
#[derive(Debug, Default)]
struct Vendor {
    bare: bool,
    answers: Mutex<VecDeque<Result<Sending>>>,
    lookups: Mutex<VecDeque<Result<Lookup<MessageRef>>>>,
    cancels: Mutex<VecDeque<Result<()>>>,
    calls: Mutex<Vec<String>>,
}

impl Vendor {
    fn answering(answers: impl IntoIterator<Item = Result<Sending>>) -> Arc<Self> {
        let vendor = Self::default();
        vendor.answers.lock().unwrap().extend(answers);
        Arc::new(vendor)
    }

    fn calls(&self) -> Vec<String> {
        self.calls.lock().unwrap().clone()
    }

    fn note(&self, call: impl Into<String>) {
        self.calls.lock().unwrap().push(call.into());
    }
}

#[async_trait]
impl SmsSender for Vendor {
    fn provider(&self) -> &ProviderId {
        const { &VENDOR }
    }

    fn account(&self) -> &str {
        ACCOUNT
    }

    fn features(&self) -> SmsFeatures {
        SmsFeatures::new(if self.bare { &[] } else { SmsFeature::ALL })
    }

    async fn send(&self, message: &SmsMessage) -> Result<Sending> {
        self.note(format!("send {}", message.key.value()));
        self.answers.lock().unwrap().pop_front().unwrap()
    }

    async fn status(&self, _: &MessageRef) -> Result<Delivery> {
        Ok(Delivery::new(DeliveryState::Sent, start()))
    }

    async fn cancel(&self, message: &MessageRef) -> Result<()> {
        self.note(format!("cancel {}", message.id()));
        self.cancels.lock().unwrap().pop_front().unwrap()
    }

    async fn lookup(&self, _: &MessageAttempt) -> Result<Lookup<MessageRef>> {
        self.lookups.lock().unwrap().pop_front().unwrap()
    }
}

fn key(value: &str) -> IdempotencyKey {
    IdempotencyKey::new(value, start()).unwrap()
}

fn to() -> PhoneNumber {
    PhoneNumber::new(NUMBER).unwrap()
}

fn text(name: &str) -> SmsMessage {
    SmsMessage::transactional(key(name), to(), "the sentinel 4711")
}

fn handle(id: &str) -> MessageRef {
    MessageRef::new(VENDOR, id)
}

fn accepted(id: &str) -> Result<Sending> {
    Ok(Sending::Accepted(Accepted::new(handle(id), DeliveryState::Accepted)))
}

fn lost() -> Result<Sending> {
    Err(Error::new(ErrorKind::Timeout, "lost").with_effect(Effect::Unknown))
}

fn checked(vendor: &Arc<Vendor>) -> CheckedSms {
    with(vendor, Arc::new(TransactionalOnly), Arc::new(MemoryDedupStore::default()))
}

fn with(vendor: &Arc<Vendor>, gate: Arc<dyn ConsentGate>, store: Arc<dyn DedupStore>) -> CheckedSms {
    CheckedSms::new(vendor.clone(), gate, store, Arc::new(At::default()))
}

#[tokio::test]
async fn one_key_is_one_message() {
    let vendor = Vendor::answering([accepted("m-1")]);
    let sender = checked(&vendor);
    let first = sender.send(&text("k")).await.unwrap();
    assert!(!first.accepted().unwrap().replayed);
    let again = sender.send(&text("k")).await.unwrap();
    assert_eq!((again.accepted().unwrap().message.id(), again.accepted().unwrap().replayed), ("m-1", true));
    let other = SmsMessage::transactional(key("k"), to(), "other words");
    let error = sender.send(&other).await.unwrap_err();
    assert_eq!((error.kind(), error.effect()), (ErrorKind::Conflict, Effect::None));
    assert_eq!(vendor.calls(), ["send k"]);
}

#[tokio::test]
async fn what_is_unsettled_blocks_its_key_until_something_settles_it() {
    let vendor = Vendor::answering([lost(), lost(), lost(), accepted("m-9")]);
    vendor
        .lookups
        .lock()
        .unwrap()
        .extend([Ok(Lookup::Absent(Authority::Partial)), Ok(Lookup::Found(vec![handle("m-1")]))]);
    let sender = checked(&vendor);
    for name in ["looked", "told", "released"] {
        assert_eq!(sender.send(&text(name)).await.unwrap_err().effect(), Effect::Unknown);
        let blocked = sender.send(&text(name)).await.unwrap_err();
        assert_eq!((blocked.kind(), blocked.effect()), (ErrorKind::Conflict, Effect::Unknown));
    }
    // A search that cannot disprove proves nothing; one that finds settles.
    assert!(matches!(sender.settle(&key("looked")).await.unwrap(), Resolution::StillUnknown { .. }));
    assert_eq!(sender.settle(&key("looked")).await.unwrap(), Resolution::Happened(handle("m-1")));
    assert_eq!(sender.send(&text("looked")).await.unwrap().accepted().unwrap().message, handle("m-1"));
    // An event that carries the attempt's id settles.
    let mut news = DeliveryNews::new(handle("m-2"), NUMBER, DeliveryState::Sent, start());
    news.attempt = Some(text("told").wire_key(&VENDOR, "acct"));
    sender.observe(&news).await.unwrap();
    assert_eq!(sender.settle(&key("told")).await.unwrap(), Resolution::Happened(handle("m-2")));
    assert_eq!(sender.release(&key("told")).await.unwrap_err().kind(), ErrorKind::Conflict);
    // The caller may let go of what nothing settles.
    sender.release(&key("released")).await.unwrap();
    assert_eq!(sender.settle(&key("released")).await.unwrap(), Resolution::DidNotHappen);
    assert!(sender.send(&text("released")).await.unwrap().accepted().is_some());
    assert_eq!(sender.settle(&key("never")).await.unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(vendor.calls().len(), 4);
}

#[tokio::test]
async fn a_refusal_is_remembered_and_a_failure_that_did_nothing_is_not() {
    let unsubscribed = Refusal::new(DeliveryReason::Unsubscribed).with_code("21610");
    let limited = Error::new(ErrorKind::RateLimited, "slow down");
    let vendor =
        Vendor::answering([Ok(Sending::Refused(unsubscribed.clone())), Err(limited), accepted("m-1")]);
    let sender = checked(&vendor);
    for _ in 0..2 {
        assert_eq!(sender.send(&text("a")).await.unwrap().refused(), Some(&unsubscribed));
    }
    assert_eq!(sender.send(&text("b")).await.unwrap_err().effect(), Effect::None);
    assert!(sender.send(&text("b")).await.unwrap().accepted().is_some());
    assert_eq!(vendor.calls(), ["send a", "send b", "send b"], "unsubscribed is not tried again");
    assert!(!DeliveryReason::Unsubscribed.may_retry());
}

#[derive(Debug)]
struct Broken;

#[async_trait]
impl ConsentGate for Broken {
    async fn may_send(&self, _: Channel, _: &MessageClass, _: &str) -> Result<Consent> {
        Err(Error::new(ErrorKind::Internal, "the host's list is away"))
    }
}

#[tokio::test]
async fn nothing_is_sent_without_consent() {
    let vendor = Vendor::answering([]);
    let sender = checked(&vendor);
    let class = MessageClass::Marketing { unsubscribe: Unsubscribe::Keyword };
    let offer = SmsMessage::new(key("k"), class, to(), SmsBody::Text("buy".to_owned()));
    let refusal = sender.send(&offer).await.unwrap();
    assert_eq!(refusal.refused().map(|refusal| refusal.reason), Some(DeliveryReason::NoConsent));
    let broken = with(&vendor, Arc::new(Broken), Arc::new(MemoryDedupStore::default()));
    assert_eq!(broken.send(&text("k")).await.unwrap_err().kind(), ErrorKind::Internal);
    assert_eq!(vendor.calls(), [""; 0]);
}

#[tokio::test]
async fn who_ends_messages_gets_none_that_was_scheduled() {
    let scheduled = |id: &str| {
        let mut accepted = Accepted::new(handle(id), DeliveryState::Scheduled);
        accepted.send_at = Some(start() + TimeDelta::hours(1));
        Ok(Sending::Accepted(accepted))
    };
    let vendor = Vendor::answering([scheduled("m-1"), scheduled("m-2"), accepted("m-3")]);
    vendor.cancels.lock().unwrap().extend([Ok(()), Err(Error::new(ErrorKind::Unavailable, "down")), Ok(())]);
    let sender = checked(&vendor);
    let later = start() + TimeDelta::hours(1);
    let _ = sender.send(&text("a").with_send_at(later)).await.unwrap();
    let _ = sender.send(&text("b").with_send_at(later)).await.unwrap();
    let _ = sender.send(&text("c")).await.unwrap();
    let stopped = sender.stop(&to()).await.unwrap();
    assert_eq!(stopped.iter().filter(|(_, result)| result.is_ok()).count(), 1);
    assert_eq!(stopped.len(), 2, "what was sent at once cannot be called back");
    let stopped = sender.stop(&to()).await.unwrap();
    assert_eq!(stopped.len(), 1, "the one that failed is tried again, the other not");
    assert!(sender.stop(&to()).await.unwrap().is_empty());
}

#[tokio::test]
async fn who_ends_messages_gets_none_whose_answer_was_lost() {
    let vendor = Vendor::answering([lost(), lost(), lost(), accepted("m-9")]);
    vendor.lookups.lock().unwrap().extend([
        Err(Error::new(ErrorKind::Unavailable, "down")),
        Ok(Lookup::Found(vec![handle("m-1")])),
        Ok(Lookup::Absent(Authority::Partial)),
    ]);
    vendor.cancels.lock().unwrap().push_back(Ok(()));
    let sender = checked(&vendor);
    let later = start() + TimeDelta::hours(1);
    sender.send(&text("waits").with_send_at(later)).await.unwrap_err();
    sender.send(&text("left")).await.unwrap_err();
    let other = PhoneNumber::new("+14155550101").unwrap();
    let theirs = SmsMessage::transactional(key("theirs"), other, "words").with_send_at(later);
    sender.send(&theirs).await.unwrap_err();
    assert!(sender.stop(&to()).await.unwrap().is_empty(), "one that cannot be looked for stays unsettled");
    let stopped = sender.stop(&to()).await.unwrap();
    assert!(matches!(stopped.as_slice(), [(message, Ok(()))] if *message == handle("m-1")));
    assert!(sender.stop(&to()).await.unwrap().is_empty());
    assert_eq!(vendor.lookups.lock().unwrap().len(), 1, "neither what has left nor others' is looked for");
    assert_eq!(vendor.calls().last().map(String::as_str), Some("cancel m-1"));
}

#[test]
fn calls_can_be_spawned() {
    fn can<T: Send>(_: &T) {}
    let sender = checked(&Vendor::answering([]));
    let number = to();
    can(&sender.stop(&number));
    can(&sender.settle(&key("k")));
    can(&sender.release(&key("k")));
    #[cfg(feature = "bulk")]
    {
        let (stop, sender) = (StopSignal::new(), Arc::new(checked(&Vendor::answering([]))));
        can(&async move {
            let sender = &sender;
            let send = |message| async move { sender.send(&message).await };
            bulk(vec![text("k")], NonZeroUsize::MIN, &stop, send).await
        });
    }
}

#[tokio::test]
async fn what_is_not_declared_is_refused_unsent() {
    let vendor = Arc::new(Vendor { bare: true, ..Vendor::default() });
    let sender = checked(&vendor);
    let picture = url::Url::parse("https://shop.example/a.png").unwrap();
    for message in [
        text("k").with_media(picture),
        text("k").with_send_at(start()),
        text("k").with_from(Sender::Name("SHOP".to_owned())),
        text("k").with_from(Sender::Pool("MG1".to_owned())),
        text("k").with_valid_for(Duration::from_secs(60)),
        SmsMessage::new(key("k"), MessageClass::Transactional, to(), SmsBody::Template(Template::new("t"))),
    ] {
        let error = sender.send(&message).await.unwrap_err();
        assert_eq!((error.kind(), error.effect()), (ErrorKind::Unsupported, Effect::None));
    }
    assert_eq!(sender.cancel(&handle("m")).await.unwrap_err().kind(), ErrorKind::Unsupported);
    assert_eq!(vendor.calls(), [""; 0]);
}

#[tokio::test]
async fn a_full_store_refuses_rather_than_forgets() {
    let vendor = Vendor::answering([lost(), accepted("m-2"), accepted("m-3")]);
    let store = Arc::new(MemoryDedupStore::new(NonZeroUsize::new(2).unwrap()));
    let sender = with(&vendor, Arc::new(TransactionalOnly), store.clone());
    sender.send(&text("open")).await.unwrap_err();
    let _ = sender.send(&text("b")).await.unwrap();
    let _ = sender.send(&text("c")).await.unwrap();
    assert!(
        store.get(&text("b").wire_key(&VENDOR, "acct")).await.unwrap().is_none(),
        "settled, so forgotten"
    );
    let one = Arc::new(MemoryDedupStore::new(NonZeroUsize::MIN));
    let vendor = Vendor::answering([lost()]);
    let sender = with(&vendor, Arc::new(TransactionalOnly), one);
    sender.send(&text("open")).await.unwrap_err();
    assert_eq!(sender.send(&text("next")).await.unwrap_err().kind(), ErrorKind::Unavailable);
    assert_eq!(vendor.calls(), ["send open"]);
}

#[test]
fn nothing_personal_is_printed() {
    let from = Mailbox::new("robin@shop.example").unwrap().with_name("Robin Sentinel");
    let body = EmailBody::Parts { subject: "sentinel".into(), text: Some("sentinel".into()), html: None };
    let email = EmailMessage::transactional(key("k"), from.clone(), from, body)
        .with_attachment(Attachment::new("sentinel.pdf", "application/pdf", "sentinel"));
    let sms = text("k");
    let template = Template::new("t-1").with("name", "sentinel");
    let attempts = (email.attempt(&VENDOR, "acct", start()), sms.attempt(&VENDOR, "acct", start()));
    let news = DeliveryNews::new(handle("m"), "sentinel@shop.example", DeliveryState::Sent, start());
    let shown = format!("{email:#?} {sms:?} {template:?} {attempts:#?} {news:?}").to_lowercase();
    for secret in ["sentinel", "robin", "4155550100"] {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
}

#[test]
fn numbers_and_addresses_are_checked_without_being_repeated() {
    for good in ["+14155550100", "+49 (0)30".trim_end_matches("(0)30"), "+1 (415) 555-0100", "+4930123456"] {
        let fits = good.chars().filter(char::is_ascii_digit).count() >= 7;
        assert_eq!(PhoneNumber::new(good).is_ok(), fits, "{good}");
    }
    for bad in ["", "4155550100", "+0155550100", "+1415555010a", "+1234567890123456", "+١٢٣٤٥٦٧٨"] {
        let error = PhoneNumber::new(bad).unwrap_err();
        assert!(bad.is_empty() || !format!("{error} {error:?}").contains(bad));
    }
    for (address, fits) in [
        ("robin@shop.example", true),
        ("a.b+c@x.y.example", true),
        ("robin", false),
        ("@shop.example", false),
        ("robin@shop", false),
        ("robin@.example", false),
        ("ro bin@shop.example", false),
        ("robin@shop.example\r\nBcc: x@y.example", false),
        ("a@b@shop.example", false),
    ] {
        assert_eq!(Mailbox::new(address).is_ok(), fits, "{address:?}");
    }
}

fn word() -> impl Strategy<Value = DeliveryNews> {
    let states = proptest::sample::select(vec![
        DeliveryState::Accepted,
        DeliveryState::Scheduled,
        DeliveryState::Queued,
        DeliveryState::Sent,
        DeliveryState::Deferred,
        DeliveryState::Canceled,
        DeliveryState::Delivered,
        DeliveryState::Read,
        DeliveryState::Failed,
        DeliveryState::Undelivered,
        DeliveryState::Bounced,
    ]);
    let reasons = proptest::option::of(proptest::sample::select(vec![
        DeliveryReason::Blocked,
        DeliveryReason::Filtered,
        DeliveryReason::Unknown,
    ]));
    (states, 0..5_i64, reasons, proptest::option::of("[a-c]")).prop_map(|(state, at, reason, code)| {
        let mut news = DeliveryNews::new(handle("m"), NUMBER, state, start() + TimeDelta::seconds(at));
        (news.reason, news.code) = (reason, code);
        news
    })
}

fn folded(news: &[DeliveryNews]) -> Delivery {
    let mut delivery = Delivery::new(DeliveryState::Accepted, start() + TimeDelta::days(1));
    for word in news {
        delivery.observe(word);
    }
    delivery
}

proptest! {
    #[test]
    fn news_fold_the_same_in_any_order(
        (news, shuffled) in proptest::collection::vec(word(), 0..12)
            .prop_flat_map(|news| (Just(news.clone()), Just(news).prop_shuffle()))
    ) {
        prop_assert_eq!(folded(&news), folded(&shuffled));
        let twice: Vec<_> = shuffled.iter().chain(&news).cloned().collect();
        prop_assert_eq!(folded(&twice), folded(&news));
        let strongest = news.iter().map(|word| word.state).max().unwrap_or(DeliveryState::Accepted);
        prop_assert_eq!(folded(&news).state, strongest);
    }
}

#[cfg(feature = "bulk")]
mod many {
    use super::*;

    #[tokio::test]
    async fn each_has_its_end_and_few_are_under_way() {
        let (now, most) = (AtomicI64::new(0), AtomicI64::new(0));
        let few = NonZeroUsize::new(3).unwrap();
        let report = bulk(0..20, few, &StopSignal::new(), async |number: usize| {
            most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            tokio::task::yield_now().await;
            now.fetch_sub(1, Ordering::SeqCst);
            match number % 4 {
                0 => lost(),
                1 => Err(Error::new(ErrorKind::RateLimited, "slow down")),
                2 => Ok(Sending::Refused(Refusal::new(DeliveryReason::Unsubscribed))),
                _ => accepted("m"),
            }
        })
        .await;
        assert_eq!((report.ends.len(), report.accepted(), most.load(Ordering::SeqCst)), (20, 5, 3));
        assert_eq!(report.unknown().collect::<Vec<_>>(), [0, 4, 8, 12, 16]);
        assert!(matches!(report.ends[1], BulkEnd::NotSent(_)));
        assert!(matches!(report.ends[2], BulkEnd::Sent(Sending::Refused(_))));
    }

    #[tokio::test]
    async fn stopping_tells_who_was_reached_and_who_was_not() {
        let stop = StopSignal::new();
        let few = NonZeroUsize::new(2).unwrap();
        let report = bulk(0..10, few, &stop, async |number: usize| {
            if number == 4 {
                stop.stop();
            }
            tokio::task::yield_now().await;
            accepted("m")
        })
        .await;
        let begun = report.ends.iter().filter(|end| !matches!(end, BulkEnd::NotBegun)).count();
        assert_eq!(report.ends.len(), 10);
        assert!((5..=6).contains(&begun), "{begun} were begun");
        assert_eq!(report.accepted(), begun, "what was under way is waited for");
    }
}
