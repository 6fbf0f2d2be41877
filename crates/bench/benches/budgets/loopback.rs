//! The smallest server that a client keeps a connection to.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// An HTTP/1.1 server on 127.0.0.1 that keeps connections open and gives every request the same answer.
///
/// On a runtime of one thread it lives on the thread of its clients: a call then costs the work that it is, on one core, and not the moment at
/// which some scheduler wakes another thread. No parsing beyond the end of the head and `content-length`, one write an
/// answer.
pub(crate) struct Loopback {
    address: SocketAddr,
    last: Arc<Mutex<Vec<u8>>>,
}

impl Loopback {
    /// Answers 200 with this JSON and about the headers that a payment provider sends, while the runtime runs that this
    /// is called in.
    pub(crate) async fn serve(json: &str) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let last = Arc::new(Mutex::new(Vec::new()));
        let (seen, answer) = (Arc::clone(&last), Arc::new(answer(json)));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (seen, answer) = (Arc::clone(&seen), Arc::clone(&answer));
                // A client that goes away ends its task.
                tokio::spawn(async move { drop(converse(stream, &answer, &seen).await) });
            }
        });
        Ok(Self { address, last })
    }

    /// Its base URL, without a slash at the end.
    pub(crate) fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The bytes of the last request.
    pub(crate) fn last_request(&self) -> Vec<u8> {
        self.last.lock().expect("no panic").clone()
    }
}

fn answer(json: &str) -> Vec<u8> {
    let head = [
        "HTTP/1.1 200 OK",
        "server: nginx",
        "date: Thu, 09 Oct 2025 08:53:20 GMT",
        "content-type: application/json",
        &format!("content-length: {}", json.len()),
        "connection: keep-alive",
        "access-control-allow-credentials: true",
        "access-control-allow-methods: GET, HEAD, PUT, PATCH, POST, DELETE",
        "access-control-allow-origin: *",
        "access-control-max-age: 300",
        "cache-control: no-cache, no-store",
        "request-id: req_b3cDeFgHiJkLmN",
        "stripe-version: 2026-06-24.dahlia",
        "vary: Origin",
        "strict-transport-security: max-age=63072000; includeSubDomains; preload",
    ];
    format!("{}\r\n\r\n{json}", head.join("\r\n")).into_bytes()
}

async fn converse(mut stream: TcpStream, answer: &[u8], seen: &Mutex<Vec<u8>>) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut request = Vec::with_capacity(8 * 1024);
    loop {
        while !is_whole(&request) {
            if stream.read_buf(&mut request).await? == 0 {
                return Ok(());
            }
        }
        std::mem::swap(&mut *seen.lock().expect("no panic"), &mut request);
        request.clear();
        stream.write_all(answer).await?;
    }
}

/// Whether a request is there from its first byte to its last. The clients here wait for each answer, so that nothing
/// stands behind it.
fn is_whole(request: &[u8]) -> bool {
    let Some(end) = request.windows(4).position(|window| window == b"\r\n\r\n") else { return false };
    let length = request[..end]
        .split(|byte| *byte == b'\n')
        .find_map(|line| {
            std::str::from_utf8(line).ok()?.strip_prefix("content-length: ")?.trim().parse().ok()
        })
        .unwrap_or(0);
    request.len() >= end + 4 + length
}
