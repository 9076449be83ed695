"""Starting programs so that none of them outlives the run, however it ends."""

import contextlib
import os
import subprocess

# Sends SIGTERM to the program when this process dies without having stopped it.
TIED_TO_US = ["setpriv", "--pdeathsig", "TERM"]


class Processes:
    """Everything that a run has started and not yet stopped. Programs are ended by their own id, the newest first."""

    def __init__(self):
        self.running = []

    def start(self, command, **options):
        # In a process group of its own, so that Ctrl-C in the terminal reaches us alone and we end things in order.
        process = subprocess.Popen(TIED_TO_US + list(command), process_group=0, **options)
        self.running.append(process)
        return process

    def stop(self, process, seconds=15):
        """SIGTERM, and SIGKILL if that was not enough; returns what the program still printed."""
        if process.poll() is None:
            process.terminate()
        try:
            out, _ = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            out, _ = process.communicate()
        if process in self.running:
            self.running.remove(process)
        return out

    def run(self, command, seconds, **options):
        """Starts, waits and returns what it printed; RuntimeError unless it ended well."""
        process = self.start(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)
        try:
            out, err = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            self.stop(process)
            raise RuntimeError(f"{command[0]}: not done after {seconds} s")
        self.running.remove(process)
        if process.returncode != 0:
            raise RuntimeError(f"{command[0]}: ended with {process.returncode}: {err.strip()[-400:]}")
        return out

    @contextlib.contextmanager
    def exporting(self, bodega, data):
        """The text of a stopped store, as somebody else's standard input."""
        process = self.start([bodega, "export", "--data", data], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        yield process.stdout
        process.stdout.close()
        if process.wait(60) != 0:
            raise RuntimeError(f"bodega export: ended with {process.returncode}")
        self.running.remove(process)

    def stop_all(self):
        while self.running:
            self.stop(self.running[-1])


def processor_seconds(pid):
    """User and system time that a process has used."""
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_bytes(pid, name="VmRSS"):
    with open(f"/proc/{pid}/status") as file:
        for line in file:
            if line.startswith(name + ":"):
                return int(line.split()[1]) * 1024
    raise RuntimeError(f"no {name} for process {pid}")
