// Sources that are played in passes (files, still pictures, snapshots), in the hands of the
// Supervisor.
#include "source/file_passes.h"

#include <filesystem>
#include <fstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "source/supervisor_fixture_for_test.h"

namespace livestream {
namespace {

using ::testing::Not;

class FilePassesTest : public SupervisorTest {};

class FilePassesFileTest : public SupervisorTest {
 protected:
  FilePassesFileTest()
      : path_(testing::TempDir() + testing::UnitTest::GetInstance()->current_test_info()->name() +
              ".png") {
    std::ofstream(path_) << "old";
  }
  ~FilePassesFileTest() override { std::filesystem::remove(path_); }
  const std::string path_;
};

TEST_F(FilePassesFileTest, TheNextPassIsOpenedBeforeTheLastOneHasBeenPlayed) {
  start("clip.mp4");
  open();
  picture(0);
  picture(1'000);
  end({.code = 0});
  ASSERT_EQ(ffmpegs_.count(), 2U);
  EXPECT_EQ(status().state, SourceState::kRunning);
  const std::uint64_t before = stream_.newest();
  open();
  picture(0);
  EXPECT_EQ(stream_.newest(), before) << "the first pass has a second to go";
  EXPECT_EQ(status().restarts, 0U);
  EXPECT_EQ(status().last_error, "");
}

TEST_F(FilePassesFileTest, AnEncoderThatFailsAtTheEndDoesNotEndThePlaying) {
  start("clip.mp4");
  open();
  picture(0);
  FakeFfmpeg& reading = ffmpeg();
  const std::size_t before = ffmpegs_.count();
  reading.put_out_pictures(relayed_picture(16, 16, 100));
  reading.put_out_pictures(relayed_picture(24, 32, 100));
  ASSERT_EQ(ffmpegs_.count(), before + 1);
  FakeFfmpeg& encoder = ffmpeg();
  reading.end({.code = 0});
  ASSERT_EQ(ffmpegs_.count(), before + 2) << "the next pass is open";
  open();
  picture(0);
  const std::uint64_t newest = stream_.newest();
  encoder.end({.signal = 11});
  pass(2s);
  EXPECT_GT(stream_.newest(), newest) << "the next pass plays";
  EXPECT_EQ(status().state, SourceState::kRunning);
}

TEST_F(FilePassesFileTest, AFileIsReadOnlySoFarAhead) {
  start("clip.mp4");
  open(false);
  picture(0);
  EXPECT_FALSE(ffmpeg().held);
  picture(1'900);
  EXPECT_FALSE(ffmpeg().held);
  picture(2'100);
  EXPECT_TRUE(ffmpeg().held);
}

TEST_F(FilePassesFileTest, APassThatFailsIsTriedAgainAfterTheLastOneHasBeenPlayed) {
  start("clip.mp4");
  open();
  picture(0);
  picture(1);
  end({.code = 0});
  ffmpeg().say("clip.mp4: Input/output error", LogLevel::kError);
  ffmpegs_.last().end({.code = 1});
  clock_.passed += 10ms;
  loop_.restart();
  loop_.run_for(500ms);
  EXPECT_EQ(status().state, SourceState::kWaiting);
  EXPECT_THAT(status().last_error, Not(""));
}

TEST_F(FilePassesFileTest, APassThatWaitsIsOpenedAgainWhenItsFileHasChanged) {
  start(path_);
  open();
  picture(0);
  picture(1);
  end({.code = 0});
  open();
  picture(0);
  const std::size_t opened = ffmpegs_.count();
  std::ofstream(path_) << "a new clip";
  pass(0ms);
  EXPECT_EQ(ffmpegs_.count(), opened) << "the first pass is still played";
  clock_.passed += 10ms;
  loop_.restart();
  loop_.run_for(500ms);
  EXPECT_EQ(ffmpegs_.count(), opened + 1);
  open();
  const std::uint64_t before = stream_.newest();
  picture(0);
  pass(250ms);
  EXPECT_GT(stream_.newest(), before);
  EXPECT_EQ(status().restarts, 0U);
}

TEST_F(FilePassesTest, AnHttpFileThatIsReadAtOnceIsAskedForAgainBeforeItHasBeenPlayed) {
  start("http://server/clip.ts");
  open();
  for (std::uint32_t ms = 0; ms <= 3'000; ms += 500) picture(ms);
  end({.code = 0});
  const std::size_t opened = ffmpegs_.count();
  pass(750ms);
  EXPECT_EQ(ffmpegs_.count(), opened) << "it is asked once a second at most";
  pass(500ms);
  EXPECT_EQ(ffmpegs_.count(), opened + 1);
  EXPECT_EQ(status().state, SourceState::kRunning);
}

TEST_F(FilePassesFileTest, AStillPictureIsReadAgainWhenItsFileHasChanged) {
  start(path_);
  open(false);
  picture(0);
  end({.code = 0});
  const std::size_t before = ffmpegs_.count();
  pass(1min);
  EXPECT_EQ(ffmpegs_.count(), before);
  EXPECT_EQ(status().state, SourceState::kRunning);
  std::ofstream(path_) << "a new picture";
  pass(1s);
  EXPECT_EQ(ffmpegs_.count(), before + 1);
}

TEST_F(FilePassesTest, ASnapshotIsAskedOnceASecond) {
  start("http://camera/snapshot.jpg");
  for (int i = 0; i < 5; ++i) {
    open(false);
    picture(0);
    end({.code = 0});
    const std::size_t asked = ffmpegs_.count();
    pass(750ms);
    EXPECT_EQ(ffmpegs_.count(), asked);
    pass(250ms);
    EXPECT_EQ(ffmpegs_.count(), asked + 1);
  }
  EXPECT_EQ(status().state, SourceState::kRunning);
  EXPECT_EQ(status().restarts, 0U);
}

TEST_F(FilePassesTest, ASnapshotAddressMayRefuseNowAndThen) {
  start("http://camera/snapshot.jpg");
  open(false);
  picture(0);
  end({.code = 0});
  for (int i = 0; i < 4; ++i) {
    pass(1250ms);
    ffmpeg().say("Server returned 5XX Server Error reply", LogLevel::kError);
    end();
  }
  EXPECT_EQ(status().state, SourceState::kRunning);
  pass(1250ms);
  picture(0);
  pass(250ms);
  EXPECT_EQ(status().state, SourceState::kRunning);
  EXPECT_EQ(status().restarts, 0U);
}

TEST_F(FilePassesTest, ASnapshotAddressThatAlwaysRefusesIsAway) {
  start("http://camera/snapshot.jpg");
  open(false);
  picture(0);
  end({.code = 0});
  for (int i = 0; i < 5; ++i) {
    pass(1250ms);
    end();
  }
  EXPECT_EQ(status().state, SourceState::kWaiting);
}

TEST_F(FilePassesTest, ASnapshotThatNeverComesIsEnded) {
  start("http://camera/snapshot.jpg");
  open(false);
  picture(0);
  end({.code = 0});
  pass(1250ms);
  ASSERT_TRUE(ffmpeg().alive);
  pass(16s);
  EXPECT_TRUE(ffmpeg().killed);
}

TEST_F(FilePassesFileTest, AStillPictureStandsUntilItsFileIsGoodAgain) {
  start(path_);
  open(false);
  picture(0);
  end({.code = 0});
  std::ofstream(path_) << "a broken picture";
  pass(1s);
  end();
  EXPECT_EQ(status().state, SourceState::kRunning);
  const std::size_t before = ffmpegs_.count();
  pass(10s);
  EXPECT_EQ(ffmpegs_.count(), before) << "it has not changed since";
  std::ofstream(path_) << "the picture after that";
  pass(1s);
  EXPECT_EQ(ffmpegs_.count(), before + 1);
}

}  // namespace
}  // namespace livestream
