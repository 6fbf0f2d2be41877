//! Stored cards.

use turnbuckle_core::payment::{PaymentMethod, PaymentOperation, PaymentRef, StoreRequest, StoredMethod};
use turnbuckle_core::{Effect, Error, ErrorKind, Result};

use super::answer::{Answer, Asked, happened};
use super::mark::Intent;
use super::request::{self, Wish};
use super::{PayflowGateway, detail, kind};
use crate::client::PROVIDER;
use crate::params::Tender;
use turnbuckle_core::money::Currency;

/// The handle of a stored card: its upload's `PNREF`.
pub(super) fn stored_ref(pnref: &str, last4: Option<&str>) -> PaymentRef {
    let reference =
        PaymentRef::new(PROVIDER, kind::STORED, pnref).with_detail(detail::TENDER, Tender::Card.as_str());
    match last4 {
        Some(last4) => reference.with_detail(detail::LAST4, last4),
        None => reference,
    }
}

impl PayflowGateway {
    /// Keeps a card at Payflow. No bank is asked about it.
    pub(super) async fn store_method(&self, request: &StoreRequest) -> Result<StoredMethod> {
        const OPERATION: PaymentOperation = PaymentOperation::Store;
        if !matches!(request.method, PaymentMethod::Card(_)) {
            return Err(Error::unsupported("Payflow keeps cards only"));
        }
        let mut wish = Wish::new(&request.method, &request.reference, &request.options);
        wish.customer = request.customer.as_ref();
        wish.billing = request.billing.as_ref();
        let parts = request::parts(&wish, OPERATION)?;
        let mark =
            self.mark(Intent { reference: Some(&request.reference), ..Intent::new(OPERATION, &request.key) });
        let details = parts.details.with_customer_reference(&mark.custref);
        let sent = self.client.store(&parts.instrument, &details, &mark.id).await;
        drop(parts.instrument);
        let mut summary = request::summary(&request.method);
        let asked = Asked {
            operation: OPERATION,
            tender: Tender::Card,
            amount: None,
            // No money belongs to an upload.
            currency: Currency::USD,
            parent: None,
            mark: &mark,
            method: None,
            changes: Vec::new(),
        };
        let answer = match Answer::of(sent)? {
            Answer::Done(transaction) => Answer::Done(transaction),
            Answer::Held(_) => {
                return Err(Error::new(ErrorKind::InvalidResponse, "an upload was held for review")
                    .with_effect(Effect::Unknown));
            }
            Answer::Declined(transaction, ..) => {
                let text = crate::codes::lookup(transaction.result).text;
                return Err(
                    Error::new(ErrorKind::InvalidRequest, text).with_code(transaction.result.to_string())
                );
            }
        };
        if answer.transaction().duplicate {
            self.confirm(&answer, &asked).await?;
        }
        let transaction = answer.transaction();
        let Some(pnref) = &transaction.pnref else {
            return Err(happened(None, "the answer says approved and names no transaction"));
        };
        summary.brand = transaction.brand.map(str::to_owned);
        Ok(StoredMethod::new(stored_ref(pnref, summary.last4.as_deref()), summary))
    }
}
