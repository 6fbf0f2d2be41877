//! Card numbers, security codes, account numbers, tokens, names and every credential stay out of all that is printed, over
//! all operations and faults.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod support;

use std::fmt::{Debug, Write as _};
use std::sync::Arc;

use turnbuckle_authnet::{
    ACCEPT_JS, Address as WireAddress, AuthorizeNet, BankAccountData, CreditCard, NewCustomer,
    NewPaymentProfile, NewWebhook, OpaqueData, PaymentData, TransactionRequest, TransactionType,
    ValidationMode,
};
use turnbuckle_core::Result;
use turnbuckle_core::payment::{
    Address, BankAccount, CancelWhen, CaptureRequest, Card, CreditRequest, Customer, Decision, LookupQuery,
    PaymentMethod, PaymentRef, RefundRequest, StoreRequest, ThreeDSecure, TransactionQuery, VendorToken,
    VerifyRequest, VoidRequest,
};
use turnbuckle_core::provider::Connection;
use turnbuckle_testkit::leak::{Sentinels, capture, chain};

use support::{Break, BreakingTransport, Rig, reference, usd};

const PAN: &str = "4111111111111111";
const CVV: &str = "9007";
const ACCOUNT_NUMBER: &str = "00047110815123";
const TOKEN: &str = "eyJjb2RlSENTINELfQ";
const CAVV: &str = "AAABBEg0SENTINELRWAAAAAAA=";
const STREET: &str = "47 Sentinel Street";
const EMAIL: &str = "robin.sentinel@shop.test";
const ADDRESS: &str = "203.0.113.199";
const HOLDER: &str = "Robin Sentinelson";

fn sentinels(rig: &Rig) -> Sentinels {
    let vendor = rig.sim.authnet();
    Sentinels::new()
        .with("card number", PAN)
        .with("security code", CVV)
        .with("account number", ACCOUNT_NUMBER)
        .with("token", TOKEN)
        .with("authentication value", CAVV)
        .with("street", STREET)
        .with("email", EMAIL)
        .with("holder", HOLDER)
        .with("network address", ADDRESS)
        .with("login", vendor.api_login_id())
        .with("transaction key", vendor.transaction_key())
        .with("signature key", vendor.signature_key())
}

fn methods() -> Vec<PaymentMethod> {
    let card = Card::new(PAN, 12, 2034).unwrap().with_cvv(CVV).unwrap().with_holder(HOLDER);
    let account = BankAccount::new("121042882", ACCOUNT_NUMBER, HOLDER).unwrap();
    vec![
        PaymentMethod::Card(card),
        PaymentMethod::BankAccount(account),
        PaymentMethod::Token(VendorToken::new(ACCEPT_JS, TOKEN)),
    ]
}

fn print<T: Debug>(text: &mut String, result: &Result<T>) {
    let _ = match result {
        Ok(value) => writeln!(text, "{value:?}\n{value:#?}"),
        Err(error) => writeln!(text, "{} {error} {error:?} {:?}", chain(error), error.attempt()),
    };
}

/// Every operation of the gateway and of the client, printed.
async fn everything(rig: &Rig, connection: &Connection, text: &mut String) {
    let gateway = connection.payments().unwrap();
    let subscriptions = connection.subscriptions().unwrap();
    let client = connection.client::<AuthorizeNet>().unwrap();
    let _ =
        writeln!(text, "{connection:?} {gateway:?} {subscriptions:?} {client:?} {:?}", connection.webhooks());
    let mut address = Address::default();
    address.line1 = Some(STREET.into());
    let mut customer = Customer::default();
    customer.email = Some(EMAIL.into());
    let mut made: Option<PaymentRef> = None;
    for (number, method) in methods().into_iter().enumerate() {
        let key = |what: &str| rig.key(&format!("{what}-{number}"));
        let mut request = rig.request(2000 + i64::try_from(number).unwrap(), &format!("p-{number}"));
        request.method = method.clone();
        let request = request
            .with_billing(address.clone())
            .with_customer(customer.clone())
            .with_three_d_secure(ThreeDSecure::new("2.2.0", "05", CAVV, "f879"));
        let _ = writeln!(text, "{request:?} {:?}", gateway.preflight(&request));
        let paid = gateway.purchase(&request).await;
        print(text, &paid);
        made =
            paid.ok().and_then(|paid| paid.payment_in_any_state().map(|payment| payment.reference.clone()));
        print(text, &gateway.authorize(&request).await);
        let credit = CreditRequest::new(usd(100), method.clone(), key("c"), reference("c-1"));
        print(text, &gateway.credit(&credit).await);
        let verify = VerifyRequest::new(method.clone(), usd(1).currency(), key("v"), reference("v-1"));
        print(text, &gateway.verify(&verify).await);
        let store =
            StoreRequest::new(method.clone(), key("s"), reference("s-1")).with_customer(customer.clone());
        let stored = gateway.store(&store).await;
        print(text, &stored);
        let mut subscription = rig.subscription(&format!("sub-{number}"));
        subscription.method = method;
        subscription.customer = Some(customer.clone());
        let started = subscriptions.create(&subscription).await;
        print(text, &started);
        if let Some(started) = started.ok().and_then(|started| started.subscription) {
            print(text, &subscriptions.get(&started.reference).await);
            print(text, &subscriptions.history(&started.reference, 5).await);
            print(text, &subscriptions.cancel(&started.reference, CancelWhen::Now).await);
        }
        if let Ok(stored) = stored {
            print(text, &gateway.unstore(&stored.reference).await);
        }
    }
    let on =
        made.unwrap_or_else(|| PaymentRef::new(gateway.provider().clone(), "transaction", "60000000001"));
    print(text, &gateway.capture(&CaptureRequest::new(on.clone(), rig.key("cap"))).await);
    print(text, &gateway.refund(&RefundRequest::new(on.clone(), rig.key("ref"))).await);
    print(text, &gateway.void(&VoidRequest::new(on.clone(), rig.key("void"))).await);
    print(text, &gateway.decide(&on, Decision::Accept).await);
    print(text, &gateway.lookup(&LookupQuery::Reference(on)).await);
    let now = turnbuckle_core::Clock::now(&rig.clock);
    let since = now - chrono::TimeDelta::days(1);
    let query = LookupQuery::merchant_reference(reference("order-1001"), since);
    print(text, &gateway.lookup(&query).await);
    print(text, &gateway.transactions(&TransactionQuery::new(since, now)).await);
    print(text, &connection.test().await);
    print(text, &client.webhooks().list().await);
    print(text, &client.webhooks().create(&NewWebhook::new("https://shop.test/x", [])).await);
    let data = PaymentData::CreditCard(CreditCard::new(PAN, 12, 2034).with_card_code(CVV));
    let mut bill_to = WireAddress::default();
    bill_to.address = Some(STREET.into());
    let mut new = NewCustomer::new("m-1");
    new.email = Some(EMAIL.into());
    let new = new.with_payment_profile(NewPaymentProfile::new(data.clone()).with_bill_to(bill_to.clone()));
    let mut transaction = TransactionRequest::new(TransactionType::AuthOnly).with_payment(data);
    transaction.customer_ip = Some(ADDRESS.to_owned());
    let bank = BankAccountData::new("121042882", ACCOUNT_NUMBER, HOLDER);
    let _ = writeln!(
        text,
        "{new:?} {transaction:?} {bill_to:?} {bank:?} {:?}",
        OpaqueData::new(ACCEPT_JS, TOKEN)
    );
    print(text, &client.customer_profiles().create(&new, ValidationMode::None).await);
    print(text, &client.customer_profiles().get_by_merchant_id("m-1").await);
    print(text, &client.transactions().create(&transaction, None).await);
}

#[tokio::test]
async fn nothing_leaks() {
    let breaks = [
        None,
        Some(Break::AfterEffect),
        Some(Break::BeforeEffect),
        Some(Break::Answer(500)),
        Some(Break::Answer(302)),
        Some(Break::Answer(400)),
        Some(Break::Answer(200)),
    ];
    for what in breaks {
        let rig = Rig::new();
        let transport = Arc::new(BreakingTransport::new(&rig.sim));
        let connection = rig.breaking(&transport, None);
        if let Some(what) = what {
            transport.plan(what, "", usize::MAX);
        }
        let spans = capture();
        let mut text = String::new();
        Box::pin(spans.watch(everything(&rig, &connection, &mut text))).await;
        let logged = spans.text();
        drop(spans);
        assert!(
            text.len() > 1000 && logged.contains("provider.call"),
            "{what:?}: there is something to look at"
        );
        let secrets = sentinels(&rig);
        assert!(secrets.find(&text).is_empty(), "{what:?} printed: {:?}", secrets.find(&text));
        assert!(secrets.find(&logged).is_empty(), "{what:?} logged: {:?}", secrets.find(&logged));
    }
}

#[test]
fn the_sentinels_are_what_would_leave() {
    // The search is worth something only if it finds these very values.
    let rig = Rig::new();
    let secrets = sentinels(&rig);
    for value in [PAN, CVV, ACCOUNT_NUMBER, TOKEN, CAVV, STREET, EMAIL, HOLDER] {
        assert_eq!(secrets.find(&format!("x {value} y")).len(), 1, "{value}");
    }
}
