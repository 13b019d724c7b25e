//! The patterns of conditions.

/// Whether the whole of `text` matches `pattern`, in which `*` stands for any
/// characters. Greedy from the left with one point of return: linear for each
/// star, and the configuration bounds the stars.
pub(crate) fn glob(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else {
        return false;
    };
    let Some(last) = parts.next_back() else {
        // No star: the prefix has to have been everything.
        return rest.is_empty();
    };
    for part in parts {
        match rest.split_once(part) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::glob;

    #[test]
    fn patterns_are_anchored_at_both_ends() {
        for (pattern, text, expected) in [
            ("refs/heads/*", "refs/heads/main", true),
            ("refs/heads/*", "refs/heads/", true),
            ("refs/heads/*", "xrefs/heads/main", false),
            ("refs/heads/*", "refs/tags/refs/heads/main", false),
            ("*@example.com", "ada@example.com", true),
            ("*@example.com", "ada@example.com.evil.test", false),
            ("repo:octo-org/*:ref:refs/heads/main", "repo:octo-org/a:ref:refs/heads/main", true),
            ("repo:octo-org/*:ref:refs/heads/main", "repo:octo-org/a:ref:refs/heads/mainx", false),
            ("exact", "exact", true),
            ("exact", "exactly", false),
            ("a*a", "a", false),
            ("a*a", "aa", true),
            ("a*b*c", "abbc", true),
            ("a*b*c", "acb", false),
            ("*", "", true),
            ("", "", true),
            ("", "x", false),
            ("a.c", "abc", false),
            ("[ab]", "a", false),
            ("A", "a", false),
        ] {
            assert_eq!(glob(pattern, text), expected, "{pattern} {text}");
        }
    }
}
