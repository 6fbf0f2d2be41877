//! NMI's replies and records as payments, outcomes and declines.

use turnbuckle_core::money::{Currency, Money};
use turnbuckle_core::payment::{
    Amounts, AvsResult, CvvResult, Decline, DeclineAdvice, DeclineReason, Lifecycle, MerchantReference,
    MethodSummary, Outcome, Payment, PaymentMethod, PaymentOperation, PaymentRef, TextChange, WireKey,
};
use turnbuckle_core::{Effect, Error, ErrorKind, Result};

use super::{detail, kind, marks};
use crate::client::PROVIDER;
use crate::codes::{Meaning, meaning, refid, strip_refid};
use crate::records::{Action, Transaction};
use crate::{NmiRefusal, Rail, Reply};

/// A handle on a transaction.
pub(super) fn reference(id: &str, amount: Money, rail: Rail, last4: Option<&str>) -> PaymentRef {
    let mut reference = PaymentRef::new(PROVIDER, kind::TRANSACTION, id)
        .with_detail(detail::CURRENCY, amount.currency().code())
        .with_detail(detail::AMOUNT, amount.to_decimal());
    if rail == Rail::Check {
        reference = reference.with_detail(detail::RAIL, "check");
    }
    match last4 {
        Some(last4) => reference.with_detail(detail::LAST4, last4),
        None => reference,
    }
}

/// The rail that a handle names.
pub(super) fn rail_of(payment: &PaymentRef) -> Rail {
    if payment.detail(detail::RAIL) == Some("check") { Rail::Check } else { Rail::Card }
}

/// The amount that a handle names, where it is whole.
pub(super) fn amount_of(payment: &PaymentRef) -> Option<Money> {
    let currency = Currency::new(payment.detail(detail::CURRENCY)?).ok()?;
    Money::parse(payment.detail(detail::AMOUNT)?, currency).ok()
}

/// The amounts of a payment that went through.
pub(super) fn amounts(operation: PaymentOperation, amount: Money) -> Amounts {
    let amounts = Amounts::requested(amount);
    match operation {
        PaymentOperation::Authorize => amounts.with_authorized(amount),
        PaymentOperation::Purchase => amounts.with_authorized(amount).with_captured(amount),
        PaymentOperation::Refund | PaymentOperation::Credit => amounts.with_refunded(amount),
        _ => amounts,
    }
}

/// Where a transaction stands right after NMI approved it.
pub(super) fn lifecycle(operation: PaymentOperation) -> Lifecycle {
    match operation {
        PaymentOperation::Authorize => Lifecycle::Authorized,
        PaymentOperation::Void => Lifecycle::Voided,
        PaymentOperation::Refund | PaymentOperation::Credit => Lifecycle::Refunded,
        PaymentOperation::Verify => Lifecycle::Verified,
        _ => Lifecycle::Captured,
    }
}

/// What an approval must agree with.
pub(super) struct Asked<'a> {
    pub(super) operation: PaymentOperation,
    pub(super) amount: Money,
    pub(super) rail: Rail,
    pub(super) wire_key: Option<&'a WireKey>,
    pub(super) last4: Option<String>,
    pub(super) live: bool,
}

/// The payment of an approval, after comparing what came back with what was asked for.
pub(super) fn approved(reply: &Reply, asked: &Asked<'_>) -> Result<Payment> {
    let Some(id) = reply.transaction_id() else {
        return Err(wrong("NMI approved a transaction and did not say which").with_effect(Effect::Unknown));
    };
    let reference = reference(id, asked.amount, asked.rail, asked.last4.as_deref());
    let contradiction = |what| wrong(what).with_effect(Effect::Happened).with_payment(reference.clone());
    if let (Some(came), Some(sent)) = (reply.order_id(), asked.wire_key)
        && came != sent.as_str()
    {
        return Err(contradiction("the approval is about another order id than was sent"));
    }
    if reply.transaction_type().is_some_and(|came| came != word(asked.operation)) {
        return Err(contradiction("the approval is about another kind of transaction than was asked for"));
    }
    // Some accounts tell how much was authorized, which means something where an authorization was asked for.
    let authorizes = matches!(asked.operation, PaymentOperation::Purchase | PaymentOperation::Authorize);
    let told = reply.get("amount_authorized").filter(|_| authorizes);
    if told.is_some_and(|text| {
        Money::parse(text, asked.amount.currency()).is_ok_and(|came| came != asked.amount)
    }) {
        return Err(contradiction("the approval is for another amount than was asked for"));
    }
    let amounts = amounts(asked.operation, asked.amount);
    let mut payment =
        Payment::new(reference, asked.operation, lifecycle(asked.operation), amounts, asked.live);
    payment.wire_key = reply.order_id().and_then(|id| WireKey::try_from(id.to_owned()).ok());
    payment.auth_code = reply.auth_code().map(str::to_owned);
    payment.avs = reply.avs_response().map(avs);
    payment.cvv = reply.cvv_response().map(cvv);
    Ok(payment)
}

/// NMI's word for an operation, as `type` repeats it.
fn word(operation: PaymentOperation) -> &'static str {
    match operation {
        PaymentOperation::Authorize => "auth",
        PaymentOperation::Capture => "capture",
        PaymentOperation::Void => "void",
        PaymentOperation::Refund => "refund",
        PaymentOperation::Credit => "credit",
        PaymentOperation::Verify => "validate",
        _ => "sale",
    }
}

/// An approval as an outcome. Bank debits are only on their way: approval is not settlement.
pub(super) fn outcome(mut payment: Payment, rail: Rail, changes: Vec<TextChange>) -> Outcome {
    payment.text_changes = changes;
    if rail == Rail::Check && payment.lifecycle == Lifecycle::Captured {
        payment.lifecycle = Lifecycle::Settling;
        payment.amounts = Amounts::requested(payment.amounts.requested);
    }
    if rail == Rail::Check && payment.operation == PaymentOperation::Credit {
        payment.lifecycle = Lifecycle::Settling;
    }
    if payment.lifecycle == Lifecycle::Settling {
        Outcome::Processing(payment)
    } else {
        Outcome::Approved(payment)
    }
}

/// A refusal as a decline, if it is one; anything else stays an error.
pub(super) fn declined(error: Error) -> Result<Outcome> {
    match NmiRefusal::of(&error) {
        Some(NmiRefusal { reply, meaning: Meaning::Declined(reason, advice) })
            if error.effect() == Effect::None =>
        {
            Ok(Outcome::Declined(decline(reply, *reason, *advice)))
        }
        _ => Err(error),
    }
}

pub(super) fn decline(reply: &Reply, reason: DeclineReason, advice: DeclineAdvice) -> Decline {
    let mut decline = Decline::new(reason, advice);
    decline.code = reply.response_code().map(str::to_owned);
    let text = strip_refid(reply.response_text());
    decline.text = (!text.is_empty()).then(|| text.to_owned());
    decline.request_id = refid(reply.response_text()).map(str::to_owned);
    decline.avs = reply.avs_response().map(avs);
    decline.cvv = reply.cvv_response().map(cvv);
    decline
}

/// The letter of the address check. G, I, S, 1, 5, 4 and 8 are the networks' usual meanings; NMI's own list was not seen
/// whole.
pub(crate) fn avs(letter: &str) -> AvsResult {
    match letter {
        "X" | "Y" | "D" | "M" | "2" | "6" => AvsResult::Match,
        "A" | "B" | "3" | "7" => AvsResult::StreetOnly,
        "W" | "Z" | "P" | "L" | "1" | "5" => AvsResult::PostalOnly,
        "N" | "C" | "4" | "8" => AvsResult::NoMatch,
        _ => AvsResult::NotChecked,
    }
}

/// The letter of the security code check.
pub(crate) fn cvv(letter: &str) -> CvvResult {
    match letter {
        "M" => CvvResult::Match,
        "N" => CvvResult::NoMatch,
        _ => CvvResult::NotChecked,
    }
}

/// What may be shown of a method that was sent.
pub(super) fn summary(method: &PaymentMethod) -> MethodSummary {
    let mut summary = MethodSummary::default();
    match method {
        PaymentMethod::Card(card) => {
            "card".clone_into(&mut summary.kind);
            summary.bin = card.bin();
            summary.last4 = Some(card.last4());
            summary.exp_month = Some(card.exp_month());
            summary.exp_year = Some(card.exp_year());
        }
        PaymentMethod::BankAccount(account) => {
            "check".clone_into(&mut summary.kind);
            summary.last4 = Some(account.last4());
        }
        PaymentMethod::Stored(stored) => {
            stored.kind().clone_into(&mut summary.kind);
            summary.last4 = stored.detail(detail::LAST4).map(str::to_owned);
        }
        other => other.kind().clone_into(&mut summary.kind),
    }
    summary
}

/// The action that made a transaction.
pub(super) fn first_action(transaction: &Transaction) -> Option<&Action> {
    transaction.actions.iter().find(|action| operation_of(action).is_some())
}

fn operation_of(action: &Action) -> Option<PaymentOperation> {
    Some(match action.action_type.as_str() {
        "sale" | "offline" => PaymentOperation::Purchase,
        "auth" => PaymentOperation::Authorize,
        "refund" => PaymentOperation::Refund,
        "credit" => PaymentOperation::Credit,
        "validate" => PaymentOperation::Verify,
        _ => return None,
    })
}

/// The rail of a record.
pub(super) fn rail(transaction: &Transaction) -> Rail {
    if transaction.transaction_type.as_deref() == Some("ck") { Rail::Check } else { Rail::Card }
}

/// Whether a kind of action worked, and how it stood.
pub(super) fn done<'a>(transaction: &'a Transaction, kind: &str) -> Option<&'a Action> {
    transaction.actions.iter().find(|action| action.success && action.action_type == kind)
}

/// Whether the payer's bank sent a debit back: `return`, `check_return`, `check_late_return`.
pub(super) fn returned(transaction: &Transaction) -> Option<&Action> {
    transaction.actions.iter().find(|action| action.success && action.action_type.ends_with("return"))
}

/// A record as a payment. `refunded` is what refunds of their own returned; NMI may list it among the actions as well.
///
/// # Errors
/// [`InvalidResponse`](ErrorKind::InvalidResponse) when the record has no action that made it, or amounts that cannot be
/// read.
pub(super) fn payment(transaction: &Transaction, refunded: Option<Money>, live: bool) -> Result<Payment> {
    let currency = transaction.currency()?;
    let first = first_action(transaction).ok_or_else(|| wrong("a transaction does not say what made it"))?;
    let operation = operation_of(first).unwrap_or(PaymentOperation::Purchase);
    let requested =
        if operation == PaymentOperation::Verify { Money::zero(currency) } else { first.money(currency)? };
    let voided = transaction.condition.as_deref() == Some("canceled") || done(transaction, "void").is_some();
    let captured = done(transaction, "capture").map(|action| action.money(currency)).transpose()?;
    let mut listed = Money::zero(currency);
    if operation != PaymentOperation::Refund {
        for action in
            transaction.actions.iter().filter(|action| action.success && action.action_type == "refund")
        {
            let sum = listed.checked_add(action.money(currency)?);
            listed = sum.ok_or_else(|| wrong("the refunds of a transaction do not add up"))?;
        }
    }
    let returned_money = refunded.filter(|refunded| *refunded > listed).unwrap_or(listed);
    let mut amounts = Amounts::requested(requested);
    if first.success && !voided {
        amounts = self::amounts(operation, requested);
        if let Some(captured) = captured {
            amounts = amounts.with_captured(captured);
        }
        if !matches!(operation, PaymentOperation::Refund | PaymentOperation::Credit) {
            amounts = amounts.with_refunded(returned_money);
        }
    }
    let lifecycle = lifecycle_of(transaction, operation, first.success, voided, &amounts);
    let held = captured.unwrap_or(requested);
    let reference = reference(&transaction.transaction_id, held, rail(transaction), transaction.last4());
    let mut payment = Payment::new(reference, operation, lifecycle, amounts, live);
    let parent = transaction.original_transaction_id.as_deref();
    payment.parent = parent
        .filter(|_| operation == PaymentOperation::Refund)
        .map(|id| PaymentRef::new(PROVIDER, kind::TRANSACTION, id));
    let reference = transaction.defined_fields.get(&marks::REFERENCE);
    payment.merchant_reference = reference.and_then(|text| MerchantReference::new(text.clone()).ok());
    payment.wire_key = transaction.order_id.clone().and_then(|id| WireKey::try_from(id).ok());
    payment.method = Some(method_of(transaction));
    payment.avs = transaction.avs_response.as_deref().map(avs);
    payment.cvv = transaction.csc_response.as_deref().map(cvv);
    payment.auth_code.clone_from(&transaction.authorization_code);
    payment.vendor_status.clone_from(&transaction.condition);
    payment.created_at = first.date;
    Ok(payment)
}

fn lifecycle_of(
    transaction: &Transaction,
    operation: PaymentOperation,
    succeeded: bool,
    voided: bool,
    amounts: &Amounts,
) -> Lifecycle {
    let condition = transaction.condition.as_deref().unwrap_or("unknown");
    let money_back = matches!(operation, PaymentOperation::Refund | PaymentOperation::Credit);
    match condition {
        _ if voided => Lifecycle::Voided,
        // An open condition beside an action that did not work is an outcome that NMI itself does not know.
        "unknown" | "in_progress" if !succeeded => Lifecycle::Pending,
        _ if !succeeded => Lifecycle::Failed,
        _ if returned(transaction).is_some() => Lifecycle::Returned,
        "failed" | "abandoned" => Lifecycle::Failed,
        _ if operation == PaymentOperation::Verify => Lifecycle::Verified,
        _ if money_back => Lifecycle::Refunded,
        _ if amounts.refunded.is_positive() && amounts.refunded >= amounts.captured => Lifecycle::Refunded,
        _ if amounts.refunded.is_positive() => Lifecycle::PartlyRefunded,
        "pending" => Lifecycle::Authorized,
        "pendingsettlement" if rail(transaction) == Rail::Check => Lifecycle::Settling,
        "pendingsettlement" => Lifecycle::Captured,
        "complete" => Lifecycle::Settled,
        _ => Lifecycle::Pending,
    }
}

fn method_of(transaction: &Transaction) -> MethodSummary {
    let mut summary = MethodSummary::default();
    if rail(transaction) == Rail::Check { "check" } else { "card" }.clone_into(&mut summary.kind);
    summary.brand = transaction.card_type.as_ref().map(|brand| brand.to_ascii_lowercase());
    summary.bin.clone_from(&transaction.card_bin);
    summary.last4 = transaction.last4().map(str::to_owned);
    (summary.exp_month, summary.exp_year) = expiry(transaction.card_expiry.as_deref());
    summary
}

/// `MMYY` as month and year.
pub(super) fn expiry(text: Option<&str>) -> (Option<u8>, Option<u16>) {
    let part = |from: usize, to: usize| text.and_then(|text| text.get(from..to)?.parse::<u8>().ok());
    match (part(0, 2).filter(|month| (1..=12).contains(month)), part(2, 4)) {
        (Some(month), Some(year)) => (Some(month), Some(2000 + u16::from(year))),
        _ => (None, None),
    }
}

/// The answer to a repetition: what the record says of the earlier attempt.
///
/// # Errors
/// [`Conflict`](ErrorKind::Conflict) with [`Effect::Happened`] when the earlier attempt was another payment, with
/// [`Effect::Unknown`] while NMI itself does not know what came of it.
pub(super) fn replay(
    transaction: &Transaction,
    operation: PaymentOperation,
    amount: Money,
    live: bool,
) -> Result<Outcome> {
    // An earlier attempt is there, whatever it was.
    let mut payment = payment(transaction, None, live).map_err(|error| error.with_effect(Effect::Unknown))?;
    let conflict = |what, effect| {
        Error::new(ErrorKind::Conflict, what).with_effect(effect).with_payment(payment.reference.clone())
    };
    if payment.operation != operation || payment.amounts.requested != amount {
        let failed = payment.lifecycle == Lifecycle::Failed;
        let effect = if failed { Effect::None } else { Effect::Happened };
        return Err(conflict("this key was used before, for another payment", effect));
    }
    match payment.lifecycle {
        Lifecycle::Failed => {
            let first = first_action(transaction);
            let code = first.and_then(|action| action.response_code.as_deref());
            let text = first.and_then(|action| action.response_text.as_deref()).unwrap_or_default();
            let (reason, advice) = match meaning("2", code, text) {
                Meaning::Declined(reason, advice) => (reason, advice),
                _ => (DeclineReason::Other, DeclineAdvice::AskBank),
            };
            let mut decline = Decline::new(reason, advice);
            decline.code = code.map(str::to_owned);
            decline.avs = payment.avs;
            decline.cvv = payment.cvv;
            Ok(Outcome::Declined(decline))
        }
        Lifecycle::Pending => {
            Err(conflict("this key was used before, and NMI does not know what came of it", Effect::Unknown))
        }
        _ => {
            payment.replayed = true;
            Ok(outcome(payment, rail(transaction), Vec::new()))
        }
    }
}

pub(super) fn wrong(what: &'static str) -> Error {
    Error::new(ErrorKind::InvalidResponse, what)
}
