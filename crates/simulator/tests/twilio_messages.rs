//! Twilio: messages over simulated time.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail")]

mod twilio_client;

use twilio_client::{Client, TO, code, param, sid};

const FROM: &str = "%2B14155550100";

fn plain() -> String {
    format!("To={TO}&From={FROM}&Body=Ready")
}

#[test]
fn a_message_is_queued_sent_and_delivered_as_time_passes() {
    let twilio = Client::new();
    let sent =
        twilio.send(&format!("{}&StatusCallback=https%3A%2F%2Fshop.example%2Fs%3Fa%3D1%23rc%3D3", plain()));
    assert_eq!(
        (sent["status"].as_str(), sent["num_segments"].as_str(), sent["direction"].as_str()),
        (Some("queued"), Some("1"), Some("outbound-api"))
    );
    assert_eq!(sent["date_created"], "Sun, 15 Jun 2025 12:00:00 +0000");
    assert!(sent["date_sent"].is_null() && sent["price"].is_null() && sent["error_code"].is_null());
    let id = sid(&sent);
    assert!(id.starts_with("SM") && id.len() == 34);
    assert!(twilio.sim.take_webhooks().is_empty());
    twilio.pass(1);
    let message = twilio.fetch(&id);
    assert_eq!((message["status"].as_str(), message["price"].as_str()), (Some("sent"), Some("-0.00790")));
    twilio.pass(10);
    assert_eq!(twilio.fetch(&id)["status"], "delivered");
    assert_eq!(twilio.fetch(&id)["date_updated"], "Sun, 15 Jun 2025 12:00:03 +0000");
    let pushes = twilio.sim.take_webhooks();
    let states: Vec<_> = pushes.iter().map(|push| param(push, "MessageStatus").unwrap()).collect();
    assert_eq!(states, ["sent", "delivered"]);
    assert_eq!(pushes[0].url.as_deref(), Some("https://shop.example/s?a=1"));
    assert_eq!(param(&pushes[1], "MessageSid"), Some(id));
    assert_eq!(param(&pushes[1], "To").as_deref(), Some("%2B14155550123"));
}

#[test]
fn a_messaging_service_picks_the_sender_later() {
    let twilio = Client::new();
    let service = twilio.sim.twilio().messaging_service_sid();
    let sent = twilio.send(&format!("To={TO}&MessagingServiceSid={service}&Body=Ready"));
    assert_eq!((sent["status"].as_str(), sent["num_segments"].as_str()), (Some("accepted"), Some("0")));
    assert!(sent["from"].is_null());
    twilio.pass(1);
    let queued = twilio.fetch(&sid(&sent));
    assert_eq!(
        (queued["status"].as_str(), queued["from"].as_str(), queued["num_segments"].as_str()),
        (Some("queued"), Some("+14155550100"), Some("1"))
    );
    let unknown = format!("To={TO}&MessagingServiceSid=MG00000000000000000000000000000000&Body=x");
    assert_eq!(twilio.refused(&unknown), (400, 21701));
    let empty = twilio.sim.twilio().add_service("Empty");
    assert_eq!(twilio.refused(&format!("To={TO}&MessagingServiceSid={empty}&Body=x")), (400, 21704));
}

#[test]
fn what_is_wrong_with_a_message_has_a_code() {
    let twilio = Client::new();
    let long = "a".repeat(1_601);
    for (body, code) in [
        (format!("From={FROM}&Body=x"), 21604),
        (format!("To={TO}&Body=x"), 21603),
        (format!("To={TO}&From={FROM}"), 21602),
        (format!("To={TO}&From={FROM}&Body={long}"), 21617),
        (format!("To=4155550123&From={FROM}&Body=x"), 21211),
        (format!("To=78263&From={FROM}&Body=x"), 21265),
        (format!("To={TO}&From=%2B1415&Body=x"), 21212),
        (format!("To={TO}&From=%2B14155550199&Body=x"), 21659),
        (format!("To={TO}&From=STANDBOARD&Body=x"), 21612),
        (format!("{}&MediaUrl=nowhere", plain()), 21620),
        (format!("{}{}", plain(), "&MediaUrl=https%3A%2F%2Fa.example".repeat(11)), 21623),
        (format!("{}&StatusCallback=shop.example", plain()), 21609),
        (format!("{}&ValidityPeriod=36001", plain()), 20001),
        (format!("{}&Bdoy=x", plain()), 20001),
        (format!("{}&Body=again", plain()), 20001),
        (format!("{}&SmartEncoded=yes", plain()), 20001),
        (format!("{}&ScheduleType=fixed&SendAt=2025-06-15T13:00:00Z", plain()), 35118),
        (format!("To={TO}&From={FROM}&ContentSid=HX00000000000000000000000000000000"), 21655),
    ] {
        assert_eq!(twilio.refused(&body), (400, code), "{body}");
    }
    assert!(twilio.sim.twilio().messages().is_empty());
}

#[test]
fn credentials_and_paths_are_checked() {
    let twilio = Client::new();
    let wrong = twilio.over((twilio.user.clone(), "wrong".to_owned()), &twilio.sid);
    let response =
        wrong.raw("GET", &format!("https://api.twilio.com/2010-04-01/Accounts/{}.json", twilio.sid), "");
    assert_eq!(
        std::str::from_utf8(response.body()).unwrap(),
        r#"{"code":20003,"message":"Authenticate","more_info":"https://www.twilio.com/docs/errors/20003","status":401}"#
    );
    let key = twilio.over(twilio.sim.twilio().api_key(), &twilio.sid);
    assert_eq!(key.core("GET", ".json", "").1["sid"], twilio.sid);
    let restricted = twilio.over(twilio.sim.twilio().restricted_api_key(), &twilio.sid);
    assert_eq!(code(&restricted.core("GET", ".json", "")), (403, 70051));
    assert_eq!(sid(&restricted.send(&plain())).len(), 34);
    let other =
        twilio.over((twilio.user.clone(), twilio.password.clone()), "AC00000000000000000000000000000000");
    assert_eq!(code(&other.core("GET", "/Messages.json", "")), (401, 20003));
    assert_eq!(
        code(&twilio.core("GET", "/Messages/SM00000000000000000000000000000000.json", "")),
        (404, 20404)
    );
    // Another region has other credentials.
    let url = format!("https://api.dublin.ie1.twilio.com/2010-04-01/Accounts/{}.json", twilio.sid);
    assert_eq!(code(&twilio.call("GET", &url, "")), (401, 20003));
    let url = url.replace("dublin.ie1", "dublin.us1");
    assert_eq!(twilio.call("GET", &url, "").0, 200);
}

#[test]
fn subaccounts_are_apart_and_their_owner_reaches_them() {
    let twilio = Client::new();
    let below = twilio.sim.twilio().open_subaccount("Branch");
    let sub = twilio.over(below.clone(), &below.0);
    let message = sid(&sub.send(&plain()));
    let owner = twilio.over((twilio.user.clone(), twilio.password.clone()), &below.0);
    assert_eq!(owner.fetch(&message)["account_sid"], below.0);
    assert_eq!(code(&twilio.core("GET", &format!("/Messages/{message}.json"), "")), (404, 20404));
    let up = twilio.over(below, &twilio.sid);
    assert_eq!(code(&up.core("GET", "/Messages.json", "")), (401, 20003));
}

#[test]
fn failures_come_later_and_refusals_at_once() {
    let twilio = Client::new();
    twilio.sim.twilio().fail("+14155550123", 30003);
    let id = sid(&twilio.send(&plain()));
    twilio.pass(10);
    let message = twilio.fetch(&id);
    assert_eq!(
        (message["status"].as_str(), message["error_code"].as_u64()),
        (Some("undelivered"), Some(30003))
    );
    assert!(message["error_message"].is_string());
    twilio.sim.twilio().refuse("+14155550123", 21614);
    assert_eq!(twilio.refused(&plain()), (400, 21614));
    twilio.sim.twilio().accept("+14155550123");
    twilio.sim.twilio().geo_permission("+1", false);
    assert_eq!(twilio.refused(&plain()), (400, 21408));
    twilio.sim.twilio().geo_permission("+1", true);
    twilio.sim.twilio().trial(true);
    assert_eq!(twilio.refused(&plain()), (400, 21608));
    twilio.sim.twilio().verify_recipient("+14155550123");
    twilio.send(&plain());
    assert_eq!(twilio.core("GET", ".json", "").1["type"], "Trial");
    twilio.sim.twilio().suspend(true);
    assert_eq!(twilio.core("GET", ".json", "").1["status"], "suspended");
    assert_eq!(twilio.refused(&plain()), (403, 20005));
}

#[test]
fn unregistered_numbers_are_blocked_by_carriers() {
    let twilio = Client::new();
    twilio.sim.twilio().add_number("+14155550111", true);
    twilio.sim.twilio().add_number("+18335550111", true);
    let local = sid(&twilio.send(&format!("To={TO}&From=%2B14155550111&Body=x")));
    let toll_free = sid(&twilio.send(&format!("To={TO}&From=%2B18335550111&Body=x")));
    let abroad = sid(&twilio.send("To=%2B41791234567&From=%2B14155550111&Body=x"));
    twilio.pass(10);
    assert_eq!(twilio.fetch(&local)["error_code"], 30034);
    assert_eq!(twilio.fetch(&toll_free)["error_code"], 30032);
    assert_eq!(twilio.fetch(&abroad)["status"], "delivered");
    twilio.sim.twilio().toll_free_verification("+18335550111", "TWILIO_APPROVED").unwrap();
    let verified = sid(&twilio.send(&format!("To={TO}&From=%2B18335550111&Body=x")));
    twilio.pass(10);
    assert_eq!(twilio.fetch(&verified)["status"], "delivered");
}

#[test]
fn what_waits_too_long_overflows() {
    let twilio = Client::new();
    twilio.sim.twilio().carriers_down(true);
    let short = sid(&twilio.send(&format!("{}&ValidityPeriod=60", plain())));
    let long = sid(&twilio.send(&plain()));
    twilio.pass(100);
    let failed = twilio.fetch(&short);
    assert_eq!((failed["status"].as_str(), failed["error_code"].as_u64()), (Some("failed"), Some(30001)));
    assert_eq!(twilio.fetch(&long)["status"], "queued");
    twilio.sim.twilio().carriers_down(false);
    twilio.pass(10);
    assert_eq!(twilio.fetch(&long)["status"], "delivered");
}

#[test]
fn scheduled_messages_wait_and_are_called_back_once() {
    let twilio = Client::new();
    let service = twilio.sim.twilio().messaging_service_sid();
    let at = |time: &str| {
        format!("To={TO}&MessagingServiceSid={service}&Body=Noon&ScheduleType=fixed&SendAt=2025-06-{time}Z")
    };
    for (time, code) in [("15T12:05:00", 35115), ("15T11:00:00", 35115), ("99T12:00:00", 35117)] {
        assert_eq!(twilio.refused(&at(time)), (400, code), "{time}");
    }
    let kept = twilio.send(&at("15T12:10:00"));
    assert_eq!(kept["status"], "scheduled");
    let kept = sid(&kept);
    let dropped = sid(&twilio.send(&at("15T12:10:00")));
    let path = format!("/Messages/{dropped}.json");
    assert_eq!(twilio.core("POST", &path, "Status=canceled").1["status"], "canceled");
    assert_eq!(code(&twilio.core("POST", &path, "Status=canceled")), (409, 30409));
    twilio.pass(599);
    assert_eq!(twilio.fetch(&kept)["status"], "scheduled");
    // Opting out calls nothing back; the message fails when it would leave.
    let stopped = sid(&twilio.send(&format!(
        "To=%2B14155550124&MessagingServiceSid={service}&Body=x&ScheduleType=fixed&SendAt=2025-06-16T12:00:00Z"
    )));
    twilio.sim.twilio().opt_out(&service, "+14155550124");
    assert_eq!(twilio.fetch(&stopped)["status"], "scheduled");
    twilio.pass(10);
    assert_eq!(twilio.fetch(&kept)["status"], "delivered");
    assert_eq!(twilio.fetch(&dropped)["status"], "canceled");
    twilio.pass(86_400);
    assert_eq!(twilio.fetch(&stopped)["error_code"], 21610);
    assert_eq!(
        code(&twilio.core("POST", &format!("/Messages/{kept}.json"), "Status=canceled")),
        (409, 30409)
    );
}

#[test]
fn bodies_are_taken_away_and_messages_deleted_when_they_are_done() {
    let twilio = Client::new();
    let id = sid(&twilio.send(&plain()));
    let path = format!("/Messages/{id}.json");
    assert_eq!(code(&twilio.core("POST", &path, "Body=")), (409, 20009));
    assert_eq!(code(&twilio.core("DELETE", &path, "")), (409, 20009));
    twilio.pass(10);
    assert_eq!(code(&twilio.core("POST", &path, "Body=other")), (400, 20001));
    assert_eq!(twilio.core("POST", &path, "Body=").1["body"], "");
    assert_eq!(twilio.core("DELETE", &path, ""), (204, serde_json::Value::Null));
    assert_eq!(code(&twilio.core("GET", &path, "")), (404, 20404));
    let discreet =
        sid(&twilio.send(&format!("{}&ContentRetention=discard&AddressRetention=obfuscate", plain())));
    twilio.pass(10);
    let message = twilio.fetch(&discreet);
    assert_eq!((message["body"].as_str(), message["to"].as_str()), (Some(""), Some("+1415555XXXX")));
}

#[test]
fn media_lead_elsewhere() {
    let twilio = Client::new();
    let sent = twilio.send(&format!(
        "{}&MediaUrl=https%3A%2F%2Fa.example%2Fx.png&MediaUrl=https%3A%2F%2Fa.example%2Fy",
        plain()
    ));
    let id = sid(&sent);
    assert_eq!((&id[..2], sent["num_media"].as_str()), ("MM", Some("2")));
    let (_, list) = twilio.core("GET", &format!("/Messages/{id}/Media.json"), "");
    assert_eq!(list["media_list"][0]["content_type"], "image/png");
    let media = sid(&list["media_list"][0]);
    let url =
        format!("https://api.twilio.com/2010-04-01/Accounts/{}/Messages/{id}/Media/{media}", twilio.sid);
    let bytes = twilio.raw("GET", &url, "");
    assert_eq!(bytes.status(), 307);
    assert_eq!(bytes.headers()["location"], format!("https://media.twiliocdn.com/{}/{media}", twilio.sid));
    assert_eq!(twilio.call("GET", &format!("{url}.json"), "").1["parent_sid"], id);
    assert_eq!(twilio.call("DELETE", &format!("{url}.json"), "").0, 204);
    assert_eq!(code(&twilio.call("GET", &format!("{url}.json"), "")), (404, 20404));
}

#[test]
fn lists_page_and_filter_by_day() {
    let twilio = Client::new();
    let ids: Vec<_> = (0..5).map(|_| sid(&twilio.send(&plain()))).collect();
    twilio.pass(10);
    let waiting = sid(&twilio.send(&plain()));
    let (_, first) = twilio.core("GET", &format!("/Messages.json?To={TO}&PageSize=4"), "");
    let shown = |page: &serde_json::Value| -> Vec<String> {
        page["messages"].as_array().unwrap().iter().map(sid).collect()
    };
    assert_eq!(shown(&first)[..2], [waiting.clone(), ids[4].clone()]);
    let next = first["next_page_uri"].as_str().unwrap();
    assert!(next.starts_with("/2010-04-01/") && next.contains("To=%2B14155550123"));
    let (_, second) = twilio.call("GET", &format!("https://api.twilio.com{next}"), "");
    assert_eq!(
        (shown(&second), second["next_page_uri"].is_null()),
        (vec![ids[1].clone(), ids[0].clone()], true)
    );
    // What was not sent yet has no day.
    let (_, today) = twilio.core("GET", "/Messages.json?DateSent%3E=2025-06-15", "");
    assert_eq!(shown(&today).len(), 5);
    assert!(!shown(&today).contains(&waiting));
    assert!(shown(&twilio.core("GET", "/Messages.json?DateSent%3C=2025-06-14", "").1).is_empty());
    assert_eq!(code(&twilio.core("GET", "/Messages.json?PageSize=1001", "")), (400, 20001));
    assert_eq!(code(&twilio.core("GET", "/Messages.json?Page=1", "")), (400, 20006));
    assert_eq!(code(&twilio.core("GET", "/Messages.json?Date=x", "")), (400, 20001));
}

#[test]
fn whatsapp_takes_free_text_for_a_day_after_an_answer() {
    let twilio = Client::new();
    let send = || sid(&twilio.send("To=whatsapp%3A%2B14155550123&From=whatsapp%3A%2B14155550100&Body=Ready"));
    let cold = send();
    twilio.pass(10);
    assert_eq!(twilio.fetch(&cold)["error_code"], 63016);
    twilio.sim.twilio().receive("whatsapp:+14155550123", "whatsapp:+14155550100", "Hello").unwrap();
    let warm = send();
    twilio.pass(10);
    assert!(twilio.sim.twilio().read(&warm));
    assert_eq!(twilio.fetch(&warm)["status"], "read");
    assert_eq!(twilio.refused(&format!("To=whatsapp%3A%2B14155550123&From={FROM}&Body=x")), (400, 63007));
}
