"""The roles that deploy: their calls raise no alarm, and service control policies let them through."""

from __future__ import annotations

from guardline.generator.root import Root


def exempt_roles(root: Root) -> tuple[str, ...]:
    """The ARNs of the roles that deploy, ``*`` for any account: as the spec says, else the one Terraform assumes."""
    spec = root.spec
    if spec.tamper is not None and spec.tamper.exempt_roles:
        return tuple(sorted(set(spec.tamper.exempt_roles)))
    if root.role is None:
        return ()
    arn = str(root.role["role_arn"])
    return (arn if spec.organization is None else arn.replace(f"::{root.account_id}:", "::*:"),)


def exempt_here(root: Root) -> list[str]:
    """The same roles as they are in this account."""
    return [arn.replace("::*:", f"::{root.account_id}:") for arn in exempt_roles(root)]
