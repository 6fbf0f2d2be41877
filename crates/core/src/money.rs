//! Exact money: integers in minor units and ISO 4217 currencies. No floats anywhere.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// An ISO 4217 currency in use.
///
/// The number of minor digits is ISO's. A vendor that counts otherwise (Stripe's three-decimal currencies in tens, for
/// example) translates in its own crate.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Currency([u8; 3]);

/// The active codes of ISO 4217 with two minor digits, fund codes included. Codes for which ISO names no minor unit
/// (precious metals, XDR, XSU, XUA, the bond units, XTS, XXX) are left out, here and below.
const TWO: &str = "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD \
    CAD CDF CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD \
    HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU \
    MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK \
    SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD XCD \
    XCG YER ZAR ZMW ZWG";
const ZERO: &str = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF";
const THREE: &str = "BHD IQD JOD KWD LYD OMR TND";
const FOUR: &str = "CLF UYW";

fn listed(list: &str, code: &str) -> bool {
    list.split_ascii_whitespace().any(|known| known == code)
}

impl Currency {
    /// United States dollar.
    pub const USD: Self = Self(*b"USD");
    /// Euro.
    pub const EUR: Self = Self(*b"EUR");
    /// Pound sterling.
    pub const GBP: Self = Self(*b"GBP");
    /// Canadian dollar.
    pub const CAD: Self = Self(*b"CAD");
    /// Japanese yen, which has no minor unit.
    pub const JPY: Self = Self(*b"JPY");

    /// A currency by its ISO 4217 code, in either case.
    ///
    /// # Errors
    /// When the code is not an active ISO 4217 code.
    pub fn new(code: &str) -> Result<Self> {
        let upper = code.to_ascii_uppercase();
        let known = [TWO, ZERO, THREE, FOUR].iter().any(|list| listed(list, &upper));
        match <[u8; 3]>::try_from(upper.as_bytes()) {
            Ok(bytes) if known => Ok(Self(bytes)),
            _ => Err(Error::invalid_field("currency", "is not an active ISO 4217 code")),
        }
    }

    /// The upper-case code, for example `USD`.
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("XXX")
    }

    /// How many decimal digits the minor unit has: 2 for the dollar, 0 for the yen, 3 for the Kuwaiti dinar.
    pub fn exponent(&self) -> u32 {
        let code = self.code();
        match code {
            _ if listed(ZERO, code) => 0,
            _ if listed(THREE, code) => 3,
            _ if listed(FOUR, code) => 4,
            _ => 2,
        }
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl FromStr for Currency {
    type Err = Error;

    fn from_str(code: &str) -> Result<Self> {
        Self::new(code)
    }
}

impl TryFrom<String> for Currency {
    type Error = Error;

    fn try_from(code: String) -> Result<Self> {
        Self::new(&code)
    }
}

impl From<Currency> for String {
    fn from(currency: Currency) -> Self {
        currency.code().to_owned()
    }
}

/// An amount of money in minor units.
///
/// ```
/// use turnbuckle_core::money::{Currency, Money};
///
/// let price = Money::parse("20.10", Currency::USD)?;
/// assert_eq!(price, Money::new(2010, Currency::USD));
/// assert_eq!(price.to_string(), "20.10 USD");
/// assert_eq!(Money::new(500, Currency::JPY).to_decimal(), "500");
/// # Ok::<(), turnbuckle_core::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    minor: i64,
    currency: Currency,
}

impl Money {
    /// An amount in minor units: `Money::new(2010, Currency::USD)` is twenty dollars and ten cents.
    pub const fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// Nothing, in this currency.
    pub const fn zero(currency: Currency) -> Self {
        Self::new(0, currency)
    }

    /// Reads a plain decimal such as `20.10`, `-3` or `.5`.
    ///
    /// # Errors
    /// When the text has anything but one sign, digits and one point, more decimals than the currency has (unless they
    /// are zeros), or does not fit.
    pub fn parse(text: &str, currency: Currency) -> Result<Self> {
        let wrong = || Error::invalid_field("amount", "is not a plain decimal with the currency's digits");
        let (negative, digits) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if (whole.is_empty() && fraction.is_empty()) || !all_digits(whole) || !all_digits(fraction) {
            return Err(wrong());
        }
        let exponent = currency.exponent() as usize;
        let (kept, dropped) = fraction.split_at(fraction.len().min(exponent));
        if dropped.bytes().any(|byte| byte != b'0') {
            return Err(wrong());
        }
        // Parsed with its sign, so that the smallest i64 fits as well.
        let mut minor: i64 = 0;
        let padding = std::iter::repeat_n(b'0', exponent - kept.len());
        for digit in whole.bytes().chain(kept.bytes()).chain(padding) {
            let digit = i64::from(digit - b'0');
            minor = minor
                .checked_mul(10)
                .and_then(|sum| if negative { sum.checked_sub(digit) } else { sum.checked_add(digit) })
                .ok_or_else(wrong)?;
        }
        Ok(Self { minor, currency })
    }

    /// The amount in minor units.
    pub const fn minor(self) -> i64 {
        self.minor
    }

    /// The currency.
    pub const fn currency(self) -> Currency {
        self.currency
    }

    /// The amount as a plain decimal with all digits of the currency and no code: `20.10`.
    pub fn to_decimal(self) -> String {
        let exponent = self.currency.exponent() as usize;
        let sign = if self.minor < 0 { "-" } else { "" };
        let digits = format!("{:0>width$}", self.minor.unsigned_abs(), width = exponent + 1);
        let (whole, fraction) = digits.split_at(digits.len() - exponent);
        if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
    }

    /// The sum, or `None` when the currencies differ or it does not fit.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        (self.currency == other.currency)
            .then(|| self.minor.checked_add(other.minor))
            .flatten()
            .map(|minor| Self { minor, ..self })
    }

    /// The difference, or `None` when the currencies differ or it does not fit.
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        (self.currency == other.currency)
            .then(|| self.minor.checked_sub(other.minor))
            .flatten()
            .map(|minor| Self { minor, ..self })
    }

    /// Whether the amount is above zero.
    pub const fn is_positive(self) -> bool {
        self.minor > 0
    }

    /// Whether the amount is zero.
    pub const fn is_zero(self) -> bool {
        self.minor == 0
    }
}

/// Orders amounts of one currency; amounts of different currencies do not compare.
impl PartialOrd for Money {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        (self.currency == other.currency).then(|| self.minor.cmp(&other.minor))
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{} {}", self.to_decimal(), self.currency))
    }
}

impl fmt::Debug for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.to_decimal(), self.currency)
    }
}
