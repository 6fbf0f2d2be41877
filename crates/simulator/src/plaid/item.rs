//! An item: one login at one bank, its accounts, and what time does to it.

use serde_json::{Value, json};

use super::Settings;
use super::accounts::Account;
use super::dates::{self, DAY};
use super::error::ApiError;
use super::institutions::Institution;
use super::ledger::{Ledger, Status};

pub(super) struct Item {
    pub(super) id: String,
    pub(super) bank: &'static Institution,
    pub(super) username: String,
    pub(super) webhook: Option<String>,
    pub(super) products: Vec<String>,
    pub(super) created: u64,
    pub(super) accounts: Vec<Account>,
    pub(super) ledger: Option<Ledger>,
    pub(super) error: Option<ApiError>,
    pub(super) removed: bool,
    /// When the login was last good, from which its life counts.
    pub(super) login_at: u64,
    pub(super) days_requested: i64,
    pub(super) last_webhook: Option<(u64, String)>,
    pub(super) consent_ends: Option<u64>,
    /// The seed of its ledger.
    pub(super) seed: u64,
}

/// What happens to an item by itself.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    LoginEnds,
    Initial,
    Historical,
    Update,
}

/// At most so many days of updates at one look; what lies further back is skipped.
const MOST_DAYS: i64 = 800;

/// The hour at which banks are asked for news.
const UPDATE_AT: u64 = 6 * 3600;

impl Item {
    /// Queues a webhook, where the item has an address for it.
    pub(super) fn notify(
        &mut self,
        outbox: &mut Vec<(Value, String)>,
        now: u64,
        kind: &str,
        code: &str,
        more: Value,
    ) {
        let Some(url) = &self.webhook else { return };
        let mut body = json!({ "webhook_type": kind, "webhook_code": code, "item_id": self.id });
        if let (Some(fields), Value::Object(more)) = (body.as_object_mut(), more) {
            fields.extend(more);
            fields.insert("environment".to_owned(), "sandbox".into());
        }
        outbox.push((body, url.clone()));
        self.last_webhook = Some((now, code.to_owned()));
    }

    /// The item fails from now on with this, until somebody mends it.
    pub(super) fn fail(&mut self, error: ApiError, now: u64, outbox: &mut Vec<(Value, String)>) {
        let told = error.told();
        self.error = Some(error);
        self.notify(outbox, now, "ITEM", "ERROR", json!({ "error": told }));
    }

    pub(super) fn mend(&mut self, now: u64) {
        self.error = None;
        self.login_at = now;
    }

    /// Begins to gather transactions, unless that began before.
    pub(super) fn begin_ledger(&mut self, now: u64, days_requested: Option<i64>) {
        let days = days_requested.unwrap_or(self.days_requested);
        let seed = self.seed;
        self.ledger.get_or_insert_with(|| Ledger::new(now, days, seed));
    }

    pub(super) fn account(&self, id: &str) -> Option<&Account> {
        self.accounts.iter().find(|account| account.id == id)
    }

    fn next_event(&self, settings: &Settings) -> Option<(u64, Event)> {
        let ends = settings.login_lasts_days.map(|days| (self.login_at + days * DAY, Event::LoginEnds));
        let ledger = self.ledger.as_ref().map(|ledger| match ledger.status {
            Status::NotReady => (ledger.began + settings.initial_after, Event::Initial),
            Status::Initial => {
                let at = ledger.began + settings.historical_after.max(settings.initial_after);
                (at, Event::Historical)
            }
            Status::Historical => {
                (u64::try_from(ledger.next_day).unwrap_or_default() * DAY + UPDATE_AT, Event::Update)
            }
        });
        ends.into_iter().chain(ledger).min()
    }

    /// Moves it to the present. An item that fails, and one whose bank is down, gets no news until that is over.
    pub(super) fn advance(
        &mut self,
        now: u64,
        settings: &Settings,
        bank_is_down: bool,
        outbox: &mut Vec<(Value, String)>,
    ) {
        if self.removed {
            return;
        }
        if let Some(ledger) = &mut self.ledger {
            ledger.next_day = ledger.next_day.max(dates::day_of(now) - MOST_DAYS);
        }
        while self.error.is_none() {
            let Some((at, event)) = self.next_event(settings).filter(|(at, _)| *at <= now) else { return };
            if event == Event::LoginEnds {
                self.fail(ApiError::of("ITEM_LOGIN_REQUIRED"), at, outbox);
                return;
            }
            if bank_is_down {
                return;
            }
            self.gather(event, at, settings, outbox);
        }
    }

    fn gather(&mut self, event: Event, at: u64, settings: &Settings, outbox: &mut Vec<(Value, String)>) {
        let Some(ledger) = &mut self.ledger else { return };
        let today = dates::day_of(at);
        ledger.updated = at;
        let (code, news) = match event {
            Event::Initial => {
                ("INITIAL_UPDATE", ledger.load_initial(&self.accounts, settings.purchases_a_day))
            }
            Event::Historical => {
                ("HISTORICAL_UPDATE", ledger.load_history(&self.accounts, settings.purchases_a_day))
            }
            Event::LoginEnds | Event::Update => {
                ("DEFAULT_UPDATE", ledger.live_through(&self.accounts, today, settings.purchases_a_day))
            }
        };
        let always = event != Event::Update;
        self.tell(code, &news, always, at, outbox);
    }

    /// The webhooks about news of the ledger.
    pub(super) fn tell(
        &mut self,
        code: &str,
        news: &super::ledger::News,
        always: bool,
        at: u64,
        outbox: &mut Vec<(Value, String)>,
    ) {
        let Some(ledger) = &self.ledger else { return };
        let (synced, historical) = (ledger.synced, ledger.status == Status::Historical);
        if always || news.added > 0 {
            let more = json!({ "new_transactions": news.added, "error": null });
            self.notify(outbox, at, "TRANSACTIONS", code, more);
        }
        if !news.removed.is_empty() {
            let more = json!({ "removed_transactions": news.removed, "error": null });
            self.notify(outbox, at, "TRANSACTIONS", "TRANSACTIONS_REMOVED", more);
        }
        if synced && (always || !news.is_empty()) {
            let more = json!({ "initial_update_complete": true, "historical_update_complete": historical });
            self.notify(outbox, at, "TRANSACTIONS", "SYNC_UPDATES_AVAILABLE", more);
        }
    }

    /// The item as every endpoint shows it.
    pub(super) fn shown(&self) -> Value {
        let has = |product: &&&str| self.products.iter().any(|known| known == **product);
        let open: Vec<_> = self.bank.products.iter().filter(|product| !has(product)).collect();
        json!({
            "item_id": self.id,
            "institution_id": self.bank.id,
            "institution_name": self.bank.name,
            "webhook": self.webhook.clone().unwrap_or_default(),
            "auth_method": self.products.iter().any(|product| product == "auth").then_some("INSTANT_AUTH"),
            "error": self.error.as_ref().map(ApiError::told),
            "available_products": open,
            "billed_products": self.products,
            "products": self.products,
            "consented_products": self.products,
            "consent_expiration_time": self.consent_ends.map(dates::instant),
            "created_at": dates::instant(self.created),
            "update_type": "background",
        })
    }
}
