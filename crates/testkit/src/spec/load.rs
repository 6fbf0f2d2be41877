//! Finds and decodes the vendors' description files.

use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

use lzma_rust2::XzReader;

/// The largest description that is read, in bytes after decompression.
const LARGEST: u64 = 64 * 1024 * 1024;

/// The text of `name` or `name.xz` in `folder`.
pub(super) fn text(folder: &Path, name: &str) -> Result<String, String> {
    let plain = folder.join(name);
    if plain.is_file() {
        return read(File::open(&plain), name);
    }
    let packed = format!("{name}.xz");
    let path = folder.join(&packed);
    if !path.is_file() {
        return Err(format!("the folder of descriptions holds neither {name} nor {packed}"));
    }
    read(File::open(&path).map(|file| XzReader::new(std::io::BufReader::new(file), false)), &packed)
}

fn read<R: Read>(source: std::io::Result<R>, name: &str) -> Result<String, String> {
    let fail = |error: std::io::Error| format!("{name} cannot be read: {error}");
    let mut text = String::new();
    source.map_err(fail)?.take(LARGEST + 1).read_to_string(&mut text).map_err(fail)?;
    if text.len() as u64 > LARGEST {
        return Err(format!("{name} is larger than {LARGEST} bytes"));
    }
    Ok(text)
}

/// Every recorded request under `<provider>/requests`, deeper folders included, sorted by path.
pub(super) fn recordings(folder: &Path) -> Result<Vec<std::path::PathBuf>, String> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for path in entries(&folder)? {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "http") {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

/// The paths in one folder, sorted.
pub(super) fn entries(folder: &Path) -> Result<Vec<std::path::PathBuf>, String> {
    let fail = |error: std::io::Error| format!("the folder cannot be read: {error}");
    let mut paths = fs::read_dir(folder)
        .map_err(fail)?
        .map(|entry| entry.map(|entry| entry.path()).map_err(fail))
        .collect::<Result<Vec<_>, _>>()?;
    paths.sort();
    Ok(paths)
}
