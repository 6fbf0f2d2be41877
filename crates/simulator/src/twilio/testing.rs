//! Test credentials: three calls, numbers that mean something, and nothing that happens.

use http::Method;

use super::address::{Address, is_e164};
use super::calls;
use super::error::ApiError;
use super::form::Form;
use super::messages::show_as;
use super::numbers;
use super::router::{Answer, Ask};
use super::send;
use super::state::{Account, Message};

const OWN: &str = "+15005550006";

fn of(table: &[(&str, u32)], number: &str) -> Result<(), ApiError> {
    let row = table.iter().find(|(known, _)| *known == number);
    row.map_or(Ok(()), |(_, code)| Err(ApiError::of(*code)))
}

pub(super) fn run(account: &mut Account, ask: &Ask<'_>, rest: &[&str], now: i64) -> Result<Answer, ApiError> {
    match (ask.method, rest) {
        (&Method::POST, ["Messages"]) => message(account, &ask.form, now),
        (&Method::POST, ["Calls"]) => call(account, &ask.form, now),
        (&Method::POST, ["IncomingPhoneNumbers"]) => buy(account, ask, now),
        _ => Err(ApiError::of(20008)),
    }
}

fn message(account: &mut Account, form: &Form, now: i64) -> Result<Answer, ApiError> {
    if form.text("MessagingServiceSid").is_some() {
        return Err(ApiError::invalid(21701, "The messaging service does not exist"));
    }
    form.check(send::FIELDS, send::LISTS)?;
    let to = send::recipient(form)?;
    let from = form.text("From").ok_or_else(|| ApiError::invalid(21603, "A 'From' number is required"))?;
    let content = send::content(account, form)?;
    send::options(form)?;
    if Address::of(from) == Address::None {
        return Err(ApiError::of(21212));
    }
    match from {
        OWN => {}
        "+15005550001" => return Err(ApiError::of(21212)),
        "+15005550008" => return Err(ApiError::of(21611)),
        _ => return Err(ApiError::of(21606)),
    }
    of(
        &[
            ("+15005550001", 21211),
            ("+15005550002", 21612),
            ("+15005550003", 21408),
            ("+15005550004", 21610),
            ("+15005550009", 21614),
        ],
        to,
    )?;
    let sid = account.keys.test.0.clone();
    let index = send::add(account, form, content, None, now)?;
    let made: Message = account.messages.swap_remove(index);
    account.by_sid.remove(&made.sid);
    Ok(Answer::created(show_as(account, &sid, &made)))
}

fn call(account: &mut Account, form: &Form, now: i64) -> Result<Answer, ApiError> {
    calls::check(form)?;
    let to = form.text("To").ok_or_else(|| ApiError::invalid(21201, "A 'To' number is required"))?;
    match form.text("From") {
        Some(OWN) => {}
        Some("+15005550001") => return Err(ApiError::of(21212)),
        _ => return Err(ApiError::of(21210)),
    }
    of(
        &[("+15005550001", 21217), ("+15005550002", 21214), ("+15005550003", 21215), ("+15005550004", 21216)],
        to,
    )?;
    let sid = account.keys.test.0.clone();
    calls::pretend(account, &sid, form, now)
}

fn buy(account: &mut Account, ask: &Ask<'_>, now: i64) -> Result<Answer, ApiError> {
    match ask.form.text("PhoneNumber") {
        Some(OWN) => {
            let own = account.sid.clone();
            let numbers = std::mem::take(&mut account.numbers);
            account.sid = account.keys.test.0.clone();
            let answer = numbers::run(account, ask, &[], now);
            account.sid = own;
            account.numbers = numbers;
            answer
        }
        Some("+15005550000") => Err(ApiError::of(21422)),
        Some(number) if number == "+15005550001" || !is_e164(number) => Err(ApiError::of(21421)),
        Some(_) => Err(ApiError::of(21422)),
        None => Err(ApiError::invalid(21404, "One of 'PhoneNumber' and 'AreaCode' is required")),
    }
}
