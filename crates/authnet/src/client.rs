//! The typed client: credentials, the envelope around each request, decoding.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, HeaderValue};
use http::{Method, Request};
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use turnbuckle_core::http::{BaseUrl, HttpClient, Operation, Reply};
use turnbuckle_core::provider::ConnectionConfig;
use turnbuckle_core::{Environment, Error, ErrorKind, ProviderId, Result};

use crate::error;
use crate::messages::{Head, Messages};
use crate::trans_hash::TransHashKey;
use crate::verdict::verdict;
use crate::wire::text_of;

/// The provider's id.
pub(crate) const PROVIDER: ProviderId = ProviderId::from_static("authorize_net");

/// Where every operation goes.
const PATH: &str = "/xml/v1/request.api";

/// Room for a request, so that the buffer does not grow and leave copies of a card number behind.
const ROOM: usize = 8 * 1024;

/// Authorize.Net's API for one merchant, typed. Cloning is cheap.
///
/// All operations are JSON to one address, with keys in the order of the vendor's schema. Authorize.Net has no
/// idempotency keys: whatever moves money is sent once, and a lost answer leaves an error whose effect is unknown. Reads,
/// and what the vendor documents as harmless to repeat (delete, cancel), are sent again.
///
/// <https://developer.authorize.net/api/reference/>
#[derive(Clone)]
pub struct AuthorizeNet {
    pub(crate) http: HttpClient,
    pub(crate) account: Arc<Account>,
}

/// What stays the same for the life of a connection.
pub(crate) struct Account {
    pub(crate) base: BaseUrl,
    pub(crate) login: String,
    pub(crate) key: SecretString,
    pub(crate) hash_key: Option<TransHashKey>,
}

/// A request: its name at the vendor, and what comes back.
pub(crate) trait Call: Serialize + Sync {
    const NAME: &'static str;
    type Answer: DeserializeOwned;
}

/// An answer in its parts.
pub(crate) struct Answered<T> {
    pub(crate) head: Head,
    pub(crate) body: T,
    pub(crate) reply: Reply,
}

impl AuthorizeNet {
    /// A client with the credentials `apiLoginId` and `transactionKey`, and `signatureKey` where there is one. Sends
    /// nothing.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidConfig`] when a credential is missing or the signature key is not hexadecimal; also as
    /// [`ConnectionConfig::http_client`].
    pub fn new(config: &ConnectionConfig) -> Result<Self> {
        let credentials = config.credentials();
        let login = credentials.require("apiLoginId")?.expose_secret().to_owned();
        let key = credentials.require("transactionKey")?.clone();
        let hash_key = credentials.get("signatureKey").map(TransHashKey::new).transpose()?;
        let base = match (config.base_url(), config.environment()) {
            (Some(base), _) => base.clone(),
            (None, Environment::Production) => BaseUrl::parse("https://api2.authorize.net")?,
            (None, Environment::Sandbox) => BaseUrl::parse("https://apitest.authorize.net")?,
        };
        Ok(Self {
            http: config.http_client(PROVIDER)?,
            account: Arc::new(Account { base, login, key, hash_key }),
        })
    }

    /// The environment.
    pub fn environment(&self) -> Environment {
        self.http.environment()
    }

    /// Sends a request that either succeeds or is refused as a whole.
    pub(crate) async fn call<C: Call>(&self, operation: &Operation, request: &C) -> Result<C::Answer> {
        let answered = self.exchange(operation, request, None).await?;
        if answered.head.messages.is_ok() {
            return Ok(answered.body);
        }
        let error = error::of_messages(operation, &answered.head.messages, &answered.reply);
        Err(error.or_context(&PROVIDER, operation.name))
    }

    /// Sends a request and hands back the answer, refusals included.
    pub(crate) async fn exchange<C: Call>(
        &self,
        operation: &Operation,
        request: &C,
        ref_id: Option<&str>,
    ) -> Result<Answered<C::Answer>> {
        let context = |error: Error| error.or_context(&PROVIDER, operation.name);
        let message = self.message(request, ref_id).map_err(context)?;
        let reply = self.http.send(operation, message, verdict).await?;
        if !reply.response.status().is_success() {
            return Err(context(error::of_status(operation, &reply)));
        }
        // The parser's message may quote the body, so it is not kept.
        let parsed = text_of(reply.response.body()).and_then(|text| {
            let head: Head = serde_json::from_str(text).ok()?;
            known(&head.messages).then_some(())?;
            Some((head, serde_json::from_str(text).ok()?))
        });
        let Some((head, body)) = parsed else {
            let message = "the answer is not the one that was asked for";
            return Err(context(error::unreadable(operation, &reply, message)));
        };
        if let (Some(sent), Some(came)) = (ref_id, &head.ref_id)
            && sent != came
        {
            let message = "the answer belongs to another request";
            return Err(context(error::unreadable(operation, &reply, message)));
        }
        Ok(Answered { head, body, reply })
    }

    fn message<C: Call>(&self, request: &C, ref_id: Option<&str>) -> Result<Request<Bytes>> {
        let envelope = Envelope { account: &self.account, ref_id, request };
        // Wiped when the last attempt is over: the body holds the transaction key and may hold a card number.
        let mut body = Zeroizing::new(Vec::with_capacity(ROOM));
        serde_json::to_writer(&mut *body, &envelope)
            .map_err(|_| Error::new(ErrorKind::Internal, "a request cannot be written as JSON"))?;
        let mut message = Request::new(Bytes::from_owner(body));
        *message.method_mut() = Method::POST;
        *message.uri_mut() = self.account.base.join(PATH)?;
        let headers = message.headers_mut();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        Ok(message)
    }
}

/// An answer without a result code is not one of Authorize.Net's.
fn known(messages: &Messages) -> bool {
    matches!(messages.result_code.as_deref(), Some("Ok" | "Error"))
}

impl fmt::Debug for AuthorizeNet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthorizeNet")
            .field("environment", &self.environment())
            .field("base", &self.account.base)
            .finish_non_exhaustive()
    }
}

/// One key that names the request, and under it credentials, reference and body in the order of the schema.
struct Envelope<'a, C> {
    account: &'a Account,
    ref_id: Option<&'a str>,
    request: &'a C,
}

impl<C: Call> Serialize for Envelope<'_, C> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let inner = Inner {
            merchant_authentication: Authentication {
                name: &self.account.login,
                transaction_key: self.account.key.expose_secret(),
            },
            ref_id: self.ref_id,
            request: self.request,
        };
        let mut root = serializer.serialize_map(Some(1))?;
        root.serialize_entry(C::NAME, &inner)?;
        root.end()
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Inner<'a, C> {
    merchant_authentication: Authentication<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ref_id: Option<&'a str>,
    #[serde(flatten)]
    request: &'a C,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Authentication<'a> {
    name: &'a str,
    transaction_key: &'a str,
}
