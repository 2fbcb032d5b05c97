"""Take pictures of a report as people see it: `python scripts/report_pictures.py REPORT.html FOLDER [--top HEIGHT]`.

Writes the page at the widths of a phone and of a desk, light and dark, and printed as a PDF, and exits with 1 where the
page has to be scrolled sideways. `--top` cuts the pictures off below that many pixels. Needs `chromium`, which gets no
network; no test needs this.
"""

from __future__ import annotations

import argparse
import base64
import itertools
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

ROOT: Final = Path(__file__).parents[1]
WIDTHS: Final = (360, 1280)
SCHEMES: Final = ("light", "dark")
A4: Final = {"paperWidth": 8.27, "paperHeight": 11.69, "preferCSSPageSize": True, "printBackground": True}
_FLAGS: Final = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update", "--remote-debugging-pipe", "about:blank"),
)
_CHUNK: Final = 1 << 20


class Browser:
    """A browser without a network, spoken to by the DevTools protocol over its descriptors 3 and 4."""

    def __init__(self, folder: Path) -> None:
        read_here, write_there = os.pipe()
        read_there, write_here = os.pipe()
        self._numbers = itertools.count(1)
        self._read, self._write, self._rest = read_here, write_here, b""
        # The shell between puts our ends where the browser looks for them, whatever their numbers are here.
        moved = f'exec "$0" "$@" 3<&{read_there} 4>&{write_there}'
        browser = (str(ROOT / "scripts" / "netless"), "chromium", f"--user-data-dir={folder}", *_FLAGS)
        self._process = subprocess.Popen(
            ("bash", "-c", moved, *browser), pass_fds=(read_there, write_there), stderr=subprocess.DEVNULL
        )
        os.close(read_there)
        os.close(write_there)
        target = self.ask("Target.createTarget", {"url": "about:blank"})["targetId"]
        self._session = self.ask("Target.attachToTarget", {"targetId": target, "flatten": True})["sessionId"]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, failure: BaseException | None, at: TracebackType | None
    ) -> None:
        self._process.terminate()
        self._process.wait()
        os.close(self._read)
        os.close(self._write)

    def ask(self, method: str, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return what the browser answers to a command.

        Raises:
            RuntimeError: where it refuses it or has ended.
        """
        number = next(self._numbers)
        session = {"sessionId": self._session} if hasattr(self, "_session") else {}
        said = json.dumps({"id": number, "method": method, "params": arguments, **session})
        os.write(self._write, said.encode() + b"\0")
        for message in self._messages():
            if message.get("id") == number:
                if "error" in message:
                    raise RuntimeError(f"{method}: {message['error']}")
                return message["result"]
        raise RuntimeError("The browser has ended. Is chromium installed?")

    def wait(self, event: str) -> None:
        """Wait until the browser tells of an event."""
        for message in self._messages():
            if message.get("method") == event:
                return

    def _messages(self) -> Iterator[Mapping[str, Any]]:
        while True:
            while b"\0" not in self._rest:
                chunk = os.read(self._read, _CHUNK)
                if not chunk:
                    return
                self._rest += chunk
            message, _, self._rest = self._rest.partition(b"\0")
            yield json.loads(message)


def show(browser: Browser, page: Path, width: int, scheme: str) -> tuple[int, int]:
    """Open a page at a width of the screen and in a scheme of colors; return how wide and high it is in pixels."""
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    screen = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < WIDTHS[-1]}
    browser.ask("Emulation.setEmulatedMedia", {"features": features})
    browser.ask("Emulation.setDeviceMetricsOverride", screen)
    browser.ask("Page.enable", {})
    browser.ask("Page.navigate", {"url": page.resolve().as_uri()})
    browser.wait("Page.loadEventFired")
    size = browser.ask("Page.getLayoutMetrics", {})["cssContentSize"]
    return int(size["width"]), int(size["height"])


def picture(browser: Browser, width: int, height: int) -> bytes:
    """Return what is shown, as PNG."""
    clip = {"x": 0, "y": 0, "width": width, "height": height, "scale": 1}
    shot = browser.ask("Page.captureScreenshot", {"clip": clip, "captureBeyondViewport": True})
    return base64.b64decode(shot["data"])


@contextmanager
def opened() -> Iterator[Browser]:
    """Give a browser with a folder of its own, and take both away."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder, Browser(Path(folder)) as browser:
        yield browser


def main() -> int:
    """Take the pictures; return 1 where a page is wider than its screen."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition(":")[0])
    parser.add_argument("report", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--top", type=int, default=0, help="how many pixels from the top; all by default")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    too_wide = 0
    with opened() as browser:
        for width, scheme in itertools.product(WIDTHS, SCHEMES):
            wide, high = show(browser, given.report, width, scheme)
            path = given.folder / f"{given.report.stem}-{width}-{scheme}.png"
            path.write_bytes(picture(browser, width, min(high, given.top or high)))
            print(f"{path}: {wide} x {high}" + (", which is wider than the screen" if wide > width else ""))
            too_wide += wide > width
        # From the dark page on purpose: what is printed is light all the same.
        printed = browser.ask("Page.printToPDF", A4)["data"]
        (given.folder / f"{given.report.stem}.pdf").write_bytes(base64.b64decode(printed))
    return int(too_wide > 0)


if __name__ == "__main__":
    sys.exit(main())
