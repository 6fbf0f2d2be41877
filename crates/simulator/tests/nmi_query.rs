//! NMI: `query.php`.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail")]

mod nmi_client;

use std::time::Duration;

use nmi_client::{ACH, Client, VISA, all, request};

const EMPTY: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<nm_response></nm_response>\n";

#[test]
fn a_transaction_lists_its_actions_and_the_batch() {
    let nmi = Client::new();
    let id = nmi
        .transact(&format!(
            "type=auth&amount=100.00&{VISA}&orderid=o1&first_name=A+%26+B&merchant_defined_field_3=x"
        ))
        .ok()
        .id();
    nmi.advance(60);
    nmi.transact(&format!("type=capture&transactionid={id}&amount=80.00")).ok();
    nmi.advance(60);
    let batch = nmi.sim.nmi().settle()[0]["batch_id"].as_str().unwrap().to_owned();
    let list = nmi.query("order_id=o1");
    assert!(list.starts_with(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<nm_response><transaction><transaction_id>"
    ));
    assert_eq!(all(&list, "transaction_id"), [id.as_str()]);
    assert_eq!(all(&list, "action_type"), ["auth", "capture", "settle"]);
    assert_eq!(all(&list, "amount"), ["100.00", "80.00", "80.00"]);
    assert_eq!(all(&list, "date"), ["20250615120000", "20250615120100", "20250615120200"]);
    assert_eq!(all(&list, "batch_id"), ["0", "0", &batch]);
    assert_eq!(all(&list, "success"), ["1"; 3]);
    assert_eq!(
        (all(&list, "condition"), all(&list, "cc_number")),
        (vec!["complete"], vec!["4xxxxxxxxxxx1111"])
    );
    assert_eq!((all(&list, "first_name"), all(&list, "currency")), (vec!["A &amp; B"], vec!["USD"]));
    assert!(list.contains("<merchant_defined_field id=\"3\">x</merchant_defined_field>"));
    assert!(!list.contains("4111111111111111"));
}

#[test]
fn filters_narrow_and_unknown_ones_are_refused() {
    let nmi = Client::new();
    let sale = nmi.sale("10.00", "orderid=a&email=r%40shop.example&last_name=Doe").ok().id();
    let auth = nmi.transact(&format!("type=auth&amount=11.00&{VISA}&orderid=b")).ok().id();
    let check = nmi.transact(&format!("type=sale&amount=12.00&{ACH}&orderid=a")).ok().id();
    nmi.sale("0.50", "orderid=c");
    let failed = nmi.sim.nmi().transactions()[0]["transaction_id"].as_str().unwrap().to_owned();
    let ids = |filter: &str| {
        all(&nmi.query(filter), "transaction_id").iter().map(|id| (*id).to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(ids(""), [&*sale, &*auth, &*check, &*failed]);
    assert_eq!(ids("report_type=transaction&result_order=reverse"), [&*failed, &*check, &*auth, &*sale]);
    assert_eq!(ids("order_id=a"), [&*sale, &*check]);
    assert_eq!(ids(&format!("transaction_id={auth},{check}")), [&*auth, &*check]);
    assert_eq!(ids("condition=pending,failed"), [&*auth, &*failed]);
    assert_eq!(ids("transaction_type=ck"), [&*check]);
    assert_eq!(ids("action_type=auth,void"), [&*auth]);
    assert_eq!(ids("cc_number=1111&email=r%40shop.example"), [&*sale]);
    assert_eq!(ids("cc_number=4111111111111111&last_name=Doe"), [&*sale]);
    assert_eq!(nmi.query("order_id=none"), EMPTY);
    assert_eq!(nmi.query("cc_number=1234"), EMPTY);

    let error = |filter: &str| {
        all(&nmi.query(filter), "error_response")[0].split(" REFID:").next().unwrap().to_owned()
    };
    assert_eq!(error("orderid=a"), "The orderid field is unknown");
    assert_eq!(error("condition=settled"), "The condition field is invalid");
    assert_eq!(error("start_date=yesterday"), "The start_date field is invalid");
    assert_eq!(error("transaction_id=abc"), "Invalid Transaction ID specified");
    assert_eq!(error("report_type=everything"), "The report_type field is invalid");
    assert_eq!(error("result_limit=0"), "The result_limit field is invalid");
}

#[test]
fn pages_count_from_zero() {
    let nmi = Client::new();
    for cents in 10..15 {
        nmi.sale(&format!("{cents}.00"), "").ok();
    }
    let amounts = |page: usize| {
        let list = nmi.query(&format!("result_limit=2&page_number={page}"));
        all(&list, "amount").iter().map(|amount| (*amount).to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(
        (amounts(0), amounts(1), amounts(2)),
        (vec!["10.00".into(), "11.00".into()], vec!["12.00".into(), "13.00".into()], vec!["14.00".into()])
    );
    assert!(amounts(3).is_empty());
}

#[test]
fn times_are_those_of_the_last_change() {
    let nmi = Client::new();
    let first = nmi.sale("10.00", "").ok().id();
    nmi.advance(3_600);
    nmi.sale("11.00", "").ok();
    let amounts = |filter: &str| all(&nmi.query(filter), "transaction_id").len();
    assert_eq!(amounts("start_date=20250615120000&end_date=20250615120000"), 1);
    assert_eq!(amounts("start_date=20250615120001"), 1);
    assert_eq!(amounts("start_date=20250615&end_date=20250615"), 2);
    nmi.advance(3_600);
    nmi.transact(&format!("type=void&transactionid={first}")).ok();
    assert_eq!(amounts("end_date=20250615125959"), 0);
    assert!(nmi.query("start_date=20250615140000").contains(&first));
}

#[test]
fn the_index_may_lag() {
    let nmi = Client::new();
    nmi.sim.nmi().index_lag(Duration::from_secs(5));
    let id = nmi.sale("10.00", "orderid=a").ok().id();
    assert_eq!(nmi.query("order_id=a"), EMPTY);
    nmi.advance(4);
    assert_eq!(nmi.query("order_id=a"), EMPTY);
    nmi.advance(1);
    assert_eq!(all(&nmi.query("order_id=a"), "condition"), ["pendingsettlement"]);
    nmi.transact(&format!("type=void&transactionid={id}")).ok();
    assert_eq!(all(&nmi.query("order_id=a"), "condition"), ["pendingsettlement"]);
    nmi.advance(5);
    let list = nmi.query("order_id=a");
    assert_eq!(
        (all(&list, "condition"), all(&list, "action_type")),
        (vec!["canceled"], vec!["sale", "void"])
    );
}

#[test]
fn refunds_are_transactions_of_their_own_and_may_show_on_the_payment_too() {
    let nmi = Client::new();
    let sale = nmi.sale("10.00", "orderid=a").ok().id();
    let refund = nmi.transact(&format!("type=refund&transactionid={sale}&amount=4.00&orderid=r")).ok().id();
    let list = nmi.query("order_id=r");
    assert_eq!((all(&list, "transaction_id"), all(&list, "amount")), (vec![refund.as_str()], vec!["-4.00"]));
    assert_eq!(
        (all(&list, "action_type"), all(&list, "condition")),
        (vec!["refund"], vec!["pendingsettlement"])
    );
    assert_eq!(all(&list, "original_transaction_id"), [sale.as_str()]);
    assert_eq!(all(&nmi.query("order_id=a"), "action_type"), ["sale"]);
    nmi.sim.nmi().refunds_name_payment(false);
    assert!(all(&nmi.query("order_id=r"), "original_transaction_id").is_empty());
    nmi.sim.nmi().refunds_on_payment(true);
    nmi.sim.nmi().settle();
    let list = nmi.query("order_id=a");
    assert_eq!(all(&list, "action_type"), ["sale", "settle", "refund"]);
    assert_eq!(
        (all(&list, "condition"), all(&nmi.query("order_id=r"), "condition")),
        (vec!["complete"], vec!["complete"])
    );
}

#[test]
fn accounts_tell_who_they_are_and_whether_they_only_play() {
    let nmi = Client::new();
    let wrap = |inside: &str| {
        format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<nm_response>{inside}</nm_response>\n")
    };
    assert_eq!(
        nmi.query("report_type=test_mode_status"),
        wrap("<test_mode_enabled>false</test_mode_enabled>")
    );
    nmi.sim.nmi().test_mode(true);
    assert_eq!(
        nmi.query("report_type=test_mode_status"),
        wrap("<test_mode_enabled>true</test_mode_enabled>")
    );
    let merchant = nmi.sim.nmi().merchant_id();
    assert_eq!(
        nmi.query("report_type=profile"),
        wrap(&format!(
            "<merchant><merchant_id>{merchant}</merchant_id><company>Example Shop</company><email>owner@shop.example</email></merchant>"
        ))
    );
}

#[test]
fn a_receipt_is_a_page_for_people() {
    let nmi = Client::new();
    let id = nmi.sale("10.00", "").ok().id();
    let response = nmi.sim.handle(request(
        "query.php",
        &format!("security_key={}&report_type=receipt&transaction_id={id}", nmi.key),
    ));
    assert_eq!(response.headers()["content-type"], "text/html; charset=UTF-8");
    assert!(String::from_utf8_lossy(response.body()).contains("10.00 USD"));
}

#[test]
fn authentication_fails_in_the_query_s_words() {
    let nmi = Client::new();
    let plain = |body: &str| {
        let response = nmi.sim.handle(request("query.php", body));
        assert_eq!(
            (response.status().as_u16(), &response.headers()["content-type"]),
            (200, &"text/xml; charset=UTF-8".parse().unwrap())
        );
        String::from_utf8(response.into_body().to_vec()).unwrap()
    };
    let words = |body: &str| {
        let answer = plain(body);
        assert!(
            answer.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<nm_response><error_response>"),
            "{answer}"
        );
        all(&answer, "error_response")[0].split(" REFID:").next().unwrap().to_owned()
    };
    assert_eq!(words("security_key=wrong&report_type=profile"), "Specified API key not found");
    assert_eq!(words("username=a&password=b&report_type=profile"), "Invalid Username/Password");
    assert_eq!(words("report_type=profile"), "Invalid Username/Password");
    let only = nmi.sim.nmi().payments_only_key();
    assert_eq!(words(&format!("security_key={only}&report_type=profile")), "Specified API key not found");
    let (name, word) = nmi.sim.nmi().username_and_password();
    assert_eq!(plain(&format!("username={name}&password={word}")), EMPTY);
}
