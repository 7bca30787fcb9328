#!/usr/bin/env python3
"""Photographs pages of a running server with headless Chromium: whole page, two widths, light and dark.

    scripts/screenshots.py --base http://127.0.0.1:8080 --out DIR [--cookie NAME=VALUE] \\
        [--visit PATH --click CSS] [--widths 1366,390] [--themes light,dark] [NAME=]PATH[>>CSS]... ...

A page is signed in either by a session cookie (--cookie), or by opening --visit and pressing the element that
--click names, which is enough for the personas of a demonstration. After PATH, each CSS names a link to follow, so
that a page whose address nobody knows beforehand is found as people find it. Files are DIR/NAME-WIDTH-THEME.png, or
DIR/NAME.png where there is one width and one theme; NAME is made from PATH when it is not given. CHROMIUM and CHROMEDRIVER may name the two programs. Standard library only:
it speaks W3C WebDriver to chromedriver.
"""

import argparse
import base64
import json
import os
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--force-device-scale-factor=1",
    "--lang=fr-FR",
]
# A page higher than this is cut: it would be a table of thousands of rows, not a picture.
HEIGHT_MAX = 6000


class Browser:
    """One chromedriver and one session, both gone at the end of the `with`."""

    def __init__(self, chromium, chromedriver):
        self.chromium, self.chromedriver = chromium, chromedriver

    def __enter__(self):
        self.profile = tempfile.mkdtemp(prefix="encommun-chromium-")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.root = f"http://127.0.0.1:{port}"
        self.driver = subprocess.Popen(
            [self.chromedriver, f"--port={port}"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            self._open_session()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def _open_session(self):
        for _ in range(100):
            try:
                if self._call("GET", "/status")["ready"]:
                    break
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.1)
        else:
            raise SystemExit("chromedriver does not answer")
        options = {"binary": self.chromium, "args": [*FLAGS, f"--user-data-dir={self.profile}"]}
        wanted = {"capabilities": {"alwaysMatch": {"goog:chromeOptions": options}}}
        self.session = f"/session/{self._call('POST', '/session', wanted)['sessionId']}"

    def __exit__(self, *_):
        if hasattr(self, "session"):
            try:
                self._call("DELETE", self.session)
            except (OSError, SystemExit):
                pass
        # The group that Popen made: chromedriver and the browsers that it started.
        try:
            os.killpg(self.driver.pid, signal.SIGTERM)
        except ProcessLookupError:
            pass
        self.driver.wait(timeout=10)
        shutil.rmtree(self.profile, ignore_errors=True)

    def _call(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.root + path, data, {"Content-Type": "application/json"}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            value = json.load(error).get("value", {})
            raise SystemExit(f"{method} {path}: {value.get('error')}: {value.get('message', '').splitlines()[0]}")

    def command(self, method, path, body=None):
        return self._call(method, self.session + path, body)

    def devtools(self, command, **parameters):
        return self.command("POST", "/goog/cdp/execute", {"cmd": command, "params": parameters})

    def open(self, url):
        self.command("POST", "/url", {"url": url})

    def evaluate(self, script):
        return self.command("POST", "/execute/sync", {"script": script, "args": []})

    def follow(self, selector):
        href = self.evaluate(f"return document.querySelector({json.dumps(selector)})?.href")
        if not href:
            raise SystemExit(f"no link {selector} in {self.evaluate('return location.pathname')}")
        self.open(href)

    def click(self, selector):
        element = self.command("POST", "/element", {"using": "css selector", "value": selector})
        (identifier,) = element.values()
        self.command("POST", f"/element/{identifier}/click", {})

    def set_cookie(self, url, name, value):
        # A `__Host-` cookie wants Secure; Chromium takes it over HTTP from 127.0.0.1 and localhost only.
        done = self.devtools(
            "Network.setCookie", name=name, value=value, url=url, path="/", httpOnly=True,
            secure=name.startswith("__"), sameSite="Lax",
        )
        if not done.get("success"):
            raise SystemExit(f"Chromium refused the cookie {name}")

    def resize(self, width, height):
        phone = width < 600
        self.devtools("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=phone)

    def photograph(self, width, dark):
        screen = 844 if width < 600 else 900
        scheme = "dark" if dark else "light"
        self.devtools("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        self.resize(width, screen)
        self.evaluate("return document.fonts.ready.then(() => window.scrollTo(0, 0))")
        full = int(self.evaluate("return Math.ceil(document.documentElement.scrollHeight)"))
        # The screen takes the height of the page, so that a bar stuck to the bottom is at the bottom.
        height = min(max(full, screen), HEIGHT_MAX)
        self.resize(width, height)
        clip = {"x": 0, "y": 0, "width": width, "height": height, "scale": 1}
        shot = self.devtools("Page.captureScreenshot", format="png", captureBeyondViewport=True, clip=clip)
        return base64.b64decode(shot["data"])


def name_of(path):
    return re.sub(r"[^a-z0-9]+", "-", path.split("?")[0].lower()).strip("-") or "accueil"


def with_theme(path, theme):
    if theme != "dark":
        return path
    return path + ("&" if "?" in path else "?") + "theme=dark"


def find_program(variable, *names):
    wanted = os.environ.get(variable)
    found = wanted or next(filter(None, map(shutil.which, names)), None)
    if not found:
        raise SystemExit(f"{names[0]} was not found: apt-get install chromium chromium-driver, or set {variable}")
    return found


def read_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--base", required=True, help="address of the server")
    parser.add_argument("--out", required=True, type=Path, help="folder of the pictures")
    parser.add_argument("--cookie", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--visit", metavar="PATH", help="page to open first")
    parser.add_argument("--click", metavar="CSS", help="what to press on it")
    parser.add_argument("--widths", default="1366,390")
    parser.add_argument("--themes", default="light,dark")
    parser.add_argument("pages", nargs="+", metavar="[NAME=]PATH")
    return parser.parse_args()


def main():
    arguments = read_arguments()
    base = arguments.base.rstrip("/")
    arguments.out.mkdir(parents=True, exist_ok=True)
    chromium = find_program("CHROMIUM", "chromium", "chromium-browser", "google-chrome")
    chromedriver = find_program("CHROMEDRIVER", "chromedriver")
    wide = []
    themes, widths = arguments.themes.split(","), [int(width) for width in arguments.widths.split(",")]
    with Browser(chromium, chromedriver) as browser:
        for cookie in arguments.cookie:
            browser.set_cookie(base, *cookie.split("=", 1))
        if arguments.visit:
            browser.open(base + arguments.visit)
            if arguments.click:
                browser.click(arguments.click)
        for page in arguments.pages:
            given, separator, path = page.partition("=/")
            name, path = (given, "/" + path) if separator and "/" not in given else (name_of(page), page)
            path, *links = path.split(">>")
            for theme in themes:
                browser.open(base + with_theme(path, theme))
                for link in links:
                    browser.follow(link)
                for width in widths:
                    picture = browser.photograph(width, theme == "dark")
                    alone = len(widths) == len(themes) == 1
                    file = arguments.out / (f"{name}.png" if alone else f"{name}-{width}-{theme}.png")
                    file.write_bytes(picture)
                    if browser.evaluate("return document.documentElement.scrollWidth") > width:
                        wide.append(file.name)
                    wide_px, high_px = struct.unpack(">II", picture[16:24])
                    print(f"{file}  {wide_px} × {high_px}  {len(picture) // 1024} kB")
    for name in wide:
        print(f"wider than its screen: {name}", file=sys.stderr)


if __name__ == "__main__":
    main()
