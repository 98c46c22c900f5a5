//! What the function may do, in a local cloud that enforces it: signatures, the role's policy, and
//! the policies of bucket, queue and topic. The template stands as it is but for the one statement
//! that a test takes away, and the test shows what no longer works.
//!
//! What the local cloud does not judge is named where it matters and proved over the template alone,
//! in `tests/template/test_needs.py` and `test_principals.py`:
//! - It speaks plain HTTP, which the template refuses; the refusal has a test of its own here.
//! - It knows neither `cloudwatch:namespace`, `kms:ViaService` and `aws:PrincipalIsAWSService` nor a
//!   table's own policy. The statements of the role are judged without those conditions.
//! - It asks for an action that IAM does not have (`sqs:SendMessageBatch`), which is put right here.
//! - It reads the action of a request to CloudWatch where the SDK no longer writes it, and so lets all
//!   of them pass; S3 decrypts without asking KMS. There IAM is asked what it would say
//!   (`SimulatePrincipalPolicy`). What the function does when CloudWatch refuses is in `puts.rs`.
//! - Lambda's poller, its destinations and its log reach queue and log from within. The tests make
//!   those calls in Lambda's place, with the function's role.

/// The cloud that enforces, and stacks in it.
mod strict;

use anyhow::{Context, Result, ensure};
use aws_sdk_s3::config::Credentials;
use aws_sdk_sqs::types::QueueAttributeName;
use trailmeter_testkit::bad_input::good_file;

use crate::messages::cloudtrail;
use crate::shelf::detector;
use crate::support::{key, put, root};
use strict::{
    Deployed, is_denied, judged_here, query, refusal, s3_of, sqs_of, strict, without_block, without_statement,
};

#[tokio::test]
async fn with_every_statement_a_file_is_counted_once() -> Result<()> {
    let deployed = Deployed::new("allowed", None, &[]).await?;
    deployed.deliver("it").await?;
    deployed.is_counted("AccessDenied", 3).await?;
    deployed.is_counted("ObjectsRead", 1).await?;
    ensure!(deployed.sum("ObjectsFailed", None).await? == 0);
    // The same notification again: the ledger knows the file, for which it needs both its statements.
    let bucket = deployed.stack.output("LogBucketName")?.to_owned();
    let queue = deployed.stack.output("DeliveryQueueUrl")?;
    let sqs = aws_sdk_sqs::Client::new(&deployed.cloud.config().await);
    let body = cloudtrail(&bucket, &[&key("it")]);
    sqs.send_message().queue_url(queue).message_body(body).send().await?;
    deployed.is_counted("ObjectsDuplicate", 1).await?;
    ensure!(deployed.sum("AccessDenied", None).await? == 3);
    Ok(())
}

#[tokio::test]
async fn without_read_log_files_every_file_fails_and_says_so() -> Result<()> {
    let deployed = Deployed::new("no-read", Some("ReadLogFiles"), &[]).await?;
    deployed.deliver("it").await?;
    deployed.failed_for("access-denied").await
}

#[tokio::test]
async fn without_claim_objects_files_are_held_back() -> Result<()> {
    let deployed = Deployed::new("no-claim", Some("ClaimObjects"), &[]).await?;
    deployed.deliver("it").await?;
    deployed.failed_for("ledger-unavailable").await?;
    ensure!(deployed.sum("LedgerFailures", None).await? > 0, "and the alarm would be silent");
    Ok(())
}

#[tokio::test]
async fn without_claim_objects_files_count_where_that_is_wanted() -> Result<()> {
    let wanted = [("LedgerUnavailable", "count")];
    let deployed = Deployed::new("no-claim-counts", Some("ClaimObjects"), &wanted).await?;
    deployed.deliver("it").await?;
    deployed.is_counted("AccessDenied", 3).await?;
    deployed.is_counted("CountedWithoutLedger", 1).await
}

#[tokio::test]
async fn without_remember_events_files_with_matches_are_held_back() -> Result<()> {
    let deployed = Deployed::new("no-remember", Some("RememberEvents"), &[]).await?;
    deployed.deliver("it").await?;
    deployed.dead_letters(1).await?;
    // Its claim stays with the invocation that failed until the lease is over, which is sooner than a
    // message comes back as deployed. Here it is not.
    let held = deployed.sum("ObjectsFailed", Some("ledger-unavailable")).await?;
    let waits = deployed.sum("ObjectsDuplicate", Some("claimed-elsewhere")).await?;
    assert_eq!((held >= 1, held + waits), (true, 5));
    ensure!(deployed.sum("AccessDenied", None).await? == 0, "it counts");
    Ok(())
}

/// That an action of the function hangs on one statement: IAM allows it with the statement and not
/// without. In the resource `STACK` is the stack's name, and the name of an output what the stack gives out.
async fn hangs_on(sid: &str, name: &str, action: &str, resource: &str) -> Result<()> {
    let key = [("DetectorsObject", "s3://trailmeter-shelf/own.yaml"), ("LoadedDetectorsAlarm", "no")];
    let keys = [("DetectorsKmsKeyArn", KEY), ("LogKmsKeyArn", LOG_KEY)];
    let findings = [("FindingsEventBusArn", BUS), ("FindingsSecurityHub", "yes"), ("Tracing", "Active")];
    let more = [("Verify", "yes"), ("FindingsBucket", "yes"), ("AccessLogs", "create-bucket")];
    let all = [&key[..], &keys, &findings, &more].concat();
    for without in [None, Some(sid)] {
        let name = format!("{name}-{}", if without.is_some() { "denied" } else { "allowed" });
        let deployed = Deployed::new(&name, without, &all).await?;
        let mut resource = resource.replace("STACK", &name);
        for output in ["AccessLogBucketName", "FindingsBucketName"] {
            resource = resource.replace(output, deployed.stack.output(output)?);
        }
        assert_eq!(deployed.may(action, &resource).await?, without.is_none(), "{action} without {without:?}");
    }
    Ok(())
}

const KEY: &str = "arn:aws:kms:us-east-1:000000000000:key/01234567-89ab-cdef-0123-456789abcdef";
const BUS: &str = "arn:aws:events:us-east-1:000000000000:event-bus/soc";
const LOG_KEY: &str = "arn:aws:kms:us-east-1:000000000000:key/fedcba98-7654-3210-fedc-ba9876543210";

#[tokio::test]
async fn without_put_metrics_nothing_counts() -> Result<()> {
    hangs_on("PutMetrics", "put", "cloudwatch:PutMetricData", "*").await
}

#[tokio::test]
async fn without_write_own_log_there_is_none() -> Result<()> {
    let stream = "arn:aws:logs:us-east-1:000000000000:log-group:/aws/lambda/STACK-detect:log-stream:a";
    hangs_on("WriteOwnLog", "log", "logs:PutLogEvents", stream).await
}

#[tokio::test]
async fn without_send_findings_none_go_to_the_bus() -> Result<()> {
    hangs_on("SendFindings", "send", "events:PutEvents", BUS).await
}

#[tokio::test]
async fn without_import_findings_none_go_to_security_hub() -> Result<()> {
    let product = "arn:aws:securityhub:us-east-1:000000000000:product/000000000000/default";
    hangs_on("ImportFindings", "import", "securityhub:BatchImportFindings", product).await
}

#[tokio::test]
async fn without_write_traces_there_are_none() -> Result<()> {
    hangs_on("WriteTraces", "trace", "xray:PutTraceSegments", "*").await
}

#[tokio::test]
async fn without_read_access_logs_none_can_be_read() -> Result<()> {
    let object = "arn:aws:s3:::AccessLogBucketName/AWSLogs/any";
    hangs_on("ReadAccessLogs", "access", "s3:GetObject", object).await
}

#[tokio::test]
async fn without_keep_findings_none_are_kept() -> Result<()> {
    let object = "arn:aws:s3:::FindingsBucketName/detector=AccessDenied/dt=2026-11-22/any.ndjson.gz";
    hangs_on("KeepFindings", "keep-findings", "s3:PutObject", object).await
}

#[tokio::test]
async fn without_pass_on_digests_none_are_verified_as_they_land() -> Result<()> {
    let queue = "arn:aws:sqs:us-east-1:000000000000:STACK-digests";
    hangs_on("PassOnDigests", "pass-on", "sqs:SendMessage", queue).await
}

#[tokio::test]
async fn without_decrypt_log_files_none_can_be_read() -> Result<()> {
    hangs_on("DecryptLogFiles", "decrypt", "kms:Decrypt", LOG_KEY).await
}

#[tokio::test]
async fn without_decrypt_detectors_none_can_be_loaded() -> Result<()> {
    hangs_on("DecryptDetectors", "decrypt-shelf", "kms:Decrypt", KEY).await
}

#[tokio::test]
async fn without_hand_back_objects_a_good_file_is_held_up_by_its_bad_neighbour() -> Result<()> {
    for (name, without, letters) in
        [("hand-back", None, "one object"), ("no-hand-back", Some("HandBackObjects"), "the whole message")]
    {
        // By itself the good file would count: here the message alone speaks of it.
        let deployed = Deployed::new(name, without, &[("Ledger", "off")]).await?;
        deployed.deliver_with_one_gone().await?;
        deployed.dead_letters(1).await.with_context(|| letters.to_owned())?;
        let held_back = deployed.sum("ObjectsFailed", Some("held-back")).await?;
        assert_eq!(held_back, if without.is_some() { 5 } else { 0 }, "{name}");
        // Its own notification counts it once; the message does so only if it could let go of the other.
        assert_eq!(
            deployed.sum("AccessDenied", None).await?,
            if without.is_some() { 3 } else { 6 },
            "{name}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn without_read_detectors_the_packs_run_alone_and_it_is_told() -> Result<()> {
    let cloud = strict().await?;
    let (s3, bucket) = (cloud.s3().await, "trailmeter-shelf-of-the-strict");
    s3.create_bucket().bucket(bucket).send().await?;
    put(&s3, bucket, "own.yaml", detector("Own", "").as_bytes()).await?;
    let place = [
        ("DetectorsObject", "s3://trailmeter-shelf-of-the-strict/own.yaml"),
        // The one kind of alarm that the local cloud does not know.
        ("LoadedDetectorsAlarm", "no"),
    ];
    let allowed = Deployed::new("shelf", None, &place).await?;
    allowed.deliver("it").await?;
    allowed.is_counted("Own", 3).await?;
    let denied = Deployed::new("no-shelf", Some("ReadDetectors"), &place).await?;
    denied.deliver("it").await?;
    denied.is_counted("AccessDenied", 3).await?;
    ensure!(denied.sum("Own", None).await? == 0, "it is loaded");
    ensure!(denied.sum("DetectorVersionsRejected", None).await? > 0, "and nobody is told");
    Ok(())
}

/// What Lambda's poller asks for. The local cloud's own does not ask.
#[tokio::test]
async fn without_take_deliveries_lambda_cannot_poll() -> Result<()> {
    for (name, without) in [("poll", None), ("no-poll", Some("TakeDeliveries"))] {
        let deployed = Deployed::new(name, without, &[]).await?;
        let sqs = deployed.sqs_of_the_function().await?;
        let queue = deployed.stack.output("DeliveryQueueUrl")?;
        let all = QueueAttributeName::All;
        let looked = sqs.get_queue_attributes().queue_url(queue).attribute_names(all).send().await;
        let received = sqs.receive_message().queue_url(queue).send().await;
        let deleted = sqs.delete_message().queue_url(queue).receipt_handle("of-nothing").send().await;
        if without.is_some() {
            let codes = [refusal(looked)?, refusal(received)?, refusal(deleted)?];
            ensure!(codes.iter().all(|code| is_denied(code)), "{codes:?}");
        } else {
            looked?;
            received?;
            // A handle of nothing is refused for what it is.
            ensure!(deleted.is_ok() || !is_denied(&refusal(deleted)?));
        }
        // No more than that, and nothing of the queue of dead letters.
        let purged = sqs.purge_queue().queue_url(queue).send().await;
        let dead = deployed.stack.output("DeadLetterQueueUrl")?;
        let read = sqs.receive_message().queue_url(dead).send().await;
        let codes = [refusal(purged)?, refusal(read)?];
        ensure!(codes.iter().all(|code| is_denied(code)), "{codes:?}");
    }
    Ok(())
}

/// What Lambda asks for when a direct invocation has failed for good. The local cloud's does not ask.
#[tokio::test]
async fn without_keep_failed_invocations_they_are_lost() -> Result<()> {
    for (name, without) in [("keep", None), ("no-keep", Some("KeepFailedInvocations"))] {
        let deployed = Deployed::new(name, without, &[]).await?;
        let sqs = deployed.sqs_of_the_function().await?;
        let dead = deployed.stack.output("DeadLetterQueueUrl")?;
        let sent = sqs.send_message().queue_url(dead).message_body("{}").send().await;
        if without.is_some() {
            let code = refusal(sent)?;
            ensure!(is_denied(&code), "{code}");
        } else {
            sent?;
        }
    }
    Ok(())
}

/// The template as it stands, but for the bucket's notification: S3 would try it out by plain HTTP,
/// and the stack would not stand. Not even the function may do anything here.
#[tokio::test]
async fn plain_http_is_refused() -> Result<()> {
    let template = std::fs::read_to_string(root().join("template.yaml"))?;
    let template = without_block(&template, "      NotificationConfiguration:\n")?;
    let deployed = Deployed::of("plain", &template, &[]).await?;
    // The local cloud asks no bucket's policy where the account's root comes.
    deployed.deliver("it").await?;
    let (cloud, stack) = (deployed.cloud, &deployed.stack);
    let function = deployed.credentials_of_the_function().await?;
    let (s3, sqs) = (s3_of(cloud, function.clone()).await, sqs_of(cloud, function).await);
    let read = s3.get_object().bucket(stack.output("LogBucketName")?).key(key("it")).send().await;
    let mut codes = vec![refusal(read).context("the bucket")?];
    for queue in ["DeliveryQueueUrl", "DeadLetterQueueUrl"] {
        let request = sqs.send_message().queue_url(stack.output(queue)?).message_body("{}");
        codes.push(refusal(request.send().await).context(queue)?);
    }
    ensure!(codes.iter().all(|code| is_denied(code)), "{codes:?}");
    let topic = stack.output("AlarmTopicArn")?;
    let publish =
        [("Action", "Publish"), ("Version", "2010-03-31"), ("TopicArn", topic), ("Message", "it rings")];
    let answer = query(cloud, "sns", &publish).await;
    let told = answer.map_or_else(|error| error.to_string(), |_| "the topic lets it through".to_owned());
    ensure!(told.contains("AuthorizationError"), "{told}");
    Ok(())
}

/// Somebody else's root, over what is made here.
#[tokio::test]
async fn another_account_is_refused() -> Result<()> {
    let deployed = Deployed::new("stranger", None, &[]).await?;
    let stranger = Credentials::new("222222222222", "test", None, None, "another account");
    let s3 = s3_of(deployed.cloud, stranger.clone()).await;
    let sqs = sqs_of(deployed.cloud, stranger).await;
    let bucket = deployed.stack.output("LogBucketName")?;
    let body = good_file(3)?.into();
    let put = s3.put_object().bucket(bucket).key(key("forged")).body(body).send().await;
    let mut codes = vec![refusal(put)?];
    for queue in ["DeliveryQueueUrl", "DeadLetterQueueUrl"] {
        let url = deployed.stack.output(queue)?;
        codes.push(refusal(sqs.send_message().queue_url(url).message_body("{}").send().await)?);
        codes.push(refusal(sqs.receive_message().queue_url(url).send().await)?);
    }
    ensure!(codes.iter().all(|code| is_denied(code)), "{codes:?}");
    Ok(())
}

/// What the tests above take away is what they say.
#[test]
fn a_statement_is_taken_out_whole() -> Result<()> {
    let template = std::fs::read_to_string(root().join("template.yaml"))?;
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    for (sid, length) in [("ReadLogFiles", 7), ("ClaimObjects", 4), ("HandBackObjects", 4)] {
        let less = without_statement(&template, sid)?;
        // Roles of other functions may have statements of the same name.
        let named = template.matches(&format!("Sid: {sid}\n")).count();
        assert_eq!(lines(&template).len() - lines(&less).len(), (length - 1) * named, "{sid}");
        assert!(!less.contains(&format!("Sid: {sid}\n")), "{sid}");
    }
    let judged = judged_here(&template)?;
    assert!(!judged.contains("cloudwatch:namespace") && judged.contains("Action: sqs:SendMessageBatch\n"));
    assert!(judged.contains("- Sid: PutMetrics\n") && judged.contains("- Sid: WriteOwnLog\n"));
    Ok(())
}
