//! Addresses that mail may come from.

use std::fmt;

use http::Method;
use serde::{Deserialize, Serialize};
use turnbuckle_core::http::Operation;
use turnbuckle_core::{Error, Result};

use crate::client::{once, read, set};
use crate::list::{Listed, Paging};
use crate::object::{id, null_default};
use crate::{ListRequest, SendGrid};

const CREATE: Operation = once("verified_sender_create");
const LIST: Operation = read("verified_sender_list");
const FETCH: Operation = read("verified_sender_fetch");
const UPDATE: Operation = set("verified_sender_update");
const DELETE: Operation = set("verified_sender_delete");
/// A second letter does no harm, but is one more.
const RESEND: Operation = once("verified_sender_resend");
const STEPS: Operation = read("verified_sender_steps");

/// An address that mail may come from once its owner has answered a letter. `Debug` leaves the addresses out.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct VerifiedSender {
    /// Its number.
    #[serde(deserialize_with = "id")]
    pub id: u64,
    /// What the account calls it.
    #[serde(default, deserialize_with = "null_default")]
    pub nickname: String,
    /// The address.
    #[serde(default, deserialize_with = "null_default")]
    pub from_email: String,
    /// The name.
    pub from_name: Option<String>,
    /// Where answers go.
    pub reply_to: Option<String>,
    /// The name of that.
    pub reply_to_name: Option<String>,
    /// Whether its owner has answered the letter.
    #[serde(default, deserialize_with = "null_default")]
    pub verified: bool,
    /// Whether it can no longer be changed.
    #[serde(default, deserialize_with = "null_default")]
    pub locked: bool,
}

impl fmt::Debug for VerifiedSender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifiedSender")
            .field("id", &self.id)
            .field("verified", &self.verified)
            .field("locked", &self.locked)
            .finish_non_exhaustive()
    }
}

impl Listed for VerifiedSender {
    fn number(&self) -> Option<u64> {
        Some(self.id)
    }
}

/// A sender as it is to be. The postal address stands at the end of each of its mails, which the law of many countries
/// asks for. `Debug` leaves it all out.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct NewSender {
    /// What the account calls it, at most 100 characters.
    pub nickname: String,
    /// The address, at most 256 characters.
    pub from_email: String,
    /// The name, at most 256 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from_name: Option<String>,
    /// Where answers go, at most 256 characters.
    pub reply_to: String,
    /// The name of that, at most 256 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply_to_name: Option<String>,
    /// Street, at most 100 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// More of it, at most 100 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address2: Option<String>,
    /// State, two letters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// Town, at most 150 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    /// Postal code, at most 10 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zip: Option<String>,
    /// Country, at most 100 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
}

impl NewSender {
    /// A sender without names and postal address.
    pub fn new(
        nickname: impl Into<String>,
        from_email: impl Into<String>,
        reply_to: impl Into<String>,
    ) -> Self {
        Self {
            nickname: nickname.into(),
            from_email: from_email.into(),
            from_name: None,
            reply_to: reply_to.into(),
            reply_to_name: None,
            address: None,
            address2: None,
            state: None,
            city: None,
            zip: None,
            country: None,
        }
    }

    /// Sets the names of sender and reply address.
    pub fn with_names(mut self, from: impl Into<String>, reply_to: impl Into<String>) -> Self {
        self.from_name = Some(from.into());
        self.reply_to_name = Some(reply_to.into());
        self
    }

    /// Sets street, town, postal code and country.
    pub fn with_address(
        mut self,
        address: impl Into<String>,
        city: impl Into<String>,
        zip: impl Into<String>,
        country: impl Into<String>,
    ) -> Self {
        self.address = Some(address.into());
        self.city = Some(city.into());
        self.zip = Some(zip.into());
        self.country = Some(country.into());
        self
    }

    /// Sets the second line of the street.
    pub fn with_address2(mut self, address2: impl Into<String>) -> Self {
        self.address2 = Some(address2.into());
        self
    }

    /// Sets the state.
    pub fn with_state(mut self, state: impl Into<String>) -> Self {
        self.state = Some(state.into());
        self
    }

    fn check(&self) -> Result<()> {
        let given = [
            ("nickname", Some(&self.nickname), 100),
            ("from_email", Some(&self.from_email), 256),
            ("from_name", self.from_name.as_ref(), 256),
            ("reply_to", Some(&self.reply_to), 256),
            ("reply_to_name", self.reply_to_name.as_ref(), 256),
            ("address", self.address.as_ref(), 100),
            ("address2", self.address2.as_ref(), 100),
            ("state", self.state.as_ref(), 2),
            ("city", self.city.as_ref(), 150),
            ("zip", self.zip.as_ref(), 10),
            ("country", self.country.as_ref(), 100),
        ];
        for (field, text, most) in given {
            if text.is_some_and(|text| text.chars().count() > most) {
                return Err(Error::invalid_field(field, format!("is longer than {most} characters")));
            }
        }
        Ok(())
    }
}

impl fmt::Debug for NewSender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewSender").finish_non_exhaustive()
    }
}

/// Whether the account has a sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct SenderSteps {
    /// Whether a single sender is verified.
    #[serde(default, deserialize_with = "null_default")]
    pub sender_verified: bool,
    /// Whether a domain is authenticated.
    #[serde(default, deserialize_with = "null_default")]
    pub domain_verified: bool,
}

#[derive(Deserialize)]
struct Results<T> {
    results: T,
}

/// Addresses that mail may come from. See <https://www.twilio.com/docs/sendgrid/api-reference/sender-verification>.
#[derive(Debug, Clone, Copy)]
pub struct VerifiedSenders<'a> {
    client: &'a SendGrid,
}

impl<'a> VerifiedSenders<'a> {
    pub(crate) fn new(client: &'a SendGrid) -> Self {
        Self { client }
    }

    /// Makes a sender, to whose address SendGrid writes a letter.
    ///
    /// # Errors
    /// [`InvalidRequest`](turnbuckle_core::ErrorKind::InvalidRequest) naming the field that is too long.
    pub async fn create(&self, sender: &NewSender) -> Result<VerifiedSender> {
        sender.check()?;
        self.client.call(&CREATE, Method::POST, "/v3/verified_senders", sender).await
    }

    /// Senders, 100 a page.
    pub fn list(&self) -> ListRequest<VerifiedSender> {
        let size = ("limit", 100, 100);
        ListRequest::new(self.client, &LIST, "/v3/verified_senders", Paging::LastSeen, size, Vec::new())
    }

    /// One sender; `None` where there is none of this number.
    pub async fn fetch(&self, id: u64) -> Result<Option<VerifiedSender>> {
        let query = [("id", id.to_string())];
        let found: Results<Vec<VerifiedSender>> =
            self.client.get(&FETCH, "/v3/verified_senders", &query).await?;
        Ok(found.results.into_iter().find(|sender| sender.id == id))
    }

    /// Changes a sender.
    ///
    /// # Errors
    /// As [`create`](Self::create).
    pub async fn update(&self, id: u64, sender: &NewSender) -> Result<VerifiedSender> {
        sender.check()?;
        self.client.call(&UPDATE, Method::PATCH, &format!("/v3/verified_senders/{id}"), sender).await
    }

    /// Deletes a sender.
    pub async fn delete(&self, id: u64) -> Result<()> {
        self.client.nudge(&DELETE, Method::DELETE, &format!("/v3/verified_senders/{id}")).await
    }

    /// Writes the letter again.
    pub async fn resend(&self, id: u64) -> Result<()> {
        self.client.nudge(&RESEND, Method::POST, &format!("/v3/verified_senders/resend/{id}")).await
    }

    /// Whether the account has a verified sender or an authenticated domain.
    pub async fn steps_completed(&self) -> Result<SenderSteps> {
        let path = "/v3/verified_senders/steps_completed";
        Ok(self.client.get::<Results<SenderSteps>>(&STEPS, path, &[]).await?.results)
    }
}
