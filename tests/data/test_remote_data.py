"""Data over https:// from a real TLS server, and from s3:// in a real Ceph."""

import datetime
import functools
import http.server
import ipaddress
import json
import shutil
import ssl
import threading

import pytest

from ..cluster.ceph import INSTALL, Ceph
from ..helpers import experiment, refused, runs

ROWS = "a,b,y\n" + "".join(f"{n},{n * n % 11},{n % 7}\n" for n in range(40))


@pytest.fixture
def certificate(tmp_path):
    """A key and a certificate for 127.0.0.1, signed by itself."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.datetime.now(datetime.UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "test")])
    host = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    made = made.not_valid_before(now).not_valid_after(now + datetime.timedelta(days=1))
    signed = made.add_extension(host, critical=False).sign(key, hashes.SHA256())
    plain = serialization.NoEncryption()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    (tmp_path / "cert.pem").write_bytes(signed.public_bytes(serialization.Encoding.PEM) + pem)
    return tmp_path / "cert.pem"


@pytest.fixture
def https(tmp_path, certificate):
    """The address of a web server over TLS that serves a folder with one table."""
    (tmp_path / "web").mkdir()
    (tmp_path / "web" / "rows.csv").write_text(ROWS)
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=tmp_path / "web")
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as web:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        web.socket = context.wrap_socket(web.socket, server_side=True)
        threading.Thread(target=web.serve_forever, daemon=True).start()
        yield f"https://127.0.0.1:{web.server_port}"
        web.shutdown()


def test_trains_on_a_table_from_https(project, store, https, certificate):
    trusting = {"SSL_CERT_FILE": str(certificate)}
    words = ("train", "elasticnet", "--target", "y", "--data")
    experiment(project, *words, f"{https}/rows.csv?token=hunter2", env=trusting)
    dataset = runs(store)[0].inputs.dataset_inputs[0].dataset
    assert dataset.name == "rows"
    assert f"{https}/rows.csv" in dataset.source
    assert "hunter2" not in dataset.source

    refused(experiment(project, *words, f"{https}/none.csv", env=trusting, check=False), f"{https}/none.csv")
    refused(experiment(project, *words, f"{https}/rows.csv", env={"SSL_CERT_FILE": "/dev/null"}, check=False), "cert")


@pytest.mark.e2e
@pytest.mark.skipif(not shutil.which("radosgw"), reason=f"needs Ceph: {INSTALL}")
def test_trains_on_a_table_from_ceph_s3(project, store, tmp_path_factory):
    import fsspec
    import pandas as pd

    (folder := tmp_path_factory.mktemp("ceph")).chmod(0o755)
    with Ceph(folder) as environment:
        options = {
            "key": environment["AWS_ACCESS_KEY_ID"],
            "secret": environment["AWS_SECRET_ACCESS_KEY"],
            "endpoint_url": environment["AWS_ENDPOINT_URL"],
        }
        s3 = fsspec.filesystem("s3", **options)
        s3.mkdir("data")
        pd.DataFrame({"a": range(40), "y": [n % 7 for n in range(40)]}).to_parquet(folder / "rows.parquet")
        s3.put(str(folder / "rows.parquet"), "data/rows.parquet")

        words = ("train", "elasticnet", "--target", "y", "--data")
        experiment(project, *words, "s3://data/rows.parquet", env=environment)
        dataset = runs(store)[0].inputs.dataset_inputs[0].dataset
        assert "s3://data/rows.parquet" in dataset.source
        refused(experiment(project, *words, "s3://data/none.csv", env=environment, check=False), "s3://data/none.csv")
        s3.put(str(folder / "rows.parquet"), "data/parts/0.parquet")
        refused(experiment(project, *words, "s3://data/parts", env=environment, check=False), "it is a folder")
        wrong = environment | {"AWS_SECRET_ACCESS_KEY": "guessed"}
        refused(experiment(project, *words, "s3://data/rows.parquet", env=wrong, check=False), "s3://data/rows.parquet")

        run_id = runs(store)[0].info.run_id
        words = ("predict", "elasticnet", "--run", run_id, "--keep=a", "--data", "s3://data/parts", "--out")
        for out in ("s3://data/out.parquet", "s3://data/out.csv", folder / "out.parquet"):
            experiment(project, *words, out, env=environment)
        local, parquet = pd.read_parquet(folder / "out.parquet"), pd.read_parquet(s3.open("data/out.parquet"))
        assert parquet.equals(local)
        assert pd.read_csv(s3.open("data/out.csv")).y.tolist() == pytest.approx(local.y.tolist())
        assert json.loads(s3.cat("data/out.csv.json"))["data"] == "s3://data/parts"
        (folder / "bad.csv").write_text("a,y\n1,2\nx,3\n")
        s3.put(str(folder / "bad.csv"), "data/bad.csv")
        before = s3.ls("data")
        bad = experiment(
            project, *words[:-2], "s3://data/bad.csv", "--out", "s3://data/out.csv", env=environment, check=False
        )
        refused(bad, "s3://data/bad.csv: column a holds 'x' in row 2")
        nowhere = experiment(project, *words, "s3://nowhere/out.csv", env=environment, check=False)
        refused(nowhere, "--out s3://nowhere/out.csv: cannot be written")
        inside = experiment(project, *words, "s3://data/parts/out.csv", env=environment, check=False)
        refused(inside, "is what --data reads")
        s3.invalidate_cache()
        assert s3.ls("data") == before
