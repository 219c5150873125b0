//! Secrets that a name or a word gives away, in the syntaxes that people write them in.

use super::*;

/// The text as it is, in a JSON string, and in one within another, without the outer quotes.
fn depths(text: &str) -> [String; 3] {
    let inner = |text: &str| {
        let quoted = json(text);
        quoted[1..quoted.len() - 1].to_owned()
    };
    let once = inner(text);
    let twice = inner(&once);
    [text.to_owned(), once, twice]
}

/// A value of many letters and digits, and a password with signs.
fn values() -> (String, String) {
    let dice = &mut Dice::new(12);
    let sign = |dice: &mut Dice| char::from(b"!@#%^*"[dice.below(6)]);
    let parts = [1, 2, 3].map(|_| dice.of(class::Class::ALNUM, 4));
    let [a, b, c] = parts;
    (dice.of(class::Class::ALNUM, 32), format!("{a}{}{b}{}{c}", sign(dice), sign(dice)))
}

#[test]
fn a_value_is_found_whole_in_every_syntax_and_at_every_depth() {
    let rules = Rules::default();
    let (key, password) = values();
    let texts = [
        // JSON, YAML, TOML, .env, properties.
        ("{\"password\": \"¤\"}", "password"),
        ("{\"dbPassword\":\"¤\",\"user\":\"bob\"}", "password"),
        ("user: bob\npassword: ¤\nhost: x", "password"),
        ("  passwd:    '¤'\n", "password"),
        ("password = \"¤\"", "password"),
        ("spring.datasource.password=¤\n", "password"),
        ("DB_PASSWORD=¤\nX=1", "env-var-value"),
        ("DB_PASSWORD: ¤\nX: 1", "password"),
        ("api_key: §", "generic-api-key"),
        ("clientSecret: '§',", "generic-api-key"),
        ("private-key => \"§\"", "generic-api-key"),
        ("access_token := `§`", "generic-api-key"),
        ("heroku_token ::= \"§\"", "generic-api-key"),
        ("$secret .= \"§\";", "generic-api-key"),
        // Headers.
        ("Authorization: Token §", "generic-api-key"),
        ("X-Api-Key: §", "generic-api-key"),
        ("Cookie: lang=en; sessionid=§; x=1", "generic-api-key"),
        ("Set-Cookie: PHPSESSID=§; path=/", "generic-api-key"),
        // Connection strings and URLs.
        ("Server=db;User Id=sa;Password=¤;Encrypt=true", "password"),
        ("Server=db;Uid=sa;Pwd=¤;", "password"),
        ("Endpoint=sb://x.example/;SharedAccessKeyName=n;SharedAccessKey=§", "generic-api-key"),
        ("https://x.example/a?b=1&api_key=§&c=2", "generic-api-key"),
        ("https://x.example/?client_secret=§", "generic-api-key"),
        ("amqp://svc:§@x.example/", "url-password"),
        // Command lines.
        ("tool --password ¤ --user bob", "password"),
        ("tool --password=¤ --user bob", "password"),
        ("tool --token § run", "generic-api-key"),
        ("tool --api-key \"§\" run", "generic-api-key"),
        ("curl -u admin:¤ https://x.example/", "password"),
        ("curl --user 'admin:¤' https://x.example/", "password"),
        ("mysql -u root -p§ db", "password"),
        // Elements, .netrc, .npmrc.
        ("<user>bob</user><password>§</password>", "password"),
        ("<apiKey>§</apiKey>", "generic-api-key"),
        ("machine x.example login bob password §", "password"),
        ("//registry.example/:_authToken=§", "generic-api-key"),
        ("datadog.api_key: §", "generic-api-key"),
        ("the deploy key §", "random-value"),
    ];
    for (text, rule) in texts {
        for (depth, text) in depths(text).iter().enumerate() {
            let text = text.replace('§', &key).replace('¤', &password);
            let secret = if text.contains(&key) { &key } else { &password };
            let got = found(&rules, &text);
            assert_eq!(got, [(rule.to_owned(), secret.clone())], "depth {depth}: {text}");
        }
    }
}

#[test]
fn a_quoted_value_goes_up_to_its_closing_quote() {
    let rules = Rules::default();
    let secret = "p@ss w0rd! {x} 'y'";
    for text in depths(&format!("{{\"password\": \"{secret}\", \"user\": \"bob\"}}")) {
        assert_eq!(found(&rules, &text), [("password".to_owned(), secret.to_owned())], "{text}");
    }
    assert_eq!(redact(&rules, "password: \"a\\\"b1!c\" x"), "password: \"[REDACTED:password]\" x");
}

#[test]
fn what_stands_for_a_secret_is_none() {
    let rules = Rules::default();
    let uuid = "123e4567-e89b-12d3-a456-426614174000";
    let sha = Dice::new(3).of(class::Class::HEX, 40).to_lowercase();
    let texts = [
        "\"password\": {\"type\": \"string\", \"description\": \"The password of the user\"}".to_owned(),
        "\"password\": \"string\", \"token\": \"string\", \"secret\": \"object\"".to_owned(),
        "\"password\": null, \"token\": true, \"secret\": 12, \"pwd\": \"\"".to_owned(),
        "password: <password> token: <token> secret: <your secret here>".to_owned(),
        "password=${PASSWORD} token=$TOKEN secret={{ secret }} pwd=%PWD% key=#{key}".to_owned(),
        "password: process.env.DB_PASSWORD, token: os.environ[\"TOKEN\"], secret: env.SECRET".to_owned(),
        "password: **** passwd: xxxxxxxx secret: •••••••• token: ........ pwd: --------".to_owned(),
        "password = \"changeme\" api_key = \"your-api-key\" secret = \"EXAMPLE-SECRET-1\"".to_owned(),
        "password = get_password() token = self.token2 secret = read(\"x1\")[0]".to_owned(),
        "let token: String = x; secret: &str, password: Option<String2>, pwd: u32,".to_owned(),
        "password: \"Forgot your password?\", token: \"Access token (2 of 3)\"".to_owned(),
        "\"password\": \"Enter 2 passwords\", \"secret\": \"auth.labels.secret1\"".to_owned(),
        "password_file=/run/secrets/db1 secret: ./secrets/x1.txt token: ~/.token1".to_owned(),
        "token = https://x.example/token1 secret: \"https://x.example/v2/secret\"".to_owned(),
        format!("token: {uuid} secret: \"{uuid}\" session={uuid} trace {uuid}"),
        format!("commit {sha} datadog build {sha}, heroku dyno {uuid}"),
        "token: 2024-01-15T10:20:30Z secret: 1.2.3-beta4 api_key: 10.20.30.40".to_owned(),
        "integrity: sha256-abcdefABCDEF0123456789abcdefABCDEF0123456789abc=".to_owned(),
        "nextPageToken=abcdef0123456789xyz page_token: \"CAEQAhgBIAEoADAA1234\"".to_owned(),
        "max_tokens=4096 token_count: 12345678 tokens: \"1234abcd5678efgh\"".to_owned(),
        "--password string --token TOKEN --api-key <key> --password PASSWORD --secret-file /x/y1".to_owned(),
        "docker run -u 1000:1000 x; at 12:30:45; std::mem::swap; a:b c:d".to_owned(),
        "the password is wrong; secret santa; token ring; a key concept of X509HardwareKeyUsageFlags".to_owned(),
        "if token == \"x1y2z3a4b5c6d7e8\" or password != other1".to_owned(),
        "<password>${db.password}</password><token></token><secret>  </secret>".to_owned(),
        "def f(self, prompt='Password: ', stream=None): return x".to_owned(),
        "def f(self, name, pwd=None):\n    pass".to_owned(),
        format!("{{\"password\": \"{uuid}\", \"pwd\": 9905807\n}}"),
        "pub const KEY_ENCRYPTION_KEY: D3D10_SB_RESOURCE_RETURN_TYPE = 2;".to_owned(),
    ];
    for text in texts {
        for text in depths(&text) {
            assert_eq!(found(&rules, &text), [], "{text}");
        }
    }
}

#[test]
fn code_and_coordinates_are_no_secrets() {
    let rules = Rules::default();
    let order: String = ('a'..='f').chain('1'..='5').collect();
    let key = &Dice::new(7).of(class::Class::HEX, 64);
    let csrf = &Dice::new(8).of(class::Class::ALNUM, 40);
    for text in [
        // What minifiers leave: members without quotes, whose values are names.
        "var e={password:t.password,retries:3,label:\"x-y\"};",
        "var e={passphrase:o.passphrase,secret2fa:!0,label:\"x-y\"};",
        "n({apiKey:r.apiKey,handler2:t.on(3),x:\"a\"})",
        "n({token:a2?b2:c2,other:\"a\"})",
        "e(\"/a/b?password=\"+encodeURIComponent(t)+\"&token=\"+n.of(3,4),\"x1\")",
        "e('/a/b?x=1&apiKey='+o.key2(3)+'&secret='+i8(77),'y')",
        // Coordinates, versions and ranges of them.
        "dependency = \"org.example.token:some-jackson-0.11.2\"",
        "\"hash-password\": \"0.0.4\",",
        "\"hash-password\": \"^1.12.3\",",
        "\"passwd\": \">=2.1.x\"",
        // What is public, or known to whoever loads the page; cursors.
        &format!("nextToken={csrf} next_page_token: {csrf} nextPageToken: \"{csrf}\""),
        &format!("page_key={csrf} pageToken: \"{csrf}\" NEXT_PAGE_TOKEN={csrf}"),
        &format!("DOTENV_PUBLIC_KEY={key}"),
        &format!("csrf_token={csrf}"),
        // What nobody drew.
        &format!("SOME_API_TOKEN={order}"),
        &format!("some_key = \"{order}\""),
        &format!("SOME_API_TOKEN={}-{key}", "8".repeat(12)),
        "https://bob:YOUR_PASSWORD@db.example/",
        "https://bob:1111@db.example/",
        "https://bob:REPLACE_THIS_WORD@db.example/",
    ] {
        assert_eq!(found(&rules, text), [], "{text}");
    }
    for (before, after) in [
        // What begins like a cursor and is none.
        ("NEXTAUTH_SECRET=", ""),
        ("NEXT_AUTH_SECRET=", ""),
        ("CSRF_SECRET=", ""),
        ("nextauth_secret: ", ""),
        ("pager_api_token: \"", "\""),
        ("NEXTCLOUD_TOKEN=", ""),
        ("landing_page_password: ", ""),
        ("connect(Password=", ",User=bob)"),
        ("{password:", ",user:x}"),
        ("some_key: \"", "\""),
        ("https://x.example/?a=1&password=", "&x=1"),
        ("https://bob:", "@db.example/"),
    ] {
        let secret = Dice::new(9).of(class::Class::ALNUM, 24);
        let got = found(&rules, &format!("{before}{secret}{after}"));
        assert!(got.len() == 1, "{before}: {got:?}");
    }
}

#[test]
fn a_short_anchor_needs_the_word_of_its_provider() {
    let rules = Rules::default();
    for (head, count, word) in
        [("00", 40, "okta"), ("YC", 38, "yandex"), ("6L", 38, "recaptcha"), ("BSA", 28, "brave")]
    {
        let secret = format!("{head}{}", Dice::new(3).of(class::Class::ALNUM, count));
        let alone = format!("AAAA {secret} BBBB");
        assert_eq!(found(&rules, &alone), [], "{word}");
        let named = format!("{word} key {secret} x");
        assert!(found(&rules, &named)[0].0.starts_with(word), "{named}");
    }
}

#[test]
fn what_nobody_drew_is_no_token() {
    let rules = Rules::default();
    let turn = |(n, c): (usize, char)| if n % 2 == 0 { c.to_ascii_uppercase() } else { c };
    let order: String = ('a'..='z').enumerate().map(turn).collect();
    assert_eq!(found(&rules, &format!("tss_{order}{}", &order[..6])), []);
    let digest = Dice::new(5).of(class::Class::HEX, 64);
    assert_eq!(found(&rules, &format!("sntryu_{digest}")).len(), 1);
    assert_eq!(found(&rules, &format!("sntryu_{digest}0")), [], "a digest is never longer");
}

#[test]
fn the_name_of_a_member_tells_of_its_value() {
    let rules = Rules::default();
    let (key, password) = values();
    let find = |name: &str, text: &str| {
        let mut out = Vec::new();
        rules.find_value(Some(name.as_bytes()), text.as_bytes(), &mut out);
        out.iter().map(|m| &text[m.start..m.end]).collect::<Vec<_>>().join("|")
    };
    for name in ["password", "db_password", "DB-Passwd", "user.pwd", "smtpPassword", "Pass"] {
        assert_eq!(find(name, &password), password, "{name}");
        assert_eq!(find(name, "hunter2"), "hunter2", "{name}");
    }
    for name in ["api_key", "clientSecret", "X-Auth-Token", "credentials", "private key"] {
        assert_eq!(find(name, &key), key, "{name}");
    }
    assert_eq!(find("authorization", &format!("Token {key}")), key);
    let uuid = "123e4567-e89b-12d3-a456-426614174000";
    assert_eq!(find("HEROKU_API_KEY", uuid), uuid);
    for (name, text) in [
        ("compass", "hunter2"),
        ("passwords", "hunter2"),
        ("password", "string"),
        ("password", "********"),
        ("password", "Forgot your password?"),
        ("token", uuid),
        ("nextPageToken", &key),
        ("max_tokens", &key),
        ("heroku_dyno", uuid),
    ] {
        assert_eq!(find(name, text), "", "{name}: {text}");
    }
}

#[test]
fn the_list_of_names_is_the_hosts() {
    let names =
        NameConfig { add: vec!["Door_Code".to_owned()], remove: vec!["api-key".to_owned()] };
    let config = RedactionConfig { names, ..RedactionConfig::default() };
    let (rules, _) = Rules::compile(&config).expect("it compiles");
    assert_eq!(
        redact(&rules, "\"front-door-code\": \"open sesame 1a\""),
        "\"front-door-code\": \"open sesame 1a\""
    );
    assert_eq!(
        redact(&rules, "\"frontDoorCode\": \"s3same\""),
        "\"frontDoorCode\": \"[REDACTED:password]\""
    );
    assert_eq!(redact(&rules, "\"api_key\": \"a1b2c3d4e5f6\""), "\"api_key\": \"a1b2c3d4e5f6\"");
    for (add, remove) in [(vec!["ab"], vec![]), (vec![], vec!["nope"])] {
        let [add, remove] =
            [add, remove].map(|names| names.iter().map(|n| (*n).to_owned()).collect());
        let config =
            RedactionConfig { names: NameConfig { add, remove }, ..RedactionConfig::default() };
        assert!(Rules::compile(&config).is_err());
    }
}

#[test]
fn hostile_names_cost_linear_work() {
    let rules = Rules::default();
    let key = values().0;
    let units = [
        "password:",
        "password=",
        "password=\"",
        "pwd=",
        "pwd='",
        "token: bearer ",
        "\"secret\":\"\\",
        "api key:",
        "<pwd>",
        "<password>aaaaaaaaaaaa",
        "--password ",
        "--password \"",
        "mysql -paaaaaaaaaa1 ",
        "-u a:",
        "login password ",
        "key aaaaaaaaaaaaaaaaaaa1 ",
        "heroku key aaaaaaaaaaaaaaaaaaaaaaa1 ",
        "A_PASSWORD=aaaaaaaa1;",
        "password: a1!b2#c3)",
        &format!("token={key},"),
    ];
    costs_linear_work(&units, 64, |text| drop(find(&rules, text)));
}
