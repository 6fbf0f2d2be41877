//! The suite of text messages: what every sender shares with email, states, and the channel's own features.

use std::time::Duration;

use turnbuckle_core::messaging::{
    DeliveryState, MessageRef, Sender, SmsBody, SmsFeature, SmsMessage, SmsSender, Template,
};
use turnbuckle_core::{Error, ErrorKind};
use url::Url;

use super::messages::{self, Cases, Done, Letter, Post, SmsCases, Stage, Suite};
use super::report::ensure;
use super::{Failed, Fixture, Report};

/// What must be seen at the vendor of a picture.
const PICTURE: &str = "conformance0815";

pub(super) async fn run(fixture: &dyn Fixture, cases: &SmsCases, report: &mut Report) {
    let mut suite = Suite { fixture, cases: Cases::Sms(cases), schedules: false };
    let declared: Vec<SmsFeature> = match suite.stage().and_then(|stage| sender(&stage).map(|s| s.features()))
    {
        Ok(features) => SmsFeature::ALL.iter().copied().filter(|feature| features.has(*feature)).collect(),
        Err(why) => return report.check("sms: connect", Err(why)),
    };
    suite.schedules = declared.contains(&SmsFeature::Schedule);
    report.check("sms: a case for each feature", has_its_cases(&declared, cases));
    report.run("sms: what is declared works, the rest is refused", features(&suite, &declared, cases)).await;
    report.run("sms: the state follows the vendor", states(&suite)).await;
    report.run("sms: the state of no message", no_state(&suite)).await;
    messages::run(&suite, report).await;
}

fn sender(stage: &Stage<'_>) -> Result<std::sync::Arc<turnbuckle_core::messaging::CheckedSms>, Failed> {
    match &stage.post {
        Post::Sms(sender) => Ok(std::sync::Arc::clone(sender)),
        Post::Email(_) => Err(Failed::new("a sender of the other channel")),
    }
}

fn has_its_cases(declared: &[SmsFeature], cases: &SmsCases) -> Done {
    for (feature, offered) in [
        (SmsFeature::Templates, cases.messages.template.is_some()),
        (SmsFeature::SenderName, cases.sender_name.is_some()),
        (SmsFeature::SenderPool, cases.sender_pool.is_some()),
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
    cases: &SmsCases,
    feature: SmsFeature,
) -> Result<Option<(SmsMessage, String)>, Failed> {
    let Letter::Sms(message) = stage.letter("9", cases.to.as_str())? else { return Ok(None) };
    let none = || "none".to_owned();
    Ok(Some(match feature {
        SmsFeature::Media => {
            let url = Url::parse(&format!("https://shop.test/{PICTURE}.png"));
            let url = url.map_err(|_| Failed::new("no address of a picture"))?;
            (message.with_media(url), PICTURE.to_owned())
        }
        SmsFeature::Templates => {
            let template = cases.messages.template.clone().unwrap_or_else(|| Template::new("none"));
            let id = template.id.clone();
            let mut message = *message;
            message.body = SmsBody::Template(template);
            (message, id)
        }
        SmsFeature::Schedule => match stage.scheduled("9", cases.to.as_str())? {
            Letter::Sms(message) => (*message, String::new()),
            Letter::Email(_) => return Ok(None),
        },
        SmsFeature::SenderName => {
            let name = cases.sender_name.clone().unwrap_or_else(none);
            (message.with_from(Sender::Name(name.clone())), name)
        }
        SmsFeature::SenderPool => {
            let pool = cases.sender_pool.clone().unwrap_or_else(none);
            (message.with_from(Sender::Pool(pool.clone())), pool)
        }
        SmsFeature::Validity => (message.with_valid_for(Duration::from_secs(3600)), String::new()),
        _ => return Ok(None),
    }))
}

async fn features(suite: &Suite<'_>, declared: &[SmsFeature], cases: &SmsCases) -> Done {
    for feature in SmsFeature::ALL.iter().copied() {
        let words = feature.as_str();
        let stage = suite.stage()?;
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
        if feature == SmsFeature::Schedule {
            let none = MessageRef::new(stage.post.provider().clone(), "none");
            let kind = stage.post.cancel(&none).await.map_err(|error| error.kind());
            ensure(kind == Err(ErrorKind::Unsupported), "nothing can wait, and something is called back")?;
        }
        ensure(stage.faults().requests() == 0, format!("`{words}` is not declared and was sent"))?;
    }
    Ok(())
}

/// At each of many times what the vendor tells is what the vendor has.
async fn states(suite: &Suite<'_>) -> Done {
    let messages = suite.messages();
    let mut recipients = vec![(suite.to(), DeliveryState::Delivered)];
    recipients.extend(messages.fates.iter().map(|(to, fate)| (to.as_str(), *fate)));
    for (to, fate) in recipients {
        let stage = suite.stage()?;
        let letter = stage.letter("1", to)?;
        let accepted = stage.accepted(&letter).await?;
        let sender = sender(&stage)?;
        let step = messages.arrives_within / 16;
        let mut told = None;
        for turn in 0..=16 {
            let delivery = sender.status(&accepted.message).await?;
            let state = stage.stands(&letter);
            let fits = Some(delivery.state) == state;
            ensure(fits, format!("turn {turn}: it is {state:?}, and said to be {:?}", delivery.state))?;
            let silent = delivery.state.is_failure() && delivery.reason.is_none();
            ensure(!silent, "it failed, and nobody says why")?;
            told = Some(delivery.state);
            stage.advance(step);
        }
        ensure(told == Some(fate), format!("in the end it is {told:?}, not {fate:?}"))?;
    }
    Ok(())
}

async fn no_state(suite: &Suite<'_>) -> Done {
    let stage = suite.stage()?;
    let letter = stage.letter("1", suite.to())?;
    let accepted = stage.accepted(&letter).await?;
    let id = accepted.message.id();
    // Of the vendor's own shape, and nobody's: the last character another one.
    let last = if id.ends_with('0') { "1" } else { "0" };
    let other = format!("{}{last}", id.get(..id.len().saturating_sub(1)).unwrap_or_default());
    let none = MessageRef::new(stage.post.provider().clone(), other);
    match sender(&stage)?.status(&none).await {
        Ok(delivery) => Err(Failed::new(format!("a message that never was is {:?}", delivery.state))),
        Err(error) => ensure(error.kind() == ErrorKind::NotFound, format!("not `not_found`: {error}")),
    }
}
