//! What is found, and what is left alone.

use super::*;

#[test]
fn every_example_is_found_whole() {
    let rules = Rules::default();
    let surroundings = [
        ("", ""),
        (" ", " "),
        ("\n", "\n"),
        ("text ", ", more"),
        ("(", ")"),
        ("<b>", "</b>"),
        ("x: \"", "\""),
        ("x\\n", "\\n"),
        ("é", " é"),
        ("- ", ";"),
        ("[", "]"),
        ("a,", ", b"),
        ("{\"k\":\"", "\"}"),
    ];
    for id in rules.iter() {
        for seed in 0..20 {
            let sample = sample(&rules, id, seed);
            for (before, after) in surroundings {
                let text = format!("{before}{}{after}", sample.text);
                let want = Match {
                    start: before.len() + sample.start,
                    end: before.len() + sample.end,
                    rule: id,
                    writing: Writing::PLAIN,
                };
                let got = find(&rules, &text);
                let name = rules.info(id).name;
                assert_eq!(
                    got,
                    [want],
                    "{name}, seed {seed}, between {before:?} and {after:?}: {text}"
                );
            }
        }
    }
}

#[test]
fn an_example_is_found_at_every_offset() {
    let rules = Rules::default();
    for id in rules.iter() {
        let sample = sample(&rules, id, 7);
        for offset in 0..70 {
            let text = format!("{} {}", ".".repeat(offset), sample.text);
            let got = find(&rules, &text);
            assert_eq!(got.len(), 1, "{} at {offset}", rules.info(id).name);
            assert_eq!(
                (got[0].start, got[0].end),
                (offset + 1 + sample.start, offset + 1 + sample.end)
            );
        }
    }
}

#[test]
fn a_token_goes_on_as_long_as_its_alphabet() {
    let rules = Rules::default();
    let dice = &mut Dice::new(3);
    for (head, tail) in [
        (["sk", "_live_"].concat(), 200),
        (["gh", "p_"].concat(), 251),
        (["gl", "pat-"].concat(), 300),
        (["np", "m_"].concat(), 100),
        (["xo", "xb-"].concat(), 400),
    ] {
        let token = head + &dice.of(class::Class::ALNUM, tail);
        assert_eq!(redact(&rules, &token).matches('[').count(), 1);
        assert!(redact(&rules, &token).ends_with(']'), "{}", redact(&rules, &token));
    }
    let part = |dice: &mut Dice, n| dice.of(class::Class::ALNUM, n);
    let dotted = format!(
        "{}{}.{}.{}",
        ["gl", "pat-"].concat(),
        part(dice, 30),
        part(dice, 2),
        part(dice, 9)
    );
    assert_eq!(redact(&rules, &dotted), "[REDACTED:gitlab-pat]");
    let app = format!(
        "{}123456_eyJ{}.{}.{}",
        ["gh", "s_"].concat(),
        part(dice, 60),
        part(dice, 300),
        part(dice, 86)
    );
    assert_eq!(redact(&rules, &format!("{app}.")), "[REDACTED:github-app-token].");
}

#[test]
fn adjacent_secrets_are_found_one_by_one() {
    let rules = Rules::default();
    let (a, b) = (secret(&rules, "github-classic-pat", 1), secret(&rules, "npm-token", 2));
    for between in [",", " ", "\n", "\"", "|", ":"] {
        let text = redact(&rules, &format!("{a}{between}{b}{between}{a}"));
        let want = [
            "[REDACTED:github-classic-pat]",
            "[REDACTED:npm-token]",
            "[REDACTED:github-classic-pat]",
        ];
        assert_eq!(text, want.join(between));
    }
    let many = vec![a; 5000].join(" ");
    assert_eq!(find(&rules, &many).len(), 5000);
}

#[test]
fn the_longest_wins_then_the_more_specific() {
    let rules = Rules::default();
    let pat = secret(&rules, "github-classic-pat", 1);
    let cases = [
        (format!("GITHUB_TOKEN={pat}"), "GITHUB_TOKEN=[REDACTED:github-classic-pat]"),
        (format!("token: \"{pat}\""), "token: \"[REDACTED:github-classic-pat]\""),
        (format!("Bearer {pat}"), "Bearer [REDACTED:github-classic-pat]"),
        (format!("A_TOKEN=x,{pat},y"), "A_TOKEN=[REDACTED:env-var-value]"),
        (
            format!("Authorization: Bearer {}", secret(&rules, "jwt", 4)),
            "Authorization: Bearer [REDACTED:jwt]",
        ),
    ];
    for (text, want) in cases {
        assert_eq!(redact(&rules, &text), want);
    }
}

#[test]
fn a_rule_that_knows_more_wins_a_tie() {
    let rules = Rules::default();
    let value = Dice::new(4).of(class::Class::ALNUM, 40);
    for name in ["aws_secret_access_key", "SecretAccessKey"] {
        let want = [("aws-secret-key".to_owned(), value.clone())];
        assert_eq!(found(&rules, &format!("{name}: \"{value}\"")), want);
    }
}

#[test]
fn names_and_values_are_read_in_many_spellings() {
    let rules = Rules::default();
    let value = Dice::new(9).of(class::Class::ALNUM, 24);
    for (text, name) in [
        ("api_key = \"V\"", "generic-api-key"),
        ("apiKey: 'V'", "generic-api-key"),
        ("\"api-key\":\"V\"", "generic-api-key"),
        ("{\\\"client_secret\\\": \\\"V\\\"}", "generic-api-key"),
        ("ACCESS-KEY:V", "generic-api-key"),
        ("secret => V", "generic-api-key"),
        ("accessKey := `V`", "generic-api-key"),
        ("<apiKey>V</apiKey>", "generic-api-key"),
        ("config['auth_token'] = 'V'", "generic-api-key"),
        ("x-api-key: V", "generic-api-key"),
        ("password:\tV", "password"),
        ("MY_SECRET=V", "env-var-value"),
        ("export API_KEY=\"V\"", "env-var-value"),
        ("-e DB_PASSWORD='V'", "env-var-value"),
        ("Authorization: Bearer V", "bearer-token"),
        ("authorization: bearer V", "bearer-token"),
        ("BEARER V", "bearer-token"),
        ("https://u:V@host/", "url-password"),
        ("redis://:V@h:6379/0", "url-password"),
    ] {
        let got = found(&rules, &text.replace('V', &value));
        assert_eq!(got, [(name.to_owned(), value.clone())], "{text}");
    }
    let signs = format!("{value}!x#7%*z^");
    assert_eq!(
        redact(&rules, &format!("db_password: {signs}")),
        "db_password: [REDACTED:password]"
    );
    let odd = "DATABASE_PASSWORD=p@ss!w0rd#1";
    assert_eq!(found(&rules, odd), [("env-var-value".to_owned(), "p@ss!w0rd#1".to_owned())]);
}

#[test]
fn ordinary_text_is_left_alone() {
    let rules = Rules::default();
    let hash = |n| Dice::new(n).of(class::Class::HEX, 40).to_lowercase();
    let base = Dice::new(5).of(class::Class::BASE64, 86);
    let texts = [
        "token_count=12345678 max_tokens=4096 MAX_TOKENS=12345678 TOKEN_LIMIT=100000000".to_owned(),
        "const apiKey = process.env.API_KEY; API_KEY=process.env.API_KEY".to_owned(),
        "token = os.environ[\"X_TOKEN\"]; X_TOKEN=os.environ[\"X_TOKEN\"]".to_owned(),
        "API_KEY=${API_KEY} API_KEY=$API_KEY TOKEN=<your-token-here> SECRET_KEY=**************** KEY=%API_KEY%".to_owned(),
        "\"password\": {\"type\": \"string\"}, \"api_key\": {\"type\": \"string\", \"description\": \"The key\"}".to_owned(),
        "Authorization: Bearer <token> Bearer ${TOKEN} Bearer $TOKEN Bearer YOUR_ACCESS_TOKEN_HERE".to_owned(),
        "Bearer authentication is required; basic authentication works; Basic understanding".to_owned(),
        format!("ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQ{base} user@host"),
        format!("\"integrity\": \"sha512-{base}==\", commit {}", hash(1)),
        "id 123e4567-e89b-12d3-a456-426614174000 trace 4bf92f3577b34da6a3ce929d0e0e4736".to_owned(),
        format!("-----{} CERTIFICATE-----\n{base}\n-----END CERTIFICATE-----", "BEGIN"),
        format!("if \"-----{} RSA PRIVATE KEY-----\" in text: return True", "BEGIN"),
        "PWD=/home/user/project OLDPWD=/home/user KEY_PATH=/etc/ssl/key.pem SECRET_KEY_FILE=/run/secrets/key1".to_owned(),
        "http://localhost:8080/@scope/x https://example.com:443/a@b git@github.com:a/b.git".to_owned(),
        "postgres://user:password@localhost/db postgres://user:${PASS}@host https://user:***@host".to_owned(),
        "secret_key = get_secret_key_from_vault_v2(name)  token = AuthenticationTokenV2Builder()".to_owned(),
        "nextPageToken: \"CAEQAhgBIAEoADAAOgwxMjM0NTY3ODkw\"  next_token=\"abcd1234efgh5678\"".to_owned(),
        "npm_package_config_something_long_enough hf_hub_download_with_a_very_long_name_2 dapiDataGetSomething".to_owned(),
        "sk-circle-fade-dot sk-learn-like-things-that-go-on-and-on-and-on key-value-store-with-names".to_owned(),
        "some.module.path_of_the_thing.function_name_that_is_long eyJ is how it begins".to_owned(),
        "SECRET_NAME=my-service-secret KEY_NAME=some_key_name TOKEN_URL=https://a.example/token".to_owned(),
        "PRIMARY_KEY=id PASSWORD_MIN_LENGTH=12 KEYBOARD_LAYOUT=something1".to_owned(),
        "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk".to_owned(),
    ];
    for text in texts {
        assert_eq!(found(&rules, &text), [], "{text}");
    }
}

#[test]
fn a_word_is_no_signature() {
    let rules = Rules::default();
    let [header, payload] = ["eyJhbGciOiJIUzI1NiJ9", "eyJzdWIiOiJzb21lYm9keSJ9"];
    for signature in ["signature", "your", "goes-here"] {
        let token = format!("{header}.{payload}.{signature}");
        let is_word = !signature.contains('-');
        for text in [format!("API_TOKEN={token}"), format!("\"api_token\": \"{token}\"")] {
            assert_eq!(found(&rules, &text).is_empty(), is_word, "{text}");
        }
    }
    let signature = Dice::new(3).of(class::Class::TOKEN, 43);
    let token = format!("{header}.{payload}.{signature}");
    assert_eq!(found(&rules, &format!("API_TOKEN={token}")), [("jwt".to_owned(), token)]);
}

#[test]
fn one_character_less_is_no_token() {
    let rules = Rules::default();
    for id in rules.iter() {
        let rule::Shape::Token(token) = &catalogue::CATALOGUE[id.0 as usize].shape else {
            continue;
        };
        let Some(rule::Part::Run(class, min, _)) = token.after.last() else { continue };
        let class::Class { .. } = class;
        let sample = sample(&rules, id, 1);
        let secret = &sample.text[sample.start..sample.end];
        // Cut the last run to one byte under its minimum.
        let body = secret.bytes().rev().take_while(|b| class.has(*b)).count();
        if token.after.len() > 1 && body > *min {
            let cut = &sample.text[..sample.end - (body - min + 1)];
            let got = find(&rules, cut);
            assert!(got.iter().all(|m| m.rule != id), "{}: {cut}", rules.info(id).name);
        }
        if token.after.len() == 1 && token.before.is_empty() {
            let head =
                token.heads.iter().find(|h| secret.starts_with(**h)).expect("a sample has a head");
            let cut = &secret[..head.len() + min - 1];
            let got = find(&rules, cut);
            assert!(got.iter().all(|m| m.rule != id), "{}: {cut}", rules.info(id).name);
        }
    }
}

#[test]
fn a_short_anchor_needs_a_border() {
    let rules = Rules::default();
    for name in ["twilio-key", "sendgrid-key", "databricks-token", "mailgun-key"] {
        let text = format!("M{}", secret(&rules, name, 1));
        assert_eq!(found(&rules, &text), [], "{name}");
    }
}

#[test]
fn a_key_block_goes_to_its_end_or_to_the_end_of_the_text() {
    let rules = Rules::default();
    let block = secret(&rules, "private-key", 1);
    assert_eq!(redact(&rules, &format!("a\n{block}\nb")), "a\n[REDACTED:private-key]\nb");
    let open = &block[..block.len() - 20];
    assert_eq!(redact(&rules, &format!("a {open}")), "a [REDACTED:private-key]");
    let escaped = block.replace('\n', "\\n");
    assert_eq!(
        redact(&rules, &format!("{{\"k\":\"{escaped}\\n\"}}")),
        "{\"k\":\"[REDACTED:private-key]\\n\"}"
    );
    let twice = block.replace('\n', "\\\\n");
    assert_eq!(redact(&rules, &twice), "[REDACTED:private-key]");
}

#[test]
fn the_catalogue_keeps_its_rules() {
    let rules = Rules::default();
    assert!(rules.len() >= 48, "{}", rules.len());
    let mut names: Vec<_> = all().map(|info| info.name.to_owned()).collect();
    names.sort();
    names.dedup();
    assert!(names.len() == all().count() && names.len() > rules.len());
    for rule in catalogue::CATALOGUE {
        let rule::Shape::Token(token) = &rule.shape else { continue };
        assert!(
            token.heads.iter().all(|h| h.len() != 1 || !token.before.is_empty()),
            "{}",
            rule.name
        );
        assert!(matches!(
            token.before.first(),
            None | Some(rule::Part::Lit(_) | rule::Part::Context(_))
        ));
        // The run that the scanner reports has to be long enough.
        let first: usize = token.after.iter().map_while(run_length).sum();
        let head =
            token.heads.iter().map(|h| h.len()).min().expect("a rule has a head, if an empty one");
        assert!(head + first >= finder::RUN_MIN, "{}", rule.name);
    }
}

/// How much of a run a part is.
fn run_length(part: &rule::Part) -> Option<usize> {
    match part {
        rule::Part::Lit(lit) | rule::Part::Context(lit) => {
            lit.bytes().all(|b| class::Class::TOKEN.has(b)).then_some(lit.len())
        }
        rule::Part::Exact(_, count) | rule::Part::Run(_, count, _) => Some(*count),
    }
}

#[test]
fn hostile_texts_cost_linear_work() {
    let rules = Rules::default();
    let header = format!("-----{} RSA PRIVATE KEY-----", "BEGIN");
    let body = format!("{header}\n{}\n", "A".repeat(64));
    let long = format!("{}{} ", ["sk", "-"].concat(), "a".repeat(60));
    let units = [
        "a",
        "A=",
        "A_KEY=",
        "A_KEY=aaaaaaa1",
        "A_KEY=\"",
        "eyJ",
        "eyJaaaaaaaaaaaaaa.",
        "://",
        "a://a:",
        "a://b:c@",
        "Bearer ",
        "Bearer a1b2c3d4e5f6g7h8/",
        "\\",
        "\"",
        "token:",
        "token: aaaaaaaaaaaaaaaa",
        "token=a1b2c3d4e5f6g7h8.",
        ".aaaaaaaaaaaa",
        "+aaaaaaaaaaa",
        "~Q~aaaaaaaaaaa",
        "8Q~",
        "8Q~aaaaaaaaaaaa.",
        "-",
        "%41",
        "SG.",
        "xoxe.",
        "1//0",
        "AccountKey=",
        "AccountKey=aaaaaaaaaaa+",
        "1234567890:",
        "aaaaaaaaaaaaaa.atlasv1.",
        &long,
        &header,
        &body,
    ];
    let search = |text: &str| assert!(find(&rules, text).len() <= text.len() / 3);
    costs_linear_work(&units, 32, search);
    let mega = "a".repeat(1 << 20);
    assert!(work(|| search(&mega)) <= 4 << 20);
}

#[test]
fn a_colour_before_a_token_is_no_part_of_it() {
    let rules = Rules::default();
    let id = rules.iter().find(|&id| rules.info(id).name == "github-classic-pat").expect("a rule");
    let (text, at) = rules.example_at(id, 3).expect("an example");
    let token = &text[at];
    for sequence in ["\x1b[31m", "\x1b[m", "\x1b[1;31m", "\x1b[K", "\x1b[38;5;196m"] {
        let shown = redact(&rules, &format!("x {sequence}{token}\x1b[0m y"));
        assert!(!shown.contains(token), "{sequence:?}");
        assert!(shown.contains("[REDACTED:github-classic-pat]"), "{sequence:?}");
    }
}

#[test]
fn a_key_goes_whatever_is_put_around_its_lines() {
    let rules = Rules::default();
    let body = "MIIEowIBAAKCAQEAsecretsecretsecretsecretsecret";
    let (begin, end) = ("-----BEGIN RSA PRIVATE KEY-----", "-----END RSA PRIVATE KEY-----");
    let forms = [
        ("\x1b[33m", "\x1b[0m\n"),
        ("'", "\\n' +\n"),
        ("\"", "\",\n"),
        ("", " \\\n"),
        ("\u{2502} ", " \u{2502}\n"),
    ];
    for (before, after) in forms {
        let text: String =
            [begin, body, body, end].map(|line| format!("{before}{line}{after}")).concat();
        assert!(!redact(&rules, &text).contains(body), "{before:?} {after:?}");
        let mut shown = Vec::new();
        let mut redactor = TextRedactor::new(std::sync::Arc::new(Rules::default()));
        redactor.push(text.as_bytes(), &mut shown);
        redactor.finish(&mut shown);
        assert!(!String::from_utf8_lossy(&shown).contains(body), "{before:?} {after:?}");
    }
}

#[test]
fn a_checksum_tells_an_issued_secret_from_an_invented_one() {
    let rules = Rules::default();
    let mut checked = 0;
    for id in rules.iter().filter(|id| rules.info(*id).checked) {
        checked += 1;
        for seed in 0..50 {
            let sample = sample(&rules, id, seed);
            let found = find(&rules, &sample.text);
            let name = rules.info(id).name;
            assert_eq!(found.len(), 1, "{name}");
            assert_eq!(rules.verified(&found[0], sample.text.as_bytes()), Some(true), "{name}");
        }
    }
    assert!(checked > 0);
}
