//! The typed client: keys, headers, encoding, decoding.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use http::{HeaderName, Method, Request, Uri};
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use serde::de::DeserializeOwned;
use turnbuckle_core::http::{BaseUrl, HttpClient, Operation, Reply, Safety};
use turnbuckle_core::provider::ConnectionConfig;
use turnbuckle_core::{
    Effect, Environment, Error, ErrorKind, FieldError, ProviderId, Random, Result, SystemRandom,
};

use crate::form::{self, Form};
use crate::verdict::verdict;
use crate::{CallOptions, error};

/// The provider's id.
pub(crate) const PROVIDER: ProviderId = ProviderId::from_static("stripe");

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const STRIPE_ACCOUNT: HeaderName = HeaderName::from_static("stripe-account");
const STRIPE_VERSION: HeaderName = HeaderName::from_static("stripe-version");

/// Stripe's API for one account, typed. Cloning is cheap.
///
/// Every POST carries an idempotency key, the caller's or a random one made before the first attempt, so it is sent
/// again when its answer is lost: Stripe recognizes the key and never does the work twice. Deleting twice does no more
/// than deleting once. Calls that change something may take 90 seconds in all and 80 for one attempt, as Stripe's own
/// libraries allow: shorter ones make more outcomes that nobody knows. Reads take the defaults of [`Operation`].
#[derive(Clone)]
pub struct Stripe {
    http: HttpClient,
    account: Arc<Account>,
    random: Arc<dyn Random>,
    version: Arc<str>,
}

/// What stays the same for the life of a connection.
struct Account {
    base: BaseUrl,
    /// Where files are uploaded to.
    files: BaseUrl,
    key: SecretString,
}

impl Stripe {
    /// The API version that this crate is written for, and that it sends unless another one is asked for.
    pub const API_VERSION: &'static str = "2026-06-24.dahlia";

    /// A client with the credential `secretKey` and, where there is one, the setting `apiVersion`. Sends nothing.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidConfig`] when the key is missing, is not a secret or restricted key, or belongs to the other
    /// environment; also as [`ConnectionConfig::http_client`].
    pub fn new(config: &ConnectionConfig) -> Result<Self> {
        let key = config.credentials().require("secretKey")?.clone();
        check_key(key.expose_secret(), config.environment())?;
        let (base, files) = match config.base_url() {
            Some(base) => (base.clone(), base.clone()),
            None => (BaseUrl::parse("https://api.stripe.com")?, BaseUrl::parse("https://files.stripe.com")?),
        };
        let client = Self {
            http: config.http_client(PROVIDER)?,
            account: Arc::new(Account { base, files, key }),
            random: Arc::new(SystemRandom::new()),
            version: Arc::from(Self::API_VERSION),
        };
        match config.settings().text("apiVersion").filter(|version| !version.is_empty()) {
            Some(version) => client.with_api_version(version),
            None => Ok(client),
        }
    }

    /// Speaks another API version. The types of this crate are written for [`API_VERSION`](Self::API_VERSION).
    ///
    /// # Errors
    /// [`ErrorKind::InvalidConfig`] when it is not 1 to 64 letters, digits, `.`, `-`, `_`, `;`, `=` or spaces.
    pub fn with_api_version(mut self, version: &str) -> Result<Self> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b".-_;= ".contains(&byte);
        if !(1..=64).contains(&version.len()) || !version.bytes().all(allowed) {
            return Err(Error::new(ErrorKind::InvalidConfig, "the API version cannot be sent")
                .with_fields(vec![FieldError::new("apiVersion", "is not a version of Stripe's API")]));
        }
        self.version = Arc::from(version);
        Ok(self)
    }

    /// Takes the idempotency keys of calls without one from here. Default: the operating system.
    pub fn with_random(mut self, random: Arc<dyn Random>) -> Self {
        self.random = random;
        self
    }

    /// The API version that is sent.
    pub fn api_version(&self) -> &str {
        &self.version
    }

    /// The environment that the key belongs to.
    pub fn environment(&self) -> Environment {
        self.http.environment()
    }

    pub(crate) async fn post<P, T>(
        &self,
        operation: &Operation,
        path: &str,
        params: &P,
        options: &CallOptions,
    ) -> Result<T>
    where
        P: Serialize + ?Sized,
        T: DeserializeOwned,
    {
        let request = self.post_request(path, params, options);
        Ok(self.execute(operation, request).await?.0)
    }

    /// A POST, and whether its answer is the stored one of an earlier request.
    pub(crate) async fn post_replayable<P, T>(
        &self,
        operation: &Operation,
        path: &str,
        params: &P,
        options: &CallOptions,
    ) -> Result<(T, bool)>
    where
        P: Serialize + ?Sized,
        T: DeserializeOwned,
    {
        let request = self.post_request(path, params, options);
        self.execute(operation, request).await
    }

    pub(crate) async fn get<P, T>(
        &self,
        operation: &Operation,
        path: &str,
        params: &P,
        options: &CallOptions,
    ) -> Result<T>
    where
        P: Serialize + ?Sized,
        T: DeserializeOwned,
    {
        let query = form::encode(params).map_err(|error| error.or_context(&PROVIDER, operation.name))?;
        self.get_query(operation, path, query, options).await
    }

    /// A GET whose parameters are encoded already.
    pub(crate) async fn get_query<T: DeserializeOwned>(
        &self,
        operation: &Operation,
        path: &str,
        query: String,
        options: &CallOptions,
    ) -> Result<T> {
        let request = self.query_request(Method::GET, path, query, options);
        Ok(self.execute(operation, request).await?.0)
    }

    pub(crate) async fn delete<T: DeserializeOwned>(
        &self,
        operation: &Operation,
        path: &str,
        options: &CallOptions,
    ) -> Result<T> {
        let request = self.query_request(Method::DELETE, path, String::new(), options);
        Ok(self.execute(operation, request).await?.0)
    }

    /// A DELETE with parameters, which Stripe takes in the query.
    pub(crate) async fn delete_with<P, T>(
        &self,
        operation: &Operation,
        path: &str,
        params: &P,
        options: &CallOptions,
    ) -> Result<T>
    where
        P: Serialize + ?Sized,
        T: DeserializeOwned,
    {
        let query = form::encode(params).map_err(|error| error.or_context(&PROVIDER, operation.name))?;
        let request = self.query_request(Method::DELETE, path, query, options);
        Ok(self.execute(operation, request).await?.0)
    }

    /// A POST of a body that is no form, to the host that takes files.
    pub(crate) async fn upload<T: DeserializeOwned>(
        &self,
        operation: &Operation,
        path: &str,
        content_type: HeaderValue,
        body: Bytes,
        options: &CallOptions,
    ) -> Result<T> {
        let uri = self.account.files.join(path);
        let request = uri.and_then(|uri| {
            let mut request = self.request(Method::POST, uri, body, options)?;
            request.headers_mut().insert(IDEMPOTENCY_KEY, self.key(options)?);
            request.headers_mut().insert(CONTENT_TYPE, content_type);
            Ok(request)
        });
        Ok(self.execute(operation, request).await?.0)
    }

    fn post_request<P: Serialize + ?Sized>(
        &self,
        path: &str,
        params: &P,
        options: &CallOptions,
    ) -> Result<Request<Bytes>> {
        // Wiped when the last attempt is over: the body may hold a card number.
        let mut form = Form::new();
        form.append(params)?;
        let body = Bytes::from_owner(Zeroizing::new(with_expansions(form, options).into_bytes()));
        let mut request = self.request(Method::POST, self.account.base.join(path)?, body, options)?;
        let key = self.key(options)?;
        let headers = request.headers_mut();
        headers.insert(IDEMPOTENCY_KEY, key);
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
        Ok(request)
    }

    fn query_request(
        &self,
        method: Method,
        path: &str,
        query: String,
        options: &CallOptions,
    ) -> Result<Request<Bytes>> {
        let bare = self.account.base.join(path)?;
        let query = with_expansions(Form::from(query), options);
        let uri = if query.is_empty() { bare } else { with_query(&bare, &query)? };
        self.request(method, uri, Bytes::new(), options)
    }

    fn request(
        &self,
        method: Method,
        uri: Uri,
        body: Bytes,
        options: &CallOptions,
    ) -> Result<Request<Bytes>> {
        let mut request = Request::new(body);
        *request.method_mut() = method;
        *request.uri_mut() = uri;
        let headers = request.headers_mut();
        headers.insert(AUTHORIZATION, self.authorization()?);
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        let version = HeaderValue::from_str(&self.version)
            .map_err(|_| Error::new(ErrorKind::InvalidConfig, "the API version cannot be sent"))?;
        headers.insert(STRIPE_VERSION, version);
        if let Some(account) = &options.account {
            check_id(account).map_err(|_| Error::invalid_field("account", "is not an id of Stripe's"))?;
            let account = HeaderValue::from_str(account)
                .map_err(|_| Error::invalid_field("account", "is not an id of Stripe's"))?;
            headers.insert(STRIPE_ACCOUNT, account);
        }
        Ok(request)
    }

    /// Built for each call, so that the only copy that lives longer is the secret itself.
    fn authorization(&self) -> Result<HeaderValue> {
        let text = Zeroizing::new(format!("Bearer {}", self.account.key.expose_secret()));
        let mut value =
            HeaderValue::from_str(&text).map_err(|_| bad_key("has characters that cannot be sent"))?;
        value.set_sensitive(true);
        Ok(value)
    }

    /// The caller's key, or one for this call alone.
    fn key(&self, options: &CallOptions) -> Result<HeaderValue> {
        match &options.idempotency_key {
            Some(key) => idempotency_key(key),
            None => self.random_key(),
        }
    }

    /// 32 hexadecimal digits.
    fn random_key(&self) -> Result<HeaderValue> {
        let mut bytes = [0; 16];
        self.random.fill(&mut bytes)?;
        HeaderValue::from_str(&format!("{:032x}", u128::from_be_bytes(bytes)))
            .map_err(|_| Error::new(ErrorKind::Internal, "a random key cannot be sent"))
    }

    async fn execute<T: DeserializeOwned>(
        &self,
        operation: &Operation,
        request: Result<Request<Bytes>>,
    ) -> Result<(T, bool)> {
        let context = |error: Error| error.or_context(&PROVIDER, operation.name);
        let reply = self.http.send(operation, request.map_err(context)?, verdict).await?;
        if reply.response.status().is_success() {
            let object = decode(operation, &reply).map_err(context)?;
            Ok((object, error::is_replayed(&reply)))
        } else {
            Err(context(error::from_reply(operation, &reply)))
        }
    }
}

impl fmt::Debug for Stripe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stripe")
            .field("environment", &self.environment())
            .field("base", &self.account.base)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

/// A POST. Its idempotency key makes it safe to send again.
pub(crate) const fn post(name: &'static str) -> Operation {
    Operation::idempotent(name)
        .with_deadline(Duration::from_secs(90))
        .with_attempt_timeout(Duration::from_secs(80))
}

/// A DELETE. What is gone stays gone, so sending it again does no more; the second answer may be a 404.
pub(crate) const fn delete(name: &'static str) -> Operation {
    post(name)
}

/// A GET.
pub(crate) const fn get(name: &'static str) -> Operation {
    Operation::read(name)
}

/// An id as a segment of a path.
///
/// # Errors
/// [`ErrorKind::InvalidRequest`] when it is not 1 to 255 letters, digits, `_` and `-`: an id from outside must not lead
/// to another endpoint.
pub(crate) fn check_id(id: &str) -> Result<&str> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
    if (1..=255).contains(&id.len()) && id.bytes().all(plain) {
        Ok(id)
    } else {
        Err(Error::invalid_field("id", "is not an id of Stripe's"))
    }
}

fn with_expansions(mut form: Form, options: &CallOptions) -> String {
    for (index, path) in options.expand.iter().enumerate() {
        form.pair(&format!("expand[{index}]"), path);
    }
    form.finish()
}

fn with_query(bare: &Uri, query: &str) -> Result<Uri> {
    format!("{bare}?{query}")
        .parse()
        .map_err(|_| Error::new(ErrorKind::InvalidRequest, "the parameters do not fit into a URL"))
}

fn idempotency_key(key: &str) -> Result<HeaderValue> {
    let bad = || Error::invalid_field("idempotency_key", "must be 1 to 255 printable ASCII characters");
    if !(1..=255).contains(&key.len()) || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(bad());
    }
    HeaderValue::from_str(key).map_err(|_| bad())
}

/// Which world a key says that it belongs to: `sk_live_...`, `rk_test_...`, and `sk_org_live_...` of an organization.
pub(crate) fn is_live(key: &str) -> Option<bool> {
    key.split('_').skip(1).take(2).find_map(|part| match part {
        "live" => Some(true),
        "test" => Some(false),
        _ => None,
    })
}

fn check_key(key: &str, environment: Environment) -> Result<()> {
    match (environment, is_live(key)) {
        (Environment::Sandbox, Some(true)) => Err(bad_key("is a live key, and the environment is sandbox")),
        (Environment::Production, Some(false)) => {
            Err(bad_key("is a test key, and the environment is production"))
        }
        _ if !key.starts_with("sk_") && !key.starts_with("rk_") => {
            Err(bad_key("is neither a secret key (sk_) nor a restricted one (rk_)"))
        }
        _ if !key.bytes().all(|byte| byte.is_ascii_graphic()) => {
            Err(bad_key("has characters that cannot be sent"))
        }
        _ => Ok(()),
    }
}

fn bad_key(problem: &'static str) -> Error {
    Error::new(ErrorKind::InvalidConfig, "the secret key cannot be used")
        .with_fields(vec![FieldError::new("secretKey", problem)])
        .with_provider(PROVIDER)
}

/// Reads a success. One that cannot be read still happened, somehow.
fn decode<T: DeserializeOwned>(operation: &Operation, reply: &Reply) -> Result<T> {
    let text = std::str::from_utf8(reply.response.body()).ok();
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
