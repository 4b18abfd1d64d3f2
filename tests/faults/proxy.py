"""A proxy in front of a real tracking server, which does to its answers what a network, a router or a gateway does."""

import http.client
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

PAGE = b"<!doctype html><html><title>Log in</title><body>Please log in.</body></html>"


class Proxy(ThreadingHTTPServer):
    """fault: what happens to requests whose path and a blank hold `only`, to so many of them, if `times` says how many; None: all
    is well; a float: so many seconds pass. cut: bytes that come through of each body that is sent, before the connection
    is gone.
    """

    daemon_threads, request_queue_size = True, 64

    def __init__(self, server: str):
        self.behind = urlsplit(server).netloc
        self.fault: str | int | float | None = None
        self.only, self.times, self.cut, self.hit = "/", -1, 0, threading.Event()
        self.over = threading.Event()
        super().__init__(("127.0.0.1", 0), Handler)

    def start(self) -> None:
        """Answer, also again after `die`."""
        if self.socket.fileno() < 0:
            self.socket = socket.create_server(self.server_address, backlog=self.request_queue_size)
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()

    def die(self) -> None:
        """Nobody listens any more."""
        self.shutdown()
        self._thread.join()
        self.server_close()

    def handle_error(self, *_):
        """A client that was cut off is what this is for."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        fault = self.server.fault if self.server.only in f"{self.path} " and self.server.times else None
        if fault is not None:
            self.server.times -= 1
            self.server.hit.set()
        size = int(self.headers.get("Content-Length") or 0)
        if fault == "cut" and size:
            self.rfile.read(min(size, self.server.cut))
            return self.hang_up()
        body = self.rfile.read(size)
        if fault == "stalled":
            self.server.over.wait()
            return self.hang_up()
        if fault == "gone":
            return self.hang_up()
        if isinstance(fault, int):
            return self.answer(fault, b"upstream is not there", {"Retry-After": "3600"})
        if fault == "html":
            return self.answer(200, PAGE, {"Content-Type": "text/html"})
        if fault == "slow" or isinstance(fault, float):
            self.server.over.wait(10 if fault == "slow" else fault)
        behind = http.client.HTTPConnection(self.server.behind, timeout=120)
        headers = {key: value for key, value in self.headers.items() if key != "Host"}
        behind.request(self.command, self.path, body, headers | {"Host": self.server.behind})
        answer = behind.getresponse()
        content = answer.read()
        behind.close()
        if fault == "lost":
            return self.hang_up()
        kept = {key: value for key, value in answer.getheaders() if key == "Content-Type"}
        self.answer(answer.status, content, kept, whole=fault != "truncated")
        return None

    do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_GET

    def answer(self, status: int, content: bytes, headers: dict[str, str], whole: bool = True) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content if whole else content[: len(content) // 2])
        if not whole:
            self.hang_up()

    def hang_up(self) -> None:
        self.close_connection = True
        self.connection.close()

    def log_message(self, *_):
        """Be quiet."""


@contextmanager
def proxied(server: str) -> Iterator[Proxy]:
    """A proxy that runs; `address` is its own."""
    proxy = Proxy(server)
    proxy.address = f"http://127.0.0.1:{proxy.server_port}"
    proxy.start()
    try:
        yield proxy
    finally:
        proxy.over.set()
        proxy.die()
