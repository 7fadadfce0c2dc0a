#include "outlet/stats_outlet.h"

#include <cmath>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include "config/encoding_settings.h"
#include "config/quality.h"
#include "outlet/json_response.h"
#include "outlet/web_policy.h"

namespace livestream {
namespace {

using Json = nlohmann::ordered_json;

double seconds(std::chrono::nanoseconds time) {
  return std::chrono::duration<double>(time).count();
}

double rounded(double value, double digits) { return std::round(value * digits) / digits; }

double unix_seconds(WallTime time) { return rounded(seconds(time.time_since_epoch()), 1000); }

Json source_json(const SourceStatus& status, std::optional<SteadyTime> last_media, SteadyTime now) {
  Json json = {{"kind", status.kind},
               {"url", status.url},
               {"state", to_string(status.state)},
               {"since", unix_seconds(status.since)},
               {"restarts", status.restarts},
               {"last_error", or_null(status.last_error)},
               {"warning", or_null(status.warning)},
               {"notes", status.notes},
               {"dropped_samples", status.dropped_samples},
               {"retry_in_seconds", nullptr},
               {"speed", rounded(status.speed, 1000)},
               {"fps", rounded(status.fps, 100)},
               {"bitrate_bps", std::llround(status.bitrate_bps)},
               {"ffmpeg_pid", status.ffmpeg_pid == 0 ? Json() : Json(status.ffmpeg_pid)},
               {"last_fragment_age_seconds", nullptr}};
  if (status.retry_at)
    json["retry_in_seconds"] = std::max(0.0, rounded(seconds(*status.retry_at - now), 10));
  if (last_media) json["last_fragment_age_seconds"] = rounded(seconds(now - *last_media), 1000);
  return json;
}

Json tracks_json(const Generation* generation) {
  Json tracks = Json::array();
  if (generation == nullptr) return tracks;
  for (const Track& track : generation->description.tracks) {
    if (track.kind == TrackKind::kVideo) {
      tracks.push_back({{"kind", "video"},
                        {"codec", track.codec},
                        {"width", track.width},
                        {"height", track.height}});
    } else {
      tracks.push_back({{"kind", "audio"},
                        {"codec", track.codec},
                        {"sample_rate", track.timescale},
                        {"channels", track.channels}});
    }
  }
  return tracks;
}

Json or_null(const std::optional<double>& number) { return number ? Json(*number) : Json(); }

Json player_json(const std::optional<PlayerReport>& report) {
  if (!report) return nullptr;
  return {{"state", report->state},
          {"transport", report->transport},
          {"latency_p50_ms", or_null(report->latency_p50_ms)},
          {"latency_p95_ms", or_null(report->latency_p95_ms)},
          {"buffer_ms", report->buffer_ms},
          {"rate", report->rate},
          {"dropped_frames", report->dropped_frames},
          {"decoded_frames", report->decoded_frames},
          {"stalls", report->stalls},
          {"reconnects", report->reconnects}};
}

Json viewer_json(const Viewer& viewer, const std::optional<PlayerReport>& report, SteadyTime now) {
  const auto lag = viewer.stream->lag(viewer.next_sequence.load(std::memory_order_relaxed));
  return {{"id", viewer.id},
          {"stream", viewer.stream->name()},
          {"remote_address", viewer.remote_address},
          {"user_agent", viewer.user_agent},
          {"audio", viewer.selection.audio},
          {"connected_seconds", rounded(seconds(now - viewer.connected_at), 10)},
          {"bytes_sent", viewer.bytes_sent.load(std::memory_order_relaxed)},
          {"fragments_sent", viewer.fragments_sent.load(std::memory_order_relaxed)},
          {"fragments_dropped", viewer.fragments_skipped.load(std::memory_order_relaxed)},
          {"lag_seconds", rounded(seconds(lag), 1000)},
          {"player", player_json(report)}};
}

Json viewers_json(const ViewerRegistry& viewers, SteadyTime now) {
  Json json = Json::array();
  for (const auto& viewer : viewers.viewers())
    json.push_back(viewer_json(*viewer, viewers.player_report(viewer->id), now));
  return json;
}

Json stream_json(const Stream& stream, const ViewerRegistry::Totals& sent, double elapsed) {
  const Stream::Totals made = stream.totals();
  return {{"elapsed_seconds", elapsed},
          {"chunks_sent", sent.fragments_sent},
          {"bytes_sent", sent.bytes_sent},
          {"name", stream.name()},
          {"epoch", stream.epoch()},
          {"tracks", tracks_json(stream.generation().get())},
          {"fragments", made.fragments},
          {"fragment_bytes", made.bytes},
          {"log_fragments", made.log_fragments},
          {"log_bytes", made.log_bytes}};
}

Json connections_json(const ViewerRegistry& viewers, bool described) {
  const ViewerRegistry::Totals all = viewers.totals();
  return {{"clients", viewers.present()},
          {"max_clients", viewers.max_viewers()},
          {"chunks_dropped", all.fragments_skipped},
          {"init_segment_cached", described},
          {"clients_total", all.viewers},
          {"clients_refused", all.refused}};
}

Json config_json(const EncodingSettings& encoding) {
  return {
      {"video_fps", encoding.video_fps.per_second()},
      {"video_crf", effective_crf(encoding)},
      {"audio_codec", encoding.audio_codec == AudioCodec::kAac ? "aac" : "auto"},
      {"audio_bitrate",
       std::to_string(encoding.audio_bitrate_bps.value_or(kDefaultAudioBitrateBps) / 1000) + "k"},
      {"video_quality", encoding.video_quality ? Json(*encoding.video_quality) : Json()},
      {"video_codec", encoding.video_codec}};
}

Json workers_json(const std::vector<WorkerStats>& workers) {
  Json json = Json::array();
  for (const WorkerStats& worker : workers) {
    json.push_back({{"connections", worker.connections},
                    {"accepted", worker.accepted},
                    {"requests", worker.requests},
                    {"pace_ms", rounded(worker.pace_ms, 10)},
                    {"io_uring", worker.io_uring}});
  }
  return json;
}

// Whether a proxy has passed the request on, but no trusted proxy says for whom. The address is
// then the proxy's, which is often in a private network although its clients are not.
bool hides_client(const http::Request& request) {
  return came_through_proxy(request) && !request.remote_address.ends_with(":0");
}

}  // namespace

StatsOutlet::StatsOutlet(Context context)
    : context_(std::move(context)), started_(context_.clock.now()) {}

http::Answer StatsOutlet::get(const http::Request& request, const StreamEntry& entry) {
  const bool with_viewers = may_list_viewers(request);
  return json_text_response(texts_.get({entry.stream->id(), with_viewers}, context_.clock.now(),
                                       [&] { return text(entry, with_viewers); }));
}

bool StatsOutlet::may_list_viewers(const http::Request& request) const {
  // A page of another origin would read the list with the address of the browser that shows it.
  if (!is_own_origin(request) || hides_client(request)) return false;
  const auto client = parse_ip_endpoint(request.remote_address);
  return client && contains(context_.viewers_for, *client);
}

std::string StatsOutlet::text(const StreamEntry& entry, bool with_viewers) const {
  const SteadyTime now = context_.clock.now();
  const Stream& stream = *entry.stream;
  const ViewerRegistry& viewers = context_.viewers;
  const SourceStatus status = stream.source_status();
  const double elapsed = rounded(seconds(now - started_), 1000);
  const Json json = {
      {"broadcaster",
       {{"state", to_string(status.state)}, {"running", status.state == SourceState::kRunning}}},
      {"stream", stream_json(stream, viewers.totals(stream), elapsed)},
      {"source", source_json(status, stream.last_media(), now)},
      {"connections", connections_json(viewers, stream.generation() != nullptr)},
      {"config", config_json(entry.settings.encoding)},
      {"viewers", with_viewers ? viewers_json(viewers, now) : Json()},
      {"server", {{"uptime_seconds", elapsed}, {"workers", workers_json(context_.workers())}}},
  };
  return body_text(json);
}

}  // namespace livestream
