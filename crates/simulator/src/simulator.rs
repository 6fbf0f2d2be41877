//! [`Simulator`]: the providers behind one door.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderValue, Request, Response, StatusCode, Uri, header};
use serde_json::{Value, json};

use crate::authnet::AuthnetSimulator;
use crate::clock::SimClock;
use crate::fault::{Dropped, FaultKind, Faults, Handled, WireFault};
use crate::nmi::NmiSimulator;
use crate::payflow::PayflowSimulator;
use crate::plaid::PlaidSimulator;
use crate::provider::{Bend, Incoming, Provider};
use crate::sendgrid::SendGridSimulator;
use crate::stripe::StripeSimulator;
use crate::twilio::TwilioSimulator;
use crate::webhook::SignedWebhook;

/// Stateful stand-ins for the providers. Clones share all state.
#[derive(Clone)]
pub struct Simulator {
    clock: SimClock,
    faults: Faults,
    payflow: PayflowSimulator,
    nmi: NmiSimulator,
    plaid: PlaidSimulator,
    sendgrid: SendGridSimulator,
    stripe: StripeSimulator,
    authnet: AuthnetSimulator,
    twilio: TwilioSimulator,
    providers: Arc<Vec<Box<dyn Provider>>>,
}

/// Settings of a [`Simulator`] before it starts.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct SimulatorBuilder {
    clock: SimClock,
    seed: u64,
    refuse_raw_cards: bool,
    search_lag: Option<std::time::Duration>,
}

impl SimulatorBuilder {
    /// The clock that all providers read. The default stands still.
    pub fn with_clock(mut self, clock: SimClock) -> Self {
        self.clock = clock;
        self
    }

    /// The seed of ids and keys: the same seed and the same calls give the same ids.
    pub fn with_seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Whether raw card numbers are accepted (they are by default), as Stripe does only for accounts that asked.
    pub fn raw_cards(mut self, accepted: bool) -> Self {
        self.refuse_raw_cards = !accepted;
        self
    }

    /// How far Stripe's search index lags behind, in simulated time. One minute by default.
    pub fn with_search_lag(mut self, lag: std::time::Duration) -> Self {
        self.search_lag = Some(lag);
        self
    }

    /// The simulator, empty.
    pub fn build(self) -> Simulator {
        let lag = self.search_lag.map_or(60, |lag| lag.as_secs());
        let stripe = StripeSimulator::new(self.clock.clone(), self.seed, !self.refuse_raw_cards, lag);
        let payflow = PayflowSimulator::new(self.clock.clone(), self.seed);
        let nmi = NmiSimulator::new(self.clock.clone(), self.seed);
        let authnet = AuthnetSimulator::new(self.clock.clone(), self.seed);
        let twilio = TwilioSimulator::new(self.clock.clone(), self.seed);
        let plaid = PlaidSimulator::new(self.clock.clone(), self.seed);
        let sendgrid = SendGridSimulator::new(self.clock.clone(), self.seed);
        let providers: Vec<Box<dyn Provider>> = vec![
            Box::new(stripe.clone()),
            Box::new(payflow.clone()),
            Box::new(nmi.clone()),
            Box::new(authnet.clone()),
            Box::new(twilio.clone()),
            Box::new(plaid.clone()),
            Box::new(sendgrid.clone()),
            // A new provider adds its line here.
        ];
        Simulator {
            clock: self.clock,
            faults: Faults::default(),
            authnet,
            nmi,
            payflow,
            plaid,
            sendgrid,
            stripe,
            twilio,
            providers: Arc::new(providers),
        }
    }
}

impl Default for Simulator {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Simulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ids: Vec<_> = self.providers.iter().map(|provider| provider.id()).collect();
        f.debug_struct("Simulator").field("providers", &ids).finish_non_exhaustive()
    }
}

impl Simulator {
    /// An empty simulator with a clock that stands still.
    pub fn new() -> Self {
        Self::builder().build()
    }

    /// A simulator with other settings.
    pub fn builder() -> SimulatorBuilder {
        SimulatorBuilder::default()
    }

    /// The clock that all providers read.
    pub fn clock(&self) -> &SimClock {
        &self.clock
    }

    /// The faults that are still to happen.
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// Payflow's inside: logins, settings, what it holds, and settlement.
    pub fn payflow(&self) -> &PayflowSimulator {
        &self.payflow
    }

    /// NMI's inside: credentials, settings, what it holds, what the night brings.
    pub fn nmi(&self) -> &NmiSimulator {
        &self.nmi
    }

    /// Plaid's inside: items and ledgers, what a person or a bank would do, settings, signed webhooks.
    pub fn plaid(&self) -> &PlaidSimulator {
        &self.plaid
    }

    /// SendGrid's inside: keys, what was accepted and what became of it, what recipients do, settings.
    pub fn sendgrid(&self) -> &SendGridSimulator {
        &self.sendgrid
    }

    /// Stripe's inside: credentials, what it holds, what was asked of it, what a person would do next.
    pub fn stripe(&self) -> &StripeSimulator {
        &self.stripe
    }

    /// Authorize.Net's inside: credentials, what it holds, settings, settlement.
    pub fn authnet(&self) -> &AuthnetSimulator {
        &self.authnet
    }

    /// Twilio's inside: credentials, messages both ways, opt-outs, what carriers do.
    pub fn twilio(&self) -> &TwilioSimulator {
        &self.twilio
    }

    /// Answers one request. Faults that exist only on a connection (resets, slow bodies, latency) are
    /// left out: after a reset the whole response comes all the same, with the effect done. Use
    /// [`try_handle`](Self::try_handle) to see them.
    pub fn handle(&self, request: Request<Bytes>) -> Response<Bytes> {
        self.handle_wire(request).response
    }

    /// Answers one request, or says that the connection closed without an answer. A truncated body comes
    /// back cut in half.
    pub fn try_handle(&self, request: Request<Bytes>) -> Result<Response<Bytes>, Dropped> {
        let handled = self.handle_wire(request);
        match handled.wire {
            WireFault::Reset { effect_happened } => Err(Dropped { effect_happened }),
            WireFault::Truncate => Ok(handled.response.map(|body| body.slice(..body.len() / 2))),
            WireFault::None | WireFault::Delay(_) | WireFault::Trickle(_) => Ok(handled.response),
        }
    }

    /// Answers one request and says what a socket would do to the answer.
    pub fn handle_wire(&self, request: Request<Bytes>) -> Handled {
        let Some((provider, incoming)) = self.dispatch(request) else {
            return plain(self.unknown_host());
        };
        let fault = match self.faults.take(&incoming.method, &incoming.path, &incoming.headers) {
            Ok(fault) => fault,
            Err(why) => return plain(json_response(StatusCode::BAD_REQUEST, &json!({ "error": why }))),
        };
        let answer = |bend: Option<&Bend>| provider.handle(&incoming, bend);
        match fault {
            None => plain(answer(None)),
            Some(FaultKind::Latency(ms)) => {
                let response = answer(None);
                let running = provider.hold(&incoming);
                Handled { response, wire: WireFault::Delay(ms), running }
            }
            Some(FaultKind::RateLimited { retry_after }) => {
                plain(answer(Some(&Bend::RateLimited(retry_after))))
            }
            Some(FaultKind::Status(status, body)) => plain(answer(Some(&Bend::Answer(status, body)))),
            Some(FaultKind::StatusAfterEffect(status, body)) => {
                plain(answer(Some(&Bend::AnswerAfter(status, body))))
            }
            Some(FaultKind::HtmlBadGateway) => {
                provider.log_unanswered(&incoming);
                plain(bad_gateway())
            }
            Some(FaultKind::ResetBefore) => {
                provider.log_unanswered(&incoming);
                let mut response = Response::new(Bytes::new());
                *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
                Handled { response, wire: WireFault::Reset { effect_happened: false }, running: None }
            }
            Some(FaultKind::ResetAfter) => Handled {
                response: answer(None),
                wire: WireFault::Reset { effect_happened: true },
                running: None,
            },
            Some(FaultKind::Truncated) => {
                Handled { response: answer(None), wire: WireFault::Truncate, running: None }
            }
            Some(FaultKind::Malformed) => {
                plain(answer(None).map(|_| Bytes::from_static(b"{\"id\": \"half an answer\", \"obj")))
            }
            Some(FaultKind::SlowBody(ms)) => {
                Handled { response: answer(None), wire: WireFault::Trickle(ms), running: None }
            }
        }
    }

    /// Webhooks that came up since the last call, in order, each signed at the present simulated time.
    pub fn take_webhooks(&self) -> Vec<SignedWebhook> {
        self.providers.iter().flat_map(|provider| provider.take_webhooks()).collect()
    }

    /// Whether there is an endpoint to deliver webhooks to that a request asked for.
    #[cfg(feature = "server")]
    pub(crate) fn wants_delivery(&self) -> bool {
        self.providers.iter().any(|provider| provider.wants_delivery())
    }

    /// Per provider its base URL under `origin` (`http://127.0.0.1:4010`), working credentials, and the keys
    /// that its webhooks are signed with. Test values all of them: nothing outside this process knows them.
    pub fn connection_info(&self, origin: &str) -> Value {
        let entries = self.providers.iter().map(|provider| {
            let info = json!({
                "base_url": format!("{origin}/{}", provider.id()),
                "credentials": provider.credentials(),
                "webhook_keys": provider.webhook_keys(),
            });
            (provider.id().to_owned(), info)
        });
        Value::Object(entries.collect())
    }

    /// Everything every provider holds, for a look from outside.
    pub fn state(&self) -> Value {
        Value::Object(
            self.providers.iter().map(|provider| (provider.id().to_owned(), provider.state())).collect(),
        )
    }

    fn dispatch(&self, request: Request<Bytes>) -> Option<(&dyn Provider, Incoming)> {
        let (parts, body) = request.into_parts();
        let authority = host_of(&parts.uri, parts.headers.get(header::HOST));
        let host = authority.rsplit_once(':').map_or(authority.as_str(), |(name, _)| name);
        let path = parts.uri.path();
        // Hosts come first: below them every path is their own.
        let by_host = self.providers.iter().find(|provider| provider.hosts().contains(&host));
        let by_path = || {
            self.providers.iter().find_map(|provider| {
                let origin = format!("http://{authority}/{}", provider.id());
                let under = path.strip_prefix('/').and_then(|rest| rest.strip_prefix(provider.id()));
                match under {
                    // A base URL without its last slash.
                    Some("") => return Some((provider.as_ref(), "/", Some(origin))),
                    Some(rest) if rest.starts_with('/') => {
                        return Some((provider.as_ref(), rest, Some(origin)));
                    }
                    _ => {}
                }
                let root = provider.root_prefix()?;
                path.starts_with(root).then_some((provider.as_ref(), path, Some(origin)))
            })
        };
        let (provider, path, origin) = match by_host {
            Some(provider) => (provider.as_ref(), path, None),
            None => by_path()?,
        };
        let incoming = Incoming {
            method: parts.method,
            host: host.to_owned(),
            path: path.to_owned(),
            query: parts.uri.query().unwrap_or_default().to_owned(),
            headers: parts.headers,
            body,
            origin,
        };
        Some((provider, incoming))
    }

    fn unknown_host(&self) -> Response<Bytes> {
        let known: Vec<_> = self.providers.iter().map(|provider| format!("/{}/", provider.id())).collect();
        let body = json!({
            "error": "no simulated provider answers to this host or path",
            "prefixes": known,
        });
        json_response(StatusCode::NOT_FOUND, &body)
    }
}

fn host_of(uri: &Uri, header: Option<&HeaderValue>) -> String {
    match uri.authority() {
        Some(authority) => authority.as_str().to_ascii_lowercase(),
        None => header.and_then(|value| value.to_str().ok()).unwrap_or_default().to_ascii_lowercase(),
    }
}

fn plain(response: Response<Bytes>) -> Handled {
    Handled { response, wire: WireFault::None, running: None }
}

fn bad_gateway() -> Response<Bytes> {
    let mut response = Response::new(Bytes::from_static(
        b"<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body><center><h1>502 Bad Gateway</h1></center></body>\r\n</html>\r\n",
    ));
    *response.status_mut() = StatusCode::BAD_GATEWAY;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html"));
    response
}

pub(crate) fn json_response(status: StatusCode, body: &Value) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body.to_string()));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
