//! Where to click. The console's addresses are documented nowhere; these are the ones it has itself.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use trailmeter_detection::finding::time_text;

use crate::notice::Notice;

/// Before and behind the window, so that a clock that is off hides nothing.
const MARGIN: i64 = 300;

/// What stays as it is in a fragment.
const KEPT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// The deployment that notices are about.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Deployment {
    /// The name of the stack, which its alarms' names begin with.
    pub stack: String,
    /// Its region.
    pub region: String,
    /// Its namespace, which the detectors' metrics are in.
    pub namespace: String,
    /// The log group that findings stand in.
    pub log_group: String,
    /// The dashboard.
    pub dashboard: String,
}

/// Addresses of the console.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Links {
    pub(crate) alarm: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) dashboard: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) findings: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) object: Option<String>,
}

impl Links {
    pub(crate) fn of(notice: &Notice, deployment: &Deployment) -> Self {
        let newest = notice.gathered.events.first();
        Self {
            alarm: deployment.cloudwatch(&format!("alarmsV2:alarm/{}", escaped(&notice.alarm.name))),
            dashboard: (!deployment.dashboard.is_empty()).then(|| {
                deployment.cloudwatch(&format!("dashboards/dashboard/{}", escaped(&deployment.dashboard)))
            }),
            findings: (!deployment.log_group.is_empty()).then(|| deployment.insights(notice)),
            object: newest.and_then(|finding| deployment.object(&finding.object)),
        }
    }

    /// The links with the words for them.
    pub(crate) fn named(&self) -> impl Iterator<Item = (&'static str, &str)> {
        [
            ("Alarm", Some(self.alarm.as_str())),
            ("Findings", self.findings.as_deref()),
            ("Dashboard", self.dashboard.as_deref()),
            ("Log file of the newest event", self.object.as_deref()),
        ]
        .into_iter()
        .filter_map(|(name, link)| Some((name, link?)))
    }
}

impl Deployment {
    fn console(&self) -> String {
        let domain = match self.region.split_once('-').map(|(first, _)| first) {
            Some("cn") => "console.amazonaws.cn",
            Some("us") if self.region.starts_with("us-gov-") => "console.amazonaws-us-gov.com",
            _ => "console.aws.amazon.com",
        };
        format!("https://{}.{domain}", self.region)
    }

    fn cloudwatch(&self, place: &str) -> String {
        format!("{}/cloudwatch/home?region={}#{place}", self.console(), self.region)
    }

    /// The query that shows every finding of the window. Its parts are written as the console writes them: `*` for
    /// the percent sign within, `$` outside.
    fn insights(&self, notice: &Notice) -> String {
        let mut query = String::from(
            "fields @timestamp, detector, event_time, actor.name, actor.arn, source_ip, event_name, error_code, \
             resources.0, account, region, event_id\n| filter type = \"trailmeter.finding\"\n",
        );
        if let Some(metric) = &notice.alarm.metric {
            query.extend(["| filter metric = \"", &quoted(&metric.name), "\"\n"]);
        } else if let Some(detector) = &notice.alarm.contributor {
            query.extend(["| filter detector = \"", &quoted(detector), "\"\n"]);
        }
        query.push_str("| sort event_time desc\n| limit 1000");
        let time = |seconds| time_text(seconds).unwrap_or_default().replace('Z', ".000Z");
        let detail = format!(
            "~(end~'{}~start~'{}~timeType~'ABSOLUTE~tz~'UTC~editorString~'{}~source~(~'{}))",
            starred(&time(notice.window.to + MARGIN)),
            starred(&time(notice.window.from - MARGIN)),
            starred(&query),
            starred(&self.log_group),
        );
        self.cloudwatch(&format!("logsV2:logs-insights$3FqueryDetail$3D{detail}"))
    }

    /// An object named `s3://BUCKET/KEY`.
    fn object(&self, name: &str) -> Option<String> {
        let (bucket, key) = name.strip_prefix("s3://")?.split_once('/')?;
        Some(format!(
            "{}/s3/object/{}?region={}&prefix={}",
            self.console(),
            escaped(bucket),
            self.region,
            escaped(key)
        ))
    }
}

fn escaped(text: &str) -> String {
    utf8_percent_encode(text, KEPT).to_string()
}

/// As the console writes the parts of its own addresses: a star where others have a percent sign.
fn starred(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => out.push(char::from(byte)),
            _ => {
                out.push('*');
                out.extend(
                    [byte >> 4, byte & 15].map(|digit| char::from(b"0123456789abcdef"[usize::from(digit)])),
                );
            }
        }
    }
    out
}

/// What a string of Logs Insights must not hold.
fn quoted(text: &str) -> String {
    text.replace(['"', '\\', '\n'], "")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alarm::{Alarm, AlarmMetric};
    use crate::gather::Gathered;
    use crate::notice::{Kind, Window};

    fn links(region: &str, alarm: &str) -> Links {
        let deployment = Deployment {
            stack: "prod".to_owned(),
            region: region.to_owned(),
            namespace: "Trailmeter/prod".to_owned(),
            log_group: "/aws/lambda/prod-detect".to_owned(),
            dashboard: "prod-eu".to_owned(),
        };
        let metric = AlarmMetric { namespace: "Trailmeter/prod".to_owned(), name: "Sig\"V2".to_owned() };
        let notice = Notice {
            kind: Kind::Alarm,
            alarm: Alarm { name: alarm.to_owned(), metric: Some(metric), ..Alarm::default() },
            gathered: Gathered::default(),
            window: Window { from: 1_795_291_200, to: 1_795_291_500 },
            remarks: Vec::new(),
        };
        Links::of(&notice, &deployment)
    }

    #[test]
    fn links_lead_to_the_console_of_the_partition() {
        for (region, host) in [
            ("eu-west-1", "https://eu-west-1.console.aws.amazon.com/"),
            ("cn-north-1", "https://cn-north-1.console.amazonaws.cn/"),
            ("us-gov-west-1", "https://us-gov-west-1.console.amazonaws-us-gov.com/"),
        ] {
            assert!(links(region, "prod-A").alarm.starts_with(host), "{region}");
        }
    }

    #[test]
    fn what_comes_from_outside_ends_no_address() {
        let links = links("eu-west-1", "prod-A b/#&'~(");
        assert!(links.alarm.ends_with("#alarmsV2:alarm/prod-A%20b%2F%23%26%27~%28"), "{}", links.alarm);
        let query = links.findings.unwrap();
        let (_, detail) = query.split_once("queryDetail$3D").unwrap();
        assert!(
            detail.starts_with("~(end~'2026-11-21T20*3a10*3a00.000Z~start~'2026-11-21T19*3a55*3a00.000Z~"),
            "{detail}"
        );
        assert!(
            detail.contains("filter*20metric*20*3d*20*22SigV2*22")
                && detail.ends_with("~(~'*2faws*2flambda*2fprod-detect))")
        );
    }
}
