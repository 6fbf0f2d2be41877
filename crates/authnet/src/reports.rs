//! Finding transactions: one in full, the unsettled ones, and batches with what is in them.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use turnbuckle_core::Result;
use turnbuckle_core::http::Operation;

use crate::client::{AuthorizeNet, Call};
use crate::transactions::last4;
use crate::wire::{Decimal, decimal, flag, list, text, time, write_time};

/// Searches over a merchant's transactions: see [`AuthorizeNet::reports`].
///
/// The account needs the Transaction Details API switched on.
/// <https://developer.authorize.net/api/reference/index.html#transaction-reporting>
#[derive(Debug, Clone, Copy)]
pub struct Reports<'a>(&'a AuthorizeNet);

impl AuthorizeNet {
    /// Finding transactions.
    pub fn reports(&self) -> Reports<'_> {
        Reports(self)
    }
}

impl Reports<'_> {
    /// One transaction in full.
    ///
    /// # Errors
    /// [`NotFound`](turnbuckle_core::ErrorKind::NotFound) for an unknown id.
    pub async fn details(&self, id: &str) -> Result<TransactionDetails> {
        const OPERATION: Operation = Operation::read("reports.transaction_details");
        let call = GetTransactionDetails { trans_id: id };
        Ok(self.0.call(&OPERATION, &call).await?.transaction)
    }

    /// Transactions that are in no batch yet, declined ones included.
    ///
    /// # Errors
    /// As every read.
    pub async fn unsettled(&self, page: Page) -> Result<TransactionList> {
        const OPERATION: Operation = Operation::read("reports.unsettled");
        let (sorting, paging) = (Sorting::NEWEST_FIRST, page);
        self.0.call(&OPERATION, &GetUnsettledTransactionList { sorting, paging }).await
    }

    /// Batches that were settled in a period of at most 31 days.
    ///
    /// # Errors
    /// As every read.
    pub async fn settled_batches(&self, first: DateTime<Utc>, last: DateTime<Utc>) -> Result<Vec<Batch>> {
        const OPERATION: Operation = Operation::read("reports.settled_batches");
        let call = GetSettledBatchList {
            include_statistics: false,
            first_settlement_date: first,
            last_settlement_date: last,
        };
        Ok(self.0.call(&OPERATION, &call).await?.batch_list)
    }

    /// One batch.
    ///
    /// # Errors
    /// As every read.
    pub async fn batch(&self, id: &str) -> Result<Option<Batch>> {
        const OPERATION: Operation = Operation::read("reports.batch");
        Ok(self.0.call(&OPERATION, &GetBatchStatistics { batch_id: id }).await?.batch)
    }

    /// What is in a batch.
    ///
    /// # Errors
    /// As every read.
    pub async fn of_batch(&self, id: &str, page: Page) -> Result<TransactionList> {
        const OPERATION: Operation = Operation::read("reports.transactions_of_batch");
        let call = GetTransactionList { batch_id: id, sorting: Sorting::BY_ID, paging: page };
        self.0.call(&OPERATION, &call).await
    }
}

/// One page of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Page {
    /// Entries a page, 1 to 1000. That the vendor takes 1000 is not proven beyond its schema.
    pub limit: u32,
    /// The page's number, from 1 on.
    pub offset: u32,
}

impl Page {
    /// Most entries of one page.
    pub const LARGEST: u32 = 1000;

    /// A page of the largest size by its number, from 1 on.
    pub fn new(number: u32) -> Self {
        Self { limit: Self::LARGEST, offset: number.max(1) }
    }

    /// Sets how many entries it has.
    pub fn with_limit(mut self, limit: u32) -> Self {
        self.limit = limit.clamp(1, Self::LARGEST);
        self
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Sorting {
    order_by: &'static str,
    order_descending: bool,
}

impl Sorting {
    const NEWEST_FIRST: Self = Self { order_by: "submitTimeUTC", order_descending: true };
    const BY_ID: Self = Self { order_by: "id", order_descending: false };
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct GetTransactionDetails<'a> {
    trans_id: &'a str,
}

impl Call for GetTransactionDetails<'_> {
    const NAME: &'static str = "getTransactionDetailsRequest";
    type Answer = DetailsBody;
}

#[derive(Deserialize)]
struct DetailsBody {
    #[serde(default)]
    transaction: TransactionDetails,
}

#[derive(Serialize)]
struct GetUnsettledTransactionList {
    sorting: Sorting,
    paging: Page,
}

impl Call for GetUnsettledTransactionList {
    const NAME: &'static str = "getUnsettledTransactionListRequest";
    type Answer = TransactionList;
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct GetSettledBatchList {
    include_statistics: bool,
    #[serde(serialize_with = "write_time")]
    first_settlement_date: DateTime<Utc>,
    #[serde(serialize_with = "write_time")]
    last_settlement_date: DateTime<Utc>,
}

impl Call for GetSettledBatchList {
    const NAME: &'static str = "getSettledBatchListRequest";
    type Answer = BatchList;
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct BatchList {
    #[serde(default, deserialize_with = "list")]
    batch_list: Vec<Batch>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct GetBatchStatistics<'a> {
    batch_id: &'a str,
}

impl Call for GetBatchStatistics<'_> {
    const NAME: &'static str = "getBatchStatisticsRequest";
    type Answer = OneBatch;
}

#[derive(Deserialize)]
struct OneBatch {
    #[serde(default)]
    batch: Option<Batch>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct GetTransactionList<'a> {
    batch_id: &'a str,
    sorting: Sorting,
    paging: Page,
}

impl Call for GetTransactionList<'_> {
    const NAME: &'static str = "getTransactionListRequest";
    type Answer = TransactionList;
}

/// A page of transactions.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct TransactionList {
    /// The entries.
    #[serde(default, deserialize_with = "list")]
    pub transactions: Vec<TransactionSummary>,
    /// How many there are on all pages.
    #[serde(default, deserialize_with = "text")]
    pub total_num_in_result_set: Option<String>,
}

impl TransactionList {
    /// Whether nothing follows, `seen` entries having been read with this page. The vendor's count decides where it is
    /// given: that a page really holds as many as were asked for is not proven.
    pub fn is_last(&self, seen: usize) -> bool {
        let total = self.total_num_in_result_set.as_deref().and_then(|total| total.parse::<usize>().ok());
        match total {
            _ if self.transactions.is_empty() => true,
            Some(total) => seen >= total,
            None => self.transactions.len() < Page::LARGEST as usize,
        }
    }
}

/// A transaction as lists show it.
#[derive(Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct TransactionSummary {
    /// The transaction's id.
    #[serde(default, deserialize_with = "text")]
    pub trans_id: Option<String>,
    /// When it was submitted.
    #[serde(rename = "submitTimeUTC", default, deserialize_with = "time")]
    pub submit_time: Option<DateTime<Utc>>,
    /// The vendor's word for its state; new ones may appear.
    #[serde(default, deserialize_with = "text")]
    pub transaction_status: Option<String>,
    /// The invoice number.
    #[serde(default, deserialize_with = "text")]
    pub invoice_number: Option<String>,
    /// `Visa`, `eCheck`, ...
    #[serde(default, deserialize_with = "text")]
    pub account_type: Option<String>,
    /// `XXXX` and the last four digits.
    #[serde(default, deserialize_with = "text")]
    pub account_number: Option<String>,
    /// What is or will be settled, in the account's currency.
    #[serde(default, deserialize_with = "decimal")]
    pub settle_amount: Option<Decimal>,
    /// Whether it came back from the bank.
    #[serde(default, deserialize_with = "flag")]
    pub has_returned_items: Option<bool>,
}

impl fmt::Debug for TransactionSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TransactionSummary")
            .field("trans_id", &self.trans_id)
            .field("submit_time", &self.submit_time)
            .field("transaction_status", &self.transaction_status)
            .field("invoice_number", &self.invoice_number)
            .field("settle_amount", &self.settle_amount)
            .finish_non_exhaustive()
    }
}

/// A settlement batch.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Batch {
    /// The batch's id.
    #[serde(default, deserialize_with = "text")]
    pub batch_id: Option<String>,
    /// When it was settled.
    #[serde(rename = "settlementTimeUTC", default, deserialize_with = "time")]
    pub settlement_time: Option<DateTime<Utc>>,
    /// `settledSuccessfully`, `settlementError`, `pendingSettlement`.
    #[serde(default, deserialize_with = "text")]
    pub settlement_state: Option<String>,
    /// `creditCard` or `eCheck`.
    #[serde(default, deserialize_with = "text")]
    pub payment_method: Option<String>,
}

/// A transaction in full. Amounts are in the account's currency, which the answer does not name.
#[derive(Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct TransactionDetails {
    /// The transaction's id.
    #[serde(default, deserialize_with = "text")]
    pub trans_id: Option<String>,
    /// The transaction that it works on.
    #[serde(default, deserialize_with = "text")]
    pub ref_trans_id: Option<String>,
    /// When it was submitted.
    #[serde(rename = "submitTimeUTC", default, deserialize_with = "time")]
    pub submit_time: Option<DateTime<Utc>>,
    /// `authCaptureTransaction`, ...
    #[serde(default, deserialize_with = "text")]
    pub transaction_type: Option<String>,
    /// The vendor's word for its state; new ones may appear.
    #[serde(default, deserialize_with = "text")]
    pub transaction_status: Option<String>,
    /// `1` approved, `2` declined, `3` an error, `4` held.
    #[serde(default, deserialize_with = "text")]
    pub response_code: Option<String>,
    /// The code behind it.
    #[serde(default, deserialize_with = "text")]
    pub response_reason_code: Option<String>,
    /// The issuer's authorization code.
    #[serde(default, deserialize_with = "text")]
    pub auth_code: Option<String>,
    /// Address verification.
    #[serde(rename = "AVSResponse", default, deserialize_with = "text")]
    pub avs_response: Option<String>,
    /// Security code verification.
    #[serde(default, deserialize_with = "text")]
    pub card_code_response: Option<String>,
    /// The batch that it was settled in.
    #[serde(default)]
    pub batch: Option<Batch>,
    /// Invoice number and description.
    #[serde(default)]
    pub order: OrderDetails,
    /// What was asked for, where that differs from what was authorized.
    #[serde(default, deserialize_with = "decimal")]
    pub requested_amount: Option<Decimal>,
    /// What was authorized.
    #[serde(default, deserialize_with = "decimal")]
    pub auth_amount: Option<Decimal>,
    /// What is or will be settled.
    #[serde(default, deserialize_with = "decimal")]
    pub settle_amount: Option<Decimal>,
    /// What paid, masked.
    #[serde(default)]
    pub payment: PaymentDetails,
    /// Returns of a bank debit.
    #[serde(default, deserialize_with = "list")]
    pub returned_items: Vec<ReturnedItem>,
    /// The network's id.
    #[serde(default, deserialize_with = "text")]
    pub network_trans_id: Option<String>,
}

impl TransactionDetails {
    /// The last four digits of the card or account.
    pub fn last4(&self) -> Option<&str> {
        let card = self.payment.credit_card.as_ref().and_then(|card| card.card_number.as_deref());
        let account = self.payment.bank_account.as_ref().and_then(|bank| bank.account_number.as_deref());
        last4(card.or(account)?)
    }

    /// Whether a bank account paid.
    pub fn is_bank(&self) -> bool {
        self.payment.bank_account.is_some()
    }
}

impl fmt::Debug for TransactionDetails {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TransactionDetails")
            .field("trans_id", &self.trans_id)
            .field("ref_trans_id", &self.ref_trans_id)
            .field("transaction_type", &self.transaction_type)
            .field("transaction_status", &self.transaction_status)
            .field("response_code", &self.response_code)
            .field("auth_amount", &self.auth_amount)
            .field("settle_amount", &self.settle_amount)
            .finish_non_exhaustive()
    }
}

/// An order as reports show it. `Debug` shows the invoice number.
#[derive(Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct OrderDetails {
    /// The invoice number.
    #[serde(default, deserialize_with = "text")]
    pub invoice_number: Option<String>,
    /// What is bought.
    #[serde(default, deserialize_with = "text")]
    pub description: Option<String>,
}

impl fmt::Debug for OrderDetails {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OrderDetails").field("invoice_number", &self.invoice_number).finish_non_exhaustive()
    }
}

/// What paid, masked.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PaymentDetails {
    /// A card.
    #[serde(default)]
    pub credit_card: Option<MaskedCard>,
    /// A bank account.
    #[serde(default)]
    pub bank_account: Option<MaskedBank>,
}

/// A card, masked.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct MaskedCard {
    /// `XXXX` and the last four digits.
    #[serde(default, deserialize_with = "text")]
    pub card_number: Option<String>,
    /// `XXXX`.
    #[serde(default, deserialize_with = "text")]
    pub expiration_date: Option<String>,
    /// `Visa`, ...
    #[serde(default, deserialize_with = "text")]
    pub card_type: Option<String>,
}

/// A bank account, masked.
#[derive(Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct MaskedBank {
    /// `XXXX` and the last four digits.
    #[serde(default, deserialize_with = "text")]
    pub routing_number: Option<String>,
    /// `XXXX` and the last four digits.
    #[serde(default, deserialize_with = "text")]
    pub account_number: Option<String>,
    /// The holder.
    #[serde(default, deserialize_with = "text")]
    pub name_on_account: Option<String>,
    /// `checking`, `savings` or `businessChecking`.
    #[serde(default, deserialize_with = "text")]
    pub account_type: Option<String>,
}

impl fmt::Debug for MaskedBank {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MaskedBank").field("account_number", &self.account_number).finish_non_exhaustive()
    }
}

/// One return of a bank debit.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ReturnedItem {
    /// The bank's reason.
    #[serde(default, deserialize_with = "text")]
    pub code: Option<String>,
    /// When it came back.
    #[serde(rename = "dateUTC", default, deserialize_with = "time")]
    pub date: Option<DateTime<Utc>>,
}
