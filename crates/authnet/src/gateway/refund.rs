//! Refunds of settled payments, and the void instead where that was asked for.

use turnbuckle_core::money::{Currency, Money};
use turnbuckle_core::payment::{
    Amounts, Lifecycle, Outcome, PaymentOperation, PaymentRef, RefundRequest, WireKey,
};
use turnbuckle_core::{Error, ErrorKind, Result};

use super::answer::Asked;
use super::movements::{currency_of, expect_transaction, same_currency};
use super::request::{invoice, settings};
use super::search::{SKEW, Wanted};
use super::{AuthorizeNetGateway, detail, details};
use crate::client::PROVIDER;
use crate::transactions::operation;
use crate::{
    BankAccountData, CreditCard, Order, PaymentData, TransactionDetails, TransactionRequest, TransactionType,
};

/// Refunds of one payment that are added up one by one.
const MOST_REFUNDS: usize = 50;

/// What is to be refunded.
struct Plan {
    amount: Money,
    /// The payment as the vendor has it, where it had to be read.
    details: Option<TransactionDetails>,
}

impl AuthorizeNetGateway {
    /// Refunds need a settled payment, not older than 120 days, and its card's last four digits, which the handle holds.
    pub(super) async fn refund_payment(&self, request: &RefundRequest) -> Result<Outcome> {
        expect_transaction(&request.payment)?;
        same_currency(&request.payment, request.amount)?;
        let key = self.wire_key(PaymentOperation::Refund, &request.key);
        let currency = match (request.amount, currency_of(&request.payment)) {
            (Some(amount), _) => amount.currency(),
            (None, Some(currency)) => currency,
            (None, None) => self.currency().await?,
        };
        let plan = self.plan(request, currency).await?;
        if !plan.amount.is_positive() {
            return self.refunded_already(request, currency, &key).await;
        }
        let asked = asked(request, &plan, &key);
        if request.void_if_unsettled
            && let Some(outcome) = self.void_instead(&asked, &plan, currency).await?
        {
            return Ok(outcome);
        }
        let transaction = self.refund_transaction(&asked, plan.details.as_ref()).await?;
        self.make(&asked, &request.key, &transaction, Vec::new()).await
    }

    /// How much, and what the vendor knows of the payment where that is needed.
    async fn plan(&self, request: &RefundRequest, currency: Currency) -> Result<Plan> {
        if let (Some(amount), false) = (request.amount, request.void_if_unsettled) {
            return Ok(Plan { amount, details: None });
        }
        let found = self.client.reports().details(request.payment.id()).await?;
        let settles = details::amount(found.settle_amount.as_ref(), currency)?;
        let amount = match request.amount {
            Some(amount) => amount,
            None => self.left(&found, settles, currency).await?,
        };
        Ok(Plan { amount, details: Some(found) })
    }

    /// What no refund has returned yet. The vendor does not add it up, so that each refund to the same card is read.
    async fn left(&self, found: &TransactionDetails, settles: Money, currency: Currency) -> Result<Money> {
        let status = found.transaction_status.as_deref().unwrap_or_default();
        if details::lifecycle(status) != Lifecycle::Settled {
            // Nothing that is not settled has a refund.
            return Ok(settles);
        }
        let unclear =
            |why: &'static str| Error::new(ErrorKind::Conflict, why).or_context(&PROVIDER, "refund");
        let since = found.submit_time.ok_or_else(|| {
            unclear("the vendor does not say when the payment was made: name the amount to refund")
        })?;
        let scan = self.scan(since - SKEW, &Wanted::RefundsTo(found.last4())).await?;
        if !scan.complete || scan.found.len() > MOST_REFUNDS {
            return Err(unclear(
                "there are more transactions than can be searched for earlier refunds: name the amount to refund",
            ));
        }
        let mut left = settles;
        for id in scan.found.iter().filter_map(|summary| summary.trans_id.as_deref()) {
            let refund = self.client.reports().details(id).await?;
            if refund.ref_trans_id.as_deref() == found.trans_id.as_deref() {
                let returned = details::amount(refund.settle_amount.as_ref(), currency)?;
                left = left.checked_sub(returned).ok_or_else(|| {
                    unclear("the refunds of the payment do not add up: name the amount to refund")
                })?;
            }
        }
        Ok(left)
    }

    /// A void instead: only for the whole balance, only while the payment waits for its settlement.
    async fn void_instead(
        &self,
        asked: &Asked<'_>,
        plan: &Plan,
        currency: Currency,
    ) -> Result<Option<Outcome>> {
        let Some(found) = &plan.details else { return Ok(None) };
        if found.transaction_status.as_deref() != Some("capturedPendingSettlement") {
            return Ok(None);
        }
        if details::amount(found.settle_amount.as_ref(), currency)? != asked.amount {
            return Err(Error::new(
                ErrorKind::Conflict,
                "the payment is not settled yet, and a part of it can be neither voided nor refunded",
            )
            .or_context(&PROVIDER, "refund"));
        }
        let void = Asked {
            operation: PaymentOperation::Void,
            sent: operation(TransactionType::Void),
            ..copy(asked)
        };
        self.claim(asked, Some(asked.amount))?;
        match self.send_void(&void).await {
            Ok(outcome) => Ok(Some(as_refund(outcome, asked))),
            // Settled in between.
            Err(error) if error.code() == Some("327") && error.effect() == turnbuckle_core::Effect::None => {
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    async fn refund_transaction(
        &self,
        asked: &Asked<'_>,
        found: Option<&TransactionDetails>,
    ) -> Result<TransactionRequest> {
        let parent = asked.parent.map(PaymentRef::id).unwrap_or_default();
        let last4 = asked.parent.and_then(|parent| parent.detail(detail::LAST4));
        let payment = match (last4, asked.is_bank, found) {
            (Some(last4), false, _) => PaymentData::CreditCard(CreditCard::of_last4(last4)),
            (_, _, Some(found)) => of_details(found)?,
            (_, _, None) => of_details(&self.client.reports().details(parent).await?)?,
        };
        Ok(TransactionRequest::new(TransactionType::Refund)
            .with_amount(asked.amount)
            .with_payment(payment)
            .with_ref_trans_id(parent)
            .with_order(Order::new(invoice(asked.key)))
            .with_settings(settings(None)))
    }

    /// Nothing is left. A repetition of the request that returned it finds its refund; anything else is a conflict.
    async fn refunded_already(
        &self,
        request: &RefundRequest,
        currency: Currency,
        key: &WireKey,
    ) -> Result<Outcome> {
        let since = request.key.first_used_at() - SKEW;
        let scan = self.scan(since, &Wanted::Invoice(invoice(key))).await?;
        if let Some(id) = scan.found.first().and_then(|found| found.trans_id.as_deref()) {
            let found = self.client.reports().details(id).await?;
            let mut payment =
                self.payment_of(&found, currency, Some((PaymentOperation::Refund, Some(key))))?;
            if payment.lifecycle == Lifecycle::Refunded {
                payment.parent = Some(request.payment.clone());
                payment.replayed = true;
                return Ok(Outcome::Approved(payment));
            }
        }
        Err(Error::new(ErrorKind::Conflict, "nothing of the payment is left to refund")
            .or_context(&PROVIDER, "refund"))
    }
}

fn asked<'a>(request: &'a RefundRequest, plan: &Plan, key: &'a WireKey) -> Asked<'a> {
    let is_bank = match &plan.details {
        Some(details) => details.is_bank(),
        None => request.payment.detail(detail::TENDER) == Some(detail::BANK),
    };
    Asked {
        operation: PaymentOperation::Refund,
        amount: plan.amount,
        authorized: None,
        key,
        allow_partial: false,
        parent: Some(&request.payment),
        is_bank,
        sent: operation(TransactionType::Refund),
    }
}

fn copy<'a>(asked: &Asked<'a>) -> Asked<'a> {
    Asked { ..*asked }
}

/// A void that stands for a refund of everything: nothing was settled, so nothing stays taken.
fn as_refund(outcome: Outcome, asked: &Asked<'_>) -> Outcome {
    match outcome {
        Outcome::Approved(mut payment) => {
            payment.operation = PaymentOperation::Refund;
            payment.lifecycle = Lifecycle::Voided;
            payment.amounts = Amounts::requested(asked.amount).with_refunded(asked.amount);
            payment.parent = asked.parent.cloned();
            Outcome::Approved(payment)
        }
        other => other,
    }
}

/// What paid, masked as the vendor has it. Of cards that is what its documentation asks for; that a bank account may be
/// sent back masked is not proven by the authors of this crate.
fn of_details(found: &TransactionDetails) -> Result<PaymentData> {
    let missing = || {
        Error::new(ErrorKind::InvalidResponse, "the payment does not say what paid, so it cannot be refunded")
            .or_context(&PROVIDER, "refund")
    };
    if let Some(bank) = &found.payment.bank_account {
        let routing = bank.routing_number.clone().ok_or_else(missing)?;
        let account = bank.account_number.clone().ok_or_else(missing)?;
        let holder = bank.name_on_account.clone().unwrap_or_default();
        let data = BankAccountData::new(routing, account, holder);
        return Ok(PaymentData::BankAccount(match &bank.account_type {
            Some(account_type) => data.with_account_type(account_type.clone()),
            None => data,
        }));
    }
    let last4 = found.last4().ok_or_else(missing)?;
    Ok(PaymentData::CreditCard(CreditCard::of_last4(last4)))
}
