//! What a merchant account holds, for tests and for a look from outside.

use serde_json::{Value, json};

use super::PayflowSimulator;
use super::dates;
use super::state::{Account, Merchant, Money, Phase, Profile, Trx};

impl PayflowSimulator {
    /// Every transaction, newest first; refused ones, voids and uploads are transactions too. `state` is one of
    /// `authorized`, `captured` (an authorization), `pending`, `settled`, `held`, `limbo`, `returned`, `failed`,
    /// `failed_with_hold` and `no_money`; `minor`, `captured_minor` and `refunded_minor` are minor units, and
    /// `request_id` is the X-VPS-REQUEST-ID.
    pub fn transactions(&self) -> Vec<Value> {
        self.newest(|_| true)
    }

    /// The cards that were uploaded (TRXTYPE L) and accepted, newest first.
    pub fn stored_methods(&self) -> Vec<Value> {
        self.newest(|trx| trx.kind == 'L' && trx.result == 0)
    }

    /// Every recurring profile, newest first, with the PNREFs of its payments and optional transactions.
    pub fn subscriptions(&self) -> Vec<Value> {
        self.with_merchant(|merchant, _| merchant.profiles.iter().rev().map(profile).collect())
            .unwrap_or_default()
    }

    fn newest(&self, fits: impl Fn(&Trx) -> bool) -> Vec<Value> {
        let those = |merchant: &mut Merchant, _| {
            merchant.transactions.iter().rev().filter(|trx| fits(trx)).map(transaction).collect()
        };
        self.with_merchant(those).unwrap_or_default()
    }

    pub(super) fn everything(&self) -> Value {
        json!({
            "transactions": self.transactions(),
            "stored_methods": self.stored_methods(),
            "subscriptions": self.subscriptions(),
        })
    }
}

fn phase(trx: &Trx) -> &'static str {
    match trx.phase {
        Phase::NoMoney => "no_money",
        Phase::Failed => "failed",
        Phase::FailedWithHold => "failed_with_hold",
        Phase::Authorized => "authorized",
        Phase::Captured => "captured",
        Phase::Pending => "pending",
        Phase::Settled => "settled",
        Phase::Held => "held",
        Phase::Limbo => "limbo",
        Phase::Returned => "returned",
    }
}

fn transaction(trx: &Trx) -> Value {
    json!({
        "pnref": trx.pnref,
        "trxtype": trx.kind.to_string(),
        "tender": trx.tender.to_string(),
        "result": trx.result,
        "respmsg": trx.message,
        "state": phase(trx),
        "transstate": trx.trans_state(),
        "voided": trx.voided,
        "amt": trx.money.as_ref().map(Money::shown),
        "minor": trx.amount(),
        "currency": trx.currency(),
        "captured_minor": trx.captured,
        "refunded_minor": trx.refunded,
        "custref": trx.custref,
        "origid": trx.origin,
        "request_id": trx.request_id,
        "acct": trx.account.as_ref().map(Account::last_four),
        "aba": trx.account.as_ref().map(|account| account.aba.as_str()).filter(|aba| !aba.is_empty()),
        "batchid": trx.batch.map(|(batch, _)| batch),
        "settle_date": trx.batch.map(|(_, at)| dates::shown_time(at)),
        "status": trx.status,
        "profileid": trx.profile,
        "time": dates::shown_time(trx.at),
        "fields": trx.fields,
    })
}

fn profile(profile: &Profile) -> Value {
    let payment =
        |number: i64, pnref: &str, result: i32| json!({ "number": number, "pnref": pnref, "result": result });
    let payments = profile.payments.iter().map(|paid| payment(paid.number, &paid.pnref, paid.result));
    json!({
        "profileid": profile.id,
        "status": profile.status,
        "profilename": profile.name,
        "tender": profile.tender.to_string(),
        "amt": profile.money.shown(),
        "minor": profile.money.minor,
        "currency": profile.money.currency,
        "start": dates::shown_day(profile.start),
        "payperiod": profile.pay_period,
        "term": profile.term,
        "nextpayment": profile.next_day().map(dates::shown_day),
        "failures": profile.failures,
        "acct": profile.account.last_four(),
        "payments": payments.collect::<Vec<_>>(),
        "optional": profile.optional,
        "request_id": profile.request_id,
        "time": dates::shown_time(profile.created),
    })
}
