//! The typed client: key, hosts, encoding, decoding.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderName, HeaderValue};
use http::{Method, Request, Response, StatusCode};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use serde::de::DeserializeOwned;
use turnbuckle_core::http::{
    BaseUrl, HttpClient, MAX_RETRY_AFTER, Operation, Processed, Reply, Safety, Verdict, default_verdict,
};
use turnbuckle_core::provider::ConnectionConfig;
use turnbuckle_core::{Effect, Environment, Error, ErrorKind, FieldError, ProviderId, Result};

use crate::error;

/// The provider's id.
pub(crate) const PROVIDER: ProviderId = ProviderId::from_static("sendgrid");

const ON_BEHALF_OF: HeaderName = HeaderName::from_static("on-behalf-of");
const GLOBAL: &str = "https://api.sendgrid.com";
const EU: &str = "https://api.eu.sendgrid.com";

/// What may stand in a segment of a path as it is.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// SendGrid's API for one account, typed. Cloning is cheap.
///
/// SendGrid has no idempotency keys. What sends mail or makes a new object is sent once: when its answer is lost, the
/// effect is unknown. What sets something to a value, or takes it away, does no more when it is sent again, and is. Reads
/// are sent again. A 429 was not processed; the client waits until the time in `X-RateLimit-Reset` where the deadline
/// allows.
///
/// See <https://www.twilio.com/docs/sendgrid/api-reference/how-to-use-the-sendgrid-v3-api/authentication>.
#[derive(Clone)]
pub struct SendGrid {
    http: HttpClient,
    hosts: Arc<Hosts>,
    key: SecretString,
    subuser: Option<Arc<str>>,
}

#[derive(Debug)]
struct Hosts {
    /// Where mail, templates and settings are.
    main: BaseUrl,
    /// Where email validation is, which has no host in the EU.
    global: BaseUrl,
}

/// Which of the hosts a call goes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Host {
    Main,
    Global,
}

impl SendGrid {
    /// A client with the credential `apiKey`; the setting `region` (`global` or `eu`) chooses the host, and `onBehalfOf`
    /// the subuser. A base URL of the connection replaces SendGrid's hosts. Sends nothing.
    ///
    /// The shape of a key is not documented, so any text that a header can carry is taken.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidConfig`] when the key cannot be sent, or a setting names nothing; also as
    /// [`ConnectionConfig::http_client`].
    pub fn new(config: &ConnectionConfig) -> Result<Self> {
        let key = config.credentials().require("apiKey")?.clone();
        let hosts = match (config.base_url(), config.settings().text("region")) {
            (Some(base), _) => Hosts { main: base.clone(), global: base.clone() },
            (None, None | Some("" | "global")) => {
                Hosts { main: BaseUrl::parse(GLOBAL)?, global: BaseUrl::parse(GLOBAL)? }
            }
            (None, Some("eu")) => Hosts { main: BaseUrl::parse(EU)?, global: BaseUrl::parse(GLOBAL)? },
            (None, Some(_)) => return Err(unusable("region", "is neither global nor eu")),
        };
        let http = config.http_client(PROVIDER)?;
        let client = Self { http, hosts: Arc::new(hosts), key, subuser: None };
        client.authorization()?;
        match config.settings().text("onBehalfOf").filter(|name| !name.is_empty()) {
            Some(name) => {
                client.for_subuser(name).map_err(|_| unusable("onBehalfOf", "is not a subuser's name"))
            }
            None => Ok(client),
        }
    }

    /// The same client acting for a subuser, which a parent account's key may do. Of an EU subuser, connect with its own
    /// key and the region `eu`.
    /// See <https://www.twilio.com/docs/sendgrid/api-reference/how-to-use-the-sendgrid-v3-api/on-behalf-of-subuser>.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRequest`] when the name is not 1 to 254 visible ASCII characters.
    pub fn for_subuser(&self, name: &str) -> Result<Self> {
        if !(1..=254).contains(&name.len()) || !name.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Error::invalid_field("onBehalfOf", "is not a subuser's name"));
        }
        Ok(Self { subuser: Some(Arc::from(name)), ..self.clone() })
    }

    /// The same client with another key: email validation has one of its own.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidConfig`] when the key cannot be sent.
    pub fn with_api_key(&self, key: SecretString) -> Result<Self> {
        let client = Self { key, ..self.clone() };
        client.authorization()?;
        Ok(client)
    }

    /// The subuser that it acts for.
    pub fn subuser(&self) -> Option<&str> {
        self.subuser.as_deref()
    }

    /// The environment that the connection was made for. SendGrid's keys do not belong to one.
    pub fn environment(&self) -> Environment {
        self.http.environment()
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.http.clock().now()
    }

    pub(crate) async fn get<T: DeserializeOwned>(
        &self,
        operation: &Operation,
        path: &str,
        query: &[(&'static str, String)],
    ) -> Result<T> {
        let request = self.request(Host::Main, Method::GET, path, query);
        let reply = self.execute(operation, request).await?;
        decode(operation, &reply)
    }

    /// A call with a body, whose answer is an object.
    pub(crate) async fn call<P: Serialize + ?Sized, T: DeserializeOwned>(
        &self,
        operation: &Operation,
        method: Method,
        path: &str,
        body: &P,
    ) -> Result<T> {
        self.call_at(Host::Main, operation, method, path, body).await
    }

    pub(crate) async fn call_at<P: Serialize + ?Sized, T: DeserializeOwned>(
        &self,
        host: Host,
        operation: &Operation,
        method: Method,
        path: &str,
        body: &P,
    ) -> Result<T> {
        let request = self.with_body(host, method, path, body);
        let reply = self.execute(operation, request).await?;
        decode(operation, &reply)
    }

    /// A call with a body, whose answer says nothing.
    pub(crate) async fn tell<P: Serialize + ?Sized>(
        &self,
        operation: &Operation,
        method: Method,
        path: &str,
        body: &P,
    ) -> Result<()> {
        let request = self.with_body(Host::Main, method, path, body);
        self.execute(operation, request).await.map(drop)
    }

    /// A POST without a body, whose answer is an object.
    pub(crate) async fn poke<T: DeserializeOwned>(&self, operation: &Operation, path: &str) -> Result<T> {
        let reply = self.execute(operation, self.request(Host::Main, Method::POST, path, &[])).await?;
        decode(operation, &reply)
    }

    /// A call without a body, whose answer says nothing.
    pub(crate) async fn nudge(&self, operation: &Operation, method: Method, path: &str) -> Result<()> {
        self.execute(operation, self.request(Host::Main, method, path, &[])).await.map(drop)
    }

    /// A POST of JSON that is written already. The caller reads the answer, which is a success.
    pub(crate) async fn post_json(&self, operation: &Operation, path: &str, body: Bytes) -> Result<Reply> {
        let request = self.request(Host::Main, Method::POST, path, &[]).map(|request| json(request, body));
        self.execute(operation, request).await
    }

    fn with_body<P: Serialize + ?Sized>(
        &self,
        host: Host,
        method: Method,
        path: &str,
        body: &P,
    ) -> Result<Request<Bytes>> {
        Ok(json(self.request(host, method, path, &[])?, write(body)?))
    }

    fn request(
        &self,
        host: Host,
        method: Method,
        path: &str,
        query: &[(&'static str, String)],
    ) -> Result<Request<Bytes>> {
        let base = match host {
            Host::Main => &self.hosts.main,
            Host::Global => &self.hosts.global,
        };
        let mut request = Request::new(Bytes::new());
        *request.method_mut() = method;
        *request.uri_mut() = base.join_with_query(path, query.iter().map(|(name, value)| (name, value)))?;
        let headers = request.headers_mut();
        headers.insert(AUTHORIZATION, self.authorization()?);
        // Some endpoints answer 406 without it.
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        if let Some(subuser) = &self.subuser {
            let name = HeaderValue::from_str(subuser)
                .map_err(|_| Error::invalid_field("onBehalfOf", "is not a subuser's name"))?;
            headers.insert(ON_BEHALF_OF, name);
        }
        Ok(request)
    }

    /// Built for each call, so that the only copy that lives longer is the secret itself.
    fn authorization(&self) -> Result<HeaderValue> {
        let text = Zeroizing::new(format!("Bearer {}", self.key.expose_secret()));
        let plain =
            !self.key.expose_secret().is_empty() && text.bytes().all(|byte| (0x20..0x7f).contains(&byte));
        let value = HeaderValue::from_str(&text).ok().filter(|_| plain);
        let mut value = value.ok_or_else(|| unusable("apiKey", "has characters that cannot be sent"))?;
        value.set_sensitive(true);
        Ok(value)
    }

    async fn execute(&self, operation: &Operation, request: Result<Request<Bytes>>) -> Result<Reply> {
        let request = request.map_err(|error| error.or_context(&PROVIDER, operation.name))?;
        let clock = Arc::clone(self.http.clock());
        let reply =
            self.http.send(operation, request, move |response| verdict(response, &|| clock.now())).await?;
        if reply.response.status().is_success() {
            Ok(reply)
        } else {
            Err(error::from_reply(operation, &reply))
        }
    }
}

impl fmt::Debug for SendGrid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SendGrid")
            .field("environment", &self.environment())
            .field("hosts", &self.hosts)
            .field("for_subuser", &self.subuser.is_some())
            .finish_non_exhaustive()
    }
}

/// A call that must not happen twice: SendGrid would not recognize it.
pub(crate) const fn once(name: &'static str) -> Operation {
    Operation::once(name)
}

/// A call that sets something to a value or takes it away, and does no more when it comes again.
pub(crate) const fn set(name: &'static str) -> Operation {
    Operation::idempotent(name)
}

/// A call that changes nothing.
pub(crate) const fn read(name: &'static str) -> Operation {
    Operation::read(name)
}

/// A body as JSON.
pub(crate) fn write<P: Serialize + ?Sized>(body: &P) -> Result<Bytes> {
    serde_json::to_vec(body)
        .map(Bytes::from)
        .map_err(|_| Error::new(ErrorKind::InvalidRequest, "the request cannot be written as JSON"))
}

fn json(mut request: Request<Bytes>, body: Bytes) -> Request<Bytes> {
    request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    *request.body_mut() = body;
    request
}

/// Reads an answer. Anybody who cannot read it does not know what happened, unless nothing can have.
pub(crate) fn decode<T: DeserializeOwned>(operation: &Operation, reply: &Reply) -> Result<T> {
    serde_json::from_slice(reply.response.body()).map_err(|_| unreadable(operation, reply))
}

pub(crate) fn unreadable(operation: &Operation, reply: &Reply) -> Error {
    let effect = if operation.safety == Safety::Read { Effect::None } else { Effect::Unknown };
    // The parser's message may quote the answer, so it is not kept.
    Error::new(ErrorKind::InvalidResponse, "the answer is not the object that was asked for")
        .with_effect(effect)
        .with_http_status(reply.response.status().as_u16())
        .or_context(&PROVIDER, operation.name)
}

/// Judges by the status. A 429 was not processed, and says when it may come again in `X-RateLimit-Reset`; whether SendGrid
/// also sends `Retry-After` is unproven, and it is obeyed where it stands.
/// See <https://www.twilio.com/docs/sendgrid/api-reference/how-to-use-the-sendgrid-v3-api/rate-limits>.
fn verdict(response: &Response<Bytes>, now: &dyn Fn() -> DateTime<Utc>) -> Verdict {
    if response.status() != StatusCode::TOO_MANY_REQUESTS {
        return default_verdict(response);
    }
    let reset = response.headers().get("x-ratelimit-reset").and_then(|value| value.to_str().ok());
    let at = reset.and_then(|text| DateTime::from_timestamp(text.trim().parse().ok()?, 0));
    let after = at
        .filter(|_| !response.headers().contains_key(http::header::RETRY_AFTER))
        .map(|at| at.signed_duration_since(now()).to_std().unwrap_or(Duration::ZERO).min(MAX_RETRY_AFTER));
    Verdict::Retry { processed: Processed::No, after }
}

/// An id or address as a segment of a path, escaped.
///
/// # Errors
/// [`ErrorKind::InvalidRequest`] naming the field, when it is empty, longer than 320 bytes, a dot segment, or has control
/// characters.
pub(crate) fn segment(field: &'static str, text: &str) -> Result<String> {
    let dots = matches!(text, "." | "..");
    if !(1..=320).contains(&text.len()) || dots || text.chars().any(char::is_control) {
        return Err(Error::invalid_field(field, "cannot name anything at SendGrid"));
    }
    Ok(utf8_percent_encode(text, SEGMENT).to_string())
}

fn unusable(field: &'static str, problem: &'static str) -> Error {
    Error::new(ErrorKind::InvalidConfig, "the connection cannot be set up")
        .with_fields(vec![FieldError::new(field, problem)])
        .with_provider(PROVIDER)
}
