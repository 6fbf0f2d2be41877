//! The count of parts, against a slow twin that works on bits and a table of codes.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use proptest::prelude::*;
use turnbuckle_twilio::segments::{Encoding, Segments};

/// GSM 03.38 by code: the code point at each place of the table, as hexadecimal numbers; 1b is the escape.
const TABLE: &str = "40 a3 24 a5 e8 e9 f9 ec f2 c7 0a d8 f8 0d c5 e5 394 5f 3a6 393 39b 3a9 3a0 3a8 3a3 398 39e 1b c6 e6 df c9 \
    20 21 22 23 a4 25 26 27 28 29 2a 2b 2c 2d 2e 2f 30 31 32 33 34 35 36 37 38 39 3a 3b 3c 3d 3e 3f \
    a1 41 42 43 44 45 46 47 48 49 4a 4b 4c 4d 4e 4f 50 51 52 53 54 55 56 57 58 59 5a c4 d6 d1 dc a7 \
    bf 61 62 63 64 65 66 67 68 69 6a 6b 6c 6d 6e 6f 70 71 72 73 74 75 76 77 78 79 7a e4 f6 f1 fc e0";
/// The extension: code and code point.
const EXTENSION: &[(u8, u32)] = &[
    (0x0a, 0x0c),
    (0x14, 0x5e),
    (0x28, 0x7b),
    (0x29, 0x7d),
    (0x2f, 0x5c),
    (0x3c, 0x5b),
    (0x3d, 0x7e),
    (0x3e, 0x5d),
    (0x40, 0x7c),
    (0x65, 0x20ac),
];
/// Bits in the body of a message, and those that the note which joins parts takes.
const BITS: usize = 140 * 8;
const HEADER: usize = 6 * 8;

fn table() -> Vec<u32> {
    let codes: Vec<_> =
        TABLE.split_ascii_whitespace().map(|code| u32::from_str_radix(code, 16).unwrap()).collect();
    assert_eq!(codes.len(), 128);
    codes
}

/// The codes of a character, seven bits each.
fn gsm(table: &[u32], character: char) -> Option<Vec<u8>> {
    let wanted = u32::from(character);
    let place = table.iter().enumerate().find(|(code, point)| **point == wanted && *code != 0x1b);
    match place {
        Some((code, _)) => Some(vec![u8::try_from(code).unwrap()]),
        None => EXTENSION.iter().find(|(_, point)| *point == wanted).map(|(code, _)| vec![0x1b, *code]),
    }
}

/// Cuts the text into parts one character at a time.
fn twin(text: &str) -> (bool, usize) {
    let table = table();
    let plain: Option<Vec<Vec<u8>>> = text.chars().map(|character| gsm(&table, character)).collect();
    let (is_gsm, widths): (bool, Vec<usize>) = match plain {
        Some(codes) => (true, codes.iter().map(|codes| codes.len() * 7).collect()),
        None => (false, text.chars().map(|c| c.encode_utf16(&mut [0; 2]).len() * 16).collect()),
    };
    // A part holds whole septets or units only.
    let unit = if is_gsm { 7 } else { 16 };
    let room = |bits: usize| bits / unit * unit;
    if widths.iter().sum::<usize>() <= room(BITS) {
        return (is_gsm, usize::from(!text.is_empty()));
    }
    let mut parts: Vec<usize> = vec![0];
    for width in widths {
        let last = parts.last_mut().unwrap();
        if *last + width > room(BITS - HEADER) {
            parts.push(width);
        } else {
            *last += width;
        }
    }
    (is_gsm, parts.len())
}

fn character() -> impl Strategy<Value = char> {
    prop_oneof![
        6 => proptest::char::range(' ', '~'),
        2 => prop::sample::select("@£¥èéùìòÇØøÅåΔΦΓΛΩΠΨΣΘΞÆæßÉ¤¡ÄÖÑÜ§¿äöñüà^{}\\[~]|€\n\r\u{c}".chars().collect::<Vec<_>>()),
        1 => any::<char>(),
        1 => prop::sample::select("’“”…–ç日本👋🏽".chars().collect::<Vec<_>>()),
    ]
}

fn gsm_only() -> impl Strategy<Value = char> {
    prop::sample::select("abcXYZ019 @é€[]{}|~^\\\n".chars().collect::<Vec<_>>())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn any_text_counts_as_the_twin_says(text in prop::collection::vec(character(), 0..400)) {
        let text: String = text.into_iter().collect();
        let counted = Segments::of(&text);
        let (is_gsm, parts) = twin(&text);
        prop_assert_eq!(counted.encoding == Encoding::Gsm7, is_gsm);
        prop_assert_eq!(counted.count, parts);
        prop_assert_eq!(Segments::first_outside_gsm(&text).is_none(), is_gsm);
    }

    #[test]
    fn texts_of_the_gsm_alphabet_too(text in prop::collection::vec(gsm_only(), 0..700)) {
        let text: String = text.into_iter().collect();
        let counted = Segments::of(&text);
        prop_assert_eq!((counted.encoding, counted.count), (Encoding::Gsm7, twin(&text).1));
    }
}

#[test]
fn every_character_of_the_plane_is_in_the_table_or_not() {
    let table = table();
    for character in '\0'..='\u{ffff}' {
        let places = gsm(&table, character).map(|codes| codes.len());
        assert_eq!(Encoding::Gsm7.places(character), places, "{character:?}");
    }
}

#[test]
fn the_edges() {
    let count = |text: String| (Segments::of(&text).places, Segments::of(&text).count);
    assert_eq!(count(String::new()), (0, 0));
    assert_eq!(count("x".repeat(160)), (160, 1));
    assert_eq!(count("x".repeat(161)), (161, 2));
    assert_eq!(count("x".repeat(306)), (306, 2));
    assert_eq!(count("x".repeat(307)), (307, 3));
    // A euro takes two places, and is not cut in half at the end of the first part.
    assert_eq!(count(format!("{}€{}", "x".repeat(152), "x".repeat(152))), (306, 3));
    assert_eq!(count("ж".repeat(70)), (70, 1));
    assert_eq!(count("ж".repeat(71)), (71, 2));
    assert_eq!(count("ж".repeat(134)), (134, 2));
    assert_eq!(count(format!("{}👋{}", "ж".repeat(66), "ж".repeat(66))), (134, 3));
    assert_eq!(Segments::first_outside_gsm("It’s"), Some((2, '’')));
    assert_eq!(Segments::of("ç").encoding, Encoding::Ucs2);
    assert_eq!(Segments::of("Ç").encoding, Encoding::Gsm7);
}
