//! SendGrid: an account whose mail travels through simulated time, and a look behind it.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use http::{HeaderMap, Method, Response};
use serde_json::{Value, json};

use crate::clock::SimClock;
use crate::ids::Ids;
use crate::provider::{Bend, Incoming, Provider};
use crate::webhook::SignedWebhook;

mod account;
mod batches;
mod domains;
mod error;
mod event_webhooks;
mod events;
mod fields;
mod handlebars;
mod inbound;
mod inspect;
mod lifecycle;
mod mail;
mod message;
mod router;
mod senders;
mod signing;
mod state;
mod suppressions;
mod templates;
mod unsubscribe_groups;

pub use inbound::InboundMail;
pub use lifecycle::Fate;
pub use state::Settings;

/// The provider's id, which is also its path prefix.
const ID: &str = "sendgrid";
/// The domain that a new account has authenticated.
const DOMAIN: &str = "example.com";

/// One request as it came, and the status it got.
#[derive(Clone)]
#[non_exhaustive]
pub struct LoggedRequest {
    /// The method.
    pub method: Method,
    /// The path as SendGrid sees it, `/v3/mail/send`.
    pub path: String,
    /// The raw query string, without the question mark.
    pub query: String,
    /// All headers, the key among them.
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
        // A path may name an address.
        f.debug_struct("LoggedRequest")
            .field("method", &self.method)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

struct ApiKey {
    secret: String,
    scopes: Vec<String>,
    /// The account's name; the parent's is empty.
    account: String,
}

struct World {
    clock: SimClock,
    seed: u64,
    ids: Ids,
    keys: Vec<ApiKey>,
    /// The parent under an empty name, and subusers under theirs.
    accounts: BTreeMap<String, state::Account>,
    log: Vec<LoggedRequest>,
}

impl World {
    fn key(&mut self, scopes: &[&str], account: &str) -> String {
        let secret = format!("SG.{}.{}", self.ids.letters(22), self.ids.letters(43));
        self.keys.push(ApiKey {
            secret: secret.clone(),
            scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
            account: account.to_owned(),
        });
        secret
    }
}

/// The simulated SendGrid. Clones share all state.
#[derive(Clone)]
pub struct SendGridSimulator {
    world: Arc<Mutex<World>>,
}

impl fmt::Debug for SendGridSimulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SendGridSimulator").finish_non_exhaustive()
    }
}

impl SendGridSimulator {
    pub(crate) fn new(clock: SimClock, seed: u64) -> Self {
        let now = clock.unix();
        let parent = state::Account::new(seed, "", now);
        let mut world = World {
            clock,
            seed,
            ids: Ids::new(seed ^ 0x5347),
            keys: Vec::new(),
            accounts: BTreeMap::from([(String::new(), parent)]),
            log: Vec::new(),
        };
        world.key(account::FULL_ACCESS, "");
        world.key(&[account::VALIDATION], "");
        Self { world: Arc::new(Mutex::new(world)) }
    }

    fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Provider for SendGridSimulator {
    fn id(&self) -> &'static str {
        ID
    }

    fn hosts(&self) -> &'static [&'static str] {
        &["api.sendgrid.com", "api.eu.sendgrid.com"]
    }

    fn root_prefix(&self) -> Option<&'static str> {
        // The SDKs put /v3 behind whatever host they are given, and keep a path in it.
        None
    }

    fn handle(&self, request: &Incoming, bend: Option<&Bend>) -> Response<Bytes> {
        let mut world = self.world();
        let response = router::handle(&mut world, request, bend);
        world.log.push(LoggedRequest::of(request, response.status().as_u16()));
        response
    }

    fn hold(&self, _: &Incoming) -> Option<Box<dyn Send + Sync>> {
        // There are no idempotency keys that could be in use.
        None
    }

    fn log_unanswered(&self, request: &Incoming) {
        self.world().log.push(LoggedRequest::of(request, 0));
    }

    #[cfg(feature = "server")]
    fn wants_delivery(&self) -> bool {
        let world = self.world();
        let wants = |account: &state::Account| {
            account.webhooks.iter().any(event_webhooks::EventWebhook::enabled)
                || !account.samples.is_empty()
                || !account.posts.is_empty()
        };
        world.accounts.values().any(wants)
    }

    fn take_webhooks(&self) -> Vec<SignedWebhook> {
        Self::take_webhooks(self)
    }

    fn credentials(&self) -> Value {
        json!({ "apiKey": self.api_key(), "webhookPublicKey": self.webhook_public_key() })
    }

    fn webhook_keys(&self) -> Vec<String> {
        vec![self.webhook_public_key()]
    }

    fn state(&self) -> Value {
        self.everything()
    }
}
