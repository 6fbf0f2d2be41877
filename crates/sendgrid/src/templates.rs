//! Templates, as they are kept at SendGrid.

use http::Method;
use serde::{Deserialize, Serialize};
use turnbuckle_core::http::Operation;
use turnbuckle_core::{Error, Result};

use crate::client::{once, read, segment, set};
use crate::list::{Listed, Paging};
use crate::object::{null_default, string_enum};
use crate::{ListRequest, SendGrid, TemplateVersion};

const CREATE: Operation = once("template_create");
const FETCH: Operation = read("template_fetch");
const LIST: Operation = read("template_list");
const UPDATE: Operation = set("template_update");
const DELETE: Operation = set("template_delete");

string_enum! {
    /// Which language a template is written in.
    TemplateGeneration {
        /// Tags that are replaced: substitutions.
        Legacy = "legacy",
        /// Handlebars: dynamic data. A mistake in it is silent.
        Dynamic = "dynamic",
    }
}

/// A template. What it says stands in its versions.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct MailTemplate {
    /// Its id; of dynamic ones it begins with `d-`.
    pub id: String,
    /// Its name.
    #[serde(default, deserialize_with = "null_default")]
    pub name: String,
    /// Which language it is written in.
    #[serde(default)]
    pub generation: TemplateGeneration,
    /// When it was changed, as SendGrid writes it: `2026-08-14 09:12:31`, presumably in UTC.
    pub updated_at: Option<String>,
    /// Its versions. In lists without their text.
    #[serde(default, deserialize_with = "null_default")]
    pub versions: Vec<TemplateVersion>,
}

impl MailTemplate {
    /// The version that mail is made from.
    pub fn active(&self) -> Option<&TemplateVersion> {
        self.versions.iter().find(|version| version.active)
    }
}

impl Listed for MailTemplate {}

/// Which templates to list.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListTemplates {
    /// Their languages; empty is both. SendGrid's own default would be legacy ones alone.
    pub generations: Vec<TemplateGeneration>,
    /// Templates in a page, 1 to 200.
    pub page_size: u32,
}

impl ListTemplates {
    /// Templates of both languages, 200 a page.
    pub fn new() -> Self {
        Self { generations: Vec::new(), page_size: 200 }
    }

    /// Lists those in this language.
    pub fn with_generation(mut self, generation: TemplateGeneration) -> Self {
        self.generations.push(generation);
        self
    }

    /// Sets how many stand in a page.
    pub fn with_page_size(mut self, size: u32) -> Self {
        self.page_size = size;
        self
    }
}

impl Default for ListTemplates {
    fn default() -> Self {
        Self::new()
    }
}

#[derive(Serialize)]
struct Named<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    generation: Option<&'a TemplateGeneration>,
}

/// Templates. See <https://www.twilio.com/docs/sendgrid/api-reference/transactional-templates>.
#[derive(Debug, Clone, Copy)]
pub struct Templates<'a> {
    client: &'a SendGrid,
}

impl<'a> Templates<'a> {
    pub(crate) fn new(client: &'a SendGrid) -> Self {
        Self { client }
    }

    /// Makes a template without versions.
    ///
    /// # Errors
    /// [`InvalidRequest`](turnbuckle_core::ErrorKind::InvalidRequest) when the name is not 1 to 100 characters.
    pub async fn create(&self, name: &str, generation: &TemplateGeneration) -> Result<MailTemplate> {
        check_name(name)?;
        let body = Named { name, generation: Some(generation) };
        self.client.call(&CREATE, Method::POST, "/v3/templates", &body).await
    }

    /// A template with its versions.
    pub async fn fetch(&self, id: &str) -> Result<MailTemplate> {
        self.client.get(&FETCH, &path(id)?, &[]).await
    }

    /// Templates.
    pub fn list(&self, params: &ListTemplates) -> ListRequest<MailTemplate> {
        let words: Vec<_> = params.generations.iter().map(TemplateGeneration::as_str).collect();
        let generations = if words.is_empty() { "legacy,dynamic".to_owned() } else { words.join(",") };
        let size = ("page_size", params.page_size, 200);
        let query = vec![("generations", generations)];
        ListRequest::new(self.client, &LIST, "/v3/templates", Paging::Token, size, query)
    }

    /// Renames a template.
    ///
    /// # Errors
    /// As [`create`](Self::create).
    pub async fn update(&self, id: &str, name: &str) -> Result<MailTemplate> {
        check_name(name)?;
        self.client.call(&UPDATE, Method::PATCH, &path(id)?, &Named { name, generation: None }).await
    }

    /// Deletes a template with its versions.
    pub async fn delete(&self, id: &str) -> Result<()> {
        self.client.nudge(&DELETE, Method::DELETE, &path(id)?).await
    }
}

pub(crate) fn path(id: &str) -> Result<String> {
    Ok(format!("/v3/templates/{}", segment("template_id", id)?))
}

pub(crate) fn check_name(name: &str) -> Result<()> {
    if (1..=100).contains(&name.chars().count()) {
        Ok(())
    } else {
        Err(Error::invalid_field("name", "must be 1 to 100 characters"))
    }
}
