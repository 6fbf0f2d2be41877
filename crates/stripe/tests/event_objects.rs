//! Typed objects of events outside the payment path.

#![allow(clippy::expect_used, reason = "helpers of tests, which clippy does not recognize as such")]

mod wire_support;

use turnbuckle_stripe::{StripeEvent, StripeObject};
use wire_support::{Answer, Wire, fixture, keyed};

/// The event that Stripe keeps under this type, about this object.
async fn event(event_type: &str, object: &str) -> StripeEvent {
    let object = fixture(&format!("responses/{object}.json"));
    let body =
        format!(r#"{{"id":"evt_1","object":"event","type":"{event_type}","data":{{"object":{object}}}}}"#);
    Wire::new([Answer::new(200, body)]).stripe().events().retrieve("evt_1", &keyed()).await.expect("an event")
}

#[tokio::test]
async fn objects_outside_the_payment_path_are_typed() {
    let decoded = async |event_type, object| event(event_type, object).await.decode().expect("an object");
    let StripeObject::Subscription(found) = decoded("customer.subscription.updated", "subscription").await
    else {
        panic!("a subscription");
    };
    assert_eq!(found.id, "sub_1Pgc6rB7WZ01zgkWNy0Cn5nw");
    let StripeObject::Invoice(invoice) = decoded("invoice.paid", "invoice").await else {
        panic!("an invoice")
    };
    assert_eq!(invoice.amount_due, 1000);
    let session = decoded("checkout.session.completed", "checkout_session").await;
    let StripeObject::CheckoutSession(session) = session else { panic!("a session") };
    assert_eq!(session.payment_status, "unpaid");
    assert!(matches!(decoded("customer.updated", "customer").await, StripeObject::Customer(_)));
    assert!(matches!(decoded("account.updated", "account").await, StripeObject::Account(_)));
    assert!(matches!(decoded("payout.paid", "payout").await, StripeObject::Payout(_)));
}

#[tokio::test]
async fn neighbours_of_the_same_name_stay_raw() {
    for event_type in [
        "customer.source.created",
        "customer.discount.created",
        "account.external_account.created",
        "price.created",
    ] {
        let event = event(event_type, "price").await;
        assert!(matches!(event.decode(), Ok(StripeObject::Other(_))), "{event_type}");
    }
}

#[tokio::test]
async fn an_invoice_leads_to_its_subscription() {
    let normalized = event("invoice.paid", "invoice").await.normalize();
    let references: Vec<_> = normalized.references.iter().map(|found| (found.kind(), found.id())).collect();
    assert!(references.contains(&("invoice", "in_1Pgc6tB7WZ01zgkWu9fdqL6I")), "{references:?}");
    assert!(references.contains(&("subscription", "subscription")), "{references:?}");
}
