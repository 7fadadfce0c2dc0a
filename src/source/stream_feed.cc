#include "source/stream_feed.h"

#include <utility>

#include <boost/asio/post.hpp>

#include "source/on_demand.h"

namespace livestream {

StreamFeed::StreamFeed(Parts parts, std::shared_ptr<Stream> stream)
    : parts_(std::move(parts)), stream_(std::move(stream)), writer_(*stream_, parts_.clock) {}

std::shared_ptr<StreamFeed> StreamFeed::create(Parts parts, std::shared_ptr<Stream> stream) {
  const std::shared_ptr<StreamFeed> feed(new StreamFeed(std::move(parts), std::move(stream)));
  feed->demand_ = std::make_shared<Demand>([weak = std::weak_ptr(feed)] {
    const std::shared_ptr<StreamFeed> watched = weak.lock();
    if (!watched) return;
    boost::asio::post(watched->ingest(), [watched] {
      if (watched->running_ && watched->running_->on_demand) watched->running_->on_demand->wake();
    });
  });
  return feed;
}

void StreamFeed::apply(StreamSettings settings, SourceSpec source) {
  if (stopped_) return;
  wanted_ = Wanted{std::move(settings), std::move(source)};
  if (!running_) return begin();
  if (std::exchange(ending_, true)) return;
  running_->producer->stop([this] { on_stopped(); });
}

void StreamFeed::restart() {
  if (wanted_ || !running_) return;
  apply(running_->settings, running_->source);
}

void StreamFeed::set_ffmpeg(const FfmpegInfo& ffmpeg) {
  ffmpeg_ = ffmpeg;
  if (running_) running_->supervisor->set_ffmpeg(ffmpeg);
}

void StreamFeed::stop(std::function<void()> done) {
  stopped_ = std::move(done);
  wanted_.reset();
  if (!running_) return on_stopped();
  if (std::exchange(ending_, true)) return;
  running_->producer->stop([this] { on_stopped(); });
}

// The producer calls this from its last step: it is destroyed, and the next one made, after that.
void StreamFeed::on_stopped() {
  boost::asio::post(parts_.ingest, [self = shared_from_this()] {
    self->ending_ = false;
    self->running_.reset();
    if (self->wanted_) return self->begin();
    if (self->stopped_) {
      self->stream_->close();
      std::exchange(self->stopped_, nullptr)();
    }
  });
}

void StreamFeed::begin() {
  auto running = std::make_unique<Running>();
  running->settings = std::move(wanted_->settings);
  running->source = std::move(wanted_->source);
  wanted_.reset();
  // Viewers who come from now on see no picture of the source before.
  if (source_ && *source_ != running->source) {
    stream_->clear();
    writer_.forget_pictures();
  }
  source_ = running->source;
  auto source = supervisor(*running);
  running->supervisor = source.get();
  if (ffmpeg_) source->set_ffmpeg(*ffmpeg_);
  if (running->settings.on_demand) {
    auto on_demand = std::make_unique<OnDemand>(parts_.ingest, std::move(source), *stream_,
                                                *demand_, running->settings.linger, parts_.log);
    running->on_demand = on_demand.get();
    running->producer = std::move(on_demand);
  } else {
    running->producer = std::move(source);
  }
  running_ = std::move(running);
  running_->producer->start();
}

std::unique_ptr<Supervisor> StreamFeed::supervisor(const Running& running) {
  return std::make_unique<Supervisor>(Supervisor::Parts{.ingest = parts_.ingest,
                                                        .stream = *stream_,
                                                        .writer = writer_,
                                                        .demand = *demand_,
                                                        .clock = parts_.clock,
                                                        .log = parts_.log,
                                                        .ffmpeg = parts_.ffmpeg,
                                                        .chance = parts_.chance,
                                                        .on_demand = running.settings.on_demand},
                                      running.settings.source, running.settings.encoding,
                                      running.source);
}

}  // namespace livestream
