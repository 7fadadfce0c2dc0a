// From FLV to fragments: for any times of the source, the published fragments parse and the decode
// times of a track never go back.
#include <array>
#include <map>
#include <memory>

#include <boost/asio/io_context.hpp>

#include "base/clock.h"
#include "fuzz.h"
#include "isobmff/box_reader.h"
#include "source/run_output.h"
#include "source/stream_writer.h"
#include "stream/stream.h"

using namespace livestream;

namespace {

class StillClock final : public Clock {
 public:
  [[nodiscard]] SteadyTime now() const override { return now_; }
  [[nodiscard]] WallTime wall_now() const override { return WallTime(std::chrono::hours(400'000)); }
  void step(std::chrono::milliseconds by) { now_ += by; }

 private:
  SteadyTime now_ = SteadyTime(std::chrono::hours(1));
};

std::uint32_t u32_at(ByteView bytes, std::size_t at) {
  ByteReader reader(bytes);
  reader.skip(at);
  return reader.u32();
}

// Follows the bytes that one viewer is sent.
class Checker {
 public:
  void check(ByteView block) {
    BoxReader boxes(block);
    Box box;
    BoxOutcome outcome = BoxOutcome::kNeedMore;
    while ((outcome = boxes.next(box)) == BoxOutcome::kComplete) {
      if (box.type == "moof") check_moof(box);
    }
    fuzz::require(outcome == BoxOutcome::kNeedMore && boxes.rest().empty(),
                  "a block is whole boxes");
  }

 private:
  void check_moof(const Box& moof) {
    const auto tfhd = find_box(moof.payload, "traf/tfhd");
    const auto tfdt = find_box(moof.payload, "traf/tfdt");
    fuzz::require(tfhd && tfdt, "a moof has a tfhd and a tfdt");
    const std::uint32_t track = u32_at(tfhd->payload, 4);
    ByteReader reader(tfdt->payload);
    fuzz::require(reader.u8() == 1, "a tfdt has 64 bits");
    reader.skip(3);
    const std::uint64_t time = reader.u64();
    const auto last = times_.find(track);
    fuzz::require(last == times_.end() || time > last->second, "decode times rise");
    times_[track] = time;
  }

  std::map<std::uint32_t, std::uint64_t> times_;
};

constexpr std::array paces = {Pacer::Pace::kAsItComes, Pacer::Pace::kByClock,
                              Pacer::Pace::kFindOut};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fuzz::Input input(data, size);
  StillClock clock;
  Stream stream("fuzz", "0", {.duration = std::chrono::hours(100), .max_bytes = 64u << 20});
  StreamWriter writer(stream, clock, FrameRate{30, 1});
  // Two runs: the second begins while the stream holds what the first one left.
  for (const ByteView bytes : {input.bytes.first(input.cut()), input.bytes.subspan(input.cut())}) {
    boost::asio::io_context loop;
    const auto run = std::make_shared<RunOutput>(
        loop, clock, writer,
        RunOutput::Options{.copies = (input.choice & 1) != 0,
                           .sound_apart = (input.choice & 2) != 0,
                           .pace = paces[(input.choice >> 2) % paces.size()]},
        [](bool) {}, [] {});
    writer.begin_run();
    run->play();
    bool good = true;
    for (std::size_t at = 0; at < bytes.size() && good; at += 64) {
      const ByteView piece = bytes.subspan(at, std::min<std::size_t>(64, bytes.size() - at));
      good = run->write_picture(piece) && run->write_sound(piece);
      clock.step(std::chrono::milliseconds(30));
      loop.poll();
    }
    run->end();
    run->close();
    writer.write_message("{}");
  }
  Checker checker;
  Cursor cursor;
  cursor.max_lag = std::chrono::hours(1'000'000);
  while (const std::optional<Batch> batch = stream.read(cursor)) {
    for (const SharedBytes& block : batch->blocks->blocks()) checker.check(block.view());
    cursor = batch->after;
  }
  return 0;
}
