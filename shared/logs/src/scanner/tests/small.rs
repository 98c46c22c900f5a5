//! As much as an interpreter does in a minute or two: `make miri`.

use super::*;

#[test]
fn a_few_records_of_each_kind() {
    let mut scanners = Scanners::new();
    let escapes = format!(r#"{{"a":"{}\\\\\"\u00e4","b":{{"c":[1,true]}}}}"#, "x".repeat(55));
    let plain = [cases::RECORD, r#"{"a":1,"b":"c"}"#, r#"{"a":22,"b":"d"},{"e":"#, &escapes];
    for text in plain {
        assert!(scanners.check(text.as_bytes()).is_some(), "{text}");
    }
    for text in ["{", r#"{"a":01,"b":"c"}"#, r#"{"a":[1}"#, &cases::RECORD[..640]] {
        assert_eq!(scanners.check(text.as_bytes()), None, "{text}");
    }
}
