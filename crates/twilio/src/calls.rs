//! Calls.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use turnbuckle_core::http::Operation;
use turnbuckle_core::{Error, Result};
use url::Url;

use crate::Twilio;
use crate::client::{check_sid, once, read, set};
use crate::form::Form;
use crate::hosts::Product;
use crate::object::{decimal, null_default, number, string_enum, time};
use crate::twiml::VoiceResponse;

string_enum! {
    /// How far a call has come.
    CallStatus {
        /// It waits at Twilio.
        Queued = "queued",
        /// It is being started.
        Initiated = "initiated",
        /// It rings.
        Ringing = "ringing",
        /// Somebody took it.
        InProgress = "in-progress",
        /// It ended after somebody had taken it.
        Completed = "completed",
        /// The line was busy.
        Busy = "busy",
        /// It could not be made.
        Failed = "failed",
        /// Nobody took it.
        NoAnswer = "no-answer",
        /// It was called back before somebody took it.
        Canceled = "canceled",
    }
}

impl CallStatus {
    /// Whether the call is over.
    pub fn is_final(&self) -> bool {
        matches!(self, Self::Completed | Self::Busy | Self::Failed | Self::NoAnswer | Self::Canceled)
    }
}

/// What happens once somebody takes a call. `Debug` shows which of them.
#[derive(Clone)]
#[non_exhaustive]
pub enum CallScript {
    /// These instructions, up to 4000 characters.
    Twiml(VoiceResponse),
    /// The instructions that this address answers with.
    Url(Url),
    /// Those of an application, `AP...`.
    Application(String),
}

impl fmt::Debug for CallScript {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Twiml(_) => "Twiml(..)",
            Self::Url(_) => "Url(..)",
            Self::Application(_) => "Application(..)",
        })
    }
}

/// A call.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct Call {
    /// Id, `CA...`.
    pub sid: String,
    /// The account.
    #[serde(default, deserialize_with = "null_default")]
    pub account_sid: String,
    /// The call that made it.
    pub parent_call_sid: Option<String>,
    /// Who calls.
    #[serde(default, deserialize_with = "null_default")]
    pub from: String,
    /// Who is called.
    #[serde(default, deserialize_with = "null_default")]
    pub to: String,
    /// The account's number, `PN...`.
    pub phone_number_sid: Option<String>,
    /// How far it has come.
    #[serde(default, deserialize_with = "null_default")]
    pub status: CallStatus,
    /// `inbound`, `outbound-api` or `outbound-dial`.
    #[serde(default, deserialize_with = "null_default")]
    pub direction: String,
    /// `human` or `machine`, where that was asked for.
    pub answered_by: Option<String>,
    /// Seconds that it lasted.
    #[serde(default, deserialize_with = "number")]
    pub duration: Option<u32>,
    /// What it cost, below zero; known some time after it ended.
    #[serde(default, deserialize_with = "decimal")]
    pub price: Option<String>,
    /// The currency of the price, in upper case.
    pub price_unit: Option<String>,
    /// When somebody took it.
    #[serde(default, deserialize_with = "time")]
    pub start_time: Option<DateTime<Utc>>,
    /// When it ended.
    #[serde(default, deserialize_with = "time")]
    pub end_time: Option<DateTime<Utc>>,
    /// When Twilio took it.
    #[serde(default, deserialize_with = "time")]
    pub date_created: Option<DateTime<Utc>>,
    /// When it last changed.
    #[serde(default, deserialize_with = "time")]
    pub date_updated: Option<DateTime<Utc>>,
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("sid", &self.sid)
            .field("account_sid", &self.account_sid)
            .field("parent_call_sid", &self.parent_call_sid)
            .field("phone_number_sid", &self.phone_number_sid)
            .field("status", &self.status)
            .field("direction", &self.direction)
            .field("answered_by", &self.answered_by)
            .field("duration", &self.duration)
            .field("price", &self.price)
            .field("price_unit", &self.price_unit)
            .field("start_time", &self.start_time)
            .field("end_time", &self.end_time)
            .field("date_created", &self.date_created)
            .field("date_updated", &self.date_updated)
            .finish_non_exhaustive()
    }
}

/// Starts a call. See <https://www.twilio.com/docs/voice/api/call-resource>.
#[derive(Clone)]
#[non_exhaustive]
pub struct CreateCall {
    /// Who is called: `+` and digits, `sip:...` or `client:...`.
    pub to: String,
    /// Who calls: a number of the account's, or one that it verified.
    pub from: String,
    /// What happens once somebody takes it.
    pub script: CallScript,
    /// Where Twilio tells how far the call has come.
    pub status_callback: Option<Url>,
    /// What it tells: `initiated`, `ringing`, `answered`, `completed`; the last alone by default.
    pub status_callback_events: Vec<String>,
    /// How: `POST` or `GET`.
    pub status_callback_method: Option<String>,
    /// How the address of the instructions is asked: `POST` or `GET`.
    pub method: Option<String>,
    /// Seconds that it rings, up to 600.
    pub timeout: Option<u32>,
    /// Seconds that it may last.
    pub time_limit: Option<u32>,
    /// `Enable` or `DetectMessageEnd`: find out whether a person or a machine answers.
    pub machine_detection: Option<String>,
    /// Whether it is recorded.
    pub record: Option<bool>,
    /// Digits to dial once it is taken.
    pub send_digits: Option<String>,
    /// What the recipient sees, where `from` is a client or SIP.
    pub caller_id: Option<String>,
}

impl CreateCall {
    /// The required fields; nothing else is sent.
    pub fn new(to: impl Into<String>, from: impl Into<String>, script: CallScript) -> Self {
        Self {
            to: to.into(),
            from: from.into(),
            script,
            status_callback: None,
            status_callback_events: Vec::new(),
            status_callback_method: None,
            method: None,
            timeout: None,
            time_limit: None,
            machine_detection: None,
            record: None,
            send_digits: None,
            caller_id: None,
        }
    }

    /// Sets [`status_callback`](Self::status_callback).
    pub fn with_status_callback(mut self, status_callback: Url) -> Self {
        self.status_callback = Some(status_callback);
        self
    }

    /// Adds one of [`status_callback_events`](Self::status_callback_events).
    pub fn with_status_callback_event(mut self, status_callback_event: impl Into<String>) -> Self {
        self.status_callback_events.push(status_callback_event.into());
        self
    }

    /// Sets [`status_callback_method`](Self::status_callback_method).
    pub fn with_status_callback_method(mut self, status_callback_method: impl Into<String>) -> Self {
        self.status_callback_method = Some(status_callback_method.into());
        self
    }

    /// Sets [`method`](Self::method).
    pub fn with_method(mut self, method: impl Into<String>) -> Self {
        self.method = Some(method.into());
        self
    }

    /// Sets [`timeout`](Self::timeout).
    pub fn with_timeout(mut self, timeout: u32) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Sets [`time_limit`](Self::time_limit).
    pub fn with_time_limit(mut self, time_limit: u32) -> Self {
        self.time_limit = Some(time_limit);
        self
    }

    /// Sets [`machine_detection`](Self::machine_detection).
    pub fn with_machine_detection(mut self, machine_detection: impl Into<String>) -> Self {
        self.machine_detection = Some(machine_detection.into());
        self
    }

    /// Sets [`record`](Self::record).
    pub fn with_record(mut self, record: bool) -> Self {
        self.record = Some(record);
        self
    }

    /// Sets [`send_digits`](Self::send_digits).
    pub fn with_send_digits(mut self, send_digits: impl Into<String>) -> Self {
        self.send_digits = Some(send_digits.into());
        self
    }

    /// Sets [`caller_id`](Self::caller_id).
    pub fn with_caller_id(mut self, caller_id: impl Into<String>) -> Self {
        self.caller_id = Some(caller_id.into());
        self
    }

    fn form(&self) -> Result<Form> {
        if self.to.is_empty() {
            return Err(Error::invalid_field("To", "is empty"));
        }
        if self.from.is_empty() {
            return Err(Error::invalid_field("From", "is empty"));
        }
        if self.timeout.is_some_and(|seconds| seconds > 600) {
            return Err(Error::invalid_field("Timeout", "is longer than 600 seconds"));
        }
        let mut form = Form::new();
        form.text("To", &self.to);
        form.text("From", &self.from);
        script(&mut form, &self.script)?;
        form.maybe("StatusCallback", self.status_callback.as_ref().map(Url::as_str));
        form.each("StatusCallbackEvent", &self.status_callback_events);
        form.maybe("StatusCallbackMethod", self.status_callback_method.as_deref());
        form.maybe("Method", self.method.as_deref());
        form.number("Timeout", self.timeout);
        form.number("TimeLimit", self.time_limit);
        form.maybe("MachineDetection", self.machine_detection.as_deref());
        form.flag("Record", self.record);
        form.maybe("SendDigits", self.send_digits.as_deref());
        form.maybe("CallerId", self.caller_id.as_deref());
        Ok(form)
    }
}

impl fmt::Debug for CreateCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CreateCall")
            .field("status_callback_events", &self.status_callback_events)
            .field("status_callback_method", &self.status_callback_method)
            .field("method", &self.method)
            .field("timeout", &self.timeout)
            .field("time_limit", &self.time_limit)
            .field("machine_detection", &self.machine_detection)
            .field("record", &self.record)
            .field("script", &self.script)
            .finish_non_exhaustive()
    }
}

/// Most characters of instructions in a request.
const MAX_TWIML: usize = 4000;

fn script(form: &mut Form, script: &CallScript) -> Result<()> {
    match script {
        CallScript::Twiml(twiml) => {
            let text = twiml.to_xml()?;
            if text.chars().count() > MAX_TWIML {
                return Err(Error::invalid_field("Twiml", "is longer than 4000 characters"));
            }
            form.text("Twiml", &text);
        }
        CallScript::Url(url) => form.text("Url", url.as_str()),
        CallScript::Application(sid) => form.text("ApplicationSid", check_sid("ApplicationSid", "AP", sid)?),
    }
    Ok(())
}

const CREATE: Operation = once("calls.create");
const FETCH: Operation = read("calls.fetch");
const HANG_UP: Operation = set("calls.hang_up");
const REDIRECT: Operation = set("calls.redirect");

/// Calls for calls: [`Twilio::calls`].
#[derive(Debug, Clone, Copy)]
pub struct Calls<'a> {
    twilio: &'a Twilio,
}

impl<'a> Calls<'a> {
    pub(crate) fn new(twilio: &'a Twilio) -> Self {
        Self { twilio }
    }

    /// Starts a call: `POST .../Calls.json`. It is sent once; when the answer is lost, the effect is unknown.
    pub async fn create(self, params: &CreateCall) -> Result<Call> {
        let path = self.twilio.account_path("/Calls.json");
        self.twilio.post(&CREATE, Product::Api, &path, params.form()?).await
    }

    /// One call: `GET .../Calls/{Sid}.json`.
    pub async fn fetch(self, sid: &str) -> Result<Call> {
        self.twilio.get(&FETCH, Product::Api, &self.path(sid)?, "").await
    }

    /// Ends a call, whether somebody took it or not: `POST .../Calls/{Sid}.json` with `Status=completed`.
    pub async fn hang_up(self, sid: &str) -> Result<Call> {
        let mut form = Form::new();
        form.text("Status", CallStatus::Completed.as_str());
        self.twilio.post(&HANG_UP, Product::Api, &self.path(sid)?, form).await
    }

    /// Gives a call that somebody took other instructions: `POST .../Calls/{Sid}.json`.
    ///
    /// # Errors
    /// [`InvalidRequest`](turnbuckle_core::ErrorKind::InvalidRequest) for an application, which only a new call takes.
    pub async fn redirect(self, sid: &str, to: &CallScript) -> Result<Call> {
        if matches!(to, CallScript::Application(_)) {
            return Err(Error::invalid_field("ApplicationSid", "is for new calls only"));
        }
        let mut form = Form::new();
        script(&mut form, to)?;
        self.twilio.post(&REDIRECT, Product::Api, &self.path(sid)?, form).await
    }

    fn path(self, sid: &str) -> Result<String> {
        Ok(self.twilio.account_path(&format!("/Calls/{}.json", check_sid("sid", "CA", sid)?)))
    }
}
