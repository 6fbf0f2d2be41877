//! Every conformance suite over Authorize.Net's adapter, with the simulator as the vendor.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use bytes::Bytes;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use turnbuckle_authnet::{ACCEPT_JS, AuthorizeNetProvider};
use turnbuckle_core::http::transport_fn;
use turnbuckle_core::money::{Currency, Money};
use turnbuckle_core::payment::{
    BankAccount, Card, Feature, Interval, IntervalUnit, PaymentMethod, Plan, VendorToken,
};
use turnbuckle_core::provider::{Connection, IntegrationProvider};
use turnbuckle_core::{Clock, Result};
use turnbuckle_simulator::{SimClock, Simulator, authnet};
use turnbuckle_testkit::FixedClock;
use turnbuckle_testkit::conformance::{
    self, Bench, Case, Fixture, LedgerEntry, PaymentCases, Setup, SigningKey, SubscriptionCases, WebhookCases,
};

struct AuthorizeNet;

/// What the browser would have got for the cards of a case. Every simulator with the same seed makes the same tokens, in
/// the same order; a postal code decides what becomes of each.
struct Tokens {
    approved: String,
    partial: String,
    held: String,
}

impl Tokens {
    fn mint(simulator: &Simulator) -> Self {
        let token = |zip: &str| token_of(simulator, zip);
        Self { approved: token("10001"), partial: token("46225"), held: token("46299") }
    }
}

/// Sends what Accept.js would, in the order of the schema.
fn token_of(simulator: &Simulator, zip: &str) -> String {
    let vendor = simulator.authnet();
    let body = format!(
        r#"{{"securePaymentContainerRequest":{{"merchantAuthentication":{{"name":"{}","clientKey":"{}"}},
        "data":{{"type":"TOKEN","id":"00000000-0000-4000-8000-000000000001","token":{{
        "cardNumber":"4111111111111111","expirationDate":"122034","cardCode":"737","zip":"{zip}"}}}}}}}}"#,
        vendor.api_login_id(),
        vendor.public_client_key(),
    );
    let request = http::Request::post("https://apitest.authorize.net/xml/v1/request.api")
        .header("content-type", "application/json")
        .body(Bytes::from(body))
        .unwrap();
    let reply = simulator.handle(request);
    let reply: Value = turnbuckle_authnet::wire::decode(reply.body()).unwrap();
    reply["opaqueData"]["dataValue"].as_str().unwrap_or_else(|| panic!("{reply:#}")).to_owned()
}

fn dollars(minor: i64) -> Money {
    Money::new(minor, Currency::USD)
}

fn seconds(time: DateTime<Utc>) -> u64 {
    u64::try_from(time.timestamp()).unwrap()
}

fn card(cvv: &str) -> PaymentMethod {
    let card = Card::new("4111111111111111", 12, 2034).unwrap().with_cvv(cvv).unwrap();
    PaymentMethod::Card(card)
}

/// Subscriptions need the payer's name.
fn named_card() -> PaymentMethod {
    PaymentMethod::Card(Card::new("4111111111111111", 12, 2034).unwrap().with_holder("Robin Doe"))
}

impl Fixture for AuthorizeNet {
    fn provider(&self) -> Arc<dyn IntegrationProvider> {
        Arc::new(AuthorizeNetProvider::new())
    }

    fn credentials(&self) -> Value {
        let simulator = Simulator::new();
        let vendor = simulator.authnet();
        json!({
            "apiLoginId": vendor.api_login_id(),
            "transactionKey": vendor.transaction_key(),
            "signatureKey": vendor.signature_key(),
        })
    }

    fn refused_credentials(&self) -> Option<Value> {
        Some(json!({ "apiLoginId": "revoked0815", "transactionKey": "revokedKey4711" }))
    }

    fn bench(&self) -> Box<dyn Bench> {
        Box::new(AuthorizeNetBench::new())
    }

    fn payments(&self) -> Option<PaymentCases> {
        let account = BankAccount::new("121042882", "000123456789", "Robin Doe").unwrap();
        let tokens = AuthorizeNetBench::new().tokens;
        let token = |value: &str| PaymentMethod::Token(VendorToken::new(ACCEPT_JS, value));
        Some(
            PaymentCases::new(Case::new(card("900"), dollars(2010)), Case::new(card("901"), dollars(2010)))
                .with_raw_card(Case::new(card("900"), dollars(1999)))
                .with_token(Case::new(token(&tokens.approved), dollars(1500)))
                .with_bank_account(Case::new(PaymentMethod::BankAccount(account), dollars(5000)))
                .with_partial(Case::new(token(&tokens.partial), dollars(2500)))
                .with_held(Case::new(token(&tokens.held), dollars(2600)))
                .with_storable(card("900"))
                .with_word(Feature::StoredCredential, "MCC123456")
                // The directory server's transaction has no place at Authorize.Net.
                .with_word(Feature::ThreeDSecure, "cardholderAuthenticationValue"),
        )
    }

    fn subscriptions(&self) -> Option<SubscriptionCases> {
        let monthly =
            |minor| Plan::Inline { amount: dollars(minor), every: Interval::new(1, IntervalUnit::Month) };
        Some(SubscriptionCases::new(named_card(), monthly(1200)).with_other_plan(monthly(1500)))
    }

    fn webhooks(&self) -> Option<WebhookCases> {
        let header = &["x-anet-signature"];
        Some(WebhookCases::new("https://shop.test/hooks/authorize-net", header, &["signatureKey"]))
    }
}

struct AuthorizeNetBench {
    simulator: Simulator,
    tokens: Tokens,
    clock: Arc<FixedClock>,
    pushes: AtomicU32,
}

impl AuthorizeNetBench {
    fn new() -> Self {
        let clock = Arc::new(FixedClock::new());
        let simulated = SimClock::fixed(seconds(clock.now()));
        let simulator = Simulator::builder().with_clock(simulated).build();
        let tokens = Tokens::mint(&simulator);
        simulator.authnet().allow_unlinked_credit(true);
        // A security code that does not match (901) declines.
        simulator.authnet().reject_cvv("N");
        Self { simulator, tokens, clock, pushes: AtomicU32::new(1) }
    }
}

impl Bench for AuthorizeNetBench {
    fn connect(&self, setup: &Setup) -> Result<Connection> {
        let provider = AuthorizeNetProvider::new();
        let simulator = self.simulator.clone();
        // The simulator's merchant is a sandbox one; production does not know it.
        let transport = Arc::new(transport_fn(move |mut request| {
            if request.uri().host() == Some("api2.authorize.net") {
                let body = String::from_utf8(request.body().to_vec()).unwrap();
                *request.body_mut() = Bytes::from(body.replacen(r#""name":""#, r#""name":"x"#, 1));
            }
            simulator.handle(request)
        }));
        provider.connect(setup.config(&provider, transport)?)
    }

    fn clock(&self) -> Arc<FixedClock> {
        Arc::clone(&self.clock)
    }

    fn clock_moved(&self, clock: &FixedClock) {
        self.simulator.clock().set(seconds(clock.now()));
    }

    fn ledger(&self) -> Vec<LedgerEntry> {
        let all = self.simulator.authnet().transactions();
        all.iter().filter_map(entry).collect()
    }

    fn subscriptions(&self) -> usize {
        self.simulator.authnet().subscriptions().len()
    }

    fn settle(&self) -> Option<String> {
        self.simulator.authnet().settle().into_iter().next()
    }

    fn push(&self, key: SigningKey, at: DateTime<Utc>) -> Option<http::Request<Bytes>> {
        let key = match key {
            SigningKey::Current => self.simulator.authnet().signature_key(),
            SigningKey::Previous => return None,
            SigningKey::Unknown => "0123456789ABCDEF".repeat(8),
        };
        let body = json!({
            "notificationId": format!("n-{}", self.pushes.fetch_add(1, Ordering::SeqCst)),
            "eventType": "net.authorize.payment.authcapture.created", "eventDate": at.to_rfc3339(), "webhookId": "w-1",
            "payload": { "responseCode": 1, "authAmount": 20.00, "entityName": "transaction", "id": "60123456789" },
        });
        let push = authnet::sign(body.to_string().into(), &key);
        let mut request =
            http::Request::post("https://shop.test/hooks/authorize-net").body(push.body).ok()?;
        *request.headers_mut() = push.headers;
        Some(request)
    }
}

/// The vendor's own books. A linked refund stands in the entry of its payment, a credit in one of its own.
fn entry(transaction: &Value) -> Option<LedgerEntry> {
    let is = |name: &str, value: &str| transaction[name] == value;
    if is("transactionStatus", "declined") || !transaction["refTransId"].is_null() {
        return None;
    }
    let currency = Currency::new(transaction["currency"].as_str()?).ok()?;
    let money = |name: &str| Money::new(transaction[name].as_i64().unwrap_or_default(), currency);
    let zero = Money::zero(currency);
    let entry = if is("transactionType", "refundTransaction") {
        LedgerEntry::new(zero, zero, money("authorized"))
    } else if is("transactionStatus", "voided") {
        LedgerEntry::new(zero, zero, money("refunded"))
    } else {
        LedgerEntry::new(money("authorized"), money("captured"), money("refunded"))
    };
    Some(match transaction["invoiceNumber"].as_str() {
        Some(invoice) => entry.with_wire_key(invoice),
        None => entry,
    })
}

#[tokio::test]
async fn conformance() {
    conformance::run(&AuthorizeNet).await;
}
