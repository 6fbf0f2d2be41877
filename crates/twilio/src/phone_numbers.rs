//! The account's own phone numbers.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use turnbuckle_core::Result;
use turnbuckle_core::http::Operation;
use url::Url;

use crate::client::{check_sid, read, set};
use crate::form::Form;
use crate::hosts::Product;
use crate::object::{null_default, time};
use crate::{ListRequest, Twilio};

/// What a number can do.
#[derive(Debug, Clone, Default, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of Twilio's")]
#[non_exhaustive]
pub struct NumberCapabilities {
    /// Calls.
    #[serde(default, deserialize_with = "null_default")]
    pub voice: bool,
    /// Text messages.
    #[serde(default, deserialize_with = "null_default", alias = "SMS")]
    pub sms: bool,
    /// Messages with media.
    #[serde(default, deserialize_with = "null_default", alias = "MMS")]
    pub mms: bool,
    /// Faxes.
    #[serde(default, deserialize_with = "null_default")]
    pub fax: bool,
}

/// A number of the account's.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct IncomingPhoneNumber {
    /// Id, `PN...`.
    pub sid: String,
    /// The account.
    #[serde(default, deserialize_with = "null_default")]
    pub account_sid: String,
    /// The number, `+` and digits.
    #[serde(default, deserialize_with = "null_default")]
    pub phone_number: String,
    /// The host's own name for it.
    #[serde(default, deserialize_with = "null_default")]
    pub friendly_name: String,
    /// What it can do.
    #[serde(default, deserialize_with = "null_default")]
    pub capabilities: NumberCapabilities,
    /// Where incoming messages are told.
    pub sms_url: Option<String>,
    /// How: `POST` or `GET`.
    pub sms_method: Option<String>,
    /// Where they are told when that fails.
    pub sms_fallback_url: Option<String>,
    /// The application that handles messages instead, `AP...`.
    pub sms_application_sid: Option<String>,
    /// Where incoming calls are told.
    pub voice_url: Option<String>,
    /// How: `POST` or `GET`.
    pub voice_method: Option<String>,
    /// Where the end of calls is told.
    pub status_callback: Option<String>,
    /// How: `POST` or `GET`.
    pub status_callback_method: Option<String>,
    /// Whether it is new to Twilio's platform.
    #[serde(default, deserialize_with = "null_default")]
    pub beta: bool,
    /// `twilio`, or `hosted` elsewhere.
    pub origin: Option<String>,
    /// For example `in-use`.
    pub status: Option<String>,
    /// When it was had.
    #[serde(default, deserialize_with = "time")]
    pub date_created: Option<DateTime<Utc>>,
    /// When it last changed.
    #[serde(default, deserialize_with = "time")]
    pub date_updated: Option<DateTime<Utc>>,
}

impl fmt::Debug for IncomingPhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IncomingPhoneNumber")
            .field("sid", &self.sid)
            .field("account_sid", &self.account_sid)
            .field("capabilities", &self.capabilities)
            .field("sms_method", &self.sms_method)
            .field("sms_application_sid", &self.sms_application_sid)
            .field("voice_method", &self.voice_method)
            .field("status_callback_method", &self.status_callback_method)
            .field("beta", &self.beta)
            .field("origin", &self.origin)
            .field("status", &self.status)
            .field("date_created", &self.date_created)
            .field("date_updated", &self.date_updated)
            .finish_non_exhaustive()
    }
}

/// Which of the account's numbers to list.
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct ListIncomingPhoneNumbers {
    /// With these digits; `*` stands for any one.
    pub phone_number: Option<String>,
    /// With exactly this name.
    pub friendly_name: Option<String>,
    /// New to Twilio's platform, or not.
    pub beta: Option<bool>,
    /// `twilio` or `hosted`.
    pub origin: Option<String>,
    /// Objects a page, 1 to 1000; Twilio's default is 50.
    pub page_size: Option<u32>,
}

impl ListIncomingPhoneNumbers {
    /// Nothing is set.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets [`phone_number`](Self::phone_number).
    pub fn with_phone_number(mut self, phone_number: impl Into<String>) -> Self {
        self.phone_number = Some(phone_number.into());
        self
    }

    /// Sets [`friendly_name`](Self::friendly_name).
    pub fn with_friendly_name(mut self, friendly_name: impl Into<String>) -> Self {
        self.friendly_name = Some(friendly_name.into());
        self
    }

    /// Sets [`beta`](Self::beta).
    pub fn with_beta(mut self, beta: bool) -> Self {
        self.beta = Some(beta);
        self
    }

    /// Sets [`origin`](Self::origin).
    pub fn with_origin(mut self, origin: impl Into<String>) -> Self {
        self.origin = Some(origin.into());
        self
    }

    /// Sets [`page_size`](Self::page_size).
    pub fn with_page_size(mut self, page_size: u32) -> Self {
        self.page_size = Some(page_size);
        self
    }

    fn form(&self) -> Form {
        let mut form = Form::new();
        form.maybe("PhoneNumber", self.phone_number.as_deref());
        form.maybe("FriendlyName", self.friendly_name.as_deref());
        form.flag("Beta", self.beta);
        form.maybe("Origin", self.origin.as_deref());
        form
    }
}

impl fmt::Debug for ListIncomingPhoneNumbers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ListIncomingPhoneNumbers")
            .field("beta", &self.beta)
            .field("origin", &self.origin)
            .field("page_size", &self.page_size)
            .finish_non_exhaustive()
    }
}

/// Sets where Twilio tells about a number's messages and calls. What is not set stays as it is.
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct UpdateIncomingPhoneNumber {
    /// The host's own name for it.
    pub friendly_name: Option<String>,
    /// Where incoming messages are told.
    pub sms_url: Option<Url>,
    /// How: `POST` or `GET`.
    pub sms_method: Option<String>,
    /// Where they are told when that fails.
    pub sms_fallback_url: Option<Url>,
    /// How: `POST` or `GET`.
    pub sms_fallback_method: Option<String>,
    /// The application that handles messages instead, `AP...`.
    pub sms_application_sid: Option<String>,
    /// Where incoming calls are told.
    pub voice_url: Option<Url>,
    /// How: `POST` or `GET`.
    pub voice_method: Option<String>,
    /// Where they are told when that fails.
    pub voice_fallback_url: Option<Url>,
    /// How: `POST` or `GET`.
    pub voice_fallback_method: Option<String>,
    /// The application that handles calls instead, `AP...`.
    pub voice_application_sid: Option<String>,
    /// Where the end of calls is told.
    pub status_callback: Option<Url>,
    /// How: `POST` or `GET`.
    pub status_callback_method: Option<String>,
}

impl UpdateIncomingPhoneNumber {
    /// Nothing is set.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets [`friendly_name`](Self::friendly_name).
    pub fn with_friendly_name(mut self, friendly_name: impl Into<String>) -> Self {
        self.friendly_name = Some(friendly_name.into());
        self
    }

    /// Sets [`sms_url`](Self::sms_url).
    pub fn with_sms_url(mut self, sms_url: Url) -> Self {
        self.sms_url = Some(sms_url);
        self
    }

    /// Sets [`sms_method`](Self::sms_method).
    pub fn with_sms_method(mut self, sms_method: impl Into<String>) -> Self {
        self.sms_method = Some(sms_method.into());
        self
    }

    /// Sets [`sms_fallback_url`](Self::sms_fallback_url).
    pub fn with_sms_fallback_url(mut self, sms_fallback_url: Url) -> Self {
        self.sms_fallback_url = Some(sms_fallback_url);
        self
    }

    /// Sets [`sms_fallback_method`](Self::sms_fallback_method).
    pub fn with_sms_fallback_method(mut self, sms_fallback_method: impl Into<String>) -> Self {
        self.sms_fallback_method = Some(sms_fallback_method.into());
        self
    }

    /// Sets [`sms_application_sid`](Self::sms_application_sid).
    pub fn with_sms_application_sid(mut self, sms_application_sid: impl Into<String>) -> Self {
        self.sms_application_sid = Some(sms_application_sid.into());
        self
    }

    /// Sets [`voice_url`](Self::voice_url).
    pub fn with_voice_url(mut self, voice_url: Url) -> Self {
        self.voice_url = Some(voice_url);
        self
    }

    /// Sets [`voice_method`](Self::voice_method).
    pub fn with_voice_method(mut self, voice_method: impl Into<String>) -> Self {
        self.voice_method = Some(voice_method.into());
        self
    }

    /// Sets [`voice_fallback_url`](Self::voice_fallback_url).
    pub fn with_voice_fallback_url(mut self, voice_fallback_url: Url) -> Self {
        self.voice_fallback_url = Some(voice_fallback_url);
        self
    }

    /// Sets [`voice_fallback_method`](Self::voice_fallback_method).
    pub fn with_voice_fallback_method(mut self, voice_fallback_method: impl Into<String>) -> Self {
        self.voice_fallback_method = Some(voice_fallback_method.into());
        self
    }

    /// Sets [`voice_application_sid`](Self::voice_application_sid).
    pub fn with_voice_application_sid(mut self, voice_application_sid: impl Into<String>) -> Self {
        self.voice_application_sid = Some(voice_application_sid.into());
        self
    }

    /// Sets [`status_callback`](Self::status_callback).
    pub fn with_status_callback(mut self, status_callback: Url) -> Self {
        self.status_callback = Some(status_callback);
        self
    }

    /// Sets [`status_callback_method`](Self::status_callback_method).
    pub fn with_status_callback_method(mut self, status_callback_method: impl Into<String>) -> Self {
        self.status_callback_method = Some(status_callback_method.into());
        self
    }

    fn form(&self) -> Form {
        let mut form = Form::new();
        form.maybe("FriendlyName", self.friendly_name.as_deref());
        form.maybe("SmsUrl", self.sms_url.as_ref().map(Url::as_str));
        form.maybe("SmsMethod", self.sms_method.as_deref());
        form.maybe("SmsFallbackUrl", self.sms_fallback_url.as_ref().map(Url::as_str));
        form.maybe("SmsFallbackMethod", self.sms_fallback_method.as_deref());
        form.maybe("SmsApplicationSid", self.sms_application_sid.as_deref());
        form.maybe("VoiceUrl", self.voice_url.as_ref().map(Url::as_str));
        form.maybe("VoiceMethod", self.voice_method.as_deref());
        form.maybe("VoiceFallbackUrl", self.voice_fallback_url.as_ref().map(Url::as_str));
        form.maybe("VoiceFallbackMethod", self.voice_fallback_method.as_deref());
        form.maybe("VoiceApplicationSid", self.voice_application_sid.as_deref());
        form.maybe("StatusCallback", self.status_callback.as_ref().map(Url::as_str));
        form.maybe("StatusCallbackMethod", self.status_callback_method.as_deref());
        form
    }
}

impl fmt::Debug for UpdateIncomingPhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UpdateIncomingPhoneNumber")
            .field("sms_method", &self.sms_method)
            .field("sms_fallback_method", &self.sms_fallback_method)
            .field("sms_application_sid", &self.sms_application_sid)
            .field("voice_method", &self.voice_method)
            .field("voice_fallback_method", &self.voice_fallback_method)
            .field("voice_application_sid", &self.voice_application_sid)
            .field("status_callback_method", &self.status_callback_method)
            .finish_non_exhaustive()
    }
}

const FETCH: Operation = read("phone_numbers.fetch");
const UPDATE: Operation = set("phone_numbers.update");
static LIST: Operation = read("phone_numbers.list");

/// Calls for the account's numbers: [`Twilio::incoming_phone_numbers`].
#[derive(Debug, Clone, Copy)]
pub struct IncomingPhoneNumbers<'a> {
    twilio: &'a Twilio,
}

impl<'a> IncomingPhoneNumbers<'a> {
    pub(crate) fn new(twilio: &'a Twilio) -> Self {
        Self { twilio }
    }

    /// The account's numbers: `GET .../IncomingPhoneNumbers.json`.
    pub fn list(self, params: &ListIncomingPhoneNumbers) -> ListRequest<IncomingPhoneNumber> {
        let path = Ok(self.twilio.account_path("/IncomingPhoneNumbers.json"));
        let key = "incoming_phone_numbers";
        ListRequest::new(self.twilio, &LIST, Product::Api, path, key, params.form(), params.page_size)
    }

    /// One number: `GET .../IncomingPhoneNumbers/{Sid}.json`.
    pub async fn fetch(self, sid: &str) -> Result<IncomingPhoneNumber> {
        self.twilio.get(&FETCH, Product::Api, &self.path(sid)?, "").await
    }

    /// Sets where Twilio tells about a number: `POST .../IncomingPhoneNumbers/{Sid}.json`.
    pub async fn update(self, sid: &str, params: &UpdateIncomingPhoneNumber) -> Result<IncomingPhoneNumber> {
        self.twilio.post(&UPDATE, Product::Api, &self.path(sid)?, params.form()).await
    }

    fn path(self, sid: &str) -> Result<String> {
        Ok(self.twilio.account_path(&format!("/IncomingPhoneNumbers/{}.json", check_sid("sid", "PN", sid)?)))
    }
}
