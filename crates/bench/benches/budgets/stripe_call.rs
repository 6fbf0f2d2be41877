//! A call of the typed client beside bare reqwest, over the same loopback server.

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE};
use reqwest::{RequestBuilder, Response};
use turnbuckle_bench::{Budget, Budgets, material};
use turnbuckle_core::Environment;
use turnbuckle_core::credential::{CredentialField, CredentialSchema, Credentials};
use turnbuckle_core::provider::ConnectionConfig;
use turnbuckle_stripe::{CallOptions, CreatePaymentIntent, PaymentIntent, Stripe};

use crate::loopback::Loopback;
use crate::timed_on;

const SCHEMA: CredentialSchema =
    CredentialSchema::new(&[CredentialField::secret("secretKey", "Secret Key").required()]);
const KEY: &str = "sk_test_benchmark_not_a_real_key_0000000000000000";
const INTENT: &str = "pi_3RkQ2sLkdIwHu7ix0aB1cD2e";
const IDEMPOTENCY_KEY: &str = "7f6e5d4c3b2a19087f6e5d4c3b2a1908";
const BUDGET: Budget = Budget::Times(1.10);
/// Calls in a row of one side.
const BLOCK: u64 = 1;

pub(crate) fn measure(budgets: &mut Budgets) {
    let runtime = crate::runtime();
    let server = runtime.block_on(Loopback::serve(material::PAYMENT_INTENT)).expect("a loopback server");
    let url = server.base_url();
    let stripe = client(&url);
    let options = CallOptions::new();
    let keyed = CallOptions::new().with_idempotency_key(IDEMPOTENCY_KEY);
    let bare = Bare::new(url);

    let retrieve = async || stripe.payment_intents().retrieve(INTENT, &options).await.expect("a payment");
    runtime.block_on(retrieve());
    let ours = server.last_request();
    runtime.block_on(bare.retrieve());
    assert_same(&ours, &server.last_request());

    let create = async || {
        let payment = new_payment();
        stripe.payment_intents().create(&payment, &keyed).await.expect("a payment")
    };
    runtime.block_on(create());
    let ours = server.last_request();
    let end = ours.windows(4).position(|window| window == b"\r\n\r\n").expect("a head");
    let body = Bytes::copy_from_slice(&ours[end + 4..]);
    runtime.block_on(bare.create(body.clone()));
    assert_same(&ours, &server.last_request());

    budgets.pair(
        "Stripe: retrieve a payment",
        "reqwest, the same bytes",
        BUDGET,
        BLOCK,
        |calls| timed_on(&runtime, calls, retrieve),
        |calls| timed_on(&runtime, calls, async || bare.retrieve().await),
    );
    budgets.pair(
        "Stripe: create a payment",
        "reqwest, the same bytes",
        BUDGET,
        BLOCK,
        |calls| timed_on(&runtime, calls, create),
        |calls| timed_on(&runtime, calls, async || bare.create(body.clone()).await),
    );
}

fn assert_same(ours: &[u8], bare: &[u8]) {
    let (ours, bare) = (String::from_utf8_lossy(ours), String::from_utf8_lossy(bare));
    assert_eq!(ours, bare, "both sides must send the same bytes");
}

fn client(base: &str) -> Stripe {
    let credentials = Credentials::from_pairs(SCHEMA, [("secretKey", KEY.to_owned())]).expect("credentials");
    let config = ConnectionConfig::new("bench", Environment::Sandbox, credentials)
        .with_base_url(base.parse().expect("a base URL"));
    Stripe::new(&config).expect("a client")
}

fn new_payment() -> CreatePaymentIntent {
    let mut payment = CreatePaymentIntent::new(1_999, "usd").with_confirm(true);
    payment.payment_method = Some("pm_1RkQ2rLkdIwHu7ixQ7rS6tU5".into());
    payment.customer = Some("cus_SfK4mQzX8example".into());
    payment.description = Some("Order 1042".into());
    payment.metadata.insert("order_id".into(), "1042".into());
    payment
}

/// What one writes without an adapter: the same requests, the same type out of the answer, and no more. No deadline, no
/// limit on the answer, nothing sent again.
struct Bare {
    http: reqwest::Client,
    base: String,
}

impl Bare {
    fn new(base: String) -> Self {
        Self { http: reqwest::Client::builder().no_proxy().build().expect("a client"), base }
    }

    async fn retrieve(&self) -> PaymentIntent {
        let request = self.http.get(format!("{}/v1/payment_intents/{INTENT}", self.base));
        finish(headers(request)).await
    }

    async fn create(&self, body: Bytes) -> PaymentIntent {
        let request = self.http.post(format!("{}/v1/payment_intents", self.base));
        let request = headers(request)
            .header("idempotency-key", IDEMPOTENCY_KEY)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(body);
        finish(request).await
    }
}

fn headers(request: RequestBuilder) -> RequestBuilder {
    request.bearer_auth(KEY).header(ACCEPT, "application/json").header("stripe-version", Stripe::API_VERSION)
}

async fn finish(request: RequestBuilder) -> PaymentIntent {
    let response = request.send().await.and_then(Response::error_for_status).expect("an answer");
    let body = response.bytes().await.expect("a body");
    serde_json::from_slice(&body).expect("a payment")
}
