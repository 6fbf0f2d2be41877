//! How many parts a text takes, which is what is billed: known before it is sent.
//!
//! A text whose characters are all in the GSM alphabet takes seven bits a character, and one part holds 160 of them; ten
//! characters of an extension table take two places. One character outside, and the whole text is sent as UCS-2: sixteen
//! bits a unit, 70 units a part. A text that does not fit into one part is cut into parts that each lose a little to the
//! note that joins them: 153 and 67. A character that takes two places is never cut in half.
//! See <https://www.twilio.com/docs/glossary/what-sms-character-limit>.
//!
//! ```
//! use turnbuckle_twilio::segments::{Encoding, Segments};
//!
//! let plain = Segments::of("Your code is 271828.");
//! assert_eq!((plain.encoding, plain.count), (Encoding::Gsm7, 1));
//! // One typographic apostrophe, and the text costs twice.
//! let fancy = Segments::of("Your parcel is here. It\u{2019}s behind the blue door, next to the bicycles. Ring twice.");
//! assert_eq!((fancy.encoding, fancy.count), (Encoding::Ucs2, 2));
//! ```
//!
//! What cannot be known here: with `SmartEncoded`, or a messaging service's smart encoding, Twilio replaces look-alikes
//! first, which can only lower the count; trial accounts get a line of Twilio's put before the text, which can raise it;
//! toll-free numbers are said to hold a little less in a part; and some carriers may count joined emoji otherwise.

/// How a text is written in a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Encoding {
    /// Seven bits a place: the alphabet of GSM 03.38 and its extension.
    Gsm7,
    /// Sixteen bits a unit.
    Ucs2,
}

impl Encoding {
    /// Places in a text of one part.
    pub fn single(self) -> usize {
        match self {
            Self::Gsm7 => 160,
            Self::Ucs2 => 70,
        }
    }

    /// Places in each part of several.
    pub fn joined(self) -> usize {
        match self {
            Self::Gsm7 => 153,
            Self::Ucs2 => 67,
        }
    }

    /// How many places a character takes; `None` for one that the encoding does not have.
    pub fn places(self, character: char) -> Option<usize> {
        match self {
            Self::Gsm7 if GSM.contains(character) => Some(1),
            Self::Gsm7 if EXTENSION.contains(character) => Some(2),
            Self::Gsm7 => None,
            Self::Ucs2 => Some(character.len_utf16()),
        }
    }
}

/// The basic table, without the escape.
const GSM: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
/// The extension table: an escape and one more place.
const EXTENSION: &str = "\u{c}^{}\\[~]|€";

/// How many parts a text takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Segments {
    /// How it is written.
    pub encoding: Encoding,
    /// Places that the characters take: septets, or UTF-16 units.
    pub places: usize,
    /// Parts: what is billed. Zero for the empty text.
    pub count: usize,
}

impl Segments {
    /// Counts a text.
    pub fn of(text: &str) -> Self {
        let fits = text.chars().all(|character| Encoding::Gsm7.places(character).is_some());
        let encoding = if fits { Encoding::Gsm7 } else { Encoding::Ucs2 };
        let widths = || text.chars().filter_map(|character| encoding.places(character));
        let places: usize = widths().sum();
        if places <= encoding.single() {
            return Self { encoding, places, count: usize::from(places > 0) };
        }
        let (mut count, mut filled) = (1, 0);
        for width in widths() {
            if filled + width > encoding.joined() {
                count += 1;
                filled = 0;
            }
            filled += width;
        }
        Self { encoding, places, count }
    }

    /// The first character that keeps a text from being sent in the GSM alphabet, and where it stands, in bytes.
    pub fn first_outside_gsm(text: &str) -> Option<(usize, char)> {
        text.char_indices().find(|(_, character)| Encoding::Gsm7.places(*character).is_none())
    }
}
