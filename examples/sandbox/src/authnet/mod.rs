//! Every operation of the typed client for Authorize.Net, once.
//!
//! An operation is called with every parameter that goes with the others; where parameters exclude each other, a comment
//! says which were left out. Each payment has an invoice number of its own, so that none is taken for another's duplicate.

mod customers;
mod recurring;
mod reports;
mod transactions;
mod webhooks;

use chrono::{DateTime, Duration, Utc};
use turnbuckle_authnet::{
    Address, AuthorizeNet, AuthorizeNetProvider, CreditCard, CustomerData, Order, PaymentData, Settings,
    TransactionAnswer, TransactionRequest, TransactionType,
};
use turnbuckle_core::credential::{Credentials, process_env};
use turnbuckle_core::money::{Currency, Money};
use turnbuckle_core::provider::{ConnectionConfig, IntegrationProvider};
use turnbuckle_core::{Clock, Environment, Error, ErrorKind, Result, SystemClock};

use crate::{Runner, fresh_word};

/// A card of the vendor's testing guide.
const CARD: &str = "4111111111111111";
/// The postal code that the testing guide declines.
pub const DECLINED_ZIP: &str = "46282";
const ZIP: &str = "98004";

/// A client that never sends anything, to list operations with.
///
/// # Errors
/// As [`AuthorizeNet::new`].
pub fn unconnected() -> Result<AuthorizeNet> {
    let needed = ["AUTHNET_API_LOGIN_ID", "AUTHNET_TRANSACTION_KEY"];
    let lookup = |name: &str| needed.contains(&name).then(|| "unconnected".to_owned());
    let schema = AuthorizeNetProvider::new().definition().credential_schema;
    let credentials = Credentials::from_env(schema, &lookup)?;
    AuthorizeNet::new(&ConnectionConfig::new("listing", Environment::Sandbox, credentials))
}

/// Calls every operation once, or names it when the runner lists.
///
/// A refund needs a settled card payment: the newest one of the last month, or the one that
/// `AUTHNET_SETTLED_TRANSACTION` names with `AUTHNET_SETTLED_LAST4`. A decision needs a held payment:
/// `AUTHNET_HELD_TRANSACTION`. Without them placeholders are sent, which Authorize.Net refuses.
///
/// # Errors
/// When the system's random generator fails.
pub async fn every_operation(runner: Runner, client: &AuthorizeNet) -> Result<bool> {
    let mut calls = Calls { runner };
    let at = Setting { client, now: SystemClock::new().now(), word: fresh_word()? };
    calls.runner.run("account.authenticate_test", client.authenticate_test(), |()| "ok".to_owned()).await;
    let details = client.merchant_details();
    calls
        .runner
        .run("account.merchant_details", details, |own| {
            format!("ok test mode {}, {}", own.is_test_mode.unwrap_or_default(), own.currencies.join(" "))
        })
        .await;
    let found = reports::batches(&mut calls, &at).await;
    let paid = Box::pin(transactions::every_operation(&mut calls, &at, found)).await;
    reports::transactions(&mut calls, &at, &paid).await;
    Box::pin(customers::every_operation(&mut calls, &at)).await;
    Box::pin(recurring::every_operation(&mut calls, &at)).await;
    webhooks::every_operation(&mut calls, &at).await;
    Ok(calls.runner.finish())
}

/// What every call may need.
struct Setting<'a> {
    client: &'a AuthorizeNet,
    now: DateTime<Utc>,
    /// Tells this run's names from those of other runs: twelve characters.
    word: String,
}

impl Setting<'_> {
    /// An invoice number, at most 20 characters.
    fn invoice(&self, what: &str) -> String {
        format!("{}-{what}", self.word)
    }

    fn days(&self, days: i64) -> DateTime<Utc> {
        self.now + Duration::days(days)
    }
}

/// The runner, with what Authorize.Net's answers have in common.
struct Calls {
    runner: Runner,
}

impl Calls {
    /// A transaction: what is neither approved nor held counts as refused. Gives its id.
    async fn transaction(
        &mut self,
        operation: &str,
        call: impl Future<Output = Result<TransactionAnswer>>,
    ) -> Option<String> {
        let judged = async { judge(call.await?) };
        let answer = self.runner.run(operation, judged, |answer| format!("ok {}", show(answer))).await?;
        answer.response.trans_id
    }

    /// A transaction that another operation needs. Gives its id.
    async fn before(
        &mut self,
        operation: &str,
        call: impl Future<Output = Result<TransactionAnswer>>,
    ) -> String {
        let judged = async { judge(call.await?) };
        let answer = self.runner.prepare(operation, judged).await;
        answer.and_then(|answer| answer.response.trans_id).unwrap_or_else(|| "1".to_owned())
    }
}

/// Turns whatever is neither approved nor held into an error, since the request itself was fine.
///
/// # Errors
/// The reason's number and text.
pub fn judge(answer: TransactionAnswer) -> Result<TransactionAnswer> {
    let response = &answer.response;
    if matches!(response.response_code.as_deref(), Some("1" | "4")) {
        return Ok(answer);
    }
    let (code, reason) = (response.response_code.as_deref(), response.reason_code());
    let message = format!("response code {}, reason {}", code.unwrap_or("none"), reason.unwrap_or("none"));
    let error = Error::new(ErrorKind::InvalidRequest, message);
    Err(match response.errors.first().and_then(|error| error.text.clone()) {
        Some(text) => error.with_vendor_message(text),
        None => error,
    })
}

/// Id, response code and reason.
pub fn show(answer: &TransactionAnswer) -> String {
    let response = &answer.response;
    let text = |value: Option<&str>| value.unwrap_or("none").to_owned();
    format!(
        "{} code {} reason {}",
        text(response.id()),
        text(response.response_code.as_deref()),
        text(response.reason_code())
    )
}

/// So many cents.
pub fn dollars(cents: i64) -> Money {
    Money::new(cents, Currency::USD)
}

/// The test card with a code that matches.
pub fn card() -> PaymentData {
    PaymentData::CreditCard(CreditCard::new(CARD, 12, 2034).with_card_code("900"))
}

/// A payment by the test card, with what finds it again: an invoice number and a duplicate window.
pub fn payment(kind: TransactionType, cents: i64, invoice: &str) -> TransactionRequest {
    let mut request = TransactionRequest::new(kind)
        .with_amount(dollars(cents))
        .with_payment(card())
        .with_order(Order::new(invoice))
        .with_settings(Settings::new().with_duplicate_window(Settings::LONGEST_DUPLICATE_WINDOW));
    request.bill_to = Some(address());
    request
}

/// Name and address. Subscriptions and shipping take no telephone number.
pub fn address() -> Address {
    let mut address = Address::default();
    address.first_name = Some("Test".to_owned());
    address.last_name = Some("Payer".to_owned());
    address.company = Some("Sandbox Run".to_owned());
    address.address = Some("1 Main Street".to_owned());
    address.city = Some("Bellevue".to_owned());
    address.state = Some("WA".to_owned());
    address.zip = Some(ZIP.to_owned());
    address.country = Some("US".to_owned());
    address
}

fn customer(at: &Setting<'_>) -> CustomerData {
    let mut customer = CustomerData::default();
    customer.customer_type = Some("individual".to_owned());
    customer.id = Some(at.word.clone());
    customer.email = Some("payer@example.com".to_owned());
    customer
}

/// The id of an object that a run cannot make by itself.
fn outside(variable: &str) -> Option<String> {
    process_env(variable).filter(|id| !id.is_empty())
}
