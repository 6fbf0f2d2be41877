//! Every conformance suite over NMI's adapter, with the simulator as the vendor.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use turnbuckle_core::http::transport_fn;
use turnbuckle_core::money::{Currency, Money};
use turnbuckle_core::payment::{
    BankAccount, Card, Feature, Interval, IntervalUnit, PaymentMethod, Plan, VendorToken,
};
use turnbuckle_core::provider::{Connection, IntegrationProvider};
use turnbuckle_core::{Clock, Environment, Result};
use turnbuckle_nmi::NmiProvider;
use turnbuckle_simulator::{SimClock, Simulator, nmi};
use turnbuckle_testkit::FixedClock;
use turnbuckle_testkit::conformance::{
    self, Bench, Case, Fixture, LedgerEntry, PaymentCases, Setup, SigningKey, SubscriptionCases, WebhookCases,
};

/// The account behind it has no money.
const POOR: &str = "4000000000009995";

/// Collect.js's token for tests, which can be redeemed any number of times.
const CARD_TOKEN: &str = "00000000-000000-000000-000000000000";

struct Nmi;

fn card(number: &str) -> PaymentMethod {
    PaymentMethod::Card(Card::new(number, 12, 2034).unwrap().with_cvv("998").unwrap())
}

fn dollars(minor: i64) -> Money {
    Money::new(minor, Currency::USD)
}

fn seconds(time: DateTime<Utc>) -> u64 {
    u64::try_from(time.timestamp()).unwrap()
}

impl Fixture for Nmi {
    fn provider(&self) -> Arc<dyn IntegrationProvider> {
        Arc::new(NmiProvider::new())
    }

    fn credentials(&self) -> Value {
        // Every simulator with the same seed has the same keys.
        let account = Simulator::new().nmi().clone();
        let (username, password) = account.username_and_password();
        json!({
            "securityKey": account.security_key(),
            "username": username,
            "password": password,
            "webhookKey": account.webhook_key(),
        })
    }

    fn refused_credentials(&self) -> Option<Value> {
        Some(json!({ "securityKey": "RevokedKey0815RevokedKey08151234" }))
    }

    fn bench(&self) -> Box<dyn Bench> {
        let clock = Arc::new(FixedClock::new());
        let simulated = SimClock::fixed(seconds(clock.now()));
        let simulator = Simulator::builder().with_clock(simulated).build();
        simulator.nmi().refuse(POOR, "202", "Insufficient funds");
        // Cases pay the same amount with the same card again and again; what the check does has tests of its own.
        simulator.nmi().duplicate_window(Duration::ZERO);
        Box::new(NmiBench { simulator, clock, pushes: AtomicU32::new(1) })
    }

    fn payments(&self) -> Option<PaymentCases> {
        let account = BankAccount::new("123123123", "000123456789", "Robin Doe").unwrap();
        let token = PaymentMethod::Token(VendorToken::new("payment_token", CARD_TOKEN));
        Some(
            PaymentCases::new(
                Case::new(card("4111111111111111"), dollars(2010)),
                Case::new(card(POOR), dollars(2010)),
            )
            .with_raw_card(Case::new(card("5431111111111111"), dollars(1999)))
            .with_token(Case::new(token, dollars(1500)))
            .with_bank_account(Case::new(PaymentMethod::BankAccount(account), dollars(5000)))
            .with_storable(card("4111111111111111"))
            .with_word(Feature::StoredCredential, "MCC123456")
            .with_sub_account("ccprocessora"),
        )
    }

    fn subscriptions(&self) -> Option<SubscriptionCases> {
        let monthly =
            |minor| Plan::Inline { amount: dollars(minor), every: Interval::new(1, IntervalUnit::Month) };
        Some(SubscriptionCases::new(card("4111111111111111"), monthly(1200)).with_other_plan(monthly(1500)))
    }

    fn webhooks(&self) -> Option<WebhookCases> {
        Some(WebhookCases::new("https://shop.test/hooks/nmi", &["webhook-signature"], &["webhookKey"]))
    }
}

struct NmiBench {
    simulator: Simulator,
    clock: Arc<FixedClock>,
    pushes: AtomicU32,
}

impl Bench for NmiBench {
    fn connect(&self, setup: &Setup) -> Result<Connection> {
        // One and the same gateway serves tests and real money: an account for tests behind a production connection is
        // one in test mode.
        self.simulator.nmi().test_mode(setup.environment() == Environment::Production);
        let provider = NmiProvider::new();
        let simulator = self.simulator.clone();
        let transport = Arc::new(transport_fn(move |request| simulator.handle(request)));
        provider.connect(setup.config(&provider, transport)?)
    }

    fn clock(&self) -> Arc<FixedClock> {
        Arc::clone(&self.clock)
    }

    fn clock_moved(&self, clock: &FixedClock) {
        self.simulator.clock().set(seconds(clock.now()));
    }

    fn ledger(&self) -> Vec<LedgerEntry> {
        let transactions = self.simulator.nmi().transactions();
        transactions
            .iter()
            .filter(|transaction| transaction["refund_of"].is_null())
            .filter_map(entry)
            .collect()
    }

    fn subscriptions(&self) -> usize {
        let events = self.simulator.nmi().events();
        events.iter().filter(|event| event["event_type"] == "recurring.subscription.add").count()
    }

    fn settle(&self) -> Option<String> {
        self.clock.advance(Duration::from_secs(24 * 3600));
        self.clock_moved(&self.clock);
        let batches = self.simulator.nmi().settle();
        batches.first().and_then(|batch| batch["batch_id"].as_str()).map(str::to_owned)
    }

    fn push(&self, key: SigningKey, at: DateTime<Utc>) -> Option<http::Request<Bytes>> {
        let key = match key {
            SigningKey::Current => self.simulator.nmi().webhook_key(),
            SigningKey::Previous => return None,
            SigningKey::Unknown => "UnknownKey0815".to_owned(),
        };
        let number = self.pushes.fetch_add(1, Ordering::SeqCst);
        let body = json!({
            "event_id": format!("evt-{number}"), "event_type": "transaction.sale.success",
            "event_body": {
                "merchant": {"id": "1234567", "name": "Example Shop"}, "features": {"is_test_mode": false},
                "transaction_id": "11000000007", "transaction_type": "cc", "condition": "pendingsettlement",
                "action": {"amount": "20.10", "action_type": "sale", "date": at.format("%Y%m%d%H%M%S").to_string(),
                    "success": "1", "response_text": "SUCCESS", "response_code": "100"},
            },
        });
        let push = nmi::sign(body.to_string().into(), &key, &format!("a1b2c3d4{number:08}"));
        let mut request = http::Request::post("https://shop.test/hooks/nmi").body(push.body).ok()?;
        *request.headers_mut() = push.headers;
        Some(request)
    }
}

/// One of the simulator's own transactions, read as the simulator spells it; those that moved nothing are left out.
fn entry(transaction: &Value) -> Option<LedgerEntry> {
    let currency = Currency::new(transaction["currency"].as_str()?).ok()?;
    let cents = |name: &str| Money::new(transaction[name].as_i64().unwrap_or_default(), currency);
    let actions = transaction["actions"].as_array()?;
    let first = actions.first()?;
    if first["success"] != true || first["action_type"] == "validate" {
        return None;
    }
    let (authorized, moved) = (cents("authorized_cents"), cents("moved_cents"));
    let zero = Money::zero(currency);
    let entry = if moved.minor() < 0 {
        LedgerEntry::new(zero, zero, Money::new(-moved.minor(), currency))
    } else {
        LedgerEntry::new(authorized, moved, cents("refunded_cents"))
    };
    Some(match transaction["order_id"].as_str() {
        Some(key) if !key.is_empty() => entry.with_wire_key(key),
        _ => entry,
    })
}

#[tokio::test]
async fn conformance() {
    conformance::run(&Nmi).await;
}
