//! What a provider needs to connect.

use std::fmt;
use std::sync::Arc;

use crate::clock::Clock;
use crate::credential::{Credentials, Settings};
use crate::error::{Error, ErrorKind, Result};
use crate::http::{BaseUrl, ConnectionState, HttpClient, RetryPolicy, Transport};
use crate::messaging::{ConsentGate, DedupStore, MemoryDedupStore, TransactionalOnly};
use crate::payment::{Journal, PaymentPolicy};
use crate::provider::{Environment, ProviderId};
use crate::random::{Random, SystemRandom};

/// What a provider needs to connect: whose account, which world, the credentials, and what the host brings along.
///
/// With the feature `reqwest` the transport and the clock have defaults; without it both must be set.
#[derive(Clone)]
#[non_exhaustive]
pub struct ConnectionConfig {
    account: String,
    environment: Environment,
    credentials: Credentials,
    settings: Settings,
    transport: Option<Arc<dyn Transport>>,
    clock: Option<Arc<dyn Clock>>,
    random: Arc<dyn Random>,
    retry: RetryPolicy,
    state: Arc<ConnectionState>,
    base_url: Option<BaseUrl>,
    payment_policy: PaymentPolicy,
    journal: Option<Arc<dyn Journal>>,
    consent: Arc<dyn ConsentGate>,
    dedup: Option<Arc<dyn DedupStore>>,
}

impl ConnectionConfig {
    /// Connects an account. `account` is the host's own stable id of this integration: it is part of every idempotency
    /// key on the wire, so it must stay the same when the credentials are replaced.
    pub fn new(account: impl Into<String>, environment: Environment, credentials: Credentials) -> Self {
        Self {
            account: account.into(),
            environment,
            credentials,
            settings: Settings::default(),
            transport: None,
            clock: None,
            random: Arc::new(SystemRandom::new()),
            retry: RetryPolicy::new(),
            state: Arc::new(ConnectionState::new()),
            base_url: None,
            payment_policy: PaymentPolicy::default(),
            journal: None,
            consent: Arc::new(TransactionalOnly),
            dedup: None,
        }
    }

    /// Adds settings, checked against the provider's schema when connecting.
    pub fn with_settings(mut self, settings: Settings) -> Self {
        self.settings = settings;
        self
    }

    /// Sends through this transport.
    pub fn with_transport(mut self, transport: Arc<dyn Transport>) -> Self {
        self.transport = Some(transport);
        self
    }

    /// Takes the time from this clock.
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = Some(clock);
        self
    }

    /// Takes the jitter of pauses from here.
    pub fn with_random(mut self, random: Arc<dyn Random>) -> Self {
        self.random = random;
        self
    }

    /// Sets how often a request is sent.
    pub fn with_retry(mut self, retry: RetryPolicy) -> Self {
        self.retry = retry;
        self
    }

    /// Shares what earlier connections of this integration remember. A host that connects for each request keeps one
    /// state per integration, or rate limit and retry budget start afresh every time.
    pub fn with_state(mut self, state: Arc<ConnectionState>) -> Self {
        self.state = state;
        self
    }

    /// Sends everything to this address instead of the provider's hosts: a simulator or another stand-in. It comes from
    /// the host's own configuration, never from a tenant.
    pub fn with_base_url(mut self, base: BaseUrl) -> Self {
        self.base_url = Some(base);
        self
    }

    /// Allows raw cards or unlinked credit.
    pub fn with_payment_policy(mut self, policy: PaymentPolicy) -> Self {
        self.payment_policy = policy;
        self
    }

    /// Writes every money-moving attempt down before it is sent.
    pub fn with_journal(mut self, journal: Arc<dyn Journal>) -> Self {
        self.journal = Some(journal);
        self
    }

    /// Asks this gate before each message. Without one, what the recipient waits for passes and marketing does not.
    pub fn with_consent_gate(mut self, gate: Arc<dyn ConsentGate>) -> Self {
        self.consent = gate;
        self
    }

    /// Writes every attempt to send a message down here. Without one, the connection's state keeps them in memory.
    pub fn with_dedup_store(mut self, store: Arc<dyn DedupStore>) -> Self {
        self.dedup = Some(store);
        self
    }

    /// The host's stable id of the integration.
    pub fn account(&self) -> &str {
        &self.account
    }

    /// The environment.
    pub fn environment(&self) -> Environment {
        self.environment
    }

    /// The credentials.
    pub fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    /// The settings.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The address that replaces the provider's hosts.
    pub fn base_url(&self) -> Option<&BaseUrl> {
        self.base_url.as_ref()
    }

    /// What payments are allowed.
    pub fn payment_policy(&self) -> PaymentPolicy {
        self.payment_policy
    }

    /// Where attempts are written down.
    pub fn journal(&self) -> Option<&Arc<dyn Journal>> {
        self.journal.as_ref()
    }

    /// Who is asked before each message.
    pub fn consent_gate(&self) -> &Arc<dyn ConsentGate> {
        &self.consent
    }

    /// Where attempts to send messages are written down.
    pub fn dedup_store(&self) -> Arc<dyn DedupStore> {
        match &self.dedup {
            Some(store) => Arc::clone(store),
            None => self.state.slot(MemoryDedupStore::default),
        }
    }

    /// What connections of this integration remember.
    pub fn state(&self) -> &Arc<ConnectionState> {
        &self.state
    }

    /// The clock.
    ///
    /// # Errors
    /// [`InvalidConfig`](ErrorKind::InvalidConfig) when none is set and the feature `reqwest` is off.
    pub fn clock(&self) -> Result<Arc<dyn Clock>> {
        match &self.clock {
            Some(clock) => Ok(Arc::clone(clock)),
            #[cfg(feature = "reqwest")]
            None => Ok(Arc::new(crate::SystemClock::new())),
            #[cfg(not(feature = "reqwest"))]
            None => Err(Error::new(
                ErrorKind::InvalidConfig,
                "no clock is set, and the default one is compiled out",
            )),
        }
    }

    /// The transport. The default one is made once a process, so that all connections share its pool.
    ///
    /// # Errors
    /// [`InvalidConfig`](ErrorKind::InvalidConfig) when none is set and the feature `reqwest` is off, or the default
    /// one cannot be made.
    pub fn transport(&self) -> Result<Arc<dyn Transport>> {
        match &self.transport {
            Some(transport) => Ok(Arc::clone(transport)),
            #[cfg(feature = "reqwest")]
            None => shared_transport(),
            #[cfg(not(feature = "reqwest"))]
            None => Err(Error::new(
                ErrorKind::InvalidConfig,
                "no transport is set, and the default one is compiled out",
            )),
        }
    }

    /// An HTTP client with this configuration's policy, for a provider's adapter.
    ///
    /// # Errors
    /// As [`transport`](Self::transport) and [`clock`](Self::clock); also when the account id is empty.
    pub fn http_client(&self, provider: ProviderId) -> Result<HttpClient> {
        if self.account.is_empty() {
            return Err(Error::new(
                ErrorKind::InvalidConfig,
                "the account id of a connection must not be empty",
            ));
        }
        Ok(HttpClient::builder(provider, self.environment, self.transport()?, self.clock()?)
            .with_random(Arc::clone(&self.random))
            .with_retry(self.retry)
            .with_state(Arc::clone(&self.state))
            .build())
    }
}

#[cfg(feature = "reqwest")]
fn shared_transport() -> Result<Arc<dyn Transport>> {
    static SHARED: std::sync::OnceLock<crate::http::ReqwestTransport> = std::sync::OnceLock::new();
    if let Some(transport) = SHARED.get() {
        return Ok(Arc::new(transport.clone()));
    }
    let fresh = crate::http::ReqwestTransport::new()?;
    Ok(Arc::new(SHARED.get_or_init(|| fresh).clone()))
}

impl fmt::Debug for ConnectionConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConnectionConfig")
            .field("account", &self.account)
            .field("environment", &self.environment)
            .field("credentials", &self.credentials)
            .field("retry", &self.retry)
            .field("state", &self.state)
            .field("base_url", &self.base_url)
            .field("payment_policy", &self.payment_policy)
            .finish_non_exhaustive()
    }
}
