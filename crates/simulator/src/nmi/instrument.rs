//! What pays: cards and bank accounts, and how they look from outside.

use serde_json::{Value, json};

use super::form::Form;
use super::reply::Refused;
use super::state::Account;

/// Collect.js tokens that NMI's documentation gives for tests: a card and a bank account.
const TEST_CARD_TOKEN: &str = "00000000-000000-000000-000000000000";
const TEST_CHECK_TOKEN: &str = "11111111-111111-111111-111111111111";

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Instrument {
    Card(Card),
    Check(Check),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Card {
    pub(super) number: String,
    /// `MMYY`.
    pub(super) expiry: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Check {
    pub(super) name: String,
    pub(super) aba: String,
    pub(super) account: String,
    pub(super) holder: String,
    pub(super) kind: String,
    pub(super) sec_code: String,
}

/// What a request pays with, and where that came from.
#[derive(Clone, Debug)]
pub(super) struct Means {
    pub(super) instrument: Instrument,
    /// The vault's customer and billing id.
    pub(super) stored: Option<(String, String)>,
    /// The address kept with it.
    pub(super) contact: Vec<(String, String)>,
}

impl Card {
    pub(super) fn new(number: &str, expiry: &str) -> Result<Self, Refused> {
        let sound = (12..=19).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit());
        if !sound || !luhn(number) || brand(number).is_empty() {
            return Err(Refused::new("Invalid Credit Card Number"));
        }
        Ok(Self { number: number.to_owned(), expiry: expiry.to_owned() })
    }

    /// The brand as the vault writes it: `Visa`.
    pub(super) fn brand(&self) -> &'static str {
        brand(&self.number)
    }

    pub(super) fn bin(&self) -> &str {
        self.number.get(..6).unwrap_or_default()
    }

    fn last_four(&self) -> &str {
        self.number.get(self.number.len().saturating_sub(4)..).unwrap_or_default()
    }

    /// `4xxxxxxxxxxx1111`, as queries show it.
    pub(super) fn masked(&self) -> String {
        let first = self.number.get(..1).unwrap_or_default();
        format!("{first}{}{}", "x".repeat(self.number.len().saturating_sub(5)), self.last_four())
    }

    /// `411111******1111`, as webhooks show it.
    fn starred(&self) -> String {
        format!("{}{}{}", self.bin(), "*".repeat(self.number.len().saturating_sub(10)), self.last_four())
    }

    /// Whether the card was good for the last time in an earlier month than the given day's.
    pub(super) fn has_expired(&self, year: i64, month: i64) -> bool {
        let part = |from, to| self.expiry.get(from..to).and_then(|text| text.parse::<i64>().ok());
        match (part(0, 2), part(2, 4)) {
            (Some(own_month), Some(own_year)) => (2000 + own_year, own_month) < (year, month),
            _ => true,
        }
    }

    pub(super) fn webhook(&self, avs: &str, csc: &str) -> Value {
        json!({
            "cc_number": self.starred(), "cc_exp": self.expiry, "cavv": "", "cavv_result": "", "xid": "", "eci": "",
            "avs_response": avs, "csc_response": csc, "cardholder_auth": "", "cc_start_date": "",
            "cc_issue_number": "", "card_balance": "", "card_available_balance": "", "entry_mode": "",
            "cc_bin": self.bin(), "cc_type": self.brand().to_ascii_lowercase(),
        })
    }
}

impl Check {
    /// `xxxxx6789`.
    pub(super) fn masked(&self) -> String {
        let hidden = self.account.len().saturating_sub(4);
        format!("{}{}", "x".repeat(hidden), self.account.get(hidden..).unwrap_or_default())
    }

    pub(super) fn webhook(&self) -> Value {
        json!({
            "check_account": self.masked(), "check_aba": self.aba, "check_name": self.name,
            "account_holder_type": self.holder, "account_type": self.kind, "sec_code": self.sec_code,
        })
    }
}

impl Instrument {
    pub(super) fn number(&self) -> &str {
        match self {
            Self::Card(card) => &card.number,
            Self::Check(check) => &check.account,
        }
    }

    pub(super) fn is_check(&self) -> bool {
        matches!(self, Self::Check(_))
    }

    /// `cc` or `ck`.
    pub(super) fn kind(&self) -> &'static str {
        if self.is_check() { "ck" } else { "cc" }
    }

    /// The processor that takes it unless the request names another.
    pub(super) fn processor(&self) -> &'static str {
        if self.is_check() { "ckprocessora" } else { "ccprocessora" }
    }
}

/// The number, token or vault entry that a request pays with: exactly one.
pub(super) fn read(account: &mut Account, form: &Form, vault_too: bool) -> Result<Means, Refused> {
    let from_vault = vault_too && form.get("customer_vault_id").is_some();
    let ways = [
        form.get("ccnumber").is_some(),
        form.get("payment_token").is_some(),
        form.get("checkaccount").is_some(),
        from_vault,
    ];
    match ways.iter().filter(|given| **given).count() {
        0 if form.text("payment") == "check" => return Err(Refused::required("checkaccount")),
        0 => return Err(Refused::required("ccnumber")),
        1 => {}
        _ => return Err(Refused::new("More than one payment method was given")),
    }
    if form.text("payment") == "cash" {
        return Err(Refused::new("Cash is not carried out here"));
    }
    if from_vault {
        let (customer, billing) = (form.text("customer_vault_id"), form.get("billing_id"));
        let means = account.stored(customer, billing)?;
        // A bank account in the vault says by itself that it is one.
        return match form.get("payment") {
            Some("check") if !means.instrument.is_check() => Err(Refused::required("checkaccount")),
            Some("creditcard") if means.instrument.is_check() => Err(Refused::required("ccnumber")),
            _ => Ok(means),
        };
    }
    let instrument = given(account, form)?;
    let of_check = form.text("payment") == "check";
    if form.get("payment_token").is_none() && of_check != instrument.is_check() {
        return Err(Refused::required(if of_check { "checkaccount" } else { "ccnumber" }));
    }
    Ok(Means { instrument, stored: None, contact: Vec::new() })
}

/// The card, bank account or token in a request.
pub(super) fn given(account: &mut Account, form: &Form) -> Result<Instrument, Refused> {
    if let Some(token) = form.get("payment_token") {
        return redeem(account, token);
    }
    if let Some(number) = form.get("ccnumber") {
        return Card::new(number, form.need("ccexp")?).map(Instrument::Card);
    }
    let or = |name: &str, default: &str| form.get(name).unwrap_or(default).to_owned();
    Ok(Instrument::Check(Check {
        name: form.need("checkname")?.to_owned(),
        aba: form.need("checkaba")?.to_owned(),
        account: form.need("checkaccount")?.to_owned(),
        holder: or("account_holder_type", "personal"),
        kind: or("account_type", "checking"),
        sec_code: or("sec_code", "WEB"),
    }))
}

/// Tokens are good for one request; those of the documentation for any number.
fn redeem(account: &mut Account, token: &str) -> Result<Instrument, Refused> {
    let card = Card { number: "4111111111111111".to_owned(), expiry: account.test_expiry() };
    match token {
        TEST_CARD_TOKEN => Ok(Instrument::Card(card)),
        TEST_CHECK_TOKEN => Ok(Instrument::Check(Check {
            name: "Test Account".to_owned(),
            aba: "123123123".to_owned(),
            account: "123123123".to_owned(),
            holder: "personal".to_owned(),
            kind: "checking".to_owned(),
            sec_code: "WEB".to_owned(),
        })),
        other => account.tokens.remove(other).ok_or_else(|| Refused::new("Invalid Payment Token")),
    }
}

/// The address check of the test processor: zip 77777 and house number 888 match, nothing else does.
pub(super) fn address_check(contact: &[(String, String)]) -> &'static str {
    let of = |name: &str| contact.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    let street = of("address1").map(|line| line.split_whitespace().next() == Some("888"));
    let zip = of("zip").map(|zip| zip == "77777");
    match (street, zip) {
        (None, None) => "",
        (Some(true), Some(true)) => "Y",
        (Some(true), _) => "A",
        (_, Some(true)) => "Z",
        _ => "N",
    }
}

/// The code check of the test processor: 999 matches, nothing else does.
pub(super) fn code_check(cvv: Option<&str>) -> &'static str {
    match cvv {
        None => "",
        Some("999") => "M",
        Some(_) => "N",
    }
}

fn luhn(number: &str) -> bool {
    let sum: u32 = number
        .chars()
        .rev()
        .filter_map(|digit| digit.to_digit(10))
        .enumerate()
        .map(|(place, digit)| match (place % 2, digit * 2) {
            (0, _) => digit,
            (_, doubled) if doubled > 9 => doubled - 9,
            (_, doubled) => doubled,
        })
        .sum();
    sum.is_multiple_of(10)
}

fn brand(number: &str) -> &'static str {
    let start =
        |count: usize| number.get(..count).and_then(|text| text.parse::<u32>().ok()).unwrap_or_default();
    match (start(1), start(2), start(4)) {
        (4, ..) => "Visa",
        (_, 51..=55, _) | (_, _, 2221..=2720) => "Mastercard",
        (_, 34 | 37, _) => "Amex",
        (_, 65, _) | (_, _, 6011) => "Discover",
        (_, 30 | 36 | 38, _) => "Diners",
        (_, 35, _) => "JCB",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::{Card, address_check};

    #[test]
    fn the_documented_test_cards_are_good() {
        for (number, brand) in [
            ("4111111111111111", "Visa"),
            ("5431111111111111", "Mastercard"),
            ("6011601160116611", "Discover"),
            ("341111111111111", "Amex"),
        ] {
            assert_eq!(Card::new(number, "1030").unwrap().brand(), brand);
        }
        for wrong in ["4111111111111112", "411111111111", "1234567890123452", "4111 1111 1111 1111", ""] {
            assert!(Card::new(wrong, "1030").is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn cards_are_masked_twice_over_and_expire() {
        let card = Card::new("4111111111111111", "0625").unwrap();
        assert_eq!((card.masked(), card.starred()), ("4xxxxxxxxxxx1111".into(), "411111******1111".into()));
        assert!(!card.has_expired(2025, 6) && card.has_expired(2025, 7) && card.has_expired(2026, 1));
    }

    #[test]
    fn addresses_match_by_the_documented_values() {
        let at = |street: &str, zip: &str| {
            let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
            let both = [pair("address1", street), pair("zip", zip)];
            address_check(&both.into_iter().filter(|(_, value)| !value.is_empty()).collect::<Vec<_>>())
        };
        assert_eq!((at("888 Main", "77777"), at("", "77777"), at("888", "")), ("Y", "Z", "A"));
        assert_eq!((at("1 Main", "10001"), at("", "")), ("N", ""));
    }
}
