"""From a context to texts: a pure function of the spec, its lists and the templates. No clock, no environment."""

from __future__ import annotations

import operator
import re
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from guardline.generator import package
from guardline.generator.changes import MARK
from guardline.generator.context import module_context, top_context
from guardline.generator.hcl import ACCOUNT_ID, arguments, entries, expressions, hcl, literal
from guardline.generator.markdown import markdown
from guardline.generator.module_usage import EVERYTHING, Calls

if TYPE_CHECKING:
    import jinja2

    from guardline.generator.root import Root

TEMPLATES = Path(__file__).parent / "templates"

HEADER = f"{MARK} Do not edit: change the spec and run `guardline generate`."
"""The first line of every generated file."""

# Each module, with the first sentence of its README.
MODULES = {
    "access-permission-sets": "Permission sets of IAM Identity Center: readers, responders, administrators.",
    "access-policies": "What readers, responders and administrators of GuardDuty may do, as JSON.",
    "access-roles": "IAM roles of people: readers, responders, administrators.",
    "alert-topic": "An encrypted topic that EventBridge and alarms publish to, and its subscribers.",
    "bucket": "A private, versioned, encrypted bucket that is reached by TLS only.",
    "chat-channels": "Channels of Slack and Microsoft Teams that show alerts.",
    "config-bucket": "The bucket that receives what AWS Config records in every region, and AWS Config's own role.",
    "config-recorder": "AWS Config in one region: recorder, delivery channel, and the switch.",
    "event-bus": "The bus that events of all regions go to, here or in another account, and the role that brings them.",
    "event-rules": "Rules that send events to one target, with retries and a dead-letter queue.",
    "findings-bucket": "The bucket and key that the findings of every region are exported to.",
    "dns-logs": "DNS query logs for every VPC that the account owns in one region.",
    "flow-log-role": "The role with which VPC flow logs write to log groups.",
    "flow-logs": "Flow logs for every VPC that the account owns in one region.",
    "guardduty": "The detector of one region, with every protection plan declared on or off.",
    "ip-lists": "The objects that every region's IP lists point at.",
    "organization-admin": "GuardDuty's delegated administrator of an organization, in one region.",
    "organization-members": "What every member of the organization gets from GuardDuty, in one region.",
    "publishing-destination": "The export of one region's findings.",
    "log-bucket": "The bucket that receives the flow logs, or the DNS query logs, of every region.",
    "log-group": "A log group, encrypted with a key of its own where asked.",
    "other-resolvers": "Denies DNS to any resolver but Amazon's in one region.",
    "region": "Everything one region needs: detector, logs, lists.",
    "service-control-documents": "What no account may do: end GuardDuty, or work where nobody looks. As JSON.",
    "response-function": "The function that answers findings, with all that it needs to be relied on.",
    "response-role": "The role in which the function that answers findings acts in one account.",
    "security-hub": "Security Hub in one region: standards, and in one region the view of all.",
    "service-control-policies": "The same, as service control policies of an organization, attached.",
    "tamper-queries": "A table over the trail, and queries about who changed GuardDuty.",
    "threat-ip-lists": "The threat lists of one region's detector.",
    "trail-bucket": "Where an organization's trail is kept: a bucket and its key, in another account than the trail's.",
    "trail": "A multi-region trail with S3 object events, validated and encrypted, in a bucket of its own.",
    "trusted-ip-list": "The trusted IP list of one region's detector.",
    "webhook": "An HTTPS address that EventBridge calls, with a credential that only Secrets Manager holds.",
}

# A module's README says what its variables say, which stand in one place, as Terraform. A parser of all of HCL takes
# ten times as long for these files as everything else that `generate` does.
_VARIABLE = re.compile(r'^variable "(\w+)" \{\n  description = "(.*)"\n  type += (.*)\n((?:.|\n)*?)^\}$', re.MULTILINE)
_OUTPUT = re.compile(r'^output "(\w+)" \{\n  description = "(.*)"$', re.MULTILINE)


@cache
def _environment() -> jinja2.Environment:
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        undefined=jinja2.StrictUndefined,
        autoescape=False,  # noqa: S701 - Terraform is not HTML; the hcl filter quotes every value
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(
        hcl=hcl, arguments=arguments, entries=entries, expressions=expressions, literal=literal, markdown=markdown
    )
    environment.filters["combine"] = operator.or_
    return environment


def render_root(context: dict[str, Any]) -> dict[PurePosixPath, str]:
    """A root's files: path relative to its folder -> text.

    Args:
        context: what `guardline.generator.context.root_context` says of the root.
    """
    folder = TEMPLATES / "root"
    texts = {
        PurePosixPath(path.relative_to(folder).with_suffix("").as_posix()): _text(path, context)
        for path in sorted(folder.rglob("*.j2"))
    }
    # A practice that is not asked for leaves its file empty, and an empty file is not written.
    found = {path: _headed(path.name, text) for path, text in texts.items() if text.strip()}
    return {path: text.replace(ACCOUNT_ID, "ACCOUNT") if path.suffix == ".md" else text for path, text in found.items()}


def render_top(roots: Sequence[Root]) -> dict[PurePosixPath, str]:
    """What an organization's roots have in common: path relative to the folder that holds them -> text."""
    return render_folder("top", top_context(roots))


def render_folder(name: str, context: dict[str, Any]) -> dict[PurePosixPath, str]:
    """The files of a folder of templates, but for empty ones."""
    texts = {PurePosixPath(path.stem): _text(path, context) for path in sorted((TEMPLATES / name).glob("*.j2"))}
    return {path: _headed(path.name, text) for path, text in texts.items() if text.strip()}


def render_modules(
    aws_provider: int,
    style: str | None = None,
    used: frozenset[str] = EVERYTHING,
    called: Iterable[str] = tuple(MODULES),
) -> dict[PurePosixPath, str]:
    """The modules of one region style: path relative to their folder -> text.

    Args:
        aws_provider: the provider's major version.
        style: ``alias`` or ``argument``; None is the one that the version suggests.
        used: what the roots use of them; what is for nothing else is left out.
        called: the modules that the roots call; these and what they call themselves are written.
    """
    style = style or ("argument" if aws_provider == 6 else "alias")
    context = module_context(aws_provider, style, used)
    found: dict[str, dict[PurePosixPath, str]] = {}
    waiting = [*called]
    while waiting:
        name = waiting.pop()
        if name not in found:
            calls = Calls("..")
            found[name] = _module(name, {**context, "source": calls}, f"AWS provider {aws_provider}")
            waiting += calls.names
    return {path: text for name in MODULES if name in found for path, text in found[name].items()}


def _module(name: str, context: dict[str, Any], provider: str) -> dict[PurePosixPath, str]:
    folder = TEMPLATES / "modules" / name
    found = {
        PurePosixPath(name, path.relative_to(folder).with_suffix("").as_posix()): _render(path, context)
        for path in sorted(folder.rglob("*.j2"))
    }
    if name == "response-function":
        source = {path: _headed(path.name, text) for path, text in package.source().items()}
        found |= {PurePosixPath(name, path): text for path, text in source.items()}
        found[PurePosixPath(name, package.ARCHIVE)] = package.packed(source)
    found[PurePosixPath(name, "versions.tf")] = _render(TEMPLATES / "modules" / "versions.tf.j2", context)
    way = "one provider, `region` as an argument" if context["argument"] else "the region of the provider passed to it"
    found[PurePosixPath(name, "README.md")] = _readme(name, found, f"{provider}: {way}.")
    return found


def _render(path: Path, context: dict[str, Any]) -> str:
    return _headed(path.stem, _text(path, context))


def _text(path: Path, context: dict[str, Any]) -> str:
    return _environment().get_template(path.relative_to(TEMPLATES).as_posix()).render(context)


def _headed(name: str, text: str) -> str:
    header = f"<!-- {HEADER} -->" if name.endswith(".md") else f"# {HEADER}"
    return f"{header}\n\n{text.strip()}\n"


def _readme(name: str, files: dict[PurePosixPath, str], provider: str) -> str:
    variables = _VARIABLE.findall(files[PurePosixPath(name, "variables.tf")])
    outputs = _OUTPUT.findall(files[PurePosixPath(name, "outputs.tf")])
    lines = [f"# {name}", "", MODULES[name], "", provider, "", "## Inputs", ""]
    lines += ["| name | description | type | default |", "|---|---|---|---|"]
    for variable, description, kind, rest in variables:
        default = re.search(r"^  default +?= (.*)$", rest, re.MULTILINE)
        shown = f"`{default[1]}`" if default else "required"
        lines.append(f"| `{variable}` | {description} | `{kind.rstrip(' ({')}` | {shown} |")
    lines += ["", "## Outputs", "", "| name | description |", "|---|---|"]
    lines += [f"| `{output}` | {description} |" for output, description in outputs]
    return _headed("README.md", "\n".join(lines))
