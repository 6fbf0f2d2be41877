//! Authorize.Net: customer profiles, payment profiles, addresses, payments with them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail"
)]

mod authnet_client;

use authnet_client::{CARD, CHECK, Client, approved, outcome, pair, text};

const BILLING: &str = r#""billTo":{"firstName":"Ellen","lastName":"Doe","address":"1 Main","zip":"98004"}"#;

fn profile(gateway: &Client, email: &str) -> String {
    let made = gateway.ok("createCustomerProfileRequest", &format!(r#""profile":{{"email":"{email}"}}"#));
    text(&made["customerProfileId"])
}

fn add(gateway: &Client, customer: &str, number: &str, more: &str) -> serde_json::Value {
    let rest = format!(
        r#""customerProfileId":"{customer}","paymentProfile":{{{BILLING},"payment":{{"creditCard":{{"cardNumber":"{number}","expirationDate":"2034-12"}}}}}}{more}"#
    );
    gateway.call("createCustomerPaymentProfileRequest", &rest)
}

#[test]
fn a_profile_with_everything_in_it() {
    let gateway = Client::new();
    let rest = format!(
        r#""refId":"v1","profile":{{"merchantCustomerId":"M1","description":"d","email":"a@example.com","paymentProfiles":[{{"customerType":"individual",{BILLING},{CARD}}},{{{BILLING},{CHECK}}}],"shipToList":{{"firstName":"Ellen","city":"Bellevue"}}}},"validationMode":"testMode""#
    );
    let made = gateway.ok("createCustomerProfileRequest", &rest);
    assert_eq!(made["refId"], "v1");
    let id = text(&made["customerProfileId"]);
    assert_eq!(made["customerPaymentProfileIdList"].as_array().unwrap().len(), 2);
    assert_eq!(made["customerShippingAddressIdList"].as_array().unwrap().len(), 1);
    let direct = text(&made["validationDirectResponseList"][0]);
    assert!(direct.starts_with("1,1,1,This transaction has been approved.,"), "{direct}");
    assert_eq!(direct.split(',').count(), 68);
    assert!(direct.contains(",XXXX1111,Visa,"), "{direct}");
    for wanted in [
        format!(r#""customerProfileId":"{id}""#),
        r#""merchantCustomerId":"M1""#.to_owned(),
        r#""email":"a@example.com""#.to_owned(),
    ] {
        let got = gateway.ok("getCustomerProfileRequest", &wanted);
        let own = &got["profile"];
        assert_eq!(
            (&own["customerProfileId"], &own["merchantCustomerId"]),
            (&id.as_str().into(), &"M1".into())
        );
        assert_eq!(own["paymentProfiles"][0]["payment"]["creditCard"]["cardNumber"], "XXXX1111");
        assert_eq!(own["paymentProfiles"][0]["payment"]["creditCard"]["expirationDate"], "XXXX");
        assert_eq!(own["paymentProfiles"][1]["payment"]["bankAccount"]["routingNumber"], "XXXX2882");
        assert_eq!(own["shipToList"][0]["city"], "Bellevue");
    }
    let open =
        gateway.ok("getCustomerProfileRequest", r#""email":"a@example.com","unmaskExpirationDate":true"#);
    assert_eq!(open["profile"]["paymentProfiles"][0]["payment"]["creditCard"]["expirationDate"], "2034-12");
    assert_eq!(gateway.ok("getCustomerProfileIdsRequest", "")["ids"][0], id.as_str());
    let (code, said) = gateway.refused("createCustomerProfileRequest", &rest);
    assert_eq!((code.as_str(), said), ("E00039", format!("A duplicate record with ID {id} already exists.")));
    let renamed = format!(
        r#""profile":{{"merchantCustomerId":"M1","email":"b@example.com","customerProfileId":"{id}"}}"#
    );
    gateway.ok("updateCustomerProfileRequest", &renamed);
    let got = gateway.ok("getCustomerProfileRequest", &format!(r#""customerProfileId":"{id}""#));
    assert_eq!(got["profile"]["email"], "b@example.com");
    assert!(got["profile"].get("description").is_none());
    let delete = format!(r#""customerProfileId":"{id}""#);
    gateway.ok("deleteCustomerProfileRequest", &delete);
    assert_eq!(gateway.refused("deleteCustomerProfileRequest", &delete).0, "E00040");
    assert_eq!(gateway.ok("getCustomerProfileIdsRequest", "")["messages"]["message"][0]["code"], "I00004");
    assert_eq!(gateway.refused("createCustomerProfileRequest", r#""profile":{}"#).0, "E00041");
}

#[test]
fn duplicates_name_what_is_there() {
    let gateway = Client::new();
    let customer = profile(&gateway, "a@example.com");
    let first = add(&gateway, &customer, "4111111111111111", "");
    let own = text(&first["customerPaymentProfileId"]);
    let again = add(&gateway, &customer, "4111111111111111", "");
    assert_eq!(again["messages"]["resultCode"], "Error");
    assert_eq!(again["messages"]["message"][0]["code"], "E00039");
    assert_eq!(
        again["messages"]["message"][0]["text"],
        "A duplicate customer payment profile already exists."
    );
    assert_eq!(
        (&again["customerProfileId"], &again["customerPaymentProfileId"]),
        (&customer.as_str().into(), &own.as_str().into())
    );
    let mut number = 4_007_000_000_000_u64;
    let mut cards = 1;
    while cards < 10 {
        number += 1;
        let added = add(&gateway, &customer, &number.to_string(), "");
        match added["messages"]["message"][0]["code"].as_str().unwrap() {
            "I00001" => cards += 1,
            other => assert_eq!(other, "E00013", "{added:#}"),
        }
    }
    let over = add(&gateway, &customer, "5424000000000015", "");
    assert_eq!(over["messages"]["message"][0]["code"], "E00042");
    assert_eq!(over["messages"]["message"][0]["text"], "You cannot add more than 10 payment profiles.");
    assert_eq!(add(&gateway, "1", "5424000000000015", "")["messages"]["message"][0]["code"], "E00040");
}

#[test]
fn live_validation_asks_the_bank() {
    let gateway = Client::new();
    let customer = profile(&gateway, "a@example.com");
    let live = r#","validationMode":"liveMode""#;
    let good = add(&gateway, &customer, "4111111111111111", live);
    assert!(text(&good["validationDirectResponse"]).contains(",0.00,CC,auth_only,"));
    let validation = gateway.sim.authnet().transactions().remove(0);
    assert_eq!((&validation["transactionStatus"], &validation["requested"]), (&"voided".into(), &0.into()));
    let rest = format!(
        r#""customerProfileId":"{customer}","paymentProfile":{{"billTo":{{"zip":"46282"}},{CARD}}}{live}"#
    );
    let declined = gateway.call("createCustomerPaymentProfileRequest", &rest);
    assert_eq!(declined["messages"]["message"][0]["code"], "E00027");
    assert!(
        text(&declined["validationDirectResponse"]).starts_with("2,1,2,This transaction has been declined.")
    );
    let id = text(&good["customerPaymentProfileId"]);
    let check = format!(
        r#""customerProfileId":"{customer}","customerPaymentProfileId":"{id}","cardCode":"900","validationMode":"liveMode""#
    );
    let checked = gateway.ok("validateCustomerPaymentProfileRequest", &check);
    assert!(text(&checked["directResponse"]).starts_with("1,1,1,"));
    let cards = gateway.sim.authnet().customer_profiles().remove(0)["paymentProfiles"].clone();
    assert_eq!(cards.as_array().unwrap().len(), 1);
}

#[test]
fn payment_profiles_are_changed_and_deleted() {
    let gateway = Client::new();
    let customer = profile(&gateway, "a@example.com");
    let id = text(&add(&gateway, &customer, "4111111111111111", "")["customerPaymentProfileId"]);
    let update = |card: &str| {
        let rest = format!(
            r#""customerProfileId":"{customer}","paymentProfile":{{"payment":{{"creditCard":{card}}},"customerPaymentProfileId":"{id}"}}"#
        );
        gateway.call("updateCustomerPaymentProfileRequest", &rest)
    };
    let get = || {
        let wanted = format!(
            r#""customerProfileId":"{customer}","customerPaymentProfileId":"{id}","unmaskExpirationDate":"true""#
        );
        gateway.ok("getCustomerPaymentProfileRequest", &wanted)["paymentProfile"].clone()
    };
    // A masked number keeps the card; what is not sent is gone.
    assert_eq!(
        update(r#"{"cardNumber":"XXXX1111","expirationDate":"2035-01"}"#)["messages"]["resultCode"],
        "Ok"
    );
    let own = get();
    assert_eq!(own["payment"]["creditCard"]["expirationDate"], "2035-01");
    assert!(own.get("billTo").is_none());
    let charge = format!(
        r#""amount":"5.00","profile":{{"customerProfileId":"{customer}","paymentProfile":{{"paymentProfileId":"{id}"}}}}"#
    );
    approved(&gateway.transact("authCaptureTransaction", &charge));
    assert_eq!(
        update(r#"{"cardNumber":"XXXX9999","expirationDate":"XXXX"}"#)["messages"]["message"][0]["code"],
        "E00013"
    );
    update(r#"{"cardNumber":"5424000000000015","expirationDate":"2035-02"}"#);
    assert_eq!(get()["payment"]["creditCard"]["cardType"], "MasterCard");
    let listed = gateway.ok(
        "getCustomerPaymentProfileListRequest",
        r#""searchType":"cardsExpiringInMonth","month":"2035-02""#,
    );
    assert_eq!(
        (
            &listed["totalNumInResultSet"],
            listed["paymentProfiles"][0]["customerPaymentProfileId"].to_string()
        ),
        (&1.into(), id.clone())
    );
    let delete = format!(r#""customerProfileId":"{customer}","customerPaymentProfileId":"{id}""#);
    gateway.ok("deleteCustomerPaymentProfileRequest", &delete);
    assert_eq!(gateway.refused("deleteCustomerPaymentProfileRequest", &delete).0, "E00040");
    assert_eq!(
        gateway.call(
            "createTransactionRequest",
            &format!(r#""transactionRequest":{{"transactionType":"authCaptureTransaction",{charge}}}"#)
        )["messages"]["message"][0]["code"],
        "E00040"
    );
}

#[test]
fn stored_cards_pay_and_refuse_what_contradicts_them() {
    let gateway = Client::new();
    let customer = profile(&gateway, "a@example.com");
    let id = text(&add(&gateway, &customer, "4111111111111111", "")["customerPaymentProfileId"]);
    let stored = format!(
        r#""profile":{{"customerProfileId":"{customer}","paymentProfile":{{"paymentProfileId":"{id}","cardCode":"901"}}}}"#
    );
    let paid = gateway.transact("authCaptureTransaction", &format!(r#""amount":"20.00",{stored}"#));
    let trans_id = approved(&paid);
    assert_eq!(paid["profile"]["customerPaymentProfileId"], id.as_str());
    assert_eq!((&paid["cvvResultCode"], &paid["avsResultCode"]), (&"N".into(), &"Y".into()));
    let of_customer =
        gateway.ok("getTransactionListForCustomerRequest", &format!(r#""customerProfileId":"{customer}""#));
    assert_eq!(of_customer["transactions"][0]["transId"], trans_id.as_str());
    // The default payment profile pays when none is named.
    let default = format!(r#""amount":"21.00","profile":{{"customerProfileId":"{customer}"}}"#);
    approved(&gateway.transact("authCaptureTransaction", &default));
    let refused = |fields: &str| {
        let rest = format!(
            r#""transactionRequest":{{"transactionType":"authCaptureTransaction","amount":"1.00",{fields}}}"#
        );
        gateway.refused("createTransactionRequest", &rest).0
    };
    assert_eq!(refused(&format!("{CARD},{stored}")), "E00090");
    assert_eq!(refused(&format!("{stored},{BILLING}")), "E00093");
    let shipping = format!(
        r#""profile":{{"customerProfileId":"{customer}","paymentProfile":{{"paymentProfileId":"{id}"}},"shippingProfileId":"9"}}"#
    );
    assert_eq!(refused(&format!(r#"{shipping},"shipTo":{{"city":"x"}}"#)), "E00092");
    assert_eq!(refused(&shipping), "E00098");
    assert_eq!(refused(r#""profile":{"createProfile":true}"#), "E00089");
    assert_eq!(
        refused(&format!(r#"{CARD},"profile":{{"createProfile":true,"customerProfileId":"{customer}"}}"#)),
        "E00088"
    );
    // A refund names the profile.
    gateway.sim.authnet().settle();
    let refund = format!(
        r#""amount":"4.00",{},"refTransId":"{trans_id}""#,
        stored.replace(r#","cardCode":"901""#, "")
    );
    approved(&gateway.transact("refundTransaction", &refund));
    let other = refund.replace(&id, "1").replace("4.00", "4.01");
    assert_eq!(outcome(&gateway.transact("refundTransaction", &other)), pair("3", "54"));
}

#[test]
fn a_payment_can_make_a_profile() {
    let gateway = Client::new();
    let rest = format!(
        r#""transactionRequest":{{"transactionType":"authCaptureTransaction","amount":"5.00",{CARD},"profile":{{"createProfile":true}},"customer":{{"id":"C1","email":"a@example.com"}},{BILLING}}}"#
    );
    let made = gateway.ok("createTransactionRequest", &rest);
    assert_eq!(made["profileResponse"]["messages"]["resultCode"], "Ok");
    let customer = text(&made["profileResponse"]["customerProfileId"]);
    let trans_id = text(&made["transactionResponse"]["transId"]);
    let again = format!(r#""transId":"{trans_id}","customerProfileId":"{customer}""#);
    assert_eq!(gateway.refused("createCustomerProfileFromTransactionRequest", &again).0, "E00039");
    let other = format!(r#""transId":"{trans_id}","customer":{{"email":"b@example.com"}}"#);
    let second = gateway.ok("createCustomerProfileFromTransactionRequest", &other);
    assert!(second["customerProfileId"] != customer.as_str());
    assert_eq!(
        gateway.refused("createCustomerProfileFromTransactionRequest", r#""transId":"1""#).0,
        "E00099"
    );
    let nameless = gateway.sale("6.00", "");
    let rest = format!(r#""transId":"{nameless}""#);
    assert_eq!(gateway.refused("createCustomerProfileFromTransactionRequest", &rest).0, "E00102");
}

#[test]
fn addresses() {
    let gateway = Client::new();
    let customer = profile(&gateway, "a@example.com");
    let create =
        format!(r#""customerProfileId":"{customer}","address":{{"firstName":"E","city":"Bellevue"}}"#);
    let id = text(&gateway.ok("createCustomerShippingAddressRequest", &create)["customerAddressId"]);
    assert_eq!(gateway.refused("createCustomerShippingAddressRequest", &create).0, "E00039");
    let named = format!(r#""customerProfileId":"{customer}","customerAddressId":"{id}""#);
    let got = gateway.ok("getCustomerShippingAddressRequest", &named);
    assert_eq!((&got["defaultShippingAddress"], &got["address"]["city"]), (&true.into(), &"Bellevue".into()));
    let update =
        format!(r#""customerProfileId":"{customer}","address":{{"city":"Lehi","customerAddressId":"{id}"}}"#);
    gateway.ok("updateCustomerShippingAddressRequest", &update);
    let got =
        gateway.ok("getCustomerShippingAddressRequest", &format!(r#""customerProfileId":"{customer}""#));
    assert_eq!(got["address"]["city"], "Lehi");
    gateway.ok("deleteCustomerShippingAddressRequest", &named);
    assert_eq!(gateway.refused("deleteCustomerShippingAddressRequest", &named).0, "E00040");
}
