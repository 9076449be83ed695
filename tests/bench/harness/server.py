"""The server under test, started as anybody would: `bodega demo`, its credentials file, SIGTERM."""

import base64
import http.client
import json
import os
import time
import urllib.parse

from ports import free_port

from . import processes


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def json(self):
        return json.loads(self.body)


class Bodega:
    """One running demo server over one data folder."""

    def __init__(self, bench, data, products=None, time_scale=None, sharded=False, webhook_url=None):
        self.bench, self.data = bench, data
        os.makedirs(data, exist_ok=True)
        self.credentials_path = os.path.join(data, "bench-credentials.json")
        self.log_path = os.path.join(data, "bench-server.log")
        if os.path.exists(self.credentials_path):
            os.unlink(self.credentials_path)
        self.port = free_port()
        command = [bench.bodega, "demo", "--data", data, "--listen", f"127.0.0.1:{self.port}", "--credentials",
                   self.credentials_path, "--rate-limit", "1000000"]
        if sharded:
            command += ["--shard-listen", f"127.0.0.1:{free_port()}"]
        if webhook_url:
            command += ["--webhook-url", webhook_url]
        if products:
            command += ["--products", str(products)]
        if time_scale:
            command += ["--time-scale", str(time_scale)]
        before = time.monotonic()
        with open(self.log_path, "ab") as log:
            self.process = bench.processes.start(command, stdout=log, stderr=log)
        self._wait(before)

    def _wait(self, before):
        """The credentials file is written once connections are accepted; it must be whole to be read."""
        deadline = before + self.bench.start_seconds
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise RuntimeError(f"bodega ended with {self.process.returncode}: {self.log_tail()}")
            try:
                with open(self.credentials_path) as file:
                    self.credentials = json.load(file)
                self.started_seconds = time.monotonic() - before
                return
            except (OSError, ValueError):
                time.sleep(0.002)
        raise RuntimeError(f"bodega not ready after {self.bench.start_seconds} s: {self.log_tail()}")

    def log_tail(self):
        with open(self.log_path, "rb") as file:
            return file.read()[-600:].decode(errors="replace").strip()

    def stop(self):
        self.bench.processes.stop(self.process, 30)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def memory_bytes(self, name="VmRSS"):
        return processes.memory_bytes(self.process.pid, name)

    def processor_seconds(self):
        return processes.processor_seconds(self.process.pid)

    def secret_of(self, partner="main"):
        dvs = self.credentials["partners"][partner]["dvs"]
        return f"{dvs['key']}:{dvs['secret']}"

    def credentials_file(self, partners=("main",)):
        path = os.path.join(self.data, "bench-" + "-".join(partners))
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.writelines(self.secret_of(name) + "\n" for name in partners)
        return path

    def authorization(self, partner="main"):
        return "Basic " + base64.b64encode(self.secret_of(partner).encode()).decode()

    def request(self, method, path, body=None, partner="main", authorization=None, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {"Authorization": authorization or self.authorization(partner), **(headers or {})}
        if body is not None:
            headers["Content-Type"] = "application/json"
            body = json.dumps(body)
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        answer = Answer(response.status, response.headers, response.read())
        connection.close()
        return answer

    def get(self, path, authorization=None, headers=None, **query):
        if query:
            path += "?" + urllib.parse.urlencode(query)
        answer = self.request("GET", path, authorization=authorization, headers=headers)
        if answer.status != 200:
            raise RuntimeError(f"GET {path}: {answer.status} {answer.body[:200]!r}")
        return answer

    def order_ids(self, count):
        """The newest orders of the main partner, through the list that a partner has."""
        ids = []
        for page in range(1, count // 100 + 2):
            answer = self.request("GET", f"/v1/transactions?per_page=100&page={page}")
            if answer.status != 200:
                break
            found = [order["id"] for order in answer.json()]
            ids += found
            if len(found) < 100:
                break
        return ids[:count]
