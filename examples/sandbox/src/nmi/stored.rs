//! The customer vault.

use turnbuckle_core::Result;
use turnbuckle_nmi::{Page, Source, VaultDetails};

use super::{Calls, MASTERCARD, Setting, VISA, bank_account, card, contact};

/// Everything that is kept with a method.
fn details(at: &Setting<'_>) -> VaultDetails {
    let mut details = VaultDetails::new().with_billing(contact());
    details.currency = Some("USD".to_owned());
    details.processor_id = Some(at.processor.clone());
    details.defined_fields = (1..=20).map(|number| (number, at.word.clone())).collect();
    details
}

pub(super) async fn every_operation(calls: &mut Calls, at: &mut Setting<'_>) -> Result<()> {
    let vault = at.nmi.vault();
    let customer = at.id("customer");
    let method = at.id("other");
    let visa = Source::Card(card(VISA)?);
    let mastercard = Source::Card(card(MASTERCARD)?);
    let bank = Source::Check(bank_account()?);
    let of_card = details(at);
    // A bank account's charges have another processor.
    let mut of_bank = details(at);
    of_bank.processor_id = None;

    let added = vault.add_customer(&customer, &visa, &of_card);
    calls.reply("add_customer", added).await;
    let added = vault.add_billing(&customer, &method, &bank, &of_bank);
    calls.reply("add_billing", added).await;
    let changed = vault.update_billing(&customer, &method, Some(&mastercard), &of_card);
    calls.reply("update_billing", changed).await;
    let changed = vault.update_customer(&customer, Some(&mastercard), &of_card);
    calls.reply("update_customer", changed).await;

    let queries = at.nmi.query();
    let found = queries.customer(&customer);
    let show = |found: &Option<turnbuckle_nmi::VaultCustomer>| {
        let found = found.as_ref().map(|customer| customer.customer_vault_id.as_str());
        format!("ok {}", found.unwrap_or("none"))
    };
    calls.runner.run("query_customer_vault (one)", found, show).await;
    calls.list("query_customer_vault (page)", queries.customers(Page::new(0, 3).newest_first())).await;

    calls.reply("delete_billing", vault.delete_billing(&customer, &method)).await;
    calls.reply("delete_customer", vault.delete_customer(&customer)).await;
    Ok(())
}
