// Authorize.Net's Node SDK against the simulator.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import authorizenet from "authorizenet";

const { APIContracts, APIControllers } = authorizenet;
const failed = [];

function check(name, passed) {
  console.log(`${passed ? "ok  " : "FAIL"} ${name}`);
  if (!passed) failed.push(name);
}

async function start() {
  const named = process.env.TURNBUCKLE_SIMULATOR;
  const command = named ? [named] : ["cargo", "run", "--quiet", "-p", "turnbuckle-simulator", "--"];
  const child = spawn(command[0], [...command.slice(1), "--port", "0", "--json"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = await once(createInterface({ input: child.stdout }), "line");
  return [child, JSON.parse(line).authorize_net];
}

const [child, info] = await start();
const base = new URL(info.base_url);
const keys = info.credentials;

// The SDK calls back only when an answer came, and says nothing otherwise.
function send(controller) {
  controller.setEnvironment(`${info.base_url}/xml/v1/request.api`);
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error("no answer within ten seconds")), 10_000);
    controller.execute(() => {
      clearTimeout(late);
      resolve(controller.getResponse());
    });
  });
}

function signed(request, key = keys.transactionKey) {
  const merchant = new APIContracts.MerchantAuthenticationType();
  merchant.setName(keys.apiLoginId);
  merchant.setTransactionKey(key);
  request.setMerchantAuthentication(merchant);
  return request;
}

function card(number, expiry, code) {
  const own = new APIContracts.CreditCardType();
  own.setCardNumber(number);
  own.setExpirationDate(expiry);
  if (code) own.setCardCode(code);
  const payment = new APIContracts.PaymentType();
  payment.setCreditCard(own);
  return payment;
}

async function transact(fill) {
  const transaction = new APIContracts.TransactionRequestType();
  fill(transaction);
  const request = signed(new APIContracts.CreateTransactionRequest());
  request.setRefId("sdk-check");
  request.setTransactionRequest(transaction);
  const reply = new APIContracts.CreateTransactionResponse(
    await send(new APIControllers.CreateTransactionController(request.getJSON())),
  );
  check(`  the reference comes back (${reply.getTransactionResponse()?.getTransId()})`, reply.getRefId() === "sdk-check");
  return reply;
}

function pay(type, amount, zip, invoice) {
  return transact((transaction) => {
    transaction.setTransactionType(type);
    transaction.setAmount(amount);
    transaction.setPayment(card("4111111111111111", "2034-12", "900"));
    const order = new APIContracts.OrderType();
    order.setInvoiceNumber(invoice);
    order.setDescription("SDK check");
    transaction.setOrder(order);
    const address = new APIContracts.CustomerAddressType();
    address.setFirstName("Ellen");
    address.setLastName("Ünal");
    address.setAddress("1 Main");
    address.setZip(zip);
    transaction.setBillTo(address);
    const setting = new APIContracts.SettingType();
    setting.setSettingName("duplicateWindow");
    setting.setSettingValue("28800");
    const settings = new APIContracts.ArrayOfSetting();
    settings.setSetting([setting]);
    transaction.setTransactionSettings(settings);
  });
}

const follow = (type, id, amount) =>
  transact((transaction) => {
    transaction.setTransactionType(type);
    if (amount) transaction.setAmount(amount);
    transaction.setRefTransId(id);
  });

const refund = (id, amount) =>
  transact((transaction) => {
    transaction.setTransactionType("refundTransaction");
    transaction.setAmount(amount);
    transaction.setPayment(card("1111", "XXXX"));
    transaction.setRefTransId(id);
  });

async function details(id) {
  const request = signed(new APIContracts.GetTransactionDetailsRequest());
  request.setTransId(id);
  const reply = await send(new APIControllers.GetTransactionDetailsController(request.getJSON()));
  return new APIContracts.GetTransactionDetailsResponse(reply);
}

const steer = (action) =>
  fetch(`${base.origin}/_simulator/authorize_net/${action}`, { method: "POST" }).then((reply) => reply.json());

const code = (reply) => reply.getTransactionResponse().getResponseCode();
const reason = (reply) => {
  const own = reply.getTransactionResponse();
  return own.getErrors()?.getError()[0].getErrorCode() ?? own.getMessages()?.getMessage()[0].getCode();
};
const ok = (reply) => reply.getMessages().getResultCode() === "Ok";

try {
  const sale = await pay("authCaptureTransaction", 20.1, "98004", "S1");
  const id = sale.getTransactionResponse().getTransId();
  check("a sale is approved", ok(sale) && code(sale) === "1" && sale.getTransactionResponse().getAuthCode().length === 6);
  check("with the checks of address and code", sale.getTransactionResponse().getAvsResultCode() === "Y");
  const seen = await details(id);
  const one = seen.getTransaction();
  check("transaction details", one.getTransId() === id && one.getTransactionStatus() === "capturedPendingSettlement");
  check("with amount, invoice and name", one.getSettleAmount() === 20.1 && one.getOrder().getInvoiceNumber() === "S1");
  check("with letters outside ASCII", one.getBillTo().getLastName() === "Ünal");

  const again = await pay("authCaptureTransaction", 20.1, "98004", "S1");
  check("a duplicate names the first one", reason(again) === "11" && again.getTransactionResponse().getTransId() === id);

  const declined = await pay("authCaptureTransaction", 20.1, "46282", "D1");
  check("a decline is Ok with response code 2", ok(declined) && code(declined) === "2" && reason(declined) === "2");

  const held = await pay("authOnlyTransaction", 50, "98004", "A1");
  const heldId = held.getTransactionResponse().getTransId();
  check("an authorization", code(held) === "1");
  const over = await follow("priorAuthCaptureTransaction", heldId, 50.01);
  check("is not captured beyond its amount", !ok(over) && reason(over) === "47");
  const captured = await follow("priorAuthCaptureTransaction", heldId, 30);
  check("and captured in part", code(captured) === "1" && captured.getTransactionResponse().getTransId() === heldId);
  check("once", reason(await follow("priorAuthCaptureTransaction", heldId, 30)) === "311");
  check("as the details show", (await details(heldId)).getTransaction().getSettleAmount() === 30);

  const early = await refund(heldId, 10);
  check("a refund before settlement is refused", !ok(early) && code(early) === "3" && reason(early) === "54");
  const voided = await follow("voidTransaction", heldId);
  check("a void instead", code(voided) === "1");
  check("is done once", reason(await follow("voidTransaction", heldId)) === "310");
  check("as the details show", (await details(heldId)).getTransaction().getTransactionStatus() === "voided");

  const { batches } = await steer("settle");
  check("the day is settled", batches.length === 1);
  check("and there is nothing to void", reason(await follow("voidTransaction", id)) === "327");
  const back = await refund(id, 5);
  check("a refund after settlement", code(back) === "1" && back.getTransactionResponse().getRefTransID() === id);
  check("is not more than was paid", reason(await refund(id, 16)) === "55");

  const listing = signed(new APIContracts.GetUnsettledTransactionListRequest());
  const unsettled = new APIContracts.GetUnsettledTransactionListResponse(
    await send(new APIControllers.GetUnsettledTransactionListController(listing.getJSON())),
  );
  check("the refund waits for settlement", unsettled.getTransactions().getTransaction()[0].getTransactionStatus() === "refundPendingSettlement");

  const ask = async (name, fill) => {
    const request = signed(new APIContracts[`${name}Request`]());
    fill(request);
    const reply = await send(new APIControllers[`${name}Controller`](request.getJSON()));
    return new APIContracts[`${name}Response`](reply);
  };

  const own = await ask("GetMerchantDetails", () => {});
  check("merchant details", own.getIsTestMode() === false && String(own.getCurrencies().getCurrency()[0]) === "USD");

  const billing = new APIContracts.CustomerAddressType();
  billing.setFirstName("Ellen");
  billing.setLastName("Ünal");
  billing.setZip("98004");
  const method = new APIContracts.CustomerPaymentProfileType();
  method.setCustomerType(APIContracts.CustomerTypeEnum.INDIVIDUAL);
  method.setBillTo(billing);
  method.setPayment(card("5424000000000015", "2034-12"));
  const made = await ask("CreateCustomerProfile", (request) => {
    const profile = new APIContracts.CustomerProfileType();
    profile.setMerchantCustomerId("sdk-1");
    profile.setEmail("ellen@example.com");
    profile.setPaymentProfiles([method]);
    request.setProfile(profile);
    request.setValidationMode(APIContracts.ValidationModeEnum.TESTMODE);
  });
  const customer = made.getCustomerProfileId();
  check("a customer profile", ok(made) && made.getCustomerPaymentProfileIdList().getNumericString().length === 1);
  // The SDK hands out String objects in lists.
  const stored = String(made.getCustomerPaymentProfileIdList().getNumericString()[0]);
  const got = await ask("GetCustomerProfile", (request) => request.setCustomerProfileId(customer));
  const kept = got.getProfile().getPaymentProfiles()[0];
  check("is found with its card", kept.getPayment().getCreditCard().getCardNumber() === "XXXX0015");
  check("and its address", kept.getBillTo().getLastName() === "Ünal");
  const twice = await ask("CreateCustomerPaymentProfile", (request) => {
    request.setCustomerProfileId(customer);
    request.setPaymentProfile(method);
  });
  check("the same card again names the first", !ok(twice) && twice.getCustomerPaymentProfileId() === stored);
  const byProfile = await transact((transaction) => {
    const profile = new APIContracts.CustomerProfilePaymentType();
    profile.setCustomerProfileId(customer);
    const payment = new APIContracts.PaymentProfile();
    payment.setPaymentProfileId(stored);
    profile.setPaymentProfile(payment);
    transaction.setTransactionType("authCaptureTransaction");
    transaction.setAmount(7);
    transaction.setProfile(profile);
  });
  check("the stored card pays", code(byProfile) === "1");

  const subscribed = await ask("ARBCreateSubscription", (request) => {
    const interval = new APIContracts.PaymentScheduleType.Interval();
    interval.setLength(1);
    interval.setUnit(APIContracts.ARBSubscriptionUnitEnum.MONTHS);
    const schedule = new APIContracts.PaymentScheduleType();
    schedule.setInterval(interval);
    schedule.setStartDate(new Date(Date.now() + 86_400_000).toISOString().slice(0, 10));
    schedule.setTotalOccurrences(9999);
    const subscription = new APIContracts.ARBSubscriptionType();
    subscription.setName("SDK check");
    subscription.setPaymentSchedule(schedule);
    subscription.setAmount(10.29);
    subscription.setPayment(card("4111111111111111", "2034-12"));
    const payer = new APIContracts.NameAndAddressType();
    payer.setFirstName("Ellen");
    payer.setLastName("Ünal");
    subscription.setBillTo(payer);
    request.setSubscription(subscription);
  });
  const series = subscribed.getSubscriptionId();
  check("a subscription", ok(subscribed) && Number(series) > 0);
  const shown = await ask("ARBGetSubscription", (request) => request.setSubscriptionId(series));
  check("is found", shown.getSubscription().getAmount() === 10.29 && shown.getSubscription().getStatus() === "active");
  check("with its card", shown.getSubscription().getProfile().getPaymentProfile().getCustomerPaymentProfileId() > 0);
  const listed = await ask("ARBGetSubscriptionList", (request) => {
    request.setSearchType(APIContracts.ARBGetSubscriptionListSearchTypeEnum.SUBSCRIPTIONACTIVE);
  });
  check("and listed", listed.getSubscriptionDetails().getSubscriptionDetail()[0].getId() === Number(series));
  for (const expected of ["I00001", "I00002"]) {
    const ended = await ask("ARBCancelSubscription", (request) => request.setSubscriptionId(series));
    check(`canceled: ${expected}`, ended.getMessages().getMessage()[0].getCode() === expected);
  }
  const inBatches = await ask("GetSettledBatchList", (request) => request.setIncludeStatistics(true));
  const [batch] = inBatches.getBatchList().getBatch();
  check("the batch is listed", batch.getBatchId() === batches[0]);
  check("with statistics", batch.getStatistics().getStatistic()[0].getChargeAmount() === 20.1);

  const test = signed(new APIContracts.AuthenticateTestRequest(), "0000000000000000");
  const refused = await send(new APIControllers.AuthenticateTestController(test.getJSON()));
  check("a wrong key is E00007", refused.messages.message[0].code === "E00007");
} catch (error) {
  check(`nothing else goes wrong: ${error.stack}`, false);
} finally {
  child.kill();
}
process.exitCode = failed.length === 0 ? 0 : 1;
