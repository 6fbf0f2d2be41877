//! Bank transactions and Plaid's pushes beside the parser and the signature check that they cannot do without.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair, UnparsedPublicKey,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::{Request, Response};
use sha2::{Digest, Sha256};
use turnbuckle_bench::{Budget, Budgets, timed};
use turnbuckle_core::Environment;
use turnbuckle_core::bank_data::{BankLink, BankTransaction, SyncEvent, TransactionSync};
use turnbuckle_core::http::transport_fn;
use turnbuckle_core::provider::ConnectionConfig;
use turnbuckle_core::webhook::RawWebhook;
use turnbuckle_plaid::{
    BankDataOptions, Plaid, PlaidBankData, PlaidProvider, PlaidWebhooks, Transaction, TransactionPage,
};

use crate::{runtime, timed_on};

const TRANSACTIONS: usize = 100_000;
const PAGE: usize = 500;
const KID: &str = "bfbd5111-8e33-4643-8ced-b2e642a72f3c";
const PUSH: &str = "{\n  \"environment\": \"sandbox\",\n  \"historical_update_complete\": true,\n  \
    \"initial_update_complete\": true,\n  \"item_id\": \"itemOfTheBenchmark\",\n  \
    \"webhook_code\": \"SYNC_UPDATES_AVAILABLE\",\n  \"webhook_type\": \"TRANSACTIONS\"\n}";

pub(crate) fn measure(budgets: &mut Budgets) {
    transactions(budgets);
    push(budgets);
}

/// The whole ledger through the sync, against the same pages read and kept without it.
fn transactions(budgets: &mut Budgets) {
    let pages: Arc<Vec<Bytes>> = Arc::new((0..TRANSACTIONS / PAGE).map(page).collect());
    let served = Arc::clone(&pages);
    let bank = PlaidBankData::new(
        client(move |request| Response::new(served[asked(&request)].clone())),
        BankDataOptions::new(),
    );
    let link = BankLink::new("itemOfTheBenchmark", "access-sandbox-benchmark".into());
    let runtime = runtime();
    budgets.pair(
        "Plaid: sync 100,000 transactions, folded",
        "serde_json into the same structs, folded",
        Budget::Times(1.2),
        1,
        |calls| {
            timed_on(&runtime, calls, async || {
                let mut ledger = BTreeMap::<String, BankTransaction>::new();
                let mut sync = TransactionSync::new(&bank, &link, None);
                while let Some(event) = sync.next().await {
                    if let SyncEvent::Page(page) = event.expect("a page") {
                        ledger.extend(page.added.into_iter().map(|added| (added.id.clone(), added)));
                    }
                }
                assert_eq!(ledger.len(), TRANSACTIONS);
                ledger
            })
        },
        |calls| {
            timed(calls, || {
                let mut ledger = BTreeMap::<String, Transaction>::new();
                for bytes in pages.iter() {
                    let page: TransactionPage = serde_json::from_slice(bytes).expect("a page");
                    ledger.extend(page.added.into_iter().map(|added| (added.transaction_id.clone(), added)));
                }
                ledger
            })
        },
    );
}

/// A push with a key that is known already, against the one check of a signature that it cannot do without.
fn push(budgets: &mut Budgets) {
    let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key");
    let point = pair.public_key().as_ref().to_vec();
    let now: DateTime<Utc> = DateTime::from_timestamp(1_760_000_010, 0).expect("a time");
    let hash = Sha256::digest(PUSH.as_bytes()).iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("writing to a string does not fail");
        text
    });
    let encode = |text: String| URL_SAFE_NO_PAD.encode(text);
    let header = encode(format!(r#"{{"alg":"ES256","kid":"{KID}","typ":"JWT"}}"#));
    let claims = encode(format!(r#"{{"iat":1760000002,"request_body_sha256":"{hash}"}}"#));
    let signed = format!("{header}.{claims}");
    let signature =
        pair.sign(&SystemRandom::new(), signed.as_bytes()).expect("a signature").as_ref().to_vec();
    let token = format!("{signed}.{}", URL_SAFE_NO_PAD.encode(&signature));
    let request = Request::post("/plaid").header("plaid-verification", token);
    let request = request.body(Bytes::from_static(PUSH.as_bytes())).expect("a request");
    let raw = RawWebhook::new(request, "https://shop.example/plaid").expect("a push");

    let answer = key(&point);
    let webhooks = PlaidWebhooks::new(client(move |_| Response::new(answer.clone())));
    let runtime = runtime();
    runtime.block_on(webhooks.verify(&raw, now)).expect("a verified push, and a warm key");
    budgets.pair(
        "Plaid: verify a push, typed, warm key",
        "ES256 of the same bytes in aws-lc-rs",
        Budget::Times(1.2),
        16,
        |calls| {
            timed_on(&runtime, calls, async || webhooks.verify(&raw, now).await.expect("a verified push"))
        },
        |calls| {
            timed(calls, || {
                let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, &point);
                key.verify(signed.as_bytes(), &signature).expect("a good signature");
            })
        },
    );
}

fn client(answer: impl Fn(Request<Bytes>) -> Response<Bytes> + Send + Sync + 'static) -> Plaid {
    let credentials = PlaidProvider::credentials("client", "secret".into()).expect("credentials");
    let config = ConnectionConfig::new("benchmark", Environment::Sandbox, credentials)
        .with_transport(Arc::new(transport_fn(answer)));
    Plaid::new(&config).expect("a client")
}

fn key(point: &[u8]) -> Bytes {
    let (x, y) = point[1..].split_at(32);
    let (x, y) = (URL_SAFE_NO_PAD.encode(x), URL_SAFE_NO_PAD.encode(y));
    Bytes::from(format!(
        r#"{{"key":{{"alg":"ES256","crv":"P-256","kid":"{KID}","kty":"EC","use":"sig","x":"{x}","y":"{y}","created_at":1760000000,"expired_at":null}},"request_id":"r"}}"#
    ))
}

/// Which page a cursor asks for: its number stands in it.
fn asked(request: &Request<Bytes>) -> usize {
    let body: serde_json::Value = serde_json::from_slice(request.body()).expect("a request of JSON");
    body["cursor"].as_str().map_or(0, |cursor| cursor.parse().expect("a number"))
}

fn page(number: usize) -> Bytes {
    let mut added = String::new();
    for index in number * PAGE..(number + 1) * PAGE {
        let comma = if added.is_empty() { "" } else { "," };
        let (whole, cents, day) = (index % 900, index % 100, index % 28 + 1);
        write!(
            added,
            r#"{comma}{{"account_id":"accountOfTheBenchmark","account_owner":null,"amount":{whole}.{cents:02},"iso_currency_code":"USD","unofficial_currency_code":null,"category":null,"category_id":null,"check_number":null,"date":"2026-07-{day:02}","datetime":null,"authorized_date":"2026-07-{day:02}","authorized_datetime":null,"location":{{"address":null,"city":"Buffalo","region":"NY","postal_code":null,"country":"US","lat":null,"lon":null,"store_number":null}},"merchant_entity_id":"merchant{whole}","merchant_name":"Merchant {whole}","name":"Merchant {whole} {index}","payment_channel":"in store","payment_meta":{{"by_order_of":null,"payee":null,"payer":null,"payment_method":null,"payment_processor":null,"ppd_id":null,"reason":null,"reference_number":null}},"pending":false,"pending_transaction_id":null,"personal_finance_category":{{"primary":"GENERAL_MERCHANDISE","detailed":"GENERAL_MERCHANDISE_OTHER_GENERAL_MERCHANDISE","confidence_level":"LOW","version":"v2"}},"counterparties":[{{"name":"Merchant {whole}","type":"merchant","entity_id":"merchant{whole}","website":null,"logo_url":null,"confidence_level":"HIGH"}}],"transaction_code":null,"transaction_id":"transactionOfTheBenchmark{index:08}"}}"#
        )
        .expect("writing to a string does not fail");
    }
    let more = (number + 1) * PAGE < TRANSACTIONS;
    Bytes::from(format!(
        r#"{{"accounts":[],"added":[{added}],"modified":[],"removed":[],"next_cursor":"{}","has_more":{more},"transactions_update_status":"HISTORICAL_UPDATE_COMPLETE","request_id":"r"}}"#,
        number + 1
    ))
}
