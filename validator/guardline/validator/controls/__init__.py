"""The controls, in the order of the practices that they verify. Adding one is a module and a line here."""

from __future__ import annotations

from guardline.validator.control import Control
from guardline.validator.controls import (
    access_least_privilege,
    access_separated,
    config_recorder,
    detector_enabled,
    dns_query_logs,
    dns_resolver,
    feature_pinned,
    filter_ranks,
    finding_alert,
    finding_publishing,
    finding_response,
    findings_export,
    ignored_changes,
    module_providers,
    organization,
    protection_plans,
    region_consistency,
    region_denied,
    regional_siblings,
    runtime_monitoring,
    security_hub,
    suppression_documented,
    suppression_scoped,
    tamper_alarm,
    tamper_prevention,
    tamper_trail,
    threat_ip_list,
    trail_bucket,
    trail_multi_region,
    trail_protection,
    trail_s3_events,
    trusted_ip_list,
    vpc_flow_logs,
    vpc_inventory,
)
from guardline.validator.controls.asked import heeding_references

_S3, *_PLANS = protection_plans.CONTROLS

CATALOGUE: tuple[Control, ...] = tuple(
    heeding_references(control)
    for control in (
        vpc_flow_logs.CONTROL,
        vpc_inventory.CONTROL,
        dns_query_logs.CONTROL,
        dns_resolver.CONTROL,
        trail_multi_region.CONTROL,
        trail_protection.VALIDATION,
        trail_protection.ENCRYPTED,
        trail_bucket.CONTROL,
        _S3,
        trail_s3_events.CONTROL,
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
        *organization.CONTROLS,
        access_least_privilege.CONTROL,
        tamper_trail.CONTROL,
        tamper_alarm.CONTROL,
        tamper_prevention.CONTROL,
        finding_publishing.CONTROL,
        findings_export.CONTROL,
        finding_alert.CONTROL,
        finding_response.CONTROL,
        security_hub.ENABLED,
        security_hub.AGGREGATION,
        security_hub.INTEGRATIONS,
        config_recorder.CONTROL,
        suppression_scoped.CONTROL,
        suppression_documented.CONTROL,
        filter_ranks.CONTROL,
        trusted_ip_list.CONTROL,
        threat_ip_list.CONTROL,
    )
)
"""Every control, by practice, then in the order in which people read them."""

_BY_ID = {control.id: control for control in CATALOGUE}


def by_id(control: str) -> Control | None:
    """The control of that id, or None."""
    return _BY_ID.get(control)
