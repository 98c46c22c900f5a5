-- The newest findings of all detectors.
-- source: findings
SELECT
  event_time,
  detector,
  severity,
  actor.name AS actor,
  source_ip,
  event_source,
  event_name,
  error_code,
  account,
  region,
  event_id
FROM {findings}
WHERE dt >= date_format(current_date - interval '7' day, '%Y-%m-%d')
ORDER BY event_time DESC
LIMIT 100
