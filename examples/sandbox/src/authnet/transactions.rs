//! Payments, captures, voids, refunds, decisions.

use turnbuckle_authnet::{
    CardholderAuthentication, CreditCard, ExtendedAmount, HeldAction, Order, PaymentData, ProcessingOptions,
    Settings, SubsequentAuth, TransactionRequest, TransactionType,
};

use super::{Calls, Setting, address, customer, dollars, outside, payment};

/// A settled payment: its id and the last four digits of its card.
pub(super) struct Settled {
    pub(super) id: String,
    pub(super) last4: String,
}

/// The postal code that the simulator holds for review. The real sandbox holds by the merchant's filters alone.
const HELD_ZIP: &str = "46299";

/// A payment with everything that goes together.
fn full(kind: TransactionType, at: &Setting<'_>, what: &str) -> TransactionRequest {
    let mut request = payment(kind, 2010, &at.invoice(what));
    request.order = Some(Order::new(at.invoice(what)).with_description("Sandbox run"));
    request.tax = Some(ExtendedAmount::new(dollars(110)));
    request.po_number = Some(at.invoice("po"));
    request.customer = Some(customer(at));
    let mut billing = address();
    billing.phone_number = Some("+15555550100".to_owned());
    request.bill_to = Some(billing);
    request.ship_to = Some(address());
    request.customer_ip = Some("192.0.2.1".to_owned());
    request.transaction_settings = Some(
        Settings::new()
            .with_allow_partial_auth(false)
            .with_duplicate_window(Settings::LONGEST_DUPLICATE_WINDOW)
            .with("emailCustomer", "false"),
    );
    request
}

/// Gives the id of a payment that went through.
pub(super) async fn every_operation(calls: &mut Calls, at: &Setting<'_>, settled: Option<Settled>) -> String {
    let transactions = at.client.transactions();
    let ref_id = at.word.as_str();
    // A stored method (`profile`) excludes `payment` and `bill_to`; a later payment of a series excludes the first.
    let mut sale = full(TransactionType::AuthCapture, at, "sale");
    let mut first = ProcessingOptions::default();
    first.is_first_subsequent_auth = Some(true);
    first.is_stored_credentials = Some(true);
    sale.processing_options = Some(first);
    sale.cardholder_authentication =
        Some(CardholderAuthentication::new("05", "AAABAWFlmQAAAABjRWWZEEFgFz8=".into()));
    let paid = calls.transaction("transactions.auth_capture", transactions.create(&sale, Some(ref_id))).await;

    let mut reserve = full(TransactionType::AuthOnly, at, "auth");
    let mut later = ProcessingOptions::default();
    later.is_subsequent_auth = Some(true);
    reserve.processing_options = Some(later);
    let mut original = SubsequentAuth::default();
    original.original_network_trans_id = Some("0123456789ABCDEF".to_owned());
    original.original_auth_amount = Some(dollars(2010).into());
    original.reason = Some("resubmission".to_owned());
    reserve.subsequent_auth_information = Some(original);
    let reserved =
        calls.transaction("transactions.auth_only", transactions.create(&reserve, Some(ref_id))).await;
    let reserved = reserved.unwrap_or_else(|| "1".to_owned());

    // What the authorization says already is left out.
    let part = TransactionRequest::new(TransactionType::PriorAuthCapture)
        .with_amount(dollars(1500))
        .with_ref_trans_id(&reserved);
    calls.transaction("transactions.prior_auth_capture", transactions.create(&part, Some(ref_id))).await;

    let void = TransactionRequest::new(TransactionType::Void).with_ref_trans_id(&reserved);
    calls.transaction("transactions.void", transactions.create(&void, Some(ref_id))).await;

    let mut forced = full(TransactionType::CaptureOnly, at, "forced");
    forced.auth_code = Some("SANDBX".to_owned());
    calls.transaction("transactions.capture_only", transactions.create(&forced, Some(ref_id))).await;

    let named = outside("AUTHNET_SETTLED_TRANSACTION").map(|id| Settled {
        id,
        last4: outside("AUTHNET_SETTLED_LAST4").unwrap_or_else(|| "1111".to_owned()),
    });
    let settled = named.or(settled);
    let (id, last4) = settled.map_or(("1".to_owned(), "1111".to_owned()), |one| (one.id, one.last4));
    let refund = TransactionRequest::new(TransactionType::Refund)
        .with_amount(dollars(1))
        .with_payment(PaymentData::CreditCard(CreditCard::of_last4(last4)))
        .with_ref_trans_id(id)
        .with_order(Order::new(at.invoice("refund")).with_description("Sandbox run"))
        .with_settings(Settings::new().with_duplicate_window(Settings::LONGEST_DUPLICATE_WINDOW));
    calls.transaction("transactions.refund", transactions.create(&refund, Some(ref_id))).await;

    let mut held = payment(TransactionType::AuthOnly, 1200, &at.invoice("held"));
    let mut billing = address();
    billing.zip = Some(HELD_ZIP.to_owned());
    held.bill_to = Some(billing);
    let made = calls.before("transactions.update_held", transactions.create(&held, None)).await;
    let held = outside("AUTHNET_HELD_TRANSACTION").unwrap_or(made);
    let decided = transactions.update_held(&held, HeldAction::Approve);
    calls.transaction("transactions.update_held", decided).await;
    paid.unwrap_or(reserved)
}
