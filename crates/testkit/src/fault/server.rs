//! A loopback server whose answers are spoiled on the wire.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// What is wrong with the answers of a [`FaultServer`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum BodyFault {
    /// Nothing: `200` and `{}`.
    None,
    /// The connection closes before an answer begins.
    ClosedBeforeHead,
    /// The head stops in the middle; the socket stays open until the client gives up.
    SlowHead,
    /// A whole head and the first bytes of the body, one by one; then the socket stays open until the client gives up.
    SlowBody,
    /// A body of so many bytes, declared in `Content-Length`.
    OversizedDeclared(usize),
    /// A body of so many bytes in chunks, without `Content-Length`.
    OversizedChunked(usize),
    /// A gzip body that nobody asked for.
    Compressed,
    /// Fewer bytes than `Content-Length` promises, then the connection closes.
    Truncated,
    /// A chunk whose size is not hexadecimal.
    BadChunk,
    /// Not HTTP at all.
    NotHttp,
}

/// A server on a loopback port whose answers are spoiled on the wire. It waits for the client, never for the clock, and
/// ends when it is dropped. It needs a tokio runtime with I/O.
#[derive(Debug)]
pub struct FaultServer {
    address: SocketAddr,
    requests: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

impl FaultServer {
    /// Starts a server whose every answer has this fault.
    ///
    /// # Errors
    /// When no loopback port can be had.
    pub async fn start(fault: BodyFault) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let requests = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&requests);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let counter = Arc::clone(&counter);
                // A client that hangs up early is what most faults are for.
                tokio::spawn(async move { serve(stream, fault, &counter).await.ok() });
            }
        });
        Ok(Self { address, requests, task })
    }

    /// The base URL, without a trailing slash: `http://127.0.0.1:4010`.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// How many whole requests arrived.
    pub fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }
}

impl Drop for FaultServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(mut stream: TcpStream, fault: BodyFault, requests: &AtomicUsize) -> io::Result<()> {
    read_request(&mut stream).await?;
    requests.fetch_add(1, Ordering::SeqCst);
    match fault {
        BodyFault::None => stream.write_all(&head("content-length: 2", "{}")).await?,
        BodyFault::ClosedBeforeHead => {}
        BodyFault::SlowHead => {
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-ty").await?;
            wait_for_hang_up(&mut stream).await;
        }
        BodyFault::SlowBody => {
            stream.write_all(&head("content-length: 1000", "")).await?;
            for byte in b"{\"id\":" {
                stream.write_all(&[*byte]).await?;
                stream.flush().await?;
                tokio::task::yield_now().await;
            }
            wait_for_hang_up(&mut stream).await;
        }
        BodyFault::OversizedDeclared(length) => {
            stream.write_all(&head(&format!("content-length: {length}"), "")).await?;
            pour(&mut stream, length, false).await?;
        }
        BodyFault::OversizedChunked(length) => {
            stream.write_all(&head("transfer-encoding: chunked", "")).await?;
            pour(&mut stream, length, true).await?;
            stream.write_all(b"0\r\n\r\n").await?;
        }
        BodyFault::Compressed => {
            // The gzip form of "{}".
            const GZIP: &[u8] = &[
                0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0xab, 0xae, 0x05, 0, 0x43, 0xbf, 0xa6, 0xa3, 2, 0, 0, 0,
            ];
            let length = format!("content-encoding: gzip\r\ncontent-length: {}", GZIP.len());
            stream.write_all(&head(&length, "")).await?;
            stream.write_all(GZIP).await?;
        }
        BodyFault::Truncated => stream.write_all(&head("content-length: 100", "{\"id\":\"")).await?,
        BodyFault::BadChunk => {
            stream.write_all(&head("transfer-encoding: chunked", "zz\r\n{}\r\n0\r\n\r\n")).await?;
        }
        BodyFault::NotHttp => stream.write_all(b"220 mail.test ESMTP ready\r\n").await?,
    }
    stream.shutdown().await?;
    // Closing with unread input would reset the connection and take the answer with it.
    wait_for_hang_up(&mut stream).await;
    Ok(())
}

fn head(headers: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n{headers}\r\n\r\n{body}").into_bytes()
}

async fn pour(stream: &mut TcpStream, length: usize, chunked: bool) -> io::Result<()> {
    const PIECE: usize = 16 * 1024;
    let mut left = length;
    while left > 0 {
        let size = left.min(PIECE);
        let piece = vec![b' '; size];
        if chunked {
            stream.write_all(format!("{size:x}\r\n").as_bytes()).await?;
        }
        stream.write_all(&piece).await?;
        if chunked {
            stream.write_all(b"\r\n").await?;
        }
        left -= size;
    }
    Ok(())
}

/// Reads one request: its head, and as much body as `Content-Length` says. At most 1 MiB.
async fn read_request(stream: &mut TcpStream) -> io::Result<()> {
    let mut seen = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&seen);
        if let Some((head, _)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| {
                let (name, value) = line.split_once(':')?;
                name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
            });
            if seen.len() >= head.len() + 4 + length.unwrap_or_default() {
                return Ok(());
            }
        }
        let read = stream.read(&mut buffer).await?;
        if read == 0 || seen.len() > 1024 * 1024 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        seen.extend(buffer.iter().take(read));
    }
}

async fn wait_for_hang_up(stream: &mut TcpStream) {
    let mut buffer = [0; 1024];
    while matches!(stream.read(&mut buffer).await, Ok(read) if read > 0) {}
}
