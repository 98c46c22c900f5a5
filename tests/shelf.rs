//! Detectors on a shelf that the function loads them from: an object or a parameter of the local
//! cloud, or a shelf of its own that says how it was asked.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::Result;
use serde_json::json;
use trailmeter_testkit::http::{Answer, Request, Response, Server};
use trailmeter_testkit::local_cloud::LocalCloud;

use crate::support::ask;

/// The text of a detector for the record of [`trailmeter_testkit::bad_input`], and for no other.
/// `more` is YAML at its top level; its first line is the eighth.
pub(crate) fn detector(name: &str, more: &str) -> String {
    format!(
        "name: {name}
title: Snapshots that were not described
what: Calls that were refused.
why: It is what the tests have.
sources: [https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeSnapshots.html]
logs: cloudtrail
pattern: '{{ $.eventName = \"DescribeSnapshots\" }}'
{more}tests:
  - {{ name: one, match: true, record: {{ eventName: DescribeSnapshots }} }}
  - {{ name: another, match: false, record: {{ eventName: DescribeImages }} }}
"
    )
}

/// Puts a parameter.
pub(crate) async fn put_parameter(cloud: &LocalCloud, name: &str, value: &str) -> Result<()> {
    let parameter = json!({ "Name": name, "Value": value, "Type": "SecureString", "Overwrite": true });
    ask(cloud, "ssm", "AmazonSSM.PutParameter", &parameter).await?;
    Ok(())
}

/// How a look at the shelf fares.
#[derive(Debug, Clone)]
pub(crate) enum Look {
    /// A version with its `ETag`; S3's 304 for whoever has it already.
    There(&'static str, String),
    /// Refused: status, code and message.
    Refused(u16, &'static str, &'static str),
    /// No answer at all.
    Silent,
}

struct Shelved {
    look: Look,
    /// For each time that it was asked: the version that was known, and the status of the answer.
    asked: Vec<(Option<String>, u16)>,
}

/// An S3 in front of the local one that keeps one object with detectors.
pub(crate) struct Shelf {
    server: Server,
    shelved: Arc<Mutex<Shelved>>,
}

impl Shelf {
    /// The key of the detectors, in whatever bucket.
    pub(crate) const KEY: &str = "detectors.yaml";

    /// Starts it. Every other key holds `log`.
    pub(crate) fn start(look: Look, log: Vec<u8>) -> Result<Self> {
        let shelved = Arc::new(Mutex::new(Shelved { look, asked: Vec::new() }));
        let of_server = Arc::clone(&shelved);
        let server = Server::start(move |request| {
            if request.target.split('?').next().is_some_and(|path| path.ends_with(Self::KEY)) {
                lock(&of_server).answer(&request)
            } else {
                Answer::Respond(Response::new(200, &[], log.clone()))
            }
        })?;
        Ok(Self { server, shelved })
    }

    /// Its URL, for `AWS_ENDPOINT_URL_S3`.
    pub(crate) fn endpoint(&self) -> String {
        format!("http://{}", self.server.address())
    }

    /// What is met from now on.
    pub(crate) fn set(&self, look: Look) {
        lock(&self.shelved).look = look;
    }

    /// How it was asked since the last time.
    pub(crate) fn asked(&self) -> Vec<(Option<String>, u16)> {
        std::mem::take(&mut lock(&self.shelved).asked)
    }
}

impl Shelved {
    fn answer(&mut self, request: &Request) -> Answer {
        let known = request.header("if-none-match").map(str::to_owned);
        let response = match &self.look {
            Look::There(version, _) if known.as_deref() == Some(*version) => {
                Response::new(304, &[("etag", version)], Vec::new())
            }
            Look::There(version, text) => Response::new(200, &[("etag", version)], text.clone().into_bytes()),
            Look::Refused(status, code, message) => {
                let xml = format!(
                    r#"<?xml version="1.0" encoding="UTF-8"?><Error><Code>{code}</Code><Message>{message}</Message><RequestId>EXAMPLE1234567RQ</RequestId></Error>"#
                );
                Response::new(*status, &[], xml.into_bytes())
            }
            Look::Silent => {
                self.asked.push((known, 0));
                return Answer::Silence;
            }
        };
        self.asked.push((known, response.status));
        Answer::Respond(response)
    }
}

fn lock(shelved: &Mutex<Shelved>) -> MutexGuard<'_, Shelved> {
    shelved.lock().unwrap_or_else(PoisonError::into_inner)
}
