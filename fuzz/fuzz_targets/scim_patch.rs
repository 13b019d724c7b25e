#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| exchequer_fuzz::target("scim_patch")(bytes));
