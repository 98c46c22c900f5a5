//! Findings to Security Hub.
//!
//! One request out of a hundred and more, and the SDK's crate for it is the second largest that there is: it would take
//! longer to build than all the rest. So the request is made here, and what signs it, sends it, repeats it and gives it
//! up is the SDK's own.

mod call;

use aws_config::SdkConfig;
use trailmeter_detection::finding::{Finding, FindingFormat, Product};
use trailmeter_pipeline::FindingError;

use super::document::{document, groups};
use super::sent::{Outcome, Sent};
use crate::sdk_error::Described;
use call::{Import, Imported};

/// Security Hub's limits on a request and what is in it.
///
/// Source: <https://docs.aws.amazon.com/securityhub/latest/partnerguide/guidelines-batchimportfindings.html>
const MOST_FINDINGS: usize = 100;
const MOST_BYTES: usize = 6_000_000;
const LARGEST_FINDING: usize = 240_000;
/// What stands around the findings and between two of them.
const AROUND: usize = 1024;

/// Sends findings with `BatchImportFindings`.
#[derive(Debug, Clone)]
pub struct SecurityHub {
    import: Import,
    format: FindingFormat,
}

impl SecurityHub {
    pub(crate) fn new(config: &SdkConfig, product: Product) -> Self {
        Self { import: Import::new(config), format: FindingFormat::Asff(product) }
    }

    /// Sends the findings. Security Hub takes one that it has by its id for the same, so a repeat changes nothing.
    pub(super) async fn import(&self, findings: &[Finding<'_>]) -> Result<(), FindingError> {
        let mut sent = Sent::default();
        let mut texts = Vec::new();
        for finding in findings {
            match document(finding, &self.format, LARGEST_FINDING) {
                Ok(text) => texts.push(text),
                Err(source) => sent.refuse(source),
            }
        }
        let requests = groups(texts, MOST_FINDINGS, MOST_BYTES - AROUND, |text| text.len() + 1);
        sent.send(requests, |texts| request(self.import.clone(), texts)).await;
        sent.end("security-hub")
    }
}

async fn request(import: Import, texts: Vec<String>) -> Outcome {
    let count = texts.len();
    let body = format!(r#"{{"Findings":[{}]}}"#, texts.join(","));
    match import.send(body).await {
        Ok(Imported { failed: 0, .. }) => Outcome::default(),
        Ok(Imported { failed, failures }) => {
            let first = failures.first();
            let (id, code) = first.map_or(("none", "no code"), |first| (&first.id, &first.code));
            let message = first.map_or("", |first| &first.message);
            let first = format!("Security Hub refuses {failed}, of which {id} with {code}: {message}");
            Outcome { not_taken: failed.min(count), first: Some(first.into()), is_down: false }
        }
        Err(error) => Outcome { not_taken: count, first: Some(Described::boxed(&error)), is_down: true },
    }
}
