#![doc = include_str!("../README.md")]

mod accounts;
mod available_numbers;
mod calls;
mod client;
pub mod codes;
mod compliance;
mod contents;
#[cfg(feature = "e164")]
pub mod e164;
mod error;
mod event;
mod form;
mod hosts;
mod list;
mod lookups;
pub mod magic;
mod media;
mod message_create;
mod messages;
mod object;
mod phone_numbers;
mod provider;
mod readiness;
mod resources;
pub mod segments;
mod services;
mod sms;
mod tester;
pub mod twiml;
mod usage;
mod verify;
mod webhook;

pub use accounts::*;
pub use available_numbers::*;
pub use calls::*;
pub use client::Twilio;
pub use compliance::*;
pub use contents::*;
pub use error::TwilioError;
pub use event::{
    ATTEMPT_PARAM, CallCallback, InboundMessage, OptOut, OtherCallback, Params, StatusCallback, TwilioEvent,
};
pub use list::{ListRequest, ListStream, Page};
pub use lookups::*;
pub use media::*;
pub use message_create::*;
pub use messages::*;
pub use phone_numbers::*;
pub use provider::{TwilioProvider, register};
pub use services::*;
pub use sms::TwilioSms;
pub use usage::*;
pub use verify::*;
pub use webhook::TwilioWebhooks;
