//! Test clocks: time that a sandbox moves forward, so that a year of a subscription passes in a minute.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use turnbuckle_core::http::Operation;
use turnbuckle_core::{Environment, Error, Result};

use crate::client::{PROVIDER, check_id, delete, get, post};
use crate::object::null_default;
use crate::{CallOptions, ListRequest, Object, Stripe};

/// A new clock.
#[derive(Clone, Serialize)]
#[non_exhaustive]
pub struct CreateTestClock {
    /// Where it begins.
    #[serde(serialize_with = "chrono::serde::ts_seconds::serialize")]
    pub frozen_time: DateTime<Utc>,
    /// What it is for.
    pub name: Option<String>,
}

impl CreateTestClock {
    /// The required fields; nothing else is sent.
    pub fn new(frozen_time: DateTime<Utc>) -> Self {
        Self { frozen_time, name: None }
    }

    /// Sets [`name`](Self::name).
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }
}

impl fmt::Debug for CreateTestClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CreateTestClock").field("frozen_time", &self.frozen_time).finish_non_exhaustive()
    }
}

/// Moves a clock forward.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct AdvanceTestClock {
    /// Where to; never back, and at most two intervals of the shortest subscription at once.
    #[serde(serialize_with = "chrono::serde::ts_seconds::serialize")]
    pub frozen_time: DateTime<Utc>,
}

impl AdvanceTestClock {
    /// The required fields; nothing else is sent.
    pub fn new(frozen_time: DateTime<Utc>) -> Self {
        Self { frozen_time }
    }
}

/// Which clocks to list.
#[derive(Clone, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct ListTestClocks {
    /// Objects a page, 1 to 100; Stripe's default is 10.
    pub limit: Option<u32>,
    /// After this id.
    pub starting_after: Option<String>,
}

impl ListTestClocks {
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

/// Time that a sandbox moves forward.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct TestClock {
    /// Id, `clock_...`.
    pub id: String,
    /// When it was made.
    #[serde(default, deserialize_with = "chrono::serde::ts_seconds_option::deserialize")]
    pub created: Option<DateTime<Utc>>,
    /// Whether it is deleted; the other fields are empty then.
    #[serde(default, deserialize_with = "null_default")]
    pub deleted: bool,
    /// When Stripe deletes it.
    #[serde(default, deserialize_with = "chrono::serde::ts_seconds_option::deserialize")]
    pub deletes_after: Option<DateTime<Utc>>,
    /// What time it is.
    #[serde(default, deserialize_with = "chrono::serde::ts_seconds_option::deserialize")]
    pub frozen_time: Option<DateTime<Utc>>,
    /// Whether it is real.
    #[serde(default, deserialize_with = "null_default")]
    pub livemode: bool,
    /// What it is for.
    pub name: Option<String>,
    /// `ready`, `advancing` or `internal_failure`.
    #[serde(default, deserialize_with = "null_default")]
    pub status: String,
}

impl fmt::Debug for TestClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestClock")
            .field("id", &self.id)
            .field("created", &self.created)
            .field("deleted", &self.deleted)
            .field("deletes_after", &self.deletes_after)
            .field("frozen_time", &self.frozen_time)
            .field("livemode", &self.livemode)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

impl Object for TestClock {
    fn id(&self) -> &str {
        &self.id
    }
}

const CREATE: Operation = post("test_clocks.create");
const ADVANCE: Operation = post("test_clocks.advance");
const RETRIEVE: Operation = get("test_clocks.retrieve");
const DELETE: Operation = delete("test_clocks.delete");
static LIST: Operation = get("test_clocks.list");

/// Calls for test clocks: [`Stripe::test_clocks`].
///
/// They exist in the sandbox only: on a production connection every call is refused as
/// [`Unsupported`](turnbuckle_core::ErrorKind::Unsupported) before anything is sent.
#[derive(Debug, Clone, Copy)]
pub struct TestClocks<'a> {
    stripe: &'a Stripe,
}

impl<'a> TestClocks<'a> {
    pub(crate) fn new(stripe: &'a Stripe) -> Self {
        Self { stripe }
    }

    /// Makes a clock: `POST /v1/test_helpers/test_clocks`.
    pub async fn create(self, params: &CreateTestClock, options: &CallOptions) -> Result<TestClock> {
        self.sandbox_only(&CREATE)?;
        self.stripe.post(&CREATE, "/v1/test_helpers/test_clocks", params, options).await
    }

    /// Begins to move a clock; it has arrived when its status is `ready` again: `POST
    /// /v1/test_helpers/test_clocks/{id}/advance`.
    pub async fn advance(
        self,
        id: &str,
        params: &AdvanceTestClock,
        options: &CallOptions,
    ) -> Result<TestClock> {
        let path = format!("/v1/test_helpers/test_clocks/{}/advance", check_id(id)?);
        self.sandbox_only(&ADVANCE)?;
        self.stripe.post(&ADVANCE, &path, params, options).await
    }

    /// One clock: `GET /v1/test_helpers/test_clocks/{id}`.
    pub async fn retrieve(self, id: &str, options: &CallOptions) -> Result<TestClock> {
        let path = format!("/v1/test_helpers/test_clocks/{}", check_id(id)?);
        self.sandbox_only(&RETRIEVE)?;
        self.stripe.get(&RETRIEVE, &path, &(), options).await
    }

    /// Deletes a clock with its customers and subscriptions: `DELETE /v1/test_helpers/test_clocks/{id}`.
    /// # Errors
    /// [`NotFound`](turnbuckle_core::ErrorKind::NotFound) when it is gone already.
    pub async fn delete(self, id: &str, options: &CallOptions) -> Result<TestClock> {
        let path = format!("/v1/test_helpers/test_clocks/{}", check_id(id)?);
        self.sandbox_only(&DELETE)?;
        self.stripe.delete(&DELETE, &path, options).await
    }

    /// Clocks: `GET /v1/test_helpers/test_clocks`.
    pub fn list(self, params: &ListTestClocks) -> ListRequest<TestClock> {
        let path = self.sandbox_only(&LIST).map(|()| "/v1/test_helpers/test_clocks".to_owned());
        ListRequest::list_below(self.stripe, &LIST, path, params)
    }

    fn sandbox_only(self, operation: &Operation) -> Result<()> {
        match self.stripe.environment() {
            Environment::Sandbox => Ok(()),
            Environment::Production => Err(Error::unsupported("test clocks exist in the sandbox only")
                .or_context(&PROVIDER, operation.name)),
        }
    }
}
