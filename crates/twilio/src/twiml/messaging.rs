//! Answers to incoming messages.

use std::fmt;

use turnbuckle_core::Result;
use url::Url;

use super::xml::Element;

/// What an incoming message is answered with. Without anything in it, nothing is answered. `Debug` shows how much.
#[derive(Clone)]
pub struct MessagingResponse {
    root: Element,
}

impl MessagingResponse {
    /// Answers nothing.
    pub fn new() -> Self {
        Self { root: Element::new("Response") }
    }

    /// Answers with a text.
    pub fn with_text(self, text: impl Into<String>) -> Self {
        self.with_message(ReplyMessage::new(text))
    }

    /// Answers with a message.
    pub fn with_message(mut self, message: ReplyMessage) -> Self {
        self.root = self.root.child(message.element());
        self
    }

    /// Has Twilio ask another address what to answer. Nothing behind this counts.
    pub fn with_redirect(mut self, url: &Url) -> Self {
        self.root = self.root.child(Element::new("Redirect").text(url.as_str()));
        self
    }

    /// The document, to be answered as [`CONTENT_TYPE`](super::CONTENT_TYPE).
    ///
    /// # Errors
    /// [`InvalidRequest`](turnbuckle_core::ErrorKind::InvalidRequest) naming the element or attribute, when a text holds
    /// a control character, which XML cannot.
    pub fn to_xml(&self) -> Result<String> {
        self.root.document()
    }
}

impl Default for MessagingResponse {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for MessagingResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MessagingResponse")
            .field("elements", &self.root.children.len())
            .finish_non_exhaustive()
    }
}

/// One message of an answer. `Debug` shows how many media it has.
#[derive(Clone)]
#[non_exhaustive]
pub struct ReplyMessage {
    /// The text.
    pub body: String,
    /// Media, which Twilio fetches.
    pub media: Vec<Url>,
    /// Who gets it; whoever wrote, by default.
    pub to: Option<String>,
    /// Who it comes from; whoever was written to, by default.
    pub from: Option<String>,
    /// Where Twilio tells how far it has come.
    pub status_callback: Option<Url>,
}

impl ReplyMessage {
    /// A text to whoever wrote.
    pub fn new(body: impl Into<String>) -> Self {
        Self { body: body.into(), media: Vec::new(), to: None, from: None, status_callback: None }
    }

    /// Adds one of [`media`](Self::media).
    pub fn with_media(mut self, url: Url) -> Self {
        self.media.push(url);
        self
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

    /// Sets [`status_callback`](Self::status_callback).
    pub fn with_status_callback(mut self, url: Url) -> Self {
        self.status_callback = Some(url);
        self
    }

    fn element(self) -> Element {
        let element = Element::new("Message")
            .attribute("to", self.to)
            .attribute("from", self.from)
            .attribute("statusCallback", self.status_callback.map(String::from));
        if self.media.is_empty() {
            return element.text(self.body);
        }
        let element = element.child(Element::new("Body").text(self.body));
        self.media.into_iter().fold(element, |element, url| element.child(Element::new("Media").text(url)))
    }
}

impl fmt::Debug for ReplyMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReplyMessage").field("media", &self.media.len()).finish_non_exhaustive()
    }
}
