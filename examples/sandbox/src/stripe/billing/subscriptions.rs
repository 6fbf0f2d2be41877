//! Subscriptions and their items.

use std::time::Duration;

use turnbuckle_core::{Error, ErrorKind, Result};
use turnbuckle_stripe::{
    AddInvoiceItem, AdvanceTestClock, BillingMode, CancelSubscription, CancellationDetails, CreateCustomer,
    CreateSubscription, CreateSubscriptionItem, CreateTestClock, DeleteSubscriptionItem,
    ListSubscriptionItems, ListSubscriptions, PauseCollection, ResumeSubscription, Subscription,
    SubscriptionInvoiceSettings, SubscriptionItemData, SubscriptionPaymentSettings, SubscriptionTransferData,
    TrialEndBehavior, TrialSettings, UpdateSubscription, UpdateSubscriptionItem, When,
};

use super::super::{Calls, Setting, USD, id};
use super::{Wares, discount, issuer, monthly_data, no_tax, once_data};

fn plain(wares: &Wares<'_>) -> CreateSubscription {
    CreateSubscription::new(wares.customer)
        .with_item(SubscriptionItemData::new().with_price(&wares.monthly))
        .with_default_payment_method(&wares.method)
}

fn settings(at: &Setting<'_>) -> SubscriptionInvoiceSettings {
    SubscriptionInvoiceSettings::new()
        .with_account_tax_ids([&at.outside.tax_id])
        .with_description("Sandbox run")
        .with_footer("Thank you")
        .with_issuer(issuer(at))
}

fn payment_settings() -> SubscriptionPaymentSettings {
    SubscriptionPaymentSettings::new()
        .with_payment_method_types(["card"])
        .with_save_default_payment_method("on_subscription")
}

/// `price` excludes `price_data`.
fn extra(at: &Setting<'_>, wares: &Wares<'_>) -> AddInvoiceItem {
    AddInvoiceItem::new()
        .with_price(&wares.once)
        .with_quantity(1)
        .with_discount(discount(wares))
        .with_tax_rates([&at.outside.tax_rate])
        .with_metadata("run", &at.word)
}

/// The id of a subscription with one item, for the operations that follow.
pub(super) async fn subscriptions(calls: &mut Calls, at: &Setting<'_>, wares: &Wares<'_>) -> String {
    let subscriptions = at.stripe.subscriptions();
    // Charging automatically excludes `days_until_due`; a trial excludes a backdated start and a billing cycle anchor,
    // its end excludes its length and the price's own; an end excludes
    // `cancel_at_period_end`; a share for the connected account excludes an application fee.
    let item = SubscriptionItemData::new()
        .with_price_data(monthly_data(&wares.product))
        .with_quantity(2)
        .with_discount(discount(wares))
        .with_tax_rates([&at.outside.tax_rate])
        .with_metadata("run", &at.word);
    let params = CreateSubscription::new(wares.customer)
        .with_item(item)
        .with_add_invoice_item(extra(at, wares))
        .with_automatic_tax(no_tax())
        .with_billing_mode(BillingMode::new("flexible"))
        .with_cancel_at(When::At(at.days(300)))
        .with_collection_method("charge_automatically")
        .with_currency(USD)
        .with_default_payment_method(&wares.method)
        .with_default_tax_rates([&at.outside.tax_rate])
        .with_description("Sandbox run")
        .with_discount(discount(wares))
        .with_invoice_settings(settings(at))
        .with_off_session(true)
        .with_on_behalf_of(&at.account)
        .with_payment_behavior("default_incomplete")
        .with_payment_settings(payment_settings())
        .with_proration_behavior("none")
        .with_transfer_data(SubscriptionTransferData::new(&at.account).with_amount_percent("90.5"))
        .with_trial_period_days(14)
        .with_trial_settings(TrialSettings::new(TrialEndBehavior::new("cancel")))
        .with_metadata("run", &at.word);
    calls.object("subscriptions.create", subscriptions.create(&params, at.none)).await;

    let made = calls.before("subscriptions.retrieve", subscriptions.create(&plain(wares), at.none)).await;
    let subscription = id(made.as_ref(), "sub_placeholder");
    calls.object("subscriptions.retrieve", subscriptions.retrieve(&subscription, at.none)).await;
    update(calls, at, wares, made.as_ref()).await;
    resume_and_list(calls, at, wares).await;
    let params = CancelSubscription::new()
        .with_cancellation_details(details())
        .with_invoice_now(true)
        .with_prorate(true);
    calls.object("subscriptions.cancel", subscriptions.cancel(&subscription, &params, at.none)).await;

    let next = calls.before("subscription_items.create", subscriptions.create(&plain(wares), at.none)).await;
    id(next.as_ref(), "sub_placeholder")
}

/// A subscription that the end of its trial paused, since its customer has no payment method: days go by on a test clock.
struct Paused {
    clock: String,
    customer: String,
    subscription: String,
}

impl Paused {
    /// How long Stripe may take to advance a clock, in seconds.
    const PATIENCE: u32 = 60;

    async fn make(at: &Setting<'_>, wares: &Wares<'_>) -> Result<Self> {
        let clocks = at.stripe.test_clocks();
        let clock = clocks.create(&CreateTestClock::new(at.now), at.none).await?.id;
        let customer = CreateCustomer::new().with_test_clock(&clock);
        let customer = at.stripe.customers().create(&customer, at.none).await?.id;
        let params = CreateSubscription::new(&customer)
            .with_item(SubscriptionItemData::new().with_price(&wares.monthly))
            .with_trial_period_days(1)
            .with_trial_settings(TrialSettings::new(TrialEndBehavior::new("pause")));
        let subscription = at.stripe.subscriptions().create(&params, at.none).await?.id;
        clocks.advance(&clock, &AdvanceTestClock::new(at.days(2)), at.none).await?;
        for _ in 0..Self::PATIENCE {
            if clocks.retrieve(&clock, at.none).await?.status == "ready" {
                return Ok(Self { clock, customer, subscription });
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        Err(Error::new(ErrorKind::Timeout, "the test clock is still on its way"))
    }
}

async fn resume_and_list(calls: &mut Calls, at: &Setting<'_>, wares: &Wares<'_>) {
    let subscriptions = at.stripe.subscriptions();
    let paused = calls.before("subscriptions.resume", Box::pin(Paused::make(at, wares))).await;
    let paused = paused.unwrap_or_else(|| Paused {
        clock: "clock_placeholder".to_owned(),
        customer: wares.customer.to_owned(),
        subscription: "sub_placeholder".to_owned(),
    });
    // Shortly after the time that the clock shows.
    let params = ResumeSubscription::new()
        .with_billing_cycle_anchor("unchanged")
        .with_proration_behavior("create_prorations")
        .with_proration_date(at.days(2) + chrono::Duration::minutes(10));
    calls.object("subscriptions.resume", subscriptions.resume(&paused.subscription, &params, at.none)).await;
    let params = ListSubscriptions::new()
        .with_collection_method("charge_automatically")
        .with_customer(&paused.customer)
        .with_price(&wares.monthly)
        .with_status("all")
        .with_test_clock(&paused.clock)
        .with_created(at.lately())
        .with_limit(3)
        .with_starting_after(&paused.subscription);
    calls.page("subscriptions.list", subscriptions.list(&params)).await;
    calls.before("subscriptions.list", at.stripe.test_clocks().delete(&paused.clock, at.none)).await;
}

fn details() -> CancellationDetails {
    CancellationDetails::new().with_comment("Too far away").with_feedback("too_expensive")
}

async fn update(calls: &mut Calls, at: &Setting<'_>, wares: &Wares<'_>, made: Option<&Subscription>) {
    let items = made.and_then(|made| made.items.as_ref());
    let item = id(items.and_then(|items| items.data.first()), "si_placeholder");
    // `deleted` and `clear_usage` would leave no item; `price` excludes `price_data`.
    let item = SubscriptionItemData::new()
        .with_id(item)
        .with_price(&wares.monthly)
        .with_quantity(2)
        .with_discount(discount(wares))
        .with_tax_rates([&at.outside.tax_rate])
        .with_metadata("run", &at.word);
    let goods = AddInvoiceItem::new()
        .with_price_data(once_data(&wares.product))
        .with_quantity(1)
        .with_discount(discount(wares))
        .with_tax_rates([&at.outside.tax_rate])
        .with_metadata("run", &at.word);
    // As above; an immediate end of the trial excludes a later one, and an end excludes `cancel_at_period_end`. An
    // application fee excludes a share for the connected account.
    let params = UpdateSubscription::new()
        .with_item(item)
        .with_add_invoice_item(goods)
        .with_automatic_tax(no_tax())
        .with_billing_cycle_anchor("unchanged")
        .with_cancel_at(When::At(at.days(300)))
        .with_cancellation_details(details())
        .with_collection_method("charge_automatically")
        .with_default_payment_method(&wares.method)
        .with_default_tax_rates(vec![at.outside.tax_rate.clone()])
        .with_description("Sandbox run, changed")
        .with_discounts(vec![discount(wares)])
        .with_invoice_settings(settings(at))
        .with_off_session(true)
        .with_on_behalf_of(&at.account)
        .with_pause_collection(PauseCollection::new("void").with_resumes_at(at.days(30)))
        .with_payment_behavior("allow_incomplete")
        .with_payment_settings(payment_settings())
        .with_proration_behavior("create_prorations")
        .with_proration_date(at.soon())
        .with_transfer_data(SubscriptionTransferData::new(&at.account).with_amount_percent("90.5"))
        .with_trial_end(When::now())
        .with_trial_settings(TrialSettings::new(TrialEndBehavior::new("cancel")))
        .with_metadata("run", &at.word);
    let subscription = id(made, "sub_placeholder");
    let updated = at.stripe.subscriptions().update(&subscription, &params, at.none);
    calls.object("subscriptions.update", updated).await;
}

pub(super) async fn subscription_items(
    calls: &mut Calls,
    at: &Setting<'_>,
    wares: &Wares<'_>,
    subscription: &str,
) {
    let items = at.stripe.subscription_items();
    // `price` excludes `price_data`: here the one, in the update the other.
    let params = CreateSubscriptionItem::new(subscription)
        .with_price_data(monthly_data(&wares.product))
        .with_quantity(2)
        .with_discount(discount(wares))
        .with_payment_behavior("allow_incomplete")
        .with_proration_behavior("create_prorations")
        .with_proration_date(at.soon())
        .with_tax_rates([&at.outside.tax_rate])
        .with_metadata("run", &at.word);
    let made = calls.object("subscription_items.create", items.create(&params, at.none)).await;
    let plain = CreateSubscriptionItem::new(subscription).with_price_data(monthly_data(&wares.product));
    let made = calls.or_plain(made, "subscription_items.retrieve", items.create(&plain, at.none)).await;
    let item = id(made.as_ref(), "si_placeholder");
    calls.object("subscription_items.retrieve", items.retrieve(&item, at.none)).await;
    let params = UpdateSubscriptionItem::new()
        .with_price_data(monthly_data(&wares.product))
        .with_quantity(3)
        .with_discounts(vec![discount(wares)])
        .with_off_session(true)
        .with_payment_behavior("allow_incomplete")
        .with_proration_behavior("create_prorations")
        .with_proration_date(at.soon())
        .with_tax_rates(vec![at.outside.tax_rate.clone()])
        .with_metadata("run", &at.word);
    calls.object("subscription_items.update", items.update(&item, &params, at.none)).await;
    let params = ListSubscriptionItems::new(subscription).with_limit(3).with_starting_after(&item);
    calls.page("subscription_items.list", items.list(&params)).await;
    // `clear_usage` is for metered prices.
    let params = DeleteSubscriptionItem::new()
        .with_payment_behavior("allow_incomplete")
        .with_proration_behavior("create_prorations")
        .with_proration_date(at.soon());
    calls.object("subscription_items.delete", items.delete(&item, &params, at.none)).await;
}
