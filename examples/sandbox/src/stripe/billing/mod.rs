//! Products, prices, discounts, subscriptions, invoices, payment pages, test clocks.

mod catalog;
mod discounts;
mod invoices;
mod pages;
mod subscriptions;

use turnbuckle_stripe::{
    AccountChoice, AdvanceTestClock, AutomaticTax, CreateTestClock, Discount, ListTestClocks, PriceData,
    ProductData, Recurring,
};

use super::{Calls, Setting, USD, id};

/// What the operations of billing share.
struct Wares<'a> {
    customer: &'a str,
    /// A payment method of the customer.
    method: String,
    product: String,
    /// A price a month.
    monthly: String,
    /// A price once.
    once: String,
    coupon: String,
}

pub(super) async fn every_operation(calls: &mut Calls, at: &Setting<'_>, customer: &str) {
    let attach = turnbuckle_stripe::AttachPaymentMethod::new(customer);
    let methods = at.stripe.payment_methods();
    let attached = methods.attach("pm_card_visa", &attach, at.none);
    let method = calls.before("subscriptions.create", attached).await;
    let product = catalog::products(calls, at).await;
    let (monthly, once) = catalog::prices(calls, at, &product).await;
    let coupon = discounts::coupons(calls, at, &product).await;
    let method = id(method.as_ref(), "pm_placeholder");
    let wares = Wares { customer, method, product, monthly, once, coupon };
    discounts::promotion_codes(calls, at, &wares).await;
    let subscription = Box::pin(subscriptions::subscriptions(calls, at, &wares)).await;
    subscriptions::subscription_items(calls, at, &wares, &subscription).await;
    let item = Box::pin(invoices::invoice_items(calls, at, &wares)).await;
    Box::pin(invoices::invoices(calls, at, &wares, &subscription, &item)).await;
    Box::pin(pages::checkout_sessions(calls, at, &wares)).await;
    pages::payment_links(calls, at, &wares).await;
    pages::portal_sessions(calls, at, &wares, &subscription).await;
    discounts::remove(calls, at, &wares.coupon).await;
    test_clocks(calls, at).await;
}

async fn test_clocks(calls: &mut Calls, at: &Setting<'_>) {
    let clocks = at.stripe.test_clocks();
    let params = CreateTestClock::new(at.days(1)).with_name("Sandbox run");
    let made = calls.object("test_clocks.create", clocks.create(&params, at.none)).await;
    let clock = id(made.as_ref(), "clock_placeholder");
    calls.object("test_clocks.retrieve", clocks.retrieve(&clock, at.none)).await;
    let params = ListTestClocks::new().with_limit(3).with_starting_after(&clock);
    calls.page("test_clocks.list", clocks.list(&params)).await;
    let params = AdvanceTestClock::new(at.days(2));
    calls.object("test_clocks.advance", clocks.advance(&clock, &params, at.none)).await;
    calls.object("test_clocks.delete", clocks.delete(&clock, at.none)).await;
}

/// A month's price on the spot. The product has to exist: `product` excludes `product_data`, `unit_amount` excludes
/// `unit_amount_decimal`.
fn monthly_data(product: &str) -> PriceData {
    PriceData::new(USD)
        .with_product(product)
        .with_recurring(Recurring::new("month").with_interval_count(1))
        .with_tax_behavior("exclusive")
        .with_unit_amount(2000)
}

/// A price on the spot that is paid once. As above.
fn once_data(product: &str) -> PriceData {
    PriceData::new(USD).with_product(product).with_tax_behavior("exclusive").with_unit_amount_decimal("2000")
}

/// A price and a product on the spot; only pages take them.
fn new_goods(word: &str) -> PriceData {
    let goods = ProductData::new("Sandbox board")
        .with_description("Two sizes")
        .with_images(["https://example.com/board.png"])
        .with_tax_code("txcd_99999999")
        .with_unit_label("board")
        .with_metadata("run", word);
    PriceData::new(USD)
        .with_product_data(goods)
        .with_tax_behavior("exclusive")
        .with_unit_amount_decimal("2000")
}

/// One of `coupon`, `discount` and `promotion_code`.
fn discount(wares: &Wares<'_>) -> Discount {
    Discount::new().with_coupon(&wares.coupon)
}

/// Who issues invoices: the connected account, which they are also on behalf of.
fn issuer(at: &Setting<'_>) -> AccountChoice {
    AccountChoice::new("account").with_account(&at.account)
}

/// Off: tax rates exclude automatic tax, and it takes an account that is set up for it.
fn no_tax() -> AutomaticTax {
    AutomaticTax::new(false)
}
