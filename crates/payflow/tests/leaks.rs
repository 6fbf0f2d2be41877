//! Secrets stay out of every `Debug`, error, span and event: over all operations, spoiled and not.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

mod support;

use std::fmt::Write as _;
use std::sync::Arc;

use support::{Rig, reference, usd};
use turnbuckle_core::money::Currency;
use turnbuckle_core::payment::{
    Address, Attempt, BankAccount, CancelWhen, CaptureRequest, Card, CreditRequest, Customer, Decision,
    Interval, IntervalUnit, LookupQuery, PaymentGateway, PaymentMethod, PaymentOperation, PaymentRef,
    PaymentRequest, Plan, RefundRequest, StoreRequest, SubscriptionRequest, SubscriptionUpdate, ThreeDSecure,
    VerifyRequest, VoidRequest,
};
use turnbuckle_core::provider::IntegrationProvider;
use turnbuckle_core::{Clock, Result};
use turnbuckle_payflow::{
    Charge, ChargeDetails, Contact, Instrument, Payflow, PayflowProvider, ProfileData, RequestId,
};
use turnbuckle_testkit::fault::{Fault, FaultTransport, Faults};
use turnbuckle_testkit::leak::{Sentinels, capture, chain};

const PAN: &str = "4111111111111111";
const CVV: &str = "739";
const ACCOUNT: &str = "11111111110";
const CAVV: &str = "U0VOVElORUxDQVZWU0VOVElORUw=";
const NAME: &str = "Quillon Sentinelson";
const STREET: &str = "47 Sentinel Street";
const EMAIL: &str = "robin.sentinel@shop.test";

fn sentinels(rig: &Rig) -> Sentinels {
    Sentinels::new()
        .with("card number", PAN)
        .with("security code", CVV)
        .with("account number", ACCOUNT)
        .with("authentication value", CAVV)
        .with("password", rig.sim.payflow().login().password)
        .with("name", NAME)
        .with("street", STREET)
        .with("email", EMAIL)
}

fn card() -> PaymentMethod {
    PaymentMethod::Card(Card::new(PAN, 12, 2034).unwrap().with_cvv(CVV).unwrap().with_holder(NAME))
}

fn bank() -> PaymentMethod {
    PaymentMethod::BankAccount(BankAccount::new("111111118", ACCOUNT, NAME).unwrap())
}

fn full(rig: &Rig, method: PaymentMethod, key: &str) -> PaymentRequest {
    let mut customer = Customer::default();
    customer.email = Some(EMAIL.to_owned());
    let mut address = Address::default();
    address.line1 = Some(STREET.to_owned());
    PaymentRequest::new(usd(2010), method, rig.key(key), reference("order-1"))
        .with_customer(customer)
        .with_billing(address)
        .with_three_d_secure(ThreeDSecure::new("2.2.0", "05", CAVV, "f879ea1c"))
}

fn note<T: std::fmt::Debug>(text: &mut String, result: &Result<T>) {
    let _ = match result {
        Ok(value) => writeln!(text, "{value:?} {value:#?}"),
        Err(error) => writeln!(text, "{} {error:#?} {:?}", chain(error), error.attempt()),
    };
}

/// Every operation once; what fails is printed like what succeeds.
async fn everything(rig: &Rig, faults: &Faults, fault: Option<&Fault>, text: &mut String) {
    let spoiled = FaultTransport::new(rig.transport(), faults.clone());
    let connection = PayflowProvider::new().connect(rig.config(Arc::new(spoiled))).unwrap();
    let gateway = connection.payments().unwrap();
    let subscriptions = connection.subscriptions().unwrap();
    let straight = rig.gateway();
    let _ =
        writeln!(text, "{connection:?} {gateway:?} {subscriptions:?} {:?}", connection.client::<Payflow>());
    // What later operations work on is made without faults.
    let held = made(&*straight, true, &full(rig, card(), "made-a")).await;
    let other = made(&*straight, true, &full(rig, card(), "made-b")).await;
    let paid = made(&*straight, false, &full(rig, card(), "made-s")).await;
    let plan = Plan::Inline { amount: usd(900), every: Interval::new(1, IntervalUnit::Month) };
    let subscription = SubscriptionRequest::new(card(), plan.clone(), rig.key("made-p"), reference("p"));
    let made = rig.connect().subscriptions().unwrap().create(&subscription).await.unwrap();
    let profile = made.subscription.unwrap().reference;
    let _ = writeln!(text, "{subscription:?}");
    if let Some(fault) = fault {
        faults.from_request(1, fault.clone());
    }
    for (number, method) in [card(), bank()].into_iter().enumerate() {
        let request = full(rig, method.clone(), &format!("s{number}"));
        let _ = writeln!(text, "{request:?} {:?}", gateway.preflight(&request));
        note(text, &gateway.purchase(&request).await);
        note(text, &gateway.authorize(&full(rig, method.clone(), &format!("a{number}"))).await);
        let key = |name: &str| rig.key(&format!("{name}{number}"));
        let verify = VerifyRequest::new(method.clone(), Currency::USD, key("v"), reference("c"));
        let store = StoreRequest::new(method.clone(), key("l"), reference("c"));
        let credit = CreditRequest::new(usd(100), method, key("c"), reference("c"));
        let _ = writeln!(text, "{verify:?} {store:?} {credit:?}");
        note(text, &gateway.verify(&verify).await);
        note(text, &gateway.store(&store).await);
        note(text, &gateway.credit(&credit).await);
    }
    note(text, &gateway.capture(&CaptureRequest::new(held.clone(), rig.key("d"))).await);
    note(text, &gateway.void(&VoidRequest::new(other, rig.key("v"))).await);
    note(
        text,
        &gateway.refund(&RefundRequest::new(paid.clone(), rig.key("r")).with_void_if_unsettled()).await,
    );
    note(text, &gateway.decide(&paid, Decision::Accept).await);
    note(text, &gateway.lookup(&LookupQuery::Reference(held)).await);
    let attempt = |operation| {
        let now = rig.clock.now();
        Attempt::new(gateway.provider(), gateway.account(), operation, &rig.key("s0"), now)
            .with_amount(Some(usd(2010)))
            .with_merchant_reference(reference("order-1"))
    };
    let of = LookupQuery::Attempt(Box::new(attempt(PaymentOperation::Purchase)));
    note(text, &gateway.lookup(&of).await);
    note(text, &gateway.lookup_stored(&attempt(PaymentOperation::Store)).await);
    let create = SubscriptionRequest::new(card(), plan.clone(), rig.key("p"), reference("p"));
    note(text, &subscriptions.create(&create).await);
    note(text, &subscriptions.get(&profile).await);
    let update = SubscriptionUpdate::new(profile.clone(), rig.key("u")).with_plan(plan).with_method(card());
    let _ = writeln!(text, "{update:?}");
    note(text, &subscriptions.update(&update).await);
    note(text, &subscriptions.history(&profile, 5).await);
    note(text, &subscriptions.retry_payment(&profile, &rig.key("t")).await);
    note(text, &subscriptions.cancel(&profile, CancelWhen::Now).await);
    note(text, &subscriptions.reactivate(&profile, &rig.key("n")).await);
    note(text, &subscriptions.lookup(&attempt(PaymentOperation::CreateSubscription)).await);
    note(text, &connection.test().await);
    faults.clear();
}

async fn made(gateway: &dyn PaymentGateway, authorize: bool, request: &PaymentRequest) -> PaymentRef {
    let outcome = if authorize { gateway.authorize(request).await } else { gateway.purchase(request).await };
    outcome.unwrap().approved().unwrap().reference.clone()
}

#[tokio::test]
async fn nothing_secret_is_written_anywhere() {
    let faults = [
        None,
        Some(Fault::ConnectRefused),
        Some(Fault::ResetAfter),
        Some(Fault::TimeoutBefore),
        Some(Fault::Truncated),
        Some(Fault::BadUtf8),
        Some(Fault::DeepJson),
        Some(Fault::HtmlBadGateway),
        Some(Fault::Oversized),
        Some(Fault::ServerError { after_effect: true }),
        Some(Fault::TooManyRequests { retry_after: None }),
        Some(Fault::Redirect { location: "https://elsewhere.test/".to_owned() }),
    ];
    let spans = capture();
    let mut text = String::new();
    let mut words = Sentinels::new();
    for fault in &faults {
        let rig = Rig::new();
        words = sentinels(&rig);
        let faults = Faults::new();
        let all = Box::pin(everything(&rig, &faults, fault.as_ref(), &mut text));
        spans.watch(all).await;
    }
    assert!(text.contains("approved") || text.contains("Approved"), "something went through");
    let logged = spans.text();
    assert!(logged.contains("provider.call"), "the log is being written");
    words.assert_clean(&text);
    words.assert_clean(&logged);
}

#[test]
fn the_typed_clients_parameters_show_nothing() {
    let rig = Rig::new();
    let card = turnbuckle_payflow::CardData::new(PAN, 12, 2034).with_cvv(CVV);
    let account = turnbuckle_payflow::BankAccountData::new("111111118", ACCOUNT, NAME, "WEB");
    let contact = Contact::new().with_first_name(NAME).with_street(STREET).with_email(EMAIL);
    let details = ChargeDetails::new()
        .with_billing(contact.clone())
        .with_shipping(contact)
        .with_authentication(turnbuckle_payflow::Authentication::new("2.2.0", "05", CAVV, "f879"));
    let charge = Charge::new(usd(1), Instrument::Card(card.clone())).with_details(details.clone());
    let profile = ProfileData::new().with_instrument(Instrument::Card(card));
    let bank = Instrument::BankAccount(account);
    let id = RequestId::new("id-1").unwrap();
    let text = format!("{charge:?} {charge:#?} {details:?} {profile:?} {bank:?} {id:?}");
    sentinels(&rig).assert_clean(&text);
}
