//! Files: every request byte for byte, and what is refused before it leaves.

use turnbuckle_core::ErrorKind;
use turnbuckle_core::http::BaseUrl;
use turnbuckle_core::{Environment, Result};
use turnbuckle_stripe::*;

use crate::wire_support::{KEY, Wire, keyed, message};
use crate::{at, page_of};

fn receipt() -> UploadFile {
    UploadFile::new(
        "dispute_evidence",
        "receipt 7.pdf",
        "application/pdf",
        "%PDF-1.4\n\r\n--turnbuckle-0\r\n",
    )
}

#[tokio::test]
async fn files_create() {
    let wire = Wire::answering("file");
    let file = wire.stripe().files().create(&receipt(), &keyed()).await.unwrap();
    wire.assert_sent("files_create");
    assert_eq!((file.id.as_str(), file.size), ("file_1TbOrder6735DeliveryPdf1", 48_213));
    assert_eq!(file.purpose, "dispute_evidence");
}

#[tokio::test]
async fn files_retrieve() {
    let wire = Wire::answering("file");
    wire.stripe().files().retrieve("file_123", &keyed()).await.unwrap();
    wire.assert_sent("files_retrieve");
}

#[tokio::test]
async fn files_list() {
    let wire = page_of("file");
    let params = ListFiles::new()
        .with_purpose("dispute_evidence")
        .with_created(Created::since(at(1_700_000_000)))
        .with_limit(3)
        .with_starting_after("file_123");
    let page = wire.stripe().files().list(&params).page().await.unwrap();
    wire.assert_sent("files_list");
    assert_eq!(page.data[0].id, "file_1TbOrder6735DeliveryPdf1");
}

#[tokio::test]
async fn a_base_url_replaces_the_host_of_files_too() {
    let wire = Wire::answering("file");
    let base = BaseUrl::parse("https://stand-in.example/stripe").unwrap();
    let stripe = Stripe::new(&wire.config(Environment::Sandbox, KEY).with_base_url(base)).unwrap();
    stripe.files().create(&receipt(), &keyed()).await.unwrap();
    assert!(message(&wire.sent()[0]).starts_with("POST /stripe/v1/files HTTP/1.1\n"));
    assert_eq!(wire.sent()[0].uri().host(), Some("stand-in.example"));
}

#[tokio::test]
async fn what_cannot_be_uploaded_never_leaves() {
    let wire = Wire::new([]);
    let stripe = wire.stripe();
    let too_much = vec![0; UploadFile::MAX_EVIDENCE + 1];
    let bad = [
        (UploadFile::new("dispute_evidence", "a.pdf", "application/pdf", ""), "content"),
        (UploadFile::new("dispute_evidence", "a.pdf", "application/pdf", too_much), "content"),
        (UploadFile::new("dispute_evidence", "a\"b", "application/pdf", "x"), "filename"),
        (UploadFile::new("dispute_evidence", "a\r\nb", "application/pdf", "x"), "filename"),
        (UploadFile::new("dispute_evidence", "a.pdf", "application/pdf\r\nx: y", "x"), "content_type"),
        (UploadFile::new("evidence\r\n", "a.pdf", "application/pdf", "x"), "purpose"),
    ];
    for (file, field) in bad {
        let result: Result<File> = stripe.files().create(&file, &keyed()).await;
        let error = result.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest);
        assert_eq!(error.fields()[0].field, field);
    }
    assert!(wire.sent().is_empty());
    let debug = format!("{:?}", receipt());
    assert!(!debug.contains("receipt 7") && !debug.contains("PDF-"));
}
