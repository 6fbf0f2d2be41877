//! A transaction that was looked up, as a payment.

use turnbuckle_core::money::{Currency, Money};
use turnbuckle_core::payment::{
    Amounts, Lifecycle, MerchantReference, Payment, PaymentOperation, PaymentRef, WireKey,
};
use turnbuckle_core::{Environment, Error, ErrorKind, Result};

use super::answer::{avs, cvv, method, transaction_ref};
use super::text::SEPARATOR;
use super::{AuthorizeNetGateway, kind};
use crate::TransactionDetails;
use crate::client::PROVIDER;
use crate::wire::Decimal;

/// What the vendor's word for a state means. The words are an open set: one that is not known counts as pending.
pub(super) fn lifecycle(status: &str) -> Lifecycle {
    match status {
        "authorizedPendingCapture" | "authorizedPendingRelease" => Lifecycle::Authorized,
        "capturedPendingSettlement" | "approvedReview" => Lifecycle::Captured,
        "pendingFinalSettlement" | "pendingSettlement" | "updatingSettlement" | "couldNotVoid" => {
            Lifecycle::Settling
        }
        "settledSuccessfully" | "chargebackReversal" => Lifecycle::Settled,
        "refundPendingSettlement" | "refundSettledSuccessfully" => Lifecycle::Refunded,
        "voided" => Lifecycle::Voided,
        "expired" => Lifecycle::Expired,
        "declined" | "failedReview" => Lifecycle::Failed,
        "returnedItem" => Lifecycle::Returned,
        "chargeback" => Lifecycle::Disputed,
        // underReview, FDSPendingReview, FDSAuthorizedPendingReview; and communicationError, generalError and
        // settlementError, of which nobody says that no money will move.
        _ => Lifecycle::Pending,
    }
}

/// Whether a person must decide about it.
pub(super) fn is_under_review(status: &str) -> bool {
    matches!(status, "underReview" | "FDSPendingReview" | "FDSAuthorizedPendingReview")
}

/// Whether its money was taken or will be at the next settlement.
pub(super) fn is_captured(lifecycle: Lifecycle) -> bool {
    matches!(
        lifecycle,
        Lifecycle::Captured
            | Lifecycle::Settling
            | Lifecycle::Settled
            | Lifecycle::Returned
            | Lifecycle::Disputed
    )
}

/// What made it, by the vendor's word.
pub(super) fn operation(details: &TransactionDetails) -> PaymentOperation {
    match details.transaction_type.as_deref() {
        Some("refundTransaction") if details.ref_trans_id.is_some() => PaymentOperation::Refund,
        Some("refundTransaction") => PaymentOperation::Credit,
        Some("authOnlyTransaction" | "priorAuthCaptureTransaction") => PaymentOperation::Authorize,
        Some("voidTransaction") => PaymentOperation::Void,
        _ => PaymentOperation::Purchase,
    }
}

/// An amount of the details; absent is zero.
pub(super) fn amount(decimal: Option<&Decimal>, currency: Currency) -> Result<Money> {
    decimal.map_or(Ok(Money::zero(currency)), |decimal| decimal.money(currency))
}

/// What was asked for: the vendor names it only where less was authorized.
pub(super) fn requested(details: &TransactionDetails, currency: Currency) -> Result<Money> {
    let asked = details.requested_amount.as_ref().or(details.auth_amount.as_ref());
    let asked = amount(asked.or(details.settle_amount.as_ref()), currency)?;
    if asked.is_zero() { amount(details.settle_amount.as_ref(), currency) } else { Ok(asked) }
}

impl AuthorizeNetGateway {
    /// The payment behind a transaction. `made_by` is what the caller knows to have made it.
    pub(super) fn payment_of(
        &self,
        details: &TransactionDetails,
        currency: Currency,
        made_by: Option<(PaymentOperation, Option<&WireKey>)>,
    ) -> Result<Payment> {
        let wrong =
            |what: &'static str| Error::new(ErrorKind::InvalidResponse, what).or_context(&PROVIDER, "lookup");
        let id = details.trans_id.as_deref().ok_or_else(|| wrong("a transaction has no id"))?;
        let status = details.transaction_status.as_deref().unwrap_or_default();
        let (operation, key) = made_by.unwrap_or_else(|| (operation(details), None));
        let is_bank = details.is_bank();
        let requested = requested(details, currency)?;
        let authorized = amount(details.auth_amount.as_ref(), currency)?;
        let settles = amount(details.settle_amount.as_ref(), currency)?;
        let is_refund = matches!(operation, PaymentOperation::Refund | PaymentOperation::Credit);
        let mut stands = lifecycle(status);
        if is_refund && matches!(stands, Lifecycle::Captured | Lifecycle::Settling | Lifecycle::Settled) {
            stands = Lifecycle::Refunded;
        }
        if is_bank && !is_refund && matches!(stands, Lifecycle::Captured | Lifecycle::Settling) {
            // The bank has not answered yet.
            stands = Lifecycle::Pending;
        }
        if operation == PaymentOperation::Verify && stands == Lifecycle::Authorized {
            stands = Lifecycle::Verified;
        }
        let amounts = Amounts::requested(if is_refund && requested.is_zero() { settles } else { requested });
        let amounts = match stands {
            Lifecycle::Refunded => amounts.with_refunded(settles),
            Lifecycle::Authorized => amounts.with_authorized(authorized),
            _ if is_captured(stands) => amounts.with_authorized(authorized).with_captured(settles),
            _ => amounts,
        };
        let live = self.client.environment() == Environment::Production;
        // What a capture can take at most: less than was asked for, where a part was authorized.
        let most = if authorized.is_zero() { requested } else { authorized };
        let reference = transaction_ref(id, most, details.last4(), is_bank);
        let mut payment = Payment::new(reference, operation, stands, amounts, live);
        if let Some(parent) = &details.ref_trans_id
            && operation == PaymentOperation::Refund
        {
            payment.parent = Some(PaymentRef::new(PROVIDER, kind::TRANSACTION, parent));
        }
        payment.under_review = is_under_review(status);
        payment.merchant_reference = merchant_reference(details);
        payment.wire_key = key.cloned();
        let brand = details.payment.credit_card.as_ref().and_then(|card| card.card_type.as_deref());
        payment.method = Some(method(brand, details.last4(), is_bank));
        payment.avs = avs(details.avs_response.as_deref());
        payment.cvv = cvv(details.card_code_response.as_deref());
        payment.auth_code.clone_from(&details.auth_code);
        payment.network_id.clone_from(&details.network_trans_id);
        payment.vendor_status.clone_from(&details.transaction_status);
        payment.created_at = details.submit_time;
        Ok(payment)
    }
}

/// The merchant's reference: what stands before the separator in the description of one of our transactions.
pub(super) fn merchant_reference(details: &TransactionDetails) -> Option<MerchantReference> {
    details.order.invoice_number.as_deref().filter(|invoice| super::request::is_invoice(invoice))?;
    let description = details.order.description.as_deref()?;
    let reference = description.split_once(SEPARATOR).map_or(description, |(reference, _)| reference);
    MerchantReference::new(reference).ok()
}
