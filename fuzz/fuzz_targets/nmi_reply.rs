//! Any bytes go into the reader of transact.php's replies: it never panics, and what it takes has no second meaning.
#![no_main]

use libfuzzer_sys::fuzz_target;
use turnbuckle_nmi::Reply;
use turnbuckle_nmi::codes::{Meaning, meaning};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(reply) = Reply::parse(bytes) {
        let _ = format!("{reply:?}");
        let what = meaning(reply.response(), reply.response_code(), reply.response_text());
        assert_eq!(what == Meaning::Approved, (reply.response(), reply.response_code()) == ("1", Some("100")));
    }
});
