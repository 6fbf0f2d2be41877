//! Capture, void, and the end of a hold.

use turnbuckle_core::money::{Currency, Money};
use turnbuckle_core::payment::{
    CaptureRequest, Decision, Decline, DeclineAdvice, DeclineReason, Lifecycle, Outcome, Payment,
    PaymentOperation, PaymentRef, VoidRequest,
};
use turnbuckle_core::{Effect, Error, ErrorKind, Result};

use super::answer::{Asked, Judged};
use super::request::{invoice, settings, two_decimals};
use super::{AuthorizeNetGateway, detail, details, expect_kind, kind};
use crate::client::PROVIDER;
use crate::transactions::{self, DECIDE, operation};
use crate::wire::{Decimal, is_numeric};
use crate::{HeldAction, TransactionRequest, TransactionType};

/// What a handle says about its payment, or the vendor where the handle does not.
pub(super) struct Known {
    /// What was authorized.
    pub(super) amount: Money,
    pub(super) is_bank: bool,
}

/// The currency of a handle's payment, where it says so.
pub(super) fn currency_of(payment: &PaymentRef) -> Option<Currency> {
    Currency::new(payment.detail(detail::CURRENCY)?).ok()
}

/// Whether a handle may be sent: of the right kind, with an id of the vendor's.
pub(super) fn expect_transaction(payment: &PaymentRef) -> Result<()> {
    expect_kind(payment, kind::TRANSACTION)?;
    if is_numeric(payment.id()) {
        return Ok(());
    }
    Err(Error::invalid_field("payment", "has an id that is not one of Authorize.Net's"))
}

/// Refuses an amount in another currency than the payment's: the vendor would take the bare number.
pub(super) fn same_currency(payment: &PaymentRef, amount: Option<Money>) -> Result<()> {
    let Some(amount) = amount else { return Ok(()) };
    if currency_of(payment).is_some_and(|currency| currency != amount.currency()) {
        return Err(Error::invalid_field("amount", "is in another currency than the payment"));
    }
    two_decimals(amount).map_err(|problem| {
        Error::new(ErrorKind::InvalidRequest, "the amount does not fit Authorize.Net")
            .with_fields(vec![problem])
    })
}

impl AuthorizeNetGateway {
    /// What a handle says about its payment; one that came from elsewhere, such as a webhook, is looked up.
    pub(super) async fn known(&self, payment: &PaymentRef) -> Result<Known> {
        let amount = currency_of(payment)
            .and_then(|currency| Decimal::parse(payment.detail(detail::AMOUNT)?)?.money(currency).ok());
        let tender = payment.detail(detail::TENDER);
        if let (Some(amount), Some(tender)) = (amount, tender) {
            return Ok(Known { amount, is_bank: tender == detail::BANK });
        }
        let currency = match currency_of(payment) {
            Some(currency) => currency,
            None => self.currency().await?,
        };
        let found = self.client.reports().details(payment.id()).await?;
        let amount = details::amount(found.auth_amount.as_ref(), currency)?;
        Ok(Known { amount, is_bank: found.is_bank() })
    }

    pub(super) async fn capture_payment(&self, request: &CaptureRequest) -> Result<Outcome> {
        expect_transaction(&request.payment)?;
        if !request.is_final {
            return Err(Error::unsupported("Authorize.Net captures an authorization once"));
        }
        same_currency(&request.payment, request.amount)?;
        let known = self.known(&request.payment).await?;
        let amount = request.amount.unwrap_or(known.amount);
        let key = self.wire_key(PaymentOperation::Capture, &request.key);
        let asked = Asked {
            operation: PaymentOperation::Capture,
            amount,
            authorized: Some(known.amount),
            key: &key,
            allow_partial: false,
            parent: Some(&request.payment),
            is_bank: known.is_bank,
            sent: operation(TransactionType::PriorAuthCapture),
        };
        self.claim(&asked, request.amount)?;
        // No order: it might replace the invoice number that the authorization is found by.
        let transaction = TransactionRequest::new(TransactionType::PriorAuthCapture)
            .with_amount(amount)
            .with_ref_trans_id(request.payment.id())
            .with_settings(settings(None));
        let (answer, facts) =
            self.client.transactions().create_with_facts(&transaction, Some(invoice(&key))).await?;
        match self.judge(&asked, &answer, &facts)? {
            Judged::Outcome(outcome) => Ok(*outcome),
            Judged::AlreadyDone | Judged::Duplicate(_) => self.captured_already(&asked).await,
        }
    }

    /// Captured before, whoever did it: a success only if it is the same money.
    async fn captured_already(&self, asked: &Asked<'_>) -> Result<Outcome> {
        let payment = self.standing(asked).await?;
        if details::is_captured(payment.lifecycle) && payment.amounts.captured == asked.amount {
            let mut payment = payment;
            payment.amounts.requested = asked.amount;
            payment.replayed = true;
            return Ok(Outcome::Approved(payment));
        }
        Err(Error::new(ErrorKind::Conflict, "the payment was captured before, for another amount")
            .with_code("311")
            .with_payment(payment.reference)
            .or_context(&PROVIDER, asked.sent.name))
    }

    /// The payment that was worked on, as it is now. The vendor has said that something was done to it, so an answer
    /// that is lost here leaves open what.
    async fn standing(&self, asked: &Asked<'_>) -> Result<Payment> {
        let parent = asked.parent.ok_or_else(|| {
            Error::new(ErrorKind::Internal, "nothing was worked on").or_context(&PROVIDER, asked.sent.name)
        })?;
        let read = async {
            let found = self.client.reports().details(parent.id()).await?;
            let mut payment =
                self.payment_of(&found, asked.amount.currency(), Some((asked.operation, Some(asked.key))))?;
            payment.reference = parent.clone();
            Ok(payment)
        };
        read.await.map_err(|error: Error| error.with_effect(Effect::Unknown).with_payment(parent.clone()))
    }

    pub(super) async fn void_payment(&self, request: &VoidRequest) -> Result<Outcome> {
        expect_transaction(&request.payment)?;
        let known = self.known(&request.payment).await?;
        let key = self.wire_key(PaymentOperation::Void, &request.key);
        let asked = Asked {
            operation: PaymentOperation::Void,
            amount: known.amount,
            authorized: Some(known.amount),
            key: &key,
            allow_partial: false,
            parent: Some(&request.payment),
            is_bank: known.is_bank,
            sent: operation(TransactionType::Void),
        };
        self.claim(&asked, None)?;
        self.send_void(&asked).await
    }

    /// Sends a void; one that the vendor calls already done is looked at.
    pub(super) async fn send_void(&self, asked: &Asked<'_>) -> Result<Outcome> {
        let parent = asked.parent.map(PaymentRef::id).unwrap_or_default();
        let transaction = TransactionRequest::new(TransactionType::Void)
            .with_ref_trans_id(parent)
            .with_settings(settings(None));
        let (answer, facts) =
            self.client.transactions().create_with_facts(&transaction, Some(invoice(asked.key))).await?;
        match self.judge(asked, &answer, &facts)? {
            Judged::Outcome(outcome) => Ok(*outcome),
            Judged::AlreadyDone | Judged::Duplicate(_) => {
                let mut payment = self.standing(asked).await?;
                if payment.lifecycle == Lifecycle::Voided {
                    payment.replayed = true;
                    return Ok(Outcome::Approved(payment));
                }
                Err(Error::new(ErrorKind::Conflict, "the vendor calls the payment voided, and it is not")
                    .with_code("310")
                    .with_effect(Effect::Unknown)
                    .with_payment(payment.reference)
                    .or_context(&PROVIDER, asked.sent.name))
            }
        }
    }

    /// Ends a hold. What came of it is read from the transaction, since the answer names no amount.
    pub(super) async fn decide_payment(&self, payment: &PaymentRef, decision: Decision) -> Result<Outcome> {
        expect_transaction(payment)?;
        let currency = match currency_of(payment) {
            Some(currency) => currency,
            None => self.currency().await?,
        };
        let action = match decision {
            Decision::Accept => HeldAction::Approve,
            Decision::Reject => HeldAction::Decline,
        };
        let (answer, facts) = self.client.transactions().update_held_with_facts(payment.id(), action).await?;
        if answer.response.response_code.as_deref() == Some("3") {
            let code = answer.response.reason_code().unwrap_or_default();
            return Err(answer.error(&DECIDE, code, &facts).with_payment(payment.clone()));
        }
        let unclear = |error: Error| error.with_effect(Effect::Unknown).with_payment(payment.clone());
        let found = self.client.reports().details(payment.id()).await.map_err(unclear)?;
        let mut now = self.payment_of(&found, currency, None).map_err(unclear)?;
        now.reference = payment.clone();
        match now.lifecycle {
            Lifecycle::Failed | Lifecycle::Voided | Lifecycle::Expired => {
                let mut decline = Decline::new(DeclineReason::Fraud, DeclineAdvice::OtherMethod);
                decline.code.clone_from(&now.vendor_status);
                decline.payment = Some(payment.clone());
                Ok(Outcome::Declined(decline))
            }
            Lifecycle::Pending if now.under_review => Ok(Outcome::Held(now)),
            Lifecycle::Pending => Ok(Outcome::Processing(now)),
            _ if decision == Decision::Reject => {
                Err(Error::new(ErrorKind::InvalidResponse, "the hold was rejected, and the payment goes on")
                    .with_effect(Effect::Unknown)
                    .with_payment(payment.clone())
                    .or_context(&PROVIDER, transactions::DECIDE.name))
            }
            _ => Ok(Outcome::Approved(now)),
        }
    }
}
