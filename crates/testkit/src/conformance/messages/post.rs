//! Both channels as one, where the cases are the same.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use turnbuckle_core::messaging::{
    CheckedEmail, CheckedSms, DeliveryNews, EmailMessage, EmailSender as _, MessageAttempt, MessageClass,
    MessageRef, PhoneNumber, Sending, SmsMessage, SmsSender as _,
};
use turnbuckle_core::payment::{IdempotencyKey, Lookup, Resolution};
use turnbuckle_core::{ProviderId, Result};

/// A sender of either channel.
#[derive(Debug, Clone)]
pub(in super::super) enum Post {
    Sms(Arc<CheckedSms>),
    Email(Arc<CheckedEmail>),
}

/// A message of either channel.
#[derive(Debug, Clone)]
pub(in super::super) enum Letter {
    Sms(Box<SmsMessage>),
    Email(Box<EmailMessage>),
}

impl Letter {
    pub(in super::super) fn with_class(mut self, class: MessageClass) -> Self {
        match &mut self {
            Self::Sms(message) => message.class = class,
            Self::Email(message) => message.class = class,
        }
        self
    }

    pub(in super::super) fn key(&self) -> &IdempotencyKey {
        match self {
            Self::Sms(message) => &message.key,
            Self::Email(message) => &message.key,
        }
    }
}

impl Post {
    pub(in super::super) fn provider(&self) -> &ProviderId {
        match self {
            Self::Sms(sender) => sender.provider(),
            Self::Email(sender) => sender.provider(),
        }
    }

    pub(in super::super) fn account(&self) -> &str {
        match self {
            Self::Sms(sender) => sender.account(),
            Self::Email(sender) => sender.account(),
        }
    }

    pub(in super::super) async fn send(&self, letter: &Letter) -> Result<Sending> {
        match (self, letter) {
            (Self::Sms(sender), Letter::Sms(message)) => sender.send(message).await,
            (Self::Email(sender), Letter::Email(message)) => sender.send(message).await,
            _ => Err(turnbuckle_core::Error::unsupported("a message of the other channel")),
        }
    }

    pub(in super::super) fn attempt(&self, letter: &Letter, now: DateTime<Utc>) -> MessageAttempt {
        match letter {
            Letter::Sms(message) => message.attempt(self.provider(), self.account(), now),
            Letter::Email(message) => message.attempt(self.provider(), self.account(), now),
        }
    }

    pub(in super::super) async fn cancel(&self, message: &MessageRef) -> Result<()> {
        match self {
            Self::Sms(sender) => sender.cancel(message).await,
            Self::Email(sender) => sender.cancel(message).await,
        }
    }

    pub(in super::super) async fn lookup(&self, attempt: &MessageAttempt) -> Result<Lookup<MessageRef>> {
        match self {
            Self::Sms(sender) => sender.lookup(attempt).await,
            Self::Email(sender) => sender.lookup(attempt).await,
        }
    }

    pub(in super::super) async fn settle(&self, key: &IdempotencyKey) -> Result<Resolution<MessageRef>> {
        match self {
            Self::Sms(sender) => sender.settle(key).await,
            Self::Email(sender) => sender.settle(key).await,
        }
    }

    pub(in super::super) async fn observe(&self, news: &DeliveryNews) -> Result<()> {
        match self {
            Self::Sms(sender) => sender.observe(news).await,
            Self::Email(sender) => sender.observe(news).await,
        }
    }

    pub(in super::super) async fn release(&self, key: &IdempotencyKey) -> Result<()> {
        match self {
            Self::Sms(sender) => sender.release(key).await,
            Self::Email(sender) => sender.release(key).await,
        }
    }

    pub(in super::super) async fn stop(&self, recipient: &str) -> Result<Vec<(MessageRef, Result<()>)>> {
        match self {
            Self::Sms(sender) => sender.stop(&PhoneNumber::new(recipient)?).await,
            Self::Email(sender) => sender.stop(recipient).await,
        }
    }
}
