//! What core sees to for every sender of text messages.

use std::sync::Arc;

use async_trait::async_trait;

use super::checked::{Keeper, need};
use super::{
    Channel, ConsentGate, DedupStore, Delivery, DeliveryNews, MessageAttempt, MessageEnd, MessageRef,
    PhoneNumber, Sender, Sending, SmsBody, SmsFeature, SmsFeatures, SmsMessage, SmsSender,
};
use crate::clock::Clock;
use crate::error::{Error, Result};
use crate::payment::{IdempotencyKey, Lookup, Resolution, WireKey};
use crate::provider::ProviderId;

/// A sender of text messages behind core's checks: what
/// [`Connection::sms`](crate::provider::Connection::sms) hands out.
#[derive(Debug)]
pub struct CheckedSms {
    inner: Arc<dyn SmsSender>,
    keeper: Keeper,
}

impl CheckedSms {
    /// Puts a sender behind the checks.
    pub fn new(
        inner: Arc<dyn SmsSender>,
        gate: Arc<dyn ConsentGate>,
        store: Arc<dyn DedupStore>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { inner, keeper: Keeper { gate, store, clock } }
    }

    fn key(&self, key: &IdempotencyKey) -> WireKey {
        WireKey::derive_step(self.inner.provider(), self.inner.account(), Channel::Sms.as_str(), key)
    }

    fn fail(&self, operation: &'static str) -> impl Fn(Error) -> Error {
        move |error| error.or_context(self.inner.provider(), operation)
    }

    fn declared(&self, message: &SmsMessage) -> Result<()> {
        let features = self.inner.features();
        let asked = [
            (!message.media.is_empty(), SmsFeature::Media),
            (matches!(message.body, SmsBody::Template(_)), SmsFeature::Templates),
            (message.send_at.is_some(), SmsFeature::Schedule),
            (matches!(message.from, Some(Sender::Name(_))), SmsFeature::SenderName),
            (matches!(message.from, Some(Sender::Pool(_))), SmsFeature::SenderPool),
            (message.valid_for.is_some(), SmsFeature::Validity),
        ];
        asked
            .into_iter()
            .filter(|(asked, _)| *asked)
            .try_for_each(|(_, feature)| need(Channel::Sms, features.has(feature), feature.as_str()))
    }

    /// Finds out what became of a message whose answer was lost.
    ///
    /// # Errors
    /// What the lookup or the store answers; [`NotFound`](crate::ErrorKind::NotFound) for a key under which nothing was
    /// sent.
    pub async fn settle(&self, key: &IdempotencyKey) -> Result<Resolution<MessageRef>> {
        let look = async |attempt: &MessageAttempt| self.inner.lookup(attempt).await;
        self.keeper.settle(&self.key(key), look).await.map_err(self.fail("settle"))
    }

    /// Takes news in that came by a verified push: an attempt whose id they carry is settled.
    ///
    /// # Errors
    /// What the store answers.
    pub async fn observe(&self, news: &DeliveryNews) -> Result<()> {
        self.keeper.observe(news).await
    }

    /// Lets a key go whose message nothing settles. The caller takes it that nothing was sent: a second send may make two.
    ///
    /// # Errors
    /// [`Conflict`](crate::ErrorKind::Conflict) when it is known what came of it.
    pub async fn release(&self, key: &IdempotencyKey) -> Result<()> {
        self.keeper.release(&self.key(key)).await.map_err(self.fail("release"))
    }

    /// Calls back every message to a recipient that waits for its time: they have ended messages. Returns each with what
    /// came of it; a failed one must be tried again before its time. One whose answer was lost is looked for first; if it
    /// is not found it is not among them: call again once it is settled.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn stop(&self, recipient: &PhoneNumber) -> Result<Vec<(MessageRef, Result<()>)>> {
        let (provider, account) = (self.inner.provider(), self.inner.account());
        for attempt in self.keeper.unsettled_to(provider, account, recipient.as_str()).await? {
            let look = async |attempt: &MessageAttempt| self.inner.lookup(attempt).await;
            // One that is not found, or cannot be looked for, stays unsettled.
            let _ = self.keeper.settle(&attempt.wire_key, look).await;
        }
        let now = self.keeper.now();
        let mut stopped = Vec::new();
        for (key, message) in
            self.keeper.store.scheduled_to(provider, account, recipient.as_str(), now).await?
        {
            let result = self.inner.cancel(&message).await.map_err(self.fail("cancel"));
            if result.is_ok() {
                self.keeper.store.settle(&key, &MessageEnd::Canceled(message.clone())).await?;
            }
            stopped.push((message, result));
        }
        Ok(stopped)
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl SmsSender for CheckedSms {
    fn provider(&self) -> &ProviderId {
        self.inner.provider()
    }

    fn account(&self) -> &str {
        self.inner.account()
    }

    fn features(&self) -> SmsFeatures {
        self.inner.features()
    }

    async fn send(&self, message: &SmsMessage) -> Result<Sending> {
        self.declared(message).map_err(self.fail("send"))?;
        let attempt = message.attempt(self.inner.provider(), self.inner.account(), self.keeper.now());
        let sent = self.keeper.send(attempt, &message.class, self.inner.send(message)).await;
        sent.map_err(self.fail("send"))
    }

    async fn status(&self, message: &MessageRef) -> Result<Delivery> {
        self.inner.status(message).await.map_err(self.fail("status"))
    }

    async fn cancel(&self, message: &MessageRef) -> Result<()> {
        need(Channel::Sms, self.inner.features().has(SmsFeature::Schedule), SmsFeature::Schedule.as_str())
            .map_err(self.fail("cancel"))?;
        self.inner.cancel(message).await.map_err(self.fail("cancel"))
    }

    async fn lookup(&self, attempt: &MessageAttempt) -> Result<Lookup<MessageRef>> {
        self.inner.lookup(attempt).await.map_err(self.fail("lookup"))
    }
}
