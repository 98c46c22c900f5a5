//! A corpus of S3 server access logs: what busy buckets log, packed as those are who keep them.

use std::fs;

use anyhow::{Context, Result};
use libdeflater::{CompressionLvl, Compressor};
use trailmeter_testkit::rng::Rng;

use crate::corpus::{Corpus, Facts, Three};
use crate::work::Bench;

const FILES: u64 = 8;
const LINES: u64 = 25_000;

const OWNER: &str = "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be";
const OPERATIONS: [&str; 8] = [
    "REST.GET.OBJECT",
    "REST.GET.OBJECT",
    "REST.GET.OBJECT",
    "REST.HEAD.OBJECT",
    "REST.PUT.OBJECT",
    "REST.GET.BUCKET",
    "REST.COPY.OBJECT_GET",
    "BATCH.DELETE.OBJECT",
];
const AGENTS: [&str; 4] = [
    "aws-sdk-java/2.25.1 Linux/5.10 OpenJDK_64-Bit_Server_VM/17 Java/17",
    "Boto3/1.34.0 md/Botocore#1.34.0 ua/2.0 os/linux#5.10 lang/python#3.12",
    "curl/8.5.0",
    "S3Console/0.4, aws-internal/3 \"quoted\"",
];
const SIGNED: &str = "SigV4 TLS_AES_128_GCM_SHA256 AuthHeader";
const UNSIGNED: &str = "- TLS_AES_128_GCM_SHA256 -";
/// One in twenty is refused, and one in fifty is nobody's.
const DENIED_PER_MILLE: u32 = 50;
const ANONYMOUS_PER_MILLE: u32 = 20;

/// Makes it; it takes a second or two.
pub(crate) fn corpus(bench: &Bench) -> Result<Corpus> {
    let folder = bench.folder.join("access-logs");
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let mut facts = Facts {
        name: "access logs".to_owned(),
        files: FILES,
        records: FILES * LINES,
        packed_bytes: 0,
        inflated_bytes: 0,
        three: Three::default(),
    };
    let (mut rng, mut compressor) = (Rng::new(1), Compressor::new(CompressionLvl::default()));
    for file in 0..FILES {
        let mut text = String::new();
        for line in 0..LINES {
            add_line(&mut rng, file * LINES + line, &mut text, &mut facts.three)?;
        }
        let mut packed = vec![0; compressor.gzip_compress_bound(text.len())];
        let length = compressor.gzip_compress(text.as_bytes(), &mut packed)?;
        packed.truncate(length);
        facts.inflated_bytes += text.len() as u64;
        facts.packed_bytes += packed.len() as u64;
        fs::write(folder.join(format!("2026-11-21-06-{file:02}-00-ABCDEF0123456789")), packed)?;
    }
    Ok(Corpus::new(folder, facts))
}

fn add_line(rng: &mut Rng, number: u64, text: &mut String, three: &mut Three) -> Result<()> {
    use std::fmt::Write as _;

    let is_denied = rng.per_mille(DENIED_PER_MILLE);
    let is_anonymous = rng.per_mille(ANONYMOUS_PER_MILLE);
    three.access_denied += u64::from(is_denied);
    three.anonymous += u64::from(is_anonymous);
    let answer = if is_denied { "403 AccessDenied" } else { "200 -" };
    let how = if is_anonymous { UNSIGNED } else { SIGNED };
    let who = if is_anonymous {
        "-".to_owned()
    } else {
        format!("arn:aws:sts::111122223333:assumed-role/app-{}/i-0{:015x}", rng.below(20), rng.below(40))
    };
    let (operation, agent) = (rng.pick(&OPERATIONS), rng.pick(&AGENTS));
    let (second, address, bytes) = (number / 1000 % 60, rng.below(250), rng.below(1 << 20));
    let (key, host) = (rng.below(100_000), rng.next_u64());
    writeln!(
        text,
        "{OWNER} amzn-s3-demo-bucket [21/Nov/2026:05:59:{second:02} +0000] 192.0.2.{address} {who} {number:016X} {operation} \
         data/year%3D2026/part-{key:05}.parquet \"GET /data/year%253D2026/part-{key:05}.parquet HTTP/1.1\" {answer} {bytes} {bytes} 31 30 \
         \"-\" \"{agent}\" - {host:016x}vKBE6vMhrNiWHZmb2L0mXOcqPGzQOI5XLnCtZNPxev+Hf+7tpT6sxDwDty4LHBU= {how} \
         amzn-s3-demo-bucket.s3.us-east-1.amazonaws.com TLSv1.3 - - us-east-1"
    )?;
    Ok(())
}
