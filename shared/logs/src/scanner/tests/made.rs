//! Made records, and what is nearly one.

use super::*;

/// Pieces that make something like JSON more often than not.
fn soup() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        4 => Just("\"".to_owned()),
        3 => Just("{".to_owned()),
        3 => Just("}".to_owned()),
        2 => Just("[".to_owned()),
        2 => Just("]".to_owned()),
        3 => Just(",".to_owned()),
        3 => Just(":".to_owned()),
        4 => Just("\"a\":".to_owned()),
        3 => Just("\"b\"".to_owned()),
        2 => Just("\\".to_owned()),
        1 => Just("true".to_owned()),
        1 => Just("null".to_owned()),
        1 => "-?[0-9]{1,20}(\\.[0-9]{0,3})?",
        1 => Just("\\u00e4".to_owned()),
        1 => Just("ä".to_owned()),
        1 => "[ -~]{0,70}",
    ];
    prop::collection::vec(piece, 0..60).prop_map(|pieces| format!("{{{}", pieces.concat()).into_bytes())
}

/// A JSON value, minified.
fn value() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        Just("false".to_owned()),
        "-?(0|[1-9][0-9]{0,15})(\\.[0-9]{1,2})?".prop_filter("short", |number| number.len() <= 18),
        text(),
    ];
    leaf.prop_recursive(5, 60, 6, |inner| {
        prop_oneof![
            1 => prop::collection::vec(inner.clone(), 0..5).prop_map(|list| format!("[{}]", list.join(","))),
            3 => object(inner),
        ]
    })
}

fn object(inner: impl Strategy<Value = String> + 'static) -> impl Strategy<Value = String> {
    prop::collection::vec(("\"[a-zA-Zä{},:]{0,12}\"", inner), 0..6).prop_map(|members| {
        let members: Vec<String> = members.into_iter().map(|(key, value)| format!("{key}:{value}")).collect();
        format!("{{{}}}", members.join(","))
    })
}

fn text() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        6 => "[ !#-\\[\\]-~]{0,40}",
        1 => Just("\\\"".to_owned()),
        1 => Just("\\\\".to_owned()),
        1 => "\\\\u00[0-9a-f]{2}",
        1 => "[äß日🦀]{1,3}",
    ];
    prop::collection::vec(part, 0..4).prop_map(|parts| format!("\"{}\"", parts.concat()))
}

fn record() -> impl Strategy<Value = String> {
    object(value())
}

fn config() -> ProptestConfig {
    // What fails becomes a row of the tables.
    ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn made_records_are_plain(records in prop::collection::vec(record(), 1..4), behind in "[,\\]}]?[ -~]{0,80}") {
        let mut scanners = Scanners::new();
        for _ in 0..2 {
            for record in &records {
                let text = format!("{record}{behind}");
                let found = scanners.check(text.as_bytes());
                prop_assert_eq!(found.map(|(length, ..)| length), Some(record.len()));
            }
        }
    }

    #[test]
    fn changed_records_are_the_same_to_all(
        record in record(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), 0_u8..3, any::<u8>()), 1..4),
    ) {
        let mut scanners = Scanners::new();
        scanners.check(record.as_bytes());
        let mut bytes = record.into_bytes();
        for (at, what, byte) in changes {
            let at = at.index(bytes.len());
            // Mostly bytes that mean something.
            let byte = if byte < 200 { b"\"\\{}[],:0-.te u"[usize::from(byte) % 15] } else { byte };
            match what {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                _ if bytes.len() > 1 => drop(bytes.remove(at)),
                _ => {}
            }
            scanners.check(&bytes);
        }
    }

    #[test]
    fn soup_is_the_same_to_all(bytes in soup()) {
        Scanners::new().check(&bytes);
    }

    #[test]
    fn any_bytes_are_the_same_to_all(mut bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        bytes.insert(0, b'{');
        Scanners::new().check(&bytes);
    }
}
