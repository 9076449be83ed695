#!/usr/bin/python3
"""tests/support/ports.py: ports for servers that tests start. Run as a program it prints one."""
import random
import socket

FIRST = 10000
# No browser goes there.
UNSAFE = 10080


def free_port():
    """A port of 127.0.0.1 that nobody listens on at this moment, and that no outgoing connection is given by the system
    either: a server that is down for a while finds it free again."""
    with open('/proc/sys/net/ipv4/ip_local_port_range', encoding='ascii') as file:
        end = int(file.read().split()[0])
    draw = random.SystemRandom()
    while True:
        with socket.socket() as listener:
            port = draw.randrange(FIRST, end)
            if port == UNSAFE:
                continue
            try:
                listener.bind(('127.0.0.1', port))
            except OSError:
                continue
            return port


if __name__ == '__main__':
    print(free_port())
