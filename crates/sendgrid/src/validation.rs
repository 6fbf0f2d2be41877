//! Whether an address is likely to take mail.

use std::fmt;

use http::Method;
use serde::{Deserialize, Serialize};
use serde_json::Number;
use turnbuckle_core::Result;
use turnbuckle_core::http::Operation;
use turnbuckle_core::messaging::Mailbox;

use crate::SendGrid;
use crate::client::{Host, once};
use crate::object::{null_default, string_enum};

/// It costs money each time, so that it is not sent again on its own.
const VALIDATE: Operation = once("email_validate");

string_enum! {
    /// What SendGrid thinks of an address.
    EmailVerdict {
        /// It is good.
        Valid = "Valid",
        /// It may be bad.
        Risky = "Risky",
        /// It is bad.
        Invalid = "Invalid",
    }
}

/// What SendGrid thinks of an address. `Debug` leaves the address out.
#[derive(Clone, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct EmailValidation {
    /// The address.
    pub email: String,
    /// The verdict.
    #[serde(default)]
    pub verdict: EmailVerdict,
    /// From 0 (bad) to 1 (good), digit for digit.
    pub score: Option<Number>,
    /// What stands before the at sign.
    pub local: Option<String>,
    /// What stands after it.
    pub host: Option<String>,
    /// What was perhaps meant after the at sign.
    pub suggestion: Option<String>,
    /// What was looked at.
    #[serde(default, deserialize_with = "null_default")]
    pub checks: EmailChecks,
}

impl fmt::Debug for EmailValidation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EmailValidation")
            .field("verdict", &self.verdict)
            .field("score", &self.score)
            .field("checks", &self.checks)
            .finish_non_exhaustive()
    }
}

/// What was looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct EmailChecks {
    /// The part after the at sign.
    pub domain: DomainChecks,
    /// The part before it.
    pub local_part: LocalPartChecks,
    /// What SendGrid knows from its own mail.
    pub additional: BounceChecks,
}

/// What was looked at after the at sign.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct DomainChecks {
    /// Whether the address is written as one.
    pub has_valid_address_syntax: Option<bool>,
    /// Whether the domain takes mail at all.
    pub has_mx_or_a_record: Option<bool>,
    /// Whether it seems to be one for throwing away.
    pub is_suspected_disposable_address: Option<bool>,
}

/// What was looked at before the at sign.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct LocalPartChecks {
    /// Whether it seems to be an office and not a person.
    pub is_suspected_role_address: Option<bool>,
}

/// What SendGrid knows from its own mail.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct BounceChecks {
    /// Whether mail to it has bounced.
    pub has_known_bounces: Option<bool>,
    /// Whether it probably would.
    pub has_suspected_bounces: Option<bool>,
}

#[derive(Serialize)]
struct Ask<'a> {
    email: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<&'a str>,
}

#[derive(Deserialize)]
struct Answer {
    result: EmailValidation,
}

/// Email validation, which is paid for apart and has a key of its own
/// ([`SendGrid::with_api_key`]). It has no host in the EU, so it always asks the global one.
/// See <https://www.twilio.com/docs/sendgrid/api-reference/e-mail-address-validation>.
#[derive(Debug, Clone, Copy)]
pub struct EmailValidations<'a> {
    client: &'a SendGrid,
}

impl<'a> EmailValidations<'a> {
    pub(crate) fn new(client: &'a SendGrid) -> Self {
        Self { client }
    }

    /// What SendGrid thinks of an address. `source` is a word for the account's own reports.
    ///
    /// # Errors
    /// [`InvalidRequest`](turnbuckle_core::ErrorKind::InvalidRequest) for what is no address: nothing is asked, and nothing
    /// is paid.
    pub async fn validate(&self, email: &str, source: Option<&str>) -> Result<EmailValidation> {
        Mailbox::new(email)?;
        let ask = Ask { email, source };
        let path = "/v3/validations/email";
        Ok(self.client.call_at::<_, Answer>(Host::Global, &VALIDATE, Method::POST, path, &ask).await?.result)
    }
}
