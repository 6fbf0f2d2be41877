//! Any bytes go into the decoder of Authorize.Net's events: it never panics, and an event keeps its id.
#![no_main]

use libfuzzer_sys::fuzz_target;
use turnbuckle_authnet::AuthorizeNetEvent;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(event) = AuthorizeNetEvent::decode(bytes) {
        assert_eq!(event.to_event().id.as_deref(), Some(event.notification_id.as_str()));
    }
});
