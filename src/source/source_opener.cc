#include "source/source_opener.h"

#include <algorithm>
#include <utility>

#include "source/address_policy.h"
#include "source/growing_file.h"
#include "source/run_lessons.h"
#include "source/shape_relay.h"

namespace livestream {
namespace {

using std::chrono::milliseconds;

// The analysis of a source whose picture's size comes late, with the GOP before it.
constexpr milliseconds kLateSize{75'000};
// An attempt that is given up makes the next one twice as patient, up to this many times.
constexpr int kMostPatient = 3;

std::optional<struct stat> file_state(const std::string& path) {
  struct stat state {};
  if (::stat(path.c_str(), &state) != 0) return std::nullopt;
  return state;
}

bool same_file(const struct stat& one, const struct stat& other) {
  return one.st_ino == other.st_ino && one.st_size == other.st_size &&
         one.st_mtime == other.st_mtime;
}

}  // namespace

SourceOpener::SourceOpener(boost::asio::io_context& ingest, const Clock& clock,
                           FfmpegStarter ffmpeg, StreamWriter& writer,
                           const SourceSettings& settings, const EncodingSettings& encoding,
                           SourceSpec source)
    : loop_(ingest),
      clock_(clock),
      ffmpeg_(std::move(ffmpeg)),
      writer_(writer),
      settings_(settings),
      encoding_(encoding),
      source_(std::move(source)) {}

FfmpegCommand SourceOpener::command() const {
  return ffmpeg_command(settings_, encoding_, source_, facts_);
}

// A run that began when the source was not known has the right sound beside the other one.
bool SourceOpener::suits(const SourceRun& run) const {
  return command().arguments == run.command() ||
         command_with_both_sounds(settings_, encoding_, source_, facts_).arguments == run.command();
}

Result<bool> SourceOpener::is_ready() {
  if (source_.kind != SourceKind::kGrowingFile) return true;
  const Result<std::optional<GrowingContainer>> container = inspect_growing_file(source_.location);
  if (!container) return fail(container.error().message);
  if (!*container) return false;
  facts_.container = **container;
  return true;
}

Result<std::unique_ptr<SourceRun>> SourceOpener::open(SourceRun::Owner& owner) {
  const bool grows = source_.kind == SourceKind::kGrowingFile;
  FfmpegCommand command = this->command();
  const bool feeds = grows || !command.carrier.empty();
  const bool sums = command.relays_shapes && facts_.ffmpeg.older_than(6, 1);
  SourceRun::Plan plan{.command = std::move(command.arguments),
                       .output = {.copies = command.copies_video,
                                  .sound_apart = command.sound_apart,
                                  .sound_copy = std::move(command.sound_copy),
                                  .tries_copy = command.tries_copy,
                                  .relays_shapes = command.relays_shapes,
                                  .pace = command.pace},
                       .child = {.pipes_input = feeds, .memory_mb = settings_.ffmpeg_memory_mb},
                       .patience = patience(),
                       .summed_outputs = sums ? 2 : 1,
                       .shapes = {.command =
                                      [this](const RelayedPicture& shape, std::int64_t start_ms) {
                                        return shape_command(settings_, encoding_, facts_.ffmpeg,
                                                             shape, start_ms);
                                      },
                                  .rate = encoding_.video_fps,
                                  .memory_mb = settings_.ffmpeg_memory_mb},
                       .guarded_host = guarded_host(),
                       .growing_file = grows ? source_.location : "",
                       .carrier = std::move(command.carrier)};
  auto run = SourceRun::start(loop_, clock_, ffmpeg_, writer_, std::move(plan), owner);
  if (run && source_.kind == SourceKind::kFile) opened_file_ = file_state(source_.location);
  return run;
}

bool SourceOpener::learn_from_input(const InputFacts& input) {
  if (source_.kind == SourceKind::kDemo || source_.kind == SourceKind::kDevice) return false;
  return livestream::learn_from_input(input, facts_);
}

bool SourceOpener::learn_from_end(const SourceRun& run) {
  if (run.refuses_sound()) {
    facts_.learnt.encodes_sound = true;
    return true;
  }
  const RunYield yield = {.picture = run.pictures_read() > 0 && !run.is_refused(),
                          .sound = writer_.last_sound() > run.started_at()};
  return learn_from_errors(run.errors(), yield, command().tracks, settings_, facts_);
}

void SourceOpener::learn_from_silence(const SourceRun& run, bool had_pictures) {
  // The source may send what ffmpeg cannot use without a parser.
  if (!run.knows_input()) facts_.learnt.whole_pictures = !facts_.learnt.whole_pictures;
  if (!had_pictures) ++given_up_;
}

void SourceOpener::forget_faults() {
  facts_.learnt.unplayable.clear();
  facts_.learnt.stamps_lose_time = false;
  facts_.learnt.encodes_sound = false;
}

Patience SourceOpener::patience() const {
  Patience patience;
  if (settings_.source_timeout)
    patience.first_packet = patience.first_picture = patience.stall = patience.sound_alone =
        *settings_.source_timeout;
  if (facts_.learnt.size_comes_late)
    patience.first_packet = std::max(patience.first_packet, kLateSize);
  const int times = 1 << std::min(given_up_, kMostPatient);
  patience.first_packet *= times;
  patience.first_picture *= times;
  patience.stall *= times;
  patience.unlimited = source_.kind == SourceKind::kFile;
  if (waits_for_sender(source_)) patience.first_packet = milliseconds::max();
  return patience;
}

bool SourceOpener::is_file(const SourceRun& run) const {
  if (source_.kind == SourceKind::kFile) return true;
  return source_.kind == SourceKind::kHttp &&
         (facts_.input.duration || (!command().segmented && run.paces()));
}

bool SourceOpener::is_still_picture(const SourceRun& run) const {
  return run.pictures_read() == 1 && !command().tracks.sound;
}

bool SourceOpener::file_has_changed() const {
  if (!opened_file_) return false;
  const auto state = file_state(source_.location);
  return state && !same_file(*state, *opened_file_);
}

// Where a proxy is set for the whole network, that one decides.
std::string SourceOpener::guarded_host() const {
  const bool guarded = source_.kind == SourceKind::kHttp &&
                       settings_.source_addresses == SourceAddresses::kSafe &&
                       !environment_has_proxy();
  return guarded ? host_of_url(source_.location) : "";
}

}  // namespace livestream
