//! Whether a resource policy lets a service in. As far as a trail needs it: statements that allow,
//! their action, and the conditions on where the call comes from.

use serde_json::Value;

/// What a policy says to a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Lets {
    /// It lets the source in that was asked about.
    In,
    /// It lets the service in whoever it acts for.
    InForAnyone,
    /// It lets other sources in, which are these.
    InForOthers(Vec<String>),
    /// It does not name the service and the action.
    Out,
    /// It is no policy.
    Unreadable,
}

/// What `policy` says to `service` doing `action` on behalf of `source` (an ARN).
pub(super) fn lets(policy: &str, service: &str, action: &str, source: &str) -> Lets {
    let Ok(policy) = serde_json::from_str::<Value>(policy) else { return Lets::Unreadable };
    let mut answer = Lets::Out;
    let statements = one_or_many(&policy["Statement"]);
    let account = source.split(':').nth(4).unwrap_or_default();
    for statement in statements.into_iter().filter(|statement| allows(statement, service, action)) {
        let arns = condition(statement, "aws:sourcearn");
        let accounts = condition(statement, "aws:sourceaccount");
        if arns.is_empty() && accounts.is_empty() {
            // The least that is wrong with it decides, so this one is the last word only if no other is.
            if answer != Lets::In {
                answer = Lets::InForAnyone;
            }
            continue;
        }
        let fits = (arns.is_empty() || arns.iter().any(|pattern| matches(pattern, source)))
            && (accounts.is_empty() || accounts.iter().any(|pattern| matches(pattern, account)));
        answer = match answer {
            _ if fits => Lets::In,
            Lets::Out => Lets::InForOthers([arns, accounts].concat()),
            Lets::InForOthers(mut others) => {
                others.extend([arns, accounts].concat());
                Lets::InForOthers(others)
            }
            other => other,
        };
    }
    answer
}

fn allows(statement: &Value, service: &str, action: &str) -> bool {
    let principal = &statement["Principal"];
    let is_for_service = principal == "*"
        || texts(&principal["Service"]).iter().any(|named| named == service)
        || texts(&principal["AWS"]).iter().any(|named| named == "*");
    statement["Effect"] == "Allow"
        && is_for_service
        && texts(&statement["Action"]).iter().any(|pattern| covers(pattern, action))
}

/// Whether an action of a policy covers one that is asked for; either may have a star.
fn covers(pattern: &str, action: &str) -> bool {
    let (pattern, action) = (pattern.to_ascii_lowercase(), action.to_ascii_lowercase());
    matches(&pattern, &action) || matches(&action, &pattern)
}

/// The values that a statement asks a key of the request to have, whatever the comparison is called.
fn condition(statement: &Value, key: &str) -> Vec<String> {
    let comparisons = statement["Condition"].as_object().into_iter().flatten();
    comparisons
        .filter(|(comparison, _)| !comparison.contains("Not"))
        .filter_map(|(_, keys)| keys.as_object())
        .flatten()
        .filter(|(name, _)| name.eq_ignore_ascii_case(key))
        .flat_map(|(_, values)| texts(values))
        .collect()
}

fn one_or_many(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(many) => many.iter().collect(),
        Value::Null => Vec::new(),
        one => vec![one],
    }
}

fn texts(value: &Value) -> Vec<String> {
    one_or_many(value).into_iter().filter_map(|text| text.as_str().map(str::to_owned)).collect()
}

/// `*` is any text, `?` any character.
fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut at, mut of) = (0, 0);
    // Where to go on if what follows the last star does not fit.
    let mut retry: Option<(usize, usize)> = None;
    while of < text.len() {
        match pattern.get(at) {
            Some(b'*') => {
                retry = Some((at, of));
                at += 1;
            }
            Some(&byte) if byte == b'?' || byte == text[of] => {
                at += 1;
                of += 1;
            }
            _ => {
                let Some((star, from)) = retry else { return false };
                retry = Some((star, from + 1));
                at = star + 1;
                of = from + 1;
            }
        }
    }
    pattern[at..].iter().all(|&byte| byte == b'*')
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const TRAIL: &str = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/logs";

    fn statement(action: &str, condition: &Value) -> Value {
        json!({ "Effect": "Allow", "Principal": { "Service": "cloudtrail.amazonaws.com" },
            "Action": action, "Resource": "*", "Condition": condition })
    }

    #[test]
    fn a_policy_lets_in_whom_it_names() {
        let put = |condition: &Value| statement("s3:PutObject", condition);
        let other = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/other";
        for (name, statements, expected) in [
            ("by ARN", json!([put(&json!({ "StringEquals": { "aws:SourceArn": TRAIL } }))]), Lets::In),
            ("one, no list", put(&json!({ "ArnEquals": { "AWS:SourceArn": [other, TRAIL] } })), Lets::In),
            (
                "by pattern",
                put(&json!({ "ArnLike": { "aws:SourceArn": "arn:aws:cloudtrail:*:111122223333:trail/*" } })),
                Lets::In,
            ),
            (
                "by account",
                put(&json!({ "StringEquals": { "aws:SourceAccount": "111122223333" } })),
                Lets::In,
            ),
            (
                "another account",
                put(&json!({ "StringEquals": { "aws:SourceAccount": "444455556666" } })),
                Lets::InForOthers(vec!["444455556666".to_owned()]),
            ),
            (
                "another trail",
                put(&json!({ "StringEquals": { "aws:SourceArn": other, "s3:x-amz-acl": "a" } })),
                Lets::InForOthers(vec![other.to_owned()]),
            ),
            ("anyone", put(&json!({})), Lets::InForAnyone),
            (
                "anyone, and by ARN",
                json!([put(&json!({})), put(&json!({ "ArnLike": { "aws:SourceArn": TRAIL } }))]),
                Lets::In,
            ),
            ("another action", statement("s3:GetBucketAcl", &json!({})), Lets::Out),
            ("every action", statement("s3:*", &json!({})), Lets::InForAnyone),
            (
                "another service",
                json!({ "Effect": "Allow", "Principal": { "Service": "config.amazonaws.com" }, "Action": "s3:PutObject" }),
                Lets::Out,
            ),
            ("denied", json!({ "Effect": "Deny", "Principal": "*", "Action": "s3:PutObject" }), Lets::Out),
            (
                "everyone",
                json!({ "Effect": "Allow", "Principal": "*", "Action": "s3:Put*" }),
                Lets::InForAnyone,
            ),
            ("nothing", Value::Null, Lets::Out),
        ] {
            let policy = json!({ "Version": "2012-10-17", "Statement": statements }).to_string();
            assert_eq!(lets(&policy, "cloudtrail.amazonaws.com", "s3:PutObject", TRAIL), expected, "{name}");
        }
        assert_eq!(lets("{", "cloudtrail.amazonaws.com", "s3:PutObject", TRAIL), Lets::Unreadable);
    }

    #[test]
    fn a_star_of_a_policy_is_any_text() {
        for (pattern, text, expected) in [
            ("*", "", true),
            ("a*c", "abbc", true),
            ("a*c*d", "acbcd", true),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("a*", "ba", false),
            ("a", "ab", false),
            ("a**", "a", true),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
        assert!(covers("kms:GenerateDataKey*", "kms:GenerateDataKey"));
        assert!(covers("kms:generatedatakey", "kms:GenerateDataKey*"));
        assert!(!covers("kms:Decrypt", "kms:GenerateDataKey*"));
    }
}
