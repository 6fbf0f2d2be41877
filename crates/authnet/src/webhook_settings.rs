//! Where Authorize.Net pushes to: its only REST resource.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use http::{Method, Request, Uri};
use secrecy::ExposeSecret;
use secrecy::zeroize::Zeroizing;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use turnbuckle_core::http::{Operation, Reply, default_verdict};
use turnbuckle_core::{Error, ErrorKind, Result};

use crate::client::{AuthorizeNet, PROVIDER};
use crate::wire::{decode, is_word, list, text};
use crate::{EventType, error};

const PATH: &str = "/rest/v1/webhooks";

/// The webhooks of a merchant: see [`AuthorizeNet::webhooks`].
///
/// These calls are REST over the same hosts, with login and transaction key as HTTP Basic credentials. Their shapes
/// follow the vendor's page and public examples; none was tried against Authorize.Net by the authors of this crate.
/// A webhook needs a signature key, which the merchant makes by hand in the merchant interface.
///
/// <https://developer.authorize.net/api/reference/features/webhooks.html>
#[derive(Debug, Clone, Copy)]
pub struct WebhookSettings<'a>(&'a AuthorizeNet);

impl AuthorizeNet {
    /// Where Authorize.Net pushes to.
    pub fn webhooks(&self) -> WebhookSettings<'_> {
        WebhookSettings(self)
    }
}

impl WebhookSettings<'_> {
    /// Every webhook.
    ///
    /// # Errors
    /// As every read.
    pub async fn list(self) -> Result<Vec<Webhook>> {
        const OPERATION: Operation = Operation::read("webhooks.list");
        let found: Webhooks = self.send(&OPERATION, Method::GET, PATH, None).await?;
        Ok(found.0)
    }

    /// One webhook.
    ///
    /// # Errors
    /// [`NotFound`](ErrorKind::NotFound) when there is none.
    pub async fn get(self, id: &str) -> Result<Webhook> {
        const OPERATION: Operation = Operation::read("webhooks.get");
        self.send(&OPERATION, Method::GET, &path(id), None).await
    }

    /// Makes a webhook, once.
    ///
    /// # Errors
    /// When it is refused.
    pub async fn create(self, webhook: &NewWebhook) -> Result<Webhook> {
        const OPERATION: Operation = Operation::once("webhooks.create");
        self.send(&OPERATION, Method::POST, PATH, Some(webhook)).await
    }

    /// Replaces a webhook.
    ///
    /// # Errors
    /// [`NotFound`](ErrorKind::NotFound) when there is none.
    pub async fn update(self, id: &str, webhook: &NewWebhook) -> Result<Webhook> {
        const OPERATION: Operation = Operation::idempotent("webhooks.update");
        self.send(&OPERATION, Method::PUT, &path(id), Some(webhook)).await
    }

    /// Deletes a webhook.
    ///
    /// # Errors
    /// [`NotFound`](ErrorKind::NotFound) when there is none.
    pub async fn delete(self, id: &str) -> Result<()> {
        const OPERATION: Operation = Operation::idempotent("webhooks.delete");
        self.execute(&OPERATION, Method::DELETE, &path(id), None).await.map(drop)
    }

    async fn send<T: DeserializeOwned>(
        self,
        operation: &Operation,
        method: Method,
        path: &str,
        body: Option<&NewWebhook>,
    ) -> Result<T> {
        let reply = self.execute(operation, method, path, body).await?;
        decode(reply.response.body()).ok_or_else(|| {
            error::unreadable(operation, &reply, "the answer is not a webhook")
                .or_context(&PROVIDER, operation.name)
        })
    }

    async fn execute(
        self,
        operation: &Operation,
        method: Method,
        path: &str,
        body: Option<&NewWebhook>,
    ) -> Result<Reply> {
        let context = |error: Error| error.or_context(&PROVIDER, operation.name);
        let request = self.request(method, path, body).map_err(context)?;
        let reply = self.0.http.send(operation, request, default_verdict).await?;
        if reply.response.status().is_success() {
            return Ok(reply);
        }
        let refusal: Refusal = decode(reply.response.body()).unwrap_or_default();
        let mut error = error::of_status(operation, &reply);
        if let Some(reason) = refusal.reason.filter(|reason| is_word(reason)) {
            error = error.with_code(reason);
        }
        if let Some(message) = refusal.message {
            error = error.with_vendor_message(message.chars().take(1000).collect::<String>());
        }
        Err(context(error))
    }

    fn request(self, method: Method, path: &str, body: Option<&NewWebhook>) -> Result<Request<Bytes>> {
        let uri: Uri = self.0.account.base.join(path)?;
        let cannot = |what: &'static str| Error::new(ErrorKind::Internal, what);
        let bytes = match body {
            Some(body) => {
                serde_json::to_vec(body).map_err(|_| cannot("a webhook cannot be written as JSON"))?
            }
            None => Vec::new(),
        };
        let has_body = body.is_some();
        let mut request = Request::new(Bytes::from(bytes));
        *request.method_mut() = method;
        *request.uri_mut() = uri;
        let headers = request.headers_mut();
        let account = &self.0.account;
        let pair = Zeroizing::new(format!("{}:{}", account.login, account.key.expose_secret()));
        let basic = Zeroizing::new(format!("Basic {}", STANDARD.encode(pair.as_bytes())));
        let mut authorization =
            HeaderValue::from_str(&basic).map_err(|_| cannot("the credentials cannot be sent"))?;
        authorization.set_sensitive(true);
        headers.insert(AUTHORIZATION, authorization);
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        if has_body {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        Ok(request)
    }
}

fn path(id: &str) -> String {
    format!("{PATH}/{id}")
}

/// A webhook to make.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct NewWebhook {
    /// A name for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Where to push to, over HTTPS.
    pub url: String,
    /// What to push.
    pub event_types: Vec<EventType>,
    /// `active` or `inactive`.
    pub status: String,
}

impl NewWebhook {
    /// An active webhook for these events.
    pub fn new(url: impl Into<String>, event_types: impl Into<Vec<EventType>>) -> Self {
        Self { name: None, url: url.into(), event_types: event_types.into(), status: "active".to_owned() }
    }
}

/// A webhook as the vendor has it.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Webhook {
    /// Its id.
    #[serde(default, deserialize_with = "text")]
    pub webhook_id: Option<String>,
    /// Its name.
    #[serde(default, deserialize_with = "text")]
    pub name: Option<String>,
    /// Where it pushes to.
    #[serde(default, deserialize_with = "text")]
    pub url: Option<String>,
    /// What it pushes.
    #[serde(default, deserialize_with = "list")]
    pub event_types: Vec<EventType>,
    /// `active` or `inactive`.
    #[serde(default, deserialize_with = "text")]
    pub status: Option<String>,
}

impl fmt::Debug for Webhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Webhook")
            .field("webhook_id", &self.webhook_id)
            .field("event_types", &self.event_types)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

#[derive(Deserialize)]
struct Webhooks(#[serde(deserialize_with = "list")] Vec<Webhook>);

/// A refusal of these calls has a shape of its own.
#[derive(Default, Deserialize)]
struct Refusal {
    #[serde(default, deserialize_with = "text")]
    reason: Option<String>,
    #[serde(default, deserialize_with = "text")]
    message: Option<String>,
}
