#include "outlet/stats_outlet.h"

#include <cmath>
#include <utility>

#include <nlohmann/json.hpp>

#include "config/quality.h"

namespace livestream {
namespace {

using Json = nlohmann::ordered_json;

double seconds(std::chrono::nanoseconds time) {
  return std::chrono::duration<double>(time).count();
}

double rounded(double value, double digits) { return std::round(value * digits) / digits; }

double unix_seconds(WallTime time) { return rounded(seconds(time.time_since_epoch()), 1000); }

Json or_null(const std::string& text) { return text.empty() ? Json() : Json(text); }

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

Json viewer_json(const Viewer& viewer, const ViewerRegistry& viewers, SteadyTime now) {
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
          {"player", player_json(viewers.player_report(viewer.id))}};
}

}  // namespace

StatsOutlet::StatsOutlet(const EncodingSettings& encoding, const Stream& stream,
                         const ViewerRegistry& viewers, const Clock& clock, Workers workers)
    : encoding_(encoding),
      stream_(stream),
      viewers_(viewers),
      clock_(clock),
      workers_(std::move(workers)),
      started_(clock.now()) {}

http::Answer StatsOutlet::get(const http::Request&) const {
  const SteadyTime now = clock_.now();
  const SourceStatus status = stream_.source_status();
  const auto generation = stream_.generation();
  const Stream::Totals made = stream_.totals();
  const ViewerRegistry::Totals all = viewers_.totals();
  const ViewerRegistry::Totals sent = viewers_.totals(stream_);
  const auto present = viewers_.viewers();

  Json viewers = Json::array();
  for (const auto& viewer : present) viewers.push_back(viewer_json(*viewer, viewers_, now));
  Json workers = Json::array();
  for (const WorkerStats& worker : workers_()) {
    workers.push_back({{"connections", worker.connections},
                       {"accepted", worker.accepted},
                       {"requests", worker.requests},
                       {"pace_ms", rounded(worker.pace_ms, 10)},
                       {"io_uring", worker.io_uring}});
  }
  const double elapsed = rounded(seconds(now - started_), 1000);

  const Json json = {
      {"broadcaster",
       {{"state", to_string(status.state)}, {"running", status.state == SourceState::kRunning}}},
      {"stream",
       {{"elapsed_seconds", elapsed},
        {"chunks_sent", sent.fragments_sent},
        {"bytes_sent", sent.bytes_sent},
        {"name", stream_.name()},
        {"epoch", stream_.epoch()},
        {"tracks", tracks_json(generation.get())},
        {"fragments", made.fragments},
        {"fragment_bytes", made.bytes},
        {"log_fragments", made.log_fragments},
        {"log_bytes", made.log_bytes}}},
      {"source", source_json(status, stream_.last_media(), now)},
      {"connections",
       {{"clients", present.size()},
        {"max_clients", viewers_.max_viewers()},
        {"chunks_dropped", all.fragments_skipped},
        {"init_segment_cached", generation != nullptr},
        {"clients_total", all.viewers},
        {"clients_refused", all.refused}}},
      {"config",
       {{"video_fps", encoding_.video_fps.per_second()},
        {"video_crf", effective_crf(encoding_)},
        {"audio_bitrate", std::to_string(encoding_.audio_bitrate_bps / 1000) + "k"},
        {"video_quality", encoding_.video_quality ? Json(*encoding_.video_quality) : Json()},
        {"video_codec", encoding_.video_codec}}},
      {"viewers", std::move(viewers)},
      {"server", {{"uptime_seconds", elapsed}, {"workers", std::move(workers)}}},
  };
  http::Response response;
  response.head.headers = {{"Content-Type", "application/json"}, {"Cache-Control", "no-store"}};
  const std::string text = json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
  response.body = SharedBytes(std::string_view(text));
  return response;
}

}  // namespace livestream
