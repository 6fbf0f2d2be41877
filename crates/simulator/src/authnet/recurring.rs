//! The payments of subscriptions: a batch each night, at two o'clock of the merchant's time.

use super::ask::{self, Source};
use super::charge::{self, Draft};
use super::dates::{Day, ZONE};
use super::json::Json;
use super::reasons;
use super::state::Gateway;
use super::subscriptions::{ENDLESS, Payment, Subscription};
use super::transaction::Kind;

const BATCH_HOUR: i64 = 2 * 3_600;
const DAY: u64 = 86_400;

/// When the batch of a day runs.
fn batch_of(day: Day) -> u64 {
    u64::try_from(day.starts(ZONE) + BATCH_HOUR).unwrap_or_default()
}

/// The first batch after a time.
fn batch_after(time: u64) -> u64 {
    let today = batch_of(Day::of(time, ZONE));
    if today > time { today } else { today + DAY }
}

/// When something happens to a subscription next: a payment, or its end when a failed one was never made good.
fn next(one: &Subscription) -> Option<u64> {
    match one.status {
        "active" => Some(batch_of(one.due(one.past)).max(batch_after(one.floor))),
        "suspended" => Some(batch_of(one.due(one.past + 1))),
        _ => None,
    }
}

impl Gateway {
    /// Brings everything to the present: payments that are due, authorizations that lapsed.
    pub(super) fn advance(&mut self) {
        let now = self.clock.unix();
        loop {
            let due = self.subscriptions.iter().filter_map(|one| next(one).map(|at| (at, one.id.clone())));
            let Some((at, id)) = due.min().filter(|(at, _)| *at <= now) else { break };
            self.now = at;
            self.step(&id);
        }
        self.now = now;
        self.expire();
    }

    fn step(&mut self, id: &str) {
        let Some(one) = self.subscriptions.iter_mut().find(|one| one.id == id) else { return };
        if one.status == "suspended" {
            one.status = "terminated";
            self.tell_subscription(id, "terminated");
            return;
        }
        one.floor = self.now;
        let number = one.past + 1;
        let amount = if one.past < one.trial { one.trial_amount } else { one.amount };
        let (customer, method) = (one.customer_profile.clone(), one.payment_profile.clone());
        let request = one.request.clone();
        let attempt = one.payments.iter().filter(|payment| payment.number == number).count() + 1;
        // A trial for nothing needs no transaction.
        let (transaction, paid, response) = if amount == 0 {
            (None, true, reasons::text(reasons::APPROVED).to_owned())
        } else {
            self.collect(id, number, amount, (customer, method), request)
        };
        let (now, attempt) = (self.now, u32::try_from(attempt).unwrap_or(u32::MAX));
        let Some(one) = self.subscriptions.iter_mut().find(|one| one.id == id) else { return };
        one.payments.push(Payment { transaction, response, at: now, number, attempt });
        if !paid {
            one.status = "suspended";
            self.tell_subscription(id, "failed");
            self.tell_subscription(id, "suspended");
            return;
        }
        one.past += 1;
        let (past, total) = (one.past, one.total);
        if total == ENDLESS {
            return;
        }
        if past >= total {
            one.status = "expired";
            self.tell_subscription(id, "expired");
        } else if past + 1 == total {
            self.tell_subscription(id, "expiring");
        }
    }

    /// One payment: the transaction, whether it went through, and the text of the answer.
    fn collect(
        &mut self,
        id: &str,
        number: u32,
        amount: i64,
        (customer, method): (String, String),
        request: Json,
    ) -> (Option<String>, bool, String) {
        let owner = self.profiles.iter().find(|owner| owner.id == customer);
        let stored = owner.and_then(|owner| owner.payments.iter().find(|one| one.id == method));
        let Some(stored) = stored else { return (None, false, "The record cannot be found.".to_owned()) };
        let (means, bill_to) = (stored.means.clone(), stored.bill_to.clone());
        if let Err(answer) = ask::valid(self, &means) {
            return (None, false, answer.text);
        }
        let ship_to = request.get("shipTo").cloned();
        let draft = Draft {
            kind: Kind::AuthCapture,
            amount,
            currency: self.settings.currency.clone(),
            source: Source { means, code: None, bill_to, ship_to, profile: Some((customer, method)) },
            key: String::new(),
            request,
            ref_id: None,
            client_id: None,
            subscription: Some((id.to_owned(), number)),
        };
        let answer = charge::run(self, draft);
        (Some(answer.trans_id), matches!(answer.response_code, 1 | 4), answer.text)
    }
}
