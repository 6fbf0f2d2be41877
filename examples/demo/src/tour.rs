//! The tour itself, in its order.

use std::sync::Arc;

use turnbuckle_core::credential::Credentials;
use turnbuckle_core::payment::MemoryJournal;
use turnbuckle_core::provider::Capability;
use turnbuckle_simulator::{SimClock, Simulator};

use crate::payments::{self, Orders};
use crate::place::Place;
use crate::providers::{Known, Tour, Trial, known, registry};
use crate::report::{Failure, Report, StepResult, ensure};
use crate::vault::Vault;
use crate::{bank, killed, webhooks};

/// Runs the whole tour. Returns whether every step passed.
///
/// # Errors
/// When it cannot begin: no port for the simulator, a live key, unusable keys in the environment.
pub(crate) async fn run(mut report: Report) -> Result<bool, Failure> {
    let simulator = Simulator::builder().with_clock(SimClock::real()).build();
    let server = turnbuckle_simulator::serve(([127, 0, 0, 1], 0).into(), simulator.clone()).await?;
    let known = known();
    let mut places = Vec::new();
    for entry in known.iter().filter(|entry| !matches!(entry.tour, Tour::Form)) {
        let place = Place::choose(entry, &simulator, &server)?;
        // Connecting sends nothing, and it is here that a live key is refused, before the tour begins.
        entry.provider.connect(payments::config(&place, place.credentials.clone()))?;
        report.place(entry.provider.definition().name, &place.name);
        let simulated = Place::simulated(entry, &simulator, &server)?;
        places.push((entry, place, simulated));
    }

    report.part("Providers");
    list(&mut report, &known).await;
    for (entry, place, simulated) in &places {
        let trial = match entry.tour {
            Tour::Payments(trial) => trial,
            Tour::BankData => {
                bank::part(&mut report, entry, place).await;
                continue;
            }
            Tour::Form => continue,
        };
        report.column(entry.provider.definition().name);
        let tour = tour_of_gateway(&mut report, entry, place, trial, &simulator);
        let Some(orders) = tour.await else { continue };
        if entry.provider.definition().capabilities.contains(&Capability::Webhooks) {
            webhooks::part(&mut report, entry, simulated, &simulator, &orders).await;
        }
    }
    server.shutdown().await;
    Ok(report.finish())
}

async fn list(report: &mut Report, known: &[Known]) {
    let listed = async {
        let registry = registry(known).map_err(Failure::new)?;
        let unknown = "papyrus".parse()?;
        let Err(error) = registry.get(&unknown) else { return Err(Failure::new("an unknown id was found")) };
        ensure(error.to_string().contains("stripe"), "the error does not name the providers that exist")?;
        Ok(((), format!("{} providers; an unknown id is told which exist", registry.len())))
    };
    report.step("list the providers", "ids are open strings, checked against a registry", listed).await;
    for entry in known {
        let definition = entry.provider.definition();
        let fields: Vec<_> = definition
            .credential_schema
            .fields()
            .iter()
            .map(|field| format!("{}{}", field.name, if field.required { "*" } else { "" }))
            .collect();
        let able: Vec<_> = definition.capabilities.iter().map(ToString::to_string).collect();
        let able = if able.is_empty() { "form only".to_owned() } else { able.join(", ") };
        let form = if fields.is_empty() { "no credentials".to_owned() } else { fields.join(", ") };
        report.say(&format!("     {:<15} {:<19} {able:<33} {form}", definition.id, definition.category));
    }
}

fn refuse_bad_form(entry: &Known) -> StepResult<()> {
    let schema = entry.provider.definition().credential_schema;
    // Every field wrong at once: a value with a line break fits no form.
    let typed = schema.fields().iter().map(|field| (field.name, "typed\nwrong-7f3a"));
    match Credentials::from_pairs(schema, typed) {
        Ok(_) => Err(Failure::new("a bad form was accepted")),
        Err(error) => {
            let named = error.fields().len();
            ensure(named == schema.fields().len(), format!("only {named} fields are named"))?;
            ensure(!format!("{error}{error:?}").contains("wrong-7f3a"), "the error repeats a value")?;
            Ok(((), format!("{named} bad fields named at once, no value repeated")))
        }
    }
}

async fn tour_of_gateway(
    report: &mut Report,
    entry: &Known,
    place: &Place,
    trial: Trial,
    simulator: &Simulator,
) -> Option<Orders> {
    let definition = entry.provider.definition();
    let (id, schema) = (&definition.id, definition.credential_schema);

    report.part(&format!("Credentials of a tenant for {}", definition.name));
    let bad = async { refuse_bad_form(entry) };
    report.step("refuse a bad form", "validation names every field and echoes nothing", bad).await;
    let made = async { Ok((Vault::new()?, "a fresh one, since this is a tour".to_owned())) };
    let vault = report
        .step("make a master key", "a host reads its key ring from a file or the environment", made)
        .await?;
    let sealed = vault.seal(id, &place.credentials);
    report.step("seal", "AES-256-GCM, a fresh data key each time; lists never decrypt", sealed).await;
    let other = vault.open_as_other_tenant(id);
    report.step("open as another tenant", "a row moved to another tenant does not open", other).await;
    let opened = vault.open(id, schema);
    let opened = report.step("open", "no access record, no secret", opened).await;

    report.part(&format!("Payments through {} at {}", definition.name, place.name));
    let connected = async {
        let credentials = opened.ok_or_else(|| Failure::new("the credentials did not open"))?;
        let config = payments::opted_in(payments::config(place, credentials), trial);
        let connection = entry.provider.connect(config.with_journal(Arc::new(MemoryJournal::new())))?;
        let gateway = connection.payments().ok_or_else(|| Failure::new("no payments"))?;
        let able = connection.capabilities().len();
        Ok(((connection, gateway), format!("{able} capabilities, nothing sent")))
    };
    let connected =
        report.step("connect", "checked against the schema before anything leaves", connected).await;
    let Some((connection, gateway)) = connected else {
        report.skip("everything else", "without a connection nothing can be shown");
        return None;
    };
    let gateway = gateway.as_ref();
    let orders = async { Ok((Orders::new()?, "none that an earlier run used".to_owned())) };
    let orders = report
        .step("make idempotency keys", "made once, kept with the order, sent each time", orders)
        .await?;

    let settling = || trial.settle.into_iter().for_each(|settle| settle(simulator));
    let settle: Option<&dyn Fn()> = (place.is_simulated && trial.settle.is_some()).then_some(&settling);
    let tested = payments::test(&connection);
    report.step("test the connection", "cheap, harmless, real", tested).await;
    let charged = payments::charge(gateway, &orders, trial);
    let charged = report.step("charge, twice the same", "one key, one payment", charged).await;
    let captured = payments::capture(gateway, &orders, trial);
    report.step("authorize, capture a part", "exact amounts in minor units, no floats", captured).await;
    match &charged {
        Some(payment) => {
            let refunded = payments::refund(gateway, &orders, payment, settle);
            report.step("refund a part", "a refund is a payment with a parent", refunded).await;
        }
        None => report.skip("refund a part", "a refund is a payment with a parent"),
    }
    let declined = payments::decline(gateway, &orders, trial);
    report.step("see a card declined", "a decline is an outcome, never a success", declined).await;
    let config = payments::config(place, place.credentials.clone());
    let raw = payments::raw_card(entry.provider.as_ref(), config.clone(), &orders);
    report.step("pass a raw card number", "PCI scope is opted into, never slipped into", raw).await;
    let config = payments::opted_in(config, trial);
    let lost = payments::lost_answer(entry.provider.as_ref(), config, gateway, &orders, trial);
    let number = report
        .step("lose the answer to a charge", "unknown is not failed: look, never resend blindly", lost)
        .await;
    let died = killed::charge_and_die(id, place, gateway, &orders, number.unwrap_or(1));
    report.step("be killed in a charge", "the journal is written before the request leaves", died).await;
    let counted = payments::count(gateway, &orders, &[("charge", 2000), ("lost", 4200), ("killed", 1234)]);
    report.step("count the payments", "nothing was charged twice", counted).await;

    report.part("Keys and webhooks");
    let rotated = vault.rotate(id, schema, gateway);
    report.step("rotate the master key", "in use all the while; payloads untouched", rotated).await;
    Some(orders)
}
