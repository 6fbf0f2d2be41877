//! Authorize.Net: sales, authorizations, captures, voids, refunds, and what the sandbox's documented values do.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail"
)]

mod authnet_client;

use std::time::Duration;

use authnet_client::{CARD, CHECK, Client, approved, outcome, pair, text};

const DAY: u64 = 86_400;

fn card_refund(id: &str, amount: &str, more: &str) -> String {
    format!(
        r#""amount":"{amount}","payment":{{"creditCard":{{"cardNumber":"1111","expirationDate":"XXXX"}}}},"refTransId":"{id}"{more}"#
    )
}

#[test]
fn a_sale_is_answered_byte_for_byte() {
    let gateway = Client::new();
    let request = format!(
        r#""refId":"TEST-REF-002","transactionRequest":{{"transactionType":"authCaptureTransaction","amount":"20.10",{CARD},"billTo":{{"address":"1 Main","zip":"98004"}}}}"#
    );
    let response = gateway.sim.handle(gateway.request("createTransactionRequest", &request));
    assert_eq!(response.status(), 200);
    let body = std::str::from_utf8(response.body()).unwrap();
    let answer = authnet_client::read(&response);
    let own = &answer["transactionResponse"];
    let (auth, id) = (text(&own["authCode"]), text(&own["transId"]));
    let (hash, network) = (text(&own["transHashSha2"]), text(&own["networkTransId"]));
    assert_eq!((auth.len(), hash.len(), network.len()), (6, 128, 23));
    assert_eq!(
        body,
        format!(
            "\u{feff}{{\"transactionResponse\":{{\"responseCode\":\"1\",\"authCode\":\"{auth}\",\"avsResultCode\":\"Y\",\"cvvResultCode\":\"P\",\"cavvResultCode\":\"2\",\"transId\":\"{id}\",\"refTransID\":\"\",\"transHash\":\"\",\"testRequest\":\"0\",\"accountNumber\":\"XXXX1111\",\"accountType\":\"Visa\",\"messages\":[{{\"code\":\"1\",\"description\":\"This transaction has been approved.\"}}],\"transHashSha2\":\"{hash}\",\"SupplementalDataQualificationIndicator\":0,\"networkTransId\":\"{network}\"}},\"refId\":\"TEST-REF-002\",\"messages\":{{\"resultCode\":\"Ok\",\"message\":[{{\"code\":\"I00001\",\"text\":\"Successful.\"}}]}}}}"
        )
    );
    let held = gateway.sim.authnet().transactions().remove(0);
    assert_eq!(
        (&held["requested"], &held["captured"], &held["refId"]),
        (&2010.into(), &2010.into(), &"TEST-REF-002".into())
    );
}

#[test]
fn a_decline_is_a_successful_request() {
    let gateway = Client::new();
    let fields = format!(
        r#""transactionRequest":{{"transactionType":"authCaptureTransaction","amount":"20.10",{CARD},"billTo":{{"zip":"46282"}}}}"#
    );
    let reply = gateway.ok("createTransactionRequest", &fields);
    assert_eq!(outcome(&reply["transactionResponse"]), pair("2", "2"));
    assert_eq!(reply["transactionResponse"]["errors"][0]["errorText"], "This transaction has been declined.");
    let id = text(&reply["transactionResponse"]["transId"]);
    assert_eq!(gateway.status(&id), "declined");
}

#[test]
fn errors_have_their_own_result_code_and_no_transaction() {
    let gateway = Client::new();
    let fields = r#""refId":"1234567","transactionRequest":{"transactionType":"authCaptureTransaction","amount":"5","payment":{"creditCard":{"cardNumber":"4111111111110001","expirationDate":"2034-12"}}}"#;
    let response = gateway.sim.handle(gateway.request("createTransactionRequest", fields));
    assert_eq!(
        std::str::from_utf8(response.body()).unwrap(),
        "\u{feff}{\"transactionResponse\":{\"responseCode\":\"3\",\"authCode\":\"\",\"avsResultCode\":\"P\",\"cvvResultCode\":\"\",\"cavvResultCode\":\"\",\"transId\":\"0\",\"refTransID\":\"\",\"testRequest\":\"0\",\"accountNumber\":\"XXXX0001\",\"accountType\":\"\",\"errors\":[{\"errorCode\":\"6\",\"errorText\":\"The credit card number is invalid.\"}]},\"refId\":\"1234567\",\"messages\":{\"resultCode\":\"Error\",\"message\":[{\"code\":\"E00027\",\"text\":\"The transaction was unsuccessful.\"}]}}"
    );
    let card = |number: &str, expiry: &str| {
        format!(
            r#""amount":"5","payment":{{"creditCard":{{"cardNumber":"{number}","expirationDate":"{expiry}"}}}}"#
        )
    };
    for (number, expiry, reason) in [
        ("4111111111111112", "2034-12", "6"),
        ("4111111111111111", "1334", "7"),
        ("4111111111111111", "2025-05", "8"),
        ("9999999999999995", "2034-12", "17"),
    ] {
        let given = card(number, expiry);
        assert_eq!(gateway.outcome("authCaptureTransaction", &given), pair("3", reason), "{given}");
    }
    for expiry in ["12/2034", "1234", "12-34", "2025-06"] {
        let given = format!("{},\"billTo\":{{\"company\":\"{expiry}\"}}", card("4111111111111111", expiry));
        assert_eq!(gateway.outcome("authCaptureTransaction", &given), pair("1", "1"), "{given}");
    }
    for (amount, reason) in [("0", "5"), ("-1", "5"), ("1.001", "5"), ("0.00", "5")] {
        let given = format!(r#""amount":"{amount}",{CARD}"#);
        assert_eq!(gateway.outcome("authCaptureTransaction", &given), pair("3", reason), "{amount}");
    }
    assert_eq!(gateway.outcome("authCaptureTransaction", CARD), pair("3", "5"));
    assert_eq!(gateway.outcome("authCaptureTransaction", r#""amount":"5""#), pair("3", "33"));
    let euros = format!(r#""amount":"5","currencyCode":"EUR",{CARD}"#);
    assert_eq!(gateway.outcome("authCaptureTransaction", &euros), pair("3", "39"));
    assert_eq!(gateway.sim.authnet().transactions().len(), 4);
}

#[test]
fn an_authorization_is_captured_once_and_in_part() {
    let gateway = Client::new();
    let id = gateway.authorize("50.00", "");
    assert_eq!(gateway.status(&id), "authorizedPendingCapture");
    let capture = |rest: &str| gateway.transact("priorAuthCaptureTransaction", rest);
    let named = |amount: &str| format!(r#""amount":"{amount}","refTransId":"{id}""#);
    assert_eq!(outcome(&capture(&named("50.01"))), pair("3", "47"));
    assert_eq!(outcome(&capture(&named("0"))), pair("3", "5"));
    let done = capture(&named("30.00"));
    assert_eq!(approved(&done), id);
    assert_eq!(done["refTransID"], id.as_str());
    assert_eq!(outcome(&capture(&named("30.00"))), pair("1", "311"));
    let details = gateway.details(&id);
    assert_eq!(details["transactionStatus"], "capturedPendingSettlement");
    assert_eq!((&details["authAmount"], &details["settleAmount"]), (&50.0.into(), &30.0.into()));
    gateway.sim.authnet().settle();
    assert_eq!(outcome(&capture(&named("30.00"))), pair("1", "311"));
    assert_eq!(outcome(&capture(r#""refTransId":"123""#)), pair("3", "16"));
    assert_eq!(outcome(&capture(r#""refTransId":"x""#)), pair("3", "15"));
    assert_eq!(outcome(&capture(r#""amount":"1""#)), pair("3", "33"));
    let whole = gateway.authorize("7.00", "");
    approved(&capture(&format!(r#""refTransId":"{whole}""#)));
    assert_eq!(gateway.details(&whole)["settleAmount"], 7.0);
}

#[test]
fn voids_end_with_settlement() {
    let gateway = Client::new();
    let void = |id: &str| gateway.outcome("voidTransaction", &format!(r#""refTransId":"{id}""#));
    let (sale, authorized) = (gateway.sale("20.00", ""), gateway.authorize("20.00", ""));
    for id in [&sale, &authorized] {
        assert_eq!(void(id), pair("1", "1"));
        assert_eq!(void(id), pair("1", "310"));
        assert_eq!(gateway.status(id), "voided");
    }
    let capture = format!(r#""refTransId":"{authorized}""#);
    assert_eq!(gateway.outcome("priorAuthCaptureTransaction", &capture), pair("3", "16"));
    let settled = gateway.sale("21.00", "");
    gateway.sim.authnet().settle();
    assert_eq!(void(&settled), pair("3", "327"));
    assert_eq!(void("99"), pair("3", "16"));
}

#[test]
fn refunds_begin_with_settlement() {
    let gateway = Client::new();
    let refund = |rest: &str| gateway.transact("refundTransaction", rest);
    let id = gateway.sale("20.00", "");
    assert_eq!(outcome(&refund(&card_refund(&id, "20.00", ""))), pair("3", "54"));
    gateway.sim.authnet().settle();
    let first = refund(&card_refund(&id, "12.00", ""));
    let own = approved(&first);
    assert!(own != id);
    assert_eq!(first["refTransID"], id.as_str());
    assert_eq!(gateway.status(&own), "refundPendingSettlement");
    assert_eq!(gateway.details(&own)["refTransId"], id.as_str());
    assert_eq!(outcome(&refund(&card_refund(&id, "8.01", ""))), pair("3", "55"));
    // A refund that was voided gives its share back.
    assert_eq!(gateway.outcome("voidTransaction", &format!(r#""refTransId":"{own}""#)), pair("1", "1"));
    approved(&refund(&card_refund(&id, "20.00", "")));
    assert_eq!(outcome(&refund(&card_refund(&id, "0.01", ""))), pair("3", "55"));
    assert_eq!(gateway.sim.authnet().transactions()[0]["refunded"], 2000);
    gateway.sim.authnet().settle();
    let other = gateway.sale("9.00", "");
    gateway.sim.authnet().settle();
    let wrong = card_refund(&other, "1.00", "").replace("1111", "2222");
    assert_eq!(outcome(&refund(&wrong)), pair("3", "54"));
    assert_eq!(outcome(&refund(&format!(r#""amount":"1.00","refTransId":"{other}""#))), pair("3", "33"));
    let euros = card_refund(&other, "1.00", "").replace(r#""payment""#, r#""currencyCode":"EUR","payment""#);
    assert_eq!(outcome(&refund(&euros)), pair("3", "54"));
    assert_eq!(outcome(&refund(&card_refund("77", "1.00", ""))), pair("3", "16"));
    gateway.sim.clock().advance(Duration::from_secs(120 * DAY));
    approved(&refund(&card_refund(&other, "1.00", "")));
    gateway.sim.clock().advance(Duration::from_secs(1));
    assert_eq!(outcome(&refund(&card_refund(&other, "1.01", ""))), pair("3", "54"));
}

#[test]
fn credits_without_an_original_need_the_capability() {
    let gateway = Client::new();
    let credit = format!(r#""amount":"5.00",{CARD}"#);
    assert_eq!(gateway.outcome("refundTransaction", &credit), pair("3", "54"));
    gateway.sim.authnet().allow_unlinked_credit(true);
    let done = gateway.transact("refundTransaction", &credit);
    assert_eq!(done["refTransID"], "");
    assert_eq!(gateway.status(&approved(&done)), "refundPendingSettlement");
    let masked = r#""amount":"5.00","payment":{"creditCard":{"cardNumber":"1111","expirationDate":"XXXX"}}"#;
    assert_eq!(gateway.outcome("refundTransaction", masked), pair("3", "6"));
}

#[test]
fn postal_codes_and_card_codes_trigger_the_documented_answers() {
    let gateway = Client::new();
    let pay = |zip: &str, code: &str, more: &str| {
        let rest = format!(
            r#""amount":"20.00","payment":{{"creditCard":{{"cardNumber":"4007000000027","expirationDate":"2034-12","cardCode":"{code}"}}}},"billTo":{{"zip":"{zip}"}}{more}"#
        );
        gateway.transact("authOnlyTransaction", &rest)
    };
    for (zip, avs) in [
        ("46201", "A"),
        ("46203", "E"),
        ("46204", "G"),
        ("46205", "N"),
        ("46206", "P"),
        ("46207", "R"),
        ("46208", "S"),
        ("46209", "U"),
        ("46211", "W"),
        ("46214", "X"),
        ("46217", "Z"),
        ("98004", "Y"),
    ] {
        let answer = pay(zip, "123", "");
        assert_eq!((&answer["avsResultCode"], &answer["responseCode"]), (&avs.into(), &"1".into()), "{zip}");
    }
    for (code, cvv) in [("900", "M"), ("901", "N"), ("902", "S"), ("903", "U"), ("904", "P")] {
        assert_eq!(pay(&format!("1{code}"), code, "")["cvvResultCode"], cvv, "{code}");
    }
    gateway.sim.authnet().reject_avs("N");
    gateway.sim.authnet().reject_cvv("N");
    assert_eq!(outcome(&pay("46205-1", "123", "")), pair("2", "27"));
    assert_eq!(outcome(&pay("46205-2", "901", "")), pair("2", "45"));
    assert_eq!(outcome(&pay("98005", "901", "")), pair("2", "65"));
    assert_eq!(outcome(&pay("46282", "900", "")), pair("2", "2"));
}

#[test]
fn prepaid_cards_are_authorized_in_part_only_when_allowed() {
    let gateway = Client::new();
    let pay = |zip: &str, more: &str| {
        gateway.transact(
            "authCaptureTransaction",
            &format!(r#""amount":"5.00",{CARD},"billTo":{{"zip":"{zip}"}}{more}"#),
        )
    };
    let allowed =
        r#","transactionSettings":{"setting":[{"settingName":"allowPartialAuth","settingValue":"true"}]}"#;
    approved(&pay("46225", ""));
    let answer = pay("46225-0001", allowed);
    assert_eq!(outcome(&answer), pair("4", "295"));
    assert_eq!(answer["prePaidCard"]["approvedAmount"], "1.23");
    assert_eq!(answer["splitTenderPayments"][0]["approvedAmount"], "1.23");
    assert_eq!(gateway.details(&text(&answer["transId"]))["authAmount"], 1.23);
    for (zip, balance) in [("46226", "1.23"), ("46227", "-1.23"), ("46228", "0.00")] {
        let answer = pay(zip, allowed);
        approved(&answer);
        assert_eq!(answer["prePaidCard"]["balanceOnCard"], balance);
        assert_eq!(answer["prePaidCard"]["approvedAmount"], "5.00");
    }
}

#[test]
fn a_duplicate_names_its_original_only_when_a_window_was_sent() {
    let gateway = Client::new();
    let window = |seconds: &str| {
        format!(
            r#","transactionSettings":{{"setting":[{{"settingName":"duplicateWindow","settingValue":"{seconds}"}}]}}"#
        )
    };
    let pay = |invoice: &str, more: &str| {
        let order = format!(r#","order":{{"invoiceNumber":"{invoice}"}}"#);
        gateway.transact("authCaptureTransaction", &format!(r#""amount":"20.00",{CARD}{order}{more}"#))
    };
    let first = pay("A", &window("28800"));
    let id = approved(&first);
    let again = pay("A", &window("28800"));
    assert_eq!(outcome(&again), pair("3", "11"));
    assert_eq!((&again["transId"], &again["authCode"]), (&first["transId"], &first["authCode"]));
    let blind = pay("A", "");
    assert_eq!((outcome(&blind), text(&blind["transId"])), (pair("3", "11"), "0".to_owned()));
    approved(&pay("B", &window("28800")));
    gateway.sim.clock().advance(Duration::from_secs(120));
    approved(&pay("B", ""));
    gateway.sim.clock().advance(Duration::from_secs(28_800 - 120 - 1));
    assert_eq!(pay("A", &window("28800"))["transId"], id.as_str());
    gateway.sim.clock().advance(Duration::from_secs(1));
    approved(&pay("A", &window("28800")));
    approved(&pay("A", &window("0")));
    approved(&pay("A", &window("-1")));
    // A decline does not stand in the way.
    let declined = format!(r#""amount":"3.00",{CARD},"billTo":{{"zip":"46282"}}"#);
    assert_eq!(gateway.outcome("authCaptureTransaction", &declined), pair("2", "2"));
    assert_eq!(gateway.outcome("authCaptureTransaction", &declined), pair("2", "2"));
}

#[test]
fn refunds_are_looked_at_for_duplicates_too() {
    let gateway = Client::new();
    let id = gateway.sale("20.00", "");
    gateway.sim.authnet().settle();
    let refund = |more: &str| gateway.outcome("refundTransaction", &card_refund(&id, "5.00", more));
    assert_eq!(refund(""), pair("1", "1"));
    assert_eq!(refund(""), pair("3", "11"));
    assert_eq!(refund(r#","order":{"invoiceNumber":"R2"}"#), pair("1", "1"));
}

#[test]
fn bank_accounts_are_accepted_up_to_a_hundred() {
    let gateway = Client::new();
    let pay = |amount: &str, check: &str| {
        gateway.transact("authCaptureTransaction", &format!(r#""amount":"{amount}",{check}"#))
    };
    let done = pay("100.00", CHECK);
    let id = approved(&done);
    assert_eq!((&done["accountType"], &done["accountNumber"]), (&"eCheck".into(), &"XXXX6789".into()));
    assert!(done.get("networkTransId").is_none());
    assert_eq!(outcome(&pay("100.01", CHECK)), pair("2", "2"));
    assert_eq!(outcome(&pay("9.00", &CHECK.replace("121042882", "121042883"))), pair("3", "9"));
    assert_eq!(outcome(&pay("9.00", &CHECK.replace("123456789", "12345x"))), pair("3", "10"));
    gateway.sim.authnet().accept_echeck(false);
    assert_eq!(outcome(&pay("9.00", CHECK)), pair("3", "18"));
    gateway.sim.authnet().accept_echeck(true);
    assert_eq!(gateway.sim.authnet().return_echeck(&id), None);
    gateway.sim.authnet().settle();
    let refund = format!(r#""amount":"10.00",{CHECK},"refTransId":"{id}""#);
    assert_eq!(gateway.outcome("refundTransaction", &refund), pair("1", "1"));
    let returned = gateway.sim.authnet().return_echeck(&id).unwrap();
    assert_eq!(returned["transactionStatus"], "returnedItem");
    assert_eq!(gateway.details(&id)["returnedItems"][0]["code"], "R01");
}

#[test]
fn nothing_can_be_verified_where_the_processor_takes_it() {
    let gateway = Client::new();
    let verify = format!(r#""amount":"0.00",{CARD},"billTo":{{"address":"1 Main","zip":"98004"}}"#);
    let done = gateway.transact("authOnlyTransaction", &verify);
    assert_eq!(gateway.details(&approved(&done))["authAmount"], 0.0);
    gateway.sim.authnet().accept_zero_dollar(false);
    assert_eq!(gateway.outcome("authOnlyTransaction", &verify), pair("3", "289"));
}

#[test]
fn test_mode_keeps_nothing() {
    let gateway = Client::new();
    let asked = r#","transactionSettings":{"setting":[{"settingName":"testRequest","settingValue":"true"}]}"#;
    for more in [asked, ""] {
        gateway.sim.authnet().set_test_mode(more.is_empty());
        let done = gateway.transact("authCaptureTransaction", &format!(r#""amount":"20.00",{CARD}{more}"#));
        assert_eq!(approved(&done), "0");
        assert_eq!((&done["testRequest"], &done["authCode"]), (&"1".into(), &"000000".into()));
    }
    assert!(gateway.sim.authnet().transactions().is_empty());
    assert_eq!(gateway.ok("getMerchantDetailsRequest", "")["isTestMode"], true);
    gateway.ok("updateMerchantDetailsRequest", r#""isTestMode":"false""#);
    assert_eq!(gateway.ok("getMerchantDetailsRequest", "")["isTestMode"], false);
    assert!(gateway.sale("20.00", "") != "0");
}

#[test]
fn a_held_payment_waits_for_a_decision() {
    let gateway = Client::new();
    let hold = |kind: &str, zip: &str| {
        gateway.transact(kind, &format!(r#""amount":"20.00",{CARD},"billTo":{{"zip":"{zip}"}}"#))
    };
    let decide = |id: &str, action: &str| {
        let fields = format!(r#""heldTransactionRequest":{{"action":"{action}","refTransId":"{id}"}}"#);
        outcome(&gateway.call("updateHeldTransactionRequest", &fields)["transactionResponse"])
    };
    for (zip, reason, status) in
        [("46298", "252", "FDSPendingReview"), ("46299", "253", "FDSAuthorizedPendingReview")]
    {
        let sale = hold("authCaptureTransaction", zip);
        assert_eq!(outcome(&sale), pair("4", reason));
        let id = text(&sale["transId"]);
        assert_eq!(gateway.status(&id), status);
        let pending = gateway.ok("getUnsettledTransactionListRequest", r#""status":"pendingApproval""#);
        assert_eq!(pending["transactions"][0]["transId"], id.as_str());
        assert_eq!(
            gateway.outcome("priorAuthCaptureTransaction", &format!(r#""refTransId":"{id}""#)),
            pair("3", "16")
        );
        assert!(gateway.sim.authnet().settle().is_empty());
        assert_eq!(decide(&id, "approve"), pair("1", "1"));
        assert_eq!(gateway.status(&id), "capturedPendingSettlement");
        assert_eq!(decide(&id, "approve"), pair("3", "16"));
        gateway.sim.authnet().settle();
        let other = text(&hold("authOnlyTransaction", zip)["transId"]);
        assert_eq!(decide(&other, "decline"), pair("1", "1"));
        assert_eq!(gateway.status(&other), if zip == "46298" { "declined" } else { "voided" });
        gateway.sim.authnet().settle();
    }
    gateway.sim.authnet().hold_next();
    let id = text(&hold("authOnlyTransaction", "98004")["transId"]);
    assert_eq!(decide(&id, "approve"), pair("1", "1"));
    assert_eq!(gateway.status(&id), "authorizedPendingCapture");
    assert_eq!(decide("5", "approve"), pair("3", "16"));
}

#[test]
fn ordered_answers_happen_before_or_after_the_effect() {
    let gateway = Client::new();
    gateway.sim.authnet().next_reason(3);
    let declined = gateway.transact("authCaptureTransaction", &format!(r#""amount":"20.00",{CARD}"#));
    assert_eq!(outcome(&declined), pair("2", "3"));
    gateway.sim.authnet().next_reason(19);
    assert_eq!(
        gateway.outcome("authCaptureTransaction", &format!(r#""amount":"20.00",{CARD}"#)),
        pair("3", "19")
    );
    assert_eq!(gateway.sim.authnet().transactions().len(), 1);
    gateway.sim.authnet().next_reason_after_effect(57);
    let lost = gateway.transact("authCaptureTransaction", &format!(r#""amount":"20.00",{CARD}"#));
    assert_eq!((outcome(&lost), text(&lost["transId"])), (pair("3", "57"), "0".to_owned()));
    let kept = gateway.sim.authnet().transactions().pop().unwrap();
    assert_eq!(kept["transactionStatus"], "capturedPendingSettlement");
    let id = text(&kept["transId"]);
    gateway.sim.authnet().next_reason_after_effect(120);
    assert_eq!(gateway.outcome("voidTransaction", &format!(r#""refTransId":"{id}""#)), pair("3", "120"));
    assert_eq!(gateway.status(&id), "voided");
}

#[test]
fn authorizations_lapse() {
    let gateway = Client::new();
    let id = gateway.authorize("20.00", "");
    gateway.sim.clock().advance(Duration::from_secs(30 * DAY + 1));
    assert_eq!(gateway.status(&id), "expired");
    assert_eq!(
        gateway.outcome("priorAuthCaptureTransaction", &format!(r#""refTransId":"{id}""#)),
        pair("3", "16")
    );
}

#[test]
fn captures_with_a_code_from_the_telephone() {
    let gateway = Client::new();
    let plain = format!(r#""amount":"20.00",{CARD}"#);
    assert_eq!(gateway.outcome("captureOnlyTransaction", &plain), pair("3", "33"));
    let id =
        approved(&gateway.transact("captureOnlyTransaction", &format!(r#"{plain},"authCode":"V12345""#)));
    let details = gateway.details(&id);
    assert_eq!(
        (&details["authCode"], &details["transactionType"]),
        (&"V12345".into(), &"captureOnlyTransaction".into())
    );
    let (code, _) = gateway.refused(
        "createTransactionRequest",
        r#""transactionRequest":{"transactionType":"sale","amount":"1"}"#,
    );
    assert_eq!(code, "E00060");
}
