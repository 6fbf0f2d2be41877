//! NMI: payments by card through `transact.php`.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail")]

mod nmi_client;

use nmi_client::{Client, VISA, request};

#[test]
fn an_approval_reads_as_the_captured_one() {
    let nmi = Client::new();
    let reply = nmi.sale("10.00", "cvv=917&address1=456+My+Street&zip=10001&orderid=b6c1").ok();
    let id = reply.id();
    assert_eq!(
        reply.0,
        format!(
            "response=1&responsetext=SUCCESS&authcode=123456&transactionid={id}&avsresponse=N&cvvresponse=N&orderid=b6c1&type=sale&response_code=100"
        )
    );
    let sale = &nmi.sim.nmi().transactions()[0];
    assert_eq!((&sale["moved_cents"], &sale["condition"]), (&1000.into(), &"pendingsettlement".into()));
    assert_eq!(sale["payment"]["cc_number"], "4xxxxxxxxxxx1111");
    assert_eq!(nmi.told(), ["transaction.sale.success"]);
}

#[test]
fn less_than_one_is_declined() {
    let nmi = Client::new();
    let reply = nmi.sale("0.99", "cvv=917&zip=10001&orderid=f4bd");
    let id = reply.id();
    assert_eq!(
        reply.0,
        format!(
            "response=2&responsetext=DECLINE&authcode=&transactionid={id}&avsresponse=N&cvvresponse=N&orderid=f4bd&type=&response_code=200"
        )
    );
    assert_eq!(nmi.sim.nmi().transactions()[0]["condition"], "failed");
    assert_eq!(nmi.sim.nmi().transactions()[0]["moved_cents"], 0);
    assert_eq!(nmi.told(), ["transaction.sale.failure"]);
    nmi.transact(&format!("type=capture&transactionid={id}")).refused("Invalid Transaction ID specified");
}

#[test]
fn checks_of_code_and_address_follow_the_test_values() {
    let nmi = Client::new();
    let of = |more: &str| {
        let reply = nmi.transact(&format!("type=validate&{VISA}&{more}")).ok();
        (reply.get("avsresponse").to_owned(), reply.get("cvvresponse").to_owned())
    };
    assert_eq!(of("cvv=999&address1=888+Main&zip=77777"), ("Y".into(), "M".into()));
    assert_eq!(of("cvv=998&zip=77777"), ("Z".into(), "N".into()));
    assert_eq!(of("address1=888"), ("A".into(), String::new()));
    assert_eq!(of(""), (String::new(), String::new()));
}

#[test]
fn cards_are_checked() {
    let nmi = Client::new();
    let pay = |card: &str| nmi.transact(&format!("type=sale&amount=10.00&{card}"));
    pay("ccnumber=4111111111111112&ccexp=1030").refused("Invalid Credit Card Number");
    pay("ccnumber=4111111111111111&ccexp=1330").refused("Invalid Expiration Date");
    pay("ccnumber=4111111111111111").refused("The ccexp field is required");
    pay("").refused("The ccnumber field is required");
    pay("ccnumber=4111111111111111&ccexp=1030&cvv=12").refused("CVV must be 3 or 4 digits");
    let late = pay("ccnumber=4111111111111111&ccexp=0525");
    assert_eq!((late.get("response"), late.get("response_code")), ("2", "223"));
    for number in ["5431111111111111", "6011601160116611", "341111111111111"] {
        pay(&format!("ccnumber={number}&ccexp=1030")).ok();
    }
}

#[test]
fn an_authorization_is_captured_once_in_whole_or_in_part() {
    let nmi = Client::new();
    let auth = nmi.transact(&format!("type=auth&amount=25.00&{VISA}&orderid=o1")).ok();
    let id = auth.id();
    let capture = |more: &str| nmi.transact(&format!("type=capture&transactionid={id}&{more}"));
    assert_eq!(nmi.sim.nmi().transactions()[0]["condition"], "pending");
    capture("amount=25.01").refused("Capture amount may not exceed the authorized amount");
    let reply = capture("amount=20.00").ok();
    assert_eq!((reply.id(), reply.get("authcode"), reply.get("type")), (id.clone(), "123456", "capture"));
    capture("amount=5.00").refused("A capture requires that the existing transaction be an AUTH");
    let row = &nmi.sim.nmi().transactions()[0];
    assert_eq!((&row["authorized_cents"], &row["moved_cents"]), (&2500.into(), &2000.into()));
    assert_eq!(nmi.told(), ["transaction.auth.success", "transaction.capture.success"]);

    let whole = nmi.transact(&format!("type=auth&amount=7.00&{VISA}")).ok().id();
    nmi.transact(&format!("type=capture&transactionid={whole}")).ok();
    assert_eq!(nmi.sim.nmi().transactions()[0]["moved_cents"], 700);
    let sale = nmi.sale("8.00", "").ok().id();
    nmi.transact(&format!("type=capture&transactionid={sale}"))
        .refused("A capture requires that the existing transaction be an AUTH");
}

#[test]
fn a_void_comes_before_settlement_and_a_refund_also_after_it() {
    let nmi = Client::new();
    let first = nmi.sale("10.00", "orderid=v1").ok().id();
    let reply = nmi.transact(&format!("type=void&transactionid={first}&void_reason=user_cancel")).ok();
    assert_eq!(
        reply.0,
        format!(
            "response=1&responsetext=Transaction Void Successful&authcode=123456&transactionid={first}&avsresponse=&cvvresponse=&orderid=v1&type=void&response_code=100"
        )
    );
    nmi.transact(&format!("type=void&transactionid={first}"))
        .refused("Only transactions pending settlement can be voided");
    nmi.transact(&format!("type=refund&transactionid={first}"))
        .refused("Refund requires that the existing transaction be a SALE or CAPTURE");

    let second = nmi.sale("12.00", "").ok().id();
    assert_eq!(nmi.sim.nmi().settle().len(), 1);
    nmi.transact(&format!("type=void&transactionid={second}"))
        .refused("Only transactions pending settlement can be voided");
    let part = nmi.transact(&format!("type=refund&transactionid={second}&amount=5.00")).ok();
    assert_ne!(part.id(), second);
    assert_eq!((part.get("authcode"), part.get("type")), ("", "refund"));
    nmi.transact(&format!("type=refund&transactionid={second}&amount=7.01"))
        .refused("Refund amount may not exceed the transaction balance");
    nmi.transact(&format!("type=refund&transactionid={second}&amount=0.00")).ok();
    nmi.transact(&format!("type=refund&transactionid={second}"))
        .refused("Refund amount may not exceed the transaction balance");
    let rows = nmi.sim.nmi().transactions();
    assert_eq!(rows[0]["moved_cents"], -700);
    assert_eq!(rows[0]["refund_of"], second.as_str());
    assert_eq!(rows[2]["refunded_cents"], 1200);
    nmi.transact("type=refund&transactionid=1&amount=1.00").refused("Invalid Transaction ID specified");
}

#[test]
fn a_payment_partly_refunded_is_not_voided_until_the_refund_is() {
    let nmi = Client::new();
    let sale = nmi.sale("9.00", "").ok().id();
    let refund = nmi.transact(&format!("type=refund&transactionid={sale}&amount=4.00")).ok().id();
    let void = |id: &str| nmi.transact(&format!("type=void&transactionid={id}"));
    void(&sale).refused("Only transactions pending settlement can be voided");
    void(&refund).ok();
    void(&sale).ok();
    assert!(nmi.sim.nmi().transactions().iter().all(|row| row["moved_cents"] == 0));
}

#[test]
fn credits_and_checks_of_a_card_move_what_they_say() {
    let nmi = Client::new();
    let credit = nmi.transact(&format!("type=credit&amount=3.00&{VISA}")).ok();
    assert_eq!((credit.get("type"), credit.get("authcode")), ("credit", ""));
    assert_eq!(nmi.sim.nmi().transactions()[0]["moved_cents"], -300);
    nmi.sim.nmi().credits(false);
    nmi.transact(&format!("type=credit&amount=4.00&{VISA}"))
        .refused("Credits are not enabled for this account");
    let check = nmi.transact(&format!("type=validate&{VISA}&amount=0.00")).ok();
    assert_eq!((check.get("type"), check.get("orderid")), ("validate", ""));
    nmi.transact(&format!("type=validate&{VISA}&amount=1.00")).refused("Invalid amount");
    assert_eq!(nmi.sim.nmi().transactions()[0]["condition"], "complete");
    let offline = format!("type=offline&amount=5.00&{VISA}");
    nmi.transact(&offline).refused("The authorization_code field is required");
    nmi.transact(&format!("{offline}&authorization_code=A1B2C3")).ok();
}

#[test]
fn requests_are_read_strictly() {
    let nmi = Client::new();
    nmi.sale("10.00", "oderid=1").refused("The oderid field is unknown");
    nmi.sale("10.00", "currency=usd").refused("The currency field is invalid");
    nmi.sale("10.00", "orderid=1&orderid=2").refused("The orderid field was sent twice");
    nmi.sale("10.00", "firstname=A&first_name=B").refused("The first_name field was sent twice");
    nmi.sale("10.00", "processor_id=other").refused("Invalid Processor ID");
    nmi.sale("10.00", "payment_token=abc").refused("More than one payment method was given");
    for amount in ["10", "10.0", "10.001", "-1.00", "0.00", ""] {
        nmi.sale(amount, "").refused("Invalid amount");
    }
    nmi.transact("type=sell").refused("Invalid Transaction Type");
    nmi.transact("").refused("Invalid Transaction Type");
    assert!(nmi.sim.nmi().transactions().is_empty());
    nmi.sale("10.00", "firstname=Zo%C3%AB&orderdescription=A+%26+B&merchant_defined_field_20=x").ok();
    let fields = &nmi.sim.nmi().transactions()[0]["fields"];
    assert_eq!((&fields["first_name"], &fields["order_description"]), (&"Zo\u{eb}".into(), &"A & B".into()));
    assert!(fields.get("security_key").is_none() && fields.get("ccnumber").is_none());
}

#[test]
fn authentication_fails_in_the_gateway_s_words() {
    let nmi = Client::new();
    let plain = |body: &str| {
        let response = nmi.sim.handle(request("transact.php", body));
        assert_eq!(response.status(), 200);
        nmi_client::Reply(String::from_utf8(response.into_body().to_vec()).unwrap())
    };
    let failed = "response=3&responsetext=Authentication Failed&authcode=&transactionid=0&avsresponse=&cvvresponse=&orderid=&type=validate&response_code=300";
    assert_eq!(plain(&format!("username=merchant&password=wrong&type=validate&{VISA}")).0, failed);
    assert_eq!(plain(&format!("type=validate&{VISA}")).0, failed);
    let public = nmi.sim.nmi().tokenization_key();
    for key in ["wrong", &public] {
        plain(&format!("security_key={key}&type=validate&{VISA}")).refused("Specified API key not found");
    }
    let (name, word) = nmi.sim.nmi().username_and_password();
    plain(&format!("username={name}&password={word}&type=validate&{VISA}")).ok();
    let only = nmi.sim.nmi().payments_only_key();
    plain(&format!("security_key={only}&type=validate&{VISA}")).ok();

    // What is not a posted form is not seen.
    let mut json = request("transact.php", &format!("security_key={}&type=validate&{VISA}", nmi.key));
    json.headers_mut().insert("content-type", "application/json".parse().unwrap());
    let reply = String::from_utf8(nmi.sim.handle(json).into_body().to_vec()).unwrap();
    assert!(reply.contains("Authentication Failed"));
}

#[test]
fn duplicates_are_the_same_card_kind_and_amount_within_the_window() {
    let nmi = Client::new();
    nmi.sale("10.00", "orderid=1").ok();
    let again = nmi.sale("10.00", "orderid=2");
    again.refused("Duplicate transaction");
    assert_eq!((again.get("type"), again.get("orderid")), ("sale", ""));
    nmi.sale("10.01", "").ok();
    nmi.transact("type=sale&amount=10.00&ccnumber=5431111111111111&ccexp=1030").ok();
    nmi.transact(&format!("type=auth&amount=10.00&{VISA}")).ok();
    nmi.sale("10.00", "dup_seconds=0").ok();
    nmi.advance(1_199);
    nmi.sale("10.00", "").refused("Duplicate transaction");
    nmi.advance(1);
    nmi.sale("10.00", "").ok();
    nmi.advance(1_200);
    nmi.sale("10.00", "dup_seconds=3600").refused("Duplicate transaction");

    nmi.sim.nmi().own_duplicate_windows(false);
    nmi.sale("10.00", "dup_seconds=0").refused("Disabling Duplicate Check is not allowed for this processor");
    nmi.sale("10.00", "dup_seconds=3600").ok();
    nmi.sim.nmi().duplicate_window(std::time::Duration::ZERO);
    nmi.sale("10.00", "").ok();
}

#[test]
fn a_decline_is_no_duplicate() {
    let nmi = Client::new();
    nmi.sim.nmi().refuse("4111111111111111", "202", "Insufficient funds");
    let declined = nmi.sale("10.00", "");
    assert_eq!((declined.get("response"), declined.get("response_code")), ("2", "202"));
    assert_eq!(declined.get("responsetext"), "Insufficient funds");
    nmi.sim.nmi().accept("4111111111111111");
    nmi.sale("10.00", "").ok();
    nmi.sim.nmi().refuse("4111111111111111", "421", "Communication error with issuer");
    let lost = nmi.sale("11.00", "orderid=x");
    assert_eq!((lost.get("response"), lost.get("response_code"), lost.get("type")), ("3", "421", "sale"));
    assert_eq!(nmi.sim.nmi().transactions()[0]["condition"], "unknown");
    assert_eq!(nmi.told().last().unwrap(), "transaction.sale.unknown");
}

#[test]
fn stored_credentials_name_what_they_follow() {
    let nmi = Client::new();
    let first = nmi.sale("10.00", "initiated_by=customer&stored_credential_indicator=stored").ok().id();
    let used = "initiated_by=merchant&stored_credential_indicator=used";
    nmi.sale("11.00", used).refused("The initial_transaction_id field is required");
    nmi.sale("11.00", &format!("{used}&initial_transaction_id={first}&billing_method=recurring")).ok();
    nmi.sale("12.00", &format!("{used}&initial_transaction_id=583103536844189")).ok();
    nmi.transact(&format!(
        "type=sale&amount=13.00&ccnumber=5431111111111111&ccexp=1030&{used}&initial_transaction_id={first}"
    ))
    .refused("The initial_transaction_id field is invalid");
    nmi.sale(
        "14.00",
        "cardholder_auth=verified&cavv=AAABBEg0VhI0VniQEjRWAAAAAAA%3D&eci=05&three_ds_version=2.2.0",
    )
    .ok();
    assert_eq!(nmi.sim.nmi().transactions()[0]["fields"]["cavv"], "AAABBEg0VhI0VniQEjRWAAAAAAA=");
    nmi.sale("15.00", "cardholder_auth=perhaps").refused("The cardholder_auth field is invalid");
}

#[test]
fn tokens_are_good_once_and_the_documented_one_always() {
    let nmi = Client::new();
    let token = nmi.sim.nmi().tokenize("5431111111111111", "1030").unwrap();
    let pay =
        |token: &str, amount: &str| nmi.transact(&format!("type=sale&amount={amount}&payment_token={token}"));
    pay(&token, "10.00").ok();
    assert_eq!(nmi.sim.nmi().transactions()[0]["payment"]["cc_type"], "Mastercard");
    pay(&token, "11.00").refused("Invalid Payment Token");
    pay("00000000-000000-000000-000000000000", "12.00").ok();
    pay("00000000-000000-000000-000000000000", "13.00").ok();
    assert!(nmi.sim.nmi().tokenize("1", "1030").is_none());
}

#[test]
fn notes_can_be_changed_afterwards() {
    let nmi = Client::new();
    let id = nmi.sale("10.00", "orderid=a").ok().id();
    nmi.transact(&format!("type=update&transactionid={id}&orderid=b&ponumber=7")).ok();
    let row = &nmi.sim.nmi().transactions()[0];
    assert_eq!((&row["order_id"], &row["fields"]["ponumber"]), (&"b".into(), &"7".into()));
    nmi.transact(&format!("type=update&transactionid={id}&amount=1.00"))
        .refused("The amount field is unknown");
}

#[test]
fn the_account_s_rate_limit_is_an_answer_like_any_other() {
    let nmi = Client::new();
    nmi.sim.nmi().limit_next(2);
    assert_eq!(
        nmi.sale("10.00", "orderid=1").0,
        "response=3&responsetext=Rate limit exceeded&authcode=&transactionid=&avsresponse=&cvvresponse=&orderid=&type=&response_code=301"
    );
    assert!(nmi.query("order_id=1").contains("<error_response>Rate limit exceeded</error_response>"));
    nmi.sale("10.00", "orderid=1").ok();
    assert_eq!(nmi.sim.nmi().transactions().len(), 1);
}

#[test]
fn test_mode_approves_for_show() {
    let nmi = Client::new();
    nmi.sim.nmi().test_mode(true);
    nmi.sale("10.00", "").ok();
    nmi.sim.nmi().test_mode(false);
    nmi.sale("11.00", "test_mode=enabled").ok();
    nmi.sale("12.00", "").ok();
    let modes: Vec<_> = nmi
        .sim
        .nmi()
        .events()
        .iter()
        .map(|event| event["event_body"]["features"]["is_test_mode"].clone())
        .collect();
    assert_eq!(modes, [false, true, true]);
    let batches = nmi.sim.nmi().settle();
    assert_eq!((batches.len(), &batches[0]["amount"]), (1, &"12.00".into()));
    assert_eq!(nmi.sim.nmi().transactions()[2]["condition"], "pendingsettlement");
}

#[test]
fn some_accounts_echo_more() {
    let nmi = Client::new();
    nmi.sim.nmi().echo_more(true);
    let reply = nmi.sale("10.00", "customer_vault=add_customer&customer_vault_id=c1").ok();
    assert!(reply.0.ends_with(
        "&response_code=100&customer_vault_id=c1&amount_authorized=10.00&cc_number=4xxxxxxxxxxx1111"
    ));
    let declined = nmi.sale("0.50", "");
    assert!(declined.0.ends_with(
        "&response_code=200&amount_authorized=0.00&cc_number=4xxxxxxxxxxx1111&customer_vault_id="
    ));
}

#[test]
fn a_captured_authorization_can_be_voided_until_it_settles() {
    let nmi = Client::new();
    let id = nmi.transact(&format!("type=auth&amount=25.00&{VISA}")).ok().id();
    nmi.transact(&format!("type=capture&transactionid={id}&amount=20.00&orderid=shipped")).ok();
    let void = nmi.transact(&format!("type=void&transactionid={id}")).ok();
    assert_eq!(void.get("orderid"), "shipped");
    let row = &nmi.sim.nmi().transactions()[0];
    assert_eq!((&row["moved_cents"], &row["authorized_cents"]), (&0.into(), &0.into()));
    assert!(nmi.sim.nmi().settle().is_empty());
}
