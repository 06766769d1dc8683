"""--changed: links, files whose path is made of something else, and the project's own options."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.support.changed_roots import (
    CALL,
    ONLY,
    PROVIDER,
    ROOTS,
    changed_tree,
    judged,
    on_main,
    validate,
)
from tests.support.repositories import git


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The repository, and the test in it."""
    tree = changed_tree(tmp_path)
    monkeypatch.chdir(tree)
    return tree


LINKS = {
    "roots/a/linked.tf": "../../shared/linked.tf",  # source
    "roots/b/text.json": "../../shared/again.json",  # a link to a link, below a root
    "shared/again.json": "text.json",
    "roots/c/lists": "../../shared/lists",  # a folder
}
SHARED = {"shared/linked.tf": "", "shared/text.json": "1", "shared/lists/deep/one.txt": "1", "shared/other.txt": "1"}


@pytest.mark.parametrize(
    ("name", "touched"),
    [
        ("shared/linked.tf", {"roots/a"}),
        ("shared/text.json", {"roots/b"}),
        ("shared/lists/deep/one.txt", {"roots/c"}),
        ("shared/other.txt", set()),
    ],
)
def test_what_a_link_leads_to_touches_the_root(repository: Path, name: str, touched: set[str]) -> None:
    on_main(repository, SHARED, LINKS)
    assert judged(changed="HEAD") == set()
    Path(name).write_text("# more\n")
    assert judged(changed="HEAD") == touched


@pytest.mark.parametrize(("target", "touched"), [("../modules/other", {"roots/a"}), ("../modules/inner", set())])
def test_a_link_on_the_way_to_a_module(repository: Path, target: str, touched: set[str]) -> None:
    """The link leads to another module now, of which nothing changed; or to the same one."""
    source = PROVIDER % "111111111111" + CALL.replace("modules/%s", "links/one")
    on_main(repository, {"roots/a/main.tf": source, "links/README": ""}, {"links/one": "../modules/inner"})
    Path("links/one").unlink()
    Path("links/one").symlink_to(target)
    assert judged(changed="HEAD") == touched


def test_a_link_out_of_the_tree_always_counts_as_touched(repository: Path) -> None:
    (repository.parent / "elsewhere.txt").write_text("")
    on_main(repository, {}, {"roots/a/text.txt": "../../../elsewhere.txt"})
    assert judged(changed="HEAD") == {"roots/a"}


def test_links_in_a_circle_count_as_touched(repository: Path) -> None:
    on_main(repository, {}, {"roots/a/one.txt": "two.txt", "roots/a/two.txt": "one.txt"})
    assert judged(changed="HEAD") == {"roots/a"}


def test_a_template_that_nobody_may_read_counts_as_touched(repository: Path) -> None:
    on_main(repository, {"roots/a/read.tf": 'locals {\n  read = templatefile("t.tftpl", {})\n}\n'})
    assert judged(changed="HEAD") == set()
    with Path("roots/a/t.tftpl").open("wb") as file:
        file.truncate((256 << 20) + 1)
    assert judged(changed="HEAD") == {"roots/a"}


def test_links_that_lead_from_folder_to_folder_have_no_depth(repository: Path) -> None:
    """As many as Python would call itself."""
    files = {f"deep/{n}/text": "" for n in range(1100)}
    on_main(
        repository, files, {f"deep/{n}/next": f"../{n + 1}" for n in range(1099)} | {"roots/a/deep": "../../deep/0"}
    )
    assert judged(changed="HEAD") == set()
    Path("deep/1099/text").write_text("more")
    assert judged(changed="HEAD") == {"roots/a"}


def test_a_long_word_costs_no_time(repository: Path) -> None:
    on_main(repository, {"roots/a/read.tf": 'locals {\n  long = "%s"\n}\n' % ("a" * 300_000)})
    assert judged(changed="HEAD") == set()


def test_links_in_a_repository_of_longer_ids(repository: Path) -> None:
    shutil.rmtree(".git")
    git(repository, "init", "--quiet", "--object-format=sha256")
    on_main(repository, SHARED, LINKS)
    assert judged(changed="HEAD") == set()


def test_a_link_up_to_a_folder_of_its_own_ends(repository: Path) -> None:
    on_main(repository, {"shared/text.txt": ""}, {"roots/a/shared": "../../shared", "shared/up": "../shared"})
    assert judged(changed="HEAD") == set()
    Path("shared/text.txt").write_text("more")
    assert judged(changed="HEAD") == {"roots/a"}


def test_a_link_in_the_place_of_a_file_of_its_text(repository: Path) -> None:
    """Git has one id for both."""
    on_main(repository, {"roots/a/text.txt": "other.txt", "roots/a/other.txt": ""})
    Path("roots/a/text.txt").unlink()
    Path("roots/a/text.txt").symlink_to("other.txt")
    assert judged(changed="HEAD") == {"roots/a"}


READS = {  # an expression -> the files that it may read; None: any
    'file("${path.module}/../../far/${var.y}.json")': {"far/deep/x.json"},
    'jsondecode(file("${var.y}.json"))': {"far/deep/x.json", "elsewhere/z.json"},
    'templatefile("${path.root}/../../far/deep/${each.key}.tftpl", {})': {"far/deep/t.tftpl"},
    'filesha256(join("", [path.module, "/../../far/deep/x", var.y]))': None,
    'file(var.y ? "${var.y}/z.json" : var.y)': None,
    'file("../../far/${local.there}/${local.name}.json")': {"far/deep/x.json"},
    'fileset("${path.module}/../../far", "**/*.json")': {"far/deep/x.json"},
    'fileset("${path.module}/../../far", "deep/x.*")': {"far/deep/x.json"},
    'fileset("${path.module}/../../${var.y}", "*.json")': {"far/deep/x.json", "elsewhere/z.json"},
    'file("../../far/NOTICE")': {"far/NOTICE"},
    'templatefile("../../far/deep/t.tftpl", {})': {"far/deep/t.tftpl", "elsewhere/z.json"},
}
FAR = {
    "far/deep/x.json": "1",
    "far/deep/t.tftpl": 't ${file("../../elsewhere/z.json")}',
    "far/NOTICE": "1",
    "elsewhere/z.json": "1",
}
NAMES = 'variable "y" {\n}\nlocals {\n  there = "deep"\n  name = "x"\n  read = %s\n}\n'


@pytest.mark.parametrize(
    ("expression", "place"),
    [*((each, "roots/a") for each in READS), *((each, "modules/other") for each in [*READS][::3])],
)
def test_files_whose_path_is_made_of_something_else(repository: Path, expression: str, place: str) -> None:
    """Also where it stands in a module: a path is from the root's folder, as in Terraform."""
    wanted = READS[expression]
    called = {} if place == "roots/a" else {"roots/a/call.tf": CALL % "other"}
    on_main(repository, {**FAR, **called, f"{place}/read.tf": NAMES % expression})
    for name in (*(FAR if wanted is None else wanted), "README.md"):
        before = Path(name).read_text()
        Path(name).write_text(before + "more")
        assert judged(changed="HEAD") == (set() if name == "README.md" and wanted is not None else {"roots/a"}), name
        Path(name).write_text(before)
    assert judged(changed="HEAD") == set()


def test_a_template_that_reads_by_a_variable(repository: Path) -> None:
    files = {"far/t.tftpl": "t ${file(path)}", "far/u.tftpl": "t ${upper(path)}"}
    reads = 'locals {\n  read = templatefile("../../far/%s.tftpl", {path = "x"})\n}\n'
    on_main(repository, {**files, "roots/a/read.tf": reads % "t", "roots/b/read.tf": reads % "u"})
    Path("README.md").write_text("more")
    assert judged(changed="HEAD") == {"roots/a"}


def test_a_path_in_the_value_of_a_variable(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    on_main(repository, {**FAR, "roots/a/read.tf": NAMES % '"${var.y}/z"', "some.tfvars": 'y = "../../far/NOTICE"'})
    Path("far/NOTICE").write_text("more")
    assert judged(changed="HEAD") == set()
    assert judged("--var", "y=../../far/NOTICE", changed="HEAD") == set(ROOTS)
    assert judged("--var-file", "some.tfvars", changed="HEAD") == set(ROOTS)
    monkeypatch.setenv("TF_VAR_y", "../../far/NOTICE")
    assert judged(changed="HEAD") == set(ROOTS)


def test_the_project_s_own_options_touch_every_root(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    on_main(repository, {"guardline.toml": "[waivers]\n", "roots/a/guardline.toml": "[waivers]\n"})
    Path("roots/a/guardline.toml").write_text("")
    assert judged(changed="HEAD") == {"roots/a"}  # of another folder than the working one: a file of that root
    Path("roots/a/guardline.toml").write_text("[waivers]\n")
    Path("guardline.toml").write_text("[waivers]\nlongest-days = 9\n")
    assert judged(changed="HEAD") == set(ROOTS)
    Path("guardline.toml").unlink()
    assert judged(changed="HEAD") == set(ROOTS)
    monkeypatch.chdir("roots/a")  # the nearest holds, and nothing changed there
    assert "nothing of it changed" in validate("../b", *ONLY, "--changed", "HEAD").stderr


@pytest.mark.usefixtures("repository")
def test_options_that_are_new_touch_every_root() -> None:
    Path("guardline.toml").write_text("[waivers]\n")
    assert judged() == set(ROOTS)
