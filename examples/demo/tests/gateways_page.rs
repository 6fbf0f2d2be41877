//! `docs/gateways.md` says what the declarations say that core enforces.
//!
//! With `TURNBUCKLE_BLESS=1` in the environment the page is rewritten instead.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::path::Path;

use turnbuckle_authnet::AuthorizeNetProvider;
use turnbuckle_core::Environment;
use turnbuckle_core::provider::{ConnectionConfig, IntegrationProvider};
use turnbuckle_nmi::NmiProvider;
use turnbuckle_payflow::PayflowProvider;
use turnbuckle_simulator::Simulator;
use turnbuckle_stripe::StripeProvider;
use turnbuckle_testkit::conformance::FeatureMatrix;

const BEGIN: &str = "<!-- tables: begin -->\n";
const END: &str = "<!-- tables: end -->\n";

fn tables() -> String {
    let gateways: [Box<dyn IntegrationProvider>; 4] = [
        Box::new(StripeProvider::new()),
        Box::new(PayflowProvider::new()),
        Box::new(NmiProvider::new()),
        Box::new(AuthorizeNetProvider::new()),
    ];
    let simulated = Simulator::new().connection_info("http://127.0.0.1:1");
    let mut matrix = FeatureMatrix::new();
    for provider in gateways {
        let definition = provider.definition();
        let credentials = simulated.get(definition.id.as_str()).unwrap().get("credentials").unwrap();
        let credentials = definition.credential_schema.parse(credentials.clone()).unwrap();
        let config = ConnectionConfig::new("page", Environment::Sandbox, credentials);
        let connection = provider.connect(config).unwrap();
        let subscriptions = connection.subscriptions();
        let subscriptions = subscriptions.as_ref().map(|subscriptions| subscriptions.features());
        matrix =
            matrix.with_gateway(definition.name, connection.payments().unwrap().features(), subscriptions);
    }
    matrix.to_string()
}

#[test]
fn the_page_says_what_is_declared() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/gateways.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = page.split_once(BEGIN).unwrap();
    let (on_the_page, after) = rest.split_once(END).unwrap();
    let declared = format!("{}\n", tables());
    println!("{declared}");
    if std::env::var_os("TURNBUCKLE_BLESS").is_some() {
        std::fs::write(&path, format!("{before}{BEGIN}{declared}{END}{after}")).unwrap();
        return;
    }
    assert_eq!(on_the_page, declared, "run with TURNBUCKLE_BLESS=1 to rewrite docs/gateways.md");
}
