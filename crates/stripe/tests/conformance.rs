//! Every conformance suite over Stripe's adapter, with the simulator as the vendor.
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
    BankAccount, Card, Feature, Interval, IntervalUnit, NextAction, Payment, PaymentMethod, Plan,
    ReturnParams, VendorToken,
};
use turnbuckle_core::provider::{Connection, IntegrationProvider};
use turnbuckle_core::{Clock, Result};
use turnbuckle_simulator::{SimClock, Simulator, stripe};
use turnbuckle_stripe::StripeProvider;
use turnbuckle_testkit::FixedClock;
use turnbuckle_testkit::conformance::{
    self, Bench, Case, Fixture, LedgerEntry, PaymentCases, Setup, SigningKey, SubscriptionCases, WebhookCases,
};

const WEBHOOK_SECRET: &str = "whsec_conformance4711";

struct Stripe;

fn token(id: &str) -> PaymentMethod {
    PaymentMethod::Token(VendorToken::new("payment_method", id))
}

fn dollars(minor: i64) -> Money {
    Money::new(minor, Currency::USD)
}

fn seconds(time: DateTime<Utc>) -> u64 {
    u64::try_from(time.timestamp()).unwrap()
}

impl Fixture for Stripe {
    fn provider(&self) -> Arc<dyn IntegrationProvider> {
        Arc::new(StripeProvider::new())
    }

    fn credentials(&self) -> Value {
        // Every simulator with the same seed has the same keys.
        let simulator = Simulator::new();
        json!({
            "secretKey": simulator.stripe().secret_key(),
            "publishableKey": simulator.stripe().publishable_key(),
            "webhookSecret": WEBHOOK_SECRET,
        })
    }

    fn refused_credentials(&self) -> Option<Value> {
        Some(json!({ "secretKey": "sk_test_revoked0815" }))
    }

    fn bench(&self) -> Box<dyn Bench> {
        let clock = Arc::new(FixedClock::new());
        let simulated = SimClock::fixed(seconds(clock.now()));
        let simulator = Simulator::builder().with_clock(simulated).build();
        Box::new(StripeBench { simulator, clock, pushes: AtomicU32::new(1) })
    }

    fn payments(&self) -> Option<PaymentCases> {
        let card = Card::new("4242424242424242", 12, 2034).unwrap().with_cvv("737").unwrap();
        let account = BankAccount::new("110000000", "000123456789", "Robin Doe").unwrap();
        let declined = token("pm_card_visa_chargeDeclinedInsufficientFunds");
        let held = Card::new("4000000000009235", 12, 2034).unwrap().with_cvv("737").unwrap();
        let connected = Simulator::new().stripe().connected_account_id();
        Some(
            PaymentCases::new(
                Case::new(token("pm_card_visa"), dollars(2010)),
                Case::new(declined, dollars(2010)),
            )
            .with_raw_card(Case::new(PaymentMethod::Card(card), dollars(1999)))
            .with_token(Case::new(token("pm_card_visa"), dollars(1500)))
            .with_bank_account(Case::new(PaymentMethod::BankAccount(account), dollars(5000)))
            .with_action(Case::new(token("pm_card_authenticationRequired"), dollars(2500)))
            .with_held(Case::new(PaymentMethod::Card(held), dollars(2600)))
            .with_storable(token("pm_card_visa"))
            // Stripe keeps a series itself and takes no network id.
            .with_word(Feature::StoredCredential, "off_session")
            .with_sub_account(connected),
        )
    }

    fn subscriptions(&self) -> Option<SubscriptionCases> {
        let monthly =
            |minor| Plan::Inline { amount: dollars(minor), every: Interval::new(1, IntervalUnit::Month) };
        Some(
            SubscriptionCases::new(token("pm_card_visa"), monthly(1200))
                .with_other_plan(monthly(1500))
                .with_declined(token("pm_card_chargeCustomerFail")),
        )
    }

    fn webhooks(&self) -> Option<WebhookCases> {
        Some(WebhookCases::new("https://shop.test/hooks/stripe", &["stripe-signature"], &["webhookSecret"]))
    }
}

struct StripeBench {
    simulator: Simulator,
    clock: Arc<FixedClock>,
    pushes: AtomicU32,
}

impl Bench for StripeBench {
    fn connect(&self, setup: &Setup) -> Result<Connection> {
        let provider = StripeProvider::new();
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
        let own = self.simulator.stripe().clone();
        let connected = own.for_account(&own.connected_account_id());
        [own, connected].iter().flat_map(ledger_of).collect()
    }

    fn subscriptions(&self) -> usize {
        self.simulator.stripe().subscriptions().len()
    }

    fn settle(&self) -> Option<String> {
        // Money is available two days after it was taken.
        self.clock.advance(Duration::from_secs(3 * 24 * 3600));
        self.clock_moved(&self.clock);
        let payouts = self.simulator.stripe().pay_out();
        payouts.first().and_then(|payout| payout["id"].as_str()).map(str::to_owned)
    }

    fn payer_acts(&self, payment: &Payment, _: &NextAction, succeeds: bool) -> ReturnParams {
        let id = payment.reference.id();
        self.simulator.stripe().complete_authentication(id, succeeds).expect("a payment that waits");
        let mut returned = ReturnParams::default();
        returned.parameters.insert("payment_intent".to_owned(), id.to_owned().into());
        returned
    }

    fn push(&self, key: SigningKey, at: DateTime<Utc>) -> Option<http::Request<Bytes>> {
        let secret = match key {
            SigningKey::Current => WEBHOOK_SECRET,
            SigningKey::Previous => return None,
            SigningKey::Unknown => "whsec_unknown0815",
        };
        let body = json!({
            "id": format!("evt_{}", self.pushes.fetch_add(1, Ordering::SeqCst)), "object": "event", "api_version": "2026-06-24.dahlia", "created": at.timestamp(),
            "type": "payment_intent.succeeded", "livemode": false, "pending_webhooks": 1,
            "request": { "id": null, "idempotency_key": null },
            "data": { "object": { "id": "pi_1", "object": "payment_intent", "amount": 1099, "currency": "usd",
                "status": "succeeded", "livemode": false } },
        });
        let push = stripe::sign(body.to_string().into(), &[secret.to_owned()], seconds(at));
        let mut request = http::Request::post("https://shop.test/hooks/stripe").body(push.body).ok()?;
        *request.headers_mut() = push.headers;
        Some(request)
    }
}

/// The simulator's own payments and charges, read as Stripe spells them.
fn ledger_of(stripe: &stripe::StripeSimulator) -> Vec<LedgerEntry> {
    let charges = stripe.charges();
    let number = |object: &Value, name: &str| object[name].as_i64().unwrap_or_default();
    let entry = |intent: &Value| {
        let charge = charges.iter().find(|charge| charge["id"] == intent["latest_charge"])?;
        let currency = Currency::new(intent["currency"].as_str()?).ok()?;
        let money = |minor| Money::new(minor, currency);
        let (taken, released) = match intent["status"].as_str()? {
            "succeeded" => {
                let taken = number(intent, "amount_received");
                (taken, number(charge, "amount") - taken)
            }
            "processing" => (number(intent, "amount"), 0),
            "requires_capture" => (0, 0),
            // Voided, declined, or still waiting for the payer.
            "canceled" if charge["paid"] == true => (0, number(charge, "amount")),
            _ => return None,
        };
        let refunded = (number(charge, "amount_refunded") - released).max(0);
        let reserved = if intent["status"] == "canceled" { 0 } else { number(charge, "amount") };
        let entry = LedgerEntry::new(money(reserved), money(taken), money(refunded));
        Some(match intent["metadata"]["turnbuckle_wire_key"].as_str() {
            Some(key) => entry.with_wire_key(key),
            None => entry,
        })
    };
    stripe.payment_intents().iter().filter_map(entry).collect()
}

#[tokio::test]
async fn conformance() {
    conformance::run(&Stripe).await;
}
