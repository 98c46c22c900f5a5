-- The principals that most detectors have something to say about.
-- source: findings
SELECT
  coalesce(actor.issuer, actor.arn, actor.principal_id, actor.name) AS principal,
  count(DISTINCT detector) AS detectors,
  count(DISTINCT event_id) AS events,
  array_join(array_sort(array_agg(DISTINCT detector)), ', ') AS which,
  min(event_time) AS first_event,
  max(event_time) AS last_event
FROM {findings}
WHERE dt >= date_format(current_date - interval '7' day, '%Y-%m-%d')
GROUP BY coalesce(actor.issuer, actor.arn, actor.principal_id, actor.name)
ORDER BY detectors DESC, events DESC, principal
LIMIT 100
