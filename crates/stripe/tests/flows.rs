//! Whole payments against the simulated Stripe, through the connection that a host gets.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests, which clippy does not recognize as such"
)]

mod support;

use std::sync::Arc;

use serde_json::json;
use support::{Rig, approved, reference, token, usd};
use turnbuckle_core::money::{Currency, Money};
use turnbuckle_core::payment::{
    Address, AvsResult, BankAccount, CaptureRequest, Card, CreditRequest, CvvResult, DeclineAdvice,
    DeclineReason, Feature, Lifecycle, Lookup, LookupQuery, NextAction, OnAction, Outcome, PaymentGateway,
    PaymentMethod, PaymentOperation, PaymentPolicy, PaymentRequest, RefundReason, RefundRequest,
    RequestOptions, ReturnParams, TextPolicy, ThreeDSecure, VendorToken, VoidRequest, WireKey,
};
use turnbuckle_core::provider::IntegrationProvider;
use turnbuckle_core::{Clock as _, Effect, ErrorKind};
use turnbuckle_stripe::{CAPTURE_KEY, OPERATION, REFERENCE, StripeProvider, WIRE_KEY};

/// Whether the advice is the one that belongs to a card.
type Check = fn(&DeclineAdvice) -> bool;

fn allow() -> OnAction {
    OnAction::Allow { return_url: "https://shop.example/back".parse().unwrap() }
}

async fn lookup_one(gateway: &dyn PaymentGateway, query: LookupQuery) -> turnbuckle_core::payment::Payment {
    match gateway.lookup(&query).await.unwrap() {
        Lookup::Found(payments) => payments.into_iter().next().unwrap(),
        absent => panic!("{absent:?}"),
    }
}

#[tokio::test]
async fn a_purchase_says_everything_that_stripe_says() {
    let rig = Rig::new();
    let gateway = rig.gateway();
    let request = rig
        .request(1099, "pm_card_visa", "k1")
        .with_description("Two tickets")
        .with_options(RequestOptions::default().with_metadata("tour", "spring"));
    let outcome = gateway.purchase(&request).await.unwrap();
    let payment = approved(&outcome);
    assert_eq!(payment.operation, PaymentOperation::Purchase);
    assert_eq!(payment.lifecycle, Lifecycle::Captured);
    assert_eq!(payment.amounts.requested, usd(1099));
    assert_eq!(payment.amounts.captured, usd(1099));
    assert_eq!(payment.amounts.refunded, usd(0));
    assert!(!payment.live && !payment.replayed);
    assert_eq!(payment.reference.kind(), "payment_intent");
    assert_eq!(payment.reference.detail("last4"), Some("4242"));
    assert_eq!(payment.merchant_reference, Some(reference("order-1001")));
    let method = payment.method.as_ref().unwrap();
    assert_eq!((method.kind.as_str(), method.brand.as_deref()), ("card", Some("visa")));
    assert!(payment.auth_code.is_some() && payment.network_id.is_some() && payment.created_at.is_some());

    let intent = &rig.sim.stripe().payment_intents()[0];
    let key =
        WireKey::derive(&StripeProvider::ID, support::ACCOUNT, PaymentOperation::Purchase, &request.key);
    assert_eq!(payment.wire_key.as_ref(), Some(&key));
    assert_eq!(intent["metadata"][WIRE_KEY], key.as_str());
    assert_eq!(intent["metadata"][REFERENCE], "order-1001");
    assert_eq!(intent["metadata"][OPERATION], "purchase");
    assert_eq!(intent["metadata"]["tour"], "spring");
    assert_eq!(intent["capture_method"], "automatic");
    let log = rig.sim.stripe().request_log();
    assert_eq!(log.len(), 1, "a purchase is one request");
    assert_eq!(log[0].headers["idempotency-key"], key.as_str());
}

#[tokio::test]
async fn the_same_request_again_is_a_replay_and_another_one_a_conflict() {
    let rig = Rig::new();
    let gateway = rig.gateway();
    let request = rig.request(1099, "pm_card_visa", "k1");
    let first = approved(&gateway.purchase(&request).await.unwrap()).clone();
    let again = gateway.purchase(&request).await.unwrap();
    assert!(approved(&again).replayed);
    assert_eq!(approved(&again).reference, first.reference);

    let error = gateway.purchase(&rig.request(1100, "pm_card_visa", "k1")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    assert_eq!(rig.good_charges(), 1);
}

#[tokio::test]
async fn an_authorization_is_captured_in_part_and_refunded_in_parts() {
    let rig = Rig::new();
    let gateway = rig.gateway();
    let outcome = gateway.authorize(&rig.request(5000, "pm_card_visa", "auth")).await.unwrap();
    let held = approved(&outcome).clone();
    assert_eq!(held.lifecycle, Lifecycle::Authorized);
    assert_eq!((held.amounts.authorized, held.amounts.captured), (usd(5000), usd(0)));
    assert!(held.capture_before.is_some());

    let request = CaptureRequest::new(held.reference.clone(), rig.key("cap")).with_amount(usd(3000));
    let outcome = gateway.capture(&request).await.unwrap();
    let captured = approved(&outcome);
    assert_eq!(captured.operation, PaymentOperation::Capture);
    assert_eq!((captured.amounts.requested, captured.amounts.captured), (usd(3000), usd(3000)));
    assert_eq!(captured.amounts.refunded, usd(0), "what was released is no refund");
    assert_eq!(captured.lifecycle, Lifecycle::Captured);
    assert!(rig.sim.stripe().payment_intents()[0]["metadata"][CAPTURE_KEY].is_string());

    // Somebody else captures the same: the same amount is a success, another one is not.
    let again = CaptureRequest::new(held.reference.clone(), rig.key("cap-2")).with_amount(usd(3000));
    assert_eq!(approved(&gateway.capture(&again).await.unwrap()).wire_key, None);
    let other = CaptureRequest::new(held.reference.clone(), rig.key("cap-3")).with_amount(usd(2000));
    let error = gateway.capture(&other).await.unwrap_err();
    assert_eq!((error.kind(), error.effect()), (ErrorKind::Conflict, Effect::None));

    let first = RefundRequest::new(held.reference.clone(), rig.key("ref-1"))
        .with_amount(usd(1000))
        .with_reason(RefundReason::RequestedByCustomer);
    let outcome = gateway.refund(&first).await.unwrap();
    let refund = approved(&outcome);
    assert_eq!(refund.operation, PaymentOperation::Refund);
    assert_eq!((refund.amounts.requested, refund.amounts.refunded), (usd(1000), usd(1000)));
    assert_eq!(refund.parent.as_ref(), Some(&held.reference));
    let parent = lookup_one(&*gateway, LookupQuery::Reference(held.reference.clone())).await;
    assert_eq!(parent.lifecycle, Lifecycle::PartlyRefunded);
    assert_eq!((parent.amounts.captured, parent.amounts.refunded), (usd(3000), usd(1000)));

    let too_much = RefundRequest::new(held.reference.clone(), rig.key("ref-2")).with_amount(usd(2001));
    let error = gateway.refund(&too_much).await.unwrap_err();
    assert_eq!((error.kind(), error.effect()), (ErrorKind::InvalidRequest, Effect::None));
    let rest = RefundRequest::new(held.reference.clone(), rig.key("ref-3"));
    assert_eq!(approved(&gateway.refund(&rest).await.unwrap()).amounts.refunded, usd(2000));
    let none_left = RefundRequest::new(held.reference.clone(), rig.key("ref-4"));
    assert_eq!(gateway.refund(&none_left).await.unwrap_err().effect(), Effect::None);
    let parent = lookup_one(&*gateway, LookupQuery::Reference(held.reference)).await;
    assert_eq!(parent.lifecycle, Lifecycle::Refunded);
}

#[tokio::test]
async fn a_void_releases_and_a_second_one_agrees() {
    let rig = Rig::new();
    let gateway = rig.gateway();
    let held = approved(&gateway.authorize(&rig.request(5000, "pm_card_visa", "a")).await.unwrap()).clone();
    let outcome = gateway.void(&VoidRequest::new(held.reference.clone(), rig.key("v1"))).await.unwrap();
    let voided = approved(&outcome);
    assert_eq!((voided.operation, voided.lifecycle), (PaymentOperation::Void, Lifecycle::Voided));
    assert_eq!((voided.amounts.captured, voided.amounts.refunded), (usd(0), usd(0)));
    assert_eq!(voided.wire_key, None);
    let again = gateway.void(&VoidRequest::new(held.reference.clone(), rig.key("v2"))).await.unwrap();
    assert_eq!(approved(&again).lifecycle, Lifecycle::Voided);
    let error = gateway.capture(&CaptureRequest::new(held.reference, rig.key("c"))).await.unwrap_err();
    assert_eq!((error.kind(), error.effect()), (ErrorKind::Conflict, Effect::None));

    let paid = approved(&gateway.purchase(&rig.request(700, "pm_card_visa", "p")).await.unwrap()).clone();
    let error = gateway.void(&VoidRequest::new(paid.reference, rig.key("v3"))).await.unwrap_err();
    assert_eq!((error.kind(), error.effect()), (ErrorKind::Conflict, Effect::None));
    assert_eq!(error.code(), Some("payment_intent_unexpected_state"));
}

#[tokio::test]
async fn a_refund_of_an_authorization_is_refused() {
    let rig = Rig::new();
    let gateway = rig.gateway();
    let held = approved(&gateway.authorize(&rig.request(5000, "pm_card_visa", "a")).await.unwrap()).clone();
    let error = gateway.refund(&RefundRequest::new(held.reference, rig.key("r"))).await.unwrap_err();
    assert_eq!((error.kind(), error.effect()), (ErrorKind::InvalidRequest, Effect::None));
}

#[tokio::test]
async fn every_test_card_that_declines_declines_for_its_reason() {
    let later: Check = |advice| matches!(advice, DeclineAdvice::RetryLater(_));
    let table: [(&str, DeclineReason, Check); 10] = [
        ("pm_card_chargeDeclined", DeclineReason::DoNotHonor, later),
        ("pm_card_chargeDeclinedInsufficientFunds", DeclineReason::InsufficientFunds, later),
        ("pm_card_chargeDeclinedLostCard", DeclineReason::LostOrStolen, |a| *a == DeclineAdvice::NeverAgain),
        ("pm_card_chargeDeclinedStolenCard", DeclineReason::LostOrStolen, |a| {
            *a == DeclineAdvice::NeverAgain
        }),
        ("pm_card_chargeDeclinedExpiredCard", DeclineReason::ExpiredCard, |a| {
            *a == DeclineAdvice::CorrectAndRetry
        }),
        ("pm_card_chargeDeclinedIncorrectCvc", DeclineReason::IncorrectCvv, |a| {
            *a == DeclineAdvice::CorrectAndRetry
        }),
        ("pm_card_chargeDeclinedProcessingError", DeclineReason::ProcessingError, later),
        ("pm_card_chargeDeclinedVelocityLimitExceeded", DeclineReason::LimitExceeded, later),
        ("pm_card_radarBlock", DeclineReason::Fraud, |a| *a == DeclineAdvice::OtherMethod),
        ("pm_card_authenticationRequired", DeclineReason::AuthenticationRequired, |a| {
            *a == DeclineAdvice::Authenticate
        }),
    ];
    for (card, reason, advice) in table {
        let rig = Rig::new();
        let gateway = rig.gateway();
        for (operation, key) in [("purchase", "p"), ("authorize", "a")] {
            let request = rig.request(1099, card, key);
            let outcome = match operation {
                "purchase" => gateway.purchase(&request).await,
                _ => gateway.authorize(&request).await,
            };
            let outcome = outcome.unwrap_or_else(|error| panic!("{card} {operation}: {error:?}"));
            let decline = outcome.declined().unwrap_or_else(|| panic!("{card} {operation}: {outcome:?}"));
            assert_eq!(decline.reason, reason, "{card}");
            assert!(advice(&decline.advice), "{card}: {:?}", decline.advice);
            assert!(
                decline.code.is_some() && decline.text.is_some() && decline.request_id.is_some(),
                "{card}"
            );
            let left = decline.payment.clone().unwrap();
            assert_eq!(
                lookup_one(&*gateway, LookupQuery::Reference(left)).await.lifecycle,
                Lifecycle::Failed
            );
        }
        assert_eq!(rig.good_charges(), 0, "{card}");
    }
}

#[tokio::test]
async fn a_payer_who_cannot_be_asked_is_a_decline_and_nothing_is_left_waiting() {
    let rig = Rig::new();
    let gateway = rig.gateway();
    let outcome = gateway.purchase(&rig.request(1099, "pm_card_threeDSecureRequired", "k")).await.unwrap();
    assert_eq!(outcome.declined().unwrap().reason, DeclineReason::AuthenticationRequired);
    let intent = &rig.sim.stripe().payment_intents()[0];
    assert_eq!(intent["status"], "requires_payment_method");
    assert!(intent["next_action"].is_null());
}

#[tokio::test]
async fn a_payer_who_is_there_is_sent_to_the_bank_and_comes_back() {
    for (passes, key) in [(true, "yes"), (false, "no")] {
        let rig = Rig::new();
        let gateway = rig.gateway();
        let request = rig.request(1099, "pm_card_threeDSecureRequired", key).with_on_action(allow());
        let outcome = gateway.purchase(&request).await.unwrap();
        let Outcome::RequiresAction(payment, NextAction::Redirect { url }) = outcome else {
            panic!("{outcome:?}")
        };
        assert_eq!((payment.lifecycle, payment.amounts.captured), (Lifecycle::Pending, usd(0)));
        assert_eq!(url.scheme(), "https");
        // Before the payer is done, nothing has changed.
        let waiting = gateway.resume(&payment.reference, &ReturnParams::default()).await.unwrap();
        assert!(matches!(waiting, Outcome::RequiresAction(..)));

        rig.sim.stripe().complete_authentication(payment.reference.id(), passes).unwrap();
        let back = format!("https://shop.example/back?payment_intent={}", payment.reference.id());
        let returned = ReturnParams::from_url(&back.parse().unwrap());
        let outcome = gateway.resume(&payment.reference, &returned).await.unwrap();
        if passes {
            assert_eq!(approved(&outcome).amounts.captured, usd(1099));
            // The same request again tells how it stands now, not how it stood then.
            let again = gateway.purchase(&request).await.unwrap();
            assert!(approved(&again).replayed);
        } else {
            assert_eq!(outcome.declined().unwrap().reason, DeclineReason::AuthenticationRequired);
        }
        let other =
            ReturnParams::from_url(&"https://shop.example/back?payment_intent=pi_other".parse().unwrap());
        let error = gateway.resume(&payment.reference, &other).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    }
}

#[tokio::test]
async fn a_bank_debit_is_processing_until_the_bank_answers() {
    for (number, ends) in [
        ("000123456789", Lifecycle::Captured),
        ("000111111113", Lifecycle::Failed),
        ("000222222227", Lifecycle::Failed),
    ] {
        let rig = Rig::new();
        let gateway = rig.gateway();
        let account = BankAccount::new("110000000", number, "Jo Doe").unwrap();
        let request = PaymentRequest::new(
            usd(2500),
            PaymentMethod::BankAccount(account),
            rig.key("ach"),
            reference("invoice-9"),
        );
        let outcome = gateway.purchase(&request).await.unwrap();
        let Outcome::Processing(payment) = outcome else { panic!("{outcome:?}") };
        assert_eq!((payment.lifecycle, payment.amounts.captured), (Lifecycle::Pending, usd(0)));
        assert_eq!(payment.method.as_ref().unwrap().kind, "us_bank_account");
        rig.sim.stripe().settle(payment.reference.id()).unwrap();
        let settled = lookup_one(&*gateway, LookupQuery::Reference(payment.reference.clone())).await;
        assert_eq!(settled.lifecycle, ends, "{number}");
        let outcome = gateway.resume(&payment.reference, &ReturnParams::default()).await.unwrap();
        match (ends, number) {
            (Lifecycle::Captured, _) => {
                assert_eq!(approved(&outcome).amounts.captured, usd(2500));
                let refund = RefundRequest::new(payment.reference, rig.key("r"));
                assert!(matches!(gateway.refund(&refund).await.unwrap(), Outcome::Processing(_)));
            }
            (_, "000111111113") => {
                assert_eq!(outcome.declined().unwrap().reason, DeclineReason::AccountClosed);
            }
            _ => assert_eq!(outcome.declined().unwrap().reason, DeclineReason::InsufficientFunds),
        }
    }
}

#[tokio::test]
async fn raw_cards_pass_only_where_the_host_opted_in() {
    let rig = Rig::new();
    let card = |number| Card::new(number, 12, 2034).unwrap().with_cvv("123").unwrap().with_holder("Jo Doe");
    let mut billing = Address::default();
    (billing.line1, billing.postal_code) = (Some("1 Main St".to_owned()), Some("90210".to_owned()));
    let request = |number, key| {
        PaymentRequest::new(usd(1099), PaymentMethod::Card(card(number)), rig.key(key), reference("o"))
            .with_billing(billing.clone())
    };
    let gateway = rig.gateway();
    let outcome = gateway.purchase(&request("4242424242424242", "k1")).await.unwrap();
    assert_eq!(approved(&outcome).avs, Some(AvsResult::Match));
    assert_eq!(approved(&outcome).cvv, Some(CvvResult::Match));
    let outcome = gateway.purchase(&request("4000000000000036", "k2")).await.unwrap();
    assert_eq!(approved(&outcome).avs, Some(AvsResult::StreetOnly));
    let outcome = gateway.purchase(&request("4000000000000101", "k3")).await.unwrap();
    assert_eq!(approved(&outcome).cvv, Some(CvvResult::NoMatch));

    let strict = rig.config().with_payment_policy(PaymentPolicy::default());
    let gateway = StripeProvider::new().payments(strict).unwrap();
    let sent = rig.sim.stripe().request_log().len();
    let error = gateway.purchase(&request("4242424242424242", "k4")).await.unwrap_err();
    assert_eq!(error.effect(), Effect::None);
    assert_eq!(rig.sim.stripe().request_log().len(), sent);
}

#[tokio::test]
async fn tokens_of_the_browser_pay_and_unknown_kinds_do_not() {
    let rig = Rig::new();
    let gateway = rig.gateway();
    let mut request = rig.request(1099, "-", "k1");
    request.method = PaymentMethod::Token(VendorToken::new("token", "tok_visa"));
    approved(&gateway.purchase(&request).await.unwrap());
    request.method = PaymentMethod::Token(VendorToken::new("apple", "x"));
    request.key = rig.key("k2");
    assert_eq!(gateway.purchase(&request).await.unwrap_err().kind(), ErrorKind::InvalidRequest);
}

#[tokio::test]
async fn amounts_go_out_as_stripe_counts_them() {
    let rig = Rig::new();
    let gateway = rig.gateway();
    for (minor, code, at_stripe) in [(500, "JPY", 500), (5_120, "KWD", 5_120), (2_000, "UGX", 200_000)] {
        let mut request = rig.request(1, "pm_card_visa", code);
        request.amount = Money::new(minor, Currency::new(code).unwrap());
        let outcome = gateway.purchase(&request).await.unwrap_or_else(|error| panic!("{code}: {error:?}"));
        assert_eq!(approved(&outcome).amounts.captured, request.amount, "{code}");
        assert_eq!(rig.sim.stripe().payment_intents()[0]["amount"], at_stripe, "{code}");
    }
    let sent = rig.sim.stripe().request_log().len();
    let mut request = rig.request(1, "pm_card_visa", "odd");
    request.amount = Money::new(5_124, Currency::new("KWD").unwrap());
    let error = gateway.purchase(&request).await.unwrap_err();
    assert_eq!(error.fields()[0].field, "amount");
    assert_eq!(rig.sim.stripe().request_log().len(), sent, "nothing was sent");
}

#[tokio::test]
async fn money_of_another_currency_never_reaches_a_payment() {
    let rig = Rig::new();
    let gateway = rig.gateway();
    let paid = approved(&gateway.purchase(&rig.request(1099, "pm_card_visa", "p")).await.unwrap()).clone();
    let yen = Money::new(500, Currency::JPY);
    let sent = rig.sim.stripe().request_log().len();
    let error =
        gateway.refund(&RefundRequest::new(paid.reference, rig.key("r")).with_amount(yen)).await.unwrap_err();
    assert_eq!((error.kind(), error.fields()[0].field.as_ref()), (ErrorKind::InvalidRequest, "amount"));
    assert_eq!(rig.sim.stripe().request_log().len(), sent);
}

#[tokio::test]
async fn texts_are_refused_or_fitted_and_never_changed_silently() {
    let rig = Rig::new();
    let gateway = rig.gateway();
    let with = |text: &str, policy, key: &str| {
        let options = RequestOptions::default().with_statement_descriptor(text).with_text(policy);
        rig.request(1099, "pm_card_visa", key).with_options(options)
    };
    for bad in ["A", "TICKETS <SPRING>", "12345678", "A VERY LONG DESCRIPTOR INDEED"] {
        let request = with(bad, TextPolicy::Refuse, "bad");
        assert!(!gateway.preflight(&request).passes(), "{bad}");
        let error = gateway.purchase(&request).await.unwrap_err();
        assert_eq!(error.fields()[0].field, "statement_descriptor", "{bad}");
    }
    let request = with("TICKETS <SPRING> TOUR 2026", TextPolicy::Fit, "fit");
    assert_eq!(gateway.preflight(&request).changes.len(), 1);
    let outcome = gateway.purchase(&request).await.unwrap();
    assert_eq!(approved(&outcome).text_changes.len(), 1);
    let intent = &rig.sim.stripe().payment_intents()[0];
    assert!(intent["statement_descriptor"].is_null(), "Stripe refuses it for cards");
    assert_eq!(intent["statement_descriptor_suffix"], "TICKETS SPRING TOUR 20");
}

#[tokio::test]
async fn three_d_secure_results_pass_through_and_bad_ones_do_not() {
    let rig = Rig::new();
    let gateway = rig.gateway();
    let result = |version| ThreeDSecure::new(version, "05", "AAABBEg0VhI0VniQEjRWAAAAAAA=", "f879ea1c-aa2c");
    let request = rig.request(1099, "pm_card_visa", "k").with_three_d_secure(result("2.2.0"));
    approved(&gateway.purchase(&request).await.unwrap());
    let sent = rig.sim.stripe().payment_intents();
    let passed = &sent[0]["payment_method_options"]["card"]["three_d_secure"];
    assert_eq!(passed["electronic_commerce_indicator"], "05");
    assert_eq!(passed["version"], "2.2.0");
    assert!(!format!("{request:?}").contains("AAABBEg0"));
    let request = rig.request(1099, "pm_card_visa", "k2").with_three_d_secure(result("9"));
    assert_eq!(gateway.purchase(&request).await.unwrap_err().fields()[0].field, "three_d_secure.version");
}

#[tokio::test]
async fn metadata_keeps_to_stripes_limits_with_room_for_the_marks() {
    let rig = Rig::new();
    let gateway = rig.gateway();
    let filled = |count: usize| {
        let mut options = RequestOptions::default();
        for index in 0..count {
            options = options.with_metadata(format!("key-{index}"), "v");
        }
        options
    };
    let full = rig.request(1099, "pm_card_visa", "k1").with_options(filled(46));
    let held = approved(&gateway.authorize(&full).await.unwrap()).clone();
    approved(&gateway.capture(&CaptureRequest::new(held.reference, rig.key("c"))).await.unwrap());
    for options in [
        filled(47),
        RequestOptions::default().with_metadata("turnbuckle_wire_key", "mine"),
        RequestOptions::default().with_metadata("k".repeat(41), "v"),
        RequestOptions::default().with_metadata("k", "v".repeat(501)),
    ] {
        let error =
            gateway.purchase(&rig.request(1, "pm_card_visa", "k2").with_options(options)).await.unwrap_err();
        assert_eq!(error.fields()[0].field, "metadata");
    }
}

#[tokio::test]
async fn a_connected_account_keeps_its_payments_to_itself() {
    let rig = Rig::new();
    let gateway = rig.gateway();
    let account = rig.sim.stripe().connected_account_id();
    let options = RequestOptions::default().with_sub_account(&account);
    let request = rig.request(1099, "pm_card_visa", "k").with_options(options);
    let held = approved(&gateway.authorize(&request).await.unwrap()).clone();
    assert_eq!(held.reference.detail("account"), Some(account.as_str()));
    assert!(rig.sim.stripe().payment_intents().is_empty());
    // The handle remembers the account, so that nothing later has to name it.
    approved(&gateway.capture(&CaptureRequest::new(held.reference.clone(), rig.key("c"))).await.unwrap());
    let outcome = gateway.refund(&RefundRequest::new(held.reference.clone(), rig.key("r"))).await.unwrap();
    assert_eq!(approved(&outcome).reference.detail("account"), Some(account.as_str()));
    assert_eq!(rig.sim.stripe().for_account(&account).refunds().len(), 1);
    lookup_one(&*gateway, LookupQuery::Reference(held.reference.clone())).await;
    // By the merchant's reference it is found where it is, and nowhere else.
    let since = rig.clock.now();
    let own = LookupQuery::merchant_reference(request.reference.clone(), since);
    assert!(matches!(gateway.lookup(&own).await.unwrap(), Lookup::Absent(_)));
    let connected = LookupQuery::MerchantReference {
        reference: request.reference.clone(),
        since,
        sub_account: Some(account.clone()),
    };
    lookup_one(&*gateway, connected).await;

    let mut wrong = CaptureRequest::new(held.reference, rig.key("w"));
    wrong.options = RequestOptions::default().with_sub_account("acct_other");
    assert_eq!(gateway.capture(&wrong).await.unwrap_err().kind(), ErrorKind::InvalidRequest);
}

#[tokio::test]
async fn a_restricted_key_takes_payments() {
    let rig = Rig::new();
    let mut credentials = rig.credentials();
    credentials["secretKey"] = json!(rig.sim.stripe().restricted_key());
    let config = rig.config_with(credentials, rig.transport());
    let gateway = StripeProvider::new().payments(config).unwrap();
    let paid = approved(&gateway.purchase(&rig.request(1099, "pm_card_visa", "p")).await.unwrap()).clone();
    approved(&gateway.refund(&RefundRequest::new(paid.reference, rig.key("r"))).await.unwrap());
}

#[tokio::test]
async fn what_is_not_declared_is_refused_before_anything_is_sent() {
    let rig = Rig::new();
    let gateway = rig.gateway();
    let credit = CreditRequest::new(usd(1), token("pm_card_visa"), rig.key("c"), reference("o"));
    assert_eq!(gateway.credit(&credit).await.unwrap_err().kind(), ErrorKind::Unsupported);
    let reference = turnbuckle_core::payment::PaymentRef::new(StripeProvider::ID, "payment_intent", "pi_1");
    let more = CaptureRequest::new(reference.clone(), rig.key("m")).with_more_to_come();
    assert_eq!(gateway.capture(&more).await.unwrap_err().kind(), ErrorKind::Unsupported);
    let void = RefundRequest::new(reference, rig.key("r")).with_void_if_unsettled();
    assert_eq!(gateway.refund(&void).await.unwrap_err().kind(), ErrorKind::Unsupported);
    let partial = rig.request(1, "pm_card_visa", "p").with_allow_partial(true);
    assert_eq!(gateway.purchase(&partial).await.unwrap_err().kind(), ErrorKind::Unsupported);
    assert!(rig.sim.stripe().request_log().is_empty());
    for absent in [Feature::UnlinkedCredit, Feature::PartialApproval, Feature::VoidCaptured, Feature::Level2]
    {
        assert!(!gateway.features().has(absent));
    }
    let _: Arc<dyn PaymentGateway> = gateway;
    assert_eq!(StripeProvider::new().definition().id, StripeProvider::ID);
}
