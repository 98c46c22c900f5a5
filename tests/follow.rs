//! `trailmeter scan --follow`: files are read as they are delivered.

use std::fs::{self, File};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, Result, ensure};
use jiff::Timestamp;
use serde_json::{Value, json};
use tempfile::TempDir;
use trailmeter_testkit::bad_input::{good_file, not_gzip};
use trailmeter_testkit::eventually::eventually;
use trailmeter_testkit::http::{Answer, Request, Response, Server};

use crate::command::{trailmeter, trailmeter_at, trailmeter_command};
use crate::support::{World, cloud};

/// A command that follows. What it prints goes into files, which can be looked at while it runs.
struct Following {
    child: Child,
    folder: TempDir,
}

impl Following {
    /// Starts it, and waits until it has looked for the first time.
    async fn start(endpoint: &str, arguments: &[&str]) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let file = |name: &str| File::create(folder.path().join(name)).map(Stdio::from);
        let child = trailmeter_command()?
            .envs([("AWS_ENDPOINT_URL", endpoint), ("AWS_REGION", "us-east-1")])
            .envs([("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test")])
            .args(["scan", "--follow", "--interval", "1"])
            .args(arguments)
            .stdout(file("stdout")?)
            .stderr(file("stderr")?)
            .spawn()?;
        let mut following = Self { child, folder };
        following.says("following s3://").await?;
        Ok(following)
    }

    fn printed(&self, name: &str) -> Result<String> {
        Ok(fs::read_to_string(self.folder.path().join(name))?)
    }

    /// Waits until standard error holds a text.
    async fn says(&mut self, text: &str) -> Result<()> {
        eventually(text, async || {
            let said = self.printed("stderr")?;
            let ended = self.child.try_wait()?;
            if !said.contains(text) && ended.is_some() {
                return Ok(Some(Err(anyhow::anyhow!("it ended with {ended:?}: {said}"))));
            }
            Ok(said.contains(text).then_some(Ok(())))
        })
        .await?
    }

    /// Waits until there are so many lines on standard output.
    async fn lines(&self, count: usize) -> Result<Vec<String>> {
        eventually(&format!("{count} line(s)"), async || {
            let lines: Vec<String> = self.printed("stdout")?.lines().map(str::to_owned).collect();
            Ok((lines.len() >= count).then_some(lines))
        })
        .await
    }

    /// Ctrl-C. Returns the status, and all that was printed.
    fn end(mut self) -> Result<(Option<i32>, String, String)> {
        let id = self.child.id().to_string();
        ensure!(Command::new("kill").args(["-INT", &id]).status()?.success(), "it cannot be interrupted");
        let status = self.child.wait()?;
        Ok((status.code(), self.printed("stdout")?, self.printed("stderr")?))
    }
}

impl Drop for Following {
    fn drop(&mut self) {
        // It has ended if the test went well.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// A key of today, as the command looks there.
fn key(region: &str, name: &str) -> String {
    let day = Timestamp::now().strftime("%Y/%m/%d").to_string();
    format!("AWSLogs/111122223333/CloudTrail/{region}/{day}/111122223333_CloudTrail_{region}_{name}.json.gz")
}

#[tokio::test]
async fn what_is_delivered_is_read_and_told() -> Result<()> {
    let world = World::new("followed").await?;
    let endpoint = cloud().await?.endpoint();
    world.put(&key("eu-west-1", "20261121T0600Z_old"), &good_file(7)?).await?;
    let place = format!("s3://{}", world.bucket);
    let mut following = Following::start(endpoint, &["--format", "json", &place]).await?;

    // One whose name sorts before what is known, one that is no log file, one of a region that had none.
    let early = key("eu-west-1", "20261121T0500Z_late");
    world.put(&early, &good_file(3)?).await?;
    let line: Value = serde_json::from_str(&following.lines(1).await?[0])?;
    assert_eq!((&line["detector"], &line["matches"]), (&json!("AccessDenied"), &json!(3)), "{line}");
    assert_eq!((&line["account"], &line["region"]), (&json!("111122223333"), &json!("eu-west-1")));
    assert_eq!(
        (&line["object"], &line["actors"]),
        (&json!(format!("{place}/{early}")), &json!({ "alice": 3 }))
    );
    let bad = key("eu-west-1", "20261121T0605Z_bad");
    world.put(&bad, &not_gzip()).await?;
    following.says(&bad).await?;
    // Its events are those of the first, and count once.
    world.put(&key("us-east-1", "20261121T0605Z_new"), &good_file(5)?).await?;
    let line: Value = serde_json::from_str(&following.lines(2).await?[1])?;
    assert_eq!((&line["matches"], &line["region"]), (&json!(2), &json!("us-east-1")), "{line}");

    let (status, stdout, stderr) = following.end()?;
    assert_eq!(status, Some(3), "{stderr}");
    let last: Value = serde_json::from_str(stdout.lines().last().context("there is a result")?)?;
    assert_eq!(last["objects"], json!({ "read": 2, "skipped": {}, "failed": { "not-json": 1 } }));
    assert_eq!(last["detectors"]["AccessDenied"]["matches"], 5);
    assert_eq!(last["records"]["duplicate"], 3);
    Ok(())
}

#[tokio::test]
async fn one_may_begin_earlier_and_sees_a_table_at_the_end() -> Result<()> {
    let world = World::new("followed-since").await?;
    world.put(&key("eu-west-1", "20261121T0600Z_old"), &good_file(7)?).await?;
    let place = format!("s3://{}/AWSLogs/111122223333/", world.bucket);
    let following = Following::start(cloud().await?.endpoint(), &["--since", "1h", &place]).await?;
    let lines = following.lines(1).await?;
    assert!(
        lines[0].contains("AccessDenied")
            && lines[0].contains("      7  alice  111122223333 eu-west-1  Calls denied"),
        "{lines:?}"
    );
    let (status, stdout, stderr) = following.end()?;
    assert_eq!(status, Some(0), "{stderr}");
    assert!(stdout.contains("\n DETECTOR             MATCHES  EXCLUDED  WHAT\n"), "{stdout}");
    assert!(stdout.contains("\nobjects  1 read, 0 skipped, 0 failed\n"), "{stdout}");
    Ok(())
}

fn respond(status: u16, body: Vec<u8>) -> Answer {
    Answer::Respond(Response::new(status, &[("content-type", "application/xml")], body))
}

fn refuse(status: u16, code: &str) -> Answer {
    respond(status, format!("<Error><Code>{code}</Code><Message>no</Message></Error>").into_bytes())
}

/// A listing of these keys, all of them new.
fn listing(keys: &[String]) -> Answer {
    let contents: Vec<String> =
        keys.iter().map(|key| format!("<Contents><Key>{key}</Key><Size>9</Size></Contents>")).collect();
    let contents = contents.concat();
    let text = format!("<ListBucketResult><IsTruncated>false</IsTruncated>{contents}</ListBucketResult>");
    respond(200, text.into_bytes())
}

fn is_listing(request: &Request) -> bool {
    request.target.contains("list-type=2")
}

/// Until then S3 throttles; the SDK's own repetitions come to nothing.
static MENDED: AtomicBool = AtomicBool::new(false);

#[tokio::test]
async fn an_object_that_s3_does_not_give_is_tried_again() -> Result<()> {
    let [good, never] = ["20261121T0600Z_good", "20261121T0600Z_never"].map(|name| key("eu-west-1", name));
    let looks = Mutex::new(0);
    let body = good_file(2)?;
    let keys = [good.clone(), never.clone()];
    let server = Server::start(move |request| {
        let mut looks = looks.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if is_listing(&request) {
            *looks += 1;
            return listing(if *looks == 1 { &[] } else { &keys });
        }
        if request.target.contains("_never") || !MENDED.load(Ordering::SeqCst) {
            return refuse(503, "SlowDown");
        }
        respond(200, body.clone())
    })?;
    let place = "s3://logs/AWSLogs/111122223333/CloudTrail/eu-west-1/";
    let endpoint = format!("http://{}", server.address());
    let mut following = Following::start(&endpoint, &["--format", "json", place]).await?;
    following.says(&format!("{good}: the store throttles")).await?;
    following.says(&format!("{never}: the store throttles")).await?;
    assert!(following.printed("stderr")?.contains("it is tried again with each look"));
    MENDED.store(true, Ordering::SeqCst);
    let line: Value = serde_json::from_str(&following.lines(1).await?[0])?;
    assert_eq!((&line["matches"], &line["object"]), (&json!(2), &json!(format!("s3://logs/{good}"))));

    let (status, stdout, stderr) = following.end()?;
    assert_eq!(status, Some(3), "{stderr}");
    let last: Value = serde_json::from_str(stdout.lines().last().context("there is a result")?)?;
    assert_eq!(last["objects"], json!({ "read": 1, "skipped": {}, "failed": { "throttled": 1 } }));
    assert_eq!(stderr.matches(&never).count(), 2, "once when it began, once at the end: {stderr}");
    Ok(())
}

#[tokio::test]
async fn what_cannot_be_followed_is_refused_and_said_why() -> Result<()> {
    for (arguments, part) in [
        (&["logs/"][..], "logs/ cannot be followed: name s3://BUCKET/PREFIX"),
        (&["s3://"], "names no bucket"),
        (&["s3://b/AWSLogs/111122223333/vpcflowlogs/"], "holds no log files of CloudTrail"),
        (&["--interval", "0", "s3://b"], "1..=3600"),
        (&["--since", "yesterday", "s3://b"], "write 30m, 6h or 2d"),
    ] {
        let run = trailmeter(&[&["scan", "--follow"], arguments].concat())?;
        assert_eq!(run.status, Some(2), "{arguments:?}");
        assert!(run.stderr.contains(part), "{arguments:?}: {}", run.stderr);
    }
    let run = trailmeter(&["scan", "--since", "1h", "s3://b"])?;
    assert!(run.stderr.contains("--follow"), "{}", run.stderr);

    let run = trailmeter_at(cloud().await?.endpoint(), &["scan", "--follow", "s3://no-such-bucket-here"])?;
    assert_eq!(run.status, Some(2), "{}", run.stderr);
    assert!(
        run.stderr.contains("s3://no-such-bucket-here/AWSLogs/: there is no such bucket"),
        "{}",
        run.stderr
    );
    for (status, code, part) in [
        (403, "AccessDenied", "access denied: listing needs s3:ListBucket"),
        (301, "PermanentRedirect", "the bucket is in another region: name it in AWS_REGION"),
        (400, "ExpiredToken", "sign in again"),
        (503, "SlowDown", "S3 throttles"),
    ] {
        let server = Server::start(move |_| refuse(status, code))?;
        let run = trailmeter_at(&format!("http://{}", server.address()), &["scan", "--follow", "s3://logs"])?;
        assert_eq!(run.status, Some(2), "{code}: {}", run.stderr);
        assert!(run.stderr.contains(part), "{code}: {}", run.stderr);
    }
    Ok(())
}
