//! One transaction, as Plaid has it.

use std::fmt;

use chrono::{DateTime, NaiveDate, Utc};
use secrecy::SecretString;
use serde::Deserialize;
use turnbuckle_core::bank_data::Decimal;

use crate::number;
use crate::words::{null_default, secret_option};

/// One transaction. `Debug` shows ids, dates and states; who was paid, how much and where is personal data.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct Transaction {
    /// Plaid's id. The posted transaction has another one than the pending one.
    pub transaction_id: String,
    /// The account.
    pub account_id: String,
    /// How much. **Above zero when money left the account**, below when it came in.
    #[serde(deserialize_with = "number::read")]
    pub amount: Decimal,
    /// The ISO 4217 code of the amount.
    pub iso_currency_code: Option<String>,
    /// The code of a currency that ISO does not list; at most one of the two is set.
    pub unofficial_currency_code: Option<String>,
    /// The day it was booked; of a pending one, the day it happened.
    pub date: NaiveDate,
    /// When it was booked, at the banks that tell.
    pub datetime: Option<DateTime<Utc>>,
    /// The day it was authorized.
    pub authorized_date: Option<NaiveDate>,
    /// When it was authorized, at the banks that tell.
    pub authorized_datetime: Option<DateTime<Utc>>,
    /// Whether it is still pending.
    pub pending: bool,
    /// The pending transaction that this one took the place of.
    pub pending_transaction_id: Option<String>,
    /// `online`, `in store` or `other`.
    #[serde(default, deserialize_with = "null_default")]
    pub payment_channel: String,
    /// What transfers between banks carry.
    pub payment_meta: Option<PaymentMeta>,
    /// Where.
    pub location: Option<Location>,
    /// What it is, in Plaid's older wording. Prefer `merchant_name` and `counterparties`.
    #[serde(default, deserialize_with = "null_default")]
    pub name: String,
    /// The last digits of the card of whoever of several owners paid.
    pub account_owner: Option<String>,
    /// What kind of transfer it is, in Europe.
    pub transaction_code: Option<String>,
    /// The merchant, as Plaid knows it.
    pub merchant_name: Option<String>,
    /// Plaid's stable id of the merchant.
    pub merchant_entity_id: Option<String>,
    /// What it was for.
    pub personal_finance_category: Option<PersonalFinanceCategory>,
    /// Who else took part.
    #[serde(default, deserialize_with = "null_default")]
    pub counterparties: Vec<TransactionCounterparty>,
    /// The number of the cheque.
    pub check_number: Option<String>,
    /// The bank's own text, where it was asked for.
    pub original_description: Option<String>,
    /// The merchant's logo.
    pub logo_url: Option<String>,
    /// The merchant's page.
    pub website: Option<String>,
}

impl fmt::Debug for Transaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transaction")
            .field("transaction_id", &self.transaction_id)
            .field("account_id", &self.account_id)
            .field("date", &self.date)
            .field("authorized_date", &self.authorized_date)
            .field("pending", &self.pending)
            .field("pending_transaction_id", &self.pending_transaction_id)
            .field("payment_channel", &self.payment_channel)
            .finish_non_exhaustive()
    }
}

/// What a transaction was for.
#[derive(Debug, Clone, Deserialize)]
#[non_exhaustive]
pub struct PersonalFinanceCategory {
    /// The broad word.
    pub primary: String,
    /// The finer word.
    pub detailed: String,
    /// How sure Plaid is: `VERY_HIGH`, `HIGH`, `MEDIUM`, `LOW`, `UNKNOWN`.
    pub confidence_level: Option<String>,
    /// Whose words these are: `v1` or `v2`.
    pub version: Option<String>,
}

/// Somebody else who took part.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct TransactionCounterparty {
    /// The name.
    pub name: String,
    /// `merchant`, `financial_institution`, `payment_app`, `marketplace`, `payment_terminal`, `income_source`.
    #[serde(rename = "type", default, deserialize_with = "null_default")]
    pub kind: String,
    /// Plaid's stable id.
    pub entity_id: Option<String>,
    /// The page.
    pub website: Option<String>,
    /// The logo.
    pub logo_url: Option<String>,
    /// How sure Plaid is.
    pub confidence_level: Option<String>,
    /// The numbers of the other account, in Europe.
    pub account_numbers: Option<CounterpartyNumbers>,
}

impl fmt::Debug for TransactionCounterparty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TransactionCounterparty")
            .field("kind", &self.kind)
            .field("confidence_level", &self.confidence_level)
            .finish_non_exhaustive()
    }
}

/// The numbers of the other account, in Europe.
#[derive(Debug, Clone, Deserialize)]
#[non_exhaustive]
pub struct CounterpartyNumbers {
    /// United Kingdom.
    pub bacs: Option<CounterpartyBacs>,
    /// IBAN countries.
    pub international: Option<CounterpartyInternational>,
}

/// Numbers of another account in the United Kingdom.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct CounterpartyBacs {
    /// The account number.
    #[serde(default, deserialize_with = "secret_option")]
    pub account: Option<SecretString>,
    /// The sort code.
    pub sort_code: Option<String>,
}

impl fmt::Debug for CounterpartyBacs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CounterpartyBacs").finish_non_exhaustive()
    }
}

/// Numbers of another account in an IBAN country.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct CounterpartyInternational {
    /// The IBAN.
    #[serde(default, deserialize_with = "secret_option")]
    pub iban: Option<SecretString>,
    /// The BIC.
    pub bic: Option<String>,
}

impl fmt::Debug for CounterpartyInternational {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CounterpartyInternational").finish_non_exhaustive()
    }
}

/// What transfers between banks carry. Personal data.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct PaymentMeta {
    /// The reference.
    pub reference_number: Option<String>,
    /// The ACH PPD id of the payer.
    pub ppd_id: Option<String>,
    /// Who was paid.
    pub payee: Option<String>,
    /// On whose order.
    pub by_order_of: Option<String>,
    /// Who paid.
    pub payer: Option<String>,
    /// How.
    pub payment_method: Option<String>,
    /// Through whom.
    pub payment_processor: Option<String>,
    /// What for.
    pub reason: Option<String>,
}

impl fmt::Debug for PaymentMeta {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PaymentMeta").finish_non_exhaustive()
    }
}

/// Where it happened. Personal data.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct Location {
    /// Street and house.
    pub address: Option<String>,
    /// City.
    pub city: Option<String>,
    /// State or region.
    pub region: Option<String>,
    /// Postal code.
    pub postal_code: Option<String>,
    /// ISO 3166-1 alpha-2.
    pub country: Option<String>,
    /// Latitude in degrees.
    #[serde(default, deserialize_with = "number::read_option")]
    pub lat: Option<Decimal>,
    /// Longitude in degrees.
    #[serde(default, deserialize_with = "number::read_option")]
    pub lon: Option<Decimal>,
    /// The merchant's number of the shop.
    pub store_number: Option<String>,
}

impl fmt::Debug for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Location").field("country", &self.country).finish_non_exhaustive()
    }
}
