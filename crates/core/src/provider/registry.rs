//! The providers that a host has chosen.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt;
use std::sync::Arc;

use crate::error::{Error, ErrorKind};
use crate::provider::{Capability, Category, IntegrationProvider, ProviderDefinition, ProviderId};

/// The providers that a host has chosen, found by id. Nothing registers itself.
///
/// ```
/// use turnbuckle_core::ProviderId;
/// use turnbuckle_core::provider::Registry;
///
/// let registry = Registry::new();
/// let error = registry.get(&ProviderId::from_static("stripe")).unwrap_err();
/// assert_eq!(error.to_string(), "no provider `stripe` is registered, nor any other");
/// ```
#[derive(Clone, Default)]
pub struct Registry {
    providers: BTreeMap<ProviderId, Arc<dyn IntegrationProvider>>,
}

impl Registry {
    /// A registry without providers.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a provider under the id of its definition.
    ///
    /// # Errors
    /// [`RegistryError::Duplicate`] when the id is taken; the earlier provider stays.
    pub fn register(&mut self, provider: impl IntegrationProvider) -> Result<(), RegistryError> {
        self.register_shared(Arc::new(provider))
    }

    /// Adds a provider that the host shares with something else.
    ///
    /// # Errors
    /// [`RegistryError::Duplicate`] when the id is taken; the earlier provider stays.
    pub fn register_shared(&mut self, provider: Arc<dyn IntegrationProvider>) -> Result<(), RegistryError> {
        match self.providers.entry(provider.definition().id.clone()) {
            Entry::Occupied(taken) => Err(RegistryError::Duplicate { id: taken.key().clone() }),
            Entry::Vacant(free) => {
                free.insert(provider);
                Ok(())
            }
        }
    }

    /// The provider with this id.
    ///
    /// # Errors
    /// [`RegistryError::Unknown`], which names the ids that exist.
    pub fn get(&self, id: &ProviderId) -> Result<&Arc<dyn IntegrationProvider>, RegistryError> {
        self.providers.get(id).ok_or_else(|| RegistryError::Unknown {
            id: id.clone(),
            known: self.providers.keys().cloned().collect(),
        })
    }

    /// Every provider, sorted by id.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<dyn IntegrationProvider>> {
        self.providers.values()
    }

    /// Every definition, sorted by id.
    pub fn definitions(&self) -> impl Iterator<Item = &ProviderDefinition> {
        self.iter().map(|provider| provider.definition())
    }

    /// The definitions of one category, sorted by id.
    pub fn by_category(&self, category: Category) -> impl Iterator<Item = &ProviderDefinition> {
        self.definitions().filter(move |definition| definition.category == category)
    }

    /// The definitions with one capability, sorted by id.
    pub fn by_capability(&self, capability: Capability) -> impl Iterator<Item = &ProviderDefinition> {
        self.definitions().filter(move |definition| definition.has(capability))
    }

    /// The definitions that clients may configure, sorted by id.
    pub fn client_configurable(&self) -> impl Iterator<Item = &ProviderDefinition> {
        self.definitions().filter(|definition| definition.is_client_configurable())
    }

    /// How many providers there are.
    pub fn len(&self) -> usize {
        self.providers.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.providers.is_empty()
    }
}

/// Ids only; a provider may hold anything.
impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registry").field("providers", &self.providers.keys()).finish_non_exhaustive()
    }
}

/// Why a [`Registry`] refused.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum RegistryError {
    /// Another provider already has the id.
    Duplicate {
        /// The id that is taken.
        id: ProviderId,
    },
    /// No provider has the id.
    Unknown {
        /// The id that was asked for.
        id: ProviderId,
        /// The ids that exist, sorted.
        known: Vec<ProviderId>,
    },
}

impl fmt::Display for RegistryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Duplicate { id } => write!(f, "a provider `{id}` is already registered"),
            Self::Unknown { id, known } if known.is_empty() => {
                write!(f, "no provider `{id}` is registered, nor any other")
            }
            Self::Unknown { id, known } => {
                let known = known.iter().map(ProviderId::as_str).collect::<Vec<_>>();
                write!(f, "no provider `{id}` is registered; there are: {}", known.join(", "))
            }
        }
    }
}

impl std::error::Error for RegistryError {}

impl From<RegistryError> for Error {
    fn from(error: RegistryError) -> Self {
        Self::new(ErrorKind::InvalidConfig, error.to_string()).with_source(error)
    }
}
