-- Everything that S3 was asked, the newest first. Access to objects is there only if the trail records data events.
-- source: A3
SELECT *
FROM {cloudtrail}
WHERE dt >= date_format(current_date - interval '7' day, '%Y/%m/%d')
  -- AND account = '111122223333' AND region = 'eu-west-1'
  AND eventsource = 's3.amazonaws.com'
ORDER BY eventtime DESC
LIMIT 100
