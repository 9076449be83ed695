"""tests/support/hosts.py: several hosts on one machine: network namespaces, each with an address in a front network
(clients, suppliers, nodes) and, where it needs one, in a back network (nodes, databases).

Both networks are bridges in a namespace of their own, so that nothing of the machine's own network is touched and
several runs do not meet. A host is left by its processes when close() is called.
"""
import contextlib
import ctypes
import os
import subprocess
import time

from demo import HANG_SECONDS

CLONE_NEWNET = 0x40000000
_libc = ctypes.CDLL(None, use_errno=True)


def ip(*arguments):
    subprocess.run(['ip', *arguments], check=True, capture_output=True, text=True)


def why_not():
    """Why there can be no hosts on this machine, or None."""
    if os.geteuid() != 0:
        return 'network namespaces need root'
    name = f'bodega-try-{os.getpid()}'
    try:
        ip('netns', 'add', name)
        try:
            ip('-n', name, 'link', 'add', 'try', 'type', 'bridge')
            ip('-n', name, 'link', 'add', 'try0', 'type', 'veth', 'peer', 'name', 'try1')
        finally:
            ip('netns', 'del', name)
    except (OSError, subprocess.CalledProcessError) as problem:
        return f'network namespaces are forbidden here: {getattr(problem, "stderr", None) or problem}'.strip()
    return None


@contextlib.contextmanager
def network_of(name):
    """The calling thread makes its sockets in that namespace; those made before stay where they are."""
    with open('/proc/thread-self/ns/net', 'rb') as before, open(f'/run/netns/{name}', 'rb') as there:
        assert _libc.setns(there.fileno(), CLONE_NEWNET) == 0, os.strerror(ctypes.get_errno())
        try:
            yield
        finally:
            assert _libc.setns(before.fileno(), CLONE_NEWNET) == 0, os.strerror(ctypes.get_errno())


class Host:
    """A name, a namespace, and its addresses: .front and, if it is connected there, .back."""

    def __init__(self, network, name, number, nets):
        self.network = network
        self.name = name
        self.netns = f'{network.prefix}-{name}'
        ip('netns', 'add', self.netns)
        ip('-n', self.netns, 'link', 'set', 'lo', 'up')
        for index, net in enumerate(network.NETS):
            address = f'10.{net_number(index)}.0.{number}'
            setattr(self, net, address if net in nets else None)
            if net in nets:
                self.plug(net, number, address)

    def plug(self, net, number, address):
        port = f'{net}{number}'
        ip('-n', self.network.hub, 'link', 'add', port, 'type', 'veth', 'peer', 'name', net, 'netns', self.netns)
        ip('-n', self.network.hub, 'link', 'set', port, 'master', net, 'up')
        ip('-n', self.netns, 'addr', 'add', f'{address}/24', 'dev', net)
        ip('-n', self.netns, 'link', 'set', net, 'up')
        self.ports = {**getattr(self, 'ports', {}), net: port}

    def unplug(self, net):
        """What is sent from now on is lost without a word, in both directions."""
        ip('-n', self.network.hub, 'link', 'set', self.ports[net], 'down')

    def replug(self, net):
        ip('-n', self.network.hub, 'link', 'set', self.ports[net], 'up')

    def command(self, *words):
        return ['ip', 'netns', 'exec', self.netns, *map(str, words)]

    def start(self, *words, log, **more):
        with open(log, 'ab') as output:
            return subprocess.Popen(self.command(*words), stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                                    **more)

    def run(self, *words):
        run = subprocess.run(self.command(*words), capture_output=True, text=True, timeout=HANG_SECONDS)
        assert run.returncode == 0, f'{words}: {run.returncode}\n{run.stdout}{run.stderr}'
        return run.stdout

    def inside(self):
        return network_of(self.netns)


def net_number(index):
    return 201 + index


class Network:
    NETS = ('front', 'back')

    def __init__(self):
        self.prefix = f'bodega-{os.getpid()}-{time.monotonic_ns() % 100000}'
        self.hub = f'{self.prefix}-hub'
        self.hosts = []
        ip('netns', 'add', self.hub)
        for net in self.NETS:
            ip('-n', self.hub, 'link', 'add', net, 'type', 'bridge')
            ip('-n', self.hub, 'link', 'set', net, 'up')

    def host(self, name, *nets):
        host = Host(self, name, len(self.hosts) + 11, nets)
        self.hosts.append(host)
        return host

    def close(self):
        for host in self.hosts:
            ip('netns', 'del', host.netns)
        ip('netns', 'del', self.hub)
