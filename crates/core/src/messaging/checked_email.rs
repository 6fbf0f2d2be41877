//! What core sees to for every sender of email.

use std::sync::Arc;

use async_trait::async_trait;

use super::checked::{Keeper, need};
use super::{
    Channel, ConsentGate, DedupStore, DeliveryNews, EmailBody, EmailFeature, EmailFeatures, EmailMessage,
    EmailSender, MessageAttempt, MessageClass, MessageEnd, MessageRef, Sending, Unsubscribe,
};
use crate::clock::Clock;
use crate::error::{Error, Result};
use crate::payment::{IdempotencyKey, Lookup, Resolution, WireKey};
use crate::provider::ProviderId;

/// A sender of email behind core's checks: what
/// [`Connection::email`](crate::provider::Connection::email) hands out.
#[derive(Debug)]
pub struct CheckedEmail {
    inner: Arc<dyn EmailSender>,
    keeper: Keeper,
}

impl CheckedEmail {
    /// Puts a sender behind the checks.
    pub fn new(
        inner: Arc<dyn EmailSender>,
        gate: Arc<dyn ConsentGate>,
        store: Arc<dyn DedupStore>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { inner, keeper: Keeper { gate, store, clock } }
    }

    fn key(&self, key: &IdempotencyKey) -> WireKey {
        WireKey::derive_step(self.inner.provider(), self.inner.account(), Channel::Email.as_str(), key)
    }

    fn fail(&self, operation: &'static str) -> impl Fn(Error) -> Error {
        move |error| error.or_context(self.inner.provider(), operation)
    }

    fn declared(&self, message: &EmailMessage) -> Result<()> {
        let features = self.inner.features();
        let group = matches!(message.class, MessageClass::Marketing { unsubscribe: Unsubscribe::Group(_) });
        let asked = [
            (!message.attachments.is_empty(), EmailFeature::Attachments),
            (matches!(message.body, EmailBody::Template(_)), EmailFeature::Templates),
            (message.send_at.is_some(), EmailFeature::Schedule),
            (!message.categories.is_empty(), EmailFeature::Categories),
            (group, EmailFeature::UnsubscribeGroups),
        ];
        asked
            .into_iter()
            .filter(|(asked, _)| *asked)
            .try_for_each(|(_, feature)| need(Channel::Email, features.has(feature), feature.as_str()))
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
    pub async fn stop(&self, recipient: &str) -> Result<Vec<(MessageRef, Result<()>)>> {
        let (provider, account) = (self.inner.provider(), self.inner.account());
        for attempt in self.keeper.unsettled_to(provider, account, recipient).await? {
            let look = async |attempt: &MessageAttempt| self.inner.lookup(attempt).await;
            // One that is not found, or cannot be looked for, stays unsettled.
            let _ = self.keeper.settle(&attempt.wire_key, look).await;
        }
        let now = self.keeper.now();
        let mut stopped = Vec::new();
        for (key, message) in self.keeper.store.scheduled_to(provider, account, recipient, now).await? {
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
impl EmailSender for CheckedEmail {
    fn provider(&self) -> &ProviderId {
        self.inner.provider()
    }

    fn account(&self) -> &str {
        self.inner.account()
    }

    fn features(&self) -> EmailFeatures {
        self.inner.features()
    }

    async fn send(&self, message: &EmailMessage) -> Result<Sending> {
        self.declared(message).map_err(self.fail("send"))?;
        let attempt = message.attempt(self.inner.provider(), self.inner.account(), self.keeper.now());
        let sent = self.keeper.send(attempt, &message.class, self.inner.send(message)).await;
        sent.map_err(self.fail("send"))
    }

    async fn cancel(&self, message: &MessageRef) -> Result<()> {
        need(
            Channel::Email,
            self.inner.features().has(EmailFeature::Schedule),
            EmailFeature::Schedule.as_str(),
        )
        .map_err(self.fail("cancel"))?;
        self.inner.cancel(message).await.map_err(self.fail("cancel"))
    }

    async fn lookup(&self, attempt: &MessageAttempt) -> Result<Lookup<MessageRef>> {
        self.inner.lookup(attempt).await.map_err(self.fail("lookup"))
    }
}
