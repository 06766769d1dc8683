"""Who calls which service where, as the Authorization header of a signed request says (AWS Signature Version 4)."""

from __future__ import annotations

import re
from typing import NamedTuple

from guardline.localaws.restjson import Caller

CREDENTIAL = re.compile(
    r"Credential=(?P<key>[^/,\s]+)/\d{8}/(?P<region>[a-z0-9-]+)/(?P<service>[a-z0-9-]+)/aws4_request"
)
OWN_KEY = re.compile(r"local-(\d{12})")
PARTITIONS = {"cn": "aws-cn", "us-gov": "aws-us-gov", "eusc": "aws-eusc", "us-iso": "aws-iso", "us-isob": "aws-iso-b"}


class Signed(NamedTuple):
    """The scope of a signature. Nothing here checks the signature itself."""

    key: str
    region: str
    service: str

    def account(self) -> str:
        """The account that an access key belongs to: ``local-`` and an account's id to that one, any other as moto
        says (of an assumed role, the role's account)."""
        from moto.iam.models import get_account_id_from

        named = OWN_KEY.fullmatch(self.key)
        return named[1] if named is not None else get_account_id_from(self.key)

    def caller(self) -> Caller:
        """The account that moto gives this access key, so that both see one account."""
        area = re.match(r"[a-z]+(-gov|-isob?)?", self.region)
        partition = PARTITIONS.get(area[0] if area is not None else "", "aws")
        return Caller(self.account(), self.region, partition)


def read(authorization: str) -> Signed | None:
    """The scope in an Authorization header, or None where the request is not signed so."""
    found = CREDENTIAL.search(authorization)
    return Signed(found["key"], found["region"], found["service"]) if found is not None else None
