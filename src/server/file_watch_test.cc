#include "server/file_watch.h"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <unistd.h>

#include <gtest/gtest.h>

namespace livestream {
namespace {

using namespace std::chrono_literals;

class FileWatchTest : public testing::Test {
 protected:
  FileWatchTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "watch-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
    std::filesystem::create_directory(folder_ + "/streams.d");
    write("streams.d/a.yml", "1");
    watch_.watch({folder_ + "/livestream.yml", folder_ + "/streams.d"});
  }
  ~FileWatchTest() override { std::filesystem::remove_all(folder_); }

  void write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ + "/" + name) << text;
  }
  // Whether a change is told soon.
  bool is_told() {
    const int before = told_;
    const auto end = std::chrono::steady_clock::now() + 10s;
    while (told_ == before && std::chrono::steady_clock::now() < end) {
      loop_.restart();
      loop_.run_one_for(100ms);
    }
    return told_ == before + 1;
  }

  std::string folder_;
  boost::asio::io_context loop_{1};
  int told_ = 0;
  FileWatch watch_{loop_, [this] { ++told_; }};
};

TEST_F(FileWatchTest, TellsOfFilesThatComeChangeAndGoAlsoWithinAFolder) {
  write("livestream.yml", "x");
  EXPECT_TRUE(is_told());
  // The folder itself does not look different.
  write("streams.d/a.yml", "22");
  EXPECT_TRUE(is_told());
  std::filesystem::remove(folder_ + "/livestream.yml");
  EXPECT_TRUE(is_told());
}

TEST_F(FileWatchTest, WaitsUntilAFileIsNotWrittenAnyMoreAndTellsNothingOfNothing) {
  int size = 0;
  const auto end = std::chrono::steady_clock::now() + 3500ms;
  while (std::chrono::steady_clock::now() < end) {
    write("livestream.yml", std::string(static_cast<std::size_t>(++size), 'x'));
    loop_.restart();
    loop_.run_one_for(100ms);
  }
  EXPECT_EQ(told_, 0);
  EXPECT_TRUE(is_told());
  loop_.restart();
  loop_.run_for(2500ms);
  EXPECT_EQ(told_, 1);
}

}  // namespace
}  // namespace livestream
