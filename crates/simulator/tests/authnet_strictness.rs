//! Authorize.Net: what it refuses as a whole: order, lengths, names, credentials, settings.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail"
)]

mod authnet_client;

use authnet_client::{CARD, Client, pair, post, read};
use bytes::Bytes;
use http::Request;
use serde_json::Value;

const NAMESPACE: &str = "AnetApi/xml/v1/schema/AnetApiSchema.xsd";

fn message(reply: &Value) -> (String, String) {
    let message = &reply["messages"]["message"][0];
    (authnet_client::text(&message["code"]), authnet_client::text(&message["text"]))
}

#[test]
fn credentials_are_refused_with_status_200() {
    let gateway = Client::new();
    let login = gateway.sim.authnet().api_login_id();
    for (name, key) in
        [(login.as_str(), "wrong"), ("wrong", gateway.sim.authnet().transaction_key().as_str())]
    {
        let body = format!(
            r#"{{"authenticateTestRequest":{{"merchantAuthentication":{{"name":"{name}","transactionKey":"{key}"}}}}}}"#
        );
        let response = gateway.sim.handle(post(&body));
        assert_eq!(response.status(), 200);
        assert_eq!(
            response.body(),
            "\u{feff}{\"messages\":{\"resultCode\":\"Error\",\"message\":[{\"code\":\"E00007\",\"text\":\"User authentication failed due to invalid authentication values.\"}]}}"
        );
    }
    let response = gateway.sim.handle(gateway.request("authenticateTestRequest", ""));
    assert_eq!(
        response.body(),
        "\u{feff}{\"messages\":{\"resultCode\":\"Ok\",\"message\":[{\"code\":\"I00001\",\"text\":\"Successful.\"}]}}"
    );
    let old = gateway.request("authenticateTestRequest", "");
    gateway.sim.authnet().roll_transaction_key();
    assert_eq!(message(&read(&gateway.sim.handle(old))).0, "E00007");
    gateway.ok("authenticateTestRequest", "");
    gateway.sim.authnet().set_active(false);
    assert_eq!(gateway.refused("authenticateTestRequest", "").0, "E00008");
}

#[test]
fn a_field_in_the_wrong_place_is_as_wrong_as_an_unknown_one() {
    let gateway = Client::new();
    let refused = |rest: &str| gateway.refused("createTransactionRequest", rest);
    let transaction = |fields: &str| format!(r#""transactionRequest":{{{fields}}}"#);
    let swapped =
        transaction(&format!(r#""amount":"1.00","transactionType":"authCaptureTransaction",{CARD}"#));
    assert_eq!(
        refused(&swapped),
        (
            "E00003".to_owned(),
            format!(
                "The element 'transactionRequest' in namespace '{NAMESPACE}' has invalid child element 'amount' in namespace '{NAMESPACE}'. List of possible elements expected: 'transactionType' in namespace '{NAMESPACE}'."
            )
        )
    );
    let good = r#""transactionType":"authCaptureTransaction","amount":"1.00""#;
    for wrong in [
        format!(r#"{},"refId":"late""#, transaction(&format!("{good},{CARD}"))),
        transaction(&format!(r#"{good},{CARD},"colour":"red""#)),
        transaction(&format!(r#"{good},"order":{{"description":"a","invoiceNumber":"b"}},{CARD}"#)),
        transaction(&format!(r#"{good},{CARD},"order":{{"description":"a","invoiceNumber":"b"}}"#)),
        transaction(&format!("{good},{CARD},{CARD}")),
        transaction(&format!(r#"{good},{CARD},"billTo":{{"lastName":"b","firstName":"a"}}"#)),
        transaction(&format!(
            r#"{good},"payment":{{"creditCard":{{"expirationDate":"2034-12","cardNumber":"4111111111111111"}}}}"#
        )),
        transaction(&format!(r#"{good},"payment":{{"creditCard":{{"cardNumber":"4111111111111111"}}}}"#)),
        transaction(&format!(r#"{good},"payment":{{}}"#)),
        transaction(&format!(r#"{good},{CARD},"transactionSettings":[{{"settingName":"duplicateWindow"}}]"#)),
        transaction(&format!(r#"{good},{CARD},"customer":{{"email":"a@b.c","id":"1"}}"#)),
        r#""transactionRequest":{}"#.to_owned(),
        r#""transactionRequest":"text""#.to_owned(),
        String::new(),
    ] {
        assert_eq!(refused(&wrong).0, "E00003", "{wrong}");
    }
    assert!(refused("").1.contains(
        "has incomplete content. List of possible elements expected: 'clientId, refId, transactionRequest'"
    ));
    assert!(gateway.sim.authnet().transactions().is_empty());
}

#[test]
fn lengths_and_types_are_those_of_the_schema() {
    let gateway = Client::new();
    gateway.sim.authnet().set_duplicate_window(std::time::Duration::ZERO);
    let pay = |more: &str| {
        let rest = format!(
            r#""transactionRequest":{{"transactionType":"authCaptureTransaction","amount":"1.00",{CARD}{more}}}"#
        );
        gateway.call("createTransactionRequest", &rest)
    };
    let fits = |path: &str, most: usize| {
        let at = |count: usize| {
            let value = "é".repeat(count);
            let (outer, inner) = path.split_once('.').unwrap();
            pay(&format!(r#","{outer}":{{"{inner}":"{value}"}}"#))
        };
        let (whole, long) = (at(most), at(most + 1));
        assert_eq!(whole["messages"]["resultCode"], "Ok", "{path} {whole:#}");
        let (code, text) = message(&long);
        assert_eq!(code, "E00003", "{path}");
        assert!(text.contains("The actual length is greater than the MaxLength value."), "{text}");
        assert!(text.contains(path.split_once('.').unwrap().1), "{text}");
    };
    for (path, most) in [
        ("order.invoiceNumber", 20),
        ("order.description", 255),
        ("customer.id", 20),
        ("customer.email", 255),
        ("billTo.firstName", 50),
        ("billTo.lastName", 50),
        ("billTo.company", 50),
        ("billTo.address", 60),
        ("billTo.city", 40),
        ("billTo.state", 40),
        ("billTo.zip", 20),
        ("billTo.country", 60),
        ("billTo.phoneNumber", 25),
        ("shipTo.address", 60),
    ] {
        fits(path, most);
    }
    for (more, code) in [
        (format!(r#","poNumber":"{}""#, "1".repeat(26)), "E00015"),
        (format!(r#","billTo":{{"email":"{}"}}"#, "e".repeat(256)), "E00015"),
        (
            r#","transactionSettings":{"setting":[{"settingName":"dupWindow","settingValue":"0"}]}"#
                .to_owned(),
            "E00013",
        ),
        (
            r#","transactionSettings":{"setting":{"settingName":"duplicateWindow","settingValue":"28801"}}"#
                .to_owned(),
            "E00013",
        ),
        (r#","tax":{"amount":"-1"}"#.to_owned(), "E00003"),
        (r#","tax":{"amount":"1.00001"}"#.to_owned(), "E00003"),
        (r#","taxExempt":"yes""#.to_owned(), "E00003"),
        (r#","processingOptions":{"isStoredCredentials":2}"#.to_owned(), "E00003"),
        (r#","subsequentAuthInformation":{"reason":"because"}"#.to_owned(), "E00003"),
    ] {
        assert_eq!(message(&pay(&more)).0, code, "{more}");
    }
    let items = |count: usize| {
        let item = r#"{"itemId":"1","name":"n","quantity":"1","unitPrice":"1.00"}"#;
        format!(r#","lineItems":{{"lineItem":[{}]}}"#, vec![item; count].join(","))
    };
    assert_eq!(pay(&items(30))["messages"]["resultCode"], "Ok");
    assert_eq!(message(&pay(&items(31))).0, "E00052");
    let fields = |count: usize| {
        format!(r#","userFields":{{"userField":[{}]}}"#, vec![r#"{"name":"n","value":"v"}"#; count].join(","))
    };
    assert_eq!(pay(&fields(21))["messages"]["message"][0]["code"], "E00003");
    let answer = pay(&fields(2));
    assert_eq!(message(&answer).0, "I00001", "{answer:#}");
    assert_eq!(answer["transactionResponse"]["userFields"][1]["value"], "v");
    let long = format!(r#""refId":"{}""#, "r".repeat(21));
    assert_eq!(gateway.refused("authenticateTestRequest", &long).0, "E00003");
    assert_eq!(gateway.ok("authenticateTestRequest", r#""refId":"r""#)["refId"], "r");
    assert_eq!(gateway.refused("getTransactionDetailsRequest", r#""transId":"x""#).0, "E00003");
    for paging in
        [r#""limit":"0","offset":"1""#, r#""limit":"1001","offset":"1""#, r#""limit":"1","offset":"0""#]
    {
        let rest = format!(r#""paging":{{{paging}}}"#);
        assert_eq!(gateway.refused("getUnsettledTransactionListRequest", &rest).0, "E00003", "{paging}");
    }
}

#[test]
fn numbers_and_booleans_may_be_written_either_way() {
    let gateway = Client::new();
    let pay = r#""amount":20.10,"payment":{"creditCard":{"cardNumber":4111111111111111,"expirationDate":"2034-12","cardCode":123}},"taxExempt":true"#;
    assert_eq!(gateway.outcome("authCaptureTransaction", pay), pair("1", "1"));
    assert_eq!(gateway.sim.authnet().transactions()[0]["captured"], 2010);
}

#[test]
fn requests_that_are_none() {
    let gateway = Client::new();
    let codes: Vec<String> = ["", "{", "[]", "{}", "null", r#"{"a":{},"b":{}}"#, r#"{"a":1"#]
        .iter()
        .map(|body| message(&read(&gateway.sim.handle(post(body)))).0)
        .collect();
    assert_eq!(codes, vec!["E00003"; 7]);
    assert_eq!(message(&read(&gateway.sim.handle(post(r#"{"makeMoneyRequest":{}}"#)))).0, "E00004");
    let xml = Request::post(authnet_client::URL)
        .header("content-type", "text/xml")
        .body(Bytes::from("<a/>"))
        .unwrap();
    assert_eq!(message(&read(&gateway.sim.handle(xml))).0, "E00002");
    let marked = format!("\u{feff}{}", r#"{"isAliveRequest":{"refId":"7"}}"#);
    assert_eq!(read(&gateway.sim.handle(post(&marked)))["refId"], "7");
    let get = Request::get(authnet_client::URL).body(Bytes::new()).unwrap();
    assert_eq!(gateway.sim.handle(get).status(), 405);
    let elsewhere = Request::post("https://api2.authorize.net/other").body(Bytes::new()).unwrap();
    assert_eq!(gateway.sim.handle(elsewhere).status(), 404);
    for host in ["api.authorize.net", "api2.authorize.net"] {
        let mut request = gateway.request("authenticateTestRequest", "");
        *request.uri_mut() = format!("https://{host}/xml/v1/request.api").parse().unwrap();
        assert_eq!(read(&gateway.sim.handle(request))["messages"]["resultCode"], "Ok");
    }
    assert_eq!(gateway.sim.authnet().request_log().len(), 14);
}

#[test]
fn what_is_switched_off_is_refused() {
    let gateway = Client::new();
    gateway.sim.authnet().enable_transaction_details(false);
    gateway.sim.authnet().enable_customer_profiles(false);
    gateway.sim.authnet().enable_recurring(false);
    for (call, rest, code) in [
        ("getTransactionDetailsRequest", r#""transId":"1""#, "E00011"),
        ("getUnsettledTransactionListRequest", "", "E00011"),
        ("getSettledBatchListRequest", "", "E00011"),
        ("getTransactionListRequest", r#""batchId":"1""#, "E00011"),
        ("getCustomerProfileIdsRequest", "", "E00044"),
        ("createCustomerProfileRequest", r#""profile":{"email":"a@example.com"}"#, "E00044"),
        ("ARBCancelSubscriptionRequest", r#""subscriptionId":"1""#, "E00025"),
    ] {
        assert_eq!(gateway.refused(call, rest).0, code, "{call}");
    }
}

#[test]
fn accept_js_tokens_work_once_and_for_a_while() {
    let gateway = Client::new();
    let pay = |descriptor: &str, value: &str| {
        format!(
            r#""transactionRequest":{{"transactionType":"authCaptureTransaction","amount":"20.00","payment":{{"opaqueData":{{"dataDescriptor":"{descriptor}","dataValue":"{value}"}}}}}}"#
        )
    };
    let own = "COMMON.ACCEPT.INAPP.PAYMENT";
    // As the browser gets one: with the public key, which is good for nothing else.
    let (login, public) = (gateway.sim.authnet().api_login_id(), gateway.sim.authnet().public_client_key());
    let browser = |call: &str, rest: &str| {
        let body = format!(
            r#"{{"{call}":{{"merchantAuthentication":{{"name":"{login}","clientKey":"{public}"}}{rest}}}}}"#
        );
        read(&gateway.sim.handle(post(&body)))
    };
    let data = r#","data":{"type":"TOKEN","id":"a1b2","token":{"cardNumber":"4111111111111111","expirationDate":"122034","cardCode":"900","zip":"46201"}}"#;
    let contained = browser("securePaymentContainerRequest", data);
    assert_eq!(contained["opaqueData"]["dataDescriptor"], own);
    assert_eq!(message(&browser("authenticateTestRequest", "")).0, "E00059");
    let value = contained["opaqueData"]["dataValue"].as_str().unwrap();
    let paid = gateway.ok("createTransactionRequest", &pay(own, value));
    let answer = &paid["transactionResponse"];
    assert_eq!((&answer["avsResultCode"], &answer["cvvResultCode"]), (&"A".into(), &"M".into()));
    assert_eq!(gateway.refused("createTransactionRequest", &pay(own, value)).0, "E00114");
    let fresh = gateway.sim.authnet().accept_js("4111111111111111", "2034-12", None).unwrap();
    assert_eq!(gateway.refused("createTransactionRequest", &pay("OTHER", &fresh)).0, "E00113");
    gateway.sim.clock().advance(std::time::Duration::from_secs(15 * 60 + 1));
    assert_eq!(gateway.refused("createTransactionRequest", &pay(own, &fresh)).0, "E00115");
    assert_eq!(gateway.sim.authnet().accept_js("4111111111111111", "none", None), None);
}
