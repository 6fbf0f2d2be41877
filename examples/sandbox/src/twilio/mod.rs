//! Every operation of the typed client for Twilio, once.
//!
//! An operation is called with every parameter that goes with the others; where parameters exclude each other, a comment
//! says which were left out. With test credentials, which know messages and calls only, all others answer 20008.

mod messaging;
mod products;

use std::net::IpAddr;

use chrono::{DateTime, Utc};
use turnbuckle_core::credential::{Credentials, process_env};
use turnbuckle_core::http::BaseUrl;
use turnbuckle_core::provider::{ConnectionConfig, IntegrationProvider};
use turnbuckle_core::{Clock, Environment, Error, ErrorKind, Result, SystemClock};
use turnbuckle_twilio::{ListRequest, Twilio, TwilioError, TwilioProvider};
use url::Url;

use crate::{Runner, fresh_word};

/// A number of the range that is kept for fiction.
pub const TO: &str = "+14155550123";
/// What test credentials send from.
pub const TEST_FROM: &str = "+15005550006";

/// The number to send from: `TWILIO_FROM`, else the one for test credentials.
pub fn from() -> String {
    process_env("TWILIO_FROM").filter(|from| !from.is_empty()).unwrap_or_else(|| TEST_FROM.to_owned())
}

/// A client that never sends anything, to list operations with.
///
/// # Errors
/// As [`Twilio::new`].
pub fn unconnected() -> Result<Twilio> {
    let lookup = |name: &str| match name {
        "TWILIO_ACCOUNT_SID" => Some(format!("AC{}", "0".repeat(32))),
        "TWILIO_AUTH_TOKEN" => Some("0".repeat(32)),
        _ => None,
    };
    let credentials = Credentials::from_env(TwilioProvider::new().definition().credential_schema, &lookup)?;
    Twilio::new(&ConnectionConfig::new("listing", Environment::Sandbox, credentials))
}

/// Refuses credentials that send to real people: Twilio's test credentials are fine, which may not read their account
/// (20008), and so is a stand-in on this machine.
///
/// # Errors
/// [`InvalidConfig`](ErrorKind::InvalidConfig) for live credentials; also what the question itself ends with.
pub async fn refuse_live(twilio: &Twilio, base: Option<&BaseUrl>) -> Result<()> {
    if let Some(base) = base
        && is_this_machine(base)?
    {
        return Ok(());
    }
    match twilio.accounts().fetch().await {
        Err(error) if TwilioError::of(&error).is_some_and(|own| own.code == Some(20008)) => Ok(()),
        Err(error) => Err(error),
        Ok(_) => Err(Error::new(
            ErrorKind::InvalidConfig,
            "these are live credentials: this binary takes the account's test credentials only",
        )),
    }
}

fn is_this_machine(base: &BaseUrl) -> Result<bool> {
    let uri = base.join("/")?;
    let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
    Ok(host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback()))
}

/// Calls every operation once, or names it when the runner lists.
///
/// `TWILIO_MESSAGING_SERVICE_SID` and `TWILIO_VERIFY_SERVICE_SID` name the services to use; without them ids of nobody's
/// stand in, and what needs one is refused.
///
/// # Errors
/// When the system's random generator fails.
pub async fn every_operation(runner: Runner, twilio: &Twilio) -> Result<bool> {
    let mut calls = Calls { runner };
    let at = Setting::new(twilio)?;
    Box::pin(messaging::every_operation(&mut calls, &at)).await?;
    Box::pin(products::every_operation(&mut calls, &at)).await?;
    Ok(calls.runner.finish())
}

/// What every call may need.
struct Setting<'a> {
    twilio: &'a Twilio,
    now: DateTime<Utc>,
    /// Tells this run's names from those of other runs.
    word: String,
    from: String,
    service: String,
    verify: String,
}

impl<'a> Setting<'a> {
    fn new(twilio: &'a Twilio) -> Result<Self> {
        let named = |name: &str, prefix: &str| {
            process_env(name).filter(|sid| !sid.is_empty()).unwrap_or_else(|| nobody(prefix))
        };
        Ok(Self {
            twilio,
            now: SystemClock::new().now(),
            word: fresh_word()?,
            from: from(),
            service: named("TWILIO_MESSAGING_SERVICE_SID", "MG"),
            verify: named("TWILIO_VERIFY_SERVICE_SID", "VA"),
        })
    }
}

/// An id that is nobody's.
fn nobody(prefix: &str) -> String {
    format!("{prefix}{}", "0".repeat(32))
}

fn url(path: &str) -> Result<Url> {
    Url::parse(&format!("https://shop.example/{path}"))
        .map_err(|_| Error::new(ErrorKind::Internal, "an example's address is none"))
}

/// The runner, with what Twilio's answers have in common.
struct Calls {
    runner: Runner,
}

impl Calls {
    /// An operation that answers with one thing.
    async fn one<T>(
        &mut self,
        operation: &str,
        call: impl Future<Output = Result<T>>,
        show: impl FnOnce(&T) -> &str,
    ) -> Option<T> {
        self.runner.run(operation, call, |value| format!("ok {}", show(value))).await
    }

    /// An operation that answers with nothing.
    async fn gone(&mut self, operation: &str, call: impl Future<Output = Result<()>>) {
        self.runner.run(operation, call, |()| "ok deleted".to_owned()).await;
    }

    /// The first page of a list.
    async fn list<T>(&mut self, operation: &str, list: ListRequest<T>) -> Vec<T>
    where
        T: serde::de::DeserializeOwned + Send + 'static,
    {
        let page = self.runner.run(operation, list.page(), |page| format!("ok {} found", page.items.len()));
        page.await.map(|page| page.items).unwrap_or_default()
    }
}
