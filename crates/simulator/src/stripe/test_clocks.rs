//! Test clocks: time that stands still for some customers, and is moved on purpose.

use serde_json::{Map, Value, json};

use super::billing;
use super::error::ApiError;
use super::object::Object;
use super::page::{self, PAGE};
use super::params::{EXPAND, Field, Kind, may, need};
use super::router::{Call, Outcome, Route};
use super::schedule;
use super::state::{Account, Later};
use crate::calendar;

const KIND: &str = "test_helpers.test_clock";
const DAY: u64 = 24 * 60 * 60;

const CREATE: &[Field] =
    &[may("customer", Kind::Text), need("frozen_time", Kind::Integer), may("name", Kind::Text)];

const ADVANCE: &[Field] = &[need("frozen_time", Kind::Integer)];

pub(super) const ROUTES: &[Route] = &[
    Route::post("test_helpers/test_clocks", &[CREATE, &[EXPAND]], "billing_clock_write", create),
    Route::get("test_helpers/test_clocks", &[PAGE], "billing_clock_read", list),
    Route::get("test_helpers/test_clocks/*", &[&[EXPAND]], "billing_clock_read", retrieve),
    Route::delete("test_helpers/test_clocks/*", &[], "billing_clock_write", delete),
    Route::post("test_helpers/test_clocks/*/advance", &[ADVANCE, &[EXPAND]], "billing_clock_write", advance),
];

pub(super) fn find_clock(account: &Account, id: &str, param: &str) -> Outcome {
    account.get(KIND, id).ok_or_else(|| ApiError::missing("billing clock", id, param))
}

/// Lets a call that concerns a customer on a clock see that clock's time; the router undoes it.
pub(super) fn enter(account: &mut Account, id: &str, params: &Map<String, Value>) {
    let named = ["customer", "subscription", "invoice", "payment_intent", "charge", "test_clock"]
        .iter()
        .filter_map(|name| params.get(*name).and_then(Value::as_str));
    let clock = std::iter::once(id).chain(named).find_map(|id| clock_of(account, id));
    if let Some(clock) = clock.and_then(|id| account.get(KIND, &id)) {
        account.now = u64::try_from(clock.int("frozen_time")).unwrap_or_default();
        account.clock = Some(clock.text("id").to_owned());
    }
}

/// The clock of the object with this id, or of its customer.
fn clock_of(account: &Account, id: &str) -> Option<String> {
    if id.starts_with("clock_") {
        return Some(id.to_owned());
    }
    let object = if id.starts_with("si_") {
        let all = account.newest_first("subscription").into_iter();
        all.into_iter().find(|found| billing::items_of(found).iter().any(|item| item.text("id") == id))?
    } else {
        account.by_id(id)?
    };
    let customer = account.get("customer", object.text("customer")).unwrap_or_default();
    let clock =
        [object.text("test_clock"), customer.text("test_clock")].into_iter().find(|id| !id.is_empty());
    clock.map(str::to_owned)
}

fn create(call: &mut Call<'_>) -> Outcome {
    let frozen = call.int("frozen_time").unwrap_or_default();
    // 1 January 2000 to the end of 2100: what calendars here are meant for.
    if !(946_684_800..4_133_980_800).contains(&frozen) {
        let message = "Invalid timestamp: can be no earlier than 2000 and no later than 2100.";
        return Err(ApiError::invalid(message).param("frozen_time"));
    }
    let now = call.account.now;
    let clock = json!({
        "id": format!("clock_1{}", call.account.ids.letters(23)),
        "object": KIND,
        "created": now,
        "deletes_after": now + 30 * DAY,
        "frozen_time": frozen,
        "livemode": false,
        "name": call.text("name"),
        "status": "ready",
        "status_details": {},
    });
    call.account.save(&clock, "test_helpers.test_clock.created");
    Ok(clock)
}

fn retrieve(call: &mut Call<'_>) -> Outcome {
    find_clock(call.account, &call.id, "test_clock")
}

fn list(call: &mut Call<'_>) -> Outcome {
    page::matching(call, KIND, "billing clock", &[], "/v1/test_helpers/test_clocks")
}

fn on(account: &Account, kind: &str, clock: &str) -> Vec<Value> {
    account.those(kind, |row| row.text("test_clock") == clock)
}

fn advance(call: &mut Call<'_>) -> Outcome {
    let before = find_clock(call.account, &call.id, "test_clock")?;
    if before.text("status") != "ready" {
        return Err(ApiError::invalid("Test clock advancement underway - cannot perform modifications.")
            .code("test_clock_advancing")
            .status(429)
            .while_working());
    }
    let (from, to) = (before.int("frozen_time"), call.int("frozen_time").unwrap_or_default());
    if to <= from {
        let message = "Invalid timestamp: must be later than the current frozen time of the clock.";
        return Err(ApiError::invalid(message).param("frozen_time"));
    }
    // Two intervals of the shortest subscription, or two years where there is none.
    let id = call.id.clone();
    let furthest = on(call.account, "subscription", &id)
        .iter()
        .filter(|found| !billing::is_over(found))
        .map(|found| {
            let item = found.at(&["items", "data"]).get(0).cloned().unwrap_or_default();
            let recurring = item.at(&["price", "recurring"]);
            calendar::after(from, recurring.text("interval"), 2 * recurring.int("interval_count"))
        })
        .min()
        .unwrap_or_else(|| calendar::after(from, "year", 2));
    if to > furthest {
        let message = "Invalid timestamp: cannot advance more than two intervals of the shortest subscription on the clock.";
        return Err(ApiError::invalid(message).param("frozen_time"));
    }
    let mut clock = before.clone();
    clock.set("status", "advancing");
    clock.set("status_details", json!({ "advancing": { "target_frozen_time": to } }));
    call.account.save(&clock, "test_helpers.test_clock.advancing");
    // It happens after the answer: whoever looks next finds it done. The plan is on the simulator's own time.
    let real = call.account.clock.take();
    call.account.now = 0;
    call.account.do_later(0, Later::AdvanceClock(id));
    call.account.clock = real;
    Ok(clock)
}

/// Everything on the clock happens, up to where it was told to go.
pub(super) fn arrive(account: &mut Account, id: &str) {
    let Some(mut clock) = account.get(KIND, id) else { return };
    let real = account.now;
    let to = clock.at(&["status_details", "advancing", "target_frozen_time"]).as_i64().unwrap_or_default();
    let until = u64::try_from(to).unwrap_or_default();
    account.clock = Some(id.to_owned());
    schedule::run(account, Some(id), until);
    account.now = until;
    clock.set("frozen_time", to);
    clock.set("status", "ready");
    clock.set("status_details", json!({}));
    account.save(&clock, "test_helpers.test_clock.ready");
    account.clock = None;
    account.now = real;
}

fn delete(call: &mut Call<'_>) -> Outcome {
    let clock = find_clock(call.account, &call.id, "test_clock")?;
    let id = call.id.clone();
    // What was on the clock goes with it.
    for found in on(call.account, "subscription", &id) {
        if !billing::is_over(&found) {
            billing::cancel(call.account, found.text("id"), "cancellation_requested");
        }
    }
    for customer in on(call.account, "customer", &id) {
        call.account.put(&json!({ "id": customer.text("id"), "object": "customer", "deleted": true }));
        call.account.emit("customer.deleted", &customer, None);
    }
    call.account.forget_clock(&id);
    call.account.remove(KIND, &id);
    call.account.emit("test_helpers.test_clock.deleted", &clock, None);
    Ok(json!({ "id": id, "object": KIND, "deleted": true }))
}
