//! What there is to say about each warning: the page `docs/lints.md`, and the tests, are made of it.

use super::Code;

/// What there is to say about a warning.
#[derive(Debug, Clone, Copy)]
pub struct About {
    /// Its name.
    pub name: &'static str,
    /// What it finds.
    pub what: &'static str,
    /// Why that matters.
    pub why: &'static str,
    /// A filter pattern, a Sigma detection or some keys of a detector that it warns of.
    pub example: &'static str,
    /// The same without the warning.
    pub mended: &'static str,
}

impl Code {
    /// What there is to say about it.
    #[expect(clippy::too_many_lines, reason = "a table")]
    pub fn about(self) -> About {
        match self {
            Self::DiffersWhenAbsent => About {
                name: "differs-when-absent",
                what: "`!=` on a field that many records do not have, without `NOT EXISTS` beside it.",
                why: "Every comparison with an absent field is false, `!=` too: the records without the field are not \
                      found, and those are often the ones that matter. A field that another test asks to be there, \
                      or that an identity of the given type always has, is not warned of.",
                example: r#"{ ($.eventName = "ConsoleLogin") && ($.additionalEventData.MFAUsed != "Yes") }"#,
                mended: r#"{ ($.eventName = "ConsoleLogin") && (($.additionalEventData.MFAUsed != "Yes") || ($.additionalEventData.MFAUsed NOT EXISTS)) }"#,
            },
            Self::LiteralStar => About {
                name: "literal-star",
                what: "A `*` inside a value of a filter pattern.",
                why: "A star is a wildcard at the beginning and at the end of a value. Anywhere else it is a star, and \
                      next to no value has one.",
                example: r#"{ $.userIdentity.arn = "arn:aws:iam::*:user/deploy" }"#,
                mended: r"{ $.userIdentity.arn = %^arn:aws:iam::[0-9]+:user/deploy$% }",
            },
            Self::SingleQuotes => About {
                name: "single-quotes",
                what: "Single quotes around a value of a filter pattern.",
                why: "The language knows double quotes only. Single ones are characters of the value, which no value \
                      of a record has.",
                example: "{ $.eventName = 'ConsoleLogin' }",
                mended: r#"{ $.eventName = "ConsoleLogin" }"#,
            },
            Self::UnknownField => About {
                name: "unknown-field",
                what: "A field that CloudTrail does not have: at the top of a record, or in an object whose fields are \
                       all documented, such as `userIdentity`.",
                why: "Names of fields are case-sensitive, in Sigma rules too. A field that is never there satisfies no \
                      test but `NOT EXISTS`. Fields in `requestParameters` and its like depend on the service and are \
                      not looked at.",
                example: r#"{ $.sourceIpAddress = "192.0.2.10" }"#,
                mended: r#"{ $.sourceIPAddress = "192.0.2.10" }"#,
            },
            Self::WrongType => About {
                name: "wrong-type",
                what: "A test that no value of the field's type satisfies: a quoted text or a number for a boolean, \
                       `IS TRUE` or `<` for a string, a value for an object or an array.",
                why: "Such a test is never true, and `!=` is true whenever the field is there. Mind that `readOnly` and \
                      `managementEvent` are booleans, and `mfaAuthenticated` and `sessionCredentialFromConsole` are \
                      strings.",
                example: r#"{ $.readOnly = "false" }"#,
                mended: "{ $.readOnly IS FALSE }",
            },
            Self::UnknownEventSource => About {
                name: "unknown-event-source",
                what: "An `eventSource` that is nearly that of a service, and is that of none.",
                why: "A source is a service's short name and `.amazonaws.com`. Rules of EventBridge call it otherwise.",
                example: r#"{ ($.eventSource = "cloudtrails.amazonaws.com") && ($.eventName = "StopLogging") }"#,
                mended: r#"{ ($.eventSource = "cloudtrail.amazonaws.com") && ($.eventName = "StopLogging") }"#,
            },
            Self::UnknownEventName => About {
                name: "unknown-event-name",
                what: "An `eventName` that no service has, but one that is nearly the same; or that the given source \
                       does not have, where all of its events are known.",
                why: "CloudTrail writes an API call under the name of its operation, except for versions in the names \
                      of AWS Lambda and CloudFront, and names of S3 that are older than the API's. Names that resemble \
                      nothing are left alone: services record more than their public operations.",
                example: r#"{ ($.eventSource = "cloudtrail.amazonaws.com") && ($.eventName = "DeletTrail") }"#,
                mended: r#"{ ($.eventSource = "cloudtrail.amazonaws.com") && ($.eventName = "DeleteTrail") }"#,
            },
            Self::UnknownValue => About {
                name: "unknown-value",
                what: "A value that the field never has, where AWS documents all of them: `eventType`, \
                       `eventCategory`, `userIdentity.type`, `mfaAuthenticated`, `MFAUsed` and such.",
                why: "No record has it, so that the test is never true, or with `!=` always.",
                example: r#"{ $.eventType = "ConsoleSignIn" }"#,
                mended: r#"{ $.eventType = "AwsConsoleSignIn" }"#,
            },
            Self::ValueCase => About {
                name: "value-case",
                what: "A value that AWS writes in another case, in a filter pattern or in a Sigma rule with `cased`.",
                why: "Filter patterns are case-sensitive. Where the spelling of AWS stands beside it as well, nothing \
                      is said: then somebody meant both.",
                example: r#"{ $.userIdentity.type = "root" }"#,
                mended: r#"{ $.userIdentity.type = "Root" }"#,
            },
            Self::Contradiction => About {
                name: "contradiction",
                what: "Tests of one field that can never hold together.",
                why: "The pattern, or the branch in which they stand, finds nothing. Often an `&&` was meant to be an \
                      `||`.",
                example: r#"{ ($.eventName = "StopLogging") && ($.eventName = "DeleteTrail") }"#,
                mended: r#"{ ($.eventName = "StopLogging") || ($.eventName = "DeleteTrail") }"#,
            },
            Self::AlwaysTrue => About {
                name: "always-true",
                what: "Tests that are true of every value, or that follow from others which have to hold anyway.",
                why: "They leave nothing out, though somebody thought that they did. Of two `!=` joined with `||` one \
                      is always true; an `&&` was meant.",
                example: r#"{ ($.eventName != "AssumeRole") || ($.eventName != "GetCallerIdentity") }"#,
                mended: r#"{ ($.eventName != "AssumeRole") && ($.eventName != "GetCallerIdentity") }"#,
            },
            Self::DuplicateBranch => About {
                name: "duplicate-branch",
                what: "The same test or alternative twice.",
                why: "The second finds nothing that the first does not. Often another name was meant.",
                example: r#"{ ($.eventName = "CreateRoute") || ($.eventName = "DeleteRoute") || ($.eventName = "CreateRoute") }"#,
                mended: r#"{ ($.eventName = "CreateRoute") || ($.eventName = "DeleteRoute") || ($.eventName = "ReplaceRoute") }"#,
            },
            Self::SubsumedBranch => About {
                name: "subsumed-branch",
                what: "An alternative that another one covers.",
                why: "It finds nothing that the other does not. Either the other is wider than it was meant to be, or \
                      this one can go.",
                example: r#"{ ($.errorCode = "AccessDenied*") || ($.errorCode = "AccessDeniedException") }"#,
                mended: r#"{ $.errorCode = "AccessDenied*" }"#,
            },
            Self::IdleExclusion => About {
                name: "idle-exclusion",
                what: "An exclusion, or a `not` of a Sigma rule, that takes nothing out: what it asks for contradicts \
                       what the rule asks for.",
                why: "Whoever wrote it thinks that something is left out which is not, or the rule has changed since.",
                example: "pattern: '{ $.eventName = \"StopLogging\" }'\nexclude:\n  - name: Pipeline\n    owner: Platform\n    \
                          reason: It recreates trails.\n    expires: never\n    pattern: '{ $.eventName = \"CreateTrail\" }'\n",
                mended: "pattern: '{ $.eventName = \"StopLogging\" }'\nexclude:\n  - name: Pipeline\n    owner: Platform\n    \
                         reason: It recreates trails.\n    expires: never\n    pattern: '{ $.userIdentity.arn = \"*/pipeline\" }'\n",
            },
            Self::UnusedSearch => About {
                name: "unused-search",
                what: "A search identifier of a Sigma rule that no condition names.",
                why: "It is not part of what the rule finds. Often it is a filter that was forgotten in the condition.",
                example: "selection: { eventName: StopLogging }\nfilter: { userIdentity.invokedBy|exists: true }\ncondition: selection\n",
                mended: "selection: { eventName: StopLogging }\nfilter: { userIdentity.invokedBy|exists: true }\ncondition: selection and not filter\n",
            },
            Self::AllOfOne => About {
                name: "all-of-one",
                what: "The modifier `all` of a Sigma rule on a single value.",
                why: "`all` asks for every value of a list. With one value it says nothing; either values are missing \
                      or the modifier can go.",
                example: "selection: { userAgent|contains|all: truffle }\ncondition: selection\n",
                mended: "selection: { userAgent|contains: truffle }\ncondition: selection\n",
            },
            Self::RuleStatus => About {
                name: "rule-status",
                what: "A published Sigma rule with the status `deprecated` or `unsupported`.",
                why: "Its authors have given it up: a deprecated rule was replaced by another or found to be wrong.",
                example: "title: Trail stopped\nstatus: deprecated\nlogsource: { product: aws, service: cloudtrail }\n\
                          detection:\n  selection: { eventName: StopLogging }\n  condition: selection\n",
                mended: "title: Trail stopped\nstatus: stable\nlogsource: { product: aws, service: cloudtrail }\n\
                         detection:\n  selection: { eventName: StopLogging }\n  condition: selection\n",
            },
            Self::WrongNeeds => About {
                name: "wrong-needs",
                what: "A detector whose `needs` does not fit the events it names.",
                why: "A trail records management events only, unless it is told otherwise. If `needs` does not say \
                      `data`, nobody is told that the detector is blind; if it does for management events, a working \
                      detector is reported as blind.",
                example: "pattern: '{ ($.eventSource = \"s3.amazonaws.com\") && ($.eventName = \"GetObject\") }'\n",
                mended: "needs: data\npattern: '{ ($.eventSource = \"s3.amazonaws.com\") && ($.eventName = \"GetObject\") }'\n",
            },
            Self::NoAlarm => About {
                name: "no-alarm",
                what: "A detector that does not say whether there is to be an alarm.",
                why: "A count that nobody looks at finds nothing. `alarm: none` says that it is meant to be so. Of \
                      published Sigma rules, which cannot say it, `check` prints it with each rule.",
                example: "pattern: '{ $.eventName = \"StopLogging\" }'\nalarm:\n",
                mended: "pattern: '{ $.eventName = \"StopLogging\" }'\nalarm: none\n",
            },
            Self::ExpiredExclusion => About {
                name: "expired-exclusion",
                what: "An exclusion whose last day is over.",
                why: "It takes nothing out any more. Look at what it hid, then renew it or take it out.",
                example: "exclude:\n  - name: Drill\n    owner: Security\n    reason: The yearly drill.\n    \
                          expires: 2026-03-31\n    pattern: '{ $.sourceIPAddress = \"192.0.2.77\" }'\n",
                mended: "exclude:\n  - name: Drill\n    owner: Security\n    reason: The yearly drill.\n    \
                         expires: 2027-03-31\n    pattern: '{ $.sourceIPAddress = \"192.0.2.77\" }'\n",
            },
            Self::ExpiringExclusion => About {
                name: "expiring-exclusion",
                what: "An exclusion that ends within 30 days.",
                why: "What it takes out will count from then on, and may set off the alarm.",
                example: "exclude:\n  - name: Drill\n    owner: Security\n    reason: The yearly drill.\n    \
                          expires: 2026-12-01\n    pattern: '{ $.sourceIPAddress = \"192.0.2.77\" }'\n",
                mended: "exclude:\n  - name: Drill\n    owner: Security\n    reason: The yearly drill.\n    \
                         expires: 2027-03-31\n    pattern: '{ $.sourceIPAddress = \"192.0.2.77\" }'\n",
            },
            Self::UnusedAllow => About {
                name: "unused-allow",
                what: "A warning that `lint` allows and that does not occur.",
                why: "What it allowed is mended, or it stands in the wrong file. Left there, it would hide the next one.",
                example: "lint:\n  allow:\n    - code: literal-star\n      reason: The name has a star.\n\
                          pattern: '{ $.eventName = \"StopLogging\" }'\n",
                mended: "pattern: '{ $.eventName = \"StopLogging\" }'\n",
            },
        }
    }
}
