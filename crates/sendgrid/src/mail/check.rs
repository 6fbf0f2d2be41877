//! The limits that SendGrid documents, checked before anything is sent.
//! See <https://www.twilio.com/docs/sendgrid/api-reference/mail-send/limitations> and
//! <https://www.twilio.com/docs/sendgrid/api-reference/mail-send/errors>.

use std::collections::{BTreeMap, HashSet};

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use turnbuckle_core::messaging::Mailbox;
use turnbuckle_core::{Error, ErrorKind, FieldError, Result};

use super::{MailAddress, MailSend, MailSettings, Personalization};
use crate::client::write;

/// Headers that SendGrid writes itself.
const RESERVED: &[&str] = &[
    "x-sg-id",
    "x-sg-eid",
    "received",
    "dkim-signature",
    "content-type",
    "content-transfer-encoding",
    "to",
    "from",
    "subject",
    "reply-to",
    "cc",
    "bcc",
];

/// Problems so far, each with its field.
#[derive(Default)]
struct Problems(Vec<FieldError>);

impl Problems {
    fn add(&mut self, field: impl Into<String>, problem: &'static str) {
        if self.0.len() < MailSend::MAX_PROBLEMS {
            self.0.push(FieldError::new(field.into(), problem));
        }
    }

    fn unless(&mut self, fits: bool, field: impl Into<String>, problem: &'static str) {
        if !fits {
            self.add(field, problem);
        }
    }
}

impl MailSend {
    /// Most copies.
    pub const MAX_PERSONALIZATIONS: usize = 1000;
    /// Most recipients over all copies, with those who get copies of a copy.
    pub const MAX_RECIPIENTS: usize = 1000;
    /// Most addresses where answers go.
    pub const MAX_REPLY_TO: usize = 1000;
    /// Most categories.
    pub const MAX_CATEGORIES: usize = 10;
    /// Longest category, in characters.
    pub const MAX_CATEGORY: usize = 255;
    /// Custom args of one copy stay below so many bytes, as JSON.
    pub const MAX_CUSTOM_ARGS: usize = 10_000;
    /// Most bytes of substitutions of one copy, as JSON.
    pub const MAX_SUBSTITUTIONS: usize = 10_000;
    /// Most groups that the page of preferences shows.
    pub const MAX_GROUPS_TO_DISPLAY: usize = 25;
    /// How far ahead a mail may be scheduled.
    pub const MAX_AHEAD: TimeDelta = TimeDelta::hours(72);
    /// The whole request stays below so many bytes, files in base64 included: SendGrid's 30 MB, read as millions.
    pub const MAX_BYTES: usize = 30_000_000;
    /// Most problems that [`check`](Self::check) names.
    pub const MAX_PROBLEMS: usize = 50;

    /// Checks every limit that SendGrid documents, other than the size of the whole. [`Mail::send`](super::Mail::send)
    /// does this, and that.
    ///
    /// # Errors
    /// [`InvalidRequest`](ErrorKind::InvalidRequest), naming every field that does not fit, as SendGrid spells it
    /// (`personalizations.0.to.1.email`), and no value.
    pub fn check(&self, now: DateTime<Utc>) -> Result<()> {
        let mut problems = Problems::default();
        self.check_copies(now, &mut problems);
        self.check_senders(&mut problems);
        self.check_content(&mut problems);
        self.check_rest(now, &mut problems);
        if problems.0.is_empty() {
            Ok(())
        } else {
            Err(Error::new(ErrorKind::InvalidRequest, "the mail does not keep SendGrid's limits")
                .with_fields(problems.0))
        }
    }

    /// The request as JSON, below the limit.
    pub(super) fn write(&self, now: DateTime<Utc>) -> Result<Bytes> {
        self.check(now)?;
        let files: usize = self.attachments.iter().map(|file| file.content.len()).sum();
        let too_large = || Error::invalid_field("attachments", "make the request 30 MB or larger");
        // Files alone may be too large, and are not written out to learn that.
        if files >= Self::MAX_BYTES {
            return Err(too_large());
        }
        let body = write(self)?;
        if body.len() < Self::MAX_BYTES { Ok(body) } else { Err(too_large()) }
    }

    fn check_copies(&self, now: DateTime<Utc>, problems: &mut Problems) {
        let copies = &self.personalizations;
        problems.unless(
            (1..=Self::MAX_PERSONALIZATIONS).contains(&copies.len()),
            "personalizations",
            "must be 1 to 1000",
        );
        let recipients: usize = copies.iter().map(|copy| copy.recipients().count()).sum();
        problems.unless(
            recipients <= Self::MAX_RECIPIENTS,
            "personalizations",
            "have more than 1000 recipients",
        );
        for (index, copy) in copies.iter().enumerate().take(Self::MAX_PERSONALIZATIONS) {
            self.check_copy(copy, &format!("personalizations.{index}"), now, problems);
        }
    }

    fn check_copy(&self, copy: &Personalization, at: &str, now: DateTime<Utc>, problems: &mut Problems) {
        problems.unless(!copy.to.is_empty(), format!("{at}.to"), "is empty");
        let mut seen = HashSet::new();
        for (name, list) in [("to", &copy.to), ("cc", &copy.cc), ("bcc", &copy.bcc)] {
            for (index, address) in list.iter().enumerate() {
                let field = format!("{at}.{name}.{index}");
                check_address(address, &field, problems);
                let has_separator = address.name.as_ref().is_some_and(|name| name.contains([',', ';']));
                problems.unless(!has_separator, format!("{field}.name"), "has a comma or a semicolon");
                let first = seen.insert(address.email.to_ascii_lowercase());
                problems.unless(first, format!("{field}.email"), "occurs twice over to, cc and bcc");
            }
        }
        if let Some(from) = &copy.from {
            check_sender(from, &format!("{at}.from"), problems);
        }
        if let Some(subject) = &copy.subject {
            check_line(subject, &format!("{at}.subject"), problems);
        }
        let has_subject = copy.subject.is_some() || self.subject.is_some() || self.template_id.is_some();
        problems.unless(has_subject, format!("{at}.subject"), "is missing, and the mail has none");
        check_headers(&copy.headers, &format!("{at}.headers"), problems);
        let mut merged: BTreeMap<&str, &str> = BTreeMap::new();
        for (name, value) in self.custom_args.iter().chain(&copy.custom_args) {
            merged.insert(name, value);
        }
        problems.unless(
            json_len(&merged) < Self::MAX_CUSTOM_ARGS,
            format!("{at}.custom_args"),
            "are 10,000 bytes or more, together with the mail's",
        );
        problems.unless(
            json_len(&copy.substitutions) <= Self::MAX_SUBSTITUTIONS,
            format!("{at}.substitutions"),
            "are more than 10,000 bytes",
        );
        let dynamic = self.template_id.as_ref().is_some_and(|id| id.starts_with("d-"));
        problems.unless(
            copy.dynamic_template_data.is_empty() || dynamic,
            format!("{at}.dynamic_template_data"),
            "needs a dynamic template",
        );
        problems.unless(
            copy.substitutions.is_empty() || !dynamic,
            format!("{at}.substitutions"),
            "do not go into a dynamic template",
        );
        if let Some(at_time) = copy.send_at {
            check_time(at_time, now, &format!("{at}.send_at"), problems);
        }
    }

    fn check_senders(&self, problems: &mut Problems) {
        check_sender(&self.from, "from", problems);
        if let Some(address) = &self.reply_to {
            check_address(address, "reply_to", problems);
        }
        problems.unless(
            self.reply_to.is_none() || self.reply_to_list.is_empty(),
            "reply_to_list",
            "does not go together with reply_to",
        );
        problems.unless(
            self.reply_to_list.len() <= Self::MAX_REPLY_TO,
            "reply_to_list",
            "has more than 1000 addresses",
        );
        let mut seen = HashSet::new();
        for (index, address) in self.reply_to_list.iter().enumerate().take(Self::MAX_REPLY_TO) {
            let field = format!("reply_to_list.{index}");
            check_address(address, &field, problems);
            problems.unless(
                seen.insert(address.email.to_ascii_lowercase()),
                format!("{field}.email"),
                "occurs twice",
            );
        }
    }

    fn check_content(&self, problems: &mut Problems) {
        if let Some(subject) = &self.subject {
            check_line(subject, "subject", problems);
        }
        problems.unless(!self.content.is_empty() || self.template_id.is_some(), "content", "is empty");
        let rank = |media_type: &str| match media_type {
            "text/plain" => 0,
            "text/html" => 1,
            _ => 2,
        };
        let ranks: Vec<_> = self.content.iter().map(|content| rank(&content.media_type)).collect();
        problems.unless(
            ranks.is_sorted(),
            "content",
            "must have plain text first, then HTML, then anything else",
        );
        for (index, content) in self.content.iter().enumerate() {
            check_media_type(&content.media_type, &format!("content.{index}.type"), problems);
            problems.unless(!content.value.is_empty(), format!("content.{index}.value"), "is empty");
        }
        for (index, file) in self.attachments.iter().enumerate() {
            let at = format!("attachments.{index}");
            problems.unless(!file.content.is_empty(), format!("{at}.content"), "is empty");
            check_line(&file.filename, &format!("{at}.filename"), problems);
            if let Some(media_type) = &file.media_type {
                check_media_type(media_type, &format!("{at}.type"), problems);
            }
            let named = file.content_id.as_ref().is_some_and(|id| !id.is_empty());
            problems.unless(
                file.disposition != Some("inline") || named,
                format!("{at}.content_id"),
                "is missing for an inline file",
            );
            if let Some(id) = &file.content_id {
                problems.unless(
                    !id.chars().any(char::is_control),
                    format!("{at}.content_id"),
                    "has control characters",
                );
            }
        }
        if let Some(id) = &self.template_id {
            problems.unless(is_token(id, 64), "template_id", "is not a template's id");
        }
    }

    fn check_rest(&self, now: DateTime<Utc>, problems: &mut Problems) {
        check_headers(&self.headers, "headers", problems);
        problems.unless(self.categories.len() <= Self::MAX_CATEGORIES, "categories", "are more than 10");
        let distinct: HashSet<_> = self.categories.iter().collect();
        problems.unless(distinct.len() == self.categories.len(), "categories", "occur twice");
        for (index, category) in self.categories.iter().enumerate() {
            let fits = (1..=Self::MAX_CATEGORY).contains(&category.chars().count())
                && !category.chars().any(char::is_control);
            problems.unless(
                fits,
                format!("categories.{index}"),
                "must be 1 to 255 characters without control characters",
            );
        }
        if let Some(at) = self.send_at {
            check_time(at, now, "send_at", problems);
        }
        if let Some(id) = &self.batch_id {
            problems.unless(is_token(id, 100), "batch_id", "is not a batch's id");
        }
        if let Some(asm) = &self.asm {
            problems.unless(asm.group_id > 0, "asm.group_id", "is not a group's id");
            problems.unless(
                asm.groups_to_display.len() <= Self::MAX_GROUPS_TO_DISPLAY,
                "asm.groups_to_display",
                "are more than 25",
            );
        }
        if let Some(name) = &self.ip_pool_name {
            problems.unless(
                (2..=64).contains(&name.chars().count()),
                "ip_pool_name",
                "must be 2 to 64 characters",
            );
        }
        if let Some(settings) = &self.mail_settings {
            problems.unless(
                fits_together(settings),
                "mail_settings.bypass_list_management",
                "does not go together with the others",
            );
        }
    }
}

fn fits_together(settings: &MailSettings) -> bool {
    let on = |switch: Option<super::Switch>| switch.is_some_and(|switch| switch.enable);
    let others = [
        settings.bypass_spam_management,
        settings.bypass_bounce_management,
        settings.bypass_unsubscribe_management,
    ];
    !on(settings.bypass_list_management) || !others.into_iter().any(on)
}

fn check_address(address: &MailAddress, field: &str, problems: &mut Problems) {
    problems.unless(
        Mailbox::new(address.email.as_str()).is_ok(),
        format!("{field}.email"),
        "is not an email address",
    );
    if let Some(name) = &address.name {
        problems.unless(
            !name.chars().any(char::is_control),
            format!("{field}.name"),
            "has control characters",
        );
    }
}

/// SendGrid takes no Unicode in a sender.
fn check_sender(address: &MailAddress, field: &str, problems: &mut Problems) {
    check_address(address, field, problems);
    problems.unless(address.email.is_ascii(), format!("{field}.email"), "has characters other than ASCII");
    let plain = address.name.as_ref().is_none_or(|name| name.is_ascii());
    problems.unless(plain, format!("{field}.name"), "has characters other than ASCII");
}

/// Text that becomes a line of the head: a line break in it would begin another header.
fn check_line(text: &str, field: &str, problems: &mut Problems) {
    problems.unless(!text.is_empty(), field, "is empty");
    problems.unless(!text.chars().any(char::is_control), field, "has control characters");
}

fn check_media_type(media_type: &str, field: &str, problems: &mut Problems) {
    let plain = media_type.bytes().all(|byte| byte.is_ascii_graphic() && byte != b';' && byte != b',');
    let fits =
        plain && media_type.split_once('/').is_some_and(|(kind, of)| !kind.is_empty() && !of.is_empty());
    problems.unless(fits, field, "is not a media type without parameters");
}

fn check_headers(headers: &BTreeMap<String, String>, field: &str, problems: &mut Problems) {
    for (name, value) in headers {
        // A name of the caller's own is not repeated: it may be anything.
        let token = |byte: u8| byte.is_ascii_graphic() && byte != b':';
        problems.unless(
            !name.is_empty() && name.bytes().all(token),
            field,
            "have a name that is not visible ASCII without a colon",
        );
        let reserved = RESERVED.iter().any(|reserved| name.eq_ignore_ascii_case(reserved));
        problems.unless(!reserved, field, "have a name that SendGrid keeps for itself");
        problems.unless(!value.chars().any(char::is_control), field, "have a value with control characters");
    }
}

/// A time that is over would be sent at once, and not in the place of one that was meant.
fn check_time(at: DateTime<Utc>, now: DateTime<Utc>, field: &str, problems: &mut Problems) {
    let ahead = at.signed_duration_since(now);
    problems.unless(ahead > TimeDelta::zero(), field, "is over");
    problems.unless(ahead <= MailSend::MAX_AHEAD, field, "is more than 72 hours ahead");
}

/// Ids of SendGrid's: letters, digits, and what base64 and UUIDs add to them.
pub(crate) fn is_token(text: &str, most: usize) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_=".contains(&byte);
    (1..=most).contains(&text.len()) && text.bytes().all(plain)
}

fn json_len<T: serde::Serialize>(value: &T) -> usize {
    serde_json::to_vec(value).map_or(usize::MAX, |bytes| if bytes == b"{}" { 0 } else { bytes.len() })
}
