"""tests/support/two_nodes.py: two `bodega demo` on one PostgreSQL database: the same shop through two doors."""
import os
import shutil

from demo import Demo, close_all, new_store


class TwoNodes:
    def __init__(self, folder, postgres):
        self.store = new_store(postgres)
        self.all = [Demo(folder / f'node{i}', '--store', self.store) for i in (0, 1)]

    def start(self):
        first, second = self.all
        first.start()
        os.makedirs(second.data, mode=0o700)
        for name in ('master.key', 'master.key.sign', 'demo-credentials.json', 'store.uri'):
            shutil.copy(os.path.join(first.data, name), second.data)
        second.start()
        return self

    def verify(self):
        self.all[0].verify()

    def close(self):
        close_all(*(node.stop for node in self.all))
