//! Findings as objects: `detector=NAME/dt=YYYY-MM-DD/…ndjson.gz`, which Athena reads as partitions.

use std::collections::BTreeMap;
use std::io::Write;

use aws_sdk_s3::Client;
use aws_sdk_s3::primitives::ByteStream;
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};
use tokio::task::JoinSet;
use trailmeter_detection::finding::Finding;
use trailmeter_pipeline::{FindingError, ObjectVersion};

use crate::sdk_error::Described;

/// Objects that are put at the same time.
const AT_ONCE: usize = 8;
/// The day of events whose time cannot be read: a partition must have one, and nobody looks for it there by
/// mistake.
const NO_DAY: &str = "1970-01-01";

type Source = Box<dyn std::error::Error + Send + Sync>;

/// Keeps findings in a bucket.
#[derive(Debug, Clone)]
pub struct FindingsBucket {
    client: Client,
    bucket: String,
}

impl FindingsBucket {
    pub(crate) fn new(client: Client, bucket: String) -> Self {
        Self { client, bucket }
    }

    /// Puts an object for each detector and day that findings are of. The names follow from the object that the
    /// findings are from, so that a second attempt at that writes over the first.
    pub(super) async fn keep(
        &self,
        object: &ObjectVersion,
        findings: &[Finding<'_>],
    ) -> Result<(), FindingError> {
        let mut puts = JoinSet::new();
        let (mut not_kept, mut first_error) = (0, None);
        let mut note = |ended: Option<Result<Put, tokio::task::JoinError>>| match ended {
            Some(Ok((_, Ok(())))) | None => {}
            Some(Ok((findings, Err(source)))) => {
                not_kept += findings;
                first_error.get_or_insert(source);
            }
            Some(Err(panicked)) => {
                not_kept += 1;
                first_error.get_or_insert_with(|| Box::new(panicked));
            }
        };
        for (key, of_key) in by_key(object, findings) {
            if puts.len() == AT_ONCE {
                note(puts.join_next().await);
            }
            let body = ndjson_gz(&of_key);
            let count = of_key.len() as u64;
            let put = self.client.put_object().bucket(&self.bucket).key(key).content_type("application/gzip");
            puts.spawn(async move {
                let put = async {
                    put.body(ByteStream::from(body?))
                        .send()
                        .await
                        .map_err(|error| Described::boxed(&error))?;
                    Ok(())
                };
                (count, put.await)
            });
        }
        while !puts.is_empty() {
            note(puts.join_next().await);
        }
        match first_error {
            None => Ok(()),
            Some(source) => Err(FindingError { place: "findings-bucket", findings: not_kept, source }),
        }
    }
}

/// How many findings an object held, and what became of it.
type Put = (u64, Result<(), Source>);

/// The findings by the key of the object that they belong in.
fn by_key<'f, 'a>(
    object: &ObjectVersion,
    findings: &'f [Finding<'a>],
) -> BTreeMap<String, Vec<&'f Finding<'a>>> {
    let mut half = [0; 16];
    half.copy_from_slice(&Sha256::digest(format!("{}\n{}", object.object, object.version))[..16]);
    let name = format!("{:032x}", u128::from_be_bytes(half));
    let mut by_key: BTreeMap<String, Vec<&Finding<'_>>> = BTreeMap::new();
    for finding in findings {
        let day = finding.event.event_time.as_deref().and_then(|time| time.get(..10)).unwrap_or(NO_DAY);
        let key = format!("detector={}/dt={day}/{name}.ndjson.gz", finding.detector);
        by_key.entry(key).or_default().push(finding);
    }
    by_key
}

/// A line for each, packed.
fn ndjson_gz(findings: &[&Finding<'_>]) -> Result<Vec<u8>, Source> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    for finding in findings {
        serde_json::to_writer(&mut packed, finding)?;
        packed.write_all(b"\n")?;
    }
    Ok(packed.finish()?)
}
