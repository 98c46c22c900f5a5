-- What else its principal did in the hour before and the hour after an event.
-- source: follow-up
-- 1: the event id, as a finding names it
SELECT DISTINCT
  call.eventtime,
  call.eventsource,
  call.eventname,
  call.awsregion,
  call.sourceipaddress,
  call.useragent,
  call.errorcode,
  call.requestparameters,
  call.eventid
FROM {cloudtrail} AS call
INNER JOIN {cloudtrail} AS event
  ON coalesce(call.useridentity.arn, nullif(call.useridentity.principalid, ''))
    = coalesce(event.useridentity.arn, nullif(event.useridentity.principalid, ''))
WHERE call.dt >= date_format(current_date - interval '7' day, '%Y/%m/%d')
  AND event.dt >= date_format(current_date - interval '7' day, '%Y/%m/%d')
  -- AND call.account = '111122223333' AND event.account = '111122223333'
  AND event.eventid = ?
  AND from_iso8601_timestamp(call.eventtime)
    BETWEEN from_iso8601_timestamp(event.eventtime) - interval '1' hour
    AND from_iso8601_timestamp(event.eventtime) + interval '1' hour
ORDER BY eventtime
