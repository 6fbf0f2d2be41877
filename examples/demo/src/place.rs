//! Where a provider's calls go: its sandbox when its keys are in the environment, the built-in simulator otherwise.

use serde_json::Value;
use turnbuckle_core::credential::{Credentials, environment_from_env, process_env};
use turnbuckle_core::http::BaseUrl;
use turnbuckle_core::{Environment, Error, ErrorKind, Result};
use turnbuckle_simulator::{ServerHandle, Simulator};

use crate::providers::Known;

/// Credentials, and where the calls go.
#[derive(Clone)]
pub(crate) struct Place {
    /// What a tenant would type in.
    pub(crate) credentials: Credentials,
    /// The address of a stand-in; `None` is the provider itself.
    pub(crate) base_url: Option<BaseUrl>,
    /// Whether it is the built-in simulator.
    pub(crate) is_simulated: bool,
    /// The place in words.
    pub(crate) name: String,
}

impl Place {
    /// Chooses for one provider. Nothing is sent.
    ///
    /// # Errors
    /// When the environment names production, or has keys that cannot be used.
    pub(crate) fn choose(known: &Known, simulator: &Simulator, server: &ServerHandle) -> Result<Self> {
        let definition = known.provider.definition();
        if environment_from_env(known.prefix, &process_env)? == Some(Environment::Production) {
            return Err(Error::new(
                ErrorKind::InvalidConfig,
                format!(
                    "{}_ENV says production, and this tour moves money: it runs in a sandbox only",
                    known.prefix
                ),
            ));
        }
        let schema = definition.credential_schema;
        let set = |name: &&&str| process_env(name).is_some_and(|value| !value.is_empty());
        let required = schema.fields().iter().filter(|field| field.required);
        let keys: Vec<_> = required.flat_map(|field| field.env.iter().filter(set)).collect();
        if keys.is_empty() {
            return Self::simulated(known, simulator, server);
        }
        let base_url = process_env(&format!("{}_BASE_URL", known.prefix))
            .filter(|url| !url.is_empty())
            .map(|url| BaseUrl::parse(&url))
            .transpose()?;
        let name = match &base_url {
            None => {
                format!("the {} sandbox ({} is set)", definition.name, keys.first().map_or("", |name| name))
            }
            Some(url) => format!("the stand-in at {url} ({} is set)", keys.first().map_or("", |name| name)),
        };
        let credentials = Credentials::from_env(schema, &process_env)?;
        Ok(Self { credentials, base_url, is_simulated: false, name })
    }

    /// The built-in simulator, whatever is in the environment.
    ///
    /// # Errors
    /// When the simulator does not know the provider.
    pub(crate) fn simulated(known: &Known, simulator: &Simulator, server: &ServerHandle) -> Result<Self> {
        let definition = known.provider.definition();
        let info = simulator.connection_info(&server.origin());
        let own = info
            .get(definition.id.as_str())
            .ok_or_else(|| Error::new(ErrorKind::Internal, "the simulator does not know this provider"))?;
        let credentials =
            definition.credential_schema.parse(own.get("credentials").cloned().unwrap_or(Value::Null))?;
        let base_url = own.get("base_url").and_then(Value::as_str).unwrap_or_default();
        let variable = definition.credential_schema.fields().iter().find_map(|field| field.env.first());
        Ok(Self {
            credentials,
            base_url: Some(BaseUrl::parse(base_url)?),
            is_simulated: true,
            name: format!("the built-in simulator ({} is not set)", variable.copied().unwrap_or("no key")),
        })
    }
}
