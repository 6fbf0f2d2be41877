//! The payments of a subscription: what was paid, and paying again.

use turnbuckle_core::payment::{IdempotencyKey, Outcome, Payment, PaymentRef};
use turnbuckle_core::{Effect, Error, ErrorKind, Result};

use super::lookup::{SKEW, Scan};
use super::subscriptions::{StripeSubscriptions, happened};
use super::{answer, call, expect_kind, kind, subscription_answer as terms_of};
use crate::{InvoiceStatus, ListInvoices, PayInvoice};

impl StripeSubscriptions {
    /// Pages of a history: more than two centuries of weekly payments.
    const HISTORY_PAGES: usize = 120;

    pub(super) async fn pay_open_invoice(
        &self,
        subscription: &PaymentRef,
        key: &IdempotencyKey,
    ) -> Result<Outcome> {
        expect_kind(subscription, kind::SUBSCRIPTION)?;
        let open = ListInvoices::new().with_subscription(subscription.id()).with_status("open").with_limit(1);
        let page = self.client().invoices().list(&open).page().await?;
        let Some(invoice) = page.data.into_iter().next() else {
            return self.paid_meanwhile(subscription, key).await;
        };
        let step = self.gateway.step_key("retry_subscription_payment", key);
        let options = call(None).with_idempotency_key(step.as_str()).with_expand("payments");
        let paid = match self.client().invoices().pay(&invoice.id, &PayInvoice::new(), &options).await {
            Ok(paid) => paid,
            Err(error) => return answer::declined(error, None),
        };
        let outcome = self.paid(&paid).await.map_err(|error| happened(error, subscription.id()))?;
        match (outcome, &paid.status) {
            (Some(outcome), _) => Ok(outcome),
            (None, InvoiceStatus::Paid) => match terms_of::payment(&paid, subscription) {
                Ok(Some(payment)) => Ok(Outcome::Approved(payment)),
                Ok(None) => Err(happened(no_payment(), subscription.id())),
                Err(error) => Err(happened(error, subscription.id())),
            },
            (None, _) => Err(no_payment().with_effect(Effect::Unknown).with_payment(subscription.clone())),
        }
    }

    /// The invoice that was paid since the key was first used: an earlier try whose answer was lost, or Stripe's own.
    async fn paid_meanwhile(&self, subscription: &PaymentRef, key: &IdempotencyKey) -> Result<Outcome> {
        let paid = ListInvoices::new().with_subscription(subscription.id()).with_status("paid").with_limit(1);
        let request = self.client().invoices().list(&paid);
        let page = request.with_options(call(None).with_expand("data.payments")).page().await?;
        let since = key.first_used_at() - SKEW;
        let newest = page.data.first().filter(|invoice| {
            let paid_at = invoice.status_transitions.as_ref().and_then(|times| times.paid_at);
            paid_at.is_some_and(|paid_at| paid_at >= since)
        });
        match newest.map(|invoice| terms_of::payment(invoice, subscription)).transpose()?.flatten() {
            Some(mut payment) => {
                payment.replayed = true;
                Ok(Outcome::Approved(payment))
            }
            None => Err(Error::new(ErrorKind::Conflict, "the subscription has no open invoice to pay")),
        }
    }

    pub(super) async fn invoices_as_payments(
        &self,
        subscription: &PaymentRef,
        limit: usize,
    ) -> Result<Vec<Payment>> {
        expect_kind(subscription, kind::SUBSCRIPTION)?;
        let mut payments = Vec::new();
        let mut after: Option<String> = None;
        for _ in 0..Self::HISTORY_PAGES {
            if payments.len() >= limit {
                break;
            }
            let mut params = ListInvoices::new().with_subscription(subscription.id()).with_limit(Scan::PAGE);
            params.starting_after = after.take();
            let request = self.client().invoices().list(&params);
            let page = request.with_options(call(None).with_expand("data.payments")).page().await?;
            for invoice in &page.data {
                payments.extend(terms_of::payment(invoice, subscription)?);
            }
            after = page.data.last().map(|invoice| invoice.id.clone());
            if !page.has_more || after.is_none() {
                break;
            }
        }
        payments.truncate(limit);
        Ok(payments)
    }
}

fn no_payment() -> Error {
    Error::new(ErrorKind::InvalidResponse, "the invoice does not say what became of its payment")
}
