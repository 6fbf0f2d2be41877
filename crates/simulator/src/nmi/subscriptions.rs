//! Subscriptions: a plan, somebody who pays, and the charges that come when their day has come.

use serde_json::{Value, json};

use super::booking::{self, Booking};
use super::events;
use super::form::{BILLING, CREDENTIALS, Form, MERCHANT_DEFINED, PAYMENT, SHIPPING, is_merchant_defined};
use super::instrument::{self, Instrument, Means};
use super::plans::{self, PLAN, Plan};
use super::reply::{Refused, Reply};
use super::sales;
use super::stamp;
use super::state::Account;

/// Charges in one jump of the clock, over all subscriptions.
const MOST_CHARGES: usize = 2_000;

const ORDER: &[&str] = &[
    MERCHANT_DEFINED,
    "orderid",
    "order_description",
    "ponumber",
    "tax",
    "shipping",
    "currency",
    "processor_id",
    "start_date",
    "ipaddress",
];

#[derive(Clone, Debug)]
pub(super) struct Subscription {
    pub(super) id: String,
    pub(super) plan: Plan,
    /// A card of its own, unless the vault's customer pays.
    pub(super) instrument: Option<Instrument>,
    pub(super) stored: Option<(String, Option<String>)>,
    pub(super) currency: String,
    pub(super) processor: String,
    pub(super) order_id: String,
    pub(super) fields: Vec<(String, String)>,
    /// The start of the day of the next charge; none when all are done.
    pub(super) next: Option<u64>,
    pub(super) completed: u64,
    pub(super) attempted: u64,
}

impl Subscription {
    /// `until_canceled`, or how many are left.
    pub(super) fn remaining(&self) -> String {
        match self.plan.payments {
            0 => "until_canceled".to_owned(),
            all => all.saturating_sub(self.completed).to_string(),
        }
    }

    /// What pays, if it is still there.
    fn means(&self, account: &Account) -> Option<Means> {
        match (&self.instrument, &self.stored) {
            (Some(instrument), _) => {
                Some(Means { instrument: instrument.clone(), stored: None, contact: Vec::new() })
            }
            (None, Some((customer, billing))) => account.stored(customer, billing.as_deref()).ok(),
            (None, None) => None,
        }
    }
}

fn unknown() -> Refused {
    Refused::new("Invalid Subscription ID Specified")
}

fn today(account: &Account) -> u64 {
    account.now - account.now % 86_400
}

/// Who pays for it: a card or account of its own, or a customer of the vault.
struct Payer {
    own: Option<Instrument>,
    stored: Option<(String, Option<String>)>,
    /// What that comes to at present.
    pays: Instrument,
    processor: String,
}

fn payer(account: &mut Account, form: &Form) -> Result<Payer, Refused> {
    let Means { instrument: pays, stored, .. } = instrument::read(account, form, true)?;
    if pays.is_check() && !account.settings.checks {
        return Err(Refused::new("Electronic checks are not enabled for this account"));
    }
    let processor = sales::processor(form, &pays)?;
    let billing = form.get("billing_id").map(str::to_owned);
    Ok(match stored {
        Some((customer, _)) => Payer { own: None, stored: Some((customer, billing)), pays, processor },
        None => Payer { own: Some(pays.clone()), stored: None, pays, processor },
    })
}

pub(super) fn add(account: &mut Account, form: &Form) -> Result<Reply, Refused> {
    form.check(&[
        CREDENTIALS,
        PLAN,
        PAYMENT,
        ORDER,
        BILLING,
        SHIPPING,
        &["recurring", "plan_id"],
        super::form::ORDER,
    ])?;
    if form.get("amount").is_some() {
        return Err(Refused::new("The amount field is unknown"));
    }
    let plan = match form.get("plan_id") {
        Some(_) if PLAN.iter().any(|name| form.get(name).is_some()) => {
            return Err(Refused::new("Either a plan or its terms may be given"));
        }
        Some(id) => account.plans.iter().find(|plan| plan.id == id).cloned().ok_or_else(plans::unknown)?,
        None => plans::terms(form)?,
    };
    let start = form.get("start_date").and_then(stamp::parse_day).unwrap_or_else(|| today(account));
    if start < today(account) {
        return Err(Refused::invalid("start_date"));
    }
    let Payer { own, stored, pays, processor } = payer(account, form)?;
    let id = account.next_id();
    let subscription = Subscription {
        id: id.clone(),
        next: Some(plan.rhythm.first(start)),
        plan,
        instrument: own,
        currency: form.get("currency").unwrap_or("USD").to_owned(),
        processor,
        order_id: form.owned("orderid"),
        fields: lasting(form),
        completed: 0,
        attempted: 0,
        stored: stored.clone(),
    };
    let body = event(&subscription, &pays);
    account.subscriptions.push(subscription);
    events::tell(account, "recurring.subscription.add", body);
    let mut reply = Reply::approved("Subscription added", "");
    reply.transaction_id = id;
    reply.order_id = form.owned("orderid");
    reply
        .more
        .push(("cc_number", if let Instrument::Card(card) = &pays { card.masked() } else { String::new() }));
    reply.more.push(("customer_vault_id", stored.map(|(customer, _)| customer).unwrap_or_default()));
    Ok(reply)
}

fn lasting(form: &Form) -> Vec<(String, String)> {
    let notes: &[&str] = &["order_description", "ponumber", "tax", "shipping"];
    let kept = |name: &str| {
        is_merchant_defined(name) || [notes, BILLING, SHIPPING].iter().any(|group| group.contains(&name))
    };
    form.harmless().into_iter().filter(|(name, _)| kept(name)).collect()
}

pub(super) fn update(account: &mut Account, form: &Form) -> Result<Reply, Refused> {
    form.check(&[CREDENTIALS, PLAN, PAYMENT, ORDER, BILLING, SHIPPING, &["recurring", "subscription_id"]])?;
    let id = form.need("subscription_id")?;
    let place = account.subscriptions.iter().position(|known| known.id == id).ok_or_else(unknown)?;
    let mut changed = account.subscriptions.get(place).cloned().ok_or_else(unknown)?;
    if PLAN.iter().any(|name| form.get(name).is_some()) {
        changed.plan = plans::changed(&changed.plan, form)?;
        // Terms of its own from here on.
        changed.plan.id.clear();
    }
    if let Some(start) = form.get("start_date").and_then(stamp::parse_day) {
        if start < today(account) {
            return Err(Refused::invalid("start_date"));
        }
        changed.next = Some(changed.plan.rhythm.first(start));
    }
    if ["ccnumber", "payment_token", "checkaccount", "customer_vault_id"]
        .iter()
        .any(|name| form.get(name).is_some())
    {
        let payer = payer(account, form)?;
        changed.instrument = payer.own;
        changed.stored = payer.stored;
        changed.processor = payer.processor;
    }
    if let Some(order) = form.get("orderid") {
        order.clone_into(&mut changed.order_id);
    }
    if let Some(currency) = form.get("currency") {
        currency.clone_into(&mut changed.currency);
    }
    for (name, value) in lasting(form) {
        changed.fields.retain(|(known, _)| *known != name);
        changed.fields.push((name, value));
    }
    let pays = changed.means(account).map(|means| means.instrument);
    let body = pays.map(|pays| event(&changed, &pays)).unwrap_or_default();
    let mut reply = Reply::approved("Subscription Updated", "");
    reply.transaction_id.clone_from(&changed.id);
    reply.order_id.clone_from(&changed.order_id);
    if let Some(kept) = account.subscriptions.get_mut(place) {
        *kept = changed;
    }
    events::tell(account, "recurring.subscription.update", body);
    Ok(reply)
}

pub(super) fn delete(account: &mut Account, form: &Form) -> Result<Reply, Refused> {
    form.check(&[CREDENTIALS, &["recurring", "subscription_id"]])?;
    let id = form.need("subscription_id")?;
    let place = account.subscriptions.iter().position(|known| known.id == id).ok_or_else(unknown)?;
    let gone = account.subscriptions.remove(place);
    let pays = gone.means(account).map(|means| means.instrument);
    let body = pays.map(|pays| event(&gone, &pays)).unwrap_or_default();
    events::tell(account, "recurring.subscription.delete", body);
    let mut reply = Reply::approved("Subscription Deleted", "");
    reply.transaction_id.clone_from(&gone.id);
    reply.order_id = gone.order_id;
    Ok(reply)
}

/// Makes every charge that has fallen due, each at its time, and puts the account into the present.
pub(super) fn advance(account: &mut Account, now: u64) {
    for _ in 0..MOST_CHARGES {
        let due =
            account.subscriptions.iter().enumerate().filter_map(|(place, known)| Some((known.next?, place)));
        let Some((at, place)) = due.min().filter(|(at, _)| *at <= now) else { break };
        // One that starts today is charged today, not this morning.
        account.now = at.max(account.now);
        charge(account, place);
    }
    account.now = now;
    // What a jump too far leaves over is left out.
    let tomorrow = today(account) + 86_400;
    for late in account.subscriptions.iter_mut().filter(|known| known.next.is_some_and(|at| at <= now)) {
        late.next = Some(late.plan.rhythm.first(tomorrow));
    }
}

/// One charge, and the day of the next. A charge that fails is not tried again before that.
fn charge(account: &mut Account, place: usize) {
    let Some(known) = account.subscriptions.get(place).cloned() else { return };
    let means = known.means(account);
    let paid = means.is_some_and(|means| {
        let booking = Booking {
            kind: "sale",
            cents: known.plan.cents,
            means,
            cvv: None,
            currency: known.currency.clone(),
            processor: known.processor.clone(),
            order_id: known.order_id.clone(),
            fields: known.fields.clone(),
            source: "recurring",
            ip: String::new(),
            subscription: Some(known.id.clone()),
            refund_of: None,
            test: account.settings.test_mode,
        };
        booking::book(account, booking).1.response == 1
    });
    let Some(kept) = account.subscriptions.get_mut(place) else { return };
    kept.attempted += 1;
    kept.completed += u64::from(paid);
    let ended = kept.plan.payments != 0 && kept.completed >= kept.plan.payments;
    kept.next = kept.next.filter(|_| !ended).map(|day| kept.plan.rhythm.after(day));
}

/// A subscription as webhooks show it. All numbers are strings there.
fn event(subscription: &Subscription, pays: &Instrument) -> Value {
    let mut body = json!({
        "subscription_id": subscription.id,
        "subscription_type": if subscription.plan.id.is_empty() { "custom" } else { "plan" },
        "processor_id": subscription.processor,
        "next_charge_date": subscription.next.map(stamp::day).unwrap_or_default(),
        "completed_payments": subscription.completed.to_string(),
        "attempted_payments": subscription.attempted.to_string(),
        "remaining_payments": subscription.remaining(),
        "ponumber": "", "order_id": subscription.order_id, "order_description": "",
        "plan": plans::event(&subscription.plan),
        "billing_address": events::address(&subscription.fields, ""),
    });
    if let Some(members) = body.as_object_mut() {
        match pays {
            Instrument::Card(card) => members.insert("card".to_owned(), card.webhook("", "")),
            Instrument::Check(check) => members.insert("check".to_owned(), check.webhook()),
        };
    }
    body
}
