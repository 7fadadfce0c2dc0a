#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"
#include "isobmff/fragmenter.h"
#include "isobmff/timeline.h"
#include "media/packet.h"
#include "stream/stream.h"

namespace livestream {

// The way of a source's packets into the stream: fragments on the stream's timeline, over any
// number of runs, with a slate in between. A run takes the stream over with its first picture that
// stands alone; until then a slate goes on. Owns the timeline, borrows stream and clock. Ingest
// thread.
class StreamWriter {
 public:
  class Listener {
   public:
    virtual ~Listener() = default;
    // A picture of the source's own has been published.
    virtual void on_picture() = 0;
    // The source's next picture is about to take over from the standing one, which may be written
    // until then: `time` after the end of the last picture.
    virtual void on_standing_ends(std::chrono::milliseconds time) = 0;
  };

  // `frame_rate` is what the encoder makes; absent when the source's own frames are passed through.
  StreamWriter(Stream& stream, const Clock& clock, std::optional<FrameRate> frame_rate = {});

  // Between two runs. Another source feeds the stream from now on.
  void set_source(Listener* listener, std::optional<FrameRate> frame_rate);
  // The pictures so far are no longer in the stream.
  void forget_pictures() { gop_frames_ = 0; }
  // Outlives the writer's last packet; null for none.
  void set_listener(Listener* listener) { listener_ = listener; }

  // The packets that follow are those of another run, whose times have nothing to do with those
  // before.
  // `frame_rate`, of the source, is better than what the run's container will say; 0: unknown.
  void begin_run(double frame_rate = 0);
  // The run's next packet, which came at `now`.
  void write(Packet packet, SteadyTime now, WallTime wall);

  // From now on the stream holds a slate of these tracks, until the source has a picture again.
  void begin_slate(std::vector<Track> tracks, const FrameRate& rate);
  // The slate's next frame or silence; dropped when the source has taken over.
  void write_slate(Sample sample);

  // A frame of a standing picture, of the track `track`: the run's last picture is still shown. Its
  // decode time counts from the end of that last picture. Dropped where the run has not begun.
  void write_standing_picture(const Track& track, Sample picture, std::chrono::milliseconds lasts);
  // How long ago the last picture's time has ended; negative while it is shown.
  [[nodiscard]] std::chrono::milliseconds standing_time() const;
  // A standing picture trails the clock by this much at most, so that the source's next picture,
  // whose way may take longer, does not find its place taken.
  static constexpr std::chrono::milliseconds kStandingDelay{500};

  // Tells viewers the source's state, once there is a stream to put it into.
  void write_message(std::string_view json);

  // Since the beginning, over all runs.
  [[nodiscard]] std::uint64_t video_frames() const { return video_frames_; }
  [[nodiscard]] std::uint64_t media_bytes() const { return media_bytes_; }
  // When the source's last picture and its last sound were published, in this run or before.
  [[nodiscard]] std::optional<SteadyTime> last_picture() const { return last_picture_; }
  [[nodiscard]] std::optional<SteadyTime> last_sound() const { return last_sound_; }
  // Whether silence has stood in for seconds for sound that the source should have.
  [[nodiscard]] bool sound_is_missing() const { return fragmenter_.sound_is_missing(); }
  // Samples of the source that were older than what their track held, over all runs.
  [[nodiscard]] std::uint64_t dropped_samples() const { return fragmenter_.dropped() + covered_; }
  // See Timeline::take_correction().
  [[nodiscard]] std::optional<std::chrono::milliseconds> take_correction() {
    return timeline_.take_correction();
  }
  // Frames of the source's video, and of its standing picture, in the newest GOP as far as it has
  // come; 0 before the first.
  [[nodiscard]] std::uint64_t gop_frames() const { return gop_frames_; }
  // Whether this run has published a fragment.
  [[nodiscard]] bool produced() const { return produced_; }

 private:
  void enter(SteadyTime now, WallTime wall);
  void push(Packet packet, SteadyTime now, WallTime wall);
  [[nodiscard]] bool follows_standing_picture(const Sample& picture, SteadyTime now);
  void publish(FragmenterOutput output);

  Stream& stream_;
  const Clock& clock_;
  Listener* listener_ = nullptr;
  Timeline timeline_;
  Fragmenter fragmenter_;
  bool described_ = false;
  std::uint64_t video_frames_ = 0;
  std::uint64_t media_bytes_ = 0;
  std::uint64_t gop_frames_ = 0;
  // Pictures that were dropped because a standing one was in their place.
  std::uint64_t covered_ = 0;
  std::optional<SteadyTime> last_picture_;
  std::optional<SteadyTime> last_sound_;

  // Of the current run.
  bool produced_ = false;
  double known_rate_ = 0;
  ContainerInfo info_;
  std::optional<Track> video_;
  std::optional<Track> audio_;
  // The stream is this run's.
  bool entered_ = false;
  // The newest picture's time in the run, when it came, and how long viewers were told to show it.
  std::int64_t picture_ms_ = 0;
  SteadyTime picture_came_{};
  std::chrono::milliseconds picture_lasts_{0};
  // A standing picture has been published after the run's last one, up to this time in the run:
  // only a picture that stands alone can follow.
  bool stands_ = false;
  std::int64_t standing_end_ms_ = 0;
  // Since when pictures come that are older than the standing one, and by how much at first.
  struct CatchingUp {
    SteadyTime since;
    std::int64_t behind_ms;
  };
  std::optional<CatchingUp> catches_up_;
  // The end of the last standing picture, before which no picture of the run's begins.
  std::optional<std::int64_t> taken_until_ms_;
};

}  // namespace livestream
