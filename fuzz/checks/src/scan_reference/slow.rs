//! The obvious slow way to what a file comes to. Nothing of the reader and nothing of the scanner is
//! used here, only what is itself the judge of others: the reference evaluator, and what values,
//! dimensions and keys of events are made of.

use std::fmt;

use serde::Deserializer as _;
use serde::de::{IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;
use trailmeter_detection::model::{Document, evaluate};
use trailmeter_detection::{Detector, DetectorSet, EventKey, FileMatches, Hit, Verdict, parse_event_time};
use trailmeter_logs::{Limits, LogKind, Malformed};

/// Why the slow way does not read a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refused {
    /// For the reason that the scanner has to give as well.
    For(&'static str),
    /// It is larger than allowed, or no whole gzip: the scanner may name what it meets before that.
    Anyhow,
    /// It is no well-formed document: the scanner is not as strict.
    NoDocument,
}

/// What a file comes to.
pub(super) fn scan(
    detectors: &DetectorSet,
    kind: LogKind,
    limits: Limits,
    stored: &[u8],
) -> Result<FileMatches, Refused> {
    let inflated = inflate(stored, limits.inflated)?;
    let text = inflated.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&inflated);
    let mut found = FileMatches::default();
    found.kind = kind;
    for element in elements(kind, limits, text)? {
        found.read += 1;
        if element.len() > limits.record {
            *found.malformed.entry(Malformed::TooLarge).or_default() += 1;
            continue;
        }
        found.bytes += element.len() as u64;
        match parse(element) {
            Ok((value, source)) => count(detectors, kind, &mut found, &value, &source),
            Err(malformed) => *found.malformed.entry(malformed).or_default() += 1,
        }
    }
    Ok(found)
}

#[expect(clippy::disallowed_types, reason = "capped here; and the product's reader must not be its own test")]
fn inflate(stored: &[u8], cap: u64) -> Result<Vec<u8>, Refused> {
    use std::io::Read;
    match stored.first() {
        None => return Err(Refused::For("empty")),
        Some(0x1f) => {}
        Some(_) if stored.len() as u64 > cap => return Err(Refused::Anyhow),
        Some(_) => return Ok(stored.to_vec()),
    }
    let mut inflated = Vec::new();
    let mut rest = stored;
    // Member after member; zeros may stand behind each.
    while rest.first() == Some(&0x1f) {
        let mut decoder = flate2::bufread::GzDecoder::new(rest);
        let room = cap + 1 - inflated.len() as u64;
        decoder.by_ref().take(room).read_to_end(&mut inflated).map_err(|_| Refused::Anyhow)?;
        if inflated.len() as u64 > cap {
            return Err(Refused::Anyhow);
        }
        // Only at its end is the member's checksum looked at.
        if !matches!(decoder.read(&mut [0]), Ok(0)) {
            return Err(Refused::Anyhow);
        }
        rest = decoder.into_inner();
        while let Some(behind) = rest.strip_prefix(&[0]) {
            rest = behind;
        }
    }
    if rest.is_empty() { Ok(inflated) } else { Err(Refused::Anyhow) }
}

/// The elements of `Records`, as they stand in the text.
fn elements(kind: LogKind, limits: Limits, text: &[u8]) -> Result<Vec<&[u8]>, Refused> {
    let characters = same_length(text);
    let mut json = serde_json::Deserializer::from_str(&characters);
    let mut top =
        Top { allows_array: kind == LogKind::Aggregated, limits, elements: Vec::new(), refused: None };
    let parsed = json.deserialize_any(&mut top);
    if let Some(reason) = top.refused {
        return Err(Refused::For(reason));
    }
    parsed.and_then(|()| json.end()).map_err(|_| Refused::NoDocument)?;
    let base = characters.as_ptr() as usize;
    let place = |element: &&RawValue| {
        let start = element.get().as_ptr() as usize - base;
        &text[start..start + element.get().len()]
    };
    Ok(top.elements.iter().map(place).collect())
}

/// The text with each byte that is no character replaced by one that is, and each half of a pair of
/// surrogates by a whole character, so that places stay where they are.
fn same_length(text: &[u8]) -> String {
    let mut characters = String::with_capacity(text.len());
    for chunk in text.utf8_chunks() {
        characters.push_str(chunk.valid());
        chunk.invalid().iter().for_each(|_| characters.push('?'));
    }
    without_halves(&characters)
}

/// The text with `\uFFFD` for each escape that is half of a pair of surrogates without the other.
fn without_halves(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let taken = match (surrogate(rest), rest.get(6..).and_then(surrogate)) {
            (Some(0xD800..0xDC00), Some(0xDC00..0xE000)) => 12,
            (Some(_), _) => {
                out.push_str("\\uFFFD");
                rest = &rest[6..];
                continue;
            }
            (None, _) => 1 + rest[1..].chars().next().map_or(0, char::len_utf8),
        };
        out.push_str(&rest[..taken]);
        rest = &rest[taken..];
    }
    out + rest
}

fn surrogate(text: &str) -> Option<u32> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    let is_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let unit = u32::from_str_radix(digits, 16).ok().filter(|_| is_hex)?;
    (0xD800..0xE000).contains(&unit).then_some(unit)
}

/// The document: an object with one array `Records`, or a bare array where that is allowed.
struct Top<'t> {
    /// An array that comes now is `Records`, or stands for it.
    allows_array: bool,
    limits: Limits,
    elements: Vec<&'t RawValue>,
    refused: Option<&'static str>,
}

impl Top<'_> {
    fn refuse<E: serde::de::Error>(&mut self, reason: &'static str) -> E {
        self.refused = Some(reason);
        E::custom(reason)
    }

    fn scalar<E: serde::de::Error>(&mut self) -> Result<(), E> {
        Err(self.refuse("not-json"))
    }
}

impl<'t> Visitor<'t> for &mut Top<'t> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a log file")
    }

    fn visit_map<A: MapAccess<'t>>(self, mut map: A) -> Result<(), A::Error> {
        let mut is_seen = false;
        while let Some(key) = map.next_key::<String>()? {
            if key != "Records" {
                map.next_value::<IgnoredAny>()?;
                continue;
            }
            if is_seen {
                return Err(self.refuse("not-cloudtrail"));
            }
            is_seen = true;
            let value: &RawValue = map.next_value()?;
            if !value.get().starts_with('[') {
                return Err(self.refuse("not-cloudtrail"));
            }
            self.allows_array = true;
            let mut json = serde_json::Deserializer::from_str(value.get());
            json.deserialize_seq(&mut *self).map_err(serde::de::Error::custom)?;
        }
        if is_seen { Ok(()) } else { Err(self.refuse("not-cloudtrail")) }
    }

    fn visit_seq<A: SeqAccess<'t>>(self, mut seq: A) -> Result<(), A::Error> {
        if !self.allows_array {
            return Err(self.refuse("not-cloudtrail"));
        }
        while let Some(element) = seq.next_element::<&RawValue>()? {
            self.elements.push(element);
            if self.elements.len() as u64 > self.limits.records {
                return Err(self.refuse("too-large"));
            }
        }
        Ok(())
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<(), E> {
        self.scalar()
    }

    fn visit_bool<E: serde::de::Error>(self, _: bool) -> Result<(), E> {
        self.scalar()
    }

    fn visit_i64<E: serde::de::Error>(self, _: i64) -> Result<(), E> {
        self.scalar()
    }

    fn visit_u64<E: serde::de::Error>(self, _: u64) -> Result<(), E> {
        self.scalar()
    }

    fn visit_f64<E: serde::de::Error>(self, _: f64) -> Result<(), E> {
        self.scalar()
    }

    fn visit_str<E: serde::de::Error>(self, _: &str) -> Result<(), E> {
        self.scalar()
    }
}

/// A record and its text, or why it is none.
pub(super) fn parse(element: &[u8]) -> Result<(Value, String), Malformed> {
    let text = without_halves(&String::from_utf8_lossy(element));
    let value: Value = serde_json::from_str(&text).map_err(|error| {
        if error.to_string().starts_with("recursion limit exceeded") {
            Malformed::TooDeep
        } else {
            Malformed::InvalidJson
        }
    })?;
    if !value.is_object() {
        return Err(Malformed::NotAnObject);
    }
    let texts = ["eventName", "eventSource", "eventID", "eventId", "errorCode"];
    let objects = ["userIdentity", "addendum"];
    let well_typed = texts.iter().all(|name| value[name].is_null() || value[name].is_string())
        && objects.iter().all(|name| value[name].is_null() || value[name].is_object());
    if well_typed { Ok((value, text)) } else { Err(Malformed::WrongType) }
}

/// The judge. A faster evaluator in the scanner is compared with this one.
fn reference(detector: &Detector, document: Document<'_>) -> Verdict {
    if !evaluate(detector.rule.expr(), document) {
        return Verdict::NoMatch;
    }
    let excludes = |at: &usize| evaluate(detector.exclusions[*at].rule.expr(), document);
    (0..detector.exclusions.len()).find(excludes).map_or(Verdict::Match, Verdict::Excluded)
}

fn count(detectors: &DetectorSet, kind: LogKind, found: &mut FileMatches, value: &Value, source: &str) {
    let is_of_sums = kind == LogKind::Aggregated;
    let window = value["timeWindow"]["windowStart"].as_str().filter(|_| is_of_sums);
    let time = value["eventTime"].as_str().or(window).and_then(parse_event_time);
    found.newest_event = [found.newest_event, time].into_iter().flatten().max();
    found.oldest_event = [found.oldest_event, time].into_iter().flatten().min();
    if value["eventCategory"] == "Data" || value["managementEvent"] == false {
        found.data_events += 1;
    }
    let mut hits = Vec::new();
    // None of these detectors asks for aggregated events.
    let is_seen = !is_of_sums && value["eventCategory"] != "Aggregated";
    for (at, detector) in detectors.detectors().iter().enumerate().filter(|_| is_seen) {
        match reference(detector, Document { value, source: Some(source) }) {
            Verdict::NoMatch => {}
            Verdict::Excluded(exclusion) => *found.excluded.entry((at, exclusion)).or_default() += 1,
            Verdict::Match => hits.push(Hit {
                detector: at,
                value: detector.value.of(value),
                dimensions: (detector.dimensions.iter())
                    .map(|set| set.0.iter().map(|dimension| dimension.value(value)).collect())
                    .collect(),
            }),
        }
    }
    let id = value["eventID"].as_str().or_else(|| value["eventId"].as_str());
    if !hits.is_empty() {
        found.ids.push(id.unwrap_or_default().to_owned());
    }
    let is_update = value["addendum"]["reason"] == "UPDATED_DATA";
    found.add_record(id.map(EventKey::new), is_update, time, hits);
}
