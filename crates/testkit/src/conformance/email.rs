//! The suite of email: what every sender shares with text messages, several recipients, and the channel's own features.

use std::collections::BTreeMap;
use std::sync::Arc;

use turnbuckle_core::messaging::{
    Attachment, CheckedEmail, DeliveryState, EmailBody, EmailFeature, EmailMessage, EmailSender,
    MessageClass, MessageRef, Template, Unsubscribe,
};
use turnbuckle_core::{Error, ErrorKind};

use super::messages::{self, Anybody, Cases, Done, EmailCases, Letter, Post, Stage, Suite};
use super::report::ensure;
use super::{Failed, Fixture, Report};

/// What must be seen at the vendor of a file and of a category.
const MARK: &str = "conformance0815";

pub(super) async fn run(fixture: &dyn Fixture, cases: &EmailCases, report: &mut Report) {
    let mut suite = Suite { fixture, cases: Cases::Email(cases), schedules: false };
    let declared: Vec<EmailFeature> = match suite
        .stage()
        .and_then(|stage| sender(&stage).map(|s| s.features()))
    {
        Ok(features) => EmailFeature::ALL.iter().copied().filter(|feature| features.has(*feature)).collect(),
        Err(why) => return report.check("email: connect", Err(why)),
    };
    suite.schedules = declared.contains(&EmailFeature::Schedule);
    report.check("email: a case for each feature", has_its_cases(&declared, cases));
    report
        .run("email: what is declared works, the rest is refused", features(&suite, &declared, cases))
        .await;
    report.run("email: everybody gets it, once each", everybody(&suite, cases)).await;
    messages::run(&suite, report).await;
}

fn sender(stage: &Stage<'_>) -> Result<Arc<CheckedEmail>, Failed> {
    match &stage.post {
        Post::Email(sender) => Ok(Arc::clone(sender)),
        Post::Sms(_) => Err(Failed::new("a sender of the other channel")),
    }
}

fn has_its_cases(declared: &[EmailFeature], cases: &EmailCases) -> Done {
    for (feature, offered) in [
        (EmailFeature::Templates, cases.messages.template.is_some()),
        (EmailFeature::UnsubscribeGroups, cases.group.is_some()),
    ] {
        let declared = declared.contains(&feature);
        let why = if declared { "declared, without a case" } else { "not declared, with a case" };
        ensure(declared == offered, format!("`{}` is {why}", feature.as_str()))?;
    }
    Ok(())
}

/// A message that needs the feature, and what must be seen at the vendor.
fn needing(
    stage: &Stage<'_>,
    cases: &EmailCases,
    feature: EmailFeature,
) -> Result<Option<(EmailMessage, String)>, Failed> {
    let Letter::Email(message) = stage.letter("9", &cases.to.address)? else { return Ok(None) };
    let mut message = *message;
    let seen = match feature {
        EmailFeature::Attachments => {
            let name = format!("{MARK}.txt");
            message = message.with_attachment(Attachment::new(name, "text/plain", "some text"));
            MARK.to_owned()
        }
        EmailFeature::Templates => {
            let template = cases.messages.template.clone().unwrap_or_else(|| Template::new("none"));
            let id = template.id.clone();
            message.body = EmailBody::Template(template);
            id
        }
        EmailFeature::Schedule => match stage.scheduled("9", &cases.to.address)? {
            Letter::Email(scheduled) => {
                message = *scheduled;
                String::new()
            }
            Letter::Sms(_) => return Ok(None),
        },
        EmailFeature::Categories => {
            message.categories.push(MARK.to_owned());
            MARK.to_owned()
        }
        EmailFeature::UnsubscribeGroups => {
            let group = cases.group.clone().unwrap_or_else(|| "none".to_owned());
            message.class = MessageClass::Marketing { unsubscribe: Unsubscribe::Group(group.clone()) };
            group
        }
        _ => return Ok(None),
    };
    Ok(Some((message, seen)))
}

async fn features(suite: &Suite<'_>, declared: &[EmailFeature], cases: &EmailCases) -> Done {
    for feature in EmailFeature::ALL.iter().copied() {
        let words = feature.as_str();
        let stage = suite.stage_with(|setup| setup.gate = Some(Arc::new(Anybody)))?;
        let Some((message, seen)) = needing(&stage, cases, feature)? else {
            return Err(Failed::new(format!("the suite has no message for `{words}` yet")));
        };
        let result = sender(&stage)?.send(&message).await;
        if declared.contains(&feature) {
            let sent = result.map_err(|error| Failed::new(format!("`{words}` is declared: {error}")))?;
            ensure(sent.accepted().is_some(), format!("`{words}` is declared, and refused"))?;
            ensure(stage.taken() == 1, format!("`{words}`: the vendor did not take one message"))?;
            ensure(stage.faults().saw(&seen), format!("`{words}` did not reach the vendor"))?;
            continue;
        }
        let kind = result.as_ref().map_err(Error::kind);
        ensure(kind == Err(ErrorKind::Unsupported), format!("`{words}` is not declared and not refused"))?;
        if feature == EmailFeature::Schedule {
            let none = MessageRef::new(stage.post.provider().clone(), "none");
            let kind = stage.post.cancel(&none).await.map_err(|error| error.kind());
            ensure(kind == Err(ErrorKind::Unsupported), "nothing can wait, and something is called back")?;
        }
        ensure(stage.faults().requests() == 0, format!("`{words}` is not declared and was sent"))?;
    }
    Ok(())
}

/// One message to one, a copy to another and a hidden copy to each whose fate is known: one message, and each has an end
/// of its own.
async fn everybody(suite: &Suite<'_>, cases: &EmailCases) -> Done {
    let stage = suite.stage()?;
    let letter = stage.letter("1", suite.to())?;
    let Letter::Email(message) = letter.clone() else {
        return Err(Failed::new("a message of the other channel"));
    };
    let mut message = *message;
    message.cc.push(cases.other.clone());
    let mut expected: BTreeMap<String, DeliveryState> =
        [&cases.to, &cases.other].map(|mailbox| (mailbox.address.clone(), DeliveryState::Delivered)).into();
    for (to, fate) in &cases.messages.fates {
        message.bcc.push(turnbuckle_core::messaging::Mailbox::new(to.clone())?);
        expected.insert(to.clone(), *fate);
    }
    let accepted = stage.accepted(&Letter::Email(Box::new(message))).await?;
    stage.settle_down();
    ensure(stage.taken() == 1, "several recipients made several messages")?;
    let told = stage.at_vendor(&letter);
    ensure(told.len() == expected.len(), format!("{} of {} get it", told.len(), expected.len()))?;
    for message in told {
        let fate = expected.remove(&message.recipient);
        ensure(fate == Some(message.state), format!("somebody ends as {:?}, not {fate:?}", message.state))?;
    }
    ensure(!accepted.message.id().is_empty(), "the message has no handle")
}
