-- Where an access key comes from: the call that made it, and who called. Ask again with that caller's key to go on.
-- source: follow-up
-- 1: the access key id, as 'ASIAIOSFODNN7EXAMPLE'
SELECT
  eventtime,
  eventsource,
  eventname,
  coalesce(useridentity.arn, nullif(useridentity.principalid, ''), useridentity.invokedby) AS who,
  useridentity.accesskeyid AS with_access_key,
  sourceipaddress,
  useragent,
  requestparameters,
  eventid
FROM {cloudtrail}
WHERE dt >= date_format(current_date - interval '30' day, '%Y/%m/%d')
  -- AND account = '111122223333' AND region = 'eu-west-1'
  AND ? IN (
    json_extract_scalar(responseelements, '$.credentials.accessKeyId'),
    json_extract_scalar(responseelements, '$.accessKey.accessKeyId')
  )
ORDER BY eventtime
