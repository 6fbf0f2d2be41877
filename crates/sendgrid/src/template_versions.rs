//! Versions of templates: what they say.

use std::fmt;

use http::Method;
use serde::{Deserialize, Serialize, Serializer};
use turnbuckle_core::http::Operation;
use turnbuckle_core::{Error, Result};

use crate::SendGrid;
use crate::client::{once, read, segment, set};
use crate::object::{flag, null_default, string_enum};
use crate::templates::{check_name, path};

const CREATE: Operation = once("template_version_create");
const FETCH: Operation = read("template_version_fetch");
const UPDATE: Operation = set("template_version_update");
const ACTIVATE: Operation = set("template_version_activate");
const DELETE: Operation = set("template_version_delete");

/// The longest text of a version, in bytes.
const MAX_CONTENT: usize = 1_048_576;

string_enum! {
    /// With what a version is edited in SendGrid's pages.
    TemplateEditor {
        /// As code.
        Code = "code",
        /// By drawing.
        Design = "design",
    }
}

/// A version of a template. `Debug` leaves what it says out.
#[derive(Clone, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct TemplateVersion {
    /// Its id.
    pub id: String,
    /// The template.
    pub template_id: Option<String>,
    /// Whether mail is made from it. Of a template, one version is active.
    #[serde(default, deserialize_with = "flag")]
    pub active: bool,
    /// Its name.
    #[serde(default, deserialize_with = "null_default")]
    pub name: String,
    /// The subject.
    pub subject: Option<String>,
    /// For readers that show pages; absent in lists.
    pub html_content: Option<String>,
    /// For readers that show text; absent in lists.
    pub plain_content: Option<String>,
    /// Whether SendGrid makes the text from the page.
    pub generate_plain_content: Option<bool>,
    /// With what it is edited.
    #[serde(default)]
    pub editor: Option<TemplateEditor>,
    /// Data for previews, as JSON text.
    pub test_data: Option<String>,
    /// When it was changed, as SendGrid writes it.
    pub updated_at: Option<String>,
}

impl fmt::Debug for TemplateVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TemplateVersion")
            .field("id", &self.id)
            .field("active", &self.active)
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// What a version says. `Debug` shows its name.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct TemplateVersionContent {
    /// Its name, 1 to 100 characters.
    pub name: String,
    /// The subject, 1 to 255 characters. `{{{subject}}}` takes it from the data.
    pub subject: String,
    /// For readers that show pages, at most 1 MiB.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub html_content: Option<String>,
    /// For readers that show text, at most 1 MiB.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plain_content: Option<String>,
    /// Whether SendGrid makes the text from the page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub generate_plain_content: Option<bool>,
    /// Whether it becomes the active one.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "as_number")]
    pub active: Option<bool>,
    /// With what it is edited. It cannot be changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub editor: Option<TemplateEditor>,
    /// Data for previews, as JSON text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test_data: Option<String>,
}

impl TemplateVersionContent {
    /// A version that says nothing yet.
    pub fn new(name: impl Into<String>, subject: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            subject: subject.into(),
            html_content: None,
            plain_content: None,
            generate_plain_content: None,
            active: None,
            editor: None,
            test_data: None,
        }
    }

    /// Sets the page.
    pub fn with_html(mut self, html: impl Into<String>) -> Self {
        self.html_content = Some(html.into());
        self
    }

    /// Sets the text, which SendGrid then does not make from the page.
    pub fn with_plain(mut self, text: impl Into<String>) -> Self {
        self.plain_content = Some(text.into());
        self.generate_plain_content = Some(false);
        self
    }

    /// Sets whether it becomes the active one.
    pub fn with_active(mut self, active: bool) -> Self {
        self.active = Some(active);
        self
    }

    /// Sets with what it is edited.
    pub fn with_editor(mut self, editor: TemplateEditor) -> Self {
        self.editor = Some(editor);
        self
    }

    /// Sets data for previews.
    pub fn with_test_data(mut self, data: &serde_json::Value) -> Self {
        self.test_data = Some(data.to_string());
        self
    }

    fn check(&self) -> Result<()> {
        check_name(&self.name)?;
        if !(1..=255).contains(&self.subject.chars().count()) {
            return Err(Error::invalid_field("subject", "must be 1 to 255 characters"));
        }
        for (field, text) in [("html_content", &self.html_content), ("plain_content", &self.plain_content)] {
            if text.as_ref().is_some_and(|text| text.len() > MAX_CONTENT) {
                return Err(Error::invalid_field(field, "is longer than 1 MiB"));
            }
        }
        Ok(())
    }
}

impl fmt::Debug for TemplateVersionContent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TemplateVersionContent").field("name", &self.name).finish_non_exhaustive()
    }
}

#[expect(clippy::ref_option, clippy::trivially_copy_pass_by_ref, reason = "serde asks for this form")]
fn as_number<S: Serializer>(active: &Option<bool>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u8(u8::from(active.unwrap_or_default()))
}

/// Versions of templates.
/// See <https://www.twilio.com/docs/sendgrid/api-reference/transactional-templates-versions>.
#[derive(Debug, Clone, Copy)]
pub struct TemplateVersions<'a> {
    client: &'a SendGrid,
}

impl<'a> TemplateVersions<'a> {
    pub(crate) fn new(client: &'a SendGrid) -> Self {
        Self { client }
    }

    /// Adds a version.
    ///
    /// # Errors
    /// [`InvalidRequest`](turnbuckle_core::ErrorKind::InvalidRequest) naming the field that is too long or empty.
    pub async fn create(
        &self,
        template_id: &str,
        content: &TemplateVersionContent,
    ) -> Result<TemplateVersion> {
        content.check()?;
        let path = format!("{}/versions", path(template_id)?);
        self.client.call(&CREATE, Method::POST, &path, content).await
    }

    /// One version.
    pub async fn fetch(&self, template_id: &str, version_id: &str) -> Result<TemplateVersion> {
        self.client.get(&FETCH, &version(template_id, version_id)?, &[]).await
    }

    /// Changes a version.
    ///
    /// # Errors
    /// As [`create`](Self::create).
    pub async fn update(
        &self,
        template_id: &str,
        version_id: &str,
        content: &TemplateVersionContent,
    ) -> Result<TemplateVersion> {
        content.check()?;
        self.client.call(&UPDATE, Method::PATCH, &version(template_id, version_id)?, content).await
    }

    /// Makes it the version that mail is made from.
    pub async fn activate(&self, template_id: &str, version_id: &str) -> Result<TemplateVersion> {
        let path = format!("{}/activate", version(template_id, version_id)?);
        self.client.poke(&ACTIVATE, &path).await
    }

    /// Deletes a version.
    pub async fn delete(&self, template_id: &str, version_id: &str) -> Result<()> {
        self.client.nudge(&DELETE, Method::DELETE, &version(template_id, version_id)?).await
    }
}

fn version(template_id: &str, version_id: &str) -> Result<String> {
    Ok(format!("{}/versions/{}", path(template_id)?, segment("version_id", version_id)?))
}
