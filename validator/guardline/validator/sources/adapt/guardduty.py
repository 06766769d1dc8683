"""GuardDuty: detectors with their features, and IP lists.

Sources: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/guardduty_detector (and
guardduty_detector_feature, guardduty_ipset, guardduty_threatintelset).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from urllib.parse import unquote, urlsplit

from guardline.validator.model.guardduty import Detector, Feature, IpList
from guardline.validator.model.resource import Ref, Resource
from guardline.validator.model.value import Value, known, unknown
from guardline.validator.sources.adapt.common import ByType, common, default, filled
from guardline.validator.sources.blocks import Block, Wanted
from guardline.validator.sources.tree import Tree

MAKES: Mapping[str, type[Resource]] = {
    "aws_guardduty_detector": Detector,
    "aws_guardduty_detector_feature": Detector,
    "aws_guardduty_ipset": IpList,
    "aws_guardduty_threatintelset": IpList,
}

PARTS = frozenset({"aws_guardduty_detector_feature"})
"""Parts of a resource that may stand in another root: a source that has one need not hold the whole."""

DETECTOR = Wanted(frozenset({"aws_guardduty_detector"}))
_OBJECTS = ("aws_s3_object", "aws_s3_bucket_object")
_OBJECT = Wanted(frozenset(_OBJECTS), attributes=frozenset({"id", "arn", "bucket", "key"}))

_LEGACY: Mapping[str, tuple[str | int, ...]] = {
    "S3_DATA_EVENTS": ("s3_logs", 0, "enable"),
    "EKS_AUDIT_LOGS": ("kubernetes", 0, "audit_logs", 0, "enable"),
    "EBS_MALWARE_PROTECTION": (
        "malware_protection", 0, "scan_ec2_instance_with_findings", 0, "ebs_volumes", 0, "enable",
    ),
}  # fmt: skip
"""The features that the old `datasources` block can state."""


class _Features:
    """The declared features, by the detector they name."""

    def __init__(self, by_type: ByType) -> None:
        self.named: dict[str, list[tuple[Block, Feature | str]]] = defaultdict(list)
        self.region_unknown: list[tuple[Block, str]] = []
        for block in by_type.managed("aws_guardduty_detector_feature"):
            detector = block.link("detector_id", wanted=DETECTOR)
            if not detector.is_known:
                self.region_unknown.append((block, f"{block.address} may be one of its features: {detector.reason}"))
                continue
            name = block.tree.text("name")
            text = name.known_or(None)
            stated: Feature | str = (
                Feature(
                    text, _is_enabled(block.tree), block.origin.following(detector.get().chain), _agents(block.tree)
                )
                if isinstance(text, str)
                else f"{block.address} is one of its features; which one is unknown: {name.reason or 'it has no name'}"
            )
            for detector_name in detector.get().names:
                self.named[detector_name].append((block, stated))

    def of(self, block: Block, names: frozenset[str]) -> Iterator[Feature | str]:
        """What is declared for a detector; a text where it may be any feature."""
        seen: set[str] = set()
        for name in sorted(names):
            for feature_block, stated in self.named.get(name, ()):
                if feature_block.address not in seen and _may_share(block, feature_block):
                    seen.add(feature_block.address)
                    yield stated
        for feature_block, reason in self.region_unknown:
            if _may_share(block, feature_block):
                yield reason


def _may_share(detector: Block, feature: Block) -> bool:
    """Whether both may stand in one account and region: an id of one region means nothing in another."""
    if detector.location.account.key != feature.location.account.key:
        return False
    ours, theirs = detector.location.region, feature.location.region
    return not (ours.is_known and theirs.is_known) or ours.get() == theirs.get()


def _is_enabled(tree: Tree) -> Value[bool]:
    return tree.text("status").map(lambda status: status == "ENABLED")


def _agents(tree: Tree) -> dict[str, Value[bool]]:
    blocks = tree.blocks("additional_configuration")
    if not blocks.is_known:
        return {"": unknown(blocks.reason or "")}
    return {block.text("name").known_or("") or "": _is_enabled(block) for block in blocks.get()}


def detectors(by_type: ByType) -> Iterator[Detector]:
    """Every detector, declared or looked at, with the features that name it."""
    features = _Features(by_type)
    for block in by_type.both("aws_guardduty_detector"):
        shared = common(block)
        declared: dict[str, list[Feature]] = defaultdict(list)
        possible: list[str] = []
        for stated in features.of(block, shared["names"]):
            if isinstance(stated, str):
                possible.append(stated)
            else:
                declared[stated.name].append(stated)
        legacy = _legacy(block)
        # A plan does not carry a dynamic block's expressions; values known before a detector exists were configured.
        configured = block.mode == "managed" and (
            block.is_configured("datasources") or (block.new and any(value.is_known for value in legacy.values()))
        )
        if configured:
            for name, value in legacy.items():
                declared[name].append(Feature(name, value, block.origin))
        yield Detector(
            **shared,
            enabled=_detector_enabled(block),
            publishing_frequency=_publishing_frequency(block),
            features={name: tuple(stated) for name, stated in declared.items()},
            possible=tuple(possible),
            new=block.new and block.mode == "managed",
            seen={} if configured or block.new else _seen(block, legacy),
        )


def _detector_enabled(block: Block) -> Value[bool]:
    if block.mode == "managed":
        return filled(block.tree, block.tree.flag("enable"), True)
    return block.tree.text("status").map(lambda status: status == "ENABLED")


def _publishing_frequency(block: Block) -> Value[str]:
    """How often updates are published: by a new detector that states nothing every six hours; an old one keeps its own.

    Source: https://docs.aws.amazon.com/guardduty/latest/APIReference/API_CreateDetector.html
    """
    stated = block.tree.text("finding_publishing_frequency")
    if block.mode == "managed" and not block.is_configured("finding_publishing_frequency"):
        if block.new:
            return known("SIX_HOURS")
        if not stated.known_or(None):
            return unknown("finding_publishing_frequency is not declared, and an existing detector keeps what it has")
    return default(stated, "SIX_HOURS")


def _legacy(block: Block) -> dict[str, Value[bool]]:
    """What the `datasources` block says, feature by feature; nothing where it has no such part."""
    blocks = block.tree.blocks("datasources")
    if not blocks.is_known:
        return {name: unknown(blocks.reason or "") for name in _LEGACY}
    found: dict[str, Value[bool]] = {}
    for source in blocks.get()[:1]:
        for name, path in _LEGACY.items():
            value = source.flag(*path)
            # What is neither known nor configured is the provider's to fill in later: it states nothing.
            if value.known_or(False) is not None and (value.is_known or block.is_configured("datasources", 0, *path)):
                found[name] = value.map(bool)
    return found


def _seen(block: Block, legacy: Mapping[str, Value[bool]]) -> dict[str, Value[bool]]:
    """What an existing detector's values say of its features: of a data source, or the computed `datasources`."""
    features = block.tree.blocks("features")
    found = dict(legacy)
    for feature in features.known_or(()):
        name = feature.text("name").known_or(None)
        if name:
            found[name] = _is_enabled(feature)
    return found


def ip_lists(by_type: ByType) -> Iterator[IpList]:
    """Trusted IP lists and threat lists."""
    objects = list(by_type.both(*_OBJECTS))
    by_address = {f"{block.root}{block.address}": block for block in objects}
    by_place = {
        (bucket, key.lstrip("/")): block
        for block in objects
        if (bucket := block.tree.text("bucket").known_or(None)) and (key := block.tree.text("key").known_or(None))
    }
    for resource_type, kind in (("aws_guardduty_ipset", "trusted"), ("aws_guardduty_threatintelset", "threat")):
        for block in by_type.managed(resource_type):
            yield IpList(
                **common(block),
                kind=kind,
                detector=block.link("detector_id", wanted=DETECTOR),
                name=default(block.tree.text("name"), ""),
                active=default(block.tree.flag("activate"), False),
                format=default(block.tree.text("format"), ""),
                url=default(block.tree.text("location"), ""),
                content=_content(block, by_address, by_place),
            )


def _content(block: Block, by_address: Mapping[str, Block], by_place: Mapping[tuple[str, str], Block]) -> Value[str]:
    location = block.tree.text("location")
    where = location.known_or(None)
    found = next((by_place[place] for place in _buckets_and_keys(where or "") if place in by_place), None)
    if found is None and not location.is_known:
        target: Value[Ref] = block.link("location", wanted=_OBJECT)
        if not target.is_known:
            return unknown(target.reason or "")
        found = by_address.get(target.get().address or "")
    if found is None:
        return unknown("the list's object is not in the source")
    content = found.tree.text("content")
    return (
        known(content.get() or "")
        if content.known_or(None) is not None
        else unknown(content.reason or f"{found.address} takes its content from elsewhere")
    )


def _buckets_and_keys(location: str) -> Iterator[tuple[str, str]]:
    """The (bucket, key) pairs that a location may mean: s3://b/k, https://host/b/k or https://b.host/k."""
    parts = urlsplit(location)
    path = unquote(parts.path.lstrip("/"))
    if parts.scheme == "s3":
        yield parts.netloc, path
        return
    bucket, _, key = path.partition("/")
    yield bucket, key
    host = parts.netloc
    for cut in (".s3.", ".s3-"):
        if cut in host:
            yield host[: host.index(cut)], path
