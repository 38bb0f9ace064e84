"""What stands beside the code: lock, citation, workflow."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib

import pytest
import yaml
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from support.repository import REPOSITORY

PROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LOCK = (REPOSITORY / "requirements.lock").read_text(encoding="utf-8")


def locked() -> dict[str, list[tuple[Version, Marker | None]]]:
    """Versions that the lock pins; one with a marker holds on some systems only."""
    found: dict[str, list[tuple[Version, Marker | None]]] = {}
    for line in LOCK.splitlines():
        if line and line[0] not in " #":
            pin = Requirement(line.removesuffix("\\"))
            version = next(iter(pin.specifier)).version
            found.setdefault(canonicalize_name(pin.name), []).append((Version(version), pin.marker))
    return found


WANTED = PROJECT["dependencies"] + [each for extra in PROJECT["optional-dependencies"].values() for each in extra]


@pytest.mark.parametrize("wanted", WANTED)
def test_the_lock_satisfies_pyproject(wanted: str) -> None:
    """A dependency added without `make lock` would be missing from every fresh environment."""
    requirement = Requirement(wanted)
    versions = locked().get(canonicalize_name(requirement.name), [])
    assert versions, f"{requirement.name} is not in requirements.lock: make lock"
    assert all(requirement.specifier.contains(version) for version, _ in versions), f"{wanted}: {versions}: make lock"


def test_every_pin_has_a_hash() -> None:
    pins = re.findall(r"^[A-Za-z0-9].*?(?=^\S|\Z)", LOCK, flags=re.MULTILINE | re.DOTALL)
    assert len(pins) > 100
    assert not [pin.split()[0] for pin in pins if "--hash=sha256:" not in pin]


def test_the_lock_names_no_index_and_no_place() -> None:
    """The lock is for every index and machine: only names, versions and hashes."""
    lines = [line for line in LOCK.splitlines() if not line.lstrip().startswith(("#", "--hash=sha256:"))]
    assert not [line for line in lines if line.startswith("-") or " @ " in line]
    assert not re.search(r"://|(^|\s)/\w|index-url|find-links", LOCK)


def test_the_lock_has_one_version_of_a_package() -> None:
    """Two versions by Python would be two sets of numbers."""
    assert not {name: pins for name, pins in locked().items() if len(pins) > 1}


@pytest.mark.parametrize(
    ("schema", "file"),
    [
        ("vendor.citation-file-format", "CITATION.cff"),
        ("vendor.github-workflows", ".github/workflows/ci.yml"),
    ],
)
def test_the_file_follows_its_schema(schema: str, file: str) -> None:
    call = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, str(REPOSITORY / file)]
    said = subprocess.run(call, capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stdout + said.stderr


def test_the_citation_is_of_this_version() -> None:
    citation = yaml.safe_load((REPOSITORY / "CITATION.cff").read_text(encoding="utf-8"))
    assert (citation["version"], citation["license"]) == (PROJECT["version"], PROJECT["license"])


def test_the_workflow_runs_pinned_code_and_may_only_read() -> None:
    workflow = yaml.safe_load((REPOSITORY / ".github/workflows/ci.yml").read_text(encoding="utf-8"))
    assert workflow["permissions"] == {"contents": "read"}
    steps = [step for job in workflow["jobs"].values() for step in job["steps"]]
    assert all(re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", step["uses"]) for step in steps if "uses" in step)
    commands = [step["run"] for step in steps if "run" in step]
    assert ".ci/run" in commands
    assert ".ci/wheel python" in commands
    # YAML 1.1 reads the key `on` as a flag
    assert workflow[True]["schedule"]
    assert any("pytest -m slow" in command for command in commands)
    systems = workflow["jobs"]["run"]["strategy"]["matrix"]["system"]
    assert {system.split("-")[0] for system in systems} == {"ubuntu", "macos"}


def test_the_hooks_ask_no_network() -> None:
    """A hook of another repository would be fetched when it is first run."""
    config = yaml.safe_load((REPOSITORY / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    assert [repo["repo"] for repo in config["repos"]] == ["local"]
    assert {hook["language"] for repo in config["repos"] for hook in repo["hooks"]} == {"system"}


def test_ci_checks_every_committed_suite() -> None:
    assert "for target in lint test check repro; do" in (REPOSITORY / ".ci/run").read_text(encoding="utf-8")
    tracked = subprocess.run(
        ["git", "ls-files", "results/*/*"], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )
    if tracked.returncode:
        pytest.skip("no git here")
    suites = sorted({line.split("/")[1] for line in tracked.stdout.splitlines()})
    # these tests may run below a make, which would say what folder it enters and leaves
    call = ["make", "--no-print-directory", "-n", "-o", ".venv/.installed", "check"]
    told = subprocess.run(call, cwd=REPOSITORY, capture_output=True, text=True, check=True).stdout
    # the recipe's own lines, with a command in place of the one that takes long
    script = told[told.index("suites=") :].replace(".venv/bin/python -m faultboard check", "echo")
    said = subprocess.run(["sh", "-c", script], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert said.stdout.split() == suites


def test_the_changelog_has_this_version() -> None:
    log = (REPOSITORY / "CHANGELOG.md").read_text(encoding="utf-8")
    headings = re.findall(r"^## \[(.+?)\] - (unreleased|\d{4}-\d\d-\d\d)$", log, flags=re.MULTILINE)
    assert headings[0][0] == PROJECT["version"]
    kinds = set(re.findall(r"^### (.+)$", log, flags=re.MULTILINE))
    assert kinds <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
