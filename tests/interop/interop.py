"""wxbot's simulated WeChat against wechatpy and WeRoBot, and their bots as links of wxbot's chain."""

import io
import shutil
import sys
import traceback
from urllib.parse import parse_qs

import werobot.crypto
import xmltodict
from wechatpy import WeChatClient, WeChatOAuth
from wechatpy.crypto import WeChatCrypto
from wechatpy.exceptions import WeChatClientException, WeChatOAuthException

from links import AsThePageSays, Chain, Node
from servers import Serving, wechatpy_app, werobot_app, without_blank_lines
from simulation import AES_KEY, APP_ID, APP_SECRET, ORIGINAL_ID, TOKEN, Simulation, seen

PROGRAM = sys.argv[1]
# Where npm's packages are; none without npm.
MODULES = sys.argv[2] if len(sys.argv) > 2 and shutil.which("node") else None
TEXTS = ["hi", "你好 😀", "<b> &amp; \"quoted\" 'text'", "two\nlines"]
CHECKS = []


def check(of):
    """A check, by its name."""
    CHECKS.append(of)
    return of


def equal(came, expected, about=""):
    if came != expected:
        raise AssertionError(f"{about}: expected {expected!r}, got {came!r}")


def client(simulation):
    """wechatpy's client, which knows the one address of WeChat in two places."""

    class Client(WeChatClient):
        API_BASE_URL = f"{simulation.url}/cgi-bin/"

        def fetch_access_token(self):
            query = {"grant_type": "client_credential", "appid": APP_ID, "secret": APP_SECRET}
            return self._fetch_access_token(f"{simulation.url}/cgi-bin/token", query)

    return Client(APP_ID, APP_SECRET)


@check
def wechatpy_gets_a_token():
    with Simulation(PROGRAM) as simulation:
        answer = client(simulation).fetch_access_token()
        equal(answer["expires_in"], 7200)
        equal(simulation.control("state")["tokens_issued"], 1)


@check
def wechatpy_sends_customer_messages_to_who_has_written():
    with Serving(wechatpy_app()) as target, Simulation(PROGRAM, target) as simulation:
        openid = simulation.act("alice", {"text": "hi"})["openid"]
        client(simulation).message.send_text(openid, "随后：😀")
        equal(simulation.phone("alice"), ["hi", "随后：😀"])


@check
def wechatpy_is_told_that_nobody_has_written():
    with Simulation(PROGRAM) as simulation:
        openid = simulation.control("followers/alice")["openid"]
        try:
            client(simulation).message.send_text(openid, "hi")
        except WeChatClientException as error:
            equal(error.errcode, 45015)
        else:
            raise AssertionError("it was sent")


@check
def wechatpy_makes_gets_and_deletes_a_menu():
    buttons = [
        {"type": "click", "name": "Help", "key": "HELP"},
        {"name": "More", "sub_button": [{"type": "view", "name": "W", "url": "https://e.com/"}]},
    ]
    with Simulation(PROGRAM) as simulation:
        menu = client(simulation).menu
        menu.create({"button": buttons})
        names = [button["name"] for button in menu.get()["menu"]["button"]]
        equal(names, ["Help", "More"])
        menu.delete()
        equal(menu.get(), None, "wechatpy makes nothing of 46003")


@check
def wechatpy_uploads_and_downloads_media():
    with Simulation(PROGRAM) as simulation:
        media = client(simulation).media
        picture = io.BytesIO(b"\xff\xd8\xff\xe0 picture")
        picture.name = "a.jpg"
        answer = media.upload("image", picture)
        equal(answer["type"], "image")
        equal(media.download(answer["media_id"]).content, b"\xff\xd8\xff\xe0 picture")


@check
def wechatpy_adds_counts_lists_and_deletes_material():
    with Simulation(PROGRAM) as simulation:
        material = client(simulation).material
        picture = io.BytesIO(b"\xff\xd8\xff\xe0 picture")
        picture.name = "a.jpg"
        media_id = material.add("image", picture)["media_id"]
        equal(material.get_count()["image_count"], 1)
        equal([one["media_id"] for one in material.batchget("image")["item"]], [media_id])
        equal(material.get(media_id).content, b"\xff\xd8\xff\xe0 picture")
        material.delete(media_id)
        equal(material.get_count()["image_count"], 0)


@check
def wechatpy_tags_followers_and_asks_who_they_are():
    with Simulation(PROGRAM) as simulation:
        one = client(simulation)
        openid = simulation.control("followers/alice")["openid"]
        tag = one.tag.create("VIP")
        one.tag.tag_user(tag["id"], [openid])
        equal(one.tag.get_user_tag(openid), [tag["id"]])
        equal(one.tag.get_tag_users(tag["id"])["data"]["openid"], [openid])
        one.user.update_remark(openid, "likes tea")
        equal(one.user.get(openid)["remark"], "likes tea")
        equal(one.user.get_followers()["data"]["openid"], [openid])
        equal([user["openid"] for user in one.user.get_batch([openid])], [openid])


@check
def wechatpy_makes_a_qr_code_and_a_template_message():
    with Simulation(PROGRAM) as simulation:
        one = client(simulation)
        scene = {"scene": {"scene_str": "shop-42"}}
        asked = {"expire_seconds": 3600, "action_name": "QR_STR_SCENE", "action_info": scene}
        equal(one.qrcode.create(asked)["expire_seconds"], 3600)
        openid = simulation.control("followers/alice")["openid"]
        template = one.template.add("TM00015")
        known = one.template.get_all_private_template()["template_list"]
        equal([one["template_id"] for one in known], [template])
        sent = one.message.send_template(openid, template, {"thing1": {"value": "tea"}})
        equal(sent["errcode"], 0)


@check
def wechatpy_signs_a_page_for_the_js_sdk():
    page = "https://example.com/tea?a=1"
    with Simulation(PROGRAM) as simulation:
        jsapi = client(simulation).jsapi
        signature = jsapi.get_jsapi_signature("n0nce", jsapi.get_jsapi_ticket(), 1735690000, page)
        config = {
            "appId": APP_ID, "timestamp": 1735690000, "nonceStr": "n0nce", "signature": signature,
        }  # fmt: skip
        asked = {"url": f"{page}#top", "config": config}
        equal(simulation.control("js_config", asked), {"ok": True})


@check
def wechatpy_finds_out_who_looks_at_a_page():
    with Simulation(PROGRAM) as simulation:

        class OAuth(WeChatOAuth):
            API_BASE_URL = f"{simulation.url}/"

        oauth = OAuth(APP_ID, APP_SECRET, "https://e.com/me", "snsapi_userinfo", "s1")
        asked = {"url": oauth.authorize_url}
        redirect = simulation.control("followers/alice/authorize", asked)["redirect"]
        query = parse_qs(redirect.partition("?")[2])
        equal(query["state"], ["s1"])
        openid = simulation.control("followers/alice")["openid"]
        equal(oauth.fetch_access_token(query["code"][0])["openid"], openid)
        equal(oauth.get_user_info()["openid"], openid)
        try:
            oauth.fetch_access_token(query["code"][0])
        except WeChatOAuthException as error:
            equal(error.errcode, 40163)
        else:
            raise AssertionError("a code is good once")


@check
def wechatpy_renews_a_token_that_is_spent():
    with Simulation(PROGRAM) as simulation:
        one = client(simulation)
        one.fetch_access_token()
        fault = {"path": "/cgi-bin/menu/*", "when": {"nth": 1}, "fault": {"errcode": 40001}}
        simulation.control("faults", {"api": fault})
        one.menu.create({"button": [{"type": "click", "name": "Help", "key": "HELP"}]})
        equal(simulation.control("state")["tokens_issued"], 2)


def echoes(app, mode, subscribed):
    with Serving(app) as target, Simulation(PROGRAM, target, mode) as simulation:
        equal(simulation.control("handshake", {}), {"ok": True})
        for text in TEXTS:
            equal(simulation.says("alice", text), text, mode)
        equal(seen(simulation.act("alice", "subscribe")), subscribed)


@check
def a_server_of_wechatpy_echoes_in_plain_mode():
    echoes(wechatpy_app(), "plain", "event")


@check
def a_server_of_wechatpy_echoes_in_safe_mode():
    echoes(wechatpy_app(), "safe", "event")


@check
def a_server_of_wechatpy_echoes_in_compatible_mode():
    echoes(wechatpy_app(), "compatible", "event")


@check
def bots_of_werobot_and_wechatpy_are_links_of_one_chain():
    # Before anything is changed about WeRoBot's blank lines.
    with Serving(werobot_app("plain")) as werobot, Serving(wechatpy_app()) as wechatpy:
        with Chain(PROGRAM, werobot=werobot, wechatpy=wechatpy) as target:
            with Simulation(PROGRAM, target, "safe") as simulation:
                for text in TEXTS:
                    equal(simulation.says("alice", text), text)
                equal(seen(simulation.act("alice", "subscribe")), "subscribe_event", "WeRoBot")
                image = {"image": {"media_id": "M1", "pic_url": "https://e.com/a.jpg"}}
                equal(seen(simulation.act("alice", image)), "image", "WeRoBot passes, wechatpy says")


@check
def a_bot_of_werobot_needs_what_the_page_says():
    with Serving(werobot_app("plain")) as werobot, AsThePageSays(PROGRAM, werobot) as target:
        with Simulation(PROGRAM, target, "safe") as simulation:
            equal(simulation.control("handshake", {}), {"ok": True})
            equal(simulation.says("alice", "hi"), "hi")


@check
def one_that_is_down_leaves_the_others():
    with Serving(wechatpy_app()) as wechatpy:
        with Chain(PROGRAM, gone="http://127.0.0.1:9/", wechatpy=wechatpy) as target:
            with Simulation(PROGRAM, target, "safe") as simulation:
                equal(simulation.says("alice", "hi"), "hi")


def a_bot_for_node_is_a_link():
    with Node(MODULES) as node, Serving(wechatpy_app()) as wechatpy:
        with Chain(PROGRAM, node=node, wechatpy=wechatpy) as target:
            with Simulation(PROGRAM, target, "safe") as simulation:
                for text in TEXTS:
                    equal(simulation.says("alice", text), f"node: {text}")
                equal(seen(simulation.act("alice", "subscribe")), "node: subscribe")
                news = simulation.act("alice", {"text": "news"})["verdict"]
                equal(news["reply"]["what"]["bubble"]["news"][0]["title"], "标题")


if MODULES:
    check(a_bot_for_node_is_a_link)


@check
def the_blank_line_that_werobot_begins_with_is_a_notice():
    for mode in ["plain", "safe"]:
        with Serving(werobot_app(mode)) as target, Simulation(PROGRAM, target, mode) as simulation:
            equal(simulation.says("alice", "hi"), {"notice": "something stands before `<xml>`"})


@check
def a_server_of_werobot_echoes_in_plain_mode():
    without_blank_lines()
    echoes(werobot_app("plain"), "plain", "subscribe_event")


@check
def a_server_of_werobot_echoes_in_safe_mode():
    without_blank_lines()
    echoes(werobot_app("safe"), "safe", "subscribe_event")


def sealed():
    """What was delivered in safe mode: the query's parameters and the body, text by text."""
    with Serving(wechatpy_app()) as target, Simulation(PROGRAM, target, "safe") as simulation:
        for text in TEXTS:
            request = simulation.act("alice", {"text": text})["deliveries"][0]["request"]
            query = {name: values[0] for name, values in parse_qs(request["query"]).items()}
            yield text, query, request["body"]


@check
def wechatpy_opens_what_is_sealed():
    crypto = WeChatCrypto(TOKEN, AES_KEY, APP_ID)
    for text, query, body in sealed():
        inside = crypto.decrypt_message(
            body, query["msg_signature"], query["timestamp"], query["nonce"]
        )
        message = xmltodict.parse(inside)["xml"]
        equal(message["Content"], text)
        equal(message["ToUserName"], ORIGINAL_ID)


@check
def werobot_opens_what_is_sealed():
    crypto = werobot.crypto.MessageCrypt(token=TOKEN, encoding_aes_key=AES_KEY, app_id=APP_ID)
    for text, query, body in sealed():
        inside = crypto.decrypt_message(
            query["timestamp"],
            query["nonce"],
            query["msg_signature"],
            xmltodict.parse(body)["xml"]["Encrypt"],
        )
        equal(xmltodict.parse(inside)["xml"]["Content"], text)


def main():
    failed = 0
    for one in CHECKS:
        name = one.__name__.replace("_", " ")
        try:
            one()
            print(f"ok      {name}")
        except Exception:
            failed += 1
            print(f"FAILED  {name}")
            traceback.print_exc(file=sys.stdout)
    print(f"{len(CHECKS) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
