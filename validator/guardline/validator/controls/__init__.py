"""The controls, in the order of the practices that they verify. Adding one is a module and a line here."""

from __future__ import annotations

from guardline.validator.control import Control
from guardline.validator.controls.access import access_least_privilege, access_separated
from guardline.validator.controls.detection import (
    detector_enabled,
    feature_pinned,
    finding_publishing_frequency,
    findings_export,
    protection_plans,
    region_consistency,
    region_denied,
    runtime_monitoring,
)
from guardline.validator.controls.dns_logs import dns_query_logs, dns_resolver
from guardline.validator.controls.flow_logs import vpc_flow_logs, vpc_inventory
from guardline.validator.controls.lists import threat_ip_list, trusted_ip_list
from guardline.validator.controls.organization import org_auto_enable, org_delegated_admin
from guardline.validator.controls.response import finding_alert, finding_response
from guardline.validator.controls.security_hub import (
    config_recorder,
    security_hub_aggregation,
    security_hub_enabled,
    security_hub_integrations,
)
from guardline.validator.controls.suppression import filter_ranks, suppression_documented, suppression_scoped
from guardline.validator.controls.tamper import records_alarm, tamper_alarm, tamper_prevention, tamper_trail
from guardline.validator.controls.terraform import ignored_changes, module_providers, regional_siblings
from guardline.validator.controls.trail import (
    trail_bucket_protected,
    trail_multi_region,
    trail_protection,
    trail_s3_data_events,
)

_S3, *_PLANS = protection_plans.CONTROLS

CATALOGUE: tuple[Control, ...] = (
    vpc_flow_logs.CONTROL,
    vpc_inventory.CONTROL,
    dns_query_logs.CONTROL,
    dns_resolver.CONTROL,
    trail_multi_region.CONTROL,
    trail_protection.VALIDATION,
    trail_protection.ENCRYPTED,
    trail_bucket_protected.CONTROL,
    _S3,
    trail_s3_data_events.CONTROL,
    detector_enabled.CONTROL,
    *_PLANS,
    runtime_monitoring.CONTROL,
    feature_pinned.CONTROL,
    region_consistency.CONTROL,
    ignored_changes.CONTROL,
    regional_siblings.CONTROL,
    module_providers.CONTROL,
    region_denied.CONTROL,
    access_separated.CONTROL,
    org_delegated_admin.CONTROL,
    org_auto_enable.CONTROL,
    access_least_privilege.CONTROL,
    tamper_trail.CONTROL,
    tamper_alarm.CONTROL,
    records_alarm.CONTROL,
    tamper_prevention.CONTROL,
    finding_publishing_frequency.CONTROL,
    findings_export.CONTROL,
    finding_alert.CONTROL,
    finding_response.CONTROL,
    security_hub_enabled.CONTROL,
    security_hub_aggregation.CONTROL,
    security_hub_integrations.CONTROL,
    config_recorder.CONTROL,
    suppression_scoped.CONTROL,
    suppression_documented.CONTROL,
    filter_ranks.CONTROL,
    trusted_ip_list.CONTROL,
    threat_ip_list.CONTROL,
)
"""Every control, by practice, then in the order in which people read them."""

_BY_ID = {control.id: control for control in CATALOGUE}


def by_id(control: str) -> Control | None:
    """The control of that id, or None."""
    return _BY_ID.get(control)
