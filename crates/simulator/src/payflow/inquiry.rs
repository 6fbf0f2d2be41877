//! I: what became of a transaction.

use super::ach;
use super::dates;
use super::nvp::Reply;
use super::payments::Outcome;
use super::processor;
use super::results::Refusal;
use super::state::{Call, Merchant, Phase, Trx};

const LONGEST: u64 = 30 * dates::DAY;

pub(super) fn inquire(merchant: &mut Merchant, call: &Call) -> Outcome {
    let found = match (call.text("ORIGID"), call.text("CUSTREF")) {
        (Some(id), _) => {
            merchant.find(id).filter(|trx| trx.tender == call.tender()).ok_or_else(|| Refusal::of(19))?
        }
        (None, Some(reference)) => by_reference(merchant, call, reference)?,
        // There are no hosted pages here that a token could come from.
        (None, None) if call.text("SECURETOKEN").is_some() => return Err(Refusal::of(19)),
        (None, None) => return Err(Refusal::field("ORIGID")),
    };
    let found = found.clone();
    let pnref = merchant.mint_pnref();
    Ok(report(&found, pnref, call))
}

/// The last of several by card, the first by bank account.
fn by_reference<'a>(merchant: &'a Merchant, call: &Call, reference: &str) -> Result<&'a Trx, Refusal> {
    let time = |name: &str| match call.text(name) {
        Some(text) => dates::time_from(text).map(Some).ok_or_else(|| Refusal::field(name)),
        None => Ok(None),
    };
    let end = time("ENDTIME")?.unwrap_or(call.now);
    let start = time("STARTTIME")?.unwrap_or_else(|| end.saturating_sub(LONGEST));
    if start > end || end - start > LONGEST {
        return Err(Refusal::field("STARTTIME"));
    }
    let fits = |trx: &&Trx| {
        trx.custref == reference && trx.tender == call.tender() && (start..=end).contains(&trx.at)
    };
    let mut those = merchant.transactions.iter();
    let found = if call.tender() == 'A' { those.find(fits) } else { those.rfind(fits) };
    found.ok_or_else(|| Refusal::of(20))
}

fn report(trx: &Trx, pnref: String, call: &Call) -> Reply {
    let mut reply = Reply::of(0)
        .with("PNREF", pnref)
        .with("TRANSSTATE", trx.trans_state().to_string())
        .with("CUSTREF", trx.custref.clone())
        .with("ORIGRESULT", trx.result.to_string())
        .with("ORIGPNREF", trx.pnref.clone());
    reply = match &trx.status {
        Some(status) => reply.with("STATUS", status.clone()).with("RESPMSG", ach::words(status)),
        None => reply.with("RESPMSG", trx.message.clone()),
    };
    reply = processor::details(reply, trx, call.verbosity());
    match trx.batch {
        Some((batch, at)) => {
            reply.with("BATCHID", batch.to_string()).with("SETTLE_DATE", dates::shown_time(at))
        }
        None if trx.phase == Phase::Pending && !trx.voided => {
            reply.with("DATE_TO_SETTLE", dates::shown_time(trx.at))
        }
        None => reply,
    }
}
