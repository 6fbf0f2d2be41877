//! Shapes of the pinned version, secrets that stay out of `Debug`, and refusals before anything leaves.

use secrecy::ExposeSecret;
use turnbuckle_core::{Effect, Environment, ErrorKind};
use turnbuckle_stripe::*;

use crate::at;
use crate::wire_support::{Answer, Wire, keyed};

/// A client whose one answer is this body.
fn saying(body: &str) -> Wire {
    Wire::new([Answer::new(200, body)])
}

#[tokio::test]
async fn a_subscription_has_its_periods_on_its_items() {
    let wire = Wire::answering("subscription");
    let subscription = wire.stripe().subscriptions().retrieve("sub_123", &keyed()).await.unwrap();
    assert_eq!(subscription.start_date, Some(at(1_783_245_600)));
    let items = subscription.items.unwrap();
    assert_eq!(items.data[0].current_period_start, Some(at(1_785_924_000)));
    assert_eq!(items.data[0].current_period_end, Some(at(1_788_602_400)));
    let price = items.data[0].price.as_ref().unwrap();
    assert_eq!((price.unit_amount, price.currency.as_str()), (Some(1200), "usd"));
    assert_eq!(price.recurring.as_ref().unwrap().interval, "month");
}

#[tokio::test]
async fn an_invoice_names_its_subscription_secret_and_payments() {
    let wire = saying(
        r#"{"id":"in_1","status":"open","total":1000,"amount_due":1000,"currency":"usd",
        "confirmation_secret":{"client_secret":"pi_1_secret_SENTINEL","type":"payment_intent"},
        "hosted_invoice_url":"https://invoice.stripe.example/SENTINEL",
        "parent":{"type":"subscription_details","subscription_details":{"subscription":"sub_1","metadata":{}}},
        "payments":{"object":"list","has_more":false,"data":[{"id":"inpay_1","status":"open",
        "amount_requested":1000,"payment":{"type":"payment_intent","payment_intent":"pi_1"}}]}}"#,
    );
    let invoice = wire.stripe().invoices().retrieve("in_1", &keyed()).await.unwrap();
    let debug = format!("{invoice:?}");
    assert!(!debug.contains("SENTINEL"), "{debug}");
    assert_eq!(invoice.status, InvoiceStatus::Open);
    let secret = invoice.confirmation_secret.unwrap();
    assert_eq!(secret.client_secret.unwrap().expose_secret(), "pi_1_secret_SENTINEL");
    let parent = invoice.parent.unwrap().subscription_details.unwrap();
    assert_eq!(parent.subscription.unwrap().id(), "sub_1");
    let payment = &invoice.payments.unwrap().data[0];
    assert_eq!(payment.payment.as_ref().unwrap().payment_intent.as_ref().unwrap().id(), "pi_1");
}

#[tokio::test]
async fn a_promotion_code_names_its_coupon_short_or_in_full() {
    for coupon in [r#""25OFF""#, r#"{"id":"25OFF","object":"coupon","percent_off":12.5}"#] {
        let wire = saying(&format!(
            r#"{{"id":"promo_1","code":"BOARDCARE","promotion":{{"type":"coupon","coupon":{coupon}}}}}"#
        ));
        let code = wire.stripe().promotion_codes().retrieve("promo_1", &keyed()).await.unwrap();
        assert_eq!(code.promotion.coupon.as_deref(), Some("25OFF"));
        assert!(!format!("{code:?}").contains("BOARDCARE"));
    }
}

#[tokio::test]
async fn addresses_and_secrets_that_open_something_are_not_shown() {
    let wire = saying(r#"{"id":"we_1","secret":"whsec_SENTINEL","url":"https://SENTINEL.example"}"#);
    let endpoint = wire.stripe().webhook_endpoints().retrieve("we_1", &keyed()).await.unwrap();
    assert_eq!(endpoint.secret.as_ref().unwrap().expose_secret(), "whsec_SENTINEL");
    assert!(!format!("{endpoint:?}").contains("SENTINEL"));

    let wire = saying(r#"{"object":"account_link","url":"https://connect.example/SENTINEL","expires_at":1}"#);
    let params =
        CreateAccountLink::new("acct_1", "account_onboarding").with_return_url("https://SENTINEL.example");
    let link = wire.stripe().account_links().create(&params, &keyed()).await.unwrap();
    assert_eq!(link.url.as_ref().unwrap().expose_secret(), "https://connect.example/SENTINEL");
    assert!(!format!("{link:?} {params:?}").contains("SENTINEL"));

    let wire = saying(r#"{"id":"cs_1","url":"https://SENTINEL","client_secret":"cs_1_SENTINEL"}"#);
    let session = wire.stripe().checkout_sessions().retrieve("cs_1", &keyed()).await.unwrap();
    assert!(!format!("{session:?}").contains("SENTINEL"));

    let wire = saying(r#"{"id":"bps_1","url":"https://billing.example/SENTINEL"}"#);
    let params = CreatePortalSession::new("cus_1");
    let session = wire.stripe().portal_sessions().create(&params, &keyed()).await.unwrap();
    assert!(session.url.is_some() && !format!("{session:?}").contains("SENTINEL"));
}

#[tokio::test]
async fn events_carry_their_object_for_typed_reading() {
    let wire = Wire::answering("event");
    let event = wire.stripe().events().retrieve("evt_123", &keyed()).await.unwrap();
    assert_eq!(event.event_type, "radar.early_fraud_warning.created");
    let StripeObject::Other(object) = event.decode().unwrap() else { panic!("a warning has no type here") };
    let warning: serde_json::Value = serde_json::from_slice(object.as_bytes()).unwrap();
    assert_eq!(
        (&warning["object"], &warning["actionable"]),
        (&"radar.early_fraud_warning".into(), &true.into())
    );
}

#[tokio::test]
async fn an_event_that_is_none_is_an_error() {
    let wire = saying(r#"{"id":"evt_1","object":"event"}"#);
    let error = wire.stripe().events().retrieve("evt_1", &keyed()).await.unwrap_err();
    assert_eq!((error.kind(), error.effect()), (ErrorKind::InvalidResponse, Effect::None));
}

#[tokio::test]
async fn test_clocks_stay_in_the_sandbox() {
    let wire = Wire::new([]);
    let config = wire.config(Environment::Production, "sk_live_51FixtureKeyThatOpensNothing");
    let stripe = Stripe::new(&config).unwrap();
    let clocks = stripe.test_clocks();
    let errors = [
        clocks.create(&CreateTestClock::new(at(0)), &keyed()).await.unwrap_err(),
        clocks.advance("clock_1", &AdvanceTestClock::new(at(0)), &keyed()).await.unwrap_err(),
        clocks.retrieve("clock_1", &keyed()).await.unwrap_err(),
        clocks.delete("clock_1", &keyed()).await.unwrap_err(),
        clocks.list(&ListTestClocks::new()).page().await.unwrap_err(),
    ];
    for error in errors {
        assert_eq!((error.kind(), error.effect()), (ErrorKind::Unsupported, Effect::None));
    }
    assert!(wire.sent().is_empty());
}

#[tokio::test]
async fn objects_that_say_little_are_still_read() {
    let nothing = r#"{"id":"x_1"}"#;
    saying(nothing).stripe().invoices().retrieve("x_1", &keyed()).await.unwrap();
    saying(nothing).stripe().subscriptions().retrieve("x_1", &keyed()).await.unwrap();
    saying(nothing).stripe().checkout_sessions().retrieve("x_1", &keyed()).await.unwrap();
    saying(nothing).stripe().accounts().retrieve("x_1", &keyed()).await.unwrap();
    saying(nothing).stripe().payouts().retrieve("x_1", &keyed()).await.unwrap();
    saying(nothing).stripe().transfers().retrieve("x_1", &keyed()).await.unwrap();
    let unknown = saying(r#"{"id":"sub_1","status":"hibernating"}"#);
    let subscription = unknown.stripe().subscriptions().retrieve("sub_1", &keyed()).await.unwrap();
    assert_eq!(subscription.status, SubscriptionStatus::Other("hibernating".to_owned()));
}
