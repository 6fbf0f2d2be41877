//! Inbound mail, taken apart within limits.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use bytes::Bytes;
use proptest::prelude::*;
use turnbuckle_core::ErrorKind;
use turnbuckle_sendgrid::{InboundEmail, InboundLimits};

const TYPE: &str = "multipart/form-data; boundary=xYzZY";

fn form(parts: &[(&str, &[u8])]) -> Bytes {
    let mut body = Vec::new();
    for (head, content) in parts {
        body.extend_from_slice(format!("--xYzZY\r\n{head}\r\n\r\n").as_bytes());
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--xYzZY--\r\n");
    Bytes::from(body)
}

fn field(name: &str) -> String {
    format!("Content-Disposition: form-data; name=\"{name}\"")
}

fn parse(body: &Bytes, limits: InboundLimits) -> turnbuckle_core::Result<InboundEmail> {
    InboundEmail::parse_unverified(TYPE, body, &limits)
}

#[test]
fn fields_sets_and_files() {
    let file = "Content-Disposition: form-data; name=\"attachment1\"; filename=\"a \\\"b\\\"; c.txt\"\r\nContent-Type: text/plain";
    let (subject, text, charsets, envelope, ids) =
        (field("subject"), field("text"), field("charsets"), field("envelope"), field("content-ids"));
    let body = form(&[
        (&subject, "Größe".as_bytes()),
        (&text, b"caf\xe9\r\n--not the end"),
        (&charsets, br#"{"subject":"UTF-8","text":"iso-8859-1"}"#),
        (&envelope, br#"{"to":["in@shop.example"],"from":"reader@example.com"}"#),
        (&ids, br#"{"img1":"attachment1"}"#),
        (file, b"\x00\x01\r\n"),
    ]);
    let mail = parse(&body, InboundLimits::new()).unwrap();
    assert_eq!(mail.text("subject").as_deref(), Some("Größe"));
    assert_eq!(mail.text("text").as_deref(), Some("café\r\n--not the end"));
    assert_eq!(mail.envelope.as_ref().unwrap().to, ["in@shop.example"]);
    let [file] = mail.files.as_slice() else { unreachable!() };
    assert_eq!(file.filename.as_deref(), Some("a \"b\"; c.txt"));
    assert_eq!((file.media_type.as_deref(), file.content_id.as_deref()), (Some("text/plain"), Some("img1")));
    assert_eq!(file.content, b"\x00\x01\r\n".as_slice());
    // Nothing is copied.
    assert!(body.as_ptr_range().contains(&file.content.as_ptr()));
    let shown = format!("{mail:?} {file:?}");
    assert!(!shown.contains("reader") && !shown.contains("caf") && !shown.contains("c.txt"), "{shown}");
}

#[test]
fn another_set_is_left_to_the_host() {
    let (text, charsets) = (field("text"), field("charsets"));
    let body = form(&[(&text, b"\x83e"), (&charsets, br#"{"text":"Shift_JIS"}"#)]);
    let mail = parse(&body, InboundLimits::new()).unwrap();
    assert_eq!((mail.text("text"), mail.fields["text"].charset.as_str()), (None, "shift_jis"));
    assert_eq!(mail.fields["text"].bytes, b"\x83e".as_slice());
}

#[test]
fn limits_hold() {
    let (a, b) = (field("a"), field("b"));
    let files: Vec<_> = (0..3)
        .map(|index| format!("Content-Disposition: form-data; name=\"f{index}\"; filename=\"f\""))
        .collect();
    let fields = form(&[(&a, b"12345"), (&b, b"1")]);
    let with_files = form(&[(&files[0], b"12345"), (&files[1], b""), (&files[2], b"")]);
    let all = InboundLimits::new();
    assert!(parse(&fields, all).is_ok() && parse(&with_files, all).is_ok());
    for (body, limits) in [
        (&fields, all.with_max_parts(1)),
        (&fields, all.with_max_field_bytes(4)),
        (&fields, all.with_max_bytes(fields.len() - 1)),
        (&with_files, all.with_max_files(2)),
        (&with_files, all.with_max_file_bytes(4)),
    ] {
        let error = parse(body, limits).unwrap_err();
        assert_eq!((error.kind(), error.fields().len()), (ErrorKind::InvalidRequest, 1));
    }
    assert!(
        parse(&fields, all.with_max_parts(2).with_max_field_bytes(5).with_max_bytes(fields.len())).is_ok()
    );
}

#[test]
fn what_is_no_such_form_is_refused() {
    let a = field("a");
    let whole = form(&[(&a, b"text")]);
    for cut in 0..whole.len() - 4 {
        assert!(parse(&whole.slice(..cut), InboundLimits::new()).is_err(), "cut at {cut}");
    }
    for content_type in [
        "text/plain",
        "multipart/form-data",
        "multipart/form-data; boundary=",
        "multipart/mixed; boundary=xYzZY",
    ] {
        assert!(InboundEmail::parse_unverified(content_type, &whole, &InboundLimits::new()).is_err());
    }
    let twice = form(&[(&a, b"1"), (&a, b"2")]);
    assert!(parse(&twice, InboundLimits::new()).is_err());
    let charsets = field("charsets");
    assert!(parse(&form(&[(&charsets, b"no JSON")]), InboundLimits::new()).is_err());
}

proptest! {
    #[test]
    fn never_panics(body in proptest::collection::vec(prop_oneof![Just(b'-'), Just(b'\r'), Just(b'\n'), Just(b'x'), any::<u8>()], 0..200)) {
        let body = Bytes::from([b"--xYzZY\r\n".as_slice(), &body].concat());
        let _ = parse(&body, InboundLimits::new());
    }

    #[test]
    fn contents_come_back(contents in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..100), 1..6)) {
        prop_assume!(contents.iter().all(|content| !content.windows(7).any(|part| part == b"--xYzZY")));
        let heads: Vec<_> = (0..contents.len()).map(|index| field(&index.to_string())).collect();
        let parts: Vec<_> = heads.iter().map(String::as_str).zip(contents.iter().map(Vec::as_slice)).collect();
        let mail = parse(&form(&parts), InboundLimits::new()).unwrap();
        for (index, content) in contents.iter().enumerate() {
            prop_assert_eq!(&mail.fields[&index.to_string()].bytes, content);
        }
    }
}
