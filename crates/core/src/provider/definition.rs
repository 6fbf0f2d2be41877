//! What a provider is and what it asks for.

use serde::ser::{Serialize, SerializeStruct, Serializer};

use crate::credential::{CredentialSchema, SettingsSchema};
use crate::provider::{Capability, Category, Environment, ProviderId, ProviderStatus};

/// What a provider is and what it asks for: all that a host needs to list it and to draw its form.
///
/// It is constant data, declared once in the provider's crate. It serializes as a JSON object with camelCase keys; the
/// schemas appear as JSON Schema, and absent values as `null`.
///
/// Definitions carry no database id and no times of creation or change: those belong to the host's own record of one.
///
/// ```
/// use turnbuckle_core::ProviderId;
/// use turnbuckle_core::credential::{CredentialField, CredentialSchema};
/// use turnbuckle_core::provider::{Category, ProviderDefinition, ProviderStatus};
///
/// static DEFINITION: ProviderDefinition = ProviderDefinition::new(
///     ProviderId::from_static("post_office"),
///     Category::Shipping,
///     "Post Office",
///     "Parcels and letters.",
///     CredentialSchema::new(&[CredentialField::secret("apiKey", "API Key").required()]),
/// )
/// .with_status(ProviderStatus::Beta);
///
/// assert_eq!(DEFINITION.id.as_str(), "post_office");
/// assert!(DEFINITION.is_client_configurable());
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ProviderDefinition {
    /// The provider's id, `provider` in JSON. Ids are open strings: any crate may bring a new one.
    pub id: ProviderId,
    /// What kind of service it is.
    pub category: Category,
    /// The name as people know it: `PayPal Payflow Pro`.
    pub name: &'static str,
    /// One or two sentences for a catalogue.
    pub description: &'static str,
    /// Where its logo is, `logoUrl` in JSON.
    pub logo_url: Option<&'static str>,
    /// Where its documentation is, `documentationUrl` in JSON.
    pub documentation_url: Option<&'static str>,
    /// Whether only the organization that runs the platform may configure it, `isOrgOnly` in JSON.
    pub org_only: bool,
    /// Whether clients may configure it, `isClientAllowed` in JSON.
    pub client_allowed: bool,
    /// Whether the platform offers it as a service of its own, `isPlatformOffered` in JSON.
    pub platform_offered: bool,
    /// The fields of its credentials.
    pub credential_schema: CredentialSchema,
    /// The fields of its settings, where it has any.
    pub settings_schema: Option<SettingsSchema>,
    /// Standards that whoever uses it must meet, for example `pci_dss`, `soc2`, `iso27001`.
    pub required_compliance: &'static [&'static str],
    /// How far the adapter has come. Active unless stated.
    pub status: ProviderStatus,
    /// The worlds it has. Both unless stated.
    pub environments: &'static [Environment],
    /// What a connection can do. What `connect` returns agrees with it.
    pub capabilities: &'static [Capability],
}

impl ProviderDefinition {
    /// A definition with the defaults: active, open to clients, not reserved to the organization, not offered by the
    /// platform, in both environments, without capabilities.
    pub const fn new(
        id: ProviderId,
        category: Category,
        name: &'static str,
        description: &'static str,
        credential_schema: CredentialSchema,
    ) -> Self {
        Self {
            id,
            category,
            name,
            description,
            logo_url: None,
            documentation_url: None,
            org_only: false,
            client_allowed: true,
            platform_offered: false,
            credential_schema,
            settings_schema: None,
            required_compliance: &[],
            status: ProviderStatus::Active,
            environments: &[Environment::Sandbox, Environment::Production],
            capabilities: &[],
        }
    }

    /// Sets where the logo is.
    pub const fn with_logo_url(mut self, url: &'static str) -> Self {
        self.logo_url = Some(url);
        self
    }

    /// Sets where the documentation is.
    pub const fn with_documentation_url(mut self, url: &'static str) -> Self {
        self.documentation_url = Some(url);
        self
    }

    /// Reserves it to the organization that runs the platform.
    pub const fn with_org_only(mut self, org_only: bool) -> Self {
        self.org_only = org_only;
        self
    }

    /// Opens it to clients or closes it.
    pub const fn with_client_allowed(mut self, client_allowed: bool) -> Self {
        self.client_allowed = client_allowed;
        self
    }

    /// Sets whether the platform offers it as a service of its own.
    pub const fn with_platform_offered(mut self, platform_offered: bool) -> Self {
        self.platform_offered = platform_offered;
        self
    }

    /// Sets the fields of its settings.
    pub const fn with_settings_schema(mut self, schema: SettingsSchema) -> Self {
        self.settings_schema = Some(schema);
        self
    }

    /// Sets the standards that whoever uses it must meet.
    pub const fn with_required_compliance(mut self, standards: &'static [&'static str]) -> Self {
        self.required_compliance = standards;
        self
    }

    /// Sets how far the adapter has come.
    pub const fn with_status(mut self, status: ProviderStatus) -> Self {
        self.status = status;
        self
    }

    /// Sets the worlds that it has.
    pub const fn with_environments(mut self, environments: &'static [Environment]) -> Self {
        self.environments = environments;
        self
    }

    /// Sets what a connection can do.
    pub const fn with_capabilities(mut self, capabilities: &'static [Capability]) -> Self {
        self.capabilities = capabilities;
        self
    }

    /// Whether clients may configure it: it is open to them and not reserved to the organization.
    pub fn is_client_configurable(&self) -> bool {
        self.client_allowed && !self.org_only
    }

    /// Whether a connection can do this.
    pub fn has(&self, capability: Capability) -> bool {
        self.capabilities.contains(&capability)
    }
}

impl Serialize for ProviderDefinition {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("ProviderDefinition", 15)?;
        object.serialize_field("provider", &self.id)?;
        object.serialize_field("category", &self.category)?;
        object.serialize_field("name", self.name)?;
        object.serialize_field("description", self.description)?;
        object.serialize_field("logoUrl", &self.logo_url)?;
        object.serialize_field("documentationUrl", &self.documentation_url)?;
        object.serialize_field("isOrgOnly", &self.org_only)?;
        object.serialize_field("isClientAllowed", &self.client_allowed)?;
        object.serialize_field("isPlatformOffered", &self.platform_offered)?;
        object.serialize_field("credentialSchema", &self.credential_schema.json_schema())?;
        object.serialize_field("settingsSchema", &self.settings_schema.map(|schema| schema.json_schema()))?;
        object.serialize_field("requiredCompliance", self.required_compliance)?;
        object.serialize_field("status", &self.status)?;
        object.serialize_field("environments", self.environments)?;
        object.serialize_field("capabilities", self.capabilities)?;
        object.end()
    }
}
