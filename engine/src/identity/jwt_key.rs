//! Keys of an issuer as a configuration gives them. What is no key, or is weak, is told there, and
//! not by each token as a wrong signature.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ED25519, UnparsedPublicKey,
};
use jsonwebtoken::crypto::aws_lc;
use jsonwebtoken::{AlgorithmFamily, DecodingKey};

use super::base64url;
use super::jwt::library;
use super::jwt_config::{JwtAlgorithm, JwtKey};
use crate::base::error::ConfigError;

/// Reads the key at this place of the list.
///
/// # Errors
/// It is for no algorithm of these, is not given as its kind is, or is none.
pub(super) fn read(
    at: usize,
    given: &JwtKey,
    algorithms: &[JwtAlgorithm],
) -> Result<(JwtAlgorithm, DecodingKey), ConfigError> {
    let fault = |(member, what): (&str, &str)| {
        let dot = if member.is_empty() { "" } else { "." };
        ConfigError::Setting(format!("auth.jwt.keys[{at}]{dot}{member}"), what.to_owned())
    };
    let algorithm = given
        .algorithm
        .filter(|it| algorithms.contains(it))
        .ok_or_else(|| fault(("algorithm", "has to be one of auth.jwt.algorithms")))?;
    if given.kid.as_ref().is_some_and(String::is_empty) {
        return Err(fault(("kid", "is empty: write the key's name, or leave it out")));
    }
    let key = match library(algorithm).family() {
        AlgorithmFamily::Hmac => secret(given, algorithm),
        AlgorithmFamily::Rsa => rsa(given),
        AlgorithmFamily::Ec | AlgorithmFamily::Ed => point(given, algorithm),
    };
    Ok((algorithm, key.map_err(fault)?))
}

type Fault = (&'static str, &'static str);

fn secret(given: &JwtKey, algorithm: JwtAlgorithm) -> Result<DecodingKey, Fault> {
    let JwtKey { secret: Some(secret), pem: None, n: None, e: None, x: None, y: None, .. } = given
    else {
        return Err(("", "an HS algorithm has a `secret` and nothing else"));
    };
    if secret.len() < algorithm.secret_bytes_min().unwrap_or(usize::MAX) {
        return Err(("secret", "is too short: HS256 takes 32 bytes or more, HS384 48, HS512 64"));
    }
    Ok(DecodingKey::from_secret(secret.as_bytes()))
}

fn rsa(given: &JwtKey) -> Result<DecodingKey, Fault> {
    let (modulus, exponent) = match given {
        JwtKey { pem: Some(pem), secret: None, n: None, e: None, x: None, y: None, .. } => {
            let public = public_pem(pem)?;
            let read = DecodingKey::from_rsa_pem(public).map_err(|_| NO_PEM)?;
            let der = read.try_get_as_bytes().map_err(|_| NO_PEM)?;
            let components = aws_lc::DEFAULT_PROVIDER.key_utils.rsa_pub_components_from_public_key;
            components(der).map_err(|_| NO_PEM)?
        }
        JwtKey { n: Some(n), e: Some(e), secret: None, pem: None, x: None, y: None, .. } => {
            let modulus = base64url::decode(n.as_bytes()).ok_or(("n", NO_NUMBER))?;
            (modulus, base64url::decode(e.as_bytes()).ok_or(("e", NO_NUMBER))?)
        }
        _ => return Err(("", "an RS or PS algorithm has `pem`, or `n` and `e`, and nothing else")),
    };
    let first = modulus.iter().position(|byte| *byte != 0).unwrap_or(modulus.len());
    let modulus = &modulus[first..];
    let bits = modulus.len() * 8 - modulus.first().map_or(0, |it| it.leading_zeros() as usize);
    if !(2_048..=8_192).contains(&bits) {
        return Err(("", "an RSA key has 2,048 to 8,192 bits"));
    }
    // 3 or more (RFC 8017 section 3.1), and small, as every issuer has it.
    let number = exponent
        .iter()
        .try_fold(0_u32, |number, byte| Some(number.checked_mul(256)? | u32::from(*byte)));
    if !number.is_some_and(|number| number >= 3 && number % 2 == 1) {
        return Err(("e", "is no exponent of an RSA key; 65537 is \"AQAB\""));
    }
    Ok(DecodingKey::from_rsa_raw_components(modulus, &exponent))
}

fn point(given: &JwtKey, algorithm: JwtAlgorithm) -> Result<DecodingKey, Fault> {
    let is_ed = algorithm == JwtAlgorithm::EdDsa;
    let key = match given {
        JwtKey { pem: Some(pem), secret: None, n: None, e: None, x: None, y: None, .. } => {
            let public = public_pem(pem)?;
            let read = if is_ed { DecodingKey::from_ed_pem } else { DecodingKey::from_ec_pem };
            read(public).map_err(|_| NO_PEM)?
        }
        JwtKey { x: Some(x), y: None, secret: None, pem: None, n: None, e: None, .. } if is_ed => {
            DecodingKey::from_ed_components(x).map_err(|_| ("x", NO_NUMBER))?
        }
        JwtKey { x: Some(x), y: Some(y), secret: None, pem: None, n: None, e: None, .. }
            if !is_ed =>
        {
            DecodingKey::from_ec_components(x, y).map_err(|_| ("", NO_NUMBER))?
        }
        _ if is_ed => return Err(("", "EdDSA has `pem`, or `x`, and nothing else")),
        _ => return Err(("", "an ES algorithm has `pem`, or `x` and `y`, and nothing else")),
    };
    let bytes = key.try_get_as_bytes().map_err(|_| NO_POINT)?;
    let parsed = match algorithm {
        JwtAlgorithm::Es256 => UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, bytes).parse(),
        JwtAlgorithm::Es384 => UnparsedPublicKey::new(&ECDSA_P384_SHA384_FIXED, bytes).parse(),
        _ => UnparsedPublicKey::new(&ED25519, bytes).parse(),
    };
    parsed.map_err(|_| NO_POINT)?;
    Ok(key)
}

/// The text, if it is one public key as PEM: the reader below would take the first number that it
/// finds in a certificate or in a private key.
fn public_pem(pem: &str) -> Result<&[u8], Fault> {
    if pem.contains("PRIVATE KEY") {
        return Err(("pem", "is a private key: give the public one"));
    }
    let begins = ["-----BEGIN PUBLIC KEY-----", "-----BEGIN RSA PUBLIC KEY-----"];
    let is_one = pem.matches("-----BEGIN").count() == 1;
    if is_one && begins.iter().any(|begin| pem.trim_start().starts_with(begin)) {
        Ok(pem.as_bytes())
    } else {
        Err(NO_PEM)
    }
}

const NO_PEM: Fault =
    ("pem", "is no public key of this algorithm as PEM, with BEGIN PUBLIC KEY in its first line");
const NO_POINT: Fault = ("", "is no point of this algorithm's curve");
const NO_NUMBER: &str = "is no base64url without padding";
