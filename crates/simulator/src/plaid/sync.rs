//! The stream of changes since a cursor.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::error::{ApiError, Outcome};
use super::ledger::{Ledger, Row, Status};
use super::router::Call;
use super::transactions;

/// A place in the order of changes: everything up to `from` is known, and the pages up to `to` are being read.
struct Cursor {
    item: String,
    account: Option<String>,
    from: u64,
    /// While a loop runs: where it ends, and how many changes of it were given.
    within: Option<(u64, usize)>,
}

impl Cursor {
    fn read(text: &str) -> Option<Self> {
        let plain = String::from_utf8(URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
        let mut parts = plain.split('.');
        let (item, account) = (parts.next()?.to_owned(), parts.next()?);
        let from = parts.next()?.parse().ok()?;
        let within = match (parts.next(), parts.next()) {
            (Some(to), Some(given)) => Some((to.parse().ok()?, given.parse().ok()?)),
            _ => None,
        };
        Some(Self { item, account: (!account.is_empty()).then(|| account.to_owned()), from, within })
    }

    fn text(&self) -> String {
        let within = self.within.map(|(to, given)| format!(".{to}.{given}")).unwrap_or_default();
        let account = self.account.as_deref().unwrap_or_default();
        URL_SAFE_NO_PAD.encode(format!("{}.{account}.{}{within}", self.item, self.from))
    }
}

/// What a change is to somebody who knows everything up to `from`.
enum Change<'a> {
    Added(&'a Row),
    Modified(&'a Row),
    Removed(&'a Row),
}

fn changes<'a>(ledger: &'a Ledger, account: Option<&'a str>, from: u64) -> impl Iterator<Item = Change<'a>> {
    let own = move |row: &&Row| account.is_none_or(|account| row.account == account);
    ledger.rows.iter().filter(own).filter_map(move |row| match (row.created > from, row.removed) {
        // It came and went unseen.
        (true, Some(_)) => None,
        (true, None) => Some(Change::Added(row)),
        (false, Some(at)) => (at > from).then_some(Change::Removed(row)),
        (false, None) => (row.changed > from).then_some(Change::Modified(row)),
    })
}

pub(super) fn sync(call: &mut Call<'_>) -> Outcome {
    transactions::begin(call)?;
    let view = transactions::view(call);
    let count = call.size("count", 100);
    let account = call.option("account_id").and_then(Value::as_str).map(str::to_owned);
    let text = call.text("cursor").to_owned();
    let item = call.item_with("transactions")?;
    if account.as_ref().is_some_and(|id| item.account(id).is_none()) {
        return Err(ApiError::of("INVALID_ACCOUNT_ID"));
    }
    let mut cursor = if text.is_empty() {
        Cursor { item: item.id.clone(), account: account.clone(), from: 0, within: None }
    } else {
        Cursor::read(&text).ok_or_else(|| ApiError::field("cursor is invalid"))?
    };
    if cursor.item != item.id {
        return Err(ApiError::field("cursor not associated with access_token"));
    }
    if cursor.account != account {
        return Err(ApiError::field("cursor not associated with account_id"));
    }
    let accounts: Vec<_> = item.accounts.iter().map(|account| account.shown(None)).collect();
    let Some(ledger) = &mut item.ledger else { return Err(ApiError::of("PRODUCT_NOT_READY")) };
    ledger.synced = true;
    if ledger.status == Status::NotReady {
        return Ok(page(&[], &[], &[], &[], "", false, Status::NotReady));
    }
    let (to, given) = cursor.within.unwrap_or((ledger.counter, 0));
    let own = |row: &&Row| account.as_ref().is_none_or(|account| row.account == *account);
    if to > ledger.counter || cursor.from > to {
        return Err(ApiError::field("cursor is invalid"));
    }
    if ledger.rows.iter().filter(own).any(|row| row.last() > to) {
        return Err(ApiError {
            kind: "TRANSACTIONS_ERROR",
            ..ApiError::of("TRANSACTIONS_SYNC_MUTATION_DURING_PAGINATION")
        });
    }
    let (mut added, mut modified, mut removed) = (Vec::new(), Vec::new(), Vec::new());
    let mut rest = changes(ledger, account.as_deref(), cursor.from).skip(given);
    for change in rest.by_ref().take(count) {
        match change {
            Change::Added(row) => added.push(row.shown(view)),
            Change::Modified(row) => modified.push(row.shown(view)),
            Change::Removed(row) => {
                removed.push(json!({ "transaction_id": row.id, "account_id": row.account }));
            }
        }
    }
    let more = rest.next().is_some();
    drop(rest);
    if more {
        cursor.within = Some((to, given + count));
    } else {
        (cursor.from, cursor.within) = (to, None);
    }
    Ok(page(&accounts, &added, &modified, &removed, &cursor.text(), more, ledger.status))
}

fn page(
    accounts: &[Value],
    added: &[Value],
    modified: &[Value],
    removed: &[Value],
    cursor: &str,
    more: bool,
    status: Status,
) -> Value {
    json!({
        "accounts": accounts,
        "added": added,
        "modified": modified,
        "removed": removed,
        "next_cursor": cursor,
        "has_more": more,
        "transactions_update_status": status.word(),
    })
}
