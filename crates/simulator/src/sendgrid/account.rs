//! The account itself: scopes, credits, statistics; and the validation of addresses.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::error::{Answer, ApiError, Outcome};
use super::events::Metric;
use super::fields::{self, Field, Kind, is_address, may, must, text};
use super::router::Query;
use super::state::{Account, day};
use super::suppressions::{self, BOUNCES};
use crate::calendar::days_from;

/// What a key with full access may do. Email validation is an add-on with a key of its own.
pub(super) const FULL_ACCESS: &[&str] = &[
    "asm.groups.create",
    "asm.groups.delete",
    "asm.groups.read",
    "asm.groups.update",
    "mail.batch.create",
    "mail.batch.read",
    "mail.send",
    "sender_verification_eligible",
    "stats.read",
    "suppression.create",
    "suppression.delete",
    "suppression.read",
    "suppression.update",
    "templates.create",
    "templates.delete",
    "templates.read",
    "templates.update",
    "user.account.read",
    "user.credits.read",
    "user.scheduled_sends.create",
    "user.scheduled_sends.delete",
    "user.scheduled_sends.read",
    "user.scheduled_sends.update",
    "user.webhooks.event.settings.create",
    "user.webhooks.event.settings.delete",
    "user.webhooks.event.settings.read",
    "user.webhooks.event.settings.update",
    "user.webhooks.event.test.create",
    "user.webhooks.parse.settings.create",
    "user.webhooks.parse.settings.delete",
    "user.webhooks.parse.settings.read",
    "user.webhooks.parse.settings.update",
    "whitelabel.create",
    "whitelabel.delete",
    "whitelabel.read",
    "whitelabel.update",
];
pub(super) const VALIDATION: &str = "validations.email.create";

const VALIDATE: &[Field] = &[must("email", Kind::Text(320)), may("source", Kind::Text(255))];

pub(super) fn credits(account: &Account) -> Outcome {
    let remain = account.settings.credits;
    Answer::ok(json!({
        "remain": remain,
        "total": remain + account.used,
        "overage": 0,
        "used": account.used,
        "last_reset": day(account.opened),
        "next_reset": day(account.opened + 30 * 86_400),
        "reset_frequency": "monthly",
    }))
}

pub(super) fn account(_account: &Account) -> Outcome {
    Answer::ok(json!({ "type": "paid", "reputation": 100 }))
}

/// Days since 1970 of `2025-06-15`.
fn date(query: &Query, name: &str) -> Result<Option<i64>, ApiError> {
    let Some(text) = query.get(name) else { return Ok(None) };
    let refuse = || ApiError::field(format!("{name} must be YYYY-MM-DD"), name);
    let numbers: Vec<i64> =
        text.split('-').map(str::parse).collect::<Result<_, _>>().map_err(|_| refuse())?;
    match numbers.as_slice() {
        [year @ 1970..=9999, month @ 1..=12, day @ 1..=31] if text.len() == 10 => {
            Ok(Some(days_from(*year, *month, *day)))
        }
        _ => Err(refuse()),
    }
}

/// A row a day, week (from Monday) or month, those of nothing included.
pub(super) fn stats(account: &Account, query: &Query) -> Outcome {
    query.allow(&["start_date", "end_date", "aggregated_by", "limit", "offset"])?;
    let today = i64::try_from(account.now / 86_400).unwrap_or_default();
    let Some(from) = date(query, "start_date")? else {
        return Err(ApiError::field("start_date is required", "start_date"));
    };
    let to = date(query, "end_date")?.unwrap_or(today);
    if to < from || to - from > 3_660 {
        return Err(ApiError::field("end_date must not be before start_date", "end_date"));
    }
    let starts = |day: i64| match query.get("aggregated_by") {
        // 1 January 1970 was a Thursday.
        Some("week") => day - (day + 3).rem_euclid(7),
        Some("month") => {
            let (year, month, _) = crate::calendar::date_of(day * 86_400);
            days_from(year, month, 1)
        }
        _ => day,
    };
    if query.get("aggregated_by").is_some_and(|by| !["day", "week", "month"].contains(&by)) {
        return Err(ApiError::field("aggregated_by must be day, week or month", "aggregated_by"));
    }
    let mut rows: BTreeMap<i64, BTreeMap<&str, u64>> = BTreeMap::new();
    for day in from..=to {
        let row = rows.entry(starts(day)).or_default();
        for (metric, count) in account.stats.get(&day).into_iter().flatten() {
            *row.entry(metric).or_default() += count;
        }
    }
    let limit = usize::try_from(query.number("limit")?.unwrap_or(500)).unwrap_or(500);
    let offset = usize::try_from(query.number("offset")?.unwrap_or(0)).unwrap_or(usize::MAX);
    let rows = rows.iter().skip(offset).take(limit).map(|(start, counts)| {
        let metrics = Metric::ALL.iter().map(|metric| {
            (metric.word().to_owned(), Value::from(counts.get(metric.word()).copied().unwrap_or_default()))
        });
        let date = day(u64::try_from(start * 86_400).unwrap_or_default());
        json!({ "date": date, "stats": [{ "metrics": Value::Object(metrics.collect()) }] })
    });
    Answer::ok(rows.collect())
}

/// Judges an address by its form, a few names, and what has bounced here.
pub(super) fn validate(account: &Account, body: &[u8]) -> Outcome {
    let input = fields::parse(body, VALIDATE, fields::plain)?;
    let email = text(&input, "email");
    let (local, host) = email.rsplit_once('@').unwrap_or((email, ""));
    let form = is_address(email);
    let resolves = form && !host.to_lowercase().ends_with(".invalid");
    let role = ["admin", "info", "sales", "support"].contains(&local.to_lowercase().as_str());
    let bounced = suppressions::holds(account, BOUNCES, &email.to_lowercase());
    let (verdict, score) = match (resolves, role || bounced) {
        (false, _) => ("Invalid", 0.0),
        (true, true) => ("Risky", 0.5),
        (true, false) => ("Valid", 0.95),
    };
    let mut result = json!({
        "email": email,
        "verdict": verdict,
        "score": score,
        "local": local,
        "host": host,
        "checks": {
            "domain": {
                "has_valid_address_syntax": form,
                "has_mx_or_a_record": resolves,
                "is_suspected_disposable_address": false,
            },
            "local_part": { "is_suspected_role_address": role },
            "additional": { "has_known_bounces": bounced, "has_suspected_bounces": false },
        },
        "ip_address": "192.0.2.1",
    });
    let map = result.as_object_mut();
    if let (Some(map), Some(source)) = (map, input.get("source")) {
        map.insert("source".to_owned(), source.clone());
    }
    Answer::ok(json!({ "result": result }))
}
