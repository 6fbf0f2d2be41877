//! Twilio behind core's `SmsSender`.

mod lookup;
mod request;

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use turnbuckle_core::messaging::{
    Accepted, Delivery, MessageAttempt, MessageRef, Refusal, Sender, Sending, SmsFeature, SmsFeatures,
    SmsMessage, SmsSender,
};
use turnbuckle_core::payment::{Lookup, WireKey};
use turnbuckle_core::provider::ConnectionConfig;
use turnbuckle_core::{Clock, Effect, Error, ErrorKind, ProviderId, Result};
use url::Url;

use crate::client::PROVIDER;
use crate::codes;
use crate::error::TwilioError;
use crate::event::state;
use crate::{Message, MessageStatus, Twilio};

use lookup::Claimed;
use request::Defaults;

const FEATURES: SmsFeatures = SmsFeatures::new(&[
    SmsFeature::Media,
    SmsFeature::Templates,
    SmsFeature::Schedule,
    SmsFeature::SenderName,
    SmsFeature::SenderPool,
    SmsFeature::Validity,
]);

/// Twilio as a sender of text messages.
///
/// - Twilio has no idempotency keys: a message is sent once, and a lost answer leaves the effect unknown.
/// - The attempt's id travels in the query of the status callback ([`ATTEMPT_PARAM`](crate::ATTEMPT_PARAM)) and comes back
///   in every push about the message. Without the setting `statusCallbackUrl` nothing comes back.
/// - A recipient who cannot or may not get messages is [`Sending::Refused`]: those whose code is in
///   [`codes`](crate::codes) as about the recipient, above all 21610, who answered STOP. A country that the account may not
///   write to, or a sender that is not registered, is an error: somebody can put it right.
/// - Scheduling needs a messaging service: the sender's pool, or the setting `messagingServiceSid`.
/// - Templates are content templates (`HX...`); what goes into them is text.
/// - STOP does not call back what is scheduled: [`CheckedSms::stop`](turnbuckle_core::messaging::CheckedSms::stop) does.
pub struct TwilioSms {
    client: Twilio,
    account: String,
    clock: Arc<dyn Clock>,
    defaults: Defaults,
    claimed: Arc<Claimed>,
}

impl TwilioSms {
    /// A sender with the settings `from`, `messagingServiceSid` and `statusCallbackUrl`.
    ///
    /// # Errors
    /// [`InvalidConfig`](ErrorKind::InvalidConfig) naming the setting that cannot be used; also as
    /// [`ConnectionConfig::clock`].
    pub fn new(client: Twilio, config: &ConnectionConfig) -> Result<Self> {
        let defaults = Defaults::from_settings(config.settings())?;
        let claimed = client.http().state().slot(Claimed::default);
        Ok(Self { client, account: config.account().to_owned(), clock: config.clock()?, defaults, claimed })
    }

    /// The sender of messages that name none.
    pub fn default_sender(&self) -> Option<&Sender> {
        self.defaults.sender.as_ref()
    }

    pub(crate) fn default_service(&self) -> Option<&str> {
        self.defaults.service.as_deref()
    }

    pub(crate) fn has_callback(&self) -> bool {
        self.defaults.callback.is_some()
    }

    fn sid<'a>(&self, message: &'a MessageRef) -> Result<&'a str> {
        if message.provider() == self.provider() {
            Ok(message.id())
        } else {
            Err(Error::invalid_field("message", "is another provider's"))
        }
    }

    /// What a message that Twilio took says, against what was asked.
    fn accepted(&self, asked: &SmsMessage, key: &WireKey, message: &Message) -> Result<Sending> {
        let handle = MessageRef::new(PROVIDER, message.sid.clone());
        self.claimed.insert(&message.sid, key);
        let same_account = message.account_sid == self.client.account_sid();
        if message.to != asked.to.as_str() || !same_account {
            let text = format!("message {} is another than the one that was asked for", message.sid);
            return Err(Error::new(ErrorKind::InvalidResponse, text).with_effect(Effect::Happened));
        }
        let mut accepted = Accepted::new(handle, state(&message.status));
        accepted.send_at = asked.send_at.filter(|_| message.status == MessageStatus::Scheduled);
        accepted.parts = message.num_segments.filter(|parts| *parts > 0);
        Ok(Sending::Accepted(accepted))
    }
}

impl fmt::Debug for TwilioSms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TwilioSms")
            .field("client", &self.client)
            .field("account", &self.account)
            .field("service", &self.defaults.service)
            .field("has_callback", &self.has_callback())
            .finish_non_exhaustive()
    }
}

/// The state of a message as Twilio tells it now.
pub(crate) fn delivery(message: &Message, now: DateTime<Utc>) -> Delivery {
    let at = message.date_updated.or(message.date_sent).or(message.date_created).unwrap_or(now);
    let mut delivery = Delivery::new(state(&message.status), at);
    delivery.code = message.error_code.filter(|code| *code != 0).map(|code| code.to_string());
    if matches!(message.status, MessageStatus::Failed | MessageStatus::Undelivered) {
        delivery.reason = Some(codes::reason(message.error_code.unwrap_or_default()));
    }
    delivery
}

/// The refusal, where an error is a verdict on the recipient and nothing can have been sent.
fn refusal(error: &Error) -> Option<Refusal> {
    if error.effect() != Effect::None {
        return None;
    }
    let row = TwilioError::of(error)?.meaning().filter(|row| row.is_about_the_recipient())?;
    Some(Refusal::new(row.reason?).with_code(row.code.to_string()))
}

#[async_trait]
impl SmsSender for TwilioSms {
    fn provider(&self) -> &ProviderId {
        &PROVIDER_ID
    }

    fn account(&self) -> &str {
        &self.account
    }

    fn features(&self) -> SmsFeatures {
        FEATURES
    }

    async fn send(&self, message: &SmsMessage) -> Result<Sending> {
        let key = message.wire_key(&PROVIDER, &self.account);
        let request = self.defaults.request(message, &key, self.clock.now())?;
        match self.client.messages().create(&request).await {
            Ok(sent) => self.accepted(message, &key, &sent),
            Err(error) => refusal(&error).map(Sending::Refused).ok_or(error),
        }
    }

    async fn status(&self, message: &MessageRef) -> Result<Delivery> {
        let message = self.client.messages().fetch(self.sid(message)?).await?;
        Ok(delivery(&message, self.clock.now()))
    }

    /// Twilio answers the same code to the second call as for a message that left, so what the message says decides.
    async fn cancel(&self, message: &MessageRef) -> Result<()> {
        let sid = self.sid(message)?;
        let error = match self.client.messages().cancel(sid).await {
            Ok(canceled) if canceled.status == MessageStatus::Canceled => return Ok(()),
            Ok(_) => {
                Error::new(ErrorKind::InvalidResponse, "the answer does not say that the message is canceled")
                    .with_effect(Effect::Unknown)
            }
            Err(error) if matches!(error.kind(), ErrorKind::Conflict | ErrorKind::InvalidRequest) => error,
            Err(error) => return Err(error),
        };
        match self.client.messages().fetch(sid).await?.status {
            MessageStatus::Canceled => Ok(()),
            MessageStatus::Scheduled | MessageStatus::Other(_) => Err(error),
            _ => Err(Error::new(ErrorKind::Conflict, "the message has left and cannot be called back")),
        }
    }

    async fn lookup(&self, attempt: &MessageAttempt) -> Result<Lookup<MessageRef>> {
        lookup::find(&self.client, &self.claimed, attempt).await
    }
}

static PROVIDER_ID: ProviderId = PROVIDER;

/// The address of the status callback for one attempt.
fn callback_for(base: &Url, key: &WireKey) -> Url {
    let mut url = base.clone();
    url.query_pairs_mut().append_pair(crate::ATTEMPT_PARAM, key.as_str());
    url
}
