//! Nothing secret or personal in Debug, Display, sources, spans or events: over every operation, spoiled and not.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod support;

use std::fmt::Write as _;
use std::sync::Arc;

use turnbuckle_core::http::RetryPolicy;
use turnbuckle_core::payment::{
    Address, BankAccount, CancelWhen, CaptureRequest, Card, CreditRequest, Customer, Interval, IntervalUnit,
    LookupQuery, MemoryJournal, PaymentMethod, PaymentRef, Plan, RefundRequest, RequestOptions, StoreRequest,
    SubscriptionRequest, SubscriptionUpdate, ThreeDSecure, TransactionQuery, VendorToken, VerifyRequest,
    VoidRequest,
};
use turnbuckle_core::provider::IntegrationProvider;
use turnbuckle_core::{Environment, Error};
use turnbuckle_nmi::{
    Contact, NewTransaction, Nmi, NmiProvider, Page, Source, TransactionSearch, TransactionType, VaultDetails,
};
use turnbuckle_testkit::leak::{Sentinels, capture, chain};

use support::{Break, BreakingTransport, Rig, reference, usd};

const PAN: &str = "5431111111111111";
const CVV: &str = "7319";
const ACCOUNT_NUMBER: &str = "000987654321";
const TOKEN: &str = "SENTINEL-token-00000000-4711";

fn sentinels(rig: &Rig) -> Sentinels {
    Sentinels::new()
        .with("security key", rig.nmi().security_key())
        .with("user name", rig.nmi().username_and_password().0)
        .with("password", rig.nmi().username_and_password().1)
        .with("webhook key", rig.nmi().webhook_key())
        .with("card number", PAN)
        .with("security code", CVV)
        .with("account number", ACCOUNT_NUMBER)
        .with("token", TOKEN)
        .with("cryptogram", "SENTINELcavv0815")
        .with("holder", "Sentinella Holder")
        .with("street", "47 Sentinel Street")
        .with("email", "robin.sentinel@shop.test")
        .with("phone", "+4922147110815")
        .with("description", "SENTINEL description")
        .with("metadata", "SENTINEL metadata")
}

fn card() -> PaymentMethod {
    PaymentMethod::Card(
        Card::new(PAN, 12, 2034).unwrap().with_cvv(CVV).unwrap().with_holder("Sentinella Holder"),
    )
}

fn bank() -> PaymentMethod {
    PaymentMethod::BankAccount(BankAccount::new("123123123", ACCOUNT_NUMBER, "Sentinella Holder").unwrap())
}

fn print<T: std::fmt::Debug>(text: &mut String, result: &Result<T, Error>) {
    let _ = match result {
        Ok(value) => writeln!(text, "{value:?}\n{value:#?}"),
        Err(error) => writeln!(text, "{} {error:#?} {:?}", chain(error), error.attempt()),
    };
}

/// Everything once, with what came of it printed.
async fn everything(rig: &Rig, transport: &Arc<BreakingTransport>) -> String {
    let mut text = String::new();
    let connection = rig.breaking(transport, RetryPolicy::new());
    let gateway = connection.payments().unwrap();
    let subscriptions = connection.subscriptions().unwrap();
    let mut customer = Customer::default();
    customer.name = Some("Sentinella Holder".to_owned());
    customer.email = Some("robin.sentinel@shop.test".to_owned());
    customer.phone = Some("+4922147110815".to_owned());
    let mut billing = Address::default();
    billing.line1 = Some("47 Sentinel Street".to_owned());
    let options = || RequestOptions::default().with_metadata("note", "SENTINEL metadata");
    let _ = writeln!(text, "{connection:?} {connection:#?} {gateway:?} {subscriptions:?}");
    let token = || PaymentMethod::Token(VendorToken::new("payment_token", TOKEN));
    let mut handles = vec![PaymentRef::new(NmiProvider::ID, "transaction", "11000000007")];
    for (number, method) in [card(), bank(), token()].into_iter().enumerate() {
        let name = |what: &str| format!("{what}{number}");
        let request = rig
            .request(2010, method.clone(), &name("purchase"))
            .with_customer(customer.clone())
            .with_billing(billing.clone())
            .with_shipping(billing.clone())
            .with_description("SENTINEL description")
            .with_options(options())
            .with_three_d_secure(ThreeDSecure::new("2.2.0", "05", "SENTINELcavv0815", "ds"));
        let _ = writeln!(text, "{:?}", gateway.preflight(&request));
        for outcome in [gateway.purchase(&request).await, gateway.authorize(&request).await] {
            handles.extend(
                outcome.iter().filter_map(|known| Some(known.payment_in_any_state()?.reference.clone())),
            );
            print(&mut text, &outcome);
        }
        let credit = CreditRequest::new(usd(500), method.clone(), rig.key(&name("credit")), reference("r"));
        print(&mut text, &gateway.credit(&credit).await);
        let verify =
            VerifyRequest::new(method.clone(), usd(0).currency(), rig.key(&name("verify")), reference("r"));
        print(&mut text, &gateway.verify(&verify).await);
        let store = StoreRequest::new(method.clone(), rig.key(&name("store")), reference("r"))
            .with_customer(customer.clone());
        let stored = gateway.store(&store).await;
        print(&mut text, &stored);
        if let Ok(stored) = stored {
            print(&mut text, &gateway.unstore(&stored.reference).await);
        }
        let plan = Plan::Inline { amount: usd(1200), every: Interval::new(1, IntervalUnit::Month) };
        let wish =
            SubscriptionRequest::new(method.clone(), plan.clone(), rig.key(&name("sub")), reference("r"));
        let started = subscriptions.create(&wish.with_customer(customer.clone())).await;
        print(&mut text, &started);
        let handle = PaymentRef::new(NmiProvider::ID, "subscription", "5630139560");
        let handle = started.ok().and_then(|made| made.subscription).map_or(handle, |made| made.reference);
        let change = SubscriptionUpdate::new(handle.clone(), rig.key(&name("change")))
            .with_plan(plan)
            .with_method(method.clone());
        print(&mut text, &subscriptions.update(&change).await);
        print(&mut text, &subscriptions.get(&handle).await);
        print(&mut text, &subscriptions.history(&handle, 5).await);
        print(&mut text, &subscriptions.cancel(&handle, CancelWhen::Now).await);
    }
    for (number, handle) in handles.into_iter().enumerate() {
        let key = |what: &str| rig.key(&format!("{what}{number}"));
        print(&mut text, &gateway.capture(&CaptureRequest::new(handle.clone(), key("capture"))).await);
        print(&mut text, &gateway.refund(&RefundRequest::new(handle.clone(), key("refund"))).await);
        print(&mut text, &gateway.void(&VoidRequest::new(handle.clone(), key("void"))).await);
        print(&mut text, &gateway.lookup(&LookupQuery::Reference(handle)).await);
    }
    let from = turnbuckle_core::Clock::now(&rig.clock) - chrono::TimeDelta::days(1);
    let query = TransactionQuery::new(from, from + chrono::TimeDelta::days(2));
    print(&mut text, &gateway.transactions(&query).await);
    print(&mut text, &gateway.lookup(&LookupQuery::merchant_reference(reference("order-1001"), from)).await);
    print(&mut text, &connection.test().await);
    typed(&mut text, &connection.client::<Nmi>().unwrap()).await;
    text
}

async fn typed(text: &mut String, nmi: &Nmi) {
    let PaymentMethod::Card(raw) = card() else { return };
    let contact =
        Contact::new().with_name("Sentinella", "Holder").with_address("47 Sentinel Street", "10001");
    let new = NewTransaction::new(TransactionType::Sale, usd(4711), Source::Card(raw.clone()))
        .with_order_description("SENTINEL description")
        .with_billing(contact.clone());
    let details = VaultDetails::new().with_billing(contact);
    let _ = writeln!(text, "{nmi:?} {new:?} {new:#?} {details:?}");
    print(text, &nmi.transactions().create(&new).await);
    print(text, &nmi.vault().add_customer("leak", &Source::Card(raw), &details).await);
    print(text, &nmi.query().transactions(&TransactionSearch::new()).await);
    print(text, &nmi.query().customers(Page::new(0, 10)).await);
    print(text, &nmi.query().subscriptions(Page::new(0, 10)).await);
}

#[tokio::test]
async fn nothing_leaks_whatever_happens() {
    let quoting = concat!(
        "response=3&responsetext=Invalid Credit Card Number 5431111111111111 of Sentinella Holder REFID:7&authcode=",
        "&transactionid=5431111111111111&orderid=47 Sentinel Street&type=sale&response_code=300",
    );
    let odd = "response=5431111111111111&responsetext=7319&response_code=5431111111111111";
    let in_xml =
        "<nm_response><error_response>No such card 5431111111111111 REFID:7</error_response></nm_response>";
    let faults = [
        None,
        Some((Break::AfterEffect, "transact.php")),
        Some((Break::BeforeEffect, "query.php")),
        Some((Break::Status(500), "transact.php")),
        Some((Break::Instead(quoting), "transact.php")),
        Some((Break::Instead(odd), "transact.php")),
        Some((Break::Instead("<html>5431111111111111</html>"), "transact.php")),
        Some((Break::Refused(in_xml), "query.php")),
        Some((Break::Refused("5431111111111111"), "query.php")),
    ];
    for fault in faults {
        let rig = Rig::new().with_journal(Arc::new(MemoryJournal::new()));
        let transport = Arc::new(BreakingTransport::new(&rig.sim));
        let sentinels = sentinels(&rig);
        if let Some((what, path)) = &fault {
            transport.plan(what.clone(), path, usize::MAX);
        }
        let spans = capture();
        let text = Box::pin(spans.watch(everything(&rig, &transport))).await;
        let logged = spans.text();
        drop(spans);
        assert!(text.len() > 10_000 && !logged.is_empty(), "nothing was printed, so nothing is shown");
        assert!(
            sentinels.find(&text).is_empty(),
            "{fault:?} in what was printed: {:?}",
            sentinels.find(&text)
        );
        assert!(sentinels.find(&logged).is_empty(), "{fault:?} in spans: {:?}", sentinels.find(&logged));
    }
}

#[test]
fn a_connection_with_every_credential_shows_none() {
    let rig = Rig::new();
    let (username, password) = rig.nmi().username_and_password();
    let credentials = serde_json::json!({ "securityKey": rig.nmi().security_key(), "username": username,
        "password": password, "webhookKey": rig.nmi().webhook_key() });
    let config = rig.config_with(Environment::Sandbox, credentials, rig.transport());
    let connection = NmiProvider::new().connect(config.clone()).unwrap();
    let text =
        format!("{config:?} {connection:#?} {:?} {:?}", connection.webhooks(), connection.client::<Nmi>());
    sentinels(&rig).assert_clean(&text);
}
