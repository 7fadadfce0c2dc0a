#include "base/process_usage.h"

#include <fcntl.h>
#include <vector>

#include <gtest/gtest.h>

#include "base/unique_fd.h"

namespace livestream {
namespace {

#ifdef __linux__
TEST(ProcessUsage, CountsOpenFiles) {
  const std::uint64_t before = process_usage().open_files.value();
  std::vector<UniqueFd> files;
  for (int i = 0; i < 5; ++i) files.emplace_back(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  EXPECT_EQ(process_usage().open_files, before + 5);
  EXPECT_GT(process_usage().max_open_files, before + 5);
}

TEST(ProcessUsage, MeasuresMemoryInUse) {
  constexpr std::size_t kSize = 64u << 20;
  const std::uint64_t before = process_usage().resident_bytes.value();
  const std::vector<char> used(kSize, 'x');
  const std::uint64_t after = process_usage().resident_bytes.value();
  EXPECT_GT(after, before + kSize * 9 / 10);
  EXPECT_LT(after, before + kSize * 2);
}
#endif

TEST(ProcessUsage, MeasuresProcessorTime) {
  const double before = process_usage().cpu_seconds.value();
  while (process_usage().cpu_seconds.value() < before + 0.01) {
  }
  EXPECT_LT(before, 600);
}

}  // namespace
}  // namespace livestream
