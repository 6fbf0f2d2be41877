//! Making a transaction: what the bank says, and what is written down.

use super::events;
use super::instrument::{self, Instrument, Means};
use super::state::{Account, Action, Transaction};

/// A payment, credit or check of a card that is about to be tried.
pub(super) struct Booking {
    pub(super) kind: &'static str,
    pub(super) cents: i64,
    pub(super) means: Means,
    pub(super) cvv: Option<String>,
    pub(super) currency: String,
    pub(super) processor: String,
    pub(super) order_id: String,
    pub(super) fields: Vec<(String, String)>,
    pub(super) source: &'static str,
    pub(super) ip: String,
    pub(super) subscription: Option<String>,
    pub(super) refund_of: Option<String>,
    pub(super) test: bool,
}

/// What the bank said.
#[derive(Clone, Debug)]
pub(super) struct Verdict {
    pub(super) response: u8,
    pub(super) text: String,
    pub(super) code: String,
}

impl Verdict {
    fn new(response: u8, text: &str, code: &str) -> Self {
        Self { response, text: text.to_owned(), code: code.to_owned() }
    }
}

/// The test processor: what the account was told to refuse, cards past their date, and anything below 1.00.
fn decide(account: &Account, booking: &Booking) -> Verdict {
    let instrument = &booking.means.instrument;
    if let Some((code, text)) = account.refusals.get(instrument.number()) {
        return Verdict::new(if code.starts_with('2') { 2 } else { 3 }, text, code);
    }
    if booking.kind == "refund" {
        return Verdict::new(1, "SUCCESS", "100");
    }
    if let Instrument::Card(card) = instrument {
        let (year, month) = account.month();
        if card.has_expired(year, month) {
            return Verdict::new(2, "Expired card", "223");
        }
    }
    if matches!(booking.kind, "sale" | "auth") && booking.cents < 100 {
        return Verdict::new(2, if instrument.is_check() { "FAILED" } else { "DECLINE" }, "200");
    }
    Verdict::new(1, "SUCCESS", "100")
}

/// Tries it and writes it down, whatever came of it. Gives the transaction's id.
pub(super) fn book(account: &mut Account, booking: Booking) -> (String, Verdict) {
    let verdict = decide(account, &booking);
    let id = account.next_id();
    let contact = merged(booking.fields, booking.means.contact);
    let is_check = booking.means.instrument.is_check();
    let authcode = match booking.kind {
        "refund" | "credit" | "validate" => "",
        // A failed debit of a bank account shows one too, in the captured answers.
        _ if verdict.response == 1 || (is_check && verdict.code == "200") => "123456",
        _ => "",
    };
    let (avs, csc) = if is_check || matches!(booking.kind, "refund" | "credit") {
        ("", "")
    } else {
        (instrument::address_check(&contact), instrument::code_check(booking.cvv.as_deref()))
    };
    let action = Action {
        kind: booking.kind,
        cents: booking.cents,
        at: account.now,
        success: verdict.response == 1,
        source: booking.source,
        text: verdict.text.clone(),
        code: verdict.code.clone(),
        batch: "0".to_owned(),
        ip: booking.ip,
    };
    account.transactions.push(Transaction {
        id: id.clone(),
        instrument: booking.means.instrument,
        currency: booking.currency,
        processor: booking.processor,
        order_id: booking.order_id,
        authcode: authcode.to_owned(),
        avs,
        csc,
        fields: contact,
        stored: booking.means.stored,
        subscription: booking.subscription,
        refund_of: booking.refund_of,
        test: booking.test,
        actions: vec![action],
    });
    events::of_last_action(account, &id);
    (id, verdict)
}

/// Adds an action to a transaction that is there, and tells it.
pub(super) fn act(account: &mut Account, id: &str, action: Action) {
    if let Some(transaction) = account.transaction_mut(id) {
        transaction.actions.push(action);
        events::of_last_action(account, id);
    }
}

/// What the request said, and below it what the vault knows.
fn merged(mut said: Vec<(String, String)>, kept: Vec<(String, String)>) -> Vec<(String, String)> {
    for (name, value) in kept {
        if !said.iter().any(|(known, _)| *known == name) {
            said.push((name, value));
        }
    }
    said
}
