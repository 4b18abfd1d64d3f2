"""Where a result comes from: target and split, commit, unsaved changes, image, Job, pod, lock file, user, as tags."""

import getpass
import hashlib
import os
import subprocess
from datetime import UTC, datetime

from ..data import Data
from ..declaration import ROOT, Model


def tags(model: Model, data: Data, held_back: str) -> dict[str, str]:
    """What is known of this process; what is not known is left out. held_back: as `Model.held_back` says it.

    Keys that begin with `mlflow.` are MLflow's own, which its UI shows.
    """
    known = {
        "model": model.name,
        "target": target(data),
        "split": held_back,
        "mlflow.source.name": model.file,
        "mlflow.user": user(),
        "requirements_sha256": hashlib.sha256((ROOT / "requirements.txt").read_bytes()).hexdigest(),
        "image": os.environ.get("IMAGE") or os.environ.get("OPENSHIFT_BUILD_NAME"),
        "job": os.environ.get("JOB_NAME"),
        "pod": os.environ.get("POD_NAME"),
        **(from_git() or from_build()),
    }
    return {key: value for key, value in known.items() if value}


def comparable(model: Model, data: Data, held_back: str) -> dict[str, str]:
    """The tags by which runs compare: the same model, judged on the same rows of the same data, by the same target.

    The digest of the data does not tell which of its columns that is.
    """
    known = {"comparable": f"{model.name} {data.digest} {held_back}", "target": target(data)}
    return {key: value for key, value in known.items() if value}


def held_back(judging: Data) -> dict[str, str]:
    """The tag that tells the rows themselves: where a model file is another by now, others can have the same words."""
    return {"held_back": judging.digest[:8]}


def target(data: Data) -> str:
    return ", ".join(data.targets)[:8000]  # a database holds no more


def user() -> str:
    """Who runs this; OpenShift's user ids have no name, and MLflow would then say nothing."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def from_git() -> dict[str, str] | None:
    """Commit, branch and dirtiness of the repository; None without git or outside of one.

    An untracked file counts as a change: the model may be in it.
    """
    try:
        status = subprocess.run(
            ["git", "status", "--porcelain=v2", "--branch"],
            cwd=ROOT,
            capture_output=True,
            check=True,
            encoding="utf-8",
            errors="replace",
        ).stdout.splitlines()
    except (OSError, subprocess.CalledProcessError):
        return None
    head = dict(line[2:].split(" ", 1) for line in status if line.startswith("# branch."))
    return {
        "mlflow.source.git.commit": head["branch.oid"].replace("(initial)", ""),
        "mlflow.source.git.branch": head["branch.head"].replace("(detached)", ""),
        "git_dirty": str(any(not line.startswith("#") for line in status)).lower(),
    }


def from_build() -> dict[str, str | None]:
    """What an image says: OpenShift sets its variables for Git builds; GIT_* hand them over where it cannot."""
    env = os.environ.get
    return {
        "mlflow.source.git.commit": env("OPENSHIFT_BUILD_COMMIT") or env("GIT_COMMIT"),
        "mlflow.source.git.branch": env("OPENSHIFT_BUILD_REFERENCE") or env("GIT_BRANCH"),
        "git_dirty": env("GIT_DIRTY"),
    }
