"""A tracking server that fails while a model is fitted: the fit goes on, and its result gets to the server in the end."""

import signal
import ssl
import threading
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import mlflow
import pytest

from ..forks import forked
from ..helpers import away, experiment, refused, run, until
from .training import content, moments

SAID = {
    500: "the server answers 500",
    503: "the server answers 503",
    429: "the server answers 429",
    401: "the server does not know who you are; set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN",
    404: "the server answers 404",
    "slow": "it takes too long",
    "stalled": "it takes too long",
    "truncated": "the connection broke",
    "gone": "the connection broke",
    "html": "the server answers what is none of MLflow's; is it behind a log-in?",
}


@pytest.mark.parametrize("fault", SAID)
def test_what_a_server_does_not_take_is_kept_and_brought_over_once(fault, behind, proxy, server, undisturbed):
    with behind.training() as training:
        proxy.fault = fault
        training.reach_trouble()
        ended = training.let_go()
    assert ended.code == 75
    note, error = [line for line in ended.lines if not line.startswith("steady: ")]
    assert note.startswith(f"note: tracking store {proxy.address}: {SAID[fault]}; it is tried again")
    (folder,) = behind.spooled()
    assert error.startswith(f"error: tracking store {proxy.address}: {SAID[fault]}; the run is kept in {folder}; ")
    (kept,) = behind.runs(f"sqlite:///{folder}/mlflow.db")
    (begun,) = behind.runs()
    assert begun.info.status == "RUNNING"
    as_kept = moments(f"sqlite:///{folder}/mlflow.db", kept)

    behind.upload()
    (run,) = behind.runs()
    assert run.info.run_id == begun.info.run_id
    assert content(server, run) == undisturbed
    assert moments(server, run) == as_kept
    assert [file.name for file in folder.parent.iterdir()] == [".upload.lock"], "what has arrived is removed"


def test_a_server_that_comes_back_gets_the_run_itself(behind, proxy, server, undisturbed):
    behind.patience = "60"
    with behind.training() as training:
        proxy.fault = "gone"
        training.reach_trouble()
        proxy.fault = None
        assert training.line() == "note: the tracking store answers again"
        ended = training.let_go()
    assert ended.code == 0
    assert ended.lines[-1].startswith("run ")
    (run,) = behind.runs()
    assert content(server, run) == undisturbed
    assert behind.spooled() == []


def test_a_connection_that_is_cut_in_a_file_leaves_no_half_of_it(behind, proxy, server, undisturbed):
    behind.patience = "60"
    with behind.training() as training:
        proxy.fault, proxy.only, proxy.cut = "cut", "coefficients.png", 10_000
        training.release()
        assert proxy.hit.wait(60)
        assert training.line().startswith("steady: ")
        assert "the connection broke" in training.line()
        proxy.fault = None
        assert training.end().code == 0
    (run,) = behind.runs()
    assert content(server, run) == undisturbed


def test_metrics_flow_during_the_fit(behind):
    with behind.training("--steps", "6"):
        until(lambda: behind.runs()[0].data.metrics.get("speed") == 2, 60, "the newest metric of a fit that goes on")


@pytest.mark.parametrize(
    ("fault", "how", "part"),
    [(500, away, "answers 500"), (429, away, "answers 429"), ("html", refused, "behind a log-in")],
)
def test_a_server_that_is_of_no_use_is_told_before_the_fit(fault, how, part, behind, proxy):
    proxy.fault, proxy.only = fault, "/api/"
    how(experiment(behind.project, "train", "steady", env=behind.env, check=False), proxy.address, part)
    assert behind.runs() == []


@pytest.fixture
def untrusted(tmp_path):
    """The address of a server whose certificate nobody has signed but itself."""
    pem = tmp_path / "own.pem"
    key = ["openssl", "req", "-x509", "-nodes", "-newkey", "rsa:2048", "-subj", "/CN=127.0.0.1", "-days", "2"]
    run(*key, "-keyout", pem, "-out", tmp_path / "cert.pem", cwd=tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert.pem", pem)
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as web:
        web.socket = context.wrap_socket(web.socket, server_side=True)
        threading.Thread(target=web.serve_forever, daemon=True).start()
        yield f"https://127.0.0.1:{web.server_port}"
        web.shutdown()


def test_a_certificate_that_is_not_trusted_is_told_with_the_way_to_trust_it(steady, untrusted):
    there = {"MLFLOW_TRACKING_URI": untrusted}
    done = experiment(steady, "train", "steady", env=there, check=False)
    refused(done, f"{untrusted}: its certificate is not trusted", "MLFLOW_TRACKING_SERVER_CERT_PATH")
    there["MLFLOW_TRACKING_SERVER_CERT_PATH"] = "/nowhere.pem"
    refused(experiment(steady, "train", "steady", env=there, check=False), "CERT_PATH /nowhere.pem: no such file")


@pytest.mark.parametrize(("stop", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_run_that_is_stopped_while_its_server_is_away_is_kept_as_far_as_it_got(stop, code, behind, proxy, server):
    with behind.training("--steps", "8") as training:
        proxy.fault = "stalled"
        training.process.send_signal(stop)
        ended = training.end()
    assert ended.code == code
    assert ended.lines[-1] == f"stopped by signal {stop.value}"
    assert "the run is kept in" in ended.lines[-2]
    proxy.fault = None
    behind.upload()
    (run,) = behind.runs()
    assert run.info.status == "KILLED"
    history = mlflow.MlflowClient(server).get_metric_history(run.info.run_id, "loss")
    assert [point.step for point in history] == [0, 1, 2, 3]


def test_who_does_not_want_to_wait_for_the_server_keeps_the_finished_run_at_once(behind, proxy, server, undisturbed):
    behind.patience = "600"
    with behind.training() as training:
        proxy.fault = "gone"
        training.release()
        lines = [training.line() for _ in range(2)]
        assert any(line.startswith("steady: rmse") for line in lines), lines
        until(lambda: asleep(training.process.pid), 60, "the run waits for its server")
        training.process.send_signal(signal.SIGINT)
        assert training.end().code == 75
    behind.upload()
    (run,) = behind.runs()
    assert content(server, run) == undisturbed


def asleep(pid: int) -> bool:
    """Whether a process is there and does next to nothing: its threads have had no processor for a second, and none of
    them wants it then.
    """

    def threads() -> list[list[str]]:
        found = []
        for file in Path(f"/proc/{pid}/task").glob("*/stat"):
            with suppress(OSError):  # it has just ended
                state, *fields = file.read_text().rpartition(")")[2].split()
                found.append([state, *fields[10:12]])
        return found

    before = threads()
    time.sleep(1)
    return bool(before) and threads() == before and all(state == "S" for state, *_ in before)


def test_an_upload_that_is_killed_goes_on_where_it_was(behind, proxy, server, undisturbed):
    with behind.training() as training:
        proxy.fault = "gone"
        assert training.let_go().code == 75
    proxy.fault, proxy.only = "stalled", "/m-"  # the artifacts of a logged model
    proxy.hit.clear()
    with forked("-m", "experiment", "upload", cwd=behind.project, env=behind.env) as uploading:
        assert proxy.hit.wait(60)
        uploading.kill()
    (half,) = behind.runs()
    assert half.info.status == "RUNNING"
    proxy.fault = None
    assert "brought" in experiment(behind.project, "upload", "--leave", env=behind.env).stdout
    assert "is there already" in behind.upload()
    (run,) = behind.runs()
    assert content(server, run) == undisturbed
    client = mlflow.MlflowClient(server)
    assert len(client.search_logged_models([run.info.experiment_id])) == 1


def test_a_run_that_the_server_has_lost_is_brought_as_a_new_one(behind, proxy, server, undisturbed):
    with behind.training() as training:
        proxy.fault = "gone"
        assert training.let_go().code == 75
    (lost,) = behind.runs()
    mlflow.MlflowClient(server).delete_run(lost.info.run_id)
    behind.upload(leave=True)
    assert "is there already" in behind.upload()
    (run,) = behind.runs()
    assert run.info.run_id != lost.info.run_id
    assert content(server, run) == undisturbed


def test_a_second_attempt_of_a_job_is_linked_to_the_first(behind, server):
    behind.patience = "60"
    for pod in ("a-job-1", "a-job-2"):
        with behind.training(JOB_NAME="a-job", POD_NAME=pod) as training:
            if pod == "a-job-1":
                training.process.kill()
            else:
                assert training.let_go().code == 0
    second, first = behind.runs()
    assert (first.info.status, second.info.status) == ("KILLED", "FINISHED")
    assert second.data.tags["earlier_attempt"] == first.info.run_id
    assert second.data.tags["attempt"] == "2"
    assert "attempt" not in first.data.tags


@pytest.mark.parametrize("only", ["/runs/create", "/mlflow/logged-models "])
def test_an_answer_that_gets_lost_makes_no_twin(only, behind, proxy, server, undisturbed):
    behind.patience = "60"
    proxy.fault, proxy.only, proxy.times = "lost", only, 1
    with behind.started() as training:
        training.release()
        assert training.end().code == 0
    assert proxy.hit.is_set()
    (run,) = behind.runs()
    assert content(server, run) == undisturbed
    assert len(mlflow.MlflowClient(server).search_logged_models([run.info.experiment_id])) == 1


def test_a_server_that_is_away_when_a_training_starts_is_waited_for(behind, proxy, server, undisturbed):
    behind.patience, proxy.fault = "60", "gone"
    with behind.started() as training:
        assert training.line().endswith("; it is waited for")
        proxy.fault = None
        assert training.line() == "note: the tracking store answers again"
        training.release()
        assert training.end().code == 0
    assert content(server, *behind.runs()) == undisturbed


def test_who_presses_three_times_keeps_what_there_is(behind, proxy):
    with behind.training() as training:
        proxy.fault = "stalled"
        for _ in range(3):
            training.process.send_signal(signal.SIGINT)
            time.sleep(0.3)
        ended = training.end()
    assert ended.code == 130
    assert "the run is kept in" in ended.lines[-2]
    proxy.fault = None
    behind.upload()
    (run,) = behind.runs()
    assert run.info.status == "KILLED"
    assert run.data.metrics["loss"] == 1 / 5


def test_a_job_says_how_a_job_brings_what_is_kept(behind, proxy):
    with behind.training(JOB_NAME="a-job", POD_NAME="a-job-1") as training:
        proxy.fault = "gone"
        assert training.let_go().lines[-1].endswith("; later: make upload-job")
