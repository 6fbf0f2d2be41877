//! A connected account and what it can do.

use std::any::{Any, TypeId};
use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;

use super::{Capability, ConnectionConfig, ConnectionTest, ProviderDefinition};
#[cfg(feature = "bank-data")]
use crate::bank_data::BankData;
use crate::error::{Error, ErrorKind, Result};
use crate::messaging::{CheckedEmail, CheckedSms, EmailSender, SmsSender};
use crate::payment::{CheckedGateway, CheckedSubscriptions, PaymentGateway, Subscriptions};
use crate::provider::{Environment, ProviderId};
use crate::webhook::WebhookReceiver;

/// Tries a connection: cheaply, harmlessly, for real.
#[async_trait]
pub trait ConnectionTester: fmt::Debug + Send + Sync + 'static {
    /// Asks the provider whether the credentials work, and what the account lacks.
    ///
    /// - Bad credentials, missing permissions and a wrong environment are a test that failed, not an error.
    ///
    /// # Errors
    /// When the provider could not be asked.
    async fn test(&self) -> Result<ConnectionTest>;
}

/// A connected account and what it can do. A new capability is a new field, and no existing provider changes.
#[derive(Clone)]
pub struct Connection {
    provider: ProviderId,
    account: String,
    environment: Environment,
    tester: Arc<dyn ConnectionTester>,
    payments: Option<Arc<dyn PaymentGateway>>,
    subscriptions: Option<Arc<dyn Subscriptions>>,
    #[cfg(feature = "bank-data")]
    bank_data: Option<Arc<dyn BankData>>,
    sms: Option<Arc<CheckedSms>>,
    email: Option<Arc<CheckedEmail>>,
    webhooks: Option<Arc<dyn WebhookReceiver>>,
    client: Option<(TypeId, Arc<dyn Any + Send + Sync>)>,
}

impl Connection {
    /// Starts to put a connection together. For providers' adapters.
    pub fn builder(
        definition: &ProviderDefinition,
        config: &ConnectionConfig,
        tester: Arc<dyn ConnectionTester>,
    ) -> ConnectionBuilder {
        ConnectionBuilder {
            declared: definition.capabilities.iter().copied().collect(),
            config: config.clone(),
            connection: Self {
                provider: definition.id.clone(),
                account: config.account().to_owned(),
                environment: config.environment(),
                tester,
                payments: None,
                subscriptions: None,
                #[cfg(feature = "bank-data")]
                bank_data: None,
                sms: None,
                email: None,
                webhooks: None,
                client: None,
            },
        }
    }

    /// The provider.
    pub fn provider(&self) -> &ProviderId {
        &self.provider
    }

    /// The host's stable id of the integration.
    pub fn account(&self) -> &str {
        &self.account
    }

    /// The environment.
    pub fn environment(&self) -> Environment {
        self.environment
    }

    /// Asks the provider whether the credentials work, and what the account lacks. Harmless.
    ///
    /// # Errors
    /// When the provider could not be asked.
    pub async fn test(&self) -> Result<ConnectionTest> {
        self.tester.test().await.map_err(|error| error.or_context(&self.provider, "test"))
    }

    /// Payments, behind core's checks.
    pub fn payments(&self) -> Option<Arc<dyn PaymentGateway>> {
        self.payments.clone()
    }

    /// Payments that repeat, behind core's checks.
    pub fn subscriptions(&self) -> Option<Arc<dyn Subscriptions>> {
        self.subscriptions.clone()
    }

    /// Bank data.
    #[cfg(feature = "bank-data")]
    pub fn bank_data(&self) -> Option<Arc<dyn BankData>> {
        self.bank_data.clone()
    }

    /// Text messages, behind core's checks.
    pub fn sms(&self) -> Option<Arc<CheckedSms>> {
        self.sms.clone()
    }

    /// Email, behind core's checks.
    pub fn email(&self) -> Option<Arc<CheckedEmail>> {
        self.email.clone()
    }

    /// Incoming webhooks; `None` also when the credentials hold no key to verify them with.
    pub fn webhooks(&self) -> Option<Arc<dyn WebhookReceiver>> {
        self.webhooks.clone()
    }

    /// The provider's typed client, which can do all that the provider can.
    pub fn client<C: Any + Send + Sync>(&self) -> Option<Arc<C>> {
        let (_, client) = self.client.as_ref().filter(|(id, _)| *id == TypeId::of::<C>())?;
        Arc::clone(client).downcast().ok()
    }

    /// What this connection offers.
    pub fn capabilities(&self) -> BTreeSet<Capability> {
        let offered = [
            (self.payments.is_some(), Capability::Payments),
            (self.subscriptions.is_some(), Capability::Subscriptions),
            #[cfg(feature = "bank-data")]
            (self.bank_data.is_some(), Capability::BankData),
            (self.sms.is_some(), Capability::Sms),
            (self.email.is_some(), Capability::Email),
            (self.webhooks.is_some(), Capability::Webhooks),
        ];
        offered.into_iter().filter(|(offered, _)| *offered).map(|(_, capability)| capability).collect()
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("provider", &self.provider)
            .field("account", &self.account)
            .field("environment", &self.environment)
            .field("capabilities", &self.capabilities())
            .finish_non_exhaustive()
    }
}

/// Puts a connection together.
#[derive(Debug)]
pub struct ConnectionBuilder {
    declared: BTreeSet<Capability>,
    config: ConnectionConfig,
    connection: Connection,
}

impl ConnectionBuilder {
    /// Adds payments. They are put behind core's checks.
    ///
    /// # Errors
    /// As [`ConnectionConfig::clock`].
    pub fn with_payments(mut self, gateway: Arc<dyn PaymentGateway>) -> Result<Self> {
        self.connection.payments = Some(Arc::new(CheckedGateway::new(
            gateway,
            self.config.environment(),
            self.config.payment_policy(),
            self.config.clock()?,
            self.config.journal().cloned(),
        )));
        Ok(self)
    }

    /// Adds payments that repeat. They are put behind core's checks.
    ///
    /// # Errors
    /// As [`ConnectionConfig::clock`].
    pub fn with_subscriptions(mut self, subscriptions: Arc<dyn Subscriptions>) -> Result<Self> {
        self.connection.subscriptions = Some(Arc::new(CheckedSubscriptions::new(
            subscriptions,
            self.config.environment(),
            self.config.payment_policy(),
            self.config.clock()?,
            self.config.journal().cloned(),
        )));
        Ok(self)
    }

    /// Adds bank data.
    #[cfg(feature = "bank-data")]
    pub fn with_bank_data(mut self, bank_data: Arc<dyn BankData>) -> Self {
        self.connection.bank_data = Some(bank_data);
        self
    }

    /// Adds text messages. They are put behind core's checks.
    ///
    /// # Errors
    /// As [`ConnectionConfig::clock`].
    pub fn with_sms(mut self, sender: Arc<dyn SmsSender>) -> Result<Self> {
        let (gate, store) = (Arc::clone(self.config.consent_gate()), self.config.dedup_store());
        self.connection.sms = Some(Arc::new(CheckedSms::new(sender, gate, store, self.config.clock()?)));
        Ok(self)
    }

    /// Adds email. It is put behind core's checks.
    ///
    /// # Errors
    /// As [`ConnectionConfig::clock`].
    pub fn with_email(mut self, sender: Arc<dyn EmailSender>) -> Result<Self> {
        let (gate, store) = (Arc::clone(self.config.consent_gate()), self.config.dedup_store());
        self.connection.email = Some(Arc::new(CheckedEmail::new(sender, gate, store, self.config.clock()?)));
        Ok(self)
    }

    /// Adds incoming webhooks.
    pub fn with_webhooks(mut self, receiver: Arc<dyn WebhookReceiver>) -> Self {
        self.connection.webhooks = Some(receiver);
        self
    }

    /// Adds the typed client.
    pub fn with_client<C: Any + Send + Sync>(mut self, client: Arc<C>) -> Self {
        self.connection.client = Some((TypeId::of::<C>(), client));
        self
    }

    /// The connection.
    ///
    /// # Errors
    /// [`Internal`](ErrorKind::Internal) when it offers what its definition does not declare.
    pub fn build(self) -> Result<Connection> {
        let undeclared = self.connection.capabilities().difference(&self.declared).next().copied();
        match undeclared {
            None => Ok(self.connection),
            Some(capability) => Err(Error::new(
                ErrorKind::Internal,
                format!("the connection offers `{capability}`, which its definition does not declare"),
            )
            .with_provider(self.connection.provider)),
        }
    }
}
