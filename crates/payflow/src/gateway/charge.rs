//! Purchases, authorizations, verifications, and credits with no earlier payment.

use turnbuckle_core::money::Money;
use turnbuckle_core::payment::{
    CreditRequest, Outcome, PaymentMethod, PaymentOperation, PaymentRequest, VerifyRequest,
};
use turnbuckle_core::{Error, Result};

use super::PayflowGateway;
use super::answer::{Answer, Asked};
use super::mark::Intent;
use super::request::{self, Wish};
use crate::Charge;

impl PayflowGateway {
    pub(super) async fn pay(&self, request: &PaymentRequest, operation: PaymentOperation) -> Result<Outcome> {
        let parts = request::parts(&Wish::of(request), operation)?;
        let mark = self.mark(Intent {
            amount: Some(request.amount),
            reference: Some(&request.reference),
            ..Intent::new(operation, &request.key)
        });
        let details = parts.details.with_customer_reference(&mark.custref);
        let tender = parts.instrument.tender();
        let charge = Charge::new(request.amount, parts.instrument).with_details(details);
        let sent = match operation {
            PaymentOperation::Authorize => self.client.authorize(&charge, &mark.id).await,
            _ => self.client.sale(&charge, &mark.id).await,
        };
        // The card number is not needed while the answer is looked at.
        drop(charge);
        let asked = Asked {
            operation,
            tender,
            amount: Some(request.amount),
            currency: request.amount.currency(),
            parent: None,
            mark: &mark,
            method: Some(request::summary(&request.method)),
            changes: parts.changes,
        };
        self.conclude(Answer::of(sent)?, asked, request.amount).await
    }

    pub(super) async fn verify_method(&self, request: &VerifyRequest) -> Result<Outcome> {
        const OPERATION: PaymentOperation = PaymentOperation::Verify;
        let mut wish = Wish::new(&request.method, &request.reference, &request.options);
        wish.billing = request.billing.as_ref();
        let parts = request::parts(&wish, OPERATION)?;
        let nothing = Money::zero(request.currency);
        let mark = self.mark(Intent {
            amount: Some(nothing),
            reference: Some(&request.reference),
            ..Intent::new(OPERATION, &request.key)
        });
        let details = parts.details.with_customer_reference(&mark.custref);
        let tender = parts.instrument.tender();
        let sent = self.client.verify(&parts.instrument, request.currency, &details, &mark.id).await;
        let asked = Asked {
            operation: OPERATION,
            tender,
            amount: Some(nothing),
            currency: request.currency,
            parent: None,
            mark: &mark,
            method: Some(request::summary(&request.method)),
            changes: parts.changes,
        };
        self.conclude(Answer::of(sent)?, asked, nothing).await
    }

    pub(super) async fn send_credit(&self, request: &CreditRequest) -> Result<Outcome> {
        const OPERATION: PaymentOperation = PaymentOperation::Credit;
        if matches!(request.method, PaymentMethod::Stored(_)) {
            // A credit that names an earlier transaction would be a refund of that one.
            return Err(Error::unsupported(
                "a credit to a stored card needs its number: Payflow has refunds only",
            ));
        }
        let wish = Wish::new(&request.method, &request.reference, &request.options);
        let parts = request::parts(&wish, OPERATION)?;
        let mark = self.mark(Intent {
            amount: Some(request.amount),
            reference: Some(&request.reference),
            ..Intent::new(OPERATION, &request.key)
        });
        let details = parts.details.with_customer_reference(&mark.custref);
        let tender = parts.instrument.tender();
        let charge = Charge::new(request.amount, parts.instrument).with_details(details);
        let sent = self.client.credit(&charge, &mark.id).await;
        drop(charge);
        let asked = Asked {
            operation: OPERATION,
            tender,
            amount: Some(request.amount),
            currency: request.amount.currency(),
            parent: None,
            mark: &mark,
            method: Some(request::summary(&request.method)),
            changes: parts.changes,
        };
        self.conclude(Answer::of(sent)?, asked, request.amount).await
    }

    /// The outcome of an answer, once it is known to be about this very request.
    pub(super) async fn conclude(&self, answer: Answer, asked: Asked<'_>, amount: Money) -> Result<Outcome> {
        if answer.transaction().duplicate {
            self.confirm(&answer, &asked).await?;
        }
        self.outcome(&answer, asked, amount)
    }
}
