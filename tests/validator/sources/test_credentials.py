"""What pins a provider configuration to an account."""

from __future__ import annotations

import pytest

from guardline.validator.sources.credentials import UnknownAccounts, account_allowed, account_of_role, is_account

ID = "111122223333"


@pytest.mark.parametrize(
    ("ids", "account"),
    [([ID], ID), ([ID, "444455556666"], None), (["1"], None), ([], None), (ID, None), (None, None)],
)
def test_allowed_accounts(ids: object, account: str | None) -> None:
    found = account_allowed(ids)
    assert (found.id if found is not None else None) == account


@pytest.mark.parametrize(
    ("arn", "account"),
    [
        (f"arn:aws:iam::{ID}:role/deploy", ID),
        (f"arn:aws-us-gov:iam::{ID}:role/path/deploy", ID),
        (f"arn:aws:iam::{ID}:user/deploy", None),
        (f"arn:aws:iam::{ID}:role/", None),
        (None, None),
    ],
)
def test_the_account_of_a_role(arn: object, account: str | None) -> None:
    found = account_of_role(arn)
    assert (found.id if found is not None else None) == account


def test_one_unknown_account_for_each_set_of_credentials() -> None:
    unknown = UnknownAccounts()
    found = [unknown.of({"profile": each}, known=True) for each in ("a", "b", "a")]
    assert [account.key for account in found] == ["-", "-2", "-"]
    assert all(account.id is None and account.by_credentials for account in found)


def test_the_default_credentials_may_be_another_account_in_each_root() -> None:
    assert not UnknownAccounts().of({}, known=True).by_credentials
    assert not UnknownAccounts().of({"profile": "var.profile"}, known=False).by_credentials


def test_ids_are_twelve_digits() -> None:
    assert is_account(ID)
    assert not any(map(is_account, ("1", f"{ID}4", "١١١١٢٢٢٢٣٣٣٣", 111122223333, None)))
