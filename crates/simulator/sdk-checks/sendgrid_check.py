"""SendGrid's SDK for Python against the simulator: it sends, fetches, lists, and verifies a signature."""

import http.server
import json
import os
import subprocess
import sys
import threading
import urllib.request

from sendgrid import SendGridAPIClient
from sendgrid.helpers.eventwebhook import EventWebhook
from sendgrid.helpers.mail import CustomArg, Mail

failed = 0
received = []


def check(name, holds):
    global failed
    print("ok  " if holds else "FAIL", name)
    failed += not holds


class Hook(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        received.append((dict(self.headers), body))
        self.send_response(204)
        self.end_headers()
        arrived.set()

    def log_message(self, *_):
        pass


arrived = threading.Event()
hook = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hook)
threading.Thread(target=hook.serve_forever, daemon=True).start()
binary = os.environ.get("TURNBUCKLE_SIMULATOR", "turnbuckle-simulator")
url = f"sendgrid=http://127.0.0.1:{hook.server_port}/"
simulator = subprocess.Popen([binary, "--port", "0", "--json", "--webhook-url", url], stdout=subprocess.PIPE)
try:
    info = json.loads(simulator.stdout.readline())["sendgrid"]
    client = SendGridAPIClient(info["credentials"]["apiKey"], host=info["base_url"])

    mail = Mail("shop@example.com", "robin@example.org", "Hi", "text", "<p>text</p>")
    mail.add_custom_arg(CustomArg("attempt", "a1"))
    sent = client.send(mail)
    check("a mail is accepted", sent.status_code == 202 and sent.headers["X-Message-Id"])
    check("the events are delivered", arrived.wait(10))
    headers, body = received[0]
    headers = {name.lower(): value for name, value in headers.items()}
    verifier = EventWebhook(info["webhook_keys"][0])
    signature = headers["x-twilio-email-event-webhook-signature"]
    timestamp = headers["x-twilio-email-event-webhook-timestamp"]
    check("the signature verifies", verifier.verify_signature(body.decode(), signature, timestamp))
    check("another body does not", not verifier.verify_signature(body.decode() + " ", signature, timestamp))
    event = json.loads(body)[0]
    check("the event names the attempt", event["attempt"] == "a1" and event["event"] == "processed")

    made = client.client.templates.post(request_body={"name": "t", "generation": "dynamic"})
    own = json.loads(made.body)["id"]
    check("a template is made", made.status_code == 201)
    check("and fetched", json.loads(client.client.templates._(own).get().body)["name"] == "t")
    listed = client.client.templates.get(query_params={"generations": "dynamic", "page_size": 10})
    check("and listed", [one["id"] for one in json.loads(listed.body)["result"]] == [own])
    scopes = json.loads(client.client.scopes.get().body)["scopes"]
    check("the scopes are told", "mail.send" in scopes)

    steer = urllib.request.Request(
        info["base_url"].removesuffix("/sendgrid") + "/_simulator/sendgrid/fate",
        json.dumps({"email": "gone@example.org", "fate": "invalid"}).encode(),
        method="POST",
    )
    urllib.request.urlopen(steer, timeout=10).close()
    client.send(Mail("shop@example.com", "gone@example.org", "Hi", "text"))
    invalid = json.loads(client.client.suppression.invalid_emails.get().body)
    check("an invalid address is listed", [one["email"] for one in invalid] == ["gone@example.org"])
    try:
        client.send(Mail("shop@other.example", "robin@example.org", "Hi", "text"))
        check("an unverified sender is refused", False)
    except Exception as error:  # the SDK's class depends on the status
        check("an unverified sender is refused", getattr(error, "status_code", None) == 403)
finally:
    simulator.terminate()
    simulator.wait(10)
sys.exit(1 if failed else 0)
