//! Recurring plans: how much, how often, how many times.

use serde_json::{Value, json};

use super::amount;
use super::events;
use super::form::{CREDENTIALS, Form};
use super::reply::{Refused, Reply};
use super::state::Account;
use crate::calendar::{DAY, date_of, days_from, month_lasts};

pub(super) const PLAN: &[&str] =
    &["plan_amount", "plan_payments", "day_frequency", "month_frequency", "day_of_month"];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rhythm {
    Days(i64),
    /// So many months apart, on this day; the last one of a month that is shorter.
    Months(i64, i64),
}

#[derive(Clone, Debug)]
pub(super) struct Plan {
    /// Empty for a subscription's own terms.
    pub(super) id: String,
    pub(super) name: String,
    pub(super) cents: i64,
    /// 0 goes on until somebody ends it.
    pub(super) payments: u64,
    pub(super) rhythm: Rhythm,
}

impl Rhythm {
    fn read(form: &Form) -> Result<Self, Refused> {
        let number = |name: &str| form.number(name).and_then(|number| i64::try_from(number).ok());
        match (number("day_frequency"), number("month_frequency"), number("day_of_month")) {
            (Some(days), None, None) => Ok(Self::Days(days)),
            (None, Some(months), Some(day)) => Ok(Self::Months(months, day)),
            (None, Some(_), None) => Err(lacking("Day Of Month")),
            (None, None, Some(_)) => Err(lacking("Month Frequency")),
            (None, None, None) => Err(lacking("Day Frequency")),
            _ => Err(Refused::new("Either Day Frequency or Month Frequency may be given")
                .with(NO_VAULT.0, NO_VAULT.1)),
        }
    }

    /// The day after `day` (both the start of one) that is next.
    pub(super) fn after(self, day: u64) -> u64 {
        let at = i64::try_from(day).unwrap_or_default();
        let next = match self {
            Self::Days(days) => at + days * DAY,
            Self::Months(months, wanted) => {
                let (year, month, _) = date_of(at);
                let total = year * 12 + month - 1 + months;
                on_day(total.div_euclid(12), total.rem_euclid(12) + 1, wanted)
            }
        };
        u64::try_from(next).unwrap_or(day).max(day + 1)
    }

    /// The first charge on or after a day.
    pub(super) fn first(self, day: u64) -> u64 {
        let at = i64::try_from(day).unwrap_or_default();
        let Self::Months(_, wanted) = self else { return day };
        let (year, month, _) = date_of(at);
        let this_month = on_day(year, month, wanted);
        let total = year * 12 + month;
        let next_month = on_day(total.div_euclid(12), total.rem_euclid(12) + 1, wanted);
        u64::try_from(if this_month >= at { this_month } else { next_month }).unwrap_or(day)
    }

    /// Day frequency, month frequency and day of the month, as text; what does not apply is empty.
    pub(super) fn words(self) -> [String; 3] {
        match self {
            Self::Days(days) => [days.to_string(), String::new(), String::new()],
            Self::Months(months, day) => [String::new(), months.to_string(), day.to_string()],
        }
    }
}

fn on_day(year: i64, month: i64, day: i64) -> i64 {
    days_from(year, month, day.min(month_lasts(year, month))) * DAY
}

const NO_VAULT: (&str, &str) = ("customer_vault_id", "");

fn lacking(what: &str) -> Refused {
    Refused::new(format!("{what} is required")).with(NO_VAULT.0, NO_VAULT.1)
}

/// The terms in a request.
pub(super) fn terms(form: &Form) -> Result<Plan, Refused> {
    let payments = form.number("plan_payments").ok_or_else(|| lacking("Plan Payments"))?;
    let cents = form.get("plan_amount").and_then(amount::parse).ok_or_else(|| lacking("Plan Amount"))?;
    if cents == 0 {
        return Err(Refused::new("Invalid amount"));
    }
    Ok(Plan {
        id: form.owned("plan_id"),
        name: form.owned("plan_name"),
        cents,
        payments,
        rhythm: Rhythm::read(form)?,
    })
}

/// The terms that are left when a request changes some of them.
pub(super) fn changed(old: &Plan, form: &Form) -> Result<Plan, Refused> {
    let mut plan = old.clone();
    if let Some(cents) = form.get("plan_amount").and_then(amount::parse) {
        if cents == 0 {
            return Err(Refused::new("Invalid amount"));
        }
        plan.cents = cents;
    }
    if let Some(payments) = form.number("plan_payments") {
        plan.payments = payments;
    }
    if ["day_frequency", "month_frequency", "day_of_month"].iter().any(|name| form.get(name).is_some()) {
        plan.rhythm = Rhythm::read(form)?;
    }
    Ok(plan)
}

pub(super) fn add(account: &mut Account, form: &Form) -> Result<Reply, Refused> {
    form.check(&[CREDENTIALS, PLAN, &["recurring", "plan_id", "plan_name"]])?;
    let plan = terms(form)?;
    if plan.name.is_empty() {
        return Err(lacking("Plan Name"));
    }
    if plan.id.is_empty() {
        return Err(lacking("Plan ID"));
    }
    if account.plans.iter().any(|known| known.id == plan.id) {
        return Err(Refused::new("Plan already exists"));
    }
    let body = event(&plan);
    account.plans.push(plan);
    events::tell(account, "recurring.plan.add", body);
    Ok(Reply::approved("Plan Added", ""))
}

/// Changes a plan, and with it what its subscriptions are charged from then on.
pub(super) fn edit(account: &mut Account, form: &Form) -> Result<Reply, Refused> {
    form.check(&[CREDENTIALS, PLAN, &["recurring", "current_plan_id", "plan_id", "plan_name"]])?;
    let current = form.get("current_plan_id").ok_or_else(|| lacking("Current Plan ID"))?;
    let place = account.plans.iter().position(|plan| plan.id == current);
    let place = place.ok_or_else(unknown)?;
    let Some(old) = account.plans.get(place) else { return Err(unknown()) };
    let mut plan = changed(old, form)?;
    if let Some(id) = form.get("plan_id").filter(|id| *id != current) {
        if account.plans.iter().any(|known| known.id == id) {
            return Err(Refused::new("Plan already exists"));
        }
        id.clone_into(&mut plan.id);
    }
    if let Some(name) = form.get("plan_name") {
        name.clone_into(&mut plan.name);
    }
    for subscription in account.subscriptions.iter_mut().filter(|known| known.plan.id == current) {
        subscription.plan = plan.clone();
    }
    let body = event(&plan);
    if let Some(kept) = account.plans.get_mut(place) {
        *kept = plan;
    }
    events::tell(account, "recurring.plan.update", body);
    Ok(Reply::approved("Plan Updated", ""))
}

pub(super) fn unknown() -> Refused {
    Refused::new("Invalid Plan ID Specified")
}

/// A plan as webhooks show it.
pub(super) fn event(plan: &Plan) -> Value {
    let [days, months, day] = plan.rhythm.words();
    let or_null = |text: String| if text.is_empty() { Value::Null } else { Value::String(text) };
    json!({
        "id": plan.id, "name": plan.name, "amount": amount::show(plan.cents), "payments": plan.payments.to_string(),
        "day_frequency": or_null(days), "month_frequency": or_null(months), "day_of_month": or_null(day),
    })
}

#[cfg(test)]
mod tests {
    use super::Rhythm;
    use crate::nmi::stamp::{day, parse_day};

    #[test]
    fn months_fall_on_their_day_or_the_last_one() {
        let at = |text: &str| parse_day(text).unwrap();
        let rhythm = Rhythm::Months(1, 31);
        assert_eq!(day(rhythm.first(at("20250615"))), "2025-06-30");
        assert_eq!(day(rhythm.after(at("20250630"))), "2025-07-31");
        assert_eq!(day(Rhythm::Months(1, 5).first(at("20251215"))), "2026-01-05");
        assert_eq!(day(Rhythm::Months(12, 29).after(at("20240229"))), "2025-02-28");
        assert_eq!(day(Rhythm::Days(30).after(at("20250615"))), "2025-07-15");
        assert_eq!(Rhythm::Days(30).first(at("20250615")), at("20250615"));
    }
}
