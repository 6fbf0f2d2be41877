//! A simulated Plaid, a clock that moves when somebody waits, and a transport between them that a test can break.

#![allow(dead_code, reason = "each test binary uses its own part")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests, which clippy does not recognize as such"
)]

use std::collections::{BTreeMap, VecDeque};
use std::str::FromStr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use chrono::{DateTime, NaiveDate, Utc};
use http::{Request, Response, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use turnbuckle_core::bank_data::{
    BankData, BankLink, BankProduct, BankTransaction, Decimal, Flow, LinkRequest, LinkReturn, LinkSession,
    LinkedAccount, SyncCursor,
};
use turnbuckle_core::http::{Delivery, RetryPolicy, TransportError, TransportErrorKind, transport_try_fn};
use turnbuckle_core::provider::{Connection, ConnectionConfig, IntegrationProvider};
use turnbuckle_core::webhook::RawWebhook;
use turnbuckle_core::{Clock, Environment, Result};
use turnbuckle_plaid::PlaidProvider;
use turnbuckle_simulator::plaid::{LinkLogin, PlaidSimulator};
use turnbuckle_simulator::{SignedWebhook, SimClock, Simulator};

pub(crate) const BANK: &str = "ins_109508";
pub(crate) const HOOK: &str = "https://shop.example/plaid";

/// The simulator's clock, seen as the library's. Pauses move it; alarms that are there to ring at a deadline do not, or
/// every call would be late.
#[derive(Debug, Clone)]
pub(crate) struct TestClock {
    sim: SimClock,
    monotonic: Arc<Mutex<Duration>>,
}

impl TestClock {
    pub(crate) fn advance(&self, by: Duration) {
        self.sim.advance(by);
        *self.monotonic.lock().unwrap() += by;
    }
}

#[async_trait]
impl Clock for TestClock {
    fn now(&self) -> DateTime<Utc> {
        DateTime::from_timestamp(i64::try_from(self.sim.unix()).unwrap(), 0).unwrap()
    }

    fn monotonic(&self) -> Duration {
        *self.monotonic.lock().unwrap()
    }

    async fn sleep(&self, duration: Duration) {
        if duration >= Duration::from_secs(4) {
            std::future::pending::<()>().await;
        }
        self.advance(duration);
    }
}

/// What happens to one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Break {
    Not,
    /// Lost on the way there.
    Before,
    /// Lost on the way back.
    After,
    /// The answer breaks off.
    Truncated,
    /// A proxy's page.
    Html,
    /// Plaid's own failure.
    Internal,
    /// A minute's limit.
    Limited,
}

impl Break {
    pub(crate) const ALL: [Self; 7] =
        [Self::Not, Self::Before, Self::After, Self::Truncated, Self::Html, Self::Internal, Self::Limited];
}

#[derive(Clone)]
pub(crate) struct Rig {
    pub(crate) simulator: Simulator,
    pub(crate) clock: TestClock,
    breaks: Arc<Mutex<VecDeque<Break>>>,
}

impl Rig {
    /// A vendor whose ledgers are written by the test alone.
    pub(crate) fn scripted() -> Self {
        let rig = Self::new();
        rig.plaid().configure(|settings| settings.purchases_a_day = 0);
        rig
    }

    /// A vendor at which persons buy things every day.
    pub(crate) fn new() -> Self {
        let sim = SimClock::fixed(1_784_016_000);
        let simulator = Simulator::builder().with_clock(sim.clone()).build();
        Self { simulator, clock: TestClock { sim, monotonic: Arc::default() }, breaks: Arc::default() }
    }

    pub(crate) fn plaid(&self) -> &PlaidSimulator {
        self.simulator.plaid()
    }

    /// What happens to the next requests, one each.
    pub(crate) fn break_next(&self, breaks: impl IntoIterator<Item = Break>) {
        self.breaks.lock().unwrap().extend(breaks);
    }

    pub(crate) fn heal(&self) {
        self.breaks.lock().unwrap().clear();
    }

    pub(crate) fn requests(&self) -> usize {
        self.plaid().request_log().len()
    }

    pub(crate) fn config(&self) -> ConnectionConfig {
        let plaid = self.plaid();
        let credentials =
            PlaidProvider::credentials(plaid.client_id(), SecretString::from(plaid.secret())).unwrap();
        let rig = self.clone();
        let transport = transport_try_fn(move |request, _| std::future::ready(rig.carry(request)));
        ConnectionConfig::new("tenant-7/plaid", Environment::Sandbox, credentials)
            .with_transport(Arc::new(transport))
            .with_clock(Arc::new(self.clock.clone()))
    }

    /// A connection without retries of its own, so that each break is seen.
    pub(crate) fn connect(&self, page_size: usize) -> Connection {
        let settings = json!({
            "clientName": "Stand & Board", "transactionsPageSize": page_size, "webhookUrl": HOOK,
        });
        let config = self
            .config()
            .with_retry(RetryPolicy::never())
            .with_settings(PlaidProvider::settings(&settings).unwrap());
        PlaidProvider::new().connect(config).unwrap()
    }

    pub(crate) fn bank(&self, page_size: usize) -> Arc<dyn BankData> {
        self.connect(page_size).bank_data().unwrap()
    }

    fn carry(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        let lost = || TransportError::new(TransportErrorKind::Reset, Delivery::MaybeDelivered);
        let what = self.breaks.lock().unwrap().pop_front().unwrap_or(Break::Not);
        let made_up = |status: u16, body: String| {
            let mut response = Response::new(Bytes::from(body));
            *response.status_mut() = StatusCode::from_u16(status).unwrap();
            Ok(response)
        };
        let refusal = |kind: &str, code: &str| {
            json!({ "error_type": kind, "error_code": code, "error_message": "m", "display_message": null })
                .to_string()
        };
        match what {
            Break::Before => return Err(lost()),
            Break::Html => return made_up(502, "<html>bad gateway</html>".to_owned()),
            Break::Internal => return made_up(500, refusal("API_ERROR", "INTERNAL_SERVER_ERROR")),
            Break::Limited => {
                return made_up(429, refusal("RATE_LIMIT_EXCEEDED", "TRANSACTIONS_SYNC_LIMIT"));
            }
            Break::Not | Break::After | Break::Truncated => {}
        }
        let mut response = self.simulator.try_handle(request).map_err(|_| lost())?;
        match what {
            Break::After => Err(lost()),
            Break::Truncated => {
                let half = response.body().len() / 2;
                response.body_mut().truncate(half);
                Ok(response)
            }
            _ => Ok(response),
        }
    }

    /// A person links the test bank in a session.
    pub(crate) fn person_links(&self, session: &LinkSession, login: &LinkLogin) -> LinkReturn {
        let handed = self.plaid().complete_link(session.token.expose_secret(), login).unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let mut returned = LinkReturn::new(SecretString::from(text(&handed["public_token"])));
        returned.institution_id = Some(text(&handed["institution"]["institution_id"]));
        let accounts = handed["accounts"].as_array().unwrap();
        let account = |account: &Value| {
            let maybe = |name: &str| account[name].as_str().map(str::to_owned);
            LinkedAccount::new(text(&account["name"]), maybe("mask"), maybe("subtype"))
        };
        returned.accounts = accounts.iter().map(account).collect();
        returned
    }

    /// A link for transactions, ready to sync.
    pub(crate) async fn linked(&self, bank: &dyn BankData) -> BankLink {
        let request = LinkRequest::new("user-7", vec![BankProduct::Transactions], "US");
        let session = bank.link(&request).await.unwrap();
        let link = bank.exchange(&self.person_links(&session, &LinkLogin::new(BANK))).await.unwrap();
        self.plaid().finish_history(&link.item_id);
        link
    }

    /// What the vendor pushed since the last look.
    pub(crate) fn pushes(&self) -> Vec<RawWebhook> {
        self.plaid().take_webhooks().into_iter().map(raw).collect()
    }

    /// The vendor's own ledger, in the words of all vendors as far as they are compared.
    pub(crate) fn ledger(&self, item_id: &str) -> BTreeMap<String, Line> {
        self.plaid().transactions(item_id).iter().map(Line::of_vendor).collect()
    }
}

pub(crate) fn raw(push: SignedWebhook) -> RawWebhook {
    let mut request = Request::new(push.body);
    *request.method_mut() = http::Method::POST;
    *request.headers_mut() = push.headers;
    RawWebhook::new(request, HOOK).unwrap()
}

/// What is compared of a transaction: all that the vendor's books tell of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) account: String,
    /// The change of the balance.
    pub(crate) change: Decimal,
    pub(crate) currency: Option<String>,
    pub(crate) date: NaiveDate,
    pub(crate) name: String,
    pub(crate) merchant: Option<String>,
    pub(crate) pending: bool,
    pub(crate) replaces: Option<String>,
}

impl Line {
    fn of_vendor(row: &Value) -> (String, Self) {
        let maybe = |name: &str| row[name].as_str().map(str::to_owned);
        // The books hold exact text; above zero left the account.
        let amount = match &row["amount"] {
            Value::String(text) => Decimal::from_str(text).unwrap(),
            other => Decimal::from_str(&other.to_string()).unwrap(),
        };
        let line = Self {
            account: maybe("account_id").unwrap(),
            change: -amount,
            currency: maybe("iso_currency_code").or_else(|| maybe("unofficial_currency_code")),
            date: maybe("date").unwrap().parse().unwrap(),
            name: maybe("name").unwrap(),
            merchant: maybe("merchant_name"),
            pending: row["pending"].as_bool().unwrap(),
            replaces: maybe("pending_transaction_id"),
        };
        (maybe("transaction_id").unwrap(), line)
    }

    pub(crate) fn of_host(transaction: &BankTransaction) -> Self {
        Self {
            account: transaction.account_id.clone(),
            change: Flow::signed(&transaction.flow),
            currency: transaction.flow.amount().currency.as_ref().map(|currency| currency.code().to_owned()),
            date: transaction.date,
            name: transaction.name.clone(),
            merchant: transaction.merchant.clone(),
            pending: transaction.pending,
            replaces: transaction.replaces.clone(),
        }
    }
}

/// What a host stores: a ledger and the cursor that it is true of, changed together or not at all.
#[derive(Debug, Clone, Default)]
pub(crate) struct Host {
    pub(crate) ledger: BTreeMap<String, Line>,
    pub(crate) cursor: Option<SyncCursor>,
}
