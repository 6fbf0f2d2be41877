//! What a mail is made of.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::{Serialize, Serializer};
use turnbuckle_core::messaging::Mailbox;

/// An address with a name. Personal data: `Debug` shows the domain.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct MailAddress {
    /// The address.
    pub email: String,
    /// The name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

impl MailAddress {
    /// An address without a name. It is checked before the mail is sent.
    pub fn new(email: impl Into<String>) -> Self {
        Self { email: email.into(), name: None }
    }

    /// Adds a name.
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }
}

impl From<&Mailbox> for MailAddress {
    fn from(mailbox: &Mailbox) -> Self {
        Self { email: mailbox.address.clone(), name: mailbox.name.clone() }
    }
}

impl fmt::Debug for MailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MailAddress(…@{})", self.email.rsplit_once('@').map_or("", |(_, domain)| domain))
    }
}

/// One form of the text. `Debug` shows type and length.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct MailContent {
    /// Its media type, for example `text/plain`.
    #[serde(rename = "type")]
    pub media_type: String,
    /// The text.
    pub value: String,
}

impl MailContent {
    /// A form of any type.
    pub fn new(media_type: impl Into<String>, value: impl Into<String>) -> Self {
        Self { media_type: media_type.into(), value: value.into() }
    }

    /// For readers that show text.
    pub fn text(value: impl Into<String>) -> Self {
        Self::new("text/plain", value)
    }

    /// For readers that show pages.
    pub fn html(value: impl Into<String>) -> Self {
        Self::new("text/html", value)
    }
}

impl fmt::Debug for MailContent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MailContent({}, {} bytes)", self.media_type, self.value.len())
    }
}

/// A file that travels along. It is sent as base64. `Debug` shows type and size.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct MailFile {
    /// What is in it.
    #[serde(serialize_with = "base64")]
    pub content: Bytes,
    /// Its media type.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
    /// Its name.
    pub filename: String,
    /// `attachment` or `inline`; SendGrid takes the first where it is absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disposition: Option<&'static str>,
    /// The id by which a page shows it (`cid:`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_id: Option<String>,
}

impl MailFile {
    /// A file beside the text.
    pub fn new(filename: impl Into<String>, content: impl Into<Bytes>) -> Self {
        Self {
            content: content.into(),
            media_type: None,
            filename: filename.into(),
            disposition: None,
            content_id: None,
        }
    }

    /// Sets its media type, for example `application/pdf`.
    pub fn with_media_type(mut self, media_type: impl Into<String>) -> Self {
        self.media_type = Some(media_type.into());
        self
    }

    /// Makes it part of the page that shows it by this id.
    pub fn inline(mut self, content_id: impl Into<String>) -> Self {
        self.disposition = Some("inline");
        self.content_id = Some(content_id.into());
        self
    }
}

impl fmt::Debug for MailFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let media_type = self.media_type.as_deref().unwrap_or("no type");
        write!(f, "MailFile({media_type}, {} bytes)", self.content.len())
    }
}

fn base64<S: Serializer>(content: &Bytes, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&STANDARD.encode(content))
}

/// Which of SendGrid's unsubscribe groups a mail belongs to.
/// See <https://www.twilio.com/docs/sendgrid/for-developers/sending-email/suppressions>.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct UnsubscribeSettings {
    /// The group. Who left it does not get the mail.
    pub group_id: u64,
    /// The groups that the page of preferences shows, at most 25.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub groups_to_display: Vec<u64>,
}

impl UnsubscribeSettings {
    /// A group.
    pub fn new(group_id: u64) -> Self {
        Self { group_id, groups_to_display: Vec::new() }
    }

    /// Sets the groups that the page of preferences shows.
    pub fn with_groups_to_display(mut self, groups: impl Into<Vec<u64>>) -> Self {
        self.groups_to_display = groups.into();
        self
    }
}
