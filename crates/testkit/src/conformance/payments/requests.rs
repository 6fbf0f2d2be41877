//! A call that needs one feature, for each feature.

use chrono::TimeDelta;
use turnbuckle_core::Clock as _;
use turnbuckle_core::payment::{
    Attempt, BankAccount, CaptureRequest, Card, CreditRequest, Decision, Feature, Level2, LookupQuery,
    MerchantReference, OnAction, OriginalPayment, PaymentMethod, PaymentOperation, PaymentRef,
    PaymentRequest, RefundRequest, ReturnParams, StoreRequest, StoredCredential, StoredCredentialReason,
    ThreeDSecure, TransactionQuery, VendorToken, VerifyRequest, VoidRequest,
};
use turnbuckle_core::{Error, Result};

use super::super::Failed;
use super::{Stage, Suite};

/// Texts of plain letters and digits that a vendor's answer would not hold by chance.
pub(super) const METADATA: &str = "conformance4711";
pub(super) const DESCRIPTOR: &str = "CONFTEST";
pub(super) const PURCHASE_ORDER: &str = "PO471100815";
pub(super) const THREE_DS_ID: &str = "f879ea1caa2c4441806de30406466d79";
pub(super) const NETWORK_ID: &str = "MCC123456";

/// The ordinary request with what this feature adds, where it is a feature of requests.
pub(super) fn with_feature(
    suite: &Suite<'_>,
    mut request: PaymentRequest,
    feature: Feature,
) -> Option<PaymentRequest> {
    let options = std::mem::take(&mut request.options);
    let options = match feature {
        Feature::Metadata => options.with_metadata("note", METADATA),
        Feature::StatementDescriptor => options.with_statement_descriptor(DESCRIPTOR),
        Feature::SubAccount => {
            options.with_sub_account(suite.cases.sub_account.clone().unwrap_or("sub1".into()))
        }
        Feature::Level2 => {
            let mut level2 = Level2::default();
            level2.purchase_order = Some(PURCHASE_ORDER.to_owned());
            options.with_level2(level2)
        }
        _ => options,
    };
    request.options = options;
    Some(match feature {
        Feature::Metadata | Feature::StatementDescriptor | Feature::SubAccount | Feature::Level2 => request,
        Feature::StoredCredential => request.with_stored_credential(StoredCredential::subsequent(
            turnbuckle_core::payment::Initiator::Merchant,
            StoredCredentialReason::Recurring,
            OriginalPayment::new(NETWORK_ID),
        )),
        Feature::ThreeDSecure => request.with_three_d_secure(ThreeDSecure::new(
            "2.2.0",
            "05",
            "AAABBEg0VhI0VniQEjRWAAAAAAA=",
            THREE_DS_ID,
        )),
        _ => return None,
    })
}

/// Calls what needs the feature. The answer must be a refusal, so it matters little what the call is about.
pub(super) async fn call(suite: &Suite<'_>, stage: &Stage, feature: Feature) -> Result<Result<()>, Failed> {
    let gateway = stage.gateway.as_ref();
    let amount = suite.cases.approved.amount;
    let now = stage.setup.clock.now();
    let key = stage.key("9")?;
    let reference = MerchantReference::new("CONF9")?;
    let payment = PaymentRef::new(gateway.provider().clone(), "payment", "none");
    let request = stage.request(&suite.cases.approved, "9")?;
    let paying = |method: PaymentMethod| {
        let mut request = request.clone();
        request.method = method;
        request
    };
    let day = TimeDelta::days(1);
    let charged = |result: Result<turnbuckle_core::payment::Outcome>| result.map(drop);
    Ok(match feature {
        Feature::Purchase => charged(gateway.purchase(&request).await),
        Feature::Authorize => charged(gateway.void(&VoidRequest::new(payment, key)).await)
            .and(charged(gateway.authorize(&request).await)),
        Feature::PartialCapture => {
            charged(gateway.capture(&CaptureRequest::new(payment, key).with_amount(amount)).await)
        }
        Feature::MultiCapture => {
            charged(gateway.capture(&CaptureRequest::new(payment, key).with_more_to_come()).await)
        }
        Feature::VoidCaptured => {
            charged(gateway.refund(&RefundRequest::new(payment, key).with_void_if_unsettled()).await)
        }
        Feature::Refund => charged(gateway.refund(&RefundRequest::new(payment, key)).await),
        Feature::PartialRefund => {
            charged(gateway.refund(&RefundRequest::new(payment, key).with_amount(amount)).await)
        }
        Feature::UnlinkedCredit => {
            charged(gateway.credit(&CreditRequest::new(amount, request.method, key, reference)).await)
        }
        Feature::Verify => {
            let request = VerifyRequest::new(request.method, amount.currency(), key, reference);
            charged(gateway.verify(&request).await)
        }
        Feature::Store => gateway.store(&StoreRequest::new(request.method, key, reference)).await.map(drop),
        Feature::Unstore => gateway.unstore(&payment).await,
        Feature::ChargeStored => charged(stage.charge(&paying(PaymentMethod::Stored(payment))).await),
        Feature::RawCard => {
            let card = Card::new("4242424242424242", 12, 2034)?;
            charged(stage.charge(&paying(PaymentMethod::Card(card))).await)
        }
        Feature::VendorToken => {
            let token = VendorToken::new("any", "token");
            charged(stage.charge(&paying(PaymentMethod::Token(token))).await)
        }
        Feature::BankAccount => {
            let account = BankAccount::new("110000000", "000123456789", "Robin Doe")?;
            charged(stage.charge(&paying(PaymentMethod::BankAccount(account))).await)
        }
        Feature::PartialApproval => charged(stage.charge(&request.with_allow_partial(true)).await),
        Feature::PayerAction => {
            let return_url =
                url::Url::parse("https://shop.test/return").map_err(|_| Failed::new("no return address"))?;
            let allowed =
                charged(stage.charge(&request.with_on_action(OnAction::Allow { return_url })).await);
            allowed.and(charged(gateway.resume(&payment, &ReturnParams::default()).await))
        }
        Feature::Review => charged(gateway.decide(&payment, Decision::Accept).await),
        Feature::LookupByReference => gateway.lookup(&LookupQuery::Reference(payment)).await.map(drop),
        Feature::LookupByMerchantReference => {
            let query = LookupQuery::merchant_reference(reference, now - day);
            gateway.lookup(&query).await.map(drop)
        }
        Feature::LookupByAttempt => {
            let operation = PaymentOperation::Purchase;
            let attempt = Attempt::new(gateway.provider(), gateway.account(), operation, &key, now);
            gateway.lookup(&LookupQuery::Attempt(Box::new(attempt))).await.map(drop)
        }
        Feature::Transactions => {
            gateway.transactions(&TransactionQuery::new(now - day, now + day)).await.map(drop)
        }
        Feature::SettlementBatch => {
            let query = TransactionQuery::new(now - day, now + day).with_batch("none");
            gateway.transactions(&query).await.map(drop)
        }
        other => match with_feature(suite, request, other) {
            Some(request) => charged(stage.charge(&request).await),
            None => Err(Error::new(
                turnbuckle_core::ErrorKind::Internal,
                "the suite has no call for this feature yet",
            )),
        },
    })
}
