//! What one NMI account holds.

use std::collections::HashMap;

use serde_json::Value;

use super::LoggedRequest;
use super::instrument::{Instrument, Means};
use super::plans::Plan;
use super::reply::Refused;
use super::settlement::Batch;
use super::subscriptions::Subscription;
use super::vault::Customer;
use crate::calendar::date_of;
use crate::ids::Ids;

/// One thing that was done to a transaction, as queries list it.
#[derive(Clone, Debug)]
pub(super) struct Action {
    /// `sale`, `auth`, `capture`, `void`, `refund`, `credit`, `validate`, `offline`, `settle`, `check_return`
    /// or `check_late_return`.
    pub(super) kind: &'static str,
    /// In cents; negative where money goes back.
    pub(super) cents: i64,
    pub(super) at: u64,
    pub(super) success: bool,
    /// `api`, `recurring` or `internal`.
    pub(super) source: &'static str,
    pub(super) text: String,
    pub(super) code: String,
    pub(super) batch: String,
    pub(super) ip: String,
}

#[derive(Clone, Debug)]
pub(super) struct Transaction {
    pub(super) id: String,
    pub(super) instrument: Instrument,
    pub(super) currency: String,
    pub(super) processor: String,
    pub(super) order_id: String,
    pub(super) authcode: String,
    pub(super) avs: &'static str,
    pub(super) csc: &'static str,
    /// Everything else the request said, without credentials and numbers.
    pub(super) fields: Vec<(String, String)>,
    /// The vault's customer and billing id.
    pub(super) stored: Option<(String, String)>,
    pub(super) subscription: Option<String>,
    pub(super) refund_of: Option<String>,
    /// Made in test mode: approved for show, and never settled.
    pub(super) test: bool,
    pub(super) actions: Vec<Action>,
}

impl Transaction {
    pub(super) fn field(&self, name: &str) -> &str {
        self.fields.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    pub(super) fn condition(&self) -> &'static str {
        condition(&self.actions)
    }

    fn sum(&self, kinds: &[&str]) -> i64 {
        let counted = self.actions.iter().filter(|action| action.success && kinds.contains(&action.kind));
        counted.map(|action| action.cents).sum()
    }

    /// Whether a successful action of this kind is among its actions.
    pub(super) fn has(&self, kind: &str) -> bool {
        self.actions.iter().any(|action| action.success && action.kind == kind)
    }

    /// Cents that the card holder's bank set aside or paid; nothing once voided.
    pub(super) fn authorized(&self) -> i64 {
        if self.has("void") { 0 } else { self.sum(&["auth", "sale", "offline"]) }
    }

    /// Cents taken, or (negative) given back. A voided or returned one took nothing.
    pub(super) fn moved(&self) -> i64 {
        if self.has("void") || self.has("check_return") || self.has("check_late_return") {
            return 0;
        }
        self.sum(&["sale", "capture", "offline", "refund", "credit"])
    }
}

/// The condition that a list of actions amounts to. A late return leaves `complete` standing: it shows in the
/// actions alone, which is the reading that hides it best.
pub(super) fn condition(actions: &[Action]) -> &'static str {
    let mut condition = "unknown";
    for (place, action) in actions.iter().enumerate() {
        condition = match action.kind {
            _ if !action.success && place > 0 => condition,
            _ if !action.success && matches!(action.code.as_str(), "420" | "421") => "unknown",
            _ if !action.success => "failed",
            "auth" => "pending",
            "void" => "canceled",
            "settle" | "validate" => "complete",
            "check_return" => "failed",
            "check_late_return" => condition,
            _ => "pendingsettlement",
        };
    }
    condition
}

/// What an account is set up for.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "switches of the merchant's settings, one by one")]
pub(super) struct Settings {
    pub(super) test_mode: bool,
    /// Seconds in which the same card and amount count as a duplicate; 0 is never.
    pub(super) duplicate_window: u64,
    /// Whether a request may bring its own window.
    pub(super) window_per_request: bool,
    pub(super) credits: bool,
    pub(super) checks: bool,
    pub(super) vault: bool,
    pub(super) recurring: bool,
    /// Seconds that the query index lags behind.
    pub(super) index_lag: u64,
    /// Whether a refund shows among the actions of the payment too, beside its own transaction.
    pub(super) refunds_on_payment: bool,
    /// Whether a refund's own transaction names the payment.
    pub(super) refunds_name_payment: bool,
    /// Whether answers to payments echo more than the usual fields.
    pub(super) echo_more: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            test_mode: false,
            duplicate_window: 1_200,
            window_per_request: true,
            credits: true,
            checks: true,
            vault: true,
            recurring: true,
            index_lag: 0,
            refunds_on_payment: false,
            refunds_name_payment: true,
            echo_more: false,
        }
    }
}

pub(super) struct Keys {
    pub(super) security: String,
    /// May take payments but not query.
    pub(super) payments_only: String,
    /// Public, for Collect.js.
    pub(super) tokenization: String,
    pub(super) username: String,
    pub(super) password: String,
    pub(super) webhook: String,
}

pub(super) struct Account {
    pub(super) now: u64,
    pub(super) ids: Ids,
    pub(super) merchant: String,
    pub(super) keys: Keys,
    pub(super) settings: Settings,
    pub(super) transactions: Vec<Transaction>,
    pub(super) customers: Vec<Customer>,
    pub(super) plans: Vec<Plan>,
    pub(super) subscriptions: Vec<Subscription>,
    pub(super) batches: Vec<Batch>,
    pub(super) tokens: HashMap<String, Instrument>,
    /// What the bank behind a card or account number answers instead of approving: code and text.
    pub(super) refusals: HashMap<String, (String, String)>,
    /// Requests still to be answered with the rate limit.
    pub(super) limited: u32,
    pub(super) events: Vec<Value>,
    pub(super) undelivered: Vec<Value>,
    pub(super) log: Vec<LoggedRequest>,
    last_id: u64,
    last_refid: u64,
}

impl Account {
    pub(super) fn new(seed: u64) -> Self {
        let mut ids = Ids::new(seed);
        let keys = Keys {
            security: ids.letters(32),
            payments_only: ids.letters(32),
            tokenization: format!(
                "{}-{}-{}-{}",
                ids.letters(6),
                ids.letters(6),
                ids.letters(6),
                ids.letters(6)
            ),
            username: format!("merchant{}", ids.digits(4)),
            password: ids.letters(16),
            webhook: ids.letters(32),
        };
        let start = |ids: &mut Ids| ids.digits(6).parse::<u64>().unwrap_or_default();
        let (last_id, last_refid) = (11_000_000_000 + start(&mut ids), 3_161_000_000 + start(&mut ids));
        Self {
            now: 0,
            merchant: ids.digits(7),
            ids,
            keys,
            settings: Settings::default(),
            transactions: Vec::new(),
            customers: Vec::new(),
            plans: Vec::new(),
            subscriptions: Vec::new(),
            batches: Vec::new(),
            tokens: HashMap::new(),
            refusals: HashMap::new(),
            limited: 0,
            events: Vec::new(),
            undelivered: Vec::new(),
            log: Vec::new(),
            last_id,
            last_refid,
        }
    }

    /// The next id of a transaction, a subscription or a batch: they share one row of numbers.
    pub(super) fn next_id(&mut self) -> String {
        self.last_id += 7;
        self.last_id.to_string()
    }

    /// The text of a refusal, with the number that most of them carry.
    pub(super) fn worded(&mut self, refused: &Refused) -> String {
        if !refused.numbered {
            return refused.text.clone();
        }
        self.last_refid += 13;
        format!("{} REFID:{}", refused.text, self.last_refid)
    }

    pub(super) fn transaction(&self, id: &str) -> Option<&Transaction> {
        self.transactions.iter().rev().find(|transaction| transaction.id == id)
    }

    pub(super) fn transaction_mut(&mut self, id: &str) -> Option<&mut Transaction> {
        self.transactions.iter_mut().rev().find(|transaction| transaction.id == id)
    }

    /// Cents given back of a payment, as a positive number.
    pub(super) fn refunded(&self, id: &str) -> i64 {
        let refunds = self.transactions.iter().filter(|other| other.refund_of.as_deref() == Some(id));
        -refunds.map(Transaction::moved).sum::<i64>()
    }

    /// What is kept under a customer of the vault.
    pub(super) fn stored(&self, customer: &str, billing: Option<&str>) -> Result<Means, Refused> {
        let customer = self.customers.iter().find(|known| known.id == customer);
        let customer = customer.ok_or_else(|| Refused::new("Invalid Customer Vault Id"))?;
        let billing = customer.billing(billing).ok_or_else(|| Refused::new("Invalid Billing Id"))?;
        let mut contact = billing.contact.clone();
        contact.extend(customer.shipping.clone());
        Ok(Means {
            instrument: billing.instrument.clone(),
            stored: Some((customer.id.clone(), billing.id.clone())),
            contact,
        })
    }

    /// Year and month of the present.
    pub(super) fn month(&self) -> (i64, i64) {
        let (year, month, _) = date_of(i64::try_from(self.now).unwrap_or(i64::MAX));
        (year, month)
    }

    /// An expiry, `MMYY`, that is a year away.
    pub(super) fn test_expiry(&self) -> String {
        let (year, month) = self.month();
        format!("{month:02}{:02}", (year + 1) % 100)
    }
}
