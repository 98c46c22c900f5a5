//! The result of the tests as JUnit's XML, which CI systems read.
//!
//! A suite for each detector, a case for each of its tests. A detector without tests has a case
//! that is skipped, one that cannot be used a case with an error: neither is passed over.

use std::io::{self, Write, stdout};

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

use super::{Failure, Ran, Report, Tested};
use crate::printable::Printable;

pub(super) fn print(report: &Report) -> anyhow::Result<()> {
    let mut out = stdout().lock();
    write(&mut out, report)?;
    writeln!(out)?;
    Ok(())
}

fn write(out: &mut impl Write, report: &Report) -> io::Result<()> {
    let mut xml = Writer::new_with_indent(out, b' ', 2);
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let cases = report.tests() + report.untested() + report.errors();
    xml.create_element("testsuites")
        .with_attribute(("name", "trailmeter"))
        .with_attribute(("tests", cases.to_string().as_str()))
        .with_attribute(("failures", report.failed().to_string().as_str()))
        .with_attribute(("errors", report.errors().to_string().as_str()))
        .write_inner_content(|xml| report.0.iter().try_for_each(|one| suite(xml, one)))?;
    Ok(())
}

fn suite<W: Write>(xml: &mut Writer<W>, one: &Tested) -> io::Result<()> {
    let file = text(&one.file);
    let name = one.name.as_deref().unwrap_or(&file);
    let errors = usize::from(!one.errors.is_empty());
    let skipped = usize::from(one.is_untested());
    xml.create_element("testsuite")
        .with_attribute(("name", name))
        .with_attribute(("file", file.as_str()))
        .with_attribute(("tests", (one.tests.len() + errors + skipped).to_string().as_str()))
        .with_attribute(("failures", one.failed().to_string().as_str()))
        .with_attribute(("errors", errors.to_string().as_str()))
        .with_attribute(("skipped", skipped.to_string().as_str()))
        .write_inner_content(|xml| {
            if errors > 0 {
                return unusable(xml, name, one);
            }
            if skipped > 0 {
                let message = "the detector carries no tests";
                return case(xml, name, "no tests", &file, None, |xml| {
                    xml.create_element("skipped").with_attribute(("message", message)).write_empty().map(drop)
                });
            }
            one.tests.iter().try_for_each(|ran| ran_case(xml, name, &file, ran))
        })?;
    Ok(())
}

fn unusable<W: Write>(xml: &mut Writer<W>, name: &str, one: &Tested) -> io::Result<()> {
    let lines: Vec<String> = one.errors.iter().map(|error| text(&error.to_string())).collect();
    let line = one.errors.first().map(|error| error.place.line);
    case(xml, name, "can be used", &text(&one.file), line, |xml| {
        xml.create_element("error")
            .with_attribute(("message", "the detector cannot be used"))
            .write_text_content(BytesText::new(&lines.join("\n")))
            .map(drop)
    })
}

fn ran_case<W: Write>(xml: &mut Writer<W>, detector: &str, file: &str, ran: &Ran) -> io::Result<()> {
    case(xml, detector, &text(&ran.test.name), file, Some(ran.test.place.line), |xml| match &ran.failure {
        None => Ok(()),
        Some(Failure { what, decided_by }) => {
            let mut lines = vec![text(&what.to_string())];
            lines.extend(decided_by.iter().map(|line| format!("decided by {}", text(line))));
            xml.create_element("failure")
                .with_attribute(("message", text(&what.outcome).as_str()))
                .write_text_content(BytesText::new(&lines.join("\n")))
                .map(drop)
        }
    })
}

fn case<W: Write>(
    xml: &mut Writer<W>,
    class: &str,
    name: &str,
    file: &str,
    line: Option<u64>,
    inner: impl FnOnce(&mut Writer<W>) -> io::Result<()>,
) -> io::Result<()> {
    let mut case = xml
        .create_element("testcase")
        .with_attribute(("classname", class))
        .with_attribute(("name", name))
        .with_attribute(("file", file));
    if let Some(line) = line {
        case = case.with_attribute(("line", line.to_string().as_str()));
    }
    case.write_inner_content(inner)?;
    Ok(())
}

/// A text that may stand in XML, where a few characters may not even be escaped.
fn text(text: &str) -> String {
    Printable(text).to_string().replace(['\u{FFFE}', '\u{FFFF}'], "\u{FFFD}")
}

#[cfg(test)]
mod tests {
    use quick_xml::{Reader, XmlVersion};
    use trailmeter_detection::{DetectorFile, Options, load_each};

    use super::*;

    /// Whatever stands in a name comes back from a reader of XML, or as its escape.
    #[test]
    fn odd_names_make_sound_xml() {
        for (name, expected) in [
            ("plain", "plain"),
            (r#"a <b> & "c" 'd' ]]>"#, r#"a <b> & "c" 'd' ]]>"#),
            ("bell\\u0007 newline\\n", "bell\\u{7} newline\\u{a}"),
            ("\\uFFFE\u{1F600}", "\u{FFFD}\u{1F600}"),
        ] {
            let name = if name.contains('\\') { name.to_owned() } else { name.replace('"', "\\\"") };
            let file = DetectorFile {
                path: "<a>.yaml".to_owned(),
                pack: None,
                text: format!(
                    "name: X\ntitle: t\nwhat: w\nwhy: y\nsources: [s]\nlogs: cloudtrail\npattern: '{{ $.a = 1 }}'\ntests:\n  - {{ name: \"{name}\", match: true, record: {{}} }}\n  - {{ name: b, match: false, record: {{}} }}\n"
                ),
            };
            let report =
                Report(load_each(&[file], &Options::default()).into_iter().map(Tested::of).collect());
            let mut out = Vec::new();
            write(&mut out, &report).unwrap();
            let text = String::from_utf8(out).unwrap();
            let mut reader = Reader::from_str(&text);
            let mut names = Vec::new();
            loop {
                match reader.read_event().unwrap() {
                    Event::Eof => break,
                    Event::Start(start) | Event::Empty(start) if start.name().as_ref() == "testcase" => {
                        let name = start.try_get_attribute("name").unwrap().unwrap();
                        names.push(name.normalized_value(XmlVersion::Implicit1_0).unwrap().into_owned());
                    }
                    _ => {}
                }
            }
            assert_eq!(names, [expected, "b"], "{text}");
            assert!(
                text.contains("failures=\"1\"") && text.contains("decided by $.a = 1   absent"),
                "{text}"
            );
        }
    }
}
