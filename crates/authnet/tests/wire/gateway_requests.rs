//! What leaves when a host calls the gateway behind core's checks.

use turnbuckle_authnet::ACCEPT_JS;
use turnbuckle_core::money::{Currency, Money};
use turnbuckle_core::payment::{
    AccountHolder, Address, BankAccount, CaptureRequest, Card, CreditRequest, Customer, Initiator, Interval,
    IntervalUnit, Level2, OriginalPayment, PaymentMethod, PaymentRef, PaymentRequest, Plan, RefundRequest,
    RequestOptions, SecCode, StoreRequest, StoredCredential, StoredCredentialReason, SubscriptionRequest,
    ThreeDSecure, VendorToken, VerifyRequest, VoidRequest,
};
use turnbuckle_core::{Effect, ErrorKind, ProviderId};

use super::support::{Answer, Wire, key, reference};

pub(crate) const PROVIDER: ProviderId = ProviderId::from_static("authorize_net");

pub(crate) fn usd(text: &str) -> Money {
    Money::parse(text, Currency::USD).unwrap()
}

pub(crate) fn card() -> Card {
    Card::new("4111111111111111", 12, 2034).unwrap().with_cvv("900").unwrap()
}

pub(crate) fn purchase(name: &str) -> PaymentRequest {
    PaymentRequest::new(usd("20.10"), PaymentMethod::Card(card()), key(name), reference("order-1001"))
}

/// A handle as an authorization of 20.10 leaves it.
pub(crate) fn authorized() -> PaymentRef {
    PaymentRef::new(PROVIDER, "transaction", "40109582700")
        .with_detail("currency", "USD")
        .with_detail("amount", "20.10")
        .with_detail("tender", "card")
        .with_detail("last4", "0027")
}

fn stored() -> PaymentRef {
    PaymentRef::new(PROVIDER, "payment_profile", "34897359").with_detail("customer", "38392767")
}

fn address(line1: &str, city: &str, zip: &str) -> Address {
    let mut address = Address::default();
    address.line1 = Some(line1.into());
    address.city = Some(city.into());
    address.region = Some("IL".into());
    address.postal_code = Some(zip.into());
    address.country = Some("US".into());
    address
}

#[tokio::test]
async fn a_purchase_with_everything() {
    let mut billing = address("1 Main St", "Springfield", "62701");
    billing.line2 = Some("Apt 2".into());
    let mut shipping = address("2 Side St", "Peoria", "61602");
    shipping.first_name = Some("Sam".into());
    shipping.last_name = Some("Roe".into());
    let mut customer = Customer::default();
    customer.id = Some("C-1".into());
    customer.email = Some("robin@shop.test".into());
    customer.phone = Some("217-555-0100".into());
    customer.ip = Some("203.0.113.9".parse().unwrap());
    let mut level2 = Level2::default();
    level2.tax = Some(usd("1.10"));
    level2.purchase_order = Some("PO-1".into());
    let mut original = OriginalPayment::new("123456789NNNH");
    original.amount = Some(usd("45.00"));
    let mut request = purchase("key-1")
        .with_billing(billing)
        .with_shipping(shipping)
        .with_customer(customer)
        .with_description("Ein Stück Käse")
        .with_three_d_secure(ThreeDSecure::new("2.2.0", "05", "AAABBEg0VhI0VniQEjRWAAAAAAA=", "f879"))
        .with_stored_credential(StoredCredential::subsequent(
            Initiator::Merchant,
            StoredCredentialReason::Recurring,
            original,
        ))
        .with_options(RequestOptions::default().with_level2(level2));
    request.method = PaymentMethod::Card(card().with_holder("Robin Doe"));
    let wire = Wire::answering(&["declined"]);
    let outcome = wire.connection().payments().unwrap().purchase(&request).await.unwrap();
    assert!(outcome.declined().is_some());
    wire.assert_sent("gateway_purchase");
}

#[tokio::test]
async fn a_stored_method_stands_alone() {
    let mut request = purchase("key-1").with_allow_partial(true).with_billing(address("1 Main St", "X", "1"));
    request.method = PaymentMethod::Stored(stored());
    let wire = Wire::answering(&["declined"]);
    assert!(wire.connection().payments().unwrap().authorize(&request).await.unwrap().declined().is_some());
    wire.assert_sent("gateway_authorize_stored");
}

#[tokio::test]
async fn captures_voids_refunds_credits() {
    let wire = Wire::answering(&["declined"]);
    let gateway = wire.connection().payments().unwrap();
    let capture = CaptureRequest::new(authorized(), key("key-2")).with_amount(usd("12.00"));
    assert!(gateway.capture(&capture).await.unwrap().declined().is_some());
    wire.assert_sent("gateway_capture");

    let wire = Wire::answering(&["approved"]);
    let gateway = wire.connection().payments().unwrap();
    let voided = gateway.void(&VoidRequest::new(authorized(), key("key-3"))).await.unwrap_err();
    wire.assert_sent("gateway_void");
    // The sample carries the reference of another request.
    assert_eq!((voided.kind(), voided.effect()), (ErrorKind::InvalidResponse, Effect::Unknown));

    let wire = Wire::answering(&["refunded"]);
    let gateway = wire.connection().payments().unwrap();
    let refund = RefundRequest::new(authorized(), key("key-4")).with_amount(usd("5.00"));
    let outcome = gateway.refund(&refund).await.unwrap();
    wire.assert_sent("gateway_refund");
    let refunded = outcome.approved().unwrap();
    assert_eq!((refunded.reference.id(), refunded.amounts.refunded), ("40109582799", usd("5.00")));
    assert!(refunded.parent.as_ref().unwrap().same_as(&authorized()));

    let mut account = BankAccount::new("121042882", "123456789", "Doe Ltd").unwrap();
    account.holder = AccountHolder::Company;
    account.sec_code = SecCode::Ccd;
    let method = PaymentMethod::BankAccount(account);
    let wire = Wire::answering(&["declined"]);
    let gateway = wire.connection().payments().unwrap();
    let credit = CreditRequest::new(usd("5.00"), method, key("key-5"), reference("order-1001"));
    assert!(gateway.credit(&credit).await.unwrap().declined().is_some());
    wire.assert_sent("gateway_credit_bank");
}

#[tokio::test]
async fn a_verification_authorizes_nothing() {
    let mut billing = Address::default();
    billing.line1 = Some("1 Main St".into());
    billing.postal_code = Some("62701".into());
    let request =
        VerifyRequest::new(PaymentMethod::Card(card()), Currency::USD, key("key-6"), reference("order-1001"))
            .with_billing(billing);
    let wire = Wire::answering(&["declined"]);
    assert!(wire.connection().payments().unwrap().verify(&request).await.unwrap().declined().is_some());
    wire.assert_sent("gateway_verify");
}

#[tokio::test]
async fn a_stored_method_gets_a_customer_of_its_own() {
    let method = PaymentMethod::Card(card().with_holder("Robin Doe"));
    let request = StoreRequest::new(method, key("key-7"), reference("customer-7"));
    let wire = Wire::answering(&["customer_profile_created"]);
    let stored = wire.connection().payments().unwrap().store(&request).await.unwrap();
    wire.assert_sent("gateway_store");
    assert_eq!(stored.reference.id(), "32506918");
    assert_eq!(stored.reference.detail("customer"), Some("38392767"));
    assert_eq!(stored.summary.last4.as_deref(), Some("1111"));
    let customer = turnbuckle_authnet::customer_of(&stored.reference).unwrap();
    assert_eq!(customer.id(), "38392767");
}

#[tokio::test]
async fn a_subscription_is_looked_for_before_it_is_made() {
    let every = Interval::new(2, IntervalUnit::Week);
    let plan = Plan::Inline { amount: usd("12.00"), every };
    let method = PaymentMethod::Card(card().with_holder("Robin Doe"));
    let mut request = SubscriptionRequest::new(method, plan, key("key-8"), reference("sub-1"));
    request.trial_days = Some(7);
    request.billing = Some(address("1 Main St", "Springfield", "62701"));
    let answers = ["merchant_details", "nothing_found", "nothing_found", "subscription_created"];
    let wire = Wire::answering(&answers);
    let outcome = wire.connection().subscriptions().unwrap().create(&request).await;
    wire.assert_sent_at(3, "gateway_subscription");
    let made = outcome.unwrap().subscription.unwrap();
    assert_eq!((made.reference.id(), made.amount), ("100748", Some(usd("12.00"))));
}

#[tokio::test]
async fn accept_js_hands_over_descriptor_and_value() {
    let mut request = purchase("key-9");
    request.method = PaymentMethod::Token(VendorToken::new(ACCEPT_JS, "eyJjb2RlIjoiNTAifQ=="));
    let wire = Wire::answering(&["declined"]);
    assert!(wire.connection().payments().unwrap().purchase(&request).await.unwrap().declined().is_some());
    let body = String::from_utf8(wire.sent()[0].body().to_vec()).unwrap();
    let opaque = r#""payment":{"opaqueData":{"dataDescriptor":"COMMON.ACCEPT.INAPP.PAYMENT","dataValue":"eyJjb2RlIjoiNTAifQ=="}}"#;
    assert!(body.contains(opaque), "{body}");
    request.method = PaymentMethod::Token(VendorToken::new("payment_method", "pm_1"));
    let refused = wire.connection().payments().unwrap().purchase(&request).await.unwrap_err();
    assert_eq!(refused.fields()[0].field, "method.token");
    assert_eq!(wire.sent().len(), 1);
}

#[tokio::test]
async fn what_does_not_fit_is_refused_before_anything_leaves() {
    let wire = Wire::new([]);
    let gateway = wire.connection().payments().unwrap();
    let fields = |error: turnbuckle_core::Error| {
        assert_eq!((error.kind(), error.effect()), (ErrorKind::InvalidRequest, Effect::None), "{error}");
        error.fields().iter().map(|field| field.field.to_string()).collect::<Vec<_>>()
    };
    let mut request = purchase("key-1");
    request.amount = Money::new(500, Currency::JPY);
    request.shipping = Some(Address::default());
    request.shipping.as_mut().unwrap().phone = Some("217-555-0100".into());
    request.method = PaymentMethod::Card(Card::new("6304000000000000000", 12, 2034).unwrap());
    let refused = fields(gateway.purchase(&request).await.unwrap_err());
    assert_eq!(refused, ["currency", "card.number", "shipping.phone"]);

    let account = BankAccount::new("121042882", "123456789", "A name of more than 22 characters").unwrap();
    let mut request = purchase("key-1");
    request.method = PaymentMethod::BankAccount(account);
    assert_eq!(fields(gateway.purchase(&request).await.unwrap_err()), ["method.holder"]);
    assert_eq!(fields(gateway.authorize(&request).await.unwrap_err()), ["method.holder", "method"]);

    let in_euro = Some(Money::new(100, Currency::EUR));
    let mut capture = CaptureRequest::new(authorized(), key("key-2"));
    capture.amount = in_euro;
    assert_eq!(fields(gateway.capture(&capture).await.unwrap_err()), ["amount"]);
    let mut refund = RefundRequest::new(authorized(), key("key-4"));
    refund.amount = in_euro;
    assert_eq!(fields(gateway.refund(&refund).await.unwrap_err()), ["amount"]);
    let foreign = PaymentRef::new(PROVIDER, "transaction", "1,\"x\":2");
    assert_eq!(fields(gateway.void(&VoidRequest::new(foreign, key("k"))).await.unwrap_err()), ["payment"]);
    assert!(wire.sent().is_empty());
}

#[tokio::test]
async fn a_handle_from_elsewhere_is_completed_by_a_lookup() {
    // As it comes out of a webhook: an id and nothing else.
    let bare = PaymentRef::new(PROVIDER, "transaction", "40109582700");
    let details = Answer::fixture("details_own");
    let wire = Wire::new([details, Answer::fixture("refunded")]);
    let gateway = wire.connection().payments().unwrap();
    let refund = RefundRequest::new(bare, key("key-4")).with_amount(usd("5.00"));
    assert!(gateway.refund(&refund).await.unwrap().approved().is_some());
    wire.assert_sent_at(1, "gateway_refund");
}
