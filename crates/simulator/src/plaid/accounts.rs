//! Accounts and their balances.

use serde_json::{Map, Value, json};

use super::amount::Amount;
use super::dates;
use super::error::{ApiError, Outcome};
use super::fields::{self, Field, Kind, may};
use super::institutions::Institution;
use super::item::Item;
use super::router::{BY_ACCOUNTS, Call, Limit, Route};
use crate::ids::Ids;

#[derive(Clone)]
pub(super) struct Account {
    pub(super) id: String,
    pub(super) name: String,
    official: Option<String>,
    pub(super) mask: String,
    pub(super) kind: String,
    pub(super) subtype: String,
    available: Option<Amount>,
    current: Option<Amount>,
    limit: Option<Amount>,
    pub(super) currency: &'static str,
    /// The same at every link to this account, where the bank has such ids.
    persistent: Option<String>,
    pub(super) verification: Option<&'static str>,
}

/// Type, subtype, name, official name, mask, then available, current and limit in ten-thousandths.
type Template = (
    &'static str,
    &'static str,
    &'static str,
    Option<&'static str>,
    &'static str,
    Option<i64>,
    Option<i64>,
    Option<i64>,
);

const AMERICAN: &[Template] = &[
    (
        "depository",
        "checking",
        "Plaid Checking",
        Some("Plaid Gold Standard 0% Interest Checking"),
        "0000",
        Some(1_000_000),
        Some(1_100_000),
        None,
    ),
    (
        "depository",
        "savings",
        "Plaid Saving",
        Some("Plaid Silver Standard 0.1% Interest Saving"),
        "1111",
        Some(2_000_000),
        Some(2_100_000),
        None,
    ),
    (
        "depository",
        "cd",
        "Plaid CD",
        Some("Plaid Bronze Standard 0.2% Interest CD"),
        "2222",
        None,
        Some(10_000_000),
        None,
    ),
    (
        "credit",
        "credit card",
        "Plaid Credit Card",
        Some("Plaid Diamond 12.5% APR Interest Credit Card"),
        "3333",
        None,
        Some(4_100_000),
        Some(20_000_000),
    ),
    (
        "depository",
        "money market",
        "Plaid Money Market",
        Some("Plaid Platinum Standard 1.85% Interest Money Market"),
        "4444",
        Some(432_000_000),
        Some(432_000_000),
        None,
    ),
    ("investment", "ira", "Plaid IRA", None, "5555", None, Some(3_207_600), None),
    ("investment", "401k", "Plaid 401k", None, "6666", None, Some(236_319_805), None),
    ("loan", "student", "Plaid Student Loan", None, "7777", None, Some(652_620_000), None),
    ("loan", "mortgage", "Plaid Mortgage", None, "8888", None, Some(563_020_600), None),
];
const CANADIAN: &[Template] = &[
    (
        "depository",
        "checking",
        "Plaid Checking",
        Some("Plaid Gold Standard 0% Interest Checking"),
        "0000",
        Some(1_000_000),
        Some(1_100_000),
        None,
    ),
    (
        "depository",
        "savings",
        "Plaid Saving",
        Some("Plaid Silver Standard 0.1% Interest Saving"),
        "1111",
        Some(2_000_000),
        Some(2_100_000),
        None,
    ),
    (
        "credit",
        "credit card",
        "Plaid Credit Card",
        Some("Plaid Diamond 12.5% APR Interest Credit Card"),
        "3333",
        None,
        Some(4_100_000),
        Some(20_000_000),
    ),
    ("investment", "rrsp", "Plaid RRSP", None, "5555", None, Some(3_207_600), None),
];
const BRITISH: &[Template] = &[
    (
        "depository",
        "checking",
        "Plaid Current Account",
        Some("Plaid Gold Standard Current Account"),
        "0000",
        Some(1_000_000),
        Some(1_100_000),
        None,
    ),
    (
        "depository",
        "savings",
        "Plaid Saving",
        Some("Plaid Silver Standard 0.1% Interest Saving"),
        "1111",
        Some(2_000_000),
        Some(2_100_000),
        None,
    ),
    (
        "credit",
        "credit card",
        "Plaid Credit Card",
        Some("Plaid Diamond 12.5% APR Interest Credit Card"),
        "3333",
        None,
        Some(4_100_000),
        Some(20_000_000),
    ),
];

/// The accounts of a login.
pub(super) fn open(bank: &Institution, username: &str, microdeposits: bool, ids: &mut Ids) -> Vec<Account> {
    let (templates, currency) = match bank.country {
        "CA" => (CANADIAN, "CAD"),
        "GB" => (BRITISH, "GBP"),
        _ => (AMERICAN, "USD"),
    };
    let account = |template: &Template| {
        let &(kind, subtype, name, official, mask, available, current, limit) = template;
        let exact = |units: Option<i64>| units.map(|units| Amount::scaled(units, 4));
        let stable = bank.oauth && kind == "depository";
        Account {
            id: ids.letters(37),
            name: name.to_owned(),
            official: official.map(str::to_owned),
            mask: mask.to_owned(),
            kind: kind.to_owned(),
            subtype: subtype.to_owned(),
            available: exact(available),
            current: exact(current),
            limit: exact(limit),
            currency,
            persistent: stable.then(|| persistent_id(bank.id, username, mask)),
            verification: (microdeposits && kind == "depository").then_some("pending_automatic_verification"),
        }
    };
    templates.iter().map(account).collect()
}

/// The same for the same bank, person and account, other than the account id.
fn persistent_id(bank: &str, username: &str, mask: &str) -> String {
    let seed = format!("{bank}/{username}/{mask}");
    let number = seed.bytes().fold(0_u64, |sum, byte| sum.wrapping_mul(131).wrapping_add(u64::from(byte)));
    Ids::new(number).hex(64)
}

impl Account {
    pub(super) fn is_debit(&self) -> bool {
        matches!(self.subtype.as_str(), "checking" | "savings")
    }

    /// `live` tells when the bank was asked, where the bank tells that at all.
    pub(super) fn shown(&self, live: Option<u64>) -> Value {
        let exact = |amount: Option<Amount>| amount.map(Amount::value);
        let mut balances = json!({
            "available": exact(self.available),
            "current": exact(self.current),
            "limit": exact(self.limit),
            "iso_currency_code": self.currency,
            "unofficial_currency_code": null,
        });
        if let (Some(at), Some(fields)) = (live, balances.as_object_mut()) {
            fields.insert("last_updated_datetime".to_owned(), dates::instant(at).into());
        }
        let mut shown = json!({
            "account_id": self.id,
            "balances": balances,
            "holder_category": "personal",
            "mask": self.mask,
            "name": self.name,
            "official_name": self.official,
            "subtype": self.subtype,
            "type": self.kind,
        });
        if let Some(fields) = shown.as_object_mut() {
            if let Some(id) = &self.persistent {
                fields.insert("persistent_account_id".to_owned(), id.clone().into());
            }
            if let Some(status) = self.verification {
                fields.insert("verification_status".to_owned(), status.into());
            }
        }
        shown
    }

    /// A script sets the balances; an absent one stays.
    pub(super) fn set_balances(&mut self, available: Option<&str>, current: Option<&str>) -> Option<()> {
        if let Some(text) = available {
            self.available = Some(Amount::parse(text)?);
        }
        if let Some(text) = current {
            self.current = Some(Amount::parse(text)?);
        }
        Some(())
    }
}

const BALANCE_OPTIONS: &[Field] = &[fields::ACCOUNT_IDS, may("min_last_updated_datetime", Kind::Instant)];
const BALANCE: &[Field] = &[fields::TOKEN, may("options", Kind::Hash(BALANCE_OPTIONS))];

pub(super) const ROUTES: &[Route] = &[
    Route::new("/accounts/get", BY_ACCOUNTS, get).limited(Limit::both("ACCOUNTS_LIMIT", 100, 5000)),
    Route::new("/accounts/balance/get", BALANCE, balance).limited(Limit::both("BALANCE_LIMIT", 25, 100)),
];

/// The accounts that `options.account_ids` names, or all of them; an id that is none of the item's is refused.
pub(super) fn chosen<'a>(item: &'a Item, ids: Option<&Value>) -> Result<Vec<&'a Account>, ApiError> {
    let Some(ids) = ids.and_then(Value::as_array) else { return Ok(item.accounts.iter().collect()) };
    let one = |id: &Value| {
        item.account(id.as_str().unwrap_or_default()).ok_or_else(|| ApiError::of("INVALID_ACCOUNT_ID"))
    };
    ids.iter().map(one).collect()
}

/// `accounts` and `item`, and what else the endpoint has.
pub(super) fn answer(item: &Item, accounts: &[&Account], live: Option<u64>, more: Value) -> Value {
    let mut fields = match more {
        Value::Object(fields) => fields,
        _ => Map::new(),
    };
    fields.insert("accounts".to_owned(), accounts.iter().map(|account| account.shown(live)).collect());
    fields.insert("item".to_owned(), item.shown());
    Value::Object(fields)
}

fn get(call: &mut Call<'_>) -> Outcome {
    let ids = call.option("account_ids").cloned();
    let down = {
        let bank = call.item()?.bank;
        call.world.outage(bank)
    };
    let item = call.item()?;
    if let Some(error) = item.error.clone().or(down) {
        return Err(error);
    }
    Ok(answer(item, &chosen(item, ids.as_ref())?, None, Value::Null))
}

/// Banks that tell how old a balance is, and need to be told how old it may be for accounts beside deposits.
const CAPITAL_ONE: &str = "ins_128026";

fn balance(call: &mut Call<'_>) -> Outcome {
    let ids = call.option("account_ids").cloned();
    let oldest = call.option("min_last_updated_datetime").is_some();
    let now = call.now;
    let item = call.item_with("balance")?;
    let accounts = chosen(item, ids.as_ref())?;
    if item.bank.id == CAPITAL_ONE && !oldest && accounts.iter().any(|account| account.kind != "depository") {
        return Err(ApiError::field("options.min_last_updated_datetime is required for this institution"));
    }
    let tells = item.bank.id == CAPITAL_ONE || item.bank.id == "ins_130016";
    Ok(answer(item, &accounts, tells.then_some(now), Value::Null))
}
