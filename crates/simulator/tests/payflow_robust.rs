//! Payflow: whatever comes is answered.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may fail")]

mod payflow_common;

use payflow_common::{BANK, CARD, Client, raw};

/// Every cut and many small changes of bodies that are right.
#[test]
fn no_body_fails_the_server() {
    let payflow = Client::new();
    let bodies = [
        format!(
            "TRXTYPE=S&TENDER=C&{CARD}&AMT=1.00&COMMENT1[7]=Level=5&STREET=123 Main&CVV2=123&CURRENCY=JPY"
        ),
        format!("TRXTYPE=S&TENDER=A&{BANK}&AMT=1.00"),
        "TRXTYPE=I&TENDER=C&CUSTREF=X&STARTTIME=20250601000000&ENDTIME=20250615000000".to_owned(),
        format!(
            "TRXTYPE=R&TENDER=C&ACTION=A&PROFILENAME=x&AMT=1.00&START=12312099&TERM=99999&PAYPERIOD=YEAR&{CARD}"
        ),
        "TRXTYPE=R&TENDER=C&ACTION=I&ORIGPROFILEID=RT0000000001&PAYMENTHISTORY=Y".to_owned(),
    ];
    let mut number = 0_u32;
    let mut send = |body: &str| {
        number += 1;
        let response = payflow.sim.handle(raw(&format!("r{number}"), body));
        assert_eq!(response.status(), 200);
        assert!(response.body().starts_with(b"RESULT="), "{body}");
    };
    for fields in bodies {
        let body = payflow.body(&fields);
        let own = body.len() - fields.len();
        for at in 0..body.len() {
            send(&body[..at]);
        }
        for at in own..body.len() {
            for letter in ["", "&", "=", "[", "]", "0", "9", "-", "\u{e9}", "\"", "Z"] {
                send(&format!("{}{letter}{}", &body[..at], &body[at + 1..]));
            }
        }
    }
    assert!(number > 5_000, "only {number} bodies");
}

/// A clock at its end, profiles without one, and a jump over centuries.
#[test]
fn no_jump_of_the_clock_fails_the_server() {
    let payflow = Client::new();
    for period in ["DAY", "SMMO", "YEAR"] {
        let add = format!(
            "TRXTYPE=R&TENDER=C&ACTION=A&PROFILENAME=x&AMT=1.00&START=07012025&TERM=0&PAYPERIOD={period}&{CARD}"
        );
        payflow.send(&add).ok();
    }
    payflow.sim.clock().set(u64::MAX);
    let made = payflow.payflow().transactions().len();
    assert!(made > 4_000, "{made}");
    payflow.send("TRXTYPE=R&TENDER=C&ACTION=I&ORIGPROFILEID=RT0000000001").ok();
    payflow.payflow().settle().unwrap();
}
