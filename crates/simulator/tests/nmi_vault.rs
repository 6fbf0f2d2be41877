//! NMI: the Customer Vault.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail")]

mod nmi_client;

use nmi_client::{ACH, Client, VISA, all};

const MASTERCARD: &str = "ccnumber=5431111111111111&ccexp=1131";

fn add(nmi: &Client, more: &str) -> String {
    nmi.transact(&format!("customer_vault=add_customer&{VISA}&{more}"))
        .ok()
        .get("customer_vault_id")
        .to_owned()
}

#[test]
fn a_customer_is_added_charged_updated_and_deleted() {
    let nmi = Client::new();
    let reply = nmi.transact(&format!("customer_vault=add_customer&{VISA}&first_name=Robin&zip=77777")).ok();
    let id = reply.get("customer_vault_id").to_owned();
    assert_eq!(
        reply.0,
        format!(
            "response=1&responsetext=Customer Added&authcode=&transactionid=&avsresponse=&cvvresponse=&orderid=&type=&response_code=100&customer_vault_id={id}"
        )
    );
    assert!(id.len() >= 9 && id.bytes().all(|byte| byte.is_ascii_digit()));

    let paid = nmi.transact(&format!("type=sale&amount=10.00&customer_vault_id={id}")).ok();
    assert_eq!(paid.get("avsresponse"), "Z");
    assert!(!paid.0.contains("customer_vault_id"));
    let row = &nmi.sim.nmi().transactions()[0];
    assert_eq!(
        (&row["customer_vault_id"], &row["fields"]["first_name"]),
        (&id.as_str().into(), &"Robin".into())
    );

    let update = nmi
        .transact(&format!("customer_vault=update_customer&customer_vault_id={id}&ccexp=1232&last_name=Doe"));
    assert_eq!(update.ok().get("responsetext"), "Customer Update Successful");
    let kept = &nmi.sim.nmi().customers()[0]["billings"][0];
    assert_eq!((&kept["payment"]["cc_exp"], &kept["fields"]["last_name"]), (&"1232".into(), &"Doe".into()));
    assert_eq!(kept["fields"]["first_name"], "Robin");

    let gone = nmi.transact(&format!("customer_vault=delete_customer&customer_vault_id={id}")).ok();
    assert_eq!(gone.get("responsetext"), "Customer Deleted");
    let twice = nmi.transact(&format!("customer_vault=delete_customer&customer_vault_id={id}"));
    assert_eq!((twice.text(), twice.get("customer_vault_id")), ("Invalid Customer Vault Id", "000000000"));
    assert_eq!(twice.get("response_code"), "300");
    nmi.transact(&format!("type=sale&amount=10.00&customer_vault_id={id}"))
        .refused("Invalid Customer Vault Id");
}

#[test]
fn ids_of_the_merchant_s_own_are_taken_once() {
    let nmi = Client::new();
    assert_eq!(add(&nmi, "customer_vault_id=robin-1"), "robin-1");
    nmi.transact(&format!("customer_vault=add_customer&{VISA}&customer_vault_id=robin-1"))
        .refused("Duplicate Customer Vault Id");
    nmi.transact(&format!("customer_vault=add_customer&{VISA}&customer_vault_id=robin+1"))
        .refused("The customer_vault_id field is invalid");
    nmi.transact("customer_vault=add_customer&first_name=A").refused("Billing Information missing");
    nmi.transact("customer_vault=drop_customer&customer_vault_id=robin-1")
        .refused("The customer_vault field is invalid");
    nmi.sim.nmi().vault(false);
    nmi.transact(&format!("customer_vault=add_customer&{VISA}"))
        .refused("The Customer Vault is not enabled for this account");
}

#[test]
fn a_customer_has_several_billing_ids() {
    let nmi = Client::new();
    let id = add(&nmi, "billing_id=card");
    let at = |action: &str, more: &str| {
        nmi.transact(&format!("customer_vault={action}&customer_vault_id={id}&{more}"))
    };
    at("add_billing", &format!("billing_id=bank&{ACH}")).ok();
    at("add_billing", &format!("billing_id=other&{MASTERCARD}")).ok();
    at("add_billing", &format!("billing_id=card&{VISA}")).refused("Duplicate Billing Id");

    let pay = |amount: &str, more: &str| {
        nmi.transact(&format!("type=sale&amount={amount}&customer_vault_id={id}&{more}"))
    };
    pay("5.00", "").ok();
    pay("6.00", "billing_id=other").ok();
    pay("7.00", "billing_id=bank").ok();
    pay("8.00", "billing_id=none").refused("Invalid Billing Id");
    let rows = nmi.sim.nmi().transactions();
    let kinds: Vec<_> = rows.iter().map(|row| row["transaction_type"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["ck", "cc", "cc"]);
    assert_eq!(
        (&rows[1]["payment"]["cc_type"], &rows[2]["payment"]["cc_type"]),
        (&"Mastercard".into(), &"Visa".into())
    );

    at("update_billing", "billing_id=other&ccexp=0133").ok();
    at("update_billing", "billing_id=none&ccexp=0133").refused("Invalid Billing Id");
    at("delete_billing", "billing_id=card").ok();
    pay("9.00", "").ok();
    assert_eq!(nmi.sim.nmi().transactions()[0]["transaction_type"], "ck");

    let list = nmi.query(&format!("report_type=customer_vault&customer_vault_id={id}&ver=2"));
    assert!(list.contains(&format!("<customer id=\"{id}\"><billing id=\"bank\" priority=\"1\">")));
    assert!(list.contains("<billing id=\"other\" priority=\"2\">"));
    assert_eq!(all(&list, "cc_exp"), ["", "0133"]);
    assert_eq!(all(&list, "check_account"), ["xxxxx3123", ""]);
}

#[test]
fn a_payment_can_store_what_paid_if_it_is_approved() {
    let nmi = Client::new();
    let sale = nmi.sale("10.00", "customer_vault=add_customer&customer_vault_id=c1&billing_id=b1").ok();
    assert_eq!(sale.get("customer_vault_id"), "c1");
    nmi.sale("11.00", "customer_vault=add_customer&customer_vault_id=c1")
        .refused("Duplicate Customer Vault Id");
    let declined = nmi.sale("0.50", "customer_vault=add_customer&customer_vault_id=c2");
    assert_eq!(declined.get("response"), "2");
    let more = nmi.transact(&format!(
        "type=validate&{MASTERCARD}&customer_vault=add_billing&customer_vault_id=c1&billing_id=b2"
    ));
    more.ok();
    let customers = nmi.sim.nmi().customers();
    assert_eq!((customers.len(), customers[0]["billings"].as_array().unwrap().len()), (1, 2));
    // What did not move money left nothing behind.
    assert_eq!(nmi.sim.nmi().transactions().len(), 3);

    let from = nmi.sale("12.00", "").ok().id();
    nmi.transact(&format!("customer_vault=add_customer&customer_vault_id=c3&source_transaction_id={from}"))
        .ok();
    nmi.transact("type=sale&amount=13.00&customer_vault_id=c3").ok();
}

#[test]
fn the_report_reads_as_the_captured_one() {
    let nmi = Client::new();
    add(&nmi, "customer_vault_id=2144883496&first_name=Robin&email=r%40shop.example");
    let list = nmi.query("report_type=customer_vault");
    assert!(list.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<nm_response><customer_vault><customer id=\"2144883496\"><first_name>Robin</first_name>"));
    assert!(list.ends_with(
        "<customer_vault_id>2144883496</customer_vault_id></customer></customer_vault></nm_response>\n"
    ));
    assert_eq!(
        (all(&list, "cc_number"), all(&list, "created")),
        (vec!["4xxxxxxxxxxx1111"], vec!["20250615120000"])
    );
    let none = nmi.query("report_type=customer_vault&customer_vault_id=nobody");
    assert_eq!(none, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<nm_response></nm_response>\n");
    assert_eq!(nmi.query("report_type=customer_vault&start_date=20250616000000"), none);
    let created = "report_type=customer_vault&date_search=created&start_date=20250615&end_date=20250615";
    assert!(nmi.query(created).contains("2144883496"));
}
