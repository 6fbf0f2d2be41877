//! Every operation over the simulator.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod support;

use std::time::Duration;

use support::{Rig, approved, bank_account, reference, usd, visa};
use turnbuckle_core::money::{Currency, Money};
use turnbuckle_core::payment::{
    Address, AvsResult, CaptureRequest, Card, CreditRequest, CvvResult, Decision, DeclineReason, Initiator,
    Level2, Lifecycle, Lookup, LookupQuery, OriginalPayment, Outcome, PaymentMethod, PaymentRef,
    RefundReason, RefundRequest, RequestOptions, StoreRequest, StoredCredential, StoredCredentialReason,
    ThreeDSecure, VerifyRequest, VoidRequest,
};
use turnbuckle_core::provider::IntegrationProvider;
use turnbuckle_core::{Clock, Effect, ErrorKind};
use turnbuckle_payflow::{Payflow, PayflowProvider};

#[tokio::test]
async fn a_purchase_is_settled_and_refunded_in_parts() {
    let rig = Rig::new();
    let gateway = rig.gateway();
    let outcome = gateway.purchase(&rig.request(5000, "k")).await.unwrap();
    let payment = approved(&outcome).clone();
    assert_eq!((payment.lifecycle, payment.amounts.captured), (Lifecycle::Captured, usd(5000)));
    assert_eq!(payment.cvv, Some(CvvResult::Match));
    assert_eq!(payment.method.as_ref().unwrap().brand.as_deref(), Some("visa"));

    let refund = RefundRequest::new(payment.reference.clone(), rig.key("r0")).with_amount(usd(1000));
    let error = gateway.refund(&refund).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Conflict, Some("105")), "it is not settled");

    rig.sim.payflow().settle().unwrap();
    let refund = RefundRequest::new(payment.reference.clone(), rig.key("r1"))
        .with_amount(usd(2000))
        .with_reason(RefundReason::RequestedByCustomer);
    let outcome = gateway.refund(&refund).await.unwrap();
    let first = approved(&outcome);
    assert_eq!((first.amounts.refunded, first.lifecycle), (usd(2000), Lifecycle::Refunded));
    assert!(first.parent.as_ref().unwrap().same_as(&payment.reference));
    assert_eq!(rig.transactions()[0]["fields"]["COMMENT1"], "requested by customer");
    let rest = RefundRequest::new(payment.reference.clone(), rig.key("r2"));
    assert_eq!(approved(&gateway.refund(&rest).await.unwrap()).amounts.refunded, usd(3000));
    let more = RefundRequest::new(payment.reference, rig.key("r3")).with_amount(usd(1));
    assert_eq!(gateway.refund(&more).await.unwrap_err().kind(), ErrorKind::Conflict);
}

#[tokio::test]
async fn an_authorization_is_captured_in_parts_or_voided() {
    let rig = Rig::new();
    let gateway = rig.gateway();
    let held = approved(&gateway.authorize(&rig.request(5000, "a")).await.unwrap()).clone();
    assert_eq!((held.lifecycle, held.amounts.authorized), (Lifecycle::Authorized, usd(5000)));

    let part =
        CaptureRequest::new(held.reference.clone(), rig.key("c1")).with_amount(usd(2000)).with_more_to_come();
    let first = approved(&gateway.capture(&part).await.unwrap()).clone();
    assert_eq!((first.amounts.requested, first.amounts.captured), (usd(2000), usd(2000)));
    let rest = CaptureRequest::new(held.reference.clone(), rig.key("c2"));
    let outcome = gateway.capture(&rest).await.unwrap();
    let last = approved(&outcome);
    assert_eq!((last.amounts.requested, last.amounts.captured), (usd(3000), usd(5000)));
    assert_ne!(first.reference.id(), last.reference.id(), "each capture is a transaction of its own");
    let again = CaptureRequest::new(held.reference.clone(), rig.key("c3"));
    assert_eq!(gateway.capture(&again).await.unwrap_err().code(), Some("111"));

    // A final part releases the rest.
    let held = approved(&gateway.authorize(&rig.request(5000, "b")).await.unwrap()).clone();
    let part = CaptureRequest::new(held.reference.clone(), rig.key("c4")).with_amount(usd(2000));
    approved(&gateway.capture(&part).await.unwrap());
    let again = CaptureRequest::new(held.reference.clone(), rig.key("c5")).with_amount(usd(1));
    assert!(gateway.capture(&again).await.is_err());

    let held = approved(&gateway.authorize(&rig.request(700, "v")).await.unwrap()).clone();
    let too_much = CaptureRequest::new(held.reference.clone(), rig.key("c6")).with_amount(usd(701));
    assert_eq!(gateway.capture(&too_much).await.unwrap_err().fields()[0].field, "amount");
    let voided = gateway.void(&VoidRequest::new(held.reference.clone(), rig.key("v1"))).await.unwrap();
    assert_eq!(approved(&voided).lifecycle, Lifecycle::Voided);
    let capture = CaptureRequest::new(held.reference, rig.key("c7"));
    assert!(gateway.capture(&capture).await.is_err());
}

#[tokio::test]
async fn void_instead_of_refund_only_when_asked_for() {
    let rig = Rig::new();
    let gateway = rig.gateway();
    let payment = approved(&gateway.purchase(&rig.request(1500, "k")).await.unwrap()).clone();
    let part = RefundRequest::new(payment.reference.clone(), rig.key("r0"))
        .with_amount(usd(500))
        .with_void_if_unsettled();
    assert!(gateway.refund(&part).await.is_err(), "a part cannot be voided");
    let whole = RefundRequest::new(payment.reference.clone(), rig.key("r1")).with_void_if_unsettled();
    let outcome = gateway.refund(&whole).await.unwrap();
    assert_eq!(approved(&outcome).amounts.refunded, usd(1500));
    assert_eq!((rig.count("V"), rig.count("C")), (1, 0));
    // Settled, it is refunded.
    let payment = approved(&gateway.purchase(&rig.request(1500, "k2")).await.unwrap()).clone();
    rig.sim.payflow().settle().unwrap();
    let whole = RefundRequest::new(payment.reference, rig.key("r2")).with_void_if_unsettled();
    approved(&gateway.refund(&whole).await.unwrap());
    assert_eq!((rig.count("V"), rig.count("C")), (1, 1));
}

#[tokio::test]
async fn declines_by_amount_name_their_reason() {
    let rig = Rig::new();
    let gateway = rig.gateway();
    let cases = [
        (101_200, DeclineReason::DoNotHonor),
        (101_300, DeclineReason::DoNotHonor),
        (102_300, DeclineReason::InvalidNumber),
        (102_400, DeclineReason::InvalidExpiry),
        (105_000, DeclineReason::InsufficientFunds),
        (105_100, DeclineReason::LimitExceeded),
        (112_500, DeclineReason::Fraud),
        (210_000, DeclineReason::DoNotHonor),
        (200_000, DeclineReason::ProcessingError),
    ];
    for (cents, reason) in cases {
        let outcome = gateway.purchase(&rig.request(cents, &cents.to_string())).await.unwrap();
        assert_eq!(outcome.declined().unwrap_or_else(|| panic!("{cents}: {outcome:?}")).reason, reason);
    }
    for (cents, reason) in [(111_200, DeclineReason::AddressMismatch), (111_400, DeclineReason::IncorrectCvv)]
    {
        let outcome = gateway.purchase(&rig.request(cents, &cents.to_string())).await.unwrap();
        let decline = outcome.declined().unwrap();
        assert_eq!(decline.reason, reason);
        // The hold that stayed behind can be voided by its handle.
        let void =
            VoidRequest::new(decline.open_authorization.clone().unwrap(), rig.key(&format!("v{cents}")));
        approved(&gateway.void(&void).await.unwrap());
    }
}

#[tokio::test]
async fn nobody_knows_is_an_error_and_is_found_out() {
    let rig = Rig::new();
    let gateway = rig.gateway();
    for (cents, key) in [(101_101, "1"), (110_301, "2"), (110_401, "3"), (110_901, "4")] {
        // The cent says that it went through all the same.
        let error = gateway.purchase(&rig.request(cents, key)).await.unwrap_err();
        assert_eq!(error.effect(), Effect::Unknown, "{cents}");
        let query = LookupQuery::Attempt(Box::new(error.attempt().unwrap().clone()));
        let Lookup::Found(found) = gateway.lookup(&query).await.unwrap() else { panic!("{cents}") };
        assert_eq!((found[0].lifecycle, found[0].amounts.captured), (Lifecycle::Captured, usd(cents)));
    }
    // Not even Payflow knows: then it stays unknown.
    let error = gateway.purchase(&rig.request(110_402, "5")).await.unwrap_err();
    rig.clock.advance(Duration::from_secs(24 * 3600));
    let query = LookupQuery::Attempt(Box::new(error.attempt().unwrap().clone()));
    let lookup = gateway.lookup(&query).await.unwrap();
    let pending = matches!(&lookup, Lookup::Found(found) if found[0].lifecycle == Lifecycle::Pending);
    let open = matches!(lookup, Lookup::Absent(turnbuckle_core::payment::Authority::Partial));
    assert!(pending || open, "{lookup:?}");
}

#[tokio::test]
async fn held_payments_are_decided() {
    let rig = Rig::new();
    let gateway = rig.gateway();
    let held = async |key: &str, authorize: bool| {
        let request = rig.request(112_600, key);
        let outcome =
            if authorize { gateway.authorize(&request).await } else { gateway.purchase(&request).await };
        let Outcome::Held(payment) = outcome.unwrap() else { panic!("not held") };
        payment
    };
    for (key, authorize, lifecycle) in [("s", false, Lifecycle::Captured), ("a", true, Lifecycle::Authorized)]
    {
        let payment = held(key, authorize).await;
        for _ in 0..2 {
            let outcome = gateway.decide(&payment.reference, Decision::Accept).await.unwrap();
            assert_eq!(approved(&outcome).lifecycle, lifecycle);
        }
        let error = gateway.decide(&payment.reference, Decision::Reject).await.unwrap_err();
        assert_eq!(error.effect(), Effect::None, "{error}");
    }
    let payment = held("r", false).await;
    for _ in 0..2 {
        let outcome = gateway.decide(&payment.reference, Decision::Reject).await.unwrap();
        assert_eq!(outcome.declined().unwrap().reason, DeclineReason::Fraud);
    }
    assert!(gateway.decide(&payment.reference, Decision::Accept).await.is_err());
}

#[tokio::test]
async fn cards_are_verified_stored_and_charged_again() {
    let rig = Rig::new();
    let gateway = rig.gateway();
    let mut address = Address::default();
    address.line1 = Some("123 Main St".to_owned());
    address.postal_code = Some("95112".to_owned());
    let verify =
        VerifyRequest::new(visa(), Currency::USD, rig.key("v"), reference("c-7")).with_billing(address);
    let outcome = gateway.verify(&verify).await.unwrap();
    let verified = approved(&outcome);
    assert_eq!((verified.lifecycle, verified.avs), (Lifecycle::Verified, Some(AvsResult::StreetOnly)));

    let stored = gateway.store(&StoreRequest::new(visa(), rig.key("s"), reference("c-7"))).await.unwrap();
    assert_eq!(stored.summary.last4.as_deref(), Some("1111"));
    let again = gateway.store(&StoreRequest::new(visa(), rig.key("s"), reference("c-7"))).await.unwrap();
    assert_eq!(again.reference, stored.reference);
    assert_eq!(rig.sim.payflow().stored_methods().len(), 1);

    let mut request = rig.request(1200, "k");
    request.method = PaymentMethod::Stored(stored.reference.clone());
    approved(&gateway.purchase(&request).await.unwrap());
    let error = gateway.unstore(&stored.reference).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    rig.sim.payflow().configure(|settings| settings.reference_transactions = false);
    request.key = rig.key("k2");
    let outcome = gateway.purchase(&request).await.unwrap();
    assert_eq!(outcome.declined().unwrap().reason, DeclineReason::MerchantSetup);
    rig.sim.payflow().configure(|settings| settings.verification = false);
    let verify = VerifyRequest::new(visa(), Currency::USD, rig.key("v2"), reference("c-7"));
    assert_eq!(gateway.verify(&verify).await.unwrap_err().code(), Some("4"));
}

#[tokio::test]
async fn credits_need_the_account_to_allow_them() {
    let rig = Rig::new();
    let gateway = rig.gateway();
    let credit = |key| CreditRequest::new(usd(300), visa(), rig.key(key), reference("c"));
    let outcome = gateway.credit(&credit("1")).await.unwrap();
    assert_eq!(approved(&outcome).amounts.refunded, usd(300));
    rig.sim.payflow().configure(|settings| settings.unreferenced_credit = false);
    let outcome = gateway.credit(&credit("2")).await.unwrap();
    assert_eq!(outcome.declined().unwrap().code.as_deref(), Some("117"));
    let bank = CreditRequest::new(usd(300), bank_account(), rig.key("3"), reference("c"));
    assert_eq!(gateway.credit(&bank).await.unwrap_err().kind(), ErrorKind::Unsupported);
}

#[tokio::test]
async fn bank_accounts_are_debited_tested_refunded_and_returned() {
    let rig = Rig::new();
    let gateway = rig.gateway();
    let mut request = rig.request(5000, "k");
    request.method = bank_account();
    let Outcome::Processing(debit) = gateway.purchase(&request).await.unwrap() else {
        panic!("not processing")
    };
    let stands =
        async || match gateway.lookup(&LookupQuery::Reference(debit.reference.clone())).await.unwrap() {
            Lookup::Found(found) => found[0].lifecycle,
            other => panic!("{other:?}"),
        };
    assert_eq!(stands().await, Lifecycle::Pending);
    rig.sim.payflow().settle().unwrap();
    assert_eq!(stands().await, Lifecycle::Settling);
    let part = RefundRequest::new(debit.reference.clone(), rig.key("r")).with_amount(usd(100));
    assert_eq!(gateway.refund(&part).await.unwrap_err().fields()[0].field, "amount");
    let whole = RefundRequest::new(debit.reference.clone(), rig.key("r"));
    assert!(matches!(gateway.refund(&whole).await.unwrap(), Outcome::Processing(_)));

    let mut bad = rig.request(5000, "bad");
    let account = turnbuckle_core::payment::BankAccount::new("111111118", "1234567801", "Robin Doe").unwrap();
    bad.method = PaymentMethod::BankAccount(account);
    let Outcome::Processing(debit) = gateway.purchase(&bad).await.unwrap() else { panic!("not processing") };
    rig.sim.payflow().settle().unwrap();
    assert_eq!(rig.sim.payflow().answer_debits(), 1);
    let Lookup::Found(found) = gateway.lookup(&LookupQuery::Reference(debit.reference)).await.unwrap() else {
        panic!("not found")
    };
    assert_eq!((found[0].lifecycle, found[0].vendor_status.as_deref()), (Lifecycle::Returned, Some("R01")));

    let test_entry = VerifyRequest::new(bank_account(), Currency::USD, rig.key("p"), reference("c"));
    assert!(matches!(gateway.verify(&test_entry).await.unwrap(), Outcome::Processing(_)));
    let mut request = rig.request(5000, "a");
    request.method = bank_account();
    assert_eq!(gateway.authorize(&request).await.unwrap_err().kind(), ErrorKind::Unsupported);
    rig.sim.payflow().configure(|settings| settings.bank_accounts = false);
    request.key = rig.key("off");
    let outcome = gateway.purchase(&request).await.unwrap();
    assert_eq!(outcome.declined().unwrap().reason, DeclineReason::NotSupported);
}

#[tokio::test]
async fn everything_that_goes_along_arrives() {
    let rig = Rig::new();
    let gateway = rig.gateway();
    let mut level2 = Level2::default();
    level2.purchase_order = Some("PO 4711".to_owned());
    level2.tax = Some(usd(119));
    let original = OriginalPayment::new("MCC123456");
    let request = rig
        .request(2010, "k")
        .with_description("Ruff & Johnson = 2")
        .with_options(RequestOptions::default().with_level2(level2))
        .with_stored_credential(StoredCredential::subsequent(
            Initiator::Merchant,
            StoredCredentialReason::Unscheduled,
            original,
        ))
        .with_three_d_secure(ThreeDSecure::new("2.2.0", "05", "AAABBEg0VhI0VniQEjRWAAAAAAA=", "f879ea1c"));
    let payment = approved(&gateway.purchase(&request).await.unwrap()).clone();
    assert!(payment.network_id.is_some(), "the network's id comes back for the next of the series");
    let sent = &rig.transactions()[0]["fields"];
    let expected = [
        ("COMMENT1", "order-1001"),
        ("COMMENT2", "Ruff & Johnson = 2"),
        ("PONUM", "PO 4711"),
        ("TAXAMT", "1.19"),
        ("CARDONFILE", "MITU"),
        ("TXID", "MCC123456"),
        ("ECI", "05"),
        ("DSTRANSACTIONID", "f879ea1c"),
        ("THREEDSVERSION", "2.2.0"),
    ];
    for (name, value) in expected {
        assert_eq!(sent[name], value, "{name}");
    }
    // The simulator keeps no authentication values.
    let log = rig.sim.payflow().request_log();
    let body = String::from_utf8(log.last().unwrap().body.to_vec()).unwrap();
    assert!(body.contains("&CAVV[28]=AAABBEg0VhI0VniQEjRWAAAAAAA=&"));
}

#[tokio::test]
async fn a_repeated_key_with_other_data_is_a_conflict() {
    let rig = Rig::new();
    let gateway = rig.gateway();
    let first = rig.request(2010, "k");
    let paid = approved(&gateway.purchase(&first).await.unwrap()).clone();
    let again = gateway.purchase(&first).await.unwrap();
    assert!(approved(&again).replayed && approved(&again).reference == paid.reference);
    let mut changed = Vec::new();
    let mut other = first.clone();
    other.amount = usd(2011);
    changed.push(other);
    let mut other = first.clone();
    other.amount = Money::new(2010, Currency::EUR);
    changed.push(other);
    let mut other = first.clone();
    other.reference = reference("order-1002");
    changed.push(other);
    for request in changed {
        let error = gateway.purchase(&request).await.unwrap_err();
        assert_eq!((error.kind(), error.effect()), (ErrorKind::Conflict, Effect::Happened), "{error}");
        assert_eq!(error.payment().unwrap().id(), paid.reference.id());
    }
    assert_eq!(rig.count("S"), 1);

    // Another payment, refunded under the same key.
    let other = approved(&gateway.purchase(&rig.request(2010, "k2")).await.unwrap()).clone();
    rig.sim.payflow().settle().unwrap();
    let refund = |of: &PaymentRef| RefundRequest::new(of.clone(), rig.key("r"));
    approved(&gateway.refund(&refund(&paid.reference)).await.unwrap());
    approved(&gateway.refund(&refund(&paid.reference)).await.unwrap());
    let error = gateway.refund(&refund(&other.reference)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    assert_eq!(rig.count("C"), 1);

    // Payflow may also refuse the repetition.
    rig.sim.payflow().configure(|settings| settings.refuse_changed_retries = true);
    let mut request = first.clone();
    request.amount = usd(2012);
    let error = gateway.purchase(&request).await.unwrap_err();
    assert_eq!((error.kind(), error.effect()), (ErrorKind::Conflict, Effect::Unknown));
}

#[tokio::test]
async fn a_repeated_decline_and_a_repeated_refusal() {
    let rig = Rig::new();
    let gateway = rig.gateway();
    for _ in 0..2 {
        let outcome = gateway.purchase(&rig.request(101_200, "k")).await.unwrap();
        assert!(outcome.declined().is_some());
    }
    for kind in [ErrorKind::Unavailable, ErrorKind::Conflict] {
        let error = gateway.purchase(&rig.request(110_600, "busy")).await.unwrap_err();
        assert_eq!((error.kind(), error.effect()), (kind, Effect::None), "{error}");
    }
}

#[tokio::test]
async fn handles_are_checked_before_anything_is_sent() {
    let rig = Rig::new();
    let gateway = rig.gateway();
    let stored = gateway.store(&StoreRequest::new(visa(), rig.key("s"), reference("c"))).await.unwrap();
    let sent = rig.sim.payflow().request_log().len();
    let bare = PaymentRef::new(PayflowProvider::ID, "sale", "A10A6AE7042E");
    for handle in [&stored.reference, &bare] {
        assert!(gateway.capture(&CaptureRequest::new(handle.clone(), rig.key("1"))).await.is_err());
        assert!(gateway.refund(&RefundRequest::new(handle.clone(), rig.key("2"))).await.is_err());
        assert!(gateway.void(&VoidRequest::new(handle.clone(), rig.key("3"))).await.is_err());
        assert!(gateway.lookup(&LookupQuery::Reference(handle.clone())).await.is_err());
    }
    assert_eq!(rig.sim.payflow().request_log().len(), sent);
}

#[tokio::test]
async fn the_connection_test_is_right() {
    let rig = Rig::new();
    let connection = rig.connect();
    let test = connection.test().await.unwrap();
    assert!(test.success && test.is_ready() && test.live == Some(false));
    assert_eq!(test.account.unwrap().id, rig.sim.payflow().login().vendor);
    let codes: Vec<_> = test.findings.iter().map(|finding| finding.code.as_ref()).collect();
    assert!(codes.contains(&"account_settings_unseen"), "{codes:?}");

    let login = rig.sim.payflow().login();
    for (partner, vendor, user, password) in [
        (login.partner.as_str(), login.vendor.as_str(), login.user.as_str(), "wrong"),
        (login.partner.as_str(), "Nobody", login.user.as_str(), login.password.as_str()),
        (login.partner.as_str(), login.vendor.as_str(), "nobody", login.password.as_str()),
        ("Reseller", login.vendor.as_str(), login.user.as_str(), login.password.as_str()),
    ] {
        let credentials = PayflowProvider::credentials(partner, vendor, user, password.into()).unwrap();
        let config = turnbuckle_core::provider::ConnectionConfig::new(
            "x",
            turnbuckle_core::Environment::Sandbox,
            credentials,
        )
        .with_transport(rig.transport());

        let test = PayflowProvider::new().connect(config).unwrap().test().await.unwrap();
        assert!(!test.success, "{partner} {vendor} {user}");
    }
    assert!(connection.client::<Payflow>().is_some());
}

#[tokio::test]
async fn an_expired_key_is_refused() {
    let rig = Rig::new();
    let gateway = rig.gateway();
    let request = rig.request(2010, "k");
    approved(&gateway.purchase(&request).await.unwrap());
    rig.clock.advance(Duration::from_secs(25 * 3600));
    let error = gateway.purchase(&request).await.unwrap_err();
    assert_eq!((error.kind(), error.effect()), (ErrorKind::Conflict, Effect::Unknown));
    assert!(rig.clock.now() > request.key.first_used_at());
    let holder = Card::new("4111111111111111", 12, 2034).unwrap().with_holder("Robin Doe");
    let mut request = rig.request(2010, "k2");
    request.method = PaymentMethod::Card(holder);
    approved(&gateway.purchase(&request).await.unwrap());
    assert_eq!(rig.transactions()[0]["fields"]["BILLTOFIRSTNAME"], "Robin Doe");
}
