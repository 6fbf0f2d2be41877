//! What can be held.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserialize;
use turnbuckle_core::bank_data::Decimal;

use crate::number;

/// Something that can be held: a share, a fund, an option, cash.
#[derive(Debug, Clone, Deserialize)]
#[non_exhaustive]
pub struct Security {
    /// Plaid's id. It may change.
    pub security_id: String,
    /// ISIN.
    pub isin: Option<String>,
    /// CUSIP.
    pub cusip: Option<String>,
    /// The bank's own id.
    pub institution_security_id: Option<String>,
    /// Whose id that is.
    pub institution_id: Option<String>,
    /// Another security that says how this one does.
    pub proxy_security_id: Option<String>,
    /// Its name.
    pub name: Option<String>,
    /// Its symbol.
    pub ticker_symbol: Option<String>,
    /// Whether it is as good as cash.
    pub is_cash_equivalent: Option<bool>,
    /// `equity`, `etf`, `mutual fund`, `fixed income`, `derivative`, `cash`, `cryptocurrency`, ...
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// The finer word.
    pub subtype: Option<String>,
    /// The last price at close.
    #[serde(default, deserialize_with = "number::read_option")]
    pub close_price: Option<Decimal>,
    /// Of which day.
    pub close_price_as_of: Option<NaiveDate>,
    /// When it was last looked up.
    pub update_datetime: Option<DateTime<Utc>>,
    /// The ISO 4217 code of the price.
    pub iso_currency_code: Option<String>,
    /// The code of a currency that ISO does not list.
    pub unofficial_currency_code: Option<String>,
    /// The exchange, ISO 10383.
    pub market_identifier_code: Option<String>,
    /// The sector.
    pub sector: Option<String>,
    /// The industry.
    pub industry: Option<String>,
    /// ISO 10962.
    pub cfi_code: Option<String>,
    /// Of an option.
    pub option_contract: Option<OptionContract>,
    /// Of a bond.
    pub fixed_income: Option<FixedIncome>,
}

/// The terms of an option.
#[derive(Debug, Clone, Deserialize)]
#[non_exhaustive]
pub struct OptionContract {
    /// `put` or `call`.
    pub contract_type: String,
    /// The last day.
    pub expiration_date: NaiveDate,
    /// The price at which it is exercised.
    #[serde(deserialize_with = "number::read")]
    pub strike_price: Decimal,
    /// On what.
    pub underlying_security_ticker: String,
}

/// The terms of a bond.
#[derive(Debug, Clone, Deserialize)]
#[non_exhaustive]
pub struct FixedIncome {
    /// What it pays.
    pub yield_rate: Option<YieldRate>,
    /// When it ends.
    pub maturity_date: Option<NaiveDate>,
    /// When it began.
    pub issue_date: Option<NaiveDate>,
    /// What is paid back.
    #[serde(default, deserialize_with = "number::read_option")]
    pub face_value: Option<Decimal>,
}

/// What a bond pays.
#[derive(Debug, Clone, Deserialize)]
#[non_exhaustive]
pub struct YieldRate {
    /// In percent a year.
    #[serde(deserialize_with = "number::read")]
    pub percentage: Decimal,
    /// `coupon`, `coupon_equivalent`, `discount`, `yield`.
    #[serde(rename = "type")]
    pub rate_type: Option<String>,
}
