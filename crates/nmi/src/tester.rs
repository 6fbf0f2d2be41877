//! The test of a connection: the profile, the account's mode, and what the credentials lack.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use turnbuckle_core::provider::{
    AccountIdentity, ConnectionConfig, ConnectionTest, ConnectionTester, Finding, Severity,
};
use turnbuckle_core::{Clock, Environment, Error, ErrorKind, Result};

use crate::{Nmi, Rail};

/// Asks for the profile. Nothing that it sends can move money.
#[derive(Debug)]
pub(crate) struct NmiTester {
    client: Nmi,
    clock: Arc<dyn Clock>,
    has_webhook_key: bool,
    own_host: bool,
}

/// What became of the question whether the key is any good.
enum Key {
    Good(crate::Profile),
    /// It may use the Payment API and may not query.
    CannotQuery,
    Bad,
}

impl NmiTester {
    pub(crate) fn new(client: Nmi, config: &ConnectionConfig, clock: Arc<dyn Clock>) -> Self {
        Self {
            client,
            clock,
            has_webhook_key: config.credentials().get("webhookKey").is_some(),
            own_host: config.base_url().is_some(),
        }
    }

    /// A refused query may mean a bad key, or one without the permission to query: a void of the transaction `0`, which
    /// never exists, tells them apart. It is asked only then, since NMI counts failed calls.
    async fn key(&self) -> Result<Key> {
        match self.client.query().profile().await {
            Ok(profile) => Ok(Key::Good(profile)),
            Err(error) if error.kind() == ErrorKind::Forbidden => Ok(Key::CannotQuery),
            Err(error) if error.kind() == ErrorKind::Unauthorized => {
                match self.client.transactions().void("0", Rail::Card).await {
                    Err(error) if error.kind() == ErrorKind::Unauthorized => Ok(Key::Bad),
                    Err(error) if is_refusal(&error) => Ok(Key::CannotQuery),
                    // A void of nothing cannot have worked, so the answer proves nothing about the key.
                    Ok(_) => Ok(Key::Bad),
                    Err(error) => Err(error),
                }
            }
            Err(error) => Err(error),
        }
    }

    fn webhook_finding(&self, test: ConnectionTest) -> ConnectionTest {
        if self.has_webhook_key {
            return test;
        }
        test.with_finding(
            Finding::new(
                Severity::Warning,
                "webhook_key_missing",
                "There is no webhook signing key, so settlements, returned bank debits and chargebacks are never told.",
            )
            .with_action("Create a webhook under Settings, Webhooks, and enter its signing key."),
        )
    }

    async fn mode(&self, test_message: &str, latency: Duration) -> Result<ConnectionTest> {
        let production = self.client.environment() == Environment::Production;
        let mode = match self.client.query().test_mode().await {
            Ok(mode) => Some(mode),
            // The shape of the answer is not published, so one that cannot be read is told as what it is.
            Err(error) if error.kind() == ErrorKind::InvalidResponse => None,
            Err(error) => return Err(error),
        };
        let passed = || ConnectionTest::passed(test_message, latency);
        Ok(match (production, mode) {
            (true, Some(false)) => passed().with_live(true),
            (true, Some(true)) => {
                ConnectionTest::failed("The account is in test mode.", latency).with_live(false).with_finding(
                    Finding::new(
                        Severity::Blocking,
                        "account_in_test_mode",
                        "NMI simulates every approval of this account, and this connection is for production.",
                    )
                    .with_action("Turn test mode off in the NMI control panel, or make this a sandbox connection."),
                )
            }
            (true, None) => {
                ConnectionTest::failed("Whether the account is in test mode could not be read.", latency)
                    .with_finding(Finding::new(
                        Severity::Blocking,
                        "account_mode_unknown",
                        "Without that, simulated approvals could pass for money.",
                    ))
            }
            (false, Some(true)) => passed().with_live(false),
            // The vendor's own sandbox host knows no real money; anywhere else a real account looks the same.
            (false, _) if !self.own_host => passed().with_live(false),
            (false, _) => passed().with_finding(
                Finding::new(
                    Severity::Warning,
                    "account_not_in_test_mode",
                    "The account is not in test mode. It may be a test account, or one that moves real money.",
                )
                .with_action("Make sure that the security key belongs to a test account, or turn test mode on."),
            ),
        })
    }
}

/// Whether NMI understood the request and said no.
fn is_refusal(error: &Error) -> bool {
    crate::NmiRefusal::of(error).is_some() && error.kind() != ErrorKind::RateLimited
}

#[async_trait]
impl ConnectionTester for NmiTester {
    async fn test(&self) -> Result<ConnectionTest> {
        let started = self.clock.monotonic();
        let key = self.key().await?;
        let latency = self.clock.monotonic().saturating_sub(started);
        let test = match key {
            Key::Bad => ConnectionTest::failed("NMI does not accept the security key.", latency),
            Key::CannotQuery => ConnectionTest::failed(
                "NMI accepts the security key, which may not query.",
                latency,
            )
            .with_finding(
                Finding::new(
                    Severity::Blocking,
                    "query_permission_missing",
                    "The key lacks the permission Query, without which a lost answer could not be looked up.",
                )
                .with_action("Give the key the permissions API and Query under Settings, Security Keys."),
            ),
            Key::Good(profile) => {
                let test = self.mode("Connected to NMI.", latency).await?;
                match profile.merchant_id.or_else(|| profile.company.clone()) {
                    Some(id) => {
                        let mut account = AccountIdentity::new(id);
                        if let Some(company) = profile.company {
                            account = account.with_name(company);
                        }
                        test.with_account(account)
                    }
                    None => test,
                }
            }
        };
        Ok(self.webhook_finding(test))
    }
}
