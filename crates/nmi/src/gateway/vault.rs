//! Stored methods: customers of the vault, and several methods of one customer.

use turnbuckle_core::payment::{
    Attempt, Authority, Lookup, MethodSummary, PaymentMethod, PaymentOperation, PaymentRef, StoreRequest,
    StoredMethod,
};
use turnbuckle_core::{Effect, Error, ErrorKind, Result};

use super::answer;
use super::request::{self, rail};
use super::texts::Texts;
use super::{NmiGateway, detail, expect_kind, kind};
use crate::client::PROVIDER;
use crate::records::{VaultBilling, VaultCustomer};
use crate::{Page, Rail, VaultDetails};

/// Customers on one page of a search, and pages of it at most.
const PAGE: u32 = 100;
const MOST_PAGES: u32 = 20;

impl NmiGateway {
    /// Keeps a method: as a new customer of the vault, or as one more method of the customer that the request names. The id
    /// is the attempt's own, so NMI itself refuses a second one.
    pub(super) async fn store_method(&self, request: &StoreRequest) -> Result<StoredMethod> {
        if matches!(request.method, PaymentMethod::Stored(_)) {
            return Err(Error::invalid_field("method", "is stored already"));
        }
        let mut texts = Texts::new(request.options.text);
        let source = request::source(&request.method, &mut texts);
        let people =
            request::people(&request.method, request.customer.as_ref(), request.billing.as_ref(), &mut texts);
        let mut details = VaultDetails::new().with_billing(people.billing);
        details.defined_fields = people.fields;
        details.defined_fields.extend(request::reference_field(&request.reference));
        request::metadata(&request.options.metadata, &mut details.defined_fields, &mut texts);
        details.processor_id.clone_from(&request.options.sub_account);
        for (asked, field) in [
            (request.options.statement_descriptor.is_some(), "options.statement_descriptor"),
            (request.options.level2.is_some(), "options.level2"),
        ] {
            if asked {
                texts.refuse(field, "has no place with a stored method");
            }
        }
        request::refuse_any(texts.problems)?;
        let source =
            source.ok_or_else(|| Error::invalid_field("method", "is not a method that can be stored"))?;
        let key = self.wire_key(PaymentOperation::Store, &request.key);
        let owner = request.customer.as_ref().and_then(|customer| customer.reference.as_ref());
        if let Some(owner) = owner {
            expect_kind(owner, kind::CUSTOMER)?;
        }
        let made = match owner {
            Some(owner) => self.client.vault().add_billing(owner.id(), key.as_str(), &source, &details).await,
            None => self.client.vault().add_customer(key.as_str(), &source, &details).await,
        };
        match made {
            Ok(reply) => {
                let expected = owner.map_or(key.as_str(), PaymentRef::id);
                if reply.customer_vault_id().is_some_and(|id| id != expected) {
                    return Err(answer::wrong("NMI stored the method under another id than was sent")
                        .with_effect(Effect::Happened));
                }
                let summary = self.shown(&request.method, expected, owner.map(|_| key.as_str())).await;
                Ok(stored(key.as_str(), owner.map(PaymentRef::id), rail(&request.method), summary))
            }
            // Under this key it was stored before, if it is there. A decline is NMI's too, since it may check the card.
            Err(error) if error.effect() == Effect::None && error.kind() == ErrorKind::InvalidRequest => {
                match self.find(key.as_str(), owner.map(PaymentRef::id)).await {
                    Ok(Some(earlier)) => Ok(earlier),
                    Ok(None) | Err(_) => Err(error),
                }
            }
            Err(error) => Err(error),
        }
    }

    /// What may be shown of a method. Of a token only the vault knows, and its silence is no failure of the store.
    async fn shown(&self, method: &PaymentMethod, customer: &str, billing: Option<&str>) -> MethodSummary {
        let known = answer::summary(method);
        if !matches!(method, PaymentMethod::Token(_)) {
            return known;
        }
        match self.client.query().customer(customer).await {
            Ok(Some(found)) => record_of(&found, billing).map_or(known, |record| summary_of(&record)),
            _ => known,
        }
    }

    async fn find(&self, id: &str, owner: Option<&str>) -> Result<Option<StoredMethod>> {
        let billing = owner.map(|_| id);
        let customer = self.client.query().customer(owner.unwrap_or(id)).await?;
        let record = customer.as_ref().and_then(|customer| record_of(customer, billing));
        Ok(record.map(|record| stored(id, owner, record_rail(&record), summary_of(&record))))
    }

    /// Removes a method. What is gone already is as good as removed.
    pub(super) async fn remove_method(&self, method: &PaymentRef) -> Result<()> {
        let vault = self.client.vault();
        let removed = match (method.kind(), method.detail(detail::CUSTOMER)) {
            (kind::CUSTOMER, _) => vault.delete_customer(method.id()).await,
            (kind::BILLING, Some(customer)) => vault.delete_billing(customer, method.id()).await,
            _ => return Err(Error::invalid_field("method", "is not a handle of a stored method")),
        };
        match removed {
            Err(error) if !crate::client::is_refused(&error, ErrorKind::NotFound) => Err(error),
            _ => Ok(()),
        }
    }

    /// The attempt's id is the customer's, or that of one more method of some customer, for which the vault is read.
    pub(super) async fn stored_by_attempt(&self, attempt: &Attempt) -> Result<Lookup<StoredMethod>> {
        let id = attempt.wire_key.as_str();
        if let Some(found) = self.find(id, None).await? {
            return Ok(Lookup::Found(vec![found]));
        }
        for number in 0..MOST_PAGES {
            let page = self.client.query().customers(Page::new(number, PAGE).newest_first()).await?;
            for customer in &page {
                if let Some(billing) = customer.billings.iter().find(|billing| billing.billing_id == id) {
                    let owner = Some(customer.customer_vault_id.as_str());
                    let found = stored(id, owner, record_rail(billing), summary_of(billing));
                    return Ok(Lookup::Found(vec![found]));
                }
            }
            if page.len() < PAGE as usize {
                return Ok(Lookup::Absent(self.absence(attempt)));
            }
        }
        Ok(Lookup::Absent(Authority::Partial))
    }
}

fn stored(id: &str, owner: Option<&str>, rail: Rail, mut summary: MethodSummary) -> StoredMethod {
    let mut reference = match owner {
        Some(owner) => PaymentRef::new(PROVIDER, kind::BILLING, id).with_detail(detail::CUSTOMER, owner),
        None => PaymentRef::new(PROVIDER, kind::CUSTOMER, id),
    };
    if rail == Rail::Check {
        reference = reference.with_detail(detail::RAIL, "check");
    }
    if let Some(last4) = &summary.last4 {
        reference = reference.with_detail(detail::LAST4, last4);
    }
    if rail == Rail::Check { "check" } else { "card" }.clone_into(&mut summary.kind);
    StoredMethod::new(reference, summary)
}

/// One method of a customer. The first stands in a list of one, or beside the customer itself.
fn record_of(customer: &VaultCustomer, billing: Option<&str>) -> Option<VaultBilling> {
    match billing {
        Some(id) => customer.billings.iter().find(|record| record.billing_id == id).cloned(),
        None if customer.card_number.is_none() && customer.check_account.is_none() => {
            customer.billings.first().cloned().or_else(|| Some(VaultBilling::default()))
        }
        None => Some(VaultBilling {
            billing_id: String::new(),
            card_number: customer.card_number.clone(),
            card_expiry: customer.card_expiry.clone(),
            card_bin: customer.card_bin.clone(),
            card_type: customer.card_type.clone(),
            check_account: customer.check_account.clone(),
        }),
    }
}

fn record_rail(record: &VaultBilling) -> Rail {
    if record.card_number.is_none() && record.check_account.is_some() { Rail::Check } else { Rail::Card }
}

fn summary_of(record: &VaultBilling) -> MethodSummary {
    let mut summary = MethodSummary::default();
    summary.brand = record.card_type.as_ref().map(|brand| brand.to_ascii_lowercase());
    summary.bin.clone_from(&record.card_bin);
    let masked = record.card_number.as_deref().or(record.check_account.as_deref()).unwrap_or_default();
    let last4 = masked.get(masked.len().saturating_sub(4)..).unwrap_or_default();
    summary.last4 =
        (last4.len() == 4 && last4.bytes().all(|byte| byte.is_ascii_digit())).then(|| last4.to_owned());
    (summary.exp_month, summary.exp_year) = answer::expiry(record.card_expiry.as_deref());
    summary
}
