//! Authorize.Net: details, lists, settlement batches.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail"
)]

mod authnet_client;

use std::time::Duration;

use authnet_client::{CARD, CHECK, Client, approved, text};
use serde_json::Value;

fn ids(reply: &Value) -> Vec<String> {
    reply["transactions"].as_array().unwrap().iter().map(|row| text(&row["transId"])).collect()
}

#[test]
fn details_show_what_was_sent_with_the_card_masked() {
    let gateway = Client::new();
    let rest = format!(
        r#""refId":"r7","transactionRequest":{{"transactionType":"authCaptureTransaction","amount":"20.10",{CARD},"order":{{"invoiceNumber":"INV1","description":"d"}},"lineItems":{{"lineItem":{{"itemId":"1","name":"n","quantity":"2","unitPrice":"10.05"}}}},"tax":{{"amount":"1.10","name":"VAT"}},"poNumber":"PO7","customer":{{"id":"C1","email":"a@example.com"}},"billTo":{{"firstName":"Ellen","lastName":"Ünal","zip":"98004"}},"shipTo":{{"city":"Lehi"}},"customerIP":"192.0.2.1"}}"#
    );
    let id = text(&gateway.ok("createTransactionRequest", &rest)["transactionResponse"]["transId"]);
    let reply = gateway.ok("getTransactionDetailsRequest", &format!(r#""transId":"{id}""#));
    assert_eq!(reply["transrefId"], "r7");
    let own = &reply["transaction"];
    for (path, value) in [
        ("/transactionStatus", "capturedPendingSettlement".into()),
        ("/responseCode", 1.into()),
        ("/responseReasonCode", 1.into()),
        ("/submitTimeUTC", "2025-06-15T12:00:00Z".into()),
        ("/submitTimeLocal", "2025-06-15T04:00:00".into()),
        ("/order/invoiceNumber", "INV1".into()),
        ("/order/purchaseOrderNumber", "PO7".into()),
        ("/lineItems/0/unitPrice", "10.05".into()),
        ("/tax/name", "VAT".into()),
        ("/customer/email", "a@example.com".into()),
        ("/billTo/lastName", "Ünal".into()),
        ("/shipTo/city", "Lehi".into()),
        ("/customerIP", "192.0.2.1".into()),
        ("/payment/creditCard/cardNumber", "XXXX1111".into()),
        ("/payment/creditCard/expirationDate", "XXXX".into()),
        ("/payment/creditCard/cardType", "Visa".into()),
        ("/cardCodeResponse", "P".into()),
        ("/authAmount", 20.1.into()),
        ("/recurringBilling", false.into()),
    ] {
        assert_eq!(own.pointer(path), Some(&value), "{path} {own:#}");
    }
    assert!(own.get("batch").is_none());
    assert_eq!(gateway.refused("getTransactionDetailsRequest", r#""transId":"1""#).0, "E00040");
    let raw =
        gateway.sim.handle(gateway.request("getTransactionDetailsRequest", &format!(r#""transId":"{id}""#)));
    let raw = std::str::from_utf8(raw.body()).unwrap();
    assert!(raw.contains(r#""authAmount":20.10,"settleAmount":20.10,"#), "{raw}");
    assert!(!raw.contains("4111111111111111"));
}

#[test]
fn unsettled_transactions_are_sorted_and_paged() {
    let gateway = Client::new();
    let nothing = gateway.ok("getUnsettledTransactionListRequest", "");
    assert_eq!(nothing["messages"]["message"][0]["code"], "I00004");
    assert!(nothing.get("transactions").is_none());
    let mut made = Vec::new();
    for n in 1..=5 {
        made.push(gateway.sale(&format!("{n}.00"), ""));
        gateway.sim.clock().advance(Duration::from_secs(60));
    }
    let list = |rest: &str| gateway.ok("getUnsettledTransactionListRequest", rest);
    let newest: Vec<String> = made.iter().rev().cloned().collect();
    assert_eq!(ids(&list("")), newest);
    assert_eq!(ids(&list(r#""sorting":{"orderBy":"submitTimeUTC","orderDescending":false}"#)), made);
    let page =
        list(r#""sorting":{"orderBy":"id","orderDescending":"true"},"paging":{"limit":"2","offset":"2"}"#);
    assert_eq!((ids(&page), &page["totalNumInResultSet"]), (newest[2..4].to_vec(), &5.into()));
    let beyond = list(r#""paging":{"limit":"2","offset":"4"}"#);
    assert_eq!(beyond["messages"]["message"][0]["code"], "I00004");
    gateway.sim.authnet().settle();
    assert_eq!(list("")["messages"]["message"][0]["code"], "I00004");
}

#[test]
fn batches_hold_what_was_settled() {
    let gateway = Client::new();
    let sale = gateway.sale("20.00", "");
    let voided = gateway.sale("21.00", "");
    gateway.outcome("voidTransaction", &format!(r#""refTransId":"{voided}""#));
    let open = gateway.authorize("22.00", "");
    let check = approved(&gateway.transact("authCaptureTransaction", &format!(r#""amount":"9.00",{CHECK}"#)));
    gateway
        .outcome("authCaptureTransaction", &format!(r#""amount":"3.00",{CARD},"billTo":{{"zip":"46282"}}"#));
    let made = gateway.sim.authnet().settle();
    assert_eq!(made.len(), 2);
    assert!(gateway.sim.authnet().settle().is_empty());
    let list = gateway.ok("getSettledBatchListRequest", r#""includeStatistics":true"#);
    let (cards, bank) = (&list["batchList"][0], &list["batchList"][1]);
    assert_eq!((&cards["batchId"], &bank["batchId"]), (&made[0].as_str().into(), &made[1].as_str().into()));
    assert_eq!((&cards["paymentMethod"], &bank["paymentMethod"]), (&"creditCard".into(), &"eCheck".into()));
    assert_eq!(cards["settlementTimeUTC"], "2025-06-15T12:00:00Z");
    let visa = &cards["statistics"][0];
    assert_eq!(
        (&visa["accountType"], &visa["chargeAmount"], &visa["chargeCount"]),
        (&"Visa".into(), &20.0.into(), &1.into())
    );
    assert_eq!((&visa["voidCount"], &visa["declineCount"]), (&1.into(), &1.into()));
    let inside = gateway.ok("getTransactionListRequest", &format!(r#""batchId":"{}""#, made[0]));
    assert_eq!(inside["totalNumInResultSet"], 3);
    assert!(ids(&inside).contains(&sale) && !ids(&inside).contains(&open));
    assert_eq!(gateway.details(&sale)["batch"]["batchId"], made[0].as_str());
    assert_eq!(gateway.status(&check), "settledSuccessfully");
    assert_eq!(
        gateway.ok("getBatchStatisticsRequest", &format!(r#""batchId":"{}""#, made[1]))["batch"]["statistics"]
            [0]["chargeAmount"],
        9.0
    );
    assert_eq!(ids(&gateway.ok("getUnsettledTransactionListRequest", "")), [open]);
    // What moved no money makes no batch.
    let other = gateway.sale("2.00", "");
    gateway.outcome("voidTransaction", &format!(r#""refTransId":"{other}""#));
    assert!(gateway.sim.authnet().settle().is_empty());
    // Refunds are in a batch of their own day.
    let refund = format!(
        r#""amount":"5.00","payment":{{"creditCard":{{"cardNumber":"1111","expirationDate":"XXXX"}}}},"refTransId":"{sale}""#
    );
    let refund = approved(&gateway.transact("refundTransaction", &refund));
    gateway.sim.clock().advance(Duration::from_secs(86_400));
    let next = gateway.sim.authnet().settle();
    assert_eq!(gateway.status(&refund), "refundSettledSuccessfully");
    let statistics = gateway.ok("getBatchStatisticsRequest", &format!(r#""batchId":"{}""#, next[0]));
    assert_eq!(statistics["batch"]["statistics"][0]["refundAmount"], 5.0);
}

#[test]
fn batches_are_found_by_their_time() {
    let gateway = Client::new();
    gateway.sale("20.00", "");
    gateway.sim.authnet().settle();
    gateway.sim.clock().advance(Duration::from_secs(10 * 86_400));
    let list = |rest: &str| gateway.call("getSettledBatchListRequest", rest);
    let code = |reply: &Value| text(&reply["messages"]["message"][0]["code"]);
    assert_eq!(code(&list("")), "I00004");
    let period =
        |first: &str, last: &str| format!(r#""firstSettlementDate":"{first}","lastSettlementDate":"{last}""#);
    let month = list(&period("2025-06-01T00:00:00Z", "2025-07-02T00:00:00Z"));
    assert_eq!(month["batchList"].as_array().unwrap().len(), 1);
    assert!(month["batchList"][0].get("statistics").is_none());
    assert_eq!(code(&list(&period("2025-06-15T12:00:01Z", "2025-06-20T00:00:00Z"))), "I00004");
    assert_eq!(code(&list(&period("2025-06-01T00:00:00Z", "2025-07-02T00:00:01Z"))), "E00013");
    assert_eq!(code(&list(&period("2025-06-02T00:00:00Z", "2025-06-01T00:00:00Z"))), "E00013");
    assert_eq!(code(&list(&period("2025-06-02", "2025-06-03"))), "E00003");
    assert_eq!(code(&list(r#""firstSettlementDate":"2025-06-15T00:00:00Z""#)), "I00001");
    assert_eq!(code(&gateway.call("getTransactionListRequest", r#""batchId":"1""#)), "I00004");
    assert_eq!(gateway.refused("getTransactionListRequest", "").0, "E00014");
    assert_eq!(gateway.refused("getBatchStatisticsRequest", r#""batchId":"1""#).0, "E00040");
}

#[test]
fn calls_about_the_account() {
    let gateway = Client::new();
    let own = gateway.ok("getMerchantDetailsRequest", "");
    assert_eq!((&own["isTestMode"], &own["currencies"][0]), (&false.into(), &"USD".into()));
    assert_eq!(own["publicClientKey"], gateway.sim.authnet().public_client_key());
    assert!(own["paymentMethods"].as_array().unwrap().contains(&"Echeck".into()));
    let id = gateway.sale("1.00", "");
    gateway.ok(
        "sendCustomerTransactionReceiptRequest",
        &format!(r#""transId":"{id}","customerEmail":"a@example.com""#),
    );
    assert_eq!(
        gateway.ok("getAUJobSummaryRequest", r#""month":"2025-06""#)["messages"]["message"][0]["code"],
        "I00004"
    );
    assert_eq!(gateway.refused("getAUJobDetailsRequest", r#""month":"2025-07""#).0, "E00112");
    let page = format!(
        r#""transactionRequest":{{"transactionType":"authCaptureTransaction","amount":"1.00",{CARD}}}"#
    );
    assert_eq!(gateway.refused("getHostedPaymentPageRequest", &page).0, "E00119");
    let page = r#""transactionRequest":{"transactionType":"authCaptureTransaction","amount":"1.00"},"hostedPaymentSettings":{"setting":[{"settingName":"hostedPaymentReturnOptions","settingValue":"{}"}]}"#;
    assert_eq!(text(&gateway.ok("getHostedPaymentPageRequest", page)["token"]).len(), 400);
    let customer = text(
        &gateway.ok("createCustomerProfileRequest", r#""profile":{"email":"a@example.com"}"#)["customerProfileId"],
    );
    let page = gateway.ok("getHostedProfilePageRequest", &format!(r#""customerProfileId":"{customer}""#));
    assert_eq!(text(&page["token"]).len(), 400);
}
