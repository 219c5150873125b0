//! Rules for secrets whose provider is told by a word before them, not by the secret.
//!
//! A row's words are how the provider is spelled at the beginning of a word of the name; short ones
//! have to be whole words.

use super::{ALNUM, DIGIT, HEX, TOKEN, UPNUM, shape};
use crate::redact::class::Class;
use crate::redact::rule::Severity::{Critical, High, Low, Medium};
use crate::redact::rule::{Form, Keyed, Rule, Severity, Shape};
use Form::{Run, Uuid};

const LOWNUM: Class = Class::LOWER.or(DIGIT);

#[rustfmt::skip]
pub(super) const RULES: &[Rule] = &[
    // Source hosting and packages.
    keyed("bitbucket-secret", "Bitbucket", High, &["bitbucket"], &[Run(TOKEN, 32, 32), Run(TOKEN, 64, 64)]),
    keyed("gitea-token", "Gitea", High, &["gitea", "forgejo", "codeberg"], &[Run(HEX, 40, 40)]),
    keyed("travis-token", "Travis CI", High, &["travis"], &[Run(TOKEN, 22, 22)]).unproven(),
    keyed("circleci-named-token", "CircleCI", High, &["circleci", "circle"], &[Run(HEX, 40, 40)]),
    keyed("codecov-token", "Codecov", Medium, &["codecov"], &[Uuid, Run(LOWNUM, 32, 32)]),
    keyed("coveralls-token", "Coveralls", Medium, &["coveralls"], &[Run(ALNUM, 32, 37)]),
    keyed("codacy-token", "Codacy", Medium, &["codacy"], &[Run(ALNUM, 20, 32)]),
    keyed("drone-token", "Drone CI", High, &["drone", "droneci"], &[Run(ALNUM, 32, 32)]),
    keyed("jenkins-named-token", "Jenkins", High, &["jenkins"], &[Run(HEX, 32, 34), Uuid]),
    keyed("sonar-legacy-token", "SonarQube", High, &["sonar"], &[Run(HEX, 40, 40)]),
    keyed("snyk-named-token", "Snyk", High, &["snyk"], &[Uuid]),
    keyed("npm-legacy-named-token", "npm", Critical, &["npm", "npmjs", "npmrc"], &[Uuid]),
    keyed("launchdarkly-legacy-key", "LaunchDarkly", High, &["launchdarkly"], &[Run(TOKEN, 40, 40)]),
    keyed("sauce-key", "Sauce Labs", High, &["sauce", "saucelabs"], &[Uuid]),
    keyed("browserstack-key", "BrowserStack", High, &["browserstack"], &[Run(ALNUM, 20, 20)]).unproven(),

    // Clouds and hosts.
    keyed("heroku-legacy-key", "Heroku", High, &["heroku"], &[Uuid]),
    keyed("cloudflare-named-token", "Cloudflare", Critical, &["cloudflare", "cf"], &[Run(TOKEN, 40, 40), Run(HEX, 37, 37)]),
    keyed("alibaba-secret", "Alibaba", Critical, &["alibaba", "aliyun", "oss"], &[Run(ALNUM, 30, 30)]),
    keyed("tencent-secret", "Tencent", Critical, &["tencent", "qcloud"], &[Run(ALNUM, 32, 32)]).unproven(),
    keyed("ibm-key", "IBM", High, &["ibm", "ibmcloud", "bluemix", "bx", "watson"], &[Run(TOKEN, 42, 44)]),
    keyed("scaleway-secret", "Scaleway", High, &["scaleway", "scw"], &[Uuid]).unproven(),
    keyed("linode-token", "Linode", High, &["linode", "akamai"], &[Run(HEX, 64, 64)]).unproven(),
    keyed("vultr-key", "Vultr", High, &["vultr"], &[Run(UPNUM, 36, 36)]).unproven(),
    keyed("hetzner-token", "Hetzner", High, &["hetzner", "hcloud"], &[Run(ALNUM, 64, 64)]).unproven(),
    keyed("azure-devops-legacy-token", "Azure", Critical, &["azure", "devops", "vsts", "ado"], &[Run(LOWNUM, 52, 52)]),
    keyed("azure-openai-legacy-key", "Azure", Critical, &["azure", "openai", "cognitive"], &[Run(HEX, 32, 32)]),
    keyed("vercel-named-token", "Vercel", High, &["vercel", "zeit"], &[Run(ALNUM, 24, 24)]),
    keyed("netlify-legacy-token", "Netlify", High, &["netlify"], &[Run(TOKEN, 40, 46)]).unproven(),
    keyed("fastly-token", "Fastly", High, &["fastly"], &[Run(TOKEN, 32, 32)]).unproven(),
    keyed("ngrok-token", "ngrok", High, &["ngrok"], &[Run(TOKEN, 43, 50)]).unproven(),
    keyed("yandex-key", "Yandex", High, &["yandex"], &[Run(TOKEN, 38, 40), Run(TOKEN, 56, 58)]),
    keyed("ovh-key", "OVH", High, &["ovh", "ovhcloud"], &[Run(ALNUM, 32, 32)]).unproven(),

    // Models and data platforms.
    keyed("mistral-key", "Mistral", High, &["mistral", "mistralai"], &[Run(ALNUM, 32, 32)]),
    keyed("cohere-key", "Cohere", High, &["cohere", "co"], &[Run(ALNUM, 40, 40)]),
    keyed("wandb-named-key", "Weights & Biases", High, &["wandb"], &[Run(HEX, 40, 40)]).unproven(),
    keyed("clarifai-key", "Clarifai", High, &["clarifai"], &[Run(HEX, 32, 32)]),
    keyed("assemblyai-key", "AssemblyAI", High, &["assemblyai", "assembly"], &[Run(HEX, 32, 32)]),
    keyed("deepgram-key", "Deepgram", High, &["deepgram"], &[Run(HEX, 40, 40)]).unproven(),
    keyed("elevenlabs-legacy-key", "ElevenLabs", High, &["elevenlabs", "xi"], &[Run(HEX, 32, 32)]).unproven(),
    keyed("pinecone-legacy-key", "Pinecone", High, &["pinecone"], &[Uuid]).unproven(),
    keyed("ai21-key", "AI21", High, &["ai21"], &[Uuid, Run(ALNUM, 32, 32)]),
    keyed("together-legacy-key", "Together AI", High, &["together"], &[Run(HEX, 64, 64)]).unproven(),
    keyed("voyage-named-key", "Voyage AI", High, &["voyage", "voyageai"], &[Run(TOKEN, 46, 46)]).unproven(),
    keyed("algolia-key", "Algolia", High, &["algolia"], &[Run(LOWNUM, 32, 32)]),
    keyed("mapbox-legacy-key", "Mapbox", High, &["mapbox"], &[Run(TOKEN, 60, 64)]).unproven(),
    keyed("infura-key", "Infura", High, &["infura"], &[Run(HEX, 32, 32)]),
    keyed("alchemy-key", "Alchemy", High, &["alchemy", "alchemyapi"], &[Run(TOKEN, 32, 32)]).unproven(),
    keyed("etherscan-key", "Etherscan", Medium, &["etherscan", "bscscan", "polygonscan"], &[Run(UPNUM, 34, 34)]).unproven(),
    keyed("confluent-key", "Confluent", High, &["confluent", "kafka"], &[Run(ALNUM, 64, 64)]),

    // Chat, mail, telephone.
    keyed("twilio-auth-token", "Twilio", Critical, &["twilio"], &[Run(HEX, 32, 32)]).unproven(),
    keyed("mailgun-signing-named-key", "Mailgun", High, &["mailgun"], &[Run(HEX, 32, 32)]).unproven(),
    keyed("mailchimp-legacy-key", "Mailchimp", High, &["mailchimp"], &[Run(HEX, 32, 32)]).unproven(),
    keyed("mandrill-named-key", "Mandrill", High, &["mandrill"], &[Run(TOKEN, 22, 22)]).unproven(),
    keyed("mailjet-key", "Mailjet", High, &["mailjet"], &[Run(HEX, 32, 32)]).unproven(),
    keyed("postmark-token", "Postmark", High, &["postmark", "postmarkapp"], &[Uuid]),
    keyed("sparkpost-key", "SparkPost", High, &["sparkpost"], &[Run(HEX, 40, 40)]).unproven(),
    keyed("intercom-token", "Intercom", High, &["intercom"], &[Run(TOKEN, 60, 60)]).unproven(),
    keyed("messagebird-key", "MessageBird", High, &["messagebird"], &[Run(LOWNUM, 25, 25)]),
    keyed("nexmo-secret", "Vonage", High, &["nexmo", "vonage"], &[Run(ALNUM, 16, 16)]).unproven(),
    keyed("plivo-token", "Plivo", High, &["plivo"], &[Run(TOKEN, 40, 40)]),
    keyed("discord-secret", "Discord", High, &["discord"], &[Run(HEX, 64, 64), Run(TOKEN, 32, 32)]),
    keyed("mattermost-token", "Mattermost", High, &["mattermost"], &[Run(LOWNUM, 26, 26)]).unproven(),
    keyed("zendesk-token", "Zendesk", High, &["zendesk"], &[Run(ALNUM, 40, 40)]).unproven(),
    keyed("freshdesk-key", "Freshworks", High, &["freshdesk", "freshservice"], &[Run(ALNUM, 20, 20)]),
    keyed("freshbooks-token", "FreshBooks", High, &["freshbooks"], &[Run(LOWNUM, 64, 64)]),
    keyed("twitch-token", "Twitch", High, &["twitch"], &[Run(LOWNUM, 30, 30)]),
    keyed("twitter-secret", "X", High, &["twitter"], &[Run(ALNUM, 25, 25), Run(ALNUM, 35, 50)]).unproven(),
    keyed("facebook-secret", "Facebook", High, &["facebook", "fb"], &[Run(HEX, 32, 32)]).unproven(),
    keyed("linkedin-secret", "LinkedIn", High, &["linkedin"], &[Run(ALNUM, 16, 16)]).unproven(),
    keyed("spotify-secret", "Spotify", High, &["spotify"], &[Run(HEX, 32, 32)]).unproven(),

    // Commerce.
    keyed("checkout-key", "Checkout.com", Critical, &["checkout"], &[Uuid]).unproven(),
    keyed("coinbase-token", "Coinbase", Critical, &["coinbase"], &[Run(TOKEN, 64, 64)]),
    keyed("kucoin-key", "KuCoin", Critical, &["kucoin"], &[Run(HEX, 24, 24), Uuid]),
    keyed("bittrex-key", "Bittrex", Critical, &["bittrex"], &[Run(LOWNUM, 32, 32)]),
    keyed("binance-key", "Binance", Critical, &["binance"], &[Run(ALNUM, 64, 64)]).unproven(),
    keyed("plaid-secret", "Plaid", High, &["plaid"], &[Run(LOWNUM, 24, 24), Run(LOWNUM, 30, 30)]),
    keyed("razorpay-secret", "Razorpay", High, &["razorpay"], &[Run(ALNUM, 24, 24)]).unproven(),
    keyed("etsy-token", "Etsy", High, &["etsy"], &[Run(LOWNUM, 24, 24)]),
    keyed("lob-named-key", "Lob", High, &["lob"], &[Run(TOKEN, 35, 41)]).unproven(),

    // Services and infrastructure.
    keyed("atlassian-legacy-token", "Atlassian", High, &["atlassian", "jira", "confluence"], &[Run(ALNUM, 24, 24)]),
    keyed("trello-secret", "Trello", High, &["trello"], &[Run(HEX, 64, 64), Run(HEX, 32, 32)]).unproven(),
    keyed("asana-secret", "Asana", High, &["asana"], &[Run(LOWNUM, 32, 32)]).unproven(),
    keyed("contentful-named-token", "Contentful", Medium, &["contentful"], &[Run(TOKEN, 43, 43), Run(TOKEN, 64, 64)]),
    keyed("dropbox-secret", "Dropbox", High, &["dropbox"], &[Run(LOWNUM, 15, 15), Run(TOKEN, 64, 64)]).unproven(),
    keyed("box-secret", "Box", High, &["box"], &[Run(ALNUM, 32, 32)]),
    keyed("datadog-key", "Datadog", High, &["datadog", "dd", "ddog"], &[Run(HEX, 32, 32), Run(HEX, 40, 40), Run(LOWNUM, 40, 40)]),
    keyed("newrelic-legacy-key", "New Relic", High, &["newrelic", "relic"], &[Run(HEX, 32, 40), Run(ALNUM, 64, 64)]).unproven(),
    keyed("sumologic-key", "Sumo Logic", High, &["sumo", "sumologic"], &[Run(ALNUM, 64, 64)]),
    keyed("loggly-token", "Loggly", High, &["loggly"], &[Uuid]).unproven(),
    keyed("logz-token", "Logz.io", High, &["logz", "logzio"], &[Run(ALNUM, 32, 32), Uuid]).unproven(),
    keyed("rollbar-token", "Rollbar", High, &["rollbar"], &[Run(HEX, 32, 32)]).unproven(),
    keyed("bugsnag-key", "Bugsnag", Medium, &["bugsnag"], &[Run(HEX, 32, 32)]).unproven(),
    keyed("sentry-legacy-token", "Sentry", High, &["sentry"], &[Run(HEX, 64, 64)]).unproven(),
    keyed("honeycomb-named-key", "Honeycomb", High, &["honeycomb"], &[Run(ALNUM, 22, 22), Run(ALNUM, 32, 32)]).unproven(),
    keyed("pagerduty-token", "PagerDuty", High, &["pagerduty", "pager"], &[Run(TOKEN, 20, 20), Run(HEX, 32, 32)]),
    keyed("opsgenie-key", "Opsgenie", High, &["opsgenie", "genie"], &[Uuid]).unproven(),
    keyed("okta-named-token", "Okta", Critical, &["okta", "ssws"], &[Run(TOKEN, 40, 42)]),
    keyed("auth0-secret", "Auth0", Critical, &["auth0"], &[Run(TOKEN, 43, 64)]).unproven(),
    keyed("consul-token", "HashiCorp", High, &["consul", "nomad"], &[Uuid]).unproven(),
    keyed("elastic-named-key", "Elastic", High, &["elastic", "elasticsearch"], &[Run(TOKEN, 56, 64)]).unproven(),
    keyed("segment-key", "Segment", High, &["segment"], &[Run(ALNUM, 32, 32)]).unproven(),
    keyed("amplitude-key", "Amplitude", Medium, &["amplitude"], &[Run(HEX, 32, 32)]).unproven(),
    keyed("mixpanel-secret", "Mixpanel", Medium, &["mixpanel"], &[Run(HEX, 32, 32)]).unproven(),
    keyed("giphy-key", "Giphy", Medium, &["giphy"], &[Run(ALNUM, 32, 32)]).unproven(),
    keyed("unsplash-key", "Unsplash", Medium, &["unsplash"], &[Run(TOKEN, 43, 43)]).unproven(),
    keyed("openweather-key", "OpenWeather", Medium, &["openweather", "openweathermap", "weather"], &[Run(HEX, 32, 32)]),
    keyed("nytimes-key", "New York Times", Medium, &["nytimes", "newyorktimes"], &[Run(TOKEN, 32, 32)]).unproven(),
    keyed("flickr-key", "Flickr", Medium, &["flickr"], &[Run(HEX, 32, 32)]),
    keyed("finnhub-token", "Finnhub", Medium, &["finnhub"], &[Run(LOWNUM, 20, 20)]),
    keyed("recaptcha-key", "Google", Low, &["recaptcha", "captcha"], &[Run(TOKEN, 40, 40)]),
    keyed("brave-search-key", "Brave", Medium, &["brave", "bravesearch"], &[Run(TOKEN, 31, 31)]).unproven(),
    keyed("adafruit-named-key", "Adafruit", Medium, &["adafruit"], &[Run(TOKEN, 32, 32)]).unproven(),
    keyed("gitter-token", "Gitter", High, &["gitter"], &[Run(TOKEN, 40, 40)]),
    keyed("squarespace-token", "Squarespace", High, &["squarespace"], &[Uuid]),
    keyed("zoho-named-token", "Zoho", High, &["zoho"], &[Run(HEX, 42, 42)]).unproven(),
    keyed("hubspot-legacy-key", "HubSpot", High, &["hubspot", "hapikey"], &[Uuid]).unproven(),
    keyed("private-wallet-key", "Ethereum", Critical, &["ethereum", "eth", "wallet", "metamask"], &[Run(HEX, 64, 64), Run(HEX.or(Class::LOWER), 66, 66)]).unproven(),
];

/// A rule for values of these forms behind one of these words.
const fn keyed(
    name: &'static str,
    provider: &'static str,
    severity: Severity,
    words: &'static [&'static str],
    forms: &'static [Form],
) -> Rule {
    shape(name, provider, severity, Shape::Keyed(Keyed { words, forms }))
}
