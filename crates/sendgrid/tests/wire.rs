//! Every request, byte for byte, and every sample answer, read.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod wire_support;

use chrono::NaiveDate;
use futures_util::TryStreamExt;
use serde_json::json;
use turnbuckle_core::{Environment, ErrorKind};
use turnbuckle_sendgrid::*;
use url::Url;
use wire_support::{Answer, BATCH, Wire, at};

const T: &str = "d-0a1b2c3d4e5f60718293a4b5c6d7e8f9";
const V: &str = "5e6f7a8b-5e6f-4a8b-9e6f-7a8b5e6f7a8b";
const READER: &str = "reader+1@example.com";

fn answering(status: u16, name: &str) -> (Wire, SendGrid) {
    let wire = Wire::new([Answer::fixture(status, name)]);
    let client = wire.client();
    (wire, client)
}

fn silent() -> (Wire, SendGrid) {
    let wire = Wire::new([Answer::new(204, "")]);
    let client = wire.client();
    (wire, client)
}

fn minimal() -> MailSend {
    MailSend::new(MailAddress::new("b@shop.example"))
        .with_personalization(Personalization::new(MailAddress::new("a@example.com")))
        .with_subject("Hi")
        .with_content(MailContent::text("x"))
}

#[tokio::test]
async fn mail() {
    let wire = Wire::new([Answer::taken(), Answer::taken(), Answer::new(200, ""), Answer::taken()]);
    let client = wire.client();
    let first = Personalization::new(MailAddress::new("reader@example.com").with_name("Zoë Reader"))
        .with_cc(MailAddress::new("copy@example.com"))
        .with_bcc(MailAddress::new("blind@example.com"))
        .with_subject("Größe & more")
        .with_header("X-Order", "4711")
        .with_data("order", 4711)
        .with_data("lines", vec!["a", "b"])
        .with_custom_arg("order", "4711")
        .with_send_at(at(1_800_003_600));
    let second = Personalization::new(MailAddress::new("second@example.com"))
        .with_from(MailAddress::new("other@shop.example"));
    let mail = MailSend::new(MailAddress::new("desk@shop.example").with_name("Desk"))
        .with_personalization(first)
        .with_personalization(second)
        .with_reply_to_list([MailAddress::new("a@shop.example"), MailAddress::new("b@shop.example")])
        .with_subject("Your order")
        .with_content(MailContent::text("Thank you."))
        .with_content(MailContent::html("<p>Thank you.</p>"))
        .with_attachment(MailFile::new("receipt.pdf", &b"%PDF-"[..]).with_media_type("application/pdf"))
        .with_attachment(
            MailFile::new("logo.png", &b"\x89PNG"[..]).with_media_type("image/png").inline("logo"),
        )
        .with_template(T)
        .with_header("X-Shop", "one")
        .with_category("receipt")
        .with_category("eu")
        .with_send_at(at(1_800_007_200))
        .with_batch(BATCH)
        .with_unsubscribe(UnsubscribeSettings::new(15).with_groups_to_display([15, 16]))
        .with_ip_pool("transactional")
        .with_mail_settings(
            MailSettings::new()
                .with_bypass_spam_management(Switch::OFF)
                .with_footer(Footer::new("Shop", "<p>Shop</p>")),
        )
        .with_tracking_settings(
            TrackingSettings::new()
                .with_click_tracking(ClickTracking::new(true, false))
                .with_open_tracking(OpenTracking::new(true).with_substitution_tag("%open%"))
                .with_subscription_tracking(SubscriptionTracking::new(false))
                .with_ganalytics(GoogleAnalytics::new(true).with_source("shop", "email", "receipts")),
        );
    let receipt = client.mail().send(&mail).await.unwrap();
    wire.assert_sent("mail_send_full");
    assert_eq!((receipt.message_id.as_deref(), receipt.accepted), (Some("LRzXl_NHStOGhQ4kofSm_A"), true));

    client.mail().send(&minimal()).await.unwrap();
    wire.assert_sent("mail_send_minimal");

    let legacy = MailSend::new(MailAddress::new("b@shop.example"))
        .with_personalization(
            Personalization::new(MailAddress::new("a@example.com")).with_substitution("%name%", "Reader"),
        )
        .with_reply_to(MailAddress::new("c@shop.example"))
        .with_subject("Hi")
        .with_template(V)
        .with_mail_settings(MailSettings::new().with_sandbox_mode(Switch::ON));
    let receipt = client.mail().send(&legacy).await.unwrap();
    wire.assert_sent("mail_send_sandbox_legacy");
    assert_eq!((receipt.message_id, receipt.accepted), (None, false));

    client.mail().send(&minimal().with_custom_arg("order", "4711")).await.unwrap();
    wire.assert_sent("mail_send_custom_args");
}

#[tokio::test]
async fn scheduled_sends() {
    let (wire, client) = answering(201, "batch");
    assert_eq!(client.scheduled_sends().create_batch().await.unwrap(), BATCH);
    wire.assert_sent("mail_batch_create");
    let (wire, client) = answering(200, "batch");
    client.scheduled_sends().check_batch(BATCH).await.unwrap();
    wire.assert_sent("mail_batch_fetch");
    let (wire, client) = answering(201, "scheduled_send");
    let send = client.scheduled_sends().create(BATCH, &BatchStatus::Cancel).await.unwrap();
    wire.assert_sent("scheduled_send_create");
    assert_eq!((send.batch_id.as_str(), send.status), (BATCH, BatchStatus::Cancel));
    let (wire, client) = silent();
    client.scheduled_sends().update(BATCH, &BatchStatus::Pause).await.unwrap();
    wire.assert_sent("scheduled_send_update");
    let (wire, client) = answering(200, "scheduled_sends");
    let found = client.scheduled_sends().fetch(BATCH).await.unwrap().unwrap();
    wire.assert_sent("scheduled_send_fetch");
    assert_eq!(found.status, BatchStatus::Pause);
    let (wire, client) = answering(200, "scheduled_sends");
    assert_eq!(client.scheduled_sends().list().await.unwrap(), [found]);
    wire.assert_sent("scheduled_send_list");
    let (wire, client) = silent();
    client.scheduled_sends().delete(BATCH).await.unwrap();
    wire.assert_sent("scheduled_send_delete");
}

#[tokio::test]
async fn templates() {
    let (wire, client) = answering(201, "template");
    let template = client.templates().create("Receipt", &TemplateGeneration::Dynamic).await.unwrap();
    wire.assert_sent("template_create");
    assert_eq!((template.id.as_str(), template.generation.clone()), (T, TemplateGeneration::Dynamic));
    assert_eq!(template.active().unwrap().id, V);
    let (wire, client) = answering(200, "template");
    assert_eq!(client.templates().fetch(T).await.unwrap(), template);
    wire.assert_sent("template_fetch");
    let (wire, client) = answering(200, "template_page");
    let page = client.templates().list(&ListTemplates::new()).page().await.unwrap();
    wire.assert_sent("template_list");
    assert!(page.has_more && page.items == [template]);
    // The page leads to another host; only its token is used.
    let wire = Wire::new([Answer::fixture(200, "template_page"), Answer::fixture(200, "template_page_last")]);
    let all: Vec<_> =
        wire.client().templates().list(&ListTemplates::new()).stream().try_collect().await.unwrap();
    wire.assert_sent("template_list_page");
    assert_eq!(all.iter().map(|template| template.name.as_str()).collect::<Vec<_>>(), ["Receipt", "Second"]);
    let wire = Wire::new(vec![Answer::fixture(200, "template_page"); 2]);
    let stream = wire.client().templates().list(&ListTemplates::new()).stream();
    let error = stream.try_collect::<Vec<_>>().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidResponse, "pages that lead in a circle end");
    let (wire, client) = answering(200, "template");
    client.templates().update(T, "Receipts").await.unwrap();
    wire.assert_sent("template_update");
    let (wire, client) = silent();
    client.templates().delete(T).await.unwrap();
    wire.assert_sent("template_delete");
}

#[tokio::test]
async fn template_versions() {
    let content = TemplateVersionContent::new("One", "{{{subject}}}")
        .with_html("<p>{{order}}</p>")
        .with_plain("{{order}}")
        .with_active(true)
        .with_editor(TemplateEditor::Code)
        .with_test_data(&json!({"order": "4711"}));
    let (wire, client) = answering(201, "template_version");
    let version = client.template_versions().create(T, &content).await.unwrap();
    wire.assert_sent("template_version_create");
    assert_eq!((version.id.as_str(), version.active, version.name.as_str()), (V, true, "One"));
    let (wire, client) = answering(200, "template_version");
    assert_eq!(client.template_versions().fetch(T, V).await.unwrap(), version);
    wire.assert_sent("template_version_fetch");
    let (wire, client) = answering(200, "template_version");
    let content = TemplateVersionContent::new("Two", "Order");
    client.template_versions().update(T, V, &content).await.unwrap();
    wire.assert_sent("template_version_update");
    let (wire, client) = answering(200, "template_version");
    client.template_versions().activate(T, V).await.unwrap();
    wire.assert_sent("template_version_activate");
    let (wire, client) = silent();
    client.template_versions().delete(T, V).await.unwrap();
    wire.assert_sent("template_version_delete");
    let wire = Wire::default();
    let long = TemplateVersionContent::new("Two", "x".repeat(256));
    let error = wire.client().template_versions().create(T, &long).await.unwrap_err();
    assert_eq!((error.fields()[0].field.as_ref(), wire.sent().len()), ("subject", 0));
}

#[tokio::test]
async fn senders() {
    let (wire, client) = answering(201, "verified_sender");
    let new = NewSender::new("Desk", "desk@shop.example", "desk@shop.example");
    let full = new
        .clone()
        .with_names("Desk", "Desk")
        .with_address("1 Mill Lane", "Mill", "00000", "US")
        .with_address2("Yard")
        .with_state("CA");
    let sender = client.verified_senders().create(&full).await.unwrap();
    wire.assert_sent("verified_sender_create");
    assert_eq!((sender.id, sender.verified), (1001, true));
    let (wire, client) = answering(200, "verified_senders");
    let all: Vec<_> = client.verified_senders().list().stream().try_collect().await.unwrap();
    wire.assert_sent("verified_sender_list");
    assert_eq!(all, std::slice::from_ref(&sender));
    let (wire, client) = answering(200, "verified_senders");
    assert_eq!(client.verified_senders().fetch(1001).await.unwrap(), Some(sender));
    wire.assert_sent("verified_sender_fetch");
    let (wire, client) = answering(200, "verified_sender");
    client.verified_senders().update(1001, &new).await.unwrap();
    wire.assert_sent("verified_sender_update");
    let (wire, client) = silent();
    client.verified_senders().delete(1001).await.unwrap();
    wire.assert_sent("verified_sender_delete");
    let (wire, client) = silent();
    client.verified_senders().resend(1001).await.unwrap();
    wire.assert_sent("verified_sender_resend");
    let (wire, client) = answering(200, "sender_steps");
    let steps = client.verified_senders().steps_completed().await.unwrap();
    wire.assert_sent("verified_sender_steps");
    assert!(steps.sender_verified && !steps.domain_verified);
}

#[tokio::test]
async fn domains() {
    let (wire, client) = answering(201, "domain");
    let new = NewDomain::new("shop.example")
        .with_subdomain("em")
        .with_default(true)
        .with_automatic_security(true)
        .with_custom_spf(false)
        .with_custom_dkim_selector("abc")
        .with_region("global");
    let domain = client.domains().create(&new).await.unwrap();
    wire.assert_sent("domain_create");
    assert_eq!((domain.id, domain.dns["dkim1"].host.as_str()), (302, "s1._domainkey.shop.example"));
    let (wire, client) = answering(200, "domain");
    assert_eq!(client.domains().fetch(302).await.unwrap(), domain);
    wire.assert_sent("domain_fetch");
    let (wire, client) = answering(200, "domains");
    let list = ListDomains::new().with_domain("shop.example");
    let all: Vec<_> = client.domains().list(&list).stream().try_collect().await.unwrap();
    wire.assert_sent("domain_list");
    assert_eq!(all[1].dns.keys().collect::<Vec<_>>(), ["dkim", "mail_server", "subdomain_spf"]);
    let (wire, client) = answering(200, "domain_validation");
    let validation = client.domains().validate(302).await.unwrap();
    wire.assert_sent("domain_validate");
    assert!(!validation.valid && !validation.validation_results["mail_cname"].valid);
    let (wire, client) = silent();
    client.domains().delete(302).await.unwrap();
    wire.assert_sent("domain_delete");
}

#[tokio::test]
async fn suppressions() {
    let params = ListSuppressions::new()
        .with_start_time(at(1_799_990_000))
        .with_end_time(at(1_800_000_000))
        .with_email("reader");
    for (list, name, answer) in [
        (SuppressionList::Bounces, "bounces", "suppressions"),
        (SuppressionList::Blocks, "blocks", "suppressions"),
        (SuppressionList::InvalidEmails, "invalid_emails", "suppressions"),
        (SuppressionList::SpamReports, "spam_reports", "spam_reports"),
        (SuppressionList::Unsubscribes, "unsubscribes", "suppressions"),
    ] {
        let (wire, client) = answering(200, answer);
        let all: Vec<_> = client.suppressions().list(list, &params).stream().try_collect().await.unwrap();
        wire.assert_sent(&format!("suppression_list_{name}"));
        assert_eq!((all[0].email.as_str(), all[0].created), (READER, Some(at(1_799_990_000))));
    }
    let (wire, client) = answering(200, "suppressions");
    let found = client.suppressions().fetch(SuppressionList::Bounces, READER).await.unwrap().unwrap();
    wire.assert_sent("suppression_fetch");
    assert_eq!(found.status.as_deref(), Some("5.1.1"));
    let (wire, client) = silent();
    client.suppressions().remove(SuppressionList::Blocks, READER).await.unwrap();
    wire.assert_sent("suppression_remove");
    let (wire, client) = silent();
    let two = [READER.to_owned(), "b@example.com".to_owned()];
    client.suppressions().remove_several(SuppressionList::Bounces, &two).await.unwrap();
    wire.assert_sent("suppression_remove_several");
    assert!(client.suppressions().remove_several(SuppressionList::Bounces, &[]).await.is_err());
    assert_eq!(wire.sent().len(), 1);
    let (wire, client) = silent();
    client.suppressions().remove_all(SuppressionList::SpamReports).await.unwrap();
    wire.assert_sent("suppression_remove_all");
    let (wire, client) = answering(201, "recipients");
    assert_eq!(client.suppressions().add_global(&[READER.to_owned()]).await.unwrap(), [READER]);
    wire.assert_sent("global_suppression_add");
    let wire = Wire::new([Answer::fixture(200, "global_suppression"), Answer::new(200, "{}")]);
    assert!(wire.client().suppressions().is_global(READER).await.unwrap());
    wire.assert_sent("global_suppression_fetch");
    assert!(!wire.client().suppressions().is_global(READER).await.unwrap());
    let (wire, client) = silent();
    client.suppressions().remove_global(READER).await.unwrap();
    wire.assert_sent("global_suppression_remove");
}

#[tokio::test]
async fn unsubscribe_groups() {
    let (wire, client) = answering(201, "group");
    let content = GroupContent::new("News", "Once a month").with_default(false);
    let group = client.unsubscribe_groups().create(&content).await.unwrap();
    wire.assert_sent("unsubscribe_group_create");
    assert_eq!((group.id, group.unsubscribes), (15, Some(4)));
    let (wire, client) = answering(200, "group");
    assert_eq!(client.unsubscribe_groups().fetch(15).await.unwrap(), group);
    wire.assert_sent("unsubscribe_group_fetch");
    let (wire, client) = answering(200, "groups");
    assert_eq!(client.unsubscribe_groups().list(&[15, 16]).await.unwrap()[1].id, 16);
    wire.assert_sent("unsubscribe_group_list");
    let (wire, client) = answering(201, "group");
    client.unsubscribe_groups().update(15, &GroupContent::new("News", "Once a week")).await.unwrap();
    wire.assert_sent("unsubscribe_group_update");
    let (wire, client) = silent();
    client.unsubscribe_groups().delete(15).await.unwrap();
    wire.assert_sent("unsubscribe_group_delete");
    let wire = Wire::new([Answer::fixture(200, "group"), Answer::fixture(201, "recipients")]);
    wire.client().unsubscribe_groups().suppress(15, &[READER.to_owned()]).await.unwrap();
    wire.assert_sent("unsubscribe_group_suppress");
    // A group that is not there would put the address on the list of those who left all mail.
    let wire = Wire::new([Answer::new(404, r#"{"errors":[{"message":"not found"}]}"#)]);
    let error = wire.client().unsubscribe_groups().suppress(99, &[READER.to_owned()]).await.unwrap_err();
    assert_eq!((error.kind(), wire.lines().len()), (ErrorKind::NotFound, 1));
    let (wire, client) = answering(200, "addresses");
    assert_eq!(client.unsubscribe_groups().suppressed(15).await.unwrap(), [READER]);
    wire.assert_sent("unsubscribe_group_suppressed");
    let (wire, client) = answering(200, "addresses");
    client.unsubscribe_groups().search(15, &[READER.to_owned()]).await.unwrap();
    wire.assert_sent("unsubscribe_group_search");
    let (wire, client) = silent();
    client.unsubscribe_groups().release(15, READER).await.unwrap();
    wire.assert_sent("unsubscribe_group_release");
}

#[tokio::test]
async fn account_stats_and_validation() {
    let (wire, client) = answering(200, "scopes");
    assert!(client.account().scopes().await.unwrap().contains(&"mail.send".to_owned()));
    wire.assert_sent("scopes_fetch");
    let (wire, client) = answering(200, "credits");
    assert_eq!(client.account().credits().await.unwrap().remain, Some(99));
    wire.assert_sent("credits_fetch");
    let (wire, client) = answering(200, "account");
    let account = client.account().fetch().await.unwrap();
    wire.assert_sent("account_fetch");
    assert_eq!((account.plan, account.reputation.unwrap().to_string().as_str()), (AccountPlan::Paid, "99.7"));
    let (wire, client) = answering(200, "stats");
    let day = |day| NaiveDate::from_ymd_opt(2026, 8, day).unwrap();
    let range = StatsRange::since(day(1)).with_end(day(14)).with_period(StatsPeriod::Week);
    let stats = client.stats().fetch(&range).await.unwrap();
    wire.assert_sent("stats_fetch");
    assert_eq!((stats[0].date, stats[0].stats[0].metrics.delivered), (day(1), 8));
    let (wire, client) = answering(200, "email_validation");
    let result = client.email_validations().validate("reader@example.com", Some("signup")).await.unwrap();
    wire.assert_sent("email_validate");
    assert_eq!((result.verdict, result.suggestion.as_deref()), (EmailVerdict::Risky, Some("example.com")));
    assert_eq!(result.checks.additional.has_suspected_bounces, Some(true));
}

#[tokio::test]
async fn webhook_settings() {
    let url = Url::parse("https://shop.example/sendgrid").unwrap();
    let settings = EventWebhookSettings::new(url.clone(), EventChoice::DELIVERY);
    let token = Url::parse("https://shop.example/token").unwrap();
    let with_oauth = settings.clone().with_friendly_name("Shop").with_oauth(
        "client",
        "fixture-oauth-secret".into(),
        token,
    );
    assert!(!format!("{with_oauth:?}").contains("fixture-oauth-secret"));
    let (wire, client) = answering(201, "event_webhook");
    let webhook = client.event_webhooks().create(&with_oauth).await.unwrap();
    wire.assert_sent("event_webhook_create");
    assert_eq!((webhook.id.as_str(), webhook.events), ("wh-1", EventChoice::DELIVERY));
    let (wire, client) = answering(200, "event_webhook");
    assert_eq!(client.event_webhooks().fetch("wh-1").await.unwrap(), webhook);
    wire.assert_sent("event_webhook_fetch");
    let (wire, client) = answering(200, "event_webhooks");
    assert_eq!(client.event_webhooks().list().await.unwrap().webhooks, [webhook]);
    wire.assert_sent("event_webhook_list");
    let (wire, client) = answering(200, "event_webhook");
    client.event_webhooks().update("wh-1", &settings.with_enabled(false)).await.unwrap();
    wire.assert_sent("event_webhook_update");
    let (wire, client) = silent();
    client.event_webhooks().delete("wh-1").await.unwrap();
    wire.assert_sent("event_webhook_delete");
    let (wire, client) = answering(200, "signing_key");
    assert!(SendGridWebhooks::new(&client.event_webhooks().sign("wh-1").await.unwrap()).is_ok());
    wire.assert_sent("event_webhook_sign");
    let (_, client) = answering(200, "signing_key_none");
    assert_eq!(client.event_webhooks().sign("wh-1").await.unwrap_err().kind(), ErrorKind::InvalidResponse);
    let (wire, client) = answering(200, "signing_key_none");
    client.event_webhooks().stop_signing("wh-1").await.unwrap();
    wire.assert_sent("event_webhook_stop_signing");
    let (wire, client) = answering(200, "signing_key_none");
    assert_eq!(client.event_webhooks().public_key("wh-1").await.unwrap(), None);
    wire.assert_sent("event_webhook_key");
    let (wire, client) = silent();
    client.event_webhooks().test(Some("wh-1"), &url).await.unwrap();
    wire.assert_sent("event_webhook_test");
}

#[tokio::test]
async fn parse_settings() {
    let setting = ParseSetting::new("in.shop.example", "https://shop.example/inbound").with_spam_check(true);
    let (wire, client) = answering(201, "parse_setting");
    assert_eq!(client.parse_settings().create(&setting).await.unwrap(), setting);
    wire.assert_sent("parse_setting_create");
    let (wire, client) = answering(200, "parse_setting");
    assert_eq!(client.parse_settings().fetch("in.shop.example").await.unwrap(), setting);
    wire.assert_sent("parse_setting_fetch");
    let (wire, client) = answering(200, "parse_settings");
    assert_eq!(client.parse_settings().list().await.unwrap(), std::slice::from_ref(&setting));
    wire.assert_sent("parse_setting_list");
    let (wire, client) = answering(200, "parse_setting");
    client.parse_settings().update("in.shop.example", &setting).await.unwrap();
    wire.assert_sent("parse_setting_update");
    let (wire, client) = silent();
    client.parse_settings().delete("in.shop.example").await.unwrap();
    wire.assert_sent("parse_setting_delete");
}

#[tokio::test]
async fn hosts_and_subusers() {
    let wire = Wire::new([Answer::fixture(200, "scopes"), Answer::fixture(200, "email_validation")]);
    let client = SendGrid::new(&wire.config(Environment::Production, &json!({"region": "eu"}))).unwrap();
    client.account().scopes().await.unwrap();
    wire.assert_sent("eu_scopes_fetch");
    client.email_validations().validate("reader@example.com", Some("signup")).await.unwrap();
    wire.assert_sent("email_validate");
    let wire = Wire::new([Answer::fixture(200, "scopes")]);
    let client =
        SendGrid::new(&wire.config(Environment::Production, &json!({"onBehalfOf": "branch-7"}))).unwrap();
    client.account().scopes().await.unwrap();
    wire.assert_sent("subuser_scopes_fetch");
    assert!(client.for_subuser("a b").is_err());
}

#[tokio::test]
async fn an_id_from_outside_leads_nowhere_else() {
    let (wire, client) = silent();
    client.templates().delete("../user/account?x=1").await.unwrap();
    assert_eq!(wire.lines(), ["DELETE /v3/templates/..%2Fuser%2Faccount%3Fx%3D1"]);
    for id in ["", "..", ".", "a\nb"] {
        assert!(client.templates().delete(id).await.is_err(), "{id:?}");
    }
    assert_eq!(wire.sent().len(), 1);
}
