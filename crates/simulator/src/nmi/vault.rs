//! The Customer Vault: customers, and the cards and bank accounts they pay with.

use super::form::{BILLING, CREDENTIALS, Form, MERCHANT_DEFINED, PAYMENT, SHIPPING};
use super::instrument::{self, Card, Instrument};
use super::reply::{Refused, Reply};
use super::state::Account;

/// Taken with a card or account, and not kept here.
const NOTES: &[&str] =
    &[MERCHANT_DEFINED, "currency", "ipaddress", "orderid", "order_description", "processor_id"];

/// Of a customer's cards and accounts.
const MOST_BILLINGS: usize = 100;

#[derive(Clone, Debug)]
pub(super) struct Customer {
    pub(super) id: String,
    /// By priority, the first is the one that pays when none is named.
    pub(super) billings: Vec<Billing>,
    pub(super) shipping: Vec<(String, String)>,
    pub(super) created: u64,
    pub(super) updated: u64,
}

#[derive(Clone, Debug)]
pub(super) struct Billing {
    pub(super) id: String,
    pub(super) instrument: Instrument,
    pub(super) contact: Vec<(String, String)>,
    pub(super) created: u64,
    pub(super) updated: u64,
}

impl Customer {
    /// The one with this id, or the first.
    pub(super) fn billing(&self, id: Option<&str>) -> Option<&Billing> {
        match id {
            None => self.billings.first(),
            Some(id) => self.billings.iter().find(|billing| billing.id == id),
        }
    }
}

fn unknown_customer() -> Refused {
    Refused::new("Invalid Customer Vault Id").with("customer_vault_id", "000000000")
}

/// `customer_vault=…` on its own, without a payment.
pub(super) fn run(account: &mut Account, form: &Form, action: &str) -> Result<Reply, Refused> {
    if !account.settings.vault {
        return Err(Refused::new("The Customer Vault is not enabled for this account"));
    }
    let own: &[&str] = match action {
        "add_customer" => &["customer_vault", "source_transaction_id"],
        _ => &["customer_vault"],
    };
    match action {
        "delete_customer" => form.check(&[CREDENTIALS, own, &["customer_vault_id"]])?,
        "delete_billing" => form.check(&[CREDENTIALS, own, &["customer_vault_id", "billing_id"]])?,
        _ => form.check(&[CREDENTIALS, own, PAYMENT, BILLING, SHIPPING, NOTES])?,
    }
    match action {
        "add_customer" => add_customer(account, form),
        "update_customer" => update(account, form, form.get("billing_id")),
        "delete_customer" => delete_customer(account, form),
        "add_billing" => add_billing(account, form),
        "update_billing" => {
            let billing = form.need("billing_id")?;
            update(account, form, Some(billing))
        }
        "delete_billing" => delete_billing(account, form),
        _ => Err(Refused::invalid("customer_vault")),
    }
}

fn customer(account: &Account, form: &Form) -> Result<usize, Refused> {
    let id = form.need("customer_vault_id")?;
    account.customers.iter().position(|customer| customer.id == id).ok_or_else(unknown_customer)
}

fn done(text: &str, customer: &str) -> Reply {
    let mut reply = Reply::approved(text, "");
    reply.more.push(("customer_vault_id", customer.to_owned()));
    reply
}

/// Whether what a payment wants to store with it can be stored: asked before any money moves.
pub(super) fn room_for(account: &Account, form: &Form, storing: Option<&str>) -> Result<(), Refused> {
    match storing {
        Some("add_billing") => {
            let place = customer(account, form)?;
            free_billing(account, place, form.get("billing_id"))
        }
        Some(_) => free_customer(account, form.get("customer_vault_id")),
        None => Ok(()),
    }
}

fn free_customer(account: &Account, id: Option<&str>) -> Result<(), Refused> {
    let taken = id.is_some_and(|id| account.customers.iter().any(|customer| customer.id == id));
    if taken { Err(Refused::new("Duplicate Customer Vault Id")) } else { Ok(()) }
}

fn free_billing(account: &Account, place: usize, id: Option<&str>) -> Result<(), Refused> {
    let billings =
        account.customers.get(place).map(|customer| customer.billings.as_slice()).unwrap_or_default();
    if billings.len() >= MOST_BILLINGS {
        return Err(Refused::new("The customer has too many billing ids"));
    }
    let taken = id.is_some_and(|id| billings.iter().any(|billing| billing.id == id));
    if taken { Err(Refused::new("Duplicate Billing Id")) } else { Ok(()) }
}

/// Stores what a payment was made with. Gives the customer's id.
pub(super) fn keep(
    account: &mut Account,
    form: &Form,
    storing: Option<&str>,
    instrument: Instrument,
    transaction: &str,
) -> String {
    let added = form.get("customer_vault_id").filter(|_| storing == Some("add_billing")).map(str::to_owned);
    let billing = new_billing(account, form, instrument);
    let pair_id = billing.id.clone();
    let id = match added {
        Some(id) => {
            if let Some(customer) = account.customers.iter_mut().find(|customer| customer.id == id) {
                customer.billings.push(billing);
                customer.updated = account.now;
            }
            id
        }
        None => insert(account, form, billing),
    };
    if let Some(transaction) = account.transaction_mut(transaction) {
        transaction.stored = Some((id.clone(), pair_id));
    }
    id
}

fn new_billing(account: &mut Account, form: &Form, instrument: Instrument) -> Billing {
    let id = form.get("billing_id").map_or_else(|| account.ids.digits(10), str::to_owned);
    Billing { id, instrument, contact: form.group(BILLING), created: account.now, updated: account.now }
}

fn insert(account: &mut Account, form: &Form, billing: Billing) -> String {
    let id = match form.get("customer_vault_id") {
        Some(own) => own.to_owned(),
        None => loop {
            let id = format!("1{}", account.ids.digits(9));
            if !account.customers.iter().any(|customer| customer.id == id) {
                break id;
            }
        },
    };
    account.customers.push(Customer {
        id: id.clone(),
        billings: vec![billing],
        shipping: form.group(SHIPPING),
        created: account.now,
        updated: account.now,
    });
    id
}

fn add_customer(account: &mut Account, form: &Form) -> Result<Reply, Refused> {
    free_customer(account, form.get("customer_vault_id"))?;
    let instrument = match form.get("source_transaction_id") {
        Some(id) => {
            let source =
                account.transaction(id).filter(|source| source.actions.iter().any(|action| action.success));
            source
                .map(|source| source.instrument.clone())
                .ok_or_else(|| Refused::new("Invalid Transaction ID specified"))?
        }
        None if ["ccnumber", "payment_token", "checkaccount"].iter().all(|name| form.get(name).is_none()) => {
            return Err(Refused::new("Billing Information missing").with("customer_vault_id", ""));
        }
        None => instrument::read(account, form, false)?.instrument,
    };
    let billing = new_billing(account, form, instrument);
    let id = insert(account, form, billing);
    Ok(done("Customer Added", &id))
}

fn add_billing(account: &mut Account, form: &Form) -> Result<Reply, Refused> {
    let place = customer(account, form)?;
    free_billing(account, place, form.get("billing_id"))?;
    let instrument = instrument::read(account, form, false)?.instrument;
    let billing = new_billing(account, form, instrument);
    let now = account.now;
    let Some(customer) = account.customers.get_mut(place) else { return Err(unknown_customer()) };
    customer.billings.push(billing);
    customer.updated = now;
    Ok(done("Customer Update Successful", &customer.id))
}

/// Changes what is given and leaves the rest; an expiry alone renews the card that is there.
fn update(account: &mut Account, form: &Form, billing: Option<&str>) -> Result<Reply, Refused> {
    let place = customer(account, form)?;
    let known = account.customers.get(place).and_then(|customer| customer.billing(billing));
    let old =
        known.map(|billing| billing.instrument.clone()).ok_or_else(|| Refused::new("Invalid Billing Id"))?;
    let fresh = ["ccnumber", "payment_token", "checkaccount"].iter().any(|name| form.get(name).is_some());
    let instrument = match (old, form.get("ccexp")) {
        _ if fresh => instrument::read(account, form, false)?.instrument,
        (Instrument::Card(card), Some(expiry)) => {
            Instrument::Card(Card { number: card.number, expiry: expiry.to_owned() })
        }
        (old, _) => old,
    };
    let now = account.now;
    let Some(customer) = account.customers.get_mut(place) else { return Err(unknown_customer()) };
    let entry = match billing {
        None => customer.billings.first_mut(),
        Some(id) => customer.billings.iter_mut().find(|entry| entry.id == id),
    };
    if let Some(entry) = entry {
        entry.instrument = instrument;
        overlay(&mut entry.contact, form.group(BILLING));
        entry.updated = now;
    }
    overlay(&mut customer.shipping, form.group(SHIPPING));
    customer.updated = now;
    Ok(done("Customer Update Successful", &customer.id))
}

fn overlay(kept: &mut Vec<(String, String)>, changes: Vec<(String, String)>) {
    for (name, value) in changes {
        kept.retain(|(known, _)| *known != name);
        kept.push((name, value));
    }
}

fn delete_customer(account: &mut Account, form: &Form) -> Result<Reply, Refused> {
    let place = customer(account, form)?;
    account.customers.remove(place);
    Ok(done("Customer Deleted", ""))
}

fn delete_billing(account: &mut Account, form: &Form) -> Result<Reply, Refused> {
    let place = customer(account, form)?;
    let id = form.need("billing_id")?;
    let now = account.now;
    let Some(customer) = account.customers.get_mut(place) else { return Err(unknown_customer()) };
    let entry = customer.billings.iter().position(|billing| billing.id == id);
    let entry = entry.ok_or_else(|| Refused::new("Invalid Billing Id"))?;
    if customer.billings.len() == 1 {
        return Err(Refused::new("The last billing id of a customer cannot be deleted"));
    }
    customer.billings.remove(entry);
    customer.updated = now;
    Ok(done("Customer Update Successful", &customer.id))
}
