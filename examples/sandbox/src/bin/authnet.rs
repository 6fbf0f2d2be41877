//! Authorize.Net's usual flow in its sandbox, or against a stand-in. With `--all`, every operation of the typed client;
//! with `--list`, their names.

use std::process::ExitCode;

use turnbuckle_authnet::{
    AuthorizeNet, AuthorizeNetProvider, CreditCard, NewCustomer, NewPaymentProfile, Order, Page, PaymentData,
    ProfilePayment, Settings, TransactionAnswer, TransactionRequest, TransactionType, ValidationMode,
};
use turnbuckle_core::provider::IntegrationProvider;
use turnbuckle_core::{Error, ErrorKind, Result};
use turnbuckle_sandbox::authnet::{
    DECLINED_ZIP, address, card, dollars, every_operation, judge, payment, show, unconnected,
};
use turnbuckle_sandbox::{Args, Ready, Runner, Sandbox, Task, complain, fresh_word};

const SANDBOX: Sandbox = Sandbox {
    name: "authnet",
    flow: "charge, see a duplicate and a decline, authorize and capture, refund too early, void, store a card, list",
    prefix: "AUTHNET",
    keys: "https://sandbox.authorize.net (Account, Settings, API Credentials & Keys)",
};

#[tokio::main]
async fn main() -> ExitCode {
    let outcome = match Args::read(&SANDBOX).task() {
        Task::List => match unconnected() {
            Ok(client) => Box::pin(every_operation(Runner::listing(), &client)).await,
            Err(problem) => return complain(problem),
        },
        task => {
            let provider = AuthorizeNetProvider::new();
            let ready = match SANDBOX.ready(&provider) {
                Ok(ready) => ready,
                Err(problem) => return complain(problem.message()),
            };
            let client = match provider.connect(ready.config.clone()) {
                Ok(connection) => connection.client::<AuthorizeNet>(),
                Err(problem) => return complain(problem),
            };
            let Some(client) = client else { return complain("the connection has no typed client") };
            println!("Authorize.Net at {}\n", ready.place);
            match task {
                Task::All => Box::pin(every_operation(Runner::new(ready.wire), &client)).await,
                _ => Box::pin(flow(&client, ready)).await,
            }
        }
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(problem) => complain(problem),
    }
}

/// The answer, where its response code and reason are these.
fn expect(answer: TransactionAnswer, code: &str, reasons: &[&str]) -> Result<TransactionAnswer> {
    let response = &answer.response;
    let as_expected = response.response_code.as_deref() == Some(code)
        && response.reason_code().is_some_and(|reason| reasons.contains(&reason));
    if as_expected {
        return Ok(answer);
    }
    Err(Error::new(ErrorKind::InvalidResponse, format!("UNEXPECTED: {}", show(&answer))))
}

fn id(answer: Option<&TransactionAnswer>) -> String {
    answer.and_then(|answer| answer.response.id()).unwrap_or("1").to_owned()
}

/// Charge, see a duplicate and a decline, authorize and capture, refund too early, void, store, list.
async fn flow(client: &AuthorizeNet, ready: Ready) -> Result<bool> {
    let mut run = Runner::new(ready.wire);
    let transactions = client.transactions();
    let word = fresh_word()?;
    let invoice = |what: &str| format!("{word}-{what}");

    run.run("account.authenticate_test", client.authenticate_test(), |()| "the keys are good".to_owned())
        .await;
    let details = client.merchant_details();
    run.run("account.merchant_details", details, |own| match own.is_test_mode {
        Some(true) => "the account is in TEST MODE: nothing is processed".to_owned(),
        _ => "the account is live".to_owned(),
    })
    .await;

    let sale = payment(TransactionType::AuthCapture, 2010, &invoice("sale"));
    let charge = async { judge(transactions.create(&sale, Some(&word)).await?) };
    let paid = run.run("transactions.auth_capture", charge, show).await;
    let paid = id(paid.as_ref());
    // The same within the window: refused, with the id of the first one.
    let again = async {
        let answer = expect(transactions.create(&sale, Some(&word)).await?, "3", &["11"])?;
        if answer.response.id() == Some(paid.as_str()) {
            return Ok(());
        }
        Err(Error::new(ErrorKind::InvalidResponse, "the duplicate does not name the first payment"))
    };
    run.run("transactions.auth_capture (again)", again, |()| "the same payment".to_owned()).await;

    let mut declined = payment(TransactionType::AuthCapture, 2500, &invoice("no"));
    let mut billing = address();
    billing.zip = Some(DECLINED_ZIP.to_owned());
    declined.bill_to = Some(billing);
    let declined = async { expect(transactions.create(&declined, None).await?, "2", &["2"]) };
    run.run("transactions.auth_capture (declined)", declined, |answer| {
        format!("declined as it should: {}", show(answer))
    })
    .await;

    let reserve = payment(TransactionType::AuthOnly, 5000, &invoice("auth"));
    let reserve = async { judge(transactions.create(&reserve, None).await?) };
    let reserved = id(run.run("transactions.auth_only", reserve, show).await.as_ref());
    let part = TransactionRequest::new(TransactionType::PriorAuthCapture)
        .with_amount(dollars(3000))
        .with_ref_trans_id(&reserved);
    let captured = async { judge(transactions.create(&part, None).await?) };
    run.run("transactions.prior_auth_capture", captured, show).await;

    let refund = TransactionRequest::new(TransactionType::Refund)
        .with_amount(dollars(500))
        .with_payment(PaymentData::CreditCard(CreditCard::of_last4("1111")))
        .with_ref_trans_id(&paid)
        .with_order(Order::new(invoice("refund")));
    let early = async { expect(transactions.create(&refund, None).await?, "3", &["54"]) };
    run.run("transactions.refund (before settlement)", early, |_| "refused as it should: 54".to_owned())
        .await;
    for id in [&paid, &reserved] {
        let void = TransactionRequest::new(TransactionType::Void).with_ref_trans_id(id);
        let void = async { judge(transactions.create(&void, None).await?) };
        run.run("transactions.void", void, show).await;
    }
    let reports = client.reports();
    let seen = reports.details(&paid);
    run.run("reports.transaction_details", seen, |one| {
        one.transaction_status.clone().unwrap_or_else(|| "no status".to_owned())
    })
    .await;

    let profiles = client.customer_profiles();
    let method = NewPaymentProfile::new(card()).with_bill_to(address());
    let customer = NewCustomer::new(&word).with_payment_profile(method);
    let kept = profiles.create(&customer, ValidationMode::None);
    let kept = run
        .run("customer_profiles.create", kept, |made| made.customer_profile_id.clone().unwrap_or_default())
        .await;
    let owner = kept.as_ref().and_then(|made| made.customer_profile_id.clone());
    let method = kept.as_ref().and_then(|made| made.customer_payment_profile_id_list.first().cloned());
    if let (Some(owner), Some(method)) = (owner, method) {
        let stored = TransactionRequest::new(TransactionType::AuthCapture)
            .with_amount(dollars(1500))
            .with_profile(ProfilePayment::new(&owner, &method))
            .with_order(Order::new(invoice("stored")))
            .with_settings(Settings::new().with_duplicate_window(Settings::LONGEST_DUPLICATE_WINDOW));
        let stored = async { judge(transactions.create(&stored, None).await?) };
        run.run("transactions.auth_capture (stored)", stored, show).await;
        run.run("customer_profiles.delete", profiles.delete(&owner), |()| owner.clone()).await;
    }

    let page = reports.unsettled(Page::new(1).with_limit(5));
    run.run("reports.unsettled", page, |list| format!("{} on the page", list.transactions.len())).await;
    Ok(run.finish())
}
