//! The fuzz corpus of the decoder, replayed.

use std::path::Path;

use turnbuckle_core::envelope::Envelope;

#[test]
fn the_decoder_survives_its_corpus() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus/envelope_decode");
    let (mut valid, mut corrupt) = (0, 0);
    for entry in std::fs::read_dir(folder).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        match Envelope::parse(&bytes) {
            Ok(envelope) => {
                assert_eq!(envelope.to_bytes(), bytes);
                valid += 1;
            }
            Err(_) => corrupt += 1,
        }
    }
    assert!(valid >= 5 && corrupt >= 10, "{valid} valid and {corrupt} corrupt inputs");
}
