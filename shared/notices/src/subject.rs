//! The subject of a mail: what rang, how often, who.

use crate::links::Deployment;
use crate::notice::{Kind, Notice};
use crate::printable::{printable, shortened};

/// <https://docs.aws.amazon.com/sns/latest/api/API_Publish.html>
const LONGEST_SUBJECT: usize = 100;

/// One line of ASCII, at most 100 characters.
pub(crate) fn subject(notices: &[Notice], deployment: &Deployment) -> String {
    let text = match notices {
        [one] => of_one(one, deployment),
        many => {
            let matches: u64 = many.iter().map(|notice| notice.gathered.matches()).sum();
            format!("[{}] {} alarms, {}", deployment.stack, many.len(), times(matches))
        }
    };
    fit(&text)
}

/// The text as SNS takes it for a subject.
pub(crate) fn fit(text: &str) -> String {
    let ascii: String =
        text.chars().map(|one| if one.is_ascii() && !one.is_control() { one } else { '?' }).collect();
    let cut =
        if ascii.len() > LONGEST_SUBJECT { format!("{}...", &ascii[..LONGEST_SUBJECT - 3]) } else { ascii };
    cut.trim().to_owned()
}

fn of_one(notice: &Notice, deployment: &Deployment) -> String {
    let what = notice.what(deployment);
    let state = match notice.kind {
        Kind::Digest => "STILL ON",
        Kind::Alarm | Kind::State => notice.alarm.state.word(),
    };
    if !notice.has_findings() {
        return format!("[{}] {state}: {what}", deployment.stack);
    }
    let who = notice.gathered.summary.actors.top();
    let by = who.first().map_or_else(String::new, |(name, _)| {
        // The end of an ARN is the name; what is before it stands in the message.
        let name = name.split_once(":assumed-role/").map_or(*name, |(_, path)| path);
        let name = name.rsplit_once(":user/").map_or(name, |(_, path)| path);
        let others = if who.len() > 1 { format!(" and {} more", who.len() - 1) } else { String::new() };
        format!(" by {}{others}", shortened(&printable(name), 40))
    });
    format!("[{}] {state}: {what}, {}{by}", deployment.stack, times(notice.gathered.matches()))
}

pub(crate) fn times(matches: u64) -> String {
    if matches == 1 { "1 match".to_owned() } else { format!("{matches} matches") }
}
