#include "base/memory.h"

#include <cstdlib>
#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace livestream {

void release_free_memory() {
#ifdef __GLIBC__
  // The first call of all sets glibc's allocator up, unguarded, where another stands before it (a
  // sanitizer's): one thread alone may make it.
  [[maybe_unused]] static const int first = malloc_trim(0);
  (void)malloc_trim(0);
#endif
}

}  // namespace livestream
