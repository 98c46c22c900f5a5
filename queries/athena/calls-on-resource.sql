-- All calls that mention a resource: an instance, a security group, a role, a key, a bucket, a user.
-- The text is looked for in the parameters, the answer and the resources of a call. A part of a longer name is found
-- too; double quotes inside find the whole value only, as '"amzn-s3-demo-bucket"'.
-- source: follow-up
-- 1: its id, name or ARN, as 'i-0123456789abcdef0'
SELECT
  eventtime,
  coalesce(
    useridentity.arn,
    nullif(useridentity.principalid, ''),
    useridentity.accountid,
    useridentity.invokedby
  ) AS who,
  sourceipaddress,
  eventsource,
  eventname,
  awsregion,
  errorcode,
  requestparameters,
  eventid
FROM {cloudtrail}
WHERE dt >= date_format(current_date - interval '7' day, '%Y/%m/%d')
  -- AND account = '111122223333' AND region = 'eu-west-1'
  AND strpos(
    concat(
      coalesce(requestparameters, ''),
      coalesce(responseelements, ''),
      coalesce(concat('"', array_join(transform(resources, one -> one.arn), '" "'), '"'), '')
    ),
    ?
  ) > 0
ORDER BY eventtime DESC
LIMIT 1000
