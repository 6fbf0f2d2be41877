//! The vendor's side of bank data: sessions, logins, and ledgers that change from day to day by a script.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use turnbuckle_core::bank_data::{Decimal, ItemState, SyncHistory};
use turnbuckle_core::{Error, ErrorKind, Result};

use super::Bug;
use crate::conformance::{BankAccountLine, BankLine};

/// The one bank.
pub(super) const BANK: (&str, &str) = ("ref_bank_1", "First Reference Bank");

/// How long a session lives.
const SESSION: TimeDelta = TimeDelta::hours(4);

/// How long what a browser returned can be exchanged.
const RETURNED: TimeDelta = TimeDelta::minutes(30);

/// What a booked transaction changes, by its place in the script: in cents, in more decimals than cents, in nothing.
const CHANGES: [(i64, u32); 7] =
    [(-540, 2), (-8940, 2), (207_850, 2), (-1, 2), (-236_319_805, 4), (1250, 0), (0, 2)];

#[derive(Default)]
pub(super) struct BankBooks {
    sessions: BTreeMap<String, Session>,
    returned: BTreeMap<String, Returned>,
    logins: BTreeMap<String, Login>,
    made: u32,
}

struct Session {
    ends_at: DateTime<Utc>,
    mends: Option<String>,
}

struct Returned {
    ends_at: DateTime<Utc>,
    used: bool,
}

/// One login at the bank, by its access token.
pub(super) struct Login {
    pub(super) id: String,
    pub(super) state: ItemState,
    open: bool,
    day: u32,
    lines: u32,
    /// What the vendor has to push, oldest first.
    pub(super) news: Vec<&'static str>,
    /// What each transaction became, oldest first; nothing when it was taken back.
    log: Vec<(String, Option<BankLine>)>,
}

/// One change since a cursor.
pub(super) enum Net {
    Added(BankLine),
    Modified(BankLine),
    Removed(BankLine),
}

/// One page of changes.
pub(super) struct Changes {
    pub(super) list: Vec<Net>,
    pub(super) next: Option<String>,
    pub(super) more: bool,
    pub(super) history: SyncHistory,
}

fn no_such_token() -> Error {
    Error::new(ErrorKind::NotFound, "no such token").with_code("no_such_token")
}

impl BankBooks {
    fn token(&mut self, kind: &str) -> String {
        self.made += 1;
        format!("{kind}-reference-sentinel-{:06}", self.made)
    }

    /// A session to link, or to mend what this token opens.
    pub(super) fn session(
        &mut self,
        mends: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<(String, DateTime<Utc>)> {
        if let Some(token) = mends {
            self.login(token)?;
        }
        let token = self.token("session");
        let ends_at = now + SESSION;
        self.sessions.insert(token.clone(), Session { ends_at, mends: mends.map(str::to_owned) });
        Ok((token, ends_at))
    }

    /// The person signs in: what comes back from the browser. Nothing, when the session is over or is one to mend.
    pub(super) fn person_links(&mut self, session: &str, now: DateTime<Utc>) -> Option<String> {
        let open = self.sessions.get(session).is_some_and(|open| open.mends.is_none() && now < open.ends_at);
        if !open {
            return None;
        }
        let token = self.token("public");
        self.returned.insert(token.clone(), Returned { ends_at: now + RETURNED, used: false });
        Some(token)
    }

    /// The person signs in again. Nothing happens when the session is over or is not one to mend.
    pub(super) fn person_mends(&mut self, session: &str, now: DateTime<Utc>) {
        let mends = self.sessions.get(session).filter(|open| now < open.ends_at).and_then(|open| {
            let token = open.mends.as_ref()?;
            self.logins.get_mut(token)
        });
        if let Some(login) = mends
            && login.state != ItemState::Revoked
        {
            login.state = ItemState::Healthy;
            login.news.push("item.repaired");
        }
    }

    pub(super) fn exchange(
        &mut self,
        returned: &str,
        now: DateTime<Utc>,
        repeats: bool,
    ) -> Result<(String, String)> {
        let fits = |known: &&mut Returned| (!known.used || repeats) && now < known.ends_at;
        let known = self.returned.get_mut(returned).filter(fits);
        known.ok_or_else(no_such_token)?.used = true;
        let token = self.token("access");
        let id = format!("item_{:06}", self.made);
        self.logins.insert(token.clone(), Login::new(id.clone()));
        Ok((token, id))
    }

    /// What this token opens, if it still does.
    pub(super) fn login(&self, token: &str) -> Result<&Login> {
        self.logins.get(token).filter(|login| login.open).ok_or_else(no_such_token)
    }

    /// What this token opens, if data flows.
    pub(super) fn working(&self, token: &str) -> Result<&Login> {
        let login = self.login(token)?;
        match login.state {
            ItemState::LoginRequired => {
                Err(Error::new(ErrorKind::ActionRequired, "the person must sign in").with_code("sign_in"))
            }
            ItemState::Revoked => {
                Err(Error::new(ErrorKind::ActionRequired, "the link was ended").with_code("revoked"))
            }
            ItemState::InstitutionDown => {
                Err(Error::new(ErrorKind::Unavailable, "the bank does not answer").with_code("bank_down"))
            }
            _ => Ok(login),
        }
    }

    pub(super) fn with_login(&mut self, token: &str, change: impl FnOnce(&mut Login)) {
        if let Some(login) = self.logins.get_mut(token) {
            change(login);
        }
    }

    pub(super) fn end(&mut self, token: &str) -> Result<()> {
        let login = self.logins.get_mut(token).filter(|login| login.open);
        login.ok_or_else(no_such_token)?.open = false;
        Ok(())
    }

    /// How many links are open.
    pub(super) fn open(&self) -> usize {
        self.logins.values().filter(|login| login.open).count()
    }
}

impl Login {
    pub(super) fn new(id: String) -> Self {
        Self {
            id,
            state: ItemState::Healthy,
            open: true,
            day: 0,
            lines: 0,
            news: Vec::new(),
            log: Vec::new(),
        }
    }

    /// What the ledger is after so many entries of the log.
    fn at(&self, end: usize) -> BTreeMap<&str, &BankLine> {
        let mut lines = BTreeMap::new();
        for (id, line) in self.log.iter().take(end) {
            match line {
                Some(line) => lines.insert(id.as_str(), line),
                None => lines.remove(id.as_str()),
            };
        }
        lines
    }

    pub(super) fn ledger(&self) -> Vec<BankLine> {
        self.at(self.log.len()).into_values().cloned().collect()
    }

    /// What changed between two places of the log, each transaction once.
    fn changes(&self, start: usize, end: usize) -> Vec<Net> {
        let (before, after) = (self.at(start), self.at(end));
        let mut seen = BTreeSet::new();
        let mut list = Vec::new();
        for (id, _) in self.log.iter().take(end).skip(start).rev().filter(|(id, _)| seen.insert(id)) {
            match (before.get(id.as_str()), after.get(id.as_str())) {
                (None, Some(line)) => list.push(Net::Added((*line).clone())),
                (Some(_), Some(line)) => list.push(Net::Modified((*line).clone())),
                (Some(line), None) => list.push(Net::Removed((*line).clone())),
                (None, None) => {}
            }
        }
        list.reverse();
        list
    }

    /// A page of changes. A cursor says of which login, from where, to where, and how many were told.
    pub(super) fn page(
        &self,
        cursor: Option<&str>,
        size: usize,
        has: impl Fn(Bug) -> bool,
    ) -> Result<Changes> {
        let refused = || Error::invalid_field("cursor", "is not one of this link");
        let now = self.log.len();
        let (start, mut end, told) = match cursor.filter(|_| !has(Bug::ForgetsCursors)) {
            None => (0, now, 0),
            Some(text) => {
                let (of, numbers) = text.split_once('.').ok_or_else(refused)?;
                if of != self.id && !has(Bug::SharesCursors) {
                    return Err(refused());
                }
                let mut numbers = numbers.split('.').map(str::parse::<usize>);
                let mut next = || numbers.next().and_then(Result::ok).ok_or_else(refused);
                match (next()?, next()?, next()?) {
                    (_, end, 0) => (end, now, 0),
                    (start, end, told) => (start, end, told),
                }
            }
        };
        if self.day == 0 {
            let next = has(Bug::PointsNowhere).then(|| format!("{}.0.0.0", self.id));
            return Ok(Changes { list: Vec::new(), next, more: false, history: SyncHistory::NotReady });
        }
        if end != now {
            if !has(Bug::HidesChangesWhilePaging) {
                return Err(Error::new(ErrorKind::Conflict, "the data changed while it was paged through")
                    .with_code("changed_while_paging"));
            }
            end = now;
        }
        let mut list = self.changes(start, end);
        let more = list.len() > told + size && !has(Bug::EndsPagesEarly);
        let next = if more {
            format!("{}.{start}.{end}.{}", self.id, told + size)
        } else {
            format!("{}.{end}.{end}.0", self.id)
        };
        list = list.into_iter().skip(told).take(size).collect();
        let history = if self.day == 1 { SyncHistory::Initial } else { SyncHistory::Historical };
        Ok(Changes { list, next: Some(next), more, history })
    }

    pub(super) fn accounts(&self) -> Vec<BankAccountLine> {
        let day = i64::from(self.day);
        vec![
            BankAccountLine::new(self.account("checking"), "Everyday Sentinel 4711")
                .with_mask(Some("0000"))
                .with_balance(Some(Decimal::new(10_000 + day, 2)), Some(Decimal::new(11_000, 2)), Some("USD"))
                .with_number(Some("1111222233330000"))
                .with_owner("Robin Doe"),
            BankAccountLine::new(self.account("points"), "Bonus Sentinel 0815").with_balance(
                None,
                Some(Decimal::new(3_204_805, 4)),
                Some("REFPOINTS"),
            ),
        ]
    }

    fn account(&self, kind: &str) -> String {
        format!("acc_{}_{kind}", self.id)
    }

    fn book(&mut self, date: NaiveDate, pending: bool, replaces: Option<&BankLine>) {
        self.lines += 1;
        let number = self.lines as usize;
        let (points, currency) = if number.is_multiple_of(5) { (true, "REFPOINTS") } else { (false, "USD") };
        let account = self.account(if points { "points" } else { "checking" });
        let (value, scale) = CHANGES.get(number % CHANGES.len()).copied().unwrap_or_default();
        let line = if let Some(earlier) = replaces {
            BankLine::new("", &earlier.account, earlier.change, date, &earlier.name)
                .with_currency(earlier.currency.clone())
        } else {
            let name = format!("Sentinel Purchase {number}");
            BankLine::new("", account, Decimal::new(value, scale), date, name).with_currency(Some(currency))
        };
        let id = format!("tx_{}_{number:04}", self.id);
        let mut line = line.with_pending(pending).with_replaces(replaces.map(|earlier| earlier.id.clone()));
        line.id.clone_from(&id);
        self.log.push((id, Some(line)));
    }

    /// A day passes. On the first the last weeks arrive, on the second the rest; from the third on what is pending is
    /// booked under a new id, the newest is corrected, the oldest taken back, and new ones come.
    pub(super) fn day(&mut self, today: NaiveDate) {
        self.day += 1;
        self.news.push("transactions.available");
        let earlier = |days| today.checked_sub_signed(TimeDelta::days(days)).unwrap_or(today);
        match self.day {
            1 => {
                (1..10).for_each(|days| self.book(earlier(days), false, None));
                self.book(today, true, None);
            }
            2 => (30..44).for_each(|days| self.book(earlier(days), false, None)),
            _ => {
                let (pending, booked): (Vec<_>, Vec<_>) =
                    self.ledger().into_iter().partition(|line| line.pending);
                if let Some(oldest) = booked.first() {
                    self.log.push((oldest.id.clone(), None));
                }
                if let Some(mut newest) = booked.last().cloned() {
                    newest.change -= Decimal::new(5, 2);
                    newest.name += " corrected";
                    self.log.push((newest.id.clone(), Some(newest)));
                }
                for line in pending {
                    self.log.push((line.id.clone(), None));
                    self.book(today, false, Some(&line));
                }
                self.book(today, false, None);
                self.book(today, true, None);
                self.book(today, true, None);
            }
        }
    }
}
