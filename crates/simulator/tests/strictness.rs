//! What Stripe refuses, and in which words.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail")]

mod common;

use bytes::Bytes;
use common::{Client, Reply, id, request};

#[test]
fn parameters_are_checked_one_by_one() {
    let stripe = Client::new();
    for (form, code, param) in [
        ("amount=100&currency=usd&foo=1", Some("parameter_unknown"), "foo"),
        (
            "amount=100&currency=usd&payment_method_data[type]=card&payment_method_data[card][numbr]=4",
            Some("parameter_unknown"),
            "payment_method_data[card][numbr]",
        ),
        ("currency=usd", Some("parameter_missing"), "amount"),
        ("amount=100", Some("parameter_missing"), "currency"),
        ("amount=ten&currency=usd", Some("parameter_invalid_integer"), "amount"),
        ("amount=10.5&currency=usd", Some("parameter_invalid_integer"), "amount"),
        ("amount=0&currency=usd", Some("parameter_invalid_integer"), "amount"),
        ("amount=49&currency=usd", Some("amount_too_small"), "amount"),
        ("amount=100000000&currency=usd", Some("amount_too_large"), "amount"),
        ("amount=&currency=usd", Some("parameter_invalid_empty"), "amount"),
        ("amount=100&currency=zzz", None, "currency"),
        ("amount=100&currency=USD", None, "currency"),
        ("amount=1235&currency=kwd", Some("invalid_amount"), "amount"),
        ("amount=100&currency=usd&confirm=yes", None, "confirm"),
        ("amount=100&currency=usd&capture_method=later", None, "capture_method"),
        ("amount=100&currency=usd&payment_method_types=card", None, "payment_method_types"),
        ("amount=100&currency=usd&metadata=x", None, "metadata"),
        ("amount=100&currency=usd&customer=cus_none", Some("resource_missing"), "customer"),
        ("amount=100&currency=usd&payment_method=pm_none", Some("resource_missing"), "payment_method"),
        ("amount=100&currency=usd&off_session=true", None, "off_session"),
    ] {
        let reply = stripe.post("/v1/payment_intents", form);
        assert_eq!(reply.status, 400, "{form}");
        assert_eq!(reply.error()["type"], "invalid_request_error");
        assert_eq!(reply.error().get("code").and_then(|code| code.as_str()), code, "{form}");
        assert_eq!(reply.error()["param"], param, "{form}");
    }
    assert!(stripe.sim.stripe().payment_intents().is_empty(), "a refused call leaves nothing behind");
}

#[test]
fn a_refused_expansion_refuses_the_whole_call() {
    let stripe = Client::new();
    let reply = stripe.pay("pm_card_visa", "expand[]=nonsense");
    assert_eq!((reply.status, reply.error()["param"].as_str()), (400, Some("expand[0]")));
    assert!(stripe.sim.stripe().payment_intents().is_empty());
}

#[test]
fn no_input_whatever_makes_it_fail() {
    let stripe = Client::new();
    let pieces = [
        "amount",
        "=",
        "&",
        "[",
        "]",
        "[]",
        "%",
        "%41",
        "%ff",
        "+",
        "metadata",
        "1",
        "-9223372036854775808",
        "é",
        "'",
        "\"",
        ":",
        "query",
        "expand[]",
        "payment_method_data[card][exp_year]",
        "9223372036854775807",
        "AND",
        ">",
        ".",
    ];
    let mut seed = 1_u32;
    for _ in 0..3_000 {
        let mut form = String::from("type=card&card[number]=4242424242424242&");
        for _ in 0..12 {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            form.push_str(pieces[(seed >> 16) as usize % pieces.len()]);
        }
        for path in ["/v1/payment_intents", "/v1/customers", "/v1/payment_methods"] {
            assert!(stripe.post(path, &form).status < 500, "{form}");
        }
        let query: String =
            percent_encoding::utf8_percent_encode(&form[40..], percent_encoding::NON_ALPHANUMERIC)
                .to_string();
        assert!(stripe.get(&format!("/v1/payment_intents/search?query={query}")).status < 500, "{form}");
    }
    stripe.sim.clock().advance(std::time::Duration::MAX);
    stripe.pay("pm_card_visa", "capture_method=manual").ok();
}

#[test]
fn zero_decimal_currencies_have_their_own_minimum() {
    let stripe = Client::new();
    assert_eq!(
        stripe.post("/v1/payment_intents", "amount=49&currency=jpy").error()["message"],
        "Amount must be at least ¥50 jpy"
    );
    stripe.post("/v1/payment_intents", "amount=50&currency=jpy").ok();
}

#[test]
fn unknown_ids_and_paths_are_404() {
    let stripe = Client::new();
    let intent = stripe.get("/v1/payment_intents/pi_none");
    assert_eq!(intent.status, 404);
    assert_eq!(intent.error()["message"], "No such payment_intent: 'pi_none'");
    assert_eq!(
        (intent.error()["code"].as_str(), intent.error()["param"].as_str()),
        (Some("resource_missing"), Some("intent"))
    );
    assert_eq!(stripe.get("/v1/charges/nonexistent").error()["param"], "id");
    let route = stripe.get("/v1/nothing");
    assert_eq!(route.status, 404);
    assert!(
        route.error()["message"]
            .as_str()
            .unwrap()
            .starts_with("Unrecognized request URL (GET: /v1/nothing).")
    );
    assert_eq!(stripe.send("DELETE", "/v1/payment_intents/pi_x", "").status, 404);
}

#[test]
fn keys_are_told_apart() {
    let stripe = Client::new();
    let anonymous: Reply = stripe.sim.handle(request("GET", "/v1/balance", "", &[])).into();
    assert_eq!(anonymous.status, 401);
    assert!(anonymous.error()["message"].as_str().unwrap().starts_with("You did not provide an API key."));
    let with = |key: &str| Client { sim: stripe.sim.clone(), key: key.to_owned(), extra: Vec::new() };
    let wrong = with("sk_test_wrong_1234567890abcd").get("/v1/balance");
    assert_eq!(wrong.status, 401);
    assert_eq!(wrong.error()["message"], "Invalid API Key provided: sk_test_****************abcd");
    let live = stripe.sim.stripe().secret_key().replace("sk_test", "sk_live");
    assert_eq!(with(&live).get("/v1/balance").status, 401);
    assert_eq!(
        with(&stripe.sim.stripe().publishable_key()).get("/v1/balance").error()["code"],
        "secret_key_required"
    );

    let limited = with(&stripe.sim.stripe().restricted_key());
    let refused = limited.get("/v1/balance");
    assert_eq!(refused.status, 403);
    assert!(refused.error()["message"].as_str().unwrap().contains("rak_balance_read"));
    limited.pay("pm_card_visa", "").ok();

    let fresh = stripe.sim.stripe().roll_secret_key();
    assert_eq!(stripe.get("/v1/balance").error()["code"], "api_key_expired");
    with(&fresh).get("/v1/balance").ok();
}

#[test]
fn basic_auth_works_like_bearer() {
    use base64::Engine as _;
    let stripe = Client::new();
    let encoded = base64::engine::general_purpose::STANDARD.encode(format!("{}:", stripe.key));
    let auth = format!("Basic {encoded}");
    let reply: Reply =
        stripe.sim.handle(request("GET", "/v1/balance", "", &[("authorization", &auth)])).into();
    reply.ok();
}

#[test]
fn only_forms_are_read() {
    let stripe = Client::new();
    let auth = format!("Bearer {}", stripe.key);
    let mut json = request(
        "POST",
        "/v1/customers",
        "",
        &[("authorization", &auth), ("content-type", "application/json")],
    );
    *json.body_mut() = Bytes::from_static(b"{\"name\":\"A\"}");
    let reply: Reply = stripe.sim.handle(json).into();
    assert_eq!(reply.status, 400);
    assert!(reply.error()["message"].as_str().unwrap().contains("application/x-www-form-urlencoded"));
    let not_text = stripe.post("/v1/customers", "name=%FF");
    assert_eq!(not_text.status, 400);
    let odd = stripe.post("/v1/customers", "metadata[a]b=1");
    assert_eq!(odd.status, 400);
    let text = stripe.post("/v1/customers", "name=Zo%C3%AB+%26+Co").ok();
    assert_eq!(text["name"], "Zoë & Co");
}

#[test]
fn confirming_with_automatic_methods_needs_a_way_back() {
    let stripe = Client::new();
    let bare = "amount=1099&currency=usd&confirm=true&payment_method=pm_card_visa";
    let refused = stripe.post("/v1/payment_intents", bare);
    assert!(refused.error()["message"].as_str().unwrap().contains("you must provide a `return_url`"));
    let never = "&automatic_payment_methods[enabled]=true&automatic_payment_methods[allow_redirects]=never";
    stripe.post("/v1/payment_intents", &format!("{bare}{never}")).ok();
    stripe.with("stripe-version", "2020-08-27").post("/v1/payment_intents", bare).ok();
    let both = stripe.post("/v1/payment_intents", &format!("{bare}{never}&payment_method_types[]=card"));
    assert_eq!(both.status, 400);
}

#[test]
fn answers_carry_stripe_s_headers() {
    let stripe = Client::new();
    let reply = stripe
        .with("stripe-version", "2025-01-27.acacia")
        .with("idempotency-key", "k1")
        .post("/v1/customers", "name=A");
    assert!(reply.header("request-id").unwrap().starts_with("req_"));
    assert_eq!(reply.header("stripe-version"), Some("2025-01-27.acacia"));
    assert_eq!(reply.header("idempotency-key"), Some("k1"));
    assert_eq!(
        stripe.get("/v1/balance").header("stripe-version"),
        Some(turnbuckle_simulator::stripe::DEFAULT_VERSION)
    );
    assert_eq!(stripe.with("stripe-version", "yesterday").get("/v1/balance").status, 400);
}

#[test]
fn connected_accounts_are_worlds_of_their_own() {
    let stripe = Client::new();
    let other = stripe.sim.stripe().connected_account_id();
    let paid = stripe.with("stripe-account", &other).pay("pm_card_visa", "").ok();
    assert!(stripe.sim.stripe().payment_intents().is_empty());
    assert_eq!(stripe.sim.stripe().for_account(&other).payment_intents().len(), 1);
    assert_eq!(stripe.get(&format!("/v1/payment_intents/{}", id(&paid))).status, 404);
    assert_eq!(stripe.sim.stripe().for_account(&other).events()[0]["account"], other);
    let unknown = stripe.with("stripe-account", "acct_none").get("/v1/balance");
    assert_eq!((unknown.status, unknown.error()["code"].as_str()), (403, Some("account_invalid")));
}

#[test]
fn hosts_and_prefixes_lead_to_the_same_place() {
    let stripe = Client::new();
    let auth = format!("Bearer {}", stripe.key);
    for (uri, host) in [
        ("/v1/balance", "api.stripe.com"),
        ("/stripe/v1/balance", "127.0.0.1:4010"),
        ("/v1/balance", "127.0.0.1:4010"),
        ("https://api.stripe.com/v1/balance", "elsewhere"),
    ] {
        let request =
            http::Request::get(uri).header("host", host).header("authorization", &auth).body(Bytes::new());
        assert_eq!(stripe.sim.handle(request.unwrap()).status(), 200, "{uri}");
    }
    let lost = http::Request::get("/paypal/x").header("host", "127.0.0.1").body(Bytes::new()).unwrap();
    assert_eq!(stripe.sim.handle(lost).status(), 404);
}

#[test]
fn the_log_keeps_requests_and_its_debug_output_keeps_secrets() {
    let stripe = Client::new();
    stripe.get("/v1/balance?expand[]=nothing");
    stripe.post("/v1/customers", "name=A").ok();
    let log = stripe.sim.stripe().request_log();
    assert_eq!(log.len(), 2);
    assert_eq!(
        (log[0].path.as_str(), log[0].query.as_str(), log[0].status),
        ("/v1/balance", "expand[]=nothing", 400)
    );
    assert_eq!((log[1].method.as_str(), &log[1].body[..]), ("POST", &b"name=A"[..]));
    let shown = format!("{log:?} {:?} {:?}", stripe.sim, stripe.sim.stripe());
    assert!(!shown.contains(&stripe.key));
}

#[test]
fn no_number_whatever_makes_billing_fail() {
    let stripe = Client::new();
    stripe.post("/v1/products", "id=p&name=P").ok();
    let customer = id(&stripe.post("/v1/customers", "name=A").ok()).to_owned();
    let method = stripe.post("/v1/payment_methods/pm_card_visa/attach", &format!("customer={customer}")).ok();
    stripe
        .post(
            &format!("/v1/customers/{customer}"),
            &format!("invoice_settings[default_payment_method]={}", id(&method)),
        )
        .ok();
    let price =
        stripe.post("/v1/prices", "product=p&currency=usd&unit_amount=99999999&recurring[interval]=day").ok();
    let price = id(&price);
    for number in [
        "0",
        "1",
        "-1",
        "999999",
        "1000000000000",
        "-1000000000000",
        "9223372036854775807",
        "1e9",
        "99999999999999.999999999999",
    ] {
        for (path, form) in [
            ("/v1/customers", format!("balance={number}")),
            ("/v1/prices", format!("product=p&currency=usd&unit_amount={number}&recurring[interval]=year")),
            ("/v1/prices", format!("product=p&currency=usd&unit_amount_decimal={number}")),
            (
                "/v1/prices",
                format!(
                    "product=p&currency=usd&unit_amount=5&recurring[interval]=day&recurring[interval_count]={number}"
                ),
            ),
            ("/v1/coupons", format!("percent_off={number}")),
            ("/v1/coupons", format!("amount_off=5&currency=usd&redeem_by={number}")),
            ("/v1/coupons", format!("percent_off=5&duration=repeating&duration_in_months={number}")),
            (
                "/v1/subscriptions",
                format!("customer={customer}&items[0][price]={price}&items[0][quantity]={number}"),
            ),
            ("/v1/subscriptions", format!("customer={customer}&items[0][price]={price}&trial_end={number}")),
            (
                "/v1/subscriptions",
                format!("customer={customer}&items[0][price]={price}&trial_period_days={number}"),
            ),
            ("/v1/subscriptions", format!("customer={customer}&items[0][price]={price}&cancel_at={number}")),
            (
                "/v1/subscriptions",
                format!("customer={customer}&items[0][price]={price}&billing_cycle_anchor={number}"),
            ),
            (
                "/v1/subscriptions",
                format!(
                    "customer={customer}&items[0][price]={price}&collection_method=send_invoice&days_until_due={number}"
                ),
            ),
            ("/v1/invoiceitems", format!("customer={customer}&currency=usd&amount={number}")),
            (
                "/v1/invoiceitems",
                format!("customer={customer}&currency=usd&quantity=999999&unit_amount_decimal={number}"),
            ),
            (
                "/v1/invoices",
                format!(
                    "customer={customer}&pending_invoice_items_behavior=include&collection_method=send_invoice&days_until_due={number}"
                ),
            ),
            ("/v1/invoices/create_preview", format!("customer={customer}")),
            ("/v1/test_helpers/test_clocks", format!("frozen_time={number}")),
            ("/v1/payouts", format!("amount={number}&currency=usd")),
            (
                "/v1/checkout/sessions",
                format!(
                    "success_url=x&line_items[0][price]={price}&line_items[0][quantity]={number}&expires_at={number}"
                ),
            ),
        ] {
            let reply = stripe.post(path, &form);
            assert!(reply.status < 500, "{path} {form}");
        }
    }
    for invoice in stripe.sim.stripe().invoices() {
        assert!(stripe.post(&format!("/v1/invoices/{}/pay", id(&invoice)), "").status < 500);
    }
    stripe.sim.clock().advance(std::time::Duration::from_secs(40 * 24 * 60 * 60));
    stripe.get("/v1/balance").ok();
}
