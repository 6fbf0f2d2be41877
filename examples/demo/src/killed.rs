//! A process that dies in the middle of a charge, and the one that finds out after the restart.
//!
//! The tour starts itself again as a child. The child writes its journal, sends the charge, and is killed after the
//! provider has answered and before the child has seen the answer.

use std::io::Write;
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use secrecy::ExposeSecret;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;
use turnbuckle_core::ProviderId;
use turnbuckle_core::credential::{Credentials, process_env};
use turnbuckle_core::http::{BaseUrl, ReqwestTransport, Transport, transport_try_fn};
use turnbuckle_core::money::{Currency, Money};
use turnbuckle_core::payment::{
    FileJournal, IdempotencyKey, Journal, MerchantReference, PaymentGateway, PaymentRequest, Swept, sweep,
};
use turnbuckle_core::{Clock, SystemClock};

use crate::payments::{Orders, config, opted_in};
use crate::place::Place;
use crate::providers::{find, known};
use crate::report::{Failure, StepResult, ensure};

/// What the child prints when the provider has answered.
const ANSWERED: &str = "the provider has answered";

/// Runs the child, kills it, and sweeps its journal.
pub(crate) async fn charge_and_die(
    id: &ProviderId,
    place: &Place,
    gateway: &dyn PaymentGateway,
    orders: &Orders,
    number: usize,
) -> StepResult<()> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("journal");
    let known = known();
    let entry = find(&known, id).ok_or_else(|| Failure::new("an unknown provider"))?;
    let mut command = Command::new(std::env::current_exe()?);
    command
        .args(["--die-in-a-charge", id.as_str()])
        .arg(&path)
        .args([orders.key("killed")?.value(), orders.reference("killed")?.as_str()])
        .arg(number.to_string())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .kill_on_drop(true);
    // The environment is the child's only way to the credentials: arguments show in process lists.
    for field in entry.provider.definition().credential_schema.fields() {
        for name in field.env {
            command.env_remove(name);
        }
        if let (Some(name), Some(value)) = (field.env.first(), place.credentials.get(field.name)) {
            command.env(name, value.expose_secret());
        }
    }
    let base_url = format!("{}_BASE_URL", entry.prefix);
    match &place.base_url {
        Some(url) => command.env(base_url, url.as_str()),
        None => command.env_remove(base_url),
    };
    let mut child = command.spawn()?;
    let output = child.stdout.take().ok_or_else(|| Failure::new("the child has no output"))?;
    let line = BufReader::new(output).lines().next_line().await?.unwrap_or_default();
    ensure(line == ANSWERED, format!("the child did not get as far as the charge: {line}"))?;
    child.kill().await?;

    let journal = FileJournal::open(&path)?;
    let now = orders.now();
    let left = journal.open(id, gateway.account(), now, 10).await?;
    ensure(left.len() == 1, format!("{} open records in the journal instead of one", left.len()))?;
    let report = sweep(&journal, gateway, None, now, now, 10).await?;
    let Some((_, Swept::Payment(payment))) = report.swept.first() else {
        return Err(Failure::new(format!("the sweep says {:?}", report.swept)));
    };
    ensure(
        journal.open(id, gateway.account(), orders.now(), 10).await?.is_empty(),
        "the record is still open",
    )?;
    Ok((
        (),
        format!("killed, restarted, swept: {} taken, {}", payment.amounts.captured, payment.reference.id()),
    ))
}

/// The child's life. Returns only if something goes wrong.
pub(crate) async fn die(
    id: &str,
    journal: &Path,
    key: &str,
    reference: &str,
    number: usize,
) -> Result<(), Failure> {
    let known = known();
    let entry = find(&known, &id.parse()?).ok_or_else(|| Failure::new("an unknown provider"))?;
    let definition = entry.provider.definition();
    let trial = entry.trial().ok_or_else(|| Failure::new("this provider takes no payments"))?;
    let credentials = Credentials::from_env(definition.credential_schema, &process_env)?;
    let base_url =
        process_env(&format!("{}_BASE_URL", entry.prefix)).map(|url| BaseUrl::parse(&url)).transpose()?;
    let place =
        Place { credentials: credentials.clone(), base_url, is_simulated: false, name: String::new() };
    let journal: Arc<dyn Journal> = Arc::new(FileJournal::open(journal)?);
    let config = opted_in(config(&place, credentials), trial);
    let config = config.with_journal(journal).with_transport(answered_and_stuck(number)?);
    let gateway = entry.provider.connect(config)?.payments().ok_or_else(|| Failure::new("no payments"))?;
    let request = PaymentRequest::new(
        Money::new(1234, Currency::USD),
        trial.approved.method()?,
        IdempotencyKey::new(key, SystemClock::new().now())?,
        MerchantReference::new(reference)?,
    );
    let outcome = gateway.purchase(&request).await?;
    Err(Failure::new(format!("nobody killed the child: `{}`", outcome.as_str())))
}

/// Lets the provider answer this request, says so, and never hands the answer on.
fn answered_and_stuck(number: usize) -> turnbuckle_core::Result<Arc<dyn Transport>> {
    let real = ReqwestTransport::new()?;
    let answered = Arc::new(AtomicUsize::new(0));
    Ok(Arc::new(transport_try_fn(move |request, limits| {
        let (real, answered) = (real.clone(), Arc::clone(&answered));
        async move {
            let answer = real.send(request, limits).await?;
            let last = answered.fetch_add(1, Ordering::SeqCst) + 1 == number;
            if last && answer.status().is_success() {
                let mut output = std::io::stdout();
                let _ = writeln!(output, "{ANSWERED}");
                let _ = output.flush();
                std::future::pending::<()>().await;
            }
            Ok(answer)
        }
    })))
}
