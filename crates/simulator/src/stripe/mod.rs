//! Stripe: accounts that behave, and a look behind them.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::{HeaderMap, HeaderValue, Method, Response};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::clock::SimClock;
use crate::ids::Ids;
use crate::provider::{Bend, Incoming, Provider};
use crate::webhook::SignedWebhook;

mod accounts;
mod billing;
mod capture;
mod cards;
mod charges;
mod checkout_completion;
mod checkout_sessions;
mod confirm;
mod coupons;
mod customers;
mod decimal;
mod discounts;
mod disputes;
mod error;
mod events;
mod expand;
mod files;
mod form;
mod idempotency;
mod inspect;
mod invoice_fields;
mod invoice_items;
mod invoice_life;
mod invoice_lines;
mod invoice_payments;
mod invoice_preview;
mod invoice_totals;
mod invoices;
mod money;
mod multipart;
mod object;
mod page;
mod pages;
mod params;
mod payment_intents;
mod payment_links;
mod payment_methods;
mod payouts;
mod portal;
mod prices;
mod products;
mod promotion_codes;
mod proration;
mod refunds;
mod reviews;
mod router;
mod schedule;
mod search;
mod setup_intents;
mod state;
mod subscription_ends;
mod subscription_fields;
mod subscription_items;
mod subscription_updates;
mod subscriptions;
mod tax_ids;
mod tax_rates;
mod taxes;
mod test_clocks;
mod tiers;
mod transfers;
mod webhook_endpoints;

pub use state::AfterRetries;

/// The API version of requests that name none, and of events.
pub const DEFAULT_VERSION: &str = "2026-06-24.dahlia";

/// What the restricted key may do: payments, but not the balance, events or tokens.
const RESTRICTED_KEY_MAY: &[&str] = &[
    "payment_intent_read",
    "payment_intent_write",
    "setup_intent_read",
    "setup_intent_write",
    "customer_read",
    "customer_write",
    "payment_method_read",
    "payment_method_write",
    "charge_read",
    "charge_write",
];

/// One request as it came, and the status it got.
#[derive(Clone)]
#[non_exhaustive]
pub struct LoggedRequest {
    /// `GET`, `POST`, …
    pub method: Method,
    /// The path as Stripe sees it, `/v1/refunds`.
    pub path: String,
    /// The raw query string, without the question mark.
    pub query: String,
    /// All headers, the secret key among them.
    pub headers: HeaderMap,
    /// The raw body.
    pub body: Bytes,
    /// The status of the answer; 0 when none was sent.
    pub status: u16,
}

impl LoggedRequest {
    fn of(request: &Incoming, status: u16) -> Self {
        Self {
            method: request.method.clone(),
            path: request.path.clone(),
            query: request.query.clone(),
            headers: request.headers.clone(),
            body: request.body.clone(),
            status,
        }
    }
}

impl fmt::Debug for LoggedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoggedRequest")
            .field("method", &self.method)
            .field("path", &self.path)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

struct Keys {
    secret: String,
    restricted: String,
    publishable: String,
    expired: Vec<String>,
    /// The newest last; more than one while a secret rolls.
    webhook: Vec<String>,
}

struct World {
    clock: SimClock,
    ids: Ids,
    keys: Keys,
    platform: String,
    connected: String,
    accounts: HashMap<String, state::Account>,
    raw_cards: bool,
    search_lag: u64,
    seed: u64,
}

impl World {
    fn is_restricted(&self, key: &str) -> bool {
        key == self.keys.restricted
    }
}

/// The simulated Stripe. Clones share all state.
#[derive(Clone)]
pub struct StripeSimulator {
    world: Arc<Mutex<World>>,
    /// The account that inspections look at; the platform's own when absent.
    account: Option<String>,
}

impl fmt::Debug for StripeSimulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StripeSimulator").field("account", &self.account).finish_non_exhaustive()
    }
}

impl StripeSimulator {
    pub(crate) fn new(clock: SimClock, seed: u64, raw_cards: bool, search_lag: u64) -> Self {
        let mut ids = Ids::new(seed);
        let mut account = || format!("acct_1{}", ids.letters(15));
        let (platform, connected) = (account(), account());
        let keys = Keys {
            secret: format!("sk_test_51{}", ids.letters(97)),
            restricted: format!("rk_test_51{}", ids.letters(97)),
            publishable: format!("pk_test_51{}", ids.letters(97)),
            expired: Vec::new(),
            webhook: vec![format!("whsec_{}", ids.letters(32))],
        };
        let mut opened = HashMap::new();
        for (offset, id) in [&platform, &connected].into_iter().enumerate() {
            let seed = seed.wrapping_add(1 + offset as u64);
            let is_platform = offset == 0;
            opened.insert(
                id.clone(),
                state::Account::new(id.clone(), is_platform, seed, raw_cards, search_lag),
            );
        }
        let object = accounts::blank(&connected, 1_600_000_000, true);
        for account in opened.values_mut() {
            account.put(&object);
        }
        let world =
            World { clock, ids, keys, platform, connected, accounts: opened, raw_cards, search_lag, seed };
        Self { world: Arc::new(Mutex::new(world)), account: None }
    }

    fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The account, moved to the present.
    fn with_account<T>(&self, act: impl FnOnce(&mut state::Account) -> T) -> Option<T> {
        let mut world = self.world();
        let id = self.account.clone().unwrap_or_else(|| world.platform.clone());
        let now = world.clock.unix();
        let account = world.accounts.get_mut(&id)?;
        schedule::advance(account, now);
        Some(act(account))
    }

    fn newest_first(&self, kind: &str) -> Vec<Value> {
        self.with_account(|account| account.newest_first(kind)).unwrap_or_default()
    }

    /// The same Stripe, seen from a connected account: inspections and settlements are that account's.
    pub fn for_account(&self, id: &str) -> Self {
        Self { world: Arc::clone(&self.world), account: Some(id.to_owned()) }
    }

    /// The secret key: everything is allowed.
    pub fn secret_key(&self) -> String {
        self.world().keys.secret.clone()
    }

    /// A restricted key: payments, customers and refunds, but neither balance nor events (403).
    pub fn restricted_key(&self) -> String {
        self.world().keys.restricted.clone()
    }

    /// The publishable key, which is refused on every server call.
    pub fn publishable_key(&self) -> String {
        self.world().keys.publishable.clone()
    }

    /// The newest secret that webhooks are signed with.
    pub fn webhook_secret(&self) -> String {
        self.world().keys.webhook.last().cloned().unwrap_or_default()
    }

    /// The account that the keys belong to.
    pub fn account_id(&self) -> String {
        self.world().platform.clone()
    }

    /// A connected account for the `Stripe-Account` header; its state is its own.
    pub fn connected_account_id(&self) -> String {
        self.world().connected.clone()
    }

    /// Opens another connected account and gives its id.
    pub fn connect_account(&self) -> String {
        let mut world = self.world();
        let id = format!("acct_1{}", world.ids.letters(15));
        let seed = world.seed.wrapping_add(1 + world.accounts.len() as u64);
        let mut account = state::Account::new(id.clone(), false, seed, world.raw_cards, world.search_lag);
        let object = accounts::blank(&id, world.clock.unix(), true);
        account.put(&object);
        world.accounts.insert(id.clone(), account);
        let platform = world.platform.clone();
        if let Some(platform) = world.accounts.get_mut(&platform) {
            platform.put(&object);
        }
        id
    }

    /// Replaces the secret key; the old one answers as expired. Gives the new one.
    pub fn roll_secret_key(&self) -> String {
        let mut world = self.world();
        let fresh = format!("sk_test_51{}", world.ids.letters(97));
        let old = std::mem::replace(&mut world.keys.secret, fresh.clone());
        world.keys.expired.push(old);
        fresh
    }

    /// Starts a roll of the webhook secret: until [`finish_webhook_roll`](Self::finish_webhook_roll),
    /// deliveries carry a signature with each secret. Gives the new one.
    pub fn roll_webhook_secret(&self) -> String {
        let mut world = self.world();
        let fresh = format!("whsec_{}", world.ids.letters(32));
        world.keys.webhook.push(fresh.clone());
        fresh
    }

    /// Ends a roll: only the newest secret signs.
    pub fn finish_webhook_roll(&self) {
        let mut world = self.world();
        let newest = world.keys.webhook.pop();
        world.keys.webhook = newest.into_iter().collect();
    }

    /// Whether raw card numbers are accepted from now on.
    pub fn raw_cards(&self, accepted: bool) {
        let mut world = self.world();
        world.raw_cards = accepted;
        for account in world.accounts.values_mut() {
            account.raw_cards = accepted;
        }
    }

    /// Every request that reached this Stripe for this account, in order. Requests with a bad key are the
    /// platform's.
    pub fn request_log(&self) -> Vec<LoggedRequest> {
        self.with_account(|account| account.log.clone()).unwrap_or_default()
    }

    /// Marks an idempotency key as running until the guard is dropped: calls with it get 409.
    pub fn hold_idempotency_key(&self, key: &str) -> KeyHold {
        self.with_account(|account| account.ledger.start(key));
        KeyHold { stripe: self.clone(), key: key.to_owned() }
    }

    /// Signs an event as Stripe would deliver it at a Unix time, with every secret that is current.
    pub fn signed_webhook(&self, event: &Value, at: u64) -> SignedWebhook {
        let secrets = self.world().keys.webhook.clone();
        // Stripe's deliveries are indented; the exact bytes are what is signed.
        sign(Bytes::from(format!("{event:#}")), &secrets, at)
    }

    /// The events that were not delivered yet, in order, signed at the present simulated time. Each goes to
    /// whoever asked for all events, and to every webhook endpoint that wants it.
    pub fn take_webhooks(&self) -> Vec<SignedWebhook> {
        let mut world = self.world();
        let now = world.clock.unix();
        let secrets = world.keys.webhook.clone();
        let mut events = Vec::new();
        for account in world.accounts.values_mut() {
            schedule::advance(account, now);
            let own = std::mem::take(&mut account.undelivered).into_iter();
            events.extend(own.map(|event| {
                let targets = webhook_endpoints::targets(account, &event);
                (event, account.platform, targets)
            }));
        }
        if let Some(platform) = world.accounts.get(&world.platform) {
            for (event, _, targets) in events.iter_mut().filter(|(_, own, _)| !own) {
                targets.extend(webhook_endpoints::targets(platform, event));
            }
        }
        drop(world);
        // Accounts lie in no order of their own; their events go out by time.
        events.sort_by_key(|(event, ..)| event.get("created").and_then(Value::as_u64));
        let mut signed = Vec::new();
        for (event, _, targets) in events {
            let body = Bytes::from(format!("{event:#}"));
            signed.push(sign(body.clone(), &secrets, now));
            for (url, secret) in targets {
                let mut webhook = sign(body.clone(), &[secret], now);
                webhook.url = Some(url);
                signed.push(webhook);
            }
        }
        signed
    }
}

/// An idempotency key that counts as running while this lives.
#[derive(Debug)]
#[must_use = "the key is free again as soon as this is dropped"]
pub struct KeyHold {
    stripe: StripeSimulator,
    key: String,
}

impl Drop for KeyHold {
    fn drop(&mut self) {
        self.stripe.with_account(|account| account.ledger.finish(&self.key));
    }
}

/// Signs any bytes as Stripe does: HMAC-SHA256 over `t.body`, one `v1` a secret, keyed with the whole secret.
pub fn sign(body: Bytes, secrets: &[String], at: u64) -> SignedWebhook {
    let mut signature = format!("t={at}");
    for secret in secrets {
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else { continue };
        mac.update(at.to_string().as_bytes());
        mac.update(b".");
        mac.update(&body);
        signature.push_str(",v1=");
        for byte in mac.finalize().into_bytes() {
            for half in [byte >> 4, byte & 15] {
                signature.push(char::from_digit(u32::from(half), 16).unwrap_or('0'));
            }
        }
    }
    let mut headers = HeaderMap::new();
    headers.insert("content-type", HeaderValue::from_static("application/json; charset=utf-8"));
    headers.insert("user-agent", HeaderValue::from_static("Stripe/1.0 (+https://stripe.com/docs/webhooks)"));
    if let Ok(value) = HeaderValue::from_str(&signature) {
        headers.insert("stripe-signature", value);
    }
    SignedWebhook { provider: "stripe", headers, body, url: None }
}

impl Provider for StripeSimulator {
    fn id(&self) -> &'static str {
        "stripe"
    }

    fn hosts(&self) -> &'static [&'static str] {
        &["api.stripe.com", "files.stripe.com", "hooks.stripe.com"]
    }

    fn root_prefix(&self) -> Option<&'static str> {
        Some("/v1/")
    }

    fn handle(&self, request: &Incoming, bend: Option<&Bend>) -> Response<Bytes> {
        let mut world = self.world();
        let page = pages::authenticate(&mut world, request).or_else(|| pages::check_out(&mut world, request));
        match page {
            Some(page) => page,
            None => router::handle(&mut world, request, bend),
        }
    }

    fn hold(&self, request: &Incoming) -> Option<Box<dyn Send + Sync>> {
        let key = router::idempotency_key(request)?;
        let account = request.headers.get("stripe-account").and_then(|value| value.to_str().ok());
        let scoped = Self { world: Arc::clone(&self.world), account: account.map(str::to_owned) };
        Some(Box::new(scoped.hold_idempotency_key(&key)))
    }

    fn log_unanswered(&self, request: &Incoming) {
        self.with_account(|account| account.log.push(LoggedRequest::of(request, 0)));
    }

    fn take_webhooks(&self) -> Vec<SignedWebhook> {
        Self::take_webhooks(self)
    }

    fn credentials(&self) -> Value {
        json!({
            "secretKey": self.secret_key(),
            "publishableKey": self.publishable_key(),
            "webhookSecret": self.webhook_secret(),
        })
    }

    fn webhook_keys(&self) -> Vec<String> {
        self.world().keys.webhook.clone()
    }

    #[cfg(feature = "server")]
    fn wants_delivery(&self) -> bool {
        self.world().accounts.values().any(|account| !account.newest_first("webhook_endpoint").is_empty())
    }

    fn state(&self) -> Value {
        self.everything()
    }
}
