-- All that was asked from an address, by whomever.
-- source: follow-up
-- 1: the address, as '198.51.100.7'
SELECT
  eventtime,
  coalesce(useridentity.arn, nullif(useridentity.principalid, ''), useridentity.accountid) AS who,
  useridentity.accesskeyid AS access_key,
  eventsource,
  eventname,
  awsregion,
  useragent,
  errorcode,
  requestparameters,
  eventid
FROM {cloudtrail}
WHERE dt >= date_format(current_date - interval '7' day, '%Y/%m/%d')
  -- AND account = '111122223333' AND region = 'eu-west-1'
  AND sourceipaddress = ?
ORDER BY eventtime DESC
LIMIT 1000
