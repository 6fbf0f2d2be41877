//! Payments, and what becomes of them.

use std::net::Ipv4Addr;

use chrono::Duration;
use turnbuckle_core::Result;
use turnbuckle_core::money::Currency;
use turnbuckle_payflow::{
    Authentication, CardOnFile, ChargeDetails, Followup, Inquiry, InquiryKey, Tender, Verdict,
};

use super::{Setting, card, contact, dollars, outside, plain, pnref, shown};
use crate::Runner;

/// Everything that can go along with a payment by card.
fn details(at: &Setting<'_>) -> ChargeDetails {
    ChargeDetails::new()
        .with_customer_reference(&at.word)
        .with_invoice_number("INV1")
        .with_comment1("Sandbox run")
        .with_comment2("a=b & c")
        .with_purchase_order("PO1")
        .with_tax(dollars(100))
        .with_billing(contact())
        .with_shipping(contact())
        .with_ip(Ipv4Addr::new(203, 0, 113, 7))
        .with_card_on_file(CardOnFile::MerchantRecurring)
        .with_network_id("123456789012345")
        .with_authentication(Authentication::new(
            "2.2.0",
            "05",
            "AAABBEg0VhI0VniQEjRWAAAAAAA=".to_owned(),
            "f38e6948-5388-41a6-bca4-b49723c19437",
        ))
}

pub(super) async fn new_ones(run: &mut Runner, at: &Setting<'_>) -> Result<()> {
    let payflow = at.payflow;
    let charge = plain(dollars(2_000)).with_details(details(at));
    run.run("sale", payflow.sale(&charge, &at.id()?), shown).await;
    let charge = plain(dollars(5_000)).with_details(details(at));
    run.run("authorize", payflow.authorize(&charge, &at.id()?), shown).await;
    // A prenote of a bank account is the same operation, with fewer parameters.
    run.run("verify", payflow.verify(&card(), Currency::USD, &details(at), &at.id()?), shown).await;
    run.run("credit", payflow.credit(&plain(dollars(300)).with_details(details(at)), &at.id()?), shown).await;
    run.run("store", payflow.store(&card(), &details(at), &at.id()?), shown).await;
    // By reference, since only that takes a period; `ORIGID` and `SECURETOKEN` exclude it.
    let day = Duration::days(1);
    let reference = InquiryKey::CustomerReference {
        reference: at.word.clone(),
        period: Some((at.now - day, at.now + day)),
    };
    let show = |inquiry: &Inquiry| format!("ok result {}", inquiry.original_result);
    run.run("inquire", payflow.inquire(&reference, Tender::Card), show).await;
    Ok(())
}

fn step(original: String, at: &Setting<'_>) -> Followup {
    Followup::new(original, Tender::Card).with_customer_reference(&at.word).with_comment1("Sandbox run")
}

pub(super) async fn later_steps(run: &mut Runner, at: &Setting<'_>) -> Result<()> {
    let payflow = at.payflow;
    let reserved = run.prepare("capture", payflow.authorize(&plain(dollars(5_000)), &at.id()?)).await;
    let part = step(pnref(reserved), at).with_amount(dollars(3_000));
    run.run("capture", payflow.capture(&part, false, &at.id()?), shown).await;

    let reserved = run.prepare("void", payflow.authorize(&plain(dollars(5_000)), &at.id()?)).await;
    // A void is of the whole.
    run.run("void", payflow.void(&step(pnref(reserved), at), &at.id()?), shown).await;

    let settled = match outside("PAYFLOW_SETTLED_SALE") {
        Some(settled) => settled,
        None => pnref(run.prepare("refund", payflow.sale(&plain(dollars(2_000)), &at.id()?)).await),
    };
    let part = step(settled, at).with_amount(dollars(500));
    run.run("refund", payflow.refund(&part, &at.id()?), shown).await;

    // Where no filter holds it, there is nothing to decide.
    let (charge, id) = (plain(dollars(112_600)), at.id()?);
    let held = run.prepare("review", super::held(payflow.sale(&charge, &id))).await;
    let held = step(held.unwrap_or_else(|| super::NOBODYS.to_owned()), at);
    run.run("review", payflow.review(&held, Verdict::Approve, &at.id()?), shown).await;
    Ok(())
}
