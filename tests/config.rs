#[cfg(feature="schema")]
#[test] fn p(){ println!("{}", serde_json::to_string_pretty(&exchequer::config::schema()).unwrap()); }
