"""The controls. Adding one is a file in its practice's folder and a line here."""

from __future__ import annotations

from collections.abc import Iterator
from types import ModuleType

from msgspec.structs import replace

from guardline.validator.control import Control
from guardline.validator.controls import house_rules
from guardline.validator.controls.access import access_least_privilege, access_separated
from guardline.validator.controls.detection import (
    coverage_kept,
    detector_enabled,
    feature_pinned,
    finding_publishing_frequency,
    findings_export,
    findings_kept,
    plans_on_request,
    protection_plans,
    public_buckets_blocked,
    region_consistency,
    region_denied,
    runtime_monitoring,
    s3_protection,
)
from guardline.validator.controls.dns_logs import (
    dns_logs_kept,
    dns_logs_settings,
    dns_query_logs,
    dns_resolver,
    other_resolvers_denied,
)
from guardline.validator.controls.flow_logs import (
    flow_logs_kept,
    flow_logs_settings,
    new_vpc_alert,
    vpc_flow_logs,
    vpc_inventory,
)
from guardline.validator.controls.lists import threat_ip_list, trusted_ip_list
from guardline.validator.controls.organization import org_auto_enable, org_delegated_admin
from guardline.validator.controls.response import (
    alerts_protected,
    alerts_watched,
    finding_alert,
    finding_response,
    response_acts,
)
from guardline.validator.controls.security_hub import (
    config_kept,
    config_recorder,
    security_hub_aggregation,
    security_hub_enabled,
    security_hub_integrations,
    security_hub_standards,
)
from guardline.validator.controls.suppression import filter_ranks, suppression_documented, suppression_scoped
from guardline.validator.controls.tamper import (
    records_alarm,
    tamper_alarm,
    tamper_prevention,
    tamper_queries,
    tamper_trail,
)
from guardline.validator.controls.terraform import ignored_changes, module_providers, regional_siblings
from guardline.validator.controls.trail import (
    trail_bucket_protected,
    trail_kept,
    trail_multi_region,
    trail_protection,
    trail_s3_data_events,
    trail_settings,
)

MODULES: tuple[ModuleType, ...] = (
    vpc_flow_logs,
    vpc_inventory,
    flow_logs_settings,
    flow_logs_kept,
    new_vpc_alert,
    dns_query_logs,
    dns_resolver,
    dns_logs_settings,
    dns_logs_kept,
    other_resolvers_denied,
    trail_multi_region,
    trail_protection,
    trail_bucket_protected,
    trail_settings,
    trail_kept,
    s3_protection,
    trail_s3_data_events,
    public_buckets_blocked,
    coverage_kept,
    detector_enabled,
    protection_plans,
    runtime_monitoring,
    plans_on_request,
    feature_pinned,
    region_consistency,
    ignored_changes,
    regional_siblings,
    module_providers,
    region_denied,
    access_separated,
    org_delegated_admin,
    org_auto_enable,
    access_least_privilege,
    tamper_trail,
    tamper_alarm,
    records_alarm,
    tamper_queries,
    tamper_prevention,
    finding_publishing_frequency,
    findings_export,
    findings_kept,
    finding_alert,
    finding_response,
    response_acts,
    alerts_protected,
    alerts_watched,
    security_hub_enabled,
    security_hub_aggregation,
    security_hub_integrations,
    security_hub_standards,
    config_recorder,
    config_kept,
    suppression_scoped,
    suppression_documented,
    filter_ranks,
    trusted_ip_list,
    threat_ip_list,
)
"""By recommendation, then in the order in which people read them."""


def defined_in(module: ModuleType) -> Iterator[Control]:
    """The one control of a file, or those of a family's, each with the practice whose folder it stands in.

    Args:
        module: one of `MODULES`.
    """
    practice = module.__name__.split(".")[-2].replace("_", "-")
    for control in getattr(module, "CONTROLS", None) or (module.CONTROL,):
        yield replace(control, practice_name=practice)


CATALOGUE: tuple[Control, ...] = tuple(control for module in MODULES for control in defined_in(module))
"""Guardline's own controls, in the order of the report."""

_BY_ID = {control.id: control for control in CATALOGUE}


def installed_rules() -> house_rules.HouseRules:
    """The house rules that are installed, and those that cannot be used."""
    return house_rules.installed(frozenset(_BY_ID))


def every() -> tuple[Control, ...]:
    """Every control, in the order of the report: Guardline's own, then the house rules."""
    return CATALOGUE + installed_rules().controls


def by_id(control: str) -> Control | None:
    """The control of that id, or None."""
    return _BY_ID.get(control) or next((each for each in installed_rules().controls if each.id == control), None)
