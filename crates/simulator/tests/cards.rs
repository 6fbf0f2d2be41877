//! The documented test cards, by number and by name.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail")]

mod common;

use common::{Client, id};
use turnbuckle_simulator::Simulator;

fn with_number(stripe: &Client, number: &str, more: &str) -> common::Reply {
    let body = format!(
        "amount=1099&currency=usd&confirm=true&payment_method_types[]=card&payment_method_data[type]=card\
         &payment_method_data[card][number]={number}&payment_method_data[card][exp_month]=12\
         &payment_method_data[card][exp_year]=2030&payment_method_data[card][cvc]=123&{more}"
    );
    stripe.post("/v1/payment_intents", &body)
}

#[test]
fn good_cards_pay_and_tell_their_brand() {
    let stripe = Client::new();
    for (number, brand, funding) in [
        ("4242424242424242", "visa", "credit"),
        ("4000056655665556", "visa", "debit"),
        ("5555555555554444", "mastercard", "credit"),
        ("378282246310005", "amex", "credit"),
        ("6011111111111117", "discover", "credit"),
        ("3530111333300000", "jcb", "credit"),
    ] {
        let paid = with_number(&stripe, number, "expand[]=latest_charge").ok();
        let card = &paid["latest_charge"]["payment_method_details"]["card"];
        assert_eq!(
            (card["brand"].as_str(), card["funding"].as_str()),
            (Some(brand), Some(funding)),
            "{number}"
        );
        assert_eq!(card["last4"], number[number.len() - 4..]);
    }
}

#[test]
fn declines_are_402_and_carry_the_live_intent() {
    let stripe = Client::new();
    for (number, name, code, decline_code) in [
        ("4000000000000002", "pm_card_visa_chargeDeclined", "card_declined", Some("generic_decline")),
        ("4000000000000002", "pm_card_chargeDeclined", "card_declined", Some("generic_decline")),
        (
            "4000000000009995",
            "pm_card_visa_chargeDeclinedInsufficientFunds",
            "card_declined",
            Some("insufficient_funds"),
        ),
        ("4000000000009987", "pm_card_chargeDeclinedLostCard", "card_declined", Some("lost_card")),
        ("4000000000009979", "pm_card_chargeDeclinedStolenCard", "card_declined", Some("stolen_card")),
        ("4000000000000069", "pm_card_chargeDeclinedExpiredCard", "expired_card", None),
        ("4000000000000127", "pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc", None),
        ("4000000000000119", "pm_card_chargeDeclinedProcessingError", "processing_error", None),
        ("4000000000000341", "pm_card_chargeCustomerFail", "card_declined", Some("generic_decline")),
        ("4100000000000019", "pm_card_radarBlock", "card_declined", Some("fraudulent")),
    ] {
        for reply in [with_number(&stripe, number, ""), stripe.pay(name, "")] {
            assert_eq!(reply.status, 402, "{name}");
            let error = reply.error();
            assert_eq!(error["type"], "card_error");
            assert_eq!(error["code"], code, "{name}");
            assert_eq!(error.get("decline_code").and_then(|value| value.as_str()), decline_code, "{name}");
            assert_eq!(error["payment_intent"]["status"], "requires_payment_method");
            assert_eq!(error["payment_intent"]["last_payment_error"]["code"], code);
            assert_eq!(error["payment_intent"]["latest_charge"], error["charge"]);
        }
    }
    // The same intent takes another card.
    let declined = stripe.pay("pm_card_chargeDeclined", "");
    let path = format!("/v1/payment_intents/{}/confirm", id(&declined.error()["payment_intent"]));
    let paid = stripe.post(&path, "payment_method=pm_card_visa").ok();
    assert_eq!(paid["status"], "succeeded");
    assert!(paid["last_payment_error"].is_null());
}

#[test]
fn a_blocked_card_never_reached_the_network() {
    let stripe = Client::new();
    stripe.pay("pm_card_radarBlock", "");
    let outcome = &stripe.sim.stripe().charges()[0]["outcome"];
    assert_eq!(
        (outcome["type"].as_str(), outcome["network_status"].as_str()),
        (Some("blocked"), Some("not_sent_to_network"))
    );
}

#[test]
fn elevated_risk_is_held_for_review() {
    let stripe = Client::new();
    let paid = with_number(&stripe, "4000000000009235", "expand[]=latest_charge&expand[]=review").ok();
    assert_eq!(paid["status"], "succeeded");
    assert_eq!(paid["latest_charge"]["outcome"]["type"], "manual_review");
    assert_eq!(paid["review"]["open"], true);
}

#[test]
fn checks_of_address_and_code_come_as_documented() {
    let stripe = Client::new();
    let address = "payment_method_data[billing_details][address][line1]=1+Main+St&payment_method_data[billing_details][address][postal_code]=10001&expand[]=latest_charge";
    for (number, line1, zip, cvc) in [
        ("4242424242424242", "pass", "pass", "pass"),
        ("4000000000000101", "pass", "pass", "fail"),
        ("4000000000000010", "fail", "fail", "pass"),
        ("4000000000000028", "fail", "pass", "pass"),
        ("4000000000000036", "pass", "fail", "pass"),
        ("4000000000000044", "unavailable", "unavailable", "pass"),
    ] {
        let paid = with_number(&stripe, number, address).ok();
        let checks = &paid["latest_charge"]["payment_method_details"]["card"]["checks"];
        assert_eq!(checks["address_line1_check"], line1, "{number}");
        assert_eq!(checks["address_postal_code_check"], zip, "{number}");
        assert_eq!(checks["cvc_check"], cvc, "{number}");
    }
    let bare = with_number(&stripe, "4242424242424242", "expand[]=latest_charge").ok();
    assert!(
        bare["latest_charge"]["payment_method_details"]["card"]["checks"]["address_line1_check"].is_null()
    );
}

#[test]
fn cards_that_cannot_be_are_refused_before_a_payment_exists() {
    let stripe = Client::new();
    let luhn = with_number(&stripe, "4242424242424241", "");
    assert_eq!((luhn.status, luhn.error()["code"].as_str()), (402, Some("incorrect_number")));
    let live = with_number(&stripe, "4111111111111111", "");
    assert_eq!(live.error()["decline_code"], "test_mode_live_card");
    let body = |month: &str, year: &str, cvc: &str| {
        format!(
            "type=card&card[number]=4242424242424242&card[exp_month]={month}&card[exp_year]={year}&card[cvc]={cvc}"
        )
    };
    for (form, code, param) in [
        (body("13", "2030", "123"), "invalid_expiry_month", "exp_month"),
        (body("1", "2019", "123"), "invalid_expiry_year", "exp_year"),
        (body("5", "2025", "123"), "invalid_expiry_month", "exp_month"),
        (body("12", "2030", "12"), "invalid_cvc", "cvc"),
    ] {
        let reply = stripe.post("/v1/payment_methods", &form);
        assert_eq!(
            (reply.status, reply.error()["code"].as_str(), reply.error()["param"].as_str()),
            (402, Some(code), Some(param))
        );
    }
    assert!(stripe.sim.stripe().payment_intents().is_empty());
    // The month that is now still pays: the simulated date is 2025-06-15.
    stripe.post("/v1/payment_methods", &body("6", "2025", "123")).ok();
}

#[test]
fn raw_numbers_can_be_refused() {
    let stripe = Client::over(Simulator::builder().raw_cards(false).build());
    let refused = with_number(&stripe, "4242424242424242", "");
    assert_eq!((refused.status, refused.error()["code"].as_str()), (400, Some("validation_error")));
    stripe.pay("pm_card_visa", "").ok();
}

#[test]
fn tokens_become_payment_methods() {
    let stripe = Client::new();
    let method = stripe.post("/v1/payment_methods", "type=card&card[token]=tok_visa").ok();
    assert_eq!(method["card"]["last4"], "4242");
    let token = stripe
        .post("/v1/tokens", "card[number]=5555555555554444&card[exp_month]=1&card[exp_year]=30&card[cvc]=123")
        .ok();
    let form = format!("type=card&card[token]={}", id(&token));
    assert_eq!(stripe.post("/v1/payment_methods", &form).ok()["card"]["brand"], "mastercard");
    assert_eq!(stripe.post("/v1/payment_methods", &form).error()["code"], "token_already_used");
}

#[test]
fn three_d_secure_asks_and_a_person_answers() {
    let stripe = Client::new();
    for card in ["pm_card_threeDSecure2Required", "pm_card_authenticationRequired"] {
        let asks = stripe.pay(card, "return_url=https%3A%2F%2Fshop.example%2Fback").ok();
        assert_eq!(asks["status"], "requires_action");
        assert_eq!(asks["next_action"]["type"], "redirect_to_url");
        assert_eq!(asks["next_action"]["redirect_to_url"]["return_url"], "https://shop.example/back");
        assert!(asks["latest_charge"].is_null());
        let paid = stripe.sim.stripe().complete_authentication(id(&asks), true).unwrap();
        assert_eq!(paid["status"], "succeeded");
        let charge = &stripe.sim.stripe().charges()[0];
        assert_eq!(charge["payment_method_details"]["card"]["three_d_secure"]["result"], "authenticated");
        assert!(stripe.sim.stripe().complete_authentication(id(&asks), true).is_none());
    }
    let asks = stripe
        .pay("pm_card_authenticationRequired", "use_stripe_sdk=true&return_url=https%3A%2F%2Fa.example")
        .ok();
    assert_eq!(asks["next_action"]["type"], "use_stripe_sdk");
    let failed = stripe.sim.stripe().complete_authentication(id(&asks), false).unwrap();
    assert_eq!(failed["status"], "requires_payment_method");
    assert_eq!(failed["last_payment_error"]["code"], "payment_intent_authentication_failure");

    let declined = stripe.pay("pm_card_threeDSecureRequiredChargeDeclined", "").ok();
    let after = stripe.sim.stripe().complete_authentication(id(&declined), true).unwrap();
    assert_eq!(after["last_payment_error"]["decline_code"], "generic_decline");
}

#[test]
fn without_a_person_authentication_is_a_decline() {
    let stripe = Client::new();
    for more in ["off_session=true", "error_on_requires_action=true"] {
        let refused = stripe.pay("pm_card_authenticationRequired", more);
        assert_eq!(
            (refused.status, refused.error()["code"].as_str()),
            (402, Some("authentication_required")),
            "{more}"
        );
    }
    // A card that is set up already pays off-session, and asks on-session.
    stripe.pay("pm_card_authenticationRequiredSetupForOffSession", "off_session=true").ok();
    assert_eq!(
        stripe.pay("pm_card_authenticationRequiredSetupForOffSession", "").ok()["status"],
        "requires_action"
    );
}

#[test]
fn manual_confirmation_is_finished_by_the_server() {
    let stripe = Client::new();
    let asks = stripe.pay("pm_card_authenticationRequired", "confirmation_method=manual").ok();
    let back = stripe.sim.stripe().complete_authentication(id(&asks), true).unwrap();
    assert_eq!(back["status"], "requires_confirmation");
    assert_eq!(
        stripe.post(&format!("/v1/payment_intents/{}/confirm", id(&asks)), "").ok()["status"],
        "succeeded"
    );
}

#[test]
fn a_declined_card_cannot_be_attached_but_one_that_fails_later_can() {
    let stripe = Client::new();
    let customer = stripe.post("/v1/customers", "name=A").ok();
    let attach = |card: &str| {
        stripe.post(&format!("/v1/payment_methods/{card}/attach"), &format!("customer={}", id(&customer)))
    };
    assert_eq!(attach("pm_card_chargeDeclined").status, 402);
    let saved = attach("pm_card_chargeCustomerFail").ok();
    assert_eq!(stripe.pay(id(&saved), &format!("customer={}", id(&customer))).status, 402);
}
