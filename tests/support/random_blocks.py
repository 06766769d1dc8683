"""The blocks of random specs: one function each, named in `BLOCKS`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

from guardline.spec.filter_scope import scope
from guardline.spec.findings import families, fields
from guardline.spec.practices.security_hub.hub import STANDARDS
from guardline.spec.values import LOG_GROUP_DAYS
from tests.support.random_values import (
    ABSENT,
    ACCOUNTS,
    Block,
    Draw,
    Place,
    buckets,
    dates,
    list_file,
    maybe,
    slugs,
    some,
    texts,
)


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
    created = _delivered(draw, place, "flow") | maybe(draw, "traffic", st.sampled_from(("ALL", "ACCEPT", "REJECT")))
    created |= maybe(draw, "format", st.sampled_from(("${version} ${vpc-id}", "${srcaddr}")))
    created |= maybe(draw, "aggregation_seconds", st.sampled_from((60, 600)))
    if created.get("destination", "s3") == "s3":
        files = {"format": st.sampled_from(("plain-text", "parquet")), "hourly": st.booleans()}
        created |= maybe(draw, "files", st.fixed_dictionaries({}, optional=files))
    return _mode(draw, created, f"arn:{place.partition}:s3:::flow.example")


def dns_logs(draw: Draw, place: Place) -> Any:
    ranges = some(st.sampled_from(("10.0.0.0/8", "172.16.0.0/12", "192.0.2.0/24")))
    denied = st.fixed_dictionaries({}, optional={"allow": ranges, "first_rule": st.integers(1, 32000)})
    created = _delivered(draw, place, "dns") | maybe(draw, "deny_other_resolvers", denied)
    return _mode(draw, created, f"arn:{place.partition}:s3:::dns.example")


def _delivered(draw: Draw, place: Place, purpose: str) -> dict[str, Any]:
    """Where logs go, and what belongs to that."""
    destination = draw(st.sampled_from(("s3", "cloudwatch-logs", "firehose")))
    if destination == "firehose":
        return {"destination": destination, "stream": draw(st.from_regex(r"[a-zA-Z0-9_.-]{1,64}", fullmatch=True))}
    if destination == "cloudwatch-logs":
        made = {"destination": destination, "retention_days": draw(st.sampled_from(LOG_GROUP_DAYS))}
        return made | maybe(draw, "kms_key", st.just("create"))
    keys = st.sampled_from(("create", place.arn("kms", "key/0a1b2c3d-0000-4000-8000-0a1b2c3d4e5f", place.home)))
    made = maybe(draw, "retention_days", st.integers(1, 36500)) | maybe(draw, "kms_key", keys)
    return made if place.organization else made | maybe(draw, "bucket", buckets(purpose))


def trail(draw: Draw, place: Place) -> Any:
    given = place.arn("kms", "key/0a1b2c3d-0000-4000-8000-0a1b2c3d4e5f", place.home)
    keys = st.sampled_from(("create", "create-multi-region", given))
    created = maybe(draw, "kms_key", keys)
    created |= maybe(draw, "insights", some(st.sampled_from(("ApiCallRateInsight", "ApiErrorRateInsight")), most=2))
    events = draw(st.sampled_from(("all", "read", "write", "none")))
    created |= {"s3_data_events": events}
    if events != "none":
        created |= maybe(draw, "excluded_buckets", some(buckets("out"), most=3))
    days = st.fixed_dictionaries({"retention_days": st.sampled_from(LOG_GROUP_DAYS)})
    created |= maybe(draw, "cloudwatch_logs", days)
    if draw(st.booleans()):
        created |= maybe(draw, "bucket", buckets("trail")) | maybe(draw, "retention_days", st.integers(731, 36500))
        created |= maybe(draw, "archive_after_days", st.integers(1, 700))
        lock = {"mode": st.sampled_from(("governance", "compliance")), "days": st.integers(1, 700)}
        created |= maybe(draw, "object_lock", st.fixed_dictionaries(lock))
    else:
        archive = {"bucket": buckets("archive"), "owner": texts()}
        created["log_archive"] = draw(st.fixed_dictionaries(archive, optional={"prefix": st.just("our/prefix")}))
    return _mode(draw, created, place.arn("cloudtrail", "trail/theirs", place.home))


def _mode(draw: Draw, created: dict[str, Any], arn: str) -> Any:
    """A practice in one of its modes; created as often as not, for that has the most to go wrong."""
    referred = {"mode": "reference", "arn": arn, "owner": draw(texts())}
    off = {"mode": "off", "reason": draw(texts())}
    return draw(st.sampled_from((created, {"mode": "create", **created}, created, referred, off, ABSENT)))


def _owned(draw: Draw, created: dict[str, Any]) -> Any:
    """As `_mode`, for a practice that is referred to by its owner alone."""
    value = _mode(draw, created, "")
    return {key: kept for key, kept in value.items() if key != "arn"} if isinstance(value, dict) else value


def trusted_ips(draw: Draw, place: Place) -> Any:
    if draw(st.booleans()):
        return ABSENT
    return {"file": list_file(draw, place, "trusted.txt")} | maybe(draw, "bucket", buckets("lists"))


def threat_ips(draw: Draw, place: Place) -> Any:
    names = draw(some(slugs(), most=6))
    return [{"name": name, "file": list_file(draw, place, f"threat-{place_}.txt")} for place_, name in enumerate(names)]


_NARROW = sorted(field for field in fields() if scope(field) in ("resource", "address"))
_OTHER = sorted(fields() - set(_NARROW) - {"type", "severity", "createdAt", "updatedAt"})


def suppression(draw: Draw, _place: Place) -> Any:
    return [_rule(draw, name) for name in draw(some(slugs(), most=4))]


def _rule(draw: Draw, name: str) -> dict[str, Any]:
    # A star and a wide range of addresses take in everything, which no rule may.
    values = some(texts().filter(lambda text: text.strip() != "*" and "/" not in text), most=3, least=1)
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
    names = ("readers", "responders", "administrators")
    principals = [place.arn("iam", "root"), place.arn("iam", "role/team/a"), place.arn("iam", "user/b@c")]
    created = {name: draw(some(st.sampled_from(principals), least=1)) for name in names}
    return _owned(draw, created | maybe(draw, "mfa", st.booleans()))


def security_hub(draw: Draw, place: Place) -> Any:
    created = maybe(draw, "standards", some(st.sampled_from(sorted(STANDARDS)), most=3))
    created |= maybe(draw, "aggregate", st.booleans())
    created |= maybe(draw, "findings_per", st.sampled_from(("control", "standard")))
    if place.partition == "aws":
        services = st.sampled_from(("macie", "inspector", "firewall-manager"))
        created |= maybe(draw, "integrations", some(services, most=3))
    return _owned(draw, created)


def config(draw: Draw, place: Place) -> Any:
    created = maybe(draw, "retention_days", st.integers(1, 36500))
    created |= maybe(draw, "recorder_name", st.from_regex(r"[A-Za-z0-9_.:/-]{1,40}", fullmatch=True))
    created |= maybe(draw, "frequency", st.sampled_from(("continuous", "daily")))
    created |= maybe(draw, "service_linked_role", st.sampled_from(("create", "exists")))
    created |= {} if place.organization else maybe(draw, "bucket", buckets("config"))
    value = _owned(draw, created)
    return created if value is ABSENT and "security_hub" in place.made else value


def response(draw: Draw, place: Place) -> Any:
    emails = some(st.sampled_from(("soc@example.com", "a.b+c@example.org", "x%y@sub.example.net")), least=1, most=3)
    created: dict[str, Any] = {"alerts": {"email": draw(emails)} | maybe(draw, "min_severity", st.integers(1, 7))}
    if place.partition == "aws":
        secret = place.arn("secretsmanager", "secret:hook-a1b2c3", region="eu-west-1", account=ACCOUNTS[0])
        hook = st.fixed_dictionaries(
            {"name": st.sampled_from(("pager", "hook-1")), "url": st.just("https://example.com/x?y=%24z&z=1")},
            optional={"header": st.just("X-Key")},
        )
        created["alerts"] |= maybe(
            draw, "webhooks", st.tuples(hook).map(lambda hooks: [{**hooks[0], "secret": secret}])
        )
    answers = {"min_severity": st.integers(1, 9), "concurrency": st.integers(1, 100)}
    return _owned(draw, created | maybe(draw, "remediate", st.fixed_dictionaries({}, optional=answers)))


def tamper(draw: Draw, place: Place) -> Any:
    recorded = place.made.get("trail", {}).get("mode", "create")
    told = bool(place.made.get("response", {}).get("alerts"))
    created: dict[str, Any] = {"alarm": told and recorded != "off" and draw(st.booleans())}
    created["queries"] = recorded != "off" and draw(st.booleans())
    if recorded == "reference" and created["queries"]:
        created["trail_bucket"] = draw(buckets("theirs"))
    roles = some(
        st.sampled_from([place.arn("iam", f"role/{name}", account="*") for name in ("deploy", "b/c")]), least=1
    )
    created |= {"exempt_roles": draw(roles), "scp": draw(st.booleans()), "deny_regions": draw(st.booleans())}
    if place.organization and (created["scp"] or created["deny_regions"]):
        created |= maybe(draw, "targets", some(st.sampled_from(("r-ab12", "ou-ab12-11111111", ACCOUNTS[2])), most=3))
    return _owned(draw, created)


BLOCKS: Mapping[str, Block] = {
    "contacts": contacts,
    "terraform": terraform,
    "guardduty": guardduty,
    "flow_logs": flow_logs,
    "dns_logs": dns_logs,
    "trail": trail,
    "trusted_ips": trusted_ips,
    "threat_ips": threat_ips,
    "suppression": suppression,
    "access": access,
    "security_hub": security_hub,
    "config": config,
    "response": response,
    "tamper": tamper,
}
"""In an order in which what goes with another block comes after it."""
