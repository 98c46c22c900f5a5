//! The other log: S3 server access logs.

use anyhow::Result;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::say;
use super::stage::Stage;

/// Who asked, for what, with what status, and how it was signed.
const REQUESTS: [(&str, &str, &str, &str); 5] = [
    ("-", "REST.GET.OBJECT", "200 -", "-"),
    ("-", "REST.GET.OBJECT", "200 -", "-"),
    ("-", "REST.HEAD.OBJECT", "403 AccessDenied", "-"),
    ("arn:aws:iam::111122223333:user/alice", "REST.GET.OBJECT", "200 -", "SigV4"),
    ("-", "REST.GET.OBJECT", "206 -", "-"),
];
/// Reads by nobody in particular that were answered.
const READS: u64 = 3;

pub(crate) async fn show(stage: &Stage<'_>) -> Result<()> {
    let bucket = stage.stack.output("AccessLogBucketName")?;
    let now = Timestamp::now().to_zoned(TimeZone::UTC);
    let key = now
        .strftime("111122223333/us-east-1/amzn-s3-demo-bucket/%Y/%m/%d/%Y-%m-%d-%H-%M-%S-ABCDEF0123456789");
    let lines: Vec<String> = (0..).zip(REQUESTS).map(|(at, request)| line(&now, at, request)).collect();
    stage.put(bucket, &key.to_string(), lines.concat().into_bytes()).await?;
    stage.wait("AccessLogAnonymousRead", READS).await?;
    say(&format!(
        "\nTHE OTHER LOG\nan access log with {} requests, {READS} of them reads of an object by nobody in particular:\n  | {}\
         AccessLogAnonymousRead is {READS}\n",
        lines.len(),
        lines[0]
    ))
}

fn line(now: &jiff::Zoned, at: u32, (who, operation, status, signature): (&str, &str, &str, &str)) -> String {
    let time = now.strftime("%d/%b/%Y:%H:%M:%S +0000");
    let method = operation.split('.').nth(1).unwrap_or_default();
    let how = if signature == "-" { "-" } else { "AuthHeader" };
    format!(
        "79a59df900b949e5 amzn-s3-demo-bucket [{time}] 198.51.100.66 {who} 3E57427F3EXAMPL{at} {operation} plans.pdf \
         \"{method} /plans.pdf HTTP/1.1\" {status} 2048 2048 7 6 \"-\" \"curl/8.5.0\" - 9vKBE6vMhrNiWHZmb2L0mXOcqPGzQOI5XLnCtZNPxev+Hf+7tpT6sxDwDty4LHBUOZJG96N1234= {signature} \
         TLS_AES_128_GCM_SHA256 {how} amzn-s3-demo-bucket.s3.us-east-1.amazonaws.com TLSv1.3 - - us-east-1\n"
    )
}
