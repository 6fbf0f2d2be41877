//! Purchase, authorize, capture, void, credit, verify.

use turnbuckle_core::money::Money;
use turnbuckle_core::payment::{
    CaptureRequest, CreditRequest, Lifecycle, Outcome, Payment, PaymentMethod, PaymentOperation, PaymentRef,
    PaymentRequest, VerifyRequest, VoidRequest, WireKey,
};
use turnbuckle_core::{Effect, Error, ErrorKind, Result};

use super::answer::{self, Asked};
use super::request::{self, Prepared};
use super::texts::Texts;
use super::{NmiGateway, expect_kind, kind};
use crate::records::Transaction;
use crate::{NewTransaction, NmiRefusal, Rail, Reply, TransactionType};

impl NmiGateway {
    pub(super) async fn pay(&self, request: &PaymentRequest, operation: PaymentOperation) -> Result<Outcome> {
        let kind = if operation == PaymentOperation::Authorize {
            TransactionType::Auth
        } else {
            TransactionType::Sale
        };
        let rail = request::rail(&request.method);
        if operation == PaymentOperation::Authorize && rail == Rail::Check {
            return Err(Error::unsupported("a bank account cannot be reserved at NMI: purchase instead"));
        }
        let Prepared { transaction, changes } = request::payment(request, kind)?;
        let key = self.wire_key(operation, &request.key);
        let asked = Asked {
            operation,
            amount: request.amount,
            rail,
            wire_key: Some(&key),
            last4: answer::summary(&request.method).last4,
            live: self.live(),
        };
        self.attempt(transaction.with_order_id(key.as_str()), &asked, &request.method, changes).await
    }

    /// Answers an earlier attempt, or makes this one.
    async fn attempt(
        &self,
        transaction: NewTransaction,
        asked: &Asked<'_>,
        method: &PaymentMethod,
        changes: Vec<turnbuckle_core::payment::TextChange>,
    ) -> Result<Outcome> {
        self.check_mode().await?;
        if let Some(key) = asked.wire_key
            && let Some(earlier) = self.earlier(key, asked.operation).await?
        {
            return answer::replay(&earlier, asked.operation, asked.amount, asked.live);
        }
        match self.client.transactions().create(&transaction).await {
            Ok(reply) => {
                let mut payment = answer::approved(&reply, asked)?;
                payment.method = Some(answer::summary(method));
                Ok(answer::outcome(payment, asked.rail, changes))
            }
            Err(error) => self.refused(error, asked).await,
        }
    }

    /// The earlier attempt with this key, if NMI's index shows one. One that went through counts before one that failed.
    pub(super) async fn earlier(
        &self,
        key: &WireKey,
        operation: PaymentOperation,
    ) -> Result<Option<Transaction>> {
        let mut found = self.with_order_id(key).await?;
        let failed = |transaction: &Transaction| {
            answer::payment(transaction, None, self.live())
                .is_ok_and(|payment| payment.lifecycle == Lifecycle::Failed || payment.operation != operation)
        };
        found.sort_by_key(failed);
        Ok(found.into_iter().next())
    }

    /// A decline, a duplicate that may be ours, or an error.
    async fn refused(&self, error: Error, asked: &Asked<'_>) -> Result<Outcome> {
        let duplicate = NmiRefusal::of(&error).is_some_and(NmiRefusal::is_duplicate);
        let (true, Some(key)) = (duplicate, asked.wire_key) else { return answer::declined(error) };
        // The refusal says nothing of the first one, and a query that finds nothing yet proves nothing either, so the
        // effect stays unknown until a later lookup settles it.
        match self.earlier(key, asked.operation).await {
            Ok(Some(earlier)) => answer::replay(&earlier, asked.operation, asked.amount, asked.live),
            Ok(None) | Err(_) => Err(error),
        }
    }

    /// Takes what is reserved. NMI captures once, so a capture of the same amount that NMI calls already done is a success,
    /// whoever made it.
    pub(super) async fn capture_payment(&self, request: &CaptureRequest) -> Result<Outcome> {
        expect_kind(&request.payment, kind::TRANSACTION)?;
        if !request.is_final {
            return Err(Error::unsupported("NMI captures an authorization once: the rest is released"));
        }
        refuse_options(&request.options)?;
        let handle = self.whole_handle(&request.payment).await?;
        let whole = answer::amount_of(&handle)
            .ok_or_else(|| Error::invalid_field("payment", "names no amount, and NMI shows none"))?;
        let amount = request.amount.unwrap_or(whole);
        if amount.currency() != whole.currency() {
            return Err(Error::invalid_field("amount", "is in another currency than the payment"));
        }
        self.check_mode().await?;
        match self.client.transactions().capture(request.payment.id(), request.amount).await {
            Ok(reply) => {
                let mut payment = self.followed(&reply, PaymentOperation::Capture, &handle, amount)?;
                payment.amounts = payment.amounts.with_authorized(whole).with_captured(amount);
                Ok(Outcome::Approved(payment))
            }
            Err(error) if crate::client::is_refused(&error, ErrorKind::Conflict) => {
                let now = self.read_payment(&request.payment).await.map_err(|_| unsure(&error))?;
                if now.lifecycle == Lifecycle::Authorized {
                    return Err(unsure(&error));
                }
                if now.lifecycle == Lifecycle::Voided || now.amounts.captured != amount {
                    return Err(error);
                }
                Ok(Outcome::Approved(as_capture(now, amount, true)))
            }
            Err(error) => answer::declined(error),
        }
    }

    /// Releases or stops a payment. One that NMI cannot void because it is voided already is a success.
    pub(super) async fn void_payment(&self, request: &VoidRequest) -> Result<Outcome> {
        expect_kind(&request.payment, kind::TRANSACTION)?;
        refuse_options(&request.options)?;
        self.check_mode().await?;
        let handle = self.whole_handle(&request.payment).await?;
        self.void_now(&handle).await
    }

    /// The handle with everything that a follow-up needs: amount, currency, rail. One that came from elsewhere than an
    /// approval, a webhook for one, is completed by reading the payment.
    pub(super) async fn whole_handle(&self, payment: &PaymentRef) -> Result<PaymentRef> {
        match answer::amount_of(payment) {
            Some(_) => Ok(payment.clone()),
            None => Ok(self.read_payment(payment).await?.reference),
        }
    }

    pub(super) async fn void_now(&self, payment: &PaymentRef) -> Result<Outcome> {
        let rail = answer::rail_of(payment);
        match self.client.transactions().void(payment.id(), rail).await {
            Ok(reply) => {
                let amount = answer::amount_of(payment).ok_or_else(|| {
                    happened(payment)(answer::wrong("what was voided has no amount that is known"))
                })?;
                Ok(Outcome::Approved(self.followed(&reply, PaymentOperation::Void, payment, amount)?))
            }
            Err(error) if crate::client::is_refused(&error, ErrorKind::Conflict) => {
                let mut now = self.read_payment(payment).await.map_err(|_| unsure(&error))?;
                if matches!(now.lifecycle, Lifecycle::Authorized | Lifecycle::Captured | Lifecycle::Settling)
                {
                    return Err(unsure(&error));
                }
                if now.lifecycle != Lifecycle::Voided {
                    return Err(error);
                }
                now.operation = PaymentOperation::Void;
                now.wire_key = None;
                now.replayed = true;
                Ok(Outcome::Approved(now))
            }
            Err(error) => answer::declined(error),
        }
    }

    /// The answer to what was done to a transaction that exists: NMI repeats its id.
    fn followed(
        &self,
        reply: &Reply,
        operation: PaymentOperation,
        payment: &PaymentRef,
        amount: Money,
    ) -> Result<Payment> {
        if reply.transaction_id().is_some_and(|id| id != payment.id()) {
            return Err(answer::wrong("the approval is about another transaction than was asked for")
                .with_effect(Effect::Happened)
                .with_payment(payment.clone()));
        }
        let (rail, live) = (answer::rail_of(payment), self.live());
        let asked = Asked { operation, amount, rail, wire_key: None, last4: None, live };
        let mut done = answer::approved(reply, &asked).map_err(happened(payment))?;
        // The handle of before says more, and the order id is that of the first transaction.
        done.reference = payment.clone();
        done.wire_key = None;
        Ok(done)
    }

    pub(super) async fn send_credit(&self, request: &CreditRequest) -> Result<Outcome> {
        let mut texts = Texts::new(request.options.text);
        let source = request::source(&request.method, &mut texts);
        let people = request::people(&request.method, None, None, &mut texts);
        let Some(source) = source else {
            return Err(request::refuse_any(texts.problems).err().unwrap_or_else(no_method));
        };
        let new = NewTransaction::new(TransactionType::Credit, request.amount, source);
        let new = request::plain(new, &request.reference, &request.options, people, &mut texts);
        request::refuse_any(texts.problems)?;
        let key = self.wire_key(PaymentOperation::Credit, &request.key);
        let asked = Asked {
            operation: PaymentOperation::Credit,
            amount: request.amount,
            rail: request::rail(&request.method),
            wire_key: Some(&key),
            last4: answer::summary(&request.method).last4,
            live: self.live(),
        };
        self.attempt(new.with_order_id(key.as_str()), &asked, &request.method, texts.changes).await
    }

    pub(super) async fn verify_method(&self, request: &VerifyRequest) -> Result<Outcome> {
        if request::rail(&request.method) == Rail::Check {
            return Err(Error::unsupported("NMI verifies cards; for bank accounts no check is published"));
        }
        let mut texts = Texts::new(request.options.text);
        let source = request::source(&request.method, &mut texts);
        let people = request::people(&request.method, None, request.billing.as_ref(), &mut texts);
        let Some(source) = source else {
            return Err(request::refuse_any(texts.problems).err().unwrap_or_else(no_method));
        };
        let new = NewTransaction::validation(request.currency, source);
        let new = request::plain(new, &request.reference, &request.options, people, &mut texts);
        request::refuse_any(texts.problems)?;
        let key = self.wire_key(PaymentOperation::Verify, &request.key);
        let asked = Asked {
            operation: PaymentOperation::Verify,
            amount: Money::zero(request.currency),
            rail: Rail::Card,
            wire_key: Some(&key),
            last4: answer::summary(&request.method).last4,
            live: self.live(),
        };
        self.attempt(new.with_order_id(key.as_str()), &asked, &request.method, texts.changes).await
    }

    /// One payment as it is now.
    ///
    /// # Errors
    /// [`NotFound`](ErrorKind::NotFound) when NMI's index does not show it.
    pub(super) async fn read_payment(&self, payment: &PaymentRef) -> Result<Payment> {
        let found = self.read_transaction(payment.id()).await?;
        let found = found.ok_or_else(|| Error::new(ErrorKind::NotFound, "NMI shows no such transaction"))?;
        answer::payment(&found, None, self.live())
    }
}

/// A capture of this amount, out of the record of its payment.
pub(super) fn as_capture(mut payment: Payment, amount: Money, replayed: bool) -> Payment {
    payment.operation = PaymentOperation::Capture;
    payment.amounts.requested = amount;
    payment.wire_key = None;
    payment.replayed = replayed;
    payment
}

/// NMI said no because of the state, and then did not say which state that is, or its index shows one that would allow it
/// and is therefore behind: it may have been done before.
fn unsure(refusal: &Error) -> Error {
    let error = Error::new(
        ErrorKind::Conflict,
        "the transaction's state does not allow this, and whether it was done before cannot be seen yet",
    )
    .with_effect(Effect::Unknown);
    match refusal.code() {
        Some(code) => error.with_code(code),
        None => error,
    }
}

fn happened(payment: &PaymentRef) -> impl Fn(Error) -> Error {
    let payment = payment.clone();
    move |error| error.with_effect(Effect::Happened).with_payment(payment.clone())
}

fn no_method() -> Error {
    Error::invalid_field("method", "is not a method that this gateway can charge")
}

/// Calls about an existing transaction carry nothing beside it: what would be dropped is refused.
pub(super) fn refuse_options(options: &turnbuckle_core::payment::RequestOptions) -> Result<()> {
    let asked = [
        (options.statement_descriptor.is_some(), "options.statement_descriptor"),
        (options.level2.is_some(), "options.level2"),
        (!options.metadata.is_empty(), "options.metadata"),
        (options.sub_account.is_some(), "options.sub_account"),
    ];
    match asked.iter().find(|(asked, _)| *asked) {
        Some((_, field)) => {
            Err(Error::invalid_field(*field, "cannot be sent with a call about an existing transaction"))
        }
        None => Ok(()),
    }
}
