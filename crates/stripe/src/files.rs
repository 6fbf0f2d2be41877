//! Files: documents that answer disputes and the like.

use std::fmt;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::HeaderValue;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use turnbuckle_core::http::Operation;
use turnbuckle_core::{Error, ErrorKind, FieldError, Result};

use crate::client::{PROVIDER, check_id, get, post};
use crate::object::null_default;
use crate::{CallOptions, Created, ListRequest, Object, Stripe};

/// A file to upload. Name and content are in no `Debug` output.
#[derive(Clone)]
#[non_exhaustive]
pub struct UploadFile {
    /// What it is for, for example `dispute_evidence`.
    pub purpose: String,
    /// Its name: 1 to 255 bytes without control characters, quotes and slashes.
    pub filename: String,
    /// Its media type, for example `application/pdf`.
    pub content_type: String,
    /// Its bytes.
    pub content: Bytes,
}

impl UploadFile {
    /// Most bytes of a file for any purpose: 16 MiB. Stripe's own limits differ by purpose and are not checked here, but
    /// for [`MAX_EVIDENCE`](Self::MAX_EVIDENCE).
    pub const MAX_BYTES: usize = 16 * 1024 * 1024;
    /// Most bytes of a file for the purpose `dispute_evidence`: 5,000,000.
    pub const MAX_EVIDENCE: usize = 5_000_000;

    /// A file with everything that it needs.
    pub fn new(
        purpose: impl Into<String>,
        filename: impl Into<String>,
        content_type: impl Into<String>,
        content: impl Into<Bytes>,
    ) -> Self {
        Self {
            purpose: purpose.into(),
            filename: filename.into(),
            content_type: content_type.into(),
            content: content.into(),
        }
    }

    fn check(&self) -> Result<()> {
        let mut fields = Vec::new();
        let word = |byte: u8| byte.is_ascii_lowercase() || byte == b'_';
        if !(1..=100).contains(&self.purpose.len()) || !self.purpose.bytes().all(word) {
            fields.push(FieldError::new("purpose", "is not a purpose of Stripe's"));
        }
        let forbidden = |c: char| c.is_control() || matches!(c, '"' | '/' | '\\');
        if !(1..=255).contains(&self.filename.len()) || self.filename.contains(forbidden) {
            fields.push(FieldError::new("filename", "must be 1 to 255 bytes without quotes and slashes"));
        }
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/+-._".contains(&byte);
        if !(3..=100).contains(&self.content_type.len()) || !self.content_type.bytes().all(plain) {
            fields.push(FieldError::new("content_type", "is not a media type"));
        }
        let most = if self.purpose == "dispute_evidence" { Self::MAX_EVIDENCE } else { Self::MAX_BYTES };
        if self.content.is_empty() || self.content.len() > most {
            fields.push(FieldError::new("content", format!("must be 1 to {most} bytes")));
        }
        if fields.is_empty() {
            return Ok(());
        }
        Err(Error::new(ErrorKind::InvalidRequest, "the file cannot be uploaded").with_fields(fields))
    }

    /// The body and its type. The same file gives the same bytes, which an idempotency key asks for.
    fn multipart(&self) -> Result<(HeaderValue, Bytes)> {
        let boundary = self.boundary();
        let head = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\n{}\r\n\
             --{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{}\"\r\n\
             Content-Type: {}\r\n\r\n",
            self.purpose, self.filename, self.content_type
        );
        let tail = format!("\r\n--{boundary}--\r\n");
        let mut body = Vec::with_capacity(head.len() + self.content.len() + tail.len());
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(&self.content);
        body.extend_from_slice(tail.as_bytes());
        let content_type = HeaderValue::from_str(&format!("multipart/form-data; boundary={boundary}"))
            .map_err(|_| Error::new(ErrorKind::Internal, "a boundary cannot be sent"))?;
        Ok((content_type, Bytes::from(body)))
    }

    /// Text that the file does not hold: no file can hold its own hash. Trying one word after the other would cost whoever
    /// uploads a file made of such words nothing, and us a scan for each.
    fn boundary(&self) -> String {
        Sha256::digest(&self.content)
            .iter()
            .take(16)
            .fold("turnbuckle-".to_owned(), |text, byte| format!("{text}{byte:02x}"))
    }
}

impl fmt::Debug for UploadFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UploadFile")
            .field("purpose", &self.purpose)
            .field("content_type", &self.content_type)
            .field("bytes", &self.content.len())
            .finish_non_exhaustive()
    }
}

/// Which files to list, newest first.
#[derive(Clone, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct ListFiles {
    /// For this purpose.
    pub purpose: Option<String>,
    /// Created in this time.
    pub created: Option<Created>,
    /// Objects a page, 1 to 100; Stripe's default is 10.
    pub limit: Option<u32>,
    /// After this id.
    pub starting_after: Option<String>,
}

impl ListFiles {
    /// Sends nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets [`purpose`](Self::purpose).
    pub fn with_purpose(mut self, purpose: impl Into<String>) -> Self {
        self.purpose = Some(purpose.into());
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

/// A file at Stripe. Its name and title are in no `Debug` output.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct File {
    /// Id, `file_...`.
    pub id: String,
    /// When it was made.
    #[serde(default, deserialize_with = "chrono::serde::ts_seconds_option::deserialize")]
    pub created: Option<DateTime<Utc>>,
    /// When Stripe deletes it.
    #[serde(default, deserialize_with = "chrono::serde::ts_seconds_option::deserialize")]
    pub expires_at: Option<DateTime<Utc>>,
    /// Its name.
    pub filename: Option<String>,
    /// What it is for.
    #[serde(default, deserialize_with = "null_default")]
    pub purpose: String,
    /// Its length in bytes.
    #[serde(default, deserialize_with = "null_default")]
    pub size: u64,
    /// A title.
    pub title: Option<String>,
    /// Its kind, for example `pdf`.
    #[serde(rename = "type")]
    pub file_type: Option<String>,
}

impl fmt::Debug for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("File")
            .field("id", &self.id)
            .field("created", &self.created)
            .field("expires_at", &self.expires_at)
            .field("purpose", &self.purpose)
            .field("size", &self.size)
            .field("file_type", &self.file_type)
            .finish_non_exhaustive()
    }
}

impl Object for File {
    fn id(&self) -> &str {
        &self.id
    }
}

const CREATE: Operation = post("files.create");
const RETRIEVE: Operation = get("files.retrieve");
static LIST: Operation = get("files.list");

/// Calls for files: [`Stripe::files`].
///
/// Uploads go to `https://files.stripe.com`, everything else to `https://api.stripe.com`; a base URL of the connection
/// replaces both.
#[derive(Debug, Clone, Copy)]
pub struct Files<'a> {
    stripe: &'a Stripe,
}

impl<'a> Files<'a> {
    pub(crate) fn new(stripe: &'a Stripe) -> Self {
        Self { stripe }
    }

    /// Uploads a file: `POST /v1/files`. Expansions of the options are not sent.
    ///
    /// # Errors
    /// [`InvalidRequest`](ErrorKind::InvalidRequest) naming every field that cannot be sent, a content that is empty or
    /// too large among them; nothing is sent then.
    pub async fn create(self, file: &UploadFile, options: &CallOptions) -> Result<File> {
        let body = file.check().and_then(|()| file.multipart());
        let (content_type, body) = body.map_err(|error| error.or_context(&PROVIDER, CREATE.name))?;
        self.stripe.upload(&CREATE, "/v1/files", content_type, body, options).await
    }

    /// What is known of one file, without its content: `GET /v1/files/{id}`.
    pub async fn retrieve(self, id: &str, options: &CallOptions) -> Result<File> {
        let path = format!("/v1/files/{}", check_id(id)?);
        self.stripe.get(&RETRIEVE, &path, &(), options).await
    }

    /// Files, newest first: `GET /v1/files`.
    pub fn list(self, params: &ListFiles) -> ListRequest<File> {
        ListRequest::list(self.stripe, &LIST, "/v1/files", params)
    }
}
