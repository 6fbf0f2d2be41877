//! What the sandbox binaries share: where the keys come from, how a call is shown, and why a live key is refused.

#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;

mod args;
pub mod authnet;
pub mod nmi;
pub mod payflow;
pub mod plaid;
mod runner;
pub mod stripe;

pub use args::{Args, Task};
pub use runner::Runner;

use std::fmt::Display;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;
use turnbuckle_core::credential::{Credentials, environment_from_env, process_env};
use turnbuckle_core::http::{BaseUrl, Limits, ReqwestTransport, Transport, TransportError};
use turnbuckle_core::provider::{ConnectionConfig, IntegrationProvider};
use turnbuckle_core::{Environment, Error, ErrorKind, Random, Result, SystemRandom};

/// What a sandbox binary needs to know about its provider.
#[derive(Debug, Clone, Copy)]
pub struct Sandbox {
    /// What the binary is called.
    pub name: &'static str,
    /// What the binary does when it is told nothing else: `charge, refund, list`.
    pub flow: &'static str,
    /// What the provider's variables begin with: `STRIPE`.
    pub prefix: &'static str,
    /// Where a person finds test keys.
    pub keys: &'static str,
}

/// A connection's configuration, ready for the sandbox or a stand-in, and a record of what went over the wire.
pub struct Ready {
    /// The configuration.
    pub config: ConnectionConfig,
    /// Where the calls go, in words.
    pub place: String,
    /// The calls so far.
    pub wire: Arc<Wire>,
}

impl Sandbox {
    /// Reads keys and address from the environment.
    ///
    /// # Errors
    /// [`InvalidConfig`](ErrorKind::InvalidConfig) naming the variables to set, or saying why a key is refused.
    pub fn ready(&self, provider: &dyn IntegrationProvider) -> Result<Ready> {
        let definition = provider.definition();
        if environment_from_env(self.prefix, &process_env)? == Some(Environment::Production) {
            return Err(Error::new(
                ErrorKind::InvalidConfig,
                format!("{}_ENV says production: this binary is for the sandbox only", self.prefix),
            ));
        }
        let credentials = Credentials::from_env(definition.credential_schema, &process_env)
            .map_err(|error| self.explain(provider, &error))?;
        let wire = Arc::new(Wire::new(ReqwestTransport::new()?));
        let config =
            ConnectionConfig::new("sandbox", Environment::Sandbox, credentials).with_transport(wire.clone());
        match process_env(&format!("{}_BASE_URL", self.prefix)).filter(|url| !url.is_empty()) {
            Some(url) => {
                let base = BaseUrl::parse(&url)?;
                Ok(Ready {
                    config: config.with_base_url(base),
                    place: format!("the stand-in at {url}"),
                    wire,
                })
            }
            None => Ok(Ready { config, place: format!("the sandbox of {}", definition.name), wire }),
        }
    }

    fn explain(&self, provider: &dyn IntegrationProvider, error: &Error) -> Error {
        let definition = provider.definition();
        let variables: Vec<_> = definition
            .credential_schema
            .fields()
            .iter()
            .filter(|field| !field.env.is_empty())
            .map(|field| {
                let need = if field.required { "required" } else { "optional" };
                format!("  {} ({need}): {}", field.env.join(" or "), field.title)
            })
            .collect();
        Error::new(
            ErrorKind::InvalidConfig,
            format!(
                "{error}\n\nSet these variables:\n{}\nWhere to find test keys: {}\nTo use a stand-in, set {}_BASE_URL as well.",
                variables.join("\n"),
                self.keys,
                self.prefix
            ),
        )
    }
}

/// One call as it went over the wire: no header, and of query and body only what their parameters are called.
#[derive(Debug, Clone)]
pub struct Call {
    /// The method.
    pub method: String,
    /// The path. It may hold ids, which are not secret.
    pub path: String,
    /// The names of the parameters in query and body as they were sent, `tiers[0][up_to]`; never their values.
    pub parameters: Vec<String>,
    /// The status of the answer; `None` when there was none.
    pub status: Option<u16>,
}

/// The names in a query, in a form or in the parts of an upload.
fn parameters(request: &http::Request<Bytes>) -> Vec<String> {
    let body = String::from_utf8_lossy(request.body());
    let uploads = request
        .headers()
        .get(http::header::CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"multipart/form-data"));
    let pairs = [request.uri().query().unwrap_or_default(), if uploads { "" } else { &*body }];
    let pairs = pairs.iter().flat_map(|text| text.split('&')).filter_map(|pair| pair.split_once('='));
    let mut names: Vec<String> = pairs.map(|(name, _)| name.to_owned()).collect();
    if uploads {
        let heads = body.split("form-data; name=\"").skip(1);
        names.extend(heads.filter_map(|head| head.split_once('"')).map(|(name, _)| name.to_owned()));
    }
    names
}

/// A transport that notes method, path, names of parameters and status of what passes.
#[derive(Debug)]
pub struct Wire {
    inner: Box<dyn Transport>,
    calls: Mutex<Vec<Call>>,
}

impl Wire {
    /// Notes what passes on its way to another transport.
    pub fn new(inner: impl Transport) -> Self {
        Self { inner: Box::new(inner), calls: Mutex::default() }
    }

    /// The calls since the last time, oldest first.
    pub fn take(&self) -> Vec<Call> {
        std::mem::take(&mut *self.calls.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[async_trait]
impl Transport for Wire {
    async fn send(
        &self,
        request: http::Request<Bytes>,
        limits: Limits,
    ) -> Result<http::Response<Bytes>, TransportError> {
        let (method, path) = (request.method().to_string(), request.uri().path().to_owned());
        let parameters = parameters(&request);
        let result = self.inner.send(request, limits).await;
        let status = result.as_ref().ok().map(|response| response.status().as_u16());
        let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        calls.push(Call { method, path, parameters, status });
        result
    }
}

/// A word that no earlier run used, for idempotency keys and names.
///
/// # Errors
/// When the system's random generator fails.
pub fn fresh_word() -> Result<String> {
    let mut bytes = [0; 6];
    SystemRandom::new().fill(&mut bytes)?;
    Ok(bytes.iter().fold(String::new(), |word, byte| format!("{word}{byte:02x}")))
}

/// Shows why a binary cannot begin.
pub fn complain(problem: impl Display) -> std::process::ExitCode {
    eprintln!("{problem}");
    std::process::ExitCode::FAILURE
}
