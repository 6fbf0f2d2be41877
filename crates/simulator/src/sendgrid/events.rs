//! Events: what they hold, and the batches that they are delivered in.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::lifecycle::object;
use super::signing;
use super::state::Account;
use crate::webhook::SignedWebhook;

/// What the statistics count.
#[derive(Clone, Copy)]
pub(super) enum Metric {
    Blocks,
    BounceDrops,
    Bounces,
    Clicks,
    Deferred,
    Delivered,
    InvalidEmails,
    Opens,
    Processed,
    Requests,
    SpamReportDrops,
    SpamReports,
    UniqueClicks,
    UniqueOpens,
    UnsubscribeDrops,
    Unsubscribes,
}

impl Metric {
    pub(super) const ALL: [Self; 16] = [
        Self::Blocks,
        Self::BounceDrops,
        Self::Bounces,
        Self::Clicks,
        Self::Deferred,
        Self::Delivered,
        Self::InvalidEmails,
        Self::Opens,
        Self::Processed,
        Self::Requests,
        Self::SpamReportDrops,
        Self::SpamReports,
        Self::UniqueClicks,
        Self::UniqueOpens,
        Self::UnsubscribeDrops,
        Self::Unsubscribes,
    ];

    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Blocks => "blocks",
            Self::BounceDrops => "bounce_drops",
            Self::Bounces => "bounces",
            Self::Clicks => "clicks",
            Self::Deferred => "deferred",
            Self::Delivered => "delivered",
            Self::InvalidEmails => "invalid_emails",
            Self::Opens => "opens",
            Self::Processed => "processed",
            Self::Requests => "requests",
            Self::SpamReportDrops => "spam_report_drops",
            Self::SpamReports => "spam_reports",
            Self::UniqueClicks => "unique_clicks",
            Self::UniqueOpens => "unique_opens",
            Self::UnsubscribeDrops => "unsubscribe_drops",
            Self::Unsubscribes => "unsubscribes",
        }
    }
}

/// Every event, the setting that turns it on, and what its sample holds.
pub(super) const KINDS: &[(&str, &str)] = &[
    ("processed", "processed"),
    ("dropped", "dropped"),
    ("delivered", "delivered"),
    ("deferred", "deferred"),
    ("bounce", "bounce"),
    ("open", "open"),
    ("click", "click"),
    ("spamreport", "spam_report"),
    ("unsubscribe", "unsubscribe"),
    ("group_unsubscribe", "group_unsubscribe"),
    ("group_resubscribe", "group_resubscribe"),
    ("account_status_change", "account_status_change"),
];

fn event_id(account: &Account, kind: &str, what: &str) -> String {
    let text = format!("{kind}-{}-{}-{what}", account.events.len(), account.user_id);
    URL_SAFE_NO_PAD.encode(text)
}

/// Something happened to a delivery: the event, what it counts for, and a note that it is to be told.
pub(super) fn happen(
    account: &mut Account,
    at: u64,
    number: usize,
    kind: &str,
    extra: Map<String, Value>,
    metrics: &[Metric],
) {
    let Some(delivery) = account.deliveries.get(number) else { return };
    let Some(sent) = account.sent.get(delivery.sent) else { return };
    // The caller's own arguments stand beside SendGrid's fields, which win where names clash.
    let mut event = sent.parts.get(delivery.part).map(|part| part.args.clone()).unwrap_or_default();
    match sent.categories.as_slice() {
        [] => {}
        [one] => {
            event.insert("category".to_owned(), one.clone());
        }
        many => {
            event.insert("category".to_owned(), many.into());
        }
    }
    if let Some(group) = sent.group {
        event.insert("asm_group_id".to_owned(), group.into());
    }
    event.extend(object(json!({
        "email": delivery.email,
        "timestamp": at,
        "smtp-id": format!("<{}@geopod-ismtpd-0>", sent.id),
        "event": kind,
        "sg_event_id": event_id(account, kind, &delivery.message_id),
        "sg_message_id": delivery.message_id,
    })));
    event.extend(extra);
    for metric in metrics {
        account.count(at, metric.word(), 1);
    }
    tell(account, Value::Object(event));
}

/// The account itself changed; no message is concerned.
pub(super) fn account_status(account: &mut Account, kind: &str) {
    let event = json!({
        "event": "account_status_change",
        "type": kind,
        "timestamp": account.now,
        "sg_event_id": event_id(account, "account_status_change", kind),
    });
    tell(account, event);
}

fn tell(account: &mut Account, event: Value) {
    account.events.push(event.clone());
    account.undelivered.push(event);
}

/// A batch as it stands on the wire: one event a line, lines end in CRLF, and so does the whole.
pub(super) fn body(events: &[Value]) -> Bytes {
    let lines: Vec<_> = events.iter().map(Value::to_string).collect();
    Bytes::from(format!("[{}]\r\n", lines.join(",\r\n")))
}

/// One event of each kind, as the test of a webhook sends them.
pub(super) fn samples(account: &Account) -> Vec<Value> {
    let kinds = KINDS.iter().filter(|(kind, _)| *kind != "account_status_change");
    let of = |kind: &str| match kind {
        "dropped" => json!({ "reason": "Bounced Address", "status": "5.0.0" }),
        "delivered" => json!({ "response": "250 OK" }),
        "deferred" => json!({ "response": "400 try again later", "attempt": "5" }),
        "bounce" => json!({ "reason": "500 unknown recipient", "status": "5.0.0", "type": "bounce" }),
        "open" => json!({ "useragent": "Mozilla/4.0", "ip": "192.0.2.1", "sg_machine_open": false }),
        "click" => json!({
            "useragent": "Mozilla/4.0",
            "ip": "192.0.2.1",
            "url": "http://www.example.com/",
            "url_offset": { "index": 0, "type": "html" },
        }),
        "group_unsubscribe" | "group_resubscribe" => json!({
            "useragent": "Mozilla/4.0",
            "ip": "192.0.2.1",
            "url": "http://www.example.com/",
            "asm_group_id": 10,
        }),
        _ => json!({}),
    };
    kinds
        .map(|(kind, _)| {
            let mut event = object(of(kind));
            event.extend(object(json!({
                "email": "example@test.com",
                "timestamp": account.now,
                "smtp-id": "<14c5d75ce93.dfd.64b469@ismtpd-555>",
                "event": kind,
                "category": ["cat facts"],
                "sg_event_id": event_id(account, kind, "sample"),
                "sg_message_id": "14c5d75ce93.dfd.64b469.filter0001.16648.5515E0B88.0",
            })));
            Value::Object(event)
        })
        .collect()
}

/// What was not told yet: one batch or more for each webhook that wants it. While an account has none, they are for
/// whoever listens, signed with the account's own key.
pub(super) fn take(account: &mut Account) -> Vec<SignedWebhook> {
    let events = std::mem::take(&mut account.undelivered);
    let size = account.settings.events_a_batch.max(1);
    let now = account.now;
    let mut deliveries = Vec::new();
    if account.webhooks.is_empty() {
        let batches = events.chunks(size);
        deliveries.extend(batches.map(|batch| signing::delivery(Some(&account.key), now, body(batch), None)));
    }
    for webhook in &account.webhooks {
        let wanted: Vec<_> = events.iter().filter(|event| webhook.wants(event)).cloned().collect();
        let key = webhook.signed.then_some(&webhook.key);
        for batch in wanted.chunks(size) {
            deliveries.push(signing::delivery(key, now, body(batch), Some(webhook.url())));
        }
    }
    for (events, url, id) in std::mem::take(&mut account.samples) {
        let webhook = account.webhooks.iter().find(|webhook| Some(&webhook.id) == id.as_ref());
        let key = webhook.filter(|webhook| webhook.signed).map(|webhook| &webhook.key);
        deliveries.push(signing::delivery(key, now, body(&events), Some(url)));
    }
    deliveries.append(&mut account.posts);
    deliveries
}
