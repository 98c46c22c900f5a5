-- What a principal was refused or failed at, by service, call and error. Many services with few calls each is a look
-- around; one call many times is a broken program.
-- source: follow-up
-- 1: its ARN, its name or its principal id, as 'arn:aws:iam::111122223333:role/deploy'
SELECT
  eventsource,
  eventname,
  errorcode,
  count(DISTINCT eventid) AS calls,
  min(eventtime) AS first_call,
  max(eventtime) AS last_call,
  max_by(errormessage, eventtime) AS last_message
FROM {cloudtrail}
WHERE dt >= date_format(current_date - interval '7' day, '%Y/%m/%d')
  -- AND account = '111122223333' AND region = 'eu-west-1'
  AND errorcode IS NOT NULL
  AND ? IN (
    useridentity.arn,
    useridentity.username,
    useridentity.principalid,
    useridentity.sessioncontext.sessionissuer.arn,
    useridentity.sessioncontext.sessionissuer.username
  )
GROUP BY eventsource, eventname, errorcode
ORDER BY calls DESC, eventsource, eventname, errorcode
