//! NMI: plans, subscriptions, and the charges that come with time.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail")]

mod nmi_client;

use nmi_client::{Client, VISA, all};

const DAY: u64 = 86_400;
const GOLD: &str = "recurring=add_plan&plan_id=gold&plan_name=Gold&plan_amount=9.99&plan_payments=3&month_frequency=1&day_of_month=31";

fn subscribe(nmi: &Client, more: &str) -> String {
    nmi.transact(&format!("recurring=add_subscription&{VISA}&{more}")).ok().id()
}

#[test]
fn plans_are_added_edited_and_listed() {
    let nmi = Client::new();
    let reply = nmi.transact(GOLD).ok();
    assert_eq!(
        reply.0,
        "response=1&responsetext=Plan Added&authcode=&transactionid=&avsresponse=&cvvresponse=&orderid=&type=&response_code=100"
    );
    nmi.transact(GOLD).refused("Plan already exists");
    let lacking = nmi.transact("recurring=add_plan&plan_id=x&plan_name=X&plan_amount=1.00&day_frequency=7");
    lacking.refused("Plan Payments is required");
    assert!(lacking.0.ends_with("&type=&response_code=300&customer_vault_id="));
    nmi.transact("recurring=add_plan&plan_id=x&plan_name=X&plan_amount=1.00&plan_payments=0&day_frequency=7&month_frequency=1")
        .refused("Either Day Frequency or Month Frequency may be given");
    nmi.transact("recurring=add_plan&plan_id=x&plan_name=X&plan_amount=1.00&plan_payments=0&month_frequency=25&day_of_month=1")
        .refused("The month_frequency field is invalid");
    nmi.transact("recurring=edit_plan&current_plan_id=gold&plan_amount=12.00").ok();
    nmi.transact("recurring=edit_plan&current_plan_id=none&plan_amount=12.00")
        .refused("Invalid Plan ID Specified");
    assert_eq!(
        nmi.query("report_type=recurring_plans"),
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<nm_response><plan><plan_id>gold</plan_id><plan_name>Gold</plan_name><plan_amount>12.00</plan_amount><plan_payments>3</plan_payments><month_frequency>1</month_frequency><day_of_month>31</day_of_month></plan></nm_response>\n"
    );
    assert_eq!(nmi.told(), ["recurring.plan.add", "recurring.plan.update"]);
    nmi.sim.nmi().recurring(false);
    nmi.transact(GOLD).refused("Recurring billing is not enabled for this account");
}

#[test]
fn a_subscription_s_id_comes_as_transaction_id() {
    let nmi = Client::new();
    nmi.transact(GOLD).ok();
    let reply = nmi
        .transact(&format!("recurring=add_subscription&plan_id=gold&{VISA}&start_date=20250701&orderid=s1"));
    let id = reply.id();
    assert_eq!(
        reply.0,
        format!(
            "response=1&responsetext=Subscription added&authcode=&transactionid={id}&avsresponse=&cvvresponse=&orderid=s1&type=&response_code=100&cc_number=4xxxxxxxxxxx1111&customer_vault_id="
        )
    );
    assert!(nmi.sim.nmi().transactions().is_empty());
    let list = nmi.query(&format!("report_type=recurring&subscription_id={id}"));
    assert!(list.contains(&format!("<nm_response><subscription id=\"{id}\"><subscription_id>{id}</subscription_id><plan><plan_id>gold</plan_id>")));
    assert_eq!(all(&list, "next_charge_date"), ["2025-07-31"]);
    assert_eq!((all(&list, "remaining_payments"), all(&list, "orderid")), (vec!["3"], vec!["s1"]));
    assert_eq!(nmi.told(), ["recurring.plan.add", "recurring.subscription.add"]);
    let body = &nmi.sim.nmi().events()[0]["event_body"];
    assert_eq!((&body["subscription_id"], &body["plan"]["id"]), (&id.as_str().into(), &"gold".into()));
    assert_eq!((&body["attempted_payments"], &body["card"]["cc_type"]), (&"0".into(), &"visa".into()));
}

#[test]
fn charges_come_when_their_day_does_and_end_with_the_last() {
    let nmi = Client::new();
    nmi.transact(GOLD).ok();
    let id = subscribe(&nmi, "plan_id=gold&orderid=s1&first_name=Robin");
    nmi.advance(14 * DAY);
    assert!(nmi.sim.nmi().transactions().is_empty());
    nmi.advance(DAY);
    assert_eq!(nmi.sim.nmi().transactions().len(), 1);
    nmi.advance(200 * DAY);
    let list = nmi.query(&format!("subscription_id={id}"));
    assert_eq!(all(&list, "date"), ["20250630000000", "20250731000000", "20250831000000"]);
    assert_eq!(all(&list, "source"), ["recurring"; 3]);
    assert_eq!((all(&list, "order_id"), all(&list, "amount")), (vec!["s1"; 3], vec!["9.99"; 3]));
    assert_eq!(nmi.query(&format!("transaction_id={id}")), list);
    let left = nmi.query("report_type=recurring");
    assert_eq!((all(&left, "remaining_payments"), all(&left, "next_charge_date")), (vec!["0"], vec![""]));
    assert_eq!(nmi.told()[2..], ["transaction.sale.success"; 3]);
}

#[test]
fn terms_of_its_own_start_today_unless_a_day_is_given() {
    let nmi = Client::new();
    let terms = "plan_amount=5.00&plan_payments=0&day_frequency=7";
    subscribe(&nmi, terms);
    let rows = nmi.sim.nmi().transactions();
    assert_eq!((rows.len(), &rows[0]["actions"][0]["date"]), (1, &"20250615120000".into()));
    // Later charges come in the night.
    nmi.advance(7 * DAY);
    assert_eq!(nmi.sim.nmi().transactions()[0]["actions"][0]["date"], "20250622000000");
    assert_eq!(nmi.sim.nmi().subscriptions()[0]["remaining_payments"], "until_canceled");
    let add = |more: &str| nmi.transact(&format!("recurring=add_subscription&{VISA}&{more}"));
    add(&format!("{terms}&start_date=20250601")).refused("The start_date field is invalid");
    add(&format!("{terms}&plan_id=gold")).refused("Either a plan or its terms may be given");
    add("plan_id=gold").refused("Invalid Plan ID Specified");
    add(&format!("{terms}&amount=5.00")).refused("The amount field is unknown");
    nmi.transact(&format!("type=sale&amount=5.00&{VISA}&recurring=add_subscription&{terms}"))
        .refused("A payment and a recurring action in one request are not carried out here");
}

#[test]
fn a_failed_charge_is_counted_and_not_tried_again_before_the_next() {
    let nmi = Client::new();
    let id = subscribe(&nmi, "plan_amount=5.00&plan_payments=2&day_frequency=10&start_date=20250620");
    nmi.sim.nmi().refuse("4111111111111111", "202", "Insufficient funds");
    nmi.advance(8 * DAY);
    let row = &nmi.sim.nmi().transactions()[0];
    assert_eq!((&row["condition"], &row["actions"][0]["response_code"]), (&"failed".into(), &"202".into()));
    let list = nmi.query("report_type=recurring");
    assert_eq!((all(&list, "completed_payments"), all(&list, "attempted_payments")), (vec!["0"], vec!["1"]));
    nmi.sim.nmi().accept("4111111111111111");
    nmi.advance(100 * DAY);
    let paid: Vec<_> = nmi.sim.nmi().transactions().iter().map(|row| row["moved_cents"].clone()).collect();
    assert_eq!(paid, [500, 500, 0]);
    assert!(nmi.told().contains(&"transaction.sale.failure".to_owned()));
    assert_eq!(nmi.sim.nmi().subscriptions()[0]["subscription_id"], id.as_str());
}

#[test]
fn subscriptions_are_changed_and_deleted_once() {
    let nmi = Client::new();
    nmi.transact(&format!("customer_vault=add_customer&customer_vault_id=c1&{VISA}")).ok();
    nmi.transact(GOLD).ok();
    let reply =
        nmi.transact("recurring=add_subscription&plan_id=gold&customer_vault_id=c1&start_date=20250701").ok();
    assert_eq!(reply.get("customer_vault_id"), "c1");
    let id = reply.id();
    let at = |more: &str| nmi.transact(&format!("recurring=update_subscription&subscription_id={id}&{more}"));
    at("plan_amount=11.00").ok();
    at("start_date=20250801").ok();
    at("ccnumber=5431111111111111&ccexp=1131").ok();
    at("plan_id=gold").refused("The plan_id field is unknown");
    let list = nmi.query("report_type=recurring");
    assert_eq!((all(&list, "plan_amount"), all(&list, "plan_id")), (vec!["11.00"], vec![""]));
    assert_eq!(
        (all(&list, "next_charge_date"), all(&list, "cc_number")),
        (vec!["2025-08-31"], vec!["5xxxxxxxxxxx1111"])
    );
    // A plan's later change does not reach terms of their own.
    nmi.transact("recurring=edit_plan&current_plan_id=gold&plan_amount=20.00").ok();
    assert_eq!(all(&nmi.query("report_type=recurring"), "plan_amount"), ["11.00"]);

    let delete = format!("recurring=delete_subscription&subscription_id={id}");
    nmi.transact(&delete).ok();
    nmi.transact(&delete).refused("Invalid Subscription ID Specified");
    nmi.transact("recurring=update_subscription&subscription_id=1&plan_amount=1.00")
        .refused("Invalid Subscription ID Specified");
    nmi.advance(200 * DAY);
    assert!(nmi.sim.nmi().transactions().is_empty());
    assert_eq!(all(&nmi.query("report_type=recurring"), "subscription_id").len(), 0);
}

#[test]
fn plan_changes_reach_their_subscriptions_and_a_lost_customer_stops_the_money() {
    let nmi = Client::new();
    nmi.transact(&format!("customer_vault=add_customer&customer_vault_id=c1&{VISA}")).ok();
    nmi.transact(GOLD).ok();
    nmi.transact("recurring=add_subscription&plan_id=gold&customer_vault_id=c1").ok();
    nmi.transact("recurring=edit_plan&current_plan_id=gold&plan_amount=20.00").ok();
    nmi.advance(16 * DAY);
    assert_eq!(nmi.sim.nmi().transactions()[0]["moved_cents"], 2000);
    nmi.transact("customer_vault=delete_customer&customer_vault_id=c1").ok();
    nmi.advance(31 * DAY);
    assert_eq!(nmi.sim.nmi().transactions().len(), 1);
    let list = nmi.query("report_type=recurring");
    assert_eq!((all(&list, "completed_payments"), all(&list, "attempted_payments")), (vec!["1"], vec!["2"]));
}

#[test]
fn the_end_of_time_is_reached_in_bounded_work() {
    let nmi = Client::new();
    subscribe(&nmi, "plan_amount=5.00&plan_payments=0&day_frequency=1");
    nmi.sim.clock().set(250_000_000_000);
    assert_eq!(nmi.sim.nmi().transactions().len(), 2_000);
    // What was too much is left out, not put off.
    assert_eq!(nmi.sim.nmi().transactions().len(), 2_000);
    nmi.advance(DAY);
    assert_eq!(nmi.sim.nmi().transactions().len(), 2_001);
}
