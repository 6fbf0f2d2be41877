#![doc = include_str!("../README.md")]
// The charge is one long literal.
#![recursion_limit = "512"]

pub mod authnet;
mod calendar;
mod clock;
#[cfg(feature = "server")]
mod delivery;
mod fault;
mod ids;
pub mod nmi;
pub mod payflow;
pub mod plaid;
mod provider;
pub mod sendgrid;
#[cfg(feature = "server")]
mod server;
mod simulator;
pub mod stripe;
pub mod twilio;
mod webhook;

pub use clock::SimClock;
pub use fault::{Dropped, Fault, FaultKind, Faults, Handled, WireFault};
#[cfg(feature = "server")]
pub use server::{ServerHandle, ServerOptions, serve, serve_on};
pub use simulator::{Simulator, SimulatorBuilder};
pub use webhook::SignedWebhook;
