//! Subscriptions (ARB): create, change, cancel. Their payments are in `recurring`, look-ups in `subscription_queries`.

use super::answer::{Outcome, Reply};
use super::ask::{self, Stop};
use super::cards::{self, Means};
use super::dates::{Day, ZONE, parse_date};
use super::error::Refusal;
use super::json::Json;
use super::money::{hundredths, number};
use super::profiles::{PaymentProfile, Profile};
use super::state::Gateway;

/// So many occurrences mean that it never ends.
pub(super) const ENDLESS: u32 = 9_999;
const LONGEST_MONTHS: i64 = 36;

#[derive(Clone)]
pub(super) struct Subscription {
    pub(super) id: String,
    pub(super) name: Option<String>,
    pub(super) created: u64,
    pub(super) length: i64,
    /// Months; days otherwise.
    pub(super) monthly: bool,
    pub(super) start: Day,
    pub(super) total: u32,
    pub(super) trial: u32,
    pub(super) amount: i64,
    pub(super) trial_amount: i64,
    pub(super) status: &'static str,
    pub(super) customer_profile: String,
    pub(super) payment_profile: String,
    pub(super) address: Option<String>,
    /// `order` and `customer`, for its payments.
    pub(super) request: Json,
    pub(super) payments: Vec<Payment>,
    /// Payments that went through.
    pub(super) past: u32,
    /// No payment is tried before this time.
    pub(super) floor: u64,
    /// What makes two subscriptions the same one.
    key: String,
}

/// One try of a payment.
#[derive(Clone)]
pub(super) struct Payment {
    pub(super) transaction: Option<String>,
    pub(super) response: String,
    pub(super) at: u64,
    pub(super) number: u32,
    pub(super) attempt: u32,
}

impl Subscription {
    /// The day of a payment, counted from 0.
    pub(super) fn due(&self, payment: u32) -> Day {
        let steps = i64::from(payment) * self.length;
        if self.monthly { self.start.plus_months(steps) } else { self.start.plus_days(steps) }
    }

    pub(super) fn is_running(&self) -> bool {
        matches!(self.status, "active" | "suspended")
    }

    pub(super) fn schedule(&self) -> Json {
        let interval = Json::object([
            ("length", Json::Number(self.length.to_string())),
            ("unit", if self.monthly { "months" } else { "days" }.into()),
        ]);
        Json::object([
            ("interval", interval),
            ("startDate", self.start.to_string().into()),
            ("totalOccurrences", self.total.into()),
            ("trialOccurrences", self.trial.into()),
        ])
    }

    fn profile_ids(&self) -> Json {
        let mut ids = Json::object([
            ("customerProfileId", self.customer_profile.as_str().into()),
            ("customerPaymentProfileId", self.payment_profile.as_str().into()),
        ]);
        ids.push_some("customerAddressId", self.address.clone());
        ids
    }

    /// For a look from outside: amounts in hundredths.
    pub(super) fn inside(&self) -> Json {
        let cents = |amount: i64| Json::Number(amount.to_string());
        let mut all = Json::object([("id", self.id.as_str().into())]);
        all.push_some("name", self.name.clone());
        all.push("status", self.status);
        all.push("amount", cents(self.amount));
        all.push("trialAmount", cents(self.trial_amount));
        all.push("paymentSchedule", self.schedule());
        all.push("pastOccurrences", self.past);
        all.push("profile", self.profile_ids());
        all.push("request", self.request.clone());
        all
    }

    fn tell(&self, gateway: &mut Gateway, event: &str) {
        let profile = Json::object([
            ("customerProfileId", Json::Number(self.customer_profile.clone())),
            ("customerPaymentProfileId", Json::Number(self.payment_profile.clone())),
        ]);
        let mut payload =
            Json::object([("entityName", Json::from("subscription")), ("id", self.id.as_str().into())]);
        payload.push_some("name", self.name.clone());
        payload.push("amount", number(self.amount));
        payload.push("status", self.status);
        payload.push("profile", profile);
        gateway.tell(&format!("customer.subscription.{event}"), payload);
    }
}

impl Gateway {
    pub(super) fn subscriptions_of(&self, wanted: impl Fn(&Subscription) -> bool) -> Vec<String> {
        self.subscriptions.iter().filter(|one| wanted(one)).map(|one| one.id.clone()).collect()
    }

    /// Those of them that are active or suspended.
    pub(super) fn running(&self, wanted: impl Fn(&Subscription) -> bool) -> Vec<String> {
        self.subscriptions_of(|one| one.is_running() && wanted(one))
    }

    /// Suspended subscriptions whose payment method was replaced go on: the failed payment is tried again that night.
    pub(super) fn revive(&mut self, wanted: impl Fn(&Subscription) -> bool) {
        let now = self.now;
        for one in self.subscriptions.iter_mut().filter(|one| one.status == "suspended" && wanted(one)) {
            one.status = "active";
            one.floor = now;
        }
    }

    pub(super) fn tell_subscription(&mut self, id: &str, event: &str) {
        let Some(at) = self.subscriptions.iter().position(|one| one.id == id) else { return };
        let one = self.subscriptions.remove(at);
        one.tell(self, event);
        self.subscriptions.insert(at, one);
    }
}

pub(super) fn enabled(gateway: &Gateway) -> Result<(), Refusal> {
    if gateway.settings.recurring { Ok(()) } else { Err(Refusal::new("E00025")) }
}

fn count(given: &Json, path: &str) -> Option<u32> {
    given.text_at(path).and_then(|text| text.trim().parse().ok())
}

fn cents(given: &Json, path: &str) -> Result<Option<i64>, Refusal> {
    let Some(text) = given.text_at(path) else { return Ok(None) };
    hundredths(&text).map(Some).ok_or_else(|| Refusal::invalid("Amount"))
}

/// Length, and whether it is in months.
fn interval(given: &Json) -> Result<Option<(i64, bool)>, Refusal> {
    let Some(length) = count(given, "paymentSchedule.interval.length").map(i64::from) else {
        return Ok(None);
    };
    let monthly = given.text_at("paymentSchedule.interval.unit").as_deref() == Some("months");
    let allowed = if monthly { 1..=12 } else { 7..=365 };
    if allowed.contains(&length) { Ok(Some((length, monthly))) } else { Err(Refusal::new("E00022")) }
}

/// What a new or changed subscription may be, whatever it is paid with.
fn check(one: &Subscription) -> Result<(), Refusal> {
    if one.total != ENDLESS && one.due(one.total) > one.start.plus_months(LONGEST_MONTHS) {
        return Err(Refusal::new("E00023"));
    }
    if one.trial >= one.total {
        return Err(Refusal::new("E00028"));
    }
    Ok(())
}

fn chargeable(gateway: &Gateway, means: &Means, start: Day) -> Result<(), Refusal> {
    match means {
        Means::Card { number, .. } if !cards::luhn(number) => Err(Refusal::invalid("Credit Card Number")),
        Means::Card { expires, .. } if cards::expired(*expires, start) => Err(Refusal::new("E00018")),
        Means::Bank { .. } if !gateway.settings.echeck => Err(Refusal::new("E00020")),
        Means::Bank { routing, .. } if !cards::routing(routing) => {
            Err(Refusal::invalid("Bank Routing Number"))
        }
        _ => Ok(()),
    }
}

fn named_means(gateway: &mut Gateway, payment: &Json) -> Result<Means, Refusal> {
    let read = match payment.get("opaqueData") {
        Some(token) => super::opaque::redeem(gateway, token).map(|token| token.means),
        None => ask::written(payment).map(|(means, _)| means),
    };
    read.map_err(|stop| match stop {
        Stop::Refused(refusal) => refusal,
        Stop::Answered(answer) if answer.reason == 6 => Refusal::invalid("Credit Card Number"),
        Stop::Answered(_) => Refusal::invalid("Expiration Date"),
    })
}

/// What pays: profiles that exist, and are not too new, or new ones out of `payment` and `billTo`.
fn payer(
    gateway: &mut Gateway,
    given: &Json,
    start: Day,
) -> Result<(String, String, Option<String>, String), Refusal> {
    if let Some(ids) = given.get("profile") {
        if given.get("payment").is_some() {
            return Err(Refusal::new("E00090"));
        }
        if given.get("customer").is_some() {
            return Err(Refusal::new("E00108"));
        }
        let missing = || Refusal::new("E00040");
        let customer = ids.text_at("customerProfileId").unwrap_or_default();
        let owner = gateway.profiles.iter().find(|one| one.id == customer).ok_or_else(missing)?;
        let method = ids.text_at("customerPaymentProfileId").ok_or_else(|| {
            Refusal::saying("E00110", "CustomerPaymentProfileId is not provided within Customer Profile.")
        })?;
        let payment = owner.payments.iter().find(|one| one.id == method).ok_or_else(missing)?;
        // A profile takes a while until subscriptions find it.
        if gateway.now.saturating_sub(payment.made) < gateway.settings.profile_delay {
            return Err(missing());
        }
        let address = ids.text_at("customerAddressId");
        if address.as_ref().is_some_and(|id| !owner.addresses.iter().any(|one| one.id == *id)) {
            return Err(missing());
        }
        chargeable(gateway, &payment.means, start)?;
        return Ok((customer, method, address, payment.means.fingerprint()));
    }
    let Some(payment) = given.get("payment") else { return Err(Refusal::new("E00029")) };
    for (name, shown) in
        [("billTo.firstName", "Bill-To First Name"), ("billTo.lastName", "Bill-To Last Name")]
    {
        if given.text_at(name).is_none() {
            return Err(Refusal::saying("E00014", format!("{shown} is required.")));
        }
    }
    let means = named_means(gateway, payment)?;
    chargeable(gateway, &means, start)?;
    let mark = means.fingerprint();
    let payment = PaymentProfile {
        id: gateway.serial(),
        means,
        bill_to: given.get("billTo").cloned(),
        customer_type: given.text_at("customer.type"),
        default: true,
        made: gateway.now,
    };
    let profile = Profile {
        id: gateway.serial(),
        merchant_id: given.text_at("customer.id"),
        description: None,
        email: given.text_at("customer.email"),
        guest: false,
        payments: Vec::new(),
        addresses: Vec::new(),
    };
    let ids = (profile.id.clone(), payment.id.clone(), None, mark);
    // Kept only when the subscription is.
    gateway.profiles.push(Profile { payments: vec![payment], ..profile });
    Ok(ids)
}

/// `ARBCreateSubscriptionRequest`
pub(super) fn create(gateway: &mut Gateway, body: &Json) -> Outcome {
    enabled(gateway)?;
    let Some(given) = body.get("subscription") else { return Err(Refusal::new("E00014")) };
    if given.get("paymentSchedule").is_none() {
        return Err(Refusal::new("E00030"));
    }
    let (length, monthly) =
        interval(given)?.ok_or_else(|| Refusal::saying("E00014", "Interval is required."))?;
    let start = given.text_at("paymentSchedule.startDate").and_then(|text| parse_date(text.trim()));
    let start = start.ok_or_else(|| Refusal::new("E00032"))?;
    let total = count(given, "paymentSchedule.totalOccurrences");
    let total = total.ok_or_else(|| Refusal::saying("E00014", "Total Occurrences is required."))?;
    let trial = count(given, "paymentSchedule.trialOccurrences").unwrap_or_default();
    let amount = cents(given, "amount")?.ok_or_else(|| Refusal::new("E00031"))?;
    let trial_amount = cents(given, "trialAmount")?;
    match (trial, trial_amount) {
        (0, Some(amount)) if amount > 0 => return Err(Refusal::new("E00024")),
        (1.., None) => return Err(Refusal::new("E00026")),
        _ => {}
    }
    if start < Day::of(gateway.now, ZONE) {
        return Err(Refusal::new("E00017"));
    }
    let known = gateway.profiles.len();
    let mut one = Subscription {
        id: String::new(),
        name: given.text_at("name"),
        created: gateway.now,
        length,
        monthly,
        start,
        total,
        trial,
        amount,
        trial_amount: trial_amount.unwrap_or_default(),
        status: "active",
        customer_profile: String::new(),
        payment_profile: String::new(),
        address: None,
        request: requested(given),
        payments: Vec::new(),
        past: 0,
        floor: gateway.now,
        key: String::new(),
    };
    check(&one)?;
    let (customer, method, address, mark) = payer(gateway, given, start)?;
    one.key = key(given, &one, &mark);
    if let Some(twin) = gateway.subscriptions.iter().find(|other| other.is_running() && other.key == one.key)
    {
        let text = format!(
            "You have submitted a duplicate of Subscription {}. A duplicate subscription will not be created.",
            twin.id
        );
        gateway.profiles.truncate(known);
        return Err(Refusal::saying("E00012", text));
    }
    (one.customer_profile, one.payment_profile, one.address) = (customer, method, address);
    one.id = gateway.serial();
    let reply = Reply::ok().with("subscriptionId", one.id.as_str()).with("profile", one.profile_ids());
    one.tell(gateway, "created");
    gateway.subscriptions.push(one);
    Ok(reply)
}

fn requested(given: &Json) -> Json {
    let mut request = Json::object([]);
    for name in ["order", "customer", "shipTo"] {
        request.push_some(name, given.get(name).cloned());
    }
    request
}

fn key(given: &Json, one: &Subscription, mark: &str) -> String {
    let mut parts = vec![mark.to_owned(), one.amount.to_string(), one.start.to_string()];
    parts.push(format!("{}{}", one.length, one.monthly));
    let paths =
        ["order.invoiceNumber", "customer.id", "billTo.firstName", "billTo.lastName", "billTo.company"];
    parts.extend(paths.iter().map(|path| given.text_at(path).unwrap_or_default()));
    let paths = ["billTo.address", "billTo.city", "billTo.state", "billTo.zip"];
    parts.extend(paths.iter().map(|path| given.text_at(path).unwrap_or_default()));
    parts.join("\u{1f}")
}

fn place(gateway: &Gateway, body: &Json) -> Result<usize, Refusal> {
    let id = body.text_at("subscriptionId").unwrap_or_default();
    let found = gateway.subscriptions.iter().position(|one| one.id == id);
    found.ok_or_else(|| Refusal::new("E00035"))
}

pub(super) fn find<'a>(gateway: &'a Gateway, body: &Json) -> Result<&'a Subscription, Refusal> {
    let at = place(gateway, body)?;
    gateway.subscriptions.get(at).ok_or_else(|| Refusal::new("E00035"))
}

/// `ARBUpdateSubscriptionRequest`. Nothing changes when any of it is refused.
pub(super) fn update(gateway: &mut Gateway, body: &Json) -> Outcome {
    enabled(gateway)?;
    let Some(given) = body.get("subscription") else { return Err(Refusal::new("E00014")) };
    let at = place(gateway, body)?;
    let mut changed = find(gateway, body)?.clone();
    if !changed.is_running() {
        return Err(Refusal::new("E00037"));
    }
    if interval(given)?.is_some_and(|asked| asked != (changed.length, changed.monthly)) {
        return Err(Refusal::new("E00034"));
    }
    let today = Day::of(gateway.now, ZONE);
    let start = given.text_at("paymentSchedule.startDate").and_then(|text| parse_date(text.trim()));
    if let Some(start) = start.filter(|start| *start != changed.start) {
        if changed.past > 0 {
            return Err(Refusal::new("E00033"));
        }
        if start < today {
            return Err(Refusal::new("E00017"));
        }
        changed.start = start;
    }
    if let Some(total) = count(given, "paymentSchedule.totalOccurrences") {
        if total < changed.past.max(1) {
            return Err(Refusal::invalid("Total Occurrences"));
        }
        changed.total = total;
    }
    changed.name = given.text_at("name").or(changed.name);
    changed.trial = count(given, "paymentSchedule.trialOccurrences").unwrap_or(changed.trial);
    changed.amount = cents(given, "amount")?.unwrap_or(changed.amount);
    changed.trial_amount = cents(given, "trialAmount")?.unwrap_or(changed.trial_amount);
    check(&changed)?;
    for name in ["order", "customer", "shipTo"] {
        if let Some(value) = given.get(name) {
            changed.request = changed.request.without(&[name]);
            changed.request.push(name, value.clone());
        }
    }
    let renewed = given.get("profile").is_some() || given.get("payment").is_some();
    if let Some(wanted) = given.get("profile") {
        if wanted.text_at("customerProfileId").as_ref() != Some(&changed.customer_profile) {
            return Err(Refusal::saying(
                "E00111",
                "The original subscription was not created with this Customer Profile.",
            ));
        }
        let (_, method, address, _) = payer(gateway, &given.without(&["customer"]), today)?;
        (changed.payment_profile, changed.address) = (method, address);
    } else {
        replace_method(gateway, given, &changed)?;
    }
    let reply = Reply::ok().with("profile", changed.profile_ids());
    let id = changed.id.clone();
    let Some(one) = gateway.subscriptions.get_mut(at) else { return Err(Refusal::new("E00035")) };
    *one = changed;
    if renewed {
        gateway.revive(|one| one.id == id);
    }
    gateway.tell_subscription(&id, "updated");
    Ok(reply)
}

/// Puts `payment` and `billTo` in the place of what the subscription is paid with.
fn replace_method(gateway: &mut Gateway, given: &Json, one: &Subscription) -> Result<(), Refusal> {
    let means = match given.get("payment") {
        None => None,
        Some(payment) => {
            let means = named_means(gateway, payment)?;
            chargeable(gateway, &means, Day::of(gateway.now, ZONE))?;
            Some(means)
        }
    };
    let owner = gateway.profiles.iter_mut().find(|owner| owner.id == one.customer_profile);
    let stored = owner.and_then(|owner| owner.payments.iter_mut().find(|own| own.id == one.payment_profile));
    let Some(stored) = stored else { return Ok(()) };
    if means.as_ref().is_some_and(|means| means.is_bank() != stored.means.is_bank()) {
        return Err(Refusal::new("E00036"));
    }
    if let Some(means) = means {
        stored.means = means;
    }
    if let Some(address) = given.get("billTo") {
        stored.bill_to = Some(address.clone());
    }
    Ok(())
}

/// `ARBCancelSubscriptionRequest`: again is fine.
pub(super) fn cancel(gateway: &mut Gateway, body: &Json) -> Outcome {
    enabled(gateway)?;
    let at = place(gateway, body)?;
    let Some(one) = gateway.subscriptions.get_mut(at) else { return Err(Refusal::new("E00035")) };
    match one.status {
        "canceled" => return Ok(Reply::noting("I00002", "The subscription has already been canceled.")),
        "active" | "suspended" => one.status = "canceled",
        _ => return Err(Refusal::new("E00038")),
    }
    let id = one.id.clone();
    gateway.tell_subscription(&id, "cancelled");
    Ok(Reply::ok())
}
