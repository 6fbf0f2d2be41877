//! Recurring profiles.

use chrono::Days;
use turnbuckle_core::Result;
use turnbuckle_payflow::{
    FirstTransaction, History, PayPeriod, Profile, ProfileChange, ProfileData, ProfilePayment,
};

use super::{Setting, card, contact, dollars, outside};
use crate::Runner;

/// A profile that nobody made.
const NOBODYS: &str = "RT0000000000";

fn shown(change: &ProfileChange) -> String {
    match change.payment_result {
        Some(result) => format!("ok {}, its first payment {result}", change.profile),
        None => format!("ok {}", change.profile),
    }
}

/// What a profile needs.
fn plain(at: &Setting<'_>) -> ProfileData {
    let mut data = ProfileData::new()
        .with_name(format!("Sandbox {}", at.word))
        .with_amount(dollars(1_200))
        .with_term(12)
        .with_period(PayPeriod::Month)
        .with_instrument(card());
    data.start = at.now.date_naive().checked_add_days(Days::new(7));
    data
}

/// And all it can have.
fn whole(at: &Setting<'_>) -> ProfileData {
    plain(at)
        .with_max_failures(3)
        .with_retry_days(2)
        .with_first(FirstTransaction::Sale(dollars(500)))
        .with_email("payer@example.com")
        .with_comment1("Sandbox run")
        .with_billing(contact())
}

pub(super) async fn every_operation(run: &mut Runner, at: &Setting<'_>) -> Result<()> {
    let payflow = at.payflow;
    let made = run.run("add_profile", payflow.add_profile(&whole(at), &at.id()?), shown).await;
    let made = match made {
        Some(made) => Some(made),
        None => run.prepare("profile", payflow.add_profile(&plain(at), &at.id()?)).await,
    };
    let profile = made.map_or_else(|| NOBODYS.to_owned(), |made| made.profile);
    run.run("profile", payflow.profile(&profile), |profile: &Profile| format!("ok {}", profile.status)).await;
    let show = |payments: &Vec<ProfilePayment>| format!("ok {} payments", payments.len());
    run.run("profile_payments", payflow.profile_payments(&profile, History::FirstTransactions), show).await;
    run.run("modify_profile", payflow.modify_profile(&profile, &whole(at), &at.id()?), shown).await;
    run.run("cancel_profile", payflow.cancel_profile(&profile, &at.id()?), shown).await;
    run.run("reactivate_profile", payflow.reactivate_profile(&profile, &whole(at), &at.id()?), shown).await;
    let failed = outside("PAYFLOW_FAILED_PROFILE").unwrap_or(profile);
    run.run("retry_profile_payment", payflow.retry_profile_payment(&failed, 1, &at.id()?), shown).await;
    Ok(())
}
