//! What was used, by category, from what the account holds.

use http::Method;
use serde_json::{Value, json};

use super::error::ApiError;
use super::page::Page;
use super::router::{Answer, Ask};
use super::stamp;
use super::state::{Account, Message, money};

const DAY: i64 = 86_400;
/// Category, what it is, what is counted, what is used.
const CATEGORIES: &[(&str, &str, &str, &str)] = &[
    ("sms", "SMS", "messages", "segments"),
    ("sms-outbound", "Outbound SMS", "messages", "segments"),
    ("sms-inbound", "Inbound SMS", "messages", "segments"),
    ("mms", "MMS", "messages", "messages"),
    ("totalprice", "Total Price", "", "usd"),
];

/// `/Usage/Records` in one piece, `/Usage/Records/Daily` one a day.
pub(super) fn run(account: &Account, ask: &Ask<'_>, rest: &[&str], now: i64) -> Result<Answer, ApiError> {
    let (daily, last_only) = match rest {
        ["Records"] | ["Records", "AllTime"] => (false, None),
        ["Records", "Daily"] => (true, None),
        ["Records", "Today"] => (false, Some(0)),
        ["Records", "Yesterday"] => (false, Some(1)),
        _ => return Err(ask.not_found()),
    };
    if ask.method != Method::GET {
        return Err(ApiError::new(405, 20004, "Method not allowed"));
    }
    let page = Page::of(&ask.query, &["Category", "StartDate", "EndDate", "IncludeSubaccounts"], &[])?;
    ask.query.flag("IncludeSubaccounts")?;
    let day = |name: &str| match ask.query.text(name) {
        None => Ok(None),
        Some(text) => stamp::parse_day(text)
            .map(|at| Some(at.div_euclid(DAY)))
            .ok_or_else(|| ApiError::invalid(20001, format!("Parameter '{name}' is not a date"))),
    };
    let today = now.div_euclid(DAY);
    let (mut first, mut last) = (account.created.div_euclid(DAY), today);
    if let Some(before) = last_only {
        (first, last) = (today - before, today - before);
    }
    first = day("StartDate")?.unwrap_or(first);
    last = day("EndDate")?.unwrap_or(last).min(today);
    let wanted = ask.query.text("Category");
    let spans: Vec<(i64, i64)> = if daily {
        (first..=last).rev().take(400).map(|day| (day, day)).collect()
    } else {
        vec![(first, last)]
    };
    let mut rows = Vec::new();
    for span in spans {
        for category in CATEGORIES.iter().filter(|row| wanted.is_none_or(|wanted| wanted == row.0)) {
            rows.push((format!("{}{}", category.0, span.0), record(account, category, span, now)));
        }
    }
    Ok(Answer::ok(page.core(&ask.path, "usage_records", rows)?))
}

fn record(account: &Account, category: &(&str, &str, &str, &str), span: (i64, i64), now: i64) -> Value {
    let (name, description, counted, used) = *category;
    let belongs = |message: &&Message| {
        let day = message.sent.map(|at| at.div_euclid(DAY));
        let outbound = message.direction != "inbound";
        let media = !message.media.is_empty();
        day.is_some_and(|day| (span.0..=span.1).contains(&day))
            && match name {
                "sms" => !media,
                "sms-outbound" => !media && outbound,
                "sms-inbound" => !media && !outbound,
                "mms" => media,
                _ => true,
            }
    };
    let messages: Vec<&Message> = account.messages.iter().filter(belongs).collect();
    let price = -messages.iter().filter_map(|message| message.price).sum::<i64>();
    let segments: usize = messages.iter().map(|message| message.segments).sum();
    let usage = match name {
        "mms" => messages.len().to_string(),
        "totalprice" => money(price),
        _ => segments.to_string(),
    };
    let (start, end) = (stamp::day(span.0 * DAY), stamp::day(span.1 * DAY));
    let uri = format!("/2010-04-01/Accounts/{}/Usage/Records", account.sid);
    json!({
        "account_sid": account.sid, "api_version": "2010-04-01", "as_of": stamp::iso(now).replace('Z', "+00:00"),
        "category": name, "count": messages.len().to_string(), "count_unit": counted, "description": description,
        "end_date": end, "price": serde_json::from_str::<Value>(&money(price)).unwrap_or_default(),
        "price_unit": "usd", "start_date": start, "subresource_uris": {},
        "uri": format!("{uri}.json?Category={name}&StartDate={start}&EndDate={end}"), "usage": usage,
        "usage_unit": used,
    })
}
