-- What their principals did besides, in the half hour before and after what a detector found.
-- source: findings
-- 1: the detector, as 'TrailStopped'
SELECT DISTINCT
  finding.event_id AS finding_id,
  call.eventtime,
  call.useridentity.arn AS arn,
  call.eventsource,
  call.eventname,
  call.sourceipaddress,
  call.errorcode,
  call.requestparameters,
  call.eventid
FROM {findings} AS finding
INNER JOIN {cloudtrail} AS call
  ON call.useridentity.arn = finding.actor.arn
WHERE finding.dt >= date_format(current_date - interval '7' day, '%Y-%m-%d')
  AND call.dt >= date_format(current_date - interval '7' day, '%Y/%m/%d')
  -- AND call.account = '111122223333'
  AND finding.detector = ?
  AND call.eventid <> finding.event_id
  AND from_iso8601_timestamp(call.eventtime)
    BETWEEN from_iso8601_timestamp(finding.event_time) - interval '30' minute
    AND from_iso8601_timestamp(finding.event_time) + interval '30' minute
ORDER BY finding_id, eventtime
