//! The seeded faults (`cargo xtask faults`) are faults of the engine as it is.

use std::path::Path;

use serde_json::Value;

#[test]
fn every_seeded_fault_can_be_made() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let list = std::fs::read_to_string(root.join("tests/faults.json")).unwrap();
    let faults: Vec<Value> = serde_json::from_str(&list).unwrap();
    assert!(faults.len() >= 60, "{} faults", faults.len());
    for fault in &faults {
        let text =
            |name: &str| fault[name].as_str().unwrap_or_else(|| panic!("no `{name}`: {fault}"));
        let (name, file) = (text("name"), text("file"));
        let code = std::fs::read_to_string(root.join(file))
            .unwrap_or_else(|error| panic!("{name}: {file}: {error}"));
        assert_eq!(
            code.matches(text("find")).count(),
            1,
            "{name}: the text to find must occur once in {file}"
        );
        assert_ne!(text("find"), text("replace"), "{name}");
    }
}
