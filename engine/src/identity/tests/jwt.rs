//! Every key is made when a test runs.

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rsa;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair,
    EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair,
};
use jsonwebtoken::EncodingKey;
use jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER;
use serde_json::{Value, json};

use super::*;
use crate::identity::{AuthConfig, JwtKey, Principals, Source, TokenConfig};

const NOW_MS: u64 = 1_800_000_000_000;
const NOW: u64 = NOW_MS / 1_000;

/// A key pair: what signs, and what is configured.
struct Pair {
    algorithm: JwtAlgorithm,
    signs: EncodingKey,
    /// Each way in which the key may be given.
    given: Vec<JwtKey>,
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let mut whole = [0; 3];
        whole[..group.len()].copy_from_slice(group);
        let bits = u32::from_be_bytes([0, whole[0], whole[1], whole[2]]);
        for place in 0..=group.len() {
            text.push(LETTERS[(bits >> (18 - 6 * place) & 63) as usize] as char);
        }
    }
    text
}

fn pem(label: &str, der: &[u8]) -> String {
    let mut body = base64(der).replace('-', "+").replace('_', "/");
    while !body.len().is_multiple_of(4) {
        body.push('=');
    }
    let lines: Vec<&str> =
        body.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).expect("ASCII")).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}

fn key(algorithm: JwtAlgorithm) -> JwtKey {
    JwtKey { algorithm: Some(algorithm), ..JwtKey::default() }
}

fn secret(algorithm: JwtAlgorithm, letter: &str) -> Pair {
    let secret = letter.repeat(algorithm.secret_bytes_min().expect("an HS algorithm"));
    let signs = EncodingKey::from_secret(secret.as_bytes());
    Pair { algorithm, signs, given: vec![JwtKey { secret: Some(secret.into()), ..key(algorithm) }] }
}

fn curve(algorithm: JwtAlgorithm, signing: &'static EcdsaSigningAlgorithm) -> Pair {
    let pair = EcdsaKeyPair::generate(signing).expect("a key");
    let private = pair.to_pkcs8v1().expect("PKCS#8");
    let public = AsDer::<PublicKeyX509Der>::as_der(pair.public_key()).expect("SPKI");
    let point = &pair.public_key().as_ref()[1..];
    let (x, y) = point.split_at(point.len() / 2);
    let by_pem = JwtKey { pem: Some(pem("PUBLIC KEY", public.as_ref())), ..key(algorithm) };
    let by_point = JwtKey { x: Some(base64(x)), y: Some(base64(y)), ..key(algorithm) };
    let signs = EncodingKey::from_ec_der(private.as_ref());
    Pair { algorithm, signs, given: vec![by_pem, by_point] }
}

fn edwards() -> Pair {
    let pair = Ed25519KeyPair::generate().expect("a key");
    let private = AsDer::<Pkcs8V1Der>::as_der(&pair).expect("PKCS#8");
    let public = AsDer::<PublicKeyX509Der>::as_der(pair.public_key()).expect("SPKI");
    let algorithm = JwtAlgorithm::EdDsa;
    let by_pem = JwtKey { pem: Some(pem("PUBLIC KEY", public.as_ref())), ..key(algorithm) };
    let by_point = JwtKey { x: Some(base64(pair.public_key().as_ref())), ..key(algorithm) };
    let signs = EncodingKey::from_ed_der(private.as_ref());
    Pair { algorithm, signs, given: vec![by_pem, by_point] }
}

/// One RSA key for all of its algorithms: making one takes a while.
fn rsa_pairs() -> Vec<Pair> {
    let pair = rsa::KeyPair::generate(rsa::KeySize::Rsa2048).expect("a key");
    let private = AsDer::<Pkcs8V1Der>::as_der(&pair).expect("PKCS#8");
    let private = pem("PRIVATE KEY", private.as_ref());
    let pkcs1 = pair.public_key().as_ref();
    let spki = AsDer::<PublicKeyX509Der>::as_der(pair.public_key()).expect("SPKI");
    let components = DEFAULT_PROVIDER.key_utils.rsa_pub_components_from_public_key;
    let (n, e) = components(pkcs1).expect("an RSA key");
    use JwtAlgorithm::{Ps256, Ps384, Ps512, Rs256, Rs384, Rs512};
    [Rs256, Rs384, Rs512, Ps256, Ps384, Ps512]
        .map(|algorithm| Pair {
            algorithm,
            signs: EncodingKey::from_rsa_pem(private.as_bytes()).expect("a private key"),
            given: vec![
                JwtKey { pem: Some(pem("PUBLIC KEY", spki.as_ref())), ..key(algorithm) },
                JwtKey { pem: Some(pem("RSA PUBLIC KEY", pkcs1)), ..key(algorithm) },
                JwtKey { n: Some(base64(&n)), e: Some(base64(&e)), ..key(algorithm) },
            ],
        })
        .into()
}

fn pairs() -> Vec<Pair> {
    use JwtAlgorithm::{Es256, Es384, Hs256, Hs384, Hs512};
    let mut pairs = vec![
        secret(Hs256, "a"),
        secret(Hs384, "b"),
        secret(Hs512, "c"),
        curve(Es256, &ECDSA_P256_SHA256_FIXED_SIGNING),
        curve(Es384, &ECDSA_P384_SHA384_FIXED_SIGNING),
        edwards(),
    ];
    pairs.extend(rsa_pairs());
    assert_eq!(pairs.len(), JwtAlgorithm::ALL.len());
    pairs
}

fn config(keys: &[&JwtKey]) -> JwtConfig {
    JwtConfig {
        algorithms: keys.iter().filter_map(|key| key.algorithm).collect(),
        issuer: "https://issuer.example".into(),
        audience: vec!["portcullis".into(), "other".into()],
        keys: keys.iter().map(|key| (*key).clone()).collect(),
        ..JwtConfig::default()
    }
}

fn compile(jwt: JwtConfig) -> Result<Principals, ConfigError> {
    let name = "ops".to_owned();
    let token = TokenConfig { name, token: Some("T".to_owned().into()), ..TokenConfig::default() };
    let (tokens, jwt) = (vec![token], Some(jwt));
    Principals::compile(&AuthConfig { tokens, jwt, ..AuthConfig::default() })
}

fn claims() -> Value {
    json!({
        "iss": "https://issuer.example", "aud": "portcullis", "sub": "alice",
        "exp": NOW + 600, "nbf": NOW - 600, "iat": NOW - 600,
        "scope": "read write", "roles": ["dev"],
    })
}

/// The claims, with this instead; null takes one out.
fn with(member: &str, value: Value) -> String {
    let mut claims = claims();
    match value {
        Value::Null => _ = claims.as_object_mut().expect("an object").remove(member),
        value => claims[member] = value,
    }
    claims.to_string()
}

fn signed(pair: &Pair, header: &str, payload: &str) -> String {
    let message = format!("{}.{}", base64(header.as_bytes()), base64(payload.as_bytes()));
    let signer = (DEFAULT_PROVIDER.signer_factory)(&library(pair.algorithm), &pair.signs);
    let signature = signer.expect("a signer").try_sign(message.as_bytes()).expect("a signature");
    format!("{message}.{}", base64(&signature))
}

fn header(pair: &Pair) -> String {
    json!({ "alg": pair.algorithm.name(), "typ": "JWT" }).to_string()
}

fn token(pair: &Pair, payload: &str) -> String {
    signed(pair, &header(pair), payload)
}

fn admit(principals: &Principals, token: &str) -> Result<Arc<Identity>, Denied> {
    principals.admit(token.as_bytes(), Source::Bearer, NOW_MS, "files")
}

fn denied(principals: &Principals, token: &str) -> Option<Denied> {
    admit(principals, token).err()
}

/// What a token with these claims meets, where HS256 is configured and this is changed.
fn judged(change: impl FnOnce(&mut JwtConfig), payload: &str) -> Option<Denied> {
    let pair = secret(JwtAlgorithm::Hs256, "s");
    let mut config = config(&[&pair.given[0]]);
    change(&mut config);
    denied(&compile(config).expect("a configuration"), &token(&pair, payload))
}

fn as_it_is(_: &mut JwtConfig) {}

#[test]
fn every_algorithm_verifies_by_every_way_to_give_its_key() {
    for pair in pairs() {
        for given in &pair.given {
            let principals = compile(config(&[given])).expect("a key");
            let token = token(&pair, &claims().to_string());
            let identity = admit(&principals, &token).expect("a valid token");
            assert_eq!((identity.name(), identity.kind()), ("alice", IdentityKind::Jwt));
            assert!(identity.has_scope("write") && identity.has_role("dev"));
            // One bit of what is signed, then another key of the kind.
            let (message, signature) = token.rsplit_once('.').expect("parts");
            let mut bytes = base64url::decode(signature.as_bytes()).expect("base64url");
            bytes[7] ^= 1;
            let flipped = format!("{message}.{}", base64(&bytes));
            assert_eq!(denied(&principals, &flipped), Some(Denied::JwtSignature));
            assert_eq!(denied(&principals, &format!("{message}.")), Some(Denied::JwtSignature));
        }
    }
    let pair = secret(JwtAlgorithm::Hs256, "a");
    let principals = compile(config(&[&pair.given[0]])).expect("a key");
    let other = secret(JwtAlgorithm::Hs256, "b");
    let forged = token(&other, &claims().to_string());
    assert_eq!(denied(&principals, &forged), Some(Denied::JwtSignature));
}

#[test]
fn the_header_chooses_among_what_is_pinned_and_adds_nothing() {
    let mut rsa = rsa_pairs();
    let public = rsa[0].given[0].clone();
    let principals = compile(config(&[&public])).expect("a key");
    let payload = claims().to_string();
    // The public key as the secret of an HMAC: the confusion that every guide warns of.
    let bytes = public.pem.as_deref().expect("PEM").as_bytes();
    let confused = Pair {
        algorithm: JwtAlgorithm::Hs256,
        signs: EncodingKey::from_secret(bytes),
        given: Vec::new(),
    };
    assert_eq!(denied(&principals, &token(&confused, &payload)), Some(Denied::JwtAlgorithm));
    // The same key, and an algorithm that it is not for.
    let pss = rsa.remove(3);
    assert_eq!(denied(&principals, &token(&pss, &payload)), Some(Denied::JwtAlgorithm));
    let mut both = config(&[&public]);
    both.algorithms.push(JwtAlgorithm::Ps256);
    let both = compile(both).expect("two algorithms");
    assert_eq!(denied(&both, &token(&pss, &payload)), Some(Denied::JwtAlgorithm));
    let pair = &rsa[0];
    for (header, wanted) in [
        (r#"{"alg":"RS256"}"#, None),
        (r#"{"alg":"RS256","jku":"https://evil.example","jwk":{"kty":"RSA"},"x5u":"x"}"#, None),
        (r#"{"alg":"none"}"#, Some(Denied::JwtAlgorithm)),
        (r#"{"alg":"rs256"}"#, Some(Denied::JwtAlgorithm)),
        (r#"{"alg":"RS256 "}"#, Some(Denied::JwtAlgorithm)),
        (r#"{"alg":["RS256"]}"#, Some(Denied::JwtMalformed)),
        (r#"{"typ":"JWT"}"#, Some(Denied::JwtMalformed)),
        (r#"{"alg":"RS256","alg":"RS256"}"#, Some(Denied::JwtMalformed)),
        (r#"{"alg":"RS256","\u0061lg":"none"}"#, Some(Denied::JwtMalformed)),
        (r#"{"alg":"RS256","crit":["exp"],"exp":1}"#, Some(Denied::JwtMalformed)),
        (r#"{"alg":"RS256","b64":false,"crit":["b64"]}"#, Some(Denied::JwtMalformed)),
        (r#"{"alg":"RS256","kid":7}"#, Some(Denied::JwtMalformed)),
        (r#"["RS256"]"#, Some(Denied::JwtMalformed)),
        ("", Some(Denied::JwtMalformed)),
    ] {
        assert_eq!(denied(&principals, &signed(pair, header, &payload)), wanted, "{header}");
    }
    // `none` as it is meant: with no signature at all.
    let none = format!("{}.{}.", base64(br#"{"alg":"none"}"#), base64(payload.as_bytes()));
    assert_eq!(denied(&principals, &none), Some(Denied::JwtAlgorithm));
}

#[test]
fn a_kid_selects_the_key() {
    let named = |letter: &str, kid: &str| {
        let mut pair = secret(JwtAlgorithm::Hs256, letter);
        pair.given[0].kid = Some(kid.to_owned());
        pair
    };
    let (old, new) = (named("o", "old"), named("n", "new"));
    let two = compile(config(&[&old.given[0], &new.given[0]])).expect("two keys");
    let payload = claims().to_string();
    let by = |pair: &Pair, kid: &str| {
        signed(pair, &json!({ "alg": "HS256", "kid": kid }).to_string(), &payload)
    };
    assert_eq!(denied(&two, &by(&old, "old")), None);
    assert_eq!(denied(&two, &by(&new, "new")), None);
    assert_eq!(denied(&two, &by(&old, "new")), Some(Denied::JwtSignature));
    assert_eq!(denied(&two, &by(&old, "../old")), Some(Denied::JwtKey));
    assert_eq!(denied(&two, &token(&new, &payload)), None, "without a kid each is tried");
    let nameless = secret(JwtAlgorithm::Hs256, "o");
    let one = compile(config(&[&nameless.given[0]])).expect("one key");
    assert_eq!(denied(&one, &by(&old, "anything")), None, "a key without a name takes any");
    assert!(compile(config(&[&old.given[0], &old.given[0]])).is_err(), "one kid twice");
}

#[test]
fn what_is_no_token_of_this_form_is_malformed_or_unknown() {
    let pair = secret(JwtAlgorithm::Hs256, "s");
    let principals = compile(config(&[&pair.given[0]])).expect("a key");
    let good = token(&pair, &claims().to_string());
    for (token, wanted) in [
        (good.clone(), None),
        ("T".to_owned(), None),
        ("ab".to_owned(), Some(Denied::Unknown)),
        ("a.b".to_owned(), Some(Denied::Unknown)),
        (format!("{good}.x"), Some(Denied::Unknown)),
        ("..".to_owned(), Some(Denied::JwtMalformed)),
        (format!("{good}="), Some(Denied::JwtMalformed)),
        (format!("{good} "), Some(Denied::JwtMalformed)),
        (format!("{good}\n"), Some(Denied::JwtMalformed)),
        (format!(" {good}"), Some(Denied::JwtMalformed)),
        (good.replace('.', " ."), Some(Denied::JwtMalformed)),
    ] {
        assert_eq!(denied(&principals, &token), wanted, "{token:?}");
    }
    let member = principals.admit(good.as_bytes(), Source::Member, NOW_MS, "files");
    assert_eq!(member.err(), Some(Denied::Unknown), "not with each message");
    for payload in ["[]", "", "{", r#"{"iss":"a","iss":"b"}"#, r#"{"a":1e999}"#, "{}{}"] {
        assert_eq!(judged(as_it_is, payload), Some(Denied::JwtMalformed), "{payload}");
    }
    // The limit is one of the whole token.
    let mut longest = None;
    for filler in (12_000..12_300).rev() {
        let token = token(&pair, &with("x", json!("x".repeat(filler))));
        let fits = token.len() <= CREDENTIAL_BYTES_MAX;
        let wanted = if fits { None } else { Some(Denied::JwtMalformed) };
        if token.len().abs_diff(CREDENTIAL_BYTES_MAX) < 3 {
            assert_eq!(denied(&principals, &token), wanted, "{}", token.len());
            longest = longest.max(Some(token.len()).filter(|_| fits));
        }
    }
    assert!(longest.is_some(), "the limit was reached");
}

#[test]
fn issuer_and_audience_are_demanded_to_the_letter() {
    for (member, value, wanted) in [
        ("iss", json!("https://issuer.example"), None),
        ("iss", json!("https://issuer.example/"), Some(Denied::JwtIssuer)),
        ("iss", json!("HTTPS://issuer.example"), Some(Denied::JwtIssuer)),
        ("iss", Value::Null, Some(Denied::JwtIssuer)),
        ("iss", json!(["https://issuer.example"]), Some(Denied::JwtClaims)),
        ("aud", json!("other"), None),
        ("aud", json!(["x", "portcullis"]), None),
        ("aud", json!("port"), Some(Denied::JwtAudience)),
        ("aud", json!("portcullis other"), Some(Denied::JwtAudience)),
        ("aud", json!([]), Some(Denied::JwtAudience)),
        ("aud", Value::Null, Some(Denied::JwtAudience)),
        ("aud", json!({ "portcullis": 1 }), Some(Denied::JwtClaims)),
        ("aud", json!(["portcullis", 1]), Some(Denied::JwtClaims)),
    ] {
        assert_eq!(judged(as_it_is, &with(member, value.clone())), wanted, "{member} {value}");
    }
    // The same tokens pass where what they say is configured.
    let own = |config: &mut JwtConfig| config.issuer = "https://issuer.example/".into();
    assert_eq!(judged(own, &with("iss", json!("https://issuer.example/"))), None);
    let own = |config: &mut JwtConfig| config.audience = vec!["port".into()];
    assert_eq!(judged(own, &with("aud", json!("port"))), None);
}

#[test]
fn times_are_compared_with_the_given_clock_and_its_skew() {
    let early = Some(Denied::JwtNotYetValid);
    let late = Some(Denied::JwtExpired);
    let no = Some(Denied::JwtClaims);
    for (member, value, wanted) in [
        ("exp", json!(NOW - 59), None),
        ("exp", json!(NOW - 60), late),
        ("exp", json!(NOW as f64 - 59.9), None),
        ("exp", json!(1e300), None),
        ("exp", json!(-1), no),
        ("exp", json!(-0.5), no),
        ("exp", json!((NOW + 600).to_string()), no),
        ("exp", json!(true), no),
        ("exp", json!([NOW + 600]), no),
        ("exp", Value::Null, no),
        ("nbf", json!(NOW + 60), None),
        ("nbf", json!(NOW + 61), early),
        ("nbf", json!("0"), no),
        ("nbf", Value::Null, None),
        ("iat", json!(NOW + 60), None),
        ("iat", json!(NOW + 61), early),
        ("iat", json!({}), no),
        ("iat", Value::Null, None),
    ] {
        assert_eq!(judged(as_it_is, &with(member, value.clone())), wanted, "{member} {value}");
    }
    let skewed = |config: &mut JwtConfig| config.skew_ms = 300_000;
    assert_eq!(judged(skewed, &with("exp", json!(NOW - 299))), None);
    assert_eq!(judged(skewed, &with("exp", json!(NOW - 300))), late);
    let eternal = |config: &mut JwtConfig| config.require_exp = false;
    assert_eq!(judged(eternal, &with("exp", Value::Null)), None);
    assert_eq!(judged(eternal, &with("exp", json!(NOW - 60))), late);
}

#[test]
fn claims_name_the_principal_and_its_rights() {
    let no = Some(Denied::JwtClaims);
    for (member, value, wanted) in [
        ("sub", Value::Null, no),
        ("sub", json!(""), no),
        ("sub", json!("a\nb"), no),
        ("sub", json!(7), no),
        ("sub", json!("n".repeat(257)), no),
        ("sub", json!("n".repeat(256)), None),
        // Whoever the issuer lets choose a name must not become one whom the host knows.
        ("sub", json!("ops"), no),
        ("sub", json!("loopback"), no),
        ("sub", json!("anonymous"), no),
        ("scope", json!(["a", "b"]), None),
        ("scope", Value::Null, None),
        ("scope", json!(7), no),
        ("roles", json!(["a", 7]), no),
        ("roles", json!(["a", ""]), no),
        ("roles", json!({ "a": true }), no),
    ] {
        assert_eq!(judged(as_it_is, &with(member, value.clone())), wanted, "{member} {value}");
    }
    let scoped = |config: &mut JwtConfig| config.servers_claim = Some("servers".into());
    for (servers, wanted) in [
        (json!(["fi*"]), None),
        (json!("mail files"), None),
        (json!(["mail"]), Some(Denied::Server)),
        (json!([]), Some(Denied::Server)),
        (json!(["["]), no),
        (Value::Null, no),
    ] {
        assert_eq!(judged(scoped, &with("servers", servers.clone())), wanted, "{servers}");
    }
    let named = |config: &mut JwtConfig| config.name_claim = "email".into();
    assert_eq!(judged(named, &with("email", json!("a@example.com"))), None);
    assert_eq!(judged(named, &claims().to_string()), no);
}

/// The key of a fault of the configuration.
fn fault(change: impl FnOnce(&mut JwtConfig)) -> String {
    let pair = secret(JwtAlgorithm::Hs256, "s");
    let mut config = config(&[&pair.given[0]]);
    change(&mut config);
    match compile(config).expect_err("a fault") {
        ConfigError::Setting(key, _) => key,
        error => format!("{error:?}"),
    }
}

#[test]
fn what_leaves_something_open_is_a_fault() {
    use JwtAlgorithm::{EdDsa, Hs384, Rs256};
    assert_eq!(fault(|it| it.algorithms.clear()), "auth.jwt.algorithms");
    assert_eq!(fault(|it| it.algorithms.push(Rs256)), "auth.jwt.algorithms");
    assert_eq!(fault(|it| it.issuer.clear()), "auth.jwt.issuer");
    assert_eq!(fault(|it| it.audience.clear()), "auth.jwt.audience");
    assert_eq!(fault(|it| it.audience.push(String::new())), "auth.jwt.audience");
    assert_eq!(fault(|it| it.keys.clear()), "auth.jwt.keys");
    assert_eq!(fault(|it| it.keys = vec![it.keys[0].clone(); 17]), "auth.jwt.keys");
    assert_eq!(fault(|it| it.skew_ms = 300_001), "auth.jwt.skew_ms");
    assert_eq!(fault(|it| it.name_claim.clear()), "auth.jwt.name_claim");
    assert_eq!(fault(|it| it.servers_claim = Some(String::new())), "auth.jwt.servers_claim");
    assert_eq!(fault(|it| it.algorithms = vec![Hs384]), "auth.jwt.keys[0].algorithm");
    assert_eq!(fault(|it| it.keys[0].algorithm = None), "auth.jwt.keys[0].algorithm");
    assert_eq!(fault(|it| it.keys[0].kid = Some(String::new())), "auth.jwt.keys[0].kid");
    let short = |it: &mut JwtConfig| it.keys[0].secret = Some("s".repeat(31).into());
    assert_eq!(fault(short), "auth.jwt.keys[0].secret");
    assert_eq!(fault(|it| it.keys[0].secret = None), "auth.jwt.keys[0]");
    assert_eq!(fault(|it| it.keys[0].pem = Some("x".into())), "auth.jwt.keys[0]");
    let point = JwtKey { x: Some(base64(&[7; 31])), ..key(EdDsa) };
    let short = |it: &mut JwtConfig| (it.algorithms, it.keys) = (vec![EdDsa], vec![point]);
    assert_eq!(fault(short), "auth.jwt.keys[0]");
}

#[test]
fn what_is_no_public_key_of_its_algorithm_is_a_fault() {
    use JwtAlgorithm::{EdDsa, Es256, Es384, Rs256};
    let replaced = |given: JwtKey| {
        fault(move |it| {
            (it.algorithms, it.keys) = (vec![given.algorithm.expect("one")], vec![given])
        })
    };
    let wide = curve(Es384, &ECDSA_P384_SHA384_FIXED_SIGNING);
    for given in wide.given {
        assert!(
            replaced(JwtKey { algorithm: Some(Es256), ..given }).starts_with("auth.jwt.keys[0]")
        );
    }
    let (x, y) = (Some(base64(&[1; 32])), Some(base64(&[2; 32])));
    assert_eq!(replaced(JwtKey { x, y, ..key(Es256) }), "auth.jwt.keys[0]", "off the curve");
    let e = Some("AQAB".to_owned());
    let weak = JwtKey { n: Some(base64(&[0xff; 128])), e: e.clone(), ..key(Rs256) };
    assert_eq!(replaced(weak), "auth.jwt.keys[0]", "1,024 bits");
    let n = Some(base64(&[0xff; 256]));
    for exponent in ["", "AQ", "Ag", "AQABAQAB"] {
        let given = JwtKey { n: n.clone(), e: Some(exponent.into()), ..key(Rs256) };
        assert_eq!(replaced(given), "auth.jwt.keys[0].e", "{exponent}");
    }
    let padded = JwtKey { n: Some("AA==".into()), e, ..key(Rs256) };
    assert_eq!(replaced(padded), "auth.jwt.keys[0].n");
    let pair = Ed25519KeyPair::generate().expect("a key");
    let private = AsDer::<Pkcs8V1Der>::as_der(&pair).expect("PKCS#8");
    let public = AsDer::<PublicKeyX509Der>::as_der(pair.public_key()).expect("SPKI");
    let public = pem("PUBLIC KEY", public.as_ref());
    for text in [
        pem("PRIVATE KEY", private.as_ref()),
        public.replace("PUBLIC KEY", "CERTIFICATE"),
        format!("{public}{public}"),
        format!("x{public}"),
        String::new(),
    ] {
        let given = JwtKey { pem: Some(text), ..key(EdDsa) };
        assert_eq!(replaced(given), "auth.jwt.keys[0].pem");
    }
}

#[test]
fn keys_are_shown_to_nobody() {
    let pair = secret(JwtAlgorithm::Hs256, "SECRET-1");
    let config = config(&[&pair.given[0]]);
    let issuer = Issuer::compile(&config, &[]).expect("a key");
    for shown in [format!("{config:?}"), format!("{issuer:?}")] {
        assert!(!shown.contains("SECRET"), "{shown}");
    }
}
