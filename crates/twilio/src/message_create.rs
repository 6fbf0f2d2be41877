//! What a message is made of when it is sent.

use std::fmt;

use chrono::{DateTime, Utc};
use turnbuckle_core::{Error, Result};
use url::Url;

use crate::client::check_sid;
use crate::form::Form;
use crate::object::string_enum;

string_enum! {
    /// Whether Twilio keeps the text of a message.
    ContentRetention {
        /// It does.
        Retain = "retain",
        /// It does not.
        Discard = "discard",
    }
}

string_enum! {
    /// Whether Twilio keeps the numbers of a message.
    AddressRetention {
        /// It does.
        Retain = "retain",
        /// It keeps parts.
        Obfuscate = "obfuscate",
        /// It does not.
        Discard = "discard",
    }
}

string_enum! {
    /// Whether Twilio looks for SMS pumping.
    RiskCheck {
        /// It does.
        Enable = "enable",
        /// It does not.
        Disable = "disable",
    }
}

/// Sends a message, or schedules it. It needs a sender (`from`, `messaging_service_sid`, or both) and
/// something to say (`body`, `media_urls` or `content_sid`). See
/// <https://www.twilio.com/docs/messaging/api/message-resource>.
#[derive(Clone)]
#[non_exhaustive]
pub struct CreateMessage {
    /// Who gets it: `+` and digits, or an address of another channel such as `whatsapp:+...`.
    pub to: String,
    /// Who it comes from: a number of the account's, a short code, or a name of up to 11 letters, digits and
    /// spaces.
    pub from: Option<String>,
    /// The messaging service that picks the sender, `MG...`.
    pub messaging_service_sid: Option<String>,
    /// The text, up to 1600 characters.
    pub body: Option<String>,
    /// Up to 10 media, which Twilio fetches.
    pub media_urls: Vec<Url>,
    /// A content template, `HX...`, instead of a text.
    pub content_sid: Option<String>,
    /// What goes into the template: a JSON object of strings, as text.
    pub content_variables: Option<String>,
    /// Where Twilio tells how far the message has come.
    pub status_callback: Option<Url>,
    /// An application whose callback is used instead, `AP...`.
    pub application_sid: Option<String>,
    /// Whether the host will tell Twilio that the message worked.
    pub provide_feedback: Option<bool>,
    /// Which attempt this is, by the host's own count.
    pub attempt: Option<u32>,
    /// Seconds that the message may wait at Twilio, 1 to 36,000.
    pub validity_period: Option<u32>,
    /// Whether Twilio keeps the text.
    pub content_retention: Option<ContentRetention>,
    /// Whether Twilio keeps the numbers.
    pub address_retention: Option<AddressRetention>,
    /// Whether characters that only look special are replaced, which can save parts.
    pub smart_encoded: Option<bool>,
    /// Actions of channels other than SMS.
    pub persistent_actions: Vec<String>,
    /// Whether links become short ones of the messaging service's domain.
    pub shorten_urls: Option<bool>,
    /// When to send it: more than 300 seconds and at most 35 days ahead. Needs a messaging service.
    pub send_at: Option<DateTime<Utc>>,
    /// Whether it goes out as MMS in any case.
    pub send_as_mms: Option<bool>,
    /// Whether Twilio looks for SMS pumping.
    pub risk_check: Option<RiskCheck>,
    /// The sender where the channel of the first one does not reach the recipient.
    pub fallback_from: Option<String>,
}

impl CreateMessage {
    /// The required fields; nothing else is sent.
    pub fn new(to: impl Into<String>) -> Self {
        Self {
            to: to.into(),
            from: None,
            messaging_service_sid: None,
            body: None,
            media_urls: Vec::new(),
            content_sid: None,
            content_variables: None,
            status_callback: None,
            application_sid: None,
            provide_feedback: None,
            attempt: None,
            validity_period: None,
            content_retention: None,
            address_retention: None,
            smart_encoded: None,
            persistent_actions: Vec::new(),
            shorten_urls: None,
            send_at: None,
            send_as_mms: None,
            risk_check: None,
            fallback_from: None,
        }
    }

    /// Sets [`from`](Self::from).
    pub fn with_from(mut self, from: impl Into<String>) -> Self {
        self.from = Some(from.into());
        self
    }

    /// Sets [`messaging_service_sid`](Self::messaging_service_sid).
    pub fn with_messaging_service_sid(mut self, messaging_service_sid: impl Into<String>) -> Self {
        self.messaging_service_sid = Some(messaging_service_sid.into());
        self
    }

    /// Sets [`body`](Self::body).
    pub fn with_body(mut self, body: impl Into<String>) -> Self {
        self.body = Some(body.into());
        self
    }

    /// Adds one of [`media_urls`](Self::media_urls).
    pub fn with_media_url(mut self, media_url: Url) -> Self {
        self.media_urls.push(media_url);
        self
    }

    /// Sets [`content_sid`](Self::content_sid).
    pub fn with_content_sid(mut self, content_sid: impl Into<String>) -> Self {
        self.content_sid = Some(content_sid.into());
        self
    }

    /// Sets [`content_variables`](Self::content_variables).
    pub fn with_content_variables(mut self, content_variables: impl Into<String>) -> Self {
        self.content_variables = Some(content_variables.into());
        self
    }

    /// Sets [`status_callback`](Self::status_callback).
    pub fn with_status_callback(mut self, status_callback: Url) -> Self {
        self.status_callback = Some(status_callback);
        self
    }

    /// Sets [`application_sid`](Self::application_sid).
    pub fn with_application_sid(mut self, application_sid: impl Into<String>) -> Self {
        self.application_sid = Some(application_sid.into());
        self
    }

    /// Sets [`provide_feedback`](Self::provide_feedback).
    pub fn with_provide_feedback(mut self, provide_feedback: bool) -> Self {
        self.provide_feedback = Some(provide_feedback);
        self
    }

    /// Sets [`attempt`](Self::attempt).
    pub fn with_attempt(mut self, attempt: u32) -> Self {
        self.attempt = Some(attempt);
        self
    }

    /// Sets [`validity_period`](Self::validity_period).
    pub fn with_validity_period(mut self, validity_period: u32) -> Self {
        self.validity_period = Some(validity_period);
        self
    }

    /// Sets [`content_retention`](Self::content_retention).
    pub fn with_content_retention(mut self, content_retention: ContentRetention) -> Self {
        self.content_retention = Some(content_retention);
        self
    }

    /// Sets [`address_retention`](Self::address_retention).
    pub fn with_address_retention(mut self, address_retention: AddressRetention) -> Self {
        self.address_retention = Some(address_retention);
        self
    }

    /// Sets [`smart_encoded`](Self::smart_encoded).
    pub fn with_smart_encoded(mut self, smart_encoded: bool) -> Self {
        self.smart_encoded = Some(smart_encoded);
        self
    }

    /// Adds one of [`persistent_actions`](Self::persistent_actions).
    pub fn with_persistent_action(mut self, persistent_action: impl Into<String>) -> Self {
        self.persistent_actions.push(persistent_action.into());
        self
    }

    /// Sets [`shorten_urls`](Self::shorten_urls).
    pub fn with_shorten_urls(mut self, shorten_urls: bool) -> Self {
        self.shorten_urls = Some(shorten_urls);
        self
    }

    /// Sets [`send_at`](Self::send_at).
    pub fn with_send_at(mut self, send_at: DateTime<Utc>) -> Self {
        self.send_at = Some(send_at);
        self
    }

    /// Sets [`send_as_mms`](Self::send_as_mms).
    pub fn with_send_as_mms(mut self, send_as_mms: bool) -> Self {
        self.send_as_mms = Some(send_as_mms);
        self
    }

    /// Sets [`risk_check`](Self::risk_check).
    pub fn with_risk_check(mut self, risk_check: RiskCheck) -> Self {
        self.risk_check = Some(risk_check);
        self
    }

    /// Sets [`fallback_from`](Self::fallback_from).
    pub fn with_fallback_from(mut self, fallback_from: impl Into<String>) -> Self {
        self.fallback_from = Some(fallback_from.into());
        self
    }

    /// Most media in one message.
    pub const MAX_MEDIA: usize = 10;
    /// Most characters of a text.
    pub const MAX_BODY: usize = 1600;

    /// Refuses what Twilio would refuse, before anything is sent. Whether numbers exist, Twilio knows.
    pub(crate) fn checked(&self) -> Result<Form> {
        let refuse = |field, problem| Err(Error::invalid_field(field, problem));
        if self.to.is_empty() {
            return refuse("To", "is empty");
        }
        if self.from.as_ref().is_none_or(String::is_empty) && self.messaging_service_sid.is_none() {
            return refuse("From", "is required where there is no messaging service");
        }
        if let Some(sid) = &self.messaging_service_sid {
            check_sid("MessagingServiceSid", "MG", sid)?;
        }
        if let Some(sid) = &self.content_sid {
            check_sid("ContentSid", "HX", sid)?;
        }
        let says_nothing = self.body.as_ref().is_none_or(String::is_empty) && self.media_urls.is_empty();
        if says_nothing && self.content_sid.is_none() {
            return refuse("Body", "is required where there is neither a medium nor a template");
        }
        if self.body.as_ref().is_some_and(|body| body.chars().count() > Self::MAX_BODY) {
            return refuse("Body", "is longer than 1600 characters");
        }
        if self.media_urls.len() > Self::MAX_MEDIA {
            return refuse("MediaUrl", "stands more than 10 times");
        }
        if self.content_variables.is_some() && self.content_sid.is_none() {
            return refuse("ContentVariables", "needs a template");
        }
        if self.validity_period.is_some_and(|seconds| !(1..=36_000).contains(&seconds)) {
            return refuse("ValidityPeriod", "must be from 1 to 36,000 seconds");
        }
        if self.send_at.is_some() && self.messaging_service_sid.is_none() {
            return refuse("SendAt", "needs a messaging service");
        }
        Ok(self.form())
    }

    fn form(&self) -> Form {
        let mut form = Form::new();
        form.text("To", &self.to);
        form.maybe("From", self.from.as_deref());
        form.maybe("MessagingServiceSid", self.messaging_service_sid.as_deref());
        form.maybe("Body", self.body.as_deref());
        form.each("MediaUrl", &self.media_urls);
        form.maybe("ContentSid", self.content_sid.as_deref());
        form.maybe("ContentVariables", self.content_variables.as_deref());
        form.maybe("StatusCallback", self.status_callback.as_ref().map(Url::as_str));
        form.maybe("ApplicationSid", self.application_sid.as_deref());
        form.flag("ProvideFeedback", self.provide_feedback);
        form.number("Attempt", self.attempt);
        form.number("ValidityPeriod", self.validity_period);
        form.maybe("ContentRetention", self.content_retention.as_ref().map(ContentRetention::as_str));
        form.maybe("AddressRetention", self.address_retention.as_ref().map(AddressRetention::as_str));
        form.flag("SmartEncoded", self.smart_encoded);
        form.each("PersistentAction", &self.persistent_actions);
        form.flag("ShortenUrls", self.shorten_urls);
        form.maybe("ScheduleType", self.send_at.map(|_| "fixed"));
        form.time("SendAt", self.send_at);
        form.flag("SendAsMms", self.send_as_mms);
        form.maybe("RiskCheck", self.risk_check.as_ref().map(RiskCheck::as_str));
        form.maybe("FallbackFrom", self.fallback_from.as_deref());
        form
    }
}

impl fmt::Debug for CreateMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CreateMessage")
            .field("messaging_service_sid", &self.messaging_service_sid)
            .field("content_sid", &self.content_sid)
            .field("application_sid", &self.application_sid)
            .field("provide_feedback", &self.provide_feedback)
            .field("attempt", &self.attempt)
            .field("validity_period", &self.validity_period)
            .field("content_retention", &self.content_retention)
            .field("address_retention", &self.address_retention)
            .field("smart_encoded", &self.smart_encoded)
            .field("shorten_urls", &self.shorten_urls)
            .field("send_at", &self.send_at)
            .field("send_as_mms", &self.send_as_mms)
            .field("risk_check", &self.risk_check)
            .finish_non_exhaustive()
    }
}
