"""The kinds of value that the spec's fields hold, each with the rule AWS or Terraform sets for it.

Every refusal says what is accepted: its text goes to people as it stands.
"""

from __future__ import annotations

import datetime as dt
import re
from ipaddress import AddressValueError, IPv4Address, IPv4Network
from pathlib import PurePosixPath
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, StrictBool, StrictInt, WithJsonSchema

from guardline.spec import catalogue

# The partitions a spec may name; the isolated ones are in the catalogue but nobody outside can try them.
PARTITIONS = ("aws", "aws-us-gov", "aws-cn", "aws-eusc")

Flag = StrictBool
Whole = StrictInt


def _whole(value: object) -> object:
    if isinstance(value, bool | float):  # Python's 1 == True == 1.0, which a Literal would let through
        raise ValueError("must be a whole number")  # noqa: TRY004 - pydantic collects ValueError, not TypeError
    return value


WHOLE = BeforeValidator(_whole)


def _text(value: str) -> str:
    if not value.strip():
        raise ValueError("must not be empty")
    return value


Text = Annotated[str, AfterValidator(_text), Field(json_schema_extra={"minLength": 1})]


def _name(value: str) -> str:
    if not re.fullmatch(r"[a-z](-?[a-z0-9])*", value) or not 3 <= len(value) <= 24:
        raise ValueError(
            "must be 3 to 24 lower-case letters, digits and single hyphens, and begin with a letter: "
            "it becomes part of the names of buckets and of a trail"
        )
    if value.startswith(_RESERVED_PREFIXES):
        raise ValueError(f"must not begin with {_either(_RESERVED_PREFIXES)}, which S3 reserves")
    return value


Name = Annotated[
    str,
    AfterValidator(_name),
    Field(json_schema_extra={"pattern": "^[a-z](-?[a-z0-9])*$", "minLength": 3, "maxLength": 24}),
]


def _slug(value: str) -> str:
    if not re.fullmatch(r"[a-z](-?[a-z0-9])*", value) or not 2 <= len(value) <= 39:
        raise ValueError(
            "must be 2 to 39 lower-case letters, digits and single hyphens, and begin with a letter: "
            "it becomes part of names in AWS and Terraform"
        )
    return value


Slug = Annotated[
    str,
    AfterValidator(_slug),
    Field(json_schema_extra={"pattern": "^[a-z](-?[a-z0-9])*$", "minLength": 2, "maxLength": 39}),
]

# https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
_RESERVED_PREFIXES = ("xn--", "sthree-", "amzn-s3-demo-")
_RESERVED_SUFFIXES = ("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3")


def bucket_problem(value: str) -> str | None:
    """Why S3 would refuse the bucket name, or None.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
    """
    if not 3 <= len(value) <= 63:
        return f"a bucket name has 3 to 63 characters; this one has {len(value)}"
    if not re.fullmatch(r"[a-z0-9][a-z0-9.-]*[a-z0-9]", value) or ".." in value:
        return (
            "a bucket name holds lower-case letters, digits, hyphens and single dots, and begins and ends with a "
            "letter or digit"
        )
    if _is_ipv4(value):
        return "a bucket name must not look like an IP address"
    if value.startswith(_RESERVED_PREFIXES):
        return f"a bucket name must not begin with {_either(_RESERVED_PREFIXES)}, which S3 reserves"
    if value.endswith(_RESERVED_SUFFIXES):
        return f"a bucket name must not end with {_either(_RESERVED_SUFFIXES)}, which S3 reserves"
    return None


def _is_ipv4(value: str) -> bool:
    try:
        IPv4Address(value)
    except AddressValueError:
        return False
    return True


def _bucket(value: str) -> str:
    problem = bucket_problem(value)
    if problem:
        raise ValueError(problem)
    return value


BucketName = Annotated[
    str,
    AfterValidator(_bucket),
    Field(json_schema_extra={"pattern": "^[a-z0-9][a-z0-9.-]*[a-z0-9]$", "minLength": 3, "maxLength": 63}),
]


def _account(value: object) -> object:
    if not isinstance(value, str) or not re.fullmatch(r"[0-9]{12}", value):
        raise ValueError('must be the 12 digits of an AWS account in quotes, like "111122223333"')
    return value


AccountId = Annotated[str, BeforeValidator(_account), WithJsonSchema({"type": "string", "pattern": "^[0-9]{12}$"})]


def _add_region_names(schema: dict[str, Any]) -> None:
    """Let editors complete region names. The names themselves are checked with the whole spec (see `checks`)."""
    schema["enum"] = [region.name for partition in PARTITIONS for region in catalogue.regions(partition)]


RegionName = Annotated[str, Field(json_schema_extra=_add_region_names)]


def _add_rest(schema: dict[str, Any]) -> None:
    """The names of regions, and the word for all that nothing else names."""
    _add_region_names(schema)
    schema["enum"] = [*schema["enum"], "rest"]


RegionOrRest = Annotated[str, Field(json_schema_extra=_add_rest)]


def _date(value: object) -> object:
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        try:
            return dt.date.fromisoformat(value)
        except ValueError:
            pass  # the 31st of June: the same message
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value
    raise ValueError("must be a date like 2027-03-31")


Date = Annotated[dt.date, BeforeValidator(_date)]


def _arn(value: str) -> str:
    if not re.fullmatch(r"arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:([0-9]{12})?:\S+", value):
        raise ValueError("must be an ARN like arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE")
    return value


def _trail_arn(value: str) -> str:
    if not re.fullmatch(r"arn:aws[a-z-]*:cloudtrail:[a-z0-9-]+:[0-9]{12}:trail/[A-Za-z0-9._-]{3,128}", value):
        raise ValueError("must be the ARN of a trail, like arn:aws:cloudtrail:eu-west-1:111122223333:trail/NAME")
    return value


def _role_arn(value: str) -> str:
    if not re.fullmatch(r"arn:aws[a-z-]*:iam::[0-9]{12}:role/[\w+=,.@/-]{1,512}", value, re.ASCII):
        raise ValueError("must be the ARN of a role, like arn:aws:iam::111122223333:role/NAME")
    return value


def _kms_key(value: str, *words: str) -> str:
    # https://docs.aws.amazon.com/kms/latest/developerguide/concepts-key-id.html
    key = r"arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/(mrk-)?[0-9a-f-]{32,36}"
    words = ("create", *words)
    if value not in words and not re.fullmatch(key, value):
        said = ", ".join(f"`{word}`" for word in words)
        raise ValueError(f"must be {said}, or a key's ARN like arn:aws:kms:eu-west-1:111122223333:key/ID")
    return value


def _trail_key(value: str) -> str:
    return _kms_key(value, "create-multi-region")


def _key_prefix(value: str) -> str:
    # https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_CreateTrail.html
    if not re.fullmatch(r"[\w!.*'()-]+(/[\w!.*'()-]+)*", value, re.ASCII) or len(value) > 200:
        raise ValueError("must be an S3 key of up to 200 letters, digits and any of / ! - _ . * ' ( ), no / at an end")
    return value


def _stream(value: str) -> str:
    # https://docs.aws.amazon.com/firehose/latest/APIReference/API_CreateDeliveryStream.html
    if not re.fullmatch(r"[a-zA-Z0-9_.-]{1,64}", value):
        raise ValueError("must be the name of a delivery stream: up to 64 letters, digits and any of _ . -")
    return value


KmsKey = Annotated[
    str, AfterValidator(_kms_key), Field(json_schema_extra={"pattern": "^(create$|arn:aws[a-z-]*:kms:)"})
]
TrailKey = Annotated[
    str,
    AfterValidator(_trail_key),
    Field(json_schema_extra={"pattern": "^(create(-multi-region)?$|arn:aws[a-z-]*:kms:)"}),
]
KeyPrefix = Annotated[str, AfterValidator(_key_prefix), Field(json_schema_extra={"maxLength": 200})]


def _log_format(value: str) -> str:
    # https://docs.aws.amazon.com/vpc/latest/userguide/flow-log-records.html
    if not re.fullmatch(r"\$\{[a-z0-9-]+\}( \$\{[a-z0-9-]+\})*", value):
        raise ValueError("must be fields of a flow log record with one space between, like ${srcaddr} ${dstaddr}")
    return value


LogFormat = Annotated[str, AfterValidator(_log_format), Field(json_schema_extra={"pattern": "^[$][{][a-z0-9-]+[}]"})]


def _ipv4_range(value: str) -> str:
    try:
        IPv4Network(value)
    except ValueError:
        raise ValueError("must be an IPv4 range like 10.0.0.0/16, whose address is the range's first") from None
    return value


Ipv4Range = Annotated[str, AfterValidator(_ipv4_range)]
StreamName = Annotated[
    str, AfterValidator(_stream), Field(json_schema_extra={"pattern": "^[a-zA-Z0-9_.-]+$", "maxLength": 64})
]

# https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
LOG_GROUP_DAYS = (
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
)  # fmt: skip
"""The retention periods that CloudWatch Logs offers, in days."""


Arn = Annotated[str, AfterValidator(_arn), Field(json_schema_extra={"pattern": "^arn:aws"})]
TrailArn = Annotated[
    str, AfterValidator(_trail_arn), Field(json_schema_extra={"pattern": "^arn:aws[a-z-]*:cloudtrail:"})
]
RoleArn = Annotated[str, AfterValidator(_role_arn), Field(json_schema_extra={"pattern": "^arn:aws[a-z-]*:iam::"})]


def _session_name(value: str) -> str:
    # https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
    if not re.fullmatch(r"[\w+=,.@-]{2,64}", value, re.ASCII):
        raise ValueError("must be 2 to 64 letters, digits and any of _ + = , . @ -")
    return value


SessionName = Annotated[str, AfterValidator(_session_name)]


def _external_id(value: str) -> str:
    # https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
    if not re.fullmatch(r"[\w+=,.@:\\/-]{2,1224}", value, re.ASCII):
        raise ValueError("must be 2 to 1224 letters, digits and any of _ + = , . @ : / \\ -")
    return value


ExternalId = Annotated[str, AfterValidator(_external_id)]


def _tag_key(value: str) -> str:
    # https://docs.aws.amazon.com/general/latest/gr/aws_tagging.html
    if not 1 <= len(value) <= 128:
        raise ValueError(f"a tag's key has 1 to 128 characters; this one has {len(value)}")
    if value.lower().startswith("aws:"):
        raise ValueError("a tag's key must not begin with aws:, which AWS reserves")
    return value


def _tag_value(value: str) -> str:
    if len(value) > 256:
        raise ValueError(f"a tag's value has at most 256 characters; this one has {len(value)}")
    return value


TagKey = Annotated[str, AfterValidator(_tag_key)]
TagValue = Annotated[str, AfterValidator(_tag_value)]


def _version(value: str) -> str:
    # https://developer.hashicorp.com/terraform/language/expressions/version-constraints
    term = r"\s*(=|!=|>=?|<=?|~>)?\s*\d+(\.\d+){0,2}(-[0-9A-Za-z.-]+)?\s*"
    if not re.fullmatch(f"{term}(,{term})*", value):
        raise ValueError('must be a Terraform version constraint, like ">= 1.6" or ">= 1.6, < 2.0"')
    return value


VersionConstraint = Annotated[str, AfterValidator(_version)]


def _relative(value: str) -> str:
    strange = any(character < " " or character == "\\" for character in value)
    if not value.strip() or value.startswith(("/", "~")) or strange or re.match(r"[A-Za-z]:", value):
        raise ValueError("must be a relative path with forward slashes, seen from the spec's own folder")
    return value


RelativePath = Annotated[str, AfterValidator(_relative)]


def _inside(value: str) -> str:
    if ".." in PurePosixPath(_relative(value)).parts:
        raise ValueError("must stay inside the spec's own folder: .. is not accepted")
    return value


InsidePath = Annotated[str, AfterValidator(_inside)]


def _state_key(value: str) -> str:
    if not value.strip("/ ") or value.startswith("/") or value.endswith("/"):
        raise ValueError("must be an S3 key that neither begins nor ends with a slash, like guardline/production")
    return value


StateKey = Annotated[str, AfterValidator(_state_key)]


def _either(words: tuple[str, ...]) -> str:
    return f"{', '.join(words[:-1])} or {words[-1]}"
