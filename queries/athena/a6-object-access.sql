-- Objects of a bucket that were read or written in the last 24 hours, and by whom.
-- For another time, edit both ranges: dt is the day of the file, which comes minutes to hours after its events.
-- source: A6
-- 1: the bucket, as 'amzn-s3-demo-bucket'
SELECT
  eventtime,
  eventname,
  json_extract_scalar(requestparameters, '$.bucketName') AS bucket,
  json_extract_scalar(requestparameters, '$.key') AS object_key,
  coalesce(
    useridentity.username,
    useridentity.arn,
    nullif(useridentity.principalid, ''),
    useridentity.accountid
  ) AS who,
  sourceipaddress,
  errorcode
FROM {cloudtrail}
WHERE dt >= date_format(current_date - interval '2' day, '%Y/%m/%d')
  -- AND account = '111122223333' AND region = 'eu-west-1'
  AND from_iso8601_timestamp(eventtime) BETWEEN current_timestamp - interval '24' hour AND current_timestamp
  AND eventsource = 's3.amazonaws.com'
  AND eventname IN ('GetObject', 'PutObject')
  AND json_extract_scalar(requestparameters, '$.bucketName') = ?
ORDER BY eventtime DESC
