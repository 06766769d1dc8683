"""Where Terraform takes the AWS provider from: the user's own CLI configuration, a local folder, or a registry."""

from __future__ import annotations

import platform
from collections.abc import Iterator, Mapping
from pathlib import Path

HOST = "registry.terraform.io"
PROVIDER = Path(HOST, "hashicorp", "aws")
GIVEN = "GUARDLINE_TERRAFORM_PLUGINS"
CLI_CONFIG = "guardline.tfrc"

ARCHITECTURES = {
    "x86_64": "amd64",
    "amd64": "amd64",
    "aarch64": "arm64",
    "arm64": "arm64",
    "i386": "386",
    "i686": "386",
}


def environment(environ: Mapping[str, str], home: Path, scratch: Path) -> dict[str, str]:
    """The variables that decide where providers come from.

    `TF_CLI_CONFIG_FILE` is honoured when its file exists. Else a folder that holds the provider is used as a mirror;
    without one Terraform does as it always does (`~/.terraformrc`, the registry).

    Args:
        environ: this process's own variables.
        home: the user's home folder.
        scratch: an existing folder where a CLI configuration may be written.
    """
    cache = environ.get("TF_PLUGIN_CACHE_DIR")
    kept = {"TF_PLUGIN_CACHE_DIR": cache} if cache and Path(cache).is_dir() else {}
    config = environ.get("TF_CLI_CONFIG_FILE")
    if config and Path(config).is_file():
        return {"TF_CLI_CONFIG_FILE": config, **kept}
    mirror = find_mirror(environ, home)
    if mirror is None:
        return kept
    written = scratch / CLI_CONFIG
    written.write_text(_cli_config(mirror), encoding="utf-8")
    # Linked from the mirror, nothing is left to cache; and Terraform refuses a cache that is its own mirror.
    return {"TF_CLI_CONFIG_FILE": str(written)}


def find_mirror(environ: Mapping[str, str], home: Path) -> Path | None:
    """The first of the usual folders that holds the AWS provider for this machine, in Terraform's mirror layout.

    https://developer.hashicorp.com/terraform/cli/config/config-file#filesystem_mirror
    """
    return next((folder for folder in _places(environ, home) if _holds_provider(folder)), None)


def _places(environ: Mapping[str, str], home: Path) -> Iterator[Path]:
    for name in (GIVEN, "TF_PLUGIN_CACHE_DIR"):
        if environ.get(name):
            yield Path(environ[name])
    # Terraform's own implied mirrors, then where packages and images put one.
    data = environ.get("XDG_DATA_HOME") or str(home / ".local" / "share")
    yield home / ".terraform.d" / "plugins"
    yield Path(data, "terraform", "plugins")
    for shared in (Path("/usr/local/share"), Path("/usr/share")):
        yield shared / "terraform" / "plugins"
    for pattern in (f"*/{HOST}", f"*/*/{HOST}"):
        yield from (found.parent for found in sorted(Path("/opt").glob(pattern)))


def _holds_provider(folder: Path) -> bool:
    system, machine = platform.system().lower(), platform.machine().lower()
    target = f"{system}_{ARCHITECTURES.get(machine, machine)}"
    provider = folder / PROVIDER
    unpacked = provider.glob(f"*/{target}/terraform-provider-aws*")
    packed = provider.glob(f"terraform-provider-aws_*_{target}.zip")
    return any(unpacked) or any(packed)


def _cli_config(mirror: Path) -> str:
    from guardline.validator.demo.override import quoted

    name = quoted(PROVIDER.as_posix())
    return (
        "provider_installation {\n"
        f"  filesystem_mirror {{\n    path    = {quoted(str(mirror.resolve()))}\n    include = [{name}]\n  }}\n"
        f"  direct {{\n    exclude = [{name}]\n  }}\n"
        "}\n"
    )
