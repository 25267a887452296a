//! Files in the form of Python's configparser, with interpolation of every option.
#![no_main]

use libfuzzer_sys::fuzz_target;
use yagura_ini::Ini;

fuzz_target!(|text: &str| {
    let Ok(ini) = Ini::parse("user.ini", text) else {
        return;
    };
    for section in ini.sections() {
        for key in ini.own_keys(section) {
            let _ = ini.get(section, key);
            let _ = ini.origin(section, key);
            let _ = ini.references(section, key);
        }
    }
});
