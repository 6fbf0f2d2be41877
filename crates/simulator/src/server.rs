//! The simulator on a port: HTTP/1.1, with the faults that only a connection can have.

use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, watch};
use tokio::task::{JoinHandle, JoinSet};

use crate::delivery;
use crate::fault::{Fault, WireFault};
use crate::simulator::{Simulator, json_response};

const LARGEST_BODY: usize = 1024 * 1024;
const LARGEST_HEAD: usize = 64 * 1024;
const MOST_HEADERS: usize = 100;
const READ_DEADLINE: Duration = Duration::from_secs(10);
/// After a shutdown, how long requests that are under way may take.
const GRACE: Duration = Duration::from_secs(5);

/// How the server listens and where it sends webhooks.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct ServerOptions {
    webhook_urls: Vec<(String, String)>,
    allow_remote: bool,
}

impl ServerOptions {
    /// Loopback only, and no webhooks.
    pub fn new() -> Self {
        Self::default()
    }

    /// Delivers a provider's webhooks to a plain `http://` URL, on loopback unless remotes are allowed.
    pub fn with_webhook_url(mut self, provider: impl Into<String>, url: impl Into<String>) -> Self {
        self.webhook_urls.push((provider.into(), url.into()));
        self
    }

    /// Listens on, and delivers to, other machines than this one. The admin paths stay on loopback.
    pub fn with_allow_remote(mut self, allowed: bool) -> Self {
        self.allow_remote = allowed;
        self
    }
}

/// A running server. Dropping it stops it at once; [`shutdown`](Self::shutdown) lets requests finish.
#[derive(Debug)]
pub struct ServerHandle {
    addr: SocketAddr,
    stop: watch::Sender<bool>,
    task: Option<JoinHandle<()>>,
}

impl ServerHandle {
    /// Where it listens, with the port that was picked.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// `http://127.0.0.1:4010`: a provider's base URL is this and its id as a path.
    pub fn origin(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// Takes no more requests, lets those under way finish (five seconds at most), and returns.
    pub async fn shutdown(mut self) {
        self.stop.send_replace(true);
        if let Some(task) = self.task.take() {
            // A task that panicked has nothing left to wait for.
            let _ended = task.await;
        }
    }
}

impl Drop for ServerHandle {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}

/// Binds `addr` (port 0 picks one) and serves, on loopback and without webhooks.
pub async fn serve(addr: SocketAddr, simulator: Simulator) -> io::Result<ServerHandle> {
    serve_on(TcpListener::bind(addr).await?, simulator, &ServerOptions::new())
}

/// Serves on a listener. Fails when the address or a webhook URL is remote and remotes are not allowed.
pub fn serve_on(
    listener: TcpListener,
    simulator: Simulator,
    options: &ServerOptions,
) -> io::Result<ServerHandle> {
    let addr = listener.local_addr()?;
    let refuse = |message: String| io::Error::new(io::ErrorKind::InvalidInput, message);
    if !addr.ip().is_loopback() && !options.allow_remote {
        return Err(refuse(format!("{} is not a loopback address", addr.ip())));
    }
    let targets = options
        .webhook_urls
        .iter()
        .map(|(provider, url)| {
            delivery::Target::parse(url, options.allow_remote)
                .map(|target| (provider.clone(), target))
                .map_err(refuse)
        })
        .collect::<io::Result<Vec<_>>>()?;
    let (stop, stopped) = watch::channel(false);
    let happened = Arc::new(Notify::new());
    let courier = delivery::run(simulator.clone(), targets, options.allow_remote, Arc::clone(&happened));
    let task = tokio::spawn(accept(listener, simulator, courier, stopped, happened));
    Ok(ServerHandle { addr, stop, task: Some(task) })
}

async fn accept(
    listener: TcpListener,
    simulator: Simulator,
    deliveries: impl Future<Output = ()> + Send + 'static,
    mut stopped: watch::Receiver<bool>,
    happened: Arc<Notify>,
) {
    let mut connections = JoinSet::new();
    let mut courier = JoinSet::new();
    courier.spawn(deliveries);
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                if let Ok((stream, peer)) = accepted {
                    let (simulator, stopped) = (simulator.clone(), stopped.clone());
                    connections.spawn(converse(stream, peer.ip(), simulator, stopped, Arc::clone(&happened)));
                } else {
                    // Out of file descriptors, most likely: give connections time to end.
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            }
            Some(_) = connections.join_next() => {}
            _ = stopped.changed() => break,
        }
    }
    drop(listener);
    let all_ended = async { while connections.join_next().await.is_some() {} };
    // Whoever is not done by then is cut off with the set.
    let _timed_out = tokio::time::timeout(GRACE, all_ended).await;
}

async fn converse(
    stream: TcpStream,
    peer: IpAddr,
    simulator: Simulator,
    mut stopped: watch::Receiver<bool>,
    happened: Arc<Notify>,
) {
    let service = service_fn(move |request| {
        let (simulator, happened) = (simulator.clone(), Arc::clone(&happened));
        async move { answer(request, peer, &simulator, &happened).await }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(READ_DEADLINE)
        .max_headers(MOST_HEADERS)
        .max_buf_size(LARGEST_HEAD)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = std::pin::pin!(connection);
    // A connection that breaks is the peer's business, or a fault that was asked for.
    tokio::select! {
        _ended = connection.as_mut() => {}
        _ = stopped.changed() => {
            connection.as_mut().graceful_shutdown();
            let _ended = connection.await;
        }
    }
}

/// Closes the connection without an answer.
#[derive(Debug)]
struct Hangup;

impl std::fmt::Display for Hangup {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a fault closed the connection")
    }
}

impl std::error::Error for Hangup {}

async fn answer(
    request: Request<Incoming>,
    peer: IpAddr,
    simulator: &Simulator,
    happened: &Notify,
) -> Result<Response<WireBody>, Hangup> {
    let (parts, body) = request.into_parts();
    let read = tokio::time::timeout(READ_DEADLINE, Limited::new(body, LARGEST_BODY).collect()).await;
    let body = match read {
        Ok(Ok(whole)) => whole.to_bytes(),
        Ok(Err(error)) if error.is::<LengthLimitError>() => {
            return Ok(refused(StatusCode::PAYLOAD_TOO_LARGE, "the body is larger than 1 MiB"));
        }
        Ok(Err(_)) => return Err(Hangup),
        Err(_) => {
            return Ok(refused(StatusCode::REQUEST_TIMEOUT, "the body did not come within ten seconds"));
        }
    };
    if parts.uri.path().starts_with("/_simulator/") {
        let response = if peer.is_loopback() {
            administer(&parts.method, parts.uri.path(), &body, simulator)
        } else {
            json_response(StatusCode::FORBIDDEN, &json!({ "error": "admin paths are for this machine only" }))
        };
        happened.notify_one();
        return Ok(response.map(WireBody::whole));
    }
    let handled = simulator.handle_wire(Request::from_parts(parts, body));
    happened.notify_one();
    let length = handled.response.body().len();
    let (mut head, bytes) = handled.response.into_parts();
    // Announced even when less of it is to come.
    head.headers.insert(header::CONTENT_LENGTH, length.into());
    let body = match handled.wire {
        WireFault::Reset { .. } => return Err(Hangup),
        WireFault::Delay(ms) => {
            tokio::time::sleep(Duration::from_millis(ms)).await;
            drop(handled.running);
            WireBody::whole(bytes)
        }
        WireFault::Truncate => WireBody { cut: true, ..WireBody::whole(bytes.slice(..length / 2)) },
        WireFault::Trickle(ms) => {
            WireBody { pause: Some(Duration::from_millis(ms)), ..WireBody::whole(bytes) }
        }
        WireFault::None => WireBody::whole(bytes),
    };
    Ok(Response::from_parts(head, body))
}

fn refused(status: StatusCode, why: &str) -> Response<WireBody> {
    json_response(status, &json!({ "error": why })).map(WireBody::whole)
}

/// What is below this is for Authorize.Net.
const AUTHNET: &str = "/_simulator/authorize_net/";
/// And this for Plaid.
const PLAID: &str = "/_simulator/plaid/";
/// What is below this is for Twilio.
const TWILIO: &str = "/_simulator/twilio/";
/// And this for SendGrid.
const SENDGRID: &str = "/_simulator/sendgrid/";

fn administer(method: &Method, path: &str, body: &Bytes, simulator: &Simulator) -> Response<Bytes> {
    let input = || serde_json::from_slice::<Value>(body).map_err(|_| "the body must be JSON".to_owned());
    let done = match (method.as_str(), path) {
        ("GET", "/_simulator/state") => Ok(simulator.state()),
        ("POST", "/_simulator/faults") => input().and_then(|value| Fault::from_json(&value)).map(|fault| {
            simulator.faults().push(fault);
            json!({ "remaining": simulator.faults().remaining() })
        }),
        ("DELETE", "/_simulator/faults") => {
            simulator.faults().clear();
            Ok(json!({ "remaining": 0 }))
        }
        ("POST", "/_simulator/advance") => input().and_then(|value| {
            let seconds =
                value.get("seconds").and_then(Value::as_u64).ok_or("seconds must be a whole number")?;
            simulator.clock().advance(Duration::from_secs(seconds));
            Ok(json!({ "now": simulator.clock().unix() }))
        }),
        ("POST", "/_simulator/authenticate") => input().map(|value| {
            let id = value.get("id").and_then(Value::as_str).unwrap_or_default();
            let passed = value.get("passed").and_then(Value::as_bool).unwrap_or(true);
            simulator.stripe().complete_authentication(id, passed).unwrap_or_default()
        }),
        ("POST", "/_simulator/settle") => input().map(|value| {
            let text = |name: &str| value.get(name).and_then(Value::as_str);
            match text("provider") {
                Some("paypal_payflow") => json!({ "batch": simulator.payflow().settle() }),
                _ => simulator.stripe().settle(text("id").unwrap_or_default()).unwrap_or_default(),
            }
        }),
        ("POST", "/_simulator/checkout") => input().map(|value| {
            let text = |name: &str| value.get(name).and_then(Value::as_str);
            let method = text("payment_method").unwrap_or("pm_card_visa");
            match simulator.stripe().complete_checkout(text("id").unwrap_or_default(), method) {
                Ok(done) | Err(done) => done,
            }
        }),
        ("POST", "/_simulator/payouts") => Ok(Value::Array(simulator.stripe().pay_out())),
        ("POST", "/_simulator/dispute") => input().map(|value| {
            let id = value.get("id").and_then(Value::as_str).unwrap_or_default();
            let won = value.get("won").and_then(Value::as_bool).unwrap_or_default();
            simulator.stripe().settle_dispute(id, won).unwrap_or_default()
        }),
        ("POST", "/_simulator/onboard") => input().map(|value| {
            let id = value.get("id").and_then(Value::as_str).unwrap_or_default();
            simulator.stripe().complete_onboarding(id).unwrap_or_default()
        }),
        ("POST", "/_simulator/nmi/settle") => Ok(Value::Array(simulator.nmi().settle())),
        ("POST", "/_simulator/nmi/return_check") => input().map(|value| {
            let text = |name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default();
            json!({ "returned": simulator.nmi().return_check(text("id"), text("reason")) })
        }),
        ("POST", "/_simulator/nmi/test_mode") => input().map(|value| {
            let on = value.get("on").and_then(Value::as_bool).unwrap_or_default();
            simulator.nmi().test_mode(on);
            json!({ "test_mode": on })
        }),
        ("POST", path) if path.starts_with(AUTHNET) => {
            let input = if body.is_empty() { Ok(Value::Null) } else { input() };
            let action = path.strip_prefix(AUTHNET).unwrap_or_default();
            input.and_then(|value| simulator.authnet().administer(action, &value))
        }
        ("POST", path) if path.starts_with(PLAID) => {
            let input = if body.is_empty() { Ok(Value::Null) } else { input() };
            let action = path.strip_prefix(PLAID).unwrap_or_default();
            input.and_then(|value| simulator.plaid().administer(action, &value))
        }
        ("POST", path) if path.starts_with(TWILIO) => {
            let input = if body.is_empty() { Ok(Value::Null) } else { input() };
            let action = path.strip_prefix(TWILIO).unwrap_or_default();
            input.and_then(|value| simulator.twilio().administer(action, &value))
        }
        ("POST", path) if path.starts_with(SENDGRID) => {
            let input = if body.is_empty() { Ok(Value::Null) } else { input() };
            let action = path.strip_prefix(SENDGRID).unwrap_or_default();
            input.and_then(|value| simulator.sendgrid().administer(action, &value))
        }
        _ => return json_response(StatusCode::NOT_FOUND, &json!({ "error": "no such admin path" })),
    };
    match done {
        Ok(body) => json_response(StatusCode::OK, &body),
        Err(why) => json_response(StatusCode::BAD_REQUEST, &json!({ "error": why })),
    }
}

/// A response body that can be slow, or break off.
struct WireBody {
    left: Bytes,
    /// Ends with an error, which closes the connection short of the announced length.
    cut: bool,
    flushed: bool,
    pause: Option<Duration>,
    sleeping: Option<Pin<Box<tokio::time::Sleep>>>,
}

impl WireBody {
    fn whole(bytes: Bytes) -> Self {
        Self { left: bytes, cut: false, flushed: false, pause: None, sleeping: None }
    }
}

impl Body for WireBody {
    type Data = Bytes;
    type Error = Hangup;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Hangup>>> {
        let this = self.get_mut();
        if let Some(sleeping) = &mut this.sleeping {
            match sleeping.as_mut().poll(cx) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(()) => this.sleeping = None,
            }
        }
        if this.left.is_empty() {
            if this.cut && !this.flushed {
                // hyper throws away what it has not flushed when a body fails; waiting once makes it flush.
                this.flushed = true;
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            return Poll::Ready(this.cut.then_some(Err(Hangup)));
        }
        let count = if this.pause.is_some() { 1 } else { this.left.len() };
        this.sleeping =
            this.pause.filter(|pause| !pause.is_zero()).map(|pause| Box::pin(tokio::time::sleep(pause)));
        Poll::Ready(Some(Ok(Frame::data(this.left.split_to(count)))))
    }

    fn is_end_stream(&self) -> bool {
        self.left.is_empty() && !self.cut
    }

    fn size_hint(&self) -> SizeHint {
        if self.cut { SizeHint::default() } else { SizeHint::with_exact(self.left.len() as u64) }
    }
}
