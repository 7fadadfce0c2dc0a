#include "isobmff/fragmenter.h"

#include <algorithm>
#include <cstdlib>
#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "isobmff/parsed_fragment_for_test.h"

namespace livestream {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr FrameRate kThirty{30, 1};

Track video_track(std::uint32_t width = 1280) {
  Track track;
  track.kind = TrackKind::kVideo;
  track.timescale = 90'000;
  track.codec = "avc1.42C01F";
  track.decoder_config = {1, 0x42, 0xc0, 0x1f, 0xff};
  track.width = width;
  track.height = 720;
  return track;
}

Track audio_track() {
  Track track;
  track.kind = TrackKind::kAudio;
  track.timescale = 44100;
  track.codec = "mp4a.40.2";
  track.decoder_config = {0x12, 0x10};
  track.channels = 2;
  return track;
}

// Feeds a fragmenter and keeps a log of what comes out: D for a description (with its codecs), V
// for a video fragment, I for an independent one, A and its number of frames for audio.
struct FragmenterTest : testing::Test {
  Timeline timeline;
  SteadyTime now{std::chrono::hours(5)};
  WallTime wall{std::chrono::hours(500'000)};
  std::optional<FrameRate> rate = kThirty;
  std::optional<Fragmenter> fragmenter;
  std::vector<std::string> log;
  std::vector<Fragment> fragments;

  void push(Packet packet) {
    if (!fragmenter) fragmenter.emplace(timeline, rate);
    for (FragmenterOutput& output : fragmenter->push(std::move(packet), now, wall)) {
      if (const auto* description = std::get_if<StreamDescription>(&output)) {
        log.push_back("D " + description->init_segments.front().codecs);
        continue;
      }
      Fragment& fragment = std::get<Fragment>(output);
      const ParsedFragment parsed = parse_fragment(fragment.bytes.view());
      check(fragment, parsed);
      if (fragment.track_id == kVideoTrackId) {
        log.emplace_back(fragment.independent ? "I" : "V");
      } else {
        log.push_back("A" + std::to_string(parsed.samples.size()));
      }
      fragments.push_back(std::move(fragment));
    }
  }
  // Holds for every fragment.
  void check(const Fragment& fragment, const ParsedFragment& parsed) {
    EXPECT_EQ(parsed.number, public_number(fragment.sequence));
    EXPECT_EQ(parsed.track_id, fragment.track_id);
    EXPECT_EQ(static_cast<std::int64_t>(parsed.decode_time), fragment.decode_time.ticks);
    EXPECT_EQ(static_cast<std::int64_t>(parsed.sample_duration * parsed.samples.size()),
              fragment.duration.ticks);
    EXPECT_GT(fragment.duration.ticks, 0);
    EXPECT_EQ(fragment.sequence, fragments.empty() ? 1 : fragments.back().sequence + 1);
    for (const Fragment& before : fragments) {
      if (before.track_id != fragment.track_id) continue;
      EXPECT_GT(fragment.decode_time.in(1'000'000).ticks, before.decode_time.in(1'000'000).ticks);
    }
  }
  void begin(std::optional<bool> has_video, std::optional<bool> has_audio) {
    timeline.begin_run(now);
    push(ContainerInfo{{}, has_video, has_audio});
  }
  void video(std::int64_t ms, bool independent = false, std::int32_t offset = 0) {
    push(Sample{TrackKind::kVideo, independent, ms, offset, {0, 0, 0, 1, 0x65}});
  }
  void audio(std::int64_t ms) { push(Sample{TrackKind::kAudio, true, ms, 0, {0x21, 0x10}}); }
  // Audio frames `first` and those behind it, in real time.
  void play_audio(int frames, int first = 0) {
    for (int n = first; n < first + frames; ++n) {
      audio(MediaTime{n * 1024, 44100}.in(1000).ticks);
      now += milliseconds(23);
      wall += milliseconds(23);
    }
  }
  // Fragments with a prft.
  [[nodiscard]] std::ptrdiff_t references() const {
    return std::count_if(fragments.begin(), fragments.end(), [](const Fragment& fragment) {
      return parse_fragment(fragment.bytes.view()).reference.has_value();
    });
  }
  // Video and audio interleaved as ffmpeg does, from `first_ms` on.
  void play(std::int64_t first_ms, std::int64_t duration_ms) {
    std::int64_t video_frame = 0;
    std::int64_t audio_frame = 0;
    while (true) {
      const std::int64_t video_ms = MediaTime{video_frame, 30}.in(1000).ticks;
      const std::int64_t audio_ms = MediaTime{audio_frame * 1024, 44100}.in(1000).ticks;
      if (std::min(video_ms, audio_ms) >= duration_ms) return;
      if (video_ms <= audio_ms) {
        video(first_ms + video_ms, video_frame++ % 30 == 0);
        now += milliseconds(33);
      } else {
        audio(first_ms + audio_ms);
        ++audio_frame;
      }
    }
  }
  void begin_both() {
    begin(true, true);
    push(video_track());
    push(audio_track());
  }
  // Picture and sound in real time from `from_ms` on; the sound only where `sounds` says so, its
  // samples `lag_ms` later than the picture's, its stamps at `speed`.
  void interleave(std::int64_t from_ms, std::int64_t duration_ms,
                  const std::function<bool(std::int64_t)>& sounds, std::int64_t lag_ms = 0,
                  double speed = 1) {
    std::int64_t frame = (from_ms * 44100 / 1000 + 1023) / 1024;
    for (std::int64_t n = 0; n * 1000 / 30 < duration_ms; ++n) {
      const std::int64_t picture_ms = from_ms + MediaTime{n, 30}.in(1000).ticks;
      video(picture_ms, n % 30 == 0);
      for (; frame * 1024 * 1000 / 44100 <= picture_ms - lag_ms; ++frame) {
        const std::int64_t ms = MediaTime{frame * 1024, 44100}.in(1000).ticks;
        if (sounds(ms)) audio(static_cast<std::int64_t>(static_cast<double>(ms) * speed));
      }
      now += milliseconds(n % 3 == 0 ? 34 : 33);
    }
  }
  struct Span {
    std::int64_t begin_ms;
    std::int64_t end_ms;
  };
  [[nodiscard]] std::vector<Span> spans(std::uint32_t track_id) const {
    std::vector<Span> all;
    for (const Fragment& fragment : fragments) {
      if (fragment.track_id != track_id) continue;
      const MediaTime end{fragment.decode_time.ticks + fragment.duration.ticks,
                          fragment.decode_time.timescale};
      all.push_back({fragment.decode_time.in(1000).ticks, end.in(1000).ticks});
    }
    return all;
  }
  // The sound has no holes, begins with the picture and has got as far, but for what may trail.
  void expect_whole_sound() const {
    const std::vector<Span> sound = spans(kAudioTrackId);
    const std::vector<Span> picture = spans(kVideoTrackId);
    ASSERT_FALSE(sound.empty());
    for (std::size_t i = 1; i < sound.size(); ++i)
      ASSERT_LE(sound[i].begin_ms - sound[i - 1].end_ms, 24) << sound[i].begin_ms;
    EXPECT_LE(std::abs(sound.front().begin_ms - picture.front().begin_ms), 24);
    EXPECT_GE(sound.back().end_ms, picture.back().end_ms - 2'900);
  }
  [[nodiscard]] std::vector<std::int64_t> decode_times(std::uint32_t track_id) const {
    std::vector<std::int64_t> times;
    for (const Fragment& fragment : fragments) {
      if (fragment.track_id == track_id) times.push_back(fragment.decode_time.ticks);
    }
    return times;
  }
};

TEST_F(FragmenterTest, DescribesOnceAndBeginsIndependent) {
  begin(true, true);
  push(video_track());
  push(audio_track());
  EXPECT_THAT(log, IsEmpty());
  audio(0);
  video(0);
  video(33, true);
  audio(46);
  video(66);
  EXPECT_THAT(log, ElementsAre("D avc1.42C01F,mp4a.40.2", "I", "A1", "V"));
  EXPECT_EQ(fragments[0].decode_time.timescale, 30'000U);
}

TEST_F(FragmenterTest, WritesOneFrameAtOnceAndWithoutGapOrDrift) {
  begin(true, false);
  push(video_track());
  for (int n = 0; n < 300; ++n) {
    video(MediaTime{n, 30}.in(1000).ticks, n % 30 == 0);
    ASSERT_EQ(fragments.size(), static_cast<std::size_t>(n + 1));
    EXPECT_EQ(fragments.back().decode_time.ticks, 1000 * n);
    EXPECT_EQ(fragments.back().duration.ticks, 1000);
    const ParsedFragment parsed = parse_fragment(fragments.back().bytes.view());
    EXPECT_EQ(parsed.sample_flags, n % 30 == 0 ? 0x02000000U : 0x01010000U);
    EXPECT_EQ(parsed.reference.has_value(), n % 30 == 0);
  }
}

TEST_F(FragmenterTest, KeepsAnAudioFrameNoLongerThanAVideoPeriod) {
  begin(true, true);
  push(video_track());
  push(audio_track());
  play(0, 10'000);
  std::int64_t audio_frames = 0;
  for (const Fragment& fragment : fragments) {
    if (fragment.track_id != kAudioTrackId) continue;
    EXPECT_LE(fragment.duration.ticks, 2 * 1024);
    EXPECT_EQ(fragment.decode_time.ticks, audio_frames * 1024);
    audio_frames += fragment.duration.ticks / 1024;
  }
  EXPECT_GE(audio_frames, 429);
  // The video has stopped: nothing is held back for it.
  log.clear();
  for (int n = 0; n < 8; ++n) audio(10'010 + 23 * n);
  EXPECT_EQ(log, (std::vector<std::string>(4, "A2")));
}

TEST_F(FragmenterTest, HoldsAtMostThreeAudioFramesForASlowVideo) {
  rate = FrameRate{5, 1};
  begin(true, true);
  push(video_track());
  push(audio_track());
  video(0, true);
  for (int n = 0; n < 9; ++n) audio(23 * n);
  EXPECT_THAT(log, ElementsAre("D avc1.42C01F,mp4a.40.2", "I", "A3", "A3", "A3"));
}

TEST_F(FragmenterTest, TakesTheRateFromTheContainer) {
  rate.reset();
  timeline.begin_run(now);
  push(ContainerInfo{29.97, true, false});
  push(video_track());
  video(0, true);
  video(33);
  EXPECT_THAT(decode_times(kVideoTrackId), ElementsAre(0, 1001));
  EXPECT_EQ(fragments[0].duration.timescale, 30'000U);
}

TEST_F(FragmenterTest, FollowsTheStampsWithoutARate) {
  rate.reset();
  begin(true, false);
  push(video_track());
  for (const std::int64_t ms : {0, 40, 80, 200}) video(ms, ms == 0);
  EXPECT_THAT(decode_times(kVideoTrackId), ElementsAre(0, 3600, 7200, 18'000));
}

TEST_F(FragmenterTest, PassesCompositionOffsetsOn) {
  begin(true, false);
  push(video_track());
  video(0, true, 67);
  video(33, false, -33);
  const auto offset = [&](std::size_t i) {
    return parse_fragment(fragments[i].bytes.view()).samples[0].composition_offset;
  };
  EXPECT_EQ(offset(0), 2000);
  EXPECT_EQ(offset(1), -1000);
  EXPECT_EQ(parse_fragment(fragments[0].bytes.view()).reference->media_time, 2000U);
}

TEST_F(FragmenterTest, GoesWithoutAudioThatTheContainerDoesNotAnnounce) {
  begin(true, {});
  push(video_track());
  video(0, true);
  video(400, true);
  EXPECT_THAT(log, IsEmpty());
  video(500, true);
  EXPECT_THAT(log, ElementsAre("D avc1.42C01F", "I"));
}

TEST_F(FragmenterTest, WaitsLongerForAudioThatTheContainerAnnouncesButNotForEver) {
  begin(true, true);
  push(video_track());
  for (int n = 0; n < 20; ++n) video(100 * n, true);
  EXPECT_THAT(log, IsEmpty());
  video(2000, true);
  EXPECT_THAT(log, ElementsAre("D avc1.42C01F", "I"));
}

TEST_F(FragmenterTest, DescribesAgainWhenAudioComesLate) {
  begin(true, false);
  push(video_track());
  video(0, true);
  push(audio_track());
  audio(20);
  video(33);
  audio(43);
  video(66, true);
  audio(66);
  video(100);
  EXPECT_THAT(log,
              ElementsAre("D avc1.42C01F", "I", "V", "D avc1.42C01F,mp4a.40.2", "I", "A1", "V"));
}

TEST_F(FragmenterTest, PutsParameterSetsIntoIndependentFrames) {
  begin(true, false);
  Track track = video_track();
  track.decoder_config = {1, 0x42, 0xc0, 0x1f, 0xff, 0xe1, 0, 2, 0x67, 0x42, 1, 0, 1, 0x68};
  push(track);
  video(0, true);
  video(33);
  const auto sample = [&](std::size_t i) {
    return parse_fragment(fragments[i].bytes.view()).samples[0].data;
  };
  EXPECT_THAT(sample(0), ElementsAre(0, 0, 0, 2, 0x67, 0x42, 0, 0, 0, 1, 0x68, 0, 0, 0, 1, 0x65));
  EXPECT_THAT(sample(1), ElementsAre(0, 0, 0, 1, 0x65));
}

TEST_F(FragmenterTest, DropsWhatFollowsAnotherSizeUpToItsIdr) {
  begin(true, false);
  push(video_track());
  video(0, true);
  push(video_track(640));
  video(33);
  video(66, true);
  push(video_track(640));  // the same again
  video(100, true);
  EXPECT_THAT(log, ElementsAre("D avc1.42C01F", "I", "D avc1.42C01F", "I", "I"));
}

TEST_F(FragmenterTest, PlaysAudioAlone) {
  begin(false, true);
  push(audio_track());
  play_audio(100);
  ASSERT_EQ(fragments.size(), 100U);
  for (const Fragment& fragment : fragments) EXPECT_TRUE(fragment.independent);
  EXPECT_EQ(references(), 3);  // 2.3 s
  EXPECT_EQ(log.front(), "D mp4a.40.2");
}

TEST_F(FragmenterTest, AudioAloneKeepsItsReferencesWhenTheClockIsSetBack) {
  begin(false, true);
  push(audio_track());
  play_audio(1);
  wall -= std::chrono::hours(2);
  play_audio(99, 1);
  EXPECT_EQ(references(), 3);
}

TEST_F(FragmenterTest, DropsAudioPrimingFromBeforeTheTimeline) {
  begin(true, true);
  push(video_track());
  push(audio_track());
  video(0, true);
  audio(-23);
  audio(0);
  video(33);
  EXPECT_THAT(log, ElementsAre("D avc1.42C01F,mp4a.40.2", "I", "A1", "V"));
  EXPECT_THAT(decode_times(kAudioTrackId), ElementsAre(0));
}

TEST_F(FragmenterTest, GoesOnThroughRestartsWithoutADescription) {
  for (int run = 0; run < 3; ++run) {
    begin(true, true);
    push(video_track());
    push(audio_track());
    video(5);  // the end of a GOP, which no viewer can decode
    play(38, 3'000);
    now += milliseconds(10'000);
  }
  EXPECT_EQ(std::count(log.begin(), log.end(), "D avc1.42C01F,mp4a.40.2"), 1);
  const std::vector<std::int64_t> video_times = decode_times(kVideoTrackId);
  EXPECT_EQ(video_times.size(), 270U);
  EXPECT_NEAR(static_cast<double>(video_times[90]), 13'000 * 30, 3'000);
}

TEST_F(FragmenterTest, BeginsARestartedRunIndependent) {
  begin(true, false);
  push(video_track());
  video(0, true);
  begin(true, false);
  push(video_track());
  video(0);
  video(33, true);
  EXPECT_THAT(log, ElementsAre("D avc1.42C01F", "I", "I"));
}

TEST_F(FragmenterTest, DescribesARunThatLostItsAudio) {
  begin(true, true);
  push(video_track());
  push(audio_track());
  video(0, true);
  audio(0);
  begin(true, false);
  push(video_track());
  video(0, true);
  EXPECT_THAT(log, ElementsAre("D avc1.42C01F,mp4a.40.2", "I", "A1", "D avc1.42C01F", "I"));
}

TEST_F(FragmenterTest, GoesOnThroughALoopWithinARun) {
  begin(true, true);
  push(video_track());
  push(audio_track());
  for (int loop = 0; loop < 5; ++loop) play(0, 2'000);
  const std::vector<std::int64_t> times = decode_times(kVideoTrackId);
  ASSERT_EQ(times.size(), 300U);
  for (std::size_t i = 1; i < times.size(); ++i) EXPECT_LE(times[i] - times[i - 1], 4'000);
  EXPECT_NEAR(static_cast<double>(times.back()), 299 * 1000, 9'000);
}

TEST_F(FragmenterTest, FillsSoundThatEndsEarlyAndComesBack) {
  begin_both();
  interleave(0, 20'000, [](std::int64_t ms) { return ms < 3'000 || ms >= 15'000; });
  expect_whole_sound();
  EXPECT_EQ(fragmenter->dropped(), 0U);
  EXPECT_FALSE(fragmenter->sound_is_missing());
}

TEST_F(FragmenterTest, SaysThatSoundIsMissingOnlyWhenItIs) {
  begin_both();
  interleave(0, 3'000, [](std::int64_t) { return true; });
  interleave(3'000, 1'500, [](std::int64_t) { return false; });
  EXPECT_FALSE(fragmenter->sound_is_missing());
  interleave(4'500, 2'000, [](std::int64_t) { return false; });
  EXPECT_TRUE(fragmenter->sound_is_missing());
  EXPECT_TRUE(fragmenter->fills_sound());
  interleave(6'500, 500, [](std::int64_t) { return true; });
  EXPECT_FALSE(fragmenter->sound_is_missing());
  expect_whole_sound();
}

TEST_F(FragmenterTest, FillsSoundThatBeginsLate) {
  begin_both();
  interleave(0, 15'000, [](std::int64_t ms) { return ms >= 7'300; });
  expect_whole_sound();
  EXPECT_EQ(fragmenter->dropped(), 0U);
}

TEST_F(FragmenterTest, FillsShortHolesInTheSound) {
  begin_both();
  interleave(0, 10'000, [](std::int64_t ms) { return ms % 2'000 < 1'700; });
  expect_whole_sound();
}

// A track that shows up late begins with its description, not before.
TEST_F(FragmenterTest, FillsNothingBeforeALateTrackIsDescribed) {
  begin(true, false);
  push(video_track());
  interleave(0, 7'000, [](std::int64_t) { return false; });
  push(audio_track());
  interleave(7'000, 8'000, [](std::int64_t ms) { return ms >= 7'300; });
  const std::vector<Span> sound = spans(kAudioTrackId);
  ASSERT_FALSE(sound.empty());
  EXPECT_GE(sound.front().begin_ms, 7'000);
  EXPECT_LE(sound.front().begin_ms, 7'330);
  EXPECT_GE(sound.back().end_ms, 14'800);
}

TEST_F(FragmenterTest, KeepsSoundThatTrailsThePicture) {
  for (const std::int64_t lag : {300, 900, 1'800}) {
    begin_both();
    interleave(
        0, 20'000, [](std::int64_t) { return true; }, lag);
    EXPECT_FALSE(fragmenter->sound_is_missing()) << lag;
    // At most the silence that was filled before the lag was known.
    EXPECT_LE(fragmenter->dropped(), lag > 1'000 ? 43U * 2 : 0U) << lag;
    expect_whole_sound();
    log.clear();
    fragments.clear();
    fragmenter.reset();
    timeline = Timeline();
  }
}

TEST_F(FragmenterTest, FillsWhatARunsSoundIsShorterThanItsPicture) {
  for (int run = 0; run < 4; ++run) {
    begin_both();
    interleave(0, 5'000, [](std::int64_t ms) { return ms < 4'200; });
  }
  interleave(5'000, 200, [](std::int64_t) { return true; });
  expect_whole_sound();
  const std::vector<Span> picture = spans(kVideoTrackId);
  for (std::size_t i = 1; i < picture.size(); ++i)
    EXPECT_LE(picture[i].begin_ms - picture[i - 1].end_ms, 30);
}

TEST_F(FragmenterTest, BeginsTheNextRunAfterALongerSound) {
  begin_both();
  interleave(0, 5'000, [](std::int64_t) { return true; });
  for (int n = 0; n < 43; ++n) audio(5'000 + MediaTime{n * 1024, 44100}.in(1000).ticks);
  begin_both();
  const std::int64_t end = spans(kAudioTrackId).back().end_ms;
  interleave(0, 5'000, [](std::int64_t) { return true; });
  EXPECT_EQ(fragmenter->dropped(), 0U);
  expect_whole_sound();
  const std::vector<Span> picture = spans(kVideoTrackId);
  const auto next = std::find_if(picture.begin(), picture.end(),
                                 [&](const Span& span) { return span.begin_ms >= end - 5; });
  ASSERT_NE(next, picture.end());
  EXPECT_LE(next->begin_ms, end + 5);
}

TEST_F(FragmenterTest, LeavesTimeWithoutASourceEmptyInBothTracks) {
  begin_both();
  interleave(0, 3'000, [](std::int64_t) { return true; });
  now += std::chrono::minutes(1);
  begin_both();
  interleave(0, 3'000, [](std::int64_t) { return true; });
  for (const std::uint32_t track : {kVideoTrackId, kAudioTrackId}) {
    std::int64_t longest = 0;
    const std::vector<Span> all = spans(track);
    for (std::size_t i = 1; i < all.size(); ++i)
      longest = std::max(longest, all[i].begin_ms - all[i - 1].end_ms);
    EXPECT_GE(longest, 59'000) << track;
  }
}

TEST_F(FragmenterTest, CountsTheSoundOfACameraWhoseSoundClockIsWrong) {
  for (const double speed : {0.9, 1.1, 0.0}) {
    begin_both();
    const std::int64_t from = spans(kVideoTrackId).empty() ? 0 : spans(kVideoTrackId).back().end_ms;
    interleave(
        0, 60'000, [](std::int64_t) { return true; }, 0, speed);
    const std::int64_t length = spans(kAudioTrackId).back().end_ms - from;
    EXPECT_LE(std::abs(length - 60'000), 100) << speed;
    EXPECT_FALSE(fragmenter->sound_is_missing());
    expect_whole_sound();
  }
}

TEST_F(FragmenterTest, BeginsThePictureLateBesideItsSound) {
  begin(true, true);
  push(audio_track());
  for (int n = 0; n < 80; ++n) {
    audio(MediaTime{n * 1024, 44100}.in(1000).ticks);
    now += milliseconds(23);
  }
  push(video_track());
  interleave(1'860, 5'000, [](std::int64_t) { return true; });
  ASSERT_FALSE(spans(kVideoTrackId).empty());
  const std::int64_t first = spans(kVideoTrackId).front().begin_ms;
  EXPECT_EQ(log.front(), "D avc1.42C01F,mp4a.40.2");
  const std::vector<Span> sound = spans(kAudioTrackId);
  EXPECT_LE(std::abs(sound.front().begin_ms - first), 24);
  expect_whole_sound();
}

TEST_F(FragmenterTest, KeepsRenditionsAligned) {
  Fragmenter other(timeline, kThirty);
  begin(true, false);
  push(video_track());
  (void)other.push(ContainerInfo{{}, true, false}, now, wall);
  (void)other.push(video_track(640), now, wall);
  video(0, true);
  now += milliseconds(5);
  const auto outputs =
      other.push(Sample{TrackKind::kVideo, true, 0, 0, {0, 0, 0, 1, 0x65}}, now, wall);
  ASSERT_EQ(outputs.size(), 2U);
  EXPECT_EQ(std::get<Fragment>(outputs[1]).decode_time.ticks, fragments[0].decode_time.ticks);
  EXPECT_EQ(std::get<Fragment>(outputs[1]).sequence, fragments[0].sequence + 1);
}

}  // namespace
}  // namespace livestream
