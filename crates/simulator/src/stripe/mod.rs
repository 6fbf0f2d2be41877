//! Stripe's payment path: an account that behaves, and a look behind it.

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

mod capture;
mod cards;
mod charges;
mod confirm;
mod customers;
mod error;
mod events;
mod expand;
mod form;
mod idempotency;
mod money;
mod object;
mod page;
mod params;
mod payment_intents;
mod payment_methods;
mod refunds;
mod router;
mod search;
mod setup_intents;
mod state;

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
        let mut accounts = HashMap::new();
        for (offset, id) in [&platform, &connected].into_iter().enumerate() {
            let seed = seed.wrapping_add(1 + offset as u64);
            let is_platform = offset == 0;
            accounts.insert(
                id.clone(),
                state::Account::new(id.clone(), is_platform, seed, raw_cards, search_lag),
            );
        }
        let world = World { clock, ids, keys, platform, connected, accounts, raw_cards, search_lag, seed };
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
        router::advance(account, now);
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
        let account = state::Account::new(id.clone(), false, seed, world.raw_cards, world.search_lag);
        world.accounts.insert(id.clone(), account);
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

    /// All payment intents, newest first.
    pub fn payment_intents(&self) -> Vec<Value> {
        self.newest_first("payment_intent")
    }

    /// All setup intents, newest first.
    pub fn setup_intents(&self) -> Vec<Value> {
        self.newest_first("setup_intent")
    }

    /// All charges, newest first; declined attempts are charges too.
    pub fn charges(&self) -> Vec<Value> {
        self.newest_first("charge")
    }

    /// All refunds, newest first.
    pub fn refunds(&self) -> Vec<Value> {
        self.newest_first("refund")
    }

    /// All customers, newest first; deleted ones stay as stubs.
    pub fn customers(&self) -> Vec<Value> {
        self.newest_first("customer")
    }

    /// All payment methods, newest first.
    pub fn payment_methods(&self) -> Vec<Value> {
        self.newest_first("payment_method")
    }

    /// All balance transactions, newest first.
    pub fn balance_transactions(&self) -> Vec<Value> {
        self.newest_first("balance_transaction")
    }

    /// All events, newest first.
    pub fn events(&self) -> Vec<Value> {
        self.newest_first("event")
    }

    /// Every request that reached this Stripe for this account, in order. Requests with a bad key are the
    /// platform's.
    pub fn request_log(&self) -> Vec<LoggedRequest> {
        self.with_account(|account| account.log.clone()).unwrap_or_default()
    }

    /// The card holder passes or fails the authentication that an intent (`pi_…` or `seti_…`) waits for.
    /// Gives the intent after it, or `None` when it was not waiting.
    pub fn complete_authentication(&self, intent_id: &str, passed: bool) -> Option<Value> {
        self.with_account(|account| {
            confirm::authenticate(account, intent_id, passed)
                .or_else(|| setup_intents::authenticate(account, intent_id, passed))
        })
        .flatten()
    }

    /// The bank answers a debit that is `processing`, as its test account number says. Gives the intent after
    /// it, or `None` when it was not processing.
    pub fn settle(&self, payment_intent_id: &str) -> Option<Value> {
        self.with_account(|account| confirm::settle(account, payment_intent_id)).flatten()
    }

    /// Ends a refund at once: pending ones succeed or fail, succeeded ones can still fail. Gives the refund
    /// after it, or `None` when nothing changed.
    pub fn complete_refund(&self, refund_id: &str, succeeded: bool) -> Option<Value> {
        self.with_account(|account| refunds::complete(account, refund_id, succeeded)).flatten()
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

    /// The events that were not delivered yet, in order, signed at the present simulated time.
    pub fn take_webhooks(&self) -> Vec<SignedWebhook> {
        let mut world = self.world();
        let now = world.clock.unix();
        let secrets = world.keys.webhook.clone();
        let mut events = Vec::new();
        for account in world.accounts.values_mut() {
            router::advance(account, now);
            events.append(&mut account.undelivered);
        }
        drop(world);
        // Accounts lie in no order of their own; their events go out by time.
        events.sort_by_key(|event| event.get("created").and_then(Value::as_u64));
        events.iter().map(|event| sign(Bytes::from(format!("{event:#}")), &secrets, now)).collect()
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
    SignedWebhook { provider: "stripe", headers, body }
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
        match router::authenticate(&mut world, request) {
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

    fn state(&self) -> Value {
        json!({
            "payment_intents": self.payment_intents(),
            "setup_intents": self.setup_intents(),
            "charges": self.charges(),
            "refunds": self.refunds(),
            "customers": self.customers(),
            "payment_methods": self.payment_methods(),
            "balance_transactions": self.balance_transactions(),
            "events": self.events(),
        })
    }
}
