//! The page: a template, what is embedded in it, and the policy that lets nothing else run.

use std::fmt::Write as _;
use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};

const TEMPLATE: &str = include_str!("page/index.html");
const STYLE: &str = include_str!("page/style.css");
const CHART_STYLE: &str = include_str!("page/vendor/uplot/uPlot.min.css");
const CHART_SCRIPT: &str = include_str!("page/vendor/uplot/uPlot.iife.min.js");
const CHART_LICENCE: &str = include_str!("page/vendor/uplot/LICENSE");
/// Parts of one script, each with its subject. The order matters to people only; but the last one begins.
const SCRIPTS: [&str; 15] = [
    include_str!("page/script/dom.js"),
    include_str!("page/script/words.js"),
    include_str!("page/script/data.js"),
    include_str!("page/script/theme.js"),
    include_str!("page/script/figures.js"),
    include_str!("page/script/columns.js"),
    include_str!("page/script/chart.js"),
    include_str!("page/script/timeline.js"),
    include_str!("page/script/hours.js"),
    include_str!("page/script/top.js"),
    include_str!("page/script/rows.js"),
    include_str!("page/script/filter.js"),
    include_str!("page/script/finding.js"),
    include_str!("page/script/findings.js"),
    include_str!("page/script/main.js"),
];

/// The page that shows these data, which are JSON.
pub(super) fn html(data: &[u8]) -> std::io::Result<String> {
    let script = script();
    let policy = policy(&[CHART_SCRIPT, &script], &[CHART_STYLE, STYLE]);
    let data = packed(data)?;
    let licences = format!("uPlot, https://github.com/leeoniya/uPlot\n\n{CHART_LICENCE}");
    Ok(filled(|name| {
        Some(match name {
            "policy" => &policy,
            "chart-style" => CHART_STYLE,
            "style" => STYLE,
            "version" => env!("CARGO_PKG_VERSION"),
            "licences" => &licences,
            "data" => &data,
            "chart-script" => CHART_SCRIPT,
            "script" => &script,
            _ => return None,
        })
    }))
}

fn script() -> String {
    format!("(() => {{\n\"use strict\";\n{}}})();\n", SCRIPTS.concat())
}

/// Nothing is loaded, nothing is sent, and only what has one of these hashes runs or styles. Trusted types
/// let no text become markup, whatever a script tries.
fn policy(scripts: &[&str], styles: &[&str]) -> String {
    let hashes = |contents: &[&str]| {
        contents.iter().fold(String::new(), |mut all, content| {
            // Writing to a string cannot fail.
            let _infallible = write!(all, " 'sha256-{}'", STANDARD.encode(Sha256::digest(content)));
            all
        })
    };
    format!(
        "default-src 'none'; script-src{}; style-src{}; img-src data:; base-uri 'none'; form-action 'none'; \
         require-trusted-types-for 'script'; trusted-types 'none'",
        hashes(scripts),
        hashes(styles),
    )
}

/// Letters, digits, `+`, `/` and `=`: no text of a record can end the element that they stand in. A log repeats
/// itself, so a page with 20,000 findings has some 2 MB and not 20.
fn packed(data: &[u8]) -> std::io::Result<String> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    gzip.write_all(data)?;
    Ok(STANDARD.encode(gzip.finish()?))
}

/// The template with a text for each `{{name}}`. What is put in is not looked at again.
fn filled<'t>(text: impl Fn(&str) -> Option<&'t str>) -> String {
    let mut page = String::new();
    let mut rest = TEMPLATE;
    while let Some((before, after)) = rest.split_once("{{") {
        let (name, behind) = after.split_once("}}").unwrap_or((after, ""));
        page.push_str(before);
        page.push_str(text(name).unwrap_or_default());
        rest = behind;
    }
    page.push_str(rest);
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_of_the_template_is_filled() {
        let names: Vec<&str> =
            TEMPLATE.split("{{").skip(1).filter_map(|rest| rest.split("}}").next()).collect();
        let expected =
            ["policy", "chart-style", "style", "version", "licences", "data", "chart-script", "script"];
        assert_eq!(names, expected);
        let page = html(b"{}").unwrap();
        for content in [STYLE, CHART_STYLE, CHART_SCRIPT, CHART_LICENCE, &script()] {
            assert!(page.contains(content));
        }
    }

    /// None of it may end the element that it stands in, or begin what a parser reads otherwise.
    #[test]
    fn what_is_embedded_stays_inside_its_element() {
        for content in [STYLE, CHART_STYLE, CHART_SCRIPT, CHART_LICENCE, &script()] {
            let content = content.to_lowercase();
            assert!(!content.contains("</s") && !content.contains("<!--") && !content.contains("<script"));
        }
        let hostile = packed(b"</script><!--<script>\xe2\x80\xa8").unwrap();
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte);
        assert!(hostile.bytes().all(is_plain), "{hostile}");
    }

    #[test]
    fn every_script_has_its_place() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/report/page/script");
        let files: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap())
            .collect();
        assert_eq!(files.len(), SCRIPTS.len());
        assert!(files.iter().all(|file| SCRIPTS.contains(&file.as_str())));
    }
}
