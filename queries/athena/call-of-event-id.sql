-- One event with all that is in it, as a finding names it; its copies in other accounts as well.
-- source: follow-up
-- 1: the event id, the request id or the shared event id
SELECT *
FROM {cloudtrail}
WHERE dt >= date_format(current_date - interval '7' day, '%Y/%m/%d')
  -- AND account = '111122223333' AND region = 'eu-west-1'
  AND ? IN (eventid, requestid, sharedeventid)
ORDER BY eventtime DESC
