//! Files, uploaded as multipart forms.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::error::ApiError;
use super::page::{self, PAGE};
use super::params::{EXPAND, Field, Kind, may, need};
use super::router::{Call, Outcome, Route};
use super::state::Account;

/// What Stripe takes as evidence of a dispute, in bytes.
const LARGEST: usize = 5 * 1024 * 1024;

const CREATE: &[Field] = &[
    need("file", Kind::Opaque),
    need(
        "purpose",
        Kind::OneOf(&[
            "account_requirement",
            "additional_verification",
            "business_icon",
            "business_logo",
            "customer_signature",
            "dispute_evidence",
            "identity_document",
            "issuing_regulatory_reporting",
            "pci_document",
            "platform_terms_of_service",
            "tax_document_user_upload",
            "terminal_reader_splashscreen",
        ]),
    ),
    EXPAND,
];

const LIST: &[Field] = &[may("created", Kind::Range), may("purpose", Kind::Text)];

pub(super) const ROUTES: &[Route] = &[
    Route::post("files", &[CREATE], "file_write", create),
    Route::get("files", &[PAGE, LIST], "file_read", list),
    Route::get("files/*", &[&[EXPAND]], "file_read", retrieve),
];

fn create(call: &mut Call<'_>) -> Outcome {
    let given = call.params.get("file").cloned().unwrap_or_default();
    // Only a part of a multipart body has these two; a form cannot make a file of text.
    let (Some(name), Some(content)) = (given.get("filename"), given.get("content").and_then(Value::as_str))
    else {
        return Err(ApiError::invalid(
            "Invalid file: the file must be a part of a multipart/form-data body.",
        )
        .param("file"));
    };
    let bytes = STANDARD.decode(content).unwrap_or_default();
    if bytes.is_empty() {
        return Err(ApiError::invalid("The file you uploaded is empty.").param("file"));
    }
    if bytes.len() > LARGEST {
        return Err(ApiError::invalid("The file is too large.").code("file_too_large").param("file"));
    }
    let kind = kind_of(&bytes);
    if call.text("purpose") == Some("dispute_evidence") && !matches!(kind, Some("pdf" | "png" | "jpg")) {
        return Err(
            ApiError::invalid("Invalid file type: evidence must be a PDF, JPEG or PNG file.").param("file")
        );
    }
    let id = format!("file_1{}", call.account.ids.letters(23));
    let file = json!({
        "id": id,
        "object": "file",
        "created": call.account.now,
        "expires_at": null,
        "filename": name,
        "links": { "object": "list", "data": [], "has_more": false, "url": format!("/v1/file_links?file={id}") },
        "purpose": call.text("purpose"),
        "size": bytes.len(),
        "title": null,
        "type": kind,
        "url": format!("https://files.stripe.com/v1/files/{id}/contents"),
    });
    call.account.note(&id, "content", content);
    // Stripe sends no event for files.
    call.account.put(&file);
    Ok(file)
}

/// By the first bytes, as a name proves nothing.
fn kind_of(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [b'%', b'P', b'D', b'F', ..] => Some("pdf"),
        [0x89, b'P', b'N', b'G', ..] => Some("png"),
        [0xff, 0xd8, 0xff, ..] => Some("jpg"),
        _ => None,
    }
}

/// The bytes that were uploaded.
pub(super) fn contents(account: &Account, id: &str) -> Option<Vec<u8>> {
    STANDARD.decode(account.noted(id, "content").as_str()?).ok()
}

fn retrieve(call: &mut Call<'_>) -> Outcome {
    call.account.get("file", &call.id).ok_or_else(|| ApiError::missing("file", &call.id, "file"))
}

fn list(call: &mut Call<'_>) -> Outcome {
    page::matching(call, "file", "file", &["purpose"], "/v1/files")
}
