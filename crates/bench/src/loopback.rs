//! The smallest server that a client keeps a connection to.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// An HTTP/1.1 server on 127.0.0.1 that keeps connections open and gives every request the same answer.
///
/// One thread a connection, no parsing beyond the end of the head and `content-length`, one write an answer: what it
/// takes is the same for whoever calls. Its threads end with the process.
#[derive(Debug)]
pub struct Loopback {
    address: SocketAddr,
    last: Arc<Mutex<Vec<u8>>>,
}

impl Loopback {
    /// Answers 200 with this JSON and about the headers that a payment provider sends.
    ///
    /// # Errors
    /// When no port can be opened.
    pub fn serve(json: &str) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let last = Arc::new(Mutex::new(Vec::new()));
        let (seen, answer) = (Arc::clone(&last), Arc::new(answer(json)));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (seen, answer) = (Arc::clone(&seen), Arc::clone(&answer));
                // A client that goes away ends its thread.
                thread::spawn(move || drop(converse(stream, &answer, &seen)));
            }
        });
        Ok(Self { address, last })
    }

    /// Its base URL, without a slash at the end.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The bytes of the last request.
    pub fn last_request(&self) -> Vec<u8> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).clone()
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

fn converse(mut stream: TcpStream, answer: &[u8], seen: &Mutex<Vec<u8>>) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut buffer = Vec::with_capacity(8 * 1024);
    let mut chunk = [0; 8 * 1024];
    loop {
        while !is_whole(&buffer) {
            match stream.read(&mut chunk)? {
                0 => return Ok(()),
                length => buffer.extend_from_slice(chunk.get(..length).unwrap_or_default()),
            }
        }
        std::mem::swap(&mut *seen.lock().unwrap_or_else(PoisonError::into_inner), &mut buffer);
        buffer.clear();
        stream.write_all(answer)?;
    }
}

/// Whether a request is there from its first byte to its last. The clients here wait for each answer, so that nothing
/// stands behind it.
fn is_whole(request: &[u8]) -> bool {
    let Some(end) = request.windows(4).position(|window| window == b"\r\n\r\n") else { return false };
    let head = request.get(..end).unwrap_or_default();
    let length = head
        .split(|byte| *byte == b'\n')
        .find_map(|line| {
            std::str::from_utf8(line).ok()?.strip_prefix("content-length: ")?.trim().parse().ok()
        })
        .unwrap_or(0);
    request.len() >= end + 4 + length
}
