//! Payments, charges, refunds, disputes, reviews.

use turnbuckle_core::Result;
use turnbuckle_stripe::{
    AutomaticPaymentMethods, CancelPaymentIntent, CaptureMethod, CapturePaymentIntent, CardOptions,
    ConfirmPaymentIntent, CreatePaymentIntent, CreateRefund, DisputeEvidence, IncrementAuthorization,
    ListCharges, ListDisputes, ListPaymentIntents, ListRefunds, ListReviews, PaymentIntent,
    PaymentMethodOptions, SearchPaymentIntents, TransferData, UpdateDispute, UpdatePaymentIntent,
    UpdateRefund, UsBankAccountOptions,
};

use super::{CARD, Calls, EMAIL, PAGE, Setting, USD, card_options, id, mandate, method_options, shipping};

/// A payment that is not confirmed.
fn plain() -> CreatePaymentIntent {
    CreatePaymentIntent::new(2000, USD).with_payment_method_types(["card"])
}

/// Money that can be paid out at once.
pub(super) async fn earn(at: &Setting<'_>, amount: i64) -> Result<PaymentIntent> {
    let params = CreatePaymentIntent::new(amount, USD)
        .with_payment_method_types(["card"])
        .with_payment_method("pm_card_bypassPending")
        .with_confirm(true);
    at.stripe.payment_intents().create(&params, at.none).await
}

/// A payment by this card, made now.
pub(super) async fn pay(at: &Setting<'_>, card: &str) -> Result<PaymentIntent> {
    let params = plain().with_payment_method(card).with_confirm(true);
    at.stripe.payment_intents().create(&params, at.none).await
}

/// The id of the charge of a payment.
pub(super) fn charge_of(payment: Option<&PaymentIntent>) -> String {
    let charge = payment.and_then(|payment| payment.latest_charge.as_ref());
    charge.map_or("ch_placeholder", |charge| charge.id()).to_owned()
}

pub(super) async fn payment_intents(calls: &mut Calls, at: &Setting<'_>, customer: &str) {
    let payments = at.stripe.payment_intents();
    // `payment_method` excludes `payment_method_data` and `confirmation_token`, automatic methods exclude
    // `payment_method_types`, a new mandate excludes `mandate`, setting up for later excludes `off_session`, an
    // application fee excludes an amount in `transfer_data`, and cards take only the suffix of the statement descriptor.
    let params = CreatePaymentIntent::new(2000, USD)
        .with_confirm(true)
        .with_capture_method(CaptureMethod::Manual)
        .with_customer(customer)
        .with_description("Sandbox run")
        .with_payment_method(CARD)
        .with_automatic_payment_methods(AutomaticPaymentMethods::new(true).with_allow_redirects("always"))
        .with_payment_method_options(method_options())
        .with_return_url(PAGE)
        .with_setup_future_usage("off_session")
        .with_mandate_data(mandate(at))
        .with_error_on_requires_action(true)
        .with_receipt_email(EMAIL)
        .with_shipping(shipping())
        .with_statement_descriptor_suffix("SANDBOX")
        .with_application_fee_amount(100)
        .with_transfer_data(TransferData::new(&at.account))
        .with_on_behalf_of(&at.account)
        .with_transfer_group(&at.word)
        .with_metadata("run", &at.word);
    let made = calls.object("payment_intents.create", payments.create(&params, at.none)).await;

    let open = calls.before("payment_intents.update", payments.create(&plain(), at.none)).await;
    let params = UpdatePaymentIntent::new()
        .with_amount(2100)
        .with_currency(USD)
        .with_customer(customer)
        .with_description("Sandbox run, changed")
        .with_payment_method(CARD)
        .with_payment_method_types(["card"])
        .with_payment_method_options(method_options())
        .with_capture_method(CaptureMethod::Manual)
        .with_setup_future_usage("off_session")
        .with_receipt_email(EMAIL)
        .with_shipping(shipping())
        .with_application_fee_amount(100)
        .with_statement_descriptor_suffix("SANDBOX")
        .with_transfer_group(&at.word)
        .with_metadata("run", &at.word);
    let open = id(open.as_ref(), "pi_placeholder");
    calls.object("payment_intents.update", payments.update(&open, &params, at.none)).await;

    let open = calls.before("payment_intents.confirm", payments.create(&plain(), at.none)).await;
    // The other half: `off_session` and `mandate`, which exclude a new mandate and setting up for later.
    let params = ConfirmPaymentIntent::new()
        .with_payment_method(CARD)
        .with_payment_method_types(["card"])
        .with_payment_method_options(
            PaymentMethodOptions::new()
                .with_card(card_options())
                .with_us_bank_account(UsBankAccountOptions::new().with_verification_method("automatic")),
        )
        .with_capture_method(CaptureMethod::Manual)
        .with_return_url(PAGE)
        .with_off_session(true)
        .with_mandate(&at.outside.mandate)
        .with_error_on_requires_action(true)
        .with_receipt_email(EMAIL)
        .with_shipping(shipping());
    let open = id(open.as_ref(), "pi_placeholder");
    calls.object("payment_intents.confirm", payments.confirm(&open, &params, at.none)).await;

    let reserve = plain()
        .with_payment_method(CARD)
        .with_capture_method(CaptureMethod::Manual)
        .with_payment_method_options(
            PaymentMethodOptions::new()
                .with_card(CardOptions::new().with_request_incremental_authorization("if_available")),
        )
        .with_confirm(true);
    let name = "payment_intents.increment_authorization";
    let reserved = calls.before(name, payments.create(&reserve, at.none)).await;
    // `statement_descriptor` is not for cards.
    let params = IncrementAuthorization::new(2500)
        .with_description("Sandbox run, more")
        .with_application_fee_amount(100)
        .with_metadata("run", &at.word);
    let reserved = id(reserved.as_ref(), "pi_placeholder");
    calls.object(name, payments.increment_authorization(&reserved, &params, at.none)).await;
    let reserved = calls.before("payment_intents.capture", payments.create(&reserve, at.none)).await;
    let params = CapturePaymentIntent::new()
        .with_amount_to_capture(1500)
        .with_final_capture(true)
        .with_application_fee_amount(100)
        .with_statement_descriptor_suffix("SANDBOX")
        .with_metadata("run", &at.word);
    let reserved = id(reserved.as_ref(), "pi_placeholder");
    calls.object("payment_intents.capture", payments.capture(&reserved, &params, at.none)).await;

    let open = calls.before("payment_intents.cancel", payments.create(&plain(), at.none)).await;
    let params = CancelPaymentIntent::new().with_cancellation_reason("requested_by_customer");
    let canceled = id(open.as_ref(), "pi_placeholder");
    calls.object("payment_intents.cancel", payments.cancel(&canceled, &params, at.none)).await;

    let payment = made.map_or(canceled, |made| made.id);
    calls.object("payment_intents.retrieve", payments.retrieve(&payment, at.none)).await;
    let params = ListPaymentIntents::new()
        .with_customer(customer)
        .with_created(at.lately())
        .with_limit(3)
        .with_starting_after(&payment);
    calls.page("payment_intents.list", payments.list(&params)).await;
    // A page has to come from an answer: two payments make two, once Stripe's index knows them.
    for _ in 0..2 {
        calls.before("payment_intents.search", pay(at, CARD)).await;
    }
    let params = SearchPaymentIntents::new("status:'succeeded'").with_limit(1);
    let first = calls.before("payment_intents.search", payments.search(&params).page()).await;
    let params = match first.and_then(|first| first.next_page) {
        Some(page) => params.with_page(page),
        None => params,
    };
    calls.page("payment_intents.search", payments.search(&params)).await;
}

pub(super) async fn charges_and_refunds(calls: &mut Calls, at: &Setting<'_>, customer: &str) {
    let (charges, refunds) = (at.stripe.charges(), at.stripe.refunds());
    let params = plain().with_customer(customer).with_payment_method(CARD).with_confirm(true);
    let paid = at.stripe.payment_intents().create(&params, at.none);
    let paid = calls.before("charges.retrieve", paid).await;
    let charge = charge_of(paid.as_ref());
    let payment = id(paid.as_ref(), "pi_placeholder");
    calls.object("charges.retrieve", charges.retrieve(&charge, at.none)).await;
    let params = ListCharges::new()
        .with_customer(customer)
        .with_payment_intent(&payment)
        .with_created(at.lately())
        .with_limit(3)
        .with_starting_after(&charge);
    calls.page("charges.list", charges.list(&params)).await;

    // `payment_intent` excludes `charge`.
    let params = CreateRefund::of_payment_intent(&payment)
        .with_amount(500)
        .with_reason("requested_by_customer")
        .with_refund_application_fee(false)
        .with_reverse_transfer(false)
        .with_metadata("run", &at.word);
    let made = calls.object("refunds.create", refunds.create(&params, at.none)).await;
    let plain = CreateRefund::of_payment_intent(&payment).with_amount(500);
    let made = calls.or_plain(made, "refunds.retrieve", refunds.create(&plain, at.none)).await;
    let refund = id(made.as_ref(), "re_placeholder");
    calls.object("refunds.retrieve", refunds.retrieve(&refund, at.none)).await;
    let params = UpdateRefund::new().with_metadata("run", &at.word);
    calls.object("refunds.update", refunds.update(&refund, &params, at.none)).await;
    let params = ListRefunds::new()
        .with_charge(&charge)
        .with_payment_intent(&payment)
        .with_created(at.lately())
        .with_limit(3)
        .with_starting_after(&refund);
    calls.page("refunds.list", refunds.list(&params)).await;
}

pub(super) async fn disputes(calls: &mut Calls, at: &Setting<'_>, file: &str) {
    let disputes = at.stripe.disputes();
    let paid = calls.before("disputes.retrieve", pay(at, "pm_card_createDispute")).await;
    let payment = id(paid.as_ref(), "pi_placeholder");
    let found = disputes.list(&ListDisputes::new().with_payment_intent(&payment)).page();
    let found = calls.before("disputes.retrieve", found).await;
    let dispute = id(found.as_ref().and_then(|page| page.data.first()), "dp_placeholder");
    calls.object("disputes.retrieve", disputes.retrieve(&dispute, at.none)).await;
    let params = UpdateDispute::new()
        .with_evidence(evidence(file, &charge_of(paid.as_ref())))
        .with_submit(false)
        .with_metadata("run", &at.word);
    calls.object("disputes.update", disputes.update(&dispute, &params, at.none)).await;
    let params = ListDisputes::new()
        .with_charge(charge_of(paid.as_ref()))
        .with_payment_intent(&payment)
        .with_created(at.lately())
        .with_limit(3)
        .with_starting_after(&dispute);
    calls.page("disputes.list", disputes.list(&params)).await;
    calls.object("disputes.close", disputes.close(&dispute, at.none)).await;
}

fn evidence(file: &str, charge: &str) -> DisputeEvidence {
    DisputeEvidence::new()
        .with_access_activity_log("Signed in on the day of the purchase")
        .with_billing_address("510 Townsend Street, San Francisco")
        .with_cancellation_policy(file)
        .with_cancellation_policy_disclosure("Shown before the purchase")
        .with_cancellation_rebuttal("Nothing was canceled")
        .with_customer_communication(file)
        .with_customer_email_address(EMAIL)
        .with_customer_name("Test Payer")
        .with_customer_purchase_ip("203.0.113.7")
        .with_customer_signature(file)
        .with_duplicate_charge_documentation(file)
        .with_duplicate_charge_explanation("There is no other charge")
        .with_duplicate_charge_id(charge)
        .with_product_description("Two boards")
        .with_receipt(file)
        .with_refund_policy(file)
        .with_refund_policy_disclosure("Shown before the purchase")
        .with_refund_refusal_explanation("The goods were used")
        .with_service_date("2026-01-02")
        .with_service_documentation(file)
        .with_shipping_address("510 Townsend Street, San Francisco")
        .with_shipping_carrier("usps")
        .with_shipping_date("2026-01-03")
        .with_shipping_documentation(file)
        .with_shipping_tracking_number("9400100000000000000000")
        .with_uncategorized_file(file)
        .with_uncategorized_text("A sandbox run")
}

pub(super) async fn reviews(calls: &mut Calls, at: &Setting<'_>) {
    let reviews = at.stripe.reviews();
    let paid = calls.before("reviews.retrieve", pay(at, "pm_card_riskLevelElevated")).await;
    let review = paid.and_then(|paid| paid.review).unwrap_or_else(|| "prv_placeholder".to_owned());
    calls.object("reviews.retrieve", reviews.retrieve(&review, at.none)).await;
    let params = ListReviews::new().with_created(at.lately()).with_limit(3).with_starting_after(&review);
    calls.page("reviews.list", reviews.list(&params)).await;
    calls.object("reviews.approve", reviews.approve(&review, at.none)).await;
}
