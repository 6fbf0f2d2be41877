//! Subscriptions.

use turnbuckle_authnet::{Order, Page, RecurringInterval, RecurringRequest, RecurringSearch, Schedule};

use super::{Calls, Setting, address, card, customer, dollars};

pub(super) async fn every_operation(calls: &mut Calls, at: &Setting<'_>) {
    let recurring = at.client.recurring();
    // A stored method (`profile`) excludes `payment`, `customer` and `bill_to`, and is not found for a while after it
    // was made.
    let mut subscription = RecurringRequest::default();
    subscription.name = Some(format!("Sandbox run {}", at.word));
    subscription.payment_schedule =
        Some(Schedule::new(RecurringInterval::new(1, "months"), at.days(1).date_naive(), Schedule::ENDLESS));
    subscription.amount = Some(dollars(1029).into());
    subscription.payment = Some(card());
    subscription.order = Some(Order::new(at.invoice("sub")).with_description("Sandbox run"));
    let mut payer = customer(at);
    payer.phone_number = Some("+15555550100".to_owned());
    subscription.customer = Some(payer);
    subscription.bill_to = Some(address());
    let named = |id: &Option<String>| format!("ok {}", id.as_deref().unwrap_or("without an id"));
    let made = calls.runner.run("recurring.create", recurring.create(&subscription), named).await.flatten();
    let id = made.unwrap_or_else(|| "1".to_owned());

    // The interval cannot be changed, and what pays is still good.
    let mut changes = RecurringRequest::default();
    changes.name = Some(format!("Sandbox run {}, changed", at.word));
    changes.amount = Some(dollars(1129).into());
    changes.payment = Some(card());
    changes.order = Some(Order::new(at.invoice("sub2")).with_description("Sandbox run, changed"));
    changes.customer = Some(customer(at));
    changes.bill_to = Some(address());
    calls.runner.run("recurring.update", recurring.update(&id, &changes), |()| "ok".to_owned()).await;
    calls.runner.run("recurring.status", recurring.status(&id), named).await;
    calls
        .runner
        .run("recurring.get", recurring.get(&id, true), |own| {
            format!("ok {} payments", own.arb_transactions.len())
        })
        .await;
    let page = recurring.list(RecurringSearch::SubscriptionActive, Page::new(1).with_limit(5));
    calls.runner.run("recurring.list", page, |list| format!("ok {} on the page", list.len())).await;
    calls.runner.run("recurring.cancel", recurring.cancel(&id), |()| "ok".to_owned()).await;
}
