//! The media of a message.

use std::fmt;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::header::{CONTENT_TYPE, LOCATION};
use serde::Deserialize;
use turnbuckle_core::http::Operation;
use turnbuckle_core::{Error, ErrorKind, Result};
use url::Url;

use crate::client::{PROVIDER, check_sid, read, set};
use crate::form::Form;
use crate::hosts::Product;
use crate::messages::check_message_sid;
use crate::object::{null_default, time};
use crate::{ListRequest, Twilio};

/// What Twilio knows about one medium of a message.
#[derive(Debug, Clone, Deserialize)]
#[non_exhaustive]
pub struct Media {
    /// Id, `ME...`.
    pub sid: String,
    /// The account.
    #[serde(default, deserialize_with = "null_default")]
    pub account_sid: String,
    /// The message.
    #[serde(default, deserialize_with = "null_default")]
    pub parent_sid: String,
    /// The media type, for example `image/jpeg`.
    #[serde(default, deserialize_with = "null_default")]
    pub content_type: String,
    /// When Twilio took it.
    #[serde(default, deserialize_with = "time")]
    pub date_created: Option<DateTime<Utc>>,
    /// When it last changed.
    #[serde(default, deserialize_with = "time")]
    pub date_updated: Option<DateTime<Utc>>,
    /// Its path.
    #[serde(default, deserialize_with = "null_default")]
    pub uri: String,
}

/// Where the bytes of a medium are. `Debug` shows neither the bytes nor the address, which may open them to anybody.
#[derive(Clone)]
#[non_exhaustive]
pub enum MediaContent {
    /// At this address, which is not followed: it is another host's, and the credentials must not go there.
    Elsewhere(Url),
    /// Here.
    Here {
        /// The media type, where Twilio says it.
        content_type: Option<String>,
        /// The bytes.
        bytes: Bytes,
    },
}

impl fmt::Debug for MediaContent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Elsewhere(url) => write!(f, "Elsewhere({})", url.host_str().unwrap_or_default()),
            Self::Here { content_type, bytes } => write!(f, "Here({content_type:?}, {} bytes)", bytes.len()),
        }
    }
}

/// Largest medium that is taken, in bytes: 16 MiB. Twilio's own limit is 5 MB.
const MAX_MEDIUM: usize = 16 * 1024 * 1024;

const FETCH: Operation = read("media.fetch");
const CONTENT: Operation = read("media.content").with_max_body(MAX_MEDIUM);
const DELETE: Operation = set("media.delete");
static LIST: Operation = read("media.list");

/// Calls for the media of one message: [`Twilio::media`].
#[derive(Debug, Clone, Copy)]
pub struct MediaOf<'a> {
    twilio: &'a Twilio,
    message: &'a str,
}

impl<'a> MediaOf<'a> {
    pub(crate) fn new(twilio: &'a Twilio, message: &'a str) -> Self {
        Self { twilio, message }
    }

    /// The media of the message: `GET .../Messages/{MessageSid}/Media.json`.
    pub fn list(self) -> ListRequest<Media> {
        let path = self.path(".json");
        ListRequest::new(self.twilio, &LIST, Product::Api, path, "media_list", Form::new(), None)
    }

    /// What Twilio knows about one: `GET .../Media/{Sid}.json`.
    pub async fn fetch(self, sid: &str) -> Result<Media> {
        let path = self.path(&format!("/{}.json", check_sid("sid", "ME", sid)?))?;
        self.twilio.get(&FETCH, Product::Api, &path, "").await
    }

    /// Its bytes, or where they are: `GET .../Media/{Sid}`, without `.json`. Twilio redirects as a rule, and the address
    /// is handed back, not followed.
    ///
    /// # Errors
    /// [`InvalidResponse`](ErrorKind::InvalidResponse) for a redirect that leads nowhere or not to HTTPS.
    pub async fn content(self, sid: &str) -> Result<MediaContent> {
        let path = self.path(&format!("/{}", check_sid("sid", "ME", sid)?))?;
        let response = self.twilio.get_raw(&CONTENT, Product::Api, &path, "").await?;
        let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
        if response.status().is_success() {
            let content_type = header(CONTENT_TYPE).map(str::to_owned);
            return Ok(MediaContent::Here { content_type, bytes: response.into_body() });
        }
        let address =
            header(LOCATION).and_then(|url| Url::parse(url).ok()).filter(|url| url.scheme() == "https");
        address.map(MediaContent::Elsewhere).ok_or_else(|| {
            Error::new(ErrorKind::InvalidResponse, "the answer leads to no address that can be trusted")
                .with_http_status(response.status().as_u16())
                .or_context(&PROVIDER, CONTENT.name)
        })
    }

    /// Deletes one: `DELETE .../Media/{Sid}.json`.
    pub async fn delete(self, sid: &str) -> Result<()> {
        let path = self.path(&format!("/{}.json", check_sid("sid", "ME", sid)?))?;
        self.twilio.delete(&DELETE, Product::Api, &path).await
    }

    fn path(self, rest: &str) -> Result<String> {
        let message = check_message_sid(self.message)?;
        Ok(self.twilio.account_path(&format!("/Messages/{message}/Media{rest}")))
    }
}
