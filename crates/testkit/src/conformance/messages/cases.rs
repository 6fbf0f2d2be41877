//! What the suites of text messages and email need of a provider, and the vendor's own books in plain words.

use std::time::Duration;

use turnbuckle_core::messaging::{DeliveryReason, DeliveryState, Mailbox, PhoneNumber, Sender, Template};

/// What both suites need to know about a vendor.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct MessageCases {
    /// Recipients that the vendor refuses when it is asked to send, and why.
    pub refused: Vec<(String, DeliveryReason)>,
    /// Recipients to whom a message is taken, and what becomes of it in the end.
    pub fates: Vec<(String, DeliveryState)>,
    /// What a search for an attempt can do.
    pub search: MessageSearch,
    /// How the vendor treats somebody who ended messages; see
    /// [`Bench::ends_messages`](super::super::Bench::ends_messages).
    pub ended: EndedMessages,
    /// After so long nothing more becomes of a message.
    pub arrives_within: Duration,
    /// How far ahead a scheduled message is sent.
    pub schedule: Duration,
    /// Whether the vendor tells that a message has left when it is called back too late.
    pub knows_what_left: bool,
    /// Of the feature of templates: one that the vendor has.
    pub template: Option<Template>,
    /// Whether the vendor pushes what becomes of a message. It must then be received by the connection's webhooks.
    pub pushes: bool,
}

impl Default for MessageCases {
    fn default() -> Self {
        Self {
            refused: Vec::new(),
            fates: Vec::new(),
            search: MessageSearch::Nothing,
            ended: EndedMessages::Unknown,
            arrives_within: Duration::from_secs(3600),
            schedule: Duration::from_secs(2 * 3600),
            knows_what_left: true,
            template: None,
            pushes: true,
        }
    }
}

impl MessageCases {
    /// Nobody is refused, nothing is found, everything is told within an hour.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a recipient whom the vendor refuses when it is asked to send.
    pub fn with_refused(mut self, recipient: impl Into<String>, reason: DeliveryReason) -> Self {
        self.refused.push((recipient.into(), reason));
        self
    }

    /// Adds a recipient to whom a message is taken, and what becomes of it in the end.
    pub fn with_fate(mut self, recipient: impl Into<String>, state: DeliveryState) -> Self {
        self.fates.push((recipient.into(), state));
        self
    }

    /// Sets what a search for an attempt can do.
    pub fn with_search(mut self, search: MessageSearch) -> Self {
        self.search = search;
        self
    }

    /// Sets how the vendor treats somebody who ended messages.
    pub fn with_ended(mut self, ended: EndedMessages) -> Self {
        self.ended = ended;
        self
    }

    /// Says that the vendor does not tell that a message has left when it is called back too late.
    pub fn without_late_refusal(mut self) -> Self {
        self.knows_what_left = false;
        self
    }

    /// Says that the vendor pushes nothing about messages.
    pub fn without_pushes(mut self) -> Self {
        self.pushes = false;
        self
    }

    /// Adds a template that the vendor has.
    pub fn with_template(mut self, template: Template) -> Self {
        self.template = Some(template);
        self
    }
}

/// What a vendor's search for an attempt can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageSearch {
    /// Find what was sent, and, sooner or later, prove that nothing was.
    Proves,
    /// Find what was sent, sooner or later, and prove nothing.
    Finds,
    /// Nothing for sure: what was sent may stay unknown until a push tells.
    Nothing,
}

/// How a vendor treats somebody who ended messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndedMessages {
    /// A message is refused when it is asked to be sent.
    Refused,
    /// A message is taken, and not sent: pushes tell.
    Dropped,
    /// The bench cannot show it.
    Unknown,
}

/// What the suite of text messages needs.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct SmsCases {
    /// A number that every message reaches.
    pub to: PhoneNumber,
    /// Another one.
    pub other: PhoneNumber,
    /// Who messages come from; `None` is what the connection was set up with.
    pub from: Option<Sender>,
    /// Of a name as the sender: one that the vendor takes, of plain letters and digits.
    pub sender_name: Option<String>,
    /// Of a pool of senders: one that the vendor has, of plain letters and digits.
    pub sender_pool: Option<String>,
    /// Who scheduled messages come from, where only some senders can.
    pub scheduled_from: Option<Sender>,
    /// What both channels have.
    pub messages: MessageCases,
}

impl SmsCases {
    /// Two numbers that every message reaches.
    pub fn new(to: PhoneNumber, other: PhoneNumber, messages: MessageCases) -> Self {
        Self { to, other, from: None, sender_name: None, sender_pool: None, scheduled_from: None, messages }
    }

    /// Sets who messages come from.
    pub fn with_from(mut self, from: Sender) -> Self {
        self.from = Some(from);
        self
    }

    /// Adds a name as the sender.
    pub fn with_sender_name(mut self, name: impl Into<String>) -> Self {
        self.sender_name = Some(name.into());
        self
    }

    /// Adds a pool of senders.
    pub fn with_sender_pool(mut self, id: impl Into<String>) -> Self {
        self.sender_pool = Some(id.into());
        self
    }

    /// Sets who scheduled messages come from.
    pub fn with_scheduled_from(mut self, from: Sender) -> Self {
        self.scheduled_from = Some(from);
        self
    }
}

/// What the suite of email needs.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct EmailCases {
    /// Who messages come from: an address that the vendor lets the account use.
    pub from: Mailbox,
    /// An address that every message reaches.
    pub to: Mailbox,
    /// Another one.
    pub other: Mailbox,
    /// Of unsubscribe groups: one that the vendor has, of plain letters and digits.
    pub group: Option<String>,
    /// What both channels have.
    pub messages: MessageCases,
}

impl EmailCases {
    /// A sender and two addresses that every message reaches.
    pub fn new(from: Mailbox, to: Mailbox, other: Mailbox, messages: MessageCases) -> Self {
        Self { from, to, other, group: None, messages }
    }

    /// Adds an unsubscribe group.
    pub fn with_group(mut self, id: impl Into<String>) -> Self {
        self.group = Some(id.into());
        self
    }
}

/// One message to one recipient in the vendor's own books. Refused ones are not in there.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct VendorMessage {
    /// The vendor's id, the same for every recipient of one message.
    pub id: String,
    /// What travelled with it of the attempt.
    pub attempt: Option<String>,
    /// The recipient, as pushes name them.
    pub recipient: String,
    /// What has become of it.
    pub state: DeliveryState,
}

impl VendorMessage {
    /// A message with which nothing of an attempt travelled.
    pub fn new(id: impl Into<String>, recipient: impl Into<String>, state: DeliveryState) -> Self {
        Self { id: id.into(), attempt: None, recipient: recipient.into(), state }
    }

    /// Sets what travelled with it of the attempt.
    pub fn with_attempt(mut self, attempt: Option<String>) -> Self {
        self.attempt = attempt;
        self
    }
}
