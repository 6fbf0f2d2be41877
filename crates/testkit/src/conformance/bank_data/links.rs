//! Links: asked for, exchanged once, ended.

use turnbuckle_core::bank_data::{BankLink, InstitutionQuery, LinkedAccount, find_duplicate};
use turnbuckle_core::{Effect, ErrorKind};

use secrecy::ExposeSecret;

use super::super::report::ensure;
use super::super::{Failed, Report};
use super::{Done, MOST_REQUESTS, Suite, USER};
use crate::fault::Fault;

pub(super) async fn run(suite: &Suite<'_>, report: &mut Report) {
    report.run("link: a session for one person", session(suite)).await;
    report.run("link: for nothing is refused", for_nothing(suite)).await;
    report.run("link: exchanged, stored, opened", exchanged(suite)).await;
    report.run("link: exchanged once", once(suite)).await;
    report.run("link: a lost exchange is not repeated", lost_exchange(suite)).await;
    report.run("link: the same bank twice is seen before the exchange", duplicate(suite)).await;
    report.run("institutions: found by name and by id", institutions(suite)).await;
    report.run("disconnect: twice", disconnected(suite)).await;
    report.run("disconnect: a lost answer", lost_disconnect(suite)).await;
}

async fn session(suite: &Suite<'_>) -> Done {
    let stage = suite.stage()?;
    let session = stage.bank.link(&stage.request()).await?;
    ensure(!session.token.expose_secret().is_empty(), "the session has no token")?;
    ensure(!session.is_over(stage.now()), "the session is over before it began")?;
    ensure(stage.faults().saw(USER), "the vendor was not told whose session it is")?;
    let other = stage.bank.link(&stage.request()).await?;
    ensure(stage.bench.person_links(&other).is_some(), "a second session does not work")?;
    ensure(stage.bench.person_links(&session).is_some(), "a second session ended the first")?;
    ensure(stage.bench.bank_links() == 0, "nothing was exchanged, and there is a link")
}

async fn for_nothing(suite: &Suite<'_>) -> Done {
    let stage = suite.stage()?;
    let mut request = stage.request();
    request.products.clear();
    let Err(error) = stage.bank.link(&request).await else {
        return Err(Failed::new("a session was made that is for no product"));
    };
    ensure(error.kind() == ErrorKind::InvalidRequest, format!("not `invalid_request`: {error}"))?;
    let named = error.fields().iter().any(|field| field.field == "products");
    ensure(named, "the error does not name `products`")?;
    ensure(stage.faults().requests() == 0, "it was sent all the same")
}

async fn exchanged(suite: &Suite<'_>) -> Done {
    let stage = suite.stage()?;
    let returned = stage.returned().await?;
    let link = stage.bank.exchange(&returned).await?;
    ensure(!link.item_id.is_empty(), "the link has no id")?;
    ensure(!link.token().expose_secret().is_empty(), "the link has no token")?;
    let differs = returned.institution_id.is_some() && link.institution_id != returned.institution_id;
    ensure(!differs, "the link names another bank than the browser did")?;
    ensure(stage.bench.bank_links() == 1, "the vendor does not have one link")?;
    let opened = BankLink::from_secret(&link.to_secret())?;
    let bank = stage.started_again()?;
    ensure(!bank.accounts(&opened).await?.is_empty(), "the stored link opens no accounts")
}

async fn once(suite: &Suite<'_>) -> Done {
    let stage = suite.stage()?;
    let returned = stage.returned().await?;
    let link = stage.bank.exchange(&returned).await?;
    let again = stage.bank.exchange(&returned).await;
    ensure(stage.bench.bank_links() == 1, "a second exchange made a second link")?;
    let other = again.is_ok_and(|again| again.item_id != link.item_id);
    ensure(!other, "a second exchange names another link")
}

/// Each request of an exchange loses its answer in turn: nothing is sent after it, and the error tells no lie.
async fn lost_exchange(suite: &Suite<'_>) -> Done {
    let mut unknown = 0;
    for fault in [Fault::ResetAfter, Fault::TimeoutAfter, Fault::HtmlBadGateway, Fault::ConnectRefused] {
        for number in 1..=MOST_REQUESTS {
            let stage = suite.stage()?;
            let returned = stage.returned().await?;
            stage.faults().clear();
            stage.faults().on_request(number, fault.clone());
            let result = stage.bank.exchange(&returned).await;
            if stage.faults().met() == 0 {
                break;
            }
            let links = stage.bench.bank_links();
            ensure(links <= 1, "more than one link was made")?;
            let Err(error) = result else {
                ensure(links == 1, "no link was made, and the answer is one")?;
                continue;
            };
            if error.effect() == Effect::None {
                ensure(links == 0, format!("a link was made, and the error denies it: {error}"))?;
            } else {
                unknown += usize::from(links == 1);
                let sent = stage.faults().requests();
                ensure(sent == number, "something was sent after the exchange whose answer was lost")?;
            }
        }
    }
    ensure(unknown > 0, "no answer was lost, so nothing is shown")
}

async fn duplicate(suite: &Suite<'_>) -> Done {
    let stage = suite.stage()?;
    let first = stage.returned().await?;
    let Some(institution) = first.institution_id.clone() else { return Ok(()) };
    let link = stage.bank.exchange(&first).await?;
    let accounts = stage.bank.accounts(&link).await?.into_iter();
    let known: Vec<LinkedAccount> =
        accounts.map(|known| LinkedAccount::new(known.name, known.mask, known.subtype)).collect();
    let second = stage.returned().await?;
    let found = find_duplicate(&second, [((), institution.as_str(), known.as_slice())]);
    ensure(found.is_some(), "the accounts as the browser names them are not the accounts as they are read")?;
    ensure(stage.bench.bank_links() == 1, "the second link was made before it was exchanged")
}

async fn institutions(suite: &Suite<'_>) -> Done {
    let stage = suite.stage()?;
    let (bank, cases) = (stage.bank.as_ref(), suite.cases);
    let query = InstitutionQuery::new(cases.institution_name.clone(), cases.country.clone());
    let found = bank.institutions(&query).await?;
    let found = found.into_iter().find(|found| found.id == cases.institution);
    let found = found.ok_or_else(|| Failed::new("the test bank is not found by its name"))?;
    ensure(found.name.contains(&cases.institution_name), "the bank that was found has another name")?;
    let by_id = bank.institution(&cases.institution, &cases.country).await?;
    ensure(by_id.is_some_and(|known| known.name == found.name), "the test bank is not found by its id")?;
    let unknown = bank.institution("conformancenosuchbank", &cases.country).await?;
    ensure(unknown.is_none(), "a bank that does not exist is found")
}

async fn disconnected(suite: &Suite<'_>) -> Done {
    let stage = suite.stage()?;
    let (link, kept) = (stage.linked().await?, stage.linked().await?);
    for _ in 0..2 {
        stage.bank.disconnect(&link).await?;
        ensure(stage.bench.bank_links() == 1, "the vendor did not end one link of two")?;
    }
    ensure(stage.bank.accounts(&link).await.is_err(), "a link that was ended still opens accounts")?;
    ensure(!stage.bank.accounts(&kept).await?.is_empty(), "another link was ended as well")
}

async fn lost_disconnect(suite: &Suite<'_>) -> Done {
    let mut met = 0;
    for fault in [Fault::ResetBefore, Fault::ResetAfter, Fault::ConnectRefused] {
        let stage = suite.stage()?;
        let link = stage.linked_for(0).await?;
        stage.faults().from_request(1, fault);
        let result = stage.bank.disconnect(&link).await;
        met += stage.faults().met();
        stage.faults().clear();
        let ended = stage.bench.bank_links() == 0;
        match result {
            Ok(()) => ensure(ended, "it was not ended, and the answer says that it was")?,
            Err(error) if error.effect() == Effect::None => {
                ensure(!ended, format!("it was ended, and the error denies it: {error}"))?;
            }
            Err(_) => {}
        }
        stage.bank.disconnect(&link).await?;
        ensure(stage.bench.bank_links() == 0, "asked to end again, and the link goes on")?;
    }
    ensure(met > 0, "nothing was sent, so nothing could be spoiled")
}
