"""A `wxbot sim` process, and what followers do in it."""

import json
import subprocess
import urllib.error
import urllib.request

TOKEN = "tokenALPHA1"
APP_ID = "wx0123456789abcdef"
APP_SECRET = "0123456789abcdef0123456789abcdef"
AES_KEY = "Qm90RnJhbWV3b3JrVGVzdEtleTAxMjM0NTY3ODlBQkM"
ORIGINAL_ID = "gh_5f0c1d2e3a4b"


class Simulation:
    """WeChat, for as long as the `with` lasts."""

    def __init__(self, program, target="http://127.0.0.1:9/", mode="plain", more=()):
        self.command = [
            program, "--log", "json", "sim", "--listen", "127.0.0.1:0", "--target", target,
            "--token", TOKEN, "--app-id", APP_ID, "--app-secret", APP_SECRET, "--mode", mode,
            "--encoding-aes-key", AES_KEY, "--original-id", ORIGINAL_ID, *more,
        ]  # fmt: skip

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stderr=subprocess.PIPE, text=True)
        for line in self.process.stderr:
            line = json.loads(line)
            if line["message"] == "ready":
                self.url = f"http://{line['address']}"
                return self
        raise RuntimeError("wxbot sim did not start")

    def __exit__(self, *_):
        self.process.terminate()
        self.process.stderr.read()
        self.process.wait(timeout=10)

    def control(self, path, body=None):
        """One request of the control API: a GET, or a POST of this."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/_sim/{path}", data=data)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def act(self, follower, act):
        """What came of it."""
        return self.control(f"followers/{follower}/acts", act)

    def says(self, follower, text):
        """The text that the follower sees, or how the exchange ended instead."""
        return seen(self.act(follower, {"text": text}))

    def phone(self, follower):
        """The texts on the phone."""
        shown = (one["what"] for one in self.control(f"followers/{follower}/phone"))
        bubbles = (what["bubble"] for what in shown if isinstance(what, dict) and "bubble" in what)
        return [bubble["text"]["text"] for bubble in bubbles if "text" in bubble]


def seen(exchange):
    """The text in an exchange's verdict, or the verdict."""
    verdict = exchange["verdict"]
    try:
        return verdict["reply"]["what"]["bubble"]["text"]["text"]
    except (KeyError, TypeError):
        return verdict
