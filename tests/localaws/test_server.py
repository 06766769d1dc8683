"""The server: one URL for GuardDuty and for everything that moto serves, and nothing left after a reset."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest

from guardline.localaws import LocalAws, signature
from guardline.localaws.restjson import operations
from tests.support.clients import client

SIGNED = "AWS4-HMAC-SHA256 Credential=local/20260101/eu-west-1/guardduty/aws4_request, SignedHeaders=host, Signature=0"


def post(aws: LocalAws, path: str, body: bytes) -> tuple[int, dict[str, str]]:
    """A request that no SDK would make."""
    connection = HTTPConnection(urlsplit(aws.url).netloc, timeout=30)
    connection.request("POST", path, body, {"Authorization": SIGNED})
    answer = connection.getresponse()
    return answer.status, json.loads(answer.read())


def test_moto_and_guardduty_answer_at_one_url(aws: LocalAws) -> None:
    assert client(aws, "sts").get_caller_identity()["Account"] == aws.account
    (vpc,) = client(aws, "ec2", "sa-east-1").describe_vpcs()["Vpcs"]
    assert (vpc["IsDefault"], vpc["OwnerId"]) == (True, aws.account)
    assert client(aws, "guardduty").list_detectors()["DetectorIds"] == []


@pytest.mark.parametrize("asked", [b"GET /detector", b"GET /moto-api/data.json"], ids=["here", "moto"])
def test_an_answer_leaves_in_one_piece(aws: LocalAws, asked: bytes) -> None:
    """Between its head and its body, Terraform's provider may give up and ask a second time."""
    url = urlsplit(aws.url)
    request = asked + b" HTTP/1.1\r\nHost: local\r\nAuthorization: " + SIGNED.encode() + b"\r\n\r\n"
    for _ in range(40):
        with socket.create_connection((url.hostname, url.port), timeout=30) as connection:
            connection.sendall(request)
            head, _, body = connection.recv(1 << 20).partition(b"\r\n\r\n")
        assert b"Content-Length: " in head
        assert body.startswith(b"{")


def test_a_reset_forgets_everything(aws: LocalAws) -> None:
    client(aws, "guardduty").create_detector(Enable=True)
    client(aws, "s3", "us-east-1").create_bucket(Bucket="guardline-test")
    aws.reset()
    assert client(aws, "guardduty").list_detectors()["DetectorIds"] == []
    assert client(aws, "s3", "us-east-1").list_buckets()["Buckets"] == []


@pytest.mark.parametrize("body", [b"{", b"[]", b'"x"', b"\xff", b"[" * 100_000], ids=lambda body: repr(body[:8]))
def test_a_body_that_is_no_object_is_refused(aws: LocalAws, body: bytes) -> None:
    status, answer = post(aws, "/detector", body)
    assert (status, answer["__type"]) == (400, "SerializationException")


def test_an_unknown_path_is_refused(aws: LocalAws) -> None:
    assert post(aws, "/nothing", b"{}")[0] == 404


def test_what_the_model_does_not_know_is_ignored(aws: LocalAws) -> None:
    assert post(aws, "/detector", b'{"enable": true, "newer": 1}')[0] == 200


def test_every_operation_of_the_model_has_its_own_path() -> None:
    seen = {(operation.method, operation.path.pattern) for operation in operations("guardduty")}
    assert len(seen) == len(operations("guardduty")) > 90


@pytest.mark.parametrize(
    ("region", "partition"),
    [("eu-west-1", "aws"), ("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov"), ("us-east-1", "aws")],
)
def test_the_signature_says_who_and_where(region: str, partition: str) -> None:
    signed = signature.read(SIGNED.replace("eu-west-1", region))
    assert signed is not None
    assert signed.service == "guardduty"
    caller = signed.caller()
    assert (caller.account, caller.region, caller.partition) == ("123456789012", region, partition)


@pytest.mark.parametrize("header", ["", "Basic x", "AWS local:x", "AWS4-HMAC-SHA256 Credential=local"])
def test_other_signatures_are_left_to_moto(header: str) -> None:
    assert signature.read(header) is None


def test_the_module_is_a_program() -> None:
    with subprocess.Popen([sys.executable, "-m", "guardline.localaws"], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        exports = dict(process.stdout.readline().removeprefix("export ").strip().split("=", 1) for _ in range(8))
        connection = HTTPConnection(urlsplit(exports["AWS_ENDPOINT_URL"]).netloc, timeout=30)
        connection.request("GET", "/detector", headers={"Authorization": SIGNED})
        assert json.loads(connection.getresponse().read()) == {"detectorIds": []}
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0


def test_a_port_that_is_taken_is_told(aws: LocalAws) -> None:
    port = str(urlsplit(aws.url).port)
    command = [sys.executable, "-m", "guardline.localaws", port]
    answer = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=dict(os.environ))
    assert answer.returncode == 1
    assert port in answer.stderr
    assert "Traceback" not in answer.stderr


@pytest.mark.environments
def test_the_users_profile_neither_breaks_it_nor_is_lost() -> None:
    """In a process of its own: moto keeps one state for each."""
    program = """
import os
from guardline.localaws import serve
from tests.support.clients import client
with serve() as aws:
    assert "AWS_PROFILE" not in os.environ
    assert client(aws, "ec2").describe_vpcs()["Vpcs"]
print(os.environ["AWS_PROFILE"], os.environ["AWS_CONFIG_FILE"])
"""
    users = {"AWS_PROFILE": "production", "AWS_CONFIG_FILE": "/none"}
    answer = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, **users, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert answer.stdout == "production /none\n", answer.stderr


def test_who_waits_to_go_on_is_told_at_once(aws: LocalAws) -> None:
    """boto3 sends an object after `100 Continue`, or after a second without it."""
    s3 = client(aws, "s3", "us-east-1")
    s3.create_bucket(Bucket="at-once")
    began = time.monotonic()
    for name in ("a", "b", "c"):
        s3.put_object(Bucket="at-once", Key=name, Body=b"x" * 10)
    assert time.monotonic() - began < 1
    assert s3.get_object(Bucket="at-once", Key="c")["Body"].read() == b"x" * 10
