//! What Payflow answers about recurring profiles.

use std::fmt;

use chrono::NaiveDate;

use crate::PayPeriod;
use crate::nvp::Fields;
use crate::params::read_profile_day;
use crate::transaction::{is_id, last4};

/// A recurring profile as it is.
#[derive(Clone)]
#[non_exhaustive]
pub struct Profile {
    /// `PROFILEID`: begins with `RT` in tests and `RP` with real money.
    pub id: String,
    /// `STATUS`. Only `ACTIVE` was seen; that the others are `VENDOR INACTIVE`, `DEACTIVATED BY MERCHANT`, `EXPIRED` and
    /// `TOO MANY FAILURES` is not proven.
    pub status: String,
    /// `PROFILENAME`.
    pub name: Option<String>,
    /// `AMT` as it came: a decimal without a currency.
    pub amount: Option<String>,
    /// `PAYPERIOD`.
    pub period: Option<PayPeriod>,
    /// `START`.
    pub start: Option<NaiveDate>,
    /// `NEXTPAYMENT`.
    pub next_payment: Option<NaiveDate>,
    /// `END`.
    pub end: Option<NaiveDate>,
    /// `TERM`: how many payments in all; 0 goes on until cancelled.
    pub term: Option<u32>,
    /// `PAYMENTSLEFT`.
    pub payments_left: Option<u32>,
    /// `NUMFAILPAYMENTS`: how many payments failed.
    pub failures: Option<u32>,
    /// The last four digits of `ACCT`.
    pub last4: Option<String>,
    /// Every field of the answer. Payflow leaves some out for some accounts.
    pub fields: Fields,
}

impl Profile {
    /// Reads an answer. `None` without an id and a status.
    pub fn read(fields: Fields) -> Option<Self> {
        let text = |name: &str| fields.filled(name).map(str::to_owned);
        let day = |name: &str| fields.filled(name).and_then(read_profile_day);
        let number = |name: &str| fields.filled(name).and_then(|number| number.parse().ok());
        Some(Self {
            id: text("PROFILEID").filter(|id| is_id(id))?,
            status: text("STATUS")?,
            name: text("PROFILENAME"),
            amount: text("AMT"),
            period: fields.filled("PAYPERIOD").and_then(PayPeriod::read),
            start: day("START"),
            next_payment: day("NEXTPAYMENT"),
            end: day("END"),
            term: number("TERM"),
            payments_left: number("PAYMENTSLEFT"),
            failures: number("NUMFAILPAYMENTS"),
            last4: last4(&fields),
            fields,
        })
    }
}

impl fmt::Debug for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Profile")
            .field("id", &self.id)
            .field("status", &self.status)
            .field("period", &self.period)
            .field("next_payment", &self.next_payment)
            .finish_non_exhaustive()
    }
}

/// One payment of a profile.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProfilePayment {
    /// Its place in the history, from 1.
    pub number: u32,
    /// `P_PNREF`: the transaction's id.
    pub pnref: Option<String>,
    /// `P_RESULT`: the transaction's `RESULT`.
    pub result: i32,
    /// `P_AMT` as it came: a decimal without a currency.
    pub amount: Option<String>,
    /// `P_TRANSTATE`: the transaction's `TRANSSTATE`.
    pub state: Option<u32>,
    /// `P_TRANSTIME` as it came, in a time zone that Payflow does not name.
    pub time: Option<String>,
}

impl ProfilePayment {
    /// Reads a history, oldest first. `None` when a payment's number or result cannot be read.
    pub fn read_all(fields: &Fields) -> Option<Vec<Self>> {
        let mut payments = Vec::new();
        for (name, value) in fields.iter() {
            let Some(number) = name.strip_prefix("P_RESULT") else { continue };
            let of = |name: &str| fields.filled(&format!("{name}{number}"));
            payments.push(Self {
                number: number.parse().ok()?,
                pnref: of("P_PNREF").filter(|pnref| is_id(pnref)).map(str::to_owned),
                result: value.parse().ok()?,
                amount: of("P_AMT").map(str::to_owned),
                state: of("P_TRANSTATE").and_then(|state| state.parse().ok()),
                time: of("P_TRANSTIME").map(str::to_owned),
            });
        }
        payments.sort_by_key(|payment| payment.number);
        Some(payments)
    }
}
