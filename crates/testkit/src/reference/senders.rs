//! Text messages and email of the reference vendor.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use turnbuckle_core::messaging::{
    Accepted, Begun, Channel, Consent, ConsentGate, DedupRecord, DedupStore, Delivery, DeliveryReason,
    DeliveryState, EmailBody, EmailFeature, EmailFeatures, EmailMessage, EmailSender, MessageAttempt,
    MessageClass, MessageEnd, MessageRef, Refusal, Sender, Sending, SmsBody, SmsFeature, SmsFeatures,
    SmsMessage, SmsSender, Unsubscribe,
};
use turnbuckle_core::payment::{Authority, Lookup, WireKey};
use turnbuckle_core::{Effect, Error, ErrorKind, ProviderId, Result};

use super::outbox::{Handed, Mail, code};
use super::provider::{ID, Line, OWN_ID};
use super::{Bug, ReferenceVendor};
use crate::conformance::{MessageSearch, VendorMessage};

/// Both channels, up to what the messages look like.
#[derive(Debug)]
struct Desk {
    line: Arc<Line>,
    channel: Channel,
    search: MessageSearch,
}

impl Desk {
    fn has(&self, bug: Bug) -> bool {
        self.line.vendor.has(bug)
    }

    /// What of the attempt travels with a message.
    fn mark(&self, key: WireKey) -> Option<WireKey> {
        Some(key).filter(|_| !self.has(Bug::UnmarkedMessages))
    }

    async fn send(&self, mut handed: Handed, says: String) -> Result<Sending> {
        if self.has(Bug::LogsRecipients) {
            tracing::debug!(to = handed.recipients.first(), "sending");
        }
        if self.has(Bug::LogsTexts) {
            tracing::debug!(said = says, "sending");
        }
        if self.has(Bug::SendsAtOnce) {
            handed.send_at = None;
        }
        let now = self.line.vendor.now();
        let once = || {
            let handed = Handed {
                channel: self.channel,
                attempt: handed.attempt.clone(),
                recipients: handed.recipients.clone(),
                send_at: handed.send_at,
            };
            self.line.call("send", true, says.clone(), move |books| Ok(books.outbox.take(handed, now)))
        };
        let mut answer = once().await;
        let lost = matches!(&answer, Err(error) if error.effect() == Effect::Unknown);
        let refused = matches!(&answer, Ok(Err(_)));
        if (lost && self.has(Bug::SendsAgain)) || (refused && self.has(Bug::InsistsOnRefused)) {
            answer = once().await;
        }
        if answer.as_ref().is_err_and(|error| error.code().is_none()) && self.has(Bug::BlamesRecipients) {
            return Ok(Sending::Refused(Refusal::new(DeliveryReason::Unreachable)));
        }
        match answer? {
            Ok(mail) => Ok(self.accepted(&mail, now)),
            Err(reason) if self.has(Bug::RefusalsAreErrors) => {
                Err(Error::new(ErrorKind::InvalidRequest, "refused").with_code(code(reason)))
            }
            Err(_) if self.has(Bug::RefusesWithoutReason) => {
                Ok(Sending::Refused(Refusal::new(DeliveryReason::Unknown)))
            }
            Err(reason) => Ok(Sending::Refused(Refusal::new(reason).with_code(code(reason)))),
        }
    }

    fn accepted(&self, mail: &Mail, now: DateTime<Utc>) -> Sending {
        let state = match mail.stands(now) {
            _ if self.has(Bug::ClaimsArrival) => DeliveryState::Delivered,
            Some(word) => word.state,
            None => DeliveryState::Accepted,
        };
        let mut accepted = Accepted::new(MessageRef::new(ID, &mail.id), state);
        if state == DeliveryState::Scheduled {
            accepted.send_at = mail.send_at();
        }
        Sending::Accepted(accepted)
    }

    async fn cancel(&self, message: &MessageRef) -> Result<()> {
        let now = self.line.vendor.now();
        let canceled = self.line.call("cancel", true, String::new(), |books| {
            let waits = books.outbox.mail(message.id())?.stands(now).map(|word| word.state);
            match waits {
                _ if self.has(Bug::CancelsNothing) => Ok(()),
                Some(DeliveryState::Canceled) if self.has(Bug::RefusesSecondCancel) => {
                    Err(Error::new(ErrorKind::Conflict, "it was called back before"))
                }
                Some(DeliveryState::Scheduled | DeliveryState::Canceled) => {
                    books.outbox.cancel(message.id(), now)
                }
                _ if self.has(Bug::CancelsWhatLeft) => Ok(()),
                _ => books.outbox.cancel(message.id(), now),
            }
        });
        canceled.await
    }

    async fn lookup(&self, attempt: &MessageAttempt) -> Result<Lookup<MessageRef>> {
        let (vendor, channel) = (&self.line.vendor, self.channel);
        let found = |mail: &Mail| Lookup::Found(vec![MessageRef::new(ID, &mail.id)]);
        let until = attempt.started_at + vendor.lag();
        let lags = vendor.now() < until;
        self.line
            .call("lookup", false, String::new(), |books| {
                let outbox = &books.outbox;
                Ok(match (outbox.by_attempt(channel, &attempt.wire_key), outbox.newest(channel)) {
                    _ if self.has(Bug::LooksNowhere) => Lookup::Absent(Authority::Authoritative),
                    (_, Some(mail)) if self.has(Bug::FindsAnything) => found(mail),
                    _ if lags => Lookup::Absent(Authority::Lagging { until }),
                    (Some(mail), _) if self.search != MessageSearch::Nothing => found(mail),
                    _ if self.search == MessageSearch::Proves => Lookup::Absent(Authority::Authoritative),
                    _ => Lookup::Absent(Authority::Partial),
                })
            })
            .await
    }
}

/// Text messages.
#[derive(Debug)]
pub(super) struct ReferenceSms {
    desk: Desk,
    features: &'static [SmsFeature],
}

impl ReferenceSms {
    pub(super) fn new(line: Arc<Line>, search: MessageSearch, features: &'static [SmsFeature]) -> Self {
        Self { desk: Desk { line, channel: Channel::Sms, search }, features }
    }
}

#[async_trait]
impl SmsSender for ReferenceSms {
    fn provider(&self) -> &ProviderId {
        &OWN_ID
    }

    fn account(&self) -> &str {
        &self.desk.line.account
    }

    fn features(&self) -> SmsFeatures {
        SmsFeatures::new(self.features)
    }

    async fn send(&self, message: &SmsMessage) -> Result<Sending> {
        let desk = &self.desk;
        let mut says = match &message.body {
            SmsBody::Text(text) => vec![text.clone()],
            SmsBody::Template(template) if desk.has(Bug::RefusesTemplates) => {
                return Err(Error::unsupported(format!("no template {}", template.id)));
            }
            SmsBody::Template(template) => vec![template.id.clone()],
            _ => return Err(Error::unsupported("this kind of body is unknown here")),
        };
        says.push(match &message.from {
            Some(Sender::Name(name)) => name.clone(),
            Some(Sender::Pool(pool)) => pool.clone(),
            _ => String::new(),
        });
        if !desk.has(Bug::DropsFiles) {
            says.extend(message.media.iter().map(ToString::to_string));
        }
        let handed = Handed {
            channel: Channel::Sms,
            attempt: desk.mark(message.wire_key(&ID, &desk.line.account)),
            recipients: vec![message.to.as_str().to_owned()],
            send_at: message.send_at,
        };
        desk.send(handed, says.join("\n")).await
    }

    async fn status(&self, message: &MessageRef) -> Result<Delivery> {
        let invents = self.desk.has(Bug::InventsStatus);
        let now = self.desk.line.vendor.now();
        let word = self.desk.line.call("status", false, String::new(), |books| {
            match books.outbox.mail(message.id()) {
                Err(_) if invents => Ok(books.outbox.newest(Channel::Sms).and_then(|mail| mail.stands(now))),
                mail => Ok(mail?.stands(now)),
            }
        });
        let word = word.await?.ok_or_else(|| Error::new(ErrorKind::InvalidResponse, "it has no state"))?;
        let state = if self.desk.has(Bug::StaleStatus) { DeliveryState::Queued } else { word.state };
        let mut delivery = Delivery::new(state, word.at);
        delivery.reason = word.reason;
        delivery.code = word.reason.map(|reason| code(reason).to_owned());
        Ok(delivery)
    }

    async fn cancel(&self, message: &MessageRef) -> Result<()> {
        self.desk.cancel(message).await
    }

    async fn lookup(&self, attempt: &MessageAttempt) -> Result<Lookup<MessageRef>> {
        self.desk.lookup(attempt).await
    }
}

/// Email.
#[derive(Debug)]
pub(super) struct ReferenceEmail {
    desk: Desk,
    features: &'static [EmailFeature],
}

impl ReferenceEmail {
    pub(super) fn new(line: Arc<Line>, search: MessageSearch, features: &'static [EmailFeature]) -> Self {
        Self { desk: Desk { line, channel: Channel::Email, search }, features }
    }
}

#[async_trait]
impl EmailSender for ReferenceEmail {
    fn provider(&self) -> &ProviderId {
        &OWN_ID
    }

    fn account(&self) -> &str {
        &self.desk.line.account
    }

    fn features(&self) -> EmailFeatures {
        EmailFeatures::new(self.features)
    }

    async fn send(&self, message: &EmailMessage) -> Result<Sending> {
        let desk = &self.desk;
        let mut says = match &message.body {
            EmailBody::Parts { subject, text, html } => {
                let parts = [Some(subject), text.as_ref(), html.as_ref()];
                parts.into_iter().flatten().cloned().collect()
            }
            EmailBody::Template(template) if desk.has(Bug::RefusesTemplates) => {
                return Err(Error::unsupported(format!("no template {}", template.id)));
            }
            EmailBody::Template(template) => vec![template.id.clone()],
            _ => return Err(Error::unsupported("this kind of body is unknown here")),
        };
        says.extend(message.categories.iter().cloned());
        if let MessageClass::Marketing { unsubscribe: Unsubscribe::Group(group) } = &message.class {
            says.push(group.clone());
        }
        if !desk.has(Bug::DropsFiles) {
            says.extend(message.attachments.iter().map(|file| file.name.clone()));
        }
        let few = if desk.has(Bug::DropsCopies) { message.to.len() } else { usize::MAX };
        let handed = Handed {
            channel: Channel::Email,
            attempt: desk.mark(message.wire_key(&ID, &desk.line.account)),
            recipients: message.recipients().take(few).map(|mailbox| mailbox.address.clone()).collect(),
            send_at: message.send_at,
        };
        desk.send(handed, says.join("\n")).await
    }

    async fn cancel(&self, message: &MessageRef) -> Result<()> {
        self.desk.cancel(message).await
    }

    async fn lookup(&self, attempt: &MessageAttempt) -> Result<Lookup<MessageRef>> {
        self.desk.lookup(attempt).await
    }
}

impl ReferenceVendor {
    /// A recipient ends messages on a channel: answers STOP, or follows the link.
    pub fn ends_messages(&self, channel: Channel, recipient: &str) {
        if !self.has(Bug::ForgetsWhoEnded) {
            self.books().outbox.end(channel, recipient);
        }
    }

    /// Every message that the vendor took on a channel, as it stands.
    pub fn messages(&self, channel: Channel) -> Vec<VendorMessage> {
        let now = self.now();
        self.books().outbox.messages(channel, now)
    }
}

/// A gate that lets everything through: a defect.
#[derive(Debug)]
pub(super) struct NoGate;

#[async_trait]
impl ConsentGate for NoGate {
    async fn may_send(&self, _: Channel, _: &MessageClass, _: &str) -> Result<Consent> {
        Ok(Consent::Given)
    }
}

/// A store that keeps nothing: a defect.
#[derive(Debug)]
pub(super) struct NoStore;

#[async_trait]
impl DedupStore for NoStore {
    async fn begin(&self, _: &MessageAttempt) -> Result<Begun> {
        Ok(Begun::Fresh)
    }

    async fn settle(&self, _: &WireKey, _: &MessageEnd) -> Result<()> {
        Ok(())
    }

    async fn get(&self, _: &WireKey) -> Result<Option<DedupRecord>> {
        Ok(None)
    }

    async fn unsettled(
        &self,
        _: &ProviderId,
        _: &str,
        _: DateTime<Utc>,
        _: usize,
    ) -> Result<Vec<MessageAttempt>> {
        Ok(Vec::new())
    }

    async fn scheduled_to(
        &self,
        _: &ProviderId,
        _: &str,
        _: &str,
        _: DateTime<Utc>,
    ) -> Result<Vec<(WireKey, MessageRef)>> {
        Ok(Vec::new())
    }
}
