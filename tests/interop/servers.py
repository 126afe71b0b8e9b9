"""Bots that say back what they hear, each on a free port of this machine."""

import threading
from wsgiref.simple_server import WSGIRequestHandler, make_server

from flask import Flask, abort, request
from wechatpy import create_reply, parse_message
from wechatpy.crypto import WeChatCrypto
from wechatpy.exceptions import InvalidAppIdException, InvalidSignatureException
from wechatpy.utils import check_signature
import werobot.crypto
import werobot.replies
from werobot import WeRoBot

from simulation import AES_KEY, APP_ID, TOKEN


def wechatpy_app():
    """As wechatpy's documents show it: plain and safe."""
    app = Flask("echo")
    crypto = WeChatCrypto(TOKEN, AES_KEY, APP_ID)

    @app.route("/", methods=["GET", "POST"])
    def answer():
        query = request.args
        timestamp, nonce = query["timestamp"], query["nonce"]
        try:
            check_signature(TOKEN, query["signature"], timestamp, nonce)
            if request.method == "GET":
                return query["echostr"]
            if query.get("encrypt_type") != "aes":
                return echo(parse_message(request.data)).render()
            body = crypto.decrypt_message(request.data, query["msg_signature"], timestamp, nonce)
        except (InvalidSignatureException, InvalidAppIdException):
            abort(403)
        return crypto.encrypt_message(echo(parse_message(body)).render(), nonce, timestamp)

    return app


def echo(message):
    said = message.content if message.type == "text" else message.type
    return create_reply(said, message)


def without_blank_lines():
    """WeRoBot begins each reply with a blank line. The protocol page (2.4) warns of that, and the
    simulation shows the notice; of the bots that live like this nobody hears complaints."""
    text = werobot.replies.TextReply
    text.TEMPLATE = text.TEMPLATE.strip()
    crypt = werobot.crypto.MessageCrypt
    crypt.ENCRYPTED_MESSAGE_XML = crypt.ENCRYPTED_MESSAGE_XML.strip()


def werobot_app(mode):
    """As WeRoBot's documents show it."""
    safe = {"encoding_aes_key": AES_KEY, "app_id": APP_ID} if mode == "safe" else {}
    robot = WeRoBot(token=TOKEN, enable_session=False, **safe)

    @robot.text
    def text(message):
        return message.content

    @robot.subscribe
    def subscribe(message):
        return message.type

    return robot.wsgi


class Quiet(WSGIRequestHandler):
    """Logs nothing."""

    def log_message(self, *_):
        pass


class Serving:
    """An app, for as long as the `with` lasts."""

    def __init__(self, app):
        self.server = make_server("127.0.0.1", 0, app, handler_class=Quiet)

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{self.server.server_port}/"

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
