//! What the client's policy costs when no network hides it.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use turnbuckle_bench::{Budget, Budgets, material};
use turnbuckle_core::http::{HttpClient, Limits, Operation, Transport, default_verdict, transport_fn};
use turnbuckle_core::{Environment, ProviderId, SystemClock};

use crate::timed_on;

const OPERATION: Operation = Operation::read("lookup");
const BLOCK: u64 = 16;

pub(crate) fn measure(budgets: &mut Budgets) {
    let runtime = crate::runtime();
    let transport: Arc<dyn Transport> = Arc::new(transport_fn(|_request| {
        let mut response = Response::new(Bytes::from_static(material::PAYMENT_INTENT.as_bytes()));
        response.headers_mut().insert("request-id", http::HeaderValue::from_static("req_b3cDeFgHiJkLmN"));
        response
    }));
    let provider = ProviderId::from_static("bench");
    let clock = Arc::new(SystemClock::new());
    let client = HttpClient::builder(provider, Environment::Sandbox, Arc::clone(&transport), clock).build();
    let request = Request::get("https://api.example.com/v1/payments/1")
        .header("authorization", "Bearer nothing")
        .header("accept", "application/json")
        .body(Bytes::new())
        .expect("a request");
    let limits = Limits::new(Duration::from_secs(20), Operation::DEFAULT_MAX_BODY);

    budgets.pair(
        "HTTP policy: one call, answered at once",
        "the transport alone",
        Budget::Open,
        BLOCK,
        |calls| {
            timed_on(&runtime, calls, async || {
                client.send(&OPERATION, request.clone(), default_verdict).await.expect("an answer")
            })
        },
        |calls| {
            timed_on(&runtime, calls, async || {
                transport.send(request.clone(), limits).await.expect("an answer")
            })
        },
    );
}
