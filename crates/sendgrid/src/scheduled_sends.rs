//! Batches by which scheduled mail is paused or called back.

use http::Method;
use serde::{Deserialize, Serialize};
use turnbuckle_core::http::Operation;
use turnbuckle_core::{Error, Result};

use crate::SendGrid;
use crate::client::{read, segment, set};
use crate::object::string_enum;

/// Makes an id and nothing else, so that one too many does no harm and changes nothing that was there.
const CREATE_BATCH: Operation = read("mail_batch_create");
const CHECK_BATCH: Operation = read("mail_batch_fetch");
const CREATE: Operation = set("scheduled_send_create");
const UPDATE: Operation = set("scheduled_send_update");
const FETCH: Operation = read("scheduled_send_fetch");
const LIST: Operation = read("scheduled_send_list");
const DELETE: Operation = set("scheduled_send_delete");

string_enum! {
    /// What became of a batch.
    BatchStatus {
        /// It waits until the pause is taken away. After 72 hours it is dropped.
        Pause = "pause",
        /// It is called back.
        Cancel = "cancel",
    }
}

/// A batch that is paused or called back.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct ScheduledSend {
    /// The batch.
    pub batch_id: String,
    /// What became of it.
    pub status: BatchStatus,
}

#[derive(Deserialize)]
struct Batch {
    batch_id: String,
}

#[derive(Serialize)]
struct Change<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    batch_id: Option<&'a str>,
    status: &'a BatchStatus,
}

/// Scheduled mail. See <https://www.twilio.com/docs/sendgrid/for-developers/sending-email/stopping-a-scheduled-send>.
#[derive(Debug, Clone, Copy)]
pub struct ScheduledSends<'a> {
    client: &'a SendGrid,
}

impl<'a> ScheduledSends<'a> {
    pub(crate) fn new(client: &'a SendGrid) -> Self {
        Self { client }
    }

    /// Makes the id of a batch, which mail can then be put into.
    pub async fn create_batch(&self) -> Result<String> {
        Ok(self.client.poke::<Batch>(&CREATE_BATCH, "/v3/mail/batch").await?.batch_id)
    }

    /// Whether SendGrid knows a batch. It answers an error where it does not.
    ///
    /// # Errors
    /// [`InvalidRequest`](turnbuckle_core::ErrorKind::InvalidRequest) or
    /// [`NotFound`](turnbuckle_core::ErrorKind::NotFound) for one that it does not know.
    pub async fn check_batch(&self, batch_id: &str) -> Result<()> {
        let path = format!("/v3/mail/batch/{}", segment("batch_id", batch_id)?);
        self.client.get::<Batch>(&CHECK_BATCH, &path, &[]).await.map(drop)
    }

    /// Pauses or calls back a batch that was neither before. Up to 10 minutes before its time this is sure to work; later
    /// it may not.
    ///
    /// # Errors
    /// [`InvalidRequest`](turnbuckle_core::ErrorKind::InvalidRequest) when it is paused or called back already: use
    /// [`update`](Self::update).
    pub async fn create(&self, batch_id: &str, status: &BatchStatus) -> Result<ScheduledSend> {
        segment("batch_id", batch_id)?;
        let change = Change { batch_id: Some(batch_id), status };
        self.client.call(&CREATE, Method::POST, "/v3/user/scheduled_sends", &change).await
    }

    /// Pauses a batch that is called back, or calls back one that is paused.
    pub async fn update(&self, batch_id: &str, status: &BatchStatus) -> Result<()> {
        let change = Change { batch_id: None, status };
        self.client.tell(&UPDATE, Method::PATCH, &path(batch_id)?, &change).await
    }

    /// What became of a batch; `None` when it is neither paused nor called back.
    pub async fn fetch(&self, batch_id: &str) -> Result<Option<ScheduledSend>> {
        let found: Vec<ScheduledSend> = self.client.get(&FETCH, &path(batch_id)?, &[]).await?;
        Ok(found.into_iter().find(|send| send.batch_id == batch_id))
    }

    /// Every batch that is paused or called back. SendGrid gives them all at once.
    pub async fn list(&self) -> Result<Vec<ScheduledSend>> {
        self.client.get(&LIST, "/v3/user/scheduled_sends", &[]).await
    }

    /// Takes a pause or a callback away: the mail is sent after all, at once where its time has passed.
    pub async fn delete(&self, batch_id: &str) -> Result<()> {
        self.client.nudge(&DELETE, Method::DELETE, &path(batch_id)?).await
    }
}

fn path(batch_id: &str) -> Result<String, Error> {
    Ok(format!("/v3/user/scheduled_sends/{}", segment("batch_id", batch_id)?))
}
