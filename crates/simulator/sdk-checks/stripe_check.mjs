// Stripe's Node SDK against the simulator.

import { spawn } from "node:child_process";
import { once } from "node:events";
import http from "node:http";
import { createInterface } from "node:readline";
import Stripe from "stripe";

const failed = [];

function check(name, passed) {
  console.log(`${passed ? "ok  " : "FAIL"} ${name}`);
  if (!passed) failed.push(name);
}

async function raises(kind, call) {
  try {
    await call();
  } catch (error) {
    if (error instanceof kind) return error;
    console.log(`     got ${error.constructor.name}: ${error.message}`);
  }
  return undefined;
}

async function start(hookPort) {
  const named = process.env.TURNBUCKLE_SIMULATOR;
  const command = named ? [named] : ["cargo", "run", "--quiet", "-p", "turnbuckle-simulator", "--"];
  const hook = `stripe=http://127.0.0.1:${hookPort}/`;
  const child = spawn(command[0], [...command.slice(1), "--port", "0", "--json", "--webhook-url", hook], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = await once(createInterface({ input: child.stdout }), "line");
  return [child, JSON.parse(line).stripe];
}

const deliveries = [];
const hook = http.createServer((request, response) => {
  const parts = [];
  request.on("data", (part) => parts.push(part));
  request.on("end", () => {
    deliveries.push([Buffer.concat(parts), request.headers["stripe-signature"]]);
    response.end();
    hook.emit("delivery");
  });
});
hook.listen(0, "127.0.0.1");
await once(hook, "listening");
const [child, info] = await start(hook.address().port);

try {
  const { hostname, port } = new URL(info.base_url);
  const options = { host: hostname, port, protocol: "http", maxNetworkRetries: 2 };
  const stripe = new Stripe(info.credentials.secretKey, options);
  const sale = (more = {}, request = {}) =>
    stripe.paymentIntents.create(
      {
        amount: 1099,
        currency: "usd",
        payment_method: "pm_card_visa",
        payment_method_types: ["card"],
        confirm: true,
        ...more,
      },
      request,
    );

  let intent = await stripe.paymentIntents.create({ amount: 1099, currency: "usd", payment_method_types: ["card"] });
  check("create leaves an intent without a payment method", intent.status === "requires_payment_method");
  intent = await stripe.paymentIntents.confirm(intent.id, { payment_method: "pm_card_visa", expand: ["latest_charge"] });
  check("confirm succeeds", intent.status === "succeeded" && intent.latest_charge.captured);
  const held = await sale({ capture_method: "manual" });
  check("a manual capture is held", held.status === "requires_capture" && held.amount_capturable === 1099);
  const captured = await stripe.paymentIntents.capture(held.id, { amount_to_capture: 1000 });
  check("a partial capture", captured.amount_received === 1000);
  const refund = await stripe.refunds.create({ payment_intent: held.id, amount: 400, metadata: { why: "test" } });
  check("a partial refund", refund.status === "succeeded" && refund.metadata.why === "test");
  const voided = await stripe.paymentIntents.cancel((await sale({ capture_method: "manual" })).id);
  check("cancel voids", voided.status === "canceled");
  const late = await raises(Stripe.errors.StripeInvalidRequestError, () => stripe.paymentIntents.cancel(held.id));
  check("cancel after success is refused", late?.code === "payment_intent_unexpected_state");

  const made = [];
  for (let n = 0; n < 25; n += 1) made.unshift((await stripe.customers.create({ name: `c${n}` })).id);
  const walked = [];
  for await (const customer of stripe.customers.list({ limit: 10 })) walked.push(customer.id);
  check("auto-pagination walks newest first", JSON.stringify(walked) === JSON.stringify(made));

  const product = await stripe.products.create({ name: "Gold" });
  const price = await stripe.prices.create({
    product: product.id,
    currency: "usd",
    unit_amount: 1500,
    recurring: { interval: "month" },
  });
  const buyer = await stripe.customers.create({ email: "a@example.com" });
  const card = await stripe.paymentMethods.attach("pm_card_visa", { customer: buyer.id });
  const monthlong = await stripe.subscriptions.create({
    customer: buyer.id,
    items: [{ price: price.id }],
    default_payment_method: card.id,
    expand: ["latest_invoice.confirmation_secret"],
  });
  check("a subscription is active", monthlong.status === "active" && monthlong.latest_invoice.amount_paid === 1500);
  const [item] = monthlong.items.data;
  const changed = await stripe.subscriptions.update(monthlong.id, { items: [{ id: item.id, quantity: 2 }] });
  check("a change waits as prorations", changed.items.data[0].quantity === 2);
  const waiting = await stripe.invoiceItems.list({ customer: buyer.id, pending: true });
  check("which are invoice items", waiting.data.length > 0 && waiting.data.every((one) => one.proration));
  const ended = await stripe.subscriptions.cancel(monthlong.id, { prorate: true });
  check("a subscription is canceled", ended.status === "canceled");
  const bill = await stripe.invoices.create({ customer: buyer.id, pending_invoice_items_behavior: "include" });
  check("what waits is invoiced", (await stripe.invoices.finalizeInvoice(bill.id)).status !== "draft");

  const start = 1_748_736_000;
  const clock = await stripe.testHelpers.testClocks.create({ frozen_time: start });
  const timed = await stripe.customers.create({ test_clock: clock.id });
  const timedCard = await stripe.paymentMethods.attach("pm_card_visa", { customer: timed.id });
  const monthly = await stripe.subscriptions.create({
    customer: timed.id,
    items: [{ price: price.id }],
    default_payment_method: timedCard.id,
  });
  await stripe.testHelpers.testClocks.advance(clock.id, { frozen_time: start + 31 * 86_400 });
  check("a clock arrives", (await stripe.testHelpers.testClocks.retrieve(clock.id)).status === "ready");
  const bills = await stripe.invoices.list({ subscription: monthly.id, limit: 1 }).autoPagingToArray({ limit: 9 });
  check("and a month was charged", bills.length === 2 && bills[0].status === "paid");

  const session = await stripe.checkout.sessions.create({
    mode: "subscription",
    success_url: "https://shop.example/ok?id={CHECKOUT_SESSION_ID}",
    line_items: [{ price: price.id, quantity: 1 }],
  });
  const visited = await fetch(session.url, { redirect: "manual" });
  check("the checkout page leads back", visited.headers.get("location") === `https://shop.example/ok?id=${session.id}`);
  const bought = await stripe.checkout.sessions.retrieve(session.id, { expand: ["subscription"] });
  check("with a subscription", bought.status === "complete" && bought.subscription.status === "active");

  await sale({ payment_method: "pm_card_createDispute" });
  const [dispute] = (await stripe.disputes.list({ limit: 1 })).data;
  const slip = await stripe.files.create({
    purpose: "dispute_evidence",
    file: { data: Buffer.from("%PDF-1.4 slip"), name: "slip.pdf", type: "application/octet-stream" },
  }, { host: hostname });
  check("a file is uploaded", slip.filename === "slip.pdf" && slip.type === "pdf");
  const answered = await stripe.disputes.update(dispute.id, { evidence: { receipt: slip.id }, submit: true });
  check("evidence is sent", answered.status === "under_review");

  const first = await sale({}, { idempotencyKey: "order-7" });
  const again = await sale({}, { idempotencyKey: "order-7" });
  check("the same key replays", first.id === again.id && again.lastResponse.headers["idempotent-replayed"] === "true");
  const other = await raises(Stripe.errors.StripeIdempotencyError, () => sale({ amount: 1100 }, { idempotencyKey: "order-7" }));
  check("other parameters are a StripeIdempotencyError", other !== undefined);

  const declined = await raises(Stripe.errors.StripeCardError, () => sale({ payment_method: "pm_card_chargeDeclined" }));
  check("a decline is a StripeCardError", declined?.statusCode === 402 && declined.decline_code === "generic_decline");
  check("with the live intent", declined?.payment_intent.status === "requires_payment_method");
  const stranger = new Stripe("sk_test_bad", options);
  const bad = await raises(Stripe.errors.StripeAuthenticationError, () => stranger.balance.retrieve());
  check("a bad key", bad?.statusCode === 401);
  const unknown = await raises(Stripe.errors.StripeInvalidRequestError, () => stripe.customers.create({ colour: "red" }));
  check("an unknown parameter", unknown?.code === "parameter_unknown" && unknown.param === "colour");

  const before = (await stripe.charges.list({ limit: 100 }).autoPagingToArray({ limit: 1000 })).length;
  const fault = JSON.stringify({ kind: "reset-after", method: "POST", path: "/payment_intents" });
  await fetch(`http://${hostname}:${port}/_simulator/faults`, { method: "POST", body: fault });
  check("a lost answer is retried with its key", (await sale()).status === "succeeded");
  const after = (await stripe.charges.list({ limit: 100 }).autoPagingToArray({ limit: 1000 })).length;
  check("and the card is charged once", after === before + 1);

  const customer = await stripe.customers.create({ name: "last" });
  let event;
  let delivery;
  while (event?.data.object.id !== customer.id) {
    if (deliveries.length === 0) await once(hook, "delivery", { signal: AbortSignal.timeout(20_000) });
    delivery = deliveries.shift();
    event = stripe.webhooks.constructEvent(...delivery, info.credentials.webhookSecret);
  }
  check("a delivery is verified", event.type === "customer.created" && event.data.object.name === "last");
  const forged = await raises(Stripe.errors.StripeSignatureVerificationError, async () =>
    stripe.webhooks.constructEvent(`${delivery[0]} `, delivery[1], info.credentials.webhookSecret),
  );
  check("a changed body is not", forged !== undefined);
} catch (error) {
  check(`nothing else goes wrong: ${error.stack}`, false);
} finally {
  child.kill();
  hook.close();
}
process.exitCode = failed.length === 0 ? 0 : 1;
