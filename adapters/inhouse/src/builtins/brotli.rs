//! Brotli, as one more kind of stream of `host.zlib`. Authority: RFC 7932; the operations and error numbers are those of `brotli/encode.h`
//! and `brotli/decode.h`, which Node passes on.

use brotli::enc::StandardAlloc;
use brotli::enc::encode::{BrotliEncoderOperation, BrotliEncoderParameter, BrotliEncoderStateStruct};
use brotli::{Allocator, BrotliDecompressStream, BrotliResult, BrotliState, SliceWrapperMut};

use super::zlib::{BUF_ERROR, Codec, Progress};

/// What a step takes beside its bytes, and what a byte takes at the default quality and to decompress: the simulated world's figures, in
/// nanoseconds. The encoder takes several times as long as zlib's.
const STEP: u64 = 20_000;
const COMPRESS_BYTE: u64 = 400;
const DECOMPRESS_BYTE: u64 = 8;

/// Operations of an encoder; a decoder knows the last one alone, as the sign that no more input will come.
const FLUSH: u32 = 1;
const FINISH: u32 = 2;

/// What is to be taken in, and how much of it was.
#[derive(Default)]
struct Input {
    bytes: Vec<u8>,
    at: usize,
}

impl Input {
    fn left(&self) -> usize {
        self.bytes.len() - self.at
    }
}

/// The compressing direction.
pub(super) struct Encoder {
    state: BrotliEncoderStateStruct<StandardAlloc>,
    parameters: Vec<(u32, u32)>,
    dictionary: Vec<u8>,
    input: Input,
    failed: bool,
}

impl Encoder {
    /// With parameters by their numbers in `brotli/encode.h`. Those for the distance code (7 and 8) the encoder chooses itself.
    /// None if one has no meaning.
    pub(super) fn new(parameters: Vec<(u32, u32)>, dictionary: Vec<u8>) -> Option<Self> {
        let state = Self::begin(&parameters, &dictionary)?;
        Some(Self { state, parameters, dictionary, input: Input::default(), failed: false })
    }

    fn begin(parameters: &[(u32, u32)], dictionary: &[u8]) -> Option<BrotliEncoderStateStruct<StandardAlloc>> {
        let mut state = BrotliEncoderStateStruct::new(StandardAlloc::default());
        for &(number, value) in parameters {
            let parameter = match number {
                0 => BrotliEncoderParameter::BROTLI_PARAM_MODE,
                1 => BrotliEncoderParameter::BROTLI_PARAM_QUALITY,
                2 => BrotliEncoderParameter::BROTLI_PARAM_LGWIN,
                3 => BrotliEncoderParameter::BROTLI_PARAM_LGBLOCK,
                4 => BrotliEncoderParameter::BROTLI_PARAM_DISABLE_LITERAL_CONTEXT_MODELING,
                5 => BrotliEncoderParameter::BROTLI_PARAM_SIZE_HINT,
                6 => BrotliEncoderParameter::BROTLI_PARAM_LARGE_WINDOW,
                _ => continue,
            };
            if !state.set_parameter(parameter, value) {
                return None;
            }
        }
        if !dictionary.is_empty() {
            state.set_custom_dictionary(dictionary.len(), dictionary);
        }
        Some(state)
    }
}

impl Codec for Encoder {
    fn feed(&mut self, bytes: Vec<u8>) {
        self.input = Input { bytes, at: 0 };
    }

    fn step(&mut self, operation: u32, room: usize) -> Vec<u8> {
        let mut output = vec![0; room];
        let (mut available, mut made) = (room, 0);
        let mut left = self.input.left();
        let operation = match operation {
            FLUSH => BrotliEncoderOperation::BROTLI_OPERATION_FLUSH,
            FINISH => BrotliEncoderOperation::BROTLI_OPERATION_FINISH,
            _ => BrotliEncoderOperation::BROTLI_OPERATION_PROCESS,
        };
        self.failed = !self.state.compress_stream(
            operation,
            &mut left,
            &self.input.bytes,
            &mut self.input.at,
            &mut available,
            &mut output,
            &mut made,
            &mut None,
            &mut |_, _, _, _| (),
        );
        output.truncate(made);
        output
    }

    fn reset(&mut self) {
        if let Some(state) = Self::begin(&self.parameters, &self.dictionary) {
            self.state = state;
        }
        self.failed = false;
    }

    fn modelled(&self, room: usize) -> u64 {
        STEP + COMPRESS_BYTE * self.input.left().min(room * 4) as u64
    }

    fn progress(&self) -> Progress {
        let message = self.failed.then(|| "Compression failed".to_owned());
        Progress { left: self.input.left(), code: if self.failed { BUF_ERROR } else { 0 }, message }
    }
}

type State = BrotliState<StandardAlloc, StandardAlloc, StandardAlloc>;

/// The decompressing direction.
pub(super) struct Decoder {
    state: Box<State>,
    large_window: bool,
    dictionary: Vec<u8>,
    input: Input,
    over: bool,
    failure: Option<(i32, &'static str)>,
}

impl Decoder {
    /// A large window goes beyond RFC 7932, up to 30 bits.
    pub(super) fn new(large_window: bool, dictionary: Vec<u8>) -> Self {
        let state = Self::begin(large_window, &dictionary);
        Self { state, large_window, dictionary, input: Input::default(), over: false, failure: None }
    }

    fn begin(large_window: bool, dictionary: &[u8]) -> Box<State> {
        let make = if large_window { State::new } else { State::new_strict };
        let mut state = Box::new(make(StandardAlloc::default(), StandardAlloc::default(), StandardAlloc::default()));
        if !dictionary.is_empty() {
            // One that is too long for the format is missed, and reported, when the stream refers to it.
            let mut memory = <StandardAlloc as Allocator<u8>>::alloc_cell(&mut StandardAlloc::default(), dictionary.len());
            memory.slice_mut().copy_from_slice(dictionary);
            state.attach_dictionary(memory);
        }
        state
    }
}

impl Codec for Decoder {
    fn feed(&mut self, bytes: Vec<u8>) {
        self.input = Input { bytes, at: 0 };
    }

    fn step(&mut self, operation: u32, room: usize) -> Vec<u8> {
        if self.over {
            return Vec::new();
        }
        let mut output = vec![0; room];
        let (mut available, mut made, mut total) = (room, 0, 0);
        let mut left = self.input.left();
        let result = BrotliDecompressStream(
            &mut left,
            &mut self.input.at,
            &self.input.bytes,
            &mut available,
            &mut made,
            &mut output,
            &mut total,
            &mut self.state,
        );
        match result {
            BrotliResult::ResultSuccess => self.over = true,
            BrotliResult::NeedsMoreInput if operation == FINISH => self.failure = Some((BUF_ERROR, "unexpected end of file")),
            BrotliResult::NeedsMoreInput | BrotliResult::NeedsMoreOutput => {}
            BrotliResult::ResultFailure => self.failure = Some((self.state.error_code as i32, "Decompression failed")),
        }
        output.truncate(made);
        output
    }

    fn reset(&mut self) {
        self.state = Self::begin(self.large_window, &self.dictionary);
        self.over = false;
        self.failure = None;
    }

    fn modelled(&self, room: usize) -> u64 {
        STEP + DECOMPRESS_BYTE * room as u64
    }

    fn progress(&self) -> Progress {
        let (code, message) = self.failure.map_or((0, None), |(code, message)| (code, Some(message.to_owned())));
        Progress { left: self.input.left(), code, message }
    }
}
