"""Twilio's Python SDK against the simulator."""

import http.server
import json
import os
import queue
import shutil
import subprocess
import sys
import threading
import urllib.parse
import urllib.request

from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.request_validator import RequestValidator
from twilio.rest import Client

FAILED = []


def check(name, passed):
    print(f"{'ok  ' if passed else 'FAIL'} {name}")
    if not passed:
        FAILED.append(name)


def code(call):
    """The code that a call is refused with, or None."""
    try:
        call()
    except TwilioRestException as error:
        return error.code
    return None


class ToSimulator(TwilioHttpClient):
    """Turns the vendor's hosts into paths of the one address."""

    def __init__(self, base):
        super().__init__()
        self.base = base

    def request(self, method, url, *rest, **more):
        parts = urllib.parse.urlsplit(url)
        product = parts.hostname.split(".")[0]
        path = parts.path if product == "api" else f"/{product}{parts.path}"
        query = f"?{parts.query}" if parts.query else ""
        return super().request(method, self.base + path + query, *rest, **more)


class Hook(http.server.ThreadingHTTPServer):
    """Takes callbacks."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), HookHandler)
        self.received = queue.Queue()
        threading.Thread(target=self.serve_forever, daemon=True).start()


class HookHandler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        self.server.received.put((self.path, body, self.headers["x-twilio-signature"]))
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def start():
    named = os.environ.get("TURNBUCKLE_SIMULATOR") or shutil.which("turnbuckle-simulator")
    command = [named] if named else ["cargo", "run", "--quiet", "-p", "turnbuckle-simulator", "--"]
    process = subprocess.Popen([*command, "--port", "0", "--json"], stdout=subprocess.PIPE, text=True)
    return process, json.loads(process.stdout.readline())["twilio"]


def steer(base, action, **what):
    origin = base.rsplit("/", 1)[0]
    request = urllib.request.Request(f"{origin}/_simulator/{action}", json.dumps(what).encode(), method="POST")
    return json.load(urllib.request.urlopen(request))


def messages(client, keys, base, hook):
    callback = f"http://127.0.0.1:{hook.server_port}/status?attempt=7&b=%20x"
    sent = client.messages.create(to="+14155550123", from_=keys["from"], body="Grüße & 100% +1", status_callback=callback)
    check("a message is queued", sent.status == "queued" and sent.num_segments == "1" and sent.date_created is not None)
    steer(base, "advance", seconds=5)
    check("and delivered", client.messages(sent.sid).fetch().status == "delivered")
    validator = RequestValidator(keys["authToken"])
    told = []
    for _ in range(2):
        path, body, signature = hook.received.get(timeout=10)
        params = dict(urllib.parse.parse_qsl(body, keep_blank_values=True))
        told.append(params["MessageStatus"])
        url = f"http://127.0.0.1:{hook.server_port}{path}"
        check(f"the SDK verifies the callback ({told[-1]})", validator.validate(url, params, signature))
        check("and refuses a changed one", not validator.validate(url, {**params, "To": "+1"}, signature))
    check("callbacks come in order", told == ["sent", "delivered"])
    for _ in range(4):
        client.messages.create(to="+14155550123", from_=keys["from"], body="x")
    listed = client.messages.list(to="+14155550123", page_size=2)
    check("lists are paged to their end", len(listed) == 5 and listed[-1].sid == sent.sid)
    check("a body is taken away", client.messages(sent.sid).update(body="").body == "")
    check("a message is deleted", client.messages(sent.sid).delete() is True)
    check("and gone", code(client.messages(sent.sid).fetch) == 20404)
    mms = client.messages.create(to="+14155550123", from_=keys["from"], media_url=["https://a.example/x.png", "https://a.example/y.gif"])
    check("media are listed", [media.content_type for media in client.messages(mms.sid).media.list()] == ["image/png", "image/gif"])
    check("a bad recipient has its code", code(lambda: client.messages.create(to="+1", from_=keys["from"], body="x")) == 21211)


def inbound(client, keys, base, hook):
    number = client.incoming_phone_numbers.list(phone_number=keys["from"])[0]
    service = client.messaging.v1.services(keys["messagingServiceSid"])
    service.update(inbound_request_url=f"http://127.0.0.1:{hook.server_port}/in")
    check("the number is in the pool", [own.sid for own in service.phone_numbers.list()] == [number.sid])
    steer(base, "twilio/receive", **{"from": "+14155550123", "to": keys["from"], "body": "STOP"})
    path, body, signature = hook.received.get(timeout=10)
    params = dict(urllib.parse.parse_qsl(body, keep_blank_values=True))
    url = f"http://127.0.0.1:{hook.server_port}{path}"
    check("the SDK verifies an incoming message", RequestValidator(keys["authToken"]).validate(url, params, signature))
    check("STOP is told", params["Body"] == "STOP" and params["From"] == "+14155550123")
    check("and obeyed", code(lambda: client.messages.create(to="+14155550123", from_=keys["from"], body="x")) == 21610)


def products(client, keys, base):
    check("the account is read", client.api.accounts(keys["accountSid"]).fetch().status == "active")
    check("and its balance", client.balance.fetch().currency == "USD")
    check("lookup", client.lookups.v2.phone_numbers("+14155550123").fetch(fields="line_type_intelligence").line_type_intelligence["type"] == "mobile")
    verify = client.verify.v2.services(keys["verifyServiceSid"])
    begun = verify.verifications.create(to="+14155550124", channel="sms")
    right = steer(base, "twilio/verification_code", to="+14155550124")["code"]
    check("a wrong code", verify.verification_checks.create(to="+14155550124", code="0").status == "pending")
    check("the right code", verify.verification_checks.create(verification_sid=begun.sid, code=right).status == "approved")
    call = client.calls.create(to="+14155550124", from_=keys["from"], twiml="<Response/>")
    steer(base, "advance", seconds=10)
    check("a call is hung up", client.calls(call.sid).update(status="completed").status == "completed")
    found = client.available_phone_numbers("US").local.list(area_code=212, limit=2)
    check("numbers are found", len(found) == 2 and found[0].phone_number.startswith("+1212"))
    check("usage", client.usage.records.list(category="sms")[0].category == "sms")
    check("templates", client.content.v1.contents.list() == [])
    check("campaigns", client.messaging.v1.services(keys["messagingServiceSid"]).us_app_to_person.list()[0].campaign_status == "VERIFIED")


def testing(keys, base):
    test = Client(keys["testAccountSid"], keys["testAuthToken"], http_client=ToSimulator(base))
    check("test credentials send nothing, successfully", test.messages.create(to="+15005550006", from_="+15005550006", body="x").status == "queued")
    for to, expected in (("+15005550001", 21211), ("+15005550004", 21610), ("+15005550009", 21614)):
        check(f"{expected}", code(lambda: test.messages.create(to=to, from_="+15005550006", body="x")) == expected)
    check("and read nothing", code(lambda: test.messages("SM" + "0" * 32).fetch()) == 20008)


def main():
    hook = Hook()
    process, info = start()
    try:
        keys, base = info["credentials"], info["base_url"]
        client = Client(keys["apiKeySid"], keys["apiKeySecret"], keys["accountSid"], http_client=ToSimulator(base))
        messages(client, keys, base, hook)
        products(client, keys, base)
        testing(keys, base)
        inbound(client, keys, base, hook)
    finally:
        process.terminate()
    sys.exit(1 if FAILED else 0)


if __name__ == "__main__":
    main()
