//! Webhook events: what they hold, and how they are signed.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue};

use super::answer::upper_hex_mac;
use super::dates;
use super::json::Json;
use super::money::number;
use super::state::Gateway;
use super::transaction::{FILTER, Hold, Transaction};
use crate::webhook::SignedWebhook;

/// Every type, without the `net.authorize.` before it.
pub(super) const TYPES: &[&str] = &[
    "customer.created",
    "customer.deleted",
    "customer.updated",
    "customer.paymentProfile.created",
    "customer.paymentProfile.deleted",
    "customer.paymentProfile.updated",
    "customer.subscription.cancelled",
    "customer.subscription.created",
    "customer.subscription.expired",
    "customer.subscription.expiring",
    "customer.subscription.failed",
    "customer.subscription.suspended",
    "customer.subscription.terminated",
    "customer.subscription.updated",
    "payment.authcapture.created",
    "payment.authorization.created",
    "payment.capture.created",
    "payment.fraud.approved",
    "payment.fraud.declined",
    "payment.fraud.held",
    "payment.priorAuthCapture.created",
    "payment.refund.created",
    "payment.void.created",
];

/// A registered webhook.
pub(super) struct Endpoint {
    pub(super) id: String,
    pub(super) name: Option<String>,
    pub(super) url: String,
    pub(super) events: Vec<String>,
    pub(super) active: bool,
}

#[derive(Clone)]
pub(super) struct Event {
    pub(super) id: String,
    pub(super) kind: String,
    at: u64,
    payload: Json,
}

impl Event {
    pub(super) fn date(&self) -> String {
        dates::utc(self.at).replace('Z', ".0000000Z")
    }

    pub(super) fn payload(&self) -> &Json {
        &self.payload
    }

    /// The body as a webhook gets it.
    pub(super) fn body(&self, webhook: &str) -> Json {
        Json::object([
            ("notificationId", self.id.as_str().into()),
            ("eventType", self.kind.as_str().into()),
            ("eventDate", self.date().into()),
            ("webhookId", webhook.into()),
            ("payload", self.payload.clone()),
        ])
    }
}

impl Gateway {
    pub(super) fn tell(&mut self, kind: &str, payload: Json) {
        let id = self.uuid();
        self.events.push(Event { id, kind: format!("net.authorize.{kind}"), at: self.now, payload });
    }

    pub(super) fn tell_payment(&mut self, kind: &str, one: &Transaction) {
        let mut payload = Json::object([
            ("responseCode", u32::from(one.response_code).into()),
            ("authCode", one.auth_code.as_str().into()),
            ("avsResponse", one.avs.into()),
            ("authAmount", number(one.settle)),
        ]);
        payload.push_some("merchantReferenceId", one.ref_id.clone());
        if let Some(hold) = one.hold.filter(|_| kind.starts_with("payment.fraud")) {
            let action = if hold == Hold::Authorized { "authAndHold" } else { "hold" };
            let filter = Json::object([("fraudFilter", FILTER.into()), ("fraudAction", action.into())]);
            payload.push("fraudList", Json::List(vec![filter]));
        }
        payload.push_some("invoiceNumber", one.invoice());
        payload.push("entityName", "transaction");
        payload.push("id", one.id.as_str());
        self.tell(kind, payload);
    }

    /// What was not delivered yet: once for whoever takes everything, and once for each webhook that wants it.
    pub(super) fn deliveries(&mut self) -> Vec<SignedWebhook> {
        let waiting: Vec<Event> = self.events.iter().skip(self.taken).cloned().collect();
        self.taken = self.events.len();
        let mut signed = Vec::new();
        for event in waiting {
            signed.push(sign(body(&event, NOBODY), &self.keys.signature));
            let wants =
                |one: &&Endpoint| one.active && one.events.iter().any(|wanted| covers(wanted, &event.kind));
            for endpoint in self.endpoints.iter().filter(wants) {
                let mut webhook = sign(body(&event, &endpoint.id), &self.keys.signature);
                webhook.url = Some(endpoint.url.clone());
                signed.push(webhook);
            }
        }
        signed
    }
}

/// The webhook id of deliveries that no webhook was registered for.
pub(super) const NOBODY: &str = "00000000-0000-4000-8000-000000000000";

/// `net.authorize.customer` stands for every event below it.
fn covers(wanted: &str, kind: &str) -> bool {
    kind.strip_prefix(wanted).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

fn body(event: &Event, webhook: &str) -> Bytes {
    Bytes::from(event.body(webhook).to_string())
}

/// Signs any bytes as Authorize.Net does: HMAC-SHA512 in upper-case hexadecimal, keyed with the text of the signature
/// key, not with the bytes it spells.
pub fn sign(body: Bytes, signature_key: &str) -> SignedWebhook {
    let signature = format!("sha512={}", upper_hex_mac(signature_key.as_bytes(), &body));
    let mut headers = HeaderMap::new();
    headers.insert("content-type", HeaderValue::from_static("application/json; charset=utf-8"));
    if let Ok(value) = HeaderValue::from_str(&signature) {
        headers.insert("x-anet-signature", value);
    }
    SignedWebhook { provider: super::ID, headers, body, url: None }
}
