"""Load: our generator and receiver, wrk, and nginx as the reference that serves bytes from files."""

import json
import os
import re
import subprocess
import threading
import time
import http.client

from ports import free_port

NGINX = """
worker_processes 1;
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
{user}
events {{ worker_connections 1024; }}
http {{
    access_log off;
    default_type application/json;
    keepalive_requests 1000000000;
    sendfile on;
    tcp_nopush on;
    open_file_cache max=1000;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{port};
        root {folder}/files;
        location = /created {{ return 201 '{{}}'; }}
    }}
}}
"""


class Nginx:
    """One worker without a log, serving files from memory: how fast these bytes can leave this machine."""

    def __init__(self, bench):
        self.bench = bench
        self.folder = bench.folder("nginx")
        self.port = free_port()
        os.makedirs(os.path.join(self.folder, "files"))
        user = "user root;" if os.geteuid() == 0 else ""
        with open(os.path.join(self.folder, "nginx.conf"), "w") as file:
            file.write(NGINX.format(folder=self.folder, port=self.port, user=user))
        self.process = bench.processes.start(
            [bench.nginx, "-p", self.folder, "-c", os.path.join(self.folder, "nginx.conf")], stderr=subprocess.DEVNULL)
        for _ in range(500):
            try:
                http.client.HTTPConnection("127.0.0.1", self.port, timeout=5).request("GET", "/")
                return
            except OSError:
                time.sleep(0.01)
        raise RuntimeError("nginx does not answer")

    def put(self, name, body):
        """Returns the path under which the bytes are served."""
        with open(os.path.join(self.folder, "files", name), "wb") as file:
            file.write(body)
        return "/" + name

    def stop(self):
        self.bench.processes.stop(self.process)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


def wrk(bench, url, connections, seconds, headers):
    """Requests a second and percentiles as wrk sees them; whatever is not 2xx or 3xx is counted as an error."""
    command = [bench.wrk, "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", url]
    for name, value in headers.items():
        command[1:1] = ["-H", f"{name}: {value}"]
    out = bench.processes.run(command, seconds + 60)
    per_second = float(re.search(r"Requests/sec:\s+([\d.]+)", out).group(1))
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", out)
    broken = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", out)
    errors = (int(refused.group(1)) if refused else 0) + (sum(map(int, broken.groups())) if broken else 0)
    return {"per_second": per_second, "errors": errors,
            "p50_ms": _duration(out, "50%"), "p99_ms": _duration(out, "99%")}


def _duration(text, name):
    value, unit = re.search(rf"^\s+{name}\s+([\d.]+)(us|ms|s|m)$", text, re.M).groups()
    return float(value) * {"us": 0.001, "ms": 1, "s": 1000, "m": 60000}[unit]


class Generator:
    """One run of loadgen, in the background until result() is asked for."""

    def __init__(self, bench, port, seconds, **options):
        command = [bench.program("loadgen"), "--port", str(port), "--seconds", str(seconds)]
        for name, value in options.items():
            if value is None or value is False:
                continue
            command.append("--" + name.replace("_", "-"))
            if value is not True:
                command.append(str(value))
        self.bench = bench
        self.limit = seconds + options.get("warmup", 0) + 120
        self.process = bench.processes.start(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def running(self):
        return self.process.poll() is None

    def result(self):
        out, err = self.process.communicate(timeout=self.limit)
        self.bench.processes.running.remove(self.process)
        if self.process.returncode != 0:
            raise RuntimeError(f"loadgen ended with {self.process.returncode}: {err.strip()}")
        return json.loads(out)


def generate(bench, port, seconds, **options):
    return Generator(bench, port, seconds, **options).result()


class Receiver:
    """The callback receiver and, while sampling, its count a second."""

    def __init__(self, bench):
        self.bench = bench
        self.process = bench.processes.start([bench.program("receiver")], stdout=subprocess.PIPE, text=True)
        self.port = json.loads(self.process.stdout.readline())["port"]
        self.url = f"http://127.0.0.1:{self.port}/callbacks"
        self.samples = []
        self._ending = threading.Event()
        self._thread = None

    def counts(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request("GET", "/count")
        counts = json.loads(connection.getresponse().read())
        connection.close()
        return counts

    def sample(self):
        """Starts noting (wall clock in seconds, distinct deliveries) four times a second."""
        def loop():
            while not self._ending.wait(0.25):
                self.samples.append((time.time(), self.counts()["distinct"]))
        self.samples = []
        self._ending.clear()
        self._thread = threading.Thread(target=loop, daemon=True)
        self._thread.start()

    def end_sampling(self):
        self._ending.set()
        if self._thread:
            self._thread.join()
        self._thread = None
        return self.samples

    def stop(self):
        self.end_sampling()
        self.bench.processes.stop(self.process)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
