//! Events that Stripe keeps for 30 days: what webhooks told, to be asked for again.

use bytes::Bytes;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;
use turnbuckle_core::Result;
use turnbuckle_core::http::Operation;

use crate::client::{check_id, get};
use crate::{CallOptions, Created, ListRequest, Object, Stripe, StripeEvent};

/// Which events to list, newest first.
#[derive(Clone, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct ListEvents {
    /// Only those that reached every endpoint, or only the others.
    pub delivery_success: Option<bool>,
    /// Of this type; `charge.*` stands for a group.
    #[serde(rename = "type")]
    pub event_type: Option<String>,
    /// Of one of these types, up to 20; either this or `event_type`.
    pub types: Vec<String>,
    /// Created in this time.
    pub created: Option<Created>,
    /// Objects a page, 1 to 100; Stripe's default is 10.
    pub limit: Option<u32>,
    /// After this id.
    pub starting_after: Option<String>,
}

impl ListEvents {
    /// Sends nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets [`delivery_success`](Self::delivery_success).
    pub fn with_delivery_success(mut self, delivery_success: bool) -> Self {
        self.delivery_success = Some(delivery_success);
        self
    }

    /// Sets [`event_type`](Self::event_type).
    pub fn with_event_type(mut self, event_type: impl Into<String>) -> Self {
        self.event_type = Some(event_type.into());
        self
    }

    /// Sets [`types`](Self::types).
    pub fn with_types<T: Into<String>>(mut self, types: impl IntoIterator<Item = T>) -> Self {
        self.types = types.into_iter().map(Into::into).collect();
        self
    }

    /// Sets [`created`](Self::created).
    pub fn with_created(mut self, created: Created) -> Self {
        self.created = Some(created);
        self
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

impl<'de> Deserialize<'de> for StripeEvent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let whole = <&RawValue>::deserialize(deserializer)?;
        Self::parse(&Bytes::copy_from_slice(whole.get().as_bytes()))
            .map_err(|_| D::Error::custom("not an event of Stripe's"))
    }
}

impl Object for StripeEvent {
    fn id(&self) -> &str {
        &self.id
    }
}

const RETRIEVE: Operation = get("events.retrieve");
static LIST: Operation = get("events.list");

/// Calls for events: [`Stripe::events`].
#[derive(Debug, Clone, Copy)]
pub struct Events<'a> {
    stripe: &'a Stripe,
}

impl<'a> Events<'a> {
    pub(crate) fn new(stripe: &'a Stripe) -> Self {
        Self { stripe }
    }

    /// One event: `GET /v1/events/{id}`.
    pub async fn retrieve(self, id: &str, options: &CallOptions) -> Result<StripeEvent> {
        let path = format!("/v1/events/{}", check_id(id)?);
        self.stripe.get(&RETRIEVE, &path, &(), options).await
    }

    /// Events of the last 30 days, newest first: `GET /v1/events`.
    pub fn list(self, params: &ListEvents) -> ListRequest<StripeEvent> {
        ListRequest::list(self.stripe, &LIST, "/v1/events", params)
    }
}
