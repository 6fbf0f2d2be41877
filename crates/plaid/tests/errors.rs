//! Plaid's errors: kinds, effects, waits, and what a caller may do.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod wire_support;

use std::time::Duration;

use serde_json::json;
use turnbuckle_core::{Advice, Effect, Error, ErrorKind};
use turnbuckle_plaid::error_codes::{CODES, TYPES};
use turnbuckle_plaid::*;
use wire_support::{Answer, Wire, access_token, public_token};

fn refusal(status: u16, error_type: &str, code: &str) -> Answer {
    let body = json!({
        "error_type": error_type, "error_code": code, "error_message": "m", "display_message": null,
        "request_id": "StandBoardErr01",
    });
    Answer::new(status, body.to_string())
}

/// What a read fails with.
async fn failure(answers: impl IntoIterator<Item = Answer>) -> (Error, usize) {
    let wire = Wire::new(answers);
    let error = wire.plaid().items().get(&access_token()).await.unwrap_err();
    (error, wire.attempts())
}

#[tokio::test]
async fn every_code_has_its_kind_and_keeps_its_name() {
    for (class, codes) in CODES {
        for code in *codes {
            let (error, attempts) = failure([
                refusal(400, "SOME_TYPE", code),
                refusal(400, "SOME_TYPE", code),
                refusal(400, "SOME_TYPE", code),
            ])
            .await;
            assert_eq!((error.kind(), error.code()), (class.kind(), Some(*code)));
            assert_eq!(error.effect(), Effect::None, "{code}: a read changes nothing");
            assert_eq!(PlaidError::of(&error).unwrap().class(), *class);
            assert_eq!(error.request_id(), Some("StandBoardErr01"));
            // Plaid's own failures are worth another try at once; a bank's, and a minute's limit, are not.
            assert_eq!(attempts > 1, *class == ErrorClass::PlaidDown, "{code}: {attempts}");
        }
    }
}

#[tokio::test]
async fn a_code_that_is_new_goes_by_its_type() {
    for (error_type, class) in TYPES {
        let answers = (0..3).map(|_| refusal(400, error_type, "BRAND_NEW"));
        let (error, _) = failure(answers).await;
        assert_eq!((error.kind(), error.code()), (class.kind(), Some("BRAND_NEW")), "{error_type}");
    }
    let (error, attempts) = failure([refusal(400, "BRAND_NEW_ERROR", "BRAND_NEW")]).await;
    assert_eq!((error.kind(), attempts), (ErrorKind::InvalidRequest, 1));
}

#[tokio::test]
async fn wrong_keys_are_a_400() {
    let (error, _) = failure([Answer::fixture(400, "error_invalid_api_keys")]).await;
    assert_eq!((error.kind(), error.http_status()), (ErrorKind::Unauthorized, Some(400)));
    assert_eq!(error.request_id(), Some("HNTDNrA8F1shFEW"));
}

#[tokio::test]
async fn the_person_must_act() {
    let (error, _) = failure([Answer::fixture(400, "error_item_login_required")]).await;
    assert_eq!((error.kind(), error.advice()), (ErrorKind::ActionRequired, Advice::Never));
    assert!(error.message().contains("update mode"));
    let vendor = PlaidError::of(&error).unwrap();
    assert_eq!(vendor.error_code_reason.as_deref(), Some("OAUTH_CONSENT_EXPIRED"));
    // What the person typed at the bank, and not the keys of the host.
    let (error, _) = failure([refusal(400, "ITEM_ERROR", "INVALID_CREDENTIALS")]).await;
    assert_eq!(error.kind(), ErrorKind::ActionRequired);
}

/// The bank and Plaid are told apart, though both are unavailable.
#[tokio::test]
async fn who_is_down() {
    let (bank, attempts) = failure([Answer::fixture(400, "error_institution_down")]).await;
    assert_eq!((bank.kind(), attempts), (ErrorKind::Unavailable, 1));
    let answers = (0..3).map(|_| Answer::fixture(503, "error_planned_maintenance"));
    let (plaid, attempts) = failure(answers).await;
    assert_eq!((plaid.kind(), attempts), (ErrorKind::Unavailable, 3));
    let class = |error: &Error| PlaidError::of(error).unwrap().class();
    assert_eq!((class(&bank), class(&plaid)), (ErrorClass::InstitutionDown, ErrorClass::PlaidDown));
}

/// Limits are counted by the minute, and no `Retry-After` is documented.
#[tokio::test]
async fn rate_limits_wait_out_the_minute() {
    let (error, attempts) = failure([Answer::fixture(429, "error_transactions_sync_limit")]).await;
    assert_eq!((error.kind(), attempts), (ErrorKind::RateLimited, 1));
    assert_eq!(error.advice(), Advice::RetryAfter(Duration::from_secs(60)));
    assert_eq!(PlaidError::of(&error).unwrap().class(), ErrorClass::ItemRateLimit);
    // A time that is named wins, where it is short enough to wait.
    let named = Answer::fixture(429, "error_transactions_sync_limit").with_header("retry-after", "2");
    let wire = Wire::new([named, Answer::fixture(200, "item_get")]);
    wire.plaid().items().get(&access_token()).await.unwrap();
    assert_eq!(wire.attempts(), 2);
    // Used-up credits are 429 too, and waiting does not bring them back.
    let (error, attempts) = failure([Answer::fixture(429, "error_credits_exhausted")]).await;
    assert_eq!((error.kind(), error.advice(), attempts), (ErrorKind::Forbidden, Advice::Never, 1));
}

#[tokio::test]
async fn fields_are_named_where_plaid_names_them() {
    let (error, _) = failure([Answer::fixture(400, "error_missing_fields")]).await;
    let fields: Vec<_> =
        error.fields().iter().map(|field| (field.field.as_ref(), field.problem.as_ref())).collect();
    assert_eq!(fields, [("access_token", "is missing"), ("cursor", "is missing")]);
    let (error, _) = failure([Answer::fixture(400, "error_unknown_fields")]).await;
    assert_eq!((error.fields()[0].field.as_ref(), error.fields().len()), ("colour", 1));
}

#[tokio::test]
async fn not_ready_is_worth_waiting_for() {
    let (error, _) = failure([Answer::fixture(400, "error_product_not_ready")]).await;
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert_eq!(error.advice(), Advice::RetryAfter(Duration::from_secs(60)));
}

#[tokio::test]
async fn the_data_changed_between_pages() {
    let wire = Wire::new([Answer::fixture(400, "error_mutation")]);
    let error =
        wire.plaid().transactions().sync(&access_token(), &SyncTransactions::new()).await.unwrap_err();
    assert_eq!((error.kind(), wire.attempts()), (ErrorKind::Conflict, 1));
    assert_eq!(PlaidError::of(&error).unwrap().class(), ErrorClass::RestartSync);
}

/// An exchange that Plaid refused did nothing; one that Plaid failed at, or a proxy answered, may have.
#[tokio::test]
async fn effects_of_what_is_sent_once() {
    let cases = [
        (Answer::fixture(400, "error_invalid_api_keys"), Effect::None),
        (refusal(400, "INVALID_INPUT", "INVALID_PUBLIC_TOKEN"), Effect::None),
        (Answer::fixture(400, "error_institution_down"), Effect::None),
        (Answer::fixture(500, "error_internal_server_error"), Effect::Unknown),
        (Answer::fixture(503, "error_planned_maintenance"), Effect::Unknown),
        (refusal(502, "ITEM_ERROR", "ITEM_LOGIN_REQUIRED"), Effect::Unknown),
        (Answer::new(502, "<html>bad gateway</html>"), Effect::Unknown),
        (Answer::new(403, "<html>blocked</html>"), Effect::Unknown),
        (Answer::new(200, "<html>welcome</html>"), Effect::Unknown),
    ];
    for (index, (answer, effect)) in cases.into_iter().enumerate() {
        let wire = Wire::new([answer]);
        let error = wire.plaid().items().exchange(&public_token()).await.unwrap_err();
        assert_eq!((error.effect(), wire.attempts()), (effect, 1), "case {index}");
        assert_eq!(
            (error.operation(), error.provider().unwrap().as_str()),
            (Some("items.exchange"), "plaid")
        );
    }
}

#[tokio::test]
async fn answers_that_are_not_plaids() {
    let table = [
        (401, ErrorKind::Unauthorized),
        (403, ErrorKind::Forbidden),
        (404, ErrorKind::NotFound),
        (418, ErrorKind::InvalidRequest),
        (302, ErrorKind::InvalidResponse),
    ];
    for (status, kind) in table {
        for body in ["", "<html>", "[]", "null", r#"{"error_code":""}"#, "\u{0}"] {
            let (error, attempts) = failure([Answer::new(status, body)]).await;
            assert_eq!((error.kind(), attempts), (kind, 1), "{status}");
            assert!(PlaidError::of(&error).is_none());
        }
    }
}
