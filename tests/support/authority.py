"""tests/support/authority.py: a certificate authority of one's own, for receivers and suppliers that speak TLS."""
import subprocess


def openssl(*arguments, **more):
    return subprocess.run(['openssl', *map(str, arguments)], check=True, capture_output=True, **more)


class Authority:
    """`file` is what is trusted; certificate(name) is a file with a certificate for that host, and its key."""

    def __init__(self, folder):
        folder.mkdir(exist_ok=True)
        self.folder, self.file, self.key = folder, folder / 'authority.pem', folder / 'authority.key'
        self.make(self.file, self.key, '/CN=Authority of a test', 'basicConstraints=critical,CA:TRUE')

    @staticmethod
    def make(file, key, subject, extension, *signed_by):
        openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', 2,
                '-subj', subject, '-addext', extension, '-keyout', key, '-out', file, *signed_by)

    def certificate(self, host):
        file, key = self.folder / f'{host}.pem', self.folder / f'{host}.key'
        self.make(file, key, f'/CN={host}', f'subjectAltName=DNS:{host}', '-CA', self.file, '-CAkey', self.key)
        file.write_text(file.read_text() + key.read_text())
        return file
