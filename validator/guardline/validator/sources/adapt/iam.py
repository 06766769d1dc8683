"""IAM: identities, their policies and what attaches them.

Sources: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/iam_policy (and iam_role,
iam_role_policy, iam_role_policy_attachment, iam_role_policies_exclusive, iam_role_policy_attachments_exclusive,
iam_policy_attachment, their likes for users and groups, ssoadmin_permission_set_inline_policy) and
data-sources/iam_policy_document.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from guardline.validator.model.iam import (
    Assignment,
    Identity,
    IdentityPolicy,
    Membership,
    OnlyPolicies,
    PolicyAttachment,
)
from guardline.validator.model.resource import Ref, Resource
from guardline.validator.model.value import Value, known, unknown
from guardline.validator.sources.adapt.common import ByType, common, default, regionless
from guardline.validator.sources.adapt.policies import DOCUMENT, Documents
from guardline.validator.sources.blocks import Block, Wanted

_SET = "aws_ssoadmin_permission_set"
_ASSIGNMENT = "aws_ssoadmin_account_assignment"
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

_EXCLUSIVE = {f"aws_iam_{what}_policies_exclusive": what for what in ("role", "user", "group")}
_EXCLUSIVE_ATTACHED = {f"aws_iam_{what}_policy_attachments_exclusive": what for what in ("role", "user", "group")}

_OF_USER, _OF_GROUP = "aws_iam_user_group_membership", "aws_iam_group_membership"
_BOUNDED = frozenset({"role", "user"})

MAKES: Mapping[str, type[Resource]] = {
    **dict.fromkeys(_KINDS, Identity),
    **dict.fromkeys((_OF_USER, _OF_GROUP), Membership),
    "aws_iam_policy": IdentityPolicy,
    _ASSIGNMENT: Assignment,
    **dict.fromkeys(_INLINE, IdentityPolicy),
    **dict.fromkeys((*_ATTACHING, _SHARED), PolicyAttachment),
    **dict.fromkeys((*_EXCLUSIVE, *_EXCLUSIVE_ATTACHED), OnlyPolicies),
}

_POLICY = Wanted(frozenset({"aws_iam_policy"}))
_DOCUMENT = Wanted(frozenset({DOCUMENT}), attributes=frozenset({"json", "minified_json"}))


def _named(kind: str) -> Wanted:
    return Wanted(frozenset({kind}), attributes=frozenset({"id", "arn", "name"}))


def _name(block: Block) -> Value[str]:
    """The name, or the prefix that begins a name which is not known yet."""
    name, prefix = default(block.tree.text("name"), ""), default(block.tree.text("name_prefix"), "")
    return prefix if name.known_or("") == "" and prefix.known_or("") != "" else name


def identities(by_type: ByType) -> Iterator[Identity]:
    """Roles, users, groups and permission sets."""
    documents = Documents(by_type)
    for kind, what in _KINDS.items():
        for block in by_type.managed(kind):
            trust = documents.draft(block, "assume_role_policy") if what == "role" else None
            bounded = what in _BOUNDED and block.tree.at("permissions_boundary").is_set
            boundary = block.link("permissions_boundary", wanted=_POLICY) if bounded else None
            yield Identity(**regionless(block, "name"), kind=what, name=_name(block), trust=trust, boundary=boundary)


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
                yield Membership(**regionless(block), user=user, group=group)


def _each(block: Block, attribute: str, wanted: Wanted) -> Iterator[Value[Ref]]:
    """What a list of names leads to; where some of it is unknown, what it leads to as a whole."""
    names = block.tree.texts(attribute)
    if names.is_known:
        yield from (known(Ref(id=name)) for name in names.get())
    else:
        yield block.link(attribute, wanted=wanted)


def policies(by_type: ByType) -> Iterator[IdentityPolicy]:
    """Policies that are managed by the customer, and those written into an identity."""
    documents = Documents(by_type)
    for block in by_type.managed("aws_iam_policy"):
        yield _policy(block, ("policy",), documents, None)
    for kind, (attribute, holding, text) in _INLINE.items():
        for block in by_type.managed(kind):
            yield _policy(block, (text,), documents, block.link(attribute, wanted=_named(holding)))
    for block in by_type.managed("aws_iam_role"):
        # The provider also fills the block in with what other resources declare: only a configured one is its own.
        if not block.is_configured("inline_policy"):
            continue
        holder: Value[Ref] = known(Ref(address=f"{block.root}{block.address}"))
        inline = block.tree.blocks("inline_policy")
        if not inline.is_known:
            yield _policy(block, ("inline_policy",), documents, holder)
        for index in range(len(inline.known_or(()))):
            yield _policy(block, ("inline_policy", index, "policy"), documents, holder)


def _policy(
    block: Block, path: tuple[str | int, ...], documents: Documents, holder: Value[Ref] | None
) -> IdentityPolicy:
    shared = regionless(block)
    if holder is not None:  # what a policy written into an identity is called, names no policy that can be attached
        shared["names"] = frozenset({f"{block.root}{block.address}"})
        if holder.is_known:
            shared["origin"] = block.origin.following(holder.get().chain)
    text = documents.draft(block, *path)
    if not block.tree.text(*path).is_known:
        document = block.link(*path, wanted=_DOCUMENT)
        if document.is_known:
            shared["origin"] = block.origin.following(document.get().chain)
    name = default(block.tree.at(*path[:-1]).text("name"), "")
    return IdentityPolicy(**shared, name=name, text=text, holder=holder)


def assignments(by_type: ByType) -> Iterator[Assignment]:
    """Who gets which permission set in which account."""
    wanted = Wanted(frozenset({_SET}), attributes=frozenset({"arn"}))
    for block in by_type.managed(_ASSIGNMENT):
        tree = block.tree
        yield Assignment(
            **common(block),
            permission_set=block.link("permission_set_arn", wanted=wanted),
            instance=default(tree.text("instance_arn"), ""),
            principal=default(tree.text("principal_id"), ""),
            target=default(tree.text("target_id"), ""),
        )


def attachments(by_type: ByType) -> Iterator[PolicyAttachment]:
    """What attaches policies to identities."""
    for kind, (attribute, holding, policy) in _ATTACHING.items():
        for block in by_type.managed(kind):
            holder = block.link(attribute, wanted=_named(holding))
            yield PolicyAttachment(**regionless(block), policy=block.link(policy, wanted=_POLICY), holder=holder)
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
        yield PolicyAttachment(**regionless(block), policy=policy, holder=holder)


def _listed(block: Block, attribute: str, holder: Value[Ref]) -> Iterator[PolicyAttachment]:
    arns = block.tree.texts(attribute)
    for arn in arns.known_or(()):
        yield PolicyAttachment(**regionless(block), policy=known(Ref(id=arn)), holder=holder)
    if not arns.is_known:
        why: Value[Ref] = unknown(arns.reason or "")
        yield PolicyAttachment(**regionless(block), policy=why, holder=holder)


def only_policies(by_type: ByType) -> Iterator[OnlyPolicies]:
    """What lists all the policies that an identity may hold."""
    for kind, what in {**_EXCLUSIVE, **_EXCLUSIVE_ATTACHED}.items():
        attached = kind in _EXCLUSIVE_ATTACHED
        attribute = "policy_arns" if attached else "policy_names"
        wanted = _POLICY if attached else _named(f"aws_iam_{what}_policy")
        for block in by_type.managed(kind):
            yield OnlyPolicies(
                **regionless(block),
                holder=block.link(f"{what}_name", wanted=_named(f"aws_iam_{what}")),
                attached=attached,
                policies=_all_named(block, attribute, wanted),
            )


def _all_named(block: Block, attribute: str, wanted: Wanted) -> Value[tuple[Ref, ...]]:
    """What each entry of a list leads to; unknown where one of them is."""
    texts = block.tree.texts(attribute)
    if texts.is_known:
        return texts.map(lambda found: tuple(Ref(id=each) for each in found))
    names = block.among(attribute, wanted=wanted)  # a plan has no single entries of a list that is not known as a whole
    if names is not None:
        return known(tuple(Ref(address=name) for name in sorted(names)))
    entries = block.tree.at(attribute).after
    links = [block.link(attribute, index, wanted=wanted) for index in range(len(entries or ()))]
    if not links or not all(each.is_known for each in links):
        return unknown(texts.reason or "")
    return known(tuple(each.get() for each in links))
