//! The exact bytes of every request, against messages that were written by hand.
#![allow(clippy::unwrap_used, reason = "tests")]

mod wire_support;

use std::collections::BTreeSet;

use chrono::NaiveDate;
use turnbuckle_core::money::{Currency, Money};
use turnbuckle_core::payment::{
    BankAccount, Card, Initiator, OriginalPayment, StoredCredential, StoredCredentialReason, ThreeDSecure,
};
use turnbuckle_nmi::*;
use wire_support::{Wire, fixtures, now};

fn usd(cents: i64) -> Money {
    Money::new(cents, Currency::USD)
}

fn raw_card() -> Card {
    Card::new("4111111111111111", 12, 2034).unwrap()
}

fn card() -> Source {
    Source::Card(raw_card().with_cvv("999").unwrap())
}

fn check() -> Source {
    Source::Check(BankAccount::new("123123123", "123123123", "Robin Doe").unwrap())
}

fn sale(source: Source) -> NewTransaction {
    NewTransaction::new(TransactionType::Sale, usd(2010), source).with_order_id("order-attempt-1")
}

fn robin() -> VaultDetails {
    VaultDetails::new().with_billing(Contact::new().with_name("Robin", "Doe").with_address("1 Main", "10001"))
}

/// Every field that a transaction can carry.
fn full() -> NewTransaction {
    let mut new = sale(card())
        .with_order_description("Two chairs & a table")
        .with_dup_seconds(0)
        .with_defined_field(20, "last~one*")
        .with_defined_field(1, "ref");
    new.po_number = Some("PO-7".to_owned());
    new.tax = Some(usd(160));
    new.processor_id = Some("ccprocessora".to_owned());
    new.descriptor = Some("SHOP 7".to_owned());
    new.ip_address = Some("203.0.113.9".parse().unwrap());
    let text = |text: &str| Some(text.to_owned());
    let mut billing =
        Contact::new().with_name("Zo\u{eb}", "O'Neill").with_address("888 Main Street", "77777");
    (billing.company, billing.address2) = (text("\u{c4} & \u{d6}"), text("Floor 2"));
    (billing.city, billing.state, billing.country) = (text("K\u{f6}ln"), text("NW"), text("DE"));
    (billing.phone, billing.email) = (text("+49 221 1"), text("zoe@example.com"));
    let mut shipping = Contact::new().with_name("Max", "Doe").with_address("1 Quay", "53111");
    (shipping.company, shipping.address2) = (text("Dock 4"), text("Gate"));
    (shipping.city, shipping.state, shipping.country) = (text("Bonn"), text("NW"), text("DE"));
    (shipping.phone, shipping.email) = (text("1"), text("max@example.com"));
    new.stored_credential = Some(StoredCredential::subsequent(
        Initiator::Merchant,
        StoredCredentialReason::Recurring,
        OriginalPayment::new("MCC123456"),
    ));
    new.three_d_secure = Some(ThreeDSecure::new(
        "2.2.0",
        "05",
        "AAABBEg0VhI0VniQEjRWAAAAAAA=",
        "f879ea1c-aa2c-4441-806d-e30406466d79",
    ));
    new.with_billing(billing).with_shipping(shipping)
}

#[tokio::test]
async fn transactions_leave_as_written() {
    let auth = |source| {
        NewTransaction::new(TransactionType::Auth, usd(2010), source).with_order_id("order-attempt-1")
    };
    let mut and_store = sale(card());
    and_store.add_customer = Some("shop-7".to_owned());
    let mut initial = auth(card());
    initial.stored_credential = Some(StoredCredential::initial(StoredCredentialReason::Unscheduled));
    let mut first_version = auth(card());
    first_version.three_d_secure = Some(ThreeDSecure::new("1.0.2", "06", "AAAA", "xid-1"));
    let mut offline =
        NewTransaction::new(TransactionType::Offline, usd(2010), card()).with_order_id("order-attempt-1");
    offline.authorization_code = Some("123456".to_owned());
    let wallet = Source::Wallet {
        wallet: Wallet::ApplePay,
        card: raw_card(),
        cryptogram: "AAAA".into(),
        eci: Some("07".to_owned()),
    };
    let vault = Source::Vault(VaultMethod::new("256806849").with_billing_id("b-2"));
    let token = Source::PaymentToken("00000000-000000-000000-000000000000".into());
    let credit =
        NewTransaction::new(TransactionType::Credit, usd(500), card()).with_order_id("order-attempt-1");
    let validate = NewTransaction::validation(Currency::USD, card()).with_order_id("order-attempt-1");
    for (name, new) in [
        ("sale_card", sale(card())),
        ("sale_full", full()),
        ("sale_token", sale(token)),
        ("sale_vault", sale(vault)),
        ("sale_check", sale(check())),
        ("sale_wallet", sale(wallet)),
        ("sale_and_store", and_store),
        ("auth_initial", initial),
        ("auth_3ds1", first_version),
        ("credit", credit),
        ("validate", validate),
        ("offline", offline),
    ] {
        let wire = Wire::answering(&["sale_approved.txt"]);
        wire.nmi().transactions().create(&new).await.unwrap();
        wire.assert_sent(name);
    }
}

#[tokio::test]
async fn follow_ups_leave_as_written() {
    let wire = || Wire::answering(&["capture_approved.txt"]);
    let (all, part, void, void_check) = (wire(), wire(), wire(), wire());
    all.nmi().transactions().capture("2577708057", None).await.unwrap();
    all.assert_sent("capture");
    part.nmi().transactions().capture("2577708057", Some(usd(750))).await.unwrap();
    part.assert_sent("capture_part");
    void.nmi().transactions().void("2762811592", Rail::Card).await.unwrap();
    void.assert_sent("void");
    void_check.nmi().transactions().void("2762811592", Rail::Check).await.unwrap();
    void_check.assert_sent("void_check");

    let (refund, refund_check, update) = (wire(), wire(), wire());
    refund.nmi().transactions().refund("2762811592", usd(750), "order-attempt-2", Rail::Card).await.unwrap();
    refund.assert_sent("refund");
    let back = refund_check.nmi();
    back.transactions().refund("2762811592", usd(750), "order-attempt-2", Rail::Check).await.unwrap();
    refund_check.assert_sent("refund_check");
    let change = TransactionUpdate::new().with_order_description("Three chairs");
    update.nmi().transactions().update("2762811592", &change).await.unwrap();
    update.assert_sent("update");
}

#[tokio::test]
async fn vault_calls_leave_as_written() {
    let wire = || Wire::answering(&["customer_added.txt"]);
    let none = VaultDetails::new();
    let (add, update, delete) = (wire(), wire(), wire());
    add.nmi().vault().add_customer("shop-7", &card(), &robin()).await.unwrap();
    add.assert_sent("add_customer");
    update.nmi().vault().update_customer("shop-7", None, &robin()).await.unwrap();
    update.assert_sent("update_customer");
    delete.nmi().vault().delete_customer("shop-7").await.unwrap();
    delete.assert_sent("delete_customer");

    let mut details = VaultDetails::new();
    details.currency = Some("USD".to_owned());
    details.processor_id = Some("ckprocessora".to_owned());
    details.defined_fields.insert(1, "ref".to_owned());
    let (add, update, delete) = (wire(), wire(), wire());
    add.nmi().vault().add_billing("shop-7", "b-2", &check(), &details).await.unwrap();
    add.assert_sent("add_billing");
    update.nmi().vault().update_billing("shop-7", "b-2", Some(&card()), &none).await.unwrap();
    update.assert_sent("update_billing");
    delete.nmi().vault().delete_billing("shop-7", "b-2").await.unwrap();
    delete.assert_sent("delete_billing");
}

#[tokio::test]
async fn recurring_calls_leave_as_written() {
    let wire = || Wire::answering(&["subscription_added.txt"]);
    let monthly = |day| Frequency::Months { months: 1, day };
    let (add, edit) = (wire(), wire());
    add.nmi()
        .recurring()
        .add_plan("gold", "Gold plan", &PlanTerms::new(usd(1200), monthly(31)))
        .await
        .unwrap();
    add.assert_sent("add_plan");
    let terms = PlanTerms::new(usd(1300), Frequency::Days(30)).with_payments(12);
    edit.nmi().recurring().edit_plan("gold", "Gold plan", &terms).await.unwrap();
    edit.assert_sent("edit_plan");

    let (existing, own) = (wire(), wire());
    let vault = || Source::Vault(VaultMethod::new("shop-7"));
    let gold = NewSubscription::new(SubscriptionPlan::Existing("gold".to_owned()), vault(), Currency::USD);
    existing.nmi().recurring().add_subscription(&gold).await.unwrap();
    existing.assert_sent("add_subscription_plan");
    let terms = PlanTerms::new(usd(1200), monthly(15)).with_payments(12);
    let new = NewSubscription::new(SubscriptionPlan::Own(terms), card(), Currency::USD)
        .with_start_date(NaiveDate::from_ymd_opt(2034, 1, 15).unwrap())
        .with_order_id("order-attempt-1");
    let reply = own.nmi().recurring().add_subscription(&new).await.unwrap();
    own.assert_sent("add_subscription");
    assert_eq!(reply.subscription_id(), Some("5630139560"));

    let (update, delete) = (wire(), wire());
    let change = SubscriptionChange::new()
        .with_terms(PlanTerms::new(usd(1500), Frequency::Days(7)))
        .with_source(vault());
    update.nmi().recurring().update_subscription("5630139560", &change).await.unwrap();
    update.assert_sent("update_subscription");
    delete.nmi().recurring().delete_subscription("5630139560").await.unwrap();
    delete.assert_sent("delete_subscription");
}

#[tokio::test]
async fn queries_leave_as_written() {
    let wire = |name: &str| Wire::answering(&[name]);
    let mut everything =
        TransactionSearch::by_order_id("o").modified_since(now()).with_page(Page::new(0, 100));
    everything.transaction_ids = vec!["1".to_owned(), "2".to_owned()];
    everything.subscription_id = Some("s".to_owned());
    everything.customer_vault_id = Some("c".to_owned());
    everything.action_types = vec!["refund".to_owned(), "credit".to_owned()];
    everything.conditions = vec!["complete".to_owned()];
    everything.defined_field = Some((1, "ref 7".to_owned()));
    everything.modified_until = Some(now() + chrono::TimeDelta::seconds(10));
    for (name, search) in [
        ("query_transaction", TransactionSearch::by_id("1177101697")),
        ("query_order", TransactionSearch::by_order_id("order-attempt-1")),
        ("query_transactions", everything),
    ] {
        let sent = wire("query_empty.xml");
        assert!(sent.nmi().query().transactions(&search).await.unwrap().is_empty());
        sent.assert_sent(name);
    }
    let newest = |number| Page::new(number, 50).newest_first();
    let (customer, customers) = (wire("query_vault.xml"), wire("query_vault.xml"));
    customer.nmi().query().customer("shop-7").await.unwrap();
    customer.assert_sent("query_customer");
    customers.nmi().query().customers(newest(3)).await.unwrap();
    customers.assert_sent("query_customers");
    let (one, all, plans) =
        (wire("query_recurring.xml"), wire("query_recurring.xml"), wire("query_plans.xml"));
    one.nmi().query().subscription("5630139560").await.unwrap().unwrap();
    one.assert_sent("query_subscription");
    all.nmi().query().subscriptions(newest(0)).await.unwrap();
    all.assert_sent("query_subscriptions");
    plans.nmi().query().plans(Page::new(0, 50)).await.unwrap();
    plans.assert_sent("query_plans");
    let (profile, mode) = (wire("query_profile.xml"), wire("query_test_mode_on.xml"));
    profile.nmi().query().profile().await.unwrap();
    profile.assert_sent("query_profile");
    assert!(mode.nmi().query().test_mode().await.unwrap());
    mode.assert_sent("query_test_mode");
}

#[test]
fn every_message_is_compared() {
    let tests = include_str!("wire.rs");
    let messages: BTreeSet<String> = std::fs::read_dir(fixtures().join("requests"))
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    assert!(messages.len() > 35, "{}", messages.len());
    for name in messages {
        assert!(tests.contains(&format!("\"{name}\"")), "{name} is compared with nothing");
    }
}

#[tokio::test]
async fn ids_cannot_smuggle_anything() {
    let wire = Wire::new([]);
    let nmi = wire.nmi();
    for id in ["", "1,2", "1&type=sale", "\u{e9}", "1 2", &"9".repeat(65)] {
        assert!(nmi.transactions().void(id, Rail::Card).await.is_err(), "{id}");
        assert!(nmi.vault().delete_customer(id).await.is_err());
        assert!(nmi.recurring().delete_subscription(id).await.is_err());
        assert!(nmi.query().transactions(&TransactionSearch::by_id(id)).await.is_err());
        assert!(nmi.query().customer(id).await.is_err());
    }
    assert!(wire.sent().is_empty());
}
