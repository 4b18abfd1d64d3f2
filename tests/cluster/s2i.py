"""Images as OpenShift builds and runs them, in a container engine that lives and dies with the test session."""

import json
import shlex
import tempfile
from pathlib import Path

from ..helpers import run
from .pods import Container

SCRIPTS = Path(__file__).parent / "containers"
PROGRAMS = "podman buildah runc mmdebstrap"
# What OpenShift tells a build of a git repository
BUILD = {
    "OPENSHIFT_BUILD_NAME": "ml-project-1",
    "OPENSHIFT_BUILD_COMMIT": "c0ffee" * 6 + "c0ff",
    "OPENSHIFT_BUILD_REFERENCE": "main",
}


class Engine:
    """`with Engine() as engine:` starts it with a builder image, and leaves nothing behind. Needs root."""

    def __enter__(self) -> "Engine":
        self.folder = Path(tempfile.mkdtemp(prefix="s2i-", dir="/tmp"))  # sockets need a short path
        try:
            exports = run(SCRIPTS / "up.sh", self.folder, cwd="/").stdout
        except BaseException:
            self.__exit__()
            raise
        assigned = [word for word in shlex.split(exports) if word != "export"]
        self.env = dict(word.split("=", 1) for word in assigned)
        return self

    def __exit__(self, *_) -> None:
        run(SCRIPTS / "down.sh", self.folder, cwd="/")

    def build(self, source: Path, image: str, *words: str, env: dict[str, str] | None = None, **settings):
        """Build a source tree; `env` is what the build configuration gives, words are for s2i.sh."""
        given = [word for pair in (env or {}).items() for word in ("-e", "=".join(pair))]
        return run(SCRIPTS / "s2i.sh", source, image, *words, *given, cwd="/", env=self.env, **settings)

    def run(
        self,
        image: str,
        *command,
        env: dict[str, str] | None = None,
        mounts: dict[Path, str] | None = None,
        entrypoint: list[str] | None = None,
        **settings,
    ):
        """Run as OpenShift's restricted-v2 lets a pod with a read-only root run; without a command, the image's own.

        A container's `command` in Kubernetes is its entrypoint, its `args` are the command.
        """
        flags = [f"--env={name}={value}" for name, value in (env or {}).items()]
        flags += [f"--volume={folder}:{place}" for folder, place in (mounts or {}).items()]
        flags += [f"--entrypoint={json.dumps(entrypoint)}"] if entrypoint else []
        openshift = shlex.split(self.env["OPENSHIFT_RUN"])
        return run("podman", "run", *openshift, *flags, image, *command, cwd="/", env=self.env, **settings)

    def start(self, image: str, container: Container, **settings):
        """Run a Job's container, as `pods.started` gives it."""
        return self.run(image, *container.args, entrypoint=container.command, env=container.env, **settings)

    def inspect(self, image: str, what: str) -> str:
        """A Go template of what is known of an image."""
        return run("podman", "image", "inspect", "--format", what, image, cwd="/", env=self.env).stdout.strip()
