-- Requests to S3 that were signed with Signature Version 2, and what sent them.
-- source: A4
SELECT
  eventtime,
  eventname,
  requestparameters,
  awsregion,
  sourceipaddress,
  useragent,
  json_extract_scalar(additionaleventdata, '$.AuthenticationMethod') AS authentication
FROM {cloudtrail}
WHERE dt >= date_format(current_date - interval '7' day, '%Y/%m/%d')
  -- AND account = '111122223333' AND region = 'eu-west-1'
  AND eventsource = 's3.amazonaws.com'
  AND json_extract_scalar(additionaleventdata, '$.SignatureVersion') = 'SigV2'
ORDER BY eventtime DESC
