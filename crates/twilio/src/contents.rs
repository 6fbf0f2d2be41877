//! Content templates: texts kept at Twilio, with places for variables.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use turnbuckle_core::http::Operation;
use turnbuckle_core::{Error, ErrorKind, Result};

use crate::client::{check_sid, once, read, set};
use crate::form::Form;
use crate::hosts::Product;
use crate::object::{null_default, time};
use crate::{ListRequest, Twilio};

/// A content template.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct Content {
    /// Id, `HX...`.
    pub sid: String,
    /// The account.
    #[serde(default, deserialize_with = "null_default")]
    pub account_sid: String,
    /// The host's own name for it.
    #[serde(default, deserialize_with = "null_default")]
    pub friendly_name: String,
    /// Its language, for example `en`.
    #[serde(default, deserialize_with = "null_default")]
    pub language: String,
    /// What stands in for each variable in previews, by name.
    #[serde(default, deserialize_with = "null_default")]
    pub variables: BTreeMap<String, String>,
    /// What it says, by type: `twilio/text` has a `body`, others buttons, cards, media.
    #[serde(default, deserialize_with = "null_default")]
    pub types: Map<String, Value>,
    /// When it was made.
    #[serde(default, deserialize_with = "time")]
    pub date_created: Option<DateTime<Utc>>,
    /// When it last changed.
    #[serde(default, deserialize_with = "time")]
    pub date_updated: Option<DateTime<Utc>>,
}

impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Content")
            .field("sid", &self.sid)
            .field("account_sid", &self.account_sid)
            .field("friendly_name", &self.friendly_name)
            .field("language", &self.language)
            .field("date_created", &self.date_created)
            .field("date_updated", &self.date_updated)
            .finish_non_exhaustive()
    }
}

impl Content {
    /// The words of a plain text template, its variables as `{{1}}`.
    pub fn text(&self) -> Option<&str> {
        self.types.get("twilio/text")?.get("body")?.as_str()
    }
}

/// Makes a content template. See <https://www.twilio.com/docs/content/content-api-resources>.
#[derive(Clone, Serialize)]
#[non_exhaustive]
pub struct CreateContent {
    /// The host's own name for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub friendly_name: Option<String>,
    /// Its language, for example `en`.
    pub language: String,
    /// What stands in for each variable in previews, by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub variables: BTreeMap<String, String>,
    /// What it says, by type.
    pub types: Map<String, Value>,
}

impl CreateContent {
    /// A template of the given type, such as `twilio/text`, with that type's own fields.
    pub fn new(language: impl Into<String>, content_type: impl Into<String>, fields: Value) -> Self {
        let types = Map::from_iter([(content_type.into(), fields)]);
        Self { friendly_name: None, language: language.into(), variables: BTreeMap::new(), types }
    }

    /// A plain text; `{{1}}` and the like are its variables.
    pub fn text(language: impl Into<String>, body: impl Into<String>) -> Self {
        Self::new(language, "twilio/text", serde_json::json!({ "body": body.into() }))
    }

    /// Sets [`friendly_name`](Self::friendly_name).
    pub fn with_friendly_name(mut self, name: impl Into<String>) -> Self {
        self.friendly_name = Some(name.into());
        self
    }

    /// Adds one of [`variables`](Self::variables).
    pub fn with_variable(mut self, name: impl Into<String>, example: impl Into<String>) -> Self {
        self.variables.insert(name.into(), example.into());
        self
    }
}

impl fmt::Debug for CreateContent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CreateContent")
            .field("friendly_name", &self.friendly_name)
            .field("language", &self.language)
            .finish_non_exhaustive()
    }
}

const CREATE: Operation = once("content.create");
const FETCH: Operation = read("content.fetch");
const DELETE: Operation = set("content.delete");
static LIST: Operation = read("content.list");

/// Calls for content templates: [`Twilio::contents`].
#[derive(Debug, Clone, Copy)]
pub struct Contents<'a> {
    twilio: &'a Twilio,
}

impl<'a> Contents<'a> {
    pub(crate) fn new(twilio: &'a Twilio) -> Self {
        Self { twilio }
    }

    /// The templates: `GET /v1/Content`.
    pub fn list(self) -> ListRequest<Content> {
        let path = Ok("/v1/Content".to_owned());
        ListRequest::new(self.twilio, &LIST, Product::Content, path, "contents", Form::new(), None)
    }

    /// One template: `GET /v1/Content/{Sid}`.
    pub async fn fetch(self, sid: &str) -> Result<Content> {
        self.twilio.get(&FETCH, Product::Content, &path(sid)?, "").await
    }

    /// Makes one: `POST /v1/Content`.
    ///
    /// # Errors
    /// [`InvalidRequest`](ErrorKind::InvalidRequest) when the language is empty.
    pub async fn create(self, params: &CreateContent) -> Result<Content> {
        if params.language.is_empty() {
            return Err(Error::invalid_field("language", "is empty"));
        }
        let body = serde_json::to_vec(params)
            .map_err(|_| Error::new(ErrorKind::InvalidRequest, "the template cannot be written as JSON"))?;
        self.twilio.post_json(&CREATE, Product::Content, "/v1/Content", body).await
    }

    /// Deletes one: `DELETE /v1/Content/{Sid}`.
    pub async fn delete(self, sid: &str) -> Result<()> {
        self.twilio.delete(&DELETE, Product::Content, &path(sid)?).await
    }
}

fn path(sid: &str) -> Result<String> {
    Ok(format!("/v1/Content/{}", check_sid("sid", "HX", sid)?))
}
