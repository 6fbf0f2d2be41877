//! `query.php`: what was done, read back as XML.

use super::amount;
use super::form::{CREDENTIALS, Form, is_merchant_defined};
use super::instrument::Instrument;
use super::reply::Refused;
use super::reports;
use super::stamp;
use super::state::{Account, Action, Transaction, condition};
use super::xml::Document;

/// Records in one answer when the request sets no limit, and the most it may ask for.
const MOST: usize = 10_000;

const PARAMETERS: &[&str] = &[
    "action_type",
    "cc_number",
    "condition",
    "customer_vault_id",
    "date_search",
    "email",
    "end_date",
    "first_name",
    "last_name",
    "order_id",
    "page_number",
    "plan_id",
    "processor_details",
    "report_type",
    "result_limit",
    "result_order",
    "source",
    "start_date",
    "subscription_id",
    "transaction_id",
    "transaction_type",
    "ver",
];

const CONDITIONS: &[&str] = &[
    "pending",
    "pendingsettlement",
    "in_progress",
    "abandoned",
    "failed",
    "canceled",
    "complete",
    "unknown",
];
const ACTIONS: &[&str] = &["sale", "refund", "credit", "auth", "capture", "void", "return", "validate"];

/// A receipt is HTML, everything else XML.
pub(super) enum Answer {
    Xml(String),
    Html(String),
}

/// Which of the records to give.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) skip: usize,
    pub(super) take: usize,
}

pub(super) fn run(account: &mut Account, form: &Result<Form, Refused>) -> Answer {
    let outcome = match form {
        Ok(form) => carry_out(account, form),
        Err(refused) => Err(refused.clone()),
    };
    outcome.unwrap_or_else(|refused| {
        let text = account.worded(&refused);
        let mut document = Document::new();
        document.leaf("error_response", &text);
        Answer::Xml(document.finish())
    })
}

fn carry_out(account: &mut Account, form: &Form) -> Result<Answer, Refused> {
    if account.limited > 0 {
        account.limited -= 1;
        return Err(Refused::rate_limited());
    }
    authenticate(account, form)?;
    check(form)?;
    let page = paging(form)?;
    let mut document = Document::new();
    match form.text("report_type") {
        "" | "transaction" => {
            for transaction in matching(account, form)?.iter().skip(page.skip).take(page.take) {
                write(&mut document, transaction, account.settings.refunds_name_payment);
            }
        }
        "receipt" => return receipt(account, form),
        "customer_vault" => reports::customer_vault(account, form, &page, &mut document)?,
        "recurring" => reports::recurring(account, form, &page, &mut document)?,
        "recurring_plans" => reports::recurring_plans(account, form, &page, &mut document),
        "test_mode_status" => {
            document.leaf("test_mode_enabled", if account.settings.test_mode { "true" } else { "false" });
        }
        "profile" => reports::profile(account, &mut document),
        "invoicing" | "gateway_processors" | "account_updater" => {
            return Err(Refused::new("This report is not carried out here"));
        }
        _ => return Err(Refused::invalid("report_type")),
    }
    Ok(Answer::Xml(document.finish()))
}

fn authenticate(account: &Account, form: &Form) -> Result<(), Refused> {
    let keys = &account.keys;
    match (form.get("security_key"), form.get("username"), form.get("password")) {
        (Some(key), ..) if key == keys.security => Ok(()),
        // A key without the permission to query looks like one that does not exist.
        (Some(_), ..) => Err(Refused::new("Specified API key not found")),
        (None, Some(name), Some(word)) if name == keys.username && word == keys.password => Ok(()),
        _ => Err(Refused::new("Invalid Username/Password")),
    }
}

/// A misspelt filter would find everything, which is worse than nothing.
fn check(form: &Form) -> Result<(), Refused> {
    for (name, value) in form.all() {
        let known = [CREDENTIALS, PARAMETERS].iter().any(|group| group.contains(&name));
        if !known && !is_merchant_defined(name) {
            return Err(Refused::new(format!("The {name} field is unknown")));
        }
        let each = |known: &[&str]| value.split(',').all(|part| known.contains(&part.trim()));
        let fits = match name {
            "condition" => each(CONDITIONS),
            "action_type" => each(ACTIONS),
            "transaction_type" => ["cc", "ck", "cs"].contains(&value),
            "result_order" => ["standard", "reverse"].contains(&value),
            "date_search" => each(&["created", "updated"]),
            "start_date" | "end_date" => {
                stamp::parse_moment(value).is_some() || stamp::parse_day(value).is_some()
            }
            _ => true,
        };
        if !fits {
            return Err(Refused::invalid(name));
        }
    }
    Ok(())
}

/// Pages count from 0.
fn paging(form: &Form) -> Result<Page, Refused> {
    let read = |name: &str, default: usize| match form.get(name) {
        None => Ok(default),
        Some(text) => text.parse::<usize>().map_err(|_| Refused::invalid(name)),
    };
    let take = read("result_limit", MOST)?;
    if take == 0 || take > MOST {
        return Err(Refused::invalid("result_limit"));
    }
    Ok(Page { skip: read("page_number", 0)?.saturating_mul(take), take })
}

/// The span that a request asks for, inclusive; a bare day starts, or ends, that day.
pub(super) fn span(form: &Form) -> (u64, u64) {
    let read = |name: &str, spare: u64| {
        let text = form.get(name)?;
        stamp::parse_moment(text).or_else(|| stamp::parse_day(text).map(|day| day + spare))
    };
    (read("start_date", 0).unwrap_or(0), read("end_date", 86_399).unwrap_or(u64::MAX))
}

/// The transactions as the index knows them, which may be some seconds behind.
fn indexed(account: &Account) -> Vec<Transaction> {
    let lag = account.settings.index_lag;
    let known = |action: &Action| action.at.saturating_add(lag) <= account.now;
    let mut rows = Vec::new();
    for transaction in &account.transactions {
        let mut row = transaction.clone();
        row.actions.retain(known);
        if !row.actions.is_empty() {
            rows.push(row);
        }
    }
    rows
}

fn matching(account: &Account, form: &Form) -> Result<Vec<Transaction>, Refused> {
    let (from, until) = span(form);
    let listed = |name: &str, value: &str| {
        form.get(name).is_none_or(|wanted| wanted.split(',').any(|part| part.trim() == value))
    };
    let same = |name: &str, value: &str| form.get(name).is_none_or(|wanted| wanted == value);
    let ids: Option<Vec<&str>> =
        form.get("transaction_id").map(|ids| ids.split(',').map(str::trim).collect());
    if ids.iter().flatten().any(|id| id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_digit())) {
        return Err(Refused::new("Invalid Transaction ID specified"));
    }
    let mut rows: Vec<Transaction> = indexed(account)
        .into_iter()
        .filter(|row| {
            let subscription = row.subscription.as_deref().unwrap_or_default();
            let customer = row.stored.as_ref().map_or("", |(customer, _)| customer);
            let changed = row.actions.iter().map(|action| action.at).max().unwrap_or_default();
            ids.as_ref().is_none_or(|ids| ids.contains(&row.id.as_str()) || ids.contains(&subscription))
                && same("order_id", &row.order_id)
                && same("subscription_id", subscription)
                && same("customer_vault_id", customer)
                && same("transaction_type", row.instrument.kind())
                && same("first_name", row.field("first_name"))
                && same("last_name", row.field("last_name"))
                && same("email", row.field("email"))
                && listed("condition", condition(&row.actions))
                && form.get("action_type").is_none_or(|_| {
                    row.actions.iter().any(|action| listed("action_type", filed(action.kind)))
                })
                && form
                    .get("source")
                    .is_none_or(|_| row.actions.iter().any(|action| listed("source", action.source)))
                && form.get("cc_number").is_none_or(|wanted| shows(&row.instrument, wanted))
                && (1..=20)
                    .map(|n| format!("merchant_defined_field_{n}"))
                    .all(|name| same(&name, row.field(&name)))
                && (from..=until).contains(&changed)
        })
        .collect();
    if form.text("result_order") == "reverse" {
        rows.reverse();
    }
    if account.settings.refunds_on_payment {
        let refunds: Vec<_> =
            indexed(account).into_iter().filter_map(|row| Some((row.refund_of?, row.actions))).collect();
        for row in &mut rows {
            let own =
                refunds.iter().filter(|(payment, _)| *payment == row.id).flat_map(|(_, actions)| actions);
            row.actions.extend(own.filter(|action| action.kind == "refund").cloned());
        }
    }
    Ok(rows)
}

/// The name that a filter knows an action by.
fn filed(kind: &'static str) -> &'static str {
    if kind.ends_with("return") { "return" } else { kind }
}

/// A card is found by its whole number or by the last four digits.
fn shows(instrument: &Instrument, wanted: &str) -> bool {
    match instrument {
        Instrument::Card(card) => {
            card.number == wanted || (wanted.len() == 4 && card.number.ends_with(wanted))
        }
        Instrument::Check(_) => false,
    }
}

fn write(document: &mut Document, row: &Transaction, names_payment: bool) {
    let of = |name: &str| row.field(name);
    document.open("transaction");
    if let Some(payment) = row.refund_of.as_deref().filter(|_| names_payment) {
        document.leaf("original_transaction_id", payment);
    }
    document.leaves(&[
        ("transaction_id", &row.id),
        ("partial_payment_id", ""),
        ("partial_payment_balance", ""),
        ("platform_id", ""),
        ("transaction_type", row.instrument.kind()),
        // What is shown of a refund beside its payment does not touch the payment's condition.
        ("condition", row_condition(row)),
        ("order_id", &row.order_id),
        ("authorization_code", &row.authcode),
        ("ponumber", of("ponumber")),
        ("order_description", of("order_description")),
    ]);
    reports::contact(document, &row.fields, "");
    document.leaf("customerid", row.stored.as_ref().map_or("", |(customer, _)| customer));
    reports::contact(document, &row.fields, "shipping_");
    document.leaves(&[("shipping", of("shipping")), ("tax", of("tax"))]);
    reports::instrument(document, &row.instrument);
    document.leaves(&[
        ("cavv", of("cavv")),
        ("xid", of("xid")),
        ("eci", of("eci")),
        ("avs_response", row.avs),
        ("csc_response", row.csc),
        ("cardholder_auth", of("cardholder_auth")),
        ("processor_id", &row.processor),
        ("currency", &row.currency),
    ]);
    for (name, value) in row.fields.iter().filter(|(name, _)| is_merchant_defined(name)) {
        let number = name.trim_start_matches("merchant_defined_field_");
        document.open_with("merchant_defined_field", &[("id", number)]);
        document.text(value);
        document.close("merchant_defined_field");
    }
    for action in &row.actions {
        document.open("action");
        document.leaves(&[
            ("amount", &amount::show(action.cents)),
            ("action_type", action.kind),
            ("date", &stamp::moment(action.at)),
            ("success", if action.success { "1" } else { "0" }),
            ("ip_address", &action.ip),
            ("source", action.source),
            ("response_text", &action.text),
            ("batch_id", &action.batch),
            ("processor_batch_id", if action.batch == "0" { "" } else { &action.batch }),
            ("response_code", &action.code),
            ("processor_response_text", ""),
            ("processor_response_code", ""),
        ]);
        document.close("action");
    }
    document.close("transaction");
}

fn row_condition(row: &Transaction) -> &'static str {
    let own: Vec<Action> = match row.actions.first() {
        Some(first) if first.kind != "refund" => {
            row.actions.iter().filter(|action| action.kind != "refund").cloned().collect()
        }
        _ => row.actions.clone(),
    };
    condition(&own)
}

/// A receipt is a page for people.
fn receipt(account: &Account, form: &Form) -> Result<Answer, Refused> {
    form.need("transaction_id")?;
    let rows = matching(account, form)?;
    let row = rows.first().ok_or_else(|| Refused::new("Invalid Transaction ID specified"))?;
    let paid = row.actions.first().map_or(0, |action| action.cents);
    Ok(Answer::Html(format!(
        "<html><body><h1>Receipt</h1><p>Transaction {}: {} {}</p></body></html>\n",
        row.id,
        amount::show(paid),
        row.currency
    )))
}
