"""Stripe's Python SDK against the simulator."""

import http.server
import json
import os
import queue
import shutil
import subprocess
import sys
import threading
import urllib.request

import stripe

FAILED = []


def check(name, passed):
    print(f"{'ok  ' if passed else 'FAIL'} {name}")
    if not passed:
        FAILED.append(name)


def raises(kind, call):
    """The error of that kind, or None."""
    try:
        call()
    except kind as error:
        return error
    except stripe.StripeError as error:
        print(f"     got {type(error).__name__}: {error}")
    return None


class Hook(http.server.ThreadingHTTPServer):
    """Takes webhooks."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), HookHandler)
        self.received = queue.Queue()
        threading.Thread(target=self.serve_forever, daemon=True).start()


class HookHandler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.received.put((body, self.headers["stripe-signature"]))
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def start(hook):
    named = os.environ.get("TURNBUCKLE_SIMULATOR") or shutil.which("turnbuckle-simulator")
    command = [named] if named else ["cargo", "run", "--quiet", "-p", "turnbuckle-simulator", "--"]
    process = subprocess.Popen([*command, "--port", "0", "--json", "--webhook-url", f"stripe=http://127.0.0.1:{hook.server_port}/"], stdout=subprocess.PIPE, text=True)
    return process, json.loads(process.stdout.readline())["stripe"]


def sale(**more):
    fields = {
        "amount": 1099,
        "currency": "usd",
        "payment_method": "pm_card_visa",
        "payment_method_types": ["card"],
        "confirm": True,
    }
    return stripe.PaymentIntent.create(**{**fields, **more})


def payments():
    intent = stripe.PaymentIntent.create(amount=1099, currency="usd", payment_method_types=["card"])
    check("create leaves an intent without a payment method", intent.status == "requires_payment_method")
    intent = stripe.PaymentIntent.confirm(intent.id, payment_method="pm_card_visa", expand=["latest_charge"])
    check("confirm succeeds", intent.status == "succeeded" and intent.latest_charge.captured)
    held = sale(capture_method="manual")
    check("a manual capture is held", held.status == "requires_capture" and held.amount_capturable == 1099)
    captured = stripe.PaymentIntent.capture(held.id, amount_to_capture=1000)
    check("a partial capture", captured.status == "succeeded" and captured.amount_received == 1000)
    refund = stripe.Refund.create(payment_intent=held.id, amount=400, metadata={"why": "test"})
    check("a partial refund", refund.status == "succeeded" and refund.metadata["why"] == "test")
    over = raises(stripe.InvalidRequestError, lambda: stripe.Refund.create(payment_intent=held.id, amount=601))
    check("an over-refund is refused", over is not None and over.param == "amount")
    voided = stripe.PaymentIntent.cancel(sale(capture_method="manual").id)
    check("cancel voids", voided.status == "canceled")
    late = raises(stripe.InvalidRequestError, lambda: stripe.PaymentIntent.cancel(held.id))
    check("cancel after success is refused", late is not None and late.code == "payment_intent_unexpected_state")
    asks = sale(payment_method="pm_card_threeDSecure2Required", return_url="https://shop.example/back")
    check("3D Secure asks", asks.status == "requires_action" and asks.next_action.type == "redirect_to_url")


def people_and_cards():
    customer = stripe.Customer.create(email="a@example.com", address={"line1": "1 Main St", "city": "X"})
    check("a customer keeps its address", customer.address.line1 == "1 Main St")
    card = stripe.PaymentMethod.create(type="card", card={"token": "tok_visa"})
    card = stripe.PaymentMethod.attach(card.id, customer=customer.id)
    check("a card is attached", card.customer == customer.id)
    check("it pays off-session", sale(customer=customer.id, payment_method=card.id, off_session=True).status == "succeeded")
    setup = stripe.SetupIntent.create(
        customer=customer.id, payment_method="pm_card_mastercard", payment_method_types=["card"], confirm=True
    )
    check("a setup intent verifies", setup.status == "succeeded")
    check("a card is detached", stripe.PaymentMethod.detach(card.id).customer is None)
    check("a customer is deleted", stripe.Customer.delete(customer.id).deleted)


def lists():
    made = [stripe.Customer.create(name=f"c{n}").id for n in range(25)]
    walked = [customer.id for customer in stripe.Customer.list(limit=10).auto_paging_iter()]
    check("auto-pagination walks newest first", walked[:25] == made[::-1])
    back = list(stripe.Customer.list(limit=7, ending_before=made[0]).auto_paging_iter())
    check("and backwards", {customer.id for customer in back} == set(made[1:]))
    found = stripe.PaymentIntent.search(query="metadata['none']:'x'")
    check("search answers", found.object == "search_result" and found.data == [])
    check("balance", stripe.Balance.retrieve().livemode is False)


def errors():
    declined = raises(stripe.CardError, lambda: sale(payment_method="pm_card_chargeDeclinedInsufficientFunds"))
    check("a decline is a CardError", declined is not None and declined.http_status == 402)
    check("with its decline code", declined.error.decline_code == "insufficient_funds")
    check("and the live intent", declined.error.payment_intent.status == "requires_payment_method")
    check("a bad key", raises(stripe.AuthenticationError, lambda: stripe.Balance.retrieve(api_key="sk_test_bad")) is not None)
    unknown = raises(stripe.InvalidRequestError, lambda: stripe.Customer.create(colour="red"))
    check("an unknown parameter", unknown is not None and unknown.code == "parameter_unknown" and unknown.param == "colour")
    missing = raises(stripe.InvalidRequestError, lambda: stripe.PaymentIntent.create(currency="usd"))
    check("a missing parameter", missing is not None and missing.code == "parameter_missing")
    gone = raises(stripe.InvalidRequestError, lambda: stripe.Charge.retrieve("ch_none"))
    check("an unknown id", gone is not None and gone.http_status == 404 and gone.code == "resource_missing")
    denied = raises(stripe.PermissionError, lambda: stripe.Balance.retrieve(stripe_account="acct_none"))
    check("an unknown account", denied is not None and denied.error.code == "account_invalid")


def keys():
    first = sale(idempotency_key="order-7")
    again = sale(idempotency_key="order-7")
    check("the same key replays", first.id == again.id)
    check("and says so", again.last_response.headers["idempotent-replayed"] == "true")
    other = raises(stripe.IdempotencyError, lambda: sale(idempotency_key="order-7", amount=1100))
    check("other parameters are an IdempotencyError", other is not None)


def faults(admin):
    def push(**fault):
        body = json.dumps(fault).encode()
        urllib.request.urlopen(urllib.request.Request(f"{admin}/_simulator/faults", data=body, method="POST")).read()

    stripe.max_network_retries = 2
    before = len(list(stripe.Charge.list(limit=100).auto_paging_iter()))
    push(kind="reset-after", method="POST", path="/payment_intents")
    intent = sale()
    check("a lost answer is retried with its key", intent.status == "succeeded")
    after = len(list(stripe.Charge.list(limit=100).auto_paging_iter()))
    check("and the card is charged once", after == before + 1)
    stripe.max_network_retries = 0
    push(kind="rate-limited")
    check("429 is a RateLimitError", raises(stripe.RateLimitError, stripe.Balance.retrieve) is not None)
    push(kind="truncated")
    check("a truncated body is an APIConnectionError", raises(stripe.APIConnectionError, stripe.Balance.retrieve) is not None)


def webhooks(hook, secret):
    customer = stripe.Customer.create(name="last")
    while True:
        body, signature = hook.received.get(timeout=20)
        event = stripe.Webhook.construct_event(body, signature, secret)
        if event.data.object.id == customer.id:
            break
    check("a delivery is verified", event.type == "customer.created" and event.data.object.name == "last")
    forged = raises(
        stripe.SignatureVerificationError,
        lambda: stripe.Webhook.construct_event(body + b" ", signature, secret),
    )
    check("a changed body is not", forged is not None)


def main():
    hook = Hook()
    process, info = start(hook)
    try:
        stripe.api_key = info["credentials"]["secretKey"]
        stripe.api_base = info["base_url"]
        admin = info["base_url"].removesuffix("/stripe")
        payments()
        people_and_cards()
        lists()
        errors()
        keys()
        faults(admin)
        webhooks(hook, info["credentials"]["webhookSecret"])
    finally:
        process.terminate()
        process.wait()
    return 1 if FAILED else 0


if __name__ == "__main__":
    sys.exit(main())
