//! The limit: reads each file and inflates it, and does nothing with what comes out.
//!
//! What every other figure is a ratio to, so it does that as fast as it can be done: libdeflate,
//! whole buffers that are used again, one thread. Files are found and read as `trailmeter scan`
//! does it.

mod files;

use std::io::Write;

use anyhow::{Context, Result, ensure};
use libdeflater::Decompressor;

fn main() -> Result<()> {
    let found = files::named("inflate-only")?;
    let (mut packed, mut inflated) = (Vec::new(), Vec::new());
    let mut decompressor = Decompressor::new();
    let (mut packed_bytes, mut inflated_bytes) = (0, 0);
    for path in &found {
        files::read(path, &mut packed)?;
        let length = files::inflate(&mut decompressor, &packed, &mut inflated)
            .with_context(|| format!("cannot inflate {}", path.display()))?;
        // What was inflated must be there to be looked at, or there was no need to inflate it.
        let ends = (inflated[..length].first(), inflated[..length].last());
        let is_log = matches!(ends, (Some(b'{'), Some(b'}')) | (Some(_), Some(b'\n')));
        ensure!(is_log, "{} is neither a JSON object nor lines", path.display());
        packed_bytes += packed.len();
        inflated_bytes += length;
    }
    writeln!(
        std::io::stdout(),
        "{} files, {packed_bytes} bytes packed, {inflated_bytes} bytes inflated",
        found.len()
    )?;
    Ok(())
}
