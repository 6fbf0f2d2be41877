//! The simulator on a port: `cargo run -p turnbuckle-simulator -- --port 4010`.

use std::io::Write as _;
use std::net::{IpAddr, SocketAddr};
use std::process::ExitCode;

use clap::Parser;
use serde_json::Value;
use tokio::net::TcpListener;
use turnbuckle_simulator::{ServerOptions, SimClock, Simulator, serve_on};

/// Stateful stand-ins for the providers that Turnbuckle speaks to, on a port of this machine.
#[derive(Parser)]
#[command(name = "turnbuckle-simulator")]
struct Arguments {
    /// The port to listen on; 0 picks a free one.
    #[arg(long, default_value_t = 4010)]
    port: u16,
    /// The address to listen on.
    #[arg(long, default_value = "127.0.0.1")]
    host: IpAddr,
    /// Listen on, and deliver webhooks to, other machines than this one.
    #[arg(long)]
    allow_remote: bool,
    /// Print base URLs and credentials as one line of JSON.
    #[arg(long)]
    json: bool,
    /// Where a provider's webhooks go: stripe=http://127.0.0.1:9000/hook. May be given several times.
    #[arg(long, value_name = "PROVIDER=URL")]
    webhook_url: Vec<String>,
    /// The seed of ids and credentials.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Refuse raw card numbers, as Stripe does for most accounts.
    #[arg(long)]
    refuse_raw_cards: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    match runtime.and_then(|runtime| runtime.block_on(run(arguments))) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("turnbuckle-simulator: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> std::io::Result<()> {
    let invalid = |message: String| std::io::Error::new(std::io::ErrorKind::InvalidInput, message);
    if !arguments.host.is_loopback() && !arguments.allow_remote {
        return Err(invalid(format!("{} is reachable from outside: add --allow-remote", arguments.host)));
    }
    let simulator = Simulator::builder()
        .with_clock(SimClock::real())
        .with_seed(arguments.seed)
        .raw_cards(!arguments.refuse_raw_cards)
        .build();
    let mut options = ServerOptions::new().with_allow_remote(arguments.allow_remote);
    for pair in &arguments.webhook_url {
        let (provider, url) = pair
            .split_once('=')
            .ok_or_else(|| invalid(format!("--webhook-url takes PROVIDER=URL, not {pair:?}")))?;
        if simulator.connection_info("").get(provider).is_none() {
            return Err(invalid(format!("no provider is called {provider:?}")));
        }
        options = options.with_webhook_url(provider, url);
    }
    let listener = TcpListener::bind(SocketAddr::new(arguments.host, arguments.port)).await?;
    let server = serve_on(listener, simulator.clone(), &options)?;
    let info = simulator.connection_info(&server.origin());
    let text = if arguments.json { format!("{info}\n") } else { table(&info) };
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()?;
    drop(out);
    tokio::signal::ctrl_c().await?;
    server.shutdown().await;
    Ok(())
}

/// Aligned for reading.
fn table(info: &Value) -> String {
    let mut rows: Vec<(String, String, String)> = Vec::new();
    for (provider, entry) in info.as_object().into_iter().flatten() {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        rows.push((
            provider.clone(),
            "base URL".to_owned(),
            entry.get("base_url").map(text).unwrap_or_default(),
        ));
        for (name, value) in entry.get("credentials").and_then(Value::as_object).into_iter().flatten() {
            rows.push((provider.clone(), name.clone(), text(value)));
        }
    }
    let first = rows.iter().map(|row| row.0.len()).max().unwrap_or_default();
    let second = rows.iter().map(|row| row.1.len()).max().unwrap_or_default();
    let lines =
        rows.iter().map(|(provider, name, value)| format!("{provider:first$}  {name:second$}  {value}\n"));
    format!("{}\nCtrl-C stops it.\n", lines.collect::<String>())
}
