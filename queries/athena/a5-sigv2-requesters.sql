-- Who still signs with Signature Version 2, and how often. A copy of an event that was delivered twice counts once.
-- source: A5
SELECT
  coalesce(useridentity.arn, nullif(useridentity.principalid, ''), useridentity.accountid) AS requester,
  count(DISTINCT eventid) AS requests,
  max(eventtime) AS last_request,
  max_by(useragent, eventtime) AS last_user_agent
FROM {cloudtrail}
WHERE dt >= date_format(current_date - interval '7' day, '%Y/%m/%d')
  -- AND account = '111122223333' AND region = 'eu-west-1'
  AND eventsource = 's3.amazonaws.com'
  AND json_extract_scalar(additionaleventdata, '$.SignatureVersion') = 'SigV2'
GROUP BY coalesce(useridentity.arn, nullif(useridentity.principalid, ''), useridentity.accountid)
ORDER BY requests DESC, requester
