//! Platforms: connected accounts, and money that moves to them.

mod account_links;
mod account_params;
mod account_settings;
mod accounts;
mod transfers;

pub use account_links::*;
pub use account_params::*;
pub use account_settings::*;
pub use accounts::*;
pub use transfers::*;
