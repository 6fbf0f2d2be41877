//! Checkout, portal, payment links: every request byte for byte.

use turnbuckle_stripe::*;

use crate::wire_support::{Wire, keyed};
use crate::{at, page_of};

#[tokio::test]
async fn checkout_sessions_create() {
    let wire = Wire::answering("checkout_session");
    let params = CreateCheckoutSession::new()
        .with_mode("subscription")
        .with_line_item(
            PageLineItem::new()
                .with_price("price_123")
                .with_price_data(
                    PriceData::new("usd")
                        .with_product("prod_123")
                        .with_recurring(Recurring::new("month"))
                        .with_unit_amount(2000),
                )
                .with_quantity(2)
                .with_adjustable_quantity(AdjustableQuantity::new(true).with_maximum(9).with_minimum(1)),
        )
        .with_success_url("https://shop.example/done?id={CHECKOUT_SESSION_ID}")
        .with_cancel_url("https://shop.example/cart")
        .with_return_url("https://shop.example/back")
        .with_ui_mode("hosted_page")
        .with_allow_promotion_codes(true)
        .with_automatic_tax(AutomaticTax::new(true))
        .with_billing_address_collection("required")
        .with_client_reference_id("order-7")
        .with_consent_collection(
            ConsentCollection::new().with_promotions("auto").with_terms_of_service("required"),
        )
        .with_currency("usd")
        .with_customer("cus_123")
        .with_customer_creation("always")
        .with_customer_email("payer@shop.example")
        .with_customer_update(
            CheckoutCustomerUpdate::new().with_address("auto").with_name("auto").with_shipping("never"),
        )
        .with_discount(Discount::new().with_coupon("25OFF"))
        .with_expires_at(at(1_731_536_000))
        .with_invoice_creation(Switch::new(true))
        .with_locale("de")
        .with_payment_intent_data(
            PagePaymentData::new()
                .with_application_fee_amount(123)
                .with_capture_method(CaptureMethod::Manual)
                .with_description("Two boards, 1 m")
                .with_on_behalf_of("acct_123")
                .with_receipt_email("payer@shop.example")
                .with_setup_future_usage("off_session")
                .with_statement_descriptor("SHOP 7")
                .with_statement_descriptor_suffix("BOARD")
                .with_transfer_data(TransferData::new("acct_123"))
                .with_transfer_group("ORDER7")
                .with_metadata("order", "7 + 8"),
        )
        .with_payment_method_collection("if_required")
        .with_payment_method_types(["card", "us_bank_account"])
        .with_phone_number_collection(Switch::new(true))
        .with_redirect_on_completion("if_required")
        .with_setup_intent_data(
            PageSetupData::new()
                .with_description("Two boards, 1 m")
                .with_on_behalf_of("acct_123")
                .with_metadata("order", "7 + 8"),
        )
        .with_shipping_address_collection(AllowedCountries::new().with_allowed_countries(["US", "CA"]))
        .with_submit_type("book")
        .with_subscription_data(
            PageSubscriptionData::new()
                .with_description("Two boards, 1 m")
                .with_trial_period_days(14)
                .with_trial_settings(TrialSettings::new(TrialEndBehavior::new("cancel")))
                .with_metadata("order", "7 + 8"),
        )
        .with_tax_id_collection(Switch::new(true))
        .with_metadata("order", "7 + 8");
    let answer = wire.stripe().checkout_sessions().create(&params, &keyed()).await.unwrap();
    wire.assert_sent("checkout_sessions_create");
    assert_eq!(answer.id, "cs_test_a1TbOrder6735TwoBoardsAndPostageForPayerSeventeen001");
}

#[tokio::test]
async fn checkout_sessions_retrieve() {
    let wire = Wire::answering("checkout_session");
    let answer = wire.stripe().checkout_sessions().retrieve("cs_123", &keyed()).await.unwrap();
    wire.assert_sent("checkout_sessions_retrieve");
    assert_eq!(answer.id, "cs_test_a1TbOrder6735TwoBoardsAndPostageForPayerSeventeen001");
}

#[tokio::test]
async fn checkout_sessions_expire() {
    let wire = Wire::answering("checkout_session");
    let answer = wire.stripe().checkout_sessions().expire("cs_123", &keyed()).await.unwrap();
    wire.assert_sent("checkout_sessions_expire");
    assert_eq!(answer.id, "cs_test_a1TbOrder6735TwoBoardsAndPostageForPayerSeventeen001");
}

#[tokio::test]
async fn checkout_sessions_line_items() {
    let wire = page_of("item");
    let params = ListLineItems::new().with_limit(3).with_starting_after("last_123");
    let page = wire.stripe().checkout_sessions().line_items("cs_123", &params).page().await.unwrap();
    wire.assert_sent("checkout_sessions_line_items");
    assert_eq!(page.data[0].id, "li_1TbOrder6735BoardsLine01");
}

#[tokio::test]
async fn checkout_sessions_list() {
    let wire = page_of("checkout_session");
    let params = ListCheckoutSessions::new()
        .with_customer("cus_123")
        .with_customer_details(CheckoutCustomerFilter::new("payer@shop.example"))
        .with_payment_intent("pi_123")
        .with_payment_link("plink_123")
        .with_status("open")
        .with_subscription("sub_123")
        .with_created(Created::since(at(1_700_000_000)).until(at(1_702_592_000)))
        .with_limit(3)
        .with_starting_after("last_123");
    let page = wire.stripe().checkout_sessions().list(&params).page().await.unwrap();
    wire.assert_sent("checkout_sessions_list");
    assert_eq!(page.data[0].id, "cs_test_a1TbOrder6735TwoBoardsAndPostageForPayerSeventeen001");
}

#[tokio::test]
async fn portal_sessions_create() {
    let wire = Wire::answering("billing_portal_session");
    let params = CreatePortalSession::new("cus_123")
        .with_configuration("bpc_123")
        .with_flow_data(
            PortalFlow::new("subscription_update_confirm")
                .with_after_completion(
                    PortalAfterCompletion::new("redirect")
                        .with_hosted_confirmation(PortalConfirmation::new().with_custom_message("Thank you"))
                        .with_redirect(PortalRedirect::new("https://shop.example/back")),
                )
                .with_subscription_cancel(PortalSubscription::new("sub_123"))
                .with_subscription_update(PortalSubscription::new("sub_123"))
                .with_subscription_update_confirm(
                    PortalUpdateConfirm::new("sub_123")
                        .with_item(PortalUpdateItem::new("si_123").with_price("price_123").with_quantity(2))
                        .with_discount(Discount::new().with_coupon("25OFF")),
                ),
        )
        .with_locale("de")
        .with_on_behalf_of("acct_123")
        .with_return_url("https://shop.example/back");
    let answer = wire.stripe().portal_sessions().create(&params, &keyed()).await.unwrap();
    wire.assert_sent("portal_sessions_create");
    assert_eq!(answer.id, "bps_1TbPayer17PortalVisit001");
}

#[tokio::test]
async fn payment_links_create() {
    let wire = Wire::answering("payment_link");
    let params = CreatePaymentLink::new()
        .with_line_item(PageLineItem::new().with_price("price_123").with_quantity(2))
        .with_after_completion(
            LinkAfterCompletion::new("redirect")
                .with_hosted_confirmation(LinkConfirmation::new().with_custom_message("Thank you"))
                .with_redirect(LinkRedirect::new("https://shop.example/done")),
        )
        .with_allow_promotion_codes(true)
        .with_application_fee_amount(123)
        .with_application_fee_percent("12.5")
        .with_automatic_tax(AutomaticTax::new(true))
        .with_billing_address_collection("required")
        .with_consent_collection(
            ConsentCollection::new().with_promotions("auto").with_terms_of_service("required"),
        )
        .with_currency("usd")
        .with_customer_creation("always")
        .with_inactive_message("Sold out")
        .with_invoice_creation(Switch::new(true))
        .with_on_behalf_of("acct_123")
        .with_payment_intent_data(
            PagePaymentData::new()
                .with_capture_method(CaptureMethod::Manual)
                .with_description("Two boards, 1 m")
                .with_setup_future_usage("off_session")
                .with_statement_descriptor("SHOP 7")
                .with_statement_descriptor_suffix("BOARD")
                .with_transfer_group("ORDER7")
                .with_metadata("order", "7 + 8"),
        )
        .with_payment_method_collection("if_required")
        .with_payment_method_types(["card", "us_bank_account"])
        .with_phone_number_collection(Switch::new(true))
        .with_restrictions(LinkRestrictions::new(CompletedSessions::new(3)))
        .with_shipping_address_collection(AllowedCountries::new().with_allowed_countries(["US", "CA"]))
        .with_submit_type("book")
        .with_subscription_data(
            PageSubscriptionData::new()
                .with_description("Two boards, 1 m")
                .with_trial_period_days(14)
                .with_trial_settings(TrialSettings::new(TrialEndBehavior::new("cancel")))
                .with_metadata("order", "7 + 8"),
        )
        .with_tax_id_collection(Switch::new(true))
        .with_transfer_data(TransferData::new("acct_123"))
        .with_metadata("order", "7 + 8");
    let answer = wire.stripe().payment_links().create(&params, &keyed()).await.unwrap();
    wire.assert_sent("payment_links_create");
    assert_eq!(answer.id, "plink_1TbBalanceBoardLink00001");
}

#[tokio::test]
async fn payment_links_retrieve() {
    let wire = Wire::answering("payment_link");
    let answer = wire.stripe().payment_links().retrieve("plink_123", &keyed()).await.unwrap();
    wire.assert_sent("payment_links_retrieve");
    assert_eq!(answer.id, "plink_1TbBalanceBoardLink00001");
}

#[tokio::test]
async fn payment_links_line_items() {
    let wire = page_of("item");
    let params = ListLineItems::new().with_limit(3).with_starting_after("last_123");
    let page = wire.stripe().payment_links().line_items("plink_123", &params).page().await.unwrap();
    wire.assert_sent("payment_links_line_items");
    assert_eq!(page.data[0].id, "li_1TbOrder6735BoardsLine01");
}

#[tokio::test]
async fn payment_links_update() {
    let wire = Wire::answering("payment_link");
    let params = UpdatePaymentLink::new()
        .with_active(true)
        .with_line_item(
            LinkLineItem::new("li_123")
                .with_quantity(2)
                .with_adjustable_quantity(AdjustableQuantity::new(true)),
        )
        .with_after_completion(LinkAfterCompletion::new("redirect"))
        .with_allow_promotion_codes(true)
        .with_automatic_tax(AutomaticTax::new(true))
        .with_billing_address_collection("required")
        .with_customer_creation("always")
        .with_inactive_message("Sold out")
        .with_invoice_creation(Switch::new(true))
        .with_payment_method_collection("if_required")
        .with_payment_method_types(vec!["card".to_owned(), "us_bank_account".to_owned()])
        .with_phone_number_collection(Switch::new(true))
        .with_restrictions(LinkRestrictions::new(CompletedSessions::new(3)))
        .with_shipping_address_collection(AllowedCountries::new().with_allowed_countries(["US", "CA"]))
        .with_submit_type("book")
        .with_tax_id_collection(Switch::new(true))
        .with_metadata("order", "7 + 8");
    let answer = wire.stripe().payment_links().update("plink_123", &params, &keyed()).await.unwrap();
    wire.assert_sent("payment_links_update");
    assert_eq!(answer.id, "plink_1TbBalanceBoardLink00001");
}

#[tokio::test]
async fn payment_links_list() {
    let wire = page_of("payment_link");
    let params = ListPaymentLinks::new().with_active(true).with_limit(3).with_starting_after("last_123");
    let page = wire.stripe().payment_links().list(&params).page().await.unwrap();
    wire.assert_sent("payment_links_list");
    assert_eq!(page.data[0].id, "plink_1TbBalanceBoardLink00001");
}
