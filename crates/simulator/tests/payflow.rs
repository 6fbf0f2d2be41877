//! Payflow: payments by card, what becomes of them, and what is refused.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may fail")]

mod payflow_common;

use std::time::Duration;

use payflow_common::{CARD, Client, Reply};

#[test]
fn a_sale_answers_as_the_guides_print_it() {
    let payflow = Client::new();
    let fields = "TRXTYPE=S&TENDER=C&ACCT=4111111111111111&EXPDATE=1230&CVV2=123&AMT=362.45&VERBOSITY=HIGH\
                  &BILLTOFIRSTNAME=Adrian&BILLTOLASTNAME[5]=& Foo&BILLTOSTREET=123 Main&BILLTOZIP=12345";
    let reply = payflow.send(fields).ok();
    let (pnref, code) = (reply.pnref(), reply.get("AUTHCODE").unwrap().to_owned());
    assert_eq!((pnref.len(), code.len()), (12, 6));
    assert_eq!(
        reply.0,
        format!(
            "RESULT=0&PNREF={pnref}&RESPMSG=Approved&AUTHCODE={code}&AVSADDR=Y&AVSZIP=Y&CVV2MATCH=Y&HOSTCODE=A\
             &PROCAVS=Y&PROCCVV2=M&VISACARDLEVEL=12&TRANSTIME=2025-06-15 12:00:00&BILLTOFIRSTNAME=Adrian\
             &BILLTOLASTNAME[5]=& Foo&BILLTOSTREET=123 Main&BILLTOZIP=12345&AMT=362.45&ACCT=1111&EXPDATE=1230\
             &CARDTYPE=0&IAVS=X"
        )
    );
    let kept = payflow.kept(&pnref);
    assert_eq!((&kept["state"], &kept["minor"]), (&"pending".into(), &36_245.into()));
    assert!(kept["fields"].get("CVV2").is_none() && kept["fields"].get("PWD").is_none());
}

#[test]
fn little_is_told_unless_asked_for() {
    let payflow = Client::new();
    let reply = payflow.pay('S', "10.00", "").ok();
    let (pnref, code) = (reply.pnref(), reply.get("AUTHCODE").unwrap());
    assert_eq!(
        reply.0,
        format!("RESULT=0&PNREF={pnref}&RESPMSG=Approved&AUTHCODE={code}&AVSADDR=X&AVSZIP=X&IAVS=X")
    );
    let medium = payflow.pay('S', "10.00", "&VERBOSITY=MEDIUM").ok();
    assert_eq!((medium.get("HOSTCODE"), medium.get("AMT")), (Some("A"), None));
}

#[test]
fn amounts_choose_results() {
    let payflow = Client::new();
    for (amount, result) in [
        ("1000.00", 0),
        ("1012.00", 12),
        ("1013.00", 13),
        ("1050.00", 50),
        ("1001.00", 12),
        ("1026.00", 12),
        ("1150.00", 150),
        ("2000.00", 1000),
        ("2001.00", 12),
        ("2100.00", 12),
    ] {
        let reply = payflow.pay('S', amount, "");
        reply.refused(result);
        let state = &payflow.kept(&reply.pnref())["state"];
        assert_eq!(state, if result == 0 { "pending" } else { "failed" }, "{amount}");
    }
    let declined = payflow.pay('S', "2100.00", "&VERBOSITY=HIGH");
    assert_eq!(declined.0, format!("RESULT=12&PNREF={}&RESPMSG=Declined", declined.pnref()));
}

#[test]
fn a_lost_outcome_is_one_of_three() {
    let payflow = Client::new();
    for (cents, original, state) in [("00", "104", "1"), ("01", "0", "6"), ("02", "104", "106")] {
        let reply = payflow.pay('S', &format!("1104.{cents}"), "");
        reply.refused(104);
        assert_eq!(reply.get("AUTHCODE"), None);
        let found = payflow.inquire(&reply.pnref());
        assert_eq!((found.get("ORIGRESULT"), found.get("TRANSSTATE")), (Some(original), Some(state)));
    }
    payflow.payflow().settle().unwrap();
    let settled = payflow.payflow().transactions().iter().filter(|trx| trx["state"] == "settled").count();
    assert_eq!(settled, 1);
}

#[test]
fn a_refused_check_leaves_a_hold_that_a_void_releases() {
    let payflow = Client::new();
    for (amount, result, check) in [("1112.00", 112, "AVSADDR"), ("1114.00", 114, "CVV2MATCH")] {
        let reply = payflow.pay('A', amount, "&CVV2=123");
        reply.refused(result);
        assert_eq!(reply.get(check), Some("N"));
        let pnref = reply.pnref();
        assert_eq!(payflow.kept(&pnref)["state"], "failed_with_hold");
        payflow.follow('D', &pnref, "").refused(111);
        payflow.follow('V', &pnref, "").ok();
        payflow.follow('V', &pnref, "").refused(108);
    }
}

#[test]
fn malformed_requests_are_refused() {
    let payflow = Client::new();
    for (fields, result) in [
        ("TRXTYPE=S&TENDER=C&ACCT=4111111111111112&EXPDATE=1230&AMT=1.00", 23),
        ("TRXTYPE=S&TENDER=C&ACCT=4242424242424242&EXPDATE=1230&AMT=1.00", 23),
        ("TRXTYPE=S&TENDER=C&EXPDATE=1230&AMT=1.00", 23),
        ("TRXTYPE=S&TENDER=C&ACCT=4111111111111111&EXPDATE=0525&AMT=1.00", 24),
        ("TRXTYPE=S&TENDER=C&ACCT=4111111111111111&EXPDATE=1330&AMT=1.00", 24),
        ("TRXTYPE=S&TENDER=C&ACCT=4111111111111111&AMT=1.00", 24),
        ("TRXTYPE=S&TENDER=C&ACCT=4111111111111111&EXPDATE=1230", 4),
        ("TRXTYPE=S&ACCT=4111111111111111&EXPDATE=1230&AMT=1.00", 2),
        ("TRXTYPE=S&TENDER=P&ACCT=4111111111111111&EXPDATE=1230&AMT=1.00", 2),
        ("TRXTYPE=X&TENDER=C&ACCT=4111111111111111&EXPDATE=1230&AMT=1.00", 3),
        ("TENDER=C&ACCT=4111111111111111&EXPDATE=1230&AMT=1.00", 3),
    ] {
        payflow.send(fields).refused(result);
    }
    for amount in ["1.0", "1,00", "1.000", "-1.00", "0.00", "", ".50", "1.", "123456789.00", "1e3", "$1.00"] {
        payflow.pay('S', amount, "").refused(4);
    }
    payflow.pay('S', "34", "").ok();
    payflow.pay('S', "500", "&CURRENCY=JPY").ok();
    payflow.pay('S', "5.00", "&CURRENCY=JPY").refused(4);
    payflow.pay('S', "5.00", "&CURRENCY=usd").refused(6);
    payflow.pay('S', "5.00", "&CURRENCY=XXX").refused(6);
    for field in [
        "BILLTOZIP=94111-0001",
        "BILLTOFIRSTNAME=abcdefghijabcdefghijabcdefghija",
        "CUSTREF=1234567890123",
        "CUSTREF=order-1",
        "BILLTOSTREET=abcdefghijabcdefghijabcdefghija",
        "TAXAMT=1.5",
        "CVV2=12345",
        "CVV2=abc",
        "VERBOSITY=LOUD",
        "CARDONFILE=MIT",
        "CAPTURECOMPLETE=yes",
        "BILLTONAME=Robin",
        "USER11=x",
        "billtozip=94111",
    ] {
        let reply = payflow.pay('S', "1.00", &format!("&{field}"));
        reply.refused(7);
        assert!(reply.get("RESPMSG").unwrap().contains(field.split('=').next().unwrap()), "{}", reply.0);
    }
    payflow.pay('S', "1.00", "&USER1=a&USER10=b&L_NAME0=Nut&L_COST12=1.00&COMMENT1[7]=Level=5&INVNUM=").ok();
    let refused = payflow.pay('S', "1.0", "");
    assert_eq!(refused.0, format!("RESULT=4&PNREF={}&RESPMSG=Invalid amount", refused.pnref()));
    assert_eq!(payflow.inquire(&refused.pnref()).get("ORIGRESULT"), Some("4"));
}

#[test]
fn pairs_are_read_by_length() {
    let payflow = Client::new();
    let quoted = payflow.pay('S', "1.00", "&COMMENT1[3]=\"a\"");
    assert_eq!(quoted.0, "RESULT=7&RESPMSG=Field format error: COMMENT1");
    for more in ["&COMMENT1=a=b", "&COMMENT1[4]=a=b", "&COMMENT1[2]=a=b", "&COMMENT1[x]=a", "&COMMENT1", "&"]
    {
        let reply = payflow.pay('S', "1.00", more);
        assert_eq!(reply.0, "RESULT=9&RESPMSG=Too many parameters or invalid stream", "{more}");
    }
    payflow.pay('S', "1.00", "&COMMENT1=caf\u{e9}").refused(7);
    // The last one wins, and nothing is URL-decoded.
    let last = payflow.pay('S', "1.00", "&AMT=2.00&CUSTREF=A&CUSTREF=B&BILLTOLASTNAME=O%27Neil+Jr").ok();
    let kept = payflow.kept(&last.pnref());
    assert_eq!((&kept["minor"], &kept["custref"]), (&200.into(), &"B".into()));
    assert_eq!(kept["fields"]["BILLTOLASTNAME"], "O%27Neil+Jr");
    // Old names still work.
    let old = payflow.pay('S', "1.00", "&STREET=700 Main&ZIP=99999&VERBOSITY=HIGH").ok();
    assert_eq!(
        (old.get("AVSADDR"), old.get("AVSZIP"), old.get("BILLTOZIP")),
        (Some("X"), Some("N"), Some("99999"))
    );
    assert_eq!(payflow.payflow().transactions().len(), 2);
}

#[test]
fn captures_take_the_whole_a_part_or_more() {
    let payflow = Client::new();
    let whole = payflow.pay('A', "50.00", "&BILLTOSTREET=123 Main&BILLTOZIP=99999").ok();
    let code = whole.get("AUTHCODE").unwrap();
    let capture = payflow.follow('D', &whole.pnref(), "");
    // No RESPMSG.
    assert_eq!(capture.0, format!("RESULT=0&PNREF={}&AUTHCODE={code}&AVSADDR=Y&AVSZIP=N", capture.pnref()));
    let again = payflow.follow('D', &whole.pnref(), "");
    assert_eq!(again.0, format!("RESULT=111&PNREF={}&RESPMSG=Capture error", again.pnref()));
    assert_eq!(payflow.inquire(&whole.pnref()).get("TRANSSTATE"), Some("9"));

    let part = payflow.pay('A', "50.00", "").ok().pnref();
    let captured = payflow.follow('D', &part, "&AMT=20.00").ok().pnref();
    assert_eq!(payflow.kept(&captured)["minor"], 2_000);
    payflow.follow('D', &part, "&AMT=30.00").refused(111);

    let parts = payflow.pay('A', "50.00", "").ok().pnref();
    payflow.follow('D', &parts, "&AMT=20.00&CAPTURECOMPLETE=N").ok();
    assert_eq!(payflow.inquire(&parts).get("TRANSSTATE"), Some("3"));
    let rest = payflow.follow('D', &parts, "").ok().pnref();
    assert_eq!(payflow.kept(&rest)["minor"], 3_000);
    payflow.follow('D', &parts, "&AMT=1.00").refused(111);

    let more = payflow.pay('A', "50.00", "").ok().pnref();
    payflow.payflow().configure(|settings| settings.over_capture = false);
    payflow.follow('D', &more, "&AMT=50.01").refused(111);
    payflow.payflow().configure(|settings| settings.over_capture = true);
    payflow.follow('D', &more, "&AMT=50.01").ok();
    assert_eq!(payflow.kept(&more)["captured_minor"], 5_001);

    payflow.payflow().configure(|settings| settings.paypal_processor = false);
    let elsewhere = payflow.pay('A', "50.00", "").ok().pnref();
    payflow.follow('D', &elsewhere, "&AMT=20.00&CAPTURECOMPLETE=N").ok();
    payflow.follow('D', &elsewhere, "&AMT=30.00").refused(111);

    let sale = payflow.pay('S', "50.00", "").ok().pnref();
    payflow.follow('D', &sale, "").refused(111);
    payflow.follow('D', &whole.pnref(), "&AMT=0.00").refused(111);
    payflow.follow('D', "A10A00000000", "").refused(19);
    payflow.send("TRXTYPE=D&TENDER=C").refused(7);
    let other = payflow.pay('A', "50.00", "").ok().pnref();
    payflow.follow('D', &other, "&AMT=0.00").refused(4);
    payflow.follow('D', &other, "&AMT=50.00&CURRENCY=EUR").refused(6);
}

#[test]
fn voids_end_what_has_not_settled() {
    let payflow = Client::new();
    let authorized = payflow.pay('A', "50.00", "").ok().pnref();
    let void = payflow.follow('V', &authorized, "").ok();
    assert_eq!(void.0, format!("RESULT=0&PNREF={}&RESPMSG=Approved", void.pnref()));
    assert_eq!(payflow.inquire(&authorized).get("TRANSSTATE"), Some("1003"));
    payflow.follow('V', &authorized, "").refused(108);
    payflow.follow('V', &void.pnref(), "").refused(108);
    payflow.follow('D', &authorized, "").refused(111);

    let sale = payflow.pay('S', "50.00", "").ok().pnref();
    payflow.follow('V', &sale, "").ok();
    assert_eq!(payflow.inquire(&sale).get("TRANSSTATE"), Some("1006"));
    assert_eq!(payflow.payflow().settle(), None);

    let late = payflow.pay('S', "50.00", "").ok().pnref();
    payflow.payflow().settle().unwrap();
    payflow.follow('V', &late, "").refused(108);

    let captured = payflow.pay('A', "50.00", "").ok().pnref();
    let capture = payflow.follow('D', &captured, "").ok().pnref();
    payflow.follow('V', &captured, "").refused(108);
    payflow.follow('V', &capture, "").ok();
}

#[test]
fn refunds_follow_a_settlement_and_stop_at_the_amount() {
    let payflow = Client::new();
    let sale = payflow.pay('S', "50.00", "").ok().pnref();
    payflow.follow('C', &sale, "").refused(105);
    let batch = payflow.payflow().settle().unwrap();
    payflow.follow('C', &sale, "&AMT=50.01").refused(105);
    let part = payflow.follow('C', &sale, "&AMT=20.00").ok().pnref();
    payflow.follow('C', &sale, "&AMT=30.01").refused(105);
    // A credit that is voided gives its amount back.
    payflow.follow('V', &part, "").ok();
    assert_eq!(payflow.kept(&sale)["refunded_minor"], 0);
    let rest = payflow.follow('C', &sale, "").ok().pnref();
    assert_eq!(payflow.kept(&rest)["minor"], 5_000);
    payflow.follow('C', &sale, "").refused(105);
    payflow.follow('C', &sale, "&AMT=0.01").refused(105);
    assert_ne!(payflow.payflow().settle().unwrap(), batch);

    let authorized = payflow.pay('A', "50.00", "").ok().pnref();
    payflow.follow('C', &authorized, "").refused(105);
    let capture = payflow.follow('D', &authorized, "&AMT=10.00").ok().pnref();
    payflow.payflow().settle().unwrap();
    payflow.follow('C', &authorized, "").refused(105);
    payflow.follow('C', &capture, "&AMT=10.01").refused(105);
    payflow.follow('C', &capture, "&AMT=10.00").ok();
}

#[test]
fn settlement_makes_batches_that_an_inquiry_tells() {
    let payflow = Client::new();
    let sale = payflow.pay('S', "50.00", "&CUSTREF=ORDER1").ok().pnref();
    let before = payflow.inquire(&sale);
    assert_eq!(before.get("DATE_TO_SETTLE"), Some("2025-06-15 12:00:00"));
    assert_eq!((before.get("BATCHID"), before.get("SETTLE_DATE")), (None, None));
    payflow.sim.clock().advance(Duration::from_secs(3_600));
    let batch = payflow.payflow().settle().unwrap().to_string();
    let after = payflow.inquire(&sale);
    assert_eq!((after.get("TRANSSTATE"), after.get("BATCHID")), (Some("8"), Some(batch.as_str())));
    assert_eq!((after.get("SETTLE_DATE"), after.get("DATE_TO_SETTLE")), (Some("2025-06-15 13:00:00"), None));
    // RESULT and PNREF are the inquiry's own.
    assert_eq!((after.get("ORIGRESULT"), after.get("ORIGPNREF")), (Some("0"), Some(sale.as_str())));
    assert_ne!(after.pnref(), sale);
    assert_eq!((after.get("CUSTREF"), after.get("AMT")), (Some("ORDER1"), Some("50.00")));
}

#[test]
fn inquiries_find_the_last_of_several_by_reference() {
    let payflow = Client::new();
    let first = payflow.pay('S', "1.00", "&CUSTREF=SAME").ok().pnref();
    let last = payflow.pay('S', "2012.00", "&CUSTREF=SAME").pnref();
    let ask = |more: &str| payflow.send(&format!("TRXTYPE=I&TENDER=C&CUSTREF=SAME{more}"));
    let found = ask("").ok();
    assert_eq!((found.get("ORIGPNREF"), found.get("ORIGRESULT")), (Some(last.as_str()), Some("12")));
    assert_eq!(found.get("RESPMSG"), Some("Declined"));
    assert_eq!(payflow.inquire(&first).get("ORIGRESULT"), Some("0"));
    payflow.send("TRXTYPE=I&TENDER=C&CUSTREF=OTHER").refused(20);
    payflow.send("TRXTYPE=I&TENDER=C&ORIGID=A10A00000000").refused(19);
    payflow.send("TRXTYPE=I&TENDER=C&SECURETOKEN=abc").refused(19);
    payflow.send("TRXTYPE=I&TENDER=C").refused(7);
    payflow.send("TRXTYPE=I&TENDER=A&CUSTREF=SAME").refused(20);
    // Thirty days back, unless another period of at most thirty days is named.
    payflow.sim.clock().advance(Duration::from_secs(31 * 24 * 3_600));
    ask("").refused(20);
    ask("&STARTTIME=20250601000000&ENDTIME=20250630000000").ok();
    ask("&STARTTIME=20250601000000&ENDTIME=20250715000000").refused(7);
    ask("&STARTTIME=20250699000000&ENDTIME=20250715000000").refused(7);
    payflow.inquire(&first);
}

#[test]
fn a_verification_is_no_payment() {
    let payflow = Client::new();
    let verified = payflow.pay('A', "0.00", "&CVV2=301&BILLTOZIP=12345").ok();
    assert_eq!((verified.get("RESPMSG"), verified.get("CVV2MATCH")), (Some("Verified"), Some("N")));
    let pnref = verified.pnref();
    for kind in ['V', 'D', 'C'] {
        payflow.follow(kind, &pnref, "").refused(12);
    }
    assert_eq!(payflow.inquire(&pnref).get("TRANSSTATE"), Some("0"));
    payflow.pay('S', "0.00", "").refused(4);
    payflow.payflow().configure(|settings| settings.verification = false);
    payflow.pay('A', "0.00", "").refused(4);
}

#[test]
fn any_earlier_transaction_can_be_charged_again() {
    let payflow = Client::new();
    let stored = payflow.send(&format!("TRXTYPE=L&TENDER=C&{CARD}"));
    assert_eq!(stored.0, format!("RESULT=0&PNREF={}&RESPMSG=Approved", stored.pnref()));
    payflow.send(&format!("TRXTYPE=L&TENDER=C&{CARD}&AMT=1.00")).refused(4);
    payflow.send("TRXTYPE=L&TENDER=C&ACCT=4111111111111112&EXPDATE=1230").refused(23);
    assert_eq!(payflow.payflow().stored_methods().len(), 1);
    payflow.follow('S', &stored.pnref(), "").refused(4);
    let charged = payflow.follow('S', &stored.pnref(), "&AMT=5.00&VERBOSITY=HIGH").ok();
    assert_eq!((charged.get("ACCT"), charged.get("AMT")), (Some("1111"), Some("5.00")));

    let declined = payflow.pay('S', "2012.00", "&BILLTOZIP=12345").pnref();
    let again = payflow.follow('A', &declined, "&AMT=5.00").ok();
    assert_eq!(again.get("AVSZIP"), Some("Y"));
    let same_amount = payflow.follow('S', &again.pnref(), "").ok().pnref();
    assert_eq!(payflow.kept(&same_amount)["minor"], 500);

    payflow.follow('S', "A10A00000000", "&AMT=5.00").refused(19);
    payflow.follow('S', &stored.pnref(), "&AMT=5.00&EXPDATE=0120").refused(24);
    payflow.payflow().configure(|settings| settings.reference_transactions = false);
    let off = payflow.follow('S', &stored.pnref(), "&AMT=5.00");
    assert_eq!(off.0, format!("RESULT=117&PNREF={}&RESPMSG=Failed merchant rule check", off.pnref()));
    payflow.payflow().configure(|settings| settings.reference_transactions = true);
    payflow.sim.clock().advance(Duration::from_secs(366 * 24 * 3_600));
    payflow.follow('S', &stored.pnref(), "&AMT=5.00").refused(19);
}

#[test]
fn unreferenced_credits_are_off_at_first() {
    let payflow = Client::new();
    payflow.pay('C', "5.00", "").refused(117);
    payflow.payflow().configure(|settings| settings.unreferenced_credit = true);
    let credit = payflow.pay('C', "5.00", "").ok();
    assert_eq!(credit.get("AUTHCODE"), None);
    assert_eq!(payflow.kept(&credit.pnref())["state"], "pending");
    payflow.pay('C', "1012.00", "").refused(12);
    payflow.pay('C', "0.00", "").refused(4);
    payflow.send("TRXTYPE=C&TENDER=C&AMT=5.00").refused(23);
}

#[test]
fn holds_wait_for_a_decision() {
    let payflow = Client::new();
    let held = |kind: char| -> Reply {
        let reply = payflow.pay(kind, "1126.00", "");
        reply.refused(126);
        assert_eq!(reply.get("RESPMSG"), Some("Under review by Fraud Service"));
        assert!(reply.get("AUTHCODE").is_some());
        reply
    };
    let decide = |pnref: &str, action: &str| payflow.follow('U', pnref, &format!("&UPDATEACTION={action}"));

    let sale = held('S').pnref();
    assert_eq!(payflow.inquire(&sale).get("TRANSSTATE"), Some("206"));
    assert_eq!(payflow.payflow().settle(), None);
    payflow.follow('C', &sale, "").refused(105);
    decide(&sale, "YES").refused(7);
    decide(&sale, "RMS_APPROVE").ok();
    let accepted = payflow.inquire(&sale);
    assert_eq!((accepted.get("TRANSSTATE"), accepted.get("ORIGRESULT")), (Some("6"), Some("0")));
    decide(&sale, "RMS_APPROVE").refused(3);
    payflow.payflow().settle().unwrap();

    let rejected = held('S').pnref();
    decide(&rejected, "RMS_MERCHANT_DECLINE").ok();
    let found = payflow.inquire(&rejected);
    assert_eq!((found.get("TRANSSTATE"), found.get("ORIGRESULT")), (Some("1"), Some("128")));
    payflow.follow('V', &rejected, "").refused(108);

    let authorized = held('A').pnref();
    assert_eq!(payflow.inquire(&authorized).get("TRANSSTATE"), Some("203"));
    payflow.follow('D', &authorized, "").refused(111);
    decide(&authorized, "APPROVE").ok();
    payflow.follow('D', &authorized, "").ok();

    let voided = held('A').pnref();
    payflow.follow('V', &voided, "").ok();
    decide(&voided, "RMS_APPROVE").refused(3);

    payflow.payflow().configure(|settings| settings.hold_for_review = true);
    payflow.pay('S', "5.00", "").refused(126);
    payflow.pay('S', "1012.00", "").refused(12);
    let verified = payflow.pay('A', "0.00", "").ok().pnref();
    // Filters do not look at what refers to an earlier transaction.
    payflow.follow('S', &verified, "&AMT=5.00").ok();
    payflow.follow('S', &verified, "&AMT=1126.00").ok();
}

#[test]
fn stored_credentials_get_a_network_id() {
    let payflow = Client::new();
    let first = payflow.pay('S', "5.00", "&CARDONFILE=CITR").ok();
    let id = first.get("TXID").unwrap();
    assert_eq!(id.len(), 15);
    payflow.pay('S', "5.00", &format!("&CARDONFILE=MITR&TXID={id}")).ok();
    assert_eq!(payflow.pay('S', "5.00", "").get("TXID"), None);
}

#[test]
fn voice_authorizations_need_their_code() {
    let payflow = Client::new();
    payflow.pay('F', "5.00", "").refused(7);
    let voice = payflow.pay('F', "5.00", "&AUTHCODE=AB1234").ok();
    assert_eq!(voice.get("AUTHCODE"), Some("AB1234"));
    payflow.payflow().settle().unwrap();
    payflow.follow('C', &voice.pnref(), "").ok();
}
