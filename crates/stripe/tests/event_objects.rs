//! Typed objects of events outside the payment path.

#![allow(clippy::expect_used, reason = "helpers of tests, which clippy does not recognize as such")]

mod wire_support;

use turnbuckle_stripe::{PayoutStatus, StripeEvent, StripeObject, SubscriptionStatus};
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
    assert_eq!(
        (found.id.as_str(), found.status),
        ("sub_1TbPayer17BoardCare00001", SubscriptionStatus::PastDue)
    );
    let StripeObject::Invoice(invoice) = decoded("invoice.payment_failed", "invoice").await else {
        panic!("an invoice")
    };
    assert_eq!((invoice.amount_due, invoice.amount_paid), (3250, 0));
    let session = decoded("checkout.session.completed", "checkout_session").await;
    let StripeObject::CheckoutSession(session) = session else { panic!("a session") };
    assert_eq!((session.payment_status.as_str(), session.amount_total), ("paid", Some(9000)));
    let StripeObject::Customer(customer) = decoded("customer.updated", "customer").await else {
        panic!("a customer")
    };
    assert_eq!(customer.id, "cus_TbBoardPayer17");
    let StripeObject::Account(account) = decoded("account.updated", "account").await else {
        panic!("an account")
    };
    assert!(!account.payouts_enabled);
    let StripeObject::Payout(payout) = decoded("payout.failed", "payout").await else { panic!("a payout") };
    assert_eq!(
        (payout.status, payout.failure_code.as_deref()),
        (PayoutStatus::Failed, Some("account_closed"))
    );
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
    let normalized = event("invoice.payment_failed", "invoice").await.normalize();
    let references: Vec<_> = normalized.references.iter().map(|found| (found.kind(), found.id())).collect();
    assert!(references.contains(&("invoice", "in_1TbPayer17CareRenewal002")), "{references:?}");
    assert!(references.contains(&("subscription", "sub_1TbPayer17BoardCare00001")), "{references:?}");
}
