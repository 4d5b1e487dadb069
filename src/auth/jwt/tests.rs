//! Tokens are signed here by hand, so that wrong ones can be made that no library makes.

use std::sync::LazyLock;

use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::*;
use crate::auth::secret::Secret;

const NOW: u64 = 1_800_000_000;
const SECRET: &[u8] = b"a secret of more than thirty-two bytes";

static RSA: LazyLock<RsaKeyPair> = LazyLock::new(|| RsaKeyPair::generate(KeySize::Rsa2048).expect("a key"));
static EC: LazyLock<EcdsaKeyPair> =
    LazyLock::new(|| EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key"));
static ED: LazyLock<Ed25519KeyPair> = LazyLock::new(|| Ed25519KeyPair::generate().expect("a key"));

fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn hs256(secret: &[u8], message: &[u8]) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), message).as_ref().to_vec()
}

fn rs256(message: &[u8]) -> Vec<u8> {
    let mut signature = vec![0; RSA.public_modulus_len()];
    RSA.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature).expect("a signature");
    signature
}

fn es256(message: &[u8]) -> Vec<u8> {
    EC.sign(&SystemRandom::new(), message).expect("a signature").as_ref().to_vec()
}

fn eddsa(message: &[u8]) -> Vec<u8> {
    ED.sign(message).as_ref().to_vec()
}

fn jwk_of_rsa(id: &str) -> Value {
    let key = RSA.public_key();
    let (n, e) = (key.modulus(), key.exponent());
    json!({"kty": "RSA", "kid": id, "alg": "RS256", "use": "sig",
           "n": encode(n.big_endian_without_leading_zero()), "e": encode(e.big_endian_without_leading_zero())})
}

fn jwk_of_ec(id: &str) -> Value {
    let point = EC.public_key().as_ref();
    json!({"kty": "EC", "crv": "P-256", "kid": id, "x": encode(&point[1..33]), "y": encode(&point[33..])})
}

fn jwk_of_ed(id: &str) -> Value {
    json!({"kty": "OKP", "crv": "Ed25519", "kid": id, "key_ops": ["verify"], "x": encode(ED.public_key())})
}

fn jwk_of_secret(id: &str) -> Value {
    json!({"kty": "oct", "kid": id, "k": encode(SECRET)})
}

fn key_set(keys: &[Value]) -> KeySet {
    KeySet::from_jwks(&json!({"keys": keys}).to_string()).expect("a key set")
}

fn verifier(keys: &[Value]) -> Verifier {
    Verifier::new(key_set(keys), Expected::default())
}

/// With a key of every kind.
fn all_kinds() -> Verifier {
    verifier(&[jwk_of_rsa("rsa"), jwk_of_ec("ec"), jwk_of_ed("ed"), jwk_of_secret("oct")])
}

fn claims() -> Value {
    json!({"sub": "u-17", "name": "Fay", "document": "team-7.*", "role": "editor", "exp": NOW + 60})
}

fn with(mut value: Value, more: Value) -> Value {
    let (fields, more) = (value.as_object_mut().expect("an object"), more.as_object().expect("an object"));
    for (name, value) in more {
        match value {
            Value::Null => drop(fields.remove(name)),
            value => drop(fields.insert(name.clone(), value.clone())),
        }
    }
    value
}

fn token(header: Value, claims: &Value, sign: impl FnOnce(&[u8]) -> Vec<u8>) -> String {
    let message = format!("{}.{}", encode(header.to_string()), encode(claims.to_string()));
    let signature = encode(sign(message.as_bytes()));
    format!("{message}.{signature}")
}

/// Of the shared secret, which is the quickest to sign with.
fn signed(claims: &Value) -> String {
    token(json!({"alg": "HS256", "typ": "JWT"}), claims, |message| hs256(SECRET, message))
}

fn shared() -> Verifier {
    let keys = KeySet::from_secret(&Secret::new(SECRET.to_vec())).expect("a long secret");
    Verifier::new(keys, Expected::default())
}

fn verify(verifier: &Verifier, token: &str) -> Result<Claims, TokenError> {
    verifier.verify(token, NOW * 1000)
}

#[test]
fn every_algorithm_is_believed_with_its_key() {
    let verifier = all_kinds();
    let tokens = [
        token(json!({"alg": "HS256", "kid": "oct"}), &claims(), |message| hs256(SECRET, message)),
        token(json!({"alg": "RS256", "kid": "rsa"}), &claims(), rs256),
        token(json!({"alg": "ES256", "kid": "ec"}), &claims(), es256),
        token(json!({"alg": "EdDSA", "kid": "ed"}), &claims(), eddsa),
    ];
    for token in &tokens {
        let claims = verify(&verifier, token).expect(token);
        assert_eq!(claims.subject, "u-17");
        assert_eq!(claims.name.as_str(), "Fay");
        assert_eq!(claims.role, Role::Editor);
        assert_eq!(claims.until_ms, (NOW + 60) * 1000 + 30_000);
        let role = |id| claims.role_in(&DocId::parse(id).expect(id));
        assert_eq!((role("team-7.notes"), role("team-8.notes")), (Some(Role::Editor), None));
    }
    assert!(verify(&shared(), &signed(&claims())).is_ok(), "one secret needs no name");
}

#[test]
fn nothing_unsigned_is_believed() {
    for verifier in [all_kinds(), shared()] {
        for alg in ["none", "None", "NONE", "nOnE", ""] {
            let unsigned = token(json!({"alg": alg}), &claims(), |_| Vec::new());
            assert_eq!(verify(&verifier, &unsigned), Err(TokenError::Algorithm), "{alg}");
            let signed =
                token(json!({"alg": alg, "kid": "oct"}), &claims(), |message| hs256(SECRET, message));
            assert_eq!(verify(&verifier, &signed), Err(TokenError::Algorithm), "{alg}");
        }
        let stripped = token(json!({"alg": "HS256", "kid": "oct"}), &claims(), |_| Vec::new());
        assert_eq!(verify(&verifier, &stripped), Err(TokenError::Signature));
    }
}

/// What is public cannot be the secret: `alg` says HS256, and the "secret" is the RSA key in one of the forms in which it is published.
#[test]
fn a_public_key_is_no_secret() {
    let jwk = jwk_of_rsa("rsa");
    let der = AsDer::<PublicKeyX509Der<'_>>::as_der(RSA.public_key()).expect("a key").as_ref().to_vec();
    let pem = format!(
        "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n",
        base64::engine::general_purpose::STANDARD.encode(&der)
    );
    for secret in [der, pem.into_bytes(), jwk.to_string().into_bytes(), RSA.public_key().as_ref().to_vec()] {
        let forged =
            token(json!({"alg": "HS256", "kid": "rsa"}), &claims(), |message| hs256(&secret, message));
        assert_eq!(verify(&verifier(std::slice::from_ref(&jwk)), &forged), Err(TokenError::Algorithm));
        assert_eq!(verify(&all_kinds(), &forged), Err(TokenError::Algorithm));
        let nameless = token(json!({"alg": "HS256"}), &claims(), |message| hs256(&secret, message));
        assert_eq!(verify(&verifier(std::slice::from_ref(&jwk)), &nameless), Err(TokenError::Algorithm));
    }
}

#[test]
fn each_key_is_for_its_own_algorithm() {
    let verifier = all_kinds();
    for (alg, kid) in [("RS256", "ec"), ("ES256", "rsa"), ("EdDSA", "oct"), ("HS256", "ed")] {
        let crossed = token(json!({"alg": alg, "kid": kid}), &claims(), |message| hs256(SECRET, message));
        assert_eq!(verify(&verifier, &crossed), Err(TokenError::Algorithm), "{alg} {kid}");
    }
    for alg in ["HS384", "HS512", "PS256", "RS512", "ES384", "ES256K"] {
        let other = token(json!({"alg": alg, "kid": "oct"}), &claims(), |message| hs256(SECRET, message));
        assert_eq!(verify(&verifier, &other), Err(TokenError::Algorithm), "{alg}");
    }
}

#[test]
fn the_list_of_algorithms_goes_before_the_keys() {
    let expected = Expected { algorithms: vec![Algorithm::Es256], ..Expected::default() };
    let verifier = Verifier::new(key_set(&[jwk_of_ec("ec"), jwk_of_secret("oct")]), expected);
    let good = token(json!({"alg": "ES256", "kid": "ec"}), &claims(), es256);
    assert!(verify(&verifier, &good).is_ok());
    let shared = token(json!({"alg": "HS256", "kid": "oct"}), &claims(), |message| hs256(SECRET, message));
    assert_eq!(verify(&verifier, &shared), Err(TokenError::Algorithm));
}

#[test]
fn keys_take_over_from_one_another_by_their_names() {
    let by = |kid: &str| token(json!({"alg": "EdDSA", "kid": kid}), &claims(), eddsa);
    let old = verifier(&[jwk_of_ec("march")]);
    assert_eq!(verify(&old, &by("april")), Err(TokenError::UnknownKey));
    let both = old.with_keys(key_set(&[jwk_of_ec("march"), jwk_of_ed("april")]));
    assert!(verify(&both, &by("april")).is_ok());
    assert_eq!(verify(&both, &by("march")), Err(TokenError::Algorithm), "the other key");
    for nobodys in ["may", "", "../april", "april' OR '1'='1", "april\0"] {
        assert_eq!(verify(&both, &by(nobodys)), Err(TokenError::UnknownKey), "{nobodys}");
    }
    let nameless = token(json!({"alg": "EdDSA"}), &claims(), eddsa);
    assert_eq!(verify(&both, &nameless), Err(TokenError::UnknownKey), "which of the two?");
    assert!(verify(&both.with_keys(key_set(&[jwk_of_ed("april")])), &nameless).is_ok(), "there is but one");
}

#[test]
fn a_token_brings_no_key_of_its_own() {
    let verifier = verifier(&[jwk_of_ec("ec")]);
    let attackers = Ed25519KeyPair::generate().expect("a key");
    let jwk = json!({"kty": "OKP", "crv": "Ed25519", "x": encode(attackers.public_key())});
    for header in [
        json!({"alg": "EdDSA", "jwk": jwk}),
        json!({"alg": "EdDSA", "jwk": jwk, "kid": "ec"}),
        json!({"alg": "EdDSA", "jku": "https://evil.example/keys"}),
        json!({"alg": "EdDSA", "x5u": "https://evil.example/cert"}),
    ] {
        let forged = token(header, &claims(), |message| attackers.sign(message).as_ref().to_vec());
        assert_eq!(verify(&verifier, &forged), Err(TokenError::Algorithm));
    }
}

#[test]
fn a_changed_token_is_not_believed() {
    let good = signed(&claims());
    let parts: Vec<&str> = good.split('.').collect();
    let [header, _, signature] = parts[..] else { panic!("three parts") };
    let promoted = encode(with(claims(), json!({"role": "owner"})).to_string());
    let changed = format!("{header}.{promoted}.{signature}");
    assert_eq!(verify(&shared(), &changed), Err(TokenError::Signature));
    let other = encode(json!({"alg": "HS256", "typ": "JWT", "kid": "x"}).to_string());
    assert_eq!(verify(&shared(), &format!("{other}.{}.{signature}", parts[1])), Err(TokenError::Signature));
    let wrong = token(json!({"alg": "HS256"}), &claims(), |message| {
        hs256(b"another secret of thirty-two bytes!", message)
    });
    assert_eq!(verify(&shared(), &wrong), Err(TokenError::Signature));
    // ECDSA signatures of zeros (CVE-2022-21449), and in the form that other formats use.
    let verifier = verifier(&[jwk_of_ec("ec")]);
    for signature in [vec![0; 64], vec![0; 72], Vec::new()] {
        let zeros = token(json!({"alg": "ES256", "kid": "ec"}), &claims(), |_| signature);
        assert_eq!(verify(&verifier, &zeros), Err(TokenError::Signature));
    }
}

#[test]
fn what_is_no_token_is_refused_without_a_crash() {
    let good = signed(&claims());
    for bad in [
        "",
        ".",
        "..",
        "...",
        "a.b.c",
        "a.b",
        "é.é.é",
        &good[1..],
        &good[..good.len() / 2],
        &format!("{good}."),
        &format!("{good}.{good}"),
        &format!("{good}="),
        &format!(" {good}"),
        &good.replace('.', "/"),
    ] {
        assert!(verify(&shared(), bad).is_err(), "{bad}");
    }
    let deep = format!("{}{}", "[".repeat(1_000), "]".repeat(1_000));
    let message = format!("{}.{}", encode(r#"{"alg":"HS256"}"#), encode(deep));
    let deep = format!("{message}.{}", encode(hs256(SECRET, message.as_bytes())));
    assert!(verify(&shared(), &deep).is_err());
}

#[test]
fn a_token_has_a_size() {
    let padded = |n: usize| signed(&with(claims(), json!({"padding": "x".repeat(n)})));
    let room = (limits::JWT_BYTES - padded(0).len()) * 3 / 4;
    assert!(padded(room).len() <= limits::JWT_BYTES);
    assert!(verify(&shared(), &padded(room)).is_ok());
    assert_eq!(verify(&shared(), &padded(room + 4)), Err(TokenError::Large));
}

#[test]
fn unknown_extensions_are_not_passed_over() {
    let critical =
        token(json!({"alg": "HS256", "crit": ["b64"], "b64": false}), &claims(), |m| hs256(SECRET, m));
    assert_eq!(verify(&shared(), &critical), Err(TokenError::Critical));
}

#[test]
fn time_is_the_one_that_is_given() {
    let at = |claims: Value, now: u64| shared().verify(&signed(&claims), now * 1000);
    let until = |exp: Value| with(claims(), json!({"exp": exp}));
    assert!(at(until(json!(NOW + 60)), NOW + 60 + 29).is_ok(), "within the leeway");
    assert_eq!(at(until(json!(NOW + 60)), NOW + 60 + 30), Err(TokenError::Expired));
    assert_eq!(at(until(json!(1)), NOW), Err(TokenError::Expired));
    assert!(at(until(json!(1)), 0).is_ok(), "long ago it was right, whatever the machine's clock says");
    assert!(at(until(json!(1_800_000_060.5)), NOW).is_ok(), "fractions are allowed");
    assert!(at(until(json!(1e300)), NOW).is_ok(), "for ever");
    let from = |nbf: u64| with(claims(), json!({"nbf": nbf}));
    assert!(at(from(NOW + 30), NOW).is_ok());
    assert_eq!(at(from(NOW + 31), NOW), Err(TokenError::NotYet));
    assert_eq!(
        at(with(claims(), json!({"exp": null})), NOW),
        Err(TokenError::Claim("exp")),
        "every token ends"
    );
    assert_eq!(at(until(json!(-1)), NOW), Err(TokenError::Claim("exp")));
    for odd in [json!("1800000060"), json!([NOW]), json!({}), json!(true)] {
        assert_eq!(at(until(odd), NOW), Err(TokenError::Claim("claims")));
    }
}

#[test]
fn claims_are_what_they_have_to_be() {
    let claim = |more: Value| verify(&shared(), &signed(&with(claims(), more))).map(|_| ());
    assert_eq!(claim(json!({"sub": null})), Err(TokenError::Claim("sub")));
    assert_eq!(claim(json!({"sub": ""})), Err(TokenError::Claim("sub")));
    assert_eq!(claim(json!({"sub": "a\nb"})), Err(TokenError::Claim("sub")));
    assert_eq!(claim(json!({"sub": "x".repeat(201)})), Err(TokenError::Claim("sub")));
    assert_eq!(claim(json!({"name": "a\u{202e}b"})), Err(TokenError::Claim("name")));
    assert_eq!(claim(json!({"role": null})), Err(TokenError::Claim("role")));
    for role in ["admin", "Owner", "trimmer", ""] {
        assert_eq!(claim(json!({ "role": role })), Err(TokenError::Claim("claims")), "{role}");
    }
    assert_eq!(
        claim(json!({"document": null})),
        Err(TokenError::Claim("document")),
        "no document is not all of them"
    );
    for pattern in ["", "a/*", "../*", "[a-z]", "a?", r"\*", "%2a", "team 7"] {
        assert_eq!(claim(json!({ "document": pattern })), Err(TokenError::Claim("document")), "{pattern}");
    }
    let nameless = verify(&shared(), &signed(&with(claims(), json!({"name": null})))).expect("a token");
    assert_eq!(nameless.name.as_str(), "u-17");
    let long = json!({"name": null, "sub": "x".repeat(200)});
    let long = verify(&shared(), &signed(&with(claims(), long))).expect("a token");
    assert_eq!(long.name.as_str().len(), limits::NAME_CHARACTERS);
}

/// One library may read the first of two, another the last.
#[test]
fn a_claim_stands_there_once() {
    let twice = claims().to_string().replace(r#""role":"editor""#, r#""role":"viewer","role":"owner""#);
    assert!(twice.contains("viewer"));
    let message = format!("{}.{}", encode(r#"{"alg":"HS256"}"#), encode(twice));
    let twice = format!("{message}.{}", encode(hs256(SECRET, message.as_bytes())));
    assert_eq!(verify(&shared(), &twice), Err(TokenError::Claim("claims")));
}

#[test]
fn a_token_for_somebody_else_is_not_for_us() {
    let expected = Expected {
        issuer: Some("https://app.example".to_owned()),
        audience: Some("cowrite".to_owned()),
        ..Expected::default()
    };
    let keys = KeySet::from_secret(&Secret::new(SECRET.to_vec())).expect("a long secret");
    let strict = Verifier::new(keys, expected);
    let says = |more: Value| verify(&strict, &signed(&with(claims(), more))).map(|_| ());
    let iss = "https://app.example";
    assert_eq!(says(json!({"iss": iss, "aud": "cowrite"})), Ok(()));
    assert_eq!(says(json!({"iss": iss, "aud": ["billing", "cowrite"]})), Ok(()));
    assert_eq!(says(json!({"iss": iss, "aud": "cowrite-staging"})), Err(TokenError::Claim("aud")));
    assert_eq!(says(json!({"iss": iss, "aud": []})), Err(TokenError::Claim("aud")));
    assert_eq!(says(json!({"iss": iss, "aud": ["billing", "cowrite-2"]})), Err(TokenError::Claim("aud")));
    assert_eq!(says(json!({ "iss": iss })), Err(TokenError::Claim("aud")));
    assert_eq!(says(json!({"iss": "https://app.example/", "aud": "cowrite"})), Err(TokenError::Claim("iss")));
    assert_eq!(says(json!({"aud": "cowrite"})), Err(TokenError::Claim("iss")));
}

#[test]
fn a_key_set_is_read_whole_or_not_at_all() {
    let read = |keys: Value| KeySet::from_jwks(&keys.to_string()).map(|_| ());
    let foreign = [
        json!({"kty": "EC", "crv": "P-384", "x": "AA", "y": "AA"}),
        json!({"kty": "AKP", "alg": "ML-DSA-44", "pub": "AA"}),
        with(jwk_of_rsa("enc"), json!({"use": "enc"})),
        with(jwk_of_rsa("ps"), json!({"alg": "PS256"})),
        with(jwk_of_ec("alg"), json!({"alg": "RS256"})),
        with(jwk_of_ed("ops"), json!({"key_ops": ["sign"]})),
    ];
    assert_eq!(read(json!({ "keys": foreign })), Err(KeySetError::Empty));
    let beside: Vec<Value> = foreign.into_iter().chain([jwk_of_ec("ec")]).collect();
    assert_eq!(read(json!({ "keys": beside })), Ok(()), "others may stand beside ours");
    assert_eq!(read(json!({"keys": [jwk_of_ec("a"), jwk_of_ed("a")]})), Err(KeySetError::Ambiguous));
    let nameless = [with(jwk_of_ec("a"), json!({"kid": null})), with(jwk_of_ed("a"), json!({"kid": null}))];
    assert_eq!(read(json!({ "keys": nameless })), Err(KeySetError::Ambiguous));
    let many: Vec<Value> = (0..=limits::JWKS_KEYS).map(|n| jwk_of_ec(&n.to_string())).collect();
    assert_eq!(read(json!({ "keys": many })), Err(KeySetError::Many));
    assert_eq!(
        read(json!({"keys": [{"kty": "oct", "kid": "a", "k": encode(b"short")}]})),
        Err(KeySetError::Weak)
    );
    assert!(matches!(KeySet::from_jwks("{\"keys\": swordfish"), Err(KeySetError::NotJwks { .. })));
    assert_eq!(KeySet::from_jwks(&" ".repeat(limits::JWKS_BYTES + 1)).map(|_| ()), Err(KeySetError::Large));
    let short = KeySet::from_secret(&Secret::new(b"thirty-one bytes are too short!".to_vec()));
    assert_eq!(short.map(|_| ()), Err(KeySetError::Weak));
}
