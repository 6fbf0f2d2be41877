//! The connection suite: what connecting does, and what the test of a connection says.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use turnbuckle_core::provider::Capability;
use turnbuckle_core::{Environment, ErrorKind};

use super::payments::leaks::of_credentials;
use super::report::ensure;
use super::{Failed, Fixture, Report, Setup};
use crate::fault::Fault;
use crate::leak::{capture, chain};

type Done = Result<(), Failed>;

pub(super) async fn run(fixture: &dyn Fixture, report: &mut Report) {
    report.run("connection: offers what is declared", async { capabilities(fixture) }).await;
    report.run("connection: connecting sends nothing", async { silent(fixture) }).await;
    report.run("connection: the test passes with good credentials", tests_good(fixture)).await;
    report.run("connection: the test fails with refused credentials", tests_refused(fixture)).await;
    report.run("connection: an unreachable vendor is an error", tests_unreachable(fixture)).await;
    report.run("connection: the other environment", other_environment(fixture)).await;
    report.run("connection: nothing leaks", leaks(fixture)).await;
}

fn setup(fixture: &dyn Fixture) -> (Box<dyn super::Bench>, Setup) {
    let bench = fixture.bench();
    let setup = Setup::new(fixture.credentials(), bench.clock());
    (bench, setup)
}

fn capabilities(fixture: &dyn Fixture) -> Done {
    let (bench, setup) = setup(fixture);
    let connection = bench.connect(&setup)?;
    let declared: BTreeSet<Capability> =
        fixture.provider().definition().capabilities.iter().copied().collect();
    let offered = connection.capabilities();
    ensure(offered == declared, format!("declared {declared:?}, offered {offered:?}"))?;
    ensure(connection.provider() == &fixture.provider().definition().id, "it names another provider")?;
    ensure(connection.environment() == Environment::Sandbox, "it names another environment")
}

fn silent(fixture: &dyn Fixture) -> Done {
    let (bench, setup) = setup(fixture);
    bench.connect(&setup)?;
    ensure(setup.faults.requests() == 0, "something was sent")
}

async fn tests_good(fixture: &dyn Fixture) -> Done {
    let (bench, setup) = setup(fixture);
    let test = bench.connect(&setup)?.test().await?;
    ensure(test.success, "good credentials failed")?;
    ensure(test.live != Some(true), "sandbox credentials claim to be live")?;
    ensure(!test.message.is_empty(), "the message is empty")?;
    ensure(setup.faults.requests() > 0, "nothing was sent, so nothing was tested")
}

async fn tests_refused(fixture: &dyn Fixture) -> Done {
    let Some(credentials) = fixture.refused_credentials() else { return Ok(()) };
    let bench = fixture.bench();
    let setup = Setup::new(credentials, bench.clock());
    match bench.connect(&setup)?.test().await {
        Ok(test) => ensure(!test.success, "refused credentials passed"),
        Err(error) => Err(Failed::new(format!("a test that failed came out as an error: {error}"))),
    }
}

async fn tests_unreachable(fixture: &dyn Fixture) -> Done {
    let (bench, setup) = setup(fixture);
    let connection = bench.connect(&setup)?;
    setup.faults.from_request(1, Fault::ConnectRefused);
    let result = connection.test().await;
    ensure(setup.faults.met() > 0, "nothing was sent, so nothing was tested")?;
    match result {
        Ok(test) => ensure(!test.success, "it passed without a vendor"),
        Err(error) => ensure(error.kind() != ErrorKind::Unauthorized, "it blames the credentials"),
    }
}

async fn other_environment(fixture: &dyn Fixture) -> Done {
    let (bench, mut setup) = setup(fixture);
    setup.environment = Environment::Production;
    let Ok(connection) = bench.connect(&setup) else { return Ok(()) };
    match connection.test().await {
        Ok(test) => ensure(!test.is_ready(), "sandbox credentials are ready for production"),
        Err(_) => Ok(()),
    }
}

async fn leaks(fixture: &dyn Fixture) -> Done {
    let provider = fixture.provider();
    let mut sentinels = of_credentials(provider.as_ref(), &fixture.credentials());
    let spans = capture();
    let mut text = String::new();
    let every = [Some(fixture.credentials()), fixture.refused_credentials()];
    for credentials in every.into_iter().flatten() {
        for field in provider.definition().credential_schema.fields().iter().filter(|field| field.secret) {
            if let Some(value) = credentials.get(field.name).and_then(serde_json::Value::as_str) {
                sentinels.add(field.name, value);
            }
        }
        for environment in [Environment::Sandbox, Environment::Production] {
            let bench = fixture.bench();
            let mut setup = Setup::new(credentials.clone(), bench.clock());
            setup.environment = environment;
            match bench.connect(&setup) {
                Err(error) => text += &chain(&error),
                Ok(connection) => {
                    let _ = write!(
                        text,
                        "{connection:?} {:?} {:?}",
                        connection.payments(),
                        connection.webhooks()
                    );
                    match spans.watch(connection.test()).await {
                        Ok(found) => {
                            let _ = write!(text, "{found:?}");
                        }
                        Err(error) => text += &chain(&error),
                    }
                }
            }
        }
    }
    text += &spans.text();
    let found = sentinels.find(&text);
    ensure(found.is_empty(), format!("found: {}", found.join(", ")))
}
