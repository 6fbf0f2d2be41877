//! Coupons and promotion codes.

use turnbuckle_stripe::{
    AppliesTo, CreateCoupon, CreatePromotionCode, ListCoupons, ListPromotionCodes, Promotion,
    PromotionRestrictions, UpdateCoupon, UpdatePromotionCode,
};

use super::super::{Calls, Setting, USD, id};
use super::Wares;

/// All but `coupons.delete`, which is [`remove`]: the others need the coupon.
pub(super) async fn coupons(calls: &mut Calls, at: &Setting<'_>, product: &str) -> String {
    let coupons = at.stripe.coupons();
    // `amount_off` excludes `percent_off`, and needs `currency`.
    let params = CreateCoupon::new()
        .with_id(format!("sandbox_{}", at.word))
        .with_amount_off(500)
        .with_currency(USD)
        .with_duration("repeating")
        .with_duration_in_months(3)
        .with_applies_to(AppliesTo::new().with_products([product]))
        .with_max_redemptions(100)
        .with_name("Sandbox run")
        .with_redeem_by(at.days(30))
        .with_metadata("run", &at.word);
    let made = calls.object("coupons.create", coupons.create(&params, at.none)).await;
    let plain = CreateCoupon::new().with_percent_off("25.5").with_duration("once");
    let made = calls.or_plain(made, "coupons.retrieve", coupons.create(&plain, at.none)).await;
    let coupon = id(made.as_ref(), "coupon_placeholder");
    calls.object("coupons.retrieve", coupons.retrieve(&coupon, at.none)).await;
    let params = UpdateCoupon::new().with_name("Sandbox run, changed").with_metadata("run", &at.word);
    calls.object("coupons.update", coupons.update(&coupon, &params, at.none)).await;
    let params = ListCoupons::new().with_created(at.lately()).with_limit(3).with_starting_after(&coupon);
    calls.page("coupons.list", coupons.list(&params)).await;
    coupon
}

pub(super) async fn promotion_codes(calls: &mut Calls, at: &Setting<'_>, wares: &Wares<'_>) {
    let codes = at.stripe.promotion_codes();
    let code = format!("SANDBOX{}", at.word.to_uppercase());
    let restrictions = PromotionRestrictions::new()
        .with_first_time_transaction(true)
        .with_minimum_amount(5000)
        .with_minimum_amount_currency(USD);
    let params = CreatePromotionCode::new(Promotion::coupon(&wares.coupon))
        .with_active(true)
        .with_code(&code)
        .with_customer(wares.customer)
        .with_expires_at(at.days(7))
        .with_max_redemptions(10)
        .with_restrictions(restrictions)
        .with_metadata("run", &at.word);
    let made = calls.object("promotion_codes.create", codes.create(&params, at.none)).await;
    let plain = CreatePromotionCode::new(Promotion::coupon(&wares.coupon));
    let made = calls.or_plain(made, "promotion_codes.retrieve", codes.create(&plain, at.none)).await;
    let promotion = id(made.as_ref(), "promo_placeholder");
    calls.object("promotion_codes.retrieve", codes.retrieve(&promotion, at.none)).await;
    let params = UpdatePromotionCode::new().with_active(true).with_metadata("run", &at.word);
    calls.object("promotion_codes.update", codes.update(&promotion, &params, at.none)).await;
    let params = ListPromotionCodes::new()
        .with_active(true)
        .with_code(&code)
        .with_coupon(&wares.coupon)
        .with_customer(wares.customer)
        .with_created(at.lately())
        .with_limit(3)
        .with_starting_after(&promotion);
    calls.page("promotion_codes.list", codes.list(&params)).await;
}

pub(super) async fn remove(calls: &mut Calls, at: &Setting<'_>, coupon: &str) {
    calls.object("coupons.delete", at.stripe.coupons().delete(coupon, at.none)).await;
}
