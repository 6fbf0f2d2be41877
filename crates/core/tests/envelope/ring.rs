//! The local key ring: its text, its file, and changing keys while in use.

use std::sync::Arc;

use secrecy::ExposeSecret as _;
use turnbuckle_core::envelope::{EnvelopeError, LocalKeyRing, MasterKey};
use turnbuckle_core::{ErrorKind, SystemRandom};

use crate::support::{NoRandom, access, context, id, master, master_text, now, ring, sealer};

fn two_keys() -> String {
    format!("# keys\n\n active = k2 \r\nk1={}\n  k2 =  {}\n", master_text(1), master_text(2))
}

#[test]
fn the_text_is_read() {
    let ring = LocalKeyRing::from_text(&two_keys()).unwrap();
    assert_eq!(ring.active_key_id(), id("k2"));
    assert_eq!(ring.key_ids(), [id("k1"), id("k2")]);
    let one_line = two_keys().replace("# keys", "").replace(['\r', '\n'], ";");
    assert_eq!(LocalKeyRing::from_text(&one_line).unwrap().key_ids(), ring.key_ids());
    // The bytes are those of the text: what one ring seals the other opens.
    let blob = now(sealer(Arc::new(ring)).seal_bytes(&context(), b"secret")).unwrap().blob;
    let other = crate::support::ring("k2", 2);
    assert_eq!(
        now(sealer(other).open_bytes(&context(), &blob, &access())).unwrap().expose_secret(),
        b"secret"
    );
}

#[test]
fn mistakes_in_the_text_name_their_line() {
    let (one, two) = (master_text(1), master_text(2));
    let short = &one[..24];
    let zeros = format!("{}=", "A".repeat(43));
    let cases = [
        (format!("active = a\na = {one}\nnonsense"), "line 3: expected `name = key` or `active = name`"),
        (format!("active = a\na = {short}"), "line 2: the key has 18 bytes, and 32 are needed"),
        (format!("active = a\na = {}", "AAAA".repeat(40)), "line 2: the key is longer than 32 bytes"),
        ("active = a\na = ?".to_owned(), "line 2: the key is not base64"),
        ("active = a\na =".to_owned(), "line 2: the key has 0 bytes, and 32 are needed"),
        (format!("active = a\na = {zeros}"), "line 2: the key is a placeholder: all its bytes are the same"),
        (format!("active = a\na = {one}\na = {two}"), "line 3: this name stands on an earlier line too"),
        (
            format!("active = a\na = {one}\nb = {one}"),
            "line 3: the same key stands on an earlier line under another name",
        ),
        (format!("active = a\na = {one}\nactive = a"), "line 3: the active key is named twice"),
        (format!("= {one}"), "line 1: a key id has 1 to 512 bytes"),
        (format!("{} = {one}", "k".repeat(513)), "line 1: a key id has 1 to 512 bytes"),
        (format!("a = {one}"), "there is no line `active = name`"),
        (format!("active = b\na = {one}"), "the active key has no line of its own"),
        (String::new(), "there is no line `active = name`"),
    ];
    for (text, message) in cases {
        let error = LocalKeyRing::from_text(&text).unwrap_err();
        assert_eq!((error.kind(), error.message()), (ErrorKind::InvalidConfig, message));
    }
}

#[test]
fn the_environment_is_read_by_name() {
    let lookup = |name: &str| (name == "TURNBUCKLE_KEYS").then(two_keys);
    assert_eq!(LocalKeyRing::from_env_map("TURNBUCKLE_KEYS", lookup).unwrap().active_key_id(), id("k2"));
    let missing = LocalKeyRing::from_env_map("OTHER_KEYS", lookup).unwrap_err();
    assert_eq!(missing.message(), "the environment variable OTHER_KEYS is missing or not UTF-8");
    assert_eq!(missing.kind(), ErrorKind::InvalidConfig);
    let bad = LocalKeyRing::from_env_map("K", |_| Some("active = a".to_owned())).unwrap_err();
    assert_eq!(bad.message(), "K: the active key has no line of its own");
    assert!(LocalKeyRing::from_env("TURNBUCKLE_TEST_VARIABLE_THAT_NOBODY_SETS").is_err());
}

#[cfg(unix)]
#[test]
fn a_file_must_be_closed_to_others() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys");
    std::fs::write(&path, two_keys()).unwrap();
    let with_mode = |mode| {
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        LocalKeyRing::from_file(&path)
    };
    for mode in [0o600, 0o400, 0o700] {
        assert_eq!(with_mode(mode).unwrap().active_key_id(), id("k2"), "{mode:o}");
    }
    for bit in [0o001, 0o002, 0o004, 0o010, 0o020, 0o040] {
        let error = with_mode(0o600 | bit).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidConfig);
        assert!(error.message().contains("is open to others"), "{error}");
    }
}

#[cfg(unix)]
#[test]
fn a_file_that_is_no_key_file_is_refused() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    assert!(LocalKeyRing::from_file(folder.path()).unwrap_err().message().ends_with("is not a regular file"));
    let path = folder.path().join("keys");
    assert!(LocalKeyRing::from_file(&path).unwrap_err().message().starts_with("cannot read"));
    let refused = |content: &[u8]| {
        std::fs::write(&path, content).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        LocalKeyRing::from_file(&path).unwrap_err().message().to_owned()
    };
    assert!(refused(&[0xff, 0xfe]).ends_with("is not UTF-8"));
    assert!(refused(&vec![b'#'; 64 * 1024 + 1]).ends_with("is longer than 65536 bytes"));
    assert!(refused(&vec![b'#'; 64 * 1024]).ends_with("there is no line `active = name`"));
}

#[test]
fn generated_keys_go_into_the_text() {
    let random = SystemRandom::new();
    let (one, two) = (MasterKey::generate(&random).unwrap(), MasterKey::generate(&random).unwrap());
    assert_ne!(one.to_base64().expose_secret(), two.to_base64().expose_secret());
    let text = format!("active = k\nk = {}", one.to_base64().expose_secret());
    assert!(LocalKeyRing::from_text(&text).is_ok());
    assert!(MasterKey::generate(&NoRandom).is_err());
}

#[test]
fn a_new_key_is_inert_until_its_canary_opened_here() {
    let ring = ring("k1", 1);
    ring.add(id("k2"), master(2)).unwrap();
    assert_eq!(ring.active_key_id(), id("k1"));
    let error = ring.activate(&id("k2")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    assert_eq!(ring.active_key_id(), id("k1"));

    // A canary of the old key proves nothing about the new one.
    assert_eq!(ring.check_canary(&ring.canary(&id("k1")).unwrap()).unwrap(), id("k1"));
    assert!(ring.activate(&id("k2")).is_err());

    // Made elsewhere, by the process in which the key was made.
    let canary = crate::support::ring("k2", 2).canary(&id("k2")).unwrap();
    assert_eq!(ring.check_canary(&canary).unwrap(), id("k2"));
    ring.activate(&id("k2")).unwrap();
    assert_eq!(ring.active_key_id(), id("k2"));
    assert_eq!(now(sealer(ring).seal_bytes(&context(), b"secret")).unwrap().key_id, id("k2"));
}

#[test]
fn a_canary_tells_other_bytes_under_the_same_name() {
    let ring = ring("k1", 1);
    ring.add(id("k2"), master(3)).unwrap();
    let canary = crate::support::ring("k2", 2).canary(&id("k2")).unwrap();
    assert_eq!(ring.check_canary(&canary).unwrap_err(), EnvelopeError::Rejected);
    assert!(ring.activate(&id("k2")).is_err());
    // An ordinary envelope under the right key is no canary.
    let right = crate::support::ring("k2", 3);
    let blob = now(sealer(right).seal_bytes(&context(), b"turnbuckle canary")).unwrap().blob;
    assert_eq!(ring.check_canary(&blob).unwrap_err(), EnvelopeError::Rejected);
    assert!(matches!(ring.check_canary(&blob[1..]), Err(EnvelopeError::Corrupt(_))));
    assert!(matches!(ring.canary(&id("k9")), Err(EnvelopeError::UnknownKey { .. })));
}

#[test]
fn keys_in_a_text_besides_the_active_one_are_unproven() {
    let ring = LocalKeyRing::from_text(&two_keys()).unwrap();
    assert!(ring.activate(&id("k1")).is_err());
    ring.activate(&id("k2")).unwrap();
}

#[test]
fn names_and_keys_are_added_once() {
    let ring = ring("k1", 1);
    assert_eq!(ring.add(id("k1"), master(2)).unwrap_err().kind(), ErrorKind::Conflict);
    assert_eq!(ring.add(id("k2"), master(1)).unwrap_err().kind(), ErrorKind::Conflict);
    assert_eq!(ring.key_ids(), [id("k1")]);
}

#[test]
fn the_active_key_cannot_be_retired() {
    let ring = ring("k1", 1);
    let sealer = sealer(ring.clone());
    let blob = now(sealer.seal_bytes(&context(), b"secret")).unwrap().blob;
    assert_eq!(ring.retire(&id("k1")).unwrap_err().kind(), ErrorKind::Conflict);
    ring.add(id("k2"), master(2)).unwrap();
    ring.check_canary(&ring.canary(&id("k2")).unwrap()).unwrap();
    ring.activate(&id("k2")).unwrap();
    assert!(now(sealer.open_bytes(&context(), &blob, &access())).is_ok(), "the old key still opens");
    ring.retire(&id("k1")).unwrap();
    let error = now(sealer.open_bytes(&context(), &blob, &access())).unwrap_err();
    assert_eq!(error, EnvelopeError::UnknownKey { key_id: id("k1") });
    assert!(ring.retire(&id("k1")).is_err());
    // Whoever comes back has to prove itself again.
    ring.add(id("k1"), master(1)).unwrap();
    assert!(ring.activate(&id("k1")).is_err());
}

#[test]
fn keys_change_while_other_threads_seal_and_open() {
    let ring = ring("k0", 0);
    let sealer = sealer(ring.clone());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                for _ in 0..300 {
                    let blob = now(sealer.seal_bytes(&context(), b"secret")).unwrap().blob;
                    now(sealer.open_bytes(&context(), &blob, &access())).unwrap();
                }
            });
        }
        for seed in 1..50 {
            let new = id(&format!("k{seed}"));
            ring.add(new.clone(), master(seed)).unwrap();
            ring.check_canary(&ring.canary(&new).unwrap()).unwrap();
            ring.activate(&new).unwrap();
        }
    });
    assert_eq!(ring.active_key_id(), id("k49"));
}
