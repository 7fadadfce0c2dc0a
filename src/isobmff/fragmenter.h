#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "isobmff/audio_clock.h"
#include "isobmff/fragment_writer.h"
#include "isobmff/frame_clock.h"
#include "isobmff/sound_filler.h"
#include "isobmff/timeline.h"
#include "media/fragment.h"
#include "media/frame_rate.h"
#include "media/packet.h"

namespace livestream {

using FragmenterOutput = std::variant<StreamDescription, Fragment>;

// Turns the packets of one rendition (at most one video and one audio track) into fragments on the
// stream's timeline: one video frame each, or one to three audio frames. Nothing waits for a later
// video frame; an audio frame waits for at most one video frame period. Each independent video
// frame carries its parameter sets.
//
// A description comes first, once all tracks that are expected have shown up, and again when the
// tracks differ; directly after it comes an independent fragment. A new run of the source
// (Timeline::begin_run) also begins with an independent one, and with a description only if that
// has changed. Frames before the first independent one are dropped.
//
// Silence stands in for sound that is missing: holes in it, sound that stops or begins late while
// the picture goes on, and what a run's sound is shorter than its picture.
//
// Borrows the timeline; same thread.
class Fragmenter {
 public:
  // `encoder_rate`: what the encoder was told; absent: believe the container.
  Fragmenter(Timeline& timeline, std::optional<FrameRate> encoder_rate);

  // Between two runs.
  void set_encoder_rate(std::optional<FrameRate> rate) { encoder_rate_ = rate; }

  // The outputs that `packet` completes, in order. `now` and `wall` are its time of arrival.
  [[nodiscard]] std::vector<FragmenterOutput> push(Packet packet, SteadyTime now, WallTime wall);

  // Whether silence has stood in for the source's sound for seconds.
  [[nodiscard]] bool sound_is_missing() const { return filler_.sound_is_missing(); }
  // Whether the sound given out last was silence of the fragmenter's own.
  [[nodiscard]] bool fills_sound() const { return filler_.filling(); }
  // Samples of the source that were older than what their track held, over all runs.
  [[nodiscard]] std::uint64_t dropped() const { return dropped_; }

 private:
  using Outputs = std::vector<FragmenterOutput>;
  // When a packet came: by the clock that measures, and by the one that is set.
  struct Arrival {
    SteadyTime steady{};
    WallTime wall{};
  };

  void begin_run(Outputs& outputs);
  void on_video(Sample sample, std::int64_t stamp_ms, const Arrival& arrival, Outputs& outputs);
  void on_audio(Sample sample, std::int64_t stamp_ms, const Arrival& arrival, Outputs& outputs);
  void begin_sound(std::int64_t position);
  void fill_sound(std::int64_t until, const Arrival& arrival, Outputs& outputs);
  void add_audio(Bytes frame, const Arrival& arrival, Outputs& outputs);
  void flush_audio(Outputs& outputs);
  void start(std::int64_t stamp_ms, Outputs& outputs);
  void write(FragmentHeader header, std::span<const FragmentSample> samples, SteadyTime arrived,
             Outputs& outputs);

  [[nodiscard]] std::optional<FrameRate> rate() const;
  [[nodiscard]] bool described(TrackKind kind) const;
  [[nodiscard]] bool expected_tracks_known(std::int64_t stamp_ms) const;
  [[nodiscard]] bool pending_audio_suffices() const;
  [[nodiscard]] bool has_sound() const;
  [[nodiscard]] std::int64_t sound_ticks(std::int64_t ms) const;
  [[nodiscard]] std::int64_t sound_end_ms() const;

  Timeline& timeline_;
  std::optional<FrameRate> encoder_rate_;

  // Of the current run.
  std::uint64_t run_ = 0;
  ContainerInfo info_;
  std::optional<Track> video_;
  std::optional<Track> audio_;
  Timeline::Place video_place_;
  Timeline::Place audio_place_;
  std::optional<std::int64_t> first_stamp_ms_;
  bool started_ = false;         // an independent fragment has gone out
  bool sound_began_ = false;     // and sound, or silence in its place
  std::int64_t picture_ms_ = 0;  // the newest picture's stamp

  // Over all runs.
  std::optional<StreamDescription> description_;
  FrameClock frame_clock_;
  AudioClock audio_clock_;
  SoundFiller filler_;
  std::optional<MediaTime> picture_end_;
  Arrival last_arrival_;
  std::uint64_t dropped_ = 0;
  std::vector<Bytes> pending_audio_;
  std::int64_t pending_audio_decode_ = 0;     // of the first, in samples
  Arrival pending_audio_arrival_;             // when the last came
  std::optional<SteadyTime> last_reference_;  // when audio alone last had a prft
};

}  // namespace livestream
