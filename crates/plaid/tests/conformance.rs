//! Every conformance suite over Plaid's adapter, with the simulator as the vendor.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

use std::collections::BTreeMap;
use std::str::FromStr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use turnbuckle_core::bank_data::{BankLink, BankProduct, Decimal, LinkReturn, LinkSession, LinkedAccount};
use turnbuckle_core::http::transport_fn;
use turnbuckle_core::provider::{Connection, IntegrationProvider};
use turnbuckle_core::{Clock, Result};
use turnbuckle_plaid::PlaidProvider;
use turnbuckle_simulator::plaid::LinkLogin;
use turnbuckle_simulator::{SimClock, Simulator};
use turnbuckle_testkit::FixedClock;
use turnbuckle_testkit::conformance::{
    self, BankAccountLine, BankDataCases, BankLine, BankTrouble, Bench, Fixture, Setup, SigningKey,
    WebhookCases,
};

const BANK: &str = "ins_109508";
const HOOK: &str = "https://shop.test/hooks/plaid";
const BOUGHT: &str = "Sentinel Purchase 4711";

struct Plaid;

fn seconds(time: DateTime<Utc>) -> u64 {
    u64::try_from(time.timestamp()).unwrap()
}

impl Fixture for Plaid {
    fn provider(&self) -> Arc<dyn IntegrationProvider> {
        Arc::new(PlaidProvider::new())
    }

    fn credentials(&self) -> Value {
        // Every simulator with the same seed has the same keys.
        let simulator = Simulator::new();
        json!({ "clientId": simulator.plaid().client_id(), "secret": simulator.plaid().secret() })
    }

    fn refused_credentials(&self) -> Option<Value> {
        Some(json!({ "clientId": Simulator::new().plaid().client_id(), "secret": "revoked0815" }))
    }

    fn bench(&self) -> Box<dyn Bench> {
        let clock = Arc::new(FixedClock::new());
        let simulator = Simulator::builder().with_clock(SimClock::fixed(seconds(clock.now()))).build();
        simulator.plaid().configure(|settings| settings.purchases_a_day = 0);
        Box::new(PlaidBench { simulator, clock, days: Mutex::default(), pushes: AtomicU32::new(1) })
    }

    fn bank_data(&self) -> Option<BankDataCases> {
        let products = vec![BankProduct::Transactions, BankProduct::Numbers, BankProduct::Identity];
        Some(
            BankDataCases::new(products, "US", BANK, "First Platypus")
                .with_late_history()
                .with_pushes()
                // An item does not say that its bank is down; failed calls do, which `flows.rs` shows.
                .with_trouble(BankTrouble::LoginRequired)
                .with_trouble(BankTrouble::Revoked)
                .with_private("text of a transaction", BOUGHT),
        )
    }

    fn webhooks(&self) -> Option<WebhookCases> {
        Some(WebhookCases::new(HOOK, &["plaid-verification"], &[]).with_fetched_keys())
    }
}

struct PlaidBench {
    simulator: Simulator,
    clock: Arc<FixedClock>,
    /// How many days passed at the bank of each item.
    days: Mutex<BTreeMap<String, u32>>,
    pushes: AtomicU32,
}

impl PlaidBench {
    /// What the vendor itself answers about a link, past the adapter.
    fn ask(&self, path: &str, link: &BankLink) -> Value {
        let plaid = self.simulator.plaid();
        let body = json!({ "access_token": link.token().expose_secret() }).to_string();
        let request = http::Request::post(format!("https://sandbox.plaid.com{path}"))
            .header("content-type", "application/json")
            .header("plaid-client-id", plaid.client_id())
            .header("plaid-secret", plaid.secret())
            .header("plaid-version", "2020-09-14")
            .body(Bytes::from(body))
            .unwrap();
        serde_json::from_slice(self.simulator.handle(request).body()).unwrap()
    }
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

/// The vendor's books hold exact text.
fn decimal(value: &Value) -> Option<Decimal> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(Decimal::from_str(text).unwrap()),
        other => Some(Decimal::from_str(&other.to_string()).unwrap()),
    }
}

fn code(value: &Value) -> Option<String> {
    text(&value["iso_currency_code"]).or_else(|| text(&value["unofficial_currency_code"]))
}

impl Bench for PlaidBench {
    fn connect(&self, setup: &Setup) -> Result<Connection> {
        let provider = PlaidProvider::new();
        let simulator = self.simulator.clone();
        let transport = Arc::new(transport_fn(move |request| simulator.handle(request)));
        let settings = json!({
            "clientName": "Conformance", "webhookUrl": HOOK,
            "transactionsPageSize": setup.page_size().unwrap_or(500),
        });
        let config = setup.config(&provider, transport)?;
        provider.connect(config.with_settings(PlaidProvider::settings(&settings)?))
    }

    fn clock(&self) -> Arc<FixedClock> {
        Arc::clone(&self.clock)
    }

    fn clock_moved(&self, clock: &FixedClock) {
        self.simulator.clock().set(seconds(clock.now()));
    }

    fn person_links(&self, session: &LinkSession) -> Option<LinkReturn> {
        let login = LinkLogin::new(BANK);
        let handed = self.simulator.plaid().complete_link(session.token.expose_secret(), &login).ok()?;
        let mut returned = LinkReturn::new(SecretString::from(text(&handed["public_token"])?));
        returned.institution_id = text(&handed["institution"]["institution_id"]);
        let account = |account: &Value| {
            Some(LinkedAccount::new(
                text(&account["name"])?,
                text(&account["mask"]),
                text(&account["subtype"]),
            ))
        };
        returned.accounts = handed["accounts"].as_array()?.iter().filter_map(account).collect();
        Some(returned)
    }

    fn person_mends(&self, _: &BankLink, session: &LinkSession) {
        let login = LinkLogin::new(BANK);
        let handed = self.simulator.plaid().complete_link(session.token.expose_secret(), &login).unwrap();
        assert_eq!(handed["public_token"], Value::Null, "nothing is exchanged after a repair");
    }

    fn bank_day(&self, link: &BankLink) {
        let plaid = self.simulator.plaid();
        let item = link.item_id.as_str();
        let day = *self.days.lock().unwrap().entry(item.to_owned()).and_modify(|day| *day += 1).or_insert(1);
        plaid.finish_history(item);
        let rows = plaid.transactions(item);
        let id_of = |pending: bool| {
            let row = rows.iter().find(|row| row["pending"] == pending && row["name"] != "Wages");
            row.and_then(|row| text(&row["transaction_id"]))
        };
        if let Some(id) = id_of(true) {
            plaid.post_transaction(item, &id).unwrap();
        }
        if let Some(id) = id_of(false) {
            assert!(plaid.change_transaction(item, &id, &json!({ "merchant_name": "A shop" })));
        }
        if day.is_multiple_of(3) {
            let last =
                rows.iter().rfind(|row| row["pending"] == false).and_then(|row| text(&row["transaction_id"]));
            assert!(plaid.remove_transaction(item, &last.unwrap()));
        }
        for number in 0..3 {
            let amount = format!("{}.{day}{number}", 9_007_199_254_740_993_u64);
            let fields = json!({ "name": BOUGHT, "amount": amount, "pending": number == 0 });
            plaid.add_transaction(item, &fields).unwrap();
        }
        plaid.add_transaction(item, &json!({ "name": "Wages", "amount": "-2410.35" })).unwrap();
    }

    fn bank_trouble(&self, link: &BankLink, trouble: BankTrouble) {
        let plaid = self.simulator.plaid();
        let done = match trouble {
            BankTrouble::LoginRequired => plaid.break_item(&link.item_id, "ITEM_LOGIN_REQUIRED"),
            BankTrouble::Revoked => plaid.break_item(&link.item_id, "USER_PERMISSION_REVOKED"),
            _ => false,
        };
        assert!(done, "{trouble:?}");
    }

    fn bank_pushes(&self, link: &BankLink) -> Vec<http::Request<Bytes>> {
        let own = |body: &Bytes| {
            let body: Value = serde_json::from_slice(body).unwrap();
            body["item_id"] == link.item_id
        };
        let pushes = self.simulator.plaid().take_webhooks().into_iter().filter(|push| own(&push.body));
        let request = |push: turnbuckle_simulator::SignedWebhook| {
            let mut request = http::Request::post(HOOK).body(push.body).unwrap();
            *request.headers_mut() = push.headers;
            request
        };
        pushes.map(request).collect()
    }

    fn bank_ledger(&self, link: &BankLink) -> Vec<BankLine> {
        let line = |row: &Value| {
            let date = row["date"].as_str().unwrap().parse().unwrap();
            // At Plaid, above zero left the account.
            let change = -decimal(&row["amount"]).unwrap();
            let (id, account) = (text(&row["transaction_id"]).unwrap(), text(&row["account_id"]).unwrap());
            BankLine::new(id, account, change, date, text(&row["name"]).unwrap())
                .with_currency(code(row))
                .with_pending(row["pending"].as_bool().unwrap())
                .with_replaces(text(&row["pending_transaction_id"]))
        };
        self.simulator.plaid().transactions(&link.item_id).iter().map(line).collect()
    }

    fn bank_accounts(&self, link: &BankLink) -> Vec<BankAccountLine> {
        let numbers = self.ask("/auth/get", link);
        let owners = self.ask("/identity/get", link);
        let number = |id: &Value| {
            let schemes = numbers["numbers"].as_object()?.values().filter_map(Value::as_array).flatten();
            let own = schemes.into_iter().find(|number| number["account_id"] == *id)?;
            text(&own["account"]).or_else(|| text(&own["iban"]))
        };
        let line =
            |account: &Value| {
                let balances = &account["balances"];
                let mut line = BankAccountLine::new(
                    text(&account["account_id"]).unwrap(),
                    text(&account["name"]).unwrap(),
                )
                .with_mask(text(&account["mask"]))
                .with_balance(decimal(&balances["available"]), decimal(&balances["current"]), code(balances))
                .with_number(number(&account["account_id"]));
                let all = owners["accounts"].as_array().into_iter().flatten();
                let own = all.filter(|owned| owned["account_id"] == account["account_id"]);
                for name in own.flat_map(|owned| owned["owners"].as_array().cloned().unwrap_or_default()) {
                    let names = name["names"].as_array().cloned().unwrap_or_default();
                    line = names.iter().filter_map(text).fold(line, BankAccountLine::with_owner);
                }
                line
            };
        self.simulator.plaid().accounts(&link.item_id).iter().map(line).collect()
    }

    fn bank_links(&self) -> usize {
        let log = self.simulator.plaid().request_log();
        let done = |path: &str| log.iter().filter(|call| call.path == path && call.status == 200).count();
        done("/item/public_token/exchange") - done("/item/remove")
    }

    fn push(&self, key: SigningKey, at: DateTime<Utc>) -> Option<http::Request<Bytes>> {
        let number = self.pushes.fetch_add(1, Ordering::SeqCst);
        let body = json!({
            "webhook_type": "TRANSACTIONS", "webhook_code": "DEFAULT_UPDATE", "item_id": "item-conformance",
            "new_transactions": number, "error": null, "environment": "sandbox",
        });
        let push = match key {
            SigningKey::Current => self.simulator.plaid().signed_webhook(&body, seconds(at)),
            SigningKey::Previous => return None,
            // Another Plaid's key, which this one has never heard of.
            SigningKey::Unknown => {
                Simulator::builder().with_seed(0x0815).build().plaid().signed_webhook(&body, seconds(at))
            }
        };
        let mut request = http::Request::post(HOOK).body(push.body).ok()?;
        *request.headers_mut() = push.headers;
        Some(request)
    }
}

#[tokio::test]
async fn conformance() {
    conformance::run(&Plaid).await;
}
