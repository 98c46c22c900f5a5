//! From a template and an event's few numbers to the JSON text of its record.
//!
//! A slot is written in guillemets, which no CloudTrail text holds: `«uuid»`, `«hex:17»`,
//! `«int:1:9»`. Named slots such as `«bucket»` stand for the same text everywhere in one record.
//! Templates are cut into pieces once; a record is a walk along the pieces.

use anyhow::{Context, Result, bail};
use jiff::Timestamp;

use super::plan::Plan;
use super::template::{Shape, Template};
use crate::rng::{BASE64, DIGITS, HEX, Rng, UPPER};

/// One event. Its record is a function of these numbers, so a repeat needs no copy of the text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Event {
    /// Unique within the corpus.
    pub(super) serial: u64,
    /// Index into the templates of its table.
    pub(super) template: usize,
    /// Seed of the record's own draws.
    pub(super) seed: u64,
    /// Seed of what is the same for all records of its session; without one the record's own.
    pub(super) session: Option<u64>,
    /// `eventTime`, in seconds since 1970.
    pub(super) time: i64,
    /// Index into the plan's accounts.
    pub(super) account: usize,
    /// Index into the plan's regions.
    pub(super) region: usize,
}

/// A template cut into pieces.
#[derive(Debug)]
pub(super) struct Compiled {
    pub(super) template: &'static Template,
    pieces: Vec<Piece>,
}

#[derive(Debug)]
enum Piece {
    Text(String),
    Draw(&'static [u8], usize),
    Int(u64, u64),
    Slot(Slot),
}

#[derive(Debug, Clone, Copy)]
enum Slot {
    AccessKey,
    Account,
    Region,
    Time,
    Created,
    Epoch,
    EventId,
    RequestId,
    User,
    UserId,
    Role,
    RoleId,
    Session,
    Bucket,
    Key,
    Instance,
    Group,
    Ip,
    Agent,
    Browser,
    Word,
    Uuid,
}

const USERS: &[&str] =
    &["alice", "bob", "carol.m", "deploy", "terraform", "j\\u00f6rg", "zo\u{eb}", "backup-runner"];
const ROLES: &[&str] = &[
    "OrganizationAccountAccessRole",
    "orders-api-task",
    "ingest-worker",
    "AWSReservedSSO_AdministratorAccess_0a1b2c3d4e5f6071",
    "github-actions-deploy",
    "eks-node-group",
    "AWSServiceRoleForAutoScaling",
    "data-lake-reader",
];
const BUCKETS: &[&str] = &[
    "orders-export",
    "anonymous-feedback-archive",
    "web-assets-prod",
    "sigv2-migration-notes",
    "datalake-raw",
    "datalake-curated",
];
/// The three ranges kept for documentation.
const NETWORKS: &[[u64; 4]] = &[[198, 51, 100, 0], [203, 0, 113, 0], [192, 0, 2, 0]];
const WORDS: &[&str] = &[
    "orders",
    "invoices",
    "telemetry",
    "checkout",
    "billing",
    "sessions",
    "catalogue",
    "search",
    "mailer",
    "audit",
];
/// Escapes and characters beyond ASCII stand here as they stand in real files.
const AGENTS: &[&str] = &[
    "aws-cli/2.17.44 md/awscrt#0.21.2 ua/2.0 os/linux#6.1.0 md/arch#x86_64 lang/python#3.11.9 md/prompt#off md/command#ec2.describe-instances",
    "Boto3/1.43.67 md/Botocore#1.43.67 ua/2.0 os/linux#5.10 md/arch#aarch64 lang/python#3.11.9 cfg/retry-mode#standard Botocore/1.43.67",
    "aws-sdk-rust/1.16.2 ua/2.1 api/s3/1.157.0 os/linux lang/rust/1.95.0 m/E,b",
    "APN/1.0 HashiCorp/1.0 Terraform/1.9.5 (+https://www.terraform.io) terraform-provider-aws/5.65.0 (+https://registry.terraform.io/providers/hashicorp/aws) aws-sdk-go-v2/1.30.4 os/linux lang/go#1.22.6",
    "[aws-sdk-java/1.12.770 Linux/5.10.223 OpenJDK_64-Bit_Server_VM/17.0.12+7-LTS java/17.0.12 vendor/Amazon.com_Inc. cfg/retry-mode/legacy]",
    "[S3Console/0.4, aws-internal/3 aws-sdk-java/1.11.666 Linux/4.9.217]",
    "backup \\\"nightly\\\" C:\\\\tools\\\\sync.exe \\/v3 {\\\"errorCode\\\":\\\"AccessDenied\\\"}",
    "Sicherungsl\u{e4}ufer/1.0 (M\\u00fcnchen; \\u65e5\\u672c; \u{1f4e6})",
];
/// What a caller can put into a field that is copied as it came: mostly text to be unescaped.
const ESCAPED_AGENTS: &[&str] = &[
    r#"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Sid\":\"\",\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"*\"},\"Action\":[\"s3:GetObject\",\"s3:PutObject\"],\"Resource\":\"arn:aws:s3:::*\",\"Condition\":{\"Bool\":{\"aws:SecureTransport\":\"false\"}}}]}"#,
    r#"}]},{\"eventVersion\":\"1.11\",\"errorCode\":\"AccessDenied\",\"userIdentity\":{\"accountId\":\"anonymous\"}},{\"Records\":["#,
    r#"\\\"\\\" C:\\tools\\\"sync\" \/opt\/bin\/\t\r\n\b\f \\\\\\\\\\\\\""#,
    r"\u0041\u0063\u0063\u0065\u0073\u0073\u0044\u0065\u006e\u0069\u0065\u0064 \ud83d\udce6 \u65e5\u672c\u8a9e \u003cscript\u003e \u0026\u0027\u0000",
    "日本語のクライアント Sicherungsläufer 📦📦📦 Проверка naïve café",
];
const ESCAPED_FOLDERS: &[&str] =
    &[r"\u00fcber", r#"\"quoted\" part"#, r"back\\slash", "📦日本", r"\u005c\u0022"];
const BROWSERS: &[&str] = &[
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/128.0.0.0 Safari/537.36",
    "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.6 Mobile/15E148 Safari/604.1",
];

impl Compiled {
    /// Cuts a template, with the fields of its shape around it, into pieces.
    pub(super) fn new(template: &'static Template) -> Result<Self> {
        let text = whole_text(template);
        let pieces = cut(&text).with_context(|| format!("template {}", template.name))?;
        Ok(Self { template, pieces })
    }

    /// Appends the record of an event. With `addendum` it is the second record that tells of
    /// updated data: the same fields, an id of its own, the original's id in `addendum`.
    pub(super) fn render(&self, plan: &Plan, event: &Event, addendum: bool, out: &mut Vec<u8>) {
        let mut rng = Rng::new(event.seed);
        let mut scene = Scene::new(plan, event, &mut rng);
        let original = scene.event_id.clone();
        if addendum {
            scene.event_id.clear();
            uuid(&mut Rng::new(!event.seed), &mut scene.event_id);
        }
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => out.extend_from_slice(text.as_bytes()),
                Piece::Draw(alphabet, count) => rng.text(alphabet, *count, out),
                Piece::Int(from, to) => {
                    let number = from + rng.below(to - from + 1);
                    out.extend_from_slice(number.to_string().as_bytes());
                }
                Piece::Slot(slot) => scene.write(*slot, &mut rng, out),
            }
        }
        if addendum {
            // Every record ends in one brace; the field goes in front of it.
            out.pop();
            out.extend_from_slice(br#","addendum":{"reason":"UPDATED_DATA","updatedFields":"responseElements","originalEventID":""#);
            out.extend_from_slice(&original);
            out.extend_from_slice(br#""}}"#);
        }
    }
}

/// What stays the same within one record.
struct Scene<'a> {
    account: &'a str,
    region: &'a str,
    time: i64,
    /// When the session may have begun at the latest.
    began: i64,
    /// Seed of the session's access key; without one every record draws its own.
    access_key: Option<u64>,
    has_escapes: bool,
    event_id: Vec<u8>,
    request_id: Vec<u8>,
    user: usize,
    role: usize,
    bucket: usize,
    agent: usize,
    browser: usize,
    word: usize,
    session: u64,
    instance: Vec<u8>,
    ip: [u64; 4],
    key: u64,
}

impl<'a> Scene<'a> {
    fn new(plan: &'a Plan, event: &Event, rng: &mut Rng) -> Self {
        let mut event_id = Vec::with_capacity(36);
        uuid(rng, &mut event_id);
        let mut request_id = Vec::with_capacity(36);
        uuid(rng, &mut request_id);
        let mut instance = Vec::with_capacity(17);
        rng.text(HEX, 17, &mut instance);
        let mut scene = Self {
            account: &plan.accounts[event.account],
            region: &plan.regions[event.region],
            time: event.time,
            began: event.time,
            access_key: None,
            has_escapes: plan.escapes,
            event_id,
            request_id,
            user: rng.index(USERS.len()),
            role: rng.index(ROLES.len()),
            bucket: rng.index(BUCKETS.len()),
            agent: rng.index(AGENTS.len()),
            browser: rng.index(BROWSERS.len()),
            word: rng.index(WORDS.len()),
            session: rng.below(10_000_000_000),
            instance,
            ip: *rng.pick(NETWORKS),
            key: rng.next_u64(),
        };
        if let Some(session) = event.session {
            scene.take_session(session);
        }
        scene
    }

    /// What a session's records have in common.
    fn take_session(&mut self, session: u64) {
        let mut rng = Rng::new(session);
        self.user = rng.index(USERS.len());
        self.role = rng.index(ROLES.len());
        self.agent = rng.index(AGENTS.len());
        self.browser = rng.index(BROWSERS.len());
        self.session = rng.below(10_000_000_000);
        self.ip = *rng.pick(NETWORKS);
        self.bucket = rng.index(BUCKETS.len());
        self.word = rng.index(WORDS.len());
        self.access_key = Some(rng.next_u64());
        self.began = self.time - self.time.rem_euclid(3600);
    }

    fn write(&self, slot: Slot, rng: &mut Rng, out: &mut Vec<u8>) {
        let text = |out: &mut Vec<u8>, text: &str| out.extend_from_slice(text.as_bytes());
        match slot {
            Slot::AccessKey => match self.access_key {
                Some(seed) => Rng::new(seed).text(UPPER, 16, out),
                None => rng.text(UPPER, 16, out),
            },
            Slot::Account => text(out, self.account),
            Slot::Region => text(out, self.region),
            Slot::Time => time(self.time, out),
            // Sessions start up to an hour earlier.
            Slot::Created => time(self.began - i64::try_from(self.session % 3600).unwrap_or_default(), out),
            Slot::Epoch => text(out, &(self.time * 1000).to_string()),
            Slot::EventId => out.extend_from_slice(&self.event_id),
            Slot::RequestId => out.extend_from_slice(&self.request_id),
            Slot::User => text(out, USERS[self.user]),
            Slot::UserId => Rng::new(self.user as u64).text(UPPER, 17, out),
            Slot::Role => text(out, ROLES[self.role]),
            Slot::RoleId => Rng::new(!(self.role as u64)).text(UPPER, 17, out),
            Slot::Session => text(out, &format!("session-{:010}", self.session)),
            Slot::Bucket => text(out, BUCKETS[self.bucket]),
            Slot::Key => {
                let (folder, slash) = if self.has_escapes {
                    (ESCAPED_FOLDERS[self.word % ESCAPED_FOLDERS.len()], "\\/")
                } else {
                    (WORDS[self.word], "/")
                };
                text(out, &format!("{folder}{slash}2026{slash}part-{:016x}.snappy.parquet", self.key));
            }
            Slot::Instance => out.extend_from_slice(&self.instance),
            Slot::Group => text(out, &format!("sg-{:017x}", self.key)),
            Slot::Ip => {
                text(
                    out,
                    &format!("{}.{}.{}.{}", self.ip[0], self.ip[1], self.ip[2], 1 + self.session % 254),
                );
            }
            Slot::Agent | Slot::Browser if self.has_escapes => {
                text(out, ESCAPED_AGENTS[self.agent % ESCAPED_AGENTS.len()]);
            }
            Slot::Agent => text(out, AGENTS[self.agent]),
            Slot::Browser => text(out, BROWSERS[self.browser]),
            Slot::Word => text(out, WORDS[self.word]),
            Slot::Uuid => uuid(rng, out),
        }
    }
}

/// The fields of the template's shape around its own text, in the order of real records.
fn whole_text(template: &Template) -> String {
    let Template { service, event, actor, shape, fields, after, .. } = template;
    if *shape == Shape::Whole {
        return (*fields).to_owned();
    }
    let identity = actor.identity();
    let (source, agent) = actor.source();
    let (read_only, management, category, kind) = match shape {
        Shape::Read => (true, true, "Management", "AwsApiCall"),
        Shape::DataRead => (true, false, "Data", "AwsApiCall"),
        Shape::DataWrite => (false, false, "Data", "AwsApiCall"),
        Shape::SignIn => (false, true, "Management", "AwsConsoleSignIn"),
        Shape::ServiceEvent => (false, true, "Management", "AwsServiceEvent"),
        Shape::Write | Shape::Whole => (false, true, "Management", "AwsApiCall"),
    };
    // Service events have no request of their own.
    let request = match (shape, *service) {
        (Shape::ServiceEvent | Shape::SignIn, _) => "",
        (_, "s3") => r#""requestID":"«upper:16»","#,
        _ => r#""requestID":"«request»","#,
    };
    let tls = if actor.has_connection() && *shape != Shape::ServiceEvent {
        format!(
            r#","tlsDetails":{{"tlsVersion":"TLSv1.3","cipherSuite":"TLS_AES_128_GCM_SHA256","clientProvidedHostHeader":"{service}.«region».amazonaws.com"}}"#
        )
    } else {
        String::new()
    };
    format!(
        r#"{{"eventVersion":"1.11","userIdentity":{identity},"eventTime":"«time»","eventSource":"{service}.amazonaws.com","eventName":"{event}","awsRegion":"«region»","sourceIPAddress":"{source}","userAgent":"{agent}",{fields},{request}"eventID":"«event»","readOnly":{read_only},{after}"eventType":"{kind}","managementEvent":{management},"recipientAccountId":"«account»","eventCategory":"{category}"{tls}}}"#
    )
}

fn cut(text: &str) -> Result<Vec<Piece>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('«') {
        let (slot, behind) = behind.split_once('»').context("a slot without its end")?;
        pieces.push(Piece::Text(before.to_owned()));
        pieces.push(piece(slot)?);
        rest = behind;
    }
    pieces.push(Piece::Text(rest.to_owned()));
    Ok(pieces)
}

fn piece(slot: &str) -> Result<Piece> {
    let words: Vec<&str> = slot.split(':').collect();
    Ok(match words.as_slice() {
        ["hex", count] => Piece::Draw(HEX, count.parse()?),
        ["upper", count] => Piece::Draw(UPPER, count.parse()?),
        ["digits", count] => Piece::Draw(DIGITS, count.parse()?),
        ["base64", count] => Piece::Draw(BASE64, count.parse()?),
        ["int", from, to] => Piece::Int(from.parse()?, to.parse()?),
        [name] => Piece::Slot(named(name)?),
        _ => bail!("no such slot: {slot}"),
    })
}

fn named(name: &str) -> Result<Slot> {
    Ok(match name {
        "access-key" => Slot::AccessKey,
        "account" => Slot::Account,
        "region" => Slot::Region,
        "time" => Slot::Time,
        "created" => Slot::Created,
        "epoch" => Slot::Epoch,
        "event" => Slot::EventId,
        "request" => Slot::RequestId,
        "user" => Slot::User,
        "user-id" => Slot::UserId,
        "role" => Slot::Role,
        "role-id" => Slot::RoleId,
        "session" => Slot::Session,
        "bucket" => Slot::Bucket,
        "key" => Slot::Key,
        "instance" => Slot::Instance,
        "group" => Slot::Group,
        "ip" => Slot::Ip,
        "agent" => Slot::Agent,
        "browser" => Slot::Browser,
        "word" => Slot::Word,
        "uuid" => Slot::Uuid,
        _ => bail!("no such slot: {name}"),
    })
}

fn uuid(rng: &mut Rng, out: &mut Vec<u8>) {
    for (at, count) in [8, 4, 4, 4, 12].into_iter().enumerate() {
        if at > 0 {
            out.push(b'-');
        }
        rng.text(HEX, count, out);
    }
}

/// `2026-03-14T09:05:00Z`. A time beyond the calendar cannot come out of a plan's `Timestamp`.
fn time(seconds: i64, out: &mut Vec<u8>) {
    let time = Timestamp::from_second(seconds).unwrap_or_default();
    out.extend_from_slice(time.to_string().as_bytes());
}
