//! The typed client: the key, the two endpoints, encoding, decoding.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, HeaderValue};
use http::{Method, Request, Response, StatusCode};
use secrecy::SecretString;
use turnbuckle_core::http::{BaseUrl, HttpClient, Operation, Verdict, default_verdict};
use turnbuckle_core::provider::ConnectionConfig;
use turnbuckle_core::{Effect, Environment, ErrorKind, ProviderId, Result};

use crate::error;
use crate::form::Form;
use crate::reply::{MAX_REPLY, Reply};
use crate::xml::{Element, MAX_ANSWER};

/// The provider's id.
pub(crate) const PROVIDER: ProviderId = ProviderId::from_static("nmi");

const TRANSACT: &str = "/api/transact.php";
const QUERY: &str = "/api/query.php";

/// NMI's Payment API (`transact.php`) and Query API (`query.php`) for one account, typed. Cloning is cheap.
///
/// The Payment API has no idempotency keys, so a call of it that may have been delivered is never sent again; it may take
/// 90 seconds. Queries change nothing and are sent again.
///
/// A call returns its [`Reply`] only when NMI approved. Anything else is an error whose source is an
/// [`NmiRefusal`](crate::NmiRefusal), declines included.
///
/// Resellers run the gateway under host names of their own: set them with
/// [`ConnectionConfig::with_base_url`]. Without it production is `secure.nmi.com` and sandbox is `sandbox.nmi.com`.
#[derive(Clone)]
pub struct Nmi {
    http: HttpClient,
    account: Arc<Account>,
}

/// What stays the same for the life of a connection.
struct Account {
    base: BaseUrl,
    key: SecretString,
}

impl Nmi {
    /// A client with the credential `securityKey`. Sends nothing.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidConfig`] when the key is missing; also as [`ConnectionConfig::http_client`].
    pub fn new(config: &ConnectionConfig) -> Result<Self> {
        let key = config.credentials().require("securityKey")?.clone();
        let base = match (config.base_url(), config.environment()) {
            (Some(base), _) => base.clone(),
            (None, Environment::Production) => BaseUrl::parse("https://secure.nmi.com")?,
            (None, Environment::Sandbox) => BaseUrl::parse("https://sandbox.nmi.com")?,
        };
        Ok(Self { http: config.http_client(PROVIDER)?, account: Arc::new(Account { base, key }) })
    }

    /// The environment that the connection was made for.
    pub fn environment(&self) -> Environment {
        self.http.environment()
    }

    /// Sends one Payment API request, and returns its reply if it is an approval.
    pub(crate) async fn transact(&self, operation: &Operation, form: Form) -> Result<Reply> {
        self.transact_raw(operation, form).await.map_err(|error| error.or_context(&PROVIDER, operation.name))
    }

    async fn transact_raw(&self, operation: &Operation, form: Form) -> Result<Reply> {
        let answer = self.http.send(operation, self.request(TRANSACT, form)?, verdict).await?;
        if answer.response.status() != StatusCode::OK {
            return Err(error::of_status(operation, &answer));
        }
        match Reply::parse(answer.response.body()) {
            Ok(reply) => error::approved(reply, answer.ambiguous),
            // It was answered, and nobody can tell with what.
            Err(error) => Err(error.with_effect(Effect::Unknown).with_http_status(200)),
        }
    }

    /// Sends one Query API request.
    pub(crate) async fn ask(&self, operation: &Operation, form: Form) -> Result<Element> {
        self.ask_raw(operation, form).await.map_err(|error| error.or_context(&PROVIDER, operation.name))
    }

    async fn ask_raw(&self, operation: &Operation, form: Form) -> Result<Element> {
        let answer = self.http.send(operation, self.request(QUERY, form)?, verdict).await?;
        if answer.response.status() != StatusCode::OK {
            return Err(error::of_status(operation, &answer));
        }
        let root = Element::parse(answer.response.body()).map_err(|error| error.with_http_status(200))?;
        match root.anywhere("error_response") {
            Some(text) => Err(error::of_query(text)),
            None => Ok(root),
        }
    }

    fn request(&self, path: &str, form: Form) -> Result<Request<Bytes>> {
        let mut keyed = Form::new();
        keyed.secret("security_key", &self.account.key);
        let mut request = Request::new(keyed.followed_by(form).into_body());
        *request.method_mut() = Method::POST;
        *request.uri_mut() = self.account.base.join(path)?;
        let accept = if path == QUERY { "application/xml, text/xml" } else { "*/*" };
        let headers = request.headers_mut();
        headers.insert(ACCEPT, HeaderValue::from_static(accept));
        headers.insert(
            CONTENT_TYPE,
            HeaderValue::from_static("application/x-www-form-urlencoded;charset=UTF-8"),
        );
        Ok(request)
    }
}

impl fmt::Debug for Nmi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Nmi")
            .field("environment", &self.environment())
            .field("base", &self.account.base)
            .finish_non_exhaustive()
    }
}

/// A call of the Payment API. It is sent once.
pub(crate) const fn once(name: &'static str) -> Operation {
    Operation::once(name).with_deadline(Duration::from_secs(90)).with_max_body(MAX_REPLY)
}

/// A query.
pub(crate) const fn read(name: &'static str) -> Operation {
    Operation::read(name).with_max_body(MAX_ANSWER)
}

/// Judges by the status, except that a rate limit is handed back at once: asking again extends it.
/// See <https://docs.nmi.dev/reference/rate-limiting>.
fn verdict(response: &Response<Bytes>) -> Verdict {
    if response.status() == StatusCode::TOO_MANY_REQUESTS {
        Verdict::Final
    } else {
        default_verdict(response)
    }
}

/// An id as NMI makes them, or as this crate sends them.
///
/// # Errors
/// [`ErrorKind::InvalidRequest`] naming the field when it is not 1 to 64 letters, digits, `_`, `-` and `.`: a comma would
/// make one id several.
pub(crate) fn check_id<'a>(field: &'static str, id: &'a str) -> Result<&'a str> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
    if (1..=64).contains(&id.len()) && id.bytes().all(plain) {
        Ok(id)
    } else {
        Err(turnbuckle_core::Error::invalid_field(field, "is not an id of NMI's"))
    }
}

/// What a refusal of a read means: nothing happened. Of anything else the error knows best.
pub(crate) fn is_refused(error: &turnbuckle_core::Error, kind: ErrorKind) -> bool {
    error.kind() == kind && error.effect() == Effect::None
}
