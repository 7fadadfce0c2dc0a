// Benchmarks from the log to the socket: reading at the live edge and at a join, framing.
#include <benchmark/benchmark.h>

#include "base/check.h"
#include "flow.h"
#include "net/framing.h"
#include "stream/batch_cache.h"
#include "stream/stream.h"

namespace livestream::micro {
namespace {

// Ten GOPs with sound.
void fill(Stream& stream) {
  stream.describe(description());
  std::uint64_t sequence = 0;
  for (std::int64_t frame = 0; frame < 10 * kFramesPerGop; ++frame) {
    stream.publish(fragment(++sequence, true, frame));
    stream.publish(fragment(++sequence, false, frame));
  }
}

// A cursor in front of the newest frame and its sound.
Cursor live_cursor(const Stream& stream) {
  const std::optional<Batch> all = stream.read({});
  CHECK(all.has_value());
  Cursor cursor = all->after;
  cursor.next = stream.newest() - 1;
  return cursor;
}

void read_from(benchmark::State& state, const Stream& stream, const Cursor& cursor) {
  std::size_t bytes = 0;
  for (auto _ : state) {
    const std::optional<Batch> batch = stream.read(cursor);
    bytes += batch->blocks->size();
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(bytes));
}

void read_live(benchmark::State& state) {
  Stream stream("default", "0");
  fill(stream);
  read_from(state, stream, live_cursor(stream));
}
BENCHMARK(read_live)->Name("Stream::read, a frame at the live edge");

void read_join(benchmark::State& state) {
  Stream stream("default", "0");
  fill(stream);
  read_from(state, stream, {});
}
BENCHMARK(read_join)->Name("Stream::read, a join");

// The cost of each viewer of a round after the first.
void read_cached(benchmark::State& state) {
  Stream stream("default", "0");
  fill(stream);
  BatchCache cache(stream);
  const Cursor cursor = live_cursor(stream);
  std::size_t bytes = 0;
  for (auto _ : state) bytes += cache.read(cursor)->blocks->size();
  state.SetBytesProcessed(static_cast<std::int64_t>(bytes));
}
BENCHMARK(read_cached)->Name("BatchCache::read, the same for the next viewer");

void frame_batch(benchmark::State& state, net::Framing framing, bool again) {
  Stream stream("default", "0");
  fill(stream);
  const std::optional<Batch> batch = stream.read(live_cursor(stream));
  net::FramingCache cache;
  std::size_t bytes = 0;
  for (auto _ : state) {
    if (again) {
      bytes += cache.frame(batch->blocks, framing)->size();
    } else {
      bytes += net::FramedBatch(batch->blocks, framing).size();
    }
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(bytes));
}
BENCHMARK_CAPTURE(frame_batch, chunk, net::Framing::kChunked, false)->Name("FramedBatch, a chunk");
BENCHMARK_CAPTURE(frame_batch, message, net::Framing::kMessages, false)
    ->Name("FramedBatch, a WebSocket message");
BENCHMARK_CAPTURE(frame_batch, cached, net::Framing::kChunked, true)
    ->Name("FramingCache, the same for the next viewer");

}  // namespace
}  // namespace livestream::micro
