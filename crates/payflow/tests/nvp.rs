//! The wire format: what goes out comes back, what is malformed is refused, nothing panics; and the fuzz corpora, replayed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

use std::path::{Path, PathBuf};

use proptest::prelude::*;
use turnbuckle_core::ErrorKind;
use turnbuckle_payflow::nvp::{self, MAX_BODY, MAX_FIELDS};
use turnbuckle_payflow::{Inquiry, Profile, ProfileChange, ProfilePayment, Transaction};

fn encode(fields: &[(&str, &str)]) -> turnbuckle_core::Result<String> {
    nvp::encode(fields.iter().copied()).map(|text| text.to_string())
}

#[test]
fn values_with_separators_carry_their_length() {
    let text = encode(&[
        ("TRXTYPE", "S"),
        ("COMPANYNAME", "Ruff & Johnson"),
        ("COMMENT1", "Level=5"),
        ("COMMENT2", "[12]=x"),
        ("AMT", "34.00"),
    ]);
    let expected =
        "TRXTYPE=S&COMPANYNAME[14]=Ruff & Johnson&COMMENT1[7]=Level=5&COMMENT2[6]=[12]=x&AMT=34.00";
    assert_eq!(text.unwrap(), expected);
}

#[test]
fn nothing_is_url_encoded() {
    assert_eq!(encode(&[("COMMENT1", "100% a+b /?#")]).unwrap(), "COMMENT1=100% a+b /?#");
    assert_eq!(nvp::decode(b"COMMENT1=100%25+a").unwrap().get("COMMENT1"), Some("100%25+a"));
}

#[test]
fn what_cannot_be_sent_is_refused_by_name_and_without_its_value() {
    for value in ["", "say \"x\"", "M\u{fc}ller", "a\nb", "a\0b", "\u{7f}"] {
        let error = encode(&[("RESULT", "0"), ("COMMENT1", value)]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest);
        assert_eq!(error.fields()[0].field, "COMMENT1");
        assert!(value.len() < 3 || !format!("{error} {error:?}").contains(value));
    }
    for name in ["", "A B", "A&B", "A=B", "A[1]", &"N".repeat(65)] {
        assert!(encode(&[(name, "1")]).is_err(), "{name}");
    }
}

#[test]
fn the_published_sample_is_read_by_length() {
    let sample = std::fs::read(corpus("payflow_nvp").join("good-approved")).unwrap();
    let fields = nvp::decode(&sample).unwrap();
    assert_eq!(fields.len(), 19);
    assert_eq!(fields.get("BILLTOLASTNAME"), Some("& Foo"));
    assert_eq!(fields.get("AMT"), Some("362.45"));
    assert_eq!(fields.get("TRANSTIME"), Some("2014-02-10 18:34:58"));
}

#[test]
fn a_decline_cannot_be_dressed_up_as_a_success() {
    // A value that a payer chose must never become a field.
    let fields = nvp::decode(b"RESULT=12&BILLTOLASTNAME[10]=x&RESULT=0&RESPMSG=Declined");
    assert_eq!(fields.unwrap().get("RESULT"), Some("12"));
    assert!(nvp::decode(b"RESULT=12&BILLTOLASTNAME=x&RESULT=0").is_err());
    assert!(nvp::decode(b"RESULT=12&BILLTOLASTNAME[1]=x&RESULT=0").is_err());
}

#[test]
fn a_length_counts_characters_or_bytes() {
    for text in ["N[6]=M\u{fc}ller&AMT=1", "N[7]=M\u{fc}ller&AMT=1", "N[6]=M\u{fc}ller", "N[7]=M\u{fc}ller"] {
        assert_eq!(nvp::decode(text.as_bytes()).unwrap().get("N"), Some("M\u{fc}ller"), "{text}");
    }
}

#[test]
fn huge_and_deep_input_is_refused() {
    assert!(nvp::decode(&vec![b'A'; MAX_BODY + 1]).is_err());
    assert!(nvp::decode("[".repeat(100_000).as_bytes()).is_err());
    assert!(nvp::decode("A[1]=".repeat(10_000).as_bytes()).is_err());
    let many: Vec<String> = (0..=MAX_FIELDS).map(|index| format!("N{index}=1")).collect();
    assert!(nvp::decode(many.join("&").as_bytes()).is_err());
    assert_eq!(nvp::decode(many[1..].join("&").as_bytes()).unwrap().len(), MAX_FIELDS);
    let long = format!("RESULT=0&RESPMSG={}", "x".repeat(MAX_BODY - 100));
    assert_eq!(nvp::decode(long.as_bytes()).unwrap().len(), 2);
}

fn corpus(target: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(target)
}

#[test]
fn the_decoder_survives_its_corpus() {
    let (mut good, mut bad) = (0, 0);
    for entry in std::fs::read_dir(corpus("payflow_nvp")).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        let decoded = nvp::decode(&std::fs::read(entry.path()).unwrap());
        // Finds of the fuzzer have other names, and need only not panic.
        match name.split('-').next() {
            Some("good") => {
                assert!(decoded.is_ok(), "{name}: {decoded:?}");
                good += 1;
            }
            Some("bad") => {
                assert!(decoded.is_err(), "{name}");
                bad += 1;
            }
            _ => {}
        }
    }
    assert!(good >= 10 && bad >= 20, "{good} good and {bad} bad inputs");
}

#[test]
fn answers_survive_their_corpus() {
    let mut read = 0;
    for entry in std::fs::read_dir(corpus("payflow_answers")).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        let Ok(fields) = nvp::decode(&bytes) else { continue };
        read += usize::from(Inquiry::read(fields.clone()).is_some());
        read += usize::from(Profile::read(fields.clone()).is_some());
        read += ProfilePayment::read_all(&fields).map_or(0, |payments| payments.len());
        read += usize::from(Transaction::read(fields).and_then(ProfileChange::read).is_some());
    }
    assert!(read >= 4, "{read} answers were read");
}

fn name() -> impl Strategy<Value = String> {
    "[A-Z][A-Z0-9_]{0,30}"
}

proptest! {
    #[test]
    fn what_goes_out_comes_back(
        fields in proptest::collection::btree_map(name(), "[ -!#-~]{1,60}", 1..20)
    ) {
        let pairs: Vec<(&str, &str)> =
            fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let text = encode(&pairs).unwrap();
        let back = nvp::decode(text.as_bytes()).unwrap();
        prop_assert_eq!(back.iter().collect::<Vec<_>>(), pairs);
    }

    #[test]
    fn every_text_goes_out_intact_or_is_refused(value in any::<String>()) {
        if let Ok(text) = encode(&[("RESULT", "0"), ("COMMENT1", &value), ("AMT", "1.00")]) {
            let back = nvp::decode(text.as_bytes()).unwrap();
            prop_assert_eq!(back.get("COMMENT1"), Some(value.as_str()));
            prop_assert_eq!(back.len(), 3);
        } else {
            let sendable = !value.is_empty()
                && value.chars().all(|c| (c == ' ' || c.is_ascii_graphic()) && c != '"');
            prop_assert!(!sendable);
        }
    }

    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        if let Ok(fields) = nvp::decode(&bytes) {
            let _ = Inquiry::read(fields.clone());
            let _ = Transaction::read(fields);
        }
    }

    #[test]
    fn no_near_miss_panics(text in "([A-Z]{1,6}(\\[[0-9]{0,3}\\]?)?=?[a-z&=\\[\\]\u{fc}]{0,8}&?){0,12}") {
        let _ = nvp::decode(text.as_bytes());
    }
}
