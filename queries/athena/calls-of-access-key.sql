-- All that was done with an access key, a user's or a session's. Every address that it came from is an answer too.
-- source: follow-up
-- 1: the access key id, as 'ASIAIOSFODNN7EXAMPLE'
SELECT
  eventtime,
  eventsource,
  eventname,
  awsregion,
  sourceipaddress,
  useragent,
  errorcode,
  requestparameters,
  useridentity.arn AS arn,
  eventid
FROM {cloudtrail}
WHERE dt >= date_format(current_date - interval '7' day, '%Y/%m/%d')
  -- AND account = '111122223333' AND region = 'eu-west-1'
  AND useridentity.accesskeyid = ?
ORDER BY eventtime DESC
LIMIT 1000
