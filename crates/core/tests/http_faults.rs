//! Faults on a real connection: a loopback server that misbehaves, reached through `ReqwestTransport`.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests fail the test")]
#![cfg(feature = "reqwest")]

mod http_support;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use http_support::{FixedRandom, builder};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use turnbuckle_core::http::{
    Delivery, HttpClient, Limits, Operation, ReqwestTransport, RetryPolicy, Transport, TransportError,
    TransportErrorKind, default_verdict,
};
use turnbuckle_core::{Effect, Error, ErrorKind, SystemClock};

const SENTINEL: &str = "sentinel_5f1c";
const AMPLE: Duration = Duration::from_secs(30);
/// Real time that passes in the tests of deadlines. Only the outcome is looked at, never how long it took.
const SHORT: Duration = Duration::from_millis(200);

/// Serves each connection with the function, and keeps serving until the test ends.
async fn serve<F, T>(each: F) -> SocketAddr
where
    F: Fn(TcpStream) -> T + Send + 'static,
    T: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(each(stream));
        }
    });
    address
}

/// Reads one whole request with a body of 11 bytes, or what arrives of it.
async fn read_request(stream: &mut TcpStream) -> Vec<u8> {
    let mut seen = Vec::new();
    while !seen.ends_with(b"amount=1099") {
        if stream.read_buf(&mut seen).await.unwrap_or(0) == 0 {
            break;
        }
    }
    seen
}

/// Reads the request, writes these bytes, and closes.
async fn serve_bytes(reply: impl Into<Bytes>) -> SocketAddr {
    let reply = reply.into();
    serve(move |mut stream| {
        let reply = reply.clone();
        async move {
            read_request(&mut stream).await;
            let _ = stream.write_all(&reply).await;
            let _ = stream.shutdown().await;
            // Until the client has closed too: a socket dropped with unread bytes would reset the connection.
            let _ = stream.read(&mut [0; 1]).await;
        }
    })
    .await
}

fn request(scheme: &str, address: SocketAddr) -> Request<Bytes> {
    Request::post(format!("{scheme}://{address}/v1/charges?key={SENTINEL}"))
        .header("authorization", format!("Bearer {SENTINEL}"))
        .body(Bytes::from_static(b"amount=1099"))
        .unwrap()
}

async fn send(address: SocketAddr, limits: Limits) -> Result<http::Response<Bytes>, TransportError> {
    let result = ReqwestTransport::new().unwrap().send(request("http", address), limits).await;
    if let Err(error) = &result {
        assert_clean(error);
    }
    result
}

async fn failure(address: SocketAddr, limits: Limits) -> (TransportErrorKind, Delivery) {
    let error = send(address, limits).await.unwrap_err();
    (error.kind(), error.delivery())
}

/// Neither URL nor query anywhere in the error or its causes.
fn assert_clean(error: &dyn std::error::Error) {
    let mut shown = format!("{error:?}");
    let mut next = Some(error);
    while let Some(error) = next {
        shown = format!("{shown}\n{error}\n{error:?}");
        next = error.source();
    }
    assert!(!shown.contains(SENTINEL) && !shown.contains("/v1/charges"), "{shown}");
}

fn limits() -> Limits {
    Limits::new(AMPLE, 1024)
}

fn ok(head: &str, body: &[u8]) -> Vec<u8> {
    [b"HTTP/1.1 200 OK\r\n", head.as_bytes(), b"\r\n\r\n", body].concat()
}

#[tokio::test]
async fn a_whole_answer_arrives_as_it_was_sent() {
    let address =
        serve_bytes(ok("request-id: req_1\r\ncontent-encoding: identity\r\ncontent-length: 2", b"{}")).await;
    let response = send(address, limits()).await.unwrap();
    assert_eq!((response.status().as_u16(), &response.body()[..]), (200, &b"{}"[..]));
    assert_eq!(response.headers()["request-id"], "req_1");
}

#[tokio::test]
async fn the_request_leaves_as_it_was_given_and_asks_for_no_compression() {
    let (sender, mut seen) = tokio::sync::mpsc::unbounded_channel();
    let address = serve(move |mut stream| {
        let sender = sender.clone();
        async move {
            sender.send(read_request(&mut stream).await).unwrap();
            let _ = stream.write_all(&ok("content-length: 0", b"")).await;
        }
    })
    .await;
    send(address, limits()).await.unwrap();
    let text = String::from_utf8(seen.recv().await.unwrap()).unwrap().to_lowercase();
    assert!(text.starts_with(&format!("post /v1/charges?key={SENTINEL} http/1.1\r\n")), "{text}");
    assert!(text.ends_with("\r\n\r\namount=1099"), "{text}");
    for absent in ["accept-encoding", "referer", "cookie", "user-agent"] {
        assert!(!text.contains(absent), "{text}");
    }
}

#[tokio::test]
async fn a_refused_connection_is_not_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    assert_eq!(failure(address, limits()).await, (TransportErrorKind::Connect, Delivery::NotSent));
}

#[tokio::test]
async fn a_reset_before_the_request_is_read_leaves_it_open() {
    let address = serve(|stream| async move {
        // The request is there and stays unread; earlier, the reset could meet the connect call itself.
        stream.readable().await.unwrap();
        stream.set_zero_linger().unwrap();
    })
    .await;
    let (kind, delivery) = failure(address, limits()).await;
    assert_eq!((kind, delivery), (TransportErrorKind::Reset, Delivery::MaybeDelivered));
}

#[tokio::test]
async fn a_connection_that_ends_after_the_request_leaves_it_open() {
    for reset in [false, true] {
        for part in [&b""[..], b"HTTP/1.1 200 OK\r\ncontent-le"] {
            let address = serve(move |mut stream| async move {
                read_request(&mut stream).await;
                let _ = stream.write_all(part).await;
                if reset {
                    stream.set_zero_linger().unwrap();
                }
            })
            .await;
            let ended = failure(address, limits()).await;
            assert_eq!(ended, (TransportErrorKind::Reset, Delivery::MaybeDelivered), "{reset} {part:?}");
        }
    }
}

#[tokio::test]
async fn a_kept_connection_that_ends_after_the_request_is_not_replaced_by_another() {
    let count = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&count);
    let address = serve(move |mut stream| {
        let seen = Arc::clone(&seen);
        async move {
            while !read_request(&mut stream).await.is_empty() {
                // The first is answered and the connection kept; the second is read, and that is the end of it.
                if seen.fetch_add(1, Ordering::SeqCst) != 0 {
                    return;
                }
                let _ = stream.write_all(&ok("content-length: 0", b"")).await;
            }
        }
    })
    .await;
    let transport = ReqwestTransport::new().unwrap();
    assert_eq!(transport.send(request("http", address), limits()).await.unwrap().status(), 200);
    let error = transport.send(request("http", address), limits()).await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (TransportErrorKind::Reset, Delivery::MaybeDelivered));
    assert_eq!(count.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_body_that_ends_early_counts_as_answered() {
    let replies = [
        ok("content-length: 100", b"{\"id\":\"ch_"),
        ok("transfer-encoding: chunked", b"5\r\n{\"id\"\r\n"),
        b"HTTP/1.1 402 Payment Required\r\ncontent-length: 100\r\n\r\n{\"err".to_vec(),
    ];
    for reply in replies {
        let error = send(serve_bytes(reply.clone()).await, limits()).await.unwrap_err();
        assert_eq!((error.kind(), error.delivery()), (TransportErrorKind::Truncated, Delivery::Answered));
        let expected = if reply.starts_with(b"HTTP/1.1 402") { 402 } else { 200 };
        assert_eq!(error.status().map(|status| status.as_u16()), Some(expected));
    }
}

#[tokio::test]
async fn what_is_not_http_is_malformed() {
    let address = serve_bytes("SSH-2.0-OpenSSH_9.6\r\n\r\n").await;
    assert_eq!(failure(address, limits()).await, (TransportErrorKind::Malformed, Delivery::MaybeDelivered));
}

#[tokio::test]
async fn a_body_too_long_is_refused_with_and_without_its_length() {
    // Nothing follows the announced length: waiting for the body would end as truncated.
    let announced = serve_bytes(ok("content-length: 1025", b"")).await;
    assert_eq!(failure(announced, limits()).await, (TransportErrorKind::BodyTooLarge, Delivery::Answered));

    let unannounced = serve_bytes(ok("connection: close", &vec![b'x'; 1025])).await;
    assert_eq!(failure(unannounced, limits()).await, (TransportErrorKind::BodyTooLarge, Delivery::Answered));

    let endless = serve(|mut stream| async move {
        read_request(&mut stream).await;
        let _ = stream.write_all(&ok("transfer-encoding: chunked", b"")).await;
        while stream.write_all(b"4\r\nxxxx\r\n").await.is_ok() {}
    })
    .await;
    assert_eq!(failure(endless, limits()).await, (TransportErrorKind::BodyTooLarge, Delivery::Answered));

    for head in ["content-length: 1024", "connection: close"] {
        let exact = serve_bytes(ok(head, &[b'x'; 1024])).await;
        assert_eq!(send(exact, limits()).await.unwrap().body().len(), 1024, "{head}");
    }
}

#[tokio::test]
async fn of_an_error_body_64_kib_are_kept() {
    let long = vec![b'x'; 10 * 1024 * 1024];
    for head in [format!("content-length: {}", long.len()), "connection: close".to_owned()] {
        let head = format!("HTTP/1.1 500 Internal Server Error\r\n{head}\r\n\r\n");
        let address = serve_bytes([head.as_bytes(), &long].concat()).await;
        let response = send(address, limits()).await.unwrap();
        assert_eq!((response.status().as_u16(), response.body().len()), (500, 64 * 1024));
    }
    let short = serve_bytes("HTTP/1.1 404 Not Found\r\ncontent-length: 4\r\n\r\nnone").await;
    assert_eq!(send(short, limits()).await.unwrap().body(), "none");
}

#[tokio::test]
async fn a_compressed_answer_is_refused_unread() {
    for coding in ["gzip", "br", "identity, gzip", "GZIP"] {
        for status in ["200 OK", "402 Payment Required"] {
            let reply = format!(
                "HTTP/1.1 {status}\r\ncontent-encoding: {coding}\r\ncontent-length: 4\r\n\r\n\x1f_.."
            );
            let address = serve_bytes(reply).await;
            let ended = failure(address, limits()).await;
            assert_eq!(ended, (TransportErrorKind::CompressedReply, Delivery::Answered), "{coding} {status}");
        }
    }
}

#[tokio::test]
async fn a_redirect_is_handed_back_and_the_other_host_hears_nothing() {
    let other = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    other.set_nonblocking(true).unwrap();
    let target = other.local_addr().unwrap();
    for status in [301, 302, 303, 307, 308] {
        let reply =
            format!("HTTP/1.1 {status} Moved\r\nlocation: http://{target}/\r\ncontent-length: 0\r\n\r\n");
        let response = send(serve_bytes(reply).await, limits()).await.unwrap();
        assert_eq!(response.status().as_u16(), status);
    }
    assert_eq!(other.accept().unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
}

#[tokio::test]
async fn plain_http_leaves_this_machine_under_no_name() {
    let transport = ReqwestTransport::new().unwrap();
    for uri in
        ["http://api.example.com/", "http://192.0.2.1/", "http://0.0.0.0:1/", "http://u:p@127.0.0.1:1/"]
    {
        let request = Request::get(uri).body(Bytes::new()).unwrap();
        let error = transport.send(request, limits()).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.delivery()),
            (TransportErrorKind::InsecureUrl, Delivery::NotSent),
            "{uri}"
        );
    }
    let address = serve_bytes(ok("content-length: 0", b"")).await;
    let request = Request::post(format!("http://localhost:{}/", address.port()))
        .body(Bytes::from_static(b"amount=1099"))
        .unwrap();
    assert_eq!(transport.send(request, limits()).await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_tls_handshake_that_fails_is_not_sent() {
    // No TLS at all, then a fatal alert: protocol_version.
    for reply in [&b"HTTP/1.1 400 Bad Request\r\n\r\n"[..], b"\x15\x03\x03\x00\x02\x02\x46"] {
        let address = serve(move |mut stream| async move {
            let _ = stream.read(&mut [0; 4096]).await;
            let _ = stream.write_all(reply).await;
            let _ = stream.shutdown().await;
            let _ = stream.read(&mut [0; 64]).await;
        })
        .await;
        let transport = ReqwestTransport::new().unwrap();
        let error = transport.send(request("https", address), limits()).await.unwrap_err();
        assert_clean(&error);
        assert_eq!(
            (error.kind(), error.delivery()),
            (TransportErrorKind::Tls, Delivery::NotSent),
            "{error:?}"
        );
    }
}

#[tokio::test]
async fn the_total_deadline_holds_whatever_trickles() {
    let silent = serve(|mut stream| async move {
        read_request(&mut stream).await;
        let _ = stream.read(&mut [0; 1]).await;
    })
    .await;
    let half_a_head = serve(|mut stream| async move {
        read_request(&mut stream).await;
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nx-slow: ").await;
        let _ = stream.read(&mut [0; 1]).await;
    })
    .await;
    for address in [silent, half_a_head] {
        let ended = failure(address, Limits::new(SHORT, 1024)).await;
        assert_eq!(ended, (TransportErrorKind::Timeout, Delivery::MaybeDelivered));
    }
    // There is always progress, so that only a total deadline ends it.
    let trickle = serve(|mut stream| async move {
        read_request(&mut stream).await;
        let _ = stream.write_all(&ok("transfer-encoding: chunked", b"")).await;
        while stream.write_all(b"1\r\nx\r\n").await.is_ok() {
            tokio::task::yield_now().await;
        }
    })
    .await;
    let ended = failure(trickle, Limits::new(SHORT, usize::MAX)).await;
    assert_eq!(ended, (TransportErrorKind::Timeout, Delivery::Answered));
}

fn real_client() -> HttpClient {
    builder(Arc::new(ReqwestTransport::new().unwrap()), Arc::new(SystemClock::new()))
        .with_random(Arc::new(FixedRandom(0)))
        .with_retry(RetryPolicy::new())
        .build()
}

async fn call(address: SocketAddr, operation: Operation) -> Error {
    let error = real_client().send(&operation, request("http", address), default_verdict).await.unwrap_err();
    assert_clean(&error);
    error
}

#[tokio::test]
async fn through_the_client_a_lost_answer_is_sent_once_or_again() {
    let (sender, mut seen) = tokio::sync::mpsc::unbounded_channel();
    let address = serve(move |mut stream| {
        let sender = sender.clone();
        async move {
            sender.send(read_request(&mut stream).await).unwrap();
        }
    })
    .await;
    let mut count = || std::iter::from_fn(|| seen.try_recv().ok()).count();
    for (operation, times, effect) in [
        (Operation::once("charge"), 1, Effect::Unknown),
        (Operation::idempotent("charge"), 3, Effect::Unknown),
        (Operation::read("lookup"), 3, Effect::None),
    ] {
        let error = call(address, operation).await;
        assert_eq!((error.kind(), error.effect()), (ErrorKind::Network, effect), "{operation:?}");
        assert_eq!(count(), times, "{operation:?}");
    }
}

#[tokio::test]
async fn through_the_client_a_slow_answer_ends_with_the_deadline() {
    let address = serve(|mut stream| async move {
        read_request(&mut stream).await;
        let _ = stream.write_all(&ok("content-length: 10", b"{")).await;
        let _ = stream.read(&mut [0; 1]).await;
    })
    .await;
    let error = call(address, Operation::once("charge").with_deadline(SHORT)).await;
    assert_eq!((error.kind(), error.effect()), (ErrorKind::Timeout, Effect::Unknown));
}

#[test]
fn a_proxy_password_is_not_shown() {
    let proxied = ReqwestTransport::via_proxy("http://user:sentinel_5f1c@127.0.0.1:3128").unwrap();
    assert!(!format!("{proxied:?}").contains(SENTINEL));
    let error = ReqwestTransport::via_proxy("::sentinel_5f1c::").unwrap_err();
    assert_clean(&error);
}

#[tokio::test]
async fn a_proxy_tunnels_https_and_is_not_asked_about_loopback() {
    let (sender, mut seen) = tokio::sync::mpsc::unbounded_channel();
    let proxy = serve(move |mut stream| {
        let sender = sender.clone();
        async move {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") && stream.read_buf(&mut head).await.unwrap_or(0) > 0 {}
            sender.send(head).unwrap();
            let _ = stream.write_all(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n").await;
        }
    })
    .await;
    let transport = ReqwestTransport::via_proxy(&format!("http://{proxy}")).unwrap();
    let address = serve_bytes(ok("content-length: 0", b"")).await;
    transport.send(request("http", address), limits()).await.unwrap();
    assert!(seen.try_recv().is_err());

    let request =
        Request::get(format!("https://api.example.com/?key={SENTINEL}")).body(Bytes::new()).unwrap();
    let error = transport.send(request, limits()).await.unwrap_err();
    assert_clean(&error);
    assert_eq!((error.kind(), error.delivery()), (TransportErrorKind::Connect, Delivery::NotSent));
    let head = String::from_utf8(seen.recv().await.unwrap()).unwrap();
    assert!(head.starts_with("CONNECT api.example.com:443 HTTP/1.1\r\n"), "{head}");
}
