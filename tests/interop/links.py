"""Bots that others have written for WeChat, as links of wxbot's chain: unchanged."""

import json
import pathlib
import subprocess
import tempfile
import threading

from simulation import AES_KEY, APP_ID, APP_SECRET, TOKEN

PAGE = pathlib.Path(__file__).parents[2] / "docs/en/coming-from.md"

LISTENERS = """
[server]
listen = "127.0.0.1:0"
[console]
listen = "127.0.0.1:0"
"""

ACCOUNT = f"""
{LISTENERS}
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


class AsThePageSays(Chain):
    """The same with the configuration for whoever comes from another framework."""

    def __init__(self, program, url):
        self.program = program
        shown = PAGE.read_text().split("```toml\n")[1].split("```")[0]
        for placeholder, value in {
            "file:wxbot-data": "memory:",
            "${WXBOT_TOKEN}": TOKEN,
            "${WXBOT_AES_KEY}": AES_KEY,
            "${WXBOT_APP_SECRET}": APP_SECRET,
            "http://127.0.0.1:8888/": url,
            "botTOKEN1": TOKEN,
        }.items():
            shown = shown.replace(placeholder, value)
        self.config = LISTENERS + shown


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
