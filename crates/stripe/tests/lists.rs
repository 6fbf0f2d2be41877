//! Pages and streams.

mod wire_support;

use futures_util::{StreamExt, TryStreamExt};
use serde_json::json;
use turnbuckle_core::ErrorKind;
use turnbuckle_stripe::*;
use wire_support::{Answer, Wire};

fn page(ids: &[&str], has_more: bool) -> Answer {
    let data: Vec<_> = ids.iter().map(|id| json!({"id": id, "amount": 1})).collect();
    Answer::new(200, json!({"object": "list", "data": data, "has_more": has_more}).to_string())
}

fn queries(wire: &Wire) -> Vec<String> {
    wire.sent().iter().map(|request| request.uri().query().unwrap_or_default().to_owned()).collect()
}

#[tokio::test]
async fn a_stream_walks_all_pages() {
    let wire = Wire::new([page(&["re_1", "re_2"], true), page(&["re_3"], true), page(&[], false)]);
    let params = ListRefunds::new().with_charge("ch_1").with_starting_after("re_0");
    let options = CallOptions::new().with_expand("data.charge").with_account("acct_1");
    let refunds: Vec<Refund> =
        wire.stripe().refunds().list(&params).with_options(options).stream().try_collect().await.unwrap();
    let ids: Vec<_> = refunds.iter().map(|refund| refund.id.as_str()).collect();
    assert_eq!(ids, ["re_1", "re_2", "re_3"]);
    assert_eq!(
        queries(&wire),
        [
            "charge=ch_1&starting_after=re_0&limit=100&expand[0]=data.charge",
            "charge=ch_1&limit=100&starting_after=re_2&expand[0]=data.charge",
            "charge=ch_1&limit=100&starting_after=re_3&expand[0]=data.charge",
        ]
    );
    assert!(wire.sent().iter().all(|request| request.headers()["stripe-account"] == "acct_1"));
}

#[tokio::test]
async fn a_stream_asks_only_as_far_as_it_is_read() {
    let wire = Wire::new([page(&["re_1", "re_2"], true)]);
    let stream = wire.stripe().refunds().list(&ListRefunds::new().with_limit(2)).stream();
    assert!(wire.sent().is_empty());
    let first: Vec<_> = stream.take(2).try_collect().await.unwrap();
    assert_eq!((first.len(), wire.sent().len()), (2, 1));
    assert_eq!(queries(&wire), ["limit=2"]);
}

#[tokio::test]
async fn a_search_follows_its_pages() {
    let found = |id: &str, next: serde_json::Value| {
        let body = json!({"object": "search_result", "data": [{"id": id}], "has_more": !next.is_null(), "next_page": next});
        Answer::new(200, body.to_string())
    };
    let wire = Wire::new([found("pi_1", json!("WzE=")), found("pi_2", json!(null))]);
    let params = SearchPaymentIntents::new("status:'succeeded'").with_limit(1);
    let all: Vec<_> = wire.stripe().payment_intents().search(&params).stream().try_collect().await.unwrap();
    assert_eq!(all.len(), 2);
    assert_eq!(
        queries(&wire),
        ["query=status%3A%27succeeded%27&limit=1", "query=status%3A%27succeeded%27&limit=1&page=WzE%3D"]
    );
}

#[tokio::test]
async fn pages_that_lead_nowhere_end_in_an_error() {
    // The same page again, a circle of three, and a page that has nothing and promises more.
    let circles: [&[&[&str]]; 3] = [&[&["re_1"]], &[&["re_1"], &["re_2"], &["re_3"]], &[&[]]];
    for circle in circles {
        let pages = circle.iter().cycle().take(20).map(|ids| page(ids, true));
        let wire = Wire::new(pages);
        let mut stream = wire.stripe().refunds().list(&ListRefunds::new()).stream();
        let error = loop {
            match stream.next().await.expect("an error before the end") {
                Ok(_) => {}
                Err(error) => break error,
            }
        };
        assert_eq!(error.kind(), ErrorKind::InvalidResponse);
        assert!(wire.sent().len() <= 10, "{} pages", wire.sent().len());
        assert!(stream.next().await.is_none(), "after an error it ends");
    }
}

#[tokio::test]
async fn errors_end_a_stream() {
    let wire = Wire::new([page(&["re_1"], true), Answer::fixture(401, "unauthorized")]);
    let items: Vec<_> = wire.stripe().refunds().list(&ListRefunds::new()).stream().collect().await;
    assert_eq!(items.len(), 2);
    assert_eq!(items[1].as_ref().unwrap_err().kind(), ErrorKind::Unauthorized);

    let wire = Wire::new([]);
    let items: Vec<_> =
        wire.stripe().payment_methods().list("../x", &ListPaymentMethods::new()).stream().collect().await;
    assert_eq!(items.len(), 1);
    assert_eq!(items[0].as_ref().unwrap_err().kind(), ErrorKind::InvalidRequest);
}

#[test]
fn streams_can_be_sent() {
    fn is_send<T: Send + 'static>(_: T) {}
    is_send(Wire::new([]).stripe().refunds().list(&ListRefunds::new()).stream());
}
