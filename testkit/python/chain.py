"""Writes chains of CloudTrail digests with keys of their own, whole or tampered with.

It knows the format from AWS's manual and shares no code with what it is there to test: JSON is Python's, signatures are
the `cryptography` package's. Every chain is a folder:

    NAME/buckets/BUCKET/KEY                 each object
    NAME/buckets/BUCKET/KEY.metadata.json   its user metadata, as `aws s3api get-object` prints it (digests only)
    NAME/keys.json                          the public keys, as `aws cloudtrail list-public-keys` prints them
    NAME/chain.json                         what the chain is of: bucket, trail, times

    chain.py FOLDER [PREFIX]        writes all chains, with buckets of their own whose names begin with PREFIX
    chain.py --names                prints the names, with what was done to each
    chain.py --bundle FILE          writes all chains into one file, what they share once
    chain.py --recent FOLDER BUCKET UNTIL
                                    writes one whole chain of calls that were denied, of the hours before UNTIL
    chain.py --crowded FOLDER BUCKET FILES
                                    writes one digest that names so many log files
"""

import base64
import functools
import gzip
import hashlib
import json
import pathlib
import sys
from datetime import datetime, timedelta, timezone

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

HOUR = timedelta(hours=1)
START = datetime(2026, 3, 1, 22, 0, 0, tzinfo=timezone.utc)
BUCKET = "trail-logs-111122223333"
ACCOUNT = "111122223333"
REGION = "eu-west-1"
# A name with the character that separates the parts of a file name.
TRAIL = "every_thing"


def iso(time):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


def compact(time):
    return time.strftime("%Y%m%dT%H%M%SZ")


def stored(inflated):
    """gzip of one member, the same each time."""
    return gzip.compress(inflated, mtime=0)


def sha256(data):
    return hashlib.sha256(data).hexdigest()


class Key:
    """A pair of keys, valid for a time."""

    def __init__(self, start, end, spki=False):
        self.private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        form = serialization.PublicFormat.SubjectPublicKeyInfo if spki else serialization.PublicFormat.PKCS1
        self.value = self.private.public_key().public_bytes(serialization.Encoding.DER, form)
        self.fingerprint = hashlib.md5(self.value).hexdigest()
        self.start, self.end = start, end

    def sign(self, text):
        return self.private.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256()).hex()

    def listed(self):
        return {
            "Value": base64.b64encode(self.value).decode(),
            "ValidityStartTime": iso(self.start),
            "ValidityEndTime": iso(self.end),
            "Fingerprint": self.fingerprint,
        }


@functools.cache
def own_key(spki):
    """The key that plays CloudTrail's: one for all chains, so that what they share is the same."""
    return Key(START - timedelta(days=10), START + timedelta(days=30), spki)


class Chain:
    """A bucket, the keys that are listed, and the digests in the order in which they were made."""

    def __init__(self, prefix="", organization=None, account=ACCOUNT, region=REGION, spki=False):
        self.prefix, self.organization, self.account, self.region = prefix, organization, account, region
        # The bucket that is delivered to, and each object by its key, with the bucket that it is in.
        self.bucket = BUCKET
        self.objects = {}
        self.keys = [own_key(spki)]
        # What each record says besides.
        self.more = {}
        self.digests = []
        self.backfills = []

    @property
    def key(self):
        return self.keys[0]

    def folder(self, name, time):
        """The folder of a kind of file on a day."""
        parts = [self.prefix, "AWSLogs", self.organization, self.account, name, self.region]
        return "/".join(part for part in parts if part) + time.strftime("/%Y/%m/%d/")

    def digest_key(self, end, backfill=False):
        name = f"{self.account}_CloudTrail-Digest_{self.region}_{TRAIL}_{REGION}_{compact(end)}"
        return self.folder("CloudTrail-Digest", end) + name + ("_backfill" if backfill else "") + ".json.gz"

    def add_log(self, time, unique):
        """Delivers a log file and says what a digest says of it."""
        minute = time.strftime("%Y%m%dT%H%MZ")
        key = self.folder("CloudTrail", time) + f"{self.account}_CloudTrail_{self.region}_{minute}_{unique}.json.gz"
        record = {
            "eventVersion": "1.11",
            "eventTime": iso(time - timedelta(minutes=5)),
            "eventSource": "s3.amazonaws.com",
            "eventName": "GetObject",
            "eventID": unique,
            "awsRegion": self.region,
            "recipientAccountId": self.account,
            **self.more,
        }
        inflated = json.dumps({"Records": [record]}, separators=(",", ":")).encode()
        self.put(key, stored(inflated))
        return {
            "s3Bucket": self.bucket,
            "s3Object": key,
            "hashValue": sha256(inflated),
            "hashAlgorithm": "SHA-256",
            "newestEventTime": record["eventTime"],
            "oldestEventTime": record["eventTime"],
        }

    def put(self, key, body, metadata=None):
        self.objects[key] = (body, metadata, self.bucket)

    def sign(self, digest, key=None, signer=None, generated=None):
        """Puts a digest where it says it lies, signed."""
        inflated = json.dumps(digest, separators=(",", ":")).encode()
        text = "\n".join([
            digest["digestEndTime"],
            digest["digestS3Bucket"] + "/" + digest["digestS3Object"],
            sha256(inflated),
            digest.get("previousDigestSignature") or "null",
        ])
        metadata = {"signature": (signer or key or self.key).sign(text), "signature-algorithm": "SHA256withRSA"}
        if generated:
            metadata["backfill-generation-timestamp"] = iso(generated)
        self.put(digest["digestS3Object"], stored(inflated), metadata)
        return {"digest": digest, "inflated": inflated, "signature": metadata["signature"]}

    def add(self, start, end, logs=1, previous="last", key=None, signer=None, change=None, backfill=False):
        """Makes the digest of a period. `change` may alter it before it is signed."""
        made = self.backfills if backfill else self.digests
        if previous == "last":
            previous = made[-1] if made else None
        named = [self.add_log(end - timedelta(minutes=5), f"{end:%d%H}{'B' if backfill else 'A'}{n:011}") for n in range(logs)]
        times = [log["newestEventTime"] for log in named]
        digest = {
            "awsAccountId": self.account,
            "digestStartTime": iso(start),
            "digestEndTime": iso(end),
            "digestS3Bucket": self.bucket,
            "digestS3Object": self.digest_key(end, backfill),
            "digestPublicKeyFingerprint": (key or self.key).fingerprint,
            "digestSignatureAlgorithm": "SHA256withRSA",
            "newestEventTime": max(times, default=None),
            "oldestEventTime": min(times, default=None),
            "previousDigestS3Bucket": previous and previous["digest"]["digestS3Bucket"],
            "previousDigestS3Object": previous and previous["digest"]["digestS3Object"],
            "previousDigestHashValue": previous and sha256(previous["inflated"]),
            "previousDigestHashAlgorithm": previous and "SHA-256",
            "previousDigestSignature": previous and previous["signature"],
            "logFiles": named,
        }
        if change:
            change(digest)
        generated = end + 3 * HOUR if backfill else None
        made.append(self.sign(digest, key, signer, generated))
        return digest

    def hours(self, count, logs=1, **more):
        """Makes digests of `count` hours behind the last."""
        for _ in range(count):
            last = self.digests[-1]["digest"]["digestEndTime"] if self.digests else iso(START)
            start = datetime.fromisoformat(last)
            self.add(start, start + HOUR, logs, **more)
        return self

    def log_of(self, at):
        return self.digests[at]["digest"]["logFiles"][0]["s3Object"]

    def place_of(self, at):
        return self.digests[at]["digest"]["digestS3Object"]

    def end_of(self, at):
        return datetime.fromisoformat(self.digests[at]["digest"]["digestEndTime"])

    def rewrite(self, key, change):
        """Writes an object anew, as who may write to the bucket can. The metadata stays."""
        body, metadata, _ = self.objects[key]
        self.put(key, change(body), metadata)

    def write(self, folder):
        for key, (body, metadata, bucket) in self.objects.items():
            path = folder / "buckets" / bucket / key
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(body)
            if metadata is not None:
                text = json.dumps({"ContentType": "application/json", "Metadata": metadata}, indent=1)
                path.with_name(path.name + ".metadata.json").write_text(text + "\n")
        (folder / "keys.json").write_text(json.dumps(self.listed(), indent=1) + "\n")
        (folder / "chain.json").write_text(json.dumps(self.about(), indent=1) + "\n")

    def listed(self):
        return {"PublicKeyList": [key.listed() for key in self.keys]}

    def about(self):
        return {
            "bucket": self.bucket,
            "prefix": self.prefix,
            "organization": self.organization,
            "account": self.account,
            "region": self.region,
            "trail": TRAIL,
            "trail_arn": f"arn:aws:cloudtrail:{REGION}:{ACCOUNT}:trail/{TRAIL}",
            "start": iso(START),
            "end": iso(max(self.end_of(at) for at in range(len(self.digests)))),
        }


CHAINS = {}


def chain(make):
    """Registers a chain under the name of its function."""
    CHAINS[make.__name__.replace("_", "-")] = make
    return make


@chain
def valid():
    """Five hours, two log files each, over midnight."""
    return Chain().hours(5, logs=2)


@chain
def valid_organization():
    """A member account of an organisation, below a prefix."""
    return Chain("audit/trails", "o-a1b2c3d4e5", "444455556666").hours(3)


@chain
def valid_spki():
    """A public key in the other encoding."""
    return Chain(spki=True).hours(2)


@chain
def valid_quiet():
    """Hours without a log file."""
    return Chain().hours(1).hours(2, logs=0).hours(1)


@chain
def valid_backfill():
    """Two log files that were named late, in a chain of their own."""
    made = Chain().hours(5)
    for at in (1, 3):
        end = made.end_of(at)
        made.add(end - HOUR, end, backfill=True)
    return made


@chain
def valid_bucket_changed():
    """A trail that was given another bucket in the third hour, whose digest names a log file in the old one."""
    made = Chain()
    made.bucket = BUCKET + "-before"
    made.hours(2)
    early = made.add_log(made.end_of(1) + timedelta(minutes=10), "before000000")
    made.bucket = BUCKET
    return made.hours(1, change=lambda digest: digest["logFiles"].insert(0, early)).hours(1)


@chain
def log_byte_flipped():
    """One bit of a log file as it is stored."""
    made = valid()
    made.rewrite(made.log_of(2), lambda body: body[:40] + bytes([body[40] ^ 1]) + body[41:])
    return made


@chain
def log_content_changed():
    """A log file that is sound and says something else."""
    made = valid()
    made.rewrite(made.log_of(2), lambda body: stored(gzip.decompress(body).replace(b"GetObject", b"GetObjest")))
    return made


@chain
def log_truncated():
    """A log file that ends early."""
    made = valid()
    made.rewrite(made.log_of(2), lambda body: body[: len(body) // 2])
    return made


@chain
def log_trailing_bytes():
    """Garbage behind a log file."""
    made = valid()
    made.rewrite(made.log_of(2), lambda body: body + b"more")
    return made


@chain
def log_second_member():
    """A second gzip member, which many readers take for more of the log."""
    made = valid()
    made.rewrite(made.log_of(2), lambda body: body + stored(b'{"Records":[]}'))
    return made


@chain
def log_uncompressed():
    """The same bytes, not compressed."""
    made = valid()
    made.rewrite(made.log_of(2), gzip.decompress)
    return made


@chain
def log_empty():
    """A log file of no bytes."""
    made = valid()
    made.rewrite(made.log_of(2), lambda body: b"")
    return made


@chain
def log_deleted():
    """A log file that is gone."""
    made = valid()
    del made.objects[made.log_of(2)]
    return made


@chain
def log_led_away():
    """A log file of the third hour in another bucket, to which the trail was led, and from there back again."""
    made = Chain().hours(2)
    made.bucket = BUCKET + "-elsewhere"
    away = made.add_log(made.end_of(1) + timedelta(minutes=10), "away00000000")
    made.bucket = BUCKET
    return made.hours(1, change=lambda digest: digest["logFiles"].insert(0, away)).hours(1)


@chain
def log_unnamed():
    """A log file that no digest names."""
    made = valid()
    made.add_log(made.end_of(2) - timedelta(minutes=20), "unnamed000000001")
    return made


@chain
def digest_changed():
    """A digest that no longer names a log file."""

    def forget(body):
        digest = json.loads(gzip.decompress(body))
        digest["logFiles"].pop()
        return stored(json.dumps(digest, separators=(",", ":")).encode())

    made = valid()
    made.rewrite(made.place_of(2), forget)
    return made


@chain
def digest_moved():
    """A digest in the place of a later one."""
    made = valid()
    made.objects[made.place_of(3)] = made.objects[made.place_of(1)]
    return made


@chain
def digest_deleted():
    """A digest that is gone."""
    made = valid()
    del made.objects[made.place_of(2)]
    return made


@chain
def newest_digest_deleted():
    """The newest digest is gone: nothing names it."""
    made = valid()
    del made.objects[made.place_of(4)]
    return made


@chain
def digest_corrupt():
    """A digest that is not gzip."""
    made = valid()
    made.rewrite(made.place_of(2), lambda body: b"nothing")
    return made


@chain
def digest_no_json():
    """A digest that is gzip of something else."""
    made = valid()
    made.rewrite(made.place_of(2), lambda body: stored(b"nothing"))
    return made


@chain
def digest_without_field():
    """A digest without its start, signed by CloudTrail's key."""
    made = valid()
    digest = dict(made.digests[2]["digest"])
    del digest["digestStartTime"]
    made.sign(digest)
    return made


@chain
def digest_without_signature():
    """A digest whose metadata was lost, as in a copy."""
    made = valid()
    body, *_ = made.objects[made.place_of(2)]
    made.put(made.place_of(2), body, {})
    return made


@chain
def digest_trailing_bytes():
    """Garbage behind a digest."""
    made = valid()
    made.rewrite(made.place_of(2), lambda body: body + b"more")
    return made


@chain
def signed_by_another():
    """A digest that names CloudTrail's key and is signed by another."""
    made = valid()
    digest = made.digests[2]["digest"]
    made.sign(digest, signer=Key(START, START + HOUR))
    return made


@chain
def unknown_key():
    """A digest signed by a key that is not listed, which it names."""
    made = valid()
    other = Key(START, START + HOUR)
    made.sign({**made.digests[2]["digest"], "digestPublicKeyFingerprint": other.fingerprint}, other)
    return made


@chain
def key_is_none():
    """A public key that cannot be read."""
    made = valid()
    broken = Key(START, START + timedelta(days=9))
    broken.value = b"no key at all"
    broken.fingerprint = hashlib.md5(broken.value).hexdigest()
    made.keys.append(broken)
    made.sign({**made.digests[2]["digest"], "digestPublicKeyFingerprint": broken.fingerprint}, broken)
    return made


@chain
def key_not_valid_then():
    """A digest signed by a listed key that was not valid any more."""
    made = valid()
    old = Key(START - timedelta(days=90), START - timedelta(days=60))
    made.keys.append(old)
    made.sign({**made.digests[4]["digest"], "digestPublicKeyFingerprint": old.fingerprint}, old)
    return made


@chain
def predecessor_replaced():
    """A digest replaced by another that CloudTrail's key has signed, and that names one log file less."""
    made = valid()
    digest = json.loads(made.digests[2]["inflated"])
    digest["logFiles"].pop()
    made.sign(digest)
    return made


@chain
def spliced():
    """A digest that names the one before its predecessor: the chain goes past an hour."""
    made = Chain().hours(3)
    made.add(made.end_of(2), made.end_of(2) + HOUR, previous=made.digests[1])
    return made.hours(1)


@chain
def spliced_other_trail():
    """A digest whose predecessor is another trail's."""
    made = Chain().hours(2)

    def elsewhere(digest):
        digest["previousDigestS3Object"] = digest["previousDigestS3Object"].replace(TRAIL, "decoy")

    body, metadata, _ = made.objects[made.place_of(1)]
    made.put(made.place_of(1).replace(TRAIL, "decoy"), body, metadata)
    return made.hours(1, change=elsewhere)


@chain
def end_before_start():
    """A period that ends before it starts."""
    made = Chain().hours(2)

    def swap(digest):
        digest["digestStartTime"] = iso(made.end_of(1) + 2 * HOUR)

    return made.hours(1, change=swap).hours(1)


@chain
def overlap():
    """A period that starts within the one before."""
    made = Chain().hours(2)

    def earlier(digest):
        digest["digestStartTime"] = iso(made.end_of(1) - HOUR / 2)

    return made.hours(1, change=earlier).hours(1)


@chain
def in_the_future():
    """A digest of an hour that has not come yet."""
    made = Chain().hours(2)
    made.add(made.end_of(1), made.end_of(1).replace(year=2099))
    return made


@chain
def gap_in_chain():
    """An hour that no digest covers, though the chain goes on."""
    made = Chain().hours(2)
    made.add(made.end_of(1) + HOUR, made.end_of(1) + 2 * HOUR)
    return made.hours(1)


@chain
def logging_stopped():
    """Logging was stopped for two hours: the chain starts anew."""
    made = Chain().hours(2)
    made.add(made.end_of(1) + 2 * HOUR, made.end_of(1) + 3 * HOUR, previous=None)
    return made.hours(2)


@chain
def previous_is_null():
    """A digest in the middle that says it is the first."""
    made = Chain().hours(2)
    made.add(made.end_of(1), made.end_of(1) + HOUR, previous=None)
    return made.hours(1)


@chain
def foreign_account():
    """A digest of another account in this one's folder."""
    made = Chain().hours(2)

    def other(digest):
        digest["awsAccountId"] = "999988887777"

    return made.hours(1, change=other).hours(1)


@chain
def leads_back():
    """A chain that leads back to where it came from."""
    made = Chain().hours(2)

    def itself(digest):
        digest["previousDigestS3Object"] = digest["digestS3Object"]

    return made.hours(1, change=itself).hours(1)


@chain
def backfill_deleted():
    """The older of two backfill digests is gone."""
    made = valid_backfill()
    del made.objects[made.backfills[0]["digest"]["digestS3Object"]]
    return made


@chain
def backfill_without_time():
    """A backfill digest whose metadata does not say when it was made."""
    made = valid_backfill()
    del made.objects[made.backfills[1]["digest"]["digestS3Object"]][1]["backfill-generation-timestamp"]
    return made


@chain
def empty():
    """A bucket without digests."""
    made = Chain().hours(2)
    made.objects.clear()
    return made


def recent():
    """Four hours in which somebody was denied a call, twice in each."""
    made = Chain()
    made.more = {
        "errorCode": "AccessDenied",
        "sourceIPAddress": "198.51.100.66",
        "userIdentity": {
            "type": "IAMUser",
            "accountId": ACCOUNT,
            "arn": f"arn:aws:iam::{ACCOUNT}:user/mallory",
            "userName": "mallory",
        },
    }
    return made.hours(4, logs=2)


def bundle():
    """All chains as JSON: `objects` has each body and its metadata, a chain has their numbers."""
    numbers, objects, chains = {}, [], {}
    for name, make in CHAINS.items():
        made = make()
        placed = {}
        for key, (body, metadata, bucket) in sorted(made.objects.items()):
            value = [base64.b64encode(body).decode(), metadata]
            number = numbers.setdefault(json.dumps(value), len(objects))
            if number == len(objects):
                objects.append(value)
            placed[f"{bucket}/{key}"] = number
        chains[name] = {**made.about(), "keys": made.listed(), "objects": placed}
    lines = ",\n".join(json.dumps(value) for value in objects)
    named = ",\n".join(f"{json.dumps(name)}: {json.dumps(value)}" for name, value in chains.items())
    return f'{{"objects": [\n{lines}\n],\n"chains": {{\n{named}\n}}}}\n'


def main():
    if sys.argv[1:] == ["--names"]:
        for name, make in CHAINS.items():
            print(f"{name}\t{make.__doc__}")
        return
    if sys.argv[1] == "--bundle":
        pathlib.Path(sys.argv[2]).write_text(bundle())
        return
    if sys.argv[1] == "--recent":
        folder, bucket, until = sys.argv[2:]
        globals().update(BUCKET=bucket, START=datetime.fromisoformat(until) - 4 * HOUR)
        pathlib.Path(folder).mkdir(parents=True, exist_ok=True)
        recent().write(pathlib.Path(folder))
        return
    if sys.argv[1] == "--crowded":
        folder, bucket, files = sys.argv[2:]
        globals().update(BUCKET=bucket)
        pathlib.Path(folder).mkdir(parents=True, exist_ok=True)
        Chain().hours(1, logs=int(files)).write(pathlib.Path(folder))
        return
    folder = pathlib.Path(sys.argv[1])
    for name, make in CHAINS.items():
        if sys.argv[2:]:
            # Real buckets are each somebody's, so each chain has one.
            globals()["BUCKET"] = f"{sys.argv[2]}{name}"
        made = make()
        (folder / name).mkdir(parents=True, exist_ok=True)
        made.write(folder / name)


if __name__ == "__main__":
    main()
