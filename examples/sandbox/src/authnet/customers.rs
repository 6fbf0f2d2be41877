//! Customers and their stored methods.

use turnbuckle_authnet::{
    BankAccountData, CreditCard, NewCustomer, NewPaymentProfile, PaymentData, ValidationMode,
};

use super::{Calls, Setting, address, card};

fn id(found: Option<String>) -> String {
    found.unwrap_or_else(|| "1".to_owned())
}

pub(super) async fn every_operation(calls: &mut Calls, at: &Setting<'_>) {
    let profiles = at.client.customer_profiles();
    let mut method = NewPaymentProfile::new(card()).with_bill_to(address());
    method.customer_type = Some("individual".to_owned());
    let mut customer = NewCustomer::new(&at.word).with_payment_profile(method);
    customer.description = Some("Sandbox run".to_owned());
    customer.email = Some(format!("{}@example.com", at.word));
    let made = calls
        .runner
        .run("customer_profiles.create", profiles.create(&customer, ValidationMode::TestMode), |made| {
            format!(
                "ok {} with {}",
                id(made.customer_profile_id.clone()),
                made.customer_payment_profile_id_list.len()
            )
        })
        .await;
    let owner = id(made.as_ref().and_then(|made| made.customer_profile_id.clone()));
    let first = id(made.and_then(|made| made.customer_payment_profile_id_list.into_iter().next()));
    calls
        .runner
        .run("customer_profiles.get", profiles.get(&owner), |own| {
            format!("ok {} methods", own.payment_profiles.len())
        })
        .await;
    let by_own = profiles.get_by_merchant_id(&at.word);
    calls
        .runner
        .run("customer_profiles.get (by the merchant's id)", by_own, |own| {
            format!("ok {}", id(own.customer_profile_id.clone()))
        })
        .await;

    // A card and an Accept.js token exclude a bank account; the customer has a card already.
    let account = BankAccountData::new("121042882", "123456789", "Test Payer")
        .with_account_type("checking")
        .with_echeck_type("WEB");
    let mut bank = NewPaymentProfile::new(PaymentData::BankAccount(account)).with_bill_to(address());
    bank.customer_type = Some("individual".to_owned());
    let added = profiles.create_payment_profile(&owner, &bank, ValidationMode::TestMode);
    let added = calls
        .runner
        .run("payment_profiles.create", added, |made| {
            format!("ok {}", id(made.customer_payment_profile_id.clone()))
        })
        .await;
    let second = id(added.and_then(|made| made.customer_payment_profile_id));
    let kept = profiles.get_payment_profile(&owner, &first);
    calls
        .runner
        .run("payment_profiles.get", kept, |own| {
            format!("ok {}", id(own.customer_payment_profile_id.clone()))
        })
        .await;
    let fresh = PaymentData::CreditCard(CreditCard::new("5424000000000015", 11, 2034));
    let mut fresh = NewPaymentProfile::new(fresh).with_bill_to(address());
    fresh.customer_type = Some("business".to_owned());
    let changed = profiles.update_payment_profile(&owner, &first, &fresh, ValidationMode::TestMode);
    calls.runner.run("payment_profiles.update", changed, |()| "ok".to_owned()).await;
    let code = Some("900".into());
    let checked = profiles.validate_payment_profile(&owner, &first, code, ValidationMode::LiveMode);
    calls.runner.run("payment_profiles.validate", checked, |()| "ok".to_owned()).await;
    let removed = profiles.delete_payment_profile(&owner, &second);
    calls.runner.run("payment_profiles.delete", removed, |()| "ok".to_owned()).await;
    calls.runner.run("customer_profiles.delete", profiles.delete(&owner), |()| "ok".to_owned()).await;
}
