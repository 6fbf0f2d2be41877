//! Nothing that is printed holds a secret.

use std::fmt::Debug;
use std::sync::Arc;

use sha2::{Digest as _, Sha256};
use turnbuckle_core::envelope::{
    DataKey, Envelope, LocalKeyRing, MasterKey, MemoryAuditSink, Sealer, StoredBlob, WrapAad, WrapKind,
};

use crate::support::{FixedClock, access, context, id, master, master_text, now, ring, unhex};

const PLAINTEXT: &str = "sentinel-plaintext-4711";

fn shown(value: &impl Debug) -> String {
    format!("{value:?}\n{value:#?}")
}

/// Every shape in which bytes get printed by accident.
fn assert_silent(output: &str, secret: &[u8]) {
    use base64::Engine as _;
    let listed = |bytes: &[u8]| format!("{bytes:?}").trim_matches(['[', ']']).to_owned();
    let hex = secret.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat();
    let shapes = [
        listed(&secret[..4]),
        listed(&secret[..4]).replace(", ", ",\n        "),
        hex[..8].to_owned(),
        hex[..8].to_uppercase(),
        base64::engine::general_purpose::STANDARD.encode(secret)[..8].to_owned(),
        String::from_utf8_lossy(&secret[..8.min(secret.len())]).into_owned(),
    ];
    for shape in shapes {
        assert!(!output.contains(&shape), "{shape:?} is in {output}");
    }
}

#[test]
fn debug_output_holds_no_secret() {
    let master_bytes = Sha256::digest([1]);
    let data_bytes = Sha256::digest([99]);
    let ring = ring("k1", 1);
    let audit = Arc::new(MemoryAuditSink::new(10));
    let sealer = Sealer::new(ring.clone(), audit.clone(), Arc::new(FixedClock));
    let sealed = now(sealer.seal_bytes(&context(), PLAINTEXT.as_bytes())).unwrap();
    let opened = now(sealer.open_bytes(&context(), &sealed.blob, &access())).unwrap();
    let refused = now(sealer.open_bytes(&context(), &sealed.blob[1..], &access())).unwrap_err();
    let output = [
        shown(&ring),
        shown(&sealer),
        shown(&audit),
        shown(&audit.records()),
        shown(&sealed),
        shown(&opened),
        shown(&refused),
        shown(&turnbuckle_core::Error::from(refused.clone())),
        refused.to_string(),
        shown(&Envelope::parse(&sealed.blob).unwrap()),
        shown(&StoredBlob::new("1", context(), sealed.blob.clone())),
        shown(&WrapAad::new(WrapKind::Local, &id("k1"), &context())),
        shown(&master(1)),
        shown(&master(1).to_base64()),
        shown(&DataKey::from_slice(&data_bytes).unwrap()),
    ]
    .join("\n");
    assert!(output.contains("k1"), "the test looks at the real output");
    assert_silent(&output, &master_bytes);
    assert_silent(&output, &data_bytes);
    assert_silent(&output, PLAINTEXT.as_bytes());
}

#[test]
fn the_leak_check_can_fail() {
    let secret = unhex("0102030405060708");
    let outcome = std::panic::catch_unwind(|| assert_silent(&format!("{secret:?}"), &secret));
    assert!(outcome.is_err());
}

#[test]
fn errors_about_keys_hold_no_part_of_them() {
    let key = master_text(1);
    let texts = [
        format!("active = a\na = {key}x"),
        format!("active = a\na = {}", &key[..40]),
        format!("active = a\na = {key}{key}"),
        format!("active = a\na = !{key}"),
        format!("active = a\na = {key}\na = {key}"),
        format!("active = a\na = {key}\nb = {key}"),
        format!("active = {key}"),
        format!("active = b\na = {key}"),
        format!("a = {key}"),
        format!("{key}\n"),
        key.trim_end_matches('=').to_owned(),
        format!("active = a\nactive = {key}\na = {key}"),
    ];
    for text in texts {
        let error = LocalKeyRing::from_text(&text).unwrap_err();
        let output = format!("{error} {error:?}");
        assert!(!output.contains(&key[..6]) && !output.contains(&key[30..40]), "{output}");
    }
    let error = MasterKey::from_base64(&format!("{key}\u{0}")).unwrap_err();
    assert!(!format!("{error:?}").contains(&key[..6]));
}
