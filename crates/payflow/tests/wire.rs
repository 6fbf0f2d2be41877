//! Every request, byte for byte.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

mod wire_support;

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use chrono::{DateTime, NaiveDate, TimeDelta};
use turnbuckle_core::Environment;
use turnbuckle_core::http::BaseUrl;
use turnbuckle_core::money::{Currency, Money};
use turnbuckle_payflow::*;
use wire_support::{Answer, Wire, fixtures, id, message};

const PNREF: &str = "A10A6AE7042E";
const PROFILE: &str = "RT0000001234";
const CUSTREF: &str = "abc123def456";
const CAVV: &str = "AAABBEg0VhI0VniQEjRWAAAAAAA=";

fn usd(minor: i64) -> Money {
    Money::new(minor, Currency::USD)
}

fn visa() -> CardData {
    CardData::new("4111111111111111", 12, 2034)
}

fn card() -> Instrument {
    Instrument::Card(visa().with_cvv("123"))
}

fn account() -> BankAccountData {
    BankAccountData::new("111111118", "1111111111", "Robin Doe", "WEB")
}

fn marked() -> ChargeDetails {
    ChargeDetails::new().with_customer_reference(CUSTREF)
}

fn day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 12, 15).unwrap()
}

#[tokio::test]
async fn sales() {
    let wire = Wire::answering("approved_plain");
    let charge = Charge::new(usd(2010), card()).with_details(marked());
    let sold = wire.payflow().sale(&charge, &id()).await.unwrap();
    wire.assert_sent("sale");
    assert_eq!((sold.result, sold.pnref.as_deref(), sold.duplicate), (0, Some(PNREF), false));

    let wire = Wire::answering("approved");
    let billing = Contact::new()
        .with_first_name("Joe")
        .with_last_name("Smith")
        .with_company("Smith & Sons Inc")
        .with_street("123 Main St.")
        .with_street2("Suite 4")
        .with_city("San Jose")
        .with_region("CA")
        .with_postal_code("951121737")
        .with_country("US")
        .with_phone("555-243-7689")
        .with_email("joe.smith@example.com");
    let shipping = Contact::new()
        .with_first_name("Sam")
        .with_last_name("Spade")
        .with_street("456 Shipping St.")
        .with_street2("Apt A")
        .with_city("Las Vegas")
        .with_region("NV")
        .with_postal_code("99999")
        .with_country("US")
        .with_phone("555-123-1233")
        .with_email("sam@example.com");
    let details = marked()
        .with_invoice_number("INV12345")
        .with_comment1("Level=5")
        .with_comment2("Ruff & Johnson")
        .with_purchase_order("PO12345")
        .with_tax(Money::new(1200, Currency::EUR))
        .with_billing(billing)
        .with_shipping(shipping)
        .with_ip(Ipv4Addr::new(203, 0, 113, 7))
        .with_card_on_file(CardOnFile::MerchantRecurring)
        .with_network_id("MCC123456")
        .with_authentication(Authentication::new(
            "2.2.0",
            "05",
            CAVV,
            "f879ea1c-aa2c-4441-806d-e30406466d79",
        ));
    let mastercard = Instrument::Card(CardData::new("5555555555554444", 9, 2030).with_cvv("737"));
    let charge = Charge::new(Money::new(119_995, Currency::EUR), mastercard).with_details(details);
    wire.payflow().sale(&charge, &id()).await.unwrap();
    wire.assert_sent("sale_full");

    let wire = Wire::answering("approved_plain");
    let yen = Charge::new(Money::new(500, Currency::JPY), Instrument::Card(visa()));
    wire.payflow().sale(&yen, &id()).await.unwrap();
    wire.assert_sent("sale_yen");
}

#[tokio::test]
async fn sales_from_bank_accounts_and_references() {
    let wire = Wire::answering("ach_accepted");
    let savings = BankAccountData::new("111111118", "1111111111", "Robin Doe", "PPD")
        .with_savings()
        .with_check_number("101");
    let charge = Charge::new(usd(5000), Instrument::BankAccount(savings)).with_details(marked());
    wire.payflow().sale(&charge, &id()).await.unwrap();
    wire.assert_sent("sale_ach");

    let wire = Wire::answering("approved_plain");
    let charge = Charge::new(usd(1200), Instrument::Reference("A10AA633AB30".to_owned()))
        .with_details(marked().with_card_on_file(CardOnFile::CardholderUnscheduled));
    wire.payflow().sale(&charge, &id()).await.unwrap();
    wire.assert_sent("sale_reference");
}

#[tokio::test]
async fn authorizations_verifications_credits_uploads() {
    let wire = Wire::answering("approved_plain");
    let result = Authentication::new("1.0.2", "06", CAVV, "CAACCVVUlwCXUyhQNlSXAAAAAAA=");
    let charge = Charge::new(usd(2010), card()).with_details(marked().with_authentication(result));
    wire.payflow().authorize(&charge, &id()).await.unwrap();
    wire.assert_sent("authorize");

    let wire = Wire::answering("verified");
    let details = ChargeDetails::new()
        .with_billing(Contact::new().with_street("123 Main St.").with_postal_code("12345"));
    let verified = wire.payflow().verify(&card(), Currency::USD, &details, &id()).await.unwrap();
    wire.assert_sent("verify");
    assert_eq!(verified.message.as_deref(), Some("Verified"));

    let wire = Wire::answering("ach_accepted");
    let instrument = Instrument::BankAccount(account());
    wire.payflow().verify(&instrument, Currency::USD, &ChargeDetails::new(), &id()).await.unwrap();
    wire.assert_sent("verify_ach");

    let wire = Wire::answering("approved_plain");
    wire.payflow().credit(&Charge::new(usd(500), card()).with_details(marked()), &id()).await.unwrap();
    wire.assert_sent("credit");

    let wire = Wire::answering("stored");
    let details = ChargeDetails::new().with_comment1("customer 7");
    wire.payflow().store(&Instrument::Card(visa()), &details, &id()).await.unwrap();
    wire.assert_sent("store");
}

#[tokio::test]
async fn what_follows_a_transaction() {
    let on = |tender| Followup::new(PNREF, tender).with_customer_reference(CUSTREF);
    let wire = Wire::answering("captured");
    wire.payflow().capture(&on(Tender::Card), true, &id()).await.unwrap();
    wire.assert_sent("capture");

    let wire = Wire::answering("captured");
    wire.payflow().capture(&on(Tender::Card).with_amount(usd(800)), false, &id()).await.unwrap();
    wire.assert_sent("capture_part");

    let wire = Wire::answering("approved_plain");
    wire.payflow().void(&on(Tender::Card), &id()).await.unwrap();
    wire.assert_sent("void");

    let wire = Wire::answering("approved_plain");
    wire.payflow().refund(&on(Tender::Card).with_comment1("returned"), &id()).await.unwrap();
    wire.assert_sent("refund");

    let wire = Wire::answering("approved_plain");
    wire.payflow().refund(&on(Tender::Card).with_amount(usd(350)), &id()).await.unwrap();
    wire.assert_sent("refund_part");

    let wire = Wire::answering("approved_plain");
    wire.payflow().refund(&Followup::new("V63D15597698", Tender::Ach), &id()).await.unwrap();
    wire.assert_sent("refund_ach");

    for (verdict, name) in [(Verdict::Approve, "review_approve"), (Verdict::Decline, "review_decline")] {
        let wire = Wire::answering("approved_plain");
        wire.payflow().review(&Followup::new(PNREF, Tender::Card), verdict, &id()).await.unwrap();
        wire.assert_sent(name);
    }
}

#[tokio::test]
async fn inquiries() {
    let wire = Wire::answering("inquiry");
    let found = wire.payflow().inquire(&InquiryKey::Original(PNREF.to_owned()), Tender::Card).await.unwrap();
    wire.assert_sent("inquire");
    assert_eq!((found.original_result, found.original_pnref.as_deref()), (0, Some(PNREF)));

    let by_reference = |period| InquiryKey::CustomerReference { reference: CUSTREF.to_owned(), period };
    let wire = Wire::answering("ach_pending");
    wire.payflow().inquire(&by_reference(None), Tender::Ach).await.unwrap();
    wire.assert_sent("inquire_reference");

    let wire = Wire::answering("inquiry");
    let from = DateTime::from_timestamp(1_700_000_000, 0).unwrap();
    let period = Some((from, from + TimeDelta::days(27)));
    wire.payflow().inquire(&by_reference(period), Tender::Card).await.unwrap();
    wire.assert_sent("inquire_reference_period");

    let wire = Wire::answering("inquiry");
    let token = InquiryKey::SecureToken("0123456789abcdef0123456789abcdef".to_owned());
    wire.payflow().inquire(&token, Tender::Card).await.unwrap();
    wire.assert_sent("inquire_token");
}

#[tokio::test]
async fn profiles() {
    let wire = Wire::answering("profile_added");
    let profile = ProfileData::new()
        .with_name("order-1001")
        .with_amount(usd(4200))
        .with_start(day())
        .with_term(12)
        .with_period(PayPeriod::Month)
        .with_instrument(Instrument::Card(visa()))
        .with_max_failures(2)
        .with_retry_days(3)
        .with_first(FirstTransaction::Sale(usd(500)))
        .with_email("joe@example.com")
        .with_comment1("Gold & Silver")
        .with_billing(Contact::new().with_street("123 Main St.").with_postal_code("12345"));
    let added = wire.payflow().add_profile(&profile, &id()).await.unwrap();
    wire.assert_sent("profile_add");
    assert_eq!((added.profile.as_str(), added.payment_result), ("RP000000001234", Some(0)));
    assert_eq!(added.payment.as_deref(), Some("VWYA04915345"));

    let wire = Wire::answering("profile_added");
    let profile = ProfileData::new()
        .with_name("order-1001")
        .with_amount(usd(4200))
        .with_start(day())
        .with_term(0)
        .with_period(PayPeriod::Week)
        .with_instrument(Instrument::Reference(PNREF.to_owned()))
        .with_first(FirstTransaction::Authorize);
    wire.payflow().add_profile(&profile, &id()).await.unwrap();
    wire.assert_sent("profile_add_reference");

    let wire = Wire::answering("profile_added");
    let changes = ProfileData::new().with_amount(usd(4300)).with_period(PayPeriod::Year);
    wire.payflow().modify_profile(PROFILE, &changes, &id()).await.unwrap();
    wire.assert_sent("profile_modify");

    let wire = Wire::answering("profile_added");
    wire.payflow().reactivate_profile(PROFILE, &ProfileData::new().with_start(day()), &id()).await.unwrap();
    wire.assert_sent("profile_reactivate");

    let wire = Wire::answering("profile_added");
    wire.payflow().cancel_profile(PROFILE, &id()).await.unwrap();
    wire.assert_sent("profile_cancel");

    let wire = Wire::answering("profile_added");
    wire.payflow().retry_profile_payment(PROFILE, 2, &id()).await.unwrap();
    wire.assert_sent("profile_retry");

    let wire = Wire::answering("profile");
    wire.payflow().profile(PROFILE).await.unwrap();
    wire.assert_sent("profile");

    for (history, name) in
        [(History::Payments, "profile_payments"), (History::FirstTransactions, "profile_first_transactions")]
    {
        let wire = Wire::answering("payments");
        wire.payflow().profile_payments(PROFILE, history).await.unwrap();
        wire.assert_sent(name);
    }
}

#[tokio::test]
async fn real_money_goes_to_the_other_host() {
    let wire = Wire::answering("approved_plain");
    let payflow = Payflow::new(&wire.config(Environment::Production)).unwrap();
    payflow.void(&Followup::new(PNREF, Tender::Card), &id()).await.unwrap();
    assert_eq!(wire.sent()[0].uri().to_string(), "https://payflowpro.paypal.com/");

    let wire = Wire::answering("approved_plain");
    let base: BaseUrl = "http://127.0.0.1:4010/paypal_payflow".parse().unwrap();
    let payflow = Payflow::new(&wire.config(Environment::Sandbox).with_base_url(base)).unwrap();
    payflow.void(&Followup::new(PNREF, Tender::Card), &id()).await.unwrap();
    assert_eq!(wire.sent()[0].uri().to_string(), "http://127.0.0.1:4010/paypal_payflow/");
}

#[tokio::test]
async fn a_request_that_is_sent_again_is_the_same_request() {
    let wire = Wire::new([Answer::Lost, Answer::new(503, ""), Answer::fixture("approved_repeated")]);
    let charge = Charge::new(usd(2010), card()).with_details(marked());
    let sold = wire.payflow().sale(&charge, &id()).await.unwrap();
    assert!(sold.duplicate, "the caller is told that the answer is a stored one");
    let sent: BTreeSet<String> = wire.sent().iter().map(message).collect();
    assert_eq!((wire.sent().len(), sent.len()), (3, 1));

    // Two inquiries are two requests, or the second would be answered from memory.
    let wire = Wire::new([Answer::fixture("inquiry"), Answer::fixture("inquiry")]);
    let payflow = wire.payflow();
    for _ in 0..2 {
        payflow.inquire(&InquiryKey::Original(PNREF.to_owned()), Tender::Card).await.unwrap();
    }
    let ids: BTreeSet<_> =
        wire.sent().iter().map(|sent| sent.headers()["x-vps-request-id"].clone()).collect();
    assert_eq!(ids.len(), 2);
}

#[tokio::test]
async fn what_cannot_be_sent_is_not() {
    let wire = Wire::default();
    let payflow = wire.payflow();
    let refused = [
        payflow.sale(&Charge::new(Money::new(1, Currency::new("KWD").unwrap()), card()), &id()).await,
        payflow.sale(&Charge::new(usd(10_000_000_000), card()), &id()).await,
        payflow.sale(&Charge::new(usd(-1), card()), &id()).await,
        payflow.sale(&Charge::new(usd(1), Instrument::Reference("A&B".to_owned())), &id()).await,
        payflow.void(&Followup::new("", Tender::Card), &id()).await,
        payflow
            .sale(
                &Charge::new(usd(1), card()).with_details(ChargeDetails::new().with_comment1("a\"b")),
                &id(),
            )
            .await,
    ];
    for result in refused {
        let error = result.unwrap_err();
        assert!(!error.fields().is_empty(), "{error}");
    }
    assert!(wire.sent().is_empty());
    for bad in ["", "has space", &"x".repeat(33), "\u{fc}"] {
        assert!(RequestId::new(bad).is_err(), "{bad}");
    }
}

#[test]
fn every_fixture_is_used() {
    let source = include_str!("wire.rs");
    for entry in std::fs::read_dir(fixtures().join("requests")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let name = name.strip_suffix(".http").unwrap();
        assert!(source.contains(&format!("\"{name}\"")), "{name} is not used");
    }
}
