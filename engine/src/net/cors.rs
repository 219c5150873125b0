//! What pages of other origins may do with the server: the answer to a preflight, and the headers of
//! every other answer (Fetch standard, section 3.3).
//!
//! Only a decision: nothing is read from or written to a connection. A request that is no preflight
//! goes on to the server whatever is decided here; refusing its origin is for
//! [`OriginGuard`](super::OriginGuard).
//!
//! Invariant: `Access-Control-Allow-Credentials` never stands beside a `*`, and an origin that is
//! not allowed is never named.

use super::config::CorsConfig;
use super::denied::Denied;
use super::origin::OriginList;
use super::url::each;
use crate::base::error::ConfigError;

/// The compiled form of [`CorsConfig`].
#[derive(Clone, Debug, Default)]
pub struct CorsGuard {
    origins: OriginList,
    methods: Vec<String>,
    /// In lower case.
    headers: Vec<String>,
    exposed: String,
    config: CorsConfig,
}

/// What of a request decides. Each is the value of a header of its name, if there is one.
#[derive(Clone, Copy, Debug, Default)]
pub struct CorsRequest<'a> {
    /// The method of the request.
    pub method: &'a str,
    /// `Origin`.
    pub origin: Option<&'a str>,
    /// `Access-Control-Request-Method`. With `OPTIONS` and an origin it makes a preflight.
    pub request_method: Option<&'a str>,
    /// `Access-Control-Request-Headers`; several joined with commas.
    pub request_headers: Option<&'a str>,
    /// Whether `Access-Control-Request-Private-Network` is `true`.
    pub private_network: bool,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CorsAnswer {
    /// The status of the whole answer, which has no body: 204 or 403, for a preflight. `None`: the
    /// request goes on, and the headers are added to its answer.
    pub status: Option<u16>,
    /// Headers to set, by name and value.
    pub headers: Vec<(&'static str, String)>,
    /// What `Vary` has to name too, so that a cache keeps the answers apart; empty: nothing.
    pub vary: &'static str,
    /// Why a page will not get at the answer. For the log; the page is told nothing.
    pub denied: Option<Denied>,
}

impl CorsGuard {
    /// Compiles a configuration; a fault is named by its key below `network.cors`.
    ///
    /// # Errors
    ///
    /// An entry that is no origin, method or header name, or a `*` beside `allow_credentials`.
    pub fn compile(config: &CorsConfig) -> Result<Self, ConfigError> {
        let lists = [
            ("allowed_origins", &config.allowed_origins),
            ("allowed_methods", &config.allowed_methods),
            ("allowed_headers", &config.allowed_headers),
            ("exposed_headers", &config.exposed_headers),
        ];
        for (key, list) in lists {
            if let Some(at) = list.iter().position(|word| word == "*" && config.allow_credentials) {
                let why = "* cannot be combined with allow_credentials, or any page could act for the \
                           user: name each one";
                return Err(ConfigError::Setting(
                    format!("network.cors.{key}[{at}]"),
                    why.to_owned(),
                ));
            }
        }
        let token = |text: &str| match is_token(text) {
            true => Ok(text.to_owned()),
            false => Err("write a name of letters, digits and -"),
        };
        let headers = each(&config.allowed_headers, "network.cors.allowed_headers", token)?;
        let exposed = each(&config.exposed_headers, "network.cors.exposed_headers", token)?;
        Ok(Self {
            origins: OriginList::compile(&config.allowed_origins, "network.cors.allowed_origins")?,
            methods: each(&config.allowed_methods, "network.cors.allowed_methods", token)?,
            headers: headers.iter().map(|name| name.to_ascii_lowercase()).collect(),
            exposed: exposed.join(", "),
            config: config.clone(),
        })
    }

    /// Decides about a request.
    #[must_use]
    pub fn decide(&self, request: &CorsRequest<'_>) -> CorsAnswer {
        let asked = request.request_method.filter(|_| request.method == "OPTIONS");
        let mut answer =
            CorsAnswer { status: None, headers: Vec::new(), vary: self.vary(), denied: None };
        if !self.config.enabled {
            return answer;
        }
        let Some(origin) = request.origin else { return answer };
        let known = self.origins.has(origin);
        let Some(method) = asked else {
            match known {
                true => self.share(origin, &mut answer),
                false => answer.denied = Some(Denied::new("cors-origin")),
            }
            return answer;
        };
        answer.vary = PREFLIGHT_VARY;
        answer.denied = self.refuses(known, method, request).map(Denied::new);
        answer.status = Some(if answer.denied.is_some() { 403 } else { 204 });
        if answer.denied.is_none() {
            self.share(origin, &mut answer);
            self.permit(request, &mut answer);
        }
        answer
    }

    /// The check that refuses a preflight.
    fn refuses(
        &self,
        known: bool,
        method: &str,
        request: &CorsRequest<'_>,
    ) -> Option<&'static str> {
        let any = |list: &[String]| list.iter().any(|word| word == "*");
        let simple = SIMPLE_METHODS.contains(&method);
        let has_method = simple || any(&self.methods) || self.methods.iter().any(|m| m == method);
        let has_header = |name: &str| {
            let name = name.trim_matches([' ', '\t']).to_ascii_lowercase();
            // A * is no permission to send credentials.
            let starred = any(&self.headers) && name != "authorization" && is_token(&name);
            starred || self.headers.contains(&name)
        };
        let mut names = request.request_headers.unwrap_or_default().split(',');
        let plain = request.request_headers.is_none_or(|text| text.trim().is_empty());
        match () {
            () if !known => Some("cors-origin"),
            () if !has_method => Some("cors-method"),
            () if !plain && !names.all(has_header) => Some("cors-header"),
            () if request.private_network && !self.config.allow_private_network => {
                Some("cors-private-network")
            }
            () => None,
        }
    }

    /// What every answer to a page of an allowed origin says.
    fn share(&self, origin: &str, answer: &mut CorsAnswer) {
        let named = if self.origins.any && origin != "null" { "*" } else { origin };
        answer.headers.push(("Access-Control-Allow-Origin", named.to_owned()));
        if self.config.allow_credentials {
            answer.headers.push(("Access-Control-Allow-Credentials", "true".to_owned()));
        }
        if answer.status.is_none() && !self.exposed.is_empty() {
            answer.headers.push(("Access-Control-Expose-Headers", self.exposed.clone()));
        }
    }

    /// What the answer to a preflight says besides.
    fn permit(&self, request: &CorsRequest<'_>, answer: &mut CorsAnswer) {
        if !self.methods.is_empty() {
            answer.headers.push(("Access-Control-Allow-Methods", self.methods.join(", ")));
        }
        if !self.headers.is_empty() {
            let names = self.config.allowed_headers.join(", ");
            answer.headers.push(("Access-Control-Allow-Headers", names));
        }
        if request.private_network {
            answer.headers.push(("Access-Control-Allow-Private-Network", "true".to_owned()));
        }
        answer.headers.push(("Access-Control-Max-Age", self.config.max_age.to_string()));
    }

    /// An answer that differs by origin, or by whether there is one, must not be kept for another.
    fn vary(&self) -> &'static str {
        if self.config.enabled { "Origin" } else { "" }
    }
}

/// A method or the name of a header (RFC 9110, section 5.6.2).
fn is_token(text: &str) -> bool {
    let is_mark = |b: u8| b"!#$%&'*+-.^_`|~".contains(&b);
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || is_mark(b))
}

/// Methods that a page may use without leave.
const SIMPLE_METHODS: [&str; 3] = ["GET", "HEAD", "POST"];

const PREFLIGHT_VARY: &str = "Origin, Access-Control-Request-Method, \
     Access-Control-Request-Headers, Access-Control-Request-Private-Network";

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        text.split(',').filter(|word| !word.is_empty()).map(str::to_owned).collect()
    }

    fn config(origins: &str) -> CorsConfig {
        CorsConfig { enabled: true, allowed_origins: words(origins), ..CorsConfig::default() }
    }

    fn decide(config: &CorsConfig, request: CorsRequest<'_>) -> CorsAnswer {
        CorsGuard::compile(config).expect("a configuration").decide(&request)
    }

    fn preflight<'a>(
        origin: &'a str,
        method: &'a str,
        headers: Option<&'a str>,
    ) -> CorsRequest<'a> {
        CorsRequest {
            method: "OPTIONS",
            origin: Some(origin),
            request_method: Some(method),
            request_headers: headers,
            private_network: false,
        }
    }

    fn header(answer: &CorsAnswer, name: &str) -> Option<String> {
        let found = answer.headers.iter().find(|(found, _)| *found == name);
        found.map(|(_, value)| value.clone())
    }

    const APP: &str = "https://app.example.com";

    #[test]
    fn a_preflight_of_an_allowed_origin_is_permitted() {
        let seed = CorsConfig {
            allowed_methods: words("GET,POST,PUT,DELETE,OPTIONS"),
            allowed_headers: words("Content-Type,Authorization,X-Requested-With"),
            exposed_headers: words("X-Total-Count,X-Rate-Limit-Remaining"),
            allow_credentials: true,
            max_age: 86_400,
            ..config("https://app.example.com,https://admin.example.com")
        };
        let answer = decide(&seed, preflight(APP, "PUT", Some("content-type, X-REQUESTED-WITH")));
        assert_eq!((answer.status, answer.denied), (Some(204), None));
        for (name, value) in [
            ("Access-Control-Allow-Origin", APP),
            ("Access-Control-Allow-Credentials", "true"),
            ("Access-Control-Allow-Methods", "GET, POST, PUT, DELETE, OPTIONS"),
            ("Access-Control-Allow-Headers", "Content-Type, Authorization, X-Requested-With"),
            ("Access-Control-Max-Age", "86400"),
        ] {
            assert_eq!(header(&answer, name).as_deref(), Some(value), "{name}");
        }
        assert_eq!(header(&answer, "Access-Control-Expose-Headers"), None);
        assert!(answer.vary.starts_with("Origin, "));
        let answer = decide(
            &seed,
            CorsRequest { method: "POST", origin: Some(APP), ..CorsRequest::default() },
        );
        assert_eq!((answer.status, answer.denied), (None, None));
        assert_eq!(header(&answer, "Access-Control-Allow-Origin").as_deref(), Some(APP));
        assert_eq!(
            header(&answer, "Access-Control-Expose-Headers").as_deref(),
            Some("X-Total-Count, X-Rate-Limit-Remaining")
        );
        assert_eq!(answer.vary, "Origin");
    }

    #[test]
    fn a_preflight_is_refused_by_one_check() {
        let base = config("https://app.example.com,https://*.example.org");
        let any_method = CorsConfig { allowed_methods: words("*"), ..base.clone() };
        let any_header = CorsConfig { allowed_headers: words("*"), ..base.clone() };
        let private = CorsConfig { allow_private_network: true, ..base.clone() };
        let inner = CorsRequest { private_network: true, ..preflight(APP, "POST", None) };
        for (rule, open, request) in [
            ("cors-origin", config("*"), preflight("https://evil.example", "POST", None)),
            ("cors-origin", config("*"), preflight("https://evilexample.org", "POST", None)),
            ("cors-origin", config("null"), preflight("null", "POST", None)),
            ("cors-method", any_method.clone(), preflight(APP, "PUT", None)),
            ("cors-method", any_method, preflight(APP, "delete", None)),
            ("cors-header", any_header.clone(), preflight(APP, "POST", Some("x-evil"))),
            ("cors-header", any_header, preflight(APP, "POST", Some("accept,x-evil"))),
            ("cors-private-network", private, inner),
        ] {
            let answer = decide(&base, request);
            assert_eq!(answer.denied.map(|denied| denied.rule), Some(rule), "{request:?}");
            assert_eq!((answer.status, answer.headers.len()), (Some(403), 0), "{request:?}");
            let answer = decide(&open, request);
            assert_eq!((answer.status, answer.denied), (Some(204), None), "{request:?}");
        }
    }

    #[test]
    fn a_star_is_never_sent_beside_credentials() {
        for (key, open) in [
            ("network.cors.allowed_origins[1]", config("https://a.example,*")),
            (
                "network.cors.allowed_methods[0]",
                CorsConfig { allowed_methods: words("*"), ..config("") },
            ),
            (
                "network.cors.allowed_headers[0]",
                CorsConfig { allowed_headers: words("*"), ..config("") },
            ),
            (
                "network.cors.exposed_headers[0]",
                CorsConfig { exposed_headers: words("*"), ..config("") },
            ),
        ] {
            assert!(CorsGuard::compile(&open).is_ok());
            let with = CorsConfig { allow_credentials: true, ..open };
            let Err(ConfigError::Setting(found, _)) = CorsGuard::compile(&with) else {
                panic!("{key}");
            };
            assert_eq!(found, key);
        }
        let answer = decide(&config("*"), preflight(APP, "POST", None));
        assert_eq!(header(&answer, "Access-Control-Allow-Origin").as_deref(), Some("*"));
        assert_eq!(header(&answer, "Access-Control-Allow-Credentials"), None);
        let starred = CorsConfig { allowed_headers: words("*"), ..config("*") };
        let answer = decide(&starred, preflight(APP, "POST", Some("authorization")));
        assert_eq!(answer.denied.map(|denied| denied.rule), Some("cors-header"));
    }

    #[test]
    fn what_is_no_cross_origin_request_is_left_alone() {
        let off = CorsConfig { enabled: false, ..config(APP) };
        let answer = decide(&off, preflight(APP, "POST", None));
        assert_eq!((answer.status, answer.headers.len(), answer.vary), (None, 0, ""));
        let none = CorsRequest { method: "POST", ..CorsRequest::default() };
        let answer = decide(&config(APP), none);
        assert_eq!((answer.status, answer.headers.len(), answer.vary), (None, 0, "Origin"));
        // OPTIONS without a method that is asked for is a request like others.
        let plain = CorsRequest { method: "OPTIONS", origin: Some(APP), ..CorsRequest::default() };
        assert_eq!(decide(&config(APP), plain).status, None);
        let foreign = CorsRequest { origin: Some("https://evil.example"), ..none };
        let answer = decide(&config(APP), foreign);
        assert_eq!(answer.denied.map(|denied| denied.rule), Some("cors-origin"));
        assert_eq!((answer.status, answer.headers.len(), answer.vary), (None, 0, "Origin"));
    }

    #[test]
    fn a_name_cannot_carry_a_line_break() {
        for bad in ["", "a b", "a\r\nX: y", "ä", "a:b"] {
            for (key, config) in [
                ("methods", CorsConfig { allowed_methods: vec![bad.to_owned()], ..config("") }),
                ("headers", CorsConfig { allowed_headers: vec![bad.to_owned()], ..config("") }),
            ] {
                let Err(ConfigError::Setting(found, _)) = CorsGuard::compile(&config) else {
                    panic!("{bad:?}");
                };
                assert_eq!(found, format!("network.cors.allowed_{key}[0]"));
            }
        }
    }
}
