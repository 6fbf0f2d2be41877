#![doc = include_str!("../README.md")]

mod charges;
mod client;
pub mod codes;
mod contact;
mod error;
mod followups;
mod gateway;
mod inquiry;
mod instrument;
pub mod nvp;
mod params;
mod profile_answer;
mod profiles;
mod provider;
mod request_id;
mod tester;
mod transaction;

pub use charges::{Authentication, CardOnFile, Charge, ChargeDetails};
pub use client::Payflow;
pub use contact::Contact;
pub use error::PayflowError;
pub use followups::{Followup, Verdict};
pub use gateway::{PayflowGateway, PayflowSubscriptions};
pub use inquiry::{Inquiry, InquiryKey, TransState};
pub use instrument::{BankAccountData, CardData, Instrument};
pub use params::Tender;
pub use profile_answer::{Profile, ProfilePayment};
pub use profiles::{FirstTransaction, History, PayPeriod, ProfileChange, ProfileData};
pub use provider::{PayflowProvider, register};
pub use request_id::RequestId;
pub use transaction::{Check, Transaction};
