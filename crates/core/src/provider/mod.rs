//! Providers: what they are, what they need, how they are found, and what a connected one can do.

mod category;
mod config;
mod connection;
mod definition;
mod id;
mod integration;
mod readiness;
mod registry;

pub use category::{Capability, Category, ProviderStatus};
pub use config::ConnectionConfig;
pub use connection::{Connection, ConnectionBuilder, ConnectionTester};
pub use definition::ProviderDefinition;
pub use id::{Environment, ProviderId};
pub use integration::IntegrationProvider;
pub use readiness::{AccountIdentity, ConnectionTest, Finding, Severity};
pub use registry::{Registry, RegistryError};
