"""tests/support/browser.py: a real Chromium, driven through its own protocol over a pair of pipes: pages are opened,
forms filled in and clicked as a person does it, without a script of the page's ever running."""
import base64
import json
import os
import select
import shutil
import subprocess
import time

CHROMIUM = shutil.which('chromium')
HANG_SECONDS = 30
# As narrow as phones are, touched; and a window on a desk.
SIZES = {'phone': (390, 844, True), 'desktop': (1280, 900, False)}


def screenshot(url, path, width, height, folder):
    """The page as a window of that size shows it. A page that cannot be loaded is said on stderr and nowhere else."""
    run = subprocess.run([CHROMIUM, '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
                          '--disable-background-networking', '--disable-component-update', '--disable-sync',
                          '--hide-scrollbars', f'--user-data-dir={folder}', f'--window-size={width},{height}',
                          f'--screenshot={path}', url], check=True, capture_output=True, text=True, timeout=100)
    assert os.path.exists(path) and os.path.getsize(path) > 10000, run.stderr
    keep(path)


def keep(path):
    """For people to look at."""
    if os.environ.get('KEEP_SCREENSHOTS'):
        shutil.copy(path, os.environ['KEEP_SCREENSHOTS'])


class Browser:
    """One process with a profile of its own in `folder`."""

    def __init__(self, folder):
        to_read, self.to = os.pipe()
        self.of, to_write = os.pipe()
        # What Chromium reads is its descriptor 3, what it writes 4; the numbers above are free of either.
        command = [CHROMIUM, '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
                   '--disable-background-networking', '--disable-component-update', '--disable-sync',
                   '--hide-scrollbars', f'--user-data-dir={folder}', '--remote-debugging-pipe', 'about:blank']
        shell = f'exec {to_read + 100}<&{to_read} {to_write + 100}>&{to_write}; exec "$@" 3<&{to_read + 100} ' \
                f'4>&{to_write + 100}'
        self.process = subprocess.Popen(['bash', '-c', shell, 'bash', *command], pass_fds=(to_read, to_write),
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(to_read)
        os.close(to_write)
        self.buffer, self.last = b'', 0

    def close(self):
        try:
            self.call('Browser.close')
        except (AssertionError, OSError):
            self.process.kill()
        self.process.wait(HANG_SECONDS)
        os.close(self.to)
        os.close(self.of)

    def read(self, deadline):
        while b'\0' not in self.buffer:
            assert select.select([self.of], [], [], max(0, deadline - time.monotonic()))[0], 'Chromium says nothing'
            piece = os.read(self.of, 1 << 20)
            assert piece, 'Chromium has ended'
            self.buffer += piece
        message, self.buffer = self.buffer.split(b'\0', 1)
        return json.loads(message)

    def send(self, method, session=None, **params):
        """Whose answer nobody waits for: the next call reads past it."""
        self.last += 1
        message = {'id': self.last, 'method': method, 'params': params, **({'sessionId': session} if session else {})}
        data = json.dumps(message).encode() + b'\0'
        while data:
            data = data[os.write(self.to, data):]

    def call(self, method, session=None, **params):
        self.send(method, session, **params)
        deadline = time.monotonic() + HANG_SECONDS
        while True:
            answer = self.read(deadline)
            if answer.get('id') == self.last:
                assert 'error' not in answer, (method, answer['error'])
                return answer['result']


class Tab:
    """A tab of the browser, of one of SIZES; what a page would like to run, it does not."""

    def __init__(self, browser, size):
        self.browser = browser
        target = browser.call('Target.createTarget', url='about:blank')['targetId']
        self.session = browser.call('Target.attachToTarget', targetId=target, flatten=True)['sessionId']
        self.width, self.height, self.is_phone = SIZES[size]
        self.call('Page.enable')
        self.call('Emulation.setScriptExecutionDisabled', value=True)
        self.call('Emulation.setDeviceMetricsOverride', width=self.width, height=self.height, deviceScaleFactor=1,
                  mobile=self.is_phone)

    def call(self, method, **params):
        return self.browser.call(method, self.session, **params)

    def ask(self, expression):
        """What the expression is in the page; asked by us, so it may be a script."""
        answer = self.call('Runtime.evaluate', expression=expression, returnByValue=True)
        assert 'exceptionDetails' not in answer, answer
        return answer['result'].get('value')

    def wait_until(self, expression):
        """A page that is on its way answers for the one before it, or for none."""
        deadline = time.monotonic() + HANG_SECONDS
        while True:
            try:
                if self.ask(f'document.readyState === "complete" && Boolean({expression})'):
                    return
            except AssertionError:
                pass
            assert time.monotonic() < deadline, (expression, self.url(), self.text())
            time.sleep(0.02)

    def url(self):
        return self.ask('location.href')

    def text(self):
        return self.ask('document.body.innerText')

    def wait_for(self, words):
        self.wait_until(f'document.body.innerText.includes({json.dumps(words)})')

    def open(self, url):
        answer = self.call('Page.navigate', url=url)
        assert 'errorText' not in answer, answer
        self.wait_until(f'location.href === {json.dumps(url)}')

    def back(self):
        history = self.call('Page.getNavigationHistory')
        entry = history['entries'][history['currentIndex'] - 1]
        self.call('Page.navigateToHistoryEntry', entryId=entry['id'])
        self.wait_until(f'location.href === {json.dumps(entry["url"])}')

    def type(self, name, text):
        self.ask(f'document.querySelector("input[name={name}]").select()')
        self.call('Input.insertText', text=text)

    def click(self, selector, times=1):
        """As a mouse does: `times` presses without a pause, where the element is. A page that is left over one of them
        may never confirm the next."""
        quoted = json.dumps(selector)
        self.ask(f'document.querySelector({quoted}).scrollIntoView({{block: "center"}})')
        x, y = self.ask(f'(r => [r.x + r.width / 2, r.y + r.height / 2])'
                        f'(document.querySelector({quoted}).getBoundingClientRect())')
        for count in range(1, times + 1):
            for kind in ('mousePressed', 'mouseReleased'):
                self.browser.send('Input.dispatchMouseEvent', self.session, type=kind, x=x, y=y, button='left',
                                  clickCount=count)

    def fits(self):
        """Nothing is wider than the window, and what is touched is large enough for a thumb."""
        assert self.ask('document.documentElement.scrollWidth') <= self.width
        for height in self.ask('[...document.querySelectorAll("button:not(.quiet), input:not([type=hidden])")]'
                               '.map(e => e.getBoundingClientRect().height)'):
            assert height >= 40, self.url()

    def picture(self, path):
        """The whole page."""
        self.call('Page.bringToFront')  # a tab behind another one draws nothing
        shot = self.call('Page.captureScreenshot', captureBeyondViewport=True)
        with open(path, 'wb') as file:
            file.write(base64.b64decode(shot['data']))
        keep(path)
