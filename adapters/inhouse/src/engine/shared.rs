//! `SharedArrayBuffer` memory, counted across engines.

use std::alloc::{Layout, alloc, dealloc};
use std::ffi::c_void;
use std::sync::atomic::{AtomicUsize, Ordering, fence};

use rquickjs::qjs;

use crate::host::channels::SharedMemory;

/// Precedes the bytes that the program sees, which need the alignment of the widest atomic.
#[repr(C, align(16))]
struct Header {
    owners: AtomicUsize,
    layout: Layout,
}

const HEADER: usize = size_of::<Header>();

/// Lets `SharedArrayBuffer`s of this runtime be shared with others.
pub(super) fn install(runtime: *mut qjs::JSRuntime) {
    let functions = qjs::JSSharedArrayBufferFunctions {
        sab_alloc: Some(allocate),
        sab_free: Some(release),
        sab_dup: Some(retain),
        sab_opaque: std::ptr::null_mut(),
    };
    // SAFETY: the runtime is alive, and copies the structure.
    unsafe { qjs::JS_SetSharedArrayBufferFunctions(runtime, &raw const functions) };
}

unsafe extern "C" fn allocate(_: *mut c_void, size: qjs::size_t) -> *mut c_void {
    let Some(layout) = usize::try_from(size)
        .ok()
        .and_then(|size| size.checked_add(HEADER))
        .and_then(|size| Layout::from_size_align(size, 16).ok())
    else {
        return std::ptr::null_mut();
    };
    // SAFETY: the layout is not empty; the header is written before anybody sees the memory.
    unsafe {
        let start = alloc(layout);
        if start.is_null() {
            return std::ptr::null_mut();
        }
        start.cast::<Header>().write(Header { owners: AtomicUsize::new(1), layout });
        start.add(HEADER).cast()
    }
}

/// The header of memory that [`allocate`] returned.
unsafe fn header(memory: *mut c_void) -> *mut Header {
    // SAFETY: the caller passes what `allocate` returned, which lies `HEADER` bytes into its block.
    unsafe { memory.cast::<u8>().sub(HEADER).cast() }
}

unsafe extern "C" fn retain(_: *mut c_void, memory: *mut c_void) {
    // SAFETY: the caller owns a reference, so the header is alive.
    unsafe { (*header(memory)).owners.fetch_add(1, Ordering::Relaxed) };
}

unsafe extern "C" fn release(_: *mut c_void, memory: *mut c_void) {
    // SAFETY: the caller gives up its reference; the last one frees the block, after all other owners' writes.
    unsafe {
        let header = header(memory);
        if (*header).owners.fetch_sub(1, Ordering::Release) == 1 {
            fence(Ordering::Acquire);
            let layout = (*header).layout;
            dealloc(header.cast(), layout);
        }
    }
}

/// A reference to shared memory that a message holds while it is under way.
#[derive(Debug)]
pub(super) struct Held(*mut c_void);

// SAFETY: the memory is shared by design, its count is atomic, and nothing here reads it.
unsafe impl Send for Held {}

impl SharedMemory for Held {}

impl Held {
    /// Takes a reference to the memory behind a `SharedArrayBuffer`.
    ///
    /// # Safety
    /// `memory` is what [`allocate`] returned, and alive.
    pub(super) unsafe fn new(memory: *mut c_void) -> Self {
        // SAFETY: as promised by the caller.
        unsafe { retain(std::ptr::null_mut(), memory) };
        Self(memory)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        // SAFETY: this value owns one reference.
        unsafe { release(std::ptr::null_mut(), self.0) };
    }
}
