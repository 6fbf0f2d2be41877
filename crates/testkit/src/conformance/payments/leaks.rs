//! Secrets stay out of every `Debug`, error, span and event.

use std::fmt::Write as _;

use secrecy::ExposeSecret;
use serde_json::Value;
use turnbuckle_core::payment::{Address, Customer, Feature, MerchantReference, PaymentMethod, StoreRequest};
use turnbuckle_core::provider::IntegrationProvider;

use super::super::report::ensure;
use super::super::{Case, Failed, Report};
use super::{Done, Stage, Suite};
use crate::fault::Fault;
use crate::leak::{Sentinels, capture, chain};

pub(super) async fn run(suite: &Suite<'_>, report: &mut Report) {
    report.run("leaks: nothing secret is written anywhere", leaks(suite)).await;
}

pub(in super::super) fn of_credentials(provider: &dyn IntegrationProvider, credentials: &Value) -> Sentinels {
    let mut sentinels = Sentinels::new();
    for field in provider.definition().credential_schema.fields() {
        if let Some(value) = credentials.get(field.name).and_then(Value::as_str)
            && field.secret
        {
            sentinels.add(field.name, value);
        }
    }
    sentinels
}

fn of_method(sentinels: &mut Sentinels, method: &PaymentMethod) {
    match method {
        PaymentMethod::Card(card) => {
            sentinels.add("card number", card.number().expose_secret());
            if let Some(cvv) = card.cvv() {
                sentinels.add("security code", cvv.expose_secret());
            }
        }
        PaymentMethod::Token(token) => sentinels.add("token", token.value().expose_secret()),
        PaymentMethod::BankAccount(account) => {
            sentinels.add("account number", account.account_number.expose_secret());
        }
        _ => {}
    }
}

const EMAIL: &str = "robin.sentinel@shop.test";
const STREET: &str = "47 Sentinel Street";

async fn leaks(suite: &Suite<'_>) -> Done {
    let cases = suite.cases;
    let provider = suite.fixture.provider();
    let mut sentinels = of_credentials(provider.as_ref(), &suite.fixture.credentials());
    sentinels.add("email", EMAIL);
    sentinels.add("street", STREET);
    let more =
        [&cases.raw_card, &cases.token, &cases.bank_account, &cases.partial, &cases.action, &cases.held];
    let all: Vec<&Case> =
        [&cases.approved, &cases.declined].into_iter().chain(more.into_iter().flatten()).collect();
    for case in &all {
        of_method(&mut sentinels, &case.method);
    }
    let spans = capture();
    let text = spans.watch(everything(suite, &all)).await?;
    let logged = spans.text();
    drop(spans);
    let found = sentinels.find(&text);
    ensure(found.is_empty(), format!("in what was printed: {}", found.join(", ")))?;
    let found = sentinels.find(&logged);
    ensure(found.is_empty(), format!("in spans and events: {}", found.join(", ")))
}

/// Charges with everything, spoiled and not, and prints all that can be printed.
async fn everything(suite: &Suite<'_>, all: &[&Case]) -> Result<String, Failed> {
    let mut text = String::new();
    let faults = [None, Some(Fault::ResetAfter), Some(Fault::BadUtf8), Some(Fault::HtmlBadGateway)];
    for fault in faults {
        let stage: Stage = suite.stage()?;
        let connection = stage.bench.connect(&stage.setup)?;
        let _ = writeln!(text, "{connection:?} {:?} {:?}", stage.gateway, stage.setup);
        for (number, case) in all.iter().enumerate() {
            let mut customer = Customer::default();
            customer.email = Some(EMAIL.to_owned());
            let mut address = Address::default();
            address.line1 = Some(STREET.to_owned());
            let request =
                stage.request(case, &number.to_string())?.with_customer(customer).with_billing(address);
            stage.faults().clear();
            if let Some(fault) = &fault {
                stage.faults().from_request(1, fault.clone());
            }
            let _ = writeln!(text, "{request:?} {:?}", stage.gateway.preflight(&request));
            print(&mut text, &stage.charge(&request).await);
            if suite.has(Feature::Store) {
                let key = stage.key(&format!("S{number}"))?;
                let reference = MerchantReference::new(format!("CONFS{number}"))?;
                let store = StoreRequest::new(case.method.clone(), key, reference);
                let _ = writeln!(text, "{store:?}");
                print(&mut text, &stage.gateway.store(&store).await);
            }
        }
        print(&mut text, &connection.test().await);
    }
    Ok(text)
}

fn print<T: std::fmt::Debug>(text: &mut String, result: &turnbuckle_core::Result<T>) {
    let _ = match result {
        Ok(value) => writeln!(text, "{value:?}\n{value:#?}"),
        Err(error) => writeln!(text, "{} {:?}", chain(error), error.attempt()),
    };
}
