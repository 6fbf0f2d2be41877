//! NMI: settlement, electronic checks that come back, and webhooks.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail")]

mod nmi_client;

use bytes::Bytes;
use nmi_client::{ACH, Client, VISA, all};
use serde_json::Value;
use turnbuckle_simulator::nmi::sign;

#[test]
fn batches_hold_what_waited_by_processor() {
    let nmi = Client::new();
    let sale = nmi.sale("10.00", "").ok().id();
    let refund = nmi.transact(&format!("type=refund&transactionid={sale}&amount=4.00")).ok().id();
    let check = nmi.transact(&format!("type=sale&amount=12.00&{ACH}")).ok().id();
    nmi.transact(&format!("type=auth&amount=9.00&{VISA}")).ok();
    nmi.transact(&format!("type=validate&{VISA}")).ok();
    let voided = nmi.sale("8.00", "").ok().id();
    nmi.transact(&format!("type=void&transactionid={voided}")).ok();

    assert_eq!(nmi.sim.nmi().fail_settlement(), 2);
    let batches = nmi.sim.nmi().settle();
    assert_eq!(
        (batches.len(), &batches[0]["amount"], &batches[1]["amount"]),
        (2, &"6.00".into(), &"12.00".into())
    );
    assert_eq!(batches[0]["transaction_ids"], serde_json::json!([sale, refund]));
    assert_eq!(batches[1]["transaction_ids"], serde_json::json!([check]));
    assert!(nmi.sim.nmi().settle().is_empty());
    assert_eq!(
        nmi.told()[7..],
        [
            "settlement.batch.failure",
            "settlement.batch.failure",
            "settlement.batch.complete",
            "transaction.check.status.settle",
            "settlement.batch.complete",
        ]
    );
    let events = nmi.sim.nmi().events();
    let body = &events[2]["event_body"];
    assert_eq!(
        (&body["batch_id"], &body["count"], &body["amount"]),
        (&batches[0]["batch_id"], &"2".into(), &"6.00".into())
    );
    assert_eq!(body["by_card_type"]["visa"], serde_json::json!({ "count": "2", "amount": "6.00" }));
    assert_eq!(body["processor"]["id"], "ccprocessora");
}

#[test]
fn checks_are_strict_about_what_they_are() {
    let nmi = Client::new();
    let pay = |more: &str| nmi.transact(&format!("type=sale&amount=12.00&payment=check&{more}"));
    pay("checkname=A&checkaba=123123124&checkaccount=1").refused("Invalid ABA number");
    pay("checkname=A&checkaba=123123123").refused("The checkaccount field is required");
    pay("checkname=A&checkaba=123123123&checkaccount=12a").refused("The checkaccount field is invalid");
    pay("checkname=A&checkaba=123123123&checkaccount=1&sec_code=ABC")
        .refused("The sec_code field is invalid");
    pay("ccnumber=4111111111111111&ccexp=1030").refused("The checkaccount field is required");
    nmi.transact("type=sale&amount=12.00&checkname=A&checkaba=123123123&checkaccount=1")
        .refused("The ccnumber field is required");
    for kind in ["auth", "validate"] {
        let amount = if kind == "auth" { "&amount=12.00" } else { "" };
        nmi.transact(&format!("type={kind}{amount}&{ACH}"))
            .refused(&format!("A check cannot be used for {kind}"));
    }
    let declined = nmi.transact(&format!("type=sale&amount=0.99&{ACH}&orderid=x"));
    let id = declined.id();
    assert_eq!(
        declined.0,
        format!(
            "response=2&responsetext=FAILED&authcode=123456&transactionid={id}&avsresponse=&cvvresponse=&orderid=x&type=&response_code=200"
        )
    );
    nmi.sim.nmi().checks(false);
    nmi.transact(&format!("type=sale&amount=12.00&{ACH}"))
        .refused("Electronic checks are not enabled for this account");
}

#[test]
fn a_check_is_voided_and_refunded_as_one() {
    let nmi = Client::new();
    let id = nmi.transact(&format!("type=sale&amount=12.00&{ACH}")).ok().id();
    nmi.transact(&format!("type=void&transactionid={id}")).refused("Invalid Transaction ID specified");
    nmi.transact(&format!("type=void&transactionid={id}&payment=check")).ok();
    let id = nmi.transact(&format!("type=sale&amount=13.00&{ACH}")).ok().id();
    nmi.sim.nmi().settle();
    nmi.transact(&format!("type=refund&transactionid={id}&amount=3.00&payment=check")).ok();
    nmi.transact(&format!("type=credit&amount=2.00&{ACH}")).ok();
    let rows = nmi.sim.nmi().transactions();
    assert_eq!(
        (&rows[0]["moved_cents"], &rows[1]["moved_cents"], &rows[2]["refunded_cents"]),
        (&(-200).into(), &(-300).into(), &300.into())
    );
}

#[test]
fn checks_come_back_early_or_late() {
    let nmi = Client::new();
    let early = nmi.transact(&format!("type=sale&amount=12.00&{ACH}")).ok().id();
    assert!(nmi.sim.nmi().return_check(&early, "R01"));
    assert!(!nmi.sim.nmi().return_check(&early, "R01"));
    let late = nmi.transact(&format!("type=sale&amount=13.00&{ACH}")).ok().id();
    nmi.sim.nmi().settle();
    nmi.advance(3 * 86_400);
    assert!(nmi.sim.nmi().return_check(&late, "R10"));
    let card = nmi.sale("10.00", "").ok().id();
    assert!(!nmi.sim.nmi().return_check(&card, "R01"));

    let list = nmi.query("action_type=return");
    assert_eq!(all(&list, "action_type"), ["sale", "check_return", "sale", "settle", "check_late_return"]);
    assert_eq!(all(&list, "condition"), ["failed", "complete"]);
    assert!(nmi.sim.nmi().transactions().iter().skip(1).all(|row| row["moved_cents"] == 0));
    let told = nmi.told();
    assert!(told.contains(&"transaction.check.status.return".to_owned()));
    assert!(told.contains(&"transaction.check.status.latereturn".to_owned()));
    let events = nmi.sim.nmi().events();
    let body = &events[1]["event_body"];
    assert_eq!((&body["transaction_type"], &body["action"]["response_text"]), (&"ck".into(), &"R10".into()));
    assert_eq!(body["check"]["check_account"], "xxxxx3123");
}

#[test]
fn signatures_match_a_vector_computed_elsewhere() {
    let body = r#"{"event_id":"evt-0001","event_type":"transaction.sale.success","event_body":{"transaction_id":"1234567890"}}"#;
    let signed = sign(Bytes::from_static(body.as_bytes()), "nmi_signing_key_not_real", "a1b2c3d4e5f60718");
    assert_eq!(
        signed.headers["webhook-signature"],
        "t=a1b2c3d4e5f60718,s=06786c759a74c5233c1292a49828c823e9769cdd068b9b03d1eabc28c4a2abed"
    );
    assert_eq!((signed.body, signed.provider), (Bytes::from_static(body.as_bytes()), "nmi"));
}

#[test]
fn every_change_is_told_once_in_order_and_signed_with_a_nonce() {
    let nmi = Client::new();
    let key = nmi.sim.nmi().webhook_key();
    let id = nmi
        .transact(&format!("type=auth&amount=10.00&{VISA}&orderid=o1&cvv=999&zip=77777&address1=888+Main"))
        .ok()
        .id();
    nmi.transact(&format!("type=void&transactionid={id}")).ok();
    let hooks = nmi.sim.take_webhooks();
    assert_eq!(hooks.len(), 2);
    let mut nonces = Vec::new();
    for hook in &hooks {
        let header = hook.headers["webhook-signature"].to_str().unwrap();
        let (nonce, tag) = header.strip_prefix("t=").unwrap().split_once(",s=").unwrap();
        assert_eq!((tag.len(), tag.to_ascii_lowercase()), (64, tag.to_owned()));
        assert_eq!(sign(hook.body.clone(), &key, nonce).headers["webhook-signature"], header);
        nonces.push(nonce.to_owned());
    }
    assert_ne!(nonces[0], nonces[1]);
    let event: Value = serde_json::from_slice(&hooks[0].body).unwrap();
    let body = &event["event_body"];
    assert_eq!(
        (&event["event_type"], &body["transaction_id"]),
        (&"transaction.auth.success".into(), &id.as_str().into())
    );
    assert_eq!(
        (&body["merchant"]["id"], &body["features"]["is_test_mode"]),
        (&nmi.sim.nmi().merchant_id().into(), &false.into())
    );
    assert_eq!(
        (&body["card"]["cc_number"], &body["card"]["avs_response"], &body["card"]["csc_response"]),
        (&"411111******1111".into(), &"Y".into(), &"M".into())
    );
    assert_eq!((&body["action"]["amount"], &body["action"]["success"]), (&"10.00".into(), &"1".into()));
    assert_eq!((&body["billing_address"]["postal_code"], &body["order_id"]), (&"77777".into(), &"o1".into()));
    assert!(nmi.sim.take_webhooks().is_empty());

    let fresh = nmi.sim.nmi().replace_webhook_key();
    assert_ne!(fresh, key);
    let again = nmi.sim.nmi().signed_webhook(&event);
    let header = again.headers["webhook-signature"].to_str().unwrap();
    let nonce = header.strip_prefix("t=").unwrap().split_once(',').unwrap().0;
    assert_eq!(sign(again.body.clone(), &fresh, nonce).headers["webhook-signature"], header);
}
