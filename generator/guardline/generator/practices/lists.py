"""The IP lists of every detector, as objects of one bucket."""

from __future__ import annotations

from guardline.generator.root import Part, Root
from guardline.spec.lists import entries, read


def part(root: Root) -> Part:
    """What the lists add to the root.

    Raises:
        ListError: a list cannot be read.
    """
    asked = root.spec.trusted_ips
    if asked is None:
        return Part()
    return Part(
        values={
            "name": f"{root.spec.name}-trusted",
            "bucket": root.bucket_name(asked.bucket, "ip-lists"),
            "entries": entries(read(root.spec_path.parent, asked.file)),
        },
        region={"trusted_ip_list": "local.trusted_ip_list"},
    )
