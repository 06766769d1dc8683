"""Control s3-protection: the one protection plan that is a recommendation of its own.

Judged as every plan is, in `protection_plans`; whether a plan is on is worked out in `controls.shared.features`.
"""

from __future__ import annotations

from guardline.spec.features import FEATURES
from guardline.validator.controls.detection.protection_plans import S3, of_feature

CONTROL = next(of_feature(plan.name, plan.control, plan.title) for plan in FEATURES if plan.name == S3)
