//! Mail that SendGrid took for the account's domains, taken apart.

use std::collections::BTreeMap;
use std::fmt;

use bytes::Bytes;
use turnbuckle_core::{Error, ErrorKind, Result};

use crate::multipart::{self, MultipartPart};

/// How much of an inbound mail is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct InboundLimits {
    /// Most fields and files together.
    pub max_parts: usize,
    /// Most files.
    pub max_files: usize,
    /// Most bytes of one field.
    pub max_field_bytes: usize,
    /// Most bytes of one file.
    pub max_file_bytes: usize,
    /// Most bytes of the whole push.
    pub max_bytes: usize,
}

impl InboundLimits {
    /// 256 parts, 100 files, 10 MB a field, 30 MB a file and in all: SendGrid takes mail of up to 30 MB.
    pub const fn new() -> Self {
        Self {
            max_parts: 256,
            max_files: 100,
            max_field_bytes: 10_000_000,
            max_file_bytes: 30_000_000,
            max_bytes: 31_000_000,
        }
    }

    /// Sets the most files.
    pub const fn with_max_files(mut self, files: usize) -> Self {
        self.max_files = files;
        self
    }

    /// Sets the most fields and files together.
    pub const fn with_max_parts(mut self, parts: usize) -> Self {
        self.max_parts = parts;
        self
    }

    /// Sets the most bytes of one field.
    pub const fn with_max_field_bytes(mut self, bytes: usize) -> Self {
        self.max_field_bytes = bytes;
        self
    }

    /// Sets the most bytes of one file.
    pub const fn with_max_file_bytes(mut self, bytes: usize) -> Self {
        self.max_file_bytes = bytes;
        self
    }

    /// Sets the most bytes of the whole push.
    pub const fn with_max_bytes(mut self, bytes: usize) -> Self {
        self.max_bytes = bytes;
        self
    }
}

impl Default for InboundLimits {
    fn default() -> Self {
        Self::new()
    }
}

/// A mail that came in. All of it was written by whoever sent it: trust none of it, and look at `dkim` and `spf` before
/// believing who that was. Nothing of it is copied out of the push. `Debug` shows counts.
/// See <https://www.twilio.com/docs/sendgrid/for-developers/parsing-email/setting-up-the-inbound-parse-webhook>.
#[derive(Clone)]
#[non_exhaustive]
pub struct InboundEmail {
    /// The fields by name, such as `from`, `to`, `subject`, `text`, `html`, `headers`, `dkim`, `SPF`, `spam_score`; of a
    /// setting that sends mail as it came, `email` holds it all.
    pub fields: BTreeMap<String, InboundText>,
    /// The files.
    pub files: Vec<InboundFile>,
    /// Who it was handed in by and for, apart from what its head says.
    pub envelope: Option<InboundEnvelope>,
}

/// Who a mail was handed in by and for. `Debug` shows how many it was for.
#[derive(Clone, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct InboundEnvelope {
    /// For whom.
    pub to: Vec<String>,
    /// By whom.
    pub from: String,
}

impl fmt::Debug for InboundEnvelope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InboundEnvelope").field("to", &self.to.len()).finish_non_exhaustive()
    }
}

/// A field in its own character set. `Debug` shows set and length.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct InboundText {
    /// The character set, in lower case; UTF-8 where SendGrid names none.
    pub charset: String,
    /// The bytes.
    pub bytes: Bytes,
}

impl InboundText {
    /// The text of a field in UTF-8, ASCII or ISO 8859-1; `None` in another set, or where the bytes do not fit theirs. A host
    /// that has to read others decodes the bytes.
    pub fn text(&self) -> Option<String> {
        match self.charset.as_str() {
            "utf-8" | "utf8" => std::str::from_utf8(&self.bytes).ok().map(str::to_owned),
            "us-ascii" | "ascii" => {
                std::str::from_utf8(&self.bytes).ok().filter(|text| text.is_ascii()).map(str::to_owned)
            }
            "iso-8859-1" | "latin1" => Some(self.bytes.iter().map(|byte| char::from(*byte)).collect()),
            _ => None,
        }
    }
}

impl fmt::Debug for InboundText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "InboundText({} bytes)", self.bytes.len())
    }
}

/// A file that came along. Its name is whatever the sender chose: it is no path to write to. `Debug` shows the size.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct InboundFile {
    /// The field that it stood in, for example `attachment1`.
    pub field: String,
    /// The sender's name for it.
    pub filename: Option<String>,
    /// Its media type, by the sender's word.
    pub media_type: Option<String>,
    /// The id by which a page shows it.
    pub content_id: Option<String>,
    /// What is in it.
    pub content: Bytes,
}

impl fmt::Debug for InboundFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "InboundFile({} bytes)", self.content.len())
    }
}

impl InboundEmail {
    /// Takes a push apart that nobody signed: anybody who knows the address can make one. Where the domain's parse setting
    /// has a security policy, use [`SendGridWebhooks::verify_inbound`](crate::SendGridWebhooks::verify_inbound).
    ///
    /// # Errors
    /// [`InvalidRequest`](ErrorKind::InvalidRequest) for what is no form of this kind, or beyond a limit. The error names the
    /// limit, and nothing of the mail.
    pub fn parse_unverified(content_type: &str, body: &Bytes, limits: &InboundLimits) -> Result<Self> {
        Self::read(content_type, body, limits)
            .map_err(|error| error.or_context(&crate::client::PROVIDER, "inbound"))
    }

    pub(crate) fn read(content_type: &str, body: &Bytes, limits: &InboundLimits) -> Result<Self> {
        if body.len() > limits.max_bytes {
            return Err(Error::invalid_field("body", "is larger than the limit"));
        }
        let parts = multipart::parse(content_type, body, limits.max_parts)?;
        let mut fields = BTreeMap::new();
        let mut files = Vec::new();
        for part in parts {
            let MultipartPart { name, filename, media_type, content } = part;
            if filename.is_some() {
                if files.len() == limits.max_files {
                    return Err(Error::invalid_field("files", "are more than the limit"));
                }
                if content.len() > limits.max_file_bytes {
                    return Err(Error::invalid_field("files", "have one that is larger than the limit"));
                }
                files.push(InboundFile { field: name, filename, media_type, content_id: None, content });
            } else {
                if content.len() > limits.max_field_bytes {
                    return Err(Error::invalid_field("fields", "have one that is larger than the limit"));
                }
                let text = InboundText { charset: "utf-8".to_owned(), bytes: content };
                if fields.insert(name, text).is_some() {
                    return Err(Error::invalid_field("fields", "have one that stands twice"));
                }
            }
        }
        let json = |fields: &BTreeMap<String, InboundText>, name: &str| {
            fields.get(name).map(|text| text.bytes.clone())
        };
        if let Some(bytes) = json(&fields, "charsets") {
            // Which set a field is in decides what it says, so a list that cannot be read is not passed over.
            let sets: BTreeMap<String, String> =
                serde_json::from_slice(&bytes).map_err(|_| unreadable("charsets"))?;
            for (name, set) in sets {
                if let Some(field) = fields.get_mut(&name) {
                    field.charset = set.to_ascii_lowercase();
                }
            }
        }
        let envelope = match json(&fields, "envelope") {
            Some(bytes) => Some(serde_json::from_slice(&bytes).map_err(|_| unreadable("envelope"))?),
            None => None,
        };
        if let Some(bytes) = json(&fields, "content-ids") {
            let ids: BTreeMap<String, String> =
                serde_json::from_slice(&bytes).map_err(|_| unreadable("content-ids"))?;
            for (id, field) in ids {
                if let Some(file) = files.iter_mut().find(|file| file.field == field) {
                    file.content_id = Some(id);
                }
            }
        }
        Ok(Self { fields, files, envelope })
    }

    /// The text of a field: `None` where there is none, or [`InboundText::text`] cannot read it.
    pub fn text(&self, name: &str) -> Option<String> {
        self.fields.get(name)?.text()
    }

    /// The mail as it came, of a setting that sends it so.
    pub fn raw(&self) -> Option<&Bytes> {
        self.fields.get("email").map(|field| &field.bytes)
    }
}

impl fmt::Debug for InboundEmail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InboundEmail")
            .field("fields", &self.fields.len())
            .field("files", &self.files.len())
            .finish_non_exhaustive()
    }
}

fn unreadable(field: &'static str) -> Error {
    Error::new(ErrorKind::InvalidRequest, "the push has a field that cannot be read")
        .with_fields(vec![turnbuckle_core::FieldError::new(field, "is not the JSON that SendGrid documents")])
}
