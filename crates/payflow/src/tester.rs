//! The test of a connection: one inquiry that finds nothing.

use std::sync::Arc;

use async_trait::async_trait;
use secrecy::ExposeSecret;
use turnbuckle_core::provider::{
    AccountIdentity, ConnectionConfig, ConnectionTest, ConnectionTester, Finding, Severity,
};
use turnbuckle_core::{Clock, Environment, ErrorKind, Result};

use crate::params::Tender;
use crate::{InquiryKey, Payflow, PayflowError};

/// No transaction has this id.
const NOBODY: &str = "T00000000000";

/// Asks about a transaction that does not exist. Only `RESULT` 1 and 26 speak of the login; any other answer, such as "no
/// such transaction", came after it was accepted.
#[derive(Debug)]
pub(crate) struct PayflowTester {
    client: Payflow,
    clock: Arc<dyn Clock>,
    vendor: String,
    user_is_vendor: bool,
}

impl PayflowTester {
    pub(crate) fn new(client: Payflow, config: &ConnectionConfig, clock: Arc<dyn Clock>) -> Self {
        let text = |name: &str| {
            config.credentials().get(name).map(|value| value.expose_secret().to_owned()).unwrap_or_default()
        };
        let (vendor, user) = (text("vendor"), text("user"));
        Self { client, clock, user_is_vendor: vendor == user, vendor }
    }

    fn findings(&self, mut test: ConnectionTest) -> ConnectionTest {
        if self.user_is_vendor {
            test = test.with_finding(
                Finding::new(
                    Severity::Info,
                    "user_is_vendor",
                    "The login is the merchant's own, which may do everything in PayPal Manager as well.",
                )
                .with_action("Create a user for the API in PayPal Manager, and enter it here."),
            );
        }
        test.with_finding(
            Finding::new(
                Severity::Info,
                "account_settings_unseen",
                "Payflow does not tell whether reference transactions, unlinked credits, recurring billing and ACH are \
                 on, nor which fraud filters are. New test accounts have filters that hold payments for review.",
            )
            .with_action("Check the account's settings in PayPal Manager."),
        )
    }
}

#[async_trait]
impl ConnectionTester for PayflowTester {
    async fn test(&self) -> Result<ConnectionTest> {
        let started = self.clock.monotonic();
        let answer = self.client.inquire(&InquiryKey::Original(NOBODY.to_owned()), Tender::Card).await;
        let latency = self.clock.monotonic().saturating_sub(started);
        let live = self.client.environment() == Environment::Production;
        let accepted = || {
            let world = if live { "live" } else { "test" };
            ConnectionTest::passed(format!("Connected to Payflow's {world} server."), latency)
                .with_account(AccountIdentity::new(self.vendor.clone()))
                .with_live(live)
        };
        let Err(error) = answer else { return Ok(self.findings(accepted())) };
        let Some(said) = PayflowError::of(&error).map(|said| said.transaction.result) else {
            return Err(error);
        };
        Ok(match (said, error.kind()) {
            // A service is off, says its text; the login itself is good.
            (1, ErrorKind::Forbidden) => self.findings(accepted()).with_finding(
                Finding::new(
                    Severity::Blocking,
                    "service_off",
                    "Payflow knows the login, and says that a service is off for the account.",
                )
                .with_action("Ask PayPal's support to switch the service on."),
            ),
            (1, _) => ConnectionTest::failed(
                "Payflow does not accept the login: the password or the user is wrong, the address of this server is \
                 not allowed, or a test account is used on the live server.",
                latency,
            ),
            (26, _) => ConnectionTest::failed("Payflow does not know the vendor or the user.", latency),
            _ => self.findings(accepted()),
        })
    }
}
