//! Payment pages: Checkout, payment links, the customer portal.

use turnbuckle_stripe::{
    AdjustableQuantity, AllowedCountries, CaptureMethod, CheckoutCustomerUpdate, CheckoutSession,
    CompletedSessions, ConsentCollection, CreateCheckoutSession, CreatePaymentLink, CreatePortalSession,
    LinkAfterCompletion, LinkLineItem, LinkRedirect, LinkRestrictions, ListCheckoutSessions, ListLineItems,
    ListPaymentLinks, Object, PageLineItem, PagePaymentData, PortalAfterCompletion, PortalFlow,
    PortalRedirect, PortalSession, PortalSubscription, Switch, TransferData, UpdatePaymentLink,
};

use super::super::{Calls, EMAIL, PAGE, Setting, USD, id};
use super::{Wares, discount, new_goods, no_tax};

fn adjustable() -> AdjustableQuantity {
    AdjustableQuantity::new(true).with_maximum(9).with_minimum(1)
}

fn consent() -> ConsentCollection {
    ConsentCollection::new().with_promotions("none").with_terms_of_service("none")
}

fn countries() -> AllowedCountries {
    AllowedCountries::new().with_allowed_countries(["US", "CA"])
}

/// Cards take only the suffix of the statement descriptor.
fn payment_data(at: &Setting<'_>) -> PagePaymentData {
    PagePaymentData::new()
        .with_capture_method(CaptureMethod::Manual)
        .with_description("Sandbox run")
        .with_setup_future_usage("off_session")
        .with_statement_descriptor_suffix("SANDBOX")
        .with_transfer_group(&at.word)
        .with_metadata("run", &at.word)
}

pub(super) async fn checkout_sessions(calls: &mut Calls, at: &Setting<'_>, wares: &Wares<'_>) {
    let sessions = at.stripe.checkout_sessions();
    // A payment excludes what is for subscriptions and setups (`subscription_data`, `setup_intent_data`,
    // `payment_method_collection`), a hosted page what is for embedded ones (`return_url`, `redirect_on_completion`), a
    // customer excludes `customer_creation` and `customer_email`, a discount excludes `allow_promotion_codes`, an
    // invoice excludes capturing later: no invoice. `price` excludes `price_data`.
    let payment = payment_data(at)
        .with_application_fee_amount(100)
        .with_on_behalf_of(&at.account)
        .with_receipt_email(EMAIL)
        .with_transfer_data(TransferData::new(&at.account));
    let line = PageLineItem::new()
        .with_price_data(new_goods(&at.word))
        .with_quantity(2)
        .with_adjustable_quantity(adjustable());
    let params = CreateCheckoutSession::new()
        .with_mode("payment")
        .with_line_item(line)
        .with_success_url("https://example.com/done?id={CHECKOUT_SESSION_ID}")
        .with_cancel_url(PAGE)
        .with_ui_mode("hosted_page")
        .with_automatic_tax(no_tax())
        .with_billing_address_collection("required")
        .with_client_reference_id(&at.word)
        .with_consent_collection(consent())
        .with_currency(USD)
        .with_customer(wares.customer)
        .with_customer_update(
            CheckoutCustomerUpdate::new().with_address("auto").with_name("auto").with_shipping("auto"),
        )
        .with_discount(discount(wares))
        .with_expires_at(at.now + chrono::Duration::hours(2))
        .with_invoice_creation(Switch::new(false))
        .with_locale("de")
        .with_payment_intent_data(payment)
        .with_payment_method_types(["card"])
        .with_phone_number_collection(Switch::new(true))
        .with_shipping_address_collection(countries())
        .with_submit_type("book")
        .with_tax_id_collection(Switch::new(true))
        .with_metadata("run", &at.word);
    let made = sessions.create(&params, at.none);
    let made = calls.runner.run("checkout_sessions.create", made, shown).await;
    let plain = CreateCheckoutSession::new()
        .with_mode("payment")
        .with_line_item(PageLineItem::new().with_price(&wares.once).with_quantity(1))
        .with_success_url(PAGE);
    let made = calls.or_plain(made, "checkout_sessions.retrieve", sessions.create(&plain, at.none)).await;
    let session = id(made.as_ref(), "cs_test_placeholder");
    let found = sessions.retrieve(&session, at.none);
    calls.runner.run("checkout_sessions.retrieve", found, shown).await;
    let lines = sessions.line_items(&session, &ListLineItems::new()).page();
    let lines = calls.before("checkout_sessions.line_items", lines).await;
    let line = id(lines.as_ref().and_then(|page| page.data.first()), "li_placeholder");
    let params = ListLineItems::new().with_limit(3).with_starting_after(line);
    calls.page("checkout_sessions.line_items", sessions.line_items(&session, &params)).await;
    // One of a payment, a payment link and a subscription, which no open page has: none of them. Nor has it what
    // its payer will type (`customer_details`).
    let params = ListCheckoutSessions::new()
        .with_customer(wares.customer)
        .with_status("open")
        .with_created(at.lately())
        .with_limit(3)
        .with_starting_after(&session);
    calls.page("checkout_sessions.list", sessions.list(&params)).await;
    let expired = sessions.expire(&session, at.none);
    calls.runner.run("checkout_sessions.expire", expired, shown).await;
}

/// Whoever holds the address of a page acts as its customer.
fn shown(session: &CheckoutSession) -> String {
    format!("ok {} {}", session.id(), session.status.as_deref().unwrap_or("-"))
}

pub(super) async fn payment_links(calls: &mut Calls, at: &Setting<'_>, wares: &Wares<'_>) {
    let links = at.stripe.payment_links();
    // Links are for payments here: no `subscription_data`, `payment_method_collection` or fee in percent. An invoice
    // excludes capturing later, a redirection excludes a confirmation on the page.
    let params = CreatePaymentLink::new()
        .with_line_item(
            PageLineItem::new()
                .with_price(&wares.once)
                .with_quantity(2)
                .with_adjustable_quantity(adjustable()),
        )
        .with_after_completion(LinkAfterCompletion::new("redirect").with_redirect(LinkRedirect::new(PAGE)))
        .with_allow_promotion_codes(true)
        .with_application_fee_amount(100)
        .with_automatic_tax(no_tax())
        .with_billing_address_collection("required")
        .with_consent_collection(consent())
        .with_currency(USD)
        .with_customer_creation("always")
        .with_inactive_message("Sold out")
        .with_invoice_creation(Switch::new(false))
        .with_on_behalf_of(&at.account)
        .with_payment_intent_data(payment_data(at))
        .with_payment_method_types(["card"])
        .with_phone_number_collection(Switch::new(true))
        .with_restrictions(LinkRestrictions::new(CompletedSessions::new(3)))
        .with_shipping_address_collection(countries())
        .with_submit_type("book")
        .with_tax_id_collection(Switch::new(true))
        .with_transfer_data(TransferData::new(&at.account))
        .with_metadata("run", &at.word);
    let made = calls.object("payment_links.create", links.create(&params, at.none)).await;
    let plain =
        CreatePaymentLink::new().with_line_item(PageLineItem::new().with_price(&wares.once).with_quantity(1));
    let made = calls.or_plain(made, "payment_links.retrieve", links.create(&plain, at.none)).await;
    let link = id(made.as_ref(), "plink_placeholder");
    calls.object("payment_links.retrieve", links.retrieve(&link, at.none)).await;
    let lines = links.line_items(&link, &ListLineItems::new()).page();
    let lines = calls.before("payment_links.line_items", lines).await;
    let line = id(lines.as_ref().and_then(|page| page.data.first()), "li_placeholder");
    let params = ListLineItems::new().with_limit(3).with_starting_after(&line);
    calls.page("payment_links.line_items", links.line_items(&link, &params)).await;
    let params = UpdatePaymentLink::new()
        .with_active(false)
        .with_line_item(LinkLineItem::new(line).with_quantity(3).with_adjustable_quantity(adjustable()))
        .with_after_completion(LinkAfterCompletion::new("redirect").with_redirect(LinkRedirect::new(PAGE)))
        .with_allow_promotion_codes(false)
        .with_automatic_tax(no_tax())
        .with_billing_address_collection("auto")
        .with_customer_creation("always")
        .with_inactive_message("Sold out")
        .with_invoice_creation(Switch::new(false))
        .with_payment_method_types(vec!["card".to_owned()])
        .with_phone_number_collection(Switch::new(true))
        .with_restrictions(LinkRestrictions::new(CompletedSessions::new(5)))
        .with_shipping_address_collection(countries())
        .with_submit_type("pay")
        .with_tax_id_collection(Switch::new(true))
        .with_metadata("run", &at.word);
    calls.object("payment_links.update", links.update(&link, &params, at.none)).await;
    let params = ListPaymentLinks::new().with_active(false).with_limit(3).with_starting_after(&link);
    calls.page("payment_links.list", links.list(&params)).await;
}

pub(super) async fn portal_sessions(
    calls: &mut Calls,
    at: &Setting<'_>,
    wares: &Wares<'_>,
    subscription: &str,
) {
    // One flow at a time; a redirection excludes a confirmation on the page.
    let flow = PortalFlow::new("subscription_cancel")
        .with_subscription_cancel(PortalSubscription::new(subscription))
        .with_after_completion(
            PortalAfterCompletion::new("redirect").with_redirect(PortalRedirect::new(PAGE)),
        );
    let params = CreatePortalSession::new(wares.customer)
        .with_configuration(&at.outside.portal_configuration)
        .with_flow_data(flow)
        .with_locale("de")
        .with_on_behalf_of(&at.account)
        .with_return_url(PAGE);
    let made = at.stripe.portal_sessions().create(&params, at.none);
    // As with pages: the address stays out.
    let show = |made: &PortalSession| format!("ok {}", made.id());
    calls.runner.run("portal_sessions.create", made, show).await;
}
