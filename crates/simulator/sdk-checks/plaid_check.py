"""Plaid's Python SDK against the simulator. The SDK checks the type of everything that it decodes."""

import datetime
import hashlib
import http.server
import json
import os
import queue
import shutil
import subprocess
import sys
import threading
import urllib.request

import jwt
import plaid
from plaid.api import plaid_api
from plaid.model.accounts_balance_get_request import AccountsBalanceGetRequest
from plaid.model.accounts_get_request import AccountsGetRequest
from plaid.model.accounts_get_request_options import AccountsGetRequestOptions
from plaid.model.address_data_nullable_no_required_fields import AddressDataNullableNoRequiredFields
from plaid.model.auth_get_request import AuthGetRequest
from plaid.model.country_code import CountryCode
from plaid.model.identity_get_request import IdentityGetRequest
from plaid.model.identity_match_request import IdentityMatchRequest
from plaid.model.identity_match_user import IdentityMatchUser
from plaid.model.institutions_get_by_id_request import InstitutionsGetByIdRequest
from plaid.model.institutions_get_by_id_request_options import InstitutionsGetByIdRequestOptions
from plaid.model.institutions_get_request import InstitutionsGetRequest
from plaid.model.institutions_search_request import InstitutionsSearchRequest
from plaid.model.investments_holdings_get_request import InvestmentsHoldingsGetRequest
from plaid.model.investments_transactions_get_request import InvestmentsTransactionsGetRequest
from plaid.model.item_access_token_invalidate_request import ItemAccessTokenInvalidateRequest
from plaid.model.item_get_request import ItemGetRequest
from plaid.model.item_public_token_exchange_request import ItemPublicTokenExchangeRequest
from plaid.model.item_remove_request import ItemRemoveRequest
from plaid.model.item_webhook_update_request import ItemWebhookUpdateRequest
from plaid.model.liabilities_get_request import LiabilitiesGetRequest
from plaid.model.link_token_create_hosted_link import LinkTokenCreateHostedLink
from plaid.model.link_token_create_request import LinkTokenCreateRequest
from plaid.model.link_token_create_request_user import LinkTokenCreateRequestUser
from plaid.model.link_token_get_request import LinkTokenGetRequest
from plaid.model.link_token_transactions import LinkTokenTransactions
from plaid.model.processor_stripe_bank_account_token_create_request import ProcessorStripeBankAccountTokenCreateRequest
from plaid.model.processor_token_create_request import ProcessorTokenCreateRequest
from plaid.model.products import Products
from plaid.model.sandbox_item_fire_webhook_request import SandboxItemFireWebhookRequest
from plaid.model.sandbox_item_reset_login_request import SandboxItemResetLoginRequest
from plaid.model.sandbox_item_set_verification_status_request import SandboxItemSetVerificationStatusRequest
from plaid.model.sandbox_processor_token_create_request import SandboxProcessorTokenCreateRequest
from plaid.model.sandbox_public_token_create_request import SandboxPublicTokenCreateRequest
from plaid.model.sandbox_public_token_create_request_options import SandboxPublicTokenCreateRequestOptions
from plaid.model.sandbox_transactions_create_request import SandboxTransactionsCreateRequest
from plaid.model.custom_sandbox_transaction import CustomSandboxTransaction
from plaid.model.transactions_get_request import TransactionsGetRequest
from plaid.model.transactions_get_request_options import TransactionsGetRequestOptions
from plaid.model.transactions_recurring_get_request import TransactionsRecurringGetRequest
from plaid.model.transactions_refresh_request import TransactionsRefreshRequest
from plaid.model.transactions_sync_request import TransactionsSyncRequest
from plaid.model.webhook_type import WebhookType
from plaid.model.webhook_verification_key_get_request import WebhookVerificationKeyGetRequest

BANK = "ins_109508"
US = [CountryCode("US")]
FAILED = []


def check(name, passed):
    print(f"{'ok  ' if passed else 'FAIL'} {name}")
    if not passed:
        FAILED.append(name)


def refused(code, call):
    """Whether the call is refused with this code."""
    try:
        call()
    except plaid.ApiException as error:
        found = json.loads(error.body)
        if found["error_code"] == code:
            return found
        print(f"     got {found}")
    return None


class Hook(http.server.ThreadingHTTPServer):
    """Takes webhooks."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), HookHandler)
        self.received = queue.Queue()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def url(self):
        return f"http://127.0.0.1:{self.server_port}/"

    def next(self, code):
        """The next webhook of this code, and its token."""
        while True:
            body, token = self.received.get(timeout=20)
            if json.loads(body)["webhook_code"] == code:
                return body, token


class HookHandler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.received.put((body, self.headers["plaid-verification"]))
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def start():
    named = os.environ.get("TURNBUCKLE_SIMULATOR") or shutil.which("turnbuckle-simulator")
    command = [named] if named else ["cargo", "run", "--quiet", "-p", "turnbuckle-simulator", "--"]
    process = subprocess.Popen([*command, "--port", "0", "--json"], stdout=subprocess.PIPE, text=True)
    return process, json.loads(process.stdout.readline())["plaid"]


def connect(host, **keys):
    return plaid_api.PlaidApi(plaid.ApiClient(plaid.Configuration(host=host, api_key=keys)))


def steer(admin, path, **body):
    data = json.dumps(body).encode()
    request = urllib.request.Request(f"{admin}/_simulator/{path}", data=data, method="POST")
    return json.loads(urllib.request.urlopen(request).read())


def link(client, hook=None, products=("transactions", "auth"), **options):
    if hook:
        options["webhook"] = hook.url()
    request = SandboxPublicTokenCreateRequest(
        institution_id=BANK,
        initial_products=[Products(product) for product in products],
        options=SandboxPublicTokenCreateRequestOptions(**options),
    )
    public = client.sandbox_public_token_create(request).public_token
    made = client.item_public_token_exchange(ItemPublicTokenExchangeRequest(public_token=public))
    return made.access_token, made.item_id, public


def sync(client, token, cursor=None, count=100):
    """One loop: what was added, changed and removed, the new cursor, and the number of pages."""
    added, modified, removed, pages = [], [], [], 0
    while True:
        known = {"cursor": cursor} if cursor else {}
        page = client.transactions_sync(TransactionsSyncRequest(access_token=token, count=count, **known))
        added, modified, removed = added + page.added, modified + page.modified, removed + page.removed
        cursor, pages = page.next_cursor, pages + 1
        if not page.has_more:
            return added, modified, removed, cursor, pages


def fold(state, added, modified, removed):
    for one in [*added, *modified]:
        state[one.transaction_id] = one
    for one in removed:
        state.pop(one.transaction_id, None)


def items(client, admin, hook):
    token, item_id, public = link(client, hook)
    check("an item is linked", token.startswith("access-sandbox-"))
    again = ItemPublicTokenExchangeRequest(public_token=public)
    check("a public token works once", refused("INVALID_PUBLIC_TOKEN", lambda: client.item_public_token_exchange(again)))
    item = client.item_get(ItemGetRequest(access_token=token)).item
    check("the item", item.item_id == item_id and item.institution_id == BANK and item.error is None)
    fresh = client.item_access_token_invalidate(ItemAccessTokenInvalidateRequest(access_token=token)).new_access_token
    old = lambda: client.item_get(ItemGetRequest(access_token=token))
    check("the old token is dead", refused("INVALID_ACCESS_TOKEN", old))
    client.item_webhook_update(ItemWebhookUpdateRequest(access_token=fresh, webhook=hook.url()))
    body, _ = hook.next("WEBHOOK_UPDATE_ACKNOWLEDGED")
    check("a new address is acknowledged", json.loads(body)["new_webhook_url"] == hook.url())
    client.item_remove(ItemRemoveRequest(access_token=fresh))
    check("removed", refused("ITEM_NOT_FOUND", lambda: client.item_get(ItemGetRequest(access_token=fresh))))


def accounts(client):
    token, _, _ = link(client, products=("auth", "identity"))
    found = client.accounts_get(AccountsGetRequest(access_token=token)).accounts
    check("accounts", len(found) == 9 and found[0].balances.current == 110)
    one = AccountsGetRequest(access_token=token, options=AccountsGetRequestOptions(account_ids=[found[1].account_id]))
    check("one account", [account.mask for account in client.accounts_get(one).accounts] == ["1111"])
    check("live balances", len(client.accounts_balance_get(AccountsBalanceGetRequest(access_token=token)).accounts) == 9)
    check("numbers", len(client.auth_get(AuthGetRequest(access_token=token)).numbers.ach) == 2)
    owners = client.identity_get(IdentityGetRequest(access_token=token)).accounts[0].owners
    check("owners", owners[0].emails[0].data.endswith("@example.com"))
    # The SDK cannot decode the null that Plaid sends for what was not asked about, so all is.
    home = owners[0].addresses[0].data
    user = IdentityMatchUser(
        legal_name=owners[0].names[0],
        phone_number="+1 (111) 222-3333",
        email_address="nobody@example.com",
        address=AddressDataNullableNoRequiredFields(street=home.street, city=home.city, region=home.region, postal_code="99999", country="US"),
    )
    matched = client.identity_match(IdentityMatchRequest(access_token=token, user=user)).accounts[0]
    check("name and number match", matched.legal_name.score == 100 and matched.phone_number.score == 100)
    check("the rest does not", matched.email_address.score == 0 and not matched.address.is_postal_code_match)
    check("liabilities", len(client.liabilities_get(LiabilitiesGetRequest(access_token=token)).liabilities.credit) == 1)
    held = client.investments_holdings_get(InvestmentsHoldingsGetRequest(access_token=token))
    check("holdings", len(held.holdings) == 8 and len(held.securities) == 4)
    today = datetime.date.today()
    trades = InvestmentsTransactionsGetRequest(access_token=token, start_date=today - datetime.timedelta(days=90), end_date=today)
    check("trades", client.investments_transactions_get(trades).total_investment_transactions >= 10)
    account = found[0].account_id
    partner = ProcessorTokenCreateRequest(access_token=token, account_id=account, processor="dwolla")
    check("a processor token", client.processor_token_create(partner).processor_token.startswith("processor-sandbox-"))
    stripe = ProcessorStripeBankAccountTokenCreateRequest(access_token=token, account_id=account)
    made = client.processor_stripe_bank_account_token_create(stripe).stripe_bank_account_token
    check("a token for Stripe", made.startswith("btok_"))
    made = client.sandbox_processor_token_create(SandboxProcessorTokenCreateRequest(institution_id=BANK))
    check("a sandbox processor token", made.processor_token.startswith("processor-sandbox-"))
    status = SandboxItemSetVerificationStatusRequest(access_token=token, account_id=account, verification_status="automatically_verified")
    client.sandbox_item_set_verification_status(status)
    found = client.accounts_get(AccountsGetRequest(access_token=token)).accounts[0]
    check("a verification status", found.verification_status == "automatically_verified")


def institutions(client):
    page = client.institutions_get(InstitutionsGetRequest(count=2, offset=1, country_codes=US))
    check("institutions", len(page.institutions) == 2 and page.total > 2)
    found = client.institutions_search(InstitutionsSearchRequest(query="platypus", country_codes=US)).institutions
    check("institutions by name", BANK in [bank.institution_id for bank in found])
    options = InstitutionsGetByIdRequestOptions(include_status=True, include_optional_metadata=True, include_auth_metadata=True)
    down = InstitutionsGetByIdRequest(institution_id="ins_132361", country_codes=US, options=options)
    check("a bank that is down", client.institutions_get_by_id(down).institution.status.item_logins.status == "DOWN")


def transactions(client, admin, hook):
    days = {"start_date": datetime.date.today() - datetime.timedelta(days=729), "end_date": datetime.date.today()}
    token, item_id, _ = link(client, hook, products=("transactions",), transactions=days)
    first = client.transactions_sync(TransactionsSyncRequest(access_token=token))
    check("nothing is ready", first.next_cursor == "" and str(first.transactions_update_status) == "NOT_READY")
    today = datetime.date.today()
    dates = TransactionsGetRequest(access_token=token, start_date=today - datetime.timedelta(days=9), end_date=today)
    check("nor by date", refused("PRODUCT_NOT_READY", lambda: client.transactions_get(dates)))
    steer(admin, "advance", seconds=15)
    state = {}
    *changes, cursor, _ = sync(client, token)
    fold(state, *changes)
    check("the last weeks", 400 < len(state) < 500)
    steer(admin, "advance", seconds=60)
    *changes, cursor, pages = sync(client, token, cursor, count=500)
    fold(state, *changes)
    check("ten thousand transactions", len(state) > 10_000 and pages > 15)
    body, _ = hook.next("SYNC_UPDATES_AVAILABLE")
    check("the webhook says so", json.loads(body)["item_id"] == item_id)
    for _ in range(12):
        steer(admin, "advance", seconds=86_400)
        *changes, cursor, _ = sync(client, token, cursor)
        fold(state, *changes)
    *everything, _, _ = sync(client, token, count=500)
    whole = {}
    fold(whole, *everything)
    same = {key: (one.amount, one.name) for key, one in state.items()} == {key: (one.amount, one.name) for key, one in whole.items()}
    check("days of changes fold to what is there", same)
    check("pending ones were booked", any(one.pending_transaction_id for one in state.values()))
    page = client.transactions_sync(TransactionsSyncRequest(access_token=token, count=1))
    client.transactions_refresh(TransactionsRefreshRequest(access_token=token))
    next_page = TransactionsSyncRequest(access_token=token, count=1, cursor=page.next_cursor)
    changed = refused("TRANSACTIONS_SYNC_MUTATION_DURING_PAGINATION", lambda: client.transactions_sync(next_page))
    check("a change between pages", changed and changed["error_type"] == "TRANSACTIONS_ERROR")
    options = TransactionsGetRequestOptions(count=500, offset=0)
    dates = TransactionsGetRequest(access_token=token, start_date=today - datetime.timedelta(days=20), end_date=today, options=options)
    check("by date", client.transactions_get(dates).total_transactions > 250)
    streams = client.transactions_recurring_get(TransactionsRecurringGetRequest(access_token=token))
    check("what repeats", len(streams.inflow_streams) == 1 and len(streams.outflow_streams) == 2)
    other, _, _ = link(client)
    foreign = TransactionsSyncRequest(access_token=other, cursor=cursor)
    check("another item's cursor", refused("INVALID_FIELD", lambda: client.transactions_sync(foreign)))


def dynamic(client, admin):
    token, _, _ = link(client, products=("transactions",), override_username="user_transactions_dynamic", override_password="any")
    steer(admin, "advance", seconds=120)
    *_, cursor, _ = sync(client, token, count=500)
    today = client.item_get(ItemGetRequest(access_token=token)).item.created_at.date()
    made = CustomSandboxTransaction(date_transacted=today, date_posted=today, amount=12.34, description="Rye bread", iso_currency_code="USD")
    client.sandbox_transactions_create(SandboxTransactionsCreateRequest(access_token=token, transactions=[made]))
    added, *_ = sync(client, token, cursor)
    check("a made transaction", [(one.name, one.amount) for one in added] == [("Rye bread", 12.34)])


def repair(client, admin, hook):
    token, item_id, _ = link(client, hook)
    client.sandbox_item_reset_login(SandboxItemResetLoginRequest(access_token=token))
    blocked = lambda: client.accounts_get(AccountsGetRequest(access_token=token))
    check("a login is required", refused("ITEM_LOGIN_REQUIRED", blocked))
    body, _ = hook.next("ERROR")
    check("the webhook says so", json.loads(body)["error"]["error_code"] == "ITEM_LOGIN_REQUIRED")
    item = client.item_get(ItemGetRequest(access_token=token)).item
    check("and the item", item.error.error_code == "ITEM_LOGIN_REQUIRED")
    user = LinkTokenCreateRequestUser(client_user_id="user-7")
    update = LinkTokenCreateRequest(client_name="Stand", language="en", country_codes=US, user=user, access_token=token)
    link_token = client.link_token_create(update).link_token
    steer(admin, "plaid/link", link_token=link_token)
    check("update mode mends it", len(blocked().accounts) == 9)
    failing = lambda: link(client, override_password="error_ITEM_LOCKED")
    check("a password that fails", refused("ITEM_LOCKED", failing))


def sessions(client, hook):
    user = LinkTokenCreateRequestUser(client_user_id="user-7")
    request = LinkTokenCreateRequest(
        client_name="Stand",
        language="en",
        country_codes=US,
        user=user,
        products=[Products("transactions")],
        webhook=hook.url(),
        hosted_link=LinkTokenCreateHostedLink(),
        transactions=LinkTokenTransactions(days_requested=30),
    )
    made = client.link_token_create(request)
    check("a link token", made.link_token.startswith("link-sandbox-") and made.expiration > datetime.datetime.now(datetime.timezone.utc))
    urllib.request.urlopen(made.hosted_link_url).read()
    body, _ = hook.next("SESSION_FINISHED")
    public = json.loads(body)["public_tokens"][0]
    info = client.link_token_get(LinkTokenGetRequest(link_token=made.link_token))
    check("its session", info.link_sessions[0].results.item_add_results[0].public_token == public)
    check("ends with an item", client.item_public_token_exchange(ItemPublicTokenExchangeRequest(public_token=public)).item_id)


def webhooks(client, hook):
    token, _, _ = link(client, hook)
    fire = SandboxItemFireWebhookRequest(access_token=token, webhook_type=WebhookType("ITEM"), webhook_code="NEW_ACCOUNTS_AVAILABLE")
    check("fired", client.sandbox_item_fire_webhook(fire).webhook_fired)
    body, verification = hook.next("NEW_ACCOUNTS_AVAILABLE")
    kid = jwt.get_unverified_header(verification)["kid"]
    key = client.webhook_verification_key_get(WebhookVerificationKeyGetRequest(key_id=kid)).key
    claims = jwt.decode(verification, jwt.PyJWK(key.to_dict()).key, algorithms=["ES256"], options={"verify_iat": False})
    check("the signature is right", claims["request_body_sha256"] == hashlib.sha256(body).hexdigest())
    bare, _, _ = link(client)
    fire = SandboxItemFireWebhookRequest(access_token=bare, webhook_code="SYNC_UPDATES_AVAILABLE")
    check("no address, no webhook", refused("SANDBOX_WEBHOOK_INVALID", lambda: client.sandbox_item_fire_webhook(fire)))


def errors(client, host, keys):
    wrong = connect(host, **{**keys, "secret": "wrong"})
    request = InstitutionsGetRequest(count=1, offset=0, country_codes=US)
    found = refused("INVALID_API_KEYS", lambda: wrong.institutions_get(request))
    check("wrong keys", found and found["error_type"] == "INVALID_INPUT")
    unknown = lambda: client.item_get(ItemGetRequest(access_token="access-production-00000000-0000-0000-0000-000000000000"))
    check("a token of another environment", refused("INVALID_ACCESS_TOKEN", unknown))


def main():
    hook = Hook()
    process, info = start()
    try:
        host, admin = info["base_url"], info["base_url"].removesuffix("/plaid")
        keys = {
            "clientId": info["credentials"]["clientId"],
            "secret": info["credentials"]["secret"],
            "plaidVersion": "2020-09-14",
        }
        client = connect(host, **keys)
        items(client, admin, hook)
        accounts(client)
        institutions(client)
        sessions(client, hook)
        repair(client, admin, hook)
        webhooks(client, hook)
        errors(client, host, keys)
        transactions(client, admin, hook)
        dynamic(client, admin)
    finally:
        process.terminate()
        process.wait()
    return 1 if FAILED else 0


if __name__ == "__main__":
    sys.exit(main())
