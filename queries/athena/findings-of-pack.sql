-- What the pack {pack} found, by detector, principal and address. calls-of-principal and calls-of-address go on from
-- here; docs/detectors.md says of each detector where to look first.
-- source: pack
SELECT
  detector,
  severity,
  coalesce(actor.arn, actor.principal_id, actor.name) AS principal,
  source_ip,
  count(DISTINCT event_id) AS events,
  min(event_time) AS first_event,
  max(event_time) AS last_event,
  max_by(event_id, event_time) AS last_event_id
FROM {findings}
WHERE dt >= date_format(current_date - interval '7' day, '%Y-%m-%d')
  AND detector IN ({detectors})
GROUP BY detector, severity, coalesce(actor.arn, actor.principal_id, actor.name), source_ip
ORDER BY last_event DESC, detector
