//! The account, calls, Lookup and Verify.

use std::time::Duration;

use secrecy::SecretString;
use turnbuckle_core::Result;
use turnbuckle_twilio::twiml::VoiceResponse;
use turnbuckle_twilio::{
    CallScript, CallStatus, CreateCall, ListUsageRecords, LookupField, LookupNumber, StartVerification,
    UsagePeriod, VerificationOf, VerifyChannel,
};

use super::{Calls, Setting, TO, nobody, url};

/// Another number of the range that is kept for fiction.
const ALSO_TO: &str = "+14155550124";

pub(super) async fn every_operation(calls: &mut Calls, at: &Setting<'_>) -> Result<()> {
    let accounts = at.twilio.accounts();
    calls.one("accounts.fetch", accounts.fetch(), |account| &account.sid).await;
    calls.one("accounts.balance", accounts.balance(), |balance| &balance.currency).await;
    let today = at.now.date_naive();
    let params = ListUsageRecords::new()
        .with_category("sms")
        .with_start_date(today)
        .with_end_date(today)
        .with_include_subaccounts(false)
        .with_page_size(5);
    calls.list("usage.records", at.twilio.usage().records(UsagePeriod::Whole, &params)).await;
    telephone(calls, at).await?;
    lookup(calls, at).await;
    verify(calls, at).await;
    Ok(())
}

async fn telephone(calls: &mut Calls, at: &Setting<'_>) -> Result<()> {
    let telephone = at.twilio.calls();
    // Instructions that are fetched have a method of their own; the digits are those of an extension.
    let params = CreateCall::new(TO, &at.from, CallScript::Url(url("twilio/voice")?))
        .with_method("POST")
        .with_status_callback(url("twilio/calls")?)
        .with_status_callback_event("completed")
        .with_status_callback_method("POST")
        .with_timeout(25)
        .with_time_limit(600)
        .with_machine_detection("Enable")
        .with_record(false)
        .with_send_digits("1w2")
        .with_caller_id(&at.from);
    let made = calls.one("calls.create", telephone.create(&params), |call| &call.sid).await;
    let call = made.map_or_else(|| nobody("CA"), |call| call.sid);
    // Only a call that somebody took can be redirected.
    for _ in 0..10 {
        let now = calls.runner.prepare("calls.redirect", telephone.fetch(&call)).await;
        let Some(now) = now else { break };
        if now.status == CallStatus::InProgress || now.status.is_final() {
            break;
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    calls.one("calls.fetch", telephone.fetch(&call), |call| call.status.as_str()).await;
    let script = CallScript::Twiml(VoiceResponse::new().with_pause(30));
    calls.one("calls.redirect", telephone.redirect(&call, &script), |call| call.status.as_str()).await;
    calls.one("calls.hang_up", telephone.hang_up(&call), |call| call.status.as_str()).await;
    Ok(())
}

async fn lookup(calls: &mut Calls, at: &Setting<'_>) {
    let params = LookupNumber::new()
        .with_field(LookupField::LineTypeIntelligence)
        .with_field(LookupField::IdentityMatch)
        .with_country_code("US")
        .with_first_name("Robin")
        .with_last_name("Doe")
        .with_address_line1("1 Main Street")
        .with_city("San Francisco")
        .with_state("CA")
        .with_postal_code("94103")
        .with_address_country_code("US")
        .with_last_verified_date("20250101");
    calls.one("lookups.fetch", at.twilio.lookups().fetch(TO, &params), |number| &number.phone_number).await;
}

async fn verify(calls: &mut Calls, at: &Setting<'_>) {
    let verify = at.twilio.verify(&at.verify);
    let code = SecretString::from("271828");
    let params = StartVerification::new(TO, VerifyChannel::Sms)
        .with_locale("en")
        .with_custom_code(code.clone())
        .with_custom_friendly_name("Example Shop")
        .with_template_sid(nobody("HJ"))
        .with_send_digits("1")
        .with_device_ip("203.0.113.9")
        .with_risk_check("enable")
        .with_tags(r#"{"order":"6735"}"#);
    let begun = calls.one("verify.start", verify.start(&params), |begun| &begun.sid).await;
    let begun = begun.map_or_else(|| nobody("VE"), |begun| begun.sid);
    calls.one("verify.fetch", verify.fetch(&begun), |begun| begun.status.as_str()).await;
    let of = VerificationOf::Sid(begun);
    calls.one("verify.check", verify.check(&of, &code), |checked| checked.status.as_str()).await;
    let other = StartVerification::new(ALSO_TO, VerifyChannel::Sms);
    let other = calls.runner.prepare("verify.cancel", verify.start(&other)).await;
    let other = other.map_or_else(|| nobody("VE"), |other| other.sid);
    calls.one("verify.cancel", verify.cancel(&other), |canceled| canceled.status.as_str()).await;
}
