"""Random valid specs, as plain data and list files: each block has a function of its own in `BLOCKS`.

To add a block, write a function ``(draw, place) -> value`` and name it in `BLOCKS`; `ABSENT` leaves the key out. A list
whose order means something is named in `ORDERED`.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from hypothesis import strategies as st

from guardline.spec import catalogue
from guardline.spec.catalogue import Region
from guardline.spec.findings import families, fields, narrows

ABSENT = object()
ORDERED = {("suppression",)}
"""Paths of lists whose order means something, without the places in lists."""

CANARY = "canary"
"""Stands in every hostile text, so that it can be found again in what is rendered."""

HOSTILE = (
    "${%s}", "%%{if %s}", "$${%s}", "%%%%{%s}", '" %s = true\n', "\\%s", "a\n%s = 1", "<<EOT\n%s\nEOT", "#%s", "/*%s*/",
    "%s'\"`", "${\"%s\"}\\${x}", "|%s|", "<b>%s</b>", "\t%s\t", "é%s\u2028", "{{ %s }}", "{%% %s %%}", "@%s", "=%s()",
)  # fmt: skip
ACCOUNTS = ("111122223333", "444455556666", "777788889999", "123456789012", "222233334444")


@dataclass(frozen=True)
class Place:
    """What the blocks of one spec have in common.

    Attributes:
        partition: of the spec.
        home: the home region.
        covered: the covered regions, the home region among them.
        organization: whether the spec is of an organization rather than of one account.
        files: files beside the spec by name, which blocks may add to.
    """

    partition: str
    home: str
    covered: tuple[Region, ...]
    organization: bool
    files: dict[str, str] = field(default_factory=dict)

    def arn(self, service: str, resource: str, region: str = "", account: str = ACCOUNTS[1]) -> str:
        return f"arn:{self.partition}:{service}:{region}:{account}:{resource}"


@dataclass(frozen=True)
class RandomSpec:
    """A spec and the files beside it."""

    data: Mapping[str, Any]
    files: Mapping[str, str]

    def write(self, folder: Path, order: int | None = None) -> Path:
        """Write it as a spec file, and give its path.

        Args:
            folder: an empty or new folder.
            order: shuffles the keys of mappings and those lists whose order means nothing; None leaves them.
        """
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in self.files.items():
            (folder / name).write_text(text, encoding="utf-8")
        data = self.data if order is None else shuffled(self.data, random.Random(order))  # noqa: S311 - no secret
        path = folder / "guardline.yaml"
        path.write_text(yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=10**6), encoding="utf-8")
        return path


def shuffled(value: Any, chance: random.Random, path: tuple[str, ...] = ()) -> Any:
    """The same value in another order."""
    if isinstance(value, dict):
        keys = list(value)
        chance.shuffle(keys)
        return {key: shuffled(value[key], chance, (*path, key)) for key in keys}
    if isinstance(value, list):
        items = [shuffled(item, chance, path) for item in value]
        if path not in ORDERED:
            chance.shuffle(items)
        return items
    return value


Draw = st.DrawFn
Block = Callable[[Draw, Place], Any]


def texts() -> st.SearchStrategy[str]:
    """Texts of people, and texts that would break out of a quoted string."""
    plain = st.text(st.characters(categories=("L", "N", "P", "S", "Zs")), min_size=1, max_size=30)
    hostile = st.sampled_from(HOSTILE).map(lambda form: form % CANARY)
    return st.one_of(plain, hostile, st.tuples(plain, hostile).map("".join)).filter(lambda text: text.strip() != "")


def slugs(most: int = 20) -> st.SearchStrategy[str]:
    """Names of lower-case letters, digits and single hyphens."""
    return st.from_regex(rf"[a-z]([a-z0-9]|-[a-z0-9]){{1,{most // 2 - 1}}}", fullmatch=True)


def buckets(purpose: str) -> st.SearchStrategy[str]:
    """A bucket's name; the purpose keeps two of a spec apart."""
    return st.from_regex(r"[a-z][a-z0-9-]{2,20}[a-z0-9]", fullmatch=True).map(lambda name: f"{purpose}.{name}")


def dates() -> st.SearchStrategy[str]:
    return st.dates().filter(lambda day: day.year >= 1000).map(str)


def maybe(draw: Draw, name: str, strategy: st.SearchStrategy[Any]) -> dict[str, Any]:
    """An optional key: there or not."""
    return {name: draw(strategy)} if draw(st.booleans()) else {}


def some(strategy: st.SearchStrategy[Any], most: int = 4, least: int = 0) -> st.SearchStrategy[list[Any]]:
    """A list of different values."""
    return st.lists(strategy, min_size=least, max_size=most, unique=True)


def addresses() -> st.SearchStrategy[list[str]]:
    """Public addresses and ranges, none twice."""
    single = st.integers(0, 255).map(lambda last: f"198.51.100.{last}")
    ranges = st.integers(0, 31).map(lambda part: f"203.0.113.{part * 8}/29")
    return st.lists(st.one_of(single, ranges), min_size=1, max_size=12, unique=True)


def list_file(draw: Draw, place: Place, name: str) -> str:
    """A list file beside the spec, with comments and blank lines; its name."""
    lines = [f"{entry}{draw(st.sampled_from(('', '  # ours', '   ')))}" for entry in draw(addresses())]
    place.files[name] = "\n".join([draw(st.sampled_from(("# list", "", "#"))), *lines]) + "\n"
    return name


# --- the blocks ---------------------------------------------------------------------------------------------------


def contacts(draw: Draw, _place: Place) -> Any:
    owner = st.from_regex(r"[a-z .:/=+@_-]{0,30}[a-z]", fullmatch=True)
    return {"owner": draw(owner)} | maybe(draw, "review_every_days", st.integers(1, 366))


def terraform(draw: Draw, place: Place) -> Any:
    tags = st.dictionaries(
        texts().filter(lambda key: not key.lower().startswith("aws:")).map(str.casefold).filter(bool),
        texts(),
        max_size=3,
    )
    provider = maybe(draw, "profile", texts()) | maybe(draw, "default_tags", tags)
    if not place.organization:
        provider |= maybe(draw, "allowed_account_ids", st.just([ACCOUNTS[0], *ACCOUNTS[1:3]]))
        role = {"role_arn": place.arn("iam", "role/path/terraform", account=ACCOUNTS[0])}
        provider |= maybe(draw, "assume_role", st.just(role))
    backend = {"s3": {"bucket": "states.example", "key": "guardline/x", "region": place.home}}
    made: dict[str, Any] = {"aws_provider": draw(st.sampled_from((5, 6))), "provider": provider}
    return made | maybe(draw, "backend", st.sampled_from(("none", backend)))


def guardduty(draw: Draw, place: Place) -> Any:
    flags = ("s3_data_events", "eks_audit_logs", "ebs_malware_protection", "rds_login_events", "lambda_network_logs")
    features = {name: value for flag in flags for name, value in maybe(draw, flag, st.booleans()).items()}
    agents = st.fixed_dictionaries(
        {}, optional=dict.fromkeys(("eks_addon", "ecs_fargate_agent", "ec2_agent"), st.booleans())
    )
    features |= maybe(draw, "runtime_monitoring", st.one_of(st.booleans(), agents))
    frequency = st.sampled_from(("FIFTEEN_MINUTES", "ONE_HOUR", "SIX_HOURS"))
    made = {"features": features} | maybe(draw, "finding_publishing_frequency", frequency)
    made |= maybe(draw, "disable_legacy_eks_runtime", st.booleans())
    return made | maybe(draw, "export", st.just(_export(draw, place)))


def _export(draw: Draw, place: Place) -> dict[str, Any]:
    existing = {
        "bucket_arn": f"arn:{place.partition}:s3:::archive.example",
        "kms_key_arn": place.arn("kms", "key/0a1b2c3d-0000-4000-8000-0a1b2c3d4e5f", place.home),
    }
    created = maybe(draw, "bucket", buckets("findings")) | maybe(draw, "retention_days", st.integers(90, 36500))
    return draw(
        st.sampled_from(
            (
                {"mode": "create", **created},
                created,
                {"existing": existing},
                {"mode": "reference", "arn": f"arn:{place.partition}:s3:::theirs", "owner": draw(texts())},
                {"mode": "off", "reason": draw(texts())},
            )
        )
    )


def flow_logs(draw: Draw, place: Place) -> Any:
    created = maybe(draw, "traffic", st.sampled_from(("ALL", "ACCEPT", "REJECT")))
    created |= maybe(draw, "retention_days", st.integers(1, 36500))
    created |= {} if place.organization else maybe(draw, "bucket", buckets("flow"))
    return _mode(draw, place, created, f"arn:{place.partition}:s3:::flow.example")


def trail(draw: Draw, place: Place) -> Any:
    created = maybe(draw, "bucket", buckets("trail"))
    return _mode(draw, place, created, place.arn("cloudtrail", "trail/theirs", place.home))


def _mode(draw: Draw, _place: Place, created: dict[str, Any], arn: str) -> Any:
    """A practice in one of its modes."""
    choices = (
        created,
        {"mode": "reference", "arn": arn, "owner": draw(texts())},
        {"mode": "off", "reason": draw(texts())},
    )
    return draw(st.sampled_from((*choices, ABSENT)))


def trusted_ips(draw: Draw, place: Place) -> Any:
    if draw(st.booleans()):
        return ABSENT
    return {"file": list_file(draw, place, "trusted.txt")} | maybe(draw, "bucket", buckets("lists"))


def threat_ips(draw: Draw, place: Place) -> Any:
    names = draw(some(slugs(), most=6))
    return [{"name": name, "file": list_file(draw, place, f"threat-{place_}.txt")} for place_, name in enumerate(names)]


_NARROW = sorted(field for field in fields() if narrows(field))
_OTHER = sorted(fields() - set(_NARROW) - {"type", "severity", "createdAt", "updatedAt"})


def suppression(draw: Draw, _place: Place) -> Any:
    return [_rule(draw, name) for name in draw(some(slugs(), most=4))]


def _rule(draw: Draw, name: str) -> dict[str, Any]:
    values = some(texts(), most=3, least=1)
    match: dict[str, Any] = {"type": draw(some(st.sampled_from(sorted(families())), most=3, least=1))}
    for narrowing in draw(some(st.sampled_from(_NARROW), most=2, least=1)):
        match[narrowing] = draw(st.one_of(values, st.fixed_dictionaries({"equals": values, "not_equals": values})))
    for other in draw(some(st.sampled_from(_OTHER), most=2)):
        match[other] = draw(
            st.one_of(texts(), st.integers(0, 99), values, st.fixed_dictionaries({"less_than": st.integers(0, 9)}))
        )
    match |= maybe(draw, "severity", st.just({"greater_than_or_equal": 1, "less_than": 7}))
    match |= maybe(draw, "updatedAt", st.just({"greater_than": "2026-01-31T00:00:00Z"}))
    reason = draw(texts().map(lambda text: f"known {text}"))
    return {"name": name, "reason": reason, "until": draw(dates()), "match": match}


def access(draw: Draw, place: Place) -> Any:
    if draw(st.booleans()):
        return ABSENT
    names = ("readers", "responders", "administrators")
    principals = [place.arn("iam", "root"), place.arn("iam", "role/team/a"), place.arn("iam", "user/b@c")]
    created = {name: draw(some(st.sampled_from(principals), least=1)) for name in names} | maybe(
        draw, "mfa", st.booleans()
    )
    return draw(
        st.sampled_from(
            (created, {"mode": "reference", "owner": draw(texts())}, {"mode": "off", "reason": draw(texts())})
        )
    )


BLOCKS: Mapping[str, Block] = {
    "contacts": contacts,
    "terraform": terraform,
    "guardduty": guardduty,
    "flow_logs": flow_logs,
    "trail": trail,
    "trusted_ips": trusted_ips,
    "threat_ips": threat_ips,
    "suppression": suppression,
    "access": access,
}


# --- the whole ----------------------------------------------------------------------------------------------------


@st.composite
def specs(draw: Draw) -> RandomSpec:
    """A valid spec: whatever it says, `load` takes it."""
    partition = draw(st.sampled_from(("aws", "aws", "aws", "aws-us-gov", "aws-cn")))
    known = catalogue.regions(partition)
    home = draw(st.sampled_from([region for region in known if region.default_enabled]))
    others = draw(some(st.sampled_from([region.name for region in known if region != home]), most=3))
    covered = tuple(region for region in known if region == home or region.name in others)
    place = Place(partition, home.name, covered, organization=draw(st.booleans()))
    data: dict[str, Any] = {"version": 1, "name": draw(slugs(10)), "partition": partition, "home_region": home.name}
    data |= {"organization": _organization(draw)} if place.organization else {"account": {"id": ACCOUNTS[0]}}
    data["regions"] = _regions(draw, known, covered)
    for name, block in BLOCKS.items():
        value = block(draw, place)
        if value is not ABSENT:
            data[name] = value
    return RandomSpec(data, place.files)


def _regions(draw: Draw, known: Sequence[Region], covered: Sequence[Region]) -> dict[str, Any]:
    left = [region for region in known if region not in covered and region.default_enabled]
    retiring = draw(some(st.sampled_from([region.name for region in left]), most=1)) if left else []
    modes = st.sampled_from(("forget", "destroy"))
    return {
        "opted_in": [region.name for region in covered if not region.default_enabled],
        "not_opted_in": "rest",
        "exclude": [
            {"region": region.name, "reason": draw(texts()), "approved_by": draw(texts()), "until": draw(dates())}
            for region in left
            if region.name not in retiring
        ],
        "retiring": [{"region": name, "mode": draw(modes)} for name in retiring],
    }


def _organization(draw: Draw) -> dict[str, Any]:
    members = [{"id": account} for account in ACCOUNTS[2:4]]
    made = {"id": "o-exampleorgid", "management_account": ACCOUNTS[0], "admin_account": ACCOUNTS[1]}
    return made | maybe(draw, "members", st.just(members)) | maybe(draw, "deploy_role", st.just("path/deploy"))
