//! Sending webhooks: plain HTTP/1.1 POSTs, in order, with bounded retries.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use http::Uri;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::Notify;

use crate::simulator::Simulator;
use crate::webhook::SignedWebhook;

/// Waits before the second and the third try.
const WAITS: [Duration; 2] = [Duration::from_millis(100), Duration::from_secs(2)];
const DEADLINE: Duration = Duration::from_secs(10);
/// How often to look for what the clock brought.
const TICK: Duration = Duration::from_secs(1);

/// Where to send.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    authority: String,
    host: String,
    port: u16,
    path: String,
    allow_remote: bool,
}

impl Target {
    pub(crate) fn parse(url: &str, allow_remote: bool) -> Result<Self, String> {
        let uri: Uri = url.parse().map_err(|_| format!("{url:?} is no URL"))?;
        let authority = uri.authority().ok_or_else(|| format!("{url:?} names no host"))?;
        if uri.scheme_str() != Some("http") {
            return Err("webhooks go out by plain http only".to_owned());
        }
        let host = authority.host().trim_matches(['[', ']']).to_owned();
        let loopback = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
        if !loopback && !allow_remote {
            return Err(format!("{host} is not this machine"));
        }
        Ok(Self {
            authority: authority.to_string(),
            host,
            port: authority.port_u16().unwrap_or(80),
            path: uri.path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string),
            allow_remote,
        })
    }

    async fn send(&self, webhook: &SignedWebhook) -> std::io::Result<bool> {
        let mut stream = TcpStream::connect((self.host.as_str(), self.port)).await?;
        if !self.allow_remote && !stream.peer_addr()?.ip().is_loopback() {
            return Ok(false);
        }
        let mut message = format!("POST {} HTTP/1.1\r\nhost: {}\r\n", self.path, self.authority).into_bytes();
        for (name, value) in &webhook.headers {
            message.extend_from_slice(name.as_str().as_bytes());
            message.extend_from_slice(b": ");
            message.extend_from_slice(value.as_bytes());
            message.extend_from_slice(b"\r\n");
        }
        let length = format!("content-length: {}\r\nconnection: close\r\n\r\n", webhook.body.len());
        message.extend_from_slice(length.as_bytes());
        message.extend_from_slice(&webhook.body);
        stream.write_all(&message).await?;
        // `HTTP/1.1 2`: the status line is all that counts.
        let mut start = [0_u8; 10];
        stream.read_exact(&mut start).await?;
        Ok(start.starts_with(b"HTTP/1.") && start.ends_with(b" 2"))
    }
}

/// Delivers whatever comes up, for as long as the server runs.
pub(crate) async fn run(
    simulator: Simulator,
    targets: Vec<(String, Target)>,
    allow_remote: bool,
    happened: Arc<Notify>,
) {
    loop {
        // Without anybody to deliver to, they are left for whoever holds the simulator in process.
        let wanted = !targets.is_empty() || simulator.wants_delivery();
        for webhook in if wanted { simulator.take_webhooks() } else { Vec::new() } {
            match &webhook.url {
                // An address that may not be delivered to is one that nobody listens at.
                Some(url) => {
                    if let Ok(target) = Target::parse(url, allow_remote) {
                        deliver(&target, &webhook).await;
                    }
                }
                None => {
                    for (_, target) in targets.iter().filter(|(provider, _)| provider == webhook.provider) {
                        deliver(target, &webhook).await;
                    }
                }
            }
        }
        // Some things happen by the clock alone.
        let _timed_out = tokio::time::timeout(TICK, happened.notified()).await;
    }
}

async fn deliver(target: &Target, webhook: &SignedWebhook) {
    for wait in WAITS.iter().copied().map(Some).chain([None]) {
        let sent = tokio::time::timeout(DEADLINE, target.send(webhook)).await;
        if matches!(sent, Ok(Ok(true))) {
            return;
        }
        if let Some(wait) = wait {
            tokio::time::sleep(wait).await;
        }
    }
}
