-- Users, roles and services that appear in the files of today or yesterday, and in none of the 30 days before.
-- A role is one, whatever its sessions are called.
-- source: follow-up
SELECT
  coalesce(
    useridentity.sessioncontext.sessionissuer.arn,
    useridentity.arn,
    nullif(useridentity.principalid, ''),
    useridentity.invokedby,
    useridentity.accountid
  ) AS principal,
  min(eventtime) AS first_call,
  count(DISTINCT eventid) AS calls,
  count(DISTINCT sourceipaddress) AS addresses,
  min_by(eventname, eventtime) AS first_event
FROM {cloudtrail}
WHERE dt >= date_format(current_date - interval '31' day, '%Y/%m/%d')
  -- AND account = '111122223333' AND region = 'eu-west-1'
GROUP BY
  coalesce(
    useridentity.sessioncontext.sessionissuer.arn,
    useridentity.arn,
    nullif(useridentity.principalid, ''),
    useridentity.invokedby,
    useridentity.accountid
  )
HAVING min(dt) >= date_format(current_date - interval '1' day, '%Y/%m/%d')
ORDER BY first_call
