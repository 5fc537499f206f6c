"""What a test does to a bucket, or asks of a house, without a line of Tabellion: tool.py COMMAND ARGUMENT..."""
import json
import os
import resource
import subprocess
import sys
import urllib.request


def s3():
    import boto3
    from botocore.config import Config

    return boto3.client("s3", config=Config(s3={"addressing_style": "path"}))


def keys(bucket, prefix=""):
    pages = s3().get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    return [one for page in pages for one in page.get("Contents", [])]


def largest(bucket, prefix):
    return max(keys(bucket, prefix), key=lambda one: one["Size"])["Key"]


def make(bucket):
    s3().create_bucket(Bucket=bucket)


def count(bucket, prefix=""):
    print(len(keys(bucket, prefix)))


def parts(bucket, key):
    """How many parts it was put in: what follows the dash in its tag."""
    print(s3().head_object(Bucket=bucket, Key=key)["ETag"].strip('"').partition("-")[2] or 1)


def fetch(bucket, key, path):
    s3().download_file(bucket, key, path)


def flip(bucket, key, at):
    body = bytearray(s3().get_object(Bucket=bucket, Key=key)["Body"].read())
    body[int(at) % len(body)] ^= 0x10
    s3().put_object(Bucket=bucket, Key=key, Body=bytes(body))


def cut(bucket, key):
    body = s3().get_object(Bucket=bucket, Key=key)["Body"].read()
    s3().put_object(Bucket=bucket, Key=key, Body=body[:-1])


def delete(bucket, key):
    s3().delete_object(Bucket=bucket, Key=key)


def fill(bucket, prefix, number):
    client = s3()
    for n in range(int(number)):
        client.put_object(Bucket=bucket, Key=f"{prefix}{n:06}.json", Body=b"named by nothing")


def receipts(url, token):
    """Every receipt of a tenant, one after the other in the order of their texts."""

    def ask(path):
        request = urllib.request.Request(url + path, headers={"Authorization": f"Bearer {token}"})
        return urllib.request.urlopen(request, timeout=30).read().decode()

    found, cursor = [], ""
    while True:
        page = json.loads(ask(f"/v1/deposits?limit=200{cursor}"))
        found += [ask(f"/v1/deposits/{item['id']}/receipt") for item in page["items"]]
        if not page.get("next"):
            break
        cursor = "&cursor=" + page["next"]
    print(len(found), "receipts")
    print("".join(sorted(found)))


def value(path, name):
    print(json.load(open(path))[name])


def peak(limit, *command):
    """The command never held more than so many MiB."""
    code = subprocess.run(command, stdout=subprocess.DEVNULL).returncode
    held = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    print(f"{held} MiB at most")
    sys.exit(code or held > int(limit))


done = globals()[sys.argv[1]](*sys.argv[2:])
if isinstance(done, str):
    print(done)
