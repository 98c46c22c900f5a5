//! The table of differences between the two engines.
//!
//! Most entries come with a rewriting: how to put the question to the other engine so that it takes
//! it as we do. A difference is explained if the other engine's answer to the rewritten question
//! is ours, and if the rewriting changes nothing for us. Whatever stays unexplained is a mistake of
//! one of the two, and fails a test.

use serde_json::Value;

use super::parts::Item;
use super::question::Question;
use super::rewrite;

/// Who is right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Right {
    /// Trailmeter, by the sentence that is quoted.
    Ours,
    /// rsigma, by the sentence that is quoted; Trailmeter deviates for a reason that is given.
    Theirs,
    /// The specification says nothing; the reason for what Trailmeter does is given.
    Open,
}

/// How an entry proves that it is behind a difference.
pub(super) enum Proof {
    /// The question as the other engine understands it; `None` if the entry does not apply.
    Asked(fn(&Item, &Value) -> Option<Question>),
    /// We refuse the rule, and say so in these words.
    Refused(&'static str),
    /// The engines make different things of the same searches if the condition is such a one.
    Condition(fn(&str) -> bool),
}

/// An entry of the table.
pub(super) struct Difference {
    pub(super) name: &'static str,
    /// What differs.
    pub(super) what: &'static str,
    pub(super) right: Right,
    /// The sentence of the specification, in quotes, or why there is none and what decides instead.
    pub(super) because: &'static str,
    /// A search, a record, and whether it matches for us: an example. With [`Proof::Condition`] it
    /// is a whole `detection`.
    pub(super) sample: (&'static str, &'static str, bool),
    pub(super) proof: Proof,
}

use Proof::{Asked, Condition, Refused};
use Right::{Open, Ours, Theirs};

/// Every difference there is. "Rules" are sentences of the rules specification 2.0.0, "Modifiers"
/// of its appendix on modifiers 2.1.0.
pub(super) const TABLE: &[Difference] = &[
    Difference {
        name: "object-as-delivered",
        what: "contains, wildcards at both ends and re on an object: rsigma never matches",
        right: Ours,
        because: "Modifiers, contains: \"the value is matched anywhere in the field\". An object has a text: the one \
                  that was delivered",
        sample: (r#"{"a|contains":"\"p\":1"}"#, r#"{"a":{"p":1}}"#, true),
        proof: Asked(rewrite::object_as_text),
    },
    Difference {
        name: "keyword-in-message",
        what: "keywords in names of fields, in numbers and booleans, and across both: rsigma looks into strings only",
        right: Ours,
        because: "Rules, lists: \"strings that are applied to the full log message\"",
        sample: (r#"["p\":5"]"#, r#"{"p":5}"#, true),
        proof: Asked(rewrite::message_as_text),
    },
    Difference {
        name: "keyword-all",
        what: "keywords under '|all' are whole values to rsigma",
        right: Ours,
        because: "Rules, keywords: \"It's a matter of searching for keywords across an entire event\"",
        sample: (r#"{"|all":["oo","ar"]}"#, r#"{"a":"foo","b":"bar"}"#, true),
        proof: Asked(rewrite::keywords_one_by_one),
    },
    Difference {
        name: "exists-null",
        what: "exists on a field that is null: rsigma says that there is none",
        right: Ours,
        because: "Modifiers, exists: \"this check only verifies the presence of a field, not its value, be it empty or \
                  null\"",
        sample: (r#"{"a|exists":true}"#, r#"{"a":null}"#, true),
        proof: Asked(rewrite::null_as_empty),
    },
    Difference {
        name: "null-in-list",
        what: "null in a list of values, of a field that is absent: rsigma matches it only if null stands alone",
        right: Ours,
        because: "Modifiers, all: \"lists of values are linked with OR\", so null matches there as it does alone",
        sample: (r#"{"a":[null,"foo"]}"#, "{}", true),
        proof: Asked(rewrite::absent_as_null),
    },
    Difference {
        name: "null-in-array",
        what: "null as an element of an array: rsigma does not look for it there, as it does for other values",
        right: Open,
        because: "Rules, special values: \"The application of these values depends on the target SIEM system\". One rule \
                  for arrays: any element counts",
        sample: (r#"{"a":null}"#, r#"{"a":["foo",null]}"#, true),
        proof: Asked(rewrite::null_element_as_field),
    },
    Difference {
        name: "wildcard-newline",
        what: "* and ? before, behind or on a line break: rsigma stops there",
        right: Ours,
        because: "Rules, wildcards: \"* to replace an unbounded length wildcard\", \"? to replace a single mandatory \
                  character\"",
        sample: (r#"{"a":"f*r"}"#, r#"{"a":"foo\nbar"}"#, true),
        proof: Asked(rewrite::newline_as_blank),
    },
    Difference {
        name: "wildcard-anchor",
        what: "a wildcard inside a value with startswith or endswith: rsigma ties down the wrong end",
        right: Ours,
        because: "Modifiers, startswith: \"The value is expected at the beginning of the field's content\"; endswith: \"at \
                  the end\"",
        sample: (r#"{"a|startswith":"f?o"}"#, r#"{"a":"foobar"}"#, true),
        proof: Asked(rewrite::open_end_as_star),
    },
    Difference {
        name: "neq-list",
        what: "neq with several values: rsigma is content if one of them differs",
        right: Ours,
        because: "Modifiers, neq: \"The field is different from the specified values\"",
        sample: (r#"{"a|neq":["foo","bar"]}"#, r#"{"a":"foo"}"#, false),
        proof: Asked(rewrite::neq_each),
    },
    Difference {
        name: "neq-ignored",
        what: "neq together with re, cidr, fieldref, gt and their like, or a part of a time: rsigma leaves it out",
        right: Ours,
        because: "Modifiers, neq: \"The field is different from the specified values\"; fieldref: \"Can be conbine with \
                  the `neq` modifier\"",
        sample: (r#"{"a|re|neq":"^f"}"#, r#"{"a":"foo"}"#, false),
        proof: Asked(rewrite::neq_as_not),
    },
    Difference {
        name: "number-as-text",
        what: "a number against a string that reads as the same number, such as 5 and \"5.0\" or 7 and \"007\": rsigma \
               compares them as numbers",
        right: Ours,
        because: "Rules, detection: \"All values are treated as case-insensitive strings\"",
        sample: (r#"{"a":7}"#, r#"{"a":"007"}"#, false),
        proof: Asked(rewrite::other_spelling_as_word),
    },
    Difference {
        name: "float-text",
        what: "the text of a number such as 5.0, 1e20 or one above 2^63: rsigma prints it anew, we take it as delivered",
        right: Open,
        because: "The specification knows strings and integers only. A value is read as it was delivered",
        sample: (r#"{"a":"5.0"}"#, r#"{"a":5.0}"#, true),
        proof: Asked(rewrite::float_as_text),
    },
    Difference {
        name: "boolean-words",
        what: "true and false against the strings yes, no, 1, 0: rsigma takes them for booleans",
        right: Ours,
        because: "Rules, detection: \"All values are treated as case-insensitive strings\"",
        sample: (r#"{"a":true}"#, r#"{"a":"yes"}"#, false),
        proof: Asked(rewrite::boolean_as_text),
    },
    Difference {
        name: "not-a-number",
        what: "gt and its like on strings such as inf: rsigma takes them for numbers",
        right: Ours,
        because: "Modifiers, numeric: they \"can only be applied to numeric values\"",
        sample: (r#"{"a|gt":5}"#, r#"{"a":"inf"}"#, false),
        proof: Asked(rewrite::infinite_as_word),
    },
    Difference {
        name: "fieldref-values",
        what: "fieldref with contains, startswith, endswith, on arrays, on null, on objects and on numbers: rsigma refuses \
               the first and compares the others as wholes",
        right: Open,
        because: "Modifiers, fieldref: \"can be used to compare fields of matched events directly\", and no more. As with \
                  any value: case does not count, arrays are looked into, null and objects are the same as nothing",
        sample: (r#"{"a|endswith|fieldref":"b"}"#, r#"{"a":"user/alice","b":"Alice"}"#, true),
        proof: Asked(rewrite::reference_as_value),
    },
    Difference {
        name: "expand-list",
        what: "a placeholder is a list of values that the user gives; to rsigma's evaluator it is another field of the event",
        right: Ours,
        because: "Rules, placeholders: \"Replacement of placeholders with a single, multiple or-linked values or patterns\"",
        sample: (r#"{"a|expand":"%names%"}"#, r#"{"a":"bar","names":"alice"}"#, true),
        proof: Asked(rewrite::placeholder_as_list),
    },
    Difference {
        name: "base64offset-inner",
        what: "base64offset: rsigma's variants keep a last character that depends on what follows the value, and find it \
               in half of the cases",
        right: Ours,
        because: "Modifiers, base64offset: \"except the first and last byte the encoded values have a static part in the \
                  middle\"",
        sample: (r#"{"a|base64offset|contains":"foobar!"}"#, r#"{"a":"Zm9vYmFyIXg="}"#, true),
        proof: Asked(rewrite::offsets_as_values),
    },
    Difference {
        name: "encodings-chained",
        what: "several encodings of a kind: rsigma refuses them",
        right: Ours,
        because: "Rules, value modifiers: they \"can also be chained\" and \"are applied in the given order\"",
        sample: (r#"{"a|base64|base64offset|contains":"foo"}"#, r#"{"a":"Wm05dg=="}"#, true),
        proof: Asked(rewrite::chain_as_values),
    },
    Difference {
        name: "encoded-number",
        what: "base64 and its like, and windash, of a number or boolean: rsigma leaves the modifier out",
        right: Ours,
        because: "Rules, detection: \"All values are treated as case-insensitive strings\"",
        sample: (r#"{"a|base64":5}"#, r#"{"a":"NQ=="}"#, true),
        proof: Asked(rewrite::number_as_string),
    },
    Difference {
        name: "windash-all",
        what: "windash: rsigma replaces - only, and takes wildcards for characters",
        right: Ours,
        because: "Modifiers, windash: \"converts the aforementioned characters interchangeably\", of which / and the three \
                  longer dashes are part",
        sample: (r#"{"a|windash":"/foo"}"#, r#"{"a":"-foo"}"#, true),
        proof: Asked(rewrite::dashes_spelled_out),
    },
    Difference {
        name: "time-as-written",
        what: "parts of a time: rsigma converts zones, takes numbers for seconds since 1970, refuses gt and its like",
        right: Ours,
        because: "Modifiers, time: \"It is not designed to handle timezone or format conversions\"",
        sample: (r#"{"a|hour":22}"#, r#"{"a":"2026-11-21T22:05:09+03:00"}"#, true),
        proof: Asked(rewrite::time_as_number),
    },
    Difference {
        name: "anchors-together",
        what: "contains, startswith and endswith together: rsigma refuses them",
        right: Ours,
        because: "Rules, value modifiers: they \"can also be chained\". Open at both ends is contains",
        sample: (r#"{"a|startswith|endswith":"oo"}"#, r#"{"a":"foobar"}"#, true),
        proof: Asked(rewrite::anchors_as_contains),
    },
    Difference {
        name: "cidr-host",
        what: "an address without a prefix length as a network: rsigma refuses it",
        right: Open,
        because: "Modifiers, cidr: \"handled as an CIDR\". An address is a network of one",
        sample: (r#"{"a|cidr":"192.0.2.7"}"#, r#"{"a":"192.0.2.7"}"#, true),
        proof: Asked(rewrite::host_as_network),
    },
    Difference {
        name: "all-of-one",
        what: "all with a single value: rsigma refuses the rule",
        right: Theirs,
        because: "Modifiers, all: \"Single item values are not allowed to have an `all` modifier as some back-ends cannot \
                  support it\". We can, and it means what it says",
        sample: (r#"{"a|contains|all":"oo"}"#, r#"{"a":"foo"}"#, true),
        proof: Asked(rewrite::without_all),
    },
    Difference {
        name: "dotted-name",
        what: "a name with a dot at the top of a record: rsigma prefers it to the field of a field",
        right: Open,
        because: "The specification knows no fields of fields. CloudTrail has no such name at the top of a record",
        sample: (r#"{"f.g":"foo"}"#, r#"{"f.g":"bar","f":{"g":"foo"}}"#, true),
        proof: Asked(rewrite::without_dotted_name),
    },
    Difference {
        name: "selector-stars",
        what: "1 of and all of with more than one star: rsigma knows one star",
        right: Ours,
        because: "Rules, condition: \"Matching is done with * wildcards (any number of characters) at arbitrary positions \
                  in the pattern\"",
        sample: (r#"{"sel_a":{"a":1},"a_sel":{"c":1},"condition":"1 of *sel*"}"#, r#"{"a":1,"c":1}"#, true),
        proof: Condition(|condition| {
            condition.split([' ', '(', ')']).any(|word| word.matches('*').count() > 1)
        }),
    },
    Difference {
        name: "refused-nothing-selected",
        what: "1 of and all of a pattern that names no search: rsigma takes all of nothing for true",
        right: Open,
        because: "The specification says nothing; a condition on nothing hides a mistake",
        sample: (r#"{"sel":{"a":1},"condition":"sel or all of x*"}"#, r#"{"a":1,"c":1}"#, true),
        proof: Refused("which names no search"),
    },
    Difference {
        name: "refused-count",
        what: "2 of a pattern, and so on: rsigma counts",
        right: Ours,
        because: "Rules, condition: \"1/all of search-identifier-pattern\", and no other number",
        sample: (r#"{"sel_a":{"a":1},"sel_b":{"c":1},"condition":"2 of sel_*"}"#, r#"{"a":1,"c":1}"#, true),
        proof: Refused("Sigma knows 1 of and all of"),
    },
    Difference {
        name: "refused-keyword-null",
        what: "null, exists and neq without a field: rsigma never matches them",
        right: Ours,
        because: "Modifiers, exists: \"a certain field has to exist\"; neq: \"The field is different\"",
        sample: ("[null]", "{}", false),
        proof: Refused("are asked of a field"),
    },
    Difference {
        name: "refused-wildcard-encoded",
        what: "base64 of a value with wildcards: rsigma encodes the star",
        right: Ours,
        because: "Rules, wildcards: \"* to replace an unbounded length wildcard\". It has no encoding; pySigma refuses it too",
        sample: (r#"{"a|base64":"f*"}"#, "{}", false),
        proof: Refused("cannot be encoded"),
    },
    Difference {
        name: "refused-short",
        what: "base64offset of a value of less than two bytes: rsigma looks for characters that are not its own",
        right: Ours,
        because: "Modifiers, base64offset: \"except the first and last byte the encoded values have a static part in the \
                  middle\". Here is none",
        sample: (r#"{"a|base64offset|contains":"x"}"#, "{}", false),
        proof: Refused("too short for base64offset"),
    },
    Difference {
        name: "refused-bytes",
        what: "wide, utf16 and their like without base64: rsigma leaves them out",
        right: Ours,
        because: "Modifiers, utf16le: \"Transforms value to UTF16-LE encoding\". No JSON holds such bytes",
        sample: (r#"{"a|wide":"foo"}"#, "{}", false),
        proof: Refused("add base64 or base64offset"),
    },
    Difference {
        name: "refused-order",
        what: "encodings behind contains, startswith, endswith or windash: rsigma puts them in an order of its own",
        right: Ours,
        because: "Rules, value modifiers: \"The value modifiers are applied in the given order to the value\"",
        sample: (r#"{"a|contains|base64":"foo"}"#, "{}", false),
        proof: Refused("stand before contains"),
    },
    Difference {
        name: "refused-flag",
        what: "i, m and s before re: rsigma takes them in any order",
        right: Ours,
        because: "Rules, value modifiers: \"The value modifiers are applied in the given order\", and these are \"`re` \
                  sub-modifiers\"",
        sample: (r#"{"a|i|re":"foo"}"#, "{}", false),
        proof: Refused("stands behind re"),
    },
    Difference {
        name: "refused-null",
        what: "null with a modifier: rsigma leaves the modifier out",
        right: Ours,
        because: "Rules, special values: \"A null value is defined with `null`\". It has no beginning, no encoding and no case",
        sample: (r#"{"a|contains":null}"#, "{}", false),
        proof: Refused("null goes with no modifier"),
    },
    Difference {
        name: "refused-exists",
        what: "exists with anything but one boolean: rsigma takes the first value, or true",
        right: Ours,
        because: "Modifiers, exists: \"by providing a boolean value\"",
        sample: (r#"{"a|exists":"maybe"}"#, "{}", false),
        proof: Refused("exists takes true or false"),
    },
    Difference {
        name: "refused-exists-modified",
        what: "exists with neq, all, expand or cased: rsigma leaves them out",
        right: Ours,
        because: "Modifiers, exists: \"a certain field has to exist or must not exist\", and no more",
        sample: (r#"{"a|exists|neq":true}"#, "{}", false),
        proof: Refused("exists stands alone"),
    },
    Difference {
        name: "refused-cased",
        what: "cased with re, cidr, exists and comparisons: rsigma leaves it out",
        right: Ours,
        because: "Modifiers, cased: \"Values are applied case sensitively\"; re: \"case-sensitive by default\"",
        sample: (r#"{"a|re|cased":"foo"}"#, "{}", false),
        proof: Refused("cased is for plain values"),
    },
    Difference {
        name: "refused-twice",
        what: "a kind of value twice, such as re with cidr: rsigma drops one of them or takes one twice",
        right: Open,
        because: "The specification says nothing; nothing is dropped in silence",
        sample: (r#"{"a|exists|exists":true}"#, "{}", false),
        proof: Refused("do not go together"),
    },
    Difference {
        name: "refused-type",
        what: "a boolean as an expression, a network, a field or a number: rsigma takes its letters",
        right: Open,
        because: "Modifiers, re and fieldref: \"can only be applied to string values\", \"a plain string\"",
        sample: (r#"{"a|re":5}"#, "{}", false),
        proof: Refused("is no value for this modifier"),
    },
    Difference {
        name: "refused-empty",
        what: "an empty list of values: rsigma runs a rule that can never match",
        right: Open,
        because: "The specification says nothing; a rule that cannot match hides a mistake",
        sample: (r#"{"a":[]}"#, "{}", false),
        proof: Refused("so that nothing could match it"),
    },
];
