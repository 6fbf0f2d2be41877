//! The reference provider: its definition, its form, and how it connects.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use async_trait::async_trait;
use secrecy::ExposeSecret;
use turnbuckle_core::bank_data::BankFeature;
use turnbuckle_core::credential::{CredentialField, CredentialSchema, Pattern};
use turnbuckle_core::messaging::{EmailFeature, SmsFeature};
use turnbuckle_core::payment::{
    Attempt, Authority, Charset, Feature, GatewayFeatures, Idempotency, TextRule,
};
use turnbuckle_core::provider::{
    AccountIdentity, Capability, Category, Connection, ConnectionConfig, ConnectionTest, ConnectionTester,
    IntegrationProvider, ProviderDefinition,
};
use turnbuckle_core::{Environment, Error, ErrorKind, ProviderId, Result};

use super::Bug;
use super::bank_data::ReferenceBankData;
use super::books::{Books, RETENTION};
use super::gateway::{ReferenceGateway, spoiled};
use super::senders::{NoGate, NoStore, ReferenceEmail, ReferenceSms};
use super::subscriptions::ReferenceSubscriptions;
use super::vendor::ReferenceVendor;
use super::webhook::ReferenceReceiver;
use crate::conformance::MessageSearch;
use crate::fault::{Faults, give_way};

pub(super) const ID: ProviderId = ProviderId::from_static("reference");

pub(super) static OWN_ID: ProviderId = ID;

/// The kind of [`VendorToken`](turnbuckle_core::payment::VendorToken) that the reference provider takes.
pub const TOKEN_KIND: &str = "reference_token";

const CREDENTIALS: CredentialSchema = CredentialSchema::new(&[
    CredentialField::secret("apiKey", "API Key")
        .required()
        .with_pattern(Pattern::prefix(&["ref_test", "ref_live"], "_"))
        .with_env(&["REFERENCE_API_KEY"]),
    CredentialField::text("merchantName", "Merchant Name").with_env(&["REFERENCE_MERCHANT_NAME"]),
    CredentialField::secret("webhookSecret", "Webhook Secret").with_env(&["REFERENCE_WEBHOOK_SECRET"]),
    CredentialField::secret("previousWebhookSecret", "Previous Webhook Secret")
        .with_description("Accepted as well while the secret is being replaced")
        .with_env(&["REFERENCE_PREVIOUS_WEBHOOK_SECRET"]),
]);

static DEFINITION: ProviderDefinition = ProviderDefinition::new(
    ID,
    Category::PaymentGateway,
    "Reference",
    "A provider of everything in memory, for examples and tests.",
    CREDENTIALS,
)
.with_capabilities(&[
    Capability::Payments,
    Capability::Subscriptions,
    Capability::BankData,
    Capability::Sms,
    Capability::Email,
    Capability::Webhooks,
]);

const TEXTS: &[TextRule] = &[
    TextRule::new("reference", 40, Charset::Ascii),
    TextRule::new("description", 100, Charset::Unicode),
    TextRule::new("statement_descriptor", 22, Charset::Ascii).with_min(5).with_forbidden("<>\\'\"*"),
    TextRule::new("method.holder", 26, Charset::Latin1),
    TextRule::new("customer.name", 60, Charset::Unicode),
    TextRule::new("billing.city", 40, Charset::Unicode),
    TextRule::new("billing.postal_code", 10, Charset::Alphanumeric),
];

/// A provider in memory. Every connection of one provider speaks to the same [`ReferenceVendor`].
///
/// ```
/// use std::sync::Arc;
/// use turnbuckle_core::Environment;
/// use turnbuckle_core::money::{Currency, Money};
/// use turnbuckle_core::payment::{IdempotencyKey, MerchantReference, PaymentMethod, PaymentRequest, VendorToken};
/// use turnbuckle_core::provider::{ConnectionConfig, IntegrationProvider};
/// use turnbuckle_testkit::FixedClock;
/// use turnbuckle_testkit::reference::{ReferenceProvider, TOKEN_KIND};
/// # use turnbuckle_core::Clock;
///
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// let provider = ReferenceProvider::new();
/// let form = provider.definition().credential_schema;
/// let credentials = form.parse(serde_json::json!({"apiKey": "ref_test_1234"}))?;
/// let clock = Arc::new(FixedClock::new());
/// let config = ConnectionConfig::new("shop-7", Environment::Sandbox, credentials).with_clock(clock.clone());
/// let gateway = provider.connect(config)?.payments().expect("it declares payments");
///
/// let request = PaymentRequest::new(
///     Money::new(2010, Currency::USD),
///     PaymentMethod::Token(VendorToken::new(TOKEN_KIND, "tok_approve")),
///     IdempotencyKey::new("order-1001", clock.now())?,
///     MerchantReference::new("1001")?,
/// );
/// let outcome = gateway.purchase(&request).await?;
/// assert!(outcome.approved().is_some());
/// # Ok::<(), turnbuckle_core::Error>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct ReferenceProvider {
    vendor: ReferenceVendor,
    faults: Faults,
    features: &'static [Feature],
    bank_features: &'static [BankFeature],
    bank_page: usize,
    sms_features: &'static [SmsFeature],
    email_features: &'static [EmailFeature],
    search: MessageSearch,
}

impl ReferenceProvider {
    /// A provider with a vendor of its own, and every feature.
    pub fn new() -> Self {
        Self::with_vendor(ReferenceVendor::new())
    }

    /// A provider that speaks to this vendor.
    pub fn with_vendor(vendor: ReferenceVendor) -> Self {
        Self {
            vendor,
            faults: Faults::new(),
            features: Feature::ALL,
            bank_features: BankFeature::ALL,
            bank_page: 100,
            sms_features: SmsFeature::ALL,
            email_features: EmailFeature::ALL,
            search: MessageSearch::Proves,
        }
    }

    /// Plays these faults between every connection and the vendor.
    pub fn with_faults(mut self, faults: Faults) -> Self {
        self.faults = faults;
        self
    }

    /// Declares these features only.
    pub fn with_features(mut self, features: &'static [Feature]) -> Self {
        self.features = features;
        self
    }

    /// Declares these abilities of bank data only.
    pub fn with_bank_features(mut self, features: &'static [BankFeature]) -> Self {
        self.bank_features = features;
        self
    }

    /// Puts so many changes on a page of transactions at most: 100 unless set.
    pub fn with_bank_page(mut self, size: usize) -> Self {
        self.bank_page = size.max(1);
        self
    }

    /// Declares these abilities of text messages only.
    pub fn with_sms_features(mut self, features: &'static [SmsFeature]) -> Self {
        self.sms_features = features;
        self
    }

    /// Declares these abilities of email only.
    pub fn with_email_features(mut self, features: &'static [EmailFeature]) -> Self {
        self.email_features = features;
        self
    }

    /// Limits what a search for a message can do. Unless set, it finds everything and proves the rest.
    pub fn with_message_search(mut self, search: MessageSearch) -> Self {
        self.search = search;
        self
    }

    /// The vendor behind it.
    pub fn vendor(&self) -> &ReferenceVendor {
        &self.vendor
    }
}

impl Default for ReferenceProvider {
    fn default() -> Self {
        Self::new()
    }
}

impl IntegrationProvider for ReferenceProvider {
    fn definition(&self) -> &ProviderDefinition {
        &DEFINITION
    }

    fn connect(&self, config: ConnectionConfig) -> Result<Connection> {
        CREDENTIALS.check(config.credentials()).map_err(|error| error.or_context(&ID, "connect"))?;
        let key = config.credentials().require("apiKey")?.expose_secret().to_owned();
        let live = key.starts_with("ref_live_");
        let in_production = config.environment() == Environment::Production;
        if live != in_production && !self.vendor.has(Bug::MixesEnvironments) {
            return Err(Error::new(ErrorKind::InvalidConfig, "the key belongs to the other environment")
                .or_context(&ID, "connect"));
        }
        if self.vendor.has(Bug::SendsOnConnect) {
            self.faults.meet("connect");
            self.faults.deliver("");
        }
        let shared = Arc::new(Line {
            vendor: self.vendor.clone(),
            faults: self.faults.clone(),
            account: config.account().to_owned(),
            live,
            refused: key.contains("revoked"),
            logged_key: self.vendor.has(Bug::LogsKey).then_some(key),
        });
        let idempotency = Idempotency::Keys { retention: RETENTION };
        let features =
            GatewayFeatures::new(self.features, idempotency).with_token_kinds(&[TOKEN_KIND]).with_text(TEXTS);
        let tester = Arc::new(ReferenceTester { line: Arc::clone(&shared) });
        let gateway = Arc::new(ReferenceGateway { line: Arc::clone(&shared), features });
        let mut checks = config.clone();
        if self.vendor.has(Bug::SkipsGate) {
            checks = checks.with_consent_gate(Arc::new(NoGate));
        }
        if self.vendor.has(Bug::SkipsStore) {
            checks = checks.with_dedup_store(Arc::new(NoStore));
        }
        let sms = ReferenceSms::new(Arc::clone(&shared), self.search, self.sms_features);
        let email = ReferenceEmail::new(Arc::clone(&shared), self.search, self.email_features);
        let mut builder = Connection::builder(&DEFINITION, &checks, tester)
            .with_payments(gateway)?
            .with_sms(Arc::new(sms))?
            .with_email(Arc::new(email))?;
        if !self.vendor.has(Bug::LacksSubscriptions) {
            let subscriptions = Arc::new(ReferenceSubscriptions { line: Arc::clone(&shared) });
            builder = builder.with_subscriptions(subscriptions)?;
        }
        builder = builder.with_bank_data(Arc::new(ReferenceBankData {
            line: Arc::clone(&shared),
            features: self.bank_features,
            page_size: self.bank_page,
            under_way: AtomicBool::new(false),
        }));
        if let Some(receiver) = ReferenceReceiver::new(config.credentials(), &self.vendor)? {
            builder = builder.with_webhooks(Arc::new(receiver));
        }
        builder.build()
    }
}

/// What lies between a connection and the vendor. Its `Debug` holds no key: there is none in it, defects aside.
pub(super) struct Line {
    pub(super) vendor: ReferenceVendor,
    pub(super) faults: Faults,
    pub(super) account: String,
    pub(super) live: bool,
    refused: bool,
    logged_key: Option<String>,
}

impl std::fmt::Debug for Line {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Line")
            .field("account", &self.account)
            .field("live", &self.live)
            .finish_non_exhaustive()
    }
}

impl Line {
    /// One request to the vendor. It gives way before and after the vendor acts: the places where a dropped future
    /// matters. `changes` says whether a lost answer leaves open what happened.
    pub(super) async fn call<T: Send>(
        &self,
        name: &'static str,
        changes: bool,
        says: String,
        work: impl FnOnce(&mut Books) -> Result<T> + Send,
    ) -> Result<T> {
        let fault = self.faults.meet(name);
        give_way().await;
        let denies = self.vendor.has(Bug::DeniesLostAnswers);
        match fault {
            Some(fault) if !fault.reaches_vendor() => Err(spoiled(&fault, changes, denies)),
            fault => {
                self.faults.deliver(says);
                let answer = if self.refused {
                    Err(Error::new(ErrorKind::Unauthorized, "the key was revoked"))
                } else {
                    work(&mut self.vendor.books())
                };
                give_way().await;
                fault.map_or(answer, |fault| Err(spoiled(&fault, changes, denies)))
            }
        }
    }

    /// Why an attempt cannot be found yet, if so.
    pub(super) fn absence(&self, attempt: &Attempt) -> Option<Authority> {
        if self.vendor.has(Bug::LooksNowhere) {
            return Some(Authority::Authoritative);
        }
        let until = attempt.last_sent_at + self.vendor.lag();
        (self.vendor.now() < until).then_some(Authority::Lagging { until })
    }
}

#[derive(Debug)]
struct ReferenceTester {
    line: Arc<Line>,
}

#[async_trait]
impl ConnectionTester for ReferenceTester {
    async fn test(&self) -> Result<ConnectionTest> {
        if let Some(key) = &self.line.logged_key {
            tracing::debug!(authorization = %key, "testing");
        }
        let answer = self.line.call("test", false, String::new(), |_| Ok(())).await;
        match answer {
            Err(error)
                if error.kind() == ErrorKind::Unauthorized && !self.line.vendor.has(Bug::PassesEveryTest) =>
            {
                Ok(ConnectionTest::failed("the key was not accepted", Duration::ZERO))
            }
            Err(error) if error.kind() != ErrorKind::Unauthorized => Err(error),
            _ => Ok(ConnectionTest::passed("connected", Duration::ZERO)
                .with_account(AccountIdentity::new(self.line.account.clone()))
                .with_live(self.line.live)),
        }
    }
}
