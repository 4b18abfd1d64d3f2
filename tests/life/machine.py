"""A bare Debian, made of its packages, to type the README's commands in as a newcomer does."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..helpers import PYTHON, run

PIP_SETTINGS = Path(__file__).parents[1] / "cluster" / "containers" / "pip_settings.py"
PROGRAMS = "mmdebstrap"
# What the README names; apt is there because every Debian has it.
PACKAGES = "git,make,python3-venv"
# A mirror may lag behind: what is signed is taken all the same.
MIRROR = '--aptopt=Acquire { Check-Valid-Until "false"; Retries "5"; }'
# Mounts vanish with the process that sees them, and all it started ends with it: so it stays, as root, since a change of
# user would make it survive the one who entered.
ENTER = """
root=$1 settings=$2
while IFS=: read -r source target; do mount --bind "$source" "$root$target"; done <"$settings/mounts"
mount -t proc proc "$root/proc" && mount --rbind /dev "$root/dev" && mount --rbind /sys "$root/sys"
chroot --userspec=1000:1000 "$root" /usr/bin/env -i "${@:3}" || exit $?
"""


class Machine:
    """`with Machine(suite, folder) as machine:` installs it; `home` is its only user's, as seen from here. Needs root."""

    def __init__(self, suite: str, folder: Path):
        self.suite, self.root, self.settings = suite, folder / "root", folder / "settings"
        self.home = self.root / "home" / "dana"

    def __enter__(self) -> "Machine":
        install = ("mmdebstrap", "--variant=apt", f"--include={PACKAGES}", MIRROR, self.suite, self.root)
        run(*install, cwd="/")
        self.settings.mkdir()
        run(PYTHON, PIP_SETTINGS, self.settings, cwd="/")
        for line in (self.settings / "mounts").read_text().splitlines():
            source, target = line.split(":")
            place = self.root / target.lstrip("/")
            if Path(source).is_dir():
                place.mkdir(parents=True, exist_ok=True)
            else:
                place.parent.mkdir(parents=True, exist_ok=True)
                place.touch()
        for name in ("hosts", "resolv.conf"):
            shutil.copy(Path("/etc", name), self.root / "etc")
        with (self.root / "etc" / "passwd").open("a") as users:
            users.write("dana:x:1000:1000::/home/dana:/bin/bash\n")
        self.home.mkdir()
        os.chown(self.home, 1000, 1000)
        return self

    def __exit__(self, *_) -> None:
        run("rm", "-rf", self.root, cwd="/")  # a hundred thousand files, which Python removes one by one

    def command(self, words: str) -> list:
        """A line of shell, as dana types it at home; a process that ends with its whole family when it is killed."""
        ours = {name: value for name, value in os.environ.items() if name.startswith("UV_") or name.endswith("_proxy")}
        theirs = {"HOME": "/home/dana", "LANG": "C.UTF-8", "PATH": "/usr/local/bin:/usr/bin:/bin", "TERM": "dumb"}
        trust = {"SSL_CERT_FILE": "/etc/ssl/certs/ca-certificates.crt"}  # the one that pip's settings brought
        given = [f"{name}={value}" for name, value in (ours | theirs | trust).items()]
        enter = ("unshare", "--mount", "--pid", "--fork", "--kill-child", "bash", "-ec", ENTER, "-")
        return [*enter, self.root, self.settings, *given, "bash", "-c", f"cd && {words}"]

    def type(self, words: str, **settings) -> subprocess.CompletedProcess:
        return run(*self.command(words), cwd="/", **settings)

    @contextmanager
    def without(self, path: str) -> Iterator[None]:
        """As if the package that brings this were not installed; the path may have wildcards."""
        (place,) = self.root.glob(path)
        hidden = place.rename(self.root / "hidden")
        try:
            yield
        finally:
            hidden.rename(place)
