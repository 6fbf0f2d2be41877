//! A sale through each gateway: the request encoded, the answer decoded and compared, with no network between.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use turnbuckle_bench::{Budget, Budgets};
use turnbuckle_core::http::{HttpClient, Operation, Transport, default_verdict, transport_fn};
use turnbuckle_core::money::{Currency, Money};
use turnbuckle_core::payment::{
    IdempotencyKey, MerchantReference, PaymentMethod, PaymentPolicy, PaymentRequest, VendorToken,
};
use turnbuckle_core::provider::{ConnectionConfig, IntegrationProvider};
use turnbuckle_core::{Clock, Environment, ProviderId, SystemClock};
use turnbuckle_stripe::StripeProvider;

use crate::timed_on;

const BLOCK: u64 = 16;
const CENTS: i64 = 36_245;
const MOST: f64 = 10_000.0;

/// One gateway and what it answers to the sale, byte for byte.
struct Gateway {
    name: &'static str,
    provider: Box<dyn IntegrationProvider>,
    credentials: serde_json::Value,
    method: PaymentMethod,
    /// Makes the answer to a request.
    answer: fn(&Request<Bytes>) -> Bytes,
}

fn gateways() -> Vec<Gateway> {
    vec![Gateway {
        name: "Stripe",
        provider: Box::new(StripeProvider::new()),
        credentials: serde_json::json!({ "secretKey": "sk_test_1234567890" }),
        method: PaymentMethod::Token(VendorToken::new("payment_method", "pm_card_visa")),
        answer: |_| Bytes::from_static(STRIPE.as_bytes()),
    }]
}

const STRIPE: &str = r#"{"id":"pi_1","object":"payment_intent","amount":36245,"amount_capturable":0,"amount_received":36245,"currency":"usd","capture_method":"automatic","created":1760000000,"livemode":false,"latest_charge":{"id":"ch_1","object":"charge","amount":36245,"amount_captured":36245,"amount_refunded":0,"captured":true,"currency":"usd","livemode":false,"paid":true,"status":"succeeded","payment_method_details":{"type":"card","card":{"brand":"visa","last4":"4242","exp_month":12,"exp_year":2034,"funding":"credit","checks":{"cvc_check":"pass","address_line1_check":null,"address_postal_code_check":null}}}},"metadata":{},"payment_method":"pm_1","payment_method_types":["card"],"status":"succeeded"}"#;

pub(crate) fn measure(budgets: &mut Budgets) {
    let runtime = crate::runtime();
    for Gateway { name, provider, credentials, method, answer } in gateways() {
        let transport: Arc<dyn Transport> =
            Arc::new(transport_fn(move |request: Request<Bytes>| Response::new(answer(&request))));
        let credentials = provider.definition().credential_schema.parse(credentials).expect("credentials");
        let config = ConnectionConfig::new("bench", Environment::Sandbox, credentials)
            .with_payment_policy(PaymentPolicy::default().with_raw_cards())
            .with_transport(Arc::clone(&transport));
        let connection = provider.connect(config).expect("a connection");
        let gateway = connection.payments().expect("payments");
        let key = IdempotencyKey::new("bench", SystemClock::new().now()).expect("a key");
        let reference = MerchantReference::new("1001").expect("a reference");
        let request = PaymentRequest::new(Money::new(CENTS, Currency::USD), method, key, reference);
        let approved = runtime.block_on(gateway.purchase(&request)).expect("an answer");
        assert!(approved.approved().is_some(), "{name}: {}", approved.as_str());

        let clock = Arc::new(SystemClock::new());
        let bare =
            HttpClient::builder(ProviderId::from_static("bench"), Environment::Sandbox, transport, clock)
                .build();
        let operation = Operation::read("sale");
        let empty = Request::post("https://gateway.example/").body(Bytes::new()).expect("a request");
        budgets.pair(
            &format!("{name}: encode and decode a sale"),
            "the HTTP policy alone, the same answer",
            Budget::Within(MOST),
            BLOCK,
            |calls| timed_on(&runtime, calls, async || gateway.purchase(&request).await.expect("an outcome")),
            |calls| -> Duration {
                timed_on(&runtime, calls, async || {
                    bare.send(&operation, empty.clone(), default_verdict).await.expect("an answer")
                })
            },
        );
    }
}
