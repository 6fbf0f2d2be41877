//! What CSV Import is and what it asks for.

use turnbuckle_core::credential::CredentialSchema;
use turnbuckle_core::provider::{
    Category, Connection, ConnectionConfig, IntegrationProvider, ProviderDefinition, ProviderStatus,
};
use turnbuckle_core::{Error, ProviderId, Result};

const CREDENTIALS: CredentialSchema = CredentialSchema::new(&[]);

static DEFINITION: ProviderDefinition = ProviderDefinition::new(
    CsvImportProvider::ID,
    Category::DataImport,
    "CSV Import",
    "Records from CSV files.",
    CREDENTIALS,
)
.with_status(ProviderStatus::Beta);

/// CSV Import's definition and credential form. It cannot connect yet.
#[derive(Debug, Clone, Copy, Default)]
#[non_exhaustive]
pub struct CsvImportProvider;

impl CsvImportProvider {
    /// The provider's id.
    pub const ID: ProviderId = ProviderId::from_static("csv_import");

    /// The provider.
    pub const fn new() -> Self {
        Self
    }
}

impl IntegrationProvider for CsvImportProvider {
    fn definition(&self) -> &ProviderDefinition {
        &DEFINITION
    }

    /// Checks the credentials and then refuses: no operation is implemented in this release.
    ///
    /// # Errors
    /// [`InvalidConfig`](turnbuckle_core::ErrorKind::InvalidConfig) for credentials that do not fit the form,
    /// [`Unsupported`](turnbuckle_core::ErrorKind::Unsupported) for those that do.
    fn connect(&self, config: ConnectionConfig) -> Result<Connection> {
        let refused = match CREDENTIALS.check(config.credentials()) {
            Ok(()) => Error::unsupported("this release has the definition and the credential form only"),
            Err(error) => error,
        };
        Err(refused.or_context(&Self::ID, "connect"))
    }
}
