//! Tables: what is warned of, and what is not. Each warning has its examples in its own text, too.

use jiff::civil::date;

use super::*;
use crate::detector_file::{from_yaml, load_each};
use crate::sigma::{Lists, SigmaRule};

/// The day on which all tests take place.
const TODAY: Date = date(2026, 11, 21);

const REST: &str = "name: Tested\ntitle: t\nwhat: w\nwhy: y\nsources: [https://docs.aws.amazon.com/]\nlogs: cloudtrail\n\
                    tests:\n  - { name: one, match: true, record: {} }\n  - { name: two, match: false, record: {} }\n";

/// A detector of these keys, with those that have to be there.
fn detector_of(keys: &str) -> String {
    let mut text = format!("{REST}{keys}\n");
    for (key, default) in
        [("pattern:", "pattern: '{ $.eventName = \"StopLogging\" }'"), ("alarm:", "alarm: none")]
    {
        if !keys.lines().any(|line| line.starts_with(key) || line.starts_with("sigma:") && key == "pattern:")
        {
            text.push_str(default);
            text.push('\n');
        }
    }
    text
}

fn warnings(text: &str) -> Vec<Warning> {
    let file = DetectorFile { path: "d.yaml".to_owned(), pack: None, text: text.to_owned() };
    let options = Options::default();
    load_each(std::slice::from_ref(&file), &options)
        .iter()
        .flat_map(|loaded| {
            if let Err(errors) = &loaded.result {
                panic!("{errors:?} in {text}");
            }
            lint(&file, loaded, &options, TODAY)
        })
        .collect()
}

/// What is said of a filter pattern, a Sigma detection, a Sigma rule, or keys of a detector.
fn codes(example: &str) -> Vec<Code> {
    let text = if example.starts_with('{') {
        detector_of(&format!("pattern: {}", serde_json::Value::from(example)))
    } else if example.starts_with("title:") {
        example.to_owned()
    } else if example.contains("condition:") && !example.contains("pattern:") {
        detector_of(&format!("sigma:\n  detection:\n    {}", example.trim_end().replace('\n', "\n    ")))
    } else {
        detector_of(example)
    };
    warnings(&text)
        .into_iter()
        .filter(|warning| warning.allowed.is_none())
        .map(|warning| warning.code)
        .collect()
}

#[test]
fn the_examples_of_each_warning_are_warned_of_and_mended() {
    for code in Code::ALL {
        let about = code.about();
        assert_eq!(codes(about.example), [code], "{}", about.example);
        assert_eq!(codes(about.mended), [], "{}", about.mended);
        assert_eq!(about.name.parse(), Ok(code));
    }
    assert!("no-such-thing".parse::<Code>().unwrap_err().to_string().contains("differs-when-absent"));
}

fn check(table: &[(&str, &[Code])]) {
    let wrong: Vec<String> = table
        .iter()
        .filter_map(|(rule, expected)| {
            let found = codes(rule);
            (found != *expected).then(|| format!("{rule}\n  expected {expected:?}\n  found    {found:?}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn absent_fields_and_literal_values() {
    use Code::*;
    check(&[
        // Fields that are often absent
        (r#"{ $.errorCode != "AccessDenied" }"#, &[DiffersWhenAbsent]),
        (r#"{ $.requestParameters.bucketName != "logs" }"#, &[DiffersWhenAbsent]),
        (r#"{ $.userIdentity.sessionContext.sessionIssuer.arn != "x*" }"#, &[DiffersWhenAbsent]),
        (r"{ $.readOnly != true }", &[DiffersWhenAbsent]),
        (r#"{ $.errorCode != "A" && $.errorCode != "B" }"#, &[DiffersWhenAbsent]),
        (r#"{ $.errorCode != "A" && $.errorMessage != "B" }"#, &[DiffersWhenAbsent, DiffersWhenAbsent]),
        (r#"{ ($.errorCode != "A") || ($.errorMessage NOT EXISTS) }"#, &[DiffersWhenAbsent]),
        // Asked for, or always there
        (r#"{ ($.errorCode != "A") || ($.errorCode NOT EXISTS) }"#, &[]),
        (r#"{ ($.errorCode NOT EXISTS) || ($.errorCode != "A" && $.errorCode != "B") }"#, &[]),
        (r#"{ ($.responseElements.a NOT EXISTS) || ($.responseElements.a != "A") }"#, &[]),
        (r#"{ ($.responseElements NOT EXISTS) || ($.responseElements.a != "A") }"#, &[]),
        (r#"{ ($.errorCode = "*") && ($.errorCode != "A") }"#, &[]),
        (r#"{ ($.errorCode = "Client.*") && ($.errorCode != "Client.DryRunOperation") }"#, &[]),
        (
            r#"{ $.eventName != "AssumeRole" && $.eventType != "AwsServiceEvent" && $.awsRegion != "eu-west-1" }"#,
            &[],
        ),
        (r#"{ $.userIdentity.type != "AWSService" && $.sourceIPAddress != "AWS Internal" }"#, &[]),
        (r#"{ ($.userIdentity.type = "IAMUser") && ($.userIdentity.userName != "robot") }"#, &[]),
        (
            r#"{ ($.userIdentity.type = "Root") && ($.userIdentity.userName != "robot") }"#,
            &[DiffersWhenAbsent],
        ),
        (
            r#"{ ($.userIdentity.type = "AssumedRole") && ($.userIdentity.sessionContext.sessionIssuer.userName != "robot") }"#,
            &[],
        ),
        // Stars and quotes
        (r#"{ $.userIdentity.arn = "*:assumed-role/*/alice" }"#, &[LiteralStar]),
        (r"{ $.eventName = Delete*Trail }", &[LiteralStar]),
        (r#"{ $.userIdentity.arn = "*/alice*" }"#, &[]),
        (r#"{ $.eventName = "*" }"#, &[]),
        (r"{ $.userIdentity.arn = %a*b% }", &[]),
        (r"{ $.userIdentity.userName = 'alice' }", &[SingleQuotes]),
        (
            r"{ ($.userIdentity.userName = 'a') || ($.userIdentity.userName = 'b') }",
            &[SingleQuotes, SingleQuotes],
        ),
        (r#"{ $.userIdentity.userName = "O'Brien" }"#, &[]),
        (r"{ $['userIdentity']['userName'] = O'Brien }", &[]),
    ]);
}

#[test]
fn fields_and_their_types() {
    use Code::*;
    check(&[
        (r#"{ $.userIdentity.ARN = "x" }"#, &[UnknownField]),
        (r#"{ $.eventname = "StopLogging" }"#, &[UnknownField]),
        (r#"{ $.detail.eventName = "StopLogging" }"#, &[UnknownField]),
        (r"{ $.accountId = 111122223333 }", &[UnknownField]),
        (r"{ $.userIdentity.sessionContext.mfaAuthenticated NOT EXISTS }", &[UnknownField]),
        ("selection: { eventname: StopLogging }\ncondition: selection\n", &[UnknownField]),
        ("selection: { userIdentity.username|contains: a }\ncondition: selection\n", &[UnknownField]),
        (r#"{ $.requestParameters.anyThing.at[0].All = "x" }"#, &[]),
        (r#"{ $.resources[*].ARN = "x" && $.*.b = 1 }"#, &[]),
        (r"{ $.recipientAccountId = 111122223333 }", &[]),
        ("selection: { resources.ARN|endswith: x, userIdentity.arn: y }\ncondition: selection\n", &[]),
        ("keywords: [ access_token ]\ncondition: keywords\n", &[]),
        // Types
        (r#"{ $.readOnly = "true" }"#, &[WrongType]),
        (r"{ $.readOnly = TRUE }", &[WrongType]),
        (r"{ $.managementEvent = 1 }", &[WrongType]),
        (r"{ $.userIdentity.sessionContext.attributes.mfaAuthenticated IS TRUE }", &[WrongType]),
        (r"{ $.sessionCredentialFromConsole IS FALSE }", &[WrongType]),
        (r"{ $.eventVersion > 1 }", &[WrongType]),
        (r#"{ $.requestParameters = "*bucket*" }"#, &[WrongType]),
        (r#"{ $.userIdentity = "root" }"#, &[WrongType]),
        (r#"{ $.resources.ARN = "x" }"#, &[WrongType]),
        (r#"{ $.eventName.first = "x" }"#, &[WrongType]),
        (r#"{ $.additionalEventData.bytesTransferredOut = "5" }"#, &[WrongType]),
        ("selection: { readOnly: 'yes' }\ncondition: selection\n", &[WrongType]),
        ("selection: { requestParameters: bucket }\ncondition: selection\n", &[WrongType]),
        ("selection: { requestParameters|startswith: bucket }\ncondition: selection\n", &[WrongType]),
        (r"{ $.readOnly IS TRUE && $.managementEvent = true }", &[]),
        (r#"{ $.userIdentity.sessionContext.attributes.mfaAuthenticated = "true" }"#, &[]),
        (r"{ $.userIdentity.sessionContext.attributes.mfaAuthenticated = true }", &[]),
        (r"{ $.sessionCredentialFromConsole = true }", &[]),
        (r"{ $.requestParameters NOT EXISTS || $.requestParameters IS NULL }", &[]),
        (r"{ $.additionalEventData.bytesTransferredOut > 5 && $.requestParameters.maxItems >= 10 }", &[]),
        ("selection: { readOnly: 'true', managementEvent: false }\ncondition: selection\n", &[]),
        ("selection: { requestParameters|contains: bucket }\ncondition: selection\n", &[]),
        (
            "selection: { userIdentity.accountId: 111122223333, eventVersion|gte: 1.08 }\ncondition: selection\n",
            &[],
        ),
        (
            "selection: { userIdentity.sessionContext.attributes.mfaAuthenticated: true }\ncondition: selection\n",
            &[],
        ),
    ]);
}

#[test]
fn names_of_events_and_values() {
    use Code::*;
    check(&[
        (r#"{ $.eventSource = "s3.amazonaws.co" }"#, &[UnknownEventSource]),
        (r#"{ $.eventSource = "aws.ec2" }"#, &[UnknownEventSource]),
        (r"{ $.eventSource = iam }", &[UnknownEventSource]),
        (r#"{ $.eventSource = "cloudtrial.amazonaws.com" }"#, &[UnknownEventSource]),
        ("selection: { eventSource: Guarduty.amazonaws.com }\ncondition: selection\n", &[UnknownEventSource]),
        (r#"{ $.eventSource = "s3.amazonaws.com" || $.eventSource = "sso-directory.amazonaws.com" }"#, &[]),
        (r#"{ $.eventSource = "somethingnew.amazonaws.com" || $.eventSource = "*.example.com" }"#, &[]),
        ("selection: { eventSource: IAM.AmazonAWS.com }\ncondition: selection\n", &[]),
        // Events
        (r#"{ $.eventName = "StopLoging" }"#, &[UnknownEventName]),
        (
            r#"{ ($.eventSource = iam.amazonaws.com) && ($.eventName = "CreateAcessKey") }"#,
            &[UnknownEventName],
        ),
        (
            r#"{ ($.eventSource = cloudtrail.amazonaws.com) && ($.eventName = "DeleteTrial") }"#,
            &[UnknownEventName],
        ),
        (r#"{ ($.eventSource = iam.amazonaws.com) && ($.eventName = "RunInstances") }"#, &[UnknownEventName]),
        (r#"{ ($.eventSource = iam.amazonaws.com) && ($.eventName = "MakeCoffee") }"#, &[UnknownEventName]),
        (
            r#"{ ($.eventSource = lambda.amazonaws.com) && ($.eventName = "CreateFunction") }"#,
            &[UnknownEventName],
        ),
        (
            "a: { eventSource: elasticache.amazonaws.com }\nb: { eventName: RevokeCacheSecurityGroupEgress }\ncondition: a and b\n",
            &[UnknownEventName],
        ),
        (r#"{ $.eventName = "ConsoleLogin" || $.eventName = "PutBucketPublicAccessBlock" }"#, &[]),
        (
            r#"{ $.eventName = "MakeCoffee" || $.eventName = "Delete*" || $.eventName = "GetSigninToken" }"#,
            &[],
        ),
        (r#"{ ($.eventSource = rds.amazonaws.com) && ($.eventName = "DownloadCompleteDBLogFile") }"#, &[]),
        (r#"{ ($.eventSource = sso.amazonaws.com) && ($.eventName = "MakeCoffee") }"#, &[]),
        (
            r#"{ ($.eventSource = route53.amazonaws.com) && ($.eventName = "TransferDomainToAnotherAwsAccount") }"#,
            &[],
        ),
        (
            r#"{ ($.eventSource = lambda.amazonaws.com) && (($.eventName = "CreateFunction") || ($.eventName = "CreateFunction20150331")) }"#,
            &[],
        ),
        (
            r#"{ ($.eventSource = iam.amazonaws.com || $.eventSource = ec2.amazonaws.com) && ($.eventName = "RunInstances") }"#,
            &[],
        ),
        (
            "selection: { eventName: [ stoplogging, updatefunctioncode20150331v2 ] }\ncondition: selection\n",
            &[],
        ),
        // Values
        (r#"{ $.eventType = "AwsApiCalls" }"#, &[UnknownValue]),
        (r#"{ $.userIdentity.type = "Roott" }"#, &[UnknownValue]),
        (r#"{ $.eventCategory = "Manage*ment" }"#, &[LiteralStar, UnknownValue]),
        ("selection: { additionalEventData.MFAUsed: true }\ncondition: selection\n", &[UnknownValue]),
        (r#"{ $.eventType = "AwsConsole*" && $.userIdentity.type = %^AWS% }"#, &[]),
        (r#"{ $.eventType = "AwsVpceEvent" || $.eventCategory = "NetworkActivity" }"#, &[]),
        ("selection: { userIdentity.type: [ root, iamuser ] }\ncondition: selection\n", &[]),
        // Case
        (r#"{ $.eventName = "consoleLogin" }"#, &[ValueCase]),
        (r#"{ $.eventSource = "IAM.amazonaws.com" }"#, &[ValueCase]),
        (r#"{ $.errorCode = "accessDenied" }"#, &[ValueCase]),
        (r#"{ $.awsRegion = "EU-west-1" }"#, &[ValueCase]),
        (r#"{ $.eventType = "*signin" }"#, &[ValueCase]),
        (r#"{ $.responseElements.ConsoleLogin = "success" }"#, &[ValueCase]),
        ("selection: { eventName|cased: consoleLogin }\ncondition: selection\n", &[ValueCase]),
        (r#"{ $.errorCode = "accessDenied" || $.errorCode = "AccessDenied" }"#, &[]),
        (r#"{ $.errorCode = "SomethingElse" || $.errorCode = "*Denied*" }"#, &[]),
        (
            "selection: { eventName: consoleLogin, errorCode: accessDenied, userIdentity.type: root }\ncondition: selection\n",
            &[],
        ),
    ]);
}

#[test]
fn branches_that_find_nothing_or_everything() {
    use Code::*;
    check(&[
        (r#"{ $.eventName = "A" && $.eventName = "B" }"#, &[Contradiction]),
        (r#"{ $.eventName = "Delete*" && $.eventName = "StopLogging" }"#, &[Contradiction]),
        (r#"{ $.errorCode NOT EXISTS && $.errorCode = "AccessDenied" }"#, &[Contradiction]),
        (
            r#"{ $.eventSource = s3.amazonaws.com && ($.eventName = "A" || $.eventSource = ec2.amazonaws.com) }"#,
            &[Contradiction],
        ),
        (r"{ $.readOnly IS TRUE && $.readOnly IS FALSE }", &[Contradiction]),
        (r"{ $.requestParameters.n > 5 && $.requestParameters.n < 5 }", &[Contradiction]),
        ("a: { eventName: A1 }\nb: { eventName: B1 }\ncondition: a and b\n", &[Contradiction]),
        (r#"{ $.eventName = "Delete*" && $.eventName = "*Trail" }"#, &[]),
        (r#"{ $.requestParameters.ids[*] = "a" && $.requestParameters.ids[*] = "b" }"#, &[]),
        (r"{ $.requestParameters.n > 5 && $.requestParameters.n <= 6 }", &[]),
        (r"{ $.requestParameters.n >= 5 && $.requestParameters.n <= 5 }", &[]),
        (
            r#"{ ($.eventName = "A1" && $.awsRegion = "a") || ($.eventName = "B1" && $.awsRegion = "b") }"#,
            &[],
        ),
        ("a: { requestParameters.ids: a }\nb: { requestParameters.ids: b }\ncondition: a and b\n", &[]),
        ("a: { eventName: A1 }\nb: { eventName|contains: a }\ncondition: a and b\n", &[AlwaysTrue]),
        // Always true
        (r#"{ $.eventName = "A1" && $.eventName != "B1" }"#, &[AlwaysTrue]),
        (r#"{ $.eventName = "A1" && $.eventName = "*" }"#, &[AlwaysTrue]),
        (r#"{ $.sourceIPAddress != "10.*" || $.sourceIPAddress != "192.168.*" }"#, &[AlwaysTrue]),
        (r#"{ $.errorCode = "A1" || $.errorCode != "A1" }"#, &[DiffersWhenAbsent, AlwaysTrue]),
        (r#"{ $.sourceIPAddress != "10.*" && $.sourceIPAddress != "192.168.*" }"#, &[]),
        (r#"{ $.eventName != "A1" || $.errorCode = "*" }"#, &[]),
        (r#"{ $.eventName = "Delete*" && $.eventName != "DeleteObject" }"#, &[]),
        // Twice
        (r#"{ $.eventName = "A1" || $.eventName = "B1" || $.eventName = A1 }"#, &[DuplicateBranch]),
        (
            r#"{ ($.eventName = "A1" && $.awsRegion = "a") || ($.eventName = "A1" && $.awsRegion = "a") }"#,
            &[DuplicateBranch],
        ),
        ("selection: { eventName: [ A1, B1, a1 ] }\ncondition: selection\n", &[DuplicateBranch]),
        (r#"{ $.errorCode = "A1" || $.errorCode = "a1" }"#, &[]),
        (
            r#"{ ($.eventName = "A1" && $.awsRegion = "a") || ($.eventName = "A1" && $.awsRegion = "b") }"#,
            &[],
        ),
        // Covered
        (
            r#"{ $.errorCode = "*Unauthorized*" || $.errorCode = "Client.UnauthorizedOperation" }"#,
            &[SubsumedBranch],
        ),
        (r#"{ $.errorCode = "A1" || ($.errorCode = "A1" && $.awsRegion = "a") }"#, &[SubsumedBranch]),
        ("selection: { eventName: [ Put*, PutBucketAcl ] }\ncondition: selection\n", &[SubsumedBranch]),
        (r#"{ $.errorCode = "*UnauthorizedOperation" || $.errorCode = "AccessDenied*" }"#, &[]),
        (r#"{ $.errorCode = "Unauthorized*" || $.errorCode = "*UnauthorizedOperation" }"#, &[]),
        // Exclusions
        ("a: { eventName: A1 }\nf: { eventName: B1 }\ncondition: a and not f\n", &[IdleExclusion]),
        (
            "a: { eventName: A1 }\nf: { eventName: B1, errorCode: x }\ncondition: a and not f\n",
            &[IdleExclusion],
        ),
        ("a: { eventName|startswith: A }\nf: { eventName: A1 }\ncondition: a and not f\n", &[]),
        ("a: { requestParameters.ids: A1 }\nf: { requestParameters.ids: B1 }\ncondition: a and not f\n", &[]),
        (
            "pattern: '{ ($.eventName = \"A1\") || ($.eventName = \"B1\") }'\nexclude:\n  - { name: n, owner: o, reason: r, \
             expires: never, pattern: '{ $.eventName = \"C1\" }' }\n",
            &[IdleExclusion],
        ),
        (
            "pattern: '{ ($.eventName = \"A1\") || ($.eventName = \"B1\") }'\nexclude:\n  - { name: n, owner: o, reason: r, \
             expires: never, pattern: '{ ($.eventName = \"B1\") && ($.errorCode = \"*\") }' }\n",
            &[],
        ),
    ]);
}

#[test]
fn detectors_and_published_rules() {
    use Code::*;
    let published = |more: &str, detection: &str| {
        format!("title: T\n{more}logsource: {{ product: aws, service: cloudtrail }}\ndetection:\n{detection}")
    };
    let excluding = |expires: &str| {
        format!(
            "exclude:\n  - {{ name: n, owner: o, reason: r, expires: {expires}, pattern: '{{ $.errorCode = \"A1\" }}' }}\n"
        )
    };
    let s3 = |needs: &str, name: &str| {
        format!(
            "needs: {needs}\npattern: '{{ ($.eventSource = s3.amazonaws.com) && ($.eventName = {name}) }}'\n"
        )
    };
    let allowing = |code: &str, pattern: &str| {
        format!("lint: {{ allow: [{{ code: {code}, reason: It is meant. }}] }}\npattern: '{pattern}'\n")
    };
    for (text, expected) in [
        (
            published("", "  a: { eventName: StopLogging }\n  b: { errorCode: x }\n  condition: a\n"),
            &[UnusedSearch][..],
        ),
        (
            published(
                "",
                "  a: { eventName: StopLogging }\n  b: { errorCode: x }\n  c: { errorCode: y }\n  condition: a\n",
            ),
            &[UnusedSearch, UnusedSearch],
        ),
        (
            published("", "  a: { eventName: StopLogging }\n  b: { errorCode: x }\n  condition: 1 of them\n"),
            &[],
        ),
        (published("", "  a: { userAgent|contains|all: [ x ] }\n  condition: a\n"), &[AllOfOne]),
        (published("", "  a: [ { userAgent|contains|all: x } ]\n  condition: a\n"), &[AllOfOne]),
        (published("", "  a: { userAgent|contains|all: [ x, y ] }\n  condition: a\n"), &[]),
        (
            published("status: unsupported\n", "  a: { eventName: StopLogging }\n  condition: a\n"),
            &[RuleStatus],
        ),
        (
            published("status: deprecated\n", "  a: { eventName: StopLogging }\n  condition: a\n"),
            &[RuleStatus],
        ),
        (published("status: test\n", "  a: { eventName: StopLogging }\n  condition: a\n"), &[]),
        (published("status: stable\n", "  a: { eventName: StopLogging }\n  condition: a\n"), &[]),
        (published("", "  a: { errorCode: x }\n  b: { errorCode: y }\n  condition: a or b\n"), &[]),
        (published("", "  a: { userAgent|contains: x }\n  condition: a\n"), &[]),
        (
            published("", "  a: { eventSource: s3.amazonaws.com, eventName: GetObject }\n  condition: a\n"),
            &[],
        ),
        (excluding("2026-11-20"), &[ExpiredExclusion]),
        (excluding("2025-01-01"), &[ExpiredExclusion]),
        (excluding("2026-11-21"), &[ExpiringExclusion]),
        (excluding("2026-12-21"), &[ExpiringExclusion]),
        (excluding("2026-12-22"), &[]),
        (excluding("never"), &[]),
        ("alarm:\n".to_owned(), &[NoAlarm]),
        ("alarm: null\nunit: Count\n".to_owned(), &[NoAlarm]),
        ("alarm: none\n".to_owned(), &[]),
        ("alarm: { description: d }\n".to_owned(), &[]),
        (s3("management", "PutObject"), &[WrongNeeds]),
        (s3("network", "PutObject"), &[WrongNeeds]),
        (s3("data", "PutObject"), &[]),
        (s3("management", "PutBucketAcl"), &[]),
        (s3("data", "PutBucketAcl"), &[]),
        ("needs: data\npattern: '{ $.eventSource = iam.amazonaws.com }'\n".to_owned(), &[WrongNeeds]),
        ("needs: network\npattern: '{ $.eventSource = iam.amazonaws.com }'\n".to_owned(), &[]),
        ("needs: data\npattern: '{ $.eventCategory = \"Data\" }'\n".to_owned(), &[]),
        ("needs: insight\npattern: '{ $.eventCategory = \"Insight\" }'\n".to_owned(), &[]),
        ("needs: management\npattern: '{ $.eventCategory = \"Insight\" }'\n".to_owned(), &[WrongNeeds]),
        ("pattern: '{ $.eventCategory = \"Data\" }'\n".to_owned(), &[WrongNeeds]),
        (allowing("value-case", "{ $.eventName = stopLogging }"), &[]),
        (allowing("differs-when-absent", "{ $.errorCode != A1 }"), &[]),
        (allowing("differs-when-absent", "{ $.errorCode = A1 }"), &[UnusedAllow]),
        (allowing("value-case", "{ $.errorCode != A1 }"), &[UnusedAllow, DiffersWhenAbsent]),
    ] {
        let mut found = codes(&text);
        found.sort_unstable_by_key(|code| std::cmp::Reverse(*code));
        let mut expected = expected.to_vec();
        expected.sort_unstable_by_key(|code| std::cmp::Reverse(*code));
        assert_eq!(found, expected, "{text}");
    }
}

#[test]
fn warnings_are_named_with_their_place_and_a_mend() {
    let text = "# a comment\n---\nname: Tested\ntitle: t\nwhat: w\nwhy: y\nsources: [https://docs.aws.amazon.com/]\nlogs: cloudtrail\n\
                pattern: |-\n  { ($.eventSource = \"iam.amazonaws.com\")\n    && ($.eventName = \"createUser\") }\n\
                exclude:\n  - name: Old\n    owner: Platform\n    reason: r\n    expires: 2026-01-31\n    pattern: '{ $.errorCode != \"x\" }'\n\
                lint:\n  allow:\n    - { code: value-case, reason: It is meant. }\n    - { code: literal-star, reason: No. }\n\
                tests:\n  - { name: one, match: true, record: {} }\n  - { name: two, match: false, record: {} }\n";
    let found = warnings(text);
    let printed: Vec<String> = found.iter().map(ToString::to_string).collect();
    let expected = [
        ("d.yaml:3:7: warning[no-alarm]: no alarm covers it", None),
        (
            "d.yaml:11:24: warning[value-case]: AWS writes \"CreateUser\", and \"createUser\" differs",
            Some("It is meant."),
        ),
        ("d.yaml:16:14: warning[expired-exclusion]: the exclusion Old ended on 2026-01-31", None),
        ("d.yaml:17:17: warning[differs-when-absent]: many records have no $.errorCode", None),
        ("d.yaml:21:15: warning[unused-allow]: literal-star is allowed here", None),
    ];
    assert_eq!(printed.len(), expected.len(), "{printed:#?}");
    for ((warning, printed), (start, reason)) in found.iter().zip(&printed).zip(expected) {
        assert!(printed.starts_with(start), "{start} of {printed}");
        assert_eq!(warning.allowed.as_deref(), reason, "{printed}");
    }

    let rule = "title: CreateUser and stoploging\nlogsource: { product: aws, service: cloudtrail }\ndetection:\n  one:\n    eventName:\n      \
                - StopLogging\n      - StopLoging\n  two:\n    eventName|contains|all: Log\n  condition: one\nstatus: deprecated\n";
    let printed: Vec<String> = warnings(rule).iter().map(ToString::to_string).collect();
    let expected = [
        "d.yaml:7:9: warning[unknown-event-name]: no event is called \"StopLoging\"; did you mean \"StopLogging\"?",
        "d.yaml:8:3: warning[unused-search]: no condition names two",
        "d.yaml:9:5: warning[all-of-one]: `all` in eventName|contains|all",
        "d.yaml:11:1: warning[rule-status]: the rule's status is deprecated",
    ];
    assert_eq!(printed.len(), expected.len(), "{printed:#?}");
    for (printed, start) in printed.iter().zip(expected) {
        assert!(printed.starts_with(start), "{start} of {printed}");
    }
}

/// Neither time nor memory runs away with a rule, however large.
#[test]
fn large_rules_are_looked_at_in_bounded_time() {
    let many: Vec<String> =
        (0..5_000).map(|at| format!("($.eventName = \"Event{at}\" && $.errorCode != x)")).collect();
    let pattern: crate::pattern::Pattern = format!("{{ {} }}", many.join(" || ")).parse().unwrap();
    assert!(findings(&Rule::Pattern(pattern), "").len() <= 100);

    let values: Vec<String> = (0..5_000).map(|at| format!("*Event{at}*")).collect();
    let rule =
        serde_json::json!({ "detection": { "a": { "eventName": values }, "condition": "a and not a" } });
    let rule = SigmaRule::compile_inline(&rule, &Lists::default()).unwrap();
    let found = findings(&Rule::Sigma(Box::new(rule)), "");
    assert_eq!(found.len(), 100);
    assert!(found[99].message.contains("more warnings of this rule"), "{found:?}");
}

/// The pattern of CIS 4.2 is as AWS prints it, and AWS's mistake is known. Nothing else is to be
/// said of the packs.
#[test]
fn the_packs_are_free_of_warnings() {
    let options = Options::default();
    let files = crate::packaged_files(&crate::pack_names()).unwrap();
    let mut found = Vec::new();
    for loaded in load_each(&files, &options) {
        let file = files.iter().find(|file| file.path == loaded.file).unwrap();
        found.extend(
            lint(file, &loaded, &options, TODAY).into_iter().map(|warning| (warning.file, warning.code)),
        );
    }
    let known = ("detectors/cis/cis-console-login-without-mfa.yaml".to_owned(), Code::DiffersWhenAbsent);
    assert_eq!(found, [known]);
}

#[test]
fn a_sigma_rule_as_written_is_read_once_more() {
    assert!(from_yaml::<serde_json::Value>("a: 1").is_ok() && sigma::document("a: [").is_none());
}

/// The file that a detector names has no place in the detector's; its warnings stand where it is named.
#[test]
fn a_rule_in_a_file_of_its_own_is_looked_at_too() {
    let rule = "title: T\nstatus: deprecated\nlogsource: { product: aws, service: cloudtrail }\ndetection:\n  \
                a: { eventName|contains|all: Log, eventname: StopLogging }\n  condition: a\n";
    let read = |_: &DetectorFile, path: &str| -> Result<String, String> {
        assert_eq!(path, "rule.yml");
        Ok(rule.to_owned())
    };
    let options = Options { companions: Some(&read), ..Options::default() };
    let file = DetectorFile { path: "d.yaml".to_owned(), pack: None, text: detector_of("sigma: rule.yml") };
    let loaded = load_each(std::slice::from_ref(&file), &options);
    let found = lint(&file, &loaded[0], &options, TODAY);
    let mut codes: Vec<Code> = found.iter().map(|warning| warning.code).collect();
    codes.sort_unstable();
    assert_eq!(codes, [Code::UnknownField, Code::AllOfOne, Code::RuleStatus]);
    assert!(found.iter().all(|warning| warning.place == Place { line: 10, column: 8 }), "{found:?}");
}
