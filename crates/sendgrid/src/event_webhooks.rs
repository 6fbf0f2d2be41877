//! Where SendGrid pushes events, which, and how they are signed.

use std::fmt;

use http::Method;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize, Serializer};
use turnbuckle_core::http::Operation;
use turnbuckle_core::webhook::P256PublicKey;
use turnbuckle_core::{Error, Result};
use url::Url;

use crate::SendGrid;
use crate::client::{once, read, segment, set};
use crate::object::null_default;

const CREATE: Operation = once("event_webhook_create");
const FETCH: Operation = read("event_webhook_fetch");
const LIST: Operation = read("event_webhook_list");
const UPDATE: Operation = set("event_webhook_update");
const DELETE: Operation = set("event_webhook_delete");
const SIGN: Operation = set("event_webhook_sign");
const KEY: Operation = read("event_webhook_key");
const TEST: Operation = once("event_webhook_test");

const SETTINGS: &str = "/v3/user/webhooks/event/settings";

/// One event webhook.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default)]
#[derive(Default)]
#[non_exhaustive]
pub struct EventWebhook {
    /// Its id.
    pub id: String,
    /// Whether anything is pushed.
    #[serde(deserialize_with = "null_default")]
    pub enabled: bool,
    /// Where to.
    #[serde(deserialize_with = "null_default")]
    pub url: String,
    /// What the account calls it.
    pub friendly_name: Option<String>,
    /// Which events.
    #[serde(flatten)]
    pub events: EventChoice,
    /// The client id that SendGrid signs in with at the receiver, where OAuth is set up.
    pub oauth_client_id: Option<String>,
    /// Where it signs in.
    pub oauth_token_url: Option<String>,
    /// The key that verifies its pushes; `None` or empty where they are not signed, or it was not asked for.
    pub public_key: Option<String>,
}

/// Which events are pushed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
#[expect(clippy::struct_excessive_bools, reason = "SendGrid's own switches")]
pub struct EventChoice {
    /// SendGrid took a mail up.
    pub processed: bool,
    /// It did not send one.
    pub dropped: bool,
    /// The recipient's server took one.
    pub delivered: bool,
    /// It asked to wait.
    pub deferred: bool,
    /// It refused one.
    pub bounce: bool,
    /// One was opened.
    pub open: bool,
    /// A link in one was followed.
    pub click: bool,
    /// One was called spam.
    pub spam_report: bool,
    /// The recipient left all mail.
    pub unsubscribe: bool,
    /// The recipient left a group.
    pub group_unsubscribe: bool,
    /// The recipient came back to a group.
    pub group_resubscribe: bool,
}

impl EventChoice {
    /// Every event.
    pub const ALL: Self = Self {
        processed: true,
        dropped: true,
        delivered: true,
        deferred: true,
        bounce: true,
        open: true,
        click: true,
        spam_report: true,
        unsubscribe: true,
        group_unsubscribe: true,
        group_resubscribe: true,
    };

    /// What says whether mail arrived, and who wants no more: everything but opening and following links.
    pub const DELIVERY: Self = Self { open: false, click: false, ..Self::ALL };
}

/// An event webhook as it is to be. `Debug` leaves secrets out.
#[derive(Clone, Serialize)]
#[non_exhaustive]
pub struct EventWebhookSettings {
    /// Whether anything is pushed.
    pub enabled: bool,
    /// Where to.
    #[serde(serialize_with = "address")]
    pub url: Url,
    /// Which events.
    #[serde(flatten)]
    pub events: EventChoice,
    /// What the account calls it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub friendly_name: Option<String>,
    /// The client id that SendGrid signs in with at the receiver.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oauth_client_id: Option<String>,
    /// Its secret.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "exposed")]
    pub oauth_client_secret: Option<SecretString>,
    /// Where it signs in.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "optional_address")]
    pub oauth_token_url: Option<Url>,
}

impl EventWebhookSettings {
    /// Pushes these events to this address.
    pub fn new(url: Url, events: EventChoice) -> Self {
        Self {
            enabled: true,
            url,
            events,
            friendly_name: None,
            oauth_client_id: None,
            oauth_client_secret: None,
            oauth_token_url: None,
        }
    }

    /// Sets whether anything is pushed.
    pub fn with_enabled(mut self, enabled: bool) -> Self {
        self.enabled = enabled;
        self
    }

    /// Sets what the account calls it.
    pub fn with_friendly_name(mut self, name: impl Into<String>) -> Self {
        self.friendly_name = Some(name.into());
        self
    }

    /// Has SendGrid sign in at the receiver by OAuth 2.0 client credentials, instead of a signature or along with it.
    pub fn with_oauth(mut self, client_id: impl Into<String>, secret: SecretString, token_url: Url) -> Self {
        self.oauth_client_id = Some(client_id.into());
        self.oauth_client_secret = Some(secret);
        self.oauth_token_url = Some(token_url);
        self
    }
}

impl fmt::Debug for EventWebhookSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventWebhookSettings")
            .field("enabled", &self.enabled)
            .field("events", &self.events)
            .field("oauth", &self.oauth_client_secret.is_some())
            .finish_non_exhaustive()
    }
}

#[expect(clippy::ref_option, reason = "serde asks for this form")]
fn exposed<S: Serializer>(secret: &Option<SecretString>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(secret.as_ref().map_or("", |secret| secret.expose_secret()))
}

fn address<S: Serializer>(url: &Url, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(url.as_str())
}

#[expect(clippy::ref_option, reason = "serde asks for this form")]
fn optional_address<S: Serializer>(url: &Option<Url>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(url.as_ref().map_or("", Url::as_str))
}

/// All event webhooks of an account.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct EventWebhookList {
    /// How many the account may have.
    pub max_allowed: Option<u32>,
    /// Those that it has.
    #[serde(default, deserialize_with = "null_default")]
    pub webhooks: Vec<EventWebhook>,
}

#[derive(Serialize)]
struct Enabled {
    enabled: bool,
}

#[derive(Deserialize)]
struct SigningKey {
    #[serde(default)]
    public_key: Option<String>,
}

#[derive(Serialize)]
struct Test<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    url: &'a str,
}

/// Event webhooks. See <https://www.twilio.com/docs/sendgrid/api-reference/webhooks>.
#[derive(Debug, Clone, Copy)]
pub struct EventWebhooks<'a> {
    client: &'a SendGrid,
}

impl<'a> EventWebhooks<'a> {
    pub(crate) fn new(client: &'a SendGrid) -> Self {
        Self { client }
    }

    /// Makes a webhook. It is not signed until [`sign`](Self::sign).
    pub async fn create(&self, settings: &EventWebhookSettings) -> Result<EventWebhook> {
        self.client.call(&CREATE, Method::POST, SETTINGS, settings).await
    }

    /// One webhook.
    pub async fn fetch(&self, id: &str) -> Result<EventWebhook> {
        self.client.get(&FETCH, &path(id)?, &[]).await
    }

    /// All webhooks. SendGrid gives them at once.
    pub async fn list(&self) -> Result<EventWebhookList> {
        self.client.get(&LIST, &format!("{SETTINGS}/all"), &[]).await
    }

    /// Changes a webhook.
    pub async fn update(&self, id: &str, settings: &EventWebhookSettings) -> Result<EventWebhook> {
        self.client.call(&UPDATE, Method::PATCH, &path(id)?, settings).await
    }

    /// Deletes a webhook.
    pub async fn delete(&self, id: &str) -> Result<()> {
        self.client.nudge(&DELETE, Method::DELETE, &path(id)?).await
    }

    /// Turns signatures on, and returns the key that verifies them. Whether turning them off and on makes a new key is
    /// unproven: take the key again after each change.
    ///
    /// # Errors
    /// [`InvalidResponse`](turnbuckle_core::ErrorKind::InvalidResponse) when the answer holds no key: pushes could not be
    /// verified.
    pub async fn sign(&self, id: &str) -> Result<String> {
        let answer: SigningKey =
            self.client.call(&SIGN, Method::PATCH, &signed(id)?, &Enabled { enabled: true }).await?;
        answer.public_key.filter(|key| P256PublicKey::from_spki_base64(key).is_ok()).ok_or_else(|| {
            let kind = turnbuckle_core::ErrorKind::InvalidResponse;
            Error::new(kind, "the answer holds no public key")
                .with_effect(turnbuckle_core::Effect::Happened)
                .or_context(&crate::client::PROVIDER, SIGN.name)
        })
    }

    /// Turns signatures off.
    pub async fn stop_signing(&self, id: &str) -> Result<()> {
        self.client.tell(&SIGN, Method::PATCH, &signed(id)?, &Enabled { enabled: false }).await
    }

    /// The key that verifies a webhook's pushes; `None` where they are not signed.
    pub async fn public_key(&self, id: &str) -> Result<Option<String>> {
        let answer: SigningKey = self.client.get(&KEY, &signed(id)?, &[]).await?;
        Ok(answer.public_key.filter(|key| !key.is_empty()))
    }

    /// Pushes made-up events to an address, as a webhook would where one is named.
    pub async fn test(&self, id: Option<&str>, url: &Url) -> Result<()> {
        self.client
            .tell(&TEST, Method::POST, "/v3/user/webhooks/event/test", &Test { id, url: url.as_str() })
            .await
    }
}

fn path(id: &str) -> Result<String> {
    Ok(format!("{SETTINGS}/{}", segment("id", id)?))
}

fn signed(id: &str) -> Result<String> {
    Ok(format!("{SETTINGS}/signed/{}", segment("id", id)?))
}
