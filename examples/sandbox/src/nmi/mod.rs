//! Every operation of the typed client for NMI, once.
//!
//! An operation is called with every parameter that goes with the others; where parameters exclude each other, as the ways
//! to pay do, a comment says which were left out. What an operation needs is made first, with as few parameters as possible,
//! so that a refusal of one operation does not spoil the next.

mod payments;
mod queries;
mod recurring;
mod stored;

use std::net::IpAddr;

use chrono::{DateTime, Utc};
use turnbuckle_core::credential::{Credentials, process_env};
use turnbuckle_core::http::BaseUrl;
use turnbuckle_core::money::{Currency, Money};
use turnbuckle_core::payment::{BankAccount, Card};
use turnbuckle_core::provider::{ConnectionConfig, IntegrationProvider};
use turnbuckle_core::{Clock, Environment, Error, ErrorKind, Random, Result, SystemClock, SystemRandom};
use turnbuckle_nmi::{Contact, Nmi, NmiProvider, Reply};

use crate::{Runner, fresh_word};

/// NMI's test card.
pub const VISA: &str = "4111111111111111";
const MASTERCARD: &str = "5431111111111111";
/// NMI's test number, for routing and for the account.
const BANK: &str = "123123123";
/// Collect.js' token for tests, which stands for a card.
const TOKEN: &str = "00000000-000000-000000-000000000000";

/// A client that never sends anything, to list operations with.
///
/// # Errors
/// As [`Nmi::new`].
pub fn unconnected() -> Result<Nmi> {
    let lookup = |name: &str| (name == "NMI_SECURITY_KEY").then(|| "unconnected".to_owned());
    let schema = NmiProvider::new().definition().credential_schema;
    let credentials = Credentials::from_env(schema, &lookup)?;
    Nmi::new(&ConnectionConfig::new("listing", Environment::Sandbox, credentials))
}

/// Refuses an address behind which money may be real. NMI's keys do not tell test accounts from others: its sandbox and
/// stand-ins on this machine are fine, NMI's production hosts are not, and a reseller's host must say that the account is
/// in test mode.
///
/// # Errors
/// [`InvalidConfig`](ErrorKind::InvalidConfig) saying why; also when a reseller's host cannot be asked.
pub async fn refuse_real_money(nmi: &Nmi, base: Option<&BaseUrl>) -> Result<()> {
    let Some(base) = base else { return Ok(()) };
    let refused = |why: &str| {
        Err(Error::new(ErrorKind::InvalidConfig, format!("{why}: this binary is for the sandbox only")))
    };
    match Host::of(base)? {
        Host::StandIn => Ok(()),
        Host::Production => refused("NMI_BASE_URL is NMI's production"),
        Host::Reseller if nmi.query().test_mode().await? => Ok(()),
        Host::Reseller => refused("the account at NMI_BASE_URL is not in test mode"),
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Host {
    /// This machine, or NMI's sandbox.
    StandIn,
    Production,
    Reseller,
}

impl Host {
    fn of(base: &BaseUrl) -> Result<Self> {
        let uri = base.join("/")?;
        let host = uri.host().unwrap_or_default().trim_matches(['[', ']']).to_ascii_lowercase();
        let loopback = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
        Ok(match host.as_str() {
            _ if loopback => Self::StandIn,
            "sandbox.nmi.com" => Self::StandIn,
            "secure.nmi.com" | "secure.networkmerchants.com" => Self::Production,
            _ => Self::Reseller,
        })
    }
}

/// Calls every operation once, or names it when the runner lists.
///
/// `NMI_PROCESSOR_ID` names the processor for cards of an account that has several; without it NMI's usual test processor
/// is named.
///
/// # Errors
/// When the system's random generator fails.
pub async fn every_operation(runner: Runner, nmi: &Nmi) -> Result<bool> {
    let mut calls = Calls { runner };
    let mut at = Setting::new(nmi)?;
    queries::account(&mut calls, &at).await;
    Box::pin(payments::every_operation(&mut calls, &mut at)).await?;
    Box::pin(stored::every_operation(&mut calls, &mut at)).await?;
    Box::pin(recurring::every_operation(&mut calls, &at)).await?;
    queries::transactions(&mut calls, &at).await;
    Ok(calls.runner.finish())
}

/// What every call may need.
struct Setting<'a> {
    nmi: &'a Nmi,
    now: DateTime<Utc>,
    /// Tells this run's ids from those of other runs.
    word: String,
    processor: String,
    /// The sale of this run.
    sale: String,
    /// The last amount in cents that was used: the gateway takes the same card and amount twice for a mistake.
    cents: i64,
}

impl<'a> Setting<'a> {
    fn new(nmi: &'a Nmi) -> Result<Self> {
        let mut random = [0_u8; 2];
        SystemRandom::new().fill(&mut random)?;
        let processor = process_env("NMI_PROCESSOR_ID").filter(|id| !id.is_empty());
        Ok(Self {
            nmi,
            now: SystemClock::new().now(),
            word: fresh_word()?,
            processor: processor.unwrap_or_else(|| "ccprocessora".to_owned()),
            sale: "1".to_owned(),
            cents: 1_000 + i64::from(u16::from_be_bytes(random)),
        })
    }

    /// An amount that no call of this run used before.
    fn amount(&mut self) -> Money {
        self.cents += 1;
        dollars(self.cents)
    }

    /// An id of this run.
    fn id(&self, what: &str) -> String {
        format!("{what}-{}", self.word)
    }
}

fn dollars(cents: i64) -> Money {
    Money::new(cents, Currency::USD)
}

/// A test card whose code and address match.
fn card(number: &str) -> Result<Card> {
    Card::new(number, 12, 2035)?.with_cvv("999")
}

fn bank_account() -> Result<BankAccount> {
    BankAccount::new(BANK, BANK, "Test Payer")
}

fn contact() -> Contact {
    let mut contact = Contact::new().with_name("Test", "Payer").with_address("888 Test Street", "77777");
    contact.company = Some("Example Shop".to_owned());
    contact.address2 = Some("Floor 2".to_owned());
    contact.city = Some("Houston".to_owned());
    contact.state = Some("TX".to_owned());
    contact.country = Some("US".to_owned());
    contact.phone = Some("+15555550100".to_owned());
    contact.email = Some("payer@example.com".to_owned());
    contact
}

/// The runner, with what NMI's answers have in common.
struct Calls {
    runner: Runner,
}

impl Calls {
    /// An operation of the Payment API: shows the id that came back. Gives it.
    async fn reply(&mut self, operation: &str, call: impl Future<Output = Result<Reply>>) -> Option<Reply> {
        let show = |reply: &Reply| {
            let id = reply.transaction_id().or_else(|| reply.customer_vault_id());
            format!("ok {}", id.unwrap_or_else(|| reply.response_text()))
        };
        self.runner.run(operation, call, show).await
    }

    /// A query that answers with a list: shows how many there are.
    async fn list<T>(&mut self, operation: &str, call: impl Future<Output = Result<Vec<T>>>) {
        self.runner.run(operation, call, |list| format!("ok {} found", list.len())).await;
    }

    /// A transaction that an operation needs; a number that is none's where it cannot be made.
    async fn before(&mut self, operation: &str, call: impl Future<Output = Result<Reply>>) -> String {
        id(self.runner.prepare(operation, call).await.as_ref())
    }
}

fn id(reply: Option<&Reply>) -> String {
    reply.and_then(Reply::transaction_id).unwrap_or("1").to_owned()
}

#[cfg(test)]
mod tests {
    use super::Host;
    use turnbuckle_core::http::BaseUrl;

    #[test]
    fn only_stand_ins_and_the_sandbox_need_not_answer_for_themselves() {
        let of = |url: &str| Host::of(&BaseUrl::parse(url).unwrap()).unwrap();
        assert_eq!(of("http://127.0.0.1:4010/nmi"), Host::StandIn);
        assert_eq!(of("http://localhost:4010/nmi"), Host::StandIn);
        assert_eq!(of("https://sandbox.nmi.com"), Host::StandIn);
        assert_eq!(of("https://secure.nmi.com"), Host::Production);
        assert_eq!(of("https://SECURE.networkmerchants.com"), Host::Production);
        assert_eq!(of("https://shop.transactiongateway.com"), Host::Reseller);
        assert_eq!(of("https://sandbox.nmi.com.example.com"), Host::Reseller);
    }
}
