#include "base/memory.h"

#include <cstdlib>
#ifdef __GLIBC__
#include <malloc.h>

#include "base/mutex.h"
#endif

namespace livestream {

void release_free_memory() {
#ifdef __GLIBC__
  // One at a time: each call goes over the memory of all threads. And the first call of all sets
  // glibc's allocator up, unguarded, where another stands before it (a sanitizer's).
  static Mutex one_at_a_time;
  const MutexLock lock(one_at_a_time);
  (void)malloc_trim(0);
#endif
}

}  // namespace livestream
