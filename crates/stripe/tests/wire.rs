//! Every request, byte for byte.

mod wire_support;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use chrono::DateTime;
use turnbuckle_core::http::{BaseUrl, Delivery, TransportError, TransportErrorKind, transport_try_fn};
use turnbuckle_core::{Environment, ErrorKind};
use turnbuckle_stripe::*;
use wire_support::{Answer, KEY, SETTINGS, Wire, fixtures, keyed};

const PAYMENT: &str = "pi_3TbOrder6735BoardsPay001";
const SETUP: &str = "seti_1TbPayer17CardSetup00001";
const CUSTOMER: &str = "cus_TbBoardPayer17";
const METHOD: &str = "pm_1TbPayer17CardEnds444401";
const REFUND: &str = "re_3TbOrder6735BoardsRef001";

fn page_of(name: &str) -> Wire {
    let object = wire_support::fixture(&format!("responses/{name}.json"));
    Wire::new([Answer::new(
        200,
        format!(r#"{{"object":"list","data":[{object}],"has_more":false,"url":"/v1"}}"#),
    )])
}

#[tokio::test]
async fn payment_intents_create() {
    let wire = Wire::answering("payment_intent");
    let params = CreatePaymentIntent::new(1099, "usd")
        .with_metadata("order", "6735")
        .with_metadata("note", "a b+c")
        .with_statement_descriptor_suffix("ORDER 6735")
        .with_payment_method("pm_card_visa")
        .with_automatic_payment_methods(AutomaticPaymentMethods::new(true).with_allow_redirects("never"))
        .with_description("Ünïcode & more = 100%")
        .with_confirm(true);
    let options = keyed().with_account("acct_1TbWorkshop00007").with_expand("latest_charge");
    let payment = wire.stripe().payment_intents().create(&params, &options).await.unwrap();
    wire.assert_sent("payment_intents_create");

    assert_eq!(payment.id, "pi_3TbOrder6735BoardsPay001");
    assert_eq!((payment.amount, payment.currency.as_str()), (9000, "usd"));
    assert_eq!((payment.amount_received, payment.amount_capturable), (9000, 0));
    assert_eq!(payment.status, PaymentIntentStatus::Succeeded);
    assert_eq!(payment.capture_method, CaptureMethod::AutomaticAsync);
    assert_eq!(payment.created, DateTime::from_timestamp(1_783_014_071, 0));
    assert_eq!(payment.latest_charge.as_ref().unwrap().id(), "ch_3TbOrder6735BoardsChg001");
    assert_eq!(payment.customer.as_ref().unwrap().id(), CUSTOMER);
    assert_eq!(payment.metadata["order"], "6735");
    assert!(payment.last_payment_error.is_none() && payment.next_action.is_none() && !payment.livemode);
}

#[tokio::test]
async fn payment_intents_create_card() {
    let wire = Wire::answering("payment_intent");
    let card = CardData::new("4242424242424242", 9, 2031).with_cvc("123");
    let address = Address::new().with_line1("1 Main St").with_postal_code("K1C2N6");
    let billing = BillingDetails::new().with_name("Longbob Longsen").with_address(address);
    let options = CardOptions::new()
        .with_request_multicapture("if_available")
        .with_request_incremental_authorization("if_available");
    let params = CreatePaymentIntent::new(2010, "eur")
        .with_capture_method(CaptureMethod::Manual)
        .with_payment_method_data(PaymentMethodData::of_card(card).with_billing_details(billing))
        .with_payment_method_types(["card"])
        .with_payment_method_options(PaymentMethodOptions::new().with_card(options))
        .with_off_session(true)
        .with_confirm(true);
    wire.stripe().payment_intents().create(&params, &keyed()).await.unwrap();
    wire.assert_sent("payment_intents_create_card");
}

#[tokio::test]
async fn payment_intents_create_ach() {
    let wire = Wire::answering("payment_intent");
    let account =
        UsBankAccountData::new("000123456789", "110000000", "individual").with_account_type("checking");
    let params = CreatePaymentIntent::new(500, "usd")
        .with_payment_method_data(PaymentMethodData::of_us_bank_account(account))
        .with_payment_method_types(["us_bank_account"])
        .with_mandate_data(MandateData::online("127.0.0.1", "Mozilla/5.0 (X11)"))
        .with_confirm(true);
    wire.stripe().payment_intents().create(&params, &keyed()).await.unwrap();
    wire.assert_sent("payment_intents_create_ach");
}

#[tokio::test]
async fn payment_intents_confirm() {
    let wire = Wire::answering("payment_intent");
    let params = ConfirmPaymentIntent::new()
        .with_payment_method("pm_card_mastercard")
        .with_return_url("https://shop.example/back?order=6735&try=2");
    wire.stripe().payment_intents().confirm(PAYMENT, &params, &keyed()).await.unwrap();
    wire.assert_sent("payment_intents_confirm");
}

#[tokio::test]
async fn payment_intents_capture() {
    let wire = Wire::answering("payment_intent");
    let params = CapturePaymentIntent::new().with_amount_to_capture(500).with_final_capture(false);
    wire.stripe().payment_intents().capture(PAYMENT, &params, &keyed()).await.unwrap();
    wire.assert_sent("payment_intents_capture");

    let wire = Wire::answering("payment_intent");
    wire.stripe().payment_intents().capture(PAYMENT, &CapturePaymentIntent::new(), &keyed()).await.unwrap();
    wire.assert_sent("payment_intents_capture_all");
}

#[tokio::test]
async fn payment_intents_cancel() {
    let wire = Wire::answering("payment_intent");
    let params = CancelPaymentIntent::new().with_cancellation_reason("requested_by_customer");
    wire.stripe().payment_intents().cancel(PAYMENT, &params, &keyed()).await.unwrap();
    wire.assert_sent("payment_intents_cancel");
}

#[tokio::test]
async fn payment_intents_update_clears_and_sets() {
    let wire = Wire::answering("payment_intent");
    let shipping =
        Shipping::new().with_name("Longbob Longsen").with_address(Address::new().with_city("Zürich"));
    let params = UpdatePaymentIntent::new()
        .with_amount(1200)
        .without_description()
        .without_application_fee_amount()
        .with_shipping(shipping)
        .with_metadata("order", "");
    wire.stripe().payment_intents().update(PAYMENT, &params, &keyed()).await.unwrap();
    wire.assert_sent("payment_intents_update");
}

#[tokio::test]
async fn payment_intents_increment_authorization() {
    let wire = Wire::answering("payment_intent");
    let params = IncrementAuthorization::new(1500);
    wire.stripe().payment_intents().increment_authorization(PAYMENT, &params, &keyed()).await.unwrap();
    wire.assert_sent("payment_intents_increment_authorization");
}

#[tokio::test]
async fn payment_intents_retrieve() {
    let wire = Wire::answering("payment_intent");
    let options = CallOptions::new().with_expand("latest_charge").with_expand("payment_method");
    wire.stripe().payment_intents().retrieve(PAYMENT, &options).await.unwrap();
    wire.assert_sent("payment_intents_retrieve");
}

#[tokio::test]
async fn payment_intents_list() {
    let wire = page_of("payment_intent");
    let from = DateTime::from_timestamp(1_700_000_000, 0).unwrap();
    let until = DateTime::from_timestamp(1_700_003_600, 0).unwrap();
    let params = ListPaymentIntents::new()
        .with_customer(CUSTOMER)
        .with_created(Created::since(from).until(until))
        .with_limit(5)
        .with_starting_after(PAYMENT);
    let options = CallOptions::new().with_expand("data.latest_charge");
    let page = wire.stripe().payment_intents().list(&params).with_options(options).page().await.unwrap();
    wire.assert_sent("payment_intents_list");
    assert_eq!((page.data.len(), page.data[0].id.as_str(), page.has_more), (1, PAYMENT, false));
}

#[tokio::test]
async fn payment_intents_search() {
    let wire = page_of("payment_intent");
    let params = SearchPaymentIntents::new("metadata['order']:'6735'").with_limit(10);
    wire.stripe().payment_intents().search(&params).page().await.unwrap();
    wire.assert_sent("payment_intents_search");
}

#[tokio::test]
async fn setup_intents() {
    let wire = Wire::answering("setup_intent");
    let params = CreateSetupIntent::new()
        .with_customer(CUSTOMER)
        .with_payment_method("pm_card_visa")
        .with_payment_method_types(["card"])
        .with_usage("off_session")
        .with_confirm(true);
    let setup = wire.stripe().setup_intents().create(&params, &keyed()).await.unwrap();
    wire.assert_sent("setup_intents_create");
    assert_eq!((setup.id.as_str(), setup.status), (SETUP, SetupIntentStatus::Succeeded));
    assert_eq!(setup.payment_method.unwrap().id(), METHOD);
    assert_eq!(setup.usage.as_deref(), Some("off_session"));

    let wire = Wire::answering("setup_intent");
    let params = ConfirmSetupIntent::new().with_payment_method("pm_card_visa");
    wire.stripe().setup_intents().confirm(SETUP, &params, &keyed()).await.unwrap();
    wire.assert_sent("setup_intents_confirm");

    let wire = Wire::answering("setup_intent");
    let params = CancelSetupIntent::new().with_cancellation_reason("abandoned");
    wire.stripe().setup_intents().cancel(SETUP, &params, &keyed()).await.unwrap();
    wire.assert_sent("setup_intents_cancel");

    let wire = Wire::answering("setup_intent");
    wire.stripe().setup_intents().retrieve(SETUP, &CallOptions::new()).await.unwrap();
    wire.assert_sent("setup_intents_retrieve");

    let wire = page_of("setup_intent");
    wire.stripe()
        .setup_intents()
        .list(&ListSetupIntents::new().with_customer(CUSTOMER))
        .page()
        .await
        .unwrap();
    wire.assert_sent("setup_intents_list");
}

#[tokio::test]
async fn customers() {
    let wire = Wire::answering("customer");
    let params = CreateCustomer::new()
        .with_name("Longbob Longsen")
        .with_email("longbob@example.com")
        .with_payment_method("pm_card_visa")
        .with_metadata("tenant", "7");
    let customer = wire.stripe().customers().create(&params, &keyed()).await.unwrap();
    wire.assert_sent("customers_create");
    assert_eq!((customer.id.as_str(), customer.deleted), (CUSTOMER, false));
    assert_eq!(customer.address.unwrap().postal_code.as_deref(), Some("43004"));
    assert_eq!(customer.shipping.unwrap().name.as_deref(), Some("Pat Payer"));

    let wire = Wire::answering("customer");
    wire.stripe().customers().retrieve(CUSTOMER, &CallOptions::new()).await.unwrap();
    wire.assert_sent("customers_retrieve");

    let wire = Wire::answering("customer");
    let params = UpdateCustomer::new().without_address().with_email("new@example.com").without_phone();
    wire.stripe().customers().update(CUSTOMER, &params, &keyed()).await.unwrap();
    wire.assert_sent("customers_update");

    let wire = Wire::answering("deleted_customer");
    let gone = wire.stripe().customers().delete(CUSTOMER, &CallOptions::new()).await.unwrap();
    wire.assert_sent("customers_delete");
    assert_eq!((gone.id.as_str(), gone.deleted), (CUSTOMER, true));

    let wire = page_of("customer");
    let params = ListCustomers::new().with_email("longbob+tag@example.com").with_limit(1);
    wire.stripe().customers().list(&params).page().await.unwrap();
    wire.assert_sent("customers_list");
}

#[tokio::test]
async fn payment_methods() {
    let wire = Wire::answering("payment_method");
    let params = PaymentMethodData::of_card(CardData::new("4000000000000002", 12, 2030));
    let method = wire.stripe().payment_methods().create(&params, &keyed()).await.unwrap();
    wire.assert_sent("payment_methods_create");
    assert_eq!((method.id.as_str(), method.method_type.as_str()), (METHOD, "card"));
    assert_eq!(method.customer.unwrap().id(), CUSTOMER);
    assert_eq!(method.card.unwrap().exp_year, Some(2029));

    let wire = Wire::answering("payment_method");
    wire.stripe().payment_methods().retrieve(METHOD, &CallOptions::new()).await.unwrap();
    wire.assert_sent("payment_methods_retrieve");

    let wire = Wire::answering("payment_method");
    wire.stripe()
        .payment_methods()
        .attach(METHOD, &AttachPaymentMethod::new(CUSTOMER), &keyed())
        .await
        .unwrap();
    wire.assert_sent("payment_methods_attach");

    let wire = Wire::answering("payment_method");
    wire.stripe().payment_methods().detach(METHOD, &keyed()).await.unwrap();
    wire.assert_sent("payment_methods_detach");

    let wire = page_of("payment_method");
    let params = ListPaymentMethods::new().with_method_type("card").with_limit(100);
    wire.stripe().payment_methods().list(CUSTOMER, &params).page().await.unwrap();
    wire.assert_sent("payment_methods_list");
}

#[tokio::test]
async fn refunds() {
    let wire = Wire::answering("refund");
    let params = CreateRefund::of_payment_intent(PAYMENT)
        .with_amount(100)
        .with_reason("requested_by_customer")
        .with_metadata("ticket", "12");
    let refund = wire.stripe().refunds().create(&params, &keyed()).await.unwrap();
    wire.assert_sent("refunds_create");
    assert_eq!((refund.amount, refund.status), (4200, RefundStatus::Succeeded));
    assert_eq!(refund.reason.as_deref(), Some("requested_by_customer"));
    assert_eq!(refund.charge.unwrap().id(), "ch_3TbOrder6735BoardsChg001");

    let wire = Wire::answering("refund");
    wire.stripe().refunds().retrieve(REFUND, &CallOptions::new()).await.unwrap();
    wire.assert_sent("refunds_retrieve");

    let wire = Wire::answering("refund");
    let params = UpdateRefund::new().with_metadata("ticket", "13");
    wire.stripe().refunds().update(REFUND, &params, &keyed()).await.unwrap();
    wire.assert_sent("refunds_update");

    let wire = page_of("refund");
    wire.stripe().refunds().list(&ListRefunds::new().with_payment_intent(PAYMENT)).page().await.unwrap();
    wire.assert_sent("refunds_list");
}

#[tokio::test]
async fn charges() {
    let wire = Wire::answering("charge");
    let options = CallOptions::new().with_expand("balance_transaction");
    let charge = wire.stripe().charges().retrieve("ch_3TbOrder6735BoardsChg001", &options).await.unwrap();
    wire.assert_sent("charges_retrieve");
    let card = charge.payment_method_details.unwrap().card.unwrap();
    assert_eq!((card.brand.as_deref(), card.last4.as_deref()), (Some("mastercard"), Some("4444")));
    let checks = card.checks.unwrap();
    assert_eq!(checks.address_line1_check, Some(CheckResult::Unavailable));
    assert_eq!(checks.address_postal_code_check, Some(CheckResult::Fail));
    assert_eq!(checks.cvc_check, Some(CheckResult::Pass));
    assert_eq!(charge.status, ChargeStatus::Succeeded);

    let wire = page_of("charge");
    wire.stripe()
        .charges()
        .list(&ListCharges::new().with_payment_intent(PAYMENT).with_limit(2))
        .page()
        .await
        .unwrap();
    wire.assert_sent("charges_list");
}

#[tokio::test]
async fn balance_and_its_ledger() {
    let wire = Wire::answering("balance");
    let balance = wire.stripe().balance().retrieve(&CallOptions::new()).await.unwrap();
    wire.assert_sent("balance_retrieve");
    let available = &balance.available[0];
    assert_eq!(available.source_types.values().sum::<i64>(), available.amount);
    assert_eq!((balance.available[1].amount, balance.available[1].currency.as_str()), (-150, "cad"));
    assert_eq!((balance.pending[0].amount, balance.connect_reserved[0].amount), (8709, 480));

    let wire = Wire::answering("balance_transaction");
    let entries = wire.stripe();
    let entry = entries
        .balance_transactions()
        .retrieve("txn_3TbOrder6735BoardsTxn001", &CallOptions::new())
        .await
        .unwrap();
    wire.assert_sent("balance_transactions_retrieve");
    assert_eq!((entry.amount, entry.fee, entry.net), (9000, 291, 8709));
    assert_eq!(entry.amount - entry.fee, entry.net);
    assert_eq!(entry.fee_details.iter().map(|detail| detail.amount).sum::<i64>(), entry.fee);
    assert_eq!(entry.source.unwrap().id(), "ch_3TbOrder6735BoardsChg001");

    let wire = page_of("balance_transaction");
    let params = ListBalanceTransactions::new()
        .with_payout("po_1TbShopWeeklyPayout00031")
        .with_transaction_type("charge")
        .with_limit(100);
    wire.stripe().balance_transactions().list(&params).page().await.unwrap();
    wire.assert_sent("balance_transactions_list");
}

#[test]
fn every_request_fixture_has_its_test() {
    let mut source = include_str!("wire.rs").to_owned();
    let more = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/wire_resources");
    for file in std::fs::read_dir(more).unwrap() {
        source.push_str(&std::fs::read_to_string(file.unwrap().path()).unwrap());
    }
    let files: BTreeSet<String> = std::fs::read_dir(fixtures().join("requests"))
        .unwrap()
        .map(|file| file.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    assert!(files.len() >= 36);
    for file in files {
        assert!(source.contains(&format!("assert_sent(\"{file}\")")), "{file} is compared with nothing");
    }
}

#[tokio::test]
async fn a_post_without_a_key_gets_a_fresh_one_that_all_attempts_share() {
    let wire = Wire::new([
        Answer::Lost,
        Answer::fixture(500, "api_error"),
        Answer::fixture(200, "refund"),
        Answer::fixture(200, "refund"),
    ]);
    let stripe = wire.stripe();
    let refund = CreateRefund::of_charge("ch_1");
    stripe.refunds().create(&refund, &CallOptions::new()).await.unwrap();
    stripe.refunds().create(&refund, &CallOptions::new()).await.unwrap();
    let sent = wire.sent();
    let keys: Vec<_> =
        sent.iter().map(|request| request.headers()["idempotency-key"].to_str().unwrap()).collect();
    assert_eq!(keys[0], "01010101010101010101010101010101");
    assert_eq!((keys[0], keys[0]), (keys[1], keys[2]));
    assert_ne!(keys[2], keys[3]);
    let messages: BTreeSet<String> = sent[..3].iter().map(wire_support::message).collect();
    assert_eq!(messages.len(), 1, "attempts are identical");
}

#[tokio::test]
async fn the_system_makes_keys_of_32_digits() {
    let wire = Wire::answering("refund");
    let stripe = Stripe::new(&wire.config(Environment::Sandbox, KEY)).unwrap();
    stripe.refunds().create(&CreateRefund::of_charge("ch_1"), &CallOptions::new()).await.unwrap();
    let key = wire.sent()[0].headers()["idempotency-key"].to_str().unwrap().to_owned();
    assert_eq!(key.len(), 32);
    assert!(key.bytes().all(|byte| byte.is_ascii_hexdigit()));
}

#[tokio::test]
async fn bad_ids_keys_and_accounts_never_leave() {
    let wire = Wire::new([]);
    let stripe = wire.stripe();
    for id in ["", "pi_1/capture", "pi_1?x=1", "..", "pi%2F1", "pi 1", &"p".repeat(256)] {
        let error = stripe.payment_intents().retrieve(id, &CallOptions::new()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest);
        assert_eq!(error.fields()[0].field, "id");
        let error = stripe.payment_methods().list(id, &ListPaymentMethods::new()).page().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    }
    for key in
        [String::new(), "k".repeat(256), "two words".to_owned(), "line\nbreak".to_owned(), "clé".to_owned()]
    {
        let options = CallOptions::new().with_idempotency_key(key);
        let error = stripe.refunds().create(&CreateRefund::of_charge("ch_1"), &options).await.unwrap_err();
        assert_eq!(error.fields()[0].field, "idempotency_key");
    }
    let options = CallOptions::new().with_account("acct_1\r\nx: y");
    let error = stripe.balance().retrieve(&options).await.unwrap_err();
    assert_eq!(error.fields()[0].field, "account");
    for limit in [0, 101] {
        let error = stripe.refunds().list(&ListRefunds::new().with_limit(limit)).page().await.unwrap_err();
        assert_eq!(error.fields()[0].field, "limit");
    }
}

#[test]
fn keys_belong_to_their_environment() {
    let wire = Wire::new([]);
    let refused = [
        (Environment::Sandbox, "sk_live_1"),
        (Environment::Sandbox, "rk_live_1"),
        (Environment::Production, "sk_test_1"),
        (Environment::Production, "rk_test_1"),
        (Environment::Sandbox, "pk_test_1"),
        (Environment::Production, "whsec_1"),
        (Environment::Production, "sk_live_\u{e9}"),
    ];
    for (environment, key) in refused {
        let error = Stripe::new(&wire.config(environment, key)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidConfig, "{environment}");
        assert_eq!(error.fields()[0].field, "secretKey");
        assert!(!format!("{error} {error:?}").contains(key));
    }
    let accepted = [
        (Environment::Sandbox, "sk_test_1"),
        (Environment::Sandbox, "rk_test_1"),
        (Environment::Production, "sk_live_1"),
        (Environment::Production, "rk_live_1"),
    ];
    for (environment, key) in accepted {
        Stripe::new(&wire.config(environment, key)).unwrap();
    }
}

#[tokio::test]
async fn version_and_base_url_can_be_replaced() {
    let wire = Wire::answering("balance");
    let base: BaseUrl = "https://127.0.0.1:4010/stripe".parse().unwrap();
    let settings = SETTINGS.parse(&serde_json::json!({"apiVersion": "2020-08-27"})).unwrap();
    let config = wire.config(Environment::Sandbox, KEY).with_base_url(base).with_settings(settings);
    let stripe = Stripe::new(&config).unwrap();
    assert_eq!(stripe.api_version(), "2020-08-27");
    stripe.balance().retrieve(&CallOptions::new()).await.unwrap();
    let request = &wire.sent()[0];
    assert_eq!(request.uri(), "https://127.0.0.1:4010/stripe/v1/balance");
    assert_eq!(request.headers()["stripe-version"], "2020-08-27");
    assert!(request.headers()["authorization"].is_sensitive());

    let error = stripe.with_api_version("2020\r\n").unwrap_err();
    assert_eq!(error.fields()[0].field, "apiVersion");
    let _: Arc<Stripe> = Arc::new(Stripe::new(&config).unwrap());
}

#[tokio::test]
async fn changes_get_more_time_than_reads() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let limits = Arc::clone(&seen);
    let transport = transport_try_fn(move |_, allowed| {
        limits.lock().unwrap().push(allowed.time_left.as_secs());
        std::future::ready(Err(TransportError::new(TransportErrorKind::Tls, Delivery::NotSent)))
    });
    let config = Wire::new([]).config(Environment::Sandbox, KEY).with_transport(Arc::new(transport));
    let stripe = Stripe::new(&config).unwrap();
    stripe.refunds().create(&CreateRefund::of_charge("ch_1"), &keyed()).await.unwrap_err();
    stripe.customers().delete(CUSTOMER, &CallOptions::new()).await.unwrap_err();
    stripe.balance().retrieve(&CallOptions::new()).await.unwrap_err();
    assert_eq!(*seen.lock().unwrap(), [80, 80, 20]);
}
