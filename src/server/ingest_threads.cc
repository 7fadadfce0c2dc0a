#include "server/ingest_threads.h"

#include <algorithm>
#include <cstddef>

#include <boost/asio/post.hpp>

namespace livestream {

IngestThreads::Loop IngestThreads::take() {
  auto free =
      std::find_if(all_.begin(), all_.end(), [](const auto& one) { return !one->is_taken; });
  if (free == all_.end()) {
    free = all_.insert(free, std::make_unique<Ingest>());
    if (started_) start(**free);
  }
  Ingest& ingest = **free;
  ingest.is_taken = true;
  ingest.seen = clock_.now().time_since_epoch().count();
  return {&ingest.loop, {&ingest.is_taken}};
}

void IngestThreads::start() {
  started_ = true;
  for (const auto& each : all_) start(*each);
}

void IngestThreads::start(Ingest& ingest) {
  ingest.seen = clock_.now().time_since_epoch().count();
  ingest.thread = std::thread([&loop = ingest.loop] { loop.run(); });
}

void IngestThreads::join() {
  for (const auto& each : all_) each->keeps.reset();
  for (const auto& each : all_) {
    if (each->thread.joinable()) each->thread.join();
  }
}

bool IngestThreads::alive(SteadyTime::duration within) {
  const SteadyTime now = clock_.now();
  std::size_t streams = 0;
  std::size_t answered = 0;
  for (const auto& each : all_) {
    if (!each->is_taken) continue;
    ++streams;
    if (now - SteadyTime(SteadyTime::duration(each->seen.load())) < within) ++answered;
    boost::asio::post(
        each->loop, [this, &seen = each->seen] { seen = clock_.now().time_since_epoch().count(); });
  }
  return 2 * answered > streams;
}

}  // namespace livestream
