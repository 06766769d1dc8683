"""`guardline response`: what the function would do about findings, and undoing what it did."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from guardline.spec.saying import complain, tell

if TYPE_CHECKING:
    from guardline.generator.responder.finding import Finding
    from guardline.generator.responder.settings import Settings
    from guardline.spec.exported_findings import Exported
    from guardline.spec.model import Spec

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode="rich")

SpecPath = Annotated[Path, typer.Option("--spec", help="The spec, guardline.yaml.")]


@app.command()
def simulate(
    findings: Annotated[Path, typer.Argument(help="Findings as JSON: GuardDuty's, EventBridge's, ASFF or OCSF.")],
    spec: SpecPath,
) -> None:
    """Say what the function would do about each finding. No account is asked; tags are the finding's own."""
    from guardline.spec.exported_findings import FindingsError, read

    asked = _remediate(_load(spec))
    settings = settings_of(asked)
    try:
        found = read(findings)
    except FindingsError as error:
        raise _refused(str(error)) from None
    counts: Counter[str] = Counter()
    for each in found:
        lines = list(simulated(each, settings))
        counts["answered" if any(acts for _, acts in lines) else "left to people" if lines else "below"] += 1
        detail = each.detail
        place = f"{detail.get('accountId', 'unknown account')} {detail.get('region', 'unknown region')}"
        tell(f"{detail['type']}  severity {detail['severity']:g}  {place}  {detail.get('id', '')}".rstrip())
        for sentence, _ in lines or [("nothing: it is not severe enough for the function", False)]:
            tell(f"  {sentence}")
    would = {"act": "would be answered by an action", "dry-run": "would be answered, were it not a dry-run"}
    typer.echo(
        f"{len(found)} findings: {counts['answered']} {would.get(settings.mode, 'would be answered')}, "
        f"{counts['left to people']} go to people alone, {counts['below']} are below the least severity."
    )


@app.command()
def undo(
    record: Annotated[str, typer.Argument(help="The record, as the alert names it.")],
    spec: SpecPath,
    region: Annotated[
        str | None,
        typer.Option(help="The function's region, where each region has its own; left out, the home region."),
    ] = None,
    profile: Annotated[str | None, typer.Option(help="The profile of AWS's configuration to sign in with.")] = None,
) -> None:
    """Let the function undo what it did, in the account that administers GuardDuty. Needs lambda:InvokeFunction."""
    import boto3
    from botocore.exceptions import BotoCoreError, ClientError

    loaded = _load(spec)
    _remediate(loaded)
    try:
        session = boto3.Session(profile_name=profile)
        answer = session.client("lambda", region_name=region or loaded.home_region).invoke(
            FunctionName=f"{loaded.name}-guardduty-response", Payload=json.dumps({"undo": record}).encode()
        )
        said = json.loads(answer["Payload"].read())
    except (BotoCoreError, ClientError) as error:
        raise _refused(f"the function cannot be called: {error}") from None
    if answer.get("FunctionError"):
        complain(f"guardline: not undone: {said.get('errorMessage', said)}")
        raise typer.Exit(1)
    typer.echo(said["done"])


def simulated(exported: Exported, settings: Settings) -> Iterator[tuple[str, bool]]:
    """What would be done about a finding, sentence by sentence, each with whether something would change.

    Args:
        exported: the finding.
        settings: the function's.
    """
    from guardline.generator.responder import exclusions, playbook
    from guardline.generator.responder.actions import ACTIONS
    from guardline.generator.responder.actions.action import LeftToPeopleError

    finding = _finding(exported)
    answers = playbook.of(finding, settings.playbooks)
    if answers is None:
        return
    yield "alert people", False
    if settings.mode == "notify":
        return
    if finding.sample and answers.actions:
        yield "nothing more: it is a sample finding", False
        return
    for name in answers.actions:
        action = ACTIONS[name]
        try:
            targets = action.targets(finding)
        except LeftToPeopleError as why:
            yield f"not {name}: {why}", False
            continue
        for target in targets:
            reason = exclusions.never(target, settings) or exclusions.by_tags(_tags(exported), settings)
            if reason is not None:
                yield f"not {name} on {target}: {reason}", False
            else:
                yield f"{action.verb} {target}", True


def settings_of(asked: Any) -> Settings:
    """The function's settings as its Terraform writes them, without names that only an account has.

    Args:
        asked: the spec's `remediate`.
    """
    from guardline.generator.responder.settings import Playbook, Settings
    from guardline.spec.playbooks import playbooks

    return Settings(
        topic_arn="",
        bus="",
        table="",
        role="",
        mode=asked.does,
        playbooks=tuple(Playbook(each.types, each.actions, each.min_severity) for each in playbooks(asked)),
        never=asked.never,
        opt_out_tags=asked.opt_out_tags,
        opt_in_tags=asked.opt_in_tags,
        rate_limit=asked.rate_limit,
    )


def _finding(exported: Exported) -> Finding:
    from guardline.generator.responder import finding

    known = {"id": "unknown", "accountId": "unknown", "region": "unknown", "partition": "aws"}
    detail = {**known, **exported.detail}
    return finding.read({"source": "aws.guardduty", "detail-type": "GuardDuty Finding", "detail": detail})


def _tags(exported: Exported) -> dict[str, str]:
    resource = exported.detail.get("resource") or {}
    listed = [(resource.get("instanceDetails") or {}).get("tags") or []]
    listed += [bucket.get("tags") or [] for bucket in resource.get("s3BucketDetails") or []]
    return {str(tag["key"]): str(tag.get("value", "")) for tags in listed for tag in tags if "key" in tag}


def _load(spec: Path) -> Spec:
    from guardline.spec.load import SpecError, load

    try:
        return load(spec)
    except SpecError as error:
        raise _refused(str(error)) from None


def _remediate(spec: Spec) -> Any:
    if spec.response is None or spec.response.mode != "create" or spec.response.remediate is None:
        raise _refused("the spec asks for no function that answers findings (`response.remediate`)")
    return spec.response.remediate


def _refused(why: str) -> typer.Exit:
    complain(f"guardline: {why}")
    return typer.Exit(2)
