//! The test of a connection: are the credentials good, and will the account do what payments need?

use std::sync::Arc;

use async_trait::async_trait;
use turnbuckle_core::provider::{
    AccountIdentity, ConnectionConfig, ConnectionTest, ConnectionTester, Finding, Severity,
};
use turnbuckle_core::{Clock, Environment, ErrorKind, Result};

use crate::{AuthorizeNet, MerchantDetails, Page};

/// Asks for an authentication, for the merchant's details, and for one line of the unsettled list.
#[derive(Debug)]
pub(crate) struct AuthorizeNetTester {
    client: AuthorizeNet,
    clock: Arc<dyn Clock>,
    environment: Environment,
    has_signature_key: bool,
}

impl AuthorizeNetTester {
    pub(crate) fn new(client: AuthorizeNet, config: &ConnectionConfig, clock: Arc<dyn Clock>) -> Self {
        Self {
            client,
            clock,
            environment: config.environment(),
            has_signature_key: config.credentials().get("signatureKey").is_some(),
        }
    }

    fn without_signature_key(&self, test: ConnectionTest) -> ConnectionTest {
        if self.has_signature_key {
            return test;
        }
        test.with_finding(
            Finding::new(
                Severity::Warning,
                "signature_key_missing",
                "There is no signature key, so the results of bank debits and reviews never arrive by webhook.",
            )
            .with_action("Make a signature key under Account, API Credentials & Keys, and enter it."),
        )
    }

    fn of_merchant(&self, mut test: ConnectionTest, merchant: &MerchantDetails) -> ConnectionTest {
        let is_test_mode = merchant.is_test_mode == Some(true);
        if let Some(id) = &merchant.gateway_id {
            let identity = AccountIdentity::new(id);
            test = test.with_account(match &merchant.merchant_name {
                Some(name) => identity.with_name(name),
                None => identity,
            });
        }
        test = test.with_live(self.environment == Environment::Production && !is_test_mode);
        if is_test_mode {
            test = test.with_finding(
                Finding::new(
                    Severity::Blocking,
                    "test_mode",
                    "The account is in test mode: it answers as if it approved, and processes nothing.",
                )
                .with_action(
                    "Switch the account to live mode; for tests use a sandbox account in live mode.",
                ),
            );
        }
        if merchant.currencies.len() != 1 {
            test = test.with_finding(Finding::new(
                Severity::Warning,
                "currency_unclear",
                "The account does not have exactly one currency, and reports do not name it: subscriptions and \
                 settlement entries are refused.",
            ));
        }
        test
    }

    /// Whether transactions can be looked up, on which every lost answer depends.
    async fn can_look_up(&self, test: ConnectionTest) -> Result<ConnectionTest> {
        match self.client.reports().unsettled(Page::new(1).with_limit(1)).await {
            Ok(_) => Ok(test),
            Err(error) if error.kind() == ErrorKind::Forbidden => Ok(test.with_finding(
                Finding::new(
                    Severity::Blocking,
                    "transaction_details_off",
                    "The account does not let transactions be looked up, so a lost answer could never be resolved.",
                )
                .with_action("Enable the Transaction Details API under Account, Security Settings."),
            )),
            Err(error) => Err(error),
        }
    }
}

#[async_trait]
impl ConnectionTester for AuthorizeNetTester {
    async fn test(&self) -> Result<ConnectionTest> {
        let started = self.clock.monotonic();
        let answer = self.client.authenticate_test().await;
        let latency = self.clock.monotonic().saturating_sub(started);
        match answer {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::Unauthorized => {
                let test = ConnectionTest::failed(
                    "Authorize.Net does not accept the API login id and transaction key in this environment.",
                    latency,
                );
                return Ok(self.without_signature_key(test));
            }
            Err(error) if error.kind() == ErrorKind::Forbidden => {
                let test =
                    ConnectionTest::failed("The account is not active or may not use the API.", latency);
                return Ok(self.without_signature_key(test));
            }
            Err(error) => return Err(error),
        }
        let world = match self.environment {
            Environment::Production => "production",
            Environment::Sandbox => "the sandbox",
        };
        let mut test = ConnectionTest::passed(format!("Connected to Authorize.Net in {world}."), latency);
        test = match self.client.merchant_details().await {
            Ok(merchant) => self.of_merchant(test, &merchant),
            Err(error) if error.kind() == ErrorKind::Forbidden => test.with_finding(Finding::new(
                Severity::Warning,
                "merchant_details_off",
                "The account does not show its own settings, so test mode and currency could not be checked.",
            )),
            Err(error) => return Err(error),
        };
        test = self.can_look_up(test).await?;
        Ok(self.without_signature_key(test))
    }
}
