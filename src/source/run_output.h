#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"
#include "flv/flv_reader.h"
#include "source/copied_sound.h"
#include "source/pacer.h"
#include "source/sound_copy.h"
#include "source/stream_writer.h"

namespace livestream {

// The way of one run's output into the stream: FLV bytes of ffmpeg's one or two pipes become
// packets, and the packets go to the StreamWriter when the pacer says that they are due. A run that
// is not paced passes each packet on in the call that brings it. A run may fill up before its turn
// comes (the next pass of a looped file): nothing is passed on before play(). Held by shared
// pointers, because its timer may outlive it. Ingest thread.
class RunOutput : public std::enable_shared_from_this<RunOutput> {
 public:
  struct Options {
    // The video is the source's own and must be one that browsers play.
    bool copies = false;
    // The sound comes by itself, through write_sound: the source's own one if `sound_copy` is set,
    // else coded as append_audio_output asks.
    bool sound_apart = false;
    std::optional<SoundCopy> sound_copy;
    // The run has the source's own sound beside the encoded one: see copy_sound.
    bool tries_copy = false;
    // The relay tells of each picture whether it has the shape of the run's encoder.
    bool relays_shapes = false;
    Pacer::Pace pace = Pacer::Pace::kAsItComes;
  };
  // Told where reading ffmpeg's pipes shall pause (true) and go on (false).
  using Hold = std::function<void(bool)>;
  // Told once when the process has ended and all that it gave has been passed on.
  using Drained = std::function<void()>;

  // Borrows loop, clock and writer.
  RunOutput(boost::asio::io_context& loop, const Clock& clock, StreamWriter& writer,
            const Options& options, Hold hold, Drained drained);

  // The next bytes of the run's pipes. An error means that the run is of no use: the bytes are not
  // FLV, or hold a video that browsers do not play; the message says why.
  [[nodiscard]] Result<void> write_picture(ByteView bytes);
  [[nodiscard]] Result<void> write_sound(ByteView bytes);
  // The source's own sound, of a run that has it beside the encoded one.
  [[nodiscard]] Result<void> write_copied_sound(ByteView bytes);
  // Of such a run: the source's own sound goes on, not the encoded one. Call before any sound.
  // Nothing happens to another run.
  void copy_sound(const SoundCopy& copy);
  // The source's own sound was to go on, and cannot: the error that was returned last.
  [[nodiscard]] bool refuses_sound() const { return refuses_sound_; }
  // The source has ended by itself, after sending for so long. Call before end().
  void on_sent_for(std::chrono::milliseconds sent);
  // The next picture of the run's own encoder has the shape of the first one: it may be passed on.
  void confirm_picture();
  // The pictures of the run's own encoder that are not confirmed by now are squeezed, and dropped.
  void leave_encoder();
  // The output of an encoder that has taken its place, with times of the run.
  [[nodiscard]] Result<void> write_shaped(FlvReader& reader, ByteView bytes);
  // The time of the run's first picture; 0 before it has come.
  [[nodiscard]] std::int64_t first_picture_ms() const { return picture_.first_ms.value_or(0); }
  // No more bytes will come.
  void end();
  // Drops all that waits; nothing is passed on or told any more.
  void close();

  // The stream is this run's from now on.
  void play();

  // Whether packets wait for their time.
  [[nodiscard]] bool waits() const { return !picture_.waiting.empty() || !sound_.waiting.empty(); }
  [[nodiscard]] bool paces() const { return pacer_.paces(); }
  // It is known in advance that no picture comes for a while: sound that has been read goes beyond
  // the last picture, or all has been passed on.
  [[nodiscard]] bool stands() const;
  // A live source's times have leapt ahead, as Pacer says.
  [[nodiscard]] bool has_leapt() const { return pacer_.has_leapt() && !ended_; }
  // The time in the media of the newest sample that was passed on; nothing before the first.
  [[nodiscard]] std::optional<std::chrono::milliseconds> passed_on() const { return passed_on_; }
  // Pictures that have been read, passed on or not.
  [[nodiscard]] std::uint64_t pictures_read() const { return pictures_read_; }
  // The time of the newest picture read, in the run's own time; of one that is dropped, too,
  // because another encoder takes its time to begin.
  [[nodiscard]] std::optional<std::int64_t> newest_picture_ms() const {
    return own_newest_ms_ ? own_newest_ms_ : picture_.newest_ms;
  }

 private:
  // One pipe and what it brought that has not been passed on.
  struct Channel {
    FlvReader reader;
    std::deque<Packet> waiting;
    std::optional<std::int64_t> first_ms;
    std::optional<std::int64_t> newest_ms;
  };

  [[nodiscard]] Result<void> take(Channel& channel, ByteView bytes);
  [[nodiscard]] Result<void> take_copied(Packet packet);
  [[nodiscard]] tl::unexpected<Error> refuse_sound();
  void admit(Channel& channel, Packet packet);
  void admit_confirmed();
  [[nodiscard]] Result<void> check_copied(const Packet& packet) const;
  void pass_on_due();
  [[nodiscard]] bool is_silent_at(std::int64_t ms) const;
  void schedule(SteadyTime due);
  void end_if_drained();
  [[nodiscard]] Channel* next_channel();
  void adjust_reading();
  [[nodiscard]] bool has_enough(SteadyTime now) const;

  const Clock& clock_;
  StreamWriter& writer_;
  const Options options_;
  const Hold hold_;
  Drained drained_;
  boost::asio::steady_timer timer_;

  Pacer pacer_;
  Channel picture_;
  Channel sound_;
  std::optional<CopiedSound> copied_;
  // The encoded sound is not used; so much of it has come.
  bool leaves_encoded_ = false;
  std::size_t left_bytes_ = 0;
  bool refuses_sound_ = false;
  // Of the run's own encoder: what the relay has not confirmed yet, and how many pictures it has
  // confirmed, and how many have gone on, since the run began.
  std::deque<Packet> unconfirmed_;
  std::size_t unconfirmed_pictures_ = 0;
  std::uint64_t confirmed_ = 0;
  std::uint64_t admitted_ = 0;
  std::optional<std::int64_t> own_newest_ms_;
  bool left_encoder_ = false;
  std::size_t waiting_bytes_ = 0;
  std::optional<std::chrono::milliseconds> passed_on_;
  std::uint64_t pictures_read_ = 0;
  bool playing_ = false;
  bool held_ = false;
  bool was_held_ = false;
  bool ended_ = false;
  bool closed_ = false;
};

}  // namespace livestream
