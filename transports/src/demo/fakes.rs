//! Secrets that are none, made when they are needed: no file holds anything of their shape, since
//! hosting sites block such files. The client and the server make the same ones.

/// The fakes of one demo.
pub struct Fakes {
    /// Looks like an AWS access key.
    pub aws: String,
    /// Looks like a GitHub token.
    pub github: String,
    /// Looks like a private key, in lines.
    pub private_key: String,
    /// A token for `auth_token`.
    pub token: String,
}

impl Fakes {
    /// The same fakes every time.
    pub fn make() -> Self {
        const UPPER: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        const ALPHANUMERIC: &[u8] =
            b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
        let mut dice = Dice(0x5EED_0FD0_0D5E);
        let mut text = |alphabet: &[u8], length: usize| -> String {
            (0..length).map(|_| char::from(dice.pick(alphabet))).collect()
        };
        let aws = format!("{}{}{}", "AK", "IA", text(UPPER, 16));
        let github = format!("{}{}_{}", "gh", "p", text(ALPHANUMERIC, 36));
        let lines: Vec<String> = (0..4).map(|_| text(ALPHANUMERIC, 64)).collect();
        let dashes = "-".repeat(5);
        let kind = ["RSA", "PRIVATE", "KEY"].join(" ");
        let private_key = format!(
            "{dashes}BEGIN {kind}{dashes}\n{}\n{dashes}END {kind}{dashes}",
            lines.join("\n")
        );
        let token = format!("demo-{}", text(ALPHANUMERIC, 32));
        Fakes { aws, github, private_key, token }
    }
}

/// A small generator (xorshift): nothing here has to be unpredictable.
struct Dice(u64);

impl Dice {
    fn pick(&mut self, alphabet: &[u8]) -> u8 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        alphabet[(self.0 >> 16) as usize % alphabet.len()]
    }
}
