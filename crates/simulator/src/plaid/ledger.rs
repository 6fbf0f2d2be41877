//! The transactions of an item, and the order in which they came, changed and went.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::accounts::Account;
use super::amount::Amount;
use super::arrivals::{self, CATEGORIES, Purchase};
use super::dates;
use crate::ids::Ids;

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    NotReady,
    Initial,
    Historical,
}

impl Status {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::NotReady => "NOT_READY",
            Self::Initial => "INITIAL_UPDATE_COMPLETE",
            Self::Historical => "HISTORICAL_UPDATE_COMPLETE",
        }
    }
}

/// A transaction, gone ones included.
#[derive(Clone)]
pub(super) struct Row {
    pub(super) id: String,
    pub(super) account: String,
    pub(super) amount: Amount,
    pub(super) iso: Option<String>,
    pub(super) unofficial: Option<String>,
    pub(super) day: i64,
    pub(super) authorized: Option<i64>,
    pub(super) name: String,
    pub(super) merchant: Option<String>,
    /// A place in [`CATEGORIES`].
    pub(super) category: usize,
    pub(super) channel: &'static str,
    pub(super) pending: bool,
    pub(super) pending_id: Option<String>,
    /// The stream that it belongs to, when it repeats.
    pub(super) series: Option<&'static str>,
    /// What a script set beyond that, by the vendor's names.
    pub(super) extra: Map<String, Value>,
    /// When in the order of changes it came, last changed, and went.
    pub(super) created: u64,
    pub(super) changed: u64,
    pub(super) removed: Option<u64>,
}

/// What becomes of a transaction by itself on a later day.
#[derive(Clone, Copy)]
pub(super) enum Fate {
    /// A pending one is booked, for this share of its amount in percent.
    Posts(i128),
    /// A pending one is never booked, or a booked one is taken back.
    Vanishes,
    /// The merchant is recognized.
    Cleaned,
}

/// What an update did.
#[derive(Default)]
pub(super) struct News {
    pub(super) added: u64,
    pub(super) modified: u64,
    pub(super) removed: Vec<String>,
}

impl News {
    pub(super) fn is_empty(&self) -> bool {
        self.added == 0 && self.modified == 0 && self.removed.is_empty()
    }
}

pub(super) struct Ledger {
    pub(super) rows: Vec<Row>,
    /// Counts changes.
    pub(super) counter: u64,
    pub(super) status: Status,
    pub(super) began: u64,
    pub(super) days_requested: i64,
    /// Whether anybody has synced it, from when on SYNC_UPDATES_AVAILABLE is sent.
    pub(super) synced: bool,
    pub(super) next_day: i64,
    pub(super) updated: u64,
    fates: BTreeMap<i64, Vec<(usize, Fate)>>,
    ids: Ids,
    seed: u64,
}

/// How far back the first part of a history reaches.
const INITIAL_DAYS: i64 = 30;

impl Ledger {
    pub(super) fn new(now: u64, days_requested: i64, seed: u64) -> Self {
        Self {
            rows: Vec::new(),
            counter: 0,
            status: Status::NotReady,
            began: now,
            days_requested,
            synced: false,
            next_day: i64::MAX / 2,
            updated: now,
            fates: BTreeMap::new(),
            ids: Ids::new(seed),
            seed,
        }
    }

    pub(super) fn live(&self) -> impl DoubleEndedIterator<Item = &Row> {
        self.rows.iter().filter(|row| row.removed.is_none())
    }

    fn tick(&mut self) -> u64 {
        self.counter += 1;
        self.counter
    }

    /// Puts a row in and gives its place. Its id is made here, unless it has one.
    pub(super) fn add(&mut self, mut row: Row) -> usize {
        if row.id.is_empty() {
            row.id = self.ids.letters(37);
        }
        row.created = self.tick();
        row.changed = row.created;
        self.rows.push(row);
        self.rows.len() - 1
    }

    pub(super) fn change(&mut self, at: usize, act: impl FnOnce(&mut Row)) {
        let stamp = self.tick();
        if let Some(row) = self.rows.get_mut(at) {
            act(row);
            row.changed = stamp;
        }
    }

    pub(super) fn remove(&mut self, at: usize) {
        let stamp = self.tick();
        if let Some(row) = self.rows.get_mut(at) {
            row.removed = Some(stamp);
        }
    }

    /// Books a pending transaction: it goes, and another comes that names it.
    pub(super) fn post(&mut self, at: usize, day: i64, percent: i128) -> Option<usize> {
        let pending = self.rows.get(at).filter(|row| row.pending && row.removed.is_none())?.clone();
        self.remove(at);
        Some(self.add(Row {
            id: String::new(),
            pending: false,
            pending_id: Some(pending.id.clone()),
            day,
            authorized: pending.authorized.or(Some(pending.day)),
            amount: pending.amount.percent(percent),
            ..pending
        }))
    }

    pub(super) fn load_initial(&mut self, accounts: &[Account], a_day: u64) -> News {
        let today = dates::day_of(self.began);
        let first = today - self.days_requested.min(INITIAL_DAYS) + 1;
        let news = self.load(accounts, first..=today, today, a_day);
        (self.status, self.next_day) = (Status::Initial, today + 1);
        news
    }

    pub(super) fn load_history(&mut self, accounts: &[Account], a_day: u64) -> News {
        let today = dates::day_of(self.began);
        let first_loaded = today - self.days_requested.min(INITIAL_DAYS) + 1;
        let first = today - self.days_requested + 1;
        let news = self.load(accounts, first..=first_loaded - 1, today, a_day);
        self.status = Status::Historical;
        news
    }

    fn load(
        &mut self,
        accounts: &[Account],
        days: std::ops::RangeInclusive<i64>,
        today: i64,
        a_day: u64,
    ) -> News {
        let mut news = News::default();
        for day in days {
            for purchase in arrivals::of_day(accounts, day, a_day, self.seed) {
                self.arrive(purchase, today);
                news.added += 1;
            }
        }
        news
    }

    /// Everything that happens on one day, the next one by the bank's calendar.
    pub(super) fn live_through(&mut self, accounts: &[Account], today: i64, a_day: u64) -> News {
        let mut news = self.meet_fates(today);
        for purchase in arrivals::of_day(accounts, today, a_day, self.seed) {
            self.arrive(purchase, today);
            news.added += 1;
        }
        self.next_day = today + 1;
        news
    }

    /// The bank is asked between two updates: what is due, and up to three new purchases.
    pub(super) fn refresh(&mut self, accounts: &[Account], today: i64, a_day: u64) -> News {
        let mut news = self.meet_fates(today);
        let salted = self.seed ^ self.counter.wrapping_mul(0x2545_F491_4F6C_DD1D);
        for purchase in arrivals::of_day(accounts, today, a_day.min(3), salted) {
            if purchase.pends {
                self.arrive(purchase, today);
                news.added += 1;
            }
        }
        news
    }

    fn meet_fates(&mut self, today: i64) -> News {
        let mut news = News::default();
        let later = self.fates.split_off(&(today + 1));
        let due = std::mem::replace(&mut self.fates, later);
        for (at, fate) in due.into_values().flatten() {
            if self.rows.get(at).is_some_and(|row| row.removed.is_none()) {
                self.meet(at, fate, today, &mut news);
            }
        }
        news
    }

    fn meet(&mut self, at: usize, fate: Fate, today: i64, news: &mut News) {
        match fate {
            Fate::Posts(percent) => {
                let id = self.rows.get(at).map(|row| row.id.clone()).unwrap_or_default();
                if let Some(posted) = self.post(at, today, percent) {
                    news.removed.push(id);
                    news.added += 1;
                    self.decide_posted(posted, today, today);
                }
            }
            Fate::Vanishes => {
                news.removed.extend(self.rows.get(at).map(|row| row.id.clone()));
                self.remove(at);
            }
            Fate::Cleaned => {
                news.modified += 1;
                self.change(at, |row| {
                    let clean = arrivals::clean(&row.name);
                    row.merchant = row.merchant.take().or_else(|| Some(clean.clone()));
                    row.name = clean;
                });
            }
        }
    }

    /// A purchase of an earlier day is booked already; what is to become of a newer one is decided now.
    fn arrive(&mut self, purchase: Purchase, today: i64) {
        let day = purchase.day;
        let pending = purchase.pends && day > today - 2;
        let at = self.add(purchase.row(pending));
        if !pending {
            self.decide_posted(at, day, today);
            return;
        }
        let fate = match self.ids.below(40) {
            0 => Fate::Vanishes,
            1..=4 => Fate::Posts(118),
            _ => Fate::Posts(100),
        };
        let later = 1 + i64::try_from(self.ids.below(3)).unwrap_or_default();
        self.fates.entry(today.max(day) + later).or_default().push((at, fate));
    }

    fn decide_posted(&mut self, at: usize, day: i64, today: i64) {
        let (later, fate) = match self.ids.below(200) {
            0 => (5, Fate::Vanishes),
            1..=7 => (3, Fate::Cleaned),
            _ => return,
        };
        if day + later > today {
            self.fates.entry(day + later).or_default().push((at, fate));
        }
    }
}

/// How a transaction is shown.
#[derive(Clone, Copy)]
pub(super) struct View {
    pub(super) original_description: bool,
    /// `v1` or `v2`.
    pub(super) categories: &'static str,
}

impl Row {
    /// The last change, in the order of changes.
    pub(super) fn last(&self) -> u64 {
        self.removed.unwrap_or(self.changed)
    }

    pub(super) fn shown(&self, view: View) -> Value {
        let (primary, detailed) = CATEGORIES.get(self.category).copied().unwrap_or(("OTHER", "OTHER_OTHER"));
        let counterparties = self.merchant.as_ref().map(|name| {
            json!({
                "name": name, "entity_id": null, "type": "merchant", "website": null, "logo_url": null,
                "confidence_level": "HIGH",
            })
        });
        let mut fields = json!({
            "transaction_id": self.id,
            "account_id": self.account,
            "account_owner": null,
            "amount": self.amount.value(),
            "iso_currency_code": self.iso,
            "unofficial_currency_code": self.unofficial,
            "date": dates::shown(self.day),
            "datetime": null,
            "authorized_date": self.authorized.map(dates::shown),
            "authorized_datetime": null,
            "name": self.name,
            "merchant_name": self.merchant,
            "merchant_entity_id": null,
            "logo_url": null,
            "website": null,
            "pending": self.pending,
            "pending_transaction_id": self.pending_id,
            "payment_channel": self.channel,
            "payment_meta": {
                "reference_number": null, "ppd_id": null, "payee": null, "by_order_of": null, "payer": null,
                "payment_method": null, "payment_processor": null, "reason": null,
            },
            "location": {
                "address": null, "city": null, "region": null, "postal_code": null, "country": null, "lat": null,
                "lon": null, "store_number": null,
            },
            "transaction_code": null,
            "transaction_type": if self.channel == "online" { "digital" } else { "place" },
            "check_number": null,
            "category": null,
            "category_id": null,
            "counterparties": counterparties.into_iter().collect::<Vec<_>>(),
            "personal_finance_category": {
                "primary": primary, "detailed": detailed, "confidence_level": "VERY_HIGH", "version": view.categories,
            },
            "personal_finance_category_icon_url": format!("https://plaid-category-icons.plaid.com/PFC_{primary}.png"),
        });
        if let Some(fields) = fields.as_object_mut() {
            if view.original_description {
                fields.insert("original_description".to_owned(), self.name.to_uppercase().into());
            }
            fields.extend(self.extra.clone());
        }
        fields
    }
}
