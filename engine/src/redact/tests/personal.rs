//! Personal data: found as it is written, not found where it only looks alike.

use super::*;

/// The rules for personal data, and no others.
fn rules() -> Rules {
    let groups =
        GroupConfig { secrets: Mode::Off.into(), pii: Mode::On.into(), entropy: Mode::Off.into() };
    let config = RedactionConfig { groups, ..RedactionConfig::default() };
    Rules::compile(&config).expect("plain").0
}

fn names(rules: &Rules, text: &str) -> Vec<String> {
    found(rules, text).into_iter().map(|(name, _)| name).collect()
}

#[test]
fn the_group_is_off_by_default() {
    let off = Rules::default();
    let on = rules();
    assert_eq!(on.len(), 19);
    assert!(off.iter().all(|id| off.info(id).group != rule::Group::Personal));
    for id in on.iter() {
        let sample = sample(&on, id, 1);
        assert!(find(&off, &sample.text).iter().all(|m| m.rule != id), "{}", sample.text);
    }
}

#[test]
fn a_rule_of_its_own_setting_does_not_ask_its_group() {
    let with = |groups: GroupConfig, rules: &[(&str, Mode)]| {
        let rules = rules.iter().map(|(name, mode)| ((*name).to_owned(), (*mode).into())).collect();
        let config = RedactionConfig { groups, rules, ..RedactionConfig::default() };
        Rules::compile(&config).expect("plain").0
    };
    let one = with(GroupConfig::default(), &[("iban", Mode::On), ("email", Mode::Log)]);
    assert_eq!(one.len(), Rules::default().len() + 2);
    assert_eq!(one.action(id(&one, "iban")), Action::Redact);
    assert_eq!(one.action(id(&one, "email")), Action::Log);
    let masked = GroupConfig { pii: Mode::Mask.into(), ..GroupConfig::default() };
    let masked = with(masked, &[("iban", Mode::On), ("email", Mode::Off), ("vin", Mode::Block)]);
    assert_eq!(masked.action(id(&masked, "iban")), Action::Mask);
    assert_eq!(masked.action(id(&masked, "us-ssn")), Action::Mask);
    assert_eq!(masked.action(id(&masked, "vin")), Action::Block);
    assert!(masked.iter().all(|id| masked.info(id).name != "email"));
}

#[test]
fn every_example_is_found_whole_and_was_announced() {
    let rules = rules();
    let surroundings = [
        ("", ""),
        (" ", " "),
        ("\n", "\n"),
        ("text ", ", more"),
        ("(", ")"),
        ("<b>", "</b>"),
        ("\"", "\","),
        ("x\\n", "\\n"),
        ("\u{e9}", " \u{e9}"),
        ("\u{65e5}", "\u{65e5}"),
        ("Is it ", "."),
        ("see ", "; "),
        ("1 or ", " or 2"),
    ];
    for id in rules.iter() {
        let name = rules.info(id).name;
        for seed in 0..40 {
            let sample = sample(&rules, id, seed);
            for (before, after) in surroundings {
                let text = format!("{before}{}{after}", sample.text);
                let got = find(&rules, &text);
                let want = (before.len() + sample.start, before.len() + sample.end);
                assert!(
                    got.iter().any(|m| (m.start, m.end) == want),
                    "{name}, between {before:?} and {after:?}: {text}: {got:?}"
                );
                assert!(rules.custom_may_match(json(&text).as_bytes()), "{text}");
            }
        }
    }
}

#[test]
fn a_wrong_check_digit_clears_a_number() {
    let rules = rules();
    for id in rules.iter().filter(|id| rules.info(*id).checked) {
        let name = rules.info(id).name.to_owned();
        let mut cleared = 0;
        for seed in 0..20 {
            let sample = sample(&rules, id, seed);
            for at in sample.start..sample.end {
                let digit = sample.text.as_bytes()[at];
                if !digit.is_ascii_digit() {
                    continue;
                }
                let mut text = sample.text.clone();
                let other = char::from(b'0' + (digit - b'0' + 1) % 10);
                text.replace_range(at..at + 1, &other.to_string());
                cleared += usize::from(!names(&rules, &text).contains(&name));
            }
        }
        // Where no digit is a check digit, only few numbers are not given out.
        let loose = ["us-ssn", "uk-nino", "phone-nanp"].contains(&name.as_str());
        assert!(cleared >= if loose { 0 } else { 100 }, "{name}: {cleared}");
    }
}

#[test]
fn numbers_that_are_not_given_out_are_none() {
    let rules = rules();
    let digits = |n: usize| "1234567890".repeat(3)[..n].to_owned();
    let cases = [
        format!("000-{}-{}", "12", "3456"),
        format!("666-{}-{}", "12", "3456"),
        format!("900-{}-{}", "12", "3456"),
        format!("123-{}-{}", "00", "3456"),
        format!("123-{}-{}", "45", "0000"),
        format!("GB 12 34 56 {}", "A"),
        format!("JG 12 34 56 {}", "E"),
        format!("DQ 12 34 56 {}", "A"),
        format!("911-{}-{}", "555", "0123"),
        format!("111-{}-{}", "555", "0123"),
        format!("nhs: {}", "0".repeat(10)),
        format!("bsn: {}", "0".repeat(9)),
        format!("pesel: {}", "0".repeat(11)),
        format!("cpf: {}", "1".repeat(11)),
        "0".repeat(16),
        digits(13),
        format!("+0{}", digits(10)),
        format!("+28{}", digits(9)),
        format!("+1{}", digits(9)),
    ];
    for text in cases {
        assert_eq!(found(&rules, &text), [], "{text}");
    }
}

#[test]
fn what_is_glued_to_more_is_no_number() {
    let rules = rules();
    for id in rules.iter() {
        let name = rules.info(id).name.to_owned();
        for seed in 0..10 {
            let sample = sample(&rules, id, seed);
            let (before, secret) = sample.text.split_at(sample.start);
            let glued = match name.as_str() {
                "email" => vec![format!("{secret}@{secret}"), format!("/{secret}")],
                // More digits at the end are a longer number, which may be one.
                "phone-international" => vec![format!("7{secret}"), format!("{secret}x")],
                _ => vec![
                    format!("{before}7{secret}"),
                    format!("{before}{secret}7"),
                    format!("{before}x{secret}"),
                    format!("{before}{secret}x"),
                    format!("{before}{secret}_id"),
                    format!("{before}a-{secret}"),
                    format!("{before}{secret}-b"),
                    format!("{before}0.{secret}"),
                    format!("{before}{secret}.5"),
                ],
            };
            for text in glued {
                let whole = |(n, s): &(String, String)| *n == name && s.contains(secret);
                assert!(!found(&rules, &text).iter().any(whole), "{name}: {text}");
            }
        }
    }
}

#[test]
fn what_needs_a_word_is_not_found_without() {
    let rules = rules();
    let alone = |name: &str| secret(&rules, name, 3).replace([' ', '-', '.'], "");
    for (name, words) in [
        ("us-ssn", ["SSN: ", "customerSsn=", "social security number is "]),
        ("uk-nhs", ["NHS number ", "nhs_no: ", "\"nhs\": \""]),
        ("uk-nino", ["NINO ", "National Insurance no. ", "nino="]),
        ("br-cpf", ["CPF ", "\"cpf\":\"", "customerCpf: "]),
        ("in-aadhaar", ["Aadhaar ", "aadhaar_number=", "UIDAI "]),
        ("de-tax-id", ["Steuer-ID: ", "IdNr. ", "taxId="]),
        ("nl-bsn", ["BSN ", "burgerservicenummer ", "\"bsn\": "]),
        ("es-dni", ["DNI ", "dni=", "NIF: "]),
        ("es-nie", ["NIE ", "nie=", "\"nie\":"]),
        ("fr-nir", ["NIR ", "num\u{e9}ro de s\u{e9}curit\u{e9} sociale ", "insee="]),
        ("pl-pesel", ["PESEL ", "pesel=", "\"pesel\":\""]),
        ("us-aba", ["routing number ", "ABA ", "routingNumber="]),
        ("vin", ["VIN ", "vehicle no. ", "\"vin\": \""]),
    ] {
        let number = alone(name);
        let has = |text: &str| names(&rules, text).contains(&name.to_owned());
        assert!(!has(&number) && !has(&format!("id {number}")), "{name}");
        for word in words {
            assert!(has(&format!("{word}{number}")), "{name} behind {word:?}");
        }
        assert!(!has(&format!("{} {} {number}", words[0], "-".repeat(60))), "{name} far off");
    }
}

#[test]
fn a_card_is_a_card_however_it_is_grouped() {
    let rules = rules();
    // The numbers that networks publish for tests: put together here, since scanners look for them.
    let cards = [
        ["4111", "1111", "1111", "1111"].join(" "),
        ["4111", "1111", "1111", "1111"].join("-"),
        ["4111", "1111", "1111", "1111"].concat(),
        ["3782", "822463", "10005"].join(" "),
        ["3782", "822463", "10005"].concat(),
        ["5555", "5555", "5555", "4444"].concat(),
        ["6011", "1111", "1111", "1117"].concat(),
        ["3530", "1113", "3330", "0000"].concat(),
        ["3056", "930902", "5904"].join(" "),
        ["4222", "2222", "2222", "2"].join(" "),
    ];
    for card in &cards {
        for (before, after) in [("", ""), ("card ", " 12/27 123"), ("pay=", "&x=1"), ("#", " 737")]
        {
            let text = format!("{before}{card}{after}");
            assert_eq!(found(&rules, &text), [("payment-card".to_owned(), card.clone())], "{text}");
        }
        assert_eq!(names(&rules, &format!("{card}-1")), [""; 0], "{card}");
    }
    for text in [
        // Times, ids, mixed groups, wrong lengths.
        "1700000000000 1700000000000000 1700000000000000000 20240101120000".to_owned(),
        ["4111", "1111", "1111", "1111"].join("  "),
        format!("{} {}-{} {}", "4111", "1111", "1111", "1111"),
        ["4111", "111", "11111", "1111"].join(" "),
        format!("{}1", ["4111", "1111", "1111", "1111"].concat()),
    ] {
        assert_eq!(names(&rules, &text), [""; 0], "{text}");
    }
}

#[test]
fn accounts_have_the_length_of_their_country() {
    let rules = rules();
    let account = secret(&rules, "iban", 5);
    let grouped: Vec<String> =
        account.as_bytes().chunks(4).map(|c| String::from_utf8_lossy(c).into_owned()).collect();
    for text in [grouped.join(" "), grouped.join("-"), format!("IBAN:{account}")] {
        assert_eq!(names(&rules, &text), ["iban"], "{text}");
    }
    let unknown = format!("QQ{}", &account[2..]);
    for text in [&account[..account.len() - 1], &account.to_lowercase(), &unknown] {
        assert!(!names(&rules, text).contains(&"iban".to_owned()), "{text}");
    }
}

#[test]
fn addresses_are_told_from_what_looks_alike() {
    let rules = rules();
    for (text, want) in [
        ("mail jo.smith+x@example.co.uk.", "jo.smith+x@example.co.uk"),
        ("<a_b@corp.internal>", "a_b@corp.internal"),
        ("mailto:jo@example.com?subject=x", "jo@example.com"),
        ("From: Jo <jo@example.com>: hello", "jo@example.com"),
        ("https://h.example/?mail=jo@example.com&x", "jo@example.com"),
        ("\\njo@163.com", "jo@163.com"),
        ("jo@sub.example.berlin, x", "jo@sub.example.berlin"),
        ("jo@example.com: see", "jo@example.com"),
    ] {
        assert_eq!(found(&rules, text), [("email".to_owned(), want.to_owned())], "{text}");
    }
    for text in [
        "git@github.com:a/b.git and git@gitlab.example.com",
        "deploy@host.example.com:/srv/www deploy@host.example.com:22",
        "lodash@4.17.21 react@18.2.0-beta.dev @types/node@20.1.0 user@1.0",
        "image@sha256:abc name@sha256 actions/checkout@v4.app",
        "@app.route @decorator.dev x @ y.com",
        "https://user:secret@db.example.com/x ssh://deploy@host.example.com",
        "noreply@example.com no-reply@example.com donotreply@x.example.com",
        "1+jo@users.noreply.github.com",
        "logo@2x.png icon@3x.webp main@index.js",
        "a@b a@b. a@.com a@b..com a@-b.com a@b.c @b.com",
        "jo@example.com_x jo@example.com@x",
        "x@self.weight",
    ] {
        assert_eq!(found(&rules, text), [], "{text}");
    }
}

#[test]
fn telephone_numbers_are_told_from_what_looks_alike() {
    let rules = rules();
    let area = "415";
    for (text, name) in [
        (format!("+1 {area} 555 2671"), "phone-international"),
        (format!("+1 ({area}) 555-2671"), "phone-international"),
        (format!("+1{area}5552671"), "phone-international"),
        ("+44 20 7946 0958".to_owned(), "phone-international"),
        ("tel:+33-1-70-18-99-00".to_owned(), "phone-international"),
        ("+49 (30) 901820".to_owned(), "phone-international"),
        (format!("({area}) 555-2671"), "phone-nanp"),
        (format!("{area}.555.2671"), "phone-nanp"),
        (format!("phone {area} 555 2671"), "phone-nanp"),
        (format!("phoneNumber: {area}5552671"), "phone-nanp"),
    ] {
        assert_eq!(names(&rules, &text), [name], "{text}");
    }
    for text in [
        "+02:00 +0530 +20240101 2024-01-01T00:00:00+02:00 1+2345678901",
        "@@ -1,5 +10,7 @@ 1.2.3+2024010112 v415.555.2671",
        "415 555 2671 4155552671 192.168.100.2001",
        "abc+14155552671/x== 415-555-26711 2415-555-2671 415-555-2671-9",
        "415-055-2671 415-911-2671 0415.555.2671",
    ] {
        assert_eq!(found(&rules, text), [], "{text}");
    }
}

#[test]
fn clean_text_is_not_announced() {
    let rules = rules();
    assert!(!rules.custom_may_match(b"{\"a\":\"no number here, but 1 or 2\"}"));
    assert!(rules.custom_may_match(b"\"\\u0034\""));
}

#[test]
fn what_is_found_was_announced() {
    let rules = rules();
    let ids: Vec<RuleId> = rules.iter().collect();
    let noise =
        [" ", "-", ".", "1", "22", "@", "+", "(", ")", "x", "\n", "\\", "\u{e9}", ": ", "SSN "];
    let mut hits = 0;
    for seed in 0..4000 {
        let dice = &mut Dice::new(seed);
        let mut text = String::new();
        for _ in 0..dice.below(8) {
            match dice.below(2) {
                0 => text += &sample(&rules, ids[dice.below(ids.len())], dice.next()).text,
                _ => text += noise[dice.below(noise.len())],
            }
        }
        let got = found(&rules, &text);
        hits += got.len();
        assert!(got.is_empty() || rules.custom_may_match(json(&text).as_bytes()), "{text}");
    }
    assert!(hits > 2000, "{hits}");
}

#[test]
fn hostile_texts_cost_linear_work() {
    let rules = rules();
    let units = [
        "1",
        "1 ",
        "12 ",
        "1234 ",
        "1234-",
        "4111 1111 ",
        "1.",
        "(1",
        "+1",
        "+1 ",
        "@",
        "a@",
        "a@b.",
        "1@",
        "a@b.com",
        "a:b/",
        "://a@b.com",
        "DE12",
        "DE12 1234 ",
        "A1",
        "123-45-6789 ",
        "ssn 123456789 ",
        "9999 9999 9999 ",
        "1 11 11 11 111 ",
        "12345678901234567",
        "12345678A",
        "....@",
        "nhs nhs ",
    ];
    costs_linear_work(&units, 64, |text| drop(find(&rules, text)));
}

#[test]
fn the_name_of_a_member_is_a_word() {
    let rules = rules();
    let number = secret(&rules, "us-aba", 1);
    let found_as = |name: Option<&[u8]>| {
        let mut out = Vec::new();
        rules.find_value(name, number.as_bytes(), &mut out);
        out.len()
    };
    assert_eq!([None, Some(&b"id"[..]), Some(b"routingNumber")].map(found_as), [0, 0, 1]);
}
