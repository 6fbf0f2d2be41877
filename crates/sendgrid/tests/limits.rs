//! Every documented limit of a mail: at it, and beyond it. Nothing is sent to learn them.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod wire_support;

use chrono::TimeDelta;
use proptest::prelude::*;
use serde_json::json;
use turnbuckle_sendgrid::*;
use wire_support::{Wire, now};

fn address(index: usize) -> MailAddress {
    MailAddress::new(format!("a{index}@example.com"))
}

fn copy() -> Personalization {
    Personalization::new(address(0))
}

fn bare() -> MailSend {
    MailSend::new(MailAddress::new("b@shop.example")).with_subject("Hi").with_content(MailContent::text("x"))
}

fn mail() -> MailSend {
    bare().with_personalization(copy())
}

fn with_copy(copy: Personalization) -> MailSend {
    bare().with_personalization(copy)
}

fn fits(mail: &MailSend) {
    mail.check(now()).unwrap();
}

fn refused(mail: &MailSend, field: &str) {
    let error = mail.check(now()).unwrap_err();
    let fields: Vec<_> = error.fields().iter().map(|field| field.field.as_ref()).collect();
    assert_eq!(fields, [field]);
}

#[test]
fn copies_and_recipients() {
    refused(&bare(), "personalizations");
    let many = |count: usize| (0..count).fold(bare(), |mail, _| mail.with_personalization(copy()));
    fits(&many(1000));
    let error = many(1001).check(now()).unwrap_err();
    assert_eq!(error.fields().len(), 2, "too many copies, and too many recipients");
    let full = |count: usize| {
        let half = |range: std::ops::Range<usize>| range.map(address).collect::<Vec<_>>();
        let mut copy = copy();
        (copy.to, copy.cc, copy.bcc) = (half(0..400), half(400..800), half(800..count));
        with_copy(copy)
    };
    fits(&full(1000));
    refused(&full(1001), "personalizations");
    let mut nobody = copy();
    nobody.to.clear();
    refused(&with_copy(nobody), "personalizations.0.to");
    refused(
        &with_copy(copy().with_bcc(MailAddress::new("A0@Example.com"))),
        "personalizations.0.bcc.0.email",
    );
    refused(&with_copy(copy().with_cc(MailAddress::new("no address"))), "personalizations.0.cc.0.email");
    refused(&with_copy(copy().with_to(address(1).with_name("a; b"))), "personalizations.0.to.1.name");
    refused(&with_copy(copy().with_to(address(1).with_name("a\r\nBcc: x"))), "personalizations.0.to.1.name");
    // The same address in two copies is two mails, which is meant.
    fits(&mail().with_personalization(copy()));
}

#[test]
fn senders() {
    refused(&with_from(MailAddress::new("bü@shop.example")), "from.email");
    refused(&with_from(MailAddress::new("b@shop.example").with_name("Büro")), "from.name");
    fits(&mail().with_reply_to(address(1)));
    refused(&mail().with_reply_to(address(1)).with_reply_to_list([address(2)]), "reply_to_list");
    fits(&mail().with_reply_to_list((0..1000).map(address).collect::<Vec<_>>()));
    refused(&mail().with_reply_to_list((0..1001).map(address).collect::<Vec<_>>()), "reply_to_list");
    refused(&mail().with_reply_to_list([address(1), address(1)]), "reply_to_list.1.email");
}

fn with_from(from: MailAddress) -> MailSend {
    let mut mail = mail();
    mail.from = from;
    mail
}

#[test]
fn text_and_files() {
    let mut without = mail();
    without.subject = None;
    refused(&without, "personalizations.0.subject");
    without.personalizations[0].subject = Some("Hi".to_owned());
    fits(&without);
    refused(&mail().with_subject("a\nb"), "subject");
    refused(&mail().with_subject(""), "subject");
    let mut empty = mail();
    empty.content.clear();
    refused(&empty, "content");
    fits(&empty.with_template("d-1"));
    fits(&mail().with_content(MailContent::html("x")).with_content(MailContent::new("text/calendar", "x")));
    let mut wrong = mail();
    wrong.content.insert(0, MailContent::html("x"));
    refused(&wrong, "content");
    refused(&mail().with_content(MailContent::html("")), "content.1.value");
    refused(&mail().with_content(MailContent::new("text/html; charset=x", "x")), "content.1.type");
    refused(&mail().with_attachment(MailFile::new("a", "")), "attachments.0.content");
    refused(&mail().with_attachment(MailFile::new("a\r\n", "x")), "attachments.0.filename");
    refused(&mail().with_attachment(MailFile::new("a", "x").inline("")), "attachments.0.content_id");
    refused(&mail().with_attachment(MailFile::new("a", "x").with_media_type("png")), "attachments.0.type");
    refused(&with_copy(copy().with_data("a", 1)), "personalizations.0.dynamic_template_data");
    fits(&with_copy(copy().with_data("a", 1)).with_template("d-1"));
    refused(
        &with_copy(copy().with_substitution("a", "b")).with_template("d-1"),
        "personalizations.0.substitutions",
    );
    refused(&mail().with_template("d 1"), "template_id");
}

#[test]
fn sizes() {
    // `{"a":"..."}` is eight bytes around the value.
    fits(&with_copy(copy().with_custom_arg("a", "x".repeat(9_991))));
    refused(&with_copy(copy().with_custom_arg("a", "x".repeat(9_992))), "personalizations.0.custom_args");
    let merged =
        |len: usize| with_copy(copy().with_custom_arg("a", "x".repeat(len))).with_custom_arg("b", "");
    fits(&merged(9_984));
    refused(&merged(9_985), "personalizations.0.custom_args");
    fits(&with_copy(copy().with_substitution("a", "x".repeat(9_992))));
    refused(&with_copy(copy().with_substitution("a", "x".repeat(9_993))), "personalizations.0.substitutions");
}

#[test]
fn the_rest() {
    for name in [
        "to",
        "From",
        "CC",
        "bcc",
        "Subject",
        "Reply-To",
        "Received",
        "DKIM-Signature",
        "x-sg-id",
        "X-SG-EID",
        "content-type",
        "Content-Transfer-Encoding",
    ] {
        refused(&mail().with_header(name, "x"), "headers");
        refused(&with_copy(copy().with_header(name, "x")), "personalizations.0.headers");
    }
    refused(&mail().with_header("X-Grüße", "x"), "headers");
    refused(&mail().with_header("X-A", "x\r\nBcc: y"), "headers");
    fits(&mail().with_header("X-A", "x"));
    let many = |count: usize| (0..count).fold(mail(), |mail, index| mail.with_category(format!("c{index}")));
    fits(&many(10));
    refused(&many(11), "categories");
    refused(&mail().with_category("a").with_category("a"), "categories");
    fits(&mail().with_category("ä".repeat(255)));
    refused(&mail().with_category("a".repeat(256)), "categories.0");
    fits(&mail().with_send_at(now() + TimeDelta::hours(72)));
    refused(&mail().with_send_at(now() + TimeDelta::hours(72) + TimeDelta::seconds(1)), "send_at");
    refused(&mail().with_send_at(now()), "send_at");
    refused(&with_copy(copy().with_send_at(now())), "personalizations.0.send_at");
    refused(&mail().with_batch("a/b"), "batch_id");
    let groups = |count: u64| {
        mail().with_unsubscribe(
            UnsubscribeSettings::new(1).with_groups_to_display((0..count).collect::<Vec<_>>()),
        )
    };
    fits(&groups(25));
    refused(&groups(26), "asm.groups_to_display");
    refused(&mail().with_unsubscribe(UnsubscribeSettings::new(0)), "asm.group_id");
    fits(&mail().with_ip_pool("ab"));
    refused(&mail().with_ip_pool("a"), "ip_pool_name");
    refused(&mail().with_ip_pool("a".repeat(65)), "ip_pool_name");
    let all = MailSettings::new().with_bypass_list_management(Switch::ON);
    fits(&mail().with_mail_settings(all.clone()));
    refused(
        &mail().with_mail_settings(all.with_bypass_spam_management(Switch::ON)),
        "mail_settings.bypass_list_management",
    );
}

#[tokio::test]
async fn a_mail_that_is_too_large_is_never_sent() {
    let wire = Wire::new([wire_support::Answer::taken()]);
    let client = wire.client();
    // In base64 the file alone is below the limit by a third, or reaches it.
    for (len, sent) in [(22_400_000, true), (22_500_000, false), (30_000_000, false)] {
        let mail = mail().with_attachment(MailFile::new("a", vec![0; len]));
        assert_eq!(client.mail().send(&mail).await.is_ok(), sent, "{len}");
    }
    assert_eq!(wire.sent().len(), 1);
}

#[test]
fn many_problems_are_named_up_to_a_limit_and_no_value() {
    let copy = (0..200).fold(copy(), |copy, index| copy.with_to(MailAddress::new(format!("secret {index}"))));
    let error = with_copy(copy).check(now()).unwrap_err();
    assert_eq!(error.fields().len(), MailSend::MAX_PROBLEMS);
    assert!(!format!("{error} {error:?}").contains("secret"));
}

proptest! {
    #[test]
    fn what_fits_is_the_json_that_was_built(subject in "[^\\p{C}]{1,40}", text in ".{1,80}", name in "[^\\p{C},;]{0,20}") {
        let mail = MailSend::new(MailAddress::new("b@shop.example"))
            .with_personalization(Personalization::new(MailAddress::new("a@example.com").with_name(name.clone())))
            .with_subject(subject.clone())
            .with_content(MailContent::text(text.clone()));
        prop_assert!(mail.check(now()).is_ok());
        let expected = json!({
            "personalizations": [{"to": [{"email": "a@example.com", "name": name}]}],
            "from": {"email": "b@shop.example"},
            "subject": subject,
            "content": [{"type": "text/plain", "value": text}],
        });
        prop_assert_eq!(serde_json::to_value(&mail).unwrap(), expected);
    }
}
