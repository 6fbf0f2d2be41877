//! Payouts, disputes with their evidence, reviews, transfers, connected accounts and webhook endpoints.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail")]

mod common;

use bytes::Bytes;
use common::{Client, Reply, id};
use http::Request;
use serde_json::Value;
use std::time::Duration;
use turnbuckle_simulator::stripe::sign;

const DAY: u64 = 24 * 60 * 60;

fn upload(stripe: &Client, purpose: &str, content: &str) -> Reply {
    let body = format!(
        "--b\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\n{purpose}\r\n--b\r\n\
         Content-Disposition: form-data; name=\"file\"; filename=\"slip.pdf\"\r\n\r\n{content}\r\n--b--\r\n"
    );
    let request = Request::post("https://files.stripe.com/v1/files")
        .header("authorization", format!("Bearer {}", stripe.key))
        .header("content-type", "multipart/form-data; boundary=b")
        .body(Bytes::from(body));
    stripe.sim.handle(request.unwrap()).into()
}

#[test]
fn automatic_payouts_bundle_what_is_available() {
    let stripe = Client::new();
    stripe.pay("pm_card_bypassPending", "").ok();
    let paid = stripe.pay("pm_card_bypassPending", "").ok();
    stripe.post("/v1/refunds", &format!("payment_intent={}&amount=99", id(&paid))).ok();
    assert!(
        stripe.post("/v1/payouts", "amount=999999&currency=usd").error()["code"] == "balance_insufficient"
    );
    stripe.sim.clock().advance(Duration::from_secs(2 * DAY));
    let made = stripe.sim.stripe().pay_out();
    // Twice 1099 less 2.9% and 30, less the refund.
    assert_eq!(
        (made.len(), made[0]["amount"].as_i64(), made[0]["automatic"].as_bool()),
        (1, Some(2 * (1_099 - 61) - 99), Some(true))
    );
    let rows = stripe.get(&format!("/v1/balance_transactions?payout={}&limit=100", id(&made[0]))).ok();
    let nets: i64 = rows["data"].as_array().unwrap().iter().map(|row| row["net"].as_i64().unwrap()).sum();
    assert_eq!((rows["data"].as_array().unwrap().len(), nets), (4, 0));
    assert_eq!(
        stripe.get("/v1/balance_transactions?type=payout&expand[]=data.source").ok()["data"][0]["source"]["object"],
        "payout"
    );
    assert!(stripe.sim.stripe().pay_out().is_empty());
    stripe.sim.clock().advance(Duration::from_secs(2 * DAY));
    assert_eq!(stripe.get(&format!("/v1/payouts/{}", id(&made[0]))).ok()["status"], "paid");
    assert!(stripe.kinds_of_events().contains(&"payout.paid".to_owned()));
    assert_eq!(stripe.sim.stripe().fail_payout(id(&made[0])).unwrap()["status"], "failed");
}

#[test]
fn manual_payouts_are_canceled_or_reversed() {
    let stripe = Client::new();
    stripe.post("/v1/payment_intents", "amount=50000&currency=usd&confirm=true&payment_method=pm_card_bypassPending&payment_method_types[]=card").ok();
    stripe.sim.clock().advance(Duration::from_secs(1));
    let payout = stripe.post("/v1/payouts", "amount=1000&currency=usd&metadata[a]=b").ok();
    assert_eq!((payout["status"].as_str(), payout["automatic"].as_bool()), (Some("pending"), Some(false)));
    let path = format!("/v1/payouts/{}", id(&payout));
    assert_eq!(
        stripe.get(&format!("/v1/balance_transactions?payout={}", id(&payout))).error()["param"],
        "payout"
    );
    assert_eq!(stripe.post(&format!("{path}/reverse"), "").status, 400);
    assert_eq!(stripe.post(&format!("{path}/cancel"), "").ok()["status"], "canceled");
    assert_eq!(stripe.post(&format!("{path}/cancel"), "").status, 400);
    let second = stripe.post("/v1/payouts", "amount=1000&currency=usd&method=instant").ok();
    stripe.sim.clock().advance(Duration::from_secs(30 * 60));
    let back = stripe.post(&format!("/v1/payouts/{}/reverse", id(&second)), "").ok();
    assert_eq!((back["amount"].as_i64(), &back["original_payout"]), (Some(-1_000), &second["id"]));
    assert_eq!(stripe.get("/v1/payouts?status=canceled").ok()["data"].as_array().unwrap().len(), 1);
}

fn dispute(stripe: &Client, card: &str) -> Value {
    stripe.pay(card, "").ok();
    stripe.get("/v1/disputes").ok()["data"][0].clone()
}

#[test]
fn evidence_wins_or_loses_a_dispute() {
    let stripe = Client::new();
    let made = dispute(&stripe, "pm_card_createDispute");
    assert_eq!(
        (made["status"].as_str(), made["reason"].as_str(), made["amount"].as_i64()),
        (Some("needs_response"), Some("fraudulent"), Some(1_099))
    );
    assert_eq!(made["balance_transactions"][0]["net"], -1_099 - 1_500);
    let path = format!("/v1/disputes/{}", id(&made));
    let charge = made["charge"].as_str().unwrap().to_owned();
    assert_eq!(stripe.post("/v1/refunds", &format!("charge={charge}")).error()["code"], "charge_disputed");
    let file = upload(&stripe, "dispute_evidence", "%PDF-1.4 slip").ok();
    assert_eq!(
        (file["type"].as_str(), file["size"].as_i64(), file["filename"].as_str()),
        (Some("pdf"), Some(13), Some("slip.pdf"))
    );
    assert_eq!(stripe.sim.stripe().file_contents(id(&file)).unwrap(), b"%PDF-1.4 slip");
    let staged = stripe
        .post(&path, &format!("evidence[receipt]={}&evidence[customer_name]=A&submit=false", id(&file)))
        .ok();
    assert_eq!(
        (staged["status"].as_str(), staged["evidence_details"]["has_evidence"].as_bool()),
        (Some("needs_response"), Some(true))
    );
    assert_eq!(stripe.post(&path, "evidence[receipt]=file_none").error()["param"], "evidence[receipt]");
    assert_eq!(stripe.post(&path, "evidence[colour]=red").error()["code"], "parameter_unknown");
    let sent = stripe.post(&path, "evidence[uncategorized_text]=winning_evidence").ok();
    assert_eq!(
        (sent["status"].as_str(), sent["evidence_details"]["submission_count"].as_i64()),
        (Some("under_review"), Some(1))
    );
    let won = stripe.get(&format!("{path}?expand[]=evidence.receipt&expand[]=charge")).ok();
    assert_eq!(
        (won["status"].as_str(), won["evidence"]["receipt"]["object"].as_str()),
        (Some("won"), Some("file"))
    );
    assert_eq!(stripe.post(&path, "evidence[customer_name]=B").status, 400);
    let kinds = stripe.kinds_of_events();
    for kind in [
        "charge.dispute.created",
        "charge.dispute.funds_withdrawn",
        "charge.dispute.updated",
        "charge.dispute.closed",
        "charge.dispute.funds_reinstated",
    ] {
        assert!(kinds.iter().any(|found| found == kind), "{kind}");
    }
}

#[test]
fn disputes_are_closed_by_hand_or_by_time() {
    let stripe = Client::new();
    let first = dispute(&stripe, "pm_card_createDispute");
    assert_eq!(stripe.post(&format!("/v1/disputes/{}/close", id(&first)), "").ok()["status"], "lost");
    assert_eq!(stripe.post(&format!("/v1/disputes/{}/close", id(&first)), "").status, 400);
    let second = dispute(&stripe, "pm_card_createDisputeProductNotReceived");
    stripe.sim.clock().advance(Duration::from_secs(9 * DAY));
    let lapsed = stripe.get(&format!("/v1/disputes/{}", id(&second))).ok();
    assert_eq!(
        (lapsed["status"].as_str(), lapsed["evidence_details"]["past_due"].as_bool()),
        (Some("lost"), Some(true))
    );
    let inquiry = dispute(&stripe, "pm_card_createDisputeInquiry");
    assert_eq!(inquiry["status"], "warning_needs_response");
    assert!(inquiry["balance_transactions"].as_array().unwrap().is_empty());
    assert_eq!(stripe.sim.stripe().settle_dispute(id(&inquiry), true).unwrap()["status"], "warning_closed");
}

#[test]
fn uploads_are_checked() {
    let stripe = Client::new();
    assert_eq!(upload(&stripe, "holiday_photo", "%PDF").error()["param"], "purpose");
    assert_eq!(upload(&stripe, "dispute_evidence", "text").error()["param"], "file");
    assert_eq!(upload(&stripe, "dispute_evidence", "").error()["param"], "file");
    assert_eq!(stripe.post("/v1/files", "purpose=dispute_evidence&file=abc").status, 400);
    assert_eq!(stripe.post("/v1/files", "purpose=dispute_evidence&file[content]=JVBERg==").status, 400);
    upload(&stripe, "dispute_evidence", "%PDF").ok();
    assert_eq!(stripe.get("/v1/files?purpose=dispute_evidence").ok()["data"].as_array().unwrap().len(), 1);
}

#[test]
fn a_review_is_approved_once() {
    let stripe = Client::new();
    let paid = stripe.pay("pm_card_riskLevelElevated", "").ok();
    let review = stripe.get("/v1/reviews?expand[]=data.charge").ok()["data"][0].clone();
    assert_eq!(review["charge"]["outcome"]["type"], "manual_review");
    let path = format!("/v1/reviews/{}/approve", id(&review));
    let approved = stripe.post(&path, "").ok();
    assert_eq!(
        (approved["open"].as_bool(), approved["closed_reason"].as_str()),
        (Some(false), Some("approved"))
    );
    assert_eq!(stripe.post(&path, "").status, 400);
    assert!(stripe.get(&format!("/v1/payment_intents/{}", id(&paid))).ok()["review"].is_null());
    assert!(stripe.get("/v1/reviews").ok()["data"].as_array().unwrap().is_empty());
}

#[test]
fn accounts_open_take_transfers_and_close() {
    let stripe = Client::new();
    let made = stripe
        .post(
            "/v1/accounts",
            "type=express&country=US&email=x%40example.com&capabilities[transfers][requested]=true",
        )
        .ok();
    assert_eq!(
        (made["charges_enabled"].as_bool(), made["capabilities"]["transfers"].as_str()),
        (Some(false), Some("inactive"))
    );
    let link = stripe.post("/v1/account_links", &format!("account={}&type=account_onboarding&refresh_url=https%3A%2F%2Fx.example&return_url=https%3A%2F%2Fx.example", id(&made))).ok();
    assert_eq!(link["object"], "account_link");
    stripe.sim.stripe().complete_onboarding(id(&made)).unwrap();
    assert_eq!(stripe.get(&format!("/v1/accounts/{}", id(&made))).ok()["charges_enabled"], true);
    let inside = stripe.with("stripe-account", id(&made));
    assert_eq!(inside.get("/v1/account").ok()["id"], made["id"]);
    let events = inside.get("/v1/events?type=account.updated").ok();
    assert_eq!(events["data"][0]["account"], made["id"]);
    let body = format!("amount=500&currency=usd&destination={}", id(&made));
    assert_eq!(stripe.post("/v1/transfers", &body).error()["code"], "balance_insufficient");
    stripe.pay("pm_card_bypassPending", "").ok();
    stripe.get("/v1/balance").ok();
    let transfer = stripe.post("/v1/transfers", &body).ok();
    assert_eq!(inside.get("/v1/balance").ok()["available"][0]["amount"], 500);
    let path = format!("/v1/transfers/{}/reversals", id(&transfer));
    assert_eq!(stripe.post(&path, "amount=501").status, 400);
    assert_eq!(stripe.post(&path, "amount=200").ok()["object"], "transfer_reversal");
    assert_eq!(inside.get("/v1/balance").ok()["available"][0]["amount"], 300);
    let seen = stripe.get(&format!("/v1/transfers/{}?expand[]=destination", id(&transfer))).ok();
    assert_eq!(
        (seen["amount_reversed"].as_i64(), seen["destination"]["object"].as_str()),
        (Some(200), Some("account"))
    );
    assert_eq!(stripe.get(&path).ok()["data"].as_array().unwrap().len(), 1);
    assert_eq!(
        stripe.post(&format!("/v1/accounts/{}", id(&made)), "metadata[a]=b").ok()["metadata"]["a"],
        "b"
    );
    assert_eq!(inside.post("/v1/accounts", "type=express").status, 403);
    assert_eq!(stripe.send("DELETE", &format!("/v1/accounts/{}", id(&made)), "").ok()["deleted"], true);
    assert_eq!(inside.get("/v1/balance").error()["code"], "account_invalid");
}

#[test]
fn endpoints_get_what_they_asked_for_under_their_own_secret() {
    let stripe = Client::new();
    let body = "url=https%3A%2F%2Fshop.example%2Fhook&enabled_events[]=customer.created";
    let made = stripe.post("/v1/webhook_endpoints", body).ok();
    let secret = made["secret"].as_str().unwrap().to_owned();
    let path = format!("/v1/webhook_endpoints/{}", id(&made));
    assert!(stripe.get(&path).ok().get("secret").is_none(), "told once");
    let connected = stripe.with("stripe-account", &stripe.sim.stripe().connected_account_id());
    connected.post("/v1/customers", "name=B").ok();
    stripe.post("/v1/customers", "name=A").ok();
    stripe.post("/v1/products", "name=P").ok();
    let all = stripe.sim.take_webhooks();
    let own: Vec<_> = all.iter().filter(|webhook| webhook.url.is_some()).collect();
    assert_eq!((all.len(), own.len()), (4, 1));
    assert_eq!(own[0].url.as_deref(), Some("https://shop.example/hook"));
    let resigned = sign(own[0].body.clone(), &[secret], stripe.sim.clock().unix());
    assert_eq!(resigned.headers["stripe-signature"], own[0].headers["stripe-signature"]);
    assert_eq!(stripe.post(&path, "disabled=true").ok()["status"], "disabled");
    stripe.post("/v1/customers", "name=A").ok();
    assert_eq!(stripe.sim.take_webhooks().len(), 1);
    assert_eq!(stripe.send("DELETE", &path, "").ok()["deleted"], true);
    assert_eq!(
        stripe.post("/v1/webhook_endpoints", "url=nowhere&enabled_events[]=*").error()["param"],
        "url"
    );
}
