//! How many parts a text takes, by the alphabets of GSM 03.38 and UCS-2.

const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
/// Each takes an escape and itself.
const EXTENSION: &str = "^{}\\[~]|€\u{c}";

/// Characters that smart encoding replaces, as far as this simulator knows them.
const LOOK_ALIKES: &[(char, &str)] = &[
    ('\u{2018}', "'"),
    ('\u{2019}', "'"),
    ('\u{201a}', "'"),
    ('\u{201c}', "\""),
    ('\u{201d}', "\""),
    ('\u{201e}', "\""),
    ('\u{ab}', "\""),
    ('\u{bb}', "\""),
    ('\u{2013}', "-"),
    ('\u{2014}', "-"),
    ('\u{2010}', "-"),
    ('\u{2011}', "-"),
    ('\u{2026}', "..."),
    ('\u{a0}', " "),
    ('\u{2009}', " "),
    ('\u{200b}', ""),
];

pub(super) fn smart(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for letter in text.chars() {
        match LOOK_ALIKES.iter().find(|(known, _)| *known == letter) {
            Some((_, instead)) => plain.push_str(instead),
            None => plain.push(letter),
        }
    }
    plain
}

/// The parts that are billed; a text without characters is one.
pub(super) fn count(text: &str) -> usize {
    let costs: Option<Vec<usize>> = text
        .chars()
        .map(|letter| match (BASIC.contains(letter), EXTENSION.contains(letter)) {
            (true, _) => Some(1),
            (_, true) => Some(2),
            _ => None,
        })
        .collect();
    match costs {
        Some(costs) => parts(&costs, 160, 153),
        None => parts(&text.chars().map(char::len_utf16).collect::<Vec<_>>(), 70, 67),
    }
}

/// What takes two units is not torn apart.
fn parts(costs: &[usize], alone: usize, part: usize) -> usize {
    if costs.iter().sum::<usize>() <= alone {
        return 1;
    }
    let (mut parts, mut used) = (1, 0);
    for cost in costs {
        if used + cost > part {
            parts += 1;
            used = 0;
        }
        used += cost;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::{count, smart};

    #[test]
    fn the_documented_lengths() {
        for (text, parts) in [
            (String::new(), 1),
            ("a".repeat(160), 1),
            ("a".repeat(161), 2),
            ("a".repeat(306), 2),
            ("a".repeat(307), 3),
            ("€".repeat(80), 1),
            ("€".repeat(81), 2),
            ("я".repeat(70), 1),
            ("я".repeat(71), 2),
            ("👋".repeat(35), 1),
            ("👋".repeat(36), 2),
        ] {
            assert_eq!(count(&text), parts, "{text}");
        }
        assert_eq!(smart("“it’s…”"), "\"it's...\"");
    }
}
