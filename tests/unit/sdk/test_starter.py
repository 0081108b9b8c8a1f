"""A connector's starter mapping is found in its package, or where a checkout keeps it."""

from __future__ import annotations

import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
from hatchling.builders.sdist import SdistBuilder
from hatchling.builders.wheel import WheelBuilder

from crmsync.errors import UsageError
from crmsync.sdk import starter_file

ROOT = Path(__file__).parents[3]
TEXT = "format: 1  # für den Anfang\n"


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "src" / "connector_of_a_test"
    folder.mkdir(parents=True)
    (folder / "__init__.py").touch()
    monkeypatch.syspath_prepend(str(folder.parent))
    monkeypatch.delitem(sys.modules, folder.name, raising=False)
    return folder


def test_it_is_read_from_the_package_when_asked(package: Path) -> None:
    read = starter_file(package.name, "starter.yaml")
    (package / "starter.yaml").write_text(TEXT, encoding="utf-8")
    assert read() == TEXT


def test_a_checkout_may_keep_it_elsewhere(package: Path, tmp_path: Path) -> None:
    (tmp_path / "mappings").mkdir()
    (tmp_path / "mappings" / "starter.yaml").write_text(TEXT, encoding="utf-8")
    read = starter_file(package.name, "starter.yaml", in_checkout="../../mappings")
    assert read() == TEXT
    (package / "starter.yaml").write_text("format: 2\n", encoding="utf-8")
    assert read() == "format: 2\n", "what the package carries counts"


def test_a_missing_one_is_told(package: Path) -> None:
    for place in (None, "../../mappings"):
        with pytest.raises(UsageError, match=r"connector_of_a_test lacks its starter mapping starter\.yaml"):
            starter_file(package.name, "starter.yaml", in_checkout=place)()


@pytest.mark.parametrize("crm", ["salesforce", "hubspot"])
def test_wheels_carry_the_top_level_mapping(crm: str, tmp_path: Path) -> None:
    """Built from the checkout or from a source distribution. An editable install has no copy that would grow old."""
    project, inside = ROOT / "connectors" / crm, f"crmsync_{crm}/{crm}.yaml"
    wanted = (ROOT / "mappings" / f"{crm}.yaml").read_bytes()
    (wheel,) = WheelBuilder(str(project)).build(directory=str(tmp_path), versions=["standard"])
    with zipfile.ZipFile(wheel) as files:
        assert files.read(inside) == wanted
    (source,) = SdistBuilder(str(project)).build(directory=str(tmp_path), versions=["standard"])
    with tarfile.open(source) as archive:
        safely = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}  # Debian 12 has Python 3.11.2
        archive.extractall(tmp_path / "unpacked", **safely)
    (unpacked,) = (tmp_path / "unpacked").iterdir()
    (again,) = WheelBuilder(str(unpacked)).build(directory=str(tmp_path / "again"), versions=["standard"])
    with zipfile.ZipFile(again) as files:
        assert files.read(inside) == wanted
    (editable,) = WheelBuilder(str(project)).build(directory=str(tmp_path / "editable"), versions=["editable"])
    with zipfile.ZipFile(editable) as files:
        assert inside not in files.namelist()
