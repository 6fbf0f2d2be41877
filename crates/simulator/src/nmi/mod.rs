//! NMI: a merchant's account at the gateway, and a look behind it.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::{HeaderMap, HeaderValue, Method, Response};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::clock::SimClock;
use crate::provider::{Bend, Incoming, Provider};
use crate::webhook::SignedWebhook;

mod amount;
mod booking;
mod events;
mod follow_ups;
mod form;
mod inspect;
mod instrument;
mod plans;
mod query;
mod reply;
mod reports;
mod router;
mod sales;
mod settlement;
mod stamp;
mod state;
mod subscriptions;
mod vault;
mod xml;

use instrument::{Card, Instrument};

/// The merchant, as the profile report and webhooks name it.
const MERCHANT_NAME: &str = "Example Shop";

/// One request as it came, and the status it got.
#[derive(Clone)]
#[non_exhaustive]
pub struct LoggedRequest {
    /// `POST`, for everything that is understood.
    pub method: Method,
    /// The path as the gateway sees it, `/api/transact.php`.
    pub path: String,
    /// All headers.
    pub headers: HeaderMap,
    /// The raw body, credentials and card number included.
    pub body: Bytes,
    /// The HTTP status of the answer, which is 200 for declines too; 0 when none was sent.
    pub status: u16,
}

impl LoggedRequest {
    fn of(request: &Incoming, status: u16) -> Self {
        Self {
            method: request.method.clone(),
            path: request.path.clone(),
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

struct World {
    clock: SimClock,
    account: state::Account,
}

/// The simulated NMI gateway, with one merchant's account. Clones share all state.
#[derive(Clone)]
pub struct NmiSimulator {
    world: Arc<Mutex<World>>,
}

impl fmt::Debug for NmiSimulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NmiSimulator").finish_non_exhaustive()
    }
}

impl NmiSimulator {
    pub(crate) fn new(clock: SimClock, seed: u64) -> Self {
        let world = World { clock, account: state::Account::new(seed) };
        Self { world: Arc::new(Mutex::new(world)) }
    }

    fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The account, moved to the present: what has fallen due is charged first.
    fn with_account<T>(&self, act: impl FnOnce(&mut state::Account) -> T) -> T {
        let mut world = self.world();
        let now = world.clock.unix();
        subscriptions::advance(&mut world.account, now);
        act(&mut world.account)
    }

    /// The private security key: payments and queries.
    pub fn security_key(&self) -> String {
        self.world().account.keys.security.clone()
    }

    /// A private key that may take payments and is refused by `query.php`.
    pub fn payments_only_key(&self) -> String {
        self.world().account.keys.payments_only.clone()
    }

    /// The public tokenization key, which both scripts refuse.
    pub fn tokenization_key(&self) -> String {
        self.world().account.keys.tokenization.clone()
    }

    /// The older way to sign in: user name and password.
    pub fn username_and_password(&self) -> (String, String) {
        let world = self.world();
        (world.account.keys.username.clone(), world.account.keys.password.clone())
    }

    /// The key that webhooks are signed with; an account has one.
    pub fn webhook_key(&self) -> String {
        self.world().account.keys.webhook.clone()
    }

    /// Replaces the webhook key, at once: the gateway signs with one key only. Gives the new one.
    pub fn replace_webhook_key(&self) -> String {
        self.with_account(|account| {
            account.keys.webhook = account.ids.letters(32);
            account.keys.webhook.clone()
        })
    }

    /// The merchant's id, as webhooks name it.
    pub fn merchant_id(&self) -> String {
        self.world().account.merchant.clone()
    }

    /// Puts the whole account into test mode or takes it out: approvals are for show and never settle, and
    /// webhooks say so.
    pub fn test_mode(&self, on: bool) {
        self.with_account(|account| account.settings.test_mode = on);
    }

    /// How long the same card, kind and amount count as a duplicate; 1200 s at first, zero is never. NMI counts
    /// in whole seconds.
    pub fn duplicate_window(&self, window: Duration) {
        self.with_account(|account| account.settings.duplicate_window = window.as_secs());
    }

    /// Whether requests may bring a window of their own in `dup_seconds` (they may, at first). Where not, 0 is
    /// refused and other values are not looked at.
    pub fn own_duplicate_windows(&self, allowed: bool) {
        self.with_account(|account| account.settings.window_per_request = allowed);
    }

    /// Whether unlinked credits are allowed. They are at first, other than for most real accounts.
    pub fn credits(&self, allowed: bool) {
        self.with_account(|account| account.settings.credits = allowed);
    }

    /// Whether electronic checks are allowed; they are at first.
    pub fn checks(&self, allowed: bool) {
        self.with_account(|account| account.settings.checks = allowed);
    }

    /// Whether the account has the Customer Vault; it has at first.
    pub fn vault(&self, enabled: bool) {
        self.with_account(|account| account.settings.vault = enabled);
    }

    /// Whether the account has recurring billing; it has at first.
    pub fn recurring(&self, enabled: bool) {
        self.with_account(|account| account.settings.recurring = enabled);
    }

    /// How far the index behind transaction queries lags, in simulated time and whole seconds; not at all at
    /// first. The real one does, by how much NMI does not say.
    pub fn index_lag(&self, lag: Duration) {
        self.with_account(|account| account.settings.index_lag = lag.as_secs());
    }

    /// Whether queries show a refund among the actions of its payment too. Captured answers show it as a
    /// transaction of its own with a negative amount (the setting at first); other readers expect both.
    pub fn refunds_on_payment(&self, shown: bool) {
        self.with_account(|account| account.settings.refunds_on_payment = shown);
    }

    /// Whether queries show, with a refund, the `original_transaction_id` that it refunds (they do at first). No public
    /// capture of a refund proves that they do.
    pub fn refunds_name_payment(&self, shown: bool) {
        self.with_account(|account| account.settings.refunds_name_payment = shown);
    }

    /// Whether answers to payments echo `amount_authorized`, `cc_number` and `customer_vault_id`, as those of some
    /// accounts do; not at first.
    pub fn echo_more(&self, on: bool) {
        self.with_account(|account| account.settings.echo_more = on);
    }

    /// The next requests, to either script, get the account's rate limit: status 200 and code 301.
    pub fn limit_next(&self, requests: u32) {
        self.with_account(|account| account.limited = requests);
    }

    /// From now on the bank behind a card or account number answers this code and text: 2xx is a decline, 4xx an
    /// error of the processor. Charges of subscriptions are refused the same way.
    pub fn refuse(&self, number: &str, code: &str, text: &str) {
        self.with_account(|account| {
            account.refusals.insert(number.to_owned(), (code.to_owned(), text.to_owned()));
        });
    }

    /// Takes back what [`refuse`](Self::refuse) arranged.
    pub fn accept(&self, number: &str) {
        self.with_account(|account| account.refusals.remove(number));
    }

    /// What Collect.js would give for a card (`expiry` is `MMYY`): a token for one request. `None` for a number
    /// that is no card's.
    pub fn tokenize(&self, number: &str, expiry: &str) -> Option<String> {
        let card = Card::new(number, expiry).ok()?;
        self.with_account(|account| {
            let token =
                format!("{}-{}-{}", account.ids.letters(8), account.ids.letters(6), account.ids.letters(24));
            account.tokens.insert(token.clone(), Instrument::Card(card));
            Some(token)
        })
    }

    /// Settles everything that waits for it, one batch a processor, and gives the batches. Card payments are told
    /// of by `settlement.batch.complete`, bank debits one by one as well. What was approved in test mode stays.
    pub fn settle(&self) -> Vec<Value> {
        self.with_account(settlement::settle)
    }

    /// The processor refuses tonight's batches: nothing settles, `settlement.batch.failure` tells. Gives how many.
    pub fn fail_settlement(&self) -> usize {
        self.with_account(settlement::fail)
    }

    /// The bank returns a debit, with a reason such as `R01`; after settlement it is a late return. Whether there
    /// was a debit to return.
    pub fn return_check(&self, transaction_id: &str, reason: &str) -> bool {
        self.with_account(|account| settlement::return_check(account, transaction_id, reason))
    }

    /// All transactions, newest first. `authorized_cents`, `moved_cents` and `refunded_cents` are integers;
    /// refunds are transactions of their own with `refund_of`.
    pub fn transactions(&self) -> Vec<Value> {
        self.with_account(|account| {
            account.transactions.iter().rev().map(|known| inspect::transaction(account, known)).collect()
        })
    }

    /// All customers of the vault, newest first, with their cards and accounts masked.
    pub fn customers(&self) -> Vec<Value> {
        self.with_account(|account| account.customers.iter().rev().map(inspect::customer).collect())
    }

    /// All plans, newest first.
    pub fn plans(&self) -> Vec<Value> {
        self.with_account(|account| account.plans.iter().rev().map(plans::event).collect())
    }

    /// All subscriptions that were not deleted, newest first.
    pub fn subscriptions(&self) -> Vec<Value> {
        self.with_account(|account| account.subscriptions.iter().rev().map(inspect::subscription).collect())
    }

    /// All settled batches, newest first.
    pub fn batches(&self) -> Vec<Value> {
        self.with_account(|account| account.batches.iter().rev().map(settlement::Batch::json).collect())
    }

    /// All events, newest first.
    pub fn events(&self) -> Vec<Value> {
        self.with_account(|account| account.events.iter().rev().cloned().collect())
    }

    /// Every request that reached the gateway, in order.
    pub fn request_log(&self) -> Vec<LoggedRequest> {
        self.with_account(|account| account.log.clone())
    }

    /// Signs an event as the gateway would deliver it, with a fresh nonce.
    pub fn signed_webhook(&self, event: &Value) -> SignedWebhook {
        self.with_account(|account| signed(account, event))
    }

    /// The events that were not delivered yet, in order.
    pub fn take_webhooks(&self) -> Vec<SignedWebhook> {
        self.with_account(|account| {
            let events = std::mem::take(&mut account.undelivered);
            events.iter().map(|event| signed(account, event)).collect()
        })
    }
}

fn signed(account: &mut state::Account, event: &Value) -> SignedWebhook {
    let nonce = account.ids.digits(16);
    sign(Bytes::from(event.to_string()), &account.keys.webhook, &nonce)
}

/// A delivery of `body` signed as NMI does: `Webhook-Signature: t=<nonce>,s=<hex>`, HMAC-SHA256 with the key's own
/// characters over the nonce, a dot and the body. The nonce is no time.
pub fn sign(body: Bytes, key: &str, nonce: &str) -> SignedWebhook {
    let mut hex = String::new();
    // An HMAC takes a key of any length.
    if let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key.as_bytes()) {
        mac.update(nonce.as_bytes());
        mac.update(b".");
        mac.update(&body);
        for byte in mac.finalize().into_bytes() {
            for half in [byte >> 4, byte & 15] {
                hex.push(char::from_digit(u32::from(half), 16).unwrap_or('0'));
            }
        }
    }
    let mut headers = HeaderMap::new();
    headers.insert("content-type", HeaderValue::from_static("application/json"));
    headers.insert("user-agent", HeaderValue::from_static("Go-http-client/2.0"));
    if let Ok(value) = HeaderValue::from_str(&format!("t={nonce},s={hex}")) {
        headers.insert("webhook-signature", value);
    }
    SignedWebhook { provider: "nmi", headers, body, url: None }
}

impl Provider for NmiSimulator {
    fn id(&self) -> &'static str {
        "nmi"
    }

    fn hosts(&self) -> &'static [&'static str] {
        &["secure.nmi.com", "sandbox.nmi.com", "secure.networkmerchants.com"]
    }

    fn root_prefix(&self) -> Option<&'static str> {
        None
    }

    fn handle(&self, request: &Incoming, bend: Option<&Bend>) -> Response<Bytes> {
        self.with_account(|account| router::handle(account, request, bend))
    }

    fn hold(&self, _request: &Incoming) -> Option<Box<dyn Send + Sync>> {
        // There is no key that a running request could occupy.
        None
    }

    fn log_unanswered(&self, request: &Incoming) {
        self.with_account(|account| account.log.push(LoggedRequest::of(request, 0)));
    }

    #[cfg(feature = "server")]
    fn wants_delivery(&self) -> bool {
        false
    }

    fn take_webhooks(&self) -> Vec<SignedWebhook> {
        Self::take_webhooks(self)
    }

    fn credentials(&self) -> Value {
        let (username, password) = self.username_and_password();
        json!({
            "securityKey": self.security_key(),
            "username": username,
            "password": password,
            "webhookKey": self.webhook_key(),
        })
    }

    fn webhook_keys(&self) -> Vec<String> {
        vec![self.webhook_key()]
    }

    fn state(&self) -> Value {
        self.with_account(|account| inspect::everything(account))
    }
}
