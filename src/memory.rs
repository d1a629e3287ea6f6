//! The process's memory: mimalloc, and what becomes of a process that gets no more.

use std::alloc::{GlobalAlloc, Layout};

use mimalloc::MiMalloc;

/// mimalloc. Where the system gives no more memory, the process ends as by a defect, rather than by a signal that tells
/// nobody why.
pub struct Allocator;

// SAFETY: mimalloc keeps the promises of an allocator, and all that is added is that it never returns null.
unsafe impl GlobalAlloc for Allocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promises are mimalloc's.
        or_end(unsafe { MiMalloc.alloc(layout) })
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as above.
        or_end(unsafe { MiMalloc.alloc_zeroed(layout) })
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: as above.
        or_end(unsafe { MiMalloc.realloc(memory, layout, size) })
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { MiMalloc.dealloc(memory, layout) }
    }
}

fn or_end(memory: *mut u8) -> *mut u8 {
    if memory.is_null() {
        end();
    }
    memory
}

const MESSAGE: &str = "error: the system gives this process no more memory
hint: lower limits.memory and limits.target_partitions, or raise what it may have (`ulimit -v`, the container's limit)
";

/// `EX_SOFTWARE` of sysexits.h, as of any other defect.
const EXIT_CODE: i32 = 70;

unsafe extern "C" {
    fn write(file: i32, bytes: *const u8, count: usize) -> isize;
    fn _exit(code: i32) -> !;
}

/// Neither formats nor locks anything, for both may need memory.
#[cold]
fn end() -> ! {
    // SAFETY: the bytes are there for as long as the program is; nothing is done after the exit.
    unsafe {
        write(2, MESSAGE.as_ptr(), MESSAGE.len());
        _exit(EXIT_CODE)
    }
}
