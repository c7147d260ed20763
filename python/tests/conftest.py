"""What several tests need: a small scenario, experiments on it, and the command."""

import pathlib
import shutil
import subprocess
import sys

import pytest
import small

ROOT = small.ROOT
SCENARIO = ROOT / "scenarios" / "whatsapp-outage.toml"
USERS = 3000


@pytest.fixture
def scenario():
    return SCENARIO


@pytest.fixture(scope="session")
def command():
    """Runs the command that the package carries, and gives what it prints."""
    path = pathlib.Path(sys.executable).parent / "exodus"
    path = path if path.exists() else shutil.which("exodus")
    assert path, "the package carries the command"

    def call(*arguments, check=True):
        done = subprocess.run([path, *map(str, arguments)], capture_output=True, text=True, timeout=300)
        assert not check or done.returncode == 0, done.stderr
        return done

    return call


@pytest.fixture
def files(command, tmp_path, monkeypatch):
    """The current folder, with `islands.toml` and experiments on it."""
    small.write(tmp_path, command)
    monkeypatch.chdir(tmp_path)
    return tmp_path
