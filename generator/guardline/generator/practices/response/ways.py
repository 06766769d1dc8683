"""Ways to people other than e-mail, where findings are answered: chats, which read their own topic, and webhooks."""

from __future__ import annotations

from typing import Any

from guardline.generator.alert_rules import gathers, resource_name
from guardline.generator.markdown import markdown
from guardline.generator.practices.response import messages
from guardline.generator.practices.response.function import ANSWERS
from guardline.generator.root import Billed, Root
from guardline.spec.alert_ways import CHAT_REGIONS, Alerts

_ONCE = "once in the console of Amazon Q Developer in chat applications, by somebody who may"


def values(root: Root) -> dict[str, Any]:
    """What the templates are given: channels, webhooks, and what the function did, which both show."""
    asked = _asked(root)
    if asked is None:
        return {"chats": None, "webhooks": {}, "answers": {}}
    chats = {
        "slack": [{"workspace": each.workspace, "channel": each.channel} for each in asked.slack],
        "teams": [{"team": each.team, "tenant": each.tenant, "channel": each.channel} for each in asked.teams],
        "region": _chat_region(root),
    }
    return {
        "chats": chats if asked.slack or asked.teams else None,
        "webhooks": {
            each.name: {
                "format": each.format,
                "url": each.address,
                "secret_arn": each.secret,
                **({"header": each.header} if each.format == "json" else {}),
            }
            for each in sorted(asked.webhooks, key=lambda each: each.name)
        },
        "answers": messages.answers(root) if asked.slack or asked.teams or asked.webhooks else {},
    }


def assumed(root: Root) -> tuple[str, ...]:
    """What somebody does by hand."""
    asked = _asked(root)
    if asked is None:
        return ()
    lines = []
    if asked.slack:
        workspaces = ", ".join(sorted({markdown(each.workspace) for each in asked.slack}))
        lines.append(f"The workspace {workspaces} of Slack is authorized {_ONCE}.")
    if asked.teams:
        teams = ", ".join(sorted({markdown(each.team) for each in asked.teams}))
        lines.append(f"The team {teams} of Microsoft Teams is authorized {_ONCE}.")
    lines += [
        f"The secret {markdown(each.secret)} holds the credential of the webhook {each.name} as plain text, in the "
        f"region {root.spec.home_region} or where its ARN says."
        for each in asked.webhooks
    ]
    return tuple(lines)


def absent(root: Root) -> tuple[str, ...]:
    """What must not be there yet."""
    asked, name = _asked(root), resource_name(root)
    if asked is None:
        return ()
    chats = (f"the topic {name}-chat", f"the role {name}-chat") if asked.slack or asked.teams else ()
    return (*chats, *(f"the CloudFormation stack and the role {name}-{each.name}" for each in asked.webhooks))


def billed(root: Root) -> tuple[Billed, ...]:
    """What costs something."""
    asked = _asked(root)
    if asked is None or not asked.webhooks:
        return ()
    pricing = "https://aws.amazon.com/eventbridge/pricing/"
    return (Billed("Amazon EventBridge", "alerts to webhooks", "call", pricing, (root.spec.home_region,)),)


def _asked(root: Root) -> Alerts | None:
    asked = root.spec.response
    if asked is None or asked.alerts is None or root.duty not in ANSWERS or not gathers(root):
        return None
    return asked.alerts


def _chat_region(root: Root) -> str:
    """Where channels are configured: the home region where it may be, else another covered one."""
    covered = {region.name for region in root.regions}
    places = (root.spec.home_region, *CHAT_REGIONS)
    return next((name for name in places if name in CHAT_REGIONS and name in covered), root.spec.home_region)
