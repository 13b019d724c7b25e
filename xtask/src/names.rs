//! WebAssembly without the names of its functions, which the custom section `name`
//! holds. Nothing else of the module changes: what a backtrace counts in it, it
//! counts in the module with names, too.

use anyhow::{Context, Result};

/// The length of what stands in front of the first section.
const HEADER: usize = 8;
/// The kind of a custom section.
const CUSTOM: u8 = 0;

/// The module without its section `name`.
pub(crate) fn without(module: &[u8]) -> Result<Vec<u8>> {
    let (header, mut rest) = module.split_at_checked(HEADER).context("it is no module")?;
    let mut kept = header.to_vec();
    while let Some((&kind, behind)) = rest.split_first() {
        let (length, content) = number(behind)?;
        let (content, next) = content.split_at_checked(length).context("a section is cut off")?;
        if kind != CUSTOM || named(content)? != b"name" {
            kept.extend_from_slice(rest.get(..rest.len() - next.len()).unwrap_or_default());
        }
        rest = next;
    }
    Ok(kept)
}

/// The name of a custom section.
fn named(content: &[u8]) -> Result<&[u8]> {
    let (length, content) = number(content)?;
    content.get(..length).context("the name of a section is cut off")
}

/// A number in LEB128, and what follows it.
fn number(bytes: &[u8]) -> Result<(usize, &[u8])> {
    let mut number = 0;
    for (index, byte) in bytes.iter().take(5).enumerate() {
        number |= usize::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            return Ok((number, bytes.get(index + 1..).unwrap_or_default()));
        }
    }
    anyhow::bail!("a length is cut off")
}

#[cfg(test)]
mod tests {
    use super::*;

    const MODULE: &[u8] = b"\0asm\x01\0\0\0";

    fn with(sections: &[&[u8]]) -> Vec<u8> {
        [MODULE, &sections.concat()].concat()
    }

    #[test]
    fn only_the_names_are_left_out() {
        let (types, names, other) =
            (b"\x01\x01\0".as_slice(), b"\0\x07\x04name\x01\0", b"\0\x04\x03abc");
        let module = with(&[types, names, other]);
        assert_eq!(without(&module).ok(), Some(with(&[types, other])));
        let long = [&b"\0\x85\x01\x04name"[..], &[7; 128]].concat();
        assert_eq!(without(&with(&[&long, types])).ok(), Some(with(&[types])));
    }

    #[test]
    fn what_is_cut_off_is_no_module() {
        for cut in [b"\0asm".as_slice(), &with(&[b"\0\x07\x04name"]), &with(&[b"\x01\x80"])] {
            assert!(without(cut).is_err());
        }
    }
}
