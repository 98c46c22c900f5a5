//! Files found, read and inflated, for the programs that the bench measures.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use libdeflater::{DecompressionError, Decompressor};

/// A gzip member is at least so long: ten bytes of header, an empty block, eight of trailer.
const SHORTEST: usize = 20;

/// Every file at the paths that the program was given, in the order of their names.
pub(crate) fn named(program: &str) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for path in std::env::args_os().skip(1) {
        find(Path::new(&path), &mut found)?;
    }
    ensure!(!found.is_empty(), "usage: {program} PATH…, and no file at these");
    Ok(found)
}

fn find(path: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
    if !fs::metadata(path).with_context(|| format!("cannot read {}", path.display()))?.is_dir() {
        found.push(path.to_owned());
        return Ok(());
    }
    let mut entries = fs::read_dir(path)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<std::io::Result<Vec<_>>>()?;
    entries.sort();
    entries.iter().try_for_each(|entry| find(entry, found))
}

/// Reads a file to the beginning of `into`, which is emptied first.
pub(crate) fn read(path: &Path, into: &mut Vec<u8>) -> Result<()> {
    into.clear();
    File::open(path)
        .and_then(|mut file| file.read_to_end(into))
        .with_context(|| format!("cannot read {}", path.display()))?;
    Ok(())
}

/// Inflates every member of `packed` to the beginning of `into`, and says how long the last one is:
/// delivered files have one. Checksum and length are checked by the library.
pub(crate) fn inflate(inflater: &mut Decompressor, packed: &[u8], into: &mut Vec<u8>) -> Result<usize> {
    ensure!(packed.len() >= SHORTEST, "too short for gzip");
    let stated = packed.last_chunk().map_or(0, |length| u32::from_le_bytes(*length)) as usize;
    if into.len() < stated {
        into.resize(stated, 0);
    }
    match inflater.gzip_decompress(packed, into) {
        Ok(length) => {
            ensure!(length == stated, "{length} bytes, and {stated} were stated");
            Ok(length)
        }
        Err(DecompressionError::BadData) => bail!("its bytes are broken"),
        Err(DecompressionError::InsufficientSpace) => bail!("it is longer than it says"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use libdeflater::{CompressionLvl, Compressor};

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut compressor = Compressor::new(CompressionLvl::default());
        let mut packed = vec![0; compressor.gzip_compress_bound(bytes.len())];
        let length = compressor.gzip_compress(bytes, &mut packed).unwrap();
        packed.truncate(length);
        packed
    }

    #[test]
    fn the_length_is_that_of_what_was_packed() {
        let (mut inflater, mut into) = (Decompressor::new(), Vec::new());
        for text in ["{}", r#"{"Records":[]}"#, "{}"] {
            let length = inflate(&mut inflater, &gzip(text.as_bytes()), &mut into).unwrap();
            assert_eq!(&into[..length], text.as_bytes());
        }
    }

    #[test]
    fn what_is_broken_or_lies_about_its_length_is_refused() {
        let (mut inflater, mut into) = (Decompressor::new(), Vec::new());
        let good = gzip(br#"{"Records":[{"a":1},{"a":1},{"a":1}]}"#);
        let mut short = good.clone();
        let length = short.len();
        short[length - 4] = 3;
        let mut broken = good;
        broken[12] ^= 0x55;
        for bytes in [short, broken, Vec::new()] {
            assert!(inflate(&mut inflater, &bytes, &mut into).is_err());
        }
    }
}
