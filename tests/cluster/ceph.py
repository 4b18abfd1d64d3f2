"""A throw-away Ceph with its S3 gateway on loopback, in memory, from Debian's packages: what OpenShift Data
Foundation gives a cluster.

One monitor, one OSD that keeps objects in memory, one RADOS Gateway. Nothing survives `stop`.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import urllib.error
import urllib.request
import uuid
from pathlib import Path

from ..helpers import free_port, until

PACKAGES = "ceph-mon ceph-osd radosgw ceph-common"
INSTALL = f"apt-get install --no-install-recommends {PACKAGES}"
ACCESS, SECRET = "test-access", "test-secret"

CONF = """
[global]
fsid = {fsid}
mon host = [v2:127.0.0.1:{mon}]
public addr = 127.0.0.1
cluster addr = 127.0.0.1
ms bind msgr1 = false
auth cluster required = none
auth service required = none
auth client required = none
run dir = {folder}
crash dir = {folder}
admin socket =
log file = {folder}/$name.log
mon cluster log file = {folder}/cluster.log
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 1
osd pool default pgp num = 1
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
mon allow pool size one = true
mon max pg per osd = 1000
# Without it the gateway takes minutes to be let in.
ms mon client mode = crc
# Seconds become milliseconds: by default the monitor waits for more changes before it agrees with itself.
paxos propose interval = 0.05
paxos min wait = 0.01
mon tick interval = 1
# The monitor stops where its disk is nearly full, as a developer's may be.
mon data avail warn = 1
mon data avail crit = 1
mon data = {folder}/mon
mon initial members = a
osd data = {folder}/osd
osd objectstore = memstore
memstore device bytes = 1073741824
osd class load list = *
osd class default list = *
[client.rgw.a]
rgw frontends = beast endpoint=127.0.0.1:{s3}
rgw data = {folder}/rgw
rgw rados pool pg num min = 1
"""


class Ceph:
    """`with Ceph(folder) as s3:` gives the environment of a client: endpoint and keys."""

    def __init__(self, folder: Path):
        self.folder, self.processes = folder, []
        self.mon, self.s3 = free_port(), free_port()
        self.fsid = str(uuid.uuid4())
        self.conf = folder / "ceph.conf"

    def __enter__(self) -> dict[str, str]:
        for name in ("mon", "osd", "rgw"):
            (self.folder / name).mkdir()
        self.conf.write_text(CONF.format(folder=self.folder, fsid=self.fsid, mon=self.mon, s3=self.s3))
        try:
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.s3}",
            "AWS_ACCESS_KEY_ID": ACCESS,
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_DEFAULT_REGION": "us-east-1",
        }

    def __exit__(self, *_) -> None:
        for process in reversed(self.processes):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)  # in memory: there is nothing to save
            process.wait(60)
        shutil.rmtree(self.folder)

    def start(self) -> None:
        monmap = self.folder / "monmap"
        self.call("monmaptool", "--create", "--fsid", self.fsid, "--addv", "a", f"[v2:127.0.0.1:{self.mon}]", monmap)
        self.call("ceph-mon", "-i", "a", "--mkfs", "--monmap", monmap)
        self.serve("ceph-mon", "-f", "-i", "a")
        osd = str(uuid.uuid4())
        self.call("ceph", "--connect-timeout", "60", "osd", "new", osd)
        self.call("ceph-osd", "-i", "0", "--mkfs", "--osd-uuid", osd)
        self.serve("ceph-osd", "-f", "-i", "0")
        until(lambda: "1 up" in self.call("ceph", "osd", "stat"), 60, "the OSD is not up")
        self.serve("radosgw", "-f", "-n", "client.rgw.a")
        until(self.answers, 60, "the S3 gateway does not answer")
        user = ["--uid=test", "--display-name=test", f"--access-key={ACCESS}", f"--secret-key={SECRET}"]
        self.call("radosgw-admin", "user", "create", *user)

    def answers(self) -> bool:
        with contextlib.suppress(OSError, urllib.error.URLError):
            return urllib.request.urlopen(f"http://127.0.0.1:{self.s3}", timeout=2).status == 200
        return False

    def call(self, *words) -> str:
        command = [str(word) for word in words]
        environment = os.environ | {"CEPH_CONF": str(self.conf)}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def serve(self, *words: str) -> None:
        environment = os.environ | {"CEPH_CONF": str(self.conf)}
        with (self.folder / f"{words[0]}.out").open("w") as log:
            started = subprocess.Popen(words, env=environment, stdout=log, stderr=log, start_new_session=True)
        self.processes.append(started)
