//! Every operation of the typed client for Payflow, once.
//!
//! An operation is called with every parameter that goes with the others; where parameters exclude each other, a comment
//! says which were left out. What an operation needs is made first, with as few parameters as possible, so that a refusal
//! of one operation does not spoil the next.

mod payments;
mod profiles;

use std::cell::Cell;

use chrono::{DateTime, Utc};
use turnbuckle_core::credential::{Credentials, process_env};
use turnbuckle_core::money::{Currency, Money};
use turnbuckle_core::provider::{ConnectionConfig, IntegrationProvider};
use turnbuckle_core::{Clock, Environment, Error, ErrorKind, Result, SystemClock};
use turnbuckle_payflow::codes::Meaning;
use turnbuckle_payflow::{
    CardData, Charge, Contact, Instrument, Payflow, PayflowError, PayflowProvider, RequestId, Transaction,
};

use crate::{Runner, fresh_word};

/// A transaction that nobody made.
const NOBODYS: &str = "A00A00000000";

/// A client that never sends anything, to list operations with.
///
/// # Errors
/// As [`Payflow::new`].
pub fn unconnected() -> Result<Payflow> {
    let lookup = |name: &str| name.starts_with("PAYFLOW_").then(|| "unconnected".to_owned());
    let schema = PayflowProvider::new().definition().credential_schema;
    let credentials = Credentials::from_env(schema, &lookup)?;
    Payflow::new(&ConnectionConfig::new("listing", Environment::Sandbox, credentials))
}

/// Calls every operation once, or names it when the runner lists.
///
/// What only time or PayPal can make is named by variables: `PAYFLOW_SETTLED_SALE` (its PNREF), and `PAYFLOW_FAILED_PROFILE`
/// (a profile whose first payment failed). Without them the refund is of a sale that has not settled, and the retry is of a
/// payment that was never made, which Payflow refuses.
///
/// # Errors
/// When the system's random generator fails.
pub async fn every_operation(mut runner: Runner, payflow: &Payflow) -> Result<bool> {
    let at = Setting::new(payflow)?;
    Box::pin(payments::new_ones(&mut runner, &at)).await?;
    Box::pin(payments::later_steps(&mut runner, &at)).await?;
    Box::pin(profiles::every_operation(&mut runner, &at)).await?;
    Ok(runner.finish())
}

/// What every call may need.
struct Setting<'a> {
    payflow: &'a Payflow,
    now: DateTime<Utc>,
    /// Tells this run's references from those of other runs: twelve letters and digits.
    word: String,
    requests: Cell<u32>,
}

impl<'a> Setting<'a> {
    fn new(payflow: &'a Payflow) -> Result<Self> {
        Ok(Self { payflow, now: SystemClock::new().now(), word: fresh_word()?, requests: Cell::new(0) })
    }

    /// An id for one request.
    fn id(&self) -> Result<RequestId> {
        self.requests.set(self.requests.get() + 1);
        RequestId::new(format!("sandbox{}{}", self.word, self.requests.get()))
    }
}

/// What only time or PayPal can make.
fn outside(variable: &str) -> Option<String> {
    process_env(variable).filter(|id| !id.is_empty())
}

fn dollars(minor: i64) -> Money {
    Money::new(minor, Currency::USD)
}

/// A card with its security code.
fn card() -> Instrument {
    Instrument::Card(CardData::new("4111111111111111", 12, 2034).with_cvv("123"))
}

fn plain(amount: Money) -> Charge {
    Charge::new(amount, card())
}

fn contact() -> Contact {
    Contact::new()
        .with_first_name("Test")
        .with_last_name("Payer & Sons")
        .with_company("Example Ltd")
        .with_street("123 Main Street")
        .with_street2("Floor 2")
        .with_city("San Francisco")
        .with_region("CA")
        .with_postal_code("12345")
        .with_country("US")
        .with_phone("415 555 0100")
        .with_email("payer@example.com")
}

fn shown(transaction: &Transaction) -> String {
    format!("ok {}", transaction.pnref.as_deref().unwrap_or("without a reference"))
}

fn pnref(transaction: Option<Transaction>) -> String {
    transaction.and_then(|transaction| transaction.pnref).unwrap_or_else(|| NOBODYS.to_owned())
}

/// The id of a transaction that a fraud filter holds. Any other answer is an error.
///
/// # Errors
/// That of the call, or that nothing was held.
pub async fn held(call: impl Future<Output = Result<Transaction>>) -> Result<String> {
    let Err(error) = call.await else {
        return Err(Error::new(ErrorKind::InvalidResponse, "no filter held the payment"));
    };
    let held = PayflowError::of(&error).filter(|said| said.meaning() == Meaning::Held);
    held.and_then(|said| said.transaction.pnref.clone()).ok_or(error)
}
