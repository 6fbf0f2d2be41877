//! What a suite brings to a connection: clock, journal, policy, gate, store, environment, and the faults in front of the vendor.

use std::fmt;
use std::sync::Arc;

use serde_json::Value;
use turnbuckle_core::http::{RetryPolicy, Transport};
use turnbuckle_core::messaging::{ConsentGate, DedupStore};
use turnbuckle_core::payment::{Journal, PaymentPolicy};
use turnbuckle_core::provider::{ConnectionConfig, IntegrationProvider};
use turnbuckle_core::{Environment, Result};

use crate::clock::FixedClock;
use crate::fault::{FaultTransport, Faults};
use crate::random::SeededRandom;

/// What a suite brings to a connection. A [`Bench`](super::Bench) turns it into a configuration, with
/// [`config`](Self::config) over HTTP and [`config_without_transport`](Self::config_without_transport) in memory.
#[derive(Clone)]
pub struct Setup {
    pub(super) account: String,
    pub(super) environment: Environment,
    pub(super) credentials: Value,
    pub(super) clock: Arc<FixedClock>,
    pub(super) journal: Option<Arc<dyn Journal>>,
    pub(super) policy: PaymentPolicy,
    pub(super) faults: Faults,
    pub(super) page_size: Option<usize>,
    pub(super) gate: Option<Arc<dyn ConsentGate>>,
    pub(super) dedup: Option<Arc<dyn DedupStore>>,
}

impl Setup {
    pub(super) fn new(credentials: Value, clock: Arc<FixedClock>) -> Self {
        Self {
            account: "conformance".to_owned(),
            environment: Environment::Sandbox,
            credentials,
            clock,
            journal: None,
            policy: PaymentPolicy::default().with_raw_cards().with_unlinked_credit(),
            faults: Faults::new(),
            page_size: None,
            gate: None,
            dedup: None,
        }
    }

    /// The faults between the connection and the vendor. An HTTP provider need not look: [`config`](Self::config) puts
    /// them in place.
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// The clock of the connection, which is the bench's own.
    pub fn clock(&self) -> &Arc<FixedClock> {
        &self.clock
    }

    /// The environment asked for.
    pub fn environment(&self) -> Environment {
        self.environment
    }

    /// How many changes the suite wants on a page of bank transactions, where a connection can be set up for that.
    pub fn page_size(&self) -> Option<usize> {
        self.page_size
    }

    /// A configuration that sends to this transport, through the suite's faults.
    ///
    /// # Errors
    /// When the credentials do not fit the provider's schema.
    pub fn config(
        &self,
        provider: &dyn IntegrationProvider,
        transport: Arc<dyn Transport>,
    ) -> Result<ConnectionConfig> {
        let spoiled = FaultTransport::new(transport, self.faults.clone());
        Ok(self.config_without_transport(provider)?.with_transport(Arc::new(spoiled)))
    }

    /// A configuration without a transport, for a provider that needs none. Play [`faults`](Self::faults) by hand.
    ///
    /// # Errors
    /// When the credentials do not fit the provider's schema.
    pub fn config_without_transport(&self, provider: &dyn IntegrationProvider) -> Result<ConnectionConfig> {
        let credentials = provider.definition().credential_schema.parse(self.credentials.clone())?;
        let mut config = ConnectionConfig::new(&self.account, self.environment, credentials)
            .with_clock(Arc::clone(&self.clock) as _)
            .with_random(Arc::new(SeededRandom::new(7)))
            .with_retry(RetryPolicy::new())
            .with_payment_policy(self.policy);
        if let Some(schema) = provider.definition().settings_schema {
            config = config.with_settings(schema.parse(&Value::Null)?);
        }
        if let Some(journal) = &self.journal {
            config = config.with_journal(Arc::clone(journal));
        }
        if let Some(gate) = &self.gate {
            config = config.with_consent_gate(Arc::clone(gate));
        }
        if let Some(store) = &self.dedup {
            config = config.with_dedup_store(Arc::clone(store));
        }
        Ok(config)
    }
}

impl fmt::Debug for Setup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Setup")
            .field("environment", &self.environment)
            .field("policy", &self.policy)
            .field("faults", &self.faults)
            .finish_non_exhaustive()
    }
}
