//! Every request, byte for byte, and every sample answer, read: services, templates, verification, calls, accounts.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod wire_support;

use chrono::NaiveDate;
use turnbuckle_twilio::twiml::{Say, VoiceResponse};
use turnbuckle_twilio::*;
use url::Url;
use wire_support::{AP, Answer, CA, FROM, HX, MG, PN, TO, VA, VE, Wire, at};

fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap()
}

#[tokio::test]
async fn messaging_services() {
    let wire = Wire::answering("messaging_services");
    let page = wire.twilio().messaging_services().list().page().await.unwrap();
    wire.assert_sent("messaging_services_list");
    let service = &page.items[0];
    assert_eq!((service.sid.as_str(), service.validity_period), (MG, Some(14400)));
    assert_eq!((service.us_app_to_person_registered, service.sticky_sender), (Some(true), true));
    assert_eq!(service.date_created, Some(at(1_785_744_000)));

    let wire = Wire::new([Answer::fixture(201, "messaging_service")]);
    let params = CreateMessagingService::new("Orders")
        .with_inbound_request_url(url("https://shop.example/twilio/inbound"))
        .with_inbound_method("POST")
        .with_fallback_url(url("https://shop.example/twilio/fallback"))
        .with_fallback_method("POST")
        .with_status_callback(url("https://shop.example/twilio/status"))
        .with_use_inbound_webhook_on_number(false)
        .with_sticky_sender(true)
        .with_smart_encoding(true)
        .with_mms_converter(true)
        .with_area_code_geomatch(true)
        .with_validity_period(14400)
        .with_usecase("notifications");
    wire.twilio().messaging_services().create(&params).await.unwrap();
    wire.assert_sent("messaging_services_create");

    let wire = Wire::answering("messaging_service");
    wire.twilio().messaging_services().fetch(MG).await.unwrap();
    wire.assert_sent("messaging_services_fetch");

    let wire = Wire::answering("messaging_service");
    let params = CreateMessagingService::new("Orders 2").with_sticky_sender(false);
    wire.twilio().messaging_services().update(MG, &params).await.unwrap();
    wire.assert_sent("messaging_services_update");

    let wire = Wire::default();
    for name in [String::new(), "x".repeat(65)] {
        let error = wire.twilio().messaging_services().create(&CreateMessagingService::new(name)).await;
        assert_eq!(error.unwrap_err().fields()[0].field, "FriendlyName");
    }
}

#[tokio::test]
async fn senders_and_registrations() {
    let wire = Wire::answering("service_phone_numbers");
    let page = wire.twilio().messaging_services().phone_numbers(MG).page().await.unwrap();
    wire.assert_sent("messaging_services_phone_numbers");
    assert_eq!((page.items[0].phone_number.as_str(), page.items[0].country_code.as_str()), (FROM, "US"));

    let wire = Wire::answering("service_alpha_senders");
    let page = wire.twilio().messaging_services().alpha_senders(MG).page().await.unwrap();
    wire.assert_sent("messaging_services_alpha_senders");
    assert_eq!(page.items[0].alpha_sender, "STANDBOARD");

    let wire = Wire::answering("service_short_codes");
    let page = wire.twilio().messaging_services().short_codes(MG).page().await.unwrap();
    wire.assert_sent("messaging_services_short_codes");
    assert_eq!(page.items[0].short_code, "78263");

    let wire = Wire::answering("campaigns");
    let page = wire.twilio().compliance().campaigns(MG).page().await.unwrap();
    wire.assert_sent("compliance_campaigns");
    assert_eq!(page.items[0].campaign_status, "VERIFIED");

    let wire = Wire::answering("tollfree_verifications");
    let page = wire.twilio().compliance().tollfree_verifications(PN).page().await.unwrap();
    wire.assert_sent("compliance_tollfree_verifications");
    assert_eq!(page.items[0].status, TollfreeStatus::Rejected);
    assert_eq!(page.items[0].error_code.as_deref(), Some("30475"));
}

#[tokio::test]
async fn content_templates() {
    let wire = Wire::answering("contents");
    let page = wire.twilio().contents().list().page().await.unwrap();
    wire.assert_sent("content_list");
    assert_eq!(page.items[0].text(), Some("Hello {{1}}, order {{2}} is ready."));
    assert_eq!(page.items[0].variables["1"], "Zoë");

    let wire = Wire::new([Answer::fixture(201, "content")]);
    let params = CreateContent::text("en", "Hello {{1}}, order {{2}} is ready.")
        .with_friendly_name("order_ready")
        .with_variable("1", "Zoë")
        .with_variable("2", "6735");
    wire.twilio().contents().create(&params).await.unwrap();
    wire.assert_sent("content_create");

    let wire = Wire::answering("content");
    assert_eq!(wire.twilio().contents().fetch(HX).await.unwrap().language, "en");
    wire.assert_sent("content_fetch");

    let wire = Wire::new([Answer::new(204, "")]);
    wire.twilio().contents().delete(HX).await.unwrap();
    wire.assert_sent("content_delete");
}

#[tokio::test]
async fn lookups() {
    let wire = Wire::answering("lookup");
    let params = LookupNumber::new()
        .with_field(LookupField::LineTypeIntelligence)
        .with_field(LookupField::SmsPumpingRisk)
        .with_country_code("US")
        .with_first_name("Zoë")
        .with_last_name("Muster")
        .with_address_line1("1 Main St")
        .with_city("Basel")
        .with_state("BS")
        .with_postal_code("4001")
        .with_address_country_code("CH")
        .with_last_verified_date("20260101");
    let number = wire.twilio().lookups().fetch(TO, &params).await.unwrap();
    wire.assert_sent("lookups_fetch");
    assert!(number.valid && number.caller_name.is_empty());
    assert_eq!(number.line_type_intelligence.unwrap().line_type.as_deref(), Some("mobile"));
    assert_eq!(number.sms_pumping_risk.unwrap().sms_pumping_risk_score, Some(7));

    let wire = Wire::answering("lookup_invalid");
    let params = LookupNumber::new().with_country_code("US");
    let number = wire.twilio().lookups().fetch("4155550123", &params).await.unwrap();
    wire.assert_sent("lookups_fetch_plain");
    assert_eq!((number.valid, number.validation_errors), (false, vec!["TOO_SHORT".to_owned()]));

    for bad in ["", "+", "+1415/../x", "+1 415"] {
        let error = Wire::default().twilio().lookups().fetch(bad, &LookupNumber::new()).await.unwrap_err();
        assert_eq!(error.fields()[0].field, "PhoneNumber");
    }
}

#[tokio::test]
async fn verify() {
    let wire = Wire::new([Answer::fixture(201, "verification")]);
    let params = StartVerification::new(TO, VerifyChannel::Sms)
        .with_locale("de")
        .with_custom_code("271828".into())
        .with_custom_friendly_name("Stand & Board")
        .with_send_digits("1")
        .with_device_ip("203.0.113.9")
        .with_risk_check("enable")
        .with_tags(r#"{"order":"6735"}"#);
    let verification = wire.twilio().verify(VA).start(&params).await.unwrap();
    wire.assert_sent("verify_start");
    assert_eq!((verification.sid.as_str(), verification.is_approved()), (VE, false));
    assert_eq!(verification.status, VerificationStatus::Pending);

    let wire = Wire::answering("verification_check_approved");
    let of = VerificationOf::To(TO.to_owned());
    let verification = wire.twilio().verify(VA).check(&of, &"271828".into()).await.unwrap();
    wire.assert_sent("verify_check");
    assert!(verification.is_approved());

    let wire = Wire::answering("verification_check_pending");
    let of = VerificationOf::Sid(VE.to_owned());
    let verification = wire.twilio().verify(VA).check(&of, &"000000".into()).await.unwrap();
    wire.assert_sent("verify_check_sid");
    assert!(!verification.is_approved());

    let wire = Wire::answering("verification");
    wire.twilio().verify(VA).fetch(VE).await.unwrap();
    wire.assert_sent("verify_fetch");

    let wire = Wire::answering("verification_canceled");
    assert_eq!(wire.twilio().verify(VA).cancel(VE).await.unwrap().status, VerificationStatus::Canceled);
    wire.assert_sent("verify_cancel");

    let short = StartVerification::new(TO, VerifyChannel::Call).with_custom_code("123".into());
    let error = Wire::default().twilio().verify(VA).start(&short).await.unwrap_err();
    assert_eq!(error.fields()[0].field, "CustomCode");
    let error = Wire::default().twilio().verify("VA1").check(&of, &"1".into()).await.unwrap_err();
    assert_eq!(error.fields()[0].field, "ServiceSid");
}

#[tokio::test]
async fn calls() {
    let wire = Wire::new([Answer::fixture(201, "call")]);
    let script = VoiceResponse::new().with_say(Say::new("Your board & paddle are ready."));
    let params = CreateCall::new(TO, FROM, CallScript::Twiml(script))
        .with_status_callback(url("https://shop.example/twilio/calls"))
        .with_status_callback_event("initiated")
        .with_status_callback_event("completed")
        .with_status_callback_method("POST")
        .with_timeout(25)
        .with_time_limit(600)
        .with_machine_detection("Enable")
        .with_record(false)
        .with_send_digits("1w2")
        .with_caller_id(FROM);
    let call = wire.twilio().calls().create(&params).await.unwrap();
    wire.assert_sent("calls_create");
    assert_eq!((call.sid.as_str(), call.status), (CA, CallStatus::Queued));

    let wire = Wire::new([Answer::fixture(201, "call")]);
    let params = CreateCall::new("client:desk", FROM, CallScript::Url(url("https://shop.example/voice")));
    wire.twilio().calls().create(&params.with_method("GET")).await.unwrap();
    wire.assert_sent("calls_create_url");

    let wire = Wire::new([Answer::fixture(201, "call")]);
    let params = CreateCall::new(TO, FROM, CallScript::Application(AP.to_owned()));
    wire.twilio().calls().create(&params).await.unwrap();
    wire.assert_sent("calls_create_application");

    let wire = Wire::answering("call_completed");
    let call = wire.twilio().calls().fetch(CA).await.unwrap();
    wire.assert_sent("calls_fetch");
    assert!(call.status.is_final());
    assert_eq!((call.duration, call.price.as_deref()), (Some(42), Some("-0.01400")));

    let wire = Wire::answering("call_completed");
    wire.twilio().calls().hang_up(CA).await.unwrap();
    wire.assert_sent("calls_hang_up");

    let wire = Wire::answering("call");
    let next = CallScript::Url(url("https://shop.example/voice/next"));
    wire.twilio().calls().redirect(CA, &next).await.unwrap();
    wire.assert_sent("calls_redirect");

    let long = VoiceResponse::new().with_say(Say::new("x".repeat(4000)));
    for (params, field) in [
        (CreateCall::new("", FROM, next.clone()), "To"),
        (CreateCall::new(TO, "", next.clone()), "From"),
        (CreateCall::new(TO, FROM, next.clone()).with_timeout(601), "Timeout"),
        (CreateCall::new(TO, FROM, CallScript::Twiml(long)), "Twiml"),
        (CreateCall::new(TO, FROM, CallScript::Application("AP1".to_owned())), "ApplicationSid"),
    ] {
        let error = Wire::default().twilio().calls().create(&params).await.unwrap_err();
        assert_eq!(error.fields()[0].field, field);
    }
}

#[tokio::test]
async fn account_balance_and_usage() {
    let wire = Wire::answering("account");
    let account = wire.twilio().accounts().fetch().await.unwrap();
    wire.assert_sent("accounts_fetch");
    assert_eq!((account.status, account.account_type), (AccountStatus::Active, AccountType::Full));
    assert!(account.auth_token.is_some());

    let wire = Wire::answering("balance");
    let balance = wire.twilio().accounts().balance().await.unwrap();
    wire.assert_sent("accounts_balance");
    assert_eq!((balance.balance.as_deref(), balance.currency.as_str()), (Some("41.9723"), "USD"));

    let wire = Wire::answering("usage_records");
    let params = ListUsageRecords::new()
        .with_category("sms")
        .with_start_date(day(2026, 8, 1))
        .with_end_date(day(2026, 8, 31))
        .with_include_subaccounts(false)
        .with_page_size(10);
    let page = wire.twilio().usage().records(UsagePeriod::Whole, &params).page().await.unwrap();
    wire.assert_sent("usage_records");
    // A number on the wire, which no float here has touched.
    assert_eq!(page.items[0].price.as_deref(), Some("0.93210000000000012345"));
    assert_eq!((page.items[0].count.as_deref(), page.items[0].usage.as_deref()), (Some("118"), Some("131")));

    let wire = Wire::answering("usage_records");
    wire.twilio().usage().records(UsagePeriod::Daily, &ListUsageRecords::new()).page().await.unwrap();
    wire.assert_sent("usage_records_daily");
}
