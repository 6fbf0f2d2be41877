//! Every conformance suite over Payflow's adapter, with the simulator as the vendor.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use turnbuckle_core::http::transport_fn;
use turnbuckle_core::money::{Currency, Money};
use turnbuckle_core::payment::{BankAccount, Card, Feature, Interval, IntervalUnit, PaymentMethod, Plan};
use turnbuckle_core::provider::{Connection, IntegrationProvider};
use turnbuckle_core::{Clock, Result};
use turnbuckle_payflow::PayflowProvider;
use turnbuckle_simulator::{SimClock, Simulator};
use turnbuckle_testkit::FixedClock;
use turnbuckle_testkit::conformance::{
    self, Bench, Case, Fixture, LedgerEntry, PaymentCases, Setup, SubscriptionCases,
};

struct Payflow;

fn dollars(minor: i64) -> Money {
    Money::new(minor, Currency::USD)
}

fn card(number: &str) -> PaymentMethod {
    PaymentMethod::Card(Card::new(number, 12, 2034).unwrap().with_cvv("123").unwrap())
}

fn seconds(time: DateTime<Utc>) -> u64 {
    u64::try_from(time.timestamp()).unwrap()
}

impl Fixture for Payflow {
    fn provider(&self) -> Arc<dyn IntegrationProvider> {
        Arc::new(PayflowProvider::new())
    }

    fn credentials(&self) -> Value {
        // Every simulator with the same seed has the same login.
        let login = Simulator::new().payflow().login();
        json!({
            "partner": login.partner,
            "vendor": login.vendor,
            "user": login.user,
            "password": login.password,
        })
    }

    fn refused_credentials(&self) -> Option<Value> {
        let login = Simulator::new().payflow().login();
        Some(json!({
            "partner": login.partner,
            "vendor": login.vendor,
            "user": login.user,
            "password": "NotThePassword4711",
        }))
    }

    fn bench(&self) -> Box<dyn Bench> {
        let clock = Arc::new(FixedClock::new());
        let simulated = SimClock::fixed(seconds(clock.now()));
        let simulator = Simulator::builder().with_clock(simulated).build();
        simulator.payflow().configure(|settings| settings.unreferenced_credit = true);
        Box::new(PayflowBench { simulator, clock })
    }

    fn payments(&self) -> Option<PaymentCases> {
        let account = BankAccount::new("111111118", "1111111111", "Robin Doe").unwrap();
        Some(
            PaymentCases::new(
                Case::new(card("4111111111111111"), dollars(2010)),
                // Not one of Payflow's test cards.
                Case::new(card("4242424242424242"), dollars(2010)),
            )
            .with_raw_card(Case::new(card("5555555555554444"), dollars(1999)))
            .with_bank_account(Case::new(PaymentMethod::BankAccount(account), dollars(5000)))
            .with_held(Case::new(card("4111111111111111"), dollars(112_600)))
            .with_storable(card("4012888888881881"))
            .with_word(Feature::StoredCredential, "MCC123456"),
        )
    }

    fn subscriptions(&self) -> Option<SubscriptionCases> {
        let monthly =
            |minor| Plan::Inline { amount: dollars(minor), every: Interval::new(1, IntervalUnit::Month) };
        Some(SubscriptionCases::new(card("4111111111111111"), monthly(1200)).with_other_plan(monthly(1500)))
    }
}

struct PayflowBench {
    simulator: Simulator,
    clock: Arc<FixedClock>,
}

impl Bench for PayflowBench {
    fn connect(&self, setup: &Setup) -> Result<Connection> {
        let provider = PayflowProvider::new();
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
        self.simulator.payflow().transactions().iter().filter_map(entry).collect()
    }

    fn subscriptions(&self) -> usize {
        self.simulator.payflow().subscriptions().len()
    }

    fn settle(&self) -> Option<String> {
        self.simulator.payflow().settle().map(|batch| batch.to_string())
    }
}

/// One line for each sale, authorization and unlinked credit; what captures and refunds moved is booked on those.
fn entry(transaction: &Value) -> Option<LedgerEntry> {
    let number = |name: &str| transaction[name].as_i64().unwrap_or_default();
    let money = |minor| Money::new(minor, Currency::USD);
    let state = transaction["state"].as_str()?;
    let voided = transaction["voided"] == true;
    let amount = if voided { 0 } else { number("minor") };
    if matches!(state, "failed" | "failed_with_hold" | "no_money") {
        return None;
    }
    let entry = match (transaction["trxtype"].as_str()?, transaction["origid"].as_str()) {
        ("S", _) => {
            let captured = if state == "held" { 0 } else { amount };
            LedgerEntry::new(money(amount), money(captured), money(number("refunded_minor")))
        }
        ("A", _) => LedgerEntry::new(money(amount), money(0), money(0)),
        ("D", _) => LedgerEntry::new(money(0), money(amount), money(number("refunded_minor"))),
        ("C", None) => LedgerEntry::new(money(0), money(0), money(amount)),
        _ => return None,
    };
    Some(match transaction["custref"].as_str() {
        Some(reference) => entry.with_wire_key(reference),
        None => entry,
    })
}

#[tokio::test]
async fn conformance() {
    conformance::run(&Payflow).await;
}
