//! Every operation of the typed client leaves exactly these bytes.

use chrono::{DateTime, NaiveDate};
use turnbuckle_authnet::*;
use turnbuckle_core::money::{Currency, Money};

use super::support::Wire;

fn usd(text: &str) -> Money {
    Money::parse(text, Currency::USD).unwrap()
}

fn decimal(text: &str) -> wire::Decimal {
    wire::Decimal::parse(text).unwrap()
}

fn card() -> PaymentData {
    PaymentData::CreditCard(CreditCard::new("4111111111111111", 12, 2034).with_card_code("900"))
}

fn plain_card() -> PaymentData {
    PaymentData::CreditCard(CreditCard::new("4111111111111111", 12, 2034))
}

fn bank() -> PaymentData {
    let account = BankAccountData::new("121042882", "123456789", "Robin Doe");
    PaymentData::BankAccount(account.with_account_type("checking").with_echeck_type("WEB"))
}

fn billing() -> Address {
    let mut address = Address::default();
    address.first_name = Some("Robin".into());
    address.last_name = Some("Doe".into());
    address.company = Some("Doe Ltd".into());
    address.address = Some("1 Main St, Apt 2".into());
    address.city = Some("Springfield".into());
    address.state = Some("IL".into());
    address.zip = Some("62701".into());
    address.country = Some("US".into());
    address.phone_number = Some("217-555-0100".into());
    address
}

fn shipping() -> Address {
    let mut address = Address::default();
    address.first_name = Some("Sam".into());
    address.last_name = Some("Roe".into());
    address.address = Some("2 Side St".into());
    address.city = Some("Peoria".into());
    address.state = Some("IL".into());
    address.zip = Some("61602".into());
    address.country = Some("US".into());
    address
}

async fn transaction(request: TransactionRequest, ref_id: Option<&str>, name: &str) {
    let wire = Wire::answering(&[if ref_id.is_some() { "declined" } else { "approved" }]);
    wire.client().transactions().create(&request, ref_id).await.unwrap();
    wire.assert_sent(name);
}

#[tokio::test]
async fn transactions() {
    use TransactionType::{AuthCapture, AuthOnly, CaptureOnly, PriorAuthCapture, Refund, Void};
    let mut full = TransactionRequest::new(AuthCapture)
        .with_amount(usd("20.10"))
        .with_payment(card())
        .with_order(Order::new("INV-1").with_description("A thing"))
        .with_settings(Settings::new().with_allow_partial_auth(false).with_duplicate_window(28_800));
    full.tax = Some(ExtendedAmount::new(usd("1.10")));
    full.po_number = Some("PO-1".into());
    let mut customer = CustomerData::default();
    customer.customer_type = Some("individual".into());
    customer.id = Some("C-1".into());
    customer.email = Some("robin@shop.test".into());
    full.customer = Some(customer);
    full.bill_to = Some(billing());
    full.ship_to = Some(shipping());
    full.customer_ip = Some("203.0.113.9".into());
    full.cardholder_authentication =
        Some(CardholderAuthentication::new("05", "AAABBEg0VhI0VniQEjRWAAAAAAA=".into()));
    let mut options = ProcessingOptions::default();
    options.is_first_recurring_payment = Some(true);
    full.processing_options = Some(options);
    let mut first = SubsequentAuth::default();
    first.original_network_trans_id = Some("123456789NNNH".into());
    first.original_auth_amount = Some(decimal("45.00"));
    first.reason = Some("resubmission".into());
    full.subsequent_auth_information = Some(first);
    transaction(full, Some("ref-0001"), "auth_capture").await;

    let of = |kind, amount: &str| TransactionRequest::new(kind).with_amount(usd(amount));
    let token = PaymentData::OpaqueData(OpaqueData::new(ACCEPT_JS, "eyJjb2RlIjoiNTAifQ=="));
    let request = of(AuthOnly, "20.10").with_payment(token).with_order(Order::new("INV-2"));
    transaction(request, None, "auth_only_opaque").await;
    let request = of(AuthCapture, "20.10").with_payment(bank()).with_order(Order::new("INV-3"));
    transaction(request, None, "auth_capture_bank").await;
    let profile = ProfilePayment::new("38392767", "34897359");
    let request = of(AuthCapture, "20.10").with_profile(profile).with_order(Order::new("INV-4"));
    transaction(request, None, "auth_capture_profile").await;
    let request = of(PriorAuthCapture, "12.00").with_ref_trans_id("40109582700");
    transaction(request, None, "prior_auth_capture").await;
    let mut request = of(CaptureOnly, "12.00").with_payment(card());
    request.auth_code = Some("ABC123".into());
    transaction(request, None, "capture_only").await;
    let request = TransactionRequest::new(Void).with_ref_trans_id("40109582700");
    transaction(request, None, "void").await;
    let request = of(Refund, "5.00")
        .with_payment(PaymentData::CreditCard(CreditCard::of_last4("0027")))
        .with_ref_trans_id("40109582700")
        .with_order(Order::new("INV-5"));
    transaction(request, None, "refund").await;
    let request = of(Refund, "5.00").with_payment(plain_card()).with_order(Order::new("INV-6"));
    transaction(request, None, "credit").await;
}

#[tokio::test]
async fn held_transactions() {
    for (action, name) in
        [(HeldAction::Approve, "update_held_approve"), (HeldAction::Decline, "update_held_decline")]
    {
        let wire = Wire::answering(&["approved"]);
        wire.client().transactions().update_held("40109582700", action).await.unwrap();
        wire.assert_sent(name);
    }
}

#[tokio::test]
async fn the_account() {
    let wire = Wire::answering(&["ok"]);
    wire.client().authenticate_test().await.unwrap();
    wire.assert_sent("authenticate_test");
    let wire = Wire::answering(&["merchant_details"]);
    let merchant = wire.client().merchant_details().await.unwrap();
    wire.assert_sent("merchant_details");
    assert_eq!(merchant.currencies, ["USD"]);
    assert_eq!(merchant.payment_methods, ["Visa", "Echeck"]);
    assert_eq!((merchant.is_test_mode, merchant.gateway_id.as_deref()), (Some(false), Some("565697")));
}

#[tokio::test]
async fn reports() {
    let wire = Wire::answering(&["transaction_details"]);
    let details = wire.client().reports().details("2162566217").await.unwrap();
    wire.assert_sent("transaction_details");
    assert_eq!(details.auth_amount, Some(decimal("1018.88")));
    assert_eq!((details.response_code.as_deref(), details.last4()), (Some("1"), Some("4444")));
    assert_eq!(details.submit_time.unwrap().timestamp_millis(), 1_314_894_649_390);

    let wire = Wire::answering(&["unsettled"]);
    let list = wire.client().reports().unsettled(Page::new(2)).await.unwrap();
    wire.assert_sent("unsettled");
    assert_eq!(list.transactions[0].invoice_number.as_deref(), Some("1234567890"));
    assert!(list.is_last(1) && !list.is_last(0));

    let at = |text: &str| text.parse::<DateTime<chrono::Utc>>().unwrap();
    let wire = Wire::answering(&["settled_batches"]);
    let (first, last) = (at("2024-01-01T00:00:00Z"), at("2024-01-31T00:00:00Z"));
    let batches = wire.client().reports().settled_batches(first, last).await.unwrap();
    wire.assert_sent("settled_batches");
    assert_eq!(batches[0].batch_id.as_deref(), Some("1221577"));

    let wire = Wire::answering(&["batch"]);
    let batch = wire.client().reports().batch("4532808").await.unwrap().unwrap();
    wire.assert_sent("batch");
    assert_eq!(batch.settlement_time, Some(at("2011-09-01T16:38:54Z")));

    let wire = Wire::answering(&["nothing_found"]);
    let list = wire.client().reports().of_batch("4532808", Page::new(1).with_limit(50)).await.unwrap();
    wire.assert_sent("transactions_of_batch");
    assert!(list.transactions.is_empty() && list.is_last(0));
}

#[tokio::test]
async fn the_vault() {
    let profile = |payment| NewPaymentProfile::new(payment);
    let mut method = profile(plain_card()).with_bill_to(billing());
    method.customer_type = Some("individual".into());
    let mut customer = NewCustomer::new("C-1").with_payment_profile(method);
    customer.description = Some("A customer".into());
    customer.email = Some("robin@shop.test".into());
    let wire = Wire::answering(&["customer_profile_created"]);
    let created = wire.client().customer_profiles().create(&customer, ValidationMode::None).await.unwrap();
    wire.assert_sent("customer_profiles_create");
    assert_eq!(created.customer_payment_profile_id_list, ["32506918"]);

    let wire = Wire::answering(&["customer_profile"]);
    let found = wire.client().customer_profiles().get("38392767").await.unwrap();
    wire.assert_sent("customer_profiles_get");
    assert_eq!(found.payment_profiles[0].customer_payment_profile_id.as_deref(), Some("34897359"));
    let wire = Wire::answering(&["customer_profile"]);
    wire.client().customer_profiles().get_by_merchant_id("C-1").await.unwrap();
    wire.assert_sent("customer_profiles_get_by_merchant_id");
    let wire = Wire::answering(&["ok"]);
    wire.client().customer_profiles().delete("38392767").await.unwrap();
    wire.assert_sent("customer_profiles_delete");

    for (answer, duplicate) in [("payment_profile_created", false), ("payment_profile_duplicate", true)] {
        let wire = Wire::answering(&[answer]);
        let client = wire.client();
        let profiles = client.customer_profiles();
        let (account, mode) = (profile(bank()), ValidationMode::TestMode);
        let made = profiles.create_payment_profile("38392767", &account, mode).await.unwrap();
        wire.assert_sent("payment_profiles_create");
        assert_eq!(made.customer_payment_profile_id.as_deref(), Some("34897359"));
        assert_eq!(made.duplicate, duplicate);
    }
    let wire = Wire::answering(&["payment_profile"]);
    let found = wire.client().customer_profiles().get_payment_profile("38392767", "34897359").await.unwrap();
    wire.assert_sent("payment_profiles_get");
    assert!(found.payment.bank_account.is_some());
    let wire = Wire::answering(&["ok"]);
    let client = wire.client();
    let mode = ValidationMode::None;
    let profiles = client.customer_profiles();
    profiles.update_payment_profile("38392767", "34897359", &profile(card()), mode).await.unwrap();
    wire.assert_sent("payment_profiles_update");
    let wire = Wire::answering(&["ok"]);
    wire.client().customer_profiles().delete_payment_profile("38392767", "34897359").await.unwrap();
    wire.assert_sent("payment_profiles_delete");
    let wire = Wire::answering(&["ok"]);
    let client = wire.client();
    let (code, mode) = (Some("900".into()), ValidationMode::LiveMode);
    let profiles = client.customer_profiles();
    profiles.validate_payment_profile("38392767", "34897359", code, mode).await.unwrap();
    wire.assert_sent("payment_profiles_validate");
}

#[tokio::test]
async fn recurring_billing() {
    let begins = NaiveDate::from_ymd_opt(2024, 2, 1).unwrap();
    let mut request = RecurringRequest::default();
    request.name = Some("Monthly".into());
    request.payment_schedule =
        Some(Schedule::new(RecurringInterval::new(1, "months"), begins, Schedule::ENDLESS));
    request.amount = Some(decimal("12.00"));
    request.payment = Some(plain_card());
    request.order = Some(Order::new("INV-7").with_description("A thing a month"));
    let mut customer = CustomerData::default();
    customer.id = Some("C-1".into());
    customer.email = Some("robin@shop.test".into());
    customer.phone_number = Some("217-555-0100".into());
    request.customer = Some(customer);
    let mut billing = Address::default();
    billing.first_name = Some("Robin".into());
    billing.last_name = Some("Doe".into());
    request.bill_to = Some(billing);
    let wire = Wire::answering(&["subscription_created"]);
    assert_eq!(wire.client().recurring().create(&request).await.unwrap().as_deref(), Some("100748"));
    wire.assert_sent("recurring_create");

    let mut request = RecurringRequest::default();
    request.payment_schedule = Some(Schedule::new(RecurringInterval::new(14, "days"), begins, 12));
    request.amount = Some(decimal("12.00"));
    request.profile = Some(ProfileIds::new("38392767", "34897359"));
    let wire = Wire::answering(&["subscription_created"]);
    wire.client().recurring().create(&request).await.unwrap();
    wire.assert_sent("recurring_create_profile");

    let mut changes = RecurringRequest::default();
    changes.amount = Some(decimal("15.00"));
    let wire = Wire::answering(&["ok"]);
    wire.client().recurring().update("100748", &changes).await.unwrap();
    wire.assert_sent("recurring_update");
    for answer in ["ok", "cancelled_already"] {
        let wire = Wire::answering(&[answer]);
        wire.client().recurring().cancel("100748").await.unwrap();
        wire.assert_sent("recurring_cancel");
    }
    // Published samples spell the field either way, or both ways in one answer.
    for (answer, status) in [("subscription_status", "active"), ("subscription_status_twice", "canceled")] {
        let wire = Wire::answering(&[answer]);
        assert_eq!(wire.client().recurring().status("100748").await.unwrap().as_deref(), Some(status));
        wire.assert_sent("recurring_status");
    }
    let wire = Wire::answering(&["subscription"]);
    let found = wire.client().recurring().get("100748", true).await.unwrap();
    wire.assert_sent("recurring_get");
    assert_eq!(found.status.as_deref(), Some("suspended"));
    assert_eq!(found.arb_transactions[0].trans_id.as_deref(), Some("60010736710"));
    let wire = Wire::answering(&["subscriptions"]);
    let found =
        wire.client().recurring().list(RecurringSearch::SubscriptionActive, Page::new(1)).await.unwrap();
    wire.assert_sent("recurring_list");
    assert_eq!((found[0].id.as_deref(), found[0].invoice.as_deref()), (Some("100748"), Some("INV-7")));
}

#[tokio::test]
async fn webhook_settings() {
    const ID: &str = "72a55c78-66e6-4b1e-a4d6-3f925c00561f";
    let events = [EventType::AuthCaptureCreated, EventType::FraudHeld];
    let new = NewWebhook::new("https://shop.test/hooks", events.clone());
    let wire = Wire::answering(&["webhooks"]);
    let found = wire.client().webhooks().list().await.unwrap();
    wire.assert_sent("webhooks_list");
    assert_eq!(found[0].event_types, events);
    let wire = Wire::answering(&["webhook"]);
    assert_eq!(wire.client().webhooks().get(ID).await.unwrap().webhook_id.as_deref(), Some(ID));
    wire.assert_sent("webhooks_get");
    let wire = Wire::answering(&["webhook"]);
    assert_eq!(wire.client().webhooks().create(&new).await.unwrap().status.as_deref(), Some("active"));
    wire.assert_sent("webhooks_create");
    let wire = Wire::answering(&["webhook"]);
    wire.client().webhooks().update(ID, &new).await.unwrap();
    wire.assert_sent("webhooks_update");
    let wire = Wire::new([super::support::Answer::Reply(200, Vec::new())]);
    wire.client().webhooks().delete(ID).await.unwrap();
    wire.assert_sent("webhooks_delete");
    assert!(wire.sent()[0].headers()["authorization"].is_sensitive());
}
