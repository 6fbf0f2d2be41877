//! Payflow: logins, request ids, headers and faults.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may fail")]

mod payflow_common;

use std::time::Duration;

use bytes::Bytes;
use http::Request;
use payflow_common::{CARD, Client, Reply, raw};
use turnbuckle_simulator::payflow::Login;
use turnbuckle_simulator::{Fault, FaultKind, Simulator, WireFault};

fn sale(amount: &str) -> String {
    format!("TRXTYPE=S&TENDER=C&{CARD}&AMT={amount}")
}

#[test]
fn a_login_is_refused_in_two_ways() {
    let payflow = Client::new();
    let Login { partner, vendor, user, password, .. } = payflow.login.clone();
    let ask = |partner: &str, vendor: &str, user: &str, password: &str| -> String {
        let login = format!("PARTNER={partner}&VENDOR={vendor}&USER={user}&PWD={password}");
        Reply::from(payflow.sim.handle(raw("x", &format!("{login}&{}", sale("1.00"))))).0
    };
    let wrong = "RESULT=1&RESPMSG=User authentication failed";
    let unknown = "RESULT=26&RESPMSG=Invalid vendor account";
    assert_eq!(ask(&partner, &vendor, &user, "nonsense"), wrong);
    assert_eq!(ask(&partner, &vendor, &user, ""), wrong);
    assert_eq!(ask(&partner, &vendor, &user, &password.to_lowercase()), wrong);
    assert_eq!(ask("Other", &vendor, &user, &password), wrong);
    assert_eq!(ask(&partner, "nobody", "nobody", &password), unknown);
    assert_eq!(ask(&partner, "", "", ""), unknown);
    assert_eq!(ask(&partner, &vendor, "nobody", &password), unknown);
    assert_eq!(ask(&partner, &vendor.to_lowercase(), &user, &password), unknown);
    assert!(payflow.payflow().transactions().is_empty());
    assert!(ask(&partner, &vendor, &user, &password).starts_with("RESULT=0&"));
    // A refused login does not use its request id up.
    assert!(!ask(&partner, &vendor, &user, &password).is_empty());

    payflow.payflow().add_user("clerk", "clerk&secret");
    assert!(ask(&partner, &vendor, "clerk", "x").starts_with("RESULT=1&"));
    let body = format!("PARTNER={partner}&VENDOR={vendor}&USER=clerk&PWD[12]=clerk&secret&{}", sale("1.00"));
    Reply::from(payflow.sim.handle(raw("clerk", &body))).ok();
}

#[test]
fn a_test_account_is_a_stranger_on_the_live_host() {
    let payflow = Client::new();
    let mut request = payflow.request(&sale("1.00"));
    *request.uri_mut() = "https://payflowpro.paypal.com/".parse().unwrap();
    assert_eq!(Reply::from(payflow.sim.handle(request)).0, "RESULT=1&RESPMSG=User authentication failed");
    assert!(payflow.payflow().transactions().is_empty());
}

#[test]
fn result_1_also_means_a_service_that_is_off() {
    let payflow = Client::new();
    payflow.payflow().configure(|settings| settings.recurring_billing = false);
    let reply = payflow.send("TRXTYPE=R&TENDER=C&ACTION=I&ORIGPROFILEID=RT0000000001");
    reply.refused(1);
    assert_eq!(reply.get("RESPMSG"), Some("User authentication failed: Recurring Billing"));
    payflow.send(&sale("1.00")).ok();
}

#[test]
fn a_request_id_answers_once() {
    let payflow = Client::new();
    let first = payflow.send_as("order-7", &sale("5.00")).ok();
    let again = payflow.send_as("order-7", &sale("5.00"));
    assert_eq!(again.0, format!("{}&DUPLICATE=1", first.0));
    // New data is ignored, whatever it is.
    assert_eq!(payflow.send_as("order-7", &sale("9.00")), again);
    assert_eq!(payflow.send_as("order-7", &format!("TRXTYPE=V&TENDER=C&ORIGID={}", first.pnref())), again);
    assert_eq!(payflow.payflow().transactions().len(), 1);

    let refused = payflow.send_as("order-8", &sale("1.0"));
    let pnref = refused.pnref();
    assert_eq!(refused.0, format!("RESULT=4&PNREF={pnref}&RESPMSG=Invalid amount"));
    let repeated = payflow.send_as("order-8", &sale("1.00"));
    assert_eq!(repeated.0, format!("RESULT=4&PNREF={pnref}&RESPMSG=Invalid amount&DUPLICATE=1"));

    // An unknown outcome stays one under its id.
    let lost = payflow.send_as("order-9", &sale("1104.01"));
    assert_eq!(payflow.send_as("order-9", &sale("1104.01")).0, format!("{}&DUPLICATE=1", lost.0));
    // An inquiry is a request like any other: its id answers as it did.
    let ask = format!("TRXTYPE=I&TENDER=C&ORIGID={}", first.pnref());
    let before = payflow.send_as("ask", &ask).ok();
    payflow.payflow().settle().unwrap();
    assert_eq!(payflow.send_as("ask", &ask).get("TRANSSTATE"), before.get("TRANSSTATE"));

    payflow.payflow().configure(|settings| settings.refuse_changed_retries = true);
    payflow.send_as("order-7", &sale("9.00")).refused(133);
    assert_eq!(payflow.send_as("order-7", &sale("5.00")), again);

    payflow.sim.clock().advance(Duration::from_secs(31 * 24 * 3_600));
    let fresh = payflow.send_as("order-7", &sale("5.00")).ok();
    assert_ne!(fresh.pnref(), first.pnref());
}

#[test]
fn request_ids_are_a_merchants_own() {
    let payflow = Client::new();
    let first = payflow.send_as("same", &sale("5.00")).ok();
    let vendor = payflow.payflow().open_merchant();
    let other = payflow.payflow().for_merchant(&vendor);
    let Login { partner, vendor, user, password, .. } = other.login();
    let login = format!("PARTNER={partner}&VENDOR={vendor}&USER={user}&PWD={password}");
    let theirs = Reply::from(payflow.sim.handle(raw("same", &format!("{login}&{}", sale("6.00"))))).ok();
    assert_eq!(theirs.get("DUPLICATE"), None);
    assert_eq!((payflow.payflow().transactions().len(), other.transactions().len()), (1, 1));
    // What is one merchant's is unknown to the other.
    let foreign = format!("{login}&TRXTYPE=V&TENDER=C&ORIGID={}", first.pnref());
    Reply::from(payflow.sim.handle(raw("foreign", &foreign))).refused(19);
    assert_eq!((payflow.payflow().request_log().len(), other.request_log().len()), (1, 2));
    assert_eq!(payflow.payflow().settle(), Some(1));
    assert_eq!(payflow.kept(&first.pnref())["batchid"], 1);
    assert_eq!(other.transactions()[1]["state"], "pending");
}

#[test]
fn headers_are_asked_for() {
    let payflow = Client::new();
    let send = |headers: &[(&str, &str)]| -> Reply {
        let mut builder = Request::post("https://pilot-payflowpro.paypal.com/");
        for (name, value) in headers {
            builder = builder.header(*name, *value);
        }
        let body = payflow.body(&sale("1.00"));
        payflow.sim.handle(builder.body(Bytes::from(body)).unwrap()).into()
    };
    let (kind, timeout) = (("content-type", "text/namevalue"), ("x-vps-client-timeout", "45"));
    let id = ("x-vps-request-id", "one");
    assert_eq!(send(&[kind, timeout]).0, "RESULT=-41&RESPMSG=Required Request ID not found in request");
    send(&[kind, timeout, ("x-vps-request-id", "012345678901234567890123456789012")]).refused(-41);
    send(&[kind, id]).refused(101);
    send(&[kind, id, ("x-vps-client-timeout", "1")]).refused(101);
    send(&[timeout, id]).refused(9);
    send(&[("content-type", "application/x-www-form-urlencoded"), timeout, id]).refused(9);
    send(&[kind, timeout, id]).ok();
    assert_eq!(payflow.payflow().transactions().len(), 1);

    let response = payflow.sim.handle(payflow.request_as("echoed", &sale("1.00")));
    assert_eq!(response.headers()["x-vps-request-id"], "echoed");
    for (method, path, status) in [("GET", "/", 405), ("POST", "/elsewhere", 404)] {
        let request = Request::builder()
            .method(method)
            .uri(format!("https://pilot-payflowpro.paypal.com{path}"))
            .body(Bytes::new())
            .unwrap();
        assert_eq!(payflow.sim.handle(request).status(), status);
    }
    let mut prefixed = payflow.request(&sale("1.00"));
    for base in ["http://127.0.0.1:4010/paypal_payflow/", "http://127.0.0.1:4010/paypal_payflow"] {
        *prefixed.uri_mut() = base.parse().unwrap();
        Reply::from(payflow.sim.handle(prefixed.clone())).ok();
    }
}

#[test]
fn a_running_request_suppresses_its_duplicate() {
    let payflow = Client::new();
    payflow.sim.faults().push(Fault::new(FaultKind::Latency(1_000)));
    let slow = payflow.sim.handle_wire(payflow.request_as("slow", &sale("5.00")));
    assert_eq!(slow.wire, WireFault::Delay(1_000));
    payflow.send_as("slow", &sale("5.00")).refused(107);
    payflow.send_as("other", &sale("5.00")).ok();
    drop(slow);
    assert_eq!(payflow.send_as("slow", &sale("5.00")).get("DUPLICATE"), Some("1"));
}

#[test]
fn faults_come_before_or_after_the_effect() {
    let payflow = Client::new();
    let made = || payflow.payflow().transactions().len();
    let lose = |kind: FaultKind, id: &str| {
        payflow.sim.faults().push(Fault::new(kind));
        payflow.sim.try_handle(payflow.request_as(id, &sale("5.00")))
    };
    assert!(!lose(FaultKind::ResetBefore, "a").unwrap_err().effect_happened);
    assert_eq!(made(), 0);
    assert!(lose(FaultKind::ResetAfter, "a").unwrap_err().effect_happened);
    assert_eq!(made(), 1);
    assert_eq!(payflow.send_as("a", &sale("5.00")).get("DUPLICATE"), Some("1"));

    let refused = lose(FaultKind::Status(503, None), "b").unwrap();
    assert_eq!(
        (refused.status().as_u16(), &refused.headers()["content-type"]),
        (503, &"text/html".parse().unwrap())
    );
    let limited = lose(FaultKind::RateLimited { retry_after: Some("2".to_owned()) }, "b").unwrap();
    assert_eq!((limited.status().as_u16(), &limited.headers()["retry-after"]), (429, &"2".parse().unwrap()));
    assert_eq!(lose(FaultKind::HtmlBadGateway, "b").unwrap().status(), 502);
    let own =
        lose(FaultKind::Status(200, Some("RESULT=106&RESPMSG=Host not available".to_owned())), "b").unwrap();
    assert_eq!(Reply::from(own).result(), 106);
    assert_eq!(made(), 1);
    assert_eq!(lose(FaultKind::StatusAfterEffect(500, None), "b").unwrap().status(), 500);
    assert_eq!(made(), 2);
    let cut = lose(FaultKind::Truncated, "c").unwrap();
    assert_eq!(made(), 3);
    assert!(!String::from_utf8_lossy(cut.body()).ends_with("IAVS=X"));
    assert_eq!(payflow.payflow().request_log().iter().filter(|request| request.status == 0).count(), 2);
}

#[test]
fn the_same_seed_gives_the_same_answers() {
    let answers = |seed: u64| {
        let payflow = Client::over(Simulator::builder().with_seed(seed).build());
        (payflow.login.password.clone(), payflow.send(&sale("5.00")).0)
    };
    assert_eq!(answers(7), answers(7));
    assert_ne!(answers(7), answers(8));
    let shown = format!("{:?}", Client::new().login);
    assert!(!shown.contains("password"), "{shown}");
}
