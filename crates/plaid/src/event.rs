//! What Plaid pushes, as types.

use std::fmt;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use secrecy::SecretString;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use turnbuckle_core::bank_data::ItemState;
use turnbuckle_core::payment::PaymentRef;
use turnbuckle_core::webhook::{Event, EventKind, ItemEvent, RawObject, TransactionsEvent};
use turnbuckle_core::{Environment, Error, ErrorKind, Result};

use crate::client::PROVIDER;
use crate::words::{null_default, secret, secret_list};
use crate::{ErrorClass, PlaidError};

/// One push (<https://plaid.com/docs/api/webhooks/>). It is a reason to look: pushes come twice, late and out of order.
///
/// `Debug` shows type, code and item.
#[derive(Clone)]
#[non_exhaustive]
pub struct PlaidEvent {
    /// Plaid's type, for example `TRANSACTIONS`.
    pub webhook_type: String,
    /// Plaid's code, for example `SYNC_UPDATES_AVAILABLE`.
    pub webhook_code: String,
    /// The item that it is about; pushes about link sessions have none. Compare it with the items that the host has
    /// ([`require_item`](Self::require_item)).
    pub item_id: Option<String>,
    /// The environment, where the push names it. [`PlaidWebhooks`](crate::PlaidWebhooks) has compared it.
    pub environment: Option<String>,
    /// Plaid's id of the person, in newer pushes.
    pub user_id: Option<String>,
    /// What happened.
    pub kind: PlaidEventKind,
    object: RawObject,
}

/// What a push says.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum PlaidEventKind {
    /// There is something to sync.
    SyncUpdatesAvailable(SyncUpdates),
    /// The last 30 days are there; of items that are read by date.
    InitialUpdate(NewTransactions),
    /// The whole history is there; of items that are read by date.
    HistoricalUpdate(NewTransactions),
    /// There are new transactions; of items that are read by date.
    DefaultUpdate(NewTransactions),
    /// Transactions are gone; of items that are read by date.
    TransactionsRemoved(TransactionsGone),
    /// Streams of repeating payments changed.
    RecurringUpdate(AccountIds),
    /// The item is broken.
    ItemError(Box<ItemFailure>),
    /// The item works again.
    LoginRepaired,
    /// The person has accounts that are not shared yet.
    NewAccountsAvailable,
    /// The person ended the access.
    UserPermissionRevoked,
    /// The person's consent ends soon.
    PendingExpiration(ConsentEnd),
    /// The bank breaks the connection off soon, in a week as a rule.
    PendingDisconnect(Disconnection),
    /// The person stopped sharing one account.
    UserAccountRevoked(OneAccount),
    /// Pushes go to a new address from now on.
    WebhookUpdateAcknowledged,
    /// The numbers of an account are verified.
    AuthVerified(OneAccount),
    /// The numbers of an account were not verified in time.
    AuthVerificationExpired(OneAccount),
    /// Numbers changed.
    AuthUpdate,
    /// Owners changed.
    IdentityUpdate,
    /// Holdings changed.
    HoldingsUpdate(HoldingCounts),
    /// There are new trades.
    InvestmentsUpdate(TradeCounts),
    /// The whole history of trades is there.
    InvestmentsHistorical(TradeCounts),
    /// Liabilities changed.
    LiabilitiesUpdate,
    /// A link session ended.
    LinkSessionFinished(SessionFinished),
    /// A link session made an item.
    LinkItemAdded(ItemAdded),
    /// Something happened on the way through a link session.
    LinkEvents(SessionEvents),
    /// Anything else; see [`PlaidEvent::webhook_type`] and [`PlaidEvent::object`].
    Other,
}

/// How much of the history is there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct SyncUpdates {
    /// Whether the last 30 days are there.
    #[serde(default, deserialize_with = "null_default")]
    pub initial_update_complete: bool,
    /// Whether the whole history is there.
    #[serde(default, deserialize_with = "null_default")]
    pub historical_update_complete: bool,
}

/// How many transactions are new.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct NewTransactions {
    /// How many.
    #[serde(default, deserialize_with = "null_default")]
    pub new_transactions: u64,
}

/// Which transactions are gone.
#[derive(Debug, Clone, Default, Deserialize)]
#[non_exhaustive]
pub struct TransactionsGone {
    /// Plaid's ids.
    #[serde(default, deserialize_with = "null_default")]
    pub removed_transactions: Vec<String>,
}

/// Which accounts.
#[derive(Debug, Clone, Default, Deserialize)]
#[non_exhaustive]
pub struct AccountIds {
    /// Plaid's ids.
    #[serde(default, deserialize_with = "null_default")]
    pub account_ids: Vec<String>,
}

/// Which account.
#[derive(Debug, Clone, Default, Deserialize)]
#[non_exhaustive]
pub struct OneAccount {
    /// Plaid's id.
    #[serde(default, deserialize_with = "null_default")]
    pub account_id: String,
}

/// Why an item is broken.
#[derive(Debug, Clone, Default, Deserialize)]
#[non_exhaustive]
pub struct ItemFailure {
    /// Plaid's words.
    #[serde(default)]
    pub error: Option<PlaidError>,
}

/// When a person's consent ends.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[non_exhaustive]
pub struct ConsentEnd {
    /// When.
    #[serde(default)]
    pub consent_expiration_time: Option<DateTime<Utc>>,
}

/// Why and when a bank breaks off.
#[derive(Debug, Clone, Default, Deserialize)]
#[non_exhaustive]
pub struct Disconnection {
    /// `INSTITUTION_MIGRATION` or `INSTITUTION_TOKEN_EXPIRATION`.
    #[serde(default)]
    pub reason: Option<String>,
    /// When, in newer pushes.
    #[serde(default)]
    pub disconnect_time: Option<DateTime<Utc>>,
}

/// How many holdings changed.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[non_exhaustive]
pub struct HoldingCounts {
    /// New ones.
    #[serde(default, deserialize_with = "null_default")]
    pub new_holdings: u64,
    /// Changed ones.
    #[serde(default, deserialize_with = "null_default")]
    pub updated_holdings: u64,
}

/// How many trades are new.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[non_exhaustive]
pub struct TradeCounts {
    /// New ones.
    #[serde(default, deserialize_with = "null_default")]
    pub new_investments_transactions: u64,
    /// Canceled ones.
    #[serde(default, deserialize_with = "null_default")]
    pub cancelled_investments_transactions: u64,
}

/// How a link session ended.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct SessionFinished {
    /// `SUCCESS`, or how else it ended.
    #[serde(default, deserialize_with = "null_default")]
    pub status: String,
    /// Plaid's id of the session.
    #[serde(default, deserialize_with = "null_default")]
    pub link_session_id: String,
    /// The token that the session was made with.
    #[serde(deserialize_with = "secret")]
    pub link_token: SecretString,
    /// What was linked, to be exchanged.
    #[serde(default, deserialize_with = "secret_list")]
    pub public_tokens: Vec<SecretString>,
}

impl fmt::Debug for SessionFinished {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionFinished")
            .field("status", &self.status)
            .field("link_session_id", &self.link_session_id)
            .field("public_tokens", &self.public_tokens.len())
            .finish_non_exhaustive()
    }
}

/// An item that a link session made.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct ItemAdded {
    /// Plaid's id of the session.
    #[serde(default, deserialize_with = "null_default")]
    pub link_session_id: String,
    /// The token that the session was made with.
    #[serde(deserialize_with = "secret")]
    pub link_token: SecretString,
    /// What was linked, to be exchanged.
    #[serde(deserialize_with = "secret")]
    pub public_token: SecretString,
}

impl fmt::Debug for ItemAdded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ItemAdded").field("link_session_id", &self.link_session_id).finish_non_exhaustive()
    }
}

/// What happened on the way through a link session.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct SessionEvents {
    /// Plaid's id of the session.
    #[serde(default, deserialize_with = "null_default")]
    pub link_session_id: String,
    /// The token that the session was made with.
    #[serde(deserialize_with = "secret")]
    pub link_token: SecretString,
    /// What happened.
    #[serde(default, deserialize_with = "null_default")]
    pub events: Vec<crate::LinkEvent>,
}

impl fmt::Debug for SessionEvents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionEvents")
            .field("link_session_id", &self.link_session_id)
            .field("events", &self.events)
            .finish_non_exhaustive()
    }
}

#[derive(Deserialize)]
struct Head {
    webhook_type: String,
    webhook_code: String,
    #[serde(default)]
    item_id: Option<String>,
    #[serde(default)]
    environment: Option<String>,
    #[serde(default)]
    user_id: Option<String>,
}

impl PlaidEvent {
    /// Reads a signed body. Only [`PlaidWebhooks`](crate::PlaidWebhooks) does, so that no event is unverified.
    pub(crate) fn parse(body: &Bytes) -> Result<Self> {
        let head: Head = read(body)?;
        let kind = kind(&head, body)?;
        let Head { webhook_type, webhook_code, item_id, environment, user_id } = head;
        let object = RawObject::new(body.clone());
        Ok(Self { webhook_type, webhook_code, item_id, environment, user_id, kind, object })
    }

    /// The whole push.
    pub fn object(&self) -> &RawObject {
        &self.object
    }

    /// Refuses a push about another item than this one.
    ///
    /// # Errors
    /// [`InvalidRequest`](ErrorKind::InvalidRequest) naming `item_id`.
    pub fn require_item(&self, item_id: &str) -> Result<()> {
        if self.item_id.as_deref() == Some(item_id) {
            return Ok(());
        }
        Err(Error::invalid_field("item_id", "is not the item that this push was expected for"))
    }

    /// Whether it names another environment than this one.
    pub(crate) fn is_foreign(&self, environment: Environment) -> bool {
        self.environment.as_deref().is_some_and(|named| named != environment.as_str())
    }

    /// What it says about the state of the item, where it does. Feed it to
    /// [`ItemHealth::observe`](turnbuckle_core::bank_data::ItemHealth::observe).
    pub fn item_state(&self) -> Option<ItemState> {
        match &self.kind {
            PlaidEventKind::ItemError(failure) => state_of(failure.error.as_ref()?),
            PlaidEventKind::LoginRepaired => Some(ItemState::Healthy),
            PlaidEventKind::UserPermissionRevoked => Some(ItemState::Revoked),
            PlaidEventKind::PendingExpiration(end) => Some(match end.consent_expiration_time {
                Some(at) => ItemState::ConsentEnds(at),
                None => ItemState::Disconnects(None),
            }),
            PlaidEventKind::PendingDisconnect(end) => Some(ItemState::Disconnects(end.disconnect_time)),
            _ => None,
        }
    }

    /// The push in the vocabulary that all vendors share. It has no id, since Plaid gives none.
    pub fn normalize(self) -> Event {
        let mut event = Event::new(
            self.event_kind(),
            format!("{}.{}", self.webhook_type, self.webhook_code),
            self.object.clone(),
        );
        if let Some(environment) = &self.environment {
            event = event.with_live(environment == Environment::Production.as_str());
        }
        if let Some(item) = self.item_id {
            event = event.with_reference(PaymentRef::new(PROVIDER, "item", item.clone())).with_account(item);
        }
        event
    }

    fn event_kind(&self) -> EventKind {
        use PlaidEventKind as Kind;
        match &self.kind {
            Kind::SyncUpdatesAvailable(_) | Kind::DefaultUpdate(_) => {
                EventKind::Transactions(TransactionsEvent::Available)
            }
            Kind::InitialUpdate(_) => EventKind::Transactions(TransactionsEvent::InitialReady),
            Kind::HistoricalUpdate(_) => EventKind::Transactions(TransactionsEvent::HistoricalReady),
            Kind::TransactionsRemoved(_) => EventKind::Transactions(TransactionsEvent::Removed),
            Kind::RecurringUpdate(_) => EventKind::Transactions(TransactionsEvent::RecurringUpdated),
            Kind::ItemError(_) => EventKind::Item(match self.item_state() {
                Some(ItemState::LoginRequired) => ItemEvent::ActionRequired,
                Some(ItemState::Revoked) => ItemEvent::Revoked,
                _ => ItemEvent::Updated,
            }),
            Kind::LoginRepaired => EventKind::Item(ItemEvent::Repaired),
            Kind::NewAccountsAvailable | Kind::UserAccountRevoked(_) => {
                EventKind::Item(ItemEvent::AccountsChanged)
            }
            Kind::UserPermissionRevoked => EventKind::Item(ItemEvent::Revoked),
            Kind::PendingExpiration(_) | Kind::PendingDisconnect(_) => EventKind::Item(ItemEvent::Expiring),
            Kind::WebhookUpdateAcknowledged => EventKind::Item(ItemEvent::Updated),
            Kind::AuthVerified(_)
            | Kind::AuthVerificationExpired(_)
            | Kind::AuthUpdate
            | Kind::IdentityUpdate
            | Kind::HoldingsUpdate(_)
            | Kind::InvestmentsUpdate(_)
            | Kind::InvestmentsHistorical(_)
            | Kind::LiabilitiesUpdate => EventKind::Item(ItemEvent::DataUpdated),
            Kind::LinkItemAdded(_) => EventKind::Item(ItemEvent::Created),
            Kind::LinkSessionFinished(session) if !session.public_tokens.is_empty() => {
                EventKind::Item(ItemEvent::Created)
            }
            Kind::LinkSessionFinished(_) | Kind::LinkEvents(_) | Kind::Other => EventKind::Other,
        }
    }
}

impl fmt::Debug for PlaidEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PlaidEvent")
            .field("webhook_type", &self.webhook_type)
            .field("webhook_code", &self.webhook_code)
            .field("item_id", &self.item_id)
            .field("environment", &self.environment)
            .finish_non_exhaustive()
    }
}

/// What an error says about the item that it concerns; `None` for those that say nothing about it.
pub(crate) fn state_of(error: &PlaidError) -> Option<ItemState> {
    match error.class() {
        ErrorClass::UpdateMode => Some(ItemState::LoginRequired),
        ErrorClass::NewItem => Some(ItemState::Revoked),
        ErrorClass::InstitutionDown => Some(ItemState::InstitutionDown),
        _ => None,
    }
}

fn kind(head: &Head, body: &Bytes) -> Result<PlaidEventKind> {
    use PlaidEventKind as Kind;
    Ok(match (head.webhook_type.as_str(), head.webhook_code.as_str()) {
        ("TRANSACTIONS", "SYNC_UPDATES_AVAILABLE") => Kind::SyncUpdatesAvailable(read(body)?),
        ("TRANSACTIONS", "INITIAL_UPDATE") => Kind::InitialUpdate(read(body)?),
        ("TRANSACTIONS", "HISTORICAL_UPDATE") => Kind::HistoricalUpdate(read(body)?),
        ("TRANSACTIONS", "DEFAULT_UPDATE") => Kind::DefaultUpdate(read(body)?),
        ("TRANSACTIONS", "TRANSACTIONS_REMOVED") => Kind::TransactionsRemoved(read(body)?),
        ("TRANSACTIONS", "RECURRING_TRANSACTIONS_UPDATE") => Kind::RecurringUpdate(read(body)?),
        ("ITEM", "ERROR") => Kind::ItemError(Box::new(read(body)?)),
        ("ITEM", "LOGIN_REPAIRED") => Kind::LoginRepaired,
        ("ITEM", "NEW_ACCOUNTS_AVAILABLE") => Kind::NewAccountsAvailable,
        ("ITEM", "USER_PERMISSION_REVOKED") => Kind::UserPermissionRevoked,
        ("ITEM", "PENDING_EXPIRATION") => Kind::PendingExpiration(read(body)?),
        ("ITEM", "PENDING_DISCONNECT") => Kind::PendingDisconnect(read(body)?),
        ("ITEM", "USER_ACCOUNT_REVOKED") => Kind::UserAccountRevoked(read(body)?),
        ("ITEM", "WEBHOOK_UPDATE_ACKNOWLEDGED") => Kind::WebhookUpdateAcknowledged,
        ("AUTH", "AUTOMATICALLY_VERIFIED") => Kind::AuthVerified(read(body)?),
        ("AUTH", "VERIFICATION_EXPIRED") => Kind::AuthVerificationExpired(read(body)?),
        ("AUTH", "DEFAULT_UPDATE") => Kind::AuthUpdate,
        ("IDENTITY", "DEFAULT_UPDATE") => Kind::IdentityUpdate,
        ("HOLDINGS", "DEFAULT_UPDATE") => Kind::HoldingsUpdate(read(body)?),
        ("INVESTMENTS_TRANSACTIONS", "DEFAULT_UPDATE") => Kind::InvestmentsUpdate(read(body)?),
        ("INVESTMENTS_TRANSACTIONS", "HISTORICAL_UPDATE") => Kind::InvestmentsHistorical(read(body)?),
        ("LIABILITIES", "DEFAULT_UPDATE") => Kind::LiabilitiesUpdate,
        ("LINK", "SESSION_FINISHED") => Kind::LinkSessionFinished(read(body)?),
        ("LINK", "ITEM_ADD_RESULT") => Kind::LinkItemAdded(read(body)?),
        ("LINK", "EVENTS") => Kind::LinkEvents(read(body)?),
        _ => Kind::Other,
    })
}

/// The parser's message may quote the body, so it is not kept.
fn read<T: DeserializeOwned>(body: &Bytes) -> Result<T> {
    serde_json::from_slice(body)
        .map_err(|_| Error::new(ErrorKind::InvalidResponse, "the signed push is not one of Plaid's"))
}
