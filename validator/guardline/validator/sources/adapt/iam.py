"""IAM: identities, their policies and what attaches them.

Sources: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/iam_policy (and iam_role,
iam_role_policy, iam_role_policy_attachment, iam_policy_attachment, their likes for users and groups,
ssoadmin_permission_set_inline_policy) and data-sources/iam_policy_document.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from msgspec.structs import replace

from guardline.validator.model.iam import Identity, IdentityPolicy, Membership, PolicyAttachment
from guardline.validator.model.resource import NOWHERE, Ref, Resource
from guardline.validator.model.value import UnknownValue, Value, known, unknown
from guardline.validator.sources.adapt.common import ByType, Common, common, default
from guardline.validator.sources.adapt.policies import Documents
from guardline.validator.sources.blocks import Block, Wanted
from guardline.validator.sources.tree import Tree

DOCUMENT = "aws_iam_policy_document"
_SET = "aws_ssoadmin_permission_set"
_KINDS = {"aws_iam_role": "role", "aws_iam_user": "user", "aws_iam_group": "group", _SET: "permission set"}
_INLINE = {
    "aws_iam_role_policy": ("role", "aws_iam_role", "policy"),
    "aws_iam_user_policy": ("user", "aws_iam_user", "policy"),
    "aws_iam_group_policy": ("group", "aws_iam_group", "policy"),
    f"{_SET}_inline_policy": ("permission_set_arn", _SET, "inline_policy"),
}
_ATTACHING = {
    "aws_iam_role_policy_attachment": ("role", "aws_iam_role", "policy_arn"),
    "aws_iam_user_policy_attachment": ("user", "aws_iam_user", "policy_arn"),
    "aws_iam_group_policy_attachment": ("group", "aws_iam_group", "policy_arn"),
    "aws_ssoadmin_managed_policy_attachment": ("permission_set_arn", _SET, "managed_policy_arn"),
}
_SHARED = "aws_iam_policy_attachment"
_HOLDERS = {"roles": "aws_iam_role", "users": "aws_iam_user", "groups": "aws_iam_group"}

_OF_USER, _OF_GROUP = "aws_iam_user_group_membership", "aws_iam_group_membership"
_BOUNDED = frozenset({"role", "user"})

MAKES: Mapping[str, type[Resource]] = {
    **dict.fromkeys(_KINDS, Identity),
    **dict.fromkeys((_OF_USER, _OF_GROUP), Membership),
    "aws_iam_policy": IdentityPolicy,
    **dict.fromkeys(_INLINE, IdentityPolicy),
    **dict.fromkeys((*_ATTACHING, _SHARED), PolicyAttachment),
}

_POLICY = Wanted(frozenset({"aws_iam_policy"}))
_DOCUMENT = Wanted(frozenset({DOCUMENT}), attributes=frozenset({"json", "minified_json"}))


def _named(kind: str) -> Wanted:
    return Wanted(frozenset({kind}), attributes=frozenset({"id", "arn", "name"}))


def _global(block: Block, *naming: str) -> Common:
    """The common fields of a thing of IAM, which stands in no region."""
    shared = common(block, *naming)
    shared["location"] = replace(block.location, region=NOWHERE)
    return shared


def _name(block: Block) -> Value[str]:
    """The name, or the prefix that begins a name which is not known yet."""
    name, prefix = default(block.tree.text("name"), ""), default(block.tree.text("name_prefix"), "")
    return prefix if name.known_or("") == "" and prefix.known_or("") != "" else name


def identities(by_type: ByType) -> Iterator[Identity]:
    """Roles, users, groups and permission sets."""
    documents = Documents(by_type)
    for kind, what in _KINDS.items():
        for block in by_type.managed(kind):
            trust = documents.text(block, "assume_role_policy", rules=True) if what == "role" else None
            bounded = what in _BOUNDED and block.tree.at("permissions_boundary").is_set
            boundary = block.link("permissions_boundary", wanted=_POLICY) if bounded else None
            yield Identity(**_global(block, "name"), kind=what, name=_name(block), trust=trust, boundary=boundary)


def memberships(by_type: ByType) -> Iterator[Membership]:
    """Users in groups, written down by the user or by the group."""
    for kind, one, attribute, many, several in (
        (_OF_USER, "user", "aws_iam_user", "groups", "aws_iam_group"),
        (_OF_GROUP, "group", "aws_iam_group", "users", "aws_iam_user"),
    ):
        for block in by_type.managed(kind):
            own = block.link(one, wanted=_named(attribute))
            for other in _each(block, many, _named(several)):
                user, group = (own, other) if one == "user" else (other, own)
                yield Membership(**_global(block), user=user, group=group)


def _each(block: Block, attribute: str, wanted: Wanted) -> Iterator[Value[Ref]]:
    """The things that a list of names leads to; where some of it is unknown, what it leads to as a whole."""
    names = block.tree.texts(attribute)
    if names.is_known:
        yield from (known(Ref(id=name)) for name in names.get())
    else:
        yield block.link(attribute, wanted=wanted)


def policies(by_type: ByType) -> Iterator[IdentityPolicy]:
    """Policies that are managed by the customer, and those written into an identity."""
    documents = {f"{block.root}{block.address}": block.tree for block in by_type.data(DOCUMENT)}
    for block in by_type.managed("aws_iam_policy"):
        yield _policy(block, block.tree, ("policy",), documents, None)
    for kind, (attribute, holding, text) in _INLINE.items():
        for block in by_type.managed(kind):
            yield _policy(block, block.tree, (text,), documents, block.link(attribute, wanted=_named(holding)))
    for block in by_type.managed("aws_iam_role"):
        # The provider also fills the block in with what other resources declare: only a configured one is its own.
        if not block.is_configured("inline_policy"):
            continue
        holder: Value[Ref] = known(Ref(address=f"{block.root}{block.address}"))
        inline = block.tree.blocks("inline_policy")
        if not inline.is_known:
            yield _policy(block, block.tree, ("inline_policy",), documents, holder)
        for index, tree in enumerate(inline.known_or(())):
            yield _policy(block, tree, ("inline_policy", index, "policy"), documents, holder, tree.text("policy"))


def _policy(
    block: Block,
    tree: Tree,
    path: tuple[str | int, ...],
    documents: Mapping[str, Tree],
    holder: Value[Ref] | None,
    given: Value[str | None] | None = None,
) -> IdentityPolicy:
    shared = _global(block)
    if holder is not None:  # what a policy written into an identity is called, names no policy that can be attached
        shared["names"] = frozenset({f"{block.root}{block.address}"})
        if holder.is_known:
            shared["origin"] = block.origin.following(holder.get().chain)
    text = default(block.tree.text(*path) if given is None else given, "")
    stated = None
    if not text.is_known:
        document = block.link(*path, wanted=_DOCUMENT)
        tree_of = documents.get((document.get().address or "") if document.is_known else "")
        if tree_of is not None:
            stated = surely_stated(tree_of)
            shared["origin"] = block.origin.following(document.get().chain)
    name = default(tree.text("name"), "")
    return IdentityPolicy(**shared, name=name, text=text, stated=stated, holder=holder)


def surely_stated(document: Tree) -> str | None:
    """A policy of the statements that are known whole and surely in a document; None where a part that is unknown may
    take away what they grant."""
    merged = ("override_policy_documents", "source_policy_documents", "override_json", "source_json")
    statements = document.blocks("statement")
    if not statements.is_known or any(document.at(name).is_set for name in merged):
        return None
    kept: list[dict[str, Any]] = []
    for tree in statements.get():
        effect = default(tree.text("effect"), "Allow")
        if not effect.is_known:
            return None
        try:
            kept.append({"Effect": effect.get(), **_statement(tree)})
        except UnknownValue:
            if effect.get() != "Allow":
                return None
    return json.dumps({"Statement": kept})


def _statement(tree: Tree) -> dict[str, Any]:
    lists = {
        "Action": tree.texts("actions").get(),
        "NotAction": tree.texts("not_actions").get(),
        "Resource": tree.texts("resources").get(),
        "NotResource": tree.texts("not_resources").get(),
    }
    conditions: dict[str, dict[str, list[str]]] = {}
    for each in tree.blocks("condition").get():
        test, variable = each.text("test").get() or "", each.text("variable").get() or ""
        conditions.setdefault(test, {})[variable] = list(each.texts("values").get())
    made: dict[str, Any] = {name: list(values) for name, values in lists.items() if values}
    return {**made, "Condition": conditions} if conditions else made


def attachments(by_type: ByType) -> Iterator[PolicyAttachment]:
    """What attaches policies to identities."""
    for kind, (attribute, holding, policy) in _ATTACHING.items():
        for block in by_type.managed(kind):
            holder = block.link(attribute, wanted=_named(holding))
            yield PolicyAttachment(**_global(block), policy=block.link(policy, wanted=_POLICY), holder=holder)
    for block in by_type.managed(_SHARED):
        for attribute, holding in _HOLDERS.items():
            yield from _shared(block, attribute, _named(holding))
    for block in by_type.managed("aws_iam_role"):
        if block.is_configured("managed_policy_arns"):
            holder_here: Value[Ref] = known(Ref(address=f"{block.root}{block.address}"))
            yield from _listed(block, "managed_policy_arns", holder_here)


def _shared(block: Block, attribute: str, wanted: Wanted) -> Iterator[PolicyAttachment]:
    if not block.tree.at(attribute).is_set:
        return
    policy = block.link("policy_arn", wanted=_POLICY)
    for holder in _each(block, attribute, wanted):
        yield PolicyAttachment(**_global(block), policy=policy, holder=holder)


def _listed(block: Block, attribute: str, holder: Value[Ref]) -> Iterator[PolicyAttachment]:
    arns = block.tree.texts(attribute)
    for arn in arns.known_or(()):
        yield PolicyAttachment(**_global(block), policy=known(Ref(id=arn)), holder=holder)
    if not arns.is_known:
        why: Value[Ref] = unknown(arns.reason or "")
        yield PolicyAttachment(**_global(block), policy=why, holder=holder)
