//! The trait that every provider implements.

use std::fmt::Debug;

use crate::error::Result;
use crate::provider::{Connection, ConnectionConfig, ProviderDefinition};

/// One provider: what it is, and how to connect to it.
pub trait IntegrationProvider: Debug + Send + Sync + 'static {
    /// What the provider is and what it asks for.
    fn definition(&self) -> &ProviderDefinition;

    /// Refuses credentials or settings that do not fit their schema, and otherwise makes a connection. No request leaves.
    ///
    /// # Errors
    /// [`InvalidConfig`](crate::ErrorKind::InvalidConfig) when something does not fit, naming every bad field.
    fn connect(&self, config: ConnectionConfig) -> Result<Connection>;
}
