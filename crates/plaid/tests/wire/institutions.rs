//! Banks, and the keys of pushes.

use turnbuckle_core::ErrorKind;
use turnbuckle_plaid::*;

use crate::decimal;
use crate::wire_support::{Answer, Wire};

#[tokio::test]
async fn search() {
    let wire = Wire::answering("institutions_search");
    let options = InstitutionOptions::new().with_oauth(false).with_include_optional_metadata(true);
    let params = SearchInstitutions::new("Platypus", ["US"])
        .with_products([Product::Transactions])
        .with_options(options);
    let found = wire.plaid().institutions().search(&params).await.unwrap();
    wire.assert_sent("institutions_search");
    let bank = &found.institutions[0];
    assert_eq!((bank.institution_id.as_str(), bank.oauth), ("ins_109508", false));
    let logins = bank.status.as_ref().unwrap().item_logins.as_ref().unwrap();
    assert_eq!(logins.status, HealthStatus::Healthy);
    assert_eq!(logins.breakdown.as_ref().unwrap().success, Some(decimal("0.9")));
    let found = wire.plaid().institutions().search(&params).await.unwrap();
    assert!(found.institutions[0].status.is_none());
}

#[tokio::test]
async fn get() {
    let wire = Wire::answering("institutions_get");
    let page = wire.plaid().institutions().get(&ListInstitutions::new(1, 0, ["US"])).await.unwrap();
    wire.assert_sent("institutions_get");
    assert_eq!((page.institutions.len(), page.total), (1, 9001));
}

#[tokio::test]
async fn get_page() {
    let wire = Wire::answering("institutions_get");
    let options = ListInstitutionOptions::new()
        .with_products([Product::Auth])
        .with_routing_numbers(["011000138"])
        .with_oauth(true)
        .with_include_optional_metadata(true);
    let params = ListInstitutions::new(500, 1000, ["US", "CA"]).with_options(options);
    wire.plaid().institutions().get(&params).await.unwrap();
    wire.assert_sent("institutions_get_page");
}

#[tokio::test]
async fn get_by_id() {
    let wire = Wire::answering("institutions_get_by_id");
    let options = GetInstitutionOptions::new().with_include_optional_metadata(true).with_include_status(true);
    let params = GetInstitution::new("ins_109508", ["US"]).with_options(options);
    let info = wire.plaid().institutions().get_by_id(&params).await.unwrap();
    wire.assert_sent("institutions_get_by_id");
    assert_eq!(info.institution.routing_numbers, ["011000138"]);
    let incidents = &info.institution.status.as_ref().unwrap().health_incidents;
    assert_eq!(incidents[0].title, "Signing in fails for some");

    let wire = Wire::new([Answer::fixture(400, "error_invalid_institution")]);
    let error = wire.plaid().institutions().get_by_id(&params).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn bounds_are_kept_before_anything_leaves() {
    let wire = Wire::new([]);
    let plaid = wire.plaid();
    let none = Vec::<String>::new;
    let error = plaid.institutions().get(&ListInstitutions::new(501, 0, ["US"])).await.unwrap_err();
    assert_eq!(error.fields()[0].field, "count");
    let error = plaid.institutions().get(&ListInstitutions::new(1, 0, none())).await.unwrap_err();
    assert_eq!(error.fields()[0].field, "country_codes");
    let error = plaid.institutions().search(&SearchInstitutions::new("", ["US"])).await.unwrap_err();
    assert_eq!(error.fields()[0].field, "query");
    assert_eq!(wire.attempts(), 0);
}

#[tokio::test]
async fn webhook_key() {
    let wire = Wire::answering("webhook_verification_key_get");
    let info = wire.plaid().webhook_keys().get("11111111-1111-4111-8111-111111111111").await.unwrap();
    wire.assert_sent("webhook_verification_key_get");
    assert_eq!((info.key.alg.as_str(), info.key.key_use.as_str()), ("ES256", "sig"));
    assert_eq!(info.key.expired_at, None);
}
