//! Plans and subscriptions.

use chrono::Duration;
use turnbuckle_core::Result;
use turnbuckle_core::money::Currency;
use turnbuckle_nmi::{
    Frequency, NewSubscription, Page, PlanTerms, Source, SubscriptionChange, SubscriptionPlan,
    SubscriptionRecord, VaultDetails, VaultMethod,
};

use super::{Calls, MASTERCARD, Setting, VISA, card, contact, dollars};

pub(super) async fn every_operation(calls: &mut Calls, at: &Setting<'_>) -> Result<()> {
    let recurring = at.nmi.recurring();
    let plan = at.id("plan");
    let monthly = Frequency::Months { months: 1, day: 31 };
    let terms = PlanTerms::new(dollars(999), monthly).with_payments(12);
    calls.reply("add_plan", recurring.add_plan(&plan, "Sandbox run", &terms)).await;
    let changed = PlanTerms::new(dollars(1_099), monthly).with_payments(24);
    calls.reply("edit_plan", recurring.edit_plan(&plan, "Sandbox run, changed", &changed)).await;

    let customer = at.id("subscriber");
    let source = Source::Card(card(VISA)?);
    calls
        .before("add_subscription", at.nmi.vault().add_customer(&customer, &source, &VaultDetails::new()))
        .await;
    // A plan excludes terms of its own, which the change below has.
    let mut new = NewSubscription::new(
        SubscriptionPlan::Existing(plan),
        Source::Vault(VaultMethod::new(&customer)),
        Currency::USD,
    )
    .with_order_id(at.id("subscription"))
    .with_start_date((at.now + Duration::days(40)).date_naive());
    new.order_description = Some("Sandbox run".to_owned());
    new.processor_id = Some(at.processor.clone());
    new.billing = contact();
    new.defined_fields = (1..=20).map(|number| (number, at.word.clone())).collect();
    let added = calls.reply("add_subscription", recurring.add_subscription(&new)).await;
    let subscription = added.as_ref().and_then(|reply| reply.subscription_id()).unwrap_or("1").to_owned();

    let mut change = SubscriptionChange::new()
        .with_terms(PlanTerms::new(dollars(1_199), Frequency::Days(30)).with_payments(6))
        .with_source(Source::Card(card(MASTERCARD)?));
    change.start_date = Some((at.now + Duration::days(50)).date_naive());
    change.order_description = Some("Sandbox run, changed".to_owned());
    calls.reply("update_subscription", recurring.update_subscription(&subscription, &change)).await;

    let queries = at.nmi.query();
    let show = |found: &Option<SubscriptionRecord>| {
        let found = found.as_ref().map(|subscription| subscription.subscription_id.as_str());
        format!("ok {}", found.unwrap_or("none"))
    };
    calls.runner.run("query_recurring (one)", queries.subscription(&subscription), show).await;
    let page = Page::new(0, 3).newest_first();
    calls.list("query_recurring (page)", queries.subscriptions(page)).await;
    calls.list("query_recurring_plans", queries.plans(page)).await;
    calls.reply("delete_subscription", recurring.delete_subscription(&subscription)).await;
    // Nothing is to be charged after this run.
    calls.before("delete_subscription", at.nmi.vault().delete_customer(&customer)).await;
    Ok(())
}
