//! The test of a connection: the key's scopes, and whether the account may send.

use std::pin::Pin;
use std::sync::Arc;

use async_trait::async_trait;
use futures_core::Stream;
use turnbuckle_core::provider::{
    AccountIdentity, ConnectionConfig, ConnectionTest, ConnectionTester, Finding, Severity,
};
use turnbuckle_core::{Clock, Environment, ErrorKind, Result};

use crate::list::Listed;
use crate::{ListDomains, ListRequest, SendGrid};

/// Most senders and domains that are looked through.
const MOST: usize = 1000;

/// Asks for the scopes, and then for what the sender needs. Everything it sends is a read.
#[derive(Debug)]
pub(crate) struct SendGridTester {
    client: SendGrid,
    clock: Arc<dyn Clock>,
    environment: Environment,
    sandboxed: bool,
    from: Option<String>,
    has_key: bool,
}

/// Whether a question could be put at all.
enum Heard<T> {
    Yes(T),
    NotAllowed,
}

impl SendGridTester {
    pub(crate) fn new(client: SendGrid, sandboxed: bool, config: &ConnectionConfig) -> Result<Self> {
        Ok(Self {
            client,
            clock: config.clock()?,
            environment: config.environment(),
            sandboxed,
            from: config.settings().text("from").filter(|from| !from.is_empty()).map(str::to_owned),
            has_key: config.credentials().get("webhookPublicKey").is_some(),
        })
    }

    fn mode_findings(&self) -> Option<Finding> {
        match (self.environment, self.sandboxed) {
            (Environment::Production, true) => Some(
                Finding::new(
                    Severity::Blocking,
                    "sandbox_mode",
                    "Sandbox mode is on, so that mail is checked and never sent.",
                )
                .with_action("Turn the setting off, or make this a sandbox connection."),
            ),
            (Environment::Sandbox, false) => Some(
                Finding::new(
                    Severity::Warning,
                    "sandbox_sends_for_real",
                    "Sandbox mode is off: this connection sends to real people.",
                )
                .with_action("Turn the setting on for tests."),
            ),
            _ => None,
        }
    }

    async fn sender_findings(&self) -> Result<Vec<Finding>> {
        let mut findings = Vec::new();
        match heard(self.client.verified_senders().steps_completed().await)? {
            Heard::NotAllowed => findings.push(unchecked("senders", "sender_verification_eligible")),
            Heard::Yes(steps) if !steps.sender_verified && !steps.domain_verified => findings.push(
                Finding::new(
                    Severity::Blocking,
                    "sender_not_verified",
                    "The account has neither a verified sender nor an authenticated domain, and sends nothing.",
                )
                .with_action("Verify a sender, or authenticate a domain, in SendGrid's settings."),
            ),
            Heard::Yes(steps) => {
                if !steps.domain_verified {
                    findings.push(
                        Finding::new(
                            Severity::Warning,
                            "domain_not_authenticated",
                            "No domain is authenticated, so that many servers take mail for spam or refuse it.",
                        )
                        .with_action("Authenticate the domain: create it and set the DNS records that are shown."),
                    );
                }
                if let Some(from) = &self.from {
                    findings.extend(self.of_sender(from).await?);
                }
            }
        }
        Ok(findings)
    }

    /// Whether this address may send: verified itself, or of a domain that is authenticated.
    async fn of_sender(&self, from: &str) -> Result<Option<Finding>> {
        let senders = gather(self.client.verified_senders().list()).await;
        let Heard::Yes(senders) = heard(senders)? else {
            return Ok(Some(unchecked("senders", "sender_verification_eligible")));
        };
        if senders.iter().any(|sender| sender.verified && sender.from_email.eq_ignore_ascii_case(from)) {
            return Ok(None);
        }
        let domains = gather(self.client.domains().list(&ListDomains::new())).await;
        let Heard::Yes(domains) = heard(domains)? else {
            return Ok(Some(unchecked("domains", "whitelabel.read")));
        };
        let host = from.rsplit_once('@').map_or("", |(_, host)| host);
        if domains.iter().any(|domain| domain.valid && domain.domain.eq_ignore_ascii_case(host)) {
            return Ok(None);
        }
        Ok(Some(
            Finding::new(
                Severity::Blocking,
                "from_not_verified",
                "The sender is neither verified nor of an authenticated domain, so that its mail is refused.",
            )
            .with_action("Verify the sender, or authenticate its domain."),
        ))
    }

    async fn webhook_findings(&self) -> Result<Vec<Finding>> {
        let mut findings = Vec::new();
        if !self.has_key {
            findings.push(
                Finding::new(
                    Severity::Warning,
                    "webhook_key_missing",
                    "Without the webhook's public key no event can be verified, so that nobody is told whether mail \
                     arrives, and a lost answer stays unknown.",
                )
                .with_action("Turn signatures on for the event webhook, and enter its public key."),
            );
        }
        let Heard::Yes(list) = heard(self.client.event_webhooks().list().await)? else {
            findings.push(unchecked("event webhooks", "user.webhooks.event.settings.read"));
            return Ok(findings);
        };
        let enabled: Vec<_> = list.webhooks.iter().filter(|webhook| webhook.enabled).collect();
        if enabled.is_empty() {
            findings.push(
                Finding::new(
                    Severity::Warning,
                    "webhook_missing",
                    "No event webhook is set up and on, so that nobody is told whether mail arrives.",
                )
                .with_action("Set one up with the public address of the webhook."),
            );
        } else if !enabled.iter().any(|webhook| {
            let events = webhook.events;
            events.delivered && events.bounce && events.dropped
        }) {
            findings.push(
                Finding::new(
                    Severity::Warning,
                    "webhook_events_missing",
                    "No event webhook pushes delivered, bounce and dropped, so that what became of mail is not told.",
                )
                .with_action("Turn these events on."),
            );
        }
        Ok(findings)
    }
}

/// An answer, or that the key may not ask. Anything else is an error.
fn heard<T>(result: Result<T>) -> Result<Heard<T>> {
    match result {
        Ok(value) => Ok(Heard::Yes(value)),
        Err(error) if matches!(error.kind(), ErrorKind::Forbidden | ErrorKind::NotFound) => {
            Ok(Heard::NotAllowed)
        }
        Err(error) => Err(error),
    }
}

fn unchecked(what: &str, scope: &str) -> Finding {
    Finding::new(
        Severity::Warning,
        "permission_missing",
        format!("The API key may not read {what}, so that they could not be checked."),
    )
    .with_action(format!("Give the key the scope {scope}."))
}

async fn gather<T>(request: ListRequest<T>) -> Result<Vec<T>>
where
    T: serde::de::DeserializeOwned + Listed + Send + Unpin + 'static,
{
    let mut stream = request.stream();
    let mut all = Vec::new();
    while all.len() < MOST {
        let next = std::future::poll_fn(|context| Pin::new(&mut stream).poll_next(context)).await;
        match next.transpose()? {
            Some(item) => all.push(item),
            None => break,
        }
    }
    Ok(all)
}

#[async_trait]
impl ConnectionTester for SendGridTester {
    async fn test(&self) -> Result<ConnectionTest> {
        let started = self.clock.monotonic();
        let scopes = self.client.account().scopes().await;
        let latency = self.clock.monotonic().saturating_sub(started);
        let scopes = match scopes {
            Ok(scopes) => scopes,
            Err(error) => {
                let message = match error.kind() {
                    ErrorKind::Unauthorized => {
                        "SendGrid does not accept the API key. It may also belong to another region."
                    }
                    ErrorKind::Forbidden => "SendGrid does not let the key act: the account may be disabled.",
                    ErrorKind::ActionRequired => "The account's credits are used up.",
                    _ => return Err(error),
                };
                return Ok(ConnectionTest::failed(message, latency));
            }
        };
        let mut findings = Vec::new();
        for (scope, severity, problem) in [
            ("mail.send", Severity::Blocking, "The API key may not send mail."),
            (
                "user.scheduled_sends.create",
                Severity::Warning,
                "The API key may not call scheduled mail back.",
            ),
            (
                "mail.batch.create",
                Severity::Warning,
                "The API key may not schedule mail that can be called back.",
            ),
        ] {
            if !scopes.iter().any(|granted| granted == scope) {
                findings.push(
                    Finding::new(severity, "scope_missing", problem)
                        .with_action(format!("Give the key the scope {scope}.")),
                );
            }
        }
        findings.extend(self.mode_findings());
        findings.extend(self.sender_findings().await?);
        findings.extend(self.webhook_findings().await?);
        let mut test = ConnectionTest::passed("Connected to SendGrid.", latency);
        // SendGrid has one world. With the mode off, a connection for tests is what its finding says, and no live one.
        if self.sandboxed || self.environment == Environment::Production {
            test = test.with_live(!self.sandboxed);
        }
        if let Some(subuser) = self.client.subuser() {
            test = test.with_account(AccountIdentity::new(subuser));
        }
        Ok(findings.into_iter().fold(test, ConnectionTest::with_finding))
    }
}
