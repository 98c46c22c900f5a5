-- Addresses that appear in the files of today or yesterday, and in none of the 30 days before. AWS's own services,
-- which CloudTrail writes as names, are left out.
-- source: follow-up
SELECT
  sourceipaddress,
  min(eventtime) AS first_call,
  count(DISTINCT eventid) AS calls,
  count(
    DISTINCT coalesce(useridentity.arn, nullif(useridentity.principalid, ''), useridentity.accountid)
  ) AS principals,
  min_by(
    coalesce(useridentity.arn, nullif(useridentity.principalid, ''), useridentity.accountid), eventtime
  ) AS first_principal
FROM {cloudtrail}
WHERE dt >= date_format(current_date - interval '31' day, '%Y/%m/%d')
  -- AND account = '111122223333' AND region = 'eu-west-1'
  AND sourceipaddress NOT LIKE '%.amazonaws.com'
  AND sourceipaddress <> 'AWS Internal'
GROUP BY sourceipaddress
HAVING min(dt) >= date_format(current_date - interval '1' day, '%Y/%m/%d')
ORDER BY first_call
