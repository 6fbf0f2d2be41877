//! Authorize.Net: one merchant's gateway that behaves, and a look behind it.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use http::{HeaderMap, Method, Response};
use serde_json::{Value, json};

use crate::clock::SimClock;
use crate::provider::{Bend, Incoming, Provider};
use crate::webhook::SignedWebhook;

mod addresses;
mod answer;
mod ask;
mod cards;
mod charge;
mod dates;
mod error;
mod events;
mod follow_ups;
mod inspect;
mod json;
mod merchant;
mod money;
mod opaque;
mod payment_profiles;
mod profiles;
mod reasons;
mod recurring;
mod refunds;
mod reporting;
mod router;
mod schema;
mod settlement;
mod state;
mod subscription_queries;
mod subscriptions;
mod transaction;
mod webhooks;

pub use events::sign;

/// The provider's id, which is also its path prefix.
const ID: &str = "authorize_net";

/// One request as it came, and the status it got.
#[derive(Clone)]
#[non_exhaustive]
pub struct LoggedRequest {
    /// `POST`, and on the REST side `GET`, `PUT`, `DELETE`.
    pub method: Method,
    /// The path as Authorize.Net sees it, `/xml/v1/request.api`.
    pub path: String,
    /// The raw query string, without the question mark.
    pub query: String,
    /// All headers.
    pub headers: HeaderMap,
    /// The raw body, the transaction key in it.
    pub body: Bytes,
    /// The status of the answer; 0 when none was sent.
    pub status: u16,
}

impl LoggedRequest {
    fn of(request: &Incoming, status: u16) -> Self {
        Self {
            method: request.method.clone(),
            path: request.path.clone(),
            query: request.query.clone(),
            headers: request.headers.clone(),
            body: request.body.clone(),
            status,
        }
    }
}

impl fmt::Debug for LoggedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoggedRequest")
            .field("method", &self.method)
            .field("path", &self.path)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

/// The simulated Authorize.Net. Clones share all state.
#[derive(Clone)]
pub struct AuthnetSimulator {
    gateway: Arc<Mutex<state::Gateway>>,
}

impl fmt::Debug for AuthnetSimulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthnetSimulator").finish_non_exhaustive()
    }
}

impl AuthnetSimulator {
    pub(crate) fn new(clock: SimClock, seed: u64) -> Self {
        Self { gateway: Arc::new(Mutex::new(state::Gateway::new(clock, seed))) }
    }

    /// The gateway as it is, without moving it to the present.
    fn raw(&self) -> MutexGuard<'_, state::Gateway> {
        self.gateway.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The gateway, moved to the present.
    fn gateway(&self) -> MutexGuard<'_, state::Gateway> {
        let mut gateway = self.raw();
        gateway.advance();
        gateway
    }
}

impl Provider for AuthnetSimulator {
    fn id(&self) -> &'static str {
        ID
    }

    fn hosts(&self) -> &'static [&'static str] {
        &["apitest.authorize.net", "api.authorize.net", "api2.authorize.net"]
    }

    fn root_prefix(&self) -> Option<&'static str> {
        None
    }

    fn handle(&self, request: &Incoming, bend: Option<&Bend>) -> Response<Bytes> {
        let mut gateway = self.raw();
        let response = router::handle(&mut gateway, request, bend);
        gateway.log.push(LoggedRequest::of(request, response.status().as_u16()));
        response
    }

    fn hold(&self, _: &Incoming) -> Option<Box<dyn Send + Sync>> {
        // There are no idempotency keys that could be in use.
        None
    }

    fn log_unanswered(&self, request: &Incoming) {
        self.raw().log.push(LoggedRequest::of(request, 0));
    }

    #[cfg(feature = "server")]
    fn wants_delivery(&self) -> bool {
        self.raw().endpoints.iter().any(|endpoint| endpoint.active)
    }

    fn take_webhooks(&self) -> Vec<SignedWebhook> {
        Self::take_webhooks(self)
    }

    fn credentials(&self) -> Value {
        json!({
            "apiLoginId": self.api_login_id(),
            "transactionKey": self.transaction_key(),
            "signatureKey": self.signature_key(),
        })
    }

    fn webhook_keys(&self) -> Vec<String> {
        vec![self.signature_key()]
    }

    fn state(&self) -> Value {
        json!({
            "transactions": self.transactions(),
            "batches": self.batches(),
            "customer_profiles": self.customer_profiles(),
            "subscriptions": self.subscriptions(),
            "webhooks": self.webhooks(),
            "events": self.events(),
        })
    }
}
