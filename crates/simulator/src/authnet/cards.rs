//! Cards and bank accounts: what is valid, and what the sandbox's documented numbers do.

use super::dates::Day;
use super::json::Json;

/// What is charged.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Means {
    Card { number: String, expires: (i64, i64) },
    Bank { routing: String, account: String, name: String, kind: String, echeck: String },
}

impl Means {
    fn number(&self) -> &str {
        match self {
            Self::Card { number, .. } => number,
            Self::Bank { account, .. } => account,
        }
    }

    /// `XXXX1111`
    pub(super) fn masked(&self) -> String {
        mask(self.number())
    }

    /// `Visa`, `eCheck`, …
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Card { number, .. } => brand(number).unwrap_or("Visa"),
            Self::Bank { .. } => "eCheck",
        }
    }

    pub(super) fn is_bank(&self) -> bool {
        matches!(self, Self::Bank { .. })
    }

    /// What makes two of them the same.
    pub(super) fn fingerprint(&self) -> String {
        match self {
            Self::Card { number, .. } => number.clone(),
            Self::Bank { routing, account, .. } => format!("{routing}/{account}"),
        }
    }

    /// As replies show it: masked, with the expiry where it was asked for.
    pub(super) fn shown(&self, with_expiry: bool, with_brand: bool) -> Json {
        match self {
            Self::Card { expires: (year, month), .. } => {
                let expiry = if with_expiry { format!("{year:04}-{month:02}") } else { "XXXX".to_owned() };
                let mut card =
                    Json::object([("cardNumber", self.masked().into()), ("expirationDate", expiry.into())]);
                if with_brand {
                    card.push("cardType", self.kind());
                }
                Json::object([("creditCard", card)])
            }
            Self::Bank { routing, name, kind, echeck, .. } => {
                let account = Json::object([
                    ("accountType", kind.as_str().into()),
                    ("routingNumber", mask(routing).into()),
                    ("accountNumber", self.masked().into()),
                    ("nameOnAccount", name.as_str().into()),
                    ("echeckType", echeck.as_str().into()),
                ]);
                Json::object([("bankAccount", account)])
            }
        }
    }
}

/// `XXXX` and the last four characters.
pub(super) fn mask(number: &str) -> String {
    let count = number.chars().count();
    let end: String = number.chars().skip(count.saturating_sub(4)).collect();
    format!("XXXX{end:0>4}")
}

pub(super) fn luhn(number: &str) -> bool {
    let mut sum = 0;
    for (at, digit) in number.chars().rev().enumerate() {
        let Some(digit) = digit.to_digit(10) else { return false };
        let doubled = if at % 2 == 1 { digit * 2 } else { digit };
        sum += if doubled > 9 { doubled - 9 } else { doubled };
    }
    number.len() >= 13 && sum % 10 == 0
}

/// The brand by the first digits; `None` for a card that the merchant does not take.
pub(super) fn brand(number: &str) -> Option<&'static str> {
    let lead =
        |count: usize| number.get(..count).and_then(|lead| lead.parse::<u32>().ok()).unwrap_or_default();
    match (lead(1), lead(2), lead(4)) {
        (4, ..) => Some("Visa"),
        (_, 51..=55, _) | (_, _, 2221..=2720) => Some("MasterCard"),
        (_, 34 | 37, _) => Some("AmericanExpress"),
        (_, 64 | 65, _) | (_, _, 6011) => Some("Discover"),
        (_, _, 3528..=3589 | 3088 | 3096 | 3112 | 3158 | 3337) => Some("JCB"),
        (_, 30 | 36 | 38 | 39, _) => Some("DinersClub"),
        _ => None,
    }
}

/// Year and month of `2030-12`, `12/2030`, `12-2030`, `12/30`, `1230` and `122030`.
pub(super) fn expiry(text: &str) -> Option<(i64, i64)> {
    let (year, month) = match text.split_once(['-', '/']) {
        Some((first, second)) if first.len() == 4 => (first, second),
        Some((first, second)) => (second, first),
        None if text.len() == 4 || text.len() == 6 => (text.get(2..)?, text.get(..2)?),
        None => return None,
    };
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let valid = digits(year) && digits(month) && matches!(year.len(), 2 | 4) && matches!(month.len(), 1 | 2);
    let (mut year, month) =
        valid.then(|| Some((year.parse::<i64>().ok()?, month.parse::<i64>().ok()?)))??;
    if year < 100 {
        year += 2000;
    }
    (1..=12).contains(&month).then_some((year, month))
}

/// Whether the card's last month is over on a day.
pub(super) fn expired(expires: (i64, i64), day: Day) -> bool {
    expires < day.month()
}

/// The check digit of a routing number.
pub(super) fn routing(number: &str) -> bool {
    let digits: Vec<u32> = number.chars().filter_map(|c| c.to_digit(10)).collect();
    let sum: u32 = digits.iter().zip([3, 7, 1].iter().cycle()).map(|(digit, weight)| digit * weight).sum();
    digits.len() == 9 && number.len() == 9 && sum != 0 && sum.is_multiple_of(10)
}

/// The address check of the documented postal codes; `Y` for any other, `P` where no address came.
pub(super) fn address_check(bill_to: Option<&Json>) -> &'static str {
    let given = |name| bill_to.and_then(|address| address.text_at(name));
    let zip = given("zip").unwrap_or_default();
    match zip.get(..5).unwrap_or_default() {
        "46201" => "A",
        "46203" => "E",
        "46204" => "G",
        "46205" => "N",
        "46206" => "P",
        "46207" => "R",
        "46208" => "S",
        "46209" => "U",
        "46211" => "W",
        "46214" => "X",
        "46217" => "Z",
        _ if zip.is_empty() && given("address").is_none() => "P",
        _ => "Y",
    }
}

/// The check of the documented card codes; `P` for any other, nothing where none came.
pub(super) fn code_check(code: Option<&str>) -> &'static str {
    match code {
        None => "",
        Some("900") => "M",
        Some("901") => "N",
        Some("902") => "S",
        Some("903") => "U",
        Some(_) => "P",
    }
}

#[cfg(test)]
mod tests {
    use super::{brand, expiry, luhn, mask, routing};

    #[test]
    fn the_documented_cards_are_valid() {
        for (number, name) in [
            ("370000000000002", "AmericanExpress"),
            ("6011000000000012", "Discover"),
            ("3088000000000017", "JCB"),
            ("38000000000006", "DinersClub"),
            ("4007000000027", "Visa"),
            ("4012888818888", "Visa"),
            ("4111111111111111", "Visa"),
            ("5424000000000015", "MasterCard"),
            ("2223000010309703", "MasterCard"),
            ("2223000010309711", "MasterCard"),
        ] {
            assert_eq!((luhn(number), brand(number)), (true, Some(name)), "{number}");
        }
        assert!(!luhn("4111111111111112") && !luhn("411111111111111x") && !luhn("0"));
        assert_eq!(brand("9999999999999999"), None);
    }

    #[test]
    fn expiries_and_routing_numbers() {
        for text in ["2030-12", "12/2030", "12-2030", "12/30", "1230", "122030"] {
            assert_eq!(expiry(text), Some((2030, 12)), "{text}");
        }
        for text in ["XXXX", "2030-13", "13/30", "30", "", "12/é0"] {
            assert_eq!(expiry(text), None, "{text}");
        }
        assert!(
            routing("121042882") && routing("110000000") && !routing("121042883") && !routing("000000000")
        );
        assert_eq!((mask("4111111111111111"), mask("12")), ("XXXX1111".into(), "XXXX0012".into()));
    }
}
