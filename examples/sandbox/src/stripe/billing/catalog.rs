//! Products and prices.

use turnbuckle_stripe::{
    CreatePrice, CreateProduct, DefaultPriceData, ListPrices, ListProducts, MarketingFeature, PriceRecurring,
    PriceTier, Recurring, UpdatePrice, UpdateProduct,
};

use super::super::{Calls, PAGE, Setting, USD, id};

const PICTURE: &str = "https://example.com/board.png";
/// General, tangible goods.
const TAX_CODE: &str = "txcd_99999999";

/// `products.delete` gets a product of its own: one with prices stays.
pub(super) async fn products(calls: &mut Calls, at: &Setting<'_>) -> String {
    let products = at.stripe.products();
    // `unit_amount` excludes `unit_amount_decimal`.
    let price = DefaultPriceData::new(USD)
        .with_recurring(Recurring::new("month").with_interval_count(3))
        .with_tax_behavior("exclusive")
        .with_unit_amount_decimal("2000")
        .with_metadata("run", &at.word);
    let params = CreateProduct::new("Sandbox board")
        .with_id(format!("prod_sandbox_{}", at.word))
        .with_active(true)
        .with_default_price_data(price)
        .with_description("Two sizes")
        .with_images([PICTURE])
        .with_marketing_feature(MarketingFeature::new("Two sizes"))
        .with_shippable(true)
        .with_statement_descriptor("SANDBOX")
        .with_tax_code(TAX_CODE)
        .with_unit_label("board")
        .with_url(PAGE)
        .with_metadata("run", &at.word);
    let made = calls.object("products.create", products.create(&params, at.none)).await;
    let plain = CreateProduct::new("Sandbox board");
    let made = calls.or_plain(made, "products.retrieve", products.create(&plain, at.none)).await;
    let product = id(made.as_ref(), "prod_placeholder");
    calls.object("products.retrieve", products.retrieve(&product, at.none)).await;

    let price = CreatePrice::new(USD).with_product(&product).with_unit_amount(2100);
    let price = calls.before("products.update", at.stripe.prices().create(&price, at.none)).await;
    let params = UpdateProduct::new()
        .with_active(true)
        .with_default_price(id(price.as_ref(), "price_placeholder"))
        .with_description("Three sizes")
        .with_images([PICTURE])
        .with_marketing_feature(MarketingFeature::new("Three sizes"))
        .with_name("Sandbox board")
        .with_shippable(true)
        .with_statement_descriptor("SANDBOX")
        .with_tax_code(TAX_CODE)
        .with_unit_label("board")
        .with_url(PAGE)
        .with_metadata("run", &at.word);
    calls.object("products.update", products.update(&product, &params, at.none)).await;
    // `ids` excludes `starting_after`.
    let params = ListProducts::new()
        .with_active(true)
        .with_ids([&product])
        .with_shippable(true)
        .with_url(PAGE)
        .with_created(at.lately())
        .with_limit(3);
    calls.page("products.list", products.list(&params)).await;
    let spare = calls.before("products.delete", products.create(&plain, at.none)).await;
    let spare = id(spare.as_ref(), "prod_placeholder");
    calls.object("products.delete", products.delete(&spare, at.none)).await;
    product
}

/// Answers with a price a month and a price once.
pub(super) async fn prices(calls: &mut Calls, at: &Setting<'_>, product: &str) -> (String, String) {
    let prices = at.stripe.prices();
    // A price has tiers, one amount, a decimal amount or an amount that the payer picks: the last three, and
    // `transform_quantity`, are left out. `product` excludes `product_data`. A meter, which this client cannot make,
    // excludes a trial and asks for metered usage. In a tier, each amount excludes its decimal.
    let params = CreatePrice::new(USD)
        .with_active(true)
        .with_billing_scheme("tiered")
        .with_lookup_key(format!("sandbox_{}", at.word))
        .with_nickname("Sandbox run")
        .with_product(product)
        .with_recurring(
            PriceRecurring::new("month")
                .with_interval_count(1)
                .with_trial_period_days(14)
                .with_usage_type("licensed"),
        )
        .with_tax_behavior("exclusive")
        .with_tier(PriceTier::new(Some(10)).with_unit_amount(500).with_flat_amount(100))
        .with_tier(PriceTier::new(None).with_unit_amount_decimal("400.5").with_flat_amount_decimal("100.5"))
        .with_tiers_mode("graduated")
        .with_transfer_lookup_key(true)
        .with_metadata("run", &at.word);
    let made = calls.object("prices.create", prices.create(&params, at.none)).await;
    let plain = CreatePrice::new(USD)
        .with_product(product)
        .with_unit_amount(2000)
        .with_recurring(PriceRecurring::new("month"));
    let monthly = calls.before("subscriptions.create", prices.create(&plain, at.none)).await;
    let monthly = id(monthly.as_ref(), "price_placeholder");
    let plain = CreatePrice::new(USD).with_product(product).with_unit_amount(2000);
    let once = calls.before("invoices.create", prices.create(&plain, at.none)).await;
    let once = id(once.as_ref(), "price_placeholder");

    let price = made.map_or_else(|| monthly.clone(), |made| made.id);
    calls.object("prices.retrieve", prices.retrieve(&price, at.none)).await;
    // A tax behavior that is set stays: the same again.
    let params = UpdatePrice::new()
        .with_active(true)
        .with_lookup_key(format!("sandbox_{}", at.word))
        .with_nickname("Sandbox run, changed")
        .with_tax_behavior("exclusive")
        .with_transfer_lookup_key(true)
        .with_metadata("run", &at.word);
    calls.object("prices.update", prices.update(&price, &params, at.none)).await;
    let params = ListPrices::new()
        .with_active(true)
        .with_currency(USD)
        .with_lookup_keys([format!("sandbox_{}", at.word)])
        .with_product(product)
        .with_price_type("recurring")
        .with_created(at.lately())
        .with_limit(3)
        .with_starting_after(&price);
    calls.page("prices.list", prices.list(&params)).await;
    (monthly, once)
}
