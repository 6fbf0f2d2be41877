//! Verify: codes that show that somebody holds a number or an address.

use std::fmt;

use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use turnbuckle_core::http::Operation;
use turnbuckle_core::{Error, Result};

use crate::Twilio;
use crate::client::{check_sid, once, read, set};
use crate::form::Form;
use crate::hosts::Product;
use crate::object::{null_default, string_enum, time};

string_enum! {
    /// By which way a code travels.
    VerifyChannel {
        /// A text message.
        Sms = "sms",
        /// A call that speaks it.
        Call = "call",
        /// An email.
        Email = "email",
        /// A WhatsApp message.
        Whatsapp = "whatsapp",
        /// Silently, by the mobile network.
        Sna = "sna",
        /// Whichever Twilio finds best.
        Auto = "auto",
    }
}

string_enum! {
    /// How far a verification has come.
    VerificationStatus {
        /// The right code has not come yet. A wrong one leaves it so.
        Pending = "pending",
        /// The right code came.
        Approved = "approved",
        /// It was called off.
        Canceled = "canceled",
        /// Too many codes were tried.
        MaxAttemptsReached = "max_attempts_reached",
        /// It was removed.
        Deleted = "deleted",
        /// The code could not be sent.
        Failed = "failed",
        /// Its time is over.
        Expired = "expired",
    }
}

/// A verification under way.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct Verification {
    /// Id, `VE...`.
    pub sid: String,
    /// The Verify service.
    #[serde(default, deserialize_with = "null_default")]
    pub service_sid: String,
    /// The account.
    #[serde(default, deserialize_with = "null_default")]
    pub account_sid: String,
    /// The number or address.
    #[serde(default, deserialize_with = "null_default")]
    pub to: String,
    /// By which way the code travels.
    #[serde(default, deserialize_with = "null_default")]
    pub channel: VerifyChannel,
    /// How far it has come.
    #[serde(default, deserialize_with = "null_default")]
    pub status: VerificationStatus,
    /// Whether it is approved.
    #[serde(default, deserialize_with = "null_default")]
    pub valid: bool,
    /// When it was begun.
    #[serde(default, deserialize_with = "time")]
    pub date_created: Option<DateTime<Utc>>,
    /// When it last changed.
    #[serde(default, deserialize_with = "time")]
    pub date_updated: Option<DateTime<Utc>>,
}

impl fmt::Debug for Verification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verification")
            .field("sid", &self.sid)
            .field("service_sid", &self.service_sid)
            .field("account_sid", &self.account_sid)
            .field("channel", &self.channel)
            .field("status", &self.status)
            .field("valid", &self.valid)
            .field("date_created", &self.date_created)
            .field("date_updated", &self.date_updated)
            .finish_non_exhaustive()
    }
}

impl Verification {
    /// Whether the right code came: the status and `valid` say so, both.
    pub fn is_approved(&self) -> bool {
        self.valid && self.status == VerificationStatus::Approved
    }
}

/// Sends a code.
#[derive(Clone)]
#[non_exhaustive]
pub struct StartVerification {
    /// The number (`+` and digits) or the address.
    pub to: String,
    /// By which way.
    pub channel: VerifyChannel,
    /// The language of the text, for example `en`.
    pub locale: Option<String>,
    /// A code of the host's own, 4 to 10 characters; the service must allow it.
    pub custom_code: Option<SecretString>,
    /// Whose name the text gives.
    pub custom_friendly_name: Option<String>,
    /// The text, `HJ...`.
    pub template_sid: Option<String>,
    /// Digits to dial once a call is taken, for an extension.
    pub send_digits: Option<String>,
    /// The address of whoever asked for the code; Twilio looks for fraud.
    pub device_ip: Option<String>,
    /// `enable` or `disable`: whether Twilio looks for fraud.
    pub risk_check: Option<String>,
    /// Up to ten names and values of the host's own, a JSON object as text.
    pub tags: Option<String>,
}

impl StartVerification {
    /// The required fields; nothing else is sent.
    pub fn new(to: impl Into<String>, channel: VerifyChannel) -> Self {
        Self {
            to: to.into(),
            channel,
            locale: None,
            custom_code: None,
            custom_friendly_name: None,
            template_sid: None,
            send_digits: None,
            device_ip: None,
            risk_check: None,
            tags: None,
        }
    }

    /// Sets [`locale`](Self::locale).
    pub fn with_locale(mut self, locale: impl Into<String>) -> Self {
        self.locale = Some(locale.into());
        self
    }

    /// Sets [`custom_code`](Self::custom_code).
    pub fn with_custom_code(mut self, custom_code: SecretString) -> Self {
        self.custom_code = Some(custom_code);
        self
    }

    /// Sets [`custom_friendly_name`](Self::custom_friendly_name).
    pub fn with_custom_friendly_name(mut self, custom_friendly_name: impl Into<String>) -> Self {
        self.custom_friendly_name = Some(custom_friendly_name.into());
        self
    }

    /// Sets [`template_sid`](Self::template_sid).
    pub fn with_template_sid(mut self, template_sid: impl Into<String>) -> Self {
        self.template_sid = Some(template_sid.into());
        self
    }

    /// Sets [`send_digits`](Self::send_digits).
    pub fn with_send_digits(mut self, send_digits: impl Into<String>) -> Self {
        self.send_digits = Some(send_digits.into());
        self
    }

    /// Sets [`device_ip`](Self::device_ip).
    pub fn with_device_ip(mut self, device_ip: impl Into<String>) -> Self {
        self.device_ip = Some(device_ip.into());
        self
    }

    /// Sets [`risk_check`](Self::risk_check).
    pub fn with_risk_check(mut self, risk_check: impl Into<String>) -> Self {
        self.risk_check = Some(risk_check.into());
        self
    }

    /// Sets [`tags`](Self::tags).
    pub fn with_tags(mut self, tags: impl Into<String>) -> Self {
        self.tags = Some(tags.into());
        self
    }

    fn checked(&self) -> Result<Form> {
        if self.to.is_empty() {
            return Err(Error::invalid_field("To", "is empty"));
        }
        let code = self.custom_code.as_ref().map(|code| code.expose_secret().chars().count());
        if code.is_some_and(|length| !(4..=10).contains(&length)) {
            return Err(Error::invalid_field("CustomCode", "must be 4 to 10 characters"));
        }
        Ok(self.form())
    }

    fn form(&self) -> Form {
        let mut form = Form::new();
        form.text("To", &self.to);
        form.text("Channel", self.channel.as_str());
        form.maybe("Locale", self.locale.as_deref());
        form.maybe("CustomCode", self.custom_code.as_ref().map(ExposeSecret::expose_secret));
        form.maybe("CustomFriendlyName", self.custom_friendly_name.as_deref());
        form.maybe("TemplateSid", self.template_sid.as_deref());
        form.maybe("SendDigits", self.send_digits.as_deref());
        form.maybe("DeviceIp", self.device_ip.as_deref());
        form.maybe("RiskCheck", self.risk_check.as_deref());
        form.maybe("Tags", self.tags.as_deref());
        form
    }
}

impl fmt::Debug for StartVerification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StartVerification")
            .field("channel", &self.channel)
            .field("locale", &self.locale)
            .field("template_sid", &self.template_sid)
            .field("risk_check", &self.risk_check)
            .finish_non_exhaustive()
    }
}

/// Which verification a code belongs to.
#[derive(Clone)]
#[non_exhaustive]
pub enum VerificationOf {
    /// The one under way for this number or address.
    To(String),
    /// This one, `VE...`.
    Sid(String),
}

impl fmt::Debug for VerificationOf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::To(_) => f.write_str("To(..)"),
            Self::Sid(sid) => write!(f, "Sid({sid})"),
        }
    }
}

const START: Operation = once("verify.start");
// A try that is sent twice counts twice, and the second answer to the right code is that there is nothing to verify.
const CHECK: Operation = once("verify.check");
const FETCH: Operation = read("verify.fetch");
const CANCEL: Operation = set("verify.cancel");

/// Calls for verifications of one Verify service, `VA...`: [`Twilio::verify`].
#[derive(Debug, Clone, Copy)]
pub struct Verify<'a> {
    twilio: &'a Twilio,
    service: &'a str,
}

impl<'a> Verify<'a> {
    pub(crate) fn new(twilio: &'a Twilio, service: &'a str) -> Self {
        Self { twilio, service }
    }

    /// Sends a code: `POST /v2/Services/{ServiceSid}/Verifications`. Asking again while one is under way sends the same
    /// code again.
    ///
    /// # Errors
    /// [`RateLimited`](turnbuckle_core::ErrorKind::RateLimited) with the code 60203 when the sends of this verification
    /// are used up; it ends ten minutes after it began.
    pub async fn start(self, params: &StartVerification) -> Result<Verification> {
        let path = self.path("/Verifications")?;
        self.twilio.post(&START, Product::Verify, &path, params.checked()?).await
    }

    /// Tries a code: `POST /v2/Services/{ServiceSid}/VerificationCheck`. A wrong code is an answer that is still
    /// pending, not an error; go by [`Verification::is_approved`].
    ///
    /// # Errors
    /// [`NotFound`](turnbuckle_core::ErrorKind::NotFound) when nothing is under way: it was approved before, it expired,
    /// or it was never begun. Never take that for an approval.
    pub async fn check(self, of: &VerificationOf, code: &SecretString) -> Result<Verification> {
        if code.expose_secret().is_empty() {
            return Err(Error::invalid_field("Code", "is empty"));
        }
        let mut form = Form::new();
        form.text("Code", code.expose_secret());
        match of {
            VerificationOf::To(to) => form.text("To", to),
            VerificationOf::Sid(sid) => {
                form.text("VerificationSid", check_sid("VerificationSid", "VE", sid)?);
            }
        }
        self.twilio.post(&CHECK, Product::Verify, &self.path("/VerificationCheck")?, form).await
    }

    /// One verification: `GET /v2/Services/{ServiceSid}/Verifications/{Sid}`.
    pub async fn fetch(self, sid: &str) -> Result<Verification> {
        let path = self.path(&format!("/Verifications/{}", check_sid("sid", "VE", sid)?))?;
        self.twilio.get(&FETCH, Product::Verify, &path, "").await
    }

    /// Calls one off: `POST /v2/Services/{ServiceSid}/Verifications/{Sid}` with `Status=canceled`.
    pub async fn cancel(self, sid: &str) -> Result<Verification> {
        let path = self.path(&format!("/Verifications/{}", check_sid("sid", "VE", sid)?))?;
        let mut form = Form::new();
        form.text("Status", VerificationStatus::Canceled.as_str());
        self.twilio.post(&CANCEL, Product::Verify, &path, form).await
    }

    fn path(self, rest: &str) -> Result<String> {
        Ok(format!("/v2/Services/{}{rest}", check_sid("ServiceSid", "VA", self.service)?))
    }
}
