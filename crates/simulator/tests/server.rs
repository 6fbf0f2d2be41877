//! The simulator on a port, spoken to in raw bytes.
#![cfg(feature = "server")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail")]

use std::net::SocketAddr;

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use turnbuckle_simulator::{Fault, FaultKind, ServerHandle, ServerOptions, Simulator, serve, serve_on};

const LOOPBACK: ([u8; 4], u16) = ([127, 0, 0, 1], 0);
const FORM: &str =
    "amount=1099&currency=usd&confirm=true&payment_method=pm_card_visa&payment_method_types[]=card";

async fn start() -> (Simulator, ServerHandle) {
    let simulator = Simulator::new();
    let server = serve(SocketAddr::from(LOOPBACK), simulator.clone()).await.unwrap();
    (simulator, server)
}

/// Sends bytes and gives everything that comes back until the connection closes.
async fn exchange(addr: SocketAddr, message: &str) -> String {
    let mut stream = TcpStream::connect(addr).await.unwrap();
    stream.write_all(message.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    // A peer that closes early may reset the connection; what came before counts.
    let _ended = stream.read_to_end(&mut answer).await;
    String::from_utf8(answer).unwrap()
}

fn message(simulator: &Simulator, method: &str, path: &str, body: &str, more: &str) -> String {
    format!(
        "{method} {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\nauthorization: Bearer {}\r\n\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n{more}\r\n{body}",
        simulator.stripe().secret_key(),
        body.len()
    )
}

fn body(answer: &str) -> Value {
    serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
}

#[tokio::test]
async fn payments_work_under_the_prefix_and_at_the_root() {
    let (simulator, server) = start().await;
    for path in ["/stripe/v1/payment_intents", "/v1/payment_intents"] {
        let answer = exchange(server.addr(), &message(&simulator, "POST", path, FORM, "")).await;
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
        assert_eq!(body(&answer)["status"], "succeeded");
    }
    assert_eq!(simulator.stripe().charges().len(), 2);
    server.shutdown().await;
}

#[tokio::test]
async fn a_reset_closes_without_an_answer() {
    let (simulator, server) = start().await;
    for (word, made) in [("reset-before", 0), ("reset-after", 1)] {
        let more = format!("x-simulator-fault: {word}\r\n");
        let answer =
            exchange(server.addr(), &message(&simulator, "POST", "/stripe/v1/payment_intents", FORM, &more))
                .await;
        assert_eq!(answer, "");
        assert_eq!(simulator.stripe().payment_intents().len(), made, "{word}");
    }
}

#[tokio::test]
async fn a_truncated_body_is_shorter_than_announced() {
    let (simulator, server) = start().await;
    simulator.faults().push(Fault::new(FaultKind::Truncated));
    let answer = exchange(server.addr(), &message(&simulator, "GET", "/stripe/v1/balance", "", "")).await;
    let (head, rest) = answer.split_once("\r\n\r\n").unwrap();
    let announced = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
    assert_eq!(rest.len(), announced.parse::<usize>().unwrap() / 2);
}

#[tokio::test]
async fn a_slow_body_arrives_whole_in_the_end() {
    let (simulator, server) = start().await;
    simulator.faults().push(Fault::new(FaultKind::SlowBody(0)));
    let answer = exchange(server.addr(), &message(&simulator, "GET", "/stripe/v1/balance", "", "")).await;
    assert_eq!(body(&answer)["object"], "balance");
    simulator.faults().push(Fault::new(FaultKind::Latency(1)));
    let answer = exchange(server.addr(), &message(&simulator, "GET", "/stripe/v1/balance", "", "")).await;
    assert_eq!(body(&answer)["object"], "balance");
}

#[tokio::test]
async fn other_languages_steer_it_by_admin_paths() {
    let (simulator, server) = start().await;
    let addr = server.addr();
    let send = |method: &'static str, path: &'static str, text: &'static str| {
        let message = message(&simulator, method, path, text, "");
        async move { exchange(addr, &message).await }
    };
    let fault = r#"{"kind":"status","status":503,"path":"/balance","times":1}"#;
    assert!(send("POST", "/_simulator/faults", fault).await.contains("\"remaining\":1"));
    assert!(send("GET", "/stripe/v1/balance", "").await.starts_with("HTTP/1.1 503"));
    let before = simulator.clock().unix();
    assert_eq!(body(&send("POST", "/_simulator/advance", r#"{"seconds":60}"#).await)["now"], before + 60);
    assert!(body(&send("GET", "/_simulator/state", "").await)["stripe"]["charges"].is_array());
    for (path, bad) in [
        ("/_simulator/faults", "{\"kind\":\"earthquake\"}"),
        ("/_simulator/advance", "{}"),
        ("/_simulator/faults", "x"),
    ] {
        assert!(send("POST", path, bad).await.starts_with("HTTP/1.1 400"), "{bad}");
    }
    assert!(send("POST", "/_simulator/nothing", "").await.starts_with("HTTP/1.1 404"));
}

#[tokio::test]
async fn a_browser_is_sent_back_to_the_shop() {
    let (simulator, server) = start().await;
    let form = FORM.replace("pm_card_visa", "pm_card_threeDSecure2Required")
        + "&return_url=https%3A%2F%2Fshop.example%2Fback%3Fa%3D1";
    let request = message(&simulator, "POST", "/stripe/v1/payment_intents", &form, "")
        .replace("host: 127.0.0.1", &format!("host: {}", server.addr()));
    let intent = body(&exchange(server.addr(), &request).await);
    let url = intent["next_action"]["redirect_to_url"]["url"].as_str().unwrap();
    let path = url.strip_prefix(&server.origin()).unwrap();
    let answer =
        exchange(server.addr(), &format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"))
            .await;
    assert!(answer.starts_with("HTTP/1.1 303"), "{answer}");
    let pi = intent["id"].as_str().unwrap();
    assert!(
        answer.contains(&format!("location: https://shop.example/back?a=1&payment_intent={pi}&")),
        "{answer}"
    );
    assert!(answer.contains("redirect_status=succeeded"));
    assert_eq!(simulator.stripe().payment_intents()[0]["status"], "succeeded");
}

#[tokio::test]
async fn what_is_too_large_is_refused() {
    let (simulator, server) = start().await;
    let large = "a=".to_owned() + &"x".repeat(1024 * 1024);
    let answer =
        exchange(server.addr(), &message(&simulator, "POST", "/stripe/v1/customers", &large, "")).await;
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 413"), "{answer}");
    let many = "x-more: 1\r\n".repeat(200);
    let answer = exchange(server.addr(), &message(&simulator, "GET", "/stripe/v1/balance", "", &many)).await;
    assert!(answer.starts_with("HTTP/1.1 431"), "{answer}");
    assert!(simulator.stripe().request_log().is_empty());
}

#[tokio::test]
async fn webhooks_are_delivered_signed_and_tried_again() {
    let hook = TcpListener::bind(SocketAddr::from(LOOPBACK)).await.unwrap();
    let url = format!("http://{}/hook?x=1", hook.local_addr().unwrap());
    let simulator = Simulator::new();
    let listener = TcpListener::bind(SocketAddr::from(LOOPBACK)).await.unwrap();
    let options = ServerOptions::new().with_webhook_url("stripe", url);
    let server = serve_on(listener, simulator.clone(), &options).unwrap();
    let answer =
        exchange(server.addr(), &message(&simulator, "POST", "/stripe/v1/customers", "name=A", "")).await;
    assert!(answer.starts_with("HTTP/1.1 200"));
    for status in ["500 Oops", "200 OK"] {
        let (mut stream, _) = hook.accept().await.unwrap();
        let mut seen = Vec::new();
        while !seen.ends_with(b"\n}") {
            assert_ne!(stream.read_buf(&mut seen).await.unwrap(), 0);
        }
        let text = String::from_utf8(seen).unwrap();
        assert!(text.starts_with("POST /hook?x=1 HTTP/1.1\r\n"), "{text}");
        assert!(text.contains("stripe-signature: t="));
        assert_eq!(body(&text)["type"], "customer.created");
        stream.write_all(format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n").as_bytes()).await.unwrap();
    }
    server.shutdown().await;
}

#[tokio::test]
async fn endpoints_on_this_machine_get_their_events() {
    let hook = TcpListener::bind(SocketAddr::from(LOOPBACK)).await.unwrap();
    let (simulator, server) = start().await;
    let form = format!("enabled_events[]=customer.created&url=http://{}/own", hook.local_addr().unwrap());
    let path = "/stripe/v1/webhook_endpoints";
    let made = body(&exchange(server.addr(), &message(&simulator, "POST", path, &form, "")).await);
    assert!(made["secret"].as_str().unwrap().starts_with("whsec_"));
    exchange(server.addr(), &message(&simulator, "POST", "/stripe/v1/customers", "name=A", "")).await;
    let (mut stream, _) = hook.accept().await.unwrap();
    let mut seen = Vec::new();
    while !seen.ends_with(b"\n}") {
        assert_ne!(stream.read_buf(&mut seen).await.unwrap(), 0);
    }
    let text = String::from_utf8(seen).unwrap();
    assert!(text.starts_with("POST /own HTTP/1.1\r\n"), "{text}");
    assert_eq!(body(&text)["type"], "customer.created");
    stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await.unwrap();
}

#[tokio::test]
async fn a_checkout_page_is_visited() {
    let (simulator, server) = start().await;
    let form = "success_url=https%3A%2F%2Fshop.example%2Fok%3Fid%3D{CHECKOUT_SESSION_ID}&line_items[0][quantity]=1\
        &line_items[0][price_data][currency]=usd&line_items[0][price_data][unit_amount]=900\
        &line_items[0][price_data][product_data][name]=Hat";
    let request = message(&simulator, "POST", "/stripe/v1/checkout/sessions", form, "")
        .replace("host: 127.0.0.1", &format!("host: {}", server.addr()));
    let session = body(&exchange(server.addr(), &request).await);
    let path = session["url"].as_str().unwrap().strip_prefix(&server.origin()).unwrap().to_owned();
    let visit = |query: &str| format!("GET {path}{query} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    let declined = exchange(server.addr(), &visit("&payment_method=pm_card_chargeDeclined")).await;
    assert!(declined.starts_with("HTTP/1.1 402"), "{declined}");
    let paid = exchange(server.addr(), &visit("")).await;
    assert!(
        paid.contains(&format!("location: https://shop.example/ok?id={}", session["id"].as_str().unwrap())),
        "{paid}"
    );
    assert_eq!(simulator.stripe().checkout_sessions()[0]["status"], "complete");
}

#[tokio::test]
async fn strangers_are_kept_out_unless_asked_for() {
    let listener = || async { TcpListener::bind(SocketAddr::from(([0, 0, 0, 0], 0))).await.unwrap() };
    assert!(serve_on(listener().await, Simulator::new(), &ServerOptions::new()).is_err());
    let remote = ServerOptions::new().with_allow_remote(true);
    serve_on(listener().await, Simulator::new(), &remote).unwrap().shutdown().await;
    for url in ["http://192.0.2.1/hook", "https://127.0.0.1/hook", "nonsense"] {
        let local = TcpListener::bind(SocketAddr::from(LOOPBACK)).await.unwrap();
        let options = ServerOptions::new().with_webhook_url("stripe", url);
        assert!(serve_on(local, Simulator::new(), &options).is_err(), "{url}");
    }
}

#[test]
fn the_binary_tells_where_it_is_in_one_line_of_json() {
    use std::io::{BufRead as _, BufReader};
    use std::process::{Command, Stdio};

    let binary = env!("CARGO_BIN_EXE_turnbuckle-simulator");
    let mut child =
        Command::new(binary).args(["--port", "0", "--json"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    let info: Value = serde_json::from_str(&line).unwrap();
    let stripe = &info["stripe"];
    let base = stripe["base_url"].as_str().unwrap();
    assert!(base.starts_with("http://127.0.0.1:") && base.ends_with("/stripe"), "{base}");
    assert!(stripe["credentials"]["secretKey"].as_str().unwrap().starts_with("sk_test_"));
    assert_eq!(stripe["webhook_keys"][0], stripe["credentials"]["webhookSecret"]);

    for wrong in [vec!["--host", "0.0.0.0"], vec!["--webhook-url", "nobody=http://127.0.0.1/"]] {
        let status =
            Command::new(binary).args(["--port", "0"]).args(wrong).stderr(Stdio::null()).status().unwrap();
        assert!(!status.success());
    }
}

#[tokio::test]
async fn shutdown_lets_go_of_the_port() {
    let (_, server) = start().await;
    let addr = server.addr();
    let idle = TcpStream::connect(addr).await.unwrap();
    server.shutdown().await;
    assert!(TcpStream::connect(addr).await.is_err());
    drop(idle);
}

#[tokio::test]
async fn nmi_is_served_and_steered_under_its_prefix() {
    let (simulator, server) = start().await;
    let post = async |path: &str, form: &str| {
        exchange(server.addr(), &message(&simulator, "POST", path, form, "")).await
    };
    let pay = format!(
        "security_key={}&type=sale&amount=10.00&payment=check&checkname=A&checkaba=123123123&checkaccount=123123123",
        simulator.nmi().security_key()
    );
    let answer = post("/nmi/api/transact.php", &pay).await;
    assert!(
        answer.contains("\r\n\r\nresponse=1&responsetext=SUCCESS&authcode=123456&transactionid="),
        "{answer}"
    );
    let batches = body(&post("/_simulator/nmi/settle", "").await);
    let id = batches[0]["transaction_ids"][0].as_str().unwrap().to_owned();
    assert_eq!(batches[0]["amount"], "10.00");
    let back = format!("{{\"id\":\"{id}\",\"reason\":\"R01\"}}");
    assert_eq!(body(&post("/_simulator/nmi/return_check", &back).await)["returned"], true);
    assert_eq!(body(&post("/_simulator/nmi/test_mode", "{\"on\":true}").await)["test_mode"], true);
    assert_eq!(simulator.state()["nmi"]["test_mode"], true);
    server.shutdown().await;
}

/// The body behind the byte order mark that Authorize.Net sends.
fn marked(answer: &str) -> Value {
    serde_json::from_str(answer.split_once("\r\n\r\n\u{feff}").unwrap().1).unwrap()
}

#[tokio::test]
async fn authorize_net_works_under_its_prefix_and_is_steered_from_outside() {
    let (simulator, server) = start().await;
    let addr = server.addr();
    let info = simulator.connection_info(&format!("http://{addr}"));
    let own = &info["authorize_net"];
    assert_eq!(own["base_url"], format!("http://{addr}/authorize_net"));
    let (login, key) = (&own["credentials"]["apiLoginId"], &own["credentials"]["transactionKey"]);
    let send = |path: &'static str, text: String| async move {
        let message = format!(
            "POST {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\ncontent-type: application/json\r\n\
             content-length: {}\r\n\r\n{text}",
            text.len()
        );
        exchange(addr, &message).await
    };
    let api = "/authorize_net/xml/v1/request.api";
    let pay = format!(
        r#"{{"createTransactionRequest":{{"merchantAuthentication":{{"name":{login},"transactionKey":{key}}},"transactionRequest":{{"transactionType":"authCaptureTransaction","amount":"20.00","payment":{{"creditCard":{{"cardNumber":"4111111111111111","expirationDate":"2034-12"}}}}}}}}}}"#
    );
    let paid = marked(&send(api, pay.clone()).await);
    assert_eq!(paid["transactionResponse"]["responseCode"], "1");
    let settled = body(&send("/_simulator/authorize_net/settle", String::new()).await);
    assert_eq!(settled["batches"].as_array().unwrap().len(), 1);
    send("/_simulator/authorize_net/next_reason", r#"{"reason":2}"#.to_owned()).await;
    let other = pay.replace("20.00", "21.00");
    assert_eq!(marked(&send(api, other).await)["transactionResponse"]["responseCode"], "2");
    let token = r#"{"cardNumber":"4111111111111111","expirationDate":"2034-12"}"#;
    let token = body(&send("/_simulator/authorize_net/accept_js", token.to_owned()).await);
    assert_eq!(token["dataDescriptor"], "COMMON.ACCEPT.INAPP.PAYMENT");
    for (path, text) in [
        ("/_simulator/authorize_net/test_mode", "{}"),
        ("/_simulator/authorize_net/next_reason", r#"{"reason":"x"}"#),
        ("/_simulator/authorize_net/rob", ""),
    ] {
        assert!(send(path, text.to_owned()).await.starts_with("HTTP/1.1 400"), "{path}");
    }
    server.shutdown().await;
}
