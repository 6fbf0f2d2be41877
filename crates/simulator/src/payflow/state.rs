//! What a merchant account holds.

use std::collections::{HashMap, HashSet};

use bytes::Bytes;

use super::dates::{self, Day};
use super::nvp::{Fields, Reply};
use super::results::Refusal;
use super::{LoggedRequest, Settings};
use crate::ids::Ids;

/// How long a request id is remembered.
const REPLAYS_KEPT: u64 = 30 * dates::DAY;

/// How long a transaction can be referred to by a new one.
pub(super) const REFERENCES_KEPT: u64 = 365 * dates::DAY;

/// Currencies that the test processor takes, and their decimals.
const CURRENCIES: &[(&str, u32)] = &[
    ("AUD", 2),
    ("CAD", 2),
    ("CHF", 2),
    ("CZK", 2),
    ("DKK", 2),
    ("EUR", 2),
    ("GBP", 2),
    ("HKD", 2),
    ("JPY", 0),
    ("MXN", 2),
    ("NOK", 2),
    ("NZD", 2),
    ("PLN", 2),
    ("SEK", 2),
    ("SGD", 2),
    ("USD", 2),
];

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Money {
    pub(super) minor: i64,
    pub(super) currency: String,
}

impl Money {
    /// Reads an AMT: at most ten digits, and two decimals or none.
    pub(super) fn parse(amount: &str, currency: &str) -> Result<Self, Refusal> {
        let decimals = decimals_of(currency).ok_or_else(|| Refusal::of(6))?;
        let (whole, cents) =
            amount.split_once('.').map_or((amount, None), |(whole, cents)| (whole, Some(cents)));
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let cents_fit = cents.is_none_or(|cents| decimals == 2 && cents.len() == 2 && digits(cents));
        if !digits(whole) || !cents_fit || whole.len() + cents.map_or(0, str::len) > 10 {
            return Err(Refusal::of(4));
        }
        let number = |text: &str| text.parse::<i64>().map_err(|_| Refusal::of(4));
        let minor =
            if decimals == 0 { number(whole)? } else { number(whole)? * 100 + number(cents.unwrap_or("0"))? };
        Ok(Self { minor, currency: currency.to_owned() })
    }

    fn decimals(&self) -> u32 {
        decimals_of(&self.currency).unwrap_or(2)
    }

    /// The whole units, and what is left of them.
    pub(super) fn parts(&self) -> (i64, i64) {
        let unit = 10_i64.pow(self.decimals());
        (self.minor / unit, self.minor % unit)
    }

    pub(super) fn shown(&self) -> String {
        let (whole, rest) = self.parts();
        if self.decimals() == 0 { whole.to_string() } else { format!("{whole}.{rest:02}") }
    }
}

fn decimals_of(currency: &str) -> Option<u32> {
    CURRENCIES.iter().find(|(code, _)| *code == currency).map(|(_, decimals)| *decimals)
}

/// A card or a bank account.
#[derive(Clone, Default)]
pub(super) struct Account {
    pub(super) number: String,
    /// `MMYY`, for cards.
    pub(super) expiry: String,
    /// For bank accounts.
    pub(super) aba: String,
}

impl Account {
    pub(super) fn last_four(&self) -> &str {
        self.number.get(self.number.len().saturating_sub(4)..).unwrap_or(&self.number)
    }
}

/// What the processor said about a card.
#[derive(Clone, Debug, Default)]
pub(super) struct Checks {
    pub(super) auth_code: Option<String>,
    pub(super) street: Option<char>,
    pub(super) zip: Option<char>,
    pub(super) code: Option<char>,
    pub(super) network_id: Option<String>,
}

/// Where a transaction stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// No money in it: verifications, uploads, voids, decisions.
    NoMoney,
    Failed,
    /// Failed, and the bank still holds the amount (RESULT 112 and 114).
    FailedWithHold,
    Authorized,
    Captured,
    Pending,
    Settled,
    /// In review.
    Held,
    /// Nobody knows whether the bank did it; never settles.
    Limbo,
    /// A bank account's debit that came back.
    Returned,
}

#[derive(Clone)]
pub(super) struct Trx {
    pub(super) pnref: String,
    /// TRXTYPE.
    pub(super) kind: char,
    pub(super) tender: char,
    pub(super) result: i32,
    pub(super) message: String,
    pub(super) money: Option<Money>,
    pub(super) at: u64,
    pub(super) custref: String,
    pub(super) origin: Option<String>,
    pub(super) request_id: String,
    pub(super) account: Option<Account>,
    pub(super) fields: Fields,
    pub(super) checks: Checks,
    pub(super) phase: Phase,
    pub(super) voided: bool,
    /// Of an authorization, in minor units.
    pub(super) captured: i64,
    /// Of a sale or capture, in minor units.
    pub(super) refunded: i64,
    pub(super) batch: Option<(u64, u64)>,
    /// STATUS of a bank account's transaction.
    pub(super) status: Option<String>,
    /// The recurring profile that it belongs to.
    pub(super) profile: Option<String>,
}

impl Trx {
    pub(super) fn trans_state(&self) -> u32 {
        let authorizes = self.kind == 'A';
        let base = match self.phase {
            Phase::NoMoney => 0,
            Phase::Failed | Phase::FailedWithHold => 1,
            Phase::Authorized => 3,
            Phase::Captured => 9,
            Phase::Pending => 6,
            Phase::Settled => 8,
            Phase::Held if authorizes => 203,
            Phase::Held => 206,
            Phase::Limbo if authorizes => 103,
            Phase::Limbo => 106,
            Phase::Returned => 11,
        };
        if self.voided { base + 1000 } else { base }
    }

    pub(super) fn amount(&self) -> i64 {
        self.money.as_ref().map_or(0, |money| money.minor)
    }

    pub(super) fn currency(&self) -> &str {
        self.money.as_ref().map_or("USD", |money| money.currency.as_str())
    }
}

/// One payment of a profile; retries of it included.
#[derive(Clone, Debug)]
pub(super) struct ProfilePayment {
    pub(super) number: i64,
    /// The last attempt.
    pub(super) pnref: String,
    pub(super) result: i32,
}

#[derive(Clone)]
pub(super) struct Profile {
    pub(super) id: String,
    pub(super) status: &'static str,
    pub(super) name: String,
    pub(super) tender: char,
    pub(super) money: Money,
    pub(super) account: Account,
    pub(super) fields: Fields,
    /// The first payment's day, as START was given.
    pub(super) start: Day,
    /// From where pay periods count now.
    pub(super) anchor: Day,
    pub(super) periods_since_anchor: i64,
    pub(super) pay_period: String,
    /// 0 for no end.
    pub(super) term: i64,
    pub(super) periods_done: i64,
    pub(super) most_failures: i64,
    pub(super) failures: i64,
    pub(super) retry_days: i64,
    /// The day of the next retry, and how many are left after it.
    pub(super) retry: Option<(Day, i64)>,
    pub(super) payments: Vec<ProfilePayment>,
    pub(super) optional: Vec<String>,
    pub(super) total: i64,
    pub(super) optional_total: i64,
    pub(super) created: u64,
    pub(super) request_id: String,
}

impl Profile {
    /// The day of the next payment, while the term has one.
    pub(super) fn next_day(&self) -> Option<Day> {
        let over = self.term > 0 && self.payments_left() == 0;
        if over { None } else { dates::payment_day(self.anchor, &self.pay_period, self.periods_since_anchor) }
    }

    pub(super) fn payments_left(&self) -> i64 {
        if self.term == 0 { 0 } else { (self.term - self.periods_done).max(0) }
    }
}

/// A request id's answer.
struct Kept {
    at: u64,
    body: Bytes,
    answer: Reply,
    adds_profile: bool,
}

pub(super) struct Merchant {
    pub(super) partner: String,
    pub(super) vendor: String,
    /// Name and password; the first one is the vendor itself.
    pub(super) users: Vec<(String, String)>,
    pub(super) settings: Settings,
    pub(super) ids: Ids,
    /// Oldest first.
    pub(super) transactions: Vec<Trx>,
    index: HashMap<String, usize>,
    pub(super) profiles: Vec<Profile>,
    pub(super) batches: u64,
    replays: HashMap<String, Kept>,
    pub(super) running: HashSet<String>,
    pub(super) log: Vec<LoggedRequest>,
}

impl Merchant {
    pub(super) fn new(vendor: String, password: String, seed: u64) -> Self {
        Self {
            partner: "PayPal".to_owned(),
            users: vec![(vendor.clone(), password)],
            vendor,
            settings: Settings::default(),
            ids: Ids::new(seed),
            transactions: Vec::new(),
            index: HashMap::new(),
            profiles: Vec::new(),
            batches: 0,
            replays: HashMap::new(),
            running: HashSet::new(),
            log: Vec::new(),
        }
    }

    pub(super) fn mint_pnref(&mut self) -> String {
        loop {
            let pnref = format!("A10A{}", self.ids.letters(8).to_ascii_uppercase());
            if !self.index.contains_key(&pnref) {
                return pnref;
            }
        }
    }

    pub(super) fn keep(&mut self, trx: Trx) {
        self.index.insert(trx.pnref.clone(), self.transactions.len());
        self.transactions.push(trx);
    }

    pub(super) fn find(&self, pnref: &str) -> Option<&Trx> {
        self.index.get(pnref).and_then(|at| self.transactions.get(*at))
    }

    pub(super) fn find_mut(&mut self, pnref: &str) -> Option<&mut Trx> {
        self.index.get(pnref).and_then(|at| self.transactions.get_mut(*at))
    }

    /// The answer that a request id got before, marked as such.
    pub(super) fn replay(&self, request_id: &str, body: &Bytes, now: u64) -> Option<Reply> {
        let kept = self.replays.get(request_id).filter(|kept| now < kept.at.saturating_add(REPLAYS_KEPT))?;
        if self.settings.refuse_changed_retries && kept.body != *body {
            return Some(Reply::of(133).with("RESPMSG", Refusal::of(133).message));
        }
        if self.settings.profile_replays_answer_19 && kept.adds_profile {
            let text = Refusal::of(19).message;
            return Some(Reply::of(19).with("RESPMSG", text).with("DUPLICATE", "1"));
        }
        Some(kept.answer.clone().with("DUPLICATE", "1"))
    }

    pub(super) fn remember(&mut self, call: &Call, body: &Bytes, answer: &Reply) {
        let adds_profile = call.text("TRXTYPE") == Some("R") && call.text("ACTION") == Some("A");
        let kept = Kept { at: call.now, body: body.clone(), answer: answer.clone(), adds_profile };
        self.replays.insert(call.request_id.clone(), kept);
    }
}

/// How much of an answer was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Verbosity {
    Low,
    Medium,
    High,
}

/// One request, parsed.
pub(super) struct Call {
    pub(super) fields: Fields,
    pub(super) request_id: String,
    pub(super) now: u64,
}

impl Call {
    /// The value of a parameter; an empty one is none.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.fields.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    pub(super) fn number(&self, name: &str) -> Option<i64> {
        self.text(name).and_then(|value| value.parse().ok())
    }

    pub(super) fn kind(&self) -> char {
        self.text("TRXTYPE").and_then(|kind| kind.chars().next()).unwrap_or_default()
    }

    pub(super) fn tender(&self) -> char {
        self.text("TENDER").and_then(|tender| tender.chars().next()).unwrap_or('C')
    }

    pub(super) fn verbosity(&self) -> Verbosity {
        match self.text("VERBOSITY") {
            Some("HIGH") => Verbosity::High,
            Some("MEDIUM") => Verbosity::Medium,
            _ => Verbosity::Low,
        }
    }

    /// AMT with CURRENCY, which is US dollars when it is not said.
    pub(super) fn money(&self) -> Result<Option<Money>, Refusal> {
        let currency = self.text("CURRENCY").unwrap_or("USD");
        self.text("AMT").map(|amount| Money::parse(amount, currency)).transpose()
    }

    /// A transaction of this call, approved and without money; the caller fills in the rest.
    pub(super) fn begin(&self, pnref: String) -> Trx {
        Trx {
            pnref,
            kind: self.kind(),
            tender: self.tender(),
            result: 0,
            message: "Approved".to_owned(),
            money: None,
            at: self.now,
            custref: self.text("CUSTREF").unwrap_or_default().to_owned(),
            origin: self.text("ORIGID").map(str::to_owned),
            request_id: self.request_id.clone(),
            account: None,
            fields: super::fields::kept(&self.fields),
            checks: Checks::default(),
            phase: Phase::NoMoney,
            voided: false,
            captured: 0,
            refunded: 0,
            batch: None,
            status: None,
            profile: None,
        }
    }
}
