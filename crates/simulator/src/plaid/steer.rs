//! What persons and banks do, and what a test writes into a ledger.

use serde_json::{Map, Value};

use super::amount::Amount;
use super::arrivals::OTHER;
use super::dates;
use super::error::ApiError;
use super::institutions::{self, Health};
use super::item::Item;
use super::items::{self, NewItem};
use super::ledger::{News, Row, Status};
use super::login::LinkLogin;
use super::{PlaidSimulator, World, amount, link};

/// An item that a test opened without a session.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct OpenedItem {
    /// What data are asked for with.
    pub access_token: String,
    /// The item's id.
    pub item_id: String,
}

impl PlaidSimulator {
    /// A person finishes the session of a link token. Gives what the browser code hands over (`public_token`,
    /// `institution`, `accounts`; after a repair a null `public_token`), or Plaid's error when the bank refuses.
    pub fn complete_link(&self, link_token: &str, login: &LinkLogin) -> Result<Value, Value> {
        link::complete(&mut self.present(), link_token, login)
            .map(amount::readable)
            .map_err(|error| error.told())
    }

    /// An item of `user_good`, linked and exchanged. `None` for an unknown bank.
    pub fn open_item(
        &self,
        institution_id: &str,
        products: &[&str],
        webhook: Option<&str>,
    ) -> Option<OpenedItem> {
        let mut world = self.present();
        let bank = institutions::find(institution_id)?;
        let public = items::create(
            &mut world,
            NewItem {
                bank,
                username: "user_good".to_owned(),
                products: products.iter().map(|product| (*product).to_owned()).collect(),
                webhook: webhook.map(str::to_owned),
                days_requested: 90,
                microdeposits: false,
            },
        );
        world.public.remove(&public);
        let access_token = format!("access-sandbox-{}", world.ids.uuid());
        let at = world.items.len() - 1;
        world.access.insert(access_token.clone(), (at, true));
        let item_id = world.items.get(at)?.id.clone();
        Some(OpenedItem { access_token, item_id })
    }

    fn on_item<T>(
        &self,
        item_id: &str,
        act: impl FnOnce(&mut Item, u64, &mut Vec<(Value, String)>) -> T,
    ) -> Option<T> {
        let mut world = self.present();
        let now = world.clock.unix();
        let mut queued = Vec::new();
        let done = act(world.by_id(item_id)?, now, &mut queued);
        world.outbox.append(&mut queued);
        Some(done)
    }

    /// The item fails from now on with this code (`ITEM_LOGIN_REQUIRED`, `ITEM_LOCKED`, `USER_PERMISSION_REVOKED`, …)
    /// until it is mended, and says so by webhook. Whether there is such an item.
    pub fn break_item(&self, item_id: &str, code: &str) -> bool {
        self.on_item(item_id, |item, now, outbox| {
            if code == "USER_PERMISSION_REVOKED" {
                let error = ApiError::of(code);
                item.notify(outbox, now, "ITEM", code, serde_json::json!({ "error": error.told() }));
                item.error = Some(error);
            } else {
                item.fail(ApiError::of(code), now, outbox);
            }
        })
        .is_some()
    }

    /// The person signs in elsewhere, and the item works again: LOGIN_REPAIRED. Whether there is such an item.
    pub fn mend_item(&self, item_id: &str) -> bool {
        self.on_item(item_id, |item, now, outbox| {
            item.mend(now);
            item.notify(outbox, now, "ITEM", "LOGIN_REPAIRED", Value::Object(Map::new()));
        })
        .is_some()
    }

    /// Sends a webhook about an item, with what else it is to tell. Whether there is such an item with an address.
    pub fn notify(&self, item_id: &str, webhook_type: &str, webhook_code: &str, more: Value) -> bool {
        let sent = self.on_item(item_id, |item, now, outbox| {
            item.notify(outbox, now, webhook_type, webhook_code, more);
            item.webhook.is_some()
        });
        sent.unwrap_or_default()
    }

    /// A bank is `HEALTHY`, `DEGRADED` or `DOWN` from now on. Whether there are such a bank and such a word.
    pub fn set_institution_status(&self, institution_id: &str, status: &str) -> bool {
        let health = match status {
            "HEALTHY" => Health::Healthy,
            "DEGRADED" => Health::Degraded,
            "DOWN" => Health::Down,
            _ => return false,
        };
        let Some(bank) = institutions::find(institution_id) else { return false };
        self.present().outages.insert(bank.id, health);
        true
    }

    /// Sets balances of an account, as exact decimals; an absent one stays. Whether there is such an account and the
    /// texts are numbers.
    pub fn set_balances(&self, account_id: &str, available: Option<&str>, current: Option<&str>) -> bool {
        let mut world = self.present();
        let mut accounts = world.items.iter_mut().flat_map(|item| &mut item.accounts);
        let account = accounts.find(|account| account.id == account_id);
        account.and_then(|account| account.set_balances(available, current)).is_some()
    }

    /// The rest of an item's history is there at once. Whether there is such an item with transactions.
    pub fn finish_history(&self, item_id: &str) -> bool {
        let mut world = self.present();
        let a_day = world.settings.purchases_a_day;
        let now = world.clock.unix();
        let World { items, outbox, .. } = &mut *world;
        let Some(item) = items.iter_mut().find(|item| item.id == item_id && !item.removed) else {
            return false;
        };
        for (from, code) in [(Status::NotReady, "INITIAL_UPDATE"), (Status::Initial, "HISTORICAL_UPDATE")] {
            let Some(ledger) = &mut item.ledger else { return false };
            if ledger.status != from {
                continue;
            }
            ledger.updated = now;
            let news = if from == Status::NotReady {
                ledger.load_initial(&item.accounts, a_day)
            } else {
                ledger.load_history(&item.accounts, a_day)
            };
            item.tell(code, &news, true, now, outbox);
        }
        true
    }

    /// Writes a transaction into an item's ledger. The fields are Plaid's (`amount`, `date`, `name`, `pending`,
    /// `account_id`, …), each optional; an amount may be text, so that it is exact. Gives its id, or `None` when there
    /// is no such item with transactions or a value is of no use.
    pub fn add_transaction(&self, item_id: &str, fields: &Value) -> Option<String> {
        self.on_ledger(item_id, |item, now| {
            let account = item.accounts.first()?.clone();
            let mut row = Row {
                id: String::new(),
                account: account.id,
                amount: Amount::cents(1000),
                iso: Some(account.currency.to_owned()),
                unofficial: None,
                day: dates::day_of(now),
                authorized: None,
                name: "A purchase".to_owned(),
                merchant: None,
                category: OTHER,
                channel: "other",
                pending: false,
                pending_id: None,
                series: None,
                extra: Map::new(),
                created: 0,
                changed: 0,
                removed: None,
            };
            apply(item, &mut row, fields)?;
            let ledger = item.ledger.as_mut()?;
            let at = ledger.add(row);
            let id = ledger.rows.get(at)?.id.clone();
            Some((News { added: 1, ..News::default() }, id))
        })
    }

    /// Changes fields of a transaction. Whether it was there and the values are of use.
    pub fn change_transaction(&self, item_id: &str, transaction_id: &str, fields: &Value) -> bool {
        self.on_ledger(item_id, |item, _| {
            let at = live(item, transaction_id)?;
            let mut changed = item.ledger.as_ref()?.rows.get(at)?.clone();
            apply(item, &mut changed, fields)?;
            item.ledger.as_mut()?.change(at, |row| *row = changed);
            Some((News { modified: 1, ..News::default() }, ()))
        })
        .is_some()
    }

    /// The bank takes a transaction back. Whether it was there.
    pub fn remove_transaction(&self, item_id: &str, transaction_id: &str) -> bool {
        self.on_ledger(item_id, |item, _| {
            let at = live(item, transaction_id)?;
            item.ledger.as_mut()?.remove(at);
            Some((News { removed: vec![transaction_id.to_owned()], ..News::default() }, ()))
        })
        .is_some()
    }

    /// The bank books a pending transaction: it goes, and another with its amount comes. Gives the new one's id.
    pub fn post_transaction(&self, item_id: &str, transaction_id: &str) -> Option<String> {
        self.on_ledger(item_id, |item, now| {
            let at = live(item, transaction_id)?;
            let ledger = item.ledger.as_mut()?;
            let posted = ledger.post(at, dates::day_of(now), 100)?;
            let id = ledger.rows.get(posted)?.id.clone();
            let removed = vec![transaction_id.to_owned()];
            Some((News { added: 1, removed, ..News::default() }, id))
        })
    }

    fn on_ledger<T>(
        &self,
        item_id: &str,
        act: impl FnOnce(&mut Item, u64) -> Option<(News, T)>,
    ) -> Option<T> {
        self.on_item(item_id, |item, now, outbox| {
            item.begin_ledger(now, None);
            let (news, done) = act(item, now)?;
            if item.ledger.as_ref().is_some_and(|ledger| ledger.status != Status::NotReady) {
                item.tell("DEFAULT_UPDATE", &news, false, now, outbox);
            }
            Some(done)
        })
        .flatten()
    }
}

#[cfg(feature = "server")]
impl PlaidSimulator {
    /// The same from another language: one action, with what it needs in a JSON object.
    pub(crate) fn administer(&self, action: &str, input: &Value) -> Result<Value, String> {
        let text = |name: &str| input.get(name).and_then(Value::as_str);
        let needed = |name: &str| text(name).ok_or_else(|| format!("{name} must be text"));
        let done = match action {
            "link" => {
                let mut login = LinkLogin::new(text("institution_id").unwrap_or("ins_109508"));
                if let Some(username) = text("username") {
                    login = login.with_username(username);
                }
                if let Some(password) = text("password") {
                    login = login.with_password(password);
                }
                return match self.complete_link(needed("link_token")?, &login) {
                    Ok(done) | Err(done) => Ok(done),
                };
            }
            "roll_webhook_key" => return Ok(serde_json::json!({ "key_id": self.roll_webhook_key() })),
            "break" => self.break_item(needed("item_id")?, needed("code")?),
            "mend" => self.mend_item(needed("item_id")?),
            "finish_history" => self.finish_history(needed("item_id")?),
            "institution_status" => self.set_institution_status(needed("institution_id")?, needed("status")?),
            _ => return Err(format!("no action is called {action:?}")),
        };
        Ok(serde_json::json!({ "done": done }))
    }
}

fn live(item: &Item, id: &str) -> Option<usize> {
    item.ledger.as_ref()?.rows.iter().position(|row| row.id == id && row.removed.is_none())
}

/// Sets fields by their names at Plaid. `None` when a value is of no use; nothing is stored then.
fn apply(item: &Item, row: &mut Row, fields: &Value) -> Option<()> {
    for (name, value) in fields.as_object()? {
        let text = || value.as_str().map(str::to_owned);
        let optional = || if value.is_null() { Some(None) } else { text().map(Some) };
        match name.as_str() {
            "amount" => row.amount = Amount::read(value)?,
            "account_id" => row.account.clone_from(&item.account(value.as_str()?)?.id),
            "iso_currency_code" => row.iso = optional()?,
            "unofficial_currency_code" => row.unofficial = optional()?,
            "date" => row.day = dates::read(value.as_str()?)?,
            "authorized_date" => {
                row.authorized = match optional()? {
                    Some(day) => Some(dates::read(&day)?),
                    None => None,
                }
            }
            "name" => row.name = text()?,
            "merchant_name" => row.merchant = optional()?,
            "pending" => row.pending = value.as_bool()?,
            "pending_transaction_id" => row.pending_id = optional()?,
            "transaction_id" => return None,
            _ => {
                row.extra.insert(name.clone(), value.clone());
            }
        }
    }
    Some(())
}
