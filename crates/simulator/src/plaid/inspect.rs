//! What there is at Plaid, for tests and for a look from outside. Amounts are text, so that nothing of them is lost.

use serde_json::{Value, json};

use super::PlaidSimulator;
use super::amount;
use super::ledger::View;

const VIEW: View = View { original_description: true, categories: "v2" };

impl PlaidSimulator {
    /// Every item, in order, removed ones included. Besides Plaid's own fields: `removed`, `username`, and
    /// `transactions_update_status` (null before transactions were asked for).
    pub fn items(&self) -> Vec<Value> {
        let world = self.present();
        let shown = |item: &super::Item| {
            let mut shown = item.shown();
            if let Some(fields) = shown.as_object_mut() {
                let status = item.ledger.as_ref().map(|ledger| ledger.status.word());
                fields.insert("removed".to_owned(), item.removed.into());
                fields.insert("username".to_owned(), item.username.clone().into());
                fields.insert("transactions_update_status".to_owned(), json!(status));
            }
            shown
        };
        world.items.iter().map(shown).collect()
    }

    /// The accounts of an item, as `/accounts/get` shows them; none for an unknown item.
    pub fn accounts(&self, item_id: &str) -> Vec<Value> {
        let world = self.present();
        let item = world.items.iter().find(|item| item.id == item_id);
        let accounts = item.into_iter().flat_map(|item| &item.accounts);
        accounts.map(|account| amount::readable(account.shown(None))).collect()
    }

    /// The transactions of an item that are there now, in the order in which they came; none for an unknown item.
    pub fn transactions(&self, item_id: &str) -> Vec<Value> {
        let world = self.present();
        let item = world.items.iter().find(|item| item.id == item_id);
        let ledger = item.and_then(|item| item.ledger.as_ref());
        let rows = ledger.into_iter().flat_map(super::ledger::Ledger::live);
        rows.map(|row| amount::readable(row.shown(VIEW))).collect()
    }

    /// Every link token with its sessions, in order, as `/link/token/get` shows them, and `hosted_link_url`.
    pub fn link_tokens(&self) -> Vec<Value> {
        let world = self.present();
        let now = world.clock.unix();
        let shown = |link: &super::LinkToken| {
            let mut shown = link.shown(now);
            if let Some(fields) = shown.as_object_mut() {
                fields.insert("hosted_link_url".to_owned(), json!(link.hosted_url));
            }
            shown
        };
        world.links.iter().map(shown).collect()
    }

    pub(super) fn everything(&self) -> Value {
        let items: Vec<_> = self.items();
        let ids = || items.iter().filter_map(|item| item.get("item_id").and_then(Value::as_str));
        let accounts: serde_json::Map<_, _> =
            ids().map(|id| (id.to_owned(), self.accounts(id).into())).collect();
        let transactions: serde_json::Map<_, _> =
            ids().map(|id| (id.to_owned(), self.transactions(id).into())).collect();
        json!({
            "items": items,
            "accounts": accounts,
            "transactions": transactions,
            "link_tokens": self.link_tokens(),
        })
    }
}
