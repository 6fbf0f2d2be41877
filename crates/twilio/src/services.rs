//! Messaging services: pools of senders under one id.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use turnbuckle_core::http::Operation;
use turnbuckle_core::{Error, Result};
use url::Url;

use crate::client::{check_sid, once, read, set};
use crate::form::Form;
use crate::hosts::Product;
use crate::object::{null_default, number, time};
use crate::{ListRequest, Twilio};

/// A messaging service.
#[derive(Clone, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of Twilio's")]
#[non_exhaustive]
pub struct MessagingService {
    /// Id, `MG...`.
    pub sid: String,
    /// The account.
    #[serde(default, deserialize_with = "null_default")]
    pub account_sid: String,
    /// The host's own name for it.
    #[serde(default, deserialize_with = "null_default")]
    pub friendly_name: String,
    /// Where incoming messages are told.
    pub inbound_request_url: Option<String>,
    /// How: `POST` or `GET`.
    pub inbound_method: Option<String>,
    /// Where they are told when that fails.
    pub fallback_url: Option<String>,
    /// Where the progress of messages is told that name no address of their own.
    pub status_callback: Option<String>,
    /// Whether each number's own address is told instead.
    #[serde(default, deserialize_with = "null_default")]
    pub use_inbound_webhook_on_number: bool,
    /// Whether a recipient always gets the same sender.
    #[serde(default, deserialize_with = "null_default")]
    pub sticky_sender: bool,
    /// Whether characters that only look special are replaced.
    #[serde(default, deserialize_with = "null_default")]
    pub smart_encoding: bool,
    /// Whether media become links where there is no MMS.
    #[serde(default, deserialize_with = "null_default")]
    pub mms_converter: bool,
    /// Whether senders of the recipient's area are preferred.
    #[serde(default, deserialize_with = "null_default")]
    pub area_code_geomatch: bool,
    /// Seconds that a message may wait at Twilio.
    #[serde(default, deserialize_with = "number")]
    pub validity_period: Option<u32>,
    /// What it is for, for example `notifications`.
    pub usecase: Option<String>,
    /// Whether its numbers are registered for messages of applications in the United States.
    pub us_app_to_person_registered: Option<bool>,
    /// When it was made.
    #[serde(default, deserialize_with = "time")]
    pub date_created: Option<DateTime<Utc>>,
    /// When it last changed.
    #[serde(default, deserialize_with = "time")]
    pub date_updated: Option<DateTime<Utc>>,
}

impl fmt::Debug for MessagingService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MessagingService")
            .field("sid", &self.sid)
            .field("account_sid", &self.account_sid)
            .field("inbound_method", &self.inbound_method)
            .field("use_inbound_webhook_on_number", &self.use_inbound_webhook_on_number)
            .field("sticky_sender", &self.sticky_sender)
            .field("smart_encoding", &self.smart_encoding)
            .field("mms_converter", &self.mms_converter)
            .field("area_code_geomatch", &self.area_code_geomatch)
            .field("validity_period", &self.validity_period)
            .field("usecase", &self.usecase)
            .field("us_app_to_person_registered", &self.us_app_to_person_registered)
            .field("date_created", &self.date_created)
            .field("date_updated", &self.date_updated)
            .finish_non_exhaustive()
    }
}

/// Makes a messaging service.
#[derive(Clone)]
#[non_exhaustive]
pub struct CreateMessagingService {
    /// The host's own name for it, up to 64 characters.
    pub friendly_name: String,
    /// Where incoming messages are told.
    pub inbound_request_url: Option<Url>,
    /// How: `POST` or `GET`.
    pub inbound_method: Option<String>,
    /// Where they are told when that fails.
    pub fallback_url: Option<Url>,
    /// How: `POST` or `GET`.
    pub fallback_method: Option<String>,
    /// Where the progress of messages is told that name no address of their own.
    pub status_callback: Option<Url>,
    /// Whether each number's own address is told instead.
    pub use_inbound_webhook_on_number: Option<bool>,
    /// Whether a recipient always gets the same sender.
    pub sticky_sender: Option<bool>,
    /// Whether characters that only look special are replaced.
    pub smart_encoding: Option<bool>,
    /// Whether media become links where there is no MMS.
    pub mms_converter: Option<bool>,
    /// Whether senders of the recipient's area are preferred.
    pub area_code_geomatch: Option<bool>,
    /// Seconds that a message may wait at Twilio, 1 to 36,000.
    pub validity_period: Option<u32>,
    /// What it is for, for example `notifications`.
    pub usecase: Option<String>,
}

impl CreateMessagingService {
    /// The required fields; nothing else is sent.
    pub fn new(friendly_name: impl Into<String>) -> Self {
        Self {
            friendly_name: friendly_name.into(),
            inbound_request_url: None,
            inbound_method: None,
            fallback_url: None,
            fallback_method: None,
            status_callback: None,
            use_inbound_webhook_on_number: None,
            sticky_sender: None,
            smart_encoding: None,
            mms_converter: None,
            area_code_geomatch: None,
            validity_period: None,
            usecase: None,
        }
    }

    /// Sets [`inbound_request_url`](Self::inbound_request_url).
    pub fn with_inbound_request_url(mut self, inbound_request_url: Url) -> Self {
        self.inbound_request_url = Some(inbound_request_url);
        self
    }

    /// Sets [`inbound_method`](Self::inbound_method).
    pub fn with_inbound_method(mut self, inbound_method: impl Into<String>) -> Self {
        self.inbound_method = Some(inbound_method.into());
        self
    }

    /// Sets [`fallback_url`](Self::fallback_url).
    pub fn with_fallback_url(mut self, fallback_url: Url) -> Self {
        self.fallback_url = Some(fallback_url);
        self
    }

    /// Sets [`fallback_method`](Self::fallback_method).
    pub fn with_fallback_method(mut self, fallback_method: impl Into<String>) -> Self {
        self.fallback_method = Some(fallback_method.into());
        self
    }

    /// Sets [`status_callback`](Self::status_callback).
    pub fn with_status_callback(mut self, status_callback: Url) -> Self {
        self.status_callback = Some(status_callback);
        self
    }

    /// Sets [`use_inbound_webhook_on_number`](Self::use_inbound_webhook_on_number).
    pub fn with_use_inbound_webhook_on_number(mut self, use_inbound_webhook_on_number: bool) -> Self {
        self.use_inbound_webhook_on_number = Some(use_inbound_webhook_on_number);
        self
    }

    /// Sets [`sticky_sender`](Self::sticky_sender).
    pub fn with_sticky_sender(mut self, sticky_sender: bool) -> Self {
        self.sticky_sender = Some(sticky_sender);
        self
    }

    /// Sets [`smart_encoding`](Self::smart_encoding).
    pub fn with_smart_encoding(mut self, smart_encoding: bool) -> Self {
        self.smart_encoding = Some(smart_encoding);
        self
    }

    /// Sets [`mms_converter`](Self::mms_converter).
    pub fn with_mms_converter(mut self, mms_converter: bool) -> Self {
        self.mms_converter = Some(mms_converter);
        self
    }

    /// Sets [`area_code_geomatch`](Self::area_code_geomatch).
    pub fn with_area_code_geomatch(mut self, area_code_geomatch: bool) -> Self {
        self.area_code_geomatch = Some(area_code_geomatch);
        self
    }

    /// Sets [`validity_period`](Self::validity_period).
    pub fn with_validity_period(mut self, validity_period: u32) -> Self {
        self.validity_period = Some(validity_period);
        self
    }

    /// Sets [`usecase`](Self::usecase).
    pub fn with_usecase(mut self, usecase: impl Into<String>) -> Self {
        self.usecase = Some(usecase.into());
        self
    }

    fn form(&self) -> Form {
        let mut form = Form::new();
        form.text("FriendlyName", &self.friendly_name);
        form.maybe("InboundRequestUrl", self.inbound_request_url.as_ref().map(Url::as_str));
        form.maybe("InboundMethod", self.inbound_method.as_deref());
        form.maybe("FallbackUrl", self.fallback_url.as_ref().map(Url::as_str));
        form.maybe("FallbackMethod", self.fallback_method.as_deref());
        form.maybe("StatusCallback", self.status_callback.as_ref().map(Url::as_str));
        form.flag("UseInboundWebhookOnNumber", self.use_inbound_webhook_on_number);
        form.flag("StickySender", self.sticky_sender);
        form.flag("SmartEncoding", self.smart_encoding);
        form.flag("MmsConverter", self.mms_converter);
        form.flag("AreaCodeGeomatch", self.area_code_geomatch);
        form.number("ValidityPeriod", self.validity_period);
        form.maybe("Usecase", self.usecase.as_deref());
        form
    }
}

impl fmt::Debug for CreateMessagingService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CreateMessagingService")
            .field("inbound_method", &self.inbound_method)
            .field("fallback_method", &self.fallback_method)
            .field("use_inbound_webhook_on_number", &self.use_inbound_webhook_on_number)
            .field("sticky_sender", &self.sticky_sender)
            .field("smart_encoding", &self.smart_encoding)
            .field("mms_converter", &self.mms_converter)
            .field("area_code_geomatch", &self.area_code_geomatch)
            .field("validity_period", &self.validity_period)
            .field("usecase", &self.usecase)
            .finish_non_exhaustive()
    }
}

/// A number in the pool of a messaging service.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct ServiceNumber {
    /// Id, `PN...`.
    pub sid: String,
    /// The number.
    #[serde(default, deserialize_with = "null_default")]
    pub phone_number: String,
    /// Its country, ISO 3166-1.
    #[serde(default, deserialize_with = "null_default")]
    pub country_code: String,
    /// What it can do, for example `SMS`.
    #[serde(default, deserialize_with = "null_default")]
    pub capabilities: Vec<String>,
    /// When it joined the pool.
    #[serde(default, deserialize_with = "time")]
    pub date_created: Option<DateTime<Utc>>,
}

impl fmt::Debug for ServiceNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServiceNumber")
            .field("sid", &self.sid)
            .field("country_code", &self.country_code)
            .field("capabilities", &self.capabilities)
            .field("date_created", &self.date_created)
            .finish_non_exhaustive()
    }
}

/// A name in the pool of a messaging service.
#[derive(Debug, Clone, Deserialize)]
#[non_exhaustive]
pub struct AlphaSender {
    /// Id, `AI...`.
    pub sid: String,
    /// The name.
    #[serde(default, deserialize_with = "null_default")]
    pub alpha_sender: String,
    /// What it can do, for example `SMS`.
    #[serde(default, deserialize_with = "null_default")]
    pub capabilities: Vec<String>,
    /// When it joined the pool.
    #[serde(default, deserialize_with = "time")]
    pub date_created: Option<DateTime<Utc>>,
}

/// A short code in the pool of a messaging service.
#[derive(Debug, Clone, Deserialize)]
#[non_exhaustive]
pub struct ServiceShortCode {
    /// Id, `SC...`.
    pub sid: String,
    /// The short code.
    #[serde(default, deserialize_with = "null_default")]
    pub short_code: String,
    /// Its country, ISO 3166-1.
    #[serde(default, deserialize_with = "null_default")]
    pub country_code: String,
    /// What it can do, for example `SMS`.
    #[serde(default, deserialize_with = "null_default")]
    pub capabilities: Vec<String>,
    /// When it joined the pool.
    #[serde(default, deserialize_with = "time")]
    pub date_created: Option<DateTime<Utc>>,
}

static LIST: Operation = read("messaging_services.list");
const CREATE: Operation = once("messaging_services.create");
const FETCH: Operation = read("messaging_services.fetch");
const UPDATE: Operation = set("messaging_services.update");
static NUMBERS: Operation = read("messaging_services.phone_numbers");
static ALPHA: Operation = read("messaging_services.alpha_senders");
static SHORT: Operation = read("messaging_services.short_codes");

/// Calls for messaging services: [`Twilio::messaging_services`].
#[derive(Debug, Clone, Copy)]
pub struct MessagingServices<'a> {
    twilio: &'a Twilio,
}

impl<'a> MessagingServices<'a> {
    pub(crate) fn new(twilio: &'a Twilio) -> Self {
        Self { twilio }
    }

    /// The messaging services: `GET /v1/Services`.
    pub fn list(self) -> ListRequest<MessagingService> {
        let path = Ok("/v1/Services".to_owned());
        ListRequest::new(self.twilio, &LIST, Product::Messaging, path, "services", Form::new(), None)
    }

    /// Makes one: `POST /v1/Services`.
    ///
    /// # Errors
    /// [`InvalidRequest`](turnbuckle_core::ErrorKind::InvalidRequest) when the name is empty or longer than 64
    /// characters.
    pub async fn create(self, params: &CreateMessagingService) -> Result<MessagingService> {
        check_name(&params.friendly_name)?;
        self.twilio.post(&CREATE, Product::Messaging, "/v1/Services", params.form()).await
    }

    /// One messaging service: `GET /v1/Services/{Sid}`.
    pub async fn fetch(self, sid: &str) -> Result<MessagingService> {
        self.twilio.get(&FETCH, Product::Messaging, &path(sid, "")?, "").await
    }

    /// Sets the name of one, and what else is given; the rest stays: `POST /v1/Services/{Sid}`.
    ///
    /// # Errors
    /// As [`create`](Self::create).
    pub async fn update(self, sid: &str, params: &CreateMessagingService) -> Result<MessagingService> {
        check_name(&params.friendly_name)?;
        self.twilio.post(&UPDATE, Product::Messaging, &path(sid, "")?, params.form()).await
    }

    /// The numbers in its pool: `GET /v1/Services/{ServiceSid}/PhoneNumbers`.
    pub fn phone_numbers(self, sid: &str) -> ListRequest<ServiceNumber> {
        self.senders(&NUMBERS, path(sid, "/PhoneNumbers"), "phone_numbers")
    }

    /// The names in its pool: `GET /v1/Services/{ServiceSid}/AlphaSenders`.
    pub fn alpha_senders(self, sid: &str) -> ListRequest<AlphaSender> {
        self.senders(&ALPHA, path(sid, "/AlphaSenders"), "alpha_senders")
    }

    /// The short codes in its pool: `GET /v1/Services/{ServiceSid}/ShortCodes`.
    pub fn short_codes(self, sid: &str) -> ListRequest<ServiceShortCode> {
        self.senders(&SHORT, path(sid, "/ShortCodes"), "short_codes")
    }

    fn senders<T>(
        self,
        operation: &'static Operation,
        path: Result<String>,
        key: &'static str,
    ) -> ListRequest<T> {
        ListRequest::new(self.twilio, operation, Product::Messaging, path, key, Form::new(), None)
    }
}

fn path(sid: &str, rest: &str) -> Result<String> {
    Ok(format!("/v1/Services/{}{rest}", check_sid("sid", "MG", sid)?))
}

fn check_name(name: &str) -> Result<()> {
    if (1..=64).contains(&name.chars().count()) {
        Ok(())
    } else {
        Err(Error::invalid_field("FriendlyName", "must be 1 to 64 characters"))
    }
}
