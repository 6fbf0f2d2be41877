//! Payflow: recurring profiles, and their payments as time goes on.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may fail")]

mod payflow_common;

use std::time::Duration;

use payflow_common::{BANK, CARD, Client, Reply};
use serde_json::Value;

const DAY: u64 = 24 * 3_600;

fn add(payflow: &Client, more: &str) -> Reply {
    payflow.send(&format!(
        "TRXTYPE=R&TENDER=C&ACTION=A&PROFILENAME=Monthly box&AMT=12.00&START=06202025&TERM=0&PAYPERIOD=MONT{more}"
    ))
}

fn act(payflow: &Client, action: char, id: &str, more: &str) -> Reply {
    payflow.send(&format!("TRXTYPE=R&TENDER=C&ACTION={action}&ORIGPROFILEID={id}{more}"))
}

fn added(payflow: &Client, more: &str) -> String {
    add(payflow, &format!("&{CARD}{more}")).ok().get("PROFILEID").unwrap().to_owned()
}

fn status(payflow: &Client, id: &str) -> String {
    act(payflow, 'I', id, "").ok().get("STATUS").unwrap().to_owned()
}

fn profile(payflow: &Client) -> Value {
    payflow.payflow().subscriptions()[0].clone()
}

fn pass(payflow: &Client, days: u64) {
    payflow.sim.clock().advance(Duration::from_secs(days * DAY));
}

#[test]
fn a_profile_is_added_and_described() {
    let payflow = Client::new();
    let reply = add(&payflow, &format!("&{CARD}&MAXFAILPAYMENTS=3&BILLTOLASTNAME[5]=& Foo&EMAIL=a@b.test"));
    let rpref = reply.get("RPREF").unwrap().to_owned();
    assert_eq!((rpref.len(), rpref.starts_with('R')), (12, true));
    assert_eq!(reply.0, format!("RESULT=0&RPREF={rpref}&PROFILEID=RT0000000001&RESPMSG=Approved"));
    let found = act(&payflow, 'I', "RT0000000001", "");
    let rpref = found.get("RPREF").unwrap();
    assert_eq!(
        found.0,
        format!(
            "RESULT=0&RPREF={rpref}&PROFILEID=RT0000000001&STATUS=ACTIVE&PROFILENAME=Monthly box&START=06202025\
             &TERM=0&NEXTPAYMENT=06202025&PAYPERIOD=MONT&AMT=12.00&ACCT=4111XXXXXXXX1111&EXPDATE=1230\
             &PAYMENTSLEFT=0&AGGREGATEAMT=0.00&AGGREGATEOPTIONALAMT=0.00&MAXFAILPAYMENTS=3&NUMFAILPAYMENTS=0\
             &RETRYNUMDAYS=0&EMAIL=a@b.test&LASTNAME[5]=& Foo"
        )
    );
    let limited = added(&payflow, "&TERM=12&PAYPERIOD=WEEK");
    let found = act(&payflow, 'I', &limited, "");
    assert_eq!((found.get("PAYMENTSLEFT"), found.get("END")), (Some("12"), Some("09052025")));
    assert!(payflow.payflow().transactions().is_empty());
}

#[test]
fn malformed_profiles_are_refused() {
    let payflow = Client::new();
    let late = add(&payflow, &format!("&{CARD}&START=06152025"));
    late.refused(7);
    let text = "Field format error: Start or next payment date must be a valid future date";
    assert_eq!(late.get("RESPMSG"), Some(text));
    assert_eq!(late.get("PNREF"), None);
    for (more, result) in [
        ("&START=13012026", 7),
        ("&START=", 7),
        ("&PAYPERIOD=mont", 7),
        ("&PAYPERIOD=SMMO", 7),
        ("&TERM=", 7),
        ("&PROFILENAME=", 7),
        ("&RETRYNUMDAYS=5", 7),
        ("&OPTIONALTRX=S", 7),
        ("&OPTIONALTRX=X", 7),
        ("&AMT=0.00", 4),
        ("&AMT=1.0", 4),
        ("&ACCT=4111111111111112", 23),
        ("&EXPDATE=0120", 24),
        ("&TENDER=", 2),
        ("&ACTION=X", 7),
    ] {
        add(&payflow, &format!("&{CARD}{more}")).refused(result);
    }
    add(&payflow, "").refused(23);
    add(&payflow, &format!("&{CARD}&PAYPERIOD=SMMO&START=07012025")).ok();
    for action in ['M', 'R', 'C', 'I'] {
        act(&payflow, action, "RT0000000099", "&START=08012025").refused(37);
    }
    act(&payflow, 'P', "RT0000000099", "&PAYMENTNUM=1").refused(37);
    payflow.send("TRXTYPE=R&ACTION=I").refused(7);
    assert_eq!(payflow.payflow().subscriptions().len(), 1);
}

#[test]
fn payments_come_when_the_clock_gets_there() {
    let payflow = Client::new();
    let id = added(&payflow, "&TERM=3&BILLTOZIP=12345");
    pass(&payflow, 5);
    assert_eq!(profile(&payflow)["payments"].as_array().unwrap().len(), 1);
    assert_eq!(act(&payflow, 'I', &id, "").get("NEXTPAYMENT"), Some("07202025"));
    payflow.payflow().settle().unwrap();
    // One jump over several periods makes each payment at its time.
    pass(&payflow, 365);
    let history = act(&payflow, 'I', &id, "&PAYMENTHISTORY=Y").ok();
    assert_eq!(
        (history.get("P_TRANSTIME1"), history.get("P_TRANSTATE1")),
        (Some("20-Jun-25 12:00 AM"), Some("8"))
    );
    assert_eq!(
        (history.get("P_TRANSTIME3"), history.get("P_TRANSTATE3")),
        (Some("20-Aug-25 12:00 AM"), Some("6"))
    );
    assert_eq!(
        (history.get("P_RESULT2"), history.get("P_AMT2"), history.get("P_TENDER2")),
        (Some("0"), Some("12.00"), Some("C"))
    );
    assert_eq!(history.get("P_PNREF4"), None);
    let over = act(&payflow, 'I', &id, "").ok();
    assert_eq!((over.get("STATUS"), over.get("PAYMENTSLEFT")), (Some("EXPIRED"), Some("0")));
    assert_eq!((over.get("AGGREGATEAMT"), over.get("NEXTPAYMENT")), (Some("36.00"), Some("")));
    let paid = payflow.kept(history.get("P_PNREF1").unwrap());
    assert_eq!((&paid["profileid"], &paid["minor"]), (&id.as_str().into(), &1_200.into()));
    assert_eq!(paid["fields"]["BILLTOZIP"], "12345");
    act(&payflow, 'C', &id, "").refused(33);
    act(&payflow, 'R', &id, "&START=01012027").refused(35);
    act(&payflow, 'R', &id, "&START=01012027&TERM=4").ok();
    assert_eq!(status(&payflow, &id), "ACTIVE");
}

#[test]
fn failures_are_retried_counted_and_end_a_profile() {
    let payflow = Client::new();
    let id = added(&payflow, "&AMT=1012.00&PAYPERIOD=WEEK&MAXFAILPAYMENTS=2&RETRYNUMDAYS=2");
    pass(&payflow, 5);
    assert_eq!(payflow.payflow().transactions().len(), 1);
    pass(&payflow, 2);
    // Two retries, and still one payment.
    assert_eq!(payflow.payflow().transactions().len(), 3);
    let history = act(&payflow, 'I', &id, "&PAYMENTHISTORY=Y").ok();
    assert_eq!((history.get("P_RESULT1"), history.get("P_TRANSTATE1")), (Some("12"), Some("1")));
    assert_eq!(history.get("P_PNREF2"), None);
    assert_eq!(act(&payflow, 'I', &id, "").get("NUMFAILPAYMENTS"), Some("1"));
    pass(&payflow, 9);
    assert_eq!(status(&payflow, &id), "TOO MANY FAILURES");
    pass(&payflow, 60);
    assert_eq!(payflow.payflow().transactions().len(), 6);

    // A change does not start it again, one payment that succeeds does.
    act(&payflow, 'M', &id, "&AMT=12.00").ok();
    assert_eq!(status(&payflow, &id), "TOO MANY FAILURES");
    act(&payflow, 'P', &id, "&PAYMENTNUM=3").refused(34);
    act(&payflow, 'P', &id, "").refused(7);
    let declined = act(&payflow, 'P', &id, "&PAYMENTNUM=2&AMT=1013.00");
    declined.refused(36);
    assert_eq!(
        (declined.get("TRXRESULT"), declined.get("RESPMSG")),
        (Some("13"), Some("OLTP Transaction failed"))
    );
    let paid = act(&payflow, 'P', &id, "&PAYMENTNUM=2").ok();
    assert_eq!((paid.get("TRXRESULT"), paid.get("TRXRESPMSG")), (Some("0"), Some("Approved")));
    let found = act(&payflow, 'I', &id, "").ok();
    assert_eq!((found.get("STATUS"), found.get("NUMFAILPAYMENTS")), (Some("ACTIVE"), Some("1")));
    act(&payflow, 'P', &id, "&PAYMENTNUM=2").refused(34);
    // What was missed is not made up for.
    let made = payflow.payflow().transactions().len();
    pass(&payflow, 7);
    assert_eq!(payflow.payflow().transactions().len(), made + 1);
}

#[test]
fn a_retry_that_succeeds_is_the_payment() {
    let payflow = Client::new();
    let id = added(&payflow, "&AMT=1012.00&RETRYNUMDAYS=4");
    pass(&payflow, 5);
    act(&payflow, 'M', &id, "&AMT=12.00").ok();
    pass(&payflow, 1);
    let history = act(&payflow, 'I', &id, "&PAYMENTHISTORY=Y").ok();
    assert_eq!((history.get("P_RESULT1"), history.get("P_PNREF2")), (Some("0"), None));
    let found = act(&payflow, 'I', &id, "").ok();
    assert_eq!((found.get("NUMFAILPAYMENTS"), found.get("AGGREGATEAMT")), (Some("0"), Some("12.00")));
}

#[test]
fn a_card_that_expires_fails_its_payments() {
    let payflow = Client::new();
    let id = added(&payflow, "&EXPDATE=0625");
    pass(&payflow, 40);
    let history = act(&payflow, 'I', &id, "&PAYMENTHISTORY=Y").ok();
    assert_eq!((history.get("P_RESULT1"), history.get("P_RESULT2")), (Some("0"), Some("24")));
}

#[test]
fn a_profile_is_ended_and_started_again() {
    let payflow = Client::new();
    let id = added(&payflow, "");
    act(&payflow, 'R', &id, "&START=07012025").refused(35);
    let ended = act(&payflow, 'C', &id, "").ok();
    assert_eq!(ended.get("PROFILEID"), Some(id.as_str()));
    assert_eq!(status(&payflow, &id), "DEACTIVATED BY MERCHANT");
    act(&payflow, 'C', &id, "").refused(33);
    pass(&payflow, 60);
    assert!(payflow.payflow().transactions().is_empty());
    act(&payflow, 'R', &id, "").refused(7);
    act(&payflow, 'R', &id, "&START=08012025").refused(7);
    act(&payflow, 'R', &id, "&START=09012025").ok();
    assert_eq!(act(&payflow, 'I', &id, "").get("NEXTPAYMENT"), Some("09012025"));

    // A change starts it again too.
    act(&payflow, 'C', &id, "").ok();
    pass(&payflow, 60);
    act(&payflow, 'M', &id, "&AMT=15.00").ok();
    let found = act(&payflow, 'I', &id, "").ok();
    assert_eq!((found.get("STATUS"), found.get("AMT")), (Some("ACTIVE"), Some("15.00")));
    assert_eq!(found.get("NEXTPAYMENT"), Some("11012025"));
    assert!(payflow.payflow().transactions().is_empty());
}

#[test]
fn a_change_of_the_period_counts_from_the_last_payment() {
    let payflow = Client::new();
    let id = added(&payflow, "");
    act(&payflow, 'M', &id, "&PAYPERIOD=WEEK").ok();
    assert_eq!(act(&payflow, 'I', &id, "").get("NEXTPAYMENT"), Some("06202025"));
    pass(&payflow, 6);
    act(&payflow, 'M', &id, "&PAYPERIOD=BIWK&CURRENCY=EUR").refused(6);
    act(&payflow, 'M', &id, "&PAYPERIOD=BIWK&ACCT=378282246310005&EXPDATE=1131").ok();
    let found = act(&payflow, 'I', &id, "").ok();
    assert_eq!((found.get("NEXTPAYMENT"), found.get("ACCT")), (Some("07042025"), Some("3782XXXXXXX0005")));
    act(&payflow, 'M', &id, "&AMT=0.00").refused(4);
    act(&payflow, 'M', &id, "&EXPDATE=0120").refused(24);
}

#[test]
fn an_optional_transaction_comes_first() {
    let payflow = Client::new();
    let fee = add(&payflow, &format!("&{CARD}&CVV2=123&OPTIONALTRX=S&OPTIONALTRXAMT=30.00")).ok();
    assert_eq!((fee.get("TRXRESULT"), fee.get("TRXRESPMSG")), (Some("0"), Some("Approved")));
    assert_eq!(fee.get("CVV2MATCH"), Some("Y"));
    let paid = payflow.kept(fee.get("TRXPNREF").unwrap());
    assert_eq!((&paid["minor"], &paid["state"]), (&3_000.into(), &"pending".into()));
    let id = fee.get("PROFILEID").unwrap();
    let optional = act(&payflow, 'I', id, "&PAYMENTHISTORY=O").ok();
    assert_eq!((optional.get("P_PNREF1"), optional.get("P_AMT1")), (fee.get("TRXPNREF"), Some("30.00")));
    assert_eq!(act(&payflow, 'I', id, "&PAYMENTHISTORY=Y").get("P_PNREF1"), None);
    assert_eq!(act(&payflow, 'I', id, "").get("AGGREGATEOPTIONALAMT"), Some("30.00"));
    // The initial sale can found another profile; an upload or an authorization cannot.
    add(&payflow, &format!("&ORIGID={}", fee.get("TRXPNREF").unwrap())).ok();

    let verified = add(&payflow, &format!("&{CARD}&OPTIONALTRX=A")).ok();
    assert_eq!(verified.get("TRXRESPMSG"), Some("Verified"));

    let declined = format!("&{CARD}&OPTIONALTRX=S&OPTIONALTRXAMT=1012.00");
    let before = payflow.payflow().subscriptions().len();
    let refused = add(&payflow, &declined);
    refused.refused(36);
    assert_eq!((refused.get("TRXRESULT"), refused.get("PROFILEID")), (Some("12"), None));
    assert_eq!(payflow.payflow().subscriptions().len(), before);
    payflow.payflow().configure(|settings| settings.profile_survives_failed_transaction = true);
    let kept = add(&payflow, &declined).ok();
    assert_eq!((kept.get("TRXRESULT"), kept.get("PROFILEID").is_some()), (Some("12"), true));
}

#[test]
fn a_profile_can_stand_on_an_earlier_payment() {
    let payflow = Client::new();
    let sale = payflow.pay('S', "5.00", "").ok().pnref();
    let authorized = payflow.pay('A', "5.00", "").ok().pnref();
    let captured = payflow.follow('D', &authorized, "").ok().pnref();
    let stored = payflow.send(&format!("TRXTYPE=L&TENDER=C&{CARD}")).ok().pnref();
    for (pnref, result) in [(&sale, 0), (&captured, 0), (&authorized, 31), (&stored, 31)] {
        add(&payflow, &format!("&ORIGID={pnref}")).refused(result);
    }
    add(&payflow, "&ORIGID=A10A00000000").refused(19);
    assert_eq!(profile(&payflow)["acct"], "1111");
}

#[test]
fn bank_accounts_recur_too() {
    let payflow = Client::new();
    let fields = format!(
        "TRXTYPE=R&TENDER=A&ACTION=A&PROFILENAME=Rent&AMT=700.00&START=06202025&TERM=0&PAYPERIOD=MONT&{BANK}"
    );
    payflow.send(&fields).ok();
    pass(&payflow, 5);
    let paid = &payflow.payflow().transactions()[0];
    assert_eq!((&paid["tender"], &paid["status"]), (&"A".into(), &"P02".into()));
}

#[test]
fn a_repeated_addition_adds_once() {
    let payflow = Client::new();
    let fields = format!(
        "TRXTYPE=R&TENDER=C&ACTION=A&PROFILENAME=Box&AMT=12.00&START=06202025&TERM=0&PAYPERIOD=MONT&{CARD}"
    );
    let first = payflow.send_as("box", &fields).ok();
    assert_eq!(payflow.send_as("box", &fields).0, format!("{}&DUPLICATE=1", first.0));
    payflow.payflow().configure(|settings| settings.profile_replays_answer_19 = true);
    let warned = payflow.send_as("box", &fields);
    assert_eq!(warned.0, "RESULT=19&RESPMSG=Original transaction ID not found&DUPLICATE=1");
    assert_eq!(payflow.payflow().subscriptions().len(), 1);
    assert_eq!(profile(&payflow)["request_id"], "box");
}
