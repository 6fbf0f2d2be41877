//! Payflow's usual flow on its test host, or against a stand-in: `PAYFLOW_PARTNER`, `PAYFLOW_VENDOR`, `PAYFLOW_USER` and
//! `PAYFLOW_PASSWORD` hold the login of a test account. With `--all`, every operation of the typed client; with `--list`,
//! their names.

use std::process::ExitCode;

use chrono::Days;
use turnbuckle_core::money::{Currency, Money};
use turnbuckle_core::provider::IntegrationProvider;
use turnbuckle_core::{Clock, Error, ErrorKind, Result, SystemClock};
use turnbuckle_payflow::{
    CardData, Charge, ChargeDetails, Followup, Inquiry, InquiryKey, Instrument, PayPeriod, Payflow,
    PayflowError, PayflowProvider, ProfileData, RequestId, Tender, Transaction,
};
use turnbuckle_sandbox::payflow::{every_operation, unconnected};
use turnbuckle_sandbox::{Args, Ready, Runner, Sandbox, Task, complain, fresh_word};

const SANDBOX: Sandbox = Sandbox {
    name: "payflow",
    flow: "verify, charge, authorize and capture, void, refund, store a card, see a decline, ask, bill again and again",
    prefix: "PAYFLOW",
    keys: "https://manager.paypal.com (the login of an account that is not activated: partner, vendor, user, password)",
};

#[tokio::main]
async fn main() -> ExitCode {
    let outcome = match Args::read(&SANDBOX).task() {
        Task::List => match unconnected() {
            Ok(payflow) => Box::pin(every_operation(Runner::listing(), &payflow)).await,
            Err(problem) => return complain(problem),
        },
        task => {
            let provider = PayflowProvider::new();
            let ready = match SANDBOX.ready(&provider) {
                Ok(ready) => ready,
                Err(problem) => return complain(problem.message()),
            };
            // Connecting sends nothing.
            let payflow = match provider.connect(ready.config.clone()) {
                Ok(connection) => connection.client::<Payflow>(),
                Err(problem) => return complain(problem),
            };
            let Some(payflow) = payflow else { return complain("the connection has no typed client") };
            println!("Payflow at {}\n", ready.place);
            match task {
                Task::All => Box::pin(every_operation(Runner::new(ready.wire), &payflow)).await,
                _ => Box::pin(flow(&payflow, ready)).await,
            }
        }
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(problem) => complain(problem),
    }
}

fn dollars(minor: i64) -> Money {
    Money::new(minor, Currency::USD)
}

fn card() -> Instrument {
    Instrument::Card(CardData::new("4111111111111111", 12, 2034).with_cvv("123"))
}

fn show(transaction: &Transaction) -> String {
    let words = transaction.message.as_deref().unwrap_or("done");
    format!("{} {words}", transaction.pnref.as_deref().unwrap_or_default())
}

fn id() -> Result<RequestId> {
    RequestId::new(format!("sandbox{}", fresh_word()?))
}

fn named(pnref: Option<&String>) -> String {
    pnref.cloned().unwrap_or_default()
}

/// The RESULT of a call that is expected to be refused with one of these, or that went through.
async fn result_of(call: impl Future<Output = Result<Transaction>>, expected: &[i32]) -> Result<i32> {
    let error = match call.await {
        Ok(transaction) => return Ok(transaction.result),
        Err(error) => error,
    };
    let result = PayflowError::of(&error).map(|said| said.transaction.result);
    result.filter(|result| expected.contains(result)).ok_or(error)
}

async fn flow(payflow: &Payflow, ready: Ready) -> Result<bool> {
    let mut run = Runner::new(ready.wire);
    let word = fresh_word()?;

    let none = ChargeDetails::new();
    run.run("verify", payflow.verify(&card(), Currency::USD, &none, &id()?), show).await;

    let details = ChargeDetails::new().with_customer_reference(&word);
    let charge = Charge::new(dollars(2_000), card()).with_details(details);
    let key = id()?;
    let paid = run.run("sale", payflow.sale(&charge, &key), show).await;
    let again = async {
        let again = payflow.sale(&charge, &key).await?;
        if again.duplicate && paid.as_ref().is_some_and(|paid| paid.pnref == again.pnref) {
            return Ok(());
        }
        let made = named(again.pnref.as_ref());
        Err(Error::new(ErrorKind::InvalidResponse, format!("ANOTHER PAYMENT was made: {made}")))
    };
    run.run("sale (same request id)", again, |()| "the same payment".to_owned()).await;
    let reference = InquiryKey::CustomerReference { reference: word, period: None };
    let show_inquiry = |inquiry: &Inquiry| format!("its result {}", inquiry.original_result);
    run.run("inquire", payflow.inquire(&reference, Tender::Card), show_inquiry).await;

    // Refunds are for what has settled, and voids for what has not: which of the two it is depends on the processor.
    let paid = Followup::new(named(paid.and_then(|paid| paid.pnref).as_ref()), Tender::Card);
    let key = id()?;
    let refund = result_of(payflow.refund(&paid, &key), &[105]);
    let refund = run.run("refund", refund, |result| match result {
        0 => "refunded".to_owned(),
        result => format!("not settled yet, as it should be: {result}"),
    });
    if refund.await == Some(105) {
        run.run("void (instead)", payflow.void(&paid, &id()?), show).await;
    }

    let charge = Charge::new(dollars(5_000), card());
    let reserved = run.run("authorize", payflow.authorize(&charge, &id()?), show).await;
    let reserved = named(reserved.and_then(|reserved| reserved.pnref).as_ref());
    let part = Followup::new(reserved, Tender::Card).with_amount(dollars(3_000));
    run.run("capture", payflow.capture(&part, true, &id()?), show).await;
    let reserved = run.run("authorize (to void)", payflow.authorize(&charge, &id()?), show).await;
    let reserved = named(reserved.and_then(|reserved| reserved.pnref).as_ref());
    run.run("void", payflow.void(&Followup::new(reserved, Tender::Card), &id()?), show).await;

    let declined = async {
        let too_much = Charge::new(dollars(210_000), card());
        match result_of(payflow.sale(&too_much, &id()?), &[12]).await? {
            0 => Err(Error::new(ErrorKind::InvalidResponse, "the card was not declined")),
            result => Ok(result),
        }
    };
    run.run("sale (declined)", declined, |result| format!("declined as it should be: {result}")).await;

    let stored = run.run("store", payflow.store(&card(), &none, &id()?), show).await;
    if let Some(stored) = stored.and_then(|stored| stored.pnref) {
        let again = Charge::new(dollars(1_500), Instrument::Reference(stored));
        let key = id()?;
        let charged = result_of(payflow.sale(&again, &key), &[117]);
        run.run("sale (stored)", charged, |result| match result {
            0 => "charged".to_owned(),
            _ => "reference transactions are off for this account".to_owned(),
        })
        .await;
    }

    let mut profile = ProfileData::new()
        .with_name(format!("Sandbox {}", fresh_word()?))
        .with_amount(dollars(1_200))
        .with_term(0)
        .with_period(PayPeriod::Month)
        .with_instrument(card());
    profile.start = SystemClock::new().now().date_naive().checked_add_days(Days::new(7));
    let key = id()?;
    let added = payflow.add_profile(&profile, &key);
    if let Some(added) = run.run("add_profile", added, |added| added.profile.clone()).await {
        let found = payflow.profile(&added.profile);
        run.run("profile", found, |profile| profile.status.clone()).await;
        let key = id()?;
        let ended = payflow.cancel_profile(&added.profile, &key);
        run.run("cancel_profile", ended, |ended| ended.profile.clone()).await;
    }
    Ok(run.finish())
}
