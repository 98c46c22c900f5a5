//! The plain way: serde-value FOLDER parses all of every file to values and looks at each record.

use std::path::PathBuf;

use anyhow::{Context, Result};
use serde_json::Value;
use trailmeter_peers::{each_record, print};

fn main() -> Result<()> {
    let folder = std::env::args_os().nth(1).map(PathBuf::from).context("usage: serde-value FOLDER")?;
    let mut counts = [0; 3];
    each_record(&folder, |record| {
        for (count, is_match) in counts.iter_mut().zip(questions(&record)) {
            *count += u64::from(is_match);
        }
        Ok(())
    })?;
    print(&counts);
    Ok(())
}

fn questions(record: &Value) -> [bool; 3] {
    let user = &record["userIdentity"];
    [
        record["errorCode"]
            .as_str()
            .is_some_and(|code| code.starts_with("AccessDenied") || code.ends_with("UnauthorizedOperation")),
        record["eventSource"] == "s3.amazonaws.com"
            && record["additionalEventData"]["SignatureVersion"] == "SigV2",
        user["accountId"] == "anonymous" || user["principalId"] == "anonymous",
    ]
}
