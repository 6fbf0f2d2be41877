"""Stripe's Python SDK against the simulator."""

import http.server
import io
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


def post(admin, path, **body):
    data = json.dumps(body).encode()
    request = urllib.request.Request(f"{admin}/_simulator/{path}", data=data, method="POST")
    return json.loads(urllib.request.urlopen(request).read())


def shopper(**more):
    customer = stripe.Customer.create(email="a@example.com", **more)
    card = stripe.PaymentMethod.attach("pm_card_visa", customer=customer.id)
    return customer, card


def billing():
    product = stripe.Product.create(name="Gold")
    price = stripe.Price.create(
        product=product.id, currency="usd", unit_amount=1500, recurring={"interval": "month"}, lookup_key="gold"
    )
    check("a price is found by its key", stripe.Price.list(lookup_keys=["gold"]).data[0].id == price.id)
    stripe.Coupon.create(id="TENTH", percent_off=10, duration="once")
    code = stripe.PromotionCode.create(promotion={"type": "coupon", "coupon": "TENTH"}, code="SPRING")
    customer, card = shopper()
    made = stripe.Subscription.create(
        customer=customer.id,
        items=[{"price": price.id, "quantity": 2}],
        default_payment_method=card.id,
        discounts=[{"promotion_code": code.id}],
        expand=["latest_invoice.payments"],
    )
    check("a subscription is active", made.status == "active" and made.latest_invoice.amount_paid == 2700)
    check("its payment is listed", made.latest_invoice.payments.data[0].status == "paid")
    item = made["items"].data[0]
    check("the period is the item's", item.current_period_end > item.current_period_start)
    changed = stripe.Subscription.modify(made.id, items=[{"id": item.id, "quantity": 3}], proration_behavior="always_invoice")
    invoice = stripe.Invoice.retrieve(changed.latest_invoice)
    check("a change is invoiced", invoice.billing_reason == "subscription_update" and invoice.status == "paid")
    preview = stripe.Invoice.create_preview(subscription=made.id)
    check("a preview", preview.total == 4500)
    check("canceled", stripe.Subscription.cancel(made.id, prorate=True, invoice_now=True).status == "canceled")
    walked = [found.id for found in stripe.Invoice.list(customer=customer.id, limit=1).auto_paging_iter()]
    check("invoices turn pages", len(walked) == 3)
    refused = raises(
        stripe.InvalidRequestError,
        lambda: stripe.Subscription.create(customer=stripe.Customer.create().id, items=[{"price": price.id}]),
    )
    check("nothing to pay with", refused is not None and refused.code == "resource_missing")
    customer, card = shopper()
    stripe.InvoiceItem.create(customer=customer.id, amount=2000, currency="usd")
    draft = stripe.Invoice.create(customer=customer.id, pending_invoice_items_behavior="include")
    check("a draft", draft.status == "draft" and draft.lines.data[0].amount == 2000)
    check("finalized", stripe.Invoice.finalize_invoice(draft.id).status == "open")
    check("paid", stripe.Invoice.pay(draft.id, payment_method=card.id).status == "paid")


def clocks():
    clock = stripe.test_helpers.TestClock.create(frozen_time=1_748_736_000)
    customer, card = shopper(test_clock=clock.id)
    made = stripe.Subscription.create(
        customer=customer.id,
        items=[{"price": stripe.Price.list(lookup_keys=["gold"]).data[0].id}],
        default_payment_method=card.id,
        trial_period_days=10,
    )
    check("a trial", made.status == "trialing")
    moved = stripe.test_helpers.TestClock.advance(clock.id, frozen_time=1_748_736_000 + 11 * 86_400)
    check("the clock advances", moved.status == "advancing")
    check("and arrives", stripe.test_helpers.TestClock.retrieve(clock.id).status == "ready")
    check("the trial is over", stripe.Subscription.retrieve(made.id).status == "active")
    check("and was charged", stripe.Invoice.list(subscription=made.id).data[0].amount_paid == 1500)
    check("the clock is deleted", stripe.test_helpers.TestClock.delete(clock.id).deleted)


def checkout(admin):
    made = stripe.checkout.Session.create(
        mode="payment",
        success_url="https://shop.example/ok",
        line_items=[{"price_data": {"currency": "usd", "unit_amount": 700, "product_data": {"name": "Hat"}}, "quantity": 2}],
    )
    check("a session is open", made.status == "open" and made.amount_total == 1400)
    check("with its lines", stripe.checkout.Session.list_line_items(made.id).data[0].description == "Hat")
    post(admin, "checkout", id=made.id, payment_method="pm_card_visa")
    done = stripe.checkout.Session.retrieve(made.id, expand=["payment_intent"])
    check("and completed", done.payment_status == "paid" and done.payment_intent.amount == 1400)
    other = stripe.checkout.Session.create(mode="setup", currency="usd", success_url="https://shop.example/ok")
    check("another expires", stripe.checkout.Session.expire(other.id).status == "expired")
    link = stripe.PaymentLink.create(line_items=[{"price": stripe.Price.create(currency="usd", unit_amount=500, product_data={"name": "Pin"}).id, "quantity": 1}])
    check("a payment link", link.active and link.url.startswith("https://"))


def disputes(files):
    sale(payment_method="pm_card_createDispute")
    made = stripe.Dispute.list(limit=1).data[0]
    check("a dispute waits", made.status == "needs_response")
    stripe.upload_api_base = files
    slip = stripe.File.create(purpose="dispute_evidence", file=io.BytesIO(b"%PDF-1.4 slip"))
    check("a file is uploaded", slip.type == "pdf" and slip.size == 13)
    evidence = {"receipt": slip.id, "uncategorized_text": "winning_evidence"}
    check("evidence is sent", stripe.Dispute.modify(made.id, evidence=evidence).status == "under_review")
    check("and wins", stripe.Dispute.retrieve(made.id).status == "won")


def money(admin):
    sale(payment_method="pm_card_bypassPending")
    stripe.Balance.retrieve()
    paid = post(admin, "payouts")
    rows = list(stripe.BalanceTransaction.list(payout=paid[0]["id"], limit=5).auto_paging_iter())
    check("a payout is the sum of its rows", sum(row.net for row in rows if row.type != "payout") == paid[0]["amount"])
    account = stripe.Account.create(type="express", country="US")
    link = stripe.AccountLink.create(account=account.id, type="account_onboarding", refresh_url="https://x.example", return_url="https://x.example")
    check("an account link", link.url.startswith("https://"))
    post(admin, "onboard", id=account.id)
    check("an account is onboarded", stripe.Account.retrieve(account.id).charges_enabled)
    sale(payment_method="pm_card_bypassPending")
    stripe.Balance.retrieve()
    transfer = stripe.Transfer.create(amount=500, currency="usd", destination=account.id)
    check("a transfer", stripe.Balance.retrieve(stripe_account=account.id).available[0].amount == 500)
    check("is reversed", stripe.Transfer.create_reversal(transfer.id).amount == 500)
    endpoint = stripe.WebhookEndpoint.create(url="https://x.example/hook", enabled_events=["*"])
    check("an endpoint tells its secret", endpoint.secret.startswith("whsec_"))
    check("and is deleted", stripe.WebhookEndpoint.delete(endpoint.id).deleted)


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
        billing()
        clocks()
        checkout(admin)
        disputes(info["base_url"])
        money(admin)
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
