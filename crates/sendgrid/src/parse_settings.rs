//! Which domains take mail for the account, and where it is pushed.

use http::Method;
use serde::{Deserialize, Serialize};
use turnbuckle_core::Result;
use turnbuckle_core::http::Operation;

use crate::SendGrid;
use crate::client::{once, read, segment, set};
use crate::object::null_default;

const CREATE: Operation = once("parse_setting_create");
const FETCH: Operation = read("parse_setting_fetch");
const LIST: Operation = read("parse_setting_list");
const UPDATE: Operation = set("parse_setting_update");
const DELETE: Operation = set("parse_setting_delete");

const SETTINGS: &str = "/v3/user/webhooks/parse/settings";

/// A domain whose mail is pushed. Its MX record is `mx.sendgrid.net` with priority 10.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ParseSetting {
    /// Where to.
    #[serde(default, deserialize_with = "null_default")]
    pub url: String,
    /// The domain.
    #[serde(default, deserialize_with = "null_default")]
    pub hostname: String,
    /// Whether mail is looked through for spam before.
    #[serde(default, deserialize_with = "null_default")]
    pub spam_check: bool,
    /// Whether the mail is pushed as it came, in one field, instead of taken apart.
    #[serde(default, deserialize_with = "null_default")]
    pub send_raw: bool,
}

impl ParseSetting {
    /// Pushes the mail of a domain to an address, taken apart.
    pub fn new(hostname: impl Into<String>, url: impl Into<String>) -> Self {
        Self { url: url.into(), hostname: hostname.into(), spam_check: false, send_raw: false }
    }

    /// Sets whether mail is looked through for spam before.
    pub fn with_spam_check(mut self, check: bool) -> Self {
        self.spam_check = check;
        self
    }

    /// Sets whether mail is pushed as it came.
    pub fn with_send_raw(mut self, raw: bool) -> Self {
        self.send_raw = raw;
        self
    }
}

#[derive(Deserialize)]
struct All {
    #[serde(default, deserialize_with = "null_default")]
    result: Vec<ParseSetting>,
}

/// Inbound parse.
/// See <https://www.twilio.com/docs/sendgrid/for-developers/parsing-email/setting-up-the-inbound-parse-webhook>.
#[derive(Debug, Clone, Copy)]
pub struct ParseSettings<'a> {
    client: &'a SendGrid,
}

impl<'a> ParseSettings<'a> {
    pub(crate) fn new(client: &'a SendGrid) -> Self {
        Self { client }
    }

    /// Has a domain's mail pushed.
    pub async fn create(&self, setting: &ParseSetting) -> Result<ParseSetting> {
        self.client.call(&CREATE, Method::POST, SETTINGS, setting).await
    }

    /// One domain.
    pub async fn fetch(&self, hostname: &str) -> Result<ParseSetting> {
        self.client.get(&FETCH, &path(hostname)?, &[]).await
    }

    /// All domains. SendGrid gives them at once.
    pub async fn list(&self) -> Result<Vec<ParseSetting>> {
        Ok(self.client.get::<All>(&LIST, SETTINGS, &[]).await?.result)
    }

    /// Changes a domain's setting.
    pub async fn update(&self, hostname: &str, setting: &ParseSetting) -> Result<ParseSetting> {
        self.client.call(&UPDATE, Method::PATCH, &path(hostname)?, setting).await
    }

    /// Has a domain's mail pushed no longer.
    pub async fn delete(&self, hostname: &str) -> Result<()> {
        self.client.nudge(&DELETE, Method::DELETE, &path(hostname)?).await
    }
}

fn path(hostname: &str) -> Result<String> {
    Ok(format!("{SETTINGS}/{}", segment("hostname", hostname)?))
}
