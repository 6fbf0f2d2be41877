//! One request to send mail.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use super::{MailAddress, MailContent, MailFile, MailSettings, TrackingSettings, UnsubscribeSettings};

/// One copy of a mail: who gets it, and what differs in it. `Debug` shows counts and names.
#[derive(Clone, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Personalization {
    /// Who this copy comes from, where not from the mail's sender.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<MailAddress>,
    /// Who gets it. At least one; they see each other.
    pub to: Vec<MailAddress>,
    /// Who gets a copy.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cc: Vec<MailAddress>,
    /// Who gets a copy without the others knowing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub bcc: Vec<MailAddress>,
    /// Its subject, before the mail's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// Its headers, over the mail's.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// What goes into a legacy template or the text, by tag. At most 10,000 bytes.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub substitutions: BTreeMap<String, String>,
    /// What goes into a dynamic template, by name. A name that the template asks for and is not here is left out without
    /// a word.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub dynamic_template_data: Map<String, Value>,
    /// What comes back in every event about it. Below 10,000 bytes together with the mail's. SendGrid keeps it in the clear:
    /// no personal data.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub custom_args: BTreeMap<String, String>,
    /// When it is sent, before the mail's.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "seconds")]
    pub send_at: Option<DateTime<Utc>>,
}

impl Personalization {
    /// A copy for one recipient.
    pub fn new(to: MailAddress) -> Self {
        Self { to: vec![to], ..Self::default() }
    }

    /// Sets who this copy comes from.
    pub fn with_from(mut self, from: MailAddress) -> Self {
        self.from = Some(from);
        self
    }

    /// Adds a recipient.
    pub fn with_to(mut self, to: MailAddress) -> Self {
        self.to.push(to);
        self
    }

    /// Adds one who gets a copy.
    pub fn with_cc(mut self, cc: MailAddress) -> Self {
        self.cc.push(cc);
        self
    }

    /// Adds one who gets a copy without the others knowing.
    pub fn with_bcc(mut self, bcc: MailAddress) -> Self {
        self.bcc.push(bcc);
        self
    }

    /// Sets its subject.
    pub fn with_subject(mut self, subject: impl Into<String>) -> Self {
        self.subject = Some(subject.into());
        self
    }

    /// Sets a header.
    pub fn with_header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.insert(name.into(), value.into());
        self
    }

    /// Sets what goes in the place of a tag.
    pub fn with_substitution(mut self, tag: impl Into<String>, text: impl Into<String>) -> Self {
        self.substitutions.insert(tag.into(), text.into());
        self
    }

    /// Sets what goes into a dynamic template.
    pub fn with_data(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.dynamic_template_data.insert(name.into(), value.into());
        self
    }

    /// Sets what comes back in events.
    pub fn with_custom_arg(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.custom_args.insert(name.into(), value.into());
        self
    }

    /// Sets when it is sent.
    pub fn with_send_at(mut self, at: DateTime<Utc>) -> Self {
        self.send_at = Some(at);
        self
    }

    /// Everybody who gets it.
    pub fn recipients(&self) -> impl Iterator<Item = &MailAddress> {
        self.to.iter().chain(&self.cc).chain(&self.bcc)
    }
}

impl fmt::Debug for Personalization {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Personalization")
            .field("recipients", &self.recipients().count())
            .field("send_at", &self.send_at)
            .finish_non_exhaustive()
    }
}

/// One request to send mail: up to 1000 copies of one message. `Debug` shows counts and settings.
///
/// ```
/// use chrono::DateTime;
/// use turnbuckle_sendgrid::{MailAddress, MailContent, MailSend, Personalization};
///
/// let mail = MailSend::new(MailAddress::new("desk@shop.example"))
///     .with_personalization(Personalization::new(MailAddress::new("reader@example.com")))
///     .with_subject("Your receipt")
///     .with_content(MailContent::html("<p>Thank you.</p>"))
///     .with_content(MailContent::text("Thank you."));
/// let now = DateTime::from_timestamp(1_800_000_000, 0).expect("a time");
/// let error = mail.check(now).unwrap_err();
/// assert_eq!(error.fields()[0].field, "content");
/// ```
#[derive(Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct MailSend {
    /// The copies: 1 to 1000, with at most 1000 recipients in all.
    pub personalizations: Vec<Personalization>,
    /// Who it comes from. ASCII only.
    pub from: MailAddress,
    /// Where answers go. Not together with the list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<MailAddress>,
    /// Where answers go, when to several: at most 1000, each once.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reply_to_list: Vec<MailAddress>,
    /// The subject, unless every copy or the template has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// The text, unless the template has it; plain text before HTML.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub content: Vec<MailContent>,
    /// Files.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<MailFile>,
    /// The template: `d-...` is a dynamic one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub template_id: Option<String>,
    /// Headers of all copies.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// Words by which statistics group it: at most 10, each once, at most 255 characters. No personal data.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub categories: Vec<String>,
    /// What comes back in every event about any copy. The published description calls it text; the API takes an object.
    /// No personal data.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub custom_args: BTreeMap<String, String>,
    /// When it is sent, at most 72 hours ahead.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "seconds")]
    pub send_at: Option<DateTime<Utc>>,
    /// The batch by which it can be called back: [`ScheduledSends::create_batch`](crate::ScheduledSends::create_batch).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub batch_id: Option<String>,
    /// The unsubscribe group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asm: Option<UnsubscribeSettings>,
    /// The pool of addresses that it is sent from: 2 to 64 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ip_pool_name: Option<String>,
    /// How it departs from the account's settings.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mail_settings: Option<MailSettings>,
    /// What is watched.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tracking_settings: Option<TrackingSettings>,
}

impl MailSend {
    /// A mail without copies yet.
    pub fn new(from: MailAddress) -> Self {
        Self {
            personalizations: Vec::new(),
            from,
            reply_to: None,
            reply_to_list: Vec::new(),
            subject: None,
            content: Vec::new(),
            attachments: Vec::new(),
            template_id: None,
            headers: BTreeMap::new(),
            categories: Vec::new(),
            custom_args: BTreeMap::new(),
            send_at: None,
            batch_id: None,
            asm: None,
            ip_pool_name: None,
            mail_settings: None,
            tracking_settings: None,
        }
    }

    /// Adds a copy.
    pub fn with_personalization(mut self, personalization: Personalization) -> Self {
        self.personalizations.push(personalization);
        self
    }

    /// Sets where answers go.
    pub fn with_reply_to(mut self, address: MailAddress) -> Self {
        self.reply_to = Some(address);
        self
    }

    /// Sets where answers go, when to several.
    pub fn with_reply_to_list(mut self, addresses: impl Into<Vec<MailAddress>>) -> Self {
        self.reply_to_list = addresses.into();
        self
    }

    /// Sets the subject.
    pub fn with_subject(mut self, subject: impl Into<String>) -> Self {
        self.subject = Some(subject.into());
        self
    }

    /// Adds a form of the text.
    pub fn with_content(mut self, content: MailContent) -> Self {
        self.content.push(content);
        self
    }

    /// Adds a file.
    pub fn with_attachment(mut self, file: MailFile) -> Self {
        self.attachments.push(file);
        self
    }

    /// Sets the template.
    pub fn with_template(mut self, id: impl Into<String>) -> Self {
        self.template_id = Some(id.into());
        self
    }

    /// Sets a header of all copies.
    pub fn with_header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.insert(name.into(), value.into());
        self
    }

    /// Adds a category.
    pub fn with_category(mut self, category: impl Into<String>) -> Self {
        self.categories.push(category.into());
        self
    }

    /// Sets what comes back in events.
    pub fn with_custom_arg(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.custom_args.insert(name.into(), value.into());
        self
    }

    /// Sets when it is sent.
    pub fn with_send_at(mut self, at: DateTime<Utc>) -> Self {
        self.send_at = Some(at);
        self
    }

    /// Sets the batch by which it can be called back.
    pub fn with_batch(mut self, id: impl Into<String>) -> Self {
        self.batch_id = Some(id.into());
        self
    }

    /// Sets the unsubscribe group.
    pub fn with_unsubscribe(mut self, settings: UnsubscribeSettings) -> Self {
        self.asm = Some(settings);
        self
    }

    /// Sets the pool of addresses that it is sent from.
    pub fn with_ip_pool(mut self, name: impl Into<String>) -> Self {
        self.ip_pool_name = Some(name.into());
        self
    }

    /// Sets how it departs from the account's settings.
    pub fn with_mail_settings(mut self, settings: MailSettings) -> Self {
        self.mail_settings = Some(settings);
        self
    }

    /// Sets what is watched.
    pub fn with_tracking_settings(mut self, settings: TrackingSettings) -> Self {
        self.tracking_settings = Some(settings);
        self
    }

    /// Whether it is only checked, and not sent.
    pub fn is_sandboxed(&self) -> bool {
        let settings = self.mail_settings.as_ref();
        settings.and_then(|settings| settings.sandbox_mode).is_some_and(|mode| mode.enable)
    }
}

impl fmt::Debug for MailSend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MailSend")
            .field("personalizations", &self.personalizations.len())
            .field("content", &self.content)
            .field("attachments", &self.attachments)
            .field("template_id", &self.template_id)
            .field("send_at", &self.send_at)
            .field("batch_id", &self.batch_id)
            .field("asm", &self.asm)
            .finish_non_exhaustive()
    }
}

#[expect(clippy::ref_option, reason = "serde asks for this form")]
fn seconds<S: Serializer>(at: &Option<DateTime<Utc>>, serializer: S) -> Result<S::Ok, S::Error> {
    match at {
        Some(at) => serializer.serialize_i64(at.timestamp()),
        None => serializer.serialize_none(),
    }
}
