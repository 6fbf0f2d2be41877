//! Payflow: bank accounts.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may fail")]

mod payflow_common;

use std::time::Duration;

use payflow_common::{BANK, Client, Reply};

fn debit(payflow: &Client, amount: &str, more: &str) -> Reply {
    payflow.send(&format!("TRXTYPE=S&TENDER=A&{BANK}&AMT={amount}{more}"))
}

fn follow(payflow: &Client, kind: char, pnref: &str, more: &str) -> Reply {
    payflow.send(&format!("TRXTYPE={kind}&TENDER=A&ORIGID={pnref}{more}"))
}

#[test]
fn a_debit_is_accepted_and_settles_days_later() {
    let payflow = Client::new();
    let accepted = debit(&payflow, "42.00", "&CUSTREF=RENT1");
    let pnref = accepted.pnref();
    assert_eq!(accepted.0, format!("RESULT=0&PNREF={pnref}&RESPMSG=Approved"));
    let waiting = follow(&payflow, 'I', &pnref, "").ok();
    assert_eq!(
        waiting.0,
        format!(
            "RESULT=0&PNREF={}&TRANSSTATE=6&CUSTREF=RENT1&ORIGRESULT=0&ORIGPNREF={pnref}&STATUS=P02\
             &RESPMSG=Pending, waiting to settle&DATE_TO_SETTLE=2025-06-15 12:00:00",
            waiting.pnref()
        )
    );
    follow(&payflow, 'C', &pnref, "").refused(105);
    payflow.payflow().settle().unwrap();
    let submitted = follow(&payflow, 'I', &pnref, "").ok();
    assert_eq!((submitted.get("STATUS"), submitted.get("TRANSSTATE")), (Some("P03"), Some("8")));
    assert_eq!(submitted.get("RESPMSG"), Some("Submitted for settlement"));
    follow(&payflow, 'V', &pnref, "").refused(108);
    assert_eq!(payflow.payflow().answer_debits(), 0);
    follow(&payflow, 'C', &pnref, "&AMT=41.00").refused(4);
    follow(&payflow, 'C', &pnref, "&AMT=42.00").ok();
    follow(&payflow, 'C', &pnref, "").refused(105);
}

#[test]
fn bad_accounts_come_back() {
    let payflow = Client::new();
    let of = |account: &str| {
        let fields = BANK.replace("1111111111", account);
        payflow.send(&format!("TRXTYPE=S&TENDER=A&{fields}&AMT=10.00")).ok().pnref()
    };
    let good = of("1111111111");
    let bad: Vec<_> = ["1234567801", "1234567802", "1234567803"].iter().map(|account| of(account)).collect();
    payflow.payflow().settle().unwrap();
    assert_eq!(follow(&payflow, 'I', &bad[0], "").get("STATUS"), Some("P03"));
    // Two days later by themselves, or when a test says so.
    payflow.sim.clock().advance(Duration::from_secs(2 * 24 * 3_600));
    for (pnref, status) in bad.iter().zip(["R01", "R02", "R03"]) {
        let found = follow(&payflow, 'I', pnref, "").ok();
        assert_eq!((found.get("STATUS"), found.get("TRANSSTATE")), (Some(status), Some("11")));
        follow(&payflow, 'C', pnref, "").refused(105);
    }
    assert_eq!(follow(&payflow, 'I', &good, "").get("STATUS"), Some("P03"));
    let late = of("1234567829");
    payflow.payflow().settle().unwrap();
    assert_eq!(payflow.payflow().answer_debits(), 1);
    assert_eq!(follow(&payflow, 'I', &late, "").get("STATUS"), Some("R29"));

    let rejected = of("1234567899");
    let found = follow(&payflow, 'I', &rejected, "").ok();
    assert_eq!((found.get("STATUS"), found.get("TRANSSTATE")), (Some("P15"), Some("1")));
    assert_eq!(
        (found.get("ORIGRESULT"), found.get("RESPMSG")),
        (Some("1"), Some("PNI front end edit failed"))
    );
    assert_eq!(payflow.payflow().settle(), None);
}

#[test]
fn a_debit_can_be_voided_before_it_settles() {
    let payflow = Client::new();
    let pnref = debit(&payflow, "42.00", "").ok().pnref();
    follow(&payflow, 'V', &pnref, "").ok();
    follow(&payflow, 'V', &pnref, "").refused(108);
    let found = follow(&payflow, 'I', &pnref, "").ok();
    assert_eq!((found.get("STATUS"), found.get("TRANSSTATE")), (Some("P06"), Some("1006")));
    assert_eq!(payflow.payflow().settle(), None);
}

#[test]
fn malformed_debits_are_refused() {
    let payflow = Client::new();
    let send = |fields: &str| payflow.send(&format!("TRXTYPE=S&TENDER=A&{fields}"));
    send("ACCT=1111111111&ABA=111111119&ACCTTYPE=C&FIRSTNAME=Robin Doe&AMT=1.00").refused(22);
    send("ACCT=1111111111&ABA=11111111&ACCTTYPE=C&FIRSTNAME=Robin Doe&AMT=1.00").refused(22);
    send("ACCT=1111111111&ACCTTYPE=C&FIRSTNAME=Robin Doe&AMT=1.00").refused(22);
    send("ACCT=11x&ABA=111111118&ACCTTYPE=C&FIRSTNAME=Robin Doe&AMT=1.00").refused(23);
    send("ACCT=1111111111&ABA=111111118&FIRSTNAME=Robin Doe&AMT=1.00").refused(7);
    send("ACCT=1111111111&ABA=111111118&ACCTTYPE=C&AMT=1.00").refused(7);
    send(&format!("{BANK}&AMT=0.00")).refused(4);
    send(&format!("{BANK}&AMT=1.00&PRENOTE=Y")).refused(4);
    send(&format!("{BANK}&AMT=0.00&PRENOTE=Y")).ok();
    send(&format!("{BANK}&AMT=1.00&CURRENCY=EUR")).refused(6);
    send(&format!("{BANK}&AMT=1.00&ACCTTYPE=X")).refused(7);
    payflow.send(&format!("TRXTYPE=A&TENDER=A&{BANK}&AMT=1.00")).refused(3);
    payflow.send(&format!("TRXTYPE=L&TENDER=A&{BANK}")).refused(2);
    payflow.payflow().configure(|settings| settings.bank_accounts = false);
    debit(&payflow, "1.00", "").refused(2);
}

#[test]
fn inquiries_by_reference_find_the_first() {
    let payflow = Client::new();
    let first = debit(&payflow, "1.00", "&CUSTREF=SAME").ok().pnref();
    debit(&payflow, "2.00", "&CUSTREF=SAME").ok();
    let found = payflow.send("TRXTYPE=I&TENDER=A&CUSTREF=SAME&VERBOSITY=HIGH").ok();
    assert_eq!((found.get("ORIGPNREF"), found.get("AMT")), (Some(first.as_str()), Some("1.00")));
    assert_eq!((found.get("ACCT"), found.get("CARDTYPE"), found.get("IAVS")), (Some("1111"), None, None));
    // Under the other tender it is unknown.
    payflow.follow('I', &first, "").refused(19);
}

#[test]
fn an_account_can_be_charged_and_credited_again() {
    let payflow = Client::new();
    let first = debit(&payflow, "10.00", "").ok().pnref();
    let again = follow(&payflow, 'S', &first, "&AMT=5.00").ok().pnref();
    assert_eq!(payflow.kept(&again)["aba"], "111111118");
    // A card is no bank account.
    let card = payflow.pay('S', "1.00", "").ok().pnref();
    follow(&payflow, 'S', &card, "&AMT=5.00").refused(2);
    payflow.follow('S', &first, "&AMT=5.00").refused(2);
    let credit = format!("TRXTYPE=C&TENDER=A&{BANK}&AMT=3.00");
    payflow.send(&credit).refused(117);
    payflow.payflow().configure(|settings| settings.unreferenced_credit = true);
    let sent = payflow.send(&credit).ok().pnref();
    assert_eq!(payflow.kept(&sent)["status"], "P02");
}
