//! Prints a JSON Schema: with the argument `results` that of the engine's
//! results, otherwise that of the configuration document.

fn main() -> Result<(), serde_json::Error> {
    let schema = match std::env::args().nth(1).as_deref() {
        Some("results") => exchequer::schema::results(),
        _ => exchequer::config::schema(),
    };
    println!("{}", serde_json::to_string_pretty(&schema)?);
    Ok(())
}
