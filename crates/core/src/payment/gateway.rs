//! The shape that merchants know from card gateways.

use std::fmt;

use async_trait::async_trait;

use super::{
    CaptureRequest, CreditRequest, Decision, GatewayFeatures, Lookup, LookupQuery, Outcome, PaymentRef,
    PaymentRequest, Preflight, RefundRequest, ReturnParams, SettlementPage, StoreRequest, StoredMethod,
    TransactionQuery, VerifyRequest, VoidRequest,
};
use crate::error::Result;
use crate::provider::ProviderId;

/// A payment gateway.
///
/// A host gets one from [`Connection::payments`](crate::provider::Connection::payments), wrapped in the checks that
/// core makes for every gateway: undeclared features, raw cards, unlinked credit, key age, and whether what came back
/// is what was asked for. Adapters implement the bare trait and need none of that.
///
/// Promises that hold for every implementation, each shown by the conformance suite:
///
/// - A decline is [`Outcome::Declined`], never an error and never a success.
/// - A lost answer is an error with [`Effect::Unknown`](crate::Effect::Unknown), never a decline.
/// - The same key with the same request moves money at most once.
/// - Nothing undeclared in [`features`](Self::features) reaches the vendor.
/// - Dropping a returned future never sends anything twice; what it may have done, `lookup` finds.
#[async_trait]
pub trait PaymentGateway: fmt::Debug + Send + Sync + 'static {
    /// The provider behind it.
    fn provider(&self) -> &ProviderId;

    /// The host's stable id of this account: part of every wire key.
    fn account(&self) -> &str;

    /// What it can do.
    fn features(&self) -> &GatewayFeatures;

    /// Charges in one step.
    ///
    /// - `Approved` means the whole amount was taken.
    async fn purchase(&self, request: &PaymentRequest) -> Result<Outcome>;

    /// Reserves an amount.
    ///
    /// - `Approved` means the whole amount is reserved and nothing was taken.
    async fn authorize(&self, request: &PaymentRequest) -> Result<Outcome>;

    /// Takes all or part of a reserved amount.
    ///
    /// - A capture that the vendor calls already done is `Approved` only if the amount agrees.
    async fn capture(&self, request: &CaptureRequest) -> Result<Outcome>;

    /// Releases a reservation, or stops a payment before it settles.
    ///
    /// - A void that the vendor calls already done is `Approved`.
    async fn void(&self, request: &VoidRequest) -> Result<Outcome>;

    /// Returns money of an earlier payment; the outcome's payment is the refund, its parent the payment.
    ///
    /// - More than the remaining balance is refused.
    async fn refund(&self, request: &RefundRequest) -> Result<Outcome>;

    /// Sends money with no earlier payment.
    async fn credit(&self, request: &CreditRequest) -> Result<Outcome>;

    /// Checks a method without moving money.
    async fn verify(&self, request: &VerifyRequest) -> Result<Outcome>;

    /// Keeps a method at the vendor for later.
    async fn store(&self, request: &StoreRequest) -> Result<StoredMethod>;

    /// Removes a stored method. Removing it twice is no error.
    async fn unstore(&self, method: &PaymentRef) -> Result<()>;

    /// Finds payments.
    ///
    /// - For an attempt it returns only payments on which this very attempt can be seen.
    /// - [`Lookup::Absent`] says how much the absence proves.
    async fn lookup(&self, query: &LookupQuery) -> Result<Lookup>;

    /// Finds a stored method whose `store` lost its answer.
    async fn lookup_stored(&self, attempt: &super::Attempt) -> Result<Lookup<StoredMethod>>;

    /// Goes on after the payer came back from a redirect or a 3-D Secure step.
    async fn resume(&self, payment: &PaymentRef, returned: &ReturnParams) -> Result<Outcome>;

    /// Ends a hold for review.
    async fn decide(&self, payment: &PaymentRef, decision: Decision) -> Result<Outcome>;

    /// One page of what moved in a period or a settlement batch.
    async fn transactions(&self, query: &TransactionQuery) -> Result<SettlementPage>;

    /// What the vendor would refuse or what would be changed to fit, told offline.
    fn preflight(&self, request: &PaymentRequest) -> Preflight;
}
