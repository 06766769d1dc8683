"""The types that the stub makes in the local AWS too, where that is cheap; all others live in Terraform's state alone.

What one root makes here another can read, as the organization's root reads the detectors of the security account.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any, Protocol

from tests.support.stubprovider.values import Object


class Aws(Protocol):
    """A local AWS, in this process or another: `guardline.localaws.LocalAws` is one."""

    account: str

    def environment(self, region: str = ..., account: str | None = ...) -> dict[str, str]:
        """The variables that lead a program there."""
        ...


@dataclass(frozen=True)
class Made:
    """How things of a type are made: each function is given a client, and the values of the thing.

    Attributes:
        service: boto3's name.
        create: makes it, and gives what AWS decides.
        update: brings it in step; without it there is nothing that could change.
        delete: removes it; without it AWS keeps what is there, as it keeps a detector's features.
        read: what AWS says of it, or None when it is gone; without it nobody looks.
        imported: the attribute that is the id of an import; without it there is none.
    """

    service: str
    create: Callable[[Any, Object], Object]
    delete: Callable[[Any, Object], object] | None = None
    update: Callable[[Any, Object], object] | None = None
    read: Callable[[Any, Object], Object | None] | None = None
    imported: str | None = None


class Local:
    """Makes things in a local AWS, by type, account and region."""

    def __init__(self, aws: Aws) -> None:
        self._aws = aws
        self._clients: dict[tuple[str, str, str], Any] = {}
        self._lock = Lock()

    def client(self, service: str, account: str, region: str) -> Any:
        """A boto3 client."""
        with self._lock:  # a session is not safe to make clients from in several threads
            key = (service, account, region)
            if key not in self._clients:
                import boto3

                variables = self._aws.environment(region, account if account != self._aws.account else None)
                self._clients[key] = boto3.client(
                    service,
                    region_name=region,
                    endpoint_url=variables["AWS_ENDPOINT_URL"],
                    aws_access_key_id=variables["AWS_ACCESS_KEY_ID"],
                    aws_secret_access_key=variables["AWS_SECRET_ACCESS_KEY"],
                )
            return self._clients[key]

    def apply(self, type_: str, account: str, region: str, prior: Object | None, planned: Object | None) -> Object:
        """Create, update or (without `planned`) delete; what AWS decided is given back."""
        made = TYPES.get(type_)
        if made is None:
            return {}
        client = self.client(made.service, account, region)
        if planned is None:
            if made.delete is not None:
                made.delete(client, prior or {})
        elif prior is None:
            return made.create(client, planned)
        elif made.update is not None:
            made.update(client, planned)
        return {}

    def read(self, type_: str, account: str, region: str, state: Object) -> Object | None:
        """What AWS says of a thing, or None when it is gone."""
        made = TYPES.get(type_)
        if made is None or made.read is None:
            return {}
        return made.read(self.client(made.service, account, region), state)

    def find(self, type_: str, account: str, region: str, id_: str) -> Object | None:
        """What AWS says of a thing that is to be imported, or None if there is none or the type is not made there."""
        made = TYPES.get(type_)
        if made is None or made.imported is None or made.read is None:
            return None
        named = {"id": id_, made.imported: id_}
        found = made.read(self.client(made.service, account, region), named)
        return None if found is None else {**named, **found}


def _detector(client: Any, value: Object) -> Object:
    made = client.create_detector(Enable=value["enable"], **_frequency(value))
    return {"id": made["DetectorId"]}


def _update_detector(client: Any, value: Object) -> None:
    client.update_detector(DetectorId=value["id"], Enable=value["enable"], **_frequency(value))


def _read_detector(client: Any, value: Object) -> Object | None:
    if value["id"] not in client.list_detectors()["DetectorIds"]:
        return None
    found = client.get_detector(DetectorId=value["id"])
    frequency = found["FindingPublishingFrequency"]
    return {"enable": found["Status"] == "ENABLED", "finding_publishing_frequency": frequency}


def _frequency(value: Object) -> Mapping[str, str]:
    frequency = value["finding_publishing_frequency"]
    return {"FindingPublishingFrequency": frequency} if isinstance(frequency, str) else {}


def _feature(client: Any, value: Object) -> Object:
    agents = [{"Name": each["name"], "Status": each["status"]} for each in value["additional_configuration"]]
    feature = {"Name": value["name"], "Status": value["status"], "AdditionalConfiguration": agents}
    client.update_detector(DetectorId=value["detector_id"], Features=[feature])
    return {}


def _read_feature(client: Any, value: Object) -> Object | None:
    if value["detector_id"] not in client.list_detectors()["DetectorIds"]:
        return None
    features = client.get_detector(DetectorId=value["detector_id"])["Features"]
    return next(({"status": each["Status"]} for each in features if each["Name"] == value["name"]), None)


def _bucket(client: Any, value: Object) -> Object:
    region = client.meta.region_name
    place = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    client.create_bucket(Bucket=value["bucket"], **place)
    return {}


def _object(client: Any, value: Object) -> Object:
    client.put_object(Bucket=value["bucket"], Key=value["key"], Body=(value["content"] or "").encode())
    return {}


def _read_bucket(client: Any, value: Object) -> Object | None:
    return {} if value["bucket"] in {each["Name"] for each in client.list_buckets()["Buckets"]} else None


TYPES: Mapping[str, Made] = {
    "aws_guardduty_detector": Made(
        "guardduty",
        create=_detector,
        update=_update_detector,
        delete=lambda client, value: client.delete_detector(DetectorId=value["id"]),
        read=_read_detector,
        imported="id",
    ),
    "aws_guardduty_detector_feature": Made(
        "guardduty",
        create=_feature,
        update=_feature,
        read=_read_feature,
    ),
    "aws_s3_bucket": Made(
        "s3",
        create=_bucket,
        delete=lambda client, value: client.delete_bucket(Bucket=value["bucket"]),
        read=_read_bucket,
        imported="bucket",
    ),
    "aws_s3_object": Made(
        "s3",
        create=_object,
        update=_object,
        delete=lambda client, value: client.delete_object(Bucket=value["bucket"], Key=value["key"]),
    ),
}
