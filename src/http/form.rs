//! Request parameters in a form body (RFC 6749 section 3.2 and appendix B).

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::Request;
use crate::reason::{self, Fault};
use crate::scan;

/// Longest body that is read, in bytes.
const MAX_BODY: usize = 64 * 1024;

/// Most parameters that are read: each is compared with those before.
const MAX_PARAMETERS: usize = 100;

/// Room for the parameters of an ordinary request.
const USUAL: usize = 8;

/// Parameters that may stand more than once (RFC 8693 section 2.1).
const REPEATABLE: [&str; 2] = ["audience", "resource"];

/// Parameters that must not stand in a URL, where logs and proxies see them.
const SECRET: [&str; 9] = [
    "client_secret",
    "client_assertion",
    "subject_token",
    "actor_token",
    "assertion",
    "refresh_token",
    "token",
    "access_token",
    "password",
];

/// Other parameters that this server reads.
const KNOWN: [&str; 8] = [
    "grant_type",
    "client_id",
    "client_assertion_type",
    "subject_token_type",
    "actor_token_type",
    "requested_token_type",
    "scope",
    "token_type_hint",
];

/// The parameters of a request. One without a value is as good as absent
/// (RFC 6749 section 3.2). What is not escaped, as tokens are not, is borrowed
/// from the body.
pub(crate) struct Form<'a>(Vec<(Cow<'a, str>, Cow<'a, str>)>);

impl<'a> Form<'a> {
    /// Reads the body of a request.
    ///
    /// # Errors
    /// A [`Fault`] when it is no form, too long, or when a parameter stands
    /// twice or in the URL.
    pub(crate) fn parse(request: &'a Request) -> Result<Self, Fault> {
        if request.body.len() > MAX_BODY {
            return Err(Fault::new(
                &reason::BODY_TOO_LARGE,
                "the request body is longer than 64 KiB",
            ));
        }
        if let Some(name) = secret_in(request.query().unwrap_or_default()) {
            return Err(Fault::new(
                &reason::QUERY_CREDENTIALS,
                format!("`{name}` stands in the URL; send it in the request body"),
            ));
        }
        let media_type = request.values("content-type").next().unwrap_or_default();
        let media_type = media_type.split(';').next().unwrap_or_default().trim();
        if !media_type.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            return Err(Fault::new(
                &reason::CONTENT_TYPE,
                "the request body must be `application/x-www-form-urlencoded`",
            ));
        }
        let mut form = Self(Vec::with_capacity(USUAL));
        for (name, value) in pairs(&request.body) {
            if form.0.len() == MAX_PARAMETERS {
                let message = "the request has more than 100 parameters";
                return Err(Fault::new(&reason::TOO_MANY, message));
            }
            // "Request and response parameters MUST NOT be included more than
            // once" (RFC 6749 section 3.2), with or without a value.
            if form.0.iter().any(|(known, _)| *known == name)
                && !REPEATABLE.contains(&name.as_ref())
            {
                return Err(Fault::new(&reason::REPEATED, repeated(&name)));
            }
            form.0.push((name, value));
        }
        Ok(form)
    }

    /// The value of a parameter.
    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        self.filled().find_map(|(known, value)| (known == name).then_some(value))
    }

    /// The values of a parameter that may repeat.
    pub(crate) fn values<'b>(&'b self, name: &'b str) -> impl Iterator<Item = &'b str> {
        self.filled().filter_map(move |(known, value)| (known == name).then_some(value))
    }

    fn filled(&self) -> impl Iterator<Item = (&str, &str)> {
        let filled = self.0.iter().filter(|(_, value)| !value.is_empty());
        filled.map(|(name, value)| (&**name, &**value))
    }

    /// The value of a parameter that must be there.
    ///
    /// # Errors
    /// A [`Fault`] that names it.
    pub(crate) fn required(&self, name: &str) -> Result<&str, Fault> {
        self.value(name).ok_or_else(|| missing(name))
    }
}

/// A parameter that must be there is not.
pub(crate) fn missing(name: &str) -> Fault {
    Fault::new(&reason::MISSING, format!("the parameter `{name}` is missing"))
}

/// The names and values of a form, as `form_urlencoded` reads them. A pair
/// without escapes is read here, which is several times cheaper.
fn pairs(body: &[u8]) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
    let mut rest = body;
    core::iter::from_fn(move || {
        while !rest.is_empty() {
            let plain = scan::before(rest, |word| {
                scan::is(word, b'&')
                    | scan::is(word, b'%')
                    | scan::is(word, b'+')
                    | scan::beyond_ascii(word)
            });
            let is_plain = rest.get(plain).is_none_or(|byte| *byte == b'&');
            let end = rest
                .get(plain..)
                .map_or(0, |rest| plain + scan::before(rest, |word| scan::is(word, b'&')));
            let pair = rest.get(..end).unwrap_or_default();
            rest = rest.get(end + 1..).unwrap_or_default();
            let read = if is_plain { split(pair) } else { form_urlencoded::parse(pair).next() };
            if read.is_some() {
                return read;
            }
        }
        None
    })
}

/// A pair of ASCII without escapes; `None` when it is empty.
fn split(pair: &[u8]) -> Option<(Cow<'_, str>, Cow<'_, str>)> {
    let pair = str::from_utf8(pair).ok().filter(|pair| !pair.is_empty())?;
    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
    Some((name.into(), value.into()))
}

/// Names what this server knows: any other name may be a secret that was sent in
/// the wrong place.
fn repeated(name: &str) -> String {
    match SECRET.iter().chain(&KNOWN).find(|known| **known == name) {
        Some(name) => format!("the parameter `{name}` stands more than once"),
        None => "a parameter stands more than once".into(),
    }
}

fn secret_in(query: &str) -> Option<&'static str> {
    form_urlencoded::parse(query.as_bytes())
        .find_map(|(name, _)| SECRET.into_iter().find(|secret| *secret == name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(request: &Request) -> Form<'_> {
        Form::parse(request)
            .unwrap_or_else(|fault| Form(alloc::vec![("fault".into(), fault.message.into())]))
    }

    fn body(text: &str) -> Request {
        let form = "application/x-www-form-urlencoded";
        Request::new("POST", "/oauth2/token").header("content-type", form).body(text)
    }

    #[test]
    fn only_what_is_escaped_is_copied() {
        let request = body("token=eyJ.eyJ.sig-_&a%20b=c+d&scope=a%3Ab&e&%66=%ff%00&empty=");
        let form = read(&request);
        let copied: Vec<_> = form
            .0
            .iter()
            .map(|(name, value)| {
                (matches!(name, Cow::Owned(_)), matches!(value, Cow::Owned(_)), &**name, &**value)
            })
            .collect();
        assert_eq!(
            copied,
            [
                (false, false, "token", "eyJ.eyJ.sig-_"),
                (true, true, "a b", "c d"),
                (false, true, "scope", "a:b"),
                (false, false, "e", ""),
                (true, true, "f", "\u{fffd}\0"),
                (false, false, "empty", ""),
            ]
        );
    }

    proptest::proptest! {
        #[test]
        fn pairs_are_those_of_the_standard(body in "([a-z=&+%.é]|%[0-9a-fA-F]{2}|&&|=|&[a-z]=[a-z]{8}){0,24}") {
            for body in [body.as_bytes(), &body.bytes().map(|byte| byte ^ 0x80).collect::<Vec<_>>()] {
                let expected: Vec<_> = form_urlencoded::parse(body).collect();
                proptest::prop_assert_eq!(pairs(body).collect::<Vec<_>>(), expected);
            }
        }
    }

    #[test]
    fn a_name_is_repeated_however_it_is_escaped() {
        let request = body("token=a&to%6ben=b");
        assert_eq!(
            read(&request).value("fault"),
            Some("the parameter `token` stands more than once")
        );
    }
}
