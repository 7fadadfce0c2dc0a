#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"
#include "flv/flv_reader.h"
#include "isobmff/fragmenter.h"
#include "isobmff/timeline.h"
#include "stream/stream.h"

namespace livestream {

// The way from ffmpeg's output to the stream: FLV in, fragments on the stream's timeline out, over
// any number of runs of ffmpeg, with a slate in between. A run takes the stream over with its first
// picture that stands alone; until then a slate goes on. Sound that stays away while the picture
// goes on is filled up with silence: players wait for it. Owns the timeline, borrows stream and
// clock. Ingest thread.
class StreamWriter {
 public:
  // `frame_rate` is what the encoder makes; absent when the source's own frames are passed through.
  StreamWriter(Stream& stream, const Clock& clock, std::optional<FrameRate> frame_rate);

  struct Run {
    bool copies = false;       // its video is the source's own and must be one that browsers play
    bool sound_apart = false;  // its sound comes by itself, through write_sound
  };
  // Another ffmpeg begins.
  void begin_run(const Run& run);

  // The next bytes of this run. An error means that the run is of no use: what came is no FLV, or a
  // video that browsers do not play; the message says why.
  [[nodiscard]] Result<void> write(ByteView bytes);
  [[nodiscard]] Result<void> write_sound(ByteView bytes);

  // From now on the stream holds a slate of these tracks, until the source has a picture again.
  void begin_slate(std::vector<Track> tracks, const FrameRate& rate);
  // The slate's next frame or silence; nothing when the source has taken over.
  void write_slate(Sample sample);

  // Tells viewers the source's state, once there is a stream to put it into.
  void write_message(std::string_view json);

  // Since the beginning, over all runs.
  [[nodiscard]] std::uint64_t video_frames() const { return video_frames_; }
  [[nodiscard]] std::uint64_t media_bytes() const { return media_bytes_; }
  // When the source's last picture and its last sound were published, in this run or before.
  [[nodiscard]] std::optional<SteadyTime> last_picture() const { return last_picture_; }
  [[nodiscard]] std::optional<SteadyTime> last_sound() const { return last_sound_; }
  // Whether silence stands in for sound that the source should have.
  [[nodiscard]] bool sound_is_missing() const { return filling_; }
  // Frames of the source's video in its newest GOP, as far as it has come; 0 before the first.
  [[nodiscard]] std::uint64_t gop_frames() const { return gop_frames_; }
  // Whether this run has published a fragment.
  [[nodiscard]] bool produced() const { return produced_; }

 private:
  [[nodiscard]] Result<void> check_copied(const Packet& packet) const;
  void on_packet(Packet packet, SteadyTime now, WallTime wall);
  void release_held();
  void enter(SteadyTime now, WallTime wall);
  void push(Packet packet, SteadyTime now, WallTime wall);
  void fill_sound_until(std::int64_t picture_ms, SteadyTime now, WallTime wall);
  void on_sound(const Sample& sound);
  void publish(FragmenterOutput output);

  Stream& stream_;
  const Clock& clock_;
  Timeline timeline_;
  Fragmenter fragmenter_;
  bool described_ = false;
  std::uint64_t video_frames_ = 0;
  std::uint64_t media_bytes_ = 0;
  std::uint64_t gop_frames_ = 0;
  std::optional<SteadyTime> last_picture_;
  std::optional<SteadyTime> last_sound_;

  // Of the current run.
  Run run_;
  std::unique_ptr<FlvReader> reader_;
  std::unique_ptr<FlvReader> sound_reader_;
  // What came of the picture while the sound is not known: viewers are told of both at once.
  struct Held {
    Packet packet;
    SteadyTime now;
    WallTime wall;
  };
  std::vector<Held> held_;
  bool holding_ = false;
  bool produced_ = false;
  ContainerInfo info_;
  std::optional<Track> video_;
  std::optional<Track> audio_;
  bool entered_ = false;  // the stream is this run's
  bool filling_ = false;
  std::int64_t sound_end_ = 0;  // in audio samples of the container's time; of silence too
};

}  // namespace livestream
