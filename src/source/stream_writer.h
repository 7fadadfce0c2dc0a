#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"
#include "flv/flv_reader.h"
#include "isobmff/fragmenter.h"
#include "isobmff/timeline.h"
#include "stream/stream.h"

namespace livestream {

// The way from ffmpeg's output to the stream: FLV in, fragments on the stream's timeline out, over
// any number of runs of ffmpeg. Owns the timeline, borrows stream and clock. Ingest thread.
class StreamWriter {
 public:
  // `frame_rate` is what the encoder makes; absent when the source's own frames are passed through.
  StreamWriter(Stream& stream, const Clock& clock, std::optional<FrameRate> frame_rate);

  // Another ffmpeg begins. `copies`: its video is the source's own and must be one that browsers
  // play.
  void begin_run(bool copies);

  // The next bytes of this run. An error means that the run is of no use: what came is no FLV, or a
  // video that browsers do not play; the message says why.
  [[nodiscard]] Result<void> write(ByteView bytes);

  // Tells viewers the source's state, once there is a stream to put it into.
  void write_message(std::string_view json);

  // Since the beginning, over all runs.
  [[nodiscard]] std::uint64_t video_frames() const { return video_frames_; }
  [[nodiscard]] std::uint64_t media_bytes() const { return media_bytes_; }
  // When the last fragment of media was published, in this run or before.
  [[nodiscard]] std::optional<SteadyTime> last_media() const { return last_media_; }
  // Whether this run has published a fragment.
  [[nodiscard]] bool produced() const { return produced_; }

 private:
  [[nodiscard]] Result<void> check_copied(const Packet& packet) const;
  void publish(FragmenterOutput output);

  Stream& stream_;
  const Clock& clock_;
  Timeline timeline_;
  Fragmenter fragmenter_;
  bool described_ = false;
  std::uint64_t video_frames_ = 0;
  std::uint64_t media_bytes_ = 0;
  std::optional<SteadyTime> last_media_;

  // Of the current run.
  std::unique_ptr<FlvReader> reader_;
  bool copies_ = false;
  bool produced_ = false;
};

}  // namespace livestream
