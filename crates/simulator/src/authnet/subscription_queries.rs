//! Subscriptions, looked up.

use super::answer::{Outcome, Reply};
use super::cards::Means;
use super::dates::{Day, ZONE, utc};
use super::json::Json;
use super::money::number;
use super::reporting::cut;
use super::state::Gateway;
use super::subscriptions::{ENDLESS, Subscription, enabled, find};

/// `ARBGetSubscriptionStatusRequest`
pub(super) fn status(gateway: &mut Gateway, body: &Json) -> Outcome {
    enabled(gateway)?;
    let one = find(gateway, body)?;
    Ok(Reply::ok()
        .with("note", "Status with a capital 'S' is obsolete.")
        .with("status", one.status)
        .with("Status", one.status)
        .with("statusSpecified", true)
        .with("StatusSpecified", true))
}

/// `ARBGetSubscriptionRequest`
pub(super) fn get(gateway: &mut Gateway, body: &Json) -> Outcome {
    enabled(gateway)?;
    let one = find(gateway, body)?;
    let mut all = Json::object([]);
    all.push_some("name", one.name.clone());
    all.push("paymentSchedule", one.schedule());
    all.push("amount", number(one.amount));
    all.push("trialAmount", number(one.trial_amount));
    all.push("status", one.status);
    if let Some(owner) = gateway.profiles.iter().find(|owner| owner.id == one.customer_profile) {
        let mut profile = owner.brief();
        if let Some(method) = owner.payments.iter().find(|method| method.id == one.payment_profile) {
            profile.push("paymentProfile", method.shown(owner, gateway, false));
        }
        let address = owner.addresses.iter().find(|address| Some(&address.id) == one.address.as_ref());
        profile.push_some("shippingProfile", address.map(super::profiles::Address::shown));
        all.push("profile", profile);
    }
    all.push_some("order", one.request.get("order").cloned());
    if body.flag_at("includeTransactions") == Some(true) && !one.payments.is_empty() {
        let rows = one.payments.iter().map(|payment| {
            let mut row = Json::object([]);
            row.push_some("transId", payment.transaction.clone());
            row.push("response", payment.response.as_str());
            row.push("submitTimeUTC", utc(payment.at));
            row.push("payNum", payment.number);
            row.push("attemptNum", payment.attempt);
            row
        });
        all.push("arbTransactions", rows.collect::<Vec<_>>());
    }
    Ok(Reply::ok().with("subscription", all))
}

/// `ARBGetSubscriptionListRequest`
pub(super) fn list(gateway: &mut Gateway, body: &Json) -> Outcome {
    enabled(gateway)?;
    let month = Day::of(gateway.now, ZONE).month();
    let search = body.text_at("searchType").unwrap_or_default();
    let method = |one: &Subscription| {
        let owner = gateway.profiles.iter().find(|owner| owner.id == one.customer_profile);
        owner.and_then(|owner| owner.payments.iter().find(|method| method.id == one.payment_profile))
    };
    let wanted = |one: &&Subscription| match search.as_str() {
        "subscriptionActive" => one.status == "active",
        "subscriptionInactive" => one.status != "active",
        "subscriptionExpiringThisMonth" => {
            one.status == "active" && one.total != ENDLESS && one.due(one.total - 1).month() == month
        }
        _ => {
            let expires = method(one).is_some_and(
                |method| matches!(&method.means, Means::Card { expires, .. } if *expires == month),
            );
            one.status == "active" && expires
        }
    };
    let mut rows: Vec<(String, Json)> = Vec::new();
    let order = body.text_at("sorting.orderBy").unwrap_or_else(|| "id".to_owned());
    for one in gateway.subscriptions.iter().filter(wanted) {
        let method = method(one);
        let billing = |name: &str| method.and_then(|method| method.bill_to.as_ref()?.text_at(name));
        let masked = method.map(|method| method.means.masked()).unwrap_or_default();
        let mut row = Json::object([("id", Json::Number(one.id.clone()))]);
        row.push("name", one.name.clone().unwrap_or_default());
        row.push("status", one.status);
        row.push("createTimeStampUTC", utc(one.created).trim_end_matches('Z'));
        for name in ["firstName", "lastName"] {
            row.push_some(name, billing(name));
        }
        row.push("totalOccurrences", one.total);
        row.push("pastOccurrences", one.past);
        let bank = method.is_some_and(|method| method.means.is_bank());
        row.push("paymentMethod", if bank { "eCheck" } else { "creditCard" });
        row.push("accountNumber", masked);
        row.push("invoice", one.request.text_at("order.invoiceNumber").unwrap_or_default());
        row.push("amount", number(one.amount));
        row.push("currencyCode", gateway.settings.currency.as_str());
        row.push("customerProfileId", Json::Number(one.customer_profile.clone()));
        row.push("customerPaymentProfileId", Json::Number(one.payment_profile.clone()));
        let mark = match order.as_str() {
            "amount" => format!("{:020}", one.amount),
            "id" | "pastOccurrences" => format!("{:0>20}", row.text_at(&order).unwrap_or_default()),
            other => row.text_at(other).unwrap_or_default(),
        };
        rows.push((mark, row));
    }
    rows.sort_by(|one, other| one.0.cmp(&other.0));
    if body.flag_at("sorting.orderDescending") == Some(true) {
        rows.reverse();
    }
    let total = rows.len();
    let page: Vec<Json> = cut(body, rows).into_iter().map(|(_, row)| row).collect();
    if page.is_empty() {
        return Ok(Reply::nothing_found());
    }
    Ok(Reply::ok()
        .with("totalNumInResultSet", total)
        .with("totalNumInResultSetSpecified", true)
        .with("subscriptionDetails", page))
}
