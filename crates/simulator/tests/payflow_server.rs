//! Payflow on a port.
#![cfg(feature = "server")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may fail")]

mod payflow_common;

use std::net::SocketAddr;

use payflow_common::{CARD, Client};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use turnbuckle_simulator::serve;

async fn post(addr: SocketAddr, path: &str, kind: &str, body: &str) -> String {
    let message = format!(
        "POST {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\ncontent-type: {kind}\r\n\
         x-vps-request-id: one\r\nx-vps-client-timeout: 45\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut stream = TcpStream::connect(addr).await.unwrap();
    stream.write_all(message.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer.split_once("\r\n\r\n").unwrap().1.to_owned()
}

#[tokio::test]
async fn payments_settle_when_told_to() {
    let payflow = Client::new();
    let server = serve(SocketAddr::from(([127, 0, 0, 1], 0)), payflow.sim.clone()).await.unwrap();
    let info = payflow.sim.connection_info(&server.origin());
    assert_eq!(info["paypal_payflow"]["base_url"], format!("{}/paypal_payflow", server.origin()));
    assert_eq!(info["paypal_payflow"]["credentials"]["vendor"], payflow.login.vendor);

    let body = payflow.body(&format!("TRXTYPE=S&TENDER=C&{CARD}&AMT=5.00"));
    let answer = post(server.addr(), "/paypal_payflow/", "text/namevalue", &body).await;
    assert!(answer.starts_with("RESULT=0&PNREF="), "{answer}");
    let again = post(server.addr(), "/paypal_payflow", "text/namevalue", &body).await;
    assert_eq!(again, format!("{answer}&DUPLICATE=1"));

    let settled = r#"{"provider":"paypal_payflow"}"#;
    let batch = post(server.addr(), "/_simulator/settle", "application/json", settled).await;
    assert_eq!(batch, r#"{"batch":1}"#);
    assert_eq!(payflow.payflow().transactions()[0]["state"], "settled");
    server.shutdown().await;
}
