//! `compat`: variables of other proxies, which take effect for whoever asks for that, and then are
//! passed on to nobody.
//!
//! They go before what the file says. No fault holds anything of a value.

use portcullis_engine::TokenConfig;
use portcullis_engine::quota::{Every, Per, RateRule};

use super::Schema;
use super::host::LEVELS;
use crate::config::fault::Place;
use crate::config::settings::Alias;
use crate::config::tree::Node;
use crate::config::walk::join;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Proxy {
    FastApi,
    DinCoder,
    Gateway,
}

const PROXIES: &[(&str, Proxy)] = &[
    ("fastapi-proxy", Proxy::FastApi),
    ("dincoder", Proxy::DinCoder),
    ("mcp-gateway", Proxy::Gateway),
];

impl Proxy {
    const fn variables(self) -> &'static [&'static str] {
        match self {
            Proxy::FastApi => &["PROXY_TOKEN"],
            Proxy::DinCoder => &[
                "ENABLE_AUTH",
                "API_KEY",
                "ALLOWED_ORIGINS",
                "RATE_LIMIT_ENABLED",
                "RATE_LIMIT_WINDOW",
                "RATE_LIMIT_MAX",
                "LOG_LEVEL",
            ],
            Proxy::Gateway => &["MCP_GATEWAY_TOKEN"],
        }
    }
}

/// Where an item of `compat` stands.
struct Item<'p> {
    place: Place,
    path: &'p str,
}

/// The documented window of DinCoder's limit, in milliseconds, and how many it lets pass.
const WINDOW_MS: u64 = 60_000;
const REQUESTS_MAX: u64 = 100;

impl Schema<'_> {
    pub(super) fn compat(&mut self, node: Node, path: &str) {
        let mut seen = Vec::new();
        for (index, item) in self.walk.items(node, path).into_iter().enumerate() {
            let (place, path) = (item.place, format!("{path}[{index}]"));
            self.walk.keys.push((path.clone(), place));
            let Some(proxy) = self.walk.choice(item, &path, "proxy", PROXIES) else { continue };
            if seen.contains(&proxy) {
                self.walk.fault(place, &path, "stands here twice", "remove one of them");
                continue;
            }
            seen.push(proxy);
            self.settings.taken.extend(proxy.variables());
            let item = Item { place, path: &path };
            match proxy {
                Proxy::FastApi => self.required_token("PROXY_TOKEN", &item),
                Proxy::Gateway => self.required_token("MCP_GATEWAY_TOKEN", &item),
                Proxy::DinCoder => self.dincoder(&item),
            }
        }
    }

    /// A token that the other proxy cannot do without, or makes up by itself.
    fn required_token(&mut self, name: &'static str, item: &Item<'_>) {
        match self.variable_text(name, item) {
            Some(token) => self.variable_token(name, token, item),
            None => self.unset(name, item, "the variable is not set, so everybody could send"),
        }
    }

    fn dincoder(&mut self, item: &Item<'_>) {
        let auth = self.variable_switch("ENABLE_AUTH", item);
        let key = self.variable_text("API_KEY", item);
        match (auth, key) {
            (true, Some(key)) => self.variable_token("API_KEY", key, item),
            (true, None) => {
                self.unset("API_KEY", item, "ENABLE_AUTH is true, and this variable is not set");
            }
            (false, Some(_)) => self.without_effect("API_KEY", "ENABLE_AUTH", item),
            (false, None) => {}
        }
        if let Some(text) = self.variable_text("ALLOWED_ORIGINS", item) {
            self.allowed_origins(&text, item);
        }
        let limits = self.variable_switch("RATE_LIMIT_ENABLED", item);
        let window = self.variable_number("RATE_LIMIT_WINDOW", item);
        let count = self.variable_number("RATE_LIMIT_MAX", item);
        if limits {
            let (window, count) = (window.unwrap_or(WINDOW_MS), count.unwrap_or(REQUESTS_MAX));
            self.window(window, count, item);
        } else {
            for (name, value) in [("RATE_LIMIT_WINDOW", window), ("RATE_LIMIT_MAX", count)] {
                if value.is_some() {
                    self.without_effect(name, "RATE_LIMIT_ENABLED", item);
                }
            }
        }
        if let Some(text) = self.variable_text("LOG_LEVEL", item) {
            match LEVELS.iter().find(|(word, _)| *word == text) {
                Some((_, level)) => self.settings.log.level = Some(*level),
                None => {
                    let remedy = "it is debug, info, warn or error";
                    self.odd("LOG_LEVEL", item, "the variable holds no level", remedy);
                }
            }
        }
    }

    fn allowed_origins(&mut self, text: &str, item: &Item<'_>) {
        let origins: Vec<String> = text.split(',').map(|part| part.trim().to_owned()).collect();
        let network = &mut self.settings.policy.network;
        network.origins.origins.clone_from(&origins);
        network.cors.enabled = true;
        network.cors.allowed_origins = origins;
        for engine in ["network.origins.origins", "cors.allowed_origins"] {
            // What the file says of origins is not in force, so no fault is about it.
            self.settings.aliases.retain(|alias| !alias.engine.starts_with(engine));
            let file = join(item.path, "ALLOWED_ORIGINS");
            self.settings.aliases.push(Alias { engine: engine.to_owned(), file });
        }
    }

    /// A bucket of `count` that is full again after `window_ms`: in the engine's words so many in a
    /// second, minute, hour or day, which has to be a whole number.
    fn window(&mut self, window_ms: u64, count: u64, item: &Item<'_>) {
        let Ok(burst) = u32::try_from(count) else {
            let remedy = "take at most 4294967295";
            return self.odd("RATE_LIMIT_MAX", item, "the number is too large", remedy);
        };
        let whole = |every: &Every| {
            let parts = u128::from(count) * u128::from(every.ms());
            let is_whole = parts % u128::from(window_ms) == 0;
            let count = u32::try_from(parts / u128::from(window_ms)).ok()?;
            is_whole.then_some((*every, count))
        };
        let times = [Every::Second, Every::Minute, Every::Hour, Every::Day];
        let Some((every, count)) = times.iter().find_map(whole) else {
            let what = "with RATE_LIMIT_MAX this is no whole number in a second, minute, hour or \
                        day";
            let remedy = "take a window of 1000, 60000, 3600000 or 86400000";
            return self.odd("RATE_LIMIT_WINDOW", item, what, remedy);
        };
        let rates = &mut self.settings.policy.quotas.rates;
        let engine = format!("quotas.rates[{}]", rates.len());
        let name = "RATE_LIMIT_MAX".to_owned();
        // Each address; a client without one counts as its session.
        let per = Per::Address;
        rates.push(RateRule { name, per, count, every, burst, ..RateRule::default() });
        let file = join(item.path, "RATE_LIMIT_MAX");
        self.settings.aliases.push(Alias { engine, file });
    }

    fn variable_token(&mut self, name: &'static str, token: String, item: &Item<'_>) {
        if token.is_empty() {
            return;
        }
        let key = join(item.path, name);
        self.judge_clear(&token, item.place, &key);
        let config = TokenConfig {
            name: name.to_owned(),
            token: Some(token.into()),
            ..TokenConfig::default()
        };
        self.hold(config, &key);
    }

    /// What a variable holds, if it is set; empty is a fault.
    fn variable_text(&mut self, name: &'static str, item: &Item<'_>) -> Option<String> {
        let text = (self.walk.environment)(name)?;
        if text.is_empty() {
            self.odd(name, item, "the variable is empty", "give it a value, or unset it");
        }
        Some(text)
    }

    fn variable_switch(&mut self, name: &'static str, item: &Item<'_>) -> bool {
        let Some(text) = self.variable_text(name, item).filter(|text| !text.is_empty()) else {
            return false;
        };
        if text != "true" && text != "false" {
            self.odd(name, item, "the variable is neither true nor false", "export one of them");
        }
        text == "true"
    }

    /// A number from one on.
    fn variable_number(&mut self, name: &'static str, item: &Item<'_>) -> Option<u64> {
        let text = self.variable_text(name, item).filter(|text| !text.is_empty())?;
        let number = text.parse().ok().filter(|number| *number > 0);
        if number.is_none() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            self.odd(name, item, "the variable is no whole number from 1 on", "mend it");
        }
        number
    }

    fn unset(&mut self, name: &'static str, item: &Item<'_>, what: &str) {
        let remedy = format!("export {name}; `portcullis token new` makes one");
        self.odd(name, item, what, &remedy);
    }

    fn odd(&mut self, name: &'static str, item: &Item<'_>, what: &str, remedy: &str) {
        self.walk.fault(item.place, &join(item.path, name), what, remedy);
    }

    fn without_effect(&mut self, name: &'static str, switch: &str, item: &Item<'_>) {
        let what = format!("the variable has no effect while {switch} is not true");
        self.walk.warn(item.place, &join(item.path, name), what, "unset it, or mend the other");
    }
}
