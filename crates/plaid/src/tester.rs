//! The test of a connection: one read without side effects.

use std::sync::Arc;

use async_trait::async_trait;
use turnbuckle_core::provider::{ConnectionTest, ConnectionTester, Finding, Severity};
use turnbuckle_core::{Clock, Environment, ErrorKind, Result};

use crate::{ListInstitutions, Plaid};

/// Asks for one bank of the United States. Unlike the list of categories, this needs keys.
#[derive(Debug)]
pub(crate) struct PlaidTester {
    client: Plaid,
    clock: Arc<dyn Clock>,
    has_client_name: bool,
}

impl PlaidTester {
    pub(crate) fn new(client: Plaid, clock: Arc<dyn Clock>, has_client_name: bool) -> Self {
        Self { client, clock, has_client_name }
    }

    fn findings(&self, test: ConnectionTest) -> ConnectionTest {
        if self.has_client_name {
            return test;
        }
        test.with_finding(
            Finding::new(
                Severity::Warning,
                "client_name_missing",
                "There is no name for persons to see, so no bank can be linked or repaired.",
            )
            .with_action("Enter the client name, at most 30 characters."),
        )
    }
}

#[async_trait]
impl ConnectionTester for PlaidTester {
    async fn test(&self) -> Result<ConnectionTest> {
        let started = self.clock.monotonic();
        let answer = self.client.institutions().get(&ListInstitutions::new(1, 0, ["US"])).await;
        let latency = self.clock.monotonic().saturating_sub(started);
        let live = self.client.environment() == Environment::Production;
        let test = match answer {
            Ok(_) => {
                let world = if live { "production" } else { "sandbox" };
                ConnectionTest::passed(format!("Connected to Plaid in {world}."), latency).with_live(live)
            }
            Err(error) if error.kind() == ErrorKind::Unauthorized => {
                let message = "Plaid does not accept the client id and the secret in this environment.";
                ConnectionTest::failed(message, latency)
            }
            Err(error) if error.kind() == ErrorKind::Forbidden => {
                ConnectionTest::failed("Plaid has not enabled these keys for this environment.", latency)
            }
            Err(error) => return Err(error),
        };
        Ok(self.findings(test))
    }
}
