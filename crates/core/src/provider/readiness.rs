//! What the test of a connection found.

use std::borrow::Cow;
use std::time::Duration;

use serde::{Serialize, Serializer};

/// What the test of a connection found. The answer is the same for a platform's own connection and for a client's.
///
/// Hosts are advised to keep every new integration pending, whoever owns it, until a test has passed or an operator
/// overrides it: an account that was never tested is not known to work.
///
/// In JSON, `latency` is a whole number of milliseconds; `account`, `live` and `findings` are left out where there is
/// nothing to say.
///
/// ```
/// use std::time::Duration;
/// use turnbuckle_core::provider::ConnectionTest;
///
/// let test = ConnectionTest::passed("connected", Duration::from_millis(84)).with_live(false);
/// let json = r#"{"success":true,"message":"connected","latency":84,"live":false}"#;
/// assert_eq!(serde_json::to_string(&test)?, json);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ConnectionTest {
    /// Whether the provider accepted the credentials.
    pub success: bool,
    /// One sentence for the person who pressed the button. Our own words, never the credentials.
    pub message: String,
    /// How long the provider took to answer.
    #[serde(serialize_with = "milliseconds")]
    pub latency: Duration,
    /// Whose account it is, where the provider says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountIdentity>,
    /// Whether the credentials act on real money or real people, where the provider says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub live: Option<bool>,
    /// What else was noticed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<Finding>,
}

impl ConnectionTest {
    /// The provider accepted the credentials.
    pub fn passed(message: impl Into<String>, latency: Duration) -> Self {
        Self::new(true, message.into(), latency)
    }

    /// The provider refused the credentials, or they cannot do what they are for.
    pub fn failed(message: impl Into<String>, latency: Duration) -> Self {
        Self::new(false, message.into(), latency)
    }

    fn new(success: bool, message: String, latency: Duration) -> Self {
        Self { success, message, latency, account: None, live: None, findings: Vec::new() }
    }

    /// Adds whose account it is.
    pub fn with_account(mut self, account: AccountIdentity) -> Self {
        self.account = Some(account);
        self
    }

    /// Adds whether the credentials act on real money or real people.
    pub fn with_live(mut self, live: bool) -> Self {
        self.live = Some(live);
        self
    }

    /// Adds something that was noticed.
    pub fn with_finding(mut self, finding: Finding) -> Self {
        self.findings.push(finding);
        self
    }

    /// Whether the connection may be put to work: the test passed and no finding blocks it.
    pub fn is_ready(&self) -> bool {
        self.success && self.findings.iter().all(|finding| finding.severity != Severity::Blocking)
    }
}

fn milliseconds<S: Serializer>(latency: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(u64::try_from(latency.as_millis()).unwrap_or(u64::MAX))
}

/// Whose account the credentials belong to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct AccountIdentity {
    /// The vendor's id of the account.
    pub id: String,
    /// The name that the vendor shows for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

impl AccountIdentity {
    /// An account known by its id.
    pub fn new(id: impl Into<String>) -> Self {
        Self { id: id.into(), name: None }
    }

    /// Adds the name that the vendor shows.
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }
}

/// How much a [`Finding`] matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Severity {
    /// Good to know.
    Info,
    /// Works, but something will fail or surprise later.
    Warning,
    /// Must be put right before the connection is used.
    Blocking,
}

/// Something that a test noticed about an account, such as a missing permission.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Finding {
    /// How much it matters.
    pub severity: Severity,
    /// A stable name for programs, in snake_case: `live_key_in_sandbox`.
    pub code: Cow<'static, str>,
    /// What it is, for people.
    pub message: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<String>,
}

impl Finding {
    /// Something that was noticed.
    pub fn new(severity: Severity, code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self { severity, code: code.into(), message: message.into(), action: None }
    }

    /// Adds what to do about it.
    pub fn with_action(mut self, action: impl Into<String>) -> Self {
        self.action = Some(action.into());
        self
    }
}
