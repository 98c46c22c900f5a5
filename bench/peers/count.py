"""Counts the three in the files below a folder: count.py json|orjson FOLDER.

`json` is what Python comes with; `orjson` is what makes it fast, with isal to inflate.
"""

import gc
import sys
from pathlib import Path

parser, folder = sys.argv[1:]
if parser == "orjson":
    from isal.igzip import decompress
    from orjson import loads
else:
    from gzip import decompress
    from json import loads

# What is parsed holds no cycles: looking for some costs a tenth.
gc.disable()

access_denied = sig_v2 = anonymous = 0
for path in sorted(Path(folder).rglob("*.json.gz")):
    for record in loads(decompress(path.read_bytes()))["Records"]:
        code = record.get("errorCode")
        if code and (code.startswith("AccessDenied") or code.endswith("UnauthorizedOperation")):
            access_denied += 1
        if record.get("eventSource") == "s3.amazonaws.com":
            more = record.get("additionalEventData")
            if more and more.get("SignatureVersion") == "SigV2":
                sig_v2 += 1
        who = record.get("userIdentity")
        if who and (who.get("accountId") == "anonymous" or who.get("principalId") == "anonymous"):
            anonymous += 1
print(access_denied, sig_v2, anonymous)
