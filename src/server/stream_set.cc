#include "server/stream_set.h"

#include <algorithm>
#include <random>
#include <utility>

#include <boost/asio/post.hpp>
#include <fmt/format.h>

namespace livestream {
namespace {

std::string new_epoch() {
  std::random_device random;
  return fmt::format("{:08x}{:08x}", random(), random());
}

// Whether a stream with `now` instead of `before` needs another run of its source.
bool feeds_differently(const StreamSettings& before, const StreamSettings& now) {
  return before.source != now.source || before.encoding != now.encoding ||
         before.on_demand != now.on_demand || before.linger != now.linger;
}

}  // namespace

StreamSet::StreamSet(Parts parts, std::vector<StreamSettings> built_in)
    : parts_(std::move(parts)), built_in_(std::move(built_in)) {
  for (const StreamSettings& settings : built_in_)
    add(settings, detect_source(settings.source).value_or(SourceSpec{}));
  publish();
}

StreamSet::~StreamSet() = default;

Result<void> StreamSet::apply(const std::vector<StreamSettings>& streams) {
  const Result<std::vector<SourceSpec>> sources = detect_sources(streams);
  if (!sources) return tl::unexpected(sources.error());
  for (std::size_t i = 0; i < streams.size(); ++i) {
    const std::string& notice = (*sources)[i].notice;
    if (!notice.empty()) parts_.log.warn(notice, {{"stream", streams[i].name}});
  }
  const std::vector<StreamSettings> before = std::exchange(settings_, streams);
  std::vector<Fed> removed;
  for (const StreamSettings& old : before) {
    const bool stays = std::any_of(streams.begin(), streams.end(),
                                   [&](const StreamSettings& now) { return now.name == old.name; });
    if (!stays) removed.push_back(std::move(fed_.extract(old.name).mapped()));
  }
  for (std::size_t i = 0; i < streams.size(); ++i) {
    const auto fed = fed_.find(streams[i].name);
    if (fed == fed_.end()) {
      add(streams[i], (*sources)[i]);
    } else {
      change(fed->second, streams[i], (*sources)[i]);
    }
  }
  // A removed stream ends when no new viewer can find it.
  publish();
  for (Fed& fed : removed) remove(std::move(fed));
  return {};
}

void StreamSet::add(const StreamSettings& settings, const SourceSpec& source) {
  auto stream = std::make_shared<Stream>(settings.name, new_epoch());
  Fed fed{.settings = settings,
          .loop = parts_.ingest.take(),
          .feed = nullptr,
          .listeners = parts_.listeners(*stream)};
  std::vector<StreamListener*> listeners;
  for (const auto& listener : fed.listeners) listeners.push_back(listener.get());
  stream->set_listeners(std::move(listeners));
  boost::asio::io_context& loop = *fed.loop;
  fed.feed = StreamFeed::create({.ingest = loop,
                                 .clock = parts_.clock,
                                 .log = parts_.log,
                                 .ffmpeg = ffmpeg_starter(loop),
                                 .chance =
                                     [engine = std::minstd_rand(std::random_device{}())]() mutable {
                                       return std::uniform_real_distribution<>()(engine);
                                     }},
                                std::move(stream));
  const auto info = ffmpegs_.find(settings.source.ffmpeg);
  boost::asio::post(loop, [feed = fed.feed, settings, source,
                           info = info == ffmpegs_.end() ? FfmpegInfo{} : info->second] {
    if (info.major != 0) feed->set_ffmpeg(info);
    feed->apply(settings, source);
  });
  fed_.emplace(settings.name, std::move(fed));
}

void StreamSet::change(Fed& fed, const StreamSettings& settings, const SourceSpec& source) {
  const StreamSettings before = std::exchange(fed.settings, settings);
  if (!feeds_differently(before, settings)) return;
  parts_.log.info("settings changed: source opened anew", {{"stream", settings.name}});
  boost::asio::post(fed.feed->ingest(),
                    [feed = fed.feed, settings, source] { feed->apply(settings, source); });
}

void StreamSet::remove(Fed fed) {
  parts_.log.info("stream removed", {{"stream", fed.settings.name}});
  const std::shared_ptr<StreamFeed> feed = fed.feed;
  // Its thread is free, and its listeners go, when its end has been told.
  const auto kept = std::make_shared<Fed>(std::move(fed));
  boost::asio::post(feed->ingest(), [kept, &viewers = parts_.viewers] {
    kept->feed->stop([kept, &viewers] { viewers.forget(*kept->feed->stream()); });
  });
}

bool StreamSet::restart(const std::string& name) {
  const auto fed = fed_.find(name);
  if (fed == fed_.end()) return false;
  boost::asio::post(fed->second.feed->ingest(), [feed = fed->second.feed] { feed->restart(); });
  return true;
}

void StreamSet::set_ffmpeg(const std::string& path, const FfmpegInfo& info) {
  ffmpegs_[path] = info;
  for (const auto& [name, fed] : fed_) {
    if (fed.settings.source.ffmpeg != path) continue;
    boost::asio::post(fed.feed->ingest(), [feed = fed.feed, info] { feed->set_ffmpeg(info); });
  }
}

void StreamSet::stop() {
  for (const auto& [name, fed] : fed_)
    boost::asio::post(fed.feed->ingest(), [feed = fed.feed] { feed->stop([] {}); });
}

void StreamSet::publish() {
  std::vector<StreamTable::Entry> entries;
  const auto add_entry = [&](const StreamSettings& settings, bool listed) {
    const StreamFeed& feed = *fed_.at(settings.name).feed;
    entries.push_back(std::make_shared<const StreamEntry>(
        StreamEntry{settings, feed.stream(), feed.demand(), listed}));
  };
  for (const StreamSettings& settings : settings_) add_entry(settings, true);
  for (const StreamSettings& settings : built_in_) add_entry(settings, false);
  parts_.registry.publish(StreamTable(std::move(entries)));
}

}  // namespace livestream
