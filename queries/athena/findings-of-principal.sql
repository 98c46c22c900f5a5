-- What all detectors together say of a principal, the role of its session included.
-- source: findings
-- 1: its ARN, its name or its principal id, as 'arn:aws:iam::111122223333:role/deploy'
SELECT
  event_time,
  detector,
  severity,
  actor.arn AS arn,
  source_ip,
  event_source,
  event_name,
  array_join(resources, ', ') AS resources,
  error_code,
  event_id
FROM {findings}
WHERE dt >= date_format(current_date - interval '30' day, '%Y-%m-%d')
  AND ? IN (actor.arn, actor.name, actor.principal_id, actor.issuer, actor.access_key)
ORDER BY event_time DESC
LIMIT 1000
