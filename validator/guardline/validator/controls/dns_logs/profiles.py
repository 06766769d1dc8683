"""Query logs that a VPC gets through a Route 53 Profile.

Source: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/profiles.html
"""

from __future__ import annotations

from guardline.validator.control import Verdict, passed, undetermined
from guardline.validator.controls.shared.vpc_links import linked
from guardline.validator.model.dns import Profile, ProfileAssociation, ProfileResource
from guardline.validator.model.ec2 import Vpc
from guardline.validator.model.estate import Estate
from guardline.validator.model.resource import Origin, shares_a_place
from guardline.validator.model.value import UnknownValue


def by_profiles(estate: Estate, vpc: Vpc) -> Verdict | None:
    """The verdict of a VPC that may get a query log through a Route 53 Profile; None where it does not."""
    unsure: Verdict | None = None
    for one in linked(estate, ProfileAssociation, vpc):
        if shares_a_place(one, vpc) is False:
            continue
        try:
            if (through := _logging(estate, one)) is not None:
                return passed("a Route 53 Profile of the VPC holds a query logging configuration", *through)
        except UnknownValue as unknown_value:
            unsure = undetermined(
                f"{one.origin.address} may bring a query log to the VPC: {unknown_value.reason}", one.origin
            )
    return unsure


def _logging(estate: Estate, one: ProfileAssociation) -> tuple[Origin, ...] | None:
    """What brings a query log through a profile, or None.

    Raises:
        UnknownValue: the profile is not in the source, or what it holds is unknown.
    """
    profile = one.profile.get()
    held = [
        each
        for each in estate.all(ProfileResource)
        if not each.profile.is_known or not each.profile.get().names.isdisjoint(profile.names)
    ]
    for each in held:
        if each.profile.is_known and each.log.known_or(None) is not None:
            return one.origin, each.origin
    for each in held:
        each.profile.get()
        each.log.get()
    if estate.find(Profile, profile) is None:
        raise UnknownValue("the source does not hold the profile")
    return None
