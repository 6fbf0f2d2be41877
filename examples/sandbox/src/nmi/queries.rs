//! What is read back of the account and its transactions.

use chrono::Duration;
use turnbuckle_nmi::{Page, TransactionSearch};

use super::{Calls, Setting};

pub(super) async fn account(calls: &mut Calls, at: &Setting<'_>) {
    let queries = at.nmi.query();
    let show = |profile: &turnbuckle_nmi::Profile| {
        format!("ok {}", profile.company.as_deref().unwrap_or("without a company"))
    };
    calls.runner.run("query_profile", queries.profile(), show).await;
    calls.runner.run("query_test_mode_status", queries.test_mode(), |on| format!("ok test mode {on}")).await;
}

pub(super) async fn transactions(calls: &mut Calls, at: &Setting<'_>) {
    // `subscription_id` names payments of a subscription, which the sale is not.
    let mut search = TransactionSearch::by_order_id(at.id("sale"))
        .modified_since(at.now - Duration::minutes(5))
        .with_page(Page::new(0, 3).newest_first());
    search.transaction_ids = vec![at.sale.clone()];
    search.customer_vault_id = Some(at.id("paid"));
    search.action_types = vec!["sale".to_owned(), "refund".to_owned()];
    search.conditions = vec!["pendingsettlement".to_owned(), "complete".to_owned()];
    search.defined_field = Some((20, format!("{} 20", at.word)));
    search.modified_until = Some(at.now + Duration::hours(1));
    calls.list("query_transactions", at.nmi.query().transactions(&search)).await;
}
