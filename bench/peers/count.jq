# Counts the three in the files that come in, one value each.
reduce (inputs | .Records[]) as $record ([0, 0, 0];
  if ($record.errorCode // "" | startswith("AccessDenied") or endswith("UnauthorizedOperation"))
  then .[0] += 1 else . end
  | if $record.eventSource == "s3.amazonaws.com" and $record.additionalEventData.SignatureVersion == "SigV2"
    then .[1] += 1 else . end
  | if $record.userIdentity.accountId == "anonymous" or $record.userIdentity.principalId == "anonymous"
    then .[2] += 1 else . end)
| map(tostring) | join(" ")
