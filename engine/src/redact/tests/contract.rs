//! The promise of the prefilter, tested on random texts.

use super::*;

const NOISE: &[&str] = &[
    " ",
    "\n",
    "\t",
    "\"",
    "\\",
    "'",
    "=",
    ":",
    ": ",
    " = ",
    "://",
    ".",
    "/",
    "-",
    "_",
    "+",
    "~",
    "token",
    "api_key",
    "SECRET",
    "\"secret\": \"",
    "password=",
    "A_KEY=",
    "Bearer ",
    "basic ",
    "é",
    "日本",
    "x",
    "name",
    "1234567890",
    "abcdefghij1234",
    "{",
    "}",
    ",",
    "<",
    ">",
    "@",
    "%",
    "\\n",
    "\\\"",
    "\\t",
    "\u{8}",
    "aws_secret_access_key",
    "AccountKey=",
    "user:",
    "8Q~",
    "SG.",
    "KEY_",
    "my-",
    "password: ",
    "pwd",
    "\"p@ss w0rd!\"",
    "--password ",
    "-u bob:",
    "mysql -p",
    "login x password ",
    "<password>",
    "Authorization: Token ",
    "datadog_api_key",
    "heroku",
    "signing key ",
    "&token",
    ";Pwd",
    "::=",
];

/// A random text with secrets in it, some of them damaged.
fn text(rules: &Rules, ids: &[RuleId], dice: &mut Dice) -> String {
    let mut text = String::new();
    for _ in 0..dice.below(12) {
        match dice.below(3) {
            0 => {
                let id = ids[dice.below(ids.len())];
                let sample = sample(rules, id, dice.next());
                let mut planted = sample.text;
                if dice.below(3) == 0 {
                    let at = dice.below(planted.len());
                    planted.insert_str(at, NOISE[dice.below(NOISE.len())]);
                }
                text += &planted;
            }
            1 => text += &dice.of(class::Class::VALUE, 60)[..dice.below(60)],
            _ => text += NOISE[dice.below(NOISE.len())],
        }
    }
    text
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a longer run is asked for by the environment")]
fn what_is_found_was_announced() {
    let rules = Rules::default();
    let ids: Vec<RuleId> = rules.iter().collect();
    let rounds =
        std::env::var("PORTCULLIS_ROUNDS").ok().and_then(|n| n.parse().ok()).unwrap_or(30_000u64);
    let mut hits = 0;
    for seed in 0..rounds {
        let text = text(&rules, &ids, &mut Dice::new(seed));
        let once = json(&text);
        let got = found(&rules, &text);
        hits += got.len();
        // The same text within a text, as tool results often are.
        let nested = [
            (text.clone(), ascii_json(&text)),
            (once.clone(), json(&once)),
            (ascii_json(&text), json(&ascii_json(&text))),
            (text, once),
        ];
        for (plain, raw) in nested {
            if find(&rules, &plain).is_empty() {
                continue;
            }
            assert!(
                announced(&rules, raw.as_bytes()) > 0,
                "seed {seed}: {raw}\n{:?}",
                found(&rules, &plain)
            );
        }
    }
    assert!(hits as u64 > rounds / 2, "only {hits} secrets in {rounds} texts");
}

/// Texts in which one part is encoded, and perhaps another beside it.
#[test]
fn what_is_found_in_a_view_was_announced() {
    let rules = Rules::default();
    let ids: Vec<RuleId> = rules.iter().collect();
    let mut hits = 0;
    for seed in 0..30_000 {
        let dice = &mut Dice::new(seed);
        let mut whole = String::new();
        for _ in 0..=dice.below(2) {
            whole += NOISE[dice.below(NOISE.len())];
            let part = text(&rules, &ids, dice);
            let spelled = &views::ALL[dice.below(views::ALL.len())];
            whole += &if part.is_empty() { part } else { (spelled.write)(&part) };
            whole += NOISE[dice.below(NOISE.len())];
        }
        let once = json(&whole);
        for (plain, raw) in
            [(whole.clone(), ascii_json(&whole)), (once.clone(), json(&once)), (whole, once)]
        {
            let got = found(&rules, &plain);
            hits += got.len();
            assert!(
                got.is_empty() || announced(&rules, raw.as_bytes()) > 0,
                "seed {seed}: {raw}\n{got:?}"
            );
        }
    }
    assert!(hits > 30_000, "only {hits} secrets");
}

#[test]
fn what_lies_beyond_the_frame_may_be_a_secret() {
    let rules = Rules::default();
    for id in rules.iter() {
        let sample = sample(&rules, id, 11);
        // Wherever the blocks begin: what they are followed by has not come.
        for before in 0..BLOCK {
            let text = format!("{}{}", " ".repeat(before), sample.text);
            let count = announced(&rules, json(&text).as_bytes());
            assert!(count > 0, "{}, {before} bytes further on", rules.info(id).name);
        }
    }
}

/// Values whose beginning looks like the end of one, and words that an escape touches.
#[test]
fn marks_within_a_value_and_escapes_before_a_word_hide_nothing() {
    let rules = Rules::default();
    let value = Dice::new(31).of(class::Class::ALNUM, 40);
    let uuid = "8-4-4-4-12".split('-').map(|n| n.parse().expect("a number"));
    let uuid: Vec<String> = uuid.map(|n| Dice::new(n as u64).of(class::Class::HEX, n)).collect();
    let uuid = uuid.join("-");
    for text in [
        format!("AccountKey=a,{value}"),
        format!("access_token = a){value}\n"),
        format!("https://x.example/?token=a({value}"),
        format!("https://x.example/?a=1&token=a<{value}"),
        format!("tool --token=a>{value}"),
        format!("日本kucoin_api_key = \"{uuid}\""),
    ] {
        assert!(!find(&rules, &text).is_empty(), "{text}");
        let nested = ascii_json(&text);
        for (plain, raw) in
            [(&text, json(&text)), (&text, ascii_json(&text)), (&nested, ascii_json(&nested))]
        {
            let is_found = !find(&rules, plain).is_empty();
            assert!(!is_found || announced(&rules, raw.as_bytes()) > 0, "{raw}");
        }
    }
}

/// Where a sign, a dash or a prefix stands before what is encoded.
#[test]
fn marks_before_an_encoded_secret_hide_nothing() {
    let rules = Rules::default();
    let token = secret(&rules, "github-classic-pat", 5);
    let hex: String = token.bytes().map(|b| format!("{b:02x}")).collect();
    let blob = views::base64(&token, false);
    for before in ["=", ":", ";", "<", ">", "?", "[", "abcdefghijk/", "+", "\\"] {
        for (prefix, digits) in
            [("", &hex), ("0x", &hex), ("-", &hex), ("--", &hex), ("", &blob), ("-", &blob)]
        {
            let text = format!("x{before}{prefix}{digits}");
            let is_piece = before.ends_with(['+', '/']) && digits == &blob;
            let is_found = !find(&rules, &text).is_empty();
            assert!(is_found || is_piece, "{text}");
            assert!(!is_found || announced(&rules, json(&text).as_bytes()) > 0, "{text}");
        }
    }
}

#[test]
fn names_that_are_no_ascii_are_known_however_they_are_spelled() {
    let names = ["clé", "geheimniß", "日本", "mötx"].map(str::to_owned).to_vec();
    let names = NameConfig { add: names, ..NameConfig::default() };
    let config = RedactionConfig { names, ..RedactionConfig::default() };
    let (rules, faults) = Rules::compile(&config).expect("the names are fit");
    assert!(faults.is_empty());
    for text in ["clé:s3cr3s", "geheimniß = dor&3A9", "日本=jKZ95J", "mötx: \"dor&3A9\""] {
        assert!(!find(&rules, text).is_empty(), "{text}");
        for raw in [json(text), ascii_json(text)] {
            assert!(announced(&rules, raw.as_bytes()) > 0, "{raw}");
        }
    }
}

#[test]
fn a_netrc_is_told_by_each_of_its_words() {
    let rules = Rules::default();
    for text in [
        "machine db.example login bob password Tr0ub4dor345",
        "machine db.example\nlogin\tbob\npassword Tr0ub4dor345",
        "machine db.example password Tr0ub4dor345",
        "machine db.example password Tr0ub4dor345 login bob",
        "default login bob\n  password  Tr0ub4dor345",
    ] {
        assert!(!find(&rules, text).is_empty(), "{text}");
        assert!(announced(&rules, json(text).as_bytes()) > 0, "{text}");
    }
}

/// Hexadecimal digits are digits of base64 too, and one row of them in a hundred decodes to text.
#[test]
fn hexadecimal_digits_are_not_taken_for_base64() {
    let rules = Rules::default();
    let token = secret(&rules, "github-classic-pat", 7);
    for n in 0..2_000 {
        let dice = &mut Dice::new(n);
        let text = format!("{} {token}", dice.of(class::Class::ALNUM, 14));
        let hex: String = text.bytes().map(|b| format!("{b:02x}")).collect();
        assert!(!find(&rules, &hex).is_empty(), "{text}");
        assert!(announced(&rules, json(&hex).as_bytes()) > 0, "{text}");
    }
}
