//! Decoders of legacy encodings in the middle of their texts.
//!
//! A program that abandons one leaves it here until it ends.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use encoding_rs::{Decoder, DecoderResult, Encoding};

/// The decoders of one program.
#[derive(Default)]
pub(crate) struct Decoders {
    running: RefCell<HashMap<u32, Decoder>>,
    last: Cell<u32>,
}

impl Decoders {
    /// Begins a text; the byte order mark is the caller's business.
    pub(super) fn start(&self, encoding: &'static Encoding) -> u32 {
        self.last.set(self.last.get() + 1);
        self.running.borrow_mut().insert(self.last.get(), encoding.new_decoder_without_bom_handling());
        self.last.get()
    }

    /// Decodes more of a text; none for malformed bytes if `fatal`, which end it, as the last bytes do.
    pub(super) fn run(&self, id: u32, bytes: &[u8], last: bool, fatal: bool) -> Option<String> {
        let mut decoder = self.running.borrow_mut().remove(&id)?;
        let mut text = String::new();
        if fatal {
            text.reserve(decoder.max_utf8_buffer_length_without_replacement(bytes.len())?);
            let (result, _) = decoder.decode_to_string_without_replacement(bytes, &mut text, last);
            if result != DecoderResult::InputEmpty {
                return None;
            }
        } else {
            text.reserve(decoder.max_utf8_buffer_length(bytes.len())?);
            let _ = decoder.decode_to_string(bytes, &mut text, last);
        }
        if !last {
            self.running.borrow_mut().insert(id, decoder);
        }
        Some(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_character_may_be_cut_between_two_calls_and_malformed_bytes_end_a_fatal_text() {
        let decoders = Decoders::default();
        let text = decoders.start(encoding_rs::SHIFT_JIS);
        assert_eq!(decoders.run(text, b"a\x82", false, true).as_deref(), Some("a"));
        assert_eq!(decoders.run(text, b"\xa0", true, true).as_deref(), Some("\u{3042}"));
        assert_eq!(decoders.run(text, b"a", true, true), None, "the text is over");
        let text = decoders.start(encoding_rs::SHIFT_JIS);
        assert_eq!(decoders.run(text, b"\x82", true, true), None);
        let text = decoders.start(encoding_rs::SHIFT_JIS);
        assert_eq!(decoders.run(text, b"\x82", true, false).as_deref(), Some("\u{fffd}"));
    }
}
