"""The table of accounts: the worst first, like ones in one line, nothing lost."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from guardline.validator.control import Status
from guardline.validator.expectations.scope import Scope
from guardline.validator.model.resource import Account
from guardline.validator.report import Report, Row
from guardline.validator.reporters import render
from guardline.validator.reporters.accounts import account_lines
from tests.support.many_accounts import organization
from tests.support.realistic_report import report, row

IDS = tuple(f"{100_000_000_000 + number}" for number in range(5))


def judged() -> Report:
    """Of five accounts one fails twice, two once and alike, one cannot be determined, and one is not asked about."""

    def rows() -> Iterator[Row]:
        yield row("detector-enabled", Status.FAIL, "no detector", account=IDS[0], region="us-east-1")
        yield row("trail-multi-region", Status.FAIL, "no trail", account=IDS[0], region=None)
        yield row("detector-enabled", Status.UNDETERMINED, "unknown", account=IDS[1], region="us-east-1")
        for account in IDS[2:4]:
            yield row("detector-enabled", Status.FAIL, "no detector", account=account, region="us-east-1")
            yield row("trail-multi-region", Status.PASS, "records", account=account, region=None)

    return report(*rows(), scope=Scope("aws", tuple(Account(each, each) for each in IDS), ()))


def test_the_worst_comes_first_and_like_accounts_share_a_line() -> None:
    found = [(line.accounts, line.failing, line.unsure) for line in account_lines(judged())]
    assert found == [((IDS[0],), 2, 0), (IDS[2:4], 1, 0), ((IDS[1],), 0, 1), ((IDS[4],), 0, 0)]


def test_each_practice_has_its_gravest_verdict() -> None:
    first, second, third, last = account_lines(judged())
    assert first.practices == {"detection": Status.FAIL, "trail": Status.FAIL}
    assert second.practices == {"detection": Status.FAIL, "trail": Status.PASS}
    assert third.practices == {"detection": Status.UNDETERMINED}
    assert last.practices == {}


def test_every_account_is_in_exactly_one_line() -> None:
    whole = organization(40)
    named = [account for line in account_lines(whole) for account in line.accounts]
    assert sorted(map(str, named)) == sorted(str(account.id) for account in whole.scope.accounts)
    assert sum(line.failing * len(line.accounts) for line in account_lines(whole)) == whole.count(Status.FAIL)


def test_few_accounts_need_no_table() -> None:
    whole = judged()
    few = replace(whole, scope=replace(whole.scope, accounts=whole.scope.accounts[:1]), rows=whole.rows[:2])
    assert account_lines(few) == ()
    assert "the worst first" not in str(render(few, "terminal"))
    assert 'id="account-table"' not in str(render(few, "html"))


def test_the_table_stands_before_the_faults() -> None:
    text, page = str(render(judged(), "terminal")), str(render(judged(), "html"))
    assert "accounts, the worst first" in text
    assert text.index("accounts, the worst first") < text.index("fix:")
    assert f"{IDS[0]}: 2 fail (detection, trail)" in text
    assert f"{IDS[2]}, {IDS[3]}: 1 fail (detection) each" in " ".join(text.split())
    assert page.index('id="account-table"') < page.index('class="causes"')
