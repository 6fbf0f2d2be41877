//! Policy in front of a transport: deadline, rate limit, retries, and one span a call.

use std::fmt;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use http::HeaderMap;
use tracing::field::Empty;
use tracing::{Instrument, Span, debug, info_span};

use super::base_url::is_secure_uri;
use super::operation::{Operation, Safety};
use super::retry::{RetryPolicy, parse_retry_after};
use super::state::ConnectionState;
use super::transport::{Delivery, Limits, Transport, TransportError, TransportErrorKind};
use super::verdict::{Processed, Verdict};
use crate::clock::Clock;
use crate::error::{Effect, Error, ErrorKind, Result};
use crate::provider::{Environment, ProviderId};
use crate::random::{Random, SystemRandom};

/// Sends a provider's requests: within a deadline, within the connection's rate limit, again where that is safe.
///
/// Whether a request is sent again follows from what happened to it and from [`Safety`]:
///
/// | The attempt ended with | `Read` | `Idempotent` | `Once` |
/// |---|---|---|---|
/// | no connection ([`Delivery::NotSent`]) | again | again | again |
/// | an answer that says "not processed" | again | again | again |
/// | an answer that leaves it open | again | again | handed back |
/// | no answer, or a broken one | again | again | error, effect unknown |
/// | an answer that is too long, compressed or not HTTP; a refused certificate | error | error | error |
///
/// Nothing is sent again after the deadline, beyond the attempts of the [`RetryPolicy`], when the next pause would
/// outlast the deadline, or when the connection's [`RetryBudget`](super::RetryBudget) cannot pay. The request is the same
/// bytes each time: idempotency keys belong into it before it comes here.
///
/// Cloning is cheap and shares everything.
#[derive(Clone)]
pub struct HttpClient {
    inner: Arc<HttpClientBuilder>,
}

/// Sets up an [`HttpClient`].
pub struct HttpClientBuilder {
    provider: ProviderId,
    environment: Environment,
    transport: Arc<dyn Transport>,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    state: Arc<ConnectionState>,
    retry: RetryPolicy,
    request_id_headers: &'static [&'static str],
}

impl HttpClientBuilder {
    /// Sets where the jitter of pauses comes from. Default: the operating system.
    pub fn with_random(mut self, random: Arc<dyn Random>) -> Self {
        self.random = random;
        self
    }

    /// Sets what the connection remembers. Default: a state of its own, without a rate limit.
    pub fn with_state(mut self, state: Arc<ConnectionState>) -> Self {
        self.state = state;
        self
    }

    /// Sets how often a request is sent.
    pub fn with_retry(mut self, retry: RetryPolicy) -> Self {
        self.retry = retry;
        self
    }

    /// Names the headers that may hold the provider's request id, in lower case, the best one first. Default:
    /// `request-id`, `x-request-id`.
    pub fn with_request_id_headers(mut self, names: &'static [&'static str]) -> Self {
        self.request_id_headers = names;
        self
    }

    /// The client.
    pub fn build(self) -> HttpClient {
        HttpClient { inner: Arc::new(self) }
    }
}

// A transport may be a host's own, a recorder for one, and is not asked what it holds.
impl fmt::Debug for HttpClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpClientBuilder")
            .field("provider", &self.provider)
            .field("environment", &self.environment)
            .field("state", &self.state)
            .field("retry", &self.retry)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for HttpClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpClient")
            .field("provider", &self.inner.provider)
            .field("environment", &self.inner.environment)
            .field("state", &self.inner.state)
            .field("retry", &self.inner.retry)
            .finish_non_exhaustive()
    }
}

/// An answer, and what led to it.
#[derive(Clone)]
#[non_exhaustive]
pub struct Reply {
    /// The answer of the last attempt, of any status.
    pub response: http::Response<Bytes>,
    /// How often the request was sent, or tried to be.
    pub attempts: u32,
    /// An attempt, this one or an earlier one, may have taken effect without an answer that says so. It stays true
    /// whatever a later attempt brings: a 429 to the second attempt says nothing about the first. Always false for
    /// [`Safety::Read`].
    ///
    /// A success, or a refusal that the provider documents as the stored result of the first attempt, settles it all the
    /// same; only the adapter can know that.
    pub ambiguous: bool,
    /// The provider's request id.
    pub request_id: Option<String>,
    /// How long the provider asked to be left alone, when it did and the client did not wait for it.
    pub retry_after: Option<Duration>,
}

impl Reply {
    /// The effect to report when this answer is a refusal: nothing, unless an attempt is ambiguous.
    pub fn refusal_effect(&self) -> Effect {
        if self.ambiguous { Effect::Unknown } else { Effect::None }
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply")
            .field("status", &self.response.status())
            .field("attempts", &self.attempts)
            .field("ambiguous", &self.ambiguous)
            .field("request_id", &self.request_id)
            .field("retry_after", &self.retry_after)
            .finish_non_exhaustive()
    }
}

impl HttpClient {
    /// Starts to set up a client.
    pub fn builder(
        provider: ProviderId,
        environment: Environment,
        transport: Arc<dyn Transport>,
        clock: Arc<dyn Clock>,
    ) -> HttpClientBuilder {
        HttpClientBuilder {
            provider,
            environment,
            transport,
            clock,
            random: Arc::new(SystemRandom::new()),
            state: Arc::new(ConnectionState::new()),
            retry: RetryPolicy::new(),
            request_id_headers: &["request-id", "x-request-id"],
        }
    }

    /// The provider.
    pub fn provider(&self) -> &ProviderId {
        &self.inner.provider
    }

    /// The environment.
    pub fn environment(&self) -> Environment {
        self.inner.environment
    }

    /// The clock, for what an adapter must date itself.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.inner.clock
    }

    /// What the connection remembers between calls.
    pub fn state(&self) -> &Arc<ConnectionState> {
        &self.inner.state
    }

    /// Sends a request, again where that is safe, and returns the last answer, whatever its status.
    ///
    /// `verdict` judges each answer; [`default_verdict`](super::default_verdict) judges by the status.
    ///
    /// # Errors
    /// - [`ErrorKind::InvalidConfig`]: the URL is neither HTTPS nor plain HTTP to a loopback host. Nothing was sent.
    /// - [`ErrorKind::RateLimited`], effect none: the connection's own rate limit leaves no place before the deadline.
    ///   Nothing was sent.
    /// - [`ErrorKind::Timeout`], [`ErrorKind::Network`], [`ErrorKind::InvalidResponse`]: the last attempt brought no
    ///   answer, or none that can be read. The effect is none when the operation is a read or no attempt reached the
    ///   provider unanswered, else unknown. The source is a [`TransportError`].
    pub async fn send<V>(
        &self,
        operation: &Operation,
        request: http::Request<Bytes>,
        verdict: V,
    ) -> Result<Reply>
    where
        V: Fn(&http::Response<Bytes>) -> Verdict + Send + Sync,
    {
        let span = info_span!(
            "provider.call",
            provider = %self.inner.provider,
            operation = operation.name,
            environment = self.inner.environment.as_str(),
            attempts = Empty,
            status = Empty,
            request_id = Empty,
            latency_ms = Empty,
            outcome = Empty,
        );
        let call = Call {
            client: &self.inner,
            operation,
            started: self.inner.clock.monotonic(),
            attempts: 0,
            ambiguous: false,
        };
        async move {
            let started = call.started;
            let result = call.run(request, verdict).await;
            let latency = self.inner.clock.monotonic().saturating_sub(started);
            record(&Span::current(), &result, latency);
            result.map_err(|error| error.or_context(&self.inner.provider, operation.name))
        }
        .instrument(span)
        .await
    }
}

fn record(span: &Span, result: &Result<Reply>, latency: Duration) {
    span.record("latency_ms", u64::try_from(latency.as_millis()).unwrap_or(u64::MAX));
    match result {
        Ok(reply) => {
            span.record("attempts", reply.attempts);
            span.record("status", reply.response.status().as_u16());
            if let Some(id) = &reply.request_id {
                span.record("request_id", id.as_str());
            }
            span.record("outcome", if reply.ambiguous { "ambiguous" } else { "answered" });
        }
        Err(error) => {
            span.record("outcome", error.kind().as_str());
        }
    }
}

/// One call under way.
struct Call<'a> {
    client: &'a HttpClientBuilder,
    operation: &'a Operation,
    started: Duration,
    attempts: u32,
    ambiguous: bool,
}

/// How one attempt ended.
enum Ending {
    Answer { response: http::Response<Bytes>, verdict: Verdict, retry_after: Option<Duration> },
    Failure(TransportError),
}

impl Ending {
    /// Whether the attempt may have taken effect without an answer that says so.
    fn may_have_happened(&self) -> bool {
        match self {
            Self::Answer { verdict, .. } => match verdict {
                Verdict::Final | Verdict::Retry { processed: Processed::No, .. } => false,
                Verdict::Uncertain | Verdict::Retry { processed: Processed::Maybe, .. } => true,
            },
            Self::Failure(error) => match error.delivery() {
                Delivery::NotSent => false,
                Delivery::MaybeDelivered | Delivery::Answered => true,
            },
        }
    }

    /// Whether sending again could help, safety aside.
    fn is_transient(&self) -> bool {
        match self {
            Self::Answer { verdict, .. } => matches!(verdict, Verdict::Retry { .. }),
            Self::Failure(error) => error.kind().is_transient(),
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Answer { retry_after, .. } => *retry_after,
            Self::Failure(_) => None,
        }
    }

    fn failure(&self) -> Option<TransportErrorKind> {
        match self {
            Self::Answer { .. } => None,
            Self::Failure(error) => Some(error.kind()),
        }
    }
}

impl Call<'_> {
    async fn run<V>(mut self, request: http::Request<Bytes>, verdict: V) -> Result<Reply>
    where
        V: Fn(&http::Response<Bytes>) -> Verdict + Send + Sync,
    {
        if !is_secure_uri(request.uri()) {
            let kind = TransportErrorKind::InsecureUrl;
            return Err(Error::new(kind.error_kind(), kind.message()));
        }
        self.wait_for_place().await.map_err(|wait| {
            Error::new(ErrorKind::RateLimited, "the connection's own rate limit leaves no place in time")
                .with_retry_after(wait)
        })?;
        loop {
            let ending = self.attempt(request.clone(), &verdict).await;
            if ending.may_have_happened() && self.operation.safety != Safety::Read {
                self.ambiguous = true;
            }
            let pause = self.pause_before_next(&ending);
            self.report(&ending, pause);
            let Some(pause) = pause else { return self.finish(ending) };
            self.client.clock.sleep(pause).await;
            if self.wait_for_place().await.is_err() || self.time_left().is_zero() {
                return self.finish(ending);
            }
        }
    }

    fn time_left(&self) -> Duration {
        let spent = self.client.clock.monotonic().saturating_sub(self.started);
        self.operation.deadline.saturating_sub(spent)
    }

    /// Waits for the rate limit, or returns the wait that the deadline does not allow.
    async fn wait_for_place(&self) -> Result<(), Duration> {
        let Some(limiter) = self.client.state.limiter() else { return Ok(()) };
        let now = self.client.clock.monotonic();
        // A place that comes up with the deadline is none.
        let patience = self.time_left().saturating_sub(Duration::from_nanos(1));
        let wait = limiter.reserve(now, self.operation.cost, patience)?;
        if !wait.is_zero() {
            self.client.clock.sleep(wait).await;
        }
        Ok(())
    }

    async fn attempt<V>(&mut self, request: http::Request<Bytes>, verdict: &V) -> Ending
    where
        V: Fn(&http::Response<Bytes>) -> Verdict + Send + Sync,
    {
        let time_left = self.time_left().min(self.operation.attempt_timeout);
        if time_left.is_zero() {
            return Ending::Failure(TransportError::new(TransportErrorKind::Timeout, Delivery::NotSent));
        }
        self.attempts += 1;
        let limits = Limits::new(time_left, self.operation.max_body);
        let result = self.send_in_time(request, limits).await.and_then(|answer| within(answer, limits));
        match result {
            Ok(response) => {
                let verdict = verdict(&response);
                let named = match verdict {
                    Verdict::Retry { after, .. } => after,
                    Verdict::Final | Verdict::Uncertain => None,
                };
                // The clock is read only for an answer that asks for it.
                let asked = || {
                    let headers = response.headers();
                    headers.contains_key(http::header::RETRY_AFTER).then(|| self.client.clock.now())
                };
                let retry_after = named.or_else(|| parse_retry_after(response.headers(), asked()?));
                Ending::Answer { response, verdict, retry_after }
            }
            Err(error) => Ending::Failure(error),
        }
    }

    /// The transport is told its time, and is not trusted to keep it unless it says so.
    async fn send_in_time(
        &self,
        request: http::Request<Bytes>,
        limits: Limits,
    ) -> Result<http::Response<Bytes>, TransportError> {
        if self.client.transport.keeps_time() {
            return self.client.transport.send(request, limits).await;
        }
        let mut sending = pin!(self.client.transport.send(request, limits));
        let mut ringing = pin!(self.client.clock.sleep(limits.time_left));
        poll_fn(|context| {
            // An answer that is there wins over an alarm that rings at the same time.
            if let Poll::Ready(result) = sending.as_mut().poll(context) {
                return Poll::Ready(result);
            }
            ringing
                .as_mut()
                .poll(context)
                .map(|()| Err(TransportError::new(TransportErrorKind::Timeout, Delivery::MaybeDelivered)))
        })
        .await
    }

    /// How long to pause before the next attempt, or `None` when there must not be one.
    fn pause_before_next(&self, ending: &Ending) -> Option<Duration> {
        let safe = !ending.may_have_happened() || self.operation.safety != Safety::Once;
        if !ending.is_transient() || !safe || self.attempts >= self.client.retry.max_attempts {
            return None;
        }
        let drawn = self.client.retry.pause(self.attempts, &*self.client.random);
        let pause = drawn.max(ending.retry_after().unwrap_or(Duration::ZERO));
        // The budget comes last: it must not pay for an attempt that is not made.
        (pause < self.time_left() && self.client.state.budget().try_spend(ending.failure())).then_some(pause)
    }

    fn report(&self, ending: &Ending, pause: Option<Duration>) {
        let pause_ms = pause.map(|pause| u64::try_from(pause.as_millis()).unwrap_or(u64::MAX));
        match ending {
            Ending::Answer { response, .. } => debug!(
                attempt = self.attempts,
                status = response.status().as_u16(),
                ambiguous = self.ambiguous,
                pause_ms,
                "provider answered"
            ),
            Ending::Failure(error) => debug!(
                attempt = self.attempts,
                failure = error.kind().as_str(),
                delivery = error.delivery().as_str(),
                ambiguous = self.ambiguous,
                pause_ms,
                "provider did not answer"
            ),
        }
    }

    fn finish(self, ending: Ending) -> Result<Reply> {
        match ending {
            Ending::Answer { response, verdict, retry_after } => {
                if verdict == Verdict::Final && response.status().is_success() {
                    self.client.state.budget().refund();
                }
                let request_id = request_id(response.headers(), self.client.request_id_headers);
                let Self { attempts, ambiguous, .. } = self;
                Ok(Reply { response, attempts, ambiguous, request_id, retry_after })
            }
            Ending::Failure(failure) => {
                Span::current().record("attempts", self.attempts);
                let kind = failure.kind();
                let effect = if self.ambiguous { Effect::Unknown } else { Effect::None };
                let mut error = Error::new(kind.error_kind(), kind.message()).with_effect(effect);
                if let Some(status) = failure.status() {
                    error = error.with_http_status(status.as_u16());
                }
                Err(error.with_source(failure))
            }
        }
    }
}

/// Holds any transport to the limits, not only those that keep them.
fn within(
    mut response: http::Response<Bytes>,
    limits: Limits,
) -> Result<http::Response<Bytes>, TransportError> {
    let status = response.status();
    if status.is_client_error() || status.is_server_error() {
        response.body_mut().truncate(limits.max_error_body);
    } else if response.body().len() > limits.max_body {
        return Err(
            TransportError::new(TransportErrorKind::BodyTooLarge, Delivery::Answered).with_status(status)
        );
    }
    Ok(response)
}

/// Ids are short and plain. Whatever else stands in such a header does not belong into logs.
fn request_id(headers: &HeaderMap, names: &[&str]) -> Option<String> {
    let is_plain = |id: &&str| {
        (1..=128).contains(&id.len())
            && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte))
    };
    names.iter().filter_map(|name| headers.get(*name)?.to_str().ok()).find(is_plain).map(str::to_owned)
}
