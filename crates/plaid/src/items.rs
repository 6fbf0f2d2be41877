//! Items: one login at one bank each.

use std::fmt;

use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use turnbuckle_core::http::Operation;
use turnbuckle_core::{Error, Result};

use crate::client::{TokenKind, refused};
use crate::words::{null_default, secret, string_enum};
use crate::{Plaid, PlaidError, Product};

/// What Plaid answers to a repeated exchange is not known, so it is sent once.
const EXCHANGE: Operation = Operation::once("items.exchange");
const GET: Operation = Operation::read("items.get");
/// Removing twice does no more than removing once, and what Plaid answers the second time is known.
const REMOVE: Operation = Operation::idempotent("items.remove");
/// Sent once: a second call would ask with the token that the first one killed.
const INVALIDATE: Operation = Operation::once("items.invalidate_access_token");
/// Sets a value, so setting it again changes nothing.
const UPDATE_WEBHOOK: Operation = Operation::idempotent("items.update_webhook");

/// Items (<https://plaid.com/docs/api/items/>).
#[derive(Debug, Clone, Copy)]
pub struct Items<'a>(&'a Plaid);

impl Plaid {
    /// Items: one login at one bank each.
    pub fn items(&self) -> Items<'_> {
        Items(self)
    }
}

#[derive(Serialize)]
struct Nothing {}

impl Items<'_> {
    /// Turns what Link returned into an access token: `POST /item/public_token/exchange`. A public token lives 30 minutes.
    ///
    /// Sent once. When the answer is lost, the access token is lost with it: let the person link again. Plaid does not say
    /// whether a second exchange of the same token works.
    ///
    /// # Errors
    /// As every call.
    pub async fn exchange(&self, public_token: &SecretString) -> Result<ExchangedToken> {
        #[derive(Serialize)]
        struct Body<'a> {
            public_token: &'a str,
        }

        self.0.check_token(&EXCHANGE, TokenKind::Public, public_token)?;
        let body = Body { public_token: public_token.expose_secret() };
        self.0.call(&EXCHANGE, "/item/public_token/exchange", &body).await
    }

    /// The item and how it is doing: `POST /item/get`.
    ///
    /// # Errors
    /// As every call. A broken item is an answer with an [`error`](Item::error), not an error.
    pub async fn get(&self, access_token: &SecretString) -> Result<ItemInfo> {
        self.0.call_item(&GET, "/item/get", access_token, &Nothing {}).await
    }

    /// Ends the item and its billing: `POST /item/remove`. Sent again when an answer is lost; the repetition then finds no
    /// item, which is what was wanted, and is no error.
    ///
    /// # Errors
    /// As every call; [`NotFound`](turnbuckle_core::ErrorKind::NotFound) when the first request already finds no item.
    pub async fn remove(&self, access_token: &SecretString, params: &RemoveItem) -> Result<()> {
        if params.reason_note.as_ref().is_some_and(|note| note.chars().count() > 512) {
            let error = Error::invalid_field("reason_note", "is longer than 512 characters");
            return Err(refused(&REMOVE)(error));
        }
        let reply = self.0.send_item(&REMOVE, "/item/remove", access_token, params).await?;
        match Plaid::read::<Removed>(&REMOVE, &reply) {
            Ok(_) => Ok(()),
            Err(error) if reply.ambiguous && is_removed(&error) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Replaces the access token: `POST /item/access_token/invalidate`. The old one is dead at once.
    ///
    /// Sent once. **A lost answer loses the item**: the old token may be dead, and only the lost answer held the new one.
    /// The error then has the effect [`Unknown`](turnbuckle_core::Effect::Unknown). Try the old token
    /// ([`get`](Self::get)): when it still works nothing happened; when it does not, the person must link again, and the
    /// old item can be ended at Plaid's dashboard only. Store the new token before anything else.
    ///
    /// # Errors
    /// As every call.
    pub async fn invalidate_access_token(&self, access_token: &SecretString) -> Result<NewAccessToken> {
        self.0.call_item(&INVALIDATE, "/item/access_token/invalidate", access_token, &Nothing {}).await
    }

    /// Sets where Plaid pushes news of the item, or stops the pushes: `POST /item/webhook/update`. Plaid confirms with a
    /// push to the new address.
    ///
    /// # Errors
    /// As every call.
    pub async fn update_webhook(
        &self,
        access_token: &SecretString,
        webhook: Option<&str>,
    ) -> Result<ItemInfo> {
        #[derive(Serialize)]
        struct Body<'a> {
            webhook: Option<&'a str>,
        }

        self.0.call_item(&UPDATE_WEBHOOK, "/item/webhook/update", access_token, &Body { webhook }).await
    }
}

/// What Plaid answers about an item that is gone.
pub(crate) fn is_removed(error: &Error) -> bool {
    matches!(error.code(), Some("ITEM_NOT_FOUND" | "INVALID_ACCESS_TOKEN"))
}

string_enum! {
    /// Why an item is removed.
    RemoveReason {
        /// The person pretends to be unable to pay, or the like.
        FraudFirstParty = "FRAUD_FIRST_PARTY",
        /// The person is somebody else.
        FraudFalseIdentity = "FRAUD_FALSE_IDENTITY",
        /// Abuse.
        FraudAbuse = "FRAUD_ABUSE",
        /// Other fraud.
        FraudOther = "FRAUD_OTHER",
        /// It does not work.
        NonFunctional = "CONNECTION_IS_NON_FUNCTIONAL",
        /// Any other reason.
        OtherReason = "OTHER",
    }
}

/// Why an item is removed; nothing need be said.
#[derive(Debug, Clone, Default, Serialize)]
#[non_exhaustive]
pub struct RemoveItem {
    /// The reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason_code: Option<RemoveReason>,
    /// More about it, at most 512 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason_note: Option<String>,
}

impl RemoveItem {
    /// Nothing set.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets `reason_code`.
    pub fn with_reason_code(mut self, reason_code: RemoveReason) -> Self {
        self.reason_code = Some(reason_code);
        self
    }

    /// Sets `reason_note`.
    pub fn with_reason_note(mut self, reason_note: impl Into<String>) -> Self {
        self.reason_note = Some(reason_note.into());
        self
    }
}

/// The id of the request is all that Plaid answers, and the proof that it did.
#[derive(Deserialize)]
struct Removed {
    #[serde(rename = "request_id")]
    _request_id: String,
}

/// Access to an item.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct ExchangedToken {
    /// The token. It never expires by itself: seal it.
    #[serde(deserialize_with = "secret")]
    pub access_token: SecretString,
    /// Plaid's id of the item. Pushes name it.
    pub item_id: String,
    /// Plaid's id of the request.
    #[serde(default, deserialize_with = "null_default")]
    pub request_id: String,
}

impl fmt::Debug for ExchangedToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExchangedToken")
            .field("item_id", &self.item_id)
            .field("request_id", &self.request_id)
            .finish_non_exhaustive()
    }
}

/// The token that took the place of another.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct NewAccessToken {
    /// The token. Store it before anything else.
    #[serde(deserialize_with = "secret")]
    pub new_access_token: SecretString,
    /// Plaid's id of the request.
    #[serde(default, deserialize_with = "null_default")]
    pub request_id: String,
}

impl fmt::Debug for NewAccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewAccessToken").field("request_id", &self.request_id).finish_non_exhaustive()
    }
}

/// An item, and what Plaid last did for it.
#[derive(Debug, Clone, Deserialize)]
#[non_exhaustive]
pub struct ItemInfo {
    /// The item.
    pub item: Item,
    /// When data was last fetched and a push last sent.
    pub status: Option<ItemStatus>,
    /// Plaid's id of the request.
    #[serde(default, deserialize_with = "null_default")]
    pub request_id: String,
}

/// One login at one bank.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct Item {
    /// Plaid's id.
    pub item_id: String,
    /// The bank.
    pub institution_id: Option<String>,
    /// The bank's name.
    pub institution_name: Option<String>,
    /// Where pushes go.
    pub webhook: Option<String>,
    /// How numbers were verified.
    pub auth_method: Option<String>,
    /// What is broken, where something is.
    pub error: Option<PlaidError>,
    /// Products that could be added.
    #[serde(default, deserialize_with = "null_default")]
    pub available_products: Vec<Product>,
    /// Products that are paid for.
    #[serde(default, deserialize_with = "null_default")]
    pub billed_products: Vec<Product>,
    /// Products in use.
    #[serde(default, deserialize_with = "null_default")]
    pub products: Vec<Product>,
    /// Products that the person consented to.
    #[serde(default, deserialize_with = "null_default")]
    pub consented_products: Vec<Product>,
    /// When the person's consent ends, at banks that limit it.
    pub consent_expiration_time: Option<DateTime<Utc>>,
    /// `background`, or `user_present_required` where the person must be there for every update.
    #[serde(default, deserialize_with = "null_default")]
    pub update_type: String,
    /// When it was made.
    pub created_at: Option<DateTime<Utc>>,
}

impl fmt::Debug for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Item")
            .field("item_id", &self.item_id)
            .field("institution_id", &self.institution_id)
            .field("error", &self.error)
            .field("products", &self.products)
            .field("billed_products", &self.billed_products)
            .field("consent_expiration_time", &self.consent_expiration_time)
            .field("update_type", &self.update_type)
            .field("created_at", &self.created_at)
            .finish_non_exhaustive()
    }
}

/// What Plaid last did for an item.
#[derive(Debug, Clone, Deserialize, Default)]
#[non_exhaustive]
pub struct ItemStatus {
    /// Holdings and trades.
    pub investments: Option<UpdateTimes>,
    /// Transactions.
    pub transactions: Option<UpdateTimes>,
    /// The last push.
    pub last_webhook: Option<LastWebhook>,
}

/// When Plaid last fetched.
#[derive(Debug, Clone, Deserialize)]
#[non_exhaustive]
pub struct UpdateTimes {
    /// When it worked.
    pub last_successful_update: Option<DateTime<Utc>>,
    /// When it failed.
    pub last_failed_update: Option<DateTime<Utc>>,
}

/// The last push about an item.
#[derive(Debug, Clone, Deserialize)]
#[non_exhaustive]
pub struct LastWebhook {
    /// When it was sent.
    pub sent_at: Option<DateTime<Utc>>,
    /// Its code.
    pub code_sent: Option<String>,
}
