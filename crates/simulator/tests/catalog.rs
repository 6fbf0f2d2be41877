//! Products, prices, coupons and promotion codes.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail")]

mod common;

use common::{Client, id};

#[test]
fn products_have_prices_and_lookup_keys_are_unique() {
    let stripe = Client::new();
    let product =
        stripe.post("/v1/products", "name=Gold&id=gold&metadata[a]=1&marketing_features[0][name]=x").ok();
    assert_eq!((id(&product), product["active"].as_bool()), ("gold", Some(true)));
    assert_eq!(stripe.post("/v1/products", "name=Gold&id=gold").error()["code"], "resource_already_exists");
    let body = "product=gold&currency=usd&unit_amount=1500&recurring[interval]=month&lookup_key=gold_monthly";
    let price = stripe.post("/v1/prices", body).ok();
    assert_eq!(
        (price["type"].as_str(), price["unit_amount_decimal"].as_str()),
        (Some("recurring"), Some("1500"))
    );
    assert_eq!(stripe.post("/v1/prices", body).error()["param"], "lookup_key");
    let moved = stripe.post("/v1/prices", &format!("{body}&transfer_lookup_key=true")).ok();
    let found = stripe.get("/v1/prices?lookup_keys[]=gold_monthly&expand[]=data.product").ok();
    assert_eq!(found["data"].as_array().unwrap().len(), 1);
    assert_eq!(
        (&found["data"][0]["id"], &found["data"][0]["product"]["name"]),
        (&moved["id"], &"Gold".into())
    );
    let once =
        stripe.post("/v1/prices", "currency=usd&unit_amount_decimal=0.5&product_data[name]=Screw").ok();
    assert_eq!((once["type"].as_str(), once["unit_amount"].as_i64()), (Some("one_time"), None));
    assert_eq!(stripe.get("/v1/prices?type=one_time").ok()["data"][0]["id"], once["id"]);
    let refused = stripe.send("DELETE", "/v1/products/gold", "");
    assert_eq!(refused.status, 400, "a product with prices stays");
    let plain = stripe
        .post(
            "/v1/products",
            "name=Plain&default_price_data[currency]=usd&default_price_data[unit_amount]=100",
        )
        .ok();
    assert!(plain["default_price"].as_str().unwrap().starts_with("price_"));
    let bare = stripe.post("/v1/products", "name=Bare").ok();
    assert_eq!(stripe.send("DELETE", &format!("/v1/products/{}", id(&bare)), "").ok()["deleted"], true);
    assert_eq!(stripe.get(&format!("/v1/products/{}", id(&bare))).status, 404);
    assert!(stripe.kinds_of_events().contains(&"product.deleted".to_owned()));
}

#[test]
fn prices_are_checked() {
    let stripe = Client::new();
    stripe.post("/v1/products", "name=P&id=p").ok();
    for (form, param) in [
        ("currency=usd&product=p", "unit_amount"),
        ("currency=usd&product=p&unit_amount=-1", "unit_amount"),
        ("currency=usd&product=p&unit_amount_decimal=x", "unit_amount_decimal"),
        ("currency=usd&unit_amount=1", "product"),
        ("currency=usd&unit_amount=1&product=none", "product"),
        ("currency=usd&unit_amount=1&product=p&recurring[interval]=hour", "recurring[interval]"),
        (
            "currency=usd&unit_amount=1&product=p&recurring[interval]=year&recurring[interval_count]=4",
            "recurring[interval_count]",
        ),
        ("currency=usd&unit_amount=1&product=p&billing_scheme=tiered", "unit_amount"),
        ("currency=usd&unit_amount=1&product=p&colour=red", "colour"),
    ] {
        let reply = stripe.post("/v1/prices", form);
        assert_eq!((reply.status, reply.error()["param"].as_str()), (400, Some(param)), "{form}");
    }
    assert!(stripe.sim.stripe().prices().is_empty());
    let price = stripe.post("/v1/prices", "currency=usd&unit_amount=1&product=p").ok();
    let changed = stripe.post(&format!("/v1/prices/{}", id(&price)), "active=false&nickname=old").ok();
    assert_eq!((changed["active"].as_bool(), changed["nickname"].as_str()), (Some(false), Some("old")));
    assert_eq!(
        stripe.post(&format!("/v1/prices/{}", id(&price)), "unit_amount=2").error()["code"],
        "parameter_unknown"
    );
}

#[test]
fn coupons_and_codes_run_out() {
    let stripe = Client::new();
    let coupon =
        stripe.post("/v1/coupons", "id=TEN&percent_off=12.5&duration=repeating&duration_in_months=3").ok();
    assert_eq!((coupon["percent_off"].as_f64(), coupon["valid"].as_bool()), (Some(12.5), Some(true)));
    for bad in [
        "percent_off=0",
        "percent_off=101",
        "amount_off=5",
        "percent_off=5&amount_off=5&currency=usd",
        "percent_off=5&duration=repeating",
        "",
    ] {
        assert_eq!(stripe.post("/v1/coupons", bad).status, 400, "{bad}");
    }
    let code =
        stripe.post("/v1/promotion_codes", "promotion[type]=coupon&promotion[coupon]=TEN&code=SPRING").ok();
    assert_eq!((code["promotion"]["coupon"].as_str(), code["active"].as_bool()), (Some("TEN"), Some(true)));
    assert_eq!(
        stripe.post("/v1/promotion_codes", "promotion[type]=coupon&promotion[coupon]=TEN&code=spring").status,
        400
    );
    let found = stripe.get("/v1/promotion_codes?code=spring&expand[]=data.promotion.coupon").ok();
    assert_eq!(found["data"][0]["promotion"]["coupon"]["id"], "TEN");
    let off = stripe.post(&format!("/v1/promotion_codes/{}", id(&code)), "active=false").ok();
    assert_eq!(off["active"], false);
    let late = stripe.sim.clock().unix() + 60;
    stripe.post("/v1/coupons", &format!("id=SOON&amount_off=500&currency=usd&redeem_by={late}")).ok();
    stripe.sim.clock().advance(std::time::Duration::from_secs(60));
    assert_eq!(stripe.get("/v1/coupons/SOON").ok()["valid"], false);
    assert_eq!(stripe.send("DELETE", "/v1/coupons/SOON", "").ok()["deleted"], true);
    assert_eq!(stripe.get("/v1/coupons/SOON").status, 404);
    assert_eq!(stripe.get("/v1/coupons").ok()["data"].as_array().unwrap().len(), 1);
}
