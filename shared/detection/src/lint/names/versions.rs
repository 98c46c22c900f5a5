//! Versions of an API in the names of its events.

/// The operation in the name of an event: `UpdateFunctionCode20150331v2` is `UpdateFunctionCode`,
/// `CreateDistribution2020_05_31` is `CreateDistribution`.
pub(crate) fn base(name: &str) -> &str {
    let without_revision = match name.rsplit_once('v') {
        Some((before, digits)) if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) => {
            before
        }
        _ => name,
    };
    let date =
        without_revision.trim_end_matches(|character: char| character.is_ascii_digit() || character == '_');
    let suffix = &without_revision[date.len()..];
    let digits = suffix.bytes().filter(u8::is_ascii_digit).count();
    if digits == 8 && suffix.starts_with("20") && !date.is_empty() { date } else { name }
}

/// How CloudTrail writes operations of AWS Lambda whose names carry their version.
///
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/logging-using-cloudtrail.html>
const LAMBDA: [&str; 9] = [
    "AddLayerVersionPermission20181031",
    "AddPermission20150331v2",
    "CreateEventSourceMapping20150331",
    "CreateFunction20150331",
    "DeleteFunction20150331",
    "PublishLayerVersion20181031",
    "UpdateEventSourceMapping20150331",
    "UpdateFunctionCode20150331v2",
    "UpdateFunctionConfiguration20150331v2",
];

/// How CloudTrail writes the operation `name` of a source, if it writes it otherwise.
pub(crate) fn written(stem: &str, name: &str) -> Option<&'static str> {
    if stem != "lambda" {
        return None;
    }
    LAMBDA.into_iter().find(|written| base(written).eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_told_from_a_name() {
        for (name, expected) in [
            ("UpdateFunctionCode20150331v2", "UpdateFunctionCode"),
            ("CreateFunction20150331", "CreateFunction"),
            ("CreateDistribution2020_05_31", "CreateDistribution"),
            ("ListObjectsV2", "ListObjectsV2"),
            ("DescribeVpcEndpointConnectionsv2", "DescribeVpcEndpointConnectionsv2"),
            ("20150331", "20150331"),
            ("Ev", "Ev"),
            ("", ""),
        ] {
            assert_eq!(base(name), expected);
        }
        assert_eq!(written("lambda", "CreateFunction"), Some("CreateFunction20150331"));
        assert_eq!(written("lambda", "CreateFunction20150331"), None);
        assert_eq!(written("appsync", "CreateFunction"), None);
    }
}
