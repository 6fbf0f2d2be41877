//! SendGrid behind core's `EmailSender`.

use std::fmt;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use turnbuckle_core::messaging::{
    Accepted, Attachment, DeliveryState, EmailBody, EmailFeature, EmailFeatures, EmailMessage, EmailSender,
    Mailbox, MessageAttempt, MessageClass, MessageRef, Sending, Template, Unsubscribe,
};
use turnbuckle_core::payment::{Authority, Lookup, WireKey};
use turnbuckle_core::provider::ConnectionConfig;
use turnbuckle_core::{Effect, Environment, Error, ErrorKind, ProviderId, Result};

use crate::client::PROVIDER;
use crate::event::{ATTEMPT_ARG, BATCH_ARG};
use crate::{
    BatchStatus, MailAddress, MailContent, MailFile, MailSend, MailSettings, Personalization, SendGrid,
    Switch, UnsubscribeSettings,
};

const FEATURES: EmailFeatures = EmailFeatures::new(&[
    EmailFeature::Attachments,
    EmailFeature::Templates,
    EmailFeature::Schedule,
    EmailFeature::Categories,
    EmailFeature::UnsubscribeGroups,
]);

static SENDGRID: ProviderId = PROVIDER;

/// Begins the handle of scheduled mail: `batch:<batch id>@<seconds>`.
pub(crate) const BATCH: &str = "batch:";
/// Begins the handle of mail that was only checked: `sandbox:<attempt>`.
const SANDBOX: &str = "sandbox:";

/// How long before its time SendGrid is sure to call mail back.
const CALL_BACK: TimeDelta = TimeDelta::minutes(10);

/// SendGrid as a sender of email.
///
/// - SendGrid has no idempotency keys: a mail is sent once, and a lost answer leaves the effect unknown. It cannot be looked
///   up either. The attempt's id travels as the custom arg [`ATTEMPT_ARG`] and comes back in every event about
///   the mail, which settles it.
/// - SendGrid refuses nobody when it takes a mail. Whom it leaves out, since they ended mail or bounced, its events say
///   (`dropped`).
/// - A handle is what sending answered with, `X-Message-Id`. Scheduled mail has the handle of its batch instead, which also
///   travels with it, so that it can be called back after a restart.
/// - A marketing mail ends by one of SendGrid's unsubscribe groups, or by a link, which is also put in the head
///   (`List-Unsubscribe`).
/// - In sandbox mode SendGrid checks a mail and sends nothing, and no event follows. It is on for connections to the sandbox
///   environment and off for production, unless the setting `sandboxMode` says otherwise.
pub struct SendGridEmail {
    client: SendGrid,
    account: String,
    sandboxed: bool,
}

impl SendGridEmail {
    /// A sender with the setting `sandboxMode`.
    pub fn new(client: SendGrid, config: &ConnectionConfig) -> Self {
        let sandbox = config.environment() == Environment::Sandbox;
        let sandboxed = config.settings().boolean("sandboxMode").unwrap_or(sandbox);
        Self { client, account: config.account().to_owned(), sandboxed }
    }

    /// Whether mail is only checked, and not sent.
    pub fn is_sandboxed(&self) -> bool {
        self.sandboxed
    }

    /// The mail as SendGrid takes it, without its batch.
    fn write(&self, message: &EmailMessage, key: &WireKey) -> Result<MailSend> {
        let addresses = |list: &[Mailbox]| list.iter().map(MailAddress::from).collect::<Vec<_>>();
        let mut copy = Personalization::default();
        (copy.to, copy.cc, copy.bcc) =
            (addresses(&message.to), addresses(&message.cc), addresses(&message.bcc));
        copy.custom_args.insert(ATTEMPT_ARG.to_owned(), key.to_string());
        let mut mail = MailSend::new(MailAddress::from(&message.from));
        match message.reply_to.as_slice() {
            [] => {}
            [one] => mail.reply_to = Some(MailAddress::from(one)),
            several => mail.reply_to_list = addresses(several),
        }
        write_body(&message.body, &mut mail, &mut copy)?;
        write_class(message, &mut mail)?;
        mail.attachments = message.attachments.iter().map(file).collect();
        mail.categories.clone_from(&message.categories);
        mail.send_at = message.send_at;
        mail.personalizations.push(copy);
        if self.sandboxed {
            mail.mail_settings = Some(MailSettings::new().with_sandbox_mode(Switch::ON));
        }
        Ok(mail)
    }

    /// Calls a batch back, whatever was decided about it before.
    async fn call_back(&self, batch: &str) -> Result<()> {
        let sends = self.client.scheduled_sends();
        let refused = match sends.create(batch, &BatchStatus::Cancel).await {
            Ok(send) if send.batch_id == batch && send.status == BatchStatus::Cancel => return Ok(()),
            Ok(_) => {
                let text = "SendGrid answered about another batch, or with another status";
                return Err(Error::new(ErrorKind::InvalidResponse, text).with_effect(Effect::Unknown));
            }
            Err(error) => error,
        };
        if refused.kind() != ErrorKind::InvalidRequest {
            return Err(refused);
        }
        // A batch of which something was decided before is refused here.
        match sends.fetch(batch).await? {
            Some(send) if send.status == BatchStatus::Cancel => Ok(()),
            Some(_) => sends.update(batch, &BatchStatus::Cancel).await,
            None => Err(refused),
        }
    }
}

impl fmt::Debug for SendGridEmail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SendGridEmail")
            .field("client", &self.client)
            .field("account", &self.account)
            .field("sandboxed", &self.sandboxed)
            .finish()
    }
}

#[async_trait]
impl EmailSender for SendGridEmail {
    fn provider(&self) -> &ProviderId {
        &SENDGRID
    }

    fn account(&self) -> &str {
        &self.account
    }

    fn features(&self) -> EmailFeatures {
        FEATURES
    }

    async fn send(&self, message: &EmailMessage) -> Result<Sending> {
        let key = message.wire_key(&PROVIDER, &self.account);
        let mut mail = self.write(message, &key)?;
        mail.check(self.client.now())?;
        let mut handle = None;
        if let Some(at) = message.send_at.filter(|_| !self.sandboxed) {
            // Nothing is sent by this, so that its failure is no open question.
            let batch = self.client.scheduled_sends().create_batch().await?;
            let value = format!("{batch}@{}", at.timestamp());
            handle = Some(format!("{BATCH}{value}"));
            for copy in &mut mail.personalizations {
                copy.custom_args.insert(BATCH_ARG.to_owned(), value.clone());
            }
            mail.batch_id = Some(batch);
        }
        let receipt = self.client.mail().send(&mail).await?;
        let id = match (handle, receipt.message_id) {
            (Some(handle), _) => handle,
            (None, Some(id)) => id,
            (None, None) if !receipt.accepted => format!("{SANDBOX}{key}"),
            (None, None) => {
                // It stays open until an event with the attempt's id names the mail.
                let text = "SendGrid took the mail and did not say under which id";
                return Err(Error::new(ErrorKind::InvalidResponse, text).with_effect(Effect::Happened));
            }
        };
        let scheduled = message.send_at.is_some();
        let state = if scheduled { DeliveryState::Scheduled } else { DeliveryState::Accepted };
        let mut accepted = Accepted::new(MessageRef::new(PROVIDER, id), state);
        accepted.send_at = message.send_at;
        Ok(Sending::Accepted(accepted))
    }

    /// Calls scheduled mail back. SendGrid is sure to do that up to 10 minutes before its time; later it is asked all the
    /// same, and the answer is a [`Conflict`](ErrorKind::Conflict) whose effect is unknown.
    async fn cancel(&self, message: &MessageRef) -> Result<()> {
        if message.provider() != &PROVIDER {
            return Err(Error::invalid_field("message", "is another provider's"));
        }
        let Some((batch, at)) = scheduled(message.id()) else {
            return Err(Error::new(ErrorKind::Conflict, "the mail was not scheduled, so that it has left"));
        };
        let now = self.client.now();
        if now >= at {
            return Err(Error::new(ErrorKind::Conflict, "the mail's time has come, so that it has left"));
        }
        self.call_back(batch).await?;
        if at.signed_duration_since(now) < CALL_BACK {
            let text = "SendGrid was asked less than 10 minutes before the mail's time, and may send it all the same";
            return Err(Error::new(ErrorKind::Conflict, text).with_effect(Effect::Unknown));
        }
        Ok(())
    }

    /// SendGrid finds nothing by an id of ours: only events settle an attempt.
    async fn lookup(&self, _attempt: &MessageAttempt) -> Result<Lookup<MessageRef>> {
        Ok(Lookup::Absent(Authority::Partial))
    }
}

/// The batch and the time in a handle of scheduled mail.
fn scheduled(id: &str) -> Option<(&str, DateTime<Utc>)> {
    let (batch, seconds) = id.strip_prefix(BATCH)?.rsplit_once('@')?;
    Some((batch, DateTime::from_timestamp(seconds.parse().ok()?, 0)?))
}

fn write_body(body: &EmailBody, mail: &mut MailSend, copy: &mut Personalization) -> Result<()> {
    match body {
        EmailBody::Parts { subject, text, html } => {
            mail.subject = Some(subject.clone());
            mail.content.extend(text.as_ref().map(MailContent::text));
            mail.content.extend(html.as_ref().map(MailContent::html));
            Ok(())
        }
        EmailBody::Template(template) => write_template(template, mail, copy),
        _ => Err(Error::unsupported("SendGrid has no such kind of text")),
    }
}

fn write_template(template: &Template, mail: &mut MailSend, copy: &mut Personalization) -> Result<()> {
    mail.template_id = Some(template.id.clone());
    if template.id.starts_with("d-") {
        copy.dynamic_template_data.clone_from(&template.data);
        return Ok(());
    }
    for (tag, value) in &template.data {
        let Some(text) = value.as_str() else {
            return Err(Error::invalid_field("template", "is a legacy one, which takes texts only"));
        };
        copy.substitutions.insert(tag.clone(), text.to_owned());
    }
    Ok(())
}

/// A marketing mail has to say how it ends, and be able to.
fn write_class(message: &EmailMessage, mail: &mut MailSend) -> Result<()> {
    let MessageClass::Marketing { unsubscribe } = &message.class else { return Ok(()) };
    match unsubscribe {
        Unsubscribe::Group(group) => {
            let group = group.parse().ok().filter(|group| *group > 0);
            let group =
                group.ok_or_else(|| Error::invalid_field("class", "names no unsubscribe group's number"))?;
            mail.asm = Some(UnsubscribeSettings::new(group));
            Ok(())
        }
        Unsubscribe::Link(link) => {
            let bare = link.as_str().trim_end_matches('/');
            let shown = match &message.body {
                EmailBody::Parts { text, html, .. } => {
                    let plain = |text: &String| text.contains(bare);
                    // A page writes an ampersand as an entity.
                    let page = |html: &String| html.replace("&amp;", "&").contains(bare);
                    text.as_ref().is_none_or(plain) && html.as_ref().is_none_or(page)
                }
                // What a template says is not known here.
                _ => true,
            };
            if !shown {
                return Err(Error::invalid_field("class", "ends by a link that the text does not hold"));
            }
            mail.headers.insert("List-Unsubscribe".to_owned(), format!("<{link}>"));
            Ok(())
        }
        _ => Err(Error::invalid_field("class", "ends by an answer, which nobody at SendGrid reads")),
    }
}

fn file(attachment: &Attachment) -> MailFile {
    let file = MailFile::new(attachment.name.clone(), attachment.content.clone())
        .with_media_type(attachment.media_type.clone());
    match &attachment.inline_id {
        Some(id) => file.inline(id.clone()),
        None => file,
    }
}
