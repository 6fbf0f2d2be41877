//! Purchase, authorize, credit and verify: what makes a new transaction.

use turnbuckle_core::money::Money;
use turnbuckle_core::payment::{
    CreditRequest, IdempotencyKey, Outcome, PaymentMethod, PaymentOperation, PaymentRequest, TextChange,
    VerifyRequest,
};
use turnbuckle_core::{Effect, Error, ErrorKind, Result};

use super::answer::{Asked, Judged};
use super::request::{self, Who, invoice};
use super::{AuthorizeNetGateway, detail};
use crate::client::PROVIDER;
use crate::transactions::operation;
use crate::{TransactionRequest, TransactionType};

impl AuthorizeNetGateway {
    pub(super) async fn pay(
        &self,
        request: &PaymentRequest,
        operation_kind: PaymentOperation,
    ) -> Result<Outcome> {
        let key = self.wire_key(operation_kind, &request.key);
        let (transaction, changes) = request::payment(request, operation_kind, &key).finish()?;
        let asked = Asked {
            operation: operation_kind,
            amount: request.amount,
            authorized: None,
            key: &key,
            allow_partial: request.allow_partial,
            parent: None,
            is_bank: is_bank(&request.method),
            sent: operation(transaction.transaction_type),
        };
        self.make(&asked, &request.key, &transaction, changes).await
    }

    pub(super) async fn credit_method(&self, request: &CreditRequest) -> Result<Outcome> {
        let key = self.wire_key(PaymentOperation::Credit, &request.key);
        let built = request::basis(
            TransactionType::Refund,
            request.amount,
            &request.method,
            Who::default(),
            (&request.reference, None),
            &request.options,
            &key,
        );
        let (transaction, changes) = built.finish()?;
        let asked = Asked {
            operation: PaymentOperation::Credit,
            amount: request.amount,
            authorized: None,
            key: &key,
            allow_partial: false,
            parent: None,
            is_bank: is_bank(&request.method),
            sent: operation(TransactionType::Refund),
        };
        self.make(&asked, &request.key, &transaction, changes).await
    }

    /// An authorization of nothing. Some processors take none, and decline with 289 or 2007; address verification needs
    /// a street and a postal code.
    pub(super) async fn verify_method(&self, request: &VerifyRequest) -> Result<Outcome> {
        if is_bank(&request.method) {
            return Err(Error::invalid_field(
                "method",
                "is a bank account, which Authorize.Net cannot check without a debit",
            ));
        }
        let key = self.wire_key(PaymentOperation::Verify, &request.key);
        let zero = Money::zero(request.currency);
        let who = Who { billing: request.billing.as_ref(), ..Who::default() };
        let about = (&request.reference, None);
        let kind = TransactionType::AuthOnly;
        let built = request::basis(kind, zero, &request.method, who, about, &request.options, &key);
        let (mut transaction, changes) = built.finish()?;
        transaction.transaction_settings = Some(request::settings(Some(false)));
        let asked = Asked {
            operation: PaymentOperation::Verify,
            amount: zero,
            authorized: None,
            key: &key,
            allow_partial: false,
            parent: None,
            is_bank: false,
            sent: operation(kind),
        };
        self.make(&asked, &request.key, &transaction, changes).await
    }

    /// Sends a transaction that the vendor's duplicate check covers, and judges what came back.
    pub(super) async fn make(
        &self,
        asked: &Asked<'_>,
        key: &IdempotencyKey,
        transaction: &TransactionRequest,
        changes: Vec<TextChange>,
    ) -> Result<Outcome> {
        self.claim(asked, Some(asked.amount))?;
        if let Some(outcome) = self.forgotten(asked, key).await? {
            return Ok(outcome);
        }
        let (answer, facts) =
            self.client.transactions().create_with_facts(transaction, Some(invoice(asked.key))).await?;
        let outcome = match self.judge(asked, &answer, &facts)? {
            Judged::Outcome(outcome) => *outcome,
            Judged::Duplicate(first) => self.duplicate(asked, first).await?,
            Judged::AlreadyDone => {
                return Err(Error::new(
                    ErrorKind::InvalidResponse,
                    "the answer is about a capture or a void, and neither was asked for",
                )
                .with_effect(Effect::Unknown)
                .or_context(&PROVIDER, asked.sent.name));
            }
        };
        Ok(with_changes(outcome, changes))
    }
}

/// Whether a bank account pays. A stored method says so in its handle.
pub(super) fn is_bank(method: &PaymentMethod) -> bool {
    match method {
        PaymentMethod::BankAccount(_) => true,
        PaymentMethod::Stored(stored) => stored.detail(detail::TENDER) == Some(detail::BANK),
        _ => false,
    }
}

fn with_changes(mut outcome: Outcome, changes: Vec<TextChange>) -> Outcome {
    if let Outcome::Approved(payment)
    | Outcome::PartiallyApproved(payment)
    | Outcome::Processing(payment)
    | Outcome::Held(payment) = &mut outcome
    {
        payment.text_changes = changes;
    }
    outcome
}
