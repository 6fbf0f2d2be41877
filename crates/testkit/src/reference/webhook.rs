//! Webhooks of the reference vendor: `t.body` under HMAC-SHA256, in a header `reference-signature: t=..,v1=..`.

use async_trait::async_trait;
use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use turnbuckle_core::bank_data::BankLink;
use turnbuckle_core::credential::Credentials;
use turnbuckle_core::messaging::{Channel, DeliveryNews, DeliveryState, MessageRef};
use turnbuckle_core::payment::{PaymentRef, WireKey};
use turnbuckle_core::webhook::{
    EmailEvent, Event, EventKind, FreshnessClass, ItemEvent, KeySet, MacAlgorithm, MacKey, MacTags,
    MessageEvent, Part, PaymentEvent, RawObject, RawWebhook, SignatureHeader, SignedContent, SignedTime,
    TagEncoding, TimeRule, TransactionsEvent, Verified, WebhookReceiver, verify_mac,
};
use turnbuckle_core::{Error, Result};

use super::provider::ID;
use super::vendor::ReferenceVendor;
use super::{Bug, outbox};

const HEADER: &str = "reference-signature";

#[derive(Debug)]
pub(super) struct ReferenceReceiver {
    keys: KeySet,
    vendor: ReferenceVendor,
}

impl ReferenceReceiver {
    /// `None` without a secret: nothing could be verified.
    pub(super) fn new(credentials: &Credentials, vendor: &ReferenceVendor) -> Result<Option<Self>> {
        let secret = match credentials.get("webhookSecret") {
            Some(secret) => secret.clone(),
            None if vendor.has(Bug::ReceivesWithoutSecret) => SecretString::from("default"),
            None => return Ok(None),
        };
        let mut keys = KeySet::new(MacKey::text("current", &secret)?);
        if let Some(previous) = credentials.get("previousWebhookSecret")
            && !vendor.has(Bug::ForgetsPreviousSecret)
        {
            // Whoever configures a previous secret takes it out again; a host may set an end of its own.
            let until = vendor.now() + TimeDelta::days(7);
            keys = keys.with_previous(MacKey::text("previous", previous)?, until)?;
        }
        Ok(Some(Self { keys, vendor: vendor.clone() }))
    }
}

#[derive(Deserialize)]
struct Delivery {
    id: String,
    #[serde(rename = "type")]
    kind: String,
    account: String,
    live: bool,
    payment: Option<String>,
    message: Option<Told>,
}

/// What is told of a message.
#[derive(Serialize, Deserialize)]
struct Told {
    id: String,
    to: String,
    state: DeliveryState,
    at: DateTime<Utc>,
    code: Option<String>,
    attempt: Option<WireKey>,
}

impl Told {
    fn news(self) -> DeliveryNews {
        let mut news = DeliveryNews::new(MessageRef::new(ID, self.id), self.to, self.state, self.at);
        news.reason = self.code.as_deref().and_then(outbox::reason);
        news.code = self.code;
        news.attempt = self.attempt;
        news
    }

    fn kind(&self, email: bool) -> EventKind {
        match (email, self.state) {
            (false, DeliveryState::Delivered) => EventKind::Message(MessageEvent::Delivered),
            (false, DeliveryState::Undelivered) => EventKind::Message(MessageEvent::Undelivered),
            (false, DeliveryState::Failed) => EventKind::Message(MessageEvent::Failed),
            (false, DeliveryState::Sent) => EventKind::Message(MessageEvent::Sent),
            (false, _) => EventKind::Message(MessageEvent::Queued),
            (true, DeliveryState::Delivered) => EventKind::Email(EmailEvent::Delivered),
            (true, DeliveryState::Deferred) => EventKind::Email(EmailEvent::Deferred),
            (true, DeliveryState::Bounced | DeliveryState::Undelivered) => {
                EventKind::Email(EmailEvent::Bounced)
            }
            (true, DeliveryState::Failed) => EventKind::Email(EmailEvent::Dropped),
            (true, _) => EventKind::Email(EmailEvent::Processed),
        }
    }
}

#[async_trait]
impl WebhookReceiver for ReferenceReceiver {
    fn freshness(&self) -> FreshnessClass {
        TimeRule::default().into()
    }

    async fn receive(&self, raw: RawWebhook, now: DateTime<Utc>) -> Result<Vec<Verified<Event>>> {
        let header = SignatureHeader::parse(raw.header(HEADER)?, ',', '=')?;
        let tags = MacTags::parse(MacAlgorithm::HmacSha256, TagEncoding::HexLower, header.all("v1"))?;
        let time = header.single("t")?;
        let signed = if self.vendor.has(Bug::IgnoresSignedTime) {
            SignedContent::new([Part::Text(time), Part::Text("."), Part::Body])
        } else {
            SignedContent::new([Part::Text(time), Part::Text("."), Part::Body])
                .with_time(SignedTime::unix_seconds(time, TimeRule::default())?)
        };
        let proof = verify_mac(&raw, &signed, &tags, &self.keys, now)?;
        let nameless = self.vendor.has(Bug::NamelessEvents);
        let event = proof.decode(|body| {
            let delivery: Delivery = serde_json::from_slice(body).map_err(|_| {
                Error::new(turnbuckle_core::ErrorKind::InvalidResponse, "the event cannot be read")
            })?;
            let kind = match delivery.kind.as_str() {
                "payment.succeeded" => EventKind::Payment(PaymentEvent::Succeeded),
                "payment.failed" => EventKind::Payment(PaymentEvent::Failed),
                "transactions.available" => EventKind::Transactions(TransactionsEvent::Available),
                "item.login_required" => EventKind::Item(ItemEvent::ActionRequired),
                "item.repaired" => EventKind::Item(ItemEvent::Repaired),
                "item.ends" => EventKind::Item(ItemEvent::Expiring),
                "item.revoked" => EventKind::Item(ItemEvent::Revoked),
                "sms" | "email" => match &delivery.message {
                    Some(told) => told.kind(delivery.kind == "email"),
                    None => EventKind::Other,
                },
                _ => EventKind::Other,
            };
            let object = RawObject::new(Bytes::copy_from_slice(body));
            let mut event = Event::new(kind, delivery.kind, object)
                .with_live(delivery.live)
                .with_account(delivery.account);
            if let Some(payment) = delivery.payment {
                event = event.with_reference(PaymentRef::new(ID, "payment", payment));
            }
            if let Some(told) = delivery.message {
                event = event.with_delivery(told.news());
            }
            if !nameless {
                event = event.with_id(delivery.id);
            }
            Ok(event)
        })?;
        Ok(vec![event])
    }
}

impl ReferenceVendor {
    /// What the vendor would push about a payment: a request signed with this secret at this time. `kind` is
    /// `payment.succeeded` or `payment.failed`; anything else arrives as an event without a name of its own.
    pub fn push(
        &self,
        secret: &SecretString,
        kind: &str,
        payment: &PaymentRef,
        account: &str,
        at: DateTime<Utc>,
    ) -> http::Request<Bytes> {
        let id = self.books().next_id("evt");
        let body = serde_json::json!({
            "id": id, "type": kind, "account": account, "live": false, "payment": payment.id(),
        })
        .to_string();
        signed(secret, body, at)
    }

    /// What the vendor would push about a bank's link so far, oldest first, signed with this secret now. The account that
    /// each names is the link's id.
    pub fn bank_pushes(&self, secret: &SecretString, link: &BankLink) -> Vec<http::Request<Bytes>> {
        let now = self.now();
        let (item, news) = self.bank_news(link);
        let account = if self.has(Bug::UnnamedItems) { "conformance" } else { &item };
        let silent = |kind: &str| match kind {
            "item.repaired" => self.has(Bug::QuietRepairs),
            "transactions.available" => self.has(Bug::QuietBank),
            _ => false,
        };
        let kept = news.iter().enumerate().filter(|(_, kind)| !silent(kind));
        let pushes = kept.map(|(number, kind)| {
            let id = format!("evt_{item}_{number}");
            let body = serde_json::json!({ "id": id, "type": kind, "account": account, "live": false });
            signed(secret, body.to_string(), now)
        });
        pushes.collect()
    }

    /// What the vendor would push about the messages of a channel so far, oldest first, signed with this secret now.
    pub fn message_pushes(
        &self,
        secret: &SecretString,
        channel: Channel,
        account: &str,
    ) -> Vec<http::Request<Bytes>> {
        let now = self.now();
        let news = self.books().outbox.news(channel, now);
        let pushes = news.into_iter().enumerate().map(|(number, (mail, to, word))| {
            let good = self.has(Bug::PushesGoodNews) && word.state.is_failure();
            let told = Told {
                id: mail.id,
                to,
                state: if good { DeliveryState::Delivered } else { word.state },
                at: word.at,
                code: word
                    .reason
                    .filter(|_| !self.has(Bug::PushesWithoutReason))
                    .map(|reason| outbox::code(reason).to_owned()),
                attempt: mail.attempt.filter(|_| !self.has(Bug::UnmarkedPushes)),
            };
            let body = serde_json::json!({
                "id": format!("evt_{}_{number}", channel.as_str()), "type": channel.as_str(),
                "account": account, "live": false, "message": told,
            });
            signed(secret, body.to_string(), now)
        });
        pushes.collect()
    }
}

fn signed(secret: &SecretString, body: String, at: DateTime<Utc>) -> http::Request<Bytes> {
    let time = at.timestamp();
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.expose_secret().as_bytes())
        .unwrap_or_else(|_| unreachable!("HMAC takes keys of any length"));
    mac.update(format!("{time}.{body}").as_bytes());
    let tag = mac.finalize().into_bytes().iter().fold(String::new(), |mut hex, byte| {
        use std::fmt::Write as _;
        let _ = write!(hex, "{byte:02x}");
        hex
    });
    let mut request = http::Request::new(Bytes::from(body));
    *request.method_mut() = http::Method::POST;
    if let Ok(value) = http::HeaderValue::from_str(&format!("t={time},v1={tag}")) {
        request.headers_mut().insert(HEADER, value);
    }
    request
}
