-- Everything that EC2 was asked, the newest first.
-- source: A2
SELECT *
FROM {cloudtrail}
WHERE dt >= date_format(current_date - interval '7' day, '%Y/%m/%d')
  -- AND account = '111122223333' AND region = 'eu-west-1'
  AND eventsource = 'ec2.amazonaws.com'
ORDER BY eventtime DESC
LIMIT 100
