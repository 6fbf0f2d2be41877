//! What people buy: the same purchases for the same seed and day.

use super::accounts::Account;
use super::amount::Amount;
use super::dates;
use super::ledger::Row;
use crate::ids::Ids;

/// Primary and detailed category.
pub(super) const CATEGORIES: &[(&str, &str)] = &[
    ("FOOD_AND_DRINK", "FOOD_AND_DRINK_COFFEE"),
    ("FOOD_AND_DRINK", "FOOD_AND_DRINK_FAST_FOOD"),
    ("FOOD_AND_DRINK", "FOOD_AND_DRINK_GROCERIES"),
    ("TRANSPORTATION", "TRANSPORTATION_TAXIS_AND_RIDE_SHARES"),
    ("GENERAL_MERCHANDISE", "GENERAL_MERCHANDISE_SPORTING_GOODS"),
    ("GENERAL_MERCHANDISE", "GENERAL_MERCHANDISE_ELECTRONICS"),
    ("TRAVEL", "TRAVEL_FLIGHTS"),
    ("INCOME", "INCOME_WAGES"),
    ("RENT_AND_UTILITIES", "RENT_AND_UTILITIES_RENT"),
    ("ENTERTAINMENT", "ENTERTAINMENT_TV_AND_MOVIES"),
    ("BANK_FEES", "BANK_FEES_OTHER_BANK_FEES"),
    ("GENERAL_MERCHANDISE", "GENERAL_MERCHANDISE_OTHER_GENERAL_MERCHANDISE"),
];

/// Where a place in [`CATEGORIES`] is needed by name.
pub(super) const OTHER: usize = 11;

/// What is bought: the bank's words, the merchant if it is recognized at once, a category, a channel, the least and
/// the most in cents.
type Habit = (&'static str, Option<&'static str>, usize, &'static str, u64, u64);

const HABITS: &[Habit] = &[
    ("Starbucks", Some("Starbucks"), 0, "in store", 350, 1250),
    ("McDonald's", Some("McDonald's"), 1, "in store", 600, 2400),
    ("POS DEBIT GROCERY 4411", None, 2, "in store", 900, 18_000),
    ("Uber 063015 SF**POOL**", Some("Uber"), 3, "online", 540, 4200),
    ("Madison Bicycle Shop", None, 4, "in store", 1500, 50_000),
    ("SparkFun", Some("SparkFun"), 5, "online", 890, 12_000),
    ("United Airlines", Some("United Airlines"), 6, "online", 9900, 88_000),
    ("SQ *CORNER KIOSK 0099", None, 11, "in store", 120, 3000),
];

/// A transaction on its way.
pub(super) struct Purchase {
    pub(super) day: i64,
    pub(super) pends: bool,
    account: String,
    currency: &'static str,
    amount: Amount,
    name: &'static str,
    merchant: Option<&'static str>,
    category: usize,
    channel: &'static str,
    series: Option<&'static str>,
}

impl Purchase {
    pub(super) fn row(self, pending: bool) -> Row {
        Row {
            id: String::new(),
            account: self.account,
            amount: self.amount,
            iso: Some(self.currency.to_owned()),
            unofficial: None,
            day: self.day,
            authorized: Some(self.day),
            name: self.name.to_owned(),
            merchant: self.merchant.map(str::to_owned),
            category: self.category,
            channel: self.channel,
            pending,
            pending_id: None,
            series: self.series,
            extra: serde_json::Map::new(),
            created: 0,
            changed: 0,
            removed: None,
        }
    }
}

/// Everything of one day: purchases by card and from the checking account, wages every other week, rent on the first,
/// a subscription on the fifteenth.
pub(super) fn of_day(accounts: &[Account], day: i64, a_day: u64, seed: u64) -> Vec<Purchase> {
    let with = |subtype: &str| accounts.iter().find(|account| account.subtype == subtype);
    let Some(checking) = with("checking").or_else(|| accounts.first()).filter(|_| a_day > 0) else {
        return Vec::new();
    };
    let card = with("credit card").unwrap_or(checking);
    let mut chance = Ids::new(seed.rotate_left(17) ^ u64::try_from(day).unwrap_or_default());
    let mut all = Vec::new();
    let mut repeats = |account: &Account, name, merchant, category, cents: i64| {
        all.push(Purchase {
            day,
            pends: false,
            account: account.id.clone(),
            currency: account.currency,
            amount: Amount::cents(cents),
            name,
            merchant,
            category,
            channel: "online",
            series: Some(name),
        });
    };
    if day.rem_euclid(14) == 4 {
        // Money that comes in is negative.
        repeats(checking, "ACH Electronic CreditGUSTO PAY 123456", None, 7, -245_012);
    }
    match dates::civil(day).2 {
        1 => repeats(checking, "Rent", None, 8, 182_500),
        15 => repeats(card, "Netflix", Some("Netflix"), 9, 1799),
        _ => {}
    }
    for _ in 0..a_day {
        let pick = usize::try_from(chance.below(HABITS.len() as u64)).unwrap_or_default();
        let Some(&(name, merchant, category, channel, least, most)) = HABITS.get(pick) else { continue };
        let cents = i64::try_from(least + chance.below(most - least)).unwrap_or_default();
        let account = if chance.below(3) == 0 { card } else { checking };
        all.push(Purchase {
            day,
            pends: true,
            account: account.id.clone(),
            currency: account.currency,
            amount: Amount::cents(if chance.below(60) == 0 { -cents } else { cents }),
            name,
            merchant,
            category,
            channel,
            series: None,
        });
    }
    all
}

/// What a bank's words are once the merchant is recognized.
pub(super) fn clean(name: &str) -> String {
    match name {
        "POS DEBIT GROCERY 4411" => "Grocery".to_owned(),
        "SQ *CORNER KIOSK 0099" => "Corner Kiosk".to_owned(),
        other => other.split(['*', '#']).next().unwrap_or(other).trim().to_owned(),
    }
}
