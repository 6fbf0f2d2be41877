//! Why a push was refused, as stable codes.

use std::fmt;

use crate::error::{Error, ErrorKind};

/// Why a push was refused. Stands as the code of an
/// [`ErrorKind::SignatureInvalid`](crate::ErrorKind::SignatureInvalid), for logs and metrics; what was received never
/// does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// A header that carries the signature, or a part of what is signed, is absent.
    MissingHeader,
    /// A header that must stand once stands several times.
    DuplicateHeader,
    /// A signature header or token is not of the form that the scheme prescribes.
    MalformedHeader,
    /// The token names another algorithm than the one that we fixed.
    WrongAlgorithm,
    /// The signed time is too long ago.
    Stale,
    /// The signed time is too far ahead.
    Future,
    /// No key that is valid now made this signature over these bytes.
    Mismatch,
    /// The token names a key that is not known or no longer valid.
    UnknownKey,
    /// A signed token lacks a claim, or the claim has the wrong type.
    MissingClaim,
    /// The signature is right, but the body is not the one whose hash was signed.
    BodyMismatch,
    /// The body is larger than the limit.
    BodyTooLarge,
    /// The body cannot be brought into the form that the scheme signs.
    MalformedBody,
    /// The scheme signs no time, and the handler demands it.
    TimeUnsigned,
}

impl Reason {
    /// Stable lower-case name, for example `missing_header`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::MissingHeader => "missing_header",
            Self::DuplicateHeader => "duplicate_header",
            Self::MalformedHeader => "malformed_header",
            Self::WrongAlgorithm => "wrong_algorithm",
            Self::Stale => "stale",
            Self::Future => "future",
            Self::Mismatch => "mismatch",
            Self::UnknownKey => "unknown_key",
            Self::MissingClaim => "missing_claim",
            Self::BodyMismatch => "body_mismatch",
            Self::BodyTooLarge => "body_too_large",
            Self::MalformedBody => "malformed_body",
            Self::TimeUnsigned => "time_unsigned",
        }
    }

    /// An [`ErrorKind::SignatureInvalid`](crate::ErrorKind::SignatureInvalid) with this code. Adapters use it for the
    /// parts of a scheme that they read themselves.
    pub fn error(self) -> Error {
        let message = match self {
            Self::MissingHeader => "a signature header is missing",
            Self::DuplicateHeader => "a signature header stands more than once",
            Self::MalformedHeader => "the signature is not of the prescribed form",
            Self::WrongAlgorithm => "the token is not signed with the algorithm of this scheme",
            Self::Stale => "the signed time is too long ago",
            Self::Future => "the signed time lies in the future",
            Self::Mismatch => "the signature does not belong to this body and these keys",
            Self::UnknownKey => "the signing key is unknown or expired",
            Self::MissingClaim => "the signed token lacks a claim",
            Self::BodyMismatch => "the body is not the one whose hash was signed",
            Self::BodyTooLarge => "the body is larger than allowed",
            Self::MalformedBody => "the body cannot be read in the form that was signed",
            Self::TimeUnsigned => "this scheme signs no time",
        };
        Error::new(ErrorKind::SignatureInvalid, message).with_code(self.as_str())
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
