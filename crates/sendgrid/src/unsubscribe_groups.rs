//! Kinds of mail that a recipient may leave one by one.

use http::Method;
use serde::{Deserialize, Serialize};
use turnbuckle_core::Result;
use turnbuckle_core::http::Operation;

use crate::SendGrid;
use crate::client::{once, read, segment, set};
use crate::object::{id, null_default};
use crate::suppressions::{Recipients, add};

const CREATE: Operation = once("unsubscribe_group_create");
const FETCH: Operation = read("unsubscribe_group_fetch");
const LIST: Operation = read("unsubscribe_group_list");
const UPDATE: Operation = set("unsubscribe_group_update");
const DELETE: Operation = set("unsubscribe_group_delete");
const SUPPRESS: Operation = set("unsubscribe_group_suppress");
const SUPPRESSED: Operation = read("unsubscribe_group_suppressed");
const SEARCH: Operation = read("unsubscribe_group_search");
const RELEASE: Operation = set("unsubscribe_group_release");

/// A kind of mail that a recipient may leave.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct UnsubscribeGroup {
    /// Its number, which mail carries.
    #[serde(deserialize_with = "id")]
    pub id: u64,
    /// Its name, which recipients see.
    #[serde(default, deserialize_with = "null_default")]
    pub name: String,
    /// What it is, which recipients see.
    #[serde(default, deserialize_with = "null_default")]
    pub description: String,
    /// Whether it is the one for mail without a group.
    #[serde(default, deserialize_with = "null_default")]
    pub is_default: bool,
    /// How many have left it.
    pub unsubscribes: Option<u64>,
}

/// A group as it is to be. What is `None` stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct GroupContent {
    /// Its name, at most 30 characters by SendGrid's pages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What it is, at most 100 characters by SendGrid's pages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Whether it is the one for mail without a group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_default: Option<bool>,
}

impl GroupContent {
    /// A name and what it is.
    pub fn new(name: impl Into<String>, description: impl Into<String>) -> Self {
        Self { name: Some(name.into()), description: Some(description.into()), is_default: None }
    }

    /// Sets whether it is the one for mail without a group.
    pub fn with_default(mut self, is_default: bool) -> Self {
        self.is_default = Some(is_default);
        self
    }
}

/// Unsubscribe groups, and who left them.
/// See <https://www.twilio.com/docs/sendgrid/api-reference/suppressions-unsubscribe-groups>.
#[derive(Debug, Clone, Copy)]
pub struct UnsubscribeGroups<'a> {
    client: &'a SendGrid,
}

impl<'a> UnsubscribeGroups<'a> {
    pub(crate) fn new(client: &'a SendGrid) -> Self {
        Self { client }
    }

    /// Makes a group.
    pub async fn create(&self, content: &GroupContent) -> Result<UnsubscribeGroup> {
        self.client.call(&CREATE, Method::POST, "/v3/asm/groups", content).await
    }

    /// One group.
    pub async fn fetch(&self, group: u64) -> Result<UnsubscribeGroup> {
        self.client.get(&FETCH, &path(group), &[]).await
    }

    /// Groups: these, or all where none is named. SendGrid gives them all at once.
    pub async fn list(&self, ids: &[u64]) -> Result<Vec<UnsubscribeGroup>> {
        let query: Vec<_> = ids.iter().map(|id| ("id", id.to_string())).collect();
        self.client.get(&LIST, "/v3/asm/groups", &query).await
    }

    /// Changes a group.
    pub async fn update(&self, group: u64, content: &GroupContent) -> Result<UnsubscribeGroup> {
        self.client.call(&UPDATE, Method::PATCH, &path(group), content).await
    }

    /// Deletes a group. Who had left it gets mail of that kind again.
    pub async fn delete(&self, group: u64) -> Result<()> {
        self.client.nudge(&DELETE, Method::DELETE, &path(group)).await
    }

    /// Takes addresses out of a group's mail. The group is asked for first: SendGrid would put the addresses on the list of
    /// those who left *all* mail if it knew no such group.
    ///
    /// # Errors
    /// [`NotFound`](turnbuckle_core::ErrorKind::NotFound) where there is no such group;
    /// [`InvalidRequest`](turnbuckle_core::ErrorKind::InvalidRequest) when there is no address.
    pub async fn suppress(&self, group: u64, emails: &[String]) -> Result<Vec<String>> {
        self.fetch(group).await?;
        add(self.client, &SUPPRESS, &format!("{}/suppressions", path(group)), emails).await
    }

    /// Everybody who left a group. SendGrid gives them all at once.
    pub async fn suppressed(&self, group: u64) -> Result<Vec<String>> {
        self.client.get(&SUPPRESSED, &format!("{}/suppressions", path(group)), &[]).await
    }

    /// Which of these addresses left a group.
    pub async fn search(&self, group: u64, emails: &[String]) -> Result<Vec<String>> {
        let path = format!("{}/suppressions/search", path(group));
        self.client.call(&SEARCH, Method::POST, &path, &Recipients { recipient_emails: emails }).await
    }

    /// Lets an address have a group's mail again. Only its owner may ask for that.
    pub async fn release(&self, group: u64, email: &str) -> Result<()> {
        let path = format!("{}/suppressions/{}", path(group), segment("email", email)?);
        self.client.nudge(&RELEASE, Method::DELETE, &path).await
    }
}

fn path(group: u64) -> String {
    format!("/v3/asm/groups/{group}")
}
