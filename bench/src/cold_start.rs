//! What a cold start costs: CPU time of the function's binary until it asks for its first event.

mod lambda;

use std::io::Write;

use anyhow::Result;

fn main() -> Result<()> {
    // Nobody answers: a start that asks a service of AWS would not come to its end.
    let function = lambda::start(&lambda::binary()?, "http://127.0.0.1:9")?;
    let cpu = lambda::cpu(&function)?;
    let out = &mut std::io::stdout();
    writeln!(out, "cold start to first poll: {:.1} ms CPU", cpu.as_secs_f64() * 1e3)?;
    writeln!(out, "in seconds: {:.6}", cpu.as_secs_f64())?;
    Ok(())
}
