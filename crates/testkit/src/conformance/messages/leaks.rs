//! Recipients and texts stay out of every `Debug`, error, span and event.

use std::fmt::Write as _;

use turnbuckle_core::Clock as _;
use turnbuckle_core::webhook::RawWebhook;

use super::super::payments::leaks::of_credentials;
use super::super::report::ensure;
use super::super::{Failed, Report};
use super::{Cases, Done, Stage, Suite};
use crate::fault::Fault;
use crate::leak::{Sentinels, capture, chain};

/// What the messages of this case say.
const WORDS: &str = "sentinelwords0815";

pub(super) async fn run(suite: &Suite<'_>, report: &mut Report) {
    report.run(suite.name("nothing leaks"), leaks(suite)).await;
}

fn recipients<'a>(suite: &'a Suite<'_>) -> Vec<&'a str> {
    let messages = suite.messages();
    let mut all = vec![suite.to(), suite.other()];
    all.extend(messages.refused.iter().map(|(to, _)| to.as_str()));
    all.extend(messages.fates.iter().map(|(to, _)| to.as_str()));
    all
}

async fn leaks(suite: &Suite<'_>) -> Done {
    let mut sentinels = of_credentials(suite.fixture.provider().as_ref(), &suite.fixture.credentials());
    sentinels.add("text", WORDS);
    for to in recipients(suite) {
        sentinels.add("recipient", to);
    }
    if let Cases::Email(cases) = suite.cases {
        sentinels.add("sender", &cases.from.address);
        sentinels.add("name of a recipient", cases.to.name.clone().unwrap_or_default());
    }
    let spans = capture();
    let text = spans.watch(everything(suite)).await?;
    let logged = spans.text();
    drop(spans);
    let clean = |text: &str, sentinels: &Sentinels, at: &str| {
        let found = sentinels.find(text);
        ensure(found.is_empty(), format!("in {at}: {}", found.join(", ")))
    };
    clean(&text, &sentinels, "what was printed")?;
    clean(&logged, &sentinels, "spans and events")
}

/// Sends to everybody, spoiled and not, and prints all that can be printed.
async fn everything(suite: &Suite<'_>) -> Result<String, Failed> {
    let mut text = String::new();
    for fault in [None, Some(Fault::ResetAfter), Some(Fault::BadUtf8), Some(Fault::HtmlBadGateway)] {
        let stage = suite.stage()?;
        let _ = writeln!(text, "{:?} {:?}", stage.post, stage.setup);
        for (number, to) in recipients(suite).into_iter().enumerate() {
            let letter = stage.letter_saying(&number.to_string(), to, WORDS)?;
            let attempt = stage.post.attempt(&letter, stage.setup.clock.now());
            let _ = writeln!(text, "{letter:?} {letter:#?} {attempt:?}");
            stage.faults().clear();
            if let Some(fault) = &fault {
                stage.faults().from_request(1, fault.clone());
            }
            let sending = stage.post.send(&letter).await;
            print(&mut text, &sending);
            print(&mut text, &stage.post.lookup(&attempt).await);
            print(&mut text, &stage.post.settle(letter.key()).await);
            let other = stage.letter_saying(&number.to_string(), to, "otherwords")?;
            print(&mut text, &stage.post.send(&other).await);
            if let Ok(Some(accepted)) = sending.as_ref().map(|sending| sending.accepted()) {
                if suite.schedules {
                    print(&mut text, &stage.post.cancel(&accepted.message).await);
                }
                if let super::Post::Sms(sender) = &stage.post {
                    use turnbuckle_core::messaging::SmsSender as _;
                    print(&mut text, &sender.status(&accepted.message).await);
                }
            }
            print(&mut text, &stage.post.stop(to).await);
        }
        stage.faults().clear();
        stage.settle_down();
        received(suite, &stage, &mut text).await?;
    }
    Ok(text)
}

async fn received(suite: &Suite<'_>, stage: &Stage<'_>, text: &mut String) -> Done {
    let (Some(cases), Some(receiver), true) =
        (suite.fixture.webhooks(), stage.receiver.as_ref(), suite.messages().pushes)
    else {
        return Ok(());
    };
    for push in stage.bench.message_pushes(suite.channel()) {
        let raw = RawWebhook::with_limit(push, &cases.public_url, 8 * 1024 * 1024)?;
        let _ = writeln!(text, "{raw:?}");
        let events = receiver.receive(raw, stage.setup.clock.now()).await;
        if let Ok(events) = &events {
            for news in events.iter().filter_map(|event| event.get().delivery.as_deref()) {
                print(text, &stage.post.observe(news).await);
            }
        }
        print(text, &events);
    }
    Ok(())
}

fn print<T: std::fmt::Debug>(text: &mut String, result: &turnbuckle_core::Result<T>) {
    let _ = match result {
        Ok(value) => writeln!(text, "{value:?}\n{value:#?}"),
        Err(error) => writeln!(text, "{}", chain(error)),
    };
}
