//! Messages: sent, fetched, listed, redacted, called back, deleted.

use std::fmt;

use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserialize;
use turnbuckle_core::Result;
use turnbuckle_core::http::Operation;

use crate::client::{check_sid, is_sid, once, read, set};
use crate::form::Form;
use crate::hosts::Product;
use crate::object::{decimal, null_default, number, string_enum, time};
use crate::{CreateMessage, ListRequest, Twilio};

string_enum! {
    /// How far a message has come.
    MessageStatus {
        /// A messaging service has taken it and will pick a sender.
        Accepted = "accepted",
        /// It waits for its time.
        Scheduled = "scheduled",
        /// It was called back before its time.
        Canceled = "canceled",
        /// It waits at Twilio.
        Queued = "queued",
        /// It is on its way to a carrier.
        Sending = "sending",
        /// A carrier took it.
        Sent = "sent",
        /// It could not be sent.
        Failed = "failed",
        /// It arrived, as the carrier says.
        Delivered = "delivered",
        /// The carrier did not deliver it.
        Undelivered = "undelivered",
        /// It is coming in.
        Receiving = "receiving",
        /// It came in.
        Received = "received",
        /// It was read, on channels that tell.
        Read = "read",
        /// Some of its recipients got it.
        PartiallyDelivered = "partially_delivered",
    }
}

string_enum! {
    /// Which way a message went.
    MessageDirection {
        /// To the account.
        Inbound = "inbound",
        /// Sent by the API.
        OutboundApi = "outbound-api",
        /// Sent during a call.
        OutboundCall = "outbound-call",
        /// The answer to one that came in.
        OutboundReply = "outbound-reply",
    }
}

/// A message.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct Message {
    /// Id, `SM...`, or `MM...` with media.
    pub sid: String,
    /// The account.
    #[serde(default, deserialize_with = "null_default")]
    pub account_sid: String,
    /// The messaging service that it went through.
    pub messaging_service_sid: Option<String>,
    /// Who it comes from; absent until a messaging service has picked.
    pub from: Option<String>,
    /// Who gets it.
    #[serde(default, deserialize_with = "null_default")]
    pub to: String,
    /// The text. Twilio puts a line of its own before those of trial accounts.
    pub body: Option<String>,
    /// How far it has come.
    #[serde(default, deserialize_with = "null_default")]
    pub status: MessageStatus,
    /// Which way it went.
    #[serde(default, deserialize_with = "null_default")]
    pub direction: MessageDirection,
    /// How many parts are billed; zero until a messaging service has picked a sender.
    #[serde(default, deserialize_with = "number")]
    pub num_segments: Option<u32>,
    /// How many media it has.
    #[serde(default, deserialize_with = "number")]
    pub num_media: Option<u32>,
    /// What it cost, below zero; known some time after it was sent.
    #[serde(default, deserialize_with = "decimal")]
    pub price: Option<String>,
    /// The currency of the price, in upper case.
    pub price_unit: Option<String>,
    /// Why it failed; [`codes`](crate::codes) says what it means.
    #[serde(default, deserialize_with = "number")]
    pub error_code: Option<u32>,
    /// Twilio's words for that.
    pub error_message: Option<String>,
    /// When Twilio took it.
    #[serde(default, deserialize_with = "time")]
    pub date_created: Option<DateTime<Utc>>,
    /// When it left.
    #[serde(default, deserialize_with = "time")]
    pub date_sent: Option<DateTime<Utc>>,
    /// When it last changed.
    #[serde(default, deserialize_with = "time")]
    pub date_updated: Option<DateTime<Utc>>,
    /// Its path.
    #[serde(default, deserialize_with = "null_default")]
    pub uri: String,
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Message")
            .field("sid", &self.sid)
            .field("account_sid", &self.account_sid)
            .field("messaging_service_sid", &self.messaging_service_sid)
            .field("status", &self.status)
            .field("direction", &self.direction)
            .field("num_segments", &self.num_segments)
            .field("num_media", &self.num_media)
            .field("price", &self.price)
            .field("price_unit", &self.price_unit)
            .field("error_code", &self.error_code)
            .field("date_created", &self.date_created)
            .field("date_sent", &self.date_sent)
            .field("date_updated", &self.date_updated)
            .field("uri", &self.uri)
            .finish_non_exhaustive()
    }
}

/// Which messages to list, newest first. Twilio sorts by the day of sending, which messages that wait lack: a
/// list can find a message and never prove that there is none.
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct ListMessages {
    /// To this number.
    pub to: Option<String>,
    /// From this number.
    pub from: Option<String>,
    /// Sent on this day, UTC.
    pub sent_on: Option<NaiveDate>,
    /// Sent on this day or before.
    pub sent_before: Option<NaiveDate>,
    /// Sent on this day or after.
    pub sent_after: Option<NaiveDate>,
    /// Objects a page, 1 to 1000; Twilio's default is 50.
    pub page_size: Option<u32>,
}

impl ListMessages {
    /// Nothing is set.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets [`to`](Self::to).
    pub fn with_to(mut self, to: impl Into<String>) -> Self {
        self.to = Some(to.into());
        self
    }

    /// Sets [`from`](Self::from).
    pub fn with_from(mut self, from: impl Into<String>) -> Self {
        self.from = Some(from.into());
        self
    }

    /// Sets [`sent_on`](Self::sent_on).
    pub fn with_sent_on(mut self, sent_on: NaiveDate) -> Self {
        self.sent_on = Some(sent_on);
        self
    }

    /// Sets [`sent_before`](Self::sent_before).
    pub fn with_sent_before(mut self, sent_before: NaiveDate) -> Self {
        self.sent_before = Some(sent_before);
        self
    }

    /// Sets [`sent_after`](Self::sent_after).
    pub fn with_sent_after(mut self, sent_after: NaiveDate) -> Self {
        self.sent_after = Some(sent_after);
        self
    }

    /// Sets [`page_size`](Self::page_size).
    pub fn with_page_size(mut self, page_size: u32) -> Self {
        self.page_size = Some(page_size);
        self
    }

    fn form(&self) -> Form {
        let mut form = Form::new();
        form.maybe("To", self.to.as_deref());
        form.maybe("From", self.from.as_deref());
        form.day("DateSent", self.sent_on);
        form.day("DateSent<", self.sent_before);
        form.day("DateSent>", self.sent_after);
        form
    }
}

impl fmt::Debug for ListMessages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ListMessages")
            .field("sent_on", &self.sent_on)
            .field("sent_before", &self.sent_before)
            .field("sent_after", &self.sent_after)
            .field("page_size", &self.page_size)
            .finish_non_exhaustive()
    }
}

const CREATE: Operation = once("messages.create");
const FETCH: Operation = read("messages.fetch");
const REDACT: Operation = set("messages.redact");
const CANCEL: Operation = set("messages.cancel");
const DELETE: Operation = set("messages.delete");
static LIST: Operation = read("messages.list");

/// Calls for messages: [`Twilio::messages`].
#[derive(Debug, Clone, Copy)]
pub struct Messages<'a> {
    twilio: &'a Twilio,
}

impl<'a> Messages<'a> {
    pub(crate) fn new(twilio: &'a Twilio) -> Self {
        Self { twilio }
    }

    /// Sends a message, or schedules it: `POST .../Messages.json`. It is sent once; when the answer is lost, the effect
    /// is unknown.
    ///
    /// # Errors
    /// [`InvalidRequest`](turnbuckle_core::ErrorKind::InvalidRequest) naming Twilio's parameter, for what Twilio would
    /// refuse anyway; nothing is sent then.
    pub async fn create(self, params: &CreateMessage) -> Result<Message> {
        let form =
            params.checked().map_err(|error| error.or_context(&crate::client::PROVIDER, CREATE.name))?;
        let path = self.twilio.account_path("/Messages.json");
        self.twilio.post(&CREATE, Product::Api, &path, form).await
    }

    /// One message: `GET .../Messages/{Sid}.json`.
    pub async fn fetch(self, sid: &str) -> Result<Message> {
        self.twilio.get(&FETCH, Product::Api, &self.path(sid)?, "").await
    }

    /// Messages, newest first: `GET .../Messages.json`.
    pub fn list(self, params: &ListMessages) -> ListRequest<Message> {
        let path = Ok(self.twilio.account_path("/Messages.json"));
        ListRequest::new(self.twilio, &LIST, Product::Api, path, "messages", params.form(), params.page_size)
    }

    /// Takes the text out of a message that has left: `POST .../Messages/{Sid}.json` with an empty `Body`.
    pub async fn redact(self, sid: &str) -> Result<Message> {
        let mut form = Form::new();
        form.text("Body", "");
        self.twilio.post(&REDACT, Product::Api, &self.path(sid)?, form).await
    }

    /// Calls back a message that waits for its time: `POST .../Messages/{Sid}.json` with `Status=canceled`. For one that
    /// no longer waits, the canceled ones included, Twilio answers 30409.
    pub async fn cancel(self, sid: &str) -> Result<Message> {
        let mut form = Form::new();
        form.text("Status", MessageStatus::Canceled.as_str());
        self.twilio.post(&CANCEL, Product::Api, &self.path(sid)?, form).await
    }

    /// Deletes the record of a message: `DELETE .../Messages/{Sid}.json`. What was sent stays sent.
    pub async fn delete(self, sid: &str) -> Result<()> {
        self.twilio.delete(&DELETE, Product::Api, &self.path(sid)?).await
    }

    fn path(self, sid: &str) -> Result<String> {
        Ok(self.twilio.account_path(&format!("/Messages/{}.json", check_message_sid(sid)?)))
    }
}

/// Messages have two kinds of id.
pub(crate) fn check_message_sid(sid: &str) -> Result<&str> {
    if is_sid("MM", sid) { Ok(sid) } else { check_sid("sid", "SM", sid) }
}
