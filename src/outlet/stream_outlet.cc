#include "outlet/stream_outlet.h"

#include <algorithm>
#include <charconv>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

namespace livestream {
namespace {

constexpr std::size_t kUserAgentKept = 96;
// A viewer that returns after an outage gets everything it missed that the log still has.
constexpr std::chrono::microseconds kResumeLag = std::chrono::hours(1);

std::optional<std::uint64_t> parse_number(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// The newest published number with these low 32 bits. Players know no more than these, from mfhd.
std::uint64_t widen(std::uint32_t low, std::uint64_t newest) {
  const std::uint64_t candidate = (newest & ~std::uint64_t{0xffffffff}) | low;
  return candidate <= newest ? candidate : candidate - (std::uint64_t{1} << 32);
}

Cursor cursor_for(const http::Request& request, const Stream& stream) {
  Cursor cursor;
  cursor.selection.audio = request.parameter("audio").value_or("1") != "0";
  const std::string after = request.parameter("after").value_or("");
  const std::size_t dot = after.find('.');
  if (dot == std::string::npos || after.substr(0, dot) != stream.epoch()) return cursor;
  const std::optional<std::uint64_t> number = parse_number(std::string_view(after).substr(dot + 1));
  if (!number) return cursor;
  const std::uint64_t newest = public_number(stream.newest());
  const std::uint64_t last = sequence_of(widen(static_cast<std::uint32_t>(*number), newest));
  if (last == 0 || last > stream.newest()) return cursor;
  cursor.next = last + 1;
  cursor.max_lag = kResumeLag;
  return cursor;
}

// The `codecs` parameter of RFC 6381; empty before the first description.
std::string codecs_of(const Generation* generation, const TrackSelection& selection) {
  std::string codecs;
  if (generation == nullptr) return codecs;
  for (const Track& track : generation->description.tracks) {
    if (selection.has(track.id())) codecs += (codecs.empty() ? "" : ",") + track.codec;
  }
  return codecs;
}

// Whether the stream has tracks, but not one of those selected.
bool lacks_all(const Generation* generation, const TrackSelection& selection) {
  if (generation == nullptr) return false;
  const auto& tracks = generation->description.tracks;
  return !tracks.empty() && std::none_of(tracks.begin(), tracks.end(), [&](const Track& track) {
    return selection.has(track.id());
  });
}

http::ResponseHead stream_head(const Stream& stream, const std::string& codecs) {
  return {.status = 200,
          .headers = {{"Content-Type",
                       codecs.empty() ? "video/mp4" : "video/mp4; codecs=\"" + codecs + "\""},
                      {"Cache-Control", "no-store, no-transform"},
                      {"X-Accel-Buffering", "no"},
                      {"Stream-Epoch", stream.epoch()}}};
}

http::Response sound_alone() {
  return http::text_response(404,
                             "this stream has sound but no picture: ask for it without audio=0");
}

http::Response unavailable(std::string_view line, std::string retry_after) {
  return http::text_response(503, line, {{"Retry-After", std::move(retry_after)}});
}

}  // namespace

class StreamOutlet::Body final : public http::BodySource {
 public:
  Body(std::shared_ptr<BatchCache> batches, std::shared_ptr<Viewer> viewer, const Cursor& cursor,
       Demand::Claim claim)
      : batches_(std::move(batches)),
        viewer_(std::move(viewer)),
        cursor_(cursor),
        claim_(std::move(claim)) {}

  [[nodiscard]] http::Pull pull() override {
    // The transport pulls again only when the last batch has been sent.
    Viewer::add(viewer_->bytes_sent, pulled_bytes_);
    Viewer::add(viewer_->fragments_sent, pulled_fragments_);
    pulled_bytes_ = pulled_fragments_ = 0;
    const std::optional<Batch>& batch = batches_->read(cursor_);
    if (viewer_->dismissed.load(std::memory_order_relaxed))
      return {.state = http::Pull::State::kEnd};
    // Asked after the read: a stream that is closed later wakes its viewers once more.
    const bool ends = viewer_->stream->closed();
    if (!batch) return {.state = ends ? http::Pull::State::kEnd : http::Pull::State::kPending};
    cursor_ = batch->after;
    viewer_->next_sequence.store(cursor_.next, std::memory_order_relaxed);
    if (batch->skipped > 0) Viewer::add(viewer_->fragments_skipped, batch->skipped);
    pulled_bytes_ = static_cast<std::uint32_t>(batch->blocks->size());
    pulled_fragments_ = batch->fragments;
    return {
        .state = http::Pull::State::kBytes, .blocks = batch->blocks, .more = batch->more || ends};
  }

  void prefetch() const override { __builtin_prefetch(viewer_.get(), 1); }

 private:
  const std::shared_ptr<BatchCache> batches_;
  const std::shared_ptr<Viewer> viewer_;
  Cursor cursor_;
  std::uint32_t pulled_bytes_ = 0;
  std::uint32_t pulled_fragments_ = 0;
  const Demand::Claim claim_;
};

class StreamOutlet::Waiting final : public http::PendingResponse {
 public:
  Waiting(std::shared_ptr<StreamOutlet> outlet, http::Request request)
      : outlet_(std::move(outlet)),
        request_(std::move(request)),
        claim_(outlet_->demand_->claim()) {}

  [[nodiscard]] http::Answer poll(SteadyTime now) override {
    const Stream& stream = *outlet_->stream_;
    if (stream.closed()) return http::text_response(404, "this stream has been removed");
    if (stream.ready()) return outlet_->serve(request_);
    if (now < deadline()) return std::unique_ptr<PendingResponse>();
    const SourceStatus status = stream.source_status();
    return unavailable(
        status.last_error.empty() ? "the stream has not begun yet" : status.last_error, "2");
  }
  [[nodiscard]] http::Channel channel() const override { return outlet_->stream_->id(); }
  [[nodiscard]] SteadyTime deadline() const override {
    return request_.received_at + kReadyTimeout;
  }

 private:
  const std::shared_ptr<StreamOutlet> outlet_;
  const http::Request request_;
  const Demand::Claim claim_;
};

std::shared_ptr<BatchCache> StreamOutlet::batches() {
  std::shared_ptr<BatchCache> shared = batches_.lock();
  if (shared == nullptr) batches_ = shared = std::make_shared<BatchCache>(*stream_);
  return shared;
}

http::Answer StreamOutlet::get(const http::Request& request) {
  if (request.method == "HEAD") {
    const TrackSelection selection = cursor_for(request, *stream_).selection;
    const auto generation = stream_->generation();
    if (lacks_all(generation.get(), selection)) return sound_alone();
    return http::Response{.head = stream_head(*stream_, codecs_of(generation.get(), selection)),
                          .body = {}};
  }
  if (stream_->ready()) return serve(request);
  return std::make_unique<Waiting>(shared_from_this(), request);
}

http::Answer StreamOutlet::serve(const http::Request& request) {
  const Cursor cursor = cursor_for(request, *stream_);
  const auto generation = stream_->generation();
  if (lacks_all(generation.get(), cursor.selection)) return sound_alone();
  const SteadyTime now = clock_.now();
  Result<std::shared_ptr<Viewer>> viewer =
      viewers_.join(stream_, request.remote_address,
                    std::string(request.header("User-Agent").substr(0, kUserAgentKept)),
                    cursor.selection, now, now - request.received_at);
  if (!viewer) return unavailable(viewer.error().message, "5");
  const std::uint64_t id = (*viewer)->id;
  const std::string codecs = codecs_of(generation.get(), cursor.selection);
  const nlohmann::json greeting = {
      {"type", "hello"}, {"epoch", stream_->epoch()}, {"codecs", codecs}, {"viewer", id}};
  http::ResponseHead head = stream_head(*stream_, codecs);
  head.headers.emplace_back("Stream-Viewer", std::to_string(id));
  return http::StreamingResponse{
      .head = std::move(head),
      .channel = stream_->id(),
      .body = std::make_unique<Body>(batches(), std::move(*viewer), cursor, demand_->claim()),
      .bitrate_bps = stream_->source_status().bitrate_bps,
      .greeting = greeting.dump()};
}

}  // namespace livestream
