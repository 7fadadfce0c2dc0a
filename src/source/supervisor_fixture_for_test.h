#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "base/manual_clock_for_test.h"
#include "flv/flv_builder_for_test.h"
#include "source/fake_ffmpeg_for_test.h"
#include "source/relayed_picture_for_test.h"
#include "source/supervisor.h"

namespace livestream {

using namespace std::chrono_literals;

// A supervisor whose ffmpeg is played by the test, and whose time passes only where the test says.
class SupervisorTest : public ::testing::Test {
 protected:
  void start(const std::string& video_file) {
    settings_.video_file = video_file;
    settings_.video_file_is_default = false;
    settings_.slate = false;
    supervisor_ =
        std::make_unique<Supervisor>(Supervisor::Parts{.ingest = loop_,
                                                       .stream = stream_,
                                                       .writer = writer_,
                                                       .demand = *demand_,
                                                       .clock = clock_,
                                                       .log = Log::silent(),
                                                       .ffmpeg = ffmpegs_.starter(),
                                                       .chance = [] { return 0.0; }},
                                     settings_, encoding_, detect_source(settings_).value());
    supervisor_->start();
  }

  // The source's tracks, as the newest ffmpeg describes them, or the one that takes its place for
  // that; then its first bytes.
  void open(bool has_audio = true) {
    ffmpeg().describe_input(input(has_audio));
    if (std::exchange(ffmpeg().killed, false)) {
      end({.signal = 9});
      ffmpeg().describe_input(input(has_audio));
    }
    open_picture();
  }
  void open_picture() {
    ffmpeg().put_out(
        FlvBuilder().tag(18, 0, metadata(false)).video(0, kAvcConfiguration, true, 0).take());
  }
  static InputFacts input_with_aac_lc() {
    InputFacts facts = input(true);
    StreamFacts& sound = facts.streams.back();
    sound.is_aac_lc = true;
    sound.placed_channels = 2;
    sound.sample_rate = 48'000;
    return facts;
  }
  static InputFacts input(bool has_audio) {
    InputFacts facts{.format = "mpegts"};
    facts.streams = {{.index = 0, .kind = StreamKind::kVideo, .codec = "h264"}};
    if (has_audio)
      facts.streams.push_back({.index = 1, .kind = StreamKind::kAudio, .codec = "aac"});
    return facts;
  }

  // One picture at this time of the run. FLV without its file header, which open() has given.
  void picture(std::uint32_t ms) {
    const Bytes flv = FlvBuilder().video(ms, kIdr, true).take();
    ffmpeg().put_out(ByteView(flv).subspan(13));
  }
  // Pictures for so long, each with the passing of its time.
  void play(std::chrono::milliseconds time, std::chrono::milliseconds gap = 500ms) {
    for (auto at = 0ms; at < time; at += gap) {
      picture(static_cast<std::uint32_t>(run_ms_));
      run_ms_ += gap.count();
      pass(gap);
    }
  }
  // Picture and sound of a run that open() has begun, each with the passing of its time; `frames`:
  // what ffmpeg reports to have coded of the picture, and `speed` how fast its stamps run.
  struct Playing {
    bool picture = true;
    bool sound = true;
    double speed = 1;
  };
  void play_both(std::chrono::milliseconds time, const Playing& what) {
    constexpr auto kStep = 100ms;
    for (auto at = 0ms; at < time; at += kStep) {
      if (what.picture) {
        picture(static_cast<std::uint32_t>(static_cast<double>(run_ms_) * what.speed));
        ++frames_;
      }
      if (what.sound) sound(run_ms_, kStep);
      ffmpeg().report({.media_time = std::chrono::milliseconds(run_ms_), .frames = frames_});
      run_ms_ += kStep.count();
      pass(kStep);
    }
  }
  void sound(std::int64_t from_ms, std::chrono::milliseconds time) {
    FlvBuilder flv;
    if (from_ms == 0) flv.audio(0, kAacConfiguration, 0);
    const auto stamp = [](std::int64_t frame) { return frame * 1024 * 1000 / 44'100; };
    for (; stamp(sound_frames_) < from_ms + time.count(); ++sound_frames_)
      flv.audio(static_cast<std::uint32_t>(stamp(sound_frames_)), kAacFrame);
    const Bytes bytes = flv.take();
    ffmpeg().put_out_sound(ByteView(bytes).subspan(from_ms == 0 ? 0 : 13));
  }
  void pass(std::chrono::milliseconds time) {
    for (auto left = time; left > 0ms; left -= std::min(left, 250ms)) {
      clock_.passed += std::min(left, std::chrono::milliseconds(250));
      supervisor_->tick();
      loop_.restart();
      loop_.poll();
    }
  }
  void end(const ExitStatus& status = {.code = 1}) {
    run_ms_ = 0;
    sound_frames_ = 0;
    frames_ = 0;
    ffmpeg().end(status);
    loop_.restart();
    loop_.poll();
  }

  FakeFfmpeg& ffmpeg() { return ffmpegs_.last(); }
  SourceStatus status() const { return stream_.source_status(); }

  boost::asio::io_context loop_{1};
  ManualClock clock_;
  FakeFfmpegs ffmpegs_;
  SourceSettings settings_;
  EncodingSettings encoding_;
  Stream stream_{"live", "e1"};
  std::shared_ptr<Demand> demand_ = std::make_shared<Demand>([] {});
  std::int64_t run_ms_ = 0;
  std::int64_t sound_frames_ = 0;
  std::uint64_t frames_ = 0;
  StreamWriter writer_{stream_, clock_};
  std::unique_ptr<Supervisor> supervisor_;
};

}  // namespace livestream
