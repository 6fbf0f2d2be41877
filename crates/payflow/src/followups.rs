//! Transactions that work on an earlier one: captures, voids, refunds, reviews.

use turnbuckle_core::Result;
use turnbuckle_core::http::Operation;
use turnbuckle_core::money::Money;

use crate::client::change;
use crate::params::{Params, Tender, check_id};
use crate::{Payflow, RequestId, Transaction};

const CAPTURE: Operation = change("capture");
const VOID: Operation = change("void");
const REFUND: Operation = change("refund");
const REVIEW: Operation = change("review");

/// A transaction that works on an earlier one.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Followup {
    /// `ORIGID`: the `PNREF` of the earlier one.
    pub original: String,
    /// `TENDER`: that of the earlier one.
    pub tender: Tender,
    /// `AMT`: how much; `None` means what the earlier one was for.
    pub amount: Option<Money>,
    /// `CUSTREF`, by which an inquiry finds this transaction.
    pub customer_reference: Option<String>,
    /// `COMMENT1`.
    pub comment1: Option<String>,
}

impl Followup {
    /// Works on the whole of an earlier transaction.
    pub fn new(original: impl Into<String>, tender: Tender) -> Self {
        Self { original: original.into(), tender, amount: None, customer_reference: None, comment1: None }
    }

    /// Sets how much.
    pub fn with_amount(mut self, amount: Money) -> Self {
        self.amount = Some(amount);
        self
    }

    /// Sets `CUSTREF`.
    pub fn with_customer_reference(mut self, reference: impl Into<String>) -> Self {
        self.customer_reference = Some(reference.into());
        self
    }

    /// Sets `COMMENT1`.
    pub fn with_comment1(mut self, comment: impl Into<String>) -> Self {
        self.comment1 = Some(comment.into());
        self
    }

    fn params(&self, transaction: &'static str) -> Result<Params> {
        let mut params = Params::new(transaction, self.tender);
        params.set("ORIGID", check_id("payment", &self.original)?);
        if let Some(amount) = self.amount {
            params.set_money(amount)?;
        }
        params.set_some("CUSTREF", self.customer_reference.as_deref());
        params.set_some("COMMENT1", self.comment1.as_deref());
        Ok(params)
    }
}

/// The end of a review.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// `RMS_APPROVE`: let the transaction go on.
    Approve,
    /// `RMS_MERCHANT_DECLINE`: stop it.
    Decline,
}

impl Payflow {
    /// Takes what was authorized (`TRXTYPE=D`). Unless `is_final`, the rest stays reserved for more captures
    /// (`CAPTURECOMPLETE=N`), which Payflow offers only where PayPal itself is the processor.
    ///
    /// # Errors
    /// As [`sale`](Self::sale); 111 when there is nothing to capture any more.
    pub async fn capture(&self, capture: &Followup, is_final: bool, id: &RequestId) -> Result<Transaction> {
        let mut params = capture.params("D")?;
        params.set("CAPTURECOMPLETE", if is_final { "Y" } else { "N" });
        self.send(&CAPTURE, params, id).await
    }

    /// Stops a transaction before it settles (`TRXTYPE=V`).
    ///
    /// # Errors
    /// As [`sale`](Self::sale); 108 when it is too late, or was done before.
    pub async fn void(&self, void: &Followup, id: &RequestId) -> Result<Transaction> {
        self.send(&VOID, void.params("V")?, id).await
    }

    /// Returns money of a settled transaction (`TRXTYPE=C` with `ORIGID`). Of a bank account only the whole amount.
    ///
    /// # Errors
    /// As [`sale`](Self::sale); 105 when it is not settled, or when not as much is left.
    pub async fn refund(&self, refund: &Followup, id: &RequestId) -> Result<Transaction> {
        self.send(&REFUND, refund.params("C")?, id).await
    }

    /// Ends a fraud filter's hold (`TRXTYPE=U`).
    ///
    /// # Errors
    /// As [`sale`](Self::sale).
    pub async fn review(&self, held: &Followup, verdict: Verdict, id: &RequestId) -> Result<Transaction> {
        let mut params = held.params("U")?;
        params.set(
            "UPDATEACTION",
            match verdict {
                Verdict::Approve => "RMS_APPROVE",
                Verdict::Decline => "RMS_MERCHANT_DECLINE",
            },
        );
        self.send(&REVIEW, params, id).await
    }
}
