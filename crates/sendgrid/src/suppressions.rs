//! Addresses that SendGrid does not send to.

use std::fmt;

use chrono::{DateTime, Utc};
use http::Method;
use serde::{Deserialize, Serialize};
use turnbuckle_core::http::Operation;
use turnbuckle_core::{Error, Result};

use crate::client::{read, segment, set};
use crate::list::{Listed, Paging};
use crate::object::{null_default, unix};
use crate::{ListRequest, SendGrid};

const LIST: Operation = read("suppression_list");
const FETCH: Operation = read("suppression_fetch");
const DELETE: Operation = set("suppression_delete");
const GLOBAL_ADD: Operation = set("global_suppression_add");
const GLOBAL_FETCH: Operation = read("global_suppression_fetch");
const GLOBAL_DELETE: Operation = set("global_suppression_delete");

/// Why addresses are on a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SuppressionList {
    /// Their server refused mail for good. SendGrid sends them none.
    Bounces,
    /// Their server refused one mail. The next is tried again.
    Blocks,
    /// They are no addresses.
    InvalidEmails,
    /// Their owner called a mail spam.
    SpamReports,
    /// Their owner left all mail. They are taken off with [`Suppressions::remove_global`].
    Unsubscribes,
}

impl SuppressionList {
    /// Every list.
    pub const ALL: &'static [Self] =
        &[Self::Bounces, Self::Blocks, Self::InvalidEmails, Self::SpamReports, Self::Unsubscribes];

    fn path(self) -> &'static str {
        match self {
            Self::Bounces => "/v3/suppression/bounces",
            Self::Blocks => "/v3/suppression/blocks",
            Self::InvalidEmails => "/v3/suppression/invalid_emails",
            Self::SpamReports => "/v3/suppression/spam_reports",
            Self::Unsubscribes => "/v3/suppression/unsubscribes",
        }
    }

    /// The path of one address. Those who left all mail are asked for elsewhere.
    fn entry(self, email: &str) -> Result<String> {
        if self == Self::Unsubscribes {
            return Err(Error::unsupported(
                "SendGrid keeps single unsubscribes on the global list: use the calls for that",
            ));
        }
        Ok(format!("{}/{}", self.path(), segment("email", email)?))
    }
}

/// An address on a list. `Debug` leaves the address and the words of its server out.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Suppression {
    /// Since when.
    #[serde(default, deserialize_with = "unix")]
    pub created: Option<DateTime<Utc>>,
    /// The address.
    #[serde(default, deserialize_with = "null_default")]
    pub email: String,
    /// Why, in the words of its server.
    pub reason: Option<String>,
    /// The enhanced status code, for example `5.1.1`.
    pub status: Option<String>,
    /// Of spam reports: the address that the mail was sent from.
    pub ip: Option<String>,
}

impl fmt::Debug for Suppression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Suppression")
            .field("created", &self.created)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

impl Listed for Suppression {}

/// Which addresses of a list. `Debug` leaves the address out.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListSuppressions {
    /// On it since this time or later.
    pub start_time: Option<DateTime<Utc>>,
    /// On it since this time or earlier.
    pub end_time: Option<DateTime<Utc>>,
    /// Addresses that begin like this. Of spam reports it is the whole address.
    pub email: Option<String>,
    /// Addresses in a page, 1 to 500.
    pub limit: u32,
}

impl ListSuppressions {
    /// All, 500 a page.
    pub fn new() -> Self {
        Self { start_time: None, end_time: None, email: None, limit: 500 }
    }

    /// Lists those since this time.
    pub fn with_start_time(mut self, time: DateTime<Utc>) -> Self {
        self.start_time = Some(time);
        self
    }

    /// Lists those until this time.
    pub fn with_end_time(mut self, time: DateTime<Utc>) -> Self {
        self.end_time = Some(time);
        self
    }

    /// Lists those that begin like this.
    pub fn with_email(mut self, email: impl Into<String>) -> Self {
        self.email = Some(email.into());
        self
    }

    /// Sets how many stand in a page.
    pub fn with_limit(mut self, limit: u32) -> Self {
        self.limit = limit;
        self
    }
}

impl Default for ListSuppressions {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for ListSuppressions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ListSuppressions")
            .field("start_time", &self.start_time)
            .field("end_time", &self.end_time)
            .field("limit", &self.limit)
            .finish_non_exhaustive()
    }
}

#[derive(Serialize)]
struct Emails<'a> {
    emails: &'a [String],
}

#[derive(Serialize)]
struct DeleteAll {
    delete_all: bool,
}

#[derive(Serialize)]
pub(crate) struct Recipients<'a> {
    pub(crate) recipient_emails: &'a [String],
}

#[derive(Deserialize)]
struct GlobalEntry {
    #[serde(default)]
    recipient_email: Option<String>,
}

/// Addresses that SendGrid does not send to. See <https://www.twilio.com/docs/sendgrid/api-reference/bounces-api>.
#[derive(Debug, Clone, Copy)]
pub struct Suppressions<'a> {
    client: &'a SendGrid,
}

impl<'a> Suppressions<'a> {
    pub(crate) fn new(client: &'a SendGrid) -> Self {
        Self { client }
    }

    /// Addresses of a list.
    pub fn list(&self, list: SuppressionList, params: &ListSuppressions) -> ListRequest<Suppression> {
        let times = [("start_time", params.start_time), ("end_time", params.end_time)];
        let times = times.into_iter().filter_map(|(name, at)| Some((name, at?.timestamp().to_string())));
        let query = times.chain(params.email.iter().map(|email| ("email", email.clone()))).collect();
        let size = ("limit", params.limit, 500);
        ListRequest::new(self.client, &LIST, list.path(), Paging::Offset, size, query)
    }

    /// One address; `None` where it is not on the list.
    ///
    /// # Errors
    /// [`Unsupported`](turnbuckle_core::ErrorKind::Unsupported) for [`SuppressionList::Unsubscribes`]: use
    /// [`is_global`](Self::is_global).
    pub async fn fetch(&self, list: SuppressionList, email: &str) -> Result<Option<Suppression>> {
        let found: Vec<Suppression> = self.client.get(&FETCH, &list.entry(email)?, &[]).await?;
        Ok(found.into_iter().find(|entry| entry.email.eq_ignore_ascii_case(email)))
    }

    /// Takes one address off a list.
    ///
    /// # Errors
    /// As [`fetch`](Self::fetch).
    pub async fn remove(&self, list: SuppressionList, email: &str) -> Result<()> {
        self.client.nudge(&DELETE, Method::DELETE, &list.entry(email)?).await
    }

    /// Takes several addresses off a list.
    ///
    /// # Errors
    /// [`InvalidRequest`](turnbuckle_core::ErrorKind::InvalidRequest) when there is none: that must not become all.
    pub async fn remove_several(&self, list: SuppressionList, emails: &[String]) -> Result<()> {
        if emails.is_empty() {
            return Err(Error::invalid_field("emails", "are none"));
        }
        list.entry("all")?;
        self.client.tell(&DELETE, Method::DELETE, list.path(), &Emails { emails }).await
    }

    /// Takes every address off a list.
    ///
    /// # Errors
    /// As [`fetch`](Self::fetch).
    pub async fn remove_all(&self, list: SuppressionList) -> Result<()> {
        list.entry("all")?;
        self.client.tell(&DELETE, Method::DELETE, list.path(), &DeleteAll { delete_all: true }).await
    }

    /// Puts addresses on the list of those who left all mail. Returns those that are on it now.
    ///
    /// # Errors
    /// [`InvalidRequest`](turnbuckle_core::ErrorKind::InvalidRequest) when there is none.
    pub async fn add_global(&self, emails: &[String]) -> Result<Vec<String>> {
        let path = "/v3/asm/suppressions/global";
        add(self.client, &GLOBAL_ADD, path, emails).await
    }

    /// Whether an address is on the list of those who left all mail.
    pub async fn is_global(&self, email: &str) -> Result<bool> {
        let entry: GlobalEntry = self.client.get(&GLOBAL_FETCH, &global(email)?, &[]).await?;
        Ok(entry.recipient_email.is_some_and(|found| found.eq_ignore_ascii_case(email)))
    }

    /// Takes an address off the list of those who left all mail. Only its owner may ask for that.
    pub async fn remove_global(&self, email: &str) -> Result<()> {
        self.client.nudge(&GLOBAL_DELETE, Method::DELETE, &global(email)?).await
    }
}

fn global(email: &str) -> Result<String> {
    Ok(format!("/v3/asm/suppressions/global/{}", segment("email", email)?))
}

/// Adds addresses to a list, and returns those that are on it now.
pub(crate) async fn add(
    client: &SendGrid,
    operation: &Operation,
    path: &str,
    emails: &[String],
) -> Result<Vec<String>> {
    #[derive(Deserialize)]
    struct Added {
        #[serde(default, deserialize_with = "null_default")]
        recipient_emails: Vec<String>,
    }
    if emails.is_empty() {
        return Err(Error::invalid_field("recipient_emails", "are none"));
    }
    let body = Recipients { recipient_emails: emails };
    Ok(client.call::<_, Added>(operation, Method::POST, path, &body).await?.recipient_emails)
}
