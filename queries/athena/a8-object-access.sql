-- Objects of a bucket that were read, written or copied in the last 24 hours, from S3 server access logs.
-- source: A8
-- 1: the bucket, as 'amzn-s3-demo-bucket'
SELECT
  time,
  operation,
  object_key,
  requester,
  remote_ip,
  http_status,
  error_code
FROM {access_logs}
WHERE source_bucket = ? -- partitioned
WHERE bucket = ? -- simple
  AND dt >= date_format(current_date - interval '2' day, '%Y/%m/%d') -- partitioned
  AND date_parse(substr(time, 1, 20), '%d/%b/%Y:%H:%i:%s') >= localtimestamp - interval '24' hour
  AND operation IN ('REST.GET.OBJECT', 'REST.PUT.OBJECT', 'REST.COPY.OBJECT_GET', 'REST.COPY.OBJECT')
ORDER BY date_parse(substr(time, 1, 20), '%d/%b/%Y:%H:%i:%s') DESC
