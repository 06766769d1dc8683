"""What people get wrong in YAML is said in words, at the place where they look."""

from __future__ import annotations

from pathlib import Path

import pytest

from guardline.spec.load import SpecError, load

FAULTS = {
    "name: x\n\tregion: y": "3:1: a tab stands here: YAML wants spaces",
    "name: {a: b": "2:7: the `{` here is not closed by a `}`",
    "name: {a: b\nhome_region: x": "2:7: the `{` here is not closed by a `}`, or a comma is missing before line 3",
    "name: [a, b\nhome_region: x": "2:7: the `[` here is not closed by a `]`, or a comma is missing before line 3",
    'name: "abc\nhome_region: x': "2:7: the quote that is opened here is not closed",
    "name: a: b": (
        "2:8: a second `:` in one value: put the text in quotes, begin the key on a line of its own, or indent it less"
    ),
    "name: *": "2:8: `*` and `&` have a meaning in YAML: put the text in quotes",
    "name: *all": "2:7: this names an anchor (`*name`) that nothing defines; put the text in quotes",
    "name: @all": "2:7: this character cannot begin a text: put the text in quotes",
    "name\nhome_region: x": "3:1: this is neither `key: value` nor a list entry (`- value`)",
}


@pytest.mark.parametrize("text", FAULTS)
def test_yaml_is_refused_in_words(tmp_path: Path, text: str) -> None:
    spec = tmp_path / "s.yaml"
    spec.write_text(f"version: 1\n{text}\n")
    with pytest.raises(SpecError) as caught:
        load(spec)
    assert str(caught.value) == f"{spec.as_posix()}:{FAULTS[text]}"


def test_an_equals_sign_is_said(tmp_path: Path) -> None:
    spec = tmp_path / "s.yaml"
    spec.write_text('version = 1\nname = "x"\n')
    with pytest.raises(SpecError, match="1:1: write `version: 1`, with a colon: a spec is YAML"):
        load(spec)


WRITTEN = """\
version: 1
name: prod
home_region: eu-west-1
regions: {not_opted_in: rest}
account: {id: "111122223333"}
"""


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"regions: {not_opted_in: rest}": "regions: [eu-west-1]"}, "opted_in: [ap-east-1], not_opted_in: rest}`"),
        ({"{not_opted_in: rest}": "{not_opted_in: rest, exclude: [us-east-1]}"}, "write `{region: NAME, reason: WHY"),
        ({"{not_opted_in: rest}": "{not_opted_in: rest, retiring: [us-east-1]}"}, "write `{region: NAME, mode"),
        ({'{id: "111122223333"}': '"111122223333"'}, 'write `account: {id: "111122223333"}`'),
        ({"version: 1": "version: 1\nalerts: {}"}, "unknown key `alerts`; it belongs to `response.alerts`"),
        ({"version: 1": "version: 1\ntrial: {}"}, "unknown key `trial`; did you mean `trail`?"),
        ({"version: 1": "version: 1\nguardduty: {features: {s3_protection: true}}"}, "did you mean `s3_data_events`?"),
        ({"version: 1": "version: 1\nguardduty: {features: {malware-protection: true}}"}, "`ebs_malware_protection`?"),
    ],
)
def test_what_is_meant_is_said(tmp_path: Path, changed: dict[str, str], said: str) -> None:
    text = WRITTEN
    for old, new in changed.items():
        text = text.replace(old, new)
    spec = tmp_path / "s.yaml"
    spec.write_text(text)
    with pytest.raises(SpecError) as caught:
        load(spec)
    assert said in str(caught.value)
    spec.write_text(WRITTEN)
    assert load(spec).name == "prod"
