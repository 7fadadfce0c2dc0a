// Benchmarks from ffmpeg's pipe to the log: reading FLV, writing fragments, publishing.
#include <benchmark/benchmark.h>

#include "base/check.h"
#include "flow.h"
#include "flv/flv_reader.h"
#include "isobmff/fragment_writer.h"
#include "stream/stream.h"

namespace livestream::micro {
namespace {

// Reads slices as a pipe delivers them.
void read_flv(benchmark::State& state) {
  const Bytes input = flv(2);
  const auto slice = static_cast<std::size_t>(state.range(0));
  for (auto _ : state) {
    FlvReader reader;
    std::size_t packets = 0;
    for (std::size_t at = 0; at < input.size(); at += slice) {
      const auto read =
          reader.read(ByteView(input).subspan(at, std::min(slice, input.size() - at)));
      CHECK(read.has_value());
      packets += read->size();
    }
    CHECK(packets >= 4 * kFramesPerGop);
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(input.size()));
}
BENCHMARK(read_flv)->Name("FlvReader, slices of bytes:")->Arg(4096)->Arg(65536);

void write_video_fragment(benchmark::State& state) {
  const Bytes frame = video_frame(false);
  const FragmentSample sample{.data = frame};
  std::uint64_t sequence = 0;
  for (auto _ : state) {
    ++sequence;
    benchmark::DoNotOptimize(
        write_fragment({.sequence = sequence,
                        .track_id = kVideoTrackId,
                        .sync = false,
                        .decode_time = {static_cast<std::int64_t>(sequence) * 1000, 30000},
                        .sample_duration = 1000},
                       {&sample, 1}));
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(frame.size()));
}
BENCHMARK(write_video_fragment)->Name("FragmentWriter, a video frame");

// The log is full, so that each new GOP evicts an old one.
void publish(benchmark::State& state) {
  Stream stream("default", "0");
  stream.describe(description());
  const Fragment key = fragment(1, true, 0);
  const Fragment other = fragment(1, true, 1);
  std::uint64_t sequence = 0;
  std::int64_t frame = 0;
  for (auto _ : state) {
    Fragment next = frame % kFramesPerGop == 0 ? key : other;
    next.sequence = ++sequence;
    next.decode_time.ticks = frame++ * 1000;
    stream.publish(std::move(next));
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(kVideoFrame));
}
BENCHMARK(publish)->Name("Stream::publish");

}  // namespace
}  // namespace livestream::micro
