//! A sale through each gateway: the request encoded, the answer decoded and compared, with no network between.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use serde_json::json;
use turnbuckle_authnet::AuthorizeNetProvider;
use turnbuckle_bench::{Budget, Budgets};
use turnbuckle_core::http::{HttpClient, Operation, Transport, default_verdict, transport_fn};
use turnbuckle_core::money::{Currency, Money};
use turnbuckle_core::payment::{
    Card, IdempotencyKey, MerchantReference, PaymentMethod, PaymentPolicy, PaymentRequest, VendorToken,
};
use turnbuckle_core::provider::{ConnectionConfig, IntegrationProvider};
use turnbuckle_core::{Clock, Environment, ProviderId, SystemClock};
use turnbuckle_nmi::NmiProvider;
use turnbuckle_payflow::PayflowProvider;
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
    let card = || {
        let card = Card::new("4111111111111111", 12, 2034).and_then(|card| card.with_cvv("123"));
        PaymentMethod::Card(card.expect("a test card"))
    };
    vec![
        Gateway {
            name: "Stripe",
            provider: Box::new(StripeProvider::new()),
            credentials: json!({ "secretKey": "sk_test_1234567890" }),
            method: PaymentMethod::Token(VendorToken::new("payment_method", "pm_card_visa")),
            answer: |_| Bytes::from_static(STRIPE.as_bytes()),
        },
        Gateway {
            name: "PayPal Payflow Pro",
            provider: Box::new(PayflowProvider::new()),
            credentials: json!({ "partner": "PayPal", "vendor": "shop", "user": "shop", "password": "p4ssw0rd" }),
            method: card(),
            answer: |_| Bytes::from_static(PAYFLOW.as_bytes()),
        },
        Gateway {
            name: "NMI",
            provider: Box::new(NmiProvider::new()),
            credentials: json!({ "securityKey": "12345678901234567890123456789012" }),
            method: card(),
            answer: nmi,
        },
        Gateway {
            name: "Authorize.Net",
            provider: Box::new(AuthorizeNetProvider::new()),
            credentials: json!({ "apiLoginId": "login", "transactionKey": "1234567890123456" }),
            method: card(),
            answer: authorize_net,
        },
    ]
}

/// NMI is asked first whether the order id is known; it is not.
fn nmi(request: &Request<Bytes>) -> Bytes {
    if request.uri().path().ends_with("query.php") {
        return Bytes::from_static(b"<?xml version=\"1.0\" encoding=\"UTF-8\"?><nm_response></nm_response>");
    }
    let order = between(request.body(), "orderid=", '&');
    format!(
        "response=1&responsetext=SUCCESS&authcode=123456&transactionid=2762757839&avsresponse=N&cvvresponse=M\
         &orderid={order}&type=sale&response_code=100"
    )
    .into()
}

/// The reference comes back, as Authorize.Net echoes it.
fn authorize_net(request: &Request<Bytes>) -> Bytes {
    let reference = between(request.body(), "\"refId\":\"", '"');
    format!(
        "\u{feff}{{\"transactionResponse\":{{\"responseCode\":\"1\",\"authCode\":\"ABC123\",\"avsResultCode\":\"Y\",\
         \"cvvResultCode\":\"P\",\"cavvResultCode\":\"2\",\"transId\":\"40109582700\",\"refTransID\":\"\",\"transHash\":\"\",\
         \"testRequest\":\"0\",\"accountNumber\":\"XXXX1111\",\"accountType\":\"Visa\",\"messages\":[{{\"code\":\"1\",\
         \"description\":\"This transaction has been approved.\"}}],\"transHashSha2\":\"\",\
         \"SupplementalDataQualificationIndicator\":0,\"networkTransId\":\"ABCDEFGHIJKLMNOPQRSTUVW\"}},\
         \"refId\":\"{reference}\",\"messages\":{{\"resultCode\":\"Ok\",\"message\":[{{\"code\":\"I00001\",\
         \"text\":\"Successful.\"}}]}}}}"
    )
    .into()
}

fn between<'a>(body: &'a Bytes, before: &str, end: char) -> &'a str {
    let text = std::str::from_utf8(body).expect("text");
    // The counterpart sends nothing, and gets an answer of the same size but for this.
    text.split_once(before).and_then(|(_, rest)| rest.split(end).next()).unwrap_or_default()
}

const PAYFLOW: &str = "RESULT=0&PNREF=A10A6AE7042E&RESPMSG=Approved&AUTHCODE=331PNI&AVSADDR=X&AVSZIP=X&CVV2MATCH=Y&HOSTCODE=A\
    &PROCAVS=U&PROCCVV2=M&VISACARDLEVEL=12&TRANSTIME=2026-02-10 18:34:58&BILLTOLASTNAME[5]=& Foo&AMT=362.45&ACCT=1111\
    &EXPDATE=1234&CARDTYPE=0&IAVS=X";

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
