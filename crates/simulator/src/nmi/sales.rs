//! `sale`, `auth`, `credit`, `validate` and `offline`: what starts a transaction.

use super::amount;
use super::booking::{self, Booking};
use super::form::{AUTHENTICATION, BILLING, CREDENTIALS, Form, ORDER, PAYMENT, SHIPPING};
use super::instrument::{self, Instrument};
use super::reply::{Refused, Reply};
use super::state::Account;
use super::vault;

const STORING: &[&str] = &["customer_vault"];
const OFFLINE: &[&str] = &["authorization_code"];

const PROCESSORS: &[&str] = &["ccprocessora", "ckprocessora"];

pub(super) fn run(account: &mut Account, form: &Form, kind: &'static str) -> Result<Reply, Refused> {
    // `type` was read by whoever called this.
    form.check(&[
        CREDENTIALS,
        ORDER,
        BILLING,
        SHIPPING,
        PAYMENT,
        AUTHENTICATION,
        STORING,
        if kind == "offline" { OFFLINE } else { &[] },
        &["type"],
    ])?;
    if kind == "credit" && !account.settings.credits {
        return Err(Refused::new("Credits are not enabled for this account"));
    }
    let cents = match (kind, form.get("amount").and_then(amount::parse)) {
        ("validate", None | Some(0)) => 0,
        ("validate", Some(_)) | (_, None | Some(0)) => return Err(Refused::new("Invalid amount")),
        (_, Some(cents)) => cents,
    };
    if kind == "offline" {
        form.need("authorization_code")?;
    }
    let storing = form.get("customer_vault");
    if storing.is_some_and(|action| !["add_customer", "add_billing"].contains(&action)) {
        return Err(Refused::invalid("customer_vault"));
    }
    if storing.is_some() && !account.settings.vault {
        return Err(Refused::new("The Customer Vault is not enabled for this account"));
    }
    let means = instrument::read(account, form, storing.is_none())?;
    let is_check = means.instrument.is_check();
    if is_check && !account.settings.checks {
        return Err(Refused::new("Electronic checks are not enabled for this account"));
    }
    if is_check && !matches!(kind, "sale" | "credit") {
        return Err(Refused::new(format!("A check cannot be used for {kind}")));
    }
    if is_check && !form.group(AUTHENTICATION).is_empty() {
        return Err(Refused::new("A check carries no card authentication"));
    }
    let processor = processor(form, &means.instrument)?;
    stored_credential(account, form, &means.instrument)?;
    let currency = form.get("currency").unwrap_or("USD").to_owned();
    duplicates(account, form, kind, means.instrument.number(), cents, &currency)?;
    vault::room_for(account, form, storing)?;
    let to_store = means.instrument.clone();
    let (id, verdict) = booking::book(
        account,
        Booking {
            kind,
            cents: if kind == "credit" { -cents } else { cents },
            means,
            cvv: form.get("cvv").map(str::to_owned),
            currency,
            processor,
            order_id: form.owned("orderid"),
            fields: kept(form),
            source: "api",
            ip: form.owned("ipaddress"),
            subscription: None,
            refund_of: None,
            test: account.settings.test_mode || form.get("test_mode").is_some(),
        },
    );
    let mut more = Vec::new();
    if verdict.response == 1 && storing.is_some() {
        let customer = vault::keep(account, form, storing, to_store, &id);
        more.push(("customer_vault_id", customer));
    }
    let Some(transaction) = account.transaction(&id) else {
        return Err(Refused::new("Invalid Transaction ID specified"));
    };
    if account.settings.echo_more {
        more.push(("amount_authorized", amount::show(transaction.authorized())));
        if let Instrument::Card(card) = &transaction.instrument {
            more.push(("cc_number", card.masked()));
        }
        if !more.iter().any(|(name, _)| *name == "customer_vault_id") {
            let customer = transaction.stored.as_ref().map(|(customer, _)| customer.clone());
            more.push(("customer_vault_id", customer.unwrap_or_default()));
        }
    }
    Ok(Reply {
        response: verdict.response,
        text: verdict.text,
        authcode: transaction.authcode.clone(),
        transaction_id: id,
        avs: transaction.avs.to_owned(),
        cvv: transaction.csc.to_owned(),
        order_id: form.owned("orderid"),
        // A decline does not repeat the type.
        kind: if verdict.response == 2 { String::new() } else { kind.to_owned() },
        code: verdict.code,
        more,
    })
}

/// The processor that a request asks for, or the one for cards or for checks.
pub(super) fn processor(form: &Form, instrument: &Instrument) -> Result<String, Refused> {
    let asked = form.get("processor_id").unwrap_or(instrument.processor());
    if PROCESSORS.contains(&asked) && (asked == "ckprocessora") == instrument.is_check() {
        Ok(asked.to_owned())
    } else {
        Err(Refused::new("Invalid Processor ID"))
    }
}

/// What of a request stays with its transaction.
fn kept(form: &Form) -> Vec<(String, String)> {
    let others = [
        "type",
        "amount",
        "currency",
        "orderid",
        "processor_id",
        "dup_seconds",
        "test_mode",
        "customer_vault",
    ];
    form.harmless().into_iter().filter(|(name, _)| !others.contains(&name.as_str())).collect()
}

/// A follow-up in a series names a transaction of the same brand. Ids that are none of this gateway's are taken
/// for the network's.
fn stored_credential(account: &Account, form: &Form, instrument: &Instrument) -> Result<(), Refused> {
    let used = form.text("stored_credential_indicator") == "used";
    if used && form.text("initiated_by") == "merchant" {
        form.need("initial_transaction_id")?;
    }
    let first = form.get("initial_transaction_id").and_then(|id| account.transaction(id));
    match (first.map(|first| &first.instrument), instrument) {
        (Some(Instrument::Card(first)), Instrument::Card(card)) if first.brand() != card.brand() => {
            Err(Refused::invalid("initial_transaction_id"))
        }
        _ => Ok(()),
    }
}

/// The gateway's own check: the same number, kind and amount within the window, whatever the order. It looks
/// at approvals only.
fn duplicates(
    account: &Account,
    form: &Form,
    kind: &str,
    number: &str,
    cents: i64,
    currency: &str,
) -> Result<(), Refused> {
    let mut window = account.settings.duplicate_window;
    if let Some(own) = form.number("dup_seconds") {
        if account.settings.window_per_request {
            window = own;
        } else if own == 0 {
            return Err(Refused::new("Disabling Duplicate Check is not allowed for this processor"));
        }
    }
    if kind == "validate" {
        return Ok(());
    }
    let same = account.transactions.iter().rev().any(|before| {
        before.instrument.number() == number
            && before.currency == currency
            && before.actions.first().is_some_and(|first| {
                first.success
                    && first.kind == kind
                    && first.cents.abs() == cents
                    && account.now.saturating_sub(first.at) < window
            })
    });
    if same { Err(Refused::new("Duplicate transaction")) } else { Ok(()) }
}
