"""The estate's one way to ask for things by place, and its indexes."""

from __future__ import annotations

from functools import partial

import pytest

from guardline.validator.model.cloudtrail import Trail
from guardline.validator.model.ec2 import Vpc
from guardline.validator.model.estate import Estate
from guardline.validator.model.guardduty import Detector
from guardline.validator.model.resource import Ref, Resource
from guardline.validator.model.value import Leaf, UnknownValue, known, looked_at, unknown
from tests.support.estates import EU, OURS, PENDING, THEIRS, US, detector, estate, trail, vpc

HERE, THERE, LOST, FOREIGN = detector(US), detector(EU), detector(PENDING), detector(US, "x", account=THEIRS)
FOUND = estate(HERE, THERE, vpc(id="vpc-1"), LOST, FOREIGN, trail())


def test_all_keeps_the_order() -> None:
    assert FOUND.all(Detector) == (HERE, THERE, LOST, FOREIGN)
    assert FOUND.all(Resource) == FOUND.resources
    assert estate().all(Detector) == ()


def test_select_keeps_what_is_here_apart_from_what_may_be() -> None:
    selection = FOUND.select(Detector, OURS, US)
    assert (selection.here, selection.possible) == ((HERE,), (LOST,))
    assert list(selection) == [HERE]
    with pytest.raises(UnknownValue, match="may be here: known only after apply"):
        selection.assert_complete()


def test_a_whole_account_has_no_perhaps() -> None:
    selection = FOUND.select(Detector, OURS)
    assert (selection.here, selection.possible) == ((HERE, THERE, LOST), ())
    selection.assert_complete()


def test_another_account_never_counts() -> None:
    assert FOUND.select(Detector, THEIRS, US).here == (FOREIGN,)
    assert FOUND.select(Vpc, THEIRS, US).here == ()


@pytest.mark.parametrize(
    "found", [Estate("aws", incomplete="errored"), Estate("aws", missing={Detector: "module.x is unreadable"})]
)
def test_an_incomplete_source_claims_no_absence(found: Estate) -> None:
    with pytest.raises(UnknownValue, match=r"errored|unreadable"):
        found.select(Detector, OURS, US).assert_complete()
    if found.incomplete is None:
        found.select(Trail, OURS).assert_complete()


def test_find_by_any_name_and_by_kind() -> None:
    assert FOUND.find(Vpc, Ref(id="vpc-1")) is FOUND.find(Vpc, Ref(address="aws_vpc.v")) is FOUND.resources[2]
    assert FOUND.find(Resource, Ref(id="vpc-1")) is FOUND.resources[2]
    assert FOUND.find(Detector, Ref(id="vpc-1")) is None
    assert FOUND.find(Vpc, Ref(address="aws_vpc.other", id="vpc-1")) is FOUND.resources[2]


def test_once_derives_once() -> None:
    seen: list[Estate] = []

    def count(found: Estate) -> int:
        seen.append(found)
        return len(found.resources)

    found = estate(HERE)
    assert (found.once(count), found.once(count)) == (1, 1)
    assert seen == [found]


def test_what_is_recalled_is_worked_out_once_for_each_thing() -> None:
    found, asked = estate(HERE, THERE), list[str | None]()

    def answer(one: Detector) -> str:
        asked.append(one.location.region.get())
        return f"of {one.location.region.get()}"

    for one in (HERE, THERE, HERE):
        assert found.recalled("whose", (one,), partial(answer, one)) == f"of {one.location.region.get()}"
    assert asked == [US, EU]
    assert found.recalled("another question", (HERE,), lambda: 7) == 7


def test_what_an_answer_looked_at_counts_for_each_who_asks_again() -> None:
    line = Leaf(("aws_vpc.v", "main.tf", 1), "main.tf", 3)
    value = known("on", line)
    for _ in range(2):
        with looked_at() as leaves:
            assert FOUND.recalled("state", (HERE,), value.get) == "on"
        assert leaves == [line]


def test_what_is_raised_is_not_kept_and_what_was_looked_at_before_is() -> None:
    line = Leaf(("aws_vpc.v", "main.tf", 1), "main.tf", 3)
    with looked_at() as leaves, pytest.raises(UnknownValue, match="why"):
        FOUND.recalled("lost", (HERE,), unknown("why", line).get)
    assert leaves == [line]
    assert FOUND.recalled("lost", (HERE,), lambda: 1) == 1
