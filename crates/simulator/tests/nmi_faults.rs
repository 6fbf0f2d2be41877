//! NMI: faults, in the gateway's own words where it has some.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail")]

mod nmi_client;

use http::Request;
use nmi_client::{Client, VISA, request};
use turnbuckle_simulator::{Fault, FaultKind, Simulator};

fn pay(nmi: &Client) -> Request<bytes::Bytes> {
    request("transact.php", &format!("security_key={}&type=sale&amount=10.00&{VISA}&orderid=o1", nmi.key))
}

fn made(nmi: &Client) -> usize {
    nmi.sim.nmi().transactions().len()
}

#[test]
fn answers_are_lost_before_and_after_the_effect() {
    let nmi = Client::new();
    nmi.sim.faults().push(Fault::new(FaultKind::ResetBefore));
    assert!(!nmi.sim.try_handle(pay(&nmi)).unwrap_err().effect_happened);
    assert_eq!((made(&nmi), nmi.sim.nmi().request_log()[0].status), (0, 0));
    nmi.sim.faults().push(Fault::new(FaultKind::ResetAfter));
    assert!(nmi.sim.try_handle(pay(&nmi)).unwrap_err().effect_happened);
    assert_eq!(made(&nmi), 1);
    assert!(nmi.query("order_id=o1").contains("<condition>pendingsettlement</condition>"));
    let log = nmi.sim.nmi().request_log();
    assert_eq!((log.len(), log[1].status, log[1].path.as_str()), (3, 200, "/api/transact.php"));
    assert!(!format!("{:?}", log[1]).contains("4111"));
}

#[test]
fn a_lost_processor_is_code_420_whether_or_not_it_took_the_money() {
    let nmi = Client::new();
    let lost = "response=3&responsetext=Communication error&authcode=&transactionid=&avsresponse=&cvvresponse=&orderid=&type=&response_code=420";
    for (kind, count) in [(FaultKind::Status(200, None), 0), (FaultKind::StatusAfterEffect(200, None), 1)] {
        nmi.sim.faults().push(Fault::new(kind));
        let response = nmi.sim.handle(pay(&nmi));
        assert_eq!((response.status().as_u16(), response.body().as_ref()), (200, lost.as_bytes()));
        assert_eq!(made(&nmi), count);
    }
}

#[test]
fn the_system_s_limit_is_429() {
    let nmi = Client::new();
    nmi.sim.faults().push(Fault::new(FaultKind::RateLimited { retry_after: Some("5".to_owned()) }));
    let response = nmi.sim.handle(pay(&nmi));
    assert_eq!(
        (response.status().as_u16(), &response.headers()["retry-after"]),
        (429, &"5".parse().unwrap())
    );
    nmi.sim.faults().push(Fault::new(FaultKind::Status(503, None)).on_path("/query.php"));
    assert_eq!(nmi.sim.handle(request("query.php", "")).status(), 503);
    nmi.sim
        .faults()
        .push(Fault::new(FaultKind::Status(200, Some("<nm_response>".to_owned()))).on_path("/query.php"));
    assert_eq!(nmi.sim.handle(request("query.php", "")).body().as_ref(), b"<nm_response>");
    assert_eq!(made(&nmi), 0);
}

#[test]
fn hosts_prefixes_and_seeds() {
    let nmi = Client::new();
    for url in [
        "https://secure.networkmerchants.com/api/transact.php",
        "https://sandbox.nmi.com/api/transact.php",
        "http://127.0.0.1:4010/nmi/api/transact.php",
    ] {
        let mut request = pay(&nmi);
        *request.uri_mut() = url.parse().unwrap();
        let body = nmi.sim.handle(request).into_body();
        assert!(String::from_utf8_lossy(&body).starts_with("response="), "{url}");
    }
    let mut request = pay(&nmi);
    *request.uri_mut() = "https://secure.nmi.com/api/v5/payments".parse().unwrap();
    assert_eq!(nmi.sim.handle(request).status(), 404);
    let info = nmi.sim.connection_info("http://127.0.0.1:4010");
    assert_eq!(info["nmi"]["base_url"], "http://127.0.0.1:4010/nmi");
    assert_eq!(info["nmi"]["credentials"]["securityKey"], nmi.key.as_str());

    let run = |seed| {
        let nmi = Client::over(Simulator::builder().with_seed(seed).build());
        nmi.sale("10.00", "customer_vault=add_customer").ok();
        (nmi.key.clone(), nmi.sim.state()["nmi"].clone())
    };
    assert_eq!(run(1), run(1));
    assert_ne!(run(1), run(2));
}

#[test]
fn bytes_that_are_no_form_are_refused_and_change_nothing() {
    let nmi = Client::new();
    let many = (0..600).map(|n| format!("f{n}=1")).collect::<Vec<_>>().join("&");
    let key = format!("security_key={}", nmi.key);
    for body in [
        "",
        "=",
        "&&&",
        "a",
        "%",
        "%zz=%",
        "type=%FF",
        "type=sale&amount",
        &many,
        &format!("{key}&type=s%00ale"),
    ] {
        for script in ["transact.php", "query.php"] {
            let response = nmi.sim.handle(request(script, body));
            assert_eq!(response.status(), 200, "{body:?}");
            let said = String::from_utf8(response.into_body().to_vec()).unwrap();
            let refused = said.starts_with("response=3&") || said.contains("<error_response>");
            assert!(refused, "{script} {body:?}: {said}");
        }
    }
    assert_eq!(made(&nmi), 0);
}
