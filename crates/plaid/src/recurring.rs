//! Streams of payments that repeat.

use std::fmt;

use chrono::{DateTime, NaiveDate, Utc};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use turnbuckle_core::Result;
use turnbuckle_core::bank_data::Decimal;
use turnbuckle_core::http::Operation;

use crate::words::{null_default, string_enum};
use crate::{PersonalFinanceCategory, Transactions, number};

const GET: Operation = Operation::read("transactions.recurring");

impl Transactions<'_> {
    /// Payments that repeat, in and out: `POST /transactions/recurring/get`. An add-on; ask after the whole history is
    /// there.
    ///
    /// # Errors
    /// As every call.
    pub async fn recurring(
        &self,
        access_token: &SecretString,
        params: &GetRecurring,
    ) -> Result<RecurringStreams> {
        self.0.call_item(&GET, "/transactions/recurring/get", access_token, params).await
    }
}

/// Which streams to read.
#[derive(Debug, Clone, Default, Serialize)]
#[non_exhaustive]
pub struct GetRecurring {
    /// These accounts; empty is all.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub account_ids: Vec<String>,
    /// More about what to read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub options: Option<RecurringOptions>,
}

impl GetRecurring {
    /// Nothing set.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets `account_ids`.
    pub fn with_account_ids(mut self, account_ids: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.account_ids = account_ids.into_iter().map(Into::into).collect();
        self
    }

    /// Sets `options`.
    pub fn with_options(mut self, options: RecurringOptions) -> Self {
        self.options = Some(options);
        self
    }
}

/// More about what to read.
#[derive(Debug, Clone, Default, Serialize)]
#[non_exhaustive]
pub struct RecurringOptions {
    /// Whose words categories are in: `v1` or `v2`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub personal_finance_category_version: Option<String>,
}

impl RecurringOptions {
    /// Nothing set.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets `personal_finance_category_version`.
    pub fn with_personal_finance_category_version(
        mut self,
        personal_finance_category_version: impl Into<String>,
    ) -> Self {
        self.personal_finance_category_version = Some(personal_finance_category_version.into());
        self
    }
}

string_enum! {
    /// How often a payment repeats.
    RecurringFrequency {
        /// Plaid does not know.
        Unknown = "UNKNOWN",
        /// Every week.
        Weekly = "WEEKLY",
        /// Every two weeks.
        Biweekly = "BIWEEKLY",
        /// Twice a month.
        SemiMonthly = "SEMI_MONTHLY",
        /// Every month.
        Monthly = "MONTHLY",
        /// Every year.
        Annually = "ANNUALLY",
    }
}

string_enum! {
    /// How far a stream has come.
    StreamStatus {
        /// Plaid does not know.
        Unknown = "UNKNOWN",
        /// Three payments and more.
        Mature = "MATURE",
        /// Too few payments to be sure.
        EarlyDetection = "EARLY_DETECTION",
        /// It has ended.
        Tombstoned = "TOMBSTONED",
    }
}

/// Payments that repeat.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct RecurringStreams {
    /// Money that comes in.
    pub inflow_streams: Vec<RecurringStream>,
    /// Money that goes out.
    pub outflow_streams: Vec<RecurringStream>,
    /// When Plaid last looked.
    pub updated_datetime: Option<DateTime<Utc>>,
    /// Whose words categories are in.
    pub personal_finance_category_version: Option<String>,
    /// Plaid's id of the request.
    #[serde(default, deserialize_with = "null_default")]
    pub request_id: String,
}

impl fmt::Debug for RecurringStreams {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecurringStreams")
            .field("inflow_streams", &self.inflow_streams.len())
            .field("outflow_streams", &self.outflow_streams.len())
            .field("updated_datetime", &self.updated_datetime)
            .field("request_id", &self.request_id)
            .finish_non_exhaustive()
    }
}

/// One payment that repeats.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct RecurringStream {
    /// Plaid's id.
    pub stream_id: String,
    /// The account.
    pub account_id: String,
    /// What it is.
    #[serde(default, deserialize_with = "null_default")]
    pub description: String,
    /// The merchant.
    pub merchant_name: Option<String>,
    /// The first payment.
    pub first_date: NaiveDate,
    /// The last payment.
    pub last_date: NaiveDate,
    /// When the next one is expected.
    pub predicted_next_date: Option<NaiveDate>,
    /// How often.
    #[serde(default, deserialize_with = "null_default")]
    pub frequency: RecurringFrequency,
    /// The payments, in no promised order.
    #[serde(default, deserialize_with = "null_default")]
    pub transaction_ids: Vec<String>,
    /// How much on average. Above zero when money leaves.
    pub average_amount: StreamAmount,
    /// How much the last time.
    pub last_amount: StreamAmount,
    /// Whether it goes on.
    #[serde(default, deserialize_with = "null_default")]
    pub is_active: bool,
    /// How far it has come.
    #[serde(default, deserialize_with = "null_default")]
    pub status: StreamStatus,
    /// What it is for.
    pub personal_finance_category: Option<PersonalFinanceCategory>,
}

impl fmt::Debug for RecurringStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecurringStream")
            .field("stream_id", &self.stream_id)
            .field("account_id", &self.account_id)
            .field("first_date", &self.first_date)
            .field("last_date", &self.last_date)
            .field("frequency", &self.frequency)
            .field("status", &self.status)
            .field("is_active", &self.is_active)
            .finish_non_exhaustive()
    }
}

/// An amount of a stream.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct StreamAmount {
    /// How much. Above zero when money leaves.
    #[serde(default, deserialize_with = "number::read_option")]
    pub amount: Option<Decimal>,
    /// The ISO 4217 code.
    pub iso_currency_code: Option<String>,
    /// The code of a currency that ISO does not list.
    pub unofficial_currency_code: Option<String>,
}

impl fmt::Debug for StreamAmount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StreamAmount")
            .field("iso_currency_code", &self.iso_currency_code)
            .field("unofficial_currency_code", &self.unofficial_currency_code)
            .finish_non_exhaustive()
    }
}
