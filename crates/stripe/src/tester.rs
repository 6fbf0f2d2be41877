//! The test of a connection: one read that every account can answer.

use std::sync::Arc;

use async_trait::async_trait;
use secrecy::ExposeSecret;
use turnbuckle_core::provider::{ConnectionConfig, ConnectionTest, ConnectionTester, Finding, Severity};
use turnbuckle_core::{Clock, Environment, ErrorKind, Result};

use crate::client::is_live;
use crate::{CallOptions, Stripe};

/// Asks for the balance.
#[derive(Debug)]
pub(crate) struct StripeTester {
    client: Stripe,
    clock: Arc<dyn Clock>,
    environment: Environment,
    has_webhook_secret: bool,
    has_publishable_key: bool,
    /// Whether the publishable key is a live one, where it says so.
    publishable_is_live: Option<bool>,
    secret_is_restricted: bool,
    secret_is_live: Option<bool>,
}

impl StripeTester {
    pub(crate) fn new(client: Stripe, config: &ConnectionConfig, clock: Arc<dyn Clock>) -> Self {
        let credentials = config.credentials();
        let secret = credentials.get("secretKey").map(ExposeSecret::expose_secret).unwrap_or_default();
        Self {
            client,
            clock,
            environment: config.environment(),
            has_webhook_secret: credentials.get("webhookSecret").is_some(),
            has_publishable_key: credentials.get("publishableKey").is_some(),
            publishable_is_live: credentials
                .get("publishableKey")
                .and_then(|key| is_live(key.expose_secret())),
            secret_is_restricted: secret.starts_with("rk_"),
            secret_is_live: is_live(secret),
        }
    }

    /// What the credentials lack, as far as they show it themselves.
    fn findings(&self, mut test: ConnectionTest, live: Option<bool>) -> ConnectionTest {
        if !self.has_webhook_secret {
            test = test.with_finding(
                Finding::new(
                    Severity::Warning,
                    "webhook_secret_missing",
                    "There is no webhook secret, so the results of bank debits, disputes and late refunds never arrive.",
                )
                .with_action("Create an endpoint under Developers, Webhooks, and enter its signing secret."),
            );
        }
        match (self.publishable_is_live, live) {
            _ if !self.has_publishable_key => test.with_finding(
                Finding::new(
                    Severity::Info,
                    "publishable_key_missing",
                    "There is no publishable key, which Stripe's browser code needs to take cards.",
                )
                .with_action("Enter the publishable key that belongs to the secret key."),
            ),
            (Some(publishable), Some(live)) if publishable != live => test.with_finding(
                Finding::new(
                    Severity::Blocking,
                    "publishable_key_mode",
                    "One of the two keys is a live key and the other a test key: nothing made with one works with the \
                     other.",
                )
                .with_action("Enter the publishable key from the same mode as the secret key."),
            ),
            _ => test,
        }
    }
}

#[async_trait]
impl ConnectionTester for StripeTester {
    async fn test(&self) -> Result<ConnectionTest> {
        let started = self.clock.monotonic();
        let answer = self.client.balance().retrieve(&CallOptions::new()).await;
        let latency = self.clock.monotonic().saturating_sub(started);
        let balance = match answer {
            Ok(balance) => balance,
            Err(error) if error.kind() == ErrorKind::Unauthorized => {
                let test = ConnectionTest::failed("Stripe does not accept the secret key.", latency);
                return Ok(self.findings(test, self.secret_is_live));
            }
            Err(error) if error.kind() == ErrorKind::Forbidden && self.secret_is_restricted => {
                let test = ConnectionTest::passed(
                    "Stripe accepts the restricted key, which may not read the balance: what else it may do is not \
                     known.",
                    latency,
                )
                .with_finding(
                    Finding::new(
                        Severity::Warning,
                        "permission_missing",
                        "The restricted key lacks the permission `rak_balance_read`, so the account could not be \
                         checked.",
                    )
                    .with_action("Give the key read access to Balance, and write access to what payments need."),
                );
                let test = match self.secret_is_live {
                    Some(live) => test.with_live(live),
                    None => test,
                };
                return Ok(self.findings(test, self.secret_is_live));
            }
            Err(error) if error.kind() == ErrorKind::Forbidden => {
                let test =
                    ConnectionTest::failed("Stripe does not let this key act for the account.", latency);
                return Ok(self.findings(test, self.secret_is_live));
            }
            Err(error) => return Err(error),
        };
        let wanted = self.environment == Environment::Production;
        let test = if balance.livemode == wanted {
            let world = if balance.livemode { "live mode" } else { "test mode" };
            ConnectionTest::passed(format!("Connected to Stripe in {world}."), latency)
        } else {
            ConnectionTest::failed("The key belongs to the other environment.", latency).with_finding(
                Finding::new(
                    Severity::Blocking,
                    "environment_mismatch",
                    if balance.livemode {
                        "The key moves real money, and this connection is for the sandbox."
                    } else {
                        "The key moves no real money, and this connection is for production."
                    },
                )
                .with_action("Enter a key of the right mode, or change the environment of the connection."),
            )
        };
        Ok(self.findings(test.with_live(balance.livemode), Some(balance.livemode)))
    }
}
