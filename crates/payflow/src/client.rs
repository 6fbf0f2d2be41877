//! The typed client: credentials, headers, encoding, decoding.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{HeaderName, Method, Request};
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};
use turnbuckle_core::http::{BaseUrl, HttpClient, Operation, default_verdict};
use turnbuckle_core::provider::ConnectionConfig;
use turnbuckle_core::{Environment, Error, ErrorKind, FieldError, ProviderId, Random, Result, SystemRandom};

use crate::codes::{self, Meaning};
use crate::params::Params;
use crate::{RequestId, Transaction, error, nvp};

/// The provider's id.
pub(crate) const PROVIDER: ProviderId = ProviderId::from_static("paypal_payflow");

const REQUEST_ID: HeaderName = HeaderName::from_static("x-vps-request-id");
const CLIENT_TIMEOUT: HeaderName = HeaderName::from_static("x-vps-client-timeout");

/// What Payflow is told to answer within, in seconds, as its documentation recommends. Less than one attempt waits here, so
/// that an answer which says "timed out" still arrives.
const TIMEOUT_SECONDS: &str = "45";

/// Payflow's API for one account, typed. Cloning is cheap.
///
/// Every call that changes something takes a [`RequestId`], by which Payflow recognizes a repetition; so it is sent again
/// when its answer is lost, with the same bytes. An inquiry gets a random id, or Payflow would answer it from memory.
///
/// Calls answer `Ok` for `RESULT` 0 alone. Everything else is an [`Error`] whose source is a
/// [`PayflowError`](crate::PayflowError). Look at [`Transaction::duplicate`] too: it says that Payflow ignored the request
/// and repeated the answer to an earlier one.
#[derive(Clone)]
pub struct Payflow {
    http: HttpClient,
    account: Arc<Account>,
    random: Arc<dyn Random>,
}

/// What stays the same for the life of a connection.
struct Account {
    base: BaseUrl,
    partner: SecretString,
    vendor: SecretString,
    user: SecretString,
    password: SecretString,
}

impl Payflow {
    /// Where test transactions go.
    pub const SANDBOX: &'static str = "https://pilot-payflowpro.paypal.com";
    /// Where real transactions go.
    pub const PRODUCTION: &'static str = "https://payflowpro.paypal.com";

    /// A client with the credentials `partner`, `vendor`, `user` and `password`. Sends nothing.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidConfig`] when one is missing or cannot be sent: Payflow takes printable ASCII without double
    /// quotes. Also as [`ConnectionConfig::http_client`].
    pub fn new(config: &ConnectionConfig) -> Result<Self> {
        let mut problems = Vec::new();
        let mut credential = |name: &'static str| -> Result<SecretString> {
            let value = config.credentials().require(name)?;
            if let Some(problem) = nvp::problem(value.expose_secret()) {
                problems.push(FieldError::new(name, problem));
            }
            Ok(value.clone())
        };
        let (partner, vendor) = (credential("partner")?, credential("vendor")?);
        let (user, password) = (credential("user")?, credential("password")?);
        if !problems.is_empty() {
            return Err(Error::new(ErrorKind::InvalidConfig, "a credential cannot be sent to Payflow")
                .with_fields(problems)
                .with_provider(PROVIDER));
        }
        let base = match (config.base_url(), config.environment()) {
            (Some(base), _) => base.clone(),
            (None, Environment::Production) => BaseUrl::parse(Self::PRODUCTION)?,
            (None, _) => BaseUrl::parse(Self::SANDBOX)?,
        };
        Ok(Self {
            http: config.http_client(PROVIDER)?,
            account: Arc::new(Account { base, partner, vendor, user, password }),
            random: Arc::new(SystemRandom::new()),
        })
    }

    /// Takes the request ids of inquiries from here. Default: the operating system.
    pub fn with_random(mut self, random: Arc<dyn Random>) -> Self {
        self.random = random;
        self
    }

    /// The environment, which alone decides whether money is real: Payflow's answers do not say.
    pub fn environment(&self) -> Environment {
        self.http.environment()
    }

    /// An id for a request that must not be answered from memory.
    pub(crate) fn fresh_id(&self) -> Result<RequestId> {
        RequestId::random(self.random.as_ref())
    }

    /// Sends a request and reads its answer. `Ok` means `RESULT` 0.
    pub(crate) async fn send(
        &self,
        operation: &Operation,
        params: Params,
        id: &RequestId,
    ) -> Result<Transaction> {
        let context = |error: Error| error.or_context(&PROVIDER, operation.name);
        let request = self.request(&params, id).map_err(context)?;
        // Wiped before the wait: the body keeps the one copy that is needed.
        drop(params);
        let reply = self.http.send(operation, request, default_verdict).await?;
        if !reply.response.status().is_success() {
            return Err(context(error::from_status(operation, &reply)));
        }
        let transaction = nvp::decode(reply.response.body()).ok().and_then(Transaction::read);
        let Some(transaction) = transaction else {
            let broken = error::unreadable(operation, "the answer is not names and values with a result");
            return Err(context(broken.with_http_status(reply.response.status().as_u16())));
        };
        match codes::lookup(transaction.result).meaning {
            Meaning::Approved => Ok(transaction),
            _ => Err(context(error::from_result(operation, transaction, reply.ambiguous))),
        }
    }

    /// Sends an inquiry, under an id of its own.
    pub(crate) async fn ask(&self, operation: &Operation, params: Params) -> Result<Transaction> {
        let id = self.fresh_id().map_err(|error| error.or_context(&PROVIDER, operation.name))?;
        self.send(operation, params, &id).await
    }

    fn request(&self, params: &Params, id: &RequestId) -> Result<Request<Bytes>> {
        let account = &self.account;
        let credentials = [
            ("PARTNER", &account.partner),
            ("VENDOR", &account.vendor),
            ("USER", &account.user),
            ("PWD", &account.password),
        ];
        let credentials = credentials.iter().map(|(name, value)| (*name, value.expose_secret()));
        let fields = params.kind().chain(credentials).chain(params.rest()).chain([("VERBOSITY", "HIGH")]);
        let mut text = nvp::encode(fields)?;
        let bytes = std::mem::take(&mut *text).into_bytes();
        // Wiped when the last attempt is over: the body holds the password, and perhaps a card number.
        let mut request = Request::new(Bytes::from_owner(Zeroizing::new(bytes)));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = account.base.join("/")?;
        let headers = request.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/namevalue"));
        headers.insert(CLIENT_TIMEOUT, HeaderValue::from_static(TIMEOUT_SECONDS));
        let id = HeaderValue::from_str(id.as_str())
            .map_err(|_| Error::invalid_field("request_id", "cannot be sent"))?;
        headers.insert(REQUEST_ID, id);
        Ok(request)
    }
}

impl fmt::Debug for Payflow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Payflow")
            .field("environment", &self.environment())
            .field("base", &self.account.base)
            .finish_non_exhaustive()
    }
}

/// A call that changes something. Its request id makes it safe to send again.
pub(crate) const fn change(name: &'static str) -> Operation {
    Operation::idempotent(name)
        .with_deadline(Duration::from_secs(60))
        .with_attempt_timeout(Duration::from_secs(50))
        .with_max_body(nvp::MAX_BODY)
}

/// A call that changes nothing.
pub(crate) const fn inquiry(name: &'static str) -> Operation {
    Operation::read(name)
        .with_deadline(Duration::from_secs(60))
        .with_attempt_timeout(Duration::from_secs(50))
        .with_max_body(nvp::MAX_BODY)
}
