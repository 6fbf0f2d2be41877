//! Every operation over the simulator, which checks each request as the vendor would.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

mod support;

use std::time::Duration;

use turnbuckle_core::payment::{
    Address, AvsResult, BankAccount, CaptureRequest, CreditRequest, Customer, CvvResult, DeclineAdvice,
    DeclineReason, Initiator, Level2, Lifecycle, Lookup, LookupQuery, OriginalPayment, Outcome,
    PaymentMethod, PaymentRef, RefundRequest, RequestOptions, StoreRequest, StoredCredential,
    StoredCredentialReason, ThreeDSecure, VendorToken, VerifyRequest, VoidRequest,
};
use turnbuckle_core::{Clock as _, Effect, ErrorKind};
use turnbuckle_nmi::NmiProvider;

use support::{POOR, Rig, VISA, approved, card, reference, usd};

#[tokio::test]
async fn a_purchase_carries_everything_and_reads_the_checks() {
    let rig = Rig::new();
    let mut customer = Customer::default();
    customer.id = Some("C-7".to_owned());
    customer.name = Some("Shop & Co".to_owned());
    customer.email = Some("zoe@example.com".to_owned());
    customer.phone = Some("+49 221 1".to_owned());
    customer.ip = Some("203.0.113.9".parse().unwrap());
    let mut billing = Address::default();
    billing.first_name = Some("Zo\u{eb}".to_owned());
    billing.last_name = Some("O'Neill".to_owned());
    billing.line1 = Some("888 Main".to_owned());
    billing.postal_code = Some("77777".to_owned());
    billing.region = Some("NW".to_owned());
    billing.country = Some("de".to_owned());
    let mut shipping = Address::default();
    shipping.line1 = Some("1 Quay".to_owned());
    let mut level2 = Level2::default();
    level2.tax = Some(usd(160));
    level2.purchase_order = Some("PO-7".to_owned());
    let options = RequestOptions::default()
        .with_level2(level2)
        .with_statement_descriptor("SHOP 7")
        .with_metadata("cart", "a=b&c")
        .with_sub_account("ccprocessora");
    let request = rig
        .request(2010, card(VISA), "1")
        .with_customer(customer)
        .with_billing(billing)
        .with_shipping(shipping)
        .with_description("Two chairs & a table")
        .with_options(options)
        .with_three_d_secure(ThreeDSecure::new("2.2.0", "05", "AAAA", "ds-1"))
        .with_stored_credential(StoredCredential::initial(StoredCredentialReason::Recurring));
    let outcome = rig.gateway().purchase(&request).await.unwrap();
    let payment = approved(&outcome);
    assert_eq!((payment.avs, payment.cvv), (Some(AvsResult::Match), Some(CvvResult::Match)));
    assert_eq!(payment.amounts.captured, usd(2010));
    assert!(!payment.live && !payment.replayed && payment.auth_code.is_some());
    assert_eq!(payment.method.as_ref().unwrap().last4.as_deref(), Some("1111"));
    let kept = &rig.transactions()[0];
    let fields = &kept["fields"];
    for (name, value) in [
        ("first_name", "Zo\u{eb}"),
        ("last_name", "O'Neill"),
        ("address1", "888 Main"),
        ("zip", "77777"),
        ("state", "NW"),
        ("country", "DE"),
        ("email", "zoe@example.com"),
        ("phone", "+49 221 1"),
        ("shipping_address1", "1 Quay"),
        ("order_description", "Two chairs & a table"),
        ("tax", "1.60"),
        ("ponumber", "PO-7"),
        ("descriptor", "SHOP 7"),
        ("merchant_defined_field_1", "order-1001"),
        ("merchant_defined_field_2", "C-7"),
        ("merchant_defined_field_3", "Shop & Co"),
        ("merchant_defined_field_5", "cart=a=b&c"),
        ("initiated_by", "customer"),
        ("stored_credential_indicator", "stored"),
        ("billing_method", "recurring"),
        ("cardholder_auth", "verified"),
        ("directory_server_id", "ds-1"),
    ] {
        assert_eq!(fields[name], value, "{name}");
    }
    assert_eq!(kept["order_id"], payment.wire_key.as_ref().unwrap().as_str());
}

#[tokio::test]
async fn declines_carry_reason_advice_and_codes() {
    let rig = Rig::new();
    let gateway = rig.gateway();
    for (code, text, reason, advice) in [
        ("200", "DECLINE", DeclineReason::DoNotHonor, DeclineAdvice::AskBank),
        ("225", "Invalid card security code", DeclineReason::IncorrectCvv, DeclineAdvice::CorrectAndRetry),
        ("252", "Stolen card", DeclineReason::LostOrStolen, DeclineAdvice::NeverAgain),
        ("261", "Stop all recurring payments", DeclineReason::ConsentRevoked, DeclineAdvice::NeverAgain),
        ("411", "Merchant account inactive", DeclineReason::MerchantSetup, DeclineAdvice::FixSetup),
        ("461", "Unsupported card type", DeclineReason::NotSupported, DeclineAdvice::OtherMethod),
    ] {
        rig.nmi().refuse(POOR, code, text);
        let outcome = gateway.purchase(&rig.request(2010, card(POOR), code)).await.unwrap();
        let decline = outcome.declined().unwrap();
        assert_eq!((decline.reason, decline.advice), (reason, advice), "{code}");
        assert_eq!((decline.code.as_deref(), decline.text.as_deref()), (Some(code), Some(text)));
    }
    let small = gateway.purchase(&rig.request(99, card(VISA), "small")).await.unwrap();
    assert_eq!(small.declined().unwrap().code.as_deref(), Some("200"));
    // A number that is no card of any brand: NMI's error 300 is a decline too.
    let outcome = gateway.purchase(&rig.request(2010, card("9999999999999995"), "no-card")).await.unwrap();
    assert_eq!(outcome.declined().unwrap().reason, DeclineReason::InvalidNumber);
    // The same key again tells the same decline, and sends nothing that could be approved by now.
    rig.nmi().accept(POOR);
    let again = gateway.purchase(&rig.request(2010, card(POOR), "252")).await.unwrap();
    assert_eq!(again.declined().unwrap().reason, DeclineReason::LostOrStolen);
}

#[tokio::test]
async fn codes_420_and_421_leave_the_outcome_open_until_it_is_looked_up() {
    for code in ["420", "421"] {
        let rig = Rig::new();
        let gateway = rig.gateway();
        rig.nmi().refuse(POOR, code, "Communication error");
        let request = rig.request(2010, card(POOR), "1");
        let error = gateway.purchase(&request).await.unwrap_err();
        assert_eq!((error.kind(), error.effect()), (ErrorKind::Unavailable, Effect::Unknown));
        // NMI keeps the attempt in the condition `unknown`: still nobody knows, and nothing is sent again.
        let again = gateway.purchase(&request).await.unwrap_err();
        assert_eq!((again.kind(), again.effect()), (ErrorKind::Conflict, Effect::Unknown));
        assert_eq!(rig.transactions().len(), 1);
    }
}

#[tokio::test]
async fn the_duplicate_check_is_no_idempotency() {
    let rig = Rig::new();
    let gateway = rig.gateway();
    approved(&gateway.purchase(&rig.request(2010, card(VISA), "1")).await.unwrap());
    // Another order of the same card and amount.
    let error = gateway.purchase(&rig.request(2010, card(VISA), "2")).await.unwrap_err();
    assert_eq!((error.kind(), error.effect()), (ErrorKind::DuplicateBlocked, Effect::Unknown));
    assert_eq!(rig.good().len(), 1);
    // Long after, the lookup disproves it.
    rig.clock.advance(Duration::from_secs(3600));
    let attempt = error.attempt().unwrap();
    let resolved =
        turnbuckle_core::payment::resolve(gateway.as_ref(), attempt, rig.clock.now()).await.unwrap();
    assert_eq!(resolved, turnbuckle_core::payment::Resolution::DidNotHappen);
}

#[tokio::test]
async fn an_index_that_lags_never_disproves_too_early() {
    let rig = Rig::new();
    rig.nmi().index_lag(Duration::from_secs(120));
    let gateway = rig.gateway();
    let request = rig.request(2010, card(VISA), "1");
    approved(&gateway.purchase(&request).await.unwrap());
    // The second try finds nothing yet; NMI's own check stops it, and nobody claims that nothing happened.
    let error = gateway.purchase(&request).await.unwrap_err();
    assert_eq!((error.kind(), error.effect()), (ErrorKind::DuplicateBlocked, Effect::Unknown));
    let attempt = error.attempt().unwrap().clone();
    let query = LookupQuery::Attempt(Box::new(attempt));
    assert!(matches!(
        gateway.lookup(&query).await.unwrap(),
        Lookup::Absent(turnbuckle_core::payment::Authority::Lagging { .. })
    ));
    rig.clock.advance(Duration::from_secs(121));
    assert!(matches!(gateway.lookup(&query).await.unwrap(), Lookup::Found(_)));
    assert_eq!(rig.good().len(), 1);
}

#[tokio::test]
async fn a_refusal_that_a_lagging_index_contradicts_is_unknown() {
    let rig = Rig::new();
    let gateway = rig.gateway();
    let hold = async |key: &str, cents: i64| {
        let held = gateway.authorize(&rig.request(cents, card(VISA), key)).await.unwrap();
        approved(&held).reference.clone()
    };
    let (taken, dropped) = (hold("1", 2010).await, hold("2", 3010).await);
    rig.nmi().index_lag(Duration::from_secs(120));
    rig.clock.advance(Duration::from_secs(121));
    let capture = |key: &str| CaptureRequest::new(taken.clone(), rig.key(key));
    let void = |key: &str| VoidRequest::new(dropped.clone(), rig.key(key));
    approved(&gateway.capture(&capture("3")).await.unwrap());
    approved(&gateway.void(&void("4")).await.unwrap());
    for error in
        [gateway.capture(&capture("5")).await.unwrap_err(), gateway.void(&void("6")).await.unwrap_err()]
    {
        assert_eq!((error.kind(), error.effect()), (ErrorKind::Conflict, Effect::Unknown));
    }
    rig.clock.advance(Duration::from_secs(121));
    assert!(approved(&gateway.capture(&capture("7")).await.unwrap()).replayed);
    assert!(approved(&gateway.void(&void("8")).await.unwrap()).replayed);
}

#[tokio::test]
async fn captures_voids_and_refunds_keep_the_books() {
    let rig = Rig::new();
    let gateway = rig.gateway();
    let held = gateway.authorize(&rig.request(2010, card(VISA), "1")).await.unwrap();
    let held = approved(&held).reference.clone();
    let capture = CaptureRequest::new(held.clone(), rig.key("2")).with_amount(usd(1250));
    let captured = gateway.capture(&capture).await.unwrap();
    let captured = approved(&captured);
    assert_eq!((captured.amounts.captured, captured.amounts.authorized), (usd(1250), usd(2010)));
    // The rest cannot be taken, and the same amount is only told again.
    let rest = CaptureRequest::new(held.clone(), rig.key("3"));
    assert_eq!(gateway.capture(&rest).await.unwrap_err().kind(), ErrorKind::Conflict);
    let same = CaptureRequest::new(held.clone(), rig.key("4")).with_amount(usd(1250));
    assert!(approved(&gateway.capture(&same).await.unwrap()).replayed);

    rig.nmi().settle();
    let part = RefundRequest::new(held.clone(), rig.key("5")).with_amount(usd(250));
    let refund = gateway.refund(&part).await.unwrap();
    let refund = approved(&refund);
    assert_ne!(refund.reference.id(), held.id());
    assert!(refund.parent.as_ref().unwrap().same_as(&held));
    let rest = gateway.refund(&RefundRequest::new(held.clone(), rig.key("6"))).await.unwrap();
    assert_eq!(approved(&rest).amounts.refunded, usd(1000));
    let nothing = gateway.refund(&RefundRequest::new(held.clone(), rig.key("7"))).await.unwrap_err();
    assert_eq!((nothing.kind(), nothing.effect()), (ErrorKind::Conflict, Effect::None));
    let void = gateway.void(&VoidRequest::new(held.clone(), rig.key("8"))).await.unwrap_err();
    assert_eq!(void.kind(), ErrorKind::Conflict);
    let Lookup::Found(found) = gateway.lookup(&LookupQuery::Reference(held)).await.unwrap() else {
        unreachable!("the payment is found")
    };
    assert_eq!((found[0].lifecycle, found[0].amounts.refunded), (Lifecycle::Refunded, usd(1250)));
}

#[tokio::test]
async fn methods_are_stored_charged_and_removed_one_or_several_of_a_customer() {
    let rig = Rig::new();
    let gateway = rig.gateway();
    let mut owner = Customer::default();
    owner.name = Some("Robin Doe".to_owned());
    let first =
        StoreRequest::new(card(VISA), rig.key("1"), reference("account-7")).with_customer(owner.clone());
    let stored = gateway.store(&first).await.unwrap();
    assert_eq!(stored.summary.last4.as_deref(), Some("1111"));
    assert_eq!(gateway.store(&first).await.unwrap().reference, stored.reference, "the same key stores once");
    owner.reference = Some(stored.reference.clone());
    let other = StoreRequest::new(card("5431111111111111"), rig.key("2"), reference("account-7"))
        .with_customer(owner.clone());
    let second = gateway.store(&other).await.unwrap();
    assert_eq!(gateway.store(&other).await.unwrap().reference, second.reference);
    let account = BankAccount::new("123123123", "000123456789", "Robin Doe").unwrap();
    let bank = StoreRequest::new(PaymentMethod::BankAccount(account), rig.key("3"), reference("account-7"))
        .with_customer(owner);
    let third = gateway.store(&bank).await.unwrap();
    let customers = rig.nmi().customers();
    assert_eq!((customers.len(), customers[0]["billings"].as_array().unwrap().len()), (1, 3));

    for (key, method, last4) in [("4", &stored, "1111"), ("5", &second, "1111"), ("6", &third, "6789")] {
        let method = PaymentMethod::Stored(method.reference.clone());
        let outcome =
            gateway.purchase(&rig.request(2000 + i64::from(key == "5"), method, key)).await.unwrap();
        let payment = outcome.payment_in_any_state().unwrap();
        assert_eq!(payment.method.as_ref().unwrap().last4.as_deref(), Some(last4));
        assert_eq!(matches!(outcome, Outcome::Processing(_)), key == "6", "a bank debit is only on its way");
    }
    gateway.unstore(&second.reference).await.unwrap();
    gateway.unstore(&second.reference).await.unwrap();
    let gone = PaymentMethod::Stored(second.reference);
    assert_eq!(
        gateway.purchase(&rig.request(2020, gone, "7")).await.unwrap_err().kind(),
        ErrorKind::NotFound
    );
    gateway.unstore(&stored.reference).await.unwrap();
    assert!(rig.nmi().customers().is_empty());
}

#[tokio::test]
async fn tokens_pay_once_and_can_be_stored() {
    let rig = Rig::new();
    let gateway = rig.gateway();
    let token = |kind: &str| {
        let value = rig.nmi().tokenize("5431111111111111", "1234").unwrap();
        PaymentMethod::Token(VendorToken::new(kind, value))
    };
    approved(&gateway.purchase(&rig.request(2010, token("payment_token"), "1")).await.unwrap());
    let stored = gateway
        .store(&StoreRequest::new(token("payment_token"), rig.key("2"), reference("a")))
        .await
        .unwrap();
    assert_eq!(stored.summary.brand.as_deref(), Some("mastercard"));
    assert_eq!(stored.summary.last4.as_deref(), Some("1111"));
    let check =
        PaymentMethod::Token(VendorToken::new("payment_token_check", "11111111-111111-111111-111111111111"));
    let outcome = gateway.purchase(&rig.request(2030, check, "3")).await.unwrap();
    assert!(matches!(outcome, Outcome::Processing(_)));
    let other = PaymentMethod::Token(VendorToken::new("opaque", "x"));
    assert_eq!(
        gateway.purchase(&rig.request(2030, other, "4")).await.unwrap_err().kind(),
        ErrorKind::InvalidRequest
    );
}

#[tokio::test]
async fn accounts_that_echo_more_are_read_the_same_way() {
    let rig = Rig::new();
    rig.nmi().echo_more(true);
    let gateway = rig.gateway();
    approved(&gateway.purchase(&rig.request(2010, card(VISA), "1")).await.unwrap());
    approved(&gateway.authorize(&rig.request(2010, card(VISA), "2")).await.unwrap());
    let credit = CreditRequest::new(usd(500), card(VISA), rig.key("3"), reference("c"));
    approved(&gateway.credit(&credit).await.unwrap());
    let verify = VerifyRequest::new(card(VISA), usd(0).currency(), rig.key("4"), reference("v"));
    approved(&gateway.verify(&verify).await.unwrap());
}

#[tokio::test]
async fn a_bare_handle_as_from_a_webhook_is_completed_before_it_is_used() {
    let rig = Rig::new();
    let gateway = rig.gateway();
    let bank = PaymentMethod::BankAccount(BankAccount::new("123123123", "42", "A").unwrap());
    let debit = gateway.purchase(&rig.request(5000, bank, "1")).await.unwrap();
    let held = gateway.authorize(&rig.request(2010, card(VISA), "2")).await.unwrap();
    let paid = gateway.purchase(&rig.request(3010, card(VISA), "3")).await.unwrap();
    let bare = |outcome: &Outcome| {
        let id = outcome.payment_in_any_state().unwrap().reference.id().to_owned();
        PaymentRef::new(NmiProvider::ID, "transaction", id)
    };
    let voided = gateway.void(&VoidRequest::new(bare(&debit), rig.key("4"))).await.unwrap();
    assert_eq!(approved(&voided).lifecycle, Lifecycle::Voided, "the rail was read");
    let euro = turnbuckle_core::money::Money::new(5, turnbuckle_core::money::Currency::EUR);
    let wrong = CaptureRequest::new(bare(&held), rig.key("5")).with_amount(euro);
    assert_eq!(gateway.capture(&wrong).await.unwrap_err().kind(), ErrorKind::InvalidRequest);
    let wrong = RefundRequest::new(bare(&paid), rig.key("6")).with_amount(euro);
    assert_eq!(gateway.refund(&wrong).await.unwrap_err().kind(), ErrorKind::InvalidRequest);
    let captured = gateway.capture(&CaptureRequest::new(bare(&held), rig.key("7"))).await.unwrap();
    assert_eq!(approved(&captured).amounts.captured, usd(2010));
    let refund = RefundRequest::new(bare(&paid), rig.key("8")).with_amount(usd(10));
    assert_eq!(approved(&gateway.refund(&refund).await.unwrap()).amounts.refunded, usd(10));
    let unknown = PaymentRef::new(NmiProvider::ID, "transaction", "999");
    let error = gateway.void(&VoidRequest::new(unknown, rig.key("9"))).await.unwrap_err();
    assert_eq!((error.kind(), error.effect()), (ErrorKind::NotFound, Effect::None));
}

#[tokio::test]
async fn verifying_moves_nothing_and_a_series_goes_on() {
    let rig = Rig::new();
    let gateway = rig.gateway();
    let verify = VerifyRequest::new(card(VISA), usd(0).currency(), rig.key("1"), reference("v"));
    let outcome = gateway.verify(&verify).await.unwrap();
    let verified = approved(&outcome);
    assert_eq!((verified.lifecycle, verified.amounts.requested), (Lifecycle::Verified, usd(0)));
    let first = verified.reference.id().to_owned();
    let series = StoredCredential::subsequent(
        Initiator::Merchant,
        StoredCredentialReason::Unscheduled,
        OriginalPayment::new(&first),
    );
    let request = rig.request(2010, card(VISA), "2").with_stored_credential(series);
    approved(&gateway.purchase(&request).await.unwrap());
    let fields = &rig.transactions()[0]["fields"];
    assert_eq!(
        (&fields["initiated_by"], &fields["stored_credential_indicator"]),
        (&"merchant".into(), &"used".into())
    );
    assert_eq!(fields["initial_transaction_id"], first);
    assert!(fields["billing_method"].is_null());
}

#[tokio::test]
async fn what_a_follow_up_cannot_carry_is_refused_by_name() {
    let rig = Rig::new();
    let gateway = rig.gateway();
    let held = gateway.authorize(&rig.request(2010, card(VISA), "1")).await.unwrap();
    let held = approved(&held).reference.clone();
    let requests = rig.nmi().request_log().len();
    let options = RequestOptions::default().with_metadata("a", "b");
    let capture = CaptureRequest::new(held.clone(), rig.key("2")).with_options(options.clone());
    let error = gateway.capture(&capture).await.unwrap_err();
    assert_eq!(error.fields()[0].field, "options.metadata");
    let refund = RefundRequest::new(held.clone(), rig.key("3")).with_options(options);
    assert!(gateway.refund(&refund).await.is_err());
    let euro = turnbuckle_core::money::Money::new(5, turnbuckle_core::money::Currency::EUR);
    assert!(
        gateway.capture(&CaptureRequest::new(held.clone(), rig.key("4")).with_amount(euro)).await.is_err()
    );
    assert!(gateway.refund(&RefundRequest::new(held, rig.key("5")).with_amount(euro)).await.is_err());
    assert_eq!(rig.nmi().request_log().len(), requests, "nothing was sent");
}
