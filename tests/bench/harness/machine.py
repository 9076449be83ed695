"""What the figures were made on: two runs are comparable only if these lines are."""

import os
import platform
import sqlite3
import subprocess
import time


def _first(path, prefix):
    try:
        with open(path) as file:
            for line in file:
                if line.startswith(prefix):
                    return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return "unknown"


def _version(*command):
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=10)
        return done.stdout.strip().splitlines()[0] if done.stdout.strip() else "unknown"
    except (OSError, subprocess.TimeoutExpired):
        return "not installed"


def _packages():
    names = ["libmicrohttpd12", "libsqlite3-0", "libcurl4", "libsodium23", "libssl3", "libpq5", "postgresql-15",
             "nginx-light", "wrk"]
    try:
        done = subprocess.run(["dpkg-query", "-W", "-f", "${Package} ${Version}\n"] + names, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, text=True, timeout=10)
    except (OSError, subprocess.TimeoutExpired):
        return {}
    return dict(line.split(" ", 1) for line in done.stdout.splitlines() if " " in line.strip())


def flush_rate(folder, seconds=2.0):
    """Appends 4 KiB and waits for the disk, again and again: how often a second, and how long one takes in ms."""
    path = os.path.join(folder, "flush")
    block = os.urandom(4096)
    taken = []
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            before = time.perf_counter()
            os.write(fd, block)
            os.fdatasync(fd)
            taken.append(time.perf_counter() - before)
    finally:
        os.close(fd)
        os.unlink(path)
    taken.sort()
    return {"per_second": len(taken) / sum(taken), "p50_ms": taken[len(taken) // 2] * 1000,
            "p99_ms": taken[int(len(taken) * 0.99)] * 1000}


def _filesystem(folder):
    done = subprocess.run(["stat", "-f", "-c", "%T", folder], stdout=subprocess.PIPE, text=True)
    return done.stdout.strip()


def describe(folder, bodega, seconds):
    with open("/proc/meminfo") as file:
        total_kib = int(file.readline().split()[1])
    return {
        "processor": _first("/proc/cpuinfo", "model name"),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": round(total_kib / 1024 / 1024, 1),
        "kernel": platform.release(),
        "load_before": os.getloadavg()[0],
        "folder": folder,
        "filesystem": _filesystem(folder),
        "flush": flush_rate(folder, seconds),
        "bodega": _version(bodega, "--version"),
        "python_sqlite": sqlite3.sqlite_version,
        "packages": _packages(),
    }
