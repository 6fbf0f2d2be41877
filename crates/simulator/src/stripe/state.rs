//! What one Stripe account holds.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde_json::{Map, Value, json};

use super::LoggedRequest;
use super::cards::Instrument;
use super::idempotency::Ledger;
use super::object::Object;
use crate::ids::Ids;

/// The kinds that can be searched: only they keep a history.
const SEARCHED: &[&str] = &["payment_intent", "charge", "customer"];

/// Objects of one kind, in the order they came.
#[derive(Debug, Default)]
struct Table {
    rows: Vec<Value>,
    index: HashMap<String, usize>,
    /// Every state an object had, with its time: what a search index that lags still sees.
    history: HashMap<String, Vec<(u64, Value)>>,
}

/// What the account does later, by itself.
#[derive(Clone, Debug)]
pub(super) enum Later {
    /// An authorization that was not captured lapses.
    Expire(String),
    /// The balance transaction of an asynchronously captured charge becomes known.
    SettleCharge(String),
    FailRefund(String),
    SucceedRefund(String),
    /// A subscription does whatever has fallen due: trial, renewal, cancellation, resumption.
    Bill(String),
    /// A first invoice was not paid in time.
    ExpireIncomplete(String),
    /// A subscription's pending update was not paid for in time.
    DropPendingUpdate(String),
    Finalize(String),
    RetryPayment(String),
    AdvanceClock(String),
    ExpireSession(String),
    OpenDispute(String),
    DecideDispute(String),
    /// Evidence was due.
    LapseDispute(String),
    ArrivePayout(String),
}

/// What a request does to other accounts than the one it runs in.
#[derive(Clone, Debug)]
pub(super) enum Across {
    /// A connected account opens, with this object.
    Open(Value),
    Change(Value),
    Close(String),
    /// Money arrives at (or, negative, leaves) a connected account: its id, the payment, the booking's type.
    Book(String, Value, &'static str),
}

/// What becomes of a subscription when the last retry of a renewal's payment failed. Stripe has it as a
/// setting of the dashboard.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum AfterRetries {
    /// It is canceled.
    #[default]
    Cancel,
    /// It becomes `unpaid`: invoices are still made, as drafts that nobody pays.
    MarkUnpaid,
    /// It stays `past_due`.
    LeavePastDue,
}

/// How a confirmation was asked for; kept while a person authenticates.
#[derive(Clone, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "they are Stripe's parameters, one by one")]
pub(super) struct Attempt {
    pub(super) off_session: bool,
    pub(super) error_on_requires_action: bool,
    pub(super) use_stripe_sdk: bool,
    pub(super) return_url: Option<String>,
    pub(super) has_mandate: bool,
    pub(super) authenticated: bool,
    /// An invoice's payment: a card that wants authentication asks for it, even off-session.
    pub(super) billing: bool,
}

/// The request that causes what happens, as events tell it.
#[derive(Clone, Debug, Default)]
pub(super) struct Cause {
    pub(super) request_id: Option<String>,
    pub(super) idempotency_key: Option<String>,
    /// Where people are sent to authenticate, when the simulator listens on a port.
    pub(super) origin: Option<String>,
    pub(super) version: String,
}

#[derive(Debug)]
pub(super) struct Account {
    pub(super) id: String,
    /// Whether it is the platform itself; events of connected accounts name their account.
    pub(super) platform: bool,
    pub(super) now: u64,
    pub(super) ids: Ids,
    pub(super) raw_cards: bool,
    pub(super) search_lag: u64,
    pub(super) cause: Cause,
    tables: BTreeMap<String, Table>,
    /// The secret half of payment methods: what number they hold and how it behaves.
    pub(super) instruments: HashMap<String, Instrument>,
    /// Payment methods that paid without a customer: they cannot be used again.
    pub(super) spent: HashSet<String>,
    /// Cards that were set up for off-session use.
    pub(super) set_up: HashSet<String>,
    pub(super) attempts: HashMap<String, Attempt>,
    /// What objects do not show: by object id.
    pub(super) notes: HashMap<String, Value>,
    /// The test clock that time is read from at the moment; none is the simulator's own.
    pub(super) clock: Option<String>,
    pub(super) across: Vec<Across>,
    /// What becomes of a subscription when every retry failed.
    pub(super) after_retries: AfterRetries,
    later: Vec<(u64, Option<String>, Later)>,
    pub(super) ledger: Ledger,
    pub(super) undelivered: Vec<Value>,
    pub(super) log: Vec<LoggedRequest>,
}

impl Account {
    pub(super) fn new(id: String, platform: bool, seed: u64, raw_cards: bool, search_lag: u64) -> Self {
        Self {
            id,
            platform,
            now: 0,
            ids: Ids::new(seed),
            raw_cards,
            search_lag,
            cause: Cause::default(),
            tables: BTreeMap::new(),
            instruments: HashMap::new(),
            spent: HashSet::new(),
            set_up: HashSet::new(),
            attempts: HashMap::new(),
            notes: HashMap::new(),
            clock: None,
            across: Vec::new(),
            after_retries: AfterRetries::default(),
            later: Vec::new(),
            ledger: Ledger::default(),
            undelivered: Vec::new(),
            log: Vec::new(),
        }
    }

    pub(super) fn get(&self, kind: &str, id: &str) -> Option<Value> {
        let table = self.tables.get(kind)?;
        table.index.get(id).and_then(|at| table.rows.get(*at)).cloned()
    }

    /// Stores an object under its own `object` and `id`.
    pub(super) fn put(&mut self, object: &Value) {
        let kind = object.text("object");
        let table = self.tables.entry(kind.to_owned()).or_default();
        let id = object.text("id").to_owned();
        if SEARCHED.contains(&kind) {
            let states = table.history.entry(id.clone()).or_default();
            let seen_until = self.now.saturating_sub(self.search_lag);
            // Of what the index has seen, only the latest matters.
            let seen = states.iter().take_while(|(at, _)| *at <= seen_until).count();
            states.drain(..seen.saturating_sub(1));
            states.push((self.now, object.clone()));
        }
        if let Some(row) = table.index.get(&id).and_then(|at| table.rows.get_mut(*at)) {
            *row = object.clone();
        } else {
            table.index.insert(id, table.rows.len());
            table.rows.push(object.clone());
        }
    }

    /// All objects of a kind, newest first.
    pub(super) fn newest_first(&self, kind: &str) -> Vec<Value> {
        self.tables.get(kind).map(|table| table.rows.iter().rev().cloned().collect()).unwrap_or_default()
    }

    /// Those objects of a kind that fit, newest first; the others are not copied.
    pub(super) fn those(&self, kind: &str, fits: impl Fn(&Value) -> bool) -> Vec<Value> {
        let rows = self.tables.get(kind).into_iter().flat_map(|table| table.rows.iter().rev());
        rows.filter(|row| fits(row)).cloned().collect()
    }

    /// The newest object of a kind that fits.
    pub(super) fn newest(&self, kind: &str, fits: impl Fn(&Value) -> bool) -> Option<Value> {
        self.tables.get(kind)?.rows.iter().rev().find(|row| fits(row)).cloned()
    }

    /// What a search sees: every object as it was one lag ago, newest first.
    pub(super) fn indexed(&self, kind: &str) -> Vec<Value> {
        let Some(table) = self.tables.get(kind) else { return Vec::new() };
        let seen_until = self.now.saturating_sub(self.search_lag);
        let as_indexed = |row: &Value| {
            let states = table.history.get(row.text("id"))?;
            states.iter().rev().find(|(at, _)| *at <= seen_until).map(|(_, state)| state.clone())
        };
        table.rows.iter().rev().filter_map(as_indexed).collect()
    }

    /// Stores an object and tells it as an event.
    pub(super) fn save(&mut self, object: &Value, event: &str) {
        self.put(object);
        self.emit(event, object, None);
    }

    /// Stores a changed object and tells it as an event with what it was before.
    pub(super) fn save_changed(&mut self, before: &Value, object: &Value, event: &str) {
        self.put(object);
        self.emit(event, object, Some(before));
    }

    pub(super) fn emit(&mut self, kind: &str, object: &Value, before: Option<&Value>) {
        let mut data = json!({ "object": object });
        if let Some(before) = before {
            data.set("previous_attributes", changed_members(before, object));
        }
        let mut event = json!({
            "id": self.ids.id("evt"),
            "object": "event",
            "api_version": super::DEFAULT_VERSION,
            "created": self.now,
            "data": data,
            "livemode": false,
            "pending_webhooks": 1,
            "request": { "id": self.cause.request_id, "idempotency_key": self.cause.idempotency_key },
            "type": kind,
        });
        if !self.platform {
            event.set("account", self.id.clone());
        }
        self.put(&event);
        self.undelivered.push(event);
    }

    pub(super) fn do_later(&mut self, after: u64, what: Later) {
        self.later.push((self.now + after, self.clock.clone(), what));
    }

    /// Like [`do_later`](Self::do_later), at a time instead of after one.
    pub(super) fn do_at(&mut self, at: i64, what: Later) {
        let at = u64::try_from(at).unwrap_or_default().max(self.now);
        self.later.push((at, self.clock.clone(), what));
    }

    /// The time as objects hold it.
    pub(super) fn time(&self) -> i64 {
        i64::try_from(self.now).unwrap_or(i64::MAX)
    }

    /// The object that an id of whatever kind names.
    pub(super) fn by_id(&self, id: &str) -> Option<Value> {
        let prefix = id.rsplit_once('_').map_or("", |(prefix, _)| prefix);
        self.get(kind_of(prefix)?, id)
    }

    pub(super) fn note(&mut self, id: &str, name: &str, value: impl Into<Value>) {
        self.notes.entry(id.to_owned()).or_insert_with(|| json!({})).set(name, value);
    }

    pub(super) fn noted(&self, id: &str, name: &str) -> &Value {
        self.notes.get(id).map_or(&Value::Null, |notes| notes.at(&[name]))
    }

    /// Removes an object for good.
    pub(super) fn remove(&mut self, kind: &str, id: &str) {
        let Some(table) = self.tables.get_mut(kind) else { return };
        if let Some(at) = table.index.remove(id) {
            table.rows.remove(at);
            for place in table.index.values_mut().filter(|place| **place > at) {
                *place -= 1;
            }
        }
    }

    /// Moves the time of a clock on to what falls due next, not later than `now`, and gives it.
    pub(super) fn next_due(&mut self, clock: Option<&str>, now: u64) -> Option<Later> {
        let due =
            self.later.iter().enumerate().filter(|(_, (at, on, _))| *at <= now && on.as_deref() == clock);
        // Of several at one time, the one planned first.
        let (place, _) = due.min_by_key(|(place, (at, _, _))| (*at, *place))?;
        let (at, _, what) = self.later.remove(place);
        self.now = at;
        Some(what)
    }

    /// Forgets what was planned on a test clock.
    pub(super) fn forget_clock(&mut self, clock: &str) {
        self.later.retain(|(_, on, _)| on.as_deref() != Some(clock));
    }
}

/// The kind of object that an id's prefix stands for.
fn kind_of(prefix: &str) -> Option<&'static str> {
    Some(match prefix {
        "ch" | "py" => "charge",
        "clock" => "test_helpers.test_clock",
        "cs_test" => "checkout.session",
        "cus" => "customer",
        "du" => "dispute",
        "file" => "file",
        "ii" => "invoiceitem",
        "in" => "invoice",
        "inpay" => "invoice_payment",
        "pi" => "payment_intent",
        "plink" => "payment_link",
        "pm" => "payment_method",
        "po" => "payout",
        "price" => "price",
        "prod" => "product",
        "promo" => "promotion_code",
        "prv" => "review",
        "pyr" | "re" => "refund",
        "seti" => "setup_intent",
        "sub" => "subscription",
        "tr" => "transfer",
        "trr" => "transfer_reversal",
        "txi" => "tax_id",
        "txr" => "tax_rate",
        "txn" => "balance_transaction",
        _ => return None,
    })
}

fn changed_members(before: &Value, after: &Value) -> Map<String, Value> {
    let (Some(before), Some(after)) = (before.as_object(), after.as_object()) else { return Map::new() };
    let differing = before.iter().filter(|(name, value)| after.get(*name) != Some(value));
    differing.map(|(name, value)| (name.clone(), value.clone())).collect()
}
