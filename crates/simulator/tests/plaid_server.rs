//! Plaid on a port.
#![cfg(feature = "server")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may fail")]

mod plaid_common;

use std::net::SocketAddr;
use std::time::Duration;

use plaid_common::Client;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use turnbuckle_simulator::serve;

async fn send(client: &Client, addr: SocketAddr, path: &str, body: &Value) -> Value {
    let body = body.to_string();
    let message = format!(
        "POST {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\ncontent-type: application/json\r\n\
         plaid-client-id: {}\r\nplaid-secret: {}\r\ncontent-length: {}\r\n\r\n{body}",
        client.plaid().client_id(),
        client.plaid().secret(),
        body.len()
    );
    let mut stream = TcpStream::connect(addr).await.unwrap();
    stream.write_all(message.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
}

#[tokio::test]
async fn a_life_over_a_port() {
    let plaid = Client::quiet();
    let server = serve(SocketAddr::from(([127, 0, 0, 1], 0)), plaid.sim.clone()).await.unwrap();
    let info = plaid.sim.connection_info(&server.origin());
    assert_eq!(info["plaid"]["base_url"], format!("{}/plaid", server.origin()));
    assert_eq!(info["plaid"]["credentials"]["clientId"], plaid.plaid().client_id());
    let addr = server.addr();

    let hook = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let session = json!({
        "client_name": "Stand", "language": "en", "country_codes": ["US"], "products": ["auth"],
        "user": { "client_user_id": "user-7" }, "webhook": format!("http://{}/hook", hook.local_addr().unwrap()),
    });
    let made = send(&plaid, addr, "/plaid/link/token/create", &session).await;
    let done =
        send(&plaid, addr, "/_simulator/plaid/link", &json!({ "link_token": made["link_token"] })).await;
    let public = json!({ "public_token": done["public_token"] });
    let linked = send(&plaid, addr, "/plaid/item/public_token/exchange", &public).await;

    let broken = json!({ "item_id": linked["item_id"], "code": "ITEM_LOCKED" });
    assert_eq!(send(&plaid, addr, "/_simulator/plaid/break", &broken).await, json!({ "done": true }));
    let token = json!({ "access_token": linked["access_token"] });
    assert_eq!(send(&plaid, addr, "/plaid/accounts/get", &token).await["error_code"], "ITEM_LOCKED");

    // The webhook goes where the item says.
    let (mut stream, _) =
        tokio::time::timeout(Duration::from_secs(10), hook.accept()).await.unwrap().unwrap();
    let mut request = Vec::new();
    while !request.ends_with(b"\n}") {
        let mut part = [0_u8; 4096];
        let count = stream.read(&mut part).await.unwrap();
        assert!(count > 0, "{}", String::from_utf8_lossy(&request));
        request.extend_from_slice(&part[..count]);
    }
    stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await.unwrap();
    let request = String::from_utf8(request).unwrap();
    assert!(
        request.starts_with("POST /hook HTTP/1.1\r\n") && request.contains("\r\nplaid-verification: ey"),
        "{request}"
    );
    let told: Value = serde_json::from_str(request.split_once("\r\n\r\n").unwrap().1).unwrap();
    assert_eq!(told["error"]["error_code"], "ITEM_LOCKED");

    send(&plaid, addr, "/_simulator/plaid/mend", &json!({ "item_id": linked["item_id"] })).await;
    assert_eq!(
        send(&plaid, addr, "/plaid/accounts/get", &token).await["accounts"].as_array().unwrap().len(),
        9
    );
    let wrong = send(&plaid, addr, "/_simulator/plaid/dance", &json!({})).await;
    assert_eq!(wrong["error"], "no action is called \"dance\"");
    server.shutdown().await;
}
