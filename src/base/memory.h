#pragma once

namespace livestream {

// Returns freed memory to the system, which glibc keeps otherwise. Takes some milliseconds for each
// 100 MB held. Any thread.
void release_free_memory();

}  // namespace livestream
