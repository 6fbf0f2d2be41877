//! Transactions of every kind, and what follows them.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};

use secrecy::SecretString;
use turnbuckle_core::Result;
use turnbuckle_core::money::Currency;
use turnbuckle_core::payment::{
    AccountHolder, AccountType, Initiator, OriginalPayment, SecCode, StoredCredential,
    StoredCredentialReason, ThreeDSecure,
};
use turnbuckle_nmi::{NewTransaction, Rail, Source, TransactionType, TransactionUpdate, VaultMethod, Wallet};

use super::{Calls, MASTERCARD, Setting, TOKEN, VISA, bank_account, card, contact, id};

/// Every parameter that goes with every way to pay.
fn filled(new: NewTransaction, at: &Setting<'_>, order: &str) -> NewTransaction {
    let mut new = new
        .with_order_id(at.id(order))
        .with_order_description("Sandbox run")
        .with_billing(contact())
        .with_shipping(contact())
        .with_dup_seconds(60);
    new.po_number = Some("PO-1".to_owned());
    new.tax = Some(super::dollars(80));
    new.descriptor = Some("SANDBOX".to_owned());
    new.ip_address = Some(IpAddr::V4(Ipv4Addr::new(203, 0, 113, 7)));
    new.defined_fields = (1..=20).map(|number| (number, format!("{} {number}", at.word))).collect();
    new
}

/// As few parameters as possible.
fn plain(at: &mut Setting<'_>, kind: TransactionType) -> Result<NewTransaction> {
    let order = format!("{}-{}", at.word, at.cents);
    Ok(NewTransaction::new(kind, at.amount(), Source::Card(card(VISA)?)).with_order_id(order))
}

pub(super) async fn every_operation(calls: &mut Calls, at: &mut Setting<'_>) -> Result<()> {
    let transactions = at.nmi.transactions();
    let recurring = StoredCredentialReason::Recurring;

    // The ways to pay exclude each other: a card here, the others below.
    let new = NewTransaction::new(TransactionType::Sale, at.amount(), Source::Card(card(VISA)?));
    let mut new = filled(new, at, "sale");
    new.processor_id = Some(at.processor.clone());
    new.stored_credential = Some(StoredCredential::initial(recurring));
    new.three_d_secure = Some(ThreeDSecure::new(
        "2.2.0",
        "05",
        "AAABBEg0VhI0VniQEjRWAAAAAAA=",
        "f25084f0-5b16-4c0a-ae5d-b24808a95e4b",
    ));
    new.add_customer = Some(at.id("paid"));
    let first = calls.reply("sale", transactions.create(&new)).await;

    at.sale = id(first.as_ref());
    // A later payment of that series, with a token of Collect.js. It was authenticated with the first.
    let token = Source::PaymentToken(SecretString::from(TOKEN.to_owned()));
    let mut new = filled(NewTransaction::new(TransactionType::Auth, at.amount(), token), at, "auth");
    new.processor_id = Some(at.processor.clone());
    let original = OriginalPayment::new(&at.sale);
    new.stored_credential = Some(StoredCredential::subsequent(Initiator::Merchant, recurring, original));
    new.add_customer = Some(at.id("reserved"));
    calls.reply("auth", transactions.create(&new)).await;

    // A bank account has no series, no 3-D Secure, and a processor of its own.
    let mut account = bank_account()?;
    account.holder = AccountHolder::Company;
    account.account_type = AccountType::Savings;
    account.sec_code = SecCode::Ccd;
    let new = NewTransaction::new(TransactionType::Credit, at.amount(), Source::Check(account));
    let mut new = filled(new, at, "credit");
    new.add_customer = Some(at.id("credited"));
    calls.reply("credit", transactions.create(&new)).await;

    let vault = at.nmi.vault();
    let customer = at.id("checked");
    let details = turnbuckle_nmi::VaultDetails::new();
    let source = Source::Card(card(VISA)?);
    calls.before("validate", vault.add_customer(&customer, &source, &details)).await;
    let method = at.id("method");
    calls.before("validate", vault.add_billing(&customer, &method, &source, &details)).await;
    // What is in the vault already is not added, and a validation has no amount and no tax.
    let stored = Source::Vault(VaultMethod::new(&customer).with_billing_id(&method));
    let mut new = filled(NewTransaction::validation(Currency::USD, stored), at, "validate");
    new.tax = None;
    new.processor_id = Some(at.processor.clone());
    new.stored_credential = Some(StoredCredential::initial(StoredCredentialReason::Unscheduled));
    calls.reply("validate", transactions.create(&new)).await;

    let source = Source::Wallet {
        wallet: Wallet::ApplePay,
        card: card(MASTERCARD)?,
        cryptogram: SecretString::from("AAABBEg0VhI0VniQEjRWAAAAAAA=".to_owned()),
        eci: Some("05".to_owned()),
    };
    let new = NewTransaction::new(TransactionType::Offline, at.amount(), source);
    let mut new = filled(new, at, "offline");
    new.processor_id = Some(at.processor.clone());
    new.authorization_code = Some("123456".to_owned());
    new.add_customer = Some(at.id("offline"));
    calls.reply("offline", transactions.create(&new)).await;

    let reserve = plain(at, TransactionType::Auth)?;
    let reserved = calls.before("capture", transactions.create(&reserve)).await;
    calls.reply("capture", transactions.capture(&reserved, Some(super::dollars(500)))).await;

    let pay = plain(at, TransactionType::Sale)?;
    let paid = calls.before("void", transactions.create(&pay)).await;
    calls.reply("void", transactions.void(&paid, Rail::Card)).await;

    let debit = NewTransaction::new(TransactionType::Sale, at.amount(), Source::Check(bank_account()?));
    let debited = calls.before("refund", transactions.create(&debit)).await;
    let order = at.id("refund");
    let part = super::dollars(300);
    calls.reply("refund", transactions.refund(&debited, part, &order, Rail::Check)).await;

    let mut change = TransactionUpdate::new().with_order_description("Sandbox run, changed");
    change.po_number = Some("PO-2".to_owned());
    change.defined_fields = BTreeMap::from([(1, at.word.clone()), (20, at.word.clone())]);
    let pay = plain(at, TransactionType::Sale)?;
    let paid = calls.before("update", transactions.create(&pay)).await;
    calls.reply("update", transactions.update(&paid, &change)).await;
    Ok(())
}
