//! Twilio: everything beside messages.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail")]

mod twilio_client;

use http::Request;
use serde_json::{Value, json};
use turnbuckle_simulator::{Fault, FaultKind};
use twilio_client::{Client, TO, code, param, sid};

#[test]
fn test_credentials_know_their_numbers() {
    let twilio = Client::new();
    let (user, password) = twilio.sim.twilio().test_credentials();
    let test = twilio.over((user.clone(), password), &user);
    let from = |number: &str, to: &str| format!("From=%2B1500555{number}&To=%2B1500555{to}&Body=x");
    assert_eq!(test.send(&from("0006", "0006"))["account_sid"], user);
    for (body, code) in [
        (from("0001", "0006"), 21212),
        (from("0007", "0006"), 21606),
        (from("0008", "0006"), 21611),
        (from("0005", "0006"), 21606),
        (from("0006", "0001"), 21211),
        (from("0006", "0002"), 21612),
        (from("0006", "0003"), 21408),
        (from("0006", "0004"), 21610),
        (from("0006", "0009"), 21614),
    ] {
        assert_eq!(test.refused(&body), (400, code), "{body}");
    }
    for path in [".json", "/Messages.json", "/Balance.json"] {
        assert_eq!(code(&test.core("GET", path, "")), (403, 20008));
    }
    assert_eq!(
        code(&test.call("GET", "https://lookups.twilio.com/v2/PhoneNumbers/+14155550123", "")),
        (403, 20008)
    );
    let buy = |number: &str| {
        test.core("POST", "/IncomingPhoneNumbers.json", &format!("PhoneNumber=%2B1500555{number}"))
    };
    assert_eq!(buy("0006").0, 201);
    assert_eq!(code(&buy("0000")), (400, 21422));
    let call = |to: &str, from: &str| {
        let body = format!("Url=https%3A%2F%2Fa.example&To=%2B1500555{to}&From=%2B1500555{from}");
        test.core("POST", "/Calls.json", &body)
    };
    assert_eq!(call("0006", "0006").1["status"], "queued");
    assert_eq!(code(&call("0006", "0007")), (400, 21210));
    assert_eq!(code(&call("0001", "0006")), (400, 21217));
    twilio.pass(60);
    assert!(twilio.sim.twilio().messages().is_empty() && twilio.sim.twilio().calls().is_empty());
    assert_eq!(twilio.sim.twilio().numbers().len(), 1);
}

#[test]
fn numbers_are_found_bought_set_up_and_given_back() {
    let twilio = Client::new();
    let (_, found) = twilio.core("GET", "/AvailablePhoneNumbers/US/Local.json?AreaCode=212&PageSize=3", "");
    let offers = found["available_phone_numbers"].as_array().unwrap();
    assert_eq!((offers.len(), offers[0]["phone_number"].as_str()), (3, Some("+12125550180")));
    let (status, bought) =
        twilio.core("POST", "/IncomingPhoneNumbers.json", "PhoneNumber=%2B12125550180&FriendlyName=Desk");
    assert_eq!((status, bought["friendly_name"].as_str()), (201, Some("Desk")));
    assert_eq!(
        code(&twilio.core("POST", "/IncomingPhoneNumbers.json", "PhoneNumber=%2B12125550180")),
        (400, 21422)
    );
    let (_, own) = twilio.core("GET", "/IncomingPhoneNumbers.json?PhoneNumber=%2B1212", "");
    assert_eq!(own["incoming_phone_numbers"].as_array().unwrap().len(), 1);
    let path = format!("/IncomingPhoneNumbers/{}.json", sid(&bought));
    assert_eq!(code(&twilio.core("POST", &path, "SmsUrl=nowhere")), (400, 21502));
    assert_eq!(code(&twilio.core("POST", &path, "SmsMethod=PUT")), (400, 20001));
    let (_, changed) = twilio.core("POST", &path, "VoiceUrl=https%3A%2F%2Fa.example%2Fv&VoiceMethod=GET");
    assert_eq!(
        (changed["voice_url"].as_str(), changed["voice_method"].as_str()),
        (Some("https://a.example/v"), Some("GET"))
    );
    assert_eq!(twilio.core("DELETE", &path, "").0, 204);
    assert_eq!(code(&twilio.core("GET", &path, "")), (404, 20404));
    assert_eq!(code(&twilio.core("GET", "/AvailablePhoneNumbers/XX/Local.json", "")), (404, 20404));
}

#[test]
fn services_have_pools_and_registrations() {
    let twilio = Client::new();
    let base = "https://messaging.twilio.com/v1/Services";
    assert_eq!(code(&twilio.call("POST", base, "")), (400, 20001));
    let (status, made) =
        twilio.call("POST", base, "FriendlyName=Orders&StickySender=false&ValidityPeriod=60");
    assert_eq!(
        (status, made["sticky_sender"].as_bool(), made["validity_period"].as_i64()),
        (201, Some(false), Some(60))
    );
    let id = sid(&made);
    let number = twilio.sim.twilio().add_number("+14155550111", true);
    let pool = format!("{base}/{id}/PhoneNumbers");
    assert_eq!(twilio.call("POST", &pool, &format!("PhoneNumberSid={number}")).0, 201);
    assert_eq!(code(&twilio.call("POST", &pool, &format!("PhoneNumberSid={number}"))), (409, 21712));
    assert_eq!(
        twilio.call("GET", &pool, "").1["phone_numbers"][0]["capabilities"],
        json!(["SMS", "MMS", "Voice"])
    );
    assert_eq!(twilio.call("POST", &format!("{base}/{id}/AlphaSenders"), "AlphaSender=STANDBOARD").0, 201);
    twilio.sim.twilio().add_short_code(&id, "78263").unwrap();
    assert_eq!(
        twilio.call("GET", &format!("{base}/{id}/ShortCodes"), "").1["short_codes"][0]["short_code"],
        "78263"
    );
    let campaigns = format!("{base}/{id}/Compliance/Usa2p");
    assert_eq!(twilio.call("GET", &campaigns, "").1["compliance"], json!([]));
    twilio.sim.twilio().campaign(&id, "IN_PROGRESS").unwrap();
    assert_eq!(twilio.call("GET", &campaigns, "").1["compliance"][0]["campaign_status"], "IN_PROGRESS");
    let (_, list) = twilio.call("GET", &format!("{base}?PageSize=1"), "");
    assert_eq!((list["meta"]["key"].as_str(), sid(&list["services"][0])), (Some("services"), id.clone()));
    let next = list["meta"]["next_page_url"].as_str().unwrap();
    assert!(next.starts_with("https://messaging.twilio.com/v1/Services?"));
    assert_eq!(twilio.call("GET", next, "").1["meta"]["next_page_url"], Value::Null);
    assert_eq!(twilio.call("DELETE", &format!("{base}/{id}"), "").0, 204);
    assert_eq!(code(&twilio.call("GET", &format!("{base}/{id}"), "")), (404, 20404));
    twilio.sim.twilio().add_number("+18335550111", true);
    twilio.sim.twilio().toll_free_verification("+18335550111", "TWILIO_REJECTED").unwrap();
    let (_, list) = twilio.call(
        "GET",
        "https://messaging.twilio.com/v1/Tollfree/Verifications?Status=TWILIO_REJECTED",
        "",
    );
    assert_eq!(list["verifications"][0]["error_code"], 30475);
}

#[test]
fn templates_are_kept_and_rendered() {
    let twilio = Client::new();
    let url = "https://content.twilio.com/v1/Content";
    let post = |body: Value| {
        let response = twilio.sim.handle(twilio.request("POST", url, "application/json", &body.to_string()));
        (response.status().as_u16(), serde_json::from_slice::<Value>(response.body()).unwrap())
    };
    let text = json!({ "twilio/text": { "body": "Hello {{1}}, order {{2}} is ready." } });
    let (status, made) = post(
        json!({ "friendly_name": "ready", "language": "en", "variables": { "2": "17" }, "types": text }),
    );
    assert_eq!((status, made["types"].clone()), (201, text.clone()));
    for bad in [
        json!([]),
        json!({ "types": text }),
        json!({ "language": "en" }),
        json!({ "language": "en", "types": text, "x": 1 }),
    ] {
        assert_eq!(code(&post(bad)), (400, 20001));
    }
    let id = sid(&made);
    let from = format!("To={TO}&From=%2B14155550100&ContentSid={id}");
    assert_eq!(
        twilio.send(&format!("{from}&ContentVariables=%7B%221%22%3A%22Zo%C3%AB%22%7D"))["body"],
        "Hello Zoë, order 17 is ready."
    );
    assert_eq!(twilio.refused(&from), (400, 21656));
    assert_eq!(twilio.refused(&format!("{from}&ContentVariables=1")), (400, 21656));
    assert_eq!(
        twilio.sim.twilio().preview(&id, Some(r#"{"1":"A","2":"B"}"#)).unwrap(),
        "Hello A, order B is ready."
    );
    assert_eq!(twilio.call("GET", url, "").1["contents"][0]["sid"], id);
    assert_eq!(twilio.call("DELETE", &format!("{url}/{id}"), "").0, 204);
    assert_eq!(twilio.refused(&from), (400, 21655));
}

#[test]
fn lookups_say_what_was_asked() {
    let twilio = Client::new();
    let at =
        |rest: &str| twilio.call("GET", &format!("https://lookups.twilio.com/v2/PhoneNumbers/{rest}"), "");
    let (_, plain) = at("%2B14155550123");
    assert_eq!(
        (plain["valid"].as_bool(), plain["national_format"].as_str()),
        (Some(true), Some("(415) 555-0123"))
    );
    assert!(plain["line_type_intelligence"].is_null());
    let (status, short) = at("%2B1415");
    assert_eq!(
        (status, &short["valid"], &short["validation_errors"]),
        (200, &json!(false), &json!(["TOO_SHORT"]))
    );
    twilio
        .sim
        .twilio()
        .lookup_says("+14155550123", json!({ "line_type_intelligence": { "type": "landline" } }));
    let (_, more) = at("4155550123?CountryCode=US&Fields=line_type_intelligence,sms_pumping_risk");
    assert_eq!(more["line_type_intelligence"]["type"], "landline");
    assert_eq!(more["sms_pumping_risk"]["number_blocked"], false);
    assert_eq!(code(&at("%2B14155550123?Fields=everything")), (400, 20001));
}

#[test]
fn verifications_are_checked_a_few_times_for_ten_minutes() {
    let twilio = Client::new();
    let base = format!("https://verify.twilio.com/v2/Services/{}", twilio.sim.twilio().verify_service_sid());
    let start = |more: &str| {
        twilio.call("POST", &format!("{base}/Verifications"), &format!("To={TO}&Channel=sms{more}"))
    };
    let check = |what: &str| {
        twilio.call("POST", &format!("{base}/VerificationCheck"), &format!("To={TO}&Code={what}"))
    };
    assert_eq!(code(&start("&CustomCode=1")), (400, 60200));
    assert_eq!(
        code(&twilio.call("POST", &format!("{base}/Verifications"), "To=nobody&Channel=sms")),
        (400, 60200)
    );
    let (status, begun) = start("");
    assert_eq!(
        (status, begun["status"].as_str(), begun["valid"].as_bool()),
        (201, Some("pending"), Some(false))
    );
    let right = twilio.sim.twilio().verification_code("+14155550123").unwrap();
    let (status, wrong) = check("wrong");
    assert_eq!((status, wrong["status"].as_str()), (200, Some("pending")));
    assert_eq!(sid(&start("").1), sid(&begun));
    assert_eq!(check(&right).1["status"], "approved");
    assert_eq!(code(&check(&right)), (404, 20404));
    let again = start("&CustomCode=271828").1;
    assert_ne!(sid(&again), sid(&begun));
    for _ in 0..4 {
        assert_eq!(start("").0, 201);
    }
    assert_eq!(code(&start("")), (429, 60203));
    for _ in 0..5 {
        assert_eq!(check("no").0, 200);
    }
    assert_eq!(code(&check("271828")), (429, 60202));
    twilio.pass(600);
    assert_eq!(code(&check("271828")), (404, 20404));
    let third = sid(&start("").1);
    let (_, canceled) = twilio.call("POST", &format!("{base}/Verifications/{third}"), "Status=canceled");
    assert_eq!(canceled["status"], "canceled");
    assert_eq!(code(&twilio.call("GET", &format!("{base}/Verifications/{third}"), "")), (404, 20404));
}

#[test]
fn calls_ring_are_answered_and_end() {
    let twilio = Client::new();
    let body = format!(
        "To={TO}&From=%2B14155550100&Twiml=%3CResponse%2F%3E&StatusCallback=https%3A%2F%2Fa.example%2Fc&StatusCallbackEvent=initiated&StatusCallbackEvent=answered&StatusCallbackEvent=completed"
    );
    let (status, call) = twilio.core("POST", "/Calls.json", &body);
    assert_eq!((status, call["status"].as_str()), (201, Some("queued")));
    let path = format!("/Calls/{}.json", sid(&call));
    assert_eq!(code(&twilio.core("POST", &path, "Twiml=%3CResponse%2F%3E")), (400, 21220));
    twilio.pass(6);
    assert_eq!(twilio.core("GET", &path, "").1["status"], "in-progress");
    assert_eq!(twilio.core("POST", &path, "Url=https%3A%2F%2Fa.example%2Fnext").0, 200);
    twilio.pass(4);
    let (_, ended) = twilio.core("POST", &path, "Status=completed");
    assert_eq!(
        (ended["status"].as_str(), ended["duration"].as_str(), ended["price"].as_str()),
        (Some("completed"), Some("5"), Some("-0.01400"))
    );
    assert_eq!(code(&twilio.core("POST", &path, "Status=completed")), (400, 21220));
    let told: Vec<_> =
        twilio.sim.take_webhooks().iter().map(|push| param(push, "CallStatus").unwrap()).collect();
    assert_eq!(told, ["initiated", "in-progress", "completed"]);
    assert!(twilio.sim.twilio().call_end("+14155550123", "busy"));
    let busy = sid(&twilio.core("POST", "/Calls.json", &body).1);
    twilio.pass(60);
    assert_eq!(twilio.core("GET", &format!("/Calls/{busy}.json"), "").1["status"], "busy");
    assert_eq!(
        code(&twilio.core("POST", "/Calls.json", &format!("To={TO}&From=%2B14155550100"))),
        (400, 21205)
    );
}

#[test]
fn usage_and_balance_follow_what_was_sent() {
    let twilio = Client::new();
    twilio.send(&format!("To={TO}&From=%2B14155550100&Body={}", "a".repeat(161)));
    assert_eq!(twilio.core("GET", "/Balance.json", "").1["balance"], "100.0000");
    twilio.pass(10);
    assert_eq!(twilio.core("GET", "/Balance.json", "").1["balance"], "99.9842");
    let (_, records) = twilio.core("GET", "/Usage/Records.json?Category=sms&StartDate=2025-06-15", "");
    let record = &records["usage_records"][0];
    assert_eq!((record["count"].as_str(), record["usage"].as_str()), (Some("1"), Some("2")));
    assert_eq!(record["price"].to_string(), "0.0158");
    assert_eq!(twilio.core("GET", "/Usage/Records/Daily.json", "").0, 200);
    assert_eq!(code(&twilio.core("GET", "/Usage/Records.json?StartDate=June", "")), (400, 20001));
}

#[test]
fn one_address_serves_every_product() {
    let twilio = Client::new();
    let get = |path: &str| twilio.call("GET", &format!("http://127.0.0.1:4010{path}"), "");
    let account = format!("/2010-04-01/Accounts/{}.json", twilio.sid);
    assert_eq!(get(&format!("/twilio{account}")).1["sid"], twilio.sid);
    assert_eq!(get(&account).1["sid"], twilio.sid);
    let (_, services) = get("/twilio/messaging/v1/Services");
    assert_eq!(
        services["services"][0]["url"],
        format!("http://127.0.0.1:4010/twilio/messaging/v1/Services/{}", sid(&services["services"][0]))
    );
    assert_eq!(get("/twilio/lookups/v2/PhoneNumbers/+14155550123").0, 200);
    assert_eq!(get("/twilio/verify/v2/Services").0, 200);
    assert_eq!(get("/twilio/content/v1/Content").0, 200);
    assert_eq!(code(&get("/twilio/chat/v1/Services")), (404, 20404));
}

#[test]
fn faults_have_twilio_s_shape() {
    let twilio = Client::new();
    let send = || twilio.core("POST", "/Messages.json", &format!("To={TO}&From=%2B14155550100&Body=x"));
    let count = || twilio.sim.twilio().messages().len();
    twilio.sim.faults().push(Fault::new(FaultKind::RateLimited { retry_after: None }));
    assert_eq!((code(&send()), count()), ((429, 20429), 0));
    twilio.sim.faults().push(Fault::new(FaultKind::Status(503, None)));
    assert_eq!((code(&send()), count()), ((503, 20503), 0));
    twilio.sim.faults().push(Fault::new(FaultKind::StatusAfterEffect(500, None)));
    assert_eq!((code(&send()), count()), ((500, 20500), 1));
    twilio.sim.twilio().limit_next(1);
    assert_eq!(code(&send()), (429, 20429));
    assert_eq!(send().0, 201);
    twilio.sim.faults().push(Fault::new(FaultKind::ResetAfter));
    let url = format!("https://api.twilio.com/2010-04-01/Accounts/{}/Messages.json", twilio.sid);
    let body = format!("To={TO}&From=%2B14155550100&Body=x");
    let lost = twilio.request("POST", &url, "application/x-www-form-urlencoded", &body);
    assert!(twilio.sim.try_handle(lost).unwrap_err().effect_happened);
    assert_eq!((count(), twilio.sim.twilio().request_log().len()), (3, 6));
    let log = format!("{:?}", twilio.sim.twilio().request_log());
    assert!(!log.contains("4155550123") && !log.contains(&twilio.sid));
}

#[test]
fn nobody_in_particular_is_refused() {
    let twilio = Client::new();
    let request = Request::get("https://api.twilio.com/2010-04-01/Accounts/AC0.json")
        .body(bytes::Bytes::new())
        .unwrap();
    let response = twilio.sim.handle(request);
    assert_eq!(
        (response.status().as_u16(), response.headers()["www-authenticate"].to_str().unwrap()),
        (401, "Basic realm=\"Twilio API\"")
    );
}
