//! The balance, its ledger, and payouts from it.

use turnbuckle_stripe::{CreatePayout, Created, ListBalanceTransactions, ListPayouts};

use super::payments::{charge_of, earn};
use super::{Calls, Setting, USD, id};

pub(super) async fn balance(calls: &mut Calls, at: &Setting<'_>) {
    let entries = at.stripe.balance_transactions();
    let balance = at.stripe.balance().retrieve(at.none);
    let show = |balance: &turnbuckle_stripe::Balance| format!("ok livemode {}", balance.livemode);
    calls.runner.run("balance.retrieve", balance, show).await;
    let paid = calls.before("balance_transactions.retrieve", earn(at, 20_000)).await;
    let charge = charge_of(paid.as_ref());
    let found = entries.list(&ListBalanceTransactions::new().with_source(&charge)).page();
    let found = calls.before("balance_transactions.retrieve", found).await;
    let entry = id(found.as_ref().and_then(|page| page.data.first()), "txn_placeholder");
    calls.object("balance_transactions.retrieve", entries.retrieve(&entry, at.none)).await;
    // `payout` is for automatic payouts, and one that has not happened has no entries.
    let params = ListBalanceTransactions::new()
        .with_source(&charge)
        .with_transaction_type("charge")
        .with_currency(USD)
        .with_created(at.lately())
        .with_limit(3)
        .with_starting_after(&entry);
    calls.page("balance_transactions.list", entries.list(&params)).await;
}

pub(super) async fn payouts(calls: &mut Calls, at: &Setting<'_>) {
    let payouts = at.stripe.payouts();
    let bank = at.outside.bank_account.clone();
    // `destination` excludes `payout_method`.
    let params = CreatePayout::new(100, USD)
        .with_description("Sandbox run")
        .with_destination(&bank)
        .with_method("standard")
        .with_source_type("card")
        .with_statement_descriptor("SANDBOX")
        .with_metadata("run", &at.word);
    let made = calls.object("payouts.create", payouts.create(&params, at.none)).await;
    let plain = CreatePayout::new(100, USD);
    let made = calls.or_plain(made, "payouts.retrieve", payouts.create(&plain, at.none)).await;
    let bank = made.as_ref().and_then(|made| made.destination.as_ref()).map_or(bank, |to| to.id().to_owned());
    let payout = id(made.as_ref(), "po_placeholder");
    calls.object("payouts.retrieve", payouts.retrieve(&payout, at.none)).await;
    let params = ListPayouts::new()
        .with_arrival_date(Created::since(at.now).until(at.days(14)))
        .with_destination(&bank)
        .with_status("pending")
        .with_created(at.lately())
        .with_limit(3)
        .with_starting_after(&payout);
    calls.page("payouts.list", payouts.list(&params)).await;
    calls.object("payouts.cancel", payouts.cancel(&payout, at.none)).await;
}
