//! A tenant's credentials: typed in, sealed, shown as masks, opened, and carried over to a new master key.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use secrecy::{ExposeSecret, SecretString};
use turnbuckle_core::bank_data::BankLink;
use turnbuckle_core::credential::{CredentialSchema, Credentials, Masks};
use turnbuckle_core::envelope::{
    Access, BlobStore, Context, KeyId, LocalKeyRing, MasterKey, MemoryAuditSink, RotateOptions, Sealer,
    StoredBlob, keys_in_use, rewrap_all,
};
use turnbuckle_core::payment::PaymentGateway;
use turnbuckle_core::provider::ProviderDefinition;
use turnbuckle_core::{Environment, ProviderId, Result, SystemClock, SystemRandom};

use crate::report::{Failure, StepResult, ensure};

/// What the host keeps of one integration: bytes and masks. A real host has these two in a database row.
pub(crate) struct Row {
    blob: Vec<u8>,
    context: Context,
    masks: Masks,
}

/// The host's store of sealed credentials.
#[derive(Default)]
pub(crate) struct Rows(Mutex<BTreeMap<String, Row>>);

impl std::fmt::Debug for Rows {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rows").finish_non_exhaustive()
    }
}

impl Rows {
    fn with<T>(&self, work: impl FnOnce(&mut BTreeMap<String, Row>) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[async_trait]
impl BlobStore for Rows {
    async fn page(&self, after: Option<&str>, limit: usize) -> Result<Vec<StoredBlob>> {
        Ok(self.with(|rows| {
            rows.iter()
                .filter(|(id, _)| after.is_none_or(|after| id.as_str() > after))
                .take(limit)
                .map(|(id, row)| StoredBlob::new(id.clone(), row.context.clone(), row.blob.clone()))
                .collect()
        }))
    }

    async fn compare_and_swap(&self, id: &str, old: &[u8], new: &[u8]) -> Result<bool> {
        Ok(self.with(|rows| match rows.get_mut(id) {
            Some(row) if row.blob == old => {
                row.blob = new.to_vec();
                true
            }
            _ => false,
        }))
    }
}

/// Key ring, sealer and rows of the host.
pub(crate) struct Vault {
    ring: Arc<LocalKeyRing>,
    audit: Arc<MemoryAuditSink>,
    sealer: Sealer,
    rows: Rows,
}

impl Vault {
    /// A vault with a fresh master key. A real host reads its ring from a file or the environment.
    pub(crate) fn new() -> Result<Self> {
        let key = MasterKey::generate(&SystemRandom::new())?;
        let ring = Arc::new(LocalKeyRing::new(KeyId::new("2026-01")?, key));
        let audit = Arc::new(MemoryAuditSink::new(10_000));
        let sealer = Sealer::new(ring.clone(), audit.clone(), Arc::new(SystemClock::new()));
        Ok(Self { ring, audit, sealer, rows: Rows::default() })
    }

    fn context(tenant: &str, provider: &ProviderId) -> Result<Context> {
        Context::builder()
            .organization("org_1")
            .scope("client", tenant)
            .integration("int_1")
            .provider(provider)
            .environment(Environment::Sandbox)
            .purpose("credentials")
            .version(1)
            .build()
    }

    /// Seals what a tenant typed and stores the row.
    pub(crate) async fn seal(&self, provider: &ProviderId, credentials: &Credentials) -> StepResult<()> {
        let context = Self::context("client_1", provider)?;
        let sealed = self.sealer.seal_credentials(&context, credentials).await?;
        let shown: Vec<_> = sealed.masks.iter().map(|(_, mask)| shorten(mask)).collect();
        let result = format!(
            "{} bytes under key {}; a list shows {}",
            sealed.blob.len(),
            sealed.key_id,
            shown.join(" ")
        );
        let row = Row { blob: sealed.blob, context, masks: sealed.masks };
        self.rows.with(|rows| rows.insert(provider.to_string(), row));
        Ok(((), result))
    }

    /// Tries to open a row in another tenant's name.
    pub(crate) async fn open_as_other_tenant(&self, provider: &ProviderId) -> StepResult<()> {
        let blob = self.blob(provider)?;
        let context = Self::context("client_2", provider)?;
        let access = Access::new("user_1", "tour", "tour-1")?;
        match self.sealer.open_bytes(&context, &blob, &access).await {
            Ok(_) => Err(Failure::new("the row opened in another tenant's name")),
            Err(error) => Ok(((), format!("refused: {error}"))),
        }
    }

    /// Opens a row to act for its tenant.
    pub(crate) async fn open(
        &self,
        provider: &ProviderId,
        schema: CredentialSchema,
    ) -> StepResult<Credentials> {
        let blob = self.blob(provider)?;
        let context = Self::context("client_1", provider)?;
        let before = self.audit.records().len();
        let access = Access::new("user_1", "tour", "tour-1")?;
        let credentials = self.sealer.open_credentials(&context, &blob, &access, schema).await?;
        let recorded = self.audit.records().len() - before;
        ensure(recorded == 1, format!("{recorded} access records instead of one"))?;
        let fields = credentials.names().count();
        Ok((credentials, format!("{fields} fields, {recorded} access record written first")))
    }

    /// Seals a link to a bank, and opens it again to call. Returns how many bytes a database would keep.
    pub(crate) async fn keep_link(
        &self,
        definition: &ProviderDefinition,
        link: &BankLink,
    ) -> Result<(usize, BankLink), Failure> {
        let context = Context::builder()
            .organization("org_1")
            .scope("client", "client_1")
            .integration("int_1")
            .provider(&definition.id)
            .environment(Environment::Sandbox)
            .purpose("bank_link")
            .version(1)
            .build()?;
        let sealed = self.sealer.seal_bytes(&context, link.to_secret().expose_secret().as_bytes()).await?;
        let access = Access::new("user_1", "tour", "tour-1")?;
        let opened = self.sealer.open_bytes(&context, &sealed.blob, &access).await?;
        let text =
            std::str::from_utf8(opened.expose_secret()).map_err(|_| Failure::new("no text came out"))?;
        Ok((sealed.blob.len(), BankLink::from_secret(&SecretString::from(text.to_owned()))?))
    }

    fn blob(&self, provider: &ProviderId) -> Result<Vec<u8>, Failure> {
        self.rows
            .with(|rows| {
                rows.get(provider.as_str()).filter(|row| !row.masks.is_empty()).map(|row| row.blob.clone())
            })
            .ok_or_else(|| Failure::new("nothing is stored"))
    }

    /// Brings a new master key in, proves it, activates it, re-wraps every row and retires the old key, while opened
    /// credentials and the connection stay in use.
    pub(crate) async fn rotate(
        &self,
        provider: &ProviderId,
        schema: CredentialSchema,
        gateway: &dyn PaymentGateway,
    ) -> StepResult<()> {
        let fresh = KeyId::new("2026-02")?;
        self.ring.add(fresh.clone(), MasterKey::generate(&SystemRandom::new())?)?;
        let canary = self.ring.canary(&fresh)?;
        self.ring.check_canary(&canary)?;
        let old = self.ring.active_key_id();

        let busy = async {
            let mut opened = 0;
            for _ in 0..50 {
                self.open(provider, schema).await?;
                opened += 1;
                // Lets the rotation run between two uses.
                tokio::task::yield_now().await;
            }
            Ok::<usize, Failure>(opened)
        };
        let rotation = async {
            self.ring.activate(&fresh)?;
            let report = rewrap_all(&self.sealer, &self.rows, RotateOptions::new())
                .await
                .map_err(|stopped| Failure::new(format!("the walk stopped: {stopped}")))?;
            ensure(report.is_complete(), "some rows were not re-wrapped")?;
            ensure(!keys_in_use(&self.rows).await?.contains_key(&old), "the old key is still in use")?;
            Ok::<u64, Failure>(report.rewritten)
        };
        let (opened, rewritten) = tokio::join!(busy, rotation);
        let (opened, rewritten) = (opened?, rewritten?);
        self.ring.retire(&old)?;
        let (_, _) = self.open(provider, schema).await?;
        // The connection was made under the old key and goes on.
        ensure(gateway.provider() == provider, "the connection is another provider's")?;
        Ok((
            (),
            format!(
                "{old} to {fresh}: {rewritten} row re-wrapped, {opened} openings meanwhile, {old} retired"
            ),
        ))
    }
}

fn shorten(mask: &str) -> String {
    let mut short: String = mask.chars().take(12).collect();
    if short.len() < mask.len() {
        short.push('…');
    }
    short
}
