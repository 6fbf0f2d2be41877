//! Reading a key ring's text. Errors name the line and never show a value.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use zeroize::Zeroizing;

use crate::envelope::{KeyId, MasterKey};
use crate::error::{Error, ErrorKind, Result};

/// Far more than any ring needs.
const MAX_FILE: usize = 64 * 1024;

/// The active key's name, and all keys.
pub(super) fn parse(text: &str) -> Result<(KeyId, BTreeMap<KeyId, MasterKey>)> {
    let mut active: Option<KeyId> = None;
    let mut keys: BTreeMap<KeyId, MasterKey> = BTreeMap::new();
    for (index, entry) in text.split(['\n', ';']).enumerate() {
        let entry = entry.trim();
        if entry.is_empty() || entry.starts_with('#') {
            continue;
        }
        let at_line = |problem: &str| refuse(format!("line {}: {problem}", index + 1));
        // Without a `=` the whole line may be a key, so nothing of it is shown.
        let (name, value) =
            entry.split_once('=').ok_or_else(|| at_line("expected `name = key` or `active = name`"))?;
        let (name, value) = (name.trim(), value.trim());
        if name == "active" {
            let id = KeyId::new(value).map_err(|error| at_line(error.message()))?;
            if active.replace(id).is_some() {
                return Err(at_line("the active key is named twice"));
            }
            continue;
        }
        let id = KeyId::new(name).map_err(|error| at_line(error.message()))?;
        let key = MasterKey::from_base64(value).map_err(|error| at_line(error.message()))?;
        if keys.contains_key(&id) {
            return Err(at_line("this name stands on an earlier line too"));
        }
        if keys.values().any(|other| other.same_as(&key)) {
            return Err(at_line("the same key stands on an earlier line under another name"));
        }
        keys.insert(id, key);
    }
    let active = active.ok_or_else(|| refuse("there is no line `active = name`".to_owned()))?;
    if !keys.contains_key(&active) {
        // A key that was pasted behind `active =` by mistake must not be shown either.
        return Err(refuse("the active key has no line of its own".to_owned()));
    }
    Ok((active, keys))
}

/// The file's text, read once into a buffer that never grows and is wiped.
pub(super) fn read_file(path: &Path) -> Result<Zeroizing<String>> {
    let shown = path.display();
    let unreadable = |source: std::io::Error| refuse(format!("cannot read {shown}")).with_source(source);
    // Asked before opening, since opening a pipe would wait for its writer.
    if !std::fs::metadata(path).map_err(unreadable)?.is_file() {
        return Err(refuse(format!("{shown} is not a regular file")));
    }
    let file = File::open(path).map_err(unreadable)?;
    check_mode(&file, path)?;
    let mut bytes = Zeroizing::new(vec![0; MAX_FILE + 1]);
    let mut filled = 0;
    let mut file = file;
    while let Some(free) = bytes.get_mut(filled..).filter(|free| !free.is_empty()) {
        match file.read(free) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(unreadable(error)),
        }
    }
    if filled > MAX_FILE {
        return Err(refuse(format!("{shown} is longer than {MAX_FILE} bytes")));
    }
    let text = bytes.get(..filled).and_then(|bytes| std::str::from_utf8(bytes).ok());
    match text {
        Some(text) => Ok(Zeroizing::new(text.to_owned())),
        None => Err(refuse(format!("{shown} is not UTF-8"))),
    }
}

#[cfg(unix)]
fn check_mode(file: &File, path: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let metadata = file
        .metadata()
        .map_err(|source| refuse(format!("cannot read {}", path.display())).with_source(source))?;
    let mode = metadata.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        let shown = path.display();
        return Err(refuse(format!("{shown} has mode {mode:04o} and is open to others; make it 0600")));
    }
    Ok(())
}

#[cfg(not(unix))]
fn check_mode(_file: &File, _path: &Path) -> Result<()> {
    Ok(())
}

fn refuse(message: String) -> Error {
    Error::new(ErrorKind::InvalidConfig, message)
}
