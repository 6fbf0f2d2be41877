//! What an account holds.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::event_webhooks::EventWebhook;
use super::lifecycle::{Delivery, Fate};
use super::message::Sent;
use super::signing::SigningKey;
use super::suppressions::Suppressed;
use super::unsubscribe_groups::Group;
use crate::calendar::date_of;
use crate::ids::Ids;
use crate::webhook::SignedWebhook;

/// What an account at SendGrid may do, and how its mail travels.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Settings {
    /// Seconds from processing to the answer of the recipient's server. 1 by default.
    pub delivery_takes: u64,
    /// Emails that the plan has left, one a recipient. 100,000 by default; with none left `mail/send` is 401.
    pub credits: u64,
    /// Whether the account may send. Where not, `mail/send` is 401.
    pub enabled: bool,
    /// How many event webhooks the plan allows. 5 by default.
    pub event_webhooks: usize,
    /// The most events in one delivery. 1000 by default.
    pub events_a_batch: usize,
    /// Calls a minute of the simulated clock and endpoint, told in the `X-RateLimit` headers; 429 beyond. None by
    /// default, and then no headers: SendGrid publishes no numbers.
    pub calls_a_minute: Option<u64>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            delivery_takes: 1,
            credits: 100_000,
            enabled: true,
            event_webhooks: 5,
            events_a_batch: 1000,
            calls_a_minute: None,
        }
    }
}

pub(super) struct Account {
    pub(super) now: u64,
    pub(super) opened: u64,
    pub(super) ids: Ids,
    pub(super) username: String,
    pub(super) user_id: u64,
    pub(super) settings: Settings,
    pub(super) used: u64,
    pub(super) templates: Vec<Value>,
    pub(super) senders: Vec<Value>,
    /// Tokens of the mails that ask senders to confirm, with the sender's id.
    pub(super) sender_tokens: Vec<(String, u64)>,
    pub(super) domains: Vec<Value>,
    /// Domains whose records are published.
    pub(super) published: BTreeSet<String>,
    pub(super) groups: Vec<Group>,
    pub(super) suppressed: BTreeMap<&'static str, Vec<Suppressed>>,
    pub(super) batches: BTreeSet<String>,
    /// Batches that are paused or canceled.
    pub(super) held: BTreeMap<String, String>,
    pub(super) sent: Vec<Sent>,
    pub(super) deliveries: Vec<Delivery>,
    /// What happens next, to which delivery.
    pub(super) queue: BTreeSet<(u64, usize)>,
    pub(super) fates: BTreeMap<String, Fate>,
    pub(super) events: Vec<Value>,
    pub(super) undelivered: Vec<Value>,
    pub(super) webhooks: Vec<EventWebhook>,
    pub(super) key: SigningKey,
    /// Deliveries of sample events: body, URL, and the id of the webhook whose key signs.
    pub(super) samples: Vec<(Vec<Value>, String, Option<String>)>,
    pub(super) parse: Vec<Value>,
    /// Posts of inbound mail that are still to go out.
    pub(super) posts: Vec<SignedWebhook>,
    /// By day since 1970, by metric.
    pub(super) stats: BTreeMap<i64, BTreeMap<&'static str, u64>>,
    /// By endpoint: the minute, and the calls in it.
    pub(super) calls: BTreeMap<String, (u64, u64)>,
    next_id: u64,
}

impl Account {
    pub(super) fn new(seed: u64, username: &str, now: u64) -> Self {
        let own = username.bytes().fold(0xCBF2_9CE4_8422_2325, |hash: u64, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3)
        });
        let mut ids = Ids::new(seed ^ own);
        let key = SigningKey::new(&mut ids);
        let user_id = ids.digits(7).parse().unwrap_or(1);
        let mut account = Self {
            now,
            opened: now,
            ids,
            username: username.to_owned(),
            user_id,
            settings: Settings::default(),
            used: 0,
            templates: Vec::new(),
            senders: Vec::new(),
            sender_tokens: Vec::new(),
            domains: Vec::new(),
            published: BTreeSet::new(),
            groups: Vec::new(),
            suppressed: BTreeMap::new(),
            batches: BTreeSet::new(),
            held: BTreeMap::new(),
            sent: Vec::new(),
            deliveries: Vec::new(),
            queue: BTreeSet::new(),
            fates: BTreeMap::new(),
            events: Vec::new(),
            undelivered: Vec::new(),
            webhooks: Vec::new(),
            key,
            samples: Vec::new(),
            parse: Vec::new(),
            posts: Vec::new(),
            stats: BTreeMap::new(),
            calls: BTreeMap::new(),
            next_id: 1000,
        };
        super::domains::authenticate(&mut account, super::DOMAIN);
        account
    }

    /// The next number of a thing that is numbered.
    pub(super) fn number(&mut self) -> u64 {
        self.next_id += 1;
        self.next_id
    }

    /// Thirty-two hexadecimal digits.
    pub(super) fn hex(&mut self) -> String {
        use sha2::Digest as _;
        let hash = sha2::Sha256::digest(self.ids.letters(32));
        let halves = hash.iter().take(16).flat_map(|byte| [byte >> 4, byte & 15]);
        halves.filter_map(|half| char::from_digit(u32::from(half), 16)).collect()
    }

    pub(super) fn uuid(&mut self) -> String {
        let hex = self.hex();
        let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
        [part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32)].join("-")
    }

    /// `2025-06-15 12:00:00`.
    pub(super) fn stamp(&self) -> String {
        stamp(self.now)
    }

    pub(super) fn count(&mut self, at: u64, metric: &'static str, by: u64) {
        let day = i64::try_from(at / 86_400).unwrap_or_default();
        *self.stats.entry(day).or_default().entry(metric).or_default() += by;
    }
}

pub(super) fn stamp(unix: u64) -> String {
    let seconds = unix % 86_400;
    format!("{} {:02}:{:02}:{:02}", day(unix), seconds / 3600, seconds / 60 % 60, seconds % 60)
}

/// `2025-06-15`.
pub(super) fn day(unix: u64) -> String {
    let (year, month, day) = date_of(i64::try_from(unix).unwrap_or_default());
    format!("{year:04}-{month:02}-{day:02}")
}

pub(super) fn is(value: &Value, name: &str, text: &str) -> bool {
    value.get(name).and_then(Value::as_str) == Some(text)
}

/// Puts fields of `from` onto an object.
pub(super) fn merge(into: &mut Value, from: Map<String, Value>) {
    if let Some(map) = into.as_object_mut() {
        map.extend(from);
    }
}
