"""`make logs` on a cluster where pods wait, fail and vanish: what it says, and with which exit code."""

import json
from itertools import chain
from pathlib import Path

import pytest

from ..helpers import run

# The stand-in's clock goes by sleeps. Whoever still waits when all has long happened is stopped.
SLEEP = """#!/bin/sh
now=$(cat "$OC_FOLDER/now" 2>/dev/null || echo 0)
if [ "$now" -gt 30 ]; then kill $PPID; else echo $((now + 1)) > "$OC_FOLDER/now"; fi
"""
LABELS = {"app.kubernetes.io/part-of": "ml-project", "app.kubernetes.io/component": "training"}
RUNNING = {"running": {"startedAt": "2026-11-27T10:00:00Z"}}
CREATING = {"waiting": {"reason": "ContainerCreating"}}
NO_NODE = "0/3 nodes are available: 3 Insufficient cpu."
QUOTA = (
    'Error creating: pods "a-job-1" is forbidden: exceeded quota: small, requested: cpu=2, used: cpu=3, limited: cpu=4'
)


def job(*conditions: str, name: str = "a-job", made: str = "2026-11-27T09:00:00Z") -> dict:
    """A Job in these conditions: `Failed BackoffLimitExceeded: too many`."""
    parts = [condition.partition(" ") for condition in conditions]
    found = [
        {"type": kind, "status": "True"} | dict(zip(("reason", "message"), said.split(": "), strict=True))
        for kind, _, said in parts
    ]
    metadata = {"name": name, "labels": LABELS, "creationTimestamp": made}
    return {"kind": "Job", "metadata": metadata, "status": {"conditions": found}}


COMPLETE = job("Complete CompletionsReached: Reached expected number of succeeded pods")
FAILED = job("Failed BackoffLimitExceeded: Job has reached the specified backoff limit")


def pod(number: int, state: dict | None = None, of: str = "a-job", lines: int = 2, **status: str) -> dict:
    """A pod of a Job. state: its container's; None before there is one. lines: how many it has printed."""
    scheduled = {"type": "PodScheduled", "status": "True"} if state else {"type": "PodScheduled", "status": "False"}
    if not state:
        scheduled |= {"reason": "Unschedulable", "message": NO_NODE}
    metadata = {
        "name": f"{of}-{number}",
        "labels": {"batch.kubernetes.io/job-name": of},
        "creationTimestamp": f"{number}",
    }
    containers = [{"name": "other", "state": RUNNING}, {"name": "train", "state": state}]
    status |= {"conditions": [{"type": "Ready", "status": "False"}, scheduled]}
    status |= {"containerStatuses": containers[::-1]} if state else {}
    return {"kind": "Pod", "metadata": metadata, "status": status, "printed": printed(of, number, lines)}


def printed(of: str, number: int, lines: int = 2) -> list[str]:
    return [f"line {line} of  {of}-{number} " for line in range(lines)]


def ended(reason: str, code: int) -> dict:
    return {"terminated": {"reason": reason, "exitCode": code}}


def event(kind: str, name: str, said: str, level: str = "Warning") -> dict:
    reason, message = said.split(": ", 1)
    about = {"kind": kind, "name": name}
    return {
        "kind": "Event",
        "metadata": {"name": "e"},
        "type": level,
        "involvedObject": about,
        "reason": reason,
        "message": message,
    }


DONE = [[job(), pod(1, RUNNING)], [job(), pod(1, ended("Completed", 0))], [COMPLETE, pod(1, ended("Completed", 0))]]
FOLLOWED = ["oc logs --follow pod/a-job-1 -c train", "job/a-job is complete"]
OOM = "pod/a-job-1 has ended: OOMKilled, exit code 137; memory=… gives it more"
CASES = {
    "it runs": (DONE, FOLLOWED),
    "it is started": ([[job(), pod(1, CREATING)], *DONE], ["waiting: pod/a-job-1: ContainerCreating", *FOLLOWED]),
    "it is not scheduled": (
        [[job()], [job(), pod(1)], [job(), pod(1)], [job(), pod(1, CREATING)], *DONE],
        [
            "waiting: job/a-job has no pod",
            f"waiting: pod/a-job-1: Unschedulable: {NO_NODE}",
            "waiting: pod/a-job-1: ContainerCreating",
            *FOLLOWED,
        ],
    ),
    "over quota": (
        [[job(), event("Job", "a-job", f"FailedCreate: {QUOTA}"), event("Job", "another", "FailedCreate: no")], *DONE],
        [f"waiting: job/a-job has no pod: FailedCreate: {QUOTA}", *FOLLOWED],
    ),
    "no such account": (
        [
            [
                job(),
                event("Job", "a-job", "Odd: no", "Normal"),
                event("Job", "a-job", 'FailedCreate: serviceaccount "a" not found'),
            ],
            *DONE,
        ],
        ['waiting: job/a-job has no pod: FailedCreate: serviceaccount "a" not found', *FOLLOWED],
    ),
    "in a queue": (
        [[job("Suspended JobSuspended: Job suspended")], *DONE],
        ["waiting: job/a-job has no pod: JobSuspended: Job suspended; in a queue? oc get workloads", *FOLLOWED],
    ),
    "no image": (
        [
            *[
                [job(), pod(1, {"waiting": {"reason": "ErrImagePull", "message": "no such image"}})],
                [job(), pod(1, {"waiting": {"reason": "ImagePullBackOff", "message": 'Back-off pulling image "a"'}})],
            ]
            * 2,
            *DONE,
        ],
        [
            "waiting: pod/a-job-1: ErrImagePull: no such image",
            'waiting: pod/a-job-1: ImagePullBackOff: Back-off pulling image "a"',
            *FOLLOWED,
        ],
    ),
    "no volume": (
        [[job(), pod(1, CREATING), event("Pod", "a-job-1", "FailedMount: no such\nvolume\n")], *DONE],
        ["waiting: pod/a-job-1: FailedMount: no such volume", *FOLLOWED],
    ),
    "out of memory, then well": (
        [
            [job(), pod(1, RUNNING)],
            [job(), pod(1, ended("OOMKilled", 137))],
            [job(), pod(1, ended("OOMKilled", 137)), pod(2, RUNNING)],
            [COMPLETE, pod(1, ended("OOMKilled", 137)), pod(2, ended("Completed", 0))],
        ],
        [FOLLOWED[0], OOM, "oc logs --follow pod/a-job-2 -c train", FOLLOWED[1]],
    ),
    "out of memory before": (
        [
            [job(), pod(1, ended("OOMKilled", 137)), pod(2, RUNNING)],
            [COMPLETE, pod(1, ended("OOMKilled", 137)), pod(2, ended("Completed", 0))],
        ],
        [OOM, "oc logs --follow pod/a-job-2 -c train", FOLLOWED[1]],
    ),
    "evicted": (
        [
            [job(), pod(1, RUNNING)],
            *[[job(), pod(1, ended("Error", 137), reason="Evicted", message="The node was low on resource: memory.")]]
            * 2,
            [COMPLETE, pod(2, ended("Completed", 0))],
        ],
        [
            FOLLOWED[0],
            "pod/a-job-1 has ended: Evicted: The node was low on resource: memory.",
            "oc logs --follow pod/a-job-2 -c train",
            FOLLOWED[1],
        ],
    ),
    "evicted before it began": (
        [[job(), pod(1, phase="Failed", reason="Evicted", message="The node was low on memory.")], *DONE[2:]],
        ["pod/a-job-1 has ended: Evicted: The node was low on memory.", *FOLLOWED],
    ),
    "its pod is deleted": (
        [[job(), pod(1, RUNNING)], [job()], [COMPLETE, pod(2, ended("Completed", 0))]],
        [
            FOLLOWED[0],
            "pod/a-job-1 has ended: it left no word of how, for it is gone",
            "oc logs --follow pod/a-job-2 -c train",
            FOLLOWED[1],
        ],
    ),
    "its pod is gone": ([[COMPLETE]], ["job/a-job is complete", "its pod is gone, and its log with it"]),
    "its log breaks off before it ends": (
        [
            [job(), pod(1, RUNNING, lines=1)],
            *[[job(), pod(1, ended("Completed", 0), lines=5)]] * 2,
            [COMPLETE, pod(1, ended("Completed", 0), lines=5)],
        ],
        FOLLOWED,
    ),
    "its log breaks off": (
        [
            *([job(), pod(1, RUNNING, lines=each)] for each in (1, 1, 4, 4, 4, 4, 5)),
            [COMPLETE, pod(1, ended("Completed", 0), lines=5)],
        ],
        FOLLOWED,
    ),
}
TOO_OFTEN = "error: job/a-job failed: BackoffLimitExceeded: Job has reached the specified backoff limit; "
POLICY = "Failed PodFailurePolicy: Container train failed with exit code {0} matching FailJob rule"
FAILURES = {
    "out of memory": (
        [[job(), pod(1, RUNNING)], [FAILED, pod(1, ended("OOMKilled", 137))]],
        [FOLLOWED[0], f"{TOO_OFTEN}pod/a-job-1: OOMKilled, exit code 137; memory=… gives it more"],
    ),
    "too late": (
        [
            [job(), pod(1, RUNNING)],
            [FAILED, pod(1, ended("Error", 143), reason="DeadlineExceeded", message="Pod was active for too long")],
        ],
        [
            FOLLOWED[0],
            f"{TOO_OFTEN}pod/a-job-1: DeadlineExceeded: Pod was active for too long; deadline=… gives it longer",
        ],
    ),
    "bad input": (
        [[job(POLICY.format(2)), pod(1, ended("Error", 2))]] * 2,
        [
            FOLLOWED[0],
            "error: job/a-job failed: PodFailurePolicy: Container train failed with exit code 2 matching FailJob rule; "
            "pod/a-job-1: Error, exit code 2; its log says what to mend",
        ],
    ),
    "kept": (
        [[job(POLICY.format(75)), pod(1, ended("Error", 75))]] * 2,
        [
            FOLLOWED[0],
            "error: job/a-job failed: PodFailurePolicy: Container train failed with exit code 75 matching FailJob rule; "
            "pod/a-job-1: Error, exit code 75; the run is kept: make upload-job",
        ],
    ),
    "its pod is gone": ([[FAILED]], [f"{TOO_OFTEN}its pod is gone, and its log with it"]),
    "it is deleted": (
        [[job()], [], []],
        ["waiting: job/a-job has no pod", "error: job/a-job is not there"],
    ),
    "there is none": ([[]], ["error: there is no Job; make job-knn starts one"]),
}


def followed(project: Path, oc: Path, moments: list[list[dict]], *words: str):
    (oc / "sleep").write_text(SLEEP)
    (oc / "sleep").chmod(0o755)
    (oc / "moments").write_text(json.dumps(moments))
    done = run("make", "--silent", "logs", *words, cwd=project, check=False)
    return done, [line for line in done.stderr.splitlines() if not line.startswith("make: ***")]


@pytest.mark.parametrize("case", CASES)
def test_a_job_that_gets_done_is_waited_for_and_followed(project, oc, case):
    moments, told = CASES[case]
    done, lines = followed(project, oc, moments)
    assert lines == told
    assert done.returncode == 0
    expected = [
        printed("a-job", int(line.split()[3][-1]), 5 if "breaks" in case else 2) for line in lines if "oc logs" in line
    ]
    assert done.stdout.splitlines() == [*chain.from_iterable(expected)]


@pytest.mark.parametrize(("moments", "told"), FAILURES.values(), ids=FAILURES.keys())
def test_of_a_job_that_fails_it_is_told_why(project, oc, moments, told):
    done, lines = followed(project, oc, moments)
    assert lines == told
    assert done.returncode != 0


def test_the_newest_job_is_followed_unless_another_is_named(project, oc):
    older, newer = job(name="older", made="2026-11-27T08:00:00Z"), job(name="newer")
    stranger = job(name="stranger", made="2026-11-28T08:00:00Z")
    stranger["metadata"]["labels"] = {"app.kubernetes.io/part-of": "another"}
    pods = [pod(1, RUNNING, of="newer"), pod(1, RUNNING, of="older")]
    ends = [job("Complete Done: done", name=name) for name in ("older", "newer")]
    moments = [
        [newer, older, stranger, *pods],
        [*ends, pod(1, ended("Completed", 0), of="newer"), pod(1, ended("Completed", 0), of="older")],
    ]
    assert followed(project, oc, moments)[0].stdout.splitlines() == printed("newer", 1)
    (oc / "now").unlink()
    assert followed(project, oc, moments, "job=older")[0].stdout.splitlines() == printed("older", 1)
    (oc / "now").unlink()
    assert followed(project, oc, moments, "job=job.batch/older")[0].stdout.splitlines() == printed("older", 1)


def test_who_may_not_read_events_still_sees_that_it_waits(project, oc, monkeypatch):
    monkeypatch.setenv("OC_FORBIDDEN", "events")
    done, lines = followed(project, oc, [[job(), event("Job", "a-job", "FailedCreate: no")], *DONE])
    assert lines == ["waiting: job/a-job has no pod", *FOLLOWED]
    assert done.returncode == 0


def test_a_cluster_that_does_not_answer_once_is_asked_again_and_one_that_never_does_is_told(project, oc):
    """Another exit code than that of a Job that failed."""
    stand_in = (oc / "oc").read_text()
    once = 'if [ ! -e "$OC_FOLDER/away" ]; then touch "$OC_FOLDER/away"; echo "error: no such host" >&2; exit 1; fi\n'
    (oc / "oc").write_text(stand_in.replace("exec", f'[ "$1" = whoami ] || {once}exec'))
    done, lines = followed(project, oc, DONE)
    assert (done.returncode, lines) == (0, FOLLOWED)
    (oc / "oc").write_text('#!/bin/sh\n[ "$1" = whoami ] || { echo "error: no such host" >&2; exit 1; }\n')
    (oc / "now").unlink()
    assert followed(project, oc, DONE)[1] == ["error: no such host"]
    script = ["sh", "openshift/logs.sh", "ml-project"]
    assert run(*script, cwd=project, check=False).returncode == 2


def test_a_log_that_may_not_be_read_is_told(project, oc):
    stand_in = (oc / "oc").read_text()
    refuse = '[ "$1" != logs ] || { echo "error: pods/log is forbidden" >&2; exit 1; }\n'
    (oc / "oc").write_text(stand_in.replace("exec", f"{refuse}exec"))
    done, lines = followed(project, oc, [[job(), pod(1, RUNNING)]])
    assert {*lines} == {
        FOLLOWED[0],
        "error: pods/log is forbidden",
        "error: pod/a-job-1 runs, and its log cannot be read",
    }
    assert len(lines) == 7
    assert done.returncode != 0
