//! Webhook endpoints: where Stripe sends events.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, Utc};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use turnbuckle_core::Result;
use turnbuckle_core::http::Operation;

use crate::client::{check_id, delete, get, post};
use crate::object::{null_default, secret_option};
use crate::{CallOptions, Field, ListRequest, Object, Stripe};

/// A new endpoint.
#[derive(Clone, Serialize)]
#[non_exhaustive]
pub struct CreateWebhookEndpoint {
    /// Where events go; `https`.
    pub url: String,
    /// Types of events; `*` for all but some. Required.
    pub enabled_events: Vec<String>,
    /// API version of its events; the account's default otherwise. The types of this crate are written for
    /// [`Stripe::API_VERSION`].
    pub api_version: Option<String>,
    /// Takes the events of connected accounts instead of the account's own.
    pub connect: Option<bool>,
    /// Free text.
    pub description: Option<String>,
    /// Up to 50 entries of the host's own.
    pub metadata: BTreeMap<String, String>,
}

impl CreateWebhookEndpoint {
    /// The required fields; nothing else is sent.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            enabled_events: Vec::new(),
            api_version: None,
            connect: None,
            description: None,
            metadata: BTreeMap::new(),
        }
    }

    /// Sets [`enabled_events`](Self::enabled_events).
    pub fn with_enabled_events<T: Into<String>>(
        mut self,
        enabled_events: impl IntoIterator<Item = T>,
    ) -> Self {
        self.enabled_events = enabled_events.into_iter().map(Into::into).collect();
        self
    }

    /// Sets [`api_version`](Self::api_version).
    pub fn with_api_version(mut self, api_version: impl Into<String>) -> Self {
        self.api_version = Some(api_version.into());
        self
    }

    /// Sets [`connect`](Self::connect).
    pub fn with_connect(mut self, connect: bool) -> Self {
        self.connect = Some(connect);
        self
    }

    /// Sets [`description`](Self::description).
    pub fn with_description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// Adds one entry to [`metadata`](Self::metadata).
    pub fn with_metadata(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.metadata.insert(key.into(), value.into());
        self
    }
}

impl fmt::Debug for CreateWebhookEndpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CreateWebhookEndpoint")
            .field("enabled_events", &self.enabled_events)
            .field("api_version", &self.api_version)
            .field("connect", &self.connect)
            .finish_non_exhaustive()
    }
}

/// Changes of an endpoint.
#[derive(Clone, Default, Serialize)]
#[non_exhaustive]
pub struct UpdateWebhookEndpoint {
    /// Free text.
    pub description: Field<String>,
    /// Switches it off.
    pub disabled: Option<bool>,
    /// Types of events; `*` for all but some.
    pub enabled_events: Vec<String>,
    /// Where events go; `https`.
    pub url: Option<String>,
    /// Entries to add or replace; an empty value removes one.
    pub metadata: BTreeMap<String, String>,
}

impl UpdateWebhookEndpoint {
    /// Sends nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets [`description`](Self::description).
    pub fn with_description(mut self, description: impl Into<String>) -> Self {
        self.description = Field::Set(description.into());
        self
    }

    /// Clears [`description`](Self::description) at Stripe.
    pub fn without_description(mut self) -> Self {
        self.description = Field::Clear;
        self
    }

    /// Sets [`disabled`](Self::disabled).
    pub fn with_disabled(mut self, disabled: bool) -> Self {
        self.disabled = Some(disabled);
        self
    }

    /// Sets [`enabled_events`](Self::enabled_events).
    pub fn with_enabled_events<T: Into<String>>(
        mut self,
        enabled_events: impl IntoIterator<Item = T>,
    ) -> Self {
        self.enabled_events = enabled_events.into_iter().map(Into::into).collect();
        self
    }

    /// Sets [`url`](Self::url).
    pub fn with_url(mut self, url: impl Into<String>) -> Self {
        self.url = Some(url.into());
        self
    }

    /// Adds one entry to [`metadata`](Self::metadata).
    pub fn with_metadata(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.metadata.insert(key.into(), value.into());
        self
    }
}

impl fmt::Debug for UpdateWebhookEndpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UpdateWebhookEndpoint")
            .field("disabled", &self.disabled)
            .field("enabled_events", &self.enabled_events)
            .finish_non_exhaustive()
    }
}

/// Which endpoints to list, newest first.
#[derive(Clone, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct ListWebhookEndpoints {
    /// Objects a page, 1 to 100; Stripe's default is 10.
    pub limit: Option<u32>,
    /// After this id.
    pub starting_after: Option<String>,
}

impl ListWebhookEndpoints {
    /// Sends nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets [`limit`](Self::limit).
    pub fn with_limit(mut self, limit: u32) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Sets [`starting_after`](Self::starting_after).
    pub fn with_starting_after(mut self, starting_after: impl Into<String>) -> Self {
        self.starting_after = Some(starting_after.into());
        self
    }
}

/// Where Stripe sends events.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct WebhookEndpoint {
    /// Id, `we_...`.
    pub id: String,
    /// API version of its events.
    pub api_version: Option<String>,
    /// The platform that made it.
    pub application: Option<String>,
    /// When it was made.
    #[serde(default, deserialize_with = "chrono::serde::ts_seconds_option::deserialize")]
    pub created: Option<DateTime<Utc>>,
    /// Whether it is deleted; the other fields are empty then.
    #[serde(default, deserialize_with = "null_default")]
    pub deleted: bool,
    /// Free text.
    pub description: Option<String>,
    /// Types of events.
    #[serde(default, deserialize_with = "null_default")]
    pub enabled_events: Vec<String>,
    /// Whether it is real.
    #[serde(default, deserialize_with = "null_default")]
    pub livemode: bool,
    /// The host's own entries.
    #[serde(default, deserialize_with = "null_default")]
    pub metadata: BTreeMap<String, String>,
    /// What its events are signed with: the credential `webhookSecret`. Only the answer to
    /// [`create`](WebhookEndpoints::create) carries it.
    #[serde(default, deserialize_with = "secret_option")]
    pub secret: Option<SecretString>,
    /// `enabled` or `disabled`.
    #[serde(default, deserialize_with = "null_default")]
    pub status: String,
    /// Where events go.
    #[serde(default, deserialize_with = "null_default")]
    pub url: String,
}

impl fmt::Debug for WebhookEndpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebhookEndpoint")
            .field("id", &self.id)
            .field("api_version", &self.api_version)
            .field("application", &self.application)
            .field("created", &self.created)
            .field("deleted", &self.deleted)
            .field("enabled_events", &self.enabled_events)
            .field("livemode", &self.livemode)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

impl Object for WebhookEndpoint {
    fn id(&self) -> &str {
        &self.id
    }
}

const CREATE: Operation = post("webhook_endpoints.create");
const RETRIEVE: Operation = get("webhook_endpoints.retrieve");
const UPDATE: Operation = post("webhook_endpoints.update");
const DELETE: Operation = delete("webhook_endpoints.delete");
static LIST: Operation = get("webhook_endpoints.list");

/// Calls for webhook endpoints: [`Stripe::webhook_endpoints`].
#[derive(Debug, Clone, Copy)]
pub struct WebhookEndpoints<'a> {
    stripe: &'a Stripe,
}

impl<'a> WebhookEndpoints<'a> {
    pub(crate) fn new(stripe: &'a Stripe) -> Self {
        Self { stripe }
    }

    /// Makes an endpoint: `POST /v1/webhook_endpoints`.
    /// Keep its secret: Stripe does not tell it again.
    pub async fn create(
        self,
        params: &CreateWebhookEndpoint,
        options: &CallOptions,
    ) -> Result<WebhookEndpoint> {
        self.stripe.post(&CREATE, "/v1/webhook_endpoints", params, options).await
    }

    /// One endpoint: `GET /v1/webhook_endpoints/{id}`.
    pub async fn retrieve(self, id: &str, options: &CallOptions) -> Result<WebhookEndpoint> {
        let path = format!("/v1/webhook_endpoints/{}", check_id(id)?);
        self.stripe.get(&RETRIEVE, &path, &(), options).await
    }

    /// Changes an endpoint: `POST /v1/webhook_endpoints/{id}`.
    pub async fn update(
        self,
        id: &str,
        params: &UpdateWebhookEndpoint,
        options: &CallOptions,
    ) -> Result<WebhookEndpoint> {
        let path = format!("/v1/webhook_endpoints/{}", check_id(id)?);
        self.stripe.post(&UPDATE, &path, params, options).await
    }

    /// Deletes an endpoint: `DELETE /v1/webhook_endpoints/{id}`.
    /// # Errors
    /// [`NotFound`](turnbuckle_core::ErrorKind::NotFound) when it is gone already.
    pub async fn delete(self, id: &str, options: &CallOptions) -> Result<WebhookEndpoint> {
        let path = format!("/v1/webhook_endpoints/{}", check_id(id)?);
        self.stripe.delete(&DELETE, &path, options).await
    }

    /// Endpoints, newest first: `GET /v1/webhook_endpoints`.
    pub fn list(self, params: &ListWebhookEndpoints) -> ListRequest<WebhookEndpoint> {
        ListRequest::list(self.stripe, &LIST, "/v1/webhook_endpoints", params)
    }
}
