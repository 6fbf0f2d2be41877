//! The way from the client to each resource.

use crate::{
    Accounts, AvailablePhoneNumbers, Calls, Compliance, Contents, IncomingPhoneNumbers, Lookups, MediaOf,
    Messages, MessagingServices, Twilio, Usage, Verify,
};

impl Twilio {
    /// Messages.
    pub fn messages(&self) -> Messages<'_> {
        Messages::new(self)
    }

    /// The media of one message, `MM...`.
    pub fn media<'a>(&'a self, message_sid: &'a str) -> MediaOf<'a> {
        MediaOf::new(self, message_sid)
    }

    /// The account's phone numbers.
    pub fn incoming_phone_numbers(&self) -> IncomingPhoneNumbers<'_> {
        IncomingPhoneNumbers::new(self)
    }

    /// Phone numbers that can be had.
    pub fn available_phone_numbers(&self) -> AvailablePhoneNumbers<'_> {
        AvailablePhoneNumbers::new(self)
    }

    /// Messaging services.
    pub fn messaging_services(&self) -> MessagingServices<'_> {
        MessagingServices::new(self)
    }

    /// Registrations that carriers in the United States demand.
    pub fn compliance(&self) -> Compliance<'_> {
        Compliance::new(self)
    }

    /// Content templates.
    pub fn contents(&self) -> Contents<'_> {
        Contents::new(self)
    }

    /// Lookup.
    pub fn lookups(&self) -> Lookups<'_> {
        Lookups::new(self)
    }

    /// Verifications of one Verify service, `VA...`.
    pub fn verify<'a>(&'a self, service_sid: &'a str) -> Verify<'a> {
        Verify::new(self, service_sid)
    }

    /// Calls.
    pub fn calls(&self) -> Calls<'_> {
        Calls::new(self)
    }

    /// The account.
    pub fn accounts(&self) -> Accounts<'_> {
        Accounts::new(self)
    }

    /// Usage.
    pub fn usage(&self) -> Usage<'_> {
        Usage::new(self)
    }
}
