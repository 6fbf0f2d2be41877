//! What Plaid answers, in the words that all vendors share.

use turnbuckle_core::bank_data::{
    AccountBalance, AccountHolderData, AccountKind, AccountNumbers, AccountOwner, BankAccountData,
    BankAmount, BankCurrency, BankTransaction, Category, Counterparty, Decimal, Flow, Institution,
    InstitutionStatus, LinkSession, RemovedTransaction, SyncCursor, SyncHistory, SyncPage,
};
use turnbuckle_core::{Error, ErrorKind, Result};
use url::Url;

use crate::{
    Account, AccountType, Balances, HealthStatus, InstitutionData, LinkToken, Numbers, Owner, OwnerContact,
    PostalAddress, Transaction, TransactionPage, UpdateStatus,
};

pub(super) fn session(token: LinkToken) -> Result<LinkSession> {
    let mut session = LinkSession::new(token.link_token, token.expiration);
    if let Some(text) = token.hosted_link_url {
        let url = Url::parse(&text)
            .map_err(|_| Error::new(ErrorKind::InvalidResponse, "the page of the session is no address"))?;
        session.hosted_url = Some(url);
    }
    Ok(session)
}

pub(super) fn account(account: Account) -> BankAccountData {
    let kind = match account.account_type {
        AccountType::Depository => AccountKind::Depository,
        AccountType::Credit => AccountKind::Credit,
        AccountType::Loan => AccountKind::Loan,
        AccountType::Investment | AccountType::Brokerage => AccountKind::Investment,
        AccountType::Other(word) => AccountKind::Other(word),
    };
    let mut data = BankAccountData::new(account.account_id, kind, account.name);
    data.persistent_id = account.persistent_account_id;
    data.subtype = account.subtype;
    data.official_name = account.official_name;
    data.mask = account.mask;
    data.balance = balance(&account.balances);
    data
}

pub(super) fn balance_by_id(account: Account) -> (String, AccountBalance) {
    let balance = balance(&account.balances);
    (account.account_id, balance)
}

fn balance(balances: &Balances) -> AccountBalance {
    let currency =
        currency(balances.iso_currency_code.as_deref(), balances.unofficial_currency_code.as_deref());
    let amount = |value: Option<Decimal>| value.map(|value| BankAmount::new(value, currency.clone()));
    let mut balance = AccountBalance::default();
    balance.available = amount(balances.available);
    balance.current = amount(balances.current);
    balance.limit = amount(balances.limit);
    balance.updated_at = balances.last_updated_datetime;
    balance.currency = currency;
    balance
}

fn currency(iso: Option<&str>, unofficial: Option<&str>) -> Option<BankCurrency> {
    BankCurrency::from_codes(iso, unofficial)
}

pub(super) fn numbers(numbers: Numbers) -> Vec<AccountNumbers> {
    let ach = numbers.ach.into_iter().map(|ach| AccountNumbers::Ach {
        account_id: ach.account_id,
        account: ach.account,
        routing: ach.routing,
        wire_routing: ach.wire_routing,
        tokenized: ach.is_tokenized_account_number,
    });
    let eft = numbers.eft.into_iter().map(|eft| AccountNumbers::Eft {
        account_id: eft.account_id,
        account: eft.account,
        institution: eft.institution,
        branch: eft.branch,
    });
    let international = numbers.international.into_iter().map(|number| AccountNumbers::International {
        account_id: number.account_id,
        iban: number.iban,
        bic: number.bic,
    });
    let bacs = numbers.bacs.into_iter().map(|bacs| AccountNumbers::Bacs {
        account_id: bacs.account_id,
        account: bacs.account,
        sort_code: bacs.sort_code,
    });
    ach.chain(eft).chain(international).chain(bacs).collect()
}

pub(super) fn holders(account: Account) -> AccountHolderData {
    let owners = account.owners.into_iter().map(owner).collect();
    AccountHolderData::new(account.account_id, owners)
}

fn owner(owner: Owner) -> AccountOwner {
    let mut holder = AccountOwner::default();
    holder.names = owner.names;
    holder.emails = contacts(owner.emails);
    holder.phones = contacts(owner.phone_numbers);
    let mut addresses = owner.addresses;
    addresses.sort_by_key(|address| !address.primary);
    holder.addresses = addresses.into_iter().map(|address| one_line(&address.data)).collect();
    holder
}

/// The primary one first.
fn contacts(mut contacts: Vec<OwnerContact>) -> Vec<String> {
    contacts.sort_by_key(|contact| !contact.primary);
    contacts.into_iter().map(|contact| contact.data).collect()
}

fn one_line(address: &PostalAddress) -> String {
    let parts = [&address.street, &address.city, &address.region, &address.postal_code, &address.country];
    let parts: Vec<_> =
        parts.into_iter().flatten().filter(|part| !part.is_empty()).map(String::as_str).collect();
    parts.join(", ")
}

pub(super) fn page(page: TransactionPage, asked_version: &str) -> Result<SyncPage> {
    let history = match page.transactions_update_status {
        UpdateStatus::NotReady => SyncHistory::NotReady,
        UpdateStatus::Initial => SyncHistory::Initial,
        UpdateStatus::Historical => SyncHistory::Historical,
        UpdateStatus::Unknown | UpdateStatus::Other(_) => SyncHistory::Unknown,
    };
    // An empty cursor means that nothing is ready. Stored, it would read everything from the beginning.
    let next = match page.next_cursor {
        cursor if cursor.is_empty() => None,
        cursor => Some(SyncCursor::new(cursor).map_err(|_| {
            Error::new(ErrorKind::InvalidResponse, "the cursor is longer than Plaid says that cursors are")
        })?),
    };
    let convert = |transaction| transaction_from(transaction, asked_version);
    let mut changes = SyncPage::new(next, page.has_more, history);
    changes.accounts = page.accounts.into_iter().map(account).collect();
    changes.added = page.added.into_iter().map(convert).collect();
    changes.modified = page.modified.into_iter().map(convert).collect();
    changes.removed = page
        .removed
        .into_iter()
        .map(|removed| RemovedTransaction::new(removed.transaction_id, removed.account_id))
        .collect();
    Ok(changes)
}

fn transaction_from(from: Transaction, asked_version: &str) -> BankTransaction {
    let currency = currency(from.iso_currency_code.as_deref(), from.unofficial_currency_code.as_deref());
    let flow = Flow::positive_is_outflow(BankAmount::new(from.amount, currency));
    let name = if from.name.is_empty() { from.merchant_name.clone().unwrap_or_default() } else { from.name };
    let mut to = BankTransaction::new(from.transaction_id, from.account_id, flow, from.date, name);
    to.authorized_date = from.authorized_date;
    to.at = from.datetime;
    to.pending = from.pending;
    to.replaces = from.pending_transaction_id;
    to.original_description = from.original_description;
    to.merchant = from.merchant_name;
    to.category = from.personal_finance_category.map(|from| {
        let mut category = Category::new(from.primary, from.detailed);
        category.confidence = from.confidence_level;
        category.taxonomy = Some(from.version.unwrap_or_else(|| asked_version.to_owned()));
        category
    });
    to.counterparties = from
        .counterparties
        .into_iter()
        .map(|from| {
            let mut party = Counterparty::new(from.name, from.kind);
            party.id = from.entity_id;
            party
        })
        .collect();
    to.channel = Some(from.payment_channel).filter(|channel| !channel.is_empty());
    to.check_number = from.check_number;
    to
}

pub(super) fn institution(from: InstitutionData) -> Institution {
    let mut bank = Institution::new(from.institution_id, from.name);
    bank.countries = from.country_codes;
    bank.oauth = from.oauth;
    bank.url = from.url;
    // Signing in is what every link needs.
    let logins = from.status.and_then(|status| status.item_logins);
    bank.status = logins.and_then(|logins| match logins.status {
        HealthStatus::Healthy => Some(InstitutionStatus::Healthy),
        HealthStatus::Degraded => Some(InstitutionStatus::Degraded),
        HealthStatus::Down => Some(InstitutionStatus::Down),
        HealthStatus::Other(_) => None,
    });
    bank
}
