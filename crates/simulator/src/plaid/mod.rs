//! Plaid: banks, items, accounts and ledgers that live through simulated days, and a look behind them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use http::{HeaderMap, Method, Response};
use serde_json::{Value, json};

use crate::clock::SimClock;
use crate::ids::Ids;
use crate::provider::{Bend, Incoming, Provider};
use crate::webhook::SignedWebhook;

mod accounts;
mod amount;
mod arrivals;
mod dates;
mod error;
mod fields;
mod identity;
mod inspect;
mod institutions;
mod investments;
mod item;
mod items;
mod ledger;
mod liabilities;
mod link;
mod login;
mod numbers;
mod processor;
mod recurring;
mod router;
mod sandbox;
mod signing;
mod steer;
mod sync;
mod transactions;
mod webhooks;

use error::ApiError;
use institutions::{Health, Institution};
use item::Item;
use link::LinkToken;
use signing::SigningKey;

pub use login::LinkLogin;
pub use steer::OpenedItem;

/// What an account at Plaid may do, and how its sandbox behaves.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Settings {
    /// Seconds from the creation of an item until its last 30 days are there. 10 by default; until then
    /// `/transactions/sync` is NOT_READY and `/transactions/get` PRODUCT_NOT_READY.
    pub initial_after: u64,
    /// Seconds from the creation of an item until its whole history is there. 60 by default.
    pub historical_after: u64,
    /// How many purchases an item makes a day, besides wages, rent and subscriptions. 14 by default, which is ten
    /// thousand in two years; 0 leaves the ledger to scripts, without wages and rent.
    pub purchases_a_day: u64,
    /// After how many days an item asks for its login again, as Plaid's sandbox does. 30 by default; `None`: never.
    pub login_lasts_days: Option<u64>,
    /// Whether the documented limits of the sandbox are enforced, a minute of the simulated clock each. Off by default.
    pub rate_limits: bool,
    /// Products that the client is not authorized for: INVALID_PRODUCT. None by default.
    pub products_off: BTreeSet<String>,
    /// Whether data of a product that an item was not linked for needs another consent
    /// (ADDITIONAL_CONSENT_REQUIRED), instead of adding the product. Off by default.
    pub consent_required: bool,
    /// Whether a public token may be exchanged again, for the same access. Off by default: what Plaid does is not
    /// documented.
    pub exchange_repeats: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            initial_after: 10,
            historical_after: 60,
            purchases_a_day: 14,
            login_lasts_days: Some(30),
            rate_limits: false,
            products_off: BTreeSet::new(),
            consent_required: false,
            exchange_repeats: false,
        }
    }
}

/// One request as it came, and the status it got.
#[derive(Clone)]
#[non_exhaustive]
pub struct LoggedRequest {
    /// `POST`, unless it was refused.
    pub method: Method,
    /// The path as Plaid sees it.
    pub path: String,
    /// All headers, the keys among them.
    pub headers: HeaderMap,
    /// The raw body, with the access token in it.
    pub body: Bytes,
    /// The status of the answer; 0 when none was sent.
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

/// A public token, and what became of it.
struct PublicToken {
    item: usize,
    expires: u64,
    exchanged: bool,
}

struct World {
    clock: SimClock,
    ids: Ids,
    seed: u64,
    client_id: String,
    secret: String,
    settings: Settings,
    items: Vec<Item>,
    /// By access token: the item, and whether the token still opens it.
    access: BTreeMap<String, (usize, bool)>,
    public: BTreeMap<String, PublicToken>,
    links: Vec<LinkToken>,
    /// Banks that a test put into another state than the usual.
    outages: BTreeMap<&'static str, Health>,
    keys: Vec<SigningKey>,
    /// Webhooks that are not delivered yet, with their addresses.
    outbox: Vec<(Value, String)>,
    /// Calls by minute, limit, and token or client.
    calls: BTreeMap<(u64, &'static str, String), usize>,
    log: Vec<LoggedRequest>,
}

impl World {
    fn item_of(&mut self, token: &str) -> Result<&mut Item, ApiError> {
        let &(at, alive) = self.access.get(token).ok_or_else(|| ApiError::of("INVALID_ACCESS_TOKEN"))?;
        let item =
            self.items.get_mut(at).filter(|_| alive).ok_or_else(|| ApiError::of("INVALID_ACCESS_TOKEN"))?;
        if item.removed { Err(ApiError::of("ITEM_NOT_FOUND")) } else { Ok(item) }
    }

    fn by_id(&mut self, item_id: &str) -> Option<&mut Item> {
        self.items.iter_mut().find(|item| item.id == item_id && !item.removed)
    }

    fn health(&self, bank: &Institution) -> Health {
        self.outages.get(bank.id).copied().unwrap_or(bank.health)
    }

    /// Why a bank cannot be read, when it cannot.
    fn outage(&self, bank: &Institution) -> Option<ApiError> {
        match self.health(bank) {
            Health::Healthy | Health::Degraded => None,
            Health::Down => Some(ApiError::of("INSTITUTION_DOWN")),
            Health::Unsupported => Some(ApiError::of("INSTITUTION_NO_LONGER_SUPPORTED")),
        }
    }

    /// Moves every item to the present; the webhooks of it wait in the outbox.
    fn advance(&mut self) {
        let now = self.clock.unix();
        for item in &mut self.items {
            let down = self.outages.get(item.bank.id).copied().unwrap_or(item.bank.health) == Health::Down;
            item.advance(now, &self.settings, down, &mut self.outbox);
        }
    }
}

/// The simulated Plaid. Clones share all state.
#[derive(Clone)]
pub struct PlaidSimulator(Arc<Mutex<World>>);

impl fmt::Debug for PlaidSimulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PlaidSimulator").field("items", &self.world().items.len()).finish_non_exhaustive()
    }
}

impl PlaidSimulator {
    pub(crate) fn new(clock: SimClock, seed: u64) -> Self {
        let mut ids = Ids::new(seed ^ 0x0050_4C41_4944);
        let (client_id, secret) = (ids.hex(24), ids.hex(30));
        let mut world = World {
            clock,
            ids,
            seed,
            client_id,
            secret,
            settings: Settings::default(),
            items: Vec::new(),
            access: BTreeMap::new(),
            public: BTreeMap::new(),
            links: Vec::new(),
            outages: BTreeMap::new(),
            keys: Vec::new(),
            outbox: Vec::new(),
            calls: BTreeMap::new(),
            log: Vec::new(),
        };
        signing::roll(&mut world);
        Self(Arc::new(Mutex::new(world)))
    }

    fn world(&self) -> MutexGuard<'_, World> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The world, moved to the present.
    fn present(&self) -> MutexGuard<'_, World> {
        let mut world = self.world();
        world.advance();
        world
    }

    /// The client id that works.
    pub fn client_id(&self) -> String {
        self.world().client_id.clone()
    }

    /// The secret that works, of the sandbox.
    pub fn secret(&self) -> String {
        self.world().secret.clone()
    }

    /// Changes the settings.
    pub fn configure(&self, change: impl FnOnce(&mut Settings)) {
        change(&mut self.present().settings);
    }

    /// Every request, in order.
    pub fn request_log(&self) -> Vec<LoggedRequest> {
        self.world().log.clone()
    }
}

impl Provider for PlaidSimulator {
    fn id(&self) -> &'static str {
        "plaid"
    }

    fn hosts(&self) -> &'static [&'static str] {
        &[router::SANDBOX_HOST, router::PRODUCTION_HOST, router::HOSTED_HOST]
    }

    fn root_prefix(&self) -> Option<&'static str> {
        None
    }

    fn handle(&self, request: &Incoming, bend: Option<&Bend>) -> Response<Bytes> {
        router::handle(&mut self.present(), request, bend)
    }

    fn hold(&self, _request: &Incoming) -> Option<Box<dyn Send + Sync>> {
        None
    }

    fn log_unanswered(&self, request: &Incoming) {
        self.world().log.push(LoggedRequest::of(request, 0));
    }

    #[cfg(feature = "server")]
    fn wants_delivery(&self) -> bool {
        let world = self.world();
        !world.outbox.is_empty()
            || world.items.iter().any(|item| item.webhook.is_some())
            || world.links.iter().any(LinkToken::has_webhook)
    }

    fn take_webhooks(&self) -> Vec<SignedWebhook> {
        Self::take_webhooks(self)
    }

    fn credentials(&self) -> Value {
        json!({ "clientId": self.client_id(), "secret": self.secret() })
    }

    fn webhook_keys(&self) -> Vec<String> {
        self.webhook_key_ids()
    }

    fn state(&self) -> Value {
        self.everything()
    }
}
