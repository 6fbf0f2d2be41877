//! The test of a connection: the account, and whether its sender may send.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use turnbuckle_core::messaging::Sender;
use turnbuckle_core::provider::{
    AccountIdentity, ConnectionConfig, ConnectionTest, ConnectionTester, Finding, Severity,
};
use turnbuckle_core::{Clock, Environment, Error, ErrorKind, Result};

use crate::error::TwilioError;
use crate::readiness::{Found, of_number, of_service};
use crate::{Account, AccountStatus, AccountType, Twilio, TwilioSms};

/// Asks for the account, and then for what its sender needs. Everything it sends is a read.
#[derive(Debug)]
pub(crate) struct TwilioTester {
    client: Twilio,
    clock: Arc<dyn Clock>,
    environment: Environment,
    from: Option<Sender>,
    service: Option<String>,
    has_auth_token: bool,
    has_callback: bool,
}

/// What Twilio says about the credentials.
enum Answer {
    Account(Box<Account>),
    /// Test credentials, which may not read accounts.
    Test,
    /// An API key that may not read the account. Whether it could read the balance.
    Restricted {
        balance: bool,
    },
    Refused,
}

impl TwilioTester {
    pub(crate) fn new(client: Twilio, sms: &TwilioSms, config: &ConnectionConfig) -> Result<Self> {
        Ok(Self {
            client,
            clock: config.clock()?,
            environment: config.environment(),
            from: sms.default_sender().cloned(),
            service: sms.default_service().map(str::to_owned),
            has_auth_token: config.credentials().get("authToken").is_some(),
            has_callback: sms.has_callback(),
        })
    }

    async fn ask(&self) -> Result<Answer> {
        let error = match self.client.accounts().fetch().await {
            Ok(account) => return Ok(Answer::Account(Box::new(account))),
            Err(error) => error,
        };
        match error.kind() {
            ErrorKind::Unauthorized => Ok(Answer::Refused),
            ErrorKind::Forbidden if code(&error) == Some(20008) => Ok(Answer::Test),
            ErrorKind::Forbidden => match self.client.accounts().balance().await {
                Ok(_) => Ok(Answer::Restricted { balance: true }),
                Err(error) if error.kind() == ErrorKind::Forbidden => {
                    Ok(Answer::Restricted { balance: false })
                }
                Err(error) if error.kind() == ErrorKind::Unauthorized => Ok(Answer::Refused),
                Err(error) => Err(error),
            },
            _ => Err(error),
        }
    }

    fn of_account(&self, account: &Account, latency: Duration) -> ConnectionTest {
        let identity = AccountIdentity::new(&account.sid).with_name(&account.friendly_name);
        let finding = match account.status {
            AccountStatus::Active => None,
            _ => Some(
                Finding::new(
                    Severity::Blocking,
                    "account_not_active",
                    "The account is suspended or closed and sends nothing.",
                )
                .with_action("Put it right in the Twilio console, or use another account."),
            ),
        };
        if let Some(finding) = finding {
            return ConnectionTest::failed("The Twilio account is not active.", latency)
                .with_account(identity)
                .with_finding(finding);
        }
        let mut test =
            ConnectionTest::passed("Connected to Twilio.", latency).with_account(identity).with_live(true);
        if account.account_type == AccountType::Trial {
            test = test.with_finding(
                Finding::new(
                    Severity::Warning,
                    "trial_account",
                    "A trial account reaches only numbers that it has verified, and puts a line of Twilio's before \
                     each text.",
                )
                .with_action("Upgrade the account in the Twilio console."),
            );
        }
        if self.environment == Environment::Sandbox {
            test = test.with_finding(
                Finding::new(
                    Severity::Warning,
                    "sandbox_sends_for_real",
                    "Twilio has no sandbox: these credentials send to real people and cost money.",
                )
                .with_action("Use the account's test credentials for tests."),
            );
        }
        test
    }

    fn of_test_credentials(&self, latency: Duration) -> ConnectionTest {
        if self.environment == Environment::Sandbox {
            return ConnectionTest::passed(
                "Connected to Twilio with test credentials: nothing is sent.",
                latency,
            )
            .with_live(false);
        }
        ConnectionTest::failed("These are test credentials, which send nothing.", latency)
            .with_live(false)
            .with_finding(
                Finding::new(
                    Severity::Blocking,
                    "test_credentials",
                    "Test credentials accept messages and send none, and this connection is for production.",
                )
                .with_action("Enter the live account SID and auth token, or make this a sandbox connection."),
            )
    }

    /// What the settings and credentials lack, as far as they show it themselves.
    fn own_findings(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        if !self.has_auth_token {
            findings.push(
                Finding::new(
                    Severity::Warning,
                    "auth_token_missing",
                    "Without the auth token no webhook can be verified, so deliveries and answers are never told.",
                )
                .with_action("Enter the auth token as well; requests still use the API key."),
            );
        }
        if !self.has_callback {
            findings.push(
                Finding::new(
                    Severity::Warning,
                    "status_callback_missing",
                    "There is no status callback URL, so how far messages come is never told, and a lost answer may \
                     stay unknown.",
                )
                .with_action("Set the status callback URL to the public address of the webhook."),
            );
        }
        if self.from.is_none() && self.service.is_none() {
            findings.push(
                Finding::new(
                    Severity::Warning,
                    "sender_missing",
                    "There is no default sender, so every message must name its own.",
                )
                .with_action("Choose a number or a messaging service."),
            );
        }
        findings
    }

    /// What Twilio says about the senders.
    async fn sender_findings(&self) -> Result<Vec<Finding>> {
        let mut found = Found::default();
        if let Some(service) = &self.service {
            of_service(&self.client, service, &mut found).await?;
        }
        if let Some(Sender::Number(number)) = &self.from {
            of_number(&self.client, number.as_str(), self.service.is_some(), &mut found).await?;
        }
        Ok(found.0)
    }
}

fn code(error: &Error) -> Option<u32> {
    TwilioError::of(error)?.code
}

#[async_trait]
impl ConnectionTester for TwilioTester {
    async fn test(&self) -> Result<ConnectionTest> {
        let started = self.clock.monotonic();
        let answer = self.ask().await?;
        let latency = self.clock.monotonic().saturating_sub(started);
        let test = match answer {
            Answer::Refused => {
                return Ok(ConnectionTest::failed(
                    "Twilio does not accept the credentials. The account may also be suspended, or live in another \
                     region.",
                    latency,
                ));
            }
            // They know no numbers and no services, so there is nothing else to ask.
            Answer::Test => self.of_test_credentials(latency),
            Answer::Restricted { balance } => {
                let message = if balance {
                    "Twilio accepts the API key."
                } else {
                    "Twilio knows the API key, which may read neither account nor balance."
                };
                let test = ConnectionTest::passed(message, latency).with_finding(
                    Finding::new(
                        Severity::Warning,
                        "permission_missing",
                        "The API key may not read the account, so whether it is active could not be checked.",
                    )
                    .with_action("Give the key the permission to read accounts."),
                );
                self.sender_findings().await?.into_iter().fold(test, ConnectionTest::with_finding)
            }
            Answer::Account(account) => {
                let test = self.of_account(&account, latency);
                if !test.success {
                    return Ok(test);
                }
                self.sender_findings().await?.into_iter().fold(test, ConnectionTest::with_finding)
            }
        };
        Ok(self.own_findings().into_iter().fold(test, ConnectionTest::with_finding))
    }
}
