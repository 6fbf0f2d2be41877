//! Asking what became of a transaction.

use std::fmt;

use chrono::{DateTime, Utc};
use turnbuckle_core::Result;
use turnbuckle_core::http::Operation;

use crate::client::{PROVIDER, inquiry};
use crate::nvp::Fields;
use crate::params::{Params, Tender, check_id};
use crate::transaction::{Check, brand, is_id, last4};
use crate::{Payflow, error};

const INQUIRE: Operation = inquiry("inquire");

/// Which transaction to ask about.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum InquiryKey {
    /// `ORIGID`: its `PNREF`.
    Original(String),
    /// `CUSTREF`: the last card transaction, or the first of a bank account, with this reference.
    CustomerReference {
        /// The reference.
        reference: String,
        /// `STARTTIME` and `ENDTIME`, at most 30 days apart; `None` searches the last 30 days. In which time zone Payflow
        /// reads them is not documented, so leave a day of margin at both ends.
        period: Option<(DateTime<Utc>, DateTime<Utc>)>,
    },
    /// `SECURETOKEN`: the transaction made with a hosted page's token.
    SecureToken(String),
}

/// What became of a transaction.
///
/// `RESULT` and `PNREF` of the answer belong to the inquiry itself; the `ORIG` fields are the transaction's.
#[derive(Clone)]
#[non_exhaustive]
pub struct Inquiry {
    /// `ORIGRESULT`: what the transaction's `RESULT` was.
    pub original_result: i32,
    /// `ORIGPNREF`: its id.
    pub original_pnref: Option<String>,
    /// `RESPMSG`: its message.
    pub message: Option<String>,
    /// `TRANSSTATE`: where it stands.
    pub state: Option<TransState>,
    /// `STATUS`: where a bank debit stands, such as `P02` or `R01`.
    pub ach_status: Option<String>,
    /// `CUSTREF`, where it came back.
    pub customer_reference: Option<String>,
    /// `COMMENT1`, where it came back.
    pub comment1: Option<String>,
    /// `BATCHID`: its settlement batch.
    pub batch: Option<String>,
    /// `AMT` as it came: a decimal without a currency.
    pub amount: Option<String>,
    /// `AUTHCODE`.
    pub auth_code: Option<String>,
    /// `AVSADDR`.
    pub street_match: Option<Check>,
    /// `AVSZIP`.
    pub postal_match: Option<Check>,
    /// `CVV2MATCH`.
    pub cvv_match: Option<Check>,
    /// `TXID`: the card network's id.
    pub network_id: Option<String>,
    /// The last four digits of `ACCT`.
    pub last4: Option<String>,
    /// `CARDTYPE` as a brand in lower case.
    pub brand: Option<&'static str>,
    /// Every field of the answer.
    pub fields: Fields,
}

/// `TRANSSTATE`, taken apart.
///
/// The base says where the transaction stands. A void adds 1000. A transaction whose acknowledgment Payflow missed has 100
/// or 200 added; it does not settle by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct TransState {
    /// 0 general success, 1 error, 3 authorized, 6 to be settled, 7 being settled, 8 settled, 9 authorization captured,
    /// 10 capture failed, 11 failed to settle, 12 unsettled, 14 batch failed, 15 charged back, 16 ACH settlement failed.
    pub base: u32,
    /// Whether it was voided.
    pub voided: bool,
    /// Whether it hangs and does not settle by itself.
    pub hangs: bool,
}

impl TransState {
    /// Takes a `TRANSSTATE` apart.
    pub fn new(state: u32) -> Self {
        Self { base: state % 100, voided: state >= 1000, hangs: state % 1000 / 100 != 0 }
    }
}

impl Inquiry {
    /// Reads an answer. `None` without an `ORIGRESULT` that is a number.
    pub fn read(fields: Fields) -> Option<Self> {
        let text = |name: &str| fields.filled(name).map(str::to_owned);
        Some(Self {
            original_result: fields.filled("ORIGRESULT")?.parse().ok()?,
            original_pnref: text("ORIGPNREF").filter(|pnref| is_id(pnref)),
            message: text("RESPMSG"),
            state: fields.filled("TRANSSTATE").and_then(|state| state.parse().ok()).map(TransState::new),
            ach_status: text("STATUS"),
            customer_reference: text("CUSTREF"),
            comment1: text("COMMENT1"),
            batch: text("BATCHID"),
            amount: text("AMT"),
            auth_code: text("AUTHCODE"),
            street_match: Check::read(&fields, "AVSADDR"),
            postal_match: Check::read(&fields, "AVSZIP"),
            cvv_match: Check::read(&fields, "CVV2MATCH"),
            network_id: text("TXID"),
            last4: last4(&fields),
            brand: brand(&fields),
            fields,
        })
    }
}

impl fmt::Debug for Inquiry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inquiry")
            .field("original_result", &self.original_result)
            .field("original_pnref", &self.original_pnref)
            .field("state", &self.state)
            .field("ach_status", &self.ach_status)
            .finish_non_exhaustive()
    }
}

impl Payflow {
    /// Asks what became of a transaction (`TRXTYPE=I`).
    ///
    /// # Errors
    /// - [`NotFound`](turnbuckle_core::ErrorKind::NotFound) for `RESULT` 19, documented for an unknown `ORIGID`, and 20,
    ///   documented for an unknown `CUSTREF`; neither was seen live.
    /// - Every other `RESULT` but 0, and an answer that does not speak of a transaction.
    pub async fn inquire(&self, key: &InquiryKey, tender: Tender) -> Result<Inquiry> {
        let mut params = Params::new("I", tender);
        match key {
            InquiryKey::Original(pnref) => params.set("ORIGID", check_id("payment", pnref)?),
            InquiryKey::CustomerReference { reference, period } => {
                params.set("CUSTREF", check_id("customer_reference", reference)?);
                if let Some((from, until)) = period {
                    params.set("STARTTIME", from.format("%Y%m%d%H%M%S").to_string());
                    params.set("ENDTIME", until.format("%Y%m%d%H%M%S").to_string());
                }
            }
            InquiryKey::SecureToken(token) => params.set("SECURETOKEN", check_id("token", token)?),
        }
        let answer = self.ask(&INQUIRE, params).await?;
        Inquiry::read(answer.fields).ok_or_else(|| {
            error::unreadable(&INQUIRE, "the answer does not speak of the transaction that was asked about")
                .or_context(&PROVIDER, INQUIRE.name)
        })
    }
}
