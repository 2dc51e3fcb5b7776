from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

PACKAGE = Path(__file__).parents[1]


def test_what_is_installed_for_tests_is_what_the_package_asks_for() -> None:
    project = tomllib.loads((PACKAGE / "pyproject.toml").read_text())["project"]
    pinned = re.findall(r"^[a-z]\S+==\S+$", (PACKAGE / "requirements.txt").read_text(), re.M)
    assert sorted(pinned) == sorted([*project["dependencies"], "httpx==0.28.1", "pytest==9.2.0"])


def test_the_command_refuses_an_open_port_without_a_token_and_a_folder_that_is_not_there(tmp_path: Path) -> None:
    def serve(*arguments: str) -> str:
        command = [sys.executable, "-m", "glassworks_diffusers", "serve", *arguments]
        ended = subprocess.run(command, cwd=PACKAGE, capture_output=True, text=True, timeout=60, check=False)
        assert ended.returncode == 1
        return ended.stderr.strip()

    assert serve("--models", str(tmp_path), "--host", "0.0.0.0").startswith("Listening on 0.0.0.0 needs a token")
    assert serve("--models", str(tmp_path / "absent")).endswith("is not a folder")
