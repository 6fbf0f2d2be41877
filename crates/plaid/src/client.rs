//! The typed client: keys, headers, encoding, decoding.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, HeaderValue};
use http::{HeaderName, Method, Request};
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use serde::de::DeserializeOwned;
use turnbuckle_core::http::{BaseUrl, HttpClient, Operation, Reply, Safety};
use turnbuckle_core::provider::ConnectionConfig;
use turnbuckle_core::{Effect, Environment, Error, ErrorKind, FieldError, ProviderId, Result};

use crate::error;

/// The provider's id.
pub(crate) const PROVIDER: ProviderId = ProviderId::from_static("plaid");

const CLIENT_ID: HeaderName = HeaderName::from_static("plaid-client-id");
const SECRET: HeaderName = HeaderName::from_static("plaid-secret");
const VERSION: HeaderName = HeaderName::from_static("plaid-version");

/// Plaid's API for one client id, typed. Cloning is cheap.
///
/// Every call is a POST with a JSON body; the keys travel in headers, and the version is always sent
/// (<https://plaid.com/docs/api/>). Plaid has no idempotency keys for these calls: what may be sent again when its answer
/// is lost stands with each call, and everything else is sent once.
///
/// Access tokens are arguments, since one client reads the banks of many people. A token that names another environment
/// than the connection's is refused before anything is sent.
#[derive(Clone)]
pub struct Plaid {
    http: HttpClient,
    account: Arc<Account>,
}

/// What stays the same for the life of a connection.
struct Account {
    base: BaseUrl,
    client_id: SecretString,
    secret: SecretString,
}

impl Plaid {
    /// The API version that this crate is written for, and that it sends.
    pub const API_VERSION: &'static str = "2020-09-14";

    /// A client with the credentials `clientId` and `secret`. Sends nothing.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidConfig`] when one is missing or cannot be sent; also as [`ConnectionConfig::http_client`].
    pub fn new(config: &ConnectionConfig) -> Result<Self> {
        let client_id = config.credentials().require("clientId")?.clone();
        let secret = config.credentials().require("secret")?.clone();
        let problems =
            [("clientId", &client_id), ("secret", &secret)].into_iter().filter_map(|(name, text)| {
                let graphic = |byte: u8| byte.is_ascii_graphic();
                let bad = text.expose_secret().is_empty() || !text.expose_secret().bytes().all(graphic);
                bad.then(|| FieldError::new(name, "has characters that cannot be sent"))
            });
        let problems: Vec<_> = problems.collect();
        if !problems.is_empty() {
            return Err(Error::new(ErrorKind::InvalidConfig, "Plaid's keys cannot be used")
                .with_fields(problems)
                .with_provider(PROVIDER));
        }
        let base = match (config.base_url(), config.environment()) {
            (Some(base), _) => base.clone(),
            (None, Environment::Sandbox) => BaseUrl::parse("https://sandbox.plaid.com")?,
            (None, Environment::Production) => BaseUrl::parse("https://production.plaid.com")?,
        };
        Ok(Self {
            http: config.http_client(PROVIDER)?,
            account: Arc::new(Account { base, client_id, secret }),
        })
    }

    /// The environment that the keys belong to.
    pub fn environment(&self) -> Environment {
        self.http.environment()
    }

    pub(crate) fn http(&self) -> &HttpClient {
        &self.http
    }

    /// A call that concerns no item.
    pub(crate) async fn call<P, T>(&self, operation: &Operation, path: &str, params: &P) -> Result<T>
    where
        P: Serialize + Sync + ?Sized,
        T: DeserializeOwned,
    {
        let reply = self.send(operation, path, params).await?;
        Self::read(operation, &reply)
    }

    /// A call about the item that an access token opens.
    pub(crate) async fn call_item<P, T>(
        &self,
        operation: &Operation,
        path: &str,
        access_token: &SecretString,
        params: &P,
    ) -> Result<T>
    where
        P: Serialize + Sync + ?Sized,
        T: DeserializeOwned,
    {
        let reply = self.send_item(operation, path, access_token, params).await?;
        Self::read(operation, &reply)
    }

    /// The same without reading the answer, for calls that judge it themselves.
    pub(crate) async fn send_item<P>(
        &self,
        operation: &Operation,
        path: &str,
        access_token: &SecretString,
        params: &P,
    ) -> Result<Reply>
    where
        P: Serialize + Sync + ?Sized,
    {
        #[derive(Serialize)]
        struct WithToken<'a, P: ?Sized> {
            access_token: &'a str,
            #[serde(flatten)]
            params: &'a P,
        }

        self.check_token(operation, TokenKind::Access, access_token)?;
        let params = WithToken { access_token: access_token.expose_secret(), params };
        self.send(operation, path, &params).await
    }

    async fn send<P>(&self, operation: &Operation, path: &str, params: &P) -> Result<Reply>
    where
        P: Serialize + Sync + ?Sized,
    {
        let request = self.request(path, params).map_err(refused(operation))?;
        self.http.send(operation, request, error::verdict).await
    }

    fn request<P: Serialize + ?Sized>(&self, path: &str, params: &P) -> Result<Request<Bytes>> {
        // Wiped when the last attempt is over: the body may hold a token. The room saves it from being moved.
        let mut body = Zeroizing::new(Vec::with_capacity(2048));
        serde_json::to_writer(&mut *body, params)
            .map_err(|_| Error::new(ErrorKind::InvalidRequest, "the parameters cannot be written as JSON"))?;
        let mut request = Request::new(Bytes::from_owner(body));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = self.account.base.join(path)?;
        let headers = request.headers_mut();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(VERSION, HeaderValue::from_static(Self::API_VERSION));
        headers.insert(CLIENT_ID, key(&self.account.client_id)?);
        headers.insert(SECRET, key(&self.account.secret)?);
        Ok(request)
    }

    pub(crate) fn read<T: DeserializeOwned>(operation: &Operation, reply: &Reply) -> Result<T> {
        let result = if reply.response.status().is_success() {
            decode(operation, reply)
        } else {
            Err(error::from_reply(operation, reply))
        };
        result.map_err(refused(operation))
    }

    /// Refuses a token that says of itself that it is of another kind or another environment.
    pub(crate) fn check_token(
        &self,
        operation: &Operation,
        kind: TokenKind,
        token: &SecretString,
    ) -> Result<()> {
        match token_problem(kind, token.expose_secret(), self.environment()) {
            None => Ok(()),
            Some(problem) => Err(refused(operation)(Error::invalid_field(kind.field(), problem))),
        }
    }
}

impl fmt::Debug for Plaid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Plaid")
            .field("environment", &self.environment())
            .field("base", &self.account.base)
            .finish_non_exhaustive()
    }
}

/// Names the provider and the operation on what is refused before it is sent.
pub(crate) fn refused(operation: &Operation) -> impl FnOnce(Error) -> Error {
    let name = operation.name;
    move |error| error.or_context(&PROVIDER, name)
}

/// Built for each call, so that the only copy that lives longer is the secret itself.
fn key(text: &SecretString) -> Result<HeaderValue> {
    let mut value = HeaderValue::from_str(text.expose_secret())
        .map_err(|_| Error::new(ErrorKind::InvalidConfig, "Plaid's keys cannot be used"))?;
    value.set_sensitive(true);
    Ok(value)
}

/// The kinds of tokens that a call takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TokenKind {
    Access,
    Public,
    Link,
}

impl TokenKind {
    fn field(self) -> &'static str {
        match self {
            Self::Access => "access_token",
            Self::Public => "public_token",
            Self::Link => "link_token",
        }
    }

    fn prefix(self) -> &'static str {
        match self {
            Self::Access => "access",
            Self::Public => "public",
            Self::Link => "link",
        }
    }
}

/// Tokens look like `access-sandbox-<uuid>`. The form is not promised, so only what contradicts is refused.
fn token_problem(kind: TokenKind, token: &str, environment: Environment) -> Option<&'static str> {
    if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Some("is empty or has characters that no token has");
    }
    let mut parts = token.split('-');
    let (prefix, world) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    if matches!(prefix, "access" | "public" | "link" | "processor") && prefix != kind.prefix() {
        return Some("is a token of another kind");
    }
    match world {
        "development" => Some("belongs to the development environment, which Plaid has closed"),
        "sandbox" | "production" if world != environment.as_str() => Some("belongs to another environment"),
        _ => None,
    }
}

/// Reads a success. One that cannot be read still happened, somehow.
fn decode<T: DeserializeOwned>(operation: &Operation, reply: &Reply) -> Result<T> {
    // Structs can also be read from arrays, and an empty one would do for an empty answer.
    let text =
        std::str::from_utf8(reply.response.body()).ok().filter(|text| text.trim_start().starts_with('{'));
    text.and_then(|text| serde_json::from_str(text).ok()).ok_or_else(|| {
        // The parser's message may quote the body, so it is not kept.
        let effect = if operation.safety == Safety::Read { Effect::None } else { Effect::Unknown };
        let error = Error::new(ErrorKind::InvalidResponse, "the answer is not the object that was asked for")
            .with_effect(effect)
            .with_http_status(reply.response.status().as_u16());
        match &reply.request_id {
            Some(id) => error.with_request_id(id.clone()),
            None => error,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_of_another_world_or_kind_are_refused() {
        let sandbox =
            |kind, token| token_problem(kind, token, Environment::Sandbox).map(|problem| problem.len() > 10);
        assert_eq!(sandbox(TokenKind::Access, "access-sandbox-1"), None);
        assert_eq!(sandbox(TokenKind::Access, "access-production-1"), Some(true));
        assert_eq!(sandbox(TokenKind::Access, "access-development-1"), Some(true));
        assert_eq!(sandbox(TokenKind::Access, "public-sandbox-1"), Some(true));
        assert_eq!(sandbox(TokenKind::Public, "public-sandbox-1"), None);
        assert_eq!(sandbox(TokenKind::Link, "link-production-1"), Some(true));
        // What it does not say, it is not refused for.
        assert_eq!(sandbox(TokenKind::Access, "a1b2c3"), None);
        assert_eq!(sandbox(TokenKind::Access, ""), Some(true));
        assert_eq!(sandbox(TokenKind::Access, "access-sandbox-1\n"), Some(true));
        let live = token_problem(TokenKind::Access, "access-sandbox-1", Environment::Production);
        assert_eq!(live, Some("belongs to another environment"));
    }
}
