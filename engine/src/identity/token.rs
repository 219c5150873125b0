//! The table of the live tokens, and the one question of whose a credential is. Tokens are kept as
//! digests: every one is compared, in constant time, and what is known of the one that matched is
//! looked at afterwards.

use std::fmt;
use std::sync::Arc;

use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};

use super::config::{AuthConfig, TokenConfig};
use super::credential::Source;
use super::denied::Denied;
use super::digest::{self, TOKEN_BYTES_MAX};
#[cfg(feature = "jwt")]
use super::jwt::Issuer;
use super::principal::{Identity, IdentityKind};
use crate::base::error::ConfigError;
use crate::base::glob::GlobSet;

/// Everybody who may send. `Debug` shows how many there are.
pub struct Principals {
    digests: Vec<[u8; 32]>,
    /// Whose they are, in the same order.
    identities: Vec<Arc<Identity>>,
    sources: Vec<Source>,
    anonymous: Arc<Identity>,
    loopback: Option<Arc<Identity>>,
    #[cfg(feature = "jwt")]
    issuer: Option<Issuer>,
}

impl Principals {
    /// Compiles what a configuration says of who may send.
    ///
    /// # Errors
    /// A token that is empty, too long, given twice or never valid; a digest that is none; a name
    /// that is none; no way for a credential to come; a `jwt` that leaves something open, or that
    /// this build cannot verify.
    pub fn compile(config: &AuthConfig) -> Result<Self, ConfigError> {
        let digests = config.tokens.iter().enumerate().map(|(at, token)| digest_of(at, token));
        let digests: Vec<[u8; 32]> = digests.collect::<Result<_, _>>()?;
        if digests.len() > TOKENS_MAX {
            return Err(setting(
                "auth.tokens",
                "has more than 1,024 tokens: remove those not used",
            ));
        }
        for (at, digest) in digests.iter().enumerate() {
            if let Some(first) = digests[..at].iter().position(|other| other == digest) {
                let what = format!("is the same token as auth.tokens[{first}]: remove one of them");
                return Err(ConfigError::Setting(format!("auth.tokens[{at}]"), what));
            }
        }
        let identities = config.tokens.iter().enumerate().map(|(at, token)| identity(at, token));
        let identities: Vec<Arc<Identity>> = identities.collect::<Result<_, _>>()?;
        let is_required = !digests.is_empty() || config.jwt.is_some();
        if is_required && config.sources.is_empty() {
            return Err(setting(
                "auth.sources",
                "is empty, so that no credential could come: name a way, or leave it out",
            ));
        }
        #[cfg(not(feature = "jwt"))]
        if config.jwt.is_some() {
            return Err(setting("auth.jwt", "this build has no JWT: build with the feature `jwt`"));
        }
        let nameless = |kind| Arc::new(Identity::nameless(kind));
        Ok(Self {
            #[cfg(feature = "jwt")]
            issuer: config.jwt.as_ref().map(|jwt| Issuer::compile(jwt, &identities)).transpose()?,
            digests,
            identities,
            sources: config.sources.clone(),
            anonymous: nameless(IdentityKind::Anonymous),
            loopback: config.loopback.then(|| nameless(IdentityKind::Loopback)),
        })
    }

    /// Whether a credential is demanded at all.
    #[must_use]
    pub fn are_required(&self) -> bool {
        #[cfg(feature = "jwt")]
        let issues = self.issuer.is_some();
        #[cfg(not(feature = "jwt"))]
        let issues = false;
        issues || !self.digests.is_empty()
    }

    /// Who everybody is where no credential is demanded.
    #[must_use]
    pub fn anonymous(&self) -> &Arc<Identity> {
        &self.anonymous
    }

    /// Who a peer with a loopback address is without a credential, if `auth.loopback` is on.
    #[must_use]
    pub fn loopback(&self) -> Option<&Arc<Identity>> {
        self.loopback.as_ref()
    }

    /// Who somebody of another table is in this one: the same if nothing else is known of a name;
    /// `None` if nobody has it any more.
    pub(crate) fn current(&self, identity: &Arc<Identity>) -> Option<Arc<Identity>> {
        let is_same = |own: &&Arc<Identity>| Arc::ptr_eq(own, identity);
        let is_named = |own: &&Arc<Identity>| own.name() == identity.name();
        #[cfg(feature = "jwt")]
        let issues = self.issuer.is_some();
        #[cfg(not(feature = "jwt"))]
        let issues = false;
        match identity.kind() {
            IdentityKind::Token => {
                let found = self.identities.iter().find(is_same);
                found.or_else(|| self.identities.iter().find(is_named)).cloned()
            }
            IdentityKind::Jwt => issues.then(|| Arc::clone(identity)),
            IdentityKind::Loopback => self.loopback.clone(),
            IdentityKind::Anonymous => Some(Arc::clone(identity)),
        }
    }

    /// Whose credential this is, at this time of the wall clock and for the server of this name. A
    /// JSON Web Token is verified here, which takes its time: a host hands it over once, not with
    /// each message, so that one that comes as [`Source::Member`] is unknown.
    ///
    /// # Errors
    /// Why it is not taken. Where credentials are not demanded, every one is unknown.
    pub fn admit(
        &self,
        presented: &[u8],
        source: Source,
        wall_ms: u64,
        server: &str,
    ) -> Result<Arc<Identity>, Denied> {
        if !self.sources.contains(&source) {
            return Err(Denied::Source);
        }
        let identity = match self.find(presented) {
            Some(identity) => Arc::clone(identity),
            None => self.verify(presented, source)?,
        };
        identity.check(wall_ms, server)?;
        Ok(identity)
    }

    /// Whether this is one of the tokens, valid or not: a secret in any case.
    pub(crate) fn holds(&self, presented: &[u8]) -> bool {
        self.find(presented).is_some()
    }

    /// Whose token this is. Every live token is compared, and neither the length nor the place of
    /// the first difference shows in the time: digests are compared, at a cost of their own that
    /// [`digest`] explains, and a match changes a number, not the way through the table.
    fn find(&self, presented: &[u8]) -> Option<&Arc<Identity>> {
        let presented = digest::of_token(presented)?;
        let (mut found, mut place) = (Choice::from(0), 0);
        for (at, live) in self.digests.iter().enumerate() {
            let same = live.ct_eq(&presented);
            place.conditional_assign(&(at as u32), same);
            found |= same;
        }
        bool::from(found).then(|| &self.identities[place as usize])
    }

    #[cfg(feature = "jwt")]
    fn verify(&self, presented: &[u8], source: Source) -> Result<Arc<Identity>, Denied> {
        let may_be = source != Source::Member && Issuer::may_read(presented);
        let Some(issuer) = self.issuer.as_ref().filter(|_| may_be) else {
            return Err(Denied::Unknown);
        };
        issuer.verify(presented).map(Arc::new)
    }

    #[cfg(not(feature = "jwt"))]
    fn verify(&self, _: &[u8], _: Source) -> Result<Arc<Identity>, Denied> {
        Err(Denied::Unknown)
    }
}

impl fmt::Debug for Principals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Principals({})", self.digests.len())
    }
}

/// All are compared with each message.
const TOKENS_MAX: usize = 1_024;
/// Issuers name machines by paths of some 100 characters.
const NAME_CHARS_MAX: usize = 256;

fn setting(key: &str, what: &str) -> ConfigError {
    ConfigError::Setting(key.to_owned(), what.to_owned())
}

fn digest_of(at: usize, config: &TokenConfig) -> Result<[u8; 32], ConfigError> {
    let digest = match (&config.token, &config.sha256) {
        (Some(token), None) => digest::of_token(token.as_bytes()).ok_or_else(|| {
            let what = format!("has more than {TOKEN_BYTES_MAX} bytes: make a shorter one");
            ConfigError::Setting(format!("auth.tokens[{at}].token"), what)
        })?,
        (None, Some(hex)) => parse_digest(hex).ok_or(ConfigError::BadDigest)?,
        (None, None) => return Err(ConfigError::EmptyToken),
        (Some(_), Some(_)) => return Err(ConfigError::BadDigest),
    };
    // Whether it was given in clear or not: an empty token would let everybody in.
    if Some(digest) == digest::of_token(b"") { Err(ConfigError::EmptyToken) } else { Ok(digest) }
}

fn parse_digest(hex: &str) -> Option<[u8; 32]> {
    let mut digest = [0; 32];
    if hex.len() != 64 || !hex.is_ascii() {
        return None;
    }
    for (byte, digits) in digest.iter_mut().zip(hex.as_bytes().chunks(2)) {
        let digit = |at: usize| (digits[at] as char).to_digit(16);
        *byte = (digit(0)? << 4 | digit(1)?) as u8;
    }
    Some(digest)
}

fn identity(at: usize, config: &TokenConfig) -> Result<Arc<Identity>, ConfigError> {
    let fault = |key: &str, what: &str| {
        Err(ConfigError::Setting(format!("auth.tokens[{at}].{key}"), what.to_owned()))
    };
    let TokenConfig { name, not_before_ms, expires_ms, scopes, roles, servers, .. } = config;
    if !is_name(name) && !name.is_empty() {
        return fault("name", "is no name: it has 1 to 256 characters, none a control character");
    }
    if is_reserved(name) {
        return fault("name", "stands for those without a token: choose another name");
    }
    if not_before_ms.zip(*expires_ms).is_some_and(|(from, end)| from >= end) {
        return fault("expires_ms", "is not after not_before_ms: the token is never valid");
    }
    for (key, words) in [("scopes", scopes), ("roles", roles)] {
        if words.iter().any(String::is_empty) {
            return fault(key, "has an empty text: remove it");
        }
    }
    let name = if name.is_empty() { format!("token-{}", at + 1) } else { name.clone() };
    let patterns = GlobSet::parse(servers, &format!("auth.tokens[{at}].servers"))?;
    Ok(Arc::new(Identity {
        subject: Identity::subject_of(&name),
        name,
        kind: IdentityKind::Token,
        roles: roles.clone(),
        scopes: scopes.clone(),
        servers: (!patterns.is_empty()).then_some(patterns),
        not_before_ms: *not_before_ms,
        expires_ms: *expires_ms,
    }))
}

/// Whether this can be the name of a principal.
pub(super) fn is_name(name: &str) -> bool {
    (1..=NAME_CHARS_MAX).contains(&name.chars().count()) && !name.chars().any(char::is_control)
}

/// Whether this is the name of those who show no credential.
pub(super) fn is_reserved(name: &str) -> bool {
    [IdentityKind::Anonymous, IdentityKind::Loopback].iter().any(|kind| kind.name() == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(token: &str) -> TokenConfig {
        TokenConfig { token: Some(token.to_owned().into()), ..TokenConfig::default() }
    }

    fn principals(tokens: Vec<TokenConfig>) -> Result<Principals, ConfigError> {
        Principals::compile(&AuthConfig { tokens, ..AuthConfig::default() })
    }

    /// The key of a fault of the configuration.
    fn fault(tokens: Vec<TokenConfig>) -> String {
        match principals(tokens).expect_err("a fault") {
            ConfigError::Setting(key, _) => key,
            error => format!("{error:?}"),
        }
    }

    fn admit(principals: &Principals, presented: &[u8]) -> Result<String, Denied> {
        let identity = principals.admit(presented, Source::Member, 0, "")?;
        Ok(identity.name().to_owned())
    }

    #[test]
    fn several_tokens_live_at_once_in_clear_and_as_digest() {
        let digest = TokenConfig {
            name: "b".into(),
            // SHA-256 of "abc", FIPS 180-2 appendix B.1.
            sha256: Some("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad".into()),
            ..TokenConfig::default()
        };
        let old = TokenConfig { name: "a".into(), ..token("old") };
        let new = TokenConfig { name: "a".into(), ..token("new") };
        let principals = principals(vec![old, digest, new]).expect("three tokens");
        for (text, name) in [("old", "a"), ("abc", "b"), ("new", "a")] {
            assert_eq!(admit(&principals, text.as_bytes()).as_deref(), Ok(name), "{text:?}");
        }
        assert!(principals.are_required() && principals.holds(b"abc") && !principals.holds(b"ab"));
        assert_eq!(format!("{principals:?}"), "Principals(3)");
    }

    #[test]
    fn what_is_nearly_a_token_is_none() {
        let long = "x".repeat(300);
        let longest = "y".repeat(TOKEN_BYTES_MAX);
        let tokens = ["caf\u{e9}", &long, &longest, "a b"].map(token);
        let principals = principals(tokens.to_vec()).expect("tokens");
        for text in ["caf\u{e9}", &long, &longest, "a b"] {
            assert!(admit(&principals, text.as_bytes()).is_ok(), "{text}");
        }
        for text in [
            "",
            "cafe\u{301}",
            "caf",
            "caf\u{e9} ",
            " caf\u{e9}",
            "caf\u{e9}\n",
            "caf\u{e9}\0",
            "Caf\u{e9}",
            "a  b",
            &long[1..],
            &format!("{long}x"),
            &format!("{longest}y"),
            &"x".repeat(256),
        ] {
            assert_eq!(admit(&principals, text.as_bytes()), Err(Denied::Unknown), "{text:?}");
        }
        assert_eq!(admit(&principals, b"caf\xe9"), Err(Denied::Unknown), "Latin-1");
    }

    #[test]
    fn a_token_without_content_is_a_fault_and_no_open_door() {
        // SHA-256 of nothing, FIPS 180-2.
        let nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        let nothing = TokenConfig { sha256: Some(nothing.into()), ..TokenConfig::default() };
        for config in [token(""), TokenConfig::default(), nothing] {
            assert_eq!(principals(vec![config]).err(), Some(ConfigError::EmptyToken));
        }
        let digest = |sha256: &str| TokenConfig { sha256: Some(sha256.into()), ..token("a") };
        let short = TokenConfig { token: None, ..digest("ab") };
        assert_eq!(principals(vec![short]).err(), Some(ConfigError::BadDigest));
        assert_eq!(principals(vec![digest(&"0".repeat(64))]).err(), Some(ConfigError::BadDigest));
    }

    #[test]
    fn a_fault_of_a_token_is_told_by_its_key() {
        let named = |name: &str| TokenConfig { name: name.into(), ..token("a") };
        assert_eq!(fault(vec![token("a"), token("b"), token("a")]), "auth.tokens[2]");
        assert_eq!(fault(vec![token(&"a".repeat(1_025))]), "auth.tokens[0].token");
        assert_eq!(fault(vec![named(&"n".repeat(257))]), "auth.tokens[0].name");
        assert!(principals(vec![named(&"n".repeat(256))]).is_ok());
        for name in ["a\nb", "anonymous", "loopback"] {
            assert_eq!(fault(vec![named(name)]), "auth.tokens[0].name");
        }
        let window = |from, end| TokenConfig {
            not_before_ms: Some(from),
            expires_ms: Some(end),
            ..token("a")
        };
        assert_eq!(fault(vec![window(5, 5)]), "auth.tokens[0].expires_ms");
        assert!(principals(vec![window(5, 6)]).is_ok());
        let servers = TokenConfig { servers: vec!["a".into(), "".into()], ..token("a") };
        assert_eq!(fault(vec![servers]), "auth.tokens[0].servers[1]");
        let roles = TokenConfig { roles: vec!["".into()], ..token("a") };
        assert_eq!(fault(vec![roles]), "auth.tokens[0].roles");
        let numbered = |count: usize| (0..count).map(|at| token(&at.to_string())).collect();
        assert_eq!(fault(numbered(1_025)), "auth.tokens");
        assert!(principals(numbered(1_024)).is_ok());
    }

    #[test]
    fn what_a_token_is_for_is_asked_after_whose_it_is() {
        let config = TokenConfig {
            not_before_ms: Some(100),
            expires_ms: Some(200),
            servers: vec!["mail*".into()],
            roles: vec!["ops".into()],
            ..token("a")
        };
        let principals = principals(vec![token("b"), config]).expect("two tokens");
        for (source, now, server, denied) in [
            (Source::Bearer, 99, "mail", Some(Denied::NotYetValid)),
            (Source::Bearer, 200, "mail", Some(Denied::Expired)),
            (Source::Bearer, 150, "files", Some(Denied::Server)),
            (Source::Query, 150, "mail", Some(Denied::Source)),
            (Source::Bearer, 150, "mail-2", None),
        ] {
            let found = principals.admit(b"a", source, now, server);
            assert_eq!(found.as_ref().err().copied(), denied);
            if let Ok(identity) = found {
                assert!(identity.name() == "token-2" && identity.has_role("ops"));
            }
        }
        assert!(principals.admit(b"b", Source::Header, 0, "files").is_ok());
    }

    #[test]
    fn each_way_is_taken_if_it_is_named_and_one_has_to_be() {
        for taken in Source::ALL {
            let config = AuthConfig {
                tokens: vec![token("a")],
                sources: vec![taken],
                ..AuthConfig::default()
            };
            let principals = Principals::compile(&config).expect("one token");
            for source in Source::ALL {
                let found = principals.admit(b"a", source, 0, "").map(|_| ());
                let wanted = if source == taken { Ok(()) } else { Err(Denied::Source) };
                assert_eq!(found, wanted, "{source:?}");
            }
        }
        let none = AuthConfig { sources: Vec::new(), ..AuthConfig::default() };
        assert!(Principals::compile(&none).is_ok(), "nothing has to come");
        let none = AuthConfig { tokens: vec![token("a")], ..none };
        assert!(Principals::compile(&none).is_err());
    }

    #[test]
    fn nobody_in_particular_is_known_by_what_is_configured() {
        let open = Principals::compile(&AuthConfig::default()).expect("no token");
        assert!(!open.are_required() && open.loopback().is_none());
        assert_eq!(open.anonymous().kind(), IdentityKind::Anonymous);
        assert_eq!(admit(&open, b"a"), Err(Denied::Unknown));
        let config =
            AuthConfig { tokens: vec![token("a")], loopback: true, ..AuthConfig::default() };
        let local = Principals::compile(&config).expect("one token");
        let loopback = local.loopback().expect("it is on");
        assert_eq!((loopback.name(), loopback.kind()), ("loopback", IdentityKind::Loopback));
    }

    #[cfg(not(feature = "jwt"))]
    #[test]
    fn a_build_that_cannot_verify_says_so() {
        let config = AuthConfig { jwt: Some(Default::default()), ..AuthConfig::default() };
        let error = Principals::compile(&config).expect_err("no JWT").to_string();
        assert!(error.contains("auth.jwt") && error.contains("feature `jwt`"), "{error}");
    }

    #[test]
    fn every_denial_has_a_word_of_its_own() {
        let mut words = Denied::ALL.map(Denied::name).to_vec();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), Denied::ALL.len());
    }
}
