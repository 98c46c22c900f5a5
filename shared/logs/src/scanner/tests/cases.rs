//! Tables: what is plain, what is odd, and each of it at every place of a block.

use super::*;

pub(super) const RECORD: &str = r#"{"eventVersion":"1.11","userIdentity":{"type":"IAMUser","arn":"arn:aws:iam::111122223333:user/anna","sessionContext":{"attributes":{"mfaAuthenticated":"false"}}},"eventTime":"2026-03-14T09:05:00Z","eventName":"PutObject","userAgent":"[aws-cli/2.15 {x86} \"quoted\" \\]","errorMessage":null,"requestParameters":{"policy":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\"}]}","acl":[],"items":[{"a":1},{"b":[true,false]}]},"responseElements":{},"readOnly":false,"bytes":1234567890,"share":-0.25,"tags":{"straße":"\u00e4\n日本"},"resources":[{"ARN":"arn:aws:s3:::logs","type":"AWS::S3::Bucket"},{"accountId":"111122223333"}],"managementEvent":true}"#;

#[test]
fn a_plain_record_is_found_with_its_members() {
    let mut scanners = Scanners::new();
    let found = scanners.check(br#"{"a":1,"b":{"c":[{"d":{}}],"e":null}},{"#);
    assert_eq!(found, Some((37, 5, vec![(4, false), (10, false), (15, true), (30, true)])));
    let (length, depth, members) = scanners.check(RECORD.as_bytes()).unwrap();
    assert_eq!((length, depth, members.len()), (RECORD.len(), 5, 21));
}

#[test]
fn records_are_plain() {
    let mut scanners = Scanners::new();
    let nested = format!("{}1{}", r#"{"a":"#.repeat(62), "}".repeat(62));
    let arrays = format!(r#"{{"a":{}{}}}"#, "[".repeat(61), "]".repeat(61));
    let long = format!(r#"{{"a":"{}","b":"c"}}"#, "x".repeat(20_000));
    let many = format!("{{{}}}", vec![r#""":1"#; 2000].join(","));
    for text in [
        "{}",
        r#"{"":""}"#,
        r#"{"":{"":{}}}"#,
        r#"{"a":[]}"#,
        r#"{"a":[[],{},"",1,null]}"#,
        r#"{"a":true,"b":false,"c":null}"#,
        r#"{"a":0,"b":-0,"c":10,"d":-1.5,"e":0.05,"f":123456789012345678}"#,
        r#"{"a":1,"a":2,"a":{"b":1,"b":2}}"#,
        r#"{"a":"\"\\\/\b\f\n\r\t\u0041\uFfFf"}"#,
        r#"{"a":"\ud83e\udd80\uD83E\uDD80"}"#,
        r#"{"a":"\\ud83e"}"#,
        r#"{"a":"{\"Records\":[{\"a\":1}]}"}"#,
        r#"{"a":"],}:{[,\\"}"#,
        r#"{"a":{"b":{"with \" escape":1}}}"#,
        r#"{"a":[{"\\":1}]}"#,
        "{\"ä\":\"\u{7f}日本語🦀\"}",
        "{\"a\":\"\u{7f}\"}",
        &nested,
        &arrays,
        &long,
        &many,
    ] {
        let found = scanners.check(text.as_bytes());
        assert_eq!(found.map(|(length, ..)| length), Some(text.len()), "{}", &text[..text.len().min(200)]);
        // Whatever follows.
        for behind in [",", "]", "}", "\n", "\"", "\\", "\u{1}", "1", ":", ",{\"a\":", "ä", "{{{{"] {
            let more = format!("{text}{behind}");
            let found = scanners.check(more.as_bytes());
            assert_eq!(found.map(|(length, ..)| length), Some(text.len()), "before {behind}");
        }
    }
}

const ODD: &[&str] = &[
    "",
    " {}",
    "[]",
    "1",
    "null",
    "\"\"",
    "{",
    "}",
    "{,}",
    "{:}",
    "{1}",
    "{]",
    "{[]}",
    "{{}}",
    "{null}",
    r#"{"a"}"#,
    r#"{"a":}"#,
    r#"{"a":,}"#,
    r#"{"a"::1}"#,
    r#"{"a",1}"#,
    r#"{"a" 1}"#,
    r#"{"a"1}"#,
    r#"{"a""b"}"#,
    r#"{"a""b":1}"#,
    r#"{"a":"b":1}"#,
    r#"{"a":"b"c}"#,
    r#"{"a":"b""c"}"#,
    r#"{"a":1"b":2}"#,
    r#"{"a":1,}"#,
    r#"{"a":1,,"b":2}"#,
    r#"{"a":1,2}"#,
    r#"{"a":1,"b"}"#,
    r#"{"a":1,{}}"#,
    r#"{"a":1:2}"#,
    r#"{,"a":1}"#,
    r#"{"a":{}"b":1}"#,
    r#"{"a":{}{}}"#,
    r#"{"a":{},}"#,
    r#"{"a":{"b":1]}"#,
    r#"{"a":[1}]"#,
    r#"{"a":[1}}"#,
    r#"{"a":[1,]}"#,
    r#"{"a":[,1]}"#,
    r#"{"a":[,]}"#,
    r#"{"a":[1 2]}"#,
    r#"{"a":["b":1]}"#,
    r#"{"a":[1:2]}"#,
    r#"{"a":[:]}"#,
    r#"{"a":[{]}]}"#,
    r#"{"a":[]]}"#,
    r#"{"a":tru}"#,
    r#"{"a":truex}"#,
    r#"{"a":true1}"#,
    r#"{"a":true }"#,
    r#"{"a":True}"#,
    r#"{"a":nul}"#,
    r#"{"a":nulll}"#,
    r#"{"a":falsey}"#,
    r#"{"a":true"b"}"#,
    r#"{"a":NaN}"#,
    r#"{"a":01}"#,
    r#"{"a":00}"#,
    r#"{"a":-}"#,
    r#"{"a":-01}"#,
    r#"{"a":--1}"#,
    r#"{"a":+1}"#,
    r#"{"a":.5}"#,
    r#"{"a":1.}"#,
    r#"{"a":1.2.3}"#,
    r#"{"a":1e5}"#,
    r#"{"a":1E400}"#,
    r#"{"a":0x10}"#,
    r#"{"a":1_0}"#,
    r#"{"a":1234567890123456789}"#,
    r#"{"a":1-2}"#,
    "{true:1}",
    r#"{"\u0061":1}"#,
    r#"{"a":{"\\":1}}"#,
    r#"{"a\"b":1}"#,
    r#"{"a":{"\"":1}}"#,
    r#"{"a":"\x"}"#,
    r#"{"a":"\u12g4"}"#,
    r#"{"a":"\u12"}"#,
    r#"{"a":"\ud83e"}"#,
    r#"{"a":"\ud83e\u0041"}"#,
    r#"{"a":"\ud83e\ud83e"}"#,
    r#"{"a":"\ud83e \udd80"}"#,
    r#"{"a":"\ud83e\n"}"#,
    r#"{"a":"\\ud83e\udd80"}"#,
    r#"{"a":"\ud83e\\udd80"}"#,
    r#"{"a":"\ud83e\udd80\udd80"}"#,
    r#"{"a":"\uDC00"}"#,
    r#"{"a":\"b"}"#,
    r#"{"a":1\}"#,
    r#"{\"a":1}"#,
    r#"{"a":"b\"}"#,
    "{\"a\":\"\u{1f}\"}",
    "{\"a\":\"\0\"}",
    "{\"a\":\"\n\"}",
    "{\"a\"\t:1}",
    "{ }",
    "{\"a\": 1}",
    "{\"a\":1\n}",
    "{\"a\":ä}",
    "{ä}",
];

#[test]
fn records_are_odd() {
    let mut scanners = Scanners::new();
    let nested = format!("{}1{}", r#"{"a":"#.repeat(63), "}".repeat(63));
    let deeper = format!("{}1{}", r#"{"a":"#.repeat(200), "}".repeat(200));
    let arrays = format!(r#"{{"a":{}{}}}"#, "[".repeat(62), "]".repeat(62));
    let digits = format!(r#"{{"a":{}}}"#, "1".repeat(400));
    let more = [&nested, &deeper, &arrays, &digits].map(String::as_str);
    for text in ODD.iter().copied().chain(more) {
        assert_eq!(scanners.check(text.as_bytes()), None, "{text}");
    }
    assert_eq!(scanners.check(b"{\"a\":\"\xff\"}"), None);
    assert_eq!(scanners.check(b"{\"a\":\"\xe6\x97\"}"), None);
    assert_eq!(scanners.check(b"{\"a\":\"\xc0\xaf\"}"), None);
}

#[test]
fn no_part_of_a_record_is_plain() {
    let mut scanners = Scanners::new();
    for length in 0..RECORD.len() {
        assert_eq!(scanners.check(&RECORD.as_bytes()[..length]), None);
    }
}

#[test]
fn the_end_of_the_bytes_may_be_anywhere_behind() {
    let mut scanners = Scanners::new();
    let bytes = [RECORD, ",", RECORD].concat();
    for length in RECORD.len()..RECORD.len() + 130 {
        let found = scanners.check(&bytes.as_bytes()[..length]);
        assert_eq!(found.map(|(length, ..)| length), Some(RECORD.len()));
    }
}

/// Each piece is moved through two blocks, byte by byte, in front of and behind others.
#[test]
fn blocks_may_end_anywhere() {
    let mut scanners = Scanners::new();
    let pieces = [
        (r#""b":"c""#, true),
        (r#""b":{}"#, true),
        (r#""b":[]"#, true),
        (r#""b":{"c":{"d":[{"e":"f"}]}}"#, true),
        (r#""b":true"#, true),
        (r#""b":false"#, true),
        (r#""b":null"#, true),
        (r#""b":-12345.678"#, true),
        (r#""b":123456789012345678"#, true),
        (r#""b":"\\\\\\\\\\\"\\""#, true),
        (r#""b":"\u00e4\"\u0041""#, true),
        (r#""b":"\ud83e\udd80\\ud83e""#, true),
        (r#""b":"\ud83e\ud83e\udd80""#, false),
        (r#""b":"日本語""#, true),
        (r#""b":"\\\\\\\\\\\"#, false),
        (r#""b":1234567890123456789"#, false),
        (r#""b":01"#, false),
        (r#""b":truetrue"#, false),
        (r#""b":nul"#, false),
        (r#""b":"c""d""#, false),
        (r#""b":"c","#, false),
        (r#""b""#, false),
        (r#""b":[1}"#, false),
        (r#""b":{"c":1]"#, false),
        (r#""b":["c":1]"#, false),
        (r#""b\n":1"#, false),
        (r#""b":"\u00g0""#, false),
        (r#""b":"\ud800""#, false),
        (r#""b":{},}"#, false),
        ("\"b\":\"\u{2}\"", false),
        ("\"b\": 1", false),
    ];
    for (piece, is_plain) in pieces {
        for before in 0..130 {
            let text = format!(r#"{{"a":"{}",{piece},"z":{{"y":"x"}}}}"#, "-".repeat(before));
            assert_eq!(scanners.check(text.as_bytes()).is_some(), is_plain, "{text}");
            let text = format!(r#"{{"a":"{}",{piece}}},{{"a":"#, "-".repeat(before));
            assert_eq!(scanners.check(text.as_bytes()).is_some(), is_plain, "{text}");
        }
    }
}

/// One changed byte makes it odd or leaves it plain, but all say the same.
#[test]
fn every_byte_may_be_another() {
    let mut scanners = Scanners::new();
    for at in (0..RECORD.len()).step_by(5) {
        for byte in *b"\"\\{}[]:, 0t\x00\x80" {
            let mut bytes = RECORD.as_bytes().to_vec();
            bytes[at] = byte;
            scanners.check(&bytes);
        }
    }
}

#[test]
fn what_is_remembered_is_not_taken_for_another() {
    let mut scanners = Scanners::new();
    let alike = [
        r#"{"a":1,"b":"c"}"#,
        r#"{"a":12,"b":"c"}"#,
        r#"{"a":01,"b":"c"}"#,
        r#"{"a":1234567890123456789,"b":"c"}"#,
        r#"{"a":0,"b":"c"}"#,
        r#"{"a":"1","b":"c"}"#,
        r#"{"a":,"b":"c"}"#,
        r#"{"a":1,"b":"\u0041"}"#,
        r#"{"a":1,"\b":"c"}"#,
        r#"{"a":1,"b":"\c"}"#,
        r#"{"a":1,"b":"ä"}"#,
        r#"{"a":1,"b":"c"}}"#,
        r#"{"a":1.5,"b":"c"}"#,
        r#"{"a":1.05,"b":"c"}"#,
        r#"{"a":-1,"b":"c"}"#,
        r#"{"a":-01,"b":"c"}"#,
    ];
    for _ in 0..3 {
        for text in alike {
            scanners.check(text.as_bytes());
        }
    }
}

/// More than are kept: the oldest are forgotten.
#[test]
fn memory_is_bounded() {
    let mut scanners = Scanners::new();
    for _ in 0..2 {
        for number in 0..2048_usize {
            let list: Vec<&str> =
                (0..11).map(|bit| if number >> bit & 1 == 1 { "[]" } else { "{}" }).collect();
            let text = format!(r#"{{"a":[{}],"b":{{"c":1}}}}"#, list.join(","));
            assert!(scanners.check(text.as_bytes()).is_some());
        }
    }
}

#[test]
fn every_machine_has_a_scanner() {
    assert!(RecordScanner::with_backend(Backend::Bytewise).is_some());
    let has_others = !Scanners::new().others.is_empty();
    assert_eq!(has_others, cfg!(any(target_arch = "x86_64", target_arch = "aarch64")));
}

/// A record with this text and this number in it.
type Form<'f> = &'f dyn Fn(&str, &str) -> String;

/// What is learnt of one record is used for the next, so every value is put into the place of every other.
#[test]
fn records_of_one_shape_are_told_apart_by_their_values() {
    let lengths = [0, 1, 7, 20, 31, 32, 33, 61, 62, 63, 64, 65, 70, 126, 127, 128, 129, 200];
    let mut texts: Vec<String> = lengths.iter().map(|&length| "x".repeat(length)).collect();
    for part in [
        "\\\"",
        "\\\\",
        "\\u00e4",
        "\\ud83e\\udd80",
        "\\ud83e",
        "\\q",
        "\\",
        "\n",
        "\u{7f}",
        "ä",
        "日本",
        "}",
        ":",
        "\":\"",
    ] {
        for before in [0, 1, 30, 62, 63, 64, 65, 127] {
            texts.push(format!("{}{part}", "y".repeat(before)));
            texts.push(format!("{}{part}{}", "y".repeat(before), "z".repeat(70)));
        }
    }
    let numbers = [
        "0",
        "7",
        "00",
        "01",
        "10",
        "1234567",
        "12345678",
        "0123456789",
        "123456789012345678",
        "1234567890123456789",
        "",
        "-",
        "1e5",
        "1.",
        ".5",
        "x",
        "12345678.5",
        "1.12345678",
        "12.",
        "--1",
        "1-",
        "\"\"",
        "true",
    ];
    let forms: [Form<'_>; 6] = [
        &|text, number| format!(r#"{{"a":"{text}","b":{number},"c":"d"}}"#),
        &|text, number| format!(r#"{{"a":-{number},"b":["{text}","e"],"c":{{"d":"{text}"}}}}"#),
        &|text, number| format!(r#"{{"a":{number}.5,"b":"{text}"}}"#),
        &|text, number| format!(r#"{{"a":"{text}","b":0.{number}}}"#),
        &|text, number| format!(r#"{{"a":{{"b":[{number},{number}],"c":null}},"{text}":1}}"#),
        &|text, number| format!(r#"{{"a":[{{"b":"{text}"}},{{"b":"{text}"}}],"c":{number}}}"#),
    ];
    for form in forms {
        let mut scanners = Scanners::new();
        scanners.check(form("one", "1").as_bytes());
        for text in &texts {
            scanners.check(form(text, "2").as_bytes());
        }
        for number in numbers {
            scanners.check(form("two", number).as_bytes());
        }
        // The other way round, so that others are learnt first.
        let mut scanners = Scanners::new();
        for text in texts.iter().rev() {
            scanners.check(form(text, "3").as_bytes());
        }
        for number in numbers.iter().rev() {
            scanners.check(form("three", number).as_bytes());
        }
    }
}

/// More shapes than there is room for: what is forgotten is learnt anew.
#[test]
fn any_number_of_shapes_is_met() {
    let mut scanners = Scanners::new();
    for at in 0..3000 {
        let record = format!(r#"{{"k{at}":"a","l":{{"m{}":1}}}}"#, at % 7);
        assert!(scanners.check(record.as_bytes()).is_some());
    }
}

/// The numbers of shapes are what users remember them by.
#[test]
fn a_shape_is_known_by_its_number_in_every_scanner() {
    let Some(mut one) =
        RecordScanner::with_backend(Backend::Sse2).or(RecordScanner::with_backend(Backend::Neon))
    else {
        return;
    };
    let mut other = RecordScanner::new();
    let shape = |scanner: &mut RecordScanner, record: &str| {
        assert!(matches!(scanner.scan(record.as_bytes()), Scanned::Plain { .. }));
        scanner.members().shape()
    };
    assert_eq!(shape(&mut one, r#"{"a":"b"}"#), None, "met for the first time");
    let known = shape(&mut one, r#"{"a":"c"}"#);
    assert!(known.is_some());
    assert_eq!(shape(&mut one, r#"{"a":"dd"}"#), known);
    assert_eq!(shape(&mut one, r#"{"a":1}"#), None);
    assert_ne!(shape(&mut one, r#"{"a":2}"#), known);
    shape(&mut other, r#"{"a":"b"}"#);
    assert_ne!(shape(&mut other, r#"{"a":"b"}"#), known);
}

/// A name leads to the rest of its records, and a second look at any of them knows its shape.
#[test]
fn records_with_names_have_shapes_of_their_own() {
    let record = |name: &str, rest: &str| {
        format!(
            r#"{{"userIdentity":{{"type":"{name}","arn":"a"}},"eventSource":"{name}","eventName":"{name}","errorCode":"e",{rest}}}"#
        )
    };
    let names: Vec<String> = (1..70)
        .map(|length| "N".repeat(length))
        .chain([String::new(), "a\\u0062".to_owned(), "ä".to_owned()])
        .collect();
    let rests = [r#""a":"b""#, r#""a":1"#, r#""b":{"c":"d"}"#, r#""a":"b","c":null"#];
    let mut scanners = Scanners::new();
    let mut known = RecordScanner::new();
    for _ in 0..2 {
        for name in &names {
            for rest in rests {
                scanners.check(record(name, rest).as_bytes());
                known.scan(record(name, rest).as_bytes());
            }
        }
    }
    if known.members().shape().is_none() {
        return;
    }
    let mut shapes = Vec::new();
    for name in &names {
        for rest in rests {
            known.scan(record(name, rest).as_bytes());
            let shape = known.members().shape();
            // What is too long or escaped is no name.
            assert_eq!(shape.is_some(), name.len() <= 64 && !name.contains('\\'), "{name}");
            shapes.extend(shape.map(|shape| shape.number));
        }
    }
    let count = shapes.len();
    shapes.sort_unstable();
    shapes.dedup();
    assert_eq!(shapes.len(), count, "each has its own");
}

/// Its shape is known, and the bytes end within a string, a number, what it shares or a name.
#[test]
fn a_known_record_may_be_cut_off_anywhere() {
    let mut scanners = Scanners::new();
    let error = r#"{"userIdentity":{"type":"Root"},"eventName":"A","a":[-12.5,0.25,7],"b":123456789012}"#;
    for record in [RECORD, error, r#"{"a":1}"#] {
        for _ in 0..2 {
            assert!(scanners.check(record.as_bytes()).is_some());
        }
        for end in 0..record.len() {
            assert_eq!(
                scanners.check(&record.as_bytes()[..end]),
                None,
                "{}",
                &record.as_bytes()[..end].escape_ascii()
            );
        }
    }
}
