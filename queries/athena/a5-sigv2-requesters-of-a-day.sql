-- Who still signed with Signature Version 2 in one region, in the files of one day.
-- source: A5
-- 1: the region, as 'eu-west-1'
-- 2: the day of delivery, as '2026/11/21'
SELECT
  coalesce(useridentity.arn, nullif(useridentity.principalid, ''), useridentity.accountid) AS requester,
  count(DISTINCT eventid) AS requests
FROM {cloudtrail}
WHERE region = ?
  AND dt = ?
  -- AND account = '111122223333'
  AND eventsource = 's3.amazonaws.com'
  AND json_extract_scalar(additionaleventdata, '$.SignatureVersion') = 'SigV2'
GROUP BY coalesce(useridentity.arn, nullif(useridentity.principalid, ''), useridentity.accountid)
ORDER BY requests DESC, requester
