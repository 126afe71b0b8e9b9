"""Bots that others have written for WeChat, as links of wxbot's chain: unchanged."""

import json
import pathlib
import subprocess
import tempfile
import threading

from simulation import AES_KEY, APP_ID, TOKEN

ACCOUNT = f"""
[server]
listen = "127.0.0.1:0"
[console]
listen = "127.0.0.1:0"
[[account]]
token = "{TOKEN}"
mode = "safe"
app_id = "{APP_ID}"
encoding_aes_key = "{AES_KEY}"
"""

LINK = """
[[chain]]
id = "{name}"
plugin = "webhook"
config = {{ url = "{url}", format = "wechat", token = "{token}" }}
"""


class Chain:
    """A `wxbot run` process whose links are these bots, for as long as the `with` lasts."""

    def __init__(self, program, **urls):
        self.program = program
        links = (LINK.format(name=name, url=url, token=TOKEN) for name, url in urls.items())
        self.config = ACCOUNT + "".join(links)

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory()
        config = pathlib.Path(self.folder.name) / "bot.toml"
        config.write_text(self.config)
        command = [self.program, "--log", "json", "--config", str(config), "run"]
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        for line in self.process.stderr:
            line = json.loads(line)
            if line["message"] == "ready":
                threading.Thread(target=self.process.stderr.read, daemon=True).start()
                return f"http://{line['endpoint']}/wechat"
        raise RuntimeError("wxbot did not start")

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(timeout=20)
        self.folder.cleanup()


class Node:
    """The bot of `bot.js`, with npm's `wechat`, for as long as the `with` lasts."""

    def __init__(self, modules):
        folder = pathlib.Path(__file__).parent
        self.command = ["node", str(folder / "bot.js"), modules, TOKEN]

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE, text=True)
        return f"http://127.0.0.1:{int(self.process.stdout.readline())}/"

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(timeout=10)
