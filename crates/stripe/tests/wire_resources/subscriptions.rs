//! Subscriptions and their items: every request byte for byte.

use turnbuckle_stripe::*;

use crate::wire_support::{Wire, keyed};
use crate::{at, page_of};

#[tokio::test]
async fn subscriptions_create() {
    let wire = Wire::answering("subscription");
    let params = CreateSubscription::new("cus_123")
        .with_item(
            SubscriptionItemData::new()
                .with_price("price_123")
                .with_price_data(
                    PriceData::new("usd")
                        .with_product("prod_123")
                        .with_recurring(Recurring::new("month"))
                        .with_tax_behavior("exclusive")
                        .with_unit_amount(2000)
                        .with_unit_amount_decimal("0.05"),
                )
                .with_quantity(2)
                .with_discount(
                    Discount::new()
                        .with_coupon("25OFF")
                        .with_discount("di_123")
                        .with_promotion_code("promo_123"),
                )
                .with_tax_rates(["txr_1", "txr_2"])
                .with_metadata("order", "7 + 8"),
        )
        .with_add_invoice_item(
            AddInvoiceItem::new()
                .with_price("price_123")
                .with_price_data(PriceData::new("usd").with_product("prod_123").with_unit_amount(2000))
                .with_quantity(2)
                .with_discount(Discount::new().with_coupon("25OFF"))
                .with_tax_rates(["txr_1", "txr_2"])
                .with_metadata("order", "7 + 8"),
        )
        .with_application_fee_percent("12.5")
        .with_automatic_tax(
            AutomaticTax::new(true).with_liability(AccountChoice::new("account").with_account("acct_123")),
        )
        .with_backdate_start_date(at(1_731_536_000))
        .with_billing_cycle_anchor(at(1_731_536_000))
        .with_billing_cycle_anchor_config(
            BillingCycleAnchorConfig::new(31).with_hour(6).with_minute(30).with_month(1).with_second(15),
        )
        .with_billing_mode(BillingMode::new("flexible"))
        .with_cancel_at(When::At(at(1_731_536_000)))
        .with_cancel_at_period_end(false)
        .with_collection_method("charge_automatically")
        .with_currency("usd")
        .with_days_until_due(30)
        .with_default_payment_method("pm_123")
        .with_default_tax_rates(["txr_1"])
        .with_description("Two boards, 1 m")
        .with_discount(Discount::new().with_coupon("25OFF"))
        .with_invoice_settings(
            SubscriptionInvoiceSettings::new()
                .with_account_tax_ids(["txi_123"])
                .with_description("Two boards, 1 m")
                .with_footer("Thank you")
                .with_issuer(AccountChoice::new("account")),
        )
        .with_off_session(true)
        .with_on_behalf_of("acct_123")
        .with_payment_behavior("default_incomplete")
        .with_payment_settings(
            SubscriptionPaymentSettings::new()
                .with_payment_method_types(["card", "us_bank_account"])
                .with_save_default_payment_method("on_subscription"),
        )
        .with_proration_behavior("always_invoice")
        .with_transfer_data(SubscriptionTransferData::new("acct_123").with_amount_percent("90.5"))
        .with_trial_end(When::At(at(1_731_536_000)))
        .with_trial_from_plan(true)
        .with_trial_period_days(14)
        .with_trial_settings(TrialSettings::new(TrialEndBehavior::new("cancel")))
        .with_metadata("order", "7 + 8");
    let answer = wire.stripe().subscriptions().create(&params, &keyed()).await.unwrap();
    wire.assert_sent("subscriptions_create");
    assert_eq!(answer.id, "sub_1TbPayer17BoardCare00001");
}

#[tokio::test]
async fn subscriptions_retrieve() {
    let wire = Wire::answering("subscription");
    let answer = wire.stripe().subscriptions().retrieve("sub_123", &keyed()).await.unwrap();
    wire.assert_sent("subscriptions_retrieve");
    assert_eq!(answer.id, "sub_1TbPayer17BoardCare00001");
}

#[tokio::test]
async fn subscriptions_update() {
    let wire = Wire::answering("subscription");
    let params = UpdateSubscription::new()
        .with_item(
            SubscriptionItemData::new()
                .with_id("si_123")
                .with_price("price_123")
                .with_quantity(2)
                .with_deleted(true)
                .with_clear_usage(true)
                .with_metadata("order", "7 + 8"),
        )
        .with_add_invoice_item(
            AddInvoiceItem::new()
                .with_price("price_123")
                .with_price_data(PriceData::new("usd").with_product("prod_123").with_unit_amount(2000))
                .with_quantity(2)
                .with_discount(Discount::new().with_coupon("25OFF"))
                .with_tax_rates(["txr_1", "txr_2"])
                .with_metadata("order", "7 + 8"),
        )
        .with_application_fee_percent("12.5")
        .with_automatic_tax(AutomaticTax::new(true))
        .with_billing_cycle_anchor("unchanged")
        .with_cancel_at(When::At(at(1_731_536_000)))
        .with_cancel_at_period_end(false)
        .with_cancellation_details(
            CancellationDetails::new().with_comment("Too far away").with_feedback("too_expensive"),
        )
        .with_collection_method("charge_automatically")
        .with_days_until_due(30)
        .with_default_payment_method("pm_123")
        .with_default_tax_rates(vec!["txr_1".to_owned()])
        .with_description("Two boards, 1 m")
        .with_discounts(vec![Discount::new().with_coupon("25OFF")])
        .with_invoice_settings(
            SubscriptionInvoiceSettings::new()
                .with_account_tax_ids(["txi_123"])
                .with_description("Two boards, 1 m")
                .with_footer("Thank you")
                .with_issuer(AccountChoice::new("account")),
        )
        .with_off_session(true)
        .with_on_behalf_of("acct_123")
        .with_pause_collection(PauseCollection::new("void").with_resumes_at(at(1_731_536_000)))
        .with_payment_behavior("default_incomplete")
        .with_payment_settings(
            SubscriptionPaymentSettings::new()
                .with_payment_method_types(["card", "us_bank_account"])
                .with_save_default_payment_method("on_subscription"),
        )
        .with_proration_behavior("always_invoice")
        .with_proration_date(at(1_731_536_000))
        .with_transfer_data(SubscriptionTransferData::new("acct_123"))
        .with_trial_end(When::now())
        .with_trial_settings(TrialSettings::new(TrialEndBehavior::new("cancel")))
        .with_metadata("order", "7 + 8");
    let answer = wire.stripe().subscriptions().update("sub_123", &params, &keyed()).await.unwrap();
    wire.assert_sent("subscriptions_update");
    assert_eq!(answer.id, "sub_1TbPayer17BoardCare00001");
}

#[tokio::test]
async fn subscriptions_cancel() {
    let wire = Wire::answering("subscription");
    let params = CancelSubscription::new()
        .with_cancellation_details(
            CancellationDetails::new().with_comment("Too far away").with_feedback("too_expensive"),
        )
        .with_invoice_now(true)
        .with_prorate(true);
    let answer = wire.stripe().subscriptions().cancel("sub_123", &params, &keyed()).await.unwrap();
    wire.assert_sent("subscriptions_cancel");
    assert_eq!(answer.id, "sub_1TbPayer17BoardCare00001");
}

#[tokio::test]
async fn subscriptions_resume() {
    let wire = Wire::answering("subscription");
    let params = ResumeSubscription::new()
        .with_billing_cycle_anchor("unchanged")
        .with_proration_behavior("always_invoice")
        .with_proration_date(at(1_731_536_000));
    let answer = wire.stripe().subscriptions().resume("sub_123", &params, &keyed()).await.unwrap();
    wire.assert_sent("subscriptions_resume");
    assert_eq!(answer.id, "sub_1TbPayer17BoardCare00001");
}

#[tokio::test]
async fn subscriptions_list() {
    let wire = page_of("subscription");
    let params = ListSubscriptions::new()
        .with_collection_method("charge_automatically")
        .with_customer("cus_123")
        .with_price("price_123")
        .with_status("all")
        .with_test_clock("clock_123")
        .with_created(Created::since(at(1_700_000_000)).until(at(1_702_592_000)))
        .with_limit(3)
        .with_starting_after("last_123");
    let page = wire.stripe().subscriptions().list(&params).page().await.unwrap();
    wire.assert_sent("subscriptions_list");
    assert_eq!(page.data[0].id, "sub_1TbPayer17BoardCare00001");
}

#[tokio::test]
async fn subscription_items_create() {
    let wire = Wire::answering("subscription_item");
    let params = CreateSubscriptionItem::new("sub_123")
        .with_price("price_123")
        .with_price_data(
            PriceData::new("usd")
                .with_product("prod_123")
                .with_recurring(Recurring::new("month"))
                .with_unit_amount(2000),
        )
        .with_quantity(2)
        .with_discount(Discount::new().with_coupon("25OFF"))
        .with_payment_behavior("default_incomplete")
        .with_proration_behavior("always_invoice")
        .with_proration_date(at(1_731_536_000))
        .with_tax_rates(["txr_1", "txr_2"])
        .with_metadata("order", "7 + 8");
    let answer = wire.stripe().subscription_items().create(&params, &keyed()).await.unwrap();
    wire.assert_sent("subscription_items_create");
    assert_eq!(answer.id, "si_TbBoardCare002");
}

#[tokio::test]
async fn subscription_items_retrieve() {
    let wire = Wire::answering("subscription_item");
    let answer = wire.stripe().subscription_items().retrieve("si_123", &keyed()).await.unwrap();
    wire.assert_sent("subscription_items_retrieve");
    assert_eq!(answer.id, "si_TbBoardCare002");
}

#[tokio::test]
async fn subscription_items_update() {
    let wire = Wire::answering("subscription_item");
    let params = UpdateSubscriptionItem::new()
        .with_price("price_123")
        .with_price_data(
            PriceData::new("usd")
                .with_product("prod_123")
                .with_recurring(Recurring::new("month"))
                .with_unit_amount(2000),
        )
        .with_quantity(2)
        .with_discounts(vec![Discount::new().with_coupon("25OFF")])
        .with_off_session(true)
        .with_payment_behavior("default_incomplete")
        .with_proration_behavior("always_invoice")
        .with_proration_date(at(1_731_536_000))
        .with_tax_rates(vec!["txr_1".to_owned(), "txr_2".to_owned()])
        .with_metadata("order", "7 + 8");
    let answer = wire.stripe().subscription_items().update("si_123", &params, &keyed()).await.unwrap();
    wire.assert_sent("subscription_items_update");
    assert_eq!(answer.id, "si_TbBoardCare002");
}

#[tokio::test]
async fn subscription_items_delete() {
    let wire = Wire::answering("deleted_subscription_item");
    let params = DeleteSubscriptionItem::new()
        .with_clear_usage(true)
        .with_payment_behavior("default_incomplete")
        .with_proration_behavior("always_invoice")
        .with_proration_date(at(1_731_536_000));
    let answer = wire.stripe().subscription_items().delete("si_123", &params, &keyed()).await.unwrap();
    wire.assert_sent("subscription_items_delete");
    assert_eq!((answer.id.as_str(), answer.deleted), ("si_TbBoardCare002", true));
}

#[tokio::test]
async fn subscription_items_list() {
    let wire = page_of("subscription_item");
    let params = ListSubscriptionItems::new("sub_123").with_limit(3).with_starting_after("last_123");
    let page = wire.stripe().subscription_items().list(&params).page().await.unwrap();
    wire.assert_sent("subscription_items_list");
    assert_eq!(page.data[0].id, "si_TbBoardCare002");
}
