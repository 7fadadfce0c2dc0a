#include "stream/stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "stream/batch_cache.h"
#include "stream/feed_for_test.h"

namespace livestream {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;

StreamDescription description(bool with_audio, std::string_view tag) {
  return description_of({.video = true, .audio = with_audio}, tag);
}

std::vector<std::string> names(const std::optional<Batch>& batch) {
  return batch ? names_in(*batch->blocks) : std::vector<std::string>();
}

class StreamTest : public testing::Test {
 protected:
  Stream stream_{"default", "e"};
  Feed feed_{stream_};
};

TEST_F(StreamTest, HasNothingBeforeTheFirstIndependentFragment) {
  EXPECT_FALSE(stream_.ready());
  EXPECT_EQ(stream_.read({}), std::nullopt);
  stream_.describe(description(false, "1"));
  EXPECT_FALSE(stream_.ready());
  EXPECT_EQ(stream_.read({}), std::nullopt);
  feed_.video(true);
  EXPECT_TRUE(stream_.ready());
  EXPECT_THAT(names(stream_.read({})), ElementsAre("init-1", "v1"));
}

TEST_F(StreamTest, JoinsAtTheNewestIndependentFragmentWithItsWholeGop) {
  stream_.describe(description(false, "1"));
  feed_.gop();
  feed_.video(true);
  feed_.video(false);
  const auto batch = stream_.read({});
  EXPECT_THAT(names(batch), ElementsAre("init-1", "v11", "v12"));
  EXPECT_EQ(batch->after.next, 13u);
  EXPECT_EQ(batch->fragments, 2u);
  EXPECT_EQ(batch->skipped, 0u);
}

TEST_F(StreamTest, ClearedItIsReadyAgainWithTheNextIndependentFragment) {
  stream_.describe(description(true, "1"));
  feed_.gop(true);
  const auto seen = stream_.read({});
  Cursor amid;
  amid.next = 5;
  stream_.clear();
  EXPECT_FALSE(stream_.ready());
  EXPECT_EQ(stream_.read({}), std::nullopt);
  EXPECT_EQ(stream_.read(amid), std::nullopt);
  EXPECT_EQ(stream_.totals().log_bytes, 0u);
  EXPECT_EQ(stream_.newest(), feed_.newest());
  feed_.message();
  feed_.video(true);
  EXPECT_THAT(names(stream_.read({})), ElementsAre("init-1", "v22"));
  EXPECT_THAT(names(stream_.read(amid)), ElementsAre("init-1", "v22"));
  EXPECT_THAT(names(stream_.read(seen->after)), ElementsAre("m21", "v22"));
}

TEST_F(StreamTest, SendsTheInitSegmentOnce) {
  stream_.describe(description(false, "1"));
  feed_.video(true);
  const Cursor after = stream_.read({})->after;
  EXPECT_EQ(stream_.read(after), std::nullopt);
  feed_.video(false);
  EXPECT_THAT(names(stream_.read(after)), ElementsAre("v2"));
}

TEST_F(StreamTest, SendsANewInitSegmentBeforeTheFirstFragmentThatNeedsIt) {
  stream_.describe(description(false, "1"));
  feed_.video(true);
  const Cursor after = stream_.read({})->after;
  feed_.video(false);
  stream_.describe(description(false, "2"));
  feed_.message();
  feed_.video(true);
  EXPECT_THAT(names(stream_.read(after)), ElementsAre("v2", "m3", "init-2", "v4"));
}

TEST_F(StreamTest, MergesItsTracksInTheOrderOfPublication) {
  stream_.describe(description(true, "1"));
  feed_.video(true);
  feed_.audio();
  feed_.audio();
  feed_.video(false);
  EXPECT_THAT(names(stream_.read({})), ElementsAre("init-1", "v1", "a2", "a3", "v4"));
}

TEST_F(StreamTest, GivesVideoAloneWithItsOwnInitSegment) {
  stream_.describe(description(true, "1"));
  feed_.video(true);
  feed_.audio();
  feed_.message();
  feed_.video(false);
  feed_.audio();
  const auto batch = stream_.read({.selection = {.video = true, .audio = false}});
  EXPECT_THAT(names(batch), ElementsAre("init-video-1", "v1", "m3", "v4"));
  EXPECT_EQ(batch->after.next, 6u) << "past the audio that it did not select";
}

TEST_F(StreamTest, ServesASourceWithoutSoundToAViewerThatSelectsSound) {
  stream_.describe(description(false, "1"));
  feed_.video(true);
  EXPECT_THAT(names(stream_.read({.selection = {.video = true, .audio = true}})),
              ElementsAre("init-1", "v1"));
}

TEST_F(StreamTest, MovesALaggingCursorToTheNewestIndependentFragmentAndCountsWhatItMissed) {
  stream_.describe(description(false, "1"));
  feed_.gop();
  const Cursor stuck = stream_.read({})->after;
  ASSERT_EQ(stuck.next, 11u);
  for (int i = 0; i < 5; ++i) feed_.gop();
  const auto batch = stream_.read(stuck);
  EXPECT_EQ(names(batch).front(), "v51");
  EXPECT_EQ(batch->skipped, 40u);
}

TEST_F(StreamTest, LeavesACursorAloneThatLagsLessThanItMay) {
  stream_.describe(description(false, "1"));
  feed_.gop();
  const Cursor behind = stream_.read({})->after;
  feed_.gop();
  feed_.gop();
  const auto batch = stream_.read(behind);
  EXPECT_EQ(names(batch).front(), "v11");
  EXPECT_EQ(batch->skipped, 0u);
}

TEST_F(StreamTest, LetsAResumedCursorCatchUpFromFarBehindThenTreatsItAsLive) {
  stream_.describe(description(false, "1"));
  for (int i = 0; i < 8; ++i) feed_.gop();
  const auto batch = stream_.read({.next = 12, .max_lag = std::chrono::hours(1)});
  EXPECT_THAT(names(batch).front(), "init-1");
  EXPECT_THAT(names(batch)[1], "v12");
  EXPECT_EQ(batch->after.next, 81u);
  EXPECT_EQ(batch->after.max_lag, Cursor::kLiveLag);
}

TEST_F(StreamTest, ResumesAtTheNewestIndependentFragmentWhenTheLogHasForgotten) {
  Stream small("default", "e", {.duration = seconds(2), .max_bytes = 1 << 20});
  Feed feed(small);
  small.describe(description(false, "1"));
  for (int i = 0; i < 8; ++i) feed.gop();
  const auto batch = small.read({.next = 12, .generation = 1, .max_lag = std::chrono::hours(1)});
  EXPECT_EQ(names(batch).front(), "v71");
  EXPECT_EQ(batch->skipped, 59u);
}

TEST_F(StreamTest, KeepsTwoWholeGopsHoweverOldTheyAre) {
  Stream small("default", "e", {.duration = milliseconds(1), .max_bytes = 1 << 20});
  Feed feed(small);
  small.describe(description(false, "1"));
  for (int i = 0; i < 8; ++i) feed.gop();
  feed.video(true);
  EXPECT_EQ(small.totals().log_fragments, 21u);
}

TEST_F(StreamTest, StaysWithinItsBytesEvenWithinOneGop) {
  Stream small("default", "e", {.duration = seconds(10), .max_bytes = 10'000});
  Feed feed(small);
  small.describe(description(false, "1"));
  feed.video(true, 1000);
  for (int i = 0; i < 50; ++i) {
    feed.video(false, 1000);
    EXPECT_LE(small.totals().log_bytes, 10'000u);
  }
  EXPECT_FALSE(small.ready()) << "a viewer cannot join without the GOP's beginning";
  EXPECT_EQ(small.read({}), std::nullopt);
  EXPECT_EQ(names(small.read({.next = 50, .generation = 1})).size(), 2u)
      << "a viewer in mid-GOP goes on";
  feed.video(true, 1000);
  EXPECT_TRUE(small.ready());
}

TEST_F(StreamTest, KeepsOnlyTheNewestMessages) {
  stream_.describe(description(false, "1"));
  feed_.video(true);
  for (int i = 0; i < 1000; ++i) feed_.message();
  EXPECT_EQ(stream_.totals().log_fragments, 5u);
  EXPECT_EQ(names(stream_.read({})).back(), "m1001");
}

TEST_F(StreamTest, DoesNotCountAGapInTimeAsLag) {
  stream_.describe(description(false, "1"));
  feed_.video(true);
  const Cursor after = stream_.read({})->after;
  feed_.skip(std::chrono::hours(1));
  feed_.video(true);
  const auto batch = stream_.read(after);
  EXPECT_THAT(names(batch), ElementsAre("v2"));
  EXPECT_EQ(batch->skipped, 0u);
}

TEST_F(StreamTest, TellsHowFarACursorIsBehind) {
  stream_.describe(description(false, "1"));
  feed_.gop();
  EXPECT_EQ(stream_.lag(1), milliseconds(900));
  EXPECT_EQ(stream_.lag(10), milliseconds(0));
  EXPECT_EQ(stream_.lag(11), milliseconds(0));
}

TEST_F(StreamTest, LimitsABatchAndGoesOnWhereItEnded) {
  stream_.describe(description(false, "1"));
  feed_.video(true);
  for (std::size_t i = 0; i < Stream::kMaxBatchBlocks; ++i) feed_.video(false);
  const auto first = stream_.read({});
  EXPECT_EQ(first->blocks->blocks().size(), Stream::kMaxBatchBlocks);
  const auto second = stream_.read(first->after);
  EXPECT_THAT(names(second), ElementsAre("v500", "v501"));
}

class CountingListener final : public StreamListener {
 public:
  void on_published() override { ++count; }
  int count = 0;
};

TEST_F(StreamTest, WakesViewersOncePerVideoFrameAndMessage) {
  CountingListener listener;
  stream_.set_listeners({&listener});
  stream_.describe(description(true, "1"));
  feed_.video(true);
  feed_.audio();
  feed_.audio();
  EXPECT_EQ(listener.count, 1);
  feed_.message();
  EXPECT_EQ(listener.count, 2);
}

TEST_F(StreamTest, WakesViewersPerAudioFragmentWhileThePictureStands) {
  CountingListener listener;
  stream_.set_listeners({&listener});
  stream_.describe(description(true, "1"));
  feed_.video(true);
  feed_.arrived += std::chrono::milliseconds(99);
  feed_.audio();
  EXPECT_EQ(listener.count, 1);
  feed_.arrived += std::chrono::milliseconds(1);
  feed_.audio();
  feed_.audio();
  EXPECT_EQ(listener.count, 3);
  feed_.video(false);
  feed_.audio();
  EXPECT_EQ(listener.count, 4);
}

TEST_F(StreamTest, WakesViewersPerAudioFragmentWhereThereIsNoVideo) {
  CountingListener listener;
  stream_.set_listeners({&listener});
  stream_.describe(description_of({.video = false, .audio = true}, "1"));
  feed_.sound_alone();
  EXPECT_EQ(listener.count, 1);
}

class AudioOnlyStreamTest : public StreamTest {
 protected:
  AudioOnlyStreamTest() { stream_.describe(description_of({.video = false, .audio = true}, "1")); }
};

TEST_F(AudioOnlyStreamTest, ServesItsFragmentsToAViewerThatSelectsEverything) {
  EXPECT_FALSE(stream_.ready());
  feed_.sound_alone();
  feed_.sound_alone();
  EXPECT_TRUE(stream_.ready());
  const auto joined = stream_.read({});
  EXPECT_THAT(names(joined), ElementsAre("init-1", "a2"));
  feed_.message();
  feed_.sound_alone();
  EXPECT_THAT(names(stream_.read(joined->after)), ElementsAre("m3", "a4"));
}

TEST_F(AudioOnlyStreamTest, KeepsItsRetentionAndMovesALaggingCursor) {
  feed_.sound_alone();
  const Cursor stuck = stream_.read({})->after;
  for (int i = 0; i < 300; ++i) feed_.sound_alone();
  EXPECT_LE(stream_.totals().log_fragments, 102u) << "ten seconds";
  const auto batch = stream_.read(stuck);
  EXPECT_THAT(names(batch), ElementsAre("a301"));
  EXPECT_EQ(batch->skipped, 299u);
}

TEST_F(AudioOnlyStreamTest, GoesOnWithPictureWhereOneIsAdded) {
  feed_.sound_alone();
  const Cursor after = stream_.read({})->after;
  stream_.describe(description(true, "2"));
  feed_.video(true);
  feed_.audio();
  EXPECT_THAT(names(stream_.read(after)), ElementsAre("init-2", "v2", "a3"));
}

TEST_F(StreamTest, SharesOneBatchAmongCursorsAtTheSamePlace) {
  stream_.describe(description(false, "1"));
  feed_.video(true);
  BatchCache cache(stream_);
  const auto blocks = cache.read({})->blocks;
  EXPECT_EQ(cache.read({})->blocks, blocks);
  const Cursor after = cache.read({})->after;
  EXPECT_EQ(cache.read(after), std::nullopt);
  feed_.video(false);
  EXPECT_THAT(names(cache.read(after)), ElementsAre("v2"));
  EXPECT_THAT(names(cache.read({})), ElementsAre("init-1", "v1", "v2"));
}

}  // namespace
}  // namespace livestream
