-- Requests to a bucket that were signed with Signature Version 2, from S3 server access logs.
-- source: A8
-- 1: the bucket, as 'amzn-s3-demo-bucket'
SELECT
  time,
  requester,
  operation,
  object_key,
  remote_ip,
  user_agent,
  authentication_type
FROM {access_logs}
WHERE source_bucket = ? -- partitioned
WHERE bucket = ? -- simple
  AND dt >= date_format(current_date - interval '7' day, '%Y/%m/%d') -- partitioned
  AND date_parse(substr(time, 1, 20), '%d/%b/%Y:%H:%i:%s') >= localtimestamp - interval '7' day
  AND signature_version = 'SigV2'
ORDER BY date_parse(substr(time, 1, 20), '%d/%b/%Y:%H:%i:%s') DESC
