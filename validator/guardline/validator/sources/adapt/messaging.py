"""What carries an alert on: SNS topics, SQS queues, Lambda functions, KMS keys.

Sources: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/sns_topic (and sns_topic_policy,
sns_topic_subscription, sqs_queue, sqs_queue_policy, lambda_function, lambda_permission, kms_key, kms_key_policy,
kms_alias, chatbot_slack_channel_configuration).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping

from guardline.validator.model.functions import UNRESERVED, Function, FunctionPermission, FunctionRetries
from guardline.validator.model.kms import ENABLED, Key, KeyAlias, KeyPolicy
from guardline.validator.model.resource import Ref, Resource
from guardline.validator.model.sns import Subscription, Topic, TopicPolicy
from guardline.validator.model.sqs import KEPT, Queue, QueuePolicy
from guardline.validator.model.value import Value, known, unknown
from guardline.validator.sources.adapt.common import KEY, KEY_OR_ALIAS, KEYS, ByType, Common, common, default, is_given
from guardline.validator.sources.adapt.events import WANTED_QUEUE, WANTED_ROLE, WANTED_RULE
from guardline.validator.sources.adapt.policies import PENDING, Documents
from guardline.validator.sources.blocks import Block, Wanted

_CHATS = {
    "aws_chatbot_slack_channel_configuration": ("slack_team_id", "slack_channel_id"),
    "aws_chatbot_teams_channel_configuration": ("tenant_id", "team_id", "channel_id"),
}
"""Type -> what names a channel."""

MAKES: Mapping[str, type[Resource]] = {
    "aws_sns_topic": Topic,
    "aws_sns_topic_policy": TopicPolicy,
    "aws_sns_topic_subscription": Subscription,
    **dict.fromkeys(_CHATS, Subscription),
    "aws_sqs_queue": Queue,
    "aws_sqs_queue_policy": QueuePolicy,
    "aws_lambda_function": Function,
    "aws_lambda_permission": FunctionPermission,
    "aws_lambda_function_event_invoke_config": FunctionRetries,
    **dict.fromkeys(KEYS, Key),
    "aws_kms_key_policy": KeyPolicy,
    "aws_kms_alias": KeyAlias,
}

_EXTERNAL = frozenset({"aws_kms_external_key", "aws_kms_replica_external_key"})
_NO_MATERIAL = "a key without key material of its own works once somebody imports that"

_TOPIC = Wanted(frozenset({"aws_sns_topic"}))
_CALLER = Wanted(WANTED_RULE.types | _TOPIC.types, attributes=WANTED_RULE.attributes)
WANTED_FUNCTION = Wanted(
    frozenset({"aws_lambda_function"}), attributes=frozenset({"function_name", "id", "arn", "qualified_arn"})
)


def _reached(by_type: ByType, blocks: Iterable[Block]) -> Iterator[Block]:
    """Blocks of what EventBridge's rules lead to: of one root alone, only where a rule leads anywhere."""
    leads = any(True for _ in by_type.managed("aws_cloudwatch_event_target"))
    for block in blocks:
        if not leads and not block.root:
            return
        yield block


def topics(by_type: ByType) -> Iterator[Topic]:
    """Topics."""
    documents = Documents(by_type)
    for block in _reached(by_type, by_type.both("aws_sns_topic")):
        key = block.tree.at("kms_master_key_id")
        yield Topic(
            **common(block, "name"),
            encrypted=known(True) if key.is_pending else block.tree.text("kms_master_key_id").map(bool),
            key=block.link("kms_master_key_id", wanted=KEY_OR_ALIAS),
            policy=_own_policy(documents, block),
            fifo=_keeps_order(block, "fifo_queue" if block.type == "aws_sqs_queue" else "fifo_topic"),
        )


def topic_policies(by_type: ByType) -> Iterator[TopicPolicy]:
    """The policies of topics."""
    documents = Documents(by_type)
    for block in _reached(by_type, by_type.managed("aws_sns_topic_policy")):
        topic = block.link("arn", wanted=_TOPIC)
        yield TopicPolicy(**_of(block, topic), topic=topic, text=_text(documents, block, rules=True))


def subscriptions(by_type: ByType) -> Iterator[Subscription]:
    """Who listens to topics."""
    for block in _reached(by_type, by_type.managed("aws_sns_topic_subscription")):
        topic = block.link("topic_arn", wanted=_TOPIC)
        policy = block.tree.at("filter_policy")
        yield Subscription(
            **_of(block, topic),
            topic=topic,
            protocol=default(block.tree.text("protocol"), ""),
            filtered=known(True) if policy.is_pending else block.tree.text("filter_policy").map(bool),
            endpoint=_listening_function(block),
            pending=block.tree.flag("pending_confirmation").map(bool),
            address=default(block.tree.text("endpoint"), ""),
        )
    for block in by_type.managed(*_CHATS):
        arns = block.tree.texts("sns_topic_arns")
        links: tuple[Value[Ref], ...] = tuple(known(Ref(id=arn)) for arn in arns.known_or(()))
        for topic in links or (block.link("sns_topic_arns", wanted=_TOPIC),):
            yield Subscription(
                **_of(block, topic),
                topic=topic,
                protocol=known("chat"),
                filtered=known(False),
                address=_channel(block),
            )


def _channel(block: Block) -> Value[str]:
    """Which channel it is, as `Subscription` writes it."""
    parts = [block.tree.text(name) for name in _CHATS[block.type]]
    missing = next((part for part in parts if not part.is_known), None)
    return missing.map(str) if missing is not None else known("/".join(part.get() or "" for part in parts))


def _listening_function(block: Block) -> Value[Ref] | None:
    """The function that a topic calls; None where somebody else listens."""
    protocol = block.tree.text("protocol")
    if protocol.known_or(None) != "lambda":
        return None
    return block.link("endpoint", wanted=WANTED_FUNCTION)


def _keeps_order(block: Block, flag: str) -> Value[bool]:
    """Whether a topic or queue is FIFO: as declared, or by its name, which then ends in ``.fifo``."""
    if (block.tree.text("name").known_or(None) or "").endswith(".fifo"):
        return known(True)
    return block.tree.flag(flag).map(bool)


def queues(by_type: ByType) -> Iterator[Queue]:
    """Queues."""
    documents = Documents(by_type)
    for block in _reached(by_type, by_type.both("aws_sqs_queue")):
        key = block.tree.at("kms_master_key_id")
        yield Queue(
            **common(block, "name", "url"),
            name=default(block.tree.text("name"), ""),
            plain=_is_plain(block),
            seconds=_kept(block),
            encrypted=known(True) if key.is_pending else block.tree.text("kms_master_key_id").map(bool),
            key=block.link("kms_master_key_id", wanted=KEY_OR_ALIAS),
            policy=_own_policy(documents, block),
            fifo=_keeps_order(block, "fifo_queue" if block.type == "aws_sqs_queue" else "fifo_topic"),
        )


def _is_plain(block: Block) -> Value[bool]:
    """SQS encrypts with a key of its own unless somebody says otherwise."""
    own = block.tree.flag("sqs_managed_sse_enabled") if block.is_configured("sqs_managed_sse_enabled") else known(True)
    return known(False) if block.tree.at("kms_master_key_id").is_set else own.map(lambda on: on is False)


def _kept(block: Block) -> Value[int]:
    given = block.tree.number("message_retention_seconds")
    return default(given, KEPT) if block.is_configured("message_retention_seconds") else known(KEPT)


def queue_policies(by_type: ByType) -> Iterator[QueuePolicy]:
    """The policies of queues."""
    documents = Documents(by_type)
    for block in _reached(by_type, by_type.managed("aws_sqs_queue_policy")):
        queue = block.link("queue_url", wanted=WANTED_QUEUE)
        yield QueuePolicy(**_of(block, queue), queue=queue, text=_text(documents, block, rules=True))


def functions(by_type: ByType) -> Iterator[Function]:
    """Functions."""
    for block in _reached(by_type, by_type.both("aws_lambda_function")):
        yield Function(
            **common(block, "function_name"),
            name=default(block.tree.text("function_name"), ""),
            settings=_variable(block, "SETTINGS"),
            role=_variable(block, "ROLE"),
            execution=block.link("role", wanted=WANTED_ROLE) if block.tree.at("role").is_set else None,
            dead_letters=is_given(block.tree, "dead_letter_config", 0, "target_arn"),
            concurrency=default(block.tree.number("reserved_concurrent_executions"), UNRESERVED),
            key=block.link("kms_key_arn", wanted=KEY_OR_ALIAS) if block.tree.at("kms_key_arn").is_set else None,
        )


def retries(by_type: ByType) -> Iterator[FunctionRetries]:
    """How often functions are tried again."""
    for block in _reached(by_type, by_type.managed("aws_lambda_function_event_invoke_config")):
        function = block.link("function_name", wanted=WANTED_FUNCTION)
        times = block.tree.number("maximum_retry_attempts")
        yield FunctionRetries(**_of(block, function), function=function, times=default(times, 2))


def _variable(block: Block, name: str) -> Value[str | None]:
    """One variable of a function's environment; None where it has no such variable."""
    variables = block.tree.at("environment", 0, "variables")
    if isinstance(variables.after, Mapping) and name not in variables.after and not variables.at(name).is_pending:
        return known(None)
    return variables.text(name)


def permissions(by_type: ByType) -> Iterator[FunctionPermission]:
    """Who may call functions."""
    documents = Documents(by_type)
    for block in _reached(by_type, by_type.managed("aws_lambda_permission")):
        tree = block.tree
        function = block.link("function_name", wanted=WANTED_FUNCTION)
        source = tree.at("source_arn")
        yield FunctionPermission(
            **_of(block, function),
            function=function,
            principal=default(tree.text("principal"), ""),
            action=default(tree.text("action"), ""),
            qualifier=default(tree.text("qualifier"), ""),
            limited=known(True) if source.is_pending else tree.text("source_arn").map(bool),
            source=block.link("source_arn", wanted=_CALLER),
            account=documents.draft(block, "source_account"),
            free=_is_free(block),
        )


_CONDITIONS = ("principal_org_id", "event_source_token", "function_url_auth_type")


def _is_free(block: Block) -> Value[bool]:
    """Whether none of the conditions is set that AWS adds to a permission beside its source."""
    for name in _CONDITIONS:
        if block.tree.at(name).is_set:
            return unknown(f"whether {block.address} lets a call through that names no {name} is unknown")
    return known(True)


def keys(by_type: ByType) -> Iterator[Key]:
    """KMS keys."""
    documents = Documents(by_type)
    for block in by_type.both(*KEYS):
        yield Key(
            **common(block, "key_id"),
            policy=_own_policy(documents, block),
            state=_state(block),
            rotates=_rotates(block),
            multi_region=_said(block, "multi_region"),
        )
    for block in by_type.data("aws_kms_key"):
        if block.tree.text("id").known_or(None) in by_type.leaving:
            shared = common(block, "key_id")
            yield Key(**shared, policy=known(""), state=known("PendingDeletion"))


def _state(block: Block) -> Value[str]:
    """A key's state: as KMS says it where a source only looks, else as it is declared."""
    if block.mode != "managed":
        return block.tree.text("key_state").map(lambda state: state or ENABLED)
    enabled = block.tree.flag("is_enabled" if block.type == "aws_kms_key" else "enabled")
    if enabled.known_or(True) is False:
        return known("Disabled")
    if block.type in _EXTERNAL and not block.is_configured("key_material_base64"):
        # Without key material it is pending import, and somebody else may import that.
        state = block.tree.text("key_state")
        return state.map(lambda found: found or ENABLED) if state.is_known else unknown(_NO_MATERIAL)
    return enabled.map(lambda _: ENABLED)


def _rotates(block: Block) -> Value[bool]:
    """Whether a key's material is renewed: of a replica by its primary, of an external key by nobody but its owner."""
    if block.type != "aws_kms_key" or block.mode != "managed":
        return known(True)
    return _said(block, "enable_key_rotation")


def _said(block: Block, name: str) -> Value[bool]:
    """A flag that is off where nobody configures it, whatever the provider fills in."""
    return default(block.tree.flag(name), False) if block.is_configured(name) else known(False)


def key_policies(by_type: ByType) -> Iterator[KeyPolicy]:
    """The policies of keys."""
    documents = Documents(by_type)
    for block in by_type.managed("aws_kms_key_policy"):
        key = block.link("key_id", wanted=KEY)
        yield KeyPolicy(**_of(block, key), key=key, text=_text(documents, block))


def key_aliases(by_type: ByType) -> Iterator[KeyAlias]:
    """Aliases of keys."""
    for block in by_type.both("aws_kms_alias"):
        key = block.link("target_key_id", wanted=KEY)
        yield KeyAlias(**common(block, "name"), key=key)


def _own_policy(documents: Documents, block: Block) -> Value[str]:
    """The policy that stands in the resource's own declaration. AWS fills it in where nobody configures one, so a value
    that is not known yet and not configured is AWS's default."""
    if block.mode != "managed":
        return unknown(f"{block.address} is only looked at, which does not show its policy")
    if not block.tree.text("policy").is_known and not block.is_configured("policy"):
        return known("")
    return _text(documents, block)


def _text(documents: Documents, block: Block, *, rules: bool = False) -> Value[str]:
    return documents.text(block, "policy", rules=rules).map(_own_resource)


def _own_resource(text: str) -> str:
    """What a topic's or key's policy says, it says of that topic or key: AWS refuses any other resource. So one that is
    not known yet is as good as ``*``, in an Allow as in a Deny."""
    if PENDING not in text:
        return text
    policy = json.loads(text)
    several = policy["Statement"]
    for statement in several if isinstance(several, list) else [several]:
        if statement.get("Resource") == [PENDING]:
            statement["Resource"] = "*"
    return json.dumps(policy)


def _of(block: Block, link: Value[Ref]) -> Common:
    """The common fields, with the references that lead to what the setting is of. Its id is that other resource's."""
    shared = common(block)
    shared["names"] = frozenset({f"{block.root}{block.address}"})
    if link.is_known:
        shared["origin"] = block.origin.following(link.get().chain)
    return shared
