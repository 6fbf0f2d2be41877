//! What pays: cards, tokens, the vault, bank accounts, wallets.

use secrecy::{ExposeSecret, SecretString};
use turnbuckle_core::Result;
use turnbuckle_core::payment::{AccountHolder, AccountType, BankAccount, Card, SecCode};

use crate::client::check_id;
use crate::form::Form;

/// What pays.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Source {
    /// A card in the clear.
    Card(Card),
    /// A token of Collect.js.
    PaymentToken(SecretString),
    /// A method in the customer vault.
    Vault(VaultMethod),
    /// A bank account.
    Check(BankAccount),
    /// A card out of a decrypted Apple Pay or Google Pay token, with its cryptogram.
    Wallet {
        /// Whose token it was.
        wallet: Wallet,
        /// The device's card number.
        card: Card,
        /// The cryptogram.
        cryptogram: SecretString,
        /// The electronic commerce indicator.
        eci: Option<String>,
    },
}

/// A wallet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wallet {
    /// Apple Pay.
    ApplePay,
    /// Google Pay.
    GooglePay,
}

/// A customer of the vault, and which of several methods.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct VaultMethod {
    /// The customer.
    pub customer_vault_id: String,
    /// The method; `None` is the customer's first.
    pub billing_id: Option<String>,
}

impl VaultMethod {
    /// The customer's first method.
    pub fn new(customer_vault_id: impl Into<String>) -> Self {
        Self { customer_vault_id: customer_vault_id.into(), billing_id: None }
    }

    /// One of several.
    pub fn with_billing_id(mut self, id: impl Into<String>) -> Self {
        self.billing_id = Some(id.into());
        self
    }
}

impl Source {
    /// Adds the method's pairs.
    pub(crate) fn write(&self, form: &mut Form) -> Result<()> {
        match self {
            Self::Card(card) => write_card(card, form),
            Self::PaymentToken(token) => {
                form.secret("payment_token", token);
            }
            Self::Vault(method) => {
                form.set("customer_vault_id", check_id("customer_vault_id", &method.customer_vault_id)?);
                if let Some(id) = &method.billing_id {
                    form.set("billing_id", check_id("billing_id", id)?);
                }
            }
            Self::Check(account) => write_check(account, form),
            Self::Wallet { wallet, card, cryptogram, eci } => {
                let flag = match wallet {
                    Wallet::ApplePay => "decrypted_applepay_data",
                    Wallet::GooglePay => "decrypted_googlepay_data",
                };
                form.set(flag, "1");
                write_card(card, form);
                form.secret("cavv", cryptogram).maybe("eci", eci.as_ref());
            }
        }
        Ok(())
    }
}

fn write_card(card: &Card, form: &mut Form) {
    form.secret("ccnumber", card.number());
    form.set("ccexp", format!("{:02}{:02}", card.exp_month(), card.exp_year() % 100));
    form.maybe("cvv", card.cvv().map(ExposeSecret::expose_secret));
}

fn write_check(account: &BankAccount, form: &mut Form) {
    form.set("payment", "check").set("checkname", &account.holder_name);
    form.set("checkaba", &account.routing_number).secret("checkaccount", &account.account_number);
    form.set(
        "account_holder_type",
        match account.holder {
            AccountHolder::Company => "business",
            _ => "personal",
        },
    );
    form.set(
        "account_type",
        match account.account_type {
            AccountType::Savings => "savings",
            _ => "checking",
        },
    );
    form.set(
        "sec_code",
        match account.sec_code {
            SecCode::Ppd => "PPD",
            SecCode::Ccd => "CCD",
            SecCode::Tel => "TEL",
            _ => "WEB",
        },
    );
}
