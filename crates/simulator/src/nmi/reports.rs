//! The reports beside transactions: the vault, subscriptions, plans, the merchant.

use super::amount;
use super::form::Form;
use super::instrument::Instrument;
use super::query::{Page, span};
use super::reply::Refused;
use super::stamp;
use super::state::Account;
use super::vault::{Billing, Customer};
use super::xml::Document;

/// An address as queries spell it.
pub(super) fn contact(document: &mut Document, fields: &[(String, String)], prefix: &str) {
    const NAMES: &[(&str, &str)] = &[
        ("first_name", "first_name"),
        ("last_name", "last_name"),
        ("address_1", "address1"),
        ("address_2", "address2"),
        ("company", "company"),
        ("city", "city"),
        ("state", "state"),
        ("postal_code", "zip"),
        ("country", "country"),
        ("email", "email"),
        ("phone", "phone"),
        ("fax", "fax"),
    ];
    for (shown, sent) in
        NAMES.iter().filter(|(shown, _)| prefix.is_empty() || !["phone", "fax"].contains(shown))
    {
        let sent = format!("{prefix}{sent}");
        let value = fields.iter().find(|(known, _)| *known == sent).map_or("", |(_, value)| value);
        document.leaf(&format!("{prefix}{shown}"), value);
    }
}

/// A card or a bank account; the elements of the other one are empty.
pub(super) fn instrument(document: &mut Document, instrument: &Instrument) {
    let (card, check) = match instrument {
        Instrument::Card(card) => (Some(card), None),
        Instrument::Check(check) => (None, Some(check)),
    };
    document.leaves(&[
        ("cc_number", &card.map(super::instrument::Card::masked).unwrap_or_default()),
        ("cc_hash", ""),
        ("cc_exp", card.map_or("", |card| &card.expiry)),
        ("cc_bin", card.map_or("", super::instrument::Card::bin)),
        ("cc_type", card.map_or("", super::instrument::Card::brand)),
        ("check_account", &check.map(super::instrument::Check::masked).unwrap_or_default()),
        ("check_hash", ""),
        ("check_aba", check.map_or("", |check| &check.aba)),
        ("check_name", check.map_or("", |check| &check.name)),
        ("account_holder_type", check.map_or("", |check| &check.holder)),
        ("account_type", check.map_or("", |check| &check.kind)),
        ("sec_code", check.map_or("", |check| &check.sec_code)),
    ]);
}

/// The vault. `ver=2` lists every billing id of a customer, without it the first one stands for all.
pub(super) fn customer_vault(
    account: &Account,
    form: &Form,
    page: &Page,
    document: &mut Document,
) -> Result<(), Refused> {
    let (from, until) = span(form);
    let by_update = form.get("date_search").is_none_or(|search| search.contains("updated"));
    let by_creation = form.get("date_search").is_some_and(|search| search.contains("created"));
    let within = |customer: &Customer| {
        (by_update && (from..=until).contains(&customer.updated))
            || (by_creation && (from..=until).contains(&customer.created))
    };
    let wanted = form.get("customer_vault_id");
    let many = match form.get("ver") {
        None => false,
        Some("2") => true,
        Some(_) => return Err(Refused::invalid("ver")),
    };
    let mut found = account
        .customers
        .iter()
        .filter(|customer| wanted.is_none_or(|id| customer.id == id) && within(customer))
        .skip(page.skip)
        .take(page.take)
        .peekable();
    if found.peek().is_none() {
        return Ok(());
    }
    document.open("customer_vault");
    for customer in found {
        document.open_with("customer", &[("id", &customer.id)]);
        if many {
            for (place, billing) in customer.billings.iter().enumerate() {
                document.open_with("billing", &[("id", &billing.id), ("priority", &(place + 1).to_string())]);
                entry(document, billing);
                document.leaf("created", &stamp::moment(billing.created));
                document.leaf("updated", &stamp::moment(billing.updated));
                document.close("billing");
            }
        } else if let Some(billing) = customer.billings.first() {
            entry(document, billing);
        }
        contact(document, &customer.shipping, "shipping_");
        document.leaves(&[
            ("created", &stamp::moment(customer.created)),
            ("updated", &stamp::moment(customer.updated)),
            ("account_updated", ""),
            ("customer_vault_id", &customer.id),
        ]);
        document.close("customer");
    }
    document.close("customer_vault");
    Ok(())
}

fn entry(document: &mut Document, billing: &Billing) {
    contact(document, &billing.contact, "");
    instrument(document, &billing.instrument);
    document.leaf("processor_id", "");
}

/// Subscriptions that have not been deleted.
pub(super) fn recurring(
    account: &Account,
    form: &Form,
    page: &Page,
    document: &mut Document,
) -> Result<(), Refused> {
    let ids: Option<Vec<&str>> =
        form.get("subscription_id").map(|ids| ids.split(',').map(str::trim).collect());
    let customer = form.get("customer_vault_id");
    let wanted = account.subscriptions.iter().filter(|known| {
        let stored = known.stored.as_ref().map(|(customer, _)| customer.as_str());
        ids.as_ref().is_none_or(|ids| ids.contains(&known.id.as_str()))
            && customer.is_none_or(|id| stored == Some(id))
    });
    for subscription in wanted.skip(page.skip).take(page.take) {
        document.open_with("subscription", &[("id", &subscription.id)]);
        document.leaf("subscription_id", &subscription.id);
        plan(document, &subscription.plan);
        document.leaves(&[
            ("next_charge_date", &subscription.next.map(stamp::day).unwrap_or_default()),
            ("completed_payments", &subscription.completed.to_string()),
            ("attempted_payments", &subscription.attempted.to_string()),
            ("remaining_payments", &subscription.remaining()),
            ("ponumber", ""),
            ("orderid", &subscription.order_id),
        ]);
        contact(document, &subscription.fields, "");
        match (&subscription.instrument, &subscription.stored) {
            (Some(own), _) => instrument(document, own),
            (None, Some((customer, billing))) => {
                if let Ok(means) = account.stored(customer, billing.as_deref()) {
                    instrument(document, &means.instrument);
                }
                document.leaf("customer_vault_id", customer);
            }
            (None, None) => return Err(Refused::new("The subscription has nothing that pays")),
        }
        document.leaves(&[("processor_id", &subscription.processor), ("currency", &subscription.currency)]);
        document.close("subscription");
    }
    Ok(())
}

pub(super) fn recurring_plans(account: &Account, form: &Form, page: &Page, document: &mut Document) {
    let wanted = account.plans.iter().filter(|known| form.get("plan_id").is_none_or(|id| known.id == id));
    for known in wanted.skip(page.skip).take(page.take) {
        plan(document, known);
    }
}

fn plan(document: &mut Document, plan: &super::plans::Plan) {
    let payments = if plan.payments == 0 { "until_canceled".to_owned() } else { plan.payments.to_string() };
    let [days, months, day] = plan.rhythm.words();
    document.open("plan");
    document.leaves(&[
        ("plan_id", &plan.id),
        ("plan_name", &plan.name),
        ("plan_amount", &amount::show(plan.cents)),
        ("plan_payments", &payments),
    ]);
    for (name, value) in [("day_frequency", days), ("month_frequency", months), ("day_of_month", day)] {
        if !value.is_empty() {
            document.leaf(name, &value);
        }
    }
    document.close("plan");
}

/// Who the key belongs to.
pub(super) fn profile(account: &Account, document: &mut Document) {
    document.open("merchant");
    document.leaves(&[
        ("merchant_id", &account.merchant),
        ("company", super::MERCHANT_NAME),
        ("email", "owner@shop.example"),
    ]);
    document.close("merchant");
}
