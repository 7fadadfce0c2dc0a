#include "base/memory.h"

#include <cstdlib>
#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace livestream {

void release_free_memory() {
#ifdef __GLIBC__
  // The first call initialises glibc's allocator when a sanitizer's allocator hides it. That is not
  // thread-safe, so a static makes it once.
  [[maybe_unused]] static const int first = malloc_trim(0);
  (void)malloc_trim(0);
#endif
}

}  // namespace livestream
