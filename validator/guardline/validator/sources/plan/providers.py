"""Which account and region a provider configuration works in.

The region is the provider's `region` (a literal, a variable, or passed through modules); AWS provider 6 may override
it per resource. The account is what `allowed_account_ids` or `assume_role` pins, else the caller identity that the
plan read, else what the user said (--account), else unknown: one unknown account per distinct set of credentials.
Source: https://registry.terraform.io/providers/hashicorp/aws/latest/docs
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any

from guardline.spec.catalogue import region as catalogue_region
from guardline.validator.model.resource import Account, Location
from guardline.validator.model.value import Value, known, unknown
from guardline.validator.sources.address import Step, parse_modules
from guardline.validator.sources.credentials import (
    CREDENTIALS,
    PINNED,
    UnknownAccounts,
    account_allowed,
    account_of_role,
    is_account,
)
from guardline.validator.sources.plan.decode import ProviderConfig, decode_expressions, decode_raw
from guardline.validator.sources.plan.expression_context import ExpressionContext
from guardline.validator.sources.plan.index import PlanIndex
from guardline.validator.sources.plan.references import References


class Providers:
    """Places of provider configurations, worked out once each.

    Args:
        accounts: --account patterns: provider key or alias pattern -> account id.
        default_region: --default-region, for providers that set none (AWS_REGION decides there).
        fallback: the account to use where nothing else tells, e.g. the spec's.
        unknown_accounts: tells accounts of unknown id apart; given where several roots are read together.
    """

    def __init__(
        self,
        index: PlanIndex,
        references: References,
        accounts: Mapping[str, str] | None = None,
        default_region: str | None = None,
        fallback: Account | None = None,
        unknown_accounts: UnknownAccounts | None = None,
    ) -> None:
        self.index = index
        self.references = references
        self.accounts = dict(accounts or {})
        self.default_region = default_region
        self.fallback = fallback
        self._sources: dict[str, str] = {}
        self._places: dict[tuple[str, tuple[Step, ...]], Location] = {}
        self._unknown = unknown_accounts or UnknownAccounts()
        self._callers = self._caller_identities()

    def location(self, key: str | None, modules: tuple[Step, ...]) -> Location:
        """The place of a provider configuration, as used from a module instance.

        Args:
            key: the `provider_config_key`; None when the plan names none.
            modules: the module instance of the resource: a provider block inside a child module may use its variables.
        """
        if key is None:
            return Location(self._account(None, None, modules), unknown("the plan does not say which provider it uses"))
        if key not in self._sources:
            self._sources[key] = self._source(key)
        key = self._sources[key]
        config = self._config(key)
        inside = modules if config is not None and (config.module_address or ":" in key) else ()
        cached = self._places.get((key, inside))
        if cached is None:
            account = self._account(key, config, inside)
            through = None if account.known_from in PINNED or key in self._callers else key
            cached = Location(account, self._region(key, config, inside), through)
            self._places[key, inside] = cached
        return cached

    def _source(self, key: str) -> str:
        """The key of the configuration that another one stands for.

        A module whose caller uses no AWS itself inherits the provider through it all the same. A plan then lists an
        empty configuration of its own for it (Terraform's jsonconfig looks for the caller's, and finds none). It is
        the root's default one, unless further up a module may have been handed another.
        """
        configs = self.index.plan.configuration.provider_config
        config = configs.get(key)
        if config is None or config.alias is not None or config.name not in configs or self._expressions(config):
            return key
        depth = config.module_address.count("module.")
        rivals = any(each.name == config.name and each.alias and not each.module_address for each in configs.values())
        return config.name if depth == 2 or (depth > 2 and not rivals) else key

    def _config(self, key: str) -> ProviderConfig | None:
        configs = self.index.plan.configuration.provider_config
        found = configs.get(key)
        if found is None and ":" in key:  # plans of Terraform before 1.2 name keys that are not in the table
            return configs.get(key.rpartition(":")[2])
        return found

    def _expressions(self, config: ProviderConfig | None) -> dict[str, Any]:
        decoded = decode_expressions(config.expressions) if config is not None else None
        return decoded if isinstance(decoded, dict) else {}

    def _region(self, key: str, config: ProviderConfig | None, modules: tuple[Step, ...]) -> Value[str | None]:
        expression = self._expressions(config).get("region")
        if config is None:
            return unknown(f"provider {key} is not in the plan's configuration")
        source = self.references.source
        evaluated = source.provider_attribute(config, "region") if source is not None else None
        if isinstance(evaluated, str):
            return _region_name(evaluated)
        if expression is None:
            if self.default_region is not None:
                return known(self.default_region)
            return unknown(f"provider {key} sets no region (AWS_REGION or the profile decides; give --default-region)")
        name = self.references.constant(expression, ExpressionContext(modules, chain=(f"provider {key} region",)))
        if not name.is_known:
            return unknown(f"the region of provider {key} cannot be told from the plan: {name.reason}")
        value = name.get()
        if not isinstance(value, str):
            return unknown(f"the region of provider {key} is not a text")
        return _region_name(value)

    def _account(self, key: str | None, config: ProviderConfig | None, modules: tuple[Step, ...]) -> Account:
        if key is not None:
            names = (key, (config.alias or config.name) if config is not None else key)
            for pattern, account in self.accounts.items():
                if any(fnmatchcase(name, pattern) for name in names):
                    return Account(account, account, "--account")
        expressions = self._expressions(config)
        pinned = self._pinned(expressions, modules)
        if pinned is not None:
            return pinned
        credentials = _credentials(expressions)
        caller = self._callers.get(key) or self._callers.get(credentials)
        if caller is not None:
            return Account(caller, caller, "caller identity")
        if self.fallback is not None:
            return self.fallback
        return self._unknown_account(expressions, ExpressionContext(modules))

    def _unknown_account(self, expressions: Mapping[str, Any], at: ExpressionContext) -> Account:
        """The account of credentials that name none, by their values where those are known."""
        known = True

        def value_of(written: Any) -> Any:
            nonlocal known
            if isinstance(written, list):
                return [value_of(each) for each in written]
            if not isinstance(written, dict):
                return written
            if "constant_value" not in written and "references" not in written:
                return {name: value_of(each) for name, each in written.items()}
            value = self.references.constant(written, at).known_or(None)
            known = known and value is not None
            return written if value is None else value

        given = {name: value_of(expressions[name]) for name in CREDENTIALS if name in expressions}
        return self._unknown.of(given, known=known)

    @property
    def configured(self) -> tuple[Account, ...]:
        """The accounts of every AWS provider that the root configures, used or not."""
        configs = self.index.plan.configuration.provider_config.items()
        keys = [key for key, found in configs if found.name == "aws" and not found.module_address]
        return tuple(dict.fromkeys(self.location(key, ()).account for key in keys))

    def _pinned(self, expressions: Mapping[str, Any], modules: tuple[Step, ...]) -> Account | None:
        at = ExpressionContext(modules)
        allowed, roles = expressions.get("allowed_account_ids"), expressions.get("assume_role")
        role = roles[-1].get("role_arn") if isinstance(roles, list) and roles and isinstance(roles[-1], dict) else None
        ids = self.references.constant(allowed, at).known_or(None) if allowed is not None else None
        arn = self.references.constant(role, at).known_or(None) if role is not None else None
        return account_allowed(ids) or account_of_role(arn)

    def _caller_identities(self) -> dict[str | None, str]:
        """Account ids that `aws_caller_identity` data sources read, by the key of their provider and by its
        credentials: providers with the same credentials work in the same account, whatever their region. Credentials
        that were seen in two accounts are not the same, for a plan leaves a part of them out; most likely then is the
        account of the default provider."""
        found: dict[str | None, str] = {}
        seen: dict[str, set[str]] = {}
        for state in self.index.data.get("aws_caller_identity", ()):
            steps = self.index.module_address_of(state)
            values = decode_raw(state.values)
            account = values.get("account_id") if isinstance(values, dict) else None
            configured = self.index.resources.get((_static(steps), "data", state.type, state.name))
            if (
                configured is not None
                and configured.provider_config_key
                and isinstance(account, str)
                and is_account(account)
            ):
                key = self._source(configured.provider_config_key)
                found[key] = account
                seen.setdefault(_credentials(self._expressions(self._config(key))), set()).add(account)
        likely = {given: accounts.pop() for given, accounts in seen.items() if len(accounts) == 1}
        if "aws" in found:
            likely[_credentials(self._expressions(self._config("aws")))] = found["aws"]
        return found | likely


def _credentials(expressions: Mapping[str, Any]) -> str:
    """What tells one set of credentials from another."""
    return json.dumps({name: expressions[name] for name in CREDENTIALS if name in expressions}, sort_keys=True)


def _static(module_address: str) -> tuple[str, ...]:
    return tuple(step.name for step in parse_modules(module_address))


def _region_name(name: str) -> Value[str | None]:
    """Accept a text as a region only when the catalogue knows it: a function around a variable leaves no trace."""
    if catalogue_region(name) is None:
        return unknown(f"{name!r} is not a region that guardline knows")
    return known(name)
