//! Transactions: charging, capturing, voiding, refunding, deciding about held ones.

use std::fmt;

use serde::{Deserialize, Serialize};
use turnbuckle_core::http::Operation;
use turnbuckle_core::{Error, Result};

use crate::client::{Answered, AuthorizeNet, Call, PROVIDER};
use crate::messages::{Message, Messages};
use crate::wire::{Decimal, decimal, list, text};
use crate::{TransactionRequest, TransactionType, codes, error};

/// Transactions of a merchant: see [`AuthorizeNet::transactions`].
#[derive(Debug, Clone, Copy)]
pub struct Transactions<'a>(&'a AuthorizeNet);

impl AuthorizeNet {
    /// Charging, capturing, voiding, refunding.
    pub fn transactions(&self) -> Transactions<'_> {
        Transactions(self)
    }
}

/// What came of a transaction. Judge it by [`response_code`](TransactionResponse::response_code).
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct TransactionAnswer {
    /// The transaction.
    pub response: TransactionResponse,
    /// The result of the request; `Ok` for declines as well.
    pub messages: Messages,
    /// The reference that the request carried.
    pub ref_id: Option<String>,
    /// The vendor's request id, where it sent one.
    pub request_id: Option<String>,
}

impl TransactionAnswer {
    /// The error behind a code of this answer, for codes that are neither an approval nor a decline.
    pub(crate) fn error(&self, operation: &Operation, code: &str, reply: &ReplyFacts) -> Error {
        let text = self.response.errors.first().and_then(|error| error.text.as_deref());
        error::of_code(operation, code, text, &reply.0).or_context(&PROVIDER, operation.name)
    }
}

/// What an error needs to know of the answer that it comes from.
pub(crate) struct ReplyFacts(turnbuckle_core::http::Reply);

impl Transactions<'_> {
    /// Makes a transaction, once. `ref_id`, at most 20 characters, comes back with the answer and is compared.
    ///
    /// # Errors
    /// When the request was refused as a whole, or no answer came. A declined transaction is an answer.
    pub async fn create(
        &self,
        request: &TransactionRequest,
        ref_id: Option<&str>,
    ) -> Result<TransactionAnswer> {
        Ok(self.create_with_facts(request, ref_id).await?.0)
    }

    pub(crate) async fn create_with_facts(
        &self,
        request: &TransactionRequest,
        ref_id: Option<&str>,
    ) -> Result<(TransactionAnswer, ReplyFacts)> {
        let operation = operation(request.transaction_type);
        let call = CreateTransaction { transaction_request: request };
        answer(&operation, self.0.exchange(&operation, &call, ref_id).await?)
    }

    /// Approves or declines a held transaction, once.
    ///
    /// # Errors
    /// As [`create`](Self::create).
    pub async fn update_held(&self, id: &str, action: HeldAction) -> Result<TransactionAnswer> {
        Ok(self.update_held_with_facts(id, action).await?.0)
    }

    pub(crate) async fn update_held_with_facts(
        &self,
        id: &str,
        action: HeldAction,
    ) -> Result<(TransactionAnswer, ReplyFacts)> {
        let call =
            UpdateHeldTransaction { held_transaction_request: Held { action, ref_trans_id: id.to_owned() } };
        answer(&DECIDE, self.0.exchange(&DECIDE, &call, None).await?)
    }
}

/// The decision about a held transaction.
pub(crate) const DECIDE: Operation = Operation::once("transactions.update_held");

pub(crate) const fn operation(kind: TransactionType) -> Operation {
    Operation::once(match kind {
        TransactionType::AuthCapture => "transactions.auth_capture",
        TransactionType::AuthOnly => "transactions.auth_only",
        TransactionType::PriorAuthCapture => "transactions.prior_auth_capture",
        TransactionType::CaptureOnly => "transactions.capture_only",
        TransactionType::Refund => "transactions.refund",
        TransactionType::Void => "transactions.void",
    })
}

fn answer(operation: &Operation, answered: Answered<Body>) -> Result<(TransactionAnswer, ReplyFacts)> {
    let Answered { head, body, reply } = answered;
    let context = |error: Error| error.or_context(&PROVIDER, operation.name);
    let judged = body.transaction_response.filter(|response| response.response_code.is_some());
    let Some(response) = judged else {
        if head.messages.is_ok() {
            let message = "the answer says that the request was taken, and not what came of it";
            return Err(context(error::unreadable(operation, &reply, message)));
        }
        return Err(context(error::of_messages(operation, &head.messages, &reply)));
    };
    let request_id = reply.request_id.clone();
    let answer = TransactionAnswer { response, messages: head.messages, ref_id: head.ref_id, request_id };
    Ok((answer, ReplyFacts(reply)))
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CreateTransaction<'a> {
    transaction_request: &'a TransactionRequest,
}

impl Call for CreateTransaction<'_> {
    const NAME: &'static str = "createTransactionRequest";
    type Answer = Body;
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct UpdateHeldTransaction {
    held_transaction_request: Held,
}

impl Call for UpdateHeldTransaction {
    const NAME: &'static str = "updateHeldTransactionRequest";
    type Answer = Body;
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Held {
    action: HeldAction,
    ref_trans_id: String,
}

/// What becomes of a held transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum HeldAction {
    /// Let it go on.
    Approve,
    /// Stop it.
    Decline,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Body {
    #[serde(default)]
    transaction_response: Option<TransactionResponse>,
}

/// What became of a transaction.
///
/// The response code decides: 1 approved, 2 declined, 3 an error, 4 held. The codes behind it stand in
/// [`codes::TABLE`](crate::codes::TABLE).
#[derive(Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct TransactionResponse {
    /// `1`, `2`, `3` or `4`.
    #[serde(default, deserialize_with = "text")]
    pub response_code: Option<String>,
    /// The issuer's authorization code.
    #[serde(default, deserialize_with = "text")]
    pub auth_code: Option<String>,
    /// Address verification, one letter.
    #[serde(default, deserialize_with = "text")]
    pub avs_result_code: Option<String>,
    /// Security code verification, one letter.
    #[serde(default, deserialize_with = "text")]
    pub cvv_result_code: Option<String>,
    /// 3-D Secure verification, one character.
    #[serde(default, deserialize_with = "text")]
    pub cavv_result_code: Option<String>,
    /// The transaction's id; `0` where none was made.
    #[serde(default, deserialize_with = "text")]
    pub trans_id: Option<String>,
    /// The transaction that it works on.
    #[serde(rename = "refTransID", default, deserialize_with = "text")]
    pub ref_trans_id: Option<String>,
    /// HMAC over login, transaction and amount: see [`TransHashKey`](crate::TransHashKey). Often empty.
    #[serde(default, deserialize_with = "text")]
    pub trans_hash_sha2: Option<String>,
    /// `1` for an account in test mode, where nothing is processed.
    #[serde(default, deserialize_with = "text")]
    pub test_request: Option<String>,
    /// `XXXX` and the last four digits.
    #[serde(default, deserialize_with = "text")]
    pub account_number: Option<String>,
    /// `Visa`, `MasterCard`, `eCheck`, ...
    #[serde(default, deserialize_with = "text")]
    pub account_type: Option<String>,
    /// Amounts of a prepaid card or a partial approval.
    #[serde(default)]
    pub pre_paid_card: Option<PrePaidCard>,
    /// What the vendor says about an approval.
    #[serde(default, deserialize_with = "list")]
    pub messages: Vec<Message>,
    /// Why it was refused.
    #[serde(default, deserialize_with = "errors")]
    pub errors: Vec<Message>,
    /// The network's id, for later payments of a series.
    #[serde(default, deserialize_with = "text")]
    pub network_trans_id: Option<String>,
}

impl TransactionResponse {
    /// The reason: the first error's code, else the first message's.
    pub fn reason_code(&self) -> Option<&str> {
        let first = self.errors.first().or_else(|| self.messages.first());
        first.and_then(|message| message.code.as_deref())
    }

    /// Whether one of its messages or errors has this code.
    pub fn has(&self, code: &str) -> bool {
        self.errors.iter().chain(&self.messages).any(|message| message.code.as_deref() == Some(code))
    }

    /// The transaction's id, where there is one.
    pub fn id(&self) -> Option<&str> {
        self.trans_id.as_deref().filter(|id| !id.bytes().all(|byte| byte == b'0'))
    }

    /// The last four digits of the card or account.
    pub fn last4(&self) -> Option<&str> {
        last4(self.account_number.as_deref()?)
    }

    /// The meaning of its reason, where the table has it.
    pub fn meaning(&self) -> Option<codes::Meaning> {
        self.reason_code().and_then(codes::find).map(|row| row.meaning)
    }
}

/// Four digits behind a mask.
pub(crate) fn last4(masked: &str) -> Option<&str> {
    let digits = masked.get(masked.len().checked_sub(4)?..)?;
    digits.bytes().all(|byte| byte.is_ascii_digit()).then_some(digits)
}

impl fmt::Debug for TransactionResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TransactionResponse")
            .field("response_code", &self.response_code)
            .field("trans_id", &self.trans_id)
            .field("ref_trans_id", &self.ref_trans_id)
            .field("account_type", &self.account_type)
            .field("messages", &self.messages)
            .field("errors", &self.errors)
            .finish_non_exhaustive()
    }
}

/// Amounts of a prepaid card or a partial approval.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PrePaidCard {
    /// What was asked for.
    #[serde(default, deserialize_with = "decimal")]
    pub requested_amount: Option<Decimal>,
    /// What was approved.
    #[serde(default, deserialize_with = "decimal")]
    pub approved_amount: Option<Decimal>,
}

/// Errors have names of their own for the same two fields.
fn errors<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<Message>, D::Error> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Wire {
        #[serde(default, deserialize_with = "text")]
        error_code: Option<String>,
        #[serde(default, deserialize_with = "text")]
        error_text: Option<String>,
    }
    let errors = list::<D, Wire>(deserializer)?;
    Ok(errors.into_iter().map(|error| Message { code: error.error_code, text: error.error_text }).collect())
}
