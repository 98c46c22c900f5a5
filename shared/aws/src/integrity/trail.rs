//! `DescribeTrails`, for where a trail delivers.

use aws_sdk_cloudtrail::Client;

use super::described;

/// Where a trail delivers, and whose events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrailPlace {
    /// The bucket.
    pub bucket: String,
    /// What stands before `AWSLogs/`, without the slash; empty if nothing does.
    pub prefix: String,
    /// Whether it records the accounts of an organisation.
    pub is_of_organization: bool,
}

/// Why a trail's place is not known.
#[derive(Debug, thiserror::Error)]
pub enum TrailError {
    /// The question was not answered.
    #[error("the trail {arn} cannot be asked for (cloudtrail:DescribeTrails): {source}")]
    Unanswered {
        /// The trail.
        arn: String,
        /// What the service said.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// There is none.
    #[error("there is no trail {0}: name the bucket with --s3-bucket if it was deleted")]
    None(String),
}

pub(super) async fn place(client: &Client, arn: &str) -> Result<TrailPlace, TrailError> {
    let answer = client.describe_trails().send().await;
    let answer =
        answer.map_err(|error| TrailError::Unanswered { arn: arn.to_owned(), source: described(&error) })?;
    let trail = answer.trail_list().iter().find(|trail| trail.trail_arn() == Some(arn));
    let trail = trail.ok_or_else(|| TrailError::None(arn.to_owned()))?;
    Ok(TrailPlace {
        bucket: trail.s3_bucket_name().unwrap_or_default().to_owned(),
        prefix: trail.s3_key_prefix().unwrap_or_default().to_owned(),
        is_of_organization: trail.is_organization_trail().unwrap_or(false),
    })
}
