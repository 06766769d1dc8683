"""Who may use GuardDuty: readers, responders and administrators, as IAM roles or as permission sets."""

from __future__ import annotations

from guardline.generator.markdown import markdown
from guardline.generator.root import Part, Root, label
from guardline.spec.accounts import accounts
from guardline.spec.actions import actions, kept_from_all
from guardline.spec.practices.access import LISTS, Access

ROLES = ("reader", "responder", "administrator")
SETS = ("read", "triage", "admin")


def part(root: Root) -> Part:
    """What access adds to the root.

    Raises:
        ListError: the organization's file of members cannot be read.
    """
    asked = root.spec.access
    if asked is None:
        return Part()
    if asked.mode == "reference":
        return Part(assumed=(f"The identities of people are owned by {markdown(asked.owner or '')}.",))
    if asked.mode == "off":
        return Part(assumed=(f"No identities for people are asked for: {markdown(asked.reason or '')}",))
    if asked.kind == "identity-center" and root.duty not in ("account", "management"):
        return Part(assumed=("People come in through permission sets, which the management account's root makes.",))
    contacts = root.spec.contacts  # `load` asks for them
    lists = {name: sorted(set(getattr(asked, name))) for name in LISTS}
    values = {"kind": asked.kind, "lists": lists, "tags": {_owner_key(root): contacts.owner if contacts else ""}}
    if asked.kind == "roles":
        return Part(
            values=values,
            outputs={"access_role_arns": ("The roles of people: reader, responder, administrator.", _output("role"))},
            absent=tuple(f"the role and policy {root.spec.name}-guardduty-{part}" for part in ROLES),
            assumed=(
                "Whoever may assume the access roles exists: IAM refuses a role that trusts an unknown ARN.",
                *_denied(root),
            ),
        )
    return Part(
        values=values | _identity_center(root, asked),
        outputs={
            "access_permission_set_arns": (
                "The permission sets of people: reader, responder, administrator.",
                _output("permission_set"),
            )
        },
        absent=tuple(f"the permission set {set_name(root, part)}" for part in SETS),
        assumed=(
            "The groups exist in the identity store of IAM Identity Center; nothing here fills them.",
            *_denied(root),
        ),
    )


def _denied(root: Root) -> tuple[str, ...]:
    """What administrators are granted and the service control policy denies them: said, not found out."""
    asked = root.spec.tamper
    if asked is None or asked.mode != "create" or not asked.scp:
        return ()
    denied = {action.rpartition(":")[2] for action in kept_from_all()}
    names = [name for name in actions()["administer"] if name in denied]
    said = (
        f"Administrators are granted {', '.join(names)}, and the service control policy denies these to all but the "
        "exempt roles where it is attached: protection plans change by Terraform alone."
    )
    return (said,)


def set_name(root: Root, part: str) -> str:
    """The name of a part's permission set, which has 32 characters at most: the module cuts it the same way.

    Source: https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_CreatePermissionSet.html
    """
    return f"{root.spec.name}-gd-{part}"[:32]


def _output(kind: str) -> str:
    return f"module.access.{kind}_arns"


def _owner_key(root: Root) -> str:
    """The key of the owner's tag: as a default tag spells it, because IAM does not tell keys apart by case."""
    return next((key for key in root.spec.terraform.provider.default_tags if key.lower() == "owner"), "owner")


def _identity_center(root: Root, asked: Access) -> dict[str, object]:
    center = asked.identity_center
    region = center.region if center is not None else None
    away = region is not None and region != root.spec.home_region and not root.argument
    given = center.accounts if center is not None else ()
    everyone = [account.id for account in accounts(root.spec, root.spec_path)]
    return {
        "region": region or root.spec.home_region,
        "provider": label(region) if away and region is not None else None,
        "accounts": sorted(set(given or everyone)),
    }
