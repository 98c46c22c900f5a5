//! The three questions that every peer is asked, answered by a parser that is none of the product's.

use std::borrow::Cow;
use std::ops::AddAssign;

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::corpus::Three;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct LogFile<'a> {
    #[serde(borrow)]
    records: Vec<Record<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Record<'a> {
    #[serde(borrow)]
    error_code: Option<Cow<'a, str>>,
    #[serde(borrow)]
    event_source: Option<Cow<'a, str>>,
    #[serde(borrow)]
    user_identity: Option<Identity<'a>>,
    #[serde(borrow)]
    additional_event_data: Option<Additional<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Identity<'a> {
    #[serde(borrow)]
    account_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    principal_id: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Additional<'a> {
    #[serde(borrow)]
    signature_version: Option<Cow<'a, str>>,
}

/// The counts of one inflated file.
pub(crate) fn count(json: &[u8]) -> Result<Three> {
    let file: LogFile<'_> = serde_json::from_slice(json).context("no log file")?;
    let mut three = Three::default();
    for record in &file.records {
        three.access_denied += u64::from(record.is_denied());
        three.sig_v2 += u64::from(record.is_sig_v2());
        three.anonymous += u64::from(record.is_anonymous());
    }
    Ok(three)
}

impl Record<'_> {
    fn is_denied(&self) -> bool {
        self.error_code
            .as_ref()
            .is_some_and(|code| code.starts_with("AccessDenied") || code.ends_with("UnauthorizedOperation"))
    }

    fn is_sig_v2(&self) -> bool {
        let version = self.additional_event_data.as_ref().and_then(|data| data.signature_version.as_deref());
        self.event_source.as_deref() == Some("s3.amazonaws.com") && version == Some("SigV2")
    }

    fn is_anonymous(&self) -> bool {
        self.user_identity.as_ref().is_some_and(|identity| {
            [&identity.account_id, &identity.principal_id]
                .into_iter()
                .any(|field| field.as_deref() == Some("anonymous"))
        })
    }
}

impl AddAssign for Three {
    fn add_assign(&mut self, other: Self) {
        self.access_denied += other.access_denied;
        self.sig_v2 += other.sig_v2;
        self.anonymous += other.anonymous;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_question_has_its_records_and_its_decoys() {
        let json = br#"{"Records":[
            {"errorCode":"AccessDeniedException","userIdentity":null},
            {"errorCode":"Client.UnauthorizedOperation"},
            {"errorCode":"\u0041ccessDenied"},
            {"requestParameters":{"errorCode":"AccessDenied"},"additionalEventData":null},
            {"eventSource":"s3.amazonaws.com","additionalEventData":{"SignatureVersion":"SigV2"}},
            {"eventSource":"ec2.amazonaws.com","additionalEventData":{"SignatureVersion":"SigV2"}},
            {"eventSource":"s3.amazonaws.com","additionalEventData":{"SignatureVersion":"SigV4"}},
            {"userIdentity":{"accountId":"anonymous","principalId":""}},
            {"userIdentity":{"principalId":"anonymous"}},
            {"userIdentity":{"userName":"anonymous"}}
        ]}"#;
        assert_eq!(count(json).unwrap(), Three { access_denied: 3, sig_v2: 1, anonymous: 2 });
    }
}
