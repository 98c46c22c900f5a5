-- What a detector found: who, from where, on what.
-- source: findings
-- 1: the detector, as 'AccessDenied'
SELECT
  event_time,
  actor.name AS actor,
  actor.arn AS arn,
  actor.access_key AS access_key,
  source_ip,
  user_agent,
  event_source,
  event_name,
  array_join(resources, ', ') AS resources,
  parameters,
  error_code,
  error_message,
  account,
  region,
  event_id,
  object
FROM {findings}
WHERE dt >= date_format(current_date - interval '30' day, '%Y-%m-%d')
  AND detector = ?
ORDER BY event_time DESC
LIMIT 1000
