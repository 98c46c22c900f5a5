//! The least that anybody can do with the same objects: fetch each, inflate it, and look at nothing.

use std::io::{self, Read};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use super::deliveries::What;
use super::expected::Expected;
use super::stage::Stage;

/// What the bare loop took.
pub(crate) struct Bare {
    objects: u64,
    inflated: u64,
    took: Duration,
}

/// Fetches and inflates some objects, one after the other.
pub(crate) async fn get_and_inflate(stage: &Stage, keys: &[String]) -> Result<Bare> {
    let begin = Instant::now();
    let mut inflated = 0;
    for key in keys {
        let object = stage.s3().get_object().bucket(stage.bucket()).key(key).send().await;
        let body = object.with_context(|| format!("cannot get {key}"))?.body.collect().await?;
        inflated += inflate(&body.into_bytes()).with_context(|| format!("cannot inflate {key}"))?;
    }
    Ok(Bare { objects: keys.len() as u64, inflated, took: begin.elapsed() })
}

#[expect(
    clippy::disallowed_types,
    reason = "the bytes are ours, and the product's reader is what this is compared with"
)]
fn inflate(bytes: &[u8]) -> io::Result<u64> {
    io::copy(&mut flate2::read::MultiGzDecoder::new(bytes).take(1 << 30), &mut io::sink())
}

impl Bare {
    /// Both rates, and their ratio.
    pub(crate) fn summary(&self, expected: &Expected, whole: Duration) -> String {
        let deliveries: u64 = expected.deliveries.values().sum();
        let read = expected.delivered(What::New) + expected.delivered(What::Copy);
        let path = Rate::of(read, expected.inflated_bytes(), whole);
        let bare = Rate::of(self.objects, self.inflated, self.took);
        format!(
            "throughput  whole path: {deliveries} deliveries in {:.0} s, of them {:.1} files/s and {:.1} MB/s inflated\n            \
             bare loop:  {} files, {:.1} files/s and {:.1} MB/s inflated\n            \
             whole path : bare loop = 1 : {:.1} by files, 1 : {:.1} by bytes",
            whole.as_secs_f64(),
            path.files,
            path.megabytes,
            self.objects,
            bare.files,
            bare.megabytes,
            bare.files / path.files,
            bare.megabytes / path.megabytes,
        )
    }
}

/// A second of it.
struct Rate {
    files: f64,
    megabytes: f64,
}

impl Rate {
    #[expect(clippy::cast_precision_loss, reason = "for people, who read three digits")]
    fn of(files: u64, bytes: u64, time: Duration) -> Self {
        let seconds = time.as_secs_f64();
        Self { files: files as f64 / seconds, megabytes: bytes as f64 / 1e6 / seconds }
    }
}
