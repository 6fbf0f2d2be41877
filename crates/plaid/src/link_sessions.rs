//! What became of link sessions.

use std::fmt;

use chrono::{DateTime, Utc};
use secrecy::SecretString;
use serde::Deserialize;

use crate::words::{null_default, secret};
use crate::{PlaidError, Product};

/// A session as it was asked for, and what became of it.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct LinkTokenInfo {
    /// The token.
    #[serde(deserialize_with = "secret")]
    pub link_token: SecretString,
    /// When it was made.
    pub created_at: Option<DateTime<Utc>>,
    /// When it ends, or ended.
    pub expiration: Option<DateTime<Utc>>,
    /// What the person did with it; empty until then, and of sessions that no page or push was asked for.
    #[serde(default, deserialize_with = "null_default")]
    pub link_sessions: Vec<LinkSessionInfo>,
    /// What was asked for.
    #[serde(default, deserialize_with = "null_default")]
    pub metadata: LinkTokenMetadata,
    /// Plaid's id of the person.
    pub user_id: Option<String>,
    /// Plaid's id of the request.
    #[serde(default, deserialize_with = "null_default")]
    pub request_id: String,
}

impl fmt::Debug for LinkTokenInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LinkTokenInfo")
            .field("created_at", &self.created_at)
            .field("expiration", &self.expiration)
            .field("link_sessions", &self.link_sessions.len())
            .field("request_id", &self.request_id)
            .finish_non_exhaustive()
    }
}

impl LinkTokenInfo {
    /// Everything that was linked, each once, to be exchanged.
    pub fn item_adds(&self) -> impl Iterator<Item = &ItemAddResult> {
        self.link_sessions
            .iter()
            .filter_map(|session| session.results.as_ref())
            .flat_map(|results| &results.item_add_results)
    }
}

/// What a session was asked for.
#[derive(Debug, Clone, Deserialize, Default)]
#[non_exhaustive]
pub struct LinkTokenMetadata {
    /// The products.
    #[serde(default, deserialize_with = "null_default")]
    pub initial_products: Vec<Product>,
    /// Where pushes go.
    pub webhook: Option<String>,
    /// The countries.
    #[serde(default, deserialize_with = "null_default")]
    pub country_codes: Vec<String>,
    /// The language.
    pub language: Option<String>,
    /// Where banks send the person back to.
    pub redirect_uri: Option<String>,
    /// The name that the person saw.
    pub client_name: Option<String>,
}

/// One go of the person at a session.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct LinkSessionInfo {
    /// Plaid's id of it.
    pub link_session_id: String,
    /// When it began.
    pub started_at: Option<DateTime<Utc>>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
    /// What was linked.
    pub results: Option<LinkResults>,
    /// How the person left without linking.
    pub exit: Option<LinkExit>,
    /// What happened on the way.
    #[serde(default, deserialize_with = "null_default")]
    pub events: Vec<LinkEvent>,
}

impl fmt::Debug for LinkSessionInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LinkSessionInfo")
            .field("link_session_id", &self.link_session_id)
            .field("started_at", &self.started_at)
            .field("finished_at", &self.finished_at)
            .field("exit", &self.exit)
            .field("events", &self.events.len())
            .finish_non_exhaustive()
    }
}

/// What a session linked.
#[derive(Debug, Clone, Deserialize, Default)]
#[non_exhaustive]
pub struct LinkResults {
    /// The items, to be exchanged.
    #[serde(default, deserialize_with = "null_default")]
    pub item_add_results: Vec<ItemAddResult>,
}

/// One item that a session made.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct ItemAddResult {
    /// What is exchanged for access, within 30 minutes; of hosted sessions it stands here for six hours.
    #[serde(deserialize_with = "secret")]
    pub public_token: SecretString,
    /// The accounts that the person chose.
    #[serde(default, deserialize_with = "null_default")]
    pub accounts: Vec<LinkedAccountInfo>,
    /// The bank.
    pub institution: Option<LinkInstitution>,
}

impl fmt::Debug for ItemAddResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ItemAddResult")
            .field("institution", &self.institution)
            .field("accounts", &self.accounts.len())
            .finish_non_exhaustive()
    }
}

/// A bank as a session names it.
#[derive(Debug, Clone, Deserialize)]
#[non_exhaustive]
pub struct LinkInstitution {
    /// Its name.
    pub name: Option<String>,
    /// Plaid's id.
    pub institution_id: Option<String>,
}

/// An account that a person chose.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct LinkedAccountInfo {
    /// Plaid's id.
    pub id: Option<String>,
    /// The name that the person knows.
    pub name: Option<String>,
    /// The last two to four digits.
    pub mask: Option<String>,
    /// The kind: `depository`, `credit`, ...
    #[serde(rename = "type")]
    pub account_type: Option<String>,
    /// The finer word.
    pub subtype: Option<String>,
    /// How far the numbers are verified.
    pub verification_status: Option<String>,
}

impl fmt::Debug for LinkedAccountInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LinkedAccountInfo")
            .field("id", &self.id)
            .field("account_type", &self.account_type)
            .field("subtype", &self.subtype)
            .finish_non_exhaustive()
    }
}

/// How a person left without linking.
#[derive(Debug, Clone, Deserialize)]
#[non_exhaustive]
pub struct LinkExit {
    /// What was wrong, where something was.
    pub error: Option<PlaidError>,
}

/// Something that happened on the way through a session.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct LinkEvent {
    /// What: `OPEN`, `SELECT_INSTITUTION`, `EXIT`, ...
    pub event_name: String,
    /// Plaid's id of it.
    pub event_id: String,
    /// When, as Plaid wrote it.
    pub timestamp: Option<String>,
}

impl fmt::Debug for LinkEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LinkEvent")
            .field("event_name", &self.event_name)
            .field("timestamp", &self.timestamp)
            .field("event_id", &self.event_id)
            .finish_non_exhaustive()
    }
}
