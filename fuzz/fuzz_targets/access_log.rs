#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| trailmeter_fuzz_checks::check("access_log", input));
