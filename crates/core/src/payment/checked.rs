//! The checks that core makes for every gateway, so that no adapter can forget one.

use std::sync::Arc;

use async_trait::async_trait;

use super::compare;
use super::guard::Guard;
use super::lookup::belongs;
use super::{
    Attempt, Authority, CaptureRequest, Conclusion, CreditRequest, Customer, Decision, Feature,
    GatewayFeatures, IdempotencyKey, Journal, Lookup, LookupQuery, OnAction, Outcome, PaymentGateway,
    PaymentMethod, PaymentOperation, PaymentPolicy, PaymentRef, PaymentRequest, Preflight, RefundRequest,
    RequestOptions, ReturnParams, SettlementPage, StoreRequest, StoredMethod, TransactionQuery,
    VerifyRequest, VoidRequest,
};
use crate::clock::Clock;
use crate::error::{Error, Result};
use crate::money::Money;
use crate::provider::{Environment, ProviderId};

/// A gateway behind core's checks: what [`Connection::payments`](crate::provider::Connection::payments) hands out.
#[derive(Debug)]
pub struct CheckedGateway {
    inner: Arc<dyn PaymentGateway>,
    guard: Guard,
}

impl CheckedGateway {
    /// Puts a gateway behind the checks.
    pub fn new(
        inner: Arc<dyn PaymentGateway>,
        environment: Environment,
        policy: PaymentPolicy,
        clock: Arc<dyn Clock>,
        journal: Option<Arc<dyn Journal>>,
    ) -> Self {
        Self { inner, guard: Guard::new(environment, policy, clock, journal) }
    }

    fn fail(&self, operation: &'static str, error: Error) -> Error {
        error.or_context(self.inner.provider(), operation)
    }

    fn need(&self, operation: &'static str, features: &[Feature]) -> Result<()> {
        match features.iter().find(|feature| !self.inner.features().has(**feature)) {
            None => Ok(()),
            Some(missing) => Err(self.fail(
                operation,
                Error::unsupported(format!("this gateway does not declare `{}`", missing.as_str())),
            )),
        }
    }

    fn method(&self, operation: &'static str, method: &PaymentMethod) -> Result<()> {
        let feature = match method {
            PaymentMethod::Card(_) => Feature::RawCard,
            PaymentMethod::Token(_) => Feature::VendorToken,
            PaymentMethod::Stored(_) => Feature::ChargeStored,
            PaymentMethod::BankAccount(_) => Feature::BankAccount,
        };
        self.need(operation, &[feature])?;
        self.guard.raw_card(method).map_err(|error| self.fail(operation, error))?;
        match method {
            PaymentMethod::Token(token) => {
                let kinds = self.inner.features().token_kinds;
                if kinds.contains(&token.kind()) {
                    return Ok(());
                }
                Err(self.fail(
                    operation,
                    Error::invalid_field(
                        "method.token",
                        format!("is of a kind other than {}", kinds.join(", ")),
                    ),
                ))
            }
            PaymentMethod::Stored(stored) => self.own(operation, stored),
            _ => Ok(()),
        }
    }

    fn own(&self, operation: &'static str, payment: &PaymentRef) -> Result<()> {
        Guard::own(self.inner.provider(), payment).map_err(|error| self.fail(operation, error))
    }

    fn positive(&self, operation: &'static str, amount: Money) -> Result<()> {
        Guard::positive(amount).map_err(|error| self.fail(operation, error))
    }

    fn options(&self, operation: &'static str, options: &RequestOptions) -> Result<()> {
        let asked = [
            (options.sub_account.is_some(), Feature::SubAccount),
            (options.statement_descriptor.is_some(), Feature::StatementDescriptor),
            (options.level2.is_some(), Feature::Level2),
            (!options.metadata.is_empty(), Feature::Metadata),
        ];
        asked
            .iter()
            .filter(|(asked, _)| *asked)
            .try_for_each(|(_, feature)| self.need(operation, &[*feature]))
    }

    fn payment_request(&self, operation: &'static str, request: &PaymentRequest) -> Result<()> {
        self.method(operation, &request.method)?;
        self.positive(operation, request.amount)?;
        self.options(operation, &request.options)?;
        let asked = [
            (request.allow_partial, Feature::PartialApproval),
            (matches!(request.on_action, OnAction::Allow { .. }), Feature::PayerAction),
            (request.stored_credential.is_some(), Feature::StoredCredential),
            (request.three_d_secure.is_some(), Feature::ThreeDSecure),
        ];
        for (asked, feature) in asked {
            if asked {
                self.need(operation, &[feature])?;
            }
        }
        self.customer(operation, request.customer.as_ref())
    }

    fn customer(&self, operation: &'static str, customer: Option<&Customer>) -> Result<()> {
        customer
            .and_then(|customer| customer.reference.as_ref())
            .map_or(Ok(()), |reference| self.own(operation, reference))
    }

    fn attempt(
        &self,
        operation: PaymentOperation,
        key: &IdempotencyKey,
        options: &RequestOptions,
    ) -> Attempt {
        Attempt::new(self.inner.provider(), self.inner.account(), operation, key, self.guard.now())
            .with_sub_account(options.sub_account.clone())
    }

    /// Writes the attempt down, lets it run, checks what came back, and writes down how it ended.
    async fn journaled(
        &self,
        attempt: Attempt,
        call: impl Future<Output = Result<Outcome>>,
        check: impl FnOnce(&Outcome) -> Result<()>,
    ) -> Result<Outcome> {
        let name = attempt.operation.as_str();
        self.begin(&attempt).await?;
        let result = call.await.and_then(|outcome| check(&outcome).map(|()| outcome));
        let now = self.guard.now();
        match result {
            Ok(outcome) => {
                self.guard.conclude(&attempt, Some(Conclusion::of_outcome(&attempt, &outcome, now))).await;
                Ok(outcome)
            }
            Err(error) => {
                self.guard.conclude(&attempt, Conclusion::of_error(&error, now)).await;
                Err(self.fail(name, error).with_attempt(attempt))
            }
        }
    }

    async fn begin(&self, attempt: &Attempt) -> Result<()> {
        self.guard.begin(self.inner.features().idempotency, attempt).await
    }

    fn check(&self, attempt: &Attempt, allow_partial: bool, outcome: &Outcome) -> Result<()> {
        let several = self.inner.features().has(Feature::MultiCapture);
        compare::outcome(self.guard.environment, several, attempt, allow_partial, outcome)
    }

    /// What comes of an earlier payment has no attempt to be compared with; test and live still never mix.
    fn check_world(&self, outcome: &Outcome) -> Result<()> {
        outcome
            .payment_in_any_state()
            .map_or(Ok(()), |payment| compare::world(self.guard.environment, payment))
    }

    /// An attempt on a payment that exists.
    fn later(&self, operation: PaymentOperation, payment: &PaymentRef) -> Result<Attempt> {
        let key = IdempotencyKey::of_payment(payment, self.guard.now())
            .map_err(|error| self.fail(operation.as_str(), error))?;
        let attempt = self.attempt(operation, &key, &RequestOptions::default());
        Ok(attempt.with_parent(payment.clone()))
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl PaymentGateway for CheckedGateway {
    fn provider(&self) -> &ProviderId {
        self.inner.provider()
    }

    fn account(&self) -> &str {
        self.inner.account()
    }

    fn features(&self) -> &GatewayFeatures {
        self.inner.features()
    }

    async fn purchase(&self, request: &PaymentRequest) -> Result<Outcome> {
        self.need("purchase", &[Feature::Purchase])?;
        self.payment_request("purchase", request)?;
        let attempt = self
            .attempt(PaymentOperation::Purchase, &request.key, &request.options)
            .with_amount(Some(request.amount))
            .with_merchant_reference(request.reference.clone());
        let expected = attempt.clone();
        self.journaled(attempt, self.inner.purchase(request), |outcome| {
            self.check(&expected, request.allow_partial, outcome)
        })
        .await
    }

    async fn authorize(&self, request: &PaymentRequest) -> Result<Outcome> {
        self.need("authorize", &[Feature::Authorize])?;
        self.payment_request("authorize", request)?;
        let attempt = self
            .attempt(PaymentOperation::Authorize, &request.key, &request.options)
            .with_amount(Some(request.amount))
            .with_merchant_reference(request.reference.clone());
        let expected = attempt.clone();
        self.journaled(attempt, self.inner.authorize(request), |outcome| {
            self.check(&expected, request.allow_partial, outcome)
        })
        .await
    }

    async fn capture(&self, request: &CaptureRequest) -> Result<Outcome> {
        self.need("capture", &[Feature::Authorize])?;
        self.own("capture", &request.payment)?;
        self.options("capture", &request.options)?;
        if let Some(amount) = request.amount {
            self.need("capture", &[Feature::PartialCapture])?;
            self.positive("capture", amount)?;
        }
        if !request.is_final {
            self.need("capture", &[Feature::MultiCapture])?;
        }
        let attempt = self
            .attempt(PaymentOperation::Capture, &request.key, &request.options)
            .with_amount(request.amount)
            .with_parent(request.payment.clone());
        let expected = attempt.clone();
        self.journaled(attempt, self.inner.capture(request), |outcome| self.check(&expected, false, outcome))
            .await
    }

    async fn void(&self, request: &VoidRequest) -> Result<Outcome> {
        if !self.inner.features().has(Feature::VoidCaptured) {
            self.need("void", &[Feature::Authorize])?;
        }
        self.own("void", &request.payment)?;
        self.options("void", &request.options)?;
        let attempt = self
            .attempt(PaymentOperation::Void, &request.key, &request.options)
            .with_parent(request.payment.clone());
        let expected = attempt.clone();
        self.journaled(attempt, self.inner.void(request), |outcome| self.check(&expected, false, outcome))
            .await
    }

    async fn refund(&self, request: &RefundRequest) -> Result<Outcome> {
        self.need("refund", &[Feature::Refund])?;
        self.own("refund", &request.payment)?;
        self.options("refund", &request.options)?;
        if let Some(amount) = request.amount {
            self.need("refund", &[Feature::PartialRefund])?;
            self.positive("refund", amount)?;
        }
        if request.void_if_unsettled {
            self.need("refund", &[Feature::VoidCaptured])?;
        }
        let attempt = self
            .attempt(PaymentOperation::Refund, &request.key, &request.options)
            .with_amount(request.amount)
            .with_parent(request.payment.clone());
        let expected = attempt.clone();
        self.journaled(attempt, self.inner.refund(request), |outcome| self.check(&expected, false, outcome))
            .await
    }

    async fn credit(&self, request: &CreditRequest) -> Result<Outcome> {
        self.need("credit", &[Feature::UnlinkedCredit])?;
        if !self.guard.policy.unlinked_credit {
            return Err(self.fail(
                "credit",
                Error::unsupported(
                    "unlinked credit is off for this connection: opt in with `PaymentPolicy::with_unlinked_credit`",
                ),
            ));
        }
        self.method("credit", &request.method)?;
        self.positive("credit", request.amount)?;
        self.options("credit", &request.options)?;
        let attempt = self
            .attempt(PaymentOperation::Credit, &request.key, &request.options)
            .with_amount(Some(request.amount))
            .with_merchant_reference(request.reference.clone());
        let expected = attempt.clone();
        self.journaled(attempt, self.inner.credit(request), |outcome| self.check(&expected, false, outcome))
            .await
    }

    async fn verify(&self, request: &VerifyRequest) -> Result<Outcome> {
        self.need("verify", &[Feature::Verify])?;
        self.method("verify", &request.method)?;
        self.options("verify", &request.options)?;
        if matches!(request.on_action, OnAction::Allow { .. }) {
            self.need("verify", &[Feature::PayerAction])?;
        }
        let attempt = self
            .attempt(PaymentOperation::Verify, &request.key, &request.options)
            .with_amount(Some(Money::zero(request.currency)))
            .with_merchant_reference(request.reference.clone());
        let expected = attempt.clone();
        self.journaled(attempt, self.inner.verify(request), |outcome| self.check(&expected, false, outcome))
            .await
    }

    async fn store(&self, request: &StoreRequest) -> Result<StoredMethod> {
        self.need("store", &[Feature::Store])?;
        self.method("store", &request.method)?;
        self.options("store", &request.options)?;
        self.customer("store", request.customer.as_ref())?;
        let attempt = self
            .attempt(PaymentOperation::Store, &request.key, &request.options)
            .with_merchant_reference(request.reference.clone());
        self.begin(&attempt).await?;
        let result = self.inner.store(request).await;
        let now = self.guard.now();
        let conclusion = match &result {
            Ok(stored) => Some(Conclusion::new(now, super::End::Done).with_payment(stored.reference.clone())),
            Err(error) => Conclusion::of_error(error, now),
        };
        self.guard.conclude(&attempt, conclusion).await;
        result.map_err(|error| self.fail("store", error).with_attempt(attempt))
    }

    async fn unstore(&self, method: &PaymentRef) -> Result<()> {
        self.need("unstore", &[Feature::Unstore])?;
        self.own("unstore", method)?;
        self.inner.unstore(method).await.map_err(|error| self.fail("unstore", error))
    }

    async fn lookup(&self, query: &LookupQuery) -> Result<Lookup> {
        let feature = match query {
            LookupQuery::Reference(payment) => {
                self.own("lookup", payment)?;
                Feature::LookupByReference
            }
            LookupQuery::MerchantReference { sub_account, .. } => {
                if sub_account.is_some() {
                    self.need("lookup", &[Feature::SubAccount])?;
                }
                Feature::LookupByMerchantReference
            }
            LookupQuery::Attempt(attempt) => {
                belongs(self.provider(), self.account(), attempt)
                    .map_err(|error| self.fail("lookup", error))?;
                Feature::LookupByAttempt
            }
        };
        self.need("lookup", &[feature])?;
        // A test payment must not settle what became of a real one.
        let found = self.inner.lookup(query).await.and_then(|mut found| {
            if let Lookup::Found(payments) = &mut found {
                payments.iter().try_for_each(|payment| compare::world(self.guard.environment, payment))?;
                if matches!(query, LookupQuery::MerchantReference { .. }) {
                    // Some vendors carry the order number over to refunds; an order that was paid once is one payment.
                    payments.retain(|payment| payment.operation != PaymentOperation::Refund);
                    if payments.is_empty() {
                        return Ok(Lookup::Absent(Authority::Partial));
                    }
                }
            }
            Ok(found)
        });
        found.map_err(|error| self.fail("lookup", error))
    }

    async fn lookup_stored(&self, attempt: &Attempt) -> Result<Lookup<StoredMethod>> {
        self.need("lookup_stored", &[Feature::Store, Feature::LookupByAttempt])?;
        belongs(self.provider(), self.account(), attempt)
            .map_err(|error| self.fail("lookup_stored", error))?;
        self.inner.lookup_stored(attempt).await.map_err(|error| self.fail("lookup_stored", error))
    }

    async fn resume(&self, payment: &PaymentRef, returned: &ReturnParams) -> Result<Outcome> {
        self.need("resume", &[Feature::PayerAction])?;
        self.own("resume", payment)?;
        let attempt = self.later(PaymentOperation::Resume, payment)?;
        let call = self.inner.resume(payment, returned);
        self.journaled(attempt, call, |outcome| self.check_world(outcome)).await
    }

    async fn decide(&self, payment: &PaymentRef, decision: Decision) -> Result<Outcome> {
        self.need("decide", &[Feature::Review])?;
        self.own("decide", payment)?;
        let operation = match decision {
            Decision::Accept => PaymentOperation::Accept,
            Decision::Reject => PaymentOperation::Reject,
        };
        let attempt = self.later(operation, payment)?;
        let call = self.inner.decide(payment, decision);
        self.journaled(attempt, call, |outcome| self.check_world(outcome)).await
    }

    async fn transactions(&self, query: &TransactionQuery) -> Result<SettlementPage> {
        let feature = if query.batch.is_some() { Feature::SettlementBatch } else { Feature::Transactions };
        self.need("transactions", &[feature])?;
        self.inner.transactions(query).await.map_err(|error| self.fail("transactions", error))
    }

    fn preflight(&self, request: &PaymentRequest) -> Preflight {
        let mut preflight = self.inner.preflight(request);
        let checked = self
            .payment_request("preflight", request)
            .and_then(|()| self.guard.key(self.inner.features().idempotency, &request.key));
        if let Err(error) = checked {
            match error.fields() {
                [] => preflight.refuse("request", error.message().to_owned()),
                fields => preflight.refusals.extend(fields.iter().cloned()),
            }
        }
        preflight
    }
}
