-- Who came to a bucket without credentials in the last 24 hours: addresses, what they asked for, what they got.
-- Anonymous is what the detector AnonymousPrincipal says it is; browsers' unsigned preflights are left out, as there.
-- For another time, edit both ranges: dt is the day of the file, which comes minutes to hours after its events.
-- source: A7
-- 1: the bucket, as 'amzn-s3-demo-bucket'
SELECT
  sourceipaddress,
  eventname,
  errorcode,
  max_by(useragent, eventtime) AS last_user_agent,
  count(DISTINCT eventid) AS requests,
  min(eventtime) AS first_request,
  max(eventtime) AS last_request
FROM {cloudtrail}
WHERE dt >= date_format(current_date - interval '2' day, '%Y/%m/%d')
  -- AND account = '111122223333' AND region = 'eu-west-1'
  AND from_iso8601_timestamp(eventtime) BETWEEN current_timestamp - interval '24' hour AND current_timestamp
  AND eventsource = 's3.amazonaws.com'
  AND eventname <> 'PreflightRequest'
  AND useridentity.type IN ('AWSAccount', 'Unknown')
  AND (
    lower(useridentity.accountid) IN ('anonymous', 'anonymous_principal')
    OR lower(useridentity.principalid) IN ('anonymous', 'anonymous_principal')
    OR lower(useridentity.username) = 'anonymous'
    OR lower(useridentity.arn) = 'anonymous'
  )
  AND json_extract_scalar(requestparameters, '$.bucketName') = ?
GROUP BY sourceipaddress, eventname, errorcode
ORDER BY requests DESC, sourceipaddress, eventname
