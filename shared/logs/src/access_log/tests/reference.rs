//! A slow reading of a line: over its words, and by looking at every one of them.

use crate::record::Malformed;

/// The fields by their place, as texts; the last is what is behind those that are known.
pub(super) type Fields = Vec<Option<String>>;

pub(super) fn parse(line: &str) -> Result<Fields, Malformed> {
    let words: Vec<&str> = line.split(' ').collect();
    let mut at = 0;
    let mut fields = Vec::new();
    for _ in 0..2 {
        fields.push(word(&words, &mut at)?);
    }
    let Some(first) = words.get(at) else { return Err(Malformed::TooFewFields) };
    let second = words.get(at + 1).filter(|_| words.len() > at + 2);
    match (first.strip_prefix('['), second.and_then(|second| second.strip_suffix(']'))) {
        (Some(day), Some(offset)) if super::super::time::is_time(&format!("{day} {offset}")) => {
            fields.push(Some(format!("{day} {offset}")));
            at += 2;
        }
        _ if first.is_empty() && words.len() == at + 1 => return Err(Malformed::BadTime),
        _ => return Err(Malformed::BadTime),
    }
    fields.push(word(&words, &mut at)?);
    let start = at;
    let three = [word(&words, &mut at)?, word(&words, &mut at)?, word(&words, &mut at)?];
    let is_odd = three[2].as_deref().is_some_and(|word| !is_operation(word));
    let later = (at..at + 8)
        .take_while(|&later| words.get(later).is_some_and(|word| !word.is_empty()))
        .find(|&later| is_operation(words[later]));
    match later {
        Some(later) if is_odd => {
            fields.push(Some(words[start..later - 1].join(" ")));
            fields.push(some(words[later - 1]));
            fields.push(Some(words[later].to_owned()));
            at = later + 1;
        }
        _ => fields.extend(three),
    }
    fields.push(word(&words, &mut at)?);
    // The request.
    let rest = words.get(at..).filter(|rest| !rest.is_empty()).ok_or(Malformed::TooFewFields)?;
    if rest[0].starts_with('"') {
        let end = (0..rest.len() - 1).find(|&end| {
            let is_end = rest[end].ends_with('"') && (end > 0 || rest[0].len() > 1);
            is_end && is_status(rest[end + 1])
        });
        let end = end.ok_or(Malformed::BrokenQuotes)?;
        fields.push(some(&unquoted(&rest[..=end])));
        at += end + 1;
    } else {
        fields.push(word(&words, &mut at)?);
    }
    for place in 0..6 {
        let found = word(&words, &mut at)?;
        let is_number =
            |text: &String| text.bytes().all(|b| b.is_ascii_digit()) && text.parse::<u64>().is_ok();
        if place != 1 && !found.as_ref().is_none_or(is_number) {
            return Err(Malformed::WrongType);
        }
        // As the number that it is.
        let found =
            if place == 1 { found } else { found.map(|text| text.parse::<u64>().unwrap().to_string()) };
        fields.push(found);
    }
    // The client.
    let rest = words.get(at..).ok_or(Malformed::TooFewFields)?;
    let (referer, from) = match rest.first() {
        None => return Err(Malformed::TooFewFields),
        Some(first) if first.starts_with('"') => (None, 0),
        Some(_) => {
            let referer = word(&words, &mut at)?;
            (Some(referer), 1)
        }
    };
    let rest = &rest[from..];
    match (rest.first(), referer) {
        (None, _) => return Err(Malformed::TooFewFields),
        (Some(first), Some(referer)) if !first.starts_with('"') => {
            fields.push(referer);
            fields.push(word(&words, &mut at)?);
        }
        (Some(_), referer) => {
            let end = last_end(rest)?;
            let both = unquoted(&rest[..=end]);
            at += end + 1;
            match (referer, both.split_once("\" \"")) {
                (Some(referer), _) => fields.extend([referer, some(&both)]),
                (None, Some((referer, agent))) => fields.extend([some(referer), some(agent)]),
                (None, None) => {
                    fields.push(some(&both));
                    fields.push(word(&words, &mut at)?);
                }
            }
        }
    }
    if words.get(at).is_none() {
        return Err(Malformed::TooFewFields);
    }
    fields.push(word(&words, &mut at)?);
    for _ in 0..9 {
        let found = words.get(at).and_then(|word| some(word)).filter(|word| !word.is_empty());
        // An empty word is a field that is not there; at the end there is none to pass over.
        if words.get(at).is_some_and(|word| !word.is_empty() || at + 1 < words.len()) {
            at += 1;
        }
        fields.push(found);
    }
    let behind = words.get(at..).unwrap_or_default().join(" ");
    fields.push(Some(behind).filter(|behind| !behind.is_empty()));
    Ok(fields)
}

fn word(words: &[&str], at: &mut usize) -> Result<Option<String>, Malformed> {
    match words.get(*at) {
        None => Err(Malformed::TooFewFields),
        Some(&"") if *at + 1 == words.len() => Err(Malformed::TooFewFields),
        Some(&"") => Err(Malformed::EmptyField),
        Some(word) => {
            *at += 1;
            Ok(some(word))
        }
    }
}

fn some(word: &str) -> Option<String> {
    (word != "-").then(|| word.to_owned())
}

fn is_status(word: &str) -> bool {
    word == "-" || (word.len() == 3 && word.bytes().all(|b| b.is_ascii_digit()))
}

fn is_operation(word: &str) -> bool {
    ["REST.", "WEBSITE.", "BATCH.", "S3.", "SOAP."].iter().any(|family| word.starts_with(family))
}

/// Words without the quote before the first and the one behind the last.
fn unquoted(words: &[&str]) -> String {
    let text = words.join(" ");
    text[1..text.len() - 1].to_owned()
}

fn last_end(rest: &[&str]) -> Result<usize, Malformed> {
    let ends: Vec<usize> = (0..rest.len().saturating_sub(1))
        .filter(|&end| rest[end].ends_with('"') && (end > 0 || rest[0].len() > 1))
        .collect();
    let Some(&last) = ends.last() else {
        let whole = rest.join(" ");
        let is_closed = whole.len() > 1 && whole.ends_with('"');
        return Err(if is_closed { Malformed::TooFewFields } else { Malformed::BrokenQuotes });
    };
    let is_whole = |end: usize| {
        let behind: Vec<&str> = rest[end + 1..].to_vec();
        behind.len() >= 7
            && behind[..7].iter().all(|word| !word.is_empty() && !word.contains('"'))
            && (behind[2] == "-" || behind[2].starts_with("SigV"))
    };
    let end = ends.iter().rev().take(16).copied().find(|&end| is_whole(end)).unwrap_or(last);
    if rest[end + 1..] == [""] { Err(Malformed::TooFewFields) } else { Ok(end) }
}
