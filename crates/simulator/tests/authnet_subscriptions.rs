//! Authorize.Net: subscriptions and their payments.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail"
)]

mod authnet_client;

use std::time::Duration;

use authnet_client::{CARD, CHECK, Client, text};
use serde_json::Value;

const DAY: u64 = 86_400;

/// The simulator's clock stands at 2025-06-15 12:00 UTC.
fn subscription(name: &str, start: &str, total: &str, more: &str) -> String {
    format!(
        r#""subscription":{{"name":"{name}","paymentSchedule":{{"interval":{{"length":"1","unit":"months"}},"startDate":"{start}","totalOccurrences":"{total}"{more}}},"amount":"10.29","payment":{{"creditCard":{{"cardNumber":"4111111111111111","expirationDate":"2034-12"}}}},"order":{{"invoiceNumber":"{name}"}},"billTo":{{"firstName":"Ellen","lastName":"Doe"}}}}"#
    )
}

fn create(gateway: &Client, name: &str, start: &str, total: &str) -> String {
    let made = gateway.ok("ARBCreateSubscriptionRequest", &subscription(name, start, total, ""));
    text(&made["subscriptionId"])
}

fn named(id: &str) -> String {
    format!(r#""subscriptionId":"{id}""#)
}

fn status(gateway: &Client, id: &str) -> String {
    let reply = gateway.ok("ARBGetSubscriptionStatusRequest", &named(id));
    assert_eq!(reply["status"], reply["Status"]);
    text(&reply["status"])
}

fn pass(gateway: &Client, days: u64) {
    gateway.sim.clock().advance(Duration::from_secs(days * DAY));
}

fn payments(gateway: &Client) -> usize {
    gateway.sim.authnet().transactions().len()
}

#[test]
fn payments_come_with_the_nights() {
    let gateway = Client::new();
    let id = create(&gateway, "S1", "2025-06-15", "3");
    assert_eq!((status(&gateway, &id).as_str(), payments(&gateway)), ("active", 0));
    pass(&gateway, 1);
    assert_eq!(payments(&gateway), 1);
    let unsettled = gateway.ok("getUnsettledTransactionListRequest", "");
    let row = &unsettled["transactions"][0];
    assert_eq!((&row["settleAmount"], &row["subscription"]["payNum"]), (&10.29.into(), &1.into()));
    assert_eq!(row["subscription"]["id"].to_string(), id);
    assert_eq!(
        (&row["invoiceNumber"], &row["submitTimeUTC"]),
        (&"S1".into(), &"2025-06-16T10:00:00Z".into())
    );
    pass(&gateway, 28);
    assert_eq!(payments(&gateway), 1);
    // A jump makes each payment at its own time, and the last one ends it.
    pass(&gateway, 90);
    assert_eq!((status(&gateway, &id).as_str(), payments(&gateway)), ("expired", 3));
    let times: Vec<String> = gateway.ok("getUnsettledTransactionListRequest", "")["transactions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| text(&row["submitTimeUTC"]))
        .collect();
    assert_eq!(times, ["2025-08-15T10:00:00Z", "2025-07-15T10:00:00Z", "2025-06-16T10:00:00Z"]);
    let whole =
        gateway.ok("ARBGetSubscriptionRequest", &format!(r#"{},"includeTransactions":true"#, named(&id)));
    let own = &whole["subscription"];
    assert_eq!(own["arbTransactions"].as_array().unwrap().len(), 3);
    assert_eq!(own["arbTransactions"][2]["payNum"], 3);
    assert_eq!(own["paymentSchedule"]["startDate"], "2025-06-15");
    assert_eq!(own["profile"]["paymentProfile"]["payment"]["creditCard"]["cardNumber"], "XXXX1111");
    assert_eq!(gateway.refused("ARBCancelSubscriptionRequest", &named(&id)).0, "E00038");
}

#[test]
fn cancelling_twice_is_fine() {
    let gateway = Client::new();
    let id = create(&gateway, "S1", "2025-06-20", "9999");
    gateway.ok("ARBCancelSubscriptionRequest", &named(&id));
    let again = gateway.ok("ARBCancelSubscriptionRequest", &named(&id));
    assert_eq!(again["messages"]["message"][0]["code"], "I00002");
    assert_eq!(again["messages"]["message"][0]["text"], "The subscription has already been canceled.");
    pass(&gateway, 100);
    assert_eq!((status(&gateway, &id).as_str(), payments(&gateway)), ("canceled", 0));
    assert_eq!(
        gateway
            .refused(
                "ARBUpdateSubscriptionRequest",
                &format!(r#"{},"subscription":{{"name":"n"}}"#, named(&id))
            )
            .0,
        "E00037"
    );
    assert_eq!(gateway.refused("ARBCancelSubscriptionRequest", &named("1")).0, "E00035");
}

#[test]
fn a_failed_payment_suspends_until_the_card_is_replaced() {
    let gateway = Client::new();
    let declined = subscription("S1", "2025-06-16", "9999", "")
        .replace(r#""lastName":"Doe""#, r#""lastName":"Doe","zip":"46282""#);
    let id = text(&gateway.ok("ARBCreateSubscriptionRequest", &declined)["subscriptionId"]);
    pass(&gateway, 1);
    assert_eq!(status(&gateway, &id), "suspended");
    pass(&gateway, 5);
    assert_eq!(payments(&gateway), 1);
    let update = format!(
        r#"{},"subscription":{{"payment":{{"creditCard":{{"cardNumber":"5424000000000015","expirationDate":"2034-12"}}}},"billTo":{{"firstName":"E","lastName":"D","zip":"98004"}}}}"#,
        named(&id)
    );
    gateway.ok("ARBUpdateSubscriptionRequest", &update);
    assert_eq!(status(&gateway, &id), "active");
    pass(&gateway, 1);
    let all = gateway.sim.authnet().transactions();
    assert_eq!(
        (all.len(), &all[1]["accountType"], &all[1]["responseCode"]),
        (2, &"MasterCard".into(), &1.into())
    );
    let kinds: Vec<String> =
        gateway.sim.authnet().events().iter().map(|event| text(&event["eventType"])).collect();
    assert!(kinds.contains(&"net.authorize.customer.subscription.failed".to_owned()), "{kinds:?}");
    assert!(kinds.contains(&"net.authorize.customer.subscription.suspended".to_owned()));
    // The next one is due a month after the first, as planned.
    pass(&gateway, 30);
    assert_eq!(payments(&gateway), 3);
    // Nobody makes this one good.
    let other = declined.replace("S1", "S2").replace("2025-06-16", "2025-08-01");
    let other = text(&gateway.ok("ARBCreateSubscriptionRequest", &other)["subscriptionId"]);
    pass(&gateway, 80);
    assert_eq!(status(&gateway, &other), "terminated");
}

#[test]
fn trials_come_first() {
    let gateway = Client::new();
    let more = r#","trialOccurrences":"2""#;
    let with = |amount: &str| {
        subscription("S1", "2025-06-16", "3", more)
            .replace(r#""amount":"10.29""#, &format!(r#""amount":"10.29","trialAmount":"{amount}""#))
    };
    assert_eq!(
        gateway.refused("ARBCreateSubscriptionRequest", &subscription("S1", "2025-06-16", "3", more)).0,
        "E00026"
    );
    let none = subscription("S1", "2025-06-16", "3", "")
        .replace(r#""amount":"10.29""#, r#""amount":"10.29","trialAmount":"1.00""#);
    assert_eq!(gateway.refused("ARBCreateSubscriptionRequest", &none).0, "E00024");
    let all = with("1.00").replace(r#""totalOccurrences":"3""#, r#""totalOccurrences":"2""#);
    assert_eq!(gateway.refused("ARBCreateSubscriptionRequest", &all).0, "E00028");
    gateway.ok("ARBCreateSubscriptionRequest", &with("1.00"));
    pass(&gateway, 100);
    let amounts: Vec<Value> =
        gateway.sim.authnet().transactions().iter().map(|one| one["captured"].clone()).collect();
    assert_eq!(amounts, [100, 100, 1029]);
}

#[test]
fn what_cannot_be_a_subscription() {
    let gateway = Client::new();
    let good = subscription("S1", "2025-06-15", "12", "");
    let refused = |wrong: &str| gateway.refused("ARBCreateSubscriptionRequest", wrong).0;
    for (from, to, code) in [
        (r#""length":"1","unit":"months""#, r#""length":"13","unit":"months""#, "E00022"),
        (r#""length":"1","unit":"months""#, r#""length":"6","unit":"days""#, "E00022"),
        (r#""length":"1","unit":"months""#, r#""length":"366","unit":"days""#, "E00022"),
        (r#""length":"1","unit":"months""#, r#""length":"1","unit":"weeks""#, "E00003"),
        ("2025-06-15", "2025-06-14", "E00017"),
        ("2025-06-15", "2034-13-01", "E00003"),
        ("2025-06-15", "2035-01-01", "E00018"),
        (r#""totalOccurrences":"12""#, r#""totalOccurrences":"37""#, "E00023"),
        (r#""totalOccurrences":"12""#, r#""totalOccurrences":"0""#, "E00003"),
        (r#""amount":"10.29","#, "", "E00031"),
        (r#""amount":"10.29""#, r#""amount":"0""#, "E00003"),
        ("4111111111111111", "4111111111111112", "E00013"),
        (r#""firstName":"Ellen","#, "", "E00014"),
    ] {
        let wrong = good.replace(from, to);
        assert!(wrong != good, "{from}");
        assert_eq!(refused(&wrong), code, "{to}");
    }
    assert_eq!(refused(r#""subscription":{"name":"n"}"#), "E00030");
    assert!(gateway.sim.authnet().subscriptions().is_empty());
    let id = create(&gateway, "S1", "2025-06-15", "12");
    let (code, said) = gateway.refused("ARBCreateSubscriptionRequest", &good);
    assert_eq!(code, "E00012");
    assert_eq!(
        said,
        format!(
            "You have submitted a duplicate of Subscription {id}. A duplicate subscription will not be created."
        )
    );
    create(&gateway, "S2", "2025-06-15", "12");
    assert_eq!(gateway.sim.authnet().customer_profiles().len(), 2);
    let checks = good.replace(
        r#""payment":{"creditCard":{"cardNumber":"4111111111111111","expirationDate":"2034-12"}}"#,
        CHECK,
    );
    gateway.sim.authnet().accept_echeck(false);
    assert_eq!(refused(&checks), "E00020");
    gateway.sim.authnet().accept_echeck(true);
    gateway.ok("ARBCreateSubscriptionRequest", &checks);
}

#[test]
fn changes_keep_what_is_fixed() {
    let gateway = Client::new();
    let id = create(&gateway, "S1", "2025-06-15", "12");
    let update = |fields: &str| {
        gateway
            .call("ARBUpdateSubscriptionRequest", &format!(r#"{},"subscription":{{{fields}}}"#, named(&id)))
    };
    let code = |reply: &Value| text(&reply["messages"]["message"][0]["code"]);
    assert_eq!(code(&update(r#""paymentSchedule":{"interval":{"length":"2","unit":"months"}}"#)), "E00034");
    assert_eq!(code(&update(CHECK)), "E00036");
    assert_eq!(code(&update(r#""paymentSchedule":{"startDate":"2025-06-17"}"#)), "I00001");
    assert_eq!(code(&update(r#""amount":"20.00""#)), "I00001");
    // What is refused in part changes nothing.
    let card = r#""payment":{"creditCard":{"cardNumber":"5424000000000015","expirationDate":"2034-12"}}"#;
    let half = format!(r#""paymentSchedule":{{"totalOccurrences":"40"}},"amount":"30.00",{card}"#);
    assert_eq!(code(&update(&half)), "E00023");
    pass(&gateway, 3);
    let paid = gateway.sim.authnet().transactions().remove(0);
    assert_eq!((&paid["captured"], &paid["accountType"]), (&2000.into(), &"Visa".into()));
    assert_eq!(code(&update(r#""paymentSchedule":{"startDate":"2025-07-01"}"#)), "E00033");
    assert_eq!(
        code(&update(r#""profile":{"customerProfileId":"1","customerPaymentProfileId":"1"}"#)),
        "E00111"
    );
}

#[test]
fn a_new_profile_is_found_after_a_while() {
    let gateway = Client::new();
    let made = gateway.ok(
        "createCustomerProfileRequest",
        &format!(r#""profile":{{"email":"a@example.com","paymentProfiles":{{"billTo":{{"firstName":"E"}},{CARD}}}}}"#),
    );
    let (customer, payment) =
        (text(&made["customerProfileId"]), text(&made["customerPaymentProfileIdList"][0]));
    let rest = format!(
        r#""subscription":{{"name":"S1","paymentSchedule":{{"interval":{{"length":"7","unit":"days"}},"startDate":"2025-06-15","totalOccurrences":"9999"}},"amount":"5.00","profile":{{"customerProfileId":"{customer}","customerPaymentProfileId":"{payment}"}}}}"#
    );
    assert_eq!(gateway.refused("ARBCreateSubscriptionRequest", &rest).0, "E00040");
    gateway.sim.clock().advance(Duration::from_secs(15));
    let made = gateway.ok("ARBCreateSubscriptionRequest", &rest);
    let id = text(&made["subscriptionId"]);
    assert_eq!(made["profile"]["customerProfileId"], customer.as_str());
    let delete = format!(r#""customerProfileId":"{customer}","customerPaymentProfileId":"{payment}""#);
    assert_eq!(gateway.refused("deleteCustomerPaymentProfileRequest", &delete).0, "E00105");
    assert_eq!(
        gateway.refused("deleteCustomerProfileRequest", &format!(r#""customerProfileId":"{customer}""#)).0,
        "E00106"
    );
    let shown = gateway.ok("getCustomerProfileRequest", &format!(r#""customerProfileId":"{customer}""#));
    assert_eq!(shown["subscriptionIds"][0], id.as_str());
    pass(&gateway, 22);
    assert_eq!(payments(&gateway), 4);
    gateway.ok("ARBCancelSubscriptionRequest", &named(&id));
    gateway.ok("deleteCustomerPaymentProfileRequest", &delete);
}

#[test]
fn lists_are_sorted_and_paged() {
    let gateway = Client::new();
    let list = |search: &str, more: &str| {
        gateway.ok("ARBGetSubscriptionListRequest", &format!(r#""searchType":"{search}"{more}"#))
    };
    assert_eq!(list("subscriptionActive", "")["messages"]["message"][0]["code"], "I00004");
    for name in ["b", "c", "a"] {
        create(&gateway, name, "2025-06-20", "12");
    }
    let ended = create(&gateway, "d", "2025-06-20", "1");
    let names = |reply: &Value| -> Vec<String> {
        reply["subscriptionDetails"].as_array().unwrap().iter().map(|row| text(&row["name"])).collect()
    };
    let sorted =
        r#","sorting":{"orderBy":"name","orderDescending":"true"},"paging":{"limit":"2","offset":"2"}"#;
    let page = list("subscriptionActive", sorted);
    assert_eq!(
        (names(&page), &page["totalNumInResultSet"]),
        (vec!["b".to_owned(), "a".to_owned()], &4.into())
    );
    assert_eq!(names(&list("subscriptionExpiringThisMonth", "")), ["d"]);
    assert_eq!(list("cardExpiringThisMonth", "")["messages"]["message"][0]["code"], "I00004");
    gateway.ok("ARBCancelSubscriptionRequest", &named(&ended));
    let inactive = list("subscriptionInactive", "");
    let row = &inactive["subscriptionDetails"][0];
    assert_eq!(
        (&row["status"], &row["amount"], &row["accountNumber"]),
        (&"canceled".into(), &10.29.into(), &"XXXX1111".into())
    );
}
