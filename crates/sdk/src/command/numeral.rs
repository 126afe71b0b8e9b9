//! Whole numbers as people write them: `12`, `十二`, `两`.

/// One below ten thousand in Chinese, or any in digits.
pub(super) fn read(text: &str) -> Option<u64> {
    text.parse().ok().or_else(|| chinese(text))
}

fn chinese(text: &str) -> Option<u64> {
    let (mut sum, mut digit) = (0, None);
    for character in text.chars() {
        if let Some(value) = digit_of(character) {
            if digit.replace(value).is_some_and(|before| before != 0) {
                return None;
            }
            continue;
        }
        let unit = match character {
            '十' => 10,
            '百' => 100,
            '千' => 1000,
            _ => return None,
        };
        if sum % (unit * 10) != 0 {
            return None;
        }
        sum += digit.take().unwrap_or(1) * unit;
    }
    (!text.is_empty()).then_some(sum + digit.unwrap_or(0))
}

fn digit_of(character: char) -> Option<u64> {
    const DIGITS: &str = "零一二三四五六七八九";
    match character {
        '两' => Some(2),
        '〇' => Some(0),
        _ => DIGITS.chars().position(|digit| digit == character).map(|digit| digit as u64),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_in_both_scripts() {
        let table = [
            ("0", Some(0)),
            ("12", Some(12)),
            ("三", Some(3)),
            ("十", Some(10)),
            ("十二", Some(12)),
            ("二十", Some(20)),
            ("三十五", Some(35)),
            ("两百", Some(200)),
            ("一百零五", Some(105)),
            ("两千三百", Some(2300)),
            ("十百", None),
            ("一二", None),
            ("天", None),
            ("", None),
        ];
        for (text, expected) in table {
            assert_eq!(read(text), expected, "{text:?}");
        }
    }
}
