//! Platforms: connected accounts, and money that moves to them.

mod account_links;
mod account_params;
mod accounts;
mod transfers;

pub use account_links::*;
pub use account_params::*;
pub use accounts::*;
pub use transfers::*;
