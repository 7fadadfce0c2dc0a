#include "base/memory.h"

#include <atomic>
#include <cstdlib>
#include <thread>

#include <gtest/gtest.h>

namespace livestream {
namespace {

void release_by_two_threads_at_once() {
  std::atomic<int> ready = 0;
  const auto release = [&ready] {
    ++ready;
    while (ready < 2) {
    }
    release_free_memory();
  };
  std::thread one(release);
  std::thread other(release);
  one.join();
  other.join();
  std::exit(EXIT_SUCCESS);
}

// Under a sanitizer these are the first calls of glibc's allocator. Without the static in
// release_free_memory, two threads break it and the process ends every other time.
TEST(Memory, IsGivenBackByTwoThreadsAtOnce) {
  for (int i = 0; i < 20; ++i) {
    EXPECT_EXIT(release_by_two_threads_at_once(), testing::ExitedWithCode(EXIT_SUCCESS), "");
  }
}

}  // namespace
}  // namespace livestream
