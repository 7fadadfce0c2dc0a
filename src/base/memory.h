#pragma once

namespace livestream {

// Gives memory that is allocated no more back to the system, where the C library keeps it otherwise
// (glibc). Takes some milliseconds per 100 MB held; any thread.
void release_free_memory();

}  // namespace livestream
