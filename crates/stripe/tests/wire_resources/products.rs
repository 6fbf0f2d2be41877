//! Products, prices, coupons, promotion codes: every request byte for byte.

use turnbuckle_stripe::*;

use crate::wire_support::{Wire, keyed};
use crate::{at, page_of};

#[tokio::test]
async fn products_create() {
    let wire = Wire::answering("product");
    let params = CreateProduct::new("Stand & Board")
        .with_id("prod_board")
        .with_active(true)
        .with_default_price_data(
            DefaultPriceData::new("usd")
                .with_recurring(Recurring::new("month").with_interval_count(3))
                .with_tax_behavior("exclusive")
                .with_unit_amount(2000)
                .with_unit_amount_decimal("0.05")
                .with_metadata("order", "7 + 8"),
        )
        .with_description("Two boards, 1 m")
        .with_images(["https://shop.example/board.png"])
        .with_marketing_feature(MarketingFeature::new("Two sizes"))
        .with_shippable(true)
        .with_statement_descriptor("SHOP 7")
        .with_tax_code("txcd_10000000")
        .with_unit_label("board")
        .with_url("https://shop.example/page")
        .with_metadata("order", "7 + 8");
    let answer = wire.stripe().products().create(&params, &keyed()).await.unwrap();
    wire.assert_sent("products_create");
    assert_eq!(answer.id, "prod_TbBalanceBoard");
}

#[tokio::test]
async fn products_retrieve() {
    let wire = Wire::answering("product");
    let answer = wire.stripe().products().retrieve("prod_123", &keyed()).await.unwrap();
    wire.assert_sent("products_retrieve");
    assert_eq!(answer.id, "prod_TbBalanceBoard");
}

#[tokio::test]
async fn products_update() {
    let wire = Wire::answering("product");
    let params = UpdateProduct::new()
        .with_active(true)
        .with_default_price("price_123")
        .with_description("Two boards, 1 m")
        .with_images(["https://shop.example/board.png"])
        .with_marketing_feature(MarketingFeature::new("Two sizes"))
        .with_name("Stand & Board")
        .with_shippable(true)
        .with_statement_descriptor("SHOP 7")
        .with_tax_code("txcd_10000000")
        .with_unit_label("board")
        .with_url("https://shop.example/page")
        .with_metadata("order", "7 + 8");
    let answer = wire.stripe().products().update("prod_123", &params, &keyed()).await.unwrap();
    wire.assert_sent("products_update");
    assert_eq!(answer.id, "prod_TbBalanceBoard");
}

#[tokio::test]
async fn products_delete() {
    let wire = Wire::answering("deleted_product");
    let answer = wire.stripe().products().delete("prod_123", &keyed()).await.unwrap();
    wire.assert_sent("products_delete");
    assert_eq!((answer.id.as_str(), answer.deleted), ("prod_TbBalanceBoard", true));
}

#[tokio::test]
async fn products_list() {
    let wire = page_of("product");
    let params = ListProducts::new()
        .with_active(true)
        .with_ids(["prod_1", "prod_2"])
        .with_shippable(true)
        .with_url("https://shop.example/page")
        .with_created(Created::since(at(1_700_000_000)).until(at(1_702_592_000)))
        .with_limit(3)
        .with_starting_after("last_123");
    let page = wire.stripe().products().list(&params).page().await.unwrap();
    wire.assert_sent("products_list");
    assert_eq!(page.data[0].id, "prod_TbBalanceBoard");
}

#[tokio::test]
async fn prices_create() {
    let wire = Wire::answering("price");
    let params = CreatePrice::new("usd")
        .with_active(true)
        .with_billing_scheme("tiered")
        .with_custom_unit_amount(CustomUnitAmount::new(true).with_maximum(9).with_minimum(1).with_preset(5))
        .with_lookup_key("standard_monthly")
        .with_nickname("Standard")
        .with_product("prod_123")
        .with_product_data(
            PriceProductData::new("Stand & Board")
                .with_active(true)
                .with_id("prod_board")
                .with_statement_descriptor("SHOP 7")
                .with_tax_code("txcd_10000000")
                .with_unit_label("board")
                .with_metadata("order", "7 + 8"),
        )
        .with_recurring(
            PriceRecurring::new("month")
                .with_interval_count(3)
                .with_meter("mtr_123")
                .with_trial_period_days(14)
                .with_usage_type("metered"),
        )
        .with_tax_behavior("exclusive")
        .with_tier(
            PriceTier::new(Some(10))
                .with_unit_amount(500)
                .with_unit_amount_decimal("500.5")
                .with_flat_amount(100)
                .with_flat_amount_decimal("100.5"),
        )
        .with_tier(PriceTier::new(None).with_unit_amount(400))
        .with_tiers_mode("graduated")
        .with_transfer_lookup_key(true)
        .with_transform_quantity(TransformQuantity::new(10, "up"))
        .with_unit_amount(2000)
        .with_unit_amount_decimal("0.05")
        .with_metadata("order", "7 + 8");
    let answer = wire.stripe().prices().create(&params, &keyed()).await.unwrap();
    wire.assert_sent("prices_create");
    assert_eq!(answer.id, "price_1TbBoardCareMonthly00001");
}

#[tokio::test]
async fn prices_retrieve() {
    let wire = Wire::answering("price");
    let answer = wire.stripe().prices().retrieve("price_123", &keyed()).await.unwrap();
    wire.assert_sent("prices_retrieve");
    assert_eq!(answer.id, "price_1TbBoardCareMonthly00001");
}

#[tokio::test]
async fn prices_update() {
    let wire = Wire::answering("price");
    let params = UpdatePrice::new()
        .with_active(true)
        .with_lookup_key("standard_monthly")
        .with_nickname("Standard")
        .with_tax_behavior("exclusive")
        .with_transfer_lookup_key(true)
        .with_metadata("order", "7 + 8");
    let answer = wire.stripe().prices().update("price_123", &params, &keyed()).await.unwrap();
    wire.assert_sent("prices_update");
    assert_eq!(answer.id, "price_1TbBoardCareMonthly00001");
}

#[tokio::test]
async fn prices_list() {
    let wire = page_of("price");
    let params = ListPrices::new()
        .with_active(true)
        .with_currency("usd")
        .with_lookup_keys(["standard_monthly", "standard_yearly"])
        .with_product("prod_123")
        .with_price_type("recurring")
        .with_created(Created::since(at(1_700_000_000)).until(at(1_702_592_000)))
        .with_limit(3)
        .with_starting_after("last_123");
    let page = wire.stripe().prices().list(&params).page().await.unwrap();
    wire.assert_sent("prices_list");
    assert_eq!(page.data[0].id, "price_1TbBoardCareMonthly00001");
}

#[tokio::test]
async fn coupons_create() {
    let wire = Wire::answering("coupon");
    let params = CreateCoupon::new()
        .with_id("25OFF")
        .with_amount_off(500)
        .with_currency("usd")
        .with_percent_off("12.5")
        .with_duration("repeating")
        .with_duration_in_months(3)
        .with_applies_to(AppliesTo::new().with_products(["prod_123"]))
        .with_max_redemptions(100)
        .with_name("Stand & Board")
        .with_redeem_by(at(1_731_536_000))
        .with_metadata("order", "7 + 8");
    let answer = wire.stripe().coupons().create(&params, &keyed()).await.unwrap();
    wire.assert_sent("coupons_create");
    assert_eq!(answer.id, "CARE125");
}

#[tokio::test]
async fn coupons_retrieve() {
    let wire = Wire::answering("coupon");
    let answer = wire.stripe().coupons().retrieve("25OFF", &keyed()).await.unwrap();
    wire.assert_sent("coupons_retrieve");
    assert_eq!(answer.id, "CARE125");
}

#[tokio::test]
async fn coupons_update() {
    let wire = Wire::answering("coupon");
    let params = UpdateCoupon::new().with_name("Stand & Board").with_metadata("order", "7 + 8");
    let answer = wire.stripe().coupons().update("25OFF", &params, &keyed()).await.unwrap();
    wire.assert_sent("coupons_update");
    assert_eq!(answer.id, "CARE125");
}

#[tokio::test]
async fn coupons_delete() {
    let wire = Wire::answering("deleted_coupon");
    let answer = wire.stripe().coupons().delete("25OFF", &keyed()).await.unwrap();
    wire.assert_sent("coupons_delete");
    assert_eq!((answer.id.as_str(), answer.deleted), ("CARE125", true));
}

#[tokio::test]
async fn coupons_list() {
    let wire = page_of("coupon");
    let params = ListCoupons::new()
        .with_created(Created::since(at(1_700_000_000)).until(at(1_702_592_000)))
        .with_limit(3)
        .with_starting_after("last_123");
    let page = wire.stripe().coupons().list(&params).page().await.unwrap();
    wire.assert_sent("coupons_list");
    assert_eq!(page.data[0].id, "CARE125");
}

#[tokio::test]
async fn promotion_codes_create() {
    let wire = Wire::answering("promotion_code");
    let params = CreatePromotionCode::new(Promotion::coupon("25OFF"))
        .with_active(true)
        .with_code("BOARDCARE")
        .with_customer("cus_123")
        .with_expires_at(at(1_731_536_000))
        .with_max_redemptions(100)
        .with_restrictions(
            PromotionRestrictions::new()
                .with_first_time_transaction(true)
                .with_minimum_amount(5000)
                .with_minimum_amount_currency("usd"),
        )
        .with_metadata("order", "7 + 8");
    let answer = wire.stripe().promotion_codes().create(&params, &keyed()).await.unwrap();
    wire.assert_sent("promotion_codes_create");
    assert_eq!(answer.id, "promo_1TbBoardCareCode00000001");
}

#[tokio::test]
async fn promotion_codes_retrieve() {
    let wire = Wire::answering("promotion_code");
    let answer = wire.stripe().promotion_codes().retrieve("promo_123", &keyed()).await.unwrap();
    wire.assert_sent("promotion_codes_retrieve");
    assert_eq!(answer.id, "promo_1TbBoardCareCode00000001");
}

#[tokio::test]
async fn promotion_codes_update() {
    let wire = Wire::answering("promotion_code");
    let params = UpdatePromotionCode::new().with_active(true).with_metadata("order", "7 + 8");
    let answer = wire.stripe().promotion_codes().update("promo_123", &params, &keyed()).await.unwrap();
    wire.assert_sent("promotion_codes_update");
    assert_eq!(answer.id, "promo_1TbBoardCareCode00000001");
}

#[tokio::test]
async fn promotion_codes_list() {
    let wire = page_of("promotion_code");
    let params = ListPromotionCodes::new()
        .with_active(true)
        .with_code("BOARDCARE")
        .with_coupon("25OFF")
        .with_customer("cus_123")
        .with_created(Created::since(at(1_700_000_000)).until(at(1_702_592_000)))
        .with_limit(3)
        .with_starting_after("last_123");
    let page = wire.stripe().promotion_codes().list(&params).page().await.unwrap();
    wire.assert_sent("promotion_codes_list");
    assert_eq!(page.data[0].id, "promo_1TbBoardCareCode00000001");
}
