//! The suites of text messages and email: what both channels share. `sms` and `email` beside this hold the rest.

mod cases;
mod events;
mod faults;
mod leaks;
mod post;
mod schedule;
mod sending;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use turnbuckle_core::Clock as _;
use turnbuckle_core::messaging::{
    Accepted, Channel, Consent, ConsentGate, DeliveryState, EmailBody, EmailMessage, Mailbox, MessageClass,
    PhoneNumber, Sending, SmsBody, SmsMessage,
};
use turnbuckle_core::payment::IdempotencyKey;
use turnbuckle_core::provider::Connection;
use turnbuckle_core::webhook::WebhookReceiver;

pub use cases::{EmailCases, EndedMessages, MessageCases, MessageSearch, SmsCases, VendorMessage};
pub(super) use post::{Letter, Post};

use super::{Bench, Failed, Fixture, Report, Setup};
use crate::fault::Faults;

pub(super) type Done = Result<(), Failed>;

/// What every message says: plain letters and digits, so that they can be seen at the vendor.
pub(super) const TEXT: &str = "conformance4711";

/// A channel's own cases.
#[derive(Clone, Copy)]
pub(super) enum Cases<'a> {
    Sms(&'a SmsCases),
    Email(&'a EmailCases),
}

/// One provider under test, on one channel.
#[derive(Clone, Copy)]
pub(super) struct Suite<'a> {
    pub(super) fixture: &'a dyn Fixture,
    pub(super) cases: Cases<'a>,
    /// Whether the channel can send later.
    pub(super) schedules: bool,
}

pub(super) async fn run(suite: &Suite<'_>, report: &mut Report) {
    sending::run(suite, report).await;
    faults::run(suite, report).await;
    if suite.schedules {
        schedule::run(suite, report).await;
    }
    events::run(suite, report).await;
    leaks::run(suite, report).await;
}

impl Suite<'_> {
    pub(super) fn channel(&self) -> Channel {
        match self.cases {
            Cases::Sms(_) => Channel::Sms,
            Cases::Email(_) => Channel::Email,
        }
    }

    /// The name of a case of this channel.
    pub(super) fn name(&self, case: &str) -> String {
        format!("{}: {case}", self.channel().as_str())
    }

    pub(super) fn messages(&self) -> &MessageCases {
        match self.cases {
            Cases::Sms(cases) => &cases.messages,
            Cases::Email(cases) => &cases.messages,
        }
    }

    /// Somebody whom every message reaches.
    pub(super) fn to(&self) -> &str {
        match self.cases {
            Cases::Sms(cases) => cases.to.as_str(),
            Cases::Email(cases) => &cases.to.address,
        }
    }

    /// Somebody else whom every message reaches.
    pub(super) fn other(&self) -> &str {
        match self.cases {
            Cases::Sms(cases) => cases.other.as_str(),
            Cases::Email(cases) => &cases.other.address,
        }
    }

    pub(super) fn stage(&self) -> Result<Stage<'_>, Failed> {
        self.stage_with(|_| {})
    }

    pub(super) fn stage_with(&self, change: impl FnOnce(&mut Setup)) -> Result<Stage<'_>, Failed> {
        let bench = self.fixture.bench();
        let mut setup = Setup::new(self.fixture.credentials(), bench.clock());
        change(&mut setup);
        let (post, receiver) = self.connected(&bench.connect(&setup)?)?;
        Ok(Stage { suite: self, bench, setup, post, receiver })
    }

    fn connected(&self, connection: &Connection) -> Result<(Post, Option<Arc<dyn WebhookReceiver>>), Failed> {
        let post = match self.cases {
            Cases::Sms(_) => connection.sms().map(Post::Sms),
            Cases::Email(_) => connection.email().map(Post::Email),
        };
        let post = post.ok_or_else(|| Failed::new("the connection does not send on this channel"))?;
        Ok((post, connection.webhooks()))
    }
}

/// A fresh vendor and a connection to it.
pub(super) struct Stage<'a> {
    suite: &'a Suite<'a>,
    pub(super) bench: Box<dyn Bench>,
    pub(super) setup: Setup,
    pub(super) post: Post,
    receiver: Option<Arc<dyn WebhookReceiver>>,
}

impl Stage<'_> {
    pub(super) fn faults(&self) -> &Faults {
        &self.setup.faults
    }

    pub(super) fn key(&self, name: &str) -> Result<IdempotencyKey, Failed> {
        Ok(IdempotencyKey::new(format!("conformance-{name}"), self.setup.clock.now())?)
    }

    /// Another connection to the same vendor.
    pub(super) fn started_again(&self) -> Result<Post, Failed> {
        Ok(self.suite.connected(&self.bench.connect(&self.setup)?)?.0)
    }

    /// An ordinary message that its recipient waits for.
    pub(super) fn letter(&self, name: &str, to: &str) -> Result<Letter, Failed> {
        self.letter_saying(name, to, TEXT)
    }

    pub(super) fn letter_saying(&self, name: &str, to: &str, text: &str) -> Result<Letter, Failed> {
        let (key, class) = (self.key(name)?, MessageClass::Transactional);
        Ok(match self.suite.cases {
            Cases::Sms(cases) => {
                let body = SmsBody::Text(text.to_owned());
                let mut message = SmsMessage::new(key, class, PhoneNumber::new(to)?, body);
                message.from.clone_from(&cases.from);
                Letter::Sms(Box::new(message))
            }
            Cases::Email(cases) => {
                let body = EmailBody::Parts {
                    subject: format!("About {text}"),
                    text: Some(text.to_owned()),
                    html: Some(format!("<p>{text}</p>")),
                };
                let (from, to) = (cases.from.clone(), Mailbox::new(to)?);
                Letter::Email(Box::new(EmailMessage::new(key, class, from, to, body)))
            }
        })
    }

    /// The same, to be sent later.
    pub(super) fn scheduled(&self, name: &str, to: &str) -> Result<Letter, Failed> {
        let at = self.setup.clock.now() + self.suite.messages().schedule;
        let mut letter = self.letter(name, to)?;
        match (&mut letter, self.suite.cases) {
            (Letter::Sms(message), Cases::Sms(cases)) => {
                message.send_at = Some(at);
                if cases.scheduled_from.is_some() {
                    message.from.clone_from(&cases.scheduled_from);
                }
            }
            (Letter::Email(message), _) => message.send_at = Some(at),
            _ => {}
        }
        Ok(letter)
    }

    pub(super) async fn accepted(&self, letter: &Letter) -> Result<Accepted, Failed> {
        match self.post.send(letter).await? {
            Sending::Accepted(accepted) => Ok(accepted),
            Sending::Refused(refusal) => Err(Failed::new(format!("refused: {:?}", refusal.reason))),
            _ => Err(Failed::new("an answer that this suite does not know")),
        }
    }

    pub(super) fn advance(&self, by: Duration) {
        self.setup.clock.advance(by);
        self.bench.clock_moved(&self.setup.clock);
    }

    /// Lets so much time pass that nothing more becomes of what was sent.
    pub(super) fn settle_down(&self) {
        self.advance(self.suite.messages().arrives_within);
    }

    /// What the vendor has of this letter.
    pub(super) fn at_vendor(&self, letter: &Letter) -> Vec<VendorMessage> {
        let attempt = self.post.attempt(letter, self.setup.clock.now());
        let all = self.bench.messages(self.suite.channel());
        let own = |message: &VendorMessage| message.attempt.as_deref() == Some(attempt.wire_key.as_str());
        all.into_iter().filter(own).collect()
    }

    /// How a letter to one recipient stands at the vendor.
    pub(super) fn stands(&self, letter: &Letter) -> Option<DeliveryState> {
        self.at_vendor(letter).first().map(|message| message.state)
    }

    /// How many messages the vendor took.
    pub(super) fn taken(&self) -> usize {
        let mut ids: Vec<String> =
            self.bench.messages(self.suite.channel()).into_iter().map(|message| message.id).collect();
        ids.sort();
        ids.dedup();
        ids.len()
    }
}

/// A gate that lets everybody be written to.
#[derive(Debug)]
pub(super) struct Anybody;

#[async_trait]
impl ConsentGate for Anybody {
    async fn may_send(&self, _: Channel, _: &MessageClass, _: &str) -> turnbuckle_core::Result<Consent> {
        Ok(Consent::Given)
    }
}
