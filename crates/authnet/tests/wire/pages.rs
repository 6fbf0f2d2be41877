//! Lists longer than a page: nothing is missed, wherever the vendor cuts.

use serde_json::json;
use turnbuckle_core::ErrorKind;
use turnbuckle_core::payment::{
    Attempt, Authority, Lookup, LookupQuery, PaymentOperation, SettlementKind, TransactionQuery, WireKey,
};

use super::gateway_requests::{PROVIDER, usd};
use super::support::{Answer, Wire, key, now};

/// A page of a list that has more rows than were given, as a vendor would send that caps its pages.
fn page(rows: &[(&str, &str, &str, f64)], total: usize) -> Answer {
    let rows: Vec<_> = rows
        .iter()
        .map(|(id, status, invoice, amount)| {
            json!({ "transId": id, "submitTimeUTC": "2023-11-14T22:13:20Z", "transactionStatus": status,
                "invoiceNumber": invoice, "accountType": "Visa", "accountNumber": "XXXX0027", "settleAmount": amount })
        })
        .collect();
    let body = json!({ "transactions": rows, "totalNumInResultSet": total,
        "messages": { "resultCode": "Ok", "message": [{ "code": "I00001", "text": "Successful." }] } });
    Answer::Reply(200, format!("\u{feff}{body}").into_bytes())
}

fn paging(wire: &Wire, place: usize) -> String {
    let body = String::from_utf8(wire.sent()[place].body().to_vec()).unwrap();
    body[body.find(r#""paging""#).unwrap()..].trim_end_matches('}').to_owned()
}

#[tokio::test]
async fn a_batch_goes_on_where_a_page_ended() {
    let wire = Wire::new([
        Answer::fixture("merchant_details"),
        Answer::fixture("batch"),
        page(&[("1", "settledSuccessfully", "a", 10.5), ("2", "declined", "b", 0.0)], 4),
        Answer::fixture("batch"),
        page(&[("3", "refundSettledSuccessfully", "c", 2.25), ("4", "returnedItem", "d", 7.0)], 4),
    ]);
    let gateway = wire.connection().payments().unwrap();
    let query = TransactionQuery::new(now(), now()).with_batch("1221577");
    let first = gateway.transactions(&query).await.unwrap();
    assert_eq!(first.entries.len(), 1);
    assert_eq!((first.entries[0].gross, first.entries[0].kind), (usd("10.50"), SettlementKind::Payment));
    let next = first.next.expect("two of four were read");
    let second = gateway.transactions(&query.clone().with_page(next)).await.unwrap();
    assert_eq!(paging(&wire, 4), r#""paging":{"limit":1000,"offset":2"#);
    let moved: Vec<_> = second.entries.iter().map(|entry| (entry.kind, entry.gross)).collect();
    assert_eq!(moved, [(SettlementKind::Refund, usd("-2.25")), (SettlementKind::Return, usd("-7.00"))]);
    assert!(second.next.is_none());
    for bad in ["", "x", "1221577", "1221577:0:0", "1221577:1", "1221577:1:1:1", "a:1:1", "1:99999999999:1"] {
        let error = gateway.transactions(&query.clone().with_page(bad)).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.fields()[0].field.as_ref()),
            (ErrorKind::InvalidRequest, "page"),
            "{bad}"
        );
    }
}

#[tokio::test]
async fn an_attempt_is_looked_for_on_every_page() {
    let wire_key = WireKey::derive(&PROVIDER, "acct", PaymentOperation::Purchase, &key("key-1"));
    let sent = now() - chrono::TimeDelta::hours(1);
    let mut attempt = Attempt::new(&PROVIDER, "acct", PaymentOperation::Purchase, &key("key-1"), sent)
        .with_amount(Some(usd("20.10")));
    attempt.started_at = sent;
    let query = LookupQuery::Attempt(Box::new(attempt));
    let other = [("1", "declined", "a", 1.0), ("2", "voided", "b", 1.0)];

    let mine = [("40109582700", "capturedPendingSettlement", wire_key.short(20), 20.1)];
    let wire = Wire::new([page(&other, 3), page(&mine, 3), Answer::fixture("details_own")]);
    let found = wire.connection().payments().unwrap().lookup(&query).await.unwrap();
    let Lookup::Found(found) = found else { panic!("{found:?}") };
    assert_eq!((found[0].reference.id(), found[0].amounts.requested), ("40109582700", usd("20.10")));
    assert_eq!(paging(&wire, 1), r#""paging":{"limit":1000,"offset":2"#);

    // Nothing on any page, and no batch either: it never was.
    let wire = Wire::new([page(&other, 2), Answer::fixture("nothing_found")]);
    let found = wire.connection().payments().unwrap().lookup(&query).await.unwrap();
    assert_eq!(found, Lookup::Absent(Authority::Authoritative));

    // A list without an end proves nothing.
    let wire = Wire::new((0..20).map(|_| page(&other, 1_000_000)).chain([Answer::fixture("nothing_found")]));
    let found = wire.connection().payments().unwrap().lookup(&query).await.unwrap();
    assert_eq!(found, Lookup::Absent(Authority::Partial));
}
