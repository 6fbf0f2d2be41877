//! The typed client: sign-in, hosts, encoding, decoding.

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderName, HeaderValue};
use http::{Method, Request, Response, StatusCode, Uri};
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use turnbuckle_core::http::{HttpClient, Operation, Reply, Safety, Verdict, default_verdict};
use turnbuckle_core::provider::ConnectionConfig;
use turnbuckle_core::{Effect, Environment, Error, ErrorKind, FieldError, ProviderId, Result};

use crate::error::{self, TwilioError};
use crate::form::Form;
use crate::hosts::{Hosts, Product};

/// The provider's id.
pub(crate) const PROVIDER: ProviderId = ProviderId::from_static("twilio");

const ACCEPT_CHARSET: HeaderName = HeaderName::from_static("accept-charset");

/// Twilio's API for one account, typed. Cloning is cheap.
///
/// Twilio has no idempotency keys. What sends a message, starts a call or a verification, or makes a new object is sent
/// once: when its answer is lost, the effect is unknown. What sets something to a value (redacting, canceling, deleting,
/// hanging up) does no more when it is sent again, and is. Reads are sent again.
///
/// It signs in with the API key where the credentials hold one, and else with the auth token.
#[derive(Clone)]
pub struct Twilio {
    http: HttpClient,
    access: Arc<Access>,
    /// Whose messages, calls and numbers.
    account: Arc<str>,
}

/// What stays the same for the life of a connection.
struct Access {
    hosts: Hosts,
    user: String,
    password: SecretString,
}

impl Twilio {
    /// A client with the credential `accountSid`, and `apiKeySid` with `apiKeySecret` or else `authToken`; the settings
    /// `region` and `edge` choose the hosts. A base URL of the connection replaces all of Twilio's hosts: the API of
    /// 2010 stays at its root, every other product goes under its name (`/verify/v2/...`). Sends nothing.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidConfig`] when the credentials cannot sign in, or the settings name no host; also as
    /// [`ConnectionConfig::http_client`].
    pub fn new(config: &ConnectionConfig) -> Result<Self> {
        let credentials = config.credentials();
        let account = credentials.require("accountSid")?.expose_secret().to_owned();
        check_sid("accountSid", "AC", &account)
            .map_err(|_| cannot_sign_in("accountSid", "is not an account SID"))?;
        let key =
            (credentials.get("apiKeySid"), credentials.get("apiKeySecret"), credentials.get("authToken"));
        let (user, password) = match key {
            (Some(user), Some(secret), _) => (user.expose_secret().to_owned(), secret.clone()),
            (None, None, Some(token)) => (account.clone(), token.clone()),
            (Some(_), None, _) => {
                return Err(cannot_sign_in("apiKeySecret", "is required together with apiKeySid"));
            }
            (None, Some(_), _) => {
                return Err(cannot_sign_in("apiKeySid", "is required together with apiKeySecret"));
            }
            (None, None, None) => {
                return Err(cannot_sign_in("authToken", "is required where there is no API key"));
            }
        };
        let settings = config.settings();
        let text = |name| settings.text(name).filter(|text| !text.is_empty());
        let hosts = match config.base_url() {
            Some(base) => Hosts::below(base)?,
            None => Hosts::of_twilio(text("region"), text("edge"))?,
        };
        let access = Access { hosts, user, password };
        let client = Self {
            http: config.http_client(PROVIDER)?,
            access: Arc::new(access),
            account: Arc::from(account),
        };
        client.authorization()?;
        Ok(client)
    }

    /// The same client for the messages, calls, numbers and usage of a subaccount, which the main account's credentials
    /// may act for. Verify, Lookup, Content and messaging services know the account by its credentials alone: for
    /// those, connect with the subaccount's own.
    /// See <https://www.twilio.com/docs/iam/api/subaccounts>.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRequest`] when it is no account SID.
    pub fn for_subaccount(&self, account_sid: &str) -> Result<Self> {
        check_sid("accountSid", "AC", account_sid)?;
        Ok(Self { account: Arc::from(account_sid), ..self.clone() })
    }

    /// Whose messages, calls and numbers it works with.
    pub fn account_sid(&self) -> &str {
        &self.account
    }

    /// The environment that the connection was made for. Twilio has no sandbox: only test credentials send nothing.
    pub fn environment(&self) -> Environment {
        self.http.environment()
    }

    pub(crate) fn hosts(&self) -> &Hosts {
        &self.access.hosts
    }

    pub(crate) fn http(&self) -> &HttpClient {
        &self.http
    }

    /// A path of the API of 2010 below the account.
    pub(crate) fn account_path(&self, rest: &str) -> String {
        format!("/2010-04-01/Accounts/{}{rest}", self.account)
    }

    pub(crate) async fn post<T: DeserializeOwned>(
        &self,
        operation: &Operation,
        product: Product,
        path: &str,
        form: Form,
    ) -> Result<T> {
        let request = self.request(Method::POST, product, path, "").map(|mut request| {
            let headers = request.headers_mut();
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
            *request.body_mut() = form.into_body();
            request
        });
        self.execute(operation, request).await
    }

    pub(crate) async fn post_json<T: DeserializeOwned>(
        &self,
        operation: &Operation,
        product: Product,
        path: &str,
        body: Vec<u8>,
    ) -> Result<T> {
        let request = self.request(Method::POST, product, path, "").map(|mut request| {
            request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            *request.body_mut() = Bytes::from(body);
            request
        });
        self.execute(operation, request).await
    }

    pub(crate) async fn get<T: DeserializeOwned>(
        &self,
        operation: &Operation,
        product: Product,
        path: &str,
        query: &str,
    ) -> Result<T> {
        self.execute(operation, self.request(Method::GET, product, path, query)).await
    }

    /// A DELETE, which answers with nothing.
    pub(crate) async fn delete(&self, operation: &Operation, product: Product, path: &str) -> Result<()> {
        let reply = self.send(operation, self.request(Method::DELETE, product, path, "")).await?;
        if reply.response.status().is_success() { Ok(()) } else { Err(error::from_reply(operation, &reply)) }
    }

    /// A GET whose answer the caller reads, a redirect included.
    pub(crate) async fn get_raw(
        &self,
        operation: &Operation,
        product: Product,
        path: &str,
        query: &str,
    ) -> Result<Response<Bytes>> {
        let reply = self.send(operation, self.request(Method::GET, product, path, query)).await?;
        let status = reply.response.status();
        if status.is_success() || status.is_redirection() {
            Ok(reply.response)
        } else {
            Err(error::from_reply(operation, &reply))
        }
    }

    fn request(&self, method: Method, product: Product, path: &str, query: &str) -> Result<Request<Bytes>> {
        let bare = self.access.hosts.base(product)?.join(path)?;
        let mut request = Request::new(Bytes::new());
        *request.method_mut() = method;
        *request.uri_mut() = if query.is_empty() { bare } else { with_query(&bare, query)? };
        let headers = request.headers_mut();
        headers.insert(AUTHORIZATION, self.authorization()?);
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert(ACCEPT_CHARSET, HeaderValue::from_static("utf-8"));
        Ok(request)
    }

    /// Built for each call, so that the only copy that lives longer is the secret itself.
    fn authorization(&self) -> Result<HeaderValue> {
        let pair = Zeroizing::new(format!("{}:{}", self.access.user, self.access.password.expose_secret()));
        let text =
            Zeroizing::new(format!("Basic {}", Zeroizing::new(STANDARD.encode(pair.as_bytes())).as_str()));
        let mut value = HeaderValue::from_str(&text)
            .map_err(|_| Error::new(ErrorKind::Internal, "base64 cannot stand in a header"))?;
        value.set_sensitive(true);
        Ok(value)
    }

    async fn execute<T: DeserializeOwned>(
        &self,
        operation: &Operation,
        request: Result<Request<Bytes>>,
    ) -> Result<T> {
        let reply = self.send(operation, request).await?;
        if reply.response.status().is_success() {
            decode(operation, &reply)
        } else {
            Err(error::from_reply(operation, &reply))
        }
    }

    async fn send(&self, operation: &Operation, request: Result<Request<Bytes>>) -> Result<Reply> {
        let request = request.map_err(|error| error.or_context(&PROVIDER, operation.name))?;
        self.http.send(operation, request, verdict).await
    }
}

impl fmt::Debug for Twilio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Twilio")
            .field("environment", &self.environment())
            .field("account", &self.account)
            .field("hosts", &self.access.hosts)
            .finish_non_exhaustive()
    }
}

/// A call that must not happen twice: Twilio would not recognize it.
pub(crate) const fn once(name: &'static str) -> Operation {
    Operation::once(name)
}

/// A call that sets something to a value, and does no more when it comes again.
pub(crate) const fn set(name: &'static str) -> Operation {
    Operation::idempotent(name)
}

/// A call that changes nothing.
pub(crate) const fn read(name: &'static str) -> Operation {
    Operation::read(name)
}

/// Reads an answer. Anybody who cannot read it does not know what happened, unless nothing can have.
pub(crate) fn decode<T: DeserializeOwned>(operation: &Operation, reply: &Reply) -> Result<T> {
    serde_json::from_slice(reply.response.body()).map_err(|_| {
        let effect = if operation.safety == Safety::Read { Effect::None } else { Effect::Unknown };
        // The parser's message may quote the answer, so it is not kept.
        Error::new(ErrorKind::InvalidResponse, "the answer is not the object that was asked for")
            .with_effect(effect)
            .with_http_status(reply.response.status().as_u16())
            .or_context(&PROVIDER, operation.name)
    })
}

/// Judges by the status. A 429 was not processed; those of Verify that say that the attempts at one verification are
/// used up are final, since they last until it ends. See <https://www.twilio.com/docs/api/errors/20429>.
fn verdict(response: &Response<Bytes>) -> Verdict {
    let used_up = || {
        let code = TwilioError::parse(response.body()).and_then(|error| error.code);
        matches!(code, Some(60202 | 60203 | 60207 | 60212))
    };
    if response.status() == StatusCode::TOO_MANY_REQUESTS && used_up() {
        Verdict::Final
    } else {
        default_verdict(response)
    }
}

/// A SID as a segment of a path: two letters and 32 hexadecimal digits.
///
/// # Errors
/// [`ErrorKind::InvalidRequest`] naming the field: an id from outside must not lead to another endpoint.
pub(crate) fn check_sid<'a>(field: &'static str, prefix: &str, sid: &'a str) -> Result<&'a str> {
    if is_sid(prefix, sid) { Ok(sid) } else { Err(Error::invalid_field(field, "is not a SID of this kind")) }
}

pub(crate) fn is_sid(prefix: &str, sid: &str) -> bool {
    sid.strip_prefix(prefix)
        .is_some_and(|digits| digits.len() == 32 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

fn with_query(bare: &Uri, query: &str) -> Result<Uri> {
    format!("{bare}?{query}")
        .parse()
        .map_err(|_| Error::new(ErrorKind::InvalidRequest, "the parameters do not fit into a URL"))
}

fn cannot_sign_in(field: &'static str, problem: &'static str) -> Error {
    Error::new(ErrorKind::InvalidConfig, "the credentials cannot sign in")
        .with_fields(vec![FieldError::new(field, problem)])
        .with_provider(PROVIDER)
}
