-- All that a principal did: a user, a role with all of its sessions, one session, root, or a service.
-- source: follow-up
-- 1: its ARN, its name or its principal id, as 'arn:aws:iam::111122223333:role/deploy'
SELECT
  eventtime,
  eventsource,
  eventname,
  awsregion,
  sourceipaddress,
  useragent,
  errorcode,
  requestparameters,
  useridentity.arn AS arn,
  useridentity.accesskeyid AS access_key,
  eventid
FROM {cloudtrail}
WHERE dt >= date_format(current_date - interval '7' day, '%Y/%m/%d')
  -- AND account = '111122223333' AND region = 'eu-west-1'
  AND ? IN (
    useridentity.arn,
    useridentity.username,
    useridentity.principalid,
    useridentity.invokedby,
    useridentity.sessioncontext.sessionissuer.arn,
    useridentity.sessioncontext.sessionissuer.username
  )
ORDER BY eventtime DESC
LIMIT 1000
