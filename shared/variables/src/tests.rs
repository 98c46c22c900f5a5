//! Each kind of value, as it is set, as it is not, and as it should not be.

use super::*;

fn lookup(name: &str) -> Option<String> {
    let value = match name {
        "WORD" => "  a word ",
        "EMPTY" => " ",
        "LIST" => "a, b,,c ",
        "NUMBER" => "7",
        "YES" => "yes",
        "NO" => "no",
        _ => return None,
    };
    Some(value.to_owned())
}

fn variables() -> Variables<'static> {
    Variables::new(&lookup)
}

#[test]
fn values_come_without_blanks_and_empty_ones_are_unset() {
    assert_eq!(variables().get("WORD").as_deref(), Some("a word"));
    assert_eq!(variables().list("LIST"), Some(vec!["a".to_owned(), "b".to_owned(), "c".to_owned()]));
    for unset in ["EMPTY", "NOWHERE"] {
        assert_eq!((variables().get(unset), variables().list(unset)), (None, None));
        assert_eq!(variables().number(unset, 1..=2), Ok(None));
        assert_eq!((variables().flag(unset, true), variables().flag(unset, false)), (Ok(true), Ok(false)));
        let error = variables().required(unset).unwrap_err().to_string();
        assert_eq!(error, format!("{unset} is not set: the template sets it"));
    }
}

#[test]
fn values_that_cannot_be_used_are_refused_by_name_and_not_repeated() {
    assert_eq!(variables().number("NUMBER", 7..=7), Ok(Some(7)));
    assert_eq!((variables().flag("YES", false), variables().flag("NO", true)), (Ok(true), Ok(false)));
    let bounds = "is no whole number from 0 to 6";
    for (error, problem) in [
        (variables().number("NUMBER", 0..=6).map(|_| ()), bounds),
        (variables().number("WORD", 0..=6).map(|_| ()), bounds),
        (variables().flag("WORD", true).map(|_| ()), "is neither yes nor no"),
    ] {
        let error = error.unwrap_err();
        assert_eq!(error.problem, problem);
        assert!(!error.to_string().contains("a word"), "{error}");
    }
}
