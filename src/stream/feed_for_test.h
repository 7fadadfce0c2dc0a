#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "stream/stream.h"

namespace livestream {

// A description of these tracks with an init segment for each choice that leaves one: "init-TAG" of
// all tracks, "init-video-TAG" of the picture alone.
inline StreamDescription description_of(TrackSelection tracks, std::string_view tag) {
  StreamDescription made;
  if (tracks.video)
    made.tracks.push_back({.kind = TrackKind::kVideo,
                           .timescale = 1000,
                           .codec = "avc1.42C01F",
                           .width = 320,
                           .height = 180});
  if (tracks.audio)
    made.tracks.push_back(
        {.kind = TrackKind::kAudio, .timescale = 48000, .codec = "mp4a.40.2", .channels = 2});
  made.init_segments.push_back(
      {.selection = tracks, .codecs = "", .bytes = SharedBytes("init-" + std::string(tag))});
  if (tracks.video && tracks.audio)
    made.init_segments.push_back({.selection = {.video = true, .audio = false},
                                  .codecs = "",
                                  .bytes = SharedBytes("init-video-" + std::string(tag))});
  return made;
}

// Publishes ten video frames a second. The body of a fragment is its name: v1, a2, m3 ...
class Feed {
 public:
  static constexpr int kFramesPerGop = 10;

  explicit Feed(Stream& stream) : stream_(stream) {}

  void video(bool independent, std::size_t size = 0) {
    publish(kVideoTrackId, "v", independent, size);
    ms_ += 100;
  }
  void audio() { publish(kAudioTrackId, "a", false, 0); }
  // A tenth of a second of a stream without video, which one can join anywhere.
  void sound_alone() {
    publish(kAudioTrackId, "a", true, 0);
    ms_ += 100;
  }
  void message() { publish(kMessageTrackId, "m", false, 0); }
  // A GOP of kFramesPerGop frames, with a frame of audio after each.
  void gop(bool with_audio = false) {
    for (int i = 0; i < kFramesPerGop; ++i) {
      video(i == 0);
      if (with_audio) audio();
    }
  }
  void skip(std::chrono::milliseconds time) { ms_ += time.count(); }
  [[nodiscard]] std::uint64_t newest() const { return sequence_; }

  // The time of arrival of what is published next.
  SteadyTime arrived{};

 private:
  void publish(std::uint32_t track, std::string name, bool independent, std::size_t size) {
    ++sequence_;
    std::string body = name + std::to_string(sequence_);
    body.resize(std::max(size, body.size()), '.');
    stream_.publish({.sequence = sequence_,
                     .track_id = track,
                     .independent = independent,
                     .decode_time = {ms_, 1000},
                     .duration = {100, 1000},
                     .arrived = arrived,
                     .bytes = SharedBytes(std::string_view(body))});
  }

  Stream& stream_;
  std::uint64_t sequence_ = 0;
  std::int64_t ms_ = 0;
};

// The names of the init segments and fragments in `blocks`.
inline std::vector<std::string> names_in(const SharedBlocks& blocks) {
  std::vector<std::string> list;
  for (const SharedBytes& block : blocks.blocks())
    list.emplace_back(block.view().begin(), block.view().end());
  return list;
}

}  // namespace livestream
