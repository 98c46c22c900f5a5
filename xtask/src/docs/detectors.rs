//! The page of all packaged detectors.

use std::fmt::Write;

use trailmeter_detection::{
    Alarm, AlarmChoice, Detector, Exclusion, Needs, Rule, Source, load, pack, pack_names, packaged_files,
};

const HEAD: &str = "# Detectors

Written by `make docs` from the files below `detectors/`: change those, not this page.

A pack is turned on by a parameter of the template (`PackCis=yes`) and by `--pack cis` on the command line; `default`
is always on. What a detector file says, key by key: [detector-files.md](detector-files.md).

**Security Hub's controls CloudWatch.1 to CloudWatch.14 stay red.** They look for a metric filter on the trail's log
group, with AWS's text to the letter. No metric that is counted from S3 can turn them green, the pack `cis` included.
";

pub(super) fn page() -> anyhow::Result<String> {
    let mut page = HEAD.to_owned();
    for name in pack_names() {
        let pack = pack(name)?;
        let set = load(&packaged_files(&[name])?).map_err(|errors| {
            anyhow::anyhow!("{}", errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
        })?;
        let (own, included): (Vec<&Detector>, Vec<&Detector>) =
            set.detectors().iter().partition(|detector| detector.pack.as_deref() == Some(name));
        writeln!(page, "\n## {name}: {}\n\n{}\n", pack.title, one_line(&pack.what))?;
        overview(&mut page, &own)?;
        if !included.is_empty() {
            let links: Vec<String> = included.iter().map(|detector| link(&detector.name)).collect();
            writeln!(page, "\nOf other packs it takes in {}.", links.join(", "))?;
        }
        for detector in own {
            entry(&mut page, detector)?;
        }
    }
    Ok(page)
}

fn overview(page: &mut String, detectors: &[&Detector]) -> std::fmt::Result {
    writeln!(page, "| detector | finds | severity | ATT&CK | alarm |\n|---|---|---|---|---|")?;
    for detector in detectors {
        let techniques: Vec<String> = detector.attack.iter().map(|technique| attack(technique)).collect();
        let alarm = match &detector.alarm {
            AlarmChoice::Alarm(alarm) => short(alarm),
            AlarmChoice::None | AlarmChoice::Unsaid => "none".to_owned(),
        };
        writeln!(
            page,
            "| {} | {} | {} | {} | {alarm} |",
            link(&detector.name),
            cell(&detector.title),
            detector.severity.word(),
            techniques.join(" "),
        )?;
    }
    Ok(())
}

fn entry(page: &mut String, detector: &Detector) -> std::fmt::Result {
    writeln!(page, "\n### {}\n\n{}.\n", detector.name, detector.title.trim_end_matches('.'))?;
    writeln!(page, "{}\n\n{}", one_line(&detector.what), one_line(&detector.why))?;
    if !detector.false_positives.is_empty() {
        writeln!(page, "\nMay also match:\n")?;
        for also in &detector.false_positives {
            writeln!(page, "- {}", one_line(also))?;
        }
    }
    writeln!(page, "\n```text\n{}\n```", rule(&detector.rule))?;
    if !detector.exclusions.is_empty() {
        writeln!(page, "\nLeft out, and counted under `MatchesExcluded`:\n")?;
        detector.exclusions.iter().try_for_each(|exclusion| left_out(page, exclusion))?;
    }
    match &detector.alarm {
        AlarmChoice::Alarm(alarm) => {
            writeln!(page, "\nAlarm: {}. {}", short(alarm), one_line(&alarm.description))?;
        }
        AlarmChoice::None => writeln!(page, "\nNo alarm, by intent.")?,
        AlarmChoice::Unsaid => writeln!(page, "\nNo alarm.")?,
    }
    let logs = match detector.source {
        Source::CloudTrail => "",
        Source::S3AccessLog => " It is asked of [S3 server access logs](access-logs.md) and of nothing else.",
        Source::Any => " It is asked of [S3 server access logs](access-logs.md) as well.",
    };
    let events = match detector.needs {
        Needs::Management => "",
        Needs::Data => " The trail has to record data events.",
        Needs::Network => " The trail has to record network activity events.",
        Needs::Insight => " The trail has to record Insights.",
        Needs::Aggregated => " The trail has to aggregate data events.",
    };
    let sources: Vec<String> = detector.sources.iter().enumerate().map(source).collect();
    writeln!(page, "\n{} inline tests.{events}{logs} Sources: {}.", detector.tests.len(), sources.join(", "))
}

fn left_out(page: &mut String, exclusion: &Exclusion) -> std::fmt::Result {
    let until = exclusion.expires.map_or_else(String::new, |day| format!(", until {day}"));
    writeln!(page, "- **{}** ({}{until}): {}", exclusion.name, exclusion.owner, one_line(&exclusion.reason))
}

/// A filter pattern as it is written; of a Sigma rule, what it means.
fn rule(rule: &Rule) -> String {
    match rule {
        Rule::Pattern(pattern) => pattern.as_str().trim().to_owned(),
        Rule::Sigma(rule) => rule.expr().to_string(),
    }
}

fn short(alarm: &Alarm) -> String {
    let minutes = alarm.period / 60;
    format!("{} {} {} in {minutes} min", alarm.statistic.word(), alarm.comparison.sign(), alarm.threshold)
}

fn link(name: &str) -> String {
    format!("[{name}](#{})", name.to_lowercase())
}

fn attack(technique: &str) -> String {
    format!("[{technique}](https://attack.mitre.org/techniques/{}/)", technique.replace('.', "/"))
}

fn source((at, source): (usize, &String)) -> String {
    if source.starts_with("https://") { format!("[{}]({source})", at + 1) } else { source.clone() }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn cell(text: &str) -> String {
    one_line(text).replace('|', "\\|")
}
