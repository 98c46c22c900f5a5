-- Who came to a bucket without credentials in the last 24 hours, from S3 server access logs. A line without a requester
-- is one; preflights of browsers are left out.
-- source: A8
-- 1: the bucket, as 'amzn-s3-demo-bucket'
SELECT
  remote_ip,
  operation,
  http_status,
  error_code,
  count(DISTINCT request_id) AS requests,
  max_by(user_agent, date_parse(substr(time, 1, 20), '%d/%b/%Y:%H:%i:%s')) AS last_user_agent
FROM {access_logs}
WHERE source_bucket = ? -- partitioned
WHERE bucket = ? -- simple
  AND dt >= date_format(current_date - interval '2' day, '%Y/%m/%d') -- partitioned
  AND date_parse(substr(time, 1, 20), '%d/%b/%Y:%H:%i:%s') >= localtimestamp - interval '24' hour
  AND requester IS NULL
  AND operation <> 'REST.OPTIONS.PREFLIGHT'
GROUP BY remote_ip, operation, http_status, error_code
ORDER BY requests DESC, remote_ip, operation
